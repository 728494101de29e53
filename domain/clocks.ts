/**
 * Clocks: by when somebody outside may have to be told, by the law, a contract or the checklist itself. They warn the room. They
 * never open or close anything: no gate reads them. None of it is legal advice. Long, since the table quotes the law.
 */
import { isWithheld } from './blockers';
import { endOfBusinessDays, monthsLater } from './business-days';
import { numberOfTask, taskOf, type TaskId } from './checklist';
import { hasEnded, type Incident } from './incident';

/** How long a clock runs. */
export type Period =
  | { readonly ms: number }
  | {
      readonly businessDays: number;
      /** Whose business days: left out, the company's. */
      readonly timeZone?: string;
      /** When its business ends, in minutes after midnight. */
      readonly until?: number;
    }
  | { readonly months: number };

export interface ClockDefinition {
  /** What people call it in commands. */
  readonly id: string;
  /** By whom whoever has to be told what. */
  readonly title: string;
  readonly within: Period;
  /** In the words of the law, with its place. */
  readonly source: string;
  /** What starts it, and from when it is counted here where that is not the same. */
  readonly starts: string;
  /** The clock whose meeting starts it; until then it is counted from that one's end. */
  readonly after?: string;
  /** Done with this task. */
  readonly task?: TaskId;
}

const HOUR_MS = 3_600_000;
const AWARE = 'awareness: of a breach, not of an alert';

export const CLOCKS = {
  statement: {
    title: 'Public statement: released',
    within: { ms: 72 * HOUR_MS },
    source:
      'Checklist, 14: "Release the external communication as soon as possible, preferably within a few days of the compromise. The longer we wait, the worse it will be."',
    starts: 'the compromise itself; counted here as three days from awareness',
    task: 'releaseStatement',
  },
  gdpr: {
    title: 'GDPR: supervisory authority notified',
    within: { ms: 72 * HOUR_MS },
    source:
      'Regulation (EU) 2016/679, Article 33(1): "In the case of a personal data breach, the controller shall without undue delay and, where feasible, not later than 72 hours after having become aware of it, notify the personal data breach to the supervisory authority competent in accordance with Article 55, unless the personal data breach is unlikely to result in a risk to the rights and freedoms of natural persons."',
    starts: AWARE,
  },
  nis2EarlyWarning: {
    title: 'NIS2: early warning sent to the CSIRT or authority',
    within: { ms: 24 * HOUR_MS },
    source:
      'Directive (EU) 2022/2555, Article 23(4)(a): "without undue delay and in any event within 24 hours of becoming aware of the significant incident, an early warning"',
    starts: AWARE,
  },
  nis2Notification: {
    title: 'NIS2: incident notification sent to the CSIRT or authority',
    within: { ms: 72 * HOUR_MS },
    source:
      'Directive (EU) 2022/2555, Article 23(4)(b): "without undue delay and in any event within 72 hours of becoming aware of the significant incident, an incident notification"',
    starts: AWARE,
  },
  nis2Final: {
    title: 'NIS2: final report sent to the CSIRT or authority',
    within: { months: 1 },
    source:
      'Directive (EU) 2022/2555, Article 23(4)(d): "a final report not later than one month after the submission of the incident notification under point (b)"',
    starts: 'the incident notification: when nis2Notification is met; until then counted from its end',
    after: 'nis2Notification',
  },
  sec: {
    title: 'SEC: Form 8-K, Item 1.05 filed',
    // EDGAR takes what comes after 5:30 p.m. in New York as of the next business day (Regulation S-T, Rule 13(a)(2)).
    within: { businessDays: 4, timeZone: 'America/New_York', until: 17 * 60 + 30 },
    source:
      'Form 8-K, General Instruction B.1: "A report pursuant to Item 1.05 is to be filed within four business days after the registrant determines that it has experienced a material cybersecurity incident."',
    starts:
      'not awareness, but the determination that the incident is material, which Firebreak does not know; counted here from awareness, as if it were made at once: too early rather than too late',
  },
  doraInitial: {
    title: 'DORA: initial notification sent to the competent authority',
    within: { ms: 24 * HOUR_MS },
    source:
      'Delegated Regulation (EU) 2025/301, Article 5(1)(a): "as early as possible, but in any case, within four hours from the classification of the ICT-related incident as a major ICT-related incident and no later than 24 hours from the moment the financial entity has become aware of the ICT-related incident"',
    starts:
      'whatever ends first: four hours from the classification as major, which Firebreak does not know, so watch these yourselves; or 24 hours from awareness, which are counted here',
  },
  doraIntermediate: {
    title: 'DORA: intermediate report sent to the competent authority',
    within: { ms: 72 * HOUR_MS },
    source:
      'Delegated Regulation (EU) 2025/301, Article 5(1)(b): "at the latest within 72 hours from the submission of the initial notification, even where the status or the handling of the incident have not changed"',
    starts:
      'not awareness, but the initial notification: when doraInitial is met; until then counted from its end',
    after: 'doraInitial',
  },
  doraFinal: {
    title: 'DORA: final report sent to the competent authority',
    within: { months: 1 },
    source:
      'Delegated Regulation (EU) 2025/301, Article 5(1)(c): "no later than one month after either the submission of the intermediate report", or after the latest updated one',
    starts:
      'not awareness, but the intermediate report: when doraIntermediate is met; until then counted from its end',
    after: 'doraIntermediate',
  },
} as const satisfies Record<string, Omit<ClockDefinition, 'id'>>;

