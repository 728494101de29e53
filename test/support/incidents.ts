/** Incidents for tests: a roster with every role, a company, and an incident in each state that matters. */
import { FORENSIC_TASKS } from '../../domain/gates';
import { clockNamed, type Clocks } from '../../domain/clocks';
import type { Communication, MailKey } from '../../domain/communication';
import type { Company } from '../../domain/company';
import { CHAINS, type SubStep, type SubStepState, type TargetKind } from '../../domain/containment';
import { decide, declare, report, type Decided } from '../../domain/decide';
import type { Decision, Door } from '../../domain/decisions';
import { EFFECT_IDS, type EffectId } from '../../domain/effects';
import type { Entry } from '../../domain/entries';
import { CANNOT_BE_UNDONE } from '../../domain/evidence/store';
import type { FindingId } from '../../domain/findings';
import { isSettled, blockersOfTask } from '../../domain/blockers';
import { TASK_IDS, taskOf, tasksOfStep, type TaskId } from '../../domain/checklist';
import type { Declaration, Incident } from '../../domain/incident';
import { findDispatch, type Dispatch } from '../../domain/outbox';
import type { Report } from '../../domain/reports';
import { requestIdOf, requestOfStatement } from '../../domain/requests';
import type { Responder } from '../../domain/roles';
import { textHash } from '../../domain/statement/hash';
import { EMPTY_SCOPE } from '../../domain/scope';
import type { StepId } from '../../domain/steps';
import { keyOf } from './keys';

/** 24 November 2026, 03:00 UTC. */
export const THREE_AM = Date.UTC(2026, 10, 24, 3, 0, 0);

export const INSTANCE = 'i-0abc1234def567890';
export const OTHER_INSTANCE = 'i-0fed9876cba543210';
export const SERVICE = 'payments';

/** People are known by the address of their role. */
export const IC = 'ic@example.com';
export const DEPUTY = 'deputy@example.com';
export const SCRIBE = 'scribe@example.com';
export const SECURITY = 'security@example.com';
export const FORENSICS = 'forensics@example.com';
export const PAYMENTS = 'payments@example.com';
export const ENGINEERING = 'engineering@example.com';
export const EXECUTIVE = 'executive@example.com';
export const COUNSEL = 'counsel@example.com';
export const MARKETING = 'marketing@example.com';
/** Somebody of whom the roster knows nothing. */
export const STRANGER = 'stranger@example.com';

const PEOPLE: readonly Responder[] = [
  { email: IC, roles: ['incidentCommander'] },
  { email: DEPUTY, roles: ['deputy'] },
  { email: SCRIBE, roles: ['scribe'] },
  { email: 'internal-liaison@example.com', roles: ['internalLiaison'] },
  { email: 'external-liaison@example.com', roles: ['externalLiaison'] },
  { email: SECURITY, roles: ['securityTeam'] },
  { email: FORENSICS, roles: ['forensicsLead'] },
  { email: PAYMENTS, roles: ['serviceRepresentative'], services: [SERVICE] },
  { email: ENGINEERING, roles: ['engineeringLeader'] },
  { email: EXECUTIVE, roles: ['executive'] },
  { email: COUNSEL, roles: ['legalCounsel'] },
  { email: MARKETING, roles: ['marketing'] },
];

/** Everybody has a key, as `keys.ts` makes it. */
export const ROSTER: readonly Responder[] = PEOPLE.map((person) => ({
  ...person,
  keys: [keyOf(person.email).publicKey],
}));

/** Cold storage, for the companies that have one. */
export const COLD_STORAGE = { withinMs: 3_600_000 } as const;

/** The checklist's own clock, for the companies that have any. */
export const CLOCKS: Clocks = { use: [clockNamed('statement')], warnMs: [3_600_000], holidays: [] };

