/**
 * Temporal's SDK looks at payloads before any codec does: one that says that it is a reference to "external storage" makes it
 * throw, and a workflow task that throws is tried for ever. So one signal in clear text could stop an incident (ran: SDK
 * 1.24.0, test/codec/temporal.test.ts). Firebreak has no external storage: no payload is a reference, and the codec marks it as
 * what came in clear text.
 */
// The package's own part that looks; there is no setting for it.
import * as helpers from '@temporalio/common/lib/internal-non-workflow/extstore-helpers';

/** For this process, and as often as one likes. */
export function ignoreReferences(): void {
  (helpers as { isReferencePayload: (payload: unknown) => boolean }).isReferencePayload = () => false;
}
