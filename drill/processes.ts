/** The processes that a drill starts: Temporal's own server, Firebreak's own worker and its doors. Each is ended by its process id. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';

/** A cold start on a busy machine; one second is usual. */
const READY_WITHIN_MS = 30_000;

const ATTEMPTS = 3;

export interface Running {
  /** Ends it in order, or at once where it does not listen. */
  stop(): Promise<void>;
  /** Ends it as a power cut would. */
  kill(): Promise<void>;
}

export interface TemporalServer extends Running {
  readonly address: string;
  readonly ui: string;
  readonly metrics: string;
}

/** A dev server with its Web UI, on free ports of loopback; its database is a file, so that it could be started again. */
export function startTemporal(options: TemporalOptions): Promise<TemporalServer> {
  return onFreePorts(() => startTemporalOnce(options));
}

interface TemporalOptions {
  readonly root: string;
  readonly folder: string;
  /** Starts what the Web UI asks to open sealed payloads, and returns its address. */
  readonly codecFor?: (uiOrigin: string) => Promise<string>;
}

async function startTemporalOnce(options: TemporalOptions): Promise<TemporalServer> {
  const [port, uiPort, metricsPort] = await freePorts(3);
  const ui = `http://127.0.0.1:${uiPort}`;
  const codec = await options.codecFor?.(ui);
  const child = spawn(
    join(options.root, '.venv', 'bin', 'temporal'),
    [
      ...['server', 'start-dev', '--ip', '127.0.0.1', '--log-level', 'info'],
      ...['--port', String(port), '--ui-port', String(uiPort), '--metrics-port', String(metricsPort)],
      ...['--db-filename', join(options.folder, 'temporal.db')],
      ...['--search-attribute', 'IncidentPhase=Keyword'],
      ...(codec === undefined ? [] : ['--ui-codec-endpoint', codec]),
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  keepLog(child, join(options.folder, 'temporal.log'));
  const address = `127.0.0.1:${port}`;
  const running = runningOf(child);
  try {
    await untilReady(child, 'The Temporal server', async () => {
      const connection = await Connection.connect({ address, connectTimeout: '1 second' });
      try {
        await connection.workflowService.describeNamespace({ namespace: 'default' });
      } finally {
        await connection.close();
      }
    });
  } catch (error) {
    await running.kill();
    throw error;
  }
  return { address, ui, metrics: `http://127.0.0.1:${metricsPort}/metrics`, ...running };
}

export interface WorkerSettings {
  readonly root: string;
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
}

export interface RunningWorker extends Running {
  /** Where it says whether it takes work. */
  readonly health: string;
}

/** The worker as production runs it: a process of its own, with the prebuilt bundle. */
export function startWorker(settings: WorkerSettings): Promise<RunningWorker> {
  return onFreePorts(() => startWorkerOnce(settings));
}

async function startWorkerOnce({ root, folder, env }: WorkerSettings): Promise<RunningWorker> {
  const [healthPort] = await freePorts(1);
  const health = `http://127.0.0.1:${healthPort}/health`;
  const running = await startProcess({
    name: 'The worker',
    main: join(root, 'dist', 'worker', 'main.js'),
    folder,
    log: 'worker.log',
    env: { ...env, FIREBREAK_HEALTH_PORT: String(healthPort) },
    isReady: async () => (await fetch(health)).ok,
  });
  return { health, ...running };
}

export interface ProcessSettings {
  /** At the beginning of a sentence. */
  readonly name: string;
  /** Its program. */
  readonly main: string;
  /** Where it runs, and leaves its log. */
  readonly folder: string;
  readonly log: string;
  readonly env: Readonly<Record<string, string>>;
  readonly isReady: () => Promise<boolean>;
}

/** A process of Firebreak's own, as production runs it. @throws Error where it is not ready in time; nothing is left then */
export async function startProcess(settings: ProcessSettings): Promise<Running> {
  const { name, main, folder, log, env, isReady } = settings;
  const child = spawn(process.execPath, [main], {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  keepLog(child, join(folder, log));
  const running = runningOf(child);
  try {
    await untilReady(child, name, async () => {
      if (!(await isReady())) throw new Error('not ready');
    });
  } catch (error) {
    await running.kill();
    throw error;
  }
  return running;
}

/** Starts what listens on one port. */
export function untilListening<T extends Running>(
  start: (port: number) => Promise<T>,
): Promise<T & { readonly port: number }> {
  return onFreePorts(async () => {
    const [port = 0] = await freePorts(1);
    return { ...(await start(port)), port };
  });
}

/** Between finding a port free and listening on it, another process may have taken it: then it is tried with others. */
async function onFreePorts<T>(start: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start();
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
    }
  }
}

function runningOf(child: ChildProcess): Running {
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const end = async (signal: NodeJS.Signals, patienceMs: number) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    const impatience = setTimeout(() => child.kill('SIGKILL'), patienceMs);
    await gone;
    clearTimeout(impatience);
  };
  return { stop: () => end('SIGTERM', 10_000), kill: () => end('SIGKILL', 1_000) };
}

async function untilReady(child: ChildProcess, name: string, ask: () => Promise<void>): Promise<void> {
  const deadline = Date.now() + READY_WITHIN_MS;
  for (;;) {
    try {
      await ask();
      return;
    } catch {
      if (child.exitCode !== null)
        throw new Error(
          `${name} stopped at its start (status ${child.exitCode}); its log is in the drill's folder.`,
        );
      if (Date.now() > deadline) throw new Error(`${name} was not ready in ${READY_WITHIN_MS / 1_000} s.`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

function keepLog(child: ChildProcess, file: string): void {
  const log = createWriteStream(file, { flags: 'a' });
  child.stdout?.pipe(log, { end: false });
  child.stderr?.pipe(log, { end: false });
  child.once('exit', () => log.end());
}

/** Ports that nobody listens on just now. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve, reject) => {
          const server = createServer();
          server.once('error', reject);
          server.listen(0, '127.0.0.1', () => resolve(server));
        }),
    ),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
