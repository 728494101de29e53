/** Clocks warn the room at their times, for days on end, and nobody else; nothing waits for them. Days are skipped. */
import { createPracticeActivities } from '../../activities/practice';
import { asOneStep } from '../../activities/step';
import { NODE_CRYPTO } from '../../client/signing/crypto';
import { endOfBusinessDays } from '../../domain/business-days';
import { clockNamed, CLOCK_IDS, NO_ADVICE, type ClockDefinition, type Clocks } from '../../domain/clocks';
import type { Decision } from '../../domain/decisions';
import { createChance } from '../../domain/practice';
import { startOf } from '../../workflows/incident/messages';
import { INCIDENT_WORKFLOW } from '../../workflows/names';
import { createWorld, type World } from '../support/fakes';
import { acknowledge, COUNSEL, IC, respond, SECURITY, standDown } from '../support/incidents';
import {
  freshCodename,
  startServer,
  startTimeSkippingServer,
  until,
  useTemporal,
  type TestIncident,
} from '../support/temporal';
import { eventsOf } from '../support/visible';
import { thorough } from '../support/thorough';

const HOUR = 3_600_000;

const using = (
  use: readonly ClockDefinition[],
  warnMs: readonly number[] = [24 * HOUR, 4 * HOUR],
): Clocks => ({
  use,
  warnMs,
  holidays: [],
});
const own = (ms: number): ClockDefinition => ({
  id: 'contract-one',
  title: 'Customer One told',
  within: { ms },
  source: 'Contract One, 7.3',
  starts: 'counted from awareness',
});

const met = (clock: string): Decision => ({
  name: 'meetClock',
  by: COUNSEL,
  clock,
  note: 'filed, number 17',
});
const aware = (at: number): Decision => ({
  name: 'setAwareness',
  by: COUNSEL,
  at: new Date(at).toISOString(),
  reason: 'the first alert was read then',
});

const warned = async (incident: TestIncident) =>
  (await incident.timeline()).filter(({ text }) => text.startsWith('clock ')).map(({ text }) => text);

/** With it, practice moves its clocks at the second decision. */
function seedThatMoves(): string {
  for (let number = 1; ; number += 1) {
    const chance = createChance(`seed ${number}/clocks`, NODE_CRYPTO.sha256);
    if (chance.happens(0.3) && chance.between(2, 8) === 2) return `seed ${number}`;
  }
}

