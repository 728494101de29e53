import { inspect } from 'node:util';
import type { Payload, SerializationContext } from '@temporalio/common';
import fc from 'fast-check';
import { createCodec, openForServer, sealAsked, tryKeyring } from '../../codec/codec';
import { createDataKeys } from '../../codec/data-keys';
import { KeyMissing, KeyReplaced, UnreadablePayload } from '../../codec/errors';
import { newKeyring, withNewKey, type Keyring, type WrappingKey } from '../../codec/keyring';
import {
  askedOf,
  unreadable,
  unreadableReasonOf,
  type UnreadableReason,
} from '../../domain/trust/unreadable';
import { activity, fromPayload, HERE, ringOf, toPayload, workflow } from './support';

const TEXT = newKeyring('2026-05');
const RING = ringOf(TEXT);
const codec = createCodec(RING, 'mark');
const VALUES = [
  'canary',
  0,
  null,
  undefined,
  { nested: { text: 'ü ☂' } },
  [],
  '',
  Buffer.from([0, 255]),
  true,
];

/** The SDK has not said whose a payload is. */
const NOWHERE = 'nowhere';
const contextOf = (context: SerializationContext | typeof NOWHERE) =>
  context === NOWHERE ? undefined : context;

async function seal(
  value: unknown,
  context: SerializationContext | typeof NOWHERE = HERE,
  ring = RING,
): Promise<Payload> {
  const [sealed] = await createCodec(ring, 'throw').encode([toPayload(value)], contextOf(context));
  if (!sealed) throw new Error('one payload was given');
  return sealed;
}

async function read(
  payload: Payload,
  context: SerializationContext | typeof NOWHERE = HERE,
  ring = RING,
): Promise<unknown> {
  const [opened] = await createCodec(ring, 'mark').decode([payload], contextOf(context));
  return fromPayload(opened);
}

async function reasonOf(...how: Parameters<typeof read>): Promise<UnreadableReason | undefined> {
  return unreadableReasonOf(await read(...how));
}

/** With one field of the metadata changed; without it where there is nothing. */
function changed(payload: Payload, field: string, value: Uint8Array | string | undefined): Payload {
  const { [field]: _, ...rest } = payload.metadata ?? {};
  return {
    ...payload,
    metadata: value === undefined ? rest : { ...rest, [field]: Buffer.from(value) },
  };
}

test('what was sealed is opened as it was, and shows nothing of itself', async () => {
  const sealed = await codec.encode(VALUES.map(toPayload), HERE);
  expect((await codec.decode(sealed, HERE)).map(fromPayload)).toEqual(VALUES);
  expect(JSON.stringify(sealed.map(({ data }) => Buffer.from(data ?? []).toString('latin1')))).not.toContain(
    'canary',
  );
  expect(Object.keys(sealed[0]?.metadata ?? {}).sort()).toEqual(
    [
      'data-key',
      'encoding',
      'key-id',
      'key-tag',
      'kind',
      'namespace',
      'proof',
      'version',
      'workflow-id',
    ].sort(),
  );
  expect(await codec.encode([], HERE)).toEqual([]);
  expect(await codec.decode([], HERE)).toEqual([]);
});

test('whatever a JSON value is, it comes back; and no two seals are alike', async () => {
  await fc.assert(
    fc.asyncProperty(fc.jsonValue(), async (value) => {
      const twice = [await seal(value), await seal(value)];
      expect(await read(twice[0] ?? {})).toEqual(JSON.parse(JSON.stringify(value)));
      expect(Buffer.compare(twice[0]?.data ?? Buffer.of(), twice[1]?.data ?? Buffer.of())).not.toBe(0);
    }),
  );
});

test('an activity and its workflow read each other', async () => {
  expect(await read(await seal('a word', activity('sapphire-unicorn')), HERE)).toBe('a word');
  expect(await read(await seal('a word'), activity('sapphire-unicorn'))).toBe('a word');
});

