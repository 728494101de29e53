import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { blockersOfStep, blockersOfTask } from '../../domain/blockers';
import { TASK_IDS, taskOf } from '../../domain/checklist';
import { CONTACT_IDS, type Party } from '../../domain/contacts';
import { blockersOfStop, type StopConditions } from '../../domain/containment';
import { blockersOfEffect } from '../../domain/effects';
import * as gates from '../../domain/gates';
import type { Blocker, Gate } from '../../domain/gates';
import type { Incident } from '../../domain/incident';
import { STEP_IDS } from '../../domain/steps';
import {
  addContact,
  after,
  afterReports,
  analysed,
  approve,
  assembled,
  breakGlass,
  complete,
  connected,
  contactsApproved,
  COUNSEL,
  CUSTOMER_ONE,
  CUSTOMER_TWO,
  declared,
  effectsDone,
  ENGINEERING,
  EVERYBODY_JOINED,
  externalConfirmed,
  FIVE_FACTS,
  fiveFacts,
  FORENSICS,
  forensicsPerformed,
  IC,
  INSURER,
  internalFound,
  MARKETING,
  NOTE,
  noteApproved,
  notNeeded,
  reach,
  readyToRelease,
  reasonsAgainst,
  record,
  refuse,
  requestOfNote,
  responding,
  ROSTER,
  SECURITY,
  STATEMENT,
  STATEMENT_1,
  statementApproved,
  statementSubmitted,
  STATES,
  submit,
  submitNote,
  systemsSecured,
  THREE_AM,
  withdraw,
} from '../support/incidents';

const SEED = readFileSync(join(__dirname, '../../docs/seed/security-incident-response.md'), 'utf8');

const contacted = { contactFbi: 'contact:fbi', contactExternalParties: 'contact:externalParties' } as const;
const onlyFbi = gates.forensicsOrBrokenGlass('fbi');
const glassBroken = () =>
  after(responding(), breakGlass(IC, 'contact:fbi'), breakGlass(COUNSEL, 'contact:fbi'));
const invited = (allJoined: boolean, timeBoxRanOut: boolean) =>
  afterReports(declared(), {
    name: 'invitationsChecked',
    invitations: { at: THREE_AM, allJoined, timeBoxRanOut },
  });

interface Case {
  readonly gate: Gate;
  readonly when: string;
  readonly incident: () => Incident;
  /** What the reason has to say; absent where the gate is open. */
  readonly because?: string;
}

const fact = (gate: Gate, finding: (typeof FIVE_FACTS)[number], because: string): Case[] => [
  { gate, when: 'nobody recorded it', incident: responding, because },
  { gate, when: 'it is recorded', incident: () => after(responding(), record(IC, finding)) },
  {
    gate,
    when: 'it was withdrawn again',
    incident: () => after(fiveFacts(), withdraw(FORENSICS, finding)),
    because: `finding ${finding}`,
  },
];

// The insurer is in the register; the second office was named during the incident.
const [REGISTERED, NAMED] = [
  { id: INSURER, kind: 'cyberInsurance', name: 'Example Insurance' },
  { id: 'second-office', kind: 'fbi', name: 'Another office' },
] as const satisfies readonly Party[];
const named = (incident = analysed()) => after(incident, addContact(NAMED.id));
const opened = (request: string) =>
  after(named(connected()), breakGlass(IC, request), breakGlass(COUNSEL, request));

