/** `firebreak verify` on real folders, with no server anywhere; and the commands of docs/evidence.md on the same ones. */
import { spawnSync } from 'node:child_process';
import {
  constants,
  createHash,
  createPublicKey,
  generateKeyPairSync,
  sign,
  type KeyObject,
} from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import {
  createEvidenceActivities,
  type ImageStore,
  type Signer,
  type Vault,
} from '../../activities/evidence';
import { notFound } from '../../activities/failures';
import type { CustodyRecord, EvidenceItem } from '../../domain/evidence/items';
import { file, firebreak, firebreakProcess, FOLDER, json, problemsOf, ROOT } from '../support/cli';

const CODENAME = 'sapphire-unicorn';
const THREE_AM = Date.UTC(2026, 2, 1, 3);

type Algorithm = 'ECDSA_SHA_256' | 'RSASSA_PSS_SHA_256';

interface Key {
  readonly algorithm: Algorithm;
  readonly privateKey: KeyObject;
  readonly pem: string;
  readonly fingerprint: string;
}

function newKey(algorithm: Algorithm): Key {
  const { privateKey } =
    algorithm === 'ECDSA_SHA_256'
      ? generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
      : generateKeyPairSync('rsa', { modulusLength: 2048 });
  const publicKey = createPublicKey(privateKey);
  return {
    algorithm,
    privateKey,
    pem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    fingerprint: createHash('sha256')
      .update(publicKey.export({ type: 'spki', format: 'der' }))
      .digest('hex'),
  };
}

function signerOf({ algorithm, privateKey, pem }: Key): Signer {
  const padding = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
  const key = { key: privateKey, ...(algorithm === 'RSASSA_PSS_SHA_256' && padding) };
  return {
    sign: async (content) => ({ signature: sign('sha256', content, key), algorithm }),
    publicKey: async () => pem,
  };
}

/** A bucket on disk, whose copy is the evidence folder. */
function diskVault(bucket: string): Vault {
  return {
    holder: 'bucket evidence',
    async writeOnce(path, content) {
      const target = join(bucket, path);
      const existed = existsSync(target);
      mkdirSync(dirname(target), { recursive: true });
      if (!existed) writeFileSync(target, content);
      const kept = readFileSync(target);
      const sha256 = createHash('sha256').update(kept).digest('hex');
      return { path, bytes: kept.length, sha256, existed };
    },
    async read(path) {
      if (!existsSync(join(bucket, path))) throw notFound('no such file');
      return readFileSync(join(bucket, path));
    },
  };
}

/** What the worker writes for an incident with two seals. */
async function evidenceBy(key: Key): Promise<string> {
  const bucket = mkdtempSync(join(FOLDER, 'bucket-'));
  const vault = diskVault(bucket);
  const { recordCapture, sealEvidence } = createEvidenceActivities({
    vault,
    signer: signerOf(key),
    images: {} as ImageStore,
    version: '1.2.3',
  });
  const items: EvidenceItem[] = [];
  const custody: CustodyRecord[] = [];
  const files = [];
  let previous;
  for (const [index, id] of ['i-0abc', 'arn:aws:iam::111122223333:user/ops/alice'].entries()) {
    const { file } = await recordCapture(CODENAME, id, { id, state: 'running' });
    files.push(file);
    const at = THREE_AM + index * 60_000;
    items.push({ id: file.path, kind: 'capture', of: id, createdAt: at, state: 'complete' });
    for (const event of ['captured', 'handedOver'] as const)
      custody.push({
        seq: custody.length + 1,
        at,
        item: file.path,
        event,
        by: 'firebreak',
        holder: 'forensics@example.com',
        note: 'he said: "previous" — ünïcode',
      });
    const sequence = index + 1;
    const input = { codename: CODENAME, sequence, items, custody, at: at + 1000 };
    ({ manifest: previous } = await sealEvidence({ ...input, ...(previous && { previous }) }, files));
  }
  return join(bucket, CODENAME);
}

