/** The company of a drill: firebreak.example.yaml, with what a scenario changes in it and what is known only once it stands. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { DOOR_NAMES } from '../doors';
import type { DrillPeople } from '../people';
import type { Scenario } from '../scenario';
import type { ColdStorage, IpSet } from '../stand-ins/aws-company';
import type { PagerDutyStandIn } from '../stand-ins/pagerduty';

/** The part of firebreak.example.yaml that the stand-ins are made from. */
export interface DrillConfiguration {
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
  readonly communication: DrillCommunication;
}

export interface DrillCommunication {
  readonly domains: readonly string[];
  readonly groups: Readonly<Record<string, readonly string[]>>;
  readonly mail: {
    readonly from: string;
    readonly server: { readonly user: string };
    readonly keys: string;
  };
  readonly inside: readonly { readonly slack?: string; readonly mail?: string }[];
  readonly public: readonly {
    readonly name: string;
    readonly webhook?: string;
    readonly file?: string;
    readonly statusPage?: string;
  }[];
  readonly contacts: readonly DrillParty[];
  readonly customers: readonly DrillParty[];
}

/** Somebody outside. */
export interface DrillParty {
  readonly id: string;
  readonly kind?: string;
  readonly name: string;
  readonly email?: string;
  readonly phone?: string;
}

/** Slack's own pace would make a drill long; the stand-in has no rate limit. */
const DRILL_PACE = '200 ms';

export function readConfiguration(root: string, scenario: Scenario): DrillConfiguration {
  // Nobody practises in a drill: what is judged at its end is the incident alone.
  const { practice: _practice, ...example } = parse(
    readFileSync(join(root, 'firebreak.example.yaml'), 'utf8'),
  ) as { practice?: unknown };
  const configuration = { ...example, slack: { pace: DRILL_PACE }, ...scenario.configuration };
  return configuration as unknown as DrillConfiguration;
}

export function withKeys(
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
export function withPagerDutyIds(
  configuration: DrillConfiguration,
  pagerduty: PagerDutyStandIn,
): DrillConfiguration {
  const roster = configuration.roster.map((person) => ({
    ...person,
    pagerduty: pagerduty.userIdOf(person.email),
  }));
  return { ...configuration, roster };
}

/** Where the worker reads it. */
export function configurationFile(folder: string): string {
  return join(folder, 'firebreak.yaml');
}

/** What has an id only once it was made is put in. */
export function writeConfiguration(
  folder: string,
  configuration: DrillConfiguration,
  wafIpSets: readonly IpSet[],
): void {
  const aws = { ...configuration.aws, perimeter: { wafIpSets } };
  writeFileSync(configurationFile(folder), stringify({ ...configuration, aws }));
}
