/** What a door answers over HTTP, and the headers that each answer has. */
import type { IncomingMessage, ServerResponse } from 'node:http';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: string;
  /** How many payloads were converted. */
  readonly payloads?: number;
}

/** How long the rest of a refused body is read and thrown away, in ms: cut off at once, a client may never see why. */
const LINGER_MS = 1_000;

/** Nothing is kept, guessed, embedded or told to the next page. Browsers send Origin with a form under this very policy. */
const ALWAYS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
} as const;

export function json(body: string, payloads?: number): Answer {
  return {
    status: 200,
    headers: { 'content-type': 'application/json', 'content-security-policy': "default-src 'none'" },
    body,
    ...(payloads !== undefined && { payloads }),
  };
}

export function page(html: string, policy: string, status = 200): Answer {
  return {
    status,
    headers: { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy },
    body: html,
  };
}

export function nothing(status: number, headers: Answer['headers'] = {}): Answer {
  return { status, headers, body: '' };
}

/** `message` says what to do; it quotes nothing of the request. */
export function refusal(status: number, message: string, headers: Answer['headers'] = {}): Answer {
  const { headers: usual, body } = json(JSON.stringify({ message }));
  return { status, headers: { ...usual, ...headers }, body };
}

export function tooMany(seconds: number, message: string): Answer {
  return refusal(429, message, { 'retry-after': String(seconds) });
}

export function withHeaders(answer: Answer, headers: Answer['headers']): Answer {
  return { ...answer, headers: { ...answer.headers, ...headers } };
}

export function send(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  const headers = { ...ALWAYS, ...answer.headers };
  for (const [name, value] of Object.entries(headers))
    response.setHeader(name, typeof value === 'string' ? value : [...value]);
  response.once('finish', () => {
    if (request.complete) return;
    request.resume();
    setTimeout(() => {
      if (!request.complete) request.socket.destroy();
    }, LINGER_MS).unref();
  });
  response.writeHead(answer.status).end(answer.body);
}