const ofParties: Case[] = [
  {
    gate: gates.partyIsApproved(REGISTERED),
    when: 'nobody approved its kind',
    incident: () => named(),
    because: 'this contact is not approved (request contact:cyberInsurance)',
  },
  {
    gate: gates.partyIsApproved(REGISTERED),
    when: 'its kind was approved',
    incident: () => after(named(), approve(IC, 'contact:cyberInsurance')),
  },
  {
    gate: gates.partyIsApproved(NAMED),
    when: 'its kind was approved, and whoever approved that did not know of it',
    incident: () => after(named(), approve(IC, 'contact:fbi')),
    because: 'this contact is not approved (request contact:fbi/second-office)',
  },
  {
    gate: gates.partyIsApproved(NAMED),
    when: 'it was refused',
    incident: () => after(named(), approve(IC, 'contact:fbi'), refuse(IC, 'contact:fbi/second-office')),
    because: 'this contact was refused (request contact:fbi/second-office)',
  },
  {
    gate: gates.partyIsApproved(NAMED),
    when: 'it was approved itself',
    incident: () => after(named(), approve(IC, 'contact:fbi/second-office')),
  },
  {
    gate: gates.forensicsOrBrokenGlassFor(NAMED),
    when: 'there was no forensic analysis',
    incident: () => named(connected()),
    because: 'step 10',
  },
  {
    gate: gates.forensicsOrBrokenGlassFor(NAMED),
    when: 'forensics has been performed',
    incident: () => named(),
  },
  {
    gate: gates.forensicsOrBrokenGlassFor(NAMED),
    when: 'the glass is broken for its kind, and not for itself',
    incident: () => opened('contact:fbi'),
    because: 'step 10',
  },
  {
    gate: gates.forensicsOrBrokenGlassFor(NAMED),
    when: 'the glass is broken for itself',
    incident: () => opened('contact:fbi/second-office'),
  },
  {
    gate: gates.forensicsOrBrokenGlassFor(REGISTERED),
    when: 'the glass is broken for another',
    incident: () => opened('contact:fbi/second-office'),
    because: 'step 10',
  },
];

