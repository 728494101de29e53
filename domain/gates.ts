/**
 * The hard rules. Each gate answers why it is closed, or nothing where it is open; each quotes the sentence of the seed
 * that it encodes. "Tasks may be performed in parallel as assigned by the IC": what has no gate here may happen at once, in
 * any order.
 */
import { customersOf, isNamedLater, type ContactId, type Party } from './contacts';
import { FINDINGS, type FindingId } from './findings';
import {
  contactRequestsOf,
  requestIdOf,
  requestOfStatement,
  rolesStillNeeded,
  type ApprovalRequest,
} from './requests';
import { nameRoles } from './roles';
import type { Incident } from './incident';
import type { TaskId } from './checklist';

/** Why something may not happen yet. */
export interface Blocker {
  /** The gate's own name, for machines. */
  readonly gate: string;
  /** What is missing, as a clause after "locked because". */
  readonly reason: string;
  /** The seed's sentence that asks for it. */
  readonly source?: string;
}

export type Gate = (incident: Incident) => Blocker | undefined;

function needs(finding: FindingId, gate: string, reason: string): Gate {
  return (incident) =>
    incident.findings[finding] ? undefined : { gate, reason, source: FINDINGS[finding].source };
}

/** "Trigger the process anyway. … The Incident Commander will make a determination on if response is needed." */
export function responseIsDetermined(incident: Incident): Blocker | undefined {
  const { name } = incident.phase;
  if (name === 'responding' || name === 'closed') return undefined;
  return {
    gate: 'responseIsDetermined',
    reason:
      name === 'stoodDown'
        ? 'the incident commander determined that no response is needed'
        : 'the incident commander has not determined yet that a response is needed',
    source: 'The Incident Commander will make a determination on if response is needed.',
  };
}

/** "Once you are confident the systems are secured, …" */
export const systemsAreSecured = needs(
  'systemsSecured',
  'systemsAreSecured',
  'nobody has recorded that the systems are secured (finding systemsSecured)',
);

/** "… and enough monitoring is in place to detect another attack, you can move onto the forensic analysis stage." */
export const monitoringIsInPlace = needs(
  'monitoringInPlace',
  'monitoringIsInPlace',
  'nobody has recorded that enough monitoring is in place (finding monitoringInPlace)',
);

/** The tasks of step 10; while one is open, or done in doubt, forensic analysis has not been performed. */
export const FORENSIC_TASKS = [
  'combThroughEvidence',
  'identifyWhatHappened',
  'trackAttackAddresses',
  'watchForReturn',
] as const satisfies readonly TaskId[];

/** Without these there was no forensic analysis, whatever else is settled. They can't be "not needed". */
export const ESSENTIAL_FORENSIC_TASKS: readonly TaskId[] = ['combThroughEvidence', 'identifyWhatHappened'];

/** "Communicate internally only once you are confident (via forensic analysis) …" */
export function forensicAnalysisIsPerformed(incident: Incident): Blocker | undefined {
  const analysed = FORENSIC_TASKS.every((id) => {
    const task = incident.tasks[id];
    return (task.state === 'done' && !task.inDoubt) || task.state === 'notNeeded';
  });
  const stillHolds = !systemsAreSecured(incident) && !monitoringIsInPlace(incident);
  if (analysed && stillHolds) return undefined;
  return {
    gate: 'forensicAnalysisIsPerformed',
    reason: analysed
      ? 'forensic analysis is in doubt: its own conditions no longer hold'
      : 'forensic analysis (step 10) has not been performed',
    source:
      'Do not communicate with anyone not on the response team about the incident until forensics has been performed. The attack could be happening internally.',
  };
}

/** "… that the attack was not sourced internally." */
export function attackIsConfirmedExternal(incident: Incident): Blocker | undefined {
  const found = incident.findings.attackSource;
  if (found?.value === 'external') return undefined;
  return {
    gate: 'attackIsConfirmedExternal',
    reason: found
      ? 'forensic analysis found that the attack was sourced internally'
      : 'the forensics lead has not recorded that the attack was not sourced internally (finding attackSource=external)',
    source: FINDINGS.attackSource.source,
  };
}

/** "Once you have validated all of the information you have is accurate, …" */
export const informationIsValidated = needs(
  'informationValidated',
  'informationIsValidated',
  'the information is not validated as accurate (finding informationValidated)',
);

/** "… have a timeline of events, …" */
export const timelineIsEstablished = needs(
  'timelineEstablished',
  'timelineIsEstablished',
  'there is no timeline of events (finding timelineEstablished)',
);

/** "… and know exactly what information was compromised, …" */
export const compromisedDataIsKnown = needs(
  'compromisedDataKnown',
  'compromisedDataIsKnown',
  'it is not known exactly what information was compromised (finding compromisedDataKnown)',
);

/** "… how it was compromised, …" */
export const methodIsKnown = needs(
  'methodKnown',
  'methodIsKnown',
  'it is not known how it was compromised (finding methodKnown)',
);

/** "… and sure that it won't happen again." */
export const recurrenceIsPrevented = needs(
  'recurrencePrevented',
  'recurrenceIsPrevented',
  "nobody is sure that it won't happen again (finding recurrencePrevented)",
);

/** "Only then should you prepare and release a public statement": all five. */
export const FIVE_FACTS: readonly Gate[] = [
  informationIsValidated,
  timelineIsEstablished,
  compromisedDataIsKnown,
  methodIsKnown,
  recurrenceIsPrevented,
];

/** "Do not disseminate anything about the incident to those outside the response team until you have approval to do so." */
export function contactIsApproved(contact: ContactId): Gate {
  return (incident) => unapproved(contactRequestsOf(contact, incident.requests), `contact:${contact}`);
}

