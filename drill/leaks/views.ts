/**
 * The ways in which a word can stand in a file without standing there as it is typed. What is searched is undone, rather
 * than what is looked for done up: one word in base64 is three, within more text than it, and in base64 twice nine.
 */

/** How often one is undone after another: UTF-16 in base64, or base64 in a URL. */
const DEEPEST = 2;

/** Shorter runs hide no word that is looked for. */
const SHORTEST_BASE64 = 8;
const SHORTEST_HEX = 12;
const SHORTEST_TEXT = 6;

const NEWLINE = 0x0a;
const NONE = 0xff;

/** How it had to be read, outermost first, as words; and the bytes that came of it. */
export interface View {
  readonly read: readonly string[];
  readonly bytes: Uint8Array;
}

/** As it is, and everything that can be made of it. */
export function viewsOf(bytes: Uint8Array): View[] {
  const all: View[] = [{ read: [], bytes }];
  for (let depth = 1, last = all; depth <= DEEPEST && last.length > 0; depth += 1) {
    last = last.flatMap(({ read, bytes: outer }) =>
      UNDO.flatMap(({ name, undo }) => {
        const inner = undo(outer);
        return inner.length === 0 ? [] : [{ read: [...read, name], bytes: inner }];
      }),
    );
    all.push(...last);
  }
  return all;
}

const EMPTY = new Uint8Array();

/** Each gives nothing where there is nothing to undo. */
const UNDO: readonly { readonly name: string; readonly undo: (bytes: Uint8Array) => Uint8Array }[] = [
  { name: 'UTF-16', undo: withoutNuls },
  { name: 'base64', undo: (bytes) => decoded(bytes, BASE64, 6, SHORTEST_BASE64) },
  { name: 'hexadecimal', undo: (bytes) => decoded(bytes, HEX, 4, SHORTEST_HEX) },
  { name: 'escapes', undo: unescaped },
];

/** UTF-16 of either order, of what is ASCII in it. In other bytes it joins what was apart, which harms nothing. */
function withoutNuls(bytes: Uint8Array): Uint8Array {
  if (!bytes.includes(0)) return EMPTY;
  const made = new Uint8Array(bytes.length);
  let size = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    made[size] = bytes[at] as number;
    if (made[size] !== 0) size += 1;
  }
  return made.subarray(0, size);
}

/**
 * Every run of an alphabet's digits, read from each place at which a byte can begin; what is text of it, a line each. Line
 * breaks within a run are left out, as mail and PEM have them.
 */
function decoded(bytes: Uint8Array, values: Uint8Array, bits: number, shortest: number): Uint8Array {
  const starts = bits === 6 ? 4 : 2;
  // A line that is kept whole takes one byte more than it had.
  const made = new Uint8Array(bytes.length * starts + starts);
  let size = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    if (values[bytes[at] as number] === NONE) continue;
    const begin = at;
    while (at < bytes.length && (values[bytes[at] as number] !== NONE || isBreak(bytes, at, values))) at += 1;
    if (at - begin < shortest) continue;
    for (let start = 0; start < starts; start += 1) {
      const line = size;
      let held = 0;
      let count = 0;
      for (let index = begin + start; index < at; index += 1) {
        const value = values[bytes[index] as number] as number;
        if (value === NONE) continue;
        held = ((held << bits) | value) & 0xffff;
        count += bits;
        if (count >= 8) {
          count -= 8;
          made[size] = (held >> count) & 0xff;
          size += 1;
        }
      }
      size = keepText(made, line, size);
    }
  }
  return made.subarray(0, size);
}

/** Of what was decoded, nine parts in ten are cipher text: kept is what has some readable characters in a row, ASCII or UTF-16. */
function keepText(bytes: Uint8Array, from: number, to: number): number {
  let size = from;
  for (let at = from; at < to; at += 1) {
    const begin = at;
    while (at < to && isText(bytes[at] as number)) at += 1;
    if (at - begin < SHORTEST_TEXT) continue;
    bytes.copyWithin(size, begin, at);
    size += at - begin;
    bytes[size] = NEWLINE;
    size += 1;
  }
  return size;
}

function isText(byte: number): boolean {
  return (byte >= 0x20 && byte < 0x7f) || byte === 0 || (byte >= 0x09 && byte <= 0x0d);
}

/** A line break with digits on both of its sides. */
function isBreak(bytes: Uint8Array, at: number, values: Uint8Array): boolean {
  const next = bytes[at] === 0x0d ? at + 1 : at;
  return bytes[next] === NEWLINE && values[bytes[next + 1] ?? NEWLINE] !== NONE;
}

/** What URLs, JSON and logs escape: `%2F`, a plus for a space, `\u002f`, `\x2f`, `\n`, `\"`. */
function unescaped(bytes: Uint8Array): Uint8Array {
  if (!bytes.includes(PERCENT) && !bytes.includes(BACKSLASH)) return EMPTY;
  const made = new Uint8Array(bytes.length);
  let size = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] as number;
    let digits = 0;
    let from = at + 1;
    if (byte === PERCENT) digits = 2;
    else if (byte === BACKSLASH) {
      const kind = bytes[at + 1];
      from = at + 2;
      digits = kind === LETTER_U ? 4 : kind === LETTER_X ? 2 : 0;
    }
    const code = digits === 0 ? undefined : hexAt(bytes, from, digits);
    if (code !== undefined) {
      made[size] = code > 0xff ? QUESTION : code;
      at = from + digits - 1;
    } else if (byte === BACKSLASH) {
      made[size] = SHORT[bytes[at + 1] ?? 0] ?? bytes[at + 1] ?? BACKSLASH;
      at += 1;
    } else made[size] = byte === PLUS ? SPACE : byte;
    size += 1;
  }
  return made.subarray(0, size);
}

function hexAt(bytes: Uint8Array, from: number, digits: number): number | undefined {
  let code = 0;
  for (let index = from; index < from + digits; index += 1) {
    const value = HEX[bytes[index] ?? SPACE] as number;
    if (value === NONE) return undefined;
    code = code * 16 + value;
  }
  return code;
}

const PERCENT = 0x25;
const PLUS = 0x2b;
const SPACE = 0x20;
const QUESTION = 0x3f;
const BACKSLASH = 0x5c;
const LETTER_U = 0x75;
const LETTER_X = 0x78;
/** `\n`, `\r` and `\t`; what else is escaped stands for itself. */
const SHORT: Readonly<Record<number, number>> = { 0x6e: SPACE, 0x72: SPACE, 0x74: SPACE };

/** What each byte is worth as a digit. */
function valuesOf(...alphabets: readonly string[]): Uint8Array {
  const values = new Uint8Array(256).fill(NONE);
  for (const alphabet of alphabets)
    [...alphabet].forEach((digit, value) => (values[digit.charCodeAt(0)] = value));
  return values;
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const BASE64 = valuesOf(
  `${LETTERS}${LETTERS.toLowerCase()}0123456789+/`,
  `${LETTERS}${LETTERS.toLowerCase()}0123456789-_`,
);
const HEX = valuesOf('0123456789abcdef', '0123456789ABCDEF');
