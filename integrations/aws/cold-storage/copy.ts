/**
 * Copies of images in the forensic account. CopySnapshot takes no client token: the key is the three tags, which are looked
 * up first. A copy that went wrong, which AWS says only afterwards, does not count: the next call begins another.
 */
import { CopySnapshotCommand, type Snapshot } from '@aws-sdk/client-ec2';
import type { ImageLocation, ImageStore } from '../../../activities/evidence';
import { conflict, notFound, unauthorized, unavailable } from '../../../activities/failures';
import { AwsError, hasCode } from '../failures/aws-error';
import { CODENAME_TAG, SOURCE_TAG } from '../tags';
import type { Depot } from './depot';
import { findByTags, findImages } from './images';
import { ensureShared, isKeptFromSharing } from './sharing';
import { COPY_OF_TAG, PREPARED_OF_TAG } from './tags';

export async function copy(
  depot: Depot,
  image: ImageLocation,
  codename: string,
  of: string,
): ReturnType<ImageStore['copy']> {
  const { account, region, key } = depot.settings;
  const tags = { [CODENAME_TAG]: codename, [SOURCE_TAG]: of, [COPY_OF_TAG]: image.snapshotId };
  const found = await findByTags(depot.here.ec2, tags);
  if (found) return { copy: { snapshotId: found.SnapshotId ?? '', account, region } };

  let source = await lookAtSource(depot, image);
  if (source.OwnerId !== account) {
    if (await isKeptFromSharing(depot, image, source)) {
      source = await prepare(depot, image, codename);
      if (source.State !== 'completed')
        return { prepared: { ...image, snapshotId: source.SnapshotId ?? '' } };
    }
    await ensureShared(depot, image, source);
  }
  try {
    const { SnapshotId = '' } = await depot.here.ec2.send(
      new CopySnapshotCommand({
        SourceRegion: depot.regionOf(image),
        SourceSnapshotId: source.SnapshotId,
        Encrypted: true,
        KmsKeyId: key,
        Description: codename,
        TagSpecifications: [{ ResourceType: 'snapshot', Tags: toTags(tags) }],
      }),
    );
    return { copy: { snapshotId: SnapshotId, account, region } };
  } catch (error) {
    throw aboutKey(error, source);
  }
}

/** The image, once it is complete: AWS copies no other. */
async function lookAtSource(depot: Depot, image: ImageLocation): Promise<Snapshot> {
  const [source] = await findImages(depot.at(image).ec2, [image.snapshotId]);
  if (!source)
    throw notFound(
      'AWS ec2:DescribeSnapshots does not show the image: it is gone, or in another account or region. Look for it in the ' +
        'AWS console and in its recycle bin.',
    );
  if (source.State === 'error')
    throw conflict('The image went wrong in AWS, so there is nothing to copy. Take another one by hand.');
  if (source.State !== 'completed')
    throw unavailable('The image is not complete yet, and AWS copies no other. Firebreak tries again.');
  return source;
}

/** The image, encrypted anew with a key that other accounts can be let use, in its own place. */
async function prepare(depot: Depot, image: ImageLocation, codename: string): Promise<Snapshot> {
  const { ec2 } = depot.at(image);
  const tags = { [CODENAME_TAG]: codename, [PREPARED_OF_TAG]: image.snapshotId };
  const found = await findByTags(ec2, tags);
  if (found) return found;
  const KmsKeyId = depot.settings.transferKey;
  if (KmsKeyId === undefined)
    throw conflict(
      "AWS's own key encrypts the image, and keeps it from being shared with the forensic account. Configure a transfer key " +
        'in the region of the image that the forensic account may use, then retry.',
    );
  const { SnapshotId } = await ec2.send(
    new CopySnapshotCommand({
      SourceRegion: depot.regionOf(image),
      SourceSnapshotId: image.snapshotId,
      Encrypted: true,
      KmsKeyId,
      Description: codename,
      TagSpecifications: [{ ResourceType: 'snapshot', Tags: toTags(tags) }],
    }),
  );
  return { SnapshotId, State: 'pending', Encrypted: true };
}

/** Who may not use the key of an image may not copy it either: the refusal alone would send people to the wrong policy. */
function aboutKey(error: unknown, { Encrypted }: Snapshot): unknown {
  if (!Encrypted || !(error instanceof AwsError)) return error;
  if (!hasCode(error, 'AccessDenied', 'AccessDeniedException', 'UnauthorizedOperation')) return error;
  return unauthorized(
    `AWS ${error.action} answered ${error.code}. Allow it to the role in the forensic account, and let the key of the image ` +
      'allow that role kms:DescribeKey, kms:Decrypt and kms:CreateGrant; then retry.',
  );
}

function toTags(tags: Readonly<Record<string, string>>) {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}
