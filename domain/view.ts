/** The incident as people look at it: plain data for the query, the command line and every page. */
import {
  blockersOfStep,
  blockersOfTask,
  isSettled,
  isWithheld,
  stateOfStep,
  type StepState,
} from './blockers';
import type { Assignment } from './assignments';
import type { Audience } from './audience';
import { numberOfTask, taskOf, taskOfContact, tasksOfStep, TASK_IDS, type TaskId } from './checklist';
import { viewOfClocks, type ClockView } from './clocks';
import { partiesOf } from './contacts';
import type { Containment } from './containment';
import type { Finding, FindingId } from './findings';
import { forensicAnalysisIsPerformed, type Blocker } from './gates';
import { type Incident, type Phase, type Room, type TaskState } from './incident';
import { describeAttempt } from './attempts';
import { refusalsOf, unsaidRefusals } from './refusals';
import { targetsOfProof } from './machine-tasks';
import type { OnCallPerson } from './on-call';
import { dispatchesOf, nameContent, waitsForSomebody } from './outbox';
import { pacesOf, type Paces } from './paces';
import type { Call } from './paging';
import { everybody, lineOf, type Callable, type Exclusion } from './people';
import type { Rotation } from './rotations';
import { rolesStillNeeded, type ApprovalRequest, type RequestId } from './requests';
import { nameRoles, personAt, ROLES, type Role } from './roles';
import type { Scope } from './scope';
import { STEP_IDS, stepOf, type StepId } from './steps';

export interface TaskView {
  readonly id: TaskId;
  /** `11.2` */
  readonly number: string;
  readonly title: string;
  readonly source: string;
  readonly owner: Role;
  readonly machine: boolean;
  readonly state: TaskState['state'];
  /** Who settled it, or on whom it waits. */
  readonly who: string;
  /** Since when it is so, in milliseconds since the epoch; absent while it is locked. */
  readonly since?: number;
  /** The note, the cause or the reason given. */
  readonly note?: string;
  /** It was done behind a gate that has closed since, and why. */
  readonly inDoubt?: string;
  /** Why it may not be done yet. */
  readonly blockers: readonly Blocker[];
}

export interface StepView {
  readonly id: StepId;
  readonly number: number;
  readonly title: string;
  readonly state: StepState;
  readonly settled: number;
  readonly total: number;
  readonly blockers: readonly Blocker[];
  readonly withheldBecause?: string;
  readonly tasks: readonly TaskView[];
}

export interface RequestView {
  readonly id: RequestId;
  readonly state: 'open' | 'approved' | 'refused';
  /** Somebody can and should say yes or no now. */
  readonly due: boolean;
  readonly waitsFor: readonly string[];
  readonly since: number;
}

export interface ChecklistView {
  readonly codename: string;
  readonly summary: string;
  readonly declaredAt: number;
  readonly declaredBy: string;
  readonly phase: Phase;
  readonly scope: Scope;
  readonly bridge: { readonly url: string; readonly phone?: string };
  readonly room?: Room;
  readonly steps: readonly StepView[];
  readonly findings: Readonly<Partial<Record<FindingId, Finding>>>;
  readonly requests: readonly RequestView[];
  readonly containments: readonly Containment[];
  readonly rotations: readonly Rotation[];
  /** Requests from the Web UI that wait for a responder to confirm them. */
  readonly asked: readonly {
    readonly id: string;
    readonly by: string;
    readonly what: string;
    readonly at: number;
  }[];
  readonly refusals: number;
  readonly paging: PagingView;
  readonly people: readonly PersonView[];
  readonly assignments: readonly ({ readonly task: TaskId } & Assignment)[];
  readonly paces: Paces;
  readonly commandOffer?: { readonly to: string; readonly by: string; readonly at: number };
  readonly audience?: Audience;
  readonly clocks: readonly ClockView[];
  /** Everybody outside who is known. */
  readonly parties: readonly { readonly id: string; readonly kind: string; readonly name: string }[];
  /** Messages on their way out that wait for a person. */
  readonly stuckMessages: readonly { readonly id: string; readonly what: string; readonly cause: string }[];
}

