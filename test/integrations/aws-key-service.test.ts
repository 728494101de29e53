/** Data keys wrapped by KMS, against moto behind the proxy. */
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { ApplicationFailure, defaultPayloadConverter } from '@temporalio/common';
import { createCodec, tryKeyring } from '../../codec/codec';
import { newKeyring, readKeyring, type Keyring } from '../../codec/keyring';
import { openKeyService } from '../../client/key-service';
import { startAws, type AwsStandIn } from '../../drill/stand-ins/aws';
import { createKeyService } from '../../integrations/aws/key-service';

const REGION = 'eu-central-1';
const CONTEXT = { purpose: 'payloads', key: '2026-11' };
const DATA_KEY = Buffer.alloc(32, 7);
const WORKFLOW = { type: 'workflow', namespace: 'default', workflowId: 'sapphire-unicorn' } as const;

const settingsBefore = { ...process.env };
let standIn: AwsStandIn;
let kms: KMSClient;
let arn: string;

beforeAll(async () => {
  process.env['AWS_ACCESS_KEY_ID'] = 'stand-in';
  process.env['AWS_SECRET_ACCESS_KEY'] = 'stand-in';
  standIn = await startAws();
  kms = new KMSClient({ region: REGION, endpoint: standIn.motoUrl });
  arn = await newKey();
});

afterAll(async () => {
  await standIn.close();
  process.env = settingsBefore;
});

async function newKey(): Promise<string> {
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
  return KeyMetadata?.Arn ?? '';
}

function keyOf(named = arn, timeoutMs = 2_000) {
  return createKeyService({ endpoint: standIn.url, timeoutMs })(named);
}

/** As a process of its own reads it. */
function ringOf(text: string): Keyring {
  const read = readKeyring(text, openKeyService(standIn.url));
  if (!read.ok) throw new Error(read.problems.join('\n'));
  return read.keyring;
}

/** What moto does not check: the state of a key, and which key a cipher text is of. */
function answerNext(action: string, code: string): void {
  standIn.breakCalls({
    on: `kms.${action}`,
    times: 1,
    kind: 'answer',
    status: 400,
    headers: { 'content-type': 'application/x-amz-json-1.1' },
    body: JSON.stringify({ __type: code, message: `${arn} is not what it was` }),
  });
}

function callsOf(action: string): number {
  return standIn.calls.filter(({ name }) => name === `kms.${action}`).length;
}

test('what a key has wrapped it unwraps, and the data key is not in it', async () => {
  const wrapped = await keyOf().wrap(DATA_KEY, CONTEXT);
  expect(Buffer.from(wrapped).includes(DATA_KEY)).toBe(false);
  expect(Buffer.from((await keyOf().unwrap(wrapped, CONTEXT)) ?? [])).toEqual(DATA_KEY);
});

test('a wrapped key that was changed, is bound to something else or is of another key gives nothing', async () => {
  const wrapped = Buffer.from(await keyOf().wrap(DATA_KEY, CONTEXT));
  const changed = Buffer.from(wrapped);
  changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
  expect(await keyOf().unwrap(changed, CONTEXT)).toBeUndefined();
  expect(await keyOf().unwrap(wrapped, { ...CONTEXT, key: '2026-05' })).toBeUndefined();
  expect(await keyOf().unwrap(wrapped.subarray(0, 5), CONTEXT)).toBeUndefined();
  answerNext('Decrypt', 'IncorrectKeyException');
  expect(await keyOf().unwrap(wrapped, CONTEXT)).toBeUndefined();
});

