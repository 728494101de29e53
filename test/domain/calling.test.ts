/** The page that somebody has to acknowledge, tasks that don't get lost, and the questions to the room: who, when, and when no longer. */
import { afterNudge, dueOfAssignments, type Assignment, type Nudge } from '../../domain/assignments';
import type { TaskId } from '../../domain/checklist';
import { decide, report } from '../../domain/decide';
import type { Decision } from '../../domain/decisions';
import type { Incident } from '../../domain/incident';
import { inCallingOrder, type OnCallPerson } from '../../domain/on-call';
import { DEFAULT_PACES, everySoOften, pacesOf } from '../../domain/paces';
import { isAcknowledged, nextCall, NOBODY_CALLED, withCall } from '../../domain/paging';
import { lineOf, phonesInWords } from '../../domain/people';
import { nextStatusRequestAt } from '../../domain/status-requests';
import { viewOf } from '../../domain/view';
import {
  after,
  afterReports,
  close,
  complete,
  COUNSEL,
  declared,
  DEPUTY,
  effectFailed,
  effectsDone,
  everythingSettled,
  FORENSICS,
  IC,
  lastEntry,
  notNeeded,
  reasonsAgainst,
  responding,
  ROSTER,
  SCRIBE,
  SECURITY,
  standDown,
  STRANGER,
  THREE_AM,
  withhold,
  exclude,
} from '../support/incidents';

const MINUTE = 60_000;
const PRIMARY = 'primary@example.com';
const BACKUP = 'backup@example.com';
const SHADOW = 'shadow@example.com';

const ON_CALL: readonly OnCallPerson[] = [
  { email: PRIMARY, as: 'primary', phone: '+1 555 0101' },
  { email: BACKUP, as: 'backup', phone: '+1 555 0102' },
  { email: SHADOW, as: 'shadowing' },
];

const acknowledge = (by: string): Decision => ({ name: 'acknowledge', by, door: 'pagerduty' });
const setPace = (changes: object): Decision => ({ name: 'setPace', by: IC, ...changes });

/** The page is open, and nobody has acknowledged it. */
function paged(people = ON_CALL, roster = ROSTER): Incident {
  return afterReports(
    declared({ company: { onCall: { at: THREE_AM - MINUTE, people }, roster } }),
    ...effectsDone('pageIncidentCommander'),
  );
}

/** Those who are called next, one after the other, each when the call before was of no use. */
function climb(incident: Incident, calls: number): { readonly called: string[]; readonly now: Incident } {
  let now = incident;
  const called: string[] = [];
  for (let count = 0; count < calls; count += 1) {
    const next = nextCall(now);
    if (!next) break;
    called.push(next.email);
    now = report(now, { name: 'called', email: next.email, called: true }, next.at);
  }
  return { called, now };
}

