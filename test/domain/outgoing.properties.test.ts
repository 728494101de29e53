/**
 * Nothing reaches anybody before its time: the rules of communication, told a second time and held against every message that
 * `domain/outgoing.ts` lets pass, over decisions in any order, by anybody, and whatever is ordered to whomever.
 */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { isSettled, blockersOfTask } from '../../domain/blockers';
import { TASK_IDS, taskOf } from '../../domain/checklist';
import type { Communication, MailKey } from '../../domain/communication';
import { CONTACT_IDS, type ContactId, type Party } from '../../domain/contacts';
import { decide, declare, report } from '../../domain/decide';
import type { Decision } from '../../domain/decisions';
import { FINDING_IDS, findingOf } from '../../domain/findings';
import type { Incident, Voice } from '../../domain/incident';
import type { Content, Dispatch } from '../../domain/outbox';
import { packOf, pass, passToResponder, type MailTo, type Message } from '../../domain/outgoing';
import type { Approval } from '../../domain/requests';
import type { Role } from '../../domain/roles';
import type { SmsTextId } from '../../domain/sms';
import {
  after,
  approve,
  company,
  COUNSEL,
  declaration,
  DEPUTY,
  ENGINEERING,
  exclude,
  FIVE_FACTS,
  FORENSICS,
  IC,
  MARKETING,
  record,
  refuse,
  ROSTER,
  SECURITY,
  STATEMENT,
  STRANGER,
  submit,
  THREE_AM,
  withdraw,
} from '../support/incidents';
import { isThorough } from '../support/thorough';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

// The company: whom it knows, and what it can send by.

const BOTH = 'both@example.com';
const PEOPLE = [IC, DEPUTY, SECURITY, FORENSICS, ENGINEERING, COUNSEL, MARKETING, BOTH, STRANGER];

const CONTACTS: readonly Party[] = [
  { id: 'insurer', kind: 'cyberInsurance', name: 'Example Insurance', email: 'claims@insurer.example' },
  { id: 'field-office', kind: 'fbi', name: 'The field office', email: 'Duty@Bureau.example.' },
  { id: 'police', kind: 'localLawEnforcement', name: 'The police', phone: '+1 555 0160' },
  { id: 'operator', kind: 'systemOperators', name: 'Example Hosting', email: 'abuse@hosting.example' },
  // Inside the company, and none of the team.
  { id: 'risk', kind: 'cyberInsurance', name: 'Our own insurance desk', email: 'risk@example.com' },
  // Mailboxes of people of the team, who may be suspects by tomorrow.
  { id: 'house', kind: 'securityCompanies', name: 'Our own consultants', email: 'Security@Example.com.' },
  { id: 'alerts', kind: 'securityCompanies', name: 'Their alerts', email: 'security+alerts@example.com' },
];

const CUSTOMERS: readonly Party[] = [
  { id: 'customer-one', kind: 'customer', name: 'Customer One', email: 'security@customer.example' },
  { id: 'customer-two', kind: 'customer', name: 'Customer Two', email: 'security@second.example' },
  { id: 'subsidiary', kind: 'customer', name: 'A subsidiary', email: 'subsidiary@example.com' },
  { id: 'odd', kind: 'customer', name: 'A customer known by a colleague', email: 'FORENSICS@example.com.' },
];

/** Whom somebody may name during the incident. */
const NAMED: readonly Extract<Decision, { name: 'addContact' }>[] = (
  [
    { id: 'agent', kind: 'fbi', email: 'agent@bureau.example', key: 'a key' },
    { id: 'second-insurer', kind: 'cyberInsurance', email: 'second@insurer.example' },
    // In the register by another name.
    { id: 'shadow', kind: 'externalParties', email: 'CLAIMS@insurer.example' },
    { id: 'friend', kind: 'customer', email: 'security@friend.example', key: 'a key' },
    // Looks like the register's, in the words of somebody in a hurry.
    { id: 'insurer', kind: 'securityCompanies', email: 'x@evil.example' },
    { id: 'suspect', kind: 'securityCompanies', email: 'Somebody <forensics@example.com>' },
  ] as const
).map((one) => ({ name: 'addContact', by: IC, called: one.id, ...one }));

const ONE_CUSTOMER_MORE: Decision = {
  name: 'addContact',
  by: IC,
  called: 'Customer Three',
  id: 'customer-three',
  kind: 'customer',
  email: 'security@third.example',
};

const GROUPS = {
  'Team@example.com': [IC, 'security@EXAMPLE.com.'],
  'mixed@example.com': ['team@example.com', 'claims@insurer.example'],
  'leaky@example.com': [COUNSEL, 'contractor@partner.example'],
  'broken@example.com': [IC, 'nobody'],
};

/** Who gets the mail to it. What can't be told is nobody's. */
const REACHES: Readonly<Record<string, readonly string[] | 'unreadable'>> = {
  [IC]: [IC],
  'IC@Example.COM.': [IC],
  'The commander <ic@example.com>': [IC],
  '"ic"@example.com': [IC],
  [SECURITY]: [SECURITY],
  [FORENSICS]: [FORENSICS],
  [COUNSEL]: [COUNSEL],
  [DEPUTY]: [DEPUTY],
  [STRANGER]: [STRANGER],
  'ic+private@example.com': ['ic+private@example.com'],
  'security+alerts@example.com': ['security+alerts@example.com'],
  'risk@example.com': ['risk@example.com'],
  'claims@insurer.example': ['claims@insurer.example'],
  'Claims <CLAIMS@insurer.example.>': ['claims@insurer.example'],
  'duty@bureau.example': ['duty@bureau.example'],
  'agent@bureau.example': ['agent@bureau.example'],
  'second@insurer.example': ['second@insurer.example'],
  'security@customer.example': ['security@customer.example'],
  'security@friend.example': ['security@friend.example'],
  'ic@mail.example.com': ['ic@mail.example.com'],
  'ic@examp1e.com': ['ic@examp1e.com'],
  'ic@example.com.evil.net': ['ic@example.com.evil.net'],
  'x@evil.example': ['x@evil.example'],
  'ic@exаmple.com': 'unreadable',
  '"ic@example.com" <x@evil.example>': 'unreadable',
  'ic@example.com, x@evil.example': 'unreadable',
  'ic@example.com\r\nBcc: x@evil.example': 'unreadable',
  'team@example.com': [IC, SECURITY],
  'TEAM+now@example.com.': [IC, SECURITY],
  'mixed@example.com': [IC, SECURITY, 'claims@insurer.example'],
  'leaky@example.com': [COUNSEL, 'contractor@partner.example'],
  'broken@example.com': 'unreadable',
};

const IDS = [...CONTACTS, ...CUSTOMERS, ...NAMED].map(({ id }) => id);

