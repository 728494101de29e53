/** External parties that are named: only beside a link to what they have disclosed themselves. */
import type { Block, Link } from './document';
import type { StatementFacts, StatementParty } from './facts';
import { SEED, type Found } from './finding';
import { STOP, placeOf, plainBlock, wordsOf, type Words } from './words';

/** Words that are a company's name only where they begin with a capital letter. */
const COMMON = new Set(
  'slack box square stripe zoom notion linear discord segment buffer front drift plaid ramp render railway fly heap loom sentry elastic apple oracle meta chime gusto bill wise block target gap signal wire teams intercom envoy dash arc bolt monday access shell visa orange three sky vault postman confluent snowflake cloud cohere scale'.split(
    ' ',
  ),
);

const LEGAL =
  /[\s,]+(?:inc|ltd|llc|llp|gmbh|ag|corp|corporation|limited|plc|sa|sas|sarl|bv|nv|ab|oy|srl|co|kg|se)\.?$/i;
const LONGEST_NAME = 100;
const MOST_WORDS = 10;

export function partyFindings(blocks: readonly Block[], { parties, domains = [] }: StatementFacts): Found[] {
  if (parties.length === 0) return [];
  const byName = new Map<string, StatementParty>();
  for (const party of parties) {
    const name = keyOf(party.name);
    if (name !== '' && byName.get(name)?.disclosure === undefined) byName.set(name, party);
  }
  const byPage = new Map<string, StatementParty[]>();
  for (const party of byName.values()) {
    const page =
      party.disclosure === undefined ? undefined : readUrl(party.disclosure.replace(/^http:/i, 'https:'));
    if (page) byPage.set(pageOf(page), [...(byPage.get(pageOf(page)) ?? []), party]);
  }
  const named = new Map<StatementParty, number>();
  const linked = new Set<StatementParty>();
  for (const block of blocks) {
    const words = wordsOf([block]);
    const mentions = mentionsIn(words, block.text, byName);
    for (const { party, word } of mentions) {
      const at = placeOf(words, word);
      if (at < (named.get(party) ?? Infinity)) named.set(party, at);
    }
    const links = [...block.links, ...bareLinks(block.text)];
    if (links.length === 0) continue;
    const sentences = sentencesOf(words);
    const bySentence = new Map<number, Set<StatementParty>>();
    for (const { party, word } of mentions) {
      const sentence = sentences[word] ?? 0;
      if (party.disclosure === undefined)
        bySentence.set(sentence, (bySentence.get(sentence) ?? new Set()).add(party));
    }
    let next = 0;
    for (const link of links.sort((a, b) => a.from - b.from)) {
      const url = readUrl(link.target);
      if (!url) continue;
      for (const party of byPage.get(pageOf(url)) ?? []) linked.add(party);
      if (url.path === '' || domains.some((domain) => isWithin(url.host, domain))) continue;
      const text = block.text.slice(link.from, link.to);
      const tells = DISCLOSES.test(text.slice(0, LONGEST_LABEL)) || DISCLOSES.test(url.path);
      const host = squashed(url.host);
      for (const party of bySentence.get(sentences[wordFrom(words, link.from)] ?? 0) ?? [])
        if (tells || host.includes(keyOf(party.name))) linked.add(party);
      while (next < mentions.length && (words.from[mentions[next]?.word ?? 0] ?? 0) < link.from) next += 1;
      for (let inside = next; inside < mentions.length; inside += 1) {
        const mention = mentions[inside];
        if (!mention || (words.to[mention.last] ?? 0) > link.to) break;
        if (mention.party.disclosure === undefined) linked.add(mention.party);
      }
    }
  }
  return [...named]
    .filter(([party]) => !linked.has(party))
    .map(([{ name, disclosure }, at]) => ({
      rule: 'namedParty',
      message: `it names ${name} without a link to that party's own disclosure${
        disclosure === undefined ? '' : ` (${disclosure})`
      }`,
      source: SEED.parties,
      at,
    }));
}

const LONGEST_LABEL = 200;

