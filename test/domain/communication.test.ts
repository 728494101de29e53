/**
 * Words to people outside, from the order to the end: what a yes is bound to, what comes first, what waits for somebody, and what
 * becomes of the tasks. What may go out is `outgoing.test.ts`'s to say.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { blockersOfClose, isSettled } from '../../domain/blockers';
import { taskOf, TASK_IDS } from '../../domain/checklist';
import { communicationOf, type CommunicationView } from '../../domain/communication-view';
import type { Decision } from '../../domain/decisions';
import type { Incident } from '../../domain/incident';
import { renderDetails } from '../../domain/markdown';
import { dispatchesOf, dueOf, type Dispatch } from '../../domain/outbox';
import { requestOfStatement } from '../../domain/requests';
import { viewOf } from '../../domain/view';
import {
  addContact,
  after,
  afterReports,
  analysed,
  approve,
  attempt,
  breakGlass,
  close,
  COMMUNICATION,
  complete,
  connected,
  COUNSEL,
  CUSTOMER_MAIL,
  CUSTOMER_ONE,
  CUSTOMER_TWO,
  declared,
  dispatch,
  dropSend,
  ENGINEERING,
  everythingSettled,
  exclude,
  externalConfirmed,
  FIELD_OFFICE,
  FIVE_FACTS,
  fiveFacts,
  FORENSICS,
  IC,
  INSURER,
  INSURER_MAIL,
  lastEntry,
  logContact,
  MARKETING,
  messageFailed,
  messageSent,
  nextMinute,
  noteApproved,
  onFile,
  POLICE,
  reach,
  readmit,
  readyToRelease,
  reasonsAgainst,
  record,
  refuse,
  releaseTo,
  requestOfNote,
  respond,
  retrySend,
  SECURITY,
  send,
  STATEMENT,
  STATEMENT_1,
  STATES,
  submit,
  submitNote,
  withdraw,
} from '../support/incidents';

const SEED = readFileSync(join(__dirname, '../../docs/seed/security-incident-response.md'), 'utf8');

const viewed = (incident: Incident): CommunicationView => communicationOf(incident, nextMinute(incident));
const statesOf = (incident: Incident) => dispatchesOf(incident).map(({ state }) => state);
const SECOND_MAIL = 'security@second.example';
const BOTH_HAVE_KEYS = { keys: { [CUSTOMER_MAIL]: onFile(), [SECOND_MAIL]: onFile() } };

/** One mail to a customer, and the statement to two public channels: all ordered, and none of it out. */
const released = () =>
  after(
    readyToRelease(),
    releaseTo('customers'),
    reach(CUSTOMER_ONE),
    reach(CUSTOMER_TWO),
    releaseTo('public'),
  );

const LINTED = TASK_IDS.filter((id) => taskOf(id).by.kind === 'lint');

