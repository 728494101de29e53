/** The evidence of an incident: its items, who had them when, and what was sealed of it. */
import type { EvidenceFile } from '../containment';
import type { CustodyRecord, EvidenceItem } from './items';

/** One manifest that was written and signed. */
export interface Seal {
  /** Counts from 1. */
  readonly sequence: number;
  readonly path: string;
  /** Hexadecimal. */
  readonly sha256: string;
  readonly at: number;
  /** How much of the chain of custody it covers. */
  readonly records: number;
}

/** "compliance after an explicit decision that says it can't be undone" */
export interface GoodLock {
  readonly by: string;
  readonly at: number;
  readonly reason: string;
}

export interface Evidence {
  readonly items: Readonly<Record<string, EvidenceItem>>;
  readonly files: readonly EvidenceFile[];
  readonly custody: readonly CustodyRecord[];
  readonly seals: readonly Seal[];
  readonly goodLock?: GoodLock;
  /** Why the last attempt at a seal, or at a lock for good, failed. */
  readonly failing?: string;
}

export const NO_EVIDENCE: Evidence = { items: {}, files: [], custody: [], seals: [] };

/** The sentence that has to be typed before evidence is locked for good. */
export const CANNOT_BE_UNDONE = "this can't be undone";

/** The evidence with what a child reported: items by id, the chain of custody grown. */
export function addEvidence(
  evidence: Evidence,
  told: {
    readonly items?: readonly EvidenceItem[];
    readonly custody?: readonly Omit<CustodyRecord, 'seq'>[];
    readonly files?: readonly EvidenceFile[];
  },
): Evidence {
  const { items = [], custody = [], files = [] } = told;
  if (items.length + custody.length + files.length === 0) return evidence;
  const known = new Set(evidence.files.map(({ path }) => path));
  return {
    ...evidence,
    items: items.reduce(withItem, evidence.items),
    files: [...evidence.files, ...files.filter(({ path }) => !known.has(path))],
    custody: custody.reduce(withRecord, evidence.custody),
  };
}

/** What is told of an item leaves what was known of it besides: reports cross, and each knows its own part. */
function withItem(items: Evidence['items'], told: EvidenceItem): Evidence['items'] {
  const known = Object.hasOwn(items, told.id) ? items[told.id] : undefined;
  if (!known) return { ...items, [told.id]: told };
  const { noHashBecause: _outdated, ...hashed } = known;
  const lock = isForGood(known) && !isForGood(told) ? known.lock : (told.lock ?? known.lock);
  const item: EvidenceItem = {
    ...(told.sha256 === undefined ? known : hashed),
    ...told,
    state: known.state === 'complete' ? 'complete' : told.state,
    ...(lock && { lock }),
  };
  return { ...items, [told.id]: item };
}

/** Numbered, and of one item never earlier than the record before: a person's decision may have overtaken a report. */
function withRecord(
  custody: readonly CustodyRecord[],
  told: Omit<CustodyRecord, 'seq'>,
): readonly CustodyRecord[] {
  const before = custody.findLast(({ item }) => item === told.item)?.at ?? told.at;
  return [...custody, { seq: custody.length + 1, ...told, at: Math.max(before, told.at) }];
}

/** Whether there is anything that no seal covers. */
export function hasUnsealed({ custody, seals }: Evidence): boolean {
  return custody.length > (seals.at(-1)?.records ?? 0);
}

/** The copies that a lock for good is still to be put on. */
export function copiesToLockForGood({ items, goodLock }: Evidence): EvidenceItem[] {
  if (!goodLock) return [];
  return Object.values(items).filter(
    (item) => item.kind === 'copy' && item.state === 'complete' && !isForGood(item),
  );
}

function isForGood({ lock }: EvidenceItem): boolean {
  return lock?.mode.startsWith('compliance') ?? false;
}
