import { startPagerDuty, type PagerDutyStandIn } from '../../drill/stand-ins/pagerduty';

const TOKEN = 'stand-in-token';
const FROM = 'firebreak@example.com';
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
      { email: 'ic@example.com', name: 'Incident commander' },
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
  users?: { email: string }[];
  more?: boolean;
}

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
