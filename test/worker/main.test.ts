/** The worker as a process, from what the build made. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createServer as createNetServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { stringify } from 'yaml';
import { checklistOf, declareIncident, timelineOf } from '../../client/incidents';
import { sealing } from '../../codec/data-converter';
import { newKeyring, readKeyring, type Keyring } from '../../codec/keyring';
import { failingOf } from '../../domain/containment';
import { EMPTY_SCOPE } from '../../domain/scope';
import { startTemporal, type TemporalServer } from '../../drill/processes';
import { ROOT, runProcess, until } from '../support/cli';
import { quietExample } from '../support/example';
import { keyOf } from '../support/keys';
import { signerOf } from '../support/signers';
import { someOf, thorough } from '../support/thorough';

const MAIN = join(ROOT, 'dist', 'worker', 'main.js');

/** Words that are nowhere but in the incident, or are secret. */
const CANARIES = {
  summary: 'kraken-summary-canary',
  service: 'leviathan-service-canary',
  address: '198.51.100.77',
  instance: 'i-0badcafe0badcafe0',
  finding: 'behemoth-finding-canary',
  pagerdutyToken: 'cerberus-token-canary',
  slackToken: 'xoxb-hydra-token-canary',
};

let folder: string;
let temporal: TemporalServer;
let vendor: Server;
let settings: Record<string, string>;
const SECURITY = 'security@example.com';
const RING = newKeyring('test');

function keyring(): Keyring {
  const read = readKeyring(RING);
  if (!read.ok) throw new Error(read.problems.join('; '));
  return read.keyring;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'firebreak-worker-'));
  // The worst vendor: it fails, and its answer holds all that it was asked.
  vendor = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => void (body += chunk.toString()));
    request.on('end', () => {
      const echo = `${request.url ?? ''} ${JSON.stringify(request.headers)} ${decodeURIComponent(body.replace(/%(?![0-9a-f]{2})/gi, ''))}`;
      response.writeHead(500, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ ok: false, error: { message: echo, code: 2_100, errors: [echo] } }));
    });
  });
  [temporal] = await Promise.all([
    startTemporal({ root: ROOT, folder }),
    new Promise<void>((resolve) => vendor.listen(0, '127.0.0.1', () => resolve())),
  ]);
  const url = `http://127.0.0.1:${(vendor.address() as AddressInfo).port}`;
  settings = {
    TEMPORAL_ADDRESS: temporal.address,
    FIREBREAK_CONFIG: configuration(),
    FIREBREAK_KEYRING: RING,
    PAGERDUTY_TOKEN: CANARIES.pagerdutyToken,
    SLACK_BOT_TOKEN: CANARIES.slackToken,
    FIREBREAK_PAGERDUTY_URL: url,
    FIREBREAK_SLACK_URL: url,
    AWS_ENDPOINT_URL: url,
    AWS_ACCESS_KEY_ID: 'AKIADRILLDRILLDRILL0',
    AWS_SECRET_ACCESS_KEY: 'drill',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}, 60_000);

afterAll(async () => {
  await temporal.stop();
  vendor.closeAllConnections();
  vendor.close();
  rmSync(folder, { recursive: true, force: true });
}, 30_000);

/** The example: what a declaration names is contained at once. Nothing begins by itself, and nothing leaves. */
function configuration(): string {
  const example = quietExample();
  const roster = example.roster.map((person) => ({ ...person, keys: [keyOf(person.email).publicKey] }));
  const path = join(folder, 'firebreak.yaml');
  writeFileSync(path, stringify({ ...example, roster, slack: { pace: '50 ms' } }));
  return path;
}

