/** Who takes part in this incident: the company's roster, with what the incident commander changed, without the excluded. */
import type { Incident } from './incident';
import type { OnCallPerson } from './on-call';
import { addressOnRoster, isSameAddress, personAt, rolesOf, type Responder, type Role } from './roles';

/** "The attack could be happening internally": this person hears nothing of it any more. It beats every role. */
export interface Exclusion {
  readonly at: number;
  readonly by: string;
  readonly reason: string;
  /** Taken out of the room, and whether the person had been in it. */
  readonly removed?: { readonly at: number; readonly wasThere: boolean; readonly cause?: string };
}

type Known = Pick<Incident, 'company' | 'roleChanges' | 'excluded' | 'scope'>;

/** Everybody, the excluded too: whose signature a message bears has to be told before it is refused. */
export function everybody({
  company,
  roleChanges,
  scope,
}: Pick<Incident, 'company' | 'roleChanges' | 'scope'>): Responder[] {
  const known = company.roster.map((person): Responder => {
    const roles = roleChanges[person.email];
    return roles === undefined ? person : { ...voiceOfServices(scope, roles), ...person, roles };
  });
  const added = Object.entries(roleChanges)
    .filter(([email]) => !company.roster.some((person) => person.email === email))
    .map(([email, roles]): Responder => ({ email, roles, ...voiceOfServices(scope, roles) }));
  return [...known, ...added];
}

/** Whom the incident commander makes a representative, and who speaks for no service yet, speaks for those that are affected. */
function voiceOfServices(
  { services }: Incident['scope'],
  roles: readonly Role[],
): Pick<Responder, 'services'> {
  return roles.includes('serviceRepresentative') ? { services } : {};
}

/** Those who take part. */
export function rosterOf(incident: Known): Responder[] {
  return everybody(incident).filter(({ email }) => !isExcluded(email, incident));
}

export function isExcluded(email: string, { excluded }: Pick<Incident, 'excluded'>): boolean {
  return Object.keys(excluded).some((one) => isSameAddress(one, email));
}

export function rolesIn(incident: Known, email: string): readonly Role[] {
  return rolesOf(email, rosterOf(incident));
}

/** The address as the incident spells it. */
export function addressIn(
  incident: Pick<Incident, 'company' | 'roleChanges' | 'scope'>,
  email: string,
): string {
  return addressOnRoster(email, everybody(incident));
}

export function holdersOf(role: Role, incident: Known): string[] {
  return rosterOf(incident)
    .filter(({ roles }) => roles.includes(role))
    .map(({ email }) => email);
}

/** Somebody to call, as the pager's schedule or the roster has them. */
export interface Callable {
  readonly email: string;
  readonly as: OnCallPerson['as'] | 'incident commander' | 'deputy';
  readonly phone?: string;
}

/**
 * In which order people are called until one of them acknowledges: who is on call, then every other incident commander of the
 * roster, then the deputies. Nobody twice, and none of the excluded.
 */
export function lineOf(incident: Known): Callable[] {
  const roster = rosterOf(incident);
  const phoneOf = (email: string) => personAt(email, roster)?.phone;
  const onCall = (incident.company.onCall?.people ?? [])
    .filter(({ email }) => !isExcluded(email, incident))
    .map(({ email, as, phone = phoneOf(email) }) => ({ email, as, ...(phone !== undefined && { phone }) }));
  const all: Callable[] = [...onCall, ...commandersOf(roster)];
  return all.filter((one, index) => all.findIndex(({ email }) => isSameAddress(email, one.email)) === index);
}

/** Whoever commands, and then the deputies: whom to call where no schedule says who is on call. */
export function commandersOf(
  people: readonly {
    readonly email: string;
    readonly roles?: readonly string[];
    readonly phone?: string;
  }[],
): Callable[] {
  const withRole = (role: Role, as: Callable['as']) =>
    people
      .filter(({ roles = [] }) => roles.includes(role))
      .map(({ email, phone }) => ({ email, as, ...(phone !== undefined && { phone }) }));
  return [...withRole('incidentCommander', 'incident commander'), ...withRole('deputy', 'deputy')];
}

/** Whom to ring by hand: "ic@example.com (primary) +1 555 0101; …". */
export function phonesInWords(incident: Known): string {
  const known = lineOf(incident).flatMap(({ email, as, phone }) =>
    phone === undefined ? [] : [`${email} (${as}) ${phone}`],
  );
  return known.length > 0
    ? `call by hand: ${known.join('; ')}`
    : 'no telephone number is known: give the roster some (phone), or look them up by hand';
}

/**
 * Those who are excluded and may still be in the room: nobody has looked yet, or Slack would not let them go. What is told there
 * waits for it.
 */
export function toBeRemoved({
  excluded,
  room,
  effects,
}: Pick<Incident, 'excluded' | 'room' | 'effects'>): string[] {
  if (!room) return [];
  const openedAt = effects.openRoom.state === 'done' ? effects.openRoom.at : 0;
  return Object.entries(excluded)
    .filter(([, { removed }]) => !removed || (removed.cause !== undefined && removed.at >= openedAt))
    .map(([email]) => email);
}