const CASES: Case[] = [
  {
    gate: gates.responseIsDetermined,
    when: 'the IC has not spoken',
    incident: declared,
    because: 'has not determined yet',
  },
  { gate: gates.responseIsDetermined, when: 'the IC determined to respond', incident: responding },
  {
    gate: gates.systemsAreSecured,
    when: 'nobody recorded it',
    incident: responding,
    because: 'finding systemsSecured',
  },
  { gate: gates.systemsAreSecured, when: 'it is recorded', incident: systemsSecured },
  {
    gate: gates.systemsAreSecured,
    when: 'it was withdrawn again',
    incident: () => after(systemsSecured(), withdraw(SECURITY, 'systemsSecured')),
    because: 'finding systemsSecured',
  },
  {
    gate: gates.monitoringIsInPlace,
    when: 'nobody recorded it',
    incident: responding,
    because: 'finding monitoringInPlace',
  },
  { gate: gates.monitoringIsInPlace, when: 'it is recorded', incident: systemsSecured },
  {
    gate: gates.monitoringIsInPlace,
    when: 'it was withdrawn again',
    incident: () => after(systemsSecured(), withdraw(IC, 'monitoringInPlace')),
    because: 'finding monitoringInPlace',
  },
  {
    gate: gates.forensicAnalysisIsPerformed,
    when: 'step 10 is only open',
    incident: systemsSecured,
    because: 'step 10',
  },
  {
    gate: gates.forensicAnalysisIsPerformed,
    when: 'one task of step 10 is open',
    incident: () =>
      after(
        systemsSecured(),
        complete(FORENSICS, 'combThroughEvidence', 'identifyWhatHappened', 'trackAttackAddresses'),
      ),
    because: 'step 10',
  },
  {
    gate: gates.forensicAnalysisIsPerformed,
    when: 'every task of step 10 is done',
    incident: forensicsPerformed,
  },
  {
    gate: gates.forensicAnalysisIsPerformed,
    when: 'its essential tasks are done and the others not needed',
    incident: () =>
      after(
        systemsSecured(),
        complete(FORENSICS, 'combThroughEvidence', 'identifyWhatHappened'),
        notNeeded(FORENSICS, 'trackAttackAddresses', 'watchForReturn'),
      ),
  },
  {
    gate: gates.forensicAnalysisIsPerformed,
    when: 'a back door turned up afterwards',
    incident: () => after(forensicsPerformed(), withdraw(SECURITY, 'systemsSecured')),
    because: 'has not been performed',
  },
  {
    gate: gates.forensicAnalysisIsPerformed,
    when: 'the back door is closed, and nobody looked at the evidence again',
    incident: () =>
      after(forensicsPerformed(), withdraw(SECURITY, 'systemsSecured'), record(SECURITY, 'systemsSecured')),
    because: 'has not been performed',
  },
  {
    gate: gates.forensicAnalysisIsPerformed,
    when: 'the back door is closed, and the evidence was looked at again',
    incident: () =>
      after(
        forensicsPerformed(),
        withdraw(SECURITY, 'systemsSecured'),
        record(SECURITY, 'systemsSecured'),
        complete(FORENSICS, ...gates.FORENSIC_TASKS),
      ),
  },
  {
    gate: gates.attackIsConfirmedExternal,
    when: 'the forensics lead has not spoken',
    incident: forensicsPerformed,
    because: 'attackSource=external',
  },
  { gate: gates.attackIsConfirmedExternal, when: 'the source is external', incident: externalConfirmed },
  {
    gate: gates.attackIsConfirmedExternal,
    when: 'the source is internal',
    incident: internalFound,
    because: 'sourced internally',
  },
  {
    gate: gates.attackIsConfirmedExternal,
    when: 'external was withdrawn',
    incident: () => after(externalConfirmed(), withdraw(FORENSICS, 'attackSource')),
    because: 'attackSource=external',
  },
  {
    gate: gates.attackIsConfirmedExternal,
    when: 'external was corrected to internal',
    incident: () => after(externalConfirmed(), record(FORENSICS, 'attackSource', 'internal')),
    because: 'sourced internally',
  },
  ...fact(gates.informationIsValidated, 'informationValidated', 'not validated'),
  ...fact(gates.timelineIsEstablished, 'timelineEstablished', 'no timeline'),
  ...fact(gates.compromisedDataIsKnown, 'compromisedDataKnown', 'what information was compromised'),
  ...fact(gates.methodIsKnown, 'methodKnown', 'how it was compromised'),
  ...fact(gates.recurrenceIsPrevented, 'recurrencePrevented', "won't happen again"),
  {
    gate: onlyFbi,
    when: 'there was no forensic analysis',
    incident: responding,
    because: 'step 10',
  },
  { gate: onlyFbi, when: 'forensics has been performed', incident: forensicsPerformed },
  { gate: onlyFbi, when: 'the glass is broken for this contact', incident: glassBroken },
  {
    gate: onlyFbi,
    when: 'one of the two asked to break the glass',
    incident: () => after(responding(), breakGlass(IC, 'contact:fbi')),
    because: 'step 10',
  },
  {
    gate: gates.forensicsOrBrokenGlass('externalParties'),
    when: 'the glass is broken for another contact',
    incident: glassBroken,
    because: 'step 10',
  },
  {
    gate: gates.contactIsApproved('fbi'),
    when: 'nobody approved it',
    incident: forensicsPerformed,
    because: 'contact:fbi',
  },
  {
    gate: gates.contactIsApproved('fbi'),
    when: 'it was refused',
    incident: () => after(forensicsPerformed(), refuse(IC, 'contact:fbi')),
    because: 'was refused',
  },
  {
    gate: gates.contactIsApproved('fbi'),
    when: 'the IC approved it',
    incident: () => after(forensicsPerformed(), approve(IC, 'contact:fbi')),
  },
  {
    gate: gates.contactIsApproved('fbi'),
    when: 'the IC approved another contact',
    incident: () => after(forensicsPerformed(), approve(IC, 'contact:cyberInsurance')),
    because: 'contact:fbi',
  },
  { gate: gates.contactIsApproved('fbi'), when: 'its glass is broken', incident: glassBroken },
  {
    gate: gates.customersTeamsAreReached,
    when: 'nobody reached them',
    incident: fiveFacts,
    because: 'tellCustomersSecurityTeams',
  },
  {
    gate: gates.customersTeamsAreReached,
    when: 'they were reached',
    incident: () => after(fiveFacts(), complete(MARKETING, 'tellCustomersSecurityTeams')),
  },
  {
    gate: gates.customersTeamsAreReached,
    when: 'it is recorded why not',
    incident: () => after(fiveFacts(), notNeeded(MARKETING, 'tellCustomersSecurityTeams')),
  },
  {
    gate: gates.customersTeamsAreReached,
    when: 'they were told facts that were withdrawn since',
    incident: () =>
      after(
        fiveFacts(),
        complete(MARKETING, 'tellCustomersSecurityTeams'),
        withdraw(FORENSICS, 'methodKnown'),
      ),
    because: 'tellCustomersSecurityTeams',
  },
  {
    gate: gates.statementIsApproved,
    when: 'there is none',
    incident: fiveFacts,
    because: 'no statement has been submitted',
  },
  {
    gate: gates.statementIsApproved,
    when: 'it is submitted',
    incident: statementSubmitted,
    because: 'waiting for the marketing team, the incident commander, legal counsel',
  },
  {
    gate: gates.statementIsApproved,
    when: 'two of three approved it',
    incident: () => after(statementSubmitted(), approve(MARKETING, STATEMENT_1), approve(IC, STATEMENT_1)),
    because: 'waiting for legal counsel',
  },
  { gate: gates.statementIsApproved, when: 'all three approved it', incident: statementApproved },
  {
    gate: gates.statementIsApproved,
    when: 'one refused it after all',
    incident: () => after(statementApproved(), refuse(COUNSEL, STATEMENT_1)),
    because: 'version 1 of the statement was refused',
  },
  {
    gate: gates.statementIsApproved,
    when: 'a new version replaced the approved one',
    incident: () => after(statementApproved(), submit(MARKETING, `${STATEMENT}\nOne more word.`)),
    because: 'version 2 of the statement is not approved',
  },
  {
    gate: gates.statementIsApproved,
    when: 'one character of it was changed after it was approved',
    incident: () => after(statementApproved(), submit(MARKETING, STATEMENT.replace('12', '13'))),
    because: 'version 2 of the statement is not approved',
  },
  {
    gate: gates.noteIsApproved,
    when: 'there is none',
    incident: () => externalConfirmed(analysed()),
    because: 'no internal note has been submitted',
  },
  {
    gate: gates.noteIsApproved,
    when: 'it is submitted',
    incident: () => after(externalConfirmed(analysed()), submitNote()),
    because: `not approved (request ${requestOfNote()})`,
  },
  {
    gate: gates.noteIsApproved,
    when: 'it was refused',
    incident: () => after(externalConfirmed(analysed()), submitNote(), refuse(IC, requestOfNote())),
    because: 'version 1 of the note was refused',
  },
  { gate: gates.noteIsApproved, when: 'the incident commander approved it', incident: () => noteApproved() },
  {
    gate: gates.noteIsApproved,
    when: 'another text replaced the approved one',
    incident: () => after(noteApproved(), submitNote(`${NOTE} Thank you.`)),
    because: 'version 2 of the note is not approved',
  },
  {
    gate: gates.everyCustomerIsAccountedFor,
    when: 'nobody reached any of them',
    incident: () => readyToRelease(),
    because: `of 2 customers' security teams in the register, 2 have neither been reached nor is it recorded why not: ${CUSTOMER_ONE}, ${CUSTOMER_TWO}`,
  },
  {
    gate: gates.everyCustomerIsAccountedFor,
    when: 'one of them is left',
    incident: () => after(readyToRelease(), reach(CUSTOMER_TWO)),
    because: `1 have neither been reached nor is it recorded why not: ${CUSTOMER_ONE}`,
  },
  {
    gate: gates.everyCustomerIsAccountedFor,
    when: 'one was reached, and of the other it is recorded why not',
    incident: () =>
      after(readyToRelease(), reach(CUSTOMER_TWO), reach(CUSTOMER_ONE, { outcome: 'notReached' })),
  },
  {
    gate: gates.everyCustomerIsAccountedFor,
    when: 'one more was named since',
    incident: () =>
      after(
        readyToRelease(),
        reach(CUSTOMER_TWO),
        reach(CUSTOMER_ONE),
        addContact('customer-three', { kind: 'customer' }),
      ),
    because: ': customer-three',
  },
  { gate: gates.everyCustomerIsAccountedFor, when: 'the register has none', incident: declared },
  ...ofParties,
  {
    gate: gates.operationalRespondersCameFirst,
    when: 'nobody is invited yet',
    incident: declared,
    because: 'not invited yet',
  },
  {
    gate: gates.operationalRespondersCameFirst,
    when: 'not all of them joined',
    incident: () => invited(false, false),
    because: 'not all of them have joined',
  },
  { gate: gates.operationalRespondersCameFirst, when: 'all joined', incident: () => invited(true, false) },
  {
    gate: gates.operationalRespondersCameFirst,
    when: 'the time box ran out',
    incident: () => invited(false, true),
  },
];