/** Of one party: its own approval where it was named during the incident, that of its kind where the register has it. */
export function partyIsApproved(party: Party): Gate {
  return (incident) => {
    const id = requestOfParty(party, incident);
    const request = incident.requests[id];
    return unapproved(request ? [request] : [], id);
  };
}

/** By which request a party is approved. */
export function requestOfParty(party: Party, incident: Pick<Incident, 'parties'>): string {
  const { id, kind } = party;
  return kind === 'customer'
    ? 'statement'
    : requestIdOf({
        kind: 'contact',
        contact: kind,
        ...(isNamedLater(party, incident) && { party: id }),
      });
}

function unapproved(requests: readonly ApprovalRequest[], id: string): Blocker | undefined {
  if (requests.some(({ state }) => state === 'approved')) return undefined;
  return {
    gate: 'contactIsApproved',
    reason: requests.some(({ state }) => state === 'refused')
      ? `this contact was refused (request ${id})`
      : `this contact is not approved (request ${id})`,
    source:
      'Do not disseminate anything about the incident to those outside the response team until you have approval to do so.',
  };
}

/** Forensics first, unless the incident commander and legal counsel have broken the glass for this contact. */
export function forensicsOrBrokenGlass(contact: ContactId): Gate {
  return (incident) =>
    contactRequestsOf(contact, incident.requests).some(({ glassBroken }) => glassBroken)
      ? undefined
      : forensicAnalysisIsPerformed(incident);
}

/** The same of one party. */
export function forensicsOrBrokenGlassFor(party: Party): Gate {
  return (incident) =>
    incident.requests[requestOfParty(party, incident)]?.glassBroken
      ? undefined
      : forensicAnalysisIsPerformed(incident);
}

/** "If possible, get in touch with customers' internal security teams before the general public notice is sent." */
export function customersTeamsAreReached(incident: Incident): Blocker | undefined {
  const task = incident.tasks.tellCustomersSecurityTeams;
  if ((task.state === 'done' && !task.inDoubt) || task.state === 'notNeeded') return undefined;
  return {
    gate: 'customersTeamsAreReached',
    reason:
      "the customers' security teams have not been reached, and nobody has recorded why not (task tellCustomersSecurityTeams)",
    source:
      "If possible, get in touch with customers' internal security teams before the general public notice is sent.",
  };
}

/** Each of them has been reached, or somebody has recorded why not. */
export function everyCustomerIsAccountedFor(incident: Incident): Blocker | undefined {
  const customers = customersOf(incident);
  const left = customers.filter(({ id }) => !Object.hasOwn(incident.reached, id)).map(({ id }) => id);
  if (left.length === 0) return undefined;
  return {
    gate: 'everyCustomerIsAccountedFor',
    reason: `of ${customers.length} customers' security teams in the register, ${left.length} have neither been reached nor is it recorded why not: ${left.slice(0, MOST_NAMED).join(', ')}${left.length > MOST_NAMED ? ' …' : ''}`,
    source:
      "If possible, get in touch with customers' internal security teams before the general public notice is sent.",
  };
}

const MOST_NAMED = 10;

/** The engineering leader's note has been submitted, and the incident commander approved that very text. */
export function noteIsApproved(incident: Incident): Blocker | undefined {
  const { note } = incident;
  const id = note && requestIdOf({ kind: 'note', version: note.version, sha256: note.sha256 });
  const request = id === undefined ? undefined : incident.requests[id];
  if (request?.state === 'approved') return undefined;
  return {
    gate: 'noteIsApproved',
    reason: !note
      ? 'no internal note has been submitted'
      : request?.state === 'refused'
        ? `version ${note.version} of the note was refused`
        : `version ${note.version} of the note is not approved (request ${id})`,
    source:
      'Do not disseminate anything about the incident to those outside the response team until you have approval to do so.',
  };
}

/** A text that passed its lint has been submitted, and Marketing, the incident commander and legal counsel approved that very text. */
export function statementIsApproved(incident: Incident): Blocker | undefined {
  const { statement } = incident;
  const id = statement && requestOfStatement(statement);
  const request = id === undefined ? undefined : incident.requests[id];
  if (request?.state === 'approved') return undefined;
  const waiting = request ? rolesStillNeeded(request).map(nameRoles) : [];
  return {
    gate: 'statementIsApproved',
    reason: !statement
      ? 'no statement has been submitted'
      : request?.state === 'refused'
        ? `version ${statement.version} of the statement was refused`
        : `version ${statement.version} of the statement is not approved (request ${id}; waiting for ${waiting.join(', ')})`,
    source:
      'Do not disseminate anything about the incident to those outside the response team until you have approval to do so.',
  };
}

/**
 * "Executive stakeholders and legal counsel should be invited at earliest possible opportunity, but prioritize operational
 * responders first."
 */
export function operationalRespondersCameFirst(incident: Incident): Blocker | undefined {
  const { invitations, tasks } = incident;
  if (invitations && (invitations.allJoined || invitations.timeBoxRanOut)) return undefined;
  // Without a room they are called by telephone, and a person says so.
  if (tasks.inviteAllResponders.state === 'done') return undefined;
  return {
    gate: 'operationalRespondersCameFirst',
    reason: invitations
      ? 'operational responders are invited first, and not all of them have joined yet'
      : 'the operational responders are not invited yet',
    source:
      'Executive stakeholders and legal counsel should be invited at earliest possible opportunity, but prioritize operational responders first.',
  };
}

/** What the gates say together. */
export function blockersOf(gates: readonly Gate[], incident: Incident): Blocker[] {
  return gates.map((gate) => gate(incident)).filter((blocker) => blocker !== undefined);
}
