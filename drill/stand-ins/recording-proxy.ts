/**
 * A small HTTP proxy in front of a stand-in. It writes down every call with its answer, and breaks calls on demand, so
 * that a drill can check what really left the building and a test can provoke what a vendor does on a bad day.
 */
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One call as it arrived. */
export interface Call {
  /** Milliseconds since the epoch, when the request had been read. */
  readonly at: number;
  /** The vendor's name for the call, e.g. `ec2.CreateSnapshots` or `chat.postMessage`. */
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly body: string;
  /** When it was answered or broken off, in milliseconds since the epoch. */
  endedAt?: number;
  /** The status that the caller saw; undefined where the answer was dropped. */
  status?: number;
  /** The status that the stand-in gave; undefined where the call never reached it. */
  effectStatus?: number;
  answer: string;
}

export type FaultKind =
  /** The connection breaks before the stand-in hears of the call. */
  | { readonly kind: 'dropBefore' }
  /** The stand-in does its work, and the answer is lost. */
  | { readonly kind: 'dropAfter' }
  /** The call waits before it is passed on. */
  | { readonly kind: 'slow'; readonly delayMs: number }
  /** The call is answered like this, and never passed on. */
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly body: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** The same, in the protocol that the call speaks. */
  | { readonly kind: 'refuse'; readonly refuse: (request: IncomingMessage) => Answer };

export type Fault = FaultKind & {
  /** The call's name, or a pattern of it. */
  readonly on: string | RegExp;
  /** How many calls it breaks; for ever where it is left out. */
  readonly times?: number;
  /** `times` counts for each name that the pattern matches. */
  readonly perName?: true;
};

export interface RecordingProxy {
  readonly url: string;
  /** Every call so far, in the order of arrival. */
  readonly calls: readonly Call[];
  /** Breaks calls from now on; the earliest fault that matches wins. Returns a function that ends it. */
  breakCalls(fault: Fault): () => void;
  close(): Promise<void>;
}

/**
 * How a proxy changes a call on the way and its answer on the way back, for what the stand-in lacks. `passOn` takes
 * another body, where the caller's must not go on as it is. A rewrite that answers by itself and has an effect writes the
 * call's `effectStatus`.
 */
export type Rewrite = (
  call: Call,
  passOn: (body?: string) => Promise<Answer>,
  request: IncomingMessage,
) => Promise<Answer>;

/** One rewrite of many: the first is the caller's neighbour, the last the stand-in's. All see the call as it arrived. */
export function chain(...rewrites: readonly Rewrite[]): Rewrite {
  return rewrites.reduceRight<Rewrite>(
    (next, rewrite) => (call, passOn, request) =>
      rewrite(call, (changed) => next(call, (body) => passOn(body ?? changed), request), request),
    (_call, passOn) => passOn(),
  );
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'transfer-encoding', 'content-length']);

export async function startRecordingProxy(options: {
  /** Where calls go on to, e.g. `http://127.0.0.1:5000`. */
  target: string;
  /** Reads the vendor's name of a call from the request. */
  nameOf: (request: IncomingMessage, body: string) => string;
  rewrite?: Rewrite;
  /** 0, the default, picks a free port. */
  port?: number;
}): Promise<RecordingProxy> {
  const calls: Call[] = [];
  const faults: { fault: Fault; left: number; taken: Map<string, number> }[] = [];

  const takeFault = (name: string): Fault | undefined => {
    const found = faults.find(
      ({ fault, left, taken }) =>
        (fault.perName ? (taken.get(name) ?? 0) < left : left > 0) &&
        (typeof fault.on === 'string' ? fault.on === name : fault.on.test(name)),
    );
    if (!found) return undefined;
    if (found.fault.perName) found.taken.set(name, (found.taken.get(name) ?? 0) + 1);
    else found.left -= 1;
    return found.fault;
  };

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const raw = await readAll(request);
    const body = raw.toString('utf8');
    const call: Call = {
      at: Date.now(),
      name: options.nameOf(request, body),
      method: request.method ?? 'GET',
      path: request.url ?? '/',
      body,
      answer: '',
    };
    calls.push(call);
    try {
      await answerCall(call, raw, request, response);
    } finally {
      call.endedAt = Date.now();
    }
  }

  async function answerCall(
    call: Call,
    raw: Buffer,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const fault = takeFault(call.name);
    if (fault?.kind === 'dropBefore') {
      request.socket.destroy();
      return;
    }
    if (fault?.kind === 'answer') {
      call.status = fault.status;
      call.answer = fault.body;
      response.writeHead(fault.status, { ...fault.headers }).end(fault.body);
      return;
    }
    if (fault?.kind === 'refuse') {
      const { status, headers, body } = fault.refuse(request);
      call.status = status;
      call.answer = body.toString('utf8');
      response.writeHead(status, withoutHopByHop(headers)).end(body);
      return;
    }
    if (fault?.kind === 'slow') await new Promise((resolve) => setTimeout(resolve, fault.delayMs));
    const passOn = async (changed?: string) => {
      const answer = await forward(
        options.target,
        request,
        changed === undefined ? raw : Buffer.from(changed),
      );
      call.effectStatus = answer.status;
      return answer;
    };
    const answer = await (options.rewrite ? options.rewrite(call, passOn, request) : passOn());
    call.answer = answer.body.toString('utf8');
    if (fault?.kind === 'dropAfter') {
      request.socket.destroy();
      return;
    }
    call.status = answer.status;
    response.writeHead(answer.status, withoutHopByHop(answer.headers)).end(answer.body);
  }

  const server = createServer((request, response) => {
    handle(request, response).catch(() => request.socket.destroy());
  });
  // The same on the caller's side: a vendor that hangs up by itself is a fault, and faults come on demand here.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}`,
    calls,
    breakCalls(fault) {
      const entry = { fault, left: fault.times ?? Infinity, taken: new Map<string, number>() };
      faults.push(entry);
      return () => {
        entry.left = 0;
      };
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function forward(target: string, request: IncomingMessage, body: Buffer): Promise<Answer> {
  const url = new URL(request.url ?? '/', target);
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(
      url,
      {
        method: request.method,
        // One connection a call: the emulator closes idle ones when it likes, also just as the next call goes out.
        agent: false,
        // The host stays as the caller wrote it: AWS signatures and some routes depend on it.
        headers: { ...withoutHopByHop(request.headers), 'content-length': body.length },
      },
      (incoming) => {
        readAll(incoming).then(
          (answer) =>
            resolve({ status: incoming.statusCode ?? 502, headers: incoming.headers, body: answer }),
          reject,
        );
      },
    );
    outgoing.once('error', reject);
    outgoing.end(body);
  });
}

async function readAll(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function withoutHopByHop(headers: Readonly<Record<string, string | string[] | undefined>>) {
  return Object.fromEntries(
    Object.entries(headers).filter(([name, value]) => value !== undefined && !HOP_BY_HOP.has(name)),
  ) as Record<string, string | string[]>;
}
