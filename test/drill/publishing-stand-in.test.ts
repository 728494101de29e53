import { createHmac } from 'node:crypto';
import { startPublishing, type PublishingStandIn } from '../../drill/stand-ins/publishing';

const SECRET = 'stand-in-secret';
const TOKEN = 'stand-in-token';
const PAGE = 'abc123';
const STATEMENT = { title: 'Statement', markdown: '# Statement', html: '<h1>Statement</h1>' };
const INCIDENT = {
  name: 'Statement',
  status: 'resolved',
  body: 'text',
  metadata: { firebreak: { id: '1' } },
};

let outside: PublishingStandIn;
beforeEach(async () => {
  outside = await startPublishing({ secret: SECRET, statusPage: { pageId: PAGE, token: TOKEN } });
});
afterEach(() => outside.close());

interface Answered {
  readonly status: number;
  readonly body: unknown;
}

async function request(url: string, init: RequestInit): Promise<Answered> {
  const response = await fetch(url, init);
  return { status: response.status, body: await response.json() };
}

function post(statement: unknown = STATEMENT, changed: Record<string, string> = {}): Promise<Answered> {
  const body = JSON.stringify(statement);
  const timestamp = changed['x-firebreak-timestamp'] ?? String(Math.floor(Date.now() / 1000));
  const digest = createHmac('sha256', SECRET).update(`${timestamp}.${body}`).digest('hex');
  const headers = {
    'idempotency-key': 'k',
    'x-firebreak-timestamp': timestamp,
    'x-firebreak-signature': `v1=${digest}`,
    ...changed,
  };
  return request(outside.webhookUrl, { method: 'POST', headers, body });
}

function page(method: 'GET' | 'POST', { query = '', id = PAGE, token = TOKEN, incident = {} } = {}) {
  return request(`${outside.statusPageUrl}/v1/pages/${id}/incidents${query}`, {
    method,
    headers: { authorization: `OAuth ${token}` },
    ...(method === 'POST' && { body: JSON.stringify({ incident }) }),
  });
}

describe('the website', () => {
  test('takes what is signed, once for its key, and says where it is', async () => {
    const before = Date.now();
    const first = await post();
    expect(first).toMatchObject({ status: 201, body: { url: expect.stringMatching(/^https:/) } });
    expect(await post()).toMatchObject({ status: 200, body: first.body });
    expect(outside.statements).toEqual([{ ...STATEMENT, at: expect.any(Number), idempotencyKey: 'k' }]);
    expect(outside.statements[0]!.at).toBeGreaterThanOrEqual(before);
    expect(await post({ ...STATEMENT, html: 'another' })).toMatchObject({ status: 409 });
    expect(await post(STATEMENT, { 'idempotency-key': 'l' })).toMatchObject({ status: 201 });
  });

  test.each<[string, unknown, Record<string, string>, number]>([
    ['a wrong signature', STATEMENT, { 'x-firebreak-signature': `v1=${'0'.repeat(64)}` }, 401],
    ['no signature', STATEMENT, { 'x-firebreak-signature': '' }, 401],
    ['a signature of last year', STATEMENT, { 'x-firebreak-timestamp': '1700000000' }, 401],
    ['no time', STATEMENT, { 'x-firebreak-timestamp': 'soon' }, 401],
    ['no key', STATEMENT, { 'idempotency-key': '' }, 400],
    ['no object', ['text'], {}, 400],
    ['no HTML', { title: 'Statement', markdown: 'text' }, {}, 422],
  ])('refuses %s, and writes it down all the same', async (_, statement, headers, status) => {
    expect(await post(statement, headers)).toMatchObject({ status });
    expect(outside.statements).toEqual([]);
    expect(outside.received).toMatchObject([{ name: 'webhook', status }]);
  });
});

describe('the status page', () => {
  test('makes incidents and lists the newest first, in pages of at most a hundred', async () => {
    outside.addIncidents(150);
    expect(await page('POST', { incident: INCIDENT })).toMatchObject({
      status: 201,
      body: { id: 'inc151', metadata: INCIDENT.metadata, shortlink: expect.stringMatching(/^https:/) },
    });
    const first = (await page('GET', { query: '?limit=1000' })).body as { id: string }[];
    expect(first).toHaveLength(100);
    expect(first[0]).toMatchObject({ id: 'inc151', name: 'Statement', status: 'resolved' });
    const second = (await page('GET', { query: '?limit=100&page=2' })).body as { id: string }[];
    expect(second).toHaveLength(51);
    expect(second.at(-1)).toMatchObject({ id: 'inc1' });
    expect(outside.incidents.at(-1)).toMatchObject({ id: 'inc151', delivered: true });
  });

  test.each<[string, object]>([
    ['no name', { name: '' }],
    ['a name too long', { name: 'a'.repeat(256) }],
    ['a body too long', { body: 'a'.repeat(25_001) }],
    ['a status that there is not', { status: 'published' }],
    ['an impact that there is not', { impact_override: 'grave' }],
    ['metadata without objects at the top', { metadata: { id: '1' } }],
  ])('refuses %s', async (_, changed) => {
    expect(await page('POST', { incident: { ...INCIDENT, ...changed } })).toMatchObject({ status: 422 });
    expect(outside.incidents).toEqual([]);
  });

  test('is there for its token and under its id alone', async () => {
    expect(await page('GET', { token: 'another' })).toMatchObject({ status: 401 });
    expect(await page('GET', { id: 'another' })).toMatchObject({ status: 404 });
    expect(await request(`${outside.statusPageUrl}/v1/users`, {})).toMatchObject({ status: 404 });
  });
});

test('each can be broken alone', async () => {
  outside.fail({ on: 'incidents.create', status: 500, body: {}, times: 1 });
  expect((await post()).status).toBe(201);
  expect((await page('GET')).status).toBe(200);
  expect((await page('POST', { incident: INCIDENT })).status).toBe(500);
  expect((await page('POST', { incident: INCIDENT })).status).toBe(201);
  expect(outside.received.map(({ name }) => name)).toEqual([
    'webhook',
    'incidents.list',
    'incidents.create',
    'incidents.create',
  ]);
});
