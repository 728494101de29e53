/** The internal note of step 11: its template, and what of the seed's four rules a machine can check. */
import type { Blocker } from './gates';
import type { Incident } from './incident';
import type { Scope } from './scope';

/** As it was submitted. */
export interface Note {
  readonly version: number;
  readonly text: string;
  /** Of the text, in hexadecimal digits. */
  readonly sha256: string;
  readonly by: string;
  readonly at: number;
  /** The day on which more is promised, and its moment. */
  readonly followUp: string;
  readonly followUpAt: number;
  readonly remindedAt?: number;
  /** All channels have it. */
  readonly sentAt?: number;
  /** What the last version that went out before this one has promised. */
  readonly promised?: NotePromise;
}

/** Kept while the next version is written: people have been told that day. */
export type NotePromise = Pick<Note, 'version' | 'followUp' | 'followUpAt' | 'remindedAt'>;

/** What people inside have been promised last; undefined where no version has gone out. */
export function promiseOf(note: Note | undefined): NotePromise | undefined {
  if (note?.sentAt === undefined) return note?.promised;
  const { version, followUp, followUpAt, remindedAt } = note;
  return { version, followUp, followUpAt, ...(remindedAt !== undefined && { remindedAt }) };
}

const DETAIL = "Don't go into too much detail.";

/** More is detail. */
const LONGEST_NOTE = 3_000;

/** What must be told, and the words by which a heading says that it tells it. */
const SECTIONS = [
  { what: 'the timeline', heading: /timeline|what happened/i, source: 'Overview the timeline.' },
  {
    what: 'the mitigation steps taken',
    heading: /mitigat|what (?:we|has been|was) (?:have )?(?:done|did)|measures/i,
    source: 'Discuss mitigation steps taken.',
  },
  {
    what: 'when more will follow',
    heading: /follow|next|when you (?:will )?hear/i,
    source: 'Follow up with more information once it is known.',
  },
] as const;

/** Details that name no one system, and that no note needs. */
const DETAILS: readonly (readonly [what: string, pattern: RegExp])[] = [
  // It may be the last word of a sentence.
  ['an IP address', /(?<!\d|\d\.)(?:\d{1,3}\.){3}\d{1,3}(?!\d|\.\d)/],
  ['an IP address', /(?<![\w:])(?:[0-9a-f]{1,4}:){3,7}[0-9a-f]{0,4}(?![\w:])/i],
  ['an IP address', /(?<![\w:])(?=[0-9a-f:]*\d)(?:[0-9a-f]{1,4}:){1,7}(?::[0-9a-f]{1,4}){1,7}(?![\w:])/i],
  ['an instance', /\bi-[0-9a-f]{8}(?:[0-9a-f]{9})?\b/],
  ['a resource of AWS', /\barn:aws[\w-]*:/],
  ['an access key', /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/],
  ['a hash', /\b[0-9a-f]{32,128}\b/i],
  ['a vulnerability by its number', /\bCVE-\d{4}-\d{4,}\b/i],
];

export function noteTemplate(followUp: string): string {
  return [
    '## What happened: the timeline in short',
    '',
    '[When somebody from outside got in, when we noticed, when it was stopped. No systems, names or addresses.]',
    '',
    '## What has been done',
    '',
    '[The mitigation steps taken, in a sentence or two each.]',
    '',
    '## What comes next',
    '',
    `You will hear more on ${followUp}. Until then, please do not talk about this outside of the company.`,
    '',
  ].join('\n');
}

/** Everything wrong with the text. */
export function lintNote(text: string, followUp: string, { scope, declaration }: Known): Blocker[] {
  const problems: Blocker[] = [];
  const add = (reason: string, source: string) =>
    problems.push({ gate: 'noteKeepsTheRules', reason, source });
  for (const { what, heading, source } of SECTIONS) {
    const body = sectionOf(text, heading);
    if (body === undefined) add(`there is no section on ${what}`, source);
    else if (body === '') add(`the section on ${what} is empty`, source);
  }
  if (/\[[^[\]]*\](?!\()/.test(text.replace(/\[[ xX]\]/g, '')))
    add("the template's placeholders in [brackets] are not all replaced", DETAIL);
  if (!text.includes(followUp))
    add(
      `it does not say that more follows on ${followUp}`,
      'Follow up with more information once it is known.',
    );
  if (text.length > LONGEST_NOTE) add(`it has ${text.length} characters; ${LONGEST_NOTE} say enough`, DETAIL);
  for (const what of new Set(DETAILS.filter(([, pattern]) => pattern.test(text)).map(([one]) => one)))
    add(`it names ${what}`, DETAIL);
  const words = text.toLowerCase();
  for (const name of namesIn(scope, declaration.codename))
    if (words.includes(name.toLowerCase())) add(`it names ${name}`, DETAIL);
  return problems;
}

type Known = Pick<Incident, 'scope' | 'declaration'>;

/** What is affected, by its name. A service is no detail: everybody sees that it is down. */
function namesIn({ instances, identities, secrets, users, accounts }: Scope, codename: string): string[] {
  const all = [...instances.map(({ id }) => id), ...identities, ...secrets, ...users, ...accounts, codename];
  // A name of three letters is in every other word.
  return [...new Set(all)].filter((name) => name.length > 3);
}

/** What stands under the first heading of that kind; undefined where there is none. */
function sectionOf(text: string, heading: RegExp): string | undefined {
  let body: string[] | undefined;
  for (const line of text.split('\n')) {
    const title = /^ {0,3}#{1,6}[ \t]+(.*)$/.exec(line)?.[1];
    if (title === undefined) body?.push(line);
    else if (body) break;
    else if (heading.test(title)) body = [];
  }
  return body?.join('\n').trim();
}

/** Nine in the morning, UTC, of the day that was promised. */
export function momentOf(day: string): number {
  return Date.parse(`${day}T09:00:00Z`);
}
