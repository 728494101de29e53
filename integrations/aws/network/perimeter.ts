/** The edges of the network, where the attacker's addresses are blocked. */
import type { Perimeter } from '../../../activities/addresses';
import { conflict } from '../../../activities/failures';
import { createPlaces, type AwsSettings } from '../clients';
import { together } from '../together';
import { undenied } from './acl';
import { readAttacker } from './attackers';
import { readRange, type Range } from './cidr';
import { deny } from './denials';
import { findEdges, settled, type Edges } from './edges';
import { addToIpSet, isInIpSet } from './waf';

/** Throws the failures of `activities/failures`; their messages name neither an address nor an instance. */
export function createPerimeter(settings: AwsSettings): Perimeter {
  const placeOf = createPlaces(settings);
  return {
    async block(address, affected) {
      // Before anything is asked of AWS: nonsense needs no look.
      const { family } = readAttacker(address, []);
      const edges = ofFamily(await findEdges(settings, placeOf, affected), family);
      const range = readAttacker(address, edges.own);
      if (edges.acls.length + edges.ipSets.length + edges.problems.length === 0) throw noEdge();
      await together([
        ...edges.acls.map(({ clients, acl }) => deny(clients, acl, [range])),
        ...edges.ipSets.map(({ clients, set }) => addToIpSet(clients, set, range)),
        ...edges.problems.map((problem) => Promise.reject(problem as Error)),
      ]);
    },

    async verify(address, affected) {
      const range = readRange(address);
      const unproven = range
        ? await unprovenOf(range, ofFamily(await findEdges(settings, placeOf, affected), range.family))
        : [`${address} is no address that can be blocked.`];
      return { verifiedAt: new Date().toISOString(), unproven };
    },
  };
}

/** `unproven` names addresses, ACLs and IP sets: it belongs into the incident, which is encrypted, and nowhere else. */
async function unprovenOf(range: Range, { acls, ipSets, problems }: Edges): Promise<string[]> {
  const unread: unknown[] = [];
  const missing = await settled(
    ipSets.map(async ({ clients, set }) =>
      (await isInIpSet(clients, set, range)) ? [] : [`The IP set ${set.name} does not hold ${range.cidr}.`],
    ),
    unread,
  );
  return [
    ...(acls.length + ipSets.length === 0 ? ['No edge of the network is known.'] : []),
    ...undenied(
      acls.map(({ acl }) => acl),
      [range],
    ),
    ...missing.flat(),
    ...[...problems, ...unread].map(
      (problem) => `Not every edge was looked at: ${(problem as Error).message}`,
    ),
  ];
}

function ofFamily(edges: Edges, family: 4 | 6): Edges {
  return { ...edges, ipSets: edges.ipSets.filter(({ set }) => set.family === `IPv${family}`) };
}

function noEdge(): Error {
  return conflict(
    'No edge of the network is known where an address of this family could be blocked: no affected instance is left, and ' +
      'the settings name no network ACL and no IP set for it. Name one there, or block the address by hand.',
  );
}
