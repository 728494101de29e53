/** Vague words where the incident knows the detail. */
import { saysWhen } from './dates';
import type { StatementDocument } from './document';
import type { IncidentFacts } from './facts';
import { SEED, type Found } from './finding';
import { hostCounts, namesCount } from './counts';
import { compile, matches, type Lists, type Match } from './patterns';
import { timelineOf } from './sections';
import { lineOfName, placeOf, quote, type Words } from './words';

const LISTS: Lists = {
  some: 'some|several|multiple|various|many|numerous|certain|a_number|a_small_number|a_large_number|a_limited_number|a_handful|a_few|a_couple|a_subset|a_small_subset|a_portion|a_fraction|dozens|hundreds|a_very_small_number|a_significant_number',
  of: 'of|of_our|of_the|of_these|of_those|of_its',
  // Customers' own things are not what the scope counts.
  kind: 'our|the|internal|production|virtual|cloud|application|web|database|linux|build|compromised|affected|administrative|administrator|service|staff|employee|iam|access|api|signing|long_lived|short_lived|privileged|company|corporate|attackers|malicious|hostile|suspicious|external|source',
};

interface Vague {
  readonly pattern: RegExp;
  /** What is known; nothing where nothing is. */
  readonly known: (facts: IncidentFacts, words: Words) => string | undefined;
}

const count = (number: number, one: string, many = `${one}s`) => `${number} ${number === 1 ? one : many}`;

const THINGS: readonly Vague[] = [
  {
    pattern: compile(
      '{some} {of}? {kind}? {kind}? servers|server|hosts|host|instances|instance|machines|machine|systems|system',
      LISTS,
    ),
    known: ({ instances }, words) =>
      instances > 0 && !hostCounts(words).includes(instances) ? count(instances, 'instance') : undefined,
  },
  {
    pattern: compile(
      '{some} {of}? {kind}? {kind}? credentials|credential|secrets|secret|keys|key|tokens|token',
      LISTS,
    ),
    known: ({ secrets, identities }, words) => {
      const total = secrets + identities;
      if (total === 0 || namesCount(words, [total, secrets, identities], SECRET_NOUNS)) return undefined;
      return [
        secrets > 0 && count(secrets, 'secret'),
        identities > 0 && count(identities, 'identity', 'identities'),
      ]
        .filter((one) => one !== false)
        .join(' and ');
    },
  },
  {
    pattern: compile(
      '{some} {of}? our|the? internal|staff|employee|employees|administrator|admin|service|engineering|iam|corporate|company accounts|account|users|identities|roles',
      LISTS,
    ),
    known: ({ users, identities }, words) => {
      const total = users.length + identities;
      if (total === 0 || namesCount(words, [total, users.length, identities], ACCOUNT_NOUNS))
        return undefined;
      return [
        users.length > 0 && count(users.length, 'user account'),
        identities > 0 && count(identities, 'identity', 'identities'),
      ]
        .filter((one) => one !== false)
        .join(' and ');
    },
  },
  {
    pattern: compile('{some} {of}? {kind}? {kind}? ip? addresses|address|ips', LISTS),
    known: ({ addresses }, words) =>
      addresses.length > 0 && !namesCount(words, [addresses.length], ADDRESS_NOUNS)
        ? count(addresses.length, 'address', 'addresses')
        : undefined,
  },
  {
    pattern: compile('{some} {of}? {kind}? {kind}? services|service', LISTS),
    known: ({ services }, words) =>
      services.length > 0 && !services.some((name) => words.line.includes(lineOfName(name)))
        ? `${count(services.length, 'service')} (${services.join(', ').slice(0, 200)})`
        : undefined,
  },
];

const SECRET_NOUNS = 'credentials?|secrets?|keys?|tokens?|passwords?';
const ACCOUNT_NOUNS = 'accounts?|users?|identit(?:y|ies)|roles?';
const ADDRESS_NOUNS = 'addresses|address|ips?';

const WHEN = compile(
  'recently|lately|last_week|last_month|earlier_this_week|earlier_this_month|this_week|late_last_week|early_last_week|a_few_days_ago|a_few_weeks_ago|some_days_ago|several_days_ago|some_time_ago|in_recent_days|in_recent_weeks|in_the_past_few_days|over_the_past_few_days|over_the_last_few_days|over_the_weekend|last_weekend|the_other_day|yesterday|days_ago|weeks_ago|not_long_ago',
);

/** Without one of these, it is about something else: "many systems have keys that nobody remembers". */
const IN_THE_ATTACK =
  / (?:attack[a-z]*|affected|compromised|accessed|breached|within reach|reached|exposed|stolen|isolated|stopped|taken|involved|used|infected|disconnected|shut|revoked|rotated|blocked|block|read|copied|obtained|leaked|abused|signed in|logged in|hit|touched|intruder|unauthorised|unauthorized) /;

/** Without one of these, something else was lately. */
const OF_THE_ATTACK =
  / (?:attack|attacked|attacks|attacker|attackers|breach|breached|intrusion|intruder|incident|unauthorised|unauthorized|compromise|compromised|detected|discovered|noticed|became aware|learned|learnt|identified|hacked|gained access) /;

export function vagueFindings(document: StatementDocument, words: Words, facts: IncidentFacts): Found[] {
  const found: Found[] = [];
  const report = ({ first, last }: Match, known: string, source: string) =>
    found.push({
      rule: 'vague',
      message: `"${quote(words, first, last)}" is vague: ${known}`,
      source,
      at: placeOf(words, first),
    });
  for (const { pattern, known } of THINGS) {
    const detail = known(facts, words);
    if (detail === undefined) continue;
    for (const match of matches(words, pattern))
      if (IN_THE_ATTACK.test(match.sentence) && !/ (?:you|your|if) /.test(match.before))
        report(match, `the scope names ${detail}`, SEED.compromised);
  }
  for (const match of matches(words, WHEN))
    if (OF_THE_ATTACK.test(match.sentence) && !saysWhen(sentenceAround(words, match)))
      report(match, `the incident was declared at ${minuteOf(facts.declaredAt)}`, SEED.timeline);
  const timeline = timelineOf(document);
  const [first] = timeline?.body.filter(({ kind }) => kind === 'text') ?? [];
  if (timeline && first && facts.entries > 0 && !timeline.body.some(({ text }) => saysWhen(text)))
    found.push({
      rule: 'vague',
      message: `the timeline has ${count(facts.entries, 'entry', 'entries')}, the draft shows none: no time and no date in this section`,
      source: SEED.timeline,
      at: timeline.head.at[0] ?? 0,
    });
  return found;
}

const AROUND = 30;

/** As it is written, since words know no clock: so many words on both sides, within the sentence. */
function sentenceAround({ blocks, from, to, line, starts }: Words, { first, last }: Match): string {
  const isStop = (word: number) => line.startsWith('. ', starts[word] ?? 0);
  let begin = first;
  while (begin > 0 && first - begin < AROUND && !isStop(begin - 1)) begin -= 1;
  let end = last;
  while (end < from.length - 1 && end - last < AROUND && !isStop(end + 1)) end += 1;
  return blocks[first]?.text.slice(from[begin], to[end]) ?? '';
}

function minuteOf(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
