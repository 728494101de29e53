/** `firebreak verify` on folders with a ledger, with no server anywhere. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { verify } from '../../client/cli/verify';
import { file, FOLDER, ROOT } from '../support/cli';
import { wholeLedger, type TestLedger } from '../support/ledgers';

let ledger: TestLedger;
beforeAll(async () => {
  ledger = await wholeLedger();
});

/** A copy on disk, of those files that are wanted. */
function copy(wanted: (path: string) => boolean = () => true): string {
  const folder = mkdtempSync(join(FOLDER, 'ledger-'));
  for (const [path, content] of ledger.files) {
    if (!wanted(path)) continue;
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}

const isOfLedger = (path: string) => path.startsWith('ledger/') || path === 'signing-key.pem';

async function verified(folder: string, options: Record<string, string | boolean> = {}) {
  let out = '';
  const status = await verify(folder, options, (text) => void (out += text));
  return { status, out };
}

interface Document {
  readonly intact: boolean;
  readonly findings: readonly { readonly path: string; readonly line?: number }[];
  readonly [field: string]: unknown;
}

async function verifiedJson(folder: string, options: Record<string, string | boolean> = {}) {
  const { status, out } = await verified(folder, { ...options, json: true });
  return { status, ...(JSON.parse(out) as Document) };
}

describe('a folder with evidence and a ledger', () => {
  it('is checked for both', async () => {
    const { status, out } = await verified(copy());
    expect(status).toBe(0);
    expect(out).toMatch(/^Evidence of sapphire-unicorn\n/);
    expect(out).toMatch(/\n {2}files +9\n/);
    expect(out).toMatch(/\nLedger of sapphire-unicorn\n {2}batches +3, the last of 2026-/);
    expect(out).toMatch(/\n {2}entries +21: 6 decisions \(6 signed\), 2 refusals\n/);
    expect(out).toMatch(/\n {2}closes +at entry 21, 2026-/);
    expect(out).toMatch(/\nintact$/);
    expect(await verifiedJson(copy())).toMatchObject({
      status: 0,
      intact: true,
      seals: 2,
      codename: 'sapphire-unicorn',
      ledger: {
        codename: 'sapphire-unicorn',
        batches: 3,
        entries: 21,
        decisions: 6,
        signed: 6,
        refusals: 2,
        closes: true,
        last: { path: 'ledger/000003.jsonl' },
        end: { seq: 21 },
        notices: [],
      },
      findings: [],
    });
  });

  it('shows that its last seal was taken away', async () => {
    const folder = copy((path) => !/manifest-2|custody-2|i-2/.test(path));
    const { status, out } = await verified(folder);
    expect(status).toBe(1);
    expect(out).toMatch(/\nNOT INTACT: 1 findings\n {2}- manifest-2\.json: missing: entry 19 of the ledger/);
  });

  it('names the line of either that was changed', async () => {
    const folder = copy();
    for (const path of ['ledger/000002.jsonl', 'custody-2.jsonl'])
      writeFileSync(
        join(folder, path),
        readFileSync(join(folder, path), 'utf8').replace('firebreak', 'nobody'),
      );
    const { status, findings } = await verifiedJson(folder);
    expect(status).toBe(1);
    expect(findings.map(({ path, line }) => `${path} ${line}`)).toEqual(
      expect.arrayContaining(['custody-2.jsonl 1', expect.stringMatching(/^ledger\/000002.jsonl \d+$/)]),
    );
  });
});

describe('a folder with a ledger alone', () => {
  it('is fine too, and says what is elsewhere', async () => {
    const { status, out } = await verified(copy(isOfLedger));
    expect(status).toBe(0);
    expect(out).toMatch(/^Ledger of sapphire-unicorn\n/);
    expect(out).toContain(
      '! the ledger tells of 2 seals, and no manifest is here: check the evidence as well',
    );
    expect(out).toMatch(/\n {2}signing key +[0-9a-f]{64}\n/);
    expect(out).toMatch(/\nintact$/);
  });

  it('that does not close says so, and is intact', async () => {
    const folder = copy((path) => isOfLedger(path) && path !== 'ledger/000003.jsonl');
    const { status, out } = await verified(folder);
    expect(status).toBe(0);
    expect(out).toMatch(
      /! the ledger ends at entry 18 of 2026-.*Z and does not close: compare with the room/,
    );
    expect(await verifiedJson(folder)).toMatchObject({
      intact: true,
      ledger: { closes: false, notices: [expect.stringMatching(/does not close/), expect.anything()] },
    });
  });

  it('is compared with the key given', async () => {
    const folder = copy(isOfLedger);
    const pem = Buffer.from(ledger.files.get('signing-key.pem') ?? '').toString();
    expect((await verified(folder, { key: file('ours.pem', pem) })).out).toContain('matches --key');
    const other = await wholeLedger();
    const theirs = file('theirs.pem', Buffer.from(other.files.get('signing-key.pem') ?? '').toString());
    const { status, out } = await verified(folder, { key: theirs });
    expect(status).toBe(1);
    expect(out).toContain('signing-key.pem: is not the key given');
    expect(out).toContain('ledger/000001.jsonl line 10: was signed with another key than the key given');
    expect(out).toContain('is of --key, and not the one in the folder');
  });

  it('has no place for anything else', async () => {
    const folder = copy(isOfLedger);
    writeFileSync(join(folder, 'notes.txt'), '');
    writeFileSync(join(folder, 'ledger', 'x\n\nintact'), '');
    symlinkSync('/etc/passwd', join(folder, 'ledger', '000004.jsonl'));
    rmSync(join(folder, 'ledger', '000002.jsonl'));
    symlinkSync(join(folder, 'ledger', '000001.jsonl'), join(folder, 'ledger', '000002.jsonl'));
    const { status, out } = await verified(folder);
    expect(status).toBe(1);
    expect(out).toContain('notes.txt: is no part of a ledger: it was added');
    expect(out).toContain('ledger/x\\u000a\\u000aintact: is no batch of the ledger');
    expect(out).toContain('ledger/000004.jsonl: is a link: it was not followed');
    expect(out).toContain('ledger/000002.jsonl: is a link: it was not followed');
    expect(out).not.toMatch(/^intact$/m);
    expect(out).not.toMatch(/000002.jsonl: missing/);
  });

  it('may be nothing but an empty folder', async () => {
    const folder = mkdtempSync(join(FOLDER, 'empty-ledger-'));
    mkdirSync(join(folder, 'ledger'));
    const { status, out } = await verified(folder);
    expect(status).toBe(1);
    expect(out).toContain('ledger/000001.jsonl: missing: there is no batch at all');
  });
});

/** Where one is missing, people check with something else, and so does nobody here. */
const HAS_TOOLS = ['openssl version', 'sha256sum --version', 'python3 --version', 'sh -c true'].every(
  (line) => {
    const [command = '', ...args] = line.split(' ');
    return spawnSync(command, args).status === 0;
  },
);

(HAS_TOOLS ? describe : describe.skip)('the commands of docs/ledger.md', () => {
  const document = readFileSync(join(ROOT, 'docs', 'ledger.md'), 'utf8');
  const script = [...document.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, block = '']) => block).join('\n');

  function byHand(folder: string): string {
    const T = mkdtempSync(join(FOLDER, 'hand-'));
    const env = { PATH: process.env['PATH'] ?? '', LC_ALL: 'C', CODENAME: 'sapphire-unicorn', T };
    const { stdout, stderr } = spawnSync('sh', ['-c', script], { cwd: folder, env, encoding: 'utf8' });
    return `${stdout}${stderr}`;
  }

  it('accept what is intact, and find what was changed', () => {
    const folder = copy();
    expect(byHand(folder)).toBe('heads OK\nchain OK\n');
    const path = join(folder, 'ledger', '000002.jsonl');
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replace('firebreak', 'somebody'));
    const line = text.slice(0, text.indexOf('firebreak')).split('\n').length;
    expect(byHand(folder)).toContain(`broken after: ledger/000002.jsonl line ${line}\n`);
    writeFileSync(path, text.replace('"closes":false', '"closes":true '));
    expect(byHand(folder)).not.toMatch(/heads OK/);
  });
});
