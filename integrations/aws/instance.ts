/** Looking at an instance. Everything here only reads. */
import {
  DescribeInstanceAttributeCommand,
  DescribeInstancesCommand,
  type Instance,
  type InstanceNetworkInterface,
} from '@aws-sdk/client-ec2';
import { conflict, notFound } from '../../activities/failures';
import type { Target } from './clients';

export interface SeenInstance {
  /** The account that it is in. */
  readonly owner: string | undefined;
  readonly state: string;
  /** Empty once the instance is terminated. */
  readonly vpcId: string;
  readonly profileArn: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly interfaces: readonly SeenInterface[];
  readonly volumes: readonly SeenVolume[];
}

export interface SeenInterface {
  readonly id: string;
  /** Mostly the instance's own; AWS also attaches interfaces of other VPCs of the account. */
  readonly vpcId: string;
  readonly subnetId: string;
  readonly attachmentId: string | undefined;
  readonly deleteOnTermination: boolean;
  readonly privateAddresses: readonly string[];
  readonly publicAddresses: readonly string[];
  readonly groups: readonly string[];
}

export interface SeenVolume {
  readonly id: string;
  readonly device: string;
  readonly deleteOnTermination: boolean;
}

/** What is there now. `NotFound` where AWS knows no such instance, `Conflict` where it is another account's. */
export async function lookAtInstance({ clients, id, account }: Target): Promise<SeenInstance> {
  const { Reservations = [] } = await clients.ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
  const reservation = Reservations[0];
  const instance = reservation?.Instances?.[0];
  if (!instance)
    throw notFound(
      'AWS ec2:DescribeInstances answered without the instance. Correct the scope: its id, its region or its account.',
    );
  if (account !== undefined && reservation.OwnerId !== account)
    throw conflict(
      "The instance is not in the account that was named: the worker's credentials are for another one. Correct either.",
    );
  return {
    owner: reservation.OwnerId,
    state: instance.State?.Name ?? 'unknown',
    vpcId: instance.VpcId ?? '',
    profileArn: instance.IamInstanceProfile?.Arn,
    tags: Object.fromEntries((instance.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value])),
    interfaces: (instance.NetworkInterfaces ?? []).map((seen) => toInterface(seen, instance.VpcId ?? '')),
    volumes: toVolumes(instance),
  };
}

/** As `lookAtInstance`, and `Conflict` where there is nothing left to protect or to cut off. */
export async function lookAtLivingInstance(target: Target): Promise<SeenInstance> {
  const instance = await lookAtInstance(target);
  if (isGone(instance))
    throw conflict(
      'The instance is terminated. Nothing of it can be cut off; keep what disks and snapshots are left by hand.',
    );
  return instance;
}

/** The VPCs that its interfaces are in, each once. */
export function vpcsOf({ interfaces }: SeenInstance): string[] {
  return [...new Set(interfaces.map(({ vpcId }) => vpcId))];
}

export function isGone({ state }: SeenInstance): boolean {
  return state === 'terminated' || state === 'shutting-down';
}

export async function isTerminationProtected({ clients, id }: Target): Promise<boolean> {
  const { DisableApiTermination } = await clients.ec2.send(
    new DescribeInstanceAttributeCommand({ InstanceId: id, Attribute: 'disableApiTermination' }),
  );
  return DisableApiTermination?.Value === true;
}

/** What a shut-down from inside does: `stop` or `terminate`. */
export async function shutdownBehaviourOf({ clients, id }: Target): Promise<string> {
  const { InstanceInitiatedShutdownBehavior } = await clients.ec2.send(
    new DescribeInstanceAttributeCommand({ InstanceId: id, Attribute: 'instanceInitiatedShutdownBehavior' }),
  );
  return InstanceInitiatedShutdownBehavior?.Value ?? 'unknown';
}

function toInterface(seen: InstanceNetworkInterface, vpcOfInstance: string): SeenInterface {
  const addresses = seen.PrivateIpAddresses ?? [];
  return {
    id: seen.NetworkInterfaceId ?? '',
    vpcId: seen.VpcId ?? vpcOfInstance,
    subnetId: seen.SubnetId ?? '',
    attachmentId: seen.Attachment?.AttachmentId,
    deleteOnTermination: seen.Attachment?.DeleteOnTermination === true,
    privateAddresses: present(addresses.map(({ PrivateIpAddress }) => PrivateIpAddress)),
    publicAddresses: present([
      ...addresses.map(({ Association }) => Association?.PublicIp),
      // IPv6 knows no translation: the host's own address is reachable from everywhere.
      ...(seen.Ipv6Addresses ?? []).map(({ Ipv6Address }) => Ipv6Address),
    ]),
    groups: present((seen.Groups ?? []).map(({ GroupId }) => GroupId)),
  };
}

function toVolumes(instance: Instance): SeenVolume[] {
  return (instance.BlockDeviceMappings ?? []).flatMap(({ DeviceName = '', Ebs }) =>
    Ebs?.VolumeId === undefined
      ? []
      : [{ id: Ebs.VolumeId, device: DeviceName, deleteOnTermination: Ebs.DeleteOnTermination === true }],
  );
}

function present(values: readonly (string | undefined)[]): string[] {
  return values.filter((value) => value !== undefined);
}
