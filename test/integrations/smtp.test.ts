import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import { hostname, userInfo } from 'node:os';
import { CancelledFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createMailKeys, type OwnedMailKey, readContent } from '../../drill/stand-ins/mail-keys';
import { headersOf, type SmtpStandIn, type SmtpStandInSettings, startSmtp } from '../../drill/stand-ins/smtp';
import { failureOf } from '../support/failures';
import {
  CODENAME,
  COUNSEL,
  CUSTOMER,
  FROM,
  IC,
  INSURER,
  mailerAt,
  mailTo,
  SECRET,
  TEXT,
} from '../support/mail';

const USERS = { firebreak: 'a password' };

let smtp: SmtpStandIn;
let keys: Readonly<Record<string, OwnedMailKey>>;

beforeAll(async () => {
  keys = await createMailKeys({ [INSURER]: 'smime', [CUSTOMER]: 'pgp', [IC]: 'smime' });
});

beforeEach(async () => {
  smtp = await startSmtp();
});

afterEach(() => smtp.close());

/** In the place of the one that every test has. */
async function restart(settings: SmtpStandInSettings) {
  await smtp.close();
  smtp = await startSmtp(settings);
}

const serverAt = (changed: object = {}) => ({
  host: smtp.host,
  port: smtp.port,
  tls: 'starttls' as const,
  ...changed,
});

