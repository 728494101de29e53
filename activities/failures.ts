/**
 * The whole taxonomy of failures that an integration may report. Adapters translate their vendor's errors to one of
 * these; whatever they do not recognise they rethrow, and Temporal retries it.
 *
 * Messages reach people (the room, the command line) and Temporal's own store, so they say which service answered what
 * and what to do about it, and never anything of the incident.
 */
import { ApplicationFailure } from '@temporalio/common';

export type FailureType =
  'InvalidRequest' | 'NotFound' | 'Unauthorized' | 'Conflict' | 'RateLimited' | 'Unavailable';

const permanent = (type: FailureType) => (message: string) => ApplicationFailure.nonRetryable(message, type);

/** The vendor understood the request and will never accept it as it is. Not retried. */
export const invalidRequest = permanent('InvalidRequest');

/** The thing that the request names is not there. Not retried. */
export const notFound = permanent('NotFound');

/** The credentials are missing, wrong, or lack a permission. Not retried until a person has mended them. */
export const unauthorized = permanent('Unauthorized');

/** Something else holds the name or the state that the request wants. Not retried. */
export const conflict = permanent('Conflict');

/** The vendor asks to wait. Retried after `retryAfterMs`. */
export function rateLimited(message: string, retryAfterMs: number): ApplicationFailure {
  return ApplicationFailure.create({
    message,
    type: 'RateLimited',
    nextRetryDelay: Math.max(retryAfterMs, 1),
  });
}

/** The vendor can't be reached, or broke. Retried. */
export function unavailable(message: string): ApplicationFailure {
  return ApplicationFailure.retryable(message, 'Unavailable');
}