export type ClockId = keyof typeof CLOCKS;

export const CLOCK_IDS = Object.keys(CLOCKS) as ClockId[];

export function clockNamed(id: ClockId): ClockDefinition {
  return { id, ...CLOCKS[id] };
}

/** Those that run for a company, and when they warn. */
export interface Clocks {
  /** A clock that another one starts comes before that one. */
  readonly use: readonly ClockDefinition[];
  /** So long before its end, in ms. That its time has passed is told besides. */
  readonly warnMs: readonly number[];
  /** Days without business: `2026-12-25`. */
  readonly holidays: readonly string[];
}

/** The one sentence that no answer about clocks goes without. */
export const NO_ADVICE = 'not legal advice: ask counsel';

/** What happened to a clock. */
export interface ClockState {
  readonly metAt?: number;
  readonly metBy?: string;
  readonly note?: string;
  /** The warnings that were given: so long before its end, in ms; 0: that its time had passed. */
  readonly warned: readonly number[];
}

/** Since when the company has been aware, where that is not the moment of the declaration. */
export interface Awareness {
  readonly at: number;
  readonly by: string;
  readonly reason: string;
}

export interface Clock extends Pick<ClockDefinition, 'id' | 'title' | 'source' | 'starts'> {
  /** From when it is counted. */
  readonly from: number;
  readonly dueAt: number;
  readonly state: 'running' | 'met' | 'passed';
  readonly metAt?: number;
  readonly metBy?: string;
  readonly note?: string;
}

export type ClockView = Clock;

export interface ClockWarning {
  readonly clock: string;
  /** When it is to be given. */
  readonly at: number;
  readonly kind: 'warning' | 'passed';
}

/** A company that was not told of clocks has none: so an incident of before goes on as it began. */
export function clocksOf(incident: Incident): Clock[] {
  const known = new Map<string, Clock>();
  for (const definition of incident.company.clocks?.use ?? [])
    known.set(definition.id, readClock(definition, known, incident));
  return [...known.values()];
}

function readClock(
  definition: ClockDefinition,
  known: ReadonlyMap<string, Clock>,
  incident: Incident,
): Clock {
  const { id, title, source, starts, within, after } = definition;
  const before = after === undefined ? undefined : known.get(after);
  const from = before?.metAt ?? before?.dueAt ?? awareSince(incident);
  const met = meetingOf(definition, incident);
  return {
    id,
    title,
    source,
    starts,
    from,
    dueAt: endOf(within, from, incident),
    state: met ? 'met' : stateOf(id, incident).warned.includes(0) ? 'passed' : 'running',
    ...met,
  };
}

/** By a person's word, or with its task. A task that nobody needs, or that is withheld, ends its clock too. */
function meetingOf(
  { id, task }: ClockDefinition,
  incident: Incident,
): Pick<Clock, 'metAt' | 'metBy' | 'note'> | undefined {
  const { metAt, metBy, note } = stateOf(id, incident);
  if (metAt !== undefined)
    return { metAt, ...(metBy !== undefined && { metBy }), ...(note !== undefined && { note }) };
  if (task === undefined) return undefined;
  const settled = incident.tasks[task];
  const name = `task ${numberOfTask(task)}`;
  if (settled.state === 'done') return { metAt: settled.at, metBy: settled.by, note: `${name} is done` };
  if (settled.state === 'notNeeded')
    return { metAt: settled.at, metBy: settled.by, note: `${name} is not needed: ${settled.reason}` };
  const { step } = taskOf(task);
  const last = incident.withholding[step]?.at(-1);
  return last && isWithheld(step, incident)
    ? { metAt: last.at, metBy: last.by, note: `${name} is withheld: ${last.reason}` }
    : undefined;
}

function endOf(within: Period, from: number, { company }: Incident): number {
  const ours = company.communication?.timeZone ?? 'UTC';
  if ('ms' in within) return from + within.ms;
  if ('months' in within) return monthsLater(from, within.months, ours);
  const { businessDays, timeZone = ours, until } = within;
  return endOfBusinessDays(from, businessDays, {
    timeZone,
    holidays: company.clocks?.holidays ?? [],
    ...(until !== undefined && { until }),
  });
}

