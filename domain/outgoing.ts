/**
 * The one way out. Whatever leaves the system is a message that `pass` has made of what was ordered, with the gates and the rules
 * of communication applied to the incident as it is at that moment. Activities take nothing else: a message to an audience that may
 * not read it yet does not exist as a value that could be sent.
 */
import { blockersOfStep, distinctBlockers } from './blockers';
import {
  dayIn,
  MAIL_SUBJECT,
  nameChannel,
  NO_COMMUNICATION,
  type Communication,
  type MailKey,
} from './communication';
import { findParty, type ContactId, type Party } from './contacts';
import {
  blockersOf,
  contactIsApproved,
  customersTeamsAreReached,
  forensicsOrBrokenGlass,
  forensicsOrBrokenGlassFor,
  noteIsApproved,
  partyIsApproved,
  statementIsApproved,
  type Blocker,
} from './gates';
import { answerPack, type PackAnswer } from './hand-off/answer';
import { packFor } from './hand-off/pack';
import { renderPack } from './hand-off/render';
import type { Incident } from './incident';
import { expand, isInside, looksLike, mayBeSameMailbox, readAddress, sameMailbox } from './mail/addresses';
import type { Content } from './outbox';
import { rosterOf, toBeRemoved } from './people';
import { SMS_SOURCE, SMS_TEXTS, type SmsTextId } from './sms';
import { titleDates, titleOf } from './statement/lint';

declare const PASSED: unique symbol;

/** What has passed. Only this file makes one; the linter holds that (eslint.config.mjs). */
export type Sendable<M> = M & { readonly [PASSED]: true };

export type Audience = 'room' | 'responder' | 'inside' | 'contact' | 'customer' | 'public';

export interface MailTo {
  readonly address: string;
  /** A key that came with the party; without it, the one on file. */
  readonly key?: string;
}

export type Message =
  | {
      readonly way: 'mail';
      readonly subject: typeof MAIL_SUBJECT;
      readonly to: readonly MailTo[];
      readonly cc: readonly MailTo[];
      readonly bcc: readonly MailTo[];
      readonly markdown: string;
      /** Attached as text and as PDF. */
      readonly pack?: string;
      readonly encrypt: boolean;
    }
  | { readonly way: 'slack'; readonly channel: string; readonly markdown: string }
  | { readonly way: 'sms'; readonly to: string; readonly text: SmsTextId }
  | {
      readonly way: 'publish';
      readonly channel: string;
      readonly title: string;
      readonly markdown: string;
    };

export type Passed<M> =
  | { readonly ok: true; readonly message: Sendable<M> }
  | { readonly ok: false; readonly blockers: readonly Blocker[] };

const ENCRYPTED =
  'If email chain has ANY contacts not with the @pagerduty.com domain, make sure your emails are encrypted.';
const NOT_ON_THE_TEAM =
  'Do not disseminate anything about the incident to those outside the response team until you have approval to do so.';
const CUSTOMERS_FIRST =
  "If possible, get in touch with customers' internal security teams before the general public notice is sent.";
const DATED =
  "Include the date in the title of any announcement, so that it's never confused for a potential new breach.";

/** Every reason why it may not go out now, or the message itself. */
export function pass(content: Content, incident: Incident, at: number): Passed<Message> {
  const known = incident.company.communication ?? NO_COMMUNICATION;
  switch (content.kind) {
    case 'note':
      return passNote(content, incident, known);
    case 'mail':
      return passMail(content, incident, known, at);
    case 'sms':
      return passSms(content, incident, known);
    case 'customer':
      return passToCustomer(content, incident, known, at);
    case 'public':
      return passToPublic(content, incident, known, at);
  }
}

/** To the room: not while somebody who is excluded may be in it still. */
export function passToRoom<M>(message: M, incident: Incident): Passed<M> {
  const inside = toBeRemoved(incident);
  return answer(
    inside.length === 0
      ? []
      : [
          {
            gate: 'roomIsAmongItself',
            reason: `somebody who is excluded may be in the room still (${inside.join(', ')})`,
            source: 'The attack could be happening internally.',
          },
        ],
    () => message,
  );
}

/** To one of the response team, in person. */
export function passToResponder<M>(message: M, email: string, incident: Incident): Passed<M> {
  return answer(blockersOfResponder(email, incident), () => message);
}

/** The hand-off pack for whom it names, a kind of contact or a party: where they may be spoken to, and why not. */
export function packOf(named: string, incident: Incident): PackAnswer {
  return answerPack(named, incident, (kind, party) =>
    party
      ? blockersOfParty(party, incident)
      : blockersOf([forensicsOrBrokenGlass(kind), contactIsApproved(kind)], incident),
  );
}

