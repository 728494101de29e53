import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startPagerDuty, type PagerDutyStandIn } from '../../drill/stand-ins/pagerduty';

const TOKEN = 'stand-in-token';
const FROM = 'firebreak@example.com';
const IC = 'ic@example.com';
const DEPUTY = 'deputy@example.com';
const CODENAME = 'sapphire-unicorn';
const INCIDENT = {
  type: 'incident',
  title: 'sapphire-unicorn',
  incident_key: 'sapphire-unicorn',
  service: { id: 'PSERVIC', type: 'service_reference' },
};

let pagerduty: PagerDutyStandIn;

beforeEach(async () => {
  pagerduty = await startPagerDuty({
    token: TOKEN,
    users: [
      { email: FROM, name: 'Firebreak' },
      {
        email: 'ic@example.com',
        name: 'Incident commander',
        role: 'admin',
        phones: [{ country_code: 1, address: '415-555-0100' }],
      },
      { email: DEPUTY, name: 'Second in line' },
    ],
    serviceId: 'PSERVIC',
    escalationPolicyId: 'PPOLICY',
  });
});

afterEach(() => pagerduty.close());

interface Asked {
  body?: unknown;
  headers?: Record<string, string | undefined>;
}

/** A request as PagerDuty wants it, but for what a test changes; a header that is undefined is left out. */
async function ask(method: string, path: string, { body, headers = {} }: Asked = {}) {
  const all: Record<string, string | undefined> = {
    Accept: 'application/vnd.pagerduty+json;version=2',
    Authorization: `Token token=${TOKEN}`,
    'Content-Type': 'application/json',
    ...(method !== 'GET' && { From: FROM }),
    ...headers,
  };
  const sent = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const response = await fetch(`${pagerduty.url}${path}`, {
    method,
    headers: sent,
    // A Buffer, since fetch gives a string a content type of its own.
    ...(body !== undefined && { body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)) }),
  });
  return { status: response.status, body: (await response.json()) as Answer };
}

interface Answer {
  error?: { message: string; code: number; errors?: string[] };
  incident?: { id: string; status: string };
  incidents?: { id: string }[];
  oncalls?: object[];
  contact_methods?: object[];
  users?: { email: string; role: string }[];
  more?: boolean;
}

const assignedTo = (...ids: string[]) => ids.map((id) => ({ assignee: { id, type: 'user_reference' } }));

const create = (changed: object = {}, headers: Asked['headers'] = {}) =>
  ask('POST', '/incidents', { body: { incident: { ...INCIDENT, ...changed } }, headers });

async function openIncident(): Promise<string> {
  const { body } = await create();
  return body.incident?.id ?? '';
}

const invalid = { status: 400, body: { error: { message: 'Invalid Input Provided', code: 2001 } } };

