/** Tasks given to people: who is asked, reminded, and about whom others are told. */
import { blockersOfTask, isSettled, isWithheld } from './blockers';
import { TASK_IDS, taskOf, type TaskId } from './checklist';
import { hasEnded, type Incident } from './incident';
import { pacesOf } from './paces';
import { rolesIn } from './people';

export interface Assignment {
  readonly to: string;
  readonly by: string;
  readonly at: number;
  /** The end of its time box. */
  readonly dueAt?: number;
  /** Asked in person, or in vain. */
  readonly askedAt?: number;
  /** The assignee said last: I am working on it. */
  readonly startedAt?: number;
  readonly remindedAt?: number;
  /** Since it was given or last begun. */
  readonly reminders: number;
  readonly escalatedAt?: number;
}

export type Nudge = 'ask' | 'remind' | 'escalate';

export interface Due {
  readonly task: TaskId;
  readonly to: string;
  readonly nudge: Nudge;
  readonly at: number;
}

/** After so many reminders without a word, others are told. */
const REMINDERS_BEFORE_OTHERS = 2;
/** Whoever works on it is left alone for so many paces. */
const QUIET_PACES = 4;

/** What people are to be told of their tasks, the earliest first. Nothing once the task is settled or the incident has ended. */
export function dueOfAssignments(incident: Incident): Due[] {
  if (hasEnded(incident)) return [];
  return TASK_IDS.flatMap((task) => {
    const assignment = incident.assignments[task];
    const isOver = isSettled(incident.tasks[task]) || isWithheld(taskOf(task).step, incident);
    if (!assignment || isOver || rolesIn(incident, assignment.to).length === 0) return [];
    const next = nextOf(assignment, pacesOf(incident).remindEveryMs);
    // Nobody is reminded of what can't be done yet.
    const isLocked = blockersOfTask(task, incident).length > 0;
    return next && (next.nudge === 'ask' || !isLocked) ? [{ task, to: assignment.to, ...next }] : [];
  }).sort((a, b) => a.at - b.at);
}

function nextOf(assignment: Assignment, everyMs: number): { nudge: Nudge; at: number } | undefined {
  const { at, dueAt, askedAt, startedAt, remindedAt, reminders, escalatedAt } = assignment;
  if (askedAt === undefined) return { nudge: 'ask', at };
  // Also of whoever said once to be working on it, and nothing since.
  const isLate = reminders >= REMINDERS_BEFORE_OTHERS;
  const escalation: { nudge: Nudge; at: number }[] =
    escalatedAt !== undefined
      ? []
      : [
          ...(dueAt === undefined ? [] : [{ nudge: 'escalate' as const, at: dueAt }]),
          ...(isLate && everyMs > 0
            ? [{ nudge: 'escalate' as const, at: (remindedAt ?? at) + everyMs }]
            : []),
        ];
  const quietUntil = startedAt === undefined ? 0 : startedAt + QUIET_PACES * everyMs;
  const reminder: { nudge: Nudge; at: number }[] =
    everyMs > 0
      ? [{ nudge: 'remind', at: Math.max(quietUntil, (remindedAt ?? Math.max(at, askedAt)) + everyMs) }]
      : [];
  // At the same moment, others are told first.
  return [...escalation, ...reminder].sort((a, b) => a.at - b.at)[0];
}

export function afterNudge(assignment: Assignment, nudge: Nudge, at: number): Assignment {
  switch (nudge) {
    case 'ask':
      return { ...assignment, askedAt: at };
    case 'remind':
      return { ...assignment, remindedAt: at, reminders: assignment.reminders + 1 };
    case 'escalate':
      return { ...assignment, escalatedAt: at };
  }
}
