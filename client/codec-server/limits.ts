/** What one caller may ask of the codec server: sizes, times, and how often. */
import type { Rate } from '../http/pace';
import type { Bounds } from '../http/serving';

export interface Limits extends Bounds {
  /** Of the body of a request for payloads, in bytes. The Web UI sends what one event holds, and that is at most 2 MB. */
  readonly bodyBytes: number;
  readonly payloads: number;
  /** Requests of a person that are worked on at the same time: two browsers' worth. */
  readonly inFlight: number;
  /** Requests of a person: the Web UI makes one for each payload of a history that it shows. */
  readonly perPerson: Rate;
  /** Tokens that did not hold, from one address. */
  readonly failures: Rate;
}

export const LIMITS: Limits = {
  bodyBytes: 4 * 1024 * 1024,
  payloads: 1_000,
  inFlight: 16,
  perPerson: { burst: 5_000, perSecond: 100 },
  failures: { burst: 10, perSecond: 0.2 },
  connections: 256,
  headersMs: 5_000,
  requestMs: 15_000,
  idleMs: 20_000,
};

/** Of the sign-in form: a token and its field's name. In bytes. */
export const FORM_BYTES = 16 * 1024;