describe('the line', () => {
  const people = (incident: Incident) => lineOf(incident).map(({ email, as }) => [email, as]);

  test('is who is on call, then other incident commanders, then deputies; nobody twice', () => {
    const roster = [
      ...ROSTER,
      { email: 'Backup@Example.com', roles: ['incidentCommander'] as const },
      { email: 'ic-2@example.com', roles: ['incidentCommander', 'deputy'] as const, phone: '+1 555 0109' },
    ];
    expect(people(paged(ON_CALL, roster))).toEqual([
      [PRIMARY, 'primary'],
      [BACKUP, 'backup'],
      [SHADOW, 'shadowing'],
      [IC, 'incident commander'],
      ['ic-2@example.com', 'incident commander'],
      [DEPUTY, 'deputy'],
    ]);
    expect(people(declared())).toEqual([
      [IC, 'incident commander'],
      [DEPUTY, 'deputy'],
    ]);
  });

  test('has none of the excluded, in whatever letters the pager knows them', () => {
    const suspects = [PRIMARY.toUpperCase(), 'Deputy@example.com'];
    const incident = after(paged(), ...suspects.map((person) => exclude(SECURITY, person)));
    expect(people(incident).map(([email]) => email)).toEqual([BACKUP, SHADOW, IC]);
    expect(phonesInWords(incident)).toBe(`call by hand: ${BACKUP} (backup) +1 555 0102`);
  });

  test('has telephone numbers of the pager, or else of the roster', () => {
    const roster = [
      ...ROSTER.filter(({ email }) => email !== IC),
      { email: IC, roles: ['incidentCommander'] as const, phone: '+1 555 0100' },
      { email: SHADOW.toUpperCase(), roles: ['scribe'] as const, phone: '+1 555 0103' },
      { email: PRIMARY, roles: ['scribe'] as const, phone: '+1 555 9999' },
    ];
    expect(phonesInWords(paged(ON_CALL, roster))).toBe(
      `call by hand: ${PRIMARY} (primary) +1 555 0101; ${BACKUP} (backup) +1 555 0102; ${SHADOW} (shadowing) +1 555 0103; ${IC} (incident commander) +1 555 0100`,
    );
    expect(phonesInWords(declared())).toContain('no telephone number is known');
  });

  test('is told where the page fails, and where somebody can’t be called', () => {
    const incident = afterReports(
      declared({ company: { onCall: { at: THREE_AM, people: ON_CALL } } }),
      ...effectFailed('pageIncidentCommander', 'PagerDuty answers 503'),
    );
    expect(lastEntry(incident)).toMatchObject({
      kind: 'failure',
      text: expect.stringContaining('+1 555 0101'),
    });
    expect(viewOf(incident).paging).toMatchObject({ state: 'failed', cause: 'PagerDuty answers 503' });
    expect(nextCall(incident)).toBeUndefined();
    const unknown = afterReports(paged(), { name: 'called', email: BACKUP, called: false, cause: '404' });
    expect(lastEntry(unknown).text).toMatch(
      /^backup@example.com could not be called \(404\); call by hand: /,
    );
    expect(unknown.calling.calls).toMatchObject([{ email: BACKUP, called: false }]);
  });

  test('is put together from several answers in the order of calling', () => {
    const name = 'Incident Commander';
    expect(
      inCallingOrder<OnCallPerson>(
        [
          { email: SHADOW, as: 'shadowing' },
          { email: BACKUP, as: 'backup' },
        ],
        [
          { email: BACKUP.toUpperCase(), as: 'primary', phone: '+1 555 0102' },
          { email: PRIMARY, as: 'primary', name },
        ],
      ),
    ).toEqual([
      { email: BACKUP.toUpperCase(), as: 'primary', phone: '+1 555 0102' },
      { email: PRIMARY, as: 'primary', name },
      { email: SHADOW, as: 'shadowing' },
    ]);
  });
});

describe('a page that nobody acknowledges', () => {
  test('rings with the next in line, and around again', () => {
    const incident = paged();
    const since = incident.calling.since ?? 0;
    expect(nextCall(incident)).toEqual({ email: BACKUP, at: since + DEFAULT_PACES.acknowledgeWithinMs });
    const { called, now } = climb(incident, 11);
    const round = [PRIMARY, BACKUP, SHADOW, IC, DEPUTY];
    // The pager's own schedule rang the primary.
    expect([PRIMARY, ...called]).toEqual([...round, ...round, ...round.slice(0, 2)]);
    expect(now.calling.calls.map(({ at }) => at)).toEqual(
      called.map((_, index) => since + (index + 1) * DEFAULT_PACES.acknowledgeWithinMs),
    );
    expect(viewOf(now).paging).toMatchObject({ state: 'calling', calls: now.calling.calls });
  });

  test('rings with the only one again, and with nobody where there is nobody', () => {
    const alone = paged([{ email: PRIMARY, as: 'primary' }], []);
    expect(climb(alone, 3).called).toEqual([PRIMARY, PRIMARY, PRIMARY]);
    expect(nextCall(paged([], []))).toBeUndefined();
  });

  test('begins with the first where no schedule has rung anybody', () => {
    expect(climb(paged([]), 3).called).toEqual([IC, DEPUTY, IC]);
    expect(climb(paged([{ email: BACKUP, as: 'backup' }]), 2).called).toEqual([BACKUP, IC]);
  });

  test('passes nobody over when somebody leaves the line, or comes to it', () => {
    const { now } = climb(paged(), 2);
    const left = after(now, exclude(SECURITY, BACKUP));
    expect(climb(left, 4).called).toEqual([IC, DEPUTY, PRIMARY, SHADOW]);
    const joined = after(left, { name: 'giveRole', by: IC, person: SCRIBE, role: 'deputy' });
    expect(climb(joined, 5).called).toEqual([IC, DEPUTY, SCRIBE, PRIMARY, SHADOW]);
  });

  test('is told of each call at first, and of every twelfth after that: nobody reads the same line for weeks', () => {
    const { now } = climb(paged(), 72);
    const told = now.entries.filter(({ text }) => text.includes('is called next'));
    expect(told).toHaveLength(36 + 3);
    expect(now.calling.count).toBe(72);
  });

  test('keeps the last calls, and counts them all', () => {
    let calling = NOBODY_CALLED;
    for (let count = 0; count < 120; count += 1)
      calling = withCall(calling, { email: `${count}@example.com`, at: count, called: true });
    expect([calling.count, calling.calls.length, calling.calls[0]?.email]).toEqual([
      120,
      50,
      '70@example.com',
    ]);
    expect(climb(paged(), 130).called.slice(-5)).toEqual([BACKUP, SHADOW, IC, DEPUTY, PRIMARY]);
  });

  test.each<[string, (incident: Incident) => Incident]>([
    ['before there is one', () => declared({ company: { onCall: { at: 0, people: ON_CALL } } })],
    ['once somebody has acknowledged it', (incident) => after(incident, acknowledge(SCRIBE))],
    ['once the pager says so', (incident) => afterReports(incident, { name: 'pageStood', by: PRIMARY })],
    ['once the pager says so, of nobody', (incident) => afterReports(incident, { name: 'pageStood' })],
    ['after the incident was stood down', (incident) => after(incident, standDown())],
  ])('rings with nobody next %s', (_, change) => {
    expect(nextCall(change(paged()))).toBeUndefined();
  });

  test('waits as long as was set', () => {
    const incident = after(paged(), setPace({ acknowledge: 1 }));
    expect(nextCall(incident)?.at).toBe((incident.calling.since ?? 0) + MINUTE);
  });
});