/** Outside, by what people call them in commands: of the register. */
export const INSURER = 'insurer';
export const POLICE = 'police';
export const FIELD_OFFICE = 'field-office';
export const CUSTOMER_ONE = 'customer-one';
export const CUSTOMER_TWO = 'customer-two';
export const INSURER_MAIL = 'claims@insurer.example';
export const FIELD_OFFICE_MAIL = 'duty@bureau.example';
export const CUSTOMER_MAIL = 'security@customer.example';

/** An S/MIME certificate on file. */
export const onFile = (notAfter?: number): MailKey => ({
  kind: 'smime',
  fingerprint: 'aa:bb',
  ...(notAfter !== undefined && { notAfter }),
});

/** Every way out. The field office and the second customer have an address and no key, the police have a telephone alone. */
export const COMMUNICATION: Communication = {
  domains: ['example.com'],
  groups: { 'everybody@example.com': ['web@example.com', ENGINEERING] },
  keys: Object.fromEntries([IC, COUNSEL, INSURER_MAIL, CUSTOMER_MAIL].map((address) => [address, onFile()])),
  mail: true,
  sms: true,
  inside: [
    { kind: 'slack', name: 'engineering' },
    { kind: 'mail', address: 'everybody@example.com' },
  ],
  public: [
    { kind: 'webhook', name: 'website' },
    { kind: 'file', name: 'folder' },
  ],
  contacts: [
    { id: INSURER, kind: 'cyberInsurance', name: 'Example Insurance', email: INSURER_MAIL },
    { id: POLICE, kind: 'localLawEnforcement', name: 'The police', phone: '+1 555 0160' },
    { id: FIELD_OFFICE, kind: 'fbi', name: 'The field office', email: FIELD_OFFICE_MAIL },
  ],
  customers: [
    { id: CUSTOMER_ONE, kind: 'customer', name: 'Customer One', email: CUSTOMER_MAIL },
    { id: CUSTOMER_TWO, kind: 'customer', name: 'Customer Two', email: 'security@second.example' },
  ],
  timeZone: 'UTC',
};

export function company(changes: Partial<Company> = {}): Company {
  return {
    authority: 'approve',
    roster: ROSTER,
    bridge: { url: 'https://bridge.example.com/sapphire-unicorn', phone: '+1-555-0100' },
    executivesAfterMs: 600_000,
    joinCheckMs: 30_000,
    ...changes,
  };
}

export function declaration(changes: Partial<Declaration> = {}): Declaration {
  return {
    codename: 'sapphire-unicorn',
    summary: 'unknown process on a payments host',
    by: SECURITY,
    door: 'command line',
    at: THREE_AM,
    scope: { ...EMPTY_SCOPE, instances: [{ id: INSTANCE }], services: [SERVICE] },
    ...changes,
  };
}

/** Just declared; nothing has happened yet. */
export function declared(
  changes: { readonly company?: Partial<Company>; readonly declaration?: Partial<Declaration> } = {},
): Incident {
  return declare(declaration(changes.declaration), company(changes.company));
}

/** A minute after the last entry. */
export function nextMinute({ entries }: Incident): number {
  return (entries.at(-1)?.at ?? THREE_AM) + 60_000;
}

/** What comes of a decision, accepted or refused. */
export function attempt(incident: Incident, decision: Decision): Decided {
  return decide(incident, decision, nextMinute(incident));
}

/** The incident after decisions that have to be accepted. */
export function after(incident: Incident, ...decisions: Decision[]): Incident {
  return decisions.reduce((now, decision) => {
    const { incident: next, outcome } = attempt(now, decision);
    if (!outcome.accepted)
      throw new Error(
        `the test expected this to be accepted: ${outcome.text}; refused because ${outcome.reasons.map(({ reason }) => reason).join('; ')}`,
      );
    return next;
  }, incident);
}

/** The reasons of a decision that has to be refused, as one text. */
export function reasonsAgainst(incident: Incident, decision: Decision): string {
  const { outcome } = attempt(incident, decision);
  if (outcome.accepted) throw new Error(`the test expected this to be refused: ${outcome.text}`);
  return outcome.reasons.map(({ reason }) => reason).join('; ');
}

