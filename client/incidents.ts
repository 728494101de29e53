/** Incidents as a caller works with them: declare, decide, look. The command line is one user of this; others may be. */
import { randomBytes } from 'node:crypto';
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
import { secretHash, type Secret } from '../codec/codenames';
import { grpcErrorIn } from './grpc';
import { isCodename } from '../domain/codename';
import type { CommunicationView } from '../domain/communication-view';
import type { Outcome } from '../domain/decide';
import type { DecisionInput, DecisionMessage, DecisionName, Door } from '../domain/decisions';
import type { Entry } from '../domain/entries';
import { NO_EVIDENCE, type Evidence } from '../domain/evidence/store';
import type { PackAnswer } from '../domain/hand-off/answer';
import type { DetectionFinding } from '../domain/incident';
import type { InstanceInScope, Scope } from '../domain/scope';
import { practiceIn, tellsOfPractice } from '../domain/practice';
import type { ChecklistView, TaskView } from '../domain/view';
import { NAMESPACES, statementOf, type Proof } from '../domain/trust/proof';
import {
  decisionSignal,
  decisionUpdate,
  ORIGIN,
  startOf,
  viewQuery,
  type IncidentInput,
  type ViewName,
  type Views,
} from '../workflows/incident/messages';
import type { RehearsalInput, RehearsedSubStep } from '../workflows/containment/messages';
import { INCIDENT_WORKFLOW, PART_WORKFLOW, partWorkflowId, TASK_QUEUE } from '../workflows/names';
import { candidates, candidatesFor } from './codenames';
import { InvalidInput, NoWorkerAnswers } from './errors';
import type { Signer } from './signing/signer';

/** How long a worker has to answer before the caller is told that none does, in ms. */
const ANSWER_WITHIN_MS = 10_000;

/** A whole chain of calls, one after the other, and a second attempt. */
const REHEARSED_WITHIN_MS = 420_000;

/** An incident that was declared a moment ago can't be asked before its first step. */
const ASK_AGAIN_AFTER_MS = 100;

export interface DeclareRequest {
  readonly summary: string;
  readonly by: string;
  readonly scope: Scope;
  readonly finding?: DetectionFinding;
  /** Command line, where it is left out. */
  readonly door?: Door;
  /** What it was declared by, where that may arrive twice: a message of a chat. Two declarations of it are one incident. */
  readonly message?: string;
}

export interface Declared {
  readonly codename: string;
  /** The detection had been declared before, and that incident runs; or this very message had been taken before. */
  readonly adopted: boolean;
}

/**
 * Declares an incident. The same detection declared twice is one incident: its codename follows from the detection, and the
 * server starts a workflow id once. So it is with the same message; that one stays one, also when its incident has ended.
 */
export async function declareIncident(
  client: Client,
  request: DeclareRequest,
  secret: Secret,
  /** Left out: the declaration is not proven. It is an incident all the same, and what it names waits for approval. */
  signer?: Signer,
): Promise<Declared> {
  const { summary, by, scope, finding, message, door = 'command line' } = request;
  const content = { summary, by, door, scope, ...(finding && { finding }) };
  const source = finding?.id ?? message;
  const origin = source === undefined ? undefined : originOf(source, secret);
  for (const codename of source === undefined ? candidates() : candidatesFor(source, secret)) {
    const proof = signer && (await prove(signer, NAMESPACES.declaration, codename, 'declare', content));
    const input: IncidentInput = { declaration: { ...content, ...(proof && { proof }) } };
    try {
      await client.workflow.start<(input: IncidentInput) => Promise<unknown>>(
        INCIDENT_WORKFLOW,
        startOf(codename, input, origin),
      );
      return { codename, adopted: false };
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      if (origin !== undefined && (await isDeclaredFor(client, codename, origin, finding === undefined)))
        return { codename, adopted: true };
    }
  }
  throw new InvalidInput(['No codename is free. Delete ended incidents from the namespace.']);
}

