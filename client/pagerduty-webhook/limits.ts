/** What one caller may ask of the webhook's door: sizes, times, and how often. */
import type { Rate } from '../http/pace';
import type { Bounds } from '../http/serving';

export interface Limits extends Bounds {
  /** PagerDuty drops what is larger, and most is far below. In bytes. */
  readonly bodyBytes: number;
  /** What was signed, from everywhere together: PagerDuty sends again what it is told to wait with. */
  readonly signed: Rate;
  /** What was not signed, from one address. */
  readonly failures: Rate;
}

export const LIMITS: Limits = {
  bodyBytes: 256 * 1024,
  signed: { burst: 200, perSecond: 20 },
  failures: { burst: 10, perSecond: 0.2 },
  connections: 64,
  headersMs: 5_000,
  // PagerDuty itself waits five seconds for an answer.
  requestMs: 10_000,
  idleMs: 15_000,
};

/** An event that happened longer ago is not acted on: the worker, which asks PagerDuty itself, has found it. In ms. */
export const FRESH_FOR_MS = 300_000;
