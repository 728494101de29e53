/**
 * The manifest: what evidence there is, signed. Each seal of an incident writes one, which lists everything so far, so the
 * last one is enough to check the folder. docs/evidence.md describes the format for people.
 */
import { canonical } from './canonical';
import { ITEM_KINDS, type EvidenceItem } from './items';
import {
  aCount,
  aHash,
  anAmount,
  aText,
  aTime,
  listOf,
  oneOf,
  optional,
  recordOf,
  type Check,
} from './shape';

export const FORMAT = 'firebreak-evidence/1';

export const SIGNING_KEY = 'signing-key.pem';

export const manifestName = (sequence: number) => `manifest-${sequence}.json`;
export const signatureName = (sequence: number) => `manifest-${sequence}.json.sig`;
export const custodyName = (sequence: number) => `custody-${sequence}.jsonl`;

/** The number of the seal that a manifest or its signature is of. */
export function sequenceOf(path: string): number | undefined {
  const number = /^manifest-([1-9]\d{0,5})\.json(?:\.sig)?$/.exec(path)?.[1];
  return number === undefined ? undefined : Number(number);
}

/** The files that make a folder an evidence folder. Their text is read; all others are only hashed. */
export function isReadByCheck(path: string): boolean {
  return path === SIGNING_KEY || sequenceOf(path) !== undefined || /^custody-[1-9]\d{0,5}\.jsonl$/.test(path);
}

/** An item as it is written. */
export interface ManifestItem extends Omit<EvidenceItem, 'createdAt' | 'lock'> {
  /** RFC 3339, UTC. */
  readonly createdAt: string;
  readonly lock?: { readonly mode: string; readonly until: string };
}

export interface ManifestFile {
  /** In the evidence folder, with `/` between its parts. */
  readonly path: string;
  readonly bytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

export interface Manifest {
  readonly format: typeof FORMAT;
  readonly codename: string;
  /** Counts the seals of the incident from 1. */
  readonly sequence: number;
  /** RFC 3339, UTC. */
  readonly sealedAt: string;
  readonly sealedBy: { readonly tool: 'firebreak'; readonly version: string };
  readonly items: readonly ManifestItem[];
  /** By path: every file but this manifest and its signature. */
  readonly files: readonly ManifestFile[];
  /** `head` is the SHA-256 of the last line. */
  readonly custody: { readonly file: string; readonly records: number; readonly head: string };
  readonly previous?: { readonly path: string; readonly sha256: string };
  /** `fingerprint` is the SHA-256 of the public key in DER (SPKI), hexadecimal. */
  readonly key: { readonly algorithm: string; readonly fingerprint: string };
}

/** What a manifest is made of. Times are milliseconds since the epoch. */
export interface ManifestParts extends Pick<
  Manifest,
  'codename' | 'sequence' | 'files' | 'previous' | 'key'
> {
  readonly at: number;
  readonly version: string;
  readonly items: readonly EvidenceItem[];
  readonly custody: { readonly records: number; readonly head: string };
}

/** @throws RangeError where a time is none */
export function manifestOf({
  at,
  version,
  items,
  files,
  custody,
  previous,
  ...rest
}: ManifestParts): Manifest {
  return {
    format: FORMAT,
    codename: rest.codename,
    sequence: rest.sequence,
    sealedAt: timeOf(at),
    sealedBy: { tool: 'firebreak', version },
    items: items.map(itemOf),
    files: [...files].sort((a, b) => (a.path < b.path ? -1 : 1)),
    custody: { file: custodyName(rest.sequence), ...custody },
    ...(previous && { previous }),
    key: rest.key,
  };
}

function itemOf({ createdAt, lock, ...item }: EvidenceItem): ManifestItem {
  return {
    ...item,
    createdAt: timeOf(createdAt),
    ...(lock && { lock: { mode: lock.mode, until: timeOf(lock.until) } }),
  };
}

function timeOf(at: number): string {
  return new Date(at).toISOString();
}

const ITEM: Check = recordOf({
  id: aText,
  kind: oneOf(Object.keys(ITEM_KINDS)),
  of: aText,
  from: optional(aText),
  moment: optional(oneOf(['live', 'stopped'])),
  account: optional(aText),
  region: optional(aText),
  sizeGiB: optional(anAmount),
  bytes: optional(aCount),
  sha256: optional(aHash),
  noHashBecause: optional(aText),
  createdAt: aTime,
  state: oneOf(['requested', 'complete']),
  lock: optional(recordOf({ mode: aText, until: aTime })),
});

const MANIFEST: Check = recordOf({
  format: oneOf([FORMAT]),
  codename: aText,
  sequence: aCount,
  sealedAt: aTime,
  sealedBy: recordOf({ tool: oneOf(['firebreak']), version: aText }),
  items: listOf(ITEM),
  files: listOf(recordOf({ path: aText, bytes: aCount, sha256: aHash })),
  custody: recordOf({ file: aText, records: aCount, head: aHash }),
  previous: optional(recordOf({ path: aText, sha256: aHash })),
  key: recordOf({ algorithm: aText, fingerprint: aHash }),
});

/** The manifest, or what is wrong with it: to be read after its path and a colon. */
export function readManifest(text: string): Manifest | { readonly problem: string } {
  let read: unknown;
  try {
    read = JSON.parse(text);
    if (canonical(read) !== text) return { problem: 'is not in canonical form' };
  } catch {
    // Not JSON, or nested so deep that only malice can have made it.
    return { problem: 'is no JSON' };
  }
  const problem = MANIFEST(read);
  if (problem === undefined) return read as Manifest;
  return { problem: `is no manifest of ${FORMAT}: ${problem.replace(/^\./, '')}` };
}
