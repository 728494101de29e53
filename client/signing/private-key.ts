/**
 * Private keys in files: OpenSSH's own form (PROTOCOL.key) and PKCS#8, Ed25519 and without a passphrase. Says what it is where
 * it can't sign by itself: then the agent can. No message holds a byte of a key.
 */
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { areEqual, bytesOfText, concat } from '../../domain/trust/bytes';
import { keyOfBlob, publicKeyText } from '../../domain/trust/sshsig';
import { stringOf, wireOf, type Wire } from '../../domain/trust/wire';

export type PrivateKey =
  | { readonly kind: 'usable'; readonly publicKey: string; readonly key: KeyObject }
  /** Encrypted, or the handle of a hardware token: only the agent signs with it. */
  | { readonly kind: 'agentOnly'; readonly publicKey?: string; readonly because: string }
  | { readonly kind: 'unusable'; readonly problem: string };

const OPENSSH = /-----BEGIN OPENSSH PRIVATE KEY-----([A-Za-z0-9+/=\s]*)-----END OPENSSH PRIVATE KEY-----/;
const MAGIC = bytesOfText('openssh-key-v1\0');

/** What stands before the 32 bytes of an Ed25519 key in PKCS#8 (RFC 8410). */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

const ENCRYPTED = 'is encrypted';
const DAMAGED = 'is damaged';
const ADVICE =
  'holds a key that is no Ed25519 key: make one with "ssh-keygen -t ed25519" and have it enrolled ("firebreak keys enrol")';

export function readPrivateKey(text: string): PrivateKey {
  const [, base64] = OPENSSH.exec(text) ?? [];
  if (base64 !== undefined) return readOpenSsh(Buffer.from(base64, 'base64'));
  if (/BEGIN ENCRYPTED PRIVATE KEY|^Proc-Type: 4,ENCRYPTED/m.test(text))
    return { kind: 'agentOnly', because: ENCRYPTED };
  let key: KeyObject;
  try {
    key = createPrivateKey(text);
  } catch {
    return unusable(DAMAGED);
  }
  if (key.asymmetricKeyType !== 'ed25519') return unusable(ADVICE);
  return { kind: 'usable', key, publicKey: publicKeyText(blobOf(pointOf(key))) };
}

function readOpenSsh(bytes: Uint8Array): PrivateKey {
  const wire = wireOf(bytes);
  const magic = wire.take(MAGIC.length);
  if (!magic || !areEqual(magic, MAGIC)) return unusable(DAMAGED);
  const [cipher, kdf, kdfOptions, count, blob, secret] = [
    wire.string(),
    wire.string(),
    wire.string(),
    wire.uint32(),
    wire.string(),
    wire.string(),
  ];
  if (!cipher || !kdf || !kdfOptions || count !== 1 || !blob || !secret) return unusable(DAMAGED);
  const key = keyOfBlob(blob);
  if (!key) return unusable(ADVICE);
  const publicKey = publicKeyText(key);
  if (Buffer.from(cipher).toString() !== 'none') return { kind: 'agentOnly', publicKey, because: ENCRYPTED };
  if (Buffer.from(kdf).toString() !== 'none' || kdfOptions.length > 0 || !wire.isAtEnd())
    return unusable(DAMAGED);
  if (key.type !== 'ssh-ed25519')
    return { kind: 'agentOnly', publicKey, because: 'belongs to a hardware token' };
  const seed = seedOf(wireOf(secret), blob, key.point);
  if (!seed) return unusable(DAMAGED);
  const own = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' });
  // Signing with one half of one key and one of another can give the private one away.
  return areEqual(pointOf(own), key.point) ? { kind: 'usable', publicKey, key: own } : unusable(DAMAGED);
}

/** Of the part that would be encrypted: two equal numbers, the key, its comment, and 1, 2, 3 … up to a multiple of eight. */
function seedOf(wire: Wire, blob: Uint8Array, point: Uint8Array): Uint8Array | undefined {
  const [one, other] = [wire.uint32(), wire.uint32()];
  if (one === undefined || one !== other) return undefined;
  const again = wire.take(blob.length);
  const both = wire.string();
  const comment = wire.string();
  if (!again || !areEqual(again, blob) || both?.length !== 64 || !comment) return undefined;
  for (let expected = 1; !wire.isAtEnd(); expected += 1)
    if (expected > 8 || wire.byte() !== expected) return undefined;
  return areEqual(both.subarray(32), point) ? both.subarray(0, 32) : undefined;
}

/** The 32 bytes of the public half. */
function pointOf(key: KeyObject): Uint8Array {
  return Uint8Array.from(createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32));
}

function blobOf(point: Uint8Array) {
  return {
    type: 'ssh-ed25519',
    blob: concat(stringOf(bytesOfText('ssh-ed25519')), stringOf(point)),
  } as const;
}

function unusable(problem: string): PrivateKey {
  return { kind: 'unusable', problem };
}
