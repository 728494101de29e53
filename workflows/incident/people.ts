/** Who is brought into the room, who is taken out of it, and who can see what is in it. */
import {
  ActivityCancellationType,
  ActivityFailure,
  ApplicationFailure,
  condition,
} from '@temporalio/workflow';
import type { Invitations } from '../../activities/room';
import { backOffMs } from '../../domain/effects';
import type { Audience } from '../../domain/audience';
import { hasEnded, type Incident, type Room } from '../../domain/incident';
import { effectIsWanted } from '../../domain/machine-tasks';
import { isExcluded, toBeRemoved } from '../../domain/people';
import { audiences, paging, room as rooms } from './activities';
import { unless } from './break-off';
import { causeOf } from './causes';
import type { Store } from './store';
import { commandOf, tellInPerson } from './words';

/** Invitations and removals, which must not overtake each other. */
export class People {
  private readonly inviting = new Set<readonly string[]>();
  private readonly removing = new Set<string>();
  /** Taken out, and in the room again: somebody let them in by hand. */
  private readonly back = new Set<string>();

  constructor(private readonly store: Store) {}

  /** Nobody who is excluded may still read what the room is told. */
  get areAmongThemselves(): boolean {
    return this.removing.size === 0 && this.toTakeOut().length === 0;
  }

  /** Undefined where one of them was excluded before all were invited. */
  async invite(room: Room, emails: string[], summary: string): Promise<Invitations | undefined> {
    // Somebody readmitted may be on the way out still.
    await condition(() => !emails.some((email) => this.removing.has(email)));
    this.inviting.add(emails);
    try {
      return await unless(
        () => emails.some((email) => isExcluded(email, this.store.incident)),
        () =>
          rooms.inviteToRoom.executeWithOptions(
            { summary, cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED },
            [room, emails],
          ),
      );
    } finally {
      this.inviting.delete(emails);
    }
  }

  /** Who was in the room when it was looked at, from `since` on. */
  saw(present: readonly string[], since: number): void {
    const here = new Set(present.map((email) => email.toLowerCase()));
    for (const [email, { removed }] of Object.entries(this.store.incident.excluded))
      if (removed && removed.at <= since && here.has(email.toLowerCase())) this.back.add(email);
  }

  /** Runs until `draining`; whoever is excluded by then is taken out before the end. */
  async run(draining: () => boolean): Promise<void> {
    for (;;) {
      await condition(() => draining() || this.toBegin().length > 0);
      if (!draining() || hasEnded(this.store.incident))
        for (const email of this.toBegin()) void this.takeOut(email, draining);
      if (draining()) break;
    }
    await condition(() => this.removing.size === 0);
  }

  private toBegin(): string[] {
    return this.toTakeOut().filter((email) => !this.removing.has(email));
  }

  /** Those too whom Slack would not let go: until the room is another, they may read it. */
  private toTakeOut(): string[] {
    const { incident } = this.store;
    if (!incident.room) return [];
    const inTheRoom = new Set([...toBeRemoved(incident), ...this.back]);
    return Object.keys(incident.excluded).filter((email) => inTheRoom.has(email));
  }

  private async takeOut(email: string, draining: () => boolean): Promise<void> {
    const { room } = this.store.incident;
    if (!room) return;
    this.removing.add(email);
    const isOver = () =>
      draining() || !isExcluded(email, this.store.incident) || this.store.incident.room?.id !== room.id;
    for (let failures = 1; ; failures += 1) {
      try {
        const wasThere = await this.remove(room, email);
        this.back.delete(email);
        this.store.report({ name: 'personRemoved', email, wasThere });
        break;
      } catch (error) {
        const cause = causeOf(error);
        if (!mayPass(error) && this.store.incident.excluded[email]?.removed?.cause !== cause) {
          this.store.report({ name: 'personRemoved', email, wasThere: true, cause });
          void this.tellCommand();
        }
      }
      if (await condition(isOver, backOffMs(failures), { summary: 'Next try: the room' })) break;
    }
    this.removing.delete(email);
  }

  /** The room is told nothing as long as it lasts, this neither. */
  private async tellCommand(): Promise<void> {
    const { incident } = this.store;
    const { codename } = incident.declaration;
    await tellInPerson(commandOf(incident), this.store, {
      key: `removal ${Date.now()}`,
      text: `the room is told nothing any more. Look why: firebreak status ${codename}`,
    });
  }

  /** An invitation that is under way may bring them back: then once more when that is over. */
  private async remove(room: Room, email: string): Promise<boolean> {
    const isInvited = () => [...this.inviting].some((emails) => emails.includes(email));
    const wasInvited = isInvited();
    const takeOut = () =>
      rooms.removeFromRoom.executeWithOptions({ summary: 'Take somebody out of the room' }, [room, email]);
    const first = await takeOut();
    if (!wasInvited) return first.wasThere;
    await condition(() => !isInvited());
    const second = await takeOut();
    return first.wasThere || second.wasThere;
  }
}

/** It may work another time. Where it will not, a person has to know. */
function mayPass(error: unknown): boolean {
  return !(
    error instanceof ActivityFailure &&
    error.cause instanceof ApplicationFailure &&
    error.cause.nonRetryable === true
  );
}

/** So long the answer waits for somebody who is being taken out of the room, in ms. */
const REMOVAL_MS = 60_000;

/** Asks the vendors who can see this whenever somebody wants to know, and once for each room. Runs until `draining`. */
export async function keepAudience(store: Store, people: People, draining: () => boolean): Promise<void> {
  for (;;) {
    await condition(() => draining() || audienceIsWanted(store.incident));
    if (draining()) return;
    const summary = 'Ask who can see this';
    if (!people.areAmongThemselves)
      await condition(() => draining() || people.areAmongThemselves, REMOVAL_MS, { summary });
    if (draining()) return;
    const wanted = store.incident.audienceWantedSince;
    const since = Date.now();
    const audience = await ask(store.incident);
    people.saw(audience.members, since);
    // Somebody was excluded meanwhile: it is asked once more.
    if (store.incident.audienceWantedSince === wanted) store.report({ name: 'audienceSeen', audience });
  }
}

function audienceIsWanted(incident: Incident): boolean {
  const { audience, audienceWantedSince, room, effects } = incident;
  if (audienceWantedSince !== undefined) return true;
  const { openRoom, inviteResponders } = effects;
  if (!room || openRoom.state !== 'done' || (audience && audience.at >= openRoom.at)) return false;
  const areInvited = inviteResponders.state === 'done' || inviteResponders.state === 'failed';
  return areInvited || !effectIsWanted('inviteResponders', incident);
}

async function ask({ room }: Incident): Promise<Omit<Audience, 'at'>> {
  const summary = 'Ask who can see this';
  const problems: string[] = [];
  const unlessProblem = async <T>(of: string, answer: Promise<T>): Promise<T | undefined> => {
    try {
      return await answer;
    } catch (error) {
      problems.push(`${of} (${causeOf(error)})`);
      return undefined;
    }
  };
  if (!room) problems.push('the room, which is not open');
  const [inRoom, administrators] = await Promise.all([
    room && unlessProblem('the room', audiences.roomAudience.executeWithOptions({ summary }, [room])),
    unlessProblem('the pager', paging.pageAdministrators.executeWithOptions({ summary }, [])),
  ]);
  return {
    members: inRoom?.members ?? [],
    owners: inRoom?.owners ?? [],
    pagerAdministrators: administrators ?? [],
    problems,
  };
}
