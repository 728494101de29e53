/** Entries: what the timeline shows and the ledger keeps, one for everything decided, done or refused. */
import type { DecisionName, Door } from './decisions';
import type { Blocker } from './gates';
import type { Proof } from './trust/proof';

export type EntryKind =
  'declared' | 'decision' | 'asked' | 'refusal' | 'effect' | 'failure' | 'gate' | 'warning' | 'ended';

export interface Entry {
  /** Counts from 1, without gaps. */
  readonly seq: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly kind: EntryKind;
  /** A responder's e-mail, `firebreak` for what machines do, or `unknown` where nothing proves who it was. */
  readonly by: string;
  /** One sentence for people. */
  readonly text: string;
  readonly decision?: DecisionName;
  readonly door?: Door;
  /** Of a refusal: every reason. */
  readonly reasons?: readonly Blocker[];
  /** Of a refusal that came again and again: for how many this entry stands. */
  readonly times?: number;
  /** Of what a person sent, and signed: with `details` as the fields, the statement can be checked by anybody. */
  readonly proof?: Proof;
  /** The decision's own content, or what the effect gave back. */
  readonly details?: Readonly<Record<string, unknown>>;
}

export type NewEntry = Omit<Entry, 'seq' | 'at'>;

export const MACHINE = 'firebreak';

/** Who sent a message that proves nothing. */
export const UNKNOWN = 'unknown';
