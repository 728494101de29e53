/**
 * Activities as the workflows call them: each by its own name, which goes into the sealed payload. What Temporal keeps in the
 * clear is one name for all.
 */
import {
  ActivityFailure,
  ApplicationFailure,
  proxyActivities,
  proxyLocalActivities,
  type ActivityInterfaceFor,
  type ActivityOptions,
  type LocalActivityOptions,
} from '@temporalio/workflow';
import { unreadableReasonOf, UNREADABLE_REASONS } from '../domain/trust/unreadable';
import { STEP_ACTIVITY } from './names';

type Step = ActivityInterfaceFor<{ [STEP_ACTIVITY](name: string, ...args: unknown[]): Promise<unknown> }>;

export function steps<A>(options: ActivityOptions): ActivityInterfaceFor<A> {
  return named<A>(proxyActivities<Step>(options)[STEP_ACTIVITY]);
}

export function localSteps<A>(options: LocalActivityOptions): ActivityInterfaceFor<A> {
  return named<A>(proxyLocalActivities<Step>(options)[STEP_ACTIVITY]);
}

/** By whatever name it is asked, as the SDK's own proxies are. */
function named<A>(step: Step[typeof STEP_ACTIVITY]): ActivityInterfaceFor<A> {
  return new Proxy(
    {},
    {
      get(_, name: string) {
        const call = async (...args: unknown[]) => readable(await step(name, ...args));
        call.executeWithOptions = async (options: ActivityOptions, args: readonly unknown[]) =>
          readable(await step.executeWithOptions(options as never, [name, ...args]));
        return call;
      },
    },
  ) as ActivityInterfaceFor<A>;
}

/** Somebody who can poll the queue can answer in the worker's place, and can't seal the answer: that attempt has failed. */
function readable(result: unknown): unknown {
  const reason = unreadableReasonOf(result);
  if (reason === undefined) return result;
  const cause = ApplicationFailure.nonRetryable(
    `the answer was not the worker's own: ${UNREADABLE_REASONS[reason]}`,
    'Unreadable',
  );
  throw new ActivityFailure(
    cause.message,
    STEP_ACTIVITY,
    undefined,
    'NON_RETRYABLE_FAILURE',
    undefined,
    cause,
  );
}
