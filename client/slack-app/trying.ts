/** Tries something until it is done, refused for good, or too late; says early that it takes long. */

export type Tried<T> =
  | {
      readonly kind: 'done';
      readonly value: T;
      /** An attempt before may have been taken. */ readonly wasUnsure: boolean;
    }
  | { readonly kind: 'failed'; readonly error: unknown }
  /** `wasUnsure`: some attempt may have been taken, and nobody heard of it. */
  | { readonly kind: 'late' | 'stopped'; readonly wasUnsure: boolean };

export interface Trying<T> {
  readonly attempt: () => Promise<T>;
  /** It fails each time: there is no use in trying again. */
  readonly isFinal: (error: unknown) => boolean;
  readonly untilMs: number;
  readonly slowAfterMs: number;
  /** Told once, where it is not done by then or an attempt has failed. */
  readonly onSlow: () => void;
  readonly retryMs: readonly [first: number, longest: number];
  readonly signal: AbortSignal;
}

export async function keepTrying<T>(trying: Trying<T>): Promise<Tried<T>> {
  const { attempt, isFinal, untilMs, slowAfterMs, onSlow, retryMs, signal } = trying;
  let isSaid = false;
  const saySlow = () => {
    if (isSaid || signal.aborted) return;
    isSaid = true;
    onSlow();
  };
  const slow = setTimeout(saySlow, slowAfterMs);
  const [first, longest] = retryMs;
  let waitMs = first;
  let wasUnsure = false;
  try {
    for (;;) {
      if (signal.aborted) return { kind: 'stopped', wasUnsure };
      try {
        const value = await unlessStopped(attempt(), signal);
        return { kind: 'done', value, wasUnsure };
      } catch (error) {
        if (signal.aborted) return { kind: 'stopped', wasUnsure: true };
        if (isFinal(error)) return { kind: 'failed', error };
        wasUnsure = true;
        saySlow();
      }
      if (Date.now() + waitMs > untilMs) return { kind: 'late', wasUnsure };
      await pause(waitMs, signal);
      waitMs = Math.min(2 * waitMs, longest);
    }
  } finally {
    clearTimeout(slow);
  }
}

/** @throws where the signal comes first */
async function unlessStopped<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop = () => {};
  const stopped = new Promise<never>((_, reject) => {
    stop = () => reject(new Error('It was stopped.'));
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, stopped]);
  } finally {
    signal.removeEventListener('abort', stop);
    // What is left behind fails unheard.
    work.catch(() => undefined);
    stopped.catch(() => undefined);
  }
}

/** Resolves at the signal, at the latest. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
}

/** So many at the same time, and so many of one person. */
export interface Slots {
  /** Nothing where there is none left; else what gives it back. */
  take(of: string): (() => void) | undefined;
}

export function createSlots(most: number, mostOfOne: number): Slots {
  const taken = new Map<string, number>();
  let all = 0;
  return {
    take(of) {
      const own = taken.get(of) ?? 0;
      if (all >= most || own >= mostOfOne) return undefined;
      all += 1;
      taken.set(of, own + 1);
      return () => {
        all -= 1;
        const left = (taken.get(of) ?? 1) - 1;
        if (left === 0) taken.delete(of);
        else taken.set(of, left);
      };
    },
  };
}
