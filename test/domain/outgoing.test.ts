/**
 * The one way out: what may be sent to whom, and every reason why not. Both ways of every gate, each refusal with the sentence of the
 * checklist that asks for it. The same over decisions in any order: `outgoing.properties.test.ts`.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MAIL_SUBJECT, type Communication } from '../../domain/communication';
import type { ContactId, Party } from '../../domain/contacts';
import type { Blocker } from '../../domain/gates';
import type { Incident } from '../../domain/incident';
import type { Content } from '../../domain/outbox';
import { audienceOf, packOf, pass, passToResponder, passToRoom, type Message } from '../../domain/outgoing';
import type { Responder } from '../../domain/roles';
import {
  addContact,
  after,
  afterReports,
  analysed,
  approve,
  breakGlass,
  COMMUNICATION,
  connected,
  COUNSEL,
  CUSTOMER_MAIL,
  CUSTOMER_ONE,
  CUSTOMER_TWO,
  declared,
  DEPUTY,
  effectsDone,
  exclude,
  externalConfirmed,
  FIELD_OFFICE,
  FIELD_OFFICE_MAIL,
  fiveFacts,
  FORENSICS,
  forensicsPerformed,
  IC,
  INSURER,
  INSURER_MAIL,
  internalFound,
  logContact,
  MARKETING,
  nextMinute,
  NOTE,
  noteApproved,
  notNeeded,
  onFile,
  POLICE,
  reach,
  readyToRelease,
  refuse,
  requestOfNote,
  respond,
  ROSTER,
  SECURITY,
  STATEMENT,
  STATEMENT_1,
  statementSubmitted,
  STRANGER,
  submit,
  submitNote,
  systemsSecured,
  THREE_AM,
  withdraw,
  WORDS,
} from '../support/incidents';

const ROOT = join(__dirname, '../..');
const SEED = readFileSync(join(ROOT, 'docs/seed/security-incident-response.md'), 'utf8');

/** Not the checklist's: what has to be there for something to be sent at all. */
const ON_THEIR_OWN = [
  'wayIsConfigured',
  'recipientHasAnAddress',
  'recipientHasAPhone',
  'recipientIsReadable',
  'textIsCurrent',
];

interface Case {
  readonly when: string;
  readonly content: Content;
  readonly incident: () => Incident;
  readonly at?: number;
  /** The gate that refuses it, and a part of its reason. Where it passes: parts of the message. */
  readonly shut?: readonly [gate: string, because: string];
  readonly sent?: Partial<Message>;
}

// What is ordered.

const noteTo = (channel: string, version = 1): Content => ({ kind: 'note', version, channel });
const mailTo = (
  to: readonly string[],
  changes: { cc?: readonly string[]; bcc?: readonly string[]; pack?: ContactId } = {},
): Content => ({ kind: 'mail', to, cc: [], bcc: [], text: WORDS, ...changes });
const smsTo = (person: string): Content => ({ kind: 'sms', person, text: 'joinSlack' });
const customer = (party: string, version = 1): Content => ({ kind: 'customer', party, version });
const toPublic = (channel = 'website', version = 1): Content => ({ kind: 'public', channel, version });

// Incidents to order it in.

const CONTRACTOR = 'contractor@partner.example';
const withRoster = (...more: readonly Responder[]) => ({
  ...connected(),
  company: { ...connected().company, roster: [...ROSTER, ...more] },
});
const toldTo = (kind: ContactId, changes: Partial<Communication> = {}) =>
  after(analysed(changes), approve(IC, `contact:${kind}`));
const keysOf = (...addresses: readonly string[]) => ({
  keys: Object.fromEntries(addresses.map((address) => [address, onFile()])),
});
const groups = (listed: Communication['groups']): Partial<Communication> => ({ groups: listed });
const inside = (listed: readonly string[]): Partial<Communication> =>
  groups({ 'everybody@example.com': listed });
const note = (changes: Partial<Communication>) => () => noteApproved(externalConfirmed(analysed(changes)));
const named = (incident: Incident, id = 'agent') =>
  after(incident, addContact(id, { email: `${id}@bureau.example`, key: 'an armored key' }));
const broken = (incident: Incident, request: string) =>
  after(incident, breakGlass(IC, request), breakGlass(COUNSEL, request));
const reachedAll = (incident = readyToRelease()) => after(incident, reach(CUSTOMER_ONE), reach(CUSTOMER_TWO));
const withCustomers = (customers: readonly Party[]) => readyToRelease({ customers });
const FALL_OF_DAY = Date.UTC(2026, 10, 25);