const OURS = newKey('ECDSA_SHA_256');
const OURS_FILE = file('published.pem', OURS.pem);
const THEIRS = newKey('ECDSA_SHA_256');

let original = '';

beforeAll(async () => {
  // Whoever asks it notices.
  process.env['TEMPORAL_ADDRESS'] = '127.0.0.1:1';
  original = await evidenceBy(OURS);
});

/** A folder that a test may change. */
function copy(from = original): string {
  const folder = join(mkdtempSync(join(FOLDER, 'copy-')), CODENAME);
  cpSync(from, folder, { recursive: true });
  return folder;
}

function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => statSync(join(folder, path)).isFile())
    .sort();
}

interface Document {
  readonly intact: boolean;
  readonly key: { readonly fingerprint?: string; readonly given: boolean };
  readonly findings: readonly { readonly path: string; readonly line?: number; readonly problem: string }[];
}

async function verifyJson(folder: string, ...more: string[]): Promise<Document & { status: number }> {
  const ran = await firebreak('verify', folder, '--json', ...more);
  expect(ran.err).toBe('');
  return { ...(json(ran) as Document), status: ran.status };
}

describe('an intact folder', () => {
  it('is said to be so, by itself: no server, no configuration', async () => {
    const ran = await firebreakProcess(['verify', original], { TEMPORAL_CONFIG_FILE: '/nowhere' });
    expect(ran).toMatchObject({ status: 0, err: '' });
    expect(ran.out).toMatch(/^Evidence of sapphire-unicorn\n/);
    expect(ran.out).toMatch(/manifests +2, the last of 2026-03-01T03:01:01.000Z/);
    expect(ran.out).toMatch(/files +9\n/);
    expect(ran.out).toMatch(/custody records +4\n/);
    expect(ran.out).toContain(OURS.fingerprint);
    expect(ran.out).toContain('compare it with the one that your security team published');
    expect(ran.out).toMatch(/\nintact\n$/);
  });

  it('is compared with the key given', async () => {
    const ran = await firebreak('verify', original, '--key', OURS_FILE);
    expect(ran).toMatchObject({ status: 0, err: '' });
    expect(ran.out).toContain('matches --key');
    expect(await verifyJson(original, '--key', OURS_FILE)).toMatchObject({
      status: 0,
      intact: true,
      codename: CODENAME,
      seals: 2,
      files: 9,
      items: 2,
      records: 4,
      key: { fingerprint: OURS.fingerprint, given: true },
      findings: [],
    });
  });

  it('is found in a folder called evidence, which is said', async () => {
    const parent = mkdtempSync(join(FOLDER, 'parent-'));
    writeFileSync(join(parent, 'notes.txt'), 'not evidence');
    cpSync(original, join(parent, 'evidence'), { recursive: true });
    const ran = await firebreak('verify', parent);
    expect(ran.status).toBe(0);
    expect(ran.out).toContain(
      `${parent} holds neither manifest nor ledger itself: this is ${join(parent, 'evidence')}.`,
    );
  });
});

