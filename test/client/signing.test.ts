/** Signing with real keys, OpenSSH's own tools on the other side: what they sign holds here, what we sign holds there. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { armorOf, readArmor } from '../../client/signing/armor';
import { NODE_CRYPTO } from '../../client/signing/crypto';
import { loadSigner, type Signer } from '../../client/signing/signer';
import { fingerprintOf, problemOfProof } from '../../domain/trust/check';
import { NAMESPACES } from '../../domain/trust/proof';
import { CRYPTO } from '../../workflows/crypto';
import { keyOf, tokenOf } from '../support/keys';
import { IC, SECURITY, THREE_AM } from '../support/incidents';

const hasTools = ['ssh-keygen', 'ssh-agent', 'ssh-add'].every(
  (tool) => spawnSync(tool, ['-?'], { stdio: 'ignore' }).error === undefined,
);
if (!hasTools) console.warn('OpenSSH is not on this machine: nothing is compared with it.');
const withTools = hasTools ? describe : describe.skip;

const NAMESPACE = NAMESPACES.decision;
const TEXT = '{"by":"ic@example.com","decision":"completeTask","note":"ünïcode, 🦄 and\\nlines"}';

const folder = mkdtempSync(join(tmpdir(), 'firebreak-signing-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
/** A new file, of mode 600 unless it says otherwise. */
function file(content: string, mode = 0o600, name = `file-${(files += 1)}`): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  chmodSync(path, mode);
  return path;
}

function run(tool: string, args: readonly string[], input = '', env: Record<string, string> = {}) {
  return spawnSync(tool, args, { input, encoding: 'utf8', env: { ...process.env, ...env } });
}

/** Whether a signature holds here, by both cryptographies. */
function holds(publicKey: string, signature: string, text = TEXT): boolean {
  const problems = [CRYPTO, NODE_CRYPTO].map((crypto) =>
    problemOfProof({
      proof: { key: publicKey, signature, nonce: 'n'.repeat(16), at: THREE_AM },
      namespace: NAMESPACE,
      statement: text,
      keys: [publicKey],
      at: THREE_AM,
      crypto,
    }),
  );
  return problems.every((problem) => problem === undefined);
}

/** Whether `ssh-keygen -Y verify` says that it holds. */
function holdsThere(publicKey: string, signature: string, text = TEXT, namespace: string = NAMESPACE) {
  const signers = file(`${IC} ${publicKey}\n`);
  const armored = file(armorOf(signature));
  const args = ['-Y', 'verify', '-f', signers, '-I', IC, '-n', namespace, '-s', armored];
  return run('ssh-keygen', args, text).status === 0;
}

/** A new key of ssh-keygen: its path, and its public half without the comment. */
function newKey({ type = 'ed25519', passphrase = '' } = {}): { path: string; publicKey: string } {
  const path = join(folder, `key-${(files += 1)}`);
  const made = run('ssh-keygen', ['-q', '-t', type, '-N', passphrase, '-C', 'a comment', '-f', path]);
  if (made.status !== 0) throw new Error(made.stderr);
  return { path, publicKey: readFileSync(`${path}.pub`, 'utf8').split(' ').slice(0, 2).join(' ') };
}

const problemsOf = async (loading: Promise<Signer>) =>
  loading.then(
    () => 'no problem',
    (error: Error) => `${error.name}: ${error.message}`,
  );

