/** Vendors that fail and people who are not there: shown, told, tried again, and no reason to stop anything else. */
import { unauthorized } from '../../activities/failures';
import { createWorld, type World } from '../support/fakes';
import { complete, COUNSEL, EXECUTIVE, IC, SECURITY, standDown } from '../support/incidents';
import {
  startTimeSkippingServer,
  toldOnce,
  until,
  useTemporal,
  type TestIncident,
} from '../support/temporal';
import { thorough } from '../support/thorough';

const stage = useTemporal(startTimeSkippingServer);
/** Not retried inside of one try, so that each try is one call. */
const REVOKED = unauthorized('the vendor answers: token revoked');
const PAGING = 'Page the incident commander: failed';

async function assembled(incident: TestIncident): Promise<void> {
  await until(async () => (await incident.task('inviteExecutives')).state === 'done');
}

/** Tries whose clock has run: the count has been reached, and stays. */
async function callsAfter(pause: string, vendor: World['pager'] | World['chat'], name: string) {
  const before = vendor.count(name);
  await stage.server.sleep(pause as '1 second');
  // What the passing of time has set going arrives within this.
  await new Promise((resolve) => setTimeout(resolve, 400));
  return vendor.count(name) - before;
}

test('a page that fails is shown with its cause, told to the room, and tried again ever more slowly', async () => {
  const world = createWorld();
  world.pager.fail('openPage', REVOKED);
  const incident = await stage.declare(world);
  await incident.entry(
    `${PAGING} (the vendor answers: token revoked); tried again in 5 s, or now by "retry"`,
  );
  expect(await incident.task('pageCommander')).toMatchObject({
    state: 'failed',
    note: 'the vendor answers: token revoked',
  });
  await until(() => world.chat.told().some(({ markdown }) => markdown.includes(PAGING)));
  await until(() => world.chat.people.includes(SECURITY));

  expect(await callsAfter('6 seconds', world.pager, 'openPage')).toBe(1);
  await incident.entry('tried again in 10 s');
  expect(await callsAfter('7 seconds', world.pager, 'openPage')).toBe(0);
  expect(await callsAfter('5 seconds', world.pager, 'openPage')).toBe(1);
  // The same failure a third time is not told again; the next try comes 20 s after it.
  expect(await callsAfter('12 seconds', world.pager, 'openPage')).toBe(0);

  world.pager.mend('openPage');
  await stage.server.sleep('10 seconds');
  await incident.entry('Page the incident commander: done');
  await incident.entry('Page the operational responders: done');
  expect((await incident.task('pageCommander')).state).toBe('done');
  expect((await incident.handle.describe()).status.name).toBe('RUNNING');
});

test('a person who orders another try gets it at once', async () => {
  const world = createWorld();
  world.pager.fail('openPage', REVOKED);
  const incident = await stage.declare(world);
  await incident.entry(PAGING);
  await stage.server.sleep('6 seconds');
  await incident.entry('tried again in 10 s');
  world.pager.mend('openPage');
  const sent = Date.now();
  await incident.take({ name: 'retryTask', by: IC, task: 'pageCommander' });
  await incident.entry('Page the incident commander: done');
  expect(Date.now() - sent).toBeLessThan(4_000);
});

test('a page that a person made by hand is not tried again', async () => {
  const world = createWorld();
  world.pager.fail('openPage', REVOKED);
  const incident = await stage.declare(world);
  await incident.entry(PAGING);
  await incident.take(complete(IC, 'pageCommander'));
  expect(await callsAfter('2 minutes', world.pager, 'openPage')).toBe(0);
  expect(await incident.task('pageCommander')).toMatchObject({ state: 'done', who: IC });
});

