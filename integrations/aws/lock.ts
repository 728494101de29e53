/** Locks images. */
import type { Capture, SnapshotLock } from '../../activities/containment';
import type { Target } from './clients';

export function lock(
  target: Target,
  captured: Capture,
  codename: string,
  days: number,
): Promise<SnapshotLock[]> {
  return Promise.reject(new Error(`not built yet ${target.id}${captured.vpcId}${codename}${days}`));
}
