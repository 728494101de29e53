/** IP sets of AWS WAF. Whoever made the set decides in a web ACL what becomes of the addresses in it. */
import { GetIPSetCommand, UpdateIPSetCommand, type GetIPSetResponse } from '@aws-sdk/client-wafv2';
import { conflict, unavailable } from '../../../activities/failures';
import type { Clients, PerimeterSettings } from '../clients';
import { hasCode } from '../failures/aws-error';
import { readRange, type Range } from './cidr';

export type IpSet = PerimeterSettings['wafIpSets'][number];

/** Where the sets of CloudFront's scope are, whatever region the company is in. */
export const CLOUDFRONT_REGION = 'us-east-1';

/** How often the set is read again, where others change it at the same moment. */
const ROUNDS = 10;

/**
 * Adds the range, and keeps what others have in the set: an update replaces all of it, so that it counts only for the
 * set as it was read. `Conflict` where the set is full, missing, or of the other family.
 */
export async function addToIpSet({ waf }: Clients, set: IpSet, range: Range): Promise<void> {
  for (let round = 1; round <= ROUNDS; round += 1) {
    const { IPSet, LockToken } = await readIpSet(waf, set);
    const { Addresses = [], Description } = IPSet ?? {};
    if (holds(Addresses, range)) return;
    try {
      await waf.send(
        new UpdateIPSetCommand({
          ...nameOf(set),
          // Left out, it would be taken away.
          ...(Description ? { Description } : {}),
          Addresses: [...Addresses, range.cidr],
          LockToken,
        }),
      );
      return;
    } catch (error) {
      if (!hasCode(error, 'WAFOptimisticLockException')) throw error;
    }
  }
  throw unavailable('AWS wafv2:UpdateIPSet: others keep changing an IP set. Firebreak tries again.');
}

export async function isInIpSet({ waf }: Clients, set: IpSet, range: Range): Promise<boolean> {
  return holds((await readIpSet(waf, set)).IPSet?.Addresses ?? [], range);
}

async function readIpSet(waf: Clients['waf'], set: IpSet): Promise<GetIPSetResponse> {
  let found: GetIPSetResponse;
  try {
    found = await waf.send(new GetIPSetCommand(nameOf(set)));
  } catch (error) {
    if (!hasCode(error, 'WAFNonexistentItemException')) throw error;
    throw conflict(
      'AWS wafv2:GetIPSet: a configured IP set is not there. Correct its name, id and scope in the settings of the perimeter.',
    );
  }
  if (found.IPSet?.IPAddressVersion !== set.family.toUpperCase())
    throw conflict(
      'AWS wafv2:GetIPSet: a configured IP set is of the other family. Correct its family in the settings of the perimeter.',
    );
  return found;
}

/** WAF writes IPv6 with all its zeros: ranges are compared, not texts. */
function holds(addresses: readonly string[], { cidr }: Range): boolean {
  return addresses.some((address) => readRange(address)?.cidr === cidr);
}

function nameOf({ name, id, scope }: IpSet) {
  return { Name: name, Id: id, Scope: scope };
}
