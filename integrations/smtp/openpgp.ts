/**
 * OpenPGP: public keys, and messages encrypted to them (RFC 9580, in the form that every program of the last twenty years reads).
 *
 * Nothing of openpgp's own error texts is passed on; why a key can't be used is asked of the key, one thing after the other.
 */
import {
  type Config,
  config as defaults,
  createMessage,
  encrypt,
  enums,
  type Key,
  type PublicKey,
  readKeys,
  type Subkey,
  type User,
} from 'openpgp';
import { readAddress } from '../../domain/mail/addresses';
import { dayOf, type KeyProblem, lasting, ofTime, type PublicKeyOf, type ReadKey } from './key-problem';

export interface PgpKey extends PublicKeyOf<'pgp'> {
  readonly key: PublicKey;
}

const { md5, ripemd, sha1 } = enums.hash;
const BROKEN_HASHES: ReadonlySet<unknown> = new Set([md5, ripemd, sha1]);

/** openpgp lets SHA-1 pass in what a key says of itself. RSA under 2048 bits (2047, as some programs count) it refuses already. */
const STRICT: Config = { ...defaults, rejectHashAlgorithms: new Set([md5, ripemd, sha1]) };
const LAX: Config = { ...defaults, rejectHashAlgorithms: new Set(), minRSABits: 0 };

/** @param armored one block, with its BEGIN and END lines */
export async function readPgpKey(armored: string): Promise<ReadKey<PgpKey>> {
  let keys: Key[];
  try {
    keys = await readKeys({ armoredKeys: armored, config: LAX });
  } catch {
    return { ok: false, problem: 'an OpenPGP key that can’t be read' };
  }
  const [key] = keys;
  if (key === undefined) return { ok: false, problem: 'an OpenPGP key that can’t be read' };
  if (keys.some((one) => one.isPrivate())) return { ok: false, problem: PRIVATE_KEY };
  if (keys.length > 1)
    return { ok: false, problem: `${keys.length} keys in one: leave the one that is theirs` };
  const end = await endOf(key);
  return {
    ok: true,
    key: {
      kind: 'pgp',
      key,
      fingerprint: key.getFingerprint().toUpperCase(),
      ...(end !== undefined && { notAfter: end }),
      problemsFor: (address, now) => problemsOf(key, address, now),
    },
  };
}

export const PRIVATE_KEY =
  'a private key, which belongs with its owner alone: take it out, and consider it known';

/** The content, encrypted to every one of them, in armor. */
export async function sealPgp(content: Uint8Array, keys: readonly PgpKey[], now: number): Promise<string> {
  const date = new Date(now);
  // Of a text or of a stream, by types of another package.
  return (await encrypt({
    message: await createMessage({ binary: new Uint8Array(content), date }),
    encryptionKeys: keys.map(({ key }) => key),
    date,
    format: 'armored',
    config: STRICT,
  })) as string;
}

async function problemsOf(key: Key, address: string, now: number): Promise<KeyProblem[]> {
  const date = new Date(now);
  if (await key.isRevoked(undefined, undefined, date, LAX)) return [lasting('revoked')];
  const problems: KeyProblem[] = [];
  const created = key.getCreationTime().getTime();
  const end = await primaryEnd(key);
  if (created > now) problems.push(ofTime(`not valid before ${dayOf(created)}`));
  if (end !== undefined && end <= now) problems.push(ofTime(`expired ${dayOf(end)}`));
  if (isWeaklySigned(key)) problems.push(lasting('weak: signed with MD5 or SHA-1'));
  const isSound = problems.length === 0;
  if (!(await isFor(key, address, isSound ? date : undefined)))
    problems.push(lasting('a key for another address'));
  if (isSound && !(await canEncrypt(key, date, STRICT))) problems.push(...(await whyNot(key, date)));
  return problems;
}

