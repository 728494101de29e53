/** Claims that contradict what the incident has found, or that nobody has established. Each with what it is held against. */
import { FINDINGS, type FindingId } from '../findings';
import { HOST_NOUNS, hostCounts, NUMBER, numberOf } from './counts';
import type { IncidentFacts } from './facts';
import { SEED, type Found } from './finding';
import { compile, matches, type Lists, type Match } from './patterns';
import { lineOfName, placeOf, quote, type Words } from './words';

const LISTS: Lists = {
  hosts: 'servers|server|hosts|host|instances|instance|machines|systems|system|infrastructure',
  our: 'our|of_our|the|of_the|company|internal|own|of_our_own',
  hit: 'affected|compromised|accessed|breached|impacted|touched|involved|hacked|infiltrated|reached',
  leaked: 'affected|compromised|accessed|breached|impacted|exposed|involved|leaked|at_risk|obtained',
  taken: 'affected|compromised|accessed|exposed|leaked|stolen|taken|obtained|involved|at_risk|lost',
  been: 'was|were|has_been|have_been|is|are|had_been|got',
  now: 'now|again|all|fully|completely|once_more|currently|entirely|totally|back|once_again|both|100',
  ever: 'never|not|no_longer',
  outside: 'outside|external|foreign|third_party|outsider|unknown_external',
  attacker:
    'attacker|attackers|actor|actors|hacker|hackers|party|parties|intruder|intruders|group|criminal|criminals|adversary',
};

interface Claim {
  readonly pattern: RegExp;
  /** Why it can't be said; nothing where it can. */
  readonly contradicts: (facts: IncidentFacts, match: Match, words: Words) => string | undefined;
  readonly source: string;
}

const count = (number: number, one: string, many = `${one}s`) => `${number} ${number === 1 ? one : many}`;
const scopeNames = (what: string) => `the scope names ${what}`;

/** What limits a claim to something else: "no data on the other servers was read". */
const LIMITED =
  /^ (?:other|except|beyond|outside|apart|besides|from|in|on|after|before|by|until|than|further|elsewhere|when|while|at|because|through|with|during|of|for|since|using|via) /;

const isPlain = ({ after }: Match) => !LIMITED.test(after);

/** What somebody says of it, without saying it. */
const IS_HEDGED =
  / (?:cannot|cant|can not|do not|dont|no one can|nobody can|not|never|nor|unable to|too early to|neither|if|whether|until|before|once|when|would|claim|claims|claimed|reports that|wrongly|incorrectly|told|asked|wrote that|said that) (?:[^ ]+ ){0,8}$/;
const isHedged = ({ before }: Match) => IS_HEDGED.test(before);

function unlessFound(id: FindingId): Claim['contradicts'] {
  return ({ findings }, match) =>
    findings[id] || isHedged(match) ? undefined : `nobody has established: ${FINDINGS[id].title}`;
}

const hostsAreInScope: Claim['contradicts'] = ({ instances }, match) =>
  instances > 0 && isPlain(match) && !isHedged(match) ? scopeNames(count(instances, 'instance')) : undefined;

const sourceIs =
  (value: 'external' | 'internal'): Claim['contradicts'] =>
  ({ findings: { attackSource } }, match) =>
    attackSource?.value === value && !isHedged(match)
      ? `the forensic analysis found the source to be ${value}`
      : undefined;

/** Grounds that say themselves that there was nothing. */
const DENIES = /\b(?:no|none|nothing|not|never|without|nobody)\b/i;

const dataIsKnown =
  (customers: boolean, verb?: RegExp): Claim['contradicts'] =>
  ({ findings: { compromisedDataKnown } }, match) => {
    if (!isPlain(match) || isHedged(match)) return undefined;
    if (!compromisedDataKnown) return `nobody has established: ${FINDINGS.compromisedDataKnown.title}`;
    const { grounds } = compromisedDataKnown;
    if (DENIES.test(grounds)) return undefined;
    if (customers && !/customer|client|user|subscriber|member|patient|account holder/i.test(grounds))
      return undefined;
    if (verb && !verb.test(grounds)) return undefined;
    return `it is established what was: "${short(grounds)}"`;
  };

const short = (text: string) => {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 160 ? `${line.slice(0, 160)}…` : line;
};

const COPIED = /exfiltrat|stole|stolen|copied|copies|download|taken|took|left the/i;

