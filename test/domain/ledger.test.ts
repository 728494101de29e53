import { createLedgerActivities } from '../../activities/ledger';
import { LEDGER_TOOLS } from '../../client/ledger/tools';
import { decide, declare, report } from '../../domain/decide';
import { UNKNOWN, type Entry } from '../../domain/entries';
import { sentenceOfFinding } from '../../domain/evidence/finding';
import { checkLedger, hasEvidence, isLedgerFolder } from '../../domain/ledger/check';
import { batchName, batchOf, composeBatch, readLine, type EntryLine } from '../../domain/ledger/format';
import { createFakeSigner, createFakeVault } from '../support/fake-storage';
import {
  company,
  declaration,
  IC,
  nextMinute,
  record,
  ROSTER,
  SECURITY,
  STRANGER,
} from '../support/incidents';
import { keyOf } from '../support/keys';
import {
  appendAll,
  CODENAME,
  folderOf,
  linesIn,
  proofOf,
  signedAfter,
  signedDeclaration,
  wholeLedger,
  WITH_KEYS,
  type TestLedger,
} from '../support/ledgers';

let ledger: TestLedger;
beforeAll(async () => {
  ledger = await wholeLedger();
});

function check(files: ReadonlyMap<string, Uint8Array | string>) {
  const checked = checkLedger(folderOf(files), LEDGER_TOOLS);
  return { ...checked, said: checked.findings.map(sentenceOfFinding) };
}

/** What the check says of entries that the company itself has signed: the chain is sound, whatever they tell. */
async function checkEntries(entries: readonly Entry[], closes = false) {
  const vault = createFakeVault();
  await appendAll({ vault, signer: createFakeSigner() }, entries, 100, { closes });
  return check(
    new Map([...vault.files].map(([path, content]) => [path.slice(CODENAME.length + 1), content])),
  );
}

describe('the format', () => {
  it('keeps entries exactly as the timeline has them', () => {
    const lines = [1, 2, 3].flatMap((batch) => linesIn(ledger.files, batchName(batch)).slice(0, -1));
    const entries = lines.map((line) => (JSON.parse(line) as EntryLine).entry);
    expect(entries).toEqual(JSON.parse(JSON.stringify(ledger.entries)));
    expect(entries.map(({ at }) => at)).toEqual(ledger.entries.map(({ at }) => at));
  });

  it('names files so that they stand in their order', () => {
    expect([1, 999_999, 1_000_000].map(batchName)).toEqual([
      'ledger/000001.jsonl',
      'ledger/999999.jsonl',
      'ledger/1000000.jsonl',
    ]);
    expect([1, 20, 999_999, 1_000_000].map((batch) => batchOf(batchName(batch)))).toEqual([
      1, 20, 999_999, 1_000_000,
    ]);
    for (const path of ['ledger/1.jsonl', 'ledger/0000001.jsonl', 'ledger/000000.jsonl', 'x/000001.jsonl'])
      expect([path, batchOf(path)]).toEqual([path, undefined]);
  });

  it.each([
    ['', 'is no JSON'],
    ['['.repeat(100_000), 'is no JSON'],
    ['{"prev":"x", "entry":{}}', 'is not in canonical form'],
    ['{"entry":1e999,"prev":"x"}', 'is no JSON'],
    ['null', /is no line of firebreak-ledger\/1: is no record/],
    ['{"entry":{"seq":1},"prev":"x"}', /entry.at is no whole number/],
    ['{"__proto__":{"head":1}}', /has a field that is not known: "__proto__"/],
    ['{"head":{},"prev":"x","signature":"x"}', /has a field that is not known: "prev"/],
  ])('reads whatever it is given: %.40s', (text, problem) => {
    expect(readLine(text)).toEqual({
      kind: 'problem',
      problem: typeof problem === 'string' ? problem : expect.stringMatching(problem),
    });
  });

  it('binds each line to the one before, and the first to the codename', () => {
    const parts = {
      batch: 1,
      entries: ledger.entries,
      at: 0,
      closes: false,
      version: '1',
      key: { algorithm: 'none', fingerprint: 'none' },
    };
    const [ours, others] = [CODENAME, 'amber-otter'].map(
      (codename) => composeBatch({ ...parts, codename }, LEDGER_TOOLS.sha256).lines,
    );
    expect(ours?.some((line) => others?.includes(line))).toBe(false);
    for (const [index, line] of (ours ?? []).slice(1).entries())
      expect((JSON.parse(line) as EntryLine).prev).toBe(LEDGER_TOOLS.sha256(ours?.[index] ?? ''));
  });
});

