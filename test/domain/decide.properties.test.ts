/**
 * Whatever people send, ask for or forge and machines tell, in whatever order: no forbidden state, and no refusal lost. The
 * rules are told here a second time, in words of their own and without the gates, so that a gate that opens too early is seen.
 */
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { NODE_CRYPTO } from '../../client/signing/crypto';
import { MOST_ASKED } from '../../domain/asked';
import { dueOfAssignments } from '../../domain/assignments';
import { blockersOfClose, blockersOfTask, isSettled } from '../../domain/blockers';
import { TASK_IDS, taskOf, type TaskId } from '../../domain/checklist';
import { CONTACT_IDS, type ContactId } from '../../domain/contacts';
import { CHAINS, type ContainmentReport, type SubStepState, type TargetKind } from '../../domain/containment';
import {
  ask,
  decide,
  declare,
  refuseUntrusted,
  report,
  tellRefusals,
  type Decided,
} from '../../domain/decide';
import {
  DECISION_NAMES,
  DECISIONS,
  parseDecision,
  parseMessage,
  type Decision,
} from '../../domain/decisions';
import { blockersOfEffect, EFFECT_IDS } from '../../domain/effects';
import { UNKNOWN, type Entry } from '../../domain/entries';
import type { EvidenceItem } from '../../domain/evidence/items';
import { CANNOT_BE_UNDONE, copiesToLockForGood, hasUnsealed } from '../../domain/evidence/store';
import { FINDING_IDS, findingOf, type FindingId } from '../../domain/findings';
import { hasEnded, type Incident } from '../../domain/incident';
import { renderDetails, renderPinned } from '../../domain/markdown';
import type { Content } from '../../domain/outbox';
import { nextCall } from '../../domain/paging';
import { lineOf, rosterOf, toBeRemoved } from '../../domain/people';
import { nextReminder } from '../../domain/reminders';
import { nextTellingAt, refusalsOf, TOLD_EVERY_MS, unsaidRefusals } from '../../domain/refusals';
import type { Report } from '../../domain/reports';
import { requestIdOf, requestOfStatement, rolesStillNeeded } from '../../domain/requests';
import {
  executivesAndCounsel,
  marketingTeam,
  operationalResponders,
  ROLE_IDS,
  type Responder,
  type Role,
} from '../../domain/roles';
import { openRotations, ROTATION_OUTCOMES } from '../../domain/rotations';
import { blockersOfRelease } from '../../domain/rules/evidence';
import { EMPTY_SCOPE, SCOPE_KIND_IDS } from '../../domain/scope';
import { SMS_TEXT_IDS } from '../../domain/sms';
import { nextStatusRequestAt } from '../../domain/status-requests';
import { STEP_IDS, stepOf } from '../../domain/steps';
import { readMessage, type Untrusted } from '../../domain/trust/intake';
import { asked, unreadable } from '../../domain/trust/unreadable';
import { viewOf } from '../../domain/view';
import {
  analysed,
  CLOCKS,
  COLD_STORAGE,
  COMMUNICATION,
  company,
  CUSTOMER_MAIL,
  CUSTOMER_ONE,
  declaration,
  externalConfirmed,
  FIVE_FACTS,
  fiveFacts,
  FOLLOW_UP,
  INSTANCE,
  INSURER,
  NOTE,
  OTHER_INSTANCE,
  requestOfNote,
  ROSTER,
  SERVICE,
  STATEMENT,
  STATEMENT_1,
  STATEMENT_2,
  STATEMENT_3,
  STRANGER,
  THREE_AM,
} from '../support/incidents';
import { isThorough, thorough } from '../support/thorough';
import { messageOf } from '../support/messages';

const ROSTER_WITH_DOUBLES: readonly Responder[] = [
  ...ROSTER,
  { email: 'second-ic@example.com', roles: ['incidentCommander', 'securityTeam'] },
  { email: 'both@example.com', roles: ['incidentCommander', 'legalCounsel', 'marketing'] },
];
const FIVE: readonly FindingId[] = FIVE_FACTS;
const PEOPLE = ROSTER_WITH_DOUBLES.map(({ email }) => email);
/** Not on the roster, until somebody gives this person a role. */
const NEW = 'new@example.com';
const ONE_CUSTOMER = COMMUNICATION.customers.filter(({ id }) => id === CUSTOMER_ONE);
const ROOM_NAMES = ['amber-otter', 'copper-heron', 'teal-heron', 'oak-lynx'];

// What may happen, one step of a sequence.

type Step = { /** Since the step before. */ readonly afterMs: number } & Happening;

type Happening =
  | { readonly kind: 'decision'; readonly decision: Decision }
  /** What came last, once more: as somebody does who gets no for an answer. */
  | { readonly kind: 'again'; readonly often: number }
  /** Through the Web UI, by whoever was signed in there. */
  | { readonly kind: 'asked'; readonly by: string; readonly decision: Decision; readonly often: number }
  | { readonly kind: 'untrusted'; readonly why: Untrusted; readonly often: number }
  | { readonly kind: 'tell'; readonly all: boolean }
  /** One of what would be sensible just now, by number. */
  | { readonly kind: 'sensible'; readonly pick: number }
  | { readonly kind: 'people'; readonly pick: number }
  | { readonly kind: 'peopleTold'; readonly pick: number }
  | { readonly kind: 'words'; readonly pick: number }
  | { readonly kind: 'wordsTold'; readonly pick: number }
  /** One of the shortcuts that somebody in a hurry would try. */
  | { readonly kind: 'tempting'; readonly pick: number }
  | { readonly kind: 'report'; readonly pick: number };

const person = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(...PEOPLE) },
  { weight: 1, arbitrary: fc.constantFrom(...PEOPLE).map((email) => email.toUpperCase()) },
  { weight: 1, arbitrary: fc.constant(STRANGER) },
  { weight: 1, arbitrary: fc.constantFrom(NEW, 'New@Example.com') },
);
/** About whom somebody decides. */
const target = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...PEOPLE) },
  { weight: 1, arbitrary: fc.constantFrom(...PEOPLE).map((email) => email.toUpperCase()) },
  { weight: 2, arbitrary: fc.constantFrom(NEW, 'New@Example.com') },
);
const role = fc.constantFrom(...ROLE_IDS);
const minutes = fc.constantFrom(0, 1, 30);
const somebody = fc.constantFrom(...PEOPLE);
const words = fc.constantFrom('because', 'evidence item 7', '| # [ ] ```', '…');
const task = fc.constantFrom(...TASK_IDS);
const tasks = fc.array(task, { minLength: 1, maxLength: 3 });
const finding = fc.constantFrom(...FINDING_IDS);
const request = fc.oneof(
  fc.constantFrom(...CONTACT_IDS.map((id) => `contact:${id}`)),
  fc.constantFrom(STATEMENT_1, STATEMENT_2, STATEMENT_3),
  fc.constantFrom(requestOfNote(1), requestOfNote(2), 'contact:fbi/agent'),
  fc.constantFrom(`contain:${INSTANCE}`, `contain:${OTHER_INSTANCE}`, 'constructor', '__proto__'),
  fc.constantFrom(`release:${INSTANCE}`, 'contain:192.0.2.7', 'contain:constructor'),
);
const instance = fc.constantFrom(INSTANCE, OTHER_INSTANCE);
const party = fc.constantFrom(INSURER, 'agent', CUSTOMER_ONE, 'nobody', 'constructor');
const addresses = fc.array(
  fc.constantFrom(INSURER, 'agent', CUSTOMER_ONE, CUSTOMER_MAIL, STRANGER, ...PEOPLE),
  {
    minLength: 1,
    maxLength: 2,
  },
);
const message = fc.constantFrom('message-1', 'message-2', 'message-9', 'constructor');
const scope = fc.oneof(
  instance.map((which) => ({ what: 'instance' as const, which })),
  fc
    .constantFrom(...SCOPE_KIND_IDS.filter((kind) => kind !== 'instance'))
    .chain((what) =>
      fc
        .constantFrom('search', 'constructor')
        .map((which) => ({ what, which: what === 'address' ? '192.0.2.7' : which })),
    ),
);

