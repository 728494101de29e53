/** Stops an instance. There is no way from here to a termination. */
import { StopInstancesCommand } from '@aws-sdk/client-ec2';
import { unavailable } from '../../activities/failures';
import type { Target } from './clients';
import { lookAtLivingInstance } from './instance';

/** Returns the state: `stopping` or `stopped`. `Conflict` where the instance is terminated. */
export async function stop(target: Target): Promise<string> {
  const { state } = await lookAtLivingInstance(target);
  if (state === 'stopping' || state === 'stopped') return state;
  if (state === 'pending')
    throw unavailable('The instance is still starting: AWS stops it once it runs. Firebreak tries again.');
  const { StoppingInstances = [] } = await target.clients.ec2.send(
    new StopInstancesCommand({ InstanceIds: [target.id] }),
  );
  return StoppingInstances[0]?.CurrentState?.Name ?? 'stopping';
}