/** The incident after machines told of their work. */
export function afterReports(incident: Incident, ...reports: Report[]): Incident {
  return reports.reduce((now, told) => report(now, told, nextMinute(now)), incident);
}

export function lastEntry({ entries }: Incident): Entry {
  const last = entries.at(-1);
  if (!last) throw new Error('the incident has no entries');
  return last;
}

// Decisions, from the person who usually takes them.

export function respond(by = IC): Decision {
  return { name: 'determine', by, determination: 'respond', reason: 'a shell nobody started' };
}

export function standDown(by = IC): Decision {
  return { name: 'determine', by, determination: 'stand-down', reason: 'a load test' };
}

export function complete(by: string, ...tasks: TaskId[]): Decision {
  return { name: 'completeTasks', by, tasks };
}

export function notNeeded(by: string, ...tasks: TaskId[]): Decision {
  return { name: 'markNotNeeded', by, tasks, reason: 'there is nothing of the kind' };
}

export function record(by: string, finding: FindingId, value?: string): Decision {
  return {
    name: 'recordFinding',
    by,
    finding,
    ...(value !== undefined && { value }),
    grounds: 'evidence item 7',
  };
}

export function withdraw(by: string, finding: FindingId): Decision {
  return { name: 'withdrawFinding', by, finding, reason: 'a back door turned up' };
}

export function approve(by: string, request: string): Decision {
  return { name: 'approve', by, request };
}

export function refuse(by: string, request: string): Decision {
  return { name: 'refuse', by, request, reason: 'not now' };
}

export function withhold(by: string, step: StepId): Decision {
  return { name: 'withhold', by, step, reason: 'the source is internal' };
}

export function breakGlass(by: string, request: string): Decision {
  return { name: 'breakGlass', by, request, reason: 'lives are at risk' };
}

export function submit(by: string, text: string = STATEMENT): Decision {
  return { name: 'submitStatement', by, text };
}

export function giveUp(by: string, target: string = INSTANCE): Decision {
  return { name: 'giveUp', by, target, reason: 'its host is gone' };
}

export function release(by: string, instance: string = INSTANCE): Decision {
  return { name: 'release', by, instance, reason: 'it was rebuilt' };
}

export function handOver(by: string, item: string): Decision {
  return { name: 'handOver', by, item, to: 'the police', reason: 'case 4711' };
}

export function lockForGood(by: string, confirm: string = CANNOT_BE_UNDONE): Decision {
  return { name: 'lockForGood', by, confirm, reason: 'there will be a trial' };
}

export function rotated(by: string, user: string, system: string): Decision {
  return { name: 'settleRotation', by, user, system, outcome: 'rotated' };
}

export function acknowledge(by: string, door?: Door): Decision {
  return { name: 'acknowledge', by, ...(door && { door }) };
}

export function exclude(by: string, person: string): Decision {
  return { name: 'exclude', by, person, reason: 'it was their key' };
}

export function readmit(by: string, person: string): Decision {
  return { name: 'readmit', by, person, reason: 'it was not them' };
}

export function moveRoom(by: string, room: string): Decision {
  return { name: 'moveRoom', by, room, reason: 'somebody excluded knows the first' };
}

export function assign(task: TaskId, to: string, minutes?: number): Decision {
  return { name: 'assignTask', by: IC, task, to, ...(minutes !== undefined && { minutes }) };
}

export function start(by: string, task: TaskId): Decision {
  return { name: 'startTask', by, task };
}

/** As it is told inside the company, with the day on which more follows. */
export function noteFor(followUp: string): string {
  return `## What happened: the timeline in short

Somebody from outside got in during the night. We noticed within the hour, and cut them off soon after.

## What has been done

What they used is shut down, and keys are changed.

## What comes next

You will hear more on ${followUp}.
`;
}

export const FOLLOW_UP = '2026-11-27';
export const NOTE = noteFor(FOLLOW_UP);

