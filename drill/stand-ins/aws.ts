/**
 * AWS for drills and tests: moto behind the recording proxy, which mends what moto lacks or has wrong and containment
 * depends on. One file of `aws/` for each:
 *
 * - `locks`, `lock-rules`: locks on snapshots in both modes, with cool-off; a locked snapshot can't be deleted.
 * - `snapshots`: snapshots and copies are pending as long as `snapshotMs` says, and can't be copied until then.
 * - `acls`, `cidr`: ranges are made canonical or refused; rule numbers; the default deny of a new ACL; the quota of entries.
 * - `network`: an interface's DeleteOnTermination is kept; an unknown group is refused, and the deletion of one in use.
 * - `profiles`: a replaced instance profile shows on the instance; AWS replaces none on a stopped one.
 * - `stopping`: a scaling group terminates and replaces a member that is stopped (`lost`); a terminated instance can't be.
 * - `inactive-keys`, `refusals`: what an inactive or deleted access key signs is refused.
 * - `sessions`: sessions issued before the time of an inline deny on `aws:TokenIssueTime` are refused, later ones not.
 * - `rotation`: a secret rotates by its function alone, takes as long as `rotationMs` says, and keeps the value before.
 * - `sharing`, `accounts`: a snapshot shared with another account can be seen and copied there.
 * - `disk-keys`: snapshots say which key encrypts them; KMS says which one is AWS's own, whose snapshots can't be shared.
 * - `blocks`: the blocks of a snapshot can be read, and are its copies' too.
 * - `retention`: a retention of S3 can't be weakened, in governance mode unless it is bypassed.
 * - `signing`: KMS signs digests, so that the signature can be checked against what was hashed.
 * - `rest-names`: calls of S3 and EBS, which name no action, are named too.
 * - `dry-run`: a dry run of EC2 changes nothing, also where moto would.
 * - `throttling`, `latency`: token buckets for each action, and calls that take time.
 *
 * What still lies or lacks: groups are checked in ModifyNetworkInterfaceAttribute alone (not in RunInstances or
 * CreateNetworkInterface), and may be another VPC's; a group that only rules refer to can be deleted; what the proxy
 * keeps is unknown to moto, so a terminated instance takes interfaces along that were to stay; `RunInstances` ignores
 * its ClientToken; instances stop and terminate at once; multipart uploads lose their retention; two writes at once both
 * pass `If-None-Match`; key policies are not asked; KMS's Verify does not know what was signed; IAM permissions, SSM's
 * inventory, CloudTrail and GuardDuty are moto's or missing; no packet is ever sent. What was made at `motoUrl` passed
 * none of these rules. Errors' texts are ours. Their codes are of EC2's reference, which does not say which one a lock
 * gives: `SnapshotLocked` (deletion) is no documented code at all; `OperationNotPermitted` (unlocking, shortening) and
 * `IncorrectState` (unlocking what is not locked, copying what is pending) are the general ones that fit.
 */
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { createAccounts } from './aws/accounts';
import { checkAcls, DEFAULT_QUOTA } from './aws/acls';
import { serveBlocks } from './aws/blocks';
import { rememberKeys } from './aws/disk-keys';
import { answerDryRuns } from './aws/dry-run';
import { refuseInactiveKeys } from './aws/inactive-keys';
import { takeTime } from './aws/latency';
import { lockSnapshots } from './aws/locks';
import { startMoto } from './aws/moto';
import { checkGroups, rememberDeleteOnTermination } from './aws/network';
import { replaceProfiles } from './aws/profiles';
import { createAskMoto } from './aws/query';
import { nameOfRestCall } from './aws/rest-names';
import { keepRetention } from './aws/retention';
import { rotateByFunction } from './aws/rotation';
import { denyOldSessions } from './aws/sessions';
import { shareSnapshots } from './aws/sharing';
import { signDigests } from './aws/signing';
import { snapshotsTakeTime } from './aws/snapshots';
import { replaceStopped, type LostInstance } from './aws/stopping';
import { throttle, type Buckets } from './aws/throttling';
import { chain, startRecordingProxy, type RecordingProxy } from './recording-proxy';

export { throttled, type Bucket, type Buckets } from './aws/throttling';
export type { LostInstance } from './aws/stopping';

