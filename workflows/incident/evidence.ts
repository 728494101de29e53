/** Seals the evidence whenever there is more of it, and locks it for good where that was ordered. */
import { condition } from '@temporalio/workflow';
import { failingOf } from '../../domain/containment';
import { backOffMs } from '../../domain/effects';
import { copiesToLockForGood, hasUnsealed } from '../../domain/evidence/store';
import { evidence as keeping } from '../containment/activities';
import { causeOf } from './causes';
import type { Store } from './store';

/** How often the last seal is tried when the incident has ended: everything in it is written down and locked by then. */
const LAST_TRIES = 5;

class NotAllLocked extends Error {}

export class EvidenceKeeper {
  private failures = 0;

  constructor(private readonly store: Store) {}

  /** Runs until `draining`. */
  async run(draining: () => boolean): Promise<void> {
    if (this.store.incident.company.coldStorage === undefined) return;
    for (;;) {
      await condition(() => draining() || this.mayLockForGood() || this.maySeal());
      if (draining()) return;
      await this.attempt();
      if (this.failures > 0)
        await condition(draining, backOffMs(this.failures), { summary: 'Next try: the evidence' });
    }
  }

  /** What was told last is sealed too. One that can't be sealed is left to a person: the incident ends all the same. */
  async sealAtTheEnd(): Promise<void> {
    if (this.store.incident.company.coldStorage === undefined) return;
    for (let tries = 1; this.hasNews() && tries <= LAST_TRIES; tries += 1) {
      if (tries > 1)
        await condition(() => false, backOffMs(tries), { summary: 'Next try: seal the evidence' });
      await this.attempt(() => this.hasNews());
    }
    if (this.hasNews())
      this.store.report({
        name: 'warned',
        text: 'the last records of custody are not sealed: keep this timeline with the evidence',
      });
  }

  /** A lock that fails is no reason not to seal. */
  private async attempt(maySeal = () => this.maySeal()): Promise<void> {
    const locked = !this.mayLockForGood() || (await this.works(() => this.lockForGood()));
    const sealed = !maySeal() || (await this.works(() => this.seal()));
    this.failures = locked && sealed ? 0 : this.failures + 1;
  }

  private async works(attempt: () => Promise<void>): Promise<boolean> {
    try {
      await attempt();
      return true;
    } catch (error) {
      const cause = error instanceof NotAllLocked ? error.message : causeOf(error);
      this.store.report({ name: 'evidenceFailed', cause });
      return false;
    }
  }

  private hasNews(): boolean {
    return hasUnsealed(this.store.incident.evidence);
  }

  /** Once a chain is through, not at each of its steps: a seal is of the whole. */
  private maySeal(): boolean {
    // One that fails may fail for long: what there is of it is sealed without it.
    const atWork = Object.values(this.store.incident.containments).some(
      (one) => one.status === 'running' && failingOf(one).length === 0,
    );
    return this.hasNews() && !atWork;
  }

  private mayLockForGood(): boolean {
    return copiesToLockForGood(this.store.incident.evidence).length > 0;
  }

  private async seal(): Promise<void> {
    const { evidence, declaration } = this.store.incident;
    const { items, files, custody, seals } = evidence;
    const previous = seals.at(-1);
    const sequence = (previous?.sequence ?? 0) + 1;
    const { manifest, records } = await keeping.sealEvidence.executeWithOptions(
      { summary: 'Seal the evidence' },
      [
        {
          codename: declaration.codename,
          sequence,
          items: Object.values(items),
          custody,
          at: Date.now(),
          ...(previous && { previous: { path: previous.path, sha256: previous.sha256 } }),
        },
        files,
      ],
    );
    this.store.report({
      name: 'sealed',
      seal: {
        sequence,
        path: manifest.path,
        sha256: manifest.sha256,
        at: Date.now(),
        // A seal that broke off halfway is completed as it was begun: it may cover less than there is by now.
        records,
      },
    });
  }

  private async lockForGood(): Promise<void> {
    const copies = copiesToLockForGood(this.store.incident.evidence);
    const locks = await keeping.lockImagesForGood.executeWithOptions(
      { summary: 'Lock the images for good' },
      [
        copies.map(({ id, account, region }) => ({
          snapshotId: id,
          ...(account !== undefined && { account }),
          ...(region !== undefined && { region }),
        })),
      ],
    );
    this.store.report({
      name: 'lockedForGood',
      locks: locks.map(({ snapshotId, state, lockedUntil }) => ({
        id: snapshotId,
        mode: state,
        until: Date.parse(lockedUntil),
      })),
    });
    if (this.mayLockForGood()) throw new NotAllLocked('some images are not locked for good yet');
  }
}