const decision: fc.Arbitrary<Decision> = fc.oneof(
  fc.record({ name: fc.constant('completeTasks' as const), by: person, tasks }),
  fc.record({ name: fc.constant('failTask' as const), by: person, task, cause: words }),
  fc.record({ name: fc.constant('retryTask' as const), by: person, task }),
  fc.record({ name: fc.constant('markNotNeeded' as const), by: person, tasks, reason: words }),
  fc.record(
    { name: fc.constant('assignTask' as const), by: person, task, to: target, minutes },
    { requiredKeys: ['name', 'by', 'task', 'to'] },
  ),
  fc.record({ name: fc.constant('startTask' as const), by: person, task }),
  fc.record(
    {
      name: fc.constant('recordFinding' as const),
      by: person,
      finding,
      value: fc.constantFrom('external', 'internal', 'elsewhere'),
      grounds: words,
    },
    { requiredKeys: ['name', 'by', 'finding', 'grounds'] },
  ),
  fc.record({ name: fc.constant('withdrawFinding' as const), by: person, finding, reason: words }),
  fc
    .record({ name: fc.constant('widenScope' as const), by: person })
    .chain((base) => scope.map((added) => ({ ...base, ...added }))),
  fc.record({
    name: fc.constant('determine' as const),
    by: person,
    determination: fc.constantFrom('respond' as const, 'respond' as const, 'stand-down' as const),
    reason: words,
  }),
  fc.record({ name: fc.constant('approve' as const), by: person, request }),
  fc.record({ name: fc.constant('refuse' as const), by: person, request, reason: words }),
  fc.record({
    name: fc.constant('withhold' as const),
    by: person,
    step: fc.constantFrom(...STEP_IDS),
    reason: words,
  }),
  fc.record({ name: fc.constant('breakGlass' as const), by: person, request, reason: words }),
  fc.record({ name: fc.constant('orderStop' as const), by: person, instance, reason: words }),
  fc.record({
    name: fc.constant('giveUp' as const),
    by: person,
    target: fc.oneof(instance, fc.constantFrom('192.0.2.7', 'constructor')),
    reason: words,
  }),
  fc.record({ name: fc.constant('release' as const), by: person, instance, reason: words }),
  fc.record({
    name: fc.constant('handOver' as const),
    by: person,
    item: fc.constantFrom('snap-1', 'copy-1', 'constructor'),
    to: words,
    reason: words,
  }),
  fc.record({
    name: fc.constant('lockForGood' as const),
    by: person,
    confirm: fc.constantFrom(CANNOT_BE_UNDONE, 'yes'),
    reason: words,
  }),
  fc.record({
    name: fc.constant('settleRotation' as const),
    by: person,
    user: fc.constantFrom('search', 'constructor'),
    system: fc.constantFrom('github', 'toString'),
    outcome: fc.constantFrom(...ROTATION_OUTCOMES),
  }),
  fc.record({
    name: fc.constant('submitNote' as const),
    by: person,
    text: fc.constantFrom(NOTE, 'We were attacked.'),
    followUp: fc.constantFrom(FOLLOW_UP, '2026-01-01'),
  }),
  fc.record(
    {
      name: fc.constant('send' as const),
      by: person,
      to: addresses,
      bcc: addresses,
      text: words,
      pack: fc.constantFrom(...CONTACT_IDS),
    },
    { requiredKeys: ['name', 'by', 'to', 'text'] },
  ),
  fc.record({
    name: fc.constant('sendSms' as const),
    by: person,
    person: target,
    text: fc.constantFrom(...SMS_TEXT_IDS),
  }),
  fc.record({
    name: fc.constant('addContact' as const),
    by: person,
    id: fc.constantFrom('agent', 'Agent', INSURER, 'constructor'),
    kind: fc.constantFrom('fbi' as const, 'customer' as const),
    called: words,
    email: fc.constantFrom('agent@bureau.example', 'forensics@example.com'),
    key: words,
  }),
  fc.record(
    {
      name: fc.constant('logContact' as const),
      by: person,
      party,
      spokeWith: words,
      about: words,
      next: fc.constantFrom(FOLLOW_UP, '2026-01-01'),
    },
    { requiredKeys: ['name', 'by', 'party', 'spokeWith', 'about'] },
  ),
  fc.record({
    name: fc.constant('reachCustomer' as const),
    by: person,
    party,
    outcome: fc.constantFrom('reached' as const, 'notReached' as const),
    how: words,
  }),
  fc.record({
    name: fc.constant('releaseStatement' as const),
    by: person,
    to: fc.constantFrom('customers' as const, 'public' as const),
  }),
  fc.record({ name: fc.constant('retrySend' as const), by: person, message }),
  fc.record({ name: fc.constant('dropSend' as const), by: person, message, reason: words }),
  fc.record({
    name: fc.constant('meetClock' as const),
    by: person,
    clock: fc.constantFrom('statement', 'constructor'),
    note: words,
  }),
  fc.record({
    name: fc.constant('reopenClock' as const),
    by: person,
    clock: fc.constantFrom('statement', 'constructor'),
    reason: words,
  }),
  fc.record({
    name: fc.constant('setAwareness' as const),
    by: person,
    at: fc.constantFrom('2026-11-24T02:50:00Z', '2026-11-24T03:10:00+01:00', '2030-01-01T00:00:00Z'),
    reason: words,
  }),
  fc.record({
    name: fc.constant('submitStatement' as const),
    by: person,
    text: fc.constantFrom(STATEMENT, `${STATEMENT}\nMore.`, '# No date', 'We take security very seriously.'),
  }),
  fc.record({
    name: fc.constant('confirm' as const),
    by: person,
    request: fc.constantFrom('asked-1', 'asked-2', 'asked-3', 'asked-20', 'constructor', '__proto__'),
  }),
  fc.record({ name: fc.constant('renewKeys' as const), by: person, reason: words }),
  fc.record({ name: fc.constant('acknowledge' as const), by: person }),
  fc.record({ name: fc.constant('giveRole' as const), by: person, person: target, role }),
  fc.record({ name: fc.constant('takeRole' as const), by: person, person: target, role, reason: words }),
  fc.record({ name: fc.constant('offerCommand' as const), by: person, person: target }),
  fc.record({ name: fc.constant('acceptCommand' as const), by: person }),
  fc.record({ name: fc.constant('exclude' as const), by: person, person: target, reason: words }),
  fc.record({ name: fc.constant('readmit' as const), by: person, person: target, reason: words }),
  fc.record({
    name: fc.constant('moveRoom' as const),
    by: person,
    room: fc.constantFrom('sapphire-unicorn', ...ROOM_NAMES),
    reason: words,
  }),
  fc.record(
    {
      name: fc.constant('setPace' as const),
      by: person,
      reminders: minutes,
      status: minutes,
      acknowledge: minutes,
    },
    { requiredKeys: ['name', 'by'] },
  ),
  fc.record({ name: fc.constant('lookWho' as const), by: person }),
  fc.record({ name: fc.constant('close' as const), by: person }),
);

/** What proves nothing of its sender, as the intake makes it of what arrives. */
const untrusted: fc.Arbitrary<Untrusted> = fc
  .record({
    key: fc.constantFrom('unsigned', 'malformed', 'proof.forged', 'unreadable.clear', '__proto__'),
    text: fc.constantFrom('send a close in the name of ic@example.com', 'send something'),
    decision: fc.constantFrom(...DECISION_NAMES),
  })
  .map((why) => ({ ...why, reasons: [{ gate: 'isSigned', reason: why.key }] }));

const repeats = fc.oneof(
  { weight: 16, arbitrary: fc.constant(1) },
  { weight: 4, arbitrary: fc.constantFrom(2, 3) },
  { weight: 1, arbitrary: fc.constant(25) },
);

const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 3, arbitrary: decision.map((one) => ({ kind: 'decision' as const, decision: one })) },
  { weight: 1, arbitrary: repeats.map((often) => ({ kind: 'again' as const, often })) },
  {
    weight: 1,
    arbitrary: fc
      .record({ by: somebody, decision, often: repeats })
      .map(({ by, decision: one, ...rest }) => ({
        kind: 'asked' as const,
        by,
        decision: { ...one, by },
        ...rest,
      })),
  },
  {
    weight: 1,
    arbitrary: fc
      .record({ why: untrusted, often: repeats })
      .map((one) => ({ kind: 'untrusted' as const, ...one })),
  },
  { weight: 1, arbitrary: fc.boolean().map((all) => ({ kind: 'tell' as const, all })) },
  { weight: 14, arbitrary: fc.nat().map((pick) => ({ kind: 'sensible' as const, pick })) },
  { weight: 1, arbitrary: fc.nat().map((pick) => ({ kind: 'tempting' as const, pick })) },
  { weight: 3, arbitrary: fc.nat().map((pick) => ({ kind: 'report' as const, pick })) },
);

const step: fc.Arbitrary<Step> = fc
  .tuple(happening, fc.constantFrom(1_000, 1_000, 1_000, 0, 59_999, 60_000))
  .map(([one, afterMs]) => ({ afterMs, ...one }));

const ABOUT_PEOPLE: readonly Decision['name'][] = [
  'acknowledge',
  'giveRole',
  'takeRole',
  'offerCommand',
  'acceptCommand',
  'exclude',
  'readmit',
  'moveRoom',
  'setPace',
  'lookWho',
  'assignTask',
  'startTask',
];

/** Sequences that are about people first. */
const peopleStep: fc.Arbitrary<Step> = fc
  .tuple(
    fc.oneof(
      {
        weight: 2,
        arbitrary: decision
          .filter(({ name }) => ABOUT_PEOPLE.includes(name))
          .map((one) => ({ kind: 'decision' as const, decision: one })),
      },
      {
        weight: 1,
        arbitrary: fc
          .record({ by: somebody, decision, often: fc.constant(1) })
          .map(({ by, decision: one, often }) => ({
            kind: 'asked' as const,
            by,
            decision: { ...one, by },
            often,
          })),
      },
      { weight: 8, arbitrary: fc.nat().map((pick) => ({ kind: 'people' as const, pick })) },
      { weight: 5, arbitrary: fc.nat().map((pick) => ({ kind: 'peopleTold' as const, pick })) },
      { weight: 4, arbitrary: fc.nat().map((pick) => ({ kind: 'report' as const, pick })) },
      { weight: 4, arbitrary: fc.nat().map((pick) => ({ kind: 'sensible' as const, pick })) },
    ),
    fc.constantFrom(1_000, 60_000, 600_000),
  )
  .map(([one, afterMs]) => ({ afterMs, ...one }));

const ABOUT_WORDS: readonly Decision['name'][] = [
  ...(['submitNote', 'send', 'sendSms', 'addContact', 'logContact', 'reachCustomer'] as const),
  ...(['submitStatement', 'releaseStatement', 'retrySend', 'dropSend', 'approve', 'refuse'] as const),
  ...(['withdrawFinding', 'exclude', 'breakGlass', 'markNotNeeded'] as const),
];

/** Sequences that are about words inside and outside first. */
const wordsStep: fc.Arbitrary<Step> = fc
  .tuple(
    fc.oneof(
      {
        weight: 2,
        arbitrary: decision
          .filter(({ name }) => ABOUT_WORDS.includes(name))
          .map((one) => ({ kind: 'decision' as const, decision: one })),
      },
      { weight: 8, arbitrary: fc.nat().map((pick) => ({ kind: 'words' as const, pick })) },
      { weight: 6, arbitrary: fc.nat().map((pick) => ({ kind: 'wordsTold' as const, pick })) },
      { weight: 3, arbitrary: fc.nat().map((pick) => ({ kind: 'sensible' as const, pick })) },
    ),
    fc.constantFrom(1_000, 60_000, 600_000),
  )
  .map(([one, afterMs]) => ({ afterMs, ...one }));