describe('the stand-in for PagerDuty refuses', () => {
  test.each<[string, () => ReturnType<typeof ask>]>([
    ['a field that PagerDuty does not know', () => create({ description: 'no such field' })],
    [
      'an unknown field further down',
      () => create({ conference_bridge: { url: 'https://meet.example.com' } }),
    ],
    ['a field of the wrong type', () => create({ title: 7 })],
    ['a missing field', () => create({ service: undefined })],
    ['a word that is not in the list', () => create({ urgency: 'highest' })],
    ['a service that is not there', () => create({ service: { id: 'PWRONG1', type: 'service_reference' } })],
    [
      'an escalation policy that is not there',
      () => create({ escalation_policy: { id: 'PWRONG1', type: 'escalation_policy_reference' } }),
    ],
    [
      'assignees together with an escalation policy',
      () =>
        create({
          assignments: [{ assignee: { id: 'PU00001', type: 'user_reference' } }],
          escalation_policy: { id: 'PPOLICY', type: 'escalation_policy_reference' },
        }),
    ],
    ['a write without From', () => create({}, { From: undefined })],
    ['a write from nobody it knows', () => create({}, { From: 'stranger@example.com' })],
    [
      'a content type with a charset',
      () => create({}, { 'Content-Type': 'application/json; charset=utf-8' }),
    ],
    ['a write without a content type', () => create({}, { 'Content-Type': undefined })],
    ['another version', () => create({}, { Accept: 'application/json' })],
    ['a body that is not JSON', () => ask('POST', '/incidents', { body: '{' })],
    ['a query parameter that it does not know', () => ask('GET', '/incidents?incidentKey=x')],
    ['a status that it does not know', () => ask('GET', '/incidents?statuses[]=open')],
    ['a page of users that is too long', () => ask('GET', '/users?limit=101')],
    ['an inclusion that it does not know', () => ask('GET', '/oncalls?include[]=phones')],
    ['an on-call filter that it does not know', () => ask('GET', '/oncalls?policy_ids[]=PPOLICY')],
    ['an assignee who is not there', () => create({ assignments: assignedTo('PNOBODY') })],
  ])('%s', async (_, call) => {
    const answer = await call();
    expect(answer).toMatchObject(invalid);
    expect(answer.body.error?.errors?.length).toBeGreaterThan(0);
    expect(pagerduty.incidents()).toHaveLength(0);
  });

  test.each([
    ['a wrong token', { Authorization: 'Token token=wrong' }],
    ['no token', { Authorization: undefined }],
    ['a token of the other kind', { Authorization: `Bearer ${TOKEN}` }],
  ])('%s', async (_, headers) => {
    expect(await create({}, headers)).toMatchObject({ status: 401, body: { error: { code: 2006 } } });
  });

  test.each([
    ['GET', '/incidents/PNOBODY', undefined],
    ['GET', '/incidents/PNOBODY/notes', undefined],
    ['PUT', '/incidents/PNOBODY', { incident: { type: 'incident', status: 'resolved' } }],
    ['POST', '/incidents/PNOBODY/notes', { note: { content: 'The room is open.' } }],
    ['GET', '/nothing', undefined],
  ])('what is not there: %s %s', async (method, path, body) => {
    expect(await ask(method, path, { body })).toEqual({
      status: 404,
      body: { error: { message: 'Not Found', code: 2100 } },
    });
  });

  test('a method that the path does not have', async () => {
    expect((await ask('DELETE', '/incidents')).status).toBe(405);
  });

  test('a second open incident with the same key, but not one after the first is resolved', async () => {
    const id = await openIncident();
    expect(await create()).toEqual({
      status: 400,
      body: {
        error: {
          message: 'Arguments Caused Error',
          code: 2002,
          errors: ['Open incident with matching dedup key already exists on this service'],
        },
      },
    });
    await ask('PUT', `/incidents/${id}`, { body: { incident: { type: 'incident', status: 'resolved' } } });
    expect((await create()).status).toBe(201);
  });

  test('to resolve what is resolved, but opens it again', async () => {
    const id = await openIncident();
    const set = (status: string) =>
      ask('PUT', `/incidents/${id}`, { body: { incident: { type: 'incident_reference', status } } });
    expect((await set('acknowledged')).body.incident?.status).toBe('acknowledged');
    expect((await set('resolved')).body.incident?.status).toBe('resolved');
    expect(await set('resolved')).toMatchObject(invalid);
    expect((await set('triggered')).body.incident?.status).toBe('triggered');
    expect(await set('closed')).toMatchObject(invalid);
  });

  test('a responder request that names nobody, or nobody it knows', async () => {
    const id = await openIncident();
    const request = (requester_id: string, ids: string[]) =>
      ask('POST', `/incidents/${id}/responder_requests`, {
        body: {
          requester_id,
          message: 'Please join Slack ASAP',
          responder_request_targets: ids.map((target) => ({
            responder_request_target: { id: target, type: 'user_reference' },
          })),
        },
      });
    const firebreak = pagerduty.userIdOf(FROM);
    const commander = pagerduty.userIdOf('ic@example.com');
    expect(await request(firebreak, [])).toMatchObject(invalid);
    expect(await request(firebreak, ['PNOBODY'])).toMatchObject(invalid);
    expect(await request('PNOBODY', [commander])).toMatchObject(invalid);
    expect(pagerduty.responderRequests(id)).toHaveLength(0);
    expect((await request(firebreak, [commander])).status).toBe(200);
  });
});

