/** Practice looks like an incident to whoever can't read payloads, does nothing, and says what it is to whoever can. */
import { Client, WorkflowFailedError } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { createPracticeActivities } from '../../activities/practice';
import { asOneStep } from '../../activities/step';
import { failureOf } from '../../client/cli/exit';
import { formatList, formatOutcome } from '../../client/cli/format';
import { checklistOf, decideIncident, declareIncident, listIncidents } from '../../client/incidents';
import { sealing } from '../../codec/data-converter';
import type { Company } from '../../domain/company';
import type { Decision } from '../../domain/decisions';
import { padding } from '../../domain/practice';
import { EMPTY_SCOPE } from '../../domain/scope';
import { keepPractising } from '../../worker/practice';
import { startOf } from '../../workflows/incident/messages';
import { INCIDENT_WORKFLOW, TASK_QUEUE } from '../../workflows/names';
import { createWorld, type World } from '../support/fakes';
import {
  acknowledge,
  assign,
  COLD_STORAGE,
  IC,
  INSTANCE,
  respond,
  SCRIBE,
  SECURITY,
} from '../support/incidents';
import { signerOf } from '../support/signers';
import {
  freshCodename,
  KEYRING,
  startServer,
  startTimeSkippingServer,
  TestIncident,
  TO_CLOSE,
  until,
  useTemporal,
} from '../support/temporal';
import { clearFieldsOf, dataKeysOf, descriptionOf, eventsOf, flagsOf } from '../support/visible';
import { describeThorough, thorough } from '../support/thorough';

const stage = useTemporal(() => startServer());

/** A process of its own, as each command line is. */
const commandLine = () =>
  new Client({
    connection: stage.server.connection,
    namespace: 'default',
    identity: 'firebreak',
    dataConverter: sealing({ ...KEYRING }, 'throw'),
  });

const startWorker = (queue: string, world: World) =>
  stage.startWorker(queue, world, {
    identity: 'firebreak',
    activities: asOneStep({ ...world.activities, ...createPracticeActivities() }),
  });

/** With these, practice has a part that looks like an instance's, somebody in it comes late, and tasks are given. */
const SEEDS = ['seed 7', 'seed 9'];

function begin(codename: string, seed: string, lastsMs: number, taskQueue = TASK_QUEUE) {
  const practice = { seed, lastsMs, padding: padding(500) };
  return commandLine().workflow.start(INCIDENT_WORKFLOW, {
    ...startOf(codename, { practice }, 'as long as a hash'),
    taskQueue,
  });
}

const partsOf = (codename: string) => [1, 2, 3].map((number) => `${codename}-${number}`);

/**
 * Parts that run still at the end are cancelled, as an incident's are when it is stood down; a busy server has a workflow task
 * made anew, whosever it is.
 */
const isUsual = ({ eventType }: { readonly eventType?: unknown }) =>
  !/CANCEL|WORKFLOW_TASK_(FAILED|TIMED_OUT)/.test(String(eventType));

async function practised(changes: Partial<Company> = {}) {
  const world = createWorld({ authority: 'contain-on-declare', ledger: true, ...changes });
  const codename = freshCodename();
  await startWorker(codename, world);
  await begin(codename, SEEDS[0] ?? '', 3_000, codename);
  const end = () =>
    commandLine()
      .workflow.getHandle(codename)
      .executeUpdate('decision', { args: [{ practice: { answer: 80, ends: true }, padding: '' }] });
  const incident = new TestIncident(codename, stage.client);
  return { codename, world, end, incident, handle: stage.client.workflow.getHandle(codename) };
}

