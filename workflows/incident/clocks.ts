/** Warns the room before a clock ends, and when it has: by one durable timer at a time, for whichever is next. */
import { nextClockWarning } from '../../domain/clocks';
import { untilDue } from './due';
import type { Store } from './store';

/** Runs until `draining`. It only tells: what may be done, and when, hangs on no clock. */
export async function keepClocks(store: Store, draining: () => boolean): Promise<void> {
  const next = () => nextClockWarning(store.incident);
  for (;;) {
    const due = await untilDue(next, draining, 'Next word about a clock');
    if (!due) return;
    store.report({ name: 'clockWarned', clock: due.clock });
  }
}
