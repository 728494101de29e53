/** Follows an incident by looking, several times a second. Queries leave no trace in its history. */
import type { Client } from '@temporalio/client';
import { checklistOf, communicationOf, timelineOf } from '../client/incidents';
import { sentenceOf } from '../domain/markdown';
import type { ChecklistView } from '../domain/view';
import type { Progress } from './progress';

export interface Watch {
  /** @throws Error where it does not come to that in time */
  until(holds: (view: ChecklistView) => boolean, what: string, withinMs: number): Promise<ChecklistView>;
  stop(): Promise<void>;
}

export function watchIncident(client: Client, codename: string, progress: Progress): Watch {
  let told = 0;
  let stopped = false;
  let latest: ChecklistView | undefined;
  const look = async () => {
    const [view, entries] = await Promise.all([checklistOf(client, codename), timelineOf(client, codename)]);
    latest = view;
    progress.steps(view.steps);
    for (const entry of entries.filter(({ seq }) => seq > told)) {
      progress.happened(sentenceOf(entry));
      told = entry.seq;
    }
  };
  const looking = (async () => {
    while (!stopped) {
      // A worker that was killed answers again in a moment.
      await look().catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    await look().catch(() => undefined);
  })();
  return {
    async until(holds, what, withinMs) {
      const deadline = Date.now() + withinMs;
      for (;;) {
        if (latest && holds(latest)) return latest;
        if (Date.now() > deadline)
          throw new Error(`It did not come to this within ${withinMs / 1_000} s: ${what}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    async stop() {
      stopped = true;
      await looking;
    },
  };
}

/** Whether every message that was ordered is out, or waits for somebody. */
export async function isSent(client: Client, codename: string): Promise<boolean> {
  const { outbox } = await communicationOf(client, codename);
  return outbox.every(
    ({ state, nextTryAt }) =>
      state !== 'waiting' && state !== 'sending' && (state !== 'failed' || nextTryAt === undefined),
  );
}

export function tasksOf(view: ChecklistView) {
  return view.steps.flatMap(({ tasks }) => tasks);
}

export function isAtRest({ containments }: ChecklistView): boolean {
  return containments.every(
    ({ status, release }) => status !== 'running' && (!release || release.doneAt !== undefined),
  );
}

export function allSettled(view: ChecklistView, ids: readonly string[]): boolean {
  const tasks = tasksOf(view);
  return ids.every((id) => {
    const task = tasks.find((one) => one.id === id || one.number === id);
    return task?.state === 'done' || task?.state === 'notNeeded';
  });
}

/** What people can complete: tasks that are open, and those of the machine that failed. */
export function openTasksOf(view: ChecklistView): string[] {
  return tasksOf(view)
    .filter(
      ({ state, machine, inDoubt }) =>
        (state === 'open' && !machine) || state === 'failed' || inDoubt !== undefined,
    )
    .map(({ id }) => id);
}
