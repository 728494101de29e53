/** The tasks that machines do: how the state of an effect or a containment becomes the state of its tasks. */
import { taskOf, TASK_IDS, type TaskId } from './checklist';
import type { Containment } from './containment';
import type { EffectId, EffectState } from './effects';
import { MACHINE } from './entries';
import type { Incident, TaskState } from './incident';
import { raiseRequest, requestIdOf } from './requests';
import type { InstanceInScope } from './scope';

/** Brings the machine's tasks up to date. What a person has settled stays as the person said. */
export function updateMachineTasks(incident: Incident, at: number): Incident {
  const tasks: Record<TaskId, TaskState> = { ...incident.tasks };
  for (const id of TASK_IDS) {
    const before = tasks[id];
    const shown = shownState(id, incident, at);
    if (!shown || isAPersons(before)) continue;
    if (before.state !== shown.state || (before.state === 'failed' && shown.state === 'failed'))
      tasks[id] = shown;
  }
  return { ...incident, tasks };
}

function isAPersons(task: TaskState): boolean {
  return task.state === 'notNeeded' || (task.state === 'done' && task.by !== MACHINE);
}

/** What the machine can show for a task; undefined where the task is not the machine's. */
function shownState(id: TaskId, incident: Incident, at: number): TaskState | undefined {
  const { by } = taskOf(id);
  if (by.kind === 'effects')
    return fromEffects(
      by.effects.map((effect) => incident.effects[effect]),
      at,
    );
  if (by.kind === 'containment') return fromContainments(by.proof, Object.values(incident.containments), at);
  return undefined;
}

function fromEffects(states: readonly EffectState[], at: number): TaskState {
  const failed = states.find((effect) => effect.state === 'failed' && !effect.retryOrdered);
  if (failed?.state === 'failed') return { state: 'failed', by: MACHINE, at: failed.at, cause: failed.cause };
  return states.every(({ state }) => state === 'done')
    ? { state: 'done', by: MACHINE, at }
    : { state: 'open' };
}

function fromContainments(
  proof: 'verified' | 'snapshotted' | 'stopped',
  all: readonly Containment[],
  at: number,
): TaskState {
  const wanted = all.filter(({ status }) => status !== 'refused');
  if (wanted.length === 0) return { state: 'open' };
  const shows = {
    verified: ({ verifiedAt }: Containment) => verifiedAt !== undefined,
    snapshotted: ({ snapshottedAt }: Containment) => snapshottedAt !== undefined,
    stopped: ({ stoppedAt }: Containment) => stoppedAt !== undefined,
  }[proof];
  if (wanted.every(shows))
    return {
      state: 'done',
      by: MACHINE,
      at,
      note: `${wanted.length} of ${wanted.length} ${wanted.length === 1 ? 'instance' : 'instances'}`,
    };
  const failing = wanted.find((one) => !shows(one) && one.failing);
  if (failing?.failing)
    return {
      state: 'failed',
      by: MACHINE,
      at,
      cause: `${failing.failing.subStep}: ${failing.failing.cause}`,
    };
  if (wanted.some((one) => !shows(one) && one.status === 'abandoned'))
    return { state: 'failed', by: MACHINE, at, cause: 'containment ended before it was done' };
  return { state: 'open' };
}

/** A person asked for another try of a failed machine task: what failed of it may run at once. */
export function orderRetry(incident: Incident, task: TaskId, at: number): Incident {
  const { by } = taskOf(task);
  if (by.kind === 'containment') return orderContainmentsAgain(incident, at);
  if (by.kind !== 'effects') return incident;
  const effects = { ...incident.effects };
  for (const id of by.effects) {
    const effect = effects[id];
    if (effect.state === 'failed') effects[id] = { ...effect, retryOrdered: true };
  }
  return { ...incident, effects };
}

function orderContainmentsAgain(incident: Incident, at: number): Incident {
  const containments = Object.entries(incident.containments).map(([id, containment]) => {
    const { failing, ...steady } = containment;
    if (containment.status === 'abandoned') return [id, { ...steady, status: 'running', since: at }];
    return [id, failing ? { ...steady, retryOrderedAt: at } : containment];
  });
  return { ...incident, containments: Object.fromEntries(containments) as Incident['containments'] };
}

/** The effect is still the machine's to bring about: not every task that it serves was settled by a person. */
export function effectIsWanted(id: EffectId, incident: Incident): boolean {
  const served = TASK_IDS.filter((task) => {
    const { by } = taskOf(task);
    return by.kind === 'effects' && by.effects.includes(id);
  });
  return served.length === 0 || !served.every((task) => isAPersons(incident.tasks[task]));
}

/** Somebody new may belong in the room: the invitations are made again, and people already there are not troubled. */
export function invitePeopleAgain(incident: Incident): Incident {
  const effects = { ...incident.effects };
  for (const id of ['inviteResponders', 'pageResponders'] as const) {
    if (effects[id].state === 'done') effects[id] = { state: 'waiting' };
  }
  return { ...incident, effects };
}

/** An instance comes into the scope: it is contained at once, or its containment asks for approval. */
export function addContainment(incident: Incident, instance: InstanceInScope, at: number): Incident {
  if (Object.hasOwn(incident.containments, instance.id)) return incident;
  const waits = incident.company.authority === 'approve';
  const containment: Containment = {
    instance,
    number: Object.keys(incident.containments).length + 1,
    status: waits ? 'awaitingApproval' : 'running',
    since: at,
    snapshotIds: [],
    unproven: [],
  };
  const subject = { kind: 'containment', instance: instance.id } as const;
  return {
    ...incident,
    containments: { ...incident.containments, [instance.id]: containment },
    requests: waits
      ? { ...incident.requests, [requestIdOf(subject)]: raiseRequest(subject, at) }
      : incident.requests,
  };
}

export function startContainment(incident: Incident, instance: string, at: number): Incident {
  return setStatus(incident, instance, 'running', at, ['awaitingApproval', 'refused', 'abandoned']);
}

export function stopContainment(incident: Incident, instance: string, at: number): Incident {
  return setStatus(incident, instance, 'refused', at, ['awaitingApproval']);
}

function setStatus(
  incident: Incident,
  instance: string,
  status: Containment['status'],
  at: number,
  from: readonly Containment['status'][],
): Incident {
  const containment = incident.containments[instance];
  if (!containment || !from.includes(containment.status)) return incident;
  return {
    ...incident,
    containments: { ...incident.containments, [instance]: { ...containment, status, since: at } },
  };
}
