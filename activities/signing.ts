/** What evidence and the ledger have in common: the company's key, as a check will use it later, and bytes as both write them. */
import { createHash, createPublicKey, verify, type KeyObject } from 'node:crypto';
import { algorithmFor, ALGORITHMS, type Algorithm } from '../domain/evidence/signatures';
import type { Signer } from './evidence';
import { invalidRequest } from './failures';

export interface PublicKey {
  readonly pem: string;
  readonly key: { readonly algorithm: Algorithm; readonly fingerprint: string };
}

/** `InvalidRequest` where nobody could check the key's signatures. */
export async function publicKeyOf(signer: Signer): Promise<PublicKey> {
  const key = parseKey(await signer.publicKey());
  const algorithm = algorithmFor(key?.asymmetricKeyType);
  if (!key || !algorithm)
    throw invalidRequest(
      'The signing key is of no kind that Firebreak can check: use one of ECC_NIST_P256, RSA or Ed25519.',
    );
  return {
    // Spelt anew, so that it is the same text whoever spelt it before.
    pem: key.export({ type: 'spki', format: 'pem' }).toString(),
    key: { algorithm, fingerprint: sha256(key.export({ type: 'spki', format: 'der' })) },
  };
}

/** What nobody could check later is not written: `InvalidRequest`. */
export async function signatureBy(signer: Signer, content: Uint8Array, key: PublicKey): Promise<Uint8Array> {
  const { signature, algorithm } = await signer.sign(content);
  if (algorithm !== key.key.algorithm || !fits(key, content, signature))
    throw invalidRequest(
      `The signer's signature by ${algorithm} does not fit its key: for this kind of key, ${key.key.algorithm} is needed.`,
    );
  return signature;
}

export function fits({ pem, key }: PublicKey, content: Uint8Array, signature: Uint8Array): boolean {
  const { digest, options } = ALGORITHMS[key.algorithm];
  return verify(digest, content, { key: pem, ...options }, signature);
}

export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

export function encoded(text: string): Uint8Array {
  return Buffer.from(text, 'utf8');
}

export function decoded(content: Uint8Array): string {
  return Buffer.from(content).toString('utf8');
}

function parseKey(pem: string): KeyObject | undefined {
  try {
    return createPublicKey(pem);
  } catch {
    return undefined;
  }
}
