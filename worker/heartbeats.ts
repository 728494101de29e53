/**
 * Every activity says that its worker lives. Without that, an attempt whose worker died is noticed only when its whole
 * time-out has passed: a minute in which an attacker stays connected.
 */
import { heartbeat, type Context } from '@temporalio/activity';
import type { ActivityInterceptors } from '@temporalio/worker';

/** A fraction of the workflows' heartbeat time-out (3 s); the SDK sends no more of them than are needed. */
const EVERY_MS = 500;

/** How far each attempt said it was. A heartbeat without it would make Temporal forget it. */
const progress = new WeakMap<Context, unknown>();

export function heartbeats(context: Context): ActivityInterceptors {
  return {
    inbound: {
      async execute(input, next) {
        // Until an attempt says more, what the one before it said stays true.
        progress.set(context, context.info.heartbeatDetails);
        const beating = setInterval(() => heartbeat(progress.get(context)), EVERY_MS);
        try {
          return await next(input);
        } finally {
          clearInterval(beating);
        }
      },
    },
  };
}

/** Says how far long work is: the next attempt hears it, should this one be cut short. */
export function tellProgress(context: Context, details: unknown): void {
  progress.set(context, details);
  // Throws nothing: a cancellation reaches an activity by its context's own promise.
  heartbeat(details);
  if (context.cancellationSignal.aborted) throw context.cancellationSignal.reason;
}
