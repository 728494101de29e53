import { createHash, verify } from 'node:crypto';
import {
  CopySnapshotCommand,
  CreateSnapshotCommand,
  CreateVolumeCommand,
  DescribeLockedSnapshotsCommand,
  DescribeSnapshotsCommand,
  EC2Client,
  LockSnapshotCommand,
  type LockSnapshotCommandInput,
} from '@aws-sdk/client-ec2';
import { CreateKeyCommand, KMSClient, type KeySpec } from '@aws-sdk/client-kms';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectRetentionCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { fromTemporaryCredentials } from '@aws-sdk/credential-providers';
import type { ImageLocation } from '../../activities/evidence';
import { startAws, type AwsStandIn } from '../../drill/stand-ins/aws';
import { blockOf } from '../../drill/stand-ins/aws/blocks';
import type { Fault } from '../../drill/stand-ins/recording-proxy';
import type { ColdStorageSettings } from '../../integrations/aws/clients';
import type { HashingSettings } from '../../integrations/aws/cold-storage/blocks';
import { createColdStorage, type ColdStorage } from '../../integrations/aws/cold-storage/cold-storage';
import { failureOf } from '../support/failures';
import { someOf, thorough } from '../support/thorough';

const REGION = 'eu-west-1';
const AWAY = 'eu-central-1';
const AFFECTED = '123456789012';
const FORENSIC = '222222222222';
const ROLE = `arn:aws:iam::${FORENSIC}:role/firebreak-forensics`;
const BUCKET = 'cold-storage';
const CODENAME = 'sapphire-unicorn';
const OF = 'i-0123456789abcdef0';
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const SNAPSHOT_MS = 600_000;

const settingsBefore = { ...process.env };
/** How far the stand-in's clock is ahead of ours. */
let ahead = 0;
let standIn: AwsStandIn;
let cold: ColdStorage;
let settings: ColdStorageSettings;
let affected: EC2Client;
let forensic: EC2Client;
let forensicKms: KMSClient;
let forensicS3: S3Client;
let affectedKey: string;

beforeAll(async () => {
  process.env['AWS_ACCESS_KEY_ID'] = 'stand-in';
  process.env['AWS_SECRET_ACCESS_KEY'] = 'stand-in';
  standIn = await startAws({ snapshotMs: SNAPSHOT_MS, now: () => Date.now() + ahead });
  const endpoint = standIn.url;
  const credentials = fromTemporaryCredentials({
    params: { RoleArn: ROLE },
    clientConfig: { region: AWAY, endpoint },
  });
  const there = { region: AWAY, endpoint, credentials, maxAttempts: 1 };
  affected = new EC2Client({ region: REGION, endpoint, maxAttempts: 1 });
  forensic = new EC2Client(there);
  forensicKms = new KMSClient(there);
  forensicS3 = new S3Client({ ...there, forcePathStyle: true });
  affectedKey = await newKey(new KMSClient({ region: REGION, endpoint }));
  settings = {
    account: FORENSIC,
    role: ROLE,
    region: AWAY,
    bucket: BUCKET,
    key: await newKey(forensicKms),
    transferKey: affectedKey,
    signingKey: await newKey(forensicKms, 'ECC_NIST_P256'),
    lockDays: 365,
    coolOffHours: 24,
    hashBlocks: true,
  };
  await newBucket(BUCKET, true);
  cold = coldStorage();
});

afterAll(async () => {
  await standIn.close();
  process.env = settingsBefore;
});

function coldStorage(changed: Partial<ColdStorageSettings> = {}, hashing?: HashingSettings): ColdStorage {
  return createColdStorage(
    {
      region: REGION,
      account: AFFECTED,
      endpoint: standIn.url,
      timeoutMs: 5_000,
      coldStorage: { ...settings, ...changed },
    },
    hashing,
  );
}

async function newKey(kms: KMSClient, spec?: KeySpec): Promise<string> {
  const { KeyMetadata } = await kms.send(
    new CreateKeyCommand(spec === undefined ? {} : { KeySpec: spec, KeyUsage: 'SIGN_VERIFY' }),
  );
  return KeyMetadata?.Arn ?? '';
}

async function newBucket(Bucket: string, ObjectLockEnabledForBucket: boolean): Promise<void> {
  await forensicS3.send(
    new CreateBucketCommand({
      Bucket,
      ObjectLockEnabledForBucket,
      CreateBucketConfiguration: { LocationConstraint: AWAY },
    }),
  );
}

/** Encrypted with the affected account's key, with AWS's own where the key is `aws`, or not at all. */
async function newImage(key: string | undefined = affectedKey, Size = 1): Promise<ImageLocation> {
  const encryption =
    key === 'aws' ? { Encrypted: true } : key === '' ? {} : { Encrypted: true, KmsKeyId: key };
  const { VolumeId } = await affected.send(
    new CreateVolumeCommand({ AvailabilityZone: `${REGION}a`, Size, ...encryption }),
  );
  const { SnapshotId = '' } = await affected.send(new CreateSnapshotCommand({ VolumeId }));
  return { snapshotId: SnapshotId, account: AFFECTED, region: REGION };
}

