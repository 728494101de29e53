import {
  ActivityFailure,
  ApplicationFailure,
  defaultPayloadConverter,
  TimeoutFailure,
  type ProtoFailure,
} from '@temporalio/common';
import { decodeFailure, encodeFailure } from '@temporalio/common/lib/internal-non-workflow';
import fc from 'fast-check';
import { createCodec } from '../../codec/codec';
import { failureConverter } from '../../codec/failure-converter';
import { HERE, ringOf, workflow } from './support';

const codecs = [createCodec(ringOf(), 'mark')];

function sealed(error: unknown): Promise<ProtoFailure> {
  return encodeFailure(codecs, failureConverter.errorToFailure(error, defaultPayloadConverter), HERE);
}

async function opened(failure: ProtoFailure, context = HERE): Promise<Error> {
  return failureConverter.failureToError(
    await decodeFailure(codecs, failure, context),
    defaultPayloadConverter,
    context,
  );
}

/** Bytes as text too: JSON has them in base64. */
function shown(failure: ProtoFailure): string {
  const bytes = JSON.stringify(failure).match(/[\w+/]{8,}={0,2}/g) ?? [];
  return JSON.stringify(failure) + bytes.map((one) => Buffer.from(one, 'base64').toString('latin1')).join();
}

test('message, stack, details and causes are sealed, and come back', async () => {
  const cause = new Error('canary cause');
  const error = ApplicationFailure.create({
    message: 'canary message',
    type: 'Conflict',
    details: [{ detail: 'canary detail' }],
    cause,
    nonRetryable: true,
  });
  const failure = await sealed(error);
  expect(shown(failure)).not.toContain('canary');
  const back = await opened(failure);
  expect(back).toBeInstanceOf(ApplicationFailure);
  expect(back).toMatchObject({
    message: 'canary message',
    type: 'Conflict',
    nonRetryable: true,
    details: [{ detail: 'canary detail' }],
    stack: expect.stringContaining('failure-converter.test'),
    cause: expect.objectContaining({ message: 'canary cause' }),
  });
});

test('what was read can be told on, as often as one likes', async () => {
  const once = await opened(await sealed(new Error('canary message')));
  for (let n = 0; n < 2; n += 1) {
    const again = await sealed(once);
    expect(shown(again)).not.toContain('canary');
    expect((await opened(again)).message).toBe('canary message');
  }
});

test('whatever is thrown is sealed', async () => {
  for (const thrown of [
    'canary',
    { text: 'canary' },
    Object.assign(new Error('canary'), { cause: 'canary' }),
  ]) {
    const failure = await sealed(thrown);
    expect(shown(failure)).not.toContain('canary');
    expect((await opened(failure)).message).toContain('canary');
  }
});

test.each([
  ['changed', (failure: ProtoFailure) => spoilt(failure), HERE, 'it was changed after it was sealed'],
  [
    'of another incident',
    (failure: ProtoFailure) => failure,
    workflow('other'),
    'it was sealed for another incident',
  ],
  [
    'in clear text',
    (failure: ProtoFailure) => ({ ...failure, message: 'forged', encodedAttributes: null }),
    HERE,
    'it came in clear text',
  ],
  [
    'in clear text, sealed in name',
    (failure: ProtoFailure) => ({
      ...failure,
      encodedAttributes: defaultPayloadConverter.toPayload({ message: 'forged', stack_trace: '' }),
    }),
    HERE,
    'it came in clear text',
  ],
])('a failure that is %s says that it could not be read', async (_, change, context, why) => {
  const back = await opened(
    change(await sealed(ApplicationFailure.create({ message: 'x', type: 'Conflict' }))),
    context,
  );
  expect(back).toBeInstanceOf(ApplicationFailure);
  expect(back).toMatchObject({
    message: `Why this failed can't be read: ${why}. Look at the worker's log.`,
    type: 'Conflict',
    stack: '',
  });
});

function spoilt(failure: ProtoFailure): ProtoFailure {
  const { data, ...rest } = failure.encodedAttributes ?? {};
  return { ...failure, encodedAttributes: { ...rest, data: Buffer.alloc(data?.length ?? 0) } };
}

test('what Temporal itself says is kept: it is none of ours, and says nothing', async () => {
  const back = await opened({
    message: 'activity error',
    activityFailureInfo: { activityType: { name: 'echo' }, activityId: '1', identity: 'w', retryState: 1 },
    cause: { message: 'activity timeout', timeoutFailureInfo: { timeoutType: 1 } },
  });
  expect(back).toBeInstanceOf(ActivityFailure);
  expect(back).toMatchObject({ message: 'activity error', cause: { message: 'activity timeout' } });
  expect(back.cause).toBeInstanceOf(TimeoutFailure);
});

test('an incident that ended before an update was through says so', async () => {
  const back = await opened({
    message: 'forged',
    applicationFailureInfo: { type: 'AcceptedUpdateCompletedWorkflow', nonRetryable: true },
  });
  expect(back.message).toMatch(/^The incident ended before this was decided/);
});

test('no failure makes it throw', async () => {
  const bytes = fc.record({ metadata: fc.dictionary(fc.string(), fc.uint8Array()), data: fc.uint8Array() });
  const details = fc.record({ payloads: fc.array(bytes) });
  const any = fc.oneof(fc.integer(), fc.string(), fc.constant(null), fc.object({ maxDepth: 1 }));
  const { failure } = fc.letrec<{ failure: unknown }>((tie) => ({
    failure: fc.record(
      {
        message: fc.string(),
        stackTrace: any,
        encodedAttributes: fc.oneof(bytes, fc.constant(null)),
        cause: fc.option(tie('failure'), { depthSize: 'small' }),
        applicationFailureInfo: fc.record({ type: fc.string(), details, category: any, nextRetryDelay: any }),
        timeoutFailureInfo: fc.record({ timeoutType: any, lastHeartbeatDetails: details }),
        activityFailureInfo: fc.record({ retryState: any, activityType: any }),
        childWorkflowExecutionFailureInfo: fc.record({
          retryState: any,
          workflowExecution: any,
          workflowType: any,
        }),
        nexusHandlerFailureInfo: fc.record({ type: fc.string(), retryBehavior: any }),
      },
      { requiredKeys: [] },
    ),
  }));
  await fc.assert(
    fc.asyncProperty(failure, async (hostile) => {
      expect(await opened(hostile as ProtoFailure)).toBeInstanceOf(Error);
    }),
    { numRuns: 200 },
  );
});
