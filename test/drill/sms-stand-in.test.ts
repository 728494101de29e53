import { startSms, type SmsStandIn } from '../../drill/stand-ins/sms';

const TOKEN = 'stand-in-token';
const SMS = { to: '+15550150', from: '+15550199', text: 'Please join Slack ASAP' };

let sms: SmsStandIn;
beforeEach(async () => {
  sms = await startSms({ token: TOKEN });
});
afterEach(() => sms.close());

async function ask(body: unknown = SMS, headers: Record<string, string> = {}, method = 'POST') {
  const response = await fetch(sms.url, {
    method,
    headers: { authorization: `Bearer ${TOKEN}`, 'idempotency-key': 'k', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as { id?: string } };
}

test('it is on this machine alone, and writes down what it took and when', async () => {
  expect(sms.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/messages$/);
  const before = Date.now();
  expect(await ask()).toMatchObject({ status: 201, body: { id: 'SM1' } });
  expect(sms.sent).toEqual([{ ...SMS, at: expect.any(Number), idempotencyKey: 'k' }]);
  expect(sms.sent[0]!.at).toBeGreaterThanOrEqual(before);
  expect(sms.received).toMatchObject([{ name: 'messages.send', method: 'POST', status: 201 }]);
});

test('a key is taken once, and for one message', async () => {
  const first = await ask();
  expect(await ask()).toEqual(first);
  expect(await ask({ ...SMS, text: 'another' })).toMatchObject({ status: 409 });
  expect(await ask(SMS, { 'idempotency-key': 'l' })).toMatchObject({ status: 201, body: { id: 'SM2' } });
  expect(sms.sent).toHaveLength(2);
});

test.each<[string, unknown, Record<string, string>, number]>([
  ['a wrong token', SMS, { authorization: 'Bearer another' }, 401],
  ['no key', SMS, { 'idempotency-key': '' }, 400],
  ['no JSON', 'to=1', {}, 400],
  ['a field more', { ...SMS, codename: 'quiet-otter' }, {}, 400],
  ['a field less', { to: SMS.to, from: SMS.from }, {}, 400],
  ['a number with spaces', { ...SMS, to: '+1 555 0150' }, {}, 422],
  ['no text', { ...SMS, text: '' }, {}, 422],
])('%s is refused, and written down all the same', async (_, body, headers, status) => {
  expect(await ask(body, headers)).toMatchObject({ status });
  expect(sms.sent).toEqual([]);
  expect(sms.received).toMatchObject([{ status }]);
});

describe('on demand it fails', () => {
  test('with any answer, as often as it is told, and does nothing meanwhile', async () => {
    sms.fail({ status: 503, body: { error: 'busy' }, headers: { 'retry-after': '3' }, times: 2 });
    expect(await ask()).toMatchObject({ status: 503, body: { error: 'busy' } });
    expect(await ask()).toMatchObject({ status: 503 });
    expect(sms.sent).toEqual([]);
    expect(await ask()).toMatchObject({ status: 201 });
  });

  test('without an answer: before the work or after it', async () => {
    sms.fail({ answer: 'none', times: 1 });
    await expect(ask()).rejects.toThrow();
    expect(sms.sent).toEqual([]);
    sms.fail({ answer: 'lost', times: 1 });
    await expect(ask()).rejects.toThrow();
    expect(sms.sent).toHaveLength(1);
    expect(sms.received.map(({ status }) => status)).toEqual([undefined, undefined]);
  });

  test('with half an answer', async () => {
    sms.fail({ answer: 'half', times: 1 });
    await expect(ask()).rejects.toThrow();
    expect(sms.sent).toHaveLength(1);
  });

  test('late, and closes although somebody still waits', async () => {
    sms.fail({ answer: 'late', afterMs: 60_000 });
    const asking = ask().then(
      () => 'answered',
      () => 'broken',
    );
    while (sms.sent.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    await sms.close();
    expect(await asking).toBe('broken');
    sms = await startSms({ token: TOKEN });
  });

  test('until it is mended', async () => {
    const mend = sms.fail({ status: 500, body: {} });
    expect((await ask()).status).toBe(500);
    mend();
    expect((await ask()).status).toBe(201);
  });
});
