import { stateOfStep } from '../../domain/blockers';
import { FORENSIC_TASKS } from '../../domain/gates';
import { numberOfTask, taskOf, tasksOfStep, type TaskId } from '../../domain/checklist';
import { ask, declare, decide, refuseUntrusted, tellRefusals, report } from '../../domain/decide';
import { nextTellingAt, refusalsOf, unsaidRefusals } from '../../domain/refusals';
import { DECISION_NAMES, type Decision } from '../../domain/decisions';
import type { Incident } from '../../domain/incident';
import { renderDetails } from '../../domain/markdown';
import { requestOfStatement } from '../../domain/requests';
import { EMPTY_SCOPE, type ScopeKind } from '../../domain/scope';
import { viewOf } from '../../domain/view';
import {
  addContact,
  after,
  afterReports,
  analysed,
  approve,
  assembled,
  attempt,
  breakGlass,
  CLOCKS,
  close,
  closed,
  COLD_STORAGE,
  company,
  complete,
  connected,
  contained,
  COPY,
  COUNSEL,
  CUSTOMER_ONE,
  declaration,
  declared,
  DEPUTY,
  dropSend,
  effectFailed,
  effectsDone,
  ENGINEERING,
  everythingSettled,
  everythingWithheld,
  exclude,
  EXECUTIVE,
  externalConfirmed,
  failingAt,
  fiveFacts,
  FOLLOW_UP,
  FORENSICS,
  forensicsPerformed,
  giveUp,
  handOver,
  IC,
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
  PAYMENTS,
  reach,
  readyToRelease,
  reasonsAgainst,
  record,
  refuse,
  release,
  releaseTo,
  requestOfNote,
  respond,
  responding,
  retrySend,
  ROSTER,
  rotated,
  SCRIBE,
  SECURITY,
  send,
  sendSms,
  SERVICE,
  standDown,
  STATEMENT,
  STATEMENT_1,
  statementApproved,
  statementSubmitted,
  STATES,
  stoodDown,
  stored,
  STRANGER,
  submit,
  submitNote,
  systemsSecured,
  THREE_AM,
  withdraw,
  withEveryOpenTaskDone,
  withhold,
} from '../support/incidents';

const CONTAIN = `contain:${INSTANCE}`;
const failTask = (by: string, task: TaskId): Decision => ({
  name: 'failTask',
  by,
  task,
  cause: 'the console is down',
});
const retry = (by: string, task: TaskId): Decision => ({ name: 'retryTask', by, task });
const assign = (by: string, task: TaskId, to: string): Decision => ({ name: 'assignTask', by, task, to });
const widen = (by: string, what: ScopeKind, which: string): Decision => ({
  name: 'widenScope',
  by,
  what,
  which,
});
const orderStop = (by: string, instance = INSTANCE): Decision => ({
  name: 'orderStop',
  by,
  instance,
  reason: 'it is sending data out',
});
const confirm = (by: string, request = 'asked-1'): Decision => ({ name: 'confirm', by, request });
const renewKeys = (by: string): Decision => ({ name: 'renewKeys', by, reason: 'a laptop was stolen' });
/** Whoever was signed in at the Web UI sends this, a minute after the last entry. */
const askAs = (incident: Incident, by: string, decision: Decision) =>
  ask(incident, by, { ...decision, by, door: 'temporal' }, nextMinute(incident));
const texts = ({ entries }: Incident) => entries.map(({ text }) => text);

interface Kind {
  readonly name: Decision['name'];
  /** A state in which it may be taken, by whom, and what it says then. */
  readonly incident: () => Incident;
  readonly accepted: Decision;
  readonly says: string;
  /** Somebody who may not, and whose it is; nobody where it is everybody's. */
  readonly notFor?: string;
  readonly owner?: string;
  /** A state in which it may not be taken, and why. */
  readonly tooEarly: () => Incident;
  readonly because: string;
}

/** An account that was used in the attack exists on a system of the company's. */
function accountUsed(): Incident {
  const incident = declared({ company: { systems: ['github'] } });
  return after(incident, respond(), widen(SECURITY, 'user', 'deploy-bot'));
}

/** Whoever speaks with people outside. */
const SPEAKERS =
  'the VP or Director of Engineering or the incident commander or the deputy or the external liaison or legal counsel';

const timed = () => after(declared({ company: { clocks: CLOCKS } }), respond());

function withPhone(): Incident {
  const { company: known, ...incident } = connected();
  const roster = known.roster.map((one) => (one.email === IC ? { ...one, phone: '+1 555 0101' } : one));
  return { ...incident, company: { ...known, roster } };
}

/** Ordered, tried, and left to a person. */
function stuck(): Incident {
  return afterReports(after(connected(), send([IC])), ...messageFailed('message-1', 'nobody knows', true));
}

function contains(): Incident {
  return after(responding(), approve(SECURITY, CONTAIN));
}

