/** What Temporal's own record holds of an incident: every message that was sent to it, over all of its runs. */
import { isGrpcServiceError, type Client } from '@temporalio/client';
import { decodeArrayFromPayloads } from '@temporalio/common/lib/internal-non-workflow/codec-helpers';
import type { Payload, SerializationContext } from '@temporalio/common';
import { KeyUnusable } from '../../codec/errors';
import { decisionSignal, decisionUpdate } from '../../workflows/incident/messages';
import { InvalidInput } from '../errors';
import type { Message } from './compare';

export interface ReadHistory {
  readonly messages: readonly Message[];
  /** How many runs could be read. */
  readonly runs: number;
  /** Where earlier runs are kept no longer: when the history that is left begins, in milliseconds since the epoch. */
  readonly since?: number;
}

type History = Awaited<ReturnType<ReturnType<Client['workflow']['getHandle']>['fetchHistory']>>;
type HistoryEvent = NonNullable<History['events']>[number];

/** gRPC's `NOT_FOUND`. */
const NOT_FOUND: number = 5;

/** A workflow that continues as new for ever is no incident. */
const MOST_RUNS = 1_000;

/**
 * Reads all runs, from the latest back to the first.
 * @throws InvalidInput where a key is missing that the messages were sealed with
 */
export async function readHistory(client: Client, codename: string, lastRunId: string): Promise<ReadHistory> {
  const runs: History[] = [];
  for (let runId: string | undefined = lastRunId; runId !== undefined && runs.length < MOST_RUNS;) {
    const history = await fetchRun(client, codename, runId);
    if (!history) break;
    runs.unshift(history);
    runId = startOf(history)?.continuedExecutionRunId || undefined;
  }
  const messages: Message[] = [];
  for (const [index, history] of runs.entries())
    for (const event of history.events ?? [])
      messages.push(...(await messagesIn(client, codename, event, index + 1, runs.length)));
  const [first] = runs;
  const isWhole = first !== undefined && !startOf(first)?.continuedExecutionRunId;
  return {
    messages,
    runs: runs.length,
    ...(!isWhole && { since: first?.events?.[0] ? timeOf(first.events[0]) : Infinity }),
  };
}

/** Nothing where the run is kept no longer. */
async function fetchRun(client: Client, codename: string, runId: string): Promise<History | undefined> {
  try {
    return await client.workflow.getHandle(codename, runId).fetchHistory();
  } catch (error) {
    if (isGrpcServiceError(error) && Number(error.code) === NOT_FOUND) return undefined;
    throw error;
  }
}

function startOf({ events }: History) {
  return events?.[0]?.workflowExecutionStartedEventAttributes;
}

async function messagesIn(
  client: Client,
  codename: string,
  event: HistoryEvent,
  run: number,
  runs: number,
): Promise<Message[]> {
  const found = payloadsIn(event, run);
  if (!found) return [];
  const { kind, payloads } = found;
  const context = { type: 'workflow', namespace: client.options.namespace, workflowId: codename } as const;
  const content = await decoded(client, payloads, context);
  const where = `event ${String(event.eventId)}${runs > 1 ? ` of run ${run}` : ''}`;
  return [{ kind, where, at: timeOf(event), ...(content && { content: content.value }) }];
}

function payloadsIn(
  {
    workflowExecutionStartedEventAttributes: started,
    workflowExecutionSignaledEventAttributes: signal,
    workflowExecutionUpdateAcceptedEventAttributes: accepted,
    workflowExecutionUpdateAdmittedEventAttributes: admitted,
  }: HistoryEvent,
  run: number,
): { kind: Message['kind']; payloads: readonly Payload[] } | undefined {
  // A later run begins with what the one before handed on.
  if (started)
    return run === 1 && !started.continuedExecutionRunId ? found('start', started.input) : undefined;
  if (signal) return signal.signalName === decisionSignal.name ? found('decision', signal.input) : undefined;
  // After a reset, the server puts updates of before into the history once more, and accepts them from there.
  const update = (accepted?.acceptedRequest ?? admitted?.request)?.input;
  return update?.name === decisionUpdate.name ? found('decision', update.args) : undefined;
}

function found(kind: Message['kind'], input: { payloads?: Payload[] | null } | null | undefined) {
  return { kind, payloads: input?.payloads ?? [] };
}

/** Nothing where it can't be read: anybody can send anything. */
async function decoded(
  client: Client,
  payloads: readonly Payload[],
  context: SerializationContext,
): Promise<{ value: unknown } | undefined> {
  try {
    const [value] = await decodeArrayFromPayloads(client.options.loadedDataConverter, [...payloads], context);
    return { value };
  } catch (error) {
    if (error instanceof KeyUnusable) throw new InvalidInput([error.message]);
    return undefined;
  }
}

/** Milliseconds since the epoch. */
function timeOf({ eventTime }: HistoryEvent): number {
  return Number(eventTime?.seconds ?? 0) * 1_000 + (eventTime?.nanos ?? 0) / 1_000_000;
}
