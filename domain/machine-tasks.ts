/** The tasks that machines do: how the state of an effect or a containment becomes the state of its tasks. */
import { taskOf, TASK_IDS, type ContainmentProof, type TaskId } from './checklist';
import {
  doneAt,
  failingOf,
  isUnproven,
  SUB_STEPS,
  type Containment,
  type SubStep,
  type TargetKind,
} from './containment';
import type { EffectId, EffectState } from './effects';
import { MACHINE } from './entries';
import type { Incident, TaskState } from './incident';

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
  if (by.kind === 'containment') return fromContainments(by.proof, incident, at);
  return undefined;
}

function fromEffects(states: readonly EffectState[], at: number): TaskState {
  const failed = states.find((effect) => effect.state === 'failed' && !effect.retryOrdered);
  if (failed?.state === 'failed') return { state: 'failed', by: MACHINE, at: failed.at, cause: failed.cause };
  return states.every(({ state }) => state === 'done')
    ? { state: 'done', by: MACHINE, at }
    : { state: 'open' };
}

/** What each proof asks of which kinds, and the sub-steps on which it rests. */
const PROOFS: Readonly<
  Record<
    ContainmentProof,
    { readonly kinds: readonly TargetKind[]; readonly shownBy: SubStep; readonly restsOn: readonly SubStep[] }
  >
> = {
  verified: {
    kinds: ['instance'],
    shownBy: 'verify',
    restsOn: [
      'capture',
      'protect',
      'leaveGroups',
      'isolate',
      'cutConnections',
      'denyElsewhere',
      'revokeRole',
      'verify',
    ],
  },
  snapshotted: { kinds: ['instance'], shownBy: 'snapshot', restsOn: ['capture', 'protect', 'snapshot'] },
  stored: {
    kinds: ['instance'],
    shownBy: 'store',
    restsOn: ['capture', 'record', 'snapshot', 'lock', 'snapshotStopped', 'store'],
  },
  deniedElsewhere: { kinds: ['instance'], shownBy: 'denyElsewhere', restsOn: ['capture', 'denyElsewhere'] },
  stopped: {
    kinds: ['instance'],
    shownBy: 'stop',
    restsOn: ['capture', 'protect', 'snapshot', 'leaveGroups', 'stop'],
  },
  addressesBlocked: { kinds: ['address'], shownBy: 'verify', restsOn: ['block', 'verify'] },
  credentialsRevoked: {
    kinds: ['identity', 'secret'],
    shownBy: 'verify',
    restsOn: ['capture', 'disableKeys', 'removeLogin', 'denySessions', 'rotate', 'verify'],
  },
};

/** What is in the scope for a proof. */
export function targetsOfProof(proof: ContainmentProof, incident: Incident): Containment[] {
  const { kinds } = PROOFS[proof];
  return Object.values(incident.containments).filter(({ target }) => kinds.includes(target.kind));
}

/** The tasks that wait for what is shown of a kind. */
export function tasksOfKind(kind: TargetKind): TaskId[] {
  return TASK_IDS.filter((id) => {
    const { by } = taskOf(id);
    return by.kind === 'containment' && PROOFS[by.proof].kinds.includes(kind);
  });
}

function fromContainments(proof: ContainmentProof, incident: Incident, at: number): TaskState {
  const { shownBy, restsOn } = PROOFS[proof];
  const wanted = targetsOfProof(proof, incident).filter(({ status }) => status !== 'refused');
  if (wanted.length === 0) return { state: 'open' };
  const shows = (one: Containment) => doneAt(one, shownBy) !== undefined;
  if (wanted.every(shows))
    return { state: 'done', by: MACHINE, at, note: `${wanted.length} of ${wanted.length} in the scope` };
  const failing = wanted
    .filter((one) => !shows(one))
    .flatMap(failingOf)
    .find(({ subStep }) => restsOn.includes(subStep));
  if (failing)
    return { state: 'failed', by: MACHINE, at, cause: `${SUB_STEPS[failing.subStep]}: ${failing.cause}` };
  const unproven = wanted.find((one) => shownBy === 'verify' && isUnproven(one));
  if (unproven)
    return {
      state: 'failed',
      by: MACHINE,
      at,
      cause: `attempted, unproven: ${unproven.unproven.join('; ')}`,
    };
  if (wanted.some((one) => !shows(one) && one.status === 'abandoned'))
    return { state: 'failed', by: MACHINE, at, cause: 'containment ended before it was done' };
  return { state: 'open' };
}

/** A person asked for another try of a failed machine task: what failed of it may run at once. */
export function orderRetry(incident: Incident, task: TaskId, at: number): Incident {
  const { by } = taskOf(task);
  if (by.kind === 'containment') return orderContainmentsAgain(incident, by.proof, at);
  if (by.kind !== 'effects') return incident;
  const effects = { ...incident.effects };
  for (const id of by.effects) {
    const effect = effects[id];
    if (effect.state === 'failed') effects[id] = { ...effect, retryOrdered: true };
  }
  return { ...incident, effects };
}

function orderContainmentsAgain(incident: Incident, proof: ContainmentProof, at: number): Incident {
  const again = targetsOfProof(proof, incident).flatMap((containment): [string, Containment][] => {
    const { id } = containment.target;
    if (containment.status === 'abandoned') return [[id, { ...containment, status: 'running', since: at }]];
    const failing = failingOf(containment);
    if (failing.length === 0 && !isUnproven(containment)) return [];
    // What failed is under way again, until the child says how it went.
    const tried = Object.fromEntries(
      failing.map(({ subStep }) => [subStep, { state: 'running', at } as const]),
    );
    const subSteps = { ...containment.subSteps, ...tried };
    return [[id, { ...containment, subSteps, retryOrderedAt: at }]];
  });
  return { ...incident, containments: { ...incident.containments, ...Object.fromEntries(again) } };
}

/** The effect is still the machine's to bring about: not every task that it serves was settled by a person. */
export function effectIsWanted(id: EffectId, incident: Incident): boolean {
  const served = TASK_IDS.filter((task) => {
    const { by } = taskOf(task);
    return by.kind === 'effects' && by.effects.includes(id);
  });
  return served.length === 0 || !served.every((task) => isAPersons(incident.tasks[task]));
}

const CALLING_RESPONDERS: readonly EffectId[] = ['inviteResponders', 'pageResponders'];
const CALLING_EVERYBODY: readonly EffectId[] = [...CALLING_RESPONDERS, 'inviteExecutives', 'inviteMarketing'];

/** Somebody new may belong in the room: the invitations are made again, and people already there are not troubled. */
export function invitePeopleAgain(incident: Incident, made = CALLING_RESPONDERS): Incident {
  const effects = { ...incident.effects };
  for (const id of made) {
    if (effects[id].state === 'done') effects[id] = { state: 'waiting' };
  }
  return { ...incident, effects };
}

/** Also those who are invited after the operational responders: somebody may be one of them now. */
export function inviteEverybodyAgain(incident: Incident): Incident {
  return invitePeopleAgain(incident, CALLING_EVERYBODY);
}