const shut = CASES.filter(({ because }) => because !== undefined);
const open = CASES.filter(({ because }) => because === undefined);

describe('a gate', () => {
  test.each(shut.map((one) => [nameOf(one.gate), one.when, one] as const))(
    '%s is closed when %s',
    (_name, _when, { gate, incident, because }) => {
      const blocker = gate(incident());
      expect(blocker?.reason).toContain(because);
      expect(SEED).toContain(blocker?.source ?? 'no source');
    },
  );

  test.each(open.map((one) => [nameOf(one.gate), one.when, one] as const))(
    '%s is open when %s',
    (_name, _when, { gate, incident }) => {
      expect(gate(incident())).toBeUndefined();
    },
  );

  test('has a case for both ways, whichever gate it is', () => {
    const everyGate = Object.values(gates as Record<string, unknown>).filter(
      (one): one is Gate =>
        typeof one === 'function' &&
        one.length === 1 &&
        ![
          gates.contactIsApproved,
          gates.forensicsOrBrokenGlass,
          gates.partyIsApproved,
          gates.forensicsOrBrokenGlassFor,
        ].includes(one as never),
    );
    expect(everyGate.length).toBeGreaterThanOrEqual(12);
    expect(everyGate.filter((gate) => !shut.some((one) => one.gate === gate))).toEqual([]);
    expect(everyGate.filter((gate) => !open.some((one) => one.gate === gate))).toEqual([]);
  });

  test.each(STATES)('quotes the seed for every reason there is when the incident is "%s"', (_, incident) => {
    const sources = [
      ...STEP_IDS.flatMap((id) => blockersOfStep(id, incident)),
      ...TASK_IDS.flatMap((id) => blockersOfTask(id, incident)),
    ].map(({ source }) => source);
    expect(sources.filter((source) => source === undefined || !SEED.includes(source))).toEqual([]);
  });
});

