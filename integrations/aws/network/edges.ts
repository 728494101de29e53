/** Finds the edges of the network for some affected instances. Everything here only reads. */
import { paginateDescribeInstances, type Instance } from '@aws-sdk/client-ec2';
import type { InstanceLocation } from '../../../activities/containment';
import { conflict } from '../../../activities/failures';
import type { AwsSettings, Clients, Place } from '../clients';
import { translate, willBeRetried } from '../failures/translate';
import { aclsOfVpc, findAcl, type Acl } from './acl';
import { CLOUDFRONT_REGION, type IpSet } from './waf';

export interface Edges {
  readonly acls: readonly { readonly clients: Clients; readonly acl: Acl }[];
  readonly ipSets: readonly { readonly clients: Clients; readonly set: IpSet }[];
  /** Every address of the affected instances: none of them may be blocked. */
  readonly own: readonly string[];
  /** Why other edges could not be found, for good. These that were are to be used all the same. */
  readonly problems: readonly unknown[];
}

/** The most values that EC2 takes in one filter are 200. */
const INSTANCES_AT_ONCE = 100;

/** Throws only what a retry may mend. Instances that are gone are skipped. */
export async function findEdges(
  settings: AwsSettings,
  placeOf: (place: Place) => Clients,
  affected: readonly InstanceLocation[],
): Promise<Edges> {
  const { networkAcls = [], wafIpSets = [] } = settings.perimeter ?? {};
  const problems: unknown[] = [];
  const here = placeOf({});
  const byPlace = new Map<Clients, InstanceLocation[]>();
  for (const instance of affected) {
    const clients = placeOf(instance);
    byPlace.set(clients, [...(byPlace.get(clients) ?? []), instance]);
  }
  const seen = await settled(
    [...byPlace].map(async ([clients, instances]) => ({
      clients,
      instances: await describe(clients, instances, settings.account),
    })),
    problems,
  );
  const vpcs = seen.flatMap(({ clients, instances }) =>
    [...new Set(instances.flatMap(({ VpcId }) => VpcId ?? []))].map((vpcId) => ({ clients, vpcId })),
  );
  const acls = await settled(
    [
      ...vpcs.map(async ({ clients, vpcId }) =>
        (await aclsOfVpc(clients, vpcId)).map((acl) => ({ clients, acl })),
      ),
      ...networkAcls.map(async (id) => [{ clients: here, acl: await configuredAcl(here, id) }]),
    ],
    problems,
  );
  return {
    // A configured one may also be an affected VPC's.
    acls: [...new Map(acls.flat().map((edge) => [edge.acl.id, edge])).values()],
    ipSets: wafIpSets.map((set) => ({
      set,
      clients: set.scope === 'CLOUDFRONT' ? placeOf({ region: CLOUDFRONT_REGION }) : here,
    })),
    own: seen.flatMap(({ instances }) => instances.flatMap(addressesOf)),
    problems,
  };
}

/** What came of the looks, and what went wrong for good. What a retry may mend is thrown. */
export async function settled<Found>(
  looks: readonly Promise<Found>[],
  problems: unknown[],
): Promise<Found[]> {
  const found: Found[] = [];
  for (const result of await Promise.allSettled(looks)) {
    if (result.status === 'fulfilled') {
      found.push(result.value);
      continue;
    }
    const failure = translate(result.reason);
    if (willBeRetried(failure)) throw failure;
    problems.push(failure);
  }
  return found;
}

/** Asks by a filter, which does not mind what is gone. */
async function describe(
  { ec2 }: Clients,
  instances: readonly InstanceLocation[],
  ownAccount: string | undefined,
): Promise<Instance[]> {
  const accountOf = new Map(instances.map(({ id, account = ownAccount }) => [id, account]));
  const ids = [...accountOf.keys()];
  const found: Instance[] = [];
  for (let start = 0; start < ids.length; start += INSTANCES_AT_ONCE) {
    const Values = ids.slice(start, start + INSTANCES_AT_ONCE);
    const pages = paginateDescribeInstances({ client: ec2 }, { Filters: [{ Name: 'instance-id', Values }] });
    for await (const { Reservations = [] } of pages)
      for (const { OwnerId, Instances = [] } of Reservations)
        for (const instance of Instances) {
          const account = accountOf.get(instance.InstanceId ?? '');
          if (account !== undefined && account !== OwnerId) throw wrongAccount();
          found.push(instance);
        }
  }
  return found;
}

function addressesOf({ NetworkInterfaces = [] }: Instance): string[] {
  return NetworkInterfaces.flatMap(({ PrivateIpAddresses = [], Ipv6Addresses = [] }) => [
    ...PrivateIpAddresses.flatMap(({ PrivateIpAddress, Association }) => [
      PrivateIpAddress ?? [],
      Association?.PublicIp ?? [],
    ]).flat(),
    ...Ipv6Addresses.flatMap(({ Ipv6Address }) => Ipv6Address ?? []),
  ]);
}

async function configuredAcl(clients: Clients, id: string): Promise<Acl> {
  const acl = await findAcl(clients, id);
  if (acl) return acl;
  throw conflict(
    'AWS ec2:DescribeNetworkAcls: a configured network ACL is not there, or no subnet uses it. Correct its id in the ' +
      'settings of the perimeter.',
  );
}

function wrongAccount(): Error {
  return conflict(
    "An affected instance is not in the account that was named: the worker's credentials are for another one. Correct either.",
  );
}
