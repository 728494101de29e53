/** Who takes part, as what, and who no longer: roles, the command, and the excluded. */
import { ask } from '../../domain/decide';
import type { Decision } from '../../domain/decisions';
import type { Incident } from '../../domain/incident';
import {
  addressIn,
  everybody,
  holdersOf,
  isExcluded,
  lineOf,
  phonesInWords,
  rolesIn,
  rosterOf,
  toBeRemoved,
} from '../../domain/people';
import { executivesAndCounsel, operationalResponders, type Responder, type Role } from '../../domain/roles';
import { viewOf } from '../../domain/view';
import {
  after,
  afterReports,
  approve,
  assembled,
  attempt,
  breakGlass,
  COLD_STORAGE,
  complete,
  contained,
  COUNSEL,
  declared,
  DEPUTY,
  effectsDone,
  exclude,
  EXECUTIVE,
  fiveFacts,
  FORENSICS,
  forensicsPerformed,
  IC,
  imagesKept,
  INSTANCE,
  lastEntry,
  MARKETING,
  nextMinute,
  notNeeded,
  PAYMENTS,
  readmit,
  reasonsAgainst,
  record,
  refuse,
  release,
  respond,
  responding,
  ROSTER,
  SCRIBE,
  SECURITY,
  SERVICE,
  STATEMENT_1,
  STATEMENT_2,
  statementApproved,
  statementSubmitted,
  stored,
  STRANGER,
  submit,
  subSteps,
  withhold,
} from '../support/incidents';

const NEW = 'new@example.com';
const CONTAIN = `contain:${INSTANCE}`;
const FBI = 'contact:fbi';
const STEP = 'internalCommunication';

const give = (by: string, person: string, role: Role): Decision => ({ name: 'giveRole', by, person, role });
const take = (by: string, person: string, role: Role): Decision => ({
  name: 'takeRole',
  by,
  person,
  role,
  reason: 'they sleep',
});
const offer = (by: string, person: string): Decision => ({ name: 'offerCommand', by, person });
const acceptIt = (by: string): Decision => ({ name: 'acceptCommand', by });

/** The roster of the tests, and more people. */
const withPeople = (...people: Responder[]): Incident =>
  declared({ company: { roster: [...ROSTER, ...people] } });

/** The same address in other letters. */
const shouts = (email: string) => email.toUpperCase();

