/** Clocks: that one is met, and since when the company has been aware. What is said here opens and closes nothing. */
import { readMoment } from '../business-days';
import { awareFrom, clocksOf, findClock, lengthInWords, meet, minuteOf, NO_ADVICE, reopen } from '../clocks';
import type { DecisionInput } from '../decisions';
import type { Incident } from '../incident';
import { accept, notSo, refuse, type Ruling } from './ruling';

/** Longer before the declaration than this, it is a typing error. */
const MOST_DAYS_BEFORE = 90;

/** "Notified on …": it warns no longer. */
export function meetClock(
  incident: Incident,
  { clock: id, note, by }: DecisionInput<'meetClock'>,
  at: number,
): Ruling {
  const clock = findClock(id, incident);
  if (!clock) return refuse([notSo('clockRuns', `no clock of that name runs; ${runningClocks(incident)}`)]);
  const { metAt, metBy, dueAt } = clock;
  if (metAt !== undefined)
    return refuse([
      notSo(
        'clockIsNotMet',
        `the clock ${clock.id} is met already, ${minuteOf(metAt)} by ${metBy ?? 'somebody'}`,
      ),
    ]);
  const margin =
    at <= dueAt
      ? `${lengthInWords(dueAt - at)} before its end`
      : `${lengthInWords(at - dueAt)} after its end`;
  return accept(
    meet(clock, by, note, incident, at),
    `said that the clock ${clock.id} is met, ${margin} — ${note}`,
  );
}

/** What was met by a person's word. A clock that its task has met runs again with that task alone. */
export function reopenClock(
  incident: Incident,
  { clock: id, reason }: DecisionInput<'reopenClock'>,
  at: number,
): Ruling {
  const clock = findClock(id, incident);
  if (!clock)
    return refuse([notSo('clockIsKnown', `no clock of that name runs; ${runningClocks(incident)}`)]);
  if (clock.state !== 'met')
    return refuse([notSo('clockIsMet', `the clock ${clock.id} is not met: it runs`)]);
  const after = reopen(clock, incident, at);
  const now = findClock(id, after);
  if (now?.state === 'met')
    return refuse([
      notSo('clockIsMetByWord', `the clock ${clock.id} is met by what was done: ${now.note ?? 'its task'}`),
    ]);
  return accept(
    after,
    `said that the clock ${clock.id} is not met after all, and runs ${clock.dueAt > at ? 'until' : 'since it passed'} ${minuteOf(clock.dueAt)} — ${reason}`,
  );
}

/** All clocks move with it, but those that are met. */
export function setAwareness(
  incident: Incident,
  { at: since, reason, by }: DecisionInput<'setAwareness'>,
  at: number,
): Ruling {
  const moment = readMoment(since);
  if (moment === undefined)
    return refuse([
      notSo('momentIsOne', 'a time with its zone is needed, such as 2026-11-24T03:00:00Z (ISO 8601)'),
    ]);
  if (moment > at)
    return refuse([notSo('momentIsPast', `${minuteOf(moment)} is still to come: it is ${minuteOf(at)}`)]);
  const earliest = incident.declaration.at - MOST_DAYS_BEFORE * 86_400_000;
  if (moment < earliest)
    return refuse([
      notSo(
        'momentIsNear',
        `${minuteOf(moment)} is more than ${MOST_DAYS_BEFORE} days before the declaration`,
      ),
    ]);
  const after = awareFrom({ at: moment, by, reason }, incident, at);
  const ends = clocksOf(after)
    .filter(({ state }) => state !== 'met')
    .map(({ id, dueAt }) => `${id} ${dueAt > at ? 'until' : 'passed'} ${minuteOf(dueAt)}`);
  return accept(
    after,
    [
      `said that the company was aware since ${minuteOf(moment)} — ${reason}`,
      ...(ends.length > 0 ? [`clocks: ${ends.join(', ')} (${NO_ADVICE})`] : []),
    ].join('; '),
  );
}

function runningClocks(incident: Incident): string {
  const all = clocksOf(incident);
  const running = all.filter(({ state }) => state !== 'met').map(({ id }) => id);
  if (all.length === 0) return 'none is configured (clocks in firebreak.yaml)';
  return running.length === 0 ? 'all are met' : `those that run: ${running.join(', ')}`;
}
