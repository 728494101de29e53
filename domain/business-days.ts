/**
 * Days as people count them: by the clock on the wall in one place, without weekends and holidays. Times are milliseconds since
 * the epoch. The clock on the wall is written as if it were UTC's, so that days can be reckoned with plain numbers.
 */

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const WHOLE_DAY = 24 * 60;

export interface Calendar {
  /** As the IANA database names it: `Europe/Berlin`. */
  readonly timeZone: string;
  /** Days without business, besides Saturdays and Sundays: `2026-12-25`. */
  readonly holidays: readonly string[];
  /** When business ends, in minutes after midnight. Left out: with the day. */
  readonly until?: number;
}

export function isTimeZone(name: string): boolean {
  return formatOf(name) !== undefined;
}

/** `2026-12-25`, and there is such a day. */
export function isDay(text: string): boolean {
  return (
    /^\d{4}-\d{2}-\d{2}$/.test(text) &&
    !Number.isNaN(Date.parse(`${text}T00:00:00Z`)) &&
    nameOf(Date.parse(`${text}T00:00:00Z`)) === text
  );
}

/** `2026-11-24T03:00:00Z` or `2026-11-24T04:00+01:00`: ISO 8601, with its zone. In milliseconds since the epoch, or nothing. */
export function readMoment(text: string): number | undefined {
  const [, day = '', hour, minute, second = '0', zoneHour = '0', zoneMinute = '0'] = MOMENT.exec(text) ?? [];
  const isOfTheClock =
    Number(hour) < 24 && Number(minute) < 60 && Number(second) < 60 && Number(zoneHour) < 15;
  if (!isDay(day) || !isOfTheClock || Number(zoneMinute) > 59) return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : at;
}

const MOMENT = /^(\d{4}-\d{2}-\d{2})T(\d{2}):(\d{2})(?::(\d{2})(?:\.\d{1,3})?)?(?:Z|[+-](\d{2}):(\d{2}))$/;

/**
 * The end of the n-th business day after the day of `at`, which is not counted itself, whether it is one or not: so the SEC
 * counts (Form 8-K, General Instruction B.1). What happens on a Saturday is four business days old on Thursday, as what happened
 * on the Friday before.
 */
export function endOfBusinessDays(at: number, count: number, calendar: Calendar): number {
  const { timeZone, holidays, until = WHOLE_DAY } = calendar;
  const isBusiness = (day: number) =>
    ![SUNDAY, SATURDAY].includes(new Date(day).getUTCDay()) && !holidays.includes(nameOf(day));
  let day = startOfDay(onTheWall(at, timeZone));
  for (let left = count; left > 0;) {
    day += DAY_MS;
    if (isBusiness(day)) left -= 1;
  }
  return offTheWall(day + until * MINUTE_MS, timeZone);
}

const SUNDAY = 0;
const SATURDAY = 6;

/** The same date and time so many months later; where there is no such date, the last of that month. */
export function monthsLater(at: number, count: number, timeZone: string): number {
  const wall = new Date(onTheWall(at, timeZone));
  const first = Date.UTC(wall.getUTCFullYear(), wall.getUTCMonth() + count, 1);
  const days = (Date.UTC(wall.getUTCFullYear(), wall.getUTCMonth() + count + 1, 1) - first) / DAY_MS;
  const date = Math.min(wall.getUTCDate(), days);
  const timeOfDay = wall.getTime() - startOfDay(wall.getTime());
  return offTheWall(first + (date - 1) * DAY_MS + timeOfDay, timeZone);
}

function startOfDay(wall: number): number {
  return Math.floor(wall / DAY_MS) * DAY_MS;
}

function nameOf(day: number): string {
  return new Date(day).toISOString().slice(0, 10);
}

/**
 * When clocks go forward, some times of the day never come: then the moment at which they would have come, had nobody touched the
 * clock. When they go back, some come twice: then the first, since it is better to be early.
 */
function offTheWall(wall: number, timeZone: string): number {
  const shifts = [-DAY_MS, DAY_MS].map((aDay) => onTheWall(wall + aDay, timeZone) - (wall + aDay));
  const moments = shifts.map((shift) => wall - shift);
  const real = moments.filter((moment) => onTheWall(moment, timeZone) === wall);
  return real.length > 0 ? Math.min(...real) : (moments[0] ?? wall);
}

function onTheWall(at: number, timeZone: string): number {
  // A zone that this machine does not know is no reason for an incident to stop.
  const format = formatOf(timeZone) ?? formatOf('UTC');
  const part: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {};
  for (const { type, value } of format?.formatToParts(at) ?? []) part[type] = Number(value);
  const { year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  const milliseconds = ((at % 1_000) + 1_000) % 1_000;
  return Date.UTC(year, month - 1, day, hour, minute, second, milliseconds);
}

/** One for each zone: to make one takes far longer than to use it, and clocks are looked at after every message. */
const FORMATS = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat | undefined {
  const known = FORMATS.get(timeZone);
  if (known) return known;
  try {
    const format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
    FORMATS.set(timeZone, format);
    return format;
  } catch {
    return undefined;
  }
}
