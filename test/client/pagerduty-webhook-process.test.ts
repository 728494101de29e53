/** PagerDuty's door as a process, from what the build made, with a Temporal that is not there. */
import type { ChildProcess } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { newKeyring } from '../../codec/keyring';
import { ROOT, until } from '../support/cli';
import { keyOf } from '../support/keys';
import { startProcess } from '../support/processes';
import { thorough } from '../support/thorough';

const MAIN = join(ROOT, 'dist', 'client', 'pagerduty-webhook', 'main.js');
const SECRET = 'the-secret-of-the-subscription';
const DOOR = keyOf('door');

let folder: string;
let running: ChildProcess[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'firebreak-webhook-'));
  running = [];
  write('keyring.yaml', newKeyring('test'));
  write('door', DOOR.privateKeyFile);
  enrol([`${DOOR.publicKey} of the door`]);
});
afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

const write = (name: string, content: string) => writeFileSync(join(folder, name), content, { mode: 0o600 });
const enrol = (keys: readonly string[]) =>
  write(
    'firebreak.yaml',
    stringify({ roster: [{ email: 'ic@example.com', pagerduty: 'P0IC' }], doors: { pagerduty: keys } }),
  );

function start(env: Record<string, string> = {}) {
  const started = startProcess(MAIN, {
    FIREBREAK_CONFIG: join(folder, 'firebreak.yaml'),
    FIREBREAK_KEYRING_FILE: join(folder, 'keyring.yaml'),
    FIREBREAK_PAGERDUTY_DOOR_KEY: join(folder, 'door'),
    FIREBREAK_PAGERDUTY_WEBHOOK_SECRET: SECRET,
    FIREBREAK_WEBHOOK_PORT: '0',
    TEMPORAL_ADDRESS: '127.0.0.1:1',
    ...env,
  });
  running.push(started.child);
  return started;
}

function post(port: string, secret: string): Promise<Response> {
  const body = JSON.stringify({
    event: {
      id: '01EVENT',
      event_type: 'incident.acknowledged',
      occurred_at: new Date().toISOString(),
      agent: { id: 'P0IC', type: 'user_reference' },
      data: { incident_key: 'sapphire-unicorn', title: 'sapphire-unicorn' },
    },
  });
  const signature = `v1=${createHmac('sha256', secret).update(body).digest('hex')}`;
  return fetch(`http://127.0.0.1:${port}/pagerduty`, {
    method: 'POST',
    headers: { 'x-pagerduty-signature': signature },
    body,
  });
}

test('takes what PagerDuty signed although Temporal is down, logs nothing of it, and ends in order', async () => {
  const door = start();
  const port = (await until(
    () => Promise.resolve(/listening at 127\.0\.0\.1, port (\d+)/.exec(door.out())?.[1]),
    (found) => found !== undefined,
  )) as string;
  const begun = Date.now();
  expect((await post(port, SECRET)).status).toBe(202);
  expect((await post(port, 'another-secret-than-that')).status).toBe(401);
  expect(Date.now() - begun).toBeLessThan(1_000);
  await until(
    () => Promise.resolve(door.out()),
    (out) => out.includes('Temporal does not answer'),
  );
  door.child.kill('SIGTERM');
  expect(await door.ended).toBe(0);
  expect(door.err()).toBe('');
  const logged = door
    .out()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, string>);
  for (const line of logged) expect(Object.keys(line)).toEqual(['time', 'level', 'message']);
  expect(logged.map(({ message = '' }) => message.split(':')[0]).sort()).toEqual([
    'POST /pagerduty 401',
    'Temporal does not answer',
    `listening at 127.0.0.1, port ${port}`,
  ]);
  for (const word of [SECRET, 'sapphire', 'ic@example.com', '01EVENT', 'P0IC'])
    expect(door.out()).not.toContain(word);
}, 30_000);

test('does not start where nothing that it signs would count, and says what to write where', async () => {
  enrol([keyOf('another').publicKey]);
  const door = start();
  expect(await door.ended).toBe(2);
  expect(door.err()).toContain(`doors.pagerduty: the key in ${join(folder, 'door')} is not among them`);
  expect(door.err()).toContain(`write "${DOOR.publicKey}" there`);
});

test('lists what is wrong with its keys at once, and quotes none', async () => {
  write('door', DOOR.privateKeyFile.slice(0, 200));
  write('keyring.yaml', 'current: x');
  const door = start();
  expect(await door.ended).toBe(2);
  expect(door.err()).toMatch(/^The configuration has problems:\n {2}- .*keyring/);
  expect(door.err()).toContain(join(folder, 'door'));
  expect(door.err()).not.toContain(DOOR.privateKeyFile.slice(60, 100));
  const nothing = start({ FIREBREAK_KEYRING_FILE: '', FIREBREAK_PAGERDUTY_WEBHOOK_SECRET: '' });
  expect(await nothing.ended).toBe(2);
  expect(nothing.err()).toContain('FIREBREAK_PAGERDUTY_WEBHOOK_SECRET');
  expect(nothing.err()).toContain('FIREBREAK_KEYRING_FILE');
});

thorough('says what to do where the port is taken', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as AddressInfo;
  const door = start({ FIREBREAK_WEBHOOK_PORT: String(port) });
  expect(await door.ended).toBe(2);
  await new Promise((resolve) => other.close(resolve));
  expect(door.err()).toContain(`port ${port} (EADDRINUSE)`);
});