const CLAIMS: readonly Claim[] = [
  {
    pattern: compile('no|none {our}? {hosts} {been} {hit}', LISTS),
    contradicts: hostsAreInScope,
    source: SEED.validated,
  },
  {
    pattern: compile('none of {our}? {our}? {hosts} {been} {hit}', LISTS),
    contradicts: hostsAreInScope,
    source: SEED.validated,
  },
  {
    pattern: compile('our|all|the {our}? {hosts} {been} not|never {hit}', LISTS),
    contradicts: hostsAreInScope,
    source: SEED.validated,
  },
  {
    pattern: compile('no|none {of}? {our}? services|service|product|products {been} {hit}', {
      ...LISTS,
      of: 'of_our|of_the|of',
    }),
    contradicts: ({ services }, match) =>
      services.length > 0 && isPlain(match) && !isHedged(match)
        ? scopeNames(`${count(services.length, 'service')}: ${services.join(', ').slice(0, 200)}`)
        : undefined,
    source: SEED.validated,
  },
  {
    pattern: compile('no data|information|records {of_any_kind}? {been} {leaked}', {
      ...LISTS,
      of_any_kind: 'of_any_kind|at_all|whatsoever',
    }),
    contradicts: dataIsKnown(false),
    source: SEED.compromised,
  },
  {
    pattern: compile(
      'no customer|customers|user|users|client|clients data|information|records {been} {leaked}',
      LISTS,
    ),
    contradicts: dataIsKnown(true),
    source: SEED.compromised,
  },
  {
    pattern: compile(
      'no customer? data|information|records {been} stolen|taken|exfiltrated|copied|downloaded',
      LISTS,
    ),
    contradicts: dataIsKnown(false, COPIED),
    source: SEED.compromised,
  },
  {
    pattern: compile('no customers|users|clients {been} {leaked}', LISTS),
    contradicts: dataIsKnown(true),
    source: SEED.compromised,
  },
  {
    pattern: compile('customer|your|our|all data|information {been} not|never {leaked}', LISTS),
    contradicts: dataIsKnown(true),
    source: SEED.compromised,
  },
  {
    pattern: compile('no credentials|credential {been} {taken}', LISTS),
    contradicts: ({ secrets, identities, users }, match) =>
      secrets + identities + users.length > 0 && isPlain(match) && !isHedged(match)
        ? scopeNames(
            [
              secrets > 0 && count(secrets, 'secret'),
              identities > 0 && count(identities, 'identity', 'identities'),
              users.length > 0 && count(users.length, 'user account'),
            ]
              .filter((one) => one !== false)
              .join(' and '),
          )
        : undefined,
    source: SEED.compromised,
  },
  {
    pattern: compile('no secrets|secret|keys|key|tokens|token|access_keys|api_keys {been} {taken}', LISTS),
    contradicts: ({ secrets, identities }, match) =>
      secrets + identities > 0 && isPlain(match) && !isHedged(match)
        ? scopeNames(secrets > 0 ? count(secrets, 'secret') : count(identities, 'identity', 'identities'))
        : undefined,
    source: SEED.compromised,
  },
  {
    pattern: compile('no passwords|password {been} {taken}', LISTS),
    contradicts: ({ users }, match) =>
      users.length > 0 && isPlain(match) && !isHedged(match)
        ? `${scopeNames(count(users.length, 'user account'))} used in the attack`
        : undefined,
    source: SEED.compromised,
  },
  {
    pattern: compile(
      'no employee|staff|internal|employees|administrator|admin accounts|account {been} {taken}|used|abused',
      LISTS,
    ),
    contradicts: ({ users }, match) =>
      users.length > 0 && isPlain(match) && !isHedged(match)
        ? `${scopeNames(count(users.length, 'user account'))} used in the attack`
        : undefined,
    source: SEED.compromised,
  },
  {
    pattern: compile(
      'a|an|one_of_our|our former|current|disgruntled|rogue|malicious|own? employees|employee|insider|contractor|colleague|staff_member|member_of_staff|administrator {who}? stole|abused|misused|exfiltrated|sabotaged|attacked|carried_out|is_behind|was_behind|is_responsible|was_responsible|gained_unauthorised|gained_unauthorized',
      { ...LISTS, who: 'who|has|had|who_had|deliberately|intentionally' },
    ),
    contradicts: sourceIs('external'),
    source: SEED.validated,
  },
  {
    pattern: compile(
      'attack|carried_out|committed|caused|stolen|accessed|performed|made|done|incident|breach|abused|misused|copied|access {was}? {was}? by an?|one|the|a|our of? our? former|current|disgruntled|rogue|malicious|own? insider|employee|employees|contractor|member_of_staff',
      { ...LISTS, was: 'was|caused|carried_out|committed|performed' },
    ),
    contradicts: sourceIs('external'),
    source: SEED.validated,
  },
  {
    pattern: compile(
      'insider_attack|inside_job|malicious_insider|rogue_employee|disgruntled_employee|came_from_inside|came_from_within|originated_from_within|originated_within|originated_inside|sourced_internally|internally_sourced|from_within_our_company|from_inside_our_company|insider_threat',
      LISTS,
    ),
    contradicts: (facts, match, words) =>
      / (?:no|any) (?:[^ ]+ ){0,4}$/.test(match.before)
        ? undefined
        : sourceIs('external')(facts, match, words),
    source: SEED.validated,
  },
  {
    pattern: compile(
      'an|a|by|the|outside|external|foreign {outside} threat|malicious|unauthorised? {attacker}',
      LISTS,
    ),
    contradicts: sourceIs('internal'),
    source: SEED.validated,
  },
  {
    pattern: compile(
      'came_from_outside|originated_outside|originated_from_outside|sourced_externally|externally_sourced|cyber_criminals|cybercriminals|nation_state|state_sponsored',
      LISTS,
    ),
    contradicts: sourceIs('internal'),
    source: SEED.validated,
  },
  {
    pattern: compile(
      'will|can|could|shall|would never|not|no_longer ever? be? happen|occur|recur|repeated|repeat again?',
      LISTS,
    ),
    contradicts: unlessFound('recurrencePrevented'),
    source: FINDINGS.recurrencePrevented.source,
  },
  {
    pattern: compile('wont|cannot|cant ever? be? happen|occur|recur|repeated|repeat again?', LISTS),
    contradicts: unlessFound('recurrencePrevented'),
    source: FINDINGS.recurrencePrevented.source,
  },
  {
    pattern: compile(
      'impossible_to_happen|impossible_to_recur|impossible_for_this_to|never_happen_again|never_again_happen|made_impossible',
      LISTS,
    ),
    contradicts: unlessFound('recurrencePrevented'),
    source: FINDINGS.recurrencePrevented.source,
  },
  {
    pattern: compile(
      'our|all|the {our}? {our}? systems|servers|environment|infrastructure|platform|network is|are|have_been|has_been {now}? {now}? secure|secured|safe',
      LISTS,
    ),
    contradicts: unlessFound('systemsSecured'),
    source: FINDINGS.systemsSecured.source,
  },
  {
    pattern: compile('attacker|attackers|intruder|hacker no_longer has|have any? access', LISTS),
    contradicts: unlessFound('systemsSecured'),
    source: FINDINGS.systemsSecured.source,
  },
  {
    pattern: compile(
      'incident|attack|breach|situation|threat is|has_been|was now? fully|completely contained',
      LISTS,
    ),
    contradicts: unlessFound('systemsSecured'),
    source: FINDINGS.systemsSecured.source,
  },
  {
    pattern: compile('monitoring|alerting is|are|has_been now|fully|already? in_place', LISTS),
    contradicts: unlessFound('monitoringInPlace'),
    source: FINDINGS.monitoringInPlace.source,
  },
  {
    pattern: compile('we now? know exactly|precisely what|which', LISTS),
    contradicts: unlessFound('compromisedDataKnown'),
    source: FINDINGS.compromisedDataKnown.source,
  },
  {
    pattern: compile('we now? know exactly|precisely how', LISTS),
    contradicts: unlessFound('methodKnown'),
    source: FINDINGS.methodKnown.source,
  },
  {
    pattern: compile(
      'all of? the? information|facts {here}? is|are|has_been|have_been validated|verified|confirmed',
      {
        ...LISTS,
        here: 'here|below|above|in_this_statement|in_this_notice|in_this_report|on_this_page',
      },
    ),
    contradicts: unlessFound('informationValidated'),
    source: FINDINGS.informationValidated.source,
  },
  {
    pattern: compile('we have a|the complete|full|entire timeline', LISTS),
    contradicts: unlessFound('timelineEstablished'),
    source: FINDINGS.timelineEstablished.source,
  },
  {
    pattern: new RegExp(
      `(?<= )(?:${NUMBER}) (?:of our |of the )?(?:(?!(?:of|our|the|other|further|more|additional|${NUMBER}|[.,]) )[^ ]+ ){0,3}?(?:${HOST_NOUNS}) (?:was |were |have been |has been |had been )(?:(?:also|all|directly|then) )?(?:${LISTS['hit'] ?? ''}) `,
      'g',
    ),
    contradicts: (facts, match, words) => hostsDiffer(facts, match, words),
    source: SEED.compromised,
  },
  {
    pattern: new RegExp(
      `(?<= )(?:accessed|compromised|reached|breached|infiltrated|gained access to|had access to|got into|broke into|logged in to|affected) (?:only |a total of |all |exactly )?(?:${NUMBER}) (?:of our |of the )?(?:(?!(?:of|our|the|other|further|more|additional|customer|customers|${NUMBER}|[.,]) )[^ ]+ ){0,3}?(?:${HOST_NOUNS}) `,
      'g',
    ),
    contradicts: (facts, match, words) => hostsDiffer(facts, match, words),
    source: SEED.compromised,
  },
];