/** What a label, or the path of an address, says where it leads to a disclosure. */
const DISCLOSES =
  /disclos|statement|incident|advisor|announce|report|notice|bulletin|breach|security|notif|publi[cs]|post-?mortem|blog|news|press/i;

function keyOf(name: string): string {
  const key = squashed(name.trim().replace(LEGAL, ''));
  return key.length > LONGEST_NAME ? '' : key;
}

function squashed(text: string): string {
  const { line } = wordsOf([plainBlock(text.replace(/[@.:/]/g, ' '))]);
  return line.replace(/[ .,]/g, '');
}

interface Mention {
  readonly party: StatementParty;
  readonly word: number;
  readonly last: number;
}

/** Names in any spelling of their spaces: Example Mail, ExampleMail, example-mail. A longer name counts before a shorter one. */
function mentionsIn(words: Words, text: string, byName: ReadonlyMap<string, StatementParty>): Mention[] {
  const { line, starts, from, to } = words;
  const found: Mention[] = [];
  const wordOf = (index: number) => {
    const begin = starts[index] ?? line.length;
    return line.slice(begin, (starts[index + 1] ?? line.length) - 1);
  };
  for (let first = 0; first < starts.length; first += 1) {
    let joined = '';
    let longest: Mention | undefined;
    for (let last = first; last < Math.min(first + MOST_WORDS, starts.length); last += 1) {
      const word = wordOf(last);
      if (word === STOP || word === ',') break;
      joined += word;
      if (joined.length > LONGEST_NAME + 1) break;
      const party =
        byName.get(joined) ?? (joined.endsWith('s') ? byName.get(joined.slice(0, -1)) : undefined);
      if (!party) continue;
      const written = text.slice(from[first], to[last]);
      // "slack" is a word, and "Slack" somebody.
      if (first === last && COMMON.has(keyOf(party.name)) && written === written.toLowerCase()) continue;
      longest = { party, word: first, last };
    }
    if (!longest) continue;
    found.push(longest);
    first = longest.last;
  }
  return found;
}

/** The number of each word's sentence. */
function sentencesOf({ line }: Words): number[] {
  let sentence = 0;
  return line
    .trim()
    .split(' ')
    .map((word) => (word === STOP ? sentence++ : sentence));
}

/** The first word that ends behind an index of the text. */
function wordFrom({ to }: Words, index: number): number {
  let low = 0;
  let high = Math.max(0, to.length - 1);
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((to[middle] ?? 0) > index) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Addresses that stand there as they are: most of what shows Markdown makes links of them. */
function bareLinks(text: string): Link[] {
  return Array.from(text.matchAll(/https:\/\/[^\s<>"')\]]+/g), ({ 0: target, index }) => ({
    target: target.replace(/[.,;:!?]{1,3}$/, ''),
    from: index,
    to: index + target.length,
  }));
}

interface Address {
  readonly host: string;
  /** Without slashes at its end; empty is the page that a whole site begins with. */
  readonly path: string;
  readonly query: string;
}

/** Of `https` only: what came another way may have been changed on the way. */
function readUrl(target: string): Address | undefined {
  const [, host, rest = ''] =
    /^https:\/\/(?:[^/?#@]*@)?([^/?#:@]+)(?::443)?([/?][^#]*)?(?:#.*)?$/i.exec(target) ?? [];
  if (host === undefined) return undefined;
  const [path = '', query = ''] = rest.split('?');
  return {
    host: host
      .toLowerCase()
      .replace(/^www\./, '')
      .replace(/\.$/, ''),
    path: withoutSlashes(path),
    query: query
      .split('&')
      .filter((one) => one !== '' && !one.startsWith('utm_'))
      .join('&'),
  };
}

function withoutSlashes(path: string): string {
  let end = path.length;
  while (path[end - 1] === '/') end -= 1;
  return path.slice(0, end);
}

function pageOf({ host, path, query }: Address): string {
  return `${host}${path}?${query}`;
}

function isWithin(host: string, domain: string): boolean {
  const own = domain.toLowerCase();
  return host === own || host.endsWith(`.${own}`);
}
