/**
 * The stage of a drill: everything that an incident touches, on loopback, started together and ended together. What it is made
 * of stands in drill/stage/.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { startCodecServer, type CodecServer } from '../client/codec-server/server';
import { sealing } from '../codec/data-converter';
import { newKeyring, readKeyring, type Keyring } from '../codec/keyring';
import { createDoorKeys, DOOR_SECRETS, startPagerDutyDoor, startSlackDoor } from './doors';
import { createPeople, type DrillPeople } from './people';
import { startTemporal, startWorker, type RunningWorker, type TemporalServer } from './processes';
import type { Scenario } from './scenario';
import { createClosing, settled } from './stage/closing';
import {
  configurationFile,
  readConfiguration,
  withKeys,
  withPagerDutyIds,
  writeConfiguration,
  type DrillConfiguration,
} from './stage/configuration';
import {
  AWS_ENVIRONMENT,
  COLLEAGUES,
  createScene,
  startChat,
  startCloud,
  startPager,
  TOKENS,
} from './stage/vendors';
import { startWaysOut, WAYS_OUT_SECRETS, type WaysOut } from './stage/ways-out';
import type { AwsStandIn } from './stand-ins/aws';
import { createIpSets, type IpSet } from './stand-ins/aws-company';
import type { FleetInstance } from './stand-ins/aws-fleet';
import type { PagerDutyStandIn } from './stand-ins/pagerduty';
import type { SlackStandIn } from './stand-ins/slack';

export interface Stage {
  readonly root: string;
  readonly temporal: TemporalServer;
  readonly pagerduty: PagerDutyStandIn;
  readonly slack: SlackStandIn;
  readonly aws: AwsStandIn;
  /** Mail, SMS, and where the company publishes. */
  readonly waysOut: WaysOut;
  readonly client: Client;
  readonly fleet: Readonly<Record<string, FleetInstance>>;
  /** Instances that no scenario touches, for trying things by hand. */
  readonly spare: readonly FleetInstance[];
  readonly configuration: DrillConfiguration;
  readonly ipSets: readonly IpSet[];
  readonly folder: string;
  readonly people: DrillPeople;
  /** People of the company who are on no response team. */
  readonly colleagues: readonly string[];
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

const SPARE_NAMES = ['spare-1', 'spare-2'];

export async function setStage(options: {
  root: string;
  folder: string;
  scenario: Scenario;
  /** Every call to AWS takes 50 to 250 ms, once everything is there. */
  latency?: boolean;
}): Promise<Stage> {
  const { root, folder, scenario, latency = false } = options;
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
  // What makes the stage is not slowed down.
  let isSet = false;
  const closing = createClosing();
  const { kept } = closing;

  try {
    const [temporal, pagerduty, slack, aws, waysOut] = await settled([
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
      kept(startPager(configuration)),
      kept(startChat(configuration)),
      kept(startCloud(root, scenario, { latency, isSet: () => isSet })),
      startWaysOut(folder, configuration.communication, scenario, kept),
    ] as const);
    const env = {
      ...AWS_ENVIRONMENT,
      TEMPORAL_ADDRESS: temporal.address,
      FIREBREAK_CONFIG: configurationFile(folder),
      FIREBREAK_KEYRING_FILE: keyringFile,
      PAGERDUTY_TOKEN: TOKENS.pagerduty,
      SLACK_BOT_TOKEN: TOKENS.slack,
      FIREBREAK_PAGERDUTY_URL: pagerduty.url,
      FIREBREAK_SLACK_URL: slack.url,
      AWS_ENDPOINT_URL: aws.url,
    };
    // Nobody else is told how to send anything.
    const workerEnv = { ...env, ...waysOut.env };
    const ipSets = await createIpSets(aws.url, configuration.aws.region);
    writeConfiguration(folder, withPagerDutyIds(configuration, pagerduty), ipSets);
    const doors = { root, folder, env, keys: doorKeys };
    let worker: RunningWorker;
    const [, fleet, connection] = await settled([
      startWorker({ root, folder, env: workerEnv }).then((started) => {
        closing.add(() => worker.stop());
        return (worker = started);
      }),
      createScene(aws.url, configuration, scenario, SPARE_NAMES),
      Connection.connect({ address: temporal.address }),
      kept(startSlackDoor(doors, slack)),
      kept(startPagerDutyDoor(doors, pagerduty)),
    ] as const);
    isSet = true;
    closing.add(async () => codecServer?.close());
    closing.add(() => connection.close());
    return {
      root,
      temporal,
      pagerduty,
      slack,
      aws,
      waysOut,
      client: new Client({
        connection,
        identity: 'firebreak',
        dataConverter: sealing(keyring, 'throw'),
      }),
      fleet,
      spare: SPARE_NAMES.map((name) => fleet[name] as FleetInstance),
      configuration,
      ipSets,
      folder,
      people,
      colleagues: COLLEAGUES,
      doorKeys,
      keyringFile,
      keyring,
      codecServer: codecServer as unknown as CodecServer,
      codecLog,
      secrets: [TOKENS, DOOR_SECRETS, WAYS_OUT_SECRETS].flatMap((some) => Object.values(some)),
      workerHealth: () => worker.health,
      async replaceWorker() {
        await worker.kill();
        worker = await startWorker({ root, folder, env: workerEnv });
      },
      close: closing.closeAll,
    };
  } catch (error) {
    await closing.closeAll();
    throw error;
  }
}

/** Everybody who does something, on the roster or not. */
function peopleOf({ roster }: DrillConfiguration, { declare, acts }: Scenario): string[] {
  return [
    ...roster.map(({ email }) => email),
    declare.by,
    ...acts.flatMap(({ together }) => together.map(({ by }) => by)),
  ];
}

function ringOf(file: string): Keyring {
  const read = readKeyring(readFileSync(file, 'utf8'));
  if (!read.ok) throw new Error(`The drill's keyring is wrong: ${read.problems.join('; ')}`);
  return read.keyring;
}