/** All is known, and nothing said. */
const startOfWords = fc.constantFrom(
  fiveFacts(externalConfirmed(analysed({ customers: ONE_CUSTOMER }))),
  fiveFacts(externalConfirmed(analysed({ customers: ONE_CUSTOMER, public: [] }))),
);

/** One incident commander, and others on call. */
const startOfPeople = fc.constant(
  declare(
    declaration(),
    company({
      onCall: {
        at: THREE_AM,
        people: [
          { email: 'IC@example.com', as: 'primary', phone: '+1 555 0101' },
          { email: 'forensics@example.com', as: 'backup' },
        ],
      },
    }),
  ),
);

const start = fc
  .record({
    authority: fc.constantFrom('approve' as const, 'contain-on-declare' as const),
    instances: fc.constantFrom([], [{ id: INSTANCE }]),
    services: fc.constantFrom([], [SERVICE], ['search']),
    users: fc.constantFrom([], ['search']),
    kept: fc.boolean(),
    talks: fc.boolean(),
  })
  .map(({ authority, instances, services, users, kept, talks }) =>
    declare(
      declaration({ scope: { ...EMPTY_SCOPE, instances, services, users } }),
      company({
        authority,
        roster: ROSTER_WITH_DOUBLES,
        systems: ['github'],
        ...(kept && { coldStorage: COLD_STORAGE }),
        ...(talks && { communication: { ...COMMUNICATION, customers: ONE_CUSTOMER }, clocks: CLOCKS }),
      }),
    ),
  );

/** What would bring the incident on, by somebody who may. All open tasks are completed at once, so that sequences get deep. */
function sensible(incident: Incident): Decision[] {
  const anyOf = (roles: readonly Role[]) =>
    [...PEOPLE, NEW].filter((email) => roles.some((one) => has(email, one, incident)));
  const [ic] = anyOf(['incidentCommander']);
  const reason = 'because';
  if (ic === undefined) return aboutPeople(incident);
  if (incident.phase.name === 'assessing')
    return Array.from({ length: 12 }, (_, index) => ({
      name: 'determine',
      by: ic,
      determination: index === 0 ? 'stand-down' : 'respond',
      reason,
    }));
  const open = TASK_IDS.filter(
    (id) =>
      !isSettled(incident.tasks[id]) &&
      taskOf(id).by.kind !== 'lint' &&
      blockersOfTask(id, incident).length === 0,
  );
  const missing = FINDING_IDS.filter((id) => !incident.findings[id]);
  return [
    ...times(open.length > 0 ? 8 : 0, { name: 'completeTasks', by: ic, tasks: open }),
    ...missing.flatMap((id) =>
      anyOf(findingOf(id).recordedBy).map((by): Decision => {
        const value = missing.length % 2 === 0 ? 'internal' : 'external';
        return {
          name: 'recordFinding',
          by,
          finding: id,
          grounds: 'evidence item 7',
          ...(id === 'attackSource' && { value }),
        };
      }),
    ),
    ...Object.entries(incident.requests)
      .filter(([, { state }]) => state === 'open')
      .flatMap(([id, one]) =>
        anyOf(rolesStillNeeded(one).flat()).map((by): Decision => ({ name: 'approve', by, request: id })),
      ),
    ...times(incident.statement || missing.some((id) => FIVE.includes(id)) ? 0 : 8, {
      name: 'submitStatement',
      by: ic,
      text: STATEMENT,
    }),
    ...STEP_IDS.filter((id) => stepOf(id).canBeWithheld && incident.withholding[id]?.length === 1).flatMap(
      (id) =>
        anyOf(['incidentCommander', 'legalCounsel']).map(
          (by) => ({ name: 'withhold', by, step: id, reason }) as const,
        ),
    ),
    ...Object.entries(incident.glass)
      .filter(([, { length }]) => length === 1)
      .flatMap(([id]) =>
        anyOf(['incidentCommander', 'legalCounsel']).map(
          (by) => ({ name: 'breakGlass', by, request: id, reason }) as const,
        ),
      ),
    ...times(incident.findings.attackSource?.value === 'internal' ? 12 : 0, {
      name: 'withhold',
      by: ic,
      step: 'internalCommunication',
      reason,
    }),
    ...(incident.company.communication ? aboutWords(incident, ic, anyOf) : []),
    { name: 'breakGlass', by: ic, request: 'contact:cyberInsurance', reason },
    // Now and then: more of it would keep sequences from getting deep. It has sequences of its own.
    ...(incident.entries.length % 5 === 0 ? aboutPeople(incident) : []),
    ...Object.values(incident.containments)
      .filter(({ target, release }) => !release && blockersOfRelease(incident, target.id).length === 0)
      .flatMap(({ target }) =>
        anyOf(['incidentCommander', 'deputy', 'forensicsLead']).flatMap((by) =>
          times(4, { name: 'release', by, instance: target.id, reason }),
        ),
      ),
    ...times(incident.evidence.items['snap-1'] ? 1 : 0, {
      name: 'handOver',
      by: ic,
      item: 'snap-1',
      to: 'counsel',
      reason,
    }),
    ...times(incident.evidence.items['copy-1'] && !incident.evidence.goodLock ? 2 : 0, {
      name: 'lockForGood',
      by: ic,
      confirm: CANNOT_BE_UNDONE,
      reason,
    }),
    ...openRotations(incident).map(
      ({ user, system }) => ({ name: 'settleRotation', by: ic, user, system, outcome: 'rotated' }) as const,
    ),
    ...times(isDone('overviewTimeline', incident) && !isDone('releaseStatement', incident) ? 1 : 0, {
      name: 'withdrawFinding',
      by: ic,
      finding: 'systemsSecured',
      reason,
    }),
    ...Object.keys(incident.asked)
      .slice(0, 2)
      .map((id) => ({ name: 'confirm', by: ic, request: id }) as const),
    ...times(blockersOfClose(incident).length === 0 ? 24 : 1, { name: 'close', by: ic }),
  ];
}

/** Words inside and outside, by somebody who may. */
function aboutWords(
  incident: Incident,
  ic: string,
  anyOf: (roles: readonly Role[]) => readonly string[],
): Decision[] {
  const { note, findings, requests, reached, statement, outbox } = incident;
  const [leader] = anyOf(['engineeringLeader']);
  const isApproved = (id: string) => requests[id]?.state === 'approved';
  const isSaid = statement !== undefined && isApproved(requestOfStatement(statement));
  return [
    ...times(leader !== undefined && !note && findings.attackSource?.value === 'external' ? 4 : 0, {
      name: 'submitNote',
      by: leader ?? '',
      text: NOTE,
      followUp: FOLLOW_UP,
    }),
    ...times(isApproved('contact:cyberInsurance') ? 1 : 0, {
      name: 'send',
      by: ic,
      to: [INSURER],
      text: 'words',
    }),
    ...times(isApproved('contact:cyberInsurance') ? 1 : 0, {
      name: 'logContact',
      by: ic,
      party: INSURER,
      spokeWith: 'the desk',
      about: 'the policy',
    }),
    ...times(isSaid ? 3 : 0, { name: 'releaseStatement', by: ic, to: 'customers' }),
    ...times(isSaid ? 3 : 0, { name: 'releaseStatement', by: ic, to: 'public' }),
    ...times(isSaid && !reached[CUSTOMER_ONE] ? 1 : 0, {
      name: 'reachCustomer',
      by: ic,
      party: CUSTOMER_ONE,
      outcome: 'notReached',
      how: 'nobody answers',
    }),
    ...Object.values(outbox)
      .filter(({ state }) => state === 'failed' || state === 'stopped')
      .flatMap(({ id }): Decision[] => [
        { name: 'retrySend', by: ic, message: id },
        { name: 'dropSend', by: ic, message: id, reason: 'it was said' },
      ]),
  ];
}

function wordsOr(all: readonly Decision[], incident: Incident): readonly Decision[] {
  return all.length > 0 ? all : sensible(incident);
}

/** With what they wait for: approvals, and a statement. */
function aboutAnyWords(incident: Incident): Decision[] {
  const anyOf = (roles: readonly Role[]) =>
    PEOPLE.filter((email) => roles.some((one) => has(email, one, incident)));
  const [ic] = anyOf(['incidentCommander']);
  if (ic === undefined || hasEnded(incident)) return [];
  return [
    ...aboutWords(incident, ic, anyOf),
    ...times(incident.statement ? 0 : 4, { name: 'submitStatement', by: ic, text: STATEMENT } as const),
    ...Object.entries(incident.requests)
      .filter(([id, { state }]) => state === 'open' && /^(?:note|statement|contact:(?:fbi|cyber))/.test(id))
      .flatMap(([id, one]) =>
        anyOf(rolesStillNeeded(one).flat()).map((by): Decision => ({ name: 'approve', by, request: id })),
      ),
  ];
}

const SECURITY_TEAM = 'security@example.com';

