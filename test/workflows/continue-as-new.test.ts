/** An incident that lives long begins its history anew, again and again, and loses nothing by it. */
import { Worker } from '@temporalio/worker';
import { unauthorized } from '../../activities/failures';
import { phaseKey } from '../../workflows/search-attributes';
import { createWorld } from '../support/fakes';
import { IC, INSTANCE, respond, SECURITY } from '../support/incidents';
import {
  isGapless,
  replayOptions,
  startServer,
  toldOnce,
  TO_CLOSE,
  until,
  useTemporal,
  type TestIncident,
} from '../support/temporal';
import { thorough } from '../support/thorough';

/** Instead of 4,096: a run of an incident is over after a few decisions. */
const stage = useTemporal(() =>
  startServer(['--dynamic-config-value', 'limit.historyCount.suggestContinueAsNew=60']),
);

const runOf = async ({ handle }: TestIncident) => (await handle.describe()).runId;

/** Decides this and that until the incident is in another run. */
async function untilNextRun(incident: TestIncident): Promise<void> {
  const before = await runOf(incident);
  for (let number = 0; (await runOf(incident)) === before; number += 1) {
    const to = number % 2 === 0 ? SECURITY : IC;
    await incident.sendAsSignal({ name: 'assignTask', by: IC, task: 'findActions', to });
    await new Promise((resolve) => setTimeout(resolve, 20));
    if (number > 200) throw new Error('the incident never began its history anew');
  }
}

test('an incident that begins its history anew loses nothing and does nothing twice', async () => {
  const world = createWorld({ authority: 'contain-on-declare' });
  const release = world.cloud.hold('isolate');
  world.chat.fail('post', unauthorized('the vendor answers: token revoked'));
  const incident = await stage.declare(world);
  const { runId: firstRun } = await incident.handle.describe();
  await until(() => world.cloud.count('isolate') === 1);
  const decision = await incident.message(respond());
  expect(await incident.update(decision)).toMatchObject({ accepted: true });
  await untilNextRun(incident);
  await untilNextRun(incident);

  // Decided in an earlier run, and known in this one.
  expect(await incident.update(decision)).toMatchObject({ accepted: false, reasons: [{ gate: 'isNew' }] });
  await incident.signal('decision', decision);
  isGapless(await incident.timeline());
  expect((await incident.checklist()).containments[0]?.status).toBe('running');
  expect((await incident.handle.describe()).typedSearchAttributes.get(phaseKey)).toBe('open');

  world.chat.mend('post');
  release();
  await incident.entry(`${INSTANCE}: stopped`);
  await until(async () => (await incident.task('inviteExecutives')).state === 'done');
  // The briefing failed with the rest, and need not be waited for.
  await incident.decide({ name: 'retryTask', by: IC, task: 'avoidSms' });
  await until(async () => (await incident.task('avoidSms')).state === 'done');
  await untilNextRun(incident);
  await incident.take(...TO_CLOSE);
  const result = await incident.handle.result();

  const entries = await incident.timeline();
  expect(result).toMatchObject({ outcome: 'closed', entries: entries.length });
  isGapless(entries);
  expect(entries.filter(({ text }) => text.includes('determined that a response'))).toHaveLength(1);
  expect(world.chat.told()).toHaveLength(entries.length);
  toldOnce(world, entries);
  // Containment ran once, through, whatever run its incident was in.
  const names = world.cloud.calls.map(({ name }) => name);
  expect([...names].sort()).toEqual([
    ...[
      'capture',
      'captureMemory',
      'cutConnections',
      'denyElsewhere',
      'isolate',
      'leaveGroups',
      'lock',
      'lock',
    ],
    ...['protect', 'revokeRole', 'snapshot', 'snapshot', 'stop', 'verify'],
  ]);
  expect(world.pager.pages).toHaveLength(1);
  expect(world.chat.rooms.size).toBe(1);
  const last = await incident.handle.describe();
  expect(last.typedSearchAttributes.get(phaseKey)).toBe('ended');
  // By this a second declaration of the same detection finds its incident.
  expect(last.runId).not.toBe(firstRun);
  expect(last.memo).toEqual({ origin: 'a hash' });

  for (const runId of [firstRun, last.runId]) {
    const history = await stage.client.workflow.getHandle(incident.codename, runId).fetchHistory();
    await Worker.runReplayHistory(replayOptions(stage.bundle), history, incident.codename);
  }
}, 60_000);

test('an order to stop that is given in a later run reaches the containment of an earlier one', async () => {
  const world = createWorld({ authority: 'contain-on-declare' });
  const release = world.cloud.hold('isolate');
  const incident = await stage.declare(world);
  await until(() => world.cloud.count('isolate') === 1);
  await untilNextRun(incident);
  await incident.take({ name: 'orderStop', by: IC, instance: INSTANCE, reason: 'it encrypts the disks' });
  await incident.entry(`${INSTANCE}: stopped`);
  expect(world.cloud.count('capture')).toBe(1);
  release();
});

thorough('decisions that arrive between two runs are taken in the order of their arrival', async () => {
  const world = createWorld();
  const incident = await stage.declare(world);
  await until(async () => (await incident.task('inviteExecutives')).state === 'done');
  for (let number = 0; number < 150; number += 1)
    await incident.sendAsSignal({
      name: 'widenScope',
      by: SECURITY,
      what: 'address',
      which: `198.51.100.${number}`,
    });
  await incident.entry('198.51.100.149');
  expect((await incident.checklist()).scope.addresses).toEqual(
    Array.from({ length: 150 }, (_, number) => `198.51.100.${number}`),
  );
  isGapless(await incident.timeline());
});

thorough(
  'that a containment of an earlier run was ended from outside shows when it is ordered to stop; it can be begun again',
  async () => {
    const world = createWorld({ authority: 'contain-on-declare' });
    const release = world.cloud.hold('isolate');
    const incident = await stage.declare(world);
    await until(() => world.cloud.count('isolate') === 1);
    await untilNextRun(incident);
    // Were it ended before this run has looked for it, it would simply be begun again.
    await until(async () => {
      const { events } = await incident.handle.fetchHistory();
      return events?.some((event) => event.startChildWorkflowExecutionFailedEventAttributes);
    });
    await stage.client.workflow.getHandle(`${incident.codename}-1`).terminate('by an operator');
    await incident.take({ name: 'orderStop', by: IC, instance: INSTANCE, reason: 'nothing is heard of it' });
    await incident.entry(`${INSTANCE}: containment ended before it was done`);
    expect((await incident.checklist()).containments[0]?.status).toBe('abandoned');
    expect((await incident.task('isolateAffected')).state).toBe('failed');

    release();
    await incident.take({ name: 'retryTask', by: SECURITY, task: 'isolateAffected' });
    await incident.entry(`${INSTANCE}: stopped`);
  },
);
