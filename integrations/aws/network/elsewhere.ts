/** Denies the instance's own addresses on the other hosts' side. */
import type { Capture } from '../../../activities/containment';
import type { Target } from '../clients';

export function denyElsewhere(target: Target, captured: Capture): Promise<void> {
  return Promise.reject(new Error(`not built yet ${target.id}${captured.vpcId}`));
}

/** For release: takes exactly those denies away again. */
export function allowElsewhere(target: Target, captured: Capture): Promise<void> {
  return Promise.reject(new Error(`not built yet ${target.id}${captured.vpcId}`));
}
