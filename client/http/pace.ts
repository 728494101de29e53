/** How often one caller may ask. */
import { isIPv6 } from 'node:net';
import { TokenBucket } from 'limiter';

export interface Rate {
  /** How many at once. */
  readonly burst: number;
  readonly perSecond: number;
}

/** Callers that are remembered; beyond it the one that was heard of first is forgotten. */
const MOST_CALLERS = 10_000;

export interface Pace {
  /** Takes one. Answers nothing where that is within the rate, or the whole seconds to wait. */
  secondsToWait(caller: string): number | undefined;
}

export function createPace({ burst, perSecond }: Rate): Pace {
  const buckets = new Map<string, TokenBucket>();
  function bucketOf(caller: string): TokenBucket {
    const known = buckets.get(caller);
    if (known) return known;
    const bucket = new TokenBucket({ bucketSize: burst, tokensPerInterval: perSecond, interval: 'second' });
    bucket.content = burst;
    const [first] = buckets.keys();
    if (buckets.size >= MOST_CALLERS && first !== undefined) buckets.delete(first);
    buckets.set(caller, bucket);
    return bucket;
  }
  return {
    secondsToWait(caller) {
      const bucket = bucketOf(caller);
      return bucket.tryRemoveTokens(1) ? undefined : Math.max(1, Math.ceil(bucket.getWaitTime(1) / 1_000));
    },
  };
}

/** Who is behind an address: of IPv6 the network, since a machine has as many addresses there as it likes. */
export function callerAt(address = 'unknown'): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(address)) return address;
  const [head = '', tail] = (address.split('%', 1)[0] ?? '').split('::');
  const front = head === '' ? [] : head.split(':');
  const back = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros =
    tail === undefined ? [] : Array<string>(Math.max(0, 8 - front.length - back.length)).fill('0');
  return [...front, ...zeros, ...back].slice(0, 4).join(':');
}