describe('a folder that was changed', () => {
  it('fails for a byte of any file, at its beginning, middle or end, and names it', async () => {
    for (const path of filesOf(original)) {
      const content = readFileSync(join(original, path));
      for (const index of new Set([0, content.length >> 1, content.length - 1])) {
        const folder = copy();
        const bytes = Buffer.from(content);
        bytes[index] = (bytes[index] ?? 0) ^ 1;
        writeFileSync(join(folder, path), bytes);
        const { status, intact, findings } = await verifyJson(folder);
        expect({ status, intact }).toEqual({ status: 1, intact: false });
        expect(findings.map((one) => `${one.path}: ${one.problem}`).join('\n')).toContain(path);
      }
    }
  });

  it('fails for a file that is missing, added or called otherwise, and names it', async () => {
    for (const path of filesOf(original)) {
      const without = copy();
      rmSync(join(without, path));
      expect(await verifyJson(without)).toMatchObject({
        status: 1,
        findings: expect.arrayContaining([{ path, problem: expect.stringMatching(/^missing/) }]),
      });
      const renamed = copy();
      renameSync(join(renamed, path), join(renamed, `${path}.bak`));
      const { findings } = await verifyJson(renamed);
      expect(findings.map((one) => one.path)).toEqual(expect.arrayContaining([path, `${path}.bak`]));
    }
    const added = copy();
    for (const path of ['x.txt', '.hidden', 'captures/.DS_Store']) writeFileSync(join(added, path), '');
    expect((await verifyJson(added)).findings.map(({ path }) => path)).toEqual([
      '.hidden',
      'captures/.DS_Store',
      'x.txt',
    ]);
  });

  it('says which lines of the chain of custody were swapped or taken out', async () => {
    const swapped = copy();
    const path = join(swapped, 'custody-2.jsonl');
    const [first, second, third, fourth] = readFileSync(path, 'utf8').split('\n');
    writeFileSync(path, [first, third, second, fourth, ''].join('\n'));
    const ran = await firebreak('verify', swapped);
    expect(ran.status).toBe(1);
    expect(ran.out).toMatch(/NOT INTACT: \d findings/);
    expect(ran.out).toContain('  - custody-2.jsonl line 2: has the number 3\n');
    writeFileSync(path, [first, second, third, ''].join('\n'));
    expect((await verifyJson(swapped)).findings).toEqual([
      { path: 'custody-2.jsonl', line: 4, problem: 'missing: the chain has 3 lines, manifest-2.json says 4' },
    ]);
  });

  it('that somebody else sealed is found by the key that was published', async () => {
    const forged = await evidenceBy(THEIRS);
    expect(await verifyJson(forged)).toMatchObject({ status: 0, key: { fingerprint: THEIRS.fingerprint } });
    const ran = await firebreak('verify', forged, '--key', OURS_FILE);
    expect(ran.status).toBe(1);
    expect(ran.out).toContain('manifest-2.json: was signed with another key than the key given');
    expect(ran.out).not.toContain('matches --key');
    const mixed = copy();
    for (const path of ['manifest-2.json', 'manifest-2.json.sig', 'signing-key.pem'])
      cpSync(join(forged, path), join(mixed, path));
    expect((await verifyJson(mixed)).findings.map(({ path }) => path)).toContain('manifest-1.json');
  });

  it('is not followed out of', async () => {
    const folder = copy();
    symlinkSync('/etc/passwd', join(folder, 'passwd'));
    symlinkSync('/', join(folder, 'captures', 'root'));
    rmSync(join(folder, 'captures/i-0abc.json'));
    symlinkSync(join(original, 'captures/i-0abc.json'), join(folder, 'captures/i-0abc.json'));
    mkdirSync(join(folder, 'empty'));
    spawnSync('mkfifo', [join(folder, 'pipe')]);
    const { status, findings } = await verifyJson(folder);
    expect(status).toBe(1);
    expect(new Map(findings.map(({ path, problem }) => [path, problem]))).toEqual(
      new Map([
        ['passwd', 'is a link: it was not followed'],
        ['captures/root', 'is a link: it was not followed'],
        ['captures/i-0abc.json', 'is a link: it was not followed'],
        ['empty', 'is an empty folder'],
        ['pipe', 'is neither a file nor a folder'],
      ]),
    );
  });

  it('can not make the answer look otherwise', async () => {
    const folder = copy();
    writeFileSync(join(folder, 'x\n\nintact'), '');
    writeFileSync(join(folder, '\u202e\u001b[2J'), '');
    const ran = await firebreak('verify', folder);
    expect(ran.status).toBe(1);
    expect(ran.out).toContain('  - x\\u000a\\u000aintact: is in no manifest');
    expect(ran.out).toContain('  - \\u202e\\u001b[2J: is in no manifest');
    expect(ran.out).not.toMatch(/^intact$/m);
    expect((await verifyJson(folder)).findings).toHaveLength(2);
  });
});

