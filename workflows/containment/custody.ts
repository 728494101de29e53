/** What a containment writes into the chain of custody, from the capture on. */
import type { Capture, MemoryCapture, Snapshot, SnapshotLock } from '../../activities/containment';
import type { BlockHashes, ImageLocation, ImageLock, WrittenFile } from '../../activities/evidence';
import type { ContainmentReport } from '../../domain/containment';
import { MACHINE } from '../../domain/entries';
import type { CustodyEvent, CustodyRecord, EvidenceItem } from '../../domain/evidence/items';

type Told = Pick<ContainmentReport, 'items' | 'custody' | 'files'>;

function record(
  at: number,
  item: string,
  event: CustodyEvent,
  holder: string,
  note?: string,
): Omit<CustodyRecord, 'seq'> {
  return { at, item, event, by: MACHINE, holder, ...(note !== undefined && { note }) };
}

function placeOf({ account, region }: { account?: string; region?: string }): string {
  return `account ${account ?? 'of the instance'}, ${region ?? 'region of the instance'}`;
}

export function imageItem(snapshot: Snapshot, { instance }: Capture): EvidenceItem {
  const { account, region } = instance;
  return {
    id: snapshot.id,
    kind: 'snapshot',
    of: instance.id,
    from: snapshot.volumeId,
    moment: snapshot.moment,
    ...(account !== undefined && { account }),
    ...(region !== undefined && { region }),
    sizeGiB: snapshot.sizeGiB,
    createdAt: Date.parse(snapshot.startedAt),
    state: snapshot.state === 'completed' ? 'complete' : 'requested',
  };
}

export function copyItem(copy: Required<ImageLocation>, source: EvidenceItem, at: number): EvidenceItem {
  return {
    id: copy.snapshotId,
    kind: 'copy',
    of: source.of,
    from: source.id,
    ...(source.moment && { moment: source.moment }),
    account: copy.account,
    region: copy.region,
    ...(source.sizeGiB !== undefined && { sizeGiB: source.sizeGiB }),
    createdAt: at,
    state: 'requested',
  };
}

export const custodyOf = {
  capture(of: string, file: WrittenFile, at: number): Told {
    const { path, bytes, sha256 } = file;
    const item: EvidenceItem = {
      id: path,
      kind: 'capture',
      of,
      bytes,
      sha256,
      createdAt: at,
      state: 'complete',
    };
    const note = file.existed ? 'written before: the first observation stays' : undefined;
    return {
      items: [item],
      files: [{ path, bytes, sha256 }],
      custody: [record(at, path, 'captured', 'cold storage', note)],
    };
  },

  request(snapshots: readonly Snapshot[], capture: Capture, at: number): Told {
    const holder = placeOf(capture.instance);
    return {
      items: snapshots.map((one) => imageItem(one, capture)),
      custody: snapshots.map(({ id }) => record(at, id, 'requested', holder)),
    };
  },

  lock(locks: readonly SnapshotLock[], snapshots: readonly Snapshot[], capture: Capture, at: number): Told {
    const holder = placeOf(capture.instance);
    const locked = snapshots.flatMap((snapshot) => {
      const lock = locks.find(({ snapshotId }) => snapshotId === snapshot.id);
      return lock ? [{ snapshot, lock }] : [];
    });
    return {
      items: locked.map(({ snapshot, lock }) => ({
        ...imageItem(snapshot, capture),
        lock: { mode: lock.state, until: Date.parse(lock.lockedUntil) },
      })),
      custody: locked.map(({ snapshot, lock }) =>
        record(at, snapshot.id, 'locked', holder, `${lock.state}, until ${lock.lockedUntil}`),
      ),
    };
  },

  memory(of: string, came: Extract<MemoryCapture, { captured: true }>, at: number): Told {
    const item: EvidenceItem = {
      id: came.location,
      kind: 'memory',
      of,
      ...(came.sha256 === undefined
        ? { noHashBecause: 'the document that captured it gave none' }
        : { sha256: came.sha256 }),
      createdAt: at,
      state: 'complete',
    };
    return { items: [item], custody: [record(at, came.location, 'captured', came.location)] };
  },

  completed(item: EvidenceItem, at: number): Told {
    return {
      items: [{ ...item, state: 'complete' }],
      custody: [record(at, item.id, 'completed', placeOf(item))],
    };
  },

  copied(copy: EvidenceItem, at: number): Told {
    return {
      items: [copy],
      custody: [record(at, copy.id, 'copied', placeOf(copy), `copy of ${copy.from ?? 'an image'}`)],
    };
  },

  lockedCopy(item: EvidenceItem, lock: ImageLock, at: number): Told {
    return {
      items: [{ ...item, lock: { mode: lock.state, until: Date.parse(lock.lockedUntil) } }],
      custody: [record(at, item.id, 'locked', placeOf(item), `${lock.state}, until ${lock.lockedUntil}`)],
    };
  },

  hashed(item: EvidenceItem, hashes: BlockHashes, at: number): Told {
    if (!hashes.hashed)
      return {
        items: [{ ...item, noHashBecause: hashes.reason }],
        custody: [record(at, item.id, 'hashed', placeOf(item), `no hash: ${hashes.reason}`)],
      };
    const { files, root, blocks } = hashes;
    const [index] = files;
    const list: EvidenceItem[] = index
      ? [
          {
            id: index.path,
            kind: 'blocks',
            of: item.of,
            from: item.id,
            bytes: index.bytes,
            sha256: index.sha256,
            createdAt: at,
            state: 'complete',
          },
        ]
      : [];
    return {
      items: [{ ...item, sha256: root }, ...list],
      files: files.map(({ path, bytes, sha256 }) => ({ path, bytes, sha256 })),
      custody: [
        record(at, item.id, 'hashed', placeOf(item), `${blocks} blocks, root ${root}`),
        ...list.map(({ id }) => record(at, id, 'captured', 'cold storage')),
      ],
    };
  },
};
