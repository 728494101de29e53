/** The containment of identities, secrets and addresses: each a chain of its own. */
import { unauthorized } from '../../activities/failures';
import { SUB_STEPS, type SubStep } from '../../domain/containment';
import type { TaskId } from '../../domain/checklist';
import { EMPTY_SCOPE, type Scope } from '../../domain/scope';
import { createWorld, type World } from '../support/fakes';
import { approve, COLD_STORAGE, giveUp, SECURITY } from '../support/incidents';
import { startServer, until, useTemporal, type TestIncident } from '../support/temporal';
import { someOf, thorough } from '../support/thorough';

const stage = useTemporal(() => startServer());
const DENIED = unauthorized('the cloud answers: not allowed');
const USER = 'arn:aws:iam::111122223333:user/deploy-bot';
const ROLE = 'arn:aws:iam::111122223333:role/web';
const SECRET = 'orders/database';
const ADDRESS = '203.0.113.77';

const atOnce = (changes = {}) => createWorld({ authority: 'contain-on-declare', ...changes });

const declareFor = (world: World, scope: Partial<Scope>) =>
  stage.declare(world, { scope: { ...EMPTY_SCOPE, ...scope } });

const firstOf = async (incident: TestIncident) => (await incident.checklist()).containments[0];

const finished = (incident: TestIncident) =>
  until(async () => (await firstOf(incident))?.status === 'finished');

const retry = (incident: TestIncident, task: TaskId) =>
  incident.take({ name: 'retryTask', by: SECURITY, task });

test.each(
  someOf(
    [
      ['user', USER],
      ['role', ROLE],
      ['name that every object answers to', 'constructor'],
      ['name of a prototype', '__proto__'],
    ],
    2,
  ),
)('what an attacker holds of an identity is made worthless, and looked at again: a %s', async (_, id) => {
  const world = atOnce();
  const incident = await declareFor(world, { identities: [id] });
  await incident.entry(`${id}: contained, verified by looking again`);
  await finished(incident);
  const names = world.identities.calls.map(({ name }) => name);
  expect(names[0]).toBe('capture');
  expect(names.slice(1, 4).sort()).toEqual(['denySessions', 'disableKeys', 'removeLogin']);
  expect(names.slice(4)).toEqual(['verify']);
  expect([...world.identities.changesOf(id)].sort()).toEqual(['denySessions', 'disableKeys', 'removeLogin']);
  expect(await incident.task('revokeCredentials')).toMatchObject({ state: 'done', who: 'firebreak' });
  const child = await stage.client.workflow.getHandle(`${incident.codename}-1`).describe();
  expect([child.type, await child.staticSummary()]).toEqual(['part', `${incident.codename}, 1`]);
});

test('a secret is rotated once, and looked at again', async () => {
  const world = atOnce();
  const incident = await declareFor(world, { secrets: [SECRET] });
  await incident.entry(`${SECRET}: rotated, verified by looking again`);
  await finished(incident);
  expect(world.identities.calls.map(({ name }) => name)).toEqual(['capture', 'rotateSecret', 'verify']);
});

test('an address is blocked at the edges around what is affected, and looked at again', async () => {
  const world = atOnce();
  const instances = [{ id: 'i-0abc1234def567890', region: 'eu-west-1' }];
  const incident = await declareFor(world, { addresses: [ADDRESS], instances });
  await incident.entry(`${ADDRESS}: blocked, verified by looking again`);
  expect([...world.perimeter.blocked]).toEqual([ADDRESS]);
  expect(world.perimeter.calls[0]?.request).toEqual([
    ADDRESS,
    [{ kind: 'instance', ...instances[0] }],
    incident.codename,
  ]);
  expect((await incident.task('blockAttackAddresses')).state).toBe('done');
  // The chain of the instance denies it by itself.
  await until(() => world.cloud.count('cutConnections') > 0);
  const [, surroundings] = world.cloud.calls.find(({ name }) => name === 'cutConnections')
    ?.request as unknown[];
  expect(surroundings).toEqual({ codename: incident.codename, attackers: [ADDRESS] });
});