const INSIDE: readonly Case[] = [
  {
    when: 'forensics has not been performed',
    content: noteTo('#engineering'),
    incident: connected,
    shut: ['forensicAnalysisIsPerformed', 'step 10'],
  },
  {
    when: 'nobody is sure yet that the attack came from outside',
    content: noteTo('#engineering'),
    incident: analysed,
    shut: ['attackIsConfirmedExternal', 'has not recorded'],
  },
  {
    when: 'the attack came from inside',
    content: noteTo('#engineering'),
    incident: () => internalFound(analysed()),
    shut: ['attackIsConfirmedExternal', 'sourced internally'],
  },
  {
    when: 'no response was determined',
    content: noteTo('#engineering'),
    incident: () => declared({ company: { communication: COMMUNICATION } }),
    shut: ['responseIsDetermined', 'has not determined'],
  },
  {
    when: 'there is no note',
    content: noteTo('#engineering'),
    incident: () => externalConfirmed(analysed()),
    shut: ['noteIsApproved', 'no internal note has been submitted'],
  },
  {
    when: 'it waits for its approval',
    content: noteTo('#engineering'),
    incident: () => after(externalConfirmed(analysed()), submitNote()),
    shut: ['noteIsApproved', requestOfNote()],
  },
  {
    when: 'it was refused after all',
    content: noteTo('#engineering'),
    incident: () => after(noteApproved(), refuse(IC, requestOfNote())),
    shut: ['noteIsApproved', 'was refused'],
  },
  {
    when: 'another version has replaced it',
    content: noteTo('#engineering'),
    incident: () =>
      after(noteApproved(), submitNote(`${NOTE}\n`), approve(IC, requestOfNote(2, `${NOTE}\n`))),
    shut: ['textIsCurrent', 'version 1 of the note has been replaced by version 2'],
  },
  {
    when: 'the source fell after it was approved',
    content: noteTo('#engineering'),
    incident: () => after(noteApproved(), withdraw(FORENSICS, 'attackSource')),
    shut: ['attackIsConfirmedExternal', 'has not recorded'],
  },
  {
    when: 'it is approved',
    content: noteTo('#engineering'),
    incident: noteApproved,
    sent: { way: 'slack', channel: 'engineering', markdown: NOTE },
  },
  {
    when: 'it is approved, by mail to a group of the company',
    content: noteTo('everybody@example.com'),
    incident: noteApproved,
    sent: {
      way: 'mail',
      subject: MAIL_SUBJECT,
      to: [{ address: 'everybody@example.com' }],
      cc: [],
      bcc: [],
      markdown: NOTE,
      encrypt: false,
    },
  },
  {
    when: 'no such channel is configured',
    content: noteTo('#random'),
    incident: noteApproved,
    shut: ['wayIsConfigured', 'no channel #random'],
  },
  {
    when: 'there is no server for mail',
    content: noteTo('everybody@example.com'),
    incident: note({ mail: false }),
    shut: ['wayIsConfigured', 'communication.mail'],
  },
  ...[
    CONTRACTOR,
    INSURER_MAIL,
    'web@mail.example.com',
    'web@examp1e.com',
    'web@example.com.evil.example',
  ].map((member): Case => ({
    when: `the group holds ${member}`,
    content: noteTo('everybody@example.com'),
    incident: note(inside(['web@example.com', member])),
    shut: ['audienceIsInside', `everybody@example.com reaches ${member}, who is not inside the company`],
  })),
  {
    when: 'a group in the group holds somebody outside',
    content: noteTo('everybody@example.com'),
    incident: note(
      groups({ 'everybody@example.com': ['web@example.com'], 'web@example.com': [IC, CONTRACTOR] }),
    ),
    shut: ['audienceIsInside', CONTRACTOR],
  },
  {
    when: 'the channel is an address outside',
    content: noteTo('all@partner.example'),
    incident: note({ inside: [{ kind: 'mail', address: 'all@partner.example' }] }),
    shut: ['audienceIsInside', 'all@partner.example'],
  },
  {
    when: 'nobody can tell who is in the group',
    content: noteTo('everybody@example.com'),
    incident: note(inside(['nobody'])),
    shut: ['recipientIsReadable', 'nobody'],
  },
  ...['security@example.com', 'SECURITY@Example.com.', 'security+web@example.com'].map((member): Case => ({
    when: `the group holds ${member}, and a suspect is excluded`,
    content: noteTo('everybody@example.com'),
    incident: () => after(note(inside(['web@example.com', member]))(), exclude(IC, SECURITY)),
    shut: ['audienceIsNotExcluded', 'who is excluded from the incident'],
  })),
];

