/** The workflow's cryptography and that of clients accept the same signatures: those of RFC 8032, in one spelling each. */
import { createHash, sign } from 'node:crypto';
import { ed25519, ED25519_TORSION_SUBGROUP } from '@noble/curves/ed25519';
import fc from 'fast-check';
import { NODE_CRYPTO } from '../../client/signing/crypto';
import { concat } from '../../domain/trust/bytes';
import { mayBePoint } from '../../domain/trust/ed25519';
import { CRYPTO } from '../../workflows/crypto';
import { ed25519Of } from '../support/keys';

const { Point } = ed25519;
const ORDER = Point.Fn.ORDER;
const PRIME = Point.Fp.ORDER;
const MESSAGE = Buffer.from('what was decided');
const SEED = createHash('sha256').update('a seed').digest();
const { key, point } = ed25519Of(SEED);
const SIGNATURE = Uint8Array.from(sign(null, MESSAGE, key));
const [R, S] = [SIGNATURE.subarray(0, 32), SIGNATURE.subarray(32)];

/** What both say; fails where they differ. */
function verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const answers = [CRYPTO, NODE_CRYPTO].map((one) => one.verifyEd25519(publicKey, message, signature));
  expect(answers).toEqual([answers[0], answers[0]]);
  return answers[0] === true;
}

function bytesOf(value: bigint): Uint8Array {
  return Uint8Array.from(Buffer.from(value.toString(16).padStart(64, '0'), 'hex').reverse());
}

function numberOf(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);
}

function challenge(r: Uint8Array, publicKey: Uint8Array): bigint {
  return (
    numberOf(
      createHash('sha512')
        .update(concat(r, publicKey, MESSAGE))
        .digest(),
    ) % ORDER
  );
}

// RFC 8032, section 7.1, tests 1 to 3.
test.each([
  [
    'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    '',
    'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  ],
  [
    '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    '72',
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  ],
  [
    'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
    'af82',
    '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
  ],
])('the signature of RFC 8032 by %s holds', (publicKey, message, signature) => {
  const bytes = [publicKey, message, signature].map((hex) => Uint8Array.from(Buffer.from(hex, 'hex')));
  expect(verify(...(bytes as [Uint8Array, Uint8Array, Uint8Array]))).toBe(true);
});

test('both accept what was signed, and refuse it with anything changed', () => {
  const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
  fc.assert(
    fc.property(
      bytes(32),
      fc.uint8Array({ maxLength: 200 }),
      fc.nat(),
      fc.nat(),
      (seed, message, at, bit) => {
        const own = ed25519Of(seed);
        const signature = Uint8Array.from(sign(null, message, own.key));
        const changed = (of: Uint8Array) =>
          of.map((byte, index) => (index === at % of.length ? byte ^ (1 << (bit % 8)) : byte));
        expect(verify(own.point, message, signature)).toBe(true);
        expect(verify(own.point, message, changed(signature))).toBe(false);
        expect(verify(changed(own.point), message, signature)).toBe(false);
        expect(verify(own.point, concat(message, Uint8Array.of(0)), signature)).toBe(false);
      },
    ),
    { numRuns: 40 },
  );
});

test('both refuse any bytes of any length, and never throw', () => {
  const any = fc.uint8Array({ maxLength: 70 });
  const exact = fc.uint8Array({ minLength: 64, maxLength: 64 });
  fc.assert(
    fc.property(
      fc.oneof(any, fc.constant(point)),
      any,
      fc.oneof(any, exact),
      (publicKey, message, signature) => {
        expect(verify(publicKey, message, signature)).toBe(false);
      },
    ),
    { numRuns: 300 },
  );
});

test('a number that is not below the order is a second spelling, and refused', () => {
  expect(verify(point, MESSAGE, SIGNATURE)).toBe(true);
  for (let times = 1n; times <= 15n; times += 1n)
    expect(verify(point, MESSAGE, concat(R, bytesOf(numberOf(S) + times * ORDER)))).toBe(false);
  for (const s of [0n, ORDER - 1n, ORDER, 2n ** 256n - 1n])
    expect(verify(point, MESSAGE, concat(R, bytesOf(s)))).toBe(false);
});

const SMALL = ED25519_TORSION_SUBGROUP.map((hex) => Uint8Array.from(Buffer.from(hex, 'hex')));

test.each(SMALL.map((small, at) => [at, small] as const))(
  'point %i of small order is no key and no half of a signature',
  (_at, small) => {
    const withSign = small.map((byte, at) => (at === 31 ? byte ^ 0x80 : byte));
    for (const one of [small, withSign]) {
      expect(mayBePoint(one)).toBe(false);
      for (const s of [0n, 1n, numberOf(S)]) {
        expect(verify(one, MESSAGE, concat(one, bytesOf(s)))).toBe(false);
        expect(verify(one, MESSAGE, concat(R, bytesOf(s)))).toBe(false);
        expect(verify(point, MESSAGE, concat(one, bytesOf(s)))).toBe(false);
      }
    }
  },
);

test('a y that is not below the prime is a second spelling, and refused', () => {
  for (let y = 0n; y < 19n; y += 1n)
    for (const top of [0n, 2n ** 255n]) {
      const again = bytesOf(PRIME + y + top);
      expect(mayBePoint(again)).toBe(false);
      expect(verify(again, MESSAGE, SIGNATURE)).toBe(false);
      expect(verify(point, MESSAGE, concat(again, S))).toBe(false);
    }
  // The greatest that is: a point or not, it is looked at.
  expect(mayBePoint(bytesOf(PRIME - 2n))).toBe(true);
});

test('what only holds once both sides are multiplied by eight is refused, though noble would take it', () => {
  const { scalar } = ed25519.utils.getExtendedPublicKey(SEED);
  for (const small of SMALL) {
    const torsion = Point.fromBytes(small);
    const r = Point.BASE.multiply(7n).add(torsion).toBytes();
    const signature = concat(r, bytesOf((7n + challenge(r, point) * scalar) % ORDER));
    expect(ed25519.verify(signature, MESSAGE, point, { zip215: false })).toBe(true);
    expect(verify(point, MESSAGE, signature)).toBe(torsion.is0());
  }
});

test('both say the same of a key with a part of small order', () => {
  const { scalar, point: own } = ed25519.utils.getExtendedPublicKey(SEED);
  const answers = new Set<boolean>();
  for (const small of SMALL)
    for (let nonce = 1n; nonce <= 8n; nonce += 1n) {
      const mixed = own.add(Point.fromBytes(small)).toBytes();
      const r = Point.BASE.multiply(nonce).toBytes();
      answers.add(verify(mixed, MESSAGE, concat(r, bytesOf((nonce + challenge(r, mixed) * scalar) % ORDER))));
    }
  expect(answers).toEqual(new Set([true, false]));
});

test('both hash alike', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      for (const hash of ['sha256', 'sha512'] as const)
        expect(Buffer.from(CRYPTO[hash](bytes))).toEqual(Buffer.from(NODE_CRYPTO[hash](bytes)));
    }),
  );
});
