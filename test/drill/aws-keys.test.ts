/** What the AWS stand-in makes of access keys, sessions and the rotation of secrets. */
import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import { EBSClient, ListSnapshotBlocksCommand } from '@aws-sdk/client-ebs';
import { DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2';
import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  DeleteRolePolicyCommand,
  IAMClient,
  ListUsersCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
  UpdateAccessKeyCommand,
} from '@aws-sdk/client-iam';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  RotateSecretCommand,
  SecretsManagerClient,
  type RotateSecretCommandInput,
} from '@aws-sdk/client-secrets-manager';
import {
  AssumeRoleCommand,
  GetCallerIdentityCommand,
  GetSessionTokenCommand,
  STSClient,
  type Credentials,
} from '@aws-sdk/client-sts';
import { startAws, type AwsStandIn } from '../../drill/stand-ins/aws';
import { thorough } from '../support/thorough';

const REGION = 'eu-west-1';
const ROTATION_MS = 60_000;
const FUNCTION = `arn:aws:lambda:${REGION}:123456789012:function:rotate`;

const settingsBefore = { ...process.env };
/** The stand-in's clock: a test moves it on, and never back. */
let time = Date.parse('2026-03-02T10:00:00Z');
let standIn: AwsStandIn;
let iam: IAMClient;
let secrets: SecretsManagerClient;
let made = 0;

beforeAll(async () => {
  process.env['AWS_ACCESS_KEY_ID'] = 'stand-in';
  process.env['AWS_SECRET_ACCESS_KEY'] = 'stand-in';
  standIn = await startAws({ rotationMs: ROTATION_MS, now: () => time });
  iam = new IAMClient(signedWith());
  secrets = new SecretsManagerClient(signedWith());
});

afterAll(async () => {
  await standIn.close();
  process.env = settingsBefore;
});

/** With one attempt, so that a refusal is not hidden by a retry. */
function signedWith(key?: Partial<Credentials>) {
  const credentials = key && {
    accessKeyId: key.AccessKeyId ?? '',
    secretAccessKey: key.SecretAccessKey ?? '',
    ...(key.SessionToken !== undefined && { sessionToken: key.SessionToken }),
  };
  return { region: REGION, endpoint: standIn.url, maxAttempts: 1, ...(credentials && { credentials }) };
}

/** The code and the status of the refusal. */
async function refusalOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'It was not refused.',
    (thrown: unknown) => {
      const { name, $metadata } = thrown as Error & { $metadata?: { httpStatusCode?: number } };
      return `${name} ${$metadata?.httpStatusCode}`;
    },
  );
}

async function newKey() {
  const UserName = `deploy-${(made += 1)}`;
  await iam.send(new CreateUserCommand({ UserName }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
  return { UserName, AccessKeyId: AccessKey?.AccessKeyId, SecretAccessKey: AccessKey?.SecretAccessKey };
}

const setStatus = (
  { UserName, AccessKeyId }: Awaited<ReturnType<typeof newKey>>,
  Status: 'Active' | 'Inactive',
) => iam.send(new UpdateAccessKeyCommand({ UserName, AccessKeyId, Status }));
const useOf = (key?: Partial<Credentials>) => new IAMClient(signedWith(key)).send(new ListUsersCommand({}));

function denyBefore(moment: number, change: object = {}): string {
  const Condition = { DateLessThan: { 'aws:TokenIssueTime': new Date(moment).toISOString() } };
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Deny', Action: ['*'], Resource: ['*'], Condition, ...change }],
  });
}

