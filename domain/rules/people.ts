/** Who takes part, and as what: roles, the command, and who is excluded. */
import { taskOf, TASK_IDS, type TaskId } from '../checklist';
import type { DecisionInput } from '../decisions';
import { FINDING_IDS } from '../findings';
import type { Incident } from '../incident';
import { invitePeopleAgain } from '../machine-tasks';
import { addressIn, everybody, holdersOf, isExcluded, rolesIn } from '../people';
import { askAnew } from '../requests';
import { nameRoles, ROLES, type Role } from '../roles';
import { accept, notSo, refuse, type Ruling } from './ruling';

/** "Appoint" somebody: from then on with that role, and in the room. */
export function giveRole(incident: Incident, { person, role }: DecisionInput<'giveRole'>): Ruling {
  const email = addressIn(incident, person);
  if (isExcluded(email, incident)) return refuse([excludedIs(email)]);
  const roles = rolesIn(incident, email);
  if (roles.includes(role))
    return refuse([notSo('roleIsNew', `${email} has the role ${ROLES[role]} already`)]);
  if (role === 'incidentCommander' && holdersOf(role, incident).length > 0)
    return refuse([
      notSo('commandIsHandedOver', 'the command is handed over, and accepted: offer it (hand-over-command)'),
    ]);
  const isNew = !everybody(incident).some((one) => one.email === email);
  return accept(
    invitePeopleAgain(withRoles(incident, email, [...roles, role])),
    `gave ${email} the role ${ROLES[role]}${isNew ? '; this person was not on the roster: without an SSH key there, decisions come through Slack' : ''}`,
  );
}

export function takeRole(incident: Incident, { person, role, reason }: DecisionInput<'takeRole'>): Ruling {
  const email = addressIn(incident, person);
  const roles = rolesIn(incident, email);
  if (!roles.includes(role))
    return refuse([notSo('roleIsTheirs', `${email} does not have the role ${ROLES[role]}`)]);
  if (role === 'incidentCommander' && holdersOf(role, incident).length === 1)
    return refuse([
      notSo(
        'somebodyCommands',
        'nobody else is incident commander: hand the command over (hand-over-command)',
      ),
    ]);
  return accept(
    withRoles(
      incident,
      email,
      roles.filter((one) => one !== role),
    ),
    `took the role ${ROLES[role]} from ${email} — ${reason}`,
  );
}

export function offerCommand(
  incident: Incident,
  { person, by }: DecisionInput<'offerCommand'>,
  at: number,
): Ruling {
  const to = addressIn(incident, person);
  if (isExcluded(to, incident)) return refuse([excludedIs(to)]);
  if (to === by) return refuse([notSo('commandIsAnothers', 'the command is yours already')]);
  if (rolesIn(incident, to).length === 0)
    return refuse([
      notSo('personIsOnTheRoster', `${to} is not on the roster of the incident: give them a role first`),
    ]);
  return accept(
    { ...incident, commandOffer: { to, by, at } },
    `offered the command to ${to}, who has to accept it; until then ${by} has it`,
  );
}

/** The new one commands, and whoever handed it over stays at hand as deputy. */
export function acceptCommand(incident: Incident, { by }: DecisionInput<'acceptCommand'>): Ruling {
  const { commandOffer: offer, ...rest } = incident;
  if (offer?.to !== by)
    return refuse([notSo('commandIsOffered', 'nobody has offered the command to this person')]);
  const before = rolesIn(incident, offer.by).filter(
    (role) => role !== 'incidentCommander' && role !== 'deputy',
  );
  const handed = withRoles(rest, offer.by, [...before, 'deputy']);
  const roles = rolesIn(incident, by).filter((role) => role !== 'incidentCommander');
  return accept(
    withRoles(handed, by, ['incidentCommander', ...roles]),
    `accepted the command from ${offer.by}, who is deputy now`,
  );
}

/**
 * A suspect hears nothing from then on. What rests on that person's word falls where it has not been used, and what has been
 * used is named, for people to look at again.
 */
