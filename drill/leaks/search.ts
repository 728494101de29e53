/**
 * Looks for thousands of words in megabytes of anything: case and the kind of white space make no difference, and every view
 * of the bytes is looked at (`views.ts`).
 */
import { viewsOf, type View } from './views';

/** Shorter words would be found in cipher text by chance. In characters. */
export const SHORTEST_WORD = 6;

/** Up to this length a word counts where one begins, and not inside of what is itself encoded. */
const SHORT_WORD = 9;

export interface Found {
  readonly word: string;
  /** How the place had to be read, outermost first: `base64 of UTF-16`; empty where it stands there as it is. */
  readonly read: string;
  /** The unbroken run of characters that it stands in. */
  readonly within: string;
}

export interface Search {
  /** The words that are looked for; those that are too short are left out. */
  readonly words: readonly string[];
  in(bytes: Uint8Array): Found[];
}

/** Every word is looked for by its first six characters, which one number stands for. */
const KEY_LENGTH = SHORTEST_WORD;
const SIEVE_BITS = 20;

export function createSearch(wanted: Iterable<string>): Search {
  const byKey = new Map<string, { word: string; bytes: Uint8Array }[]>();
  // Two bytes alone tell most places apart, in a table that stays in the processor's cache.
  const pairs = new Uint8Array(1 << 16);
  const sieve = new Uint8Array(1 << SIEVE_BITS);
  const words: string[] = [];
  const seen = new Set<string>();
  for (const word of wanted) {
    const bytes = plainText(Buffer.from(word, 'utf8')).lower;
    const spelling = latin(bytes);
    if (bytes.length < SHORTEST_WORD || seen.has(spelling)) continue;
    seen.add(spelling);
    words.push(word);
    const key = latin(bytes.subarray(0, KEY_LENGTH));
    byKey.set(key, [...(byKey.get(key) ?? []), { word, bytes }]);
    pairs[pairAt(bytes, 0)] = 1;
    sieve[hashAt(bytes, 0)] = 1;
  }

  function inView({ read, bytes }: View): Found[] {
    const text = plainText(bytes);
    const { lower } = text;
    const found: Found[] = [];
    for (let at = 0; at + KEY_LENGTH <= lower.length; at += 1) {
      if (pairs[pairAt(lower, at)] === 0 || sieve[hashAt(lower, at)] === 0) continue;
      for (const candidate of byKey.get(latin(lower.subarray(at, at + KEY_LENGTH))) ?? [])
        if (standsAt(candidate.bytes, lower, at) && counts(candidate.bytes, text, at))
          found.push({ word: candidate.word, read: read.join(' of '), within: around(text, at) });
    }
    return found;
  }

  return {
    words,
    in(bytes) {
      const found = new Map<string, Found>();
      for (const view of viewsOf(bytes))
        for (const one of inView(view)) {
          const key = `${one.word}\0${one.within}`;
          if (!found.has(key)) found.set(key, one);
        }
      return [...found.values()];
    },
  };
}

function pairAt(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
}

function hashAt(bytes: Uint8Array, at: number): number {
  let hash = 0;
  for (let index = at; index < at + KEY_LENGTH; index += 1)
    hash = Math.imul(hash ^ (bytes[index] as number), 0x9e3779b1);
  return hash >>> (32 - SIEVE_BITS);
}

function standsAt(word: Uint8Array, bytes: Uint8Array, at: number): boolean {
  for (let index = KEY_LENGTH; index < word.length; index += 1)
    if (bytes[at + index] !== word[index]) return false;
  return true;
}

/** One space for all white space in a row; as it is written, and in lower case. */
interface PlainText {
  readonly written: Uint8Array;
  readonly lower: Uint8Array;
}

function plainText(bytes: Uint8Array): PlainText {
  const written = new Uint8Array(bytes.length);
  const lower = new Uint8Array(bytes.length);
  let size = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] as number;
    const is = LOWER[byte] as number;
    if (is === SPACE && lower[size - 1] === SPACE) continue;
    written[size] = byte;
    lower[size] = is;
    size += 1;
  }
  return { written: written.subarray(0, size), lower: lower.subarray(0, size) };
}

const SPACE = 0x20;
const LOWER = Uint8Array.from({ length: 256 }, (_, byte) =>
  isUpper(byte) ? byte + 0x20 : byte === 0x09 || byte === 0x0a || byte === 0x0d ? SPACE : byte,
);

/** A long word always does. By chance, a short one stands in a megabyte of base64 too: there, it is looked for decoded. */
function counts(word: Uint8Array, text: PlainText, at: number): boolean {
  return word.length > SHORT_WORD || (beginsAt(text, at) && !isEncoded(text, at));
}

function beginsAt({ written }: PlainText, at: number): boolean {
  const before = written[at - 1] ?? SPACE;
  return !isAlphanumeric(before) || (isLower(before) && isUpper(written[at] as number));
}

/** Capitals, small letters and digits change places all the time, in a run too long for a name. */
function isEncoded({ written }: PlainText, at: number): boolean {
  const run = runAround(written, at, (byte) => isAlphanumeric(byte) || ENCODING_MARKS.has(byte));
  let changes = 0;
  for (let index = 1; index < run.length; index += 1)
    if (kindOf(run[index] as number) !== kindOf(run[index - 1] as number)) changes += 1;
  return run.length >= LONG_NAME && changes > run.length * MOST_CHANGES;
}

/** In characters; and of them, how many follow one of another kind: of base64 two in three, of names one in five. */
const LONG_NAME = 20;
const MOST_CHANGES = 0.4;
const ENCODING_MARKS = new Set([...'+/=_-'].map((mark) => mark.charCodeAt(0)));

function kindOf(byte: number): number {
  return isUpper(byte) ? 0 : isLower(byte) ? 1 : isDigit(byte) ? 2 : 3;
}

/** The name, path or address that it is in. */
function around({ written }: PlainText, at: number): string {
  return latin(runAround(written, at, (byte) => isAlphanumeric(byte) || NAME_MARKS.has(byte)));
}

const NAME_MARKS = new Set([...'_./:@-'].map((mark) => mark.charCodeAt(0)));
/** To either side, in characters. */
const FARTHEST = 60;

function runAround(bytes: Uint8Array, at: number, belongs: (byte: number) => boolean): Uint8Array {
  let begin = at;
  let end = at;
  while (begin > 0 && at - begin < FARTHEST && belongs(bytes[begin - 1] as number)) begin -= 1;
  while (end < bytes.length && end - at < FARTHEST && belongs(bytes[end] as number)) end += 1;
  return bytes.subarray(begin, end);
}

function isUpper(byte: number): boolean {
  return byte >= 0x41 && byte <= 0x5a;
}

function isLower(byte: number): boolean {
  return byte >= 0x61 && byte <= 0x7a;
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

function isAlphanumeric(byte: number): boolean {
  return isUpper(byte) || isLower(byte) || isDigit(byte);
}

function latin(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
