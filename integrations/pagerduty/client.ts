/** Calls to PagerDuty's REST API v2, one HTTP request each, with every error translated. */
import { api } from '@pagerduty/pdjs';
import type { APIParameters } from '@pagerduty/pdjs/build/src/api';
import type { z } from 'zod';
import { allowSingleRequest } from './single-request';
import {
  failureOfNoAnswer,
  failureOfRateLimit,
  failureOfStatus,
  failureOfUnreadableAnswer,
} from './translate-failure';

export interface PagerDutySettings {
  /** A REST API key that may read and write. */
  readonly token: string;
  /** The e-mail of the PagerDuty user in whose name pages are opened and responders asked. */
  readonly fromEmail: string;
  /** The service that pages are opened on. */
  readonly serviceId: string;
  /** Whom a page wakes. */
  readonly escalationPolicyId: string;
  /** Default: `https://api.pagerduty.com`. Accounts in Europe: `https://api.eu.pagerduty.com`. */
  readonly url?: string;
  /** Milliseconds until the answer's head, and as many again for its body. Default: 10 000. */
  readonly timeoutMs?: number;
}

export interface PagerDutyCall<Answer> {
  /** The operation's name in failures, e.g. `incidents.create`. */
  readonly name: string;
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | string[]>>;
  readonly body?: object;
  /** In whose name, by the address that PagerDuty knows; the settings' own where it is left out. */
  readonly from?: string;
  /** What of the answer is needed. */
  readonly answer: z.ZodType<Answer>;
}

export interface PagerDutyClient {
  /** Fails with the failures of `activities/failures.ts` and nothing else. */
  call<Answer>(call: PagerDutyCall<Answer>): Promise<Answer>;
}

/** Throws where a setting can't be sent in a header. The check is ours since node-fetch's message quotes the value. */
export function createPagerDutyClient(settings: PagerDutySettings): PagerDutyClient {
  if (!/^[\x21-\x7e]+$/.test(settings.token))
    throw new TypeError(
      'PAGERDUTY_TOKEN is empty or holds a character that no header may carry, such as a line break.',
    );
  if (!/^[\x21-\x7e]+@[\x21-\x7e]+$/.test(settings.fromEmail))
    throw new TypeError("PagerDuty's From address is not an e-mail address.");
  const base = (settings.url ?? 'https://api.pagerduty.com').replace(/\/+$/, '');

  return {
    async call({ name, method, path, query, body, from = settings.fromEmail, answer: schema }) {
      const single = allowSingleRequest(new URL(base).protocol);
      const parameters = {
        url: `${base}${path}`,
        method,
        token: settings.token,
        ...(query && { queryParameters: query }),
        ...(body && { data: body }),
        headers: {
          // pdjs' default has a charset, which PagerDuty's API description does not allow.
          'Content-Type': 'application/json',
          ...(method !== 'GET' && { From: from }),
        },
        agent: single.agent,
        // A POST would be followed as a GET, and with the token on board.
        redirect: 'manual',
        timeout: settings.timeoutMs ?? 10_000,
        // pdjs' own time-out aborts nothing and keeps the process alive for as long as it is.
        requestTimeout: 0,
        // Not a pause before a second request, for there is none: how soon pdjs tries one in vain.
        retryTimeout: 0,
      };
      const { status, data } = await send(parameters)
        .catch((error: unknown) => {
          const answered = single.answer();
          if (!answered) throw failureOfNoAnswer(name, error);
          if (answered.status === 429) throw failureOfRateLimit(name, answered.headers);
          // A key that is wrong stays wrong, whatever its answer looks like; an odd body with any other status is
          // somebody's between PagerDuty and us.
          if (answered.status === 401) throw failureOfStatus(name, answered.status);
          throw failureOfUnreadableAnswer(name, answered.status);
        })
        .finally(() => single.close());
      if (status < 200 || status > 299) throw failureOfStatus(name, status, errorCodeOf(data));
      const parsed = schema.safeParse(data);
      if (!parsed.success) throw failureOfUnreadableAnswer(name, status);
      return parsed.data;
    },
  };
}

/** pdjs rejects with an error, or with the response itself where its body is not JSON. */
async function send(parameters: object): Promise<{ status: number; data: unknown }> {
  // pdjs' types know nothing of node-fetch's options, `agent` and all.
  return api(parameters as APIParameters);
}

/** PagerDuty's errors look like `{"error": {"message", "code", "errors": []}}`. */
function errorCodeOf(data: unknown): number | undefined {
  const code = (data as { error?: { code?: unknown } } | null)?.error?.code;
  return typeof code === 'number' ? code : undefined;
}