async function completeImage(key?: string, size?: number): Promise<ImageLocation> {
  const image = await newImage(key, size);
  ahead += SNAPSHOT_MS;
  return image;
}

/** One in cold storage that is complete. */
async function completeCopy(size?: number): Promise<Required<ImageLocation>> {
  const copied = await copyOf(await completeImage(affectedKey, size));
  ahead += SNAPSHOT_MS;
  return copied;
}

async function copyOf(image: ImageLocation, from = cold): Promise<Required<ImageLocation>> {
  const answer = await from.images.copy(image, CODENAME, OF);
  if (!('copy' in answer)) throw new Error('It was prepared and not copied.');
  return answer.copy;
}

async function copiesOf({ snapshotId }: ImageLocation) {
  const { Snapshots = [] } = await forensic.send(
    new DescribeSnapshotsCommand({ Filters: [{ Name: 'tag:firebreak:copy-of', Values: [snapshotId] }] }),
  );
  return Snapshots;
}

/** The names of the calls while `work` ran, without those that only look. */
async function changesDuring(work: () => Promise<unknown>): Promise<string[]> {
  const before = standIn.calls.length;
  await work();
  return standIn.calls
    .slice(before)
    .map(({ name }) => name)
    .filter((name) => !/\.(Describe|List|Get|Assume)/.test(name));
}

function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** As each service writes it. */
function throttling(on: string): Fault {
  if (on.startsWith('ec2.'))
    return {
      on,
      times: 1,
      kind: 'answer',
      status: 503,
      body: '<Response><Errors><Error><Code>RequestLimitExceeded</Code><Message>No</Message></Error></Errors></Response>',
    };
  if (on.startsWith('s3.'))
    return {
      on,
      times: 1,
      kind: 'answer',
      status: 503,
      body: '<Error><Code>SlowDown</Code><Message>No</Message></Error>',
    };
  return refusal(on, 400, 'ThrottlingException');
}

function refusal(on: string, status: number, code: string, times = 1): Fault {
  return {
    on,
    times,
    kind: 'answer',
    status,
    headers: { 'x-amzn-errortype': code, 'content-type': 'application/json' },
    body: JSON.stringify({ __type: code, Message: `No: snap-0secret in ${FORENSIC}` }),
  };
}

describe('looking at images', () => {
  test('says how far each is, in their order, with one request for each place', async () => {
    const done = await completeImage(affectedKey, 3);
    const young = await newImage(affectedKey, 2);
    ahead += SNAPSHOT_MS * 0.57;
    const gone = { snapshotId: 'snap-0123456789abcdef0', account: AFFECTED, region: REGION };
    const before = standIn.calls.length;
    expect(await cold.images.lookAt([young, gone, done])).toEqual([
      { snapshotId: young.snapshotId, state: 'pending', percent: 57, sizeGiB: 2 },
      { snapshotId: gone.snapshotId, state: 'missing', percent: 0, sizeGiB: 0 },
      { snapshotId: done.snapshotId, state: 'completed', percent: 100, sizeGiB: 3 },
    ]);
    expect(standIn.calls.slice(before).map(({ name }) => name)).toEqual(['ec2.DescribeSnapshots']);
  });

  test('asks the account and the region where each image is', async () => {
    const image = await completeImage();
    const copied = await copyOf(image);
    const [source, copy, elsewhere] = await cold.images.lookAt([
      image,
      copied,
      { ...copied, account: AFFECTED },
    ]);
    expect([source?.state, copy?.state, elsewhere?.state]).toEqual(['completed', 'pending', 'missing']);
  });

  test('of none is none, and asks nobody', async () => {
    const before = standIn.calls.length;
    expect(await cold.images.lookAt([])).toEqual([]);
    expect(standIn.calls).toHaveLength(before);
  });
});

