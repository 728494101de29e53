/** Everything that Temporal keeps of a workflow, sealed: against a real server, with real workers. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { activityInfo, heartbeat } from '@temporalio/activity';
import { Client, type WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { ApplicationFailure, type Payload } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import {
  bundleWorkflowCode,
  DefaultLogger,
  Worker,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker';
import { createCodec, openForServer, sealAsked } from '../../codec/codec';
import { FAILURE_CONVERTER, sealing } from '../../codec/data-converter';
import { newKeyring, withNewKey, type Keyring } from '../../codec/keyring';
import { askedOf, unreadableReasonOf } from '../../domain/trust/unreadable';
import { startServer, until } from '../support/temporal';
import type { Activities, Input, loop, Report } from './loop';
import { ringOf, toPayload, workflow } from './support';
import { someOf } from '../support/thorough';

const TEXT = newKeyring('2026-05');
const RING = ringOf(TEXT);
const NAMESPACE = 'default';
const SILENT = new DefaultLogger('ERROR', () => {});

/** Where the server keeps its database. */
const FOLDER = mkdtempSync(join(tmpdir(), 'sealed-'));

let server: TestWorkflowEnvironment;
let code: WorkflowBundleWithSourceMap;
const running: { worker: Worker; ended: Promise<void> }[] = [];
/** Whose the SDK said that payloads are, by who was told: `worker decode default sapphire-unicorn`. */
const contexts = new Set<string>();

beforeAll(async () => {
  [server, code] = await Promise.all([
    startServer(['--db-filename', join(FOLDER, 'temporal.db')]),
    bundleWorkflowCode({
      workflowsPath: join(__dirname, 'loop.ts'),
      failureConverterPath: FAILURE_CONVERTER,
      logger: SILENT,
    }),
  ]);
}, 60_000);

afterEach(async () => {
  await Promise.all(running.splice(0).map(stop));
});

afterAll(async () => {
  await server.teardown();
  rmSync(FOLDER, { recursive: true });
});

const activities: Activities = {
  echo: async (value): Promise<unknown> => value,
  async fail(text) {
    throw ApplicationFailure.nonRetryable(text, 'Conflict', { detail: 'canary detail' });
  },
  async resume(text) {
    if (activityInfo().attempt > 1) return activityInfo().heartbeatDetails as unknown;
    heartbeat({ text });
    throw new Error('canary first attempt');
  },
};

function watched(who: string, ring: Keyring, onUnreadable: 'mark' | 'throw') {
  const { payloadCodecs: [codec] = [], ...rest } = sealing(ring, onUnreadable);
  if (!codec) throw new Error('there is one codec');
  const note = (what: string, context: Parameters<typeof codec.encode>[1]) =>
    contexts.add(`${who} ${what} ${context ? `${context.namespace} ${context.workflowId}` : 'nothing'}`);
  const spy: typeof codec = {
    encode(payloads, context) {
      note('encode', context);
      return codec.encode(payloads, context);
    },
    decode(payloads, context) {
      note('decode', context);
      return codec.decode(payloads, context);
    },
  };
  return { ...rest, payloadCodecs: [spy] };
}

async function startWorker(taskQueue: string, ring = RING) {
  const worker = await Worker.create({
    connection: server.nativeConnection,
    taskQueue,
    workflowBundle: code,
    activities,
    dataConverter: watched('worker', ring, 'mark'),
    identity: 'worker',
    stickyQueueScheduleToStartTimeout: '1 second',
    workflowThreadPoolSize: 1,
    shutdownForceTime: '5 seconds',
  });
  const one = { worker, ended: worker.run().catch(() => {}) };
  running.push(one);
  return one;
}

async function stop({ worker, ended }: (typeof running)[number]): Promise<void> {
  if (worker.getState() === 'RUNNING') worker.shutdown();
  await ended;
}

function clientOf(ring: Keyring = RING): Client {
  return new Client({
    connection: server.connection,
    namespace: NAMESPACE,
    identity: 'client',
    dataConverter: watched('client', ring, 'throw'),
  });
}