/** Whoever declares is aware; before that, only if somebody says so. */
export function awareSince({ awareness, declaration }: Incident): number {
  return awareness?.at ?? declaration.at;
}

function stateOf(id: string, { clockStates }: Incident): ClockState {
  return Object.hasOwn(clockStates, id) ? (clockStates[id] ?? UNTOUCHED) : UNTOUCHED;
}

const UNTOUCHED: ClockState = { warned: [] };

/** By its id, in whatever letters. */
export function findClock(id: string, incident: Incident): Clock | undefined {
  return clocksOf(incident).find((clock) => clock.id.toLowerCase() === id.toLowerCase());
}

/** What the room is to be told next. Nothing of a clock that is met, and nothing once the incident has ended. */
export function nextClockWarning(incident: Incident): ClockWarning | undefined {
  if (hasEnded(incident)) return undefined;
  return clocksOf(incident)
    .filter(({ state }) => state !== 'met')
    .flatMap(({ id, dueAt }) =>
      warningsBefore(incident)
        .filter((lead) => !stateOf(id, incident).warned.includes(lead))
        .map((lead) => ({
          clock: id,
          at: dueAt - lead,
          kind: lead === 0 ? ('passed' as const) : ('warning' as const),
        })),
    )
    .sort((a, b) => a.at - b.at)[0];
}

function warningsBefore({ company }: Incident): number[] {
  return [...new Set([...(company.clocks?.warnMs ?? []), 0])];
}

/**
 * The incident in which every warning of this clock that is due by now was given, as one: whatever came due while nobody looked,
 * or before the incident began, is told once, and says what is left now. The same incident where none is due.
 */
export function warnOf(clock: Clock, incident: Incident, at: number): Incident {
  const { warned, ...state } = stateOf(clock.id, incident);
  const due = warningsBefore(incident).filter((lead) => clock.dueAt - lead <= at);
  if (clock.state === 'met' || due.every((lead) => warned.includes(lead))) return incident;
  return withState(incident, clock.id, { ...state, warned: [...new Set([...warned, ...due])] });
}

export function meet(clock: Clock, by: string, note: string, incident: Incident, at: number): Incident {
  const { warned } = stateOf(clock.id, incident);
  return moved(withState(incident, clock.id, { metAt: at, metBy: by, note, warned }), at);
}

/** Without the word of whoever met it: it runs again, unless its task has met it, and warns of what is still to come. */
export function reopen(clock: Clock, incident: Incident, at: number): Incident {
  const { warned } = stateOf(clock.id, incident);
  return moved(withState(incident, clock.id, { warned }), at);
}

export function awareFrom(awareness: Awareness, incident: Incident, at: number): Incident {
  return moved({ ...incident, awareness }, at);
}

/** A clock that ends later than it did warns anew; what has been told and would be due by now all the same is not told again. */
function moved(incident: Incident, at: number): Incident {
  return clocksOf(incident).reduce((now, { id, dueAt }) => {
    const { warned, ...state } = stateOf(id, now);
    const kept = warned.filter((lead) => dueAt - lead <= at);
    return kept.length === warned.length ? now : withState(now, id, { ...state, warned: kept });
  }, incident);
}

function withState(incident: Incident, id: string, state: ClockState): Incident {
  return { ...incident, clockStates: { ...incident.clockStates, [id]: state } };
}

export function viewOfClocks(incident: Incident): ClockView[] {
  return clocksOf(incident);
}

/** For the pinned message and the current details: by when, not how long still, since nobody writes them anew every minute. */
export function clockLines(incident: Incident): string[] {
  if (hasEnded(incident)) return [];
  const open = clocksOf(incident).filter(({ state }) => state !== 'met');
  if (open.length === 0) return [];
  return [
    ...open.map(({ id, title, dueAt, state }) =>
      state === 'passed'
        ? `- Clock \`${id}\` (${title}): **passed** ${minuteOf(dueAt)}`
        : `- Clock \`${id}\` (${title}): until ${minuteOf(dueAt)}`,
    ),
    `- Clocks are ${NO_ADVICE}`,
  ];
}

/** "2026-11-27 03:00 UTC" */
export function minuteOf(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** "23 h 30 min". To the nearest minute: a timer that goes off a moment late still says "24 h". */
export function lengthInWords(ms: number): string {
  const minutes = Math.max(0, Math.round(ms / 60_000));
  const two = (count: number, unit: string, rest: number, smaller: string) =>
    `${count} ${unit}${rest > 0 ? ` ${rest} ${smaller}` : ''}`;
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48
    ? two(hours, 'h', minutes % 60, 'min')
    : two(Math.floor(hours / 24), 'days', hours % 24, 'h');
}
