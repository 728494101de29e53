/**
 * Signatures over digests. moto signs a digest as if it were the message, so that nobody can check the signature against
 * the message itself; and Node, like moto, only signs what it has hashed by itself. Hence keys of our own, one for each of
 * moto's, and the last steps of ECDSA and of RSA-PSS by hand. What KMS's own Verify says is moto's, and knows none of them.
 */
import {
  constants,
  createECDH,
  createHash,
  generateKeyPairSync,
  privateEncrypt,
  randomBytes,
  type KeyObject,
} from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Answer, Rewrite } from '../recording-proxy';
import type { Accounts } from './accounts';
import { regionOf } from './query';

interface Pair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** The order of the curve P-256. */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const SIGNERS: Readonly<Record<string, (digest: Buffer, key: KeyObject) => Buffer>> = {
  ECDSA_SHA_256: signEcdsa,
  RSASSA_PSS_SHA_256: signPss,
};

export function signDigests(accounts: Accounts): Rewrite {
  /** By moto's id of the key. */
  const pairs = new Map<string, Pair>();

  /** The key's own pair; undefined where there is no such key, or none that we can sign with. */
  async function pairOf(request: IncomingMessage, KeyId: string): Promise<Pair | undefined> {
    const owner = { account: await accounts.of(request), region: regionOf(request) };
    const told = read(await accounts.askKms(owner, 'GetPublicKey', { KeyId }));
    const id = told['KeyId'] ?? '';
    const pair = pairs.get(id) ?? generate(told['CustomerMasterKeySpec'] ?? '');
    if (pair) pairs.set(id, pair);
    return pair;
  }

  return async (call, passOn, request) => {
    if (call.name !== 'kms.GetPublicKey' && call.name !== 'kms.Sign') return passOn();
    // moto says whether there is such a key that can do this.
    const answer = await passOn();
    if (answer.status !== 200) return answer;
    const asked = read(call.body);
    const told = read(answer.body.toString('utf8'));
    const pair = await pairOf(request, asked['KeyId'] ?? '');
    if (call.name === 'kms.GetPublicKey') {
      const PublicKey = pair?.publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
      const KeySpec = told['CustomerMasterKeySpec'] ?? '';
      return changed(answer, { ...told, KeySpec, ...(PublicKey !== undefined && { PublicKey }) });
    }
    const sign = SIGNERS[asked['SigningAlgorithm'] ?? ''];
    if (asked['MessageType'] !== 'DIGEST' || !pair || !sign) return answer;
    const signature = sign(Buffer.from(asked['Message'] ?? '', 'base64'), pair.privateKey);
    return changed(answer, { ...told, Signature: signature.toString('base64') });
  };
}

function generate(spec: string): Pair | undefined {
  if (spec === 'ECC_NIST_P256') return generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const bits = /^RSA_(\d+)$/.exec(spec)?.[1];
  return bits === undefined ? undefined : generateKeyPairSync('rsa', { modulusLength: Number(bits) });
}

/** FIPS 186-5, 6.4.1, in DER. The curve's arithmetic is OpenSSL's. */
function signEcdsa(digest: Buffer, key: KeyObject): Buffer {
  const secret = toNumber(Buffer.from(key.export({ format: 'jwk' }).d ?? '', 'base64url'));
  const curve = createECDH('prime256v1');
  const point = curve.generateKeys();
  const r = toNumber(point.subarray(1, 33)) % ORDER;
  const s = (power(toNumber(curve.getPrivateKey()), ORDER - 2n) * (toNumber(digest) + r * secret)) % ORDER;
  const both = Buffer.concat([derInteger(r), derInteger(s)]);
  return Buffer.concat([Buffer.from([0x30, both.length]), both]);
}

/** RFC 8017, 9.1.1, with a salt as long as the hash. */
function signPss(digest: Buffer, key: KeyObject): Buffer {
  const bytes = (key.asymmetricKeyDetails?.modulusLength ?? 0) / 8;
  const salt = randomBytes(32);
  const hash = sha256(Buffer.alloc(8), digest, salt);
  const block = Buffer.alloc(bytes - 33);
  block[block.length - 33] = 1;
  salt.copy(block, block.length - 32);
  const mask = Buffer.concat(
    Array.from({ length: Math.ceil(block.length / 32) }, (_, count) => {
      const counter = Buffer.alloc(4);
      counter.writeUInt32BE(count);
      return sha256(hash, counter);
    }),
  );
  for (let at = 0; at < block.length; at += 1) block[at] = (block[at] ?? 0) ^ (mask[at] ?? 0);
  block[0] = (block[0] ?? 0) & 0x7f;
  const encoded = Buffer.concat([block, hash, Buffer.from([0xbc])]);
  return privateEncrypt({ key, padding: constants.RSA_NO_PADDING }, encoded);
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let [square, left] = [base % ORDER, exponent]; left > 0n; left >>= 1n) {
    if (left & 1n) result = (result * square) % ORDER;
    square = (square * square) % ORDER;
  }
  return result;
}

function toNumber(bytes: Buffer): bigint {
  return BigInt(`0x${bytes.toString('hex')}`);
}

function derInteger(value: bigint): Buffer {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
  // A leading one bit would make it negative.
  const positive = (bytes[0] ?? 0) > 0x7f ? Buffer.concat([Buffer.alloc(1), bytes]) : bytes;
  return Buffer.concat([Buffer.from([0x02, positive.length]), positive]);
}

function sha256(...parts: Buffer[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

function read(text: string): Record<string, string> {
  return JSON.parse(text) as Record<string, string>;
}

function changed(answer: Answer, body: object): Answer {
  return { ...answer, body: Buffer.from(JSON.stringify(body)) };
}
