/** Dates in a text, in any form that people write, without a clock and a calendar of the machine's. */
import { bare } from './disguises';

export interface WrittenDate {
  readonly text: string;
  readonly from: number;
  readonly to: number;
  /** Every day that it can mean, as YYYY-MM-DD; none where there is no such day. 11/10/2026 is two. */
  readonly readings: readonly string[];
}

const MONTHS: readonly string[] = [
  'january jan januar jänner janvier janv enero gennaio janeiro januari ledna stycznia',
  'february feb februar feber février févr fevr febrero febbraio fevereiro februari lutego',
  'march mar märz maerz mrz mars marzo março maart marca marts',
  'april apr avril avr abril aprile kwietnia',
  'may mai mayo maggio maio mei maja maj',
  'june jun juni juin junio giugno junho czerwca',
  'july jul juli juillet juil julio luglio julho lipca',
  'august aug août agosto augustus augusti sierpnia',
  'september sept sep septembre septiembre setiembre settembre setembro września',
  'october oct oktober okt octobre octubre ottobre outubro października',
  'november nov novembre noviembre novembro listopada',
  'december dec dezember dez décembre diciembre dicembre dezembro grudnia',
];

const MONTH_OF = new Map(
  MONTHS.flatMap((names, index) =>
    names.split(' ').map((name) => [Array.from(name, bare).join(''), index + 1] as const),
  ),
);

const MONTH = `(?:${[...MONTH_OF.keys()].sort((a, b) => b.length - a.length).join('|')})(?![a-z])\\.?`;
const DAY = '(?<!\\d)\\d{1,2}(?:st|nd|rd|th|er|ste|de|o|a|\\.)?(?!\\d)';
const YEAR = '(?<!\\d)\\d{4}(?!\\d)';
const OF = '(?:(?:of|de|del|di|den|the) )?';
const APART = '[ ,.\\-/]{0,3}';

/** Each form, and how its parts are called. `n` is a day or a month: whichever it can be. */
const FORMS: readonly (readonly [RegExp, string])[] = [
  [/(?<!\d)(\d{4}) ?[-/.] ?(\d{1,2}) ?[-/.] ?(\d{1,2})(?!\d)/g, 'ymd'],
  [/(?<!\d)(\d{4}) ?[年년] ?(\d{1,2}) ?[月월] ?(\d{1,2}) ?[日일]/g, 'ymd'],
  [new RegExp(`(${DAY})${APART}${OF}(${MONTH})${APART}${OF}(${YEAR})`, 'g'), 'dMy'],
  [new RegExp(`(?<![a-z])(${MONTH})${APART}${OF}(${DAY})${APART}${OF}(${YEAR})`, 'g'), 'Mdy'],
  [new RegExp(`(${YEAR})${APART}(${MONTH})${APART}(${DAY})`, 'g'), 'yMd'],
  [/(?<![\d.])(\d{1,2})\. ?(\d{1,2})\. ?(\d{4})(?!\.?\d)/g, 'dmy'],
  [/(?<![\d/])(\d{1,2}) ?\/ ?(\d{1,2}) ?\/ ?(\d{4})(?!\d)/g, 'nny'],
  [/(?<![\d-])(\d{1,2}) ?- ?(\d{1,2}) ?- ?(\d{4})(?!\d)/g, 'nny'],
  [/(?<![\d.])(\d{2})\.(\d{2})\.(\d{2})(?![.\d])/g, 'dmY'],
  [/(?<![\d/])(\d{1,2})\/(\d{1,2})\/(\d{2})(?![/\d])/g, 'nnY'],
  [/(?<![\d-])(20\d\d)([01]\d)([0-3]\d)(?![-\d])/g, 'ymd'],
];

/** Small bare letters, one for each that is written, and where each stands. Dashes and blanks of all kinds are one. */
function level(text: string): { readonly line: string; readonly at: readonly number[] } {
  let line = '';
  const at: number[] = [];
  let index = 0;
  for (const character of text) {
    const plain = /\s/.test(character)
      ? ' '
      : /[\p{Pd}−⁄∕／]/u.test(character)
        ? /[⁄∕／]/.test(character)
          ? '/'
          : '-'
        : bare(character);
    for (const one of plain === ' ' && line.endsWith(' ') ? '' : plain) {
      line += one;
      for (let unit = 0; unit < one.length; unit += 1) at.push(index);
    }
    index += character.length;
  }
  at.push(index);
  return { line, at };
}