describe('a copy', () => {
  test('is made in the forensic account and region with its key, from the image that was shared', async () => {
    const image = await completeImage(affectedKey, 4);
    let copied: ImageLocation | undefined;
    const changes = await changesDuring(async () => {
      copied = await copyOf(image);
    });
    expect(changes).toEqual(['ec2.ModifySnapshotAttribute', 'ec2.CopySnapshot']);
    expect(copied).toMatchObject({ account: FORENSIC, region: AWAY });
    const [seen, ...others] = await copiesOf(image);
    expect(others).toEqual([]);
    expect(seen).toMatchObject({
      SnapshotId: copied?.snapshotId,
      OwnerId: FORENSIC,
      VolumeSize: 4,
      Encrypted: true,
      KmsKeyId: settings.key,
      State: 'pending',
    });
    expect(Object.fromEntries((seen?.Tags ?? []).map(({ Key, Value }) => [Key, Value]))).toEqual({
      firebreak: CODENAME,
      'firebreak:source': OF,
      'firebreak:copy-of': image.snapshotId,
    });
  });

  thorough('of an image that nothing encrypts is encrypted', async () => {
    const image = await completeImage('');
    const { snapshotId } = await copyOf(image);
    const [seen] = await copiesOf(image);
    expect(seen).toMatchObject({ SnapshotId: snapshotId, Encrypted: true, KmsKeyId: settings.key });
  });

  test('is found again, pending or complete, and nothing is shared a second time', async () => {
    const image = await completeImage();
    const copied = await copyOf(image);
    const changes = await changesDuring(async () => {
      expect(await copyOf(image)).toEqual(copied);
      ahead += SNAPSHOT_MS;
      expect(await copyOf(image)).toEqual(copied);
    });
    expect(changes).toEqual([]);
    expect(await copiesOf(image)).toHaveLength(1);
  });

  test('of each incident and each instance is its own', async () => {
    const image = await completeImage();
    const copies = [
      await cold.images.copy(image, CODENAME, OF),
      await cold.images.copy(image, 'copper-heron', OF),
      await cold.images.copy(image, CODENAME, 'i-0other'),
    ];
    expect(new Set(copies.map((answer) => JSON.stringify(answer))).size).toBe(3);
  });

  thorough('within the forensic account needs no sharing, and no other key', async () => {
    const { snapshotId } = await completeCopy();
    const image = { snapshotId, account: FORENSIC, region: AWAY };
    expect(await changesDuring(() => cold.images.copy(image, 'copper-heron', OF))).toEqual([
      'ec2.CopySnapshot',
    ]);
  });

  test.each(someOf(['ec2.ModifySnapshotAttribute', 'ec2.CopySnapshot'], 1))(
    'is made once where the answer of %s is lost',
    async (on) => {
      const image = await completeImage();
      standIn.breakCalls({ on, kind: 'dropAfter', times: 1 });
      expect(await failureOf(cold.images.copy(image, CODENAME, OF))).toMatchObject({
        type: 'Unavailable',
        nonRetryable: false,
      });
      const copied = await copyOf(image);
      expect((await copiesOf(image)).map(({ SnapshotId }) => SnapshotId)).toEqual([copied.snapshotId]);
    },
  );

  test.each(someOf(['ec2.ModifySnapshotAttribute', 'ec2.CopySnapshot'], 1))(
    'is made once where %s is throttled',
    async (on) => {
      const image = await completeImage();
      standIn.breakCalls(throttling(on));
      expect(await failureOf(cold.images.copy(image, CODENAME, OF))).toMatchObject({ type: 'RateLimited' });
      await copyOf(image);
      expect(await copiesOf(image)).toHaveLength(1);
    },
  );

  thorough('waits where AWS has too many copies in hand', async () => {
    const image = await completeImage();
    standIn.breakCalls({
      on: 'ec2.CopySnapshot',
      times: 1,
      kind: 'answer',
      status: 400,
      body: '<Response><Errors><Error><Code>ResourceLimitExceeded</Code><Message>No</Message></Error></Errors></Response>',
    });
    expect(await failureOf(cold.images.copy(image, CODENAME, OF))).toMatchObject({ type: 'RateLimited' });
  });

  test('of an image that is pending is to be asked for again', async () => {
    expect(await failureOf(cold.images.copy(await newImage(), CODENAME, OF))).toMatchObject({
      type: 'Unavailable',
    });
  });

  test('of an image that is not there is NotFound', async () => {
    const image = { snapshotId: 'snap-0123456789abcdef0', account: AFFECTED, region: REGION };
    expect(await failureOf(cold.images.copy(image, CODENAME, OF))).toMatchObject({ type: 'NotFound' });
  });

  test('that is refused says what the key of the image has to allow', async () => {
    const image = await completeImage();
    standIn.breakCalls({
      on: 'ec2.CopySnapshot',
      times: 1,
      kind: 'answer',
      status: 403,
      body: '<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>No</Message></Error></Errors></Response>',
    });
    const failure = await failureOf(cold.images.copy(image, CODENAME, OF));
    expect(failure).toMatchObject({ type: 'Unauthorized', nonRetryable: true });
    expect(failure.message).toContain('kms:CreateGrant');
    expect(failure.message).not.toContain(image.snapshotId);
  });
});

