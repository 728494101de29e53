/** The state of one incident. It changes only through `decide`. All times are milliseconds since the epoch. */
import { TASK_IDS, taskOf, type TaskId } from './checklist';
import type { AskedDecision } from './asked';
import type { Assignment } from './assignments';
import type { Audience } from './audience';
import type { Awareness, ClockState } from './clocks';
import { CONTACT_IDS, type Conversation, type Party, type Reached } from './contacts';
import type { Containment } from './containment';
import type { Company } from './company';
import { EFFECT_IDS, type EffectId, type EffectState } from './effects';
import type { Entry } from './entries';
import type { Finding, FindingId } from './findings';
import { NO_EVIDENCE, type Evidence } from './evidence/store';
import type { Note } from './note';
import type { Dispatch } from './outbox';
import { NOBODY_CALLED, type Calling } from './paging';
import type { Paces } from './paces';
import type { Exclusion } from './people';
import { raiseRequest, requestIdOf, type ApprovalRequest, type RequestId } from './requests';
import type { CountedRefusal } from './refusals';
import type { Role } from './roles';
import type { Rotation } from './rotations';
import type { Scope } from './scope';
import type { Door } from './decisions';
import type { StepId } from './steps';
import type { Proof } from './trust/proof';

export type Phase =
  | { readonly name: 'assessing' }
  | { readonly name: 'responding'; readonly by: string; readonly at: number; readonly reason: string }
  | { readonly name: 'stoodDown'; readonly by: string; readonly at: number; readonly reason: string }
  | { readonly name: 'closed'; readonly by: string; readonly at: number };

export type TaskState =
  | { readonly state: 'open' }
  | {
      readonly state: 'done';
      readonly by: string;
      readonly at: number;
      readonly note?: string;
      readonly inDoubt?: Doubt;
    }
  | { readonly state: 'failed'; readonly by: string; readonly at: number; readonly cause: string }
  | { readonly state: 'notNeeded'; readonly by: string; readonly at: number; readonly reason: string };

/** The task was done behind a gate that has closed again since. */
export interface Doubt {
  readonly at: number;
  readonly because: string;
}

/** One of the two who end a step without it, or open a contact before forensics. */
export interface Voice {
  readonly by: string;
  readonly roles: readonly Role[];
  readonly at: number;
  readonly reason: string;
}

export interface Statement {
  readonly version: number;
  readonly text: string;
  /** Of the text, in hexadecimal digits. */
  readonly sha256: string;
  readonly by: string;
  readonly at: number;
}

export interface Page {
  readonly id: string;
  readonly url: string;
}

export interface Room {
  readonly id: string;
  readonly name: string;
  /** The pinned checklist's message. */
  readonly checklistId: string;
}

/** How the invitations of the operational responders went. */
export interface RoomInvitations {
  readonly at: number;
  readonly allJoined: boolean;
  readonly timeBoxRanOut: boolean;
}

/** What was declared. */
export interface Declaration {
  readonly codename: string;
  readonly summary: string;
  readonly by: string;
  readonly door: Door;
  readonly at: number;
  readonly scope: Scope;
  readonly finding?: DetectionFinding;
  /** By whom it was signed. */
  readonly proof?: Proof;
  /** Why its signature proves nothing. What it names is not contained before somebody has approved it. */
  readonly unproven?: string;
}

/** The detection that the declaration came from. */
export interface DetectionFinding {
  readonly id: string;
  readonly type: string;
  readonly title: string;
  /** 0.1 to 10, as GuardDuty counts. */
  readonly severity: number;
}

