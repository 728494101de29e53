import { createHash } from 'node:crypto';
import fc from 'fast-check';
import {
  createChance,
  drawOrder,
  padding,
  practiceIn,
  practiceMessageIn,
  practiceName,
  PRACTICE_NAMES,
  readOrder,
  writeOrder,
} from '../../domain/practice';

const sha256 = (message: Uint8Array) => createHash('sha256').update(message).digest();
const draws = (seed: string, count: number) => {
  const { next } = createChance(seed, sha256);
  return Array.from({ length: count }, next);
};

describe('chance', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(draws('a', 50)).toEqual(draws('a', 50));
    expect(draws('a', 50)).not.toEqual(draws('b', 50));
  });

  it('is even', () => {
    const all = draws('a', 4_000);
    expect(all.every((one) => one >= 0 && one < 1)).toBe(true);
    for (let tenth = 0; tenth < 10; tenth += 1) {
      const among = all.filter((one) => Math.floor(one * 10) === tenth).length;
      expect(Math.abs(among - 400)).toBeLessThan(100);
    }
  });

  it('stays within its ends, and reaches both', () => {
    const { between } = createChance('a', sha256);
    const all = Array.from({ length: 500 }, () => between(3, 6));
    expect(new Set(all)).toEqual(new Set([3, 4, 5, 6]));
  });

  it('is around its median: half below, most within a third and three times, nothing beyond ten times', () => {
    const { around } = createChance('a', sha256);
    const all = Array.from({ length: 4_000 }, () => around(60));
    const share = (is: (one: number) => boolean) => all.filter(is).length / all.length;
    expect(share((one) => one < 60)).toBeCloseTo(0.5, 1);
    expect(share((one) => one > 20 && one < 180)).toBeGreaterThan(0.9);
    expect(share((one) => one > 5.99 && one < 600.01)).toBe(1);
  });
});

describe('an order', () => {
  const ORDER = fc.record({ ms: fc.nat(86_400_000), answer: fc.nat(200_000), fails: fc.boolean() });

  it('is read as it was written, however long it is to be', () => {
    fc.assert(
      fc.property(ORDER, fc.nat(500), (order, characters) => {
        const text = writeOrder(order, characters);
        expect(text.length).toBeGreaterThanOrEqual(characters);
        expect(readOrder(text)).toEqual(order);
      }),
    );
  });

  it('is as long as the argument that it stands in for, where that is no shorter than a codename', () => {
    expect(writeOrder({ ms: 743, answer: 95 }, 13)).toHaveLength(13);
  });

  it.each(['', '1', '1.', '-1.2.', '1.2.y', '99999999999.1.', '1.9999999.', '1.200001.', 'stop', 'x'])(
    'is none: %j',
    (text) => expect(readOrder(text)).toBeUndefined(),
  );

  it('that nobody could give is drawn: it answers something of varying length, and can be written', () => {
    const chance = createChance('a', sha256);
    const drawn = Array.from({ length: 200 }, () => drawOrder(chance));
    expect(new Set(drawn.map(({ answer }) => answer)).size).toBeGreaterThan(20);
    expect(drawn.every(({ ms, answer }) => ms <= 3_500 && answer > 0)).toBe(true);
    for (const order of drawn) expect(readOrder(writeOrder(order, 0))).toEqual({ ...order, fails: false });
  });

  it('is no other value', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => readOrder(value) === undefined || typeof value === 'string'),
    );
  });
});

describe('what practice is told and says', () => {
  it('is read from its own messages alone', () => {
    expect(practiceMessageIn({ practice: { answer: 7, ends: true }, padding: '' })).toEqual({
      answer: 7,
      ends: true,
    });
    expect(practiceMessageIn({ practice: { answer: 7, ends: 'yes' } })).toEqual({ answer: 7 });
    for (const raw of [
      null,
      1,
      {},
      { practice: {} },
      { practice: { answer: -1 } },
      { practice: { answer: NaN } },
    ])
      expect(practiceMessageIn(raw)).toBeUndefined();
    fc.assert(fc.property(fc.anything(), (raw) => void practiceMessageIn(raw)));
  });

  it('is told from what an incident answers', () => {
    const practice = { seed: 's', lastsMs: 1, startedAt: 2 };
    expect(practiceIn({ practice })).toEqual(practice);
    for (const answer of [null, [], {}, { codename: 'x' }, { practice: { ...practice, startedAt: '2' } }])
      expect(practiceIn(answer)).toBeUndefined();
  });

  it('bears names as long as those that it stands in for, and no name of anything that acts', () => {
    for (const like of ['stop', 'openRoom', 'pageIncidentCommander']) {
      expect(practiceName(like)).toHaveLength(like.length);
      expect(PRACTICE_NAMES).toContain(practiceName(like));
    }
    expect(PRACTICE_NAMES.every((name) => 'practise'.startsWith(name) || /^practise\.*$/.test(name))).toBe(
      true,
    );
  });

  it('has padding of any length but an absurd one', () => {
    expect(padding(10.4)).toHaveLength(10);
    expect(padding(-1)).toBe('');
    expect(padding(1e9)).toHaveLength(200_000);
  });
});
