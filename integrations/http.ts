/**
 * One HTTP request to a service that has no client library, with every way in which it can go wrong translated.
 *
 * Nothing of what the service answers goes into a failure, and nothing of the request: the first can quote the second. Only
 * the status, and codes of the system such as ECONNRESET.
 */
import { cancellationSignal } from '@temporalio/activity';
import type { ApplicationFailure } from '@temporalio/common';
import { conflict, invalidRequest, rateLimited, unauthorized, unavailable } from '../activities/failures';

/** How a service is spoken of in failures. */
export interface Service {
  /** Begins a sentence: `The SMS provider`. */
  readonly name: string;
  /** Where its credential comes from: `FIREBREAK_SMS_TOKEN`. */
  readonly credential: string;
  /** Where its address stands: `communication.sms.url`. */
  readonly setting: string;
}

export interface Request {
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutMs: number;
  /** How much of an answer's body is read, in bytes; nothing where it is left out. */
  readonly readsAtMost?: number;
}

export interface Answer {
  readonly status: number;
  /** Undefined where the body was not asked for, was longer than asked for, or broke off. */
  readonly text: string | undefined;
}

/** Where a service does not say how long to wait, and the longest that it is believed. */
const DEFAULT_WAIT_MS = 30_000;
const LONGEST_WAIT_MS = 15 * 60_000;

/**
 * The service's address. Secrets and what is not yet public go there, so it is https; http only on this machine.
 *
 * @throws `TypeError` where it can't be used. The address itself is not quoted: some hold a secret.
 */
export function addressOf(service: Service, url: string): URL {
  const address = URL.canParse(url) ? new URL(url) : undefined;
  const isSafe =
    address?.protocol === 'https:' || (address?.protocol === 'http:' && isLoopback(address.hostname));
  if (!address || !isSafe || address.username !== '' || address.password !== '')
    throw new TypeError(
      `${service.setting} has to be an address that begins with https:// (http:// only for this machine) and has no user name in it.`,
    );
  return address;
}

/** @throws `TypeError` where no header may carry it. The check is ours, since Node's own message quotes the value. */
export function credentialOf(service: Service, value: string | undefined): string {
  if (value === undefined || !/^[\x21-\x7e]+$/.test(value))
    throw new TypeError(
      `${service.credential} is missing, empty, or holds a character that no header may carry, such as a line break.`,
    );
  return value;
}

/**
 * Sends one request. Ends early where the activity is cancelled.
 *
 * @returns an answer with a status from 200 to 299
 * @throws the failures of `activities/failures.ts` for all else
 */
export async function send(service: Service, url: URL, request: Request): Promise<Answer> {
  const cancelled = cancellationSignal();
  cancelled.throwIfAborted();
  const { method, headers, body, timeoutMs, readsAtMost } = request;
  let response: Response;
  try {
    response = await fetch(url, {
      method,
      headers,
      ...(body !== undefined && { body }),
      // Followed, it would take the credential and the text to wherever it points.
      redirect: 'manual',
      signal: AbortSignal.any([cancelled, AbortSignal.timeout(timeoutMs)]),
    });
  } catch (error) {
    cancelled.throwIfAborted();
    throw unavailable(
      `${service.name} gave no answer (${causeOf(error)}). It is tried again; if it lasts, look whether ${service.setting} is right and can be reached.`,
    );
  }
  if (!response.ok) {
    await letGo(response);
    throw failureOf(service, response);
  }
  if (readsAtMost !== undefined)
    return { status: response.status, text: await textOf(response, readsAtMost) };
  await letGo(response);
  return { status: response.status, text: undefined };
}

/** An answer that was taken, and whose body does not say what it has to. */
export function unreadable(service: Service): ApplicationFailure {
  return unavailable(
    `${service.name} gave an answer that can't be read. It is tried again; if it lasts, look for a gateway in between.`,
  );
}

/** An address for people to open, as the service gives it; undefined where it is none. */
export function linkIn(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > LONGEST_LINK || !URL.canParse(value)) return undefined;
  const { protocol, username, password, href } = new URL(value);
  return /^https?:$/.test(protocol) && username === '' && password === '' ? href : undefined;
}

const LONGEST_LINK = 2_000;

/** What JSON means; undefined for anything else. */
export function parsed(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

function failureOf(service: Service, { status, headers }: Response): ApplicationFailure {
  const said = `${service.name} answered ${status}`;
  switch (status) {
    case 401:
    case 403:
      return unauthorized(`${said}: check that ${service.credential} is valid and may do this.`);
    case 408:
    case 425:
      return unavailable(`${said}: it is tried again.`);
    case 409:
      return conflict(
        `${said}: it has been sent something else under the same key, or is still at it. Look whether it arrived before you send it again.`,
      );
    // 420 is what Statuspage said before it said 429.
    case 420:
    case 429: {
      const waitMs = waitIn(headers.get('retry-after'));
      return rateLimited(
        `${said}: too many requests; it is tried again in ${Math.ceil(waitMs / 1000)} s.`,
        waitMs,
      );
    }
    default:
      if (status >= 500) return unavailable(`${said}: it is tried again; if it lasts, ask who runs it.`);
      if (status >= 300 && status < 400)
        return invalidRequest(
          `${said}, a way to another address, which is not followed. Write the final address into ${service.setting}.`,
        );
      return invalidRequest(
        `${said}: it does not take this. Check ${service.setting} and what it asks of a request.`,
      );
  }
}

/** `retry-after` is in seconds, or a date. */
function waitIn(header: string | null): number {
  const value = header?.trim() ?? '';
  const waitMs = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(waitMs) && waitMs >= 0 ? Math.min(waitMs, LONGEST_WAIT_MS) : DEFAULT_WAIT_MS;
}

/** What of a stream's reader is needed: the types of Node and of browsers, which dependencies bring in, differ. */
interface ChunkReader {
  read(): Promise<{ value?: Uint8Array | undefined }>;
  cancel(): Promise<void>;
}

async function textOf(response: Response, most: number): Promise<string | undefined> {
  const reader: ChunkReader | undefined = response.body?.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for (let next = await reader?.read(); next?.value; next = await reader?.read()) {
      length += next.value.byteLength;
      if (length > most) {
        await reader?.cancel();
        return undefined;
      }
      chunks.push(next.value);
    }
  } catch {
    cancellationSignal().throwIfAborted();
    return undefined;
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** A body that nobody reads keeps its connection. */
async function letGo(response: Response): Promise<void> {
  await response.body?.cancel().catch(() => undefined);
}

/** Only fixed words and codes of the system, which can't hold anything of the incident. */
function causeOf(error: unknown): string {
  const { name, cause } = (error ?? {}) as { name?: unknown; cause?: { code?: unknown } };
  if (name === 'TimeoutError') return 'it took too long';
  const code = cause?.code;
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]*$/.test(code) ? code : 'the connection failed';
}

/** Addresses of this machine that no other machine reaches. */
function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);
}
