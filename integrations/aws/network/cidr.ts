/** Address ranges: reads them, compares them, and writes them as AWS keeps them. */
import { isIP } from 'node:net';

export interface Range {
  readonly family: 4 | 6;
  /** The first address as a number; its bits beyond the prefix are zero. */
  readonly first: bigint;
  readonly prefix: number;
  /** `203.0.113.0/24`, `2001:db8::1/128`: one spelling for each range. */
  readonly cidr: string;
}

const BITS = { 4: 32, 6: 128 } as const;
/** `::ffff:0:0/96`, where IPv6 writes IPv4. A deny of it would deny nothing: the packets are IPv4. */
const MAPPED_V4 = 0xffffn;

/** An address or a CIDR block; an address alone is a range of one. Undefined where it is neither. */
export function readRange(text: string): Range | undefined {
  const [, address = '', prefix] = /^([\da-fA-F.:]+)(?:\/(0|[1-9]\d{0,2}))?$/.exec(text.trim()) ?? [];
  const family = isIP(address);
  if (family !== 4 && family !== 6) return undefined;
  const length = prefix === undefined ? BITS[family] : Number(prefix);
  if (length > BITS[family]) return undefined;
  if (family === 4) return toRange(4, parseV4(address), length);
  const value = parseV6(address);
  return length >= 96 && value >> 32n === MAPPED_V4
    ? toRange(4, value & 0xffffffffn, length - 96)
    : toRange(6, value, length);
}

export function overlap(one: Range, other: Range): boolean {
  const free = BigInt(BITS[one.family] - Math.min(one.prefix, other.prefix));
  return one.family === other.family && one.first >> free === other.first >> free;
}

function toRange(family: 4 | 6, address: bigint, prefix: number): Range {
  const free = BigInt(BITS[family] - prefix);
  const first = (address >> free) << free;
  return { family, first, prefix, cidr: `${family === 4 ? formatV4(first) : formatV6(first)}/${prefix}` };
}

function parseV4(address: string): bigint {
  return address.split('.').reduce((sum, part) => (sum << 8n) | BigInt(part), 0n);
}

function formatV4(address: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => String((address >> shift) & 255n)).join('.');
}

function parseV6(address: string): bigint {
  // The URL writes an embedded IPv4 address in hexadecimal.
  const [head = '', tail] = compressed(address).split('::');
  const groups = (part: string | undefined) => (part ? part.split(':') : []);
  const zeros = Array<string>(8 - groups(head).length - groups(tail).length).fill('0');
  return [...groups(head), ...zeros, ...groups(tail)].reduce(
    (sum, group) => (sum << 16n) | BigInt(`0x${group}`),
    0n,
  );
}

function formatV6(address: bigint): string {
  const groups = Array.from({ length: 8 }, (_, index) =>
    ((address >> BigInt(112 - 16 * index)) & 0xffffn).toString(16),
  );
  return compressed(groups.join(':'));
}

function compressed(address: string): string {
  return new URL(`http://[${address}]/`).hostname.slice(1, -1);
}
