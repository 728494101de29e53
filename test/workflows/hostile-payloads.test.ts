/** Payloads that were not sealed by the company, sent past the codec: refused, recorded, and never a failure of the workflow. */
import { createCodec } from '../../codec/codec';
import { asked } from '../../domain/trust/unreadable';
import { sealAsked } from '../../codec/codec';
import { defaultPayloadConverter } from '@temporalio/common';
import { createWorld } from '../support/fakes';
import { expectUnharmed, failedTasks, flood } from '../support/flood';
import { hostilePayloads, rawSender, sealedFor } from '../support/hostile';
import { IC, respond, SCRIBE } from '../support/incidents';
import { KEYRING, startServer, until, useTemporal } from '../support/temporal';
import { isThorough } from '../support/thorough';

const stage = useTemporal(() => startServer());

test.each([isThorough ? 2_000 : 150])(
  '%d malformed payloads as Signals, Updates and queries',
  async (count) => {
    await expectUnharmed(await flood(stage, count));
  },
  120_000,
);

test('garbage, clear text and another incident’s cipher text are refused, each for its own reason', async () => {
  const incident = await stage.declare(createWorld());
  const { codename, client } = incident;
  const { name: decision, ...content } = respond();
  const send = rawSender(client, codename);
  const own = await sealedFor(KEYRING, codename, {});
  const { payload } = await hostilePayloads({ keyring: KEYRING, codename, own });
  await send.signal('decision', payload(5));
  await send.signal('decision', defaultPayloadConverter.toPayload({ decision, ...content }));
  await send.signal('decision', await sealedFor(KEYRING, 'copper-heron', { decision, ...content }));
  await until(async () => (await incident.checklist()).refusals === 3);
  const reasons = (await incident.timeline()).flatMap(({ reasons: all = [] }) =>
    all.map(({ reason }) => reason),
  );
  expect(reasons).toEqual(['it came in clear text', 'it was sealed for another incident']);
  expect(await failedTasks(incident)).toEqual([]);
  expect(await incident.decide(respond())).toMatchObject({ accepted: true });
});

test('what the codec server sealed is a request, which a responder confirms', async () => {
  const incident = await stage.declare(createWorld());
  const { name: decision, by: _by, ...content } = respond();
  const payload = defaultPayloadConverter.toPayload({ decision, ...content });
  const send = rawSender(incident.client, incident.codename);
  await send.signal('decision', await sealAsked(KEYRING, 'default', SCRIBE, payload));
  expect(await incident.entry('asks through the Temporal UI')).toMatchObject({ kind: 'asked', by: SCRIBE });
  expect((await incident.checklist()).phase.name).toBe('assessing');
  await incident.take({ name: 'confirm', by: IC, request: 'asked-1' });
  expect((await incident.checklist()).phase).toMatchObject({ name: 'responding', by: IC });
});

test('a request that somebody writes by hand is none of the codec server', async () => {
  const incident = await stage.declare(createWorld());
  const send = rawSender(incident.client, incident.codename);
  const forged = asked({ by: IC, value: { decision: 'close' } });
  await send.signal('decision', defaultPayloadConverter.toPayload(forged));
  await until(async () => (await incident.checklist()).refusals === 1);
  expect((await incident.checklist()).asked).toEqual([]);
});

test('an answer that somebody gives in the worker’s place is a failed attempt, and is tried again', async () => {
  const world = createWorld();
  const release = world.pager.hold('openPage');
  const incident = await stage.declare(world);
  await until(() => world.pager.count('openPage') === 1);
  const { events = [] } = await incident.handle.fetchHistory();
  const scheduled = events?.find(({ activityTaskScheduledEventAttributes: one }) => one);
  const activityId = scheduled?.activityTaskScheduledEventAttributes?.activityId ?? '';
  const forged = defaultPayloadConverter.toPayload({ id: 'PAGE9', url: 'https://attacker.example.com' });
  await incident.client.workflowService.respondActivityTaskCompletedById({
    namespace: 'default',
    workflowId: incident.codename,
    activityId,
    result: { payloads: [forged] },
  });
  expect((await incident.entry('Page the incident commander: failed')).text).toContain(
    "the answer was not the worker's own",
  );
  release();
  await incident.entry('Page the incident commander: done');
  expect(await failedTasks(incident)).toEqual([]);
});

test('the codec itself reads what these tests seal', async () => {
  const sealed = await sealedFor(KEYRING, 'sapphire-unicorn', { a: 1 });
  const context = { type: 'workflow', namespace: 'default', workflowId: 'sapphire-unicorn' } as const;
  const [opened] = await createCodec(KEYRING, 'throw').decode([sealed], context);
  expect(defaultPayloadConverter.fromPayload(opened ?? {})).toEqual({ a: 1 });
});
