/** The addresses of an instance's interfaces, seen or captured. */
import { readRange, type Range } from './cidr';

interface Addressed {
  readonly privateAddresses: readonly string[];
  /** With those of IPv6. */
  readonly publicAddresses: readonly string[];
}

export function addressesOf({ privateAddresses, publicAddresses }: Addressed): string[] {
  return [...privateAddresses, ...publicAddresses];
}

/** Those that other subnets see. Public addresses of IPv4 are translated outside of the VPC. */
export function innerRangesOf(interfaces: readonly Addressed[]): Range[] {
  const ranges = interfaces.flatMap(({ privateAddresses, publicAddresses }) => [
    ...privateAddresses.flatMap((address) => readRange(address) ?? []),
    ...publicAddresses.flatMap((address) => readRange(address) ?? []).filter(({ family }) => family === 6),
  ]);
  return [...new Map(ranges.map((range) => [range.cidr, range])).values()];
}
