/** Ends connections that are open already. */
import type { Capture, Surroundings } from '../../../activities/containment';
import type { AwsSettings, Target } from '../clients';
import { lookAtLivingInstance } from '../instance';
import { together } from '../together';
import { aclsOfSubnets } from './acl';
import { addressesOf } from './addresses';
import { readAttackers } from './attackers';
import { deny } from './denials';
import { closeInterfaces, hop } from './hop';

/**
 * Denies the attacker's addresses on the border of every subnet that the instance has an interface in. In the mode
 * `untracked-hop`, every interface makes the hop after that, since no deny is needed for it to cut; also where a deny
 * failed.
 */
export async function cutConnections(
  target: Target,
  { vpcId }: Capture,
  { attackers, codename }: Surroundings,
  { secondMeasure }: AwsSettings,
): Promise<void> {
  if (secondMeasure !== 'untracked-hop') return denyAttackers(target, attackers);
  const closing = closeInterfaces(target, vpcId, codename);
  const denying = denyAttackers(target, attackers);
  const hopping = Promise.allSettled([closing, denying])
    .then(() => closing)
    .then(() => hop(target, vpcId, codename));
  await together([closing, denying, hopping]);
}

async function denyAttackers(target: Target, attackers: readonly string[]): Promise<void> {
  if (attackers.length === 0) return;
  const { interfaces } = await lookAtLivingInstance(target);
  const { ranges, problems } = readAttackers(attackers, interfaces.flatMap(addressesOf));
  const acls = await aclsOfSubnets(
    target.clients,
    interfaces.map(({ subnetId }) => subnetId),
  );
  await together([
    ...acls.map((acl) => deny(target.clients, acl, ranges)),
    ...problems.map((problem) => Promise.reject(problem as Error)),
  ]);
}