describe('an image that AWS’s own key encrypts', () => {
  const preparedOf = async ({ snapshotId }: ImageLocation) => {
    const { Snapshots = [] } = await affected.send(
      new DescribeSnapshotsCommand({
        Filters: [{ Name: 'tag:firebreak:prepared-of', Values: [snapshotId] }],
      }),
    );
    return Snapshots;
  };

  test('is encrypted anew first, and copied once that is complete', async () => {
    const image = await completeImage('aws');
    const answers: unknown[] = [];
    const changes = await changesDuring(async () => {
      for (let time = 0; time < 2; time += 1) answers.push(await cold.images.copy(image, CODENAME, OF));
    });
    expect(changes).toEqual(['ec2.CopySnapshot']);
    const [seen, ...others] = await preparedOf(image);
    expect(others).toEqual([]);
    const prepared = { ...image, snapshotId: seen?.SnapshotId };
    expect(answers).toEqual([{ prepared }, { prepared }]);
    expect(seen).toMatchObject({ OwnerId: AFFECTED, KmsKeyId: affectedKey });
    // Nobody may take it for an image of the instance.
    expect(seen?.Tags?.map(({ Key }) => Key)).not.toContain('firebreak:source');

    ahead += SNAPSHOT_MS;
    const copied = await copyOf(image);
    expect((await copiesOf(image)).map(({ SnapshotId }) => SnapshotId)).toEqual([copied.snapshotId]);
    expect(await changesDuring(() => copyOf(image))).toEqual([]);
  });

  test.each(
    someOf(
      [
        ['lost', { on: 'ec2.CopySnapshot', kind: 'dropAfter', times: 1 } as const],
        ['throttled', throttling('ec2.CopySnapshot')],
      ],
      1,
    ),
  )('is encrypted anew once where an answer is %s', async (_, fault) => {
    const image = await completeImage('aws');
    standIn.breakCalls(fault);
    expect(await failureOf(cold.images.copy(image, CODENAME, OF))).toMatchObject({ nonRetryable: false });
    await cold.images.copy(image, CODENAME, OF);
    expect(await preparedOf(image)).toHaveLength(1);
  });

  test('is a conflict where there is no key to do that with', async () => {
    const image = await completeImage('aws');
    const { transferKey: _, ...without } = settings;
    const hampered = createColdStorage({
      region: REGION,
      account: AFFECTED,
      endpoint: standIn.url,
      coldStorage: without,
    });
    const changes = await changesDuring(async () => {
      const failure = await failureOf(hampered.images.copy(image, CODENAME, OF));
      expect(failure).toMatchObject({ type: 'Conflict', nonRetryable: true });
      expect(failure.message).toContain('transfer key');
    });
    expect(changes).toEqual([]);
  });
});

describe('a lock on copies', () => {
  const lockOf = async (copy: ImageLocation) => {
    const { Snapshots = [] } = await forensic.send(
      new DescribeLockedSnapshotsCommand({ SnapshotIds: [copy.snapshotId] }),
    );
    return Snapshots[0];
  };
  const lockByHand = (
    { snapshotId }: ImageLocation,
    terms: Pick<LockSnapshotCommandInput, 'LockMode' | 'LockDuration' | 'CoolOffPeriod'>,
  ) => forensic.send(new LockSnapshotCommand({ SnapshotId: snapshotId, ...terms }));

  test('is in governance mode, put on all of them, and made once', async () => {
    const copies = [await completeCopy(), await completeCopy()];
    const locks = await cold.images.lock(copies);
    expect(locks.map(({ snapshotId, state }) => ({ snapshotId, state }))).toEqual(
      copies.map(({ snapshotId }) => ({ snapshotId, state: 'governance' })),
    );
    for (const [at, copied] of copies.entries())
      expect((await lockOf(copied))?.LockExpiresOn?.toISOString()).toBe(locks[at]?.lockedUntil);
    ahead += DAY_MS;
    const changes = await changesDuring(async () => {
      expect(await cold.images.lock(copies)).toEqual(locks);
    });
    expect(changes).toEqual([]);
  });

  thorough('of a copy that is pending says its earliest end', async () => {
    const copied = await copyOf(await completeImage());
    const [held] = await cold.images.lock([copied]);
    expect(Date.parse(held?.lockedUntil ?? '')).toBeGreaterThan(Date.now() + ahead + 364 * DAY_MS);
  });

  thorough('is made longer, and never shorter', async () => {
    const [short, long] = [await completeCopy(), await completeCopy()];
    await lockByHand(short, { LockMode: 'governance', LockDuration: 7 });
    await lockByHand(long, { LockMode: 'governance', LockDuration: 3_000 });
    await cold.images.lock([short, long]);
    expect([(await lockOf(short))?.LockDuration, (await lockOf(long))?.LockDuration]).toEqual([365, 3_000]);
  });

  thorough(
    'for good is in compliance mode with the cool-off, and does not shorten what there was',
    async () => {
      const [fresh, long] = [await completeCopy(), await completeCopy()];
      await lockByHand(long, { LockMode: 'governance', LockDuration: 3_000 });
      expect((await cold.images.lockForGood([fresh, long])).map(({ state }) => state)).toEqual([
        'compliance-cooloff',
        'compliance-cooloff',
      ]);
      expect(await lockOf(fresh)).toMatchObject({ LockDuration: 365, CoolOffPeriod: 24 });
      expect(await lockOf(long)).toMatchObject({ LockDuration: 3_000, CoolOffPeriod: 24 });
    },
  );

  test('for good is left alone in its cool-off and after it, by both', async () => {
    const copied = await completeCopy();
    await cold.images.lockForGood([copied]);
    const before = await lockOf(copied);
    ahead += HOUR_MS;
    const changes = await changesDuring(async () => {
      expect(await cold.images.lockForGood([copied])).toMatchObject([{ state: 'compliance-cooloff' }]);
      expect(await cold.images.lock([copied])).toMatchObject([{ state: 'compliance-cooloff' }]);
      expect((await lockOf(copied))?.CoolOffPeriodExpiresOn).toEqual(before?.CoolOffPeriodExpiresOn);
      ahead += 23 * HOUR_MS;
      expect(await cold.images.lockForGood([copied])).toMatchObject([{ state: 'compliance' }]);
      expect(await cold.images.lock([copied])).toMatchObject([{ state: 'compliance' }]);
    });
    expect(changes).toEqual([]);
  });

  test.each(
    someOf(
      [
        ['lost', { on: 'ec2.LockSnapshot', kind: 'dropAfter', times: 1 } as const, 'Unavailable'],
        ['throttled', throttling('ec2.LockSnapshot'), 'RateLimited'],
      ],
      1,
    ),
  )('is on every copy after the retry where an answer is %s', async (_, fault, type) => {
    const copies = [await completeCopy(), await completeCopy()];
    standIn.breakCalls(fault);
    expect(await failureOf(cold.images.lockForGood(copies))).toMatchObject({ type });
    expect((await cold.images.lockForGood(copies)).map(({ state }) => state)).toEqual([
      'compliance-cooloff',
      'compliance-cooloff',
    ]);
  });
});

