/** What a statement has to tell, and whether anything is told there; and what a template has left behind. */
import type { Block, StatementDocument } from './document';
import { SEED, type Found } from './finding';
import { labelOf, SECTIONS } from './headings';
import { titleBlock } from './title';

interface Section {
  readonly head: Block;
  readonly body: readonly Block[];
}

/** Which blocks a heading heads: up to the next one of its own level or above. */
function sectionAt(blocks: readonly Block[], index: number): Section | undefined {
  const head = blocks[index];
  if (!head) return undefined;
  const end = blocks.findIndex(
    ({ kind, level }, other) => other > index && kind === 'heading' && (level ?? 0) <= (head.level ?? 0),
  );
  return { head, body: blocks.slice(index + 1, end === -1 ? blocks.length : end) };
}

function findSection(document: StatementDocument, heading: RegExp): Section | undefined {
  const title = titleBlock(document);
  const index = document.blocks.findIndex(
    (block) => block.kind === 'heading' && block !== title && heading.test(labelOf(block)),
  );
  return sectionAt(document.blocks, index);
}

/** The section that tells what happened when. */
export function timelineOf(document: StatementDocument): Section | undefined {
  return findSection(document, SECTIONS[0].heading);
}

export function sectionFindings(document: StatementDocument): Found[] {
  const found: Found[] = [];
  const title = titleBlock(document);
  const reported = new Set<Block>();
  for (const { what, heading, source } of SECTIONS) {
    const section = findSection(document, heading);
    const at = (block: Block | undefined) => block?.at[firstSeen(block)] ?? 0;
    const report = (message: string, place: number) =>
      found.push({ rule: 'section', message, source, at: place });
    if (!section) {
      report(`there is no section on ${what}`, at(title));
      continue;
    }
    const body = section.body.filter(({ kind }) => kind === 'text' || kind === 'code');
    const [first] = body;
    if (!first) report(`the section on ${what} is empty`, at(section.head));
    else if (body.every(isFiller)) {
      report(`the section on ${what} says nothing yet: "${short(first.text)}"`, at(first));
      for (const block of body) reported.add(block);
    }
  }
  for (const block of document.blocks)
    if (!reported.has(block) && block.kind !== 'code' && block.kind !== 'aside')
      for (const { text, from } of placeholdersIn(block.text))
        if (!block.codes.some((code) => from >= code.from && from < code.to))
          found.push({
            rule: 'placeholder',
            message: `"${short(text)}" waits to be filled in`,
            source: SEED.honest,
            at: block.at[from] ?? 0,
          });
  return found;
}

function firstSeen({ text }: Block): number {
  return text.length - text.trimStart().length;
}

function short(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 60 ? `${line.slice(0, 60)}…` : line;
}

/** Each as a whole: what is longer is tried first, and nothing is tried twice. */
const FILLERS = [
  'we will (?:update|add|provide|share|publish|complete|fill)(?: [a-z]+){0,6}? (?:later|soon|shortly|here|available)',
  '(?:more )?(?:details?|information|info|text|content|more|updates?) (?:to follow|to come|will follow|follows?|pending|coming soon|here|soon|later|shortly|to be (?:confirmed|added|provided)|will be (?:added|provided|shared))',
  'to be (?:confirmed|determined|announced|done|written|completed|added|filled in|defined|decided|updated|provided)',
  'insert(?: [a-z]+){0,5}? here',
  '(?:add|put|your|some)(?: [a-z]+){0,4}? here',
  'lorem ipsum.*',
  'under construction|work in progress|watch this space|as soon as possible|in due course|not applicable|coming soon|to follow|will follow|to come|to do',
  'tbd|tba|tbc|todo|fixme|n/a|n a|na|x{2,}|soon|pending|placeholder|later|wip|draft|shortly|here|follows',
].map((filler) => new RegExp(`^(?:${filler})(?: |$)`));

const LONGEST_FILLER = 400;

function isOnlyFiller(words: string): boolean {
  let rest = words;
  while (rest !== '') {
    const found = FILLERS.map((filler) => filler.exec(rest)?.[0].length ?? 0);
    const longest = Math.max(...found);
    if (longest === 0) return false;
    rest = rest.slice(longest);
  }
  return true;
}

/** Nothing that tells anything. */
function isFiller({ text }: Block): boolean {
  let rest = text.normalize('NFKC');
  for (const { text: placeholder } of [...placeholdersIn(text)].slice(0, 40))
    rest = rest.replace(placeholder.normalize('NFKC'), ' ');
  const words = rest
    .toLowerCase()
    .replace(/[^\p{L}\p{N}/]+/gu, ' ')
    .trim();
  if (words === '' || words.startsWith('lorem ipsum')) return true;
  return words.length <= LONGEST_FILLER && isOnlyFiller(words);
}

interface Placeholder {
  readonly text: string;
  readonly from: number;
}

/** What a person was to replace: [… what …], [DATE], <NAME>, {{name}}, TBD, ____, lorem ipsum. */
function* placeholdersIn(text: string): Generator<Placeholder> {
  for (const { 0: found, index } of text.matchAll(MARKED))
    if (isPlaceholder(found)) yield { text: found, from: index };
  for (const { 0: found, index } of text.matchAll(BARE)) yield { text: found, from: index };
}

const MARKED = /\[[^[\]]{1,600}\]|<[^<>\n]{1,200}>|\{\{[^{}]{1,200}\}\}|\{[^{}]{1,80}\}/g;
const BARE =
  /(?<![\p{L}\p{N}_])(?:TBD|TBA|TBC|TODO|FIXME|X{3,}|_{3,}|lorem ipsum|D{1,2}[./-]M{1,2}[./-]Y{2,4}|M{1,2}[./-]D{1,2}[./-]Y{2,4}|YYYY-MM-DD|HH:MM)(?![\p{L}\p{N}_])/gu;

/** "[Enter]" is a key; "[enter the date]" is an order. */
const ORDERS =
  /^(?:(?:insert|describe|add|fill|enter|explain|list|state|say|write|include|specify|replace|link|contact|your) \S|(?:your )?(?:name|date|time|number|company|customer|product|amount|details?|url|e-?mail|phone|day|month|year|placeholder|tbd|tba|tbc|todo|xx+|n)(?![\p{L}\p{N}])|to (?:be|follow|do)(?![\p{L}\p{N}]))/iu;

function isPlaceholder(found: string): boolean {
  const inside = found.replace(/^[[<{]+|[\]>}]+$/g, '').trim();
  if (found.startsWith('{{') || /^(?:…|\.\.\.)|(?:…|\.\.\.)$/.test(inside)) return true;
  if (inside === '' || inside === '?' || /^_+$/.test(inside)) return inside !== '';
  // An address in angle brackets, a note in square ones.
  if (/^(?:https?:|mailto:|\S+@\S+$)/i.test(inside)) return false;
  if (found.startsWith('<')) return /^[A-Za-z][\w -]*$/.test(inside);
  return ORDERS.test(inside) || /^[A-Z][A-Z _-]{3,}$/.test(inside);
}
