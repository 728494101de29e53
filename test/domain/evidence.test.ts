/** The evidence format, and the check of it: whatever is changed is found, and named. */
import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import fc from 'fast-check';
import { TOOLS } from '../../client/evidence/tools';
import { canonical } from '../../domain/evidence/canonical';
import { checkEvidence, isEvidenceFolder } from '../../domain/evidence/check';
import { custodyLines, NO_LINE_BEFORE } from '../../domain/evidence/custody';
import { sentenceOfFinding, type FolderFile } from '../../domain/evidence/finding';
import type { CustodyEvent, CustodyRecord, EvidenceItem } from '../../domain/evidence/items';
import { manifestName, type Manifest, type ManifestFile } from '../../domain/evidence/manifest';
import { composeSeal, type Composed } from '../../domain/evidence/seal';
import { isThorough } from '../support/thorough';

const THREE_AM = Date.UTC(2026, 2, 1, 3);
const CODENAME = 'sapphire-unicorn';
const CAPTURE = 'captures/i-0abc.json';
const BLOCKS = 'blocks/snap-2';

type Files = Map<string, Buffer>;

function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

function describeFile(path: string, content: string | Buffer): ManifestFile {
  return { path, bytes: Buffer.byteLength(content), sha256: sha256(content) };
}

function newKey() {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const der = publicKey.export({ type: 'spki', format: 'der' });
  return {
    privateKey,
    pem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    key: { algorithm: 'ED25519_SHA_512', fingerprint: sha256(der) },
  };
}

const OURS = newKey();
const THEIRS = newKey();

function record(seq: number, item: string, event: CustodyEvent): CustodyRecord {
  return { seq, at: THREE_AM + seq * 1000, item, event, by: 'firebreak', holder: 'account 111122223333' };
}

const SNAPSHOT: EvidenceItem = {
  id: 'snap-1',
  kind: 'snapshot',
  of: 'i-0abc',
  from: 'vol-1',
  createdAt: THREE_AM,
  state: 'complete',
  lock: { mode: 'governance', until: THREE_AM + 86_400_000 },
};
const CAPTURED: EvidenceItem = {
  id: `${CODENAME}/${CAPTURE}`,
  kind: 'capture',
  of: 'i-0abc',
  createdAt: THREE_AM,
  state: 'complete',
};
const COPY: EvidenceItem = { ...SNAPSHOT, id: 'snap-2', kind: 'copy', from: 'snap-1' };
const HASHES: EvidenceItem = {
  id: BLOCKS,
  kind: 'blocks',
  of: 'i-0abc',
  createdAt: THREE_AM,
  state: 'complete',
};

const RECORDS: readonly CustodyRecord[] = [
  record(1, `${CODENAME}/${CAPTURE}`, 'captured'),
  record(2, 'snap-1', 'requested'),
  record(3, 'snap-1', 'locked'),
  record(4, 'snap-1', 'completed'),
  record(5, 'snap-2', 'copied'),
  record(6, 'snap-2', 'hashed'),
  record(7, BLOCKS, 'captured'),
  record(8, 'snap-2', 'handedOver'),
];

interface Wanted {
  readonly items?: readonly EvidenceItem[];
  readonly custody?: readonly CustodyRecord[];
  readonly at?: number;
  readonly by?: typeof OURS;
}

/** One seal more, written to the folder however wrong it is. */
function seal(files: Files, sequence: number, wanted: Wanted = {}): Composed {
  const { by = OURS, items = [SNAPSHOT, CAPTURED], custody = RECORDS.slice(0, 4), at } = wanted;
  const named = (name: string) => describeFile(name, files.get(name) ?? '');
  const before = files.get(manifestName(sequence - 1))?.toString();
  const composed = composeSeal(
    {
      codename: CODENAME,
      sequence,
      at: at ?? THREE_AM + sequence * 60_000,
      version: '1.2.3',
      items,
      custody,
      files: [...files.keys()].filter((path) => path.includes('/')).map(named),
      pem: by.pem,
      key: by.key,
      ...(before !== undefined && {
        before: {
          manifest: JSON.parse(before) as Manifest,
          files: [named(`manifest-${sequence - 1}.json`), named(`manifest-${sequence - 1}.json.sig`)],
        },
      }),
    },
    sha256,
    describeFile,
  );
  files.set('signing-key.pem', Buffer.from(by.pem));
  files.set(`custody-${sequence}.jsonl`, Buffer.from(composed.custody));
  put(files, composed.manifest, by.privateKey);
  return composed;
}

