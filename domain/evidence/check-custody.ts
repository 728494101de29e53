/**
 * Checks a chain of custody: that no line was changed, taken out, put in or moved, and that what it tells is possible. Used on
 * what is about to be sealed, too: what this would not accept is never written.
 */
import { NO_LINE_BEFORE, readCustodyLine, type CustodyLine } from './custody';
import type { Finding, Sha256 } from './finding';
import type { CustodyEvent } from './items';
import { manifestName, type Manifest } from './manifest';

interface Line {
  readonly number: number;
  readonly text: string;
  readonly hash: string;
  /** Nothing where it is no record. */
  readonly read: CustodyLine | undefined;
}

/** `manifest` is left out where it is in doubt itself: then only the lines are compared with each other. */
export function checkCustody(path: string, text: string, sha256: Sha256, manifest?: Manifest): Finding[] {
  const lines = text
    .split('\n')
    .slice(0, -1)
    .map((line, index) => ({
      number: index + 1,
      text: line,
      hash: sha256(line),
      read: readCustodyLine(line),
    }));
  const rest = text.slice(text.lastIndexOf('\n') + 1);
  return [
    ...lines
      .filter(({ read }) => !read)
      .map(({ number }) => at(number, 'is no record of a chain of custody')),
    ...(rest === '' ? [] : [at(lines.length + 1, 'is cut off: it has no line feed at its end')]),
    ...checkLinks(lines),
    ...(manifest ? checkEnd(lines, manifest) : []),
    ...checkOrder(lines),
    ...(manifest ? checkItems(lines, manifest) : []),
  ]
    .sort((a, b) => a.line - b.line)
    .map((finding) => ({ path, ...finding }));
}

type LineFinding = Omit<Finding, 'path'> & { readonly line: number };

function at(line: number, problem: string): LineFinding {
  return { line, problem };
}

/** Each line is known by the hash in the line after it. */
function checkLinks(lines: readonly Line[]): LineFinding[] {
  const first = lines[0]?.read;
  const cut = first !== undefined && first.previous !== NO_LINE_BEFORE;
  return [
    ...(cut ? [at(1, 'changed, or the lines before it were taken out')] : []),
    ...lines.flatMap(({ number, hash }) => {
      const after = lines[number]?.read;
      if (after === undefined || after.previous === hash) return [];
      return [
        at(
          number,
          `changed, or a line was taken out, put in or moved after it: line ${number + 1} has another hash`,
        ),
      ];
    }),
  ];
}

/** The last line is known by its hash in the manifest. */
function checkEnd(lines: readonly Line[], { custody, sequence }: Manifest): LineFinding[] {
  const { records, head } = custody;
  const manifest = manifestName(sequence);
  const last = lines.at(-1)?.hash ?? NO_LINE_BEFORE;
  const isEnd = last === head;
  if (!isEnd && lines.length < records)
    return [
      at(lines.length + 1, `missing: the chain has ${lines.length} lines, ${manifest} says ${records}`),
    ];
  if (!isEnd && lines.length > records && (lines[records - 1]?.hash ?? NO_LINE_BEFORE) === head)
    return lines.slice(records).map(({ number }) => at(number, `added: ${manifest} says ${records} lines`));
  const number = Math.max(lines.length, 1);
  return [
    ...(isEnd ? [] : [at(number, `changed: ${manifest} has another hash of the last line`)]),
    ...(lines.length === records
      ? []
      : [at(number, `is the last one, and ${manifest} says ${records} lines`)]),
  ];
}

/** Records are numbered, and the time of one item goes forward. Of two items the reports may cross. */
function checkOrder(lines: readonly Line[]): LineFinding[] {
  const last = new Map<string, number>();
  return lines.flatMap(({ number, read }) => {
    if (!read) return [];
    const time = Date.parse(read.at);
    const before = last.get(read.item) ?? time;
    last.set(read.item, Math.max(before, time));
    return [
      ...(read.seq === number ? [] : [at(number, `has the number ${read.seq}`)]),
      ...(time < before ? [at(number, `is earlier than the record of ${read.item} before it`)] : []),
    ];
  });
}

/** How an item comes to be. */
const BEGINNINGS: readonly CustodyEvent[] = ['captured', 'requested', 'copied'];

/** Every item from its beginning on, and no other. */
function checkItems(lines: readonly Line[], { items, sequence }: Manifest): LineFinding[] {
  const listed = new Set(items.map(({ id }) => id));
  const begun = new Set<string>();
  const findings = lines.flatMap(({ number, read }) => {
    if (!read || begun.has(read.item)) return [];
    begun.add(read.item);
    return [
      ...(BEGINNINGS.includes(read.event)
        ? []
        : [
            at(
              number,
              `is the first record of ${read.item}, and says "${read.event}": its capture is missing`,
            ),
          ]),
      ...(listed.has(read.item)
        ? []
        : [at(number, `is of ${read.item}, which ${manifestName(sequence)} does not list`)]),
    ];
  });
  const without = items.filter(({ id }) => !begun.has(id));
  return [
    ...findings,
    ...without.map(({ id }) =>
      at(lines.length + 1, `missing: no record of ${id}, which ${manifestName(sequence)} lists`),
    ),
  ];
}
