/**
 * Whose address it is: inside the company, or outside. A wrong "inside" sends an incident to a stranger in the clear, so that
 * everything here errs to the other side: what is not read beyond doubt is refused, and what is refused is outside.
 *
 * docs/decisions/0025-inside-is-exactly-the-domain.md
 */
import { readDomain, shown } from './domains';

export { looksLike } from './look-alikes';

export interface Address {
  /** Before the @, as it was typed: it is the receiving server's to read. */
  readonly local: string;
  /** In lower case, without the dot of the root. */
  readonly domain: string;
  /** What was typed before the angle brackets. It says nothing of whose address it is, and is sent nowhere. */
  readonly display?: string;
  /** The same for every spelling of one mailbox. */
  readonly normal: string;
}

export type ReadAddress =
  { readonly ok: true; readonly address: Address } | { readonly ok: false; readonly problem: string };

/** RFC 5321, 4.5.3.1: a local part, and a path less its angle brackets. */
const LONGEST_LOCAL = 64;
const LONGEST = 254;
/** With a name before it. */
const LONGEST_TYPED = 1_000;

/**
 * Words and dots. Left out of what RFC 5322 allows: `%` and `!`, by which old relays are told to pass a mail on to another
 * host; `/`, `|` and the back tick, which are something else in the name of a file and in a command.
 */
const LOCAL = /^[A-Za-z0-9#$&'*+=?^_{}~-]+(?:\.[A-Za-z0-9#$&'*+=?^_{}~-]+)*$/;

/** One mailbox as people type it: `ic@example.com` or `The commander <ic@example.com>`. */
export function readAddress(text: string): ReadAddress {
  if (text.length > LONGEST_TYPED) return refuse(`longer than ${LONGEST_TYPED} characters`);
  // A line end would begin a header of its own; the others are seen by nobody.
  if (/[\p{C}\p{Zl}\p{Zp}]/u.test(text))
    return refuse(`${shown(text)} holds a line end or another character that can't be seen`);
  const typed = text.trim();
  if (typed === '') return refuse('an e-mail address is missing');
  if (!/[<>]/.test(typed)) return readBare(typed);
  const named = /^([^<>]*)<([^<>]*)>$/.exec(typed);
  if (!named) return refuse(`${shown(typed)} is not one address: give it as NAME <ADDRESS>`);
  const [, before = '', within = ''] = named;
  const read = readBare(within);
  if (!read.ok) return read;
  const display = readDisplay(before.trim());
  if (!display.ok) return display;
  const problem = problemOfDisplay(display.text, read.address);
  if (problem !== undefined) return refuse(problem);
  return {
    ok: true,
    address: { ...read.address, ...(display.text !== '' && { display: display.text }) },
  };
}

/**
 * Exactly one of the company's domains: a sub-domain is another one. `address` as people type it; what can't be read is outside,
 * and so is everything where the company's domain can't be read.
 */
export function isInside(address: string, domains: readonly string[]): boolean {
  const read = readAddress(address);
  return (
    read.ok &&
    domains.some((one) => {
      const own = readDomain(one);
      return own.ok && own.domain === read.address.domain;
    })
  );
}

/** One mailbox in two spellings. For everything that is granted: `ic+x@…` is not known to be the same person as `ic@…`. */
export function sameMailbox(one: string, other: string): boolean {
  const [a, b] = [readAddress(one), readAddress(other)];
  return a.ok && b.ok && a.address.normal === b.address.normal;
}

/**
 * Most servers put `suspect+x@…` into the mailbox of `suspect@…`. For everything that is withheld: whoever is excluded under the
 * one address is excluded under the other.
 */
export function mayBeSameMailbox(one: string, other: string): boolean {
  const [a, b] = [readAddress(one), readAddress(other)];
  return a.ok && b.ok && withoutPlus(a.address) === withoutPlus(b.address);
}

/** As it is handed to a server: without the name, and with the letters before the @ as they were typed. */
export function written({ local, domain }: Pick<Address, 'local' | 'domain'>): string {
  return `${local}@${domain}`;
}

/** The mailbox that a plus-address belongs to, where the server knows of such: `ic+x@…` is `ic@…`. */
export function withoutPlus({ local, domain }: Pick<Address, 'local' | 'domain'>): string {
  const plus = local.indexOf('+');
  return `${(plus > 0 ? local.slice(0, plus) : local).toLowerCase()}@${domain}`;
}

/** Addresses of groups, and who is in each. */
export type Groups = Readonly<Record<string, readonly string[]>>;

export type Expanded =
  { readonly ok: true; readonly members: string[] } | { readonly ok: false; readonly problems: string[] };

/** Deeper than this nobody sees any more who reads it. */
const DEEPEST = 10;

/**
 * The mailboxes behind the addresses, each once, in their order. A group's own address is no mailbox, unless the group lists
 * itself. A plus-part does not hide a group: the server would deliver to all of it.
 */
export function expand(addresses: readonly string[], groups: Groups): Expanded {
  const problems = new Set<string>();
  const known = readGroups(groups, problems);
  const members = new Map<string, string>();
  const opened = new Set<Group>();

  const add = (typed: string, within: readonly Group[]): void => {
    const read = readAddress(typed);
    if (!read.ok) {
      problems.add(
        within.length > 0 ? `${read.problem} (in the group ${within.at(-1)?.name})` : read.problem,
      );
      return;
    }
    const group = known.get(read.address.normal) ?? known.get(withoutPlus(read.address));
    if (!group || group === within.at(-1)) {
      if (!members.has(read.address.normal)) members.set(read.address.normal, written(read.address));
      return;
    }
    if (within.includes(group)) {
      problems.add(
        `the groups ${within.map(({ name }) => name).join(' and ')} lie in each other: list their members`,
      );
      return;
    }
    if (opened.has(group)) return;
    if (within.length === DEEPEST) {
      problems.add(`the group ${group.name} lies in more than ${DEEPEST} others: list its members`);
      return;
    }
    opened.add(group);
    if (group.listed.length === 0) problems.add(`nobody is in the group ${group.name}`);
    for (const one of group.listed) add(one, [...within, group]);
  };

  for (const address of addresses) add(address, []);
  return problems.size > 0
    ? { ok: false, problems: [...problems] }
    : { ok: true, members: [...members.values()] };
}

interface Group {
  readonly name: string;
  readonly listed: readonly string[];
}

function readBare(text: string): ReadAddress {
  const at = text.lastIndexOf('@');
  if (at === -1) return refuse(`${shown(text)} is not an e-mail address: it has no @`);
  if (at === text.length - 1)
    return refuse(`${shown(text)} is not an e-mail address: nothing stands after the @`);
  const local = readLocal(text.slice(0, at), text);
  if (!local.ok) return local;
  const read = readDomain(text.slice(at + 1));
  if (!read.ok) return read;
  const { domain } = read;
  if (written({ local: local.text, domain }).length > LONGEST)
    return refuse(`an e-mail address is longer than ${LONGEST} characters`);
  return {
    ok: true,
    address: { local: local.text, domain, normal: `${local.text.toLowerCase()}@${domain}` },
  };
}

type ReadText =
  { readonly ok: true; readonly text: string } | { readonly ok: false; readonly problem: string };

function readLocal(typed: string, whole: string): ReadText {
  if (typed === '') return refuse(`${shown(whole)} is not an e-mail address: nothing stands before the @`);
  if (/[^\x20-\x7e]/.test(typed))
    return refuse(
      `${shown(whole)} has a letter before the @ that is not ASCII, and may look like another address`,
    );
  // Quotes that were not needed are as none. What needs them is read in one way by one program and otherwise by the next: mail
  // for "a@evil.example"@example.com has gone to either.
  const text = /^"([^"\\]*)"$/.exec(typed)?.[1] ?? typed;
  if (text.length > LONGEST_LOCAL) return refuse(`more than ${LONGEST_LOCAL} characters stand before the @`);
  if (text.includes('@') || /[,;:]/.test(text))
    return refuse(`${shown(whole)} is not one address: give each by itself, with nothing around it`);
  if (/[()]/.test(text)) return refuse(`${shown(whole)} holds a comment in brackets: leave it out`);
  if (!LOCAL.test(text))
    return refuse(
      `${shown(whole)} is not an address that every mail server reads in the same way: before the @ there may be letters, digits, single dots and #$&'*+=?^_{}~-`,
    );
  return { ok: true, text };
}

