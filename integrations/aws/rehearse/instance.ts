/** The instance, stopped once the rehearsal has come so far: its disks are imaged at rest only. */
import type { DescribeInstancesCommandInput, DescribeInstancesCommandOutput } from '@aws-sdk/client-ec2';
import type { Capture } from '../../../activities/containment';
import type { Imagined } from './imagined';

type Ask = (input: DescribeInstancesCommandInput) => Promise<DescribeInstancesCommandOutput>;

export function imagineInstance({ instance: { id } }: Capture): Imagined {
  let isStopped = false;
  return {
    changes: {
      StopInstances() {
        isStopped = true;
        return { StoppingInstances: [{ InstanceId: id, CurrentState: { Name: 'stopping' } }] };
      },
    },
    reads: {
      async DescribeInstances(input: DescribeInstancesCommandInput, ask: Ask) {
        const seen = await ask(input);
        if (!isStopped) return seen;
        return {
          ...seen,
          Reservations: seen.Reservations?.map((reservation) => ({
            ...reservation,
            Instances: reservation.Instances?.map((instance) =>
              instance.InstanceId === id ? { ...instance, State: { Name: 'stopped' } } : instance,
            ),
          })),
        };
      },
    },
  };
}
