/**
 * What a drill left in AWS, without anything that chance names: two drills of one scenario are to leave the same, however
 * often AWS failed in between.
 */
import type { EvidenceItem } from '../domain/evidence/items';
import type { Records } from './records';

export interface EndState {
  readonly instances: Readonly<Record<string, unknown>>;
  readonly users: Records['aws']['users'];
  readonly attackersBlocked: number;
  /** How many items of each kind were kept. */
  readonly evidence: Readonly<Record<string, number>>;
}

export function endStateOf(
  { aws, codename }: Records,
  items: readonly EvidenceItem[],
  names: Readonly<Record<string, { readonly id: string }>>,
): EndState {
  const instances = Object.entries(names).flatMap(([name, { id }]) => {
    const state = aws.fleet[id];
    if (!state) return [];
    const acls = aws.acls.filter(({ vpcId, subnets }) => vpcId === state.vpcId && subnets.length > 0);
    const denials = acls.flatMap(({ denied }) =>
      denied.filter(({ cidr }) => state.addresses.some((address) => cidr === `${address}/32`)),
    );
    const images = (moment: string) =>
      state.volumes.flatMap(({ snapshots }) =>
        snapshots
          .filter(({ tags }) => tags['firebreak'] === codename && tags['firebreak:moment'] === moment)
          .map((image) => aws.locks[image.id] ?? 'not locked'),
      );
    const seen = {
      state: state.state,
      terminationProtected: state.terminationProtected,
      scalingGroup: state.scalingGroup ?? null,
      tagged: Object.hasOwn(state.tags, 'firebreak'),
      interfaces: state.interfaces.map(({ deleteOnTermination, groups }) => ({
        deleteOnTermination,
        groups: groups.map(({ name: group, rules }) => `${group} (${rules} rules)`),
      })),
      volumes: state.volumes.map(({ deleteOnTermination }) => ({ deleteOnTermination })),
      denials: denials.length,
      live: images('live'),
      stopped: images('stopped'),
    };
    return [[name, seen] as const];
  });
  const evidence: Record<string, number> = {};
  for (const { kind } of items) evidence[kind] = (evidence[kind] ?? 0) + 1;
  return {
    instances: Object.fromEntries(instances),
    users: Object.fromEntries(
      Object.entries(aws.users).map(([name, { inlinePolicies, ...user }]) => [
        name,
        { ...user, inlinePolicies: inlinePolicies.map((policy) => policy.replace(codename, 'CODENAME')) },
      ]),
    ),
    attackersBlocked: aws.blockedByWaf.length,
    evidence,
  };
}
