/** Containment of one instance: cut it off, keep what it holds, destroy nothing. */

/** Where an instance is. `region` and `account` default to the company's own. */
export interface InstanceLocation {
  readonly id: string;
  readonly region?: string;
  readonly account?: string;
}

/** What was there before anything was changed: the source for every later step, and for release. */
export interface Capture {
  readonly instance: InstanceLocation;
  /** RFC 3339, UTC. */
  readonly capturedAt: string;
  readonly state: string;
  readonly vpcId: string;
  readonly interfaces: readonly CapturedInterface[];
  readonly volumes: readonly CapturedVolume[];
  readonly scalingGroup?: string;
  readonly targetGroups: readonly CapturedTarget[];
  readonly instanceProfileArn?: string;
  /** The roles in the profile, by name: AWS lets a profile hold one. */
  readonly roles?: readonly string[];
  /** What the host wrote to its console, as AWS keeps it; at most its last 64 KiB. */
  readonly consoleOutput?: string;
  readonly terminationProtected: boolean;
  readonly shutdownBehaviour: string;
  readonly tags: Readonly<Record<string, string>>;
}

export interface CapturedInterface {
  readonly id: string;
  readonly subnetId: string;
  /** The network ACL of the subnet. */
  readonly networkAclId?: string;
  readonly attachmentId?: string;
  /** Whether the interface goes with the instance. */
  readonly deleteOnTermination?: boolean;
  readonly privateAddresses: readonly string[];
  readonly publicAddresses: readonly string[];
  readonly groups: readonly string[];
  /** True where the interface was in quarantine when it was looked at: `groups` is then not its original state. */
  readonly alreadyQuarantined: boolean;
}

export interface CapturedVolume {
  readonly id: string;
  readonly device: string;
  readonly deleteOnTermination: boolean;
  readonly encrypted: boolean;
  readonly sizeGiB: number;
}

export interface CapturedTarget {
  readonly targetGroupArn: string;
  /** The address under which it is registered, where that is not the instance's id. */
  readonly targetId?: string;
  readonly port?: number;
}

/** Whether a snapshot shows the disk of the running host, or of the stopped one. */
export type Moment = 'live' | 'stopped';

export interface Snapshot {
  readonly id: string;
  readonly volumeId: string;
  readonly state: string;
  readonly moment: Moment;
  readonly sizeGiB: number;
  /** RFC 3339, UTC: the moment that it shows. */
  readonly startedAt: string;
}

export interface SnapshotLock {
  readonly snapshotId: string;
  /** As AWS says it: `governance`, `compliance`, `compliance-cooloff`. */
  readonly state: string;
  /** RFC 3339, UTC. */
  readonly lockedUntil: string;
}

/** What came of the capture of memory: where it is, or why there is none. */
export type MemoryCapture =
  | { readonly captured: true; readonly location: string; readonly sha256?: string }
  | { readonly captured: false; readonly reason: string };

/** What a release put back, and where the world has moved on since the capture. */
export interface ReleaseReport {
  /** One sentence for each thing that was put back, in order. */
  readonly restored: readonly string[];
  /** One sentence for each thing that could not be, or is not as captured: a group deleted since, say. */
  readonly drift: readonly string[];
}

/** What a rehearsal of containment would have called. */
export interface RehearsedCall {
  /** As IAM writes it, e.g. `ec2:StopInstances`. */
  readonly action: string;
  /** The parameters that matter, for people. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** What AWS's own DryRun said, where there is one. */
  readonly dryRun: 'would succeed' | 'would be refused' | 'AWS has no dry run for it';
  readonly refusal?: string;
}

/** What was seen on looking again. Anything in `unproven` means: containment was attempted, it is not proven. */
export interface Verification {
  /** RFC 3339, UTC. */
  readonly verifiedAt: string;
  readonly unproven: readonly string[];
}

/** How the parts of the chain are called in what a rehearsal prints, in the order of the chain. */
export interface RehearsedSubStep {
  readonly subStep: string;
  readonly calls: readonly RehearsedCall[];
  /** Why the rest of it could not be rehearsed. */
  readonly problem?: string;
}

/** What of the incident the steps of the network need. */
export interface Surroundings {
  readonly codename: string;
  /** The attacker's addresses, as IPv4 or IPv6 addresses or CIDR blocks. The instance's own are another list. */
  readonly attackers: readonly string[];
}

/**
 * What containment needs of a cloud. Every call may be repeated: each looks first and changes only what is not yet so.
 * Nothing here can delete or terminate anything.
 */
