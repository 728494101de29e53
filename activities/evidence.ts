/** Cold storage: images copied away, locked, hashed; files written once; everything listed in a signed manifest. */
import type { ApplicationFailure } from '@temporalio/common';
import { canonical } from '../domain/evidence/canonical';
import type { CustodyRecord, EvidenceItem } from '../domain/evidence/items';
import {
  custodyName,
  manifestName,
  readManifest,
  signatureName,
  SIGNING_KEY,
  type Manifest,
  type ManifestFile,
} from '../domain/evidence/manifest';
import { composeSeal, inFolder, takeUp, type Composed, type SealParts } from '../domain/evidence/seal';
import type { InstanceLocation } from './containment';
import { conflict, invalidRequest } from './failures';
import { decoded, encoded, fits, publicKeyOf, sha256, signatureBy, type PublicKey } from './signing';

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
      /** The list of the blocks' hashes: its index first, then its parts. */
      readonly files: readonly WrittenFile[];
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
  /** How many records it covers: fewer than were given where it completes what an earlier attempt had begun. */
  readonly records: number;
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

/** What was recorded of a capture: where it is, and what it says. */
export interface RecordedCapture {
  readonly file: WrittenFile;
  /** The one that was written first. */
  readonly capture: unknown;
}

export function createEvidenceActivities({
  vault,
  signer,
  images,
  version,
}: {
  vault: Vault;
  signer: Signer;
  images: ImageStore;
  /** Of Firebreak, for the manifest. */
  version: string;
}) {
  return {
    /** Keeps what was there before anything was changed. The first observation stays: a later one would see the quarantine. */
    async recordCapture(codename: string, name: string, capture: unknown): Promise<RecordedCapture> {
      const file = await vault.writeOnce(capturePath(codename, name), encoded(written(capture)));
      return { file, capture: file.existed ? await readJson(vault, file.path) : capture };
    },
    /** What was recorded; `NotFound` where nothing was. */
    readCapture: (codename: string, name: string): Promise<unknown> =>
      readJson(vault, capturePath(codename, name)),
    /**
     * Lists all evidence so far in a manifest, and signs it. `files` are those of the captures and the block hashes; what
     * the seals themselves write is added. After a crash it completes what was begun, and the evidence that came since is for
     * the next seal. What its own check would not accept is not written, as it could never be mended.
     */
    sealEvidence: (input: SealInput, files: readonly ManifestFile[]): Promise<Sealed> =>
      seal({ vault, signer, version }, input, files),
    /** Says how far images are. */
    lookAtImages: (wanted: readonly ImageLocation[]): Promise<ImageProgress[]> => images.lookAt(wanted),
    /** Begins the copy of an image to cold storage. */
    copyImage: (image: ImageLocation, codename: string, of: string): ReturnType<ImageStore['copy']> =>
      images.copy(image, codename, of),
    /** Locks copies so that only few can delete them. */
    lockImages: (copies: readonly ImageLocation[]): Promise<ImageLock[]> => images.lock(copies),
    /** Locks copies so that nobody can delete them. */
    lockImagesForGood: (copies: readonly ImageLocation[]): Promise<ImageLock[]> => images.lockForGood(copies),
    /** Hashes every block of a copy. */
    hashBlocks: (copy: ImageLocation, codename: string): Promise<BlockHashes> =>
      images.hashBlocks(copy, `${codename}/blocks/${copy.snapshotId}`),
  };
}

export type EvidenceActivities = ReturnType<typeof createEvidenceActivities>;

/** An ARN is a name, too: what a file system may not take is written as in a URL. */
function capturePath(codename: string, name: string): string {
  const parts = name.split('/').map((part) => encodeURIComponent(part).replace(/^\.+$/, '%2E'));
  return `${codename}/captures/${parts.join('/')}.json`;
}

function written(value: unknown): string {
  try {
    return canonical(value);
  } catch (error) {
    throw invalidRequest(`The capture can't be recorded: ${(error as Error).message}.`);
  }
}

async function readJson(vault: Vault, path: string): Promise<unknown> {
  return JSON.parse(decoded(await vault.read(path)));
}

// A seal. The manifest says what belongs to it, so it comes before the chain of custody; the signature completes it.

