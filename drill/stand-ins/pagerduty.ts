/**
 * A PagerDuty account on loopback: the part of the REST API v2 that Firebreak speaks, with state, over real HTTP.
 *
 * It is stricter than PagerDuty in one respect, on purpose: a field or a query parameter that PagerDuty's API
 * description does not have is refused, since it would be a bug of ours that PagerDuty hides by ignoring it.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAccount, type Account } from './pagerduty/account';
import { invalidInput, PagerDutyError } from './pagerduty/errors';
import { checkHeaders } from './pagerduty/headers';
import { startLine, type Line } from './pagerduty/line';
import { routeOf } from './pagerduty/routes';
import type { AccountSettings } from './pagerduty/shapes';
import { createWebhooks, type Subscription, type Webhooks } from './pagerduty/webhooks';
import { startRecordingProxy, type RecordingProxy } from './recording-proxy';

export interface PagerDutyStandIn extends Pick<
  Account,
  | 'userIdOf'
  | 'incidents'
  | 'notes'
  | 'responderRequests'
  | 'rung'
  | 'setOnCall'
  | 'acknowledge'
  | 'resolve'
  | 'reply'
> {
  /** What to give the client instead of `https://api.pagerduty.com`. */
  readonly url: string;
  /** Every call so far; named `incidents.create`, `incidents.list`, `users.list` and so on. */
  readonly calls: RecordingProxy['calls'];
  readonly breakCalls: RecordingProxy['breakCalls'];
  readonly webhooks: Webhooks;
  /** Connections break and are refused, until it comes back with everything as it was. */
  goDown(): Promise<void>;
  comeBack(): Promise<void>;
  close(): Promise<void>;
}

/** @param settings `port` is where clients connect; 0, the default, picks a free one. */
export async function startPagerDuty(
  settings: AccountSettings & {
    readonly token: string;
    readonly port?: number;
    readonly webhooks?: Subscription;
  },
): Promise<PagerDutyStandIn> {
  const sending = createWebhooks(() => account, settings.webhooks);
  const account: Account = createAccount(settings, sending.tell);
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      const refusal =
        error instanceof PagerDutyError ? error : new PagerDutyError(500, 2000, 'Internal Error');
      write(response, refusal.status, refusal.body);
    });
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = await readText(request);
    const url = new URL(request.url ?? '/', 'http://localhost');
    const from = checkHeaders(request, account, settings.token);
    const { route, ids } = routeOf(request.method ?? 'GET', url.pathname);
    const { status, body } = route.answer({
      account,
      from,
      ids,
      query: url.searchParams,
      body: request.method === 'GET' ? undefined : parseJson(text),
    });
    write(response, status, body);
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  let proxy: RecordingProxy | undefined;
  let line: Line;
  try {
    proxy = await startRecordingProxy({
      target: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      nameOf: nameOfCall,
    });
    line = await startLine({
      to: Number(new URL(proxy.url).port),
      ...(settings.port !== undefined && { port: settings.port }),
    });
  } catch (error) {
    await proxy?.close();
    server.close();
    throw error;
  }

  return {
    url: line.url,
    calls: proxy.calls,
    breakCalls: proxy.breakCalls,
    userIdOf: account.userIdOf,
    incidents: account.incidents,
    notes: account.notes,
    responderRequests: account.responderRequests,
    rung: account.rung,
    setOnCall: account.setOnCall,
    acknowledge: account.acknowledge,
    resolve: account.resolve,
    reply: account.reply,
    webhooks: sending.webhooks,
    goDown: line.cut,
    comeBack: line.mend,
    async close() {
      await sending.close();
      await line.close();
      await proxy.close();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

function nameOfCall(request: IncomingMessage): string {
  const { pathname } = new URL(request.url ?? '/', 'http://localhost');
  try {
    return routeOf(request.method ?? 'GET', pathname).route.name;
  } catch {
    return 'unknown';
  }
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalidInput('The body is not JSON');
  }
}

function write(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
  response.end(JSON.stringify(body));
}
