/** Messages and stacks of failures are sealed as payloads are. Loaded by name, into the workflows' bundle too. */
import {
  ApplicationFailure,
  DefaultFailureConverter,
  type PayloadConverter,
  type ProtoFailure,
  type SerializationContext,
} from '@temporalio/common';
import { UNREADABLE_REASONS, unreadableReasonOf, type UnreadableReason } from '../domain/trust/unreadable';

class SealedFailureConverter extends DefaultFailureConverter {
  constructor() {
    super({ encodeCommonAttributes: true });
  }

  /** The original changes the failure that the error came with: told a second time, its message would be lost. */
  override errorToFailureInner(
    error: unknown,
    payloadConverter: PayloadConverter,
    context?: SerializationContext,
  ): ProtoFailure {
    return { ...super.errorToFailureInner(error, payloadConverter, context) };
  }

  /** Never throws: what it throws would fail the workflow task for ever. */
  override failureToError(
    failure: ProtoFailure,
    payloadConverter: PayloadConverter,
    context?: SerializationContext,
  ): Error {
    try {
      const reason = reasonOf(failure, payloadConverter);
      const known = reason ? { ...failure, ...said(failure, reason) } : failure;
      return super.failureToError(known, payloadConverter, context);
    } catch {
      return ApplicationFailure.create({ message: whyUnread('malformed') });
    }
  }
}

/** Why its message can't be believed; nothing where it can. */
function reasonOf(
  { encodedAttributes, applicationFailureInfo }: ProtoFailure,
  payloadConverter: PayloadConverter,
): UnreadableReason | undefined {
  if (encodedAttributes) return unreadableReasonOf(payloadConverter.fromPayload(encodedAttributes));
  // Time-outs and the like are Temporal's own and say nothing. These are ours, and ours are always sealed.
  return applicationFailureInfo ? 'clear' : undefined;
}

/** What the server answers to a caller whose update the workflow took and did not finish. */
const ENDED_BEFORE = 'AcceptedUpdateCompletedWorkflow';

function said({ applicationFailureInfo }: ProtoFailure, reason: UnreadableReason): ProtoFailure {
  const message =
    applicationFailureInfo?.type === ENDED_BEFORE
      ? 'The incident ended before this was decided. Look at its timeline.'
      : whyUnread(reason);
  return { message, stackTrace: '', encodedAttributes: null };
}

function whyUnread(reason: UnreadableReason): string {
  return `Why this failed can't be read: ${UNREADABLE_REASONS[reason]}. Look at the worker's log.`;
}

export const failureConverter = new SealedFailureConverter();
