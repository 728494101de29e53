/** PagerDuty's door over real HTTP, with requests that are signed as PagerDuty signs them. What is behind it is a record. */
import { createHmac } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import fc from 'fast-check';
import type { Acknowledged } from '../../client/pagerduty-webhook/acknowledgement';
import { createDelivery, PACE } from '../../client/pagerduty-webhook/delivery';
import { readEvent } from '../../client/pagerduty-webhook/event';
import { startWebhook, type WebhookOptions, type WebhookServer } from '../../client/pagerduty-webhook/server';
import { isSigned, signaturesIn } from '../../client/pagerduty-webhook/signature';
import type { Person } from '../../client/roster';
import { until } from '../support/cli';

const SECRET = 'the-secret-of-the-subscription';
const NEXT_SECRET = 'the-secret-that-comes-after-it';
const NOW = Date.parse('2026-11-26T12:00:00Z');
const CODENAME = 'sapphire-unicorn';
const IC: Person = { email: 'ic@example.com', pagerduty: 'P0IC' };

let roster: Person[];
let now: number;
let lines: string[];
let passedOn: Acknowledged[];
/** How the attempts to pass it on go, the next one first; then they arrive. */
let failures: (() => Promise<boolean>)[];
let server: WebhookServer;

beforeEach(async () => {
  roster = [IC, { email: 'deputy@example.com', pagerduty: 'P0DEPUTY' }, { email: 'web@example.com' }];
  now = NOW;
  [lines, passedOn, failures] = [[], [], []];
  server = await start();
});
afterEach(() => server.close());

function start(options: Partial<WebhookOptions> = {}): Promise<WebhookServer> {
  return startWebhook({
    port: 0,
    secrets: [SECRET],
    roster: () => roster,
    acknowledging: (acknowledged) => async () => {
      const failure = failures.shift();
      if (failure) return failure();
      passedOn.push(acknowledged);
      return true;
    },
    now: () => now,
    log: (line) => void lines.push(line),
    pace: { firstMs: 5, mostMs: 20, forMs: 2_000 },
    ...options,
  });
}

async function restart(options: Partial<WebhookOptions>): Promise<void> {
  await server.close();
  server = await start(options);
}

let events = 0;

/** As PagerDuty's documentation shows it. */
function acknowledged(event: object = {}, data: object = {}) {
  events += 1;
  return {
    event: {
      id: `01EVENT${events}`,
      event_type: 'incident.acknowledged',
      resource_type: 'incident',
      occurred_at: new Date(now).toISOString(),
      agent: reference('user', 'P0IC', 'Incident Commander'),
      client: { name: 'PagerDuty' },
      data: {
        ...reference('incident', 'PGR0VU2'),
        type: 'incident',
        number: 2,
        status: 'acknowledged',
        incident_key: CODENAME,
        created_at: '2026-11-26T11:59:00Z',
        title: CODENAME,
        service: reference('service', 'PF9KMXH'),
        resolve_reason: null,
        ...data,
      },
      ...event,
    },
  };
}

function replied(data: object = {}) {
  return acknowledged({
    event_type: 'incident.responder.replied',
    resource_type: 'incident',
    data: {
      incident: reference('incident', 'PGR0VU2', CODENAME),
      user: reference('user', 'P0IC'),
      message: 'Please join Slack ASAP',
      state: 'accepted',
      type: 'incident_responder',
      ...data,
    },
  });
}

function reference(what: string, id: string, summary = 'x') {
  return {
    html_url: `https://acme.pagerduty.com/${what}s/${id}`,
    id,
    self: `https://api.pagerduty.com/${what}s/${id}`,
    summary,
    type: `${what}_reference`,
  };
}

const signatureOf = (body: string | Buffer, secret = SECRET) =>
  `v1=${createHmac('sha256', secret).update(body).digest('hex')}`;

