/** Calling one after the other until somebody has the page, against the stand-in over HTTP. */
import fc from 'fast-check';
import type { Page, Pager } from '../../activities/paging';
import { startPagerDuty, type PagerDutyStandIn } from '../../drill/stand-ins/pagerduty';
import { failureOf } from '../support/failures';
import { valuesIn } from '../support/telling-words';
import { ACCOUNT, BRIDGE, CODENAME, FROM, pagerAt, TOKEN } from '../support/pagerduty';
import { isThorough } from '../support/thorough';

const IC = 'ic@example.com';
const DEPUTY = 'deputy@example.com';
const SHADOW = 'shadow@example.com';
const STRANGER = 'stranger@example.com';

let pagerduty: PagerDutyStandIn;
let pager: Pager;

const connect = (changed?: Parameters<typeof pagerAt>[1]) => pagerAt(pagerduty, changed);

beforeEach(async () => {
  pagerduty = await startPagerDuty({
    ...ACCOUNT,
    users: [
      { email: FROM, name: 'Firebreak' },
      { email: IC, name: 'Incident commander', role: 'admin' },
      { email: DEPUTY, name: 'Deputy', role: 'owner' },
      { email: SHADOW, name: 'Shadow', role: 'limited_user', id: 'PSHADOW' },
    ],
    onCall: [{ email: IC, level: 1 }],
  });
  pager = connect();
});

afterEach(() => pagerduty.close());

const open = (): Promise<Page> => pager.openPage({ codename: CODENAME, bridge: BRIDGE });
const rung = () => pagerduty.rung().map(({ email, why }) => `${email} ${why}`);
/** PagerDuty tells its moments in whole seconds. */
const nextSecond = () => new Promise((resolve) => setTimeout(resolve, 1_001 - (Date.now() % 1_000)));
const writes = () => pagerduty.calls.filter(({ method }) => method !== 'GET').map(({ name }) => name);

describe('how the page stands', () => {
  test('nobody has it at first, and the one on call is rung', async () => {
    const page = await open();
    expect(await pager.stateOf({ page })).toEqual({ status: 'triggered' });
    expect(rung()).toEqual([`${IC} assigned`]);
  });

  test('whoever acknowledged it first has it, and it takes one request to know', async () => {
    const page = await open();
    pagerduty.acknowledge(CODENAME, DEPUTY);
    await new Promise((resolve) => setTimeout(resolve, 5));
    pagerduty.acknowledge(CODENAME, IC);
    const before = pagerduty.calls.length;
    expect(await pager.stateOf({ page })).toEqual({ status: 'acknowledged', by: DEPUTY });
    expect(pagerduty.calls.length - before).toBe(1);
  });

  test('it ends', async () => {
    const page = await open();
    pagerduty.resolve(CODENAME, IC);
    expect(await pager.stateOf({ page })).toEqual({ status: 'resolved' });
  });

  test('whoever the page is assigned to and accepts by phone has it; another who accepts does not', async () => {
    const page = await open();
    await pager.requestResponders({ page, emails: [DEPUTY, IC] });
    pagerduty.reply(CODENAME, DEPUTY, 'joined');
    expect(await pager.stateOf({ page })).toEqual({ status: 'triggered' });
    pagerduty.reply(CODENAME, IC, 'declined');
    expect(await pager.stateOf({ page })).toEqual({ status: 'triggered' });
    pagerduty.reply(CODENAME, IC, 'joined');
    expect(await pager.stateOf({ page })).toEqual({ status: 'acknowledged', by: IC });
  });

  test('the roster’s spelling of who has it wins over PagerDuty’s', async () => {
    const emailOf = (id: string) => (id === pagerduty.userIdOf(IC) ? 'commander@example.com' : undefined);
    const page = await open();
    pagerduty.acknowledge(CODENAME, IC);
    expect(await connect({ emailOf }).stateOf({ page })).toEqual({
      status: 'acknowledged',
      by: 'commander@example.com',
    });
  });

  test.each<[string, object]>([
    ['a service that acknowledges is nobody', { id: 'PSERVIC', type: 'service_reference' }],
    ['somebody who is gone is nobody', { id: 'PGONE01', type: 'user_reference' }],
  ])('%s', async (_, acknowledger) => {
    const page = await open();
    pagerduty.breakCalls({
      kind: 'answer',
      on: 'incidents.get',
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        incident: {
          status: 'acknowledged',
          acknowledgements: [{ at: '2026-01-01T03:00:00Z', acknowledger }],
        },
      }),
    });
    expect(await pager.stateOf({ page })).toEqual({ status: 'acknowledged' });
  });

  test('a status that PagerDuty may add one day is nobody’s yes', async () => {
    const page = await open();
    pagerduty.breakCalls({
      kind: 'answer',
      on: 'incidents.get',
      status: 200,
      body: '{"incident":{"status":"snoozed"}}',
      headers: { 'content-type': 'application/json' },
    });
    expect(await pager.stateOf({ page })).toEqual({ status: 'triggered' });
  });
});

