/** The evidence as outsiders see it: what there is, its hashes, and who had it when; not where it is. */
import type { ContactId, Party } from '../contacts';
import { CUSTODY_EVENTS, ITEM_KINDS, type CustodyRecord, type EvidenceItem } from '../evidence/items';
import type { Incident } from '../incident';
import { timeOf } from '../markdown';
import type { Block } from './document';
import { byRole, INSTANCE, nameTarget } from './facts';
import { dayOf, table } from './tables';

type EvidenceOf = Pick<Incident, 'evidence' | 'company' | 'roleChanges' | 'scope'>;

/** Items by number: what they are called where they are kept is a way to them. */
export function evidenceKept(contact: ContactId, incident: EvidenceOf, self: Party | undefined): Block[] {
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
function holderOf(
  { event, holder, item }: CustodyRecord,
  items: Incident['evidence']['items'],
  self?: Party,
): string {
  if (event === 'handedOver') {
    const isTheirs =
      self && [self.id, self.name].some((name) => name.toLowerCase() === holder.trim().toLowerCase());
    return isTheirs ? self.name : 'another holder, whom our record names';
  }
  const kind = Object.hasOwn(items, item) ? items[item]?.kind : undefined;
  return kind === 'snapshot' ? 'us, in the affected account' : 'us, in cold storage';
}

function isHash(sha256: string | undefined): boolean {
  return sha256 !== undefined && /^[0-9a-f]{64}$/.test(sha256);
}
