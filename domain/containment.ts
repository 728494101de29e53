/** How the containment of one affected thing stands. Times are milliseconds since the epoch. */
import type { CustodyRecord, EvidenceItem } from './evidence/items';
import type { Blocker } from './gates';

/** What is contained: each has a chain of its own, in a workflow of its own. */
export type TargetKind = 'instance' | 'identity' | 'secret' | 'address';

export interface ContainmentTarget {
  readonly kind: TargetKind;
  /** As the cloud names it, or the address. No two targets share one. */
  readonly id: string;
  readonly region?: string;
  readonly account?: string;
}

export type ContainmentStatus =
  /** The authority level asks for an approval first. */
  | 'awaitingApproval'
  | 'refused'
  | 'running'
  /** Contained, and what is to be kept of it is in cold storage. */
  | 'finished'
  /** It ended before it was done; the incident ended, or its workflow was ended from outside. */
  | 'abandoned';

/** How one sub-step stands; where there is none yet, it waits. */
export interface SubStepState {
  readonly state: 'running' | 'failing' | 'done' | 'skipped';
  readonly at: number;
  /** Why it fails, or was skipped. */
  readonly cause?: string;
  /** Of long work: 0 to 100, and when it is expected to be done. */
  readonly percent?: number;
  readonly expectedAt?: number;
}

export interface Containment {
  readonly target: ContainmentTarget;
  /** Counts the incident's children from 1: the child workflow is named by it, and so says nothing. */
  readonly number: number;
  readonly status: ContainmentStatus;
  readonly since: number;
  readonly subSteps: Readonly<Partial<Record<SubStep, SubStepState>>>;
  /** What looking again could not prove; empty once verified. */
  readonly unproven: readonly string[];
  /** When a person asked for another try of what fails. */
  readonly retryOrderedAt?: number;
  readonly stopOrdered?: { readonly by: string; readonly at: number };
  readonly release?: Release;
}

/** How the release of an instance goes. */
export interface Release {
  /** Of the child that does it. */
  readonly number: number;
  readonly since: number;
  readonly failing?: string;
  readonly restored: readonly string[];
  /** Where the world has moved on since the capture. */
  readonly drift: readonly string[];
  readonly doneAt?: number;
}

/** What the machine does to an affected thing, in words. */
export const SUB_STEPS = {
  capture: 'Capture what is there',
  record: 'Write the capture down, once',
  protect: 'Protect it from termination',
  snapshot: 'Request images of every disk',
  lock: 'Lock the images',
  leaveGroups: 'Leave scaling and target groups',
  isolate: 'Isolate every interface',
  cutConnections: 'Cut the connections that are open',
  denyElsewhere: "Deny its addresses on the other hosts' side",
  revokeRole: "Revoke its role's sessions, swap its profile",
  captureMemory: 'Capture its memory',
  verify: 'Verify by looking again',
  stop: 'Stop it, never terminate',
  snapshotStopped: 'Image the disks of the stopped host',
  store: 'Copy the images to cold storage',
  hash: 'Hash the images',
  disableKeys: 'Disable its access keys',
  removeLogin: 'Remove its console login',
  denySessions: 'Deny its older sessions',
  rotate: 'Rotate it',
  block: 'Block it at the edges of the network',
} as const;

export type SubStep = keyof typeof SUB_STEPS;

/** The chain for each kind, in its order. */
export const CHAINS: Readonly<Record<TargetKind, readonly SubStep[]>> = {
  instance: [
    'capture',
    'record',
    'protect',
    'snapshot',
    'lock',
    'leaveGroups',
    'isolate',
    'cutConnections',
    'denyElsewhere',
    'revokeRole',
    'captureMemory',
    'verify',
    'stop',
    'snapshotStopped',
    'store',
    'hash',
  ],
  identity: ['capture', 'record', 'disableKeys', 'removeLogin', 'denySessions', 'verify'],
  secret: ['capture', 'record', 'rotate', 'verify'],
  address: ['block', 'verify'],
};

/** When a sub-step was done, or undefined. */
export function doneAt({ subSteps }: Pick<Containment, 'subSteps'>, subStep: SubStep): number | undefined {
  const seen = subSteps[subStep];
  return seen?.state === 'done' ? seen.at : undefined;
}

/** The sub-steps that fail just now, in the order of the chain. */
export function failingOf({ target, subSteps }: Containment): { subStep: SubStep; cause: string }[] {
  return CHAINS[target.kind].flatMap((subStep) => {
    const seen = subSteps[subStep];
    return seen?.state === 'failing' ? [{ subStep, cause: seen.cause ?? 'no cause given' }] : [];
  });
}

/** "isolated" is said only after looking again proved it; before that it is an attempt. */
export function isUnproven(containment: Containment): boolean {
  return doneAt(containment, 'verify') === undefined && containment.unproven.length > 0;
}

/** What a child reports to its incident. */
export interface ContainmentReport {
  /** The target's id. */
  readonly target: string;
  /** Those that changed since the report before. */
  readonly subSteps?: Readonly<Partial<Record<SubStep, SubStepState>>>;
  readonly unproven?: readonly string[];
  /** Evidence that is new or has changed. */
  readonly items?: readonly EvidenceItem[];
  readonly custody?: readonly Omit<CustodyRecord, 'seq'>[];
  readonly files?: readonly EvidenceFile[];
  readonly ended?: 'finished' | 'abandoned';
  readonly release?: Partial<Pick<Release, 'restored' | 'drift' | 'doneAt'>> & {
    readonly failing?: string | null;
  };
}

/** A file of the evidence folder, as the manifest lists it. */
export interface EvidenceFile {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
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

/** How long work that can't be hurried is looked at again, in ms: a third of what is left, so that few looks see its end. */
export function nextLookMs(elapsedMs: number, percent: number): number {
  const left = percent > 0 ? (elapsedMs * (100 - percent)) / percent : elapsedMs;
  return Math.min(Math.max(Math.round(left / 3), SHORTEST_LOOK_MS), LONGEST_LOOK_MS);
}

/** Snapshots take minutes at least, and hours often. */
const SHORTEST_LOOK_MS = 2_000;
const LONGEST_LOOK_MS = 600_000;