const TEAM: readonly Case[] = [
  {
    when: 'they are of the team, before anything is known',
    content: mailTo([IC]),
    incident: () => declared({ company: { communication: COMMUNICATION } }),
    sent: {
      way: 'mail',
      subject: MAIL_SUBJECT,
      to: [{ address: IC }],
      cc: [],
      bcc: [],
      markdown: WORDS,
      encrypt: false,
    },
  },
  {
    when: 'they are of the team, some in Cc and some in Bcc, by any spelling and each once',
    content: mailTo([IC, 'IC@Example.COM.'], { cc: ['Counsel <counsel@example.com>', IC], bcc: [DEPUTY] }),
    incident: connected,
    sent: { to: [{ address: IC }], cc: [{ address: COUNSEL }], bcc: [{ address: DEPUTY }], encrypt: false },
  },
  {
    when: 'they are a group of the team',
    content: mailTo(['command@example.com']),
    incident: () => connected(groups({ 'command@example.com': [IC, DEPUTY] })),
    sent: { to: [{ address: IC }, { address: DEPUTY }], encrypt: false },
  },
  ...[STRANGER, CONTRACTOR, 'ic+private@example.com', 'ic@mail.example.com'].map((address): Case => ({
    when: `${address} is neither of the team nor in the register`,
    content: mailTo([IC, address]),
    incident: () => toldTo('cyberInsurance'),
    shut: ['recipientIsKnown', `${address} is neither on the response team nor in the register`],
  })),
  ...(['examp1e.com', 'exarnple.com', 'example.co'] as const).map((domain): Case => ({
    when: `ic@${domain} only looks like one of the team`,
    content: mailTo([`ic@${domain}`]),
    incident: connected,
    shut: ['recipientIsKnown', 'it only looks like one of example.com'],
  })),
  {
    when: 'a letter of the address is from another alphabet',
    content: mailTo(['ic@ex\u0430mple.com']),
    incident: connected,
    shut: ['recipientIsReadable', 'not written in ASCII'],
  },
  {
    when: 'the name before the address is another address',
    content: mailTo(['"ic@example.com" <x@evil.example>']),
    incident: connected,
    shut: ['recipientIsReadable', 'holds another address'],
  },
  {
    when: 'a header of its own would begin',
    content: mailTo(['ic@example.com\r\nBcc: x@evil.example']),
    incident: connected,
    shut: ['recipientIsReadable', 'line end'],
  },
  ...[
    [FORENSICS, 'the suspect'],
    ['FORENSICS@example.com', 'the suspect in another spelling'],
    ['forensics+home@example.com', "the suspect's mailbox by a plus-address"],
    ['all@example.com', 'a group with the suspect in it'],
  ].map(([address = '', who]): Case => ({
    when: `it goes to ${who}`,
    content: mailTo([IC, address]),
    incident: () => after(connected(groups({ 'all@example.com': [IC, FORENSICS] })), exclude(IC, FORENSICS)),
    shut: ['recipientIsNotExcluded', 'is excluded from the incident'],
  })),
  {
    when: 'the suspect is known as a contact as well',
    content: mailTo(['desk']),
    incident: () =>
      after(
        analysed(),
        addContact('desk', { kind: 'securityCompanies', email: FORENSICS }),
        approve(IC, 'contact:securityCompanies/desk'),
        exclude(IC, FORENSICS),
      ),
    shut: ['recipientIsNotExcluded', 'is excluded from the incident'],
  },
  {
    when: 'there is no server for mail',
    content: mailTo([IC]),
    incident: () => connected({ mail: false }),
    shut: ['wayIsConfigured', 'communication.mail'],
  },
];

const CONSULTANT: Responder = { email: 'consultant@partner.example', roles: ['securityTeam'] };
const consulted = (...keys: readonly string[]): Incident => {
  const incident = withRoster(CONSULTANT);
  const communication = { ...COMMUNICATION, ...keysOf(...keys) };
  return { ...incident, company: { ...incident.company, communication } };
};