export function submitNote(text: string = NOTE, followUp: string = FOLLOW_UP, by = ENGINEERING): Decision {
  return { name: 'submitNote', by, text, followUp };
}

/** By what the approval of that version of the note is asked. */
export function requestOfNote(version = 1, text: string = NOTE): string {
  return requestIdOf({ kind: 'note', version, sha256: textHash(text) });
}

/** What a mail to the insurer says. */
export const WORDS = 'We would like to report an incident. Please call the number that you have.';

type Content<N extends Decision['name']> = Partial<Omit<Extract<Decision, { name: N }>, 'name'>>;

export function send(to: readonly string[], changes: Content<'send'> = {}): Decision {
  return { name: 'send', by: IC, to: [...to], text: WORDS, ...changes };
}

export function sendSms(person: string, changes: Content<'sendSms'> = {}): Decision {
  return { name: 'sendSms', by: IC, person, text: 'joinSlack', ...changes };
}

export function addContact(id: string, changes: Content<'addContact'> = {}): Decision {
  return { name: 'addContact', by: IC, id, kind: 'fbi', called: `Somebody called ${id}`, ...changes };
}

export function logContact(party: string, changes: Content<'logContact'> = {}): Decision {
  return {
    name: 'logContact',
    by: IC,
    party,
    spokeWith: 'the desk',
    about: 'what the policy covers',
    ...changes,
  };
}

export function reach(party: string, changes: Content<'reachCustomer'> = {}): Decision {
  return { name: 'reachCustomer', by: MARKETING, party, outcome: 'reached', how: 'by telephone', ...changes };
}

export function releaseTo(to: 'customers' | 'public', by = MARKETING): Decision {
  return { name: 'releaseStatement', by, to };
}

export function retrySend(message: string, by = IC): Decision {
  return { name: 'retrySend', by, message };
}

export function dropSend(message: string, by = IC): Decision {
  return { name: 'dropSend', by, message, reason: 'it was said by telephone' };
}

export function close(by = IC): Decision {
  return { name: 'close', by };
}

/** A statement with everything that the seed asks of one. */
export const STATEMENT = `# Unauthorised access to payment records, 24 November 2026

We were attacked, and we were not prepared for it. These are the facts.

## What happened

At 02:10 UTC an attacker used a stolen key. At 03:04 UTC we cut the attacker off.

## What was compromised and how it affects you

The billing addresses of 12 customers were read.

## What you need to do

Rotate your integration keys.

## How we prevent this in future

Long-lived keys are gone.
`;

/** What its approvals are asked by, and those of the same text submitted again. */
export const [STATEMENT_1, STATEMENT_2, STATEMENT_3] = [1, 2, 3].map((version) =>
  requestOfStatement({ version, sha256: textHash(STATEMENT) }),
) as [string, string, string];

