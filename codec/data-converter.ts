/** What Temporal's client and worker need so that they seal everything. */
import type { DataConverter } from '@temporalio/common';
import { createCodec, type OnUnreadable } from './codec';
import type { Keyring } from './keyring';
import { ignoreReferences } from './references';

export type { OnUnreadable } from './codec';

/** The file of the failure converter: the worker's bundle is made with it (`bundleWorkflowCode`). */
export const FAILURE_CONVERTER = require.resolve('./failure-converter');

export function sealing(keyring: Keyring, onUnreadable: OnUnreadable): DataConverter {
  ignoreReferences();
  return { failureConverterPath: FAILURE_CONVERTER, payloadCodecs: [createCodec(keyring, onUnreadable)] };
}
