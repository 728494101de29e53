/** What the command line says of a ledger. */
import { timeOf, type CheckedLedger } from '../../domain/ledger/check';
import { refusalsOf } from '../../domain/refusals';

export function documentOfLedger({
  batches,
  entries,
  codename,
  closes,
  notices,
  fingerprint,
}: CheckedLedger) {
  const [last, end] = [batches.at(-1), entries.at(-1)?.entry];
  return {
    codename,
    batches: batches.length,
    entries: entries.length,
    ...countsOf({ entries }),
    closes,
    key: { fingerprint },
    ...(last && { last: { path: last.path, sha256: last.sha256 } }),
    ...(end && { end: { seq: end.seq, at: timeOf(end.at) } }),
    notices,
  };
}

export function linesOfLedger(checked: CheckedLedger): string[] {
  const { batches, entries, codename, closes } = checked;
  const { decisions, signed, refusals } = countsOf(checked);
  const [last, end] = [batches.at(-1), entries.at(-1)?.entry];
  return [
    `Ledger of ${codename ?? 'an incident that it does not name'}`,
    `  batches           ${batches.length}${last?.head ? `, the last of ${last.head.head.at}` : ''}`,
    ...(last ? [`                    SHA-256 of ${last.path}: ${last.sha256}`] : []),
    `  entries           ${entries.length}: ${decisions} decisions (${signed} signed), ${refusals} refusals`,
    ...(closes && end ? [`  closes            at entry ${end.seq}, ${timeOf(end.at)}`] : []),
  ];
}

function countsOf({ entries }: Pick<CheckedLedger, 'entries'>) {
  const all = entries.map(({ entry }) => entry);
  const decisions = all.filter(({ kind }) => kind === 'decision');
  return {
    decisions: decisions.length,
    signed: decisions.filter(({ proof }) => proof !== undefined).length,
    refusals: refusalsOf(all),
  };
}

/** A file's name may hold a line feed, or turn the direction of writing, and must not look like an answer of ours. */
export function inOneLine(line: string): string {
  return line.replace(
    /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  );
}