describe('what is no evidence folder', () => {
  it.each<[string, () => string, RegExp]>([
    ['nowhere', () => join(FOLDER, 'nowhere'), /can't be read as a folder \(ENOENT\)/],
    ['a file', () => OURS_FILE, /can't be read as a folder \(ENOTDIR\)/],
    ['empty', () => mkdtempSync(join(FOLDER, 'empty-')), /holds no evidence/],
    ['something else', () => join(ROOT, 'docs'), /holds no evidence/],
  ])('ends with 2 and says what to do: %s', async (_, folder, message) => {
    const ran = await firebreak('verify', folder(), '--json');
    expect(ran.status).toBe(2);
    expect(problemsOf(ran)).toEqual([expect.stringMatching(message)]);
    expect(problemsOf(ran)[0]).toMatch(/name a folder with manifest-1.json in it/);
  });

  it('and a key that is none', async () => {
    const ran = await firebreak('verify', original, '--key', file('no-key.pem', 'x'));
    expect(ran).toMatchObject({ status: 2, out: '' });
    expect(ran.err).toContain('holds no public key in PEM');
    expect(await firebreak('verify', original, '--key', join(FOLDER, 'nowhere.pem'))).toMatchObject({
      status: 4,
      out: '',
    });
  });
});

/** Where one is missing, people check with something else, and so does nobody here. */
const HAS_TOOLS = ['openssl version', 'sha256sum --version', 'sh -c true'].every((line) => {
  const [command = '', ...args] = line.split(' ');
  return spawnSync(command, args).status === 0;
});

(HAS_TOOLS ? describe : describe.skip)('the commands of docs/evidence.md', () => {
  const document = readFileSync(join(ROOT, 'docs', 'evidence.md'), 'utf8');
  const blocks = [...document.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, block = '']) => block);
  const [fingerprint = '', ecdsa = '', rsa = '', ...rest] = blocks;

  function byHand(folder: string, script: string): string {
    const T = mkdtempSync(join(FOLDER, 'hand-'));
    const env = { PATH: process.env['PATH'] ?? '', LC_ALL: 'C', N: '2', T };
    const { stdout, stderr } = spawnSync('sh', ['-c', script], { cwd: folder, env, encoding: 'utf8' });
    return `${stdout}${stderr}`;
  }

  it('accept what is intact', async () => {
    expect(rest).toHaveLength(3);
    expect(byHand(original, fingerprint)).toBe(`${OURS.fingerprint}  -\n`);
    expect(byHand(original, ecdsa)).toBe('Verified OK\n');
    expect(byHand(original, rest.join('\n'))).toBe('files OK\nno others\nchain OK\n');
    const byRsa = await evidenceBy(newKey('RSASSA_PSS_SHA_256'));
    expect(byHand(byRsa, rsa)).toBe('Verified OK\n');
    expect((await verifyJson(byRsa)).findings).toEqual([]);
  });

  it('find what was changed', () => {
    const folder = copy();
    const inFile = (path: string, change: (text: string) => string) =>
      writeFileSync(join(folder, path), change(readFileSync(join(folder, path), 'utf8')));
    inFile('captures/i-0abc.json', (text) => text.replace('running', 'stopped'));
    inFile('custody-2.jsonl', (text) => text.replace('forensics@', 'somebody@'));
    writeFileSync(join(folder, '.hidden'), '');
    const said = byHand(folder, rest.join('\n'));
    expect(said).toContain('captures/i-0abc.json: FAILED');
    expect(said).toContain('custody-2.jsonl: FAILED');
    expect(said).toContain('> .hidden');
    expect(said).toMatch(/broken before: .*"seq":2/);
    expect(said).not.toMatch(/files OK|no others/);
    inFile('manifest-2.json', (text) => text.replace('"sequence":2', '"sequence":3'));
    expect(byHand(folder, ecdsa)).toMatch(/Verification failure/i);
  });
});