describe('the hashes of the blocks', () => {
  /** Five blocks to the GiB, twelve at most, each 37 after the one before. */
  const hashesOf = (origin: string, count: number) =>
    Array.from({ length: count }, (_, at) => ({ index: at * 37, hash: sha256(blockOf(origin, at * 37)) }));
  const read = async (path: string) => Buffer.from(await cold.vault.read(path)).toString('utf8');
  const reads = () => standIn.calls.filter(({ name }) => name === 'ebs.GetSnapshotBlock').length;
  let image: ImageLocation;
  let copied: Required<ImageLocation>;

  beforeAll(async () => {
    image = await completeImage(affectedKey, 3);
    copied = await copyOf(image);
    ahead += SNAPSHOT_MS;
  });

  test('are those of the image that was copied, in parts and an index of them', async () => {
    const said: string[] = [];
    const hashing = coldStorage(
      {},
      { blocksPerPart: 5, progress: (done, total) => said.push(`${done} of ${total}`) },
    );
    const answer = await hashing.images.hashBlocks(copied, 'blocks/one');
    const expected = hashesOf(image.snapshotId, 12);
    const root = createHash('sha256');
    for (const { hash } of expected) root.update(Buffer.from(hash, 'hex'));
    const digest = root.digest('hex');
    expect(answer).toMatchObject({ hashed: true, blocks: 12, root: digest });
    const lines = expected.map(({ index, hash }) => `${index} ${hash}\n`);
    const parts = [lines.slice(0, 5), lines.slice(5, 10), lines.slice(10)].map((each) => each.join(''));
    for (const [at, part] of parts.entries()) expect(await read(`blocks/one.part-000${at + 1}`)).toBe(part);
    const index = await read('blocks/one');
    expect(index.split('\n')).toEqual([
      'firebreak-blocks 1',
      `snapshot ${copied.snapshotId}`,
      'block-bytes 524288',
      'blocks 12',
      `root ${digest}`,
      ...parts.map((part, at) => `part ${sha256(part)} ${part.length} one.part-000${at + 1}`),
      '',
    ]);
    expect(answer).toMatchObject({
      files: [
        { path: 'blocks/one', bytes: index.length, sha256: sha256(index) },
        ...parts.map((part, at) => ({ path: `blocks/one.part-000${at + 1}`, sha256: sha256(part) })),
      ],
    });
    expect([said[0], said.at(-1)]).toEqual(['0 of 1229', '3 of 1229']);
  });

  test('are not read again once they are written', async () => {
    const before = reads();
    expect(await cold.images.hashBlocks(copied, 'blocks/one')).toMatchObject({
      hashed: true,
      blocks: 12,
      files: [
        { path: 'blocks/one', existed: true },
        ...[1, 2, 3].map((part) => ({ path: `blocks/one.part-000${part}`, existed: true })),
      ],
    });
    expect(reads()).toBe(before);
  });

  test('go on after the part that was written, and come to the same', async () => {
    let parts = 0;
    const dies = coldStorage(
      {},
      {
        blocksPerPart: 4,
        progress(done) {
          parts = done;
          if (done === 2) throw new Error('The worker is gone.');
        },
      },
    );
    await expect(dies.images.hashBlocks(copied, 'blocks/two')).rejects.toThrow('The worker is gone.');
    expect(parts).toBe(2);
    const before = reads();
    const goesOn = coldStorage({}, { blocksPerPart: 4, doneParts: () => parts });
    const answer = await goesOn.images.hashBlocks(copied, 'blocks/two');
    expect(reads() - before).toBe(4);
    const whole = await cold.images.hashBlocks(copied, 'blocks/one');
    expect(answer).toMatchObject({ hashed: true, blocks: 12, root: 'root' in whole && whole.root });
  });

  thorough('are complete also where the last part was written and the index was not', async () => {
    const hashing = coldStorage({}, { blocksPerPart: 6 });
    const whole = await hashing.images.hashBlocks(copied, 'blocks/three');
    const other = coldStorage({}, { blocksPerPart: 6, doneParts: () => 2 });
    for (const part of [1, 2])
      await cold.vault.writeOnce(
        `blocks/four.part-000${part}`,
        await cold.vault.read(`blocks/three.part-000${part}`),
      );
    const before = reads();
    expect(await other.images.hashBlocks(copied, 'blocks/four')).toMatchObject({
      root: 'root' in whole && whole.root,
      blocks: 12,
    });
    expect(reads()).toBe(before);
  });

  test('survive a write whose answer was lost', async () => {
    standIn.breakCalls({ on: 's3.PutObject', kind: 'dropAfter', times: 1 });
    expect(await failureOf(cold.images.hashBlocks(copied, 'blocks/five'))).toMatchObject({
      type: 'Unavailable',
    });
    expect(await cold.images.hashBlocks(copied, 'blocks/five')).toMatchObject({ hashed: true, blocks: 12 });
  });

  test('are not written down for a block that does not fit its checksum', async () => {
    standIn.breakCalls({
      on: 'ebs.GetSnapshotBlock',
      times: 1,
      kind: 'answer',
      status: 200,
      body: 'not what was on the disk',
      headers: {
        'x-amz-checksum': Buffer.alloc(32).toString('base64'),
        'x-amz-checksum-algorithm': 'SHA256',
      },
    });
    const failure = await failureOf(cold.images.hashBlocks(copied, 'blocks/six'));
    expect(failure).toMatchObject({ type: 'Conflict', nonRetryable: true });
    expect(failure.message).toMatch(/block \d+ /);
    await expect(cold.vault.read('blocks/six')).rejects.toMatchObject({ type: 'NotFound' });
  });

  thorough('that differ from what was written before are a conflict', async () => {
    await cold.vault.writeOnce('blocks/seven.part-0001', Buffer.from('0 0\n'));
    expect(await failureOf(cold.images.hashBlocks(copied, 'blocks/seven'))).toMatchObject({
      type: 'Conflict',
    });
  });

  test.each(
    someOf(
      [
        ['a broken connection', { on: 'ebs.GetSnapshotBlock', kind: 'dropBefore', times: 1 } as const],
        ['throttling', throttling('ebs.GetSnapshotBlock')],
        ['an error of AWS’s own', refusal('ebs.GetSnapshotBlock', 500, 'InternalServerException')],
      ],
      1,
    ),
  )('take a second read after %s', async (name, fault) => {
    standIn.breakCalls(fault);
    expect(await cold.images.hashBlocks(copied, `blocks/${name}`)).toMatchObject({ hashed: true });
  });

  test.each(
    someOf(
      [
        ['throttled', refusal('ebs.GetSnapshotBlock', 400, 'RequestThrottledException', 60), 'RateLimited'],
        ['broken', refusal('ebs.ListSnapshotBlocks', 500, 'InternalServerException'), 'Unavailable'],
      ],
      1,
    ),
  )('are to be asked for again where AWS stays %s', async (name, fault, type) => {
    const mend = standIn.breakCalls(fault);
    expect(await failureOf(cold.images.hashBlocks(copied, `blocks/${name}`))).toMatchObject({
      type,
      nonRetryable: false,
    });
    mend();
  });

  test.each(
    someOf(
      [
        ['ebs.ListSnapshotBlocks', 400, 'ValidationException'],
        ['ebs.ListSnapshotBlocks', 403, 'AccessDeniedException'],
        ['ebs.GetSnapshotBlock', 403, 'AccessDeniedException'],
        ['ebs.GetSnapshotBlock', 404, 'ResourceNotFoundException'],
      ],
      2,
    ),
  )('are left out with the reason where %s answers %i %s', async (on, status, code) => {
    const mend = standIn.breakCalls(refusal(on, status, code, Infinity));
    expect(await cold.images.hashBlocks(copied, `blocks/${on}-${code}`)).toEqual({
      hashed: false,
      reason: `AWS ${on.replace('.', ':')} answered ${code} (HTTP ${status}).`,
    });
    mend();
  });

  thorough('are left out for a copy that is still pending', async () => {
    const young = await copyOf(await completeImage());
    expect(await cold.images.hashBlocks(young, 'blocks/young')).toMatchObject({ hashed: false });
  });

  test('are left out where the configuration says so', async () => {
    const before = standIn.calls.length;
    const without = coldStorage({ hashBlocks: false });
    expect(await without.images.hashBlocks(copied, 'blocks/none')).toEqual({
      hashed: false,
      reason: expect.stringContaining('configuration'),
    });
    expect(standIn.calls).toHaveLength(before);
  });
});

