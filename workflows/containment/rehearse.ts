/** Says what containment of an instance would call now. Changes nothing, and belongs to no incident. */
import type { RehearsedSubStep } from '../../activities/containment';
import { wholeChain } from './activities';
import type { RehearsalInput } from './messages';

export async function rehearse({
  instance,
  codename,
  attackers,
}: RehearsalInput): Promise<RehearsedSubStep[]> {
  return wholeChain.rehearseContainment.executeWithOptions({ summary: 'Rehearse' }, [
    instance,
    { codename, attackers },
  ]);
}
