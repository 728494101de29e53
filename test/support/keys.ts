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

/** What a token says of how it signed. */
export interface TokenSigning {
  readonly flags?: number;
  readonly counter?: number;
  /** What it signs for, where that is not what its key says. */
  readonly application?: string;
}

/** A hardware token in software (PROTOCOL.u2f): it signs with a touch unless `flags` say otherwise. */
export function tokenOf(
  email: string,
  application = 'ssh:',
): {
  readonly publicKey: string;
  readonly blob: Uint8Array;
  /** As an agent answers it, over `signedData`. */
  signatureBlob(data: Uint8Array, signing?: TokenSigning): Uint8Array;
  sign(namespace: string, text: string, signing?: TokenSigning): string;
} {
  const { key, point } = ed25519Of(createHash('sha256').update(`token of ${email}`).digest());
  const type = 'sk-ssh-ed25519@openssh.com';
  const blob = concat(stringOf(bytesOfText(type)), stringOf(point), stringOf(bytesOfText(application)));
  const signatureBlob = (
    data: Uint8Array,
    { flags = 0x01, counter = 7, application: signed = application }: TokenSigning = {},
  ) => {
    const how = concat(Uint8Array.of(flags), uint32Of(counter));
    const message = concat(NODE_CRYPTO.sha256(bytesOfText(signed)), how, NODE_CRYPTO.sha256(data));
    return concat(stringOf(bytesOfText(type)), stringOf(sign(null, message, key)), how);
  };
  return {
    publicKey: publicKeyText({ type, blob }),
    blob,
    signatureBlob,
    sign: (namespace, text, signing) =>
      encodeSshsig({
        publicKey: blob,
        namespace,
        signature: signatureBlob(signedData(namespace, text, NODE_CRYPTO), signing),
      }),
  };
}
