/**
 * Refusals never disappear. The same one over and over is written down at once, then counted and told once a minute: ten
 * thousand hostile messages neither fill the ledger nor hide what people decide.
 */
import type { Entry, NewEntry } from './entries';
import type { Incident } from './incident';

/** How often the same refusal is told, in ms. */
export const TOLD_EVERY_MS = 60_000;

/** A refusal that was told a moment ago. */
export interface CountedRefusal {
  readonly entry: NewEntry;
  /** When it was written down last, in milliseconds since the epoch, and as which entry. */
  readonly toldAt: number;
  readonly seq: number;
  /** How often it came since then. */
  readonly unsaid: number;
}

type Write = (incident: Incident, at: number, entry: NewEntry) => Incident;

/** Writes a refusal down, or counts it where the same `key` was told within the minute. */
export function countRefusal(
  incident: Incident,
  at: number,
  key: string,
  entry: NewEntry,
  write: Write,
): { incident: Incident; seq: number } {
  const known = Object.hasOwn(incident.counting, key) ? incident.counting[key] : undefined;
  if (known && at - known.toldAt < TOLD_EVERY_MS)
    return { incident: set(incident, key, { ...known, unsaid: known.unsaid + 1 }), seq: known.seq };
  const times = (known?.unsaid ?? 0) + 1;
  const written = write(pruned(incident, at), at, { ...entry, ...(times > 1 && { times }) });
  const seq = lastSeq(written);
  return { incident: set(written, key, { entry, toldAt: at, seq, unsaid: 0 }), seq };
}

/** Writes down what was counted: where a minute has passed, or with `all` now. */
export function tellCounted(incident: Incident, at: number, all: boolean, write: Write): Incident {
  return Object.entries(incident.counting).reduce((now, [key, { entry, toldAt, unsaid }]) => {
    if (unsaid === 0 || (!all && at - toldAt < TOLD_EVERY_MS)) return now;
    const written = write(now, at, { ...entry, times: unsaid });
    return set(written, key, { entry, toldAt: at, seq: lastSeq(written), unsaid: 0 });
  }, incident);
}

/** When the next count is to be told; nothing where none is. */
export function nextTellingAt({ counting }: Incident): number | undefined {
  const waiting = Object.values(counting).filter(({ unsaid }) => unsaid > 0);
  return waiting.length === 0 ? undefined : Math.min(...waiting.map(({ toldAt }) => toldAt)) + TOLD_EVERY_MS;
}

/** Those that were counted and have not been told yet. */
export function unsaidRefusals({ counting }: Incident): number {
  return Object.values(counting).reduce((sum, { unsaid }) => sum + unsaid, 0);
}

/** How many refusals there were in all. */
export function refusalsOf(entries: readonly Entry[]): number {
  return entries.reduce((sum, { kind, times }) => sum + (kind === 'refusal' ? (times ?? 1) : 0), 0);
}

function set(incident: Incident, key: string, counted: CountedRefusal): Incident {
  return { ...incident, counting: { ...incident.counting, [key]: counted } };
}

/** Nothing is kept of what was told long ago and did not come again. */
function pruned(incident: Incident, at: number): Incident {
  const kept = Object.entries(incident.counting).filter(
    ([, { unsaid, toldAt }]) => unsaid > 0 || at - toldAt < TOLD_EVERY_MS,
  );
  return { ...incident, counting: Object.fromEntries(kept) };
}

function lastSeq({ entries }: Incident): number {
  return entries.at(-1)?.seq ?? 0;
}
