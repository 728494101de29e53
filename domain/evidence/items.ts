/**
 * Evidence: what was kept of an affected thing, where it is, and who had it when. The words are those of ISO/IEC 27037.
 * Times are milliseconds since the epoch.
 */

export const ITEM_KINDS = {
  capture: 'What was there before anything was changed',
  snapshot: 'Image of a disk, in the affected account',
  copy: 'Image of a disk, in cold storage',
  memory: 'Image of memory',
  blocks: 'Hashes of the blocks of an image',
} as const;

export type ItemKind = keyof typeof ITEM_KINDS;

export interface EvidenceItem {
  /** As the cloud names it (`snap-0abc…`), or the path of a file in the evidence folder. */
  readonly id: string;
  readonly kind: ItemKind;
  /** The affected instance or identity that it is of. */
  readonly of: string;
  /** What it was made from: the volume of a snapshot, the snapshot of a copy or of block hashes. */
  readonly from?: string;
  readonly moment?: 'live' | 'stopped';
  readonly account?: string;
  readonly region?: string;
  readonly sizeGiB?: number;
  /** Of a file. */
  readonly bytes?: number;
  /** Hexadecimal. Of a file: of its bytes. Of a copy: the root of its block hashes. */
  readonly sha256?: string;
  /** Why there is no hash. */
  readonly noHashBecause?: string;
  readonly createdAt: number;
  readonly state: 'requested' | 'complete';
  readonly lock?: { readonly mode: string; readonly until: number };
}

/** What can happen to an item: each is a hand-over, or a proof. */
export const CUSTODY_EVENTS = {
  captured: 'captured',
  requested: 'requested',
  locked: 'locked',
  completed: 'completed',
  copied: 'copied',
  hashed: 'hashed',
  lockedForGood: 'locked for good',
  handedOver: 'handed over',
} as const;

export type CustodyEvent = keyof typeof CUSTODY_EVENTS;

/** One line of the chain of custody. */
export interface CustodyRecord {
  /** Counts from 1, without gaps. */
  readonly seq: number;
  readonly at: number;
  /** The id of the item. */
  readonly item: string;
  readonly event: CustodyEvent;
  /** Who did it: `firebreak`, or the e-mail of a responder. */
  readonly by: string;
  /** Who has it from then on: an account and region, a bucket, a person. */
  readonly holder: string;
  readonly note?: string;
}