describe('an acknowledgement', () => {
  test('is the first one’s; others may say so as well', () => {
    const first = after(paged(), acknowledge('IC@example.com'));
    expect(first.calling.acknowledged).toEqual({ by: IC, at: lastEntry(first).at, door: 'pagerduty' });
    expect(isAcknowledged(first)).toBe(true);
    expect(viewOf(first).paging).toMatchObject({
      state: 'acknowledged',
      acknowledgedBy: IC,
      acknowledgedAt: lastEntry(first).at,
    });
    const second = after(first, acknowledge(DEPUTY));
    expect(second.calling).toEqual(first.calling);
    expect(lastEntry(second).text).toBe(`acknowledged the page, as ${IC} had`);
    expect(afterReports(second, { name: 'pageStood', by: DEPUTY })).toEqual(second);
    expect(reasonsAgainst(paged(), acknowledge(STRANGER))).toContain('not on the roster');
  });

  test('that the pager tells is of the person whom it names, or of somebody', () => {
    const named = afterReports(paged(), { name: 'pageStood', by: 'IC@Example.com' });
    expect(named.calling.acknowledged).toMatchObject({ by: IC, door: 'pagerduty' });
    const unnamed = afterReports(paged(), { name: 'pageStood' });
    expect(unnamed.calling.acknowledged).toEqual({ at: lastEntry(unnamed).at, door: 'pagerduty' });
    expect(lastEntry(unnamed).text).toBe('somebody acknowledged the page');
    expect(viewOf(unnamed).paging).not.toHaveProperty('acknowledgedBy');
    // Somebody outside the roster may be on call all the same.
    expect(afterReports(paged(), { name: 'pageStood', by: PRIMARY }).calling.acknowledged?.by).toBe(PRIMARY);
  });

  test.each([
    ['by a decision', (incident: Incident) => after(incident, acknowledge(IC))],
    [
      'at the pager',
      (incident: Incident) => afterReports(incident, { name: 'pageStood', by: 'Ic@example.com' }),
    ],
  ])('%s of somebody who is excluded then is handed on at once', (_, change) => {
    const { now } = climb(paged(), 2);
    const had = change(now);
    const excluded = after(had, exclude(SECURITY, 'IC@example.com'));
    expect(lastEntry(excluded).text).toContain('the page was theirs: the next in line is called');
    expect(excluded.calling).not.toHaveProperty('acknowledged');
    const next = nextCall(excluded);
    expect(next).toEqual({ email: DEPUTY, at: had.calling.calls.at(-1)?.at });
    expect(next?.at).toBeLessThan(lastEntry(excluded).at);
    // After that one call, the pace is the usual one.
    const at = lastEntry(excluded).at + 1_000;
    const called = report(excluded, { name: 'called', email: DEPUTY, called: true }, at);
    expect(called.calling).not.toHaveProperty('isUrgent');
    expect(nextCall(called)?.at).toBe(at + DEFAULT_PACES.acknowledgeWithinMs);
    // The pager goes on naming the suspect: that stops nothing, and is no news.
    expect(afterReports(called, { name: 'pageStood', by: 'IC@example.com' })).toEqual(called);
    const answered = after(excluded, acknowledge(SCRIBE));
    expect([nextCall(answered), answered.calling.isUrgent]).toEqual([undefined, undefined]);
  });

  test('stays where somebody else is excluded', () => {
    const had = after(paged(), acknowledge(IC));
    expect(after(had, exclude(IC, SCRIBE)).calling).toEqual(had.calling);
  });

  test('is refused to the excluded', () => {
    expect(reasonsAgainst(after(paged(), exclude(SECURITY, IC)), acknowledge('ic@EXAMPLE.com'))).toContain(
      'this person is excluded',
    );
  });
});

