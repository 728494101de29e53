/** How wide the columns of a table are, in points. pdfmake would make a column as wide as its longest word, wider than the page. */

/** An A4 page, 210 mm, without its margins of 48 points. */
export const TEXT_WIDTH = 595.28 - 2 * 48;

/** Between two columns, as the layout has it. */
const GAP = 16;

/** Of a character at the size of tables, with some to spare. */
const CHARACTER = 5;

/** What is longer wraps, and what is shorter does not. */
const SHORT = 26 * CHARACTER;
const LONGEST = 66 * CHARACTER;
const NARROWEST = 3 * CHARACTER;
const NARROW = 12 * CHARACTER;

/** How long a cell is, and the longest word in it, in characters. */
export interface CellLength {
  readonly all: number;
  readonly word: number;
}

export function lengthOf(text: string): CellLength {
  const words = text.split(/\s+/).map((word) => word.length);
  return { all: text.length, word: words.reduce((most, word) => Math.max(most, word), 0) };
}

/** @param rows the cells of each, the head's too */
export function widthsOf(rows: readonly (readonly CellLength[])[]): number[] {
  const columns = rows[0]?.length ?? 0;
  const room = TEXT_WIDTH - GAP * Math.max(0, columns - 1);
  const longest = (n: number, what: keyof CellLength) =>
    rows.reduce((most, row) => Math.max(most, row[n]?.[what] ?? 0), 0) * CHARACTER;
  const wanted = Array.from({ length: columns }, (_, n) =>
    Math.min(Math.max(longest(n, 'all'), NARROWEST), LONGEST),
  );
  if (sum(wanted) <= room) return wanted;
  // A column that wraps keeps its words whole where that can be; what is short wraps only where that is not enough.
  const words = wanted.map((width, n) => Math.min(width, Math.max(longest(n, 'word'), NARROW), LONGEST));
  const least = [wanted.map((width, n) => (width <= SHORT ? width : (words[n] ?? width))), words].find(
    (widths) => sum(widths) <= room,
  );
  if (!least) return wanted.map((width) => (width * room) / sum(wanted));
  const missing = sum(wanted) - sum(least);
  return wanted.map((width, n) => {
    const own = least[n] ?? width;
    return own + ((width - own) * (room - sum(least))) / missing;
  });
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}