describe('calling the next', () => {
  test('gives the page to that person alone, whose phone rings', async () => {
    const page = await open();
    expect(await pager.callNext({ page, email: DEPUTY })).toEqual({ called: true });
    expect(rung()).toEqual([`${IC} assigned`, `${DEPUTY} assigned`]);
    const [incident] = pagerduty.incidents();
    expect(incident?.assignments.map(({ userId }) => userId)).toEqual([pagerduty.userIdOf(DEPUTY)]);
    expect(incident).toMatchObject({ status: 'triggered', urgency: 'high' });
    expect(JSON.parse(pagerduty.calls.at(-1)?.body ?? '')).toEqual({
      incident: {
        type: 'incident_reference',
        assignments: [{ assignee: { id: pagerduty.userIdOf(DEPUTY), type: 'user_reference' } }],
      },
    });
  });

  test('rings again where the page is theirs, which assigning it again would not', async () => {
    const page = await open();
    expect(await pager.callNext({ page, email: IC })).toEqual({ called: true });
    expect(await pager.callNext({ page, email: IC })).toEqual({ called: true });
    expect(rung()).toEqual([`${IC} assigned`, `${IC} requested`, `${IC} requested`]);
    expect(writes()).toEqual(['incidents.create', 'responder_requests.create', 'responder_requests.create']);
  });

  test('goes round the line, again and again', async () => {
    const page = await open();
    for (const email of [DEPUTY, SHADOW, IC, DEPUTY]) await pager.callNext({ page, email });
    expect(pagerduty.rung().map(({ email }) => email)).toEqual([IC, DEPUTY, SHADOW, IC, DEPUTY]);
  });

  test('makes low urgency high again: at night nobody hears the other', async () => {
    const page = await open();
    pagerduty.breakCalls({
      kind: 'answer',
      on: 'incidents.get',
      status: 200,
      body: '{"incident":{"status":"triggered","urgency":"low"}}',
      headers: { 'content-type': 'application/json' },
      times: 1,
    });
    await pager.callNext({ page, email: DEPUTY });
    expect(pagerduty.calls.at(-1)?.body).toContain('"urgency":"high"');
    expect(rung().at(-1)).toBe(`${DEPUTY} assigned`);
  });

  test.each([
    ['acknowledged', () => pagerduty.acknowledge(CODENAME, DEPUTY)],
    ['resolved', () => pagerduty.resolve(CODENAME, DEPUTY)],
  ])('does nothing to a page that somebody has %s', async (status, answer) => {
    const page = await open();
    answer();
    expect(await pager.callNext({ page, email: SHADOW })).toEqual({ called: false, answered: true });
    expect(writes()).toEqual(['incidents.create']);
    expect(pagerduty.incidents()[0]?.status).toBe(status);
  });

  test('does nothing to a page whose own assignee has accepted by phone', async () => {
    const page = await open();
    await pager.callNext({ page, email: IC });
    pagerduty.reply(CODENAME, IC, 'joined');
    expect(await pager.callNext({ page, email: DEPUTY })).toEqual({ called: false, answered: true });
  });

  test('says who is unknown, and calls the one after', async () => {
    const page = await open();
    expect(await pager.callNext({ page, email: STRANGER })).toEqual({ called: false });
    expect(await pager.callNext({ page, email: DEPUTY })).toEqual({ called: true });
  });

  test('asks by the roster’s id, not by the address', async () => {
    const page = await open();
    const known = connect({ idOf: (email) => (email === 'apprentice@example.com' ? 'PSHADOW' : undefined) });
    expect(await known.callNext({ page, email: 'apprentice@example.com' })).toEqual({ called: true });
    expect(rung().at(-1)).toBe(`${SHADOW} assigned`);
    expect(pagerduty.calls.map(({ name }) => name)).not.toContain('users.list');
    const { requested } = await known.requestResponders({ page, emails: ['apprentice@example.com'] });
    expect(requested).toEqual(['apprentice@example.com']);
  });

  test('an id of nobody in the roster keeps no one else from being rung', async () => {
    const page = await open();
    const wrong = connect({ idOf: (email) => (email === IC ? 'PGONE01' : undefined) });
    expect(await wrong.callNext({ page, email: IC })).toEqual({ called: false });
    expect(await wrong.requestResponders({ page, emails: [IC, DEPUTY] })).toEqual({
      requested: [DEPUTY],
      unknown: [IC],
    });
    expect(await wrong.callNext({ page, email: DEPUTY })).toEqual({ called: true });
  });

  test('a refusal for the sake of the From address is no fault of the person', async () => {
    const page = await open();
    const failure = await failureOf(connect({ fromEmail: STRANGER }).callNext({ page, email: DEPUTY }));
    expect(failure).toMatchObject({ type: 'InvalidRequest', nonRetryable: true });
    expect(failure.message).toContain('From address');
    expect(failure.message).not.toContain(STRANGER);
  });

  test('a page that is not there is told as such', async () => {
    const page = { id: '../users', url: '' };
    expect((await failureOf(pager.callNext({ page, email: IC }))).type).toBe('NotFound');
    expect((await failureOf(pager.stateOf({ page }))).type).toBe('NotFound');
  });
});