const FAILURES: [Partial<Scope>, string, SubStep, string, TaskId, 'identities' | 'perimeter'][] = [
  [{ identities: [USER] }, USER, 'disableKeys', 'disableKeys', 'revokeCredentials', 'identities'],
  [{ identities: [USER] }, USER, 'removeLogin', 'removeLogin', 'revokeCredentials', 'identities'],
  [{ identities: [ROLE] }, ROLE, 'denySessions', 'denySessions', 'revokeCredentials', 'identities'],
  [{ secrets: [SECRET] }, SECRET, 'rotate', 'rotateSecret', 'revokeCredentials', 'identities'],
  [{ secrets: [SECRET] }, SECRET, 'capture', 'capture', 'revokeCredentials', 'identities'],
  [{ addresses: [ADDRESS] }, ADDRESS, 'block', 'block', 'blockAttackAddresses', 'perimeter'],
  [{ addresses: [ADDRESS] }, ADDRESS, 'verify', 'verify', 'blockAttackAddresses', 'perimeter'],
];

test.each(someOf(FAILURES, 1))(
  'of %j, %s: %s that fails is shown, and tried again at once by order',
  async (scope, id, subStep, call, task, vendor) => {
    const world = atOnce();
    world[vendor].fail(call, DENIED);
    const incident = await declareFor(world, scope);
    await incident.entry(`${id}: ${SUB_STEPS[subStep]}: failed (the cloud answers: not allowed)`);
    await until(async () => (await incident.task(task)).state === 'failed');
    expect((await firstOf(incident))?.subSteps[subStep]).toMatchObject({ state: 'failing' });
    if (subStep === 'disableKeys') await until(() => world.identities.changesOf(id).length === 2);
    world[vendor].mend(call);
    await retry(incident, task);
    await finished(incident);
    expect((await incident.task(task)).state).toBe('done');
  },
);

test('a look that proves nothing is "attempted, unproven", and does it again', async () => {
  const world = atOnce();
  world.identities.looks.push(['a key is active again']);
  const incident = await declareFor(world, { identities: [USER] });
  await incident.entry(`${USER}: containment attempted, unproven: a key is active again`);
  await retry(incident, 'revokeCredentials');
  await incident.entry(`${USER}: contained, verified by looking again`);
  expect(world.identities.count('disableKeys')).toBe(2);
});

thorough('what can not be mended is given up: its workflow ends, and it can be begun again', async () => {
  const world = atOnce();
  world.identities.withoutFunction.add(SECRET);
  const incident = await declareFor(world, { secrets: [SECRET] });
  await incident.entry(`${SECRET}: Rotate it: failed (The secret has no rotation function`);
  await incident.take(giveUp(SECURITY, SECRET));
  const child = stage.client.workflow.getHandle(`${incident.codename}-1`);
  await expect(child.result()).rejects.toThrow('Workflow execution cancelled');
  expect((await firstOf(incident))?.status).toBe('abandoned');
  expect(await incident.task('revokeCredentials')).toMatchObject({ state: 'failed' });

  world.identities.withoutFunction.delete(SECRET);
  await retry(incident, 'revokeCredentials');
  await finished(incident);
});

test('the capture of an identity is kept and sealed', async () => {
  const world = atOnce({ coldStorage: COLD_STORAGE });
  const incident = await declareFor(world, { identities: [USER], secrets: [SECRET] });
  await until(async () => (await incident.evidence()).seals.length > 0);
  const { items } = await incident.evidence();
  expect(Object.values(items).map(({ kind, of }) => [kind, of])).toEqual(
    expect.arrayContaining([
      ['capture', USER],
      ['capture', SECRET],
    ]),
  );
  expect([...world.vault.files.keys()]).toEqual(
    expect.arrayContaining([`${incident.codename}/captures/user-deploy-bot.json`]),
  );
});

test('with approve nothing of them is touched until somebody with the role approves each', async () => {
  const world = createWorld({ authority: 'approve' });
  const incident = await declareFor(world, { identities: [USER], addresses: [ADDRESS] });
  await incident.entry(`containment of ${ADDRESS} waits for approval (request contain:${ADDRESS})`);
  await until(() => world.chat.people.includes(SECURITY));
  expect([...world.identities.calls, ...world.perimeter.calls]).toEqual([]);
  await incident.take(approve(SECURITY, `contain:${ADDRESS}`));
  await incident.entry(`${ADDRESS}: blocked, verified by looking again`);
  expect(world.identities.calls).toEqual([]);
});