function start(
  workflowId: string,
  input: Partial<Input> = {},
  ring = RING,
): Promise<WorkflowHandleWithFirstExecutionRunId<typeof loop>> {
  return clientOf(ring).workflow.start<typeof loop>('loop', {
    workflowId,
    taskQueue: workflowId,
    args: [{ text: 'canary input', runs: 1, isFull: false, ...input }],
    memo: { memo: 'canary memo' },
    staticSummary: 'canary summary',
    staticDetails: 'canary details',
    workflowTaskTimeout: '2 seconds',
  });
}

/** As an attacker does it, who has Temporal and no key. */
async function signalRaw(workflowId: string, payloads: Payload[]): Promise<void> {
  await server.connection.workflowService.signalWorkflowExecution({
    namespace: NAMESPACE,
    workflowExecution: { workflowId },
    signalName: 'put',
    input: { payloads },
  });
}

/** Everything that is in there as text: names, texts, and bytes read as text. */
function textsOf(value: unknown): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1');
  if (typeof value === 'object' && value !== null)
    return Object.entries(value)
      .map(([key, one]) => `${key}\n${textsOf(one)}`)
      .join('\n');
  return String(value);
}

async function historyOf(workflowId: string, runId?: string) {
  return (await clientOf().workflow.getHandle(workflowId, runId).fetchHistory()).events ?? [];
}

async function failedTasksOf(workflowId: string): Promise<number> {
  return (await historyOf(workflowId)).filter(({ workflowTaskFailedEventAttributes: failed }) => failed)
    .length;
}

test('everything works, is bound to its workflow, and nothing of it is kept in clear', async () => {
  const id = 'sapphire-unicorn';
  await startWorker(id);
  const handle = await start(id, { runs: 2, isFull: true });
  const first = handle.firstExecutionRunId;
  const anyRun = clientOf().workflow.getHandle<typeof loop>(id);
  await anyRun.signal('put', { text: 'canary signal' });
  expect(await anyRun.executeUpdate('ask', { args: [{ text: 'canary update' }] })).toEqual({
    asked: { text: 'canary update' },
  });
  const refused: unknown = await anyRun
    .executeUpdate('ask', { args: ['refuse'] })
    .catch((error: unknown) => error);
  expect(refused).toMatchObject({ cause: { message: 'canary refusal', details: ['canary detail'] } });
  expect(await anyRun.query('seen', { text: 'canary query' })).toContainEqual({ text: 'canary query' });
  const described = await handle.describe();
  expect(described.memo).toMatchObject({ memo: 'canary memo' });
  expect([await described.staticSummary(), await described.staticDetails()]).toEqual([
    'canary summary',
    'canary details',
  ]);
  const onceThrough = [
    { text: 'canary activity' },
    'canary local',
    null,
    { text: 'canary heartbeat' },
    'canary failure',
    { from: 'canary child' },
    { child: 'canary child', memo: { memo: 'canary child memo' } },
    'canary child failure',
  ];
  const through = async () => ((await anyRun.query<unknown[], []>('seen')).length === 9 ? true : undefined);
  await until(through);
  await anyRun.signal('go');
  await until(async () => (await anyRun.describe()).runId !== first);
  await anyRun.signal('go');
  expect(await anyRun.result()).toEqual({
    text: 'canary input',
    seen: [{ text: 'canary signal' }, ...onceThrough, ...onceThrough],
    memo: { memo: 'canary memo', upserted: 'canary upserted' },
  } satisfies Report);

  const kept = await Promise.all([
    historyOf(id, first),
    historyOf(id),
    historyOf(`${id}-child`),
    historyOf(`${id}-failing`),
    server.connection.workflowService.describeWorkflowExecution({
      namespace: NAMESPACE,
      execution: { workflowId: id },
    }),
    server.connection.workflowService.listWorkflowExecutions({ namespace: NAMESPACE }),
  ]);
  expect(kept[0].length + kept[1].length).toBeGreaterThan(80);
  expect(textsOf(kept)).not.toMatch(/canary/i);
  const database = readdirSync(FOLDER).map((file) => readFileSync(join(FOLDER, file), 'latin1'));
  expect(database.join('')).toContain(id);
  expect(database.join('')).not.toMatch(/canary/i);

  const own = [id, `${id}-child`, `${id}-failing`];
  expect([...contexts].sort()).toEqual(
    [
      ...own.flatMap((one) => [`worker encode default ${one}`, `worker decode default ${one}`]),
      `client encode default ${id}`,
      `client decode default ${id}`,
    ].sort(),
  );
});