/** Who reads it. */
export function audienceOf({ kind }: Content): Audience {
  switch (kind) {
    case 'note':
      return 'inside';
    case 'mail':
      return 'contact';
    case 'sms':
      return 'responder';
    case 'customer':
      return 'customer';
    case 'public':
      return 'public';
  }
}

function answer<M>(blockers: readonly Blocker[], make: () => M): Passed<M> {
  return blockers.length > 0 ? { ok: false, blockers } : { ok: true, message: make() as Sendable<M> };
}

function notConfigured(what: string, setting: string): Blocker {
  return { gate: 'wayIsConfigured', reason: `no ${what} is configured (${setting})` };
}

/** "Communicate internally only once you are confident (via forensic analysis) that the attack was not sourced internally." */
function passNote(
  { version, channel }: Extract<Content, { kind: 'note' }>,
  incident: Incident,
  known: Communication,
): Passed<Message> {
  const { note } = incident;
  const found = known.inside.find((one) => nameChannel(one) === channel);
  const blockers = [...blockersOfStep('internalCommunication', incident)];
  const unapproved = noteIsApproved(incident);
  if (unapproved) blockers.push(unapproved);
  if (note && note.version !== version) blockers.push(replaced('note', version, note.version));
  if (!found) blockers.push(notConfigured(`channel ${channel}`, 'communication.inside'));
  if (found?.kind === 'mail') {
    if (!known.mail) blockers.push(notConfigured('server for mail', 'communication.mail'));
    blockers.push(...blockersOfGroup(found.address, incident, known));
  }
  return answer(blockers, () => {
    const markdown = note?.text ?? '';
    return found?.kind === 'mail'
      ? {
          way: 'mail',
          subject: MAIL_SUBJECT,
          to: [{ address: found.address }],
          cc: [],
          bcc: [],
          markdown,
          encrypt: false,
        }
      : { way: 'slack', channel: found?.name ?? '', markdown };
  });
}

/** What is meant for the company reaches nobody outside, and no suspect. */
function blockersOfGroup(address: string, incident: Incident, known: Communication): Blocker[] {
  const expanded = expand([address], known.groups);
  if (!expanded.ok) return expanded.problems.map(unreadable);
  const outside = expanded.members.filter((member) => !isInside(member, known.domains));
  const suspects = expanded.members.filter((member) => mayBeExcluded(member, incident));
  return [
    ...outside.map((member) => ({
      gate: 'audienceIsInside',
      reason: `${address} reaches ${member}, who is not inside the company`,
      source: NOT_ON_THE_TEAM,
    })),
    ...suspects.map((member) => ({
      gate: 'audienceIsNotExcluded',
      reason: `${address} reaches ${member}, who is excluded from the incident`,
      source: 'The attack could be happening internally.',
    })),
  ];
}

interface Recipient extends MailTo {
  readonly party?: Party;
}

/** To people of the team, and to contacts outside who may hear of it. */
function passMail(
  { to, cc, bcc, text, pack }: Extract<Content, { kind: 'mail' }>,
  incident: Incident,
  known: Communication,
  at: number,
): Passed<Message> {
  const blockers: Blocker[] = known.mail ? [] : [notConfigured('server for mail', 'communication.mail')];
  const resolve = (named: readonly string[]) =>
    named.flatMap((name) => {
      const found = recipientsOf(name, incident, known);
      blockers.push(...found.blockers);
      return found.recipients;
    });
  const seen: Recipient[] = [];
  const distinct = (recipients: readonly Recipient[]) =>
    recipients.filter((one) => {
      const isNew = !seen.some((other) => sameMailbox(other.address, one.address));
      if (isNew) seen.push(one);
      return isNew;
    });
  const [first, second, third] = [distinct(resolve(to)), distinct(resolve(cc)), distinct(resolve(bcc))];
  const encrypt = seen.some(({ address }) => !isInside(address, known.domains));
  if (encrypt) blockers.push(...blockersOfKeys(seen, known, at));
  const parties = seen.flatMap(({ party }) => party ?? []);
  if (pack !== undefined) blockers.push(...blockersOfPack(pack, parties));
  return answer(distinctBlockers(blockers), () => ({
    way: 'mail',
    subject: MAIL_SUBJECT,
    to: first.map(mailTo),
    cc: second.map(mailTo),
    bcc: third.map(mailTo),
    markdown: text,
    encrypt,
    ...(pack !== undefined && { pack: renderPack(packFor(pack, incident, onlyOne(parties))) }),
  }));
}

