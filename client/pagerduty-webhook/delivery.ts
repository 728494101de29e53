/** Passes on what was taken: at once, and again and again for some minutes where it does not arrive. */
import { setMaxListeners } from 'node:events';

/** One attempt. False, or a failure, means: try again. */
export type Attempt = () => Promise<boolean>;

export interface Pace {
  readonly firstMs: number;
  /** The longest wait between two attempts. */
  readonly mostMs: number;
  /** After so long it is left to the worker, which asks PagerDuty itself. */
  readonly forMs: number;
  /** How many wait at the same time; the default is more than people acknowledge in ten minutes. */
  readonly most: number;
}

export const PACE: Pace = { firstMs: 500, mostMs: 15_000, forMs: 600_000, most: 1_000 };

/** How long a door that ends waits for what is being sent, in ms. */
const GRACE_MS = 5_000;

export interface Delivery {
  /** False where too much waits already. */
  readonly begin: (attempt: Attempt) => boolean;
  /** What waits for its next attempt is given up; what is being sent is waited for, some seconds long. */
  readonly close: () => Promise<void>;
}

export function createDelivery({ firstMs, mostMs, forMs, most }: Pace = PACE): Delivery {
  const running = new Set<Promise<void>>();
  const ending = new AbortController();
  // One for each that waits, and never more.
  setMaxListeners(most, ending.signal);

  async function deliver(attempt: Attempt): Promise<void> {
    const until = Date.now() + forMs;
    for (let waitMs = firstMs; ; waitMs = Math.min(mostMs, waitMs * 2)) {
      if (await attempt().catch(() => false)) return;
      if (ending.signal.aborted || Date.now() + waitMs > until) return;
      await pause(waitMs, ending.signal);
      if (ending.signal.aborted) return;
    }
  }

  return {
    begin(attempt) {
      if (running.size >= most || ending.signal.aborted) return false;
      const delivered = deliver(attempt).finally(() => running.delete(delivered));
      running.add(delivered);
      return true;
    },
    async close() {
      ending.abort();
      const sent = new AbortController();
      await Promise.race([Promise.all(running), pause(GRACE_MS, sent.signal)]);
      sent.abort();
    },
  };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
  });
}
