/** The containment of one instance: its order, its patience, its proof, and who may speak in its name. */
import { unauthorized } from '../../activities/failures';
import { SUB_STEPS } from '../../domain/containment';
import { EMPTY_SCOPE } from '../../domain/scope';
import type { part } from '../../workflows';
import { progressQuery } from '../../workflows/containment/messages';
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
import { someOf, thorough } from '../support/thorough';

const stage = useTemporal(startTimeSkippingServer);
const DENIED = unauthorized('the cloud answers: not allowed');
const AT_ONCE = { authority: 'contain-on-declare' } as const;

function childOf({ codename }: TestIncident, number = 1) {
  return stage.client.workflow.getHandle<typeof part>(`${codename}-${number}`);
}

const changesOf = ({ cloud }: World) => cloud.instance(INSTANCE).changes;

test('an instance is protected and imaged, cut off, looked at again, and only then stopped', async () => {
  const world = createWorld(AT_ONCE);
  const incident = await stage.declare(world);
  await until(async () => (await incident.checklist()).containments[0]?.status === 'finished');
  const calls = world.cloud.calls.map(({ name, request }) =>
    name === 'snapshot' ? `snapshot ${String((request as unknown[])[2])}` : name,
  );
  const before = (first: string, ...later: string[]) => {
    for (const one of later)
      expect([first, one, calls.indexOf(first) < calls.indexOf(one)]).toEqual([first, one, true]);
  };
  const cutting = ['isolate', 'cutConnections', 'denyElsewhere', 'revokeRole'];
  before('capture', 'protect');
  before('protect', 'snapshot live', 'leaveGroups', ...cutting, 'captureMemory');
  before('isolate', 'cutConnections');
  for (const one of [...cutting, 'snapshot live', 'lock', 'leaveGroups']) before(one, 'verify');
  for (const one of ['verify', 'captureMemory']) before(one, 'stop');
  before('stop', 'snapshot stopped');
  expect([...calls].sort()).toEqual(
    [...new Set(calls), 'lock'].sort(), // Both sets of images are locked.
  );

  const [contained] = (await incident.checklist()).containments;
  expect(contained).toMatchObject({
    unproven: [],
    subSteps: {
      stop: { state: 'done' },
      record: { state: 'skipped', cause: 'no cold storage is configured' },
      store: { state: 'skipped' },
      hash: { state: 'skipped' },
    },
  });
  expect(Object.keys((await incident.evidence()).items)).toEqual([
    `snap-live-of-${INSTANCE}`,
    `snap-stopped-of-${INSTANCE}`,
  ]);
  for (const text of ['images of every disk are requested', 'the images are locked', 'stopped'])
    await incident.entry(`${INSTANCE}: ${text}`);
  expect(world.vault.files.size).toBe(0);
});

test.each(someOf(['protect', 'snapshot', 'leaveGroups'], 1))(
  'an instance is cut off, and not stopped, while %s is not done',
  async (subStep) => {
    const world = createWorld(AT_ONCE);
    world.cloud.fail(subStep, DENIED);
    const incident = await stage.declare(world);
    await incident.entry('failed (the cloud answers: not allowed)');
    await until(() => world.cloud.instance(INSTANCE).isolated && world.cloud.count('verify') > 0);
    await stage.server.sleep('10 minutes');
    expect(world.cloud.count('stop')).toBe(0);
    world.cloud.mend(subStep);
    await stage.server.sleep('6 minutes');
    await incident.entry(`${INSTANCE}: stopped`);
  },
);

test('a sub-step that fails is shown and tried again until it is done', async () => {
  const world = createWorld(AT_ONCE);
  world.cloud.fail('isolate', DENIED, 3);
  const incident = await stage.declare(world);
  await incident.entry(`${INSTANCE}: Isolate every interface: failed (the cloud answers: not allowed)`);
  expect(await incident.task('isolateAffected')).toMatchObject({
    state: 'failed',
    note: 'Isolate every interface: the cloud answers: not allowed',
  });
  const progress = await childOf(incident).query(progressQuery);
  expect(progress.find(({ subStep }) => subStep === 'isolate')).toMatchObject({
    state: 'failing',
    cause: 'the cloud answers: not allowed',
  });
  await stage.server.sleep('2 minutes');
  await incident.entry(`${INSTANCE}: isolated, verified by looking again`);
  expect(changesOf(world)).toContain('isolate');
  expect((await incident.task('isolateAffected')).state).toBe('done');
});