interface Sealing {
  readonly vault: Vault;
  readonly signer: Signer;
  readonly version: string;
}

async function seal(
  { vault, signer, version }: Sealing,
  input: SealInput,
  files: readonly ManifestFile[],
): Promise<Sealed> {
  const { codename, sequence } = input;
  const path = (name: string) => `${codename}/${name}`;
  const key = await publicKeyOf(signer);
  const before = await readPrevious(vault, input);
  const ours = composed({ ...input, version, files, ...key, ...(before && { before }) });
  await writeSame(vault, path(SIGNING_KEY), key.pem);
  const file = await vault.writeOnce(path(manifestName(sequence)), encoded(canonical(ours.manifest)));
  const { manifest, custody } = file.existed
    ? await readBegun(vault, file.path, ours, before?.manifest)
    : ours;
  await writeSame(vault, path(custodyName(sequence)), custody);
  await sign({ vault, signer }, path(signatureName(sequence)), encoded(canonical(manifest)), key);
  return { manifest: file, sequence, records: manifest.custody.records };
}

async function readPrevious(
  vault: Vault,
  { codename, sequence, previous }: SealInput,
): Promise<SealParts['before'] | undefined> {
  if (sequence === 1 && !previous) return undefined;
  const name = manifestName(sequence - 1);
  if (!previous || inFolder(codename, previous.path) !== name)
    throw invalidRequest('A seal names the one before it, and only the first has none.');
  const content = await vault.read(`${codename}/${name}`);
  const manifest = readManifest(decoded(content));
  if (sha256(content) !== previous.sha256 || 'problem' in manifest)
    throw conflict(
      `${name} in cold storage is not the one that was sealed. Check the folder: firebreak verify.`,
    );
  const signature = signatureName(sequence - 1);
  const signed = await vault.read(`${codename}/${signature}`);
  return { manifest, files: [describe(name, content), describe(signature, signed)] };
}

/** A refusal names places only: what is at them is the incident's own business. */
function composed(parts: SealParts): Composed {
  let all: Composed;
  try {
    all = composeSeal(parts, sha256, describe);
  } catch (error) {
    throw invalidRequest(`The evidence can't be sealed: ${(error as Error).message}.`);
  }
  const places = all.findings.map(({ path, line }) => (line === undefined ? path : `${path} line ${line}`));
  if (places.length === 0) return all;
  throw invalidRequest(
    `The evidence can't be sealed, as its check would fail at: ${[...new Set(places)].slice(0, 5).join(', ')}.`,
  );
}

/** Written before, it has to be the same. */
async function writeSame(vault: Vault, path: string, text: string): Promise<void> {
  const file = await vault.writeOnce(path, encoded(text));
  if (file.sha256 !== sha256(text)) throw otherwise(path);
}

/** What an attempt before this one began is completed as it is: it can't be written again. */
async function readBegun(
  vault: Vault,
  path: string,
  ours: Composed,
  before: Manifest | undefined,
): Promise<Composed> {
  const read = readManifest(decoded(await vault.read(path)));
  const begun = 'problem' in read ? undefined : takeUp(read, ours, before, sha256, describe);
  if (!begun) throw otherwise(path);
  return begun;
}

function otherwise(path: string): ApplicationFailure {
  const name = path.slice(path.indexOf('/') + 1);
  return conflict(
    `${name} is in cold storage already, with other content. Was the signing key changed, or the workflow reset?`,
  );
}

/** Signatures of one content may differ: the one that is there counts if it fits. */
async function sign(
  { vault, signer }: Omit<Sealing, 'version'>,
  path: string,
  content: Uint8Array,
  key: PublicKey,
): Promise<void> {
  const signature = await signatureBy(signer, content, key);
  const file = await vault.writeOnce(path, encoded(`${Buffer.from(signature).toString('base64')}\n`));
  if (!file.existed) return;
  const written = Buffer.from(decoded(await vault.read(path)).trimEnd(), 'base64');
  if (!fits(key, content, written)) throw otherwise(path);
}

function describe(path: string, content: string | Uint8Array): ManifestFile {
  return { path, bytes: Buffer.byteLength(content), sha256: sha256(content) };
}
