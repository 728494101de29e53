/** The bodies of Temporal's remote codec protocol: payloads in the JSON form of protobuf, where bytes are base64. */
import type { Payload } from '@temporalio/common';

export interface Sent {
  /** As it came, with fields that this version does not know. */
  readonly json: Readonly<Record<string, unknown>>;
  readonly payload: Payload;
}

export type ReadPayloads =
  { readonly ok: true; readonly sent: readonly Sent[] } | { readonly ok: false; readonly problem: string };

/** Standard base64 or that for URLs, with padding or without: what protobuf's JSON reads. */
const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/;

const FORM = 'a JSON object with a list "payloads", each with "metadata" and "data" in base64, is needed';

export function readPayloads(text: string, most: number): ReadPayloads {
  const list = listOf(text);
  if (!list) return { ok: false, problem: FORM };
  if (list.length > most) return { ok: false, problem: `at most ${most} payloads can be sent at once` };
  const sent = list.map(readPayload);
  return sent.every((one) => one !== undefined) ? { ok: true, sent } : { ok: false, problem: FORM };
}

function listOf(text: string): unknown[] | undefined {
  try {
    const body: unknown = JSON.parse(text);
    const list = isRecord(body) ? body['payloads'] : undefined;
    return Array.isArray(list) ? list : undefined;
  } catch {
    return undefined;
  }
}

function readPayload(json: unknown): Sent | undefined {
  if (!isRecord(json)) return undefined;
  const { metadata = {}, data = '' } = json;
  const fields = metadata === null ? {} : metadata;
  const bytes = bytesOf(data === null ? '' : data);
  if (!isRecord(fields) || !bytes) return undefined;
  const entries: [string, Uint8Array][] = [];
  for (const [name, value] of Object.entries(fields)) {
    const decoded = bytesOf(value);
    if (!decoded) return undefined;
    entries.push([name, decoded]);
  }
  return { json, payload: { metadata: Object.fromEntries(entries), data: bytes } };
}

function bytesOf(value: unknown): Uint8Array | undefined {
  return typeof value === 'string' && BASE64.test(value)
    ? Uint8Array.from(Buffer.from(value, 'base64'))
    : undefined;
}

/** A payload that the codec left alone goes back as it came. */
export function printPayloads(sent: readonly Sent[], converted: readonly Payload[]): string {
  return JSON.stringify({
    payloads: converted.map((payload, index) =>
      payload === sent[index]?.payload ? sent[index].json : printPayload(payload),
    ),
  });
}

function printPayload({ metadata, data }: Payload): object {
  const fields = Object.entries(metadata ?? {}).map(([name, value]) => [name, base64Of(value)]);
  return { metadata: Object.fromEntries(fields) as object, data: base64Of(data ?? new Uint8Array()) };
}

const base64Of = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
