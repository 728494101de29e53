/** The containment of one instance: its order, its patience, its proof, and who may speak in its name. */
import { unauthorized } from '../../activities/failures';
import { EMPTY_SCOPE } from '../../domain/scope';
import type { containInstance } from '../../workflows';
import { progressQuery } from '../../workflows/contain-instance/messages';
import { createWorld, type World } from '../support/fakes';
import {
  approve,
  IC,
  INSTANCE,
  OTHER_INSTANCE,
  refuse,
  respond,
  SECURITY,
  standDown,
} from '../support/incidents';
import { startTimeSkippingServer, until, useTemporal, type TestIncident } from '../support/temporal';

const stage = useTemporal(startTimeSkippingServer);
const DENIED = unauthorized('the cloud answers: not allowed');
const AT_ONCE = { authority: 'contain-on-declare' } as const;

function childOf({ codename }: TestIncident, number = 1) {
  return stage.client.workflow.getHandle<typeof containInstance>(`${codename}-${number}`);
}

const changesOf = ({ cloud }: World) => cloud.instance(INSTANCE).changes;

test('an instance is protected before anything is changed, and stopped after everything else', async () => {
  const world = createWorld(AT_ONCE);
  const incident = await stage.declare(world);
  await incident.entry(`${INSTANCE}: stopped`);
  const names = world.cloud.calls.map(({ name }) => name);
  expect(names.slice(0, 2)).toEqual(['capture', 'protect']);
  expect(names.slice(2, 5).sort()).toEqual(['isolate', 'leaveGroups', 'snapshot']);
  expect(names.slice(5)).toEqual(['verify', 'stop']);
  expect((await incident.checklist()).containments[0]).toMatchObject({
    status: 'finished',
    snapshotIds: [`snap-of-${INSTANCE}`],
    unproven: [],
  });
});

test.each(['snapshot', 'leaveGroups'])(
  'an instance is cut off, and not stopped, while %s is not done',
  async (subStep) => {
    const world = createWorld(AT_ONCE);
    world.cloud.fail(subStep, DENIED);
    const incident = await stage.declare(world);
    await incident.entry('failed (the cloud answers: not allowed)');
    await until(() => world.cloud.instance(INSTANCE).isolated);
    await stage.server.sleep('10 minutes');
    expect(world.cloud.count('stop')).toBe(0);
    world.cloud.mend(subStep);
    await stage.server.sleep('6 minutes');
    await incident.entry(`${INSTANCE}: stopped`);
  },
);

test('nothing is changed of an instance that could still be terminated', async () => {
  const world = createWorld(AT_ONCE);
  world.cloud.fail('protect', DENIED);
  const incident = await stage.declare(world);
  await incident.entry('Protect it from termination: failed');
  await stage.server.sleep('1 minute');
  expect(changesOf(world)).toEqual([]);
});

test('a sub-step that fails is shown and tried again until it is done', async () => {
  const world = createWorld(AT_ONCE);
  world.cloud.fail('isolate', DENIED, 3);
  const incident = await stage.declare(world);
  await incident.entry(`${INSTANCE}: Isolate every interface: failed (the cloud answers: not allowed)`);
  expect(await incident.task('isolateAffected')).toMatchObject({
    state: 'failed',
    note: 'isolate: the cloud answers: not allowed',
  });
  const progress = await childOf(incident).query(progressQuery);
  expect(progress.find(({ subStep }) => subStep === 'isolate')).toMatchObject({
    state: 'failing',
    cause: 'the cloud answers: not allowed',
  });
  await stage.server.sleep('1 minute');
  await incident.entry(`${INSTANCE}: stopped`);
  expect(world.cloud.count('isolate')).toBe(4);
  expect((await incident.task('isolateAffected')).state).toBe('done');
});

test('a look that proves nothing is "attempted, unproven", and isolates and looks again', async () => {
  const world = createWorld(AT_ONCE);
  world.cloud.looks.push(['eni-1 is in the group sg-default']);
  const incident = await stage.declare(world);
  await incident.entry(`${INSTANCE}: isolation attempted, unproven: eni-1 is in the group sg-default`);
  expect((await incident.checklist()).containments[0]).toMatchObject({
    unproven: ['eni-1 is in the group sg-default'],
    snapshotIds: [`snap-of-${INSTANCE}`],
  });
  expect(await incident.details()).toContain('| attempted, unproven |');
  expect(world.cloud.count('stop')).toBe(0);

  await stage.server.sleep('6 seconds');
  await incident.entry(
    `${INSTANCE}: isolated by its groups, verified by looking again; connections that were open end with its stop`,
  );
  await incident.entry(`${INSTANCE}: stopped`);
  expect(await incident.details()).not.toContain('| attempted, unproven |');
  expect(world.cloud.count('isolate')).toBe(2);
});

