/** Who may decide what. One table for the handlers, the command line and the documents. */
import { findAsked } from './asked';
import { taskOf, type TaskId } from './checklist';
import type { Decision, DecisionName } from './decisions';
import { findingOf } from './findings';
import type { Blocker } from './gates';
import { hasEnded, type Incident } from './incident';
import { findRequest } from './requests';
import { addressIn, holdersOf, isExcluded, rolesIn } from './people';
import { nameRoles, ROLE_IDS, type Role } from './roles';

const COMMAND = ['incidentCommander'] as const;
/** Steps 12 and 13 are the engineering leader's; these speak for the company besides. */
const SPEAKERS = [
  'engineeringLeader',
  'incidentCommander',
  'deputy',
  'externalLiaison',
  'legalCounsel',
] as const;
const PAIR = ['incidentCommander', 'legalCounsel'] as const;

type Rule<N extends DecisionName> = (
  decision: Extract<Decision, { name: N }>,
  incident: Incident,
) => readonly Role[];

/** The roles that may take a decision. Tasks may also be decided by the person to whom they are assigned. */
const WHO: { readonly [N in DecisionName]: Rule<N> } = {
  completeTasks: ({ tasks }) => common(tasks.map(ownersOf)),
  failTask: ({ task }) => ownersOf(task),
  retryTask: ({ task }) => ownersOf(task),
  markNotNeeded: ({ tasks }) => common(tasks.map(ownersOf)),
  assignTask: () => ['incidentCommander', 'deputy'],
  recordFinding: ({ finding }) => findingOf(finding).recordedBy,
  withdrawFinding: ({ finding }) => [...new Set([...findingOf(finding).recordedBy, ...COMMAND])],
  widenScope: () => ['incidentCommander', 'deputy', 'securityTeam', 'forensicsLead'],
  determine: () => COMMAND,
  approve: voicesOf,
  refuse: (decision, incident) =>
    findAsked(incident, decision.request)
      ? ['incidentCommander', 'deputy', 'securityTeam']
      : voicesOf(decision, incident),
  withhold: () => PAIR,
  breakGlass: () => PAIR,
  orderStop: () => COMMAND,
  giveUp: () => ['incidentCommander', 'securityTeam'],
  release: () => ['incidentCommander', 'deputy', 'securityTeam', 'forensicsLead'],
  handOver: () => ['incidentCommander', 'forensicsLead', 'securityTeam'],
  lockForGood: () => ['incidentCommander', 'forensicsLead'],
  settleRotation: () => ['incidentCommander', 'deputy', 'securityTeam', 'serviceRepresentative'],
  submitNote: () => ['engineeringLeader'],
  send: () => SPEAKERS,
  sendSms: () => ['incidentCommander', 'deputy', 'internalLiaison', 'externalLiaison', 'securityTeam'],
  addContact: () => [...SPEAKERS, 'marketing'],
  logContact: () => SPEAKERS,
  reachCustomer: () => ['marketing', 'incidentCommander', 'externalLiaison'],
  releaseStatement: () => ['marketing', 'incidentCommander'],
  retrySend: () => [...SPEAKERS, 'marketing'],
  dropSend: () => [...SPEAKERS, 'marketing'],
  meetClock: () => ['legalCounsel', 'incidentCommander'],
  reopenClock: () => ['legalCounsel', 'incidentCommander'],
  setAwareness: () => ['legalCounsel', 'incidentCommander'],
  submitStatement: () => ['marketing', 'incidentCommander'],
  // Whoever may take the decision that is confirmed: `decide` asks for that one.
  confirm: () => [],
  renewKeys: () => ['incidentCommander', 'deputy', 'securityTeam'],
  // Whoever is woken may say so.
  acknowledge: () => ROLE_IDS,
  // Where nobody commands any more, those who found that out.
  giveRole: (_, incident) =>
    holdersOf('incidentCommander', incident).length > 0
      ? COMMAND
      : ['deputy', 'securityTeam', 'legalCounsel'],
  takeRole: () => COMMAND,
  offerCommand: () => COMMAND,
  // Whoever it was offered to: the rule looks.
  acceptCommand: () => ROLE_IDS,
  exclude: () => ['incidentCommander', 'securityTeam', 'legalCounsel'],
  readmit: () => PAIR,
  moveRoom: () => ['incidentCommander', 'deputy', 'securityTeam'],
  startTask: ({ task }) => ownersOf(task),
  setPace: () => ['incidentCommander', 'deputy'],
  lookWho: () => ['incidentCommander', 'deputy', 'securityTeam', 'legalCounsel'],
  close: () => COMMAND,
};