const WITH_KEYS = [
  IC,
  SECURITY,
  COUNSEL,
  'claims@insurer.example',
  'duty@bureau.example',
  'second@insurer.example',
  'security@customer.example',
  'security@second.example',
  'abuse@hosting.example',
];
/** In the middle of the incident. */
const EXPIRY = THREE_AM + 5 * HOUR;

interface Chosen {
  readonly expired: string;
  readonly keyless: string;
  readonly all: readonly string[];
  readonly mail: string;
  readonly timeZone: string;
  readonly customers: readonly Party[];
  readonly isConfigured: boolean;
}

const SENSIBLE: Chosen = {
  expired: '',
  keyless: '',
  all: ['web@example.com', ENGINEERING],
  mail: 'all@example.com',
  timeZone: 'UTC',
  customers: CUSTOMERS.slice(0, 1),
  isConfigured: true,
};

function incidentOf({ expired, keyless, all, mail, timeZone, customers, isConfigured }: Chosen): Incident {
  const keyOf = (address: string): MailKey => ({
    kind: 'smime',
    fingerprint: address,
    ...(address === expired && { notAfter: EXPIRY }),
  });
  const communication: Communication = {
    domains: ['example.com'],
    groups: { ...GROUPS, 'all@example.com': all },
    keys: Object.fromEntries(
      WITH_KEYS.filter((one) => one !== keyless).map((address) => [address, keyOf(address)]),
    ),
    mail: isConfigured,
    sms: isConfigured,
    inside: [
      { kind: 'slack', name: 'engineering' },
      { kind: 'mail', address: mail },
    ],
    public: [
      { kind: 'webhook', name: 'website' },
      { kind: 'file', name: 'folder' },
    ],
    contacts: CONTACTS,
    customers,
    timeZone,
  };
  const roster = [
    ...ROSTER,
    { email: BOTH, roles: ['incidentCommander', 'legalCounsel', 'marketing'] as const },
  ].map((person) => ({ ...person, ...(person.email !== DEPUTY && { phone: `+1 555 ${person.email}` }) }));
  return declare(declaration(), company({ roster, communication }));
}

const FOLLOW_UP = '2026-11-27';
const NOTE = `## What happened: the timeline in short

Somebody from outside got in at night, and was cut off within the hour.

## What has been done

Keys were renewed.

## What comes next

You will hear more on ${FOLLOW_UP}.
`;
const NEXT_DAY = STATEMENT.replaceAll('24 November', '25 November');

const FORENSIC_TASKS = [
  'combThroughEvidence',
  'identifyWhatHappened',
  'trackAttackAddresses',
  'watchForReturn',
] as const;

/** How far it has come before what is random begins. */
const STAGES = ['declared', 'responding', 'analysed', 'known', 'opened'] as const;
type Stage = (typeof STAGES)[number];

const BEGIN = THREE_AM + MINUTE;

function broughtTo(stage: Stage, incident: Incident, isGlassBroken = false): Incident {
  const all: readonly (readonly [Stage, (now: Incident) => readonly Decision[]])[] = [
    [
      'responding',
      () => [
        { name: 'determine', by: IC, determination: 'respond', reason: 'a shell' },
        ...(isGlassBroken ? ['contact:cyberInsurance', 'contact:fbi'] : []).flatMap((request) =>
          [IC, COUNSEL].map((by) => ({ name: 'breakGlass', by, request, reason: 'lives' }) as const),
        ),
      ],
    ],
    [
      'analysed',
      () => [
        ...(['systemsSecured', 'monitoringInPlace'] as const).map((finding) => record(SECURITY, finding)),
        { name: 'completeTasks', by: FORENSICS, tasks: [...FORENSIC_TASKS] },
      ],
    ],
    [
      'known',
      () => [
        record(FORENSICS, 'attackSource', 'external'),
        ...FIVE_FACTS.map((finding) => record(FORENSICS, finding)),
        { name: 'submitNote', by: ENGINEERING, text: NOTE, followUp: FOLLOW_UP },
        { name: 'submitStatement', by: MARKETING, text: STATEMENT },
        ...NAMED,
      ],
    ],
    [
      'opened',
      ({ requests }) =>
        Object.keys(requests)
          .filter((request) => !request.startsWith('contain:'))
          .flatMap((request) =>
            [MARKETING, IC, COUNSEL].map((by) => ({ name: 'approve', by, request }) as const),
          ),
    ],
  ];
  let now = incident;
  for (const [name, decisions] of all) {
    if (STAGES.indexOf(name) > STAGES.indexOf(stage)) break;
    for (const decision of decisions(now)) now = decide(now, decision, BEGIN).incident;
  }
  return now;
}

/** What is random is said in few words: a counterexample is to be read. */
const begun: fc.Arbitrary<{ chosen: Chosen; stage: Stage; glass: boolean }> = fc.record({
  chosen: fc.record({
    expired: fc.constantFrom('', '', IC, 'claims@insurer.example', 'security@customer.example'),
    keyless: fc.constantFrom('', '', IC, 'claims@insurer.example', 'security@customer.example'),
    all: fc.constantFrom(
      ['web@example.com', ENGINEERING],
      ['web@example.com', ENGINEERING],
      ['web@example.com', 'security+web@example.com'],
      ['Forensics@example.com.', 'team@example.com'],
      ['web@example.com', 'contractor@partner.example'],
      ['web@example.com', 'claims@insurer.example'],
      ['web@example.com', 'x@examp1e.com'],
    ),
    mail: fc.constantFrom('all@example.com', 'all@example.com', 'all@partner.example'),
    timeZone: fc.constantFrom('UTC', 'Pacific/Auckland'),
    customers: fc.constantFrom(CUSTOMERS, CUSTOMERS.slice(0, 1), []),
    isConfigured: fc.constantFrom(true, true, true, true, false),
  }),
  stage: fc.constantFrom<Stage>(...STAGES),
  glass: fc.constantFrom(false, false, true),
});

// What is ordered.

const CHANNELS = ['#engineering', 'all@example.com', 'all@partner.example', 'website', 'folder', 'nowhere'];
const SMS: Readonly<Record<string, string>> = {
  joinSlack: 'Please join Slack ASAP',
  joinCall: 'Please join the call ASAP',
  checkPager: 'Please check PagerDuty ASAP',
};

/** To whom there is a way, once it is open. */
const LIKELY = [
  IC,
  SECURITY,
  'insurer',
  'Claims <CLAIMS@insurer.example.>',
  'field-office',
  'agent',
  'risk',
  'house',
  'alerts',
  'suspect',
  'mixed@example.com',
  'TEAM+now@example.com.',
];

