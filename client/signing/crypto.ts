/** The cryptography of clients, by node:crypto. It accepts what the workflow's own (`workflows/crypto.ts`) does, and no more. */
import { createHash, createPublicKey, verify } from 'node:crypto';
import { mayVerify } from '../../domain/trust/ed25519';
import type { Crypto } from '../../domain/trust/proof';

/** What stands before the 32 bytes of an Ed25519 key in DER (RFC 8410). */
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');

export const NODE_CRYPTO: Crypto = {
  verifyEd25519(publicKey, message, signature) {
    if (!mayVerify(publicKey, signature)) return false;
    try {
      const key = createPublicKey({ key: Buffer.concat([SPKI, publicKey]), format: 'der', type: 'spki' });
      return verify(null, message, key, signature);
    } catch {
      return false;
    }
  },
  sha256: (message) => createHash('sha256').update(message).digest(),
  sha512: (message) => createHash('sha512').update(message).digest(),
};
