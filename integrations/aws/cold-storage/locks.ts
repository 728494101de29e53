/** Locks on copies. A lock is never made shorter, and never weaker. */
import {
  DescribeLockedSnapshotsCommand,
  LockSnapshotCommand,
  type LockedSnapshotsInfo,
} from '@aws-sdk/client-ec2';
import type { ImageLocation, ImageLock } from '../../../activities/evidence';
import type { Clients } from '../clients';
import { together } from '../together';
import { byPlace, placeOfCopy, type Depot } from './depot';

const DAY_MS = 86_400_000;

/** What to ask AWS for, given the lock in force; undefined where that one is enough. */
type Terms = (held: LockedSnapshotsInfo | undefined) => LockTerms | undefined;

interface LockTerms {
  readonly LockMode: 'governance' | 'compliance';
  readonly LockDuration: number;
  readonly CoolOffPeriod?: number;
}

/** Locks in governance mode. A lock of that length, or in compliance mode, is left as it is. */
export function lock(depot: Depot, copies: readonly ImageLocation[]): Promise<ImageLock[]> {
  const { lockDays } = depot.settings;
  return lockAll(depot, copies, (held) =>
    held && (held.LockState !== 'governance' || daysOf(held) >= lockDays)
      ? undefined
      : { LockMode: 'governance', LockDuration: lockDays },
  );
}

/**
 * Locks in compliance mode. What has such a lock is left alone, in its cool-off too: asked for again without a cool-off the
 * lock would hold at once, and with one the time to think would begin anew with each retry.
 */
export function lockForGood(depot: Depot, copies: readonly ImageLocation[]): Promise<ImageLock[]> {
  const { lockDays, coolOffHours } = depot.settings;
  return lockAll(depot, copies, (held) =>
    held && held.LockState !== 'governance'
      ? undefined
      : {
          LockMode: 'compliance',
          LockDuration: Math.max(lockDays, held ? daysOf(held) : 0),
          CoolOffPeriod: coolOffHours,
        },
  );
}

async function lockAll(depot: Depot, copies: readonly ImageLocation[], terms: Terms): Promise<ImageLock[]> {
  const locks = new Map<string, LockedSnapshotsInfo>();
  const groups = byPlace(copies.map((copy) => placeOfCopy(depot, copy)));
  await together(
    groups.map(async (group) => {
      const clients = depot.at(group[0]!);
      const ids = group.map(({ snapshotId }) => snapshotId);
      const inForce = await locksOf(clients, ids);
      await together(
        ids.map(async (SnapshotId) => {
          const held = inForce.get(SnapshotId);
          const wanted = terms(held);
          const now = wanted
            ? await clients.ec2.send(new LockSnapshotCommand({ SnapshotId, ...wanted }))
            : held;
          if (now) locks.set(SnapshotId, now);
        }),
      );
    }),
  );
  return copies.flatMap(({ snapshotId }) => {
    const held = locks.get(snapshotId);
    return held ? [toLock(snapshotId, held)] : [];
  });
}

/** The locks in force, by snapshot. */
async function locksOf({ ec2 }: Clients, ids: string[]): Promise<Map<string, LockedSnapshotsInfo>> {
  const { Snapshots = [] } = await ec2.send(new DescribeLockedSnapshotsCommand({ SnapshotIds: ids }));
  return new Map(
    Snapshots.filter(({ LockState }) => LockState !== 'expired').map((held) => [held.SnapshotId ?? '', held]),
  );
}

/** How long the lock was made for. One with a date instead counts from its making. */
function daysOf({ LockDuration, LockCreatedOn, LockExpiresOn }: LockedSnapshotsInfo): number {
  if (LockDuration !== undefined) return LockDuration;
  return Math.ceil(((LockExpiresOn?.getTime() ?? 0) - (LockCreatedOn?.getTime() ?? 0)) / DAY_MS);
}

/** The time of a pending copy's lock only starts once it is complete: until then this is the earliest end. */
function toLock(snapshotId: string, held: LockedSnapshotsInfo): ImageLock {
  const from = (held.LockCreatedOn ?? new Date()).getTime();
  const until = held.LockExpiresOn ?? new Date(from + daysOf(held) * DAY_MS);
  return { snapshotId, state: held.LockState ?? 'governance', lockedUntil: until.toISOString() };
}