/** By address, by the party's id, or as a whole list. */
const recipient = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...Object.keys(REACHES)) },
  { weight: 2, arbitrary: fc.constantFrom(...IDS) },
  { weight: 9, arbitrary: fc.constantFrom(...LIKELY) },
  { weight: 1, arbitrary: fc.constantFrom(...IDS).map((id) => id.toUpperCase()) },
);
const version = fc.constantFrom(1, 1, 1, 2, 2, 3, 0);
const few = fc.array(recipient, { maxLength: 2, size: 'max' });

const mail = fc
  .record({
    to: fc.array(recipient, { minLength: 1, maxLength: 2, size: 'max' }),
    cc: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: few }),
    bcc: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: few }),
    pack: fc.oneof(
      { weight: 5, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: fc.constantFrom<ContactId>(...CONTACT_IDS) },
      { weight: 1, arbitrary: fc.constantFrom<ContactId>('cyberInsurance', 'fbi') },
    ),
  })
  .map(({ pack, ...lists }): Extract<Content, { kind: 'mail' }> => ({
    kind: 'mail',
    ...lists,
    text: 'please call us',
    ...(pack !== undefined && { pack }),
  }));

const ordered: fc.Arbitrary<Content> = fc.oneof(
  { weight: 5, arbitrary: mail },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('sms' as const),
      person: fc.constantFrom(...PEOPLE, 'IC@example.com.', 'claims@insurer.example'),
      text: fc.constantFrom(
        ...Object.keys(SMS),
        'We were attacked',
        'constructor',
      ) as fc.Arbitrary<SmsTextId>,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('note' as const),
      version,
      channel: fc.constantFrom(...CHANNELS),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('customer' as const),
      party: fc.constantFrom(...CUSTOMERS.map(({ id }) => id), 'friend', 'insurer', 'nobody'),
      version,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('public' as const),
      channel: fc.constantFrom(...CHANNELS),
      version,
    }),
  },
);

// What may happen.

const voice = fc.constantFrom(...PEOPLE);
/** One of those that there are by then, by number. */
const pick = fc.nat();
const findingId = fc.constantFrom(...FINDING_IDS);

type Step =
  | { readonly kind: 'onward'; readonly pick: number }
  | { readonly kind: 'back'; readonly pick: number }
  | { readonly kind: 'decision'; readonly decision: Decision }
  | {
      readonly kind: 'request';
      readonly name: 'approve' | 'refuse' | 'breakGlass';
      readonly by: string;
      readonly pick: number;
    }
  | { readonly kind: 'deliver'; readonly isSent: boolean };

const step: fc.Arbitrary<Step & { readonly afterMs: number }> = fc
  .tuple(
    fc.oneof(
      { weight: 14, arbitrary: pick.map((one): Step => ({ kind: 'onward', pick: one })) },
      { weight: 2, arbitrary: pick.map((one): Step => ({ kind: 'back', pick: one })) },
      { weight: 3, arbitrary: fc.boolean().map((isSent): Step => ({ kind: 'deliver', isSent })) },
      {
        weight: 3,
        arbitrary: fc.record({
          kind: fc.constant('request' as const),
          name: fc.constantFrom(
            'approve' as const,
            'approve' as const,
            'refuse' as const,
            'breakGlass' as const,
          ),
          by: voice,
          pick,
        }),
      },
      {
        weight: 3,
        arbitrary: fc
          .oneof(
            fc.record({
              name: fc.constant('recordFinding' as const),
              by: voice,
              finding: findingId,
              value: fc.constantFrom('external', 'external', 'internal'),
              grounds: fc.constant('evidence item 7'),
            }),
            fc.record({
              name: fc.constant('releaseStatement' as const),
              by: voice,
              to: fc.constantFrom('customers' as const, 'public' as const),
            }),
            fc.record({
              name: fc.constant('submitNote' as const),
              by: voice,
              text: fc.constantFrom(NOTE, `${NOTE}More.\n`),
              followUp: fc.constant(FOLLOW_UP),
            }),
            fc.record({
              name: fc.constant('submitStatement' as const),
              by: voice,
              text: fc.constantFrom(STATEMENT, NEXT_DAY),
            }),
            fc.record({
              name: fc.constant('reachCustomer' as const),
              by: voice,
              party: fc.constantFrom(...CUSTOMERS.map(({ id }) => id), 'friend'),
              outcome: fc.constantFrom('reached' as const, 'notReached' as const),
              how: fc.constant('by telephone'),
            }),
            fc.constantFrom(...NAMED),
            fc.record({
              name: fc.constant('giveRole' as const),
              by: voice,
              person: fc.constant(STRANGER),
              role: fc.constant('scribe' as const),
            }),
            mail.map(({ kind: _kind, ...lists }): Decision => ({ name: 'send', by: IC, ...mutable(lists) })),
          )
          .map((decision): Step => ({ kind: 'decision', decision })),
      },
    ),
    fc.oneof(
      { weight: 12, arbitrary: fc.constant(MINUTE) },
      { weight: 1, arbitrary: fc.constantFrom(2 * HOUR, 12 * HOUR) },
    ),
  )
  .map(([one, afterMs]) => ({ afterMs, ...one }));

function mutable({ to, cc, bcc, ...rest }: Omit<Extract<Content, { kind: 'mail' }>, 'kind'>) {
  return { ...rest, to: [...to], cc: [...cc], bcc: [...bcc] };
}

/** What brings the incident on, by whoever does it. */
function onward(incident: Incident, at: number): Decision[] {
  if (incident.phase.name === 'assessing')
    return [{ name: 'determine', by: IC, determination: 'respond', reason: 'a shell' }];
  const open = TASK_IDS.filter(
    (id) =>
      !isSettled(incident.tasks[id]) &&
      taskOf(id).by.kind !== 'lint' &&
      taskOf(id).step !== 'externalCommunication' &&
      blockersOfTask(id, incident).length === 0,
  );
  const missing = FINDING_IDS.filter((id) => incident.findings[id] === undefined);
  const known = [...(incident.company.communication?.customers ?? []), ...Object.values(incident.parties)];
  const title = dayOf(incident, at) === '2026-11-24' ? STATEMENT : NEXT_DAY;
  return [
    ...times(open.length > 0 ? 3 : 0, { name: 'completeTasks', by: IC, tasks: open }),
    ...missing.map((finding): Decision => ({
      name: 'recordFinding',
      by: findingOf(finding).recordedBy.includes('forensicsLead') ? FORENSICS : SECURITY,
      finding,
      grounds: 'evidence item 7',
      ...(finding === 'attackSource' && { value: 'external' }),
    })),
    ...Object.entries(incident.requests)
      .filter(([, { state }]) => state === 'open')
      .flatMap(([request]) =>
        [IC, COUNSEL, MARKETING].map((by) => ({ name: 'approve', by, request }) as const),
      ),
    ...times(incident.note ? 0 : 3, { name: 'submitNote', by: ENGINEERING, text: NOTE, followUp: FOLLOW_UP }),
    ...times(incident.statement?.text === title ? 0 : 3, {
      name: 'submitStatement',
      by: MARKETING,
      text: title,
    }),
    ...times(incident.statement ? 2 : 0, { name: 'releaseStatement', by: MARKETING, to: 'customers' }),
    ...times(incident.statement ? 2 : 0, { name: 'releaseStatement', by: MARKETING, to: 'public' }),
    ...known.flatMap(({ id, kind }): Decision[] =>
      kind === 'customer' && !incident.reached[id]
        ? [{ name: 'reachCustomer', by: MARKETING, party: id, outcome: 'notReached', how: 'nobody answers' }]
        : [],
    ),
    { name: 'send', by: IC, to: ['insurer', IC], text: 'please call us' },
    ...Object.entries(incident.glass)
      .filter(([, { length }]) => length === 1)
      .flatMap(([request]) =>
        [IC, COUNSEL].map((by) => ({ name: 'breakGlass', by, request, reason: 'lives' }) as const),
      ),
    ...Object.keys(incident.excluded).map((person): Decision => ({
      name: 'readmit',
      by: IC,
      person,
      reason: 'it was not them',
    })),
  ];
}

