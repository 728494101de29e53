/**
 * EC2 gives each action of an account and region a bucket of requests. Fifty instances at once would empty it, and every
 * refusal costs a second: calls wait for their turn here, where waiting costs nothing else.
 */
import { TokenBucket } from 'limiter';

interface Rate {
  /** Requests that may be made at once. */
  readonly burst: number;
  readonly perSecond: number;
}

/**
 * Four fifths of what EC2 publishes (https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html): others in the
 * account call too, and what left in order may arrive in a bunch.
 */
const READING: Rate = { burst: 80, perSecond: 16 };
const CHANGING: Rate = { burst: 40, perSecond: 4 };

/** Returns a function that resolves when the action may be called. One for each account and region. */
export function createPacing(): (action: string) => Promise<void> {
  const buckets = new Map<string, TokenBucket>();
  return async (action) => {
    const bucket =
      buckets.get(action) ?? createBucket(/^(Describe|Get|List)/.test(action) ? READING : CHANGING);
    buckets.set(action, bucket);
    await bucket.removeTokens(1);
  };
}

function createBucket({ burst, perSecond }: Rate): TokenBucket {
  const bucket = new TokenBucket({ bucketSize: burst, tokensPerInterval: perSecond, interval: 'second' });
  // A new bucket is empty otherwise, and the first call would wait.
  bucket.content = burst;
  return bucket;
}