describe('over days', () => {
  const stage = useTemporal(startTimeSkippingServer);

  /** Somebody has the page, and the room is not asked for a status: the time belongs to clocks. */
  async function quiet(world: World): Promise<TestIncident> {
    const incident = await stage.declare(world);
    await until(async () => (await incident.task('inviteExecutives')).state === 'done');
    await incident.take(acknowledge(IC), { name: 'setPace', by: IC, status: 0 });
    return incident;
  }

  async function pass(hours: number): Promise<void> {
    await stage.server.sleep(hours * HOUR);
    // What the passing of time has set going arrives within this.
    await new Promise((resolve) => setTimeout(resolve, 400));
  }

  const timersOf = async (codename: string) =>
    (await eventsOf(stage.client, [codename])).flatMap(({ timerStartedEventAttributes: timer }) =>
      timer === undefined
        ? []
        : [
            Number.parseFloat(
              (timer as { startToFireTimeout: { seconds: string } }).startToFireTimeout.seconds,
            ),
          ],
    );

  test('the room is warned before the end and at it, once each, and nobody is told by another way', async () => {
    const world = createWorld({ clocks: using([clockNamed('gdpr')]) });
    const incident = await quiet(world);
    const calls = world.pager.count('callNext');
    await pass(47);
    expect(await warned(incident)).toEqual([]);
    await pass(1.5);
    expect(await warned(incident)).toEqual([expect.stringMatching(/^clock gdpr .*: 24 h left, until /)]);
    await pass(20);
    await pass(4);
    const texts = await warned(incident);
    expect(texts).toEqual([
      expect.anything(),
      expect.stringContaining(': 4 h left'),
      expect.stringContaining('its time passed'),
    ]);
    await pass(200);
    expect(await warned(incident)).toEqual(texts);
    expect((await incident.checklist()).clocks).toMatchObject([{ id: 'gdpr', state: 'passed' }]);
    const told = () =>
      world.chat.told().filter(({ markdown }) => markdown.startsWith('**Note** — clock gdpr'));
    await until(() => told().length === 3);
    expect(told().every(({ markdown, posts }) => markdown.endsWith(NO_ADVICE) && posts === 1)).toBe(true);
    expect(world.chat.words).toEqual([]);
    expect(world.pager.count('callNext')).toBe(calls);
  }, 90_000);

  test('one that is met warns no longer, and one that moves warns at its new times', async () => {
    const world = createWorld({ clocks: using([clockNamed('gdpr'), clockNamed('nis2Notification')]) });
    const incident = await quiet(world);
    const began = (await incident.checklist()).declaredAt;
    await pass(10);
    await incident.take(met('gdpr'));
    // 70 hours ago: two are left, and both warnings are due.
    await incident.take(aware((await incident.now()) - 70 * HOUR));
    await incident.entry('2 h left');
    expect(await warned(incident)).toEqual([expect.stringMatching(/^clock nis2Notification .*: 2 h left/)]);
    await pass(3);
    expect(await warned(incident)).toHaveLength(2);
    // Later than that after all: it runs again, and warns again.
    await incident.take(aware(began));
    expect((await incident.checklist()).clocks).toMatchObject([{ state: 'met' }, { state: 'running' }]);
    await pass(34);
    expect(await warned(incident)).toHaveLength(2);
    await pass(2);
    expect((await warned(incident)).slice(2)).toEqual([expect.stringContaining('nis2Notification')]);
    await pass(30);
    expect(await warned(incident)).toHaveLength(5);
    expect((await warned(incident)).filter((text) => text.includes('gdpr'))).toEqual([]);
  }, 90_000);

  thorough(
    'an incident that ends waits for no clock, and hears of none',
    async () => {
      const world = createWorld({ clocks: using([clockNamed('gdpr')]) });
      const incident = await quiet(world);
      await incident.take(standDown());
      await incident.handle.result();
      const { startTime, closeTime } = await incident.handle.describe();
      expect(Number(closeTime) - startTime.getTime()).toBeLessThan(HOUR);
      await pass(100);
      expect(await warned(incident)).toEqual([]);
    },
    90_000,
  );

  test('ten clocks are one timer, which practice has as well; business days are counted in the sandbox', async () => {
    const clocks = using(CLOCK_IDS.filter((id) => !/EarlyWarning|Initial/.test(id)).map(clockNamed));
    const world = createWorld({ clocks });
    const incident = await quiet(world);
    const { declaredAt, clocks: shown } = await incident.checklist();
    expect(shown.find(({ id }) => id === 'sec')?.dueAt).toBe(
      endOfBusinessDays(declaredAt, 4, { timeZone: 'America/New_York', until: 17 * 60 + 30, holidays: [] }),
    );
    const sham = freshCodename();
    await stage.startWorker(sham, world, {
      activities: asOneStep({ ...world.activities, ...createPracticeActivities() }),
    });
    await stage.client.workflow.start(INCIDENT_WORKFLOW, {
      ...startOf(sham, { practice: { seed: 'seed 47', lastsMs: 7_200_000, padding: '' } }),
      taskQueue: sham,
    });
    const long = async (codename: string) =>
      (await timersOf(codename)).filter((seconds) => seconds > 40 * 3_600);
    await until(async () => (await long(sham)).length > 0);
    const [real, practised] = [await long(incident.codename), await long(sham)];
    expect(real).toHaveLength(1);
    expect(practised).toHaveLength(1);
    // 48 hours, less what it took to begin.
    for (const seconds of [...real, ...practised]) expect(Math.round(seconds / 3_600)).toBe(48);
    await stage.client.workflow
      .getHandle(sham)
      .executeUpdate('decision', { args: [{ practice: { answer: 80, ends: true }, padding: '' }] });
    await stage.client.workflow.getHandle(sham).result();
  }, 90_000);

  thorough(
    'in practice too, somebody says now and then that the company was aware before',
    async () => {
      const world = createWorld({ clocks: using([clockNamed('statement')]) });
      const sham = freshCodename();
      await stage.startWorker(sham, world, {
        activities: asOneStep({ ...world.activities, ...createPracticeActivities() }),
      });
      const seed = seedThatMoves();
      await stage.client.workflow.start(INCIDENT_WORKFLOW, {
        ...startOf(sham, { practice: { seed, lastsMs: 7_200_000, padding: '' } }),
        taskQueue: sham,
      });
      const long = async () => (await timersOf(sham)).filter((seconds) => seconds > 24 * 3_600);
      await until(async () => (await long()).length === 1);
      const handle = stage.client.workflow.getHandle(sham);
      const say = (ends?: true) =>
        handle.executeUpdate('decision', {
          args: [{ practice: { answer: 80, ...(ends && { ends }) }, padding: '' }],
        });
      await say();
      await say();
      const [first = 0, second = 0] = await until(async () => {
        const timers = await long();
        return timers.length === 2 && timers;
      });
      expect(second).toBeLessThan(first);
      await say(true);
      await handle.result();
    },
    90_000,
  );

  test('without clocks there is no timer for them', async () => {
    const world = createWorld();
    const incident = await quiet(world);
    expect((await timersOf(incident.codename)).filter((seconds) => seconds > 3_600)).toEqual([]);
    expect((await incident.checklist()).clocks).toEqual([]);
  }, 90_000);
});

describe('with a history that begins anew', () => {
  /** Instead of 4,096: a run of an incident is over after a few decisions. */
  const stage = useTemporal(() =>
    startServer(['--dynamic-config-value', 'limit.historyCount.suggestContinueAsNew=60']),
  );

  thorough(
    'no warning is lost, and none is given twice',
    async () => {
      const world = createWorld({ clocks: using([own(12_000)], [8_000, 4_000]) });
      const incident = await stage.declare(world);
      const runOf = async () => (await incident.handle.describe()).runId;
      const { declaredAt } = await incident.checklist();
      let runs = 0;
      for (let before = await runOf(); Date.now() < declaredAt + 13_000;) {
        await incident.sendAsSignal({
          name: 'assignTask',
          by: IC,
          task: 'findActions',
          to: Math.random() < 0.5 ? SECURITY : IC,
        });
        await new Promise((resolve) => setTimeout(resolve, 150));
        const now = await runOf();
        if (now !== before) runs += 1;
        before = now;
      }
      await incident.entry('its time passed');
      expect(runs).toBeGreaterThan(1);
      const told = (await incident.timeline()).filter(({ text }) => text.startsWith('clock '));
      expect(told).toHaveLength(3);
      for (const [index, after] of [4_000, 8_000, 12_000].entries()) {
        const late = (told[index]?.at ?? 0) - declaredAt - after;
        expect(late).toBeGreaterThanOrEqual(0);
        // Before the next one.
        expect(late).toBeLessThan(4_000);
      }
      await incident.take(respond(), met('contract-one'));
      expect((await incident.checklist()).clocks).toMatchObject([{ state: 'met', metBy: COUNSEL }]);
    },
    90_000,
  );
});
