/** Looks again at what the steps of the network claim. */
import type { Capture, Surroundings } from '../../../activities/containment';
import type { AwsSettings, Target } from '../clients';
import { isGone, lookAtInstance, type SeenInstance } from '../instance';
import { aclsOfSubnets, aclsOfVpc, undenied } from './acl';
import { addressesOf, innerRangesOf } from './addresses';
import { readAttackers } from './attackers';
import { lookAtHops } from './hop';

/** One sentence for each thing that is not so. A terminated instance has no network left: nothing is said of it here. */
export async function unprovenOfNetwork(
  target: Target,
  { vpcId }: Capture,
  { attackers, codename }: Surroundings,
  { secondMeasure }: AwsSettings,
): Promise<string[]> {
  const instance = await lookAtInstance(target);
  if (isGone(instance)) return [];
  const [connections, elsewhere, hops] = await Promise.all([
    unprovenOfConnections(target, instance, attackers),
    unprovenElsewhere(target, instance, vpcId),
    secondMeasure === 'untracked-hop' ? unprovenOfHops(target, vpcId, codename) : [],
  ]);
  return [...connections, ...elsewhere, ...hops];
}

async function unprovenOfConnections(
  { clients }: Target,
  { interfaces }: SeenInstance,
  attackers: readonly string[],
): Promise<string[]> {
  if (attackers.length === 0) return [];
  const { ranges, problems } = readAttackers(attackers, interfaces.flatMap(addressesOf));
  const acls = await aclsOfSubnets(
    clients,
    interfaces.map(({ subnetId }) => subnetId),
  );
  return [...undenied(acls, ranges), ...problems.map((problem) => (problem as Error).message)];
}

async function unprovenElsewhere(
  { clients }: Target,
  { interfaces }: SeenInstance,
  vpcId: string,
): Promise<string[]> {
  return undenied(await aclsOfVpc(clients, vpcId), innerRangesOf(interfaces));
}

async function unprovenOfHops(target: Target, vpcId: string, codename: string): Promise<string[]> {
  return (await lookAtHops(target, vpcId)).flatMap(({ id, isOpen, markedFor }) => [
    ...(isOpen ? [`The interface ${id} is in the group that is open to all.`] : []),
    ...(markedFor === codename
      ? []
      : [`The interface ${id} has not made the hop: connections open on it may go on.`]),
  ]);
}