describe('access keys', () => {
  test('an inactive one is refused by every service in its own words', async () => {
    const key = await newKey();
    await useOf(key);
    await setStatus(key, 'Inactive');
    const settings = signedWith(key);
    const refused = await Promise.all(
      [
        new EC2Client(settings).send(new DescribeInstancesCommand({})),
        new IAMClient(settings).send(new ListUsersCommand({})),
        new STSClient(settings).send(new GetCallerIdentityCommand({})),
        new AutoScalingClient(settings).send(new DescribeAutoScalingGroupsCommand({})),
        new SecretsManagerClient(settings).send(new ListSecretsCommand({})),
        new S3Client({ ...settings, forcePathStyle: true }).send(new ListBucketsCommand({})),
        new EBSClient(settings).send(new ListSnapshotBlocksCommand({ SnapshotId: 'snap-0' })),
      ].map(refusalOf),
    );
    expect(refused).toEqual([
      'AuthFailure 401',
      'InvalidClientTokenId 403',
      'InvalidClientTokenId 403',
      'InvalidClientTokenId 403',
      'UnrecognizedClientException 400',
      'InvalidAccessKeyId 403',
      'UnrecognizedClientException 403',
    ]);
  });

  thorough('an inactive one is refused in a presigned URL', async () => {
    const key = await newKey();
    await setStatus(key, 'Inactive');
    const credential = encodeURIComponent(`${key.AccessKeyId}/20260302/${REGION}/s3/aws4_request`);
    const answer = await fetch(`${standIn.url}/bucket/file?X-Amz-Credential=${credential}`);
    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain('<Code>InvalidAccessKeyId</Code>');
  });

  thorough('one that is made active again works, and one that is deleted does not', async () => {
    const [key, other] = [await newKey(), await newKey()];
    await setStatus(key, 'Inactive');
    await useOf(other);
    await setStatus(key, 'Active');
    await useOf(key);
    await iam.send(new DeleteAccessKeyCommand({ UserName: key.UserName, AccessKeyId: key.AccessKeyId }));
    expect(await refusalOf(useOf(key))).toBe('InvalidClientTokenId 403');
  });

  thorough('one whose change AWS refused goes on working', async () => {
    const key = await newKey();
    expect(await refusalOf(setStatus({ ...key, UserName: 'nobody' }, 'Inactive'))).toMatch(/^NoSuchEntity/);
    await useOf(key);
  });
});

describe('sessions', () => {
  async function newRole() {
    const RoleName = `worker-${(made += 1)}`;
    const { Role } = await iam.send(
      new CreateRoleCommand({ RoleName, Path: '/service/', AssumeRolePolicyDocument: '{}' }),
    );
    const assume = async () => {
      const { Credentials } = await new STSClient(signedWith()).send(
        new AssumeRoleCommand({ RoleArn: Role?.Arn, RoleSessionName: 'web' }),
      );
      return Credentials ?? {};
    };
    return { RoleName, assume };
  }

  test('of a role are refused if they were issued before the time of its policy, and no others', async () => {
    const role = await newRole();
    const [before, somebodyElses] = [await role.assume(), await (await newRole()).assume()];
    time += 1_000;
    const policy = { RoleName: role.RoleName, PolicyName: 'deny' };
    await iam.send(new PutRolePolicyCommand({ ...policy, PolicyDocument: denyBefore(time) }));
    const after = await role.assume();

    expect(await refusalOf(useOf(before))).toBe('AccessDenied 403');
    const settings = signedWith(before);
    expect(await refusalOf(new EC2Client(settings).send(new DescribeInstancesCommand({})))).toBe(
      'UnauthorizedOperation 403',
    );
    expect(await refusalOf(new SecretsManagerClient(settings).send(new ListSecretsCommand({})))).toBe(
      'AccessDeniedException 400',
    );
    await new STSClient(settings).send(new GetCallerIdentityCommand({}));
    for (const allowed of [after, somebodyElses, undefined]) await useOf(allowed);

    await iam.send(new DeleteRolePolicyCommand(policy));
    await useOf(before);
  });

  thorough.each([
    ['allows', { Effect: 'Allow' }],
    ['denies one action', { Action: 's3:GetObject' }],
    ['denies one resource', { Resource: 'arn:aws:s3:::web' }],
    ['denies under another condition', { Condition: { Bool: { 'aws:SecureTransport': 'false' } } }],
  ])('are not refused for a policy that %s', async (_, change) => {
    const role = await newRole();
    const session = await role.assume();
    const PolicyDocument = denyBefore(time + 1_000, change);
    await iam.send(new PutRolePolicyCommand({ RoleName: role.RoleName, PolicyName: 'deny', PolicyDocument }));
    await useOf(session);
  });

  thorough('of a user outlive its key, until its policy denies them', async () => {
    const key = await newKey();
    const sts = new STSClient(signedWith(key));
    const { Credentials: before } = await sts.send(new GetSessionTokenCommand({}));
    const { Credentials: sibling } = await sts.send(new GetSessionTokenCommand({}));
    expect(before?.AccessKeyId).toMatch(/^ASIA[A-Z0-9]{16}$/);
    expect(sibling?.AccessKeyId).not.toBe(before?.AccessKeyId);
    time += 1_000;
    await setStatus(key, 'Inactive');
    await useOf(before);
    const PolicyDocument = denyBefore(time);
    await iam.send(new PutUserPolicyCommand({ UserName: key.UserName, PolicyName: 'deny', PolicyDocument }));
    expect(await refusalOf(useOf(before))).toBe('AccessDenied 403');

    await setStatus(key, 'Active');
    await useOf(key);
    const { Credentials: after } = await sts.send(new GetSessionTokenCommand({}));
    await useOf(after);
  });
});