/** Who takes part, and as what, by somebody who may. */
function aboutPeople(incident: Incident): Decision[] {
  const { page, calling, commandOffer, room, leftRooms, excluded, entries } = incident;
  const reason = 'because';
  const commands = [...PEOPLE, NEW].find((email) => has(email, 'incidentCommander', incident));
  const ic = commands ?? '';
  // Another one each time.
  const one = PEOPLE[entries.length % PEOPLE.length] ?? ic;
  if (commands === undefined) {
    const by = PEOPLE.find((email) =>
      (['deputy', 'securityTeam', 'legalCounsel'] as const).some((role_) => has(email, role_, incident)),
    );
    return [{ name: 'giveRole', by: by ?? SECURITY_TEAM, person: by ?? NEW, role: 'incidentCommander' }];
  }
  const [task_] = TASK_IDS.filter((id) => !isSettled(incident.tasks[id]) && !incident.assignments[id]);
  const [begun] = Object.entries(incident.assignments);
  return [
    ...times(page && !calling.acknowledged ? 1 : 0, { name: 'acknowledge', by: one }),
    { name: 'exclude', by: ic, person: one, reason },
    { name: 'exclude', by: SECURITY_TEAM, person: ic, reason },
    ...[ic, 'counsel@example.com'].flatMap((by): Decision[] => [
      { name: 'breakGlass', by, request: 'contact:fbi', reason },
      { name: 'withhold', by, step: 'lawEnforcement', reason },
    ]),
    ...times(calling.acknowledged?.by === undefined ? 0 : 2, {
      name: 'exclude',
      by: SECURITY_TEAM,
      person: calling.acknowledged?.by ?? '',
      reason,
    }),
    ...Object.keys(excluded).map((email): Decision => ({ name: 'readmit', by: ic, person: email, reason })),
    { name: 'offerCommand', by: ic, person: one },
    ...times(commandOffer ? 4 : 0, { name: 'acceptCommand', by: commandOffer?.to ?? '' }),
    { name: 'giveRole', by: ic, person: entries.length % 2 === 0 ? one : NEW, role: 'forensicsLead' },
    ...times(room ? 2 : 0, {
      name: 'moveRoom',
      by: ic,
      room: ROOM_NAMES[leftRooms.length % ROOM_NAMES.length] ?? '',
      reason,
    }),
    ...(task_ ? times(2, { name: 'assignTask', by: ic, task: task_, to: one, minutes: 30 }) : []),
    ...(begun ? [{ name: 'startTask', by: begun[1].to, task: begun[0] as TaskId } as const] : []),
  ];
}

/** What the checklist forbids at one time or another. */
const TEMPTING: readonly Decision[] = [
  ...(['releaseStatement', 'overviewTimeline', 'contactFbi', 'combThroughEvidence'] as const).flatMap(
    (id): Decision[] => [
      { name: 'completeTasks', by: 'ic@example.com', tasks: [id] },
      { name: 'markNotNeeded', by: 'ic@example.com', tasks: [id], reason: 'no time' },
    ],
  ),
  ...['both@example.com', 'BOTH@example.com', 'Both@Example.com'].flatMap((by): Decision[] => [
    { name: 'breakGlass', by, request: 'contact:fbi', reason: 'no time' },
    { name: 'withhold', by, step: 'internalCommunication', reason: 'no time' },
    { name: 'approve', by, request: STATEMENT_1 },
  ]),
  ...['ic@example.com', 'counsel@example.com'].map((by): Decision => ({
    name: 'withhold',
    by,
    step: 'forensicAnalysis',
    reason: 'no time',
  })),
];

function times(count: number, decision: Decision): Decision[] {
  return Array.from({ length: count }, () => decision);
}

const SEAL = { path: 'manifest.json', sha256: '00', at: THREE_AM };

function image(id: string, kind: 'snapshot' | 'copy'): EvidenceItem {
  return { id, kind, of: INSTANCE, createdAt: THREE_AM, state: 'complete' };
}

/** What the child of such a target could tell. */
function toldOf(kind: TargetKind): Omit<ContainmentReport, 'target'>[] {
  const at = THREE_AM;
  const each = (state: SubStepState) => Object.fromEntries(CHAINS[kind].map((one) => [one, state]));
  const record = { at, by: 'firebreak', holder: 'cold storage' };
  const kept: Omit<ContainmentReport, 'target'> = {
    items: [image('snap-1', 'snapshot'), image('copy-1', 'copy')],
    custody: [
      { ...record, item: 'snap-1', event: 'requested' },
      { ...record, item: 'copy-1', event: 'copied' },
    ],
    files: [{ path: 'captures/1.json', bytes: 2, sha256: '00' }],
  };
  const through = { ...kept, subSteps: each({ state: 'done', at }), unproven: [] };
  return [
    ...Array.from({ length: 3 }, () => through),
    { ...through, ended: 'finished' },
    { subSteps: { verify: { state: 'done', at } } },
    { unproven: ['one interface could not be read'] },
    { subSteps: { isolate: { state: 'failing', at, cause: 'AccessDenied' } } },
    { subSteps: { store: { state: 'running', at, percent: 40, expectedAt: at } } },
    { subSteps: { captureMemory: { state: 'skipped', at, cause: 'no agent' } } },
    kept,
    { ended: 'finished' },
    { ended: 'abandoned' },
  ];
}

/** What machines could tell just now. */
function tellable(incident: Incident): Report[] {
  const { evidence } = incident;
  const custody = evidence.custody.length;
  if (hasEnded(incident)) return [{ name: 'warned', text: 'the room could not be told' }];
  const running = Object.values(incident.containments).filter(({ status }) => status === 'running');
  const releasing = Object.values(incident.containments).filter(
    ({ release }) => release && release.doneAt === undefined,
  );
  return [
    ...EFFECT_IDS.flatMap((effect): Report[] => {
      const { state } = incident.effects[effect];
      if (state === 'running')
        return [{ name: 'effectFailed', effect, cause: '503' }, done(effect, incident)];
      const mayStart = state !== 'done' && blockersOfEffect(effect, incident).length === 0;
      return mayStart ? [{ name: 'effectStarted', effect }] : [];
    }),
    ...running.flatMap(({ target: { id, kind } }) =>
      toldOf(kind).map((one): Report => ({ name: 'containmentReported', told: { target: id, ...one } })),
    ),
    ...releasing.flatMap(({ target }) =>
      [
        { failing: 'AccessDenied' },
        { failing: null, restored: ['its groups'], drift: ['a group is gone'], doneAt: THREE_AM },
      ].map((release): Report => ({ name: 'containmentReported', told: { target: target.id, release } })),
    ),
    ...(hasUnsealed(evidence)
      ? [
          {
            name: 'sealed',
            seal: { ...SEAL, sequence: evidence.seals.length + 1, records: custody },
          } as const,
        ]
      : []),
    ...copiesToLockForGood(evidence).map(
      ({ id }) => ({ name: 'lockedForGood', locks: [{ id, mode: 'compliance-cooloff', until: 1 }] }) as const,
    ),
    ...(incident.keysWantedSince === undefined ? [] : renewals(incident)),
    ...aboutPeopleTold(incident),
    ...aboutMessages(incident),
    { name: 'evidenceFailed', cause: 'AccessDenied' },
    { name: 'invitationsChecked', invitations: { at: THREE_AM, allJoined: false, timeBoxRanOut: false } },
    { name: 'invitationsChecked', invitations: { at: THREE_AM, allJoined: true, timeBoxRanOut: false } },
  ];
}

/** What is due, and what comes late: somebody who was called has meanwhile been excluded. */
function aboutPeopleTold(incident: Incident): Report[] {
  const next = nextCall(incident);
  const one = PEOPLE[incident.entries.length % PEOPLE.length] ?? '';
  return [
    ...(next
      ? [true, true, false].map((called) => ({ name: 'called', email: next.email, called }) as const)
      : []),
    ...(incident.page
      ? [{ name: 'pageStood' } as const, { name: 'pageStood', by: one.toUpperCase() } as const]
      : []),
    ...dueOfAssignments(incident).flatMap(({ task: about, to, nudge }) =>
      [to, one].map((whom) => ({ name: 'nudged', task: about, nudge, to: [whom], untold: [] }) as const),
    ),
    ...(nextStatusRequestAt(incident) === undefined ? [] : [{ name: 'statusAsked' } as const]),
    ...toBeRemoved(incident).map((email) => ({ name: 'personRemoved', email, wasThere: true }) as const),
    ...(incident.audienceWantedSince === undefined
      ? []
      : [
          {
            name: 'audienceSeen',
            audience: { members: PEOPLE, owners: [], pagerAdministrators: [], problems: ['503'] },
          } as const,
        ]),
  ];
}

/** How it goes with what was ordered. */
function aboutMessages(incident: Incident): Report[] {
  const next = nextReminder(incident);
  return [
    ...Object.values(incident.outbox).flatMap(({ id, state }): Report[] => {
      if (state === 'waiting')
        return Array.from({ length: 3 }, () => ({ name: 'dispatchStarted', id }) as const);
      if (state !== 'sending') return [];
      return [
        ...Array.from({ length: 3 }, () => ({ name: 'dispatchSent', id }) as const),
        { name: 'dispatchFailed', id, cause: '421', isFinal: false },
        { name: 'dispatchFailed', id, cause: 'nobody knows', isFinal: true },
      ];
    }),
    ...(next ? [{ name: 'reminded', about: next.about, untold: [] } as const] : []),
  ];
}

/** What a file could hold by now: other keys, fewer people, somebody new with every role. */
function renewals({ company: { roster } }: Incident): Report[] {
  const renewed = roster.map((person) => ({ ...person, keys: ['ssh-ed25519 NEW'] }));
  const intruder: Responder = { email: STRANGER, roles: ['incidentCommander'], keys: ['ssh-ed25519 NEW'] };
  return [
    { name: 'keysRenewed', company: { roster: renewed } },
    { name: 'keysRenewed', company: { roster: [...renewed.slice(1), intruder] } },
    { name: 'keysNotRenewed', cause: 'the file is wrong' },
  ];
}

