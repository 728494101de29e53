/**
 * Hashes of every block of a copy. A disk has hundreds of thousands: they are written in parts as they are read, each once, and
 * a retry goes on with the next part.
 */
import { createHash, type Hash } from 'node:crypto';
import type { BlockHashes, ImageLocation, Vault, WrittenFile } from '../../../activities/evidence';
import { conflict } from '../../../activities/failures';
import { formatIndex, formatPart, parseIndex, parsePart, pathOfPart, type BlockHash } from './block-files';
import { hashAll, listAfter, refusalOf } from './block-reader';
import { placeOfCopy, type Depot } from './depot';
import { readFirst } from './versions';

/** How long work says where it is, and hears where it was. */
export interface HashingSettings {
  /**
   * Called after each block, with the parts that are written and the most that there can be. What it throws ends the work: a
   * cancellation, for one.
   */
  readonly progress?: (done: number, total?: number) => void;
  /** How many parts an earlier attempt said were written; none where it is left out. */
  readonly doneParts?: () => number;
  /** 10,000 where it is left out: 5 GB, which take less than a minute, in a file of 700 KB. */
  readonly blocksPerPart?: number;
}

/** What is known of the parts so far. Not the hashes: those of a terabyte would fill the worker's memory. */
interface Sum {
  readonly files: WrittenFile[];
  readonly root: Hash;
  blocks: number;
  /** The index of the last block. */
  last: number | undefined;
}

const BLOCKS_PER_PART = 10_000;
const BLOCKS_PER_GIB = 2_048;

export async function hashBlocks(
  depot: Depot,
  vault: Vault,
  copy: ImageLocation,
  path: string,
  settings: HashingSettings,
): Promise<BlockHashes> {
  if (!depot.settings.hashBlocks)
    return { hashed: false, reason: 'Blocks are not read: the configuration says so.' };
  const before = await findIndex(depot, path);
  if (before) return before;
  try {
    const { files: parts, root: sum, blocks } = await hashParts(depot, vault, copy, path, settings);
    const root = sum.digest('hex');
    const index = await writeSame(vault, path, formatIndex(copy.snapshotId, { blocks, root, parts }));
    return { hashed: true, files: [index, ...parts], root, blocks };
  } catch (error) {
    const reason = refusalOf(error);
    if (reason === undefined) throw error;
    return { hashed: false, reason };
  }
}

async function hashParts(
  depot: Depot,
  vault: Vault,
  copy: ImageLocation,
  path: string,
  { progress, doneParts = () => 0, blocksPerPart = BLOCKS_PER_PART }: HashingSettings,
): Promise<Sum> {
  const { ebs } = depot.at(placeOfCopy(depot, copy));
  const sum: Sum = { files: [], root: createHash('sha256'), blocks: 0, last: undefined };
  const nextPath = () => pathOfPart(path, sum.files.length + 1);
  const done = doneParts();
  while (sum.files.length < done) {
    const content = await vault.read(nextPath());
    add(sum, fileOf(nextPath(), content), parsePart(content));
  }
  for (let hasMore = true; hasMore;) {
    const listed = await listAfter(ebs, copy.snapshotId, sum.last, blocksPerPart);
    hasMore = listed.hasMore;
    if (listed.blocks.length === 0) continue;
    const total = Math.ceil((listed.sizeGiB * BLOCKS_PER_GIB) / blocksPerPart);
    const say = () => progress?.(sum.files.length, total);
    const blocks = await hashAll(ebs, copy.snapshotId, listed.blocks, say);
    add(sum, await writeSame(vault, nextPath(), formatPart(blocks)), blocks);
    say();
  }
  return sum;
}

function add(sum: Sum, file: WrittenFile, blocks: readonly BlockHash[]): void {
  sum.files.push(file);
  for (const { sha256 } of blocks) sum.root.update(sha256);
  sum.blocks += blocks.length;
  sum.last = blocks.at(-1)?.index ?? sum.last;
}

/** An attempt whose end nobody heard of may have written the file: it has to say the same. */
async function writeSame(vault: Vault, path: string, content: Uint8Array): Promise<WrittenFile> {
  const file = await vault.writeOnce(path, content);
  if (file.sha256 !== hexOf(content))
    throw conflict(
      'The blocks of the copy do not hash to what an earlier attempt wrote down. Keep both: compare the copy with the file ' +
        'that is in cold storage, and ask AWS support before anybody relies on this copy.',
    );
  return file;
}

/** What was hashed before, all of it. */
async function findIndex(depot: Depot, path: string): Promise<BlockHashes | undefined> {
  const content = await readFirst(depot, path);
  const index = content && parseIndex(path, content);
  if (!index) return undefined;
  const parts = index.parts.map((part) => ({ ...part, existed: true }));
  return {
    hashed: true,
    files: [fileOf(path, content), ...parts],
    root: index.root,
    blocks: index.blocks,
  };
}

function fileOf(path: string, content: Uint8Array): WrittenFile {
  return { path, bytes: content.length, sha256: hexOf(content), existed: true };
}

function hexOf(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
