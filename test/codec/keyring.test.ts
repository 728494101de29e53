import fc from 'fast-check';
import { newKeyring, readKeyring, withNewKey, type WrappingKey } from '../../codec/keyring';
import { problemsOf, ringOf } from './support';

const ARN = 'arn:aws:kms:eu-central-1:123456789012:key/1b6f1a0e-0000-4000-8000-000000000001';
const CONTEXT = { purpose: 'payloads', key: '2026-05' };
const SECRET = Buffer.alloc(32, 9).toString('base64');
const NEW = newKeyring('2026-05');

const inKms: WrappingKey = { wrap: async (bytes) => bytes, unwrap: async (bytes) => bytes };

test('a new ring has one key, which is the current one, and no two rings are the same', () => {
  const ring = ringOf(NEW);
  expect([ring.currentId, ring.ids]).toEqual(['2026-05', ['2026-05']]);
  const secrets = [NEW, newKeyring('2026-05')].flatMap((text) => text.match(/[\w+/]{43}=/g) ?? []);
  expect(new Set(secrets).size).toBe(4);
});

test('a new key is the current one, the old ones stay, and so do comments and order', () => {
  const mine = NEW.replace('keys:', '# since the audit\nkeys:');
  const rotated = withNewKey(withNewKey(mine, '2026-11'), 'in-kms', ARN);
  expect(rotated.split('\n').filter((line) => !mine.includes(line))).toEqual([
    'current: in-kms',
    expect.stringMatching(/^ {2}2026-11: \{ secret: [\w+/]{43}= \}$/),
    `  in-kms: { kms: ${ARN} }`,
  ]);
  expect(mine.split('\n').filter((line) => !rotated.includes(line))).toEqual(['current: 2026-05']);
  const opened: string[] = [];
  const read = readKeyring(rotated, (arn): WrappingKey => {
    opened.push(arn);
    return inKms;
  });
  expect(read.ok && [read.keyring.currentId, read.keyring.ids, opened]).toEqual([
    'in-kms',
    ['2026-05', '2026-11', 'in-kms'],
    [ARN],
  ]);
});

test('an id that looks like a number, a date or a word of YAML is an id', () => {
  for (const id of ['2026', '1e3', '0x10', 'null', 'true', '2026-11-26', 'no'])
    expect([ringOf(newKeyring(id)).ids, ringOf(withNewKey(NEW, id)).currentId]).toEqual([[id], id]);
});

test.each([
  ['an id with a space', () => newKeyring('a key'), /the id of a key has letters/],
  ['an id that would be YAML', () => newKeyring('a: b'), /the id of a key has letters/],
  ['no id', () => withNewKey(NEW, ''), /the id of a key has letters/],
  ['an id that is taken', () => withNewKey(NEW, '2026-05'), /has a key 2026-05 already; name another id/],
  [
    'what is no ring',
    () => withNewKey('keys: {}', '2026-11'),
    /this is no keyring: ring: a secret is needed/,
  ],
  ['an alias', () => withNewKey(NEW, 'b', ARN.replace('key/', 'alias/')), /not of an alias/],
])('%s makes no key', (_, make, expected) => {
  expect(make).toThrow(expected);
});

test('lists everything that is wrong at once', () => {
  expect(
    problemsOf('ring: short\ncurrent: c\nextra: 1\nkeys:\n  a: {}\n  b: { kms: here, secret: no }\n  c: []'),
  ).toEqual([
    'ring: a secret is needed: 32 random bytes in base64',
    'keys.a: either secret or kms is needed',
    'keys.b.secret: a secret is needed: 32 random bytes in base64',
    'keys.b.kms: the ARN of a KMS key is needed, not of an alias',
    'keys.b: either secret or kms is needed',
    'keys.c: secret or kms are needed here',
    'nothing but ring, current and keys belongs here',
  ]);
});