/** One of each, in an order in which nearly all are accepted. */
export const ONE_OF_EACH: readonly Decision[] = [
  respond(),
  complete(SECURITY, 'actOnHost'),
  { name: 'failTask', by: SECURITY, task: 'lockOutUsers', cause: 'the shadow file is read-only' },
  { name: 'retryTask', by: SECURITY, task: 'lockOutUsers' },
  notNeeded(SECURITY, 'restoreFirewallRules'),
  { name: 'assignTask', by: IC, task: 'findActions', to: SECURITY },
  record(SECURITY, 'systemsSecured'),
  withdraw(SECURITY, 'systemsSecured'),
  { name: 'widenScope', by: SECURITY, what: 'address', which: '198.51.100.7' },
  refuse(SECURITY, `contain:${INSTANCE}`),
  approve(SECURITY, `contain:${INSTANCE}`),
  { name: 'orderStop', by: SECURITY, instance: OTHER_INSTANCE, reason: 'it sends mail' },
  giveUp(IC),
  release(IC),
  handOver(IC, 'snap-1'),
  lockForGood(IC),
  { name: 'confirm', by: IC, request: 'asked-1' },
  { name: 'renewKeys', by: IC, reason: 'a laptop was stolen' },
  { name: 'widenScope', by: SECURITY, what: 'user', which: 'deploy-bot' },
  rotated(SECURITY, 'deploy-bot', 'github'),
  withhold(IC, 'internalCommunication'),
  breakGlass(IC, 'contact:fbi'),
  submit(IC),
  submitNote(),
  send([IC]),
  sendSms(IC),
  addContact('second-office'),
  logContact('second-office'),
  reach(CUSTOMER_ONE),
  releaseTo('customers'),
  retrySend('message-1'),
  dropSend('message-1'),
  { name: 'meetClock', by: COUNSEL, clock: 'statement', note: 'it is out' },
  { name: 'reopenClock', by: COUNSEL, clock: 'statement', reason: 'that was another one' },
  { name: 'setAwareness', by: COUNSEL, at: '2020-01-01T00:00:00Z', reason: 'the first alert' },
  acknowledge(IC),
  { name: 'giveRole', by: IC, person: STRANGER, role: 'scribe' },
  { name: 'takeRole', by: IC, person: STRANGER, role: 'scribe', reason: 'the shift is over' },
  { name: 'offerCommand', by: IC, person: DEPUTY },
  { name: 'acceptCommand', by: DEPUTY },
  exclude(IC, STRANGER),
  readmit(IC, STRANGER),
  moveRoom(IC, 'emerald-otter'),
  start(SECURITY, 'actOnHost'),
  { name: 'setPace', by: IC, reminders: 10 },
  { name: 'lookWho', by: IC },
  close(),
];

export const FIVE_FACTS = [
  'informationValidated',
  'timelineEstablished',
  'compromisedDataKnown',
  'methodKnown',
  'recurrencePrevented',
] as const satisfies readonly FindingId[];

// What machines tell.

export function effectsDone(...effects: EffectId[]): Report[] {
  return effects.flatMap((effect): Report[] => [
    { name: 'effectStarted', effect },
    {
      name: 'effectDone',
      effect,
      ...(effect === 'pageIncidentCommander' && {
        page: { id: 'PAGE1', url: 'https://pages.example.com/PAGE1' },
      }),
      ...(effect === 'openRoom' && { room: { id: 'ROOM1', name: 'sapphire-unicorn', checklistId: 'PIN1' } }),
    },
  ]);
}

export function effectFailed(effect: EffectId, cause = 'the vendor answers 503'): Report[] {
  return [
    { name: 'effectStarted', effect },
    { name: 'effectFailed', effect, cause },
  ];
}

export const EVERYBODY_JOINED: Report = {
  name: 'invitationsChecked',
  invitations: { at: THREE_AM, allJoined: true, timeBoxRanOut: false },
};

/** What became of a message on its way out. */
export function messageSent(id: string, note?: string): Report[] {
  return [
    { name: 'dispatchStarted', id },
    { name: 'dispatchSent', id, ...(note !== undefined && { note }) },
  ];
}

export function messageFailed(id: string, cause: string, isFinal: boolean): Report[] {
  return [
    { name: 'dispatchStarted', id },
    { name: 'dispatchFailed', id, cause, isFinal },
  ];
}

export function dispatch(id: string, incident: Incident): Dispatch {
  const found = findDispatch(id, incident);
  if (!found) throw new Error(`the incident has no ${id}`);
  return found;
}

/** What a child tells of its sub-steps. */
export function subSteps(
  target: string,
  state: Omit<SubStepState, 'at'>,
  ...named: SubStep[]
): Extract<Report, { name: 'containmentReported' }> {
  const at = THREE_AM + 60_000;
  return {
    name: 'containmentReported',
    told: { target, subSteps: Object.fromEntries(named.map((subStep) => [subStep, { at, ...state }])) },
  };
}

