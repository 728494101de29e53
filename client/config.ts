/** How the client finds Temporal, and who acts. The only place of the client that reads the environment. */
import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { sealing } from '../codec/data-converter';
import { readKeyring, type Keyring } from '../codec/keyring';
import { ConnectionMisconfigured, InvalidInput, TemporalUnreachable } from './errors';
import { readText } from './read-text';
import { openKeyService } from './key-service';
import { grpcErrorIn } from './grpc';
import type { SignerOptions } from './signing/signer';

/** gRPC's `PERMISSION_DENIED` and `UNAUTHENTICATED`: the server is there, and does not let this caller in. */
const DENIED = [7, 16];

const DEFAULT_ADDRESS = '127.0.0.1:7233';

export interface Connected {
  readonly client: Client;
  readonly keyring: Keyring;
  close(): Promise<void>;
}

/** Temporal's own configuration: `TEMPORAL_ADDRESS`, `TEMPORAL_NAMESPACE`, `TEMPORAL_API_KEY`, profiles. */
export async function connect(keyring = readKeys()): Promise<Connected> {
  const { connectionOptions, namespace } = connectConfig();
  const address = connectionOptions.address ?? DEFAULT_ADDRESS;
  let connection: Connection;
  try {
    connection = await Connection.connect({ ...connectionOptions, address, connectTimeout: '5 seconds' });
  } catch (error) {
    const answered = grpcErrorIn(error);
    if (answered && DENIED.includes(answered.code)) throw error;
    throw new TemporalUnreachable(address);
  }
  return { client: clientOn(connection, namespace, keyring), keyring, close: () => connection.close() };
}

/** For a door that comes up although Temporal is down: it is connected to when it is first asked. @throws ConnectionMisconfigured */
export function connectLater(keyring: Keyring): Client {
  const { connectionOptions, namespace } = connectConfig();
  const address = connectionOptions.address ?? DEFAULT_ADDRESS;
  return clientOn(Connection.lazy({ ...connectionOptions, address }), namespace, keyring);
}

function clientOn(connection: Connection, namespace: string | undefined, keyring: Keyring): Client {
  return new Client({
    connection,
    namespace: namespace ?? 'default',
    // The default identity names process and host in every event.
    identity: 'firebreak',
    dataConverter: sealing(keyring, 'throw'),
  });
}

function connectConfig(): ReturnType<typeof loadClientConnectConfig> {
  try {
    return loadClientConnectConfig();
  } catch (error) {
    // Only its first line: the next ones may quote the file, which holds keys.
    throw new ConnectionMisconfigured(error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : '');
  }
}

/**
 * What Temporal's payloads are sealed with: without it nothing can be said to an incident, or read of one.
 *
 * @throws InvalidInput, and FileUnreadable, which say what to do
 */
export function readKeys(): Keyring {
  const file = process.env['FIREBREAK_KEYRING_FILE'] || undefined;
  const text = process.env['FIREBREAK_KEYRING'] || undefined;
  if (file === undefined && text === undefined)
    throw new InvalidInput([
      'FIREBREAK_KEYRING_FILE: name the file with the keys that payloads are sealed with; the worker has the same one (docs/keys.md)',
    ]);
  const read = readKeyring(
    file === undefined ? (text ?? '') : readText(file, 'keyring'),
    openKeyService(process.env['AWS_ENDPOINT_URL'] || undefined),
  );
  if (read.ok) return read.keyring;
  throw new InvalidInput(read.problems.map((problem) => `${file ?? 'FIREBREAK_KEYRING'}: ${problem}`));
}

/** Where a person's own key is, where `--key` does not say. */
export function signerOptions(): SignerOptions {
  const keyFile = process.env['FIREBREAK_KEY'] || undefined;
  const agentSocket = process.env['SSH_AUTH_SOCK'] || undefined;
  const home = process.env['HOME'] || undefined;
  return {
    ...(keyFile !== undefined && { keyFile }),
    ...(agentSocket !== undefined && { agentSocket }),
    ...(home !== undefined && { home }),
  };
}

/** The company's configuration on this machine, for `keys`; the worker reads the same. */
export function companyFile(): string | undefined {
  return process.env['FIREBREAK_CONFIG'] || undefined;
}

/** All of it, for a process that reads its own settings. */
export function environment(): NodeJS.ProcessEnv {
  return process.env;
}

/** Who acts, where `--as` does not say. */
export function defaultActor(): string | undefined {
  return process.env['FIREBREAK_AS'];
}

/** Where the Temporal Web UI is, for links; the dev server's and compose's own where nothing is said. */
export function webUi(): string | undefined {
  return process.env['FIREBREAK_UI_URL'];
}
