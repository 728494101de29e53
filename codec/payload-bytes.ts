/** A payload as Temporal writes it (`temporal.api.common.v1.Payload`): sealed whole, so that not even its encoding shows. */
import type { Payload } from '@temporalio/common';
import { Field, MapField, Root, Type } from 'protobufjs/light';

const PAYLOAD = new Type('Payload')
  .add(new MapField('metadata', 1, 'string', 'bytes'))
  .add(new Field('data', 2, 'bytes'));
new Root().add(PAYLOAD);

export function bytesOfPayload({ metadata, data }: Payload): Uint8Array {
  return PAYLOAD.encode({ metadata: metadata ?? {}, ...(data ? { data } : {}) }).finish();
}

/** Nothing where the bytes are no payload. */
export function payloadOfBytes(bytes: Uint8Array): Payload | undefined {
  try {
    const { metadata, data } = PAYLOAD.decode(bytes) as unknown as Payload;
    return { metadata: metadata ?? {}, data: data ?? new Uint8Array() };
  } catch {
    return undefined;
  }
}
