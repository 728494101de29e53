/** All activities behind one name: what Temporal keeps in the clear says nothing of what is done (`workflows/steps.ts`). */
import { UNREADABLE_REASONS, unreadableReasonOf } from '../domain/trust/unreadable';
import { invalidRequest } from './failures';

type Activities = Readonly<Record<string, (...args: never[]) => Promise<unknown>>>;

/** Takes the name of the activity as its first argument. `InvalidRequest` where there is none of that name. */
export function asOneStep(activities: object): { step(name: unknown, ...args: unknown[]): Promise<unknown> } {
  return {
    async step(name, ...args) {
      // Whoever can schedule work on the queue, and can't seal it, is answered like this.
      const reason = [name, ...args].map(unreadableReasonOf).find((one) => one !== undefined);
      if (reason !== undefined)
        throw invalidRequest(`The task is not the workflow's own: ${UNREADABLE_REASONS[reason]}.`);
      if (typeof name !== 'string' || !Object.hasOwn(activities, name))
        throw invalidRequest('This worker has no such step: it may be older than the workflow. Update it.');
      return (activities as Activities)[name]?.(...(args as never[]));
    },
  };
}