export function failingAt(
  subStep: SubStep,
  cause: string,
  target: string = INSTANCE,
): Extract<Report, { name: 'containmentReported' }> {
  return subSteps(target, { state: 'failing', cause }, subStep);
}

/** The whole chain of its kind is through. Without cold storage, nothing is recorded, stored or hashed. */
export function contained(target: string = INSTANCE, kind: TargetKind = 'instance'): Report[] {
  const later: readonly SubStep[] = ['stop', 'snapshotStopped'];
  const kept: readonly SubStep[] = ['record', 'captureMemory', 'store', 'hash'];
  const chain = CHAINS[kind].filter((subStep) => !later.includes(subStep) && !kept.includes(subStep));
  const { told } = subSteps(target, { state: 'done' }, ...chain);
  return [
    { name: 'containmentReported', told: { ...told, unproven: [] } },
    ...(kind === 'instance' ? [subSteps(target, { state: 'done' }, ...later)] : []),
    { name: 'containmentReported', told: { target, ended: 'finished' } },
  ];
}

// States, each built on the one before through `decide` and `report` alone.

export function responding(): Incident {
  return after(declared(), respond());
}

/** The same in a company that has every way out. */
export function connected(changes: Partial<Communication> = {}): Incident {
  return after(declared({ company: { communication: { ...COMMUNICATION, ...changes } } }), respond());
}

/** The same, and forensics has been performed. */
export function analysed(changes: Partial<Communication> = {}): Incident {
  return forensicsPerformed(systemsSecured(connected(changes)));
}

/** The same, and the note is submitted and approved: it waits to be sent. */
export function noteApproved(incident = externalConfirmed(analysed())): Incident {
  return after(incident, submitNote(), approve(IC, requestOfNote()));
}

/** The same, and the statement is approved by all three. */
export function readyToRelease(changes: Partial<Communication> = {}): Incident {
  return statementApproved(statementSubmitted(fiveFacts(externalConfirmed(analysed(changes)))));
}

/** The machine has paged, opened the room, invited everybody and contained the instance. */
export function assembled(incident = responding()): Incident {
  return afterReports(
    after(incident, approve(SECURITY, `contain:${INSTANCE}`)),
    ...effectsDone(...EFFECT_IDS.filter((id) => id !== 'inviteExecutives' && id !== 'inviteMarketing')),
    EVERYBODY_JOINED,
    ...effectsDone('inviteExecutives'),
    ...contained(),
  );
}

const IN_COLD_STORAGE = { account: '999999999999', region: 'eu-central-1' } as const;

/** An image of the instance's disk, and its copy in cold storage. */
export const IMAGE = 'snap-1';
export const COPY = 'snap-2';

/** What a child tells of images that it made, copied and locked. */
export function imagesKept(target: string = INSTANCE): Report {
  const about = { of: target, createdAt: THREE_AM, state: 'complete', sizeGiB: 8 } as const;
  const record = { at: THREE_AM, by: 'firebreak', holder: 'account 999999999999, eu-central-1' } as const;
  return {
    name: 'containmentReported',
    told: {
      target,
      items: [
        { ...about, id: IMAGE, kind: 'snapshot', from: 'vol-1', moment: 'live' },
        { ...about, ...IN_COLD_STORAGE, id: COPY, kind: 'copy', from: IMAGE, moment: 'live' },
      ],
      custody: [
        { ...record, item: IMAGE, event: 'requested' },
        { ...record, item: COPY, event: 'copied' },
        { ...record, item: COPY, event: 'locked', note: 'governance' },
      ],
    },
  };
}

/** Where there is cold storage: contained, and the images are in it. */
export function stored(company: Partial<Company> = {}): Incident {
  const begun = declared({
    company: { authority: 'contain-on-declare', coldStorage: COLD_STORAGE, ...company },
  });
  const [proven, stopped, ended] = contained();
  return afterReports(
    after(begun, respond()),
    ...[proven, stopped].filter((report) => report !== undefined),
    subSteps(INSTANCE, { state: 'done' }, 'record', 'store', 'hash'),
    imagesKept(),
    ...(ended ? [ended] : []),
  );
}

