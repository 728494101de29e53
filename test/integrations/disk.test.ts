/** The folder for files that are written once, and the key in a file, on a real disk. */
import { createHash, createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApplicationFailure } from '@temporalio/common';
import fc from 'fast-check';
import { createLedgerActivities } from '../../activities/ledger';
import { createDiskSigner } from '../../integrations/disk/signer';
import { createDiskVault } from '../../integrations/disk/vault';
import { THREE_AM } from '../support/incidents';

const ROOT = mkdtempSync(join(tmpdir(), 'firebreak-disk-'));
afterAll(() => rmSync(ROOT, { recursive: true, force: true }));

const PATH = 'sapphire-unicorn/ledger/000001.jsonl';
const bytes = (text: string) => Buffer.from(text);

function newVault() {
  const folder = mkdtempSync(join(ROOT, 'vault-'));
  return { folder, vault: createDiskVault(folder) };
}

async function failureOf(work: Promise<unknown>): Promise<ApplicationFailure> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ApplicationFailure))
    throw new Error(`the test expected a failure, not ${String(error)}`);
  expect(error.message).not.toMatch(/sapphire|firebreak-disk-|secret/);
  return error;
}

describe('the vault', () => {
  it('writes a file once, whole, for nobody to write to, and reads it', async () => {
    const { folder, vault } = newVault();
    expect(await vault.writeOnce(PATH, bytes('first'))).toEqual({
      path: PATH,
      bytes: 5,
      sha256: createHash('sha256').update('first').digest('hex'),
      existed: false,
    });
    expect(Buffer.from(await vault.read(PATH)).toString()).toBe('first');
    expect(statSync(join(folder, PATH)).mode & 0o777).toBe(0o440);
    expect(readdirSync(join(folder, '.unfinished'))).toEqual([]);
    expect(vault.holder).toMatch(new RegExp(`^folder ${folder} on `));
  });

  it('never changes what is there, and says what it is', async () => {
    const { folder, vault } = newVault();
    const first = await vault.writeOnce(PATH, bytes('first'));
    expect(await vault.writeOnce(PATH, bytes('second, and longer'))).toEqual({ ...first, existed: true });
    expect(readFileSync(join(folder, PATH), 'utf8')).toBe('first');
    expect(readdirSync(join(folder, '.unfinished'))).toEqual([]);
  });

  it('lets one of many win that write at the same moment', async () => {
    const { vault } = newVault();
    const contents = Array.from({ length: 12 }, (_, index) => `content ${index}`);
    const written = await Promise.all(contents.map((content) => vault.writeOnce(PATH, bytes(content))));
    expect(written.filter(({ existed }) => !existed)).toHaveLength(1);
    expect(new Set(written.map(({ sha256 }) => sha256)).size).toBe(1);
    const kept = Buffer.from(await vault.read(PATH));
    expect(createHash('sha256').update(kept).digest('hex')).toBe(written[0]?.sha256);
  });

  it('is not troubled by what was never finished', async () => {
    const { folder, vault } = newVault();
    mkdirSync(join(folder, '.unfinished'));
    writeFileSync(join(folder, '.unfinished', 'half'), 'fir');
    expect(await vault.writeOnce(PATH, bytes('first'))).toMatchObject({ existed: false });
  });

  it.each(['', 'none', 'no/such/file', 'sapphire-unicorn'])('has no file "%s"', async (path) => {
    const { vault } = newVault();
    await vault.writeOnce(PATH, bytes('first'));
    expect((await failureOf(vault.read(path))).type).toMatch(
      path === '' ? 'InvalidRequest' : /NotFound|Conflict/,
    );
  });

  const OUTSIDE = [
    '..',
    '../outside',
    'a/../../outside',
    './a',
    'a/./b',
    '/etc/passwd',
    'a//b',
    'a/',
    'a\0b',
    'a\\..\\b',
    'a/...',
    '.unfinished/x',
    'a\nb',
    'C:\\x',
    `${'a'.repeat(201)}`,
  ];

  it.each(OUTSIDE)('writes and reads nothing at %j', async (path) => {
    const { folder, vault } = newVault();
    expect(await failureOf(vault.writeOnce(path, bytes('x')))).toMatchObject({ type: 'InvalidRequest' });
    expect(await failureOf(vault.read(path))).toMatchObject({ type: 'InvalidRequest' });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('keeps any path within its folder', async () => {
    const { folder, vault } = newVault();
    const part = fc.constantFrom('..', '.', '', 'a', 'b', '%2E%2E', '/', '\\', '~', '…');
    await fc.assert(
      fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 5 }), async (parts) => {
        const before = readdirSync(ROOT).length;
        await vault.writeOnce(parts.join('/'), bytes('x')).catch(() => undefined);
        expect(readdirSync(ROOT)).toHaveLength(before);
      }),
      { numRuns: 100, seed: 1 },
    );
    expect(existsSync(folder)).toBe(true);
  });

  it('is not led out of its folder by a link', async () => {
    const { folder, vault } = newVault();
    const elsewhere = mkdtempSync(join(ROOT, 'elsewhere-'));
    writeFileSync(join(elsewhere, '000001.jsonl'), 'secret');
    mkdirSync(join(folder, 'sapphire-unicorn'));
    symlinkSync(elsewhere, join(folder, 'sapphire-unicorn', 'ledger'));
    expect((await failureOf(vault.writeOnce(PATH, bytes('x')))).type).toBe('InvalidRequest');
    expect((await failureOf(vault.read(PATH))).type).toBe('InvalidRequest');
    symlinkSync(join(elsewhere, '000001.jsonl'), join(folder, 'sapphire-unicorn', 'file'));
    expect((await failureOf(vault.read('sapphire-unicorn/file'))).type).toBe('Conflict');
    expect((await failureOf(vault.writeOnce('sapphire-unicorn/file', bytes('x')))).type).toBe('Conflict');
    expect(readFileSync(join(elsewhere, '000001.jsonl'), 'utf8')).toBe('secret');
  });

  it('is not made where it is not: the disk may not be mounted', async () => {
    const folder = join(ROOT, 'not-mounted');
    const vault = createDiskVault(folder);
    expect(await failureOf(vault.writeOnce(PATH, bytes('x')))).toMatchObject({
      type: 'Unavailable',
      nonRetryable: false,
    });
    expect(existsSync(folder)).toBe(false);
    writeFileSync(join(ROOT, 'a-file'), '');
    const file = createDiskVault(join(ROOT, 'a-file'));
    expect((await failureOf(file.writeOnce(PATH, bytes('x')))).type).toBe('Unavailable');
  });

  it('says so where a file is in the place of a folder', async () => {
    const { vault } = newVault();
    await vault.writeOnce('sapphire-unicorn', bytes('x'));
    expect((await failureOf(vault.writeOnce(PATH, bytes('x')))).type).toBe('Conflict');
  });
});

