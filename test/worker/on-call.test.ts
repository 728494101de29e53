import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { invalidRequest, rateLimited, unavailable } from '../../activities/failures';
import type { OnCallPerson } from '../../domain/on-call';
import { createOnCall, waitAfterFailure } from '../../worker/on-call';

const IC: OnCallPerson = { email: 'ic@example.com', as: 'primary', phone: '+1 5550100' };
const DEPUTY: OnCallPerson = { email: 'deputy@example.com', as: 'backup' };
const START = Date.UTC(2026, 0, 1, 3);
const MINUTE = 60_000;

let folder: string;
let file: string;
let ending: AbortController;
let clock: number;
let warnings: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'on-call-'));
  file = join(folder, 'on-call.json');
  ending = new AbortController();
  clock = START;
  warnings = [];
});

afterEach(() => {
  ending.abort();
  rmSync(folder, { recursive: true, force: true });
});

const create = (ask: () => Promise<OnCallPerson[]>, more: { file?: string; everyMs?: number } = {}) =>
  createOnCall({ ask, everyMs: 5 * MINUTE, now: () => clock, warn: (text) => warnings.push(text), ...more });

/** Answers, one after the other; the last for ever. */
function answers(...all: (() => Promise<OnCallPerson[]>)[]) {
  const ask = { asked: 0, ask: () => (all[Math.min(ask.asked++, all.length - 1)] ?? (async () => []))() };
  return ask;
}

const says =
  (...people: OnCallPerson[]) =>
  async () =>
    people;
const fails = (failure: Error) => () => Promise.reject(failure);

