/**
 * Domains that are made to be taken for the company's. A look-alike is outside without this: what is here only says so where a
 * message is refused, since whoever typed it may have been taken in.
 */
import { readDomain } from './domains';
import { decodeLabel } from './punycode';

/**
 * From the table of confusables of Unicode (UTS #39, confusables.txt): small letters of other alphabets that are drawn as a small
 * Latin one. What is a compatibility form of a letter (full-width, mathematical) or bears an accent is not listed: that is undone
 * first.
 */
const CONFUSABLES: Readonly<Record<string, string>> = {
  a: 'ɑαа',
  c: 'ᴄс',
  d: 'ԁ',
  e: 'еҽ',
  f: 'ք',
  g: 'ɡց',
  h: 'һհ',
  i: 'ıɪɩιіӏ',
  j: 'ϳј',
  l: 'ǀ',
  n: 'ոռ',
  o: 'ᴏοσоօ',
  p: 'ρр',
  q: 'ԛգզ',
  r: 'ᴦг',
  s: 'ꜱѕ',
  u: 'ᴜυս',
  v: 'ᴠν',
  w: 'ᴡѡԝա',
  x: 'х',
  y: 'ʏγуү',
  z: 'ᴢ',
};

const LATIN = new Map(
  Object.entries(CONFUSABLES).flatMap(([latin, others]) => [...others].map((one) => [one, latin] as const)),
);

/** Shorter names lie next to each other by chance. */
const SHORTEST_NAME = 5;

/** The company's domain that the address's own imitates, or nothing. An address inside, or of a sub-domain, imitates none. */
export function looksLike(address: string, domains: readonly string[]): string | undefined {
  const typed = domainOf(address);
  const own = domains.flatMap((one) => {
    const read = readDomain(one);
    return read.ok ? [read.domain] : [];
  });
  const read = readDomain(typed);
  if (read.ok && own.some((one) => `.${read.domain}`.endsWith(`.${one}`))) return undefined;
  const seen = drawn(typed);
  return seen === '' ? undefined : own.find((one) => imitates(seen, drawn(one)));
}

/** What stands after the last @, also where the address can't be read. */
function domainOf(address: string): string {
  const end =
    address
      .slice(0, 1_000)
      .split(/[@＠﹫]/)
      .at(-1) ?? '';
  return end.replace(/[\s<>"]/g, '');
}

/** How a domain looks: two that are drawn alike are the same here. */
function drawn(domain: string): string {
  const labels = domain
    .normalize('NFKC')
    .toLowerCase()
    .split(/[.。]/)
    .map((label) => decodeLabel(label) ?? label);
  return labels
    .join('.')
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9.-]/gu, (letter) => LATIN.get(letter) ?? (/[\p{M}\p{C}]/u.test(letter) ? '' : letter))
    .replace(/rn/g, 'm')
    .replace(/vv/g, 'w')
    .replace(/0/g, 'o')
    .replace(/[1i]/g, 'l')
    .replace(/^\.+|\.+$/g, '');
}

function imitates(seen: string, own: string): boolean {
  const name = own.split('.')[0] ?? '';
  // Without the last one: `claims@insurer.example` imitates nothing of `example.com`.
  const labels = seen.split('.').slice(0, -1);
  const joined = own.replaceAll('.', '');
  return (
    `.${seen}`.endsWith(`.${own}`) ||
    seen.startsWith(`${own}.`) ||
    labels.some((label) => label === name || label === joined) ||
    (name.length >= SHORTEST_NAME &&
      (isOneOff(seen, own) ||
        labels.some((label) => isOneOff(label, name) || label.split('-').includes(name))))
  );
}

/** One letter more, less or another, or two neighbours exchanged. */
function isOneOff(one: string, other: string): boolean {
  let start = 0;
  while (start < one.length && one[start] === other[start]) start += 1;
  const [a, b] = [one.slice(start), other.slice(start)];
  return (
    a.slice(1) === b ||
    a === b.slice(1) ||
    a.slice(1) === b.slice(1) ||
    (a[0] === b[1] && a[1] === b[0] && a.slice(2) === b.slice(2))
  );
}
