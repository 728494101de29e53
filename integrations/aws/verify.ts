/** Looks again at everything that the other steps claim. Believes nothing that was captured or answered before. */
import type { Capture, Snapshot, Verification } from '../../activities/containment';
import type { Target } from './clients';
import { scalingGroupOf, targetsOf } from './groups';
import {
  isGone,
  isTerminationProtected,
  lookAtInstance,
  shutdownBehaviourOf,
  type SeenInstance,
} from './instance';
import { isOnlyIn } from './isolate';
import { findQuarantine, type Quarantine } from './quarantine';
import { findSnapshots, isUsable } from './snapshot';

/** `unproven` names interfaces and volumes: it belongs into the incident, which is encrypted, and nowhere else. */
export async function verify(target: Target, captured: Capture, codename: string): Promise<Verification> {
  const [instance, isProtected, shutdownBehaviour, scalingGroup, targets, quarantine, snapshots] =
    await Promise.all([
      lookAtInstance(target),
      isTerminationProtected(target),
      shutdownBehaviourOf(target),
      scalingGroupOf(target),
      targetsOf(target, captured.vpcId),
      findQuarantine(target.clients, captured.vpcId),
      findSnapshots(target, codename),
    ]);
  return {
    verifiedAt: new Date().toISOString(),
    unproven: [
      ...(isGone(instance) ? [`The instance is ${instance.state}.`] : []),
      ...(isProtected ? [] : ['The instance can be terminated: its termination protection is off.']),
      ...(shutdownBehaviour === 'stop'
        ? []
        : [`A shut-down from inside would not stop the instance: it is set to ${shutdownBehaviour}.`]),
      ...unprovenOfDisks(instance, captured, snapshots),
      ...unprovenOfInterfaces(instance, captured, quarantine),
      ...(scalingGroup === undefined ? [] : [`The instance is in the scaling group ${scalingGroup}.`]),
      ...targets.map(
        ({ targetGroupArn }) => `The instance is registered in the target group ${targetGroupArn}.`,
      ),
    ],
  };
}

function unprovenOfDisks(
  { volumes }: SeenInstance,
  captured: Capture,
  snapshots: readonly Snapshot[],
): string[] {
  const covered = new Set(snapshots.filter(isUsable).map(({ volumeId }) => volumeId));
  const all = new Set([...captured.volumes, ...volumes].map(({ id }) => id));
  return [
    ...volumes
      .filter(({ deleteOnTermination }) => deleteOnTermination)
      .map(({ id }) => `The volume ${id} would be deleted with the instance.`),
    ...[...all].filter((id) => !covered.has(id)).map((id) => `The volume ${id} has no snapshot.`),
  ];
}

function unprovenOfInterfaces(
  { interfaces }: SeenInstance,
  captured: Capture,
  quarantine: Quarantine | undefined,
): string[] {
  const here = new Set(interfaces.map(({ id }) => id));
  return [
    ...(quarantine === undefined ? ['There is no quarantine group.'] : []),
    ...(quarantine?.isEmpty === false ? [`The quarantine group ${quarantine.id} has rules.`] : []),
    ...interfaces
      .filter((seen) => quarantine === undefined || !isOnlyIn(seen, quarantine.id))
      .map(
        ({ id, groups }) =>
          `The interface ${id} is not in the quarantine group alone: it is in ${groups.join(', ') || 'none'}.`,
      ),
    ...interfaces
      .filter(({ deleteOnTermination }) => deleteOnTermination)
      .map(({ id }) => `The interface ${id} would be deleted with the instance.`),
    ...captured.interfaces
      .filter(({ id }) => !here.has(id))
      .map(({ id }) => `The interface ${id} is no longer attached: look at where it is now.`),
  ];
}
