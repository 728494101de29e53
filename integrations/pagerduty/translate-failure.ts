/**
 * From what PagerDuty answers to the failures that an activity may report.
 *
 * Nothing of PagerDuty's own error texts is passed on, and nothing of node-fetch's: the first can quote the request, the
 * second holds the address called, with the codename or somebody's e-mail in its query.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { ApplicationFailure } from '@temporalio/common';
import {
  conflict,
  invalidRequest,
  notFound,
  rateLimited,
  unauthorized,
  unavailable,
} from '../../activities/failures';

/** PagerDuty counts its limit by the minute, so no wait needs to be longer; a page must not be lost to an odd header. */
const LONGEST_WAIT_MS = 60_000;
/** Where a 429 names no wait: the pause that PagerDuty's own library makes. */
const DEFAULT_WAIT_MS = 20_000;

/**
 * The failure for an answer that was read.
 *
 * @param call PagerDuty's operation, e.g. `incidents.create`
 * @param code PagerDuty's own number for the error, e.g. 2001
 */
export function failureOfStatus(call: string, status: number, code?: number): ApplicationFailure {
  const said = `PagerDuty answered ${status}${code === undefined ? '' : ` (code ${code})`} to ${call}`;
  switch (status) {
    case 401:
    case 403:
      return unauthorized(`${said}: check that PAGERDUTY_TOKEN is valid and may read and write.`);
    case 402:
      return unauthorized(
        `${said}: the account's plan does not include this; ask its owner, or page by hand.`,
      );
    case 404:
      return notFound(`${said}: the page or its service is not there, or this token can't see it.`);
    case 409:
      return conflict(`${said}: it was changed at the same time; look at the page in PagerDuty.`);
    case 408:
      return unavailable(`${said}: it waited too long for the request; it will be tried again.`);
    default:
      return status >= 400 && status < 500
        ? invalidRequest(
            `${said}: check the service, the escalation policy and the From address that are configured for PagerDuty.`,
          )
        : unavailable(`${said}: it will be tried again; if it lasts, page by phone.`);
  }
}

/** The failure for a 429, with the wait that its headers ask for. */
export function failureOfRateLimit(call: string, headers: IncomingHttpHeaders): ApplicationFailure {
  const waitMs = waitFrom(headers);
  return rateLimited(
    `PagerDuty answered 429 to ${call}: too many requests; it will be tried again in ${Math.ceil(waitMs / 1000)} s.`,
    waitMs,
  );
}

/** The failure for an answer that says nothing we understand, such as a gateway's HTML page or half a body. */
export function failureOfUnreadableAnswer(call: string, status: number): ApplicationFailure {
  return unavailable(
    `PagerDuty answered ${status} to ${call} with a body that can't be read: it will be tried again; if it lasts, look for a gateway in between.`,
  );
}

/** The failure for a request that got no answer. */
export function failureOfNoAnswer(call: string, error: unknown): ApplicationFailure {
  return unavailable(
    `PagerDuty gave no answer to ${call} (${causeOf(error)}): it will be tried again; if it lasts, page by phone.`,
  );
}

/** Only fixed words and system codes such as ECONNRESET, which can't hold anything of the incident. */
function causeOf(error: unknown): string {
  const { type, code } = (error ?? {}) as { type?: unknown; code?: unknown };
  if (type === 'request-timeout' || type === 'body-timeout') return 'it took too long';
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]*$/.test(code) ? code : 'the connection failed';
}

/** Milliseconds. Source: PagerDuty's "REST API Rate Limits": `ratelimit-reset` is in seconds. */
function waitFrom(headers: IncomingHttpHeaders): number {
  for (const name of ['ratelimit-reset', 'retry-after']) {
    const value = headers[name];
    if (typeof value !== 'string' || value.trim() === '') continue;
    const seconds = Number(value);
    if (Number.isFinite(seconds) && seconds >= 0) return Math.min(seconds * 1000, LONGEST_WAIT_MS);
  }
  return DEFAULT_WAIT_MS;
}
