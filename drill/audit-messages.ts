/**
 * The judgement of a drill, of what left it: mail, SMS, what the company was told, what was published. Each message is held
 * against how the incident stood at its moment, by the stand-in's own clock.
 */
import type { Entry } from '../domain/entries';
import { mail } from './audit-mail';
import { standingAt, type Submitted } from './audit-standing';
import { bodyOf, isSame, isSameText, twice, withWords, wordsOf } from './audit-words';
import type { MessageRecords } from './messages';
import type { Records } from './records';

export function messages({ entries, messages: seen, checklist }: Records): string[] {
  if (!seen) return [];
  return [
    ...mail(seen, entries, checklist.people),
    ...sms(seen, entries),
    ...announcements(seen, entries),
    ...published(seen, entries),
    ...missing(seen, entries),
  ];
}

/** "Do not use SMS to communicate about the incident. The only exception is to tell someone to move to a more secure channel." */
const SMS_TEXTS = ['Please join Slack ASAP', 'Please join the call ASAP', 'Please check PagerDuty ASAP'];

function sms({ sms: sent, register }: MessageRecords, entries: readonly Entry[]): string[] {
  return sent.flatMap(({ at, to, text }) => {
    const [person] =
      Object.entries(register.phones).find(([, phone]) => digitsOf(phone) === digitsOf(to)) ?? [];
    return [
      ...(SMS_TEXTS.includes(text) ? [] : ['an SMS says something of its own']),
      ...(person === undefined ? [`an SMS went to ${to}, the number of nobody on the team`] : []),
      ...(person !== undefined && standingAt(entries, at).excluded.has(person)
        ? [`${person} was sent an SMS after the exclusion`]
        : []),
    ];
  });
}

function digitsOf(phone: string): string {
  return phone.replace(/\D/g, '');
}

/** The note as it was approved, in each channel once, and nothing else. */
function announcements({ announcements: all }: MessageRecords, entries: readonly Entry[]): string[] {
  return [
    ...all.flatMap(({ channel, at, markdown }) => {
      const standing = standingAt(entries, at);
      const note = withWords(markdown, standing.notes);
      if (!note) return [`#${channel} was told something that nobody submitted`];
      return standing.mayTellCompany(note) ? [] : [`#${channel} was told before its gate (${note.request})`];
    }),
    ...twice(
      all.map(({ channel, markdown }) => `${channel}\n${markdown}`),
      (one) => `#${one.split('\n', 1)[0]} was told the same twice`,
    ),
  ];
}

function published(seen: MessageRecords, entries: readonly Entry[]): string[] {
  const { statements, statusPage, files } = seen;
  const markdown = files.filter(({ name }) => name.endsWith('.md'));
  const pages = files.filter(({ name }) => name.endsWith('.html'));
  const all = [
    ...statements.map(({ at, markdown: text, html }) => ({ where: 'the website', at, text, html })),
    ...markdown.map(({ at, content: text }) => ({ where: 'a folder', at, text })),
    ...pages.map(({ at, content: html }) => ({ where: 'a folder (HTML)', at, html: bodyOf(html) })),
    ...statusPage.map(({ at, body: html }) => ({ where: 'the status page', at, html })),
  ];
  return [
    ...all.flatMap((one) => publication(one, seen, entries)),
    ...files
      .filter((one) => !markdown.includes(one) && !pages.includes(one))
      .map(({ name }) => `a folder holds ${name}, which is no statement`),
    ...twice(
      all.map(({ where, ...one }) => `${where}\n${'text' in one ? one.text : wordsOf(one.html)}`),
      (one) => `${one.split('\n', 1)[0]} has the same statement twice`,
    ),
  ];
}

function publication(
  {
    where,
    at,
    ...said
  }: { where: string; at: number } & ({ text: string; html?: string } | { html: string }),
  { register, mails }: MessageRecords,
  entries: readonly Entry[],
): string[] {
  const standing = standingAt(entries, at);
  const statement =
    'text' in said
      ? withWords(said.text, standing.statements)
      : standing.statements.findLast(({ text }) => wordsOf(text) === wordsOf(said.html));
  if (!statement) return [`${where} has something that nobody submitted`];
  const found: string[] = [];
  const need = (holds: boolean, what: string) => {
    if (!holds) found.push(`${where} had the statement ${what} (${statement.request})`);
  };
  if (said.html !== undefined) need(wordsOf(said.html) === wordsOf(statement.text), 'in other words as HTML');
  need(standing.mayRelease(statement), 'before the five facts and three approvals of that very text');
  const [title = ''] = statement.text.split('\n', 1);
  need(title.includes(new Date(at).toISOString().slice(0, 10)), 'under another day than its release');
  const settled = standing.done.has('tellCustomersSecurityTeams');
  for (const { id, email = '' } of [
    ...register.customers,
    ...standing.named.filter(({ kind }) => kind === 'customer'),
  ])
    need(
      settled ||
        standing.accountedFor.has(id) ||
        mails.some(({ to, receivedAt }) => receivedAt <= at && to.some((one) => isSame(one, email))),
      `before ${id} was reached, or it was recorded why not`,
    );
  return found;
}

/** What the incident says was sent is there. */
function missing(seen: MessageRecords, entries: readonly Entry[]): string[] {
  const { notes, statements } = standingAt(entries, Infinity);
  return entries.flatMap(({ seq, kind, details }) => {
    const content = details?.['content'] as SentContent | undefined;
    if (kind !== 'effect' || content === undefined) return [];
    return isThere(content, seen, { notes, statements })
      ? []
      : [`entry ${seq} says that something was sent (${content.kind}), and nobody has it`];
  });
}

/** What the entry of a message that was sent tells of it. */
interface SentContent {
  readonly kind: string;
  readonly channel?: string;
  readonly version?: number;
  readonly to?: readonly string[];
  readonly party?: string;
  readonly person?: string;
}

function isThere(
  { kind, channel = '', version = 0, to = [], party = '', person = '' }: SentContent,
  { announcements: told, statements, statusPage, files, mails, sms: texts, register }: MessageRecords,
  submitted: { readonly notes: readonly Submitted[]; readonly statements: readonly Submitted[] },
): boolean {
  const mailedTo = (address: string) => mails.some((one) => one.to.some((each) => isSame(each, address)));
  switch (kind) {
    case 'note': {
      const note = submitted.notes[version - 1];
      if (channel.includes('@')) return mailedTo(channel);
      return told.some((one) => `#${one.channel}` === channel && isSameText(one.markdown, note?.text));
    }
    case 'public': {
      const text = submitted.statements[version - 1]?.text;
      const how = register.public.find(({ name }) => name === channel)?.kind;
      if (how === 'webhook') return statements.some(({ markdown }) => isSameText(markdown, text));
      if (how === 'file') return files.some(({ content }) => isSameText(content, text));
      return statusPage.some(({ body }) => wordsOf(body) === wordsOf(text ?? ''));
    }
    case 'customer':
      return register.customers.some(
        ({ id, email }) => id === party && email !== undefined && mailedTo(email),
      );
    case 'sms':
      return texts.some((one) => digitsOf(one.to) === digitsOf(register.phones[person] ?? 'nobody'));
    default:
      return to.every(
        (name) =>
          mailedTo(name) ||
          // A party by its id, or a group.
          !name.includes('@') ||
          Object.hasOwn(register.groups, name),
      );
  }
}
