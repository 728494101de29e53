/**
 * Slack's requests to an app's own address, signed: https://docs.slack.dev/authentication/verifying-requests-from-slack.
 */
import { createHmac } from 'node:crypto';
import { isFields, parsed, type Fields } from './answers';

export type EnvelopeType = 'events_api' | 'slash_commands' | 'interactive';

export interface SignedRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** @param at when it is signed, in milliseconds since the epoch. */
export function signed(type: EnvelopeType, payload: Fields, secret: string, at = Date.now()): SignedRequest {
  const body = bodyOf(type, payload);
  const timestamp = String(Math.floor(at / 1000));
  const signature = createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex');
  return {
    body,
    headers: {
      'content-type': type === 'events_api' ? 'application/json' : 'application/x-www-form-urlencoded',
      'user-agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': `v0=${signature}`,
    },
  };
}

export interface RequestOutcome {
  /** Undefined where there was no answer in time, or no connection. */
  readonly status: number | undefined;
  readonly reason: 'answered' | 'timeout' | 'connection_failed';
  /** The answer, where it is JSON; text is taken as `{text}`, as Slack does with the answer to a command. */
  readonly payload: Fields;
  readonly tookMs: number;
  /** The app asked not to be sent this again. */
  readonly noRetry: boolean;
}

export async function post(url: string, request: SignedRequest, withinMs: number): Promise<RequestOutcome> {
  const since = Date.now();
  const outcome = (
    status: number | undefined,
    reason: RequestOutcome['reason'],
    text = '',
    noRetry = false,
  ) => {
    const body = parsed(text);
    const payload = isFields(body) ? body : text === '' ? {} : { text };
    return { status, reason, payload, noRetry, tookMs: Date.now() - since };
  };
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: request.headers,
      body: request.body,
      redirect: 'manual',
      signal: AbortSignal.timeout(withinMs),
    });
    const text = await response.text();
    return outcome(response.status, 'answered', text, response.headers.get('x-slack-no-retry') === '1');
  } catch (error) {
    const isLate = (error as { name?: unknown }).name === 'TimeoutError';
    return outcome(undefined, isLate ? 'timeout' : 'connection_failed');
  }
}

function bodyOf(type: EnvelopeType, payload: Fields): string {
  if (type === 'events_api') return JSON.stringify(payload);
  if (type === 'interactive') return new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
  return new URLSearchParams(payload as Record<string, string>).toString();
}
