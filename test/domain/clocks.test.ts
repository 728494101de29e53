/** Clocks count from awareness, warn the room in time, and open or close nothing. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { blockersOfClose, blockersOfStep, blockersOfTask } from '../../domain/blockers';
import { TASK_IDS } from '../../domain/checklist';
import {
  clockLines,
  clockNamed,
  clocksOf,
  CLOCK_IDS,
  CLOCKS,
  findClock,
  lengthInWords,
  nextClockWarning,
  NO_ADVICE,
  viewOfClocks,
  type ClockDefinition,
  type Clocks,
} from '../../domain/clocks';
import type { Communication } from '../../domain/communication';
import { decide, report } from '../../domain/decide';
import { parseDecision, type Decision } from '../../domain/decisions';
import { blockersOfEffect, EFFECT_IDS } from '../../domain/effects';
import type { Incident } from '../../domain/incident';
import { effectIsWanted } from '../../domain/machine-tasks';
import { STEP_IDS } from '../../domain/steps';
import { viewOf } from '../../domain/view';
import {
  after,
  assembled,
  attempt,
  close,
  closed,
  COUNSEL,
  declared,
  everythingSettled,
  EXECUTIVE,
  IC,
  lastEntry,
  ONE_OF_EACH,
  reasonsAgainst,
  responding,
  SECURITY,
  STATES,
  stoodDown,
  THREE_AM,
  withhold,
} from '../support/incidents';

const ROOT = join(__dirname, '..', '..');
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const WARN: readonly number[] = [24 * HOUR, 4 * HOUR];

const OWN: ClockDefinition = {
  id: 'contract-one',
  title: 'Customer One told',
  within: { businessDays: 2 },
  source: 'Contract One, 7.3: "within two business days"',
  starts: 'counted from awareness',
};

const using = (...use: (keyof typeof CLOCKS | ClockDefinition)[]): Clocks => ({
  use: use.map((one) => (typeof one === 'string' ? clockNamed(one) : one)),
  warnMs: WARN,
  holidays: [],
});
const COMMUNICATION: Communication = {
  domains: ['example.com'],
  groups: {},
  keys: {},
  mail: false,
  sms: false,
  inside: [],
  public: [],
  contacts: [],
  customers: [],
  timeZone: 'UTC',
};
const ALL = using(...CLOCK_IDS, OWN);

const withClocks = (clocks: Clocks) => declared({ company: { clocks } });
const met = (clock: string, by = COUNSEL): Decision => ({
  name: 'meetClock',
  by,
  clock,
  note: 'filed, number 17',
});
const aware = (at: string, by = COUNSEL): Decision => ({
  name: 'setAwareness',
  by,
  at,
  reason: 'the first alert was read then',
});
const iso = (moment: number) => new Date(moment).toISOString().replace('.000Z', 'Z');
const dueOf = (incident: Incident) =>
  Object.fromEntries(clocksOf(incident).map(({ id, dueAt }) => [id, iso(dueAt)]));

/** The incident after a decision at that time. */
function decided(incident: Incident, decision: Decision, at: number): Incident {
  const { incident: next, outcome } = decide(incident, decision, at);
  if (!outcome.accepted) throw new Error(outcome.reasons.map(({ reason }) => reason).join('; '));
  return next;
}

/** Time passes, and the room is told whatever is due, each at its time. */
function untilThen(incident: Incident, then: number, from = THREE_AM): Incident {
  for (let now = incident; ;) {
    const next = nextClockWarning(now);
    if (!next || next.at > then) return now;
    now = report(now, { name: 'clockWarned', clock: next.clock }, Math.max(next.at, from));
  }
}

const warnings = ({ entries }: Incident) =>
  entries.filter(({ text }) => text.startsWith('clock ')).map(({ at, text }) => [iso(at), text] as const);