describe('a role', () => {
  test('is given to somebody on the roster, beside those that the person has', () => {
    const given = after(responding(), give(IC, SCRIBE, 'deputy'));
    expect(rolesIn(given, SCRIBE)).toEqual(['scribe', 'deputy']);
    expect(lastEntry(given)).toMatchObject({
      kind: 'decision',
      by: IC,
      text: `gave ${SCRIBE} the role Deputy`,
      details: { person: SCRIBE, role: 'deputy' },
    });
    expect(holdersOf('deputy', given)).toEqual([DEPUTY, SCRIBE]);
  });

  test('is given to somebody new, who is told to have no key', () => {
    const given = after(responding(), give(IC, NEW, 'forensicsLead'));
    expect(rolesIn(given, NEW)).toEqual(['forensicsLead']);
    expect(lastEntry(given).text).toContain('was not on the roster');
    after(given, record(NEW, 'methodKnown'));
    expect(everybody(given).filter(({ email }) => email === NEW)).toHaveLength(1);
  });

  test('in other letters is the same person, also where the person is new', () => {
    const given = after(responding(), give(IC, 'New@Example.COM', 'scribe'), give(IC, NEW, 'deputy'));
    expect(rolesIn(given, shouts(NEW))).toEqual(['scribe', 'deputy']);
    expect(rosterOf(given)).toHaveLength(ROSTER.length + 1);
    expect(addressIn(given, NEW)).toBe('New@Example.COM');
    expect(reasonsAgainst(given, give(IC, shouts(NEW), 'deputy'))).toContain('already');
    const known = after(responding(), give(IC, shouts(SCRIBE), 'deputy'));
    expect(Object.keys(known.roleChanges)).toEqual([SCRIBE]);
    expect(rosterOf(known)).toHaveLength(ROSTER.length);
  });

  test('brings its holder into the room: everybody is invited again', () => {
    const before = assembled();
    for (const role of ['forensicsLead', 'legalCounsel'] as const) {
      const given = after(before, give(IC, NEW, role));
      for (const effect of ['inviteResponders', 'pageResponders', 'inviteExecutives'] as const)
        expect([effect, given.effects[effect].state]).toEqual([effect, 'waiting']);
      // What has not been done is not done because of that.
      expect(given.effects.inviteMarketing.state).toBe('waiting');
      expect(given.effects.openRoom.state).toBe('done');
    }
  });

  test('of a service representative is that of the services that are affected', () => {
    const given = after(responding(), give(IC, NEW, 'serviceRepresentative'));
    expect(operationalResponders(rosterOf(given), given.scope.services)).toContain(NEW);
    const more = after(given, { name: 'widenScope', by: IC, what: 'service', which: 'search' });
    expect(lastEntry(more).text).toBe('added service search to the scope');
    expect(operationalResponders(rosterOf(more), ['search'])).toContain(NEW);
    // Whoever speaks for a service by the company's roster goes on speaking for that one.
    const same = after(responding(), give(IC, PAYMENTS, 'deputy'));
    expect(rosterOf(same).find(({ email }) => email === PAYMENTS)?.services).toEqual([SERVICE]);
  });

  test('is taken, and the person can decide no longer', () => {
    const taken = after(responding(), take(IC, SECURITY, 'securityTeam'));
    expect(rolesIn(taken, SECURITY)).toEqual([]);
    expect(lastEntry(taken).text).toBe(`took the role Security team from ${SECURITY} — they sleep`);
    expect(reasonsAgainst(taken, complete(SECURITY, 'findQueries'))).toContain('not on the roster');
    expect(operationalResponders(rosterOf(taken), [])).not.toContain(SECURITY);
    after(taken, give(IC, SECURITY, 'scribe'));
  });

  test.each<[string, Decision, string]>([
    ['that the person has', give(IC, SCRIBE, 'scribe'), `${SCRIBE} has the role Scribe already`],
    ['of the command, while somebody has it', give(IC, DEPUTY, 'incidentCommander'), 'hand-over-command'],
    ['that the person has not, taken', take(IC, SCRIBE, 'deputy'), 'does not have the role Deputy'],
    ['of the command, taken from the last', take(IC, IC, 'incidentCommander'), 'hand-over-command'],
    ['of a stranger, taken', take(IC, STRANGER, 'scribe'), 'does not have the role'],
  ])('%s is refused', (_, decision, reason) => {
    expect(reasonsAgainst(responding(), decision)).toContain(reason);
  });

  test('of the command can be taken from one of two', () => {
    const two = withPeople({ email: 'ic-2@example.com', roles: ['incidentCommander', 'scribe'] });
    const one = after(two, take(IC, 'ic-2@example.com', 'incidentCommander'));
    expect(holdersOf('incidentCommander', one)).toEqual([IC]);
    expect(rolesIn(one, 'ic-2@example.com')).toEqual(['scribe']);
  });

  test('stays as it was changed when the keys are read anew, whatever the file says by then', () => {
    const changed = after(
      responding(),
      give(IC, SCRIBE, 'deputy'),
      take(IC, FORENSICS, 'forensicsLead'),
      give(IC, NEW, 'forensicsLead'),
      exclude(SECURITY, EXECUTIVE),
    );
    const renewed = afterReports(after(changed, { name: 'renewKeys', by: IC, reason: 'a stolen laptop' }), {
      name: 'keysRenewed',
      company: { roster: ROSTER.map((person) => ({ ...person, keys: ['ssh-ed25519 NEW'] })) },
    });
    const roles = (incident: Incident) => rosterOf(incident).map(({ email, roles: all }) => [email, all]);
    expect(roles(renewed)).toEqual(roles(changed));
    expect(rosterOf(renewed)[0]?.keys).toEqual(['ssh-ed25519 NEW']);
    expect(renewed.keysWantedSince).toBeUndefined();
    expect(isExcluded(EXECUTIVE, renewed)).toBe(true);
  });
});