describe('the statement', () => {
  test.each(FIVE_FACTS)(
    'closes again to customers and public when %s is withdrawn, and what waits stops',
    (fact) => {
      const before = released();
      expect(statesOf(before)).toEqual(['waiting', 'waiting', 'waiting']);
      expect(viewed(before).release).toEqual({ customers: [], public: [] });

      const fallen = after(before, withdraw(IC, fact));
      expect(statesOf(fallen)).toEqual(['stopped', 'stopped', 'stopped']);
      const { customers, public: toPublic } = viewed(fallen).release;
      for (const blockers of [customers, toPublic]) {
        expect(blockers.map(({ reason }) => reason).join()).toContain(`finding ${fact}`);
        for (const { source } of blockers) expect(SEED).toContain(source ?? 'no source');
      }
      expect(fallen.requests[STATEMENT_1]).toMatchObject({ state: 'open', approvals: [] });
      for (const to of ['customers', 'public'] as const)
        expect(reasonsAgainst(fallen, releaseTo(to))).toContain(`finding ${fact}`);
      for (const id of ['message-1', 'message-2'])
        expect(reasonsAgainst(fallen, retrySend(id))).toContain(`finding ${fact}`);
      expect(fallen.tasks.tellCustomersSecurityTeams).toMatchObject({
        state: 'done',
        inDoubt: expect.anything(),
      });

      // Established again, it is not approved again.
      const found = after(fallen, record(FORENSICS, fact));
      expect(statesOf(found)).toEqual(['stopped', 'stopped', 'stopped']);
      for (const to of ['customers', 'public'] as const)
        expect(viewed(found).release[to].map(({ gate }) => gate)).toContain('statementIsApproved');
      const linted = (incident: Incident) => LINTED.filter((id) => !isSettled(incident.tasks[id]));
      expect(linted(found)).toEqual(LINTED);
      const again = after(found, ...[MARKETING, IC, COUNSEL].map((by) => approve(by, STATEMENT_1)));
      expect(linted(again)).toEqual([]);
      expect(statesOf(again)).toEqual(['stopped', 'stopped', 'stopped']);
      expect(statesOf(after(again, retrySend('message-2')))).toEqual(['stopped', 'waiting', 'stopped']);
    },
  );

  test.each(FIVE_FACTS)('may not even be drafted while %s is missing', (fact) => {
    const missing = after(fiveFacts(externalConfirmed(analysed())), withdraw(IC, fact));
    const { outcome } = attempt(missing, submit(MARKETING));
    expect(outcome.reasons).toHaveLength(1);
    expect(outcome.reasons[0]?.reason).toContain(`finding ${fact}`);
    expect(SEED).toContain(outcome.reasons[0]?.source ?? 'no source');
    expect(viewed(missing).draft).toEqual(outcome.reasons);
  });

  test.each([
    ['a digit', STATEMENT.replace('12 customers', '13 customers')],
    ['a letter', STATEMENT.replace('We were attacked', 'we were attacked')],
    ['a space', STATEMENT.replace('were read.', 'were read .')],
    ['a line at the end', `${STATEMENT}\n`],
    ['a character that nobody sees', STATEMENT.replace('keys are', 'keys\u2060 are')],
    ['nothing at all: it is another version', STATEMENT],
  ])('is to be approved anew when it is submitted with %s changed', (_, text) => {
    const before = released();
    const changed = after(before, submit(MARKETING, text));
    const request = changed.statement ? requestOfStatement(changed.statement) : '';
    expect(request).not.toBe(STATEMENT_1);
    expect(changed.requests[request]).toMatchObject({ state: 'open', approvals: [] });
    expect(statesOf(changed)).toEqual(['stopped', 'stopped', 'stopped']);
    expect(reasonsAgainst(changed, releaseTo('public'))).toContain(`not approved (request ${request}`);
    expect(reasonsAgainst(changed, approve(IC, STATEMENT_1))).toContain('has been replaced by version 2');
    expect(changed.earlierStatements).toEqual([
      { version: 1, sha256: before.statement?.sha256, by: MARKETING, at: before.statement?.at },
    ]);
    expect(viewed(changed)).toMatchObject({
      statement: { version: 2, request, state: 'open', waitsFor: expect.arrayContaining(['legal counsel']) },
    });
  });

  test('is approved by nobody while a fact is missing', () => {
    const missing = after(released(), withdraw(IC, 'methodKnown'));
    expect(reasonsAgainst(missing, approve(IC, STATEMENT_1))).toContain('finding methodKnown');
  });

  test('is held against what is known by now, when somebody says yes and when it is released', () => {
    const text = STATEMENT.replace('a stolen key', 'a key stolen from Example Hosting');
    const submitted = after(fiveFacts(externalConfirmed(analysed())), submit(MARKETING, text));
    const request = submitted.statement ? requestOfStatement(submitted.statement) : '';
    const approved = after(submitted, ...[MARKETING, IC, COUNSEL].map((by) => approve(by, request)));
    expect(attempt(approved, releaseTo('customers')).outcome.accepted).toBe(true);

    const hosting = addContact('host', { kind: 'systemOperators', called: 'Example Hosting' });
    expect(attempt(after(submitted, hosting), approve(IC, request)).outcome.reasons).toEqual([
      expect.objectContaining({
        gate: 'statementPassesItsLint',
        reason: expect.stringMatching(/^line \d+, column \d+: .*Example Hosting/),
      }),
    ]);
    expect(reasonsAgainst(after(approved, hosting), releaseTo('customers'))).toContain('Example Hosting');
    const reached = after(approved, reach(CUSTOMER_ONE), reach(CUSTOMER_TWO));
    expect(attempt(reached, releaseTo('public')).outcome.accepted).toBe(true);
    expect(reasonsAgainst(after(reached, hosting), releaseTo('public'))).toContain('Example Hosting');
  });

  test('is refused with each finding of its lint, its place and the sentence of the checklist', () => {
    const text = STATEMENT.replace(', 24 November 2026', '').replace(
      'These are the facts.',
      'We take security very seriously.',
    );
    const { outcome } = attempt(fiveFacts(externalConfirmed(analysed())), submit(MARKETING, text));
    expect(outcome.reasons).toEqual([
      {
        gate: 'statementPassesItsLint',
        reason: expect.stringMatching(/^line 1, column \d+: the title carries no date/),
        source: expect.stringContaining('Include the date in the title'),
      },
      {
        gate: 'statementPassesItsLint',
        reason: expect.stringMatching(/^line 3, column \d+: /),
        source: expect.stringContaining('It makes everyone cringe'),
      },
    ]);
    for (const { source } of outcome.reasons) expect(SEED).toContain(source ?? 'no source');
  });

  test('names nobody of the register without a link to what they disclosed themselves', () => {
    const named = after(
      fiveFacts(externalConfirmed(analysed())),
      addContact('host', { kind: 'systemOperators', called: 'Example Hosting' }),
    );
    const text = STATEMENT.replace('a stolen key', 'a key stolen from Example Hosting');
    expect(reasonsAgainst(named, submit(MARKETING, text))).toContain('Example Hosting');
    expect(attempt(named, submit(MARKETING)).outcome.accepted).toBe(true);
  });
});

