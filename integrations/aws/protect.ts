/** Makes sure that the instance and its disks can't be lost. */
import {
  CreateTagsCommand,
  ModifyInstanceAttributeCommand,
  ModifyNetworkInterfaceAttributeCommand,
} from '@aws-sdk/client-ec2';
import type { Target } from './clients';
import { isTerminationProtected, lookAtLivingInstance, shutdownBehaviourOf } from './instance';
import { CODENAME_TAG } from './tags';
import { together } from './together';

/** Never touches `DisableApiStop`: it would stand in the way of our own stop. */
export async function protect(target: Target, codename: string): Promise<void> {
  const { ec2 } = target.clients;
  const InstanceId = target.id;
  const [instance, terminationProtected, shutdownBehaviour] = await Promise.all([
    lookAtLivingInstance(target),
    isTerminationProtected(target),
    shutdownBehaviourOf(target),
  ]);
  const changes: Promise<unknown>[] = [];

  // One attribute a call: EC2 accepts no more.
  if (!terminationProtected)
    changes.push(
      ec2.send(new ModifyInstanceAttributeCommand({ InstanceId, DisableApiTermination: { Value: true } })),
    );

  if (shutdownBehaviour !== 'stop')
    changes.push(
      ec2.send(
        new ModifyInstanceAttributeCommand({
          InstanceId,
          Attribute: 'instanceInitiatedShutdownBehavior',
          Value: 'stop',
        }),
      ),
    );

  const perishable = instance.volumes.filter(({ deleteOnTermination }) => deleteOnTermination);
  if (perishable.length > 0)
    changes.push(
      ec2.send(
        new ModifyInstanceAttributeCommand({
          InstanceId,
          BlockDeviceMappings: perishable.map(({ device }) => ({
            DeviceName: device,
            Ebs: { DeleteOnTermination: false },
          })),
        }),
      ),
    );

  for (const { id, attachmentId, deleteOnTermination } of instance.interfaces)
    if (deleteOnTermination && attachmentId !== undefined)
      changes.push(
        ec2.send(
          new ModifyNetworkInterfaceAttributeCommand({
            NetworkInterfaceId: id,
            Attachment: { AttachmentId: attachmentId, DeleteOnTermination: false },
          }),
        ),
      );

  if (instance.tags[CODENAME_TAG] !== codename)
    changes.push(
      ec2.send(
        new CreateTagsCommand({ Resources: [InstanceId], Tags: [{ Key: CODENAME_TAG, Value: codename }] }),
      ),
    );

  await together(changes);
}