test('what was sealed for another incident or namespace is not read here', async () => {
  const sealed = await seal('a word');
  expect(await reasonOf(sealed, workflow('emerald-otter'))).toBe('moved');
  expect(await reasonOf(sealed, workflow('sapphire-unicorn', 'other'))).toBe('moved');
  expect(await reasonOf(sealed, activity('emerald-otter'))).toBe('moved');
  expect(await read(sealed, NOWHERE)).toBe('a word');
  // The fields have lengths: what one loses another does not win.
  const glued = await seal('a word', workflow('ab', 'c'));
  expect(
    await reasonOf(changed(changed(glued, 'workflow-id', 'a'), 'namespace', 'bc'), workflow('a', 'bc')),
  ).toBe('broken');
});

test('clear text is a mark, whatever its encoding', async () => {
  for (const value of VALUES) expect(await reasonOf(toPayload(value))).toBe('clear');
  for (const payload of [{}, { metadata: null, data: null }, { metadata: {}, data: Buffer.from('{}') }])
    expect(await reasonOf(payload)).toBe('clear');
  const sealed = await seal('a word');
  for (const encoding of ['', 'json/plain', 'binary/encrypted ', 'BINARY/ENCRYPTED', 'x'.repeat(2 ** 21)])
    expect(await reasonOf(changed(sealed, 'encoding', encoding))).toBe('clear');
});

test('each field of the envelope that is missing, other, longer or too much is a mark', async () => {
  const sealed = await seal('a word');
  for (const field of Object.keys(sealed.metadata ?? {})) {
    const bytes = Buffer.from(sealed.metadata?.[field] ?? []);
    const flipped = Buffer.from(bytes.map((byte, at) => (at === 0 ? byte ^ 1 : byte)));
    for (const other of [undefined, '', flipped, Buffer.concat([bytes, bytes]), 'x'.repeat(2 ** 21)])
      expect([field, await reasonOf(changed(sealed, field, other))]).toEqual([field, expect.any(String)]);
  }
  expect(await reasonOf(changed(sealed, 'by', 'ic@example.com'))).toBe('malformed');
  expect(await reasonOf(changed(sealed, 'extra', ''))).toBe('malformed');
  expect(await reasonOf(changed(sealed, 'key-tag', Buffer.alloc(16)))).toBe('unknownKey');
  expect(await reasonOf(changed(sealed, 'key-id', '2026-04'))).toBe('unknownKey');
  expect(await reasonOf(changed(sealed, 'workflow-id', 'emerald-otter'), workflow('emerald-otter'))).toBe(
    'broken',
  );
});

test('each byte that is changed anywhere, and each end that is cut off, is a mark', async () => {
  const sealed = await seal('a word');
  const data = Buffer.from(sealed.data ?? []);
  const flip = (bytes: Uint8Array, at: number, bit: number) =>
    Buffer.from(bytes.map((byte, index) => (index === at ? byte ^ (1 << bit) : byte)));
  for (let at = 0; at < data.length; at += 1) {
    expect(await reasonOf({ ...sealed, data: flip(data, at, at % 8) })).toBe('broken');
    expect(await reasonOf({ ...sealed, data: data.subarray(0, at) })).toMatch(/^(broken|malformed)$/);
  }
  for (const [field, value] of Object.entries(sealed.metadata ?? {}))
    for (let at = 0; at < value.length; at += 1)
      expect(await reasonOf(changed(sealed, field, flip(value, at, at % 8)))).toBeDefined();
});

