/** The cryptography of a check, by node:crypto. Whatever can't be read fits nothing. */
import { createHash, createPublicKey, verify } from 'node:crypto';
import type { Tools } from '../../domain/evidence/finding';
import { ALGORITHMS, isAlgorithm } from '../../domain/evidence/signatures';

export const TOOLS: Tools = {
  sha256: (text) => createHash('sha256').update(text, 'utf8').digest('hex'),

  verifySignature(pem, algorithm, content, signature) {
    const decoded = Buffer.from(signature, 'base64');
    // Base64 has several spellings of the same bytes: any but the one is a change.
    if (!isAlgorithm(algorithm) || decoded.toString('base64') !== signature) return false;
    const { keyType, digest, options } = ALGORITHMS[algorithm];
    try {
      const key = createPublicKey(pem);
      return (
        key.asymmetricKeyType === keyType &&
        verify(digest, Buffer.from(content, 'utf8'), { key, ...options }, decoded)
      );
    } catch {
      return false;
    }
  },

  fingerprint(pem) {
    try {
      const der = createPublicKey(pem).export({ type: 'spki', format: 'der' });
      return createHash('sha256').update(der).digest('hex');
    } catch {
      return undefined;
    }
  },
};
