/** Writes down what is there, and changes nothing. */
import { paginateDescribeVolumes, type Volume } from '@aws-sdk/client-ec2';
import type { Capture, InstanceLocation } from '../../activities/containment';
import type { Target } from './clients';
import { scalingGroupOf, targetsOf } from './groups';
import { isTerminationProtected, lookAtLivingInstance, shutdownBehaviourOf } from './instance';
import { findQuarantine } from './quarantine';

export async function capture(target: Target, location: InstanceLocation): Promise<Capture> {
  const looking = lookAtLivingInstance(target);
  const vpc = looking.then(({ vpcId }) => vpcId);
  const [instance, details, terminationProtected, shutdownBehaviour, scalingGroup, targetGroups, quarantine] =
    await Promise.all([
      looking,
      volumeDetails(target),
      isTerminationProtected(target),
      shutdownBehaviourOf(target),
      scalingGroupOf(target),
      targetsOf(target, vpc),
      vpc.then((vpcId) => findQuarantine(target.clients, vpcId)),
    ]);
  return {
    instance: location,
    capturedAt: new Date().toISOString(),
    state: instance.state,
    vpcId: instance.vpcId,
    interfaces: instance.interfaces.map(
      ({ id, subnetId, attachmentId, privateAddresses, publicAddresses, groups }) => ({
        id,
        subnetId,
        ...(attachmentId === undefined ? {} : { attachmentId }),
        privateAddresses,
        publicAddresses,
        groups,
        alreadyQuarantined: quarantine !== undefined && groups.includes(quarantine.id),
      }),
    ),
    volumes: instance.volumes.map(({ id, device, deleteOnTermination }) => ({
      id,
      device,
      deleteOnTermination,
      encrypted: details.get(id)?.Encrypted === true,
      sizeGiB: details.get(id)?.Size ?? 0,
    })),
    ...(scalingGroup === undefined ? {} : { scalingGroup }),
    targetGroups,
    ...(instance.profileArn === undefined ? {} : { instanceProfileArn: instance.profileArn }),
    terminationProtected,
    shutdownBehaviour,
    tags: instance.tags,
  };
}

/** Asks by instance and not by volume, so that it need not wait for the look at the instance. */
async function volumeDetails({ clients, id }: Target): Promise<Map<string, Volume>> {
  const found = new Map<string, Volume>();
  const pages = paginateDescribeVolumes(
    { client: clients.ec2 },
    { Filters: [{ Name: 'attachment.instance-id', Values: [id] }] },
  );
  for await (const { Volumes = [] } of pages)
    for (const volume of Volumes) found.set(volume.VolumeId ?? '', volume);
  return found;
}
