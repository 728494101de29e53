/** What cold storage needs of the stand-in: retention that holds, snapshots shared between accounts, and their blocks. */
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { EBSClient, GetSnapshotBlockCommand, ListSnapshotBlocksCommand } from '@aws-sdk/client-ebs';
import {
  CopySnapshotCommand,
  CreateSnapshotCommand,
  CreateVolumeCommand,
  DescribeSnapshotsCommand,
  EC2Client,
  ModifySnapshotAttributeCommand,
} from '@aws-sdk/client-ec2';
import { DescribeKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  GetObjectLockConfigurationCommand,
  GetObjectRetentionCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutObjectCommand,
  PutObjectRetentionCommand,
  S3Client,
  type ObjectLockRetentionMode,
} from '@aws-sdk/client-s3';
import { fromTemporaryCredentials } from '@aws-sdk/credential-providers';
import { startAws, type AwsStandIn } from '../../drill/stand-ins/aws';
import { nameOfRestCall } from '../../drill/stand-ins/aws/rest-names';
import { thorough } from '../support/thorough';

const REGION = 'eu-west-1';
const OTHER = '222222222222';
const Bucket = 'cold-storage';
const DAY_MS = 86_400_000;
const SNAPSHOT_MS = 60_000;

const settingsBefore = { ...process.env };
let ahead = 0;
let standIn: AwsStandIn;
let s3: S3Client;
let ec2: EC2Client;
let otherEc2: EC2Client;
let ebs: EBSClient;
let otherEbs: EBSClient;

beforeAll(async () => {
  process.env['AWS_ACCESS_KEY_ID'] = 'stand-in';
  process.env['AWS_SECRET_ACCESS_KEY'] = 'stand-in';
  standIn = await startAws({ snapshotMs: SNAPSHOT_MS, now: () => Date.now() + ahead });
  const here = { region: REGION, endpoint: standIn.url, maxAttempts: 1 };
  const credentials = fromTemporaryCredentials({
    params: { RoleArn: `arn:aws:iam::${OTHER}:role/other` },
    clientConfig: here,
  });
  s3 = new S3Client({ ...here, forcePathStyle: true });
  ec2 = new EC2Client(here);
  ebs = new EBSClient(here);
  otherEc2 = new EC2Client({ ...here, credentials });
  otherEbs = new EBSClient({ ...here, credentials });
  await s3.send(
    new CreateBucketCommand({
      Bucket,
      ObjectLockEnabledForBucket: true,
      CreateBucketConfiguration: { LocationConstraint: REGION },
    }),
  );
});

afterAll(async () => {
  await standIn.close();
  process.env = settingsBefore;
});

async function codeOf(call: Promise<unknown>): Promise<string> {
  const error: unknown = await call.then(
    () => ({ name: 'It was not refused.' }),
    (thrown: unknown) => thrown,
  );
  return (error as Error).name;
}

describe('the retention of an object', () => {
  const until = (days: number) => new Date(Date.now() + days * DAY_MS);

  async function locked(Key: string, mode: ObjectLockRetentionMode): Promise<string | undefined> {
    const { VersionId } = await s3.send(
      new PutObjectCommand({
        Bucket,
        Key,
        Body: 'evidence',
        ChecksumAlgorithm: 'SHA256',
        ObjectLockMode: mode,
        ObjectLockRetainUntilDate: until(30),
      }),
    );
    return VersionId;
  }

  const retain = (Key: string, VersionId: string | undefined, Mode: ObjectLockRetentionMode, days: number) =>
    s3.send(
      new PutObjectRetentionCommand({
        Bucket,
        Key,
        VersionId,
        Retention: { Mode, RetainUntilDate: until(days) },
      }),
    );

  const bypassing = (Key: string, VersionId: string | undefined, days: number) =>
    s3.send(
      new PutObjectRetentionCommand({
        Bucket,
        Key,
        VersionId,
        Retention: { Mode: 'GOVERNANCE', RetainUntilDate: until(days) },
        BypassGovernanceRetention: true,
      }),
    );

  test('in compliance mode can’t be weakened by anybody, and can be extended', async () => {
    const version = await locked('a', 'COMPLIANCE');
    expect(await codeOf(retain('a', version, 'COMPLIANCE', 29))).toBe('AccessDenied');
    expect(await codeOf(retain('a', version, 'GOVERNANCE', 300))).toBe('AccessDenied');
    expect(await codeOf(bypassing('a', version, 1))).toBe('AccessDenied');
    const remove = new DeleteObjectCommand({
      Bucket,
      Key: 'a',
      VersionId: version,
      BypassGovernanceRetention: true,
    });
    expect(await codeOf(s3.send(remove))).toBe('AccessDenied');
    await retain('a', version, 'COMPLIANCE', 60);
    const { Retention } = await s3.send(
      new GetObjectRetentionCommand({ Bucket, Key: 'a', VersionId: version }),
    );
    expect(Retention?.Mode).toBe('COMPLIANCE');
    expect(Retention?.RetainUntilDate?.getTime()).toBeGreaterThan(Date.now() + 59 * DAY_MS);
  });

  thorough('in governance mode is weakened only by who says so', async () => {
    const version = await locked('b', 'GOVERNANCE');
    expect(await codeOf(retain('b', version, 'GOVERNANCE', 29))).toBe('AccessDenied');
    await bypassing('b', version, 29);
    await retain('b', version, 'COMPLIANCE', 30);
    expect(await codeOf(bypassing('b', version, 29))).toBe('AccessDenied');
  });

  thorough('is not there where nobody gave one', async () => {
    await s3.send(new PutObjectCommand({ Bucket, Key: 'c', Body: 'x' }));
    expect(await codeOf(s3.send(new GetObjectRetentionCommand({ Bucket, Key: 'c' })))).toBe(
      'NoSuchObjectLockConfiguration',
    );
    expect(await codeOf(s3.send(new GetObjectRetentionCommand({ Bucket, Key: 'none' })))).toBe('NoSuchKey');
  });

  thorough('keeps a version although another is written over it, which If-None-Match refuses', async () => {
    const first = await locked('d', 'COMPLIANCE');
    const over = { Bucket, Key: 'd', Body: 'other' };
    expect(await codeOf(s3.send(new PutObjectCommand({ ...over, IfNoneMatch: '*' })))).toBe(
      'PreconditionFailed',
    );
    await s3.send(new PutObjectCommand(over));
    const { Versions = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket, Prefix: 'd' }));
    expect(Versions.map(({ VersionId }) => VersionId)).toEqual([expect.any(String), first]);
  });
});

