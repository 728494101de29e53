/**
 * A small HTTP server on this machine that writes down all that it receives, and fails on demand: what the stand-ins for SMS
 * and for publishing are made of.
 */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as it arrived, whether or not it was taken. */
export interface Received {
  /** Milliseconds since the epoch, when it had been read. */
  readonly at: number;
  /** The service's name of it, e.g. `messages.send`. */
  readonly name: string;
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** What the caller saw; undefined where the answer never came or broke off. */
  status?: number;
}

export interface Reply {
  readonly status: number;
  readonly body?: object | string;
  readonly headers?: Readonly<Record<string, string>>;
}

export type ReceiverFault = {
  /** The request's name; every one, where it is left out. */
  readonly on?: string;
  /** How many requests it breaks; for ever where it is left out. */
  readonly times?: number;
} & (
  | Reply
  /** `none`: the connection breaks, and nothing is done. `lost`: it is done, and the answer is lost. */
  | { readonly answer: 'none' | 'lost' }
  /** It is done, and half of the answer comes before the connection breaks. */
  | { readonly answer: 'half' }
  /** It is done, and the answer comes only after so many milliseconds. */
  | { readonly answer: 'late'; readonly afterMs: number }
);

export interface Receiver {
  readonly url: string;
  readonly received: readonly Received[];
  /** Breaks requests from now on; the earliest that matches wins. Returns a function that ends it. */
  fail(fault: ReceiverFault): () => void;
  close(): Promise<void>;
}

export async function startReceiver(options: {
  nameOf(method: string, path: string): string;
  answer(request: Received): Reply;
  /** 0, the default, picks a free one. */
  port?: number;
}): Promise<Receiver> {
  const received: Received[] = [];
  const faults: { fault: ReceiverFault; left: number }[] = [];
  const waiting = new Set<NodeJS.Timeout>();

  function takeFault(name: string): ReceiverFault | undefined {
    const found = faults.find(({ fault, left }) => left > 0 && (fault.on === undefined || fault.on === name));
    if (!found) return undefined;
    found.left -= 1;
    return found.fault;
  }

  async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request: Received = {
      name: options.nameOf(incoming.method ?? 'GET', incoming.url ?? '/'),
      method: incoming.method ?? 'GET',
      path: incoming.url ?? '/',
      headers: incoming.headers,
      body: await textOf(incoming),
      at: Date.now(),
    };
    received.push(request);
    const fault = takeFault(request.name);
    if (fault && 'status' in fault) return write(request, response, fault);
    if (fault?.answer === 'none') return void incoming.socket.destroy();
    const reply = options.answer(request);
    if (!fault) return write(request, response, reply);
    switch (fault.answer) {
      case 'lost':
        incoming.socket.destroy();
        return;
      case 'half':
        return writeHalf(response, reply);
      case 'late': {
        const later = setTimeout(() => {
          waiting.delete(later);
          if (!incoming.socket.destroyed) write(request, response, reply);
        }, fault.afterMs);
        waiting.add(later);
      }
    }
  }

  const server = createServer((incoming, response) => {
    handle(incoming, response).catch(() => incoming.socket.destroy());
  });
  // A service that hangs up by itself is a fault, and faults come on demand here.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    fail(fault) {
      const entry = { fault, left: fault.times ?? Infinity };
      faults.push(entry);
      return () => {
        entry.left = 0;
      };
    },
    close: () =>
      new Promise((resolve) => {
        for (const timer of waiting) clearTimeout(timer);
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** What JSON means where it is an object; undefined for anything else. */
export function objectIn(body: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

function write(request: Received, response: ServerResponse, { status, body, headers }: Reply): void {
  request.status = status;
  const type = typeof body === 'object' ? { 'content-type': 'application/json' } : {};
  response.writeHead(status, { ...type, ...headers }).end(written(body));
}

function writeHalf(response: ServerResponse, { status, body }: Reply): void {
  const text = written(body);
  const half = text.slice(0, Math.floor(text.length / 2));
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': text.length + 2 });
  response.write(half, () => setTimeout(() => response.socket?.destroy(), 20));
}

function written(body: Reply['body']): string {
  return typeof body === 'object' ? JSON.stringify(body) : (body ?? '');
}

async function textOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
