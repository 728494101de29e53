/** A token that says who asks, for some hours: what the codec server takes instead of a password. */
import { randomBytes } from 'node:crypto';
import { canonical } from '../../domain/evidence/canonical';
import { areEqual } from '../../domain/trust/bytes';
import { AHEAD_MS, NAMESPACES, type Crypto } from '../../domain/trust/proof';
import { parsePublicKey, parseSshsig, problemOfSshsig } from '../../domain/trust/sshsig';
import { InvalidInput } from '../errors';
import type { Signer } from './signer';

export interface TokenClaims {
  /** The e-mail address of who asks. */
  readonly by: string;
  /** Whom the token is for, e.g. the codec server's address: another one refuses it. */
  readonly audience: string;
  /** When it was made, in ms since the epoch. */
  readonly at: number;
  /** From then on it is refused, in ms since the epoch. */
  readonly expiresAt: number;
  /** 16 to 64 characters of base64url. */
  readonly nonce: string;
}

export type ReadToken =
  | { readonly ok: true; readonly by: string; readonly expiresAt: number }
  | { readonly ok: false; readonly problem: string };

/** A working day and a night shift at most, in ms: a token that was stolen serves no longer. */
export const LONGEST_LIFE_MS = 12 * 3_600_000;

/** Characters. Ours take about 700. */
const LONGEST_TOKEN = 4_096;

const FIELDS = ['at', 'audience', 'by', 'expiresAt', 'firebreak', 'nonce'];
const VERSION = 1;

/** @throws InvalidInput where the claims are none, or no signature comes */
export async function createToken(signer: Signer, claims: TokenClaims): Promise<string> {
  const { by, audience, at, expiresAt, nonce } = claims;
  const payload = canonical({
    firebreak: VERSION,
    by: by.toLowerCase(),
    audience,
    at,
    expiresAt,
    nonce,
  });
  if (!readClaims(payload))
    throw new InvalidInput(['a token needs who, for whom, a nonce, and at most 12 hours']);
  const signature = await signer.sign(NAMESPACES.token, payload);
  return `${Buffer.from(payload).toString('base64url')}.${Buffer.from(signature, 'base64').toString('base64url')}`;
}

/** A token from now on, for `lifeMs`. @throws InvalidInput where that is too long, or no signature comes */
export function newToken(signer: Signer, by: string, audience: string, lifeMs: number): Promise<string> {
  const at = Date.now();
  const nonce = randomBytes(24).toString('base64url');
  return createToken(signer, { by, audience, at, expiresAt: at + lifeMs, nonce });
}

/**
 * Who asks. `at` is now, in ms since the epoch; `keysOf` gives the keys that are enrolled for an address in lower case. Never
 * throws, and says nothing of who is enrolled.
 */
export function readToken(
  text: string,
  {
    audience,
    at,
    keysOf,
    crypto,
  }: {
    readonly audience: string;
    readonly at: number;
    readonly keysOf: (email: string) => readonly string[];
    readonly crypto: Crypto;
  },
): ReadToken {
  const [payload, signature] = text.length > LONGEST_TOKEN ? [] : partsOf(text);
  const claims = payload && readClaims(payload.toString('utf8'));
  // Bytes that are no UTF-8 are replaced in the text, and then are not the ones that came.
  if (!payload || !signature || !claims || !areEqual(payload, Buffer.from(payload.toString('utf8'))))
    return wrong('this is no token of Firebreak: make one');
  if (claims.audience !== audience) return wrong('the token is for another server: make one for this');
  if (at >= claims.expiresAt) return wrong('the token has expired: make a new one');
  if (claims.at > at + AHEAD_MS)
    return wrong('the token was made in the future: set the clock of the machine that made it');
  const read = parseSshsig(signature.toString('base64'));
  if (!read.ok) return wrong('this is no token of Firebreak: make one');
  const { sshsig } = read;
  const isEnrolled = keysOf(claims.by).some((enrolled) => {
    const known = parsePublicKey(enrolled);
    return known.ok && areEqual(known.key.blob, sshsig.key.blob);
  });
  const wanted = { namespace: NAMESPACES.token, text: payload.toString('utf8') };
  if (!isEnrolled || problemOfSshsig(sshsig, wanted, crypto) !== undefined)
    return wrong(
      'the token is not signed with a key that is enrolled for its address: see "firebreak keys list"',
    );
  return { ok: true, by: claims.by, expiresAt: claims.expiresAt };
}

/** The two parts, where each is the one spelling of its bytes. */
function partsOf(text: string): readonly Buffer[] {
  const parts = text.split('.');
  const decoded = parts.map((part) => Buffer.from(part, 'base64url'));
  return parts.length === 2 && decoded.every((bytes, at) => bytes.toString('base64url') === parts[at])
    ? decoded
    : [];
}

function readClaims(payload: string): TokenClaims | undefined {
  let value: unknown;
  try {
    value = JSON.parse(payload);
    if (typeof value !== 'object' || value === null || canonical(value) !== payload) return undefined;
  } catch {
    return undefined;
  }
  if (Object.keys(value).sort().join() !== FIELDS.join()) return undefined;
  const { firebreak, by, audience, at, expiresAt, nonce } = value as Record<string, unknown>;
  if (
    firebreak !== VERSION ||
    typeof by !== 'string' ||
    by !== by.toLowerCase() ||
    !/^[^\s@]+@[^\s@]+$/.test(by)
  )
    return undefined;
  if (typeof audience !== 'string' || audience === '') return undefined;
  if (typeof nonce !== 'string' || !/^[\w-]{16,64}$/.test(nonce)) return undefined;
  if (!isTime(at) || !isTime(expiresAt) || expiresAt <= at || expiresAt - at > LONGEST_LIFE_MS)
    return undefined;
  return { by, audience, at, expiresAt, nonce };
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function wrong(problem: string): ReadToken {
  return { ok: false, problem };
}