export function datesIn(text: string): WrittenDate[] {
  const { line, at } = level(text);
  const found: WrittenDate[] = [];
  const all = FORMS.flatMap(([form, parts]) =>
    Array.from(line.matchAll(form), (match) => ({ match, parts })),
  );
  let behind = 0;
  for (const { match, parts } of all.sort(
    (a, b) => a.match.index - b.match.index || b.match[0].length - a.match[0].length,
  )) {
    const end = match.index + match[0].length;
    if (match.index < behind) continue;
    const readings = readingsOf(match.slice(1), parts);
    // Eight digits in a row may be anything.
    if (readings.length === 0 && /^\d{8}$/.test(match[0])) continue;
    behind = end;
    const [from = 0, to = from] = [at[match.index], at[end]];
    found.push({ text: text.slice(from, to).trim(), from, to, readings });
  }
  return found;
}

function readingsOf(given: readonly string[], parts: string): string[] {
  const part = (name: string) => given[parts.indexOf(name)] ?? '';
  const number = (text: string) => Number(/\d+/.exec(text)?.[0] ?? NaN);
  const year = parts.includes('Y') ? 2000 + number(part('Y')) : number(part('y'));
  if (!parts.startsWith('nn')) {
    const month = parts.includes('M') ? (MONTH_OF.get(part('M').replace('.', '')) ?? 0) : number(part('m'));
    const isSwapped = parts === 'dmy' && month > 12;
    return isSwapped ? dayOf(year, number(part('d')), month) : dayOf(year, month, number(part('d')));
  }
  const [first = 0, second = 0] = given.map(number);
  return [...new Set([...dayOf(year, second, first), ...dayOf(year, first, second)])];
}

function dayOf(year: number, month: number, day: number): string[] {
  return isDay(year, month, day)
    ? [`${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`]
    : [];
}

function isDay(year: number, month: number, day: number): boolean {
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1];
  return year >= 1900 && year < 3000 && days !== undefined && day >= 1 && day <= days;
}

/** Whether that is a day of the calendar, written YYYY-MM-DD. */
export function isCalendarDay(text: string): boolean {
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text) ?? [];
  return day !== undefined && isDay(Number(year), Number(month), Number(day));
}

const ENGLISH = MONTHS.map((names) => {
  const [name = ''] = names.split(' ');
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
});

/** `24 November 2026` */
export function inWords(day: string): string {
  const [year = '', month = '', date = ''] = day.split('-');
  return `${Number(date)} ${ENGLISH[Number(month) - 1] ?? month} ${year}`;
}

const CLOCK =
  /(?<![\d:.])(?:[01]?\d|2[0-4])(?:[:h][0-5]\d(?!\d)|[.:][0-5]\d ?(?:am|pm|a\.m|p\.m|uhr|utc|gmt|hrs|hours|h)(?![a-z])| ?(?:am|pm|a\.m|p\.m|uhr|o.?clock)(?![a-z]))|(?<!\d)(?:[01]\d|2[0-3])[0-5]\d ?(?:utc|gmt|z|hrs|hours|h|cet|cest|est|pst)(?![a-z])|(?<![a-z])(?:noon|midnight)(?![a-z])/;
const DAY_OF_MONTH = new RegExp(
  `${DAY} ${OF}(?:${MONTH})(?![a-z])|(?<![a-z])(?:${MONTH}) ${OF}${DAY}|(?<!\\d)\\d{1,2}\\.\\d{1,2}\\.(?!\\d)`,
);

/** Whether it says when: a time by the clock, or a day, with or without its year. */
export function saysWhen(text: string): boolean {
  const { line } = level(text);
  return (
    CLOCK.test(line) || DAY_OF_MONTH.test(line) || datesIn(text).some(({ readings }) => readings.length > 0)
  );
}
