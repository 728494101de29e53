/** Whether Temporal is there. */
import type { Client } from '@temporalio/client';

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
