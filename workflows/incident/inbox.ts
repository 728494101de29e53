/**
 * Decisions that arrive as Signals, in the order of their arrival. They are taken some at a time: checking a signature takes
 * milliseconds, and ten thousand forged ones, left while no worker ran, would take longer than a workflow task may.
 */
import { condition, sleep } from '@temporalio/workflow';
import type { Store } from './store';

/** So many are taken in one workflow task: within a second, also on a slow machine. */
const AT_A_TIME = 100;

export class Inbox {
  private readonly waiting: unknown[] = [];

  constructor(private readonly store: Store) {}

  add(raw: unknown): void {
    this.waiting.push(raw);
  }

  get isEmpty(): boolean {
    return this.waiting.length === 0;
  }

  async run(isOver: () => boolean): Promise<void> {
    for (;;) {
      await condition(() => isOver() || !this.isEmpty);
      if (isOver()) return;
      for (const raw of this.waiting.splice(0, AT_A_TIME)) this.store.take(raw);
      if (!this.isEmpty) await sleep(1, { summary: 'More messages wait' });
    }
  }
}
