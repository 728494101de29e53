/**
 * Webhooks of the third version, as PagerDuty sends them: signed, in order, again where nobody took them. And as somebody else
 * would: forged, stale, replayed. Source: PagerDuty's developer documentation on webhooks.
 */
import { createHmac } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Account } from './account';
import type { AccountEvent, User } from './shapes';
import { showReference } from './show';

export interface Subscription {
  readonly url: string;
  /** What PagerDuty signs with. While it is changed there are two, and then two signatures. */
  readonly secret: string | readonly string[];
  /** Default: those that say something of who has the page. */
  readonly events?: readonly string[];
}

const EVENTS = [
  'incident.acknowledged',
  'incident.reassigned',
  'incident.resolved',
  'incident.responder.replied',
];

/** One webhook, and what became of it. */
export interface Delivery {
  readonly id: string;
  readonly type: string;
  readonly body: string;
  readonly signature: string;
  tries: number;
  /** What the last try was answered; undefined where nobody answered. */
  status?: number;
}

/** What is sent by hand: by default what PagerDuty would send now, rightly signed. */
export interface Sent {
  readonly type?: string;
  readonly codename: string;
  /** Who did it; left out: nobody, as for what automation does. */
  readonly email?: string;
  /** When, in milliseconds since the epoch; default: now. */
  readonly at?: number;
  readonly secret?: string;
  /** The header as it is, whatever the secret. */
  readonly signature?: string;
  /** The body as it is, whatever the event. */
  readonly body?: string;
}

export interface Webhooks {
  /** From now on, events are sent there. */
  subscribe(subscription: Subscription): void;
  deliveries(): readonly Delivery[];
  /** Until everything due was taken, or given up. */
  settled(): Promise<void>;
  /** What it is answered; undefined where nobody answers. Sent once. */
  send(sent: Sent): Promise<number | undefined>;
  /** Signed by somebody who does not know the secret. */
  sendForged(sent: Sent): Promise<number | undefined>;
  /** Rightly signed, and of an hour ago. */
  sendStale(sent: Sent): Promise<number | undefined>;
  /** A webhook that was sent before, byte for byte; default: the last. */
  replay(index?: number): Promise<number | undefined>;
}

/** PagerDuty goes on for 48 hours; a drill is over before. */
const MOST_TRIES = 40;
const AGAIN_AFTER_MS = 250;
/** PagerDuty's own patience. */
const ANSWER_WITHIN_MS = 5_000;