const KINDS: Kind[] = [
  {
    name: 'completeTasks',
    incident: responding,
    accepted: complete(SECURITY, 'findQueries', 'findBackDoors'),
    says: 'completed 5.5',
    notFor: MARKETING,
    owner: 'the security team or the incident commander',
    tooEarly: declared,
    because: 'has not determined yet',
  },
  {
    name: 'failTask',
    incident: responding,
    accepted: failTask(SECURITY, 'findQueries'),
    says: 'failed: the console is down',
    notFor: SCRIBE,
    owner: 'the security team or the incident commander',
    tooEarly: declared,
    because: 'has not determined yet',
  },
  {
    name: 'retryTask',
    incident: () => after(responding(), failTask(SECURITY, 'findQueries')),
    accepted: retry(SECURITY, 'findQueries'),
    says: 'ordered another try of 5.5',
    notFor: ENGINEERING,
    owner: 'the security team or the incident commander',
    tooEarly: responding,
    because: 'has not failed',
  },
  {
    name: 'markNotNeeded',
    incident: responding,
    accepted: notNeeded(SECURITY, 'secureThirdParty'),
    says: 'as not needed: there is nothing of the kind',
    notFor: PAYMENTS,
    owner: 'the security team or the incident commander',
    tooEarly: declared,
    because: 'has not determined yet',
  },
  {
    name: 'assignTask',
    incident: responding,
    accepted: assign(DEPUTY, 'findQueries', PAYMENTS),
    says: `to ${PAYMENTS}`,
    notFor: SECURITY,
    owner: 'the incident commander or the deputy',
    tooEarly: () => after(responding(), complete(SECURITY, 'findQueries')),
    because: 'is settled already',
  },
  {
    name: 'startTask',
    incident: responding,
    accepted: { name: 'startTask', by: SECURITY, task: 'findQueries', note: 'reading the logs' },
    says: ': reading the logs',
    notFor: DEPUTY,
    owner: 'the security team or the incident commander',
    tooEarly: declared,
    because: 'has not determined yet',
  },
  {
    name: 'recordFinding',
    incident: systemsSecured,
    accepted: record(FORENSICS, 'attackSource', 'external'),
    says: 'Where the attack was sourced (external) — evidence item 7',
    notFor: IC,
    owner: 'the forensics lead',
    tooEarly: responding,
    because: 'finding systemsSecured',
  },
  {
    name: 'withdrawFinding',
    incident: externalConfirmed,
    accepted: withdraw(IC, 'attackSource'),
    says: 'withdrew: Where the attack was sourced — a back door turned up',
    notFor: SECURITY,
    owner: 'the forensics lead or the incident commander',
    tooEarly: systemsSecured,
    because: 'attackSource is not recorded',
  },
  {
    name: 'widenScope',
    incident: declared,
    accepted: widen(FORENSICS, 'instance', OTHER_INSTANCE),
    says: `added instance ${OTHER_INSTANCE}`,
    notFor: EXECUTIVE,
    owner: 'the incident commander or the deputy or the security team or the forensics lead',
    tooEarly: () => after(declared(), widen(SECURITY, 'instance', OTHER_INSTANCE)),
    because: 'is in the scope already',
  },
  {
    name: 'determine',
    incident: declared,
    accepted: respond(),
    says: 'determined that a response is needed',
    notFor: DEPUTY,
    owner: 'the incident commander',
    tooEarly: responding,
    because: 'the determination was made',
  },
  {
    name: 'approve',
    incident: forensicsPerformed,
    accepted: approve(IC, 'contact:fbi'),
    says: 'approved contact:fbi',
    notFor: ENGINEERING,
    owner: 'the incident commander',
    tooEarly: systemsSecured,
    because: 'step 10',
  },
  {
    name: 'refuse',
    incident: declared,
    accepted: refuse(SECURITY, CONTAIN),
    says: `refused ${CONTAIN} — not now`,
    notFor: COUNSEL,
    owner: 'the incident commander or the security team',
    tooEarly: () => after(declared(), approve(SECURITY, CONTAIN)),
    because: 'is approved, and has begun',
  },
  {
    name: 'withhold',
    incident: responding,
    accepted: withhold(IC, 'internalCommunication'),
    says: 'legal counsel must agree',
    notFor: ENGINEERING,
    owner: 'the incident commander or legal counsel',
    tooEarly: () =>
      after(externalConfirmed(), complete(ENGINEERING, ...tasksOfStep('internalCommunication'))),
    because: 'step 11 is settled already',
  },
  {
    name: 'breakGlass',
    incident: responding,
    accepted: breakGlass(COUNSEL, 'contact:cyberInsurance'),
    says: 'the incident commander must agree',
    notFor: ENGINEERING,
    owner: 'the incident commander or legal counsel',
    tooEarly: () =>
      after(
        responding(),
        breakGlass(COUNSEL, 'contact:cyberInsurance'),
        breakGlass(IC, 'contact:cyberInsurance'),
      ),
    because: 'the glass is broken for contact:cyberInsurance already',
  },
  {
    name: 'orderStop',
    incident: declared,
    accepted: orderStop(IC),
    says: `ordered that ${INSTANCE} be stopped now — it is sending data out`,
    notFor: SECURITY,
    owner: 'the incident commander',
    tooEarly: assembled,
    because: 'is stopped already',
  },
  {
    name: 'giveUp',
    incident: () => afterReports(contains(), failingAt('isolate', 'AccessDenied')),
    accepted: giveUp(SECURITY),
    says: `gave up the containment of ${INSTANCE}`,
    notFor: FORENSICS,
    owner: 'the incident commander or the security team',
    tooEarly: () => contains(),
    because: 'nothing fails in the containment',
  },
  {
    name: 'release',
    incident: stored,
    accepted: release(SECURITY),
    says: `asked to release ${INSTANCE} — it was rebuilt; the incident commander must agree`,
    notFor: PAYMENTS,
    owner: 'the incident commander or the deputy or the security team or the forensics lead',
    tooEarly: () => declared({ company: { coldStorage: COLD_STORAGE } }),
    because: 'its isolation is not proven yet',
  },
  {
    name: 'handOver',
    incident: stored,
    accepted: handOver(FORENSICS, COPY),
    says: `handed ${COPY} over to the police — case 4711`,
    notFor: COUNSEL,
    owner: 'the incident commander or the forensics lead or the security team',
    tooEarly: responding,
    because: `there is no item ${COPY}`,
  },
  {
    name: 'lockForGood',
    incident: stored,
    accepted: lockForGood(FORENSICS),
    says: 'ordered that every image in cold storage be locked for good',
    notFor: SECURITY,
    owner: 'the incident commander or the forensics lead',
    tooEarly: responding,
    because: 'no image is in cold storage yet',
  },
  {
    name: 'settleRotation',
    incident: accountUsed,
    accepted: rotated(SECURITY, 'deploy-bot', 'github'),
    says: 'rotated the keys and passwords of deploy-bot on github',
    notFor: COUNSEL,
    owner: 'the incident commander or the deputy or the security team or the service representative',
    tooEarly: responding,
    because: 'there is no rotation github/deploy-bot',
  },
  {
    name: 'submitNote',
    incident: () => externalConfirmed(analysed()),
    accepted: submitNote(),
    says: `submitted version 1 of the internal note, which promises more on ${FOLLOW_UP} (request ${requestOfNote()})`,
    notFor: IC,
    owner: 'the VP or Director of Engineering',
    tooEarly: analysed,
    because: 'finding attackSource=external',
  },
  {
    name: 'send',
    incident: () => after(analysed(), approve(IC, 'contact:cyberInsurance')),
    accepted: send([INSURER], { by: COUNSEL, cc: [IC], pack: 'cyberInsurance' }),
    says: `ordered mail to ${INSURER}, ${IC} (message-1)`,
    notFor: SECURITY,
    owner: SPEAKERS,
    tooEarly: connected,
    because: 'step 10',
  },
  {
    name: 'sendSms',
    incident: withPhone,
    accepted: sendSms(IC, { by: DEPUTY, text: 'checkPager' }),
    says: `ordered SMS "Please check PagerDuty ASAP" to ${IC} (message-1)`,
    notFor: COUNSEL,
    owner:
      'the incident commander or the deputy or the internal liaison or the external liaison or the security team',
    tooEarly: () => after(withPhone(), exclude(COUNSEL, IC)),
    because: `${IC} is excluded from the incident`,
  },
  {
    name: 'addContact',
    incident: responding,
    accepted: addContact('second-office', { by: MARKETING, called: 'Another office' }),
    says: 'named second-office (Another office) as somebody outside (request contact:fbi/second-office)',
    notFor: FORENSICS,
    owner: `${SPEAKERS} or the marketing team`,
    tooEarly: () => after(responding(), addContact('Second-Office', { called: 'Another office' })),
    because: 'second-office is known already: Another office',
  },
  {
    name: 'logContact',
    incident: () => after(analysed(), approve(IC, 'contact:cyberInsurance')),
    accepted: logContact(INSURER, { by: COUNSEL, next: '2026-11-26' }),
    says: 'spoke with the desk (insurer) about: what the policy covers; the next word is due on 2026-11-26; 12.',
    notFor: MARKETING,
    owner: SPEAKERS,
    tooEarly: connected,
    because: 'step 10',
  },
  {
    name: 'reachCustomer',
    incident: readyToRelease,
    accepted: reach(CUSTOMER_ONE),
    says: `recorded that ${CUSTOMER_ONE} was reached — by telephone`,
    notFor: COUNSEL,
    owner: 'the marketing team or the incident commander or the external liaison',
    tooEarly: () => statementSubmitted(fiveFacts(externalConfirmed(analysed()))),
    because: 'waiting for the marketing team, the incident commander, legal counsel',
  },
  {
    name: 'submitStatement',
    incident: fiveFacts,
    accepted: submit(MARKETING),
    says: 'submitted version 1',
    notFor: COUNSEL,
    owner: 'the marketing team or the incident commander',
    tooEarly: externalConfirmed,
    because: 'finding informationValidated',
  },
  {
    name: 'releaseStatement',
    incident: () => readyToRelease(),
    accepted: releaseTo('customers', IC),
    says: "released version 1 of the statement to 1 of 2 customers' security teams",
    notFor: COUNSEL,
    owner: 'the marketing team or the incident commander',
    tooEarly: () => statementSubmitted(fiveFacts(externalConfirmed(analysed()))),
    because: 'version 1 of the statement is not approved',
  },
  {
    name: 'retrySend',
    incident: stuck,
    accepted: retrySend('message-1', MARKETING),
    says: `ordered that message-1 be tried again (mail to ${IC})`,
    notFor: SCRIBE,
    owner: `${SPEAKERS} or the marketing team`,
    tooEarly: () => after(connected(), send([IC])),
    because: 'message-1 has not failed: it is waiting',
  },
  {
    name: 'dropSend',
    incident: stuck,
    accepted: dropSend('message-1', MARKETING),
    says: `dropped message-1 (mail to ${IC}) — it was said by telephone`,
    notFor: SCRIBE,
    owner: `${SPEAKERS} or the marketing team`,
    tooEarly: connected,
    because: 'there is no message-1; on their way are: none',
  },
  {
    name: 'meetClock',
    incident: timed,
    accepted: { name: 'meetClock', by: COUNSEL, clock: 'statement', note: 'it is on the website' },
    says: 'said that the clock statement is met',
    notFor: MARKETING,
    owner: 'legal counsel or the incident commander',
    tooEarly: () =>
      after(timed(), { name: 'meetClock', by: IC, clock: 'statement', note: 'it is on the website' }),
    because: 'the clock statement is met already',
  },
  {
    name: 'reopenClock',
    incident: () =>
      after(timed(), { name: 'meetClock', by: IC, clock: 'statement', note: 'it is on the website' }),
    accepted: { name: 'reopenClock', by: COUNSEL, clock: 'statement', reason: 'of another incident' },
    says: 'said that the clock statement is not met after all, and runs until 2026-11-27',
    notFor: MARKETING,
    owner: 'legal counsel or the incident commander',
    tooEarly: timed,
    because: 'the clock statement is not met: it runs',
  },
  {
    name: 'setAwareness',
    incident: responding,
    accepted: { name: 'setAwareness', by: COUNSEL, at: '2026-11-24T02:50:00Z', reason: 'the first alert' },
    says: 'said that the company was aware since',
    notFor: MARKETING,
    owner: 'legal counsel or the incident commander',
    tooEarly: stoodDown,
    because: 'the incident has ended',
  },
  {
    name: 'confirm',
    incident: () => askAs(declared(), SCRIBE, respond()).incident,
    accepted: confirm(IC),
    says: `confirmed asked-1 of ${SCRIBE}: `,
    notFor: SECURITY,
    owner: 'the incident commander',
    tooEarly: () => askAs(responding(), SCRIBE, close()).incident,
    because: 'step 1 (Stop the attack in progress) has 6 tasks open',
  },
  {
    name: 'renewKeys',
    incident: declared,
    accepted: renewKeys(DEPUTY),
    says: "ordered that the responders' keys be read anew",
    notFor: MARKETING,
    owner: 'the incident commander or the deputy or the security team',
    tooEarly: stoodDown,
    because: 'the incident has ended',
  },
  {
    name: 'acknowledge',
    incident: declared,
    accepted: { name: 'acknowledge', by: PAYMENTS },
    says: 'acknowledged the page',
    tooEarly: stoodDown,
    because: 'the incident has ended',
  },
  {
    name: 'giveRole',
    incident: declared,
    accepted: { name: 'giveRole', by: IC, person: SCRIBE, role: 'deputy' },
    says: `gave ${SCRIBE} the role Deputy`,
    notFor: DEPUTY,
    owner: 'the incident commander',
    tooEarly: () => after(declared(), { name: 'giveRole', by: IC, person: SCRIBE, role: 'deputy' }),
    because: 'has the role Deputy already',
  },
  {
    name: 'takeRole',
    incident: declared,
    accepted: { name: 'takeRole', by: IC, person: SCRIBE, role: 'scribe', reason: 'they sleep' },
    says: `took the role Scribe from ${SCRIBE} — they sleep`,
    notFor: DEPUTY,
    owner: 'the incident commander',
    tooEarly: () => after(declared(), exclude(IC, SCRIBE)),
    because: 'does not have the role Scribe',
  },
  {
    name: 'offerCommand',
    incident: declared,
    accepted: { name: 'offerCommand', by: IC, person: DEPUTY, reason: 'I have been up all night' },
    says: `offered the command to ${DEPUTY}`,
    notFor: SECURITY,
    owner: 'the incident commander',
    tooEarly: () => after(declared(), exclude(IC, DEPUTY)),
    because: 'readmit them first',
  },
  {
    name: 'acceptCommand',
    incident: () => after(declared(), { name: 'offerCommand', by: IC, person: DEPUTY }),
    accepted: { name: 'acceptCommand', by: DEPUTY },
    says: `accepted the command from ${IC}`,
    tooEarly: declared,
    because: 'nobody has offered the command to this person',
  },
  {
    name: 'exclude',
    incident: declared,
    accepted: exclude(COUNSEL, SCRIBE),
    says: `excluded ${SCRIBE} — it was their key`,
    notFor: DEPUTY,
    owner: 'the incident commander or the security team or legal counsel',
    tooEarly: () => after(declared(), exclude(IC, SCRIBE)),
    because: 'is excluded already',
  },
  {
    name: 'readmit',
    incident: () => after(declared(), exclude(SECURITY, SCRIBE)),
    accepted: { name: 'readmit', by: COUNSEL, person: SCRIBE, reason: 'it was not them' },
    says: `readmitted ${SCRIBE} — it was not them`,
    notFor: SECURITY,
    owner: 'the incident commander or legal counsel',
    tooEarly: declared,
    because: 'is not excluded',
  },
  {
    name: 'moveRoom',
    incident: assembled,
    accepted: { name: 'moveRoom', by: DEPUTY, room: 'amber-otter', reason: 'they know the old one' },
    says: 'ordered a new room, #amber-otter',
    notFor: COUNSEL,
    owner: 'the incident commander or the deputy or the security team',
    tooEarly: declared,
    because: 'there is no room yet to move from',
  },
  {
    name: 'setPace',
    incident: declared,
    accepted: { name: 'setPace', by: DEPUTY, reminders: 20, status: 0 },
    says: 'reminders every 20 minutes; status of the room never',
    notFor: SECURITY,
    owner: 'the incident commander or the deputy',
    tooEarly: stoodDown,
    because: 'the incident has ended',
  },
  {
    name: 'lookWho',
    incident: declared,
    accepted: { name: 'lookWho', by: COUNSEL },
    says: 'asked who can see this',
    notFor: EXECUTIVE,
    owner: 'the incident commander or the deputy or the security team or legal counsel',
    tooEarly: stoodDown,
    because: 'the incident has ended',
  },
  {
    name: 'close',
    incident: everythingSettled,
    accepted: close(),
    says: 'closed the incident',
    notFor: DEPUTY,
    owner: 'the incident commander',
    tooEarly: responding,
    because: 'step 1 (Stop the attack in progress) has 6 tasks open',
  },
];

