/** Looks again at everything that the other steps claim. Believes nothing that was captured or answered before. */
import type { Capture, Snapshot, Surroundings, Verification } from '../../activities/containment';
import type { AwsSettings, Target } from './clients';
import { scalingGroupOf, targetsOf } from './groups';
import {
  isGone,
  isTerminationProtected,
  lookAtInstance,
  shutdownBehaviourOf,
  vpcsOf,
  type SeenInstance,
} from './instance';
import { isOnlyIn } from './isolate';
import { lockedAmong } from './lock';
import { unprovenOfNetwork } from './network/unproven';
import { findQuarantine, type Quarantine } from './quarantine';
import { unprovenOfRole } from './role';
import { findSnapshots, isUsable } from './snapshot';

/**
 * `unproven` names interfaces, volumes and roles: it belongs into the incident, which is encrypted, and nowhere else.
 * `issuedBefore` is what `revokeRole` was told. The second set of snapshots comes after this, and is not asked for.
 */
export async function verify(
  target: Target,
  captured: Capture,
  surroundings: Surroundings,
  issuedBefore: string,
  settings: AwsSettings,
): Promise<Verification> {
  const { codename } = surroundings;
  const looking = lookAtInstance(target);
  const [
    instance,
    isProtected,
    shutdownBehaviour,
    scalingGroup,
    targets,
    quarantines,
    images,
    role,
    network,
  ] = await Promise.all([
    looking,
    isTerminationProtected(target),
    shutdownBehaviourOf(target),
    scalingGroupOf(target),
    targetsOf(target, looking, captured.vpcId),
    looking.then((seen) => quarantinesOf(target, vpcsOf(seen))),
    imagesOf(target, codename),
    unprovenOfRole(target, captured, codename, issuedBefore),
    unprovenOfNetwork(target, captured, surroundings, settings),
  ]);
  return {
    verifiedAt: new Date().toISOString(),
    unproven: [
      ...(isGone(instance) ? [`The instance is ${instance.state}.`] : []),
      ...(isProtected ? [] : ['The instance can be terminated: its termination protection is off.']),
      ...(shutdownBehaviour === 'stop'
        ? []
        : [`A shut-down from inside would not stop the instance: it is set to ${shutdownBehaviour}.`]),
      ...unprovenOfDisks(instance, captured, images),
      ...unprovenOfInterfaces(instance, captured, quarantines),
      ...(scalingGroup === undefined ? [] : [`The instance is in the scaling group ${scalingGroup}.`]),
      ...targets.map(
        ({ targetGroupArn }) => `The instance is registered in the target group ${targetGroupArn}.`,
      ),
      ...role,
      ...network,
    ],
  };
}

interface Images {
  readonly usable: readonly Snapshot[];
  /** The ids of those that are locked. */
  readonly locked: ReadonlySet<string>;
}

async function imagesOf(target: Target, codename: string): Promise<Images> {
  const usable = (await findSnapshots(target, codename)).filter(isUsable);
  const locked = await lockedAmong(
    target.clients,
    usable.map(({ id }) => id),
  );
  return { usable, locked };
}

/** The quarantine group of each VPC that the instance is in, where there is one. */
async function quarantinesOf(
  { clients }: Target,
  vpcs: readonly string[],
): Promise<Map<string, Quarantine | undefined>> {
  return new Map(
    await Promise.all(vpcs.map(async (vpcId) => [vpcId, await findQuarantine(clients, vpcId)] as const)),
  );
}

function unprovenOfDisks({ volumes }: SeenInstance, captured: Capture, { usable, locked }: Images): string[] {
  const covered = new Set(usable.map(({ volumeId }) => volumeId));
  const all = new Set([...captured.volumes, ...volumes].map(({ id }) => id));
  return [
    ...volumes
      .filter(({ deleteOnTermination }) => deleteOnTermination)
      .map(({ id }) => `The volume ${id} would be deleted with the instance.`),
    ...[...all].filter((id) => !covered.has(id)).map((id) => `The volume ${id} has no snapshot.`),
    ...usable
      .filter(({ id, moment }) => moment === 'live' && !locked.has(id))
      .map(({ id }) => `The snapshot ${id} is not locked.`),
  ];
}

function unprovenOfInterfaces(
  { interfaces }: SeenInstance,
  captured: Capture,
  quarantines: ReadonlyMap<string, Quarantine | undefined>,
): string[] {
  const here = new Set(interfaces.map(({ id }) => id));
  const groups = [...quarantines.values()];
  return [
    ...(groups.includes(undefined) ? ['There is no quarantine group.'] : []),
    ...groups.flatMap((group) =>
      group?.isEmpty === false ? [`The quarantine group ${group.id} has rules.`] : [],
    ),
    ...interfaces
      .filter((seen) => !isOnlyIn(seen, quarantines.get(seen.vpcId)?.id))
      .map(
        (seen) =>
          `The interface ${seen.id} is not in the quarantine group alone: it is in ${seen.groups.join(', ') || 'none'}.`,
      ),
    ...interfaces
      .filter(({ deleteOnTermination }) => deleteOnTermination)
      .map(({ id }) => `The interface ${id} would be deleted with the instance.`),
    ...captured.interfaces
      .filter(({ id }) => !here.has(id))
      .map(({ id }) => `The interface ${id} is no longer attached: look at where it is now.`),
  ];
}
