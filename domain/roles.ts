/** Who may be who in an incident. */

export const ROLES = {
  incidentCommander: 'Incident commander',
  deputy: 'Deputy',
  scribe: 'Scribe',
  internalLiaison: 'Internal liaison',
  externalLiaison: 'External liaison',
  securityTeam: 'Security team',
  forensicsLead: 'Forensics lead',
  serviceRepresentative: 'Service representative',
  engineeringLeader: 'VP or Director of Engineering',
  executive: 'Executive stakeholder',
  legalCounsel: 'Legal counsel',
  marketing: 'Marketing team',
} as const;

export type Role = keyof typeof ROLES;

export const ROLE_IDS = Object.keys(ROLES) as Role[];

/** A person with roles in this incident. A person is known by the e-mail address of the company's directory. */
export interface Responder {
  readonly email: string;
  readonly roles: readonly Role[];
  /** The services that a service representative speaks for. */
  readonly services?: readonly string[];
  /** The SSH keys that this person signs decisions with, as OpenSSH writes public keys. */
  readonly keys?: readonly string[];
  /** Slack's id of this person, where it can't be found by the address. */
  readonly slack?: string;
  /** PagerDuty's id of this person, where it can't be found by the address. */
  readonly pagerduty?: string;
  /** To be rung by hand, where the pager can't be reached. */
  readonly phone?: string;
}

/** People who work on the attack itself, and are therefore called before everybody else. */
const OPERATIONAL: readonly Role[] = [
  'incidentCommander',
  'securityTeam',
  'deputy',
  'scribe',
  'forensicsLead',
  'internalLiaison',
  'externalLiaison',
];

/** "Executive stakeholders and legal counsel should be invited at earliest possible opportunity, but prioritize operational responders first." */
const AFTER_OPERATIONAL: readonly Role[] = ['engineeringLeader', 'executive', 'legalCounsel'];

/**
 * The operational responders in the order of their invitation: the incident command and the security team, which "should
 * always be included", then "a representative for any affected services".
 */
export function operationalResponders(roster: readonly Responder[], services: readonly string[]): string[] {
  const command = roster.filter(({ roles }) => roles.some((role) => OPERATIONAL.includes(role)));
  const representatives = roster.filter(
    (person) =>
      person.roles.includes('serviceRepresentative') &&
      person.services?.some((service) => services.includes(service)),
  );
  return unique([...command, ...representatives]);
}

/** Executive stakeholders and legal counsel, less those who are operational responders as well. */
export function executivesAndCounsel(roster: readonly Responder[], services: readonly string[]): string[] {
  const before = operationalResponders(roster, services);
  const after = roster.filter(({ roles }) => roles.some((role) => AFTER_OPERATIONAL.includes(role)));
  return unique(after).filter((email) => !before.includes(email));
}

/** The people who write for the public; they are brought in when there may be something to write. */
export function marketingTeam(roster: readonly Responder[]): string[] {
  return unique(roster.filter(({ roles }) => roles.includes('marketing')));
}

/** Affected services for which nobody on the roster speaks. */
export function servicesWithoutRepresentative(
  roster: readonly Responder[],
  services: readonly string[],
): string[] {
  return services.filter(
    (service) =>
      !roster.some(
        (person) => person.roles.includes('serviceRepresentative') && person.services?.includes(service),
      ),
  );
}

/** Directories and vendors spell one person's address in upper and lower case. */
export function isSameAddress(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** Whoever has that address, in whatever letters. */
export function personAt<P extends { readonly email: string }>(
  email: string,
  people: readonly P[],
): P | undefined {
  return people.find((person) => isSameAddress(person.email, email));
}

export function rolesOf(email: string, roster: readonly Responder[]): readonly Role[] {
  return personAt(email, roster)?.roles ?? [];
}

/** The address as the roster spells it, so that one person in two spellings is not two people. */
export function addressOnRoster(email: string, roster: readonly Responder[]): string {
  return personAt(email, roster)?.email ?? email;
}

/** "the incident commander or the security team" */
export function nameRoles(roles: readonly Role[]): string {
  return roles
    .map((role) => (role === 'legalCounsel' ? 'legal counsel' : `the ${lowerFirst(ROLES[role])}`))
    .join(' or ');
}

function lowerFirst(text: string): string {
  return /^[A-Z][a-z]/.test(text) ? text[0]?.toLowerCase() + text.slice(1) : text;
}

function unique(people: readonly Responder[]): string[] {
  return [...new Set(people.map(({ email }) => email))];
}