const CONTACTS: readonly Case[] = [
  ...[INSURER, INSURER_MAIL, 'Claims <CLAIMS@insurer.example.>', 'claims-group@example.com'].flatMap(
    (address): Case[] => {
      const known = groups({ 'claims-group@example.com': [IC, INSURER_MAIL] });
      return [
        {
          when: `forensics has not been performed, and it goes to ${address}`,
          content: mailTo([address]),
          incident: () => connected(known),
          shut: ['forensicAnalysisIsPerformed', 'step 10'],
        },
        {
          when: `forensics is in doubt again, and it goes to ${address}`,
          content: mailTo([address]),
          incident: () => after(toldTo('cyberInsurance', known), withdraw(SECURITY, 'systemsSecured')),
          shut: ['forensicAnalysisIsPerformed', 'step 10'],
        },
        {
          when: `nobody approved the contact, and it goes to ${address}`,
          content: mailTo([address]),
          incident: () => toldTo('fbi', known),
          shut: ['contactIsApproved', 'not approved (request contact:cyberInsurance)'],
        },
        {
          when: `the contact was refused, and it goes to ${address}`,
          content: mailTo([address]),
          incident: () => after(toldTo('cyberInsurance', known), refuse(IC, 'contact:cyberInsurance')),
          shut: ['contactIsApproved', 'this contact was refused'],
        },
        {
          when: `the contact is approved, and it goes to ${address}`,
          content: mailTo([address]),
          incident: () => toldTo('cyberInsurance', known),
          sent: { way: 'mail', subject: MAIL_SUBJECT, encrypt: true },
        },
      ];
    },
  ),
  // One recipient outside, wherever: all of it is encrypted to each.
  ...(
    [
      ['to', mailTo([INSURER, IC])],
      ['cc', mailTo([IC], { cc: [INSURER] })],
      ['bcc', mailTo([IC], { cc: [COUNSEL], bcc: [INSURER] })],
    ] as const
  ).map(([field, content]): Case => ({
    when: `only ${field} has somebody outside, and everybody has a key`,
    content,
    incident: () => toldTo('cyberInsurance'),
    sent: { encrypt: true, [field]: expect.arrayContaining([{ address: INSURER_MAIL }]) as never },
  })),
  ...(
    [
      ['To', mailTo([DEPUTY], { bcc: [INSURER] })],
      ['Cc', mailTo([INSURER], { cc: [DEPUTY] })],
      ['Bcc', mailTo([INSURER], { bcc: [DEPUTY] })],
    ] as const
  ).map(([field, content]): Case => ({
    when: `somebody is outside, and one of the team in ${field} has no key`,
    content,
    incident: () => toldTo('cyberInsurance'),
    shut: ['everyRecipientHasAKey', `no key to encrypt it to ${DEPUTY}`],
  })),
  {
    when: 'two of them have no key, each is named',
    content: mailTo([FIELD_OFFICE, INSURER], { cc: [DEPUTY] }),
    incident: () => after(toldTo('cyberInsurance'), approve(IC, 'contact:fbi')),
    shut: ['everyRecipientHasAKey', `no key to encrypt it to ${FIELD_OFFICE_MAIL}, ${DEPUTY}`],
  },
  {
    when: 'the key came with the contact',
    content: mailTo(['agent']),
    incident: () => after(named(analysed()), approve(IC, 'contact:fbi/agent')),
    sent: { to: [{ address: 'agent@bureau.example', key: 'an armored key' }], encrypt: true },
  },
  {
    when: 'the key is good for one more millisecond',
    content: mailTo([INSURER]),
    incident: () => toldTo('cyberInsurance', { keys: { [INSURER_MAIL]: onFile(FALL_OF_DAY) } }),
    at: FALL_OF_DAY - 1,
    sent: { encrypt: true },
  },
  {
    when: 'the key has expired at this moment',
    content: mailTo([INSURER]),
    incident: () => toldTo('cyberInsurance', { keys: { [INSURER_MAIL]: onFile(FALL_OF_DAY) } }),
    at: FALL_OF_DAY,
    shut: ['everyRecipientHasAKey', `${INSURER_MAIL} (expired 2026-11-25)`],
  },
  {
    when: 'no e-mail address of the contact is known',
    content: mailTo([POLICE]),
    incident: () => toldTo('localLawEnforcement'),
    shut: ['recipientHasAnAddress', 'no e-mail address of police is known'],
  },
  {
    when: 'a group holds somebody outside whom nobody knows',
    content: mailTo(['board@example.com']),
    incident: () => toldTo('cyberInsurance', groups({ 'board@example.com': [IC, INSURER_MAIL, CONTRACTOR] })),
    shut: ['recipientIsKnown', CONTRACTOR],
  },
  // One of the team, with an address outside: may hear of it at any time, and never in the clear.
  {
    when: 'one of the team has an address outside, and a key',
    content: mailTo([CONSULTANT.email, IC]),
    incident: () => consulted(CONSULTANT.email, IC),
    sent: { to: [{ address: CONSULTANT.email }, { address: IC }], encrypt: true },
  },
  {
    when: 'one of the team has an address outside, and no key',
    content: mailTo([IC], { bcc: [CONSULTANT.email] }),
    incident: () => consulted(IC),
    shut: ['everyRecipientHasAKey', `no key to encrypt it to ${CONSULTANT.email}`],
  },
  // Named during the incident: whoever approved the kind did not know of it.
  {
    when: 'its kind was approved before it was named',
    content: mailTo(['agent']),
    incident: () => named(toldTo('fbi')),
    shut: ['contactIsApproved', 'request contact:fbi/agent'],
  },
  {
    when: 'its kind was approved after it was named, and it goes to its address',
    content: mailTo(['agent@bureau.example']),
    incident: () => after(named(analysed()), approve(IC, 'contact:fbi')),
    shut: ['contactIsApproved', 'request contact:fbi/agent'],
  },
  {
    when: 'another that was named is approved',
    content: mailTo(['agent']),
    incident: () => after(named(named(analysed()), 'chief'), approve(IC, 'contact:fbi/chief')),
    shut: ['contactIsApproved', 'request contact:fbi/agent'],
  },
  {
    when: 'one that was named is approved, and it goes to the one of the register',
    content: mailTo([FIELD_OFFICE]),
    incident: () => after(named(analysed(keysOf(FIELD_OFFICE_MAIL))), approve(IC, 'contact:fbi/agent')),
    shut: ['contactIsApproved', 'request contact:fbi)'],
  },
  // The glass, before forensics: broken for one, it is whole for all others.
  {
    when: 'one of two has asked to break the glass',
    content: mailTo(['agent']),
    incident: () => after(named(connected()), breakGlass(IC, 'contact:fbi/agent')),
    shut: ['forensicAnalysisIsPerformed', 'step 10'],
  },
  {
    when: 'the glass is broken for it',
    content: mailTo(['agent']),
    incident: () => broken(named(connected()), 'contact:fbi/agent'),
    sent: { encrypt: true },
  },
  {
    when: 'the glass is broken for its kind alone',
    content: mailTo(['agent']),
    incident: () => broken(named(connected()), 'contact:fbi'),
    shut: ['forensicAnalysisIsPerformed', 'step 10'],
  },
  {
    when: 'the glass is broken for another of its kind',
    content: mailTo(['agent']),
    incident: () => broken(named(named(connected()), 'chief'), 'contact:fbi/chief'),
    shut: ['forensicAnalysisIsPerformed', 'step 10'],
  },
  {
    when: 'the glass is broken for one of its kind who was named, and not for the register',
    content: mailTo([FIELD_OFFICE]),
    incident: () => broken(named(connected(keysOf(FIELD_OFFICE_MAIL))), 'contact:fbi/agent'),
    shut: ['forensicAnalysisIsPerformed', 'step 10'],
  },
  {
    when: 'the glass is broken for the kind, and it goes to the register',
    content: mailTo([FIELD_OFFICE]),
    incident: () => broken(connected(keysOf(FIELD_OFFICE_MAIL)), 'contact:fbi'),
    sent: { encrypt: true },
  },
  {
    when: 'the glass is broken for one of two recipients',
    content: mailTo(['agent', INSURER]),
    incident: () => broken(named(connected()), 'contact:fbi/agent'),
    shut: ['forensicAnalysisIsPerformed', 'step 10'],
  },
  // Customers hear the statement, and nothing else.
  ...[CUSTOMER_ONE, CUSTOMER_MAIL, 'Their team <SECURITY@customer.example>', 'vip@example.com'].map(
    (address): Case => ({
      when: `it goes to a customer, by ${address}, though the statement is approved`,
      content: mailTo([address]),
      incident: () => readyToRelease(groups({ 'vip@example.com': [IC, CUSTOMER_MAIL] })),
      shut: ['customersHearTheStatement', 'hears the approved statement'],
    }),
  ),
  // A pack is made for one kind of contact.
  {
    when: 'the pack is theirs',
    content: mailTo([INSURER], { pack: 'cyberInsurance' }),
    incident: () => toldTo('cyberInsurance'),
    sent: { encrypt: true, pack: expect.stringContaining('Example Insurance') as never },
  },
  {
    when: 'the pack is for another kind of contact',
    content: mailTo([INSURER], { pack: 'fbi' }),
    incident: () => toldTo('cyberInsurance'),
    shut: ['packIsTheirs', 'the hand-off pack of fbi is not for insurer'],
  },
  {
    when: 'the pack is for one of two contacts',
    content: mailTo([INSURER], { cc: [FIELD_OFFICE], pack: 'cyberInsurance' }),
    incident: () =>
      after(toldTo('cyberInsurance', keysOf(INSURER_MAIL, FIELD_OFFICE_MAIL)), approve(IC, 'contact:fbi')),
    shut: ['packIsTheirs', 'is not for field-office'],
  },
  {
    when: 'the team looks at a pack first',
    content: mailTo([IC], { pack: 'fbi' }),
    incident: connected,
    sent: { encrypt: false, pack: expect.stringContaining(MAIL_SUBJECT) as never },
  },
];

