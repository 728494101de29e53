/**
 * Seals what goes to Temporal and opens what comes from there. Each payload is bound to its namespace and workflow: it can't be
 * read in another incident. What can't be read never fails a workflow task (`domain/trust/unreadable.ts`); a key that is not
 * there just now does, until it is (`codec/errors.ts`).
 */
import { isUtf8 } from 'node:buffer';
import { defaultPayloadConverter, type Payload, type PayloadCodec } from '@temporalio/common';
import { asked, unreadable, type UnreadableReason } from '../domain/trust/unreadable';
import { createDataKeys, type DataKeys } from './data-keys';
import { disclose, enclose, isSealed, type Envelope } from './envelope';
import { UnreadablePayload } from './errors';
import type { Keyring } from './keyring';
import { openBytes, sealBytes } from './local-key';
import { bytesOfPayload, payloadOfBytes } from './payload-bytes';

/**
 * `mark` puts a mark (`domain/trust/unreadable.ts`) in the place of what can't be read: for the worker. `throw` throws
 * `UnreadablePayload`: for a caller, who is told.
 */
export type OnUnreadable = 'mark' | 'throw';

type Context = Parameters<PayloadCodec['decode']>[1];
type Addressee = Pick<Envelope, 'kind' | 'namespace' | 'workflowId'>;
type Opened = { readonly payload: Payload } | { readonly reason: UnreadableReason };

/** One data key for a ring, whoever seals with it. */
const dataKeysOf = new WeakMap<Keyring, DataKeys>();

function dataKeys(keyring: Keyring): DataKeys {
  const known = dataKeysOf.get(keyring) ?? createDataKeys(keyring);
  dataKeysOf.set(keyring, known);
  return known;
}

export function createCodec(keyring: Keyring, onUnreadable: OnUnreadable): PayloadCodec {
  async function decodeOne(payload: Payload, context: Context): Promise<Payload> {
    const opened = await open(keyring, payload, (envelope) => reasonAgainst(envelope, context));
    if (!('reason' in opened)) return opened.payload;
    if (onUnreadable === 'throw') throw new UnreadablePayload(opened.reason);
    return defaultPayloadConverter.toPayload(unreadable(opened.reason));
  }
  return {
    encode: (payloads, context) =>
      Promise.all(payloads.map((payload) => seal(keyring, addresseeOf(context), payload))),
    decode: (payloads, context) => Promise.all(payloads.map((payload) => decodeOne(payload, context))),
  };
}

/**
 * Makes the first data key and opens it again. Before it a worker takes no work: it is told at once where a key service can't
 * be used.
 */
export async function tryKeyring(keyring: Keyring): Promise<void> {
  const { keyId, wrapped } = await dataKeys(keyring).current();
  await dataKeys(keyring).unwrap(keyId, wrapped);
}

/** What the codec server seals for `by`, an e-mail address whose token it has checked. Any workflow of the namespace reads it. */
export function sealAsked(
  keyring: Keyring,
  namespace: string,
  by: string,
  payload: Payload,
): Promise<Payload> {
  // Who it is stays inside: beside the cipher text, Temporal would show that this person is at work on something.
  const isJson = encodingOf(payload) === 'json/plain' && isConvertible(payload);
  const value: unknown = isJson ? JSON.parse(textOf(payload)) : null;
  const request = defaultPayloadConverter.toPayload(asked({ by, value }));
  return seal(keyring, { kind: 'asked', namespace, workflowId: '' }, request);
}

/**
 * What the codec server shows: whatever was sealed in this namespace, or by a worker that Temporal's SDK had not told whose it
 * is. What can't be opened is returned as it came.
 */
export function openForServer(
  keyring: Keyring,
  namespace: string,
  payloads: readonly Payload[],
): Promise<Payload[]> {
  const isOurs = (envelope: Envelope) => envelope.kind === 'loose' || envelope.namespace === namespace;
  return Promise.all(
    payloads.map(async (payload) => {
      try {
        const opened = await open(keyring, payload, (envelope) => (isOurs(envelope) ? undefined : 'moved'));
        return 'reason' in opened ? payload : opened.payload;
      } catch {
        return payload;
      }
    }),
  );
}

async function seal(keyring: Keyring, addressee: Addressee, payload: Payload): Promise<Payload> {
  const { keyId, wrapped, key } = await dataKeys(keyring).current();
  return enclose(keyring, { ...addressee, keyId, wrapped }, (bound) =>
    sealBytes(key, bytesOfPayload(payload), bound),
  );
}

/** @throws where it is one of this ring, and its key can't be used just now */
async function open(
  keyring: Keyring,
  payload: Payload,
  refusal: (envelope: Envelope) => UnreadableReason | undefined,
): Promise<Opened> {
  if (!isSealed(payload)) return { reason: 'clear' };
  const sealed = disclose(keyring, payload);
  if (typeof sealed === 'string') return { reason: sealed };
  const { envelope, bound, data } = sealed;
  const reason = refusal(envelope);
  if (reason) return { reason };
  const key = await dataKeys(keyring).unwrap(envelope.keyId, envelope.wrapped);
  const bytes = openBytes(key, data, bound);
  if (!bytes) return { reason: 'broken' };
  const inside = payloadOfBytes(bytes);
  return inside && isConvertible(inside) ? { payload: inside } : { reason: 'malformed' };
}

function addresseeOf(context: Context): Addressee {
  const { namespace = '', workflowId = '' } = context ?? {};
  return { kind: workflowId === '' ? 'loose' : 'bound', namespace, workflowId };
}

/** Nothing where the payload may be read in this context, or where there is none to compare with. */
function reasonAgainst(envelope: Envelope, context: Context): UnreadableReason | undefined {
  if (envelope.kind === 'loose') return 'malformed';
  if (!context) return undefined;
  const isHere =
    envelope.namespace === context.namespace &&
    (envelope.kind === 'asked' || envelope.workflowId === context.workflowId);
  return isHere ? undefined : 'moved';
}

/** Whether the SDK's converter takes it: what it throws inside of a workflow fails the task for ever. */
function isConvertible(payload: Payload): boolean {
  switch (encodingOf(payload)) {
    case 'binary/null':
    case 'binary/plain':
      return true;
    case 'json/plain':
      return isJson(payload);
    default:
      return false;
  }
}

function isJson(payload: Payload): boolean {
  try {
    JSON.parse(textOf(payload));
    return isUtf8(payload.data ?? new Uint8Array());
  } catch {
    return false;
  }
}

function encodingOf({ metadata }: Payload): string {
  return Buffer.from(metadata?.['encoding'] ?? []).toString('utf8');
}

function textOf({ data }: Payload): string {
  return Buffer.from(data ?? []).toString('utf8');
}