const every = KINDS.map((kind) => [kind.name, kind] as const);

describe('every kind of decision', () => {
  test('is in this table', () => {
    expect(KINDS.map(({ name }) => name)).toEqual(DECISION_NAMES);
  });

  test.each(every)('%s is accepted, and one entry says so', (name, { incident, accepted, says }) => {
    const before = incident();
    const { incident: next, outcome } = attempt(before, { ...accepted, door: 'slack' });
    expect(outcome).toMatchObject({ accepted: true, reasons: [], seq: before.entries.length + 1 });
    expect(outcome.text).toContain(says);
    expect(next.entries[outcome.seq - 1]).toMatchObject({
      kind: 'decision',
      decision: name,
      by: accepted.by,
      door: 'slack',
      text: outcome.text,
    });
  });

  test.each(every.filter(([, { notFor }]) => notFor !== undefined))(
    '%s is refused to somebody without the role',
    (_, { incident, accepted, notFor = IC, owner }) => {
      expect(reasonsAgainst(incident(), { ...accepted, by: notFor })).toMatch(
        new RegExp(`^it is for ${owner} to decide`),
      );
    },
  );

  test.each(every)('%s is refused to somebody not on the roster', (_, { incident, accepted }) => {
    expect(reasonsAgainst(incident(), { ...accepted, by: STRANGER })).toMatch(
      /^this person is not on the roster of the incident/,
    );
  });

  test.each(every)(
    '%s is refused where it comes too early, or too late',
    (_, { tooEarly, accepted, because }) => {
      expect(reasonsAgainst(tooEarly(), accepted)).toContain(because);
    },
  );

  test.each(every)('%s is refused after the end', (_, { accepted }) => {
    expect(reasonsAgainst(closed(), accepted)).toContain('the incident has ended');
    expect(reasonsAgainst(stoodDown(), accepted)).toContain('the incident has ended');
  });

  test.each(every)(
    '%s leaves the incident as it was where it is refused',
    (name, { tooEarly, accepted, notFor = STRANGER }) => {
      const before = tooEarly();
      for (const decision of [accepted, { ...accepted, by: notFor }]) {
        const { incident: next, outcome } = attempt(before, decision);
        expect({ ...next, entries: [], counting: {} }).toEqual({ ...before, entries: [], counting: {} });
        expect(next.entries.slice(0, -1)).toEqual(before.entries);
        expect(lastEntry(next)).toMatchObject({
          kind: 'refusal',
          decision: name,
          by: decision.by,
          reasons: outcome.reasons,
          seq: outcome.seq,
        });
      }
    },
  );

  test.each(every)('%s is anybody’s whose address is spelt in other letters', (_, { incident, accepted }) => {
    const { outcome } = attempt(incident(), { ...accepted, by: accepted.by.toUpperCase() });
    expect(outcome.accepted).toBe(true);
  });
});

