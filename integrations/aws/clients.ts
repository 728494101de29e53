/** The SDK's clients, one set for each region, and what they have in common. */
import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { EC2Client } from '@aws-sdk/client-ec2';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { InstanceLocation } from '../../activities/containment';
import { toAwsError } from './failures/aws-error';

export interface AwsSettings {
  /** Where instances are that name no region of their own. */
  readonly region: string;
  /** The account that instances without one of their own must belong to. Left out, it is not checked. */
  readonly account?: string;
  /** Where a stand-in listens. Left out: AWS. */
  readonly endpoint?: string;
  /** How long one call may take, in milliseconds. */
  readonly timeoutMs?: number;
}

/** The clients of one region. */
export interface Clients {
  readonly ec2: EC2Client;
  readonly scaling: AutoScalingClient;
  readonly balancing: ElasticLoadBalancingV2Client;
}

/** Where a call goes, and whose the instance has to be. */
export interface Target {
  readonly clients: Clients;
  readonly id: string;
  readonly account: string | undefined;
}

/** CreateSnapshots of a host with many disks takes seconds; a hung connection must not eat a whole attempt. */
const DEFAULT_TIMEOUT_MS = 10_000;

/** Returns a function that finds the clients for an instance. They are made once for each region. */
export function createTargets(settings: AwsSettings): (instance: InstanceLocation) => Target {
  const byRegion = new Map<string, Clients>();
  return ({ id, region = settings.region, account = settings.account }) => {
    const clients = byRegion.get(region) ?? createClients(settings, region);
    byRegion.set(region, clients);
    return { clients, id, account };
  };
}

function createClients(settings: AwsSettings, region: string): Clients {
  const timeoutMs = settings.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const configuration = {
    region,
    // Temporal owns the retries. The SDK's own would repeat CreateSnapshots, which has no client token.
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: Math.min(timeoutMs, 3_000),
      requestTimeout: timeoutMs,
      throwOnRequestTimeout: true,
    },
    ...(settings.endpoint === undefined ? {} : { endpoint: settings.endpoint }),
  };
  const clients = {
    ec2: new EC2Client(configuration),
    scaling: new AutoScalingClient(configuration),
    balancing: new ElasticLoadBalancingV2Client(configuration),
  };
  const outermost = { step: 'initialize', priority: 'high', name: 'reduceErrors' } as const;
  clients.ec2.middlewareStack.add(reduceErrors('ec2'), outermost);
  clients.scaling.middlewareStack.add(reduceErrors('autoscaling'), outermost);
  clients.balancing.middlewareStack.add(reduceErrors('elasticloadbalancing'), outermost);
  return clients;
}

/** Puts an `AwsError`, which knows the action, in the place of the SDK's errors, which don't. */
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