/** The name in the blocker that the gate gives when it is closed. */
function nameOf(gate: Gate): string {
  const blockers = [gate(declared()), gate(responding())] as (Blocker | undefined)[];
  return blockers.find((blocker) => blocker)?.gate ?? 'a gate';
}

describe('the gates of a step', () => {
  const blocking = (step: (typeof STEP_IDS)[number], incident: Incident) =>
    blockersOfStep(step, incident).map(({ gate }) => gate);

  test('only the team is assembled before the determination', () => {
    expect(STEP_IDS.filter((id) => blocking(id, declared()).length === 0)).toEqual(['assembleTeam']);
  });

  test('a determined response opens everything but forensics, the word inside and the word to the public', () => {
    expect(STEP_IDS.filter((id) => blocking(id, responding()).length > 0)).toEqual([
      'forensicAnalysis',
      'internalCommunication',
      'externalCommunication',
    ]);
  });

  test.each(['systemsSecured', 'monitoringInPlace'] as const)('%s alone does not open step 10', (finding) => {
    expect(blocking('forensicAnalysis', after(responding(), record(SECURITY, finding)))).toHaveLength(1);
  });

  test('both open step 10', () => {
    expect(blocking('forensicAnalysis', systemsSecured())).toEqual([]);
  });

  test('step 11 needs forensics performed, even where the source is known already', () => {
    const early = after(systemsSecured(), record(FORENSICS, 'attackSource', 'external'));
    expect(blocking('internalCommunication', early)).toEqual(['forensicAnalysisIsPerformed']);
    expect(blocking('internalCommunication', externalConfirmed())).toEqual([]);
  });

  test('step 11 stays shut for an internal source, whatever else is known', () => {
    expect(blocking('internalCommunication', fiveFacts(internalFound()))).toEqual([
      'attackIsConfirmedExternal',
    ]);
  });

  test.each(FIVE_FACTS)('step 14 needs %s besides the other four facts', (missing) => {
    const incident = after(fiveFacts(), withdraw(IC, missing));
    expect(blockersOfStep('externalCommunication', incident).map(({ reason }) => reason)).toEqual([
      expect.stringContaining(`finding ${missing}`),
    ]);
  });

  test('step 14 is open with all five', () => {
    expect(blocking('externalCommunication', fiveFacts())).toEqual([]);
  });
});

