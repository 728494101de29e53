/** Messages and stacks of failures are sealed as payloads are. Loaded by name, into the workflows' bundle too. */
import { DefaultFailureConverter } from '@temporalio/common';

export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
