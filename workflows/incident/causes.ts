/** Why an activity failed, in one line for people. */
import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/workflow';

/** The integration's own words; whatever is not recognised is rethrown. */
export function causeOf(error: unknown): string {
  if (!(error instanceof ActivityFailure)) throw error;
  const { cause } = error;
  if (cause instanceof ApplicationFailure) return oneLine(cause.message);
  if (cause instanceof TimeoutFailure) return 'no answer in time';
  throw error;
}

function oneLine(message: string): string {
  return message.replace(/\s+/g, ' ').slice(0, 500);
}