export function systemsSecured(incident = responding()): Incident {
  return after(incident, record(SECURITY, 'systemsSecured'), record(SECURITY, 'monitoringInPlace'));
}

export function forensicsPerformed(incident = systemsSecured()): Incident {
  return after(incident, complete(FORENSICS, ...FORENSIC_TASKS));
}

export function externalConfirmed(incident = forensicsPerformed()): Incident {
  return after(incident, record(FORENSICS, 'attackSource', 'external'));
}

export function internalFound(incident = forensicsPerformed()): Incident {
  return after(incident, record(FORENSICS, 'attackSource', 'internal'));
}

export function fiveFacts(incident = externalConfirmed()): Incident {
  return after(incident, ...FIVE_FACTS.map((finding) => record(FORENSICS, finding)));
}

export function statementSubmitted(incident = fiveFacts()): Incident {
  return after(incident, submit(MARKETING));
}

export function statementApproved(incident = statementSubmitted()): Incident {
  const request = incident.statement ? requestOfStatement(incident.statement) : 'none';
  return after(incident, ...[MARKETING, IC, COUNSEL].map((by) => approve(by, request)));
}

/** Everything that waits is done by its owner, in the checklist's order, as far as the gates let it. */
export function withEveryOpenTaskDone(incident: Incident): Incident {
  return TASK_IDS.reduce((now, id) => {
    const waits = !isSettled(now.tasks[id]) && taskOf(id).by.kind !== 'lint';
    return waits && blockersOfTask(id, now).length === 0 ? after(now, complete(IC, id)) : now;
  }, incident);
}

/** Every contact of steps 12 and 13 is approved. Forensics has been performed. */
export function contactsApproved(incident: Incident): Incident {
  return after(
    incident,
    ...Object.entries(incident.requests)
      .filter(([id, { state }]) => id.startsWith('contact:') && state === 'open')
      .map(([id]) => approve(IC, id)),
  );
}

/** Only the end itself is left. */
export function everythingSettled(): Incident {
  const known = fiveFacts(externalConfirmed(forensicsPerformed(systemsSecured(assembled()))));
  const approved = contactsApproved(statementApproved(statementSubmitted(known)));
  const told = after(approved, complete(MARKETING, 'tellCustomersSecurityTeams'));
  return withEveryOpenTaskDone(told);
}

export function closed(): Incident {
  return after(everythingSettled(), close());
}

/** Forensics found the attack to be internal; everything else is settled, and nobody will be told. */
export function everythingWithheld(): Incident {
  const found = withEveryOpenTaskDone(internalFound(forensicsPerformed(systemsSecured(assembled()))));
  return after(
    found,
    ...(['internalCommunication', 'lawEnforcement', 'externalParties', 'externalCommunication'] as const)
      .filter((step) => tasksOfStep(step).some((id) => !isSettled(found.tasks[id])))
      .flatMap((step) => [withhold(IC, step), withhold(COUNSEL, step)]),
  );
}

export function stoodDown(): Incident {
  return after(declared(), standDown());
}

/** Every state above, by name. */
export const STATES: readonly (readonly [name: string, incident: Incident])[] = [
  ['declared', declared()],
  ['responding', responding()],
  ['assembled', assembled()],
  ['images stored', stored()],
  ['systems secured', systemsSecured()],
  ['forensics performed', forensicsPerformed()],
  ['external confirmed', externalConfirmed()],
  ['internal found', internalFound()],
  ['five facts', fiveFacts()],
  ['statement submitted', statementSubmitted()],
  ['statement approved', statementApproved()],
  ['everything settled', everythingSettled()],
  ['everything withheld', everythingWithheld()],
  ['note approved', noteApproved()],
  ['statement on its way to customers', after(readyToRelease(), releaseTo('customers'))],
  ['closed', closed()],
  ['stood down', stoodDown()],
];
