/** Why a step, a task or the end of the incident is locked. Everybody asks here: there is no second copy of a rule. */
import { taskOf, tasksOfStep, TASK_IDS, type TaskId } from './checklist';
import { failingOf, type Containment } from './containment';
import { MACHINE } from './entries';
import { blockersOf, type Blocker } from './gates';
import type { Incident, TaskState } from './incident';
import { tasksOfKind } from './machine-tasks';
import { dispatchesOf, isPending, nameContent } from './outbox';
import { STEP_IDS, stepOf, type StepId } from './steps';

export function blockersOfStep(id: StepId, incident: Incident): Blocker[] {
  return blockersOf(stepOf(id).opensWhen, incident);
}

export function blockersOfTask(id: TaskId, incident: Incident): Blocker[] {
  const { step, opensWhen } = taskOf(id);
  return [...blockersOfStep(step, incident), ...blockersOf(opensWhen ?? [], incident)];
}

export type StepState = 'locked' | 'open' | 'done' | 'notNeeded' | 'withheld';

/** Nothing more has to happen for the task. Done in doubt is not settled. */
export function isSettled(task: TaskState): boolean {
  return task.state === 'notNeeded' || (task.state === 'done' && !task.inDoubt);
}

/** Both have said so: the incident commander and legal counsel. */
export function isWithheld(id: StepId, { withholding }: Incident): boolean {
  return (withholding[id]?.length ?? 0) === 2;
}

export function stateOfStep(id: StepId, incident: Incident): StepState {
  if (isWithheld(id, incident)) return 'withheld';
  const tasks = tasksOfStep(id);
  const unsettled = tasks.filter((task) => !isSettled(incident.tasks[task]));
  if (unsettled.length === 0)
    return tasks.every((task) => incident.tasks[task].state === 'notNeeded') ? 'notNeeded' : 'done';
  return unsettled.every((task) => blockersOfTask(task, incident).length > 0) ? 'locked' : 'open';
}

/** "every step is done, not needed or withheld" */
export function blockersOfClose(incident: Incident): Blocker[] {
  const blockers: Blocker[] = [];
  if (incident.phase.name === 'assessing')
    blockers.push({
      gate: 'responseIsDetermined',
      reason: 'the incident commander has made no determination: respond, or stand down',
    });
  for (const id of STEP_IDS) {
    const state = stateOfStep(id, incident);
    if (state !== 'locked' && state !== 'open') continue;
    const open = tasksOfStep(id).filter((task) => !isSettled(incident.tasks[task])).length;
    blockers.push({
      gate: 'stepIsSettled',
      reason: `step ${stepOf(id).number} (${stepOf(id).title}) has ${open} ${open === 1 ? 'task' : 'tasks'} open`,
    });
  }
  const running = Object.values(incident.containments).filter(
    (one) => isAtWork(one, incident) || (one.release && one.release.doneAt === undefined),
  ).length;
  const waiting = Object.values(incident.containments).filter(({ status }) => status === 'awaitingApproval');
  for (const { target } of waiting)
    blockers.push({
      gate: 'containmentIsDecided',
      reason: `containment of ${target.id} waits for approval: approve or refuse contain:${target.id}`,
    });
  for (const { id, content, state } of dispatchesOf(incident).filter(isPending))
    blockers.push({
      gate: 'messageIsOut',
      reason: `${id} (${nameContent(content)}) is ${state}: wait for it, try it again, or drop it`,
    });
  if (running > 0)
    blockers.push({
      gate: 'containmentHasEnded',
      reason: `the containment or release of ${running} ${running === 1 ? 'thing' : 'things'} is under way`,
    });
  return blockers;
}

/** Somebody waits for it still. Not for what fails where every task of its kind is settled: a secret rotated by hand, say. */
export function isAtWork(containment: Containment, { tasks }: Incident): boolean {
  const { status, target } = containment;
  if (status !== 'running') return false;
  return (
    failingOf(containment).length === 0 || !tasksOfKind(target.kind).every((task) => isSettled(tasks[task]))
  );
}

/** What machines did and showed needs no determination: "what the authority level allows already" runs before it. */
function isTheMachinesOwn(id: TaskId, task: Extract<TaskState, { state: 'done' }>): boolean {
  return task.by === MACHINE && ['effects', 'containment'].includes(taskOf(id).by.kind);
}

/** Done tasks whose gates have closed again are marked; that may close further gates, whose tasks are marked in turn. */
export function markDoubts(incident: Incident, at: number): Incident {
  for (;;) {
    const fallen = TASK_IDS.filter((id) => {
      const task = incident.tasks[id];
      if (task.state !== 'done' || task.inDoubt || isTheMachinesOwn(id, task)) return false;
      return blockersOfTask(id, incident).length > 0;
    });
    if (fallen.length === 0) return incident;
    const tasks = { ...incident.tasks };
    for (const id of fallen) {
      const because = blockersOfTask(id, incident)
        .map(({ reason }) => reason)
        .join('; ');
      tasks[id] = { ...tasks[id], inDoubt: { at, because } } as TaskState;
    }
    incident = { ...incident, tasks };
  }
}

/** Each sentence once: also where several gates, or the same one of several things, would say it. */
export function distinctBlockers(blockers: readonly Blocker[]): Blocker[] {
  return blockers.filter((one, index) => blockers.findIndex(({ reason }) => reason === one.reason) === index);
}