describe('an assigned task', () => {
  const TASK = 'findQueries';
  const assign = (to: string, changes: object = {}): Decision => ({
    name: 'assignTask',
    by: IC,
    task: TASK,
    to,
    ...changes,
  });
  const at = (minutes: number) => THREE_AM + 600_000 + minutes * MINUTE;
  const decideAt = (incident: Incident, decision: Decision, minutes: number) => {
    const { incident: next, outcome } = decide(incident, decision, at(minutes));
    expect(outcome).toMatchObject({ accepted: true });
    return next;
  };
  const nudgedAt = (
    incident: Incident,
    nudge: Nudge,
    minutes: number,
    to = [FORENSICS],
    untold: string[] = [],
  ) => report(incident, { name: 'nudged', task: TASK, nudge, to, untold }, at(minutes));
  const given = (changes: object = {}) => decideAt(responding(), assign(FORENSICS, changes), 0);
  const asked = (changes: object = {}) => nudgedAt(given(changes), 'ask', 0);
  const due = (incident: Incident) =>
    dueOfAssignments(incident).map(({ nudge, at: when }) => [nudge, (when - at(0)) / MINUTE]);

  test('is asked for at once, then reminded of at the pace', () => {
    expect(dueOfAssignments(given())).toEqual([{ task: TASK, to: FORENSICS, nudge: 'ask', at: at(0) }]);
    expect(due(asked())).toEqual([['remind', 15]]);
    const reminded = nudgedAt(asked(), 'remind', 16);
    expect(due(reminded)).toEqual([['remind', 31]]);
    expect(lastEntry(reminded)).toMatchObject({
      kind: 'effect',
      text: expect.stringMatching(`^reminded ${FORENSICS} of 5.5 `),
      details: { task: TASK },
    });
  });

  test('is asked for and not reminded of while it is locked', () => {
    const locked = decideAt(declared(), { ...assign(FORENSICS), task: 'combThroughEvidence' } as Decision, 0);
    expect(due(locked)).toEqual([['ask', 0]]);
    const told = report(
      locked,
      { name: 'nudged', task: 'combThroughEvidence', nudge: 'ask', to: [FORENSICS], untold: [] },
      at(0),
    );
    expect(due(told)).toEqual([]);
  });

  test('waits for nobody who has no role any more', () => {
    const taken: Decision = {
      name: 'takeRole',
      by: IC,
      person: SCRIBE,
      role: 'scribe',
      reason: 'they went home',
    };
    const theirs = decideAt(responding(), assign(SCRIBE), 0);
    expect(due(theirs)).toEqual([['ask', 0]]);
    expect(due(decideAt(theirs, taken, 1))).toEqual([]);
  });

  test('goes to others after two reminders without a word, once', () => {
    const twice = nudgedAt(nudgedAt(asked(), 'remind', 15), 'remind', 30);
    // At the same moment as the third reminder, and before it.
    expect(due(twice)).toEqual([['escalate', 45]]);
    const escalated = nudgedAt(twice, 'escalate', 45, [IC, DEPUTY], [DEPUTY]);
    expect(lastEntry(escalated)).toMatchObject({
      kind: 'warning',
      text: expect.stringMatching(
        `given to ${FORENSICS}, who has not answered; ${IC}, ${DEPUTY} was told: .*not reached by direct message: ${DEPUTY}`,
      ),
    });
    expect(due(escalated)).toEqual([['remind', 45]]);
    expect(due(nudgedAt(escalated, 'remind', 45))).toEqual([['remind', 60]]);
  });

  test('goes to others when its time box is over, also while somebody works on it', () => {
    const boxed = asked({ minutes: 10 });
    expect(viewOf(boxed).assignments).toMatchObject([{ task: TASK, to: FORENSICS, dueAt: at(10) }]);
    expect(lastEntry(given({ minutes: 10 })).text).toMatch(/to forensics@example.com, for 10 min$/);
    expect(due(boxed)).toEqual([['escalate', 10]]);
    const started = decideAt(boxed, { name: 'startTask', by: FORENSICS, task: TASK }, 5);
    expect(due(started)).toEqual([['escalate', 10]]);
    const escalated = nudgedAt(started, 'escalate', 10, []);
    expect(lastEntry(escalated).text).toContain('and its time is up; nobody was told');
    expect(due(escalated)).toEqual([['remind', 65]]);
    // No minutes is no box.
    expect(given({ minutes: 0 }).assignments[TASK]).not.toHaveProperty('dueAt');
  });

  test('is quiet for four paces once somebody works on it, and then not forgotten', () => {
    const twice = nudgedAt(nudgedAt(asked(), 'remind', 15), 'remind', 30);
    const started = decideAt(twice, { name: 'startTask', by: FORENSICS, task: TASK, note: 'reading' }, 31);
    expect(lastEntry(started).text).toMatch(/^works on 5\.5 .*: reading$/);
    expect(due(started)).toEqual([['remind', 91]]);
    const silent = nudgedAt(nudgedAt(started, 'remind', 91), 'remind', 106);
    expect(due(silent)).toEqual([['escalate', 121]]);
    const again = decideAt(silent, { name: 'startTask', by: FORENSICS, task: TASK }, 110);
    expect(due(again)).toEqual([['remind', 170]]);
  });

  test('is theirs who begin it where it was nobody’s, and they are not asked for it', () => {
    const begun = decideAt(responding(), { name: 'startTask', by: SECURITY, task: TASK }, 0);
    expect(begun.assignments[TASK]).toEqual({
      to: SECURITY,
      by: SECURITY,
      at: at(0),
      askedAt: at(0),
      startedAt: at(0),
      reminders: 0,
    });
    expect(due(begun)).toEqual([['remind', 60]]);
    expect(
      reasonsAgainst(responding(), { name: 'startTask', by: IC, task: 'combThroughEvidence' }),
    ).toContain('systemsSecured');
    const step = 'internalCommunication';
    const withheld = after(responding(), withhold(IC, step), withhold(COUNSEL, step));
    expect(reasonsAgainst(withheld, { name: 'startTask', by: IC, task: 'overviewTimeline' })).toContain(
      'step 11 is withheld',
    );
    const settled = after(responding(), complete(IC, TASK));
    expect(reasonsAgainst(settled, { name: 'startTask', by: IC, task: TASK })).toContain('settled already');
  });

  test.each<[string, Decision[]]>([
    ['done', [complete(FORENSICS, TASK)]],
    ['not needed', [notNeeded(IC, TASK)]],
    ['a stood-down incident’s', []],
  ])('is nobody’s concern once it is %s', (_, decisions) => {
    const incident =
      decisions.length > 0 ? after(asked(), ...decisions) : after(declared(), assign(FORENSICS), standDown());
    expect(dueOfAssignments(incident)).toEqual([]);
  });

  test('is nobody’s concern in a step that is withheld', () => {
    const step = 'internalCommunication';
    const before = after(responding(), assign(SCRIBE, { task: 'overviewTimeline' }));
    expect(dueOfAssignments(before)).toHaveLength(1);
    expect(dueOfAssignments(after(before, withhold(IC, step), withhold(COUNSEL, step)))).toEqual([]);
  });

  test('that was given to somebody else meanwhile is asked of that one', () => {
    const anew = decideAt(given(), assign(SECURITY), 1);
    const stale = nudgedAt(anew, 'ask', 2, [FORENSICS]);
    expect(stale).toEqual(anew);
    expect(due(stale)).toEqual([['ask', 1]]);
    expect(due(nudgedAt(anew, 'ask', 2, [SECURITY], [SECURITY]))).toEqual([['remind', 17]]);
  });

  test('whose person could not be told is said to the room', () => {
    const untold = nudgedAt(given(), 'ask', 1, [FORENSICS], [FORENSICS]);
    expect(lastEntry(untold)).toMatchObject({
      kind: 'warning',
      text: expect.stringContaining(`not reached by direct message: ${FORENSICS}`),
    });
    expect(nudgedAt(given(), 'ask', 1).entries).toHaveLength(given().entries.length);
    const gone = report(
      responding(),
      { name: 'nudged', task: TASK, nudge: 'ask', to: [], untold: [] },
      at(1),
    );
    expect(gone).toEqual(responding());
  });

  test('is reminded of at another pace from the next time on, or not at all', () => {
    expect(due(after(asked(), setPace({ reminders: 60 })))).toEqual([['remind', 60]]);
    expect(due(after(asked(), setPace({ reminders: 0 })))).toEqual([]);
    // A time box is one all the same.
    expect(due(after(asked({ minutes: 10 }), setPace({ reminders: 0 })))).toEqual([['escalate', 10]]);
    expect(due(after(given(), setPace({ reminders: 0 })))).toEqual([['ask', 0]]);
  });

  test('several are due in the order of their time', () => {
    const tasks: readonly TaskId[] = ['findQueries', 'findBackDoors', 'findActions'];
    const all = [2, 0, 1].reduce(
      (now, minutes, index) => decideAt(now, assign(SCRIBE, { task: tasks[index] }), minutes),
      responding(),
    );
    expect(dueOfAssignments(all).map(({ task }) => task)).toEqual([
      'findBackDoors',
      'findActions',
      'findQueries',
    ]);
  });

  test.each<[Nudge, Partial<Assignment>]>([
    ['ask', { askedAt: 7 }],
    ['remind', { remindedAt: 7, reminders: 4 }],
    ['escalate', { escalatedAt: 7 }],
  ])('after %s, that alone is changed', (nudge, changes) => {
    const before: Assignment = { to: SCRIBE, by: IC, at: 1, reminders: 3 };
    expect(afterNudge(before, nudge, 7)).toEqual({ ...before, ...changes });
  });
});

