/** The cryptography of the workflow: plain JavaScript, the same on every replay. */
import { ed25519 } from '@noble/curves/ed25519';
import { bytesToHex, bytesToNumberLE } from '@noble/curves/utils';
import { sha256, sha512 } from '@noble/hashes/sha2';
import { areEqual, concat } from '../domain/trust/bytes';
import { mayVerify } from '../domain/trust/ed25519';
import type { Crypto } from '../domain/trust/proof';

const { Point } = ed25519;
type Point = typeof Point.BASE;

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
    const table = tableOf(publicKey);
    return table !== undefined && areEqual(combined(s, k, table).toBytes(), r);
  },
  sha256: (message) => sha256(message),
  sha512: (message) => sha512(message),
};

/** Widths of the windows, in bits: a table is made for each key, and one of the base point for each workflow. */
const KEY_WIDTH = 6;
const BASE_WIDTH = 8;
let baseTable: readonly Point[] | undefined;

/** Of the keys that signed last, which are likely to sign next: finding the point is a fifth of a verification. */
const keyTables = new Map<string, readonly Point[]>();
const MOST_TABLES = 64;

/** Odd multiples of -A; nothing where the key is no point of the curve. */
function tableOf(publicKey: Uint8Array): readonly Point[] | undefined {
  const name = bytesToHex(publicKey);
  const known = keyTables.get(name);
  if (known) return known;
  let minusA: Point;
  try {
    minusA = Point.fromBytes(publicKey).negate();
  } catch {
    return undefined;
  }
  const table = oddMultiplesOf(minusA, KEY_WIDTH);
  const [oldest] = keyTables.keys();
  if (keyTables.size >= MOST_TABLES && oldest !== undefined) keyTables.delete(oldest);
  keyTables.set(name, table);
  return table;
}

/**
 * sB + kP, by one run over the bits of both (Straus, with signed windows). noble makes two runs, and for the base point a table
 * that pays for itself over thousands of verifications: each workflow and each replay would pay 60 ms for its first.
 */
function combined(s: bigint, k: bigint, keyTable: readonly Point[]): Point {
  baseTable ??= oddMultiplesOf(Point.BASE, BASE_WIDTH);
  const terms = [
    { table: baseTable, digits: digitsOf(s, BASE_WIDTH) },
    { table: keyTable, digits: digitsOf(k, KEY_WIDTH) },
  ];
  let sum = Point.ZERO;
  for (let bit = Math.max(...terms.map(({ digits }) => digits.length)) - 1; bit >= 0; bit -= 1) {
    sum = sum.double();
    for (const { table, digits } of terms) {
      const digit = digits[bit] ?? 0;
      if (digit === 0) continue;
      const multiple = table[(digit > 0 ? digit - 1 : -digit - 1) / 2];
      if (multiple) sum = digit > 0 ? sum.add(multiple) : sum.subtract(multiple);
    }
  }
  return sum;
}

/** P, 3P, 5P … up to what a digit can be. */
function oddMultiplesOf(point: Point, width: number): readonly Point[] {
  const twice = point.double();
  const multiples = [point];
  for (let last = point; multiples.length < 2 ** (width - 2); multiples.push(last)) last = last.add(twice);
  return multiples;
}

/** The number in signed binary, the lowest digit first: each is odd or zero, and of `width` in a row one at most is not zero. */
function digitsOf(value: bigint, width: number): readonly number[] {
  const size = 2 ** width;
  const digits: number[] = [];
  for (let rest = value; rest > 0n; rest >>= 1n) {
    let digit = 0;
    // A global is slow to look up in the workflow's sandbox: not for each bit.
    if ((rest & 1n) === 1n) {
      const low = Number(BigInt.asUintN(width, rest));
      digit = low < size / 2 ? low : low - size;
      rest -= BigInt(digit);
    }
    digits.push(digit);
  }
  return digits;
}
