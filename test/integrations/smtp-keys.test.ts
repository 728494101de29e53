import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPgpKey, createSmimeKey, type OwnedMailKey } from '../../drill/stand-ins/mail-keys';
import { readMailKeys } from '../../integrations/smtp/keys';
import { failureOf } from '../support/failures';
import { CUSTOMER, INSURER, mailerAt, mailTo } from '../support/mail';

const DAY_MS = 86_400_000;
const NOW = Date.now();
const dayOf = (at: number) => new Date(at).toISOString().slice(0, 10);

/** Nobody listens there: a key that can be used is known by what comes next. */
const mailer = mailerAt({ host: '127.0.0.1', port: 1, ca: undefined as never }, {}, { now: () => NOW });

const answerTo = async (key: string): Promise<string> =>
  (await failureOf(mailer.send({ ...mailTo([], { encrypt: true }), to: [{ address: INSURER, key }] })))
    .message;

const pem = (label: string, content = 'AAAA') =>
  `-----BEGIN ${label}-----\n${content}\n-----END ${label}-----\n`;

describe('a key is used', () => {
  test.each<[string, () => Promise<OwnedMailKey>]>([
    ['a certificate of RSA', () => createSmimeKey(INSURER)],
    ['of a curve', () => createSmimeKey(INSURER, { key: 'p384' })],
    [
      'that says nothing of its usage',
      () => createSmimeKey(INSURER, { key: 'p256', usage: undefined as never, purposes: undefined as never }),
    ],
    ['that is for any purpose', () => createSmimeKey(INSURER, { key: 'p256', purposes: ['2.5.29.37.0'] })],
    [
      'that has the address among others',
      () => createSmimeKey(INSURER, { key: 'p256', emails: [CUSTOMER, INSURER] }),
    ],
    [
      'that has it in upper case',
      () => createSmimeKey(INSURER, { key: 'p256', emails: ['CLAIMS@Insurer.Example'] }),
    ],
    [
      'that has it in its name, and no other',
      () => createSmimeKey(INSURER, { key: 'p256', emails: [], subjectEmail: INSURER }),
    ],
    ['an OpenPGP key', () => createPgpKey(INSURER)],
    [
      'that has the address among others',
      () => createPgpKey(INSURER, { userIds: [{ email: CUSTOMER }, { name: 'Claims', email: INSURER }] }),
    ],
    [
      'that has it in upper case',
      () => createPgpKey(INSURER, { userIds: [{ name: 'Claims', email: 'CLAIMS@Insurer.Example' }] }),
    ],
    ['that has it without a name', () => createPgpKey(INSURER, { userIds: [{ email: INSURER }] })],
    ['that expires tomorrow', () => createPgpKey(INSURER, { lifetime: 86_400 })],
  ])('%s %#', async (_, make) => {
    const { publicKey } = await make();
    expect(await answerTo(publicKey)).toContain("can't be reached");
  });

  test('whatever stands around it', async () => {
    const { publicKey } = await createSmimeKey(INSURER, { key: 'p256' });
    const text = `Bag Attributes\r\n  friendlyName: claims\r\n${publicKey.replaceAll('\n', '\r\n')}\r\nsubject=CN\r\n`;
    expect(await answerTo(text)).toContain("can't be reached");
  });
});