describe("the customers' security teams", () => {
  test('hear it before the public: each who can, by encrypted mail; who can’t is named', () => {
    const ready = readyToRelease();
    expect(reasonsAgainst(ready, releaseTo('public'))).toContain('tellCustomersSecurityTeams');
    const { incident, outcome } = attempt(ready, releaseTo('customers'));
    expect(outcome.text).toBe(
      `released version 1 of the statement to 1 of 2 customers' security teams; not by mail, reach them another way or record why not: somebody of them is outside the company, and there is no key to encrypt it to ${SECOND_MAIL}`,
    );
    expect(dispatchesOf(incident)).toMatchObject([
      { content: { kind: 'customer', party: CUSTOMER_ONE, version: 1 }, state: 'waiting', by: MARKETING },
    ]);
    expect(reasonsAgainst(incident, releaseTo('public'))).toContain('tellCustomersSecurityTeams');
  });

  test('are reached by the mail that is out, and not by one that waits or fails', () => {
    const ordered = after(readyToRelease(), releaseTo('customers'));
    expect(ordered.reached).toEqual({});
    const failed = afterReports(ordered, ...messageFailed('message-1', 'the server answers 421', false));
    expect(failed.reached).toEqual({});
    const sent = afterReports(failed, ...messageSent('message-1'));
    expect(sent.reached[CUSTOMER_ONE]).toMatchObject({ outcome: 'reached', how: 'by encrypted mail' });
    expect(sent.tasks.tellCustomersSecurityTeams.state).toBe('open');
  });

  test('are all accounted for once of the last it is recorded why not: the task is done with it', () => {
    const sent = afterReports(after(readyToRelease(), releaseTo('customers')), ...messageSent('message-1'));
    expect(reasonsAgainst(sent, complete(MARKETING, 'tellCustomersSecurityTeams'))).toContain(
      `1 have neither been reached nor is it recorded why not: ${CUSTOMER_TWO}`,
    );
    const told = after(sent, reach(CUSTOMER_TWO, { outcome: 'notReached', how: 'nobody answers' }));
    expect(told.tasks.tellCustomersSecurityTeams).toMatchObject({
      state: 'done',
      note: '1 of 2 reached; of the others it is recorded why not',
    });
    expect(attempt(told, releaseTo('public')).outcome.accepted).toBe(true);
  });

  test('are in doubt again when somebody names one more', () => {
    const told = after(readyToRelease(), reach(CUSTOMER_ONE), reach(CUSTOMER_TWO));
    expect(told.tasks.tellCustomersSecurityTeams).toMatchObject({ state: 'done', note: '2 of 2 reached' });
    const named = after(told, addContact('constructor', { kind: 'customer', email: 'x@third.example' }));
    expect(named.tasks.tellCustomersSecurityTeams).toMatchObject({ inDoubt: expect.anything() });
    expect(reasonsAgainst(named, releaseTo('public'))).toContain('tellCustomersSecurityTeams');
    const reached = after(named, reach('constructor'));
    expect(attempt(reached, releaseTo('public')).outcome.accepted).toBe(true);
  });

  test('get it once, however often it is released', () => {
    const ordered = after(readyToRelease(BOTH_HAVE_KEYS), releaseTo('customers'));
    expect(statesOf(ordered)).toEqual(['waiting', 'waiting']);
    expect(reasonsAgainst(ordered, releaseTo('customers'))).toContain(
      'has gone to every customer of the register, is on its way, or waits for somebody',
    );
    const sent = afterReports(ordered, ...messageSent('message-1'), ...messageSent('message-2'));
    expect(reasonsAgainst(sent, releaseTo('customers'))).toContain('has gone to every customer');
    expect(sent.tasks.tellCustomersSecurityTeams).toMatchObject({ state: 'done', note: '2 of 2 reached' });
  });

  test('get it again where the first was given up, and not where they were reached by telephone', () => {
    const ordered = after(readyToRelease(BOTH_HAVE_KEYS), releaseTo('customers'));
    const dropped = after(ordered, dropSend('message-1'), dropSend('message-2'), reach(CUSTOMER_TWO));
    const again = after(dropped, releaseTo('customers'));
    expect(dispatchesOf(again).slice(2)).toMatchObject([{ content: { party: CUSTOMER_ONE } }]);
  });

  test('are told by people where the register has none', () => {
    const ready = readyToRelease({ customers: [] });
    expect(reasonsAgainst(ready, releaseTo('customers'))).toContain(
      'the register has no customers (communication.customers)',
    );
    const told = after(ready, complete(MARKETING, 'tellCustomersSecurityTeams'), releaseTo('public'));
    expect(statesOf(told)).toEqual(['waiting', 'waiting']);
  });

  test('hear nothing where the statement is not approved', () => {
    const refused = after(readyToRelease(), refuse(COUNSEL, STATEMENT_1));
    expect(reasonsAgainst(refused, releaseTo('customers'))).toContain('was refused');
    expect(reasonsAgainst(refused, reach(CUSTOMER_ONE))).toContain('was refused');
  });

  test('are never said to be reached before they may be; why they were not may be said at any time', () => {
    expect(reasonsAgainst(connected(), reach(CUSTOMER_ONE))).toContain('no statement has been submitted');
    const why = after(connected(), reach(CUSTOMER_ONE, { outcome: 'notReached', how: 'nobody answers' }));
    expect(why.reached[CUSTOMER_ONE]).toMatchObject({ outcome: 'notReached', how: 'nobody answers' });
  });

  test.each([INSURER, 'nobody', 'toString'])('are none of others: %s', (party) => {
    expect(reasonsAgainst(readyToRelease(), reach(party))).toContain(`nobody outside is known as ${party}`);
  });
});

