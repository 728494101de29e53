import fc from 'fast-check';
import { createSmsActivities, type Texter } from '../../activities/sms';
import { startSms, type SmsStandIn } from '../../drill/stand-ins/sms';
import { SMS_TEXTS, SMS_TEXT_IDS, type SmsTextId } from '../../domain/sms';
import { createSmsProvider } from '../../integrations/sms/provider';
import { failureOf } from '../support/failures';
import { inActivity } from '../support/in-activity';

/** A message that nothing has passed, whatever is in it. */
const run = (texter: Texter, key: string, to: unknown, text: unknown) =>
  inActivity(() => createSmsActivities(texter).sendSms(key, { way: 'sms', to, text } as never));

let provider: SmsStandIn;
let texter: Texter;
beforeAll(async () => {
  provider = await startSms({ token: 'sms-token' });
  texter = createSmsProvider({ url: provider.url, from: '+1 555 0199', token: 'sms-token' });
});
afterAll(() => provider.close());

test.each(SMS_TEXT_IDS)('the text %s goes out as it is written down', async (id) => {
  await run(texter, `quiet-otter ${id}`, '+15550150', id);
  expect(provider.sent.at(-1)).toMatchObject({ to: '+15550150', text: SMS_TEXTS[id] });
});

test.each([
  ['Please join Slack ASAP'],
  ['toString'],
  ['__proto__'],
  ['constructor'],
  [''],
  [null],
  [{}],
  [7],
])('there is no text %j, and nothing is sent', async (text) => {
  const before = provider.received.length;
  const failure = await failureOf(run(texter, 'quiet-otter', '+15550150', text));
  expect(failure).toMatchObject({ type: 'InvalidRequest', nonRetryable: true });
  expect(failure.message).toContain('joinSlack');
  expect(provider.received).toHaveLength(before);
});

test('whatever text is asked for, only the fixed ones ever reach the provider', async () => {
  const before = provider.received.length;
  let taken = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(fc.anything(), fc.string(), fc.constantFrom(...SMS_TEXT_IDS, ...Object.values(SMS_TEXTS))),
      fc.uuid(),
      async (text, key) => {
        const isOne = typeof text === 'string' && (SMS_TEXT_IDS as readonly string[]).includes(text);
        const sending = run(texter, key, '+15550150', text);
        if (isOne) await sending;
        else expect((await failureOf(sending)).type).toBe('InvalidRequest');
        // The adapter holds the same lock, whoever calls it.
        const direct = () => texter.send({ key, to: '+15550150', text: text as SmsTextId });
        if (!isOne) await expect(inActivity(direct)).rejects.toMatchObject({ type: 'InvalidRequest' });
        if (isOne) taken += 1;
      },
    ),
    { numRuns: 200 },
  );
  expect(taken).toBeGreaterThan(0);
  const received = provider.received.slice(before);
  expect(received).toHaveLength(taken);
  const fixed: readonly unknown[] = Object.values(SMS_TEXTS);
  for (const { body } of received) expect(fixed).toContain((JSON.parse(body) as { text: unknown }).text);
});
