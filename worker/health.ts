/** The health endpoint: whether the worker takes work. It knows nothing of incidents, and listens on loopback only. */
import { createServer, type Server } from 'node:http';

export async function serveHealth(port: number, isHealthy: () => boolean): Promise<Server> {
  const server = createServer((request, response) => {
    if (request.method !== 'GET' || request.url !== '/health') {
      response.writeHead(404).end();
      return;
    }
    const healthy = isHealthy();
    response
      .writeHead(healthy ? 200 : 503, { 'content-type': 'application/json' })
      .end(JSON.stringify({ status: healthy ? 'ok' : 'unavailable' }));
  });
  server.requestTimeout = 5_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return server;
}