/** Whom a name stands for: a party by its id, a mailbox, or a group of them. Each is on the team, or may hear of it. */
function recipientsOf(
  name: string,
  incident: Incident,
  known: Communication,
): { recipients: Recipient[]; blockers: Blocker[] } {
  const party = findParty(name, incident);
  if (party) {
    if (party.email === undefined)
      return {
        recipients: [],
        blockers: [
          {
            gate: 'recipientHasAnAddress',
            reason: `no e-mail address of ${party.id} is known: call instead`,
          },
        ],
      };
    return recipient(party.email, incident, known, party);
  }
  const expanded = expand([name], known.groups);
  if (!expanded.ok) return { recipients: [], blockers: expanded.problems.map(unreadable) };
  const all = expanded.members.map((member) => recipient(member, incident, known));
  return {
    recipients: all.flatMap(({ recipients }) => recipients),
    blockers: all.flatMap(({ blockers }) => blockers),
  };
}

function recipient(
  address: string,
  incident: Incident,
  known: Communication,
  named?: Party,
): { recipients: Recipient[]; blockers: Blocker[] } {
  const onTheTeam = rosterOf(incident).some(({ email }) => sameMailbox(email, address));
  if (mayBeExcluded(address, incident) || (onTheTeam && !named))
    return { recipients: [{ address }], blockers: blockersOfResponder(address, incident) };
  const party = named ?? partyAt(address, incident, known);
  if (!party) return { recipients: [], blockers: [stranger(address, known)] };
  return {
    recipients: [{ address, party, ...(party.key !== undefined && { key: party.key }) }],
    blockers: blockersOfParty(party, incident),
  };
}

function partyAt(
  address: string,
  incident: Incident,
  { contacts, customers }: Communication,
): Party | undefined {
  return [...contacts, ...customers, ...Object.values(incident.parties)].find(
    ({ email }) => email !== undefined && sameMailbox(email, address),
  );
}

/** Why a party outside may not be spoken to now. */
export function blockersOfParty(party: Party, incident: Incident): Blocker[] {
  if (party.kind === 'customer')
    return [
      {
        gate: 'customersHearTheStatement',
        reason: `${party.id} is a customer: their security team hears the approved statement (firebreak statement release CODENAME --to customers), and nothing else`,
        source: CUSTOMERS_FIRST,
      },
    ];
  return blockersOf([forensicsOrBrokenGlassFor(party), partyIsApproved(party)], incident);
}

function stranger(address: string, known: Communication): Blocker {
  const imitated = looksLike(address, known.domains);
  const warned = imitated === undefined ? '' : `; it only looks like one of ${imitated}`;
  return {
    gate: 'recipientIsKnown',
    reason: `${address} is neither on the response team nor in the register${warned}: name them first (firebreak contacts add), and have them approved`,
    source: NOT_ON_THE_TEAM,
  };
}

function blockersOfResponder(email: string, incident: Incident): Blocker[] {
  if (mayBeExcluded(email, incident))
    return [
      {
        gate: 'recipientIsNotExcluded',
        reason: `${email} is excluded from the incident`,
        source: 'The attack could be happening internally.',
      },
    ];
  return rosterOf(incident).some((person) => sameMailbox(person.email, email))
    ? []
    : [
        {
          gate: 'recipientIsOnTheTeam',
          reason: `${email} is not on the response team`,
          source: NOT_ON_THE_TEAM,
        },
      ];
}

/** Also a mailbox that may be theirs by another spelling: what is withheld is withheld from those too. */
function mayBeExcluded(address: string, { excluded }: Pick<Incident, 'excluded'>): boolean {
  return Object.keys(excluded).some((one) => mayBeSameMailbox(one, address));
}

/** "… make sure your emails are encrypted": to every one of them, or the mail is not sent. */
function blockersOfKeys(recipients: readonly Recipient[], known: Communication, at: number): Blocker[] {
  const without = recipients.flatMap(({ address, key }) => {
    if (key !== undefined) return [];
    const onFile = keyOnFile(address, known);
    if (!onFile) return [address];
    return onFile.notAfter !== undefined && onFile.notAfter <= at
      ? [`${address} (expired ${new Date(onFile.notAfter).toISOString().slice(0, 10)})`]
      : [];
  });
  return without.length === 0
    ? []
    : [
        {
          gate: 'everyRecipientHasAKey',
          reason: `somebody of them is outside the company, and there is no key to encrypt it to ${without.join(', ')}`,
          source: ENCRYPTED,
        },
      ];
}

/** Keys are found by the address's normal form. */
export function keyOnFile(address: string, { keys }: Communication): MailKey | undefined {
  const read = readAddress(address);
  return read.ok && Object.hasOwn(keys, read.address.normal) ? keys[read.address.normal] : undefined;
}

function blockersOfPack(pack: ContactId, parties: readonly Party[]): Blocker[] {
  return parties
    .filter(({ kind }) => kind !== pack)
    .map(({ id }) => ({
      gate: 'packIsTheirs',
      reason: `the hand-off pack of ${pack} is not for ${id}`,
      source: NOT_ON_THE_TEAM,
    }));
}

