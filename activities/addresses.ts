/** The attacker's addresses, blocked at the edges of the network. The affected instances' own are another list. */
import type { InstanceLocation, Verification } from './containment';

/**
 * What blocking needs of a network. Every call may be repeated: each looks first and changes only what is not yet so.
 * Entries that somebody else made are neither changed nor taken away.
 */
export interface Perimeter {
  /**
   * Denies the address (IPv4 or IPv6, or a CIDR block) both ways in every network ACL of the affected instances' VPCs and in
   * the configured ones, and adds it to the configured WAF IP sets of its family. `Conflict` where a quota is full, or where
   * no edge is known.
   */
  block(address: string, affected: readonly InstanceLocation[], codename: string): Promise<void>;
  /** Looks again at everything that `block` claims. */
  verify(address: string, affected: readonly InstanceLocation[]): Promise<Verification>;
}

export function createAddressActivities(perimeter: Perimeter) {
  return {
    /** Blocks an address at the edges. */
    blockAddress: (address: string, affected: readonly InstanceLocation[], codename: string): Promise<void> =>
      perimeter.block(address, affected, codename),
    /** Looks again. */
    verifyAddress: (address: string, affected: readonly InstanceLocation[]): Promise<Verification> =>
      perimeter.verify(address, affected),
  };
}

export type AddressActivities = ReturnType<typeof createAddressActivities>;
