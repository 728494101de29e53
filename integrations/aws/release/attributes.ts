/** Termination protection and what a shut-down from inside does. */
import { ModifyInstanceAttributeCommand } from '@aws-sdk/client-ec2';
import type { Capture, ReleaseReport } from '../../../activities/containment';
import type { Target } from '../clients';
import { isTerminationProtected, shutdownBehaviourOf } from '../instance';
import { together } from '../together';

export async function restoreAttributes(target: Target, captured: Capture): Promise<ReleaseReport> {
  const { ec2 } = target.clients;
  const InstanceId = target.id;
  const [terminationProtected, shutdownBehaviour] = await Promise.all([
    isTerminationProtected(target),
    shutdownBehaviourOf(target),
  ]);
  const changes: Promise<unknown>[] = [];

  if (terminationProtected !== captured.terminationProtected)
    changes.push(
      ec2.send(
        new ModifyInstanceAttributeCommand({
          InstanceId,
          DisableApiTermination: { Value: captured.terminationProtected },
        }),
      ),
    );

  if (shutdownBehaviour !== captured.shutdownBehaviour && captured.shutdownBehaviour !== 'unknown')
    changes.push(
      ec2.send(
        new ModifyInstanceAttributeCommand({
          InstanceId,
          Attribute: 'instanceInitiatedShutdownBehavior',
          Value: captured.shutdownBehaviour,
        }),
      ),
    );

  await together(changes);
  return {
    restored: [
      `Termination protection is ${captured.terminationProtected ? 'on' : 'off'}.`,
      ...(captured.shutdownBehaviour === 'unknown'
        ? []
        : [`A shut-down from inside is set to ${captured.shutdownBehaviour}.`]),
    ],
    drift: [],
  };
}
