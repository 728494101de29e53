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
  readonly terminationProtected: boolean;
  readonly shutdownBehaviour: string;
  readonly tags: Readonly<Record<string, string>>;
}

export interface CapturedInterface {
  readonly id: string;
  readonly subnetId: string;
  readonly attachmentId?: string;
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
  readonly port?: number;
}

export interface Snapshot {
  readonly id: string;
  readonly volumeId: string;
  readonly state: string;
}

/** What was seen on looking again. Anything in `unproven` means: containment was attempted, it is not proven. */
export interface Verification {
  /** RFC 3339, UTC. */
  readonly verifiedAt: string;
  readonly unproven: readonly string[];
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
  /** Requests one consistent set of snapshots of every attached volume; adopts those already requested for the codename. */
  snapshot(capture: Capture, codename: string): Promise<Snapshot[]>;
  /** Leaves its scaling group, without lowering the group's size, and its target groups. */
  leaveGroups(capture: Capture): Promise<void>;
  /** Puts every interface into the VPC's empty quarantine group, and into no other. */
  isolate(capture: Capture, codename: string): Promise<void>;
  /** Looks again at everything that protect, snapshot, leaveGroups and isolate claim. */
  verify(capture: Capture, codename: string): Promise<Verification>;
  /** Stops the instance, never terminates it. Returns its state: `stopping` or `stopped`. */
  stop(instance: InstanceLocation): Promise<string>;
}

export function createContainmentActivities(cloud: Cloud) {
  return {
    /** Writes down what is there, before anything changes. */
    captureInstance: (instance: InstanceLocation): Promise<Capture> => cloud.capture(instance),
    /** Makes sure that neither the instance nor its disks can be lost. */
    protectInstance: (capture: Capture, codename: string): Promise<void> => cloud.protect(capture, codename),
    /** Requests an image of every disk. */
    snapshotVolumes: (capture: Capture, codename: string): Promise<Snapshot[]> =>
      cloud.snapshot(capture, codename),
    /** Takes the instance out of scaling and load balancing. */
    leaveGroups: (capture: Capture): Promise<void> => cloud.leaveGroups(capture),
    /** Cuts every interface off. */
    isolateInstance: (capture: Capture, codename: string): Promise<void> => cloud.isolate(capture, codename),
    /** Looks again. */
    verifyContainment: (capture: Capture, codename: string): Promise<Verification> =>
      cloud.verify(capture, codename),
    /** Stops the instance and says in which state it is then. */
    stopInstance: (instance: InstanceLocation): Promise<string> => cloud.stop(instance),
  };
}

export type ContainmentActivities = ReturnType<typeof createContainmentActivities>;