describe('when each ends', () => {
  test('as the law, the contract or the checklist says, from the declaration', () => {
    // THREE_AM is Tuesday the 24th, and still Monday in New York.
    expect(dueOf(withClocks(ALL))).toEqual({
      statement: '2026-11-27T03:00:00Z',
      gdpr: '2026-11-27T03:00:00Z',
      nis2EarlyWarning: '2026-11-25T03:00:00Z',
      nis2Notification: '2026-11-27T03:00:00Z',
      nis2Final: '2026-12-27T03:00:00Z',
      sec: '2026-11-27T22:30:00Z',
      doraInitial: '2026-11-25T03:00:00Z',
      doraIntermediate: '2026-11-28T03:00:00Z',
      doraFinal: '2026-12-28T03:00:00Z',
      'contract-one': '2026-11-27T00:00:00Z',
    });
  });

  test('holidays and the time zone are the company’s', () => {
    const clocks = { ...using('sec', OWN), holidays: ['2026-11-26'] };
    expect(dueOf(withClocks(clocks))).toEqual({
      sec: '2026-11-30T22:30:00Z',
      'contract-one': '2026-11-28T00:00:00Z',
    });
    const inBerlin = declared({
      company: { clocks, communication: { ...COMMUNICATION, timeZone: 'Europe/Berlin' } },
    });
    expect(dueOf(inBerlin)).toEqual({ sec: '2026-11-30T22:30:00Z', 'contract-one': '2026-11-27T23:00:00Z' });
  });

  test('a report that follows another is counted from that one, as soon as it is made', () => {
    const begun = withClocks(ALL);
    const early = decided(begun, met('doraInitial'), THREE_AM + 2 * HOUR);
    expect(dueOf(early)).toMatchObject({
      doraIntermediate: '2026-11-27T05:00:00Z',
      doraFinal: '2026-12-27T05:00:00Z',
    });
    const late = decided(begun, met('doraInitial'), THREE_AM + 30 * HOUR);
    expect(dueOf(late)).toMatchObject({ doraIntermediate: '2026-11-28T09:00:00Z' });
  });

  test('a company that was told of none has none', () => {
    expect(clocksOf(declared())).toEqual([]);
    expect(nextClockWarning(declared())).toBeUndefined();
    expect(clockLines(declared())).toEqual([]);
  });

  test.each(Object.entries(CLOCKS))('%s quotes its source, and says what starts it', (id, clock) => {
    expect(clock.source).toMatch(
      /^(Checklist|Regulation|Directive|Form 8-K|Delegated Regulation)[^"]*: "[^"]{30,}"/,
    );
    const countsFromAwareness = ['gdpr', 'nis2EarlyWarning', 'nis2Notification'].includes(id);
    expect(clock.starts.startsWith('awareness')).toBe(countsFromAwareness);
    if (!countsFromAwareness) expect(clock.starts).toMatch(/counted (here|from)|are counted here/);
  });

  test('the seed’s own sentence is in the seed', () => {
    const seed = readFileSync(join(ROOT, 'docs', 'seed', 'security-incident-response.md'), 'utf8');
    const [, sentence = ''] = /"([^"]+)"/.exec(CLOCKS.statement.source) ?? [];
    expect(seed).toContain(sentence);
  });

  test('docs/clocks.md has every clock with its source', () => {
    const document = readFileSync(join(ROOT, 'docs', 'clocks.md'), 'utf8').replaceAll(/\n>? ?/g, ' ');
    for (const [id, { source }] of Object.entries(CLOCKS)) {
      expect(document).toContain(`\`${id}\``);
      for (const [, quoted = ''] of source.matchAll(/"([^"]+)"/g)) expect(document).toContain(quoted);
    }
    expect(document).toContain('not legal advice');
  });
});

