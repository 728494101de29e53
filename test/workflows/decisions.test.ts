/** Decisions as they arrive: as Updates and as Signals, early, twice, malformed and hostile. */
import { WithStartWorkflowOperation, WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { DECISION_NAMES, type Decision } from '../../domain/decisions';
import type { Entry } from '../../domain/entries';
import { INCIDENT_WORKFLOW } from '../../workflows/incident/messages';
import type { incident as incidentWorkflow } from '../../workflows';
import { createWorld } from '../support/fakes';
import {
  approve,
  breakGlass,
  close,
  complete,
  IC,
  INSTANCE,
  notNeeded,
  OTHER_INSTANCE,
  record,
  refuse,
  release,
  respond,
  rotated,
  SECURITY,
  STRANGER,
  submit,
  withdraw,
  withhold,
  giveUp,
  handOver,
  lockForGood,
} from '../support/incidents';
import {
  freshCodename,
  isGapless,
  startOptions,
  startServer,
  TestIncident,
  until,
  useTemporal,
} from '../support/temporal';

const stage = useTemporal(() => startServer());

/** One of each, in an order in which nearly all are accepted. */
const ONE_OF_EACH: readonly Decision[] = [
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
  { name: 'widenScope', by: SECURITY, what: 'user', which: 'deploy-bot' },
  rotated(SECURITY, 'deploy-bot', 'github'),
  withhold(IC, 'internalCommunication'),
  breakGlass(IC, 'contact:fbi'),
  submit(IC),
  close(),
];

const isAPersons = ({ kind }: Entry) => kind === 'decision' || kind === 'refusal';
const withoutPlace = ({ seq: _seq, at: _at, ...entry }: Entry) => entry;
const unnamed = (entries: readonly Entry[], { codename }: TestIncident): unknown =>
  JSON.parse(JSON.stringify(entries.map(withoutPlace)).replaceAll(codename, 'CODENAME'));

async function hasFailedTasks(incident: TestIncident): Promise<boolean> {
  const { events } = await incident.handle.fetchHistory();
  return (events ?? []).some(({ workflowTaskFailedEventAttributes }) => workflowTaskFailedEventAttributes);
}

test('every decision leaves the same in the timeline as an Update and as a Signal', async () => {
  expect(new Set(ONE_OF_EACH.map(({ name }) => name))).toEqual(new Set(DECISION_NAMES));
  const company = { systems: ['github'] };
  const worlds = [createWorld(company), createWorld(company)] as const;
  // Where the machines are is told in reasons too, and is to be the same for both.
  for (const { cloud } of worlds) cloud.hold('capture');
  const updated = await stage.declare(worlds[0]);
  const signalled = await stage.declare(worlds[1]);
  for (const incident of [updated, signalled])
    await until(async () => (await incident.task('inviteExecutives')).state === 'done');
  const outcomes = [];
  for (const decision of ONE_OF_EACH) {
    outcomes.push(await updated.decide(decision));
    await signalled.sendAsSignal(decision);
  }
  const left = (await updated.timeline()).filter(isAPersons);
  expect(left.map(({ decision }) => decision)).toEqual(ONE_OF_EACH.map(({ name }) => name));
  expect(left.map(({ seq, text }) => ({ seq, text }))).toEqual(
    outcomes.map(({ seq, text }) => ({ seq, text })),
  );
  expect(left.filter(({ kind }) => kind === 'refusal').map(({ decision }) => decision)).toEqual([
    'orderStop',
    'giveUp',
    'release',
    'handOver',
    'lockForGood',
    'submitStatement',
    'close',
  ]);
  const same = await until(async () => {
    const entries = (await signalled.timeline()).filter(isAPersons);
    return entries.length === left.length && entries;
  });
  expect(unnamed(same, signalled)).toEqual(unnamed(left, updated));
});

test('an Update that is refused answers with its reasons, and they are in the timeline', async () => {
  const incident = await stage.declare(createWorld());
  const outcome = await incident.decide(complete(IC, 'overviewTimeline'));
  expect(outcome.accepted).toBe(false);
  expect(outcome.reasons.map(({ gate }) => gate)).toEqual([
    'responseIsDetermined',
    'forensicAnalysisIsPerformed',
    'attackIsConfirmedExternal',
  ]);
  const entry = (await incident.timeline()).find(({ seq }) => seq === outcome.seq);
  expect(entry).toMatchObject({ kind: 'refusal', by: IC, reasons: outcome.reasons, door: 'temporal' });
});

test('a Signal that comes too early, or from a stranger, is recorded as refused', async () => {
  const incident = await stage.declare(createWorld());
  await incident.sendAsSignal(complete(SECURITY, 'findActions'));
  await incident.sendAsSignal(respond(STRANGER));
  const early = await incident.entry('complete 5.3');
  const strange = await incident.entry('determine: respond');
  expect(early).toMatchObject({ kind: 'refusal', reasons: [{ gate: 'responseIsDetermined' }] });
  expect(strange).toMatchObject({ kind: 'refusal', reasons: [{ gate: 'senderIsOnTheRoster' }] });
  expect((await incident.checklist()).refusals).toBe(2);
});

test('a malformed Update is rejected with everything that is wrong with it, and changes nothing', async () => {
  const incident = await stage.declare(createWorld());
  const rejected = await incident
    .update('completeTasks', { tasks: ['noSuchTask'], note: 7, colour: 'red' })
    .catch((error: unknown) => error);
  expect(rejected).toBeInstanceOf(WorkflowUpdateFailedError);
  const { cause } = rejected as WorkflowUpdateFailedError;
  expect(cause).toBeInstanceOf(ApplicationFailure);
  expect(cause).toMatchObject({ type: 'InvalidRequest', nonRetryable: true });
  expect(cause?.message.split('\n')).toEqual([
    'by: missing',
    'tasks: no task of that name',
    'note: a text is needed',
    'colour: unknown field',
  ]);
  expect((await incident.timeline()).filter(isAPersons)).toEqual([]);
});

const MANY_FIELDS = Object.fromEntries(Array.from({ length: 60_000 }, (_, index) => [`field-${index}`, 0]));

const HOSTILE: readonly (readonly [string, readonly unknown[]])[] = [
  ['nothing', []],
  ['null', [null]],
  ['a string', ['yes']],
  ['a number', [7]],
  ['a list', [[{ by: IC }]]],
  ['an empty object', [{}]],
  ['wrong fields', [{ by: 7, tasks: { length: 1 }, __proto__: { tasks: [] }, constructor: 'x' }]],
  ['names that every object answers to', [{ by: IC, tasks: ['constructor', 'toString'], id: 'toString' }]],
  ['deep nesting', [JSON.parse(`${'['.repeat(500)}${']'.repeat(500)}`)]],
  ['a text of a megabyte', [{ by: IC, tasks: ['actOnHost'], note: 'x'.repeat(1_000_000) }]],
  ['sixty thousand fields', [MANY_FIELDS]],
  ['a token of the prototype', [{ token: 'x', told: { target: 'constructor', ended: 'finished' } }]],
  ['a report of no instance', [{ token: 'x', told: null }]],
];

test.each(HOSTILE)('%s as a Signal is written down and never wedges the incident', async (_what, content) => {
  const world = createWorld();
  const incident = await stage.declare(world);
  const before = (await incident.timeline()).length;
  await incident.signal('completeTasks', ...content);
  await incident.signal('containmentReport', ...content);
  expect((await incident.decide(respond())).accepted).toBe(true);

  const written = (await incident.timeline()).slice(before);
  expect(written.find(({ kind }) => kind === 'refusal')).toMatchObject({ decision: 'completeTasks' });
  expect(written.map(({ text }) => text)).toContain(
    'a report of a containment that did not come from it was left out',
  );
  expect(JSON.stringify(written).length).toBeLessThan(20_000);
  expect(await hasFailedTasks(incident)).toBe(false);
  await until(() =>
    world.chat.told().some(({ markdown }) => markdown.includes('determined that a response')),
  );
});

test('decisions sent with the start, before the company is loaded, are not lost', async () => {
  const codename = freshCodename();
  const world = createWorld();
  const startWorkflowOperation = new WithStartWorkflowOperation<typeof incidentWorkflow>(INCIDENT_WORKFLOW, {
    ...startOptions(codename),
    workflowIdConflictPolicy: 'FAIL',
  });
  const { name: _name, ...content } = respond();
  const outcome = stage.client.workflow.executeUpdateWithStart('determine', {
    args: [content],
    startWorkflowOperation,
  });
  await new Promise((resolve) => setTimeout(resolve, 100));
  await stage.startWorker(codename, world);
  expect(await outcome).toMatchObject({ accepted: true, seq: 3 });
});

test('Signals sent with the start are not lost, and are taken in their order', async () => {
  const codename = freshCodename();
  const { name: _name, ...content } = respond();
  const handle = await stage.client.workflow.signalWithStart<typeof incidentWorkflow, [unknown]>(
    INCIDENT_WORKFLOW,
    {
      ...startOptions(codename),
      signal: 'determine',
      signalArgs: [content],
      workflowIdConflictPolicy: 'USE_EXISTING',
    },
  );
  const incident = new TestIncident(codename, stage.client);
  await handle.signal('__temporal_of_nobody', 'x');
  await handle.signal('unknown', 'x');
  await handle.signal('completeTasks', { by: SECURITY, tasks: ['findActions'] });
  await stage.startWorker(codename, createWorld());
  await incident.entry('completed 5.3');
  const entries = await incident.timeline();
  expect(entries.filter(isAPersons).map(({ kind, decision }) => [kind, decision])).toEqual([
    ['decision', 'determine'],
    ['decision', 'completeTasks'],
  ]);
  isGapless(entries);
});

test('a decision that arrives as an Update and then as a Signal counts once', async () => {
  const incident = await stage.declare(createWorld());
  const decision = { ...respond(), id: 'action-1' };
  const first = await incident.decide(decision);
  await incident.sendAsSignal(decision);
  const again = await incident.decide(decision);
  expect(again).toEqual(first);
  expect((await incident.timeline()).filter(isAPersons)).toHaveLength(1);
});

test('the same refusal over and over is one entry that counts', async () => {
  const incident = await stage.declare(createWorld());
  await until(async () => (await incident.task('inviteExecutives')).state === 'done');
  for (let time = 0; time < 5; time += 1) await incident.sendAsSignal(respond(STRANGER));
  await incident.decide(respond());
  const refusals = (await incident.timeline()).filter(({ kind }) => kind === 'refusal');
  expect(refusals).toHaveLength(1);
  expect(refusals[0]?.times).toBe(5);
});

describe('a start that is no declaration', () => {
  const forged = { incident: { company: { roster: [{ email: STRANGER, roles: ['incidentCommander'] }] } } };
  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['an empty object', {}],
    ['a declaration without a scope', { declaration: { summary: 'x', by: SECURITY } }],
    ['a scope of nonsense', { declaration: { summary: 'x', by: SECURITY, scope: { instances: [null] } } }],
    [
      'a state of the caller’s own, with a roster of its own',
      { carried: { ...forged, toldUpTo: 0, outcomes: [], tokens: {} } },
    ],
  ])('%s ends at once and does nothing', async (_, input) => {
    const world = createWorld();
    const codename = freshCodename();
    await stage.startWorker(codename, world);
    const handle = await stage.client.workflow.start(INCIDENT_WORKFLOW, {
      ...startOptions(codename),
      args: [input] as never,
    });
    await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'InvalidRequest' } });
    const { events = [] } = await handle.fetchHistory();
    expect(events?.filter((event) => event.activityTaskScheduledEventAttributes)).toEqual([]);
  });
});

test('the same id from another person is another decision', async () => {
  const incident = await stage.declare(createWorld());
  const first = await incident.update('determine', {
    id: 'one',
    by: SECURITY,
    determination: 'respond',
    reason: 'it is real',
  });
  const second = await incident.update('determine', {
    id: 'one',
    by: IC,
    determination: 'respond',
    reason: 'it is real',
  });
  expect(first).toMatchObject({ accepted: false });
  expect(second).toMatchObject({ accepted: true });
});
