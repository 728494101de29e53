import type { ReceiverFault } from '../../drill/stand-ins/receiver';
import { startSms, type SmsStandIn } from '../../drill/stand-ins/sms';
import { createSmsProvider, type SmsSettings } from '../../integrations/sms/provider';
import { endOf, internationalNumber } from '../../integrations/sms/number';
import type { SmsTextId } from '../../domain/sms';
import { failureOf } from '../support/failures';
import { inActivity, inCancelledActivity } from '../support/in-activity';

const TOKEN = 'sms-token-of-a-test';
const NUMBER = '+1 (555) 015-0';
const KEY = 'quiet-otter sms-1';

let provider: SmsStandIn;
beforeEach(async () => {
  provider = await startSms({ token: TOKEN });
});
afterEach(() => provider.close());

const texter = (settings: Partial<SmsSettings> = {}) =>
  createSmsProvider({ url: provider.url, from: '+1 555 0199', token: TOKEN, ...settings });
const send = (request: Partial<{ key: string; to: string; text: SmsTextId }> = {}, client = texter()) =>
  inActivity(() => client.send({ key: KEY, to: NUMBER, text: 'joinSlack', ...request }));

const isLate = (fault: ReceiverFault) => 'answer' in fault && fault.answer === 'late';

/** Nothing of the message, of the incident, of the credential, or of what the provider said. */
function expectNoContent(message: string): void {
  for (const secret of [
    TOKEN,
    '5550150',
    '15550',
    'quiet-otter',
    'joinSlack',
    'Please',
    'quoted',
    '127.0.0.1',
  ])
    expect(message).not.toContain(secret);
}