/** What makes the number one of other things, or only a part. */
const OTHER_COUNT =
  / (?:than|least|most|over|about|around|nearly|almost|approximately|roughly|first|another|further|other|more|next|remaining|each|per|of|than|hundred|thousand|twenty|thirty|forty|fifty|and|up to|then|customer|customers|your|of our|of the) $/;

function hostsDiffer({ instances }: IncidentFacts, match: Match, words: Words): string | undefined {
  const { text, before } = match;
  if (instances === 0 || OTHER_COUNT.test(before) || isHedged(match)) return undefined;
  const [said = ''] = new RegExp(`(?<= )(?:${NUMBER})(?= )`).exec(` ${text}`) ?? [];
  const number = numberOf(said);
  if (number === undefined || number === instances || hostCounts(words).includes(instances)) return undefined;
  // "accessed one server … and two more": the parts of the number.
  const parts = hostCounts(words);
  if (parts.length > 1 && parts.reduce((sum, one) => sum + one, 0) === instances) return undefined;
  return scopeNames(count(instances, 'instance'));
}

export function claimFindings(words: Words, facts: IncidentFacts): Found[] {
  const found: Found[] = [];
  const denials = denialsOf(facts);
  const said: Match[] = [];
  const report = (match: Match, why: string, source: string) => {
    const { first, last } = match;
    if (said.some((one) => first <= one.last && last >= one.first)) return;
    said.push(match);
    found.push({
      rule: 'contradiction',
      message: `"${quote(words, first, last)}" contradicts the incident: ${why}`,
      source,
      at: placeOf(words, first),
    });
  };
  for (const { pattern, contradicts, source } of CLAIMS)
    for (const match of matches(words, pattern)) {
      if (isQuestion(words, match)) continue;
      const why = contradicts(facts, match, words);
      if (why !== undefined) report(match, why, source);
    }
  for (const { service, pattern } of denials)
    for (const match of matches(words, pattern))
      if (isPlain(match) && !isHedged(match) && !isQuestion(words, match))
        report(match, scopeNames(`the service ${service}`), SEED.validated);
  return found;
}

interface Denial {
  readonly service: string;
  readonly pattern: RegExp;
}

/** That a service of the scope was not affected, by its own name. */
function denialsOf({ services }: IncidentFacts): Denial[] {
  return services.flatMap((service) => {
    const name = lineOfName(service).trim();
    if (name === '' || name.length > LONGEST_NAME) return [];
    const pattern = new RegExp(
      `(?<= )${name.replace(/[^\p{L}\p{N} ]/gu, '.')} (?:service |api )?(?:was|were|is|has been|have been) (?:not|never) (?:been )?(?:${LISTS['hit'] ?? ''}) `,
      'gu',
    );
    return [{ service, pattern }];
  });
}

const LONGEST_NAME = 100;

/** "Were any of our servers affected?" claims nothing. */
function isQuestion({ blocks, to, from, line, starts }: Words, { last }: Match): boolean {
  let word = last;
  while (word < to.length - 1 && word - last < 40 && !line.startsWith('. ', starts[word] ?? 0)) word += 1;
  return line.startsWith('. ', starts[word] ?? 0) && blocks[word]?.text[from[word] ?? 0] === '?';
}
