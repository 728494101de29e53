/** Whether a proof holds: an enrolled key, fresh, and a signature of that very statement. */
import { areEqual, base64Of } from './bytes';
import { AHEAD_MS, FRESH_FOR_MS, type Crypto, type Proof } from './proof';
import {
  parsePublicKey,
  parseSshsig,
  problemOfSshsig,
  publicKeyText,
  type PublicKey,
  type Read,
  type Sshsig,
} from './sshsig';

export interface ProofProblem {
  /** In the order in which they are looked for. */
  readonly kind: 'malformed' | 'notEnrolled' | 'stale' | 'ahead' | 'forged';
  /** One sentence that says what to do. */
  readonly reason: string;
}

const FIELDS = ['at', 'key', 'nonce', 'signature'];

/** Shape alone: what `parseDecision` lets through as a proof. Says what is wrong with it, or nothing. */
export function problemOfProofShape(value: unknown): string | undefined {
  const read = readProof(value);
  return read.ok ? undefined : read.problem;
}

/** Shape alone: a public key that can be enrolled. Says what is wrong with it, or nothing. */
export function problemOfPublicKey(text: string): string | undefined {
  const read = parsePublicKey(text);
  return read.ok ? undefined : read.problem;
}

/** As `ssh-keygen -l` prints it: `SHA256:` and base64 without padding. Of what is no key: "no public key". */
export function fingerprintOf(publicKey: string, crypto: Pick<Crypto, 'sha256'>): string {
  const read = parsePublicKey(publicKey);
  return read.ok ? fingerprint(read.key, crypto) : 'no public key';
}

/**
 * Looks at a proof. `keys` are those enrolled for the person, or for the door; `at` is now, in ms since the epoch. Never
 * throws, whatever it is given.
 */
export function problemOfProof({
  proof,
  namespace,
  statement,
  keys,
  at,
  crypto,
}: {
  readonly proof: Proof;
  readonly namespace: string;
  readonly statement: string;
  readonly keys: readonly string[];
  readonly at: number;
  readonly crypto: Crypto;
}): ProofProblem | undefined {
  const read = readProof(proof);
  if (!read.ok) return { kind: 'malformed', reason: read.problem };
  const { key, sshsig } = read;
  if (!keys.some((enrolled) => isKey(enrolled, key)))
    return {
      kind: 'notEnrolled',
      reason: `the key ${fingerprint(key, crypto)} is not enrolled for who decides: sign with one that is ("firebreak keys list"), or have it enrolled ("firebreak keys enrol")`,
    };
  if (at > proof.at + FRESH_FOR_MS)
    return {
      kind: 'stale',
      reason: `it was signed more than ${FRESH_FOR_MS / 60_000} minutes ago: decide again, which signs it anew`,
    };
  if (proof.at > at + AHEAD_MS)
    return {
      kind: 'ahead',
      reason: `it was signed more than ${AHEAD_MS / 60_000} minutes in the future: set the clock of the machine that signs`,
    };
  const problem = areEqual(sshsig.key.blob, key.blob)
    ? problemOfSshsig(sshsig, { namespace, text: statement }, crypto)
    : 'it was signed with another key than it names';
  return problem === undefined
    ? undefined
    : { kind: 'forged', reason: `${problem}: decide again on a machine that you trust, and tell the others` };
}

function readProof(value: unknown): Read<{ key: PublicKey; sshsig: Sshsig }> {
  if (typeof value !== 'object' || value === null) return { ok: false, problem: 'a proof is needed' };
  const fields = value as Record<string, unknown>;
  const { key, signature, nonce, at } = fields;
  if (Object.keys(fields).sort().join() !== FIELDS.join())
    return { ok: false, problem: `a proof has the fields ${FIELDS.join(', ')}, each of them and no other` };
  if (typeof at !== 'number' || !Number.isSafeInteger(at) || at < 0)
    return { ok: false, problem: 'at: milliseconds since the epoch are needed' };
  if (typeof nonce !== 'string' || !/^[\w-]{16,64}$/.test(nonce))
    return { ok: false, problem: 'nonce: 16 to 64 characters of base64url are needed' };
  if (typeof key !== 'string') return { ok: false, problem: 'key: a public key is needed' };
  const readKey = parsePublicKey(key);
  if (!readKey.ok) return { ok: false, problem: `key: ${readKey.problem}` };
  if (publicKeyText(readKey.key) !== key)
    return { ok: false, problem: 'key: only type and base64 are needed, with one space between' };
  if (typeof signature !== 'string') return { ok: false, problem: 'signature: a text is needed' };
  const readSignature = parseSshsig(signature);
  if (!readSignature.ok) return { ok: false, problem: `signature: ${readSignature.problem}` };
  return { ok: true, key: readKey.key, sshsig: readSignature.sshsig };
}

/** Comments say nothing, and an enrolled key that can't be read is nobody's. */
function isKey(enrolled: string, { blob }: PublicKey): boolean {
  const read = parsePublicKey(enrolled);
  return read.ok && areEqual(read.key.blob, blob);
}

function fingerprint({ blob }: PublicKey, crypto: Pick<Crypto, 'sha256'>): string {
  return `SHA256:${base64Of(crypto.sha256(blob)).replace(/=+$/, '')}`;
}
