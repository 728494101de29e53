/** Undoing containment, and rehearsing it. */
import { notFound, unauthorized } from '../../activities/failures';
import { InvalidInput } from '../../client/errors';
import { rehearseContainment } from '../../client/incidents';
import { TASK_QUEUE } from '../../workflows/names';
import { createWorld, type World } from '../support/fakes';
import { COLD_STORAGE, IC, INSTANCE, release, SECURITY } from '../support/incidents';
import { startTimeSkippingServer, until, useTemporal, type TestIncident } from '../support/temporal';
import { someOf } from '../support/thorough';

const stage = useTemporal(startTimeSkippingServer);
const DENIED = unauthorized('the cloud answers: not allowed');

async function contained(world: World): Promise<TestIncident> {
  const incident = await stage.declare(world);
  await until(async () => {
    const { snapshotStopped, record } = (await incident.checklist()).containments[0]?.subSteps ?? {};
    return snapshotStopped?.state === 'done' && record?.state === 'done';
  });
  return incident;
}

const worldWith = () => createWorld({ authority: 'contain-on-declare', coldStorage: COLD_STORAGE });

const releaseOf = async (incident: TestIncident) => (await incident.checklist()).containments[0]?.release;

test('two people undo a containment: from what was captured, and with what is different said', async () => {
  const world = worldWith();
  world.cloud.drift.push('the target group is gone');
  const incident = await contained(world);
  await incident.take(release(SECURITY));
  expect(world.cloud.count('release')).toBe(0);
  await incident.take(release(IC));
  await incident.entry(`${INSTANCE}: released; restored: eni-1 is in its groups again`);
  await incident.entry(`${INSTANCE}: not as captured: the target group is gone`);
  expect(world.cloud.instance(INSTANCE).isolated).toBe(false);
  const recorded = world.vault.files.get(`${incident.codename}/captures/${INSTANCE}.json`);
  const [capture] = world.cloud.calls.find(({ name }) => name === 'release')?.request as unknown[];
  expect(capture).toEqual(JSON.parse(Buffer.from(recorded ?? []).toString('utf8')));
  expect(await releaseOf(incident)).toMatchObject({ number: 2, drift: ['the target group is gone'] });
  const child = await stage.client.workflow.getHandle(`${incident.codename}-2`).describe();
  expect(child.type).toBe('part');
});

test.each(someOf(['release', 'compare'], 1))(
  'a release that fails is shown and tried again: %s',
  async (call) => {
    const world = worldWith();
    world.cloud.fail(call, DENIED, 2);
    const incident = await contained(world);
    await incident.take(release(IC), release(SECURITY));
    await incident.entry(
      `${INSTANCE}: release: failed (the cloud answers: not allowed); it is being retried`,
    );
    expect(await releaseOf(incident)).toMatchObject({ failing: 'the cloud answers: not allowed' });
    await stage.server.sleep('1 minute');
    await incident.entry(`${INSTANCE}: released`);
    expect(await releaseOf(incident)).not.toHaveProperty('failing');
  },
);

test('a rehearsal says every call that containment would make, and starts no incident', async () => {
  const world = worldWith();
  await stage.startWorker(TASK_QUEUE, world);
  const instance = { id: INSTANCE, region: 'eu-west-1' };
  const subSteps = await rehearseContainment(stage.client, { instance, attackers: ['203.0.113.77'] });
  expect(subSteps.map(({ subStep }) => subStep)).toEqual(['protect', 'cutConnections']);
  expect(subSteps[1]?.calls[0]?.parameters).toEqual({ CidrBlock: '203.0.113.77' });
  expect(world.calls.map(({ name }) => name)).toEqual(['rehearse']);

  world.cloud.fail('rehearse', notFound('AWS knows no such instance.'));
  const rehearsed = rehearseContainment(stage.client, { instance, attackers: [] });
  await expect(rehearsed).rejects.toThrow(InvalidInput);
  await expect(rehearsed).rejects.toMatchObject({ problems: ['AWS knows no such instance.'] });
});
