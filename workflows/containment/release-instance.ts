/** Undoes the containment of one instance, from what was captured before anything was changed. Two people ordered it. */
import { condition, isCancellation, setCurrentDetails, setHandler } from '@temporalio/workflow';
import type { Capture } from '../../activities/containment';
import { backOffMs } from '../../domain/effects';
import { causeOf } from '../incident/causes';
import { cloud, evidence, wholeChain } from './activities';
import { reportTo } from './chain';
import { orderSignal, type ReleaseInput } from './messages';

export async function releaseInstance({ codename, target, token }: ReleaseInput): Promise<void> {
  let retriesOrdered = 0;
  setHandler(orderSignal, (order) => void (retriesOrdered += order === 'retry' ? 1 : 0), {
    description: "A person's order, passed on by the incident: retry.",
  });
  const tell = reportTo(codename, token, target.id);
  setCurrentDetails('# Release');

  const capture = await keepTrying(() =>
    evidence.readCapture.executeWithOptions({ summary: 'Read what was captured' }, [codename, target.id]),
  );
  const { restored, drift } = await keepTrying(() =>
    wholeChain.releaseInstance.executeWithOptions({ summary: 'Undo containment, network last' }, [
      capture as Capture,
      codename,
    ]),
  );
  const different = await keepTrying(() =>
    cloud.compareInstance.executeWithOptions({ summary: 'Compare with the capture' }, [capture as Capture]),
  );
  await tell({
    release: {
      restored,
      drift: [...drift, ...different.filter((one) => !isSaid(one, drift))],
      failing: null,
      doneAt: Date.now(),
    },
  });

  async function keepTrying<T>(attempt: () => Promise<T>): Promise<T> {
    for (let failures = 0; ;) {
      try {
        return await attempt();
      } catch (error) {
        if (isCancellation(error)) throw error;
        failures += 1;
        await tell({ release: { failing: causeOf(error) } });
        const before = retriesOrdered;
        await condition(() => retriesOrdered > before, backOffMs(failures), { summary: 'Next try' });
      }
    }
  }
}

/** "captured A, now B": where a sentence names both, it says more. */
function isSaid(difference: string, drift: readonly string[]): boolean {
  const [, captured, now] = /: captured (.+), now (.+)$/.exec(difference) ?? [];
  return (
    captured !== undefined &&
    now !== undefined &&
    drift.some((one) => one.includes(captured) && one.includes(now))
  );
}
