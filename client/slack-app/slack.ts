/**
 * Slack's Web API, called without retries of the library's: where Slack says how long to wait, not one call of that method is
 * made before. Nothing of an answer reaches a log or an error: only the method, and Slack's code.
 */
import { LogLevel, webApi, type Logger } from '@slack/bolt';

/** What Slack says goes nowhere: its warnings quote what was sent. */
export const SILENT: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  setLevel: () => undefined,
  getLevel: () => LogLevel.ERROR,
  setName: () => undefined,
};

/** Slack did not do it. */
export class SlackFailure extends Error {
  constructor(
    method: string,
    /** Slack's own; `unreachable` where there was no answer. */
    readonly code: string,
    /** It may be done later. */
    readonly isTransient: boolean,
  ) {
    super(`Slack did not do ${method} (${code}).`);
    this.name = 'SlackFailure';
  }
}

export interface SlackApi {
  /**
   * Waits, where Slack wants that, but no longer than `patienceMs` in all.
   *
   * @throws SlackFailure
   */
  call(method: string, args: Readonly<Record<string, unknown>>, patienceMs?: number): Promise<Answer>;
  /** To an address that Slack gave for one answer. @throws SlackFailure */
  respond(url: string, body: Readonly<Record<string, unknown>>, patienceMs?: number): Promise<void>;
}

export type Answer = webApi.WebAPICallResult & Readonly<Record<string, unknown>>;

export interface SlackApiOptions {
  readonly token: string;
  /** Of a stand-in; Slack's own where it is left out. */
  readonly url?: string;
}

/** No call takes longer, in ms. */
const TIMEOUT_MS = 10_000;
/** Where Slack does not say how long. */
const DEFAULT_WAIT_S = 30;

/** "May have succeeded", by Slack's own words; or it is down. */
const TRANSIENT = ['fatal_error', 'internal_error', 'service_unavailable', 'request_timeout', 'ratelimited'];

export function clientOptions(url: string | undefined): webApi.WebClientOptions {
  return {
    ...(url !== undefined && { slackApiUrl: url }),
    timeout: TIMEOUT_MS,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logger: SILENT,
  };
}

export function createSlackApi({ token, url }: SlackApiOptions): SlackApi {
  const web = new webApi.WebClient(token, clientOptions(url));
  /** By method: before then it is not called. */
  const notBefore = new Map<string, number>();

  async function waiting<T>(method: string, patienceMs: number, once: () => Promise<T>): Promise<T> {
    const until = Date.now() + patienceMs;
    for (;;) {
      const at = notBefore.get(method) ?? 0;
      if (at > Math.max(until, Date.now())) throw new SlackFailure(method, 'ratelimited', true);
      if (at > Date.now()) {
        await new Promise((resolve) => setTimeout(resolve, at - Date.now() + 1));
        continue;
      }
      notBefore.delete(method);
      try {
        return await once();
      } catch (error) {
        const seconds = secondsToWait(error);
        if (seconds === undefined) throw failureOf(method, error);
        notBefore.set(method, Math.max(notBefore.get(method) ?? 0, Date.now() + seconds * 1_000));
      }
    }
  }

  return {
    call: (method, args, patienceMs = 0) =>
      waiting(method, patienceMs, () => web.apiCall(method, { ...args }) as Promise<Answer>),
    respond: (address, body, patienceMs = 0) =>
      waiting('response_url', patienceMs, async () => {
        const response = await fetch(address, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
          signal: AbortSignal.timeout(TIMEOUT_MS),
        });
        await response.arrayBuffer();
        if (response.status === 429) throw new Limited(Number(response.headers.get('retry-after')));
        if (!response.ok)
          throw new SlackFailure('response_url', String(response.status), response.status >= 500);
      }),
  };
}

class Limited extends Error {
  constructor(readonly seconds: number) {
    super('Slack wants a wait.');
  }
}

/** How long Slack wants nothing of the kind; nothing where that is not what it said. */
export function secondsToWait(error: unknown): number | undefined {
  const seconds =
    error instanceof Limited
      ? error.seconds
      : error instanceof webApi.WebAPIRateLimitedError
        ? error.retryAfter
        : undefined;
  if (seconds === undefined) return undefined;
  return Number.isFinite(seconds) && seconds > 0 ? seconds : DEFAULT_WAIT_S;
}

export function failureOf(method: string, error: unknown): SlackFailure {
  if (error instanceof SlackFailure) return error;
  if (error instanceof webApi.WebAPIPlatformError) {
    const code = String(error.data.error);
    return new SlackFailure(method, code, TRANSIENT.includes(code));
  }
  if (error instanceof webApi.WebAPIHTTPError)
    return new SlackFailure(method, String(error.statusCode), error.statusCode >= 500);
  return new SlackFailure(method, 'unreachable', true);
}
