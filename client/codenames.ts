/** Which codenames to try for a declaration, in order. */
import { randomInt } from 'node:crypto';
import { codenameFrom, secretHash, type Secret } from '../codec/codenames';
import { CODENAMES, codenameOf } from '../domain/codename';

/** More tries than this mean that the namespace is full of incidents. */
const TRIES = 64;

/**
 * For a detection, always the same ones in the same order, so that two declarations of it meet at the server. Whoever reads
 * the company's detections can't tell which codename is one of theirs.
 */
export function* candidatesFor(findingId: string, secret: Secret): Generator<string> {
  for (let attempt = 0; attempt < TRIES; attempt += 1)
    yield codenameFrom(secretHash(secret, 'codename', findingId, attempt));
}

/** By chance. */
export function* candidates(): Generator<string> {
  for (let attempt = 0; attempt < TRIES; attempt += 1) yield codenameOf(randomInt(CODENAMES));
}