describe('the status', () => {
  const roomed = () => afterReports(responding(), ...effectsDone('openRoom'));

  test('is asked for every half hour, from the declaration on, while there is a room', () => {
    expect(nextStatusRequestAt(responding())).toBeUndefined();
    expect(nextStatusRequestAt(roomed())).toBe(THREE_AM + 30 * MINUTE);
    const asked = report(roomed(), { name: 'statusAsked' }, THREE_AM + 31 * MINUTE);
    expect(nextStatusRequestAt(asked)).toBe(THREE_AM + 61 * MINUTE);
    expect(lastEntry(asked)).toMatchObject({
      kind: 'effect',
      text: expect.stringMatching(/Open: step 1, .*/),
    });
  });

  test('is asked for at another pace, or not at all, and never after the end', () => {
    expect(nextStatusRequestAt(after(roomed(), setPace({ status: 5 })))).toBe(THREE_AM + 5 * MINUTE);
    expect(nextStatusRequestAt(after(roomed(), setPace({ status: 0 })))).toBeUndefined();
    const settled = everythingSettled();
    expect(nextStatusRequestAt(settled)).toBeGreaterThan(0);
    const asked = report(settled, { name: 'statusAsked' }, THREE_AM);
    expect(lastEntry(asked).text).toMatch(/Open: nothing$/);
    expect(nextStatusRequestAt(after(settled, close()))).toBeUndefined();
  });
});