describe('a word to somebody outside', () => {
  const contactTasks = TASK_IDS.filter((id) =>
    ['lawEnforcement', 'externalParties'].includes(taskOf(id).step),
  );

  test('there is a task with gates of its own for every contact', () => {
    expect(contactTasks).toHaveLength(CONTACT_IDS.length);
    for (const id of contactTasks)
      expect(blockersOfTask(id, responding()).map(({ gate }) => gate)).toEqual([
        'forensicAnalysisIsPerformed',
        'contactIsApproved',
      ]);
  });

  test('needs its approval after forensics', () => {
    for (const id of contactTasks) {
      expect(blockersOfTask(id, forensicsPerformed()).map(({ gate }) => gate)).toEqual(['contactIsApproved']);
      expect(blockersOfTask(id, contactsApproved(forensicsPerformed()))).toEqual([]);
    }
  });

  test('needs forensics still when it is approved: a withdrawn finding shuts it again', () => {
    const reopened = after(contactsApproved(forensicsPerformed()), withdraw(SECURITY, 'monitoringInPlace'));
    for (const id of contactTasks)
      expect(blockersOfTask(id, reopened).map(({ gate }) => gate)).toEqual(['forensicAnalysisIsPerformed']);
  });

  test.each(Object.entries(contacted))('broken glass opens that one contact only: %s', (_, request) => {
    const broken = after(responding(), breakGlass(COUNSEL, request), breakGlass(IC, request));
    expect(contactTasks.filter((id) => blockersOfTask(id, broken).length === 0)).toEqual([
      Object.entries(contacted).find(([, id]) => id === request)?.[0],
    ]);
  });

  test('broken glass does not open the word inside, nor the word to the public', () => {
    expect(blockersOfStep('internalCommunication', glassBroken())).not.toEqual([]);
    expect(blockersOfStep('externalCommunication', glassBroken())).not.toEqual([]);
  });
});

