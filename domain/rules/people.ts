/** Who takes part, and as what: roles, the command, and who is excluded. */
import { taskOf, TASK_IDS, type TaskId } from '../checklist';
import type { DecisionInput } from '../decisions';
import { FINDING_IDS } from '../findings';
import type { Incident } from '../incident';
import { inviteEverybodyAgain } from '../machine-tasks';
import { addressIn, everybody, holdersOf, isExcluded, lineOf, rolesIn } from '../people';
import { askAnew, rolesStillNeeded, type ApprovalRequest } from '../requests';
import { isSameAddress, nameRoles, ROLES, type Role } from '../roles';
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
    inviteEverybodyAgain(withRoles(incident, email, [...roles, role])),
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
  if (!rolesIn(incident, offer.by).includes('incidentCommander'))
    return refuse([notSo('commandIsTheirs', `${offer.by}, who offered it, has the command no longer`)]);
  const before = rolesIn(incident, offer.by).filter(
    (role) => role !== 'incidentCommander' && role !== 'deputy',
  );
  const handed = withRoles(rest, offer.by, [...before, 'deputy']);
  const roles = rolesIn(incident, by).filter((role) => role !== 'incidentCommander');
  return accept(
    inviteEverybodyAgain(withRoles(handed, by, ['incidentCommander', ...roles])),
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
  // The pager goes on ringing with whoever was called last, and by its own rules with the primary.
  const mayRing =
    !acknowledged &&
    calling.since !== undefined &&
    lineOf(incident).some((one) => isSameAddress(one.email, email));
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
    asked: Object.fromEntries(
      Object.entries(incident.asked).filter(([, { by: one }]) => !isSameAddress(one, email)),
    ),
    calling: hadThePage || mayRing ? { ...calling, isUrgent: true } : incident.calling,
    audienceWantedSince: at,
  };
  const findings = FINDING_IDS.filter((id) => incident.findings[id]?.by === email);
  const settled = TASK_IDS.filter((id) => isSettledBy(email, id, incident));
  const refused = Object.keys(incident.requests).filter((id) => incident.requests[id]?.refusal?.by === email);
  const again = [
    ...(findings.length > 0 ? [`what they recorded: ${findings.join(', ')}`] : []),
    ...(settled.length > 0 ? [`what they settled: ${settled.map((id) => taskOf(id).title).join(', ')}`] : []),
    ...(refused.length > 0 ? [`what they refused: ${refused.join(', ')}`] : []),
    ...(incident.statement?.by === email ? ['the statement, which they wrote'] : []),
  ];
  return accept(
    excluded,
    [
      `excluded ${email} — ${reason}`,
      ...(hadThePage ? ['the page was theirs: the next in line is called'] : []),
      ...(again.length > 0 ? [`look again at ${again.join('; at ')}`] : []),
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
  // Somebody who is not on the roster may be named in other letters this time.
  const known = Object.keys(incident.excluded).find((one) => isSameAddress(one, email));
  if (known === undefined) return refuse([notSo('personIsExcluded', `${email} is not excluded`)]);
  const { [known]: _taken, ...excluded } = incident.excluded;
  return accept(inviteEverybodyAgain({ ...incident, excluded }), `readmitted ${known} — ${reason}`);
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

function isSettledBy(email: string, id: TaskId, { tasks }: Incident): boolean {
  const task = tasks[id];
  return (task.state === 'done' || task.state === 'notNeeded') && task.by === email;
}

/** A yes of the suspect counts no longer, unless what it allowed has begun: then it is a fact. */
function withoutVoiceOf(email: string, { requests, glass }: Incident, at: number): Incident['requests'] {
  return Object.fromEntries(
    Object.entries(requests).map(([id, request]) => {
      const voices = [...request.approvals, ...((request.glassBroken && glass[id]) || [])];
      const isTheirs = voices.some(({ by }) => by === email);
      const hasBegun =
        request.state === 'approved' && ['containment', 'release'].includes(request.subject.kind);
      if (!isTheirs || hasBegun) return [id, request];
      const kept = request.approvals.filter(({ by }) => by !== email);
      const anew: ApprovalRequest = { ...askAnew(request, at), approvals: kept };
      // What a broken glass allowed may have been approved by somebody else as well.
      const isApproved = request.state === 'approved' && rolesStillNeeded(anew).length === 0;
      return [id, isApproved ? { ...anew, state: 'approved' } : anew];
    }),
  );
}

/** One of two alone waits for another: neither a step is withheld by a suspect, nor a glass broken. */
function withoutVoicesOf<V extends { readonly by: string }>(
  email: string,
  voices: Readonly<Record<string, readonly V[]>>,
): Record<string, readonly V[]> {
  return Object.fromEntries(
    Object.entries(voices).flatMap(([id, some]) => {
      const kept = some.filter(({ by }) => by !== email);
      return kept.length > 0 ? [[id, kept]] : [];
    }),
  );
}