export interface PagingView {
  readonly state: 'waiting' | 'calling' | 'acknowledged' | 'failed';
  readonly acknowledgedBy?: string;
  readonly acknowledgedAt?: number;
  readonly calls: readonly Call[];
  /** In which order people are called, and how to reach them by hand. */
  readonly line: readonly Callable[];
  /** When the pager told last who is on call. */
  readonly rosterAt?: number;
  readonly cause?: string;
}

export interface PersonView {
  readonly email: string;
  readonly roles: readonly Role[];
  readonly excluded?: Exclusion;
  readonly onCall?: OnCallPerson['as'];
}

export function viewOf(incident: Incident): ChecklistView {
  const { declaration, phase, scope, company, room, findings, requests, containments, entries } = incident;
  return {
    codename: declaration.codename,
    summary: declaration.summary,
    declaredAt: declaration.at,
    declaredBy: declaration.by,
    phase,
    scope,
    bridge: company.bridge,
    ...(room && { room }),
    steps: STEP_IDS.map((id) => viewOfStep(id, incident)),
    findings,
    requests: Object.entries(requests).map(([id, request]) => ({
      id,
      state: request.state,
      due: isDue(request, incident),
      waitsFor: request.state === 'open' ? rolesStillNeeded(request).map(nameRoles) : [],
      since: request.raisedAt,
    })),
    containments: Object.values(containments),
    rotations: Object.values(incident.rotations),
    asked: Object.values(incident.asked).map(({ id, by, decision, at }) => ({
      id,
      by,
      what: describeAttempt(decision),
      at,
    })),
    refusals: refusalsOf(entries) + unsaidRefusals(incident),
    paging: viewOfPaging(incident),
    people: viewOfPeople(incident),
    assignments: TASK_IDS.flatMap((task) => {
      const assignment = incident.assignments[task];
      return assignment && !isSettled(incident.tasks[task]) ? [{ task, ...assignment }] : [];
    }),
    paces: pacesOf(incident),
    ...(incident.commandOffer && { commandOffer: incident.commandOffer }),
    ...(incident.audience && { audience: incident.audience }),
    clocks: viewOfClocks(incident),
    parties: partiesOf(incident).map(({ id, kind, name }) => ({ id, kind, name })),
    stuckMessages: dispatchesOf(incident)
      .filter(waitsForSomebody)
      .map(({ id, content, cause = 'no cause given' }) => ({ id, what: nameContent(content), cause })),
  };
}

function viewOfPaging(incident: Incident): PagingView {
  const { calling, company, effects } = incident;
  const page = effects.pageIncidentCommander;
  const { acknowledged } = calling;
  return {
    state: acknowledged
      ? 'acknowledged'
      : page.state === 'done'
        ? 'calling'
        : page.state === 'failed' || (page.state === 'running' && page.lastCause !== undefined)
          ? 'failed'
          : 'waiting',
    ...(acknowledged && { acknowledgedAt: acknowledged.at }),
    ...(acknowledged?.by !== undefined && { acknowledgedBy: acknowledged.by }),
    calls: calling.calls,
    line: lineOf(incident),
    ...(company.onCall && { rosterAt: company.onCall.at }),
    ...(page.state === 'failed' && { cause: page.cause }),
    ...(page.state === 'running' && page.lastCause !== undefined && { cause: page.lastCause }),
  };
}

function viewOfPeople(incident: Incident): PersonView[] {
  const onCall = incident.company.onCall?.people ?? [];
  const known = everybody(incident);
  const outsiders = Object.keys(incident.excluded)
    .filter((email) => !known.some((person) => person.email === email))
    .map((email) => ({ email, roles: [] }));
  return [...known, ...outsiders].map(({ email, roles }) => {
    const exclusion = incident.excluded[email];
    const as = personAt(email, onCall)?.as;
    return { email, roles, ...(exclusion && { excluded: exclusion }), ...(as && { onCall: as }) };
  });
}

