/**
 * OpenSSH's public keys and signatures: PROTOCOL.sshsig, and PROTOCOL.u2f for hardware tokens. Reads one spelling only, and
 * nothing after it; never throws, whatever it is given.
 */
import { areEqual, base64Of, bytesOfBase64, bytesOfText, concat } from './bytes';
import { mayBePoint } from './ed25519';
import type { Crypto } from './proof';
import { stringOf, uint32Of, wireOf } from './wire';

/** A key in a file or an agent, and one in a FIDO token. */
export const KEY_TYPES = ['ssh-ed25519', 'sk-ssh-ed25519@openssh.com'] as const;
export type KeyType = (typeof KEY_TYPES)[number];

export interface PublicKey {
  readonly type: KeyType;
  /** As SSH sends it. */
  readonly blob: Uint8Array;
  /** 32 bytes. */
  readonly point: Uint8Array;
  /** What a token holds the key for: `ssh:` or longer. Of a token only. */
  readonly application?: Uint8Array;
}

export interface Sshsig {
  readonly key: PublicKey;
  readonly namespace: Uint8Array;
  readonly hash: 'sha256' | 'sha512';
  /** 64 bytes. */
  readonly signature: Uint8Array;
  /** What the token says of how it signed. Of a token only. */
  readonly token?: { readonly flags: number; readonly counter: number };
}

export type Read<T> =
  ({ readonly ok: true } & T) | { readonly ok: false; /** What is wrong, and what to do. */ problem: string };

/** Characters of a public key with its comment, and of a signature in base64. Ours take up to 200 and 400. */
const LONGEST_KEY = 1_024;
const LONGEST_SIGNATURE = 1_024;
const LONGEST_APPLICATION = 128;

const MAGIC = bytesOfText('SSHSIG');
const VERSION = 1;

/** A person touched the token. */
const PRESENT = 0x01;
/** Present, verified, and whether the key can be and is backed up. Any other flag announces data that was left out. */
const KNOWN_FLAGS = 0x01 | 0x04 | 0x08 | 0x10;

const EXPECTED = 'an Ed25519 public key as OpenSSH writes it is needed ("ssh-ed25519 AAAA…")';

/** `ssh-ed25519 AAAA… comment`, in one line. */
export function parsePublicKey(text: string): Read<{ key: PublicKey }> {
  if (text.length > LONGEST_KEY) return wrong(`too long; ${EXPECTED}`);
  const [, type = '', base64 = ''] = /^(\S+)[ \t]+(\S+)(?:[ \t][^\p{Cc}\u2028\u2029]*)?$/u.exec(text) ?? [];
  if (/PRIVATE KEY/.test(text)) return wrong('this is a private key: name the file that ends in ".pub"');
  if (/^(?:ssh-|ecdsa-|sk-)/.test(type) && !isKeyType(type))
    return wrong(
      `a key of type ${printable(type)} can't be used: make one with "ssh-keygen -t ed25519", or "-t ed25519-sk" for a hardware token`,
    );
  if (!isKeyType(type)) return wrong(EXPECTED);
  const blob = bytesOfBase64(base64);
  const key = blob && keyOfBlob(blob);
  return key?.type === type ? { ok: true, key } : wrong(`damaged; ${EXPECTED}`);
}

/** Nothing where it is no key of ours, in its one spelling. */
export function keyOfBlob(blob: Uint8Array): PublicKey | undefined {
  const wire = wireOf(blob);
  const type = asciiOf(wire.string());
  const point = wire.string();
  if (type === undefined || !isKeyType(type) || !point || !mayBePoint(point)) return undefined;
  if (type === 'ssh-ed25519') return wire.isAtEnd() ? { type, blob, point } : undefined;
  const application = wire.string();
  if (!application || !wire.isAtEnd() || application.length > LONGEST_APPLICATION) return undefined;
  return asciiOf(application)?.startsWith('ssh:') ? { type, blob, point, application } : undefined;
}

/** As OpenSSH writes it, without a comment. */
export function publicKeyText({ type, blob }: Pick<PublicKey, 'type' | 'blob'>): string {
  return `${type} ${base64Of(blob)}`;
}

