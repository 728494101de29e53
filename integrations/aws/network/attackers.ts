/** The attacker's addresses: which ones may be denied. The affected instances' own are another list, never mixed with it. */
import { conflict, invalidRequest } from '../../../activities/failures';
import { overlap, readRange, type Range } from './cidr';

/** The shortest prefix that may be denied: of whole continents, and of the largest allocations of IPv6. */
const SHORTEST_PREFIX = { 4: 8, 6: 19 } as const;

/** What no attacker's packets come from: this network, loopback, link-local, multicast and what is above it. */
const NOBODYS = [
  '0.0.0.0/8',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '::/127',
  'fe80::/10',
  'ff00::/8',
].flatMap((cidr) => readRange(cidr) ?? []);

/**
 * Reads an attacker's address or range.
 *
 * `InvalidRequest` where it is none, is too wide or can't be an attacker's, `Conflict` where it holds one of `own`, the
 * addresses of affected instances. The messages do not repeat it.
 */
export function readAttacker(text: string, own: readonly string[]): Range {
  const range = readRange(text);
  if (!range)
    throw invalidRequest(
      "One of the attacker's addresses is no IP address or CIDR block. Nothing was sent to AWS for it: correct the scope.",
    );
  if (range.prefix < SHORTEST_PREFIX[range.family])
    throw invalidRequest(
      `One of the attacker's ranges is wider than /${SHORTEST_PREFIX[range.family]}: denying it would cut the company off. ` +
        'Nothing was sent to AWS for it: name narrower ranges in the scope.',
    );
  if (NOBODYS.some((nobodys) => overlap(range, nobodys)))
    throw invalidRequest(
      "One of the attacker's addresses is loopback, link-local, multicast or reserved. Nothing was sent to AWS for it: " +
        'correct the scope.',
    );
  if (own.some((address) => isIn(address, range)))
    throw conflict(
      "One of the attacker's addresses or ranges holds an address of an affected instance, which is contained as an " +
        'instance and never denied as an attacker. Nothing was sent to AWS for it: correct the scope.',
    );
  return range;
}

/** Reads all of them, and what is wrong with each of the others: these keep none of the rest from being denied. */
export function readAttackers(
  texts: readonly string[],
  own: readonly string[],
): { ranges: Range[]; problems: unknown[] } {
  const ranges: Range[] = [];
  const problems: unknown[] = [];
  for (const text of texts)
    try {
      ranges.push(readAttacker(text, own));
    } catch (problem) {
      problems.push(problem);
    }
  return { ranges, problems };
}

function isIn(address: string, range: Range): boolean {
  const single = readRange(address);
  return single !== undefined && overlap(single, range);
}