/** Contacts are asked about once forensics has been performed: until then nobody could say yes. */
export function isDue({ state, subject }: ApprovalRequest, incident: Incident): boolean {
  if (state !== 'open') return false;
  switch (subject.kind) {
    case 'contact':
      return (
        forensicAnalysisIsPerformed(incident) === undefined &&
        isWanted(taskOfContact(subject.contact), incident)
      );
    case 'note':
      return (
        subject.version === incident.note?.version &&
        blockersOfStep('internalCommunication', incident).length === 0
      );
    case 'statement':
      return subject.version === incident.statement?.version && isWanted('releaseStatement', incident);
    case 'containment':
    case 'release':
      return true;
  }
}

function isWanted(task: TaskId, incident: Incident): boolean {
  return !isSettled(incident.tasks[task]) && !isWithheld(taskOf(task).step, incident);
}

function viewOfStep(id: StepId, incident: Incident): StepView {
  const { number, title } = stepOf(id);
  const tasks = tasksOfStep(id);
  const state = stateOfStep(id, incident);
  const voices = incident.withholding[id];
  return {
    id,
    number,
    title,
    state,
    settled: tasks.filter((task) => isSettled(incident.tasks[task])).length,
    total: tasks.length,
    blockers: state === 'locked' ? blockersOfLockedStep(id, incident) : [],
    ...(state === 'withheld' &&
      voices && { withheldBecause: voices.map(({ reason }) => reason).join(' / ') }),
    tasks: tasks.map((task) => viewOfTask(task, incident)),
  };
}

/** The step's own gates; where those are open and every task has gates of its own, what those say, each reason once. */
function blockersOfLockedStep(id: StepId, incident: Incident): Blocker[] {
  const own = blockersOfStep(id, incident);
  if (own.length > 0) return own;
  const all = tasksOfStep(id)
    .filter((task) => !isSettled(incident.tasks[task]))
    .flatMap((task) => blockersOfTask(task, incident));
  return all.filter((one, index) => all.findIndex(({ gate }) => gate === one.gate) === index);
}

export function viewOfTask(id: TaskId, incident: Incident): TaskView {
  const { title, source, owner, by, step } = taskOf(id);
  const task = incident.tasks[id];
  // What the machine has nothing to do for is a person's.
  const machine = by.kind !== 'person' && hasWork(id, incident);
  const settled = isSettled(task);
  // A machine task that is under way is not locked: the machine's own order is not the checklist's.
  const blockers = settled || (machine && by.kind !== 'lint') ? [] : blockersOfTask(id, incident);
  const assignee = incident.assignments[id];
  const since =
    task.state === 'open' ? (blockers.length === 0 ? incident.openSince[step] : undefined) : task.at;
  const note = noteOf(id, task, incident);
  return {
    id,
    number: numberOfTask(id),
    title,
    source,
    owner,
    machine,
    state: task.state,
    who:
      settled && task.state !== 'open' ? task.by : (assignee?.to ?? (machine ? 'Firebreak' : ROLES[owner])),
    ...(since !== undefined && { since }),
    ...(note !== undefined && { note }),
    ...(task.state === 'done' && task.inDoubt && { inDoubt: task.inDoubt.because }),
    blockers,
  };
}

/** Without anything affected there is nothing for the machine to contain: a person says that it is not needed, or widens the scope. */
function hasWork(id: TaskId, incident: Incident): boolean {
  return whyNoWork(id, incident) === undefined;
}

function whyNoWork(id: TaskId, incident: Incident): string | undefined {
  const { by } = taskOf(id);
  if (by.kind !== 'containment') return undefined;
  if (targetsOfProof(by.proof, incident).length === 0) return `nothing of the kind is in the scope`;
  return by.proof === 'stored' && incident.company.coldStorage === undefined
    ? 'no cold storage is configured: ship the images by hand'
    : undefined;
}

function noteOf(id: TaskId, task: TaskState, incident: Incident): string | undefined {
  switch (task.state) {
    case 'open':
      return whyNoWork(id, incident);
    case 'done':
      return task.note;
    case 'failed':
      return task.cause;
    case 'notNeeded':
      return task.reason;
  }
}