describe('the stand-in for PagerDuty', () => {
  test('finds incidents by key and status', async () => {
    const id = await openIncident();
    await create({ incident_key: 'amber-otter' });
    const found = await ask('GET', '/incidents?incident_key=sapphire-unicorn&statuses[]=triggered');
    expect(found.body.incidents?.map((incident) => incident.id)).toEqual([id]);
    const resolved = await ask('GET', '/incidents?incident_key=sapphire-unicorn&statuses[]=resolved');
    expect(resolved.body.incidents).toEqual([]);
  });

  test('takes an empty key for no filter, as PagerDuty does', async () => {
    await openIncident();
    expect((await ask('GET', '/incidents?incident_key=')).body.incidents).toHaveLength(1);
  });

  test('searches users by a part of their name or address, page by page', async () => {
    const found = await ask('GET', '/users?query=COMMANDER');
    expect(found.body.users?.map((user) => user.email)).toEqual(['ic@example.com']);
    const page = await ask('GET', '/users?limit=1');
    expect(page.body).toMatchObject({ more: true, users: [{ email: FROM }] });
  });

  test('writes down every call by its name', async () => {
    const id = await openIncident();
    await ask('GET', `/incidents/${id}/notes`);
    await ask('GET', '/nothing');
    expect(pagerduty.calls.map((call) => [call.name, call.status])).toEqual([
      ['incidents.create', 201],
      ['notes.list', 200],
      ['unknown', 404],
    ]);
  });

  test('names no user whom it does not have', () => {
    expect(() => pagerduty.userIdOf('stranger@example.com')).toThrow('knows no user');
  });
});

const change = (id: string, incident: object) =>
  ask('PUT', `/incidents/${id}`, { body: { incident: { type: 'incident_reference', ...incident } } });
const rung = () => pagerduty.rung().map(({ email, why }) => `${email} ${why}`);

describe('the phones of the stand-in for PagerDuty', () => {
  beforeEach(() =>
    pagerduty.setOnCall([
      { email: IC, level: 1 },
      { email: DEPUTY, level: 2 },
    ]),
  );

  test('ring for those of the first level when a page is opened, and tell when', async () => {
    const begun = Date.now();
    const id = await openIncident();
    expect(pagerduty.rung()).toEqual([
      { at: expect.any(Number) as number, codename: CODENAME, email: IC, why: 'assigned' },
    ]);
    expect(pagerduty.rung()[0]?.at).toBeGreaterThanOrEqual(begun);
    const { body } = await ask('GET', `/incidents/${id}`);
    expect(body.incident).toMatchObject({
      assignments: [
        {
          at: expect.any(String) as string,
          assignee: { id: pagerduty.userIdOf(IC), type: 'user_reference' },
        },
      ],
      acknowledgements: [],
    });
  });

  test('ring for whom a page is assigned to, and not again for who has it', async () => {
    const id = await openIncident();
    const assignments = assignedTo(pagerduty.userIdOf(DEPUTY));
    expect((await change(id, { assignments })).body.incident?.status).toBe('triggered');
    await change(id, { assignments });
    expect(rung()).toEqual([`${IC} assigned`, `${DEPUTY} assigned`]);
  });

  test('ring for everybody asked to respond, each time', async () => {
    const id = await openIncident();
    const request = {
      requester_id: pagerduty.userIdOf(FROM),
      message: 'Please join Slack ASAP',
      responder_request_targets: [
        { responder_request_target: { id: pagerduty.userIdOf(DEPUTY), type: 'user_reference' } },
      ],
    };
    await ask('POST', `/incidents/${id}/responder_requests`, { body: request });
    await ask('POST', `/incidents/${id}/responder_requests`, { body: request });
    expect(rung()).toEqual([`${IC} assigned`, `${DEPUTY} requested`, `${DEPUTY} requested`]);
  });

  test('stay silent at low urgency', async () => {
    await create({ urgency: 'low' });
    expect(rung()).toEqual([]);
  });

  test('acknowledge, and a page that is assigned anew is triggered again', async () => {
    const id = await openIncident();
    pagerduty.acknowledge(CODENAME, IC);
    const { body } = await ask('GET', `/incidents/${id}?include[]=acknowledgers`);
    expect(body.incident).toMatchObject({
      status: 'acknowledged',
      acknowledgements: [{ acknowledger: { id: pagerduty.userIdOf(IC), email: IC } }],
    });
    const assignments = assignedTo(pagerduty.userIdOf(DEPUTY));
    expect((await change(id, { assignments })).body.incident).toMatchObject({
      status: 'triggered',
      acknowledgements: [],
    });
  });

  test('do nothing for a page that is not there, or somebody who is not', async () => {
    expect(() => pagerduty.acknowledge(CODENAME, IC)).toThrow('no open page');
    await openIncident();
    expect(() => pagerduty.acknowledge(CODENAME, 'stranger@example.com')).toThrow('knows no user');
    expect(() => pagerduty.reply(CODENAME, IC, 'joined')).toThrow('has not asked');
    pagerduty.resolve(CODENAME, IC);
    expect(() => pagerduty.acknowledge(CODENAME, IC)).toThrow('no open page');
  });

  test('a resolved page is given to nobody', async () => {
    const id = await openIncident();
    pagerduty.resolve(CODENAME, IC);
    expect(await change(id, { assignments: assignedTo(pagerduty.userIdOf(DEPUTY)) })).toMatchObject(invalid);
    expect(await change(id, { assignments: [] })).toMatchObject(invalid);
  });
});