describe('an SMS', () => {
  test('goes out in one request with its text, the number in international form, and a key that says nothing', async () => {
    await send();
    expect(provider.received).toHaveLength(1);
    const [request] = provider.received;
    expect(JSON.parse(request!.body)).toEqual({
      to: '+15550150',
      from: '+15550199',
      text: 'Please join Slack ASAP',
    });
    expect(request!.headers).toMatchObject({
      authorization: `Bearer ${TOKEN}`,
      'content-type': 'application/json',
      'idempotency-key': expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(JSON.stringify(request)).not.toContain('otter');
  });

  test('is sent once for its key, and again for another', async () => {
    await send();
    await send();
    expect(provider.sent).toHaveLength(1);
    await send({ key: 'quiet-otter sms-2' });
    expect(provider.sent).toHaveLength(2);
  });

  test.each<[string, ReceiverFault]>([
    ['was lost', { answer: 'lost', times: 1 }],
    ['came too late', { answer: 'late', afterMs: 2_000, times: 1 }],
    ['was a breakdown after the work', { status: 502, times: 1 }],
  ])('is sent once although the first answer %s', async (_, fault) => {
    provider.fail(fault);
    const failure = await failureOf(send({}, texter(isLate(fault) ? { timeoutMs: 500 } : {})));
    expect(failure).toMatchObject({ type: 'Unavailable', nonRetryable: false });
    expectNoContent(failure.message);
    await send();
    expect(provider.sent).toHaveLength(1);
  });

  test('counts as sent where only half of the answer comes: its head has said so', async () => {
    provider.fail({ answer: 'half', times: 1 });
    await send();
    expect(provider.sent).toHaveLength(1);
  });

  test('ends with its activity, not with the patience for an answer', async () => {
    provider.fail({ answer: 'late', afterMs: 10_000 });
    const client = texter({ timeoutMs: 30_000 });
    const began = Date.now();
    const sending = inCancelledActivity(100, () => client.send({ key: KEY, to: NUMBER, text: 'checkPager' }));
    await expect(sending).rejects.toMatchObject({ name: 'CancelledFailure' });
    expect(Date.now() - began).toBeLessThan(5_000);
  });
});

describe('a failure', () => {
  test.each<[string, ReceiverFault, object, RegExp]>([
    ['401', { status: 401 }, { type: 'Unauthorized', nonRetryable: true }, /FIREBREAK_SMS_TOKEN/],
    ['403', { status: 403 }, { type: 'Unauthorized', nonRetryable: true }, /FIREBREAK_SMS_TOKEN/],
    ['400', { status: 400 }, { type: 'InvalidRequest', nonRetryable: true }, /communication\.sms\.url/],
    ['404', { status: 404 }, { type: 'InvalidRequest', nonRetryable: true }, /communication\.sms\.url/],
    ['422', { status: 422 }, { type: 'InvalidRequest', nonRetryable: true }, /does not take this/],
    ['409', { status: 409 }, { type: 'Conflict', nonRetryable: true }, /before you send it again/],
    ['408', { status: 408 }, { type: 'Unavailable', nonRetryable: false }, /tried again/],
    ['500', { status: 500 }, { type: 'Unavailable', nonRetryable: false }, /tried again/],
    ['503', { status: 503 }, { type: 'Unavailable', nonRetryable: false }, /tried again/],
    ['no answer', { answer: 'none' }, { type: 'Unavailable', nonRetryable: false }, /gave no answer/],
    [
      '429 with a wait',
      { status: 429, headers: { 'retry-after': '7' } },
      { type: 'RateLimited', nonRetryable: false, nextRetryDelay: 7_000 },
      /in 7 s/,
    ],
    ['429 without one', { status: 429 }, { type: 'RateLimited', nextRetryDelay: 30_000 }, /in 30 s/],
    [
      '429 with one of a year',
      { status: 429, headers: { 'retry-after': '31536000' } },
      { type: 'RateLimited', nextRetryDelay: 900_000 },
      /in 900 s/,
    ],
  ])('%s says what to do, and nothing of what was sent or answered', async (_, fault, expected, words) => {
    // A provider that quotes the request.
    const body = `quoted: ${NUMBER} +15550150 Please join Slack ASAP Bearer ${TOKEN}`;
    provider.fail('status' in fault ? { body, ...fault } : fault);
    const failure = await failureOf(send());
    expect(failure).toMatchObject(expected);
    expect(failure.message).toMatch(words);
    expectNoContent(failure.message);
    expect(failure.cause).toBeUndefined();
    expect(provider.sent).toEqual([]);
  });

  test('429 with a date waits until then', async () => {
    const date = new Date(Date.now() + 60_000).toUTCString();
    provider.fail({ status: 429, headers: { 'retry-after': date } });
    const { nextRetryDelay } = await failureOf(send());
    expect(Number(nextRetryDelay)).toBeGreaterThan(50_000);
    expect(Number(nextRetryDelay)).toBeLessThanOrEqual(60_000);
  });

  test.each([301, 302, 303, 307, 308])('%i is not followed: the token stays here', async (status) => {
    const other = await startSms({ token: TOKEN });
    try {
      provider.fail({ status, headers: { location: other.url } });
      const failure = await failureOf(send());
      expect(failure).toMatchObject({ type: 'InvalidRequest', nonRetryable: true });
      expect(failure.message).toContain('not followed');
      expect(other.received).toEqual([]);
    } finally {
      await other.close();
    }
  });

  test('nobody listening there says so, by the code of the system alone', async () => {
    const gone = await startSms({ token: TOKEN });
    await gone.close();
    const failure = await failureOf(send({}, texter({ url: gone.url })));
    expect(failure.type).toBe('Unavailable');
    expect(failure.message).toContain('ECONNREFUSED');
    expectNoContent(failure.message);
  });

  test.each([
    '5550150',
    '011 1 555 0150',
    '+0 555 0150',
    '+1 555 CALL NOW',
    '+1',
    '',
    '٠٥٥٥٠١٥٠',
    '＋15550150',
  ])('the number %j is refused before anything is sent, and not told in full', async (to) => {
    const failure = await failureOf(send({ to }));
    expect(failure).toMatchObject({ type: 'InvalidRequest', nonRetryable: true });
    expect(failure.message).toContain('Nothing was sent');
    expect(failure.message).not.toContain('555');
    expect(provider.received).toEqual([]);
  });
});

describe('settings', () => {
  test.each([
    'http://sms.example.com/messages',
    'http://127.0.0.1.example.com/messages',
    'http://localhost.example.com/',
    'ftp://sms.example.com',
    'https://user:secret@sms.example.com/messages',
    'https://user@sms.example.com/messages',
    'sms.example.com',
    '',
  ])('the address %j is refused, and not quoted', (url) => {
    expect(() => texter({ url })).toThrow(TypeError);
    expect(() => texter({ url })).toThrow(/communication\.sms\.url/);
    if (url !== '') expect(() => texter({ url })).not.toThrow(new RegExp(url.replaceAll('.', '\\.')));
  });

  test.each(['https://sms.example.com/messages', 'http://localhost:8080/m', 'http://[::1]:8080/m'])(
    'the address %j is taken',
    (url) => expect(() => texter({ url })).not.toThrow(),
  );

  test.each(['', 'two\nlines', 'with space', 'Schlüssel'])(
    'the token %j is refused, and not quoted',
    (token) => {
      expect(() => texter({ token })).toThrow(/FIREBREAK_SMS_TOKEN/);
      if (token !== '') expect(() => texter({ token })).not.toThrow(new RegExp(token));
    },
  );

  test.each([
    ['+1 555 0199', '+15550199'],
    ['ExampleCo', 'ExampleCo'],
    ['55501', '55501'],
  ])('the sender %j is given as %j', async (from, given) => {
    await send({}, texter({ from }));
    expect(provider.sent).toMatchObject([{ from: given }]);
  });

  test.each(['', 'a sender with words', '+1', 'x\r\nBcc'])('the sender %j is refused', (from) => {
    expect(() => texter({ from })).toThrow(/communication\.sms\.from/);
  });
});

test.each([
  ['+1 555 0150', '+15550150'],
  ['+1-555-015-0', '+15550150'],
  ['+44 (0)20 5550 1234', '+442055501234'],
  ['+1.555.0150', '+15550150'],
  ['+1\u00a0555\u20110150', '+15550150'],
  ['+1234567', '+1234567'],
  ['+123456789012345', '+123456789012345'],
  ['+1234567890123456', undefined],
  ['+123456', undefined],
  ['0044 20 5550 1234', undefined],
  ['++15550150', undefined],
  ['+1 555 0150 ext 5', undefined],
])('the number %j is %j', (written, number) => {
  expect(internationalNumber(written)).toBe(number);
});

test('of a number its end is told, and of what is too short nothing', () => {
  expect(endOf('+1 555 0150')).toBe('that ends in 50');
  expect(endOf('+1 55')).toBe('given');
});
