/** Locks images, so that nobody deletes them: in governance mode, which people with a permission of their own can undo. */
import {
  DescribeLockedSnapshotsCommand,
  LockSnapshotCommand,
  type LockedSnapshotsInfo,
} from '@aws-sdk/client-ec2';
import type { Capture, SnapshotLock } from '../../activities/containment';
import { unavailable } from '../../activities/failures';
import type { Clients, Target } from './clients';
import { findSnapshots, isUsable } from './snapshot';
import { together } from './together';

const DAY_MS = 86_400_000;
/** Where the configuration says nothing. */
export const DEFAULT_LOCK_DAYS = 365;

/**
 * Locks every snapshot of the instance for the codename for `days`, of both moments and pending ones too, and returns all
 * their locks. A lock that holds as long, or in compliance mode, is left as it is; none is ever made shorter. A
 * snapshot that went wrong holds nothing and is left out. `Unavailable` where no snapshot shows yet.
 */
export async function lock(
  target: Target,
  captured: Capture,
  codename: string,
  days: number,
): Promise<SnapshotLock[]> {
  const snapshots = (await findSnapshots(target, codename)).filter(isUsable).map(({ id }) => id);
  if (snapshots.length === 0 && captured.volumes.length > 0)
    throw unavailable('AWS ec2:DescribeSnapshots does not show the snapshots yet. Firebreak tries again.');
  const held = await locksOf(target.clients, snapshots);
  const locks = new Map<string, SnapshotLock>();
  await together(
    snapshots.map(async (id) => {
      const lockOf = held.get(id);
      locks.set(
        id,
        lockOf !== undefined && isEnough(lockOf, days)
          ? toLock(lockOf, days)
          : toLock(await lockOne(target.clients, id, days), days),
      );
    }),
  );
  return snapshots.flatMap((id) => locks.get(id) ?? []);
}

/** Those of the snapshots that can't be deleted, by id, for `verify`. */
export async function lockedAmong(clients: Clients, snapshots: readonly string[]): Promise<Set<string>> {
  return new Set((await locksOf(clients, snapshots)).keys());
}

/** The locks in force. AWS tells all of them at once where it is asked for snapshots by id. */
async function locksOf(
  { ec2 }: Clients,
  snapshots: readonly string[],
): Promise<Map<string, LockedSnapshotsInfo>> {
  if (snapshots.length === 0) return new Map();
  const { Snapshots = [] } = await ec2.send(
    new DescribeLockedSnapshotsCommand({ SnapshotIds: [...snapshots] }),
  );
  return new Map(
    Snapshots.filter(({ LockState }) => LockState !== 'expired').map((held) => [held.SnapshotId ?? '', held]),
  );
}

function isEnough(
  { LockState, LockDuration = 0, LockExpiresOn }: LockedSnapshotsInfo,
  days: number,
): boolean {
  return (
    LockState !== 'governance' ||
    LockDuration >= days ||
    (LockExpiresOn?.getTime() ?? 0) >= Date.now() + days * DAY_MS
  );
}

function lockOne({ ec2 }: Clients, SnapshotId: string, days: number): Promise<LockedSnapshotsInfo> {
  return ec2.send(new LockSnapshotCommand({ SnapshotId, LockMode: 'governance', LockDuration: days }));
}

/** The time of a pending snapshot's lock only starts once it is complete: until then this is the earliest end. */
function toLock(
  {
    SnapshotId = '',
    LockState = 'governance',
    LockCreatedOn,
    LockDuration,
    LockExpiresOn,
  }: LockedSnapshotsInfo,
  days: number,
): SnapshotLock {
  const from = (LockCreatedOn ?? new Date()).getTime();
  return {
    snapshotId: SnapshotId,
    state: LockState,
    lockedUntil: (LockExpiresOn ?? new Date(from + (LockDuration ?? days) * DAY_MS)).toISOString(),
  };
}
