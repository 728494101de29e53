/**
 * Who may decide what, cell by cell: every decision, by each role alone and by those who have none, in every phase. What is
 * expected is written here in words of its own; nothing of it is read from the table that is tested.
 */
import { ask } from '../../domain/decide';
import { DECISION_NAMES, type Decision, type DecisionName } from '../../domain/decisions';
import type { Incident } from '../../domain/incident';
import { ROLE_IDS, type Role } from '../../domain/roles';
import { EMPTY_SCOPE } from '../../domain/scope';
import { whoDecides } from '../../domain/authority';
import {
  addContact,
  after,
  afterReports,
  approve,
  attempt,
  breakGlass,
  CLOCKS,
  close,
  COLD_STORAGE,
  COMMUNICATION,
  complete,
  contactsApproved,
  contained,
  COPY,
  COUNSEL,
  CUSTOMER_MAIL,
  declared,
  DEPUTY,
  dropSend,
  effectsDone,
  EVERYBODY_JOINED,
  externalConfirmed,
  failingAt,
  fiveFacts,
  forensicsPerformed,
  giveUp,
  handOver,
  IC,
  imagesKept,
  INSTANCE,
  INSURER,
  lastEntry,
  lockForGood,
  logContact,
  MARKETING,
  messageFailed,
  nextMinute,
  notNeeded,
  OTHER_INSTANCE,
  reach,
  record,
  refuse,
  release,
  releaseTo,
  requestOfNote,
  respond,
  retrySend,
  ROSTER,
  rotated,
  SCRIBE,
  SECURITY,
  send,
  sendSms,
  SERVICE,
  standDown,
  STATEMENT_1,
  statementApproved,
  statementSubmitted,
  STRANGER,
  submit,
  submitNote,
  subSteps,
  systemsSecured,
  withdraw,
  withEveryOpenTaskDone,
  withhold,
} from '../support/incidents';

const ASSIGNEE = 'assignee@example.com';
/** Has every role there is, and is excluded. */
const SUSPECT = 'suspect@example.com';
/** About whom people decide. */
const SOMEBODY = 'somebody@example.com';
const SECOND_IC = 'second-ic@example.com';

const THEIR_TASKS = ['findQueries', 'lockOutUsers', 'secureThirdParty'] as const;

// Every phase, built on the one before.

const ASSESSING = afterReports(
  after(
    declared({
      company: {
        roster: [
          ...ROSTER,
          { email: ASSIGNEE, roles: ['internalLiaison'] },
          { email: SOMEBODY, roles: ['scribe'], phone: '+1 555 0170' },
          { email: SECOND_IC, roles: ['incidentCommander'] },
          { email: SUSPECT, roles: ROLE_IDS },
        ],
        systems: ['github'],
        coldStorage: COLD_STORAGE,
        communication: { ...COMMUNICATION, customers: [] },
        clocks: CLOCKS,
      },
      declaration: {
        scope: {
          ...EMPTY_SCOPE,
          instances: [{ id: INSTANCE }],
          services: [SERVICE],
          users: ['deploy-bot'],
        },
      },
    }),
    { name: 'exclude', by: SECURITY, person: SUSPECT, reason: 'it was their key' },
    ...THEIR_TASKS.map((task): Decision => ({ name: 'assignTask', by: IC, task, to: ASSIGNEE })),
  ),
  ...effectsDone('pageIncidentCommander', 'openRoom'),
);

const RESPONDING = afterReports(
  after(
    ASSESSING,
    respond(),
    { name: 'failTask', by: SECURITY, task: 'lockOutUsers', cause: 'the console is down' },
    { name: 'widenScope', by: SECURITY, what: 'instance', which: OTHER_INSTANCE },
    approve(SECURITY, `contain:${OTHER_INSTANCE}`),
  ),
  failingAt('isolate', 'AccessDenied', OTHER_INSTANCE),
);

function late(): Incident {
  const [proven, stopped, ended] = contained();
  const machinesDone = afterReports(
    after(RESPONDING, approve(SECURITY, `contain:${INSTANCE}`), giveUp(SECURITY, OTHER_INSTANCE)),
    ...[proven, stopped].filter((one) => one !== undefined),
    subSteps(INSTANCE, { state: 'done' }, 'record', 'store', 'hash'),
    imagesKept(),
    ...(ended ? [ended] : []),
    ...effectsDone('inviteResponders', 'pageResponders', 'briefRoom', 'noteOnPage'),
    EVERYBODY_JOINED,
    ...effectsDone('inviteExecutives'),
  );
  const known = fiveFacts(externalConfirmed(forensicsPerformed(systemsSecured(machinesDone))));
  return statementSubmitted(known);
}