function done(
  effect: (typeof EFFECT_IDS)[number],
  { roomName = 'sapphire-unicorn' }: Pick<Incident, 'roomName'>,
): Report {
  return {
    name: 'effectDone',
    effect,
    ...(effect === 'pageIncidentCommander' && { page: { id: 'PAGE1', url: 'https://pages.example.com/1' } }),
    ...(effect === 'openRoom' && { room: { id: 'ROOM1', name: roomName, checklistId: 'PIN1' } }),
  };
}

// The rules, told a second time.

const isOne = (email: string, other: string) => email.toLowerCase() === other.toLowerCase();
const isOut = (email: string, { excluded }: Incident) =>
  Object.keys(excluded).some((one) => isOne(one, email));
/** What the person is just now, by the roster and what was changed of it. */
const rolesNow = (email: string, incident: Incident): readonly Role[] =>
  isOut(email, incident)
    ? []
    : (Object.entries(incident.roleChanges).find(([one]) => isOne(one, email))?.[1] ??
      incident.company.roster.find((one) => isOne(one.email, email))?.roles ??
      []);
const has = (email: string, wanted: Role, incident: Incident) => rolesNow(email, incident).includes(wanted);
const different = (people: readonly string[]) => new Set(people.map((email) => email.toLowerCase())).size;
const isDone = (id: TaskId, { tasks: all }: Incident) => {
  const state = all[id];
  return state.state === 'done' && !state.inDoubt;
};

const CONTACT_OF: Partial<Record<TaskId, ContactId>> = {
  contactLocalLawEnforcement: 'localLawEnforcement',
  contactFbi: 'fbi',
  contactSystemOperators: 'systemOperators',
  contactSecurityCompanies: 'securityCompanies',
  contactCyberInsurance: 'cyberInsurance',
  contactExternalParties: 'externalParties',
};

function forensicsPerformed(incident: Incident): boolean {
  const { systemsSecured, monitoringInPlace } = incident.findings;
  const settled = (id: TaskId) => isDone(id, incident) || incident.tasks[id].state === 'notNeeded';
  return Boolean(
    systemsSecured &&
    monitoringInPlace &&
    isDone('combThroughEvidence', incident) &&
    isDone('identifyWhatHappened', incident) &&
    settled('trackAttackAddresses') &&
    settled('watchForReturn'),
  );
}

interface Spoken {
  readonly by: string;
  /** As they were then; that they are true is looked at when somebody speaks. */
  readonly roles: readonly Role[];
}

function twoVoices([one, other, ...more]: readonly Spoken[] = []): boolean {
  const are = (first: Spoken, second: Spoken) =>
    first.roles.includes('incidentCommander') && second.roles.includes('legalCounsel');
  return Boolean(
    one && other && more.length === 0 && !isOne(one.by, other.by) && (are(one, other) || are(other, one)),
  );
}

/** Everything that was said, where it counts still. */
function voicesIn({ glass, withholding, requests }: Incident): Spoken[][] {
  return [
    ...Object.values(glass),
    ...Object.values(withholding),
    ...Object.values(requests).map(({ approvals }) => approvals),
  ].map((voices) => [...voices]);
}

/** What begins at once stays as it began, whoever has approved it. */
function isAFact({ state, subject }: Incident['requests'][string]): boolean {
  return state === 'approved' && (subject.kind === 'containment' || subject.kind === 'release');
}

/** Nobody who is excluded is anywhere where something is still to come of it. */
function forbiddenOfPeople(incident: Incident): string[] {
  const { excluded, scope: affected, requests, calling, commandOffer } = incident;
  const found: string[] = [];
  const forbid = (unless: boolean, text: string) => unless || found.push(text);
  if (Object.keys(excluded).length > 0) {
    const roster = rosterOf(incident);
    const where: Record<string, readonly string[]> = {
      'on the roster': roster.map(({ email }) => email),
      'in the line': lineOf(incident).map(({ email }) => email),
      'called next': [nextCall(incident)?.email ?? ''],
      invited: [
        ...operationalResponders(roster, affected.services),
        ...executivesAndCounsel(roster, affected.services),
        ...marketingTeam(roster),
      ],
      reminded: dueOfAssignments(incident).map(({ to }) => to),
      'with a task': Object.values(incident.assignments).map(({ to }) => to),
      'with the page': [calling.acknowledged?.by ?? ''],
      'in an offer': commandOffer ? [commandOffer.to, commandOffer.by] : [],
      'asking through the Web UI': Object.values(incident.asked).map(({ by }) => by),
      'with a voice': [
        ...Object.values(incident.glass).flat(),
        ...Object.values(incident.withholding).flat(),
        ...Object.values(requests).flatMap((one) => (isAFact(one) ? [] : one.approvals)),
      ].map(({ by }) => by),
    };
    for (const [place, people] of Object.entries(where))
      for (const email of people) forbid(!isOut(email, incident), `${email} is excluded, and ${place}`);
  }
  for (const voices of voicesIn(incident))
    forbid(different(voices.map(({ by }) => by)) === voices.length, 'one person has two voices');
  forbid(!calling.acknowledged || nextCall(incident) === undefined, 'somebody is called in vain');
  if (hasEnded(incident))
    forbid(
      nextCall(incident) === undefined &&
        dueOfAssignments(incident).length === 0 &&
        nextStatusRequestAt(incident) === undefined,
      'something is due after the end',
    );
  const rooms = [...incident.leftRooms, ...(incident.roomName === undefined ? [] : [incident.roomName])];
  forbid(new Set(rooms).size === rooms.length, 'a room has a name that was used');
  return found;
}

/** Who may change who takes part. */
function forbiddenOfChanges(before: Incident, after: Incident): string[] {
  const found: string[] = [];
  const forbid = (unless: boolean, text: string) => unless || found.push(text);
  const { by = '' } =
    after.entries.slice(before.entries.length).find(({ kind }) => kind === 'decision') ?? {};
  const is = (...roles: Role[]) => roles.some((one) => has(by, one, before));
  const everybody = [...PEOPLE, ...Object.keys(before.roleChanges)];
  if (after.roleChanges !== before.roleChanges) {
    const isHeadless = !everybody.some((email) => has(email, 'incidentCommander', before));
    const isOffered = before.commandOffer !== undefined && isOne(before.commandOffer.to, by);
    forbid(
      is('incidentCommander') ||
        (isOffered && has(before.commandOffer?.by ?? '', 'incidentCommander', before)) ||
        (isHeadless && is('deputy', 'securityTeam', 'legalCounsel')),
      'roles changed by somebody who does not command',
    );
  }
  const [was, now] = [Object.keys(before.excluded), Object.keys(after.excluded)];
  if (now.length > was.length)
    forbid(
      is('incidentCommander', 'securityTeam', 'legalCounsel') && !isOut(by, after),
      'excluded by somebody who may not, or by themselves',
    );
  if (now.length < was.length)
    forbid(is('incidentCommander', 'legalCounsel'), 'readmitted by somebody who may not');
  const said = new Set(voicesIn(before).flat());
  for (const voice of voicesIn(after).flat())
    if (!said.has(voice))
      forbid(
        isOne(voice.by, by) && isDeepStrictEqual(voice.roles, rolesNow(by, before)),
        `${voice.by} spoke as somebody else`,
      );
  return found;
}

/** Nothing waits to be sent that may not go out just now. */
function forbiddenOfWords(incident: Incident): string[] {
  const { outbox, messagesSoFar, requests, note, statement, findings, phase } = incident;
  const found: string[] = [];
  const forbid = (unless: boolean, text: string) => unless || found.push(text);
  const all = Object.values(outbox);
  const numbers = all.map(({ id }) => Number(id.replace('message-', '')));
  forbid(
    numbers.every((one, index) => one === index + 1) && numbers.length === messagesSoFar,
    'a message is gone',
  );
  const isApproved = (id: string) => requests[id]?.state === 'approved';
  const knowsAll = FIVE_FACTS.every((one) => findings[one]);
  for (const { id, content, state, nextTryAt } of all) {
    const goesOut = state === 'waiting' || (state === 'failed' && nextTryAt !== undefined);
    if (phase.name === 'closed')
      forbid(state === 'sent' || state === 'dropped', `closed with ${id} under way`);
    if (!goesOut) continue;
    switch (content.kind) {
      case 'note':
        forbid(
          forensicsPerformed(incident) &&
            findings.attackSource?.value === 'external' &&
            note?.version === content.version &&
            isApproved(requestIdOf({ kind: 'note', version: note.version, sha256: note.sha256 })),
          `${id}: the note waits to be sent before its time`,
        );
        break;
      case 'customer':
      case 'public':
        forbid(
          knowsAll && statement?.version === content.version && isApproved(requestOfStatement(statement)),
          `${id}: the statement waits to be sent before its time`,
        );
        if (content.kind === 'public')
          forbid(
            isDone('tellCustomersSecurityTeams', incident) ||
              incident.tasks.tellCustomersSecurityTeams.state === 'notNeeded',
            `${id}: the public comes before the customers`,
          );
        break;
      case 'mail':
        for (const one of [...content.to, ...content.cc, ...content.bcc]) {
          const request = { [INSURER]: 'contact:cyberInsurance', agent: 'contact:fbi/agent' }[one];
          if (request !== undefined)
            forbid(
              isApproved(request) &&
                (forensicsPerformed(incident) || requests[request]?.glassBroken === true),
              `${id}: a mail waits for ${one} before its time`,
            );
          else
            forbid(
              !isOut(one, incident) && rolesNow(one, incident).length > 0,
              `${id}: a mail waits for ${one}, who is not on the team`,
            );
        }
        break;
      case 'sms':
        forbid(rolesNow(content.person, incident).length > 0, `${id}: an SMS waits for somebody else`);
        break;
    }
  }
  return found;
}

