/**
 * Hand-off packs: what a contact outside is given. `packFor` makes one from what its audience may see, and never from free
 * text: what a responder typed may name anybody. The exception is the contact's own conversations, which it was part of.
 */
import { doneAt, type TargetKind } from '../containment';
import { CONTACTS, partiesOf, type ContactId, type Conversation, type Party } from '../contacts';
import { CUSTODY_EVENTS, ITEM_KINDS, type CustodyRecord, type EvidenceItem } from '../evidence/items';
import type { Incident } from '../incident';
import { timeOf } from '../markdown';
import { mayShow, SECTION_IDS, SECTIONS, type SectionId } from './audiences';
import type { Block, PackDocument } from './document';
import { ADDRESS, byRole, INSTANCE, knownSince, nameTarget, timelineFor, type FactsOf } from './facts';

/** "Prefix all emails, and chat topics with 'Attorney Work Project'." */
const TITLE = 'Attorney Work Project';

export type PackSource = FactsOf & Pick<Incident, 'parties' | 'conversations' | 'rotations' | 'entries'>;

/** More than anybody reads, and as much as a message carries. What is left out is said to be. */
const MOST_ROWS = 1_000;

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
    addressTable(addressesNamedTo(self, incident), incident, false, 'None that we have spoken with you about.'),

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

  evidence: (contact, incident, self) => evidenceKept(contact, incident, self),

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
  const words = new Set(
    conversationsWith(self, incident).flatMap(({ about }) =>
      about
        .toLowerCase()
        .split(/[^0-9a-f.:/]+/)
        .map((word) => word.replace(/^[.:/]+(?!:)|[.:/]+$/g, '')),
    ),
  );
  return incident.scope.addresses.filter((address) => words.has(address.toLowerCase()));
}

function conversationsWith(self: Party | undefined, { conversations }: PackSource): Conversation[] {
  return conversations.filter(({ party }) => self !== undefined && party.toLowerCase() === self.id.toLowerCase());
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
        : [['accounts used in the attack: keys and passwords replaced', `${settled} of ${rotations.length}`]]),
      ...established('the systems are secured', 'systemsSecured'),
      ...established('monitoring that would notice another attack', 'monitoringInPlace'),
    ],
    'None yet.',
  );
}

/** Items by number: what they are called where they are kept is a way to them. */
function evidenceKept(contact: ContactId, incident: PackSource, self: Party | undefined): Block[] {
  const { items, custody, seals } = incident.evidence;
  const kept = Object.values(items);
  const numbers = new Map(kept.map(({ id }, index) => [id, `E${index + 1}`]));
  const numberOf = (id: string) => numbers.get(id) ?? 'an item';
  const hashed = kept.filter(({ sha256 }) => isHash(sha256));
  return [
    ...table(
      ['item', 'what', 'of', 'made', 'size', 'state'],
      kept.map((item) => [
        numberOf(item.id),
        ITEM_KINDS[item.kind] + (item.moment ? `, ${item.moment === 'live' ? 'running' : 'stopped'}` : ''),
        nameOfSource(item, contact),
        timeOf(item.createdAt),
        sizeOf(item),
        [item.state === 'complete' ? 'complete' : 'not complete yet', ...lockOf(item)].join(', '),
      ]),
      'None is kept yet.',
    ),
    ...(hashed.length === 0
      ? []
      : table(
          ['item', 'SHA-256'],
          hashed.map(({ id, sha256 = '' }) => [numberOf(id), sha256]),
          '',
        )),
    ...(custody.length === 0
      ? []
      : [
          { kind: 'paragraph', text: 'Who had what when:' } as const,
          ...table(
            ['no.', 'when', 'item', 'event', 'by', 'with'],
            custody.map((record) => [
              String(record.seq),
              timeOf(record.at),
              numberOf(record.item),
              CUSTODY_EVENTS[record.event],
              byRole(record.by, incident),
              holderOf(record, items, self),
            ]),
            '',
          ),
        ]),
    ...(seals.length === 0
      ? []
      : [
          {
            kind: 'list',
            items: seals
              .filter(({ sha256 }) => isHash(sha256))
              .map(
                ({ sequence, at, sha256, records }) =>
                  `Seal ${sequence}, ${timeOf(at)}: a signed manifest of all items and of ${records} records of custody; its SHA-256 is ${sha256}`,
              ),
          } as const,
        ]),
  ];
}

function nameOfSource({ of }: EvidenceItem, contact: ContactId): string {
  return INSTANCE.test(of) ? nameTarget('instance', of, contact) : 'a user, role or secret';
}

function sizeOf({ sizeGiB, bytes }: EvidenceItem): string {
  if (sizeGiB !== undefined) return `${sizeGiB} GiB`;
  return bytes === undefined ? '' : `${bytes} bytes`;
}

function lockOf({ lock }: EvidenceItem): string[] {
  return lock ? [`locked until ${dayOf(lock.until)}`] : [];
}

/** In which hands, not where: a bucket, an account or a path is a way to it, and other recipients are not told of. */
function holderOf({ event, holder, item }: CustodyRecord, items: Incident['evidence']['items'], self?: Party): string {
  if (event === 'handedOver') {
    const isTheirs = self && [self.id, self.name].some((name) => name.toLowerCase() === holder.trim().toLowerCase());
    return isTheirs ? self.name : 'another holder, whom our record names';
  }
  const kind = Object.hasOwn(items, item) ? items[item]?.kind : undefined;
  return kind === 'snapshot' ? 'us, in the affected account' : 'us, in cold storage';
}

function isHash(sha256: string | undefined): boolean {
  return sha256 !== undefined && /^[0-9a-f]{64}$/.test(sha256);
}

function table(head: readonly string[], rows: readonly (readonly string[])[], none: string): Block[] {
  if (rows.length === 0) return none === '' ? [] : [{ kind: 'paragraph', text: none }];
  const rest = rows.length - MOST_ROWS;
  return [
    { kind: 'table', head, rows: rows.slice(0, MOST_ROWS) },
    ...(rest > 0 ? [{ kind: 'paragraph', text: `And ${rest} more: ask us for them.` } as const] : []),
  ];
}

function cellOf(at: number | undefined): string {
  return at === undefined ? 'not yet' : timeOf(at);
}

function dayOf(at: number): string {
  return timeOf(at).slice(0, 10);
}