/** Writes a manifest, and signs what was written. */
function put(files: Files, manifest: Manifest, privateKey: KeyObject): void {
  const content = Buffer.from(canonical(manifest));
  const signature = sign(null, content, privateKey).toString('base64');
  files.set(`manifest-${manifest.sequence}.json`, content);
  files.set(`manifest-${manifest.sequence}.json.sig`, Buffer.from(`${signature}\n`));
}

function twoSeals(by = OURS): Files {
  const files: Files = new Map([[CAPTURE, Buffer.from(canonical({ state: 'running' }))]]);
  seal(files, 1, { by });
  files.set(BLOCKS, Buffer.from('0 abc\n1 def\n'));
  seal(files, 2, { by, items: [SNAPSHOT, CAPTURED, COPY, HASHES], custody: RECORDS });
  return files;
}

function check(files: Files, key?: string) {
  const folder = new Map<string, FolderFile>(
    [...files].map(([path, content]) => [
      path,
      {
        bytes: content.length,
        sha256: sha256(content),
        ...(!path.includes('/') && { text: content.toString() }),
      },
    ]),
  );
  return checkEvidence(folder, TOOLS, key);
}

function found(files: Files, key?: string): string[] {
  return check(files, key).findings.map(sentenceOfFinding);
}

function changed(files: Files, path: string, change: (text: string) => string): Files {
  const text = files.get(path)?.toString();
  if (text === undefined) throw new Error(`no ${path}`);
  expect(change(text)).not.toBe(text);
  return new Map(files).set(path, Buffer.from(change(text)));
}

const inLines = (change: (lines: string[]) => string[]) => (text: string) =>
  change(text.split('\n').slice(0, -1))
    .map((line) => `${line}\n`)
    .join('');

describe('canonical JSON', () => {
  it('is spelt as RFC 8785 does', () => {
    expect(
      canonical({ b: [1e21, 0.000001, -0, 1.5], a: { '\u20ac': '\n\u001f"\\é', 1: null }, c: true }),
    ).toBe('{"a":{"1":null,"\u20ac":"\\n\\u001f\\"\\\\é"},"b":[1e+21,0.000001,0,1.5],"c":true}');
    // By UTF-16 code units: the halves of a surrogate pair come before U+FB33.
    expect(canonical({ '\ufb33': 1, '\ud83d\ude02': 2, ö: 3 })).toBe('{"ö":3,"\ud83d\ude02":2,"\ufb33":1}');
    expect(canonical({ left: undefined, cut: '\ud83d' })).toBe('{"cut":"\\ud83d"}');
  });

  it('is one for equal values, and says the same', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const plain: unknown = JSON.parse(JSON.stringify(value));
        expect(JSON.parse(canonical(value))).toEqual(plain);
        expect(canonical(JSON.parse(JSON.stringify(value, null, 2)))).toBe(canonical(value));
      }),
    );
  });

  it.each([NaN, Infinity, 1n, new Date(), new Map(), () => 1, [undefined]])('refuses %p', (value) => {
    expect(() => canonical({ value })).toThrow(TypeError);
  });
});

