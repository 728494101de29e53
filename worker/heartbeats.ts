/**
 * Every activity says that its worker lives. Without that, an attempt whose worker died is noticed only when its whole
 * time-out has passed: a minute in which an attacker stays connected.
 */
import { heartbeat, type Context } from '@temporalio/activity';
import type { ActivityInterceptors } from '@temporalio/worker';

/** A fraction of the workflows' heartbeat time-out (3 s); the SDK sends no more of them than are needed. */
const EVERY_MS = 500;

export function heartbeats(_context: Context): ActivityInterceptors {
  return {
    inbound: {
      async execute(input, next) {
        const beating = setInterval(() => heartbeat(), EVERY_MS);
        try {
          return await next(input);
        } finally {
          clearInterval(beating);
        }
      },
    },
  };
}
