/** The security group that lets everything through, so that AWS tracks nothing: one for each VPC, known by its name. */
import {
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  DescribeSecurityGroupsCommand,
  type IpPermission,
  type SecurityGroup,
} from '@aws-sdk/client-ec2';
import { unavailable } from '../../../activities/failures';
import type { Clients } from '../clients';
import { hasCode } from '../failures/aws-error';
import { together } from '../together';

/** As the quarantine group's: read by anybody, and nobody else's choice. */
export const OPEN_GROUP_NAME = 'net-baseline-a2';
const DESCRIPTION = 'Managed network baseline';

const ALL_PROTOCOLS = '-1';
const EVERYWHERE = '0.0.0.0/0';
const EVERYWHERE_V6 = '::/0';

/** How often the rules are looked at again, where other workers make the same group at the same moment. */
const ROUNDS = 4;

export async function findOpenGroup(clients: Clients, vpcId: string): Promise<string | undefined> {
  return (await findGroup(clients, vpcId))?.GroupId;
}

/**
 * Makes the VPC's open group if need be, and returns its id once it has been seen to let everything through. Several
 * workers may do so at once. `Unavailable` where it does not show.
 */
export async function ensureOpenGroup(clients: Clients, vpcId: string): Promise<string> {
  let group = (await findGroup(clients, vpcId)) ?? (await createGroup(clients, vpcId));
  for (let round = 1; round <= ROUNDS; round += 1) {
    if (group?.GroupId !== undefined && (await addMissingRules(clients, group))) return group.GroupId;
    group = await findGroup(clients, vpcId);
  }
  throw unavailable(
    'AWS ec2:DescribeSecurityGroups does not show the rules of the open group yet. Firebreak tries again; if it goes ' +
      `on, look at who takes rules from the group ${OPEN_GROUP_NAME}.`,
  );
}

/** Returns the group as AWS shows it, since a new one lets everything out already. */
async function createGroup(clients: Clients, vpcId: string): Promise<SecurityGroup | undefined> {
  try {
    await clients.ec2.send(
      new CreateSecurityGroupCommand({ GroupName: OPEN_GROUP_NAME, Description: DESCRIPTION, VpcId: vpcId }),
    );
  } catch (error) {
    if (!hasCode(error, 'InvalidGroup.Duplicate')) throw error;
  }
  return findGroup(clients, vpcId);
}

/** Returns true where nothing was missing. */
async function addMissingRules({ ec2 }: Clients, group: SecurityGroup): Promise<boolean> {
  const { GroupId, IpPermissions = [], IpPermissionsEgress = [] } = group;
  const ingress = missingIn(IpPermissions);
  const egress = missingIn(IpPermissionsEgress);
  await together([
    ...ingress.map((rule) =>
      unlessThere(ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [rule] }))),
    ),
    ...egress.map((rule) =>
      unlessThere(ec2.send(new AuthorizeSecurityGroupEgressCommand({ GroupId, IpPermissions: [rule] }))),
    ),
  ]);
  return ingress.length + egress.length === 0;
}

/** A rule for each family that lacks one: AWS refuses a whole call for a rule that is there already. */
function missingIn(permissions: readonly IpPermission[]): IpPermission[] {
  const all = permissions.filter(({ IpProtocol }) => IpProtocol === ALL_PROTOCOLS);
  const v4 = all.some(({ IpRanges = [] }) => IpRanges.some(({ CidrIp }) => CidrIp === EVERYWHERE));
  const v6 = all.some(({ Ipv6Ranges = [] }) => Ipv6Ranges.some(({ CidrIpv6 }) => CidrIpv6 === EVERYWHERE_V6));
  return [
    ...(v4 ? [] : [{ IpProtocol: ALL_PROTOCOLS, IpRanges: [{ CidrIp: EVERYWHERE }] }]),
    ...(v6 ? [] : [{ IpProtocol: ALL_PROTOCOLS, Ipv6Ranges: [{ CidrIpv6: EVERYWHERE_V6 }] }]),
  ];
}

async function unlessThere(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!hasCode(error, 'InvalidPermission.Duplicate')) throw error;
  }
}

async function findGroup({ ec2 }: Clients, vpcId: string): Promise<SecurityGroup | undefined> {
  const { SecurityGroups = [] } = await ec2.send(
    new DescribeSecurityGroupsCommand({
      Filters: [
        { Name: 'group-name', Values: [OPEN_GROUP_NAME] },
        { Name: 'vpc-id', Values: [vpcId] },
      ],
    }),
  );
  return SecurityGroups[0];
}
