/** Writes down what is there, and changes nothing. */
import {
  GetConsoleOutputCommand,
  paginateDescribeNetworkAcls,
  paginateDescribeVolumes,
  type Volume,
} from '@aws-sdk/client-ec2';
import type { Capture, InstanceLocation } from '../../activities/containment';
import type { Target } from './clients';
import { scalingGroupOf, targetsOf } from './groups';
import {
  isTerminationProtected,
  lookAtLivingInstance,
  shutdownBehaviourOf,
  vpcsOf,
  type SeenInterface,
} from './instance';
import { findQuarantine } from './quarantine';
import { rolesIn } from './role';

/** What is kept of the console, in bytes. */
const CONSOLE_BYTES = 65_536;
/** How long the capture waits for what it can do without, in milliseconds: everything else waits for the capture. */
const DISPENSABLE_WITHIN_MS = 3_000;

/**
 * `NotFound` where there is no such instance, `Conflict` where it is another account's or terminated. The roles and the
 * console are left out where they can't be had. A group that can't be seen fails the capture: a scaling group would
 * terminate the host once it is stopped.
 */
export async function capture(target: Target, location: InstanceLocation): Promise<Capture> {
  const looking = lookAtLivingInstance(target);
  const [
    instance,
    details,
    acls,
    roles,
    consoleOutput,
    terminationProtected,
    shutdownBehaviour,
    scalingGroup,
    targetGroups,
    quarantines,
  ] = await Promise.all([
    looking,
    volumeDetails(target),
    looking.then(({ interfaces }) => aclsOf(target, interfaces)),
    looking.then(({ profileArn }) =>
      profileArn === undefined
        ? undefined
        : unlessItFails((signal) => rolesIn(target.clients, profileArn, signal)),
    ),
    unlessItFails((signal) => consoleOutputOf(target, signal)),
    isTerminationProtected(target),
    shutdownBehaviourOf(target),
    scalingGroupOf(target),
    targetsOf(target, looking),
    looking.then((seen) => quarantinesOf(target, vpcsOf(seen))),
  ]);
  return {
    // As found: custody names the place, and a release finds it there.
    instance: {
      id: location.id,
      region: target.region,
      ...optional('account', instance.owner ?? location.account),
    },
    capturedAt: new Date().toISOString(),
    state: instance.state,
    vpcId: instance.vpcId,
    interfaces: instance.interfaces.map(
      ({ id, subnetId, attachmentId, deleteOnTermination, privateAddresses, publicAddresses, groups }) => ({
        id,
        subnetId,
        ...optional('networkAclId', acls.get(subnetId)),
        ...optional('attachmentId', attachmentId),
        deleteOnTermination,
        privateAddresses,
        publicAddresses,
        groups,
        alreadyQuarantined: groups.some((group) => quarantines.has(group)),
      }),
    ),
    volumes: instance.volumes.map(({ id, device, deleteOnTermination }) => ({
      id,
      device,
      deleteOnTermination,
      encrypted: details.get(id)?.Encrypted === true,
      sizeGiB: details.get(id)?.Size ?? 0,
    })),
    ...optional('scalingGroup', scalingGroup),
    targetGroups,
    ...optional('instanceProfileArn', instance.profileArn),
    ...optional('roles', roles),
    ...optional('consoleOutput', consoleOutput),
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

/** The network ACL of each subnet that an interface is in. */
async function aclsOf(
  { clients }: Target,
  interfaces: readonly SeenInterface[],
): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  if (interfaces.length === 0) return found;
  const subnets = [...new Set(interfaces.map(({ subnetId }) => subnetId))];
  const pages = paginateDescribeNetworkAcls(
    { client: clients.ec2 },
    { Filters: [{ Name: 'association.subnet-id', Values: subnets }] },
  );
  for await (const { NetworkAcls = [] } of pages)
    for (const { NetworkAclId, Associations = [] } of NetworkAcls)
      for (const { SubnetId } of Associations)
        if (SubnetId !== undefined && NetworkAclId !== undefined) found.set(SubnetId, NetworkAclId);
  return found;
}

async function quarantinesOf({ clients }: Target, vpcs: readonly string[]): Promise<Set<string>> {
  const found = await Promise.all(vpcs.map((vpcId) => findQuarantine(clients, vpcId)));
  return new Set(found.flatMap((group) => (group === undefined ? [] : [group.id])));
}

async function consoleOutputOf(target: Target, abortSignal: AbortSignal): Promise<string | undefined> {
  const read = async (latest: boolean) => {
    const { Output = '' } = await target.clients.ec2.send(
      new GetConsoleOutputCommand({ InstanceId: target.id, ...(latest ? { Latest: true } : {}) }),
      { abortSignal },
    );
    return Buffer.from(Output, 'base64').subarray(-CONSOLE_BYTES).toString('utf8');
  };
  // Only newer types of instances have an output of this moment; what AWS kept at the last start is the next best.
  const output = (await unlessItFails(() => read(true))) || (await read(false));
  return output === '' ? undefined : output;
}

/** For what the capture can do without: undefined where it fails, or comes too late. */
async function unlessItFails<Result>(
  ask: (signal: AbortSignal) => Promise<Result>,
): Promise<Result | undefined> {
  try {
    return await ask(AbortSignal.timeout(DISPENSABLE_WITHIN_MS));
  } catch {
    return undefined;
  }
}

function optional<Key extends string, Value>(key: Key, value: Value | undefined): { [K in Key]?: Value } {
  return value === undefined ? {} : ({ [key]: value } as { [K in Key]?: Value });
}
