/**
 * The codec server: Temporal's remote codec protocol over HTTP, for the Web UI and the `temporal` command line. It opens what
 * is sealed for a responder whose token holds, and seals what a responder types there as a request of that responder.
 *
 * A request is looked at in this order, and the first refusal is the answer: the name that the server is called by, the path,
 * the page that asks, the method, who asks, how often; only then is its body read. The log has one line for each, and nothing
 * of what was read or who read it.
 */
import type { IncomingMessage } from 'node:http';
import type { Keyring } from '../../codec/keyring';
import { json, nothing, refusal, send, withHeaders, type Answer } from '../http/answers';
import { close, createServer, listen } from '../http/serving';
import type { Person } from '../roster';
import { createConversion } from './conversion';
import { createDoorkeeper } from './doorkeeper';
import { LIMITS, type Limits } from './limits';
import { hostsOf, problemOfListening, type Listening } from './listening';
import { createSignIn } from './sign-in';

export interface CodecServerOptions extends Omit<Listening, 'host'> {
  /** 127.0.0.1 where nothing is said. */
  readonly host?: string;
  /** 0 takes any that is free. */
  readonly port: number;
  /** The pages that may ask for payloads: where the Web UI is. */
  readonly origins: readonly string[];
  /** Asked at each request, so that who was removed is out at once. Nobody is let in while it throws. */
  readonly roster: () => readonly Person[];
  readonly keyring: Keyring;
  readonly namespaces: readonly string[];
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  readonly log: (line: string) => void;
  readonly limits?: Partial<Limits>;
}

export interface CodecServer {
  /** What browsers call it. */
  readonly url: string;
  readonly port: number;
  /** Ends once what has begun is answered, or some seconds have passed. */
  close(): Promise<void>;
}

interface Route {
  /** The Web UI's pages ask for it, rather than this server's own. */
  readonly isForWebUi?: boolean;
  readonly methods: Readonly<Record<string, (request: IncomingMessage) => Answer | Promise<Answer>>>;
}

/** @throws Error, which says what to do, where it may not listen like this; and what Node throws where it can't */
export async function startCodecServer(options: CodecServerOptions): Promise<CodecServer> {
  const { host = '127.0.0.1', port, tls, log } = options;
  const problem = problemOfListening({ ...options, host });
  if (problem !== undefined) throw new Error(problem);
  const limits = { ...LIMITS, ...options.limits };
  const server = createServer(limits, tls);
  const listening = await listen(server, port, host);
  const hosts = hostsOf(options, listening);
  const url = `${tls ? 'https' : 'http'}://${hosts[0]}`;
  const routes = createRoutes(options, limits, url);
  const answer = createAnswering(options.origins, routes, hosts, url);
  server.on('request', (request, response) => {
    void answer(request)
      .catch(() => refusal(500, 'This failed, and nothing was changed: ask again.'))
      .then((answered) => {
        log(lineOf(request, routes, answered));
        send(request, response, answered);
      });
  });
  return { url, port: listening, close: () => close(server) };
}

function createRoutes(
  { roster, keyring, namespaces, now = Date.now, tls }: CodecServerOptions,
  limits: Limits,
  url: string,
): Readonly<Record<string, Route>> {
  const secure = tls !== undefined;
  const doorkeeper = createDoorkeeper({ roster, now, failures: limits.failures });
  const { form, show, signIn, signOut } = createSignIn({ doorkeeper, now, secure });
  const { decode, encode } = createConversion({ doorkeeper, keyring, namespaces, limits, secure, url });
  return {
    '/': { methods: { GET: form } },
    '/health': { methods: { GET: () => json(JSON.stringify({ status: 'ok' })) } },
    '/session': { methods: { GET: show, POST: signIn } },
    '/sign-out': { methods: { POST: signOut } },
    '/decode': { isForWebUi: true, methods: { POST: decode, OPTIONS: preflight } },
    '/encode': { isForWebUi: true, methods: { POST: encode, OPTIONS: preflight } },
  };
}

function createAnswering(
  origins: readonly string[],
  routes: Readonly<Record<string, Route>>,
  hosts: readonly string[],
  url: string,
) {
  return async (request: IncomingMessage): Promise<Answer> => {
    const { origin } = request.headers;
    const called = request.headers.host?.toLowerCase() ?? '';
    if (!hosts.includes(called)) return refusal(421, `Use the name of this server: ${url}.`);
    const route = routeOf(request, routes);
    if (!route) return refusal(404, 'There is nothing here: payloads are at /decode and /encode.');
    const { isForWebUi = false, methods } = route;
    const own = `${url.startsWith('https:') ? 'https' : 'http'}://${called}`;
    if (origin !== undefined && !(isForWebUi ? origins : [own]).includes(origin))
      return refusal(403, 'Pages from there may not ask: FIREBREAK_CODEC_ORIGINS names those that may.');
    const answered = await handle(request, methods);
    return isForWebUi ? withHeaders(answered, crossOriginHeaders(origin)) : answered;
  };
}

async function handle(request: IncomingMessage, methods: Route['methods']): Promise<Answer> {
  const method = request.method ?? '';
  const handler = Object.hasOwn(methods, method) ? methods[method] : undefined;
  if (handler) return handler(request);
  const allow = Object.keys(methods).join(', ');
  return refusal(405, `Ask with ${allow} here.`, { allow });
}

function preflight({ headers }: IncomingMessage): Answer {
  if (headers.origin === undefined) return refusal(400, 'Name the page that asks, in Origin.');
  return nothing(204, {
    'access-control-allow-methods': 'POST',
    'access-control-allow-headers': 'Authorization, Content-Type, X-Namespace',
    'access-control-max-age': '600',
  });
}

/** `origin` is one of those that may ask. */
function crossOriginHeaders(origin: string | undefined): Answer['headers'] {
  if (origin === undefined) return { vary: 'Origin' };
  return {
    vary: 'Origin',
    'access-control-allow-origin': origin,
    'access-control-allow-credentials': 'true',
    'access-control-expose-headers': 'Retry-After',
  };
}

/** The Web UI adds a query to the path, which asks for nothing that is here. */
function pathOf({ url = '' }: IncomingMessage): string {
  return url.split('?', 1)[0] ?? '';
}

function routeOf(request: IncomingMessage, routes: Readonly<Record<string, Route>>): Route | undefined {
  const path = pathOf(request);
  return Object.hasOwn(routes, path) ? routes[path] : undefined;
}

/** `POST /decode 200, 12 payloads`: fixed words and numbers alone. What was called otherwise is written as `-`. */
function lineOf(
  request: IncomingMessage,
  routes: Readonly<Record<string, Route>>,
  { status, payloads }: Answer,
): string {
  const route = routeOf(request, routes);
  const { method = '' } = request;
  const verb = Object.hasOwn(route?.methods ?? {}, method) ? method : '-';
  const count = payloads === undefined ? '' : `, ${payloads} ${payloads === 1 ? 'payload' : 'payloads'}`;
  return `${verb} ${route ? pathOf(request) : '-'} ${status}${count}`;
}
