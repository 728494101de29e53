import { renderDetails } from '../../domain/markdown';
import { viewOf } from '../../domain/view';
import { EMPTY_SCOPE } from '../../domain/scope';
import {
  after,
  afterReports,
  approve,
  complete,
  contained,
  COUNSEL,
  declared,
  ENGINEERING,
  everythingSettled,
  failingAt,
  fiveFacts,
  FORENSICS,
  IC,
  INSTANCE,
  MARKETING,
  notNeeded,
  OTHER_INSTANCE,
  reasonsAgainst,
  record,
  respond,
  responding,
  SECURITY,
  STATEMENT_1,
  statementApproved,
  withdraw,
  withhold,
} from '../support/incidents';

describe('approvals of the statement', () => {
  test('fall with a fact that they rested on', () => {
    const fallen = after(statementApproved(), withdraw(FORENSICS, 'methodKnown'));
    expect(fallen.requests[STATEMENT_1]).toMatchObject({ state: 'open', approvals: [] });
    const again = after(fallen, record(FORENSICS, 'methodKnown'));
    expect(reasonsAgainst(again, complete(MARKETING, 'releaseStatement'))).toContain(STATEMENT_1);
  });
});

describe('a statement that is not to be released', () => {
  test('can be withheld by two, and not waved through by one', () => {
    expect(reasonsAgainst(fiveFacts(), notNeeded(IC, 'releaseStatement'))).toContain("can't be left out");
    after(fiveFacts(), withhold(IC, 'externalCommunication'), withhold(COUNSEL, 'externalCommunication'));
  });
});

describe('a withheld step', () => {
  test('is not done afterwards', () => {
    const withheld = after(
      fiveFacts(),
      withhold(IC, 'internalCommunication'),
      withhold(COUNSEL, 'internalCommunication'),
    );
    expect(reasonsAgainst(withheld, complete(ENGINEERING, 'overviewTimeline'))).toContain(
      'step 11 is withheld',
    );
  });
});

describe('executives', () => {
  test('are not said to be invited before the operational responders', () => {
    expect(reasonsAgainst(responding(), complete(IC, 'inviteExecutives'))).toContain(
      'operational responders',
    );
  });

  test('may be called by telephone once the operational responders were', () => {
    after(responding(), complete(IC, 'inviteAllResponders'), complete(IC, 'inviteExecutives'));
  });
});

describe('another try of a failed containment', () => {
  const contain = () => after(declared({ company: { authority: 'contain-on-declare' } }), respond());

  test('is ordered for what fails', () => {
    const failed = afterReports(contain(), failingAt('isolate', 'AWS answers 503'));
    expect(failed.tasks.isolateAffected).toMatchObject({
      state: 'failed',
      cause: 'Isolate every interface: AWS answers 503',
    });
    const ordered = after(failed, { name: 'retryTask', by: SECURITY, task: 'isolateAffected' });
    expect(ordered.tasks.isolateAffected.state).toBe('open');
    expect(ordered.containments[INSTANCE]?.retryOrderedAt).toBeGreaterThan(0);
  });

  test('sets one going that had ended before it was done', () => {
    const abandoned = afterReports(contain(), {
      name: 'containmentReported',
      told: { target: INSTANCE, ended: 'abandoned' },
    });
    expect(abandoned.tasks.shutDownInstances).toMatchObject({ state: 'failed' });
    const ordered = after(abandoned, { name: 'retryTask', by: SECURITY, task: 'shutDownInstances' });
    expect(ordered.containments[INSTANCE]).toMatchObject({ status: 'running' });
  });

  test('is not for people to call a failure: the machine says it itself', () => {
    expect(
      reasonsAgainst(contain(), {
        name: 'failTask',
        by: SECURITY,
        task: 'isolateAffected',
        cause: 'I think so',
      }),
    ).toContain("is the machine's");
  });
});

describe('the scope', () => {
  test('that names an instance twice has it once', () => {
    const twice = declared({
      declaration: {
        scope: { ...EMPTY_SCOPE, instances: [{ id: INSTANCE }, { id: INSTANCE }, { id: OTHER_INSTANCE }] },
      },
    });
    expect(Object.values(twice.containments).map(({ number }) => number)).toEqual([1, 2]);
  });

  test('without an instance leaves its tasks to people, and says why', () => {
    const none = after(declared({ declaration: { scope: EMPTY_SCOPE } }), respond());
    const task = viewOf(none)
      .steps.flatMap(({ tasks }) => tasks)
      .find(({ id }) => id === 'isolateAffected');
    expect(task).toMatchObject({ who: 'Security team', note: 'nothing of the kind is in the scope' });
  });
});

describe('the end', () => {
  test('waits for a decision about containment', () => {
    const waiting = after(everythingSettled(), {
      name: 'widenScope',
      by: SECURITY,
      what: 'instance',
      which: OTHER_INSTANCE,
    });
    expect(reasonsAgainst(waiting, { name: 'close', by: IC })).toContain(`contain:${OTHER_INSTANCE}`);
    const contained2 = afterReports(
      after(waiting, approve(IC, `contain:${OTHER_INSTANCE}`)),
      ...contained(OTHER_INSTANCE),
    );
    after(contained2, { name: 'close', by: IC });
  });
});

describe('the details', () => {
  test('ask for a contact once forensics has been performed, and no longer once it was made', () => {
    expect(renderDetails(responding())).not.toContain('`contact:fbi`');
    const performed = fiveFacts();
    expect(renderDetails(performed)).toContain('approve or refuse `contact:fbi`');
    const made = after(performed, approve(IC, 'contact:fbi'), complete(ENGINEERING, 'contactFbi'));
    expect(renderDetails(made)).not.toContain('approve or refuse `contact:fbi`');
  });

  test('say which facts are missing, and who may establish them', () => {
    expect(renderDetails(responding())).toContain(
      'record, when it is so: `systemsSecured`, `monitoringInPlace`',
    );
  });
});

describe('a failure that repeats', () => {
  const failures = (attempts: number, cause: (attempt: number) => string) => {
    let incident = responding();
    for (let attempt = 1; attempt <= attempts; attempt += 1)
      incident = afterReports(
        incident,
        { name: 'effectStarted', effect: 'openRoom' },
        { name: 'effectFailed', effect: 'openRoom', cause: cause(attempt) },
      );
    return incident;
  };
  const told = (incident: ReturnType<typeof responding>) =>
    incident.entries.filter(({ kind }) => kind === 'failure').length;

  test('is told at the 1st, 2nd, 4th, 8th … attempt, and shown at each', () => {
    const incident = failures(100, () => 'Slack answers 503');
    expect(told(incident)).toBe(7);
    expect(incident.effects.openRoom).toMatchObject({ state: 'failed', attempt: 100 });
    expect(incident.tasks.setUpRoom).toMatchObject({ state: 'failed', cause: 'Slack answers 503' });
  });

  test('is told at once where its cause is another', () => {
    expect(told(failures(6, (attempt) => `cause ${attempt}`))).toBe(6);
  });
});