describe('the chain of custody', () => {
  it('has in each line the hash of the one before, and times of RFC 3339', () => {
    const lines = custodyLines(RECORDS, sha256);
    const read = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(read.map(({ previous }) => previous)).toEqual([NO_LINE_BEFORE, ...lines.slice(0, -1).map(sha256)]);
    expect(read[0]).toMatchObject({ seq: 1, at: '2026-03-01T03:00:01.000Z', event: 'captured' });
  });

  const files = twoSeals();
  const custody = (change: (lines: string[]) => string[]) =>
    found(changed(files, 'custody-2.jsonl', inLines(change)));

  it.each(RECORDS.slice(0, -1).map(({ seq }) => seq))(
    'names line %i where it and the next are swapped',
    (seq) => {
      const swapped = custody((lines) => lines.toSpliced(seq - 1, 2, lines[seq] ?? '', lines[seq - 1] ?? ''));
      expect(swapped).toContain(`custody-2.jsonl line ${seq}: has the number ${seq + 1}`);
      expect(swapped).toContain(`custody-2.jsonl line ${seq + 1}: has the number ${seq}`);
      for (const sentence of swapped) expect(sentence).toMatch(/^custody-2/);
    },
  );

  it.each(RECORDS.map(({ seq }) => seq))('names the place where line %i was taken out', (seq) => {
    const without = custody((lines) => lines.toSpliced(seq - 1, 1));
    if (seq === 8)
      expect(without).toEqual([
        'custody-2.jsonl line 8: missing: the chain has 7 lines, manifest-2.json says 8',
      ]);
    else {
      expect(without).toContain(`custody-2.jsonl line ${seq}: has the number ${seq + 1}`);
      expect(without).toContain('custody-2.jsonl line 7: is the last one, and manifest-2.json says 8 lines');
    }
  });

  it('names the one line that says something else, and no other file', () => {
    expect(custody((lines) => lines.map((line) => line.replace('"locked"', '"copied"')))).toEqual([
      'custody-2.jsonl line 3: changed, or a line was taken out, put in or moved after it: line 4 has another hash',
    ]);
    expect(custody((lines) => lines.map((line) => line.replace('"handedOver"', '"completed"')))).toEqual([
      'custody-2.jsonl line 8: changed: manifest-2.json has another hash of the last line',
    ]);
  });

  it('names a line put in, one put at the end, and an end cut off', () => {
    expect(custody((lines) => lines.toSpliced(4, 0, lines[3] ?? '')).join('\n')).toMatch(
      /line 5: has the number 4/,
    );
    expect(custody((lines) => [...lines, lines[0] ?? '']).join('\n')).toMatch(
      /line 9: added: manifest-2.json says 8/,
    );
    expect(found(changed(files, 'custody-2.jsonl', (text) => text.slice(0, -1))).join('\n')).toMatch(
      /custody-2.jsonl line 8: is cut off/,
    );
  });

  it('is not saved by hashing it anew', () => {
    const anew = custodyLines(
      RECORDS.map((one) => ({
        ...one,
        by: 'somebody@example.com',
        item: one.item.replace(`${CODENAME}/`, ''),
      })),
      sha256,
    );
    expect(custody(() => anew)).toEqual([
      'custody-2.jsonl line 8: changed: manifest-2.json has another hash of the last line',
    ]);
  });
});