describe('a refusal', () => {
  test('has every reason: of the person, of the step and of the task', () => {
    const { outcome } = attempt(declared(), complete(SCRIBE, 'contactFbi', 'overviewTimeline'));
    expect(outcome.reasons.map(({ gate }) => gate)).toEqual([
      'senderHasTheRole',
      'responseIsDetermined',
      'forensicAnalysisIsPerformed',
      'contactIsApproved',
      'attackIsConfirmedExternal',
    ]);
  });

  test('over and over is one entry at once, and one that counts a minute later', () => {
    let incident = responding();
    const before = incident.entries.length;
    const seqs = [0, 1, 30, 59].map((seconds) => {
      const { incident: next, outcome } = decide(
        incident,
        complete(ENGINEERING, 'contactFbi'),
        THREE_AM + 3_600_000 + seconds * 1_000,
      );
      incident = next;
      return outcome.seq;
    });
    expect(new Set(seqs)).toEqual(new Set([before + 1]));
    expect(incident.entries).toHaveLength(before + 1);
    expect(lastEntry(incident)).not.toHaveProperty('times');
    expect(unsaidRefusals(incident)).toBe(3);

    const later = THREE_AM + 3_600_000 + 60_000;
    expect(nextTellingAt(incident)).toBe(later);
    expect(tellRefusals(incident, later - 1, false)).toBe(incident);
    const told = tellRefusals(incident, later, false);
    expect(told.entries.slice(before)).toMatchObject([
      { kind: 'refusal', seq: before + 1 },
      { kind: 'refusal', seq: before + 2, times: 3, by: ENGINEERING },
    ]);
    // What was written down is not touched again.
    expect(told.entries[before]).toBe(incident.entries[before]);
    expect([refusalsOf(told.entries), unsaidRefusals(told), nextTellingAt(told)]).toEqual([
      refusalsOf(responding().entries) + 4,
      0,
      undefined,
    ]);
    // At the end, nothing waits for its minute.
    expect(lastEntry(tellRefusals(incident, later - 59_999, true))).toMatchObject({ times: 3 });
  });

  test('that comes again after its minute is an entry, which counts those of the minute too', () => {
    const first = decide(responding(), complete(ENGINEERING, 'contactFbi'), THREE_AM + 3_600_000);
    const second = decide(first.incident, complete(ENGINEERING, 'contactFbi'), THREE_AM + 3_600_001);
    const third = decide(second.incident, complete(ENGINEERING, 'contactFbi'), THREE_AM + 3_660_000);
    expect(third.outcome.seq).toBe(first.outcome.seq + 1);
    expect(third.incident.entries.slice(-2)).toMatchObject([
      { seq: first.outcome.seq, at: THREE_AM + 3_600_000 },
      { seq: third.outcome.seq, at: THREE_AM + 3_660_000, times: 2 },
    ]);
    expect(lastEntry(first.incident)).not.toHaveProperty('times');
    expect(unsaidRefusals(third.incident)).toBe(0);
  });

  test('is counted on while other things happen, and its entry stays where it is', () => {
    const at = THREE_AM + 3_600_000;
    const once = decide(responding(), complete(ENGINEERING, 'contactFbi'), at);
    const meanwhile = decide(once.incident, complete(SECURITY, 'findQueries'), at + 1_000).incident;
    const twice = decide(meanwhile, complete(ENGINEERING, 'contactFbi'), at + 2_000);
    expect(twice.outcome.seq).toBe(once.outcome.seq);
    expect(twice.incident.entries).toEqual(meanwhile.entries);
    expect(viewOf(twice.incident).refusals).toBe(2);
    const told = tellRefusals(twice.incident, at + 60_000, false);
    expect(lastEntry(told)).toMatchObject({ kind: 'refusal', times: 1, seq: told.entries.length });
    expect(viewOf(told).refusals).toBe(2);
  });

  test('among ten thousand is not lost, and they take a handful of entries a minute', () => {
    let incident = responding();
    const before = incident.entries.length;
    const why = { key: 'unsigned', text: 'send something', reasons: [{ gate: 'isSigned', reason: 'no' }] };
    for (let count = 0; count < 10_000; count += 1)
      ({ incident } = refuseUntrusted(incident, why, THREE_AM + 3_600_000 + count * 6));
    const told = tellRefusals(incident, THREE_AM + 3_660_000, false);
    expect(told.entries.length - before).toBe(2);
    expect(refusalsOf(told.entries)).toBe(10_000);
    expect(after(told, complete(SECURITY, 'findQueries')).tasks.findQueries.state).toBe('done');
  });

  test('that was told long ago and did not come again takes no room', () => {
    let incident = responding();
    for (let minute = 0; minute < 50; minute += 1) {
      const why = { key: `key-${minute}`, text: 'send something', reasons: [] };
      ({ incident } = refuseUntrusted(incident, why, THREE_AM + 3_600_000 + minute * 60_000));
    }
    expect(Object.keys(incident.counting)).toEqual(['key-49']);
  });

  test.each([
    ['another person', complete(IC, 'contactFbi')],
    ['another task', complete(ENGINEERING, 'contactCyberInsurance')],
    ['another decision', failTask(ENGINEERING, 'contactFbi')],
  ])('of %s is another entry', (_, other) => {
    const once = attempt(responding(), complete(ENGINEERING, 'contactFbi')).incident;
    const twice = decide(once, other, once.entries.at(-1)?.at ?? 0).incident;
    expect(twice.entries).toHaveLength(once.entries.length + 1);
    expect(once.entries.at(-1)).toEqual(twice.entries.at(-2));
  });

  test('of what could not be read is an entry too', () => {
    const reasons = [{ gate: 'isWellFormed', reason: 'by: missing' }];
    const why = { key: 'malformed', text: 'send something', decision: 'close', reasons } as const;
    const { incident, outcome } = refuseUntrusted(declared(), why, THREE_AM);
    expect(outcome.reasons).toEqual(reasons);
    expect(lastEntry(incident)).toMatchObject({ kind: 'refusal', by: 'unknown', decision: 'close' });
  });

  test.each(['constructor', '__proto__', 'toString', 'contact:', 'contact:nobody', 'statement@0'])(
    'answers a request that does not exist: %s',
    (request) => {
      for (const decision of [approve(IC, request), refuse(IC, request), breakGlass(IC, request)])
        expect(reasonsAgainst(responding(), decision)).toContain(`there is no request ${request}`);
    },
  );
});

describe('entries', () => {
  test.each(STATES)('are numbered from 1 without gaps when the incident is "%s"', (_, { entries }) => {
    expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_entry, index) => index + 1));
  });

  test('say what a decision held, without its envelope', () => {
    const { details } = lastEntry(
      after(responding(), { ...complete(SECURITY, 'findQueries'), door: 'slack' }),
    );
    expect(details).toEqual({ tasks: ['findQueries'] });
    expect(lastEntry(responding())).not.toHaveProperty('proof');
  });

  test('say what opened and what was locked again', () => {
    const secured = systemsSecured();
    expect(lastEntry(secured).text).toBe('step 10 (Forensic analysis of compromised systems) is open');
    expect(texts(after(secured, withdraw(SECURITY, 'systemsSecured')))).toContain(
      'step 10 (Forensic analysis of compromised systems) is locked again: nobody has recorded that the systems are secured (finding systemsSecured)',
    );
  });
});

describe('the declaration', () => {
  test('is the first entry, and gives the codename', () => {
    const { entries, tasks, phase } = declared();
    expect(entries[0]).toMatchObject({ seq: 1, kind: 'declared', by: SECURITY, door: 'command line' });
    expect(tasks.giveCodename.state).toBe('done');
    expect(phase.name).toBe('assessing');
  });

  test('warns of an affected service for which nobody speaks', () => {
    const scope = { ...EMPTY_SCOPE, services: [SERVICE, 'search'] };
    const warnings = declare(declaration({ scope }), company())
      .entries.filter(({ kind }) => kind === 'warning')
      .map(({ text }) => text);
    expect(warnings).toEqual(['nobody on the roster speaks for the affected service search']);
  });

  test('asks for approval of containment, by default', () => {
    const incident = declared();
    expect(incident.containments[INSTANCE]?.status).toBe('awaitingApproval');
    expect(incident.requests[CONTAIN]?.state).toBe('open');
    expect(texts(incident)).toContain(`containment of ${INSTANCE} waits for approval (request ${CONTAIN})`);
  });

  test('contains at once where the authority level says so', () => {
    const incident = declared({ company: { authority: 'contain-on-declare' } });
    expect(incident.containments[INSTANCE]?.status).toBe('running');
    expect(incident.requests[CONTAIN]).toBeUndefined();
  });
});

describe('the determination', () => {
  test('to stand down ends the incident, and opens nothing', () => {
    const incident = stoodDown();
    expect(incident.phase).toMatchObject({ name: 'stoodDown', by: IC, reason: 'a load test' });
    expect(texts(incident).filter((text) => text.endsWith('is open'))).toEqual([]);
  });

  test('is made once: a response ends by its checklist', () => {
    expect(reasonsAgainst(responding(), standDown())).toContain('ends by its checklist');
  });

  test('leaves what the authority level contained before it beyond doubt', () => {
    const early = afterReports(declared({ company: { authority: 'contain-on-declare' } }), ...contained());
    for (const incident of [early, after(early, respond())])
      for (const task of ['shutDownInstances', 'isolateAffected', 'takeDiskImages'] as const)
        expect(incident.tasks[task]).toEqual(expect.not.objectContaining({ inDoubt: expect.anything() }));
  });
});

