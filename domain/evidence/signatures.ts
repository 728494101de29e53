/**
 * The signatures that Firebreak makes and checks, by the names that AWS KMS has for them. `digest` and `options` are what
 * `verify` of node:crypto takes.
 */
export const ALGORITHMS = {
  /** P-256; the signature is in DER. */
  ECDSA_SHA_256: { keyType: 'ec', digest: 'sha256', options: { dsaEncoding: 'der' } },
  /** `padding` is OpenSSL's RSA_PKCS1_PSS_PADDING; the salt is as long as the digest, in bytes. */
  RSASSA_PSS_SHA_256: { keyType: 'rsa', digest: 'sha256', options: { padding: 6, saltLength: 32 } },
  /** Ed25519 hashes by itself. */
  ED25519_SHA_512: { keyType: 'ed25519', digest: null, options: {} },
} as const;

export type Algorithm = keyof typeof ALGORITHMS;

export const ALGORITHM_NAMES = Object.keys(ALGORITHMS) as Algorithm[];

/** The one for a kind of key, as node:crypto names the kind. */
export function algorithmFor(keyType: string | undefined): Algorithm | undefined {
  return ALGORITHM_NAMES.find((name) => ALGORITHMS[name].keyType === keyType);
}

export function isAlgorithm(name: string): name is Algorithm {
  return Object.hasOwn(ALGORITHMS, name);
}