describe('a folder that was changed', () => {
  const files = twoSeals();
  const paths = [...files.keys()];

  it('is intact before', () => {
    const { findings, seals, files: count, last, fingerprint } = check(files);
    expect(findings).toEqual([]);
    expect({ seals, count, fingerprint }).toEqual({ seals: 2, count: 9, fingerprint: OURS.key.fingerprint });
    expect(last?.manifest.files.map(({ path }) => path)).toEqual([
      BLOCKS,
      CAPTURE,
      'custody-1.jsonl',
      'custody-2.jsonl',
      'manifest-1.json',
      'manifest-1.json.sig',
      'signing-key.pem',
    ]);
    expect(check(files, OURS.pem).findings).toEqual([]);
  });

  it('is found by any byte that is another one, and the file is named', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...paths),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        fc.integer({ min: 1, max: 255 }),
        (path, place, bits) => {
          const bytes = Buffer.from(files.get(path) ?? '');
          const index = Math.floor(place * bytes.length);
          bytes[index] = (bytes[index] ?? 0) ^ bits;
          const sentences = found(new Map(files).set(path, bytes));
          expect(sentences.join('\n')).toContain(path);
          // One byte, one file: only a manifest in doubt speaks against others, and says that it is in doubt.
          const others = sentences.filter((one) => !one.startsWith(path) && !one.includes(path));
          if (!path.startsWith('manifest-2.json') && path !== 'signing-key.pem') expect(others).toEqual([]);
        },
      ),
      { numRuns: isThorough ? 600 : 150 },
    );
  });

  it.each(paths)('names %s where it is missing, cut, longer, or called otherwise', (path) => {
    const content = files.get(path) ?? Buffer.of();
    const without = new Map(files);
    without.delete(path);
    const names = new RegExp(`^${path.replaceAll('.', '\\.')}( line \\d+)?: `, 'm');
    expect(found(without).join('\n')).toMatch(names);
    expect(found(new Map(files).set(path, content.subarray(0, content.length / 2))).join('\n')).toContain(
      path,
    );
    expect(found(new Map(files).set(path, Buffer.concat([content, Buffer.of(10)]))).join('\n')).toContain(
      path,
    );
    const renamed = found(new Map(without).set(`${path}.old`, content)).join('\n');
    expect(renamed).toMatch(names);
    expect(renamed).toMatch(new RegExp(`^${path.replaceAll('.', '\\.')}\\.old: `, 'm'));
  });

  it.each(['x.txt', '.hidden', 'captures/i-0def.json', 'custody-3.jsonl', 'manifest-3.json.sig'])(
    'names %s where it was added',
    (path) => {
      expect(found(new Map(files).set(path, Buffer.from('x'))).join('\n')).toMatch(
        new RegExp(`^${path}: is in no manifest`, 'm'),
      );
    },
  );

  it('says what was renamed', () => {
    const renamed = new Map(files).set('captures/x.json', files.get(CAPTURE) ?? Buffer.of());
    renamed.delete(CAPTURE);
    expect(found(renamed)).toEqual([
      `${CAPTURE}: missing: manifest-2.json lists it`,
      `captures/x.json: was ${CAPTURE}: it was renamed`,
    ]);
  });

  it('still says what was added where no manifest can be read', () => {
    const unreadable = changed(files, 'manifest-2.json', () => '{}');
    expect(found(unreadable)).toContain(`${BLOCKS}: can't be checked: it is in no manifest that can be read`);
    for (const path of ['manifest-1.json', 'manifest-2.json', 'signing-key.pem']) unreadable.delete(path);
    expect(found(unreadable).join('\n')).toMatch(/^manifest-2.json: missing/m);
  });
});

describe('another key', () => {
  it('is found where it signed everything only by whoever knows the right one', () => {
    const theirs = twoSeals(THEIRS);
    expect(check(theirs)).toMatchObject({ findings: [], fingerprint: THEIRS.key.fingerprint });
    expect(found(theirs, OURS.pem).join('\n')).toMatch(
      /^manifest-1.json: was signed with another key than the key given[^]*^manifest-2.json: was signed with another key/m,
    );
    expect(found(theirs, OURS.pem).join('\n')).toMatch(/^signing-key.pem: is not the key given/m);
  });

  it('is found where it signed the last manifest, with its own file or without', () => {
    const files = twoSeals();
    seal(files, 2, { by: THEIRS, items: [SNAPSHOT, CAPTURED, COPY, HASHES], custody: RECORDS });
    const both = found(files).join('\n');
    expect(both).toMatch(/^manifest-1.json: was signed with another key than signing-key.pem/m);
    expect(found(files, OURS.pem).join('\n')).toMatch(/^manifest-2.json: was signed with another key/m);
    files.set('signing-key.pem', Buffer.from(OURS.pem));
    expect(found(files).join('\n')).toMatch(
      /^manifest-2.json: was signed with another key than signing-key.pem/m,
    );
  });

  it('is found where its file alone was replaced', () => {
    const files = twoSeals().set('signing-key.pem', Buffer.from(THEIRS.pem));
    expect(found(files)).toEqual([
      'signing-key.pem: its fingerprint is in no manifest: it was replaced, so no signature could be checked',
      'signing-key.pem: its SHA-256 is not the one in manifest-2.json',
    ]);
    // The right one from elsewhere tells that the rest is as it was.
    for (const sentence of found(files, OURS.pem)) expect(sentence).toMatch(/^signing-key.pem: /);
  });

  it('does not let an earlier manifest be written anew, not even by the right key', () => {
    const files = twoSeals();
    const manifest = JSON.parse(files.get('manifest-1.json')?.toString() ?? '') as Manifest;
    put(files, { ...manifest, sealedAt: '2026-02-01T00:00:00.000Z' }, OURS.privateKey);
    expect(found(files)).toContain('manifest-1.json: its SHA-256 is not the one in manifest-2.json');
  });
});