thorough(
  'in the clear, nothing tells practice from an incident',
  async () => {
    const world = createWorld({
      authority: 'contain-on-declare',
      ledger: true,
      joinCheckMs: 200,
      paces: { acknowledgeWithinMs: 1_000, remindEveryMs: 1_000, statusEveryMs: 2_000 },
    });
    world.chat.strangers.add(SCRIBE);
    await startWorker(TASK_QUEUE, world);
    const shams = SEEDS.map(() => freshCodename());
    for (const [index, codename] of shams.entries()) await begin(codename, SEEDS[index] ?? '', 20_000);
    const scope = { ...EMPTY_SCOPE, instances: [{ id: INSTANCE }] };
    const finding = { id: 'finding-1', type: 'Backdoor', title: 'a back door', severity: 8 };
    const { codename } = await declareIncident(
      commandLine(),
      { summary: 'an odd process', by: SECURITY, scope, finding },
      KEYRING,
      signerOf(SECURITY),
    );
    await until(async () => (await listIncidents(stage.client)).length === 3);
    const listed = await listIncidents(stage.client);
    const ending = new AbortController();
    // Which have begun before it: as after a worker's end.
    const { nativeConnection: connection } = stage.server;
    const warn = () => undefined;
    void keepPractising(
      { connection, namespace: 'default', keyring: KEYRING, settings: undefined, warn },
      ending.signal,
    );
    const incident = new TestIncident(codename, stage.client);
    const decide = async ({ name, by, ...fields }: Decision) =>
      decideIncident(commandLine(), codename, name, { by, ...fields }, signerOf(by));
    await incident.entry('declared');
    // Nobody has the page, so that the next in line is called.
    await until(() => world.pager.count('callNext') > 0);
    await decide(acknowledge(IC));
    await until(() => world.pager.count('acknowledge') > 0);
    await decide(respond());
    // Asked, and reminded.
    await decide(assign('findActions', SECURITY));
    await until(() => world.chat.count('tellPerson') > 1);
    // Somebody comes late, so that the room is asked who is in it.
    await until(async () => (await incident.task('inviteAllResponders')).state === 'failed');
    await until(() => world.chat.count('members') > 0);
    world.chat.strangers.delete(SCRIBE);
    await decide({ name: 'retryTask', by: IC, task: 'inviteAllResponders' });
    await until(async () => (await incident.checklist()).containments[0]?.status === 'finished');
    await until(async () => (await incident.task('inviteExecutives')).state === 'done');
    for (const decision of TO_CLOSE) expect(await decide(decision)).toMatchObject({ accepted: true });
    await incident.handle.result();
    const results = await Promise.all(shams.map((sham) => stage.client.workflow.getHandle(sham).result()));
    ending.abort();

    // Its people, whom the worker stands in for, have brought each to its end.
    expect(results).toMatchObject(shams.map((sham) => ({ codename: sham, outcome: 'practice' })));
    const real = await eventsOf(stage.client, [codename, ...partsOf(codename)]);
    const sham = await eventsOf(
      stage.client,
      shams.flatMap((one) => [one, ...partsOf(one)]),
    );
    expect(clearFieldsOf(sham.filter(isUsual))).toEqual(clearFieldsOf(real.filter(isUsual)));
    expect(flagsOf(sham)).toEqual(flagsOf(real));
    const [first = ''] = shams;
    expect(await descriptionOf(stage.client, first)).toEqual(await descriptionOf(stage.client, codename));
    // Who began it and who decided in it is nobody who did anything else: each has a data key of its own.
    for (const events of [real, sham]) {
      const keys = dataKeysOf(events);
      expect(keys.outside.length).toBeGreaterThan(5);
      expect(new Set(keys.outside).size).toBe(keys.outside.length);
      expect(keys.worker.filter((key) => keys.outside.includes(key))).toEqual([]);
    }
    // Only people with the keys can tell them apart.
    expect(
      listed
        .filter(({ practice }) => practice)
        .map((one) => one.codename)
        .sort(),
    ).toEqual(shams.sort());
    expect(formatList(listed, Date.now()).match(/ practice /g)).toHaveLength(2);
  },
  60_000,
);

