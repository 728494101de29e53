import type { ApplicationFailure } from '@temporalio/common';
import type { Page, Pager } from '../../activities/paging';
import type { FaultKind } from '../../drill/stand-ins/recording-proxy';
import { startPagerDuty, type PagerDutyStandIn } from '../../drill/stand-ins/pagerduty';
import { failureOf } from '../support/failures';
import { ACCOUNT, BRIDGE, CODENAME, FROM, pagerAt, TOKEN } from '../support/pagerduty';

const IC = 'ic@example.com';
const OPERATIONS = 'operations@example.com';
const STRANGER = 'stranger@example.com';

let pagerduty: PagerDutyStandIn;
let pager: Pager;

const connect = (changed?: Parameters<typeof pagerAt>[1]) => pagerAt(pagerduty, changed);

beforeEach(async () => {
  pagerduty = await startPagerDuty({
    ...ACCOUNT,
    users: [
      { email: FROM, name: 'Firebreak' },
      { email: IC, name: 'Incident commander' },
      { email: OPERATIONS, name: 'Operations' },
      { email: `deputy-${IC}`, name: 'Deputy incident commander' },
    ],
  });
  pager = connect();
});

afterEach(() => pagerduty.close());

const open = (): Promise<Page> => pager.openPage({ codename: CODENAME, bridge: BRIDGE });
const callNames = () => pagerduty.calls.map((call) => call.name);

describe('opening the page', () => {
  test('takes one request and answers where the page is', async () => {
    const page = await open();
    expect(callNames()).toEqual(['incidents.create']);
    const [incident] = pagerduty.incidents();
    expect(incident).toMatchObject({
      id: page.id,
      title: CODENAME,
      key: CODENAME,
      urgency: 'high',
      status: 'triggered',
    });
    expect(page.url).toContain(page.id);
  });

  test('says nothing but the codename and the bridge', async () => {
    await open();
    expect(JSON.parse(pagerduty.calls[0]?.body ?? '')).toEqual({
      incident: {
        type: 'incident',
        title: CODENAME,
        incident_key: CODENAME,
        urgency: 'high',
        service: { id: 'PSERVIC', type: 'service_reference' },
        escalation_policy: { id: 'PPOLICY', type: 'escalation_policy_reference' },
        conference_bridge: { conference_url: BRIDGE.url, conference_number: BRIDGE.phone },
      },
    });
    expect(pagerduty.calls[0]?.path).toBe('/incidents');
  });

  test('works without a phone number', async () => {
    await pager.openPage({ codename: CODENAME, bridge: { url: BRIDGE.url } });
    expect(pagerduty.incidents()[0]?.bridge).toEqual({ conference_url: BRIDGE.url });
  });

  test('adopts the open page when it is asked again', async () => {
    const first = await open();
    expect(await open()).toEqual(first);
    expect(pagerduty.incidents()).toHaveLength(1);
  });

  test('adopts the page whose answer was lost', async () => {
    pagerduty.breakCalls({ kind: 'dropAfter', on: 'incidents.create', times: 1 });
    expect((await failureOf(open())).type).toBe('Unavailable');
    const page = await open();
    expect(pagerduty.incidents().map((incident) => incident.id)).toEqual([page.id]);
  });

  test('opens a page of its own beside the page of another incident', async () => {
    await open();
    const other = await pager.openPage({ codename: 'amber-otter', bridge: BRIDGE });
    expect(pagerduty.incidents().map((incident) => incident.title)).toEqual([CODENAME, 'amber-otter']);
    expect(pagerduty.incidents()[1]?.id).toBe(other.id);
  });

  test('fails with what PagerDuty refused when there is no page to adopt', async () => {
    const failure = await failureOf(
      connect({ serviceId: 'PWRONG1' }).openPage({ codename: CODENAME, bridge: BRIDGE }),
    );
    expect(failure).toMatchObject({ type: 'InvalidRequest', nonRetryable: true });
    expect(failure.message).toContain('400 (code 2001)');
  });

  test('needs a codename, since an empty one would adopt somebody else’s page', async () => {
    const failure = await failureOf(pager.openPage({ codename: '', bridge: BRIDGE }));
    expect(failure.type).toBe('InvalidRequest');
    expect(pagerduty.calls).toHaveLength(0);
  });
});

