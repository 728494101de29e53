import { createMailActivities, type Mailer, type MailRequest } from '../../activities/mail';
import type { Message, Sendable } from '../../domain/outgoing';

type Mail = Sendable<Extract<Message, { way: 'mail' }>>;

const KEY = 'sapphire-unicorn message-3';

/** As the domain makes it, but for what a test changes. */
const mail = (changed: object = {}) =>
  ({
    way: 'mail',
    subject: 'Attorney Work Project',
    to: [{ address: 'claims@insurer.example' }],
    cc: [],
    bcc: [{ address: 'counsel@example.com', key: 'KEY' }],
    markdown: 'Where we stand.',
    encrypt: true,
    ...changed,
  }) as unknown as Mail;

function recordingMailer(
  pdf = async (markdown: string): Promise<Uint8Array> => Buffer.from(`PDF of ${markdown}`),
) {
  const sent: MailRequest[] = [];
  const mailer: Mailer = {
    send: async (request) => {
      sent.push(request);
      return { messages: 2 };
    },
    check: async () => undefined,
  };
  return { sent, ...createMailActivities(mailer, pdf) };
}

test('a mail is handed on with its key, its recipients and their keys', async () => {
  const { sent, sendMail } = recordingMailer();
  await expect(sendMail(KEY, mail())).resolves.toEqual({ messages: 2 });
  expect(sent).toEqual([
    {
      key: KEY,
      to: [{ address: 'claims@insurer.example' }],
      cc: [],
      bcc: [{ address: 'counsel@example.com', key: 'KEY' }],
      markdown: 'Where we stand.',
      attachments: [],
      encrypt: true,
    },
  ]);
});

test('a hand-off pack goes with it, as a text and as a PDF', async () => {
  const { sent, sendMail } = recordingMailer();
  await sendMail(KEY, mail({ pack: '# Timeline' }));
  expect(sent[0]?.attachments).toEqual([
    { kind: 'markdown', content: '# Timeline' },
    { kind: 'pdf', content: Buffer.from('PDF of # Timeline').toString('base64') },
  ]);
});

test('nothing is sent where its pack can’t be made', async () => {
  const { sent, sendMail } = recordingMailer(async () => {
    throw new Error('the words of the document');
  });
  await expect(sendMail(KEY, mail({ pack: 'x' }))).rejects.toMatchObject({
    type: 'InvalidRequest',
    message: expect.stringMatching(/^Nothing was sent: the pack could not be made into a PDF(?!.*words)/),
  });
  expect(sent).toEqual([]);
});

test.each([
  ['another subject', { subject: 'Attorney Work Project: bastion host' }],
  ['no subject', { subject: undefined }],
  ['no text', { markdown: undefined }],
  ['no word of encryption', { encrypt: undefined }],
])('nothing is sent that came with %s, whatever its types promise', async (_, changed) => {
  const { sent, sendMail } = recordingMailer();
  await expect(sendMail(KEY, mail(changed))).rejects.toMatchObject({
    type: 'InvalidRequest',
    nonRetryable: true,
    message: expect.stringContaining('Nothing was sent'),
  });
  expect(sent).toEqual([]);
});