describe('the public', () => {
  test('reads it in every channel, and the task is done when the last has it', () => {
    const [, second, third] = dispatchesOf(released());
    expect([second?.content, third?.content]).toEqual([
      { kind: 'public', channel: 'website', version: 1 },
      { kind: 'public', channel: 'folder', version: 1 },
    ]);
    const half = afterReports(released(), ...messageSent('message-2', 'https://www.example.com/1'));
    expect(lastEntry(half).text).toBe(
      'message-2: sent: the statement, version 1, to the public (website); https://www.example.com/1',
    );
    expect(half.tasks.releaseStatement.state).toBe('open');
    const out = afterReports(half, ...messageSent('message-3'));
    expect(out.tasks.releaseStatement).toMatchObject({ state: 'done', note: 'version 1 is public' });
  });

  test('reads it as well where one channel is given up', () => {
    const half = afterReports(
      released(),
      ...messageSent('message-2'),
      ...messageFailed('message-3', '404', true),
    );
    expect(half.tasks.releaseStatement.state).toBe('open');
    expect(after(half, dropSend('message-3')).tasks.releaseStatement.state).toBe('done');
  });

  test('reads it once, however often it is released', () => {
    expect(reasonsAgainst(released(), releaseTo('public'))).toContain(
      'version 1 is released already, is on its way, or waits for somebody (messages retry)',
    );
  });

  test('reads it by hand where no channel is configured', () => {
    const ready = after(readyToRelease({ public: [] }), reach(CUSTOMER_ONE), reach(CUSTOMER_TWO));
    expect(reasonsAgainst(ready, releaseTo('public'))).toContain(
      'publish it by hand, and complete releaseStatement',
    );
    expect(after(ready, complete(MARKETING, 'releaseStatement')).tasks.releaseStatement.state).toBe('done');
  });

  test.each([
    ['UTC', true],
    ['Pacific/Auckland', true],
    ['America/Los_Angeles', false],
  ])('reads the day of its release in the title, as it is in %s', (timeZone, isThatDay) => {
    const ready = after(readyToRelease({ timeZone }), reach(CUSTOMER_ONE), reach(CUSTOMER_TWO));
    const { outcome } = attempt(ready, releaseTo('public'));
    expect(outcome.accepted).toBe(isThatDay);
    if (isThatDay) return;
    expect(outcome.reasons).toEqual([
      {
        gate: 'titleNamesTheDayOfRelease',
        reason: 'the title says 2026-11-24, and today is 2026-11-23: submit it with the day of its release',
        source: expect.stringContaining('Include the date in the title'),
      },
    ]);
  });
});

