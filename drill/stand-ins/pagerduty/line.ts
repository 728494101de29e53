/** The line between callers and a stand-in: it can be cut, and connections are refused until it is mended. */
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

export interface Line {
  readonly url: string;
  /** Every connection breaks, and no new one is taken. */
  cut(): Promise<void>;
  /** At the same address. */
  mend(): Promise<void>;
  close(): Promise<void>;
}

/** @param options `to` is the port where calls go; `port`, where callers connect: 0, the default, picks a free one */
export async function startLine({ to, port = 0 }: { to: number; port?: number }): Promise<Line> {
  const sockets = new Set<Socket>();
  let server: Server | undefined = await listen(port);
  const at = (server.address() as AddressInfo).port;

  function listen(on: number): Promise<Server> {
    const next = createServer((caller) => {
      const onward = connect(to, '127.0.0.1');
      for (const [one, other] of [
        [caller, onward],
        [onward, caller],
      ] as const) {
        sockets.add(one);
        one.pipe(other);
        // `close` follows every error.
        one.on('error', () => undefined);
        one.on('close', () => {
          sockets.delete(one);
          // One that ended in order has passed that on, behind the last of what it had to say.
          if (!one.readableEnded) other.destroy();
        });
      }
    });
    return new Promise((resolve, reject) => {
      next.once('error', reject);
      next.listen(on, '127.0.0.1', () => resolve(next));
    });
  }

  async function cut(): Promise<void> {
    const last = server;
    server = undefined;
    if (!last) return;
    await new Promise<void>((resolve) => {
      last.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
  }

  return {
    url: `http://127.0.0.1:${at}`,
    cut,
    async mend() {
      server ??= await listen(at);
    },
    close: cut,
  };
}
