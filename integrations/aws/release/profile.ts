/** The instance profile. The revoke policy stays: what it denies are credentials that the attacker may still have. */
import type { Capture, ReleaseReport } from '../../../activities/containment';
import type { Target } from '../clients';
import { EMPTY_PROFILE_NAME, nameOfProfile } from '../profile';
import { restoreProfile } from '../role';

export async function restoreInstanceProfile(target: Target, captured: Capture): Promise<ReleaseReport> {
  // A capture of the contained host does not tell what was there before.
  if (nameOfProfile(captured.instanceProfileArn ?? '') === EMPTY_PROFILE_NAME)
    return {
      restored: [],
      drift: ['The instance keeps the empty profile: the one before it is not known. Choose one by hand.'],
    };
  const drift = await restoreProfile(target, captured);
  return {
    restored:
      captured.instanceProfileArn === undefined || drift.length > 0
        ? []
        : [`The instance has the profile ${captured.instanceProfileArn}.`],
    drift,
  };
}
