/**
 * Checks that no line of a ledger was changed, taken out, put in or moved. A line is known by its hash in the line after it, the
 * last of a batch by its head, and a whole file by the head of the batch after it. From each sound head back, every line is
 * either confirmed or found: so the place is named, and not only that there is one.
 */
import type { Finding, Sha256 } from '../evidence/finding';
import type { Batch, Line, ReadLedger } from './batches';
import { beginningOf } from './format';

export function checkChain({ batches, codename }: ReadLedger, sha256: Sha256): Finding[] {
  const findings: Finding[] = [];
  let later: { readonly batch: Batch; readonly isConfirmed: boolean } | undefined;
  for (const [index, batch] of [...batches.entries()].reverse()) {
    const before = batches[index - 1];
    const follows = before !== undefined && before.number === batch.number - 1;
    const start =
      batch.number === 1
        ? codename && beginningOf(codename, sha256)
        : follows && before.isSound
          ? before.head?.head.line
          : undefined;
    const isNext = later !== undefined && later.batch.number === batch.number + 1;
    // A head that nobody can trust is made up for by the batch after it.
    const next = isNext && later?.isConfirmed ? later.batch.lines[0]?.read : undefined;
    const head = batch.isSound ? batch.head?.head : undefined;
    const end = head
      ? { hash: head.line, due: head.last + 1 }
      : next && { hash: next.prev, due: next.entry.seq };
    const walked = walkBack(batch, end, start);
    findings.push(...walked.findings);
    later = { batch, isConfirmed: walked.isConfirmed };
  }
  return [...findings, ...checkSuccession(batches)];
}

/**
 * From the end to the start of one batch. `end` is the hash of its last line, and the number of the entry after that; `start` is
 * what its first line follows.
 */
function walkBack(
  { path, lines, head }: Batch,
  end: { readonly hash: string; readonly due: number } | undefined,
  start: string | undefined,
): { findings: Finding[]; isConfirmed: boolean } {
  const findings: Finding[] = [];
  const found = (line: number, problem: string) => findings.push({ path, line, problem });
  const places = new Map(lines.map(({ hash }, index) => [hash, index]));
  let expected = end?.hash;
  let below: Line | undefined;
  for (let index = lines.length - 1; index >= 0; index -= 1) {
    const line = lines[index] as Line;
    if (expected === undefined) {
      if (below?.read && below.read.prev !== line.hash)
        found(
          below.number,
          'does not follow the line before it: one of them was changed, taken out or put in',
        );
    } else if (line.hash === expected) {
      expected = line.read?.prev;
    } else if (below?.hash === line.hash) {
      found(below.number, 'is there twice');
    } else {
      const real = places.get(expected);
      if (real !== undefined && real < index) {
        for (const { number } of lines.slice(real + 1, index + 1)) found(number, 'was put in or moved here');
        index = real;
        expected = lines[real]?.read?.prev;
      } else {
        const due = below?.read?.entry.seq ?? end?.due ?? 0;
        const seq = line.read?.entry.seq;
        if (seq !== undefined && seq < due - 1)
          found(
            below?.number ?? head?.number ?? line.number + 1,
            `the lines before it were taken out: entries ${seq + 1} to ${due - 1}`,
          );
        else found(line.number, 'changed: what comes after it knows another line here');
        expected = undefined;
      }
    }
    below = lines[index];
  }
  const first = lines[0];
  const begins = first ? first.read?.prev : expected;
  if (start !== undefined && begins !== undefined && begins !== start)
    found(
      first?.number ?? head?.number ?? 1,
      'does not follow what comes before the batch: it was changed, or lines before it were taken out',
    );
  return { findings, isConfirmed: expected !== undefined };
}

/** Batches follow each other, entries are numbered without a gap, and nothing comes after the end. */
function checkSuccession(batches: readonly Batch[]): Finding[] {
  let closing: Batch | undefined;
  return batches.flatMap((batch, index) => {
    const before = batches[index - 1];
    const follows = before !== undefined && before.number === batch.number - 1;
    const findings = [
      ...(closing
        ? [{ path: batch.path, problem: `comes after ${closing.path}, which closes the ledger` }]
        : []),
      ...checkHead(batch, follows ? before : undefined),
      ...checkNumbers(batch),
    ];
    if (batch.isSound && batch.head?.head.closes) closing ??= batch;
    return findings;
  });
}

function checkHead({ path, number, head: read, isSound }: Batch, before: Batch | undefined): Finding[] {
  if (!read || !isSound) return [];
  const { head } = read;
  const due = number === 1 ? 1 : before?.isSound ? (before.head?.head.last ?? 0) + 1 : head.first;
  const at = (problem: string) => ({ path, line: read.number, problem });
  return [
    ...(head.first === due ? [] : [at(`begins with entry ${head.first}, and ${due} is due`)]),
    ...((head.previous === undefined) === (number === 1) ? [] : [at('does not name the batch before it')]),
    ...(before && head.previous !== undefined && head.previous !== before.sha256
      ? [{ path: before.path, problem: `its SHA-256 is not the one that the head of ${path} names` }]
      : []),
  ];
}

/** What the first line's number has to be for the first one that can be read to fit: a head that was changed tells nothing. */
function firstByLines(lines: readonly Line[]): number {
  const index = lines.findIndex(({ read }) => read !== undefined);
  return (lines[index]?.read?.entry.seq ?? 1) - Math.max(0, index);
}

function checkNumbers({ path, lines, head, isSound }: Batch): Finding[] {
  let due = (isSound ? head?.head.first : undefined) ?? firstByLines(lines);
  const findings = lines.flatMap(({ number, read }) => {
    const seq = read?.entry.seq ?? due;
    const was = due;
    due = seq + 1;
    return seq === was ? [] : [{ path, line: number, problem: `has the number ${seq}, and ${was} is due` }];
  });
  if (!head || !isSound || due === head.head.last + 1) return findings;
  const problem = `has the number ${head.head.last} as its last, and the lines end with ${due - 1}`;
  return [...findings, { path, line: head.number, problem }];
}