test('clear text, garbage, what is of another incident and a false reference are marks; what was asked is read', async () => {
  const id = 'emerald-otter';
  await startWorker(id);
  const handle = await start(id);
  const [elsewhere] = await createCodec(RING, 'throw').encode(
    [toPayload('canary')],
    workflow('sapphire-unicorn'),
  );
  const [foreign] = await createCodec(ringOf(), 'throw').encode([toPayload('canary')], workflow(id));
  const encoding = Buffer.from('binary/encrypted');
  await signalRaw(id, [toPayload('clear')]);
  await signalRaw(id, [toPayload(undefined)]);
  await signalRaw(id, [{}]);
  await signalRaw(id, [{ metadata: { encoding }, data: Buffer.alloc(100, 1) }]);
  await signalRaw(id, [elsewhere ?? {}]);
  await signalRaw(id, [foreign ?? {}]);
  // Before any codec is asked, the SDK throws at this one.
  const messageType = Buffer.from('temporal.api.sdk.v1.ExternalStorageReference');
  const reference = {
    metadata: { encoding: Buffer.from('json/protobuf'), messageType },
    data: Buffer.from('{'),
  };
  await signalRaw(id, [reference]);
  await signalRaw(id, [await sealAsked(RING, NAMESPACE, 'ic@example.com', toPayload({ text: 'please' }))]);
  const seen = await until(async () => {
    const now = await handle.query<unknown[], []>('seen');
    return now.length === 8 && now;
  });
  expect(seen.slice(0, 7).map(unreadableReasonOf)).toEqual([
    'clear',
    'clear',
    'clear',
    'malformed',
    'moved',
    'unknownKey',
    'clear',
  ]);
  expect(askedOf(seen[7])).toEqual({ by: 'ic@example.com', value: { text: 'please' } });
  expect(await failedTasksOf(id)).toBe(0);
  await handle.signal('go');
  await handle.result();
});

test.each(
  someOf(
    [
      ['lacks the key', 'amber-heron', ringOf(withNewKey(TEXT, '2026-11')), RING],
      ['has the ring of somebody else', 'coral-lynx', RING, ringOf()],
    ],
    1,
  ),
)(
  'a worker that %s waits, and one with the key goes on from there',
  async (_, id, ring, wrong) => {
    const right = await startWorker(id, ring);
    const handle = await start(id, {}, ring);
    await handle.signal('put', 'before');
    await until(async () => (await handle.query<unknown[], []>('seen')).length === 1);
    await stop(right);
    const lost = await startWorker(id, wrong);
    await handle.signal('put', 'while the key is away');
    await until(async () => (await failedTasksOf(id)) > 0);
    const [failure] = (await historyOf(id)).flatMap(({ workflowTaskFailedEventAttributes: failed }) =>
      failed?.failure?.encodedAttributes ? [failed.failure.encodedAttributes] : [],
    );
    const [told] = await openForServer(wrong, NAMESPACE, [failure ?? {}]);
    expect(Buffer.from(told?.data ?? []).toString()).toMatch(
      /the key 2026-11, which is not on this keyring|the start can not/,
    );
    expect((await handle.describe()).status.name).toBe('RUNNING');
    await stop(lost);
    await startWorker(id, ring);
    await handle.signal('go');
    expect(await handle.result()).toMatchObject({ seen: ['before', 'while the key is away'] });
  },
  60_000,
);
