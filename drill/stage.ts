/** The stage of a drill: everything that an incident touches, on loopback, started together and ended together. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { parse, stringify } from 'yaml';
import { startCodecServer, type CodecServer } from '../client/codec-server/server';
import { sealing } from '../codec/data-converter';
import { newKeyring, readKeyring, type Keyring } from '../codec/keyring';
import { ec2Buckets } from './hardships';
import { createDoorKeys, DOOR_NAMES, DOOR_SECRETS, startPagerDutyDoor, startSlackDoor } from './doors';
import { createPeople, type DrillPeople } from './people';
import {
  startTemporal,
  startWorker,
  type Running,
  type RunningWorker,
  type TemporalServer,
} from './processes';
import { PUBLIC_CHANNEL, type Scenario } from './scenario';
import { startAws, type AwsStandIn } from './stand-ins/aws';
import {
  createForensicAccount,
  createIpSets,
  createProfile,
  createSecret,
  createUser,
  type ColdStorage,
  type IpSet,
} from './stand-ins/aws-company';
import { createFleet, type FleetInstance, type InstancePlan } from './stand-ins/aws-fleet';
import { startPagerDuty, type PagerDutyStandIn } from './stand-ins/pagerduty';
import { startSlack, type SlackStandIn } from './stand-ins/slack';

export interface Stage {
  readonly root: string;
  readonly temporal: TemporalServer;
  readonly pagerduty: PagerDutyStandIn;
  readonly slack: SlackStandIn;
  readonly aws: AwsStandIn;
  readonly client: Client;
  readonly fleet: Readonly<Record<string, FleetInstance>>;
  /** Instances that no scenario touches, for trying things by hand. */
  readonly spare: readonly FleetInstance[];
  readonly configuration: DrillConfiguration;
  readonly ipSets: readonly IpSet[];
  readonly folder: string;
  readonly people: DrillPeople;
  /** The keys of the doors, by their names. */
  readonly doorKeys: DrillPeople;
  readonly keyringFile: string;
  readonly keyring: Keyring;
  /** Opens what is sealed, for the Web UI. */
  readonly codecServer: CodecServer;
  /** What it has logged so far, a line each. */
  readonly codecLog: readonly string[];
  /** Tokens that nobody may see. */
  readonly secrets: readonly string[];
  /** Where the worker that runs now says so. */
  workerHealth(): string;
  /** The worker dies as by a power cut, and another one is started. */
  replaceWorker(): Promise<void>;
  close(): Promise<void>;
}

/** The part of firebreak.example.yaml that the stand-ins are made from. */
interface DrillConfiguration {
  readonly authority: string;
  readonly roster: readonly {
    readonly email: string;
    readonly roles: readonly string[];
    readonly keys?: readonly string[];
    readonly phone?: string;
    readonly pagerduty?: string;
  }[];
  readonly doors: Readonly<Record<string, readonly string[]>>;
  readonly pagerduty: {
    readonly from: string;
    readonly serviceId: string;
    readonly escalationPolicyId: string;
  };
  readonly aws: { readonly region: string; readonly perimeter?: object };
  readonly coldStorage: ColdStorage;
}

const TOKENS = { pagerduty: 'drill-pagerduty-token', slack: 'xoxb-drill-slack-token' };

/** What the AWS SDK insists on; the stand-in does not check it. */
const AWS_ENVIRONMENT = {
  AWS_ACCESS_KEY_ID: 'AKIADRILLDRILLDRILL0',
  AWS_SECRET_ACCESS_KEY: 'drill',
  AWS_REGION: 'us-east-1',
  AWS_EC2_METADATA_DISABLED: 'true',
  // The SDK's notice of a newer Node stands in CONTRIBUTING.md; in a drill it would hide what happens.
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
};

/** Slack's own pace would make a drill long; the stand-in has no rate limit. */
const DRILL_PACE = '200 ms';

