/**
 * What an incident does about people, in shadow: its page is looked at and climbs until somebody has it, vendors are asked who
 * can see the room, tasks are given and reminded of, and the room is asked for a status. Nobody is called, asked or told.
 */
import { condition } from '@temporalio/workflow';
import type { Company } from '../../domain/company';
import { pacesOf } from '../../domain/paces';
import { lineOf } from '../../domain/people';
import type { Chance } from '../../domain/practice';
import { EMPTY_SCOPE } from '../../domain/scope';
import { audiences, paging, words } from '../incident/activities';
import { unless } from '../incident/break-off';
import { untilDue } from '../incident/due';
import type { Call } from './call';

/** What the shadows of an incident's loops share. */
export interface Practising {
  readonly company: Company;
  readonly chance: Chance;
  readonly call: Call;
  /** How long arguments and answers are as JSON, in characters. */
  readonly size: {
    readonly codename: number;
    readonly page: number;
    readonly room: number;
    readonly people: number;
  };
  /** When its people's messages were taken, in milliseconds since the epoch. */
  readonly decidedAt: readonly number[];
  readonly isOver: () => boolean;
  /** One more thing is written down. */
  readonly note: () => void;
}

/** Of pages: somebody has it by the pager itself, where a look finds that; without a webhook, for example. */
const FOUND_BY_LOOK = 0.15;
/** Of the others: by a door that the pager does not know of, and is told of. */
const TOLD_TO_PAGER = 0.8;
/** Of those: what is decided first is something else. */
const SECOND_THOUGHT = 0.1;

const NOBODY = '[]'.length;
const CALLED = '{"called":true}'.length;
const TRIGGERED = '{"status":"triggered"}'.length;
const ACKNOWLEDGED = '{"status":"acknowledged","by":}'.length;
const QUOTES = 2;

/** As `workflows/incident/paging.ts`: looked at, climbing, and the pager told. `openedAt` in milliseconds since the epoch. */
export async function keepPage(
  { company, chance, call, size, decidedAt, isOver, note }: Practising,
  openedAt: () => number | undefined,
): Promise<void> {
  const line = lineOf({ company, roleChanges: {}, excluded: {}, scope: EMPTY_SCOPE }).map(
    ({ email }) => email,
  );
  const { acknowledgeWithinMs } = pacesOf({ company, paces: {} });
  const looks = chance.happens(FOUND_BY_LOOK) ? chance.between(1, 12) : Infinity;
  const decisions = looks < Infinity ? Infinity : chance.happens(SECOND_THOUGHT) ? 2 : 1;
  const isTold = chance.happens(TOLD_TO_PAGER);
  const by = lengthOf(line[chance.between(0, Math.max(0, Math.min(2, line.length - 1)))]);
  let wasFound = false;
  const somebodyHasIt = () => wasFound || decidedAt.length >= decisions;
  const isWatched = () => openedAt() !== undefined && !somebodyHasIt();
  await Promise.all([callInTurn(), look(), passOn()]);

  async function callInTurn(): Promise<void> {
    // The pager's own schedule rings the primary, who comes first in the line.
    const rung = company.onCall?.people.some(({ as }) => as === 'primary') ? 1 : 0;
    let lastAt: number | undefined;
    const next = () => {
      const since = lastAt ?? openedAt();
      return since === undefined || !isWatched() || line.length === 0
        ? undefined
        : { at: since + acknowledgeWithinMs };
    };
    for (let calls = rung; await untilDue(next, isOver, 'Next call'); calls += 1) {
      const takes = [size.page, lengthOf(line[calls % line.length]), NOBODY];
      await unless(
        () => isOver() || somebodyHasIt(),
        () => call(paging, 'callNext', 'Call the next in line', { takes, gives: CALLED }),
      );
      lastAt = Date.now();
      if (isWatched()) note();
    }
  }

  async function look(): Promise<void> {
    for (let number = 1; ; number += 1) {
      await condition(() => isOver() || isWatched());
      if (isOver()) return;
      const isDone = () => isOver() || !isWatched();
      if (await condition(isDone, company.joinCheckMs, { summary: 'Next look at the page' })) continue;
      const gives = number >= looks ? ACKNOWLEDGED + by : TRIGGERED;
      await call(paging, 'pageState', 'Look at the page', { takes: [size.page, NOBODY], gives });
      if (number < looks) continue;
      wasFound = true;
      note();
    }
  }

  async function passOn(): Promise<void> {
    await condition(() => isOver() || (openedAt() !== undefined && somebodyHasIt()));
    if (!isOver() && !wasFound && isTold)
      await call(paging, 'acknowledgePage', 'Tell the pager', { takes: [size.page, by] });
  }
}

/** Of incidents: somebody wants to know once more who can see them. */
const ASKED_AGAIN = 0.3;