describe('an answer of somebody who is excluded', () => {
  const excluded = [IC, 'somebody-else@example.com'];

  test('does not count: the page is taken from them, and the next is rung', async () => {
    const page = await open();
    pagerduty.acknowledge(CODENAME, IC);
    expect(await pager.stateOf({ page, excluded })).toEqual({ status: 'triggered' });
    expect(await pager.callNext({ page, email: DEPUTY })).toEqual({ called: false, answered: true });
    expect(await pager.callNext({ page, email: DEPUTY, excluded })).toEqual({ called: true });
    expect(rung()).toEqual([`${IC} assigned`, `${DEPUTY} assigned`]);
    expect(await pager.stateOf({ page })).toEqual({ status: 'triggered' });
    pagerduty.acknowledge(CODENAME, DEPUTY);
    expect(await pager.stateOf({ page, excluded })).toEqual({ status: 'acknowledged', by: DEPUTY });
  });

  test('hides nobody else’s: whoever acknowledged after them has the page', async () => {
    const page = await open();
    pagerduty.acknowledge(CODENAME, IC);
    await new Promise((resolve) => setTimeout(resolve, 5));
    pagerduty.acknowledge(CODENAME, DEPUTY);
    expect(await pager.stateOf({ page, excluded })).toEqual({ status: 'acknowledged', by: DEPUTY });
    expect(await pager.callNext({ page, email: SHADOW, excluded })).toEqual({
      called: false,
      answered: true,
    });
  });

  test('does not count either where they accepted by phone', async () => {
    const page = await open();
    await pager.callNext({ page, email: IC });
    pagerduty.reply(CODENAME, IC, 'joined');
    expect(await pager.stateOf({ page, excluded })).toEqual({ status: 'triggered' });
    expect(await pager.callNext({ page, email: DEPUTY, excluded })).toEqual({ called: true });
  });

  test('is known by the roster’s id', async () => {
    const page = await open();
    pagerduty.acknowledge(CODENAME, SHADOW);
    const known = connect({ idOf: (email) => (email === 'apprentice@example.com' ? 'PSHADOW' : undefined) });
    expect(await known.stateOf({ page, excluded: ['apprentice@example.com'] })).toEqual({
      status: 'triggered',
    });
  });

  test('costs nothing while there is none', async () => {
    const page = await open();
    const before = pagerduty.calls.length;
    await pager.stateOf({ page, excluded });
    expect(pagerduty.calls.length - before).toBe(1);
  });

  test('a page that is over is over', async () => {
    const page = await open();
    pagerduty.resolve(CODENAME, IC);
    expect(await pager.callNext({ page, email: DEPUTY, excluded })).toEqual({
      called: false,
      answered: true,
    });
    expect(await pager.stateOf({ page, excluded })).toEqual({ status: 'resolved' });
  });
});

