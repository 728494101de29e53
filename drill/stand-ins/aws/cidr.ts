/** Address ranges as AWS writes them: the bits beyond the prefix are zero, whatever the caller sent. */
import { isIP } from 'node:net';

/** `100.68.0.18/18` is `100.68.0.0/18`; undefined where it is no range of that family. */
export function canonicalCidr(text: string, family: 4 | 6): string | undefined {
  const [, address = '', prefix = ''] = /^([\da-fA-F.:]+)\/(0|[1-9]\d{0,2})$/.exec(text) ?? [];
  const bits = family === 4 ? 32 : 128;
  const free = bits - Number(prefix);
  if (isIP(address) !== family || free < 0) return undefined;
  const all = family === 4 ? parseV4(address) : parseV6(address);
  const network = (all >> BigInt(free)) << BigInt(free);
  return `${family === 4 ? formatV4(network) : formatV6(network)}/${prefix}`;
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
