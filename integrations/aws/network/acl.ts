/** Network ACLs: looks at them, and judges what they let through. Everything here only reads. */
import { paginateDescribeNetworkAcls, type NetworkAclEntry } from '@aws-sdk/client-ec2';
import { conflict } from '../../../activities/failures';
import type { Clients } from '../clients';
import { overlap, readRange, type Range } from './cidr';

export interface Acl {
  readonly id: string;
  readonly subnetIds: readonly string[];
  readonly entries: readonly NetworkAclEntry[];
}

/** As seen from the subnet. */
export type Direction = 'inbound' | 'outbound';
export const DIRECTIONS = ['inbound', 'outbound'] as const;

export const ALL_PROTOCOLS = '-1';
/** The default deny of IPv4, `*` in the console; IPv6's is above it. Entries of one's own have the numbers below. */
const DEFAULT_DENY = 32_767;

/** Every ACL of the VPC that a subnet uses. `Conflict` where AWS shows none: the VPC is then another account's. */
export async function aclsOfVpc(clients: Clients, vpcId: string): Promise<Acl[]> {
  const found = (await describe(clients, 'vpc-id', [vpcId])).filter(({ subnetIds }) => subnetIds.length > 0);
  if (found.length === 0) throw noAcl();
  return found;
}

/** The ACLs of these subnets. `Conflict` where AWS does not show one for each. */
export async function aclsOfSubnets(clients: Clients, subnetIds: readonly string[]): Promise<Acl[]> {
  const found = await describe(clients, 'association.subnet-id', subnetIds);
  const covered = new Set(found.flatMap((acl) => acl.subnetIds));
  if (subnetIds.some((id) => !covered.has(id))) throw noAcl();
  return found;
}

/** The ACL, if it is there and a subnet uses it. */
export async function findAcl(clients: Clients, id: string): Promise<Acl | undefined> {
  return (await describe(clients, 'association.network-acl-id', [id]))[0];
}

/** Whether the range is denied, by an entry of its own that comes before everything that would let any of it through. */
export function isDenied(acl: Acl, range: Range, direction: Direction): boolean {
  const before = firstAllow(acl, range, direction);
  return denialsOf(acl, range, direction).some(({ RuleNumber = Infinity }) => RuleNumber < before);
}

/** One sentence for each range and direction that an ACL does not deny. */
export function undenied(acls: readonly Acl[], ranges: readonly Range[]): string[] {
  return acls.flatMap((acl) =>
    ranges.flatMap((range) =>
      DIRECTIONS.filter((direction) => !isDenied(acl, range, direction)).map(
        (direction) => `The network ACL ${acl.id} does not deny ${range.cidr} ${direction}.`,
      ),
    ),
  );
}

/** The entries that are the deny of this range. Their number is no part of what they are. */
export function denialsOf(acl: Acl, range: Range, direction: Direction): NetworkAclEntry[] {
  return entriesOf(acl, direction).filter(
    (entry) =>
      entry.RuleAction === 'deny' &&
      entry.Protocol === ALL_PROTOCOLS &&
      entry.PortRange === undefined &&
      entry.IcmpTypeCode === undefined &&
      rangeOf(entry)?.cidr === range.cidr,
  );
}

/** The number of the first entry that lets any of the range through, or the default deny's. */
export function firstAllow(acl: Acl, range: Range, direction: Direction): number {
  const allows = entriesOf(acl, direction).filter((entry) => {
    const allowed = entry.RuleAction === 'allow' ? rangeOf(entry) : undefined;
    return allowed !== undefined && overlap(allowed, range);
  });
  return Math.min(DEFAULT_DENY, ...allows.map(({ RuleNumber = DEFAULT_DENY }) => RuleNumber));
}

export function numbersOf(acl: Acl, direction: Direction): number[] {
  return entriesOf(acl, direction).flatMap(({ RuleNumber }) => RuleNumber ?? []);
}

function entriesOf({ entries }: Acl, direction: Direction): NetworkAclEntry[] {
  return entries.filter(({ Egress }) => Egress === (direction === 'outbound'));
}

function rangeOf({ CidrBlock, Ipv6CidrBlock }: NetworkAclEntry): Range | undefined {
  return readRange(CidrBlock ?? Ipv6CidrBlock ?? '');
}

async function describe(clients: Clients, name: string, values: readonly string[]): Promise<Acl[]> {
  const found: Acl[] = [];
  if (values.length === 0) return found;
  const pages = paginateDescribeNetworkAcls(
    { client: clients.ec2 },
    { Filters: [{ Name: name, Values: [...new Set(values)] }] },
  );
  for await (const { NetworkAcls = [] } of pages)
    for (const { NetworkAclId = '', Associations = [], Entries = [] } of NetworkAcls)
      found.push({
        id: NetworkAclId,
        subnetIds: Associations.flatMap(({ SubnetId }) => SubnetId ?? []),
        entries: Entries,
      });
  return found;
}

function noAcl(): Error {
  return conflict(
    'AWS ec2:DescribeNetworkAcls shows no network ACL for a subnet or VPC of the instance. Where the VPC is shared by ' +
      "another account, its owner has to add the entries; otherwise look at the worker's permissions, then retry.",
  );
}
