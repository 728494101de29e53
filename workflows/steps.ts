/**
 * Activities as the workflows call them: each by its own name, which goes into the sealed payload. What Temporal keeps in the
 * clear is one name for all.
 */
import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  proxyActivities,
  proxyLocalActivities,
  TemporalFailure,
  TimeoutFailure,
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
        const call = (...args: unknown[]) => trusted(() => step(name, ...args));
        call.executeWithOptions = (options: ActivityOptions, args: readonly unknown[]) =>
          trusted(() => step.executeWithOptions(options, [name, ...args]));
        return call;
      },
    },
  ) as ActivityInterfaceFor<A>;
}

/**
 * Somebody who can poll the queue can answer in the worker's place, and can't seal the answer: that attempt has failed. The
 * same where the failure is of a kind that no step of ours ends with; passed on, it would end the workflow.
 */
async function trusted(step: () => Promise<unknown>): Promise<unknown> {
  let result: unknown;
  try {
    result = await step();
  } catch (error) {
    if (CancellationScope.current().consideredCancelled || isOurs(error)) throw error;
    throw untrusted('its failure is of no kind that a worker of ours reports');
  }
  const reason = unreadableReasonOf(result);
  if (reason !== undefined) throw untrusted(UNREADABLE_REASONS[reason]);
  return result;
}

function isOurs(error: unknown): boolean {
  return !(error instanceof TemporalFailure) || (error instanceof ActivityFailure && isOfAStep(error.cause));
}

function isOfAStep(cause: unknown): boolean {
  return cause instanceof ApplicationFailure || cause instanceof TimeoutFailure;
}

function untrusted(why: string): ActivityFailure {
  const cause = ApplicationFailure.nonRetryable(`the answer was not the worker's own: ${why}`, 'Unreadable');
  return new ActivityFailure(
    cause.message,
    STEP_ACTIVITY,
    undefined,
    'NON_RETRYABLE_FAILURE',
    undefined,
    cause,
  );
}
