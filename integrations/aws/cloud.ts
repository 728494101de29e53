/** AWS as the cloud that containment needs. */
import { DescribeAutoScalingInstancesCommand } from '@aws-sdk/client-auto-scaling';
import { DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import { DescribeTargetGroupsCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Cloud } from '../../activities/containment';
import { capture } from './capture';
import { compare } from './compare';
import { createTargets, type AwsSettings } from './clients';
import { translate } from './failures/translate';
import { leaveScalingGroup, leaveTargetGroups } from './groups';
import { isolate } from './isolate';
import { DEFAULT_LOCK_DAYS, lock } from './lock';
import { captureMemory } from './memory';
import { cutConnections } from './network/connections';
import { denyElsewhere } from './network/elsewhere';
import { protect } from './protect';
import { rehearse } from './rehearse';
import { release } from './release';
import { revokeRole } from './role';
import { snapshot } from './snapshot';
import { stop } from './stop';
import { together } from './together';
import { verify } from './verify';

export interface Aws extends Cloud {
  /**
   * Asks each service for one thing in the default region: finds the credentials, opens the connections, and fails as
   * every other call would where a permission is missing.
   */
  warmUp(): Promise<void>;
}

/**
 * Credentials come from the SDK's default chain. Throws the failures of `activities/failures`; their messages name the
 * AWS action and AWS's error code, and neither an instance nor an account.
 */
export function createAws(settings: AwsSettings): Aws {
  const at = createTargets(settings);
  return {
    capture: (instance) => translated(capture(at(instance), instance)),
    protect: ({ instance }, codename) => translated(protect(at(instance), codename)),
    snapshot: (captured, codename, moment) =>
      translated(snapshot(at(captured.instance), captured, codename, moment)),
    lock: (captured, codename) =>
      translated(lock(at(captured.instance), captured, codename, settings.lockDays ?? DEFAULT_LOCK_DAYS)),
    leaveGroups({ instance, vpcId }) {
      const target = at(instance);
      return together([leaveScalingGroup(target), leaveTargetGroups(target, vpcId)]);
    },
    isolate: ({ instance, vpcId }) => translated(isolate(at(instance), vpcId)),
    cutConnections: (captured, surroundings) =>
      translated(cutConnections(at(captured.instance), captured, surroundings, settings)),
    denyElsewhere: (captured) => translated(denyElsewhere(at(captured.instance), captured)),
    revokeRole: (captured, codename, issuedBefore) =>
      translated(revokeRole(at(captured.instance), captured, codename, issuedBefore)),
    verify: (captured, surroundings, issuedBefore) =>
      translated(verify(at(captured.instance), captured, surroundings, issuedBefore, settings)),
    captureMemory: (captured, codename) =>
      translated(captureMemory(at(captured.instance), captured, codename, settings.memory)),
    stop: (instance) => translated(stop(at(instance))),
    release: (captured, codename) => translated(release(at(captured.instance), captured, codename, settings)),
    compare: (captured) => translated(compare(at(captured.instance), captured)),
    rehearse: (instance, surroundings) => translated(rehearse(settings, instance, surroundings)),
    async warmUp() {
      const { ec2, scaling, balancing } = at({ id: '' }).clients;
      await together([
        // The fewest that EC2 lets one ask for.
        ec2.send(new DescribeInstancesCommand({ MaxResults: 5 })),
        scaling.send(new DescribeAutoScalingInstancesCommand({ MaxRecords: 1 })),
        balancing.send(new DescribeTargetGroupsCommand({ PageSize: 1 })),
      ]);
    },
  };
}

async function translated<Result>(call: Promise<Result>): Promise<Result> {
  try {
    return await call;
  } catch (error) {
    throw translate(error);
  }
}
