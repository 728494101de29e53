/** What `clocks` prints, and how a time is typed. */
import { readMoment } from '../../domain/business-days';
import { lengthInWords, NO_ADVICE, type ClockView } from '../../domain/clocks';
import { hasEnded } from '../../domain/incident';
import { timeOf } from '../../domain/markdown';
import type { ChecklistView } from '../../domain/view';
import { table } from './table';

/** Said with every answer. */
export const COUNSEL = `${NO_ADVICE[0]?.toUpperCase()}${NO_ADVICE.slice(1)}.`;

/** So wide are the columns of longer texts, in characters. */
const WIDE = 40;

export function clocksDocument({ codename, clocks }: ChecklistView) {
  return { codename, clocks, advice: COUNSEL };
}

export function formatClocks(view: ChecklistView, now: number): string {
  const { codename, clocks } = view;
  if (clocks.length === 0)
    return [`No clock runs for ${codename}: none is configured (clocks in firebreak.yaml).`, COUNSEL].join(
      '\n',
    );
  const froms = [...new Set(clocks.map(({ from }) => from))];
  return [
    table(
      ['clock', 'due', 'left', 'state', 'source'],
      clocks.map((clock) => [
        clock.id,
        timeOf(clock.dueAt),
        leftOf(clock, now),
        stateOf(clock, now),
        wrapped(placeOf(clock), WIDE),
      ]),
    ),
    ...clocks.map(
      ({ id, title, source, starts }) => `${id}: ${title}\n      ${source}\n      Starts: ${starts}`,
    ),
    ...froms.map(
      (from) =>
        `Counted from ${timeOf(from)}: ${clocks
          .filter((clock) => clock.from === from)
          .map(({ id }) => id)
          .join(', ')}`,
    ),
    ...(hasEnded(view) ? ['The incident has ended: of these, nobody is warned any more.'] : []),
    COUNSEL,
  ].join('\n');
}

function leftOf({ dueAt, state }: ClockView, now: number): string {
  if (state === 'met') return '';
  return dueAt > now ? lengthInWords(dueAt - now) : `${lengthInWords(now - dueAt)} past`;
}

/** Whether its time has passed is told by the clock here: the incident may not have looked yet. */
function stateOf({ state, dueAt, metAt, metBy, note }: ClockView, now: number): string {
  if (state === 'met')
    return [
      `met ${timeOf(metAt ?? dueAt)}${metBy === undefined ? '' : ` by ${metBy}`}`,
      ...(metAt !== undefined && metAt > dueAt ? [`${lengthInWords(metAt - dueAt)} after its end`] : []),
      ...(note === undefined ? [] : [note]),
    ]
      .map((text) => wrapped(text, WIDE))
      .join('\n');
  return state === 'passed' || dueAt <= now ? 'PASSED' : 'running';
}

/** Where the law or the contract says so; its words come below the table. */
function placeOf({ source }: ClockView): string {
  return source.split(/[:,]? "/)[0] ?? source;
}

/** Between words. */
function wrapped(text: string, width: number): string {
  return text.split(/\s+/).reduce((lines, word) => {
    const last = lines.slice(lines.lastIndexOf('\n') + 1);
    return last === ''
      ? lines + word
      : `${lines}${last.length + 1 + word.length > width ? '\n' : ' '}${word}`;
  }, '');
}

const UNITS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;

/** `2026-11-24T03:00:00Z`, or `2 hours ago`; as ISO 8601 in UTC. A placeholder where it is neither: then there is a problem. */
export function readSince(typed: string, now: number, problems: string[]): string {
  const [, count, unit] = /^(\d{1,5}) (minute|hour|day)s? ago$/i.exec(typed.trim()) ?? [];
  const ago = Number(count) * UNITS[(unit ?? 'day').toLowerCase() as keyof typeof UNITS];
  const at = unit === undefined ? readMoment(typed.trim()) : now - ago;
  if (at === undefined)
    problems.push(
      `TIME "${typed}": a time with its zone is needed, such as 2026-11-24T03:00:00Z or 2026-11-24T04:00+01:00; or how long ago, such as "2 hours ago"`,
    );
  return new Date(at ?? now).toISOString();
}
