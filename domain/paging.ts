/** The page that somebody has to acknowledge: who is called next, and when. */
import { hasEnded, type Incident } from './incident';
import type { Door } from './decisions';
import { pacesOf } from './paces';
import { lineOf, type Callable } from './people';
import { isSameAddress } from './roles';

export interface Call {
  readonly email: string;
  readonly at: number;
  /** False where the pager does not know the person, or could not be reached. */
  readonly called: boolean;
}

export interface Calling {
  /** Since when somebody should have been woken. */
  readonly since?: number;
  /** Those after the first ring, the latest last. */
  readonly calls: readonly Call[];
  /** How many there were. */
  readonly count: number;
  /** The first who said "I have it". */
  readonly acknowledged?: { readonly by?: string; readonly at: number; readonly door?: Door };
  /** Whoever had it is excluded: somebody else is called at once. */
  readonly isUrgent?: true;
}

export const NOBODY_CALLED: Calling = { calls: [], count: 0 };

/** So many calls are kept in the state; the ledger has them all. */
const MOST_CALLS = 50;

export function withCall(calling: Calling, call: Call): Calling {
  const { isUrgent: _done, ...rest } = calling;
  return { ...rest, calls: [...calling.calls, call].slice(-MOST_CALLS), count: calling.count + 1 };
}

/** Whom to call next, and when; nothing while there is no page, or once somebody has acknowledged it. */
export function nextCall(incident: Incident): { readonly email: string; readonly at: number } | undefined {
  const { calling, page } = incident;
  if (!page || calling.since === undefined || calling.acknowledged || hasEnded(incident)) return undefined;
  const line = lineOf(incident);
  const next = longestUncalled(line, incident);
  if (!next) return undefined;
  const last = calling.calls.at(-1)?.at ?? calling.since;
  return { email: next.email, at: calling.isUrgent ? last : last + pacesOf(incident).acknowledgeWithinMs };
}

/** Never called before called long ago, and then in the line's order: whoever comes to the line or leaves it, nobody is passed over. */
function longestUncalled(line: readonly Callable[], { calling, company }: Incident): Callable | undefined {
  // The pager's own schedule rings the primary when the page is opened.
  const rung = company.onCall?.people.find(({ as }) => as === 'primary')?.email;
  const calledAs = ({ email }: Callable) => {
    const last = calling.calls.findLastIndex((call) => isSameAddress(call.email, email));
    return last < 0 && rung !== undefined && isSameAddress(rung, email) ? -0.5 : last;
  };
  return [...line].sort((one, other) => calledAs(one) - calledAs(other))[0];
}

export function isAcknowledged({ calling }: Pick<Incident, 'calling'>): boolean {
  return calling.acknowledged !== undefined;
}
