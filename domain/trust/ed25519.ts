/**
 * What Ed25519's own definition leaves open, closed: a point has one spelling, a signature has one spelling, and a key of small
 * order, under which one signature fits nearly every message, is none. Libraries differ in these, so each verification asks
 * here first (RFC 8032, section 5.1.7; "Taming the many EdDSAs", section 4).
 */

/** The order of the base point, lowest byte first. */
const ORDER = bytesOfHex('edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010');

/** The prime of the field, lowest byte first. */
const PRIME = bytesOfHex('edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f');

/** The eight points of small order, by their y: with either sign of x. */
const SMALL_ORDER = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
].map(bytesOfHex);

/** Whether these 32 bytes are the one spelling of a y, and not of small order. That it is on the curve shows later. */
export function mayBePoint(point: Uint8Array): boolean {
  if (point.length !== 32) return false;
  const y = Uint8Array.from(point);
  y[31] = (y[31] ?? 0) & 0x7f;
  return isBelow(y, PRIME) && !SMALL_ORDER.some((small) => !isBelow(y, small) && !isBelow(small, y));
}

/** Whether a verification is worth while: of a key and a signature in their one spelling. */
export function mayVerify(publicKey: Uint8Array, signature: Uint8Array): boolean {
  return (
    mayBePoint(publicKey) &&
    signature.length === 64 &&
    mayBePoint(signature.subarray(0, 32)) &&
    isBelow(signature.subarray(32), ORDER)
  );
}

/** Numbers of the same length, lowest byte first. */
function isBelow(a: Uint8Array, b: Uint8Array): boolean {
  for (let at = a.length - 1; at >= 0; at -= 1) {
    const [of, than] = [a[at] ?? 0, b[at] ?? 0];
    if (of !== than) return of < than;
  }
  return false;
}

function bytesOfHex(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}