describe('warnings', () => {
  test('come at their times, each once, and say what is left and that counsel is to be asked', () => {
    const told = untilThen(withClocks(using('gdpr')), THREE_AM + 30 * DAY);
    expect(warnings(told)).toEqual([
      [
        '2026-11-26T03:00:00Z',
        `clock gdpr (GDPR: supervisory authority notified): 24 h left, until 2026-11-27 03:00 UTC; when it is done: firebreak clock met sapphire-unicorn gdpr; ${NO_ADVICE}`,
      ],
      [
        '2026-11-26T23:00:00Z',
        `clock gdpr (GDPR: supervisory authority notified): 4 h left, until 2026-11-27 03:00 UTC; when it is done: firebreak clock met sapphire-unicorn gdpr; ${NO_ADVICE}`,
      ],
      [
        '2026-11-27T03:00:00Z',
        `clock gdpr (GDPR: supervisory authority notified): its time passed 2026-11-27 03:00 UTC, 0 min ago, and nobody has said that it is met; ${NO_ADVICE}`,
      ],
    ]);
    expect(lastEntry(told)).toMatchObject({ kind: 'warning', by: 'firebreak', details: { clock: 'gdpr' } });
    expect(viewOfClocks(told)).toMatchObject([{ id: 'gdpr', state: 'passed' }]);
  });

  test('the earliest of all clocks is the next', () => {
    const incident = withClocks(using('gdpr', 'doraInitial'));
    expect(nextClockWarning(incident)).toEqual({ clock: 'doraInitial', at: THREE_AM, kind: 'warning' });
    const told = untilThen(incident, THREE_AM + 26 * HOUR);
    expect(nextClockWarning(told)).toEqual({ clock: 'gdpr', at: THREE_AM + 48 * HOUR, kind: 'warning' });
    expect(warnings(told).map(([, text]) => text.split(' ')[1])).toEqual(Array(3).fill('doraInitial'));
  });

  test('whose moments were over before the incident began are told once, with what is left', () => {
    const hours = { ...OWN, within: { ms: 3 * HOUR } };
    const told = untilThen(withClocks(using(hours)), THREE_AM + HOUR);
    expect(warnings(told)).toEqual([[iso(THREE_AM), expect.stringContaining(': 3 h left')]]);
    expect(nextClockWarning(told)).toMatchObject({ at: THREE_AM + 3 * HOUR, kind: 'passed' });
  });

  test('that came due while nobody looked are told once', () => {
    const incident = withClocks(using('gdpr'));
    const once = report(incident, { name: 'clockWarned', clock: 'gdpr' }, THREE_AM + 70 * HOUR);
    expect(warnings(once)).toEqual([[expect.anything(), expect.stringContaining(': 2 h left')]]);
    expect(nextClockWarning(once)).toMatchObject({ kind: 'passed' });
    const late = report(incident, { name: 'clockWarned', clock: 'gdpr' }, THREE_AM + 80 * HOUR);
    expect(warnings(late)).toEqual([[expect.anything(), expect.stringContaining('8 h ago, and nobody')]]);
    expect(nextClockWarning(late)).toBeUndefined();
  });

  test('are not given before their time, of an unknown clock, or twice', () => {
    const incident = withClocks(using('gdpr'));
    const early = report(incident, { name: 'clockWarned', clock: 'gdpr' }, THREE_AM + HOUR);
    const unknown = report(incident, { name: 'clockWarned', clock: 'toString' }, THREE_AM + 80 * HOUR);
    expect([warnings(early), warnings(unknown)]).toEqual([[], []]);
    const told = report(incident, { name: 'clockWarned', clock: 'gdpr' }, THREE_AM + 80 * HOUR);
    expect(report(told, { name: 'clockWarned', clock: 'gdpr' }, THREE_AM + 90 * HOUR)).toEqual(told);
  });

  test.each([
    ['closed', closed()],
    ['stood down', stoodDown()],
  ])('there are none once the incident is %s', (_, ended) => {
    const incident = { ...ended, company: { ...ended.company, clocks: ALL } };
    expect(nextClockWarning(incident)).toBeUndefined();
    expect(clockLines(incident)).toEqual([]);
    expect(report(incident, { name: 'clockWarned', clock: 'gdpr' }, THREE_AM + 90 * DAY)).toEqual(incident);
  });
});

