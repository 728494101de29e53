import {
  addressOnRoster,
  executivesAndCounsel,
  marketingTeam,
  nameRoles,
  operationalResponders,
  ROLE_IDS,
  rolesOf,
  servicesWithoutRepresentative,
} from '../../domain/roles';
import {
  COUNSEL,
  ENGINEERING,
  EXECUTIVE,
  FORENSICS,
  IC,
  MARKETING,
  PAYMENTS,
  ROSTER,
  SECURITY,
  SERVICE,
  STRANGER,
} from '../support/incidents';

describe('the roster', () => {
  test('of the tests has somebody for every role', () => {
    expect(ROLE_IDS.filter((role) => !ROSTER.some(({ roles }) => roles.includes(role)))).toEqual([]);
  });

  test('calls the incident command and the security team first, then who speaks for an affected service', () => {
    const called = operationalResponders(ROSTER, [SERVICE]);
    expect(called).toEqual(expect.arrayContaining([IC, SECURITY, FORENSICS]));
    expect(called.at(-1)).toBe(PAYMENTS);
  });

  test('leaves out who speaks for a service that is not affected', () => {
    expect(operationalResponders(ROSTER, ['search'])).not.toContain(PAYMENTS);
    expect(operationalResponders(ROSTER, [])).toContain(SECURITY);
  });

  test('calls executives and counsel apart, and marketing with neither', () => {
    expect(executivesAndCounsel(ROSTER, [SERVICE])).toEqual([ENGINEERING, EXECUTIVE, COUNSEL]);
    expect(marketingTeam(ROSTER)).toEqual([MARKETING]);
    expect(operationalResponders(ROSTER, [SERVICE])).not.toContain(COUNSEL);
  });

  test('calls everybody once, who is an operational responder with the first', () => {
    const both = { email: 'both@example.com', roles: ['securityTeam', 'legalCounsel'] as const };
    const roster = [...ROSTER, both, both];
    const called = [...operationalResponders(roster, []), ...executivesAndCounsel(roster, [])];
    expect(called.filter((email) => email === both.email)).toEqual([both.email]);
    expect(operationalResponders(roster, [])).toContain(both.email);
  });

  test('knows for which affected service nobody speaks', () => {
    expect(servicesWithoutRepresentative(ROSTER, [SERVICE, 'search'])).toEqual(['search']);
  });

  test('counts only who represents a service, not who merely lists it', () => {
    const roster = [{ email: SECURITY, roles: ['securityTeam'] as const, services: ['search'] }];
    expect(servicesWithoutRepresentative(roster, ['search'])).toEqual(['search']);
  });

  test('knows people by their address, in whatever letters', () => {
    expect(rolesOf(IC.toUpperCase(), ROSTER)).toEqual(['incidentCommander']);
    expect(addressOnRoster(IC.toUpperCase(), ROSTER)).toBe(IC);
    expect(rolesOf(STRANGER, ROSTER)).toEqual([]);
    expect(addressOnRoster('Stranger@Example.com', ROSTER)).toBe('Stranger@Example.com');
  });
});

test.each([
  [['incidentCommander'], 'the incident commander'],
  [['engineeringLeader'], 'the VP or Director of Engineering'],
  [['incidentCommander', 'securityTeam'], 'the incident commander or the security team'],
  [[], ''],
] as const)('the roles %j are called "%s"', (roles, text) => {
  expect(nameRoles(roles)).toBe(text);
});