thorough('people whom the room does not know keep the task failed until somebody completes it', async () => {
  const world = createWorld();
  world.chat.strangers.add(COUNSEL);
  const incident = await stage.declare(world);
  await incident.entry(`not in the room: ${COUNSEL}; bring them in by hand, then complete the task`);
  expect((await incident.task('inviteExecutives')).state).toBe('failed');
  expect(world.chat.people).toContain(EXECUTIVE);
  await stage.server.sleep('6 seconds');
  await incident.entry('tried again in 10 s');
  expect((await incident.task('inviteExecutives')).state).toBe('failed');

  await incident.take(complete(IC, 'inviteExecutives'));
  expect(await callsAfter('10 minutes', world.chat, 'invite')).toBe(0);
  expect(await incident.task('inviteExecutives')).toMatchObject({ state: 'done', who: IC });
});

test('executives and counsel are invited once the last operational responder has joined', async () => {
  const world = createWorld();
  world.chat.strangers.add(SECURITY);
  const incident = await stage.declare(world);
  await incident.entry(`not in the room: ${SECURITY}`);
  await stage.server.sleep('2 minutes');
  expect(world.chat.people).not.toContain(EXECUTIVE);
  expect((await incident.task('inviteExecutives')).state).toBe('open');

  world.chat.people.push(SECURITY);
  await stage.server.sleep('1 minute');
  await incident.entry('every operational responder is in the room');
  await assembled(incident);
  expect(world.chat.people).toContain(EXECUTIVE);
});

thorough('executives and counsel are invited all the same when the time box has run out', async () => {
  const world = createWorld({ executivesAfterMs: 600_000 });
  world.chat.strangers.add(SECURITY);
  const incident = await stage.declare(world);
  await incident.entry(`not in the room: ${SECURITY}`);
  for (let minutes = 0; minutes < 9; minutes += 3) await stage.server.sleep('3 minutes');
  expect(world.chat.people).not.toContain(EXECUTIVE);
  await stage.server.sleep('90 seconds');
  await incident.entry('not every operational responder has joined in time');
  await assembled(incident);
  expect(world.chat.people).toEqual(expect.arrayContaining([EXECUTIVE, COUNSEL]));
});

test('a room that was deaf for a while hears everything afterwards, in order and once', async () => {
  const world = createWorld();
  const incident = await stage.declare(world);
  await assembled(incident);
  world.chat.fail('post', REVOKED);
  await incident.take({ name: 'assignTask', by: IC, task: 'findActions', to: SECURITY });
  await incident.entry("the room can't be told what happens (the vendor answers: token revoked)");
  await stage.server.sleep('1 minute');
  world.chat.mend('post');
  await stage.server.sleep('2 minutes');
  await incident.entry('the room is told again; nothing was left out');
  const entries = await incident.timeline();
  await until(() => world.chat.told().length === entries.length);
  toldOnce(world, entries);
});

thorough('a room of which nobody can say who is in it delays executives, and nothing else', async () => {
  const world = createWorld();
  world.chat.strangers.add(SECURITY);
  world.chat.fail('members', REVOKED);
  const incident = await stage.declare(world);
  await incident.entry(`not in the room: ${SECURITY}`);
  await stage.server.sleep('11 minutes');
  await incident.entry('not every operational responder has joined in time');
  await assembled(incident);
});

thorough(
  'an incident that ends tells a room that has been deaf for long everything, and at once',
  async () => {
    const world = createWorld();
    const incident = await stage.declare(world);
    await assembled(incident);
    world.chat.fail('post', REVOKED);
    await incident.take({ name: 'assignTask', by: IC, task: 'findActions', to: SECURITY });
    await incident.entry("the room can't be told what happens");
    await stage.server.sleep('20 minutes');
    expect(world.chat.count('post')).toBeGreaterThan(6);
    world.chat.mend('post');
    await incident.take(standDown());
    await until(() => world.chat.told().some(({ markdown }) => markdown.includes('stood down')));
    const { entries } = await incident.handle.result();
    expect(world.chat.told()).toHaveLength(entries);
    toldOnce(world, await incident.timeline());
  },
);

thorough('a room that stays deaf does not keep an incident from its end', async () => {
  const world = createWorld();
  const incident = await stage.declare(world);
  await assembled(incident);
  world.chat.fail('post', REVOKED);
  await incident.take(standDown());
  expect(await incident.handle.result()).toMatchObject({ outcome: 'stoodDown' });
});
