/** Days as people count them: weekends, holidays, time zones, and clocks that are put forward and back. */
import fc from 'fast-check';
import { endOfBusinessDays, isDay, isTimeZone, monthsLater, readMoment } from '../../domain/business-days';

const at = (text: string) => Date.parse(text);
const iso = (moment: number) => new Date(moment).toISOString().replace('.000Z', 'Z');

/** As the SEC takes filings. */
const SEC = { timeZone: 'America/New_York', until: 17 * 60 + 30, holidays: [] };

describe('four business days of the SEC', () => {
  test.each([
    ['a Monday', '2026-11-02T15:00:00Z', '2026-11-06T22:30:00Z'],
    ['a Tuesday: over the weekend', '2026-11-03T15:00:00Z', '2026-11-09T22:30:00Z'],
    ['a Friday', '2026-11-06T15:00:00Z', '2026-11-12T22:30:00Z'],
    ['a Saturday, as the Friday before', '2026-11-07T15:00:00Z', '2026-11-12T22:30:00Z'],
    ['a Sunday, as well', '2026-11-08T15:00:00Z', '2026-11-12T22:30:00Z'],
    ['late in the evening there, the next morning elsewhere', '2026-11-03T03:00:00Z', '2026-11-06T22:30:00Z'],
    ['before clocks go forward', '2026-03-05T15:00:00Z', '2026-03-11T21:30:00Z'],
    ['before clocks go back', '2026-10-29T15:00:00Z', '2026-11-04T22:30:00Z'],
    ['over a year', '2026-12-30T15:00:00Z', '2027-01-05T22:30:00Z'],
  ])('from %s', (_, from, due) => {
    expect(iso(endOfBusinessDays(at(from), 4, SEC))).toBe(due);
  });

  test.each([
    ['in the middle', ['2026-11-26'], '2026-11-24T15:00:00Z', '2026-12-01T22:30:00Z'],
    ['at the weekend costs no day', ['2026-11-28'], '2026-11-24T15:00:00Z', '2026-11-30T22:30:00Z'],
    ['on which it happens', ['2026-11-26'], '2026-11-26T15:00:00Z', '2026-12-02T22:30:00Z'],
    [
      'several on end',
      ['2026-12-24', '2026-12-25', '2026-12-28'],
      '2026-12-23T15:00:00Z',
      '2027-01-01T22:30:00Z',
    ],
    [
      'there, while it is another day in Greenwich',
      ['2026-11-26'],
      '2026-11-27T03:00:00Z',
      '2026-12-02T22:30:00Z',
    ],
  ])('with a holiday %s', (_, holidays, from, due) => {
    expect(iso(endOfBusinessDays(at(from), 4, { ...SEC, holidays }))).toBe(due);
  });
});