test('2,000 payloads of an attacker who has seen sealed ones are marks, none throws, and none is read', async () => {
  const [one, two] = [await seal('one'), await seal('two')];
  const other = await seal('three', workflow('emerald-otter'));
  const fields = Object.keys(one.metadata ?? {});
  const bytes = fc.uint8Array({ maxLength: 80 });
  const seen = fc.constantFrom(...[one, other].flatMap(({ metadata }) => Object.values(metadata ?? {})));
  const hostile = fc.record({
    metadata: fc
      .tuple(
        fc.dictionary(fc.oneof(fc.constantFrom(...fields), fc.string()), fc.oneof(bytes, seen)),
        fc.dictionary(fc.constantFrom(...fields), fc.oneof(seen, bytes)),
        fc.boolean(),
      )
      .map(([any, some, isWhole]) => ({
        ...(isWhole ? one.metadata : any),
        encoding: Buffer.from('binary/encrypted'),
        ...some,
      })),
    data: fc.oneof(bytes, fc.constantFrom(two.data, other.data)),
  });
  await fc.assert(
    fc.asyncProperty(hostile, async (payload) => {
      expect(await reasonOf(payload as Payload)).toBeDefined();
    }),
    { numRuns: 2_000 },
  );
});

test("another company's ring is an unknown key", async () => {
  expect(await reasonOf(await seal('a word', HERE, ringOf()))).toBe('unknownKey');
});

test('a caller is told instead, in a sentence', async () => {
  const caller = createCodec(RING, 'throw');
  const thrown: unknown = await caller.decode([toPayload('canary')], HERE).catch((error: unknown) => error);
  expect(thrown).toBeInstanceOf(UnreadablePayload);
  expect(thrown).toMatchObject({ reason: 'clear' });
  expect((thrown as Error).message).toMatch(/^What Temporal answered can't be read: it came in clear text\./);
  expect(inspect(thrown)).not.toContain('canary');
});

test('after a rotation the old ones are read, and new ones are sealed with the new key', async () => {
  const before = await seal('before');
  const rotated = ringOf(withNewKey(TEXT, '2026-11'));
  const after = await seal('after', HERE, rotated);
  expect(Buffer.from(after.metadata?.['key-id'] ?? []).toString()).toBe('2026-11');
  expect([await read(before, HERE, rotated), await read(after, HERE, rotated)]).toEqual(['before', 'after']);
});

test('a genuine key that is not on the ring is waited for, and never a mark', async () => {
  const after = await seal('canary', HERE, ringOf(withNewKey(TEXT, '2026-11')));
  const thrown: unknown = await codec.decode([after], HERE).catch((error: unknown) => error);
  expect(thrown).toBeInstanceOf(KeyMissing);
  expect((thrown as Error).message).toMatch(
    /the key 2026-11, which is not on this keyring\. Add it to the keyring/,
  );
  expect(inspect(thrown)).not.toContain('canary');
});

test('who has seen the tag of a missing key can not make an incident wait for it', async () => {
  const after = await seal('a word', HERE, ringOf(withNewKey(TEXT, '2026-11')));
  for (const forged of [
    { ...after, data: Buffer.alloc(60) },
    changed(after, 'data-key', Buffer.alloc(60)),
    changed(after, 'workflow-id', 'emerald-otter'),
  ])
    expect(await reasonOf(forged, workflow('emerald-otter'))).toBe('broken');
  expect(await reasonOf(after, workflow('emerald-otter'))).toBe('moved');
});

test('an id whose secret was replaced is waited for, and never a mark', async () => {
  const sealed = await seal('a word');
  const other = Buffer.alloc(32, 3).toString('base64');
  const replaced = ringOf(TEXT.replace(/secret: .+ \}/, `secret: ${other} }`));
  await expect(createCodec(replaced, 'mark').decode([sealed], HERE)).rejects.toThrow(KeyReplaced);
});

test('what the ring sealed and no converter takes is a mark: it would throw inside of the workflow', async () => {
  const json = (data: string | Uint8Array) => ({
    metadata: { encoding: Buffer.from('json/plain') },
    data: Buffer.from(data),
  });
  for (const inside of [
    {},
    json(''),
    json('{'),
    json(Uint8Array.of(34, 0xff, 34)),
    { metadata: { encoding: Buffer.from('json/protobuf') }, data: Buffer.from('{}') },
    { metadata: { encoding: Buffer.from('x'.repeat(100_000)) }, data: null },
  ]) {
    const [sealed] = await codec.encode([inside], HERE);
    expect(await reasonOf(sealed ?? {})).toBe('malformed');
  }
});

