/** What follows from something and the company's keyring: whoever has the one alone can't tell the other. */
import { CODENAMES, codenameOf } from '../domain/codename';
import type { Keyring } from './keyring';

/** What makes it follow for those alone who have the company's keyring. */
export type Secret = Pick<Keyring, 'proofOf'>;

/** 32 bytes that follow from these and the company's keyring. */
export function secretHash(secret: Secret, ...parts: readonly (string | number)[]): Buffer {
  return Buffer.from(secret.proofOf(Buffer.from(JSON.stringify(['firebreak', ...parts]))));
}

export function codenameFrom(digest: Buffer): string {
  return codenameOf(digest.readUIntBE(0, 6) % CODENAMES);
}
