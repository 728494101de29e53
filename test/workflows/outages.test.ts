/** Slack, the pager, or both are down from the first second, for an hour. Minutes are skipped. */
import { unauthorized, unavailable } from '../../activities/failures';
import { createWorld, type World } from '../support/fakes';
import { acknowledge, IC, INSTANCE, PAYMENTS, respond, SECURITY } from '../support/incidents';
import {
  startServer,
  startTimeSkippingServer,
  toldOnce,
  until,
  useTemporal,
  type TestIncident,
} from '../support/temporal';
import { thorough } from '../support/thorough';

const REVOKED = unauthorized('the vendor answers: token revoked');
const DOWN = unavailable('the vendor answers 503');
const OF_THE_ROOM = ['openRoom', 'invite', 'members', 'post', 'update', 'remove', 'tellPerson', 'audience'];
const OF_THE_PAGER = ['openPage', 'requestResponders', 'addNote', 'stateOf', 'callNext', 'administrators'];

const CONTAINING = { authority: 'contain-on-declare', joinCheckMs: 300_000 } as const;

function breakDown({ chat }: World): void {
  for (const name of OF_THE_ROOM) chat.fail(name, DOWN);
}

describe('on the real clock', () => {
  const stage = useTemporal(() => startServer());

  /** From the declaration to the page and to the cut, in ms. */
  async function delaysOf(world: World): Promise<{ paged: number; isolated: number }> {
    const incident = await stage.declare(world);
    await incident.entry(`${INSTANCE}: stopped`);
    await until(() => world.pager.pages[0]?.responders.has(PAYMENTS));
    const { declaredAt } = await incident.checklist();
    const at = (name: string) => (world.calls.find((call) => call.name === name)?.at ?? NaN) - declaredAt;
    return { paged: at('requestResponders'), isolated: at('isolate') };
  }

  thorough(
    'neither paging nor containment is delayed by Slack: not where it fails, nor where it hangs',
    async () => {
      // What runs first loads what all of them need.
      await delaysOf(createWorld(CONTAINING));
      const usual = await delaysOf(createWorld(CONTAINING));
      const failing = createWorld(CONTAINING);
      breakDown(failing);
      const hanging = createWorld(CONTAINING);
      for (const name of OF_THE_ROOM) hanging.chat.hold(name);
      for (const world of [failing, hanging]) {
        const { paged, isolated } = await delaysOf(world);
        // The machine's own noise. An attempt that fails takes 200 ms and more, one that hangs half a minute.
        expect(paged).toBeLessThan(2 * usual.paged + 1_000);
        expect(isolated).toBeLessThan(2 * usual.isolated + 1_000);
      }
    },
    90_000,
  );

  thorough(
    'with both down decisions are taken, and the checklist says what is not done',
    async () => {
      const world = createWorld(CONTAINING);
      breakDown(world);
      for (const name of OF_THE_PAGER) world.pager.fail(name, DOWN);
      const incident = await stage.declare(world);
      await incident.entry(`${INSTANCE}: stopped`);
      await incident.entry('Page the incident commander: failed');
      await incident.entry('Open the room and pin the checklist: failed');
      await incident.take(respond(), { name: 'assignTask', by: IC, task: 'findActions', to: SECURITY });
      await incident.take({ name: 'lookWho', by: SECURITY });
      await incident.entry('not told: the room, which is not open; the pager (the vendor answers 503)');
      await incident.entry(`not reached by direct message: ${SECURITY}`);
      const view = await incident.checklist();
      expect(view.paging).toMatchObject({ state: 'failed', cause: 'the vendor answers 503' });
      expect((await incident.task('setUpRoom')).state).toBe('failed');
      expect((await incident.task('pageCommander')).note).toBe('the vendor answers 503');
      expect(view.phase.name).toBe('responding');
    },
    90_000,
  );
});

describe('on a clock that is moved', () => {
  const stage = useTemporal(startTimeSkippingServer);

  async function passAnHour(): Promise<void> {
    for (let minutes = 0; minutes < 60; minutes += 10) {
      await stage.server.sleep('10 minutes');
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  async function isTold({ chat }: World, incident: TestIncident): Promise<void> {
    await until(async () => {
      const entries = await incident.timeline();
      return chat.told().length > 0 && Number(chat.told().at(-1)?.key) === entries.at(-1)?.seq;
    });
  }

  test('a room that can not be made for an hour is made then, with everything in it, once and in order', async () => {
    const world = createWorld(CONTAINING);
    for (const name of OF_THE_ROOM) world.chat.fail(name, REVOKED);
    const incident = await stage.declare(world);
    await until(() => world.pager.pages[0]?.responders.has(PAYMENTS));
    await incident.entry(`${INSTANCE}: stopped`);
    await incident.take(acknowledge(IC), respond());
    await passAnHour();
    expect(world.chat.rooms.size).toBe(0);
    for (const name of OF_THE_ROOM) world.chat.mend(name);
    await stage.server.sleep('6 minutes');
    await until(async () => (await incident.task('inviteExecutives')).state === 'done');
    await incident.entry('asks for a status');
    await incident.entry('who can see this');
    await isTold(world, incident);
    expect(world.chat.rooms.size).toBe(1);
    const entries = await incident.timeline();
    expect(world.chat.told()).toHaveLength(entries.length);
    toldOnce(world, entries);
    // People were woken once.
    expect(world.pager.count('requestResponders')).toBe(1);
  }, 90_000);

  thorough(
    'a room that is full, and a responder who comes late, keep nothing from going on',
    async () => {
      const world = createWorld({ ...CONTAINING, joinCheckMs: 30_000 });
      world.chat.strangers.add(SECURITY);
      const incident = await stage.declare(world);
      await incident.entry(`not in the room: ${SECURITY}`);
      await incident.entry(`${INSTANCE}: stopped`);
      await incident.take(respond(), acknowledge(IC));
      await stage.server.sleep('11 minutes');
      await until(async () => (await incident.task('inviteExecutives')).state === 'done');
      world.chat.strangers.delete(SECURITY);
      await stage.server.sleep('6 minutes');
      await until(async () => (await incident.task('inviteAllResponders')).state === 'done');
      await isTold(world, incident);
      toldOnce(world, await incident.timeline());
    },
    90_000,
  );
});