/** The server itself answers: two that declare at the same moment meet before a worker has taken the incident up. */
async function isDeclaredFor(
  client: Client,
  codename: string,
  origin: string,
  orEnded: boolean,
): Promise<boolean> {
  const { status, memo } = await client.workflow.getHandle(codename).describe();
  return (orEnded || status.name === 'RUNNING') && memo?.[ORIGIN] === origin;
}

/** Like the codename, it follows from the detection and says nothing of it. */
function originOf(findingId: string, secret: Secret): string {
  return secretHash(secret, ORIGIN, findingId).toString('hex');
}

/** Signs what is said of an incident: it counts for that one alone, once, and for an hour. */
async function prove(
  signer: Signer,
  namespace: string,
  codename: string,
  decision: string,
  content: Readonly<Record<string, unknown>> & { readonly by: string },
): Promise<Proof> {
  const nonce = randomBytes(24).toString('base64url');
  const at = Date.now();
  const statement = statementOf(codename, decision, content, { nonce, at });
  return { key: signer.publicKey, signature: await signer.sign(namespace, statement), nonce, at };
}

/** A decision as it is sent. */
export type SignedDecision<N extends DecisionName = DecisionName> = DecisionMessage<N> & {
  readonly proof: Proof;
};

/** Signed by the person, or by the door that has checked who it is. */
export async function signDecision<N extends DecisionName>(
  codename: string,
  name: N,
  fields: Omit<DecisionInput<N>, 'proof' | 'door'>,
  signer: Signer,
  door: Door = 'command line',
): Promise<SignedDecision<N>> {
  const content = { ...fields, door } as unknown as DecisionInput<N>;
  const proof = await prove(signer, NAMESPACES.decision, codename, name, { ...content });
  return { ...content, decision: name, proof };
}

/**
 * Signs and sends a decision, and returns its outcome: accepted, or refused with every reason.
 *
 * Where no worker answers in time, the decision is left behind as a Signal with the same nonce, so that it is taken once as
 * soon as one runs, and `NoWorkerAnswers` says so.
 */
export async function decideIncident<N extends DecisionName>(
  client: Client,
  codename: string,
  name: N,
  fields: Omit<DecisionInput<N>, 'proof' | 'door'>,
  signer: Signer,
): Promise<Outcome> {
  const handle = handleOf(client, codename);
  return sendDecision(client, handle, await signDecision(codename, name, fields, signer));
}

/**
 * One attempt at a signed decision, and its outcome. The same message may be sent again: its update id is its nonce, so that
 * it is taken once. Nothing is left behind where no worker answers.
 *
 * @throws InvalidInput where it can't be taken at all; NoWorkerAnswers, or what the server said, where it may have been taken
 */
export async function attemptDecision(
  client: Client,
  codename: string,
  message: SignedDecision,
  withinMs = ANSWER_WITHIN_MS,
): Promise<Outcome> {
  const handle = handleOf(client, codename);
  try {
    return await update(client, handle, message, withinMs);
  } catch (error) {
    return endedOrThrow(client, codename, error);
  }
}

/** How the decision of that nonce ended, as the incident wrote it down; nothing where it was only counted, or never came. */
export async function outcomeOf(
  client: Client,
  codename: string,
  nonce: string,
): Promise<Outcome | undefined> {
  const entry = (await timelineOf(client, codename)).find(({ proof }) => proof?.nonce === nonce);
  if (!entry) return undefined;
  const { kind, text, reasons = [], seq } = entry;
  return { accepted: kind !== 'refusal', text, reasons, seq };
}

function update(client: Client, handle: WorkflowHandle, message: SignedDecision, withinMs: number) {
  const deadline = Date.now() + withinMs;
  return untilTaken(deadline, () =>
    client.withDeadline(deadline, () =>
      handle.executeUpdate(decisionUpdate, { args: [message], updateId: message.proof.nonce }),
    ),
  );
}

const AGAIN_AFTER_MS = 200;

/**
 * The server gives an update up where the workflow task fails that would have taken it: while the incident begins a new run of its
 * history, say. Nothing was decided then, so it is sent again. A decision is taken once, whatever became of it before.
 *
 * @param deadline in milliseconds since the epoch
 */
