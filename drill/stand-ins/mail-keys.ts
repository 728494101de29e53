/**
 * Keys for mail as partners would have them, made on the spot, good ones and such as must be refused; and what was encrypted to
 * them, read with the private halves.
 */
import { decrypt, generateKey, readMessage, readPrivateKey, revokeKey } from 'openpgp';
import { ContentInfo, EnvelopedData } from 'pkijs';
import { bytesOf, ENGINE } from '../../integrations/smtp/pki';
import { type Authority, type CertificateWish, createAuthority } from './smtp/certificates';
import { readMime } from './smtp/mime';

export { readContent } from './smtp/mime';

export interface OwnedMailKey {
  readonly kind: 'smime' | 'pgp';
  /** What it is called in the folder of keys. */
  readonly fileName: string;
  /** PEM or armored: what partners give away. */
  readonly publicKey: string;
  /** PEM (PKCS#8) or armored: what they keep. */
  readonly privateKey: string;
}

/** A good key for each of them. */
export async function createMailKeys<Address extends string>(
  addresses: Readonly<Record<Address, 'smime' | 'pgp'>>,
): Promise<Readonly<Record<Address, OwnedMailKey>>> {
  const made = Object.entries<'smime' | 'pgp'>(addresses).map(async ([address, kind]) => [
    address,
    await (kind === 'smime' ? createSmimeKey(address) : createPgpKey(address)),
  ]);
  return Object.fromEntries(await Promise.all(made)) as Record<Address, OwnedMailKey>;
}

let authority: Promise<Authority> | undefined;

/** RSA with 2048 bits, as most are; `wish` changes what the certificate says. */
export async function createSmimeKey(address: string, wish: CertificateWish = {}): Promise<OwnedMailKey> {
  authority ??= createAuthority();
  const key = wish.key ?? 'rsa';
  const { certificate, privateKey } = await (
    await authority
  ).issue({
    emails: [address],
    purposes: ['1.3.6.1.5.5.7.3.4'],
    // Signing and, as the key can, key encipherment or key agreement.
    usage: key === 'rsa' || key === 'weakRsa' ? [0, 2] : [0, 4],
    ...wish,
    key,
  });
  return { kind: 'smime', fileName: `${address}.pem`, publicKey: certificate, privateKey };
}

export interface PgpWish {
  /** Other than the address alone. */
  readonly userIds?: readonly { readonly name?: string; readonly email?: string }[];
  readonly createdAt?: number;
  /** Seconds from its making. */
  readonly lifetime?: number;
  /** Seconds from its making, of the part that encrypts. */
  readonly encryptionLifetime?: number;
  readonly isRevoked?: boolean;
  /** It signs and can't encrypt. */
  readonly signsOnly?: boolean;
  readonly type?: 'ecc' | 'weakRsa';
}

/** Curve25519 in the form that every program knows. */
export async function createPgpKey(address: string, wish: PgpWish = {}): Promise<OwnedMailKey> {
  // A moment ago, so that it is valid for a clock that lags.
  const date = new Date(wish.createdAt ?? Date.now() - 60_000);
  const ids = (wish.userIds ?? [{ name: 'Security team', email: address }]).map((id) => ({ ...id }));
  const made = await generateKey({
    userIDs: ids,
    date,
    ...(wish.type === 'weakRsa' ? { type: 'rsa' as const, rsaBits: 1024 } : { type: 'ecc' as const }),
    ...(wish.lifetime !== undefined && { keyExpirationTime: wish.lifetime }),
    subkeys: [
      wish.signsOnly === true
        ? { sign: true }
        : wish.encryptionLifetime === undefined
          ? {}
          : { keyExpirationTime: wish.encryptionLifetime },
    ],
    config: {
      ...(wish.type === 'weakRsa' && { minRSABits: 1024 }),
    },
    format: 'object',
  });
  const revoked =
    wish.isRevoked === true
      ? (await revokeKey({ key: made.privateKey, format: 'object', date: new Date(date.getTime() + 1_000) }))
          .publicKey
      : made.publicKey;
  return {
    kind: 'pgp',
    fileName: `${address}.asc`,
    publicKey: revoked.armor(),
    privateKey: made.privateKey.armor(),
  };
}

/**
 * What a mail says to whoever holds that private key: the part that was encrypted, as it was before.
 *
 * @throws where it can't be read with that key
 */
export async function openSealed(raw: string, privateKey: string): Promise<string> {
  const mail = readMime(raw);
  const type = mail.headers.get('content-type') ?? '';
  if (type.startsWith('application/pkcs7-mime')) return openCms(mail.content, privateKey);
  if (!type.startsWith('multipart/encrypted')) throw new Error('The mail is not encrypted.');
  const message = await readMessage({ armoredMessage: mail.parts[1]?.content.toString('utf8') ?? '' });
  const decryptionKeys = await readPrivateKey({ armoredKey: privateKey });
  const opened = await decrypt({ message, decryptionKeys, format: 'binary' });
  return Buffer.from(opened.data as Uint8Array).toString('utf8');
}

async function openCms(der: Buffer, privateKey: string): Promise<string> {
  const info = ContentInfo.fromBER(bytesOf(der));
  const pkcs8 = bytesOf(Buffer.from(privateKey.replace(/-----[A-Z ]+-----/g, ''), 'base64'));
  const count = new EnvelopedData({ schema: info.content }).recipientInfos.length;
  for (let index = 0; index < count; index += 1) {
    // A new one each time, since an attempt changes it.
    const enveloped = new EnvelopedData({ schema: ContentInfo.fromBER(bytesOf(der)).content });
    const opened = await enveloped
      .decrypt(index, { recipientPrivateKey: pkcs8 }, ENGINE)
      .catch(() => undefined);
    if (opened !== undefined) return Buffer.from(opened).toString('utf8');
  }
  throw new Error('None of its keys is for this private key.');
}
