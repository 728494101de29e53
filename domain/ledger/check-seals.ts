/** Compares what the ledger tells of the seals with the manifests beside it: a last manifest that was taken away is found. */
import { MACHINE, type Entry } from '../entries';
import type { Finding, Folder } from '../evidence/finding';
import { readManifest, sequenceOf } from '../evidence/manifest';
import type { PlacedEntry } from './batches';

/** A seal that an entry tells of. */
interface Told extends PlacedEntry {
  readonly sha256: string;
  /** Of the manifest, where it is named. */
  readonly name?: string;
}

export interface CheckedSeals {
  readonly findings: readonly Finding[];
  /** How many seals the ledger tells of. */
  readonly told: number;
  /** Manifests that an open ledger does not tell of yet. */
  readonly untold: readonly string[];
}

export function sealOf({ kind, by, text, details }: Entry): { sha256: string; name?: string } | undefined {
  const sha256 = details?.['sha256'];
  if (kind !== 'effect' || by !== MACHINE || typeof sha256 !== 'string') return undefined;
  const name = /\b(manifest-[1-9]\d{0,5}\.json)\b/.exec(text)?.[1];
  return { sha256, ...(name !== undefined && { name }) };
}

/** `isWhole`: the ledger closes, so there is nothing that it does not tell of. */
export function checkSeals(
  entries: readonly PlacedEntry[],
  folder: Folder,
  codename: string,
  isWhole: boolean,
): CheckedSeals {
  const told = entries.flatMap((placed): Told[] => {
    const seal = sealOf(placed.entry);
    return seal ? [{ ...placed, ...seal }] : [];
  });
  const manifests = [...folder].filter(([path]) => path.endsWith('.json') && sequenceOf(path) !== undefined);
  const known = new Set(told.map(({ sha256 }) => sha256));
  const present = new Set(manifests.map(([, { sha256 }]) => sha256));
  const highest = Math.max(0, ...told.map(({ name = '' }) => sequenceOf(name) ?? 0));
  const strangers = manifests.filter(([, { sha256 }]) => !known.has(sha256)).map(([path]) => path);
  // One that is newer than all that is told may have been sealed a moment ago.
  const untold = strangers.filter((path) => !isWhole && (sequenceOf(path) ?? 0) > highest);
  return {
    findings: [
      ...told.filter(({ sha256 }) => !present.has(sha256)).map((seal) => unmatched(seal, folder)),
      ...strangers
        .filter((path) => !untold.includes(path) && !told.some(({ name }) => name === path))
        .map((path) => ({ path, problem: 'no entry of the ledger tells that it was sealed' })),
      ...manifests.flatMap(([path, { text }]) => otherIncident(path, text, codename)),
    ],
    told: told.length,
    untold,
  };
}

function unmatched({ path, line, entry, name }: Told, folder: Folder): Finding {
  const says = `entry ${entry.seq} of the ledger (${path} line ${line})`;
  if (name === undefined) return { path, line, problem: 'tells of a seal that no manifest is of' };
  return folder.has(name)
    ? { path: name, problem: `its SHA-256 is not the one in ${says}` }
    : { path: name, problem: `missing: ${says} tells that it was sealed` };
}

function otherIncident(path: string, text: string | undefined, codename: string): Finding[] {
  const read = readManifest(text ?? '');
  if ('problem' in read || read.codename === codename) return [];
  return [{ path, problem: `is of ${read.codename}, and the ledger of ${codename}` }];
}