export interface Cloud {
  /** Looks, and changes nothing. An instance that is not there is `NotFound`. */
  capture(instance: InstanceLocation): Promise<Capture>;
  /** Termination protection on, shut-down means stop, no disk or interface goes with the instance, tagged with the codename. */
  protect(capture: Capture, codename: string): Promise<void>;
  /**
   * Requests one consistent set of snapshots of every attached volume; adopts those already requested for the codename and
   * the moment.
   */
  snapshot(capture: Capture, codename: string, moment: Moment): Promise<Snapshot[]>;
  /** Locks every snapshot of the instance for this codename, in governance mode, for the configured time. */
  lock(capture: Capture, codename: string): Promise<SnapshotLock[]>;
  /** Leaves its scaling group, without lowering the group's size, and its target groups. */
  leaveGroups(capture: Capture): Promise<void>;
  /** The first measure: every interface into the VPC's empty quarantine group, and into no other. */
  isolate(capture: Capture, codename: string): Promise<void>;
  /**
   * The second measure, which ends connections that are open already: denies in the network ACL of every interface's
   * subnet, or an untracked hop, as configured.
   */
  cutConnections(capture: Capture, surroundings: Surroundings): Promise<void>;
  /** Denies the instance's own addresses in the network ACLs of the VPC's other subnets, both ways. */
  denyElsewhere(capture: Capture, codename: string): Promise<void>;
  /** Denies what the instance's role was given before `issuedBefore` (RFC 3339), and swaps the profile for an empty one. */
  revokeRole(capture: Capture, codename: string, issuedBefore: string): Promise<void>;
  /** Looks again at everything that the steps above claim. */
  verify(capture: Capture, surroundings: Surroundings, issuedBefore: string): Promise<Verification>;
  /** Captures memory, where that is configured, within its time box. Never throws for want of an agent: it says why not. */
  captureMemory(capture: Capture, codename: string): Promise<MemoryCapture>;
  /** Stops the instance, never terminates it. Returns its state: `stopping` or `stopped`. */
  stop(instance: InstanceLocation): Promise<string>;
  /** Undoes containment from the capture, network last; touches no evidence, no lock and no revoke policy. */
  release(capture: Capture, codename: string): Promise<ReleaseReport>;
  /** Compares the instance with the capture, field by field; empty where they are the same. */
  compare(capture: Capture): Promise<string[]>;
  /** Every call that containment would make now, and makes none that changes anything. */
  rehearse(instance: InstanceLocation, surroundings: Surroundings): Promise<RehearsedSubStep[]>;
}

export function createContainmentActivities(cloud: Cloud) {
  return {
    /** Writes down what is there, before anything changes. */
    captureInstance: (instance: InstanceLocation): Promise<Capture> => cloud.capture(instance),
    /** Makes sure that neither the instance nor its disks can be lost. */
    protectInstance: (capture: Capture, codename: string): Promise<void> => cloud.protect(capture, codename),
    /** Requests an image of every disk. */
    snapshotVolumes: (capture: Capture, codename: string, moment: Moment): Promise<Snapshot[]> =>
      cloud.snapshot(capture, codename, moment),
    /** Locks the images. */
    lockSnapshots: (capture: Capture, codename: string): Promise<SnapshotLock[]> =>
      cloud.lock(capture, codename),
    /** Takes the instance out of scaling and load balancing. */
    leaveGroups: (capture: Capture): Promise<void> => cloud.leaveGroups(capture),
    /** Cuts every interface off. */
    isolateInstance: (capture: Capture, codename: string): Promise<void> => cloud.isolate(capture, codename),
    /** Ends the connections that are open. */
    cutConnections: (capture: Capture, surroundings: Surroundings): Promise<void> =>
      cloud.cutConnections(capture, surroundings),
    /** Denies the instance's addresses on the other hosts' side. */
    denyElsewhere: (capture: Capture, codename: string): Promise<void> =>
      cloud.denyElsewhere(capture, codename),
    /** Makes what the instance's role was given worthless. */
    revokeRole: (capture: Capture, codename: string, issuedBefore: string): Promise<void> =>
      cloud.revokeRole(capture, codename, issuedBefore),
    /** Looks again. */
    verifyContainment: (
      capture: Capture,
      surroundings: Surroundings,
      issuedBefore: string,
    ): Promise<Verification> => cloud.verify(capture, surroundings, issuedBefore),
    /** Captures memory, where it is wanted. */
    captureMemory: (capture: Capture, codename: string): Promise<MemoryCapture> =>
      cloud.captureMemory(capture, codename),
    /** Stops the instance and says in which state it is then. */
    stopInstance: (instance: InstanceLocation): Promise<string> => cloud.stop(instance),
    /** Undoes containment. */
    releaseInstance: (capture: Capture, codename: string): Promise<ReleaseReport> =>
      cloud.release(capture, codename),
    /** Compares with the capture. */
    compareInstance: (capture: Capture): Promise<string[]> => cloud.compare(capture),
    /** Says what containment would call. */
    rehearseContainment: (
      instance: InstanceLocation,
      surroundings: Surroundings,
    ): Promise<RehearsedSubStep[]> => cloud.rehearse(instance, surroundings),
  };
}

export type ContainmentActivities = ReturnType<typeof createContainmentActivities>;