/** "Do not use SMS to communicate about the incident." */
function passSms(
  { person, text }: Extract<Content, { kind: 'sms' }>,
  incident: Incident,
  known: Communication,
): Passed<Message> {
  const phone = rosterOf(incident).find(({ email }) => sameMailbox(email, person))?.phone;
  const blockers = [...blockersOfResponder(person, incident)];
  if (!known.sms) blockers.push(notConfigured('provider of SMS', 'communication.sms'));
  if (phone === undefined && blockers.length === 0)
    blockers.push({ gate: 'recipientHasAPhone', reason: `no telephone number of ${person} is known` });
  // Whatever a state from before an update may hold.
  if (!Object.hasOwn(SMS_TEXTS, text))
    blockers.push({ gate: 'textIsFixed', reason: 'there is no such text', source: SMS_SOURCE });
  return answer(blockers, () => ({ way: 'sms', to: phone ?? '', text }));
}

function passToCustomer(
  { party: id, version }: Extract<Content, { kind: 'customer' }>,
  incident: Incident,
  known: Communication,
  at: number,
): Passed<Message> {
  const party = findParty(id, incident);
  const blockers = blockersOfRelease(version, incident);
  if (party?.kind !== 'customer')
    blockers.push({
      gate: 'recipientIsKnown',
      reason: `${id} is no customer of the register`,
      source: NOT_ON_THE_TEAM,
    });
  const address = party?.email;
  if (address === undefined)
    blockers.push({ gate: 'recipientHasAnAddress', reason: `no e-mail address of ${id} is known` });
  if (!known.mail) blockers.push(notConfigured('server for mail', 'communication.mail'));
  if (address !== undefined && mayBeExcluded(address, incident))
    blockers.push(...blockersOfResponder(address, incident));
  const to: Recipient = {
    address: address ?? '',
    ...(party?.key !== undefined && { key: party.key }),
  };
  const encrypt = address !== undefined && !isInside(address, known.domains);
  if (encrypt) blockers.push(...blockersOfKeys([to], known, at));
  return answer(blockers, () => ({
    way: 'mail',
    subject: MAIL_SUBJECT,
    to: [to],
    cc: [],
    bcc: [],
    markdown: incident.statement?.text ?? '',
    encrypt,
  }));
}

function passToPublic(
  { channel, version }: Extract<Content, { kind: 'public' }>,
  incident: Incident,
  known: Communication,
  at: number,
): Passed<Message> {
  const text = incident.statement?.text ?? '';
  const blockers = [...blockersOfRelease(version, incident), ...blockersOfPublic(incident, at)];
  if (!known.public.some(({ name }) => name === channel))
    blockers.push(notConfigured(`public channel ${channel}`, 'communication.public'));
  return answer(blockers, () => ({
    way: 'publish',
    channel,
    title: titleOf(text) ?? '',
    markdown: text,
  }));
}

/** What the customers wait for as well: the five facts, and three who approved that very text. */
function blockersOfRelease(version: number, incident: Incident): Blocker[] {
  const { statement } = incident;
  const unapproved = statementIsApproved(incident);
  return [
    ...blockersOfStep('externalCommunication', incident),
    ...(unapproved ? [unapproved] : []),
    ...(statement && statement.version !== version
      ? [replaced('statement', version, statement.version)]
      : []),
  ];
}

/** What only the public waits for: the customers, and the day that the title names. */
function blockersOfPublic(incident: Incident, at: number): Blocker[] {
  const { statement, company } = incident;
  const customers = customersTeamsAreReached(incident);
  const today = dayIn(company.communication?.timeZone ?? 'UTC', at);
  const dates = statement ? titleDates(statement.text) : [];
  return [
    ...(customers ? [customers] : []),
    ...(!statement || dates.includes(today)
      ? []
      : [
          {
            gate: 'titleNamesTheDayOfRelease',
            reason: `the title says ${dates.join(' or ') || 'no date'}, and today is ${today}: submit it with the day of its release`,
            source: DATED,
          },
        ]),
  ];
}

/** Why the statement may not go to the customers, and why not to the public. */
export function blockersOfStatement(
  incident: Incident,
  at: number,
): { customers: Blocker[]; public: Blocker[] } {
  const customers = blockersOfRelease(incident.statement?.version ?? 0, incident);
  return { customers, public: [...customers, ...blockersOfPublic(incident, at)] };
}

function replaced(what: string, version: number, current: number): Blocker {
  return {
    gate: 'textIsCurrent',
    reason: `version ${version} of the ${what} has been replaced by version ${current}`,
  };
}

function unreadable(problem: string): Blocker {
  return { gate: 'recipientIsReadable', reason: problem };
}

function mailTo({ address, key }: Recipient): MailTo {
  return { address, ...(key !== undefined && { key }) };
}

/** The party whose own conversations the pack may tell; of several, none. */
function onlyOne(parties: readonly Party[]): Party | undefined {
  return parties.length === 1 ? parties[0] : undefined;
}
