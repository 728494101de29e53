/** Back into the scaling group. */
import {
  AttachInstancesCommand,
  DescribeAutoScalingGroupsCommand,
  type AutoScalingGroup,
} from '@aws-sdk/client-auto-scaling';
import type { Capture, ReleaseReport } from '../../../activities/containment';
import type { Target } from '../clients';
import { hasCode } from '../failures/aws-error';
import { scalingGroupOf } from '../groups';
import { wasRunning } from './state';

/** A group takes running instances only, so this comes after the start. */
export async function restoreScalingGroup(target: Target, captured: Capture): Promise<ReleaseReport> {
  const name = captured.scalingGroup;
  if (name === undefined) return { restored: [], drift: [] };

  const now = await scalingGroupOf(target);
  if (now === name) return restoredTo(name);
  if (now !== undefined)
    return drifted(`The instance is in the scaling group ${now}, and was in ${name} at the capture.`);
  if (!wasRunning(captured))
    return drifted(`The instance does not run: attach it to the scaling group ${name} by hand once it does.`);

  const group = await findGroup(target, name);
  // A group that is being deleted has a status, and no other group has one.
  if (group?.Status !== undefined || group === undefined)
    return drifted(`The scaling group ${name} is gone: the instance stays out of it.`);
  const { DesiredCapacity = 0, MaxSize = 0 } = group;
  if (DesiredCapacity + 1 > MaxSize)
    return drifted(
      `The scaling group ${name} is full (${DesiredCapacity} of at most ${MaxSize}): lower its desired capacity or raise ` +
        'its maximum size by one, then release again.',
    );
  return (await attach(target, name))
    ? restoredTo(name)
    : drifted(`The scaling group ${name} does not take the instance: attach it by hand, or leave it out.`);
}

async function findGroup({ clients }: Target, name: string): Promise<AutoScalingGroup | undefined> {
  const { AutoScalingGroups = [] } = await clients.scaling.send(
    new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] }),
  );
  return AutoScalingGroups[0];
}

async function attach(target: Target, name: string): Promise<boolean> {
  try {
    await target.clients.scaling.send(
      new AttachInstancesCommand({ AutoScalingGroupName: name, InstanceIds: [target.id] }),
    );
    return true;
  } catch (error) {
    // "Part of the group already" comes under the code of every other mistake: only a look tells. One group that refuses
    // is no reason to leave the host cut off.
    if (!hasCode(error, 'ValidationError')) throw error;
    return (await scalingGroupOf(target)) === name;
  }
}

/** Left by detaching without lowering the desired capacity, so that a replacement started: there is one too many now. */
function restoredTo(name: string): ReleaseReport {
  return {
    restored: [
      `The instance is in the scaling group ${name}, which raised the group's desired capacity by one: lower it once the ` +
        'replacement is not needed any more.',
    ],
    drift: [],
  };
}

function drifted(sentence: string): ReleaseReport {
  return { restored: [], drift: [sentence] };
}
