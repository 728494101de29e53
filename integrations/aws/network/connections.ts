/** Ends connections that are open already. */
import type { Capture, Surroundings } from '../../../activities/containment';
import type { AwsSettings, Target } from '../clients';

export function cutConnections(
  target: Target,
  captured: Capture,
  surroundings: Surroundings,
  settings: AwsSettings,
): Promise<void> {
  return Promise.reject(
    new Error(`not built yet ${target.id}${captured.vpcId}${surroundings.codename}${settings.region}`),
  );
}
