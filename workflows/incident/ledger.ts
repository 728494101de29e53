/** Writes every entry to the ledger while the incident runs, in order, each once. */
import { condition } from '@temporalio/workflow';
import type { LedgerActivities } from '../../activities/ledger';
import { backOffMs } from '../../domain/effects';
import type { LedgerHead } from '../../domain/ledger/batch';
import { steps } from '../steps';
import { causeOf } from './causes';
import type { Store } from './store';

const ledger = steps<LedgerActivities>({
  // A file is written, and its signature made: a handful of calls of at most 10 s each.
  startToCloseTimeout: '60 seconds',
  heartbeatTimeout: '3 seconds',
  retry: { initialInterval: '200 milliseconds', backoffCoefficient: 3, maximumAttempts: 4 },
});

/** Entries come in bursts: what comes within this goes into one file, in ms. */
const GATHER_MS = 1_000;

/** A file of some hundred kilobytes, within Temporal's limit for one payload. */
const MOST_ENTRIES = 200;
const MOST_CHARACTERS = 500_000;

/** How often the last entries are tried when the incident has ended. */
const LAST_TRIES = 8;

export class LedgerKeeper {
  private failures = 0;

  constructor(
    private readonly store: Store,
    public head: LedgerHead | undefined,
  ) {}

  /** Runs until `draining`. */
  async run(draining: () => boolean): Promise<void> {
    if (this.store.incident.company.ledger !== true) return;
    for (;;) {
      await condition(() => draining() || this.hasNews());
      if (draining()) return;
      if (this.failures === 0) await condition(draining, GATHER_MS, { summary: 'More entries may come' });
      await this.attempt(false);
      if (this.failures > 0)
        await condition(draining, backOffMs(this.failures), { summary: 'Next try: the ledger' });
    }
  }

  /** Writes what is left, when no attempt of `run` is under way any more. What can't be written in these tries stays with the workflow. */
  async writeAll(): Promise<void> {
    if (this.store.incident.company.ledger !== true) return;
    await this.tryUntil(() => !this.hasNews());
  }

  /** Nothing comes after it. A ledger that could not be closed says so to whoever checks it. */
  async close(): Promise<void> {
    if (this.store.incident.company.ledger !== true || this.hasNews()) return;
    await this.tryUntil(() => this.head?.closes === true);
  }

  private async tryUntil(isSo: () => boolean): Promise<void> {
    for (let tries = 1; !isSo() && tries <= LAST_TRIES;) {
      await this.attempt(true);
      if (this.failures === 0) continue;
      tries += 1;
      await condition(() => false, backOffMs(this.failures), { summary: 'Next try: the ledger' });
    }
  }

  get isBehind(): boolean {
    return this.store.incident.company.ledger === true && this.hasNews();
  }

  private hasNews(): boolean {
    return this.store.lastSeq > (this.head?.upTo ?? 0);
  }

  private async attempt(last: boolean): Promise<void> {
    const { entries, declaration } = this.store.incident;
    const waiting = entries.filter(({ seq }) => seq > (this.head?.upTo ?? 0)).slice(0, MOST_ENTRIES);
    let characters = 0;
    const news = waiting.filter(
      (entry, index) => (characters += JSON.stringify(entry).length) <= MOST_CHARACTERS || index === 0,
    );
    try {
      this.head = await ledger.appendToLedger.executeWithOptions({ summary: 'Write the ledger' }, [
        {
          codename: declaration.codename,
          ...(this.head && { previous: this.head }),
          entries: news,
          at: Date.now(),
          closes: last && news.length === 0,
        },
      ]);
      if (this.failures > 0 && !last)
        this.store.report({ name: 'warned', text: 'the ledger is written again; nothing was left out' });
      this.failures = 0;
    } catch (error) {
      this.failures += 1;
      // Once an outage. When the incident has ended, one more entry would be one more to write.
      if (this.failures === 1 && !last)
        this.store.report({
          name: 'warned',
          text: `the ledger can't be written (${causeOf(error)}); it is retried`,
        });
    }
  }
}