describe('asking responders', () => {
  const requestedIds = (page: Page) =>
    pagerduty.responderRequests(page.id).flatMap((request) => request.targetIds);

  test('reaches them all with one request that moves them to Slack and says nothing else', async () => {
    const page = await open();
    const answer = await pager.requestResponders({ page, emails: [IC, OPERATIONS] });
    expect(answer).toEqual({ requested: [IC, OPERATIONS], unknown: [] });
    expect(pagerduty.responderRequests(page.id)).toEqual([
      {
        requesterId: pagerduty.userIdOf(FROM),
        message: 'Please join Slack ASAP',
        targetIds: [pagerduty.userIdOf(IC), pagerduty.userIdOf(OPERATIONS)],
        requestedAt: expect.any(String) as string,
      },
    ]);
  });

  test('reaches the others where PagerDuty refuses the request for the sake of one', async () => {
    const page = await open();
    const refused = {
      kind: 'answer',
      status: 400,
      body: '{"error":{"message":"Invalid Input Provided","code":2001}}',
    } as const;
    // The request for all, and then the first of those alone.
    pagerduty.breakCalls({ ...refused, on: 'responder_requests.create', times: 2 });
    const answer = await pager.requestResponders({ page, emails: [IC, OPERATIONS] });
    expect(answer.requested).toHaveLength(1);
    expect(answer.unknown).toHaveLength(1);
    expect([...answer.requested, ...answer.unknown].sort()).toEqual([IC, OPERATIONS].sort());
    expect(requestedIds(page)).toEqual([pagerduty.userIdOf(answer.requested[0] ?? '')]);
  });

  test('names those whom PagerDuty does not know, and asks the others', async () => {
    const page = await open();
    const answer = await pager.requestResponders({ page, emails: [STRANGER, IC] });
    expect(answer).toEqual({ requested: [IC], unknown: [STRANGER] });
    expect(requestedIds(page)).toEqual([pagerduty.userIdOf(IC)]);
  });

  test('takes an address in any case, and not one that only contains it', async () => {
    const page = await open();
    const answer = await pager.requestResponders({ page, emails: ['IC@Example.com', 'ic@example'] });
    expect(answer).toEqual({ requested: ['IC@Example.com'], unknown: ['ic@example'] });
    expect(requestedIds(page)).toEqual([pagerduty.userIdOf(IC)]);
  });

  test('wakes nobody twice, neither on a repeat nor for a second spelling', async () => {
    const page = await open();
    await pager.requestResponders({ page, emails: [IC, IC.toUpperCase()] });
    const answer = await pager.requestResponders({ page, emails: [IC, OPERATIONS] });
    expect(answer).toEqual({ requested: [IC, OPERATIONS], unknown: [] });
    expect(requestedIds(page)).toEqual([pagerduty.userIdOf(IC), pagerduty.userIdOf(OPERATIONS)]);
  });

  test('wakes nobody twice when the answer was lost', async () => {
    const page = await open();
    pagerduty.breakCalls({ kind: 'dropAfter', on: 'responder_requests.create', times: 1 });
    expect((await failureOf(pager.requestResponders({ page, emails: [IC] }))).type).toBe('Unavailable');
    expect(await pager.requestResponders({ page, emails: [IC] })).toEqual({ requested: [IC], unknown: [] });
    expect(requestedIds(page)).toEqual([pagerduty.userIdOf(IC)]);
  });

  test('makes no call for an empty list', async () => {
    const page = await open();
    expect(await pager.requestResponders({ page, emails: [] })).toEqual({ requested: [], unknown: [] });
    expect(callNames()).toEqual(['incidents.create']);
  });

  test('says what to mend where the From address is nobody’s', async () => {
    const page = await open();
    const failure = await failureOf(
      connect({ fromEmail: STRANGER }).requestResponders({ page, emails: [IC] }),
    );
    expect(failure).toMatchObject({ type: 'InvalidRequest', nonRetryable: true });
    expect(failure.message).toContain('From address');
    expect(failure.message).not.toContain(STRANGER);
  });

  test('looks the From address up again after a failure', async () => {
    const page = await open();
    pagerduty.breakCalls({ kind: 'answer', on: 'users.list', status: 500, body: '{}', times: 2 });
    expect((await failureOf(pager.requestResponders({ page, emails: [IC] }))).type).toBe('Unavailable');
    await pager.requestResponders({ page, emails: [IC] });
    expect(requestedIds(page)).toEqual([pagerduty.userIdOf(IC)]);
  });
});