describe('a mail to the company alone', () => {
  test('goes out in clear, over TLS, to To, Cc and Bcc at once', async () => {
    const sent = await mailerAt(smtp).send(mailTo([IC], { cc: [COUNSEL], bcc: ['web@example.com'] }));
    expect(sent).toEqual({ messages: 1 });
    expect(smtp.mails).toHaveLength(1);
    expect(smtp.mails[0]).toMatchObject({ from: FROM, to: [IC, COUNSEL, 'web@example.com'], secure: true });
    expect(readContent(smtp.mails[0]?.raw ?? '')).toEqual({ text: TEXT, documents: [] });
  });

  test('has these headers and no other, and the one subject', async () => {
    await mailerAt(smtp, {}, { now: () => Date.UTC(2026, 10, 26, 12, 0, 0) }).send(
      mailTo([IC], { cc: [COUNSEL], bcc: ['web@example.com'] }),
    );
    const headers = headersOf(smtp.mails[0]?.raw ?? '');
    expect(Object.fromEntries(headers)).toEqual({
      From: FROM,
      To: IC,
      Cc: COUNSEL,
      Subject: 'Attorney Work Project',
      Date: 'Thu, 26 Nov 2026 12:00:00 +0000',
      'Message-ID': expect.stringMatching(/^<[0-9a-f]{40}@example\.com>$/),
      'MIME-Version': '1.0',
      'Content-Type': 'text/plain; charset=utf-8',
      'Content-Transfer-Encoding': 'quoted-printable',
    });
    expect(headers).toHaveLength(9);
  });

  test('says nothing of this machine, of its user, of the program that sends, or of the codename', async () => {
    await mailerAt(smtp).send(mailTo([IC], { bcc: [COUNSEL] }));
    const { raw = '', greeted } = smtp.mails[0] ?? {};
    expect(greeted).toBe('[127.0.0.1]');
    for (const word of [hostname(), CODENAME, 'sapphire', 'message-3', 'nodemailer', 'firebreak', COUNSEL])
      expect(raw.toLowerCase()).not.toContain(word.toLowerCase());
    // A short name of a user may be a part of anything, so that it is looked for as a word.
    expect(raw).not.toMatch(new RegExp(String.raw`\b${userInfo().username}\b`));
  });

  test('brings its documents, named by their place alone', async () => {
    const pdf = Buffer.from('%PDF-1.7 …');
    await mailerAt(smtp).send(
      mailTo([IC], {
        attachments: [
          { kind: 'markdown', content: '# Timeline\nü\n' },
          { kind: 'pdf', content: pdf.toString('base64') },
        ],
      }),
    );
    expect(readContent(smtp.mails[0]?.raw ?? '')).toEqual({
      text: TEXT,
      documents: [
        { name: 'document-1.md', content: Buffer.from('# Timeline\nü\n') },
        { name: 'document-2.pdf', content: pdf },
      ],
    });
  });

  test('goes to each mailbox once, however often and in whatever spelling it is named', async () => {
    await mailerAt(smtp).send(mailTo([IC, 'IC@Example.com.'], { cc: [`Commander <${IC}>`], bcc: [IC] }));
    expect(smtp.mails[0]?.to).toEqual([IC]);
    expect(Object.fromEntries(headersOf(smtp.mails[0]?.raw ?? ''))).not.toHaveProperty('Cc');
  });

  test('has the same Message-ID whenever it is sent, and another one for another key or text', async () => {
    const mailer = mailerAt(smtp);
    for (const request of [mailTo([IC]), mailTo([IC]), mailTo([IC], { key: `${CODENAME}/message-4` })])
      await mailer.send(request);
    await mailer.send(mailTo([IC], { markdown: 'Another text.' }));
    const [first, again, ...others] = smtp.mails.map(
      ({ raw }) => new Map(headersOf(raw)).get('Message-ID') ?? '',
    );
    expect(again).toBe(first);
    expect(new Set([first, ...others]).size).toBe(3);
  });

  test('is told apart from one with a line that only has a dot, and keeps long lines', async () => {
    const markdown = `before\n.\n..\n${'x'.repeat(3_000)}\nFrom here on\n`;
    await mailerAt(smtp).send(mailTo([IC], { markdown }));
    expect(readContent(smtp.mails[0]?.raw ?? '').text).toBe(markdown);
  });

  test.each([
    ['a stranger', 'stranger@elsewhere.example'],
    ['a sub-domain', 'ic@mail.example.com'],
    ['a domain that begins alike', 'ic@example.com.evil.example'],
    ['a domain that looks alike', 'ic@exаmple.com'],
    ['an address that only contains the company’s', '"ic@example.com"@evil.example'],
  ])('is not sent to anybody where one recipient is %s', async (_, address) => {
    for (const request of [
      mailTo([IC, address]),
      mailTo([IC], { cc: [address] }),
      mailTo([IC], { bcc: [address] }),
    ]) {
      const failure = await failureOf(mailerAt(smtp).send(request));
      expect(failure).toMatchObject({ type: 'InvalidRequest', nonRetryable: true });
      expect(failure.message).toContain('Nothing was sent');
    }
    expect(smtp.connections()).toBe(0);
  });

  test.each([
    ['nobody', mailTo([])],
    ['a line end in an address', mailTo(['ic@example.com\r\nBcc: x@evil.example'])],
    ['two addresses in one', mailTo(['ic@example.com, x@evil.example'])],
    ['an empty key', mailTo([IC], { key: '' })],
  ])('is refused with %s', async (_, request) => {
    expect((await failureOf(mailerAt(smtp).send(request))).type).toBe('InvalidRequest');
    expect(smtp.connections()).toBe(0);
  });

  test('comes from the company, or there is no mailer', () => {
    for (const from of ['firebreak@elsewhere.example', 'nobody', ''])
      expect(() => mailerAt(smtp, {}, { from })).toThrow('communication.mail.from');
  });
});

