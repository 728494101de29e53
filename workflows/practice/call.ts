/** Calls that look like an incident's, and do nothing: by the same proxies, so that time-outs and retries can't differ. */
import { ActivityFailure, isCancellation, type ActivityInterfaceFor } from '@temporalio/workflow';
import { padding, practiceName, writeOrder, type Chance } from '../../domain/practice';

export interface Size {
  /** Of its arguments as JSON, in characters; none where it takes none. */
  readonly takes: readonly number[];
  /** Of what it returns; left out: nothing. */
  readonly gives?: number;
  /** How long it takes, about, in ms; the default is a vendor's answer. */
  readonly ms?: number;
}

export type Call = <A>(
  group: ActivityInterfaceFor<A>,
  like: keyof A & string,
  summary: string,
  size: Size,
) => Promise<void>;

const VENDOR_MS = 350;
/** Of attempts; vendors do fail. */
const FAILING = 0.02;
const QUOTES = 2;

interface Pretended {
  executeWithOptions(options: { summary: string }, args: readonly unknown[]): Promise<unknown>;
}

/** Vendors are as slow as they are, but where a whole practice is shorter than this, in ms: then all of it is faster. */
const UNHURRIED_MS = 600_000;

export function paceOf(lastsMs: number): number {
  return Math.min(1, Math.max(0, lastsMs / UNHURRIED_MS));
}

export function callsBy(chance: Chance, lastsMs: number): Call {
  const pace = paceOf(lastsMs);
  return async (group, like, summary, { takes: [first, ...others], gives, ms = VENDOR_MS }) => {
    const order = {
      ms: chance.around(ms) * pace,
      answer: gives === undefined ? 0 : Math.max(1, gives - QUOTES),
      fails: chance.happens(FAILING),
    };
    const args =
      first === undefined
        ? []
        : [writeOrder(order, first - QUOTES), ...others.map((characters) => padding(characters - QUOTES))];
    const step = (group as unknown as Readonly<Record<string, Pretended>>)[practiceName(like)];
    try {
      await step?.executeWithOptions({ summary }, args);
    } catch (error) {
      // No worker finished it, say. An incident goes on, and so does this.
      if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error;
    }
  };
}
