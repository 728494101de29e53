/** Decisions as they arrive: as Updates and as Signals, early, twice, malformed and hostile. */
import { WithStartWorkflowOperation } from '@temporalio/client';
import { DECISION_NAMES } from '../../domain/decisions';
import type { Entry } from '../../domain/entries';
import { decisionUpdate } from '../../workflows/incident/messages';
import { INCIDENT_WORKFLOW } from '../../workflows/names';
import type { incident as incidentWorkflow } from '../../workflows';
import { createWorld } from '../support/fakes';
import { messageOf } from '../support/messages';
import { complete, IC, respond, SECURITY, STRANGER, ONE_OF_EACH } from '../support/incidents';
import {
  freshCodename,
  isGapless,
  startOptions,
  startServer,
  TestIncident,
  until,
  useTemporal,
} from '../support/temporal';
import { someOf } from '../support/thorough';

const stage = useTemporal(() => startServer());

const isAPersons = ({ kind }: Entry) => kind === 'decision' || kind === 'refusal';
const withoutPlace = ({ seq: _seq, at: _at, proof: _proof, ...entry }: Entry) => entry;
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
    'confirm',
    'submitStatement',
    // No way out is configured, and nothing may go out by now.
    'submitNote',
    'send',
    'sendSms',
    'logContact',
    'reachCustomer',
    'releaseStatement',
    'retrySend',
    'dropSend',
    'meetClock',
    'reopenClock',
    'setAwareness',
    // The command was handed over by then.
    'exclude',
    'readmit',
    'startTask',
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
  expect(entry).toMatchObject({ kind: 'refusal', by: IC, reasons: outcome.reasons, door: 'command line' });
});

test('a Signal that comes too early, or from a stranger, is recorded as refused', async () => {
  const incident = await stage.declare(createWorld());
  await incident.sendAsSignal(complete(SECURITY, 'findActions'));
  await incident.sendAsSignal(respond(STRANGER));
  const early = await incident.entry('complete 5.3');
  const strange = await incident.entry(`send a determine in the name of ${STRANGER}`);
  expect(early).toMatchObject({ kind: 'refusal', reasons: [{ gate: 'responseIsDetermined' }] });
  expect(strange).toMatchObject({
    kind: 'refusal',
    by: 'unknown',
    reasons: [{ gate: 'senderIsOnTheRoster' }],
  });
  expect((await incident.checklist()).refusals).toBe(2);
});

