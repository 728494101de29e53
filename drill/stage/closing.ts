/** What was started is ended, in the opposite order, however far the others had come. */

interface Running {
  stop(): Promise<void>;
}
interface Open {
  close(): Promise<void>;
}

export interface Closing {
  add(close: () => Promise<unknown>): void;
  /** What it starts is ended with the others. */
  kept<T extends Open | Running>(starting: Promise<T>): Promise<T>;
  closeAll(): Promise<void>;
}

export function createClosing(): Closing {
  const all: (() => Promise<unknown>)[] = [];
  return {
    add: (close) => void all.push(close),
    async kept(starting) {
      const started = await starting;
      all.push(() => ('close' in started ? started.close() : started.stop()));
      return started;
    },
    async closeAll() {
      // One that can't be closed in order keeps none of the others open.
      for (const close of all.splice(0).reverse()) await close().catch(() => undefined);
    },
  };
}

/** Waits for all, so that what did start can be ended where another did not. */
export async function settled<T extends readonly Promise<unknown>[]>(
  all: T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  const results = await Promise.allSettled(all);
  const failed = results.find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
  return results.map((result) => (result as PromiseFulfilledResult<unknown>).value) as never;
}
