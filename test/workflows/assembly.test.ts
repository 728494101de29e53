/** What machines do from the first second: page, room, invitations, and containment as far as the authority level lets it. */
import { unavailable } from '../../activities/failures';
import { createWorld } from '../support/fakes';
import {
  approve,
  COLD_STORAGE,
  IC,
  INSTANCE,
  OTHER_INSTANCE,
  PAYMENTS,
  release,
  SECURITY,
  SERVICE,
} from '../support/incidents';
import { startServer, until, useTemporal } from '../support/temporal';
import { EMPTY_SCOPE } from '../../domain/scope';
import { someOf, thorough } from '../support/thorough';

const stage = useTemporal(() => startServer());
const DOWN = unavailable('the vendor answers 503');

test('the page and the room are asked for at once, neither waiting for the other', async () => {
  const world = createWorld();
  world.pager.hold('openPage');
  world.chat.hold('openRoom');
  await stage.declare(world);
  await until(() => world.pager.count('openPage') === 1 && world.chat.count('openRoom') === 1);
});

test("people are paged although the room's vendor is down", async () => {
  const world = createWorld();
  world.chat.fail('openRoom', DOWN);
  const incident = await stage.declare(world);
  await until(() => world.pager.pages[0]?.responders.has(SECURITY));
  await incident.entry('Open the room and pin the checklist: failed (the vendor answers 503)');
  expect((await incident.task('pageCommander')).state).toBe('done');
  expect((await incident.task('setUpRoom')).state).toBe('failed');
});

test("the room is opened and told although the pager's vendor is down", async () => {
  const world = createWorld();
  world.pager.fail('openPage', DOWN);
  const incident = await stage.declare(world);
  await until(() => world.chat.people.includes(SECURITY));
  await incident.entry('Page the incident commander: failed');
  expect((await incident.task('setUpRoom')).state).toBe('done');
  await until(() =>
    world.chat.told().some(({ markdown }) => markdown.includes('Page the incident commander: failed')),
  );
});

test('with contain-on-declare the attack is cut off without any person, and without page or room', async () => {
  const world = createWorld({ authority: 'contain-on-declare' });
  world.pager.fail('openPage', DOWN);
  world.chat.fail('openRoom', DOWN);
  const incident = await stage.declare(world);
  await incident.entry(`${INSTANCE}: stopped`);
  expect(world.cloud.instance(INSTANCE)).toMatchObject({ isolated: true, state: 'stopped' });
  expect((await incident.timeline()).every(({ kind }) => kind !== 'decision')).toBe(true);
});

test('with approve nothing of an instance is touched until somebody with the role approves', async () => {
  const world = createWorld({ authority: 'approve' });
  const incident = await stage.declare(world);
  await incident.entry(`containment of ${INSTANCE} waits for approval (request contain:${INSTANCE})`);
  await until(() => world.chat.people.includes(SECURITY));
  expect(world.cloud.calls).toEqual([]);

  const refused = await incident.decide(approve(PAYMENTS, `contain:${INSTANCE}`));
  expect(refused.accepted).toBe(false);
  expect(world.cloud.calls).toEqual([]);

  await incident.take(approve(SECURITY, `contain:${INSTANCE}`));
  await incident.entry(`${INSTANCE}: stopped`);
});

thorough('a wider scope is contained by another workflow, and its name says nothing', async () => {
  const world = createWorld({ authority: 'contain-on-declare' });
  const incident = await stage.declare(world);
  await incident.take({ name: 'widenScope', by: SECURITY, what: 'instance', which: OTHER_INSTANCE });
  await Promise.all([INSTANCE, OTHER_INSTANCE].map((id) => incident.entry(`${id}: stopped`)));
  for (const number of [1, 2]) {
    const child = await stage.client.workflow.getHandle(`${incident.codename}-${number}`).describe();
    expect(child.type).toBe('part');
    expect(await child.staticSummary()).toBe(`${incident.codename}, ${number}`);
  }
  expect((await incident.task('isolateAffected')).note).toBe('2 of 2 in the scope');
});

test('everybody whom the checklist wants is invited, operational responders first', async () => {
  const world = createWorld();
  const incident = await stage.declare(world);
  await until(async () => (await incident.task('inviteExecutives')).state === 'done');
  const people = world.chat.people;
  expect(people[0]).toBe(IC);
  expect(people.indexOf(PAYMENTS)).toBeLessThan(people.indexOf('executive@example.com'));
  expect(people).not.toContain('marketing@example.com');
  expect(world.chat.rooms.get(incident.codename)?.topic).toBe(`Attorney Work Project ${incident.codename}`);
  expect(world.pager.pages[0]?.notes).toEqual([`Please join Slack: #${incident.codename}`]);
});

test.each(someOf(['invite', 'requestResponders'], 1))(
  'a service that is named while the call of %s is under way has its representative called too',
  async (call) => {
    const world = createWorld();
    const vendor = call === 'invite' ? world.chat : world.pager;
    const release = vendor.hold(call);
    const incident = await stage.declare(world, { scope: EMPTY_SCOPE });
    await until(() => vendor.count(call) === 1);
    await incident.take({ name: 'widenScope', by: SECURITY, what: 'service', which: SERVICE });
    release();
    await until(() => world.chat.people.includes(PAYMENTS) && world.pager.pages[0]?.responders.has(PAYMENTS));
  },
);

test('a containment that was ended from outside is shown as abandoned, and can be ordered again', async () => {
  const world = createWorld({ authority: 'contain-on-declare' });
  const release = world.cloud.hold('isolate');
  const incident = await stage.declare(world);
  await until(() => world.cloud.count('isolate') === 1);
  await stage.client.workflow.getHandle(`${incident.codename}-1`).terminate('by an operator');
  await incident.entry(`${INSTANCE}: containment ended before it was done`);
  expect((await incident.checklist()).containments[0]?.status).toBe('abandoned');
  expect((await incident.task('isolateAffected')).state).toBe('failed');

  release();
  await incident.take({ name: 'retryTask', by: SECURITY, task: 'isolateAffected' });
  await incident.entry(`${INSTANCE}: stopped`);
});

thorough('a release that was ended from outside is begun again', async () => {
  const world = createWorld({ authority: 'contain-on-declare', coldStorage: COLD_STORAGE });
  const go = world.cloud.hold('release');
  const incident = await stage.declare(world);
  await until(async () => {
    const { snapshotStopped } = (await incident.checklist()).containments[0]?.subSteps ?? {};
    return snapshotStopped?.state === 'done';
  });
  await incident.take(release(IC), release(SECURITY));
  await until(() => world.cloud.count('release') === 1);
  await stage.client.workflow.getHandle(`${incident.codename}-2`).terminate('by an operator');
  await incident.entry(`${INSTANCE}: release: failed (it was ended from outside); it is being retried`);
  go();
  await incident.entry(`${INSTANCE}: released`);
});