/** What a key says of itself, who it is and with which part it encrypts, is worth the hash under it. */
function isWeaklySigned({ users, subkeys }: Key): boolean {
  const isBroken = ({ hashAlgorithm }: { hashAlgorithm: unknown }) => BROKEN_HASHES.has(hashAlgorithm);
  const areBroken = (signatures: readonly { hashAlgorithm: unknown }[]) =>
    signatures.length > 0 && signatures.every(isBroken);
  const parts = subkeys.filter(isForEncryption);
  return (
    areBroken(users.flatMap(({ selfCertifications }) => selfCertifications)) ||
    areBroken(parts.flatMap(({ bindingSignatures }) => bindingSignatures))
  );
}

/** Only after everything else: the key is sound, and still nothing can be encrypted to it. */
async function whyNot(key: Key, date: Date): Promise<KeyProblem[]> {
  if (await canEncrypt(key, date, LAX)) return [lasting('weak: RSA with less than 2048 bits')];
  const found = [];
  for (const subkey of key.subkeys.filter(isForEncryption)) {
    const end = await subkeyEnd(subkey);
    const start = subkey.getCreationTime().getTime();
    if (await isRevokedSubkey(subkey, date)) found.push(lasting('the part that encrypts is revoked'));
    else if (end !== undefined && end <= date.getTime())
      found.push(ofTime(`the part that encrypts expired ${dayOf(end)}`));
    else if (start > date.getTime())
      found.push(ofTime(`the part that encrypts is not valid before ${dayOf(start)}`));
  }
  return found.length > 0 ? found : [lasting('can’t encrypt: it has no part for that')];
}

async function canEncrypt(key: Key, date: Date, config: Config): Promise<boolean> {
  return await passes(key.getEncryptionKey(undefined, date, undefined, config));
}

/** `date`: the names that count are those that the key itself stands by, then. */
async function isFor(key: Key, address: string, date: Date | undefined): Promise<boolean> {
  for (const user of key.users) {
    const read = readAddress(addressIn(user));
    if (!read.ok || read.address.normal !== address) continue;
    if (date === undefined || (await passes(user.verify(date, LAX)))) return true;
  }
  return false;
}

/** `Claims <claims@insurer.example>`, or the address alone. */
function addressIn({ userID }: User): string {
  const { userID: text = '', email = '' } = userID ?? {};
  return email || text;
}

function isForEncryption(subkey: Subkey): boolean {
  const { encryptCommunication, encryptStorage } = enums.keyFlags;
  return subkey.bindingSignatures.some(({ keyFlags }) => {
    const [flags = 0] = keyFlags ?? [];
    return (flags & (encryptCommunication | encryptStorage)) !== 0;
  });
}

async function isRevokedSubkey(subkey: Subkey, date: Date): Promise<boolean> {
  const { mainKey, bindingSignatures } = subkey;
  for (const binding of bindingSignatures)
    if (await subkey.isRevoked(binding, mainKey.keyPacket, date, LAX)) return true;
  return false;
}

/** The first end that it meets: its own, or that of the part that encrypts. */
async function endOf(key: Key): Promise<number | undefined> {
  const ends = [await primaryEnd(key)];
  const part = await key.getEncryptionKey(undefined, null, undefined, LAX).catch(() => undefined);
  if (part && part !== key) ends.push(await subkeyEnd(part as Subkey));
  return ends.reduce((first, end) => (end === undefined ? first : Math.min(end, first ?? end)), undefined);
}

async function primaryEnd(key: Key): Promise<number | undefined> {
  return inTime(await key.getExpirationTime(undefined, LAX).catch(() => null));
}

async function subkeyEnd(subkey: Subkey): Promise<number | undefined> {
  // Asked of a moment at which it was valid for sure.
  return inTime(await subkey.getExpirationTime(subkey.getCreationTime(), LAX).catch(() => null));
}

function inTime(end: Date | number | null): number | undefined {
  return end instanceof Date ? end.getTime() : undefined;
}

async function passes(check: Promise<unknown>): Promise<boolean> {
  return check.then(
    () => true,
    () => false,
  );
}