describe('a message on its way', () => {
  const ordered = () => after(connected(), send([IC, SECURITY]));
  const sending = () => afterReports(ordered(), { name: 'dispatchStarted', id: 'message-1' });
  const waits = () => afterReports(ordered(), ...messageFailed('message-1', 'the server answers 421', false));
  const stuck = () => afterReports(ordered(), ...messageFailed('message-1', 'nobody knows', true));
  const stopped = () => after(ordered(), exclude(IC, SECURITY));

  test.each<[state: Dispatch['state'], incident: () => Incident, retry: string | true, drop: string | true]>([
    ['waiting', ordered, 'message-1 has not failed: it is waiting', true],
    ['sending', sending, 'message-1 has not failed: it is sending', 'is being sent at this moment'],
    ['failed', waits, true, true],
    ['failed', stuck, true, true],
    ['stopped', stopped, `${SECURITY} is excluded from the incident`, true],
    ['stopped', () => after(stopped(), readmit(COUNSEL, SECURITY)), true, true],
    [
      'sent',
      () => afterReports(ordered(), ...messageSent('message-1')),
      'message-1 has not failed: it is sent',
      'message-1 is sent already',
    ],
    [
      'dropped',
      () => after(ordered(), dropSend('message-1')),
      'message-1 has not failed: it is dropped',
      'message-1 is dropped already',
    ],
  ])('that is %s may be tried again, or dropped, or neither', (state, incident, retry, drop) => {
    const before = incident();
    expect(dispatch('message-1', before).state).toBe(state);
    for (const [decision, answer, now] of [
      [retrySend('message-1'), retry, 'waiting'],
      [dropSend('message-1'), drop, 'dropped'],
    ] as const) {
      if (answer === true) expect(dispatch('message-1', after(before, decision)).state).toBe(now);
      else expect(reasonsAgainst(before, decision)).toContain(answer);
    }
    // The end waits for what is under way.
    const isPending = state !== 'sent' && state !== 'dropped';
    const blockers = blockersOfClose(before).filter(({ gate }) => gate === 'messageIsOut');
    expect(blockers).toHaveLength(isPending ? 1 : 0);
    if (isPending)
      expect(reasonsAgainst(before, close())).toContain(`message-1 (mail to ${IC}, ${SECURITY}) is ${state}`);
  });

  test('that is none is said to be none', () => {
    for (const decision of [retrySend('message-2'), dropSend('constructor')])
      expect(reasonsAgainst(ordered(), decision)).toMatch(/there is no .*; on their way are: message-1$/);
    expect(afterReports(ordered(), ...messageSent('message-7'))).toEqual(ordered());
  });

  test('keeps the incident from its end, and nothing else does any more', () => {
    const settled = everythingSettled();
    const known = {
      ...settled,
      company: { ...settled.company, communication: { ...COMMUNICATION, customers: [] } },
    };
    const held = after(known, send([IC]));
    expect(attempt(held, close()).outcome.reasons.map(({ gate }) => gate)).toEqual(['messageIsOut']);
    expect(after(held, dropSend('message-1'), close()).phase.name).toBe('closed');
    expect(after(afterReports(held, ...messageSent('message-1')), close()).phase.name).toBe('closed');
  });

  test('that fails is tried again ever more slowly, and told at the 1st, 2nd, 4th and 8th time', () => {
    let incident = ordered();
    const told: string[] = [];
    const waits: number[] = [];
    for (let number = 1; number <= 8; number += 1) {
      const before = incident.entries.length;
      incident = afterReports(incident, ...messageFailed('message-1', 'the server answers 421', false));
      told.push(...incident.entries.slice(before).map(({ text }) => `${number}: ${text}`));
      // Whatever was reported was reported at one time.
      const { nextTryAt = 0, attempt: tries } = dispatch('message-1', incident);
      expect(tries).toBe(number);
      expect(dueOf(dispatch('message-1', incident))).toBe(nextTryAt);
      waits.push(nextTryAt);
    }
    expect(told.map((text) => text.slice(0, 2))).toEqual(['1:', '2:', '4:', '8:']);
    expect(told[0]).toBe(
      `1: message-1: failed (the server answers 421): mail to ${IC}, ${SECURITY}; tried again in 5 s, or now by "messages retry"`,
    );
    expect(waits[7]).toBeGreaterThan(waits[0] ?? Infinity);
    // Ordered again by a person, it begins anew.
    expect(dispatch('message-1', after(incident, retrySend('message-1')))).toMatchObject({
      state: 'waiting',
      attempt: 0,
    });
  });

  test('that waits for somebody is shown to everybody, with its cause', () => {
    expect(lastEntry(stuck()).text).toBe(
      `message-1: failed (nobody knows): mail to ${IC}, ${SECURITY}; look, then "messages retry" or "messages drop"`,
    );
    expect(dueOf(dispatch('message-1', stuck()))).toBeUndefined();
    expect(viewOf(stuck()).stuckMessages).toEqual([
      { id: 'message-1', what: `mail to ${IC}, ${SECURITY}`, cause: 'nobody knows' },
    ]);
    expect(renderDetails(stuck())).toContain(
      `message-1 (mail to ${IC}, ${SECURITY}) has not gone out: nobody knows`,
    );
    expect(viewOf(waits()).stuckMessages).toEqual([]);
    expect(viewOf(stopped()).stuckMessages).toMatchObject([{ id: 'message-1' }]);
  });

  test('to somebody who is excluded meanwhile is stopped, and stays so when they are readmitted', () => {
    expect(stopped().entries.map(({ text }) => text)).toContain(
      `message-1 is stopped (mail to ${IC}, ${SECURITY}): ${SECURITY} is excluded from the incident`,
    );
    expect(dispatch('message-1', after(stopped(), readmit(COUNSEL, SECURITY))).state).toBe('stopped');
    expect(dispatch('message-1', after(waits(), exclude(IC, SECURITY)))).not.toHaveProperty('nextTryAt');
  });

  test('whose approval falls with whoever gave it is stopped', () => {
    const fallen = after(noteApproved(), exclude(SECURITY, IC));
    expect(fallen.requests[requestOfNote()]).toMatchObject({ state: 'open', approvals: [] });
    expect(statesOf(fallen)).toEqual(['stopped', 'stopped']);
  });

  test('to a contact stops when the contact is refused, and when forensics falls', () => {
    const told = after(analysed(), approve(IC, 'contact:cyberInsurance'), send([INSURER]));
    expect(statesOf(told)).toEqual(['waiting']);
    expect(statesOf(after(told, refuse(IC, 'contact:cyberInsurance')))).toEqual(['stopped']);
    expect(statesOf(after(told, withdraw(SECURITY, 'systemsSecured')))).toEqual(['stopped']);
  });
});

