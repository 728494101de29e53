/**
 * A mail as it is sent, byte by byte. What is not encrypted says as little as can be: from whom, to whom, when, and the one
 * subject. Names of files say their place and nothing else; of this machine, and of the program that sends, there is no word.
 */
import { createHash } from 'node:crypto';
import MimeNode from 'nodemailer/lib/mime-node';
import type { MailAttachment, MailRequest } from '../../activities/mail';
import { MAIL_SUBJECT } from '../../domain/communication';

export interface Envelope {
  readonly from: string;
  readonly to: readonly string[];
  readonly cc: readonly string[];
  readonly at: number;
  readonly messageId: string;
}

const FORM = { newline: 'win', boundaryPrefix: 'part', disableFileAccess: true, disableUrlAccess: true };

/**
 * The same for the same mail, so that a server which gets it twice can tell. A codename is one of some thousands, which a hash of
 * it alone would not hide: the text is in it too, which only those have who can read the mail.
 *
 * @param part tells the messages of one mail apart
 */
export function messageIdOf({ key, markdown }: MailRequest, part: string, from: string): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([key, part, markdown]))
    .digest('hex');
  return `<${hash.slice(0, 40)}@${from.slice(from.lastIndexOf('@') + 1)}>`;
}

/** What is read in the end, as a part of a mail: the text, and the documents with it. */
export async function contentOf({ markdown, attachments = [] }: MailRequest): Promise<Buffer> {
  // A part of something, since a mail of its own would get headers of its own.
  const part = new MimeNode('multipart/mixed', FORM).createChild(...describe(attachments.length > 0));
  if (attachments.length === 0) fill(part, markdown);
  else {
    fill(part.createChild('text/plain; charset=utf-8', FORM), markdown);
    attachments.forEach((attachment, index) => attach(part, attachment, index + 1));
  }
  return part.build();
}

const describe = (isMixed: boolean): [string, typeof FORM] => [
  isMixed ? 'multipart/mixed' : 'text/plain; charset=utf-8',
  FORM,
];

function fill(node: MimeNode, text: string): void {
  node.setContent(text.replace(/\r\n?|\n/g, '\r\n'));
}

function attach(parent: MimeNode, { kind, content }: MailAttachment, place: number): void {
  const [type, ending] = kind === 'pdf' ? ['application/pdf', 'pdf'] : ['text/markdown; charset=utf-8', 'md'];
  parent
    .createChild(type, { ...FORM, filename: `document-${place}.${ending}` })
    .setHeader('Content-Transfer-Encoding', 'base64')
    .setContent(Buffer.from(content, kind === 'pdf' ? 'base64' : 'utf8'));
}

/** In clear: for the company alone. */
export function composePlain(envelope: Envelope, content: Buffer): Buffer {
  return join(headersOf(envelope, false), content);
}

/** RFC 8551, 3.3. */
export async function composeSmime(envelope: Envelope, sealed: Buffer): Promise<Buffer> {
  return root(envelope, 'application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m')
    .setHeader('Content-Disposition', 'attachment; filename=smime.p7m')
    .setHeader('Content-Transfer-Encoding', 'base64')
    .setContent(sealed)
    .build();
}

/** RFC 3156, 4. */
export async function composePgp(envelope: Envelope, armored: string): Promise<Buffer> {
  const mail = root(envelope, 'multipart/encrypted; protocol="application/pgp-encrypted"');
  mail
    .createChild('application/pgp-encrypted', FORM)
    .setHeader('Content-Transfer-Encoding', '7bit')
    .setContent('Version: 1\r\n');
  mail
    .createChild('application/octet-stream; name=encrypted.asc', FORM)
    .setHeader('Content-Disposition', 'inline; filename=encrypted.asc')
    .setHeader('Content-Transfer-Encoding', '7bit')
    .setContent(Buffer.from(armored));
  return mail.build();
}

function root({ from, to, cc, at, messageId }: Envelope, type: string | false): MimeNode {
  const node = new MimeNode(type, FORM)
    .setHeader('From', from)
    .setHeader('Subject', MAIL_SUBJECT)
    .setHeader('Message-ID', messageId)
    .setHeader('Date', new Date(at));
  // One without a To is one to nobody who is named.
  if (to.length > 0) node.setHeader('To', [...to]);
  if (cc.length > 0) node.setHeader('Cc', [...cc]);
  return node;
}

/** Those of a mail whose content brings its own. */
function headersOf(envelope: Envelope, type: false): string {
  return `${root(envelope, type).buildHeaders()}\r\n`;
}

function join(headers: string, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from(headers), content]);
}