function post(body: unknown, signature?: string, path = '/pagerduty'): Promise<Response> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return fetch(`http://127.0.0.1:${server.port}${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-pagerduty-signature': signature ?? signatureOf(text),
    },
    body: text,
  });
}

const statusOf = async (answer: Promise<Response>) => (await answer).status;
const onceIsPassedOn = (count = 1) =>
  until(
    () => Promise.resolve(passedOn.length),
    (length) => length >= count,
  );
/** Longer than all attempts take, where nothing fails. */
const aMoment = () => new Promise((resolve) => setTimeout(resolve, 60));

describe('somebody who acknowledges', () => {
  test('is passed on as the person on the roster, and the answer says nothing', async () => {
    const event = acknowledged();
    const answer = await post(event);
    expect(answer.status).toBe(202);
    expect(await answer.text()).toBe('');
    await onceIsPassedOn();
    expect(passedOn).toEqual([{ codename: CODENAME, by: IC.email, event: event.event.id }]);
    expect(lines).toEqual([]);
  });

  test('to a request for responders counts too', async () => {
    expect(await statusOf(post(replied()))).toBe(202);
    const numbered = replied({ incident: reference('incident', 'PGR0VU2', `[#12] ${CODENAME}`) });
    expect(await statusOf(post(numbered))).toBe(202);
    await onceIsPassedOn(2);
    expect(passedOn.map(({ codename }) => codename)).toEqual([CODENAME, CODENAME]);
  });

  test('by the key of the page, whatever somebody made of its title', async () => {
    await post(acknowledged({}, { title: 'amber-zebra' }));
    await onceIsPassedOn();
    expect(passedOn[0]?.codename).toBe(CODENAME);
  });

  test('is answered at once where Temporal hangs', async () => {
    failures.push(() => new Promise((resolve) => setTimeout(() => resolve(true), 400)));
    const begun = Date.now();
    expect(await statusOf(post(acknowledged()))).toBe(202);
    expect(Date.now() - begun).toBeLessThan(300);
  });
});

describe('where Temporal is down', () => {
  test('it is sent again until it arrives, once', async () => {
    failures.push(
      () => Promise.resolve(false),
      () => Promise.reject(new Error('connection refused')),
      () => Promise.resolve(false),
    );
    const event = acknowledged();
    expect(await statusOf(post(event))).toBe(202);
    await onceIsPassedOn();
    await aMoment();
    expect(passedOn).toEqual([{ codename: CODENAME, by: IC.email, event: event.event.id }]);
  });

  test('it is given up after a while, and the door goes on', async () => {
    await restart({ pace: { firstMs: 2, mostMs: 5, forMs: 30 } });
    let attempts = 0;
    failures = Array.from({ length: 1_000 }, () => async () => ((attempts += 1), false));
    await post(acknowledged());
    await new Promise((resolve) => setTimeout(resolve, 100));
    const tried = attempts;
    expect(tried).toBeGreaterThan(2);
    await aMoment();
    expect(attempts).toBe(tried);
    failures = [];
    await post(acknowledged());
    await onceIsPassedOn();
  });

  test('and too much waits, PagerDuty is told to come again, and its next attempt counts', async () => {
    let arrives = false;
    await restart({
      acknowledging: () => () => Promise.resolve(arrives),
      pace: { firstMs: 10, mostMs: 10, forMs: 60_000, most: 3 },
    });
    for (let count = 0; count < 3; count += 1) expect(await statusOf(post(acknowledged()))).toBe(202);
    const event = acknowledged();
    expect(await statusOf(post(event))).toBe(503);
    expect(await statusOf(post(event))).toBe(503);
    arrives = true;
    await until(
      () => statusOf(post(event)),
      (status) => status === 202,
    );
    expect(lines[0]).toBe('POST /pagerduty 503');
  });

  test('a door that ends does not wait for what waits', async () => {
    const delivery = createDelivery({ ...PACE, firstMs: 60_000, mostMs: 60_000 });
    expect(delivery.begin(() => Promise.resolve(false))).toBe(true);
    await delivery.close();
    expect(delivery.begin(() => Promise.resolve(true))).toBe(false);
  });
});

