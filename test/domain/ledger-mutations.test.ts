/** A thousand ways to change an exported ledger, the same in each run: each is found, and where it was changed is named. */
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { LEDGER_TOOLS } from '../../client/ledger/tools';
import type { Entry } from '../../domain/entries';
import { canonical } from '../../domain/evidence/canonical';
import { sentenceOfFinding, type Finding } from '../../domain/evidence/finding';
import { checkLedger } from '../../domain/ledger/check';
import { batchName, beginningOf, type EntryLine, type Head, type HeadLine } from '../../domain/ledger/format';
import { appendAll, CODENAME, folderOf, linesIn, wholeLedger, type TestLedger } from '../support/ledgers';

const MUTATIONS = 1_000;
const SIZE = 6;

type Files = Map<string, Uint8Array | string>;

/** Where something was changed: the lines from `from` to `to`; the whole file where none are given. */
interface Place {
  readonly path: string;
  readonly from?: number;
  readonly to?: number;
}

interface Mutated {
  readonly files: Files;
  readonly places: readonly Place[];
  /** What stands before it is as it was, and is not blamed. */
  readonly isExact?: boolean;
}

/** Numbers that look random, and are the same in each run (mulberry32). */
function randomOf(seed: number) {
  let state = seed;
  const random = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (most: number) => Math.floor(random() * most);
  const of = <T>(all: readonly T[]): T => all[below(all.length)] as T;
  return { below, of };
}

type Random = ReturnType<typeof randomOf>;

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const textOf = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join('');
const THEIRS = generateKeyPairSync('ed25519');
const THEIR_PEM = THEIRS.publicKey.export({ type: 'spki', format: 'pem' }).toString();
const THEIR_FINGERPRINT = createHash('sha256')
  .update(THEIRS.publicKey.export({ type: 'spki', format: 'der' }))
  .digest('hex');

/** What is the same in most of the thousand ledgers is worked out once. */
function remembered<Args extends readonly unknown[], Result>(
  work: (...args: Args) => Result,
): (...args: Args) => Result {
  const known = new Map<string, Result>();
  return (...args) => {
    const key = args
      .map((one) => (one instanceof Uint8Array ? Buffer.from(one).toString('latin1') : String(one)))
      .join('\0');
    if (!known.has(key)) known.set(key, work(...args));
    return known.get(key) as Result;
  };
}

const TOOLS = {
  sha256: LEDGER_TOOLS.sha256,
  verifySignature: remembered(LEDGER_TOOLS.verifySignature),
  fingerprint: remembered(LEDGER_TOOLS.fingerprint),
  crypto: { ...LEDGER_TOOLS.crypto, verifyEd25519: remembered(LEDGER_TOOLS.crypto.verifyEd25519) },
};

let ledger: TestLedger;
/** Of another incident, by the same company. */
let other: Files;
let batches: readonly string[];

beforeAll(async () => {
  const whole = await wholeLedger(SIZE);
  // The evidence beside it has tests of its own (ledger.test.ts).
  const alone = [...whole.files].filter(([path]) => path.startsWith('ledger/') || path === 'signing-key.pem');
  ledger = { ...whole, files: new Map(alone) };
  const files = new Map<string, Uint8Array>();
  const vault = {
    holder: 'a test',
    read: async (path: string) => files.get(path) ?? Buffer.of(),
    writeOnce: async (path: string, content: Uint8Array) => {
      files.set(path, content);
      return { path, bytes: content.length, sha256: sha256(Buffer.from(content).toString()), existed: false };
    },
  };
  await appendAll({ vault, signer: ledger.signer }, ledger.entries, SIZE, { codename: 'amber-otter' });
  other = new Map([...files].map(([path, content]) => [path.slice('amber-otter/'.length), content]));
  batches = [...ledger.files.keys()].filter((path) => path.startsWith('ledger/')).sort();
});

const lines = (path: string) => linesIn(ledger.files, path);
const copy = (): Files => new Map(ledger.files);
const withLines = (path: string, changed: readonly string[]): Files => copy().set(path, textOf(changed));
const bytesOf = (path: string) => Buffer.from(ledger.files.get(path) ?? '');
const lineAt = (bytes: Uint8Array, at: number) =>
  1 + bytes.subarray(0, at).filter((byte) => byte === 10).length;

