/** SSH keys for people of tests: each address has one, the same in each run. */
import { createHash, createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto';
import { NODE_CRYPTO } from '../../client/signing/crypto';
import { bytesOfText, concat } from '../../domain/trust/bytes';
import { encodeSshsig, publicKeyText, signatureBlobOf, signedData } from '../../domain/trust/sshsig';
import { stringOf, uint32Of } from '../../domain/trust/wire';

export interface TestKey {
  /** As OpenSSH writes it, without a comment. */
  readonly publicKey: string;
  /** As OpenSSH writes it, without a passphrase. */
  readonly privateKeyFile: string;
  /** The SSHSIG blob, base64 in one line. */
  sign(namespace: string, text: string): string;
}

const keys = new Map<string, TestKey>();

/** Addresses are compared without case. */
export function keyOf(email: string): TestKey {
  const name = email.toLowerCase();
  const known = keys.get(name);
  if (known) return known;
  const made = keyOfSeed(createHash('sha256').update(name).digest(), name);
  keys.set(name, made);
  return made;
}

/** Of 32 bytes. */
export function keyOfSeed(seed: Uint8Array, comment = ''): TestKey {
  const { key, point } = ed25519Of(seed);
  const blob = concat(stringOf(bytesOfText('ssh-ed25519')), stringOf(point));
  return {
    publicKey: publicKeyText({ type: 'ssh-ed25519', blob }),
    privateKeyFile: privateKeyFileOf({ seed, point, blob, comment }),
    sign: (namespace, text) =>
      encodeSshsig({
        publicKey: blob,
        namespace,
        signature: signatureBlobOf(sign(null, signedData(namespace, text, NODE_CRYPTO), key)),
      }),
  };
}

/** A key pair of node:crypto, and the 32 bytes of its public half. */
export function ed25519Of(seed: Uint8Array): { key: KeyObject; point: Uint8Array } {
  const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
  const key = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
  const point = createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32);
  return { key, point: Uint8Array.from(point) };
}

/** PROTOCOL.key, with the cipher "none". */
export function privateKeyFileOf({
  seed,
  point,
  blob,
  comment,
}: {
  readonly seed: Uint8Array;
  readonly point: Uint8Array;
  readonly blob: Uint8Array;
  readonly comment: string;
}): string {
  const none = stringOf(bytesOfText('none'));
  const check = uint32Of(0x5eed_5eed);
  const secret = concat(check, check, blob, stringOf(concat(seed, point)), stringOf(bytesOfText(comment)));
  const padding = Uint8Array.from({ length: (8 - (secret.length % 8)) % 8 }, (_, at) => at + 1);
  const file = concat(
    bytesOfText('openssh-key-v1\0'),
    none,
    none,
    stringOf(new Uint8Array()),
    uint32Of(1),
    stringOf(blob),
    stringOf(concat(secret, padding)),
  );
  const lines =
    Buffer.from(file)
      .toString('base64')
      .match(/.{1,70}/g) ?? [];
  return ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines, '-----END OPENSSH PRIVATE KEY-----', ''].join(
    '\n',
  );
}
