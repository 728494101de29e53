/** The empty security group that cuts an interface off: one for each VPC, known by its name. */
import {
  CreateSecurityGroupCommand,
  DescribeSecurityGroupsCommand,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
  type SecurityGroup,
} from '@aws-sdk/client-ec2';
import { unavailable } from '../../activities/failures';
import type { Clients } from './clients';
import { hasCode } from './failures/aws-error';
import { together } from './together';

/**
 * Anybody who may list groups reads this, so it says nothing of an incident. It is not a name that somebody else would
 * choose: whatever rules a group of this name has are taken away.
 */
export const QUARANTINE_GROUP_NAME = 'net-baseline-f7';
const DESCRIPTION = 'Managed network baseline';

/** How often the rules are looked at again, where other workers empty the same group at the same moment. */
const ROUNDS = 4;

export interface Quarantine {
  readonly id: string;
  readonly isEmpty: boolean;
}

/** The VPC's quarantine group, if there is one. */
export async function findQuarantine(clients: Clients, vpcId: string): Promise<Quarantine | undefined> {
  const group = await findGroup(clients, vpcId);
  return group && { id: idOf(group), isEmpty: ruleCountOf(group) === 0 };
}

/**
 * Makes the VPC's quarantine group if need be, empties it, and returns its id once it has been seen to be empty.
 * Several workers may do so at once. `Unavailable` where it does not become empty or does not show.
 */
export async function ensureEmptyQuarantine(clients: Clients, vpcId: string): Promise<string> {
  let group = (await findGroup(clients, vpcId)) ?? (await createGroup(clients, vpcId));
  for (let round = 1; round <= ROUNDS; round += 1) {
    if (group && ruleCountOf(group) === 0) return idOf(group);
    if (group) await revokeAllRules(clients, group);
    group = await findGroup(clients, vpcId);
  }
  throw unavailable(
    'AWS ec2:DescribeSecurityGroups does not show an empty quarantine group yet. Firebreak tries again; if it goes on, ' +
      `look at who adds rules to the group ${QUARANTINE_GROUP_NAME}.`,
  );
}

/** Returns the group as AWS shows it, since a new one has a rule that lets everything out. */
async function createGroup(clients: Clients, vpcId: string): Promise<SecurityGroup | undefined> {
  try {
    await clients.ec2.send(
      new CreateSecurityGroupCommand({
        GroupName: QUARANTINE_GROUP_NAME,
        Description: DESCRIPTION,
        VpcId: vpcId,
      }),
    );
  } catch (error) {
    // The name is the key: another worker was faster, and its group is the one that is found next.
    if (!hasCode(error, 'InvalidGroup.Duplicate')) throw error;
  }
  return findGroup(clients, vpcId);
}

/** Rules that somebody else took away meanwhile are no failure: the caller looks again. */
async function revokeAllRules({ ec2 }: Clients, group: SecurityGroup): Promise<void> {
  const { IpPermissions: ingress = [], IpPermissionsEgress: egress = [] } = group;
  const GroupId = idOf(group);
  await together([
    ...(ingress.length === 0
      ? []
      : [unlessGone(ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId, IpPermissions: ingress })))]),
    ...(egress.length === 0
      ? []
      : [unlessGone(ec2.send(new RevokeSecurityGroupEgressCommand({ GroupId, IpPermissions: egress })))]),
  ]);
}

async function unlessGone(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!hasCode(error, 'InvalidPermission.NotFound')) throw error;
  }
}

async function findGroup({ ec2 }: Clients, vpcId: string): Promise<SecurityGroup | undefined> {
  const { SecurityGroups = [] } = await ec2.send(
    new DescribeSecurityGroupsCommand({
      Filters: [
        { Name: 'group-name', Values: [QUARANTINE_GROUP_NAME] },
        { Name: 'vpc-id', Values: [vpcId] },
      ],
    }),
  );
  return SecurityGroups[0];
}

function idOf(group: SecurityGroup): string {
  return group.GroupId ?? '';
}

function ruleCountOf({ IpPermissions = [], IpPermissionsEgress = [] }: SecurityGroup): number {
  return IpPermissions.length + IpPermissionsEgress.length;
}
