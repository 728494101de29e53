/**
 * Practice: a workflow that looks like an incident to whoever can't read payloads, and does nothing, so that an entry in
 * Temporal's list means nothing. What its parts say to one another, and the chance that they go by.
 */
import { bytesOfText } from './trust/bytes';

/** What a practice answers to whoever can read it, whatever was asked. */
export interface Practice {
  /** 32 random bytes. All chance in it follows from these; Temporal's own seed follows from the run's id, which others see. */
  readonly seed: string;
  readonly lastsMs: number;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
}
export interface PracticeAnswer {
  readonly practice: Practice;
}

/** The practice that answered; nothing where it was an incident. */
export function practiceIn(answer: unknown): Practice | undefined {
  const practice = fieldsOf(fieldsOf(answer)?.['practice']);
  return isBeginning(practice) && Number.isFinite(practice?.['startedAt'])
    ? (practice as unknown as Practice)
    : undefined;
}

/** What a practice begins with. */
export type Beginning = Pick<Practice, 'seed' | 'lastsMs'>;

export function isBeginning(value: unknown): boolean {
  const fields = fieldsOf(value);
  return typeof fields?.['seed'] === 'string' && Number.isFinite(fields['lastsMs']);
}

export function tellsOfPractice(codename: string): string {
  return `${codename} is practice: nothing happens in it`;
}

/** What stands in for a person's decision. It decides nothing. */
export interface PracticeMessage {
  readonly practice: {
    /** How long the answer is to be, in characters. */
    readonly answer: number;
    readonly ends?: true;
  };
  readonly padding: string;
}

export function practiceMessageIn(raw: unknown): PracticeMessage['practice'] | undefined {
  const practice = fieldsOf(fieldsOf(raw)?.['practice']);
  const answer = practice?.['answer'];
  if (typeof answer !== 'number' || !(answer >= 0 && answer <= MOST_CHARACTERS)) return undefined;
  return { answer, ...(practice?.['ends'] === true && { ends: true }) };
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
}

/** Longer than anything of an incident that practice stands in for. */
const MOST_CHARACTERS = 200_000;
const MOST_MS = 24 * 3_600_000;

/** Content without meaning: sealed, it can't be told from any other. */
export function padding(characters: number): string {
  return 'x'.repeat(Math.min(Math.max(0, Math.round(characters)), MOST_CHARACTERS));
}

/** Longer than the name of any step or part. */
const LONGEST_NAME = 40;

/** The no-op's name, as long as the name that it stands in for: a sealed name can be measured. */
export function practiceName(like: string): string {
  return 'practise'.padEnd(like.length, '.').slice(0, like.length);
}

export const PRACTICE_NAMES: readonly string[] = Array.from({ length: LONGEST_NAME }, (_, index) =>
  practiceName('x'.repeat(index + 1)),
);

/** What a no-op step is to do: take its time, and answer so many characters. */
export interface PracticeOrder {
  readonly ms: number;
  readonly answer: number;
  /** The first attempt fails, as vendors do now and then. */
  readonly fails?: boolean;
}

/** One short text, as it stands in for arguments that are short too. `characters` is how long it is to be. */
export function writeOrder({ ms, answer, fails = false }: PracticeOrder, characters: number): string {
  return `${Math.round(ms)}.${Math.round(answer)}.${fails ? '!' : ''}`.padEnd(characters, 'x');
}

/** Nothing where it is none. */
export function readOrder(text: unknown): PracticeOrder | undefined {
  const [, ms, answer, fails] =
    /^(\d{1,9})\.(\d{1,6})\.(!?)x*$/.exec(typeof text === 'string' ? text : '') ?? [];
  if (ms === undefined || answer === undefined) return undefined;
  const order = { ms: Number(ms), answer: Number(answer), fails: fails === '!' };
  return order.ms <= MOST_MS && order.answer <= MOST_CHARACTERS ? order : undefined;
}

/** A vendor's answer, and the addresses of some people in it. */
const ANSWERED_MS = 350;
const SOME_PEOPLE = 60;

/** For a step that takes nothing, and so can't be told: drawn where it runs. */
export function drawOrder(chance: Chance): PracticeOrder {
  return { ms: Math.round(chance.around(ANSWERED_MS)), answer: Math.round(chance.around(SOME_PEOPLE)) };
}

/** Chance that is the same on each replay, and that nobody can foretell without the seed. */
export interface Chance {
  /** In [0, 1). */
  readonly next: () => number;
  /** Whole, both ends included. */
  readonly between: (least: number, most: number) => number;
  readonly happens: (probability: number) => boolean;
  /** Around `median`, most within a third and three times of it; never beyond a tenth and ten times. */
  readonly around: (median: number) => number;
}

export function createChance(seed: string, sha256: (message: Uint8Array) => Uint8Array): Chance {
  let drawn = 0;
  const next = () => {
    const bytes = sha256(bytesOfText(`${seed}/${(drawn += 1)}`));
    return bytes.subarray(0, 6).reduce((sum, byte) => sum * 256 + byte, 0) / 2 ** 48;
  };
  return {
    next,
    between: (least, most) => least + Math.floor(next() * (most - least + 1)),
    happens: (probability) => next() < probability,
    around(median) {
      // Box and Muller's: two even draws make one that is normally distributed.
      const normal = Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
      return median * Math.exp(Math.min(Math.max(0.6 * normal, -Math.LN10), Math.LN10));
    },
  };
}