/** What is forbidden in any state, in words; empty where all is well. */
function forbiddenIn(incident: Incident): string[] {
  const { tasks: all, findings, requests, withholding, statement, phase } = incident;
  const found: string[] = [];
  const forbid = (unless: boolean, text: string) => unless || found.push(text);
  for (const id of TASK_IDS) {
    const number = stepOf(taskOf(id).step).number;
    const byPerson = isDone(id, incident) && (all[id] as { by: string }).by !== 'firebreak';
    if (byPerson && number !== 3) forbid(phase.name !== 'assessing', `${id} done before the determination`);
    if (isDone(id, incident) && number === 10)
      forbid(Boolean(findings.systemsSecured && findings.monitoringInPlace), `${id} done too early`);
    if (isDone(id, incident) && number === 11)
      forbid(
        forensicsPerformed(incident) && findings.attackSource?.value === 'external',
        `${id}: word inside without forensics and an external source`,
      );
    if (isDone(id, incident) && number === 14)
      forbid(
        FIVE_FACTS.every((one) => findings[one]),
        `${id} done without the five facts`,
      );
    const contact = CONTACT_OF[id];
    // Its kind was approved, or one of its kind who was named.
    const asked = Object.entries(requests).filter(
      ([name]) => name === `contact:${contact}` || name.startsWith(`contact:${contact}/`),
    );
    if (contact && isDone(id, incident)) {
      forbid(
        asked.some(([, { state }]) => state === 'approved'),
        `${id}: a word outside without its approval`,
      );
      forbid(
        forensicsPerformed(incident) || asked.some(([, { glassBroken }]) => glassBroken === true),
        `${id}: a word outside before forensics`,
      );
    }
    if (taskOf(id).essential) forbid(all[id].state !== 'notNeeded', `${id} left out`);
  }
  for (const [id, { glassBroken }] of Object.entries(requests))
    if (glassBroken) forbid(twoVoices(incident.glass[id]), `the glass of ${id} broken by fewer than two`);
  for (const [id, voices] of Object.entries(withholding))
    if (voices.length > 1)
      forbid(
        twoVoices(voices) && stepOf(id as (typeof STEP_IDS)[number]).number >= 11,
        `${id} withheld by fewer than two`,
      );
  found.push(...forbiddenOfPeople(incident));
  if (isDone('releaseStatement', incident)) {
    const approvals = statement ? (requests[requestOfStatement(statement)]?.approvals ?? []) : [];
    // Some order of the three people has marketing, the incident commander and legal counsel in it.
    const people = approvals.map((one) => one.by);
    const said = (email: string, role_: Role) =>
      approvals.some((one) => one.by === email && one.roles.includes(role_));
    const orders = people.flatMap((one) =>
      people
        .filter((other) => other !== one)
        .map((other) => [one, other, people.find((third) => third !== one && third !== other)]),
    );
    forbid(
      different(people) === 3 &&
        orders.some(
          ([one = '', other = '', third = '']) =>
            said(one, 'marketing') && said(other, 'incidentCommander') && said(third, 'legalCounsel'),
        ),
      'released without three people',
    );
    forbid(
      isDone('tellCustomersSecurityTeams', incident) || all.tellCustomersSecurityTeams.state === 'notNeeded',
      "released before the customers' security teams were reached",
    );
  }
  found.push(...forbiddenOfWords(incident));
  if (phase.name === 'closed')
    for (const id of TASK_IDS)
      forbid(
        isDone(id, incident) || all[id].state === 'notNeeded' || withholding[taskOf(id).step]?.length === 2,
        `closed with ${id} open`,
      );
  return found;
}

/** What is forbidden between one state and the next. */
function forbiddenBetween(before: Incident, after: Incident): string[] {
  const found: string[] = [];
  const forbid = (unless: boolean, text: string) => unless || found.push(text);
  if (after.phase !== before.phase)
    forbid(
      after.phase.name !== 'assessing' && has(after.phase.by, 'incidentCommander', before),
      `${after.phase.name} by somebody who does not command`,
    );
  if (after.note?.version !== before.note?.version)
    forbid(
      has(after.note?.by ?? '', 'engineeringLeader', before) &&
        forensicsPerformed(before) &&
        before.findings.attackSource?.value === 'external',
      'a note by somebody who may draft none, or before its time',
    );
  if (after.statement !== before.statement)
    forbid(
      (['marketing', 'incidentCommander'] as const).some((one) =>
        has(after.statement?.by ?? '', one, before),
      ),
      'a statement by somebody who may write none',
    );
  const source = after.findings.attackSource;
  if (source && source !== before.findings.attackSource) {
    forbid(has(source.by, 'forensicsLead', before), 'the source recorded by somebody else');
    forbid(
      Boolean(before.findings.systemsSecured && before.findings.monitoringInPlace),
      'the source recorded before step 10 was open',
    );
  }
  for (const [id, now] of Object.entries(after.requests)) {
    const newly = now.state === 'approved' && before.requests[id]?.state !== 'approved';
    if (newly && now.subject.kind === 'contact' && !now.glassBroken)
      forbid(forensicsPerformed(before), `${id} approved before forensics`);
    if (newly && !now.glassBroken)
      forbid(different(now.approvals.map(({ by }) => by)) === now.needs.length, `${id} approved by too few`);
  }
  for (const [id, now] of Object.entries(after.containments)) {
    const was = Object.hasOwn(before.containments, id) ? before.containments[id] : undefined;
    if (now.release && !was?.release) {
      const voices = after.requests[`release:${id}`]?.approvals ?? [];
      const are = (first?: Spoken, second?: Spoken) =>
        first?.roles.includes('incidentCommander') &&
        second?.roles.some((one) => ['deputy', 'securityTeam', 'forensicsLead'].includes(one));
      const [one, other] = voices;
      forbid(
        different(voices.map(({ by }) => by)) === 2 && Boolean(are(one, other) || are(other, one)),
        `${id} released by fewer than two`,
      );
      forbid(
        (['record', 'verify', 'stop', 'snapshotStopped'] as const).every(
          (subStep) => now.subSteps[subStep]?.state === 'done' || now.status === 'abandoned',
        ),
        `${id} released before it was contained`,
      );
    }
    if (now.status === 'running' && was && was.status !== 'running')
      forbid(
        after.requests[`contain:${id}`]?.state === 'approved' || now.stopOrdered !== undefined,
        `${id} contained without approval`,
      );
  }
  found.push(...forbiddenOfChanges(before, after));
  const people = ({ company: { roster } }: Incident) => roster.map(({ keys: _keys, ...person }) => person);
  forbid(
    JSON.stringify(people(after)) === JSON.stringify(people(before)),
    'somebody came to the roster, or to another role',
  );
  const { custody, goodLock } = after.evidence;
  forbid(
    custody.every(({ seq }, index) => seq === index + 1) &&
      before.evidence.custody.every((one, index) => custody[index] === one),
    'the chain of custody was written anew, or has a gap',
  );
  if (goodLock !== before.evidence.goodLock)
    forbid(
      before.evidence.goodLock === undefined && before.evidence.items['copy-1'] !== undefined,
      'locked for good twice, or without an image',
    );
  if (isDone('rotateAttackAccounts', after))
    forbid(
      Object.values(after.rotations).every(({ settled }) => settled),
      'accounts of the attack are said to be rotated, and are not',
    );
  if (after.statement && after.statement !== before.statement)
    forbid(
      FIVE_FACTS.every((id) => before.findings[id]),
      'a statement prepared without the five facts',
    );
  return found;
}

/** Freezes what is not frozen yet; what is shared with the state before is frozen already. */
function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(freeze);
  }
  return value;
}

/** As `expect`, which costs more than all that is looked at here. */
function hold(isSo: boolean, what: string): void {
  if (!isSo) throw new Error(`it does not hold: ${what}`);
}

/** The record only grows: nothing that was written down is touched again. */
function holdGrown({ entries: was }: Incident, { entries: is }: Incident): void {
  hold(is.length >= was.length, 'no entry is gone');
  for (const [index, entry] of was.entries()) hold(is[index] === entry, `entry ${index + 1} is as it was`);
  for (const [index, { seq }] of is.entries()) hold(seq === index + 1, `entry ${seq} stands in its place`);
}

/** Who was refused how often, told or not told yet. */
function refusedBy({ entries, counting }: Incident): Map<string, number> {
  const by = new Map<string, number>();
  const add = (who: string, often: number) => by.set(who, (by.get(who) ?? 0) + often);
  for (const { kind, by: who, times: told } of entries) if (kind === 'refusal') add(who, told ?? 1);
  for (const { entry, unsaid } of Object.values(counting)) if (unsaid > 0) add(entry.by, unsaid);
  return by;
}

/** So many refusals came, of that person: none is lost, and none is told of somebody else. */
function holdRefused(before: Incident, after: Incident, often: number, who = UNKNOWN): void {
  const was = refusedBy(before);
  const is = refusedBy(after);
  for (const one of new Set([...was.keys(), ...is.keys(), who])) {
    const wanted = (was.get(one) ?? 0) + (one === who ? often : 0);
    hold((is.get(one) ?? 0) === wanted, `${one} was refused ${wanted} times, and ${is.get(one)} are told`);
  }
  const total = (incident: Incident) => refusalsOf(incident.entries) + unsaidRefusals(incident);
  hold(total(after) === total(before) + often, 'no refusal is lost');
}

/** Everything but these stays as it was. */
function holdUnchanged(before: Incident, after: Incident, ...but: (keyof Incident)[]): void {
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)]) as Set<keyof Incident>)
    hold(but.includes(key) || after[key] === before[key], `${key} is as it was`);
}

function isSame(one: Entry, other: Entry): boolean {
  const what = ({ by, decision: name, text, reasons, details }: Entry) =>
    JSON.stringify([by, name, text, reasons, details]);
  return what(one) === what(other);
}

