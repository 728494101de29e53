/**
 * PagerDuty's door: takes its v3 webhooks over HTTP, and passes on who acknowledged a page.
 *
 * A request is looked at in this order, and the first refusal is the answer: path, method, signature's form, size, signature,
 * how often. Whatever PagerDuty has signed is answered with 202 at once, also what is too old, came before or concerns
 * nobody: three answers of another kind in a row, and PagerDuty sends nothing for a day. Answers have no body, and the log has
 * a line for what was refused alone: a line for each acknowledgement would tell of incidents.
 */
import type { IncomingMessage } from 'node:http';
import { AHEAD_MS } from '../../domain/trust/proof';
import { nothing, send, type Answer } from '../http/answers';
import { readBytes } from '../http/body';
import { callerAt, createPace } from '../http/pace';
import { close, createServer, listen } from '../http/serving';
import type { Person } from '../roster';
import type { Acknowledged } from './acknowledgement';
import { createDelivery, PACE, type Attempt, type Pace } from './delivery';
import { readEvent, type PagerDutyEvent } from './event';
import { FRESH_FOR_MS, LIMITS, type Limits } from './limits';
import { createSeen } from './seen';
import { isSigned, signaturesIn } from './signature';

export const PATH = '/pagerduty';

export interface WebhookOptions {
  /** 127.0.0.1 where nothing is said. */
  readonly host?: string;
  /** 0 takes any that is free. */
  readonly port: number;
  /** Of the webhook's subscription; several while one replaces another. */
  readonly secrets: readonly string[];
  /** Asked at each event, so that who was removed is nobody at once. While it throws, PagerDuty is told to come again. */
  readonly roster: () => readonly Person[];
  /** One attempt to pass it on. */
  readonly acknowledging: (acknowledged: Acknowledged) => Attempt;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  readonly log: (line: string) => void;
  readonly limits?: Partial<Limits>;
  readonly pace?: Partial<Pace>;
}

export interface WebhookServer {
  readonly port: number;
  /** Ends once what has begun is answered and sent, or some seconds have passed. */
  close(): Promise<void>;
}

const TAKEN = nothing(202);

/** @throws what Node throws where it can't listen */
export async function startWebhook(options: WebhookOptions): Promise<WebhookServer> {
  const { host = '127.0.0.1', port, log } = options;
  const limits = { ...LIMITS, ...options.limits };
  const delivery = createDelivery({ ...PACE, ...options.pace });
  const answer = createAnswering(options, limits, createTaking(options, delivery.begin));
  const server = createServer(limits);
  const listening = await listen(server, port, host);
  server.on('request', (request, response) => {
    void answer(request)
      .catch(() => nothing(500))
      .then((answered) => {
        if (answered.status !== TAKEN.status) log(lineOf(request, answered));
        send(request, response, answered);
      });
  });
  return {
    port: listening,
    async close() {
      await close(server);
      await delivery.close();
    },
  };
}

function createAnswering(
  { secrets }: WebhookOptions,
  limits: Limits,
  take: (event: PagerDutyEvent | undefined) => Answer,
) {
  const failures = createPace(limits.failures);
  const signed = createPace(limits.signed);
  // Whoever floods this door with what is not signed shuts nobody out: what is signed has been let in by then.
  const unsigned = ({ socket }: IncomingMessage) => {
    const seconds = failures.secondsToWait(callerAt(socket.remoteAddress));
    return seconds === undefined ? nothing(401) : wait(seconds);
  };
  return async (request: IncomingMessage): Promise<Answer> => {
    if (request.url !== PATH) return nothing(404);
    if (request.method !== 'POST') return nothing(405, { allow: 'POST' });
    const signatures = signaturesIn(request.headers['x-pagerduty-signature']);
    if (signatures.length === 0) return unsigned(request);
    const body = await readBytes(request, limits.bodyBytes);
    if (!body.ok) return nothing(body.status);
    if (!isSigned(body.bytes, signatures, secrets)) return unsigned(request);
    const seconds = signed.secondsToWait('PagerDuty');
    return seconds === undefined ? take(readEvent(body.bytes)) : wait(seconds);
  };
}

/** What becomes of something that PagerDuty signed. */
function createTaking(
  { roster, acknowledging, now = Date.now }: WebhookOptions,
  begin: (attempt: Attempt) => boolean,
) {
  const seen = createSeen(FRESH_FOR_MS + AHEAD_MS, now);
  return (event: PagerDutyEvent | undefined): Answer => {
    const age = event === undefined ? Infinity : now() - event.at;
    if (!event?.acknowledged || age > FRESH_FOR_MS || age < -AHEAD_MS) return TAKEN;
    const { codename, agent } = event.acknowledged;
    let people: readonly Person[];
    try {
      people = roster();
    } catch {
      return nothing(503);
    }
    const [person, ...others] = people.filter(({ pagerduty }) => pagerduty === agent);
    // Somebody else's page, or nobody's alone: the worker, which asks PagerDuty itself, finds out.
    if (!person || others.length > 0 || seen.has(event.id)) return TAKEN;
    if (!begin(acknowledging({ codename, by: person.email, event: event.id }))) return nothing(503);
    seen.add(event.id);
    return TAKEN;
  };
}

function wait(seconds: number): Answer {
  return nothing(429, { 'retry-after': String(seconds) });
}

/** `POST /pagerduty 401`: fixed words and numbers alone. What was called otherwise is written as `-`. */
function lineOf({ method, url }: IncomingMessage, { status }: Answer): string {
  return `${method === 'POST' ? method : '-'} ${url === PATH ? PATH : '-'} ${status}`;
}
