/**
 * Undoes containment from the capture, network last: nobody reaches the host before it is what it was. Evidence, locks,
 * manifests, the revoke policy and the denies of the attacker's addresses are not touched.
 *
 * Each part looks first and changes what is not as captured, so that a retry goes on where the last attempt ended. The
 * report therefore tells what is as captured now, whichever attempt put it back.
 */
import type { Capture, ReleaseReport } from '../../activities/containment';
import { conflict } from '../../activities/failures';
import type { AwsSettings, Target } from './clients';
import { isGone, lookAtInstance } from './instance';
import { restoreAttributes } from './release/attributes';
import { restoreDeleteOnTermination } from './release/delete-on-termination';
import { restoreNetwork } from './release/network';
import { restoreInstanceProfile } from './release/profile';
import { restoreScalingGroup } from './release/scaling-group';
import { restoreState } from './release/state';
import { restoreTags } from './release/tag';
import { restoreTargetGroups } from './release/target-groups';
import { CODENAME_TAG } from './tags';

/**
 * `restored` and `drift` name interfaces and groups: they belong into the incident, which is encrypted, and nowhere else.
 *
 * @throws Unavailable where the instance does not run yet, or anything else passes by itself; Conflict where the instance
 *   is terminated, or is contained for another incident by now
 */
export async function release(
  target: Target,
  captured: Capture,
  codename: string,
  settings: AwsSettings,
): Promise<ReleaseReport> {
  await makeSureItMayBeReleased(target, captured, codename);
  const restored: string[] = [];
  const drift: string[] = [];
  for (const part of [
    () => restoreAttributes(target, captured),
    () => restoreDeleteOnTermination(target, captured),
    () => restoreInstanceProfile(target, captured),
    () => restoreState(target, captured),
    () => restoreScalingGroup(target, captured),
    () => restoreTargetGroups(target, captured),
    () => restoreTags(target, captured, codename, settings),
    () => restoreNetwork(target, captured),
  ]) {
    const report = await part();
    restored.push(...report.restored);
    drift.push(...report.drift);
  }
  return { restored, drift };
}

/** What a later incident has done to the host is not in this capture, and would be undone with it. */
async function makeSureItMayBeReleased(target: Target, captured: Capture, codename: string): Promise<void> {
  const instance = await lookAtInstance(target);
  if (isGone(instance)) throw conflict('The instance is terminated: there is nothing left to release.');
  const tag = instance.tags[CODENAME_TAG];
  if (tag !== undefined && tag !== codename && tag !== captured.tags[CODENAME_TAG])
    throw conflict(
      `The instance is contained for another incident: its tag ${CODENAME_TAG} says which. Release it there first.`,
    );
}
