/**
 * The rules of a public statement that a machine can check. It is Markdown: its first heading is the title, and further
 * headings begin its sections.
 */

export interface StatementProblem {
  readonly rule: 'title' | 'date' | 'bannedPhrase' | 'section' | 'namedParty';
  readonly message: string;
  /** The seed's own words. */
  readonly source: string;
}

const MONTH =
  '(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\\.?';

/** 2026-11-24, 24 November 2026, November 24th, 2026, 24.11.2026, 11/24/2026 */
const DATE = new RegExp(
  `\\b\\d{4}-\\d{2}-\\d{2}\\b|\\b\\d{1,2}(?:st|nd|rd|th)?\\s+${MONTH},?\\s+\\d{4}\\b|\\b${MONTH}\\s+\\d{1,2}(?:st|nd|rd|th)?,?\\s+\\d{4}\\b|\\b\\d{1,2}[./]\\d{1,2}[./]\\d{4}\\b`,
  'i',
);

/** What must be told, and the words by which a heading says that it tells it. */
const SECTIONS = [
  {
    what: 'what happened (timeline)',
    heading: /timeline|what happened/i,
    source: 'Be as detailed as possible with the timeline.',
  },
  {
    what: 'what was compromised and how it affects customers',
    heading: /compromised|affected|impact|what information/i,
    source: 'Be as detailed as possible in what information was compromised, and how it affects customers.',
  },
  {
    what: 'what customers must do',
    heading: /what (?:you|customers)|action|steps (?:you|to take)|need to do|should do/i,
    source: 'informing them of the compromised information and any steps they need to take.',
  },
  {
    what: 'how it is prevented in future',
    heading: /prevent|future|going forward/i,
    source: 'along with exactly how we plan to prevent such things in future.',
  },
] as const;

/** Everything wrong with the text. `thirdParties` are the names that may only appear with a link. */
export function lintStatement(text: string, thirdParties: readonly string[] = []): StatementProblem[] {
  const problems: StatementProblem[] = [];
  const headings = headingsOf(text);
  const title = headings[0]?.title;
  if (title === undefined)
    problems.push({
      rule: 'title',
      message: 'the statement has no title: begin it with a line "# Title, DATE"',
      source: 'Include the date in the title of any announcement',
    });
  else if (!DATE.test(title))
    problems.push({
      rule: 'date',
      message: 'the title carries no date',
      source:
        "Include the date in the title of any announcement, so that it's never confused for a potential new breach.",
    });
  if (/we take (?:your )?securit(?:y|ies) (?:very |extremely |so )?serious/.test(plain(text)))
    problems.push({
      rule: 'bannedPhrase',
      message: 'it says "We take security very seriously"',
      source: 'Don\'t say "We take security very seriously". It makes everyone cringe when they read it.',
    });
  for (const { what, heading, source } of SECTIONS) {
    const at = headings.findIndex((found, index) => index > 0 && heading.test(found.title));
    const begin = headings[at];
    // A section lasts until the next heading of its own level or above.
    const next = headings.find(({ level, start }) => begin && start > begin.start && level <= begin.level);
    const body = begin && text.slice(begin.end, next?.start ?? text.length).trim();
    if (!begin) problems.push({ rule: 'section', message: `there is no section on ${what}`, source });
    else if (!body) problems.push({ rule: 'section', message: `the section on ${what} is empty`, source });
  }
  const unlinked = plain(withoutLinks(text));
  for (const party of thirdParties) {
    const words = plain(party);
    if (words !== '' && ` ${unlinked} `.includes(` ${words} `))
      problems.push({
        rule: 'namedParty',
        message: `it names ${party} without a link to that party's own disclosure`,
        source:
          "Don't name and shame any external parties that might have caused the compromise. It's bad form. (Unless they've already publicly disclosed, in which case we can link to their disclosure).",
      });
  }
  return problems;
}

/**
 * Each Markdown link as a space. The end of a URL is looked up once for all openings before it: one pattern over the whole text
 * would search it again from each of them.
 */
function withoutLinks(text: string): string {
  const boundary = /[)\s]/g;
  let kept = '';
  let from = 0;
  let end = 0;
  for (const { 0: opening, index } of text.matchAll(/\[[^[\]]*\]\(https?:\/\//g)) {
    const url = index + opening.length;
    if (index < from) continue;
    if (end < url) {
      boundary.lastIndex = url;
      end = boundary.exec(text)?.index ?? text.length;
    }
    if (end === url || text[end] !== ')') continue;
    kept += `${text.slice(from, index)} `;
    from = end + 1;
  }
  return kept + text.slice(from);
}

/** Line by line: one pattern over the whole text takes minutes where somebody pastes a long run of spaces. */
function headingsOf(text: string): { title: string; level: number; start: number; end: number }[] {
  const headings = [];
  let start = 0;
  for (const line of text.split('\n')) {
    const end = start + line.length;
    const marked = /^ {0,3}#{1,6}[ \t]/.exec(line);
    const title = marked && withoutTrailing('#', line.slice(marked[0].length).trim()).trim();
    if (title) headings.push({ title, level: marked[0].trim().length, start, end });
    start = end + 1;
  }
  return headings;
}

function withoutTrailing(mark: string, text: string): string {
  let end = text.length;
  while (text[end - 1] === mark) end -= 1;
  return text.slice(0, end);
}

/** Lower case, one space between words, without what only disguises: accents, zero-width characters, emphasis. */
function plain(text: string): string {
  return text
    .replace(/&nbsp;|&#(?:160|xa0);|<[^<>]{0,200}>/gi, ' ')
    .normalize('NFKD')
    .replace(/[\p{M}\p{Cf}]/gu, '')
    .replace(/[*_~`"“”‘’']/g, '')
    .replace(/[\s\p{P}]+/gu, ' ')
    .toLowerCase()
    .trim();
}
