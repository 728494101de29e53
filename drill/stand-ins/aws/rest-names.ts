/** Names of calls that carry no action: S3 and EBS tell theirs by method, path and query alone. */
import type { IncomingMessage } from 'node:http';

/** Parts of a bucket or an object with calls of their own, for reading, writing and removing. */
const PARTS: readonly (readonly [
  query: string,
  ofObject: string | undefined,
  ofBucket: string | undefined,
])[] = [
  ['retention', 'ObjectRetention', undefined],
  ['legal-hold', 'ObjectLegalHold', undefined],
  ['attributes', 'ObjectAttributes', undefined],
  ['object-lock', undefined, 'ObjectLockConfiguration'],
  ['tagging', 'ObjectTagging', 'BucketTagging'],
  ['acl', 'ObjectAcl', 'BucketAcl'],
  ['versioning', undefined, 'BucketVersioning'],
  ['policy', undefined, 'BucketPolicy'],
  ['encryption', undefined, 'BucketEncryption'],
  ['lifecycle', undefined, 'BucketLifecycleConfiguration'],
  ['publicAccessBlock', undefined, 'PublicAccessBlock'],
  ['location', undefined, 'BucketLocation'],
];

const VERBS: Readonly<Record<string, string>> = { GET: 'Get', PUT: 'Put', DELETE: 'Delete', HEAD: 'Head' };

/** Each with what its query has to contain; the first that fits names the call. */
const OBJECT_CALLS: readonly (readonly [method: string, query: string, name: string])[] = [
  ['PUT', 'partNumber', 'UploadPart'],
  ['GET', 'uploadId', 'ListParts'],
  ['DELETE', 'uploadId', 'AbortMultipartUpload'],
  ['POST', 'uploads', 'CreateMultipartUpload'],
  ['POST', 'uploadId', 'CompleteMultipartUpload'],
];
const BUCKET_CALLS: typeof OBJECT_CALLS = [
  ['GET', 'versions', 'ListObjectVersions'],
  ['GET', 'uploads', 'ListMultipartUploads'],
  ['GET', 'list-type', 'ListObjectsV2'],
  ['POST', 'delete', 'DeleteObjects'],
];
const PLAIN_BUCKET: Readonly<Record<string, string>> = {
  GET: 'ListObjects',
  PUT: 'CreateBucket',
  DELETE: 'DeleteBucket',
  HEAD: 'HeadBucket',
};

/** The call's name, e.g. `s3.PutObject` or `ebs.GetSnapshotBlock`; undefined for other services, and for what is not known. */
export function nameOfRestCall(
  service: string | undefined,
  { method = '', url = '/', headers }: Pick<IncomingMessage, 'method' | 'url' | 'headers'>,
): string | undefined {
  const { pathname, searchParams } = new URL(url, 'http://stand-in');
  if (service === 'ebs') return nameOfEbsCall(method, pathname);
  if (service !== 's3') return undefined;
  const [, bucket, ...key] = pathname.split('/');
  if (!bucket) return 's3.ListBuckets';
  const isObject = key.join('/') !== '';
  const called = (isObject ? OBJECT_CALLS : BUCKET_CALLS).find(
    ([verb, query]) => verb === method && searchParams.has(query),
  );
  if (called) return `s3.${called[2]}`;
  const verb = VERBS[method];
  if (verb === undefined) return undefined;
  const part = PARTS.find(([query]) => searchParams.has(query))?.[isObject ? 1 : 2];
  if (part !== undefined) return `s3.${verb}${part}`;
  if (!isObject) return `s3.${PLAIN_BUCKET[method]}`;
  return headers['x-amz-copy-source'] === undefined ? `s3.${verb}Object` : 's3.CopyObject';
}

function nameOfEbsCall(method: string, path: string): string | undefined {
  if (method !== 'GET') return undefined;
  if (/^\/snapshots\/[^/]+\/blocks$/.test(path)) return 'ebs.ListSnapshotBlocks';
  return /^\/snapshots\/[^/]+\/blocks\/\d+$/.test(path) ? 'ebs.GetSnapshotBlock' : undefined;
}
