import { formatEvidence, formatRehearsal } from '../../client/cli/evidence';
import { NO_EVIDENCE } from '../../domain/evidence/store';
import type { Incident } from '../../domain/incident';
import type { Report } from '../../domain/reports';
import {
  after,
  afterReports,
  COPY,
  FORENSICS,
  handOver,
  IC,
  IMAGE,
  INSTANCE,
  lockForGood,
  stored,
  THREE_AM,
} from '../support/incidents';

const printed = ({ evidence, declaration }: Incident, all = false) =>
  formatEvidence(declaration.codename, evidence, all);

const items = (...told: object[]): Report =>
  ({ name: 'containmentReported', told: { target: INSTANCE, items: told } }) as Report;

describe('the evidence', () => {
  const copy = { id: COPY, kind: 'copy', of: INSTANCE, createdAt: THREE_AM, state: 'complete' };

  it('says so where nothing is kept', () => {
    expect(formatEvidence('sapphire-unicorn', NO_EVIDENCE, false)).toBe(
      'sapphire-unicorn: no evidence is kept yet.',
    );
  });

  it('has a row for each item: what it is, of what, where, and how it is locked', () => {
    const until = Date.UTC(2027, 10, 24);
    const text = printed(
      afterReports(
        stored(),
        items({ ...copy, lock: { mode: 'governance', until }, sha256: 'ab'.repeat(32) }),
        items({ ...copy, id: 'snap-9', kind: 'snapshot', state: 'requested', moment: 'stopped' }),
      ),
    );
    const rowOf = (id: string) => text.split('\n').find((line) => line.includes(` ${id} `));
    expect(rowOf(COPY)).toMatch(/│ copy of an image, live +│ 999999999999 eu-central-1 │/);
    expect(rowOf(COPY)).toMatch(/│ governance until 2027-11-24 │ abababababab… │/);
    expect(rowOf('snap-9')).toMatch(/│ image, stopped, not complete +│/);
    expect(text).toContain('Not sealed yet: that is done once every containment is through.');
    expect(text).toContain('Who had what when: firebreak evidence sapphire-unicorn --all');
  });

  it('says why an item has no hash, what fails, what is sealed, and who ordered a lock for good', () => {
    const seal = { sequence: 1, path: 'manifest-1.json', sha256: '00', at: THREE_AM, records: 3 };
    const text = printed(
      afterReports(
        after(stored(), lockForGood(IC)),
        items({ ...copy, noHashBecause: 'the key may not be used' }),
        { name: 'sealed', seal },
        { name: 'evidenceFailed', cause: 'AWS answered 503' },
      ),
    );
    expect(text).toContain(`! ${COPY}: no hash: the key may not be used`);
    expect(text).toContain('Sealed: manifest-1.json, 2026-11-24 03:00:00 UTC; it covers 3 of 3 records');
    expect(text).toContain(`Locked for good by order of ${IC}, `);
    expect(text).toContain('! AWS answered 503');
  });

  it('says who had what when, where all is asked for', () => {
    const text = printed(after(stored(), handOver(FORENSICS, IMAGE)), true);
    expect(text).toMatch(
      new RegExp(`^ +1 {2}2026-.* UTC {2}${IMAGE}: requested by firebreak; with account 999999999999`, 'm'),
    );
    expect(text).toMatch(
      new RegExp(`^ +4 {2}.*${IMAGE}: handed over by ${FORENSICS}; with the police \\(case 4711\\)$`, 'm'),
    );
  });
});

describe('a rehearsal', () => {
  it('prints each call with its dry run, and counts them', () => {
    const text = formatRehearsal(INSTANCE, [
      {
        subStep: 'isolate',
        calls: [
          {
            action: 'ec2:ModifyInstanceAttribute',
            parameters: { Groups: ['sg-1'] },
            dryRun: 'would succeed',
          },
          { action: 'ec2:StopInstances', parameters: {}, dryRun: 'would be refused', refusal: 'not allowed' },
        ],
      },
      { subStep: 'revokeRole', calls: [] },
      { subStep: 'denyElsewhere', calls: [], problem: 'AWS answered 503' },
    ]);
    expect(text.split('\n')).toEqual([
      `${INSTANCE}: containment would make 2 changes. Nothing was changed.`,
      '',
      'Isolate every interface:',
      '      ec2:ModifyInstanceAttribute {"Groups":["sg-1"]}',
      '          dry run: would succeed',
      '      ec2:StopInstances {}',
      '          dry run: would be refused: not allowed',
      '',
      "Revoke its role's sessions, swap its profile:",
      '      nothing to change',
      '',
      "Deny its addresses on the other hosts' side:",
      '      ! AWS answered 503',
    ]);
  });
});
