/**
 * Log lines: one JSON object each, with the codename and nothing else of the incident. Temporal's own lines come with
 * inputs, failures and stacks in their metadata; none of that passes.
 */
import { DefaultLogger, type LogEntry, type LogLevel } from '@temporalio/worker';

export function createLogger(level: LogLevel, write: (line: string) => void): DefaultLogger {
  return new DefaultLogger(level, (entry) => write(`${JSON.stringify(lineOf(entry))}\n`));
}

function lineOf({ level, timestampNanos, message, meta }: LogEntry): Record<string, unknown> {
  const codename: unknown = meta?.['workflowId'] ?? meta?.['workflow_id'];
  return {
    time: new Date(Number(timestampNanos / 1_000_000n)).toISOString(),
    level,
    message: firstLine(message),
    ...(typeof codename === 'string' && { codename }),
  };
}

/** A message of the SDK's is a fixed text in its first line; what follows may quote an error. */
function firstLine(message: string): string {
  return message.split('\n', 1)[0]?.slice(0, 200) ?? '';
}
