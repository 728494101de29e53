/** Undoes containment. */
import type { Capture, ReleaseReport } from '../../activities/containment';
import type { AwsSettings, Target } from './clients';

export function release(
  target: Target,
  captured: Capture,
  codename: string,
  settings: AwsSettings,
): Promise<ReleaseReport> {
  return Promise.reject(
    new Error(`not built yet ${target.id}${captured.vpcId}${codename}${settings.region}`),
  );
}