describe('a key is not used, and it is said why', () => {
  const bad: [string, () => Promise<string> | string, string][] = [
    ['expired', smime({ notAfter: NOW - DAY_MS }), `expired ${dayOf(NOW - DAY_MS)}`],
    ['not yet valid', smime({ notBefore: NOW + 2 * DAY_MS }), `not valid before ${dayOf(NOW + 2 * DAY_MS)}`],
    ['weak', smime({ key: 'weakRsa' }), 'weak: RSA with 1024 bits'],
    ['signed with SHA-1', smime({ hash: 'SHA-1' }), 'weak: signed with MD5 or SHA-1'],
    ['a key that signs alone', smime({ key: 'ed25519' }), 'can’t encrypt'],
    ['RSA that signs alone', smime({ key: 'rsaPss' }), 'can’t encrypt'],
    ['a curve that is not used for mail', smime({ key: 'secp256k1' }), 'can’t encrypt'],
    [
      'RSA without key encipherment',
      smime({ key: 'rsa', usage: [0, 1] }),
      'its key usage lacks keyEncipherment',
    ],
    ['a curve without key agreement', smime({ usage: [0, 2] }), 'its key usage lacks keyAgreement'],
    ['a server’s', smime({ purposes: ['1.3.6.1.5.5.7.3.1'] }), 'lacks emailProtection'],
    ['another address', smime({ emails: [CUSTOMER] }), 'a certificate for another address'],
    ['no address', smime({ emails: [] }), 'a certificate for another address'],
    ['a host’s name', smime({ emails: [], hosts: ['insurer.example'] }), 'a certificate for another address'],
    [
      'the address in its name, beside another alternative',
      smime({ emails: [CUSTOMER], subjectEmail: INSURER }),
      'a certificate for another address',
    ],
    [
      'the address of a sub-domain',
      smime({ emails: ['claims@mail.insurer.example'] }),
      'a certificate for another address',
    ],
    [
      'the address with more around it',
      smime({ emails: [`x${INSURER}`] }),
      'a certificate for another address',
    ],
    [
      'OpenPGP, expired',
      pgp({ createdAt: NOW - 10 * DAY_MS, lifetime: 8 * 86_400 }),
      `expired ${dayOf(NOW - 2 * DAY_MS)}`,
    ],
    [
      'OpenPGP, not yet valid',
      pgp({ createdAt: NOW + 2 * DAY_MS }),
      `not valid before ${dayOf(NOW + 2 * DAY_MS)}`,
    ],
    ['OpenPGP, revoked', pgp({ isRevoked: true }), '(revoked)'],
    [
      'OpenPGP, its part expired',
      pgp({ createdAt: NOW - 10 * DAY_MS, encryptionLifetime: 8 * 86_400 }),
      `the part that encrypts expired ${dayOf(NOW - 2 * DAY_MS)}`,
    ],
    ['OpenPGP that signs alone', pgp({ signsOnly: true }), 'can’t encrypt: it has no part for that'],
    ['OpenPGP, weak', pgp({ type: 'weakRsa' }), 'weak: RSA with less than 2048 bits'],
    [
      'OpenPGP, another address',
      pgp({ userIds: [{ name: INSURER, email: CUSTOMER }] }),
      'a key for another address',
    ],
    ['OpenPGP, no address', pgp({ userIds: [{ name: 'Claims' }] }), 'a key for another address'],
    [
      'a private key',
      async () => (await createSmimeKey(INSURER, { key: 'p256' })).privateKey,
      'a private key',
    ],
    [
      'a private key beside the certificate',
      async () => {
        const one = await createSmimeKey(INSURER, { key: 'p256' });
        return one.publicKey + one.privateKey;
      },
      'a private key',
    ],
    ['a private OpenPGP key', async () => (await createPgpKey(INSURER)).privateKey, 'a private key'],
    [
      'a private OpenPGP key under another name',
      async () => (await createPgpKey(INSURER)).privateKey.replaceAll('PRIVATE', 'PUBLIC'),
      'a private key',
    ],
    [
      'two certificates',
      async () => (await createSmimeKey(INSURER, { key: 'p256' })).publicKey.repeat(2),
      '2 keys in one',
    ],
    [
      'two OpenPGP keys',
      async () => (await createPgpKey(INSURER)).publicKey + (await createPgpKey(INSURER)).publicKey,
      '2 keys in one',
    ],
    [
      'one of each kind',
      async () =>
        (await createPgpKey(INSURER)).publicKey + (await createSmimeKey(INSURER, { key: 'p256' })).publicKey,
      '2 keys in one',
    ],
    ['a request for a certificate', () => pem('CERTIFICATE REQUEST'), 'a request for a certificate'],
    ['a bare public key', () => pem('PUBLIC KEY'), 'a bare public key'],
    ['a bundle', () => pem('PKCS7'), 'a PKCS#7 bundle'],
    ['a signature', () => pem('PGP SIGNATURE'), 'an OpenPGP signature'],
    ['an SSH key', () => 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExample ic@example.com\n', 'an SSH key'],
    ['a certificate of rubbish', () => pem('CERTIFICATE', 'AAAABBBB'), 'a certificate that can’t be read'],
    [
      'an OpenPGP key of rubbish',
      () => pem('PGP PUBLIC KEY BLOCK', '\nAAAABBBB'),
      'an OpenPGP key that can’t be read',
    ],
    [
      'an OpenPGP key that is cut off',
      async () => {
        const { publicKey } = await createPgpKey(INSURER);
        return `${publicKey.slice(0, 300)}\n-----END PGP PUBLIC KEY BLOCK-----\n`;
      },
      'OpenPGP key',
    ],
    [
      'a certificate without its end',
      async () => (await createSmimeKey(INSURER, { key: 'p256' })).publicKey.slice(0, 200),
      'neither a certificate in PEM',
    ],
    ['DER', () => '0\u0082\u0003\u0001\u0000binary', 'neither a certificate in PEM'],
    ['nothing', () => '', 'neither a certificate in PEM'],
    ['a whole book', () => 'x'.repeat(1_000_001), 'too long for a key'],
  ];

  test.each(bad)('%s', async (_, make, says) => {
    const key = await make();
    const message = await answerTo(key);
    expect(message).toContain(`no usable key for ${INSURER} (`);
    expect(message).toContain(says);
    // Whatever it is, it is not quoted: it may be a secret.
    for (const line of key.split('\n'))
      if (line.length > 20 && !line.startsWith('-')) expect(message).not.toContain(line);
  });

  test('with every reason at once', async () => {
    const { publicKey } = await createSmimeKey(CUSTOMER, {
      key: 'weakRsa',
      notAfter: NOW - DAY_MS,
      hash: 'SHA-1',
      usage: [0],
    });
    const message = await answerTo(publicKey);
    for (const says of ['expired', 'weak: RSA', 'keyEncipherment', 'SHA-1', 'another address'])
      expect(message).toContain(says);
  });
});

describe('the folder of keys', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'firebreak-keys-'));
  });

  afterEach(() => rm(folder, { recursive: true }));

  const put = (name: string, content: string) => writeFile(join(folder, name), content);

  async function problems(): Promise<string> {
    const read = await readMailKeys(folder, NOW);
    if (read.ok) throw new Error('There were no problems.');
    return read.problems.join('\n');
  }

  test('is read with what people compare by telephone, and the day on which each ends', async () => {
    const end = Math.floor(NOW / 1_000) * 1_000 + 30 * DAY_MS;
    const [insurer, customer] = [
      await createSmimeKey(INSURER, { key: 'p256', notAfter: end }),
      await createPgpKey(CUSTOMER),
    ];
    await put('Claims@Insurer.example.pem', insurer.publicKey);
    await put(`${CUSTOMER}.asc`, customer.publicKey);
    await put('README.md', 'Ask before you add one.');
    await mkdir(join(folder, '..data'));
    expect(await readMailKeys(folder, NOW)).toEqual({
      ok: true,
      keys: new Map([
        [
          INSURER,
          {
            kind: 'smime',
            text: insurer.publicKey,
            notAfter: end,
            fingerprint: expect.stringMatching(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/),
          },
        ],
        [
          CUSTOMER,
          { kind: 'pgp', text: customer.publicKey, fingerprint: expect.stringMatching(/^[0-9A-F]{40}$/) },
        ],
      ]),
    });
  });

  test('may hold keys that have expired or are of tomorrow: a partner’s calendar stops no worker', async () => {
    const created = NOW - 10 * DAY_MS;
    await put(
      `${INSURER}.pem`,
      (await createSmimeKey(INSURER, { key: 'p256', notAfter: NOW - DAY_MS })).publicKey,
    );
    await put(
      `${CUSTOMER}.asc`,
      (await createPgpKey(CUSTOMER, { createdAt: created, lifetime: 86_400 })).publicKey,
    );
    await put(
      'desk@agency.example.pem',
      (await createSmimeKey('desk@agency.example', { key: 'p256', notBefore: NOW + DAY_MS })).publicKey,
    );
    const read = await readMailKeys(folder, NOW);
    const ends = read.ok
      ? [...read.keys].map(([address, { notAfter }]) => [address, notAfter && notAfter < NOW])
      : [];
    expect(Object.fromEntries(ends)).toEqual({
      [INSURER]: true,
      [CUSTOMER]: true,
      'desk@agency.example': false,
    });
  });

  test('may be empty', async () => {
    expect(await readMailKeys(folder)).toEqual({ ok: true, keys: new Map() });
  });

  test('has to be there', async () => {
    const read = await readMailKeys(join(folder, 'elsewhere'));
    expect(read).toEqual({ ok: false, problems: [expect.stringContaining('make it')] });
  });

  test('is refused with every problem at once, each with its file, and without a word of what is in it', async () => {
    const insurer = await createSmimeKey(INSURER, { key: 'p256' });
    const customer = await createPgpKey(CUSTOMER);
    await put(`${INSURER}.pem`, insurer.privateKey);
    await put('someone.key', customer.privateKey);
    await put('not an address.pem', insurer.publicKey);
    await put('soc@insurer.example.crt', insurer.publicKey);
    await put(`${CUSTOMER}.pem`, customer.publicKey);
    await put('desk@agency.example.asc', customer.publicKey);
    await put('web@agency.example.pem', 'rubbish');
    await mkdir(join(folder, 'old.pem'));
    const said = await problems();
    for (const expected of [
      `"${INSURER}.pem": a private key`,
      '"someone.key": a private key',
      '"not an address.pem": is not called by one e-mail address',
      '"soc@insurer.example.crt": has to be called ADDRESS.pem or ADDRESS.asc',
      `"${CUSTOMER}.pem": an OpenPGP key: call it ADDRESS.asc`,
      '"desk@agency.example.asc": a key for another address',
      '"web@agency.example.pem": neither a certificate in PEM nor an OpenPGP key in armor',
      '"old.pem": can’t be read',
    ])
      expect(said).toContain(expected);
    expect(said.split('\n')).toHaveLength(8);
    for (const { privateKey } of [insurer, customer])
      for (const line of privateKey.split('\n').filter((one) => one.length > 20 && !one.startsWith('-')))
        expect(said).not.toContain(line);
  });

  test('has one key for an address, in whatever spelling', async () => {
    await put(`${INSURER}.asc`, (await createPgpKey(INSURER)).publicKey);
    await put(`${INSURER}.pem`, (await createSmimeKey(INSURER, { key: 'p256' })).publicKey);
    expect(await problems()).toContain(`"${INSURER}.pem": a second key for this address.`);
  });

  test('may be made of links, as some platforms mount what they hold', async () => {
    const { publicKey } = await createPgpKey(INSURER);
    await put('.hidden', publicKey);
    await symlink(join(folder, '.hidden'), join(folder, `${INSURER}.asc`));
    const read = await readMailKeys(folder);
    expect(read.ok && [...read.keys.keys()]).toEqual([INSURER]);
  });
});

function smime(wish: Parameters<typeof createSmimeKey>[1]) {
  return async () => (await createSmimeKey(INSURER, { key: 'p256', ...wish })).publicKey;
}

function pgp(wish: Parameters<typeof createPgpKey>[1]) {
  return async () => (await createPgpKey(INSURER, wish)).publicKey;
}
