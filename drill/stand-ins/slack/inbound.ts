/**
 * What Slack sends to the app: over Socket Mode, or as signed requests where an address is given. Every attempt is
 * written down with how long its answer took.
 */
import { randomUUID } from 'node:crypto';
import type { Fields } from './answers';
import { post, signed, type EnvelopeType, type SignedRequest } from './requests';
import type { SocketMode } from './socket';

/** Slack waits so long for an answer: https://docs.slack.dev/interactivity/handling-user-interaction#acknowledgment_response. */
export const ANSWER_WITHIN_MS = 3_000;
/** Slack sends an event again at once, after a minute and after five more; a command or a click never. */
const RETRY_AFTER_MS = [0, 60_000, 300_000];
const DOWN_LOOK_MS = 100;

/** One attempt to tell the app something. */
export interface Delivery {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly type: EnvelopeType;
  readonly payload: Fields;
  readonly via: 'socket' | 'http';
  /** 0 for the first attempt. */
  readonly attempt: number;
  /** What went out, where it was a request. */
  readonly request?: SignedRequest;
  /** How long the answer took, in milliseconds; undefined while there is none. */
  tookMs?: number;
  /** In time, and not with an error. */
  acknowledged: boolean;
  /** What came back with the answer. */
  answer: Fields;
  /** The answer's status, where it was a request. */
  status?: number;
  /** Why it was not acknowledged. */
  failure?: string;
}

/** A request that Slack would not send, or not twice. */
export type Hostile = 'forged' | 'stale' | 'unsigned';

export interface Inbound {
  readonly deliveries: readonly Delivery[];
  /** Tells the app once and, of events, again until it has answered. Resolves after the first attempt. */
  deliver(type: EnvelopeType, payload: Fields): Promise<Delivery>;
  /** Sends the very same once more, to the letter, as somebody would who had listened in. */
  replay(delivery: Delivery): Promise<Delivery>;
  /** Sends a request that the app must refuse. Needs an address. */
  deliverHostile(kind: Hostile, type: EnvelopeType, payload: Fields): Promise<Delivery>;
  /** From now on to this address; to the socket where it is left out. */
  sendRequestsTo(url: string | undefined): void;
  /** Somebody is there to be told. */
  isHeard(): boolean;
  close(): void;
}

export interface InboundSettings {
  readonly signingSecret: string;
  readonly socket: SocketMode;
  /** How long Slack waits before each further attempt of an event. */
  readonly retryAfterMs?: readonly number[] | undefined;
  isDown(): boolean;
}

export function createInbound(settings: InboundSettings): Inbound {
  const { signingSecret, socket, retryAfterMs = RETRY_AFTER_MS, isDown } = settings;
  const deliveries: Delivery[] = [];
  const timers = new Set<NodeJS.Timeout>();
  let url: string | undefined;
  let isClosed = false;

  async function bySocket(
    type: EnvelopeType,
    payload: Fields,
    attempt: number,
    why: string,
  ): Promise<Delivery> {
    const delivery: Delivery = {
      at: Date.now(),
      type,
      payload,
      via: 'socket',
      attempt,
      acknowledged: false,
      answer: {},
    };
    deliveries.push(delivery);
    const isSubmission = payload.type === 'view_submission';
    const envelope = {
      envelope_id: randomUUID(),
      type,
      payload,
      accepts_response_payload: type === 'slash_commands' || isSubmission,
      ...(type === 'events_api' && { retry_attempt: attempt, retry_reason: why }),
    };
    const outcome = await socket.deliver(envelope, ANSWER_WITHIN_MS, (ms) => (delivery.tookMs = ms));
    delivery.acknowledged = outcome.acknowledged;
    if (outcome.acknowledged) delivery.answer = outcome.payload;
    else delivery.failure = outcome.reason;
    return delivery;
  }

  async function byRequest(
    type: EnvelopeType,
    payload: Fields,
    attempt: number,
    request: SignedRequest,
  ): Promise<Delivery> {
    if (url === undefined)
      throw new Error('There is no address to send requests to: call sendRequestsTo first.');
    const delivery: Delivery = {
      at: Date.now(),
      type,
      payload,
      via: 'http',
      attempt,
      request,
      acknowledged: false,
      answer: {},
    };
    deliveries.push(delivery);
    const { status, reason, payload: answer, tookMs, noRetry } = await post(url, request, ANSWER_WITHIN_MS);
    delivery.acknowledged = status !== undefined && status >= 200 && status < 300;
    delivery.answer = answer;
    if (status !== undefined) delivery.status = status;
    if (reason !== 'connection_failed') delivery.tookMs = tookMs;
    if (!delivery.acknowledged)
      delivery.failure = noRetry ? 'no retry' : reason === 'answered' ? 'http_error' : reason;
    return delivery;
  }

  function attemptOf(type: EnvelopeType, payload: Fields, attempt: number, why: string): Promise<Delivery> {
    if (url === undefined) return bySocket(type, payload, attempt, why);
    const request = signed(type, payload, signingSecret);
    return byRequest(type, payload, attempt, {
      ...request,
      headers: {
        ...request.headers,
        ...(attempt > 0 && { 'x-slack-retry-num': String(attempt), 'x-slack-retry-reason': why }),
      },
    });
  }

  function sendAgain(delivery: Delivery): void {
    const { type, payload, attempt, failure = '' } = delivery;
    const waitMs = retryAfterMs[attempt];
    if (type !== 'events_api' || waitMs === undefined || failure === 'no retry') return;
    const again = () => {
      // Slack sends nothing while it is down, and forgets nothing.
      if (isDown()) {
        later(again, DOWN_LOOK_MS);
        return;
      }
      void attemptOf(type, payload, attempt + 1, failure.replaceAll(' ', '_')).then((next) => {
        if (!next.acknowledged) sendAgain(next);
      });
    };
    later(again, waitMs);
  }

  function later(work: () => void, waitMs: number): void {
    if (isClosed) return;
    const timer = setTimeout(() => {
      timers.delete(timer);
      work();
    }, waitMs).unref();
    timers.add(timer);
  }

  return {
    deliveries,
    async deliver(type, payload) {
      if (isDown()) throw new Error('Slack is down: nothing can be said or pressed.');
      const delivery = await attemptOf(type, payload, 0, '');
      if (!delivery.acknowledged) sendAgain(delivery);
      return delivery;
    },
    replay: ({ type, payload, attempt, request }) =>
      request ? byRequest(type, payload, attempt, request) : bySocket(type, payload, attempt, ''),
    deliverHostile(kind, type, payload) {
      const now = Date.now();
      const request = {
        forged: () => signed(type, payload, `${signingSecret}?`, now),
        stale: () => signed(type, payload, signingSecret, now - 6 * 60_000),
        unsigned: () => {
          const { headers, body } = signed(type, payload, signingSecret, now);
          const { 'x-slack-signature': _signature, ...others } = headers;
          return { headers: others, body };
        },
      }[kind]();
      return byRequest(type, payload, 0, request);
    },
    sendRequestsTo(to) {
      url = to;
    },
    isHeard: () => url !== undefined || socket.connections() > 0,
    close() {
      isClosed = true;
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
    },
  };
}
