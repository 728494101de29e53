/** Reads the blocks of an image through the EBS direct APIs: no instance, and no disk that somebody could write to. */
import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import {
  GetSnapshotBlockCommand,
  ListSnapshotBlocksCommand,
  type Block,
  type EBSClient,
} from '@aws-sdk/client-ebs';
import { conflict } from '../../../activities/failures';
import { AwsError, hasCode } from '../failures/aws-error';
import { translate, willBeRetried } from '../failures/translate';
import type { BlockHash } from './block-files';

/** AWS lets an account read a thousand blocks a second: this stays below, whatever one read takes. */
const AT_ONCE = 16;
/** Of ten thousand reads one or two fail in passing; that must not cost the others. */
const READS = 3;
const PAUSE_MS = 500;
/** What AWS returns at most, and at least takes as the most. */
const PAGE = { most: 10_000, least: 100 };

export interface Listed {
  readonly blocks: readonly Block[];
  readonly hasMore: boolean;
  readonly sizeGiB: number;
}

/** The next blocks after one, `count` at most, in order. Listed anew each time: AWS forgets its place after an hour. */
export async function listAfter(
  ebs: EBSClient,
  SnapshotId: string,
  after: number | undefined,
  count: number,
): Promise<Listed> {
  const blocks: Block[] = [];
  let NextToken: string | undefined;
  let sizeGiB = 0;
  do {
    const page = await ebs.send(
      new ListSnapshotBlocksCommand({
        SnapshotId,
        MaxResults: Math.min(Math.max(count + 1, PAGE.least), PAGE.most),
        // From the last one on and not the one behind it, which may be beyond the end.
        ...(NextToken === undefined ? { StartingBlockIndex: after ?? 0 } : { NextToken }),
      }),
    );
    blocks.push(...(page.Blocks ?? []).filter(({ BlockIndex = 0 }) => BlockIndex > (after ?? -1)));
    sizeGiB = page.VolumeSize ?? 0;
    NextToken = page.NextToken;
  } while (NextToken !== undefined && blocks.length < count);
  return {
    blocks: blocks.slice(0, count),
    hasMore: blocks.length > count || NextToken !== undefined,
    sizeGiB,
  };
}

/**
 * Hashes the blocks, in their order.
 *
 * @param onBlock called after each block; what it throws ends the work
 */
export async function hashAll(
  ebs: EBSClient,
  snapshotId: string,
  blocks: readonly Block[],
  onBlock: () => void,
): Promise<BlockHash[]> {
  const hashes: BlockHash[] = [];
  let next = 0;
  const lane = async () => {
    while (next < blocks.length) {
      const at = next;
      next += 1;
      hashes[at] = await hashPatiently(ebs, snapshotId, blocks[at]!);
      onBlock();
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
  } catch (error) {
    // The other lanes end with the block that they are at.
    next = blocks.length;
    throw error;
  }
  return hashes;
}

/** Why AWS will never let these blocks be read; undefined for what a retry or a person may mend. */
export function refusalOf(error: unknown): string | undefined {
  if (!(error instanceof AwsError) || !error.action.startsWith('ebs:')) return undefined;
  const isRefused = hasCode(
    error,
    'ValidationException',
    'AccessDeniedException',
    'AccessDenied',
    'ResourceNotFoundException',
    'UnsupportedOperationException',
  );
  return isRefused ? `AWS ${error.action} answered ${error.code} (HTTP ${error.status}).` : undefined;
}

async function hashPatiently(ebs: EBSClient, snapshotId: string, block: Block): Promise<BlockHash> {
  for (let read = 1; ; read += 1)
    try {
      return await hash(ebs, snapshotId, block);
    } catch (error) {
      if (read === READS || refusalOf(error) !== undefined || !willBeRetried(translate(error))) throw error;
      await pause(read * PAUSE_MS);
    }
}

async function hash(ebs: EBSClient, SnapshotId: string, block: Block): Promise<BlockHash> {
  const { BlockIndex = 0, BlockToken } = block;
  const { BlockData, Checksum } = await ebs.send(
    new GetSnapshotBlockCommand({ SnapshotId, BlockIndex, BlockToken }),
  );
  if (!BlockData) throw new Error('AWS ebs:GetSnapshotBlock answered without the block.');
  const sha256 = createHash('sha256')
    .update(await BlockData.transformToByteArray())
    .digest();
  if (sha256.toString('base64') !== Checksum)
    throw conflict(
      `AWS ebs:GetSnapshotBlock gave block ${BlockIndex} with a checksum that does not fit it. Read the image again; if it ` +
        'stays so, ask AWS support before anybody relies on this copy.',
    );
  return { index: BlockIndex, sha256 };
}