describe('the proxy', () => {
  thorough.each([100, 3_000_000])('passes %i bytes on as they are, also in chunks', async (size) => {
    const content = randomBytes(size);
    for (const [Key, Body] of [
      ['whole', content],
      ['chunks', Readable.from([content.subarray(0, 50), content.subarray(50)])],
    ] as const) {
      await s3.send(new PutObjectCommand({ Bucket, Key, Body, ContentLength: size }));
      const { Body: back } = await s3.send(new GetObjectCommand({ Bucket, Key }));
      expect(Buffer.compare(Buffer.from((await back?.transformToByteArray()) ?? []), content)).toBe(0);
    }
  });

  test('names calls that carry no action', async () => {
    const before = standIn.calls.length;
    await s3.send(new PutObjectCommand({ Bucket, Key: 'named', Body: 'x=1&Action=DeleteEverything' }));
    await s3.send(new HeadObjectCommand({ Bucket, Key: 'named' }));
    await s3.send(new ListObjectsV2Command({ Bucket }));
    await s3.send(new GetObjectLockConfigurationCommand({ Bucket }));
    await s3.send(new DeleteObjectCommand({ Bucket, Key: 'named' }));
    expect(standIn.calls.slice(before).map(({ name }) => name)).toEqual([
      's3.PutObject',
      's3.HeadObject',
      's3.ListObjectsV2',
      's3.GetObjectLockConfiguration',
      's3.DeleteObject',
    ]);
  });

  thorough.each([
    ['GET', '/', 's3.ListBuckets'],
    ['PUT', '/b', 's3.CreateBucket'],
    ['PUT', '/b?object-lock', 's3.PutObjectLockConfiguration'],
    ['GET', '/b?versions&prefix=a', 's3.ListObjectVersions'],
    ['POST', '/b?delete', 's3.DeleteObjects'],
    ['DELETE', '/b/', 's3.DeleteBucket'],
    ['GET', '/b/a/b%20c?x-id=GetObject', 's3.GetObject'],
    ['PUT', '/b/a?retention&versionId=1', 's3.PutObjectRetention'],
    ['GET', '/b/a?retention', 's3.GetObjectRetention'],
    ['PUT', '/b/a?partNumber=1&uploadId=u', 's3.UploadPart'],
    ['POST', '/b/a?uploads', 's3.CreateMultipartUpload'],
    ['DELETE', '/b/a?uploadId=u', 's3.AbortMultipartUpload'],
  ])('names %s %s', (method, url, name) => {
    expect(nameOfRestCall('s3', { method, url, headers: {} })).toBe(name);
  });
});

async function newSnapshot(encryption: { Encrypted?: boolean } = {}, Size = 1): Promise<string> {
  const { VolumeId } = await ec2.send(
    new CreateVolumeCommand({ AvailabilityZone: `${REGION}a`, Size, ...encryption }),
  );
  const { SnapshotId = '' } = await ec2.send(new CreateSnapshotCommand({ VolumeId }));
  return SnapshotId;
}

