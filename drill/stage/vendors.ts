/** The vendors of a drill: PagerDuty, Slack and AWS, with the company as they know it. */
import { join } from 'node:path';
import { DOOR_SECRETS } from '../doors';
import { ec2Buckets } from '../hardships';
import { PUBLIC_CHANNEL, type Scenario } from '../scenario';
import { startAws, type AwsStandIn } from '../stand-ins/aws';
import { createForensicAccount, createProfile, createSecret, createUser } from '../stand-ins/aws-company';
import { createFleet, type FleetInstance, type InstancePlan } from '../stand-ins/aws-fleet';
import { startPagerDuty, type PagerDutyStandIn } from '../stand-ins/pagerduty';
import { startSlack, type SlackStandIn } from '../stand-ins/slack';
import type { DrillConfiguration } from './configuration';

export const TOKENS = { pagerduty: 'drill-pagerduty-token', slack: 'xoxb-drill-slack-token' };

/** What the AWS SDK insists on; the stand-in does not check it. */
export const AWS_ENVIRONMENT = {
  AWS_ACCESS_KEY_ID: 'AKIADRILLDRILLDRILL0',
  AWS_SECRET_ACCESS_KEY: 'drill',
  AWS_REGION: 'us-east-1',
  AWS_EC2_METADATA_DISABLED: 'true',
  // The SDK's notice of a newer Node stands in CONTRIBUTING.md; in a drill it would hide what happens.
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
};

/** People of the company who are on no response team, and in its channels. */
export const COLLEAGUES = ['frontend@example.com', 'support@example.com'] as const;

export function startPager(configuration: DrillConfiguration): Promise<PagerDutyStandIn> {
  const { serviceId, escalationPolicyId } = configuration.pagerduty;
  return startPagerDuty({
    token: TOKENS.pagerduty,
    users: usersOf(configuration.roster.map(({ email }) => email)),
    serviceId,
    escalationPolicyId,
    onCall: commandersOf(configuration).map((email, index) => ({ email, level: index + 1 })),
  });
}

/** With everybody of the company in it, and its own channels. */
export function startChat(configuration: DrillConfiguration): Promise<SlackStandIn> {
  const { roster, communication } = configuration;
  const everybody = [...roster.map(({ email }) => email), ...COLLEAGUES];
  const channels = [PUBLIC_CHANNEL, ...communication.inside.flatMap(({ slack }) => slack ?? [])];
  return startSlack({
    users: usersOf(everybody),
    token: TOKENS.slack,
    channels: channels.map((name) => ({ name })),
    app: DOOR_SECRETS,
  });
}

/** @param isSet what makes the stage is not slowed down, nor refused as too much */
export function startCloud(
  root: string,
  { cloud }: Scenario,
  options: { readonly latency: boolean; readonly isSet: () => boolean },
): Promise<AwsStandIn> {
  const { latency, isSet } = options;
  return startAws({
    python: join(root, '.venv'),
    snapshotMs: cloud.snapshotMs,
    ...(latency ? { latencyMs: [50, 250], isSlow: isSet } : {}),
    ...(cloud.buckets ? { buckets: (action) => (isSet() ? ec2Buckets(action) : undefined) } : {}),
  });
}

/** The company in AWS: its instances and what else a scenario names, and the forensic account. */
export async function createScene(
  url: string,
  { aws: { region }, coldStorage }: DrillConfiguration,
  { fleet, users, secrets }: Scenario,
  spareNames: readonly string[],
): Promise<Record<string, FleetInstance>> {
  const profiles = new Set(fleet.flatMap(({ profile }) => profile ?? []));
  await Promise.all([
    createForensicAccount(url, region, coldStorage),
    ...[...profiles].map((name) => createProfile(url, region, name)),
    ...users.map((name) => createUser(url, region, name)),
    ...secrets.map((name) => createSecret(url, region, name)),
  ]);
  return createFleets(url, region, [
    ...fleet.flatMap(({ count, ...plan }) => numbered(withoutUndefined(plan), count)),
    ...spareNames.map((name) => ({ name })),
  ]);
}

function usersOf(emails: readonly string[]): { email: string; name: string }[] {
  return emails.map((email) => ({ email, name: email.split('@')[0] ?? email }));
}

/** Who is on call: the first is woken first. */
function commandersOf({ roster }: DrillConfiguration): string[] {
  return roster.filter(({ roles }) => roles.includes('incidentCommander')).map(({ email }) => email);
}

function numbered<Plan extends { readonly name: string }>(plan: Plan, count: number): Plan[] {
  if (count === 1) return [plan];
  return Array.from({ length: count }, (_, index) => ({ ...plan, name: `${plan.name}-${index + 1}` }));
}

/** Hosts of the same VPC together. */
async function createFleets(
  url: string,
  region: string,
  plans: readonly (InstancePlan & { readonly vpc?: number })[],
): Promise<Record<string, FleetInstance>> {
  const vpcs = new Map<number, InstancePlan[]>();
  for (const { vpc = 0, ...plan } of plans) vpcs.set(vpc, [...(vpcs.get(vpc) ?? []), plan]);
  const made = await Promise.all([...vpcs.values()].map((fleet) => createFleet(url, region, fleet)));
  return Object.assign({}, ...made) as Record<string, FleetInstance>;
}

function withoutUndefined<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as never;
}
