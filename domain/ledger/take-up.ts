/** What an earlier attempt at a batch wrote, whose answer was lost: it can't be written again, so it is taken as it is. */
import { canonical } from '../evidence/canonical';
import type { Sha256 } from '../evidence/finding';
import { readLine, type Composed, type Head, type HeadLine } from './format';

export type Written = Pick<HeadLine, 'head' | 'signature'>;

/** The head of a batch's file; nothing where it has none. */
export function headOf(text: string): Head | undefined {
  return writtenIn(text)?.head;
}

/**
 * A batch of the same place that holds the same entries, or the first of them: more may have come since. Its time and version
 * may be others. Undefined where it is no such batch; whether it is signed is for the caller to check.
 */
export function takeUp(text: string, ours: Composed, sha256: Sha256): Written | undefined {
  const begun = writtenIn(text);
  if (!begun) return undefined;
  const lines = text.split('\n').slice(0, -2);
  const mayClose = ours.head.closes && lines.length === ours.lines.length;
  const isSo =
    canonical(frameOf(begun.head)) === canonical(frameOf(ours.head)) &&
    lines.every((line, index) => line === ours.lines[index]) &&
    begun.head.last === ours.head.first + lines.length - 1 &&
    begun.head.line === lastOf(lines, ours, sha256) &&
    (!begun.head.closes || mayClose);
  return isSo ? begun : undefined;
}

function writtenIn(text: string): Written | undefined {
  if (!text.endsWith('\n')) return undefined;
  const read = readLine(text.slice(0, -1).split('\n').at(-1) ?? '');
  return read.kind === 'head' ? { head: read.head, signature: read.signature } : undefined;
}

/** What every attempt at one batch has in common. */
function frameOf({ format, codename, batch, first, previous, key }: Head) {
  return { format, codename, batch, first, previous, key };
}

function lastOf(lines: readonly string[], ours: Composed, sha256: Sha256): string {
  const last = lines.at(-1);
  return last === undefined ? ours.head.line : sha256(last);
}