/** What closes ways again, and what somebody in a hurry would try. */
function back(incident: Incident): Decision[] {
  return [
    ...FINDING_IDS.filter((id) => incident.findings[id]).map((finding): Decision => ({
      name: 'withdrawFinding',
      by: SECURITY,
      finding,
      reason: 'a back door',
    })),
    ...times(3, ONE_CUSTOMER_MORE),
    ...['contact:fbi', 'contact:cyberInsurance', 'contact:fbi/agent'].flatMap((request) =>
      [IC, COUNSEL, BOTH].map((by) => ({ name: 'breakGlass', by, request, reason: 'lives' }) as const),
    ),
    ...[SECURITY, FORENSICS, 'FORENSICS@example.com', IC].map((person): Decision => ({
      name: 'exclude',
      by: COUNSEL,
      person,
      reason: 'it was their key',
    })),
    ...TASK_IDS.filter((id) => taskOf(id).step === 'externalCommunication').flatMap((id): Decision[] => [
      { name: 'completeTasks', by: MARKETING, tasks: [id] },
      { name: 'markNotNeeded', by: MARKETING, tasks: [id], reason: 'no time' },
    ]),
  ];
}

function times(count: number, decision: Decision): Decision[] {
  return Array.from({ length: count }, () => decision);
}

// The rules, told a second time: by what the incident knows, and with none of what decides it.

const canonical = (typed: string) =>
  (/<([^<>]*)>$/.exec(typed)?.[1] ?? typed).toLowerCase().replace(/\.$/, '');
const isOurs = (box: string) => /^[^@]+@example\.com$/.test(box);
const withoutPlus = (box: string) => box.replace(/\+[^@]*/, '');
const isOut = (box: string, { excluded }: Incident) =>
  Object.keys(excluded).some((one) => withoutPlus(canonical(one)) === withoutPlus(box));
const isOnTheTeam = (box: string, { company: { roster }, roleChanges }: Incident) => {
  const changed = Object.entries(roleChanges).find(([email]) => canonical(email) === box)?.[1];
  return changed !== undefined || roster.some(({ email }) => canonical(email) === box);
};

/** Both on record as people of different roles: as many voices as roles, each another person's. */
function haveSpoken(roles: readonly Role[], voices: readonly (Approval | Voice)[]): boolean {
  const [role, ...others] = roles;
  return (
    role === undefined ||
    voices.some(
      (one) =>
        one.roles.includes(role) &&
        haveSpoken(
          others,
          voices.filter(({ by }) => by !== one.by),
        ),
    )
  );
}

function forensicsWerePerformed({ tasks, findings }: Incident): boolean {
  return (
    FORENSIC_TASKS.every((id) => {
      const task = tasks[id];
      return (task.state === 'done' && task.inDoubt === undefined) || task.state === 'notNeeded';
    }) &&
    findings.systemsSecured !== undefined &&
    findings.monitoringInPlace !== undefined
  );
}

function mayBeSpokenTo({ id, kind }: Party, incident: Incident): boolean {
  if (kind === 'customer') return false;
  const name = Object.hasOwn(incident.parties, id) ? `contact:${kind}/${id}` : `contact:${kind}`;
  const request = incident.requests[name];
  if (request?.state !== 'approved') return false;
  if (request.glassBroken)
    return haveSpoken(['incidentCommander', 'legalCounsel'], incident.glass[name] ?? []);
  return haveSpoken(['incidentCommander'], request.approvals) && forensicsWerePerformed(incident);
}

function everybodyOutside({ company: { communication }, parties }: Incident): Party[] {
  return [...(communication?.contacts ?? []), ...(communication?.customers ?? []), ...Object.values(parties)];
}

const findById = (name: string, incident: Incident) =>
  everybodyOutside(incident).find(({ id }) => id === name.toLowerCase());

function digitsOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** Exactly this text has been approved, by these. */
function isApproved(
  kind: 'note' | 'statement',
  text: string,
  roles: readonly Role[],
  incident: Incident,
): boolean {
  const digits = digitsOf(text);
  return Object.entries(incident.requests).some(
    ([id, { state, approvals }]) =>
      id.startsWith(`${kind}@`) &&
      id.endsWith(`-${digits}`) &&
      state === 'approved' &&
      haveSpoken(roles, approvals),
  );
}

function dayOf({ company: { communication } }: Incident, at: number): string {
  return new Date(at).toLocaleDateString('en-CA', { timeZone: communication?.timeZone ?? 'UTC' });
}

/** Whom the order names, as mailboxes. */
function boxesOf(name: string, incident: Incident): readonly string[] | 'unreadable' {
  const party = findById(name, incident);
  if (party) return party.email === undefined ? 'unreadable' : [canonical(party.email)];
  return REACHES[name] ?? 'unreadable';
}

