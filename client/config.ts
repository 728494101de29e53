/** How the client finds Temporal, and who acts. The only place of the client that reads the environment. */
import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { TemporalUnreachable } from './errors';

/** Temporal's own configuration: `TEMPORAL_ADDRESS`, `TEMPORAL_NAMESPACE`, `TEMPORAL_API_KEY`, profiles. */
export async function connect(): Promise<{ client: Client; close: () => Promise<void> }> {
  const { connectionOptions, namespace } = loadClientConnectConfig();
  const address = connectionOptions.address ?? '127.0.0.1:7233';
  let connection: Connection;
  try {
    connection = await Connection.connect({ ...connectionOptions, address, connectTimeout: '5 seconds' });
  } catch {
    throw new TemporalUnreachable(address);
  }
  // The default identity names process and host in every event.
  const client = new Client({ connection, namespace: namespace ?? 'default', identity: 'firebreak' });
  return { client, close: () => connection.close() };
}

/** Who acts, where `--as` does not say. */
export function defaultActor(): string | undefined {
  return process.env['FIREBREAK_AS'];
}

/** Where the Temporal Web UI is, for links; the dev server's and compose's own where nothing is said. */
export function webUi(): string | undefined {
  return process.env['FIREBREAK_UI_URL'];
}