/** A batch, and the number of one of its entries' lines. */
function anEntry({ of, below }: Random): { path: string; number: number; all: string[] } {
  const path = of(batches);
  const all = lines(path);
  return { path, all, number: 1 + below(all.length - 1) };
}

function changedEntry(random: Random, line: string): string {
  const { entry, prev } = JSON.parse(line) as EntryLine;
  const changes: Partial<Record<string, unknown>>[] = [
    { text: `${entry.text} ` },
    { text: 'nothing happened' },
    { by: entry.by === 'ic@example.com' ? 'deputy@example.com' : 'ic@example.com' },
    { at: entry.at + 1 },
    { kind: entry.kind === 'effect' ? 'failure' : 'effect' },
    { seq: entry.seq + 1 },
    { seq: Math.max(0, entry.seq - 2) },
    { details: { ...entry.details, more: 'than was said' } },
    { times: (entry.times ?? 1) + 1 },
    ...(entry.decision ? [{ decision: 'close' }, { door: 'pagerduty' }] : []),
    ...(entry.proof
      ? [{ proof: undefined }, { proof: { ...entry.proof, at: entry.proof.at - 1 } }, { kind: 'warning' }]
      : []),
    ...(entry.reasons ? [{ reasons: [] }] : []),
  ];
  return canonical({ entry: { ...entry, ...random.of(changes) }, prev });
}

/** From a line on, every `prev` is made to fit; returns the lines and the hash of the last. */
function rechained(all: readonly string[], prev: string): { lines: string[]; last: string } {
  let last = prev;
  const made = all.map((line) => {
    const text = canonical({ entry: (JSON.parse(line) as EntryLine).entry, prev: last });
    last = sha256(text);
    return text;
  });
  return { lines: made, last };
}

/** The whole ledger written anew with other entries, by somebody who has all but the key. */
function rewritten(entries: readonly Entry[], { isTheirKey = false, isResigned = true } = {}): Files {
  const files = copy();
  let prev = beginningOf(CODENAME, sha256);
  let previous: string | undefined;
  let rest = [...entries];
  for (const [index, path] of batches.entries()) {
    const was = JSON.parse(lines(path).at(-1) ?? '') as HeadLine;
    const isLast = index === batches.length - 1;
    const count = isLast ? rest.length : was.head.last - was.head.first + 1;
    const some = rest.slice(0, count);
    rest = rest.slice(count);
    const made = rechained(
      some.map((entry) => canonical({ entry, prev: '' })),
      prev,
    );
    const first = some[0]?.seq ?? was.head.first;
    const head: Head = {
      ...was.head,
      first,
      last: first + some.length - 1,
      line: made.last,
      ...(previous !== undefined && { previous }),
      ...(isTheirKey && { key: { ...was.head.key, fingerprint: THEIR_FINGERPRINT } }),
    };
    const isSame = canonical(head) === canonical(was.head);
    const signature =
      isSame || !isResigned
        ? was.signature
        : sign(null, Buffer.from(canonical(head)), THEIRS.privateKey).toString('base64');
    const text = textOf([...made.lines, canonical({ head, signature })]);
    files.set(path, text);
    prev = made.last;
    previous = sha256(text);
  }
  return files;
}

const placeOfEntry = (seq: number): Place => {
  const path = batches[Math.floor((seq - 1) / SIZE)] ?? '';
  return { path, from: ((seq - 1) % SIZE) + 1, to: lines(path).length };
};