describe('the connection', () => {
  test('is not even tried with an authority that is none, or there is no mailer', () => {
    for (const ca of ['', 'rubbish', keys[INSURER]?.privateKey ?? ''])
      expect(() => mailerAt(smtp, {}, { ca })).toThrow('FIREBREAK_SMTP_CA_FILE');
  });

  test('logs in once TLS holds', async () => {
    await restart({ users: USERS });
    const mailer = mailerAt(smtp, {}, { server: serverAt({ user: 'firebreak' }), password: USERS.firebreak });
    await mailer.check();
    await mailer.send(mailTo([IC]));
    expect(smtp.mails[0]).toMatchObject({ secure: true, authenticatedAs: 'firebreak' });
  });

  test('speaks TLS from the first byte where the port wants it', async () => {
    await restart({ tls: 'implicit' });
    await mailerAt(smtp, {}, { server: serverAt({ tls: 'implicit' }) }).send(mailTo([IC]));
    expect(smtp.mails[0]?.secure).toBe(true);
  });

  test('is refused where the server offers no TLS, with what to do, and before any password', async () => {
    await restart({ users: USERS });
    smtp.fail({ at: 'tls', times: 2 });
    const mailer = mailerAt(smtp, {}, { server: serverAt({ user: 'firebreak' }), password: USERS.firebreak });
    for (const call of [() => mailer.send(mailTo([IC])), () => mailer.check()]) {
      const failure = await failureOf(call());
      expect(failure).toMatchObject({ type: 'InvalidRequest', nonRetryable: true });
      expect(failure.message).toMatch(/offers no TLS .* tls: implicit/);
    }
    expect(smtp.asked).toEqual([]);
  });

  test('trusts nobody but the authority that it is given, or else those that Node knows', async () => {
    const { ca: other } = await (async () => {
      const second = await startSmtp();
      await second.close();
      return second;
    })();
    for (const mailer of [
      mailerAt({ ...smtp, ca: other }),
      mailerAt({ host: smtp.host, port: smtp.port } as SmtpStandIn, {}, { ca: undefined as never }),
    ]) {
      const failure = await failureOf(mailer.send(mailTo([IC])));
      expect(failure).toMatchObject({ type: 'Unauthorized', nonRetryable: true });
      expect(failure.message).toContain('FIREBREAK_SMTP_CA_FILE');
    }
    expect(smtp.asked).toEqual([]);
  });

  test.each<[string, SmtpStandInSettings, 'implicit' | 'starttls']>([
    ['is another host’s', { certificate: { hosts: ['elsewhere.example'], ips: [] } }, 'starttls'],
    [
      'is another host’s',
      { certificate: { hosts: ['elsewhere.example'], ips: [] }, tls: 'implicit' },
      'implicit',
    ],
    ['has expired', { certificate: { notAfter: Date.now() - 1_000 } }, 'starttls'],
  ])('is refused where the certificate %s (%j)', async (_, settings, tls) => {
    await restart(settings);
    const failure = await failureOf(mailerAt(smtp, {}, { server: serverAt({ tls }) }).send(mailTo([IC])));
    expect(failure).toMatchObject({ type: 'Unauthorized', nonRetryable: true });
    expect(smtp.asked).toEqual([]);
  });

  test.each<[string, SmtpStandInSettings, 'implicit' | 'starttls']>([
    ['speaks an old TLS', { newestVersion: 'TLSv1.1' }, 'starttls'],
    ['wants STARTTLS on that port', {}, 'implicit'],
  ])('is refused where the server %s', async (_, settings, tls) => {
    await restart(settings);
    const failure = await failureOf(mailerAt(smtp, {}, { server: serverAt({ tls }) }).send(mailTo([IC])));
    expect(failure).toMatchObject({ type: 'InvalidRequest', nonRetryable: true });
    expect(failure.message).toContain('TLS 1.2');
    expect(smtp.asked).toEqual([]);
  });

  test.each([
    ['a wrong password', { server: { user: 'firebreak' }, password: 'wrong' }],
    ['no password', { server: { user: 'firebreak' } }],
    ['an unknown user', { server: { user: 'nobody' }, password: USERS.firebreak }],
    ['no user where one is wanted', { server: {} }],
  ])('is Unauthorized with %s', async (_, { server, ...changed }: { server: object; password?: string }) => {
    await restart({ users: USERS });
    const failure = await failureOf(
      mailerAt(smtp, {}, { ...changed, server: serverAt(server) }).send(mailTo([IC])),
    );
    expect(failure).toMatchObject({ type: 'Unauthorized', nonRetryable: true });
    expect(failure.message).toContain('FIREBREAK_SMTP_PASSWORD');
    expect(failure.message).not.toContain(USERS.firebreak);
    expect(smtp.mails).toEqual([]);
  });

  test.each([
    ['greeting', 421, 'Unavailable'],
    ['greeting', 554, 'Unauthorized'],
    ['login', 454, 'Unavailable'],
    ['login', 534, 'Unauthorized'],
    ['sender', 451, 'Unavailable'],
    ['sender', 550, 'InvalidRequest'],
    ['message', 451, 'Unavailable'],
    ['message', 554, 'InvalidRequest'],
  ] as const)('a %s that is answered %i is %s', async (at, answer, type) => {
    await restart({ users: USERS });
    smtp.fail({ at, answer });
    const mailer = mailerAt(smtp, {}, { server: serverAt({ user: 'firebreak' }), password: USERS.firebreak });
    const failure = await failureOf(mailer.send(mailTo([IC])));
    expect(failure).toMatchObject({ type, nonRetryable: type !== 'Unavailable' });
    expect(failure.message).toContain(String(answer));
    expect(smtp.mails).toEqual([]);
    // Over as soon as the server is well again.
    await mailer.send(mailTo([IC]));
    expect(smtp.mails).toHaveLength(1);
  });

  test('that nobody answers is Unavailable', async () => {
    await smtp.close();
    expect(await failureOf(mailerAt(smtp).send(mailTo([IC])))).toMatchObject({
      type: 'Unavailable',
      nonRetryable: false,
    });
  });

  test('to a name that nobody knows is Unavailable', async () => {
    const failure = await failureOf(
      mailerAt(smtp, {}, { server: serverAt({ host: 'smtp.invalid' }) }).send(mailTo([IC])),
    );
    expect(failure.type).toBe('Unavailable');
  });
});

