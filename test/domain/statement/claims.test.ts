/** Vague words and claims, held against what an incident knows. */
import type { IncidentFacts } from '../../../domain/statement/facts';
import { lintStatement } from '../../../domain/statement/lint';
import { STATEMENT } from '../../support/incidents';
import { INCIDENT } from './support/facts';

const EMPTY: IncidentFacts = {
  declaredAt: INCIDENT.declaredAt,
  entries: 0,
  instances: 0,
  identities: 0,
  secrets: 0,
  addresses: [],
  users: [],
  services: [],
  findings: {},
};

const found = (sentence: string, incident: IncidentFacts) =>
  lintStatement(`${STATEMENT}\n${sentence}`, { parties: [], incident }).map(({ message }) => message);

const internal: IncidentFacts = {
  ...INCIDENT,
  findings: { ...INCIDENT.findings, attackSource: { value: 'internal', grounds: 'a badge' } },
};

describe('vague words', () => {
  test.each([
    ['A number of servers were compromised.', '3 instances'],
    ['Several of our hosts were affected.', '3 instances'],
    ['The attacker reached some internal systems.', '3 instances'],
    ['A small number of instances was isolated.', '3 instances'],
    ['Some credentials were stolen.', '2 secrets and 1 identity'],
    ['Multiple access keys were exposed.', '2 secrets and 1 identity'],
    ['Several employee accounts were used.', '1 user account and 1 identity'],
    ['We blocked various IP addresses.', '2 addresses'],
    ['Some of our services were affected.', '1 service (billing-api)'],
    ['We recently became aware of an attack.', '2026-11-22 02:14 UTC'],
    ['Last week, an attacker gained access.', '2026-11-22 02:14 UTC'],
    ['A few days ago we discovered a breach.', '2026-11-22 02:14 UTC'],
  ])('"%s" is vague: %s', (sentence, known) => {
    expect(found(sentence, INCIDENT)).toEqual([expect.stringContaining(known)]);
    expect(found(sentence, INCIDENT)[0]).toContain('is vague');
    // Of what the incident does not know, vague words may be all that there is.
    if (!known.includes('UTC')) expect(found(sentence, EMPTY)).toEqual([]);
  });

  test.each([
    'Several servers were compromised: three servers in all.',
    'Three of our servers were compromised; some of the servers were rebuilt twice, others were isolated.',
    'Last week, on 17 November, an attacker looked around.',
    'Recently, at 02:10 UTC on 22 November, we were attacked.',
    'A recently added check refuses such commits.',
    'Many systems have keys that nobody remembers.',
    'Several customers have asked us about the attack.',
    'If you use several servers, rotate the key on each of them.',
    'Some of your keys may have been read: rotate them.',
    'A number of customers were affected.',
    'We read various logs.',
  ])('"%s" is not', (sentence) => {
    expect(found(sentence, INCIDENT)).toEqual([]);
  });

  test('a timeline without a time is told with how many entries there are', () => {
    const draft = STATEMENT.replace(
      /^At 02:10.*$/m,
      'An attacker used a stolen key. We cut the attacker off.',
    );
    const messages = (incident: IncidentFacts) =>
      lintStatement(draft, { parties: [], incident }).map(({ message }) => message);
    expect(messages(INCIDENT)).toEqual([
      'the timeline has 14 entries, the draft shows none: no time and no date in this section',
    ]);
    expect(messages({ ...INCIDENT, entries: 1 })[0]).toContain(
      'the timeline has 1 entry, the draft shows none',
    );
    expect(messages(EMPTY)).toEqual([]);
  });

  test.each([
    'at 2 a.m.',
    'at 2:10 PM',
    'at 14h30',
    'at 0210 UTC',
    'at noon',
    'on 22 November',
    'on Nov 22nd',
    'on 2026-11-22',
    'on 22.11.',
    'um 02.10 Uhr',
    'on 22/11/2026',
  ])('a timeline that says "%s" says when', (when) => {
    const draft = STATEMENT.replace(/^At 02:10.*$/m, `An attacker came in ${when}. We cut the attacker off.`);
    expect(lintStatement(draft, { parties: [], incident: INCIDENT })).toEqual([]);
  });
});

