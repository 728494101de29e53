/**
 * What stopping an instance leads to. A scaling group takes a member that is stopped for a broken one: it terminates it,
 * whatever its termination protection says, and starts another. So who stops before detaching loses the host, and every
 * disk that goes with it.
 */
import type { IncomingMessage } from 'node:http';
import type { Rewrite } from '../recording-proxy';
import { asList, ec2Error, itemsOf, listOf, textOf, textsOf, type AskMoto } from './query';

export interface LostInstance {
  /** Milliseconds since the epoch, when its group terminated it. */
  readonly at: number;
  readonly instanceId: string;
  readonly scalingGroup: string;
  /** The disks that went with it. */
  readonly volumeIds: readonly string[];
}

export interface HealthChecks {
  readonly rewrite: Rewrite;
  readonly lost: readonly LostInstance[];
  /** Lets the checks that are due later happen now, and waits for them. */
  settle(): Promise<void>;
  close(): void;
}

/** Without one of these a group leaves its broken members alone. */
const NEEDED = /^(?:HealthCheck|ReplaceUnhealthy|Terminate)$/;
const TERMINATED = /<name>(?:terminated|shutting-down)<\/name>/;

/** @param afterMs how long after the stop the group looks: AWS needs up to minutes */
export function replaceStopped(ask: AskMoto, afterMs: number): HealthChecks {
  const lost: LostInstance[] = [];
  const waiting = new Map<NodeJS.Timeout | number, () => Promise<void>>();
  let underWay: Promise<unknown> = Promise.resolve();

  /** From here on no call is passed on until the check is done: what comes later finds it done. */
  const start = (check: () => Promise<void>) => {
    // A check that fails has lost nothing: moto is closing.
    underWay = underWay.then(check).catch(() => undefined);
  };

  async function check(request: IncomingMessage, ids: readonly string[]): Promise<void> {
    const { body } = await ask(request, 'autoscaling', {
      Action: 'DescribeAutoScalingInstances',
      ...asList('InstanceIds.member', ids),
    });
    for (const [, member = ''] of body.matchAll(/<member>([\s\S]*?)<\/member>/g))
      if (textOf(member, 'LifecycleState') === 'InService')
        await replace(
          request,
          textOf(member, 'InstanceId') ?? '',
          textOf(member, 'AutoScalingGroupName') ?? '',
        );
  }

  async function replace(request: IncomingMessage, id: string, scalingGroup: string): Promise<void> {
    const groups = await ask(request, 'autoscaling', {
      Action: 'DescribeAutoScalingGroups',
      'AutoScalingGroupNames.member.1': scalingGroup,
    });
    if (textsOf(groups.body, 'ProcessName').some((name) => NEEDED.test(name))) return;
    const described = await ask(request, 'ec2', { Action: 'DescribeInstances', 'InstanceId.1': id });
    // It may have been started again.
    if (!described.body.includes('<name>stopped</name>')) return;
    const volumeIds = itemsOf(described.body, 'blockDeviceMapping')
      .filter((disk) => textOf(disk, 'deleteOnTermination') === 'true')
      .map((disk) => textOf(disk, 'volumeId') ?? '');
    const protect = (value: string) =>
      ask(request, 'ec2', {
        Action: 'ModifyInstanceAttribute',
        InstanceId: id,
        'DisableApiTermination.Value': value,
      });
    const { body: attribute } = await ask(request, 'ec2', {
      Action: 'DescribeInstanceAttribute',
      InstanceId: id,
      Attribute: 'disableApiTermination',
    });
    await protect('false');
    await ask(request, 'ec2', { Action: 'TerminateInstances', 'InstanceId.1': id });
    await protect(textOf(attribute, 'value') ?? 'false');
    lost.push({ at: Date.now(), instanceId: id, scalingGroup, volumeIds });
  }

  const rewrite: Rewrite = async (call, passOn, request) => {
    await underWay;
    if (call.name !== 'ec2.StopInstances') return passOn();
    const ids = listOf(new URLSearchParams(call.body), 'InstanceId');
    const before = await ask(request, 'ec2', { Action: 'DescribeInstances', ...asList('InstanceId', ids) });
    const gone = itemsOf(before.body, 'reservationSet')
      .flatMap((reservation) => itemsOf(reservation, 'instancesSet'))
      .find((instance) => TERMINATED.test(instance));
    if (gone !== undefined)
      return ec2Error(
        'IncorrectInstanceState',
        `The instance '${textOf(gone, 'instanceId')}' is not in a state from which it can be stopped.`,
      );
    const answer = await passOn();
    if (answer.status !== 200) return answer;
    const work = () => check(request, ids);
    if (afterMs === 0) start(work);
    else {
      const timer = setTimeout(() => {
        waiting.delete(timer);
        start(work);
      }, afterMs);
      waiting.set(timer, work);
    }
    return answer;
  };

  const takeWaiting = () => {
    const works = [...waiting.values()];
    for (const timer of waiting.keys()) clearTimeout(timer);
    waiting.clear();
    return works;
  };

  return {
    rewrite,
    lost,
    async settle() {
      for (const work of takeWaiting()) start(work);
      await underWay;
    },
    close: () => void takeWaiting(),
  };
}