const LATE = late();

/** Only the end is left. */
function settled(incident: Incident): Incident {
  const approved = contactsApproved(statementApproved(incident));
  return withEveryOpenTaskDone(
    after(
      approved,
      complete(MARKETING, 'tellCustomersSecurityTeams'),
      rotated(SECURITY, 'deploy-bot', 'github'),
    ),
  );
}

type Running = 'assessing' | 'responding' | 'late';
const RUNNING: Readonly<Record<Running, Incident>> = {
  assessing: ASSESSING,
  responding: RESPONDING,
  late: LATE,
};
const ENDED: Readonly<Record<string, Incident>> = {
  'stood down': after(ASSESSING, standDown()),
  closed: after(settled(LATE), close()),
};

// What is expected.

const EVERYBODY: readonly Role[] = [
  'incidentCommander',
  'deputy',
  'scribe',
  'internalLiaison',
  'externalLiaison',
  'securityTeam',
  'forensicsLead',
  'serviceRepresentative',
  'engineeringLeader',
  'executive',
  'legalCounsel',
  'marketing',
];

interface Row {
  /** Which decision it is, as somebody of the roster would take it. */
  readonly what: Decision;
  /** Whose decision it is. */
  readonly of: readonly Role[];
  /** Also of whoever the task was given to. */
  readonly assignee?: true;
  /** When it is accepted of those. In every other phase that runs, a gate of the checklist refuses it to them. */
  readonly when: readonly Running[];
  /** Of those whose decision it is, only these have something left to say. */
  readonly only?: readonly Role[];
  /** When what it is about does not exist: that is the answer to everybody on the roster. */
  readonly missing?: readonly Running[];
  /** Brings the incident to where it may be taken. */
  readonly given?: (incident: Incident) => Incident;
}

/** As far as they are accepted. */
const tried =
  (...decisions: readonly Decision[]) =>
  (incident: Incident): Incident =>
    decisions.reduce((now, decision) => attempt(now, decision).incident, incident);

const askedFor =
  (...wanted: readonly Decision[]) =>
  (incident: Incident): Incident =>
    wanted.reduce((now, one) => ask(now, SCRIBE, { ...one, by: SCRIBE }, nextMinute(now)).incident, incident);

const BY = { by: IC } as const;
const ALWAYS = ['assessing', 'responding', 'late'] as const;
const RESPONSE = ['responding', 'late'] as const;
/** Steps 12 and 13 are the engineering leader's; these speak for the company besides. */
const SPEAKERS = [
  'incidentCommander',
  'deputy',
  'externalLiaison',
  'engineeringLeader',
  'legalCounsel',
] as const;
const SECURITY_TASK = { of: ['securityTeam', 'incidentCommander'], assignee: true, when: RESPONSE } as const;
const CUSTOMER = addContact('customer-three', { kind: 'customer', email: CUSTOMER_MAIL });
const APPROVED = [MARKETING, IC, COUNSEL].map((by) => approve(by, STATEMENT_1));
/** Ordered, tried, and left to a person. */
const stuck = (incident: Incident): Incident =>
  afterReports(tried(send([IC]))(incident), ...messageFailed('message-1', 'nobody knows', true));
const LOOK: Decision = { name: 'lookWho', ...BY };