describe('a phone rings once for one call, whatever is lost', () => {
  test.each([
    ['the next', DEPUTY, 'incidents.update'],
    ['the same again', IC, 'responder_requests.create'],
  ])('%s: the answer is lost', async (_, email, on) => {
    const page = await open();
    await nextSecond();
    const since = Date.now();
    pagerduty.breakCalls({ kind: 'dropAfter', on, times: 1 });
    expect((await failureOf(pager.callNext({ page, email, since }))).type).toBe('Unavailable');
    expect(await pager.callNext({ page, email, since })).toEqual({ called: true });
    expect(rung().slice(1)).toHaveLength(1);
  });

  test.each([
    ['the next', DEPUTY, 'incidents.update'],
    ['the same again', IC, 'responder_requests.create'],
  ])('%s: the request is lost', async (_, email, on) => {
    const page = await open();
    await nextSecond();
    const since = Date.now();
    pagerduty.breakCalls({ kind: 'dropBefore', on, times: 1 });
    await failureOf(pager.callNext({ page, email, since }));
    expect(await pager.callNext({ page, email, since })).toEqual({ called: true });
    expect(rung().slice(1)).toHaveLength(1);
  });

  test('a later call of the same person rings again', async () => {
    const page = await open();
    await pager.callNext({ page, email: DEPUTY, since: Date.now() });
    await nextSecond();
    await pager.callNext({ page, email: DEPUTY, since: Date.now() });
    expect(rung().slice(1)).toEqual([`${DEPUTY} assigned`, `${DEPUTY} requested`]);
  });
});