/** What is forbidden about the message that came of the order, in words. */
function forbiddenIn(message: Message, content: Content, incident: Incident, at: number): string[] {
  const wrong: string[] = [];
  const forbid = (isSo: boolean, what: string) => {
    if (isSo) wrong.push(what);
  };
  const recipients = message.way === 'mail' ? [...message.to, ...message.cc, ...message.bcc] : [];
  const boxes = recipients.map(({ address }) => canonical(address));
  if (message.way === 'mail') {
    forbid(message.subject !== 'Attorney Work Project', 'the subject is another');
    forbid(recipients.length === 0, 'it goes to nobody');
    forbid(new Set(boxes).size !== boxes.length, 'somebody gets it twice');
    forbid(
      boxes.some((box) => isOut(box, incident)),
      'it goes to somebody who is excluded',
    );
    forbid(message.encrypt !== boxes.some((box) => !isOurs(box)), 'it is in the clear for somebody outside');
    for (const one of message.encrypt ? recipients : [])
      forbid(!hasKey(one, incident, at), `${one.address} has no key`);
  }
  switch (content.kind) {
    case 'mail':
      forbidInMail(message, content, incident, boxes, forbid);
      break;
    case 'sms':
      forbid(message.way !== 'sms' || SMS[message.text] === undefined, 'it is a text of its own');
      forbid(!isOnTheTeam(canonical(content.person), incident), 'it goes to nobody of the team');
      forbid(isOut(canonical(content.person), incident), 'it goes to somebody who is excluded');
      forbid(
        message.way === 'sms' && message.to !== `+1 555 ${canonical(content.person)}`,
        'it is for another',
      );
      break;
    case 'note':
      forbidInNote(message, content, incident, forbid);
      break;
    case 'customer':
    case 'public':
      forbidInStatement(message, content, incident, at, forbid);
      break;
  }
  return wrong;
}

type Forbid = (isSo: boolean, what: string) => void;

function hasKey(
  { address, key }: MailTo,
  { company: { communication }, parties }: Incident,
  at: number,
): boolean {
  if (key !== undefined)
    return Object.values(parties).some(
      (one) => one.key === key && canonical(one.email ?? '') === canonical(address),
    );
  const onFile = communication?.keys[canonical(address)];
  return onFile !== undefined && (onFile.notAfter ?? Infinity) > at;
}

function forbidInMail(
  message: Message,
  { to, cc, bcc, text, pack }: Extract<Content, { kind: 'mail' }>,
  incident: Incident,
  boxes: readonly string[],
  forbid: Forbid,
): void {
  const names = [...to, ...cc, ...bcc];
  const reached = names.map((name) => boxesOf(name, incident));
  forbid(reached.includes('unreadable'), 'it goes out although nobody can tell to whom');
  const wanted = new Set(reached.flatMap((one) => (one === 'unreadable' ? [] : one)));
  forbid([...wanted].sort().join() !== [...boxes].sort().join(), 'it goes to others than it names');
  forbid(message.way !== 'mail' || message.markdown !== text, 'it says something else');
  const outside = everybodyOutside(incident);
  for (const name of names) {
    const party = findById(name, incident);
    forbid(party !== undefined && !mayBeSpokenTo(party, incident), `${name} may not be spoken to`);
  }
  for (const box of boxes)
    forbid(
      !isOnTheTeam(box, incident) &&
        !outside.some(({ email, ...one }) => canonical(email ?? '') === box && mayBeSpokenTo(one, incident)),
      `${box} may not be spoken to`,
    );
  // Whoever is of the team may read every pack.
  const parties = outside.filter(({ email }) => {
    const box = canonical(email ?? '');
    return boxes.includes(box) && !isOnTheTeam(box, incident);
  });
  const hasPack = message.way === 'mail' && message.pack !== undefined;
  forbid(hasPack !== (pack !== undefined), 'it has another attachment than was ordered');
  forbid(
    hasPack &&
      parties.some(
        ({ email }) =>
          !parties.some((one) => one.kind === pack && canonical(one.email ?? '') === canonical(email ?? '')),
      ),
    'it has the pack of another',
  );
}

function forbidInNote(
  message: Message,
  { version }: Extract<Content, { kind: 'note' }>,
  incident: Incident,
  forbid: Forbid,
): void {
  forbid(message.way !== 'mail' && message.way !== 'slack', 'a note goes another way');
  const text = 'markdown' in message ? message.markdown : '';
  forbid(version !== incident.note?.version, 'it is an old version');
  forbid(incident.phase.name === 'assessing', 'a note goes out before the determination');
  forbid(!forensicsWerePerformed(incident), 'a note goes out before forensics');
  forbid(
    incident.findings.attackSource?.value !== 'external',
    'a note goes out, and the attacker may be inside',
  );
  forbid(!isApproved('note', text, ['incidentCommander'], incident), 'nobody approved the text of the note');
  if (message.way !== 'mail') return;
  const members = message.to.flatMap(({ address }) =>
    address === 'all@example.com'
      ? (incident.company.communication?.groups[address] ?? []).flatMap(
          (one) => REACHES[one] ?? [canonical(one)],
        )
      : [canonical(address)],
  );
  forbid(members.length === 0, 'a note goes to nobody');
  forbid(
    members.some((box) => !isOurs(box)),
    'a note goes outside',
  );
  forbid(
    members.some((box) => isOut(box, incident)),
    'a note goes to somebody who is excluded',
  );
}

function forbidInStatement(
  message: Message,
  content: Extract<Content, { kind: 'customer' | 'public' }>,
  incident: Incident,
  at: number,
  forbid: Forbid,
): void {
  const text = 'markdown' in message ? message.markdown : '';
  forbid(incident.phase.name === 'assessing', 'a statement goes out before the determination');
  forbid(
    FIVE_FACTS.some((fact) => incident.findings[fact] === undefined),
    'one of the five facts is missing',
  );
  forbid(
    !isApproved('statement', text, ['marketing', 'incidentCommander', 'legalCounsel'], incident),
    'not all three approved that very text',
  );
  forbid(content.version !== incident.statement?.version, 'it is an old version');
  if (content.kind === 'customer') {
    forbid(message.way !== 'mail', 'a customer is told another way');
    const party = findById(content.party, incident);
    forbid(party?.kind !== 'customer', 'it goes to somebody else than a customer');
    const to = message.way === 'mail' ? message.to.map(({ address }) => canonical(address)) : [];
    forbid(to.join() !== canonical(party?.email ?? ''), 'it goes to others than the customer');
    return;
  }
  forbid(message.way !== 'publish', 'the public is told another way');
  const task = incident.tasks.tellCustomersSecurityTeams;
  const customers = everybodyOutside(incident).filter(({ kind }) => kind === 'customer');
  forbid(
    task.state !== 'notNeeded' &&
      (task.state !== 'done' ||
        task.inDoubt !== undefined ||
        customers.some(({ id }) => !incident.reached[id])),
    'the public hears of it before the customers',
  );
  const day = Number(dayOf(incident, at).slice(-2));
  forbid(
    !text.startsWith('# ') || !(text.split('\n')[0] ?? '').includes(`${day} November 2026`),
    'the title names another day',
  );
  forbid(message.way === 'publish' && !text.startsWith(`# ${message.title}\n`), 'its title is another');
}

// The walk.