describe('an intact ledger', () => {
  it('has no findings, with its evidence and without', () => {
    expect(check(ledger.files)).toMatchObject({
      said: [],
      notices: [],
      codename: CODENAME,
      closes: true,
    });
    const alone = new Map(
      [...ledger.files].filter(([path]) => path.startsWith('ledger/') || path === 'signing-key.pem'),
    );
    expect(isLedgerFolder(alone.keys())).toBe(true);
    expect(hasEvidence(alone.keys())).toBe(false);
    expect(check(alone)).toMatchObject({
      said: [],
      notices: ['the ledger tells of 2 seals, and no manifest is here: check the evidence as well'],
    });
  });

  it('may be one that does not close, and says where it ends', async () => {
    const { said, notices, closes } = await checkEntries(ledger.entries.slice(0, 8));
    expect({ said, closes }).toEqual({ said: [], closes: false });
    expect(notices).toEqual([
      'the ledger ends at entry 8 of 2026-11-24T03:06:00.000Z and does not close: compare with the room',
    ]);
  });

  it('may have a last batch that only closes it', async () => {
    const vault = createFakeVault();
    const signer = createFakeSigner();
    const previous = await appendAll({ vault, signer }, ledger.entries, 100, { closes: false });
    const { appendToLedger } = createLedgerActivities({ vault, signer, version: '1' });
    await appendToLedger({ codename: CODENAME, previous, entries: [], at: 0, closes: true });
    const files = [...vault.files].map(
      ([path, content]) => [path.slice(CODENAME.length + 1), content] as const,
    );
    expect(check(new Map(files))).toMatchObject({ said: [], closes: true });
  });
});

describe('the ends', () => {
  it('are a declaration, and a decision that ends the incident', async () => {
    const byMachines = ledger.entries
      .filter(({ kind }) => kind === 'effect' || kind === 'warning')
      .map((entry, index) => ({ ...entry, seq: index + 1 }));
    const { said } = await checkEntries(byMachines, true);
    expect(said).toEqual([
      'ledger/000001.jsonl line 1: is the first entry, and no declaration',
      expect.stringMatching(/line \d+: closes the ledger, and no entry ends the incident/),
    ]);
  });

  it('let nothing come after them', () => {
    const files = new Map(ledger.files);
    files.set(batchName(4), ledger.files.get(batchName(2)) ?? Buffer.of());
    expect(check(files).said).toContain(
      'ledger/000004.jsonl: comes after ledger/000003.jsonl, which closes the ledger',
    );
  });
});

describe('the evidence beside it', () => {
  function without(...gone: string[]) {
    return new Map([...ledger.files].filter(([path]) => !gone.some((one) => path.startsWith(one))));
  }

  it('lacks its last manifest, which nothing else would tell', () => {
    const files = without('manifest-2', 'custody-2', 'captures/i-2');
    expect(check(files).said).toEqual([
      'manifest-2.json: missing: entry 19 of the ledger (ledger/000003.jsonl line 1) tells that it was sealed',
    ]);
  });

  it('is another one than was sealed', () => {
    const files = new Map(ledger.files).set('manifest-2.json', Buffer.from('{}'));
    expect(check(files).said).toEqual([
      expect.stringMatching(/^manifest-2.json: its SHA-256 is not the one in entry 19/),
    ]);
  });

  it('holds a manifest of which nothing is told', () => {
    const files = new Map(ledger.files).set('manifest-3.json', Buffer.from('{}'));
    expect(check(files).said).toEqual(['manifest-3.json: no entry of the ledger tells that it was sealed']);
    files.delete(batchName(3));
    expect(check(files).said).toEqual([]);
    expect(check(files).notices).toEqual([
      expect.stringMatching(/does not close/),
      'manifest-2.json is not in the ledger, which does not close',
      'manifest-3.json is not in the ledger, which does not close',
    ]);
  });

  it('is of another incident', async () => {
    const vault = createFakeVault();
    await appendAll({ vault, signer: ledger.signer }, ledger.entries, 9, { codename: 'amber-otter' });
    const files = new Map(ledger.files);
    for (const [path, content] of vault.files) files.set(path.slice('amber-otter/'.length), content);
    expect(check(files).said).toContain(
      'manifest-1.json: is of sapphire-unicorn, and the ledger of amber-otter',
    );
  });
});

