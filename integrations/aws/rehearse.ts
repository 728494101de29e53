/** Says what containment would call. */
import type { InstanceLocation, RehearsedSubStep, Surroundings } from '../../activities/containment';
import type { AwsSettings } from './clients';

export function rehearse(
  settings: AwsSettings,
  instance: InstanceLocation,
  surroundings: Surroundings,
): Promise<RehearsedSubStep[]> {
  return Promise.reject(new Error(`not built yet ${settings.region}${instance.id}${surroundings.codename}`));
}