describe('notes', () => {
  test('are added once for the same text', async () => {
    const page = await open();
    await pager.addNote({ page, text: 'The room is open.' });
    await pager.addNote({ page, text: 'The room is open.' });
    await pager.addNote({ page, text: 'The room has moved.' });
    expect(pagerduty.notes(page.id).map((note) => note.content)).toEqual([
      'The room is open.',
      'The room has moved.',
    ]);
  });

  test('are not added again when the answer was lost', async () => {
    const page = await open();
    pagerduty.breakCalls({ kind: 'dropAfter', on: 'notes.create', times: 1 });
    await failureOf(pager.addNote({ page, text: 'The room is open.' }));
    await pager.addNote({ page, text: 'The room is open.' });
    expect(pagerduty.notes(page.id)).toHaveLength(1);
  });
});

describe('resolving the page', () => {
  test('ends it, and doing it again changes nothing', async () => {
    const page = await open();
    await pager.resolvePage({ page });
    await pager.resolvePage({ page });
    expect(pagerduty.incidents()[0]?.status).toBe('resolved');
  });

  test('fails where PagerDuty refuses although the page is not resolved', async () => {
    const page = await open();
    pagerduty.breakCalls({ kind: 'answer', on: 'incidents.update', status: 400, body: '{"error":{}}' });
    expect((await failureOf(pager.resolvePage({ page }))).type).toBe('InvalidRequest');
  });

  test('names a page that is not there', async () => {
    const failure = await failureOf(pager.resolvePage({ page: { id: 'PNOBODY', url: '' } }));
    expect(failure).toMatchObject({ type: 'NotFound', nonRetryable: true });
  });
});

