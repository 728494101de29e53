/** The failure that a call is expected to end with. */
import { ApplicationFailure } from '@temporalio/common';

/** @throws what was thrown where it is none of Firebreak's failures, and where nothing was */
export async function failureOf(call: Promise<unknown>): Promise<ApplicationFailure> {
  const error: unknown = await call.then(
    () => new Error('It did not fail.'),
    (thrown: unknown) => thrown,
  );
  if (error instanceof ApplicationFailure) return error;
  throw error;
}
