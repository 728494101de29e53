/** What machines do by themselves for an incident, as soon as they may. Containment has a workflow of its own. */
import {
  blockersOf,
  FIVE_FACTS,
  operationalRespondersCameFirst,
  responseIsDetermined,
  type Blocker,
  type Gate,
} from './gates';
import type { Incident } from './incident';

function thereIsAPage(incident: Incident): Blocker | undefined {
  return incident.page ? undefined : { gate: 'thereIsAPage', reason: 'the page is not open yet' };
}

function thereIsARoom(incident: Incident): Blocker | undefined {
  return incident.room ? undefined : { gate: 'thereIsARoom', reason: 'the room is not open yet' };
}

export interface EffectDefinition {
  /** What it does, as words of the activity's summary. Seen in the Temporal UI; says nothing of the incident. */
  readonly title: string;
  readonly opensWhen: readonly Gate[];
}

export const EFFECTS = {
  pageIncidentCommander: { title: 'Page the incident commander', opensWhen: [] },
  openRoom: { title: 'Open the room and pin the checklist', opensWhen: [] },
  inviteResponders: { title: 'Invite operational responders to the room', opensWhen: [thereIsARoom] },
  pageResponders: { title: 'Page the operational responders', opensWhen: [thereIsAPage] },
  briefRoom: { title: 'Announce the call and the rules in the room', opensWhen: [thereIsARoom] },
  noteOnPage: { title: 'Note on the page where to meet', opensWhen: [thereIsAPage, thereIsARoom] },
  inviteExecutives: {
    title: 'Invite executives and legal counsel',
    opensWhen: [thereIsARoom, operationalRespondersCameFirst],
  },
  inviteMarketing: {
    title: 'Invite the marketing team',
    opensWhen: [thereIsARoom, responseIsDetermined, ...FIVE_FACTS],
  },
} as const satisfies Record<string, EffectDefinition>;

export type EffectId = keyof typeof EFFECTS;

export const EFFECT_IDS = Object.keys(EFFECTS) as EffectId[];

/** How an effect stands. */
export type EffectState =
  | { readonly state: 'waiting' }
  | {
      readonly state: 'running';
      readonly since: number;
      readonly attempt: number;
      /** Why the attempt before failed. */
      readonly lastCause?: string;
    }
  | { readonly state: 'done'; readonly at: number }
  | {
      readonly state: 'failed';
      readonly at: number;
      readonly attempt: number;
      readonly cause: string;
      readonly nextTryAt: number;
      /** A person asked for the next try at once. */
      readonly retryOrdered?: true;
    };

export function blockersOfEffect(id: EffectId, incident: Incident): Blocker[] {
  return blockersOf(EFFECTS[id].opensWhen, incident);
}

/** How long to wait after the given failed attempt: 5 s, doubled each time, at most 5 minutes. */
export function backOffMs(attempt: number): number {
  return Math.min(5_000 * 2 ** (attempt - 1), 300_000);
}
