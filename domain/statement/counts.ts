/** Numbers in words: how many of a thing a text names. */
import type { Words } from './words';

const NUMBERS: readonly string[] = [
  'no',
  'one',
  'two',
  'three',
  'four',
  'five',
  'six',
  'seven',
  'eight',
  'nine',
  'ten',
  'eleven',
  'twelve',
  'thirteen',
  'fourteen',
  'fifteen',
  'sixteen',
  'seventeen',
  'eighteen',
  'nineteen',
  'twenty',
];

export const NUMBER = `\\d{1,6}|${NUMBERS.slice(1).join('|')}|both|a single`;

export const HOST_NOUNS =
  'servers?|hosts?|instances?|machines?|virtual machines?|vms?|ec2 instances?|nodes?|boxes|systems?';

export function numberOf(word: string): number | undefined {
  if (/^\d+$/.test(word)) return Number(word);
  if (word === 'both') return 2;
  if (word === 'a single') return 1;
  const number = NUMBERS.indexOf(word);
  return number > 0 ? number : undefined;
}

/** Up to three words may stand between a number and what it counts: "two of our build servers". */
const counted = (nouns: string) =>
  new RegExp(`(?<= )(${NUMBER}) (?:(?!(?:${NUMBER}|[.,]) )[^ ]+ ){0,4}?(?:${nouns}) `, 'g');

/** The same text is asked again for every claim in it. */
const counts = new WeakMap<Words, Map<string, readonly number[]>>();

function countsOf(all: Words, nouns: string): readonly number[] {
  const known = counts.get(all) ?? new Map<string, readonly number[]>();
  counts.set(all, known);
  const pattern = counted(nouns);
  const found =
    known.get(nouns) ?? Array.from(all.line.matchAll(pattern), ([, number = '']) => numberOf(number) ?? NaN);
  known.set(nouns, found);
  return found;
}

export function hostCounts(all: Words): readonly number[] {
  return countsOf(all, HOST_NOUNS);
}

/** Whether one of these numbers of such things is named anywhere. */
export function namesCount(all: Words, numbers: readonly number[], nouns: string): boolean {
  const named = countsOf(all, nouns);
  return numbers.some((number) => number > 0 && named.includes(number));
}
