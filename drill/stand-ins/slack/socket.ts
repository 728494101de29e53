/**
 * Slack's side of Socket Mode, over a real web socket: https://docs.slack.dev/apis/events-api/using-socket-mode.
 *
 * Each envelope goes to one of the connections, in turn, and is answered by `{envelope_id, payload}`.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import { isFields, parsed, type Fields } from './answers';
import { APP } from './app';

/** An app has so many connections at most. */
const MOST_CONNECTIONS = 10;
/** Clients hang up where they hear nothing for 30 seconds. */
const PING_EVERY_MS = 5_000;
/** How long a connection stays open after Slack has asked the client to leave it. */
const LEAVE_WITHIN_MS = 10_000;

export type DisconnectReason = 'warning' | 'refresh_requested' | 'link_disabled' | 'too_many_websockets';

/** What became of an envelope within the time that Slack gives. */
export type Acknowledgement =
  | { readonly acknowledged: true; readonly payload: Fields }
  | { readonly acknowledged: false; readonly reason: 'no connection' | 'connection lost' | 'timeout' };

export interface SocketMode {
  /** A fresh address for one connection, as `apps.connections.open` gives it. */
  openUrl(): string;
  /** @param tookMs told once the answer comes, also where it comes too late. */
  deliver(envelope: Fields, withinMs: number, tookMs: (ms: number) => void): Promise<Acknowledgement>;
  /** The connections that have been greeted. */
  connections(): number;
  /** Asks every client to come back on another connection. */
  disconnect(reason: DisconnectReason): void;
  /** Breaks every connection off without a word. */
  drop(): void;
  /** Takes connections, or refuses them. */
  listen(isUp: boolean): void;
  close(): Promise<void>;
}

interface Waiting {
  readonly socket: WebSocket;
  readonly since: number;
  readonly settle: (acknowledgement: Acknowledgement) => void;
  readonly tookMs: (ms: number) => void;
}

export async function startSocketMode(): Promise<SocketMode> {
  const sockets: WebSocket[] = [];
  const waiting = new Map<string, Waiting>();
  const tickets = new Set<string>();
  let isUp = true;
  let turn = 0;

  const http = createServer((_request, response) => response.writeHead(426).end());
  const server = new WebSocketServer({ noServer: true });
  http.on('upgrade', (request, raw, head) => {
    const ticket = new URL(request.url ?? '/', 'http://localhost').searchParams.get('ticket') ?? '';
    // An address is good for one connection.
    if (!isUp || !tickets.delete(ticket)) {
      raw.end('HTTP/1.1 401 Unauthorized\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
      return;
    }
    server.handleUpgrade(request, raw, head, greet);
  });

  function greet(socket: WebSocket): void {
    socket.on('message', (data) => read(socket, data));
    socket.on('error', () => socket.terminate());
    if (sockets.length >= MOST_CONNECTIONS) {
      leave(socket, 'too_many_websockets');
      return;
    }
    sockets.push(socket);
    let isAlive = true;
    socket.on('pong', () => (isAlive = true));
    const ping = setInterval(() => {
      if (!isAlive) socket.terminate();
      isAlive = false;
      socket.ping(`Ping from applink-stand-in ${Date.now()}`);
    }, PING_EVERY_MS).unref();
    socket.on('close', () => {
      clearInterval(ping);
      if (sockets.includes(socket)) sockets.splice(sockets.indexOf(socket), 1);
      for (const [id, entry] of waiting) {
        if (entry.socket !== socket) continue;
        waiting.delete(id);
        entry.settle({ acknowledged: false, reason: 'connection lost' });
      }
    });
    send(socket, {
      type: 'hello',
      num_connections: sockets.length,
      connection_info: { app_id: APP.id },
      debug_info: { host: 'applink-stand-in', build_number: 1, approximate_connection_time: 3600 },
    });
  }

  function read(socket: WebSocket, data: RawData): void {
    const message = parsed((data as Buffer).toString('utf8'));
    if (!isFields(message)) return;
    const id = String(message.envelope_id);
    const entry = waiting.get(id);
    // An answer counts on the connection that was asked.
    if (!entry || entry.socket !== socket) return;
    waiting.delete(id);
    entry.tookMs(Date.now() - entry.since);
    entry.settle({ acknowledged: true, payload: isFields(message.payload) ? message.payload : {} });
  }

  function leave(socket: WebSocket, reason: DisconnectReason): void {
    send(socket, { type: 'disconnect', reason, debug_info: { host: 'applink-stand-in' } });
    setTimeout(() => socket.terminate(), LEAVE_WITHIN_MS).unref();
  }

  function drop(): void {
    for (const socket of server.clients) socket.terminate();
  }

  await new Promise<void>((resolve, reject) => {
    http.once('error', reject);
    http.listen(0, '127.0.0.1', resolve);
  });
  const { port } = http.address() as AddressInfo;

  return {
    openUrl() {
      const ticket = randomUUID();
      tickets.add(ticket);
      return `ws://127.0.0.1:${port}/link/?ticket=${ticket}&app_id=${randomBytes(16).toString('hex')}`;
    },
    async deliver(envelope, withinMs, tookMs) {
      const open = sockets.filter(({ readyState }) => readyState === 1);
      const socket = open[turn++ % Math.max(open.length, 1)];
      if (!socket) return { acknowledged: false, reason: 'no connection' };
      return new Promise((settle) => {
        const id = String(envelope.envelope_id);
        waiting.set(id, { socket, since: Date.now(), settle, tookMs });
        // It stays among those that wait: an answer that comes too late is still measured.
        setTimeout(() => settle({ acknowledged: false, reason: 'timeout' }), withinMs).unref();
        send(socket, envelope);
      });
    },
    connections: () => sockets.length,
    disconnect(reason) {
      for (const socket of [...sockets]) {
        // What is left to come is sent to whoever comes back.
        sockets.splice(sockets.indexOf(socket), 1);
        leave(socket, reason);
      }
    },
    drop,
    listen(up) {
      isUp = up;
      if (!up) drop();
    },
    async close() {
      isUp = false;
      drop();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await new Promise<void>((resolve) => {
        http.close(() => resolve());
        http.closeAllConnections();
      });
    },
  };
}

function send(socket: WebSocket, message: Fields): void {
  socket.send(JSON.stringify(message), () => undefined);
}
