/**
 * What Temporal keeps in the clear, field by field. A canary proves that its word did not get out; this proves that nothing
 * else did either: each text in a history or a description that is not sealed has to be of a form that says nothing.
 */
import { INCIDENT_WORKFLOW, PART_WORKFLOW, STEP_ACTIVITY, TASK_QUEUE } from '../../workflows/names';

/** The payloads of search attributes, and what Temporal's SDK writes beside a local activity's sealed result. */
type Plain = Readonly<Record<string, unknown>> | string | readonly string[];

interface Json {
  readonly [name: string]: unknown;
}

/** Each text that nothing explains, with where it stands. */
export function clearFieldsIn(document: unknown, codename: string): string[] {
  const known = [...FORMS, new RegExp(`^${codename}(-\\d+)?$`)];
  const found = new Map<string, string>();
  const look = (value: unknown, path: readonly string[]): void => {
    if (typeof value === 'string') {
      if (!known.some((form) => form.test(value)) && !isKnownAt(path, value)) {
        const where = path.filter((name) => !/^\d+$/.test(name)).join('.');
        found.set(`${where} ${value}`, `${where} says ${JSON.stringify(value.slice(0, 200))}`);
      }
      return;
    }
    if (typeof value !== 'object' || value === null) return;
    const payload = payloadOf(value as Json);
    if (payload === SEALED) return;
    if (payload !== undefined) look(payload.content, [...path, `(${payload.encoding})`]);
    else for (const [name, inner] of Object.entries(value)) look(inner, [...path, name]);
  };
  look(document, []);
  return [...found.values()];
}

const SEALED = 'sealed';

/** Nothing where it is no payload. One in the clear is looked into. */
function payloadOf(value: Json): typeof SEALED | { encoding: string; content: Plain } | undefined {
  const { metadata, data, ...rest } = value;
  if (typeof metadata !== 'object' || metadata === null || Object.keys(rest).length > 0) return undefined;
  const encoding = decoded((metadata as Json)['encoding']);
  if (encoding === undefined) return undefined;
  const text = decoded(data) ?? '';
  if (encoding === 'binary/encrypted')
    return isEnvelope(metadata as Json) ? SEALED : { encoding, content: text };
  try {
    return { encoding, content: JSON.parse(text) as Plain };
  } catch {
    return { encoding, content: text };
  }
}

/** `by` names a person: where a payload has it, it is no envelope that says nothing. */
const ENVELOPE = [
  'data-key',
  'encoding',
  'key-id',
  'key-tag',
  'kind',
  'namespace',
  'proof',
  'version',
  'workflow-id',
];

function isEnvelope(metadata: Json): boolean {
  return Object.keys(metadata).every((name) => ENVELOPE.includes(name));
}

function decoded(value: unknown): string | undefined {
  return typeof value === 'string' ? Buffer.from(value, 'base64').toString('utf8') : undefined;
}

const NAMES = [
  ...[INCIDENT_WORKFLOW, PART_WORKFLOW, STEP_ACTIVITY, TASK_QUEUE],
  // Messages, and what they are sent by.
  ...['decision', 'report', 'order', 'view', 'firebreak', 'history-service', 'default'],
  // Temporal's own.
  ...[
    'temporal-typescript',
    'core_local_activity',
    'TypeScriptSDK',
    'request-from-RespondWorkflowTaskCompleted',
    'UNVERSIONED',
    'Server',
    'unversioned',
    'Encoded failure',
  ],
  // The search attribute.
  ...['open', 'ended', 'Keyword', 'KeywordList'],
  // `activities/failures.ts`, and the classes of what else is thrown: never one that names what was tried.
  ...[
    'InvalidRequest',
    'NotFound',
    'Unauthorized',
    'Conflict',
    'RateLimited',
    'Unavailable',
    'Unreadable',
    'Error',
    'AwsError',
  ],
];

/** Forms of values that say nothing by themselves. */
const FORMS: readonly RegExp[] = [
  new RegExp(`^(${NAMES.join('|')})$`),
  /^-?\d+(\.\d+)?s?$/,
  /^\d{4}-\d\d-\d\dT[\d:.]+Z$/,
  // Run ids and request ids.
  /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(\/\w+)?$/,
  // Enumerations.
  /^[A-Z]+(_[A-Z]+)+$/,
  // A decision's nonce: 24 random bytes.
  /^[\w-]{32}(\/request)?$/,
  /^firebreak-[0-9a-f]{32}$/,
  /^(unversioned:)?@temporalio\/worker@[\d.]+\+[0-9a-f]{64}$/,
];

/** What Temporal writes where a workflow cancels another one. A reason would follow it, in the clear. */
const CANCELLED = /^Cancel requested by workflow with run id [0-9a-f-]{36} with reason: $/;

/** By the field: what Temporal says of a time-out or a cancellation, and the version of its SDK. */
const AT: Readonly<Record<string, RegExp>> = {
  reason: CANCELLED,
  cause: CANCELLED,
  sdkVersion: /^\d+\.\d+\.\d+$/,
  message:
    /^(activity (Heartbeat|StartToClose|ScheduleToClose|ScheduleToStart) timeout|Child Workflow execution (canceled|failed)|Activity task failed|Workflow cancelled)$/i,
};

function isKnownAt(path: readonly string[], value: string): boolean {
  return AT[path.at(-1) ?? '']?.test(value) ?? false;
}
