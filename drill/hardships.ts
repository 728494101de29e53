/** What a drill may be made to suffer: AWS that fails, is slow, or refuses what is too much. */
import type { AwsStandIn, Bucket } from './stand-ins/aws';
import { refuseAsTooMuch } from './stand-ins/aws/refusals';
import type { Call } from './stand-ins/recording-proxy';
import type { SmtpTrouble } from './stand-ins/smtp';
import type { Scenario } from './scenario';
import type { Stage } from './stage';

/** Calls that change something in AWS, by the part of their name that says so. What only reads is repeated without harm. */
const CHANGES =
  /^(autoscaling|ec2|elasticloadbalancing|iam|kms|s3|secretsmanager|ssm|wafv2)\.(Associate|Attach|Authorize|Copy|Create|Delete|Deregister|Detach|Disassociate|Lock|Modify|Put|Register|Remove|Replace|Revoke|Rotate|Send|Sign|Start|Stop|Update)/;

/** Breaks every call that changes something: the first of each name is throttled, the next does its work and its answer is lost. */
export function breakEveryChange(aws: AwsStandIn): void {
  aws.breakCalls({ on: CHANGES, kind: 'refuse', refuse: refuseAsTooMuch, times: 1, perName: true });
  aws.breakCalls({ on: CHANGES, kind: 'dropAfter', times: 1, perName: true });
}

/** Lets vendors answer as the scenario says. */
export function breakAsTold(
  { pagerduty, slack, aws, waysOut: { smtp, sms, publishing } }: Stage,
  faults: Scenario['faults'],
): void {
  for (const { vendor, call, answer, ...how } of faults)
    switch (vendor) {
      case 'smtp':
        smtp.fail({ at: call, answer: how.status, times: how.times } as SmtpTrouble);
        break;
      case 'sms':
      case 'publishing':
        ({ sms, publishing })[vendor].fail({ on: call, body: answer, ...how });
        break;
      case 'pagerduty':
      case 'slack':
      case 'aws':
        ({ pagerduty, slack, aws })[vendor].breakCalls({ on: call, kind: 'answer', body: answer, ...how });
    }
}

/** The names of the calls that were broken in either way. */
export function brokenNames(calls: readonly Call[]): { throttled: string[]; lost: string[] } {
  const names = (all: readonly Call[]) => [...new Set(all.map(({ name }) => name))].sort();
  const changes = calls.filter(({ name }) => CHANGES.test(name));
  return {
    throttled: names(changes.filter(({ effectStatus, status }) => effectStatus === undefined && status)),
    lost: names(changes.filter(({ effectStatus, status }) => effectStatus !== undefined && !status)),
  };
}

/**
 * EC2's request buckets, for each action, account and region
 * (https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html, "Request token bucket sizes and refill rates"):
 * actions that look are filtered, unfiltered or the console's; those that change are mutating or resource-intensive. Other
 * services publish none for each action; theirs are left alone.
 */
export function ec2Buckets(action: string): Bucket | undefined {
  if (!action.startsWith('ec2.')) return undefined;
  if (/^ec2\.(Describe|Get)/.test(action)) return { burst: 100, perSecond: 20 };
  return SINGLE[action] ?? { burst: 50, perSecond: 5 };
}

/** Actions with buckets of their own, or that are resource-intensive. */
const SINGLE: Readonly<Record<string, Bucket>> = {
  'ec2.CreateSnapshot': { burst: 100, perSecond: 5 },
  'ec2.CreateSnapshots': { burst: 100, perSecond: 5 },
  'ec2.CreateTags': { burst: 100, perSecond: 10 },
  'ec2.StopInstances': { burst: 50, perSecond: 5 },
};

/** The time in which at least one of these calls was under way, in ms. */
export function busyMs(calls: readonly Call[], from: number, to: number): number {
  const spans = calls
    .map(({ at, endedAt = at }) => [Math.max(at, from), Math.min(endedAt, to)] as const)
    .filter(([begin, end]) => end > begin)
    .sort(([a], [b]) => a - b);
  let sum = 0;
  let reached = from;
  for (const [begin, end] of spans) {
    sum += Math.max(0, end - Math.max(begin, reached));
    reached = Math.max(reached, end);
  }
  return sum;
}