const CLASSES: Record<string, (random: Random) => Mutated> = {
  'a byte is changed': (random) => {
    const path = random.of(batches);
    const bytes = bytesOf(path);
    const at = random.below(bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ (1 + random.below(255));
    const line = lineAt(bytesOf(path), at);
    return { files: copy().set(path, bytes), places: [{ path, from: line, to: line }], isExact: true };
  },
  'bytes are put in': (random) => {
    const path = random.of(batches);
    const bytes = bytesOf(path);
    const at = random.below(bytes.length + 1);
    const added = Buffer.from(Array.from({ length: 1 + random.below(5) }, () => random.below(256)));
    const content = Buffer.concat([bytes.subarray(0, at), added, bytes.subarray(at)]);
    const line = lineAt(bytes, at);
    return {
      files: copy().set(path, content),
      places: [{ path, from: line, to: line }],
      isExact: true,
    };
  },
  'bytes are taken out': (random) => {
    const path = random.of(batches);
    const bytes = bytesOf(path);
    const at = random.below(bytes.length);
    const end = at + 1 + random.below(5);
    const content = Buffer.concat([bytes.subarray(0, at), bytes.subarray(end)]);
    const line = lineAt(bytes, at);
    return { files: copy().set(path, content), places: [{ path, from: line, to: line }], isExact: true };
  },
  'an entry is changed': (random) => {
    const { path, number, all } = anEntry(random);
    all[number - 1] = changedEntry(random, all[number - 1] ?? '');
    return { files: withLines(path, all), places: [{ path, from: number, to: number }], isExact: true };
  },
  'an entry is changed, and the lines after it made to fit': (random) => {
    const { path, number, all } = anEntry(random);
    const head = all.pop() ?? '';
    const before = all.slice(0, number - 1);
    const prev = (JSON.parse(all[number - 1] ?? '') as EntryLine).prev;
    const changed = [changedEntry(random, all[number - 1] ?? ''), ...all.slice(number)];
    const made = rechained(changed, prev);
    return {
      files: withLines(path, [...before, ...made.lines, head]),
      places: [{ path, from: number, to: all.length }],
      isExact: true,
    };
  },
  'another line is named as the one before': (random) => {
    const { path, number, all } = anEntry(random);
    const { entry } = JSON.parse(all[number - 1] ?? '') as EntryLine;
    all[number - 1] = canonical({ entry, prev: sha256(String(random.below(1e9))) });
    return { files: withLines(path, all), places: [{ path, from: number, to: number }], isExact: true };
  },
  'a line is spelt otherwise': (random) => {
    const { path, number, all } = anEntry(random);
    const line = all[number - 1] ?? '';
    const { entry, prev } = JSON.parse(line) as EntryLine;
    all[number - 1] = random.of([
      JSON.stringify({ prev, entry }),
      line.replace('{', '{ '),
      `${line} `,
      line.replace('"seq":', '"seq":0,"seq":'),
      line.replace('"seq"', '"\\u0073eq"'),
      line.replace(/"at":(\d+)/, '"at":$1.0'),
    ]);
    return { files: withLines(path, all), places: [{ path, from: number, to: number }], isExact: true };
  },
  'lines are taken out': (random) => {
    const { path, number, all } = anEntry(random);
    const count = 1 + random.below(Math.min(3, all.length - number));
    all.splice(number - 1, count);
    return { files: withLines(path, all), places: [{ path, from: number, to: number }], isExact: true };
  },
  'a line is put in': (random) => {
    const { path, number, all } = anEntry(random);
    const prev = sha256(all[number - 1] ?? '');
    const { entry } = JSON.parse(all[number - 1] ?? '') as EntryLine;
    const added = random.of([
      random.of(lines(random.of(batches))),
      all[number - 1] ?? '',
      canonical({ entry: { ...entry, seq: entry.seq + 1, text: 'nothing happened' }, prev }),
      canonical({ entry, prev }),
      '',
      '{}',
      'null',
      '['.repeat(20_000),
      canonical({ entry, prev, head: 1 }),
    ]);
    all.splice(number, 0, added);
    return {
      files: withLines(path, all),
      places: [{ path, from: number + 1, to: number + 1 }],
      isExact: true,
    };
  },
  'two lines of a batch change places': (random) => {
    const { path, all } = anEntry(random);
    if (all.length < 3) return CLASSES['lines are taken out']!(random);
    const first = random.below(all.length - 1);
    const second = first + 1 + random.below(all.length - first - 1);
    [all[first], all[second]] = [all[second] ?? '', all[first] ?? ''];
    const [from, to] = [first + 1, second + 1];
    return {
      files: withLines(path, all),
      places: [
        { path, from, to: from },
        { path, from: to, to },
      ],
    };
  },
  'lines of two batches change places': (random) => {
    const [a, b] = [anEntry(random), anEntry(random)];
    if (a.path === b.path) return CLASSES['a line is put in']!(random);
    const line = a.all[a.number - 1] ?? '';
    a.all[a.number - 1] = b.all[b.number - 1] ?? '';
    b.all[b.number - 1] = line;
    return {
      files: withLines(a.path, a.all).set(b.path, textOf(b.all)),
      places: [a, b].map(({ path, number }) => ({ path, from: number, to: number })),
    };
  },
  'a file is cut off': (random) => {
    const path = random.of(batches);
    const bytes = bytesOf(path).subarray(0, random.below(bytesOf(path).length));
    const line = lineAt(bytes, bytes.length);
    return { files: copy().set(path, bytes), places: [{ path, from: line, to: line }], isExact: true };
  },
  'a file is taken out': (random) => {
    const path = random.of(batches.slice(0, -1));
    const files = copy();
    files.delete(path);
    return { files, places: [{ path }] };
  },
  'two files change places': (random) => {
    const [a, b] = [random.of(batches.slice(0, -1)), batches.at(-1) ?? ''];
    const files = copy()
      .set(a, ledger.files.get(b) ?? '')
      .set(b, ledger.files.get(a) ?? '');
    return { files, places: [{ path: a }, { path: b }] };
  },
  'a file is there twice': (random) => {
    const path = batchName(batches.length + 1 + random.below(3));
    return { files: copy().set(path, ledger.files.get(random.of(batches)) ?? ''), places: [{ path }] };
  },
  'a file is called otherwise, or added': (random) => {
    const from = random.of(batches);
    const path = random.of([
      'ledger/0.jsonl',
      'ledger/000001.jsonl.bak',
      'ledger/1.jsonl',
      'ledger/.hidden',
      'ledger/deeper/000001.jsonl',
      'ledger/000000.jsonl',
      'ledger/0000001.jsonl',
    ]);
    return { files: copy().set(path, ledger.files.get(from) ?? ''), places: [{ path }] };
  },
  'a file is of another incident': (random) => {
    const path = random.of(batches);
    return { files: copy().set(path, other.get(path) ?? ''), places: [{ path }] };
  },
  'a head is changed': (random) => {
    const path = random.of(batches);
    const all = lines(path);
    const read = JSON.parse(all.at(-1) ?? '') as HeadLine;
    const { head } = read;
    const changes: Partial<HeadLine>[] = [
      { head: { ...head, closes: !head.closes } },
      { head: { ...head, at: new Date(Date.parse(head.at) + 1).toISOString() } },
      { head: { ...head, version: '1.2.4' } },
      { head: { ...head, last: head.last + 1 } },
      { head: { ...head, first: head.first - 1 } },
      { head: { ...head, batch: head.batch + 1 } },
      { head: { ...head, codename: 'amber-otter' } },
      { head: { ...head, line: sha256('x') } },
      { head: { ...head, previous: sha256('x') } },
      { head: { ...head, key: { ...head.key, fingerprint: THEIR_FINGERPRINT } } },
      { head: { ...head, key: { ...head.key, algorithm: 'none' } } },
      { signature: sign(null, Buffer.from(canonical(head)), THEIRS.privateKey).toString('base64') },
      { signature: read.signature.replace(/=+$/, '') },
      {
        signature: (
          JSON.parse(lines(random.of(batches.filter((one) => one !== path))).at(-1) ?? '') as HeadLine
        ).signature,
      },
    ];
    all[all.length - 1] = canonical({ ...read, ...random.of(changes) });
    return { files: withLines(path, all), places: [{ path, from: all.length, to: all.length }] };
  },
  'it is written anew without the key': (random) => {
    const seq = 1 + random.below(ledger.entries.length);
    const [before, [entry], after] = [
      ledger.entries.slice(0, seq - 1),
      ledger.entries.slice(seq - 1, seq),
      ledger.entries.slice(seq),
    ];
    if (!entry) throw new Error('the test asks for an entry that there is not');
    const renumbered = (by: number) => after.map((one) => ({ ...one, seq: one.seq + by }));
    const entries = random.of<readonly Entry[]>([
      [...before, { ...entry, text: 'nothing happened' }, ...after],
      [...before, { ...entry, by: 'deputy@example.com' }, ...after],
      [...before, ...renumbered(-1)],
      [...before, { ...entry, text: 'more happened' }, { ...entry, seq: seq + 1 }, ...renumbered(1)],
    ]);
    return {
      files: rewritten(entries, { isResigned: random.below(2) === 0 }),
      places: [placeOfEntry(seq)],
      isExact: true,
    };
  },
  'it is written anew with another key': (random) => {
    const seq = 1 + random.below(ledger.entries.length);
    const entries = ledger.entries.map((one) =>
      one.seq === seq ? { ...one, text: 'nothing happened' } : one,
    );
    const files = rewritten(entries, { isTheirKey: true });
    const isKeyReplaced = random.below(2) === 0;
    if (isKeyReplaced) files.set('signing-key.pem', THEIR_PEM);
    return { files, places: [{ path: isKeyReplaced ? 'signing-key.pem' : (batches[0] ?? '') }] };
  },
  'the key is another, or none': (random) => {
    const files = copy();
    const path = 'signing-key.pem';
    if (random.below(3) === 0) files.delete(path);
    else files.set(path, random.of([THEIR_PEM, 'no key', '']));
    return { files, places: [{ path }] };
  },
};

/** At the place, or directly after it. */
function isAt({ path, line }: Finding, place: Place): boolean {
  if (path !== place.path) return false;
  return (
    place.from === undefined ||
    line === undefined ||
    (line >= place.from && line <= (place.to ?? place.from) + 1)
  );
}

function isBefore({ path, line = 0 }: Finding, [place]: readonly Place[]): boolean {
  if (!place || !path.startsWith('ledger/')) return false;
  return path < place.path || (path === place.path && line > 0 && line < (place.from ?? 0));
}

describe('a ledger that was changed', () => {
  test('is intact before', () => {
    expect(batches).toHaveLength(4);
    expect(checkLedger(folderOf(ledger.files), TOOLS)).toMatchObject({
      findings: [],
      closes: true,
    });
  });

  const names = Object.keys(CLASSES);
  const each = Math.ceil(MUTATIONS / names.length);

  test.each(names)(`is found ${each} times, and the place is named: %s`, (name) => {
    const random = randomOf(names.indexOf(name) + 1);
    for (let round = 1; round <= each; round += 1) {
      const { files, places, isExact } = (CLASSES[name] as (typeof CLASSES)[string])(random);
      const { findings } = checkLedger(folderOf(files), TOOLS, givenKey(name));
      const said = findings.map(sentenceOfFinding);
      const where = { round, places, said };
      expect({ ...where, isFound: findings.length > 0 }).toEqual({ ...where, isFound: true });
      const isNamed = places.every((place) => findings.some((one) => isAt(one, place)));
      expect({ ...where, isNamed }).toEqual({ ...where, isNamed: true });
      const blamed = isExact ? findings.filter((one) => isBefore(one, places)).map(sentenceOfFinding) : [];
      expect({ ...where, blamed }).toEqual({ ...where, blamed: [] });
    }
  });

  /** Who has a whole other folder can only be found out by who knows the key. */
  function givenKey(name: string): string | undefined {
    const isNeeded = name === 'it is written anew with another key';
    return isNeeded ? Buffer.from(ledger.files.get('signing-key.pem') ?? '').toString() : undefined;
  }

  test('does not close where its last files were taken away, and says where it ends', () => {
    for (let kept = 1; kept < batches.length; kept += 1) {
      const files = copy();
      for (const path of batches.slice(kept)) files.delete(path);
      const { closes, notices } = checkLedger(folderOf(files), TOOLS);
      expect(closes).toBe(false);
      expect(notices[0]).toMatch(
        new RegExp(
          `^the ledger ends at entry ${kept * SIZE} of 2026-.+Z and does not close: compare with the room`,
        ),
      );
    }
  });
});
