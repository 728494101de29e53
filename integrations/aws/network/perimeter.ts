/** The edges of the network, where the attacker's addresses are blocked. */
import type { Perimeter } from '../../../activities/addresses';
import type { AwsSettings } from '../clients';

export function createPerimeter(settings: AwsSettings): Perimeter {
  const failing = () => Promise.reject(new Error(`not built yet ${settings.region}`));
  return { block: failing, verify: failing };
}