const SMS: readonly Case[] = [
  {
    when: 'they are of the team, and have a telephone',
    content: smsTo(CONSULTANT.email),
    incident: () => withRoster({ ...CONSULTANT, phone: '+1 555 0170' }),
    sent: { way: 'sms', to: '+1 555 0170', text: 'joinSlack' },
  },
  {
    when: 'no telephone number of theirs is known',
    content: smsTo(IC),
    incident: connected,
    shut: ['recipientHasAPhone', IC],
  },
  {
    when: 'they are not of the team',
    content: smsTo(STRANGER),
    incident: connected,
    shut: ['recipientIsOnTheTeam', STRANGER],
  },
  {
    when: 'they are a contact, approved or not',
    content: smsTo(INSURER_MAIL),
    incident: () => toldTo('cyberInsurance'),
    shut: ['recipientIsOnTheTeam', INSURER_MAIL],
  },
  {
    when: 'they are excluded',
    content: smsTo(CONSULTANT.email),
    incident: () => after(withRoster({ ...CONSULTANT, phone: '+1 555 0170' }), exclude(IC, CONSULTANT.email)),
    shut: ['recipientIsNotExcluded', CONSULTANT.email],
  },
  {
    when: 'there is no provider',
    content: smsTo(IC),
    incident: () => connected({ sms: false }),
    shut: ['wayIsConfigured', 'communication.sms'],
  },
  {
    when: 'the text is none of the fixed ones, whoever put it there',
    content: { kind: 'sms', person: IC, text: 'the bastion host is ours' as never },
    incident: connected,
    shut: ['textIsFixed', 'there is no such text'],
  },
];

