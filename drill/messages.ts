/** What left the company by its ways out: read from the stand-ins' own records, and opened with the keys of those it was for. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Stage } from './stage';
import type { DrillParty } from './stage/configuration';
import { openSealed, readContent, type OwnedMailKey } from './stand-ins/mail-keys';
import type { PublishedStatement, StatusPageIncident } from './stand-ins/publishing';
import type { Call } from './stand-ins/recording-proxy';
import type { SentSms } from './stand-ins/sms';
import { headersOf, type ReceivedMail } from './stand-ins/smtp';

export interface MessageRecords {
  readonly mails: readonly SeenMail[];
  /** Whom somebody wanted to write to, whether or not it came to that. */
  readonly asked: readonly string[];
  readonly sms: readonly SentSms[];
  readonly statements: readonly PublishedStatement[];
  readonly statusPage: readonly StatusPageIncident[];
  readonly files: readonly PublishedFile[];
  /** In the company's own channels of Slack. */
  readonly announcements: readonly Announcement[];
  readonly register: Register;
}

export interface SeenMail extends ReceivedMail {
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly form: 'clear' | 'smime' | 'pgp';
  /** What everybody reads who passes it on. */
  readonly clear?: MailContent;
  /** By recipient, what it says to whoever holds that one's key; nothing where it can't be opened with it. */
  readonly opened: Readonly<Record<string, MailContent | null>>;
}

export interface MailContent {
  readonly text: string;
  readonly documents: readonly { readonly name: string; readonly content: Buffer }[];
}

export interface PublishedFile {
  readonly name: string;
  readonly content: string;
  /** When it was finished, in milliseconds since the epoch. */
  readonly at: number;
}

export interface Announcement {
  readonly channel: string;
  readonly at: number;
  readonly markdown: string;
}

/** Who is who, as the company's configuration has it. */
export interface Register {
  readonly domains: readonly string[];
  readonly from: string;
  readonly groups: Readonly<Record<string, readonly string[]>>;
  /** Channels of Slack and addresses by which the company is told. */
  readonly inside: readonly string[];
  /** Public channels, by their names, with what each is. */
  readonly public: readonly { readonly name: string; readonly kind: 'webhook' | 'file' | 'statusPage' }[];
  readonly contacts: readonly DrillParty[];
  readonly customers: readonly DrillParty[];
  readonly phones: Readonly<Record<string, string>>;
}

export async function gatherMessages({ waysOut, slack, configuration }: Stage): Promise<MessageRecords> {
  const { smtp, sms, publishing, folders, keys } = waysOut;
  const { communication, roster } = configuration;
  const channels = communication.inside.flatMap((one) => one.slack ?? []);
  const announcements = await Promise.all(
    channels.map(async (name) => announcementsIn(name, (await slack.room(name))?.id, slack.calls)),
  );
  return {
    mails: await Promise.all(smtp.mails.map((mail) => seen(mail, keys))),
    asked: smtp.asked,
    sms: sms.sent,
    statements: publishing.statements,
    statusPage: publishing.incidents,
    files: folders.flatMap(filesIn),
    announcements: announcements.flat(),
    register: {
      domains: communication.domains,
      from: communication.mail.from,
      groups: communication.groups,
      inside: communication.inside.map(({ slack: channel, mail = '' }) => channel ?? mail),
      public: communication.public.map(({ name, webhook, file }) => ({
        name,
        kind: webhook !== undefined ? 'webhook' : file !== undefined ? 'file' : 'statusPage',
      })),
      contacts: communication.contacts,
      customers: communication.customers,
      phones: Object.fromEntries(
        roster.flatMap(({ email, phone }) => (phone === undefined ? [] : [[email, phone]])),
      ),
    },
  };
}

export async function seen(
  mail: ReceivedMail,
  keys: Readonly<Record<string, Pick<OwnedMailKey, 'privateKey'>>>,
): Promise<SeenMail> {
  const headers = headersOf(mail.raw);
  const type = headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? '';
  const form = /^application\/pkcs7-mime;.*enveloped-data/i.test(type)
    ? 'smime'
    : /^multipart\/encrypted;/i.test(type)
      ? 'pgp'
      : 'clear';
  const opened: Record<string, MailContent | null> = {};
  if (form !== 'clear')
    for (const address of mail.to) {
      const key = keys[address.toLowerCase()]?.privateKey;
      const inside = key === undefined ? undefined : await openSealed(mail.raw, key).catch(() => undefined);
      opened[address] = inside === undefined ? null : readContent(inside);
    }
  return { ...mail, headers, form, opened, ...(form === 'clear' && { clear: readContent(mail.raw) }) };
}

/** As Slack was told them, by its own record of when. */
function announcementsIn(channel: string, id: string | undefined, calls: readonly Call[]): Announcement[] {
  return calls.flatMap(({ name, at, body, answer }) => {
    const fields = new URLSearchParams(body);
    if (!/^chat\.(postMessage|update)$/.test(name) || fields.get('channel') !== id) return [];
    if (!/"ok":\s*true/.test(answer)) return [];
    const blocks = JSON.parse(fields.get('blocks') ?? '[]') as { type: string; text?: string }[];
    const markdown = blocks.flatMap(({ type, text }) => (type === 'markdown' ? (text ?? '') : []));
    return [{ channel, at, markdown: blocks.length > 0 ? markdown.join('\n') : (fields.get('text') ?? '') }];
  });
}

function filesIn(folder: string): PublishedFile[] {
  return readdirSync(folder)
    .sort()
    .map((name) => ({
      name,
      content: readFileSync(join(folder, name), 'utf8'),
      at: statSync(join(folder, name)).mtimeMs,
    }));
}

/** For a file: documents by their names alone. */
export function written({ mails, ...rest }: MessageRecords): object {
  const named = (content: MailContent | null | undefined) =>
    content && { text: content.text, documents: content.documents.map(({ name }) => name) };
  return {
    mails: mails.map(({ clear, opened, ...mail }) => ({
      ...mail,
      ...(clear && { clear: named(clear) }),
      opened: Object.fromEntries(
        Object.entries(opened).map(([address, content]) => [address, named(content)]),
      ),
    })),
    ...rest,
  };
}
