/** Waiting by a durable timer for what people are to be told or asked next. */
import { condition } from '@temporalio/workflow';

interface Due {
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/**
 * What is next, as soon as it is due; undefined once `draining`. It is looked at anew whenever the incident changes: what was
 * due may be so no longer, or something else before it. Where nothing is, there is no timer.
 */
export async function untilDue<D extends Due>(
  next: () => D | undefined,
  draining: () => boolean,
  summary: string,
): Promise<D | undefined> {
  for (;;) {
    await condition(() => draining() || next() !== undefined);
    if (draining()) return undefined;
    const due = next();
    if (!due) continue;
    const wait = due.at - Date.now();
    if (wait <= 0) return due;
    await condition(() => draining() || next()?.at !== due.at, wait, { summary });
  }
}
