/** The SDK's clients, one set for each account and region, and what they have in common. */
import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { EBSClient } from '@aws-sdk/client-ebs';
import { EC2Client } from '@aws-sdk/client-ec2';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { IAMClient } from '@aws-sdk/client-iam';
import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SSMClient } from '@aws-sdk/client-ssm';
import { WAFV2Client } from '@aws-sdk/client-wafv2';
import { fromTemporaryCredentials } from '@aws-sdk/credential-providers';
import { toAwsError } from './failures/aws-error';
import { createPacing } from './pacing';

export interface AwsSettings {
  /** Where instances are that name no region of their own. */
  readonly region: string;
  /** The account that instances without one of their own must belong to. Left out, it is not checked. */
  readonly account?: string;
  /** Other accounts, with the role to assume in each. */
  readonly accounts?: readonly { readonly id: string; readonly role: string }[];
  /** The measure that ends open connections; `network-acl` where it is left out. */
  readonly secondMeasure?: 'network-acl' | 'untracked-hop';
  /** How long snapshots are locked, in days; 365 where it is left out. */
  readonly lockDays?: number;
  /** Left out: memory is not captured. */
  readonly memory?: MemorySettings;
  /** Edges where the attacker's addresses are blocked besides the affected VPCs' own network ACLs. */
  readonly perimeter?: PerimeterSettings;
  readonly coldStorage?: ColdStorageSettings;
  /** Where a stand-in listens. Left out: AWS. */
  readonly endpoint?: string;
  /** How long one call may take, in milliseconds. */
  readonly timeoutMs?: number;
}

export interface MemorySettings {
  /** The SSM document that captures memory and uploads it, with the parameter `Destination`. */
  readonly document: string;
  /** Where the document is to put the image: a prefix, `s3://bucket/path`. */
  readonly destination: string;
  /** How long it may take, in milliseconds, before the stop goes ahead without it. */
  readonly timeBoxMs: number;
}

export interface PerimeterSettings {
  readonly networkAcls: readonly string[];
  readonly wafIpSets: readonly {
    readonly name: string;
    readonly id: string;
    readonly scope: 'REGIONAL' | 'CLOUDFRONT';
    readonly family: 'IPv4' | 'IPv6';
  }[];
}

/** The forensic account and what it holds. */
export interface ColdStorageSettings {
  readonly account: string;
  /** The role that the worker assumes there. Left out: the worker's own credentials are the forensic account's. */
  readonly role?: string;
  readonly region: string;
  /** The bucket with Object Lock. */
  readonly bucket: string;
  /** The key that copies are encrypted with: an ARN in the region of cold storage. */
  readonly key: string;
  /** The key that the worker uses for images that AWS's own key encrypts: an ARN in the affected region. */
  readonly transferKey?: string;
  /** The asymmetric key that signs manifests: an ARN or alias in the region of cold storage. */
  readonly signingKey: string;
  /** How long copies are locked and files kept, in days. */
  readonly lockDays: number;
  /** How long a lock for good can still be taken back, in hours: 1 to 72. */
  readonly coolOffHours: number;
  /** False: blocks are not read, and the manifest says so. */
  readonly hashBlocks: boolean;
}

/** The clients of one account and region, made when they are first asked for. */
export interface Clients {
  readonly ec2: EC2Client;
  readonly scaling: AutoScalingClient;
  readonly balancing: ElasticLoadBalancingV2Client;
  readonly iam: IAMClient;
  readonly ssm: SSMClient;
  readonly waf: WAFV2Client;
  readonly secrets: SecretsManagerClient;
  readonly kms: KMSClient;
  readonly s3: S3Client;
  readonly ebs: EBSClient;
}

/** An account and region; the company's own where they are left out. */
export interface Place {
  readonly region?: string | undefined;
  readonly account?: string | undefined;
}

/** Where a call goes, and whose the instance has to be. */
export interface Target {
  readonly clients: Clients;
  readonly id: string;
  readonly account: string | undefined;
  readonly region: string;
}

/** CreateSnapshots of a host with many disks takes seconds; a hung connection must not eat a whole attempt. */
const DEFAULT_TIMEOUT_MS = 10_000;

