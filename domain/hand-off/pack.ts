/**
 * Hand-off packs: what a contact outside is given. `packFor` makes one from what its audience may see, and never from free
 * text: what a responder typed may name anybody. The exception is the contact's own conversations, which it was part of.
 */
import { doneAt, type TargetKind } from '../containment';
import { CONTACTS, partiesOf, type ContactId, type Conversation, type Party } from '../contacts';
import type { Incident } from '../incident';
import { timeOf } from '../markdown';
import { mayShow, SECTION_IDS, SECTIONS, type SectionId } from './audiences';
import type { Block, PackDocument } from './document';
import { evidenceKept } from './evidence';
import { ADDRESS, byRole, INSTANCE, knownSince, timelineFor, type FactsOf } from './facts';
import { cellOf, dayOf, table } from './tables';

/** "Prefix all emails, and chat topics with 'Attorney Work Project'." */
const TITLE = 'Attorney Work Project';

export type PackSource = FactsOf & Pick<Incident, 'parties' | 'conversations' | 'rotations' | 'entries'>;

/**
 * @param party whose own conversations it may tell. Without one they are told only where one party of that kind is known: of
 *   several, each would read what the others said.
 */
export function packFor(contact: ContactId, incident: PackSource, party?: Party): PackDocument {
  const self = party ? (party.kind === contact ? party : undefined) : onlyPartyOf(contact, incident);
  return {
    title: TITLE,
    blocks: [
      {
        kind: 'paragraph',
        text: `For ${party && self ? `${self.name} (${CONTACTS[contact]})` : CONTACTS[contact]} alone: please pass it on to nobody, and call us before you answer in writing. Our reference: ${incident.declaration.codename}. As it stood at ${timeOf(incident.entries.at(-1)?.at ?? incident.declaration.at)}; every time is UTC.`,
      },
      ...SECTION_IDS.filter((section) => mayShow(contact, section)).flatMap((section): Block[] => [
        { kind: 'heading', text: SECTIONS[section] },
        ...MAKERS[section](contact, incident, self),
      ]),
    ],
  };
}

function onlyPartyOf(contact: ContactId, incident: PackSource): Party | undefined {
  const known = partiesOf(incident).filter(({ kind }) => kind === contact);
  return known.length === 1 ? known[0] : undefined;
}

type Maker = (contact: ContactId, incident: PackSource, self: Party | undefined) => Block[];

const MAKERS: Readonly<Record<SectionId, Maker>> = {
  timeline: (contact, incident) =>
    table(
      ['when', 'what', 'by'],
      timelineFor(contact, incident).map(({ at, what, by }) => [timeOf(at), what, by]),
      'Nothing yet.',
    ),

  addresses(contact, incident) {
    const withOurs = mayShow(contact, 'timeline');
    return addressTable(incident.scope.addresses, incident, withOurs);
  },

  ownAddresses: (_, incident, self) =>
    addressTable(
      addressesNamedTo(self, incident),
      incident,
      false,
      'None that we have spoken with you about.',
    ),

  instances: (_, incident) =>
    table(
      ['instance', 'known since', 'cut off', 'shut down', 'images in cold storage'],
      incident.scope.instances
        .filter(({ id }) => INSTANCE.test(id))
        .map(({ id }) => {
          const one = Object.hasOwn(incident.containments, id) ? incident.containments[id] : undefined;
          return [
            id,
            cellOf(knownSince(id, incident)),
            ...(['verify', 'stop', 'store'] as const).map((subStep) => cellOf(one && doneAt(one, subStep))),
          ];
        }),
      'None.',
    ),

  affected: (_, { scope }) =>
    table(
      ['what', 'how many'],
      [
        ['instances', scope.instances.length],
        ['users, roles and access keys', scope.identities.length],
        ['secrets that the attacker may know', scope.secrets.length],
        ['user accounts that were used in the attack', scope.users.length],
        ['services of ours', scope.services.length],
        ['accounts with third parties', scope.accounts.length],
        ['addresses of the attacker', scope.addresses.length],
      ].map(([what, count]) => [String(what), String(count)]),
      'Nothing.',
    ),

  measures: measuresTaken,

  evidence: evidenceKept,

  contactLog: (_, incident, self) =>
    table(
      ['when', 'who of us', 'with', 'about', 'next word'],
      conversationsWith(self, incident).map(({ at, by, with: who, about, nextAt }) => [
        timeOf(at),
        byRole(by, incident),
        who,
        about,
        nextAt === undefined ? '' : dayOf(nextAt),
      ]),
      'None is on record.',
    ),
};