describe('a bad day at PagerDuty', () => {
  const answer = (status: number, body: string, headers: Record<string, string> = {}): FaultKind => ({
    kind: 'answer',
    status,
    body,
    headers: { 'content-type': 'application/json', ...headers },
  });
  // The worst that an error text could do is to quote the request.
  const error = (code: number) =>
    JSON.stringify({ error: { message: `About ${CODENAME}`, code, errors: [IC, TOKEN] } });
  const html = { 'content-type': 'text/html' };

  const badDays: [string, FaultKind, { type: string; nonRetryable: boolean; says: string }][] = [
    [
      '400',
      answer(400, error(2001)),
      { type: 'InvalidRequest', nonRetryable: true, says: '400 (code 2001)' },
    ],
    ['401', answer(401, error(2006)), { type: 'Unauthorized', nonRetryable: true, says: 'PAGERDUTY_TOKEN' }],
    [
      '401 in plain text',
      answer(401, 'Access denied', html),
      { type: 'Unauthorized', nonRetryable: true, says: 'PAGERDUTY_TOKEN' },
    ],
    ['402', answer(402, error(2012)), { type: 'Unauthorized', nonRetryable: true, says: 'plan' }],
    ['403', answer(403, error(2010)), { type: 'Unauthorized', nonRetryable: true, says: 'PAGERDUTY_TOKEN' }],
    ['404', answer(404, error(2100)), { type: 'NotFound', nonRetryable: true, says: '404' }],
    ['409', answer(409, error(2100)), { type: 'Conflict', nonRetryable: true, says: '409' }],
    ['408', answer(408, error(2100)), { type: 'Unavailable', nonRetryable: false, says: '408' }],
    [
      '429',
      answer(429, error(2020), { 'ratelimit-reset': '7' }),
      { type: 'RateLimited', nonRetryable: false, says: '7 s' },
    ],
    ['500', answer(500, error(2000)), { type: 'Unavailable', nonRetryable: false, says: '500' }],
    [
      '502 in HTML',
      answer(502, '<h1>Bad Gateway</h1>', html),
      { type: 'Unavailable', nonRetryable: false, says: '502' },
    ],
    [
      'a login page with 200',
      answer(200, '<h1>Welcome</h1>', html),
      { type: 'Unavailable', nonRetryable: false, says: "can't be read" },
    ],
    ['an empty success', answer(201, '{}'), { type: 'Unavailable', nonRetryable: false, says: '201' }],
    [
      'a redirect',
      answer(302, '', { location: 'https://elsewhere.example.com/' }),
      { type: 'Unavailable', nonRetryable: false, says: '302' },
    ],
    [
      'an answer that comes too late',
      { kind: 'slow', delayMs: 400 },
      { type: 'Unavailable', nonRetryable: false, says: 'too long' },
    ],
    [
      'a connection that breaks',
      { kind: 'dropBefore' },
      { type: 'Unavailable', nonRetryable: false, says: 'ECONNRESET' },
    ],
  ];

  const expectNoSecrets = (failure: ApplicationFailure) => {
    const told = [failure.message, failure.stack, JSON.stringify(failure.details), String(failure.cause)];
    for (const secret of [CODENAME, IC, FROM, TOKEN, BRIDGE.url])
      expect(told.join('\n')).not.toContain(secret);
  };

  test.each(badDays)(
    '%s becomes a failure that says what to do and nothing else',
    async (_, fault, wanted) => {
      pagerduty.breakCalls({ ...fault, on: 'incidents.create' });
      const failure = await failureOf(
        connect({ timeoutMs: 150 }).openPage({ codename: CODENAME, bridge: BRIDGE }),
      );
      expect({ type: failure.type, nonRetryable: failure.nonRetryable }).toEqual({
        type: wanted.type,
        nonRetryable: wanted.nonRetryable,
      });
      expect(failure.message).toContain('PagerDuty');
      expect(failure.message).toContain(wanted.says);
      expectNoSecrets(failure);
      expect(callNames().filter((name) => name === 'incidents.create')).toHaveLength(1);
    },
  );

  test('an e-mail in the address called does not reach the failure', async () => {
    const page = await open();
    pagerduty.breakCalls({ kind: 'dropBefore', on: 'users.list' });
    expectNoSecrets(await failureOf(pager.requestResponders({ page, emails: [IC] })));
  });

  test.each<[string, Record<string, string>, number]>([
    ['ratelimit-reset', { 'ratelimit-reset': '7', 'retry-after': '9' }, 7_000],
    ['retry-after', { 'retry-after': '9' }, 9_000],
    ['nothing', {}, 20_000],
    ['a date that no count of seconds can be', { 'ratelimit-reset': '1767225600' }, 60_000],
    ['no wait at all', { 'ratelimit-reset': '0' }, 1],
  ])('429 with %s is retried after a fitting wait, and asked once', async (_, headers, waitMs) => {
    pagerduty.breakCalls({ ...answer(429, error(2020), headers), on: 'incidents.create' });
    const failure = await failureOf(open());
    expect(failure).toMatchObject({ type: 'RateLimited', nonRetryable: false, nextRetryDelay: waitMs });
    expect(pagerduty.calls).toHaveLength(1);
  });

  test('a failure leaves no timer behind that would keep the process alive', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = timers();
    pagerduty.breakCalls({ kind: 'dropBefore', on: 'incidents.create' });
    await failureOf(open());
    expect(timers()).toBe(before);
  });

  test('nobody listening becomes a failure that is retried', async () => {
    await pagerduty.close();
    const failure = await failureOf(open());
    expect(failure).toMatchObject({ type: 'Unavailable', nonRetryable: false });
    expect(failure.message).toContain('ECONNREFUSED');
  });
});

describe('settings that no header can carry', () => {
  test.each([
    ['a token with a line break', { token: `${TOKEN}\n` }],
    ['an empty token', { token: '' }],
    ['a From address that is none', { fromEmail: 'firebreak' }],
  ])('%s is refused at once, without being quoted', (_, changed) => {
    expect(() => connect(changed)).toThrow(TypeError);
    expect(() => connect(changed)).not.toThrow(TOKEN);
  });
});