describe('the statement', () => {
  test.each([
    ['the IC', IC],
    ['counsel', COUNSEL],
    ['marketing', MARKETING],
  ])('does not count %s twice', (_, by) => {
    const once = after(statementSubmitted(), approve(by, STATEMENT_1));
    expect(reasonsAgainst(once, approve(by, STATEMENT_1))).toContain('no voice left');
  });

  test.each([
    ['the same spelling', 'both@example.com', 'both@example.com'],
    ['another spelling of the address', 'both@example.com', 'Both@Example.com'],
  ])('does not count a person with two roles twice, by %s', (_, first, second) => {
    const roster = [...ROSTER, { email: 'both@example.com', roles: ['marketing', 'legalCounsel'] as const }];
    const facts = fiveFacts();
    const incident = statementSubmitted({ ...facts, company: { ...facts.company, roster } });
    const once = after(incident, approve(first, STATEMENT_1));
    expect(reasonsAgainst(once, approve(second, STATEMENT_1))).toContain('each a different person');
    const twice = after(once, approve(IC, STATEMENT_1));
    expect(gates.statementIsApproved(twice)?.reason).toContain('waiting for legal counsel');
    expect(gates.statementIsApproved(after(twice, approve(COUNSEL, STATEMENT_1)))).toBeUndefined();
  });

  test.each([ENGINEERING, FORENSICS, SECURITY])('is not for %s to approve', (by) => {
    expect(reasonsAgainst(statementSubmitted(), approve(by, STATEMENT_1))).toContain('to decide');
  });

  test('of an older version can be approved no more', () => {
    const twice = after(statementSubmitted(), submit(MARKETING));
    expect(reasonsAgainst(twice, approve(IC, STATEMENT_1))).toContain('has been replaced by version 2');
  });

  test('is released only when approved and when customers’ teams are reached', () => {
    const blocking = (incident: Incident) =>
      blockersOfTask('releaseStatement', incident).map(({ gate }) => gate);
    expect(blocking(fiveFacts())).toEqual(['statementIsApproved', 'customersTeamsAreReached']);
    expect(blocking(statementApproved())).toEqual(['customersTeamsAreReached']);
    expect(blocking(after(statementApproved(), complete(MARKETING, 'tellCustomersSecurityTeams')))).toEqual(
      [],
    );
  });
});

describe('the machine’s own gates', () => {
  const blocking = (effect: Parameters<typeof blockersOfEffect>[0], incident: Incident) =>
    blockersOfEffect(effect, incident).map(({ gate }) => gate);

  test('paging the IC and opening the room wait for nothing', () => {
    expect([...blocking('pageIncidentCommander', declared()), ...blocking('openRoom', declared())]).toEqual(
      [],
    );
  });

  test('executives are invited after the operational responders, and into a room', () => {
    const room = afterReports(declared(), ...effectsDone('openRoom', 'inviteResponders'));
    expect(blocking('inviteExecutives', declared())).toEqual([
      'thereIsARoom',
      'operationalRespondersCameFirst',
    ]);
    expect(blocking('inviteExecutives', room)).toEqual(['operationalRespondersCameFirst']);
    expect(blocking('inviteExecutives', afterReports(room, EVERYBODY_JOINED))).toEqual([]);
  });

  test('marketing is not told before there may be something to tell', () => {
    expect(blocking('inviteMarketing', assembled())).toHaveLength(5);
    expect(
      blocking(
        'inviteMarketing',
        fiveFacts(externalConfirmed(forensicsPerformed(systemsSecured(assembled())))),
      ),
    ).toEqual([]);
  });
});

describe('stopping an instance', () => {
  const ready: StopConditions = {
    snapshotsRequested: true,
    terminationProtected: true,
    leftScalingGroup: true,
    stopOrdered: false,
  };

  test('is open when its evidence is safe', () => {
    expect(blockersOfStop(ready)).toEqual([]);
  });

  test.each([
    ['snapshotsRequested', 'snapshots are not requested'],
    ['terminationProtected', 'could still be terminated'],
    ['leftScalingGroup', 'not left its scaling group'],
  ] as const)('is closed without %s', (condition, because) => {
    const blockers = blockersOfStop({ ...ready, [condition]: false });
    expect(blockers.map(({ reason }) => reason)).toEqual([expect.stringContaining(because)]);
    expect(SEED).toContain(blockers[0]?.source);
  });

  test('lists everything that is missing', () => {
    expect(
      blockersOfStop({
        snapshotsRequested: false,
        terminationProtected: false,
        leftScalingGroup: false,
        stopOrdered: false,
      }),
    ).toHaveLength(3);
  });

  test('is open by the IC’s order, whatever is missing', () => {
    expect(
      blockersOfStop({
        snapshotsRequested: false,
        terminationProtected: false,
        leftScalingGroup: false,
        stopOrdered: true,
      }),
    ).toEqual([]);
  });
});
