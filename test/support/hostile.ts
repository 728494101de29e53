/** Payloads as somebody sends them who reaches the Temporal server and has no key, past every client library. */
import { randomBytes } from 'node:crypto';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import type { Client } from '@temporalio/client';
import { createCodec } from '../../codec/codec';
import { newKeyring, type Keyring } from '../../codec/keyring';
import { ringOf } from './temporal';

const NAMESPACE = 'default';

interface Sources {
  readonly keyring: Keyring;
  readonly codename: string;
  /** Something that was sealed for the incident itself. */
  readonly own: Payload;
}

/** Sealed for a workflow. */
export async function sealedFor(
  keyring: Keyring,
  workflowId: string,
  value: unknown,
  namespace = NAMESPACE,
): Promise<Payload> {
  const codec = createCodec(keyring, 'throw');
  const payload = defaultPayloadConverter.toPayload(value);
  const [sealed] = await codec.encode([payload], { type: 'workflow', namespace, workflowId });
  if (!sealed) throw new Error('the codec gave nothing back');
  return sealed;
}

const bytes = (text: string) => Buffer.from(text);
const clear = (encoding: string, data: Uint8Array): Payload => ({
  metadata: { encoding: bytes(encoding) },
  data,
});

/** The number picks the kind; each makes another payload each time. */
export async function hostilePayloads({ keyring, codename, own }: Sources) {
  const others = ringOf(newKeyring('theirs'));
  const content = { decision: 'close', by: 'ic@example.com' };
  const elsewhere = await sealedFor(keyring, 'copper-heron', content);
  const foreign = await sealedFor(keyring, codename, content, 'another-namespace');
  const unknown = await sealedFor(others, codename, content);
  const flipped = (payload: Payload): Payload => {
    const data = Buffer.from(payload.data ?? []);
    const at = data.length === 0 ? 0 : randomBytes(4).readUInt32BE() % data.length;
    data[at] = (data[at] ?? 0) ^ (1 << (at % 8));
    return { metadata: payload.metadata ?? {}, data };
  };
  const withField = (field: string, value: Uint8Array): Payload => ({
    metadata: { ...own.metadata, [field]: value },
    data: own.data ?? new Uint8Array(),
  });
  const fields = Object.keys(own.metadata ?? {});
  const kinds: ((number: number) => Payload)[] = [
    () => clear('json/plain', bytes(JSON.stringify(content))),
    () => clear('json/plain', randomBytes(64)),
    () => clear('json/plain', bytes('{"firebreak/unreadable":"clear"}')),
    () => clear('json/plain', bytes('{"firebreak/asked":{"by":"ic@example.com","value":{}}}')),
    () => clear('binary/null', new Uint8Array()),
    () => clear('binary/plain', randomBytes(256)),
    () => clear('json/protobuf', randomBytes(32)),
    () => clear('no/such-encoding', randomBytes(16)),
    () => clear('binary/encrypted', randomBytes(128)),
    () => ({ metadata: {}, data: randomBytes(16) }),
    () => ({}),
    () => elsewhere,
    () => foreign,
    () => unknown,
    () => flipped(own),
    () => ({ metadata: own.metadata ?? {}, data: Buffer.from(own.data ?? []).subarray(0, 10) }),
    (number) => withField(fields[number % fields.length] ?? '', randomBytes(1 + (number % 64))),
    (number) => withField(fields[number % fields.length] ?? '', new Uint8Array()),
    (number) => {
      const { [fields[number % fields.length] ?? '']: _gone, ...metadata } = own.metadata ?? {};
      return { metadata, data: own.data ?? new Uint8Array() };
    },
    () => withField('key-id', randomBytes(20_000)),
  ];
  return { kinds: kinds.length, payload: (number: number) => kinds[number % kinds.length]?.(number) ?? {} };
}

/** Sends raw payloads, by the same requests as the client library. */
export function rawSender({ workflowService }: Client, workflowId: string) {
  const workflowExecution = { workflowId };
  return {
    signal: (signalName: string, ...payloads: Payload[]) =>
      workflowService.signalWorkflowExecution({
        namespace: NAMESPACE,
        workflowExecution,
        signalName,
        input: { payloads },
      }),
    update: (name: string, updateId: string, ...payloads: Payload[]) =>
      workflowService.updateWorkflowExecution({
        namespace: NAMESPACE,
        workflowExecution,
        // 3: completed
        waitPolicy: { lifecycleStage: 3 },
        request: { meta: { updateId }, input: { name, args: { payloads } } },
      }),
    query: (queryType: string, ...payloads: Payload[]) =>
      workflowService.queryWorkflow({
        namespace: NAMESPACE,
        execution: workflowExecution,
        query: { queryType, queryArgs: { payloads } },
      }),
  };
}
