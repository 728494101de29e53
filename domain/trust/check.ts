/** Whether a proof holds: an enrolled key, fresh, and a signature of that very statement. */
import type { Crypto, Proof } from './proof';

export interface ProofProblem {
  /** In the order in which they are looked for. */
  readonly kind: 'malformed' | 'notEnrolled' | 'stale' | 'ahead' | 'forged';
  /** One sentence that says what to do. */
  readonly reason: string;
}

/** Shape alone: what `parseDecision` lets through as a proof. Says what is wrong with it, or nothing. */
export function problemOfProofShape(_value: unknown): string | undefined {
  throw new Error('not written yet');
}

/** Shape alone: a public key that can be enrolled. Says what is wrong with it, or nothing. */
export function problemOfPublicKey(_text: string): string | undefined {
  throw new Error('not written yet');
}

/** As `ssh-keygen -l` prints it: `SHA256:` and base64 without padding. */
export function fingerprintOf(_publicKey: string, _crypto: Pick<Crypto, 'sha256'>): string {
  throw new Error('not written yet');
}

/**
 * Looks at a proof. `keys` are those enrolled for the person, or for the door; `at` is now, in ms since the epoch. Never
 * throws, whatever it is given.
 */
export function problemOfProof(_: {
  readonly proof: Proof;
  readonly namespace: string;
  readonly statement: string;
  readonly keys: readonly string[];
  readonly at: number;
  readonly crypto: Crypto;
}): ProofProblem | undefined {
  throw new Error('not written yet');
}
