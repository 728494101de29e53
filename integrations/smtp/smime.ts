/**
 * S/MIME: certificates, and CMS EnvelopedData made for them (RFC 8551). Content in AES-256-CBC, which every program reads; the
 * content's key by RSAES-OAEP or by ECDH, as the certificate's key wants it.
 *
 * Whose certificate it is, the company has found out itself (docs/mail.md): chains and revocation lists are not followed, for
 * both would ask somebody else's server, and tell it with whom the company is about to speak.
 */
import { X509Certificate } from 'node:crypto';
import {
  type AlgorithmIdentifier,
  AltName,
  Certificate,
  ContentInfo,
  EnvelopedData,
  ExtKeyUsage,
  type KeyAgreeRecipientInfo,
  type KeyTransRecipientInfo,
  RSASSAPSSParams,
} from 'pkijs';
import { BitString, fromBER } from 'asn1js';
import { readAddress } from '../../domain/mail/addresses';
import { dayOf, type KeyProblem, lasting, ofTime, type PublicKeyOf, type ReadKey } from './key-problem';
import { bytesOf, ENGINE } from './pki';

export interface SmimeKey extends PublicKeyOf<'smime'> {
  readonly certificate: Certificate;
}

const LEAST_RSA_BITS = 2048;
const CURVES = ['prime256v1', 'secp384r1', 'secp521r1'];

/** MD2, MD4, MD5 and SHA-1, with RSA, DSA and ECDSA. */
const BROKEN_SIGNATURES = [
  '1.2.840.113549.1.1.2',
  '1.2.840.113549.1.1.3',
  '1.2.840.113549.1.1.4',
  '1.2.840.113549.1.1.5',
  '1.3.14.3.2.29',
  '1.2.840.10040.4.3',
  '1.2.840.10045.4.1',
];
const RSA_PSS = '1.2.840.113549.1.1.10';
const SHA_1 = '1.3.14.3.2.26';

const SUBJECT_ALT_NAME = '2.5.29.17';
const KEY_USAGE = '2.5.29.15';
const EXTENDED_KEY_USAGE = '2.5.29.37';
const EMAIL_PROTECTION = '1.3.6.1.5.5.7.3.4';
const ANY_PURPOSE = '2.5.29.37.0';
const EMAIL_ADDRESS = '1.2.840.113549.1.9.1';
const CONTENT_ALGORITHM = { name: 'AES-CBC', length: 256 };
/** pkijs's number for recipients by RSA. */
const KEY_TRANSPORT = 1;
/** Of a general name. */
const RFC822_NAME = 1;
/** Bits of the key usage, from the left. */
const KEY_ENCIPHERMENT = 2;
const KEY_AGREEMENT = 4;

/** @param pem one certificate, with its BEGIN and END lines */
export function readCertificate(pem: string): ReadKey<SmimeKey> {
  try {
    const x509 = new X509Certificate(pem);
    const certificate = Certificate.fromBER(bytesOf(x509.raw));
    const problems = lastingProblems(x509, certificate);
    const addresses = addressesOf(certificate);
    const [notBefore, notAfter] = [
      certificate.notBefore.value.getTime(),
      certificate.notAfter.value.getTime(),
    ];
    return {
      ok: true,
      key: {
        kind: 'smime',
        certificate,
        fingerprint: x509.fingerprint256,
        notAfter,
        problemsFor: async (address, now) => [
          ...(now > notAfter ? [ofTime(`expired ${dayOf(notAfter)}`)] : []),
          ...(now < notBefore ? [ofTime(`not valid before ${dayOf(notBefore)}`)] : []),
          ...problems,
          ...(addresses.includes(address) ? [] : [lasting('a certificate for another address')]),
        ],
      },
    };
  } catch {
    return { ok: false, problem: 'a certificate that can’t be read' };
  }
}