test.each([
  ['DisabledException', /^AWS kms:Encrypt answered DisabledException .* Look at its state .*retry\.$/],
  ['KMSInvalidStateException', /^AWS kms:Encrypt answered KMSInvalidStateException .* Look at its state/],
  ['AccessDeniedException', /^AWS kms:Encrypt answered AccessDeniedException .* Allow kms:Encrypt/],
  ['NotFoundException', /^AWS kms:Encrypt finds no such key\. Correct the ARN on the keyring/],
])(
  '%s says which call failed and what to do, names no key, and can be tried again',
  async (code, expected) => {
    answerNext('Encrypt', code);
    const refused: unknown = await keyOf()
      .wrap(DATA_KEY, CONTEXT)
      .catch((error: unknown) => error);
    expect((refused as Error).message).toMatch(expected);
    expect((refused as Error).message).not.toContain(arn.split('/')[1]);
    expect(refused).not.toBeInstanceOf(ApplicationFailure);
  },
);

test('a key that is not there is no broken seal', async () => {
  const gone = arn.replace(/[^/]+$/, '00000000-0000-4000-8000-000000000000');
  const wrapped = await keyOf().wrap(DATA_KEY, CONTEXT);
  await expect(keyOf(gone).unwrap(wrapped, CONTEXT)).rejects.toThrow(/^AWS kms:Decrypt /);
});

test('a service that is down is asked three times, and then it is said', async () => {
  const before = callsOf('Decrypt');
  standIn.breakCalls({ on: 'kms.Decrypt', times: 3, kind: 'dropBefore' });
  await expect(keyOf().unwrap(DATA_KEY, CONTEXT)).rejects.toThrow(
    /^AWS kms:Decrypt got no answer: .*tries again\.$/,
  );
  expect(callsOf('Decrypt') - before).toBe(3);
});

test('payloads are sealed and opened by it, and it is asked once for a data key', async () => {
  const text = newKeyring('2026-11', arn);
  const sender = createCodec(ringOf(text), 'throw');
  const before = { wrapped: callsOf('Encrypt'), unwrapped: callsOf('Decrypt') };
  const payloads = Array.from({ length: 50 }, (_, number) => defaultPayloadConverter.toPayload({ number }));
  const sealed = await sender.encode(payloads, WORKFLOW);
  const opened = await createCodec(ringOf(text), 'mark').decode(sealed, WORKFLOW);
  expect(opened.map((one) => defaultPayloadConverter.fromPayload(one))).toEqual(
    payloads.map((_, number) => ({ number })),
  );
  expect(callsOf('Encrypt') - before.wrapped).toBe(1);
  expect(callsOf('Decrypt') - before.unwrapped).toBe(1);
});

test('a worker is told at its start that the key can not be used', async () => {
  const text = newKeyring('2026-11', arn);
  await tryKeyring(ringOf(text));
  answerNext('Encrypt', 'DisabledException');
  await expect(tryKeyring(ringOf(text))).rejects.toThrow(/kms:Encrypt/);
});

test('an entry that names another key than the one that sealed is said, and is never a mark', async () => {
  const text = newKeyring('2026-11', arn);
  const payload = defaultPayloadConverter.toPayload('a word');
  const sealed = await createCodec(ringOf(text), 'throw').encode([payload], WORKFLOW);
  const changed = ringOf(text.replace(arn, await newKey()));
  answerNext('Decrypt', 'IncorrectKeyException');
  await expect(createCodec(changed, 'mark').decode(sealed, WORKFLOW)).rejects.toThrow(
    /^The key 2026-11 of this keyring is not the one/,
  );
});

test('a key service that is down makes the reader wait, and never makes a mark', async () => {
  const text = newKeyring('2026-11', arn);
  const payload = defaultPayloadConverter.toPayload('a word');
  const sealed = await createCodec(ringOf(text), 'throw').encode([payload], WORKFLOW);
  const reader = createCodec(ringOf(text), 'mark');
  const mended = standIn.breakCalls({ on: 'kms.Decrypt', kind: 'dropBefore' });
  await expect(reader.decode(sealed, WORKFLOW)).rejects.toThrow(/^AWS kms:Decrypt got no answer/);
  mended();
  const [opened] = await reader.decode(sealed, WORKFLOW);
  expect(opened && defaultPayloadConverter.fromPayload(opened)).toBe('a word');
});
