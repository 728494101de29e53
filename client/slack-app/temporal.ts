/** Temporal for a door that comes up although Temporal is down: it is connected to when it is first asked. */
import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { sealing } from '../../codec/data-converter';
import type { Keyring } from '../../codec/keyring';
import { ConnectionMisconfigured } from '../errors';

/** By `TEMPORAL_ADDRESS`, `TEMPORAL_NAMESPACE`, `TEMPORAL_API_KEY`, profiles. @throws ConnectionMisconfigured */
export function connectLater(keyring: Keyring): Client {
  const { connectionOptions, namespace } = connectConfig();
  const address = connectionOptions.address ?? '127.0.0.1:7233';
  const connection = Connection.lazy({ ...connectionOptions, address });
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

/** True where Temporal is there and lets this door in. */
export async function isReachable(client: Client, withinMs = 5_000): Promise<boolean> {
  try {
    await client.withDeadline(Date.now() + withinMs, () =>
      client.workflowService.describeNamespace({ namespace: client.options.namespace }),
    );
    return true;
  } catch {
    return false;
  }
}