const ROWS: Readonly<Record<string, Row>> = {
  "complete the security team's task": { what: complete(IC, 'findQueries'), ...SECURITY_TASK },
  "complete a service representative's task": {
    what: complete(IC, 'findExfiltration'),
    of: ['serviceRepresentative', 'incidentCommander'],
    when: RESPONSE,
  },
  'complete tasks of two owners': {
    what: complete(IC, 'findQueries', 'findExfiltration'),
    of: ['incidentCommander'],
    when: RESPONSE,
  },
  'complete the task of the incident commander': {
    what: complete(IC, 'appointCommandRoles'),
    of: ['incidentCommander'],
    when: ALWAYS,
  },
  "complete the forensics lead's task": {
    what: complete(IC, 'combThroughEvidence'),
    of: ['forensicsLead', 'incidentCommander'],
    when: ['responding'],
    given: tried(record(SECURITY, 'systemsSecured'), record(SECURITY, 'monitoringInPlace')),
  },
  "complete the engineering leader's task": {
    what: complete(IC, 'overviewTimeline'),
    of: ['engineeringLeader', 'incidentCommander'],
    when: ['late'],
  },
  "complete marketing's task": {
    what: complete(IC, 'tellCustomersSecurityTeams'),
    of: ['marketing', 'incidentCommander'],
    when: ['late'],
  },
  'say that a task failed': {
    what: { name: 'failTask', ...BY, task: 'findQueries', cause: 'the console is down' },
    ...SECURITY_TASK,
  },
  'try a task again': { what: { name: 'retryTask', ...BY, task: 'lockOutUsers' }, ...SECURITY_TASK },
  'mark a task as not needed': { what: notNeeded(IC, 'secureThirdParty'), ...SECURITY_TASK },
  'begin a task': { what: { name: 'startTask', ...BY, task: 'findQueries' }, ...SECURITY_TASK },
  'assign a task': {
    what: { name: 'assignTask', ...BY, task: 'findQueries', to: SOMEBODY, minutes: 30 },
    of: ['incidentCommander', 'deputy'],
    when: ALWAYS,
  },
  'record that the systems are secured': {
    what: record(IC, 'systemsSecured'),
    of: ['securityTeam', 'incidentCommander'],
    when: ALWAYS,
  },
  'record the source': {
    what: record(IC, 'attackSource', 'external'),
    of: ['forensicsLead'],
    when: ['late'],
  },
  'record the method': {
    what: record(IC, 'methodKnown'),
    of: ['forensicsLead', 'securityTeam', 'incidentCommander'],
    when: ALWAYS,
  },
  'withdraw the source': {
    what: withdraw(IC, 'attackSource'),
    of: ['forensicsLead', 'incidentCommander'],
    when: ['late'],
  },
  'withdraw that the systems are secured': {
    what: withdraw(IC, 'systemsSecured'),
    of: ['securityTeam', 'incidentCommander'],
    when: ['late'],
  },
  'widen the scope': {
    what: { name: 'widenScope', ...BY, what: 'address', which: '198.51.100.7' },
    of: ['incidentCommander', 'deputy', 'securityTeam', 'forensicsLead'],
    when: ALWAYS,
  },
  'determine that a response is needed': {
    what: respond(),
    of: ['incidentCommander'],
    when: ['assessing'],
  },
  'determine that none is': { what: standDown(), of: ['incidentCommander'], when: ['assessing'] },
  'approve a containment': {
    what: approve(IC, `contain:${INSTANCE}`),
    of: ['incidentCommander', 'securityTeam'],
    when: ['assessing', 'responding'],
  },
  'approve a contact': { what: approve(IC, 'contact:fbi'), of: ['incidentCommander'], when: ['late'] },
  'approve the statement': {
    what: approve(IC, STATEMENT_1),
    of: ['marketing', 'incidentCommander', 'legalCounsel'],
    when: ['late'],
    missing: ['assessing', 'responding'],
  },
  'approve a release': {
    what: approve(IC, `release:${INSTANCE}`),
    of: ['incidentCommander', 'deputy', 'securityTeam', 'forensicsLead'],
    // Another incident commander has asked for it.
    only: ['deputy', 'securityTeam', 'forensicsLead'],
    when: ['late'],
    missing: ['assessing', 'responding'],
    given: tried(release(SECOND_IC)),
  },
  'refuse a containment': {
    what: refuse(IC, `contain:${INSTANCE}`),
    of: ['incidentCommander', 'securityTeam'],
    when: ['assessing', 'responding'],
  },
  'refuse a contact': { what: refuse(IC, 'contact:fbi'), of: ['incidentCommander'], when: ALWAYS },
  'refuse the statement': {
    what: refuse(IC, STATEMENT_1),
    of: ['marketing', 'incidentCommander', 'legalCounsel'],
    when: ['late'],
    missing: ['assessing', 'responding'],
  },
  'dismiss what came through the Web UI': {
    what: refuse(IC, 'asked-1'),
    of: ['incidentCommander', 'deputy', 'securityTeam'],
    when: ALWAYS,
    given: askedFor(close()),
  },
  'confirm that somebody asks who can see it': {
    what: { name: 'confirm', ...BY, request: 'asked-1' },
    of: ['incidentCommander', 'deputy', 'securityTeam', 'legalCounsel'],
    when: ALWAYS,
    given: askedFor(LOOK),
  },
  'confirm an exclusion': {
    what: { name: 'confirm', ...BY, request: 'asked-2' },
    of: ['incidentCommander', 'securityTeam', 'legalCounsel'],
    when: ALWAYS,
    given: askedFor(LOOK, { name: 'exclude', ...BY, person: SOMEBODY, reason: 'it was their key' }),
  },
  'withhold a step': {
    what: withhold(IC, 'internalCommunication'),
    of: ['incidentCommander', 'legalCounsel'],
    when: ALWAYS,
  },
  'break the glass': {
    what: breakGlass(IC, 'contact:fbi'),
    of: ['incidentCommander', 'legalCounsel'],
    when: ALWAYS,
  },
  'order a stop': {
    what: { name: 'orderStop', ...BY, instance: INSTANCE, reason: 'it sends data out' },
    of: ['incidentCommander'],
    when: ['assessing', 'responding'],
  },
  'give a containment up': {
    what: giveUp(IC, OTHER_INSTANCE),
    of: ['incidentCommander', 'securityTeam'],
    when: ['responding'],
  },
  'release an instance': {
    what: release(IC),
    of: ['incidentCommander', 'deputy', 'securityTeam', 'forensicsLead'],
    when: ['late'],
  },
  'hand evidence over': {
    what: handOver(IC, COPY),
    of: ['incidentCommander', 'forensicsLead', 'securityTeam'],
    when: ['late'],
  },
  'lock for good': { what: lockForGood(IC), of: ['incidentCommander', 'forensicsLead'], when: ['late'] },
  'settle a rotation': {
    what: rotated(IC, 'deploy-bot', 'github'),
    of: ['incidentCommander', 'deputy', 'securityTeam', 'serviceRepresentative'],
    when: ALWAYS,
  },
  'submit a statement': { what: submit(IC), of: ['marketing', 'incidentCommander'], when: ['late'] },
  'submit the internal note': { what: submitNote(), of: ['engineeringLeader'], when: ['late'] },
  'approve the internal note': {
    what: approve(IC, requestOfNote()),
    of: ['incidentCommander'],
    when: ['late'],
    missing: ['assessing', 'responding'],
    given: tried(submitNote()),
  },
  'refuse the internal note': {
    what: refuse(IC, requestOfNote()),
    of: ['incidentCommander'],
    when: ['late'],
    missing: ['assessing', 'responding'],
    given: tried(submitNote()),
  },
  'send a mail to the team': { what: send([IC]), of: SPEAKERS, when: ALWAYS },
  'send a mail to somebody outside': {
    what: send([INSURER]),
    of: SPEAKERS,
    when: ['late'],
    given: tried(approve(IC, 'contact:cyberInsurance')),
  },
  'send an SMS': {
    what: sendSms(SOMEBODY),
    of: ['incidentCommander', 'deputy', 'internalLiaison', 'externalLiaison', 'securityTeam'],
    when: ALWAYS,
  },
  'name somebody outside': {
    what: addContact('second-office'),
    of: [...SPEAKERS, 'marketing'],
    when: ALWAYS,
  },
  'approve somebody who was named': {
    what: approve(IC, 'contact:fbi/second-office'),
    of: ['incidentCommander'],
    when: ['late'],
    given: tried(addContact('second-office')),
  },
  'record a conversation': {
    what: logContact(INSURER),
    of: SPEAKERS,
    when: ['late'],
    given: tried(approve(IC, 'contact:cyberInsurance')),
  },
  'record why a customer was not reached': {
    what: reach('customer-three', { outcome: 'notReached', how: 'nobody answers' }),
    of: ['marketing', 'incidentCommander', 'externalLiaison'],
    when: ALWAYS,
    given: tried(CUSTOMER),
  },
  'record that a customer was reached': {
    what: reach('customer-three'),
    of: ['marketing', 'incidentCommander', 'externalLiaison'],
    when: ['late'],
    given: tried(CUSTOMER, ...APPROVED),
  },
  'release the statement to customers': {
    what: releaseTo('customers'),
    of: ['marketing', 'incidentCommander'],
    when: ['late'],
    given: tried(CUSTOMER, ...APPROVED),
  },
  'release the statement to the public': {
    what: releaseTo('public'),
    of: ['marketing', 'incidentCommander'],
    when: ['late'],
    given: tried(...APPROVED, complete(MARKETING, 'tellCustomersSecurityTeams')),
  },
  'try a message again': {
    what: retrySend('message-1'),
    of: [...SPEAKERS, 'marketing'],
    when: ALWAYS,
    given: stuck,
  },
  'drop a message': {
    what: dropSend('message-1'),
    of: [...SPEAKERS, 'marketing'],
    when: ALWAYS,
    given: stuck,
  },
  'say that a clock is met': {
    what: { name: 'meetClock', ...BY, clock: 'statement', note: 'the authority wants none' },
    of: ['legalCounsel', 'incidentCommander'],
    when: ALWAYS,
  },
  'say that a clock is not met after all': {
    what: { name: 'reopenClock', ...BY, clock: 'statement', reason: 'of another incident' },
    of: ['legalCounsel', 'incidentCommander'],
    when: ALWAYS,
    given: tried({ name: 'meetClock', ...BY, clock: 'statement', note: 'reference 17' }),
  },
  'say since when the company is aware': {
    what: { name: 'setAwareness', ...BY, at: '2026-11-24T02:50:00Z', reason: 'the first alert' },
    of: ['legalCounsel', 'incidentCommander'],
    when: ALWAYS,
  },
  'read the keys anew': {
    what: { name: 'renewKeys', ...BY, reason: 'a laptop was stolen' },
    of: ['incidentCommander', 'deputy', 'securityTeam'],
    when: ALWAYS,
  },
  'acknowledge the page': { what: { name: 'acknowledge', ...BY }, of: EVERYBODY, when: ALWAYS },
  'give a role': {
    what: { name: 'giveRole', ...BY, person: SOMEBODY, role: 'deputy' },
    of: ['incidentCommander'],
    when: ALWAYS,
  },
  'give a role where nobody commands': {
    what: { name: 'giveRole', ...BY, person: SOMEBODY, role: 'incidentCommander' },
    of: ['deputy', 'securityTeam', 'legalCounsel'],
    when: ALWAYS,
    given: tried(
      { name: 'takeRole', ...BY, person: SECOND_IC, role: 'incidentCommander', reason: 'one is enough' },
      { name: 'exclude', by: SECURITY, person: IC, reason: 'it was their key' },
    ),
  },
  'take a role': {
    what: { name: 'takeRole', ...BY, person: SOMEBODY, role: 'scribe', reason: 'they sleep' },
    of: ['incidentCommander'],
    when: ALWAYS,
  },
  'offer the command': {
    what: { name: 'offerCommand', ...BY, person: SOMEBODY },
    of: ['incidentCommander'],
    when: ALWAYS,
  },
  'accept the command': {
    what: { name: 'acceptCommand', ...BY },
    of: EVERYBODY,
    only: ['deputy'],
    when: ALWAYS,
    given: tried({ name: 'offerCommand', ...BY, person: DEPUTY }),
  },
  'exclude a suspect': {
    what: { name: 'exclude', ...BY, person: SOMEBODY, reason: 'it was their key' },
    of: ['incidentCommander', 'securityTeam', 'legalCounsel'],
    when: ALWAYS,
  },
  'readmit somebody': {
    what: { name: 'readmit', ...BY, person: SUSPECT, reason: 'it was not them' },
    of: ['incidentCommander', 'legalCounsel'],
    when: ALWAYS,
  },
  'move to a new room': {
    what: { name: 'moveRoom', ...BY, room: 'amber-otter', reason: 'they know the old one' },
    of: ['incidentCommander', 'deputy', 'securityTeam'],
    when: ALWAYS,
  },
  'set the pace': {
    what: { name: 'setPace', ...BY, reminders: 20 },
    of: ['incidentCommander', 'deputy'],
    when: ALWAYS,
  },
  'ask who can see it': {
    what: LOOK,
    of: ['incidentCommander', 'deputy', 'securityTeam', 'legalCounsel'],
    when: ALWAYS,
  },
  'close the incident': {
    what: close(),
    of: ['incidentCommander'],
    when: ['late'],
    given: (incident) => (incident === LATE ? settled(incident) : incident),
  },
};