/** The answer names an entry: one of its own, or of the same refusal within the minute. */
function holdRefusal(before: Incident, { incident: after, outcome }: Decided, at: number): Entry {
  hold(!outcome.accepted && outcome.reasons.length > 0, 'it is refused, with reasons');
  holdUnchanged(before, after, 'entries', 'counting');
  const entry = after.entries[outcome.seq - 1];
  if (entry?.kind !== 'refusal') throw new Error(`entry ${outcome.seq} is no refusal`);
  const isNew = outcome.seq > before.entries.length;
  hold(after.entries.length === before.entries.length + (isNew ? 1 : 0), 'it is one entry, or counted');
  hold(isNew ? entry.at === at : at - entry.at < TOLD_EVERY_MS, 'it is told within the minute');
  if (isNew)
    for (const one of before.entries)
      hold(at - one.at >= TOLD_EVERY_MS || !isSame(one, entry), 'the same is told once a minute');
  return entry;
}

function holdOneOutcome(before: Incident, sent: Decision, at: number): Incident {
  const decided = decide(before, sent, at);
  const { incident: after, outcome } = decided;
  const entry = after.entries[outcome.seq - 1];
  hold(entry?.decision === sent.name && entry.by.toLowerCase() === sent.by.toLowerCase(), 'it has an entry');
  hold(entry?.text === outcome.text, 'its entry says what the answer says');
  if (outcome.accepted) {
    hold(entry?.kind === 'decision' && entry.proof === sent.proof, 'a decision is told with its proof');
    hold(outcome.reasons.length === 0, 'what is accepted has no reasons against it');
    const decisions = after.entries.slice(before.entries.length).filter(({ kind }) => kind === 'decision');
    hold(decisions.length === 1, 'one decision is one entry');
    hold(!hasEnded(before) && sent.by !== STRANGER, 'nothing is decided after the end, or by a stranger');
    hold(!isOut(sent.by, before), 'nothing is decided by the excluded');
    holdRefused(before, after, 0);
    holdConfirmed(before, after, sent);
  } else {
    hold(JSON.stringify(entry?.reasons) === JSON.stringify(outcome.reasons), 'every reason is told');
    holdRefusal(before, decided, at);
    holdRefused(before, after, 1, entry?.by);
  }
  return after;
}

/** A request is gone once somebody has confirmed it, and never else. */
function holdConfirmed(before: Incident, after: Incident, sent: Decision): void {
  const left = Object.keys(before.asked).filter((id) => sent.name !== 'confirm' || id !== sent.request);
  const settled = Object.keys(before.asked).length - left.length;
  hold(settled === (sent.name === 'confirm' ? 1 : 0), 'one request is confirmed by one confirmation');
  // What the excluded have asked for falls with them.
  const kept = left.filter((id) => !isOut(before.asked[id]?.by ?? '', after));
  hold(Object.keys(after.asked).join() === kept.join(), 'every other request waits as before');
  hold(after.askedSoFar === before.askedSoFar, 'no request comes of a decision');
}

/** Whatever is asked for, by whomever: nothing is decided. */
function holdAsked(before: Incident, by: string, wanted: Decision, at: number): Incident {
  const decided = ask(before, by, wanted, at);
  const { incident: after, outcome } = decided;
  const waiting = Object.keys(before.asked);
  if (after.asked === before.asked) {
    hold(
      hasEnded(before) || waiting.length >= MOST_ASKED || isOut(by, before),
      'a request is kept where it can be',
    );
    hold(holdRefusal(before, decided, at).by === by, 'it is told of whoever sent it');
    holdRefused(before, after, 1, by);
    return after;
  }
  const id = `asked-${before.askedSoFar + 1}`;
  const entry = after.entries[outcome.seq - 1];
  hold(
    !outcome.accepted && outcome.reasons.map(({ gate }) => gate).join() === 'isSigned',
    'nobody signed it',
  );
  holdUnchanged(before, after, 'entries', 'asked', 'askedSoFar');
  hold(after.entries.length === before.entries.length + 1, 'it is one entry');
  hold(entry?.kind === 'asked' && entry.by === by && entry.decision === wanted.name, 'its entry says so');
  hold(Object.keys(after.asked).join() === [...waiting, id].join(), 'it waits, under a name of its own');
  hold(Object.keys(after.asked).length <= MOST_ASKED, 'they are few');
  holdRefused(before, after, 0);
  return after;
}

function holdUntrusted(before: Incident, why: Untrusted, at: number): Incident {
  const decided = refuseUntrusted(before, why, at);
  const { by, reasons } = holdRefusal(before, decided, at);
  hold(by === UNKNOWN && JSON.stringify(reasons) === JSON.stringify(why.reasons), 'nobody is its sender');
  holdRefused(before, decided.incident, 1);
  return decided.incident;
}

/** What was counted for a minute is told, no more and no less. */
function holdTold(before: Incident, at: number, all: boolean): Incident {
  const after = tellRefusals(before, at, all);
  holdUnchanged(before, after, 'entries', 'counting');
  for (const { kind, at: toldAt, times: told = 0 } of after.entries.slice(before.entries.length))
    hold(kind === 'refusal' && toldAt === at && told > 0, 'what is told is a count');
  holdRefused(before, after, 0);
  const due = nextTellingAt(before);
  if (!all && (due === undefined || due > at)) hold(after === before, 'nothing is told before its minute');
  if (all) hold(unsaidRefusals(after) === 0, 'nothing is left untold');
  hold((nextTellingAt(after) ?? Infinity) > at, 'nothing is left whose minute is over');
  hold(tellRefusals(after, at, all) === after, 'it is told once');
  return after;
}

/** What shows that a sequence went deep. */
const NOTHING_REACHED = {
  closed: 0,
  stoodDown: 0,
  toldInside: 0,
  contacted: 0,
  glassBroken: 0,
  released: 0,
  inDoubt: 0,
  withheld: 0,
  containmentUndone: 0,
  handedOver: 0,
  lockedForGood: 0,
  sealed: 0,
  rotated: 0,
  countedAndTold: 0,
  confirmed: 0,
  askedTooOften: 0,
  keysRenewed: 0,
};
const NOBODY_REACHED = {
  excluded: 0,
  readmitted: 0,
  excludedAsks: 0,
  voiceFell: 0,
  commandHanded: 0,
  headless: 0,
  newcomer: 0,
  roomMoved: 0,
  calledAround: 0,
  handedOn: 0,
  reminded: 0,
  ended: 0,
};
const NOTHING_SAID = {
  noteSent: 0,
  mailed: 0,
  customerTold: 0,
  public: 0,
  messageStopped: 0,
  messageDropped: 0,
  spoken: 0,
};
type Milestone = keyof typeof NOTHING_REACHED | keyof typeof NOBODY_REACHED | keyof typeof NOTHING_SAID;

function milestonesOf(incident: Incident): Milestone[] {
  const { phase, requests, withholding, tasks: all } = incident;
  const wasDecided = (name: Decision['name']) =>
    incident.entries.some(({ kind, decision: one }) => kind === 'decision' && one === name);
  const isSent = (kind: Content['kind']) =>
    Object.values(incident.outbox).some(({ content, state }) => content.kind === kind && state === 'sent');
  const passed: Record<Milestone, boolean> = {
    closed: phase.name === 'closed',
    stoodDown: phase.name === 'stoodDown',
    toldInside: isDone('overviewTimeline', incident),
    contacted: isDone('contactFbi', incident),
    glassBroken: Object.values(requests).some(({ glassBroken }) => glassBroken),
    released: isDone('releaseStatement', incident),
    inDoubt: TASK_IDS.some((id) => 'inDoubt' in all[id]),
    withheld: Object.values(withholding).some(({ length }) => length === 2),
    containmentUndone: Object.values(incident.containments).some(({ release }) => release?.doneAt),
    handedOver: incident.evidence.custody.some(({ event }) => event === 'handedOver'),
    lockedForGood: incident.evidence.custody.some(({ event }) => event === 'lockedForGood'),
    sealed: incident.evidence.seals.length > 0,
    rotated: Object.values(incident.rotations).some(({ settled }) => settled),
    countedAndTold: incident.entries.some(({ times: told = 1 }) => told > 1),
    confirmed: incident.entries.some(({ kind, decision: name }) => kind === 'decision' && name === 'confirm'),
    askedTooOften: incident.entries.some(({ reasons = [] }) => reasons[0]?.gate === 'requestsAreFew'),
    keysRenewed: incident.entries.some(({ kind, details }) => kind === 'effect' && details?.['keys']),
    excluded: Object.keys(incident.excluded).length > 0,
    readmitted: wasDecided('readmit'),
    excludedAsks: incident.entries.some(
      ({ kind, reasons = [] }) => kind === 'refusal' && reasons[0]?.gate === 'senderIsNotExcluded',
    ),
    // Contacts are asked about from the declaration on.
    voiceFell: Object.values(requests).some(
      ({ subject, raisedAt }) =>
        subject.kind === 'contact' && subject.party === undefined && raisedAt > THREE_AM,
    ),
    commandHanded: wasDecided('acceptCommand'),
    headless: !PEOPLE.some((email) => has(email, 'incidentCommander', incident)),
    newcomer: rolesNow(NEW, incident).length > 0,
    roomMoved: incident.leftRooms.length > 0 && incident.room !== undefined,
    calledAround: incident.calling.count > 1,
    handedOn: incident.calling.isUrgent === true,
    ended: hasEnded(incident),
    noteSent: incident.note?.sentAt !== undefined,
    mailed: isSent('mail'),
    customerTold: isSent('customer'),
    public: isSent('public'),
    messageStopped: Object.values(incident.outbox).some(({ state }) => state === 'stopped'),
    messageDropped: Object.values(incident.outbox).some(({ state }) => state === 'dropped'),
    spoken: incident.conversations.length > 0,
    reminded: Object.values(incident.assignments).some(({ reminders }) => reminders > 0),
  };
  return (Object.keys(passed) as Milestone[]).filter((milestone) => passed[milestone]);
}

