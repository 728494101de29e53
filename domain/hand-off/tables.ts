/** What the sections of a pack are made of: tables of times and words. */
import { timeOf } from '../markdown';
import type { Block } from './document';

/** Of each table: more than anybody reads, and laid out in seconds. What is left out is said to be. */
const MOST_ROWS = 500;

export function table(head: readonly string[], rows: readonly (readonly string[])[], none: string): Block[] {
  if (rows.length === 0) return none === '' ? [] : [{ kind: 'paragraph', text: none }];
  const rest = rows.length - MOST_ROWS;
  return [
    { kind: 'table', head, rows: rows.slice(0, MOST_ROWS) },
    ...(rest > 0 ? [{ kind: 'paragraph', text: `And ${rest} more: ask us for them.` } as const] : []),
  ];
}

export function cellOf(at: number | undefined): string {
  return at === undefined ? 'not yet' : timeOf(at);
}

export function dayOf(at: number): string {
  return timeOf(at).slice(0, 10);
}
