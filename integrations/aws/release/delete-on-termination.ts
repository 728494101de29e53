/** Which disks and interfaces go with the instance. */
import { ModifyInstanceAttributeCommand, ModifyNetworkInterfaceAttributeCommand } from '@aws-sdk/client-ec2';
import type { Capture, ReleaseReport } from '../../../activities/containment';
import type { Target } from '../clients';
import { lookAtLivingInstance, type SeenInstance } from '../instance';
import { together } from '../together';

export async function restoreDeleteOnTermination(target: Target, captured: Capture): Promise<ReleaseReport> {
  const instance = await lookAtLivingInstance(target);
  await together([
    ...restoreDisks(target, captured, instance),
    ...restoreInterfaces(target, captured, instance),
  ]);

  const disks = new Set(instance.volumes.map(({ id }) => id));
  const interfaces = new Set(instance.interfaces.map(({ id }) => id));
  const capturedDisks = new Set(captured.volumes.map(({ id }) => id));
  return {
    restored: [
      ...captured.volumes
        .filter(({ id, deleteOnTermination }) => deleteOnTermination && disks.has(id))
        .map(({ id }) => `The volume ${id} goes with the instance.`),
      ...captured.interfaces
        .filter(({ id, deleteOnTermination }) => deleteOnTermination === true && interfaces.has(id))
        .map(({ id }) => `The interface ${id} goes with the instance.`),
    ],
    // What became of interfaces is told with the network, where it matters more.
    drift: [
      ...captured.volumes
        .filter(({ id }) => !disks.has(id))
        .map(({ id }) => `The volume ${id} is no longer attached: attach it by hand if it is still needed.`),
      ...instance.volumes
        .filter(({ id }) => !capturedDisks.has(id))
        .map(({ id }) => `The volume ${id} was attached after the capture and is left as it is.`),
    ],
  };
}

function restoreDisks(
  { clients, id }: Target,
  captured: Capture,
  instance: SeenInstance,
): Promise<unknown>[] {
  const before = new Map(captured.volumes.map((volume) => [volume.id, volume.deleteOnTermination]));
  const changed = instance.volumes.filter(
    (volume) => (before.get(volume.id) ?? volume.deleteOnTermination) !== volume.deleteOnTermination,
  );
  if (changed.length === 0) return [];
  return [
    clients.ec2.send(
      new ModifyInstanceAttributeCommand({
        InstanceId: id,
        BlockDeviceMappings: changed.map((volume) => ({
          DeviceName: volume.device,
          Ebs: { DeleteOnTermination: before.get(volume.id) },
        })),
      }),
    ),
  ];
}

function restoreInterfaces(
  { clients }: Target,
  captured: Capture,
  instance: SeenInstance,
): Promise<unknown>[] {
  const before = new Map(captured.interfaces.map((seen) => [seen.id, seen.deleteOnTermination]));
  return instance.interfaces.flatMap(({ id, attachmentId, deleteOnTermination }) => {
    const wanted = before.get(id);
    if (wanted === undefined || wanted === deleteOnTermination || attachmentId === undefined) return [];
    return [
      clients.ec2.send(
        new ModifyNetworkInterfaceAttributeCommand({
          NetworkInterfaceId: id,
          Attachment: { AttachmentId: attachmentId, DeleteOnTermination: wanted },
        }),
      ),
    ];
  });
}