describe('the signer', () => {
  const key = (name: string, text: string | Buffer) => {
    const file = join(ROOT, name);
    writeFileSync(file, text);
    return file;
  };
  const pemOf = ({ privateKey }: { privateKey: ReturnType<typeof generateKeyPairSync>['privateKey'] }) =>
    privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

  it('signs so that its public key fits', async () => {
    const pair = generateKeyPairSync('ed25519');
    const signer = createDiskSigner(key('key.pem', pemOf(pair)));
    const pem = await signer.publicKey();
    expect(pem).toBe(pair.publicKey.export({ type: 'spki', format: 'pem' }));
    const { signature, algorithm } = await signer.sign(bytes('content'));
    expect(algorithm).toBe('ED25519_SHA_512');
    expect(verify(null, bytes('content'), createPublicKey(pem), signature)).toBe(true);
  });

  it.each<[string, () => string, string]>([
    ['no file', () => join(ROOT, 'nowhere.pem'), 'NotFound'],
    ['a folder', () => ROOT, 'Conflict'],
    ['no key', () => key('none.pem', 'secret'), 'Conflict'],
    [
      'a public key',
      () => {
        const { publicKey } = generateKeyPairSync('ed25519');
        return key('public.pem', publicKey.export({ type: 'spki', format: 'pem' }).toString());
      },
      'Conflict',
    ],
    [
      'a key of another kind',
      () => key('ec.pem', pemOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }))),
      'Conflict',
    ],
    [
      'a key with a passphrase',
      () => {
        const { privateKey } = generateKeyPairSync('ed25519');
        const locked = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' } as const;
        return key('locked.pem', privateKey.export(locked).toString());
      },
      'Conflict',
    ],
  ])('says what to do where there is %s', async (_, file, type) => {
    const signer = createDiskSigner(file());
    for (const failure of [await failureOf(signer.sign(bytes('x'))), await failureOf(signer.publicKey())]) {
      expect(failure.type).toBe(type);
      expect(failure.message).toMatch(/openssl genpkey|Give the worker/);
    }
  });
});

it('keeps a ledger', async () => {
  const { vault } = newVault();
  const { privateKey } = generateKeyPairSync('ed25519');
  const file = join(ROOT, 'ledger-key.pem');
  writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const { appendToLedger } = createLedgerActivities({ vault, signer: createDiskSigner(file), version: '1' });
  const input = {
    codename: 'sapphire-unicorn',
    entries: [{ seq: 1, at: THREE_AM, kind: 'declared', by: 'ic@example.com', text: 'declared' } as const],
    at: THREE_AM,
    closes: false,
  };
  const head = await appendToLedger(input);
  expect(await appendToLedger(input)).toEqual(head);
  expect(
    await appendToLedger({ ...input, previous: head, entries: [{ ...input.entries[0], seq: 2 } as never] }),
  ).toMatchObject({ batch: 2 });
});