describe('claims', () => {
  test.each([
    ['No systems were affected.', 'the scope names 3 instances'],
    ['None of our servers were compromised.', 'the scope names 3 instances'],
    ['Our systems were not breached.', 'the scope names 3 instances'],
    ['No services were affected.', 'the scope names 1 service: billing-api'],
    ['The billing API was not affected.', 'the scope names the service billing-api'],
    ['No data was compromised.', 'it is established what was'],
    ['No customer data was exposed.', 'it is established what was'],
    ['Customer data was not accessed.', 'it is established what was'],
    ['No data was exfiltrated.', 'it is established what was'],
    ['No credentials were stolen.', 'the scope names 2 secrets and 1 identity and 1 user account'],
    ['No keys were exposed.', 'the scope names 2 secrets'],
    ['No passwords were compromised.', 'used in the attack'],
    ['No employee accounts were used.', 'used in the attack'],
    ['The attack was carried out by an insider.', 'found the source to be external'],
    ['A former employee stole the data.', 'found the source to be external'],
    ['It was an inside job.', 'found the source to be external'],
    ['Two servers were compromised.', 'the scope names 3 instances'],
    ['The attacker accessed 5 of our servers.', 'the scope names 3 instances'],
    ['A single server was affected.', 'the scope names 3 instances'],
  ])('"%s" contradicts the incident: %s', (sentence, why) => {
    expect(found(sentence, INCIDENT)).toEqual([expect.stringContaining(why)]);
    expect(found(sentence, INCIDENT)[0]).toContain('contradicts the incident');
  });

  test.each([
    ['An outside attacker did it.', 'found the source to be internal'],
    ['The attack was sourced externally.', 'found the source to be internal'],
  ])('"%s" contradicts an incident from inside: %s', (sentence, why) => {
    expect(found(sentence, internal)).toEqual([expect.stringContaining(why)]);
    expect(found(sentence, INCIDENT)).toEqual([]);
  });

  test.each([
    ['This will never happen again.', "It is sure that it won't happen again"],
    ['It cannot recur.', "It is sure that it won't happen again"],
    ['We have made sure that this can no longer happen.', "It is sure that it won't happen again"],
    ['Our systems are now fully secure.', 'The systems are secured'],
    ['The attacker no longer has any access.', 'The systems are secured'],
    ['The incident has been fully contained.', 'The systems are secured'],
    ['Monitoring is now in place.', 'Enough monitoring is in place'],
    ['We know exactly what was taken.', 'It is known exactly what information was compromised'],
    ['We now know exactly how they came in.', 'It is known how it was compromised'],
    ['All of the information here has been validated.', 'All of the information is validated as accurate'],
    ['We have a complete timeline.', 'There is a timeline of events'],
    ['No data was compromised.', 'It is known exactly what information was compromised'],
  ])('"%s" needs somebody to have established it: %s', (sentence, title) => {
    expect(found(sentence, EMPTY)).toEqual([expect.stringContaining(`nobody has established: ${title}`)]);
  });

  test.each([
    'This will never happen again.',
    'Our systems are now fully secure.',
    'Monitoring is now in place.',
    'We know exactly what was taken, and we know exactly how.',
    'An external attacker used a stolen key.',
    'Three servers were compromised.',
    'The attacker reached one server first, and two further servers from there.',
    'No other systems were affected.',
    'No systems of our customers were affected.',
    'No payment systems were affected.',
    'Your systems were not affected.',
    'No data was changed or deleted.',
    'No data of other customers was read.',
    'No data was accessed on any other host.',
    'No customer passwords were exposed.',
    'No card numbers were exposed.',
    'No insider was involved, and no employee did anything wrong.',
    'We found no sign of an insider threat.',
    'The attack was not carried out by an insider.',
    "The attacker used an employee's token.",
    'An employee noticed the sign-in.',
    'Were any of our servers affected? No systems were affected?',
    'Forty servers were replaced.',
    'At least two servers were compromised.',
    '3 of our 400 servers were compromised.',
    'The search API was not affected.',
  ])('"%s" contradicts nothing', (sentence) => {
    expect(found(sentence, INCIDENT)).toEqual([]);
  });

  test.each([
    'We cannot promise that this will never happen again.',
    'We do not yet know exactly what was taken.',
    'Our systems are not yet secure.',
    'We will tell you once our systems are fully secured.',
    'We work to prevent that it happens again.',
  ])('"%s" claims nothing', (sentence) => {
    expect(found(sentence, EMPTY)).toEqual([]);
  });

  test('data may be denied where that is what was established', () => {
    const nothing = {
      ...INCIDENT,
      findings: {
        ...INCIDENT.findings,
        compromisedDataKnown: { grounds: 'no data was read; the disk was encrypted' },
      },
    };
    expect(found('No data was compromised. No customer data was accessed.', nothing)).toEqual([]);
  });
});