/** Takes the steps one by one, looks at every state, and tells what was reached. */
function walk(begun: Incident, steps: readonly Step[]): Set<Milestone> {
  let incident = freeze(begun);
  let at = begun.entries.at(-1)?.at ?? THREE_AM;
  let last: Act = (before) => before;
  const passed = new Set<Milestone>();
  for (const one of steps) {
    at += one.afterMs;
    const act = actOf(one, incident) ?? last;
    const often = 'often' in one ? one.often : 1;
    for (let count = 0; count < often; count += 1) {
      const before = incident;
      incident = freeze(act(before, at));
      holdGrown(before, incident);
      if (isOnlyRecorded(before, incident)) continue;
      const forbidden = [...forbiddenIn(incident), ...forbiddenBetween(before, incident)];
      if (forbidden.length > 0) throw new Error(`${JSON.stringify(one)}: ${forbidden.join('; ')}`);
    }
    for (const milestone of milestonesOf(incident)) passed.add(milestone);
    // Machines tell what has happened once.
    if (!['report', 'peopleTold', 'wordsTold'].includes(one.kind)) last = act;
  }
  const told = holdTold(incident, at, true);
  expect(viewOf(incident).refusals).toBe(refusalsOf(told.entries));
  // As it is carried from run to run.
  hold(isDeepStrictEqual(JSON.parse(JSON.stringify(incident)), incident), 'it is the same over the wire');
  renderDetails(incident);
  renderPinned(incident);
  return passed;
}

/** Nothing but the record of it has changed. */
function isOnlyRecorded(before: Incident, after: Incident): boolean {
  const { entries: _entries, counting: _counting, asked: _asked, askedSoFar: _askedSoFar, ...is } = after;
  return Object.entries(is).every(([key, value]) => before[key as keyof Incident] === value);
}

type Act = (before: Incident, at: number) => Incident;

/** What a step does, and what has to be so after it; nothing where it is what came last. */
function actOf(one: Step, incident: Incident): Act | undefined {
  switch (one.kind) {
    case 'again':
      return undefined;
    case 'asked':
      return (before, at) => holdAsked(before, one.by, one.decision, at);
    case 'untrusted':
      return (before, at) => holdUntrusted(before, one.why, at);
    case 'tell':
      return (before, at) => holdTold(before, at, one.all);
    case 'report':
    case 'peopleTold':
    case 'wordsTold': {
      const due =
        one.kind === 'peopleTold'
          ? aboutPeopleTold(incident)
          : one.kind === 'wordsTold'
            ? aboutMessages(incident)
            : [];
      const all = due.length > 0 ? due : tellable(incident);
      const told = all[one.pick % all.length] as Report;
      return (before, at) => {
        const after = report(before, told, at);
        holdRefused(before, after, 0);
        return after;
      };
    }
    case 'decision':
      return (before, at) => holdOneOutcome(before, one.decision, at);
    case 'sensible':
    case 'people':
    case 'words':
    case 'tempting': {
      const all = wordsOr(
        one.kind === 'tempting'
          ? TEMPTING
          : one.kind === 'people'
            ? aboutPeople(incident)
            : one.kind === 'words'
              ? aboutAnyWords(incident)
              : [],
        incident,
      );
      const sent = all[one.pick % all.length] as Decision;
      return (before, at) => holdOneOutcome(before, sent, at);
    }
  }
}

describe('any sequence of decisions and reports', () => {
  const steps = fc.array(step, { minLength: 20, maxLength: 70, size: 'max' });

  test('reaches no forbidden state, and its record only grows', () => {
    fc.assert(
      fc.property(start, steps, (begun, taken) => {
        walk(begun, taken);
      }),
      { numRuns: isThorough ? 120 : 40 },
    );
  });

  thorough('is deep enough to mean something: these ones reach every end there is', () => {
    const reached: Partial<Record<Milestone, number>> = { ...NOTHING_REACHED };
    fc.assert(
      fc.property(start, steps, (begun, taken) => {
        for (const milestone of walk(begun, taken)) reached[milestone] = (reached[milestone] ?? 0) + 1;
      }),
      // The same ones every time. Where a change of the rules makes them miss an end, another seed reaches it.
      { numRuns: 200, seed: 1 },
    );
    expect(Object.entries(reached).filter(([, often]) => often === 0)).toEqual([]);
  });

  test('about people leaves nothing with the excluded, and reaches all that can become of people', () => {
    const reached: Partial<Record<Milestone, number>> = { ...NOBODY_REACHED };
    const ofPeople = fc.array(peopleStep, { minLength: 20, maxLength: 60, size: 'max' });
    fc.assert(
      fc.property(startOfPeople, ofPeople, (begun, taken) => {
        for (const milestone of walk(begun, taken)) reached[milestone] = (reached[milestone] ?? 0) + 1;
      }),
      { numRuns: isThorough ? 200 : 40 },
    );
    // So few may miss one.
    if (isThorough) expect(Object.entries(reached).filter(([, often]) => often === 0)).toEqual([]);
  });

  test('about words sends nothing before its time, and reaches all that can become of a message', () => {
    const reached: Partial<Record<Milestone, number>> = { ...NOTHING_SAID };
    const ofWords = fc.array(wordsStep, { minLength: 20, maxLength: 60, size: 'max' });
    fc.assert(
      fc.property(startOfWords, ofWords, (begun, taken) => {
        for (const milestone of walk(begun, taken)) reached[milestone] = (reached[milestone] ?? 0) + 1;
      }),
      { numRuns: isThorough ? 200 : 25 },
    );
    if (isThorough) expect(Object.entries(reached).filter(([, often]) => often === 0)).toEqual([]);
  });
});

describe('whatever arrives', () => {
  const name = fc.constantFrom(...DECISION_NAMES);
  const { proof } = messageOf('sapphire-unicorn', { name: 'close', by: PEOPLE[0] ?? '' }, THREE_AM);
  const junk = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom<unknown>(null, undefined, NaN, Infinity, [], {}, '', [[]], 'constructor', '__proto__'),
    person,
    task,
    tasks,
    request,
    finding,
    fc.constantFrom(...STEP_IDS, ...SCOPE_KIND_IDS, 'respond', INSTANCE, 'slack', 'asked-1'),
    fc.constantFrom<unknown>(proof, { ...proof, nonce: '' }, { ...proof, at: -1 }, { ...proof, more: 1 }),
  );
  const content = (one: (typeof DECISION_NAMES)[number]) =>
    fc.oneof(
      junk,
      fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor')), junk),
      fc.record(
        Object.fromEntries(
          ['by', 'proof', 'door', 'name', ...Object.keys(DECISIONS[one].fields)].map((field) => [
            field,
            junk,
          ]),
        ),
        { requiredKeys: ['by', ...Object.keys(DECISIONS[one].fields)].slice(0, 2) },
      ),
    );

  test('is parsed or answered with its problems, and never thrown at anybody', () => {
    fc.assert(
      fc.property(
        start,
        name.chain((one) => fc.tuple(fc.constant(one), content(one))),
        (incident, [one, raw]) => {
          const parsed = parseDecision(one, raw);
          if (!parsed.ok) {
            expect(parsed.problems).not.toEqual([]);
            return;
          }
          expect(parsed.decision.name).toBe(one);
          holdOneOutcome(freeze(incident), parsed.decision, THREE_AM);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  /** Clear or sealed for elsewhere, through the Web UI, unsigned, signed by whoever it names, or changed after that. */
  const message = fc.oneof(
    junk,
    fc.constantFrom(unreadable('clear'), unreadable('moved'), { 'firebreak/unreadable': 'constructor' }),
    name.chain((one) => content(one).map((raw) => ({ ...(raw as object), decision: one }))),
    fc.record({ by: person, value: fc.oneof(junk, decision.map(wireOf)) }).map(asked),
    decision.map(wireOf),
    decision.map((one) => messageOf('sapphire-unicorn', one, THREE_AM)),
    fc.tuple(decision, person).map(([one, by]) => ({ ...messageOf('sapphire-unicorn', one, THREE_AM), by })),
  );

  test('is a decision with a proof, a request without one, or a refusal: one entry, and never an exception', () => {
    const kinds = { proven: 0, asked: 0, untrusted: 0 };
    fc.assert(
      fc.property(start, message, (begun, raw) => {
        const incident = freeze(begun);
        const arrived = readMessage(raw, {
          codename: 'sapphire-unicorn',
          company: incident.company,
          at: THREE_AM,
          crypto: NODE_CRYPTO,
          isTaken: () => false,
        });
        kinds[arrived.kind] += 1;
        const after =
          arrived.kind === 'proven'
            ? holdOneOutcome(incident, arrived.decision, THREE_AM)
            : arrived.kind === 'asked'
              ? holdAsked(incident, arrived.by, arrived.decision, THREE_AM)
              : holdUntrusted(incident, arrived.why, THREE_AM);
        holdGrown(incident, after);
        expect(after.entries.length).toBeGreaterThan(incident.entries.length);
      }),
      { numRuns: 1_000 },
    );
    expect(Object.entries(kinds).filter(([, often]) => often < 20)).toEqual([]);
  });

  test('is read just so where it is well formed', () => {
    fc.assert(
      fc.property(decision, (sent) => {
        const wire: unknown = JSON.parse(JSON.stringify(sent));
        expect(parseDecision(sent.name, wire)).toEqual({ ok: true, decision: wire });
        expect(parseMessage(wireOf(sent))).toEqual({ name: sent.name, parsed: { ok: true, decision: wire } });
      }),
    );
  });
});

/** As it goes over the wire, without a signature. */
function wireOf({ name, ...content }: Decision): object {
  return JSON.parse(JSON.stringify({ decision: name, ...content })) as object;
}