describe('practice', () => {
  test('says what it is to people, refuses their decisions, and is not moved by what others send', async () => {
    const { codename, end, incident, handle } = await practised();
    const close = await decideIncident(stage.client, codename, 'close', { by: IC }, signerOf(IC));
    expect(close.accepted).toBe(false);
    expect(formatOutcome(close)).toContain(`${codename} is practice: nothing happens in it`);
    const failure = failureOf(await checklistOf(stage.client, codename).catch((error: unknown) => error));
    expect(failure).toEqual({ status: 2, problems: [`${codename} is practice: nothing happens in it`] });
    for (const raw of [null, 'text', { practice: null }, { practice: { answer: -1 } }, { ends: true }]) {
      expect(await incident.update(raw)).toMatchObject({ accepted: false });
      await incident.signal('decision', raw);
      await incident.signal('report', raw);
      await incident.signal('order', raw);
    }
    await expect(handle.query('view', 'everything')).rejects.toThrow();
    expect((await handle.describe()).status.name).toBe('RUNNING');
    await end();
    await expect(handle.result()).resolves.toMatchObject({ outcome: 'practice', refusals: 16 });
    await expect(checklistOf(stage.client, codename)).rejects.toThrow('is practice');
  }, 30_000);

  thorough(
    'touches no vendor, and its histories can be replayed',
    async () => {
      const { codename, end, world, handle } = await practised({ coldStorage: COLD_STORAGE });
      await until(async () => (await eventsOf(stage.client, [`${codename}-1`])).length > 0);
      await stage.client.workflow.getHandle(`${codename}-1`).result();
      await end();
      await handle.result();
      expect(world.calls).toEqual([]);
      const part = JSON.stringify(await eventsOf(stage.client, [`${codename}-1`]));
      // As where blocks are hashed: a day.
      expect(part).toContain('"startToCloseTimeout":{"seconds":"86400"}');
      for (const id of [codename, `${codename}-1`]) {
        const history = await stage.client.workflow.getHandle(id).fetchHistory();
        const dataConverter = sealing(KEYRING, 'mark');
        await Worker.runReplayHistory({ workflowBundle: stage.bundle, dataConverter }, history, id);
      }
    },
    30_000,
  );

  test('begins with nothing malformed, and for nobody without the keys: it fails at once', async () => {
    const world = createWorld();
    const queue = freshCodename();
    await startWorker(queue, world);
    const outsider = new Client({ connection: stage.server.connection });
    const whole = { practice: { seed: 'x', lastsMs: 1, padding: '' } };
    const starts: readonly (readonly [Client, unknown])[] = [
      [outsider, whole],
      [commandLine(), { practice: {} }],
      [commandLine(), { practice: null }],
      [commandLine(), { practice: { ...whole.practice, seed: 7 } }],
      [commandLine(), { practice: { ...whole.practice, lastsMs: '1' } }],
    ];
    for (const [{ workflow }, input] of starts) {
      const codename = freshCodename();
      await workflow.start(INCIDENT_WORKFLOW, { ...startOf(codename, input as never), taskQueue: queue });
      const { workflow: reader } = commandLine();
      await expect(reader.getHandle(codename).result()).rejects.toThrow(WorkflowFailedError);
    }
    expect(world.calls).toEqual([]);
  });
});

describeThorough('by the clock', () => {
  const skipping = useTemporal(startTimeSkippingServer);

  /** How often each kind of call was made, by what is in the clear, and how many timers there were. */
  async function countsOf(codename: string): Promise<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const event of await eventsOf(skipping.client, [codename])) {
      const call = event['activityTaskScheduledEventAttributes'];
      const isTimer = event['eventType'] === 'EVENT_TYPE_TIMER_STARTED';
      if (call === undefined && !isTimer) continue;
      const kind = call === undefined ? 'timer' : kindOf(call);
      counts[kind] = (counts[kind] ?? 0) + 1;
    }
    // What comes together is told together.
    delete counts[TELLING_THE_ROOM];
    return counts;
  }

  function kindOf(call: unknown): string {
    const { input, startToCloseTimeout } = call as {
      input: { payloads: unknown[] };
      startToCloseTimeout: { seconds: string };
    };
    return `${input.payloads.length} within ${startToCloseTimeout.seconds} s`;
  }

  const TELLING_THE_ROOM = '5 within 90 s';

  test('the page is looked at and climbs until somebody has it, and the room is asked for a status, as often as in an incident', async () => {
    const world = createWorld({ joinCheckMs: 150_000 });
    const incident = await skipping.declare(world);
    const sham = freshCodename();
    await skipping.startWorker(sham, world, {
      activities: asOneStep({ ...world.activities, ...createPracticeActivities() }),
    });
    // With it, all have joined at once, nothing is contained, and the first who says something has the page.
    const practice = { seed: 'seed 47', lastsMs: 7_200_000, padding: '' };
    await skipping.client.workflow.start(INCIDENT_WORKFLOW, {
      ...startOf(sham, { practice }),
      taskQueue: sham,
    });
    const bothCount = async (kind: string, count: number) => {
      await until(async () => (await countsOf(incident.codename))[kind] === count);
      await until(async () => (await countsOf(sham))[kind] === count);
    };
    await until(async () => (await incident.task('inviteExecutives')).state === 'done');
    await bothCount('3 within 30 s', 2);
    await skipping.server.sleep('630 seconds');
    // Called after five minutes, and after ten.
    await bothCount('4 within 15 s', 2);
    await incident.take(acknowledge(IC));
    await skipping.client.workflow
      .getHandle(sham)
      .executeUpdate('decision', { args: [{ practice: { answer: 80 }, padding: '' }] });
    await skipping.server.sleep('85 minutes');
    const real = await countsOf(incident.codename);
    expect(await countsOf(sham)).toEqual(real);
    // Looks; what the pager was told; who was asked to come; the note.
    expect(real['3 within 15 s']).toBe(4 + 1 + 1 + 1);
    // For looks, calls and requests for a status: those that went off, and the last of each, which did not.
    expect(real['timer']).toBe(4 + 1 + 2 + 1 + 3 + 1);
  }, 60_000);
});