describe('the people of the stand-in for PagerDuty', () => {
  beforeEach(() =>
    pagerduty.setOnCall([
      { email: IC, level: 1, scheduleId: 'SPRIMAR' },
      { email: DEPUTY, level: 2, scheduleId: 'SBACKUP' },
      { email: DEPUTY, level: 1, scheduleId: 'SPRIMAR', policyId: 'POTHER1' },
    ]),
  );

  const onCall = async (query: string) => (await ask('GET', `/oncalls?${query}`)).body.oncalls ?? [];

  test('are on call: each filter narrows what the others leave', async () => {
    expect(await onCall('')).toHaveLength(3);
    expect(await onCall('escalation_policy_ids[]=PPOLICY')).toHaveLength(2);
    expect(await onCall('schedule_ids[]=SPRIMAR&schedule_ids[]=SBACKUP')).toHaveLength(3);
    expect(await onCall('escalation_policy_ids[]=PPOLICY&schedule_ids[]=SPRIMAR')).toHaveLength(1);
    expect(await onCall(`user_ids[]=${pagerduty.userIdOf(DEPUTY)}`)).toHaveLength(2);
  });

  test('are shown as references, or whole where that is asked for', async () => {
    const [reference] = await onCall('limit=1');
    expect(reference).toMatchObject({
      user: { id: pagerduty.userIdOf(IC), type: 'user_reference' },
      schedule: { id: 'SPRIMAR' },
      escalation_policy: { id: 'PPOLICY' },
      escalation_level: 1,
    });
    expect(reference).not.toHaveProperty('user.email');
    expect((await onCall('limit=1&include[]=users'))[0]).toMatchObject({ user: { type: 'user', email: IC } });
  });

  test('are told in parts', async () => {
    expect((await ask('GET', '/oncalls?limit=2')).body).toMatchObject({ more: true });
    expect((await ask('GET', '/oncalls?limit=2&offset=2')).body).toMatchObject({ more: false });
  });

  test('have roles and contact methods, the phone behind the address', async () => {
    const users = (await ask('GET', '/users')).body.users ?? [];
    expect(users.map(({ role }) => role)).toEqual(['user', 'admin', 'user']);
    const { body } = await ask('GET', `/users/${pagerduty.userIdOf(IC)}/contact_methods`);
    expect(body.contact_methods).toEqual([
      expect.objectContaining({ type: 'email_contact_method', address: IC }),
      expect.objectContaining({ type: 'phone_contact_method', country_code: 1, address: '415-555-0100' }),
    ]);
    expect((await ask('GET', '/users/PNOBODY/contact_methods')).status).toBe(404);
    expect((await ask('GET', '/users/PNOBODY')).status).toBe(404);
  });
});