describe('completing tasks', () => {
  test('is for one who may complete each of them', () => {
    expect(reasonsAgainst(responding(), complete(SECURITY, 'findQueries', 'findExfiltration'))).toBe(
      'it is for the incident commander to decide',
    );
    after(responding(), complete(IC, 'findQueries', 'findExfiltration'));
  });

  test('completes none where one of them is locked', () => {
    const { incident } = attempt(responding(), complete(IC, 'findQueries', 'overviewTimeline'));
    expect(incident.tasks.findQueries.state).toBe('open');
  });

  test('keeps the note, and counts a task named twice once', () => {
    const incident = after(responding(), {
      ...complete(SECURITY, 'findQueries', 'findQueries'),
      note: 'none ran',
    } as Decision);
    expect(incident.tasks.findQueries).toMatchObject({ state: 'done', by: SECURITY, note: 'none ran' });
    expect(lastEntry(incident).text.match(/5\.5/g)).toHaveLength(1);
  });

  test('is for the assignee as well, and only of that task', () => {
    const assigned = after(responding(), assign(IC, 'findQueries', SCRIBE));
    after(assigned, complete(SCRIBE, 'findQueries'));
    expect(reasonsAgainst(assigned, complete(SCRIBE, 'findQueries', 'findBackDoors'))).toContain('to decide');
  });

  test('opens no gate to an assignee', () => {
    const assigned = after(responding(), assign(IC, 'overviewTimeline', SCRIBE));
    expect(reasonsAgainst(assigned, complete(SCRIBE, 'overviewTimeline'))).toContain('step 10');
  });

  test('is refused for what the lint checks', () => {
    expect(reasonsAgainst(fiveFacts(), complete(MARKETING, 'nameNobody'))).toContain(
      'is checked by the machine when the statement is submitted',
    );
  });

  test('is refused for what is settled', () => {
    const done = after(responding(), complete(SECURITY, 'findQueries'));
    expect(reasonsAgainst(done, complete(IC, 'findQueries'))).toContain('is settled already');
    const left = after(responding(), notNeeded(SECURITY, 'findQueries'));
    expect(reasonsAgainst(left, complete(IC, 'findQueries'))).toContain('is settled already');
  });

  test('can’t be assigned to somebody not on the roster', () => {
    expect(reasonsAgainst(responding(), assign(IC, 'findQueries', STRANGER))).toContain('not on the roster');
  });
});

describe('not needed', () => {
  test.each(['combThroughEvidence', 'identifyWhatHappened'] as const)('can’t be said of %s', (task) => {
    expect(reasonsAgainst(systemsSecured(), notNeeded(IC, task))).toContain(
      'without it forensic analysis of compromised systems has not been done',
    );
  });

  test('can be said of the rest of step 10, once it is open', () => {
    expect(reasonsAgainst(responding(), notNeeded(IC, 'trackAttackAddresses'))).toContain('systemsSecured');
    after(systemsSecured(), notNeeded(IC, 'trackAttackAddresses', 'watchForReturn'));
  });

  test.each(['overviewTimeline', 'dateInTitle', 'releaseStatement'] as const)(
    'does not wave %s through while its step is locked',
    (task) => {
      expect(attempt(forensicsPerformed(), notNeeded(IC, task)).outcome.accepted).toBe(false);
    },
  );

  test('can be said of a contact that nobody wants to make', () => {
    const incident = after(responding(), notNeeded(ENGINEERING, 'contactExternalParties'));
    expect(stateOfStep('externalParties', incident)).toBe('notNeeded');
  });

  test('stays as the person said, whatever the machine reports later', () => {
    const incident = after(responding(), notNeeded(IC, 'turnOffInstances'));
    const reported = afterReports(after(incident, approve(IC, CONTAIN)), ...contained());
    expect(reported.tasks.turnOffInstances.state).toBe('notNeeded');
    expect(reported.tasks.shutDownInstances).toMatchObject({ state: 'done', by: 'firebreak' });
  });
});

describe('widening the scope', () => {
  test('asks for approval of an instance, by default', () => {
    const incident = after(responding(), widen(SECURITY, 'instance', OTHER_INSTANCE));
    expect(incident.containments[OTHER_INSTANCE]).toMatchObject({ status: 'awaitingApproval', number: 2 });
    const approved = after(incident, approve(SECURITY, `contain:${OTHER_INSTANCE}`));
    expect(approved.containments[OTHER_INSTANCE]?.status).toBe('running');
    expect(approved.containments[INSTANCE]?.status).toBe('awaitingApproval');
  });

  test('contains an instance at once where the authority level says so', () => {
    const incident = after(
      declared({ company: { authority: 'contain-on-declare' } }),
      widen(FORENSICS, 'instance', OTHER_INSTANCE),
    );
    expect(incident.containments[OTHER_INSTANCE]?.status).toBe('running');
    expect(Object.keys(incident.requests)).not.toContain(`contain:${OTHER_INSTANCE}`);
  });

  test('takes up again what containment had settled', () => {
    const incident = after(assembled(), widen(SECURITY, 'instance', OTHER_INSTANCE));
    expect(incident.tasks.isolateAffected.state).toBe('open');
    expect(stateOfStep('isolateInstances', incident)).toBe('open');
  });

  test('invites again for a service, and says where nobody speaks for it', () => {
    const incident = after(assembled(), widen(IC, 'service', 'search'));
    expect(incident.effects.inviteResponders.state).toBe('waiting');
    expect(incident.effects.pageIncidentCommander.state).toBe('done');
    expect(incident.tasks.includeServiceRepresentatives.state).toBe('open');
    expect(texts(incident)).toContain(
      'added service search to the scope; nobody on the roster speaks for it',
    );
  });
});

describe('containment', () => {
  test('that was refused leaves its tasks to people', () => {
    const incident = after(responding(), refuse(SECURITY, CONTAIN));
    expect(incident.containments[INSTANCE]?.status).toBe('refused');
    after(incident, complete(SECURITY, 'shutDownInstances'));
  });

  test('that was refused can be approved after all', () => {
    const incident = after(responding(), refuse(SECURITY, CONTAIN), approve(IC, CONTAIN));
    expect(incident.containments[INSTANCE]?.status).toBe('running');
    expect(incident.requests[CONTAIN]).not.toHaveProperty('refusal');
  });

  test('is ordered by "stop now" as well, and remembers by whom', () => {
    for (const before of [declared(), after(declared(), refuse(SECURITY, CONTAIN))])
      expect(after(before, orderStop(IC)).containments[INSTANCE]).toMatchObject({
        status: 'running',
        stopOrdered: { by: IC },
      });
  });

  test('that was ordered is approved by the order, and can’t be refused any more', () => {
    const ordered = after(declared(), orderStop(IC));
    expect(ordered.requests[CONTAIN]?.state).toBe('approved');
    expect(reasonsAgainst(ordered, refuse(SECURITY, CONTAIN))).toContain('is approved, and has begun');
  });

  test('of what is not in the scope can’t be ordered', () => {
    expect(reasonsAgainst(declared(), orderStop(IC, OTHER_INSTANCE))).toContain('is not in the scope');
  });

  test('is done only when it is proven for every instance', () => {
    const two = after(
      responding(),
      widen(SECURITY, 'instance', OTHER_INSTANCE),
      approve(SECURITY, CONTAIN),
      approve(SECURITY, `contain:${OTHER_INSTANCE}`),
    );
    const one = afterReports(two, ...contained(INSTANCE));
    expect(one.tasks.isolateAffected.state).toBe('open');
    expect(afterReports(one, ...contained(OTHER_INSTANCE)).tasks.isolateAffected).toMatchObject({
      state: 'done',
      note: '2 of 2 in the scope',
    });
  });

  test('that fails shows its cause, and heals', () => {
    const running = after(responding(), approve(IC, CONTAIN));
    const failing = afterReports(running, failingAt('isolate', 'AccessDenied'));
    expect(failing.tasks.isolateAffected).toMatchObject({
      state: 'failed',
      cause: 'Isolate every interface: AccessDenied',
    });
    expect(afterReports(failing, ...contained()).tasks.isolateAffected.state).toBe('done');
  });

  test('of an unknown instance changes nothing', () => {
    const told = failingAt('isolate', 'AccessDenied', OTHER_INSTANCE);
    expect(report(declared(), told, THREE_AM)).toEqual(declared());
  });

  test('that fails can be given up: its tasks are left to people, and it can be ordered again', () => {
    const failed = afterReports(contains(), failingAt('isolate', 'AccessDenied'));
    const given = after(failed, giveUp(IC));
    expect(given.containments[INSTANCE]?.status).toBe('abandoned');
    expect(reasonsAgainst(given, giveUp(IC))).toContain('is not under way');
    after(given, complete(SECURITY, 'isolateAffected'));
    const again = after(given, retry(SECURITY, 'isolateAffected'));
    expect(again.containments[INSTANCE]?.status).toBe('running');
  });

  test('that could not be proven can be given up as well', () => {
    const unproven = afterReports(contains(), {
      name: 'containmentReported',
      told: { target: INSTANCE, unproven: ['eth1'] },
    });
    expect(after(unproven, giveUp(IC)).containments[INSTANCE]?.status).toBe('abandoned');
  });

  test.each(['constructor', '__proto__', OTHER_INSTANCE])('of %s can’t be given up', (target) => {
    expect(reasonsAgainst(contains(), giveUp(IC, target))).toBe(`${target} is not in the scope`);
  });

  test('under way keeps the incident open', () => {
    const incident = after(everythingSettled(), widen(IC, 'instance', OTHER_INSTANCE));
    const settled = withEveryOpenTaskDone(after(incident, approve(IC, `contain:${OTHER_INSTANCE}`)));
    expect(reasonsAgainst(settled, close())).toBe('the containment or release of 1 thing is under way');
  });
});