describe('the command', () => {
  const offered = () => after(responding(), offer(IC, shouts(DEPUTY)));

  test('stays where it is until it is accepted', () => {
    const waiting = offered();
    expect(waiting.commandOffer).toMatchObject({ to: DEPUTY, by: IC });
    expect(viewOf(waiting).commandOffer).toEqual(waiting.commandOffer);
    expect(holdersOf('incidentCommander', waiting)).toEqual([IC]);
    expect(lastEntry(waiting).text).toBe(
      `offered the command to ${DEPUTY}, who has to accept it; until then ${IC} has it`,
    );
  });

  test('is accepted by whom it was offered to, and the old one is deputy then', () => {
    const handed = after(offered(), acceptIt(shouts(DEPUTY)));
    expect(holdersOf('incidentCommander', handed)).toEqual([DEPUTY]);
    expect(rolesIn(handed, DEPUTY)).toEqual(['incidentCommander', 'deputy']);
    expect(rolesIn(handed, IC)).toEqual(['deputy']);
    expect(handed).not.toHaveProperty('commandOffer');
    expect(lastEntry(handed).text).toBe(`accepted the command from ${IC}, who is deputy now`);
    expect(reasonsAgainst(handed, give(IC, NEW, 'scribe'))).toContain('the incident commander to decide');
    expect(reasonsAgainst(handed, acceptIt(DEPUTY))).toContain('nobody has offered');
  });

  test('brings whoever accepts it into the room', () => {
    const before = after(assembled(), offer(IC, MARKETING));
    expect(after(before, acceptIt(MARKETING)).effects.inviteResponders.state).toBe('waiting');
  });

  test('keeps the other roles of both', () => {
    const both = { email: 'both@example.com', roles: ['incidentCommander', 'legalCounsel'] as const };
    const incident = declared({ company: { roster: [...ROSTER.filter(({ email }) => email !== IC), both] } });
    const handed = after(incident, offer(both.email, SCRIBE), acceptIt(SCRIBE));
    expect(rolesIn(handed, both.email)).toEqual(['legalCounsel', 'deputy']);
    expect(rolesIn(handed, SCRIBE)).toEqual(['incidentCommander', 'scribe']);
  });

  test.each([SECURITY, IC, SCRIBE])('is not accepted by %s, to whom it was not offered', (by) => {
    expect(reasonsAgainst(offered(), acceptIt(by))).toContain('nobody has offered the command');
  });

  test('that was offered to another since is accepted by that one alone', () => {
    const again = after(offered(), offer(IC, SCRIBE));
    expect(reasonsAgainst(again, acceptIt(DEPUTY))).toContain('nobody has offered');
    after(again, acceptIt(SCRIBE));
  });

  test.each<[string, Decision, string]>([
    ['to oneself', offer(IC, shouts(IC)), 'yours already'],
    ['to somebody who is not on the roster', offer(IC, STRANGER), 'give them a role first'],
    ['by a deputy', offer(DEPUTY, SCRIBE), 'the incident commander to decide'],
  ])('is not offered %s', (_, decision, reason) => {
    expect(reasonsAgainst(responding(), decision)).toContain(reason);
  });

  test('is not accepted from somebody who has it no longer', () => {
    const two = withPeople({ email: 'ic-2@example.com', roles: ['incidentCommander'] });
    const lost = after(
      two,
      offer('ic-2@example.com', DEPUTY),
      take(IC, 'ic-2@example.com', 'incidentCommander'),
    );
    expect(reasonsAgainst(lost, acceptIt(DEPUTY))).toContain('has the command no longer');
    expect(holdersOf('incidentCommander', lost)).toEqual([IC]);
  });

  test.each([
    ['whoever offered it', IC],
    ['whoever it was offered to', DEPUTY],
  ])('is not accepted once %s is excluded', (_, suspect) => {
    const fallen = after(offered(), exclude(SECURITY, suspect));
    expect(fallen).not.toHaveProperty('commandOffer');
    expect(attempt(fallen, acceptIt(DEPUTY)).outcome.accepted).toBe(false);
    const others = after(offered(), exclude(SECURITY, SCRIBE));
    expect(others.commandOffer).toBeDefined();
  });
});

