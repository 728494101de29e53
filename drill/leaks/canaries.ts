/**
 * The words that must not get out: everything that people typed and the incident wrote down, the names of whom and what it is
 * about, secrets, and the product's own words that would tell what it does.
 */
import { createAddressActivities } from '../../activities/addresses';
import { createCompanyActivities } from '../../activities/company';
import { createContainmentActivities } from '../../activities/containment';
import { createEvidenceActivities } from '../../activities/evidence';
import { createIdentityActivities } from '../../activities/identities';
import { createLedgerActivities } from '../../activities/ledger';
import { createMailActivities } from '../../activities/mail';
import { createPagingActivities } from '../../activities/paging';
import { createPublishingActivities } from '../../activities/publishing';
import { createRoomActivities } from '../../activities/room';
import { createSmsActivities } from '../../activities/sms';
import { TASKS } from '../../domain/checklist';
import { SUB_STEPS } from '../../domain/containment';
import { DECISIONS } from '../../domain/decisions';
import { EFFECTS } from '../../domain/effects';
import type { Entry } from '../../domain/entries';
import { FINDINGS } from '../../domain/findings';
import { ROLES } from '../../domain/roles';
import { SCOPE_LISTS, type Scope } from '../../domain/scope';
import { STEPS } from '../../domain/steps';
import { createSearch, SHORTEST_WORD } from './search';

/** What a word is of; `allowances.ts` says where each may stand. */
export const WORD_KINDS = {
  typed: 'what people typed: summaries, grounds, notes, reasons, causes, mails, statements',
  note: 'of these and the others, what stands in an approved internal note',
  statement: 'the same of an approved statement',
  entry: 'what the incident wrote down, in sentences',
  detection: 'the detection: its id, type, title and description',
  thing: 'what is affected, and what was made of it: instances, addresses, users, secrets, images',
  person: 'people of the company and outside, by their addresses and their public keys',
  product:
    "the product's own words: decisions, tasks, sub-steps, activities, gates, and words such as forensic",
  secret: 'tokens and keys',
} as const;

export type WordKind = keyof typeof WORD_KINDS;

/** By the word, everything that it is. */
export type Canaries = ReadonlyMap<string, ReadonlySet<WordKind>>;

/** What the words are taken from. */
export interface Known {
  /** Decisions and declaration, in whatever shape: each text in them. */
  readonly typed: readonly unknown[];
  readonly entries: readonly Entry[];
  /** The detection's file. */
  readonly detection?: string | undefined;
  readonly scope: Scope;
  /** Ids and addresses of what is affected, beside the scope. */
  readonly things: readonly string[];
  readonly people: readonly string[];
  readonly secrets: readonly string[];
  /** Texts that were approved for the company, and for the public. */
  readonly notes?: readonly string[];
  readonly statements?: readonly string[];
}

export function canariesOf(known: Known): Canaries {
  const words = new Map<string, Set<WordKind>>();
  const add = (kind: WordKind, all: Iterable<string>) => {
    for (const word of all)
      if (word.length >= SHORTEST_WORD) words.set(word, (words.get(word) ?? new Set()).add(kind));
  };
  const { entries, scope } = known;
  add('typed', known.typed.flatMap(textsIn).flatMap(wordsIn));
  add(
    'entry',
    entries
      .flatMap(({ text, reasons = [] }) => [text, ...reasons.map(({ reason }) => reason)])
      .flatMap(phrasesIn),
  );
  add('product', PRODUCT);
  add('product', entries.flatMap(({ reasons = [] }) => reasons.map(({ gate }) => gate)).filter(isTelling));
  add('detection', detectionWords(known.detection));
  add(
    'thing',
    SCOPE_LISTS.flatMap((list) => scope[list].map((one) => (typeof one === 'string' ? one : one.id))),
  );
  add('thing', known.things);
  add('person', [...known.people, ...entries.map(({ by }) => by).filter((by) => by.includes('@'))]);
  add('secret', known.secrets);
  const search = createSearch(words.keys());
  const standingIn = (texts: readonly string[] = []) =>
    texts.flatMap((text) => search.in(Buffer.from(text)).map(({ word }) => word));
  add('note', standingIn(known.notes));
  add('statement', standingIn(known.statements));
  return words;
}

