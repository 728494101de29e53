/**
 * Checks docker-compose.yml, the Dockerfile and their scripts without a Docker engine. Each rule is a function
 * that lists what breaks it, and is tried on a broken copy as well: a rule that finds nothing anywhere is no rule.
 */
import { execFile, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { parse } from 'yaml';
import { readCodecServerConfig } from '../client/codec-server/config';
import { readWebhookConfig } from '../client/pagerduty-webhook/config';
import { newKeyring } from '../codec/keyring';
import { keyOf } from './support/keys';

interface Service {
  image?: string;
  build?: unknown;
  command?: string[];
  environment?: Record<string, string | null>;
  ports?: (string | { host_ip?: string })[];
  volumes?: string[];
  profiles?: string[];
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: { test: string[]; disable?: boolean };
  networks?: string[];
  secrets?: string[];
  read_only?: boolean;
  tmpfs?: string[];
  cap_drop?: string[];
  cap_add?: string[];
  privileged?: boolean;
  user?: string;
  security_opt?: string[];
}
interface Compose {
  services: Record<string, Service>;
  networks?: Record<string, { internal?: boolean } | null>;
  secrets?: Record<string, { file?: string }>;
}

const root = join(__dirname, '..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const parseCompose = (text: string) => parse(text, { merge: true }) as Compose;

const composeText = read('docker-compose.yml');
const compose = parseCompose(composeText);
const envExample = read('.env.example');
const dockerfile = read('Dockerfile');

/** A copy of `text` with one passage replaced; fails when the passage is not there, so that no sabotage misses. */
function sabotaged(text: string, passage: string, replacement: string): string {
  if (!text.includes(passage)) throw new Error(`There is no ${JSON.stringify(passage)} to replace.`);
  return text.replaceAll(passage, replacement);
}

const broken = (passage: string, replacement: string) =>
  parseCompose(sabotaged(composeText, passage, replacement));

function fileIsMissing(path: string): never {
  throw new Error(`There is no ${path}.`);
}

// --- Rules ---------------------------------------------------------------------------------------------------

function portsOpenToOthers({ services }: Compose): string[] {
  return Object.entries(services).flatMap(([name, { ports = [] }]) =>
    ports
      .filter((port) =>
        typeof port === 'string' ? !/^127\.0\.0\.1:\d+:\d+$/.test(port) : port.host_ip !== '127.0.0.1',
      )
      .map((port) => `${name}: ${JSON.stringify(port)}`),
  );
}

/** A version is a tag that begins with a digit: neither nothing, nor `latest`, nor a variable. */
const isPinned = (image: string) => /^[a-z0-9./-]+:\d[\w.-]*$/.test(image);

function unpinnedImages({ services }: Compose): string[] {
  return Object.entries(services)
    .filter(([, { image }]) => image === undefined || !isPinned(image))
    .map(([name, { image }]) => `${name}: ${image ?? 'no image'}`);
}

const isSecret = (variable: string) =>
  /(PASSWORD|PWD|TOKEN|SECRET|API_KEY|ACCESS_KEY|KEY_DATA)/.test(variable);

/** A switch is no secret, whatever it is about. */
const isSwitch = (value: string) => /^(true|false|yes|no)$/.test(value);

/** A secret is handed on from .env, by its bare name or as a reference without a default. */
function secretsInComposeFile(file: Compose): string[] {
  const literal = Object.entries(file.services).flatMap(([name, { environment = {} }]) =>
    Object.entries(environment)
      .filter(
        ([key, value]) =>
          isSecret(key) && value !== null && !isSwitch(value) && !/^\$\{[A-Z_]+(:\?[^}]*)?\}$/.test(value),
      )
      .map(([key]) => `${name}: ${key}`),
  );
  const inAddresses = JSON.stringify(file).match(/:\/\/[^/\s"]*:[^/\s"]*@/g) ?? [];
  return [...literal, ...inAddresses];
}

function variablesUsed(file: Compose): Set<string> {
  const references = JSON.stringify(file).matchAll(/\$\{?([A-Z][A-Z0-9_]*)/g);
  const handedOn = Object.values(file.services).flatMap(({ environment = {} }) =>
    Object.keys(environment).filter((key) => environment[key] === null),
  );
  return new Set([...[...references].map(([, name]) => name as string), ...handedOn]);
}

interface Assignment {
  name: string;
  value: string;
  active: boolean;
}
function assignments(env: string): Assignment[] {
  return [...env.matchAll(/^(# )?([A-Z][A-Z0-9_]*)=(.*)$/gm)].map(([, comment, name, value]) => ({
    name: name as string,
    value: value as string,
    active: comment === undefined,
  }));
}

const missingFrom = (names: Iterable<string>, others: Set<string>) =>
  [...names].filter((name) => !others.has(name)).sort();
const undocumentedVariables = (file: Compose, env: string) =>
  missingFrom(variablesUsed(file), new Set(assignments(env).map(({ name }) => name)));
/** Read by Compose itself. */
const OF_COMPOSE = new Set(['COMPOSE_PROFILES']);

const unusedVariables = (file: Compose, env: string) =>
  missingFrom(
    assignments(env)
      .map(({ name }) => name)
      .filter((name) => !OF_COMPOSE.has(name)),
    variablesUsed(file),
  );

/** Where the worker may write besides /tmp: the ledger, for a company that keeps it on this machine. */
const WRITABLE = ['ledger:/var/lib/firebreak/ledger'];

/** What holds for everything that runs Firebreak's own code. */
function weaknessesOf(service: Service, writable: readonly string[]): Record<string, boolean> {
  const { healthcheck, volumes = [], networks } = service;
  return {
    'has no health check':
      healthcheck === undefined || healthcheck.disable === true || healthcheck.test[0] === 'NONE',
    'can write to its root filesystem': service.read_only !== true,
    'has no /tmp': !service.tmpfs?.includes('/tmp'),
    'keeps capabilities':
      !service.cap_drop?.includes('ALL') || service.cap_add !== undefined || service.privileged === true,
    'can gain privileges': !service.security_opt?.includes('no-new-privileges:true'),
    'can write to what is mounted': volumes.some(
      (volume) => !volume.endsWith(':ro') && !writable.includes(volume),
    ),
    'reaches the database': networks?.includes('database') ?? true,
    'overrides the user': service.user !== undefined,
  };
}

const found = (weaknesses: Record<string, boolean>) =>
  Object.entries(weaknesses)
    .filter(([, isThere]) => isThere)
    .map(([weakness]) => weakness);

function workerWeaknesses({ services }: Compose): string[] {
  const worker = services['worker'];
  if (worker === undefined) return ['there is no worker'];
  return found({
    ...weaknessesOf(worker, WRITABLE),
    'does not wait for the namespace':
      worker.depends_on?.['namespace']?.condition !== 'service_completed_successfully',
    'has no keyring': !worker.secrets?.includes('keyring'),
  });
}

/** The codec server holds the keys and nothing else, and only this machine's loopback leads to it. */
function codecServerWeaknesses({ services, networks }: Compose): string[] {
  const codec = services['codec'];
  if (codec === undefined) return ['there is no codec server'];
  const { environment = {}, ports = [] } = codec;
  const others = Object.entries(services).filter(([name]) => name !== 'codec');
  const handedOn = Object.keys(environment).filter((name) => environment[name] === null);
  const vouches = environment['FIREBREAK_CODEC_BEHIND_LOOPBACK'] === 'yes';
  return found({
    ...weaknessesOf(codec, []),
    'has another image than the worker': codec.image !== services['worker']?.image,
    'has no keyring': codec.secrets?.join() !== 'keyring',
    'is given secrets of others': handedOn.length > 0,
    'vouches for a way that leads past loopback':
      vouches && (ports.length !== 1 || ports[0] !== '127.0.0.1:8082:8082'),
    'is reached by another service': others.some(([, other]) =>
      (other.networks ?? []).some((network) => codec.networks?.includes(network)),
    ),
    'can not publish its port': networks?.['codec']?.internal === true,
  });
}

/** What each service must find done before it starts. */
const ORDER = [
  ['schema', 'postgres', 'service_healthy'],
  ['temporal', 'schema', 'service_completed_successfully'],
  ['namespace', 'temporal', 'service_healthy'],
  ['ui', 'temporal', 'service_healthy'],
  ['worker', 'namespace', 'service_completed_successfully'],
] as const;

function outOfOrder({ services }: Compose): string[] {
  return ORDER.filter(([service, needed, condition]) => {
    const unchecked = condition === 'service_healthy' && services[needed]?.healthcheck === undefined;
    return services[service]?.depends_on?.[needed]?.condition !== condition || unchecked;
  }).map(([service, needed]) => `${service} before ${needed}`);
}

function dockerfileFaults(text: string): string[] {
  const instructions = text
    .replaceAll('\\\n', ' ')
    .split('\n')
    .filter((line) => /^[A-Z]+ /.test(line));
  const stages = new Set<string>();
  const images: string[] = [];
  for (const [, image, stage] of text.matchAll(/^FROM (\S+)(?: AS (\S+))?$/gm)) {
    if (image !== undefined && !stages.has(image)) images.push(image);
    if (stage !== undefined) stages.add(stage);
  }
  const lastStage = instructions.slice(instructions.findLastIndex((line) => line.startsWith('FROM ')));
  const user = lastStage
    .findLast((line) => line.startsWith('USER '))
    ?.slice(5)
    .trim();
  const faults = {
    'ends as root': user === undefined || /^(root|0)(:|$)/.test(user),
    'has an image without a version': images.length === 0 || !images.every(isPinned),
    'has an image without glibc': images.some((image) => image.includes('alpine')),
    'copies the whole folder': instructions.some((line) => /^(COPY|ADD) (--\S+ )*\.\/? /.test(line)),
    'has a secret in a layer': instructions.some((line) => /^(ARG|ENV) /.test(line) && isSecret(line)),
    'installs development packages into the runtime':
      !/npm ci --omit=dev/.test(text) || lastStage.some((line) => line.includes('npm ci')),
    'has no health check': !lastStage.some((line) => line.startsWith('HEALTHCHECK ')),
    // A new volume takes over whose the folder is that it covers.
    'has no folder for a ledger that its user can write to': !lastStage.some((line) =>
      /^RUN .*1000.* \/var\/lib\/firebreak\/ledger$/.test(line.trim()),
    ),
    'does not start the worker': !lastStage.includes('CMD ["node", "dist/worker/main.js"]'),
  };
  return Object.entries(faults)
    .filter(([, found]) => found)
    .map(([fault]) => fault);
}

/** What the Dockerfile copies from this folder, not from an earlier stage. */
const copiedFromHere = [...dockerfile.matchAll(/^COPY (?!--from)(.+)$/gm)].flatMap(([, paths]) =>
  (paths as string)
    .split(' ')
    .slice(0, -1)
    .map((path) => path.replace(/\/$/, '')),
);

// --- The compose file ----------------------------------------------------------------------------------------

describe('docker-compose.yml', () => {
  test('publishes every port on loopback only', () => {
    expect(portsOpenToOthers(compose)).toEqual([]);
    expect(portsOpenToOthers(broken("'127.0.0.1:8080:8080'", "'8080:8080'"))).toEqual(['ui: "8080:8080"']);
    expect(portsOpenToOthers(broken("'127.0.0.1:7233:7233'", "'0.0.0.0:7233:7233'"))).toHaveLength(1);
    expect(
      portsOpenToOthers(broken("- '127.0.0.1:8080:8080'", '- { target: 8080, published: 8080 }')),
    ).toHaveLength(1);
  });

  test('pins every image to a version', () => {
    expect(unpinnedImages(compose)).toEqual([]);
    expect(unpinnedImages(broken('temporalio/server:1.32.0', 'temporalio/server:latest'))).toHaveLength(1);
    expect(unpinnedImages(broken('temporalio/ui:2.54.1', 'temporalio/ui'))).toEqual(['ui: temporalio/ui']);
    expect(unpinnedImages(broken('postgres:16.14-bookworm', 'postgres:${PG:-16}'))).toHaveLength(1);
  });

  test('sets the database up with tools of the server’s own version', () => {
    const versionOf = (service: string) => compose.services[service]?.image?.split(':')[1];
    expect(versionOf('schema')).toBe(versionOf('temporal'));
    expect(versionOf('namespace')).toBe(versionOf('temporal'));
  });

  test('holds no password or token', () => {
    const password = '${POSTGRES_PASSWORD:?set POSTGRES_PASSWORD in .env}';
    expect(secretsInComposeFile(compose)).toEqual([]);
    expect(secretsInComposeFile(broken(password, 'temporal'))).toEqual([
      'postgres: POSTGRES_PASSWORD',
      'schema: SQL_PASSWORD',
      'temporal: POSTGRES_PWD',
    ]);
    expect(secretsInComposeFile(broken(password, '${POSTGRES_PASSWORD:-temporal}'))).toHaveLength(3);
    expect(secretsInComposeFile(broken('SLACK_BOT_TOKEN:', 'SLACK_BOT_TOKEN: xoxb-1'))).toEqual([
      'worker: SLACK_BOT_TOKEN',
      'slack: SLACK_BOT_TOKEN',
    ]);
    expect(
      secretsInComposeFile(broken('SQL_HOST: postgres', 'SQL_HOST: postgres://a:b@postgres')),
    ).toHaveLength(1);
  });

  test('starts each service after what it needs', () => {
    expect(outOfOrder(compose)).toEqual([]);
    expect(outOfOrder(broken('service_completed_successfully', 'service_started'))).toHaveLength(2);
    expect(outOfOrder(broken('healthcheck:', 'x-healthcheck:'))).toHaveLength(3);
  });

  test('runs the worker confined, and only once the namespace is there', () => {
    expect(workerWeaknesses(compose)).toEqual([]);
    expect(workerWeaknesses(broken('service_completed_successfully', 'service_started'))).toEqual([
      'does not wait for the namespace',
    ]);
    expect(workerWeaknesses(broken('  read_only: true\n', ''))).toEqual(['can write to its root filesystem']);
    expect(workerWeaknesses(broken("  tmpfs: ['/tmp']\n", ''))).toEqual(['has no /tmp']);
    expect(workerWeaknesses(broken('cap_drop: [ALL]', 'cap_drop: [NET_RAW]'))).toEqual([
      'keeps capabilities',
    ]);
    expect(workerWeaknesses(broken('  init: true', '  cap_add: [SYS_ADMIN]'))).toEqual([
      'keeps capabilities',
    ]);
    expect(workerWeaknesses(broken("security_opt: ['no-new-privileges:true']", 'labels: []'))).toEqual([
      'can gain privileges',
    ]);
    expect(workerWeaknesses(broken('firebreak.yaml:ro', 'firebreak.yaml'))).toEqual([
      'can write to what is mounted',
    ]);
    expect(
      workerWeaknesses(broken("test: ['CMD', 'node', '/app/docker/healthcheck.mjs']", 'test: [NONE]')),
    ).toEqual(['has no health check']);
    expect(workerWeaknesses(broken('secrets: [keyring, ledger-key]', 'secrets: [ledger-key]'))).toEqual([
      'has no keyring',
    ]);
  });

  test('lets the worker write to the ledger and to nothing else', () => {
    for (const volume of ['ledger:/var/lib/firebreak', 'ledger:/app', './:/var/lib/firebreak/ledger'])
      expect(workerWeaknesses(broken('ledger:/var/lib/firebreak/ledger', volume))).toEqual([
        'can write to what is mounted',
      ]);
  });

  test('runs the codec server confined, reached from loopback alone, with the keyring and no other secret', () => {
    expect(codecServerWeaknesses(compose)).toEqual([]);
    const weaknessesAfter = (passage: string, replacement: string) =>
      codecServerWeaknesses(broken(passage, replacement));
    expect(weaknessesAfter('  read_only: true\n', '')).toEqual(['can write to its root filesystem']);
    expect(weaknessesAfter('firebreak.yaml:ro', 'firebreak.yaml')).toEqual(['can write to what is mounted']);
    expect(weaknessesAfter('  codec:\n    <<: *firebreak', '  codec:\n    image: node:20')).toContain(
      'has another image than the worker',
    );
    expect(weaknessesAfter('secrets: [keyring]', 'secrets: [keyring, ledger-key]')).toEqual([
      'has no keyring',
    ]);
    expect(weaknessesAfter("FIREBREAK_CODEC_PORT: '8082'", 'SLACK_BOT_TOKEN:')).toEqual([
      'is given secrets of others',
    ]);
    for (const ports of ["'127.0.0.1:8082:8083'", "'0.0.0.0:8082:8082'", "'8082:8082'"])
      expect(weaknessesAfter("'127.0.0.1:8082:8082'", ports)).toEqual([
        'vouches for a way that leads past loopback',
      ]);
    expect(weaknessesAfter('networks: [codec]', 'networks: [frontend]')).toEqual([
      'is reached by another service',
    ]);
    expect(weaknessesAfter('networks: [frontend]', 'networks: [frontend, codec]')).toEqual([
      'is reached by another service',
    ]);
    expect(weaknessesAfter('  codec:\n\nvolumes:', '  codec: { internal: true }\n\nvolumes:')).toEqual([
      'can not publish its port',
    ]);
  });

  test('wires the Web UI to the codec server, with the cookie of its sign-in', () => {
    expect(compose.services['ui']?.environment).toMatchObject({
      TEMPORAL_CODEC_ENDPOINT: 'http://127.0.0.1:8082',
      TEMPORAL_CODEC_PASS_ACCESS_TOKEN: 'false',
      TEMPORAL_CODEC_INCLUDE_CREDENTIALS: 'true',
      TEMPORAL_CODEC_DEFAULT_ERROR_LINK: 'http://127.0.0.1:8082',
    });
  });

  test('the codec server takes the configuration that it is given', () => {
    const environment = compose.services['codec']?.environment as Record<string, string>;
    const files: Record<string, string> = {
      '/etc/firebreak/firebreak.yaml': read('firebreak.example.yaml'),
      '/run/secrets/keyring': newKeyring('test'),
    };
    const given = (changes: Record<string, string>) =>
      readCodecServerConfig({ ...environment, ...changes }, (path) => files[path] ?? fileIsMissing(path));
    expect(given({})).toMatchObject({ ok: true, config: { host: '0.0.0.0', port: 8082 } });
    expect(given({ FIREBREAK_CODEC_BEHIND_LOOPBACK: 'no' }).ok).toBe(false);
  });

  test.each(['slack', 'pagerduty'])(
    'runs the door %s confined, with its own key, where it is asked for',
    (name) => {
      const door = compose.services[name];
      const worker = compose.services['worker'];
      expect(door).toMatchObject({
        profiles: [name],
        image: worker?.image,
        read_only: true,
        cap_drop: ['ALL'],
        secrets: ['keyring', `${name}-door-key`],
        networks: ['frontend'],
      });
      expect(door?.volumes?.every((volume) => volume.endsWith(':ro'))).toBe(true);
      expect(Object.keys(door?.environment ?? {})).not.toEqual(
        expect.arrayContaining([expect.stringMatching(/^AWS_|^PAGERDUTY_TOKEN$|LEDGER/)]),
      );
    },
  );

  test('the door of PagerDuty takes the configuration that it is given', () => {
    const environment = compose.services['pagerduty']?.environment as Record<string, string>;
    const own = `doors: { pagerduty: ['${keyOf('pagerduty-door@example.com').publicKey}'] }`;
    const given = readWebhookConfig(
      { ...environment, FIREBREAK_PAGERDUTY_WEBHOOK_SECRET: 'a-secret-of-enough-characters' },
      (path) =>
        path === '/etc/firebreak/firebreak.yaml'
          ? `${read('firebreak.example.yaml')}\n${own}\n`
          : fileIsMissing(path),
    );
    expect(given).toMatchObject({
      ok: true,
      config: { host: '0.0.0.0', port: 8083, keyFile: '/run/secrets/pagerduty-door-key' },
    });
  });

  test('mounts secrets as files that .env names', () => {
    expect(Object.keys(compose.secrets ?? {}).sort()).toEqual([
      'keyring',
      'ledger-key',
      'pagerduty-door-key',
      'slack-door-key',
    ]);
    for (const { file } of Object.values(compose.secrets ?? {}))
      expect(file).toMatch(/^\$\{FIREBREAK_\w+_(FILE|KEY):-/);
    for (const { secrets = [], environment = {} } of Object.values(compose.services)) {
      const mounted = Object.values(environment).filter((value) => value?.startsWith('/run/secrets/'));
      expect(mounted.sort()).toEqual(secrets.map((name) => `/run/secrets/${name}`).sort());
    }
  });

  test('mounts only files that are there, beside the company’s own configuration', () => {
    const mounted = Object.values(compose.services)
      .flatMap(({ volumes = [] }) => volumes)
      .map((volume) => volume.split(':')[0] as string)
      .filter((source) => source.startsWith('./'));
    expect(mounted.length).toBeGreaterThan(0);
    expect(mounted.filter((source) => !existsSync(join(root, source)))).toEqual([]);
  });

  test('the dynamic configuration gives every setting a list of values', () => {
    const settings = parse(read('docker/dynamicconfig.yaml')) as Record<string, unknown>;
    expect(Object.keys(settings).length).toBeGreaterThan(0);
    for (const value of Object.values(settings)) expect(value).toEqual([{ value: expect.any(Number) }]);
  });
});

// --- .env ----------------------------------------------------------------------------------------------------

describe('.env.example', () => {
  test('has every variable of docker-compose.yml and no other', () => {
    expect(undocumentedVariables(compose, envExample)).toEqual([]);
    expect(unusedVariables(compose, envExample)).toEqual([]);
    expect(undocumentedVariables(compose, sabotaged(envExample, 'AWS_SESSION_TOKEN', 'AWS_TOKEN'))).toEqual([
      'AWS_SESSION_TOKEN',
    ]);
    expect(undocumentedVariables(broken('LOG_LEVEL: $', 'LOG_LEVEL: ${LEVEL}$'), envExample)).toEqual([
      'LEVEL',
    ]);
    expect(unusedVariables(compose, `${envExample}# FORGOTTEN=\n`)).toEqual(['FORGOTTEN']);
  });

  test('holds no secret', () => {
    const given = (env: string) =>
      assignments(env).filter(({ name, value }) => isSecret(name) && value !== '');
    expect(given(envExample)).toEqual([]);
    expect(given(sabotaged(envExample, 'SLACK_BOT_TOKEN=', 'SLACK_BOT_TOKEN=xoxb-1'))).toHaveLength(1);
  });

  test('sets no TEMPORAL_ or AWS_ variable to nothing, since an empty one is not an absent one', () => {
    const emptied = (env: string) =>
      assignments(env).filter(
        ({ name, value, active }) => active && value === '' && /^(TEMPORAL|AWS)_/.test(name),
      );
    expect(emptied(envExample)).toEqual([]);
    expect(emptied(sabotaged(envExample, '# TEMPORAL_API_KEY=', 'TEMPORAL_API_KEY='))).toHaveLength(1);
  });
});

// --- The Dockerfile ------------------------------------------------------------------------------------------

describe('Dockerfile', () => {
  test('ends as an unprivileged user, with production packages, and without secrets', () => {
    const faultsAfter = (passage: string, replacement: string) =>
      dockerfileFaults(sabotaged(dockerfile, passage, replacement));
    expect(dockerfileFaults(dockerfile)).toEqual([]);
    expect(faultsAfter('USER 1000:1000', 'USER root')).toEqual(['ends as root']);
    expect(faultsAfter('USER 1000:1000', 'USER 0:0')).toEqual(['ends as root']);
    expect(faultsAfter('USER 1000:1000\n', '')).toEqual(['ends as root']);
    expect(faultsAfter('node:20-bookworm-slim', 'node:lts')).toEqual(['has an image without a version']);
    expect(faultsAfter('node:20-bookworm-slim', 'node:20-alpine')).toEqual(['has an image without glibc']);
    expect(faultsAfter('COPY domain/ domain/', 'COPY . .')).toEqual(['copies the whole folder']);
    expect(faultsAfter('ENV NODE_ENV=production', 'ARG SLACK_BOT_TOKEN')).toEqual([
      'has a secret in a layer',
    ]);
    expect(faultsAfter('npm ci --omit=dev', 'npm ci')).toHaveLength(1);
    expect(faultsAfter('HEALTHCHECK ', '# ')).toContain('has no health check');
  });

  test('copies every source folder that the build compiles', () => {
    const { include } = JSON.parse(read('tsconfig.build.json')) as { include: string[] };
    expect(include.filter((folder) => !copiedFromHere.includes(folder))).toEqual([]);
  });

  test('sees of this folder only what it copies', () => {
    const rules = read('.dockerignore')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    const letIn = rules.filter((rule) => rule.startsWith('!')).map((rule) => rule.slice(1));
    expect(rules[0]).toBe('*');
    expect(letIn.sort()).toEqual([...new Set(copiedFromHere)].sort());
    expect(rules.slice(rules.findLastIndex((rule) => rule.startsWith('!')))).toEqual(
      expect.arrayContaining(['**/.env', '**/.env.*']),
    );
  });
});

// --- Scripts -------------------------------------------------------------------------------------------------

describe('the set-up scripts', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'firebreak-compose-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** Puts a stand-in of a command first on the path; `$STATE` is a folder that it may keep its state in. */
  function standIn(command: string, body: string): void {
    const file = join(folder, command);
    writeFileSync(file, `#!/bin/sh\necho "$*" >>"$STATE/${command}.calls"\n${body}\n`);
    chmodSync(file, 0o755);
  }

  function run(script: string, variables: Record<string, string>) {
    const { status, stderr } = spawnSync('sh', [join(root, 'docker', script)], {
      encoding: 'utf8',
      env: { PATH: `${folder}${delimiter}${process.env['PATH']}`, STATE: folder, ...variables },
    });
    return { status, stderr };
  }

  function callsOf(command: string): string[] {
    const file = join(folder, `${command}.calls`);
    if (!existsSync(file)) return [];
    const calls = readFileSync(file, 'utf8').trimEnd().split('\n');
    rmSync(file);
    return calls;
  }

  const address = { TEMPORAL_ADDRESS: 'temporal:7233', TEMPORAL_NAMESPACE: 'incidents' };
  const temporal = `
    case "$*" in
      'operator cluster health'*) [ -e "$STATE/serving" ] || { : >"$STATE/serving"; exit 1; } ;;
      'operator namespace describe'*) [ -e "$STATE/namespace" ] ;;
      'operator namespace create'*) : >"$STATE/namespace" ;;
      'operator search-attribute list'*) [ ! -e "$STATE/attribute" ] || echo '  IncidentPhase      Keyword    ' ;;
      'operator search-attribute create'*) : >"$STATE/attribute" ;;
      *) exit 2 ;;
    esac`;

  test('setup-namespace.sh waits for the server, makes the namespace, registers IncidentPhase', () => {
    standIn('temporal', temporal);
    standIn('sleep', '');
    expect(run('setup-namespace.sh', address)).toEqual({ status: 0, stderr: '' });
    const calls = callsOf('temporal');
    expect(calls).toContain('operator namespace create --namespace incidents --retention 2160h');
    expect(calls).toContain(
      'operator search-attribute create --namespace incidents --name IncidentPhase --type Keyword',
    );
    expect(callsOf('sleep')).toHaveLength(1);
  });

  test('setup-namespace.sh makes nothing twice', () => {
    standIn('temporal', temporal);
    standIn('sleep', '');
    run('setup-namespace.sh', address);
    callsOf('temporal');
    expect(run('setup-namespace.sh', address).status).toBe(0);
    expect(callsOf('temporal').filter((call) => call.includes(' create '))).toEqual([]);
  });

  test('setup-namespace.sh fails when the server never serves or the attribute has another type', () => {
    standIn('sleep', '');
    standIn('temporal', 'exit 1');
    expect(run('setup-namespace.sh', address)).toEqual({
      status: 1,
      stderr: 'Gave up after 30 attempts: the Temporal server does not serve.\n',
    });
    standIn('temporal', sabotaged(temporal, 'IncidentPhase      Keyword', 'IncidentPhase      Text'));
    expect(run('setup-namespace.sh', address).stderr).toContain('IncidentPhase could not be registered');
  });

  test('setup-schema.sh prepares both databases and puts the password on no command line', () => {
    standIn('temporal-sql-tool', '');
    const database = {
      SQL_PLUGIN: 'postgres12',
      SQL_HOST: 'postgres',
      SQL_PORT: '5432',
      SQL_USER: 'temporal',
      SQL_PASSWORD: 'a-password',
    };
    expect(run('setup-schema.sh', database).status).toBe(0);
    expect(callsOf('temporal-sql-tool')).toEqual([
      '--database temporal create-database',
      '--database temporal setup-schema --version 0.0',
      '--database temporal update-schema --schema-name postgresql/v12/temporal',
      '--database temporal_visibility create-database',
      '--database temporal_visibility setup-schema --version 0.0',
      '--database temporal_visibility update-schema --schema-name postgresql/v12/visibility',
    ]);
    standIn('temporal-sql-tool', 'exit 1');
    expect(run('setup-schema.sh', database).status).toBe(1);
    expect(callsOf('temporal-sql-tool')).toHaveLength(1);
    expect(run('setup-schema.sh', { ...database, SQL_PASSWORD: '' }).status).not.toBe(0);
  });
});

describe('healthcheck.mjs', () => {
  const exitCode = (port: number, words: readonly string[] = []) =>
    new Promise<number>((resolve) => {
      const child = execFile(process.execPath, [join(root, 'docker', 'healthcheck.mjs'), ...words], {
        env: { FIREBREAK_HEALTH_PORT: String(port) },
      });
      child.on('close', (code) => resolve(code ?? -1));
    });

  test('asks at the port that it is given, before that of the environment', async () => {
    const codec = createServer((_, response) => void response.writeHead(200, { connection: 'close' }).end());
    await new Promise<void>((resolve) => codec.listen(0, '127.0.0.1', resolve));
    const { port } = codec.address() as AddressInfo;
    expect(await exitCode(1, [String(port)])).toBe(0);
    expect(await exitCode(port, ['1'])).toBe(1);
    await new Promise((resolve) => codec.close(resolve));
  });

  test('is 0 for a worker that says it is healthy, 1 for one that says not, and 1 for none', async () => {
    let status = 200;
    const asked: (string | undefined)[] = [];
    const worker = createServer((request, response) => {
      asked.push(request.url);
      response.writeHead(status, { connection: 'close' }).end();
    });
    await new Promise<void>((resolve) => worker.listen(0, '127.0.0.1', resolve));
    const { port } = worker.address() as AddressInfo;
    expect(await exitCode(port)).toBe(0);
    status = 503;
    expect(await exitCode(port)).toBe(1);
    await new Promise((resolve) => worker.close(resolve));
    expect(await exitCode(port)).toBe(1);
    expect(asked).toEqual(['/health', '/health']);
  });
});

// --- Docker Compose itself -----------------------------------------------------------------------------------

const dockerCompose = [['docker', 'compose'], ['docker-compose']].find(
  ([command, ...words]) => spawnSync(command as string, [...words, 'version']).status === 0,
);
if (dockerCompose === undefined) {
  process.stderr.write('Skipped: neither `docker compose` nor `docker-compose` is installed.\n');
}

(dockerCompose === undefined ? describe.skip : describe)('docker compose config', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'firebreak-compose-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** Runs `config` on an environment file, without what the caller's own environment may set. */
  function config(env: string) {
    const file = join(folder, 'env');
    writeFileSync(file, env);
    const ours = variablesUsed(compose);
    const [command, ...words] = dockerCompose as string[];
    return spawnSync(
      command as string,
      [...words, '--env-file', file, '--file', 'docker-compose.yml', 'config'],
      {
        cwd: root,
        encoding: 'utf8',
        env: Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.has(name))),
      },
    );
  }
  const filledIn = sabotaged(envExample, 'POSTGRES_PASSWORD=\n', 'POSTGRES_PASSWORD=from-the-test\n');

  test('accepts the file with .env.example, its password filled in', () => {
    const { status, stdout, stderr } = config(`${filledIn}TEMPORAL_ADDRESS=cloud.example:7233\n`);
    expect({ status, stderr }).toMatchObject({ status: 0 });
    const { services } = parse(stdout) as Compose;
    expect(Object.keys(services).sort()).toEqual(Object.keys(compose.services).sort());
    expect(services['temporal']?.environment?.['POSTGRES_PWD']).toBe('from-the-test');
    expect(services['worker']?.environment?.['TEMPORAL_ADDRESS']).toBe('cloud.example:7233');
    expect(services['worker']?.environment?.['TEMPORAL_API_KEY'] ?? null).toBeNull();
    for (const name of ['worker', 'codec'])
      expect(JSON.stringify(services[name])).not.toContain('from-the-test');
  });

  test('refuses .env.example as it is, and says what is missing', () => {
    const { status, stderr } = config(envExample);
    expect(status).not.toBe(0);
    expect(stderr).toContain('set POSTGRES_PASSWORD in .env');
  });
});