describe('an exclusion', () => {
  test('beats every role, in whatever letters', () => {
    const excluded = after(responding(), exclude(SECURITY, shouts(FORENSICS)));
    expect(Object.keys(excluded.excluded)).toEqual([FORENSICS]);
    expect(isExcluded(shouts(FORENSICS), excluded)).toBe(true);
    expect(rosterOf(excluded).map(({ email }) => email)).not.toContain(FORENSICS);
    expect(everybody(excluded).map(({ email }) => email)).toContain(FORENSICS);
    expect(rolesIn(excluded, FORENSICS)).toEqual([]);
    for (const by of [FORENSICS, shouts(FORENSICS), 'Forensics@Example.com'])
      expect(attempt(excluded, record(by, 'methodKnown')).outcome).toMatchObject({
        accepted: false,
        reasons: [{ gate: 'senderIsNotExcluded' }],
      });
    expect(reasonsAgainst(excluded, exclude(IC, shouts(FORENSICS)))).toContain('is excluded already');
    expect(excluded.audienceWantedSince).toBe(lastEntry(excluded).at);
  });

  test('is said with its reason, and with what to look at again', () => {
    const before = after(
      fiveFacts(),
      complete(SECURITY, 'findQueries'),
      notNeeded(SECURITY, 'findBackDoors'),
      refuse(SECURITY, CONTAIN),
      record(SECURITY, 'methodKnown'),
    );
    expect(lastEntry(after(before, exclude(IC, SECURITY))).text).toBe(
      `excluded ${SECURITY} — it was their key; look again at what they recorded: systemsSecured, monitoringInPlace, methodKnown; at what they settled: ${[
        before.tasks.findQueries,
        before.tasks.findBackDoors,
      ]
        .map((_, index) => viewOf(before).steps[4]?.tasks.slice(4)[index]?.title)
        .join(', ')}; at what they refused: ${CONTAIN}`,
    );
    expect(lastEntry(after(statementSubmitted(), exclude(IC, MARKETING))).text).toContain(
      'look again at the statement, which they wrote',
    );
    expect(lastEntry(after(responding(), exclude(IC, EXECUTIVE))).text).toBe(
      `excluded ${EXECUTIVE} — it was their key`,
    );
  });

  test('of somebody who is not on the roster is one, in whatever letters, and is seen', () => {
    const excluded = after(responding(), exclude(COUNSEL, 'Suspect@Example.com'));
    expect(reasonsAgainst(excluded, exclude(IC, 'suspect@example.com'))).toContain('excluded already');
    expect(reasonsAgainst(excluded, give(IC, 'suspect@example.com', 'deputy'))).toContain(
      'readmit them first',
    );
    expect(viewOf(excluded).people.at(-1)).toMatchObject({
      email: 'Suspect@Example.com',
      roles: [],
      excluded: { by: COUNSEL, reason: 'it was their key' },
    });
    const back = after(excluded, readmit(IC, 'suspect@example.com'));
    expect(back.excluded).toEqual({});
    expect(lastEntry(back).text).toBe('readmitted Suspect@Example.com — it was not them');
    after(back, give(IC, 'suspect@example.com', 'scribe'));
  });

  test('is nobody’s of oneself, in whatever letters', () => {
    expect(reasonsAgainst(responding(), exclude(IC, shouts(IC)))).toContain('nobody excludes themselves');
    expect(reasonsAgainst(responding(), exclude(shouts(IC), IC))).toContain('nobody excludes themselves');
  });

  test('keeps roles and assignments from the person', () => {
    const excluded = after(responding(), exclude(IC, SCRIBE));
    expect(reasonsAgainst(excluded, give(IC, SCRIBE, 'deputy'))).toContain('readmit them first');
    expect(reasonsAgainst(excluded, offer(IC, SCRIBE))).toContain('readmit them first');
    expect(
      reasonsAgainst(excluded, { name: 'assignTask', by: IC, task: 'findQueries', to: shouts(SCRIBE) }),
    ).toContain('is excluded from the incident');
    expect(reasonsAgainst(excluded, take(IC, SCRIBE, 'scribe'))).toContain('does not have the role');
  });

  test('takes back what the person asked for through the Web UI, and lets nothing more in', () => {
    const asks = (incident: Incident, by: string) =>
      ask(incident, by, { name: 'lookWho', by }, nextMinute(incident));
    const asked = asks(asks(responding(), shouts(SCRIBE)).incident, DEPUTY).incident;
    const excluded = after(asked, exclude(IC, SCRIBE));
    expect(Object.values(excluded.asked).map(({ by }) => by)).toEqual([DEPUTY]);
    const { incident, outcome } = asks(excluded, shouts(SCRIBE));
    expect(outcome.reasons).toMatchObject([{ gate: 'senderIsNotExcluded' }]);
    expect(incident.asked).toBe(excluded.asked);
    expect(lastEntry(incident)).toMatchObject({ kind: 'refusal', by: shouts(SCRIBE), decision: 'lookWho' });
  });

  test('is taken back by the incident commander or legal counsel, and the person is invited again', () => {
    const excluded = after(assembled(), exclude(SECURITY, EXECUTIVE));
    expect(executivesAndCounsel(rosterOf(excluded), [])).not.toContain(EXECUTIVE);
    expect(reasonsAgainst(excluded, readmit(SECURITY, EXECUTIVE))).toContain('legal counsel to decide');
    expect(reasonsAgainst(excluded, readmit(EXECUTIVE, EXECUTIVE))).toContain('this person is excluded');
    const back = after(excluded, readmit(COUNSEL, shouts(EXECUTIVE)));
    expect(back.excluded).toEqual({});
    expect(back.effects.inviteExecutives.state).toBe('waiting');
    expect(rolesIn(back, EXECUTIVE)).toEqual(['executive']);
    expect(reasonsAgainst(back, readmit(IC, EXECUTIVE))).toContain('is not excluded');
  });

  test('of the last incident commander lets others give the command, and none else', () => {
    const headless = after(responding(), exclude(SECURITY, IC));
    expect(holdersOf('incidentCommander', headless)).toEqual([]);
    expect(lastEntry(headless).text).toContain(
      'nobody commands now: the deputy or the security team or legal counsel gives somebody the role',
    );
    for (const by of [SCRIBE, EXECUTIVE, FORENSICS, IC])
      expect(attempt(headless, give(by, DEPUTY, 'incidentCommander')).outcome.accepted).toBe(false);
    for (const by of [DEPUTY, SECURITY, COUNSEL]) {
      const led = after(headless, give(by, DEPUTY, 'incidentCommander'));
      expect(holdersOf('incidentCommander', led)).toEqual([DEPUTY]);
      expect(reasonsAgainst(led, give(SECURITY, SCRIBE, 'deputy'))).toContain('the incident commander');
      after(led, complete(DEPUTY, 'findQueries'), exclude(DEPUTY, SECURITY));
    }
    expect(reasonsAgainst(headless, give(SECURITY, shouts(IC), 'incidentCommander'))).toContain('readmit');
    // The deputy alone decides nothing that is the commander's.
    expect(reasonsAgainst(headless, withhold(DEPUTY, STEP))).toContain('the incident commander');
  });
});