describe('a server that does not answer', () => {
  let silent: Server;

  beforeEach(async () => {
    silent = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => silent.once('listening', resolve));
  });

  afterEach(() => new Promise((resolve) => silent.close(resolve)));

  const mailer = (timeoutMs: number) => {
    const { port } = silent.address() as AddressInfo;
    return mailerAt(smtp, {}, { server: serverAt({ port }), timeoutMs });
  };

  test('is Unavailable after a while', async () => {
    expect((await failureOf(mailer(100).send(mailTo([IC])))).type).toBe('Unavailable');
  });

  test('is left alone as soon as the activity is cancelled', async () => {
    const environment = new MockActivityEnvironment();
    const sending = environment.run(() => mailer(50_000).send(mailTo([IC])));
    silent.once('connection', () => environment.cancel());
    await expect(sending).rejects.toThrow(CancelledFailure);
  });
});

describe('all of them, or nobody', () => {
  const toBoth = () => mailTo([INSURER, CUSTOMER], { encrypt: true });

  test('nobody gets it where the server refuses one', async () => {
    smtp.fail({ at: 'recipient', address: COUNSEL, answer: 550 });
    const failure = await failureOf(mailerAt(smtp).send(mailTo([IC, COUNSEL])));
    expect(failure).toMatchObject({ type: 'InvalidRequest', nonRetryable: true });
    expect(failure.message).toContain(`${COUNSEL} (550): nothing was sent to anybody`);
    expect(failure.message).not.toContain(IC);
    expect(smtp.mails).toEqual([]);
  });

  test('nobody gets it where the server refuses one of another message, and all who are refused are named', async () => {
    smtp.fail({ at: 'recipient', address: CUSTOMER, answer: 550 });
    const failure = await failureOf(mailerAt(smtp, keys).send(toBoth()));
    expect(failure.message).toContain(CUSTOMER);
    expect(failure.message).not.toContain(INSURER);
    for (const address of [CUSTOMER, INSURER]) smtp.fail({ at: 'recipient', address, answer: 553 });
    const both = await failureOf(mailerAt(smtp, keys).send(toBoth()));
    expect(both.message).toContain(`${INSURER} (553), ${CUSTOMER} (553)`);
    expect(smtp.mails).toEqual([]);
  });

  test('is tried again where the server says "not yet", and then goes to all of them', async () => {
    smtp.fail({ at: 'recipient', address: CUSTOMER, answer: 450 });
    const mailer = mailerAt(smtp, keys);
    const failure = await failureOf(mailer.send(toBoth()));
    expect(failure).toMatchObject({ type: 'Unavailable', nonRetryable: false });
    expect(smtp.mails).toEqual([]);
    expect(await mailer.send(toBoth())).toEqual({ messages: 2 });
    expect(smtp.mails.flatMap(({ to }) => to).sort()).toEqual([INSURER, CUSTOMER].sort());
  });

  test('is refused for good where one is refused for good and another for now', async () => {
    smtp.fail({ at: 'recipient', address: CUSTOMER, answer: 450 });
    smtp.fail({ at: 'recipient', address: INSURER, answer: 550 });
    const failure = await failureOf(mailerAt(smtp, keys).send(toBoth()));
    expect(failure.type).toBe('InvalidRequest');
    expect(failure.message).not.toContain(CUSTOMER);
  });

  test.each([
    ['announces its limit', true],
    ['tells its limit only in the end', false],
  ])('is InvalidRequest where it is too large for a server that %s', async (_, says) => {
    smtp.limit(100_000, says);
    const large = mailTo([INSURER, CUSTOMER], {
      encrypt: true,
      attachments: [{ kind: 'pdf', content: Buffer.alloc(200_000, 7).toString('base64') }],
    });
    const failure = await failureOf(mailerAt(smtp, keys).send(large));
    expect(failure).toMatchObject({ type: 'InvalidRequest', nonRetryable: true });
    expect(failure.message).toMatch(/too large .*0\.\d MB/);
    expect(smtp.mails).toEqual([]);
  });

  test('is tried again where the connection breaks before the mail went out', async () => {
    smtp.fail({ at: 'dropBefore' });
    const failure = await failureOf(mailerAt(smtp).send(mailTo([IC])));
    expect(failure).toMatchObject({ type: 'Unavailable', nonRetryable: false });
    expect(smtp.mails).toEqual([]);
  });

  test.each([true, false])(
    'is a Conflict where it was handed over and no answer came (kept: %s)',
    async (kept) => {
      smtp.fail({ at: 'dropAfter', kept });
      const failure = await failureOf(mailerAt(smtp).send(mailTo([IC])));
      expect(failure).toMatchObject({ type: 'Conflict', nonRetryable: true });
      expect(failure.message).toContain(`It is not known whether the mail server took the mail for ${IC}`);
      expect(smtp.mails).toHaveLength(kept ? 1 : 0);
    },
  );

  test('says who got it where the server refuses a part of it in the very end', async () => {
    smtp.fail({ at: 'message', answer: 451 });
    const failure = await failureOf(mailerAt(smtp, keys).send(toBoth()));
    const [got] = smtp.mails.flatMap(({ to }) => to);
    const other = got === INSURER ? CUSTOMER : INSURER;
    expect(failure).toMatchObject({ type: 'InvalidRequest', nonRetryable: true });
    expect(failure.message).toContain(
      `took the mail for ${got}, and at the very end did not take it for ${other}`,
    );
  });

  test('says who got it where one answer is missing', async () => {
    smtp.fail({ at: 'dropAfter', kept: false });
    const failure = await failureOf(mailerAt(smtp, keys).send(toBoth()));
    const [got] = smtp.mails.flatMap(({ to }) => to);
    const other = got === INSURER ? CUSTOMER : INSURER;
    expect(failure.type).toBe('Conflict');
    expect(failure.message).toContain(`for ${other}: it was handed over`);
    expect(failure.message).toContain(`It was taken for ${got}.`);
  });

  test('says nothing of what the server says, which can quote the mail', async () => {
    for (const trouble of [
      { at: 'recipient', address: IC, answer: 550 },
      { at: 'recipient', address: IC, answer: 450 },
      { at: 'message', answer: 554 },
      { at: 'message', answer: 451 },
      { at: 'sender', answer: 550 },
      { at: 'greeting', answer: 554 },
    ] as const) {
      smtp.fail(trouble);
      const failure = await failureOf(mailerAt(smtp).send(mailTo([IC])));
      for (const word of ['the server says', SECRET, 'Attorney', CODENAME, 'Error'])
        expect(failure.message).not.toContain(word);
      expect(failure.cause).toBeUndefined();
    }
  });
});
