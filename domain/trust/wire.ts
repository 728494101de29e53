/** SSH's wire format (RFC 4251, section 5): numbers of 32 bits with the highest byte first, and strings after their length. */
import { concat } from './bytes';

/** Reads from the front. Each gives nothing where too little is left, and never throws. */
export interface Wire {
  take(length: number): Uint8Array | undefined;
  byte(): number | undefined;
  uint32(): number | undefined;
  string(): Uint8Array | undefined;
  /** Whether all was read: what trails was signed by nobody. */
  isAtEnd(): boolean;
}

export function wireOf(bytes: Uint8Array): Wire {
  let at = 0;
  const take = (length: number) => {
    if (length > bytes.length - at) return undefined;
    at += length;
    return bytes.slice(at - length, at);
  };
  const uint32 = () => {
    const four = take(4);
    return four && new DataView(four.buffer, four.byteOffset, 4).getUint32(0);
  };
  return {
    take,
    byte: () => take(1)?.[0],
    uint32,
    string: () => {
      const length = uint32();
      return length === undefined ? undefined : take(length);
    },
    isAtEnd: () => at === bytes.length,
  };
}

export function uint32Of(value: number): Uint8Array {
  const four = new Uint8Array(4);
  new DataView(four.buffer).setUint32(0, value);
  return four;
}

export function stringOf(bytes: Uint8Array): Uint8Array {
  return concat(uint32Of(bytes.length), bytes);
}
