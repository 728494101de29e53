/** The part of a drill's report on messages: what went out to whom, when and how, and what did not. Never what it said. */
import { timeOf, sentenceOf } from '../domain/markdown';
import type { Entry } from '../domain/entries';
import type { MessageRecords, Register, SeenMail } from './messages';
import type { Records } from './records';

/** Decisions about words to somebody. */
const ABOUT_WORDS = new Set([
  ...['submitNote', 'send', 'sendSms', 'addContact', 'logContact', 'reachCustomer'],
  ...['submitStatement', 'releaseStatement', 'retrySend', 'dropSend'],
]);

interface Line {
  readonly at: number;
  readonly way: string;
  readonly audience: string;
  readonly to: string;
  readonly how: string;
}

export function messageLines({ messages: seen, entries }: Records): string[] {
  if (!seen) return [];
  const lines = linesOf(seen).sort((a, b) => a.at - b.at);
  const refused = entries.filter(isAboutWords);
  return [
    '## Messages',
    '',
    ...(lines.length === 0
      ? ['Nothing left the room.']
      : [
          '| when | way | audience | to | how |',
          '| --- | --- | --- | --- | --- |',
          ...lines.map(
            ({ at, way, audience, to, how }) => `| ${timeOf(at)} | ${way} | ${audience} | ${to} | ${how} |`,
          ),
        ]),
    '',
    ...(refused.length === 0
      ? []
      : [
          `${refused.length} refused:`,
          '',
          ...refused.map((entry) => `- ${sentenceOf(entry)}${quoted(entry)}`),
          '',
        ]),
  ];
}

/** In one line, for a terminal. */
export function countMessages({ messages: seen }: Records): string {
  if (!seen) return 'no message left the room';
  const { mails, sms, announcements, statements, statusPage, files } = seen;
  const sealed = mails.filter(({ form }) => form !== 'clear').length;
  const published =
    statements.length + statusPage.length + files.filter(({ name }) => name.endsWith('.md')).length;
  return `messages: ${mails.length} by mail, ${sealed} of them encrypted; ${sms.length} by SMS; ${announcements.length} in the company's channels; ${published} public`;
}

function isAboutWords({ kind, decision, reasons = [] }: Entry): boolean {
  if (kind !== 'refusal') return false;
  return (
    (decision !== undefined && ABOUT_WORDS.has(decision)) ||
    reasons.some(({ gate }) => /^(note|statement|contact)\w*$/.test(gate))
  );
}

function quoted({ reasons = [] }: Entry): string {
  const sources = [...new Set(reasons.flatMap(({ source }) => source ?? []))];
  return sources.map((source) => `\n  > ${source}`).join('');
}

function linesOf({
  mails,
  sms,
  announcements,
  statements,
  statusPage,
  files,
  register,
}: MessageRecords): Line[] {
  const open = { audience: 'public', how: 'in clear' };
  const named = (kind: string) => register.public.find((one) => one.kind === kind)?.name ?? kind;
  return [
    ...mails.map((mail) => ({
      at: mail.receivedAt,
      way: 'mail',
      audience: [...new Set(mail.to.map((address) => audienceOf(address, register)))].join(', '),
      to: mail.to.join(', '),
      how: howOf(mail),
    })),
    ...sms.map(({ at, to }) => ({ at, way: 'SMS', audience: 'responder', to, how: 'a fixed text' })),
    ...announcements.map(({ at, channel }) => ({
      at,
      way: 'Slack',
      audience: 'inside',
      to: `#${channel}`,
      how: 'in clear',
    })),
    ...statements.map(({ at }) => ({ at, way: 'webhook', to: named('webhook'), ...open })),
    ...files
      .filter(({ name }) => name.endsWith('.md'))
      .map(({ at }) => ({ at, way: 'file', to: named('file'), ...open })),
    ...statusPage.map(({ at }) => ({ at, way: 'status page', to: named('statusPage'), ...open })),
  ];
}

function howOf({ form, opened }: SeenMail): string {
  if (form === 'clear') return 'in clear';
  const unread = Object.values(opened).filter((content) => content === null).length;
  return `encrypted (${form === 'smime' ? 'S/MIME' : 'OpenPGP'})${unread === 0 ? '' : `, unreadable for ${unread}`}`;
}

function audienceOf(address: string, { customers, contacts, inside, domains }: Register): string {
  const has = ({ email = '' }: { readonly email?: string }) => email.toLowerCase() === address.toLowerCase();
  if (customers.some(has)) return 'customer';
  if (contacts.some(has)) return 'contact';
  if (inside.includes(address)) return 'inside';
  return domains.some((domain) => address.endsWith(`@${domain}`)) ? 'responder' : 'contact';
}