/** The blob that `ssh-keygen -Y sign` puts between its two lines, base64 in one line. */
export function parseSshsig(base64: string): Read<{ sshsig: Sshsig }> {
  const blob = base64.length > LONGEST_SIGNATURE ? undefined : bytesOfBase64(base64);
  if (!blob) return wrong('the signature is not one line of base64');
  const wire = wireOf(blob);
  const magic = wire.take(MAGIC.length);
  if (!magic || !areEqual(magic, MAGIC)) return wrong('the signature is not one of OpenSSH (SSHSIG)');
  const version = wire.uint32();
  if (version !== VERSION) return wrong(`the signature is of version ${version}: only ${VERSION} is known`);
  const [keyBlob, namespace, reserved, hashName, signatureBlob] = [
    wire.string(),
    wire.string(),
    wire.string(),
    wire.string(),
    wire.string(),
  ];
  if (!keyBlob || !namespace || !reserved || !hashName || !signatureBlob) return wrong('it was cut short');
  if (!wire.isAtEnd()) return wrong('the signature has something after its end');
  if (namespace.length === 0) return wrong('the signature is for no namespace');
  if (reserved.length > 0) return wrong('the signature has something in the field that is reserved');
  const hash = asciiOf(hashName);
  if (hash !== 'sha256' && hash !== 'sha512')
    return wrong('the signature has an unknown hash: sign with sha512');
  const key = keyOfBlob(keyBlob);
  if (!key) return wrong('the signature is by a key that is no Ed25519 key');
  const signed = parseSignature(signatureBlob, key.type);
  return signed
    ? { ok: true, sshsig: { key, namespace, hash, ...signed } }
    : wrong('the signature is damaged');
}

function parseSignature(blob: Uint8Array, keyType: KeyType): Pick<Sshsig, 'signature' | 'token'> | undefined {
  const wire = wireOf(blob);
  const type = asciiOf(wire.string());
  const signature = wire.string();
  if (type !== keyType || signature?.length !== 64) return undefined;
  if (keyType === 'ssh-ed25519') return wire.isAtEnd() ? { signature } : undefined;
  const flags = wire.byte();
  const counter = wire.uint32();
  if (flags === undefined || counter === undefined || !wire.isAtEnd()) return undefined;
  return (flags & ~KNOWN_FLAGS) === 0 ? { signature, token: { flags, counter } } : undefined;
}

/** Says why a signature is not one over this text, for this namespace, by the key that it names; or nothing. */
export function problemOfSshsig(
  { key, namespace, hash, signature, token }: Sshsig,
  wanted: { readonly namespace: string; readonly text: string },
  crypto: Crypto,
): string | undefined {
  if (!areEqual(namespace, bytesOfText(wanted.namespace))) return 'it was signed for something else';
  const message = messageOf(wanted.namespace, wanted.text, hash, crypto);
  if (!key.application) {
    return crypto.verifyEd25519(key.point, message, signature) ? undefined : 'the signature is not over this';
  }
  if (!token || (token.flags & PRESENT) === 0) return 'nobody touched the hardware token';
  const signed = concat(
    crypto.sha256(key.application),
    Uint8Array.of(token.flags),
    uint32Of(token.counter),
    crypto.sha256(message),
  );
  return crypto.verifyEd25519(key.point, signed, signature) ? undefined : 'the signature is not over this';
}

/** What a signer signs: with its key as it is, or in an agent's request. */
export function signedData(namespace: string, text: string, crypto: Pick<Crypto, 'sha256' | 'sha512'>) {
  return messageOf(namespace, text, 'sha512', crypto);
}

function messageOf(
  namespace: string,
  text: string,
  hash: 'sha256' | 'sha512',
  crypto: Pick<Crypto, 'sha256' | 'sha512'>,
): Uint8Array {
  return concat(
    MAGIC,
    stringOf(bytesOfText(namespace)),
    stringOf(new Uint8Array()),
    stringOf(bytesOfText(hash)),
    stringOf(crypto[hash](bytesOfText(text))),
  );
}

/** A signature by a key that is no token's, as an agent would answer it. `signature`: 64 bytes. */
export function signatureBlobOf(signature: Uint8Array): Uint8Array {
  return concat(stringOf(bytesOfText('ssh-ed25519')), stringOf(signature));
}

/**
 * The SSHSIG blob over `signedData`, base64 in one line. `publicKey` as SSH sends it, `signature` as an agent answers it
 * (`signatureBlobOf`).
 */
export function encodeSshsig({
  publicKey,
  namespace,
  signature,
}: {
  readonly publicKey: Uint8Array;
  readonly namespace: string;
  readonly signature: Uint8Array;
}): string {
  return base64Of(
    concat(
      MAGIC,
      uint32Of(VERSION),
      stringOf(publicKey),
      stringOf(bytesOfText(namespace)),
      stringOf(new Uint8Array()),
      stringOf(bytesOfText('sha512')),
      stringOf(signature),
    ),
  );
}

function isKeyType(type: string): type is KeyType {
  return KEY_TYPES.some((known) => known === type);
}

/** Nothing where it is not printable ASCII. */
function asciiOf(bytes: Uint8Array | undefined): string | undefined {
  if (!bytes?.every((byte) => byte > 0x20 && byte < 0x7f)) return undefined;
  return String.fromCharCode(...bytes);
}

function printable(type: string): string {
  return type.slice(0, 40).replace(/[^\w@.-]/g, '?');
}

function wrong(problem: string): { readonly ok: false; readonly problem: string } {
  return { ok: false, problem };
}