describe("an excluded person's word", () => {
  const two = (...roles: Role[]): Responder => ({ email: 'two@example.com', roles });

  test('falls where it was one voice of several', () => {
    const half = after(statementSubmitted(), approve(MARKETING, STATEMENT_1), approve(IC, STATEMENT_1));
    const fallen = after(half, exclude(COUNSEL, MARKETING));
    expect(fallen.requests[STATEMENT_1]).toMatchObject({ state: 'open', approvals: [{ by: IC }] });
  });

  test('falls where the statement was approved, and the others count still', () => {
    const fallen = after(statementApproved(), exclude(SECURITY, COUNSEL));
    const { approvals, state } = fallen.requests[STATEMENT_1] ?? {};
    expect([state, approvals?.map(({ by }) => by)]).toEqual(['open', [MARKETING, IC]]);
    expect(reasonsAgainst(fallen, complete(MARKETING, 'releaseStatement'))).toContain(STATEMENT_1);
    const again = after(fallen, give(IC, NEW, 'legalCounsel'), approve(NEW, STATEMENT_1));
    expect(again.requests[STATEMENT_1]?.state).toBe('approved');
  });

  test('falls where a contact was approved by it, and a call that was made is in doubt', () => {
    const approved = after(forensicsPerformed(), approve(IC, FBI));
    expect(after(approved, exclude(SECURITY, IC)).requests[FBI]).toMatchObject({
      state: 'open',
      approvals: [],
    });
    const made = after(approved, complete(IC, 'contactFbi'));
    expect(after(made, exclude(SECURITY, IC)).tasks.contactFbi).toMatchObject({
      state: 'done',
      inDoubt: { because: expect.stringContaining(FBI) },
    });
  });

  test('does not fall where the containment has begun: what is contained stays so', () => {
    const begun = after(declared(), approve(SECURITY, CONTAIN));
    const fallen = after(begun, exclude(IC, SECURITY));
    expect(fallen.requests[CONTAIN]).toBe(begun.requests[CONTAIN]);
    expect(fallen.containments[INSTANCE]?.status).toBe('running');
  });

  test('falls where a release waits for a second voice, and not where it has begun', () => {
    const one = after(stored(), release(SECURITY));
    const id = `release:${INSTANCE}`;
    const fallen = after(one, exclude(IC, SECURITY));
    expect(fallen.requests[id]).toMatchObject({ state: 'open', approvals: [] });
    const alone = after(fallen, release(IC));
    expect(alone.containments[INSTANCE]?.release).toBeUndefined();
    const both = after(one, release(IC));
    expect(after(both, exclude(IC, SECURITY)).requests[id]).toBe(both.requests[id]);
  });

  test('that broke the glass together with another, or withheld a step, falls: the other is left alone', () => {
    const broken = after(responding(), breakGlass(COUNSEL, FBI), breakGlass(IC, FBI));
    expect(broken.requests[FBI]).toMatchObject({ state: 'approved', glassBroken: true });
    const whole = after(broken, exclude(SECURITY, COUNSEL));
    expect(whole.requests[FBI]).toMatchObject({ state: 'open' });
    expect(whole.requests[FBI]).not.toHaveProperty('glassBroken');
    expect(whole.glass[FBI]?.map(({ by }) => by)).toEqual([IC]);
    expect(reasonsAgainst(whole, complete(IC, 'contactFbi'))).toContain(FBI);
    expect(reasonsAgainst(whole, breakGlass(IC, FBI))).toContain('legal counsel must agree');

    const withheld = after(responding(), withhold(IC, STEP), withhold(COUNSEL, STEP));
    const open = after(withheld, exclude(SECURITY, IC));
    expect(viewOf(open).steps[10]?.state).toBe('locked');
    expect(open.withholding[STEP]?.map(({ by }) => by)).toEqual([COUNSEL]);
    expect(after(responding(), withhold(IC, STEP), exclude(SECURITY, IC)).withholding).toEqual({});
  });

  test('that broke a glass leaves a contact approved that another has approved as well', () => {
    const broken = after(
      forensicsPerformed(),
      approve(IC, FBI),
      breakGlass(COUNSEL, FBI),
      breakGlass(IC, FBI),
    );
    const kept = after(broken, exclude(SECURITY, COUNSEL)).requests[FBI];
    expect(kept).toMatchObject({ state: 'approved', approvals: [{ by: IC }] });
    expect(kept).not.toHaveProperty('glassBroken');
  });

  test('of somebody else stays', () => {
    const before = after(statementApproved(), withhold(IC, STEP), breakGlass(COUNSEL, FBI));
    const now = after(before, exclude(SECURITY, EXECUTIVE));
    expect(now.requests).toEqual(before.requests);
    expect([now.glass, now.withholding]).toEqual([before.glass, before.withholding]);
  });

  test('takes tasks with it: they are nobody’s again', () => {
    const assigned = after(
      responding(),
      { name: 'assignTask', by: IC, task: 'findQueries', to: shouts(PAYMENTS) },
      { name: 'assignTask', by: IC, task: 'findBackDoors', to: SCRIBE },
    );
    const fallen = after(assigned, exclude(IC, PAYMENTS));
    expect(Object.keys(fallen.assignments)).toEqual(['findBackDoors']);
    expect(reasonsAgainst(fallen, complete(PAYMENTS, 'findQueries'))).toContain('this person is excluded');
    expect(viewOf(fallen).assignments.map(({ to }) => to)).toEqual([SCRIBE]);
  });

  test('is never a second one: the two of a pair are two people, whatever roles they are given meanwhile', () => {
    const spellings = [IC, shouts(IC), 'Ic@Example.com'];
    const withBoth = (first: Decision) => after(responding(), first, give(IC, IC, 'legalCounsel'));
    for (const by of spellings) {
      expect(reasonsAgainst(withBoth(withhold(IC, STEP)), withhold(by, STEP))).toContain('said so already');
      expect(reasonsAgainst(withBoth(breakGlass(IC, FBI)), breakGlass(by, FBI))).toContain('said so already');
    }
    const asked = after(stored(), release(IC), give(IC, IC, 'securityTeam'), give(IC, IC, 'deputy'));
    for (const by of spellings) {
      expect(reasonsAgainst(asked, release(by))).toContain('no voice left');
      expect(reasonsAgainst(asked, approve(by, `release:${INSTANCE}`))).toContain('no voice left');
    }
    const statement = after(
      statementSubmitted(),
      approve(IC, STATEMENT_1),
      give(IC, IC, 'marketing'),
      give(IC, IC, 'legalCounsel'),
    );
    for (const by of spellings)
      expect(reasonsAgainst(statement, approve(by, STATEMENT_1))).toContain('no voice left');
    expect(statement.requests[STATEMENT_1]?.approvals).toHaveLength(1);
  });

  test('is one voice of a new person too, in two spellings', () => {
    const given = after(
      responding(),
      give(IC, 'New@Example.com', 'legalCounsel'),
      withhold(NEW, STEP),
      offer(IC, NEW),
      acceptIt(shouts(NEW)),
    );
    expect(rolesIn(given, NEW)).toEqual(['incidentCommander', 'legalCounsel']);
    expect(reasonsAgainst(given, withhold(shouts(NEW), STEP))).toContain('said so already');
    expect(given.withholding[STEP]).toHaveLength(1);
  });

  test('and that of whoever has several roles is one: the second person makes two', () => {
    const both = declared({ company: { roster: [...ROSTER, two('incidentCommander', 'legalCounsel')] } });
    const asked = after(both, respond(), withhold('two@example.com', STEP));
    expect(reasonsAgainst(asked, withhold('TWO@example.com', STEP))).toContain('said so already');
    expect(after(asked, withhold(COUNSEL, STEP)).withholding[STEP]).toHaveLength(2);
  });
});

