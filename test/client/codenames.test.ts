import { candidates, candidatesFor } from '../../client/codenames';
import { newKeyring, readKeyring } from '../../codec/keyring';
import { CODENAMES, codenameOf, isCodename } from '../../domain/codename';

const ALL = Array.from({ length: CODENAMES }, (_, number) => codenameOf(number));
const WORDS = [...new Set(ALL.flatMap((codename) => codename.split('-')))];

/** Whoever overhears one of these knows that something is wrong. */
const ALARMING = [
  ...[
    'alarm',
    'alert',
    'attack',
    'blaze',
    'blood',
    'bomb',
    'breach',
    'break',
    'bug',
    'burn',
    'cobra',
    'crash',
  ],
  ...['crime', 'crisis', 'danger', 'dead', 'death', 'emergency', 'exploit', 'fire', 'firebreak', 'forensic'],
  ...[
    'hack',
    'hacker',
    'incident',
    'intruder',
    'kill',
    'leak',
    'malware',
    'panic',
    'phish',
    'piranha',
    'poison',
  ],
  ...['ransom', 'red', 'risk', 'rogue', 'scorpion', 'secret', 'security', 'shark', 'snake', 'spider', 'spy'],
  ...['theft', 'thief', 'threat', 'trojan', 'urgent', 'victim', 'viper', 'virus', 'vulture', 'war', 'worm'],
];

function ring() {
  const read = readKeyring(newKeyring('test'));
  if (!read.ok) throw new Error(read.problems.join());
  return read.keyring;
}

const RING = ring();

function first(count: number, findingId?: string, secret = RING): string[] {
  const names = findingId === undefined ? candidates() : candidatesFor(findingId, secret);
  return Array.from({ length: count }, () => names.next().value as string);
}

describe('a codename', () => {
  it('is made of words in lower case', () => {
    expect(WORDS.filter((word) => !/^[a-z]{2,12}$/.test(word))).toEqual([]);
  });

  it('sounds like nothing that has gone wrong', () => {
    expect(WORDS.filter((word) => ALARMING.includes(word))).toEqual([]);
  });

  it('has no word twice, neither in one place nor in the other', () => {
    const firsts = new Set(ALL.map((codename) => codename.split('-')[0]));
    const seconds = new Set(ALL.map((codename) => codename.split('-')[1]));
    expect(firsts.size * seconds.size).toBe(CODENAMES);
    expect([...firsts].filter((word) => seconds.has(word))).toEqual([]);
  });

  it('belongs to one number, and each number has one', () => {
    expect(new Set(ALL).size).toBe(CODENAMES);
    expect(CODENAMES).toBeGreaterThan(5_000);
  });

  it('is the same for a number and for the number one round further', () => {
    expect(codenameOf(CODENAMES + 7)).toBe(codenameOf(7));
  });

  it('is one that everything else takes for a codename', () => {
    expect(ALL.filter((codename) => !isCodename(codename))).toEqual([]);
    expect(ALL).toContain('sapphire-unicorn');
  });

  it.each([
    '',
    'sapphire',
    'Sapphire-unicorn',
    'sapphire-unicorn-1',
    'sapphire unicorn',
    '-unicorn',
    'sapphire-unicorn\n',
    'sapphire_unicorn',
    `${'a'.repeat(60)}-${'b'.repeat(60)}`,
    '../etc-passwd',
  ])('is not %j', (text) => {
    expect(isCodename(text)).toBe(false);
  });
});

describe('the codenames to try', () => {
  it('are always the same, in the same order, for one detection', () => {
    expect(first(64, 'finding-1')).toEqual(first(64, 'finding-1'));
  });

  it('are others for another detection', () => {
    const tried = Array.from({ length: 50 }, (_, number) => first(1, `finding-${number}`)[0]);
    expect(new Set(tried).size).toBeGreaterThan(45);
  });

  it('hardly repeat for one detection, so that an ended incident leaves others to take', () => {
    expect(new Set(first(64, 'finding-1')).size).toBeGreaterThan(60);
  });

  it('are others for whoever has another keyring: the detection alone does not tell them', () => {
    expect(first(5, 'finding-1', ring())).not.toEqual(first(5, 'finding-1'));
  });

  it('are left to chance without a detection', () => {
    expect(first(10)).not.toEqual(first(10));
  });

  it('come to an end', () => {
    expect([...candidatesFor('finding-1', RING)]).toHaveLength(64);
    expect([...candidates()].every(isCodename)).toBe(true);
  });
});
