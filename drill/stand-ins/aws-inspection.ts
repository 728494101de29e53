/** What a drill's audit wants to know of the network, of locks and of people in the stand-in, read after the drill. */
import { DescribeLockedSnapshotsCommand, DescribeNetworkAclsCommand, EC2Client } from '@aws-sdk/client-ec2';
import {
  GetLoginProfileCommand,
  IAMClient,
  ListAccessKeysCommand,
  ListUserPoliciesCommand,
} from '@aws-sdk/client-iam';
import { GetIPSetCommand, WAFV2Client } from '@aws-sdk/client-wafv2';
import type { IpSet } from './aws-company';

export interface AclState {
  readonly id: string;
  readonly vpcId: string;
  readonly subnets: readonly string[];
  /** Denies alone. */
  readonly denied: readonly { readonly cidr: string; readonly egress: boolean }[];
}

/** The network ACLs of a VPC. */
export async function lookAtAcls(url: string, region: string, vpcId: string): Promise<AclState[]> {
  const ec2 = new EC2Client({ endpoint: url, region });
  const { NetworkAcls = [] } = await ec2.send(
    new DescribeNetworkAclsCommand({ Filters: [{ Name: 'vpc-id', Values: [vpcId] }] }),
  );
  return NetworkAcls.map(({ NetworkAclId = '', Associations = [], Entries = [] }) => ({
    id: NetworkAclId,
    vpcId,
    subnets: Associations.map(({ SubnetId = '' }) => SubnetId),
    denied: Entries.filter(
      // The last entry of every ACL denies the rest.
      ({ RuleAction, RuleNumber }) => RuleAction === 'deny' && (RuleNumber ?? 0) < 32_767,
    ).map(({ CidrBlock, Ipv6CidrBlock, Egress }) => ({
      cidr: CidrBlock ?? Ipv6CidrBlock ?? '',
      egress: Egress === true,
    })),
  }));
}

/** The mode of each locked snapshot, by its id. */
export async function lookAtLocks(url: string, region: string): Promise<Record<string, string>> {
  const ec2 = new EC2Client({ endpoint: url, region });
  const { Snapshots = [] } = await ec2.send(new DescribeLockedSnapshotsCommand({}));
  return Object.fromEntries(Snapshots.map(({ SnapshotId = '', LockState = '' }) => [SnapshotId, LockState]));
}

export interface UserState {
  readonly activeKeys: number;
  readonly hasLogin: boolean;
  readonly inlinePolicies: readonly string[];
}

export async function lookAtUser(url: string, region: string, name: string): Promise<UserState> {
  const iam = new IAMClient({ endpoint: url, region });
  const [{ AccessKeyMetadata = [] }, { PolicyNames = [] }, hasLogin] = await Promise.all([
    iam.send(new ListAccessKeysCommand({ UserName: name })),
    iam.send(new ListUserPoliciesCommand({ UserName: name })),
    iam.send(new GetLoginProfileCommand({ UserName: name })).then(
      () => true,
      () => false,
    ),
  ]);
  return {
    activeKeys: AccessKeyMetadata.filter(({ Status }) => Status === 'Active').length,
    hasLogin,
    inlinePolicies: PolicyNames,
  };
}

/** The addresses in the WAF's sets. */
export async function lookAtIpSets(url: string, region: string, sets: readonly IpSet[]): Promise<string[]> {
  const waf = new WAFV2Client({ endpoint: url, region });
  const all = await Promise.all(
    sets.map(({ name, id, scope }) => waf.send(new GetIPSetCommand({ Name: name, Id: id, Scope: scope }))),
  );
  return all.flatMap(({ IPSet }) => IPSet?.Addresses ?? []);
}