/** As `keepAudience` of `workflows/incident/people.ts`: once everybody is invited, and when somebody wants to know. */
export async function keepAudience(
  { chance, call, size, decidedAt, isOver, note }: Practising,
  areInvited: () => boolean,
): Promise<void> {
  const again = chance.happens(ASKED_AGAIN) ? chance.between(3, 12) : Infinity;
  const owners = Math.round(chance.around(60));
  for (const due of [0, again]) {
    await condition(() => isOver() || (areInvited() && decidedAt.length >= due));
    if (isOver()) return;
    const summary = 'Ask who can see this';
    const gives = '{"members":,"owners":}'.length + size.people + owners;
    await Promise.all([
      call(audiences, 'roomAudience', summary, { takes: [size.room], gives }),
      // Takes nothing that could say how long its answer is to be: the step itself draws that.
      call(paging, 'pageAdministrators', summary, { takes: [] }),
    ]);
    note();
  }
}

interface Given {
  readonly to: string;
  /** After so many messages it is given, begun, and done. */
  readonly since: number;
  readonly begun: number;
  readonly until: number;
  /** Asked or reminded last. */
  toldAt?: number;
  reminders: number;
  escalated: boolean;
  isUnderWay: boolean;
}

/** As in `domain/assignments.ts`. */
const REMINDERS_BEFORE_OTHERS = 2;
const QUIET_PACES = 4;

/** "I am working on it" and "Complete"; and where others are told, "Assign it to me". As JSON, with a codename of 16. */
const TWO_BUTTONS = 162;
const ONE_BUTTON = 78;
const TOLD = '{"told":true}'.length;

/** As `workflows/incident/assignments.ts`. */
export async function keepAssignments({
  company,
  chance,
  call,
  size,
  decidedAt,
  isOver,
  note,
}: Practising): Promise<void> {
  const { remindEveryMs } = pacesOf({ company, paces: {} });
  const all = tasksGiven(company, chance);
  const isCurrent = ({ since, until, isUnderWay }: Given) =>
    decidedAt.length >= since && decidedAt.length < until && !isUnderWay;
  const next = () =>
    all
      .filter(isCurrent)
      .map((given) => ({ given, at: dueAt(given) }))
      .filter(({ at }) => at < Infinity)
      .sort((a, b) => a.at - b.at)[0];
  for (;;) {
    const due = await untilDue(next, isOver, 'Next word about a task');
    if (!due) break;
    due.given.isUnderWay = true;
    void nudge(due.given).then(() => void (due.given.isUnderWay = false));
  }
  await condition(() => !all.some(({ isUnderWay }) => isUnderWay));

  function dueAt({ toldAt, begun }: Given): number {
    if (toldAt === undefined) return 0;
    if (remindEveryMs === 0) return Infinity;
    const quietUntil = (decidedAt[begun - 1] ?? -Infinity) + QUIET_PACES * remindEveryMs;
    return Math.max(quietUntil, toldAt + remindEveryMs);
  }

  async function nudge(given: Given): Promise<void> {
    const isAsked = given.toldAt === undefined;
    const escalates = !isAsked && given.reminders >= REMINDERS_BEFORE_OTHERS && !given.escalated;
    const people = escalates ? overseersOf(company).filter((email) => email !== given.to) : [given.to];
    await Promise.all(people.map((email) => tell(email, escalates ? ONE_BUTTON : TWO_BUTTONS)));
    if (escalates) given.escalated = true;
    else {
      if (!isAsked) given.reminders += 1;
      given.toldAt = Date.now();
    }
    // That somebody was asked is written down with the decision.
    if (!isAsked) note();
  }

  async function tell(email: string, buttons: number): Promise<void> {
    const takes = [lengthOf(email), size.codename + 22, 2 * size.codename + 32, buttons];
    await unless(isOver, () => call(words, 'tellPerson', 'Tell somebody in person', { takes, gives: TOLD }));
  }
}

/** Whoever commands gives some tasks away, mostly early on; some are begun, and all end sooner or later. */
function tasksGiven({ roster }: Pick<Company, 'roster'>, chance: Chance): Given[] {
  const count = roster.length === 0 || chance.happens(0.3) ? 0 : Math.round(chance.around(1.5));
  return Array.from({ length: count }, () => {
    const since = chance.between(2, 10);
    const begun = chance.happens(0.6) ? since + chance.between(1, 3) : Infinity;
    return {
      to: roster[chance.between(0, roster.length - 1)]?.email ?? '',
      since,
      begun,
      until: since + chance.between(2, 8),
      reminders: 0,
      escalated: false,
      isUnderWay: false,
    };
  });
}

function overseersOf({ roster }: Pick<Company, 'roster'>): string[] {
  return roster
    .filter(({ roles }) => roles.includes('incidentCommander') || roles.includes('deputy'))
    .map(({ email }) => email);
}

/** As `keepStatusRequests` of `workflows/incident/housekeeping.ts`: a timer without an activity. */
export async function keepStatusRequests(
  { company, isOver, note }: Practising,
  startedAt: number,
  roomIsOpen: () => boolean,
): Promise<void> {
  const { statusEveryMs } = pacesOf({ company, paces: {} });
  let at = startedAt + statusEveryMs;
  const next = () => (roomIsOpen() && statusEveryMs > 0 ? { at } : undefined);
  while (await untilDue(next, isOver, 'Next request for a status')) {
    note();
    at = Date.now() + statusEveryMs;
  }
}

/** As JSON. */
function lengthOf(email = ''): number {
  return email.length + QUOTES;
}
