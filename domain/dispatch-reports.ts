/** What machines tell of messages on their way out, and what follows from it. */
import { MACHINE, type NewEntry } from './entries';
import { customersOf } from './contacts';
import type { Incident, TaskState } from './incident';
import { isSettled } from './blockers';
import type { TaskId } from './checklist';
import {
  afterFailure,
  dispatchesOf,
  findDispatch,
  nameContent,
  withDispatch,
  type Content,
  type Dispatch,
} from './outbox';
import { pass } from './outgoing';

export type DispatchReport =
  | { readonly name: 'dispatchStarted'; readonly id: string }
  | { readonly name: 'dispatchSent'; readonly id: string; readonly note?: string }
  /** `isFinal`: it is for a person to say what becomes of it. */
  | {
      readonly name: 'dispatchFailed';
      readonly id: string;
      readonly cause: string;
      readonly isFinal: boolean;
    };

interface Applied {
  readonly incident: Incident;
  readonly entries: NewEntry[];
}

export function applyDispatchReport(incident: Incident, report: DispatchReport, at: number): Applied {
  const dispatch = findDispatch(report.id, incident);
  if (!dispatch) return { incident, entries: [] };
  switch (report.name) {
    case 'dispatchStarted':
      return {
        incident: withDispatch(incident, { ...dispatch, state: 'sending', attempt: dispatch.attempt + 1 }),
        entries: [],
      };
    case 'dispatchSent':
      return applySent(incident, dispatch, report.note, at);
    case 'dispatchFailed':
      return applyFailure(incident, dispatch, report, at);
  }
}

function applySent(incident: Incident, dispatch: Dispatch, note: string | undefined, at: number): Applied {
  const { cause: _cause, nextTryAt: _next, ...sent } = dispatch;
  const after = followUp(
    withDispatch(incident, { ...sent, state: 'sent', sentAt: at }),
    dispatch.content,
    at,
  );
  const text = `${dispatch.id}: sent: ${nameContent(dispatch.content)}${note === undefined ? '' : `; ${note}`}`;
  return {
    incident: after,
    entries: [
      { kind: 'effect', by: MACHINE, text, details: { message: dispatch.id, content: dispatch.content } },
    ],
  };
}

/** The same failure again is told at the 2nd, 4th, 8th … attempt only, as with effects. */
function applyFailure(
  incident: Incident,
  dispatch: Dispatch,
  { cause, isFinal }: Extract<DispatchReport, { name: 'dispatchFailed' }>,
  at: number,
): Applied {
  const failed = afterFailure(dispatch, cause, isFinal, at);
  const isTold = isFinal || dispatch.cause !== cause || Number.isInteger(Math.log2(dispatch.attempt));
  const wait = Math.round(((failed.nextTryAt ?? at) - at) / 1_000);
  const then = isFinal
    ? 'look, then "messages retry" or "messages drop"'
    : `tried again in ${wait} s, or now by "messages retry"`;
  return {
    incident: withDispatch(incident, failed),
    entries: isTold
      ? [
          {
            kind: 'failure',
            by: MACHINE,
            text: `${dispatch.id}: failed (${cause}): ${nameContent(dispatch.content)}; ${then}`,
            details: { message: dispatch.id, cause },
          },
        ]
      : [],
  };
}

const NOTE_TASKS: readonly TaskId[] = ['keepDetailsOut', 'overviewTimeline', 'discussMitigation'];

/** A customer is reached by the mail; the note and the statement are out when every channel has them. */
function followUp(incident: Incident, content: Content, at: number): Incident {
  switch (content.kind) {
    case 'note':
      return noteIsOut(incident, content.version, at);
    case 'customer':
      return customersAreReached(
        {
          ...incident,
          reached: {
            ...incident.reached,
            [content.party]: { outcome: 'reached', how: 'by encrypted mail', by: MACHINE, at },
          },
        },
        at,
      );
    case 'public':
      return isOut(incident, 'public', content.version)
        ? done(incident, ['releaseStatement'], at, `version ${content.version} is public`)
        : incident;
    case 'mail':
    case 'sms':
      return incident;
  }
}

/** The last channel that had it not was given up: it is out by the others. */
export function followDrop(incident: Incident, { content }: Dispatch, at: number): Incident {
  switch (content.kind) {
    case 'note':
    case 'public':
      return followUp(incident, content, at);
    case 'mail':
    case 'sms':
    case 'customer':
      return incident;
  }
}

function noteIsOut(incident: Incident, version: number, at: number): Incident {
  const { note } = incident;
  if (!isOut(incident, 'note', version) || note?.version !== version) return incident;
  // A note after one that went out is the word that was promised.
  const tasks: readonly TaskId[] = note.promised ? [...NOTE_TASKS, 'followUp'] : NOTE_TASKS;
  return done(
    { ...incident, note: { ...note, sentAt: at } },
    tasks,
    at,
    `version ${version} of the note is sent`,
  );
}

function isOut(incident: Incident, kind: 'note' | 'public', version: number): boolean {
  const all = dispatchesOf(incident).filter(
    ({ content, state }) => content.kind === kind && content.version === version && state !== 'dropped',
  );
  return all.length > 0 && all.every(({ state }) => state === 'sent');
}

/** Also after a person has recorded the last of them. */
export function customersAreReached(incident: Incident, at: number): Incident {
  const customers = customersOf(incident);
  const outcomes = customers.map(({ id }) => incident.reached[id]?.outcome);
  if (customers.length === 0 || outcomes.some((one) => one === undefined)) return incident;
  const reached = outcomes.filter((one) => one === 'reached').length;
  return done(
    incident,
    ['tellCustomersSecurityTeams'],
    at,
    `${reached} of ${customers.length} reached${reached === customers.length ? '' : '; of the others it is recorded why not'}`,
  );
}

/** What somebody has settled already stays as they said. */
function done(incident: Incident, tasks: readonly TaskId[], at: number, note: string): Incident {
  const open = tasks.filter((id) => !isSettled(incident.tasks[id]));
  const state: TaskState = { state: 'done', by: MACHINE, at, note };
  return {
    ...incident,
    tasks: { ...incident.tasks, ...Object.fromEntries(open.map((id) => [id, state])) },
  };
}

/** What was ordered and may not go out any more is stopped: it does not resume by itself. */
export function stopWhatIsClosed(incident: Incident, at: number): Applied {
  let after = incident;
  const entries: NewEntry[] = [];
  for (const dispatch of dispatchesOf(incident)) {
    if (dispatch.state !== 'waiting' && !(dispatch.state === 'failed' && dispatch.nextTryAt !== undefined))
      continue;
    const passed = pass(dispatch.content, after, at);
    if (passed.ok) continue;
    const cause = passed.blockers.map(({ reason }) => reason).join('; ');
    const { nextTryAt: _next, ...rest } = dispatch;
    after = withDispatch(after, { ...rest, state: 'stopped', cause });
    entries.push({
      kind: 'gate',
      by: MACHINE,
      text: `${dispatch.id} is stopped (${nameContent(dispatch.content)}): ${cause}`,
      details: { message: dispatch.id },
    });
  }
  return { incident: after, entries };
}
