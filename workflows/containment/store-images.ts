/**
 * Images on their way to cold storage: each is waited for, copied, locked there and hashed. Snapshots take minutes or hours,
 * and can't be hurried: between two looks a durable timer runs, and no worker holds anything.
 */
import type { Capture, Snapshot } from '../../activities/containment';
import type { ImageLocation, ImageProgress } from '../../activities/evidence';
import { nextLookMs, SUB_STEPS } from '../../domain/containment';
import type { EvidenceItem } from '../../domain/evidence/items';
import { cloud, evidence, hashing } from './activities';
import { NeedsAPerson, type Chain } from './chain';
import { copyItem, custodyOf, imageItem } from './custody';

interface Storing {
  readonly codename: string;
  readonly capture: Capture;
  readonly snapshots: readonly Snapshot[];
  /** How long they may take, in ms, from the first look and from each order to try again. */
  readonly withinMs: number;
}

/** One image on its way. */
interface Passage {
  source: EvidenceItem;
  /** What is to be complete before the next step: the image, what was prepared from it, or its copy. */
  awaited: ImageLocation;
  percent: number;
  copy?: EvidenceItem;
  stored?: true;
  /** Why only a person's order tries it again. The others go on meanwhile. */
  stuck?: string;
}

export async function storeImages(chain: Chain, storing: Storing): Promise<void> {
  const { capture, codename, snapshots, withinMs } = storing;
  const passages = snapshots.map((snapshot) => passageOf(snapshot, capture));
  await chain.keepTrying('store', async () => {
    const began = Date.now();
    for (;;) {
      await advance();
      const left = passages.filter(({ stored }) => !stored);
      if (left.length === 0) return;
      askAPerson(left);
      const elapsed = Date.now() - began;
      if (elapsed >= withinMs) throw new NeedsAPerson(missing(left, withinMs));
      const percent = percentOf(passages);
      const pauseMs = Math.min(nextLookMs(elapsed, percent), withinMs - elapsed);
      chain.set('store', { state: 'running', percent, ...expected(began, percent) });
      await chain.pause(pauseMs, 'Look how far the images are');
    }
  });
  await hashAll();

  /** One look at all, and what can be done after it. */
  async function advance(): Promise<void> {
    const waiting = passages.filter(({ stored, stuck }) => !stored && stuck === undefined);
    const summary = `Look how far ${waiting.length} images are`;
    const seen = await evidence.lookAtImages.executeWithOptions({ summary }, [
      waiting.map(({ awaited }) => awaited),
    ]);
    for (const passage of waiting) {
      const found = seen.find(({ snapshotId }) => snapshotId === passage.awaited.snapshotId);
      if (found?.state === 'completed') await next(passage);
      else if (found?.state === 'error') await replace(passage, found);
      // One that does not show may not be known everywhere yet.
      else passage.percent = found?.percent ?? 0;
    }
    await lockCopies();
  }

  async function next(passage: Passage): Promise<void> {
    const { source, copy } = passage;
    if (copy) {
      // Locked before it counts as stored.
      passage.copy = { ...copy, state: 'complete' };
      passage.percent = 100;
      return;
    }
    if (source.state !== 'complete') {
      passage.source = { ...source, state: 'complete' };
      chain.tell(custodyOf.completed(source, Date.now()));
    }
    const came = await evidence.copyImage.executeWithOptions({ summary: SUB_STEPS.store }, [
      locationOf(source),
      codename,
      source.of,
    ]);
    passage.percent = 0;
    if ('prepared' in came) {
      passage.awaited = came.prepared;
      return;
    }
    passage.awaited = came.copy;
    passage.copy = copyItem(came.copy, source, Date.now());
    chain.tell(custodyOf.copied(passage.copy, Date.now()));
  }

  /** An image that failed at AWS stays in the list, as it is evidence too; another one is taken in its place. */
  async function replace(passage: Passage, { snapshotId }: ImageProgress): Promise<void> {
    const { source } = passage;
    if (snapshotId !== source.id) {
      // What was prepared or copied from it failed, for want of a key mostly: the next try makes it anew.
      delete passage.copy;
      passage.awaited = locationOf(source);
      passage.stuck = `the copy ${snapshotId} of ${source.id} failed at AWS`;
      return;
    }
    const moment = source.moment ?? 'live';
    const summary = 'Image a disk again: its image failed';
    const taken = await cloud.snapshotVolumes.executeWithOptions({ summary }, [capture, codename, moment]);
    const known = new Set(passages.map((one) => one.source.id));
    const fresh = taken.find(({ id, volumeId }) => volumeId === source.from && !known.has(id));
    if (!fresh) return;
    chain.tell(custodyOf.request([fresh], capture, Date.now()));
    passages.splice(passages.indexOf(passage), 1, passageOf(fresh, capture));
    const locks = await cloud.lockSnapshots.executeWithOptions({ summary: SUB_STEPS.lock }, [
      capture,
      codename,
    ]);
    chain.tell(custodyOf.lock(locks, [fresh], capture, Date.now()));
  }

  async function lockCopies(): Promise<void> {
    const complete = passages.flatMap((passage) =>
      passage.copy?.state === 'complete' && !passage.stored ? [{ passage, copy: passage.copy }] : [],
    );
    if (complete.length === 0) return;
    const locks = await evidence.lockImages.executeWithOptions({ summary: 'Lock the copies' }, [
      complete.map(({ copy }) => locationOf(copy)),
    ]);
    for (const { passage, copy } of complete) {
      const lock = locks.find(({ snapshotId }) => snapshotId === copy.id);
      if (!lock) continue;
      chain.tell(custodyOf.completed(copy, Date.now()));
      chain.tell(custodyOf.lockedCopy(copy, lock, Date.now()));
      passage.copy = { ...copy, lock: { mode: lock.state, until: Date.parse(lock.lockedUntil) } };
      passage.stored = true;
    }
  }

  async function hashAll(): Promise<void> {
    const copies = passages.flatMap(({ copy }) => (copy ? [copy] : []));
    const hashed = new Set<string>();
    await chain.keepTrying('hash', async () => {
      for (const copy of copies.filter(({ id }) => !hashed.has(id))) {
        const summary = `${SUB_STEPS.hash}: ${hashed.size + 1} of ${copies.length}`;
        const came = await hashing.hashBlocks.executeWithOptions({ summary }, [locationOf(copy), codename]);
        chain.tell(custodyOf.hashed(copy, came, Date.now()));
        hashed.add(copy.id);
        if (hashed.size < copies.length)
          chain.set('hash', { state: 'running', percent: Math.floor((100 * hashed.size) / copies.length) });
      }
    });
  }
}