function addressTable(
  addresses: readonly string[],
  incident: PackSource,
  withOurs: boolean,
  none = 'None is known.',
): Block[] {
  return table(
    ['address', 'known since', ...(withOurs ? ['blocked'] : [])],
    addresses
      .filter((id) => ADDRESS.test(id))
      .map((id) => {
        const one = Object.hasOwn(incident.containments, id) ? incident.containments[id] : undefined;
        return [
          id,
          cellOf(knownSince(id, incident)),
          ...(withOurs ? [cellOf(one && doneAt(one, 'verify'))] : []),
        ];
      }),
    none,
  );
}

/** Which addresses concern whom, nobody records but in what was said: those that a conversation with them has named. */
function addressesNamedTo(self: Party | undefined, incident: PackSource): string[] {
  const said = conversationsWith(self, incident).map(({ about }) => about);
  return incident.scope.addresses.filter((address) => {
    if (!ADDRESS.test(address)) return false;
    const named = pattern(address);
    return said.some((about) => named.test(about));
  });
}

/** By itself, and not as a part of another one. */
function pattern(address: string): RegExp {
  const text = address.replace(/[.\\/]/g, '\\$&');
  return address.includes(':')
    ? new RegExp(`(?<![0-9a-f]|[0-9a-f:]:)${text}(?![0-9a-f]|:[0-9a-f:]|/\\d)`, 'i')
    : new RegExp(`(?<![0-9.])${text}(?![0-9]|\\.[0-9]|/\\d)`);
}

function conversationsWith(self: Party | undefined, { conversations }: PackSource): Conversation[] {
  return conversations.filter(
    ({ party }) => self !== undefined && party.toLowerCase() === self.id.toLowerCase(),
  );
}

function measuresTaken(_contact: ContactId, incident: PackSource): Block[] {
  const all = Object.values(incident.containments);
  const counted = (what: string, kind: TargetKind, subStep: 'verify' | 'stop' | 'store' | 'rotate') => {
    const those = all.filter(({ target }) => target.kind === kind);
    const done = those.filter((one) => doneAt(one, subStep) !== undefined);
    return those.length === 0 ? [] : [[what, `${done.length} of ${those.length}`]];
  };
  const rotations = Object.values(incident.rotations);
  const settled = rotations.filter((one) => one.settled !== undefined).length;
  const established = (what: string, id: 'systemsSecured' | 'monitoringInPlace') => [
    [what, incident.findings[id] ? `yes, since ${timeOf(incident.findings[id].at)}` : 'not yet'],
  ];
  return table(
    ['measure', 'how far'],
    [
      ...counted('instances cut off from the network', 'instance', 'verify'),
      ...counted('instances shut down', 'instance', 'stop'),
      ...counted('images of their disks in cold storage', 'instance', 'store'),
      ...counted('users, roles and access keys contained', 'identity', 'verify'),
      ...counted('secrets replaced', 'secret', 'rotate'),
      ...counted('addresses of the attacker blocked', 'address', 'verify'),
      ...(rotations.length === 0
        ? []
        : [
            ['accounts used in the attack: keys and passwords replaced', `${settled} of ${rotations.length}`],
          ]),
      ...established('the systems are secured', 'systemsSecured'),
      ...established('monitoring that would notice another attack', 'monitoringInPlace'),
    ],
    'None yet.',
  );
}