/** A name in quotes, or one that needs none. Without quotes a comma would begin another address. */
function readDisplay(before: string): ReadText {
  if (!before.includes('"'))
    return /[,;:()[\]\\]/.test(before)
      ? refuse(`the name ${shown(before)} needs quotes: "NAME" <ADDRESS>`)
      : { ok: true, text: before };
  const quoted = /^"((?:[^"\\]|\\.)*)"$/.exec(before)?.[1];
  return quoted === undefined
    ? refuse(`the quotes of the name ${shown(before)} do not match: "NAME" <ADDRESS>`)
    : { ok: true, text: quoted.replace(/\\(.)/g, '$1').trim() };
}

/** `"ic@example.com" <x@evil.example>` is evil.example's, and is typed to be taken for another. */
function problemOfDisplay(display: string, own: Address): string | undefined {
  // What a mail program shows: without compatibility forms such as the full-width @.
  const seen = display.normalize('NFKC');
  if (seen.includes('=?')) return `the name ${shown(display)} is encoded: give it as it is read`;
  if (!seen.includes('@')) return undefined;
  const named = readBare(seen);
  return named.ok && named.address.normal === own.normal
    ? undefined
    : `the name ${shown(display)} holds another address than ${written(own)}: leave the name out`;
}

function refuse(problem: string): { readonly ok: false; readonly problem: string } {
  return { ok: false, problem };
}

interface Group {
  readonly name: string;
  readonly listed: readonly string[];
}

/** By their address. One that can't be read would be taken for a mailbox of the company, with everybody outside who is in it. */
function readGroups(groups: Groups, problems: Set<string>): Map<string, Group> {
  const known = new Map<string, Group>();
  for (const [typed, listed] of Object.entries(groups)) {
    const read = readAddress(typed);
    if (!read.ok) problems.add(`the address of a group can't be read: ${read.problem}`);
    else if (known.has(read.address.normal))
      problems.add(`the group ${read.address.normal} is configured twice`);
    else known.set(read.address.normal, { name: read.address.normal, listed });
  }
  return known;
}
