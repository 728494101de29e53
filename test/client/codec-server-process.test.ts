/** The codec server as a process, from what the build made. */
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { CODEC_SERVER_AUDIENCE } from '../../client/codec-server/audience';
import { createToken } from '../../client/signing/token';
import { newKeyring } from '../../codec/keyring';
import { ROOT, until } from '../support/cli';
import { keyOf } from '../support/keys';
import { startProcess } from '../support/processes';

const MAIN = join(ROOT, 'dist', 'client', 'codec-server', 'main.js');
const IC = 'ic@example.com';
const CANARY = 'kraken-content-canary';

let folder: string;
let running: ChildProcess[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'firebreak-codec-'));
  running = [];
  write('keyring.yaml', newKeyring('test'));
  enrol([{ email: IC, keys: [keyOf(IC).publicKey] }]);
});
afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

const write = (name: string, content: string) => writeFileSync(join(folder, name), content);
const enrol = (roster: unknown) => write('firebreak.yaml', stringify({ roster }));

function start(env: Record<string, string>) {
  const started = startProcess(MAIN, {
    FIREBREAK_CONFIG: join(folder, 'firebreak.yaml'),
    FIREBREAK_KEYRING_FILE: join(folder, 'keyring.yaml'),
    FIREBREAK_CODEC_PORT: '0',
    ...env,
  });
  running.push(started.child);
  return started;
}

type Running = ReturnType<typeof start>;

async function urlOf({ out }: Running): Promise<string> {
  const listening = /listening at (http:[^"]*)/;
  const said = await until(
    () => Promise.resolve(listening.exec(out())?.[1]),
    (url) => url !== undefined,
  );
  return said as string;
}

async function decode(url: string): Promise<number> {
  const key = keyOf(IC);
  const signer = {
    publicKey: key.publicKey,
    sign: async (namespace: string, text: string) => key.sign(namespace, text),
  };
  const at = Date.now();
  const claims = { by: IC, audience: CODEC_SERVER_AUDIENCE, at, expiresAt: at + 60_000 };
  const token = await createToken(signer, { ...claims, nonce: 'n'.repeat(22) });
  const response = await fetch(`${url}/decode`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-namespace': 'default',
      authorization: `Bearer ${token}`,
    },
    body: JSON.stringify({ payloads: [{ data: Buffer.from(CANARY).toString('base64') }] }),
  });
  return response.status;
}

test('serves, reads the roster anew, logs lines without contents, and ends in order on SIGTERM', async () => {
  const server = start({});
  const url = await urlOf(server);
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(await decode(url)).toBe(200);
  enrol([{ email: IC }]);
  expect(await decode(url)).toBe(401);
  server.child.kill('SIGTERM');
  expect(await server.ended).toBe(0);
  expect(server.err()).toBe('');
  const lines = server.out().trimEnd().split('\n');
  const logged = lines.map((line) => JSON.parse(line) as Record<string, string>);
  expect(logged.map(({ message }) => message)).toEqual([
    `listening at ${url}`,
    'POST /decode 200, 1 payload',
    'POST /decode 401',
  ]);
  for (const line of logged) expect(Object.keys(line)).toEqual(['time', 'level', 'message']);
});

test('says when nobody can sign in', async () => {
  enrol([{ email: IC }]);
  const server = start({});
  await urlOf(server);
  await until(
    () => Promise.resolve(server.out()),
    (out) => out.includes('firebreak keys enrol'),
  );
});

test('lists everything that is wrong, quotes no secret, and ends with 2', async () => {
  const ring = readFileSync(join(folder, 'keyring.yaml'), 'utf8');
  write('keyring.yaml', ring.replace('current:', 'currant:'));
  const server = start({ FIREBREAK_CODEC_HOST: '0.0.0.0', FIREBREAK_CODEC_ORIGINS: '*' });
  expect(await server.ended).toBe(2);
  expect(server.err()).toMatch(/^The configuration has problems:\n {2}- /);
  expect(server.err()).toContain('FIREBREAK_CODEC_ORIGINS');
  for (const secret of ring.match(/[A-Za-z0-9+/]{40,}=*/g) ?? []) expect(server.err()).not.toContain(secret);
});

test('says what to do where the port is taken, or the certificate is none', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as AddressInfo;
  write('pem', CANARY);
  const pem = join(folder, 'pem');
  const taken = start({ FIREBREAK_CODEC_PORT: String(port) });
  const wrong = start({ FIREBREAK_CODEC_TLS_CERT: pem, FIREBREAK_CODEC_TLS_KEY: pem });
  expect(await Promise.all([taken.ended, wrong.ended])).toEqual([2, 2]);
  await new Promise((resolve) => other.close(resolve));
  expect(taken.err()).toContain(`port ${port} (EADDRINUSE)`);
  expect(wrong.err()).toContain('belong together');
  expect(wrong.err()).not.toContain(CANARY);
});
