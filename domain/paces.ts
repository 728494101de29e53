/** How fast people are asked, reminded and called next. All of it can be changed while the incident runs. */
import type { Company } from './company';

/** Milliseconds. */
export interface Paces {
  /** A page that nobody has acknowledged for so long rings with the next in line. */
  readonly acknowledgeWithinMs: number;
  /** How often somebody is reminded of a task; 0: never. */
  readonly remindEveryMs: number;
  /** How often the room is asked for a status; 0: never. */
  readonly statusEveryMs: number;
}

const MINUTE_MS = 60_000;

export const DEFAULT_PACES: Paces = {
  acknowledgeWithinMs: 5 * MINUTE_MS,
  remindEveryMs: 15 * MINUTE_MS,
  statusEveryMs: 30 * MINUTE_MS,
};

interface Paced {
  readonly company: Pick<Company, 'paces'>;
  readonly paces: Partial<Paces>;
}

export function pacesOf({ company, paces }: Paced): Paces {
  return { ...DEFAULT_PACES, ...company.paces, ...paces };
}

/** "every 30 minutes" */
export function everySoOften(everyMs: number): string {
  const minutes = everyMs / MINUTE_MS;
  return everyMs === 0 ? 'never' : `every ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}`;
}
