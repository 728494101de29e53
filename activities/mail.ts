/** E-mail: one mail for one key, to people inside the company, or encrypted to every one of its recipients. */
import { MAIL_SUBJECT } from '../domain/communication';
import type { Message, Sendable } from '../domain/outgoing';
import { invalidRequest } from './failures';

export interface MailRecipient {
  readonly address: string;
  /** A public key that the incident holds: PEM or armored. Without it, the one on file. */
  readonly key?: string;
}

export interface MailAttachment {
  readonly kind: 'markdown' | 'pdf';
  /** Markdown as text, a PDF in base64. */
  readonly content: string;
}

export interface MailRequest {
  /**
   * What makes it one of its kind: codename and dispatch. It never appears: the Message-ID is a hash of it, so that the same
   * mail has the same one whenever it is sent.
   */
  readonly key: string;
  readonly to: readonly MailRecipient[];
  readonly cc?: readonly MailRecipient[];
  readonly bcc?: readonly MailRecipient[];
  readonly markdown: string;
  /** Named by their place alone: `document-1.md`, `document-2.pdf`. */
  readonly attachments?: readonly MailAttachment[];
  /** Somebody of them is outside the company's domain: encrypted to every one of them, or not sent at all. */
  readonly encrypt: boolean;
}

/** What Firebreak needs of a mail server. There is no subject to give: every mail has the one that the checklist prescribes. */
export interface Mailer {
  /**
   * Sends it to all of them or, where one can't be reached, to none; what is known better than that is said in the failure.
   *
   * @returns how many messages went out: one for those with S/MIME, one for those with OpenPGP, one for each in Bcc
   */
  send(request: MailRequest): Promise<{ messages: number }>;
  /** Connects and logs in, and sends nothing. */
  check(): Promise<void>;
}

/** @param pdf makes a document of Markdown */
export function createMailActivities(mailer: Mailer, pdf: (markdown: string) => Promise<Uint8Array>) {
  return {
    /** Sends a mail. What came here by any way but the domain's is looked at once more. */
    async sendMail(
      key: string,
      { subject, to, cc, bcc, markdown, pack, encrypt }: Sendable<Extract<Message, { way: 'mail' }>>,
    ): Promise<{ messages: number }> {
      if (subject !== MAIL_SUBJECT || typeof encrypt !== 'boolean' || typeof markdown !== 'string')
        throw invalidRequest(
          `Nothing was sent: a mail has the subject "${MAIL_SUBJECT}", a text, and is to be encrypted or not. The worker may be older than the workflow.`,
        );
      const attachments = pack === undefined ? [] : await bothForms(pack, pdf);
      return mailer.send({ key, to, cc, bcc, markdown, attachments, encrypt });
    },
  };
}

/** A pack is read as a PDF, and worked with as a text. */
async function bothForms(
  markdown: string,
  pdf: (markdown: string) => Promise<Uint8Array>,
): Promise<MailAttachment[]> {
  let document: Uint8Array;
  try {
    document = await pdf(markdown);
  } catch {
    throw invalidRequest(
      'Nothing was sent: the pack could not be made into a PDF, or not in time. Try it again ("messages retry"), or send it without a pack and hand it over by "contacts pack".',
    );
  }
  return [
    { kind: 'markdown', content: markdown },
    { kind: 'pdf', content: Buffer.from(document).toString('base64') },
  ];
}

export type MailActivities = ReturnType<typeof createMailActivities>;
