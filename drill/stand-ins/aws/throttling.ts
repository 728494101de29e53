/** Throttling as EC2 does it: a token bucket for each action in each region. */
import type { Answer, Fault, Rewrite } from '../recording-proxy';
import { ec2ErrorBody, regionOf, xmlAnswer } from './query';

export interface Bucket {
  /** Tokens that come back each second. */
  readonly perSecond: number;
  /** How many it holds, and has at the beginning. */
  readonly burst: number;
}

/** One size for every action, or a size for each; undefined is never throttled. Actions as in `calls`. */
export type Buckets = Bucket | ((action: string) => Bucket | undefined);

/** A fault for `breakCalls`: the action is refused as AWS refuses what is too much. */
export function throttled(action: string, times?: number): Fault {
  const { status, body } = refusal(action);
  return {
    on: action,
    kind: 'answer',
    status,
    body: body.toString('utf8'),
    headers: { 'content-type': 'text/xml;charset=UTF-8' },
    ...(times !== undefined && { times }),
  };
}

/** Only EC2 has its own code and status for this. */
function refusal(action: string): Answer {
  return action.startsWith('ec2.')
    ? xmlAnswer(503, ec2ErrorBody('RequestLimitExceeded', 'Request limit exceeded.'))
    : xmlAnswer(
        400,
        '<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code><Message>Rate exceeded</Message></Error><RequestId>stand-in</RequestId></ErrorResponse>',
      );
}

export function throttle(
  buckets: Buckets,
  now: () => number,
): { rewrite: Rewrite; counts: ReadonlyMap<string, number> } {
  const levels = new Map<string, { tokens: number; at: number }>();
  const counts = new Map<string, number>();
  return {
    counts,
    rewrite: async (call, passOn, request) => {
      const bucket = typeof buckets === 'function' ? buckets(call.name) : buckets;
      if (!bucket) return passOn();
      const key = `${regionOf(request)} ${call.name}`;
      const level = levels.get(key) ?? { tokens: bucket.burst, at: now() };
      const filled = level.tokens + ((now() - level.at) / 1_000) * bucket.perSecond;
      const tokens = Math.min(bucket.burst, filled);
      levels.set(key, { tokens: tokens < 1 ? tokens : tokens - 1, at: now() });
      if (tokens >= 1) return passOn();
      counts.set(call.name, (counts.get(call.name) ?? 0) + 1);
      return refusal(call.name);
    },
  };
}