describe('a machine task that failed', () => {
  const failed = () => afterReports(responding(), ...effectFailed('openRoom'));

  test('says why, and leaves the rest of the incident going', () => {
    expect(failed().tasks.setUpRoom).toMatchObject({
      state: 'failed',
      by: 'firebreak',
      cause: 'the vendor answers 503',
    });
    expect(lastEntry(failed())).toMatchObject({ kind: 'failure' });
    after(failed(), complete(SECURITY, 'findQueries'));
  });

  test('is tried again at once by order', () => {
    const incident = after(failed(), retry(IC, 'setUpRoom'));
    expect(incident.effects.openRoom).toMatchObject({ state: 'failed', retryOrdered: true });
    const tried = afterReports(incident, ...effectsDone('openRoom'));
    expect(tried.tasks.setUpRoom.state).toBe('done');
  });

  test('counts its attempts, and waits longer each time', () => {
    const twice = afterReports(failed(), ...effectFailed('openRoom'));
    expect(twice.effects.openRoom).toMatchObject({ state: 'failed', attempt: 2 });
    const { openRoom } = twice.effects;
    expect(openRoom.state === 'failed' && openRoom.nextTryAt - openRoom.at).toBe(10_000);
  });

  test('can be done by a person, and stays so whatever the machine reports later', () => {
    const incident = after(failed(), complete(IC, 'setUpRoom'));
    for (const later of [effectFailed('openRoom'), effectsDone('openRoom')])
      expect(afterReports(incident, ...later).tasks.setUpRoom).toMatchObject({ state: 'done', by: IC });
  });
});

describe('withholding', () => {
  const step = 'internalCommunication' as const;

  test.each([
    [IC, COUNSEL],
    [COUNSEL, IC],
  ])('is done by %s and %s together', (first, second) => {
    const asked = after(responding(), withhold(first, step));
    expect(stateOfStep(step, asked)).toBe('locked');
    expect(stateOfStep(step, after(asked, withhold(second, step)))).toBe('withheld');
  });

  test('is not done by one person who says it twice', () => {
    expect(reasonsAgainst(after(responding(), withhold(IC, step)), withhold(IC, step))).toContain(
      'this person has said so already; legal counsel must agree',
    );
  });

  test.each(['both@example.com', 'BOTH@example.com'])(
    'is not done by one person with both roles (%s)',
    (again) => {
      const both = { email: 'both@example.com', roles: ['incidentCommander', 'legalCounsel'] as const };
      const incident = after(
        declared({ company: { roster: [...ROSTER, both] } }),
        respond(),
        withhold(both.email, step),
      );
      expect(reasonsAgainst(incident, withhold(again, step))).toContain('must agree');
    },
  );

  test('is not done by two people of the same role', () => {
    const second = { email: 'second-ic@example.com', roles: ['incidentCommander'] as const };
    const incident = after(
      declared({ company: { roster: [...ROSTER, second] } }),
      respond(),
      withhold(IC, step),
    );
    expect(reasonsAgainst(incident, withhold(second.email, step))).toBe('legal counsel must agree');
  });

  test.each([
    'stopAttack',
    'cutOffVector',
    'assembleTeam',
    'isolateInstances',
    'identifyTimeline',
    'identifyCompromisedData',
    'assessOtherSystems',
    'assessReattack',
    'applyMitigations',
    'forensicAnalysis',
  ] as const)('is not for %s', (kept) => {
    expect(reasonsAgainst(responding(), withhold(IC, kept))).toContain('11 to 14');
  });

  test('is not done twice', () => {
    const withheld = after(responding(), withhold(IC, step), withhold(COUNSEL, step));
    expect(reasonsAgainst(withheld, withhold(IC, step))).toContain('settled already');
  });

  test('lets an incident end whose source is internal', () => {
    const incident = everythingWithheld();
    expect(stateOfStep('internalCommunication', incident)).toBe('withheld');
    expect(after(incident, close()).phase.name).toBe('closed');
  });
});

describe('breaking the glass', () => {
  const fbi = 'contact:fbi';
  const broken = () => after(responding(), breakGlass(IC, fbi), breakGlass(COUNSEL, fbi));

  test('approves that contact before forensics', () => {
    expect(broken().requests[fbi]).toMatchObject({ state: 'approved', glassBroken: true });
    after(broken(), complete(ENGINEERING, 'contactFbi'));
  });

  test('opens no other contact', () => {
    expect(reasonsAgainst(broken(), complete(ENGINEERING, 'contactCyberInsurance'))).toContain('step 10');
  });

  test('is for contacts only', () => {
    expect(reasonsAgainst(declared(), breakGlass(IC, CONTAIN))).toContain('every other gate has no override');
    expect(reasonsAgainst(statementApproved(), breakGlass(IC, STATEMENT_1))).toContain('no override');
  });

  test('needs two different people', () => {
    const asked = after(responding(), breakGlass(COUNSEL, fbi));
    expect(asked.requests[fbi]?.state).toBe('open');
    expect(reasonsAgainst(asked, breakGlass(COUNSEL, fbi))).toContain('the incident commander must agree');
  });

  test('is undone by a refusal, which puts what was done in doubt; and both may break it again', () => {
    const refused = after(broken(), complete(ENGINEERING, 'contactFbi'), refuse(IC, fbi));
    expect(refused.requests[fbi]).toEqual(expect.not.objectContaining({ glassBroken: true }));
    expect(refused.tasks.contactFbi).toMatchObject({ state: 'done', inDoubt: expect.anything() });
    expect(reasonsAgainst(refused, complete(ENGINEERING, 'contactFbi'))).toContain('was refused');
    const again = after(refused, breakGlass(COUNSEL, fbi), breakGlass(IC, fbi));
    expect(again.requests[fbi]).toMatchObject({ state: 'approved', glassBroken: true });
  });

  test('does not go on from a voice that was given before a refusal', () => {
    const refused = after(responding(), breakGlass(COUNSEL, fbi), refuse(IC, fbi));
    expect(after(refused, breakGlass(IC, fbi)).requests[fbi]?.state).toBe('refused');
  });
});

describe('findings', () => {
  test.each([
    ['attackSource', undefined, 'attackSource is one of: external, internal'],
    ['attackSource', 'elsewhere', 'attackSource is one of: external, internal'],
    ['methodKnown', 'external', 'it takes no value'],
  ] as const)('%s = %s is refused', (finding, value, because) => {
    expect(reasonsAgainst(systemsSecured(), record(FORENSICS, finding, value))).toContain(because);
  });

  test('keep their grounds, by whom and when', () => {
    expect(externalConfirmed().findings.attackSource).toMatchObject({
      value: 'external',
      grounds: 'evidence item 7',
      by: FORENSICS,
    });
  });
});

