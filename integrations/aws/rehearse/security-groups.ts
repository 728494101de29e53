/** Security groups that were not made, and rules that were neither taken away nor added. */
import { isDeepStrictEqual } from 'node:util';
import type {
  AuthorizeSecurityGroupEgressCommandInput,
  AuthorizeSecurityGroupIngressCommandInput,
  CreateSecurityGroupCommandInput,
  DescribeSecurityGroupsCommandInput,
  DescribeSecurityGroupsCommandOutput,
  IpPermission,
  RevokeSecurityGroupEgressCommandInput,
  RevokeSecurityGroupIngressCommandInput,
  SecurityGroup,
} from '@aws-sdk/client-ec2';
import type { Imagined } from './imagined';
import type { NewThings } from './new-things';

type Ask = (input: DescribeSecurityGroupsCommandInput) => Promise<DescribeSecurityGroupsCommandOutput>;

interface Edits {
  readonly revoked: IpPermission[];
  readonly added: IpPermission[];
}

/** What AWS puts into a new group. */
const ALL_OUT: IpPermission = { IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] };

export function imagineSecurityGroups(newThings: NewThings): Imagined {
  const groups: SecurityGroup[] = [];
  const ingress = new Map<string, Edits>();
  const egress = new Map<string, Edits>();

  const edit = (edits: Map<string, Edits>, id = ''): Edits => {
    const found = edits.get(id) ?? { revoked: [], added: [] };
    edits.set(id, found);
    return found;
  };
  const edited = (group: SecurityGroup): SecurityGroup => ({
    ...group,
    IpPermissions: apply(ingress.get(group.GroupId ?? ''), group.IpPermissions),
    IpPermissionsEgress: apply(egress.get(group.GroupId ?? ''), group.IpPermissionsEgress),
  });

  return {
    changes: {
      CreateSecurityGroup(input: CreateSecurityGroupCommandInput) {
        const GroupId = newThings.name('sg', `(new group ${input.GroupName})`);
        groups.push({
          GroupId,
          GroupName: input.GroupName,
          VpcId: input.VpcId,
          IpPermissions: [],
          IpPermissionsEgress: [ALL_OUT],
        });
        return { GroupId };
      },
      RevokeSecurityGroupIngress({ GroupId, IpPermissions = [] }: RevokeSecurityGroupIngressCommandInput) {
        edit(ingress, GroupId).revoked.push(...IpPermissions);
        return { Return: true };
      },
      RevokeSecurityGroupEgress({ GroupId, IpPermissions = [] }: RevokeSecurityGroupEgressCommandInput) {
        edit(egress, GroupId).revoked.push(...IpPermissions);
        return { Return: true };
      },
      AuthorizeSecurityGroupIngress({
        GroupId,
        IpPermissions = [],
      }: AuthorizeSecurityGroupIngressCommandInput) {
        edit(ingress, GroupId).added.push(...IpPermissions);
        return { Return: true };
      },
      AuthorizeSecurityGroupEgress({
        GroupId,
        IpPermissions = [],
      }: AuthorizeSecurityGroupEgressCommandInput) {
        edit(egress, GroupId).added.push(...IpPermissions);
        return { Return: true };
      },
    },
    reads: {
      async DescribeSecurityGroups(input: DescribeSecurityGroupsCommandInput, ask: Ask) {
        const seen = await ask(input);
        const made = seen.NextToken ? [] : groups.filter(isAskedFor(input));
        return { ...seen, SecurityGroups: [...(seen.SecurityGroups ?? []), ...made].map(edited) };
      },
    },
  };
}

function apply(edits: Edits | undefined, permissions: IpPermission[] = []): IpPermission[] {
  if (!edits) return permissions;
  return [
    ...permissions.filter((each) => !edits.revoked.some((revoked) => isDeepStrictEqual(revoked, each))),
    ...edits.added,
  ];
}

function isAskedFor({ Filters = [] }: DescribeSecurityGroupsCommandInput): (group: SecurityGroup) => boolean {
  return ({ GroupName = '', VpcId = '', GroupId = '' }) =>
    Filters.every(({ Name = '', Values = [] }) =>
      Values.includes({ 'group-name': GroupName, 'vpc-id': VpcId, 'group-id': GroupId }[Name] ?? ''),
    );
}
