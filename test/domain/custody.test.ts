/** What was kept and who had it when: it grows without gaps, and forgets nothing, whoever tells first. */
import { copiesToLockForGood, hasUnsealed } from '../../domain/evidence/store';
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
  imagesKept,
  INSTANCE,
  lastEntry,
  lockForGood,
  reasonsAgainst,
  stored,
  THREE_AM,
} from '../support/incidents';

const seqs = ({ evidence }: Incident) => evidence.custody.map(({ seq }) => seq);

const told = (about: object): Report => ({
  name: 'containmentReported',
  told: { target: INSTANCE, ...about },
});

const LOCKED: Report = {
  name: 'lockedForGood',
  locks: [{ id: COPY, mode: 'compliance-cooloff', until: THREE_AM }],
};

const seal = (sequence: number, records: number): Report => ({
  name: 'sealed',
  seal: { sequence, path: `manifest-${sequence}.json`, sha256: '00', at: THREE_AM, records },
});

describe('the chain of custody', () => {
  test('is numbered without gaps over all reports, hand-overs and locks', () => {
    const incident = afterReports(
      after(stored(), handOver(FORENSICS, COPY), lockForGood(IC)),
      LOCKED,
      imagesKept(),
      told({ custody: [] }),
    );
    expect(seqs(incident)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(incident.evidence.custody.map(({ event }) => event)).toEqual([
      ...['requested', 'copied', 'locked', 'handedOver', 'lockedForGood', 'requested', 'copied', 'locked'],
    ]);
  });

  test('names by whom an item was handed over, to whom and why', () => {
    const { evidence } = after(stored(), handOver(FORENSICS, COPY));
    expect(evidence.custody.at(-1)).toMatchObject({
      item: COPY,
      event: 'handedOver',
      by: FORENSICS,
      holder: 'the police',
      note: 'case 4711',
    });
  });

  test('has no record of an item that is earlier than the one before, though a decision overtook a report', () => {
    const handed = after(stored(), handOver(FORENSICS, IMAGE));
    const late = { item: IMAGE, event: 'completed', by: 'firebreak', holder: 'an account' };
    const { custody } = afterReports(handed, told({ custody: [{ ...late, at: THREE_AM + 1 }] })).evidence;
    const [before, last] = custody.slice(-2);
    expect(last?.event).toBe('completed');
    expect(last?.at).toBe(before?.at);
  });

  test.each(['snap-nowhere', 'constructor', '__proto__'])(
    'has nothing to hand over by the name %s',
    (item) => {
      expect(reasonsAgainst(stored(), handOver(IC, item))).toContain(
        `there is no item ${item}: see firebreak evidence sapphire-unicorn`,
      );
    },
  );
});

describe('an item', () => {
  const item = { id: IMAGE, kind: 'snapshot', of: INSTANCE, createdAt: THREE_AM } as const;
  const lock = { mode: 'governance', until: THREE_AM };
  const itemAfter = (...reports: Report[]) => afterReports(stored(), ...reports).evidence.items[IMAGE];

  test('keeps its lock when it is told to be complete', () => {
    const locked = told({ items: [{ ...item, state: 'requested', lock }] });
    const complete = told({ items: [{ ...item, state: 'complete' }] });
    for (const reports of [
      [locked, complete],
      [complete, locked],
    ])
      expect(itemAfter(...reports)).toMatchObject({ state: 'complete', lock, from: 'vol-1' });
  });

  test('has a hash or the reason why there is none, and not both', () => {
    const without = told({ items: [{ ...item, state: 'complete', noHashBecause: 'denied' }] });
    expect(itemAfter(without)).toMatchObject({ noHashBecause: 'denied' });
    const hashed = itemAfter(without, told({ items: [{ ...item, state: 'complete', sha256: '00' }] }));
    expect(hashed).toMatchObject({ sha256: '00' });
    expect(hashed).not.toHaveProperty('noHashBecause');
  });

  test('that is locked for good stays so, whatever is told of it later', () => {
    const hashed = { ...item, id: COPY, kind: 'copy', state: 'complete', lock, sha256: '00' };
    const { evidence } = afterReports(after(stored(), lockForGood(IC)), LOCKED, told({ items: [hashed] }));
    expect(evidence.items[COPY]).toMatchObject({ lock: { mode: 'compliance-cooloff' }, sha256: '00' });
    expect(copiesToLockForGood(evidence)).toEqual([]);
  });

  test('has its file in the list once', () => {
    const file = { path: 'captures/i.json', bytes: 2, sha256: '00' };
    const { files } = afterReports(stored(), told({ files: [file] }), told({ files: [file] })).evidence;
    expect(files).toEqual([file]);
  });
});

describe('a lock for good', () => {
  test.each(['', 'yes', "This can't be undone", "this can't be undone."])(
    'is not ordered by the words %j',
    (words) => {
      expect(reasonsAgainst(stored(), lockForGood(IC, words))).toBe(
        "say so in these very words: this can't be undone",
      );
    },
  );

  test('is ordered once', () => {
    const ordered = after(stored(), lockForGood(FORENSICS));
    expect(ordered.evidence.goodLock).toMatchObject({ by: FORENSICS, reason: 'there will be a trial' });
    expect(reasonsAgainst(ordered, lockForGood(IC))).toBe('that was ordered already');
  });

  test('is of every image in cold storage, also of one that comes later, and of nothing else', () => {
    const ordered = after(stored(), lockForGood(IC));
    expect(copiesToLockForGood(stored().evidence)).toEqual([]);
    expect(copiesToLockForGood(ordered.evidence).map(({ id }) => id)).toEqual([COPY]);
    const locked = afterReports(ordered, LOCKED);
    expect(copiesToLockForGood(locked.evidence)).toEqual([]);
    expect(lastEntry(locked).text).toBe('locked for good in cold storage: 1 image');
    const copy = { id: 'snap-3', kind: 'copy', of: INSTANCE, createdAt: THREE_AM, state: 'complete' };
    const later = afterReports(locked, told({ items: [copy] }));
    expect(copiesToLockForGood(later.evidence).map(({ id }) => id)).toEqual(['snap-3']);
  });
});

describe('a seal', () => {
  test('covers what there was, and is due again when there is more', () => {
    const begun = stored();
    expect(hasUnsealed(begun.evidence)).toBe(true);
    const sealed = afterReports(begun, seal(1, 3));
    expect(hasUnsealed(sealed.evidence)).toBe(false);
    expect(lastEntry(sealed).text).toContain('manifest-1.json, signed; 3 records of custody');
    const more = after(sealed, handOver(FORENSICS, COPY));
    expect(hasUnsealed(more.evidence)).toBe(true);
    expect(afterReports(more, seal(2, 4)).evidence.seals.map(({ sequence }) => sequence)).toEqual([1, 2]);
  });

  test('that fails is told once for each cause, and forgotten when it is made', () => {
    const failed = afterReports(stored(), { name: 'evidenceFailed', cause: 'S3 answers 503' });
    expect(lastEntry(failed)).toMatchObject({
      kind: 'failure',
      text: 'the evidence: failed (S3 answers 503); it is being retried',
    });
    const again = afterReports(failed, { name: 'evidenceFailed', cause: 'S3 answers 503' });
    expect(again.entries).toHaveLength(failed.entries.length);
    expect(afterReports(again, seal(1, 3)).evidence).not.toHaveProperty('failing');
  });
});
