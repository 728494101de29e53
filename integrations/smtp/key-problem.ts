/** Why a public key can't be used for somebody. */

export interface KeyProblem {
  /** Completes "no usable key for ADDRESS (…)". Never a word of the file itself. */
  readonly says: string;
  /** It comes with time, or goes with it: no reason to refuse the file at start, and one to refuse the mail. */
  readonly ofTime: boolean;
}

export const lasting = (says: string): KeyProblem => ({ says, ofTime: false });
export const ofTime = (says: string): KeyProblem => ({ says, ofTime: true });

/** `2026-11-20`: a day, since nobody mends a key by the hour. */
export function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** How a key of either kind is looked at. */
export interface PublicKeyOf<Kind extends 'smime' | 'pgp'> {
  readonly kind: Kind;
  /** As people read it to each other by telephone. */
  readonly fingerprint: string;
  /** Milliseconds since the epoch; absent where it does not expire. */
  readonly notAfter?: number;
  /** All that speaks against encrypting to this key a mail for that address (in its normal form) at that moment. */
  problemsFor(address: string, now: number): Promise<KeyProblem[]>;
}

export type ReadKey<Key> =
  { readonly ok: true; readonly key: Key } | { readonly ok: false; readonly problem: string };