/** The content, encrypted to every one of them: a ContentInfo in DER. */
export async function sealSmime(content: Uint8Array, keys: readonly SmimeKey[]): Promise<Buffer> {
  const enveloped = new EnvelopedData({ disableSplit: true });
  for (const { certificate } of keys)
    enveloped.addRecipientByCertificate(
      certificate,
      { oaepHashAlgorithm: 'SHA-256', kdfAlgorithm: 'SHA-256', kekEncryptionLength: 256 },
      undefined,
      ENGINE,
    );
  await enveloped.encrypt(CONTENT_ALGORITHM, bytesOf(content), ENGINE);
  // pkijs says nothing where it fails for one of them, and would leave them without a key to the mail.
  const sealed = enveloped.recipientInfos.filter(({ value }) => holdsKey(value));
  if (sealed.length !== keys.length) throw new Error('A certificate could not be encrypted to.');
  // RFC 5652, 6.1; pkijs always says 2, which only a key agreement makes it.
  if (enveloped.recipientInfos.every(({ variant }) => variant === KEY_TRANSPORT)) enveloped.version = 0;
  const info = new ContentInfo({ contentType: ContentInfo.ENVELOPED_DATA, content: enveloped.toSchema() });
  return Buffer.from(info.toSchema().toBER(false));
}

function holdsKey(value: unknown): boolean {
  const { encryptedKey, recipientEncryptedKeys } = value as Partial<
    KeyTransRecipientInfo & KeyAgreeRecipientInfo
  >;
  const keys = recipientEncryptedKeys?.encryptedKeys.map((one) => one.encryptedKey) ?? [encryptedKey];
  return keys.every((key) => key !== undefined && key.valueBlock.valueHexView.byteLength > 0);
}

function lastingProblems(x509: X509Certificate, certificate: Certificate): KeyProblem[] {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = x509.publicKey;
  const problems: string[] = [];
  const bits = details?.modulusLength ?? 0;
  if (type === 'rsa') {
    if (bits < LEAST_RSA_BITS)
      problems.push(`weak: RSA with ${bits} bits, at least ${LEAST_RSA_BITS} are needed`);
    if (!mayDo(certificate, KEY_ENCIPHERMENT))
      problems.push('can’t encrypt: its key usage lacks keyEncipherment');
  } else if (type === 'ec' && CURVES.includes(details?.namedCurve ?? '')) {
    if (!mayDo(certificate, KEY_AGREEMENT)) problems.push('can’t encrypt: its key usage lacks keyAgreement');
  } else {
    problems.push('can’t encrypt: its key is neither RSA nor on the curve P-256, P-384 or P-521');
  }
  if (!isForMail(certificate))
    problems.push('can’t encrypt mail: its extended key usage lacks emailProtection');
  if (isBroken(certificate.signatureAlgorithm)) problems.push('weak: signed with MD5 or SHA-1');
  return problems.map(lasting);
}

function mayDo(certificate: Certificate, bit: number): boolean {
  const usage = extensionOf(certificate, KEY_USAGE);
  if (usage === undefined) return true;
  const { result } = fromBER(usage);
  if (!(result instanceof BitString)) return false;
  const [first = 0] = result.valueBlock.valueHexView;
  return (first & (0x80 >> bit)) !== 0;
}

function isForMail(certificate: Certificate): boolean {
  const usage = extensionOf(certificate, EXTENDED_KEY_USAGE);
  if (usage === undefined) return true;
  const { keyPurposes } = new ExtKeyUsage({ schema: fromBER(usage).result });
  return keyPurposes.includes(EMAIL_PROTECTION) || keyPurposes.includes(ANY_PURPOSE);
}

function isBroken({ algorithmId, algorithmParams }: AlgorithmIdentifier): boolean {
  if (algorithmId !== RSA_PSS) return BROKEN_SIGNATURES.includes(algorithmId);
  return new RSASSAPSSParams({ schema: algorithmParams }).hashAlgorithm.algorithmId === SHA_1;
}

/**
 * Those of the subject's alternative names; the e-mail of its name counts where there is none of those (RFC 8550, 3). In their
 * normal form, upper case or lower. What can't be read is nobody's.
 */
function addressesOf(certificate: Certificate): string[] {
  const names = extensionOf(certificate, SUBJECT_ALT_NAME);
  const alternative =
    names === undefined
      ? []
      : new AltName({ schema: fromBER(names).result }).altNames
          .filter(({ type }) => type === RFC822_NAME)
          .map(({ value }) => String(value));
  const subject = certificate.subject.typesAndValues
    .filter(({ type }) => type === EMAIL_ADDRESS)
    .map(({ value }) => String(value.valueBlock.value));
  return (alternative.length > 0 ? alternative : subject).flatMap((text) => {
    const read = readAddress(text);
    return read.ok ? [read.address.normal] : [];
  });
}

function extensionOf(certificate: Certificate, id: string): ArrayBuffer | undefined {
  const found = certificate.extensions?.find(({ extnID }) => extnID === id);
  return found && bytesOf(found.extnValue.valueBlock.valueHexView);
}