describe('the proofs', () => {
  const changed = (seq: number, change: (entry: Entry) => Entry) =>
    ledger.entries.map((entry) => (entry.seq === seq ? change(entry) : entry));
  const decision = () => ledger.entries.find(({ kind }) => kind === 'decision') as Entry;

  it.each<[string, (entry: Entry) => Entry, RegExp]>([
    [
      'other details',
      (entry) => ({ ...entry, details: { ...entry.details, grounds: 'none' } }),
      /does not fit/,
    ],
    ['another decision', (entry) => ({ ...entry, decision: 'close' }), /does not fit/],
    ['another door', (entry) => ({ ...entry, door: 'pagerduty' }), /was not enrolled/],
    ['another person', (entry) => ({ ...entry, by: IC }), /was not enrolled/],
    ['a stranger', (entry) => ({ ...entry, by: STRANGER }), /was not enrolled/],
    ['much later', (entry) => ({ ...entry, at: entry.at + 7_200_000 }), /too old/],
    ['much earlier', (entry) => ({ ...entry, at: entry.at - 7_200_000 }), /made after/],
    ['nobody signed', ({ proof: _proof, ...entry }) => entry, /is a decision that nobody signed/],
    ['no proof at all', (entry) => ({ ...entry, proof: 'x' as never }), /it is none/],
  ])('find what the company itself has written wrongly: %s', async (_, change, problem) => {
    const { seq } = decision();
    const { said } = await checkEntries(changed(seq, change));
    expect(said).toEqual([expect.stringMatching(problem)]);
    expect(said[0]).toMatch(`ledger/000001.jsonl line ${seq}: `);
  });

  it('find a signature of another incident', async () => {
    const { seq, at } = decision();
    const taken = record(SECURITY, 'methodKnown');
    const sent = { ...taken, door: 'command line' } as const;
    const proof = proofOf(sent, at, SECURITY, 'amber-otter');
    expect((await checkEntries(changed(seq, (entry) => ({ ...entry, proof })))).said).toEqual([
      expect.stringMatching(/does not fit/),
    ]);
  });

  it('find a decision that was taken twice', async () => {
    const { seq, ...again } = decision();
    const entries = [...ledger.entries.slice(0, 14), { ...again, seq: 15 }];
    expect((await checkEntries(entries)).said).toEqual([
      `ledger/000001.jsonl line 15: uses the nonce of entry ${seq}: one decision was taken twice`,
    ]);
  });

  it('let a refusal be told again, counted', async () => {
    const refusal = ledger.entries.find(({ kind }) => kind === 'refusal') as Entry;
    const again = { ...refusal, seq: 15, at: refusal.at + 7_200_000 };
    const before = ledger.entries.slice(0, 14);
    expect((await checkEntries([...before, { ...again, times: 12 }])).said).toEqual([]);
    expect((await checkEntries([...before, again])).said).not.toEqual([]);
    const details = { ...again.details, grounds: 'none' };
    expect((await checkEntries([...before, { ...again, times: 12, details }])).said).not.toEqual([]);
  });

  it('ask for a declaration that somebody signed, or a word that nobody did', async () => {
    const unsigned = { ...declaration(), door: 'command line' } as const;
    const silent = declare(unsigned, company(WITH_KEYS)).entries;
    expect((await checkEntries(silent)).said).toEqual([
      'ledger/000001.jsonl line 1: is a declaration that nobody signed',
    ]);
    const told = declare({ ...unsigned, unproven: 'it is not signed' }, company(WITH_KEYS)).entries;
    expect((await checkEntries(told)).said).toEqual([]);
    const hostile = { ...unsigned, by: '', door: 7, proof: 'x', unproven: 'it is not signed' } as never;
    expect((await checkEntries(declare(hostile, company(WITH_KEYS)).entries)).said).toEqual([]);
    const changed = signedDeclaration().entries.map((entry) =>
      entry.seq === 1 ? { ...entry, details: { ...entry.details, summary: 'nothing' } } : entry,
    );
    expect((await checkEntries(changed)).said).toEqual([expect.stringMatching(/line 1: .*does not fit/)]);
  });

  it('go by the keys of that moment', async () => {
    const lost = signedAfter(signedDeclaration(), record(SECURITY, 'methodKnown'));
    const renewed = report(
      lost,
      {
        name: 'keysRenewed',
        company: {
          ...WITH_KEYS,
          roster: WITH_KEYS.roster.map((person) =>
            person.email === SECURITY ? { ...person, keys: [keyOf('new@example.com').publicKey] } : person,
          ),
        },
      },
      nextMinute(lost),
    );
    const at = nextMinute(renewed);
    const again = { ...record(SECURITY, 'timelineEstablished'), door: 'command line' } as const;
    const withKey = (signer: string) =>
      decide(renewed, { ...again, proof: proofOf(again, at, signer) }, at).incident.entries;
    expect((await checkEntries(withKey('new@example.com'))).said).toEqual([]);
    expect((await checkEntries(withKey(SECURITY))).said).toEqual([expect.stringMatching(/was not enrolled/)]);
  });

  it('are not asked for where nobody has a key, nor of what proves nothing', async () => {
    const roster = ROSTER.map(({ keys: _keys, ...person }) => person);
    const entries = declare(declaration(), company({ roster })).entries;
    const refused: Entry = {
      seq: entries.length + 1,
      at: 0,
      kind: 'refusal',
      by: UNKNOWN,
      text: 'send a message that could not be read',
      times: 10_000,
    };
    expect((await checkEntries([...entries, refused])).said).toEqual([]);
  });
});

