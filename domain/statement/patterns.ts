/**
 * Patterns over words, in a notation that can be read: words between spaces; `a|b` is either; `_` is a space inside of one;
 * `{name}` stands for a list of words; `*` for the rest of a word; `?` behind makes it optional; `{gap}` for up to fourteen other
 * words, of which none begins something new. Every repetition has a limit, so that time stays linear in the text.
 */
import { wordAt, type Words } from './words';

/** Where one of these stands, something else is being said. */
const BREAKS =
  'was|were|is|are|had|has|which|that|who|because|when|but|while|then|after|before|although|if|not|never|cannot|cant|dont|didnt|isnt|wasnt|arent|werent|without';

const GAP = String.raw`(?:(?!(?:${BREAKS}|\.) )[^ ]+ ){0,14}?`;

export type Lists = Readonly<Record<string, string>>;

export function compile(pattern: string, lists: Lists = {}): RegExp {
  const parts = pattern.split(' ').map((element) => {
    const isOptional = element.endsWith('?');
    const core = isOptional ? element.slice(0, -1) : element;
    if (core === '{gap}') return GAP;
    const words = core.replace(/\{(\w+)\}/g, (_, name: string) => {
      const list = lists[name];
      if (list === undefined) throw new Error(`no list of words "${name}"`);
      return list;
    });
    const either = words.replaceAll('_', ' ').replaceAll('*', '[^ ]*');
    return `(?:(?:${either}) )${isOptional ? '?' : ''}`;
  });
  return new RegExp(`(?<= )${parts.join('')}`, 'g');
}

/** Every word that the patterns name. */
export function vocabulary(patterns: readonly string[], lists: Lists): string[] {
  const all = [...patterns, ...Object.values(lists)].join(' ').replace(/\{\w+\}|[a-z]+\*/g, ' ');
  return [...new Set(all.match(/[a-z]{2,}/g))];
}

export interface Match {
  /** The first and the last word of it. */
  readonly first: number;
  readonly last: number;
  readonly text: string;
  /** What comes before it in its sentence, and behind it: at most so many words as anybody looks at. */
  readonly before: string;
  readonly after: string;
  readonly sentence: string;
}

const NEAR = 160;
const LONGEST_SENTENCE = 400;

export function* matches(words: Words, pattern: RegExp): Generator<Match> {
  const { line } = words;
  for (const { 0: text, index } of line.matchAll(pattern)) {
    const end = index + text.length;
    const before = line.slice(Math.max(0, index - LONGEST_SENTENCE), index);
    const after = line.slice(end - 1, end + LONGEST_SENTENCE);
    const begin = before.lastIndexOf(' . ') + 1;
    const stop = after.indexOf(' . ');
    const sentence = `${before.slice(begin)}${text}${stop === -1 ? after : after.slice(0, stop + 1)}`;
    yield {
      first: wordAt(words, index),
      last: wordAt(words, end - 2),
      text,
      before: ` ${before
        .slice(Math.max(begin, before.length - NEAR))
        .replace(/^ ?\. /, '')
        .trimStart()}`,
      after: (stop === -1 ? after : after.slice(0, stop + 1)).slice(0, NEAR),
      sentence,
    };
  }
}
