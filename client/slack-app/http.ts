/**
 * HTTP: where Slack can reach an address of the company's. A request is taken once, fresh and signed by Slack; everything else
 * is turned away before anybody looks at what it says.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { HTTPReceiver, isValidSlackRequest, type App, type Receiver } from '@slack/bolt';
import { readBytes } from '../http/body';
import { close, createServer, listen } from '../http/serving';
import { SILENT } from './slack';

export interface HttpOptions {
  readonly signingSecret: string;
  readonly host: string;
  /** 0 takes any that is free. */
  readonly port: number;
  readonly log: (line: string) => void;
}

export interface HttpReceiver extends Receiver {
  /** Where it listens, once it is started. */
  port(): number;
}

const PATH = '/slack/events';
/** Slack's own requests are far smaller, in bytes. */
const MOST_BYTES = 1024 * 1024;
/** Slack refuses what is older; within it, the same request counts once. */
const FRESH_MS = 5 * 60_000;
/** More genuine requests than come in that time. */
const MOST_SEEN = 50_000;
const BOUNDS = { connections: 256, headersMs: 5_000, requestMs: 10_000, idleMs: 20_000 };

export function createHttpReceiver({ signingSecret, host, port, log }: HttpOptions): HttpReceiver {
  const bolt = new HTTPReceiver({
    signingSecret,
    endpoints: [PATH],
    logger: SILENT,
    unhandledRequestTimeoutMillis: 2_900,
  });
  /** Signatures of genuine requests, and when each was taken. */
  const seen = new Map<string, number>();
  const server = createServer(BOUNDS);
  let listening = port;
  server.on('request', (request, response) => {
    take(request, response).catch(() => refuse(response, 500));
  });

  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '').split('?', 1)[0];
    if (path !== PATH) return refuse(response, 404);
    if (request.method !== 'POST') return refuse(response, 405);
    const body = await readBytes(request, MOST_BYTES);
    if (!body.ok) return refuse(response, body.status);
    const signature = headerOf(request, 'x-slack-signature');
    const at = Number(headerOf(request, 'x-slack-request-timestamp'));
    const isGenuine =
      signature !== '' &&
      Number.isFinite(at) &&
      // A clock that is ahead would let a request be replayed later.
      at * 1_000 < Date.now() + FRESH_MS &&
      isValidSlackRequest({
        signingSecret,
        body: body.bytes.toString(),
        headers: { 'x-slack-signature': signature, 'x-slack-request-timestamp': at },
      });
    if (!isGenuine || !isFirst(signature)) {
      log(isGenuine ? 'a request was replayed, and refused' : 'a request that is not from Slack was refused');
      return refuse(response, 401);
    }
    bolt.requestListener(Object.assign(request, { rawBody: body.bytes }), response);
  }

  function isFirst(signature: string): boolean {
    // Twice as long: a request may be dated ahead.
    for (const [old, at] of seen) {
      if (at > Date.now() - 2 * FRESH_MS && seen.size <= MOST_SEEN) break;
      seen.delete(old);
    }
    if (seen.has(signature)) return false;
    seen.set(signature, Date.now());
    return true;
  }

  return {
    init: (app: App) => bolt.init(app),
    async start() {
      listening = await listen(server, port, host);
      log(`listening for Slack at ${host}, port ${listening}, ${PATH}`);
      return server;
    },
    stop: () => close(server),
    port: () => listening,
  };
}

function headerOf({ headers }: IncomingMessage, name: string): string {
  const value = headers[name];
  return typeof value === 'string' ? value : '';
}

/** Without a word: whoever sent it is none of Slack. */
function refuse(response: ServerResponse, status: number): void {
  if (response.headersSent) return;
  response.writeHead(status, { connection: 'close', 'content-length': '0' }).end();
}