describe('the paces', () => {
  test('are the company’s, then the incident’s', () => {
    const incident = declared({ company: { paces: { remindEveryMs: 7 * MINUTE } } });
    expect(pacesOf(incident)).toEqual({ ...DEFAULT_PACES, remindEveryMs: 7 * MINUTE });
    const changed = after(incident, setPace({ acknowledge: 3, status: 0 }), setPace({ reminders: 20 }));
    expect(viewOf(changed).paces).toEqual({
      acknowledgeWithinMs: 3 * MINUTE,
      remindEveryMs: 20 * MINUTE,
      statusEveryMs: 0,
    });
    expect(lastEntry(changed).text).toBe(
      'set the pace: reminders every 20 minutes; status of the room never; the next in line is called after 3 min',
    );
  });

  test.each<[string, object, string]>([
    ['nothing', {}, 'name reminders, status or acknowledge'],
    ['a page that waits for nobody', { acknowledge: 0 }, 'at least one minute'],
  ])('are not set to %s', (_, changes, reason) => {
    expect(reasonsAgainst(responding(), setPace(changes))).toContain(reason);
  });

  test.each([
    [0, 'never'],
    [MINUTE, 'every 1 minute'],
    [30 * MINUTE, 'every 30 minutes'],
  ])('of %d ms are called "%s"', (everyMs, words) => {
    expect(everySoOften(everyMs)).toBe(words);
  });
});
