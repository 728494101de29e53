/**
 * The health endpoint: whether the worker takes work. It knows nothing of incidents, listens on loopback only, and can't be
 * made to hold much: few connections, small heads, short waits. There is no metrics endpoint: the worker exposes none.
 */
import { createServer, type Server } from 'node:http';

/** A probe sends a few hundred bytes; more than this is refused with 431. */
const MAX_HEAD_BYTES = 4_096;
/** Until the head is there, and until all of the request is, in milliseconds; looked at as often as the last says. */
const HEAD_MS = 2_000;
const REQUEST_MS = 5_000;
const CHECK_MS = 500;
/** At once. Whoever holds all of them keeps others out until the time-out; on loopback, that is the host's own. */
const MAX_CONNECTIONS = 16;

/** Rejects where the port can't be used. */
export async function serveHealth(port: number, isHealthy: () => boolean): Promise<Server> {
  const limits = {
    maxHeaderSize: MAX_HEAD_BYTES,
    headersTimeout: HEAD_MS,
    requestTimeout: REQUEST_MS,
    connectionsCheckingInterval: CHECK_MS,
  };
  const server = createServer(limits, (request, response) => {
    // One answer for each connection: there is nothing to keep it for.
    response.shouldKeepAlive = false;
    if (request.method !== 'GET' || request.url !== '/health') {
      response.writeHead(404).end();
      return;
    }
    const healthy = isHealthy();
    response
      .writeHead(healthy ? 200 : 503, { 'content-type': 'application/json', 'cache-control': 'no-store' })
      .end(JSON.stringify({ status: healthy ? 'ok' : 'unavailable' }));
  });
  server.maxConnections = MAX_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return server;
}
