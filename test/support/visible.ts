/** What whoever reaches the Temporal server reads of a workflow without the company's keys. */
import { isGrpcServiceError, type Client } from '@temporalio/client';

type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };
type Fields = Readonly<Record<string, Json>>;

/** What each workflow, or each event, has of its own: numbers, moments, ids. */
const OWN = new Set([
  ...['eventId', 'eventTime', 'taskId', 'version', 'requestId', 'runId', 'historySizeBytes', 'activityId'],
  ...['originalExecutionRunId', 'firstExecutionRunId', 'namespaceId', 'timerId', 'scheduledEventId'],
  ...['startedEventId', 'initiatedEventId', 'parentInitiatedEventId', 'workflowTaskCompletedEventId'],
  ...['acceptedEventId', 'acceptedRequestSequencingEventId', 'startTime', 'closeTime', 'executionTime'],
  ...['historyLength', 'stateTransitionCount', 'executionDuration', 'firstRunId', 'originalStartTime'],
  ...['createTime', 'requestIdInfos', 'historySizeBytes'],
  // What failed, and how often; what was waited for; which workflow task was the first to use something of the SDK's core.
  ...['attempt', 'lastFailure', 'startToFireTimeout', 'coreUsedFlags'],
]);

/** gRPC's `NOT_FOUND`. */
const NOT_FOUND = 5;

/** All events of these workflows, as JSON; of one that is not there, none. */
export async function eventsOf(client: Client, ids: readonly string[]): Promise<Fields[]> {
  const histories = await Promise.all(
    ids.map(async (id) => {
      try {
        const { events } = await client.workflow.getHandle(id).fetchHistory();
        const shaped = JSON.stringify(events ?? []).replaceAll(id.replace(/-\d+$/, ''), 'CODENAME');
        return JSON.parse(shaped) as Fields[];
      } catch (error) {
        if (isGrpcServiceError(error) && Number(error.code) === NOT_FOUND) return [];
        throw error;
      }
    }),
  );
  return histories.flat();
}

function kindOf({ eventType }: Fields): string {
  return typeof eventType === 'string' ? eventType : '';
}

/** Each kind of event with its clear fields, each once. */
export function clearFieldsOf(events: readonly Fields[]): Record<string, unknown[]> {
  const kinds = [...new Set(events.map(kindOf))].sort();
  return Object.fromEntries(
    kinds.map((kind) => {
      const texts = events
        .filter((event) => kindOf(event) === kind)
        .map((event) => JSON.stringify(clear(event)));
      return [kind, [...new Set(texts)].sort().map((text): unknown => JSON.parse(text))];
    }),
  );
}

export async function descriptionOf(client: Client, id: string): Promise<unknown> {
  const { raw } = await client.workflow.getHandle(id).describe();
  return clear(JSON.parse(JSON.stringify(raw).replaceAll(id, 'CODENAME')) as Json);
}

/** What was used of the SDK's core. */
export function flagsOf(events: readonly Fields[]): number[] {
  const lists = [...JSON.stringify(events).matchAll(/"coreUsedFlags":\[([\d,]+)\]/g)];
  return [...new Set(lists.flatMap(([, list = '']) => list.split(',').map(Number)))].sort();
}

const FROM_OUTSIDE = [
  'EVENT_TYPE_WORKFLOW_EXECUTION_STARTED',
  'EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED',
];

/** The data keys that stand beside sealed payloads. Who sealed with the same one is the same process. */
export function dataKeysOf(events: readonly Fields[]): { outside: string[]; worker: string[] } {
  const isOutside = (event: Fields) =>
    FROM_OUTSIDE.includes(kindOf(event)) && !JSON.stringify(event).includes('"part"');
  const keysOf = (event: Fields) =>
    [...JSON.stringify(event).matchAll(/"data-key":"([^"]+)"/g)].map(([, key = '']) => key);
  return {
    outside: events.filter(isOutside).flatMap((event) => [...new Set(keysOf(event))]),
    worker: [...new Set(events.filter((event) => !isOutside(event)).flatMap(keysOf))],
  };
}

function clear(value: Json): Json {
  if (typeof value === 'string') return shape(value);
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return (value as readonly Json[]).map(clear).sort();
  const fields = value as Fields;
  if ('metadata' in fields) return payload(fields);
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([name]) => !OWN.has(name))
      .map(([name, one]): [string, Json] => [name, clear(one)])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** What a part's id and an update's id look like, not which they are. */
function shape(text: string): string {
  return text.replace(/^CODENAME-\d+$/, 'CODENAME-NUMBER').replace(/^[\w-]{32}(?=$|\/)/, 'NONCE');
}

/** A sealed one shows by whose key and for whom; one in the clear shows what it says, but for numbers and moments. */
function payload({ metadata, data }: Fields): Json {
  const fields = metadata as Readonly<Record<string, string>>;
  const text = (base64: string | undefined) => Buffer.from(base64 ?? '', 'base64').toString('utf8');
  if (text(fields['encoding']) === 'binary/encrypted')
    return { sealed: Object.keys(fields).sort(), kind: text(fields['kind']), key: text(fields['key-id']) };
  return { clear: text(typeof data === 'string' ? data : '').replace(/\d[\d.:TZ-]*/g, 'N') };
}
