/**
 * What stands around a sealed payload, in clear: which key opens it and whose it is. All of it is bound to the cipher text,
 * and proven by the ring. It says nothing that Temporal does not show anyway.
 */
import { timingSafeEqual } from 'node:crypto';
import type { Payload } from '@temporalio/common';
import { KEY_ID, type Keyring } from './keyring';
import { NONCE_BYTES, TAG_BYTES } from './local-key';

/** As Temporal's own samples name it: the Web UI knows it. */
export const SEALED = 'binary/encrypted';
const VERSION = '1';

/**
 * - `bound`: belongs to one workflow, and is read there alone;
 * - `asked`: sealed by the codec server for a responder, who is named inside; for any workflow of the namespace;
 * - `loose`: Temporal's SDK did not say whose it is (failures of workflow tasks). For people to look at, never for a workflow.
 */
const KINDS = ['bound', 'asked', 'loose'] as const;

export interface Envelope {
  readonly kind: (typeof KINDS)[number];
  readonly keyId: string;
  /** The wrapped data key. */
  readonly wrapped: Uint8Array;
  readonly namespace: string;
  /** Empty unless it is `bound`. */
  readonly workflowId: string;
}

export interface Sealed {
  readonly envelope: Envelope;
  /** What the cipher text is bound to. */
  readonly bound: Uint8Array;
  readonly data: Uint8Array;
}

/** The most bytes that a field can have; Temporal's names have 1,000, KMS's cipher texts 6,144. */
const MOST_BYTES = {
  version: 8,
  kind: 8,
  'key-id': 64,
  'key-tag': 16,
  'data-key': 8_192,
  namespace: 4_096,
  'workflow-id': 4_096,
} as const;

type Field = keyof typeof MOST_BYTES;
const FIELDS = Object.keys(MOST_BYTES) as Field[];
const PROOF = 'proof';
const PROOF_BYTES = 32;
const ENCODING = 'encoding';
const NOTHING = new Uint8Array();

/** `seal` is given what the content is to be bound to. */
export function enclose(
  keyring: Keyring,
  envelope: Envelope,
  seal: (bound: Uint8Array) => Uint8Array,
): Payload {
  const fields: Record<Field, Uint8Array> = {
    version: utf8(VERSION),
    kind: utf8(envelope.kind),
    'key-id': utf8(envelope.keyId),
    'key-tag': keyring.tagOf(envelope.keyId),
    'data-key': envelope.wrapped,
    namespace: utf8(envelope.namespace),
    'workflow-id': utf8(envelope.workflowId),
  };
  const bound = joined(fields);
  const data = seal(bound);
  // An entry of a map that is empty does not come through every protobuf library as it was.
  const filled = Object.entries(fields).filter(([, value]) => value.length > 0);
  return {
    metadata: {
      [ENCODING]: utf8(SEALED),
      ...Object.fromEntries(filled),
      [PROOF]: keyring.proofOf(bound, data),
    },
    data,
  };
}

export function isSealed({ metadata }: Payload): boolean {
  const encoding = metadata?.[ENCODING];
  return encoding instanceof Uint8Array && encoding.length === SEALED.length && textOf(encoding) === SEALED;
}

/**
 * Looks at a payload that says that it is sealed, and at its proof. Nothing is allocated by the size of a field before the
 * size was looked at.
 */
export function disclose(
  keyring: Keyring,
  { metadata, data }: Payload,
): Sealed | 'malformed' | 'unknownKey' | 'broken' {
  const fields = fieldsOf(metadata ?? {});
  const proof = metadata?.[PROOF];
  if (!fields || !(proof instanceof Uint8Array) || proof.length !== PROOF_BYTES) return 'malformed';
  if (!(data instanceof Uint8Array) || data.length < NONCE_BYTES + TAG_BYTES) return 'malformed';
  const envelope = envelopeOf(fields);
  if (!envelope) return 'malformed';
  if (!isEqual(fields['key-tag'], keyring.tagOf(envelope.keyId))) return 'unknownKey';
  const bound = joined(fields);
  if (!isEqual(proof, keyring.proofOf(bound, data))) return 'broken';
  return { envelope, bound, data };
}

/** Those fields and no other, each of a size that can be. What is not there is empty. */
function fieldsOf(metadata: Readonly<Record<string, unknown>>): Record<Field, Uint8Array> | undefined {
  const fields = {} as Record<Field, Uint8Array>;
  let filled = 0;
  for (const name of FIELDS) {
    const value = Object.hasOwn(metadata, name) ? metadata[name] : NOTHING;
    if (!(value instanceof Uint8Array) || value.length > MOST_BYTES[name]) return undefined;
    fields[name] = value;
    if (value.length > 0) filled += 1;
  }
  // With the encoding and the proof.
  return Object.keys(metadata).length === filled + 2 ? fields : undefined;
}

function envelopeOf(fields: Readonly<Record<Field, Uint8Array>>): Envelope | undefined {
  const kind = KINDS.find((one) => one === textOf(fields.kind));
  const keyId = textOf(fields['key-id']);
  if (!kind || textOf(fields.version) !== VERSION || !KEY_ID.test(keyId)) return undefined;
  const workflowId = textOf(fields['workflow-id']);
  if ((workflowId !== '') !== (kind === 'bound')) return undefined;
  return { kind, keyId, wrapped: fields['data-key'], namespace: textOf(fields.namespace), workflowId };
}

/** One spelling for all fields: each with its length before it. */
function joined(fields: Readonly<Record<Field, Uint8Array>>): Uint8Array {
  const all = Buffer.allocUnsafe(FIELDS.reduce((sum, name) => sum + 4 + fields[name].length, 0));
  let at = 0;
  for (const name of FIELDS) {
    at = all.writeUInt32BE(fields[name].length, at);
    all.set(fields[name], at);
    at += fields[name].length;
  }
  return all;
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

function utf8(text: string): Uint8Array {
  return Buffer.from(text, 'utf8');
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}