export interface Incident {
  readonly declaration: Declaration;
  readonly company: Company;
  readonly phase: Phase;
  readonly scope: Scope;
  readonly tasks: Readonly<Record<TaskId, TaskState>>;
  readonly assignments: Readonly<Partial<Record<TaskId, Assignment>>>;
  readonly findings: Readonly<Partial<Record<FindingId, Finding>>>;
  readonly requests: Readonly<Record<RequestId, ApprovalRequest>>;
  readonly glass: Readonly<Record<RequestId, readonly Voice[]>>;
  readonly withholding: Readonly<Partial<Record<StepId, readonly Voice[]>>>;
  /** Since when each step's gates have been open. */
  readonly openSince: Readonly<Partial<Record<StepId, number>>>;
  readonly effects: Readonly<Record<EffectId, EffectState>>;
  /** By the target's id. */
  readonly containments: Readonly<Record<string, Containment>>;
  readonly rotations: Readonly<Record<string, Rotation>>;
  readonly evidence: Evidence;
  /** The internal note of step 11. */
  readonly note?: Note;
  readonly statement?: Statement;
  /** Versions of the statement before this one; their texts are in the ledger. */
  readonly earlierStatements: readonly Omit<Statement, 'text'>[];
  /** Parties that were named during the incident, by their ids. */
  readonly parties: Readonly<Record<string, Party>>;
  readonly conversations: readonly Conversation[];
  /** How it went with each customer's security team, by the party's id. */
  readonly reached: Readonly<Record<string, Reached>>;
  /** By the dispatch's id. */
  readonly outbox: Readonly<Record<string, Dispatch>>;
  readonly messagesSoFar: number;
  readonly clockStates: Readonly<Record<string, ClockState>>;
  /** Since when the company has been aware of it, where that was before the declaration. */
  readonly awareness?: Awareness;
  readonly page?: Page;
  readonly calling: Calling;
  /** Roles that the incident commander changed, all that the person has now; by address. */
  readonly roleChanges: Readonly<Record<string, readonly Role[]>>;
  /** By address. */
  readonly excluded: Readonly<Record<string, Exclusion>>;
  /** The incident commander's role, offered to somebody who has to accept it. */
  readonly commandOffer?: { readonly to: string; readonly by: string; readonly at: number };
  /** The room's name where it is not the codename: somebody who was in the first one is excluded. */
  readonly roomName?: string;
  /** Names of rooms before this one. */
  readonly leftRooms: readonly string[];
  /** What was changed of them while the incident runs. */
  readonly paces: Partial<Paces>;
  readonly statusAskedAt?: number;
  /** Who can see what is going on, as far as the vendors tell; and since when somebody wants to know it anew. */
  readonly audience?: Audience;
  readonly audienceWantedSince?: number;
  readonly room?: Room;
  readonly invitations?: RoomInvitations;
  /** Requests that came without a proof, and that nobody has confirmed yet; by id. */
  readonly asked: Readonly<Record<string, AskedDecision>>;
  readonly askedSoFar: number;
  /** Somebody asked for the keys to be read anew: since when. */
  readonly keysWantedSince?: number;
  /** Refusals that came a moment ago, by what makes them the same. */
  readonly counting: Readonly<Record<string, CountedRefusal>>;
  /** Everything that was decided, done or refused, in order. */
  readonly entries: readonly Entry[];
}

/** The incident at the moment of its declaration, before anything was done. */
export function newIncident(declaration: Declaration, company: Company): Incident {
  const { at } = declaration;
  const contacts = CONTACT_IDS.map((contact) => ({ kind: 'contact', contact }) as const);
  return {
    declaration,
    company,
    phase: { name: 'assessing' },
    scope: declaration.scope,
    tasks: Object.fromEntries(
      TASK_IDS.map((id) => [
        id,
        taskOf(id).by.kind === 'declaration'
          ? { state: 'done', by: 'firebreak', at, note: 'given at the declaration' }
          : { state: 'open' },
      ]),
    ) as Record<TaskId, TaskState>,
    assignments: {},
    calling: NOBODY_CALLED,
    roleChanges: {},
    excluded: {},
    leftRooms: [],
    paces: {},
    findings: {},
    requests: Object.fromEntries(
      contacts.map((subject) => [requestIdOf(subject), raiseRequest(subject, at)]),
    ),
    glass: {},
    withholding: {},
    openSince: { assembleTeam: at },
    effects: Object.fromEntries(EFFECT_IDS.map((id) => [id, { state: 'waiting' }])) as Record<
      EffectId,
      EffectState
    >,
    containments: {},
    rotations: {},
    evidence: NO_EVIDENCE,
    asked: {},
    askedSoFar: 0,
    counting: {},
    entries: [],
    ...NOTHING_SAID,
  };
}

/** Of an incident from which no word has gone out. */
export const NOTHING_SAID = {
  earlierStatements: [],
  parties: {},
  conversations: [],
  reached: {},
  outbox: {},
  messagesSoFar: 0,
  clockStates: {},
} as const satisfies Partial<Incident>;

export function hasEnded({ phase }: Pick<Incident, 'phase'>): boolean {
  return phase.name === 'closed' || phase.name === 'stoodDown';
}