describe('nothing comes of', () => {
  test.each<[string, () => object]>([
    ['somebody whom the roster does not know', () => acknowledged({ agent: reference('user', 'P0NOBODY') })],
    ['something that is no person', () => acknowledged({ agent: reference('integration', 'P0IC') })],
    ['nobody', () => acknowledged({ agent: null })],
    ['another event', () => acknowledged({ event_type: 'incident.resolved' })],
    ['an event that is not known yet', () => acknowledged({ event_type: 'incident.sung' })],
    ['a responder who declines', () => replied({ state: 'declined' })],
    ['a responder who has not said', () => replied({ state: 'pending' })],
    [
      'the page of something else',
      () => acknowledged({}, { incident_key: 'd3640fbd41094207a1c11e58e46b1662' }),
    ],
    ['a page without a key', () => acknowledged({}, { incident_key: null })],
    ['a key that is a path', () => acknowledged({}, { incident_key: '../sapphire-unicorn' })],
    [
      'a request to join something else',
      () => replied({ incident: reference('incident', 'P1', 'The API is slow') }),
    ],
    [
      'what happened over five minutes ago',
      () => acknowledged({ occurred_at: new Date(NOW - 300_001).toISOString() }),
    ],
    ['what has not happened yet', () => acknowledged({ occurred_at: new Date(NOW + 120_001).toISOString() })],
    ['what happened at no time', () => acknowledged({ occurred_at: 'just now' })],
    ['an event without an id', () => acknowledged({ id: '' })],
    ['an event without data', () => acknowledged({ data: null })],
    [
      'a ping',
      () => ({
        event: {
          id: 'x',
          event_type: 'pagey.ping',
          occurred_at: new Date(NOW).toISOString(),
          data: { message: 'Hello' },
        },
      }),
    ],
    ['a list', () => []],
    ['a text', () => 'null' as unknown as object],
  ])('%s, although PagerDuty signed it; and PagerDuty is told that it came', async (_, body) => {
    expect(await statusOf(post(body()))).toBe(202);
    await aMoment();
    expect(passedOn).toEqual([]);
    expect(lines).toEqual([]);
  });

  test('what came before, whenever it comes again', async () => {
    const event = acknowledged();
    expect(await Promise.all([post(event), post(event)].map(statusOf))).toEqual([202, 202]);
    now += 200_000;
    expect(await statusOf(post(event))).toBe(202);
    now += 200_000;
    expect(await statusOf(post(event))).toBe(202);
    await aMoment();
    expect(passedOn).toHaveLength(1);
  });

  test('an id of PagerDuty that two people have', async () => {
    roster.push({ email: 'twin@example.com', pagerduty: 'P0IC' });
    expect(await statusOf(post(acknowledged()))).toBe(202);
    await aMoment();
    expect(passedOn).toEqual([]);
  });

  test('what PagerDuty signed and nobody can read', async () => {
    for (const body of ['', '{', '[[[['.repeat(50_000), '\u0000', '{"event":'.repeat(2_000)])
      expect(await statusOf(post(body))).toBe(202);
    const bytes = Buffer.from([0x7b, 0xff, 0xfe, 0x7d]);
    const answer = await fetch(`http://127.0.0.1:${server.port}/pagerduty`, {
      method: 'POST',
      headers: { 'x-pagerduty-signature': signatureOf(bytes) },
      body: bytes,
    });
    expect(answer.status).toBe(202);
    expect(passedOn).toEqual([]);
  });
});

test('while the roster can not be read PagerDuty is told to come again, and then it counts', async () => {
  const event = acknowledged();
  const people = roster;
  await restart({
    roster: () => {
      if (roster.length === 0) throw new Error('The roster is wrong.');
      return roster;
    },
  });
  roster = [];
  expect(await statusOf(post(event))).toBe(503);
  roster = people;
  expect(await statusOf(post(event))).toBe(202);
  await onceIsPassedOn();
  expect(lines).toEqual(['POST /pagerduty 503']);
});

describe('what PagerDuty did not sign is refused', () => {
  const body = () => JSON.stringify(acknowledged());

  test.each<[string, (text: string) => string]>([
    ['without a signature', () => ''],
    ['signed with another secret', (text) => signatureOf(text, 'a-secret-that-somebody-guessed')],
    ['signed for another body', () => signatureOf('another')],
    ['of another version', (text) => signatureOf(text).replace('v1=', 'v0=')],
    ['without its version', (text) => signatureOf(text).slice(3)],
    ['cut', (text) => signatureOf(text).slice(0, -2)],
    ['too long', (text) => `${signatureOf(text)}00`],
    ['with something else in it', (text) => `${signatureOf(text).slice(0, -1)}g`],
  ])('%s', async (_, sign) => {
    const text = body();
    const answer = await post(text, sign(text));
    expect(answer.status).toBe(401);
    expect(await answer.text()).toBe('');
    await aMoment();
    expect(passedOn).toEqual([]);
    expect(lines).toEqual(['POST /pagerduty 401']);
  });

  test('changed by one byte, wherever', async () => {
    const text = body();
    const signatures = signaturesIn(signatureOf(text));
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: Buffer.byteLength(text) - 1 }),
        fc.integer({ min: 1, max: 255 }),
        (at, change) => {
          const bytes = Buffer.from(text);
          bytes[at] = (bytes[at] ?? 0) ^ change;
          expect(isSigned(bytes, signatures, [SECRET])).toBe(false);
        },
      ),
    );
    expect(isSigned(Buffer.from(text), signatures, [SECRET])).toBe(true);
  });

  test('ten times at once, then told to wait; what is signed counts all the same', async () => {
    const statuses = [];
    for (let count = 0; count < 12; count += 1) statuses.push(await statusOf(post(body(), 'v1=00')));
    expect(statuses.slice(0, 10)).toEqual(Array(10).fill(401));
    expect(statuses.slice(10)).toEqual([429, 429]);
    expect((await post(body(), 'v1=00')).headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
    expect(await statusOf(post(body()))).toBe(202);
    await onceIsPassedOn();
  });
});

