/** Words inside and outside as people look at them: who may hear what, what is on its way, and what keeps it back. */
import { blockersOfStep } from './blockers';
import { nameChannel, NO_COMMUNICATION } from './communication';
import { isNamedLater, partiesOf, type Conversation, type Party, type Reached } from './contacts';
import { requestOfParty, type Blocker } from './gates';
import type { Incident, Statement } from './incident';
import { dispatchesOf, nameContent, type Dispatch } from './outbox';
import { audienceOf, blockersOfParty, blockersOfStatement, keyOnFile, pass, type Audience } from './outgoing';
import {
  requestIdOf,
  requestOfStatement,
  rolesStillNeeded,
  type ApprovalRequest,
  type RequestId,
} from './requests';
import { nameRoles } from './roles';
import { factsOfStatement } from './rules/statement';
import type { StatementFacts } from './statement/facts';
import type { Note } from './note';

export interface PartyView {
  readonly id: string;
  readonly kind: Party['kind'];
  readonly name: string;
  readonly email?: string;
  readonly phone?: string;
  readonly how?: string;
  readonly disclosure?: string;
  readonly hasKey: boolean;
  readonly named: 'register' | 'incident';
  /** By which they are approved; customers have none of their own. */
  readonly request?: RequestId;
  /** Why they may not be spoken to now. */
  readonly blockers: readonly Blocker[];
  readonly conversations: readonly Conversation[];
  readonly reached?: Reached;
}

export interface DispatchView {
  readonly id: string;
  readonly audience: Audience;
  readonly what: string;
  readonly state: Dispatch['state'];
  readonly by: string;
  readonly at: number;
  readonly sentAt?: number;
  readonly cause?: string;
  readonly nextTryAt?: number;
  /** Why it may not go out now, where it has not. */
  readonly blockers: readonly Blocker[];
}

interface Asked {
  readonly request: RequestId;
  readonly state: ApprovalRequest['state'];
  readonly waitsFor: readonly string[];
}

export interface CommunicationView {
  readonly codename: string;
  readonly parties: readonly PartyView[];
  readonly outbox: readonly DispatchView[];
  readonly note?: Note & Asked;
  readonly statement?: Statement & Asked;
  readonly statements: readonly Omit<Statement, 'text'>[];
  /** Why the statement may not go to the customers, and to the public. */
  readonly release: { readonly customers: readonly Blocker[]; readonly public: readonly Blocker[] };
  /** Why a statement may not even be prepared. */
  readonly draft: readonly Blocker[];
  /** The same of the internal note. */
  readonly draftOfNote: readonly Blocker[];
  readonly channels: {
    readonly inside: readonly string[];
    readonly public: readonly string[];
    readonly mail: boolean;
    readonly sms: boolean;
  };
  readonly timeZone: string;
  /** What a statement is held against. */
  readonly facts: StatementFacts;
}

/** `at`: now, in milliseconds since the epoch. */
export function communicationOf(incident: Incident, at: number): CommunicationView {
  const { declaration, note, statement, company } = incident;
  const known = company.communication ?? NO_COMMUNICATION;
  return {
    codename: declaration.codename,
    parties: partiesOf(incident).map((party) => viewOfParty(party, incident)),
    outbox: dispatchesOf(incident).map((dispatch) => viewOfDispatch(dispatch, incident, at)),
    ...(note && {
      note: {
        ...note,
        ...asked(requestIdOf({ kind: 'note', version: note.version, sha256: note.sha256 }), incident),
      },
    }),
    ...(statement && { statement: { ...statement, ...asked(requestOfStatement(statement), incident) } }),
    statements: incident.earlierStatements,
    release: blockersOfStatement(incident, at),
    draft: blockersOfStep('externalCommunication', incident),
    draftOfNote: blockersOfStep('internalCommunication', incident),
    channels: {
      inside: known.inside.map(nameChannel),
      public: known.public.map(({ name }) => name),
      mail: known.mail,
      sms: known.sms,
    },
    timeZone: known.timeZone,
    facts: factsOfStatement(incident),
  };
}

function asked(request: RequestId, { requests }: Incident): Asked {
  const found = requests[request];
  return {
    request,
    state: found?.state ?? 'open',
    waitsFor: found?.state === 'open' ? rolesStillNeeded(found).map(nameRoles) : [],
  };
}

function viewOfParty(party: Party, incident: Incident): PartyView {
  const { key, ...shown } = party;
  const known = incident.company.communication ?? NO_COMMUNICATION;
  // An id may be a name that every object answers to.
  const reached = Object.hasOwn(incident.reached, party.id) ? incident.reached[party.id] : undefined;
  return {
    ...shown,
    hasKey: key !== undefined || (party.email !== undefined && keyOnFile(party.email, known) !== undefined),
    named: isNamedLater(party, incident) ? 'incident' : 'register',
    ...(party.kind !== 'customer' && { request: requestOfParty(party, incident) }),
    blockers: blockersOfParty(party, incident),
    conversations: incident.conversations.filter((one) => one.party === party.id),
    ...(reached && { reached }),
  };
}

function viewOfDispatch(dispatch: Dispatch, incident: Incident, now: number): DispatchView {
  const { id, content, state, by, at, sentAt, cause, nextTryAt } = dispatch;
  const isOut = state === 'sent' || state === 'dropped';
  const passed = isOut ? undefined : pass(content, incident, now);
  return {
    id,
    audience: audienceOf(content),
    what: nameContent(content),
    state,
    by,
    at,
    ...(sentAt !== undefined && { sentAt }),
    ...(cause !== undefined && { cause }),
    ...(nextTryAt !== undefined && { nextTryAt }),
    blockers: passed && !passed.ok ? passed.blockers : [],
  };
}