/** What has got through, so that it is known that something has. */
const WAYS = [
  'mail to the team',
  'mail outside',
  'mail outside, glass broken',
  'mail to somebody named later',
  'mail by a group',
  'mail with a pack',
  'copies',
  'note to Slack',
  'note by mail',
  'statement to a customer',
  'statement to the public',
  'sms',
  'sent by the outbox',
  'stopped by the outbox',
] as const;
type Way = (typeof WAYS)[number];

function waysOf(message: Message, content: Content, incident: Incident): Way[] {
  if (content.kind === 'sms') return ['sms'];
  if (content.kind === 'note') return [message.way === 'mail' ? 'note by mail' : 'note to Slack'];
  if (content.kind === 'customer') return ['statement to a customer'];
  if (content.kind === 'public') return ['statement to the public'];
  const names = [...content.to, ...content.cc, ...content.bcc];
  const isEncrypted = message.way === 'mail' && message.encrypt;
  const found: Partial<Record<Way, boolean>> = {
    'mail to the team': !isEncrypted,
    'mail outside': isEncrypted,
    'mail outside, glass broken': isEncrypted && !forensicsWerePerformed(incident),
    'mail to somebody named later': names.some((name) => Object.hasOwn(incident.parties, name)),
    'mail by a group': names.includes('mixed@example.com') || names.includes('team@example.com'),
    'mail with a pack': content.pack !== undefined,
    copies: message.way === 'mail' && message.cc.length + message.bcc.length > 0,
  };
  return WAYS.filter((way) => found[way]);
}

/** Holds everything that would pass just now, and says by which ways something did. */
function hold(contents: readonly Content[], incident: Incident, at: number): Way[] {
  return contents.flatMap((content) => {
    const passed = pass(content, incident, at);
    if (!passed.ok) {
      if (passed.blockers.length === 0)
        throw new Error(`${JSON.stringify(content)} is refused without a reason`);
      return [];
    }
    const wrong = forbiddenIn(passed.message, content, incident, at);
    if (wrong.length > 0)
      throw new Error(
        `${JSON.stringify(content)} became ${JSON.stringify(passed.message)}: ${wrong.join('; ')}`,
      );
    return waysOf(passed.message, content, incident);
  });
}

function holdOthers(incident: Incident): void {
  for (const email of [...PEOPLE, 'claims@insurer.example', 'ic+private@example.com']) {
    const mayHear = isOnTheTeam(email, incident) && !isOut(email, incident);
    if (passToResponder('a word', email, incident).ok !== mayHear)
      throw new Error(`${email} is answered wrongly`);
  }
  for (const named of [...IDS, ...CONTACT_IDS, 'nobody']) {
    const answer = packOf(named, incident);
    if (answer === null || 'blockers' in answer) continue;
    const mayHear = everybodyOutside(incident).some(
      (party) => (party.id === named || party.kind === named) && mayBeSpokenTo(party, incident),
    );
    const kind = incident.requests[`contact:${named}`];
    if (!mayHear && (kind?.state !== 'approved' || !(kind.glassBroken || forensicsWerePerformed(incident))))
      throw new Error(`the pack of ${named} is given away`);
  }
}

const dispatches = ({ outbox }: Incident): Dispatch[] => Object.values(outbox);

/** As the workflow does it: each message passes anew at the moment of sending. */
function deliver(begin: Incident, isSent: boolean, at: number, ways: Way[]): Incident {
  return dispatches(begin)
    .filter(
      ({ state, nextTryAt = Infinity }) => state === 'waiting' || (state === 'failed' && nextTryAt <= at),
    )
    .reduce((incident, { id, content }) => {
      const passed = pass(content, incident, at);
      if (!passed.ok)
        return report(incident, { name: 'dispatchFailed', id, cause: 'closed', isFinal: true }, at);
      ways.push(...hold([content], incident, at), 'sent by the outbox');
      const started = report(incident, { name: 'dispatchStarted', id }, at);
      return report(
        started,
        isSent
          ? { name: 'dispatchSent', id }
          : { name: 'dispatchFailed', id, cause: '421 try again', isFinal: false },
        at,
      );
    }, begin);
}

function take(incident: Incident, one: Step, at: number, ways: Way[]): Incident {
  const by = (decision: Decision) => decide(incident, decision, at).incident;
  switch (one.kind) {
    case 'deliver':
      return deliver(incident, one.isSent, at, ways);
    case 'decision':
      return by(one.decision);
    case 'request': {
      const ids = Object.keys(incident.requests);
      const request = ids[one.pick % ids.length] ?? '';
      return by({ name: one.name, by: one.by, request, reason: 'because' });
    }
    case 'onward':
    case 'back': {
      const all = one.kind === 'onward' ? onward(incident, at) : back(incident);
      return by(all[one.pick % all.length]!);
    }
  }
}

/** What was ordered passed at that moment, and what has closed since then has stopped it. But for the time: that is asked when it is sent. */
function holdWaiting(id: string, content: Content, incident: Incident, at: number, isOld: boolean): void {
  const passed = pass(content, incident, at);
  const closed = passed.ok ? [] : passed.blockers.map(({ gate }) => gate);
  const others = closed.filter((gate) => !isOld || !OF_TIME.includes(gate));
  if (others.length > 0) throw new Error(`${id} waits, and may not go out: ${others.join('; ')}`);
  hold([content], incident, at);
}

const OF_TIME = ['titleNamesTheDayOfRelease', 'everyRecipientHasAKey'];

function walk(
  begin: Incident,
  steps: readonly (Step & { afterMs: number })[],
  contents: readonly Content[],
): Set<Way> {
  let incident = begin;
  let at = BEGIN;
  const ways = hold(contents, incident, at);
  for (const one of steps) {
    at += one.afterMs;
    const before = incident;
    incident = take(incident, one, at, ways);
    ways.push(...hold(contents, incident, at));
    if (incident.requests !== before.requests || incident.excluded !== before.excluded) holdOthers(incident);
    for (const { id, content, state } of dispatches(incident)) {
      const was = before.outbox[id]?.state;
      if (state === 'waiting') holdWaiting(id, content, incident, at, was === state);
      if (state === 'stopped' && was !== 'stopped') ways.push('stopped by the outbox');
    }
  }
  return new Set(ways);
}

describe('whatever is ordered, and whatever was decided before', () => {
  const steps = fc.array(step, { minLength: 10, maxLength: 40, size: 'max' });
  const contents = fc.array(ordered, { minLength: 12, maxLength: 20, size: 'max' });

  test('nothing passes that the rules forbid', () => {
    const reached = Object.fromEntries(WAYS.map((way) => [way, 0])) as Record<Way, number>;
    fc.assert(
      fc.property(begun, steps, contents, ({ chosen, stage, glass }, taken, all) => {
        for (const way of walk(broughtTo(stage, incidentOf(chosen), glass), taken, all)) reached[way] += 1;
      }),
      { numRuns: isThorough ? 250 : 25 },
    );
    // It means something only where each way was open at times.
    if (isThorough) expect(Object.entries(reached).filter(([, often]) => often === 0)).toEqual([]);
  });
});