test('a mark that somebody sealed is no more than that', async () => {
  expect(await read(await seal(unreadable('clear')))).toEqual(unreadable('clear'));
});

describe('without a context', () => {
  test('a payload is sealed for people to look at, and no workflow reads it', async () => {
    const loose = await seal('a word', NOWHERE);
    const ofNamespace = await seal('a word', { type: 'activity', namespace: 'default', isLocal: false });
    for (const one of [loose, ofNamespace]) {
      expect(await reasonOf(one)).toBe('malformed');
      expect(await reasonOf(one, NOWHERE)).toBe('malformed');
      expect((await openForServer(RING, 'default', [one])).map(fromPayload)).toEqual(['a word']);
    }
  });
});

describe('what the codec server seals', () => {
  const BY = 'ic@example.com';

  test('is read in any incident of the namespace as what was asked, and by whom', async () => {
    for (const value of ['a word', { nested: [1] }, null]) {
      const sealed = await sealAsked(RING, 'default', BY, toPayload(value));
      for (const context of [HERE, workflow('emerald-otter')])
        expect(askedOf(await read(sealed, context))).toEqual({ by: BY, value });
    }
    const nothing = await sealAsked(RING, 'default', BY, toPayload(undefined));
    expect(askedOf(await read(nothing))).toEqual({ by: BY, value: null });
  });

  test('is not read in another namespace, nor as a decision', async () => {
    const sealed = await sealAsked(RING, 'default', BY, toPayload('a word'));
    expect(await reasonOf(sealed, workflow('sapphire-unicorn', 'other'))).toBe('moved');
    const asBound = changed(changed(sealed, 'kind', 'bound'), 'workflow-id', 'sapphire-unicorn');
    expect(await reasonOf(asBound)).toBe('broken');
  });

  test('does not say in clear who it was', async () => {
    const sealed = await sealAsked(RING, 'default', BY, toPayload('a word'));
    const shown = Buffer.concat([...Object.values(sealed.metadata ?? {}), sealed.data ?? new Uint8Array()]);
    expect(shown.includes('example.com')).toBe(false);
  });

  test('what it opens is of its namespace; the rest is returned as it came', async () => {
    const here = await seal('a word');
    const asked = await sealAsked(RING, 'default', BY, toPayload('asked'));
    const kept = [
      toPayload('clear'),
      {},
      await seal('a word', workflow('sapphire-unicorn', 'other')),
      await seal('a word', HERE, ringOf()),
      await seal('a word', HERE, ringOf(withNewKey(TEXT, '2026-11'))),
      { ...here, data: Buffer.alloc(40) },
    ];
    const [first, second, ...rest] = await openForServer(RING, 'default', [here, asked, ...kept]);
    expect([fromPayload(first), askedOf(fromPayload(second))]).toEqual([
      'a word',
      { by: BY, value: 'asked' },
    ]);
    expect(rest).toEqual(kept);
    rest.forEach((one, index) => expect(one).toBe(kept[index]));
  });
});