interface Worker {
  readonly child: ChildProcess;
  readonly health: string;
  out(): string;
  err(): string;
  /** Ends it by a signal, and tells its exit status. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

async function startWorker(more: Record<string, string> = {}): Promise<Worker> {
  const port = await freePort();
  const child = spawn(process.execPath, [MAIN], {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', ...settings, FIREBREAK_HEALTH_PORT: String(port), ...more },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => void (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => void (err += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const health = `http://127.0.0.1:${port}`;
  const isReady = () =>
    fetch(`${health}/health`).then(
      ({ ok }) => ok,
      () => false,
    );
  await until(isReady, (ready) => ready || child.exitCode !== null, 30_000);
  return {
    child,
    health,
    out: () => out,
    err: () => err,
    end: async (signal) => {
      child.kill(signal);
      const impatience = setTimeout(() => child.kill('SIGKILL'), 20_000);
      const status = await ended;
      clearTimeout(impatience);
      return status;
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createNetServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** Runs a worker that must not come up. */
const refuseToStart = (more: Record<string, string>, withinMs = 15_000) =>
  runProcess(MAIN, [], { ...settings, FIREBREAK_HEALTH_PORT: '0', ...more }, withinMs);

const NODE_WARNING =
  /^\(node:|NodeVersionSupport|AWS SDK|published after|require node|^To continue|and security|^More info|^\(Use `node|^\s*$/;
const told = (text: string) => text.split('\n').filter((line) => !NODE_WARNING.test(line));

describe('a worker that can not work', () => {
  it('lists all that is wrong with its configuration, and ends with 2', async () => {
    const bad = join(folder, 'bad.yaml');
    writeFileSync(bad, 'authority: whatever\nroster: []\nnonsense: 1\n');
    const { status, out, err } = await refuseToStart({
      FIREBREAK_CONFIG: bad,
      PAGERDUTY_TOKEN: '',
      FIREBREAK_SLACK_URL: 'nowhere',
      FIREBREAK_KEYRING: 'ring: canary-ring\nkeys: canary-keys\n',
    });
    expect(status).toBe(2);
    expect(out).toBe('');
    const [first, ...problems] = told(err);
    expect(first).toBe('The configuration has problems:');
    for (const path of ['authority: ', 'roster: ', 'bridge: ', 'pagerduty: ', 'aws: ', '"nonsense"'])
      expect(problems.filter((problem) => problem.startsWith(`  - ${bad}: `)).join('\n')).toContain(path);
    expect(problems).toContain('  - environment: PAGERDUTY_TOKEN: missing: a PagerDuty REST API key');
    expect(problems.join('\n')).toContain('environment: FIREBREAK_SLACK_URL: ');
    expect(problems.join('\n')).toContain('environment: FIREBREAK_KEYRING: ring: a secret is needed');
    expect(err).not.toContain('canary');
  });

  it('never runs without a keyring: nothing would be sealed', async () => {
    const { status, out, err } = await refuseToStart({ FIREBREAK_KEYRING: '' });
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(told(err)).toEqual([
      'The configuration has problems:',
      expect.stringContaining('environment: FIREBREAK_KEYRING_FILE: missing: '),
    ]);
  });

  it('says once that Temporal is not there, and ends', async () => {
    const { status, out, err } = await refuseToStart({ TEMPORAL_ADDRESS: '127.0.0.1:1' });
    expect(status).toBe(2);
    expect(out).toBe('');
    expect(told(err)).toEqual([
      "Temporal can't be reached at 127.0.0.1:1.",
      '  - start it, or set TEMPORAL_ADDRESS (and TEMPORAL_NAMESPACE, TEMPORAL_API_KEY) for another one',
    ]);
  });

  it.each<[string, Record<string, string>, RegExp]>(
    someOf<[string, Record<string, string>, RegExp]>(
      [
        [
          'no such namespace',
          { TEMPORAL_NAMESPACE: 'nowhere' },
          /does not take this worker.*\n.*namespace nowhere/,
        ],
        [
          'no such profile',
          { TEMPORAL_PROFILE: 'nowhere' },
          /settings for Temporal can't be used.*\n.*TEMPORAL_PROFILE/,
        ],
      ],
      1,
    ),
  )('says what to do where there is %s', async (_, more, message) => {
    const { status, err } = await refuseToStart(more, 30_000);
    expect(status).toBe(2);
    expect(told(err).join('\n')).toMatch(message);
    expect(err).not.toMatch(/^\s+at /m);
  });

  thorough('says what to do where its health port is taken', async () => {
    const port = String((vendor.address() as AddressInfo).port);
    const { status, err } = await refuseToStart({ FIREBREAK_HEALTH_PORT: port });
    expect(status).toBe(2);
    expect(told(err)[0]).toBe(`The health port ${port} can't be used.`);
    expect(told(err)[1]).toContain('FIREBREAK_HEALTH_PORT');
  });
});

describe('an idle worker', () => {
  let worker: Worker;
  beforeAll(async () => {
    worker = await startWorker();
  }, 40_000);
  afterAll(() => void worker.child.kill('SIGKILL'));

  it('says that it is healthy, and nothing else', async () => {
    const response = await fetch(`${worker.health}/health`);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ status: 'ok' });
  });

  it.each([
    ['GET', '/'],
    ['GET', '/health/'],
    ['GET', '/health?verbose=1'],
    ['GET', '/../../etc/passwd'],
    ['GET', '/metrics'],
    ['POST', '/health'],
    ['DELETE', '/health'],
  ])('has nothing to answer to %s %s', async (method, path) => {
    const response = await fetch(`${worker.health}${path}`, { method });
    expect(response.status).toBe(404);
    expect(await response.text()).toBe('');
  });

  it('says which vendor is not ready, and neither token nor answer', async () => {
    await until(
      () => Promise.resolve(worker.out()),
      (out) => /Slack is not ready/.test(out) && /AWS is not ready/.test(out),
    );
    expect(worker.out() + worker.err()).not.toContain('canary');
  });

  it('ends in order when it is told to', async () => {
    expect(await worker.end('SIGTERM')).toBe(0);
    expect(told(worker.err())).toEqual([]);
  });
});

