/** AWS's own dry run: EC2 has one for most of its calls, the other services have none. */
import { ApplicationFailure } from '@temporalio/common';
import type { RehearsedCall } from '../../../activities/containment';
import { AwsError, toAwsError } from '../failures/aws-error';
import { translate } from '../failures/translate';

export type Verdict = Pick<RehearsedCall, 'dryRun' | 'refusal'>;

export const NO_DRY_RUN: Verdict = { dryRun: 'AWS has no dry run for it' };

/** Thrown in the place of sending a call that does not say that it is a dry run. */
export class NotADryRun extends Error {
  override readonly name = 'NotADryRun';
}

/** AWS took a dry run for a real call. A rehearsal must not go on from there. */
export class DryRunIgnored extends Error {
  override readonly name = 'DryRunIgnored';
}

/**
 * Whether the request, as it is about to leave, says that it is a dry run. The SDK leaves out what a call does not know, so
 * this also tells the calls that have a dry run from those that have none.
 */
export function saysDryRun(request: unknown): boolean {
  const { body } = request as { readonly body?: unknown };
  return typeof body === 'string' && /(?:^|&)DryRun=true(?:&|$)/.test(body);
}

/**
 * What AWS says to the dry run that `send` sends.
 *
 * @param isAboutNewThing the call names a thing that is not there yet. AWS may answer that it isn't, which tells nothing
 * @throws what passes by itself, as the SDK threw it; DryRunIgnored
 */
export async function askForVerdict(
  action: string,
  isAboutNewThing: boolean,
  send: () => Promise<unknown>,
): Promise<Verdict> {
  try {
    await send();
  } catch (error) {
    if (error instanceof NotADryRun) return NO_DRY_RUN;
    const answer = toAwsError(action, error);
    if (!(answer instanceof AwsError)) throw error;
    if (answer.code === 'DryRunOperation') return { dryRun: 'would succeed' };
    const failure = translate(answer) as Error;
    const isPermission = failure instanceof ApplicationFailure && failure.type === 'Unauthorized';
    if (isAboutNewThing && !isPermission && /NotFound|Malformed/.test(answer.code)) return NO_DRY_RUN;
    if (failure instanceof ApplicationFailure && !failure.nonRetryable) throw error;
    return { dryRun: 'would be refused', refusal: failure.message };
  }
  throw new DryRunIgnored(
    `AWS ${action} was carried out, although it was sent as a dry run. The rehearsal ends here: look at what was changed, ` +
      'and undo it.',
  );
}
