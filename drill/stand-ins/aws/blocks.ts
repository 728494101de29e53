/** The blocks of snapshots: moto has them only for snapshots that were written block by block. */
import { createCipheriv, createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Answer, Rewrite } from '../recording-proxy';
import { textOf, type AskMoto } from './query';
import type { SnapshotTimes } from './snapshots';

const BLOCK_BYTES = 524_288;
const BLOCKS_PER_GIB = 5;
/** A disk of any size is read in a moment. */
const MOST_BLOCKS = 12;
/** Only blocks that were written are listed: there are gaps. */
const GAP = 37;
/** AWS may return fewer than it is asked for, and so do we, or no answer would have a second page. */
const PAGE = 5;
const TOKENS_LAST_MS = 7 * 86_400_000;

/** @param originOf the snapshot that a copy was made from: both have the same blocks */
export function serveBlocks(
  ask: AskMoto,
  times: SnapshotTimes,
  originOf: (snapshotId: string) => string,
  now: () => number,
): Rewrite {
  /** The snapshot's size in GiB, or why its blocks can't be read. */
  async function sizeOf(request: IncomingMessage, id: string): Promise<number | Answer> {
    const { status, body } = await ask(request, 'ec2', { Action: 'DescribeSnapshots', 'SnapshotId.1': id });
    if (status !== 200)
      return ebsError(404, 'ResourceNotFoundException', 'SNAPSHOT_NOT_FOUND', 'The snapshot does not exist.');
    if ((times.completedAt(id) ?? -Infinity) > now())
      return ebsError(400, 'ValidationException', 'INVALID_SNAPSHOT_ID', 'The snapshot is not completed.');
    return Number(textOf(body, 'volumeSize'));
  }

  async function list(request: IncomingMessage, id: string, query: URLSearchParams): Promise<Answer> {
    const size = await sizeOf(request, id);
    if (typeof size !== 'number') return size;
    const page = query.get('pageToken');
    const from = page === null ? Number(query.get('startingBlockIndex') ?? 0) : indexOf(page);
    const left = indexesOf(size).filter((index) => index >= from);
    const next = left[PAGE];
    return json(200, {
      BlockSize: BLOCK_BYTES,
      VolumeSize: size,
      ExpiryTime: (now() + TOKENS_LAST_MS) / 1_000,
      Blocks: left.slice(0, PAGE).map((BlockIndex) => ({ BlockIndex, BlockToken: tokenOf(id, BlockIndex) })),
      ...(next !== undefined && { NextToken: Buffer.from(String(next)).toString('base64') }),
    });
  }

  async function get(request: IncomingMessage, id: string, index: number, query: URLSearchParams) {
    const size = await sizeOf(request, id);
    if (typeof size !== 'number') return size;
    if (query.get('blockToken') !== tokenOf(id, index) || !indexesOf(size).includes(index))
      return ebsError(400, 'ValidationException', 'INVALID_BLOCK_TOKEN', 'The block token is invalid.');
    const body = blockOf(originOf(id), index);
    return {
      status: 200,
      headers: {
        'content-type': 'application/octet-stream',
        'x-amz-data-length': String(body.length),
        'x-amz-checksum': createHash('sha256').update(body).digest('base64'),
        'x-amz-checksum-algorithm': 'SHA256',
      },
      body,
    };
  }

  return async (call, passOn, request) => {
    if (!/^ebs\.(List|Get)SnapshotBlocks?$/.test(call.name)) return passOn();
    const { pathname, searchParams } = new URL(call.path, 'http://stand-in');
    const [, , id = '', , index] = pathname.split('/');
    const answer =
      index === undefined
        ? await list(request, id, searchParams)
        : await get(request, id, Number(index), searchParams);
    call.effectStatus = answer.status;
    return answer;
  };
}

/** What is in a block: the same for the same snapshot and its copies, whenever it is asked for. */
export function blockOf(origin: string, index: number): Buffer {
  const key = createHash('sha256').update(origin).digest();
  const position = Buffer.alloc(16);
  // Far enough apart for no block to repeat the stream of another.
  position.writeUInt32BE(index, 4);
  return createCipheriv('aes-256-ctr', key, position).update(Buffer.alloc(BLOCK_BYTES));
}

function indexesOf(sizeGiB: number): number[] {
  return Array.from({ length: Math.min(MOST_BLOCKS, sizeGiB * BLOCKS_PER_GIB) }, (_, at) => at * GAP);
}

function tokenOf(id: string, index: number): string {
  return createHash('sha256').update(`${id} ${index}`).digest('base64');
}

function indexOf(pageToken: string): number {
  return Number(Buffer.from(pageToken, 'base64').toString());
}

function json(status: number, body: object, headers: Readonly<Record<string, string>> = {}): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: Buffer.from(JSON.stringify(body)),
  };
}

function ebsError(status: number, code: string, Reason: string, Message: string): Answer {
  return json(status, { Message, Reason }, { 'x-amzn-errortype': code });
}
