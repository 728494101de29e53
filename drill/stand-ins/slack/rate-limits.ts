/** Slack's 429 on demand, and who did not wait. */
import { json } from './answers';
import type { Answer, Call } from '../recording-proxy';

export interface RateLimit {
  /** The calls that were told to wait, the ones that came too soon among them. */
  readonly refused: readonly Call[];
  /** The calls made before the wait was over. A well-behaved client makes none. */
  readonly tooSoon: readonly Call[];
  /** Ends the limit. */
  end(): void;
}

export interface RateLimits {
  /** The next `times` calls (1, where it is left out) are told to wait; each wait counts from that call. */
  limit(rule: { readonly on: string | RegExp; readonly waitS: number; readonly times?: number }): RateLimit;
  /** Slack's answer where the call has to wait. Counts by the call's name. */
  refusalOf(call: Call): Answer | undefined;
}

interface Rule {
  readonly on: string | RegExp;
  readonly waitS: number;
  left: number;
  /** When the wait is over, in milliseconds since the epoch, by the call's name. */
  readonly until: Map<string, number>;
  readonly refused: Call[];
  readonly tooSoon: Call[];
}

export function createRateLimits(): RateLimits {
  const rules: Rule[] = [];

  function refuse(rule: Rule, call: Call, waitMs: number): Answer {
    rule.refused.push(call);
    const answer = json({ ok: false, error: 'ratelimited' }, 429);
    return { ...answer, headers: { ...answer.headers, 'retry-after': String(Math.ceil(waitMs / 1000)) } };
  }

  return {
    limit({ on, waitS, times = 1 }) {
      const rule: Rule = { on, waitS, left: times, until: new Map(), refused: [], tooSoon: [] };
      rules.push(rule);
      return {
        refused: rule.refused,
        tooSoon: rule.tooSoon,
        end: () => void rules.splice(rules.indexOf(rule), rules.includes(rule) ? 1 : 0),
      };
    },
    refusalOf(call) {
      for (const rule of rules) {
        if (typeof rule.on === 'string' ? rule.on !== call.name : !rule.on.test(call.name)) continue;
        const until = rule.until.get(call.name) ?? 0;
        if (call.at < until) {
          rule.tooSoon.push(call);
          return refuse(rule, call, until - call.at);
        }
        if (rule.left > 0) {
          rule.left -= 1;
          rule.until.set(call.name, call.at + rule.waitS * 1000);
          return refuse(rule, call, rule.waitS * 1000);
        }
      }
      return undefined;
    },
  };
}