export async function untilTaken<T>(deadline: number, send: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await send();
    } catch (error) {
      if (!wasGivenUp(error) || Date.now() + AGAIN_AFTER_MS >= deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, AGAIN_AFTER_MS));
    }
  }
}

function wasGivenUp(error: unknown): boolean {
  return /unexpected workflow task failure/i.test(grpcErrorIn(error)?.details ?? '');
}

async function sendDecision(
  client: Client,
  handle: WorkflowHandle,
  message: SignedDecision,
): Promise<Outcome> {
  const codename = handle.workflowId;
  try {
    return await update(client, handle, message, ANSWER_WITHIN_MS);
  } catch (error) {
    if (isTimeout(error)) {
      if (!(await isIncident(client, codename))) throw noIncident(codename);
      await handle.signal(decisionSignal, message);
      throw new NoWorkerAnswers(
        'No worker answers. The decision has been left with the incident and will be taken, once, if a worker runs within the hour: a signature is no older than that. Start one (docs/deploy.md), then look at the timeline.',
      );
    }
    return endedOrThrow(client, codename, error);
  }
}

async function endedOrThrow(client: Client, codename: string, error: unknown): Promise<Outcome> {
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
  return ask(client, codename, 'checklist', [], withinMs);
}

/** What was kept as evidence, and who had it when. */
export async function evidenceOf(client: Client, codename: string): Promise<Evidence> {
  return (await ask(client, codename, 'evidence')) ?? NO_EVIDENCE;
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
  const [codename = 'rehearsal'] = candidates();
  try {
    return await client.workflow.execute<
      (kind: 'rehearse', input: RehearsalInput) => Promise<RehearsedSubStep[]>
    >(PART_WORKFLOW, {
      // Children are numbered from 1.
      workflowId: partWorkflowId(codename, 0),
      taskQueue: TASK_QUEUE,
      args: ['rehearse', { instance, codename, attackers }],
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

/** Words inside and outside: who may hear what, what is on its way, and what keeps it back. */
export async function communicationOf(client: Client, codename: string): Promise<CommunicationView> {
  const view = await ask(client, codename, 'communication');
  if (!view) throw new NoWorkerAnswers();
  return view;
}

/** The hand-off pack for a kind of contact or a party, or why not; null where there is none of that name. */
export function packOf(client: Client, codename: string, named: string): Promise<PackAnswer | null> {
  return ask(client, codename, 'pack', [named]);
}

export function timelineOf(client: Client, codename: string, withinMs = ANSWER_WITHIN_MS): Promise<Entry[]> {
  return ask(client, codename, 'timeline', [], withinMs);
}

/** One task, by its number or name; null where there is none of that name. */
export function taskOfIncident(client: Client, codename: string, named: string): Promise<TaskView | null> {
  return ask(client, codename, 'task', [named]);
}

export interface ListedIncident {
  readonly codename: string;
  /** Milliseconds since the epoch. */
  readonly since: number;
  /** Absent where no worker answered, and in practice. */
  readonly checklist?: ChecklistView;
  /** It only looks like an incident, to outsiders. */
  readonly practice?: true;
}

/** What was asked of an incident was asked of practice. */
class InPractice extends InvalidInput {
  constructor(codename: string) {
    super([tellsOfPractice(codename)]);
  }
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
    if (error instanceof InPractice) return { codename, since, practice: true };
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
async function ask<V extends ViewName>(
  client: Client,
  codename: string,
  view: V,
  rest: readonly string[] = [],
  withinMs = ANSWER_WITHIN_MS,
): Promise<Views[V]> {
  const handle = handleOf(client, codename);
  const deadline = Date.now() + withinMs;
  for (;;) {
    try {
      // The deadline ends the SDK's retries as well: one left behind would find its connection closed.
      const answer = await client.withDeadline(deadline, () => handle.query(viewQuery, view, ...rest));
      if (practiceIn(answer)) throw new InPractice(codename);
      return answer as Views[V];
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