/** Once nothing else is on its way: what is stuck is tried anew after a person's order. */
function askAPerson(left: readonly Passage[]): void {
  if (left.some(({ stuck }) => stuck === undefined)) return;
  const what = left.map(({ stuck }) => stuck).join('; ');
  for (const passage of left) delete passage.stuck;
  throw new NeedsAPerson(`${what}: look at the policies of the keys (docs/aws.md), then retry`);
}

function passageOf(snapshot: Snapshot, capture: Capture): Passage {
  const source = imageItem(snapshot, capture);
  return { source, awaited: locationOf(source), percent: 0 };
}

function locationOf({ id, account, region }: EvidenceItem): Required<ImageLocation> {
  return {
    snapshotId: id,
    ...(account !== undefined && { account }),
    ...(region !== undefined && { region }),
  } as Required<ImageLocation>;
}

/** Half of the way is the image, half its copy. */
function percentOf(passages: readonly Passage[]): number {
  const sum = passages.reduce((all, { copy, percent }) => all + (copy ? 50 : 0) + percent / 2, 0);
  return Math.floor(sum / passages.length);
}

/** When it will be done, if it goes on as it went. */
function expected(began: number, percent: number): { expectedAt?: number } {
  const elapsed = Date.now() - began;
  return percent === 0 ? {} : { expectedAt: began + Math.round((elapsed * 100) / percent) };
}

function missing(left: readonly Passage[], withinMs: number): string {
  const hours = Math.round(withinMs / 360_000) / 10;
  const what = left.map(({ source, copy, percent }) =>
    copy ? `the copy of ${source.id} is at ${percent} %` : `${source.id} is at ${percent} %`,
  );
  return `not finished after ${hours} h: ${what.join('; ')}. Look at them in the AWS console, then retry`;
}
