/** Certificates made on the spot: of servers and of people, by an authority that nobody knows. */
import { generateKeyPair, randomBytes, webcrypto, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { BitString, IA5String, Integer, OctetString, Utf8String } from 'asn1js';
import {
  AltName,
  AttributeTypeAndValue,
  BasicConstraints,
  Certificate,
  ExtKeyUsage,
  Extension,
  GeneralName,
  PublicKeyInfo,
} from 'pkijs';
import { bytesOf, ENGINE } from '../../../integrations/smtp/pki';

/** What it is to say; by default what a good one says. */
export interface CertificateWish {
  readonly key?: KeyWish;
  /** Alternative names. */
  readonly emails?: readonly string[];
  readonly hosts?: readonly string[];
  readonly ips?: readonly string[];
  /** In the subject's name. */
  readonly subjectEmail?: string;
  readonly notBefore?: number;
  readonly notAfter?: number;
  /** Bits of the key usage, from the left; none for a certificate without that extension. */
  readonly usage?: readonly number[];
  /** Of the extended key usage; none for a certificate without that extension. */
  readonly purposes?: readonly string[];
  readonly hash?: 'SHA-1' | 'SHA-256';
}

export type KeyWish = 'rsa' | 'weakRsa' | 'p256' | 'p384' | 'p521' | 'secp256k1' | 'ed25519' | 'rsaPss';

export interface Issued {
  /** PEM. */
  readonly certificate: string;
  /** PEM, PKCS#8. */
  readonly privateKey: string;
}

export interface Authority {
  /** PEM. */
  readonly certificate: string;
  issue(wish: CertificateWish): Promise<Issued>;
}

const DAY_MS = 86_400_000;
const COMMON_NAME = '2.5.4.3';
const EMAIL_ADDRESS = '1.2.840.113549.1.9.1';
const NAME_TYPES = { email: 1, dns: 2, ip: 7 } as const;

export async function createAuthority(): Promise<Authority> {
  const keys = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
    'sign',
    'verify',
  ]);
  const own = begin('Example authority', {});
  await own.subjectPublicKeyInfo.importKey(keys.publicKey, ENGINE);
  own.issuer = own.subject;
  const constraints = new BasicConstraints({ cA: true });
  own.extensions = [
    new Extension({
      extnID: '2.5.29.19',
      critical: true,
      extnValue: constraints.toSchema().toBER(false),
      parsedValue: constraints,
    }),
  ];
  await own.sign(keys.privateKey, 'SHA-256', ENGINE);

  return {
    certificate: pemOf('CERTIFICATE', own),
    async issue(wish) {
      const pair = await keyPairOf(wish.key ?? 'p256');
      const certificate = begin('Example', wish);
      certificate.issuer = own.subject;
      const spki = pair.publicKey.export({ type: 'spki', format: 'der' });
      certificate.subjectPublicKeyInfo = PublicKeyInfo.fromBER(bytesOf(spki));
      certificate.extensions = extensionsOf(wish);
      await certificate.sign(keys.privateKey, wish.hash ?? 'SHA-256', ENGINE);
      return {
        certificate: pemOf('CERTIFICATE', certificate),
        privateKey: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      };
    },
  };
}

function begin(commonName: string, { subjectEmail, notBefore, notAfter }: CertificateWish): Certificate {
  const certificate = new Certificate();
  certificate.version = 2;
  // Positive, whatever the bytes are.
  certificate.serialNumber = new Integer({
    valueHex: bytesOf(Buffer.concat([Buffer.of(0x2a), randomBytes(8)])),
  });
  certificate.subject.typesAndValues.push(
    new AttributeTypeAndValue({ type: COMMON_NAME, value: new Utf8String({ value: commonName }) }),
  );
  if (subjectEmail !== undefined)
    certificate.subject.typesAndValues.push(
      new AttributeTypeAndValue({ type: EMAIL_ADDRESS, value: new IA5String({ value: subjectEmail }) }),
    );
  certificate.notBefore.value = new Date(notBefore ?? Date.now() - DAY_MS);
  certificate.notAfter.value = new Date(notAfter ?? Date.now() + 365 * DAY_MS);
  return certificate;
}

function extensionsOf({ emails = [], hosts = [], ips = [], usage, purposes }: CertificateWish): Extension[] {
  const names = [
    ...emails.map((value) => new GeneralName({ type: NAME_TYPES.email, value })),
    ...hosts.map((value) => new GeneralName({ type: NAME_TYPES.dns, value })),
    ...ips.map((ip) => {
      const value = new OctetString({ valueHex: bytesOf(Buffer.from(ip.split('.').map(Number))) });
      return new GeneralName({ type: NAME_TYPES.ip, value });
    }),
  ];
  const extensions = [];
  if (names.length > 0) extensions.push(extension('2.5.29.17', new AltName({ altNames: names }).toSchema()));
  if (usage !== undefined) {
    const byte = usage.reduce((bits, bit) => bits | (0x80 >> bit), 0);
    extensions.push(extension('2.5.29.15', new BitString({ valueHex: bytesOf(Buffer.of(byte)) })));
  }
  if (purposes !== undefined)
    extensions.push(extension('2.5.29.37', new ExtKeyUsage({ keyPurposes: [...purposes] }).toSchema()));
  return extensions;
}

function extension(extnID: string, value: { toBER(sizeOnly?: boolean): ArrayBuffer }): Extension {
  return new Extension({ extnID, critical: false, extnValue: value.toBER(false) });
}

function keyPairOf(wish: KeyWish): Promise<{ publicKey: KeyObject; privateKey: KeyObject }> {
  const make = promisify(generateKeyPair) as unknown as (
    type: string,
    options: object,
  ) => Promise<{ publicKey: KeyObject; privateKey: KeyObject }>;
  switch (wish) {
    case 'rsa':
      return make('rsa', { modulusLength: 2048 });
    case 'weakRsa':
      return make('rsa', { modulusLength: 1024 });
    case 'rsaPss':
      return make('rsa-pss', { modulusLength: 2048 });
    case 'ed25519':
      return make('ed25519', {});
    case 'p256':
      return make('ec', { namedCurve: 'prime256v1' });
    case 'p384':
      return make('ec', { namedCurve: 'secp384r1' });
    case 'p521':
      return make('ec', { namedCurve: 'secp521r1' });
    case 'secp256k1':
      return make('ec', { namedCurve: 'secp256k1' });
  }
}

function pemOf(label: string, certificate: Certificate): string {
  const base64 = Buffer.from(certificate.toSchema(true).toBER(false)).toString('base64');
  return `-----BEGIN ${label}-----\n${base64.replace(/.{1,64}/g, '$&\n')}-----END ${label}-----\n`;
}