/** Returns a function that finds the clients of a place. They are made once for each account and region. */
export function createPlaces(settings: AwsSettings): (place: Place) => Clients {
  const known = new Map<string, Clients>();
  return ({ region = settings.region, account = settings.account }) => {
    const key = `${account ?? ''} ${region}`;
    const clients = known.get(key) ?? createClients(settings, region, roleIn(settings, account));
    known.set(key, clients);
    return clients;
  };
}

/** Returns a function that finds the clients for an instance. */
export function createTargets(settings: AwsSettings): (instance: Place & { readonly id: string }) => Target {
  const placeOf = createPlaces(settings);
  return ({ id, region = settings.region, account = settings.account }) => ({
    clients: placeOf({ region, account }),
    id,
    account,
    region,
  });
}

function roleIn(
  { accounts = [], coldStorage }: AwsSettings,
  account: string | undefined,
): string | undefined {
  const known = accounts.find(({ id }) => id === account)?.role;
  return known ?? (coldStorage?.account === account ? coldStorage?.role : undefined);
}

function createClients(settings: AwsSettings, region: string, role: string | undefined): Clients {
  const timeoutMs = settings.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const requestHandler = {
    connectionTimeout: Math.min(timeoutMs, 3_000),
    requestTimeout: timeoutMs,
    throwOnRequestTimeout: true,
  };
  const endpoint = settings.endpoint === undefined ? {} : { endpoint: settings.endpoint };
  const configuration = {
    region,
    // Temporal owns the retries. The SDK's own would repeat CreateSnapshots, which has no client token.
    maxAttempts: 1,
    requestHandler,
    ...endpoint,
    ...(role === undefined
      ? {}
      : {
          credentials: fromTemporaryCredentials({
            // Seen in the account's audit log, by whoever reads that: it says nothing of an incident.
            params: { RoleArn: role, RoleSessionName: 'firebreak', DurationSeconds: 3_600 },
            clientConfig: { region, maxAttempts: 1, requestHandler, ...endpoint },
          }),
        }),
  };
  const lazily = memoized({
    ec2: () => paced(watched('ec2', new EC2Client(configuration))),
    scaling: () => watched('autoscaling', new AutoScalingClient(configuration)),
    balancing: () => watched('elasticloadbalancing', new ElasticLoadBalancingV2Client(configuration)),
    iam: () => watched('iam', new IAMClient(configuration)),
    ssm: () => watched('ssm', new SSMClient(configuration)),
    waf: () => watched('wafv2', new WAFV2Client(configuration)),
    secrets: () => watched('secretsmanager', new SecretsManagerClient(configuration)),
    kms: () => watched('kms', new KMSClient(configuration)),
    // A stand-in on loopback has no host name for each bucket.
    s3: () =>
      watched('s3', new S3Client({ ...configuration, forcePathStyle: settings.endpoint !== undefined })),
    ebs: () => watched('ebs', new EBSClient(configuration)),
  });
  return lazily;
}

/** An object whose members are made on first use, and once. */
function memoized<T extends object>(makers: { readonly [K in keyof T]: () => T[K] }): T {
  const made = {} as T;
  for (const key of Object.keys(makers) as (keyof T)[]) {
    let value: T[typeof key] | undefined;
    Object.defineProperty(made, key, { enumerable: true, get: () => (value ??= makers[key]()) });
  }
  return made;
}

/** A failure is told as soon as it comes; the turn is taken before. */
function paced(client: EC2Client): EC2Client {
  const takeTurn = createPacing();
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (input) => {
        await takeTurn(commandName.replace(/Command$/, ''));
        return next(input);
      },
    { step: 'initialize', name: 'takeTurn' },
  );
  return client;
}

interface Stacked {
  readonly middlewareStack: { add(middleware: never, options: never): void };
}

/** Puts an `AwsError`, which knows the action, in the place of the SDK's errors, which don't. */
function watched<Client extends Stacked>(service: string, client: Client): Client {
  client.middlewareStack.add(
    reduceErrors(service) as never,
    { step: 'initialize', priority: 'high', name: 'reduceErrors' } as never,
  );
  return client;
}

function reduceErrors(service: string) {
  return <Input, Output>(next: (input: Input) => Promise<Output>, context: { commandName?: string }) =>
    async (input: Input): Promise<Output> => {
      try {
        return await next(input);
      } catch (error) {
        throw toAwsError(`${service}:${(context.commandName ?? 'Call').replace(/Command$/, '')}`, error);
      }
    };
}
