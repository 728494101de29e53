/**
 * Images of the disks. AWS offers no client token here: the key is the pair of tags, which is looked up first. Snapshots
 * in surplus are evidence too: they are reported, never taken away.
 */
import {
  CreateSnapshotCommand,
  CreateSnapshotsCommand,
  paginateDescribeSnapshots,
  paginateDescribeVolumes,
  type SnapshotInfo,
  type TagSpecification,
} from '@aws-sdk/client-ec2';
import type { Capture, Snapshot } from '../../activities/containment';
import type { Target } from './clients';
import { lookAtInstance } from './instance';
import { CODENAME_TAG, SOURCE_TAG } from './tags';

/** Requests what is missing, and returns everything that there is for the codename. The moment is that of the request. */
export async function snapshot(target: Target, captured: Capture, codename: string): Promise<Snapshot[]> {
  const [instance, found] = await Promise.all([lookAtInstance(target), findSnapshots(target, codename)]);
  const covered = new Set(found.filter(isUsable).map(({ volumeId }) => volumeId));
  const attached = instance.volumes.map(({ id }) => id);
  const detached = captured.volumes.map(({ id }) => id).filter((id) => !attached.includes(id));
  const missing = attached.filter((id) => !covered.has(id));
  const missingDetached = detached.filter((id) => !covered.has(id));

  // Only the call for the whole instance fixes one moment for all disks; the single ones fill gaps.
  const made =
    missing.length > 0 && missing.length === attached.length
      ? await snapshotInstance(target, codename)
      : await snapshotVolumes(target, missing, codename);
  const madeDetached = await snapshotVolumes(target, await existing(target, missingDetached), codename);
  return [...found, ...made, ...madeDetached];
}

/** Every snapshot of the instance for this codename, whatever its state. */
export async function findSnapshots({ clients, id }: Target, codename: string): Promise<Snapshot[]> {
  const found: Snapshot[] = [];
  const pages = paginateDescribeSnapshots(
    { client: clients.ec2 },
    {
      OwnerIds: ['self'],
      Filters: [
        { Name: `tag:${CODENAME_TAG}`, Values: [codename] },
        { Name: `tag:${SOURCE_TAG}`, Values: [id] },
      ],
    },
  );
  for await (const { Snapshots = [] } of pages) found.push(...Snapshots.map(toSnapshot));
  return found;
}

export function isUsable({ state }: Snapshot): boolean {
  return state !== 'error';
}

async function snapshotInstance({ clients, id }: Target, codename: string): Promise<Snapshot[]> {
  const { Snapshots = [] } = await clients.ec2.send(
    new CreateSnapshotsCommand({
      InstanceSpecification: { InstanceId: id, ExcludeBootVolume: false },
      Description: codename,
      TagSpecifications: tagsFor(id, codename),
    }),
  );
  return Snapshots.map(toSnapshot);
}

async function snapshotVolumes(
  { clients, id }: Target,
  volumes: readonly string[],
  codename: string,
): Promise<Snapshot[]> {
  return Promise.all(
    volumes.map(async (volumeId) =>
      toSnapshot(
        await clients.ec2.send(
          new CreateSnapshotCommand({
            VolumeId: volumeId,
            Description: codename,
            TagSpecifications: tagsFor(id, codename),
          }),
        ),
      ),
    ),
  );
}

/** Those of the volumes that are still there. Asked by a filter, which does not mind what is gone. */
async function existing({ clients }: Target, volumes: readonly string[]): Promise<string[]> {
  if (volumes.length === 0) return [];
  const found: string[] = [];
  const pages = paginateDescribeVolumes(
    { client: clients.ec2 },
    { Filters: [{ Name: 'volume-id', Values: [...volumes] }] },
  );
  for await (const { Volumes = [] } of pages) found.push(...Volumes.map(({ VolumeId = '' }) => VolumeId));
  return found;
}

function tagsFor(instanceId: string, codename: string): TagSpecification[] {
  return [
    {
      ResourceType: 'snapshot',
      Tags: [
        { Key: CODENAME_TAG, Value: codename },
        { Key: SOURCE_TAG, Value: instanceId },
      ],
    },
  ];
}

function toSnapshot({ SnapshotId = '', VolumeId = '', State = 'pending' }: SnapshotInfo): Snapshot {
  return { id: SnapshotId, volumeId: VolumeId, state: State };
}