describe('the end of a business day', () => {
  test.each([
    ['UTC', 1, '2026-11-24T03:00:00Z', '2026-11-26T00:00:00Z'],
    ['Europe/Berlin', 1, '2026-03-26T12:00:00Z', '2026-03-27T23:00:00Z'],
    // Summer time begins on the Sunday between.
    ['Europe/Berlin', 2, '2026-03-26T12:00:00Z', '2026-03-30T22:00:00Z'],
    ['Europe/Berlin', 2, '2026-10-22T12:00:00Z', '2026-10-26T23:00:00Z'],
    // It is Wednesday there already.
    ['Pacific/Auckland', 1, '2026-11-24T20:00:00Z', '2026-11-26T11:00:00Z'],
    ['Pacific/Honolulu', 1, '2026-11-25T05:00:00Z', '2026-11-26T10:00:00Z'],
    ['Asia/Kolkata', 1, '2026-11-24T03:00:00Z', '2026-11-25T18:30:00Z'],
    // The Friday after it begins at one o'clock.
    ['Africa/Cairo', 1, '2026-04-22T10:00:00Z', '2026-04-23T22:00:00Z'],
    // An hour of it comes twice.
    ['Africa/Cairo', 1, '2026-10-28T10:00:00Z', '2026-10-29T22:00:00Z'],
  ])('in %s, %i days on', (timeZone, count, from, due) => {
    expect(iso(endOfBusinessDays(at(from), count, { timeZone, holidays: [] }))).toBe(due);
  });

  test('in a place that this machine does not know is that of UTC', () => {
    const from = at('2026-11-24T03:00:00Z');
    expect(isTimeZone('Mars/Olympus')).toBe(false);
    expect(isTimeZone('Europe/Berlin')).toBe(true);
    expect(endOfBusinessDays(from, 1, { timeZone: 'Mars/Olympus', holidays: [] })).toBe(
      endOfBusinessDays(from, 1, { timeZone: 'UTC', holidays: [] }),
    );
  });

  const NAMES = new Map<string, Intl.DateTimeFormat>();
  const namesIn = (timeZone: string) => {
    const known = NAMES.get(timeZone) ?? new Intl.DateTimeFormat('en-US', { timeZone, dateStyle: 'full' });
    NAMES.set(timeZone, known);
    return known;
  };
  const zones = fc.constantFrom(
    'UTC',
    'America/New_York',
    'Europe/Berlin',
    'Asia/Tokyo',
    'Australia/Lord_Howe',
  );
  const moments = fc.integer({ min: at('2020-01-01T00:00:00Z'), max: at('2035-01-01T00:00:00Z') });

  test('comes after so many days that are no weekend there, and never earlier for what happens later', () => {
    fc.assert(
      fc.property(moments, fc.integer({ min: 1, max: 30 }), zones, (from, count, timeZone) => {
        const calendar = { timeZone, holidays: [] };
        const due = endOfBusinessDays(from, count, calendar);
        // Told by another way: the name of each day, looked at every few hours.
        const names = namesIn(timeZone);
        const days = new Set<string>();
        for (let moment = from; moment < due; moment += 4 * 3_600_000) days.add(names.format(moment));
        const last = names.format(due - 1);
        days.add(last);
        days.delete(names.format(from));
        expect(last).not.toMatch(/^(Saturday|Sunday)/);
        expect(names.format(due)).not.toBe(last);
        expect([...days].filter((day) => !/^(Saturday|Sunday)/.test(day))).toHaveLength(count);
        expect(endOfBusinessDays(from + 60_000, count, calendar)).toBeGreaterThanOrEqual(due);
        expect(endOfBusinessDays(from, count + 1, calendar)).toBeGreaterThan(due);
      }),
      { numRuns: 60 },
    );
  });
});

test.each([
  ['UTC', 1, '2026-11-24T03:00:00Z', '2026-12-24T03:00:00Z'],
  ['UTC', 1, '2027-01-31T03:00:00Z', '2027-02-28T03:00:00Z'],
  ['UTC', 1, '2028-01-31T03:00:00Z', '2028-02-29T03:00:00Z'],
  ['UTC', 3, '2026-11-30T23:59:59Z', '2027-02-28T23:59:59Z'],
  // The same time on the wall, in winter and in summer.
  ['Europe/Berlin', 1, '2026-03-10T08:00:00Z', '2026-04-10T07:00:00Z'],
  // Half past two, which does not come on that day.
  ['America/New_York', 1, '2026-02-08T07:30:00Z', '2026-03-08T07:30:00Z'],
  // Half past one, which comes twice on that day: the first.
  ['America/New_York', 1, '2026-10-01T05:30:00Z', '2026-11-01T05:30:00Z'],
])('in %s, %i months after %s it is %s', (timeZone, count, from, then) => {
  expect(iso(monthsLater(at(from), count, timeZone))).toBe(then);
});

test.each([
  ['2026-12-25', true],
  ['2028-02-29', true],
  ['2026-02-29', false],
  ['2026-02-30', false],
  ['2026-13-01', false],
  ['2026-1-1', false],
  ['25.12.2026', false],
  ['', false],
])('"%s" is a day: %s', (text, is) => {
  expect(isDay(text)).toBe(is);
});

test.each([
  ['2026-11-24T03:00:00Z', '2026-11-24T03:00:00Z'],
  ['2026-11-24T03:00Z', '2026-11-24T03:00:00Z'],
  ['2026-11-24T04:00:00.000+01:00', '2026-11-24T03:00:00Z'],
  ['2026-11-23T22:00-05:00', '2026-11-24T03:00:00Z'],
])('%s is a moment', (text, moment) => {
  expect(readMoment(text)).toBe(at(moment));
});

test.each([
  '2026-11-24T03:00:00',
  '2026-11-24',
  '2026-11-24 03:00Z',
  '2026-02-30T03:00Z',
  '2026-11-24T24:00Z',
  '2026-11-24T03:60Z',
  '2026-11-24T03:00+25:00',
  '2026-11-24T03:00+01:75',
  '2026-11-24T03:00CET',
  'yesterday',
  '',
])('"%s" is no moment: of what zone it is must be said', (text) => {
  expect(readMoment(text)).toBeUndefined();
});