it('says that there is nothing where there is nothing', () => {
  const { said, closes } = check(new Map([['ledger/x', Buffer.from('x')]]));
  expect(said).toEqual([
    'ledger/000001.jsonl: missing: there is no batch at all',
    'ledger/x: is no batch of the ledger: it was added or renamed',
    'signing-key.pem: missing, so no signature could be checked',
  ]);
  expect(closes).toBe(false);
});

describe('a damaged head', () => {
  const path = batchName(3);
  const [first, ...rest] = ['"first":', '"first":1,"was":'] as const;

  it.each([
    ['another first number', (line: string) => line.replace(/"first":\d+/, '"first":1')],
    ['another last number', (line: string) => line.replace(/"last":\d+/, '"last":99')],
    ['a field too many', (line: string) => line.replace(first, rest[0])],
  ])('is blamed for %s, and no line before it is', (_, damage) => {
    const lines = linesIn(ledger.files, path);
    const head = lines.pop() ?? '';
    expect(damage(head)).not.toBe(head);
    const text = [...lines, damage(head)].map((line) => `${line}\n`).join('');
    const { findings } = check(new Map(ledger.files).set(path, Buffer.from(text)));
    const placed = findings.filter((one) => one.path === path).map(({ line }) => line);
    expect(placed.length).toBeGreaterThan(0);
    expect(placed.filter((line) => line !== undefined && line < lines.length + 1)).toEqual([]);
  });

  it('hides nothing of the lines: a number that does not follow is found without it', () => {
    const lines = linesIn(ledger.files, path);
    const head = (lines.pop() ?? '').replace(/"first":\d+/, '"first":1');
    const [one = '', two = '', ...more] = lines;
    const renumbered = two.replace(/"seq":(\d+)/, (_, seq: string) => `"seq":${Number(seq) + 5}`);
    const text = [one, renumbered, ...more, head].map((line) => `${line}\n`).join('');
    const { said } = check(new Map(ledger.files).set(path, Buffer.from(text)));
    expect(said.join('\n')).toMatch(/line 2: has the number \d+, and \d+ is due/);
  });
});
