/** Mail as others read it: opened by openssl and gpg, which have to be on this machine (the tests fail where they are not). */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  createMailKeys,
  createPgpKey,
  createSmimeKey,
  openSealed,
  type OwnedMailKey,
  readContent,
} from '../../drill/stand-ins/mail-keys';
import { headersOf, type ReceivedMail, type SmtpStandIn, startSmtp } from '../../drill/stand-ins/smtp';
import { readMime } from '../../drill/stand-ins/smtp/mime';
import { failureOf } from '../support/failures';
import { COUNSEL, CUSTOMER, IC, INSURER, mailerAt, mailTo, SECRET, TEXT } from '../support/mail';
import { thorough } from '../support/thorough';

const run = promisify(execFile);

let smtp: SmtpStandIn;
let folder: string;

beforeAll(async () => {
  smtp = await startSmtp();
  // Short, since gpg's agent listens on a socket in it.
  folder = await mkdtemp(join(tmpdir(), 'fb-'));
});

beforeEach(() => void (smtp.mails as ReceivedMail[]).splice(0));

afterAll(async () => {
  await smtp.close();
  await run('gpgconf', ['--homedir', folder, '--kill', 'all']);
  await rm(folder, { recursive: true, force: true });
});

async function file(name: string, content: string | Buffer): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

const mailTold = (address: string): ReceivedMail => {
  const found = smtp.mails.filter(({ to }) => to.includes(address));
  if (found.length !== 1 || found[0] === undefined) throw new Error(`${found.length} mails for ${address}`);
  return found[0];
};

/** What `openssl cms` makes of the mail, as it was received. */
async function openByOpenssl(address: string, key: OwnedMailKey): Promise<string> {
  const { stdout } = await run('openssl', [
    ...['cms', '-decrypt', '-inform', 'SMIME', '-in', await file('mail.eml', mailTold(address).raw)],
    ...['-recip', await file('cert.pem', key.publicKey), '-inkey', await file('key.pem', key.privateKey)],
  ]);
  return stdout;
}

async function openByGpg(address: string, key: OwnedMailKey): Promise<string> {
  const gpg = ['--homedir', folder, '--batch', '--no-tty', '--pinentry-mode', 'loopback', '--passphrase', ''];
  await run('gpg', [...gpg, '--import', await file('key.asc', key.privateKey)]);
  const [, armored] = readMime(mailTold(address).raw).parts;
  const message = await file('mail.asc', armored?.content ?? '');
  return (await run('gpg', [...gpg, '--trust-model', 'always', '--decrypt', message])).stdout;
}

