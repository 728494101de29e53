/** AWS as the identity provider that containment needs. */
import type { IdentityProvider } from '../../../activities/identities';
import type { AwsSettings } from '../clients';

export function createIdentities(settings: AwsSettings): IdentityProvider {
  const failing = () => Promise.reject(new Error(`not built yet ${settings.region}`));
  return {
    capture: failing,
    disableKeys: failing,
    removeLogin: failing,
    denySessions: failing,
    rotateSecret: failing,
    verify: failing,
  };
}