describe('where every way is open', () => {
  const everyWayOpen = (chosen: Partial<Chosen> = {}) => {
    const before = broughtTo('opened', incidentOf({ ...SENSIBLE, customers: CUSTOMERS, ...chosen }));
    const outcome = { outcome: 'notReached', how: 'nobody answers' } as const;
    return after(
      before,
      ...['customer-one', 'customer-two', 'subsidiary', 'odd', 'friend'].map((party): Decision => ({
        name: 'reachCustomer',
        by: MARKETING,
        party,
        ...outcome,
      })),
    );
  };
  const opened = everyWayOpen();
  const to = (...names: string[]): Content => ({
    kind: 'mail',
    to: names,
    cc: [],
    bcc: [],
    text: 'please call us',
  });
  const passing = (content: Content, incident: Incident = opened): Message => {
    const passed = pass(content, incident, BEGIN);
    if (!passed.ok) throw new Error(passed.blockers.map(({ reason }) => reason).join('; '));
    return passed.message;
  };
  const forbidden = (message: Message, content: Content, incident: Incident = opened) =>
    forbiddenIn(message, content, incident, BEGIN).join('; ');

  const IN_THE_CLEAR: readonly Content[] = [
    to(IC),
    to('The commander <ic@example.com>', 'TEAM+now@example.com.'),
    to('risk'),
    to('house'),
    to('alerts'),
    to('suspect'),
    to(STRANGER),
    { kind: 'customer', party: 'subsidiary', version: 1 },
    { kind: 'customer', party: 'odd', version: 1 },
  ];
  const ENCRYPTED: readonly Content[] = [
    to('insurer'),
    to('INSURER', IC),
    to('Claims <CLAIMS@insurer.example.>'),
    to('field-office', 'operator'),
    to('agent'),
    to('second-insurer'),
    to('mixed@example.com'),
    { kind: 'mail', to: [IC], cc: [SECURITY], bcc: ['insurer'], text: 'please call us' },
    { kind: 'mail', to: ['insurer', IC], cc: [], bcc: [], text: 'please call us', pack: 'cyberInsurance' },
    { kind: 'customer', party: 'customer-one', version: 1 },
    { kind: 'customer', party: 'friend', version: 1 },
  ];
  const OTHERWISE: readonly Content[] = [
    { kind: 'note', version: 1, channel: '#engineering' },
    { kind: 'note', version: 1, channel: 'all@example.com' },
    { kind: 'public', version: 1, channel: 'website' },
    { kind: 'public', version: 1, channel: 'folder' },
    { kind: 'sms', person: SECURITY, text: 'joinSlack' },
    { kind: 'sms', person: 'IC@example.com.', text: 'checkPager' },
  ];
  const named = (contents: readonly Content[]) => contents.map((one) => [JSON.stringify(one), one] as const);

  test('and then closes again by decisions in any order, nothing passes that the rules forbid', () => {
    const closing = fc.oneof(
      { weight: 3, arbitrary: pick.map((one): Step => ({ kind: 'back', pick: one })) },
      { weight: 1, arbitrary: step },
    );
    const closings = fc.array(
      fc
        .tuple(closing, fc.constantFrom(MINUTE, MINUTE, MINUTE, 12 * HOUR))
        .map(([one, afterMs]) => ({ ...one, afterMs })),
      { minLength: 1, maxLength: 8, size: 'max' },
    );
    fc.assert(
      fc.property(closings, (taken) => {
        walk(opened, taken, [...IN_THE_CLEAR, ...ENCRYPTED, ...OTHERWISE]);
      }),
      { numRuns: isThorough ? 500 : 60 },
    );
  });

  test.each(named([...IN_THE_CLEAR, ...ENCRYPTED, ...OTHERWISE]))('%s passes', (_, content) => {
    const incident = isTo(STRANGER, content) ? after(opened, giveRole(STRANGER)) : opened;
    const message = passing(content, incident);
    expect(forbidden(message, content, incident)).toBe('');
    expect(message.way === 'mail' && message.encrypt).toBe(ENCRYPTED.includes(content));
  });

  test.each<[string, Content, Decision[], string]>([
    [
      'the approval of the kind',
      to('insurer'),
      [refuse(IC, 'contact:cyberInsurance')],
      'may not be spoken to',
    ],
    ['the approval of the party', to('agent'), [refuse(IC, 'contact:fbi/agent')], 'may not be spoken to'],
    ['forensics', to('insurer'), [withdraw(SECURITY, 'systemsSecured')], 'may not be spoken to'],
    ['that nobody of them is a suspect', to(SECURITY), [exclude(COUNSEL, SECURITY)], 'excluded'],
    ['the same of a party', to('house'), [exclude(COUNSEL, SECURITY)], 'excluded'],
    ['the same behind a plus-part', to('alerts'), [exclude(COUNSEL, SECURITY)], 'excluded'],
    ['the same of a party named later', to('suspect'), [exclude(COUNSEL, FORENSICS)], 'excluded'],
    ['the same in a group', to('mixed@example.com'), [exclude(COUNSEL, SECURITY)], 'excluded'],
    [
      'that the attacker is outside',
      { kind: 'note', version: 1, channel: '#engineering' },
      [withdraw(FORENSICS, 'attackSource')],
      'may be inside',
    ],
    [
      'the approval of the note',
      { kind: 'note', version: 1, channel: 'all@example.com' },
      [refuse(IC, 'note')],
      'approved the text',
    ],
    [
      'that no suspect reads the note',
      { kind: 'note', version: 1, channel: 'all@example.com' },
      [exclude(COUNSEL, ENGINEERING)],
      'excluded',
    ],
    ...FIVE_FACTS.flatMap((fact): [string, Content, Decision[], string][] => [
      [
        `${fact}, for customers`,
        { kind: 'customer', party: 'customer-one', version: 1 },
        [withdraw(IC, fact)],
        'five facts',
      ],
      [
        `${fact}, for the public`,
        { kind: 'public', version: 1, channel: 'website' },
        [withdraw(IC, fact)],
        'five facts',
      ],
    ]),
    [
      'one of three approvals',
      { kind: 'customer', party: 'customer-one', version: 1 },
      [refuse(COUNSEL, 'statement')],
      'not all three',
    ],
    [
      'the approval of that version',
      { kind: 'public', version: 1, channel: 'website' },
      [{ name: 'submitStatement', by: MARKETING, text: NEXT_DAY }],
      'old version',
    ],
    [
      'that it is the version that was ordered',
      { kind: 'customer', party: 'customer-one', version: 1 },
      [
        submit(MARKETING, NEXT_DAY),
        ...[MARKETING, IC, COUNSEL].map((by) => approve(by, `statement@2-${digitsOf(NEXT_DAY)}`)),
      ],
      'old version',
    ],
    [
      'the same of a note',
      { kind: 'note', version: 1, channel: '#engineering' },
      [
        { name: 'submitNote', by: ENGINEERING, text: `${NOTE}More.\n`, followUp: FOLLOW_UP },
        approve(IC, `note@2-${digitsOf(`${NOTE}More.\n`)}`),
      ],
      'old version',
    ],
    [
      'that customers hear of it first',
      { kind: 'public', version: 1, channel: 'website' },
      [ONE_CUSTOMER_MORE],
      'before the customers',
    ],
    [
      'that the customer is no suspect',
      { kind: 'customer', party: 'odd', version: 1 },
      [exclude(COUNSEL, FORENSICS)],
      'excluded',
    ],
    [
      'that the person is of the team',
      { kind: 'sms', person: SECURITY, text: 'joinSlack' },
      [exclude(COUNSEL, SECURITY)],
      'excluded',
    ],
  ])('without %s the same does not pass, and these rules know it', (_, content, decisions, part) => {
    const message = passing(content);
    const closed = after(opened, ...decisions.map((one) => withItsRequest(one)));
    expect(pass(content, closed, BEGIN).ok).toBe(false);
    expect(forbidden(message, content, closed)).toContain(part);
  });

  test.each<[string, Content, number, Partial<Chosen>, string]>([
    [
      'the day of the title',
      { kind: 'public', version: 1, channel: 'website' },
      24 * HOUR,
      {},
      'another day',
    ],
    ['the last day of a key', to('insurer'), 6 * HOUR, { expired: 'claims@insurer.example' }, 'no key'],
    ['the last day of the key of one of them', to('insurer', IC), 6 * HOUR, { expired: IC }, 'no key'],
  ])('after %s the same does not pass, and these rules know it', (_, content, laterMs, chosen, part) => {
    const incident = everyWayOpen(chosen);
    const message = passing(content, incident);
    expect(pass(content, incident, BEGIN + laterMs).ok).toBe(false);
    expect(forbiddenIn(message, content, incident, BEGIN + laterMs).join()).toContain(part);
  });

  test.each<[string, Content, Partial<Chosen>]>([
    ['one of them has no key', to('insurer', IC), { keyless: IC }],
    ['the one outside has no key', to('insurer'), { keyless: 'claims@insurer.example' }],
    [
      'a customer has no key',
      { kind: 'customer', party: 'customer-one', version: 1 },
      { keyless: 'security@customer.example' },
    ],
    [
      'the company has somebody outside in it',
      { kind: 'note', version: 1, channel: 'all@example.com' },
      { all: ['contractor@partner.example', IC] },
    ],
    [
      'its channel is outside',
      { kind: 'note', version: 1, channel: 'all@partner.example' },
      { mail: 'all@partner.example' },
    ],
    ['no server is configured', to(IC), { isConfigured: false }],
  ])('where %s, that alone does not pass', (_, content, chosen) => {
    expect(pass(content, everyWayOpen(chosen), BEGIN).ok).toBe(false);
    expect(pass(to(IC), everyWayOpen(chosen), BEGIN).ok).toBe(chosen.isConfigured !== false);
  });

  test.each<[string, Content, (message: Extract<Message, { way: 'mail' }>) => object, string]>([
    ['in the clear', to('insurer'), () => ({ encrypt: false }), 'in the clear'],
    ['with a subject of its own', to(IC), () => ({ subject: 'Attorney Work Project: payments' }), 'subject'],
    ['with somebody more', to(IC), ({ to: old }) => ({ to: [...old, { address: SECURITY }] }), 'to others'],
    ['with a blind copy', to(IC), () => ({ bcc: [{ address: 'x@evil.example' }] }), 'in the clear'],
    [
      'with a blind copy, encrypted',
      to('insurer'),
      () => ({ bcc: [{ address: 'x@evil.example' }] }),
      'may not be spoken to',
    ],
    ['twice', to(IC), ({ to: old }) => ({ cc: old }), 'twice'],
    ['to nobody', to(IC), () => ({ to: [] }), 'nobody'],
    ['with other words', to('insurer'), () => ({ markdown: 'we were attacked' }), 'something else'],
    ['with a pack', to('insurer'), () => ({ pack: 'everything' }), 'attachment'],
    ['without its key', to('agent'), ({ to: [one] }) => ({ to: [{ address: one?.address }] }), 'no key'],
    [
      'with words that nobody approved',
      { kind: 'customer', party: 'customer-one', version: 1 },
      ({ markdown }) => ({ markdown: `${markdown} ` }),
      'not all three',
    ],
    [
      'to another customer',
      { kind: 'customer', party: 'customer-one', version: 1 },
      () => ({ to: [{ address: 'security@second.example' }] }),
      'others than the customer',
    ],
    [
      'as a note that nobody approved',
      { kind: 'note', version: 1, channel: 'all@example.com' },
      () => ({ markdown: `${NOTE}.` }),
      'approved the text',
    ],
    [
      'as a note to somebody outside',
      { kind: 'note', version: 1, channel: 'all@example.com' },
      () => ({ to: [{ address: 'claims@insurer.example' }] }),
      'outside',
    ],
  ])('a message that left %s would be found', (_, content, change, part) => {
    const message = passing(content);
    const changed = { ...message, ...change(message as Extract<Message, { way: 'mail' }>) };
    expect(forbidden(changed, content)).toContain(part);
  });

  test("texts and titles of one's own would be found", () => {
    const sms: Content = { kind: 'sms', person: SECURITY, text: 'joinSlack' };
    const changed = { ...passing(sms), text: 'We were attacked' } as unknown as Message;
    expect(forbidden(changed, sms)).toContain('a text of its own');
    const statement: Content = { kind: 'public', version: 1, channel: 'website' };
    expect(forbidden({ ...passing(statement), title: 'All is well' } as Message, statement)).toContain(
      'title',
    );
    expect(forbiddenIn(passing(statement), statement, opened, BEGIN + 24 * HOUR).join()).toContain(
      'another day',
    );
  });

  /** A request by its kind alone, as the incident names it. */
  function withItsRequest(one: Decision): Decision {
    if (one.name !== 'refuse' || one.request.startsWith('contact:')) return one;
    const request = Object.keys(opened.requests).find((id) => id.startsWith(`${one.request}@`)) ?? '';
    return { ...one, request };
  }
});

function isTo(person: string, content: Content): boolean {
  return content.kind === 'mail' && content.to.includes(person);
}

function giveRole(person: string): Decision {
  return { name: 'giveRole', by: IC, person, role: 'scribe' };
}