describe('the room', () => {
  const roomed = () => afterReports(responding(), ...effectsDone('pageIncidentCommander', 'openRoom'));

  test('is left by whoever is excluded, as soon as there is one', () => {
    const early = after(responding(), exclude(IC, SCRIBE));
    expect(toBeRemoved(early)).toEqual([]);
    const opened = afterReports(early, ...effectsDone('openRoom'));
    expect(toBeRemoved(opened)).toEqual([SCRIBE]);
    const gone = afterReports(opened, { name: 'personRemoved', email: SCRIBE, wasThere: false });
    expect(toBeRemoved(gone)).toEqual([]);
    // Nobody had seen anything.
    expect(gone.entries).toHaveLength(opened.entries.length);
  });

  test('is to be moved where the person had been in it, or could not be taken out', () => {
    const excluded = after(roomed(), exclude(IC, SCRIBE));
    const gone = afterReports(excluded, { name: 'personRemoved', email: SCRIBE, wasThere: true });
    expect(lastEntry(gone)).toMatchObject({ kind: 'warning', text: expect.stringContaining('move-room') });
    expect(gone.excluded[SCRIBE]?.removed).toEqual({ at: lastEntry(gone).at, wasThere: true });
    const stuck = afterReports(excluded, {
      name: 'personRemoved',
      email: SCRIBE,
      wasThere: true,
      cause: 'cant_kick_self',
    });
    expect(lastEntry(stuck)).toMatchObject({
      kind: 'failure',
      text: `${SCRIBE} could not be taken out of the room (cant_kick_self): move to a new room now (move-room)`,
    });
    // One that was readmitted meanwhile is none of it.
    const back = after(excluded, readmit(IC, SCRIBE));
    expect(afterReports(back, { name: 'personRemoved', email: SCRIBE, wasThere: true })).toEqual(back);
  });

  test('is moved under a name that was never its own', () => {
    const move = (by: string, room: string): Decision => ({
      name: 'moveRoom',
      by,
      room,
      reason: 'they know the old one',
    });
    const before = roomed();
    expect(reasonsAgainst(before, move(IC, 'sapphire-unicorn'))).toContain("incident's own");
    expect(reasonsAgainst(responding(), move(IC, 'amber-otter'))).toContain('there is no room yet');
    const moved = after(before, move(SECURITY, 'amber-otter'));
    expect(moved).toMatchObject({ roomName: 'amber-otter', leftRooms: ['sapphire-unicorn'] });
    expect(moved).not.toHaveProperty('room');
    expect(moved).not.toHaveProperty('invitations');
    for (const effect of ['openRoom', 'inviteResponders', 'briefRoom', 'inviteExecutives'] as const)
      expect(moved.effects[effect].state).toBe('waiting');
    expect(moved.effects.pageIncidentCommander.state).toBe('done');
    expect(reasonsAgainst(moved, move(IC, 'copper-heron'))).toContain('there is no room yet');

    const room = { id: 'ROOM2', name: 'amber-otter', checklistId: 'PIN2' };
    const opened = afterReports(
      moved,
      { name: 'effectStarted', effect: 'openRoom' },
      { name: 'effectDone', effect: 'openRoom', room },
    );
    expect(opened.room).toEqual(room);
    for (const name of ['sapphire-unicorn', 'amber-otter'])
      expect(reasonsAgainst(opened, move(IC, name))).toContain("incident's own");
    const again = after(opened, move(IC, 'copper-heron'));
    expect(again.leftRooms).toEqual(['sapphire-unicorn', 'amber-otter']);
    // Slack may have given it another name than was asked for.
    const renamed = afterReports(before, {
      name: 'effectDone',
      effect: 'openRoom',
      room: { ...room, name: 'teal-heron' },
    });
    expect(reasonsAgainst(renamed, move(IC, 'teal-heron'))).toContain("incident's own");
  });
});