describe('a clock that is met', () => {
  test('warns no longer, and says who met it when', () => {
    const incident = decided(withClocks(using('gdpr')), met('GDPR', IC), THREE_AM + 50 * HOUR);
    expect(lastEntry(incident).text).toBe(
      'said that the clock gdpr is met, 22 h before its end — filed, number 17',
    );
    expect(viewOfClocks(incident)).toMatchObject([
      { state: 'met', metAt: THREE_AM + 50 * HOUR, metBy: IC, note: 'filed, number 17' },
    ]);
    expect(nextClockWarning(incident)).toBeUndefined();
    expect(warnings(report(incident, { name: 'clockWarned', clock: 'gdpr' }, THREE_AM + 90 * HOUR))).toEqual(
      [],
    );
    expect(clockLines(incident)).toEqual([]);
  });

  test('too late is said to be late', () => {
    const passed = untilThen(withClocks(using('gdpr')), THREE_AM + 73 * HOUR);
    const incident = decided(passed, met('gdpr'), THREE_AM + 75 * HOUR);
    expect(lastEntry(incident).text).toContain('is met, 3 h after its end');
    expect(viewOfClocks(incident)[0]?.state).toBe('met');
  });

  test('is met once, exists, and is for legal counsel or the incident commander to say', () => {
    const incident = withClocks(using('gdpr', 'statement'));
    expect(reasonsAgainst(incident, met('nis2Final'))).toBe(
      'no clock of that name runs; those that run: gdpr, statement',
    );
    const once = after(incident, met('gdpr'));
    expect(reasonsAgainst(once, met('gdpr', IC))).toMatch(
      /^the clock gdpr is met already, 2026-11-24 03:\d\d UTC by counsel@example\.com$/,
    );
    expect(reasonsAgainst(once, met('x'))).toContain('those that run: statement');
    expect(reasonsAgainst(declared(), met('gdpr'))).toContain('none is configured');
    expect(reasonsAgainst(after(once, met('statement')), met('x'))).toContain('all are met');
    for (const by of [SECURITY, EXECUTIVE])
      expect(reasonsAgainst(incident, met('gdpr', by))).toBe(
        'it is for legal counsel or the incident commander to decide',
      );
  });

  test('by mistake runs and warns again, of what is still to come', () => {
    const reopened = (by: string): Decision => ({
      name: 'reopenClock',
      by,
      clock: 'GDPR',
      reason: 'of another incident',
    });
    const incident = withClocks(using('gdpr'));
    const warned = untilThen(incident, THREE_AM + 49 * HOUR);
    expect(warnings(warned)).toHaveLength(1);
    const again = decided(after(warned, met('gdpr')), reopened(IC), THREE_AM + 50 * HOUR);
    expect(lastEntry(again).text).toBe(
      'said that the clock gdpr is not met after all, and runs until 2026-11-27 03:00 UTC — of another incident',
    );
    expect(viewOfClocks(again)).toEqual(viewOfClocks(warned));
    expect(nextClockWarning(again)).toEqual({ clock: 'gdpr', at: THREE_AM + 68 * HOUR, kind: 'warning' });

    expect(reasonsAgainst(incident, reopened(IC))).toBe('the clock gdpr is not met: it runs');
    expect(reasonsAgainst(after(incident, met('gdpr')), reopened(SECURITY))).toBe(
      'it is for legal counsel or the incident commander to decide',
    );
    expect(reasonsAgainst(withClocks(using('sec')), reopened(IC))).toContain('those that run: sec');
  });

  test('by its task is not reopened by a word', () => {
    const settled = everythingSettled();
    const incident = { ...settled, company: { ...settled.company, clocks: using('statement') } };
    const reopen: Decision = { name: 'reopenClock', by: IC, clock: 'statement', reason: 'x' };
    expect(reasonsAgainst(incident, reopen)).toMatch(
      /^the clock statement is met by what was done: task 14\.7 is done$/,
    );
  });

  test('by nobody is named once the incident is closed, and keeps nobody from it', () => {
    const settled = everythingSettled();
    const incident = {
      ...settled,
      company: { ...settled.company, clocks: using('statement', 'gdpr', 'sec') },
    };
    const left = after(incident, met('sec'), close());
    expect(left.phase.name).toBe('closed');
    expect(lastEntry(left)).toMatchObject({
      kind: 'warning',
      text: `nobody has met these clocks, and Firebreak warns of them no more: gdpr (until 2026-11-27 03:00 UTC); ${NO_ADVICE}`,
    });
    expect(lastEntry(after(incident, met('sec'), met('gdpr'), close())).text).toBe('closed the incident');
  });

  test('is the statement’s, as soon as it is released, not needed or withheld', () => {
    const incident = { ...responding(), company: { ...responding().company, clocks: using('statement') } };
    expect(clocksOf(incident)).toMatchObject([{ state: 'running' }]);
    const released: Incident = {
      ...incident,
      tasks: { ...incident.tasks, releaseStatement: { state: 'done', by: 'firebreak', at: THREE_AM + HOUR } },
    };
    expect(clocksOf(released)).toMatchObject([{ state: 'met', metAt: THREE_AM + HOUR, metBy: 'firebreak' }]);
    const half = after(incident, withhold(IC, 'externalCommunication'));
    expect(clocksOf(half)).toMatchObject([{ state: 'running' }]);
    const withheld = after(half, withhold(COUNSEL, 'externalCommunication'));
    expect(clocksOf(withheld)).toMatchObject([{ state: 'met', note: expect.stringContaining('withheld') }]);
    expect(nextClockWarning(withheld)).toBeUndefined();
    expect(reasonsAgainst(withheld, met('statement'))).toContain('met already');
  });
});

