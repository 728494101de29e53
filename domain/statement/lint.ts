/**
 * The rules of a public statement that a machine can check, each in a file of its own; docs/statement.md tells them all. It is
 * Markdown: its first heading is the title, and further headings begin its sections.
 */
import { claimFindings } from './claims';
import { readDocument, type StatementDocument } from './document';
import type { IncidentFacts, StatementFacts } from './facts';
import { MOST_FINDINGS, type Found, type StatementFinding } from './finding';
import { partyFindings } from './parties';
import { phraseFindings } from './phrases';
import { sectionFindings } from './sections';
import { titleFindings } from './title';
import { vagueFindings } from './vague';
import { wordsOf, type Words } from './words';

export type { StatementFacts, StatementParty } from './facts';
export type { StatementFinding, StatementRule } from './finding';
export { titleDates, titleOf } from './title';

/** Everything wrong with the text, from its beginning to its end; at most a hundred, and how many more there are. */
export function lintStatement(text: string, facts: StatementFacts): StatementFinding[] {
  const document = readDocument(text);
  const { blocks } = document;
  const { incident } = facts;
  const read = () => wordsOf(blocks.filter(({ kind }) => kind === 'text' || kind === 'heading'));
  const all = [
    ...titleFindings(document, facts.date),
    ...phraseFindings(blocks),
    ...sectionFindings(document),
    ...partyFindings(blocks, facts),
    ...(incident ? incidentFindings(document, read(), incident) : []),
  ];
  const found = withoutRepetition(all).sort((a, b) => a.at - b.at);
  const shown = found
    .slice(0, MOST_FINDINGS)
    .map(({ at, ...finding }) => ({ ...finding, ...document.place(at) }));
  const next = found[MOST_FINDINGS];
  if (!next) return shown;
  const more = `and ${found.length - MOST_FINDINGS} more`;
  return [...shown, { rule: 'more', message: more, source: next.source, ...document.place(next.at) }];
}

function incidentFindings(document: StatementDocument, words: Words, incident: IncidentFacts): Found[] {
  return [...vagueFindings(document, words, incident), ...claimFindings(words, incident)];
}

/** Two patterns may find the same words. */
function withoutRepetition(found: readonly Found[]): Found[] {
  const seen = new Set<string>();
  return found.filter(({ rule, at, message }) => {
    const repeats = rule === 'contradiction' || rule === 'vague' || rule === 'placeholder';
    const key = repeats ? `${rule} ${at}` : `${rule} ${at} ${message}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
