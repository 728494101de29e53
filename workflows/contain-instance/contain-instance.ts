/**
 * Containment of one instance: capture, protect, snapshot, isolate, verify, stop. It goes on until that is done, says
 * what fails meanwhile, and destroys nothing.
 */
import {
  condition,
  getExternalWorkflowHandle,
  isCancellation,
  setCurrentDetails,
  setHandler,
} from '@temporalio/workflow';
import type { Capture } from '../../activities/containment';
import { blockersOfStop, SUB_STEPS, type ContainmentReport, type SubStep } from '../../domain/containment';
import { backOffMs } from '../../domain/effects';
import { containmentReportSignal } from '../incident/messages';
import { causeOf } from '../incident/causes';
import { cloud } from './activities';
import {
  orderStopSignal,
  progressQuery,
  retrySignal,
  type ContainInstanceInput,
  type SubStepProgress,
} from './messages';

export async function containInstance(input: ContainInstanceInput): Promise<void> {
  const { codename, instance, token } = input;
  const progress = new Progress();
  let stopOrdered = input.stopOrdered ?? false;
  setHandler(orderStopSignal, () => void (stopOrdered = true), {
    description: "The incident commander's order to stop the instance now.",
  });
  let retriesOrdered = 0;
  setHandler(retrySignal, () => void (retriesOrdered += 1), {
    description: "A person's order to try again now what fails.",
  });
  setHandler(progressQuery, () => progress.list(), {
    description: 'Each sub-step, its state and since when.',
  });

  /** Waits for the next try, or for the order of one. */
  const pause = async (ms: number, summary: string) => {
    const before = retriesOrdered;
    await condition(() => retriesOrdered > before, ms, { summary });
  };
  /** The incident may have ended, by a stand-down say; containment is finished all the same. */
  const tell = async (told: Omit<ContainmentReport, 'instance'>) => {
    try {
      const parent = getExternalWorkflowHandle(codename);
      await parent.signal(containmentReportSignal, { token, told: { instance: instance.id, ...told } });
    } catch (error) {
      if (isCancellation(error)) throw error;
    }
  };
  /** Does one sub-step, however often it takes. */
  const keepTrying = async <T>(subStep: SubStep, attempt: () => Promise<T>): Promise<T> => {
    for (let failures = 0; ;) {
      progress.set(subStep, 'running');
      try {
        const result = await attempt();
        progress.set(subStep, 'done');
        if (failures > 0) await tell({ failing: null });
        return result;
      } catch (error) {
        if (isCancellation(error)) throw error;
        const cause = causeOf(error);
        failures += 1;
        progress.set(subStep, 'failing', cause);
        await tell({ failing: { subStep, cause } });
        await pause(backOffMs(failures), `Next try: ${SUB_STEPS[subStep]}`);
      }
    }
  };

  const done = { protect: false, snapshot: false, leaveGroups: false, chain: false };
  await Promise.all([chain(), stopNow()]);
  await tell({ stopped: true, ended: 'finished' });

  async function chain(): Promise<void> {
    const capture = await keepTrying('capture', () =>
      cloud.captureInstance.executeWithOptions({ summary: SUB_STEPS.capture }, [instance]),
    );
    // First: it takes milliseconds and keeps a stop from being a loss.
    await keepTrying('protect', () =>
      cloud.protectInstance.executeWithOptions({ summary: SUB_STEPS.protect }, [capture, codename]),
    );
    done.protect = true;
    // Together: a snapshot shows the moment of its request, and neither it nor a scaling group that can't be left is a
    // reason to leave the host connected.
    const [snapshotIds] = await Promise.all([snapshot(capture), leaveGroups(capture), isolate(capture)]);
    await verifyUntilProven(capture, snapshotIds);
    await keepTrying('stop', stopWhenAllowed);
    done.chain = true;
  }

  async function snapshot(capture: Capture): Promise<string[]> {
    const snapshots = await keepTrying('snapshot', () =>
      cloud.snapshotVolumes.executeWithOptions({ summary: SUB_STEPS.snapshot }, [capture, codename]),
    );
    done.snapshot = true;
    return snapshots.map(({ id }) => id);
  }

  async function leaveGroups(capture: Capture): Promise<void> {
    await keepTrying('leaveGroups', () =>
      cloud.leaveGroups.executeWithOptions({ summary: SUB_STEPS.leaveGroups }, [capture]),
    );
    done.leaveGroups = true;
  }

  function isolate(capture: Capture): Promise<void> {
    return keepTrying('isolate', () =>
      cloud.isolateInstance.executeWithOptions({ summary: SUB_STEPS.isolate }, [capture, codename]),
    );
  }

  async function verifyUntilProven(capture: Capture, snapshotIds: string[]): Promise<void> {
    for (let looks = 1; ; looks += 1) {
      const { unproven } = await keepTrying('verify', () =>
        cloud.verifyContainment.executeWithOptions({ summary: SUB_STEPS.verify }, [capture, codename]),
      );
      if (unproven.length === 0) return tell({ snapshotIds, verified: true, unproven: [] });
      progress.set('verify', 'failing', unproven.join('; '));
      await tell({ snapshotIds, unproven: [...unproven] });
      await pause(backOffMs(looks), 'Isolate and verify again');
      await isolate(capture);
    }
  }

  async function stopWhenAllowed(): Promise<void> {
    await condition(
      () =>
        blockersOfStop({
          snapshotsRequested: done.snapshot,
          terminationProtected: done.protect,
          leftScalingGroup: done.leaveGroups,
          stopOrdered,
        }).length === 0,
    );
    await cloud.stopInstance.executeWithOptions({ summary: SUB_STEPS.stop }, [instance]);
  }

  /** The order overtakes the chain, and the chain goes on: the evidence is still to be kept. */
  async function stopNow(): Promise<void> {
    await condition(() => stopOrdered || done.chain);
    if (!stopOrdered) return;
    await keepTrying('stop', () =>
      cloud.stopInstance.executeWithOptions({ summary: `${SUB_STEPS.stop} (ordered now)` }, [instance]),
    );
    await tell({ stopped: true });
  }
}

/** Where the chain is, for the query and for the Web UI. */
class Progress {
  private readonly subSteps = new Map<SubStep, SubStepProgress>();

  constructor() {
    for (const subStep of Object.keys(SUB_STEPS) as SubStep[])
      this.subSteps.set(subStep, { subStep, state: 'waiting', since: Date.now() });
    this.show();
  }

  set(subStep: SubStep, state: SubStepProgress['state'], cause?: string): void {
    this.subSteps.set(subStep, { subStep, state, since: Date.now(), ...(cause !== undefined && { cause }) });
    this.show();
  }

  list(): SubStepProgress[] {
    return [...this.subSteps.values()];
  }

  private show(): void {
    const lines = this.list().map(({ subStep, state, since, cause }) => {
      const clock = `${new Date(since).toISOString().slice(11, 19)} UTC`;
      const box = state === 'done' ? '[x]' : '[ ]';
      return `- ${box} ${SUB_STEPS[subStep]} — ${state}${state === 'waiting' ? '' : ` since ${clock}`}${cause ? `: ${cause}` : ''}`;
    });
    setCurrentDetails(['# Containment of one instance', '', ...lines].join('\n'));
  }
}