thorough('whatever fails is shown by itself, and holds up nothing else', async () => {
  const world = createWorld(AT_ONCE);
  const failing = ['lock', 'cutConnections', 'denyElsewhere', 'revokeRole', 'stop'] as const;
  for (const call of failing) world.cloud.fail(call, DENIED);
  const incident = await stage.declare(world);
  for (const call of failing)
    await incident.entry(`${INSTANCE}: ${SUB_STEPS[call]}: failed (the cloud answers: not allowed)`);
  await until(() => ['snapshot', 'isolate'].every((change) => changesOf(world).includes(change)));
  const seen = (await incident.checklist()).containments[0]?.subSteps;
  for (const call of failing) expect([call, seen?.[call]?.state]).toEqual([call, 'failing']);
  for (const call of ['snapshot', 'isolate'] as const) expect(seen?.[call]?.state).toBe('done');
  for (const task of ['isolateAffected', 'denyAffectedAddresses', 'turnOffInstances', 'shipDiskImages'])
    expect([task, (await incident.task(task)).state]).toEqual([task, 'failed']);
  expect((await incident.task('takeDiskImages')).state).toBe('done');

  for (const call of failing) world.cloud.mend(call);
  await incident.take({ name: 'retryTask', by: SECURITY, task: 'isolateAffected' });
  await until(async () => (await incident.checklist()).containments[0]?.status === 'finished');
});

thorough(
  'a look that proves nothing is "attempted, unproven", stops all the same, and cuts off and looks again',
  async () => {
    const world = createWorld(AT_ONCE);
    world.cloud.looks.push(['eni-1 is in the group sg-default']);
    const incident = await stage.declare(world);
    await incident.entry(`${INSTANCE}: containment attempted, unproven: eni-1 is in the group sg-default`);
    await incident.entry(`${INSTANCE}: stopped`);
    expect((await incident.checklist()).containments[0]).toMatchObject({
      status: 'running',
      unproven: ['eni-1 is in the group sg-default'],
    });
    expect(await incident.task('isolateAffected')).toMatchObject({ state: 'failed' });
    expect(await incident.details()).toContain('| attempted, unproven |');

    await stage.server.sleep('6 seconds');
    await incident.entry(`${INSTANCE}: isolated, verified by looking again`);
    await until(async () => (await incident.checklist()).containments[0]?.status === 'finished');
    expect(await incident.details()).not.toContain('| attempted, unproven |');
    for (const cutting of ['isolate', 'cutConnections', 'denyElsewhere', 'revokeRole'])
      expect([cutting, world.cloud.count(cutting)]).toEqual([cutting, 2]);
  },
);

thorough('an instance that takes its time to stop is asked until it has', async () => {
  const world = createWorld(AT_ONCE);
  world.cloud.stopAnswers.push('stopping', 'stopping', 'stopping');
  const incident = await stage.declare(world);
  await until(() => world.cloud.count('stop') === 1);
  expect((await incident.task('turnOffInstances')).state).toBe('open');
  expect(world.cloud.instance(INSTANCE).snapshots).toHaveLength(1);
  await stage.server.sleep('10 seconds');
  await incident.entry(`${INSTANCE}: stopped`);
  expect(world.cloud.count('stop')).toBe(4);
});

test('memory is captured before the stop, and is evidence', async () => {
  const world = createWorld(AT_ONCE);
  world.cloud.memory.answer = { captured: true, location: 's3://memory/1.lime', sha256: 'aa' };
  const release = world.cloud.hold('captureMemory');
  const incident = await stage.declare(world);
  await incident.entry(`${INSTANCE}: isolated, verified by looking again`);
  expect(world.cloud.count('stop')).toBe(0);
  release();
  await incident.entry(`${INSTANCE}: its memory is captured`);
  await incident.entry(`${INSTANCE}: stopped`);
  expect((await incident.evidence()).items['s3://memory/1.lime']).toMatchObject({
    sha256: 'aa',
    of: INSTANCE,
  });
});

