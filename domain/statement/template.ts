/**
 * The draft that a statement begins with: the sections that it must have, what the incident knows, and a place for everything
 * else. What stands in `[… …]` is for whoever writes it; the lint reports each until it is replaced.
 */
import { inWords } from './dates';
import type { IncidentFacts, StatementFacts } from './facts';

/** `date`: the day of release, YYYY-MM-DD. */
export function statementTemplate({
  date,
  facts,
}: {
  readonly date: string;
  readonly facts: StatementFacts;
}): string {
  const { incident } = facts;
  return `# ${todo('what happened, in a few words')}, ${inWords(date)}

${todo('what happened, to whom, and that you answer for it: two or three sentences, the facts first')}

## What happened (timeline)

All times are UTC.

${list([
  todo('when the attacker first looked around'),
  todo('when and how the attacker gained access'),
  todo('what the attacker did, and when'),
  ...(incident
    ? [`${momentOf(incident.declaredAt)}: we declared a security incident and began to respond.`]
    : []),
  todo('when the attack was stopped, and for how long the attacker had access'),
])}

${known('methodKnown', 'how it was done', incident)}

## What was compromised and how it affects you

${list(
  incident
    ? [
        ...scopeOf(incident),
        ...(incident.services.length > 0 ? [todo('what the services do for customers')] : []),
      ]
    : [],
)}${known('compromisedDataKnown', 'exactly which information, of whom, and how many', incident)}

${todo('what somebody who has it can do with it, and what was stored that should not have been')}

## What you need to do

${list([todo('each step for customers, with a link; or that there is none, and why')])}

Write to ${todo('an address that answers')} with any question.

## How we prevent this in future

${known('recurrencePrevented', 'what was changed, and when', incident)}

${list([todo('what is still to be done, and by which day')])}
`.replace(/\n{3,}/g, '\n\n');
}

function todo(what: string): string {
  return `[… ${what} …]`;
}

/** What was established is told in the words of the investigation: nobody may send those out unread. */
function known(
  id: 'methodKnown' | 'compromisedDataKnown' | 'recurrencePrevented',
  what: string,
  incident?: IncidentFacts,
): string {
  const grounds = incident?.findings[id]?.grounds;
  return todo(grounds === undefined ? what : `${what}; established: ${oneLine(grounds)}`);
}

const LONGEST_GROUNDS = 400;

/** Without what would end the place before its end, or read as markup. */
function oneLine(text: string): string {
  const line = text
    .replace(/[[\]<>{}`*_\\|&!#]/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return line.length > LONGEST_GROUNDS ? line.slice(0, LONGEST_GROUNDS) : line;
}

function scopeOf({ instances, identities, secrets, users, services }: IncidentFacts): string[] {
  const counted = [
    [instances, 'server', 'servers'],
    [identities, 'identity or access key', 'identities and access keys'],
    [secrets, 'secret', 'secrets'],
    [users.length, 'user account used in the attack', 'user accounts used in the attack'],
  ] as const;
  return [
    ...counted.flatMap(([number, one, many]) =>
      number > 0 ? [`${number} ${number === 1 ? one : many}.`] : [],
    ),
    ...(services.length > 0
      ? [
          `${todo(`in words that customers know: ${services.map(oneLine).join(', ').slice(0, LONGEST_GROUNDS)}`)}`,
        ]
      : []),
  ];
}

function list(items: readonly string[]): string {
  return items.length === 0 ? '' : `${items.map((item) => `- ${item}`).join('\n')}\n\n`;
}

/** `22 November 2026, 02:14` */
function momentOf(at: number): string {
  const iso = new Date(at).toISOString();
  return `${inWords(iso.slice(0, 10))}, ${iso.slice(11, 16)}`;
}