describe('the vault', () => {
  const content = (text: string) => Buffer.from(text);

  test('says where it is', () => {
    expect(cold.vault.holder).toBe(`bucket ${BUCKET} in account ${FORENSIC}, ${AWAY}`);
  });

  test('keeps the first, and says so to whoever writes again', async () => {
    const binary = Uint8Array.from({ length: 256 }, (_, at) => at);
    expect(await cold.vault.writeOnce('a/first', binary)).toEqual({
      path: 'a/first',
      bytes: 256,
      sha256: sha256(binary),
      existed: false,
    });
    expect(await cold.vault.writeOnce('a/first', content('second'))).toEqual({
      path: 'a/first',
      bytes: 256,
      sha256: sha256(binary),
      existed: true,
    });
    expect(new Uint8Array(await cold.vault.read('a/first'))).toEqual(binary);
  });

  test('keeps every file in compliance mode for as long as configured, in one request', async () => {
    const from = Date.now();
    const changes = await changesDuring(() => cold.vault.writeOnce('a/kept', content('x')));
    expect(changes).toEqual(['s3.PutObject']);
    const { Retention } = await forensicS3.send(
      new GetObjectRetentionCommand({ Bucket: BUCKET, Key: 'a/kept' }),
    );
    expect(Retention?.Mode).toBe('COMPLIANCE');
    const days = ((Retention?.RetainUntilDate?.getTime() ?? 0) - from) / DAY_MS;
    expect(days).toBeGreaterThan(364.9);
    expect(days).toBeLessThan(365.1);
  });

  thorough('does not take a longer path for the file', async () => {
    await cold.vault.writeOnce('b/path.part-0001', content('part'));
    expect(await failureOf(cold.vault.read('b/path'))).toMatchObject({ type: 'NotFound' });
    expect(await cold.vault.writeOnce('b/path', content('whole'))).toMatchObject({ existed: false });
  });

  test('finds its own after an answer that was lost', async () => {
    standIn.breakCalls({ on: 's3.PutObject', kind: 'dropAfter', times: 1 });
    expect(await failureOf(cold.vault.writeOnce('a/lost', content('once')))).toMatchObject({
      type: 'Unavailable',
    });
    expect(await cold.vault.writeOnce('a/lost', content('once'))).toMatchObject({
      sha256: sha256('once'),
      existed: true,
    });
  });

  thorough('writes after it was throttled', async () => {
    standIn.breakCalls(throttling('s3.PutObject'));
    expect(await failureOf(cold.vault.writeOnce('a/slow', content('x')))).toMatchObject({
      type: 'RateLimited',
    });
    expect(await cold.vault.writeOnce('a/slow', content('x'))).toMatchObject({ existed: false });
  });

  thorough('takes the first version where the store kept several, also behind a delete marker', async () => {
    await cold.vault.writeOnce('a/versions', content('first'));
    await forensicS3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'a/versions', Body: 'later' }));
    await forensicS3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: 'a/versions' }));
    expect(await cold.vault.writeOnce('a/versions', content('last'))).toMatchObject({
      sha256: sha256('first'),
      existed: true,
    });
    expect(Buffer.from(await cold.vault.read('a/versions')).toString()).toBe('first');
  });

  test('waits for whoever is writing the same file at this moment', async () => {
    const fault: Fault = {
      on: 's3.PutObject',
      times: 1,
      kind: 'answer',
      status: 409,
      body: '<Error><Code>ConditionalRequestConflict</Code><Message>No</Message></Error>',
    };
    standIn.breakCalls(fault);
    expect(await failureOf(cold.vault.writeOnce('a/race', content('x')))).toMatchObject({
      type: 'Unavailable',
    });
    await cold.vault.writeOnce('a/race', content('winner'));
    standIn.breakCalls(fault);
    expect(await cold.vault.writeOnce('a/race', content('x'))).toMatchObject({ sha256: sha256('winner') });
  });

  test.each(someOf(['governance', 'none'], 1))(
    'takes no file for kept whose retention is %s',
    async (mode) => {
      await forensicS3.send(
        new PutObjectCommand({
          Bucket: BUCKET,
          Key: `a/${mode}`,
          Body: 'by hand',
          ...(mode === 'governance' && {
            ObjectLockMode: 'GOVERNANCE',
            ObjectLockRetainUntilDate: new Date(Date.now() + DAY_MS),
          }),
        }),
      );
      const failure = await failureOf(cold.vault.writeOnce(`a/${mode}`, content('x')));
      expect(failure).toMatchObject({ type: 'Conflict', nonRetryable: true });
      expect(failure.message).toContain('Create it with Object Lock');
    },
  );

  test('is a conflict where the bucket has no Object Lock', async () => {
    await newBucket('forgetful', false);
    const forgetful = coldStorage({ bucket: 'forgetful' });
    const failure = await failureOf(forgetful.vault.writeOnce('a', content('x')));
    expect(failure).toMatchObject({ type: 'Conflict' });
    expect(failure.message).toContain('Create it with Object Lock');
  });

  thorough('is a conflict where there is no bucket', async () => {
    const nowhere = coldStorage({ bucket: 'nowhere' });
    expect(await failureOf(nowhere.vault.writeOnce('a', content('x')))).toMatchObject({ type: 'Conflict' });
    expect(await failureOf(nowhere.vault.read('a'))).toMatchObject({ type: 'Conflict' });
  });

  test('has no file that nobody wrote', async () => {
    expect(await failureOf(cold.vault.read('a/nothing'))).toMatchObject({ type: 'NotFound' });
  });
});

