/** The worker's process: configuration, connection, bundle, run. Ends in order on SIGINT and SIGTERM. */
import { existsSync } from 'node:fs';
import type { Server } from 'node:http';
import { join } from 'node:path';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import {
  makeTelemetryFilterString,
  NativeConnection,
  Runtime,
  TransportError,
  Worker,
  type WorkerOptions,
} from '@temporalio/worker';
import { invalidRequest } from '../activities/failures';
import { tryKeyring } from '../codec/codec';
import { sealing } from '../codec/data-converter';
import type { Company } from '../domain/company';
import { TASK_QUEUE } from '../workflows/names';
import { wire } from './activities';
import { readConfig } from './config';
import { serveHealth } from './health';
import { heartbeats } from './heartbeats';
import { createLogger } from './logging';
import { createMailKeyring } from './mail-keys';
import { keepPractising } from './practice';

const BUNDLE = join(__dirname, '..', 'workflow-bundle.js');

async function main(): Promise<number> {
  const read = readConfig();
  if (!read.ok) return complain('The configuration has problems:', read.problems);
  const { config } = read;
  if (!existsSync(BUNDLE)) return complain('The workflow bundle is missing.', ['run: npm run build']);

  const logger = createLogger('INFO', (line) => process.stdout.write(line));
  Runtime.install({
    logger,
    telemetryOptions: { logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'WARN' }) } },
    shutdownSignals: ['SIGINT', 'SIGTERM'],
  });

  const settings = connectConfig();
  if ('problem' in settings)
    return complain("The settings for Temporal can't be used.", [
      `${settings.problem}; look at TEMPORAL_CONFIG_FILE, TEMPORAL_PROFILE and the TEMPORAL_TLS_ variables`,
    ]);
  const { connectionOptions, namespace = 'default' } = settings;
  const address = connectionOptions.address ?? '127.0.0.1:7233';
  let connection: NativeConnection;
  try {
    connection = await NativeConnection.connect({ ...connectionOptions, address });
  } catch {
    return complain(`Temporal can't be reached at ${address}.`, [
      'start it, or set TEMPORAL_ADDRESS (and TEMPORAL_NAMESPACE, TEMPORAL_API_KEY) for another one',
    ]);
  }

  try {
    await tryKeyring(config.keyring);
  } catch (error) {
    return complain("The keyring's current key can't be used.", [
      error instanceof Error ? error.message : 'look at its entry and at the key service',
    ]);
  }
  const mailKeys = createMailKeyring(config.waysOut?.mail?.keyFolder);
  const unusable = await mailKeys.read();
  if (unusable.length > 0) return complain('The keys for mail have problems:', unusable);
  const renew = async () => {
    const company = renewed();
    if ((await mailKeys.read()).length > 0)
      throw invalidRequest(
        'The folder of keys for mail has problems now: start another worker to see them, and mend them',
      );
    return company;
  };
  const warn = (text: string) => logger.warn(text);
  const { activities, checkVendors, keepOnCall } = wire(config, { renew, mailKeys, warn: warn });
  const options: WorkerOptions = {
    connection,
    namespace,
    taskQueue: TASK_QUEUE,
    workflowBundle: { codePath: BUNDLE },
    activities,
    // Sealed before it leaves this process. What arrives and was not sealed by us is marked, and refused.
    dataConverter: sealing(config.keyring, 'mark'),
    interceptors: { activity: [heartbeats] },
    // The default names process and host in every event.
    identity: 'firebreak',
    // A worker that died holds its incidents' next step for this long; the default of 10 s is long at 3 a.m.
    stickyQueueScheduleToStartTimeout: '1 second',
    shutdownGraceTime: '20 seconds',
    shutdownForceTime: '30 seconds',
  };
  let worker: Worker;
  try {
    worker = await Worker.create(options);
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    return complain(`Temporal at ${address} does not take this worker.`, [
      `look whether the namespace ${namespace} is there (TEMPORAL_NAMESPACE), and open to this worker (TEMPORAL_API_KEY)`,
    ]);
  }
  let health: Server;
  try {
    health = await serveHealth(config.healthPort, () => worker.getState() === 'RUNNING');
  } catch {
    return complain(`The health port ${config.healthPort} can't be used.`, [
      'end what listens on it, or name another one in FIREBREAK_HEALTH_PORT',
    ]);
  }
  void checkVendors().then((checks) => {
    for (const { vendor, problem } of checks)
      if (problem !== undefined) logger.warn(`${vendor} is not ready: ${problem}`);
  });
  const ending = new AbortController();
  const { keyring, practice } = config;
  keepOnCall(ending.signal);
  void keepPractising({ connection, namespace, keyring, settings: practice, warn: warn }, ending.signal);
  try {
    await worker.run();
  } finally {
    ending.abort();
    health.close();
    await connection.close();
  }
  return 0;
}

/** The company as its configuration is now. */
function renewed(): Company {
  const read = readConfig();
  if (read.ok) return read.config.company;
  throw invalidRequest(
    `The configuration has ${read.problems.length} problems now: start another worker to see them, and mend them`,
  );
}

function connectConfig(): ReturnType<typeof loadClientConnectConfig> | { problem: string } {
  try {
    return loadClientConnectConfig();
  } catch (error) {
    // Only its first line: the next ones may quote the file, which holds keys.
    return { problem: error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : 'unknown failure' };
  }
}

function complain(what: string, problems: readonly string[]): number {
  process.stderr.write(`${what}\n${problems.map((problem) => `  - ${problem}\n`).join('')}`);
  return 2;
}

main().then(
  (status) => process.exit(status),
  (error: unknown) => {
    const name = error instanceof Error ? error.name : 'unknown error';
    process.stderr.write(`The worker stopped (${name}). Start it again; incidents go on where they were.\n`);
    process.exit(1);
  },
);
