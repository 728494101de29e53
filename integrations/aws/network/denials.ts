/**
 * Deny entries in network ACLs. An entry is known by its ACL, direction and range; AWS has no client token here, and an
 * entry no tag. Nobody else's entry is ever changed, renumbered or taken away.
 */
import { CreateNetworkAclEntryCommand, DeleteNetworkAclEntryCommand } from '@aws-sdk/client-ec2';
import { conflict, unavailable } from '../../../activities/failures';
import type { Clients } from '../clients';
import { hasCode } from '../failures/aws-error';
import { together } from '../together';
import {
  ALL_PROTOCOLS,
  denialsOf,
  DIRECTIONS,
  findAcl,
  firstAllow,
  isDenied,
  numbersOf,
  type Acl,
  type Direction,
} from './acl';
import type { Range } from './cidr';

/**
 * Entries in one direction, with the default denies. 20 where nobody asked AWS for more, and only AWS knows whether
 * somebody did: from there on its own refusal tells.
 */
const HIGHEST_QUOTA = 40;
/** A number is lost to somebody else's new entry, of which there can be no more than places. */
const ROUNDS = HIGHEST_QUOTA;

/**
 * Denies the ranges both ways, before whatever would let them through. Several workers may do so at once. `Conflict`
 * where an ACL is full, or has an allow at its very beginning; what there is room for is done all the same.
 */
export async function deny(clients: Clients, acl: Acl, ranges: readonly Range[]): Promise<void> {
  const distinct = [...new Map(ranges.map((range) => [range.cidr, range])).values()];
  await together(DIRECTIONS.map((direction) => denyOneWay(clients, acl, distinct, direction)));
}

/** Takes the denies of these ranges away again, both ways: entries with any field that differs stay. */
export async function liftDenials(clients: Clients, acl: Acl, ranges: readonly Range[]): Promise<void> {
  await together(
    DIRECTIONS.flatMap((direction) =>
      ranges
        .flatMap((range) => denialsOf(acl, range, direction))
        .map(({ RuleNumber }) => removeEntry(clients, acl.id, RuleNumber, direction)),
    ),
  );
}

async function denyOneWay(
  clients: Clients,
  seen: Acl,
  ranges: readonly Range[],
  direction: Direction,
): Promise<void> {
  let acl: Acl | undefined = seen;
  for (let round = 1; acl && round <= ROUNDS; round += 1) {
    if (await addMissing(clients, acl, ranges, direction)) return;
    acl = await findAcl(clients, seen.id);
  }
  throw unavailable(
    'AWS ec2:CreateNetworkAclEntry: the network ACL keeps changing, or is no longer used. Firebreak tries again.',
  );
}

/**
 * One entry after the other, each with the lowest free number: who adds the same one meanwhile wants the same number, so
 * that one of the two finds it taken, looks again and sees the other's. Returns false where a number was taken.
 */
async function addMissing(
  clients: Clients,
  acl: Acl,
  ranges: readonly Range[],
  direction: Direction,
): Promise<boolean> {
  const taken = new Set(numbersOf(acl, direction));
  let refusal: Error | undefined;
  for (const range of ranges.filter((each) => !isDenied(acl, each, direction))) {
    const number = lowestFree(taken, firstAllow(acl, range, direction));
    if (number === undefined) {
      refusal = noNumber(direction);
      continue;
    }
    if (taken.size >= HIGHEST_QUOTA) throw full(direction);
    try {
      await addEntry(clients, acl.id, number, range, direction);
    } catch (error) {
      if (hasCode(error, 'NetworkAclEntryAlreadyExists')) return false;
      if (hasCode(error, 'NetworkAclEntryLimitExceeded')) throw full(direction);
      throw error;
    }
    taken.add(number);
  }
  if (refusal) throw refusal;
  return true;
}

function lowestFree(taken: ReadonlySet<number>, below: number): number | undefined {
  let number = 1;
  while (taken.has(number)) number += 1;
  return number < below ? number : undefined;
}

async function addEntry(
  { ec2 }: Clients,
  aclId: string,
  number: number,
  { family, cidr }: Range,
  direction: Direction,
): Promise<void> {
  await ec2.send(
    new CreateNetworkAclEntryCommand({
      NetworkAclId: aclId,
      RuleNumber: number,
      Egress: direction === 'outbound',
      Protocol: ALL_PROTOCOLS,
      RuleAction: 'deny',
      ...(family === 4 ? { CidrBlock: cidr } : { Ipv6CidrBlock: cidr }),
    }),
  );
}

async function removeEntry(
  { ec2 }: Clients,
  aclId: string,
  number: number | undefined,
  direction: Direction,
): Promise<void> {
  try {
    await ec2.send(
      new DeleteNetworkAclEntryCommand({
        NetworkAclId: aclId,
        RuleNumber: number,
        Egress: direction === 'outbound',
      }),
    );
  } catch (error) {
    if (!hasCode(error, 'InvalidNetworkAclEntry.NotFound')) throw error;
  }
}

function full(direction: Direction): Error {
  return conflict(
    `AWS ec2:CreateNetworkAclEntry: a network ACL has no room for another ${direction} entry. Ask AWS to raise the quota ` +
      `of rules per network ACL (to ${HIGHEST_QUOTA} at most), or remove entries that nobody needs, then retry; or block ` +
      'the addresses upstream. Nothing was taken away.',
  );
}

function noNumber(direction: Direction): Error {
  return conflict(
    `AWS ec2:CreateNetworkAclEntry: a network ACL has no free number before the ${direction} entry that lets the ` +
      'addresses through. Give that entry a higher number, then retry; or block the addresses upstream.',
  );
}
