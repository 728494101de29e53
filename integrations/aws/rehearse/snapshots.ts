/** Snapshots that were not taken, and their locks. */
import type {
  CreateSnapshotCommandInput,
  CreateSnapshotsCommandInput,
  DescribeLockedSnapshotsCommandInput,
  DescribeLockedSnapshotsCommandOutput,
  DescribeSnapshotsCommandInput,
  DescribeSnapshotsCommandOutput,
  LockedSnapshotsInfo,
  LockSnapshotCommandInput,
  Snapshot,
  TagSpecification,
} from '@aws-sdk/client-ec2';
import type { Capture } from '../../../activities/containment';
import type { Imagined } from './imagined';
import type { NewThings } from './new-things';

type AskSnapshots = (input: DescribeSnapshotsCommandInput) => Promise<DescribeSnapshotsCommandOutput>;
type AskLocks = (input: DescribeLockedSnapshotsCommandInput) => Promise<DescribeLockedSnapshotsCommandOutput>;

export function imagineSnapshots({ volumes }: Capture, newThings: NewThings): Imagined {
  const snapshots: Snapshot[] = [];
  const locks = new Map<string, LockedSnapshotsInfo>();

  const take = (volumeId: string, specifications: TagSpecification[] = []): Snapshot => {
    const snapshot: Snapshot = {
      SnapshotId: newThings.name('snap', `(new snapshot of ${volumeId})`),
      VolumeId: volumeId,
      VolumeSize: volumes.find(({ id }) => id === volumeId)?.sizeGiB ?? 0,
      State: 'pending',
      StartTime: new Date(),
      Tags: specifications.flatMap(({ Tags = [] }) => Tags),
    };
    snapshots.push(snapshot);
    return snapshot;
  };

  return {
    changes: {
      CreateSnapshot: ({ VolumeId = '', TagSpecifications }: CreateSnapshotCommandInput) =>
        take(VolumeId, TagSpecifications),
      CreateSnapshots: ({ TagSpecifications }: CreateSnapshotsCommandInput) => ({
        Snapshots: volumes.map(({ id }) => take(id, TagSpecifications)),
      }),
      LockSnapshot({ SnapshotId = '', LockMode, LockDuration }: LockSnapshotCommandInput) {
        const lock: LockedSnapshotsInfo = {
          SnapshotId,
          LockState: LockMode,
          LockDuration,
          LockCreatedOn: new Date(),
        };
        locks.set(SnapshotId, lock);
        return lock;
      },
    },
    reads: {
      async DescribeSnapshots(input: DescribeSnapshotsCommandInput, ask: AskSnapshots) {
        const seen = await ask(input);
        // On the last page, so that each is shown once.
        if (seen.NextToken) return seen;
        return { ...seen, Snapshots: [...(seen.Snapshots ?? []), ...snapshots.filter(isAskedFor(input))] };
      },
      async DescribeLockedSnapshots(input: DescribeLockedSnapshotsCommandInput, ask: AskLocks) {
        const ids = input.SnapshotIds ?? [];
        const real = ids.filter((id) => !newThings.isNew(id));
        // Asked without ids, AWS would tell all locks that there are.
        const seen = ids.length > 0 && real.length === 0 ? {} : await ask({ ...input, SnapshotIds: real });
        const { Snapshots = [] }: Partial<DescribeLockedSnapshotsCommandOutput> = seen;
        return {
          ...seen,
          Snapshots: [
            ...Snapshots.filter(({ SnapshotId = '' }) => !locks.has(SnapshotId)),
            ...ids.flatMap((id) => locks.get(id) ?? []),
          ],
        };
      },
    },
  };
}

function isAskedFor({ Filters = [] }: DescribeSnapshotsCommandInput): (snapshot: Snapshot) => boolean {
  return ({ Tags = [], VolumeId = '' }) =>
    Filters.every(({ Name = '', Values = [] }) =>
      Name === 'volume-id'
        ? Values.includes(VolumeId)
        : Tags.some(({ Key = '', Value = '' }) => Name === `tag:${Key}` && Values.includes(Value)),
    );
}
