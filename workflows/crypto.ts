/** The cryptography of the workflow: plain JavaScript, the same on every replay. */
import { ed25519 } from '@noble/curves/ed25519';
import { bytesToNumberLE } from '@noble/curves/utils';
import { sha256, sha512 } from '@noble/hashes/sha2';
import { areEqual, concat } from '../domain/trust/bytes';
import { mayVerify } from '../domain/trust/ed25519';
import type { Crypto } from '../domain/trust/proof';

const { Point } = ed25519;

// A workflow verifies some dozens of signatures: the table of base points that noble makes for thousands (window 8) would cost
// the first one 60 ms and more. This one costs 3 ms, and a tenth more for each that follows.
Point.BASE.precompute(2, true);

export const CRYPTO: Crypto = {
  /**
   * As OpenSSH and OpenSSL verify: R is compared byte by byte with sB - kA. noble's own `verify` multiplies both sides by the
   * cofactor first, and so accepts signatures that those refuse.
   */
  verifyEd25519(publicKey, message, signature) {
    if (!mayVerify(publicKey, signature)) return false;
    const r = signature.subarray(0, 32);
    const s = bytesToNumberLE(signature.subarray(32));
    const k = Point.Fn.create(bytesToNumberLE(sha512(concat(r, publicKey, message))));
    try {
      const kA = Point.fromBytes(publicKey).multiplyUnsafe(k);
      return areEqual(Point.BASE.multiplyUnsafe(s).subtract(kA).toBytes(), r);
    } catch {
      // No point of the curve.
      return false;
    }
  },
  sha256: (message) => sha256(message),
  sha512: (message) => sha512(message),
};