describe('rotation', () => {
  async function newSecret() {
    const { ARN: SecretId = '' } = await secrets.send(
      new CreateSecretCommand({ Name: `web-${(made += 1)}`, SecretString: 'hush' }),
    );
    const rotate = (input: Partial<RotateSecretCommandInput> = {}) =>
      secrets.send(new RotateSecretCommand({ SecretId, ...input }));
    const look = () => secrets.send(new DescribeSecretCommand({ SecretId }));
    const value = async (VersionStage?: string) =>
      (await secrets.send(new GetSecretValueCommand({ SecretId, VersionStage }))).SecretString;
    return { SecretId, rotate, look, value };
  }

  test('without a function is refused, and the value stays', async () => {
    const { rotate, look, value } = await newSecret();
    expect(await refusalOf(rotate())).toBe('InvalidRequestException 400');
    expect(await value()).toBe('hush');
    expect((await look()).RotationEnabled).toBeUndefined();
  });

  thorough('takes its time, one at a time, and keeps the value before', async () => {
    const { SecretId, rotate, look, value } = await newSecret();
    await rotate({ RotationLambdaARN: FUNCTION, RotateImmediately: false });
    expect(await look()).toMatchObject({ RotationEnabled: true, RotationLambdaARN: FUNCTION });
    const [old = ''] = Object.keys((await look()).VersionIdsToStages ?? {});

    const ClientRequestToken = '5b1a4f0e-0000-4000-8000-0123456789ab';
    const first = await rotate({ ClientRequestToken });
    expect(first).toMatchObject({ ARN: SecretId, VersionId: ClientRequestToken });
    time += ROTATION_MS - 1;
    expect(await rotate({ ClientRequestToken })).toMatchObject({ VersionId: ClientRequestToken });
    expect(await refusalOf(rotate())).toBe('InvalidRequestException 400');
    expect((await look()).VersionIdsToStages).toEqual({
      [old]: ['AWSCURRENT'],
      [ClientRequestToken]: ['AWSPENDING'],
    });
    expect(await value()).toBe('hush');

    time += 1;
    expect(await value()).not.toBe('hush');
    expect(await value('AWSPREVIOUS')).toBe('hush');
    expect((await look()).VersionIdsToStages).toEqual({
      [old]: ['AWSPREVIOUS'],
      [ClientRequestToken]: ['AWSCURRENT'],
    });
    await rotate({ ClientRequestToken });
    expect(Object.keys((await look()).VersionIdsToStages ?? {})).toHaveLength(2);
    await rotate();
  });

  thorough('of a secret that is not there, or that is to be deleted, is refused', async () => {
    const { SecretId, rotate } = await newSecret();
    expect(await refusalOf(rotate({ SecretId: 'nothing' }))).toMatch(/^ResourceNotFoundException/);
    await secrets.send(new DeleteSecretCommand({ SecretId }));
    expect(await refusalOf(rotate({ RotationLambdaARN: FUNCTION }))).toBe('InvalidRequestException 400');
  });
});
