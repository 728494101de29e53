/** How the client finds Temporal, and who acts. The only place of the client that reads the environment. */
import { Client, Connection, isGrpcServiceError } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { ConnectionMisconfigured, TemporalUnreachable } from './errors';

/** gRPC's `PERMISSION_DENIED` and `UNAUTHENTICATED`: the server is there, and does not let this caller in. */
const DENIED = [7, 16];

/** Temporal's own configuration: `TEMPORAL_ADDRESS`, `TEMPORAL_NAMESPACE`, `TEMPORAL_API_KEY`, profiles. */
export async function connect(): Promise<{ client: Client; close: () => Promise<void> }> {
  const { connectionOptions, namespace } = connectConfig();
  const address = connectionOptions.address ?? '127.0.0.1:7233';
  let connection: Connection;
  try {
    connection = await Connection.connect({ ...connectionOptions, address, connectTimeout: '5 seconds' });
  } catch (error) {
    for (let one: unknown = error; one instanceof Error; one = one.cause)
      if (isGrpcServiceError(one) && DENIED.includes(one.code)) throw error;
    throw new TemporalUnreachable(address);
  }
  // The default identity names process and host in every event.
  const client = new Client({ connection, namespace: namespace ?? 'default', identity: 'firebreak' });
  return { client, close: () => connection.close() };
}

function connectConfig(): ReturnType<typeof loadClientConnectConfig> {
  try {
    return loadClientConnectConfig();
  } catch (error) {
    // Only its first line: the next ones may quote the file, which holds keys.
    throw new ConnectionMisconfigured(error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : '');
  }
}

/** Who acts, where `--as` does not say. */
export function defaultActor(): string | undefined {
  return process.env['FIREBREAK_AS'];
}

/** Where the Temporal Web UI is, for links; the dev server's and compose's own where nothing is said. */
export function webUi(): string | undefined {
  return process.env['FIREBREAK_UI_URL'];
}
