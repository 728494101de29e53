/** Mail through the company's own server: built, encrypted where it leaves the company, and handed over once. */
import { X509Certificate } from 'node:crypto';
import { cancellationSignal } from '@temporalio/activity';
import type { Mailer, MailRequest } from '../../activities/mail';
import { invalidRequest } from '../../activities/failures';
import { isInside, readAddress, written } from '../../domain/mail/addresses';
import { composePgp, composePlain, composeSmime, contentOf, type Envelope, messageIdOf } from './compose';
import { converse, type Message, type ServerSettings } from './connection';
import { deliver } from './delivery';
import { sealPgp } from './openpgp';
import {
  type KeyedRecipient,
  type KeyRing,
  keysOf,
  type Recipient,
  recipientsOf,
  refuseClearOutside,
} from './recipients';
import { sealSmime } from './smime';

export interface SmtpSettings extends ServerSettings {
  /** Whom every mail is from: an address of the company's. */
  readonly from: string;
  /** Inside: exactly these. */
  readonly domains: readonly string[];
  readonly keys: KeyRing;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/** Each is a connection of its own, and servers count those. To and Cc take two at most, each in Bcc takes one. */
const MOST_MESSAGES = 10;

/** Throws where a setting can't be what is meant. */
export function createSmtpMailer(settings: SmtpSettings): Mailer {
  const { domains, keys, ca, now = Date.now } = settings;
  const sender = readAddress(settings.from);
  if (!sender.ok || !isInside(settings.from, domains))
    throw new TypeError('communication.mail.from has to be an address of one of communication.domains.');
  if (ca !== undefined && !isCertificate(ca))
    throw new TypeError('The file of FIREBREAK_SMTP_CA_FILE holds no certificate in PEM.');
  const from = written(sender.address);

  return {
    async send(request) {
      if (request.key === '') throw invalidRequest('Nothing was sent: the mail has no key to be known by.');
      const recipients = recipientsOf(request);
      if (!request.encrypt) refuseClearOutside(recipients, domains);
      const at = now();
      const messages = request.encrypt
        ? await sealed(request, await keysOf(recipients, keys, at), from, at)
        : [await plain(request, recipients, from, at)];
      await deliver(messages, settings, cancellation());
      return { messages: messages.length };
    },

    async check() {
      const conversation = await converse(settings, cancellation() ?? new AbortController().signal);
      conversation.end();
    },
  };
}

async function plain(
  request: MailRequest,
  recipients: readonly Recipient[],
  from: string,
  at: number,
): Promise<Message> {
  const raw = composePlain(envelopeOf(request, recipients, 'plain', from, at), await contentOf(request));
  return { from, recipients: addressesOf(recipients), raw };
}

/**
 * For S/MIME and for OpenPGP a message each: nobody gets one that they can't read. A message says to whose keys it is encrypted,
 * so that whoever is in Bcc gets one of their own.
 */
async function sealed(
  request: MailRequest,
  recipients: readonly KeyedRecipient[],
  from: string,
  at: number,
): Promise<Message[]> {
  const open = recipients.filter(({ field }) => field !== 'bcc');
  const groups = [
    { part: 'smime', readers: open.filter(({ sealing }) => sealing.kind === 'smime') },
    { part: 'pgp', readers: open.filter(({ sealing }) => sealing.kind === 'pgp') },
    ...recipients
      .filter(({ field }) => field === 'bcc')
      .map((reader) => ({ part: `bcc ${reader.normal}`, readers: [reader] })),
  ].filter(({ readers }) => readers.length > 0);
  if (groups.length > MOST_MESSAGES)
    throw invalidRequest(
      `Nothing was sent: this mail would be ${groups.length} messages, one for each recipient in Bcc, and ${MOST_MESSAGES} at once is the most. Name fewer in Bcc at a time.`,
    );
  const content = await contentOf(request);
  const messages: Message[] = [];
  for (const { part, readers } of groups) {
    const envelope = envelopeOf(request, recipients, part, from, at);
    const raw = await seal(content, readers, envelope);
    messages.push({ from, recipients: addressesOf(readers), raw });
  }
  return messages;
}

/** All of them of one kind. */
async function seal(
  content: Buffer,
  readers: readonly KeyedRecipient[],
  envelope: Envelope,
): Promise<Buffer> {
  const keys = readers.map(({ sealing }) => sealing);
  const smime = keys.filter((key) => key.kind === 'smime');
  return smime.length > 0
    ? composeSmime(envelope, await sealSmime(content, smime))
    : composePgp(
        envelope,
        await sealPgp(
          content,
          keys.filter((key) => key.kind === 'pgp'),
          envelope.at,
        ),
      );
}

/** The same for each message of a mail, but for its id. */
function envelopeOf(
  request: MailRequest,
  recipients: readonly Recipient[],
  part: string,
  from: string,
  at: number,
): Envelope {
  return {
    from,
    to: addressesOf(recipients.filter(({ field }) => field === 'to')),
    cc: addressesOf(recipients.filter(({ field }) => field === 'cc')),
    at,
    messageId: messageIdOf(request, part, from),
  };
}

const addressesOf = (recipients: readonly Recipient[]) => recipients.map(({ address }) => address);

/** Of several, the first is looked at. */
function isCertificate(pem: string): boolean {
  try {
    new X509Certificate(pem);
    return true;
  } catch {
    return false;
  }
}

/** Outside of an activity, as at the worker's start, there is nobody to cancel. */
function cancellation(): AbortSignal | undefined {
  try {
    return cancellationSignal();
  } catch {
    return undefined;
  }
}
