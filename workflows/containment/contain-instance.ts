/**
 * Containment of one instance: capture, protect, snapshot and lock, isolate by two measures, verify, stop, keep in cold
 * storage. It goes on until that is done, says what fails meanwhile, and destroys nothing.
 */
import { condition } from '@temporalio/workflow';
import type { Capture, Moment, Snapshot } from '../../activities/containment';
import { blockersOfStop, SUB_STEPS } from '../../domain/containment';
import { causeOf } from '../incident/causes';
import { cloud, memory } from './activities';
import { Chain, meanwhile, NO_COLD_STORAGE } from './chain';
import { custodyOf } from './custody';
import type { ContainmentInput } from './messages';
import { recordCapture } from './record-capture';
import { storeImages } from './store-images';

/** What cuts it off. A stop waits until each was tried, and for none of them to succeed: a stop cuts off too. */
const CUTTING = ['isolate', 'cutConnections', 'denyElsewhere', 'revokeRole'] as const;

/** What looking again looks at besides. */
const KEEPING = ['protect', 'snapshot', 'leaveGroups'] as const;

/** How long the rest waits for protection. */
const PROTECTED_WITHIN_MS = 2_000;

export async function containInstance(input: ContainmentInput): Promise<void> {
  const { codename, target, attackers, storeWithinMs } = input;
  const surroundings = { codename, attackers };
  const chain = new Chain(codename, target, input.token);
  if (input.stopOrdered) chain.stopOrdered = true;
  // The same for every try: a policy that is written again says the same.
  const issuedBefore = new Date().toISOString();
  let contained = false;
  await Promise.all([contain().then(() => (contained = true)), stopNow()]);
  await chain.end();

  async function contain(): Promise<void> {
    const capture = await chain.keepTrying('capture', () =>
      cloud.captureInstance.executeWithOptions({ summary: SUB_STEPS.capture }, [target]),
    );
    const cutting = waysToCutOff(capture);
    const recorded = meanwhile(recordCapture(chain, input, target.id, capture));
    const protecting = meanwhile(
      chain.keepTrying('protect', () =>
        cloud.protectInstance.executeWithOptions({ summary: SUB_STEPS.protect }, [capture, codename]),
      ),
    );
    // First, as it takes milliseconds and keeps a stop from being a loss; but nothing waits long for it: of fifty hosts the last
    // is protected after half a minute, and what can't be protected is cut off all the same.
    await condition(() => chain.wasTried('protect'), PROTECTED_WITHIN_MS, {
      summary: 'Go on without protection',
    });
    await Promise.all([
      recorded,
      protecting,
      chain.keepTrying('leaveGroups', () =>
        cloud.leaveGroups.executeWithOptions({ summary: SUB_STEPS.leaveGroups }, [capture]),
      ),
      ...CUTTING.map(async (subStep) => {
        // An untracked hop would be undone by a group swap that comes after it.
        if (subStep === 'cutConnections') await condition(() => chain.wasTried('isolate'));
        await chain.keepTrying(subStep, cutting[subStep]);
      }),
      verify(capture, cutting),
      captureMemory(capture),
      imageStopAndStore(capture),
    ]);
  }

  function waysToCutOff(capture: Capture): Record<(typeof CUTTING)[number], () => Promise<void>> {
    return {
      isolate: () =>
        cloud.isolateInstance.executeWithOptions({ summary: SUB_STEPS.isolate }, [capture, codename]),
      cutConnections: () =>
        cloud.cutConnections.executeWithOptions({ summary: SUB_STEPS.cutConnections }, [
          capture,
          surroundings,
        ]),
      denyElsewhere: () =>
        cloud.denyElsewhere.executeWithOptions({ summary: SUB_STEPS.denyElsewhere }, [capture, codename]),
      revokeRole: () =>
        cloud.revokeRole.executeWithOptions({ summary: SUB_STEPS.revokeRole }, [
          capture,
          codename,
          issuedBefore,
        ]),
    };
  }

  async function verify(capture: Capture, cutting: ReturnType<typeof waysToCutOff>): Promise<void> {
    // Images that could not be requested can't be locked: the look comes all the same, and finds them missing.
    await condition(
      () => chain.wasTried(...CUTTING, ...KEEPING) && (chain.wasTried('lock') || !chain.isDone('snapshot')),
    );
    await chain.keepProving(
      () =>
        cloud.verifyContainment.executeWithOptions({ summary: SUB_STEPS.verify }, [
          capture,
          surroundings,
          issuedBefore,
        ]),
      () => cutOffAgain(cutting),
    );
  }

  async function cutOffAgain(cutting: ReturnType<typeof waysToCutOff>): Promise<void> {
    for (const subStep of CUTTING.filter((one) => chain.isDone(one)))
      try {
        await cutting[subStep]();
      } catch (error) {
        // What is missing then is what the look finds unproven.
        causeOf(error);
      }
  }

  async function captureMemory(capture: Capture): Promise<void> {
    const summary = SUB_STEPS.captureMemory;
    chain.set('captureMemory', { state: 'running' });
    try {
      const came = await memory.captureMemory.executeWithOptions({ summary }, [capture, codename]);
      if (!came.captured) return chain.set('captureMemory', { state: 'skipped', cause: came.reason });
      chain.tell(custodyOf.memory(target.id, came, Date.now()));
      chain.set('captureMemory', { state: 'done' });
    } catch (error) {
      // Once: a host that waits for its memory to be taken is a host that runs.
      chain.set('captureMemory', { state: 'skipped', cause: causeOf(error) });
    }
  }

  async function imageStopAndStore(capture: Capture): Promise<void> {
    const imagedLive = meanwhile(image(capture, 'snapshot', 'live'));
    const lockedLive = meanwhile(imagedLive.then((live) => lock(capture, live)));
    await condition(
      () =>
        chain.stopOrdered ||
        (mayStop() && chain.wasTried('captureMemory', 'verify') && chain.wasTried(...CUTTING)),
    );
    await chain.keepTrying('stop', waitForStop);
    // Of a host that was stopped by order, the disks may not have been imaged yet.
    const live = await imagedLive;
    const stopped = await image(capture, 'snapshotStopped', 'stopped');
    const lockedStopped = meanwhile(lockedLive.then(() => lock(capture, stopped)));
    if (storeWithinMs !== undefined)
      await storeImages(chain, {
        codename,
        capture,
        snapshots: [...live, ...stopped],
        withinMs: storeWithinMs,
      });
    else for (const subStep of ['store', 'hash'] as const) chain.set(subStep, NO_COLD_STORAGE);
    await lockedStopped;
  }

  function image(
    capture: Capture,
    subStep: 'snapshot' | 'snapshotStopped',
    moment: Moment,
  ): Promise<Snapshot[]> {
    return chain.keepTrying(subStep, async () => {
      const summary = SUB_STEPS[subStep];
      const taken = await cloud.snapshotVolumes.executeWithOptions({ summary }, [capture, codename, moment]);
      chain.tell(custodyOf.request(taken, capture, Date.now()));
      return taken;
    });
  }

  async function lock(capture: Capture, snapshots: readonly Snapshot[]): Promise<void> {
    await chain.keepTrying('lock', async () => {
      const summary = SUB_STEPS.lock;
      const locks = await cloud.lockSnapshots.executeWithOptions({ summary }, [capture, codename]);
      chain.tell(custodyOf.lock(locks, snapshots, capture, Date.now()));
    });
  }

  function mayStop(): boolean {
    return (
      blockersOfStop({
        snapshotsRequested: chain.isDone('snapshot'),
        terminationProtected: chain.isDone('protect'),
        leftScalingGroup: chain.isDone('leaveGroups'),
        stopOrdered: chain.stopOrdered,
      }).length === 0
    );
  }

  /** Asked again, a host that stops answers how far it is. */
  async function waitForStop(): Promise<void> {
    for (let looks = 1; ; looks += 1) {
      const state = await cloud.stopInstance.executeWithOptions({ summary: SUB_STEPS.stop }, [target]);
      if (state === 'stopped') return;
      await chain.pause(Math.min(1_000 * 2 ** (looks - 1), 15_000), 'Look whether it has stopped');
    }
  }

  /** The order overtakes the chain, and the chain goes on: the evidence is still to be kept. */
  async function stopNow(): Promise<void> {
    await condition(() => chain.stopOrdered || contained);
    if (chain.stopOrdered && !chain.isDone('stop')) await chain.keepTrying('stop', waitForStop);
  }
}