const CUSTOMERS: readonly Case[] = [
  {
    when: 'the statement is approved by all three',
    content: customer(CUSTOMER_ONE),
    incident: readyToRelease,
    sent: {
      way: 'mail',
      subject: MAIL_SUBJECT,
      to: [{ address: CUSTOMER_MAIL }],
      markdown: STATEMENT,
      encrypt: true,
    },
  },
  {
    when: 'the five facts are not known',
    content: customer(CUSTOMER_ONE),
    incident: () => externalConfirmed(analysed()),
    shut: ['methodIsKnown', 'how it was compromised'],
  },
  {
    when: 'there is no statement',
    content: customer(CUSTOMER_ONE),
    incident: () => fiveFacts(externalConfirmed(analysed())),
    shut: ['statementIsApproved', 'no statement has been submitted'],
  },
  {
    when: 'two of three approved it',
    content: customer(CUSTOMER_ONE),
    incident: () =>
      after(
        statementSubmitted(fiveFacts(externalConfirmed(analysed()))),
        approve(MARKETING, STATEMENT_1),
        approve(IC, STATEMENT_1),
      ),
    shut: ['statementIsApproved', 'waiting for legal counsel'],
  },
  {
    when: 'another version has replaced it',
    content: customer(CUSTOMER_ONE),
    incident: () => after(readyToRelease(), submit(MARKETING)),
    shut: ['textIsCurrent', 'version 1 of the statement has been replaced by version 2'],
  },
  {
    when: 'the customer has no key',
    content: customer(CUSTOMER_TWO),
    incident: readyToRelease,
    shut: ['everyRecipientHasAKey', 'security@second.example'],
  },
  {
    when: "the customer's key has expired",
    content: customer(CUSTOMER_ONE),
    incident: () => readyToRelease({ keys: { [CUSTOMER_MAIL]: onFile(FALL_OF_DAY) } }),
    at: FALL_OF_DAY,
    shut: ['everyRecipientHasAKey', `${CUSTOMER_MAIL} (expired 2026-11-25)`],
  },
  {
    when: 'the customer has no e-mail address',
    content: customer('caller'),
    incident: () => withCustomers([{ id: 'caller', kind: 'customer', name: 'By telephone' }]),
    shut: ['recipientHasAnAddress', 'no e-mail address of caller is known'],
  },
  {
    when: 'the customer is a part of the company',
    content: customer('subsidiary'),
    incident: () =>
      withCustomers([
        { id: 'subsidiary', kind: 'customer', name: 'A subsidiary', email: 'subsidiary@example.com' },
      ]),
    sent: { to: [{ address: 'subsidiary@example.com' }], encrypt: false },
  },
  ...[FORENSICS, 'FORENSICS@example.com.', 'forensics+home@example.com'].map((email): Case => {
    const known: readonly Party[] = [{ id: 'known', kind: 'customer', name: 'Known by a colleague', email }];
    return {
      when: `the customer's mailbox, ${email}, is a suspect's`,
      content: customer('known'),
      incident: () => after(withCustomers(known), exclude(IC, FORENSICS)),
      shut: ['recipientIsNotExcluded', 'is excluded from the incident'],
    };
  }),
  {
    when: 'it is no customer',
    content: customer(INSURER),
    incident: readyToRelease,
    shut: ['recipientIsKnown', 'insurer is no customer of the register'],
  },
  {
    when: 'there is no server for mail',
    content: customer(CUSTOMER_ONE),
    incident: () => readyToRelease({ mail: false }),
    shut: ['wayIsConfigured', 'communication.mail'],
  },
];

const NIGHT_IN_AUCKLAND = Date.UTC(2026, 10, 24, 11, 30);
const reachedIn = (timeZone: string) => () => reachedAll(readyToRelease({ timeZone }));