export function createWebhooks(account: () => Account, first?: Subscription) {
  const deliveries: Delivery[] = [];
  const ending = new AbortController();
  let subscription = first;
  let numbered = 0;
  let queue: Promise<void> = Promise.resolve();

  function made(
    type: string,
    bodyOf: (id: string) => string,
    signatureOf: (body: string) => string,
  ): Delivery {
    numbered += 1;
    const id = `01FIREBREAK${String(numbered).padStart(15, '0')}`;
    const body = bodyOf(id);
    return { id, type, body, signature: signatureOf(body), tries: 0 };
  }

  const bodyOf = (event: AccountEvent, at: number) => (id: string) =>
    JSON.stringify({ event: { id, ...showEvent(account(), event, at) } });

  async function post(url: string, { id, body, signature }: Delivery): Promise<number | undefined> {
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'user-agent': 'PagerDuty-Webhook/V3.0',
          'x-pagerduty-signature': signature,
          'x-webhook-id': id,
        },
        // A Buffer, so that it is these bytes.
        body: Buffer.from(body),
        redirect: 'manual',
        signal: AbortSignal.any([ending.signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]),
      });
      await response.arrayBuffer();
      return response.status;
    } catch {
      return undefined;
    }
  }

  /** Again for no answer, 429 and 5xx; any other refusal is the end of it. */
  async function deliver(url: string, delivery: Delivery): Promise<void> {
    while (!ending.signal.aborted && delivery.tries < MOST_TRIES) {
      delivery.tries += 1;
      const status = await post(url, delivery);
      if (status === undefined) delete delivery.status;
      else delivery.status = status;
      if (status !== undefined && status !== 429 && status < 500) return;
      await wait(AGAIN_AFTER_MS, undefined, { signal: ending.signal, ref: false }).catch(() => undefined);
    }
  }

  function subscribed(): Subscription {
    if (!subscription)
      throw new Error('The stand-in for PagerDuty has no webhook: call webhooks.subscribe first.');
    return subscription;
  }

  async function sendOnce(delivery: Delivery): Promise<number | undefined> {
    deliveries.push(delivery);
    delivery.tries = 1;
    const status = await post(subscribed().url, delivery);
    if (status !== undefined) delivery.status = status;
    return status;
  }

  async function send(sent: Sent): Promise<number | undefined> {
    const { type = 'incident.acknowledged', codename, email, at = Date.now(), secret, signature } = sent;
    const incident = account()
      .incidents()
      .findLast(({ title }) => title === codename);
    const agent = email === undefined ? undefined : account().userOf(email);
    const responder =
      agent && type.startsWith('incident.responder.')
        ? { responder: { user: agent, message: '', state: 'joined' as const } }
        : {};
    const event = incident && ({ type, agent, incident, ...responder } as AccountEvent);
    const secrets = secret === undefined ? secretsOf(subscribed()) : [secret];
    return sendOnce(
      made(
        type,
        (id) => sent.body ?? (event ? bodyOf(event, at)(id) : '{}'),
        (body) => signature ?? signaturesOf(body, secrets),
      ),
    );
  }

  const webhooks: Webhooks = {
    subscribe(next) {
      subscription = next;
    },
    deliveries: () => [...deliveries],
    settled: () => queue,
    send,
    sendForged: (sent) => send({ secret: 'not the secret', ...sent }),
    sendStale: (sent) => send({ at: Date.now() - 3_600_000, ...sent }),
    replay(index = deliveries.length - 1) {
      const before = deliveries[index];
      if (!before) throw new Error('The stand-in for PagerDuty has sent no such webhook.');
      const { status: _status, ...again } = before;
      return sendOnce(again);
    },
  };

  return {
    webhooks,
    /** The account's own events; in order, one after the other. */
    tell(event: AccountEvent): void {
      const { url, events = EVENTS } = subscription ?? { url: '', events: [] };
      if (!subscription || !events.includes(event.type)) return;
      const secrets = secretsOf(subscription);
      const delivery = made(event.type, bodyOf(event, Date.now()), (body) => signaturesOf(body, secrets));
      deliveries.push(delivery);
      queue = queue.then(() => deliver(url, delivery));
    },
    async close(): Promise<void> {
      ending.abort();
      await queue;
    },
  };
}

function secretsOf({ secret }: Subscription): readonly string[] {
  return typeof secret === 'string' ? [secret] : secret;
}

function signaturesOf(body: string, secrets: readonly string[]): string {
  return secrets
    .map((secret) => `v1=${createHmac('sha256', secret).update(body, 'utf8').digest('hex')}`)
    .join(',');
}

/** `event` of a payload, but for its id. Source: "Webhook Payload" and "Event Data Types". */
function showEvent(account: Account, { type, agent, incident, responder }: AccountEvent, at: number): object {
  const reference = (user: User) => showReference('user', user.id, user.name);
  const policy = showReference('escalation_policy', account.escalationPolicyId, 'Incident commander');
  return {
    event_type: type,
    resource_type: 'incident',
    occurred_at: new Date(at).toISOString(),
    agent: agent ? reference(agent) : null,
    client: agent ? { name: 'PagerDuty' } : null,
    data: responder
      ? {
          incident: showReference('incident', incident.id, incident.title),
          user: reference(responder.user),
          escalation_policy: null,
          message: responder.message,
          state: responder.state,
          type: 'incident_responder',
        }
      : {
          id: incident.id,
          type: 'incident',
          self: `https://api.pagerduty.com/incidents/${incident.id}`,
          html_url: showReference('incident', incident.id, null).html_url,
          number: incident.number,
          status: incident.status,
          incident_key: incident.key ?? null,
          created_at: incident.createdAt,
          title: incident.title,
          incident_type: { name: 'incident_default' },
          service: showReference('service', account.serviceId, 'Firebreak'),
          assignees: incident.assignments.map(({ userId }) => reference(account.user(userId))),
          escalation_policy: policy,
          teams: [],
          priority: null,
          urgency: incident.urgency,
          conference_bridge: incident.bridge ?? null,
          resolve_reason: null,
        },
  };
}
