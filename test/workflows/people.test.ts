/** People who come, go and are excluded while the incident runs. */
import { unauthorized, unavailable } from '../../activities/failures';
import { createWorld, type World } from '../support/fakes';
import {
  acknowledge,
  assign,
  DEPUTY,
  exclude,
  IC,
  moveRoom,
  readmit,
  respond,
  SCRIBE,
  SECURITY,
  standDown,
  STRANGER,
} from '../support/incidents';
import { startServer, toldOnce, until, useTemporal, type TestIncident } from '../support/temporal';
import { thorough } from '../support/thorough';

const stage = useTemporal(() => startServer());
const REVOKED = unauthorized('the vendor answers: token revoked');
const NEW_ROOM = 'emerald-otter';

async function assembled(world: World): Promise<TestIncident> {
  const incident = await stage.declare(world);
  await until(async () => (await incident.task('inviteExecutives')).state === 'done');
  await incident.entry('who can see this');
  await allIsTold(world, incident);
  return incident;
}

async function allIsTold({ chat }: World, incident: TestIncident, room?: string): Promise<void> {
  await until(async () => {
    const last = (await incident.timeline()).at(-1)?.seq;
    // The pinned checklist comes after the messages.
    const call = chat.calls.findLast(({ name }) => name === 'post' || name === 'update');
    return Number(chat.told(room).at(-1)?.key) === last && call?.name === 'update';
  });
}

/** What reached somebody since then. */
const reachedSince = ({ reached }: World, since: number, email: string) =>
  reached.slice(since).filter((one) => one.email === email);

test('nothing reaches somebody who is excluded: the room is told when they are out of it', async () => {
  const world = createWorld();
  const incident = await assembled(world);
  const told = world.chat.told().length;
  const release = world.chat.hold('remove');
  const since = world.reached.length;
  await incident.take(exclude(IC, SCRIBE));
  await until(() => world.chat.count('remove') === 1);
  await incident.take(assign('findActions', SECURITY), acknowledge(IC), respond());
  await until(() => world.chat.words.length === 1);
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(world.chat.told()).toHaveLength(told);

  release();
  await incident.entry(`${SCRIBE} is out of the room`);
  await allIsTold(world, incident);
  expect(world.chat.people).not.toContain(SCRIBE);
  toldOnce(world, await incident.timeline());
  expect(reachedSince(world, since, SCRIBE)).toEqual([]);
  expect(reachedSince(world, since, SECURITY).length).toBeGreaterThan(3);
  const refused = await incident.decide(assign('lockOutUsers', SCRIBE));
  expect(refused).toMatchObject({ accepted: false, reasons: [{ gate: 'assigneeIsNotExcluded' }] });
}, 90_000);

thorough(
  'somebody who is excluded while their invitation is under way is taken out again',
  async () => {
    const world = createWorld();
    const release = world.chat.hold('invite');
    const incident = await stage.declare(world);
    await until(() => world.chat.count('invite') === 1);
    await incident.take(exclude(IC, SCRIBE));
    await until(() => world.chat.count('remove') === 1);
    // The vendor does what it was asked to do before.
    release();
    await until(() => world.chat.count('remove') > 1);
    await until(async () => (await incident.task('inviteExecutives')).state === 'done');
    expect(world.chat.people).not.toContain(SCRIBE);
    expect(world.chat.people).toContain(SECURITY);
    expect((await incident.task('inviteAllResponders')).state).toBe('done');
    const invitations = world.chat.calls.filter(({ name }) => name === 'invite').slice(1);
    expect(JSON.stringify(invitations)).not.toContain(SCRIBE);
  },
  90_000,
);

test('no later attempt of a call that fails reaches somebody who is excluded by then', async () => {
  const world = createWorld();
  world.pager.fail('requestResponders', unavailable('the vendor answers 503'));
  const incident = await stage.declare(world);
  await until(() => world.pager.count('requestResponders') > 0);
  await incident.take(exclude(IC, SCRIBE));
  world.pager.mend('requestResponders');
  await until(() => world.pager.pages[0]?.responders.has(SECURITY));
  expect(world.pager.pages[0]?.responders.has(SCRIBE)).toBe(false);
}, 90_000);

test('a new room is told everything, once and in order; whoever is excluded never hears of it', async () => {
  const world = createWorld();
  const incident = await assembled(world);
  await incident.take(exclude(IC, SCRIBE));
  await incident.entry(`${SCRIBE} is out of the room`);
  // Who can see it is asked anew: that is the last that this room hears.
  await until(() => world.chat.told().at(-1)?.markdown.includes('who can see this'));
  const since = world.reached.length;
  const inTheFirst = world.chat.messages.length;
  await incident.take(moveRoom(IC, NEW_ROOM), respond());
  await until(async () => (await incident.task('inviteExecutives')).state === 'done');
  await allIsTold(world, incident, NEW_ROOM);

  const entries = await incident.timeline();
  expect(world.chat.told(NEW_ROOM).map(({ key }) => Number(key))).toEqual(entries.map(({ seq }) => seq));
  const room = world.chat.rooms.get(NEW_ROOM);
  expect(room?.topic).toBe(`Attorney Work Project ${NEW_ROOM}`);
  expect(room?.people).toContain(SECURITY);
  expect(room?.people).not.toContain(SCRIBE);
  expect(room?.messages.map(({ key }) => key)).toContain('checklist');
  expect(room?.messages.map(({ key }) => key)).toContain('briefing');
  // The room that was left hears nothing, neither of the order nor of the name.
  expect(world.chat.messages).toHaveLength(inTheFirst);
  expect(JSON.stringify(world.chat.messages)).not.toContain(NEW_ROOM);
  expect(JSON.stringify(world.pager.pages.map(({ notes }) => notes))).not.toContain(NEW_ROOM);
  expect(reachedSince(world, since, SCRIBE)).toEqual([]);
  expect((await incident.checklist()).room?.name).toBe(NEW_ROOM);
}, 90_000);