describe('who can see it', () => {
  test('is asked, seen and told with what could not be asked', () => {
    const asked = after(responding(), { name: 'lookWho', by: COUNSEL });
    expect(asked.audienceWantedSince).toBe(lastEntry(asked).at);
    const audience = {
      members: [IC, SECURITY],
      owners: ['owner@example.com'],
      pagerAdministrators: [],
      problems: ['PagerDuty answers 503'],
    };
    const seen = afterReports(asked, { name: 'audienceSeen', audience });
    expect(seen).not.toHaveProperty('audienceWantedSince');
    expect(seen.audience).toEqual({ ...audience, at: lastEntry(seen).at });
    expect(viewOf(seen).audience).toEqual(seen.audience);
    expect(lastEntry(seen).text).toBe(
      'who can see this: 2 in the room, 1 owners of the workspace, 0 administrators of the pager; not told: PagerDuty answers 503; the list: who',
    );
    // Names stand in the list, not in the timeline.
    expect(JSON.stringify(seen.entries)).not.toContain('owner@example.com');
  });

  test('the view names everybody with their roles as they are, and who is on call', () => {
    const incident = after(
      declared({
        company: { onCall: { at: 7, people: [{ email: shouts(IC), as: 'primary', phone: '+1 555 0101' }] } },
      }),
      give(IC, NEW, 'deputy'),
      exclude(IC, SCRIBE),
    );
    const people = new Map(viewOf(incident).people.map((one) => [one.email, one]));
    expect(people.size).toBe(ROSTER.length + 1);
    expect(people.get(IC)).toEqual({ email: IC, roles: ['incidentCommander'], onCall: 'primary' });
    expect(people.get(NEW)).toEqual({ email: NEW, roles: ['deputy'] });
    expect(people.get(SCRIBE)).toMatchObject({
      roles: ['scribe'],
      excluded: { by: IC, reason: 'it was their key' },
    });
    expect(lineOf(incident).map(({ email }) => email.toLowerCase())).toEqual([IC, DEPUTY, NEW]);
    expect(phonesInWords(incident)).toBe(`call by hand: ${shouts(IC)} (primary) +1 555 0101`);
  });
});

test('images that are kept outlive whoever had them made', () => {
  const [proven, stopped, ended] = contained();
  const kept = afterReports(
    after(declared({ company: { authority: 'contain-on-declare', coldStorage: COLD_STORAGE } }), respond()),
    ...[proven, stopped].filter((one) => one !== undefined),
    subSteps(INSTANCE, { state: 'done' }, 'record', 'store', 'hash'),
    imagesKept(),
    ...(ended ? [ended] : []),
  );
  const now = after(kept, exclude(IC, SECURITY));
  expect(now.evidence).toBe(kept.evidence);
  expect(now.containments).toBe(kept.containments);
});

test('a new version of a statement by somebody else needs all three voices', () => {
  const fallen = after(statementApproved(), exclude(IC, MARKETING), submit(IC));
  expect(fallen.requests[STATEMENT_2]).toMatchObject({ state: 'open', approvals: [] });
});
