/** Which codenames to try for a declaration, in order. */
import { createHash, randomInt } from 'node:crypto';
import { CODENAMES, codenameOf } from '../domain/codename';

/** More tries than this mean that the namespace is full of incidents. */
const TRIES = 64;

/**
 * For a detection, always the same ones in the same order, so that two declarations of it meet at the server; without one,
 * by chance.
 */
export function* candidates(findingId?: string): Generator<string> {
  for (let attempt = 0; attempt < TRIES; attempt += 1)
    yield codenameOf(findingId === undefined ? randomInt(CODENAMES) : hashed(findingId, attempt));
}

function hashed(findingId: string, attempt: number): number {
  const digest = createHash('sha256')
    .update(JSON.stringify(['codename', findingId, attempt]))
    .digest();
  return digest.readUIntBE(0, 6) % CODENAMES;
}