const PUBLIC: readonly Case[] = [
  {
    when: 'all three approved it, the customers are reached, and the title names the day',
    content: toPublic(),
    incident: reachedAll,
    sent: {
      way: 'publish',
      channel: 'website',
      title: 'Unauthorised access to payment records, 24 November 2026',
      markdown: STATEMENT,
    },
  },
  {
    when: 'nobody has reached the customers',
    content: toPublic(),
    incident: readyToRelease,
    shut: ['customersTeamsAreReached', 'tellCustomersSecurityTeams'],
  },
  {
    when: 'one customer is not accounted for',
    content: toPublic(),
    incident: () => after(readyToRelease(), reach(CUSTOMER_ONE)),
    shut: ['customersTeamsAreReached', 'tellCustomersSecurityTeams'],
  },
  {
    when: 'it is recorded why no customer was reached',
    content: toPublic(),
    incident: () => after(readyToRelease(), notNeeded(IC, 'tellCustomersSecurityTeams')),
    sent: { way: 'publish' },
  },
  {
    when: 'one of three took it back',
    content: toPublic(),
    incident: () => after(reachedAll(), refuse(COUNSEL, STATEMENT_1)),
    shut: ['statementIsApproved', 'was refused'],
  },
  {
    when: 'a fact that it rests on has fallen',
    content: toPublic(),
    incident: () => after(reachedAll(), withdraw(FORENSICS, 'methodKnown')),
    shut: ['methodIsKnown', 'how it was compromised'],
  },
  {
    when: 'another version has replaced it',
    content: toPublic(),
    incident: () => after(reachedAll(), submit(MARKETING)),
    shut: ['textIsCurrent', 'replaced by version 2'],
  },
  {
    when: 'the day in the title is over',
    content: toPublic(),
    incident: reachedAll,
    at: FALL_OF_DAY,
    shut: ['titleNamesTheDayOfRelease', 'the title says 2026-11-24, and today is 2026-11-25'],
  },
  {
    when: 'the day in the title is over by one second less',
    content: toPublic(),
    incident: reachedAll,
    at: FALL_OF_DAY - 1_000,
    sent: { way: 'publish' },
  },
  {
    when: 'the day in the title is over where the company is',
    content: toPublic(),
    incident: reachedIn('Pacific/Auckland'),
    at: NIGHT_IN_AUCKLAND,
    shut: ['titleNamesTheDayOfRelease', 'today is 2026-11-25'],
  },
  {
    when: 'the day in the title has not ended where the company is',
    content: toPublic(),
    incident: reachedIn('America/Los_Angeles'),
    at: FALL_OF_DAY + 3_600_000,
    sent: { way: 'publish' },
  },
  {
    when: 'no such channel is configured',
    content: toPublic('newspaper'),
    incident: reachedAll,
    shut: ['wayIsConfigured', 'newspaper'],
  },
];

const ALL: Readonly<Record<string, readonly Case[]>> = {
  'inside the company': INSIDE,
  'to the team by mail': TEAM,
  'to contacts by mail': CONTACTS,
  'by SMS': SMS,
  "to a customer's security team": CUSTOMERS,
  'to the public': PUBLIC,
};

const passing = ({ content, incident, at }: Case) => {
  const now = incident();
  return pass(content, now, at ?? nextMinute(now));
};

describe.each(Object.entries(ALL))('a message %s', (_, cases) => {
  const kept = cases.filter(({ shut }) => shut !== undefined);
  test.each(kept.map((one) => [one.when, one] as const))('is kept back: %s', (_when, one) => {
    const [gate, because] = one.shut ?? [];
    const passed = passing(one);
    if (passed.ok) throw new Error(`it passed: ${JSON.stringify(passed.message)}`);
    const found = passed.blockers.find(
      (blocker) => blocker.gate === gate && blocker.reason.includes(because ?? ''),
    );
    expect([gate, because, ...(found ? [] : passed.blockers)]).toEqual([gate, because]);
    for (const blocker of passed.blockers) hasItsSource(blocker);
  });

  const sent = cases.filter(({ shut }) => shut === undefined);
  test.each(sent.map((one) => [one.when, one] as const))('may go out: %s', (_when, one) => {
    const passed = passing(one);
    expect(passed.ok ? [] : passed.blockers).toEqual([]);
    expect(passed.ok && passed.message).toMatchObject(one.sent ?? {});
  });

  test('has cases of both kinds', () => {
    expect(kept.length).toBeGreaterThan(0);
    expect(sent.length).toBeGreaterThan(0);
  });
});

function hasItsSource({ gate, source }: Blocker): void {
  if (ON_THEIR_OWN.includes(gate)) return;
  expect([gate, source !== undefined && SEED.includes(source)]).toEqual([gate, true]);
}

test('every gate of the way out has kept something back', () => {
  const text = readFileSync(join(ROOT, 'domain/outgoing.ts'), 'utf8');
  const named = [...text.matchAll(/gate: '(\w+)'/g)].map(([, gate]) => gate);
  const used = new Set(Object.values(ALL).flatMap((cases) => cases.map(({ shut }) => shut?.[0])));
  const elsewhere = ['roomIsAmongItself'];
  expect(named.length).toBeGreaterThan(12);
  expect(named.filter((gate) => !used.has(gate) && !elsewhere.includes(gate ?? ''))).toEqual([]);
});

test('whatever is ordered, a company that has configured nothing sends nothing', () => {
  const incident = after(
    forensicsPerformed(systemsSecured(after(declared(), respond()))),
    approve(IC, 'contact:cyberInsurance'),
  );
  for (const content of [
    noteTo('#engineering'),
    mailTo([IC]),
    smsTo(IC),
    customer(CUSTOMER_ONE),
    toPublic(),
  ]) {
    const passed = pass(content, incident, THREE_AM);
    expect(passed.ok ? [] : passed.blockers.map(({ gate }) => gate)).toContain('wayIsConfigured');
  }
});

