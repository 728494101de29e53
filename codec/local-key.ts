/** A wrapping key that is a secret of the keyring itself: AES-256-GCM over the data key, bound to its context. */
import { createCipheriv, createDecipheriv, createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import { canonical } from '../domain/evidence/canonical';
import type { WrappingKey } from './keyring';

const CIPHER = 'aes-256-gcm';
/** In bytes: what SP 800-38D wants of a random nonce, and the full tag. */
export const NONCE_BYTES = 12;
export const TAG_BYTES = 16;

export function createLocalKey(secret: Uint8Array): WrappingKey {
  const key = createSecretKey(secret);
  return {
    wrap: async (dataKey, context) => sealBytes(key, dataKey, bytesOf(context)),
    unwrap: async (wrapped, context) => openBytes(key, wrapped, bytesOf(context)),
  };
}

function bytesOf(context: Readonly<Record<string, string>>): Buffer {
  return Buffer.from(canonical(context), 'utf8');
}

/** Nonce, cipher text and tag in one. `bound` has to be the same when it is opened. */
export function sealBytes(key: KeyObject, content: Uint8Array, bound: Uint8Array): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(bound);
  return Buffer.concat([nonce, cipher.update(content), cipher.final(), cipher.getAuthTag()]);
}

/** Nothing where it was changed, is bound to something else, or was sealed with another key. */
export function openBytes(key: KeyObject, sealed: Uint8Array, bound: Uint8Array): Buffer | undefined {
  if (sealed.length < NONCE_BYTES + TAG_BYTES) return undefined;
  const end = sealed.length - TAG_BYTES;
  const decipher = createDecipheriv(CIPHER, key, sealed.subarray(0, NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(bound);
  decipher.setAuthTag(sealed.subarray(end));
  const content = decipher.update(sealed.subarray(NONCE_BYTES, end));
  try {
    return Buffer.concat([content, decipher.final()]);
  } catch {
    return undefined;
  }
}