describe('a bad day', () => {
  test.each(['incidents.get', 'users.list', 'incidents.update'])(
    '429 to %s waits as it is told to, and asks once',
    async (on) => {
      const page = await open();
      const limit = { status: 429, body: '{"error":{"code":2020}}', headers: { 'ratelimit-reset': '7' } };
      pagerduty.breakCalls({ kind: 'answer', on, ...limit });
      const failure = await failureOf(pager.callNext({ page, email: DEPUTY }));
      expect(failure).toMatchObject({ type: 'RateLimited', nonRetryable: false, nextRetryDelay: 7_000 });
      expect(pagerduty.calls.filter(({ name }) => name === on)).toHaveLength(1);
      expect(rung()).toHaveLength(1);
    },
  );

  test('down: it says so without a word of the incident, and once it is back everything is as it was', async () => {
    const page = await open();
    await pagerduty.goDown();
    const failures = await Promise.all(
      [
        pager.stateOf({ page }),
        pager.callNext({ page, email: DEPUTY }),
        pager.administrators(),
        pager.onCall(),
      ].map(failureOf),
    );
    for (const failure of failures) {
      expect(failure).toMatchObject({ type: 'Unavailable', nonRetryable: false });
      expect(failure.message).toContain('ECONNREFUSED');
      for (const secret of [CODENAME, DEPUTY, TOKEN]) expect(failure.message).not.toContain(secret);
    }
    await pagerduty.comeBack();
    expect(await pager.stateOf({ page })).toEqual({ status: 'triggered' });
    expect(await pager.callNext({ page, email: DEPUTY })).toEqual({ called: true });
  });

  test('whatever PagerDuty answers, it becomes an answer or one of our failures', async () => {
    const page = await open();
    const value = fc.jsonValue({ maxDepth: 4 });
    const incident = fc.record(
      {
        status: fc.oneof(fc.constantFrom('triggered', 'acknowledged', 'resolved', 'constructor'), value),
        urgency: value,
        assignments: fc.oneof(
          value,
          fc.array(fc.record({ at: fc.string(), assignee: fc.record({ id: fc.string() }) })),
        ),
        acknowledgements: fc.oneof(
          value,
          fc.array(
            fc.record({
              at: fc.string(),
              acknowledger: fc.record({ id: fc.string(), email: fc.oneof(value, fc.string()) }),
            }),
          ),
        ),
        incidents_responders: value,
        responder_requests: value,
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(fc.oneof(value, fc.record({ incident })), async (body) => {
        const end = pagerduty.breakCalls({
          kind: 'answer',
          on: 'incidents.get',
          status: 200,
          body: JSON.stringify(body),
          headers: { 'content-type': 'application/json' },
        });
        try {
          const told = await pager.stateOf({ page }).catch((error: unknown) => error);
          if (told instanceof Error) await failureOf(Promise.reject(told));
          else
            expect(['triggered', 'acknowledged', 'resolved']).toContain((told as { status: string }).status);
        } finally {
          end();
        }
      }),
      { numRuns: isThorough ? 60 : 20 },
    );
  });
});

describe('what was said elsewhere', () => {
  test('an acknowledgement is told in the name of who gave it, once, and the page wakes nobody more', async () => {
    const page = await open();
    await pager.acknowledge({ page, email: DEPUTY });
    expect(await pager.stateOf({ page })).toEqual({ status: 'acknowledged', by: DEPUTY });
    await pager.acknowledge({ page, email: IC });
    expect(await pager.stateOf({ page })).toEqual({ status: 'acknowledged', by: DEPUTY });
    expect(await pager.callNext({ page, email: IC })).toEqual({ called: false, answered: true });
    expect(writes()).toEqual(['incidents.create', 'incidents.update']);
  });

  test('of somebody whom PagerDuty does not know, it is told in its own name', async () => {
    const page = await open();
    await pager.acknowledge({ page, email: STRANGER });
    expect(await pager.stateOf({ page })).toEqual({ status: 'acknowledged', by: FROM });
  });

  test('a roster that knows somebody by another address is followed, and PagerDuty gets its own', async () => {
    const page = await open();
    await connect({ idOf: (email) => (email === STRANGER ? 'PSHADOW' : undefined) }).acknowledge({
      page,
      email: STRANGER,
    });
    expect(await pager.stateOf({ page })).toEqual({ status: 'acknowledged', by: SHADOW });
  });

  test('whoever is excluded is asked no longer, and nobody else is touched', async () => {
    const page = await open();
    await pager.requestResponders({ page, emails: [DEPUTY, SHADOW] });
    await pager.withdraw({ page, email: DEPUTY });
    await pager.withdraw({ page, email: DEPUTY });
    await pager.withdraw({ page, email: IC });
    await pager.withdraw({ page, email: STRANGER });
    expect(writes()).toEqual(['incidents.create', 'responder_requests.create', 'responder_requests.cancel']);
    expect(pagerduty.calls.at(-1)?.method).toBe('GET');
    // And is not asked again by who asks all.
    await pager.requestResponders({ page, emails: [SHADOW] });
    expect(rung()).toEqual([`${IC} assigned`, `${DEPUTY} requested`, `${SHADOW} requested`]);
  });

  test('nothing is withdrawn from a page that has ended, or from who has answered', async () => {
    const page = await open();
    await pager.requestResponders({ page, emails: [DEPUTY] });
    pagerduty.reply(CODENAME, DEPUTY, 'joined');
    await pager.withdraw({ page, email: DEPUTY });
    await pager.resolvePage({ page });
    await pager.withdraw({ page, email: DEPUTY });
    expect(writes()).not.toContain('responder_requests.cancel');
  });
});

describe('what leaves the building', () => {
  test('no body says more than the codename, the fixed texts, the bridge, and ids', async () => {
    const page = await open();
    await open();
    await pager.requestResponders({ page, emails: [DEPUTY, STRANGER] });
    await pager.addNote({ page, text: `Please join Slack: #${CODENAME}` });
    for (const email of [DEPUTY, SHADOW, SHADOW, STRANGER]) await pager.callNext({ page, email });
    await pager.stateOf({ page });
    await pager.withdraw({ page, email: SHADOW });
    await pager.acknowledge({ page, email: DEPUTY });
    await pager.administrators();
    await pager.onCall();
    await pager.resolvePage({ page });
    const said = new Set(pagerduty.calls.flatMap(({ body }) => valuesIn(body)));
    expect([...said].sort()).toEqual(
      [
        CODENAME,
        'Please join Slack ASAP',
        `Please join Slack: #${CODENAME}`,
        BRIDGE.url,
        BRIDGE.phone,
        ...['PSERVIC', 'PPOLICY', 'PSHADOW', pagerduty.userIdOf(FROM), pagerduty.userIdOf(DEPUTY)],
        ...['incident', 'incident_reference', 'service_reference'],
        ...['escalation_policy_reference', 'user_reference', 'high', 'acknowledged', 'resolved'],
      ].sort(),
    );
  });
});
