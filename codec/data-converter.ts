/** What Temporal's client and worker need so that they seal everything. */
import type { DataConverter } from '@temporalio/common';
import type { Keyring } from './keyring';

/**
 * `mark` puts a mark (`domain/trust/unreadable.ts`) in the place of what can't be read: for the worker. `throw` throws
 * `UnreadablePayload`: for a caller, who is told.
 */
export type OnUnreadable = 'mark' | 'throw';

/** The file of the failure converter: the worker's bundle is made with it (`bundleWorkflowCode`). */
export const FAILURE_CONVERTER = require.resolve('./failure-converter');

export function sealing(_keyring: Keyring, _onUnreadable: OnUnreadable): DataConverter {
  throw new Error('not written yet');
}