test.each(
  someOf(
    [
      ['is not configured', 'no capture of memory is configured', false],
      ['fails', 'the cloud answers: not allowed', true],
    ],
    1,
  ),
)('memory whose capture %s is skipped, with a warning, and holds nothing up', async (_, cause, fails) => {
  const world = createWorld(AT_ONCE);
  if (fails) world.cloud.fail('captureMemory', DENIED);
  const incident = await stage.declare(world);
  expect(await incident.entry(`${INSTANCE}: its memory is not captured: ${cause}`)).toMatchObject({
    kind: 'warning',
  });
  await until(async () => (await incident.checklist()).containments[0]?.status === 'finished');
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
  await incident.entry(`${INSTANCE}: images of every disk are requested`);
  await until(async () => (await incident.checklist()).containments[0]?.status === 'finished');
  expect(changesOf(world)).toContain('snapshot');
});

thorough('the order to stop is carried out though nothing is known of the instance', async () => {
  const world = createWorld(AT_ONCE);
  world.cloud.fail('capture', DENIED);
  const incident = await stage.declare(world);
  await incident.entry('Capture what is there: failed');
  await incident.take({ name: 'orderStop', by: IC, instance: INSTANCE, reason: 'it encrypts the disks' });
  await incident.entry(`${INSTANCE}: stopped`);
  world.cloud.mend('capture');
  await incident.take({ name: 'retryTask', by: SECURITY, task: 'isolateAffected' });
  await until(async () => (await incident.checklist()).containments[0]?.status === 'finished');
});

test('the order to stop is the approval that containment waits for', async () => {
  const world = createWorld({ authority: 'approve' });
  const incident = await stage.declare(world);
  await incident.take({ name: 'orderStop', by: IC, instance: INSTANCE, reason: 'it encrypts the disks' });
  await until(async () => (await incident.checklist()).containments[0]?.status === 'finished');
  expect(changesOf(world)).toEqual(expect.arrayContaining(['protect', 'snapshot', 'isolate', 'stop']));
});

thorough('an instance whose containment was refused is left alone until somebody approves it', async () => {
  const world = createWorld({ authority: 'approve' });
  const incident = await stage.declare(world);
  await incident.take(refuse(IC, `contain:${INSTANCE}`));
  expect(world.cloud.calls).toEqual([]);
  await incident.take(approve(SECURITY, `contain:${INSTANCE}`));
  await incident.entry(`${INSTANCE}: stopped`);
});

const STOPPED = { subSteps: { verify: { state: 'done', at: 1 }, stop: { state: 'done', at: 1 } } };

test.each(
  someOf(
    [
      ['of no token', { told: { target: INSTANCE, ...STOPPED, ended: 'finished' } }],
      ['of a wrong token', { token: 'guessed', told: { target: INSTANCE, ...STOPPED, ended: 'finished' } }],
      ['of an instance that is not affected', { token: 'x', told: { target: OTHER_INSTANCE, ...STOPPED } }],
    ],
    1,
  ),
)('a report %s is left out, and recorded', async (_what, forged) => {
  const world = createWorld(AT_ONCE);
  world.cloud.hold('isolate');
  const incident = await stage.declare(world);
  await until(() => world.cloud.count('isolate') === 1);
  await incident.signal('report', forged);
  expect(await incident.entry('report the progress of a containment')).toMatchObject({
    kind: 'refusal',
    by: 'unknown',
    reasons: [{ gate: 'reportIsItsOwn' }],
  });
  const { containments } = await incident.checklist();
  expect(containments).toHaveLength(1);
  expect(containments[0]).toMatchObject({ status: 'running' });
  expect(containments[0]?.subSteps).not.toHaveProperty('stop');
  expect((await incident.task('shutDownInstances')).state).toBe('open');
});

test('standing down leaves what has not been done, and ends the incident', async () => {
  const world = createWorld(AT_ONCE);
  world.cloud.fail('snapshot', DENIED);
  const incident = await stage.declare(world);
  await incident.entry('Request images of every disk: failed');
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

test.each(someOf(['protect', 'snapshot', 'lock', 'captureMemory'], 1))(
  'a containment that is cancelled while it is at %s ends',
  async (call) => {
    const world = createWorld(AT_ONCE);
    const release = world.cloud.hold(call);
    const incident = await stage.declare(world);
    await until(() => world.cloud.count(call) > 0);
    await incident.take(standDown());
    release();
    await expect(childOf(incident).result()).rejects.toThrow('Workflow execution cancelled');
    expect(await incident.handle.result()).toMatchObject({ outcome: 'stoodDown' });
  },
);

test('an incident of no instance contains nothing and can go on', async () => {
  const world = createWorld(AT_ONCE);
  const incident = await stage.declare(world, { scope: EMPTY_SCOPE });
  await incident.take(respond());
  expect(world.cloud.calls).toEqual([]);
});
