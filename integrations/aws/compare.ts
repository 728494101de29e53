/** Compares with the capture. */
import type { Capture } from '../../activities/containment';
import type { Target } from './clients';

export function compare(target: Target, captured: Capture): Promise<string[]> {
  return Promise.reject(new Error(`not built yet ${target.id}${captured.vpcId}`));
}