const share = (SnapshotId: string, OperationType: 'add' | 'remove' = 'add') =>
  ec2.send(
    new ModifySnapshotAttributeCommand({
      SnapshotId,
      Attribute: 'createVolumePermission',
      OperationType,
      UserIds: [OTHER],
    }),
  );

describe('a snapshot of another account', () => {
  const look = (id: string) => otherEc2.send(new DescribeSnapshotsCommand({ SnapshotIds: [id] }));
  const copy = (id: string) =>
    otherEc2.send(new CopySnapshotCommand({ SourceSnapshotId: id, SourceRegion: REGION }));

  test('is seen and copied for as long as it is shared', async () => {
    const id = await newSnapshot({}, 7);
    ahead += SNAPSHOT_MS;
    for (const refused of [look, copy]) expect(await codeOf(refused(id))).toBe('InvalidSnapshot.NotFound');
    await share(id);
    expect((await look(id)).Snapshots).toMatchObject([{ SnapshotId: id, VolumeSize: 7 }]);
    const { SnapshotId = '' } = await copy(id);
    expect((await look(SnapshotId)).Snapshots).toMatchObject([{ OwnerId: OTHER, VolumeSize: 7 }]);
    // What the copying needed is gone again.
    const own = await otherEc2.send(new DescribeSnapshotsCommand({ OwnerIds: ['self'] }));
    expect(own.Snapshots?.map((each) => each.SnapshotId)).toEqual([SnapshotId]);
    await share(id, 'remove');
    for (const refused of [look, copy]) expect(await codeOf(refused(id))).toBe('InvalidSnapshot.NotFound');
  });

  thorough('is copied once it is complete', async () => {
    const id = await newSnapshot();
    await share(id);
    expect((await look(id)).Snapshots?.[0]?.State).toBe('pending');
    expect(await codeOf(copy(id))).toBe('IncorrectState');
  });

  thorough('is never shared where AWS’s own key encrypts it, and KMS says which key that is', async () => {
    const id = await newSnapshot({ Encrypted: true });
    expect(await codeOf(share(id))).toBe('OperationNotPermitted');
    const { Snapshots = [] } = await ec2.send(new DescribeSnapshotsCommand({ SnapshotIds: [id] }));
    const kms = new KMSClient({ region: REGION, endpoint: standIn.url });
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: Snapshots[0]?.KmsKeyId }));
    expect(KeyMetadata?.KeyManager).toBe('AWS');
  });
});

describe('the blocks of a snapshot', () => {
  async function blocksOf(client: EBSClient, SnapshotId: string) {
    const blocks = [];
    let NextToken: string | undefined;
    do {
      const page = await client.send(new ListSnapshotBlocksCommand({ SnapshotId, NextToken }));
      blocks.push(...(page.Blocks ?? []));
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    return blocks;
  }

  async function contentOf(client: EBSClient, SnapshotId: string, BlockIndex = 0, BlockToken = '') {
    const { BlockData, Checksum, DataLength } = await client.send(
      new GetSnapshotBlockCommand({ SnapshotId, BlockIndex, BlockToken }),
    );
    const bytes = await BlockData?.transformToByteArray();
    return { bytes: Buffer.from(bytes ?? []).toString('base64'), Checksum, DataLength };
  }

  thorough('are listed in pages, and are its copy’s in the other account too', async () => {
    const id = await newSnapshot({}, 2);
    ahead += SNAPSHOT_MS;
    await share(id);
    const { SnapshotId: copied = '' } = await otherEc2.send(
      new CopySnapshotCommand({ SourceSnapshotId: id, SourceRegion: REGION }),
    );
    ahead += SNAPSHOT_MS;
    const [own, others] = [await blocksOf(ebs, id), await blocksOf(otherEbs, copied)];
    expect(own).toHaveLength(10);
    const indexes = (blocks: typeof own) => blocks.map(({ BlockIndex }) => BlockIndex);
    expect(indexes(others)).toEqual(indexes(own));
    const [first, second] = own;
    const content = await contentOf(ebs, id, first?.BlockIndex, first?.BlockToken);
    expect(content.DataLength).toBe(524_288);
    expect(await contentOf(otherEbs, copied, 0, others[0]?.BlockToken)).toEqual(content);
    const other = await contentOf(ebs, id, second?.BlockIndex, second?.BlockToken);
    expect(other.Checksum).not.toBe(content.Checksum);
    expect(await codeOf(contentOf(ebs, id, 0, second?.BlockToken))).toBe('ValidationException');
    expect(await codeOf(blocksOf(otherEbs, id))).toBe('ResourceNotFoundException');
  });

  thorough('can’t be read as long as it is pending', async () => {
    expect(await codeOf(blocksOf(ebs, await newSnapshot()))).toBe('ValidationException');
  });
});