describe('data keys', () => {
  const counted = () => {
    const local = RING.key('2026-05');
    const calls = { wrap: 0, unwrap: 0 };
    let isDown = false;
    const ask = () => (isDown ? Promise.reject(new Error('down')) : Promise.resolve());
    const key: WrappingKey = {
      async wrap(...what) {
        calls.wrap += 1;
        await ask();
        return (await local?.wrap(...what)) ?? Buffer.of();
      },
      async unwrap(...what) {
        calls.unwrap += 1;
        await ask();
        return local?.unwrap(...what);
      },
    };
    const ring: Keyring = { ...RING, key: () => key };
    return { ring, calls, setDown: (down: boolean) => void (isDown = down) };
  };

  test('one is wrapped and unwrapped once, however many payloads there are', async () => {
    const { ring, calls } = counted();
    await tryKeyring(ring);
    const both = createCodec(ring, 'mark');
    const sealed = await both.encode(
      Array.from({ length: 200 }, (_, n) => toPayload(n)),
      HERE,
    );
    await both.decode(sealed, HERE);
    await createCodec(ring, 'throw').decode(sealed, HERE);
    expect(calls).toEqual({ wrap: 1, unwrap: 1 });
  });

  test('one is renewed by its age and by its use, and nobody waits for that', async () => {
    const { ring, calls, setDown } = counted();
    let now = 0;
    const keys = createDataKeys(ring, { uses: 3, ageMs: 1_000, pauseMs: 100, now: () => now });
    const first = await keys.current();
    for (let n = 0; n < 2; n += 1) expect(await keys.current()).toBe(await keys.current());
    await new Promise(setImmediate);
    const second = await keys.current();
    expect(second.wrapped).not.toEqual(first.wrapped);
    now = 1_001;
    setDown(true);
    expect((await keys.current()).wrapped).toEqual(second.wrapped);
    await new Promise(setImmediate);
    for (let n = 0; n < 5; n += 1) expect((await keys.current()).wrapped).toEqual(second.wrapped);
    expect(calls.wrap).toBe(3);
    setDown(false);
    now += 100;
    await keys.current();
    await new Promise(setImmediate);
    expect((await keys.current()).wrapped).not.toEqual(second.wrapped);
    expect(calls.wrap).toBe(4);
  });

  test('a service that is down is asked again, and its failure is not remembered', async () => {
    const { ring, setDown } = counted();
    const sealed = await seal('a word', HERE, ring);
    const other = { ...ring };
    setDown(true);
    await expect(createCodec(other, 'mark').decode([sealed], HERE)).rejects.toThrow('down');
    await expect(createCodec(other, 'mark').encode([sealed], HERE)).rejects.toThrow('down');
    setDown(false);
    expect(await read(sealed, HERE, other)).toBe('a word');
  });

  test('those of others are forgotten, the oldest first', async () => {
    const { ring, calls } = counted();
    const keys = createDataKeys(ring, { remembered: 2 });
    const wrapped = await Promise.all(
      [1, 2, 3].map(async () => (await createDataKeys(ring).current()).wrapped),
    );
    const unwrap = async (n: number) => keys.unwrap('2026-05', wrapped[n] ?? Buffer.of());
    for (const n of [0, 1, 0, 2, 0]) await unwrap(n);
    expect(calls.unwrap).toBe(3);
    await unwrap(1);
    expect(calls.unwrap).toBe(4);
  });

  test('a secret does not show where a key is looked at', async () => {
    const keys = createDataKeys(RING);
    const { key } = await keys.current();
    const shown = inspect([keys, await keys.current(), key, RING, codec], { depth: 9, showHidden: true });
    expect(shown).not.toContain(key.export().toString('hex').match(/../g)?.join(' '));
    for (const secret of TEXT.match(/[\w+/]{43}=/g) ?? []) {
      expect(shown).not.toContain(secret);
      expect(shown).not.toContain(
        Buffer.from(secret, 'base64').toString('hex').match(/../g)?.slice(0, 8).join(' '),
      );
    }
  });
});

test('a payload costs less than a decision can notice', async () => {
  const payload = toPayload({ text: 'x'.repeat(1_000) });
  const rounds = 500;
  const began = performance.now();
  for (let n = 0; n < rounds; n += 1) await codec.decode(await codec.encode([payload], HERE), HERE);
  // 70 to 140 µs on two cores that others use too; the bound is for a machine at its worst.
  expect((performance.now() - began) / rounds).toBeLessThan(5);
});