export interface AwsStandIn extends RecordingProxy {
  /** moto itself, without the proxy: calls made there are neither recorded nor broken. */
  readonly motoUrl: string;
  /** The instances that their scaling group terminated, because they were stopped before they were detached. */
  readonly lost: readonly LostInstance[];
  /** Lets the scaling groups' health checks happen that are due later; ask before judging `lost`. */
  checkHealth(): Promise<void>;
  /** How often the buckets refused each action. */
  readonly throttledCalls: ReadonlyMap<string, number>;
}

export interface AwsSettings {
  /** The virtual environment with moto; the default is `.venv` in the working directory. */
  readonly python?: string;
  /** The proxy's port; 0, the default, picks a free one. */
  readonly port?: number;
  /** How long snapshots and their copies are pending; 0, the default, completes them at once. */
  readonly snapshotMs?: number;
  /** How long the rotation of a secret takes; 0, the default, ends it at once. */
  readonly rotationMs?: number;
  /** How long after a stop the scaling groups look at their members. */
  readonly healthCheckMs?: number;
  /** Entries of a network ACL in each direction, with the default deny: 20 by default, 40 at most. */
  readonly aclEntries?: number;
  /** Nothing is throttled by default. */
  readonly buckets?: Buckets;
  /** The least and the most that a call takes before moto hears of it; nothing by default. */
  readonly latencyMs?: readonly [number, number];
  /** Whether calls take that time just now; always by default. */
  readonly isSlow?: () => boolean;
  /** Another one gives other latencies; 1 by default. */
  readonly seed?: number;
  /** The clock of locks, snapshots, sessions, rotations and buckets, in milliseconds since the epoch. */
  readonly now?: () => number;
}

/** AWS takes a minute or more. Soon enough for a drill, and late enough for a retry to find what it stopped. */
const HEALTH_CHECK_MS = 5_000;

/**
 * Starts moto and the proxy, both on loopback, and waits until they answer.
 *
 * @throws Error with what to do, if moto is not installed or does not come up
 */
export async function startAws(settings: AwsSettings = {}): Promise<AwsStandIn> {
  const moto = await startMoto(join(settings.python ?? join(process.cwd(), '.venv'), 'bin', 'python'));
  try {
    const now = settings.now ?? Date.now;
    const ask = createAskMoto(moto.url);
    const accounts = createAccounts(moto.url);
    const keys = rememberKeys(accounts);
    const sharing = shareSnapshots(accounts, keys);
    const buckets = throttle(settings.buckets ?? (() => undefined), now);
    const snapshots = snapshotsTakeTime(settings.snapshotMs ?? 0, now);
    const health = replaceStopped(ask, settings.healthCheckMs ?? HEALTH_CHECK_MS);
    const proxy = await startRecordingProxy({
      target: moto.url,
      nameOf: nameOfAwsCall,
      rewrite: chain(
        ...(settings.latencyMs ? [takeTime(settings.latencyMs, settings.seed ?? 1, settings.isSlow)] : []),
        buckets.rewrite,
        refuseInactiveKeys(),
        denyOldSessions(now),
        health.rewrite,
        lockSnapshots(ask, snapshots, now),
        snapshots.rewrite,
        keys.rewrite,
        sharing.rewrite,
        serveBlocks(ask, snapshots, sharing.originOf, now),
        keepRetention(moto.url, now),
        signDigests(accounts),
        checkAcls(ask, settings.aclEntries ?? DEFAULT_QUOTA),
        checkGroups(ask),
        replaceProfiles(ask),
        rememberDeleteOnTermination(),
        rotateByFunction(moto.url, settings.rotationMs ?? 0, now),
        answerDryRuns(),
      ),
      port: settings.port ?? 0,
    });
    return {
      ...proxy,
      motoUrl: moto.url,
      lost: health.lost,
      checkHealth: health.settle,
      throttledCalls: buckets.counts,
      async close() {
        health.close();
        await proxy.close();
        await moto.stop();
      },
    };
  } catch (error) {
    await moto.stop();
    throw error;
  }
}

/** The call's name as IAM would write it, with a dot: `ec2.CreateSnapshots`, `s3.PutObject`. */
export function nameOfAwsCall(request: IncomingMessage, body: string): string {
  const service = /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\//.exec(request.headers.authorization ?? '')?.[1];
  // Before the body is looked at: an object of S3 may say anything.
  const rest = nameOfRestCall(service, request);
  if (rest !== undefined) return rest;
  const target = request.headers['x-amz-target'];
  const action =
    (typeof target === 'string' ? target.split('.').at(-1) : undefined) ??
    new URLSearchParams(body).get('Action');
  return service && action ? `${service}.${action}` : `${request.method} ${request.url}`;
}
