/** Which codenames to try for a declaration, in order. */
import { randomInt } from 'node:crypto';
import type { Keyring } from '../codec/keyring';
import { CODENAMES, codenameOf } from '../domain/codename';

/** More tries than this mean that the namespace is full of incidents. */
const TRIES = 64;

/** What makes them follow from a detection for those alone who have the company's keyring. */
export type Secret = Pick<Keyring, 'proofOf'>;

/**
 * For a detection, always the same ones in the same order, so that two declarations of it meet at the server. Whoever reads
 * the company's detections can't tell which codename is one of theirs.
 */
export function* candidatesFor(findingId: string, secret: Secret): Generator<string> {
  for (let attempt = 0; attempt < TRIES; attempt += 1)
    yield codenameOf(numberOf(secretHash(secret, 'codename', findingId, attempt)));
}

/** By chance. */
export function* candidates(): Generator<string> {
  for (let attempt = 0; attempt < TRIES; attempt += 1) yield codenameOf(randomInt(CODENAMES));
}

/** 32 bytes that follow from these and the company's keyring. */
export function secretHash(secret: Secret, ...parts: readonly (string | number)[]): Buffer {
  return Buffer.from(secret.proofOf(Buffer.from(JSON.stringify(['firebreak', ...parts]))));
}

function numberOf(digest: Buffer): number {
  return digest.readUIntBE(0, 6) % CODENAMES;
}