// The cells.

const holderOf = (role: Role) =>
  ROSTER.find(({ roles }) => roles.length === 1 && roles[0] === role)?.email ?? `nobody is ${role}`;
const ABOUT_THE_SENDER = ['incidentRuns', 'senderIsNotExcluded', 'senderIsOnTheRoster', 'senderHasTheRole'];

interface Cell {
  readonly by: string;
  readonly accepted: boolean;
  /** The gates about the sender. */
  readonly because: readonly string[];
}

function cellOf(before: Incident, what: Decision, by: string): Cell {
  const { incident, outcome } = attempt(before, { ...what, by });
  const gates = outcome.reasons.map(({ gate }) => gate);
  if (!outcome.accepted) expectRefused(before, incident, { ...what, by });
  return {
    by,
    accepted: outcome.accepted,
    because: gates.filter((gate) => ABOUT_THE_SENDER.includes(gate)),
  };
}

/** Who and why stands in the timeline, and nothing else has changed. */
function expectRefused(before: Incident, now: Incident, sent: Decision): void {
  const entry = lastEntry(now);
  const { name, by, ...content } = sent;
  expect(entry).toMatchObject({ kind: 'refusal', by, decision: name, details: content });
  expect(entry.reasons?.length).toBeGreaterThan(0);
  expect(entry.reasons?.every(({ gate, reason }) => gate !== '' && reason.length > 10)).toBe(true);
  expect(now.entries).toHaveLength(before.entries.length + 1);
  const changed = Object.keys(now).filter(
    (key) => now[key as keyof Incident] !== before[key as keyof Incident],
  );
  expect(changed.sort()).toEqual(['counting', 'entries']);
}

