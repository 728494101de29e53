/** Undoing containment: by two people, once, and of what was contained and recorded. */
import type { Incident } from '../../domain/incident';
import { sentenceOf } from '../../domain/markdown';
import { viewOf } from '../../domain/view';
import {
  after,
  afterReports,
  approve,
  COLD_STORAGE,
  contained,
  declared,
  DEPUTY,
  FORENSICS,
  IC,
  INSTANCE,
  lastEntry,
  OTHER_INSTANCE,
  PAYMENTS,
  reasonsAgainst,
  refuse,
  release,
  respond,
  SECURITY,
  stored,
  subSteps,
} from '../support/incidents';

const REQUEST = `release:${INSTANCE}`;

const releaseOf = ({ containments }: Incident) => containments[INSTANCE]?.release;

const told = (release: object) =>
  ({ name: 'containmentReported', told: { target: INSTANCE, release } }) as const;

const released = () => after(stored(), release(IC), release(SECURITY));

describe('a release', () => {
  test.each([
    [IC, DEPUTY],
    [DEPUTY, IC],
    [SECURITY, IC],
    [IC, FORENSICS],
  ])('begins when %s and then %s have said so', (first, second) => {
    const asked = after(stored(), release(first));
    expect(releaseOf(asked)).toBeUndefined();
    expect(asked.requests[REQUEST]?.state).toBe('open');
    expect(releaseOf(after(asked, release(second)))).toMatchObject({ number: 2, restored: [], drift: [] });
  });

  test('begins by the approval of its request as well', () => {
    const begun = after(stored(), release(SECURITY), approve(IC, REQUEST));
    expect(releaseOf(begun)).toMatchObject({ number: 2 });
    expect(lastEntry(begun).text).toBe(`approved ${REQUEST}`);
  });

  test('can’t be approved before anybody has asked for it', () => {
    expect(reasonsAgainst(stored(), approve(IC, REQUEST))).toContain(`there is no request ${REQUEST}`);
  });

  test('waits for a second person, and says for whom', () => {
    const asked = after(stored(), release(IC));
    expect(viewOf(asked).requests.find(({ id }) => id === REQUEST)).toMatchObject({
      due: true,
      waitsFor: ['the deputy or the security team or the forensics lead'],
    });
    for (const decision of [release(IC), approve(IC, REQUEST)])
      expect(reasonsAgainst(asked, decision)).toContain('this person has no voice left in');
  });

  test.each([
    [SECURITY, FORENSICS],
    [DEPUTY, SECURITY],
  ])('is not begun by %s and %s without the incident commander', (first, second) => {
    expect(reasonsAgainst(after(stored(), release(first)), release(second))).toContain(
      'it needs the incident commander',
    );
  });

  test('is not begun by one person with both roles', () => {
    const both = { email: 'both@example.com', roles: ['incidentCommander', 'securityTeam'] as const };
    const { roster } = stored().company;
    const asked = after(stored({ roster: [...roster, both] }), release(both.email));
    for (const again of [both.email, both.email.toUpperCase()])
      expect(reasonsAgainst(asked, release(again))).toContain('each a different person');
  });

  test('is nobody’s of another role', () => {
    expect(reasonsAgainst(stored(), release(PAYMENTS))).toContain('to decide');
  });

  test('that was refused can be asked for anew, and its first voice counts no more', () => {
    const refused = after(stored(), release(IC), refuse(SECURITY, REQUEST));
    expect(reasonsAgainst(after(refused, release(SECURITY)), release(FORENSICS))).toContain(
      'the incident commander',
    );
    expect(releaseOf(after(refused, release(SECURITY), release(IC)))).toBeDefined();
  });

  test('that has begun can’t be refused, and is not begun twice', () => {
    expect(reasonsAgainst(released(), refuse(IC, REQUEST))).toContain('is approved, and has begun');
    expect(reasonsAgainst(released(), release(IC))).toContain('is under way');
    const done = afterReports(released(), told({ doneAt: 1, restored: [], drift: [] }));
    expect(reasonsAgainst(done, release(IC))).toContain('has been released already');
  });

  test.each([
    ['verify', 'its isolation is not proven yet'],
    ['stop', 'it is not stopped yet'],
    ['snapshotStopped', 'the disks of the stopped host are not imaged yet'],
    ['record', 'its capture is not written down'],
  ] as const)('waits until %s is done', (subStep, reason) => {
    const undone = afterReports(stored(), subSteps(INSTANCE, { state: 'running' }, subStep));
    expect(reasonsAgainst(undone, release(IC))).toContain(reason);
    // Asked for before: the second voice is refused as well.
    const later = afterReports(
      after(stored(), release(IC)),
      subSteps(INSTANCE, { state: 'running' }, subStep),
    );
    expect(reasonsAgainst(later, approve(SECURITY, REQUEST))).toContain(reason);
  });

  test('is possible of what was given up, once its capture is written down', () => {
    const begun = after(
      declared({ company: { authority: 'contain-on-declare', coldStorage: COLD_STORAGE } }),
      respond(),
    );
    const ended = { name: 'containmentReported', told: { target: INSTANCE, ended: 'abandoned' } } as const;
    expect(reasonsAgainst(afterReports(begun, ended), release(IC))).toContain('its capture is not written');
    const recorded = afterReports(begun, subSteps(INSTANCE, { state: 'done' }, 'record'), ended);
    expect(releaseOf(after(recorded, release(IC), release(SECURITY)))).toBeDefined();
  });

  test('is only of an instance in the scope, and only where captures are kept', () => {
    expect(reasonsAgainst(stored(), release(IC, OTHER_INSTANCE))).toContain('is no instance in the scope');
    const nowhere = afterReports(
      after(declared({ company: { authority: 'contain-on-declare' } }), respond()),
      ...contained(),
    );
    expect(reasonsAgainst(nowhere, release(IC))).toContain('restore it by hand');
  });
});

describe('a release that goes on', () => {
  test('shows why it fails, once for each cause, and heals', () => {
    const failing = afterReports(released(), told({ failing: 'AWS answers 503' }));
    expect(releaseOf(failing)?.failing).toBe('AWS answers 503');
    expect(lastEntry(failing)).toMatchObject({
      kind: 'failure',
      text: `${INSTANCE}: release: failed (AWS answers 503); it is being retried`,
    });
    const again = afterReports(failing, told({ failing: 'AWS answers 503' }));
    expect(again.entries).toHaveLength(failing.entries.length);
    const done = afterReports(again, told({ failing: null, restored: ['its groups'], drift: [], doneAt: 1 }));
    expect(releaseOf(done)).not.toHaveProperty('failing');
    expect(lastEntry(done).text).toBe(`${INSTANCE}: released; restored: its groups`);
  });

  test('warns of everything that is not as captured', () => {
    const done = afterReports(
      released(),
      told({ restored: [], drift: ['the group sg-1 is gone', 'it is in another subnet'], doneAt: 1 }),
    );
    expect(done.entries.slice(-3).map(sentenceOf)).toEqual([
      `${INSTANCE}: released; restored: nothing had changed`,
      `${INSTANCE}: not as captured: the group sg-1 is gone`,
      `${INSTANCE}: not as captured: it is in another subnet`,
    ]);
  });

  test('that nobody has ordered is reported in vain', () => {
    expect(releaseOf(afterReports(stored(), told({ doneAt: 1 })))).toBeUndefined();
  });
});