export async function setStage(options: {
  root: string;
  folder: string;
  scenario: Scenario;
  /** Every call to AWS takes 50 to 250 ms, once everything is there. */
  latency?: boolean;
}): Promise<Stage> {
  const { root, folder, scenario } = options;
  mkdirSync(folder, { recursive: true });
  Object.assign(process.env, AWS_ENVIRONMENT);
  const read = readConfiguration(root, scenario);
  const people = await createPeople(folder, peopleOf(read, scenario));
  const doorKeys = await createDoorKeys(folder);
  const configuration = withKeys(read, people, doorKeys);
  const keyringFile = join(folder, 'keyring.yaml');
  writeFileSync(keyringFile, newKeyring('drill'), { mode: 0o600 });
  const keyring = ringOf(keyringFile);
  let codecServer: CodecServer | undefined;
  const codecLog: string[] = [];
  const users = configuration.roster.map(({ email }) => ({ email, name: email.split('@')[0] ?? email }));

  // What makes the stage is not slowed down.
  let isSet = false;
  const closing: (() => Promise<unknown>)[] = [];
  const closeAll = async () => {
    // One that can't be closed in order keeps none of the others open.
    for (const close of closing.splice(0).reverse()) await close().catch(() => undefined);
  };
  const kept = async <T extends { close(): Promise<void> } | Running>(starting: Promise<T>): Promise<T> => {
    const started = await starting;
    closing.push(() => ('close' in started ? started.close() : started.stop()));
    return started;
  };

  try {
    const started = await settled([
      kept(
        startTemporal({
          root,
          folder,
          async codecFor(origin) {
            // Another attempt on other ports has another origin.
            await codecServer?.close();
            codecServer = await startCodecServer({
              port: 0,
              origins: [origin],
              roster: () => configuration.roster,
              keyring,
              namespaces: ['default'],
              log: (line) => void codecLog.push(line),
            });
            return codecServer.url;
          },
        }),
      ),
      kept(
        startPagerDuty({
          token: TOKENS.pagerduty,
          users,
          ...servicesOf(configuration),
          onCall: commandersOf(configuration).map((email, index) => ({ email, level: index + 1 })),
        }),
      ),
      kept(
        startSlack({ users, token: TOKENS.slack, channels: [{ name: PUBLIC_CHANNEL }], app: DOOR_SECRETS }),
      ),
      kept(
        startAws({
          python: join(root, '.venv'),
          snapshotMs: scenario.cloud.snapshotMs,
          ...(options.latency ? { latencyMs: [50, 250], isSlow: () => isSet } : {}),
          ...(scenario.cloud.buckets
            ? { buckets: (action) => (isSet ? ec2Buckets(action) : undefined) }
            : {}),
        }),
      ),
    ] as const);
    const [temporal, pagerduty, slack, aws] = started;
    const env = {
      ...AWS_ENVIRONMENT,
      TEMPORAL_ADDRESS: temporal.address,
      FIREBREAK_CONFIG: join(folder, 'firebreak.yaml'),
      FIREBREAK_KEYRING_FILE: keyringFile,
      PAGERDUTY_TOKEN: TOKENS.pagerduty,
      SLACK_BOT_TOKEN: TOKENS.slack,
      FIREBREAK_PAGERDUTY_URL: pagerduty.url,
      FIREBREAK_SLACK_URL: slack.url,
      AWS_ENDPOINT_URL: aws.url,
    };
    const { region } = configuration.aws;
    const ipSets = await createIpSets(aws.url, region);
    writeConfiguration(folder, withPagerDutyIds(configuration, pagerduty), ipSets);
    const doors = { root, folder, env, keys: doorKeys };
    let worker: RunningWorker;
    const spareNames = ['spare-1', 'spare-2'];
    const [, fleet, connection] = await settled([
      startWorker({ root, folder, env }).then((started) => {
        closing.push(() => worker.stop());
        return (worker = started);
      }),
      createScene(aws.url, configuration, scenario, spareNames),
      Connection.connect({ address: temporal.address }),
      kept(startSlackDoor(doors, slack)),
      kept(startPagerDutyDoor(doors, pagerduty)),
    ] as const);
    isSet = true;
    closing.push(async () => codecServer?.close());
    closing.push(() => connection.close());
    return {
      root,
      temporal,
      pagerduty,
      slack,
      aws,
      client: new Client({
        connection,
        identity: 'firebreak',
        dataConverter: sealing(keyring, 'throw'),
      }),
      fleet,
      spare: spareNames.map((name) => fleet[name] as FleetInstance),
      configuration,
      ipSets,
      folder,
      people,
      doorKeys,
      keyringFile,
      keyring,
      codecServer: codecServer as unknown as CodecServer,
      codecLog,
      secrets: [...Object.values(TOKENS), ...Object.values(DOOR_SECRETS)],
      workerHealth: () => worker.health,
      async replaceWorker() {
        await worker.kill();
        worker = await startWorker({ root, folder, env });
      },
      close: closeAll,
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

/** Waits for all, so that what did start can be ended where another did not. */
async function settled<T extends readonly Promise<unknown>[]>(
  all: T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  const results = await Promise.allSettled(all);
  const failed = results.find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
  return results.map((result) => (result as PromiseFulfilledResult<unknown>).value) as never;
}

/** The company in AWS: its instances and what else a scenario names, and the forensic account. */
async function createScene(
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

function readConfiguration(root: string, scenario: Scenario): DrillConfiguration {
  // Nobody practises in a drill: what is judged at its end is the incident alone.
  const { practice: _practice, ...example } = parse(
    readFileSync(join(root, 'firebreak.example.yaml'), 'utf8'),
  ) as { practice?: unknown };
  const configuration = { ...example, slack: { pace: DRILL_PACE }, ...scenario.configuration };
  return configuration as unknown as DrillConfiguration;
}

/** Everybody who does something, on the roster or not. */
function peopleOf({ roster }: DrillConfiguration, { declare, acts }: Scenario): string[] {
  return [
    ...roster.map(({ email }) => email),
    declare.by,
    ...acts.flatMap(({ together }) => together.map(({ by }) => by)),
  ];
}

function withKeys(
  configuration: DrillConfiguration,
  people: DrillPeople,
  doorKeys: DrillPeople,
): DrillConfiguration {
  const roster = configuration.roster.map((person) => ({
    ...person,
    keys: [people.signerOf(person.email).publicKey],
  }));
  const doors = Object.fromEntries(DOOR_NAMES.map((name) => [name, [doorKeys.signerOf(name).publicKey]]));
  return { ...configuration, roster, doors };
}

/** PagerDuty's door knows people by PagerDuty's own ids alone. */
function withPagerDutyIds(
  configuration: DrillConfiguration,
  pagerduty: PagerDutyStandIn,
): DrillConfiguration {
  const roster = configuration.roster.map((person) => ({
    ...person,
    pagerduty: pagerduty.userIdOf(person.email),
  }));
  return { ...configuration, roster };
}

/** Who is on call: the first is woken first. */
function commandersOf({ roster }: DrillConfiguration): string[] {
  return roster.filter(({ roles }) => roles.includes('incidentCommander')).map(({ email }) => email);
}

function ringOf(file: string): Keyring {
  const read = readKeyring(readFileSync(file, 'utf8'));
  if (!read.ok) throw new Error(`The drill's keyring is wrong: ${read.problems.join('; ')}`);
  return read.keyring;
}

/** What has an id only once it was made is put in. */
function writeConfiguration(folder: string, configuration: DrillConfiguration, wafIpSets: IpSet[]): void {
  const aws = { ...configuration.aws, perimeter: { wafIpSets } };
  writeFileSync(join(folder, 'firebreak.yaml'), stringify({ ...configuration, aws }));
}

function servicesOf({ pagerduty }: DrillConfiguration) {
  return { serviceId: pagerduty.serviceId, escalationPolicyId: pagerduty.escalationPolicyId };
}

function withoutUndefined<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as never;
}
