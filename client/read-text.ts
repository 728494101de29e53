/** A file that somebody named. */
import { readFileSync } from 'node:fs';
import { FileUnreadable } from './errors';

/** `what` it should hold, in words. @throws FileUnreadable */
export function readText(file: string, what: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new FileUnreadable(file, what);
  }
}
