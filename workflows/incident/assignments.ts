/** Tasks given to people: each is asked, reminded, and told of to others, by direct message. */
import { condition } from '@temporalio/workflow';
import { dueOfAssignments, type Due, type Nudge } from '../../domain/assignments';
import { blockersOfTask } from '../../domain/blockers';
import type { Button } from '../../domain/buttons';
import { numberOfTask, type TaskId } from '../../domain/checklist';
import type { Incident } from '../../domain/incident';
import { isExcluded } from '../../domain/people';
import { untilDue } from './due';
import type { Store } from './store';
import { commandOf, meetingPlaceOf, tellInPerson } from './words';

/** Runs until `draining`. One task never waits for another: each attempt to reach somebody takes its time. */
export async function keepAssignments(store: Store, draining: () => boolean): Promise<void> {
  const underWay = new Set<TaskId>();
  const next = () => dueOfAssignments(store.incident).find(({ task }) => !underWay.has(task));
  for (;;) {
    const due = await untilDue(next, draining, 'Next word about a task');
    if (!due) break;
    underWay.add(due.task);
    void nudge(due, store).then(() => underWay.delete(due.task));
  }
  await condition(() => underWay.size === 0);
}

async function nudge(due: Due, store: Store): Promise<void> {
  const { incident } = store;
  const given = incident.assignments[due.task];
  const people = due.nudge === 'escalate' ? overseersOf(due, incident) : [due.to];
  const untold = await tellInPerson(people, store, {
    // No nudge is due twice at one moment.
    key: `${numberOfTask(due.task)} ${due.nudge} ${due.at}`,
    text: textOf(due, incident),
    buttons: buttonsOf(due, incident),
  });
  const now = store.incident.assignments[due.task];
  // Somebody else has it by now, whom nobody has asked.
  if (!given || now?.to !== given.to || now.at !== given.at) return;
  const to = people.filter((email) => !isExcluded(email, store.incident));
  store.report({ name: 'nudged', task: due.task, nudge: due.nudge, to, untold });
}

/** Whoever commands, and the deputies. It does not help to tell the one who has the task. */
function overseersOf({ to }: Due, incident: Incident): string[] {
  return commandOf(incident).filter((email) => email !== to);
}

const SAYING: Record<Nudge, string> = {
  ask: 'is yours',
  remind: 'waits for you',
  escalate: 'does not get on',
};

function textOf({ task, nudge: kind }: Due, incident: Incident): string {
  return `${numberOfTask(task)} ${SAYING[kind]}. Please join ${meetingPlaceOf(incident)}`;
}

/** As under the room's messages. The task goes by its number: this is outside of the room, and its name would tell. */
function buttonsOf({ task, nudge: kind }: Due, incident: Incident): Button[] {
  const value = `${incident.declaration.codename} ${numberOfTask(task)}`;
  if (kind === 'escalate') return [{ id: 'assignToMe', value, label: 'Assign it to me' }];
  if (blockersOfTask(task, incident).length > 0) return [{ id: 'why', value, label: 'Why is it locked?' }];
  return [
    { id: 'start', value, label: 'I am working on it' },
    { id: 'complete', value, label: 'Complete', style: 'primary' },
  ];
}
