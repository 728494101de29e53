/** What `contacts` prints, and the file that a hand-off pack goes to. */
import { writeFile } from 'node:fs/promises';
import { CONTACT_IDS, CONTACTS, type Conversation } from '../../domain/contacts';
import type { CommunicationView, PartyView } from '../../domain/communication-view';
import { timeOf } from '../../domain/markdown';
import { InvalidInput } from '../errors';
import { ago, howLong } from './ago';
import { reasonLines } from './messages';

/** A pack is for one recipient: nobody else on this machine reads it. */
const OWNER_ONLY = 0o600;

export function contactsDocument({ codename, parties }: CommunicationView) {
  return { codename, parties };
}

/** Everybody outside: whether they may be spoken to, how, and what was said. */
export function formatContacts({ codename, parties }: CommunicationView, now: number): string {
  const missing = CONTACT_IDS.filter((id) => !parties.some(({ kind }) => kind === id));
  return [
    ...(parties.length === 0 ? [`${codename}: nobody outside is known.`] : []),
    ...parties.flatMap((party) => [...partyLines(party, codename, now), '']),
    ...(missing.length === 0
      ? []
      : [
          `Nobody is known of: ${missing.map((id) => `${CONTACTS[id]} (${id})`).join(', ')}`,
          `Name somebody: firebreak contacts add ${codename} ID --kind KIND --name NAME`,
        ]),
  ]
    .join('\n')
    .trimEnd();
}

function partyLines(party: PartyView, codename: string, now: number): string[] {
  const { id, kind, name, named, request, blockers } = party;
  const isCustomer = kind === 'customer';
  const head = `${id}: ${name} (${isCustomer ? 'customer' : CONTACTS[kind]}${named === 'incident' ? ', named during the incident' : ''})`;
  const isAsked = blockers.some(({ gate }) => gate === 'contactIsApproved');
  return [
    head,
    ...(blockers.length === 0
      ? ['      may be spoken to']
      : isCustomer
        ? reasonLines(blockers)
        : reasonLines(blockers, 'MAY NOT BE SPOKEN TO: ')),
    ...(isAsked && request !== undefined
      ? [`      to be approved with: firebreak approve ${codename} ${request}`]
      : []),
    `      reach: ${reachOf(party)}`,
    ...keyLines(party),
    ...(isCustomer ? reachedLines(party, codename, now) : wordLines(party, codename, now)),
    ...(party.disclosure === undefined ? [] : [`      their own disclosure: ${party.disclosure}`]),
  ];
}

function reachOf({ email, phone, how }: PartyView): string {
  return [email, phone, how].filter((one) => one !== undefined).join('; ') || 'nobody has said how';
}

function keyLines({ email, hasKey }: PartyView): string[] {
  if (email === undefined) return [];
  return [
    hasKey
      ? '      key for mail: on file'
      : '      key for mail: NONE, so no mail can go there: ask for one, and compare its fingerprint by telephone',
  ];
}

function wordLines({ id, conversations }: PartyView, codename: string, now: number): string[] {
  const last = conversations.at(-1);
  if (!last)
    return [`      no word yet; after one: firebreak contacts log ${codename} ${id} --with WHO --about TEXT`];
  const before = conversations.length - 1;
  return [
    `      last word: ${wordOf(last, now)}${before > 0 ? `; ${before} before it` : ''}`,
    ...nextLines(conversations, now),
  ];
}

function wordOf({ at, by, with: who, about }: Conversation, now: number): string {
  return `${timeOf(at)} (${ago(at, now)}), ${by} with ${who}: ${about}`;
}

/** What was promised before the last word is kept by it. */
function nextLines(conversations: readonly Conversation[], now: number): string[] {
  const nextAt = conversations.at(-1)?.nextAt;
  if (nextAt === undefined) return [];
  const day = timeOf(nextAt).slice(0, 10);
  return [
    nextAt > now
      ? `      next word: ${day}, in ${howLong(nextAt - now)}`
      : `      next word: ${day}, OVERDUE by ${howLong(now - nextAt)}`,
  ];
}

function reachedLines({ id, reached }: PartyView, codename: string, now: number): string[] {
  if (!reached)
    return [
      `      not reached yet; when they are, or why not: firebreak contacts reached ${codename} ${id} [--not-reached] --how TEXT`,
    ];
  const { outcome, how, by, at } = reached;
  return [`      ${outcome === 'reached' ? 'reached' : 'NOT REACHED'} ${ago(at, now)}, says ${by}: ${how}`];
}

/**
 * Never overwrites, and follows no link.
 *
 * @throws InvalidInput where the file is there already, or can't be written
 */
export async function writePack(file: string, content: string | Uint8Array): Promise<void> {
  try {
    await writeFile(file, content, { flag: 'wx', mode: OWNER_ONLY });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw new InvalidInput([
      code === 'EEXIST'
        ? `--out ${file}: is there already, and nothing is overwritten; name another file`
        : `--out ${file}: can't be written (${code ?? 'no cause given'}); name another file`,
    ]);
  }
}
