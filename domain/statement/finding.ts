/** What is wrong with a public statement, where, and by which of the seed's words. */

export type StatementRule =
  | 'title'
  | 'date'
  | 'bannedPhrase'
  | 'section'
  | 'namedParty'
  | 'placeholder'
  | 'vague'
  | 'contradiction'
  /** Stands for all findings that were left out of a list too long to read. */
  | 'more';

export interface StatementFinding {
  readonly rule: StatementRule;
  readonly message: string;
  /** The seed's own words. */
  readonly source: string;
  /** Both count from 1; the column counts UTF-16 units, as editors do. */
  readonly line: number;
  readonly column: number;
}

/** A finding that is still bound to a character of the text. */
export interface Found {
  readonly rule: StatementRule;
  readonly message: string;
  readonly source: string;
  /** Index in the text. */
  readonly at: number;
}

/** The seed's sentences on a public statement, word for word. */
export const SEED = {
  date: "Include the date in the title of any announcement, so that it's never confused for a potential new breach.",
  phrase: 'Don\'t say "We take security very seriously". It makes everyone cringe when they read it.',
  honest:
    'Be honest, accept responsibility, and present the facts, along with exactly how we plan to prevent such things in future.',
  timeline: 'Be as detailed as possible with the timeline.',
  compromised:
    'Be as detailed as possible in what information was compromised, and how it affects customers.',
  steps: 'informing them of the compromised information and any steps they need to take.',
  prevention: 'along with exactly how we plan to prevent such things in future.',
  parties:
    "Don't name and shame any external parties that might have caused the compromise. It's bad form. (Unless they've already publicly disclosed, in which case we can link to their disclosure).",
  validated: 'Once you have validated all of the information you have is accurate',
} as const;

/** At most so many are listed: nobody reads on. */
export const MOST_FINDINGS = 100;
