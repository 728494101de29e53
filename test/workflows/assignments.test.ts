/** Tasks that were given to somebody don't get lost, and nobody is pestered. Minutes are skipped. */
import { unauthorized } from '../../activities/failures';
import { createWorld, type World } from '../support/fakes';
import {
  acknowledge,
  assign,
  complete,
  DEPUTY,
  exclude,
  IC,
  respond,
  SCRIBE,
  SECURITY,
  standDown,
  start,
} from '../support/incidents';
import { startTimeSkippingServer, until, useTemporal, type TestIncident } from '../support/temporal';
import { thorough } from '../support/thorough';

const stage = useTemporal(startTimeSkippingServer);
const REVOKED = unauthorized('the vendor answers: token revoked');
/** 5.3 */
const TASK = 'findActions';

async function responding(world: World): Promise<TestIncident> {
  const incident = await assembled(world);
  await incident.take(respond());
  return incident;
}

/** Somebody has the page, and the room is not asked for a status: the clock runs for assignments alone. */
async function assembled(world: World): Promise<TestIncident> {
  const incident = await stage.declare(world);
  await until(async () => (await incident.task('inviteExecutives')).state === 'done');
  await incident.take(acknowledge(IC), { name: 'setPace', by: IC, status: 0 });
  return incident;
}

async function pass(minutes: number): Promise<void> {
  await stage.server.sleep(minutes * 60_000);
  // What the passing of time has set going arrives within this.
  await new Promise((resolve) => setTimeout(resolve, 400));
}

const wordsTo = ({ chat }: World, email: string) =>
  chat.words.filter((word) => word.email === email).map(({ markdown }) => markdown);

test('somebody is asked, reminded at the pace, and after two reminders others are told', async () => {
  const world = createWorld();
  const incident = await responding(world);
  await incident.take(assign(TASK, SECURITY));
  await until(() => world.chat.words.length === 1);
  const { codename } = incident;
  expect(world.chat.words[0]).toMatchObject({
    email: SECURITY,
    markdown: `${codename}: 5.3 is yours. Please join Slack: #${codename}`,
    buttons: [
      { id: 'start', value: `${codename} 5.3` },
      { id: 'complete', value: `${codename} 5.3` },
    ],
  });
  await pass(14);
  expect(world.chat.words).toHaveLength(1);
  await pass(2);
  await pass(15);
  expect(wordsTo(world, SECURITY)).toHaveLength(3);
  expect(wordsTo(world, IC)).toEqual([]);
  await pass(15);
  const told = `${codename}: 5.3 does not get on. Please join Slack: #${codename}`;
  await until(() => world.chat.words.length >= 5);
  expect([wordsTo(world, IC), wordsTo(world, DEPUTY)]).toEqual([[told], [told]]);
  await incident.entry(`${IC}, ${DEPUTY} was told`);
  // Each was said once, and has a key of its own.
  expect(world.chat.words.every(({ posts }) => posts === 1)).toBe(true);
}, 90_000);

thorough(
  'whoever works on it is left alone for a while; a task that is done is nobody’s any more',
  async () => {
    const world = createWorld();
    const incident = await responding(world);
    await incident.take(assign(TASK, SECURITY));
    await until(() => world.chat.words.length === 1);
    await incident.take(start(SECURITY, TASK));
    await pass(45);
    expect(world.chat.words).toHaveLength(1);
    await pass(16);
    expect(wordsTo(world, SECURITY)).toHaveLength(2);
    await incident.take(complete(SECURITY, TASK));
    await pass(60);
    expect(world.chat.words).toHaveLength(2);
  },
  90_000,
);

test('a time box that has run out is told to whoever commands', async () => {
  const world = createWorld();
  const incident = await responding(world);
  await incident.take(assign(TASK, SECURITY, 10));
  await pass(11);
  await until(() => wordsTo(world, DEPUTY).length === 1);
  await incident.entry('its time is up');
});

thorough(
  'the pace is changed while it runs, and 0 turns it off',
  async () => {
    const world = createWorld();
    const incident = await responding(world);
    await incident.take(assign(TASK, SECURITY));
    await until(() => world.chat.words.length === 1);
    await incident.take({ name: 'setPace', by: IC, reminders: 2 });
    await pass(3);
    expect(wordsTo(world, SECURITY)).toHaveLength(2);
    await incident.take({ name: 'setPace', by: IC, reminders: 0 });
    await pass(120);
    expect(world.chat.words).toHaveLength(2);
  },
  90_000,
);

thorough('a person whom no message reaches is named in the room, and keeps nobody else waiting', async () => {
  const world = createWorld();
  const incident = await responding(world);
  world.chat.strangers.add(SECURITY);
  const release = world.chat.hold('tellPerson');
  await incident.take(assign(TASK, SECURITY), assign('lockOutUsers', SCRIBE));
  await until(() => world.chat.count('tellPerson') === 2);
  release();
  await incident.entry(`not reached by direct message: ${SECURITY}`);
  await until(() => wordsTo(world, SCRIBE).length === 1);
});

thorough('somebody to whom a task is given while the one before is being asked is asked too', async () => {
  const world = createWorld();
  const incident = await responding(world);
  const release = world.chat.hold('tellPerson');
  await incident.take(assign(TASK, SECURITY));
  await until(() => world.chat.count('tellPerson') === 1);
  await incident.take(assign(TASK, SCRIBE));
  release();
  await until(() => wordsTo(world, SCRIBE).length === 1);
});

test('with Slack deaf, assignments go on and are said to have reached nobody', async () => {
  const world = createWorld();
  const incident = await responding(world);
  world.chat.fail('tellPerson', REVOKED);
  await incident.take(assign(TASK, SECURITY));
  await incident.entry(`not reached by direct message: ${SECURITY}`);
  expect((await incident.checklist()).assignments).toMatchObject([{ task: TASK, to: SECURITY }]);
});

test('nobody who is excluded is reminded, nor told of others', async () => {
  const world = createWorld();
  const incident = await responding(world);
  await incident.take(assign(TASK, SECURITY, 10), assign('lockOutUsers', SCRIBE));
  await until(() => world.chat.words.length === 2);
  await incident.take(exclude(IC, SCRIBE), exclude(IC, DEPUTY));
  await pass(45);
  expect(wordsTo(world, SCRIBE)).toHaveLength(1);
  expect(wordsTo(world, DEPUTY)).toEqual([]);
  expect(wordsTo(world, IC)).toHaveLength(1);
}, 90_000);

test('the room is asked for a status every half hour, at another pace, or never; and nothing after the end', async () => {
  const world = createWorld();
  const incident = await assembled(world);
  const asked = () => world.chat.told().filter(({ markdown }) => markdown.includes('asks for a status'));
  await pass(60);
  expect(asked()).toEqual([]);
  await incident.take({ name: 'setPace', by: IC, status: 30 });
  await until(() => asked().length === 1);
  await pass(31);
  expect(asked()).toHaveLength(2);
  await incident.take({ name: 'setPace', by: IC, status: 5 });
  await pass(6);
  expect(asked()).toHaveLength(3);

  await incident.take(assign(TASK, SECURITY), standDown());
  await incident.handle.result();
  const before = world.calls.length;
  await pass(120);
  expect(world.calls).toHaveLength(before);
}, 90_000);
