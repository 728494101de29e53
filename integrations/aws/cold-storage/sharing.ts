/** Lets the forensic account see an image, so that it can copy it. */
import {
  DescribeSnapshotAttributeCommand,
  ModifySnapshotAttributeCommand,
  type Snapshot,
} from '@aws-sdk/client-ec2';
import { DescribeKeyCommand } from '@aws-sdk/client-kms';
import type { ImageLocation } from '../../../activities/evidence';
import type { Depot } from './depot';

/** Whether AWS's own key encrypts the image. It can't be shared, and so no other account can read what it encrypts. */
export async function isKeptFromSharing(
  depot: Depot,
  image: ImageLocation,
  { Encrypted, KmsKeyId }: Snapshot,
): Promise<boolean> {
  if (!Encrypted || KmsKeyId === undefined) return false;
  const { KeyMetadata } = await depot.at(image).kms.send(new DescribeKeyCommand({ KeyId: KmsKeyId }));
  return KeyMetadata?.KeyManager === 'AWS';
}

/** Where the image is shared already it is left alone, so that each call shows once in the account's audit log. */
export async function ensureShared(
  depot: Depot,
  image: ImageLocation,
  { SnapshotId }: Snapshot,
): Promise<void> {
  const { ec2 } = depot.at(image);
  const { account } = depot.settings;
  const { CreateVolumePermissions = [] } = await ec2.send(
    new DescribeSnapshotAttributeCommand({ SnapshotId, Attribute: 'createVolumePermission' }),
  );
  if (CreateVolumePermissions.some(({ UserId }) => UserId === account)) return;
  await ec2.send(
    new ModifySnapshotAttributeCommand({
      SnapshotId,
      Attribute: 'createVolumePermission',
      OperationType: 'add',
      UserIds: [account],
    }),
  );
}
