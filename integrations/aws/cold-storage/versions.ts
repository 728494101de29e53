/**
 * Files of the bucket. Where one has several versions, because the store did not keep to "only if there is none", the first
 * is the file: what was written later changes nothing.
 */
import {
  GetObjectCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  type ObjectVersion,
} from '@aws-sdk/client-s3';
import type { Depot } from './depot';

/** Which bucket, and that it must be the forensic account's: somebody else may have made one of that name. */
export function bucketOf({ settings }: Depot) {
  return { Bucket: settings.bucket, ExpectedBucketOwner: settings.account };
}

/** The id of the first version; undefined where there is no such file. A delete marker hides nothing from us. */
export async function firstVersion(depot: Depot, path: string): Promise<string | undefined> {
  const versions: ObjectVersion[] = [];
  let page: ListObjectVersionsCommandOutput | undefined;
  do {
    page = await depot.here.s3.send(
      new ListObjectVersionsCommand({
        ...bucketOf(depot),
        Prefix: path,
        KeyMarker: page?.NextKeyMarker,
        VersionIdMarker: page?.NextVersionIdMarker,
      }),
    );
    versions.push(...(page.Versions ?? []).filter(({ Key }) => Key === path));
    // Keys come in order, and the path itself before the longer ones that begin with it.
  } while (page.IsTruncated === true && page.NextKeyMarker === path);
  const ages = versions.map(({ LastModified }) => LastModified?.getTime() ?? 0);
  const oldest = Math.min(...ages);
  // The newest come first, and times are whole seconds.
  return versions[ages.lastIndexOf(oldest)]?.VersionId;
}

/** Undefined where there is no such file. */
export async function readFirst(depot: Depot, path: string): Promise<Uint8Array | undefined> {
  const version = await firstVersion(depot, path);
  return version === undefined ? undefined : readVersion(depot, path, version);
}

export async function readVersion(depot: Depot, path: string, VersionId: string): Promise<Uint8Array> {
  const { Body } = await depot.here.s3.send(
    new GetObjectCommand({ ...bucketOf(depot), Key: path, VersionId }),
  );
  if (!Body) throw new Error('AWS s3:GetObject answered without the file.');
  return Body.transformToByteArray();
}