describe('when a back door turns up after the word inside', () => {
  const told = () =>
    after(externalConfirmed(), complete(ENGINEERING, ...tasksOfStep('internalCommunication')));
  const fallen = () => after(told(), withdraw(SECURITY, 'systemsSecured'));

  test('the tasks of steps 10 and 11 are in doubt, each with the reason and an entry', () => {
    for (const id of [...FORENSIC_TASKS, ...tasksOfStep('internalCommunication')]) {
      expect(fallen().tasks[id]).toMatchObject({ state: 'done', inDoubt: { because: expect.any(String) } });
      expect(texts(fallen()).some((text) => text.startsWith(`${numberOfTask(id)} (`))).toBe(true);
    }
    expect(fallen().tasks.combThroughEvidence).toMatchObject({
      inDoubt: { because: expect.stringContaining('finding systemsSecured') },
    });
    expect(fallen().tasks.overviewTimeline).toMatchObject({
      inDoubt: { because: expect.stringContaining('forensic analysis is in doubt') },
    });
  });

  test('what no gate of theirs stands behind is left alone', () => {
    const before = after(told(), complete(SECURITY, 'findQueries'));
    expect(after(before, withdraw(SECURITY, 'systemsSecured')).tasks.findQueries).toEqual(
      before.tasks.findQueries,
    );
  });

  test('the incident can’t be closed, for that reason alone', () => {
    const incident = after(everythingSettled(), withdraw(SECURITY, 'systemsSecured'));
    expect(reasonsAgainst(incident, close())).toContain('step 10');
    expect(reasonsAgainst(incident, close())).toContain('step 11');
  });

  test('the finding alone re-affirms nothing', () => {
    const secured = after(fallen(), record(SECURITY, 'systemsSecured'));
    expect(secured.tasks.combThroughEvidence).toMatchObject({ inDoubt: expect.anything() });
    expect(reasonsAgainst(secured, complete(ENGINEERING, 'overviewTimeline'))).toContain('step 10');
  });

  test('completing again re-affirms, first step 10 and then step 11', () => {
    const again = after(
      fallen(),
      record(SECURITY, 'systemsSecured'),
      complete(FORENSICS, ...FORENSIC_TASKS),
      record(FORENSICS, 'attackSource', 'external'),
      complete(ENGINEERING, ...tasksOfStep('internalCommunication')),
    );
    expect(stateOfStep('forensicAnalysis', again)).toBe('done');
    expect(stateOfStep('internalCommunication', again)).toBe('done');
  });

  test('the source has to be found again: the old finding rested on the analysis that fell', () => {
    expect(fallen().findings.attackSource).toBeUndefined();
    const analysed = after(
      fallen(),
      record(SECURITY, 'systemsSecured'),
      complete(FORENSICS, ...FORENSIC_TASKS),
    );
    expect(reasonsAgainst(analysed, complete(ENGINEERING, 'overviewTimeline'))).toContain(
      'attackSource=external',
    );
  });

  test('the doubt is marked again the next time', () => {
    const again = after(
      fallen(),
      record(SECURITY, 'systemsSecured'),
      complete(FORENSICS, ...FORENSIC_TASKS),
      withdraw(SECURITY, 'systemsSecured'),
    );
    const marked = texts(again).filter((text) => text.startsWith('10.1 (') && text.includes('in doubt'));
    expect(marked).toHaveLength(2);
  });
});

describe('the statement', () => {
  test('is linted when it is submitted, and every problem is a reason with the seed’s words', () => {
    const { outcome } = attempt(
      fiveFacts(),
      submit(MARKETING, '# Sorry\n\nWe take security very seriously.'),
    );
    expect(outcome.accepted).toBe(false);
    expect(outcome.reasons.length).toBeGreaterThanOrEqual(6);
    expect(outcome.reasons.every(({ gate, source }) => gate === 'statementPassesItsLint' && source)).toBe(
      true,
    );
  });

  test('settles what the lint checks, and asks for three approvals', () => {
    const incident = after(fiveFacts(), submit(MARKETING));
    for (const id of tasksOfStep('externalCommunication').filter((task) => taskOf(task).by.kind === 'lint'))
      expect(incident.tasks[id]).toMatchObject({ state: 'done', note: 'version 1 passed its lint' });
    expect(incident.requests[STATEMENT_1]).toMatchObject({ state: 'open', approvals: [] });
    expect(incident.requests[STATEMENT_1]?.needs).toHaveLength(3);
  });

  test('in a new version needs new approvals', () => {
    const incident = after(statementApproved(), submit(MARKETING, `${STATEMENT}\nOne more word.`));
    expect(incident.statement?.version).toBe(2);
    const request = incident.statement && requestOfStatement(incident.statement);
    expect(incident.requests[request ?? '']).toMatchObject({ state: 'open', approvals: [] });
    const told = after(incident, complete(MARKETING, 'tellCustomersSecurityTeams'));
    expect(reasonsAgainst(told, complete(MARKETING, 'releaseStatement'))).toContain('version 2');
  });

  test('that was refused needs all three again', () => {
    const refused = after(statementApproved(), refuse(COUNSEL, STATEMENT_1), approve(COUNSEL, STATEMENT_1));
    expect(refused.requests[STATEMENT_1]).toMatchObject({ state: 'open' });
    expect(refused.requests[STATEMENT_1]?.approvals).toHaveLength(1);
  });

  test('names no third party of the scope without a link', () => {
    const named = after(fiveFacts(), {
      name: 'widenScope',
      by: IC,
      what: 'account',
      which: 'Example Mail',
    });
    const blame = `${STATEMENT}\nExample Mail let them in.`;
    expect(reasonsAgainst(named, submit(MARKETING, blame))).toContain('it names Example Mail without a link');
    after(
      named,
      submit(MARKETING, `${STATEMENT}\n[Example Mail](https://mail.example.net/disclosure) said so.`),
    );
  });
});

describe('the end', () => {
  test('is refused with every open step, by number', () => {
    const { outcome } = attempt(responding(), close());
    const steps = outcome.reasons
      .filter(({ gate }) => gate === 'stepIsSettled')
      .map(({ reason }) => Number(/^step (\d+) /.exec(reason)?.[1]));
    expect(steps).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]);
  });

  test('names only what is open', () => {
    const { incident } = { incident: everythingSettled() };
    const doubtful = after(incident, refuse(IC, 'contact:fbi'));
    expect(reasonsAgainst(doubtful, close())).toBe('step 12 (Involve law enforcement) has 1 task open');
  });

  test('needs a determination', () => {
    expect(reasonsAgainst(declared(), close())).toContain('respond, or stand down');
  });

  test('is by whom and when it was said', () => {
    const before = everythingSettled();
    expect(decide(before, close(), THREE_AM + 86_400_000).incident.phase).toEqual({
      name: 'closed',
      by: IC,
      at: THREE_AM + 86_400_000,
    });
  });
});