describe('what the key itself signed, and is not right', () => {
  const items = [SNAPSHOT, CAPTURED, COPY, HASHES];
  const [first, second, ...rest] = RECORDS as [CustodyRecord, CustodyRecord, ...CustodyRecord[]];

  it.each<[string, Wanted, RegExp]>([
    ['a gap', { custody: [first, ...rest] }, /line 2: has the number 3/],
    [
      'a time that goes back',
      { custody: RECORDS.map((one) => (one.seq === 4 ? { ...one, at: THREE_AM } : one)) },
      /line 4: is earlier than the record of snap-1 before it/,
    ],
    [
      'an item without its capture',
      { custody: [first, { ...second, event: 'locked' }, ...rest] },
      /line 2: is the first record of snap-1, and says "locked"/,
    ],
    [
      'an item without a record',
      { items: [...items, { ...COPY, id: 'snap-3' }] },
      /line 9: missing: no record of snap-3/,
    ],
    [
      'a record of no item',
      { items: items.slice(0, 2) },
      /line 5: is of snap-2, which manifest-2.json does not list/,
    ],
    ['an item twice', { items: [...items, SNAPSHOT] }, /manifest-2.json: lists an item twice/],
    [
      'an item and its file that differ',
      { items: [SNAPSHOT, { ...CAPTURED, sha256: sha256('x') }, COPY, HASHES] },
      /manifest-2.json: has one SHA-256 or size of captures\/i-0abc.json as an item, and another as a file/,
    ],
    ['an item that is gone', { items: items.slice(1) }, /manifest-2.json: does not list the item snap-1/],
    ['an earlier time', { at: THREE_AM - 1 }, /manifest-2.json: is earlier than manifest-1.json/],
    [
      'a chain written anew',
      { custody: RECORDS.map((one) => ({ ...one, by: 'somebody@example.com' })) },
      /custody-2.jsonl line [14]: (?:is not the line of|does not begin with the records of) custody-1.jsonl/,
    ],
    [
      'a field that nothing checks',
      { items: [{ ...SNAPSHOT, note: 'x' } as EvidenceItem, CAPTURED, COPY, HASHES] },
      /manifest-2.json: is no manifest of firebreak-evidence\/1: items\[0\] has a field that is not known: "note"/,
    ],
  ])('%s is found, before it is written and after', (_, wanted, sentence) => {
    const files = twoSeals();
    const { findings } = seal(files, 2, { items, custody: RECORDS, ...wanted });
    expect(findings.map(sentenceOfFinding).join('\n')).toMatch(sentence);
    expect(found(files).join('\n')).toMatch(sentence);
  });

  it('nothing is found where nothing is wrong', () => {
    expect(seal(twoSeals(), 2, { items, custody: RECORDS }).findings).toEqual([]);
  });
});

describe('a folder made to confuse', () => {
  it('is told of, whatever the files hold', () => {
    const names = [
      'manifest-1.json',
      'manifest-2.json',
      'custody-1.jsonl',
      'manifest-1.json.sig',
      'signing-key.pem',
    ];
    const content = fc.oneof(fc.json(), fc.string(), fc.jsonValue().map(canonical));
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), content, { minKeys: 1 }), (texts) => {
        const files: Files = new Map(Object.entries(texts).map(([path, text]) => [path, Buffer.from(text)]));
        expect(found(files).length).toBeGreaterThan(0);
        expect(found(new Map([...twoSeals(), ...files])).length).toBeGreaterThan(0);
      }),
      { numRuns: 60 },
    );
  });

  it('is told of where JSON is nested beyond reason', () => {
    const deep = changed(twoSeals(), 'manifest-2.json', () => `${'['.repeat(200_000)}${']'.repeat(200_000)}`);
    expect(found(deep)).toContain('manifest-2.json: is no JSON');
  });

  it('is no evidence folder without one of its files', () => {
    expect(isEvidenceFolder(['readme.txt', 'captures/manifest-1.json', 'manifest-0.json'])).toBe(false);
    expect(isEvidenceFolder(['manifest-1.json.sig'])).toBe(true);
  });
});
