/** What is written to cold storage stays, against a store that enforces it: whoever asks, and whatever for. */
import { createHash } from 'node:crypto';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectRetentionCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  PutObjectRetentionCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { createColdStorage, type ColdStorage } from '../../integrations/aws/cold-storage/cold-storage';
import { installVersitygw, startVersitygw, type Gateway } from '../support/versitygw';

const REGION = 'eu-central-1';
const BUCKET = 'cold-storage';
const PATH = 'sapphire-unicorn/manifest-1.json';
const DAY_MS = 86_400_000;

const program = installVersitygw();
const settingsBefore = { ...process.env };
let gateway: Gateway;
let s3: S3Client;
let cold: ColdStorage;

(program === undefined ? describe.skip : describe)('a file in cold storage', () => {
  beforeAll(async () => {
    gateway = await startVersitygw(program ?? '', REGION);
    process.env['AWS_ACCESS_KEY_ID'] = gateway.accessKeyId;
    process.env['AWS_SECRET_ACCESS_KEY'] = gateway.secretAccessKey;
    s3 = new S3Client({ region: REGION, endpoint: gateway.url, forcePathStyle: true, maxAttempts: 1 });
    for (const [Bucket, ObjectLockEnabledForBucket] of [
      [BUCKET, true],
      ['forgetful', false],
    ] as const)
      await s3.send(new CreateBucketCommand({ Bucket, ObjectLockEnabledForBucket }));
    cold = coldStorage(BUCKET);
  });

  afterAll(async () => {
    await gateway.stop();
    process.env = settingsBefore;
  });

  function coldStorage(bucket: string): ColdStorage {
    return createColdStorage({
      region: REGION,
      endpoint: gateway.url,
      coldStorage: {
        account: gateway.accessKeyId,
        region: REGION,
        bucket,
        key: '',
        signingKey: '',
        lockDays: 30,
        coolOffHours: 24,
        hashBlocks: true,
      },
    });
  }

  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
  const write = (text: string, path = PATH) => cold.vault.writeOnce(path, Buffer.from(text));
  const read = async (path = PATH) => Buffer.from(await cold.vault.read(path)).toString();

  async function versionsOf(path: string) {
    const { Versions = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket: BUCKET, Prefix: path }));
    return Versions;
  }

  async function retention(VersionId: string | undefined) {
    const asked = new GetObjectRetentionCommand({ Bucket: BUCKET, Key: PATH, VersionId });
    return (await s3.send(asked)).Retention;
  }

  test('is written once, and the second to write it is told what the first wrote', async () => {
    expect(await write('the first')).toEqual({
      path: PATH,
      bytes: 9,
      sha256: sha256('the first'),
      existed: false,
    });
    expect(await write('the second')).toMatchObject({ bytes: 9, sha256: sha256('the first'), existed: true });
    expect(await read()).toBe('the first');
    expect(await versionsOf(PATH)).toHaveLength(1);
  });

  test('is written by one of many who try at the same moment', async () => {
    const texts = Array.from({ length: 8 }, (_, at) => `written by ${at}`);
    const written = await Promise.all(texts.map((text) => write(text, 'a/race')));
    expect(written.filter(({ existed }) => !existed)).toHaveLength(1);
    expect(new Set(written.map((each) => each.sha256))).toEqual(new Set([sha256(await read('a/race'))]));
  });

  test('is kept in compliance mode for as long as configured', async () => {
    const [version] = await versionsOf(PATH);
    const { Mode, RetainUntilDate } = (await retention(version?.VersionId)) ?? {};
    expect(Mode).toBe('COMPLIANCE');
    const days = ((RetainUntilDate?.getTime() ?? 0) - Date.now()) / DAY_MS;
    expect(days).toBeGreaterThan(29.9);
    expect(days).toBeLessThan(30.1);
  });

  describe('can’t be', () => {
    const Bucket = BUCKET;
    const Key = PATH;
    const until = (days: number) => new Date(Date.now() + days * DAY_MS);
    const versionId = async () => (await versionsOf(PATH)).at(-1)?.VersionId;
    const isRefused = async (call: Promise<unknown>) =>
      expect(call).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } });

    afterEach(async () => {
      expect(await read()).toBe('the first');
      expect((await retention(await versionId()))?.Mode).toBe('COMPLIANCE');
    });

    test.each([false, true])(
      'deleted, with the bypass of governance %s',
      async (BypassGovernanceRetention) => {
        const VersionId = await versionId();
        await isRefused(
          s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId, BypassGovernanceRetention })),
        );
      },
    );

    test('deleted among others', async () => {
      const VersionId = await versionId();
      const { Errors = [] } = await s3
        .send(
          new DeleteObjectsCommand({
            Bucket,
            Delete: { Objects: [{ Key, VersionId }] },
            BypassGovernanceRetention: true,
          }),
        )
        .catch((error: Error) => ({ Errors: [{ Code: error.name }] }));
      expect(Errors).toMatchObject([{ Code: 'AccessDenied' }]);
    });

    test.each([
      ['shortened', 'COMPLIANCE', 1],
      ['made to be kept in governance mode', 'GOVERNANCE', 300],
    ] as const)('%s', async (_, Mode, days) => {
      const VersionId = await versionId();
      const Retention = { Mode, RetainUntilDate: until(days) };
      await isRefused(
        s3.send(
          new PutObjectRetentionCommand({
            Bucket,
            Key,
            VersionId,
            Retention,
            BypassGovernanceRetention: true,
          }),
        ),
      );
    });

    test('overwritten: what is written over it is another version, and not the file', async () => {
      await s3.send(new PutObjectCommand({ Bucket, Key, Body: 'written over it' }));
      expect(await versionsOf(PATH)).toHaveLength(2);
      expect(await write('the third')).toMatchObject({ sha256: sha256('the first'), existed: true });
    });

    test('hidden behind a delete marker', async () => {
      await s3.send(new DeleteObjectCommand({ Bucket, Key }));
      expect(await write('the fourth')).toMatchObject({ sha256: sha256('the first'), existed: true });
    });
  });

  test('can be kept longer', async () => {
    const [version] = await versionsOf(PATH);
    const RetainUntilDate = new Date(Date.now() + 300 * DAY_MS);
    await s3.send(
      new PutObjectRetentionCommand({
        Bucket: BUCKET,
        Key: PATH,
        VersionId: version?.VersionId,
        Retention: { Mode: 'COMPLIANCE', RetainUntilDate },
      }),
    );
    expect((await retention(version?.VersionId))?.RetainUntilDate?.getTime()).toBeGreaterThan(
      Date.now() + 299 * DAY_MS,
    );
  });

  test('is not called kept in a bucket without Object Lock', async () => {
    const forgetful = coldStorage('forgetful');
    await expect(forgetful.vault.writeOnce('a', Buffer.from('x'))).rejects.toMatchObject({
      type: 'Conflict',
      message: expect.stringContaining('Create it with Object Lock'),
    });
  });
});
