/** When practice begins, who stands in for its people, and what the configuration says of it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { createPracticeActivities } from '../../activities/practice';
import { asOneStep } from '../../activities/step';
import { newKeyring } from '../../codec/keyring';
import { isCodename } from '../../domain/codename';
import { readConfig } from '../../worker/config';
import { actsOf, keepPractising, nextPractice, type PracticeSettings } from '../../worker/practice';
import { TASK_QUEUE } from '../../workflows/names';
import { createWorld } from '../support/fakes';
import { THREE_AM } from '../support/incidents';
import { KEYRING, ringOf, startServer, until, useTemporal } from '../support/temporal';

const DAY = 86_400_000;
const every = { everyMs: DAY };

describe('the moment', () => {
  const days = Array.from({ length: 400 }, (_, day) => nextPractice(KEYRING, every, day * DAY - 1));

  it('is one in each period, and the same for all who have the keyring', () => {
    expect(days.map(({ at }) => Math.floor(at / DAY))).toEqual(days.map((_, day) => day));
    expect(nextPractice(KEYRING, every, 17 * DAY)).toEqual(days[17]);
    expect(days.every(({ codename }) => isCodename(codename))).toBe(true);
  });

  it('is spread over the period', () => {
    for (let quarter = 0; quarter < 4; quarter += 1) {
      const among = days.filter(({ at }) => Math.floor((4 * (at % DAY)) / DAY) === quarter).length;
      expect(Math.abs(among - 100)).toBeLessThan(45);
    }
  });

  it('is none that has passed: one that was missed is left out', () => {
    const { at, codename } = nextPractice(KEYRING, every, THREE_AM);
    expect(nextPractice(KEYRING, every, at - 1)).toEqual({ at, codename });
    expect(nextPractice(KEYRING, every, at).at).toBeGreaterThan(at);
  });

  it('is foretold by nobody with another keyring, nor is the codename', () => {
    const theirs = nextPractice(ringOf(newKeyring('other')), every, THREE_AM);
    const ours = nextPractice(KEYRING, every, THREE_AM);
    expect(theirs.at).not.toBe(ours.at);
    expect(nextPractice(KEYRING, { everyMs: DAY * 2 }, THREE_AM).codename).not.toBe(ours.codename);
  });
});

describe('its people', () => {
  const lasting = (lastsMs: number, seed = 'seed') => actsOf({ seed, lastsMs, startedAt: THREE_AM });

  it('do the same whichever worker stands in for them', () => {
    expect(lasting(7_200_000)).toEqual(lasting(7_200_000));
    expect(lasting(7_200_000, 'another')).not.toEqual(lasting(7_200_000));
  });

  it.each([2_000, 60_000, 7_200_000, 7 * DAY])(
    'come one after the other and end it in time, in %d ms',
    (lastsMs) => {
      const acts = lasting(lastsMs);
      const times = acts.map(({ at }) => at);
      expect(times).toEqual([...times].sort((a, b) => a - b));
      expect(times.every((at) => at >= THREE_AM && at <= THREE_AM + lastsMs)).toBe(true);
      expect(acts.filter(({ message }) => message.practice.ends)).toEqual(acts.slice(-1));
      expect(times.at(-1)).toBe(THREE_AM + lastsMs);
      expect(acts.length).toBeGreaterThanOrEqual(2);
    },
  );

  it('have the page within minutes, mostly, and before they say what it is', () => {
    const acts = Array.from({ length: 200 }, (_, n) => lasting(7_200_000, `seed ${n}`));
    const waited = acts.map(([first]) => (first?.at ?? 0) - THREE_AM);
    const late = waited.filter((ms) => ms > 300_000).length;
    // So that the next in line is called now and then.
    expect(late).toBeGreaterThan(5);
    expect(late).toBeLessThan(60);
    expect(acts.filter(([first, second]) => (first?.at ?? 0) > (second?.at ?? 0))).toEqual([]);
  });

  it("send messages whose ids look like people's nonces, each of its own", () => {
    const ids = lasting(7_200_000).map(({ id }) => id);
    expect(ids.filter((id) => !/^[\w-]{32}$/.test(id))).toEqual([]);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('with Temporal', () => {
  const stage = useTemporal(() => startServer());
  const settings: PracticeSettings = { everyMs: 3_000, lastsMs: 1_000 };
  const warned: string[] = [];
  const practising = (changes: { namespace?: string } = {}) => {
    const ending = new AbortController();
    const { nativeConnection: connection } = stage.server;
    const options = { connection, namespace: 'default', keyring: KEYRING, settings, ...changes };
    const done = keepPractising({ ...options, warn: (text) => warned.push(text) }, ending.signal);
    return { end: () => ending.abort(), done };
  };
  const listed = async () => {
    const all = [];
    for await (const one of stage.client.workflow.list()) all.push(one);
    return all;
  };

  test('two workers begin one in each period, stand in for its people, and end it', async () => {
    const world = createWorld({ authority: 'contain-on-declare' });
    await stage.startWorker(TASK_QUEUE, world, {
      activities: asOneStep({ ...world.activities, ...createPracticeActivities() }),
    });
    const from = Date.now();
    const workers = [practising(), practising()];
    const incidents = async () => (await listed()).filter(({ type }) => type === 'incident');
    await until(async () => (await incidents()).length >= 2);
    for (const { end } of workers) end();
    await Promise.all(workers.map(({ done }) => done));
    const begun = await incidents();
    // Each period has one codename, which is given once.
    const expected = new Set<string>();
    for (let now = from; now < Date.now();) {
      const { at, codename } = nextPractice(KEYRING, settings, now);
      expected.add(codename);
      now = at;
    }
    expect(begun.filter(({ workflowId }) => !expected.has(workflowId))).toEqual([]);
    // Those that run still are brought to their end by a worker that comes later, also where no more of them begin.
    const ending = new AbortController();
    const { nativeConnection: connection } = stage.server;
    const warn = (text: string) => warned.push(text);
    const options = { connection, namespace: 'default', keyring: KEYRING, settings: undefined, warn };
    void keepPractising(options, ending.signal);
    for (const { workflowId } of begun)
      await expect(stage.client.workflow.getHandle(workflowId).result()).resolves.toMatchObject({
        outcome: 'practice',
      });
    ending.abort();
    expect(world.calls).toEqual([]);
    expect(warned).toEqual([]);
  }, 60_000);

  test('what Temporal does not take is told in neutral words, and harms nothing', async () => {
    const { end, done } = practising({ namespace: 'missing' });
    await until(() => warned.length > 0);
    end();
    await expect(done).resolves.toBeUndefined();
    expect(warned[0]).toBe(
      'Temporal did not take something that was due by schedule; it is left out this time',
    );
    expect(warned.join()).not.toMatch(/practi|incident|[a-z]+-[a-z]+/);
  });
});

describe('the configuration', () => {
  const EXAMPLE = join(__dirname, '..', '..', 'firebreak.example.yaml');
  const folder = mkdtempSync(join(tmpdir(), 'firebreak-practice-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const read = (practice?: unknown) => {
    const path = join(folder, 'firebreak.yaml');
    // Its ways out would need secrets of their own.
    const { communication: _communication, ...file } = parse(readFileSync(EXAMPLE, 'utf8')) as Record<
      string,
      unknown
    >;
    writeFileSync(path, stringify({ ...file, practice }));
    return readConfig({
      FIREBREAK_CONFIG: path,
      PAGERDUTY_TOKEN: 'token',
      SLACK_BOT_TOKEN: 'token',
      FIREBREAK_KEYRING: newKeyring('test'),
    });
  };

  it('of the example has it once a day', () => {
    const file = parse(readFileSync(EXAMPLE, 'utf8')) as { practice: unknown };
    expect(read(file.practice)).toMatchObject({
      ok: true,
      config: { practice: { everyMs: DAY, lastsMs: 7_200_000 } },
    });
  });

  it('that says nothing of it has none', () => {
    const without = read();
    expect(without.ok && without.config.practice).toBeUndefined();
    expect(without.ok).toBe(true);
  });

  it.each([
    [{ every: '1 day' }, 'practice.lasts'],
    [{ every: 'often', lasts: '2 hours' }, 'practice.every: "often" is not a duration'],
    [{ every: '1 second', lasts: '2 hours' }, 'practice.every: 1 minute to 31 days'],
    [{ every: '1 year', lasts: '2 hours' }, 'practice.every: 1 minute to 31 days'],
    [{ every: '1 day', lasts: '30 days' }, 'practice.lasts: 1 minute to 7 days'],
    [{ every: '1 day', lasts: '2 hours', who: 'us' }, 'practice: Unrecognized key'],
  ])('with %j is told what is wrong', (practice, problem) => {
    const bad = read(practice);
    expect(bad.ok ? [] : bad.problems.join('\n')).toContain(problem);
  });
});