test('a malformed Update is refused with everything that is wrong with it, and changes nothing', async () => {
  const incident = await stage.declare(createWorld());
  const outcome = await incident.update({
    decision: 'completeTasks',
    tasks: ['noSuchTask'],
    note: 7,
    colour: 'red',
    proof: 'trust me',
  });
  expect(outcome.accepted).toBe(false);
  expect(outcome.reasons.map(({ reason }) => reason)).toEqual([
    'by: missing',
    expect.stringMatching(/^proof: /),
    'tasks: no task of that name',
    'note: a text is needed',
    'colour: unknown field',
  ]);
  const left = (await incident.timeline()).filter(isAPersons);
  expect(left).toMatchObject([{ seq: outcome.seq, kind: 'refusal', by: 'unknown' }]);
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
  ['names that every object answers to', [{ decision: 'constructor', by: IC, proof: 'toString' }]],
  ['deep nesting', [JSON.parse(`${'['.repeat(500)}${']'.repeat(500)}`)]],
  [
    'a text of a megabyte',
    [{ decision: 'completeTasks', by: IC, tasks: ['actOnHost'], note: 'x'.repeat(1_000_000) }],
  ],
  ['sixty thousand fields', [MANY_FIELDS]],
  ['a token of the prototype', [{ token: 'x', told: { target: 'constructor', ended: 'finished' } }]],
  ['a report of no instance', [{ token: 'x', told: null }]],
];

test.each(someOf(HOSTILE, 2))(
  '%s as a Signal is written down and never wedges the incident',
  async (_what, content) => {
    const world = createWorld();
    const incident = await stage.declare(world);
    const before = (await incident.timeline()).length;
    await incident.signal('decision', ...content);
    await incident.signal('report', ...content);
    expect((await incident.decide(respond())).accepted).toBe(true);

    const written = (await incident.timeline()).slice(before);
    const refused = written.filter(({ kind }) => kind === 'refusal');
    expect(refused).toHaveLength(2);
    for (const text of [/^send a .+ that could not be read$/, /^report the progress of a containment$/])
      expect(refused).toContainEqual(
        expect.objectContaining({ by: 'unknown', text: expect.stringMatching(text) }),
      );
    expect(JSON.stringify(written).length).toBeLessThan(20_000);
    expect(await hasFailedTasks(incident)).toBe(false);
    await until(() =>
      world.chat.told().some(({ markdown }) => markdown.includes('determined that a response')),
    );
  },
);

test('decisions sent with the start, before the company is loaded, are not lost', async () => {
  const codename = freshCodename();
  const world = createWorld();
  const startWorkflowOperation = new WithStartWorkflowOperation<typeof incidentWorkflow>(INCIDENT_WORKFLOW, {
    ...startOptions(codename),
    workflowIdConflictPolicy: 'FAIL',
  });
  const outcome = stage.client.workflow.executeUpdateWithStart(decisionUpdate, {
    args: [messageOf(codename, respond())],
    startWorkflowOperation,
  });
  await new Promise((resolve) => setTimeout(resolve, 100));
  await stage.startWorker(codename, world);
  expect(await outcome).toMatchObject({ accepted: true, seq: 3 });
});

test('Signals sent with the start are not lost, and are taken in their order', async () => {
  const codename = freshCodename();
  const handle = await stage.client.workflow.signalWithStart<typeof incidentWorkflow, [unknown]>(
    INCIDENT_WORKFLOW,
    {
      ...startOptions(codename),
      signal: 'decision',
      signalArgs: [messageOf(codename, respond())],
      workflowIdConflictPolicy: 'USE_EXISTING',
    },
  );
  const incident = new TestIncident(codename, stage.client);
  await handle.signal('__temporal_of_nobody', 'x');
  await handle.signal('unknown', 'x');
  await incident.sendAsSignal(complete(SECURITY, 'findActions'));
  await stage.startWorker(codename, createWorld());
  await incident.entry('completed 5.3');
  const entries = await incident.timeline();
  expect(entries.filter(isAPersons).map(({ kind, decision }) => [kind, decision])).toEqual([
    ['decision', 'determine'],
    ['decision', 'completeTasks'],
  ]);
  isGapless(entries);
});

test('a decision that arrives as an Update and then as a Signal counts once, and the second is refused', async () => {
  const incident = await stage.declare(createWorld());
  const message = await incident.message(respond());
  expect(await incident.update(message)).toMatchObject({ accepted: true });
  await incident.signal('decision', message);
  expect(await incident.update(message)).toMatchObject({
    accepted: false,
    reasons: [{ gate: 'isNew' }],
  });
  const left = (await incident.timeline()).filter(isAPersons);
  expect(left.map(({ kind, by }) => [kind, by])).toEqual([
    ['decision', IC],
    ['refusal', 'unknown'],
  ]);
});

test('the same refusal over and over is told at once, then counted', async () => {
  const incident = await stage.declare(createWorld());
  for (let time = 0; time < 5; time += 1) await incident.sendAsSignal(respond(STRANGER));
  await incident.decide(respond());
  const refusals = (await incident.timeline()).filter(({ kind }) => kind === 'refusal');
  expect(refusals).toHaveLength(1);
  expect((await incident.checklist()).refusals).toBe(5);
});

describe('a start that is no declaration', () => {
  const forged = { incident: { company: { roster: [{ email: STRANGER, roles: ['incidentCommander'] }] } } };
  test.each<[string, unknown]>(
    someOf<[string, unknown]>(
      [
        ['nothing', undefined],
        ['null', null],
        ['an empty object', {}],
        ['a declaration without a scope', { declaration: { summary: 'x', by: SECURITY } }],
        [
          'a scope of nonsense',
          { declaration: { summary: 'x', by: SECURITY, scope: { instances: [null] } } },
        ],
        [
          'a state of the caller’s own, with a roster of its own',
          { carried: { ...forged, toldUpTo: 0, nonces: [], tokens: {} } },
        ],
      ],
      3,
    ),
  )('%s ends at once and does nothing', async (_, input) => {
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
