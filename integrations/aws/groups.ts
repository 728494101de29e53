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

/** The target groups of the VPC in which the instance is registered by its id, unless it is draining. */
export async function targetsOf(
  { clients, id }: Target,
  vpcId: string | Promise<string>,
): Promise<CapturedTarget[]> {
  // Listing does not wait for the VPC: it runs beside the look at the instance.
  const [listed, vpc] = await Promise.all([listTargetGroups(clients), vpcId]);
  const arns = listed.filter((group) => group.vpcId === vpc).map(({ arn }) => arn);
  const found = await mapInBatches(arns, TARGET_GROUPS_AT_ONCE, (arn) => registrationsIn(clients, arn, id));
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
  const registrations = await targetsOf(target, vpcId);
  await together(registrations.map((registration) => deregister(target, registration)));
}

async function deregister({ clients, id }: Target, { targetGroupArn, port }: CapturedTarget): Promise<void> {
  try {
    await clients.balancing.send(
      new DeregisterTargetsCommand({
        TargetGroupArn: targetGroupArn,
        Targets: [{ Id: id, ...(port === undefined ? {} : { Port: port }) }],
      }),
    );
  } catch (error) {
    if (!hasCode(error, 'InvalidTarget', 'InvalidTargetException')) throw error;
    const left = await registrationsIn(clients, targetGroupArn, id);
    if (left.some((registration) => registration.port === port)) throw error;
  }
}

async function listTargetGroups({ balancing }: Clients): Promise<{ arn: string; vpcId: string }[]> {
  const found: { arn: string; vpcId: string }[] = [];
  for await (const { TargetGroups = [] } of paginateDescribeTargetGroups({ client: balancing }, {}))
    for (const { TargetGroupArn = '', TargetType, VpcId = '' } of TargetGroups)
      if (TargetType === 'instance') found.push({ arn: TargetGroupArn, vpcId: VpcId });
  return found;
}

/** Asks for the whole group: asked for one target, AWS looks only at the group's own port. */
async function registrationsIn({ balancing }: Clients, arn: string, id: string): Promise<CapturedTarget[]> {
  try {
    const { TargetHealthDescriptions = [] } = await balancing.send(
      new DescribeTargetHealthCommand({ TargetGroupArn: arn }),
    );
    return TargetHealthDescriptions.flatMap(({ Target, TargetHealth }) =>
      Target?.Id !== id || hasLeft(TargetHealth)
        ? []
        : [{ targetGroupArn: arn, ...(Target.Port === undefined ? {} : { port: Target.Port }) }],
    );
  } catch (error) {
    if (hasCode(error, 'TargetGroupNotFound', 'TargetGroupNotFoundException')) return [];
    throw error;
  }
}

function hasLeft(health: TargetHealth | undefined): boolean {
  return health?.State === 'draining' || health?.Reason === 'Target.NotRegistered';
}
