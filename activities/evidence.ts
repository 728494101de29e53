/** Cold storage: images copied away, locked, hashed; files written once; everything listed in a signed manifest. */
import type { CustodyRecord, EvidenceItem } from '../domain/evidence/items';
import type { InstanceLocation } from './containment';

/** Where an image is. */
export interface ImageLocation {
  readonly snapshotId: string;
  readonly account?: string;
  readonly region?: string;
}

export interface ImageProgress {
  readonly snapshotId: string;
  readonly state: 'pending' | 'completed' | 'error' | 'missing';
  /** 0 to 100. */
  readonly percent: number;
  readonly sizeGiB: number;
}

export interface ImageLock {
  readonly snapshotId: string;
  readonly state: string;
  /** RFC 3339, UTC. */
  readonly lockedUntil: string;
}

/** A file of the evidence folder as it was written. */
export interface WrittenFile {
  readonly path: string;
  readonly bytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
  /** Somebody was first: this is what they wrote, and it stays. */
  readonly existed: boolean;
}

/** What came of hashing the blocks of an image. */
export type BlockHashes =
  | {
      readonly hashed: true;
      /** The file with the hash of each block. */
      readonly file: WrittenFile;
      /** SHA-256 over the blocks' hashes in order, hexadecimal. */
      readonly root: string;
      readonly blocks: number;
    }
  | { readonly hashed: false; readonly reason: string };

/** What keeping images needs of a cloud. Every call may be repeated: each looks first. Nothing here can delete anything. */
export interface ImageStore {
  /** How far images are. One request for all of one account and region. */
  lookAt(images: readonly ImageLocation[]): Promise<ImageProgress[]>;
  /**
   * Begins the copy of a complete image to cold storage, with the forensic key, or finds the one begun before. An image
   * that can't be shared as it is encrypted is encrypted anew first: until that is done the answer is `prepared`, and the
   * call is to be repeated once the image it names is complete.
   */
  copy(
    image: ImageLocation,
    codename: string,
    of: string,
  ): Promise<{ readonly copy: Required<ImageLocation> } | { readonly prepared: ImageLocation }>;
  /** Locks copies in cold storage in governance mode, for the configured time. */
  lock(copies: readonly ImageLocation[]): Promise<ImageLock[]>;
  /** Locks copies in compliance mode, with the configured cool-off. After it nobody can undo that, AWS included. */
  lockForGood(copies: readonly ImageLocation[]): Promise<ImageLock[]>;
  /** Hashes every block, and writes the hashes to `path` of the vault. Long work: it heartbeats, and goes on where it was. */
  hashBlocks(copy: ImageLocation, path: string): Promise<BlockHashes>;
}

/** Files that are written once. */
export interface Vault {
  /** Writes the file, or finds what was written under this path before; never changes it. */
  writeOnce(path: string, content: Uint8Array): Promise<WrittenFile>;
  /** `NotFound` where there is none. */
  read(path: string): Promise<Uint8Array>;
  /** Where it is, in words for the chain of custody: the bucket and its account. */
  readonly holder: string;
}

/** A key that signs, and never leaves its keeper. */
export interface Signer {
  /** Signs the SHA-256 of the content. */
  sign(content: Uint8Array): Promise<{ readonly signature: Uint8Array; readonly algorithm: string }>;
  /** The public key, in PEM (SPKI). */
  publicKey(): Promise<string>;
}

export interface Sealed {
  readonly manifest: WrittenFile;
  readonly sequence: number;
}

/** What a seal is made of. */
export interface SealInput {
  readonly codename: string;
  /** Counts the seals of the incident from 1. */
  readonly sequence: number;
  readonly items: readonly EvidenceItem[];
  readonly custody: readonly CustodyRecord[];
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The seal before this one. */
  readonly previous?: { readonly path: string; readonly sha256: string };
}

export type { InstanceLocation };