test('the order to stop overtakes the chain, and the evidence is kept all the same', async () => {
  const world = createWorld(AT_ONCE);
  const release = world.cloud.hold('snapshot');
  const incident = await stage.declare(world);
  await until(() => world.cloud.count('snapshot') === 1);
  await incident.take({ name: 'orderStop', by: IC, instance: INSTANCE, reason: 'it encrypts the disks' });
  await incident.entry(`${INSTANCE}: stopped`);
  expect(changesOf(world)).not.toContain('snapshot');
  release();
  await incident.entry(`${INSTANCE}: snapshots of every disk are requested`);
  await until(async () => (await incident.checklist()).containments[0]?.status === 'finished');
  expect(changesOf(world)).toContain('snapshot');
});

test('the order to stop is the approval that containment waits for', async () => {
  const world = createWorld({ authority: 'approve' });
  const incident = await stage.declare(world);
  await incident.take({ name: 'orderStop', by: IC, instance: INSTANCE, reason: 'it encrypts the disks' });
  await until(async () => (await incident.checklist()).containments[0]?.status === 'finished');
  expect(changesOf(world)).toEqual(expect.arrayContaining(['protect', 'snapshot', 'isolate', 'stop']));
});

test('an instance whose containment was refused is left alone until somebody approves it', async () => {
  const world = createWorld({ authority: 'approve' });
  const incident = await stage.declare(world);
  await incident.take(refuse(IC, `contain:${INSTANCE}`));
  expect(world.cloud.calls).toEqual([]);
  await incident.take(approve(SECURITY, `contain:${INSTANCE}`));
  await incident.entry(`${INSTANCE}: stopped`);
});

test.each([
  ['of no token', { told: { instance: INSTANCE, verified: true, stopped: true, ended: 'finished' } }],
  ['of a wrong token', { token: 'guessed', told: { instance: INSTANCE, stopped: true, ended: 'finished' } }],
  ['of an instance that is not affected', { token: 'x', told: { instance: OTHER_INSTANCE, stopped: true } }],
])('a report %s is left out, and recorded', async (_what, forged) => {
  const world = createWorld(AT_ONCE);
  world.cloud.hold('isolate');
  const incident = await stage.declare(world);
  await until(() => world.cloud.count('isolate') === 1);
  await incident.signal('containmentReport', forged);
  await incident.entry('a report of a containment that did not come from it was left out');
  const { containments } = await incident.checklist();
  expect(containments).toHaveLength(1);
  expect(containments[0]).toMatchObject({ status: 'running' });
  expect(containments[0]).not.toHaveProperty('stoppedAt');
  expect((await incident.task('shutDownInstances')).state).toBe('open');
});

test('standing down leaves what has not been done, and ends the incident', async () => {
  const world = createWorld(AT_ONCE);
  world.cloud.fail('snapshot', DENIED);
  const incident = await stage.declare(world);
  await incident.entry('Request snapshots of every disk: failed');
  await until(() => world.cloud.instance(INSTANCE).isolated);
  await incident.take(standDown());
  expect(await incident.handle.result()).toMatchObject({
    codename: incident.codename,
    outcome: 'stoodDown',
  });
  await expect(childOf(incident).result()).rejects.toThrow('Workflow execution cancelled');
  expect(world.cloud.count('stop')).toBe(0);
  expect(world.cloud.instance(INSTANCE)).toMatchObject({ isolated: true, protectedFromEnd: true });
  expect(
    world.chat.told().some(({ markdown }) => markdown.includes('containment ended before it was done')),
  ).toBe(true);
});

test('an incident of no instance contains nothing and can go on', async () => {
  const world = createWorld(AT_ONCE);
  const incident = await stage.declare(world, { scope: EMPTY_SCOPE });
  await incident.take(respond());
  expect(world.cloud.calls).toEqual([]);
});