describe('a request from the Web UI', () => {
  test('decides nothing, and is kept until somebody confirms it', () => {
    const { incident, outcome } = askAs(declared(), SCRIBE, respond());
    expect(outcome).toMatchObject({ accepted: false, reasons: [{ gate: 'isSigned' }] });
    expect(outcome.reasons[0]?.reason).toContain('"firebreak confirm sapphire-unicorn asked-1"');
    expect(incident.phase.name).toBe('assessing');
    expect(lastEntry(incident)).toMatchObject({
      kind: 'asked',
      by: SCRIBE,
      door: 'temporal',
      decision: 'determine',
      seq: outcome.seq,
    });
    expect(viewOf(incident).asked).toMatchObject([{ id: 'asked-1', by: SCRIBE, what: 'determine: respond' }]);
    expect(renderDetails(incident)).toContain('confirm `asked-1`');
  });

  test('decides nothing either where whoever was signed in might decide it', () => {
    for (const decision of [respond(), close(), approve(IC, CONTAIN), orderStop(IC)]) {
      const before = declared();
      const { incident } = askAs(before, IC, decision);
      expect({ ...incident, entries: [], asked: {}, askedSoFar: 0 }).toEqual({ ...before, entries: [] });
    }
  });

  test("becomes the decision of whoever confirms it, with that person's role", () => {
    const { incident } = askAs(declared(), SCRIBE, respond());
    expect(reasonsAgainst(incident, confirm(SECURITY))).toContain(
      'it is for the incident commander to decide',
    );
    const confirmed = after(incident, confirm(IC));
    expect(confirmed.phase).toMatchObject({ name: 'responding', by: IC });
    expect(confirmed.asked).toEqual({});
    expect(confirmed.entries.find(({ kind }) => kind === 'decision')).toMatchObject({
      by: IC,
      decision: 'confirm',
      text: expect.stringContaining(`confirmed asked-1 of ${SCRIBE}: `),
      details: { request: 'asked-1' },
    });
    expect(reasonsAgainst(confirmed, confirm(IC))).toContain('no request asked-1 waits to be confirmed');
  });

  test('is one voice, of whoever confirms it and not of whoever asked', () => {
    const asked = askAs(responding(), COUNSEL, breakGlass(COUNSEL, 'contact:fbi')).incident;
    const once = after(asked, confirm(IC));
    expect(once.glass['contact:fbi']?.map(({ by }) => by)).toEqual([IC]);
    expect(once.requests['contact:fbi']?.glassBroken).toBeUndefined();
  });

  test('to confirm another one gives nobody a role that they have not', () => {
    const first = askAs(declared(), SCRIBE, standDown()).incident;
    const { incident } = askAs(first, SCRIBE, confirm(SCRIBE));
    const { incident: later, outcome } = attempt(incident, confirm(SCRIBE, 'asked-2'));
    expect(outcome.accepted).toBe(false);
    expect(later.phase.name).toBe('assessing');
  });

  test('to confirm itself is answered as everything else is', () => {
    const { incident } = askAs(declared(), SCRIBE, confirm(SCRIBE, 'asked-1'));
    expect(attempt(incident, confirm(IC)).outcome.accepted).toBe(false);
  });

  test.each(['constructor', '__proto__', 'toString', 'asked-0', 'asked-2', 'contact:fbi'])(
    'that nobody sent is answered: %s',
    (request) => {
      const { incident } = askAs(declared(), SCRIBE, respond());
      expect(reasonsAgainst(incident, confirm(IC, request))).toBe(
        `no request ${request} waits to be confirmed`,
      );
    },
  );

  test('that may not be decided now is refused when it is confirmed, and stays', () => {
    const { incident } = askAs(declared(), SCRIBE, close());
    const { incident: later, outcome } = attempt(incident, confirm(IC));
    expect(outcome.accepted).toBe(false);
    expect(Object.keys(later.asked)).toEqual(['asked-1']);
  });

  test('has a name that is given once', () => {
    const confirmed = after(askAs(declared(), SCRIBE, respond()).incident, confirm(IC));
    const { incident } = askAs(confirmed, SCRIBE, close());
    expect(Object.keys(incident.asked)).toEqual(['asked-2']);
  });

  test('is one of twenty at most, and the rest are refused and counted', () => {
    let incident = declared();
    const at = nextMinute(incident);
    for (let count = 0; count < 25; count += 1)
      ({ incident } = ask(incident, SCRIBE, { ...respond(), by: SCRIBE }, at + count));
    expect(Object.keys(incident.asked)).toHaveLength(20);
    expect(lastEntry(incident)).toMatchObject({ kind: 'refusal', by: SCRIBE, door: 'temporal' });
    expect(lastEntry(incident).reasons).toMatchObject([{ gate: 'requestsAreFew' }]);
    expect(refusalsOf(incident.entries) + unsaidRefusals(incident)).toBe(5);
  });

  test('that is one too many is told of whoever sent it, and of nobody else', () => {
    let incident = declared();
    const at = nextMinute(incident);
    for (const by of [...Array.from({ length: 21 }, () => SCRIBE), MARKETING, MARKETING])
      ({ incident } = ask(incident, by, { ...respond(), by }, at));
    const told = tellRefusals(incident, at + 60_000, false);
    const of = (who: string) => refusalsOf(told.entries.filter(({ by }) => by === who));
    expect([of(SCRIBE), of(MARKETING)]).toEqual([1, 2]);
  });

  test('is refused once the incident has ended, and is not kept', () => {
    const { incident, outcome } = askAs(stoodDown(), SCRIBE, respond());
    expect(outcome).toMatchObject({ accepted: false, reasons: [{ gate: 'incidentRuns' }] });
    expect(incident.asked).toEqual({});
    expect(lastEntry(incident)).toMatchObject({ kind: 'refusal', by: SCRIBE, seq: outcome.seq });
  });
});

describe('keys that are read anew', () => {
  const NEW = { email: IC, roles: ['scribe'], keys: ['ssh-ed25519 NEW'] } as const;

  test('replace the old ones of people on the roster, and of nobody else', () => {
    const ordered = after(responding(), renewKeys(SECURITY));
    expect(ordered.keysWantedSince).toBe(lastEntry(ordered).at);
    const stranger = { email: STRANGER, roles: ['incidentCommander'], keys: ['ssh-ed25519 OTHER'] } as const;
    const renewed = afterReports(ordered, { name: 'keysRenewed', company: { roster: [NEW, stranger] } });
    expect(renewed.keysWantedSince).toBeUndefined();
    const [ic, deputy] = renewed.company.roster;
    expect(ic).toMatchObject({ email: IC, roles: ['incidentCommander'], keys: ['ssh-ed25519 NEW'] });
    expect(deputy).not.toHaveProperty('keys');
    const people = ({ company: { roster } }: Incident) => roster.map(({ keys: _keys, ...person }) => person);
    expect(people(renewed)).toEqual(people(ordered));
    expect(lastEntry(renewed).details).toEqual({ keys: { [IC]: ['ssh-ed25519 NEW'] } });
    expect(lastEntry(renewed).text).toContain(`changed: ${IC}, ${DEPUTY}, `);
  });

  test('say so where none has changed, in whatever spelling the file has the addresses', () => {
    const roster = ROSTER.map((person) => ({ ...person, email: person.email.toUpperCase() }));
    const renewed = afterReports(responding(), { name: 'keysRenewed', company: { roster } });
    expect(lastEntry(renewed).text).toContain('none has changed');
    expect(renewed.company).toEqual(responding().company);
  });

  test("replace a door's as well, and take away those that the file has no longer", () => {
    const doors = { slack: ['ssh-ed25519 SLACK'], pagerduty: ['ssh-ed25519 PAGER'] };
    const running = declared({ company: { doors } });
    const renew = (changed: Partial<Record<'doors', { slack?: string[] }>>) =>
      afterReports(running, { name: 'keysRenewed', company: { roster: ROSTER, ...changed } });
    const renewed = renew({ doors: { slack: ['ssh-ed25519 NEW'] } });
    expect(renewed.company.doors).toEqual({ slack: ['ssh-ed25519 NEW'] });
    expect(lastEntry(renewed).details).toMatchObject({ doors: { slack: ['ssh-ed25519 NEW'] } });
    expect(renew({}).company.doors ?? {}).toEqual({});
  });

  test('that can not be read leave the old ones', () => {
    const ordered = after(responding(), renewKeys(IC));
    const kept = afterReports(ordered, { name: 'keysNotRenewed', cause: 'the file is wrong' });
    expect(kept.company).toBe(ordered.company);
    expect(kept.keysWantedSince).toBeUndefined();
    expect(lastEntry(kept)).toMatchObject({ kind: 'failure', by: 'firebreak' });
    expect(lastEntry(kept).text).toContain('the file is wrong');
  });

  test('can be ordered again', () => {
    const once = afterReports(after(responding(), renewKeys(IC)), { name: 'keysNotRenewed', cause: 'x' });
    expect(after(once, renewKeys(IC)).keysWantedSince).toBeDefined();
  });
});

describe('a declaration that nobody has proven', () => {
  const contains = { company: { authority: 'contain-on-declare' } } as const;
  const unproven = () => declared({ ...contains, declaration: { unproven: 'it is not signed' } });

  test('is one all the same, and says so', () => {
    expect(unproven().entries[0]).toMatchObject({ kind: 'declared', by: SECURITY });
    expect(texts(unproven()).join('\n')).toContain('nothing proves who declared this (it is not signed)');
    expect(texts(declared(contains)).join('\n')).not.toContain('nothing proves');
  });

  test('asks before anything is contained', () => {
    expect(declared(contains).containments[INSTANCE]?.status).toBe('running');
    expect(unproven().containments[INSTANCE]?.status).toBe('awaitingApproval');
    expect(after(unproven(), approve(SECURITY, CONTAIN)).containments[INSTANCE]?.status).toBe('running');
  });

  test('asks for its own alone: what somebody proves to have named is contained at once', () => {
    const widened = after(unproven(), widen(SECURITY, 'instance', OTHER_INSTANCE));
    expect(widened.containments[OTHER_INSTANCE]?.status).toBe('running');
    expect(widened.containments[INSTANCE]?.status).toBe('awaitingApproval');
  });
});
