/**
 * Text as words, to be compared: small bare letters, one space between words, a mark where a sentence or a part of it ends.
 * Each word knows where it stands in the source.
 */
import { bare } from './disguises';
import type { Block } from './document';

export interface Words {
  /** ` we were attacked . ` */
  readonly line: string;
  /** Where each word begins in the line, and in the block's text; and where it ends in that. */
  readonly starts: readonly number[];
  readonly from: readonly number[];
  readonly to: readonly number[];
  /** Of each word. */
  readonly blocks: readonly Block[];
}

/** Reads a word that is written with digits or signs for letters; nothing, where it is none. */
export type Decode = (word: string) => string | undefined;

/** Ends a sentence; a comma, a dash or a bracket ends a part of it. */
export const STOP = '.';
export const PAUSE = ',';

/** Instead of addresses of mail and of pages: what they are made of is nobody's words. */
const ADDRESS = '@';

const SIGNS = '$@€£!|+';
const IN_WORD = /[\p{L}\p{N}]/u;
const APOSTROPHES = "'’‘ʼ′`´‛ʹ";

/** All blocks in one line: a pattern is looked for once, however many there are. A sentence ends where its block does. */
export function wordsOf(read: readonly Block[], decode?: Decode): Words {
  const words: string[] = [];
  const from: number[] = [];
  const to: number[] = [];
  const blocks: Block[] = [];
  let current: Block | undefined;
  let word = '';
  let begin = 0;

  const put = (what: string, first: number, behind: number) => {
    if (!current) return;
    words.push(what);
    from.push(first);
    to.push(behind);
    blocks.push(current);
  };
  const mark = (what: string, at: number) => {
    if (words.length > 0 && words.at(-1) !== STOP) put(what, at, at);
  };
  const flush = (behind: number) => {
    if (word === '') return;
    const read = /^[a-z]+$/.test(word) ? (decode?.(word) ?? word) : decode?.(word);
    if (read !== undefined) put(read, begin, behind);
    else for (const part of word.split(/[$@€£!|+]+/)) if (part !== '') put(part, begin, behind);
    word = '';
  };

  for (const block of read) {
    current = block;
    for (const { 0: chunk, index } of block.text.matchAll(/\S+/g)) {
      if (isAddress(chunk)) {
        put(ADDRESS, index, index + chunk.length);
        if (/[.!?]$/.test(chunk)) mark(STOP, index + chunk.length);
        continue;
      }
      const characters = Array.from(chunk);
      let at = index;
      for (const [position, character] of characters.entries()) {
        const next = bare(characters[position + 1] ?? ' ');
        const isInside = IN_WORD.test(next);
        const plain = bare(character);
        if (plain === '' || (APOSTROPHES.includes(character) && (word !== '' || isInside))) {
          // Seen as nothing, or as a part of the word.
        } else if (IN_WORD.test(plain)) {
          if (word === '') begin = at;
          for (const one of plain) if (IN_WORD.test(one)) word += one;
        } else if (
          decode &&
          SIGNS.includes(character) &&
          isInside &&
          (word !== '' || !'!|+'.includes(character))
        ) {
          if (word === '') begin = at;
          word += character;
        } else if (character === ',' && /\d$/.test(word) && /^\d{3}/.test(chunk.slice(at - index + 1))) {
          // 1,200
        } else {
          flush(at);
          const isLast = /^\W*$/.test(characters.slice(position + 1, position + 5).join(''));
          if ('.!?…'.includes(character) && isLast && !isNumero(words, block.text, at)) mark(STOP, at);
          else if (',;():–—'.includes(character)) mark(PAUSE, at);
        }
        at += character.length;
      }
      flush(at);
    }
    mark(STOP, block.text.length);
  }

  const starts: number[] = [];
  let length = 1;
  for (const one of words) {
    starts.push(length);
    length += one.length + 1;
  }
  return { line: words.length > 0 ? ` ${words.join(' ')} ` : ' ', starts, from, to, blocks };
}

/** "No. 1" is one thing. */
function isNumero(words: readonly string[], text: string, at: number): boolean {
  return words.at(-1) === 'no' && /^\. ?\d/.test(text.slice(at, at + 3));
}

function isAddress(chunk: string): boolean {
  if (/^[("'<[]*(?:https?:\/\/|www\.)/i.test(chunk)) return true;
  const at = chunk.indexOf('@');
  return at > 0 && /^@[\w-]+\.[a-z]/i.test(chunk.slice(at, at + 80));
}

/** The word at an index of the line. */
export function wordAt({ starts }: Words, index: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((starts[middle] ?? 0) <= index) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Where a word stands in the source. */
export function placeOf({ from, blocks }: Words, word: number): number {
  return blocks[word]?.at[from[word] ?? 0] ?? 0;
}

/** The words as they are written, in one line. */
export function quote({ from, to, blocks }: Words, first: number, last: number): string {
  const text = blocks[first]?.text ?? '';
  const written = text
    .slice(from[first] ?? 0, to[last] ?? text.length)
    .replace(/\s+/g, ' ')
    .trim();
  return written.length > 120 ? `${written.slice(0, 120)}…` : written;
}

/** A name as it would stand in a line: ` billing api `. */
export function lineOfName(name: string): string {
  return wordsOf([plainBlock(name)])
    .line.replaceAll(' , ', ' ')
    .replaceAll(' . ', ' ');
}

/** A text that stands nowhere. */
export function plainBlock(text: string): Block {
  return { kind: 'text', text, at: [], links: [], codes: [] };
}