describe('somebody outside', () => {
  test('who was named has a request of their own, and is known by their name in small letters', () => {
    const incident = after(
      analysed(),
      addContact('Field-Agent', {
        email: 'agent@bureau.example',
        phone: '+1 555 0161',
        how: 'ask for the desk',
      }),
    );
    expect(incident.parties).toEqual({
      'field-agent': {
        id: 'field-agent',
        kind: 'fbi',
        name: 'Somebody called Field-Agent',
        email: 'agent@bureau.example',
        phone: '+1 555 0161',
        how: 'ask for the desk',
      },
    });
    expect(incident.requests['contact:fbi/field-agent']).toMatchObject({ state: 'open' });
    expect(reasonsAgainst(incident, addContact('FIELD-agent'))).toContain('field-agent is known already');
    expect(reasonsAgainst(incident, addContact(INSURER))).toContain(
      'insurer is known already: Example Insurance',
    );
  });

  test('who is a customer has none: they hear the approved statement', () => {
    const incident = after(analysed(), addContact('customer-three', { kind: 'customer' }));
    expect(Object.keys(incident.requests).filter((id) => id.includes('customer'))).toEqual([]);
  });

  test.each<
    [who: string, approved: string, task: 'contactCyberInsurance' | 'contactFbi' | 'contactExternalParties']
  >([
    [INSURER, 'contact:cyberInsurance', 'contactCyberInsurance'],
    [FIELD_OFFICE, 'contact:fbi', 'contactFbi'],
    ['vendor', 'contact:externalParties/vendor', 'contactExternalParties'],
  ])('who was spoken with completes the task of it: %s', (party, request, task) => {
    const known = after(analysed(), addContact('vendor', { kind: 'externalParties' }));
    expect(reasonsAgainst(known, logContact(party))).toContain(`not approved (request ${request})`);
    const spoken = after(
      known,
      approve(IC, request),
      logContact(party, { by: COUNSEL, spokeWith: 'the duty desk' }),
    );
    expect(spoken.tasks[task]).toMatchObject({
      state: 'done',
      by: COUNSEL,
      note: 'spoke with the duty desk',
    });
    expect(lastEntry(spoken).text).toContain('is done with it');
    expect(viewed(spoken).parties.find(({ id }) => id === party)?.conversations).toMatchObject([
      { by: COUNSEL, with: 'the duty desk', about: 'what the policy covers' },
    ]);
    const twice = after(spoken, logContact(party));
    expect(twice.conversations).toHaveLength(2);
    expect(twice.tasks[task]).toEqual(spoken.tasks[task]);
    expect(lastEntry(twice).text).not.toContain('is done with it');
  });

  test('may be spoken with before forensics where the glass is broken for them, and for nobody else', () => {
    const broken = after(
      after(connected(), addContact('agent')),
      breakGlass(IC, 'contact:fbi/agent'),
      breakGlass(COUNSEL, 'contact:fbi/agent'),
    );
    expect(after(broken, logContact('agent')).tasks.contactFbi.state).toBe('done');
    for (const other of [FIELD_OFFICE, INSURER, POLICE])
      expect(reasonsAgainst(broken, logContact(other))).toContain('step 10');
  });

  test.each([
    [CUSTOMER_ONE, 'is a customer: say so with "firebreak contacts reached"'],
    ['nobody', 'nobody outside is known as nobody'],
    ['constructor', 'nobody outside is known as constructor'],
  ])('is somebody whom one may have spoken with: not %s', (party, reason) => {
    expect(reasonsAgainst(readyToRelease(), logContact(party))).toContain(reason);
  });

  test('whose conversation came too early leaves a refusal, and no conversation', () => {
    const { incident } = attempt(connected(), logContact(INSURER));
    expect(incident.conversations).toEqual([]);
    expect(lastEntry(incident)).toMatchObject({
      kind: 'refusal',
      text: `record a conversation with ${INSURER}`,
      reasons: [{ gate: 'forensicAnalysisIsPerformed' }, { gate: 'contactIsApproved' }],
    });
  });
});

