import { blockersOfTask } from '../../domain/blockers';
import { numberOfTask, TASK_IDS } from '../../domain/checklist';
import { STEP_IDS, stepOf } from '../../domain/steps';
import { viewOf, viewOfTask } from '../../domain/view';
import {
  after,
  afterReports,
  attempt,
  complete,
  contactsApproved,
  declared,
  effectFailed,
  ENGINEERING,
  FORENSICS,
  forensicsPerformed,
  IC,
  responding,
  SECURITY,
  STATES,
  systemsSecured,
  withdraw,
} from '../support/incidents';

describe('the view', () => {
  test.each(STATES)('survives the wire when the incident is "%s"', (_, incident) => {
    const view = viewOf(incident);
    expect(JSON.parse(JSON.stringify(view))).toEqual(view);
    expect(view.steps.map(({ number }) => number)).toEqual(STEP_IDS.map((id) => stepOf(id).number));
    expect(view.steps.flatMap(({ tasks }) => tasks.map(({ number }) => number))).toEqual(
      TASK_IDS.map(numberOfTask),
    );
  });

  test.each(STATES)(
    'gives every locked step its reasons, and no other, when the incident is "%s"',
    (_, incident) => {
      for (const { state, blockers } of viewOf(incident).steps)
        expect(blockers.length > 0).toBe(state === 'locked');
    },
  );

  test('counts what is settled, and not what is in doubt', () => {
    const forensics = (incident = forensicsPerformed()) => viewOf(incident).steps[9];
    expect(forensics()).toMatchObject({ id: 'forensicAnalysis', state: 'done', settled: 4, total: 4 });
    expect(forensics(after(forensicsPerformed(), withdraw(IC, 'systemsSecured')))).toMatchObject({
      state: 'locked',
      settled: 0,
    });
  });

  test('says whom each open request waits for', () => {
    expect(viewOf(declared()).requests.find(({ id }) => id === 'contact:fbi')).toMatchObject({
      state: 'open',
      waitsFor: ['the incident commander'],
    });
    const approved = viewOf(contactsApproved(forensicsPerformed()));
    expect(approved.requests.find(({ id }) => id === 'contact:fbi')).toMatchObject({
      state: 'approved',
      waitsFor: [],
    });
  });

  test('counts refusals as often as they came', () => {
    const twice = [1, 2].reduce(
      (incident) => attempt(incident, complete(ENGINEERING, 'contactFbi')).incident,
      responding(),
    );
    const thrice = attempt(twice, complete(IC, 'overviewTimeline')).incident;
    expect(viewOf(thrice).refusals).toBe(3);
  });
});

describe('a task', () => {
  test('that is locked has no "since", and says why', () => {
    const view = viewOfTask('combThroughEvidence', responding());
    expect(view).not.toHaveProperty('since');
    expect(view.blockers).toEqual(blockersOfTask('combThroughEvidence', responding()));
  });

  test('waits since its step opened', () => {
    const secured = systemsSecured();
    expect(viewOfTask('combThroughEvidence', secured)).toMatchObject({
      who: 'Forensics lead',
      since: secured.entries.at(-1)?.at,
      blockers: [],
    });
  });

  test('waits since its step opened again, after it was locked', () => {
    const again = after(systemsSecured(), withdraw(IC, 'systemsSecured'), {
      name: 'recordFinding',
      by: SECURITY,
      finding: 'systemsSecured',
      grounds: 'the back door is shut',
    });
    expect(viewOfTask('combThroughEvidence', again).since).toBe(again.entries.at(-1)?.at);
  });

  test('of the machine waits on the machine, and is not locked before the determination', () => {
    expect(viewOfTask('isolateAffected', declared())).toMatchObject({
      machine: true,
      who: 'Firebreak',
      blockers: [],
    });
  });

  test('that is done says by whom and since when; that failed, why', () => {
    const done = after(systemsSecured(), complete(FORENSICS, 'combThroughEvidence'));
    expect(viewOfTask('combThroughEvidence', done)).toMatchObject({
      state: 'done',
      who: FORENSICS,
      since: done.entries.at(-1)?.at,
    });
    expect(viewOfTask('setUpRoom', afterReports(declared(), ...effectFailed('openRoom')))).toMatchObject({
      state: 'failed',
      note: 'the vendor answers 503',
    });
  });
});