const acceptedOf = new Map<DecisionName, number>();

describe('the table of the test', () => {
  test('has every decision, and somebody for every role alone', () => {
    expect(new Set(Object.values(ROWS).map(({ what }) => what.name))).toEqual(new Set(DECISION_NAMES));
    expect(EVERYBODY).toEqual(ROLE_IDS);
    expect(new Set(EVERYBODY.map(holderOf)).size).toBe(ROLE_IDS.length);
    expect(COUNSEL).toBe(holderOf('legalCounsel'));
  });
});

describe.each(Object.entries(ROWS))(
  'to %s',
  (_, { what, of, assignee, when, only = of, missing = [], given }) => {
    test.each(Object.entries(RUNNING))('while the incident is %s', (phase, state) => {
      const isAccepted = (when as readonly string[]).includes(phase);
      const isMissing = (missing as readonly string[]).includes(phase);
      const before = given ? given(state) : state;
      const wrongRole = isMissing ? [] : ['senderHasTheRole'];
      const mayNot = (role: Role) => (of.includes(role) ? [] : wrongRole);
      const excluded = (email: string) => email in before.excluded;
      const wanted = EVERYBODY.map((role): Cell => {
        const by = holderOf(role);
        return {
          by,
          accepted: isAccepted && only.includes(role) && !excluded(by),
          because: excluded(by) ? ['senderIsNotExcluded'] : mayNot(role),
        };
      });
      const cells = EVERYBODY.map((role) => cellOf(before, what, holderOf(role)));
      expect(cells).toEqual(wanted);
      expect(cellOf(before, what, ASSIGNEE)).toEqual({
        by: ASSIGNEE,
        accepted: isAccepted && (assignee === true || only.includes('internalLiaison')),
        because: assignee ? [] : mayNot('internalLiaison'),
      });
      expect(cellOf(before, what, STRANGER).because).toEqual(['senderIsOnTheRoster']);
      expect(cellOf(before, what, SUSPECT).because).toEqual(['senderIsNotExcluded']);
      const count = cells.filter(({ accepted }) => accepted).length;
      acceptedOf.set(what.name, (acceptedOf.get(what.name) ?? 0) + count);
    });

    test.each(Object.entries(ENDED))('after it was %s, nobody may', (_phase, state) => {
      for (const by of [...EVERYBODY.map(holderOf), ASSIGNEE, STRANGER, SUSPECT])
        expect(cellOf(state, what, by)).toEqual({ by, accepted: false, because: ['incidentRuns'] });
    });
  },
);

test('every decision was accepted in some cell', () => {
  expect(DECISION_NAMES.filter((name) => (acceptedOf.get(name) ?? 0) === 0)).toEqual([]);
});

test.each(DECISION_NAMES)('people are told in words who may decide %s', (name) => {
  expect(whoDecides(name)).toMatch(/^[a-z]/);
});