describe('the signer', () => {
  const content = Buffer.from('what is to be signed');

  test.each(
    someOf(
      [
        ['ECC_NIST_P256', 'ECDSA_SHA_256'],
        ['RSA_2048', 'RSASSA_PSS_SHA_256'],
      ] as const,
      1,
    ),
  )('with a key of %s signs what anybody can check against the content', async (spec, expected) => {
    const { signer } = coldStorage({ signingKey: await newKey(forensicKms, spec) });
    const [{ signature, algorithm }, key] = [await signer.sign(content), await signer.publicKey()];
    expect(algorithm).toBe(expected);
    expect(key).toMatch(/^-----BEGIN PUBLIC KEY-----\n[\w+/=\n]+\n-----END PUBLIC KEY-----\n$/);
    const padding = spec === 'ECC_NIST_P256' ? {} : { padding: 6, saltLength: 32 };
    expect(verify('sha256', content, { key, ...padding }, signature)).toBe(true);
    expect(verify('sha256', Buffer.from('something else'), { key, ...padding }, signature)).toBe(false);
    const sent = standIn.calls.findLast(({ name }) => name === 'kms.Sign');
    expect(sent?.body).toContain('"MessageType":"DIGEST"');
  });

  test.each(someOf(['ECC_SECG_P256K1', 'ECC_NIST_P384'] as const, 1))(
    'does not use a key of %s',
    async (spec) => {
      const { signer } = coldStorage({ signingKey: await newKey(forensicKms, spec) });
      expect(await failureOf(signer.sign(content))).toMatchObject({ type: 'Conflict' });
    },
  );

  thorough('is a conflict where there is no such key, and where it does not sign', async () => {
    const none = coldStorage({
      signingKey: `arn:aws:kms:${AWAY}:${FORENSIC}:key/00000000-0000-4000-8000-000000000000`,
    });
    expect(await failureOf(none.signer.publicKey())).toMatchObject({ type: 'Conflict' });
    const encrypts = coldStorage({ signingKey: settings.key });
    expect(await failureOf(encrypts.signer.sign(content))).toMatchObject({ nonRetryable: true });
  });

  test.each(
    someOf(
      [
        ['lost', { on: 'kms.Sign', kind: 'dropAfter', times: 1 } as const, 'Unavailable'],
        ['throttled', throttling('kms.Sign'), 'RateLimited'],
      ],
      1,
    ),
  )('signs again where an answer is %s', async (_, fault, type) => {
    standIn.breakCalls(fault);
    expect(await failureOf(cold.signer.sign(content))).toMatchObject({ type });
    expect(await cold.signer.sign(content)).toMatchObject({ algorithm: 'ECDSA_SHA_256' });
  });
});

test('a snapshot that nobody shared can’t be copied by the forensic account', async () => {
  const { snapshotId } = await completeImage();
  const call = forensic.send(new CopySnapshotCommand({ SourceSnapshotId: snapshotId, SourceRegion: REGION }));
  await expect(call).rejects.toMatchObject({ name: 'InvalidSnapshot.NotFound' });
});
