/**
 * Images of the disks. AWS offers no client token here: the key is the three tags, which are looked up first. Snapshots in
 * surplus are evidence too: they are reported, never taken away.
 */
import {
  CreateSnapshotCommand,
  CreateSnapshotsCommand,
  paginateDescribeSnapshots,
  paginateDescribeVolumes,
  type Snapshot as AwsSnapshot,
  type SnapshotInfo,
  type TagSpecification,
} from '@aws-sdk/client-ec2';
import type { Capture, Moment, Snapshot } from '../../activities/containment';
import { conflict, unavailable } from '../../activities/failures';
import type { Target } from './clients';
import { lookAtInstance, type SeenInstance } from './instance';
import { COPY_OF_TAG } from './cold-storage/tags';
import { CODENAME_TAG, MOMENT_TAG, SOURCE_TAG } from './tags';

/**
 * Requests what is missing for the moment, and returns everything that there is of it for the codename. What a snapshot
 * shows is the disk as it was at the request, however long AWS then takes. `live` is what comes before our own stop, also on
 * a host that somebody else had stopped. `Conflict` where the instance has no disk that can be imaged.
 */
export async function snapshot(
  target: Target,
  captured: Capture,
  codename: string,
  moment: Moment,
): Promise<Snapshot[]> {
  const [instance, all] = await Promise.all([lookAtInstance(target), findSnapshots(target, codename)]);
  const found = all.filter((each) => each.moment === moment);
  const covered = new Set(found.filter(isUsable).map(({ volumeId }) => volumeId));
  const attached = instance.volumes.map(({ id }) => id);
  const detached = captured.volumes.map(({ id }) => id).filter((id) => !attached.includes(id));
  const missing = attached.filter((id) => !covered.has(id));
  const missingDetached = await existing(
    target,
    detached.filter((id) => !covered.has(id)),
  );
  if (found.length + missing.length + missingDetached.length === 0)
    throw conflict(
      captured.volumes.length === 0
        ? 'The instance has no disk that can be imaged: its disks are instance store and are lost with a stop. Capture ' +
            'memory and files by hand before the stop.'
        : 'The instance has no disk left that can be imaged: those that it had are gone. Look for snapshots of others.',
    );
  if (moment === 'stopped' && missing.length > 0) refuseUnlessAtRest(instance);

  // Only the call for the whole instance fixes one moment for all disks; the single ones fill gaps.
  const made =
    missing.length > 0 && missing.length === attached.length
      ? await snapshotInstance(target, codename, moment)
      : await snapshotVolumes(target, missing, codename, moment);
  const madeDetached = await snapshotVolumes(target, missingDetached, codename, moment);
  return [...found, ...made, ...madeDetached];
}

/** Every snapshot of the instance for this codename, of both moments, whatever its state. */
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
  for await (const { Snapshots = [] } of pages)
    for (const each of Snapshots) {
      // Where cold storage is this very account and region, its copies bear the same tags.
      if (each.Tags?.some(({ Key }) => Key === COPY_OF_TAG)) continue;
      const tag = each.Tags?.find(({ Key }) => Key === MOMENT_TAG)?.Value;
      found.push(toSnapshot(each, tag === 'stopped' ? 'stopped' : 'live'));
    }
  return found;
}

export function isUsable({ state }: Snapshot): boolean {
  return state !== 'error';
}

/** A snapshot that says `stopped` must not show a disk that was still being written to. */
function refuseUnlessAtRest({ state }: SeenInstance): void {
  if (state === 'stopping')
    throw unavailable(
      'The instance is still stopping: its disks are imaged once it has. Firebreak tries again.',
    );
  if (state === 'running' || state === 'pending')
    throw conflict('The instance is not stopped, so its disks are not at rest. Stop it, then retry.');
}

async function snapshotInstance(
  { clients, id }: Target,
  codename: string,
  moment: Moment,
): Promise<Snapshot[]> {
  const { Snapshots = [] } = await clients.ec2.send(
    new CreateSnapshotsCommand({
      InstanceSpecification: { InstanceId: id, ExcludeBootVolume: false },
      Description: codename,
      TagSpecifications: tagsFor(id, codename, moment),
    }),
  );
  return Snapshots.map((each) => toSnapshot(each, moment));
}

async function snapshotVolumes(
  { clients, id }: Target,
  volumes: readonly string[],
  codename: string,
  moment: Moment,
): Promise<Snapshot[]> {
  return Promise.all(
    volumes.map(async (volumeId) =>
      toSnapshot(
        await clients.ec2.send(
          new CreateSnapshotCommand({
            VolumeId: volumeId,
            Description: codename,
            TagSpecifications: tagsFor(id, codename, moment),
          }),
        ),
        moment,
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

function tagsFor(instanceId: string, codename: string, moment: Moment): TagSpecification[] {
  return [
    {
      ResourceType: 'snapshot',
      Tags: [
        { Key: CODENAME_TAG, Value: codename },
        { Key: SOURCE_TAG, Value: instanceId },
        { Key: MOMENT_TAG, Value: moment },
      ],
    },
  ];
}

function toSnapshot(
  {
    SnapshotId = '',
    VolumeId = '',
    State = 'pending',
    VolumeSize = 0,
    StartTime,
  }: SnapshotInfo | AwsSnapshot,
  moment: Moment,
): Snapshot {
  return {
    id: SnapshotId,
    volumeId: VolumeId,
    state: State,
    moment,
    sizeGiB: VolumeSize,
    startedAt: (StartTime ?? new Date()).toISOString(),
  };
}
