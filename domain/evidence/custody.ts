/** The chain of custody as a file: one line for each record, each with the hash of the line before it. */
import { canonical } from './canonical';
import type { Sha256 } from './finding';
import { CUSTODY_EVENTS, type CustodyRecord } from './items';
import { aCount, aHash, aText, aTime, oneOf, optional, recordOf } from './shape';

/** Stands in the first line, which has none before it. */
export const NO_LINE_BEFORE = '0'.repeat(64);

/** A record as it is written. */
export interface CustodyLine extends Omit<CustodyRecord, 'at'> {
  /** RFC 3339, UTC. */
  readonly at: string;
  /** SHA-256 of the line before, hexadecimal. */
  readonly previous: string;
}

export function custodyLines(records: readonly CustodyRecord[], sha256: Sha256): string[] {
  let previous = NO_LINE_BEFORE;
  return records.map((record) => {
    const line = canonical({ ...record, at: new Date(record.at).toISOString(), previous });
    previous = sha256(line);
    return line;
  });
}

/** Every line ends with a line feed. */
export function custodyText(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}

/** SHA-256 of the last line, which stands for all of them. */
export function headOf(lines: readonly string[], sha256: Sha256): string {
  const last = lines.at(-1);
  return last === undefined ? NO_LINE_BEFORE : sha256(last);
}

const LINE = recordOf({
  seq: aCount,
  at: aTime,
  item: aText,
  event: oneOf(Object.keys(CUSTODY_EVENTS)),
  by: aText,
  holder: aText,
  note: optional((value) => (typeof value === 'string' ? undefined : 'is no text')),
  previous: aHash,
});

/** Nothing where the line is no record. */
export function readCustodyLine(line: string): CustodyLine | undefined {
  try {
    const read: unknown = JSON.parse(line);
    return LINE(read) === undefined ? (read as CustodyLine) : undefined;
  } catch {
    return undefined;
  }
}