describe('a file', () => {
  const own = keyOf(IC);

  test("of OpenSSH signs, and so does the same key in PKCS#8's form", async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const pem = await loadSigner({
      keyFile: file(privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()),
    });
    expect(holds(pem.publicKey, await pem.sign(NAMESPACE, TEXT))).toBe(true);
    const point = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
    expect(Buffer.from(pem.publicKey.split(' ')[1] ?? '', 'base64').subarray(-32)).toEqual(point);
    const openssh = await loadSigner({ keyFile: file(own.privateKeyFile) });
    expect(openssh.publicKey).toBe(own.publicKey);
    // Ed25519 has no chance in it: the same text, the same signature.
    expect(await openssh.sign(NAMESPACE, TEXT)).toBe(own.sign(NAMESPACE, TEXT));
  });

  test('with lines that end as on Windows signs too', async () => {
    const signer = await loadSigner({ keyFile: file(own.privateKeyFile.replaceAll('\n', '\r\n')) });
    expect(signer.publicKey).toBe(own.publicKey);
  });

  test.each(['640', '604', '620', '602', '666'])('of mode %s is not used', async (mode) => {
    const keyFile = file(own.privateKeyFile, Number.parseInt(mode, 8));
    const problem = await problemsOf(loadSigner({ keyFile }));
    expect(problem).toMatch(/^InvalidInput: .*others can read .* Run: chmod 600 /);
    chmodSync(keyFile, 0o400);
    expect((await loadSigner({ keyFile })).publicKey).toBe(own.publicKey);
  });

  test('that is not there, or no key, says so and nothing of what it holds', async () => {
    const missing = await problemsOf(loadSigner({ keyFile: join(folder, 'nothing') }));
    expect(missing).toMatch(/^FileUnreadable: .*name a file that holds the SSH key/);
    for (const content of ['', 'hunter2', '-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----'])
      expect(await problemsOf(loadSigner({ keyFile: file(content) }))).toMatch(
        /^InvalidInput: (?!.*hunter2).*(is needed|damaged)/,
      );
    const large = file('x'.repeat(70_000));
    expect(await problemsOf(loadSigner({ keyFile: large }))).toMatch(/too large/);
  });

  test('of another kind of key is refused with how to make one', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
    expect(await problemsOf(loadSigner({ keyFile: file(pem) }))).toMatch(/ssh-keygen -t ed25519/);
  });

  test('with any byte changed signs nothing but under its own key', async () => {
    const [first = '', ...rest] = own.privateKeyFile.split('\n');
    const last = rest.splice(-2).join('\n');
    const bytes = Buffer.from(rest.join(''), 'base64');
    let refused = 0;
    for (let at = 0; at < bytes.length; at += 1) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      const keyFile = file(`${first}\n${changed.toString('base64')}\n${last}`, 0o600, 'changed');
      const signer = await loadSigner({ keyFile }).catch(() => undefined);
      if (!signer) refused += 1;
      // What is left is the comment.
      else expect(holds(own.publicKey, await signer.sign(NAMESPACE, TEXT))).toBe(true);
    }
    expect(refused).toBe(bytes.length - IC.length);
  });

  test('cut off anywhere is refused', async () => {
    for (let length = 0; length < own.privateKeyFile.length - 2; length += 7) {
      const keyFile = file(own.privateKeyFile.slice(0, length), 0o600, 'cut');
      expect(await problemsOf(loadSigner({ keyFile }))).toMatch(/^InvalidInput/);
    }
  });
});