/** Every text in a value of any shape. */
export function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}

function wordsIn(text: string): string[] {
  return [...phrasesIn(text), ...namesIn(text)];
}

/** Each three words in a row: a text that was cut or wrapped is found too, and no ordinary word by itself is a canary. */
function phrasesIn(text: string): string[] {
  const words = text.trim().split(/\s+/);
  if (words.length < WORDS_IN_A_ROW) return words.length === 2 ? [words.join(' ')].filter(isLong) : [];
  return words
    .slice(WORDS_IN_A_ROW - 1)
    .map((_, index) => words.slice(index, index + WORDS_IN_A_ROW).join(' '))
    .filter(isLong);
}

const WORDS_IN_A_ROW = 3;
const LONG_PHRASE = 14;
const isLong = (phrase: string) => phrase.length >= LONG_PHRASE;

/** Words that are nobody's but the incident's: an id, a host, an address. They have a digit in them, or an `@`. */
function namesIn(text: string): string[] {
  return (text.match(/[A-Za-z0-9@][\w.:/@-]*[A-Za-z0-9]/g) ?? []).filter(
    (name) => /[a-z]/i.test(name) && /[0-9@]/.test(name) && !IS_TIME.test(name),
  );
}

const IS_TIME = /^\d{4}-\d\d-\d\d/;

/** Of a detection's file, what it says; its region and type of machine are everybody's. */
function detectionWords(file: string | undefined): string[] {
  if (file === undefined) return [];
  const said = textsUnder(JSON.parse(file), new Set(['id', 'arn', 'type', 'title', 'description']));
  const planted = textsIn(JSON.parse(file)).flatMap((text) => text.match(PLANTED) ?? []);
  return [...said.flatMap((text) => (/\s/.test(text) ? wordsIn(text) : [text])), ...planted];
}

/** What a scenario plants to be found. */
const PLANTED = /\bcanary[\w-]*[0-9]\w*/g;

function textsUnder(value: unknown, names: ReadonlySet<string>): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    typeof inner === 'string' ? (names.has(name) ? [inner] : []) : textsUnder(inner, names),
  );
}

/** A name of one plain word, `capture` say, is everybody's. */
function isTelling(name: string): boolean {
  return /[a-z][A-Z]/.test(name);
}

/** Activities by their names; what they would do is not asked. */
const ACTIVITIES: readonly string[] = [
  createAddressActivities,
  createCompanyActivities,
  createContainmentActivities,
  createEvidenceActivities,
  createIdentityActivities,
  createLedgerActivities,
  createMailActivities,
  createPagingActivities,
  createPublishingActivities,
  createRoomActivities,
  createSmsActivities,
].flatMap((create) => Object.keys((create as (port: object, settings: object) => object)({}, {})));

const PARTS = ['blockAddress', 'containIdentity', 'containInstance', 'releaseInstance'];

/** Beginnings of words that tell what this is about. */
const TELLING = [
  ...[
    'incident',
    'attack',
    'breach',
    'compromis',
    'malicious',
    'intrud',
    'intrus',
    'threat',
    'victim',
    'hacker',
    'hacked',
  ],
  ...['forensic', 'evidence', 'investigat', 'custody', 'suspect', 'infect', 'emergenc'],
  ...['quarantin', 'isolat', 'containment', 'containing', 'revoke', 'revoking'],
];

const PRODUCT: readonly string[] = [
  ...[DECISIONS, EFFECTS, FINDINGS, ROLES, STEPS, SUB_STEPS, TASKS].flatMap(Object.keys).filter(isTelling),
  ...[...ACTIVITIES, ...PARTS].filter(isTelling),
  ...textsIn([DECISIONS, FINDINGS, ROLES, STEPS, SUB_STEPS, TASKS]).flatMap(phrasesIn),
  ...Object.values(EFFECTS).flatMap(({ title }) => phrasesIn(title)),
  ...TELLING,
];
