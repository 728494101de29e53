/** Looks at images. */
import { paginateDescribeSnapshots, type EC2Client, type Filter, type Snapshot } from '@aws-sdk/client-ec2';
import type { ImageLocation, ImageProgress } from '../../../activities/evidence';
import { byPlace, type Depot } from './depot';

/** How many values AWS takes in one filter. */
const FILTER_VALUES = 200;

/** How far the images are, in their order. */
export async function lookAt(depot: Depot, images: readonly ImageLocation[]): Promise<ImageProgress[]> {
  const progress = new Map<ImageLocation, ImageProgress>();
  await Promise.all(
    byPlace(images).map(async (group) => {
      const ids = group.map(({ snapshotId }) => snapshotId);
      const found = await findImages(depot.at(group[0]!).ec2, ids);
      for (const image of group)
        progress.set(
          image,
          toProgress(
            image,
            found.find(({ SnapshotId }) => SnapshotId === image.snapshotId),
          ),
        );
    }),
  );
  return images.flatMap((image) => progress.get(image) ?? []);
}

/** Asked by a filter, which does not mind what is gone. */
export async function findImages(ec2: EC2Client, ids: readonly string[]): Promise<Snapshot[]> {
  const found: Snapshot[] = [];
  for (let at = 0; at < ids.length; at += FILTER_VALUES)
    found.push(...(await find(ec2, [{ Name: 'snapshot-id', Values: ids.slice(at, at + FILTER_VALUES) }])));
  return found;
}

/** The first one that was made with these tags, and that did not go wrong. */
export async function findByTags(
  ec2: EC2Client,
  tags: Readonly<Record<string, string>>,
): Promise<Snapshot | undefined> {
  const filters = Object.entries(tags).map(([key, value]) => ({ Name: `tag:${key}`, Values: [value] }));
  const usable = (await find(ec2, filters)).filter(({ State }) => State !== 'error');
  // The same one each time, also where a lost answer led to a second one: that is evidence in surplus.
  const age = ({ StartTime, SnapshotId = '' }: Snapshot) => `${StartTime?.toISOString()} ${SnapshotId}`;
  return usable.sort((one, other) => (age(one) < age(other) ? -1 : 1))[0];
}

async function find(client: EC2Client, Filters: Filter[]): Promise<Snapshot[]> {
  const found: Snapshot[] = [];
  for await (const { Snapshots = [] } of paginateDescribeSnapshots(
    { client },
    { OwnerIds: ['self'], Filters },
  ))
    found.push(...Snapshots);
  return found;
}

function toProgress({ snapshotId }: ImageLocation, snapshot: Snapshot | undefined): ImageProgress {
  if (!snapshot) return { snapshotId, state: 'missing', percent: 0, sizeGiB: 0 };
  const { State, Progress = '', VolumeSize = 0 } = snapshot;
  const state = State === 'completed' || State === 'error' ? State : 'pending';
  const percent = state === 'completed' ? 100 : Number.parseInt(Progress, 10) || 0;
  return { snapshotId, state, percent, sizeGiB: VolumeSize };
}