describe('the view of what is said', () => {
  test.each(STATES)('survives the wire when the incident is "%s"', (_, incident) => {
    const view = viewed(incident);
    expect(JSON.parse(JSON.stringify(view))).toEqual(view);
  });

  test('of a company that has configured nothing is empty, and says so', () => {
    expect(viewed(after(declared(), respond()))).toMatchObject({
      parties: [],
      outbox: [],
      statements: [],
      channels: { inside: [], public: [], mail: false, sms: false },
    });
  });

  test('has everybody outside: how they are approved, whether there is a key, and why they wait', () => {
    const key = 'an armored key';
    const incident = after(
      analysed(),
      addContact('agent', { email: 'agent@bureau.example', key }),
      approve(IC, 'contact:fbi/agent'),
    );
    const view = viewed(incident);
    expect(
      view.parties.map(({ id, named, request, hasKey, blockers }) => [
        id,
        named,
        request,
        hasKey,
        blockers.map(({ gate }) => gate).join(),
      ]),
    ).toEqual([
      [INSURER, 'register', 'contact:cyberInsurance', true, 'contactIsApproved'],
      [POLICE, 'register', 'contact:localLawEnforcement', false, 'contactIsApproved'],
      [FIELD_OFFICE, 'register', 'contact:fbi', false, 'contactIsApproved'],
      [CUSTOMER_ONE, 'register', undefined, true, 'customersHearTheStatement'],
      [CUSTOMER_TWO, 'register', undefined, false, 'customersHearTheStatement'],
      ['agent', 'incident', 'contact:fbi/agent', true, ''],
    ]);
    expect(JSON.stringify(view)).not.toContain(key);
  });

  test('has each message with who reads it, how far it is, and what keeps it back', () => {
    const waiting = after(noteApproved(), send([IC]));
    const failed = afterReports(waiting, ...messageFailed('message-3', 'no answer in time', true));
    const stopped = after(failed, withdraw(FORENSICS, 'attackSource'));
    expect(viewed(stopped).outbox).toMatchObject([
      { id: 'message-1', audience: 'inside', state: 'stopped', by: ENGINEERING },
      { id: 'message-2', audience: 'inside', state: 'stopped', by: ENGINEERING },
      {
        id: 'message-3',
        audience: 'contact',
        state: 'failed',
        by: IC,
        cause: 'no answer in time',
        blockers: [],
      },
    ]);
    expect(viewed(stopped).outbox[0]?.blockers.map(({ gate }) => gate)).toContain(
      'attackIsConfirmedExternal',
    );
  });

  test('has the note and the statement with whose yes is missing', () => {
    const asked = after(externalConfirmed(analysed()), submitNote());
    expect(viewed(asked).note).toMatchObject({
      request: requestOfNote(),
      state: 'open',
      waitsFor: ['the incident commander'],
    });
    expect(renderDetails(asked)).toContain(`approve or refuse \`${requestOfNote()}\``);
    const two = after(
      fiveFacts(externalConfirmed(analysed())),
      submit(MARKETING),
      approve(MARKETING, STATEMENT_1),
      approve(IC, STATEMENT_1),
    );
    expect(viewed(two).statement).toMatchObject({
      request: STATEMENT_1,
      state: 'open',
      waitsFor: ['legal counsel'],
    });
    expect(viewed(readyToRelease()).statement).toMatchObject({ state: 'approved', waitsFor: [] });
  });
});

test('keys that came since are used for what is tried again', () => {
  const ready = after(analysed({ keys: {} }), approve(IC, 'contact:cyberInsurance'));
  const mail: Decision = send([INSURER]);
  expect(reasonsAgainst(ready, mail)).toContain(`no key to encrypt it to ${INSURER_MAIL}`);
  const asked = after(ready, { name: 'renewKeys', by: IC, reason: 'the insurer sent theirs' });
  const renewed = afterReports(asked, {
    name: 'keysRenewed',
    company: {
      roster: asked.company.roster,
      communication: { ...COMMUNICATION, customers: [], domains: ['evil.example'] },
    },
  });
  expect(attempt(renewed, mail).outcome.accepted).toBe(true);
  // Keys alone: whom the company knows does not change under a running incident.
  expect(renewed.company.communication).toMatchObject({ domains: ['example.com'], customers: [{}, {}] });
});