describe('awareness', () => {
  test('moves every clock that is not met, and names when they end', () => {
    const incident = after(withClocks(using('gdpr', 'nis2EarlyWarning', 'sec')), met('nis2EarlyWarning'));
    const moved = after(incident, aware('2026-11-23T20:00:00+01:00'));
    expect(lastEntry(moved).text).toBe(
      `said that the company was aware since 2026-11-23 19:00 UTC — the first alert was read then; clocks: gdpr until 2026-11-26 19:00 UTC, sec until 2026-11-27 22:30 UTC (${NO_ADVICE})`,
    );
    expect(moved.awareness).toMatchObject({ at: Date.parse('2026-11-23T19:00Z'), by: COUNSEL });
    expect(viewOf(moved).clocks).toMatchObject([
      { from: Date.parse('2026-11-23T19:00Z') },
      { state: 'met' },
      { state: 'running' },
    ]);
  });

  test('further back: what is due by now is told at once, and as one', () => {
    const incident = withClocks(using('gdpr'));
    const at = THREE_AM + 10 * HOUR;
    const moved = decided(incident, aware(iso(at - 70 * HOUR)), at);
    const told = untilThen(moved, at, at);
    expect(warnings(told)).toEqual([[iso(at), expect.stringContaining(': 2 h left')]]);
    // It has passed before anybody said so.
    const passed = decided(incident, aware(iso(at - 80 * HOUR)), at);
    expect(lastEntry(passed).text).toContain('gdpr passed 2026-11-24 05:00 UTC');
    expect(warnings(untilThen(passed, at, at))).toEqual([[iso(at), expect.stringContaining('8 h ago')]]);
  });

  test('what has been told is told anew only where it comes to be due anew', () => {
    const told = untilThen(withClocks(using('gdpr')), THREE_AM + 69 * HOUR);
    expect(warnings(told)).toHaveLength(2);
    // Five hours less: both warnings were given.
    const back = decided(told, aware(iso(THREE_AM - 2 * HOUR)), THREE_AM + 69 * HOUR);
    expect(nextClockWarning(back)).toMatchObject({ kind: 'passed', at: THREE_AM + 70 * HOUR });
    // Ten hours more: the second comes again, the first does not.
    const later = decided(told, aware(iso(THREE_AM + 10 * HOUR)), THREE_AM + 69 * HOUR);
    expect(nextClockWarning(later)).toMatchObject({ kind: 'warning', at: THREE_AM + 78 * HOUR });
    expect(warnings(untilThen(later, THREE_AM + 100 * HOUR)).slice(2)).toEqual([
      [iso(THREE_AM + 78 * HOUR), expect.stringContaining(': 4 h left')],
      [iso(THREE_AM + 82 * HOUR), expect.stringContaining('its time passed')],
    ]);
    // One that has passed runs again.
    const passed = untilThen(told, THREE_AM + 73 * HOUR);
    const again = decided(passed, aware(iso(THREE_AM + 72 * HOUR)), THREE_AM + 74 * HOUR);
    expect(clocksOf(again)).toMatchObject([{ state: 'running' }]);
  });

  test('a report that follows another warns anew when that one is made later than it had to be', () => {
    const told = untilThen(withClocks(using('doraInitial', 'doraIntermediate')), THREE_AM + 93 * HOUR);
    const later = decided(told, met('doraInitial'), THREE_AM + 93 * HOUR);
    expect(nextClockWarning(later)).toEqual({
      clock: 'doraIntermediate',
      at: THREE_AM + (93 + 72 - 24) * HOUR,
      kind: 'warning',
    });
  });

  test.each([
    ['2026-11-24T03:02:00Z', /is still to come: it is 2026-11-24 03:01 UTC/],
    ['2026-08-25T03:00:00Z', /more than 90 days before the declaration/],
  ])('is neither in the future nor long ago: %s', (at, why) => {
    expect(reasonsAgainst(withClocks(using('gdpr')), aware(at))).toMatch(why);
  });

  test('90 days before, and this very moment, are taken', () => {
    const incident = withClocks(using('gdpr'));
    for (const at of ['2026-08-26T03:00:00Z', '2026-11-24T03:01:00Z'])
      expect(attempt(incident, aware(at)).outcome.accepted).toBe(true);
  });

  test('without its zone it is no moment, and without a role nobody’s to set', () => {
    for (const at of ['2026-11-24T03:00:00', 'yesterday', 7])
      expect(parseDecision('setAwareness', { by: IC, at, reason: 'so' })).toMatchObject({ ok: false });
    expect(reasonsAgainst(withClocks(ALL), aware('2026-11-24T24:00Z'))).toContain('with its zone is needed');
    expect(reasonsAgainst(withClocks(ALL), aware('2026-11-24T03:00Z', SECURITY))).toContain('to decide');
  });

  test('counts also where no clock runs yet', () => {
    expect(after(declared(), aware('2026-11-23T03:00Z')).awareness?.at).toBe(THREE_AM - DAY);
  });
});

