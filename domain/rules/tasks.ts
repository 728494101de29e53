/** Tasks: complete, fail, retry, not needed, assign. */
import { blockersOfStep, blockersOfTask, distinctBlockers, isSettled, isWithheld } from '../blockers';
import type { Assignment } from '../assignments';
import { nameTask, nameTasks } from '../attempts';
import { taskOf, type TaskId } from '../checklist';
import type { DecisionInput } from '../decisions';
import type { Blocker } from '../gates';
import type { Incident, TaskState } from '../incident';
import { orderRetry } from '../machine-tasks';
import { addressIn, isExcluded, rolesIn } from '../people';
import { stepOf } from '../steps';
import { accept, notSo, refuse, type Ruling } from './ruling';

export function completeTasks(
  incident: Incident,
  { tasks, by, note }: DecisionInput<'completeTasks'>,
  at: number,
): Ruling {
  const wanted = [...new Set(tasks)];
  const reasons = wanted.flatMap((id) => {
    const task = incident.tasks[id];
    if (isSettled(task)) return [notSo('taskIsOpen', `${nameTask(id)} is settled already`)];
    if (isWithheld(taskOf(id).step, incident))
      return [notSo('stepIsNotWithheld', `step ${stepOf(taskOf(id).step).number} is withheld`)];
    const checked = taskOf(id).by.kind === 'lint' ? [onlyByLint(id)] : [];
    return [...blockersOfTask(id, incident), ...checked];
  });
  if (reasons.length > 0) return refuse(distinctBlockers(reasons));
  return accept(
    set(incident, wanted, { state: 'done', by, at, ...(note !== undefined && { note }) }),
    `completed ${nameTasks(wanted)}`,
  );
}

export function failTask(
  incident: Incident,
  { task, by, cause }: DecisionInput<'failTask'>,
  at: number,
): Ruling {
  if (taskOf(task).by.kind !== 'person')
    return refuse([
      notSo('taskIsAPersons', `${nameTask(task)} is the machine's, which says itself when it fails`),
    ]);
  const reasons = isSettled(incident.tasks[task])
    ? [notSo('taskIsOpen', `${nameTask(task)} is settled already`)]
    : blockersOfTask(task, incident);
  if (reasons.length > 0) return refuse(reasons);
  return accept(
    set(incident, [task], { state: 'failed', by, at, cause }),
    `${nameTask(task)} failed: ${cause}`,
  );
}

export function retryTask(incident: Incident, { task }: DecisionInput<'retryTask'>, at: number): Ruling {
  if (incident.tasks[task].state !== 'failed')
    return refuse([notSo('taskHasFailed', `${nameTask(task)} has not failed`)]);
  const reopened = set(incident, [task], { state: 'open' });
  return accept(orderRetry(reopened, task, at), `ordered another try of ${nameTask(task)}`);
}

export function markNotNeeded(
  incident: Incident,
  { tasks, by, reason }: DecisionInput<'markNotNeeded'>,
  at: number,
): Ruling {
  const wanted = [...new Set(tasks)];
  const reasons = wanted.flatMap((id) => {
    if (isSettled(incident.tasks[id])) return [notSo('taskIsOpen', `${nameTask(id)} is settled already`)];
    const essential = taskOf(id).essential
      ? [
          notSo(
            'taskIsEssential',
            `${nameTask(id)} can't be left out: without it ${stepOf(taskOf(id).step).title.toLowerCase()} has not been done`,
          ),
        ]
      : [];
    // A step that is locked can't be waved through: where it may end without being done, it is withheld, by two people.
    return [...essential, ...blockersOfStep(taskOf(id).step, incident)];
  });
  if (reasons.length > 0) return refuse(distinctBlockers(reasons));
  return accept(
    set(incident, wanted, { state: 'notNeeded', by, at, reason }),
    `marked ${nameTasks(wanted)} as not needed: ${reason}`,
  );
}

export function assignTask(
  incident: Incident,
  { task, to: named, by, minutes }: DecisionInput<'assignTask'>,
  at: number,
): Ruling {
  const to = addressIn(incident, named);
  const reasons: Blocker[] = [];
  if (isSettled(incident.tasks[task]))
    reasons.push(notSo('taskIsOpen', `${nameTask(task)} is settled already`));
  if (isExcluded(to, incident))
    reasons.push(notSo('assigneeIsNotExcluded', `${to} is excluded from the incident`));
  else if (rolesIn(incident, to).length === 0)
    reasons.push(notSo('assigneeIsOnTheRoster', `${to} is not on the roster of the incident`));
  if (reasons.length > 0) return refuse(reasons);
  return accept(
    withAssignment(incident, task, {
      to,
      by,
      at,
      reminders: 0,
      ...(minutes !== undefined && minutes > 0 && { dueAt: at + minutes * 60_000 }),
    }),
    `assigned ${nameTask(task)} to ${to}${minutes ? `, for ${minutes} min` : ''}`,
  );
}

/** Whoever begins a task that is nobody's has it. */
export function startTask(
  incident: Incident,
  { task, by, note }: DecisionInput<'startTask'>,
  at: number,
): Ruling {
  if (isSettled(incident.tasks[task]))
    return refuse([notSo('taskIsOpen', `${nameTask(task)} is settled already`)]);
  if (isWithheld(taskOf(task).step, incident))
    return refuse([notSo('stepIsNotWithheld', `step ${stepOf(taskOf(task).step).number} is withheld`)]);
  const blockers = blockersOfTask(task, incident);
  if (blockers.length > 0) return refuse(blockers);
  const before = incident.assignments[task];
  const theirs =
    before?.to === by
      ? before
      : { to: by, by, at, askedAt: at, ...(before?.dueAt !== undefined && { dueAt: before.dueAt }) };
  return accept(
    withAssignment(incident, task, { ...theirs, startedAt: at, reminders: 0 }),
    `works on ${nameTask(task)}${note === undefined ? '' : `: ${note}`}`,
  );
}

function withAssignment(incident: Incident, task: TaskId, assignment: Assignment): Incident {
  return { ...incident, assignments: { ...incident.assignments, [task]: assignment } };
}

function onlyByLint(id: TaskId): Blocker {
  return notSo(
    'statementPassesItsLint',
    `${nameTask(id)} is checked by the machine when the statement is submitted`,
  );
}

function set(incident: Incident, ids: readonly TaskId[], state: TaskState): Incident {
  return { ...incident, tasks: { ...incident.tasks, ...Object.fromEntries(ids.map((id) => [id, state])) } };
}
