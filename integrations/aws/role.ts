/** The instance's role and profile. */
import type { Capture } from '../../activities/containment';
import type { Target } from './clients';

export function revokeRole(
  target: Target,
  captured: Capture,
  codename: string,
  issuedBefore: string,
): Promise<void> {
  return Promise.reject(new Error(`not built yet ${target.id}${captured.vpcId}${codename}${issuedBefore}`));
}

/** For release: the captured profile again, in the place of the empty one. The revoke policy stays. Returns drift. */
export function restoreProfile(target: Target, captured: Capture): Promise<string[]> {
  return Promise.reject(new Error(`not built yet ${target.id}${captured.vpcId}`));
}
