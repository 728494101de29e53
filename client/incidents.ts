/** Incidents as a caller works with them: declare, decide, look. The command line is one user of this; others may be. */
import { createHash, randomUUID } from 'node:crypto';
import type { Client, WorkflowHandle } from '@temporalio/client';
import {
  isGrpcCancelledError,
  isGrpcDeadlineError,
  isGrpcServiceError,
  QueryNotRegisteredError,
  QueryRejectedError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { isCodename } from '../domain/codename';
import type { Outcome } from '../domain/decide';
import type { DecisionInput, DecisionName } from '../domain/decisions';
import type { Entry } from '../domain/entries';
import { NO_EVIDENCE, type Evidence } from '../domain/evidence/store';
import type { DetectionFinding } from '../domain/incident';
import type { InstanceInScope, Scope } from '../domain/scope';
import type { ChecklistView, TaskView } from '../domain/view';
import {
  checklistQuery,
  decisionSignals,
  decisionUpdates,
  evidenceQuery,
  INCIDENT_WORKFLOW,
  taskQuery,
  timelineQuery,
  type IncidentInput,
} from '../workflows/incident/messages';
import type { RehearsalInput, RehearsedSubStep } from '../workflows/containment/messages';
import { containmentWorkflowId, TASK_QUEUE } from '../workflows/names';
import { phaseKey } from '../workflows/search-attributes';
import { candidates } from './codenames';
import { InvalidInput, NoWorkerAnswers } from './errors';

/** How long a worker has to answer before the caller is told that none does, in ms. */
const ANSWER_WITHIN_MS = 10_000;

/** A whole chain of calls, one after the other, and a second attempt. */
const REHEARSED_WITHIN_MS = 420_000;

/** An incident that was declared a moment ago can't be asked before its first step. */
const ASK_AGAIN_AFTER_MS = 100;

/** Which detection an incident was declared for, where the server tells it without a worker. */
const ORIGIN = 'origin';

export interface DeclareRequest {
  readonly summary: string;
  readonly by: string;
  readonly scope: Scope;
  readonly finding?: DetectionFinding;
}

export interface Declared {
  readonly codename: string;
  /** The detection had been declared before, and that incident runs. */
  readonly adopted: boolean;
}

/**
 * Declares an incident. The same detection declared twice is one incident: its codename follows from the detection, and the
 * server starts a workflow id once.
 */
export async function declareIncident(client: Client, request: DeclareRequest): Promise<Declared> {
  const { summary, by, scope, finding } = request;
  const input: IncidentInput = {
    declaration: { summary, by, door: 'command line', scope, ...(finding && { finding }) },
  };
  for (const codename of candidates(finding?.id)) {
    try {
      await client.workflow.start<(input: IncidentInput) => Promise<unknown>>(INCIDENT_WORKFLOW, {
        workflowId: codename,
        taskQueue: TASK_QUEUE,
        args: [input],
        staticSummary: codename,
        // A task that was with a worker when it died is handed on after this; the default of 10 s is long at 3 a.m.
        workflowTaskTimeout: '5 seconds',
        typedSearchAttributes: [{ key: phaseKey, value: 'open' }],
        ...(finding && { memo: { [ORIGIN]: originOf(finding.id) } }),
        // A codename is given once: its room, its page and its evidence bear it.
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
        workflowIdConflictPolicy: 'FAIL',
      });
      return { codename, adopted: false };
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      if (finding && (await isRunningFor(client, codename, finding.id))) return { codename, adopted: true };
    }
  }
  throw new InvalidInput(['No codename is free. Delete ended incidents from the namespace.']);
}

/** The server itself answers: two that declare at the same moment meet before a worker has taken the incident up. */
async function isRunningFor(client: Client, codename: string, findingId: string): Promise<boolean> {
  const { status, memo } = await client.workflow.getHandle(codename).describe();
  return status.name === 'RUNNING' && memo?.[ORIGIN] === originOf(findingId);
}

/** Like the codename, it follows from the detection and says nothing of it. */
function originOf(findingId: string): string {
  return createHash('sha256')
    .update(JSON.stringify([ORIGIN, findingId]))
    .digest('hex');
}

/**
 * Sends a decision and returns its outcome: accepted, or refused with every reason.
 *
 * Where no worker answers in time, the decision is left behind as a Signal with the same id, so that it is taken once as soon
 * as one runs, and `NoWorkerAnswers` says so.
 */
export async function decideIncident<N extends DecisionName>(
  client: Client,
  codename: string,
  name: N,
  fields: DecisionInput<N>,
): Promise<Outcome> {
  const input = { door: 'command line', ...fields, id: fields.id ?? randomUUID() } as DecisionInput<N>;
  const handle = handleOf(client, codename);
  try {
    return await client.withDeadline(Date.now() + ANSWER_WITHIN_MS, () =>
      handle.executeUpdate<Outcome, [DecisionInput<N>]>(
        decisionUpdates[name] as never,
        {
          args: [input],
          updateId: input.id as string,
        } as never,
      ),
    );
  } catch (error) {
    if (isTimeout(error)) {
      if (!(await isIncident(client, codename))) throw noIncident(codename);
      await handle.signal(decisionSignals[name] as never, ...([input] as never));
      throw new NoWorkerAnswers(
        'No worker answers. The decision has been left with the incident and will be taken, once, as soon as a worker runs. Start one (docs/deploy.md), then look at the timeline.',
      );
    }
    if (error instanceof WorkflowNotFoundError && (await hasEnded(client, codename)))
      return {
        accepted: false,
        text: 'decide in an incident that has ended',
        reasons: [
          { gate: 'incidentRuns', reason: 'the incident has ended; nothing more can be decided in it' },
        ],
        seq: 0,
      };
    throw translated(error, codename);
  }
}

async function hasEnded(client: Client, codename: string): Promise<boolean> {
  try {
    const { status, type } = await client.workflow.getHandle(codename).describe();
    return type === INCIDENT_WORKFLOW && status.name !== 'RUNNING';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

export function checklistOf(
  client: Client,
  codename: string,
  withinMs = ANSWER_WITHIN_MS,
): Promise<ChecklistView> {
  return ask(client, codename, (handle) => handle.query(checklistQuery), withinMs);
}

/** What was kept as evidence, and who had it when. */
export async function evidenceOf(client: Client, codename: string): Promise<Evidence> {
  const evidence = await ask(client, codename, (handle) => handle.query(evidenceQuery));
  return evidence ?? NO_EVIDENCE;
}

export interface RehearseRequest {
  readonly instance: InstanceInScope;
  /** The attacker's addresses that are to be denied. */
  readonly attackers: readonly string[];
}

/** Every call that the containment of an instance would make now. Changes nothing, and starts no incident. */
export async function rehearseContainment(
  client: Client,
  { instance, attackers }: RehearseRequest,
): Promise<RehearsedSubStep[]> {
  const [codename = 'rehearsal'] = candidates(undefined);
  try {
    return await client.workflow.execute<(input: RehearsalInput) => Promise<RehearsedSubStep[]>>('rehearse', {
      // Children are numbered from 1.
      workflowId: containmentWorkflowId(codename, 0),
      taskQueue: TASK_QUEUE,
      args: [{ instance, codename, attackers }],
      staticSummary: codename,
      workflowExecutionTimeout: REHEARSED_WITHIN_MS,
    });
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    const cause = rootCause(error);
    if (cause instanceof ApplicationFailure) throw new InvalidInput([cause.message]);
    throw new NoWorkerAnswers('No worker rehearsed it in time. Start one (docs/deploy.md), then ask again.');
  }
}

function rootCause(error: Error): unknown {
  let one: unknown = error;
  while (one instanceof Error && one.cause instanceof Error) one = one.cause;
  return one;
}

export function timelineOf(client: Client, codename: string): Promise<Entry[]> {
  return ask(client, codename, (handle) => handle.query(timelineQuery));
}

/** One task, by its number or name; null where there is none of that name. */
export function taskOfIncident(client: Client, codename: string, named: string): Promise<TaskView | null> {
  return ask(client, codename, (handle) => handle.query(taskQuery, named));
}

export interface ListedIncident {
  readonly codename: string;
  /** Milliseconds since the epoch. */
  readonly since: number;
  /** Absent where no worker answered. */
  readonly checklist?: ChecklistView;
}

/** The incidents that run, the oldest first. */
export async function listIncidents(client: Client): Promise<ListedIncident[]> {
  const listed: Promise<ListedIncident>[] = [];
  const query = `WorkflowType = '${INCIDENT_WORKFLOW}' AND ExecutionStatus = 'Running'`;
  for await (const { workflowId, startTime } of client.workflow.list({ query }))
    listed.push(look(client, workflowId, startTime.getTime()));
  return (await Promise.all(listed)).sort((a, b) => a.since - b.since);
}

async function look(client: Client, codename: string, since: number): Promise<ListedIncident> {
  try {
    return { codename, since, checklist: await checklistOf(client, codename) };
  } catch (error) {
    if (error instanceof NoWorkerAnswers || error instanceof InvalidInput) return { codename, since };
    throw error;
  }
}

function handleOf(client: Client, codename: string) {
  if (!isCodename(codename))
    throw new InvalidInput([`"${codename}" is not a codename; they look like sapphire-unicorn`]);
  return client.workflow.getHandle(codename);
}

/** Asks until the incident answers. What is told to be no incident may be one that has not made its first step. */
async function ask<T>(
  client: Client,
  codename: string,
  question: (handle: WorkflowHandle) => Promise<T>,
  withinMs = ANSWER_WITHIN_MS,
): Promise<T> {
  const handle = handleOf(client, codename);
  const deadline = Date.now() + withinMs;
  for (;;) {
    try {
      // The deadline ends the SDK's retries as well: one left behind would find its connection closed.
      return await client.withDeadline(deadline, () => question(handle));
    } catch (error) {
      if (!(error instanceof QueryNotRegisteredError && (await isIncident(client, codename))))
        throw translated(error, codename);
      if (Date.now() > deadline) throw new NoWorkerAnswers();
    }
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_AFTER_MS));
  }
}

async function isIncident(client: Client, codename: string): Promise<boolean> {
  return (await client.workflow.getHandle(codename).describe()).type === INCIDENT_WORKFLOW;
}

function isTimeout(error: unknown): boolean {
  // The server, whose clock is another, cancels a call at its deadline where the client has not yet given up.
  return (
    error instanceof WorkflowUpdateRPCTimeoutOrCancelledError ||
    isGrpcDeadlineError(error) ||
    isGrpcCancelledError(error)
  );
}

function noIncident(codename: string): InvalidInput {
  return new InvalidInput([`${codename} is no incident of Firebreak's`]);
}

/** Names what the caller can do something about; the rest is passed on. */
function translated(error: unknown, codename: string): unknown {
  if (error instanceof WorkflowNotFoundError)
    return new InvalidInput([
      `there is no incident ${codename}, or it has ended and is kept no longer; see: firebreak list`,
    ]);
  if (error instanceof WorkflowUpdateFailedError) {
    const problems = (error.cause?.message ?? 'the decision could not be read').split('\n');
    return new InvalidInput(problems);
  }
  if (error instanceof QueryNotRegisteredError || error instanceof QueryRejectedError)
    return noIncident(codename);
  if (isTimeout(error)) return new NoWorkerAnswers();
  if (isGrpcServiceError(error) && /no poller|not ready|unavailable/i.test(error.details ?? ''))
    return new NoWorkerAnswers();
  return error;
}
