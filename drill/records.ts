/** What a drill leaves to be judged: the incident's own entries, and what each vendor's stand-in wrote down by itself. */
import type { Entry } from '../domain/entries';
import type { ChecklistView } from '../domain/view';
import type { MessageRecords } from './messages';
import type { Call } from './stand-ins/recording-proxy';
import type { FleetState } from './stand-ins/aws-fleet';
import type { AclState, UserState } from './stand-ins/aws-inspection';
import type { Delivery, SlackRoomState } from './stand-ins/slack';
import type { ScenarioDecision } from './scenario';

export interface Records {
  readonly codename: string;
  readonly summary: string;
  readonly entries: readonly Entry[];
  readonly checklist: ChecklistView;
  readonly outcome: string;
  readonly expected: {
    readonly outcome: string;
    readonly steps: Readonly<Record<string, string>>;
    /** Decisions of the scenario that must have been refused. */
    readonly refusals: readonly ScenarioDecision[];
    /** Operational responders, and those who come after them, by e-mail. */
    readonly operational: readonly string[];
    readonly later: readonly string[];
    /** By which all decisions must have come, where it is one. */
    readonly door?: 'slack';
  };
  readonly pagerduty: {
    readonly calls: readonly Call[];
    readonly incidents: readonly {
      readonly title: string;
      readonly key?: string | undefined;
      readonly status: string;
    }[];
  };
  readonly slack: { readonly calls: readonly Call[]; readonly room?: SlackRoomState | undefined };
  /** What is needed to tell who was sent what. */
  readonly people?: {
    /** Slack's id of somebody, and PagerDuty's. */
    readonly idOf: (email: string) => string | undefined;
    readonly pagerIdOf: (email: string) => string | undefined;
    /** What Slack told the app, with how long each answer took. */
    readonly deliveries: readonly Delivery[];
    /** The incident's rooms, and the conversations with one person, by their ids in Slack. */
    readonly rooms: readonly string[];
    readonly direct: readonly string[];
    /** The company's own channels: what is said in them is judged with the other messages. */
    readonly company?: readonly string[];
    /** Phones that rang. */
    readonly rung: readonly { readonly at: number; readonly email: string }[];
  };
  /** What left the company. */
  readonly messages?: MessageRecords;
  /** What checking the evidence folder found. */
  readonly evidence: readonly string[];
  readonly aws: {
    readonly calls: readonly Call[];
    /** By instance, as AWS shows it at the end. */
    readonly fleet: Readonly<Record<string, FleetState>>;
    /** Instances of the fleet that were released again. */
    readonly released: readonly string[];
    readonly acls: readonly AclState[];
    /** The mode of each locked snapshot, by its id, where the instances are and in cold storage. */
    readonly locks: Readonly<Record<string, string>>;
    readonly coldLocks: Readonly<Record<string, string>>;
    readonly attackers: readonly string[];
    readonly blockedByWaf: readonly string[];
    readonly users: Readonly<Record<string, UserState>>;
    readonly quarantineGroup: string;
    /** Instances that a scaling group terminated, because they were stopped while they were members. */
    readonly lost: readonly { readonly instanceId: string }[];
  };
}