test('the pinned message names what runs, what has passed, and that it is no advice', () => {
  const incident = untilThen(withClocks(using('gdpr', 'nis2EarlyWarning')), THREE_AM + 30 * HOUR);
  expect(clockLines(incident)).toEqual([
    '- Clock `gdpr` (GDPR: supervisory authority notified): until 2026-11-27 03:00 UTC',
    '- Clock `nis2EarlyWarning` (NIS2: early warning sent to the CSIRT or authority): **passed** 2026-11-25 03:00 UTC',
    `- Clocks are ${NO_ADVICE}`,
  ]);
});

test.each([
  [0, '0 min'],
  [59 * 60_000, '59 min'],
  [HOUR, '1 h'],
  [24 * HOUR - 40, '24 h'],
  [23.5 * HOUR, '23 h 30 min'],
  [47 * HOUR, '47 h'],
  [50 * HOUR, '2 days 2 h'],
  [-HOUR, '0 min'],
])('%i ms are %s', (ms, words) => {
  expect(lengthInWords(ms)).toBe(words);
});

test('whatever happens when: nothing is told early, twice, of what is met, or without its last sentence', () => {
  const leads = new Set([...WARN, 0]);
  const step = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constant('time' as const), hours: fc.integer({ min: 1, max: 60 }) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('met' as const), clock: fc.constantFrom(...CLOCK_IDS) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('aware' as const), hours: fc.integer({ min: -90, max: 90 }) }),
    },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      let incident = withClocks(ALL);
      let now = THREE_AM;
      /** By clock, since it last moved: what was told. */
      const told = new Map<string, Set<number>>();
      const tellDue = () => {
        for (
          let next = nextClockWarning(incident);
          next && next.at <= now;
          next = nextClockWarning(incident)
        ) {
          const clock = findClock(next.clock, incident);
          if (!clock || clock.state === 'met') throw new Error(`${next.clock} is told of and is met`);
          const before = incident.entries.length;
          incident = report(incident, { name: 'clockWarned', clock: next.clock }, now);
          expect(incident.entries).toHaveLength(before + 1);
          expect(lastEntry(incident).text.endsWith(NO_ADVICE)).toBe(true);
          const known = told.get(clock.id) ?? new Set();
          const due = [...leads].filter((lead) => clock.dueAt - lead <= now);
          expect(due.some((lead) => !known.has(lead))).toBe(true);
          told.set(clock.id, new Set([...known, ...due]));
        }
      };
      for (const one of steps) {
        tellDue();
        if (one.kind === 'time') now += one.hours * HOUR;
        else {
          const decision =
            one.kind === 'met' ? met(one.clock) : aware(iso(Math.min(now, THREE_AM + one.hours * HOUR)));
          ({ incident } = decide(incident, decision, now));
          for (const { id, dueAt } of clocksOf(incident))
            told.set(id, new Set([...(told.get(id) ?? [])].filter((lead) => dueAt - lead <= now)));
        }
      }
      tellDue();
      // Whatever is not met and over is said to be.
      for (const { dueAt, state } of clocksOf(incident)) if (dueAt <= now) expect(state).not.toBe('running');
    }),
    { numRuns: 50 },
  );
});

