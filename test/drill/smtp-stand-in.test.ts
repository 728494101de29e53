import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { createMailKeys, openSealed } from '../../drill/stand-ins/mail-keys';
import { headersOf, type SmtpStandIn, startSmtp } from '../../drill/stand-ins/smtp';
import { readContent } from '../../drill/stand-ins/smtp/mime';

const USERS = { firebreak: 'a password' };
const LOGIN = `AUTH PLAIN ${Buffer.from('\0firebreak\0a password').toString('base64')}`;

let smtp: SmtpStandIn;
let socket: Socket;

beforeEach(async () => {
  smtp = await startSmtp({ users: USERS });
});

afterEach(async () => {
  socket?.destroy();
  await smtp.close();
});

/** The last line of the answer, or nothing where the connection ends. */
async function ask(...lines: string[]): Promise<string> {
  let answer = '';
  for (const line of lines) {
    if (line !== '') socket.write(`${line}\r\n`);
    answer = await readAnswer();
  }
  return answer;
}

async function readAnswer(): Promise<string> {
  let text = '';
  while (!/^\d{3} .*\r\n$/m.test(text)) {
    const chunk = await Promise.race([
      once(socket, 'data').then(([data]) => String(data as Buffer)),
      once(socket, 'close').then(() => undefined),
    ]);
    if (chunk === undefined) return 'closed';
    text += chunk;
  }
  return text;
}

async function open() {
  socket = connect(smtp.port, smtp.host);
  socket.on('error', () => undefined);
  await ask('');
}

async function openSecurely() {
  await open();
  await ask('EHLO client', 'STARTTLS');
  socket = connectTls({ socket, ca: smtp.ca, host: smtp.host });
  socket.on('error', () => undefined);
  await once(socket, 'secureConnect');
  await ask('EHLO client');
}

test('takes no mail and no login before TLS', async () => {
  await open();
  expect(await ask('EHLO client')).toContain('STARTTLS');
  expect(await ask('MAIL FROM:<ic@example.com>')).toMatch(/^5\d\d /);
  expect(await ask(LOGIN)).toMatch(/^538 /);
  expect(smtp.mails).toEqual([]);
});

test('takes no mail before TLS from those who need no login either', async () => {
  await smtp.close();
  smtp = await startSmtp();
  await open();
  await ask('EHLO client');
  expect(await ask('MAIL FROM:<ic@example.com>')).toMatch(/^530 /);
});

test('keeps a mail as it was sent, with its envelope and who had logged in', async () => {
  await openSecurely();
  expect(await ask('MAIL FROM:<ic@example.com>')).toMatch(/^530 /);
  expect(await ask(LOGIN)).toMatch(/^235 /);
  const raw = 'Subject: one\r\n two\r\nX-Any: thing\r\n\r\n..dot\r\nGrüße\r\n';
  expect(
    await ask(
      'MAIL FROM:<ic@example.com>',
      'RCPT TO:<Claims@insurer.example>',
      'RCPT TO:<web@example.com>',
      'DATA',
    ),
  ).toMatch(/^354 /);
  expect(await ask(`${raw.replace('..dot', '...dot')}.`)).toMatch(/^250 /);
  expect(smtp.mails).toEqual([
    {
      from: 'ic@example.com',
      to: ['Claims@insurer.example', 'web@example.com'],
      raw,
      secure: true,
      greeted: 'client',
      authenticatedAs: 'firebreak',
      receivedAt: expect.any(Number),
    },
  ]);
  expect(headersOf(raw)).toEqual([
    ['Subject', 'one two'],
    ['X-Any', 'thing'],
  ]);
});

test('keeps nothing of a mail whose sender breaks off', async () => {
  await openSecurely();
  await ask(LOGIN, 'MAIL FROM:<ic@example.com>', 'RCPT TO:<web@example.com>', 'DATA');
  socket.write('Subject: half\r\n\r\nof it');
  socket.end();
  await once(socket, 'close');
  expect(smtp.mails).toEqual([]);
  expect(smtp.asked).toEqual(['web@example.com']);
});

test('knows no other password, and nobody else', async () => {
  await openSecurely();
  for (const login of ['\0firebreak\0wrong', '\0nobody\0a password', '\0toString\0x'])
    expect(await ask(`AUTH PLAIN ${Buffer.from(login).toString('base64')}`)).toMatch(/^535 /);
});

test('fails as it is told, as often as it is told, and is well again', async () => {
  smtp.fail({ at: 'recipient', address: 'web@example.com', answer: 550, times: 2 });
  smtp.fail({ at: 'sender', answer: 451 });
  await openSecurely();
  await ask(LOGIN);
  const sender = 'MAIL FROM:<ic@example.com>';
  expect(await ask(sender)).toMatch(/^451 /);
  expect(await ask(sender)).toMatch(/^250 /);
  expect(await ask('RCPT TO:<WEB@example.com>')).toMatch(/^550 /);
  expect(await ask('RCPT TO:<legal@example.com>')).toMatch(/^250 /);
  expect(await ask('RCPT TO:<web@example.com>')).toMatch(/^550 /);
  expect(await ask('RCPT TO:<web@example.com>')).toMatch(/^250 /);
});

test('does not offer TLS, breaks off, and takes no more than it is told', async () => {
  smtp.fail({ at: 'tls' });
  await open();
  expect(await ask('EHLO client')).not.toContain('STARTTLS');
  smtp.limit(1_000);
  await openSecurely();
  await ask(LOGIN);
  expect(await ask('MAIL FROM:<ic@example.com> SIZE=2000')).toMatch(/^552 /);
  smtp.fail({ at: 'dropAfter', kept: true });
  await ask('MAIL FROM:<ic@example.com>', 'RCPT TO:<web@example.com>', 'DATA');
  expect(await ask('Subject: kept\r\n\r\n.')).toBe('closed');
  expect(smtp.mails).toHaveLength(1);
  expect(smtp.connections()).toBe(2);
});

test('may be started on the port that it had', async () => {
  const { port } = smtp;
  await smtp.close();
  smtp = await startSmtp({ port });
  expect(smtp.port).toBe(port);
});

describe('keys of partners', () => {
  test('are of the kind that was asked for, by address', async () => {
    const keys = await createMailKeys({
      'claims@insurer.example': 'smime',
      'security@customer.example': 'pgp',
    });
    expect(keys['claims@insurer.example']).toMatchObject({
      kind: 'smime',
      fileName: 'claims@insurer.example.pem',
      publicKey: expect.stringMatching(/^-----BEGIN CERTIFICATE-----\n/),
      privateKey: expect.stringMatching(/^-----BEGIN PRIVATE KEY-----\n/),
    });
    expect(keys['security@customer.example']).toMatchObject({
      kind: 'pgp',
      fileName: 'security@customer.example.asc',
      publicKey: expect.stringMatching(/^-----BEGIN PGP PUBLIC KEY BLOCK-----/),
      privateKey: expect.stringMatching(/^-----BEGIN PGP PRIVATE KEY BLOCK-----/),
    });
  });

  test('open nothing that is not encrypted', async () => {
    await expect(openSealed('Subject: x\r\n\r\nin clear', '')).rejects.toThrow('not encrypted');
    expect(readContent('Subject: x\r\n\r\nin clear\r\n')).toEqual({ text: 'in clear\n', documents: [] });
  });
});