thorough(
  'messages under way to a room that is left are neither lost nor told in the wrong one',
  async () => {
    const world = createWorld();
    const incident = await assembled(world);
    const release = world.chat.hold('post');
    await incident.take(respond());
    await until(() => world.chat.calls.at(-1)?.name === 'post');
    await incident.take(moveRoom(IC, NEW_ROOM));
    release();
    await allIsTold(world, incident, NEW_ROOM);
    expect(world.chat.told(NEW_ROOM).map(({ key }) => Number(key))).toEqual(
      (await incident.timeline()).map(({ seq }) => seq),
    );
    toldOnce(world, await incident.timeline());
  },
  90_000,
);

test('a room that somebody can not be taken out of hears nothing; whoever commands is told, and the next room all', async () => {
  const world = createWorld();
  const incident = await assembled(world);
  world.chat.fail('remove', REVOKED);
  const since = world.reached.length;
  await incident.take(exclude(IC, SCRIBE));
  await incident.entry(`${SCRIBE} could not be taken out of the room (the vendor answers: token revoked)`);
  await until(() => world.chat.words.length === 2);
  expect(world.chat.words.map(({ email }) => email).sort()).toEqual([DEPUTY, IC]);
  expect(JSON.stringify(world.chat.words)).not.toContain(SCRIBE);
  expect(reachedSince(world, since, SCRIBE)).toEqual([]);

  await incident.take(moveRoom(IC, NEW_ROOM));
  await allIsTold(world, incident, NEW_ROOM);
  expect(reachedSince(world, since, SCRIBE)).toEqual([]);
}, 90_000);

thorough(
  'somebody who is excluded and let in again by hand is taken out when the room is looked at',
  async () => {
    const world = createWorld();
    const incident = await assembled(world);
    await incident.take(exclude(IC, SCRIBE));
    await incident.entry(`${SCRIBE} is out of the room`);
    world.chat.people.push(SCRIBE);
    await incident.take({ name: 'lookWho', by: SECURITY });
    await until(() => !world.chat.people.includes(SCRIBE));
  },
);

test('whoever is readmitted, or has a role now, is invited', async () => {
  const world = createWorld();
  const incident = await assembled(world);
  await incident.take(exclude(IC, SCRIBE));
  await incident.entry(`${SCRIBE} is out of the room`);
  await incident.take(readmit(IC, SCRIBE), {
    name: 'giveRole',
    by: IC,
    person: STRANGER,
    role: 'executive',
  });
  await until(() => [SCRIBE, STRANGER].every((email) => world.chat.people.includes(email)));
});

test('who can see this is asked once when the room is open, after an exclusion, and whenever somebody asks', async () => {
  const world = createWorld();
  const incident = await assembled(world);
  const before = (await incident.checklist()).audience;
  expect(before).toMatchObject({
    owners: world.chat.owners,
    pagerAdministrators: ['pager-owner@example.com'],
    problems: [],
  });
  expect(before?.members).toContain(SECURITY);
  expect(world.chat.count('audience')).toBe(1);

  world.chat.fail('audience', REVOKED);
  await incident.take({ name: 'lookWho', by: SECURITY });
  await incident.entry('not told: the room (the vendor answers: token revoked)');
  world.chat.mend('audience');
  await incident.take(exclude(IC, SCRIBE));
  await until(async () => {
    const { audience } = await incident.checklist();
    return audience?.problems.length === 0 && !audience.members.includes(SCRIBE);
  });
});

test('an incident that has ended leaves no timer and asks nothing more', async () => {
  const world = createWorld();
  const incident = await assembled(world);
  await incident.take(assign('findActions', SECURITY, 30), { name: 'setPace', by: IC, status: 1 });
  await incident.take(standDown());
  await incident.handle.result();
  const { events } = await incident.handle.fetchHistory();
  const all = events ?? [];
  const over = new Set(
    all.flatMap(({ timerFiredEventAttributes: fired, timerCanceledEventAttributes: cancelled }) => {
      const id = (fired ?? cancelled)?.startedEventId;
      return id ? [String(id)] : [];
    }),
  );
  const left = all.filter(
    ({ timerStartedEventAttributes, eventId }) => timerStartedEventAttributes && !over.has(String(eventId)),
  );
  expect(left).toEqual([]);
});