test('without a key anywhere it says where it looked, and how to make one', async () => {
  const home = mkdtempSync(join(folder, 'home-'));
  const problem = await problemsOf(loadSigner({ home }));
  expect(problem).toMatch(/id_ed25519: can't be read/);
  expect(problem).toMatch(/SSH_AUTH_SOCK: not set/);
  expect(problem).toMatch(/FIREBREAK_KEY.*ssh-keygen -t ed25519.*firebreak keys enrol/);
});

test('without a name, ~/.ssh/id_ed25519 signs', async () => {
  const home = mkdtempSync(join(folder, 'home-'));
  mkdirSync(join(home, '.ssh'));
  writeFileSync(join(home, '.ssh', 'id_ed25519'), keyOf(IC).privateKeyFile, { mode: 0o600 });
  const signer = await loadSigner({ home, keyFile: '', agentSocket: '' });
  expect(signer.publicKey).toBe(keyOf(IC).publicKey);
});

test('a signature in a file is read whole or not at all', () => {
  const signature = keyOf(IC).sign(NAMESPACE, TEXT);
  expect(readArmor(armorOf(signature))).toBe(signature);
  expect(readArmor(armorOf(signature).replaceAll('\n', '\r\n'))).toBe(signature);
  for (const text of ['', signature, `${armorOf(signature)}x`, armorOf(signature) + armorOf(signature)])
    expect(readArmor(text)).toBeUndefined();
});

withTools('ssh-keygen', () => {
  test('reads the private key of a test person', () => {
    const read = run('ssh-keygen', ['-y', '-f', file(keyOf(IC).privateKeyFile)]);
    expect(read.stdout.trim()).toBe(`${keyOf(IC).publicKey} ${IC}`);
  });

  test.each(['sha512', 'sha256'])('signs with %s, and it holds here', (hash) => {
    const { path, publicKey } = newKey();
    const args = ['-Y', 'sign', '-n', NAMESPACE, '-O', `hashalg=${hash}`, '-f', path];
    const signature = readArmor(run('ssh-keygen', args, TEXT).stdout) ?? '';
    expect(holds(publicKey, signature)).toBe(true);
    expect(holds(publicKey, signature, `${TEXT}\n`)).toBe(false);
  });

  test('finds that ours hold: of a file, and of a token', async () => {
    const { path, publicKey } = newKey();
    const signer = await loadSigner({ keyFile: path });
    expect(signer.publicKey).toBe(publicKey);
    const signature = await signer.sign(NAMESPACE, TEXT);
    expect(holdsThere(publicKey, signature)).toBe(true);
    expect(holdsThere(publicKey, signature, `${TEXT} `)).toBe(false);
    expect(holdsThere(publicKey, signature, TEXT, NAMESPACES.token)).toBe(false);
    const token = tokenOf(IC);
    for (const flags of [0x01, 0x05])
      expect(holdsThere(token.publicKey, token.sign(NAMESPACE, TEXT, { flags }))).toBe(true);
  });

  test('prints the same fingerprints', () => {
    for (const { publicKey } of [keyOf(IC), tokenOf(IC)]) {
      const printed = run('ssh-keygen', ['-l', '-f', file(`${publicKey} c\n`)]).stdout;
      expect(printed).toContain(` ${fingerprintOf(publicKey, CRYPTO)} `);
    }
  });

  test('made an encrypted key, which is not used without the agent', async () => {
    const { path } = newKey({ passphrase: 'a passphrase' });
    expect(await problemsOf(loadSigner({ keyFile: path }))).toBe(
      `InvalidInput: ${path}: is encrypted, and this key is in no SSH agent, as SSH_AUTH_SOCK is not set. Run: ssh-add ${path}; then try again`,
    );
  });

  test('made a key of another kind, which is refused', async () => {
    const { path } = newKey({ type: 'ecdsa' });
    for (const keyFile of [path, `${path}.pub`])
      expect(await problemsOf(loadSigner({ keyFile }))).toMatch(/ssh-keygen -t ed25519/);
  });
});

withTools('ssh-agent', () => {
  let agent: ChildProcess;
  // Not in `folder`: a socket's path is short.
  const place = mkdtempSync(join(tmpdir(), 'fb-'));
  const agentSocket = join(place, 'a');
  const env = { SSH_AUTH_SOCK: agentSocket };
  const add = (path: string, more: Record<string, string> = {}) => {
    const added = run('ssh-add', ['-q', path], '', { ...env, ...more });
    if (added.status !== 0) throw new Error(added.stderr);
  };

  beforeAll(async () => {
    agent = spawn('ssh-agent', ['-D', '-a', agentSocket], { stdio: 'ignore' });
    for (let tries = 0; !existsSync(agentSocket) && tries < 200; tries += 1)
      await new Promise((resolve) => setTimeout(resolve, 20));
  });
  afterAll(() => {
    agent.kill();
    rmSync(place, { recursive: true, force: true });
  });
  beforeEach(() => void run('ssh-add', ['-q', '-D'], '', env));

  test('signs for a public key that it holds, and it holds here and there', async () => {
    const { path, publicKey } = newKey();
    add(path);
    const signer = await loadSigner({ keyFile: `${path}.pub`, agentSocket });
    expect(signer.publicKey).toBe(publicKey);
    const signature = await signer.sign(NAMESPACE, TEXT);
    expect(holds(publicKey, signature)).toBe(true);
    expect(holdsThere(publicKey, signature)).toBe(true);
  });

  test('signs for an encrypted file, once it was added', async () => {
    const { path, publicKey } = newKey({ passphrase: 'a passphrase' });
    expect(await problemsOf(loadSigner({ keyFile: path, agentSocket }))).toBe(
      `InvalidInput: ${path}: is encrypted, and this key is not in the SSH agent. Run: ssh-add ${path}; then try again`,
    );
    const askpass = file('#!/bin/sh\necho "a passphrase"\n', 0o700);
    add(path, { SSH_ASKPASS: askpass, SSH_ASKPASS_REQUIRE: 'force' });
    const signer = await loadSigner({ keyFile: path, agentSocket });
    expect(holds(publicKey, await signer.sign(NAMESPACE, TEXT))).toBe(true);
  });

  test('with one key signs by itself; other kinds do not count; with two it asks which', async () => {
    add(newKey({ type: 'ecdsa' }).path);
    expect(await problemsOf(loadSigner({ agentSocket }))).toMatch(/holds no Ed25519 key.*ssh-add FILE/);
    const { path, publicKey } = newKey();
    add(path);
    const home = mkdtempSync(join(folder, 'home-'));
    expect((await loadSigner({ agentSocket, home })).publicKey).toBe(publicKey);
    const other = newKey();
    add(other.path);
    const problem = await problemsOf(loadSigner({ agentSocket }));
    for (const one of [publicKey, other.publicKey])
      expect(problem).toContain(fingerprintOf(one, NODE_CRYPTO));
    expect(problem).toMatch(/holds 2 keys .*name the file .*FIREBREAK_KEY/);
  });

  test('without the key that was named says how to add it', async () => {
    const problem = await problemsOf(
      loadSigner({ keyFile: file(`${keyOf(SECURITY).publicKey} work\n`, 0o644), agentSocket }),
    );
    expect(problem).toMatch(/private half is not in the SSH agent\. Run: ssh-add FILE/);
  });

  test('that is locked refuses, and says what to do', async () => {
    const { path } = newKey();
    add(path);
    const signer = await loadSigner({ keyFile: `${path}.pub`, agentSocket });
    run('ssh-add', ['-q', '-D'], '', env);
    await expect(signer.sign(NAMESPACE, TEXT)).rejects.toThrow(/refused to sign.*then try again/);
  });
});