describe('a worker whose every vendor fails', () => {
  let worker: Worker;
  let codename: string;
  let client: Client;
  let connection: Connection;

  beforeAll(async () => {
    worker = await startWorker();
    connection = await Connection.connect({ address: temporal.address });
    client = new Client({ connection, dataConverter: sealing(keyring(), 'throw') });
    ({ codename } = await declareIncident(
      client,
      {
        summary: CANARIES.summary,
        by: SECURITY,
        scope: {
          ...EMPTY_SCOPE,
          instances: [{ id: CANARIES.instance }],
          services: [CANARIES.service],
          addresses: [CANARIES.address],
        },
        finding: {
          id: CANARIES.finding,
          type: 'Backdoor:EC2/C&CActivity.B',
          title: CANARIES.finding,
          severity: 8,
        },
      },
      keyring(),
      signerOf(SECURITY),
    ));
    // Both have failed, and are being retried.
    await until(
      () => checklistOf(client, codename),
      ({ steps, containments }) =>
        steps.some(({ tasks }) =>
          tasks.some(({ id, state }) => id === 'pageCommander' && state === 'failed'),
        ) && containments.some((one) => failingOf(one).length > 0),
      30_000,
    );
  }, 80_000);

  afterAll(async () => {
    await connection.close();
    worker.child.kill('SIGKILL');
  });

  it('writes a line of JSON for each thing, and nothing else', () => {
    const lines = worker.out().trim().split('\n');
    expect(lines.length).toBeGreaterThan(3);
    for (const line of lines) {
      const { time, level, message, ...more } = JSON.parse(line) as Record<string, unknown>;
      expect(time).toMatch(/^\d{4}-\d\d-\d\dT/);
      expect(level).toMatch(/^(TRACE|DEBUG|INFO|WARN|ERROR)$/);
      expect(typeof message).toBe('string');
      for (const [name, value] of Object.entries(more)) {
        expect(['component', 'state', 'error', 'runId']).toContain(name);
        expect(value).toMatch(/^[\w-]+$/);
      }
    }
  });

  it('leads from work that failed to its run, and names no incident', async () => {
    const runs = worker
      .out()
      .trim()
      .split('\n')
      .flatMap((line) => (JSON.parse(line) as { runId?: string }).runId ?? []);
    const { runId } = await client.workflow.getHandle(codename).describe();
    expect(runs).toContain(runId);
    for (const part of codename.split('-')) expect(worker.out() + worker.err()).not.toContain(part);
  });

  it('writes no word of the incident, nobody’s address, and no secret', () => {
    const log = worker.out() + worker.err();
    expect(Object.entries(CANARIES).filter(([, canary]) => log.includes(canary))).toEqual([]);
    expect(log).not.toContain('canary');
    expect(log).not.toMatch(/[\w.-]+@[\w-]+\.\w+/);
    expect(log).not.toMatch(/^\s+at .*:\d+/m);
  });

  it('knows who declared it', async () => {
    const [declared] = await timelineOf(client, codename);
    expect(declared).toMatchObject({ by: SECURITY, proof: { key: keyOf(SECURITY).publicKey } });
  });

  it('answers garbage and clear text with a refusal, and goes on', async () => {
    const clear = new Client({ connection }).workflow.getHandle(codename);
    await clear.signal('decision', { decision: 'close', by: SECURITY, note: CANARIES.summary });
    await clear.signal('decision', new Uint8Array([0, 255, 1]), 'more');
    const refused = await until(
      async () => (await timelineOf(client, codename)).filter(({ kind }) => kind === 'refusal'),
      (entries) => entries.length > 0,
    );
    expect(refused[0]).toMatchObject({ by: 'unknown', reasons: [{ gate: 'messageIsSealed' }] });
    expect((await checklistOf(client, codename)).phase.name).toBe('assessing');
    expect(worker.out() + worker.err()).not.toContain('canary');
  });

  it('seals all that it says: who only reaches the server learns nothing', async () => {
    const { events = [] } = await client.workflow.getHandle(codename).fetchHistory();
    const history = Buffer.from(JSON.stringify(events, (_, one: unknown) => decoded(one))).toString();
    expect(history).toContain(codename);
    for (const word of [CANARIES.service, CANARIES.instance, CANARIES.finding, SECURITY])
      expect([word, history.includes(word)]).toEqual([word, false]);
  });

  it('ends in order all the same', async () => {
    expect(await worker.end('SIGTERM')).toBe(0);
  }, 40_000);
});

/** Bytes as the text that they may hold. */
function decoded(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1');
  // Buffers come here as JSON already.
  const { type, data } = (value ?? {}) as { type?: unknown; data?: unknown };
  return type === 'Buffer' && Array.isArray(data) ? Buffer.from(data as number[]).toString('latin1') : value;
}
