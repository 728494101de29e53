/**
 * The bucket with Object Lock. Every file is sent with its own retention, in compliance mode: a bucket's default might not be
 * there. One request for each file, never in parts, and nothing is ever deleted.
 */
import { createHash } from 'node:crypto';
import { GetObjectRetentionCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import type { Vault, WrittenFile } from '../../../activities/evidence';
import { conflict, notFound, unavailable } from '../../../activities/failures';
import { hasCode } from '../failures/aws-error';
import type { Depot } from './depot';
import { bucketOf, firstVersion, readFirst, readVersion } from './versions';

const DAY_MS = 86_400_000;

export function createVault(depot: Depot): Vault {
  const { bucket, account, region } = depot.settings;
  return {
    holder: `bucket ${bucket} in account ${account}, ${region}`,
    writeOnce: (path, content) => inLockedBucket(() => writeOnce(depot, path, content)),
    async read(path) {
      const content = await readFirst(depot, path);
      if (!content) throw notFound('The bucket of cold storage has no such file.');
      return content;
    },
  };
}

/** A retry after a lost answer finds what the first attempt wrote, and says that it existed. */
async function writeOnce(depot: Depot, path: string, content: Uint8Array): Promise<WrittenFile> {
  const own = await putUnlessThere(depot, path, content);
  const first = await firstVersion(depot, path);
  if (first === undefined)
    throw unavailable(
      'AWS s3:ListObjectVersions does not show the file yet, or its writer failed. Firebreak tries again.',
    );
  const existed = first !== own;
  const kept = existed ? await readVersion(depot, path, first) : content;
  await assertRetained(depot, path, first);
  return {
    path,
    bytes: kept.length,
    sha256: createHash('sha256').update(kept).digest('hex'),
    existed,
  };
}

/** The version that was made; undefined where there was one already. */
async function putUnlessThere(depot: Depot, path: string, Body: Uint8Array): Promise<string | undefined> {
  try {
    const { VersionId = 'null' } = await depot.here.s3.send(
      new PutObjectCommand({
        ...bucketOf(depot),
        Key: path,
        Body,
        IfNoneMatch: '*',
        ChecksumAlgorithm: 'SHA256',
        ObjectLockMode: 'COMPLIANCE',
        ObjectLockRetainUntilDate: new Date(Date.now() + depot.settings.lockDays * DAY_MS),
      }),
    );
    return VersionId;
  } catch (error) {
    // The second one is the answer while somebody else is writing the same file.
    if (hasCode(error, 'PreconditionFailed', 'ConditionalRequestConflict')) return undefined;
    throw error;
  }
}

/** Asks the store, which may have taken the retention and not kept it. */
async function assertRetained(depot: Depot, path: string, VersionId: string): Promise<void> {
  const { Retention } = await depot.here.s3.send(
    new GetObjectRetentionCommand({ ...bucketOf(depot), Key: path, VersionId }),
  );
  const until = Retention?.RetainUntilDate?.getTime() ?? 0;
  if (Retention?.Mode !== 'COMPLIANCE' || until <= Date.now()) throw notLocked();
}

/** What S3 says of a bucket without Object Lock, in writing and in asking. */
async function inLockedBucket<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (
      hasCode(
        error,
        'InvalidRequest',
        'ObjectLockConfigurationNotFoundError',
        'NoSuchObjectLockConfiguration',
        'InvalidBucketObjectLockConfiguration',
      )
    )
      throw notLocked();
    throw error;
  }
}

function notLocked(): Error {
  return conflict(
    'The bucket of cold storage does not keep what is written to it in compliance mode. Create it with Object Lock, let the ' +
      'role of the forensic account s3:PutObjectRetention and s3:GetObjectRetention, then retry.',
  );
}
