/**
 * What Slack's refusals mean for Firebreak. Slack answers HTTP 200 with `{ok: false, error: <code>}`; the codes are listed
 * at the foot of every method's page, e.g. https://docs.slack.dev/reference/methods/chat.postMessage.
 *
 * Only the method and Slack's code go into a message: an error of the client library carries the whole answer, and
 * Slack's warnings quote what was sent.
 */
import {
  ErrorCode,
  type WebAPIHTTPError,
  type WebAPIPlatformError,
  type WebAPIRateLimitedError,
} from '@slack/web-api';
import { ApplicationFailure } from '@temporalio/common';
import {
  conflict,
  invalidRequest,
  notFound,
  rateLimited,
  unauthorized,
  unavailable,
} from '../../activities/failures';

/** Where Slack does not say how long to wait. Its limits count by the minute. */
const DEFAULT_RETRY_AFTER_S = 30;

const UNAUTHORIZED = new Set([
  'invalid_auth',
  'not_authed',
  'token_revoked',
  'token_expired',
  'account_inactive',
  'missing_scope',
  'no_permission',
  'not_allowed_token_type',
  'access_denied',
  'accesslimited',
  'team_access_not_granted',
  'org_login_required',
  'ekm_access_denied',
  'enterprise_is_restricted',
  'restricted_action',
]);
/** Slack hides a private room from who is not in it, so these say the same. */
const NOT_FOUND = new Set(['channel_not_found', 'not_in_channel', 'message_not_found']);
const RATE_LIMITED = new Set(['ratelimited', 'rate_limited', 'message_limit_exceeded']);
/** The first two "may have succeeded" by Slack's own words. */
const UNAVAILABLE = new Set([
  'fatal_error',
  'internal_error',
  'service_unavailable',
  'request_timeout',
  'team_added_to_org',
]);

const WHAT_TO_DO: Readonly<Record<string, string>> = {
  restricted_action: 'A setting of the workspace forbids it: ask its owner to allow it to the app.',
  cant_kick_self: "The roster gives somebody the Slack id of Firebreak's own app: mend the roster.",
  cant_kick_from_general:
    "Nobody can be taken out of the workspace's general channel: an incident's room is a channel of its own.",
};
const KICK = 'conversations.kick';
/** Somebody who must not read on does not wait for a setting. */
const BY_HAND = 'Until that is done, somebody in the room has to remove them by hand.';

/**
 * The failure that an error of the client library means.
 *
 * @param method Slack's name of the call, e.g. `chat.postMessage`.
 * @returns one of `activities/failures.ts`, or the error itself where it is none of Slack's.
 */
export function translated(method: string, error: unknown): unknown {
  switch (codeOf(error)) {
    case ErrorCode.PlatformError:
      return refusal(method, error as WebAPIPlatformError);
    case ErrorCode.RateLimitedError:
      return tooFast(method, (error as WebAPIRateLimitedError).retryAfter);
    case ErrorCode.HTTPError:
      // Slack itself answers 200 or 429. Any other status comes from something before it, and says nothing of the request.
      return unavailable(
        `Slack can't be reached: ${method} was answered with HTTP ${(error as WebAPIHTTPError).statusCode}.`,
      );
    case ErrorCode.RequestError:
      return unavailable(`Slack did not answer ${method}: the connection broke or timed out.`);
    default:
      return isBrokenBody(error)
        ? unavailable(`Slack did not answer ${method} in full: the connection broke or timed out.`)
        : error;
  }
}

/** Slack refused this very request, for a reason that lies neither in the token nor in the room. */
export function isRefusedAsSuch(failure: unknown): boolean {
  return failure instanceof ApplicationFailure && failure.type === 'InvalidRequest';
}

/** Slack's own error code, where Slack answered and refused. */
export function refusalCode(error: unknown): string | undefined {
  return codeOf(error) === ErrorCode.PlatformError ? (error as WebAPIPlatformError).data.error : undefined;
}

function refusal(method: string, { data }: WebAPIPlatformError): Error {
  const code = data.error;
  // The client library puts a body that is not JSON, such as a proxy's HTML page, where the code belongs.
  if (!/^[a-z0-9_]{1,80}$/.test(code))
    return unavailable(`Slack can't be reached: ${method} was answered with something else than JSON.`);
  const answer = `Slack refused ${method}: ${code}.`;
  if (RATE_LIMITED.has(code))
    return tooFast(method, data.response_metadata?.retryAfter ?? DEFAULT_RETRY_AFTER_S);
  if (UNAVAILABLE.has(code)) return unavailable(`Slack broke down in ${method}: ${code}.`);
  if (UNAUTHORIZED.has(code))
    return unauthorized(told(answer, adviceOn(code, data), method === KICK && BY_HAND));
  if (NOT_FOUND.has(code))
    return notFound(`${answer} The room or the message is gone, or the app was removed from the room.`);
  if (code === 'is_archived') return conflict(`${answer} Somebody archived the room: unarchive it.`);
  return invalidRequest(told(answer, WHAT_TO_DO[code], method === KICK && BY_HAND));
}

function tooFast(method: string, retryAfterS: number): Error {
  return rateLimited(`Slack asks to wait ${retryAfterS} s before the next ${method}.`, retryAfterS * 1000);
}

function adviceOn(code: string, data: WebAPIPlatformError['data']): string {
  const needed =
    'needed' in data && typeof data.needed === 'string' && /^[a-z0-9_.:,|]+$/.test(data.needed)
      ? data.needed
      : undefined;
  if (needed) return `Give the app the scope ${needed}, install it again and check SLACK_BOT_TOKEN.`;
  return WHAT_TO_DO[code] ?? 'Check SLACK_BOT_TOKEN and the scopes of the app.';
}

function told(...sentences: (string | false | undefined)[]): string {
  return sentences.filter(Boolean).join(' ');
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

/** The client library reads the body outside its own error handling, so these come as `fetch` throws them. */
function isBrokenBody(error: unknown): boolean {
  const { name, cause } = (error ?? {}) as { name?: unknown; cause?: unknown };
  return name === 'TimeoutError' || name === 'AbortError' || (name === 'TypeError' && cause !== undefined);
}