async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; !isSo(); tries += 1) {
    if (tries > 400) throw new Error('It did not come to pass.');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const settle = () => new Promise((resolve) => setTimeout(resolve, 40));

describe('the roster of who is on call', () => {
  test('is asked at once, put in order, and dated', async () => {
    const roster = create(says(DEPUTY, IC));
    expect(roster.current()).toBeUndefined();
    roster.start(ending.signal);
    await until(() => roster.current() !== undefined);
    expect(roster.current()).toEqual({ at: START, people: [IC, DEPUTY] });
    expect(warnings).toEqual([]);
  });

  test('is asked again on the schedule', async () => {
    const ask = answers(says(IC), says(DEPUTY));
    const roster = create(ask.ask, { everyMs: 20 });
    roster.start(ending.signal);
    await until(() => roster.current()?.people[0]?.email === IC.email);
    clock += 20;
    await until(() => roster.current()?.people[0]?.email === DEPUTY.email);
    expect(roster.current()?.at).toBe(clock);
  });

  test('keeps what it had where the pager fails, with the age of it, and says so once', async () => {
    const ask = answers(says(IC), fails(unavailable('PagerDuty gave no answer to oncalls.list')));
    const roster = create(ask.ask, { everyMs: 5 });
    roster.start(ending.signal);
    await until(() => ask.asked > 4);
    clock += MINUTE;
    expect(roster.current()).toEqual({ at: START, people: [IC] });
    expect(warnings).toEqual([
      'The pager did not say who is on call: PagerDuty gave no answer to oncalls.list. What it said before is kept.',
    ]);
  });

  test('tells of a second failure only after the pager was back', async () => {
    const down = fails(invalidRequest('Down.'));
    const ask = answers(down, down, says(IC), down, says(IC));
    const roster = create(ask.ask, { everyMs: 5 });
    roster.start(ending.signal);
    await until(() => ask.asked > 5);
    expect(warnings).toHaveLength(2);
  });

  test('is not asked before the wait that the pager asked for has passed', async () => {
    const ask = answers(fails(rateLimited('Too many requests.', 300)), says(IC));
    const roster = create(ask.ask, { everyMs: 5 });
    const begun = performance.now();
    roster.start(ending.signal);
    await until(() => ask.asked > 1);
    expect(performance.now() - begun).toBeGreaterThanOrEqual(299);
    await until(() => roster.current() !== undefined);
  });

  test.each([
    ['within a minute, however long the schedule is', 24 * 60 * MINUTE, unavailable('Down.'), MINUTE],
    ['by the schedule, where that is sooner', 10_000, unavailable('Down.'), 10_000],
    ['after the wait that was asked for', 10_000, rateLimited('Too many requests.', 45_000), 45_000],
    ['soon, whatever it was', 24 * 60 * MINUTE, 'no error at all', MINUTE],
  ])('is asked again after a failure: %s', (_, everyMs, failure, waitMs) => {
    expect(waitAfterFailure(everyMs, failure)).toBe(waitMs);
  });

  test('says so where nobody is on call, and believes it', async () => {
    const roster = create(answers(says(IC), says()).ask, { everyMs: 5 });
    roster.start(ending.signal);
    await until(() => roster.current()?.people.length === 0);
    await settle();
    expect(warnings).toEqual([expect.stringContaining('nobody is on call')]);
  });

  test('quotes nothing of a failure that it does not know', async () => {
    create(fails(new Error(`secret of ${IC.email}`))).start(ending.signal);
    await until(() => warnings.length > 0);
    expect(warnings.join()).not.toMatch(/secret|ic@example/);
  });

  test('ends with the signal: it is neither asked, nor told, nor written any more', async () => {
    const ask = answers(says(IC));
    const roster = create(ask.ask, { everyMs: 10, file });
    roster.start(ending.signal);
    await until(() => ask.asked > 1);
    ending.abort();
    const { asked } = ask;
    await settle();
    expect(ask.asked).toBe(asked);
  });
});

describe('the file of who is on call', () => {
  const started = async (ask: () => Promise<OnCallPerson[]>) => {
    const roster = create(ask, { file });
    roster.start(ending.signal);
    return roster;
  };
  const neverAnswers = () => new Promise<OnCallPerson[]>(() => undefined);

  test('lets a restart know while the pager is down, with the age of what it knows', async () => {
    const first = await started(says(IC, DEPUTY));
    await until(() => first.current() !== undefined);
    ending.abort();
    ending = new AbortController();
    clock += 60 * MINUTE;
    const second = await started(fails(unavailable('Down.')));
    // At once: an incident may be declared in the same second.
    expect(second.current()).toEqual({ at: START, people: [IC, DEPUTY] });
    await settle();
    expect(second.current()?.at).toBe(START);
  });

  test('is whole, for its owner alone, and has nothing beside it', async () => {
    writeFileSync(file, 'old', { mode: 0o644 });
    const roster = await started(says(IC));
    await until(() => roster.current() !== undefined);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ at: START, people: [IC] });
    expect(readdirSync(folder)).toEqual(['on-call.json']);
  });

  test('that is not there is the beginning, and nothing to warn of', async () => {
    const roster = await started(neverAnswers);
    expect(roster.current()).toBeUndefined();
    expect(warnings).toEqual([]);
  });

  const good = { at: START, people: [IC] };
  test.each<[string, string]>([
    ['is empty', ''],
    ['was cut off', JSON.stringify(good).slice(0, -5)],
    ['is a list', '[]'],
    ['is null', 'null'],
    ['has no moment', JSON.stringify({ people: [IC] })],
    [
      'is of the future, and would look fresh for ever',
      JSON.stringify({ ...good, at: START + 120 * MINUTE }),
    ],
    ['is dated by a word', JSON.stringify({ ...good, at: 'today' })],
    ['has a place that there is not', JSON.stringify({ ...good, people: [{ ...IC, as: 'first' }] })],
    ['has a person without an address', JSON.stringify({ ...good, people: [{ as: 'primary' }] })],
    ['has a phone that is no text', JSON.stringify({ ...good, people: [{ ...IC, phone: 5550100 }] })],
    [
      'has a phone of any length',
      JSON.stringify({ ...good, people: [{ ...IC, phone: '5'.repeat(10_000) }] }),
    ],
    ['is of somebody else', 'root:x:0:0:secret@example.com'],
  ])('that %s is left out, with a warning that quotes nothing', async (_, text) => {
    writeFileSync(file, text);
    const roster = await started(neverAnswers);
    expect(roster.current()).toBeUndefined();
    expect(warnings).toEqual(['The file for who is on call is damaged, and left out. The pager is asked.']);
  });

  test('of any content never throws, and gives nothing but people', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
        writeFileSync(file, text);
        const roster = create(neverAnswers, { file });
        const ended = new AbortController();
        roster.start(ended.signal);
        ended.abort();
        for (const person of roster.current()?.people ?? []) expect(typeof person.email).toBe('string');
      }),
      { numRuns: 50 },
    );
  });

  test('keeps no field that it does not know', async () => {
    writeFileSync(
      file,
      JSON.stringify({ ...good, people: [{ ...IC, roles: ['incidentCommander'] }], more: 1 }),
    );
    expect((await started(neverAnswers)).current()).toEqual(good);
  });

  test('that is a folder is told of, and the pager is asked all the same', async () => {
    rmSync(file, { force: true });
    file = folder;
    const roster = await started(says(IC));
    await until(() => roster.current() !== undefined);
    expect(warnings).toHaveLength(2);
    expect(warnings.join()).not.toContain(folder);
  });

  test('in a folder that is not there can’t be written: that is told, and the answer counts', async () => {
    file = join(folder, 'nowhere', 'on-call.json');
    const roster = await started(says(IC));
    await until(() => roster.current() !== undefined);
    expect(warnings).toEqual([expect.stringContaining("can't be written")]);
  });
});