test('every reason is told, and each once', () => {
  const passed = pass(
    mailTo([INSURER, STRANGER, INSURER_MAIL], { pack: 'fbi' }),
    connected({ mail: false, keys: {} }),
    THREE_AM,
  );
  expect(passed.ok ? [] : passed.blockers.map(({ gate }) => gate)).toEqual([
    'wayIsConfigured',
    'forensicAnalysisIsPerformed',
    'contactIsApproved',
    'recipientIsKnown',
    'everyRecipientHasAKey',
    'packIsTheirs',
  ]);
});

test('a message says who reads it', () => {
  expect(
    [noteTo('#engineering'), mailTo([IC]), smsTo(IC), customer(CUSTOMER_ONE), toPublic()].map(audienceOf),
  ).toEqual(['inside', 'contact', 'responder', 'customer', 'public']);
});

describe('a word to the room', () => {
  const roomOpen = afterReports(connected(), ...effectsDone('openRoom'));

  test('is said while nobody is excluded, and once whoever is has gone', () => {
    expect(passToRoom('a word', roomOpen)).toEqual({ ok: true, message: 'a word' });
    const gone = afterReports(after(roomOpen, exclude(IC, SECURITY)), {
      name: 'personRemoved',
      email: SECURITY,
      wasThere: true,
    });
    expect(passToRoom('a word', gone)).toEqual({ ok: true, message: 'a word' });
  });

  test('waits while somebody who is excluded may be there', () => {
    const passed = passToRoom('a word', after(roomOpen, exclude(IC, SECURITY)));
    if (passed.ok) throw new Error('it passed');
    expect(passed.blockers).toMatchObject([{ gate: 'roomIsAmongItself' }]);
    expect(passed.blockers[0]?.reason).toContain(SECURITY);
    passed.blockers.forEach(hasItsSource);
  });
});

describe('a word in person', () => {
  const incident = after(connected(), exclude(IC, SECURITY));

  test.each([IC, 'IC@Example.com.'])('reaches %s', (email) => {
    expect(passToResponder('a word', email, incident)).toEqual({ ok: true, message: 'a word' });
  });

  test.each([
    [SECURITY, 'recipientIsNotExcluded'],
    ['Security@Example.com', 'recipientIsNotExcluded'],
    ['security+home@example.com', 'recipientIsNotExcluded'],
    [STRANGER, 'recipientIsOnTheTeam'],
    [INSURER_MAIL, 'recipientIsOnTheTeam'],
  ])('does not reach %s', (email, gate) => {
    const passed = passToResponder('a word', email, incident);
    if (passed.ok) throw new Error('it passed');
    expect(passed.blockers.map((blocker) => blocker.gate)).toEqual([gate]);
    passed.blockers.forEach(hasItsSource);
  });
});

describe('a hand-off pack', () => {
  const refusedBy = (name: string, incident: Incident) => {
    const answer = packOf(name, incident);
    return 'blockers' in answer ? answer.blockers.map(({ gate }) => gate) : [];
  };

  test.each([
    ['cyberInsurance', connected, ['forensicAnalysisIsPerformed', 'contactIsApproved']],
    [INSURER, connected, ['forensicAnalysisIsPerformed', 'contactIsApproved']],
    [INSURER, analysed, ['contactIsApproved']],
    ['agent', () => named(toldTo('fbi')), ['contactIsApproved']],
    [
      'agent',
      () => broken(named(connected()), 'contact:fbi'),
      ['forensicAnalysisIsPerformed', 'contactIsApproved'],
    ],
    [CUSTOMER_ONE, readyToRelease, ['packIsForContacts']],
    ['nobody', analysed, ['contactIsKnown']],
  ] as const)('for %s is not shown before its time', (name, incident, gates) => {
    expect(refusedBy(name, incident())).toEqual(gates);
  });

  test.each([
    ['cyberInsurance', () => toldTo('cyberInsurance')],
    ['insurer', () => toldTo('cyberInsurance')],
    ['fbi', () => broken(connected(), 'contact:fbi')],
    ['agent', () => broken(named(connected()), 'contact:fbi/agent')],
  ] as const)('for %s is shown once they may be spoken to', (name, incident) => {
    expect(packOf(name, incident())).toMatchObject({ title: MAIL_SUBJECT });
  });

  test('tells nobody what another of its kind was told', () => {
    const incident = after(
      named(analysed(keysOf(FIELD_OFFICE_MAIL))),
      approve(IC, 'contact:fbi'),
      approve(IC, 'contact:fbi/agent'),
      logContact('agent', { about: 'the second back door' }),
    );
    const packIn = (to: readonly string[]) => {
      const passed = pass(mailTo(to, { pack: 'fbi' }), incident, nextMinute(incident));
      if (!passed.ok || passed.message.way !== 'mail') throw new Error('it was kept back');
      return passed.message.pack;
    };
    expect(packIn(['agent'])).toContain('the second back door');
    expect(packIn([FIELD_OFFICE])).not.toContain('the second back door');
    expect(packIn(['agent', FIELD_OFFICE])).not.toContain('the second back door');
  });
});
