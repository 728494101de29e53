/** A server of a door: bounded in time and number, and ended in order. */
import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

export interface Bounds {
  readonly connections: number;
  /** How long a request's headers may take, in ms. */
  readonly headersMs: number;
  /** How long a whole request may take to arrive, in ms. */
  readonly requestMs: number;
  /** How long a connection may be silent, in ms. */
  readonly idleMs: number;
}

/** The certificate's chain and its key, as PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** How long a server that ends waits for what has begun, in ms. */
const GRACE_MS = 5_000;

export function createServer(limits: Bounds, tls?: Certificate): Server {
  const bounds = {
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    connectionsCheckingInterval: Math.min(1_000, limits.headersMs),
    keepAliveTimeout: 5_000,
    maxHeaderSize: 16 * 1024,
  };
  const server = tls
    ? createHttpsServer({ ...bounds, ...tls, minVersion: 'TLSv1.2', handshakeTimeout: limits.headersMs })
    : createHttpServer(bounds);
  server.maxConnections = limits.connections;
  server.timeout = limits.idleMs;
  return server;
}

/** Answers the port, which is another where 0 was asked for. @throws what Node throws where it can't */
export async function listen(server: Server, port: number, host: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return (server.address() as AddressInfo).port;
}

/** Ends once what has begun is answered, or some seconds have passed. */
export async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const impatience = setTimeout(() => server.closeAllConnections(), GRACE_MS);
  await closed;
  clearTimeout(impatience);
}
