/** The judgement of a drill, of its mail: the one subject, nothing in clear to anybody outside, and nobody before their gate. */
import type { Entry } from '../domain/entries';
import { standingAt, type Ordered, type Standing } from './audit-standing';
import { isSame, isSameText, twice, withWords } from './audit-words';
import type { MailContent, MessageRecords, Register, SeenMail } from './messages';

/** "Subject of emails should be 'Attorney Work Project' and nothing else." */
const SUBJECT = 'Attorney Work Project';

/** What a mail needs so that it arrives and can be read. Another header might tell something. */
const HEADERS = new Set([
  ...['from', 'to', 'cc', 'subject', 'date', 'message-id', 'mime-version'],
  ...['content-type', 'content-transfer-encoding', 'content-disposition'],
]);

type People = readonly { readonly email: string; readonly roles: readonly string[] }[];

export function mail(seen: MessageRecords, entries: readonly Entry[], team: People): string[] {
  const { mails, asked, register } = seen;
  const end = standingAt(entries, Infinity);
  return [
    ...mails.flatMap((one) => [...form(one, register), ...reading(one, entries, register, team)]),
    ...asked
      .filter((address) => !isWanted(address, end, register))
      .map((address) => `somebody wanted to write to ${address}, and nobody ordered that`),
    ...twice(
      mails.flatMap((one) =>
        one.to.map((address) => `${address}\n${contentFor(address, one)?.text ?? one.raw}`),
      ),
      (one) => one,
    )
      .filter((one) => timesOrdered(one, end, register) < 2)
      .map((one) => `${one.split('\n', 1)[0]} got the same mail twice`),
  ];
}

/** What everybody sees who passes it on. */
function form(
  { to, from, headers, form: how, secure }: SeenMail,
  { domains, from: ours }: Register,
): string[] {
  const values = (name: string) =>
    headers.filter(([one]) => one.toLowerCase() === name).map(([, value]) => value);
  const subjects = values('subject');
  const outside = to.filter((address) => !isInside(address, domains));
  return [
    ...(subjects.length === 1 && subjects[0] === SUBJECT
      ? []
      : [`a mail to ${to.join(', ')} has the subject ${JSON.stringify(subjects.join(' / '))}`]),
    ...(how === 'clear' && outside.length > 0 ? [`a mail to ${outside.join(', ')} is not encrypted`] : []),
    ...headers
      .filter(([name]) => !HEADERS.has(name.toLowerCase()))
      .map(([name]) => `a mail has the header ${name}`),
    ...(secure ? [] : [`a mail to ${to.join(', ')} came without TLS`]),
    ...(from === ours ? [] : [`a mail is from ${from}, not from ${ours}`]),
  ];
}

/** What each of its readers finds in it, and whether they might. */
function reading(one: SeenMail, entries: readonly Entry[], register: Register, team: People): string[] {
  const standing = standingAt(entries, one.receivedAt);
  return one.to.flatMap((address) => {
    const content = contentFor(address, one);
    if (content === null) return [`${address} can't read what was encrypted to them`];
    if (standing.excluded.has(address)) return [`${address} was sent a mail after the exclusion`];
    const problem = problemOf(address, content, standing, register, team);
    const order = orderOf(address, content, standing, register);
    return [
      ...(problem === undefined ? [] : [`${address} was sent a mail ${problem}`]),
      ...(order && one.form === 'clear' && reachesOutside(order, standing, register)
        ? [`a mail that goes outside too reached ${address} in clear`]
        : []),
      ...documents(address, content, order),
    ];
  });
}

function problemOf(
  address: string,
  content: MailContent,
  standing: Standing,
  register: Register,
  team: People,
): string | undefined {
  const has = ({ email = '' }: { readonly email?: string }) => isSame(email, address);
  const customer = [...register.customers, ...standing.named.filter(({ kind }) => kind === 'customer')].find(
    has,
  );
  if (customer) {
    const statement = withWords(content.text, standing.statements);
    if (!statement) return 'that is no statement';
    return standing.mayRelease(statement)
      ? undefined
      : `before the five facts and three approvals of that very text (${statement.request})`;
  }
  if (register.inside.some((one) => isSame(one, address))) {
    const note = withWords(content.text, standing.notes);
    if (!note) return 'that is no note';
    return standing.mayTellCompany(note) ? undefined : `before its gate (${note.request})`;
  }
  const contact = [...register.contacts, ...standing.named].find(has);
  const isOnTheTeam = team.some(({ email, roles }) => isSame(email, address) && roles.length > 0);
  if (!contact && !isOnTheTeam) return 'and is nobody of the register, nor of the team';
  if (!orderOf(address, content, standing, register)) return 'that nobody ordered';
  return contact && !standing.mayBeTold(contact.kind ?? '', contact.id)
    ? 'before forensics and the approval of that contact'
    : undefined;
}

/** Two for a hand-off pack, as text and as PDF, and none without one; their names say nothing. */
function documents(address: string, { documents: all }: MailContent, order: Ordered | undefined): string[] {
  const names = all.map(({ name }) => name).join(', ');
  const wanted = order?.hasPack ? 'document-1.md, document-2.pdf' : '';
  const [, pdf] = all;
  return [
    ...(names === wanted ? [] : [`${address} was sent the documents "${names}", not "${wanted}"`]),
    ...(pdf === undefined || pdf.content.subarray(0, 5).toString('latin1') === '%PDF-'
      ? []
      : [`${address} was sent a PDF that is none`]),
  ];
}

/** As this recipient reads it; null where they can't. */
function contentFor(address: string, { clear, opened }: SeenMail): MailContent | null {
  return clear ?? opened[address] ?? null;
}

function orderOf(
  address: string,
  { text }: MailContent,
  { ordered, named }: Standing,
  register: Register,
): Ordered | undefined {
  return ordered.find(
    (one) =>
      isSameText(one.text, text) && addressesOf(one, named, register).some((to) => isSame(to, address)),
  );
}

function timesOrdered(written: string, { ordered, named }: Standing, register: Register): number {
  const [address = '', ...lines] = written.split('\n');
  return ordered.filter(
    (one) =>
      isSameText(one.text, lines.join('\n')) &&
      addressesOf(one, named, register).some((to) => isSame(to, address)),
  ).length;
}

function reachesOutside(order: Ordered, { named }: Standing, register: Register): boolean {
  return addressesOf(order, named, register).some((address) => !isInside(address, register.domains));
}

/** Ids of parties, groups and addresses, as addresses. */
function addressesOf({ to }: Ordered, named: Standing['named'], register: Register): string[] {
  const parties = [...register.contacts, ...register.customers, ...named];
  return to.flatMap((name) => {
    const party = parties.find(({ id }) => isSame(id, name));
    return party ? (party.email ?? []) : (register.groups[name] ?? [name]);
  });
}

/** Who may be written to at all: whom an order names, the company's own groups, customers. */
function isWanted(address: string, { ordered, named }: Standing, register: Register): boolean {
  return [
    ...ordered.flatMap((one) => addressesOf(one, named, register)),
    ...register.inside,
    ...[...register.customers, ...named].flatMap(({ email }) => email ?? []),
  ].some((one) => isSame(one, address));
}

/** Exactly one of the domains: a sub-domain is another one. */
function isInside(address: string, domains: readonly string[]): boolean {
  return domains.some((domain) => address.toLowerCase().endsWith(`@${domain.toLowerCase()}`));
}
