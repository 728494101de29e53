import { connect, type AddressInfo, type Socket } from 'node:net';
import { request, type Server } from 'node:http';
import { serveHealth } from '../../worker/health';

let server: Server;
let port: number;
let healthy = true;

beforeAll(async () => {
  server = await serveHealth(0, () => healthy);
  ({ port } = server.address() as AddressInfo);
});
beforeEach(() => {
  healthy = true;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

interface Said {
  readonly text: string;
  readonly afterMs: number;
}

/** Writes the text and waits until the server ends the connection. */
function said(text: string, writing?: (socket: Socket) => void): Promise<Said> {
  const began = Date.now();
  return new Promise((resolve) => {
    let got = '';
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(text);
      writing?.(socket);
    });
    socket.on('data', (chunk: Buffer) => (got += chunk.toString()));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve({ text: got, afterMs: Date.now() - began }));
  });
}

const GET = 'GET /health HTTP/1.1\r\nhost: x\r\n';
const statusOf = ({ text }: Said) => /^HTTP\/1\.1 (\d{3})/.exec(text)?.[1];

describe('the health endpoint', () => {
  it.each([
    [true, 200, 'ok'],
    [false, 503, 'unavailable'],
  ])('says whether the worker takes work (%s), and nothing else', async (state, status, word) => {
    healthy = state;
    const answer = await fetch(`http://127.0.0.1:${port}/health`);
    expect([answer.status, await answer.json()]).toEqual([status, { status: word }]);
    expect([...answer.headers.keys()].sort()).toEqual([
      'cache-control',
      'connection',
      'content-type',
      'date',
      'transfer-encoding',
    ]);
  });

  it.each([
    ['POST', '/health'],
    ['PUT', '/health'],
    ['DELETE', '/health'],
    ['HEAD', '/health'],
    ['OPTIONS', '/health'],
    ['TRACE', '/health'],
    ['GET', '/'],
    ['GET', '/metrics'],
    ['GET', '/health/'],
    ['GET', '/health?all=1'],
    ['GET', '//health'],
    ['GET', '/../health'],
    ['GET', 'http://127.0.0.1/health'],
  ])('answers %s %s with nothing', async (method, path) => {
    const answer = await said(`${method} ${path} HTTP/1.1\r\nhost: x\r\n\r\n`);
    expect(statusOf(answer)).toBe('404');
    expect(answer.text.split('\r\n\r\n')[1]?.replace(/^0$/m, '').trim()).toBe('');
  });

  it('listens on one address of loopback, and so on none of the host’s others', async () => {
    expect((server.address() as AddressInfo).address).toBe('127.0.0.1');
    for (const address of ['127.0.0.2', '[::1]'])
      await expect(fetch(`http://${address}:${port}/health`)).rejects.toThrow('fetch failed');
  });

  it('keeps no connection, and ends the ones that send two requests at once', async () => {
    const answer = await said(`${GET}connection: keep-alive\r\n\r\n${GET}\r\n`);
    expect(answer.text.match(/HTTP\/1\.1/g)).toHaveLength(1);
    expect(answer.text).toMatch(/connection: close/i);
  });

  it('refuses a head that is too long', async () => {
    expect(statusOf(await said(`${GET}x: ${'y'.repeat(5_000)}\r\n\r\n`))).toBe('431');
  });

  it('refuses what is no HTTP', async () => {
    expect(statusOf(await said('\u0016\u0003\u0001 let me in\r\n\r\n'))).toBe('400');
  });

  it('waits no longer than it says for a head that trickles in', async () => {
    let trickle: NodeJS.Timeout | undefined;
    const answer = await said('GET /health HTTP/1.1\r\n', (socket) => {
      trickle = setInterval(() => socket.write('x: y\r\n'), 200);
    });
    clearInterval(trickle);
    expect(statusOf(answer)).toBe('408');
    expect(answer.afterMs).toBeLessThan(4_000);
  });

  it('reads no body, however long, and answers first', async () => {
    const answer = await said(`${GET}content-length: 1000000000\r\n\r\n${'z'.repeat(100_000)}`);
    expect(statusOf(answer)).toBe('200');
    expect(answer.afterMs).toBeLessThan(2_000);
  });

  it('takes a handful of connections at once, and answers again once they are gone', async () => {
    const idle = await Promise.all(
      Array.from(
        { length: 16 },
        () =>
          new Promise<Socket>((resolve) => {
            const socket = connect(port, '127.0.0.1', () => resolve(socket));
            socket.on('error', () => undefined);
          }),
      ),
    );
    expect((await said(`${GET}\r\n`)).text).toBe('');
    for (const socket of idle) socket.destroy();
    const deadline = Date.now() + 2_000;
    let answer = await said(`${GET}\r\n`);
    while (answer.text === '' && Date.now() < deadline) answer = await said(`${GET}\r\n`);
    expect(statusOf(answer)).toBe('200');
  });

  it('says that a port is taken', async () => {
    await expect(serveHealth(port, () => true)).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it('answers an upgrade as any other request', async () => {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      request({ port, path: '/health', headers: { connection: 'Upgrade', upgrade: 'websocket' } })
        .once('response', (response) => resolve(response.statusCode))
        .once('error', reject)
        .end();
    });
    expect(status).toBe(200);
  });
});