describe('a mail to somebody outside', () => {
  test.each(['rsa', 'p256', 'p384', 'p521'] as const)(
    'is read by openssl with a certificate whose key is %s',
    async (type) => {
      const key = await createSmimeKey(INSURER, { key: type });
      const pdf = Buffer.from('%PDF-1.7 …');
      const attachments = [{ kind: 'pdf', content: pdf.toString('base64') }] as const;
      await mailerAt(smtp, { [INSURER]: key }).send(mailTo([INSURER], { encrypt: true, attachments }));
      expect(readContent(await openByOpenssl(INSURER, key))).toEqual({
        text: TEXT,
        documents: [{ name: 'document-1.pdf', content: pdf }],
      });
    },
  );

  test('is read by openssl by each of several recipients, whatever the kinds of their keys', async () => {
    const keys = {
      [INSURER]: await createSmimeKey(INSURER),
      [CUSTOMER]: await createSmimeKey(CUSTOMER, { key: 'p256' }),
    };
    expect(await mailerAt(smtp, keys).send(mailTo([INSURER], { cc: [CUSTOMER], encrypt: true }))).toEqual({
      messages: 1,
    });
    for (const [address, key] of Object.entries(keys))
      expect(readContent(await openByOpenssl(address, key)).text).toBe(TEXT);
  });

  test('is read by gpg', async () => {
    const key = await createPgpKey(CUSTOMER);
    const attachments = [{ kind: 'markdown', content: '# Timeline\n' }] as const;
    await mailerAt(smtp, { [CUSTOMER]: key }).send(mailTo([CUSTOMER], { encrypt: true, attachments }));
    expect(readContent(await openByGpg(CUSTOMER, key))).toEqual({
      text: TEXT,
      documents: [{ name: 'document-1.md', content: Buffer.from('# Timeline\n') }],
    });
  });

  test('is encrypted to a key that gpg has made, and read by it', async () => {
    const gpg = [
      '--homedir',
      folder,
      '--batch',
      '--no-tty',
      '--pinentry-mode',
      'loopback',
      '--passphrase',
      '',
    ];
    await run('gpg', [
      ...gpg,
      '--quick-generate-key',
      `Claims <${INSURER}>`,
      'future-default',
      'default',
      '1y',
    ]);
    const { stdout: publicKey } = await run('gpg', [...gpg, '--armor', '--export', INSURER]);
    const { stdout: privateKey } = await run('gpg', [...gpg, '--armor', '--export-secret-keys', INSURER]);
    await mailerAt(smtp, { [INSURER]: { publicKey } }).send(mailTo([INSURER], { encrypt: true }));
    const key = { kind: 'pgp', fileName: '', publicKey, privateKey } as const;
    expect(readContent(await openByGpg(INSURER, key)).text).toBe(TEXT);
  });

  test('is not encrypted to a key that says of itself in SHA-1', async () => {
    const gpg = [
      '--homedir',
      folder,
      '--batch',
      '--no-tty',
      '--pinentry-mode',
      'loopback',
      '--passphrase',
      '',
    ];
    const rsa = (type: string) => [`${type}-Type: RSA`, `${type}-Length: 2048`];
    const wish = [
      ...rsa('Key'),
      ...rsa('Subkey'),
      'Subkey-Usage: encrypt',
      `Name-Email: ${CUSTOMER}`,
      'Expire-Date: 0',
      '%no-protection',
    ];
    const wishes = await file('wish', `${[...wish, '%commit'].join('\n')}\n`);
    await run('gpg', [...gpg, '--cert-digest-algo', 'SHA1', '--generate-key', wishes]);
    const { stdout: publicKey } = await run('gpg', [...gpg, '--armor', '--export', `=${CUSTOMER}`]);
    const failure = await failureOf(
      mailerAt(smtp, { [CUSTOMER]: { publicKey } }).send(mailTo([CUSTOMER], { encrypt: true })),
    );
    expect(failure.message).toContain(`${CUSTOMER} (weak: signed with MD5 or SHA-1)`);
    expect(smtp.mails).toEqual([]);
  });

  test('is encrypted to a certificate that openssl has made, and read by it', async () => {
    await run('openssl', [
      ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=Claims'],
      ...['-addext', `subjectAltName=email:${INSURER}`, '-keyout', join(folder, 'own.key')],
      ...['-out', join(folder, 'own.pem')],
    ]);
    const [{ stdout: publicKey }, { stdout: privateKey }] = await Promise.all([
      run('openssl', ['x509', '-in', join(folder, 'own.pem')]),
      run('openssl', ['pkey', '-in', join(folder, 'own.key')]),
    ]);
    await mailerAt(smtp, { [INSURER]: { publicKey } }).send(mailTo([INSURER], { encrypt: true }));
    const key = { kind: 'smime', fileName: '', publicKey, privateKey } as const;
    expect(readContent(await openByOpenssl(INSURER, key)).text).toBe(TEXT);
  });

  test('shows addresses, date and the one subject, and nothing of what is in it', async () => {
    const keys = await createMailKeys({ [INSURER]: 'smime', [CUSTOMER]: 'pgp' });
    const attachments = [{ kind: 'markdown', content: SECRET }] as const;
    await mailerAt(smtp, keys).send(mailTo([INSURER, CUSTOMER], { encrypt: true, attachments }));
    expect(smtp.mails).toHaveLength(2);
    for (const { raw } of smtp.mails) {
      expect(raw).not.toContain(SECRET);
      expect(raw).not.toContain(Buffer.from(SECRET).toString('base64').slice(0, 12));
      expect(raw).not.toContain('document-');
      const headers = new Map(headersOf(raw));
      expect(headers.get('Subject')).toBe('Attorney Work Project');
      expect(headers.get('To')).toBe(`${INSURER}, ${CUSTOMER}`);
      expect([...headers.keys()].filter((name) => !name.startsWith('Content-')).sort()).toEqual(
        ['Date', 'From', 'MIME-Version', 'Message-ID', 'Subject', 'To'].sort(),
      );
    }
    expect(readMime(mailTold(INSURER).raw).headers.get('content-type')).toMatch(
      /^application\/pkcs7-mime; smime-type=enveloped-data/,
    );
    expect(readMime(mailTold(CUSTOMER).raw).headers.get('content-type')).toMatch(
      /^multipart\/encrypted; protocol="application\/pgp-encrypted"/,
    );
  });

  test('goes to whoever is in Bcc by a message of its own, from which nobody else learns of them', async () => {
    const keys = {
      [INSURER]: await createSmimeKey(INSURER),
      [CUSTOMER]: await createSmimeKey(CUSTOMER),
      [COUNSEL]: await createPgpKey(COUNSEL),
    };
    expect(
      await mailerAt(smtp, keys).send(mailTo([INSURER], { bcc: [CUSTOMER, COUNSEL], encrypt: true })),
    ).toEqual({ messages: 3 });
    expect(smtp.mails.map(({ to }) => to).sort()).toEqual([[CUSTOMER], [INSURER], [COUNSEL]].sort());
    for (const { raw } of smtp.mails) {
      expect(raw).not.toContain(CUSTOMER);
      expect(raw).not.toContain(COUNSEL);
      expect(new Map(headersOf(raw)).get('To')).toBe(INSURER);
    }
    // To one key each: the serial number of another's certificate would be a name as well.
    const { stdout } = await run('openssl', [
      ...['cms', '-cmsout', '-print', '-inform', 'SMIME'],
      ...['-in', await file('mail.eml', mailTold(INSURER).raw)],
    ]);
    expect(stdout.match(/serialNumber/g)).toHaveLength(1);
    expect(readContent(await openByOpenssl(CUSTOMER, keys[CUSTOMER])).text).toBe(TEXT);
    await expect(openSealed(mailTold(INSURER).raw, keys[CUSTOMER].privateKey)).rejects.toThrow();
    const ids = smtp.mails.map(({ raw }) => new Map(headersOf(raw)).get('Message-ID'));
    expect(new Set(ids).size).toBe(3);
  });

  test('takes the key that the incident holds rather than the one on file', async () => {
    const [onFile, given] = [await createPgpKey(INSURER), await createSmimeKey(INSURER, { key: 'p256' })];
    await mailerAt(smtp, { [INSURER]: onFile }).send({
      ...mailTo([], { encrypt: true }),
      to: [{ address: INSURER, key: given.publicKey }],
    });
    expect(readContent(await openByOpenssl(INSURER, given)).text).toBe(TEXT);
  });

  test('finds the key in whatever spelling the address is given', async () => {
    const key = await createPgpKey(INSURER);
    await mailerAt(smtp, { [INSURER]: key }).send(mailTo(['Claims@Insurer.Example.'], { encrypt: true }));
    expect(smtp.mails[0]?.to).toEqual(['Claims@insurer.example']);
  });

  test('is not sent to anybody where somebody has no key, and says who', async () => {
    const keys = await createMailKeys({ [INSURER]: 'pgp' });
    const failure = await failureOf(
      mailerAt(smtp, keys).send(mailTo([INSURER, IC], { cc: [CUSTOMER], bcc: [COUNSEL], encrypt: true })),
    );
    expect(failure).toMatchObject({ type: 'InvalidRequest', nonRetryable: true });
    expect(failure.message).toContain(
      [IC, CUSTOMER, COUNSEL].map((address) => `no usable key for ${address} (none on file)`).join('; '),
    );
    expect(failure.message).not.toContain(INSURER);
    expect(smtp.mails).toEqual([]);
  });

  test('is refused where there are more in Bcc than a server takes at once', async () => {
    const key = await createPgpKey(INSURER, {
      userIds: Array.from({ length: 11 }, (_, number) => ({ email: `team-${number}@insurer.example` })),
    });
    const addresses = Array.from({ length: 11 }, (_, number) => `team-${number}@insurer.example`);
    const keys = Object.fromEntries(addresses.map((address) => [address, key]));
    const failure = await failureOf(mailerAt(smtp, keys).send(mailTo([], { bcc: addresses, encrypt: true })));
    expect(failure.type).toBe('InvalidRequest');
    expect(failure.message).toContain('Bcc');
    expect(smtp.mails).toEqual([]);
  });

  thorough('may hold 10 MB of documents', async () => {
    const keys = await createMailKeys({ [INSURER]: 'smime', [CUSTOMER]: 'pgp' });
    const markdown = 'x'.repeat(99).concat('\n').repeat(100_000);
    await mailerAt(smtp, keys, { timeoutMs: 20_000 }).send(
      mailTo([INSURER, CUSTOMER], { encrypt: true, attachments: [{ kind: 'markdown', content: markdown }] }),
    );
    for (const address of [INSURER, CUSTOMER] as const) {
      const { documents } = readContent(await openSealed(mailTold(address).raw, keys[address].privateKey));
      expect(documents[0]?.content.toString()).toBe(markdown);
    }
  });
});