describe('the webhooks of the stand-in for PagerDuty', () => {
  const SECRET = 'webhook-secret';
  let door: Server;
  let taken: { headers: IncomingHttpHeaders; body: string }[];
  let answers: number[];

  beforeEach(async () => {
    taken = [];
    answers = [];
    door = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        taken.push({ headers: request.headers, body: Buffer.concat(chunks).toString('utf8') });
        response.writeHead(answers.shift() ?? 202).end();
      });
    });
    await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(door.address() as AddressInfo).port}/webhook`;
    pagerduty.webhooks.subscribe({ url, secret: SECRET });
    pagerduty.setOnCall([{ email: IC, level: 1 }]);
  });

  afterEach(() => {
    door.closeAllConnections();
    return new Promise<void>((resolve) => door.close(() => resolve()));
  });

  interface Payload {
    event: {
      id: string;
      event_type: string;
      occurred_at: string;
      agent: { id: string } | null;
      data: Record<string, unknown>;
    };
  }
  const events = () => taken.map(({ body }) => (JSON.parse(body) as Payload).event);
  const signature = (body: string, secret = SECRET) =>
    `v1=${createHmac('sha256', secret).update(body).digest('hex')}`;

  test('say who has the page, signed over the bytes that are sent', async () => {
    const id = await openIncident();
    pagerduty.acknowledge(CODENAME, IC);
    await pagerduty.webhooks.settled();
    expect(taken).toHaveLength(1);
    expect(taken[0]?.headers['x-pagerduty-signature']).toBe(signature(taken[0]?.body ?? ''));
    expect(taken[0]?.headers['content-type']).toBe('application/json');
    expect(events()[0]).toMatchObject({
      event_type: 'incident.acknowledged',
      resource_type: 'incident',
      agent: { id: pagerduty.userIdOf(IC), type: 'user_reference' },
      client: { name: 'PagerDuty' },
      data: {
        id,
        type: 'incident',
        incident_key: CODENAME,
        title: CODENAME,
        status: 'acknowledged',
        assignees: [{ id: pagerduty.userIdOf(IC) }],
      },
    });
    expect(Math.abs(Date.parse(events()[0]?.occurred_at ?? '') - Date.now())).toBeLessThan(10_000);
  });

  test('say what happens, in order, each with an id of its own', async () => {
    const id = await openIncident();
    await change(id, { assignments: assignedTo(pagerduty.userIdOf(DEPUTY)) });
    await ask('POST', `/incidents/${id}/responder_requests`, {
      body: {
        requester_id: pagerduty.userIdOf(FROM),
        message: 'Please join Slack ASAP',
        responder_request_targets: [
          { responder_request_target: { id: pagerduty.userIdOf(IC), type: 'user_reference' } },
        ],
      },
    });
    pagerduty.reply(CODENAME, IC, 'joined');
    await change(id, { status: 'resolved' });
    await pagerduty.webhooks.settled();
    expect(events().map(({ event_type }) => event_type)).toEqual([
      'incident.reassigned',
      'incident.responder.replied',
      'incident.resolved',
    ]);
    expect(events()[1]?.data).toMatchObject({
      type: 'incident_responder',
      state: 'joined',
      user: { id: pagerduty.userIdOf(IC) },
      incident: { id, type: 'incident_reference' },
    });
    expect(new Set(events().map((event) => event.id)).size).toBe(3);
  });

  test('come again where nobody took them, as the same; and not after a refusal', async () => {
    await openIncident();
    answers = [503, 429, 202];
    pagerduty.acknowledge(CODENAME, IC);
    await pagerduty.webhooks.settled();
    expect(new Set(taken.map(({ body }) => body)).size).toBe(1);
    expect(new Set(taken.map(({ headers }) => headers['x-webhook-id'])).size).toBe(1);
    expect(pagerduty.webhooks.deliveries()).toEqual([expect.objectContaining({ tries: 3, status: 202 })]);
    answers = [401];
    pagerduty.resolve(CODENAME, IC);
    await pagerduty.webhooks.settled();
    expect(pagerduty.webhooks.deliveries().at(-1)).toMatchObject({ tries: 1, status: 401 });
  });

  test('bear two signatures while the secret is changed', async () => {
    const url = `http://127.0.0.1:${(door.address() as AddressInfo).port}/`;
    pagerduty.webhooks.subscribe({ url, secret: ['old', SECRET] });
    await openIncident();
    pagerduty.acknowledge(CODENAME, IC);
    await pagerduty.webhooks.settled();
    const [only] = taken;
    expect(only?.headers['x-pagerduty-signature']).toBe(
      [signature(only?.body ?? '', 'old'), signature(only?.body ?? '')].join(','),
    );
  });

  test('can be forged, stale, replayed, and anything at all', async () => {
    await openIncident();
    const { webhooks } = pagerduty;
    const sent = { codename: CODENAME, email: IC };
    answers = [401];
    expect(await webhooks.sendForged(sent)).toBe(401);
    expect(taken[0]?.headers['x-pagerduty-signature']).not.toBe(signature(taken[0]?.body ?? ''));
    expect(events()[0]).toMatchObject({
      event_type: 'incident.acknowledged',
      agent: { id: pagerduty.userIdOf(IC) },
    });

    await webhooks.sendStale(sent);
    expect(taken[1]?.headers['x-pagerduty-signature']).toBe(signature(taken[1]?.body ?? ''));
    expect(Date.now() - Date.parse(events()[1]?.occurred_at ?? '')).toBeGreaterThan(3_500_000);

    await webhooks.send(sent);
    await webhooks.replay();
    expect(taken[3]).toEqual({ ...taken[2], headers: expect.anything() as object });
    expect(taken[3]?.headers['x-webhook-id']).toBe(taken[2]?.headers['x-webhook-id']);

    await webhooks.send({ codename: CODENAME, body: '{"event":', signature: 'v1=00' });
    expect(taken[4]).toMatchObject({ body: '{"event":', headers: { 'x-pagerduty-signature': 'v1=00' } });
    // None of it is true: the account knows nothing of it.
    expect(pagerduty.incidents()[0]?.status).toBe('triggered');
  });

  test('hold nobody up where nobody listens', async () => {
    pagerduty.webhooks.subscribe({ url: 'http://127.0.0.1:9/', secret: SECRET });
    const id = await openIncident();
    pagerduty.acknowledge(CODENAME, IC);
    expect((await ask('GET', `/incidents/${id}`)).body.incident?.status).toBe('acknowledged');
    expect(await pagerduty.webhooks.send({ codename: CODENAME })).toBeUndefined();
  });
});

describe('an outage of the stand-in for PagerDuty', () => {
  test('refuses connections at the same address, and forgets nothing', async () => {
    const id = await openIncident();
    await pagerduty.goDown();
    await expect(ask('GET', `/incidents/${id}`)).rejects.toThrow('fetch failed');
    await pagerduty.goDown();
    await pagerduty.comeBack();
    await pagerduty.comeBack();
    expect((await ask('GET', `/incidents/${id}`)).body.incident?.id).toBe(id);
    expect(pagerduty.calls.map(({ name }) => name)).toEqual(['incidents.create', 'incidents.get']);
  });

  test('breaks what is under way', async () => {
    const id = await openIncident();
    pagerduty.breakCalls({ kind: 'slow', delayMs: 300, on: 'incidents.get' });
    const asked = ask('GET', `/incidents/${id}`).then(
      () => 'answered',
      () => 'broken',
    );
    await new Promise((resolve) => setTimeout(resolve, 100));
    await pagerduty.goDown();
    expect(await asked).toBe('broken');
  });
});
