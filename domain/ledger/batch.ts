/** The ledger: every entry as one line of canonical JSON, each bound to the line before, in batches whose head is signed. */
import type { Entry } from '../entries';

/** What the workflow keeps of the last batch, and gives the next. Hashes are SHA-256, hexadecimal. */
export interface LedgerHead {
  /** Counts from 1. */
  readonly batch: number;
  readonly path: string;
  /** Of the batch's file. */
  readonly sha256: string;
  /** Of its last entry's line. */
  readonly line: string;
  /** The number of its last entry. */
  readonly upTo: number;
  /** Nothing comes after it. */
  readonly closes?: boolean;
}

export interface LedgerInput {
  readonly codename: string;
  readonly previous?: LedgerHead;
  /** Those after the last batch, in order, without gaps. At least one, but for a batch that only closes what is written. */
  readonly entries: readonly Entry[];
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Nothing comes after it. */
  readonly closes: boolean;
}
