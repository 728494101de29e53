/** By which words a heading says what its section tells. */
import type { Block } from './document';
import { SEED } from './finding';

/** What must be told, and the words by which a heading says that it tells it. */
export const SECTIONS = [
  {
    what: 'what happened (timeline)',
    heading:
      /timeline|time line|chronolog|what (?:has )?happened|how (?:it|this|the \w+) (?:happened|unfolded|came)|sequence of events|course of events|events|what went wrong|(?:the|our) (?:incident|attack|breach|intrusion)$|what we know/i,
    source: SEED.timeline,
  },
  {
    what: 'what was compromised and how it affects customers',
    heading:
      /compromised|affect|impact|(?:what|which) (?:\w+ )?(?:information|data|records)|(?:data|information|records) (?:\w+ )?(?:involved|accessed|exposed|concerned|taken|read|copied|stolen)|exposed|was (?:taken|accessed|read|stolen|copied|involved|lost)|means for you|consequences|scope of/i,
    source: SEED.compromised,
  },
  {
    what: 'what customers must do',
    heading:
      /(?:what|anything|things|steps) (?:that )?(?:you|customers|users|clients|your \w+|administrators)|(?:your|customer|recommended|required|needed|next|further|immediate|necessary) (?:actions?|steps?)|actions? (?:for|you|required|needed|to take|items?)|^actions?$|steps (?:to take|for)|(?:need|have|ought|needs|has) to do|(?:should|must|can) (?:do|take)|(?:should|must|can|do) i |(?:should|must|can) i$|(?:to )?do (?:now|next|today)|do you (?:need|have)|protect(?:ing)? your|recommend|guidance|advice|for (?:our )?customers|^next steps|how to (?:rotate|protect|respond|check)|(?:please|kindly) /i,
    source: SEED.steps,
  },
  {
    what: 'how it is prevented in future',
    heading:
      /prevent|future|going forward|never again|not? happen again|recur|lessons|learn(?:ed|t)|improv|remediat|mitigat|hardening|(?:what|how) we(?:'re|’re| are| will| have|'ve|’ve)? (?:\w+ )?(?:do|doing|done|did|chang|fix|stop|mak|learn|respond)|changes (?:we|since|made|to)|corrective|safeguards|measures/i,
    source: SEED.prevention,
  },
] as const;

const LONGEST_LABEL = 300;

/** A heading's words, to be looked through. */
export function labelOf({ text }: Block): string {
  return text
    .slice(0, LONGEST_LABEL)
    .normalize('NFKC')
    .replace(/[\p{Cf}\p{M}]/gu, '')
    .replace(/\s+/g, ' ')
    .trim();
}

/** Whether it heads one of the sections that must be there. */
export function headsSection(block: Block): boolean {
  return SECTIONS.some(({ heading }) => heading.test(labelOf(block)));
}
