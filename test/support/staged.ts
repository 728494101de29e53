/** A vendor in memory: what it is asked is recorded, and it fails and hangs as a test wants. */

/** One call of a vendor. */
export interface Call {
  /** The method of the port, e.g. `openPage`. */
  readonly name: string;
  /** Milliseconds since the epoch, by the vendor's own clock. */
  readonly at: number;
  readonly request: unknown;
}

/** What is done to a vendor by a test. */
export interface Staged {
  /** Every call, in the order of arrival, also those that failed. */
  readonly calls: Call[];
  /** How often it was called. */
  count(name: string): number;
  /** The next calls of that method fail so; all of them, until `mend`, where no number is given. */
  fail(name: string, failure: Error, times?: number): void;
  mend(name: string): void;
  /** Calls of that method hang, before they do anything, until the function returned is called. */
  hold(name: string): () => void;
  /** The next call of that method does its work and then hangs: its answer is lost while it lasts. */
  holdAnswer(name: string): void;
  /** Nothing hangs any more, so that a worker can end. */
  releaseAll(): void;
}

interface Gate {
  readonly open: Promise<void>;
  release(): void;
}

function gate(): Gate {
  let release = () => {};
  const open = new Promise<void>((resolve) => (release = resolve));
  return { open, release };
}

/** The port, with every call recorded in the order of the whole world, failing and hanging as told. */
export function staged<Port extends object>(port: Port, all: Call[]): Port & Staged {
  const calls: Call[] = [];
  const failures = new Map<string, { failure: Error; left: number }>();
  const held = new Map<string, Gate>();
  const heldAnswers = new Map<string, Gate>();
  const hung: Gate[] = [];
  const methods = Object.entries(port).map(([name, method]) => {
    if (typeof method !== 'function') return [name, method as unknown] as const;
    const recorded = async (...args: readonly unknown[]): Promise<unknown> => {
      const call = { name, at: Date.now(), request: args.length === 1 ? args[0] : args };
      calls.push(call);
      all.push(call);
      await held.get(name)?.open;
      const failing = failures.get(name);
      if (failing && failing.left > 0) {
        failing.left -= 1;
        throw failing.failure;
      }
      const result = await (method as (...args: readonly unknown[]) => Promise<unknown>)(...args);
      const answer = heldAnswers.get(name);
      heldAnswers.delete(name);
      await answer?.open;
      return result;
    };
    return [name, recorded] as const;
  });
  return {
    ...(Object.fromEntries(methods) as unknown as Port),
    calls,
    count: (name) => calls.filter((call) => call.name === name).length,
    fail: (name, failure, times = Infinity) => void failures.set(name, { failure, left: times }),
    mend: (name) => void failures.delete(name),
    hold(name) {
      const made = gate();
      held.set(name, made);
      hung.push(made);
      return () => {
        held.delete(name);
        made.release();
      };
    },
    holdAnswer(name) {
      const made = gate();
      heldAnswers.set(name, made);
      hung.push(made);
    },
    releaseAll() {
      held.clear();
      heldAnswers.clear();
      for (const { release } of hung) release();
    },
  };
}
