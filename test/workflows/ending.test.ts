/** How an incident ends, what outlives it, and that its history can be replayed. */
import { WorkflowNotFoundError } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { unauthorized } from '../../activities/failures';
import { decideIncident } from '../../client/incidents';
import { phaseKey } from '../../workflows/search-attributes';
import { signerOf } from '../support/signers';
import { createWorld, type World } from '../support/fakes';
import { IC, INSTANCE, respond, SECURITY, standDown, STRANGER } from '../support/incidents';
import type { TestIncident } from '../support/temporal';
import {
  replayOptions,
  freshCodename,
  startServer,
  toldOnce,
  TO_CLOSE,
  until,
  useTemporal,
} from '../support/temporal';
import { thorough } from '../support/thorough';

const stage = useTemporal(() => startServer());
const REVOKED = unauthorized('the vendor answers: token revoked');

async function readyToClose(world: World): Promise<TestIncident> {
  const incident = await stage.declare(world);
  await until(async () => (await incident.task('inviteExecutives')).state === 'done');
  await incident.entry(`${INSTANCE}: stopped`);
  return incident;
}

async function phaseOf(incident: TestIncident) {
  const { typedSearchAttributes } = await incident.handle.describe();
  return typedSearchAttributes.get(phaseKey);
}

const wasTold = ({ chat }: World, text: string) =>
  chat.told().some(({ markdown }) => markdown.includes(text));

test('an incident that is closed resolves its page, tells the room, and answers how it ended', async () => {
  const world = createWorld({ authority: 'contain-on-declare' });
  const incident = await readyToClose(world);
  expect(await phaseOf(incident)).toBe('open');
  await incident.decide(respond(STRANGER));
  await incident.take(respond(), ...TO_CLOSE);
  const result = await incident.handle.result();
  const entries = await incident.timeline();
  expect(result).toEqual({
    codename: incident.codename,
    outcome: 'closed',
    entries: entries.length,
    refusals: 1,
  });
  expect(world.pager.pages.map(({ resolved }) => resolved)).toEqual([true]);
  expect(wasTold(world, 'closed the incident')).toBe(true);
  expect(world.chat.told()).toHaveLength(entries.length);
  toldOnce(world, entries);
  expect(world.chat.messages.find(({ key }) => key === 'checklist')?.markdown).toContain('Closed');
  expect(await phaseOf(incident)).toBe('ended');
});

test('what is decided after the end is answered clearly', async () => {
  const world = createWorld();
  const incident = await stage.declare(world);
  await incident.take(standDown());
  await incident.handle.result();
  const { client } = stage;
  const outcome = await decideIncident(
    client,
    incident.codename,
    'determine',
    {
      by: IC,
      determination: 'respond',
      reason: 'it was none',
    },
    signerOf(IC),
  );
  expect(outcome).toMatchObject({ accepted: false, reasons: [{ gate: 'incidentRuns' }] });
  await expect(incident.decide(respond())).rejects.toThrow(WorkflowNotFoundError);
  await expect(incident.sendAsSignal(respond())).rejects.toThrow(WorkflowNotFoundError);
});

test('what is decided while the incident ends is refused with that reason', async () => {
  const world = createWorld();
  const incident = await stage.declare(world);
  await until(async () => (await incident.task('inviteExecutives')).state === 'done');
  const release = world.pager.hold('resolvePage');
  await incident.take(standDown());
  await until(() => world.pager.count('resolvePage') === 1);
  const outcome = await incident.decide(respond());
  expect(outcome.accepted).toBe(false);
  expect(outcome.reasons[0]).toEqual({ gate: 'incidentRuns', reason: 'the incident has ended' });
  release();
  expect(await incident.handle.result()).toMatchObject({ outcome: 'stoodDown', refusals: 1 });
});

thorough(
  'a page that can not be resolved is left to a person, who is told, and the incident ends',
  async () => {
    const world = createWorld();
    const incident = await stage.declare(world);
    await until(async () => (await incident.task('inviteExecutives')).state === 'done');
    const release = world.pager.hold('resolvePage');
    world.pager.fail('resolvePage', REVOKED);
    await incident.take(standDown());
    await until(() => wasTold(world, 'stood down') && world.pager.count('resolvePage') === 1);
    // The room has heard all there is by now.
    await new Promise((resolve) => setTimeout(resolve, 300));
    release();
    expect(await incident.handle.result()).toMatchObject({ outcome: 'stoodDown' });
    expect(wasTold(world, 'the page could not be resolved (the vendor answers: token revoked)')).toBe(true);
  },
);

test('an incident that ends before its room is open ends', async () => {
  const world = createWorld();
  world.chat.fail('openRoom', REVOKED);
  world.pager.fail('openPage', REVOKED);
  const incident = await stage.declare(world);
  await incident.entry('Open the room and pin the checklist: failed');
  await incident.take(standDown());
  expect(await incident.handle.result()).toMatchObject({ outcome: 'stoodDown' });
});

test('a worker that dies in the middle of a containment leaves nothing undone and does nothing twice', async () => {
  const world = createWorld({ authority: 'contain-on-declare' });
  world.cloud.holdAnswer('isolate');
  const victim = await stage.start(freshCodename());
  // It does not say that it lives: what it holds is lost with it, answers included.
  const first = await stage.startWorker(victim.codename, world, {
    interceptors: {},
    shutdownForceTime: '100 milliseconds',
  });
  await until(() => world.cloud.instance(INSTANCE).isolated);
  first.shutdown();
  await until(() => first.getState() !== 'RUNNING' && first.getState() !== 'STOPPING');

  await stage.startWorker(victim.codename, world);
  await victim.entry(`${INSTANCE}: stopped`);
  expect(world.cloud.count('isolate')).toBe(2);
  const { changes } = world.cloud.instance(INSTANCE);
  const twice = changes.filter((change, index) => changes.indexOf(change) !== index);
  expect(twice).toEqual(['lock']);
  expect(changes).toEqual(expect.arrayContaining(['isolate', 'leaveGroups', 'protect', 'snapshot', 'stop']));
  await until(async () => (await victim.task('inviteExecutives')).state === 'done');
  expect(world.pager.pages).toHaveLength(1);
  expect(world.chat.rooms.size).toBe(1);
  await victim.take(respond(), ...TO_CLOSE);
  expect(await victim.handle.result()).toMatchObject({ outcome: 'closed' });
});

thorough('the histories of an incident and of a containment can be replayed', async () => {
  const world = createWorld({ authority: 'contain-on-declare' });
  world.pager.fail('openPage', REVOKED, 1);
  const incident = await stage.declare(world);
  await incident.decide(respond(STRANGER));
  await incident.signal('decision', null);
  await incident.take(
    { name: 'orderStop', by: IC, instance: INSTANCE, reason: 'it encrypts the disks' },
    { name: 'retryTask', by: IC, task: 'pageCommander' },
    respond(),
    { name: 'assignTask', by: IC, task: 'findActions', to: SECURITY },
  );
  await until(async () => (await incident.checklist()).containments[0]?.status === 'finished');
  await until(async () => (await incident.task('inviteAllResponders')).state === 'done');
  await incident.take(...TO_CLOSE);
  await incident.handle.result();
  for (const id of [incident.codename, `${incident.codename}-1`]) {
    const history = await stage.client.workflow.getHandle(id).fetchHistory();
    await Worker.runReplayHistory(replayOptions(stage.bundle), history, id);
  }
});
