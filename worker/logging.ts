/**
 * Log lines: one JSON object each, of fixed texts. Whoever reads a host's logs need not be on the response team, so a line
 * holds its time, its level, a text that is known beforehand, and at most four attributes from closed sets. What Temporal's
 * SDK adds (workflow ids, inputs, failures with their messages and stacks) does not pass: Temporal has it, sealed. A run's
 * id, which says nothing by itself, leads there.
 */
import { DefaultLogger, type LogEntry, type LogLevel } from '@temporalio/worker';
import { SDK_TEXTS } from './sdk-texts';

/** What stands for a message of the SDK's that is on no list. */
export const UNKNOWN_TEXT = 'Temporal’s SDK says something that is no fixed text';
const LONGEST_TEXT = 200;

export function createLogger(level: LogLevel, write: (line: string) => void): DefaultLogger {
  return new DefaultLogger(level, (entry) => write(`${JSON.stringify(lineOf(entry))}\n`));
}

function lineOf({ level, timestampNanos, message, meta }: LogEntry): Record<string, unknown> {
  return {
    time: new Date(Number(timestampNanos / 1_000_000n)).toISOString(),
    level,
    message: textOf(message, meta),
    ...attributesOf(meta),
  };
}

/**
 * The worker's own lines come without attributes and hold no word of an incident; of those, the first line is taken. The
 * SDK's come with some, or are on its list: a failed thread's may have none, and quotes an error.
 */
function textOf(message: unknown, meta: LogEntry['meta']): string {
  if (typeof message !== 'string') return UNKNOWN_TEXT;
  const known = SDK_TEXTS.find((text) => message.startsWith(text));
  if (known !== undefined) return known;
  return meta === undefined ? (message.split(/[\r\n]/, 1)[0] ?? '').slice(0, LONGEST_TEXT) : UNKNOWN_TEXT;
}

const COMPONENTS = new Set(['worker', 'workflow', 'activity', 'nexus', 'core']);
const STATES = new Set(['INITIALIZED', 'RUNNING', 'STOPPED', 'STOPPING', 'DRAINING', 'DRAINED', 'FAILED']);
/** A vendor's answer may name its error, so a name that is not one of these is none. */
const ERRORS = new Set([
  ...['Error', 'AggregateError', 'RangeError', 'ReferenceError', 'SyntaxError', 'TypeError', 'AbortError'],
  ...['ActivityFailure', 'ApplicationFailure', 'CancelledFailure', 'ChildWorkflowFailure', 'ServerFailure'],
  ...['TemporalFailure', 'TerminatedFailure', 'TimeoutFailure', 'WorkflowExecutionAlreadyStartedError'],
  ...[
    'DeterminismViolationError',
    'IllegalStateError',
    'PayloadConverterError',
    'ValueError',
    'WorkflowError',
  ],
  ...[
    'GracefulShutdownPeriodExpiredError',
    'ShutdownError',
    'TransportError',
    'UnexpectedError',
    'ServiceError',
  ],
]);
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function attributesOf(meta: LogEntry['meta'] = {}): Record<string, string> {
  const found = {
    component: oneOf(COMPONENTS, meta['sdkComponent']),
    state: oneOf(STATES, meta['state']),
    error: oneOf(ERRORS, nameOf(meta['error'] ?? meta['err'])),
    runId: uuid(meta['runId'] ?? meta['run_id'] ?? meta['workflowRunId']),
  };
  return Object.fromEntries(Object.entries(found).filter((each): each is [string, string] => !!each[1]));
}

function oneOf(known: ReadonlySet<string>, value: unknown): string | undefined {
  return typeof value === 'string' && known.has(value) ? value : undefined;
}

function uuid(value: unknown): string | undefined {
  return typeof value === 'string' && UUID.test(value) ? value : undefined;
}

/** Whatever is thrown: reading a name must not throw again. */
function nameOf(error: unknown): unknown {
  try {
    return error instanceof Error ? error.name : undefined;
  } catch {
    return undefined;
  }
}
