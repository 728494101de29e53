/**
 * Who decided: each decision carries a signature that binds person, incident, action, nonce and time. Its form is OpenSSH's
 * own (PROTOCOL.sshsig), so that the key that an engineer already has, in a file, an agent or a hardware token, is enough.
 */
import { canonical } from '../evidence/canonical';

/** What a signature by this kind of statement can be used for, and for nothing else: SSHSIG's namespace. */
export const NAMESPACES = {
  decision: 'decision@firebreak',
  declaration: 'declaration@firebreak',
  token: 'token@firebreak',
} as const;

export interface Proof {
  /** The public key as OpenSSH writes it, without a comment: `ssh-ed25519 AAAA…` */
  readonly key: string;
  /** The SSHSIG blob, base64 in one line. */
  readonly signature: string;
  /** 128 random bits or more; taken once. 16 to 64 characters of base64url. */
  readonly nonce: string;
  /** When it was signed, in milliseconds since the epoch. */
  readonly at: number;
}

/** How long a signature may be on its way, in ms: longer than an outage that a responder sits out, shorter than a night. */
export const FRESH_FOR_MS = 3_600_000;

/** How far a signer's clock may be ahead, in ms. */
export const AHEAD_MS = 120_000;

/** What is signed for a decision: one spelling for each. `content` holds the decision's fields, with `by` and `door`. */
export function statementOf(
  incident: string,
  decision: string,
  content: Readonly<Record<string, unknown>> & { readonly by: string },
  { nonce, at }: Pick<Proof, 'nonce' | 'at'>,
): string {
  const { by, door, ...fields } = content;
  // Addresses are compared without case.
  return canonical({ firebreak: 1, incident, decision, by: by.toLowerCase(), door, fields, nonce, at });
}

/** The cryptography that a check needs. Deterministic: the workflow gives one that is plain JavaScript. */
export interface Crypto {
  verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
  sha256(message: Uint8Array): Uint8Array;
  sha512(message: Uint8Array): Uint8Array;
}
