/** Writes down what was there before anything was changed. */
import { SUB_STEPS } from '../../domain/containment';
import { evidence } from './activities';
import { NO_COLD_STORAGE, type Chain } from './chain';
import { custodyOf } from './custody';
import type { ContainmentInput } from './messages';

/**
 * First observation wins: a second chain for the same thing would see the quarantine, and take it for the original. `name`
 * names the file in the evidence folder.
 */
export async function recordCapture(
  chain: Chain,
  { codename, target, storeWithinMs }: ContainmentInput,
  name: string,
  capture: unknown,
): Promise<void> {
  if (storeWithinMs === undefined) return chain.set('record', NO_COLD_STORAGE);
  await chain.keepTrying('record', async () => {
    const summary = SUB_STEPS.record;
    const { file } = await evidence.recordCapture.executeWithOptions({ summary }, [codename, name, capture]);
    chain.tell(custodyOf.capture(target.id, file, Date.now()));
  });
}
