/** Tells the room everything that is written down, in order, each entry once. */
import { condition } from '@temporalio/workflow';
import { buttonsOfEntry, buttonsOfPinned } from '../../domain/buttons';
import { backOffMs } from '../../domain/effects';
import type { Room } from '../../domain/incident';
import { renderEntry, renderPinned } from '../../domain/markdown';
import { passToRoom } from '../../domain/outgoing';
import { MESSAGES_A_CALL, roomFeed } from './activities';
import { causeOf } from './causes';
import type { People } from './people';
import type { Store } from './store';

/** How often the last entries are tried when the incident has ended: after that, the ledger has them all the same. */
const LAST_TRIES = 5;

/** How far which room has been told. */
export interface Told {
  /** The last entry. */
  readonly toldUpTo: number;
  /** The room's id; absent while none has been told anything. */
  readonly toldIn?: string;
}

export class RoomFeed {
  private told: Told;

  constructor(
    private readonly store: Store,
    private readonly people: People,
    { toldUpTo, toldIn }: Told,
  ) {
    this.told = { toldUpTo, ...(toldIn !== undefined && { toldIn }) };
  }

  get progress(): Told {
    return this.told;
  }

  /** Runs until `draining`; then, where the incident has ended, until the room knows that too. */
  async run(draining: () => boolean, ended: () => boolean): Promise<void> {
    let failures = 0;
    let lastFailures = 0;
    for (;;) {
      await condition(() => this.hasNews() || draining());
      const last = draining();
      if (last && (!ended() || !this.hasNews() || lastFailures >= LAST_TRIES)) return;
      const { room } = this.store.incident;
      if (!room) continue;
      try {
        await this.tell(room);
        if (failures > 0)
          this.store.report({ name: 'warned', text: 'the room is told again; nothing was left out' });
        failures = 0;
      } catch (error) {
        const cause = causeOf(error);
        // The new one is told everything.
        const wasLeft = () => this.store.incident.room?.id !== room.id;
        if (wasLeft()) continue;
        failures += 1;
        if (last) lastFailures += 1;
        // Once an outage: the warning is an entry too, and waits for the room with the others.
        if (failures === 1)
          this.store.report({
            name: 'warned',
            text: `the room can't be told what happens (${cause}); it is retried`,
          });
        await condition(() => !last && (draining() || wasLeft()), backOffMs(last ? lastFailures : failures), {
          summary: 'Next try: tell the room',
        });
      }
    }
  }

  /** Not for somebody who is excluded and may be in the room still. */
  private hasNews(): boolean {
    const { room } = this.store.incident;
    return room !== undefined && this.store.lastSeq > this.toldTo(room) && this.people.areAmongThemselves;
  }

  /** A room that is new has been told nothing. */
  private toldTo({ id }: Room): number {
    const { toldUpTo, toldIn = id } = this.told;
    return toldIn === id ? toldUpTo : 0;
  }

  private async tell(room: Room): Promise<void> {
    const { incident } = this.store;
    const before = this.toldTo(room);
    const news = incident.entries.filter(({ seq }) => seq > before).slice(0, MESSAGES_A_CALL);
    const messages = news.map((entry) => {
      const buttons = buttonsOfEntry(entry, incident);
      return {
        key: String(entry.seq),
        markdown: renderEntry(entry),
        ...(buttons.length > 0 && { buttons }),
      };
    });
    const passed = passToRoom(messages, incident);
    if (!passed.ok) return;
    await roomFeed.tellRoom.executeWithOptions({ summary: 'Tell the room' }, [
      { room, checklistId: room.checklistId },
      passed.message,
      renderPinned(incident),
      buttonsOfPinned(incident),
    ]);
    this.told = { toldUpTo: news.at(-1)?.seq ?? before, toldIn: room.id };
  }
}
