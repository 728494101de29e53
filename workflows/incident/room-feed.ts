/** Tells the room everything that is written down, in order, each entry once. */
import { condition } from '@temporalio/workflow';
import { backOffMs } from '../../domain/effects';
import { renderEntry, renderPinned } from '../../domain/markdown';
import { MESSAGES_A_CALL, roomFeed } from './activities';
import { causeOf } from './causes';
import type { Store } from './store';

/** How often the last entries are tried when the incident has ended: after that, the ledger has them all the same. */
const LAST_TRIES = 5;

export class RoomFeed {
  constructor(
    private readonly store: Store,
    public toldUpTo: number,
  ) {}

  /** Runs until `draining`; then, where the incident has ended, until the room knows that too. */
  async run(draining: () => boolean, ended: () => boolean): Promise<void> {
    let failures = 0;
    let lastFailures = 0;
    for (;;) {
      await condition(() => this.hasNews() || draining());
      const last = draining();
      if (last && (!ended() || !this.hasNews() || lastFailures >= LAST_TRIES)) return;
      try {
        await this.tell();
        if (failures > 0)
          this.store.report({ name: 'warned', text: 'the room is told again; nothing was left out' });
        failures = 0;
      } catch (error) {
        const cause = causeOf(error);
        failures += 1;
        if (last) lastFailures += 1;
        // Once an outage: the warning is an entry too, and waits for the room with the others.
        if (failures === 1)
          this.store.report({
            name: 'warned',
            text: `the room can't be told what happens (${cause}); it is retried`,
          });
        await condition(() => !last && draining(), backOffMs(last ? lastFailures : failures), {
          summary: 'Next try: tell the room',
        });
      }
    }
  }

  private hasNews(): boolean {
    return this.store.incident.room !== undefined && this.store.lastSeq > this.toldUpTo;
  }

  private async tell(): Promise<void> {
    const { incident } = this.store;
    const { room } = incident;
    if (!room) return;
    const news = incident.entries.filter(({ seq }) => seq > this.toldUpTo).slice(0, MESSAGES_A_CALL);
    const messages = news.map((entry) => ({ key: String(entry.seq), markdown: renderEntry(entry) }));
    await roomFeed.tellRoom.executeWithOptions({ summary: 'Tell the room' }, [
      { room, checklistId: room.checklistId },
      messages,
      renderPinned(incident),
    ]);
    this.toldUpTo = news.at(-1)?.seq ?? this.toldUpTo;
  }
}
