/** What whoever reaches the Temporal server reads of a workflow without the company's keys. */
import type { Client } from '@temporalio/client';

type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** Numbers, moments and ids that each workflow, or each event, has of its own. */
const OWN = new Set([
  ...['eventId', 'eventTime', 'taskId', 'version', 'requestId', 'runId', 'historySizeBytes', 'activityId'],
  ...['originalExecutionRunId', 'firstExecutionRunId', 'namespaceId', 'timerId', 'scheduledEventId'],
  ...['startedEventId', 'initiatedEventId', 'workflowTaskCompletedEventId', 'acceptedEventId', 'attempt'],
  ...['acceptedRequestSequencingEventId', 'lastFailure', 'startTime', 'closeTime', 'executionTime'],
  ...[
    'historyLength',
    'stateTransitionCount',
    'executionDuration',
    'firstRunId',
    'startedTime',
    'runExpirationTime',
  ],
]);

/** Each kind of event with its clear fields, once. `of` is the workflow's id, which is no difference. */
export async function visibleHistory(client: Client, of: string): Promise<Map<string, Set<string>>> {
  const { events } = await client.workflow.getHandle(of).fetchHistory();
  const seen = new Map<string, Set<string>>();
  for (const event of events ?? []) {
    const { eventType, ...fields } = JSON.parse(JSON.stringify(event)) as Record<string, Json>;
    const kind = String(eventType);
    const text = JSON.stringify(clear(fields as Json, of));
    seen.set(kind, (seen.get(kind) ?? new Set()).add(text));
  }
  return seen;
}

export async function visibleDescription(client: Client, of: string): Promise<Json> {
  const { raw } = await client.workflow.getHandle(of).describe();
  return clear(JSON.parse(JSON.stringify(raw)) as Json, of);
}

/** The data keys beside the sealed payloads of each kind of event: who sealed with the same one is the same process. */
export async function dataKeysOf(client: Client, of: string): Promise<Map<string, string[]>> {
  const { events } = await client.workflow.getHandle(of).fetchHistory();
  return new Map(
    (events ?? []).map((event): [string, string[]] => {
      const text = JSON.stringify(event);
      return [
        `${String(event.eventId)} ${String((JSON.parse(text) as { eventType: unknown }).eventType)}`,
        [...text.matchAll(/"data-key":"([^"]+)"/g)].map(([, key = '']) => key),
      ];
    }),
  );
}

function clear(value: Json, of: string): Json {
  if (typeof value === 'string') return shape(value, of);
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return (value as readonly Json[]).map((one) => clear(one, of));
  const fields = value as Readonly<Record<string, Json>>;
  if ('metadata' in fields && ('data' in fields || Object.keys(fields).length === 1)) return payload(fields);
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([name]) => !OWN.has(name))
      .map(([name, one]): [string, Json] => [name, clear(one, of)])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** Codenames, ids of updates and of their protocol: what they look like, not which they are. */
function shape(text: string, of: string): string {
  const codename = of.replace(/-\d+$/, '');
  return text
    .replaceAll(codename, 'CODENAME')
    .replace(/^CODENAME-\d+$/, 'CODENAME-NUMBER')
    .replace(/^[\w-]{32}(?=$|\/)/, 'NONCE');
}

/** A sealed one shows who can read it; one in the clear shows what it says. Local activities' times are core's own. */
function payload({ metadata, data }: Readonly<Record<string, Json>>): Json {
  const fields = metadata as Readonly<Record<string, string>>;
  const text = (base64: string | undefined) => Buffer.from(base64 ?? '', 'base64').toString('utf8');
  if (text(fields['encoding']) === 'binary/encrypted')
    return { sealed: Object.keys(fields).sort(), kind: text(fields['kind']), key: text(fields['key-id']) };
  return { clear: text(String(data)).replace(/"[\d.-]+T[^"]*Z"|\d{3,}/g, 'N') };
}