describe('no clock opens or closes anything', () => {
  const moments = fc.integer({ min: THREE_AM - 90 * DAY, max: THREE_AM + 90 * DAY });
  const states = fc.dictionary(
    fc.constantFrom(...CLOCK_IDS, OWN.id),
    fc.record(
      { metAt: moments, metBy: fc.constant(IC), warned: fc.subarray([...WARN, 0]) },
      { requiredKeys: ['warned'] },
    ),
  );
  /** The same in all but its clocks: whatever they say. */
  const variants = fc
    .record({ states, awareness: fc.option(moments) })
    .map(({ states: clockStates, awareness }) => (incident: Incident): Incident => ({
      ...incident,
      company: { ...incident.company, clocks: ALL },
      clockStates,
      ...(awareness !== null && { awareness: { at: awareness, by: IC, reason: 'so it was' } }),
    }));
  const judged = (incident: Incident) => ({
    steps: STEP_IDS.map((id) => blockersOfStep(id, incident)),
    tasks: TASK_IDS.map((id) => blockersOfTask(id, incident)),
    close: blockersOfClose(incident),
    effects: EFFECT_IDS.map((id) => [blockersOfEffect(id, incident), effectIsWanted(id, incident)]),
    decisions: ONE_OF_EACH.filter(
      ({ name }) => !['meetClock', 'reopenClock', 'setAwareness'].includes(name),
    ).map((decision) => attempt(incident, decision).outcome),
    requests: viewOf(incident).requests,
  });

  test('in no state, whatever they show, is there a gate, a task, an effect or a decision that they change', () => {
    const expected = STATES.map(([, incident]) => judged(incident));
    fc.assert(
      fc.property(variants, fc.integer({ min: 0, max: STATES.length - 1 }), (vary, index) => {
        const [name, incident] = STATES[index] ?? ['declared', declared()];
        expect([name, judged(vary(incident))]).toEqual([name, expected[index]]);
      }),
      { numRuns: 30 },
    );
  });

  test('meeting a clock, setting awareness and being warned change nothing but clocks and entries', () => {
    const incident = { ...assembled(), company: { ...assembled().company, clocks: ALL } };
    const changes = (next: Incident) =>
      Object.keys(next).filter(
        (key) => !isDeepStrictEqual(next[key as keyof Incident], incident[key as keyof Incident]),
      );
    expect(changes(after(incident, met('gdpr'))).sort()).toEqual(['clockStates', 'entries']);
    expect(changes(after(incident, aware('2026-11-23T03:00Z'))).sort()).toEqual(['awareness', 'entries']);
    const late = report(incident, { name: 'clockWarned', clock: 'gdpr' }, THREE_AM + 90 * HOUR);
    expect(changes(late).sort()).toEqual(['clockStates', 'entries']);
  });

  test('only what shows or keeps them names them in the source', () => {
    const KEEP_THEM = [
      'activities/nothing',
      'domain/authority.ts',
      'domain/attempts.ts',
      'domain/clock-reports.ts',
      'domain/clocks.ts',
      'domain/company.ts',
      'domain/decide.ts',
      'domain/decisions.ts',
      'domain/incident.ts',
      'domain/markdown.ts',
      'domain/reports.ts',
      'domain/rules/clocks.ts',
      'domain/view.ts',
      'workflows/incident/clocks.ts',
      'workflows/incident/incident.ts',
      'workflows/practice/clocks.ts',
      'workflows/practice/practise.ts',
    ];
    const naming = ['domain', 'workflows', 'activities']
      .flatMap((folder) =>
        readdirSync(join(ROOT, folder), { recursive: true }).map((file) => join(folder, String(file))),
      )
      .filter((file) => file.endsWith('.ts'))
      .filter((file) =>
        /clock(?:States|sOf|s\b|-reports)['"]?|awareness|\/clocks?['"]/.test(code(join(ROOT, file))),
      );
    expect(naming.filter((file) => !KEEP_THEM.includes(file))).toEqual([]);
    expect(naming).toContain('domain/rules/clocks.ts');
  });
});

/** Without comments: what people read may speak of clocks. */
function code(file: string): string {
  return readFileSync(file, 'utf8')
    .replaceAll(/\/\*[\s\S]*?\*\//g, '')
    .replaceAll(/^\s*\/\/.*$/gm, '');
}
