/** Back into the target groups. */
import { RegisterTargetsCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Capture, CapturedTarget, ReleaseReport } from '../../../activities/containment';
import type { Target } from '../clients';
import { hasCode } from '../failures/aws-error';
import { targetsOf } from '../groups';
import { lookAtLivingInstance } from '../instance';

/** A target group takes running instances only, so this comes after the start. */
export async function restoreTargetGroups(target: Target, captured: Capture): Promise<ReleaseReport> {
  if (captured.targetGroups.length === 0) return { restored: [], drift: [] };
  // The scaling group may have registered it again by itself.
  const registered = new Set(
    (await targetsOf(target, lookAtLivingInstance(target), captured.vpcId)).map(keyOf),
  );
  const restored: string[] = [];
  const drift: string[] = [];
  for (const registration of captured.targetGroups) {
    const refusal = registered.has(keyOf(registration)) ? undefined : await register(target, registration);
    if (refusal === undefined) restored.push(`The instance is registered in the ${nameOf(registration)}.`);
    else drift.push(refusal);
  }
  return { restored, drift };
}

/** Why it is not registered; undefined where it is. */
async function register({ clients, id }: Target, registration: CapturedTarget): Promise<string | undefined> {
  const { targetGroupArn, targetId = id, port } = registration;
  try {
    await clients.balancing.send(
      new RegisterTargetsCommand({
        TargetGroupArn: targetGroupArn,
        Targets: [{ Id: targetId, ...(port === undefined ? {} : { Port: port }) }],
      }),
    );
    return undefined;
  } catch (error) {
    if (hasCode(error, 'TargetGroupNotFound', 'TargetGroupNotFoundException'))
      return `The ${nameOf(registration)} is gone: the instance stays out of it.`;
    if (hasCode(error, 'InvalidTarget', 'InvalidTargetException'))
      return `The ${nameOf(registration)} does not take the instance: register it by hand once it runs.`;
    throw error;
  }
}

function keyOf({ targetGroupArn, targetId = '', port = 0 }: CapturedTarget): string {
  return `${targetGroupArn} ${targetId} ${port}`;
}

function nameOf({ targetGroupArn, targetId, port }: CapturedTarget): string {
  return [
    `target group ${targetGroupArn}`,
    ...(targetId === undefined ? [] : [`by the address ${targetId}`]),
    ...(port === undefined ? [] : [`on port ${port}`]),
  ].join(' ');
}
