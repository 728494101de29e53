/** How the containment of one affected instance stands. Times are milliseconds since the epoch. */
import type { Blocker } from './gates';
import type { InstanceInScope } from './scope';

export type ContainmentStatus =
  /** The authority level asks for an approval first. */
  | 'awaitingApproval'
  | 'refused'
  | 'running'
  /** Every sub-step is done: isolated, verified and stopped. */
  | 'finished'
  /** It ended before it was done; the incident ended, or its workflow was ended from outside. */
  | 'abandoned';

export interface Containment {
  readonly instance: InstanceInScope;
  /** Counts the incident's instances from 1: the child workflow is named by it, and so says nothing. */
  readonly number: number;
  readonly status: ContainmentStatus;
  readonly since: number;
  readonly snapshotIds: readonly string[];
  readonly snapshottedAt?: number;
  /** When looking again proved it isolated. */
  readonly verifiedAt?: number;
  /** What looking again could not prove; empty once verified. */
  readonly unproven: readonly string[];
  readonly stoppedAt?: number;
  /** The sub-step that fails just now, and why. */
  readonly failing?: { readonly subStep: SubStep; readonly cause: string };
  /** When a person asked for another try of what fails. */
  readonly retryOrderedAt?: number;
  readonly stopOrdered?: { readonly by: string; readonly at: number };
}

/** The chain for one instance, in its order. */
export const SUB_STEPS = {
  capture: 'Capture what is there',
  protect: 'Protect it from termination',
  snapshot: 'Request snapshots of every disk',
  leaveGroups: 'Leave scaling and target groups',
  isolate: 'Isolate every interface',
  verify: 'Verify by looking again',
  stop: 'Stop it, never terminate',
} as const;

export type SubStep = keyof typeof SUB_STEPS;

/** What the chain reports to its incident. */
export interface ContainmentReport {
  readonly instance: string;
  readonly snapshotIds?: readonly string[];
  readonly verified?: boolean;
  readonly unproven?: readonly string[];
  readonly stopped?: boolean;
  readonly failing?: { readonly subStep: SubStep; readonly cause: string } | null;
  readonly ended?: 'finished' | 'abandoned';
}

/** What is known of an instance when it is to be stopped. */
export interface StopConditions {
  readonly snapshotsRequested: boolean;
  readonly terminationProtected: boolean;
  readonly leftScalingGroup: boolean;
  readonly stopOrdered: boolean;
}

/**
 * "do not delete or terminate if you can help it, as we'll need to do forensics": an instance is stopped only once its
 * volumes' snapshots are requested, it can't be terminated, and it has left its scaling group, which would terminate a
 * stopped member. The incident commander may order the stop all the same.
 */
export function blockersOfStop(conditions: StopConditions): Blocker[] {
  if (conditions.stopOrdered) return [];
  const source =
    "Shutdown the instance from the provider console (do not delete or terminate if you can help it, as we'll need to do forensics).";
  const wanted: [boolean, string][] = [
    [conditions.snapshotsRequested, "its volumes' snapshots are not requested"],
    [conditions.terminationProtected, 'it could still be terminated'],
    [conditions.leftScalingGroup, 'it has not left its scaling group, which terminates members that stop'],
  ];
  return wanted
    .filter(([holds]) => !holds)
    .map(([, reason]) => ({ gate: 'instanceMayBeStopped', reason, source }));
}