test.each([
  ['nothing', '', ['ring, current and keys are needed here']],
  [
    'no current key',
    NEW.replace('current: 2026-05', 'current: 2026-06'),
    ['current: it is no id under keys'],
  ],
  [
    'a current key by inheritance',
    NEW.replace('current: 2026-05', 'current: toString'),
    [/no id under keys/],
  ],
  ['no YAML', 'ring: "', [/^not valid YAML at line 1$/]],
  ['an id twice', `${NEW}  2026-05: { secret: ${SECRET} }\n`, [/^not valid YAML at line \d+$/]],
  [
    'a secret of 31 bytes',
    NEW.replace(/ring: .+/, `ring: ${Buffer.alloc(31).toString('base64')}`),
    [/^ring: /],
  ],
  [
    'a key service where there is none',
    newKeyring('a', ARN),
    ['keys.a: there is no key service here; use a secret'],
  ],
  ['too much', `# ${'x'.repeat(300_000)}\n${NEW}`, ['too long for a keyring']],
])('%s is no ring, and the reason is said', (_, text, expected) => {
  expect(problemsOf(text)).toEqual(
    expected.map((one) => (typeof one === 'string' ? one : (expect.stringMatching(one) as unknown))),
  );
});

test.each([
  `ring: ${SECRET.slice(1)}\ncurrent: a\nkeys: {}`,
  `${SECRET}: a`,
  `ring: {${SECRET}: 1}\ncurrent: ${SECRET}\nkeys: {${SECRET}: {}, a: ${SECRET}, b: {${SECRET}: x, kms: ${SECRET}}}`,
  `ring: ${SECRET}\ncurrent: "${SECRET}\nkeys`,
  `ring: ${SECRET}\ncurrent: a\nkeys: {a: {secret: ${SECRET}, secret: ${SECRET}}}`,
  `ring: *${SECRET}`,
  `ring: ${SECRET}\ncurrent: a\nkeys: {a: {secret: ${SECRET}}, "${SECRET}": {secret: ${SECRET}}}`,
])('a secret in the wrong place is not quoted (%#)', (text) => {
  const problems = problemsOf(text).join('\n');
  expect(problems).not.toBe('');
  expect(problems).not.toContain(SECRET.slice(5, 15));
});

test('whatever the text is, it is a ring or a list of problems', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.string().map((one) => `${NEW}${one}`),
      ),
      (text) => {
        const read = readKeyring(text);
        expect(read.ok || read.problems.length > 0).toBe(true);
      },
    ),
    { numRuns: 500 },
  );
});

test('a file that refers to itself a thousand million times is refused at once', () => {
  const bomb = Array.from({ length: 9 }, (_, n) => `a${n + 1}: &a${n + 1} [${`*a${n}, `.repeat(9)}]`).join(
    '\n',
  );
  expect(problemsOf(`a0: &a0 [x]\n${bomb}`)).not.toEqual([]);
});

test('a local key opens what it wrapped, in its context, and nothing else', async () => {
  const dataKey = Buffer.alloc(32, 7);
  const key = ringOf(NEW).key('2026-05');
  const wrapped = Buffer.from((await key?.wrap(dataKey, CONTEXT)) ?? []);
  expect(wrapped.includes(dataKey)).toBe(false);
  expect(await key?.unwrap(wrapped, CONTEXT)).toEqual(dataKey);
  expect(await key?.unwrap(wrapped, { ...CONTEXT, key: 'other' })).toBeUndefined();
  expect(await ringOf().key('2026-05')?.unwrap(wrapped, CONTEXT)).toBeUndefined();
  for (let at = 0; at < wrapped.length; at += 1) {
    const changed = Buffer.from(wrapped);
    changed[at] = (changed[at] ?? 0) ^ 1;
    expect(await key?.unwrap(changed, CONTEXT)).toBeUndefined();
    expect(await key?.unwrap(wrapped.subarray(0, at), CONTEXT)).toBeUndefined();
  }
});

test('a ring proves its ids, also those that it has no key for any more', () => {
  const ring = ringOf(NEW);
  const later = ringOf(withNewKey(NEW, '2026-11'));
  expect(later.tagOf('2026-11')).toEqual(ring.tagOf('2026-11'));
  expect(ring.tagOf('2026-05')).toHaveLength(16);
  expect(ring.tagOf('2026-05')).not.toEqual(ringOf().tagOf('2026-05'));
  expect(ring.tagOf('2026-05')).not.toEqual(ring.tagOf('2026-06'));
  expect(ring.key('2026-11')).toBeUndefined();
  expect(ring.key('toString')).toBeUndefined();
});
