/** What an approval is bound to: the SHA-256 of the exact text. */
import { sha256 } from '@noble/hashes/sha2';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils';

/** In hexadecimal digits. One changed character makes another one. */
export function textHash(text: string): string {
  return bytesToHex(sha256(utf8ToBytes(text)));
}
