/**
 * The files of block hashes, in plain text so that they can be checked without Firebreak: parts with a line `index sha256` for
 * each block, and beside them an index with the hash of each part.
 */
import type { WrittenFile } from '../../../activities/evidence';

export interface BlockHash {
  readonly index: number;
  readonly sha256: Buffer;
}

/** What the index says. */
export interface BlockIndex {
  readonly blocks: number;
  /** SHA-256 over the blocks' hashes in order, hexadecimal. */
  readonly root: string;
  readonly parts: readonly Omit<WrittenFile, 'existed'>[];
}

/** @param number counts from 1 */
export function pathOfPart(path: string, number: number): string {
  return `${path}.part-${String(number).padStart(4, '0')}`;
}

export function formatPart(blocks: readonly BlockHash[]): Buffer {
  return Buffer.from(blocks.map(({ index, sha256 }) => `${index} ${sha256.toString('hex')}\n`).join(''));
}

export function parsePart(content: Uint8Array): BlockHash[] {
  const lines = Buffer.from(content).toString('utf8').split('\n').slice(0, -1);
  return lines.map((line) => {
    const [index, sha256 = ''] = line.split(' ');
    return { index: Number(index), sha256: Buffer.from(sha256, 'hex') };
  });
}

export function formatIndex(snapshotId: string, { blocks, root, parts }: BlockIndex): Buffer {
  const head = ['firebreak-blocks 1', `snapshot ${snapshotId}`, 'block-bytes 524288', `blocks ${blocks}`];
  // By name, which stays right wherever the folder is taken.
  const lines = parts.map(
    ({ path, bytes, sha256 }) => `part ${sha256} ${bytes} ${path.slice(path.lastIndexOf('/') + 1)}`,
  );
  return Buffer.from([...head, `root ${root}`, ...lines].map((line) => `${line}\n`).join(''));
}

/** What the index at `path` says; undefined where it is no such file. */
export function parseIndex(path: string, content: Uint8Array): BlockIndex | undefined {
  const text = Buffer.from(content).toString('utf8');
  const [, blocks, root] = /^firebreak-blocks 1\n[^]*\nblocks (\d+)\nroot ([\da-f]{64})\n/.exec(text) ?? [];
  if (root === undefined) return undefined;
  const parts = [...text.matchAll(/^part ([\da-f]{64}) (\d+) /gm)];
  return {
    blocks: Number(blocks),
    root,
    parts: parts.map(([, sha256 = '', bytes], at) => ({
      path: pathOfPart(path, at + 1),
      bytes: Number(bytes),
      sha256,
    })),
  };
}
