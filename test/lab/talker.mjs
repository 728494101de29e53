/**
 * A host of the packet lab: runs inside of the host's namespace, takes orders as JSON lines on standard input and answers on
 * standard output. At both ends of a connection it writes the time, every TICK_MS, and keeps the times that it reads. Who asks
 * "what was heard of what was sent after T" learns whether bytes pass, in each direction, whatever was on its way before T.
 *
 *   node talker.mjs 7000 2222        listens on these ports until standard input ends, and never longer than LIFETIME_MS
 */
import { connect, createServer } from 'node:net';
import { createInterface } from 'node:readline';

const TICK_MS = 20;
const LIFETIME_MS = 60_000;

/** By the address and port of who dialled: the one name that both ends know. */
const conversations = new Map();

/** Microseconds of the machine's monotonic clock: the same in every process and namespace. */
const clock = () => Number(process.hrtime.bigint() / 1000n);

function converse(flow, socket) {
  const heard = [];
  let rest = '';
  socket.setNoDelay(true);
  socket.setEncoding('latin1');
  socket.on('data', (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    heard.push(...lines.map(Number));
  });
  const ticking = setInterval(() => socket.write(`${clock()}\n`), TICK_MS);
  socket.on('error', () => {});
  socket.on('close', () => clearInterval(ticking));
  conversations.set(flow, { socket, heard });
}

const orders = {
  dial: ({ to, port, within }) =>
    new Promise((resolve) => {
      const socket = connect({ host: to, port });
      const giveUp = (why) => {
        socket.destroy();
        resolve({ flow: null, why });
      };
      const timer = setTimeout(giveUp, within, 'timed out');
      socket.once('error', (error) => {
        clearTimeout(timer);
        giveUp(error.code ?? error.message);
      });
      socket.once('connect', () => {
        clearTimeout(timer);
        const flow = `${socket.localAddress}:${socket.localPort}`;
        converse(flow, socket);
        resolve({ flow, why: null });
      });
    }),
  heard: ({ flow, since }) => {
    const heard = conversations.get(flow)?.heard ?? [];
    return { count: heard.filter((sent) => sent > since).length, last: heard.at(-1) ?? null };
  },
  hangUp: () => {
    for (const { socket } of conversations.values()) socket.resetAndDestroy();
    conversations.clear();
    return {};
  },
};

const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);

setTimeout(() => process.exit(1), LIFETIME_MS);
await Promise.all(
  process.argv.slice(2).map(
    (port) =>
      new Promise((listening) => {
        createServer((socket) => converse(`${socket.remoteAddress}:${socket.remotePort}`, socket)).listen(
          Number(port),
          '0.0.0.0',
          listening,
        );
      }),
  ),
);
say({ id: 0 });
for await (const line of createInterface({ input: process.stdin })) {
  const { id, order, ...rest } = JSON.parse(line);
  void Promise.resolve(orders[order](rest)).then((answer) => say({ id, ...answer }));
}
process.exit(0);