/** Why this person may not decide this, or nothing. Says nothing of whether it may be decided now. */
export function blockerOfSender(decision: Decision, incident: Incident): Blocker | undefined {
  const roles = rolesIn(incident, decision.by);
  if (hasEnded(incident)) return { gate: 'incidentRuns', reason: 'the incident has ended' };
  if (isExcluded(decision.by, incident))
    return { gate: 'senderIsNotExcluded', reason: 'this person is excluded from the incident' };
  if (roles.length === 0)
    return { gate: 'senderIsOnTheRoster', reason: 'this person is not on the roster of the incident' };
  if (isAssignee(decision, incident)) return undefined;
  const allowed = (WHO[decision.name] as Rule<DecisionName>)(decision, incident);
  if (allowed.length === 0 || allowed.some((role) => roles.includes(role))) return undefined;
  return { gate: 'senderHasTheRole', reason: `it is for ${nameRoles(allowed)} to decide` };
}

function ownersOf(task: Parameters<typeof taskOf>[0]): readonly Role[] {
  return [...new Set<Role>([taskOf(task).owner, ...COMMAND])];
}

/** The roles that may decide each of several tasks; where no one role owns all, the incident commander. */
function common(owners: readonly (readonly Role[])[]): readonly Role[] {
  const [first = COMMAND, ...rest] = owners;
  return first.filter((role) => rest.every((others) => others.includes(role)));
}

/** A request that does not exist has no voices; the rule then answers that it does not exist. */
function voicesOf({ request }: { readonly request: string }, incident: Incident): readonly Role[] {
  return [...new Set(findRequest(incident.requests, request)?.needs.flat() ?? [])];
}

function isAssignee(decision: Decision, incident: Incident): boolean {
  const by = addressIn(incident, decision.by);
  const isTheirs = (task: TaskId) => incident.assignments[task]?.to === by;
  switch (decision.name) {
    case 'completeTasks':
    case 'markNotNeeded':
      return decision.tasks.every(isTheirs);
    case 'failTask':
    case 'retryTask':
    case 'startTask':
      return isTheirs(decision.task);
    default:
      return false;
  }
}

/** Where it depends on what is decided about. */
const IN_WORDS: Partial<Record<DecisionName, string>> = {
  completeTasks: 'the owner of each task, its assignee, or the incident commander',
  failTask: 'the owner of the task, its assignee, or the incident commander',
  retryTask: 'the owner of the task, its assignee, or the incident commander',
  markNotNeeded: 'the owner of each task, its assignee, or the incident commander',
  startTask: 'the owner of the task, its assignee, or the incident commander',
  recordFinding: 'whoever the finding names (see docs/checklist.md)',
  withdrawFinding: 'whoever may record it, or the incident commander',
  approve: 'whoever the request names, each voice another person',
  refuse: 'whoever the request names',
  withhold: 'the incident commander and legal counsel, both',
  breakGlass: 'the incident commander and legal counsel, both',
  release:
    'the incident commander and a second person of the deputy, the security team or the forensics lead',
  confirm: 'whoever may take the decision that is confirmed',
  acknowledge: 'anybody on the roster',
  giveRole: 'the incident commander; where there is none, the deputy, the security team or legal counsel',
  acceptCommand: 'whoever it was offered to',
};

/** For people: who may take a decision. */
export function whoDecides(name: DecisionName): string {
  return IN_WORDS[name] ?? nameRoles((WHO[name] as () => readonly Role[])());
}
