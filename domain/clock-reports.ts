/** What machines tell of clocks: a warning. It is an entry like every other, so that the room hears of it, and nobody else. */
import { clocksOf, lengthInWords, minuteOf, NO_ADVICE, warnOf, type Clock } from './clocks';
import { MACHINE, type NewEntry } from './entries';
import { hasEnded, type Incident } from './incident';

export interface ClockReport {
  readonly name: 'clockWarned';
  /** Its id. */
  readonly clock: string;
}

export function applyClockReport(
  incident: Incident,
  { clock: id }: ClockReport,
  at: number,
): { incident: Incident; entries: NewEntry[] } {
  const clock = clocksOf(incident).find((one) => one.id === id);
  if (!clock || hasEnded(incident)) return { incident, entries: [] };
  const warned = warnOf(clock, incident, at);
  if (warned === incident) return { incident, entries: [] };
  return {
    incident: warned,
    entries: [
      {
        kind: 'warning',
        by: MACHINE,
        text: `${sentenceOf(clock, incident, at)}; ${NO_ADVICE}`,
        details: { clock: clock.id, dueAt: clock.dueAt },
      },
    ],
  };
}

function sentenceOf({ id, title, dueAt }: Clock, { declaration }: Incident, at: number): string {
  const name = `clock ${id} (${title})`;
  if (dueAt > at)
    return `${name}: ${lengthInWords(dueAt - at)} left, until ${minuteOf(dueAt)}; when it is done: firebreak clock met ${declaration.codename} ${id}`;
  return `${name}: its time passed ${minuteOf(dueAt)}, ${lengthInWords(at - dueAt)} ago, and nobody has said that it is met`;
}

/** What nobody has met when the incident is closed: it kept nobody from that, and there is nobody left to warn. */
export function clocksLeftOpen(incident: Incident): NewEntry[] {
  const open = clocksOf(incident).filter(({ state }) => state !== 'met');
  if (open.length === 0) return [];
  const all = open.map(
    ({ id, state, dueAt }) => `${id} (${state === 'passed' ? 'passed' : 'until'} ${minuteOf(dueAt)})`,
  );
  return [
    {
      kind: 'warning',
      by: MACHINE,
      text: `nobody has met these clocks, and Firebreak warns of them no more: ${all.join(', ')}; ${NO_ADVICE}`,
      details: { clocks: open.map(({ id }) => id) },
    },
  ];
}
