/**
 * AWS's error codes as Firebreak's failures.
 *
 * Sources: the EC2 API's list of error codes (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html)
 * and the common errors of Auto Scaling and Elastic Load Balancing. EC2 does not model its errors, hence the tables.
 */
import { ApplicationFailure } from '@temporalio/common';
import {
  conflict,
  invalidRequest,
  notFound,
  rateLimited,
  unauthorized,
  unavailable,
} from '../../../activities/failures';
import { AwsError, NO_CREDENTIALS } from './aws-error';

/** EC2 refills its request buckets every second and sends no Retry-After. */
const THROTTLE_PAUSE_MS = 1_000;
/** EC2 takes one snapshot of a volume in 15 seconds. */
const SNAPSHOT_PAUSE_MS = 15_000;

const THROTTLED = codes(`RequestLimitExceeded Throttling ThrottlingException ThrottledException
  EC2ThrottledException RequestThrottled RequestThrottledException TooManyRequestsException SlowDown
  PriorRequestNotComplete BandwidthLimitExceeded`);

const TOO_MANY_SNAPSHOTS = codes(`SnapshotCreationPerVolumeRateExceeded ConcurrentSnapshotLimitExceeded
  PendingSnapshotLimitExceeded ResourceLimitExceeded`);

const CREDENTIALS_REFUSED = codes(`AuthFailure ExpiredToken ExpiredTokenException InvalidClientTokenId
  UnrecognizedClientException MissingAuthenticationToken SignatureDoesNotMatch InvalidSignatureException
  RequestExpired`);

const PERMISSION_MISSING = codes(`AccessDenied AccessDeniedException UnauthorizedOperation Unauthorized`);

const ACCOUNT_BLOCKED = codes(`OptInRequired Blocked PendingVerification`);

const STATE_REFUSED = codes(`OperationNotPermitted UnsupportedOperation IncorrectInstanceState IncorrectState
  DependencyViolation ResourceInUse InvalidRequestException UnmodifiableEntity UnmodifiableEntityException`);

const QUOTA_REACHED = codes(`SecurityGroupLimitExceeded SnapshotLimitExceeded TagLimitExceeded
  RulesPerSecurityGroupLimitExceeded SecurityGroupsPerInterfaceLimitExceeded LimitExceeded
  LimitExceededException NetworkAclEntryLimitExceeded WAFLimitsExceededException`);

/** Passes by itself: somebody else is changing the same thing at this moment. */
const BUSY = codes(`ScalingActivityInProgress ResourceContention ConcurrentTagAccess RequestTimeout
  EntityTemporarilyUnmodifiable EntityTemporarilyUnmodifiableException ConcurrentModification
  ConcurrentModificationException WAFOptimisticLockException WAFUnavailableEntityException`);

/** IAM's and Secrets Manager's words for who or what is not there. */
const NO_IDENTITY = /^iam:.* NoSuchEntity(Exception)?$|^secretsmanager:.* ResourceNotFoundException$/;

/** What EC2, KMS and S3 say of a key that is disabled, is being deleted, or is not theirs to use. */
const KEY_REFUSED = /^InvalidKMSKey\.|^KMS|^(Disabled|KeyUnavailable)Exception$/;
/** S3's word for the bucket of the settings. */
const NO_BUCKET = 'NoSuchBucket';

/** What to throw instead of `error`: one of Firebreak's failures, or the error itself where it isn't AWS's. */
export function translate(error: unknown): unknown {
  return error instanceof AwsError ? failureOf(error) : error;
}

/** Whether Temporal would try again after this error. */
export function willBeRetried(error: unknown): boolean {
  return !(error instanceof ApplicationFailure && error.nonRetryable);
}

function failureOf({ action, code, status, retryAfterMs }: AwsError): Error {
  const answer = `AWS ${action} answered ${code}${status === undefined ? '' : ` (HTTP ${status})`}`;

  if (THROTTLED.has(code) || status === 429)
    return rateLimited(
      `${answer}: too many requests in this account. Firebreak tries again.`,
      retryAfterMs ?? THROTTLE_PAUSE_MS,
    );
  if (TOO_MANY_SNAPSHOTS.has(code))
    return rateLimited(
      `${answer}: too many snapshots at once. Firebreak tries again.`,
      retryAfterMs ?? SNAPSHOT_PAUSE_MS,
    );
  if (code === NO_CREDENTIALS)
    return unauthorized(
      `AWS ${action} was not sent: no credentials were found. Give the worker a role or a profile, then retry.`,
    );
  if (CREDENTIALS_REFUSED.has(code))
    return unauthorized(
      `${answer}: the credentials are wrong or have expired. Renew them, look at the worker's clock, then retry.`,
    );
  if (PERMISSION_MISSING.has(code))
    return unauthorized(`${answer}. Allow ${action} to the worker's role, then retry.`);
  if (ACCOUNT_BLOCKED.has(code))
    return unauthorized(`${answer}: the account may not use this service. Ask AWS support, then retry.`);
  if (/^InvalidInstanceID\./.test(code))
    return notFound(
      `${answer}: there is no such instance. Correct the scope: its id, its region or its account.`,
    );
  if (NO_IDENTITY.test(`${action} ${code}`))
    return notFound(
      `${answer}: there is no such user, role or secret. Correct the scope: its name or ARN, or its account.`,
    );
  if (STATE_REFUSED.has(code))
    return conflict(
      `${answer}: the state or a protection of the resource forbids it. Look at it in the AWS console, then retry.`,
    );
  if (QUOTA_REACHED.has(code))
    return conflict(`${answer}: a quota is used up. Ask AWS to raise it or make room, then retry.`);
  if (BUSY.has(code)) return unavailable(`${answer}: the resource is busy. Firebreak tries again.`);
  // Everything but the instance was listed by AWS itself a moment ago: it goes, or is not yet known everywhere.
  if (code.endsWith('NotFound'))
    return unavailable(`${answer} for something that AWS had listed. Firebreak looks again.`);
  if (status === undefined)
    return unavailable(
      `AWS ${action} got no answer: ${code}. Look at the network and the region; Firebreak tries again.`,
    );
  if (status >= 500) return unavailable(`${answer}: AWS is in trouble. Firebreak tries again.`);
  if (code === NO_BUCKET)
    return conflict(`${answer}: there is no such bucket in this region. Correct the settings, then retry.`);
  if (KEY_REFUSED.test(code))
    return conflict(
      `${answer}: the key can't be used as it is. Look at its state and its policy, then retry.`,
    );
  if (code === 'UnreadableAnswer')
    return unavailable(
      `${answer}: what came is not an answer of AWS. Look at proxies and the endpoint; Firebreak tries again.`,
    );
  if (/^(?:WAF)?(Invalid|Missing|Malformed|Unknown|Validation)/.test(code))
    return invalidRequest(`${answer}: AWS does not accept the request as it is. Do this task by hand.`);
  // Not known: a plain error, which Temporal retries, and still without AWS's message, which may name the instance.
  return new Error(`${answer}, which Firebreak does not know. Firebreak tries again.`);
}

function codes(list: string): ReadonlySet<string> {
  return new Set(list.split(/\s+/));
}