export function exclude(
  incident: Incident,
  { person, by, reason }: DecisionInput<'exclude'>,
  at: number,
): Ruling {
  const email = addressIn(incident, person);
  if (isExcluded(email, incident)) return refuse([notSo('personTakesPart', `${email} is excluded already`)]);
  if (email === by) return refuse([notSo('suspectIsAnother', 'nobody excludes themselves')]);
  const { commandOffer, ...rest } = incident;
  const keepsOffer = commandOffer && commandOffer.to !== email && commandOffer.by !== email;
  const { acknowledged, ...calling } = incident.calling;
  const hadThePage = acknowledged?.by === email;
  const excluded: Incident = {
    ...rest,
    ...(keepsOffer && { commandOffer }),
    excluded: { ...incident.excluded, [email]: { at, by, reason } },
    assignments: Object.fromEntries(
      Object.entries(incident.assignments).filter(([, assignment]) => assignment.to !== email),
    ),
    requests: withoutVoiceOf(email, incident, at),
    glass: withoutVoicesOf(email, incident.glass),
    withholding: withoutVoicesOf(email, incident.withholding),
    calling: hadThePage ? { ...calling, isUrgent: true } : incident.calling,
    audienceWantedSince: at,
  };
  const findings = FINDING_IDS.filter((id) => incident.findings[id]?.by === email);
  const done = TASK_IDS.filter((id) => isDoneBy(email, id, incident));
  return accept(
    excluded,
    [
      `excluded ${email} — ${reason}`,
      ...(hadThePage ? ['the page was theirs: the next in line is called'] : []),
      ...(findings.length > 0 ? [`look again at what they recorded: ${findings.join(', ')}`] : []),
      ...(done.length > 0 ? [`and did: ${done.map((id) => taskOf(id).title).join('; ')}`] : []),
      ...(holdersOf('incidentCommander', excluded).length === 0
        ? [
            `nobody commands now: ${nameRoles(['deputy', 'securityTeam', 'legalCounsel'])} gives somebody the role`,
          ]
        : []),
    ].join('; '),
  );
}

export function readmit(incident: Incident, { person, reason }: DecisionInput<'readmit'>): Ruling {
  const email = addressIn(incident, person);
  if (!isExcluded(email, incident)) return refuse([notSo('personIsExcluded', `${email} is not excluded`)]);
  const { [email]: _taken, ...excluded } = incident.excluded;
  return accept(invitePeopleAgain({ ...incident, excluded }), `readmitted ${email} — ${reason}`);
}

export function lookWho(incident: Incident, at: number): Ruling {
  return accept({ ...incident, audienceWantedSince: at }, 'asked who can see this');
}

function withRoles(incident: Incident, email: string, roles: readonly Role[]): Incident {
  return { ...incident, roleChanges: { ...incident.roleChanges, [email]: [...new Set(roles)] } };
}

function excludedIs(email: string) {
  return notSo('personIsNotExcluded', `${email} is excluded: readmit them first`);
}

function isDoneBy(email: string, id: TaskId, { tasks }: Incident): boolean {
  const task = tasks[id];
  return task.state === 'done' && task.by === email;
}

/** A yes of the suspect counts no longer, unless what it allowed has begun: then it is a fact. */
function withoutVoiceOf(email: string, { requests }: Incident, at: number): Incident['requests'] {
  return Object.fromEntries(
    Object.entries(requests).map(([id, request]) => {
      const isTheirs = request.approvals.some(({ by }) => by === email);
      const hasBegun =
        request.state === 'approved' && ['containment', 'release'].includes(request.subject.kind);
      if (!isTheirs || hasBegun) return [id, request];
      const kept = request.approvals.filter(({ by }) => by !== email);
      return [id, { ...askAnew(request, at), approvals: kept }];
    }),
  );
}

/** Two voices together have done something; one alone waits for the other. */
function withoutVoicesOf<V extends { readonly by: string }>(
  email: string,
  voices: Readonly<Record<string, readonly V[]>>,
): Record<string, readonly V[]> {
  return Object.fromEntries(
    Object.entries(voices).flatMap(([id, some]) => {
      const kept = some.length < 2 ? some.filter(({ by }) => by !== email) : some;
      return kept.length > 0 ? [[id, kept]] : [];
    }),
  );
}