describe('while a secret is replaced', () => {
  test('one of several signatures is enough', async () => {
    const text = JSON.stringify(acknowledged());
    const header = `${signatureOf(text, 'the-old-secret-of-long-ago')}, v2=abc,${signatureOf(text)}`;
    expect(await statusOf(post(text, header))).toBe(202);
    await onceIsPassedOn();
  });

  test('either secret counts', async () => {
    await restart({ secrets: [NEXT_SECRET, SECRET] });
    for (const secret of [SECRET, NEXT_SECRET]) {
      const text = JSON.stringify(acknowledged());
      expect(await statusOf(post(text, signatureOf(text, secret)))).toBe(202);
    }
    await onceIsPassedOn(2);
  });

  test('a header of thousands of signatures is looked at in part', () => {
    const text = 'x';
    const many = `${'v1=00,'.repeat(5_000)}${signatureOf(text)}`;
    expect(isSigned(Buffer.from(text), signaturesIn(many), [SECRET])).toBe(false);
  });
});

describe('a request of another kind', () => {
  test.each(['GET', 'PUT', 'DELETE', 'OPTIONS', 'HEAD'])('%s is refused', async (method) => {
    const answer = await fetch(`http://127.0.0.1:${server.port}/pagerduty`, { method });
    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toBe('POST');
    expect(await answer.text()).toBe('');
    expect(lines).toEqual(['- /pagerduty 405']);
  });

  test.each(['/', '/pagerduty/', '/pagerduty?x=1', '/PagerDuty', '/health', '/%70agerduty', '//pagerduty'])(
    'to %s finds nothing',
    async (path) => {
      expect(await statusOf(post(acknowledged(), undefined, path))).toBe(404);
      expect(lines).toEqual(['POST - 404']);
      expect(passedOn).toEqual([]);
    },
  );

  test('that is too long is refused, said to be or not', async () => {
    const text = 'x'.repeat(256 * 1024 + 1);
    expect(await statusOf(post(text))).toBe(413);
    const status = await new Promise<number>((resolve, reject) => {
      const sent = httpRequest(
        {
          port: server.port,
          host: '127.0.0.1',
          path: '/pagerduty',
          method: 'POST',
          headers: { 'x-pagerduty-signature': signatureOf(text), 'transfer-encoding': 'chunked' },
        },
        (response) => resolve(response.statusCode ?? 0),
      );
      sent.on('error', reject);
      for (let count = 0; count < 9; count += 1) sent.write('x'.repeat(32 * 1024));
      sent.end();
    });
    expect(status).toBe(413);
    expect(await statusOf(post('x'.repeat(256 * 1024)))).toBe(202);
  });

  test.each<[string, string]>([
    ['whose headers never end', 'POST /pagerduty HTTP/1.1\r\nHost: x\r\n'],
    [
      'whose body never ends',
      `POST /pagerduty HTTP/1.1\r\nHost: x\r\nX-PagerDuty-Signature: ${signatureOf('x')}\r\nContent-Length: 100\r\n\r\n{`,
    ],
  ])('%s is cut off, and the door goes on', async (_, beginning) => {
    await restart({ limits: { headersMs: 200, requestMs: 300 } });
    const socket = connect(server.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(beginning);
    await new Promise((resolve) => socket.once('close', resolve).resume());
    expect(await statusOf(post(acknowledged()))).toBe(202);
    await onceIsPassedOn();
  });

  test('that comes too often is told to wait, which PagerDuty does', async () => {
    await restart({ limits: { signed: { burst: 2, perSecond: 0.01 } } });
    const statuses = [];
    for (let count = 0; count < 3; count += 1) statuses.push(await statusOf(post(acknowledged())));
    expect(statuses).toEqual([202, 202, 429]);
  });
});

test('reads anything at all, and never throws', () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => void readEvent(Buffer.from(JSON.stringify(value)))));
  fc.assert(fc.property(fc.uint8Array(), (bytes) => expect(readEvent(Buffer.from(bytes))).toBeUndefined()));
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), fc.jsonValue(), (agent, data, key) => {
      for (const odd of [
        acknowledged({ agent }),
        acknowledged({ data }),
        acknowledged({}, { incident_key: key }),
      ]) {
        const found = readEvent(Buffer.from(JSON.stringify(odd)))?.acknowledged;
        if (found) expect(found.codename).toMatch(/^[a-z]+-[a-z]+$/);
      }
    }),
  );
});
