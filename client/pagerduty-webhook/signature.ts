/** Whether PagerDuty sent it: `X-PagerDuty-Signature: v1=…,v1=…`, each an HMAC-SHA256 of the body's very bytes, in hex. */
import { createHmac, timingSafeEqual } from 'node:crypto';

/** More signatures than a rotation of secrets has are not looked at. */
const MOST_SIGNATURES = 16;

/** Those of the form that is known; none where the header is missing, or names other versions alone. */
export function signaturesIn(header: string | readonly string[] | undefined): Buffer[] {
  if (typeof header !== 'string') return [];
  return header
    .split(',', MOST_SIGNATURES)
    .flatMap((part) => /^v1=([0-9a-f]{64})$/i.exec(part.trim())?.[1] ?? [])
    .map((hex) => Buffer.from(hex, 'hex'));
}

/** Each is compared with each in constant time: while a secret is replaced there are two of either. */
export function isSigned(body: Buffer, signatures: readonly Buffer[], secrets: readonly string[]): boolean {
  const expected = secrets.map((secret) => createHmac('sha256', secret).update(body).digest());
  return signatures
    .flatMap((signature) => expected.map((one) => timingSafeEqual(one, signature)))
    .includes(true);
}
