/** What a company has in AWS besides its instances, made in the stand-in: the forensic account, IAM users, secrets, a WAF. */
import { DescribeLockedSnapshotsCommand, EC2Client } from '@aws-sdk/client-ec2';
import {
  AddRoleToInstanceProfileCommand,
  CreateAccessKeyCommand,
  CreateInstanceProfileCommand,
  CreateLoginProfileCommand,
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
} from '@aws-sdk/client-iam';
import { CreateAliasCommand, CreateKeyCommand, KMSClient, type KeySpec } from '@aws-sdk/client-kms';
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import {
  CreateSecretCommand,
  RotateSecretCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { CreateIPSetCommand, WAFV2Client } from '@aws-sdk/client-wafv2';
import { fromTemporaryCredentials } from '@aws-sdk/credential-providers';

/** The part of the configuration that says where cold storage is. */
export interface ColdStorage {
  readonly account: string;
  readonly role: string;
  readonly region: string;
  readonly bucket: string;
  /** ARNs of aliases. */
  readonly key: string;
  readonly transferKey?: string;
  readonly signingKey: string;
}

/** Makes the bucket with Object Lock and the keys that docs/aws.md asks for. */
export async function createForensicAccount(url: string, region: string, cold: ColdStorage): Promise<void> {
  const there = inForensicAccount(url, cold);
  const kms = new KMSClient(there);
  await Promise.all([
    new S3Client({ ...there, forcePathStyle: true }).send(
      new CreateBucketCommand({
        Bucket: cold.bucket,
        ObjectLockEnabledForBucket: true,
        CreateBucketConfiguration: { LocationConstraint: cold.region as never },
      }),
    ),
    createKey(kms, cold.key),
    createKey(kms, cold.signingKey, 'ECC_NIST_P256'),
    ...(cold.transferKey ? [createKey(new KMSClient({ endpoint: url, region }), cold.transferKey)] : []),
  ]);
}

async function createKey(kms: KMSClient, named: string, spec?: KeySpec): Promise<void> {
  const { KeyMetadata } = await kms.send(
    new CreateKeyCommand(spec ? { KeySpec: spec, KeyUsage: 'SIGN_VERIFY' } : {}),
  );
  await kms.send(
    new CreateAliasCommand({
      AliasName: named.slice(named.indexOf('alias/')),
      TargetKeyId: KeyMetadata?.KeyId,
    }),
  );
}

function inForensicAccount(url: string, { role, region }: ColdStorage) {
  return {
    endpoint: url,
    region,
    credentials: fromTemporaryCredentials({
      params: { RoleArn: role, RoleSessionName: 'drill' },
      clientConfig: { endpoint: url, region },
    }),
  };
}

/** Every file of an incident in the bucket, by its path below the codename: what `aws s3 sync` would bring. */
export async function readEvidence(
  url: string,
  cold: ColdStorage,
  codename: string,
): Promise<Map<string, Uint8Array>> {
  const s3 = new S3Client({ ...inForensicAccount(url, cold), forcePathStyle: true });
  const files = new Map<string, Uint8Array>();
  const { Contents = [] } = await s3.send(
    new ListObjectsV2Command({ Bucket: cold.bucket, Prefix: `${codename}/` }),
  );
  for (const { Key = '' } of Contents) {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: cold.bucket, Key }));
    if (Body) files.set(Key.slice(codename.length + 1), await Body.transformToByteArray());
  }
  return files;
}

/** The mode of each locked copy, by its id. */
export async function lookAtColdLocks(url: string, cold: ColdStorage): Promise<Record<string, string>> {
  const ec2 = new EC2Client(inForensicAccount(url, cold));
  const { Snapshots = [] } = await ec2.send(new DescribeLockedSnapshotsCommand({}));
  return Object.fromEntries(Snapshots.map(({ SnapshotId = '', LockState = '' }) => [SnapshotId, LockState]));
}

/** The profile that instances run with, and its role. */
export async function createProfile(url: string, region: string, name: string): Promise<void> {
  const iam = new IAMClient({ endpoint: url, region });
  await Promise.all([
    iam.send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: TRUSTS_EC2 })),
    iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: name })),
  ]);
  await iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName: name, RoleName: name }));
}

const TRUSTS_EC2 = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
});

/** An IAM user with two keys and a console login. */
export async function createUser(url: string, region: string, name: string): Promise<void> {
  const iam = new IAMClient({ endpoint: url, region });
  await iam.send(new CreateUserCommand({ UserName: name }));
  await iam.send(new CreateAccessKeyCommand({ UserName: name }));
  await iam.send(new CreateAccessKeyCommand({ UserName: name }));
  await iam.send(new CreateLoginProfileCommand({ UserName: name, Password: 'drill-only-1A!' }));
}

/** A secret with a rotation function. */
export async function createSecret(url: string, region: string, name: string): Promise<void> {
  const secrets = new SecretsManagerClient({ endpoint: url, region });
  await secrets.send(new CreateSecretCommand({ Name: name, SecretString: 'drill' }));
  await secrets.send(
    new RotateSecretCommand({
      SecretId: name,
      RotationLambdaARN: `arn:aws:lambda:${region}:123456789012:function:rotate`,
      RotationRules: { AutomaticallyAfterDays: 30 },
      RotateImmediately: false,
    }),
  );
}

export interface IpSet {
  readonly name: string;
  readonly id: string;
  readonly scope: 'REGIONAL';
  readonly family: 'IPv4' | 'IPv6';
}

/** The WAF's IP sets, one a family. */
export async function createIpSets(url: string, region: string): Promise<IpSet[]> {
  const waf = new WAFV2Client({ endpoint: url, region });
  return Promise.all(
    (['IPv4', 'IPv6'] as const).map(async (family) => {
      const name = `denied-${family.toLowerCase()}`;
      const { Summary } = await waf.send(
        new CreateIPSetCommand({
          Name: name,
          Scope: 'REGIONAL',
          IPAddressVersion: family === 'IPv4' ? 'IPV4' : 'IPV6',
          Addresses: [],
        }),
      );
      return { name, id: Summary?.Id ?? '', scope: 'REGIONAL', family } as const;
    }),
  );
}
