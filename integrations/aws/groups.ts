/** Scaling groups and target groups: looking, and leaving them. */
import { DescribeAutoScalingInstancesCommand, DetachInstancesCommand } from '@aws-sdk/client-auto-scaling';
import {
  DeregisterTargetsCommand,
  DescribeTargetHealthCommand,
  paginateDescribeTargetGroups,
  type TargetHealth,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { CapturedTarget } from '../../activities/containment';
import type { Clients, Target } from './clients';
import { hasCode } from './failures/aws-error';
import { lookAtInstance, type SeenInstance } from './instance';
import { mapInBatches, together } from './together';

/** An account may have hundreds of target groups, and AWS tells a target's groups only one group at a time. */
const TARGET_GROUPS_AT_ONCE = 10;

/** The scaling group that the instance is in, unless it is leaving it. */
export async function scalingGroupOf({ clients, id }: Target): Promise<string | undefined> {
  const { AutoScalingInstances = [] } = await clients.scaling.send(
    new DescribeAutoScalingInstancesCommand({ InstanceIds: [id] }),
  );
  return AutoScalingInstances.find(
    ({ LifecycleState = '' }) => !['Detaching', 'Detached', 'Terminated'].includes(LifecycleState),
  )?.AutoScalingGroupName;
}

/**
 * The target groups of the VPC in which the instance is registered, by its id or by one of its addresses, unless it is
 * draining. `vpcId` is for an instance that may be gone: AWS then no longer says where it was.
 */
export async function targetsOf(
  { clients, id }: Target,
  looking: Promise<SeenInstance>,
  vpcId?: string,
): Promise<CapturedTarget[]> {
  // Listing does not wait for the look at the instance: it runs beside it.
  const [listed, instance] = await Promise.all([listTargetGroups(clients), looking]);
  const names: Names = { id, addresses: new Set(addressesOf(instance)) };
  const arns = listed.filter((group) => group.vpcId === (vpcId ?? instance.vpcId)).map(({ arn }) => arn);
  const found = await mapInBatches(arns, TARGET_GROUPS_AT_ONCE, (arn) =>
    registrationsIn(clients, arn, names),
  );
  return found.flat();
}

/** Leaves the scaling group. The group keeps its size, so that a replacement starts. */
export async function leaveScalingGroup(target: Target): Promise<void> {
  const group = await scalingGroupOf(target);
  if (group === undefined) return;
  try {
    await target.clients.scaling.send(
      new DetachInstancesCommand({
        AutoScalingGroupName: group,
        InstanceIds: [target.id],
        ShouldDecrementDesiredCapacity: false,
      }),
    );
  } catch (error) {
    // "Not part of the group" comes under the code of every other mistake: only a look tells.
    if (hasCode(error, 'ValidationError') && (await scalingGroupOf(target)) === undefined) return;
    throw error;
  }
}

export async function leaveTargetGroups(target: Target, vpcId: string): Promise<void> {
  const registrations = await targetsOf(target, lookAtInstance(target), vpcId);
  await together(registrations.map((registration) => deregister(target, registration)));
}

/** What a target may be registered under. */
interface Names {
  readonly id: string;
  readonly addresses: ReadonlySet<string>;
}

/** Those in the VPC, and the public ones beside them: among these are those of IPv6, which are both. */
function addressesOf({ interfaces }: SeenInstance): string[] {
  return interfaces.flatMap(({ privateAddresses, publicAddresses }) => [
    ...privateAddresses,
    ...publicAddresses,
  ]);
}

async function deregister(
  { clients, id }: Target,
  { targetGroupArn, targetId = id, port }: CapturedTarget,
): Promise<void> {
  try {
    await clients.balancing.send(
      new DeregisterTargetsCommand({
        TargetGroupArn: targetGroupArn,
        Targets: [{ Id: targetId, ...(port === undefined ? {} : { Port: port }) }],
      }),
    );
  } catch (error) {
    if (!hasCode(error, 'InvalidTarget', 'InvalidTargetException')) throw error;
    const left = await registrationsIn(clients, targetGroupArn, { id: targetId, addresses: new Set() });
    if (left.some((registration) => registration.port === port)) throw error;
  }
}

async function listTargetGroups({ balancing }: Clients): Promise<{ arn: string; vpcId: string }[]> {
  const found: { arn: string; vpcId: string }[] = [];
  for await (const { TargetGroups = [] } of paginateDescribeTargetGroups({ client: balancing }, {}))
    for (const { TargetGroupArn = '', TargetType, VpcId = '' } of TargetGroups)
      if (TargetType === 'instance' || TargetType === 'ip') found.push({ arn: TargetGroupArn, vpcId: VpcId });
  return found;
}

/** Asks for the whole group: asked for one target, AWS looks only at the group's own port. */
async function registrationsIn(
  { balancing }: Clients,
  arn: string,
  { id, addresses }: Names,
): Promise<CapturedTarget[]> {
  try {
    const { TargetHealthDescriptions = [] } = await balancing.send(
      new DescribeTargetHealthCommand({ TargetGroupArn: arn }),
    );
    return TargetHealthDescriptions.flatMap(({ Target: { Id = '', Port } = {}, TargetHealth }) =>
      (Id !== id && !addresses.has(Id)) || hasLeft(TargetHealth)
        ? []
        : [
            {
              targetGroupArn: arn,
              ...(Id === id ? {} : { targetId: Id }),
              ...(Port === undefined ? {} : { port: Port }),
            },
          ],
    );
  } catch (error) {
    if (hasCode(error, 'TargetGroupNotFound', 'TargetGroupNotFoundException')) return [];
    throw error;
  }
}

function hasLeft(health: TargetHealth | undefined): boolean {
  return health?.State === 'draining' || health?.Reason === 'Target.NotRegistered';
}
