/**
 * "We take security very seriously", however it is written, and what says the same in other words. Two looks: at the letters
 * of the whole text, for the phrase itself in any disguise; and at words, for the others.
 */
import { bare } from './disguises';
import type { Block } from './document';
import { SEED, type Found } from './finding';
import { compile, matches, vocabulary, type Lists, type Match } from './patterns';
import { placeOf, quote, wordsOf } from './words';

/** Words that patterns share. */
const LISTS: Lists = {
  we: 'we|we_at_[^_]+|we_at_[^_]+_[^_]+|we_here_at_[^_]+|we_,_as_always_,|we_,_as_ever_,|our_company|our_team|our_organisation|our_organization|everyone_here|all_of_us',
  ever: 'all|always|do|also|really|truly|certainly|obviously|absolutely|of_course|continue_to|will_continue_to|will_always|have_always|have|would|simply|still',
  topic:
    'security|cybersecurity|infosec|privacy|protection|protecting|protect|safety|safeguarding|safeguard|confidentiality|data|trust|integrity|responsibility|responsibilities|obligation|obligations|duty|duties|stewardship',
  guarded:
    'security|cybersecurity|infosec|privacy|safety|confidentiality|trust|protection|protecting|protect|safeguarding|safeguard|securing|secure|safe',
  this: 'matters_like|incidents_like|things_like|issues_like|events_like|matters_such_as|incidents_such_as|this|these|that|it|such|the|all|any|every|what',
  matter:
    'matter|matters|of_this|of_that|of_it|incident|incidents|issue|issues|situation|event|events|breach|breaches|attack|concern|concerns|it|this|these|happened',
  very: 'very|extremely|so|incredibly|really|most|deeply|highly|dead|deadly|truly|exceptionally|terribly|super|utterly|particularly|enormously|absolutely|especially|hugely|quite|too|critically|vitally',
  top: 'top|highest|first|number_one|no_1|number_1|1|foremost|utmost|main|overriding|absolute|biggest|greatest|paramount|key|only|primary|chief|single_biggest|supreme|critical|most_important|most_valuable',
  now: 'is|are|remains|remain|has_always_been|have_always_been|will_always_be|continues_to_be|will_remain|always_will_be|comes|stays',
  and: ',_and_will_always_be_,|,_and_always_will_be_,|and_will_always_be|and_always_will_be|,_and_will_remain_,|and_will_remain|,_and_remains_,|and_remains|,_and_has_always_been_,|and_has_always_been|and_always_has_been|and_have_always_been|always',
  first:
    'priority|priorities|concern|concerns|responsibility|duty|consideration|goal|commitment|value|asset|focus',
  great:
    'utmost|paramount|highest|greatest|critical|vital|extreme|great|supreme|prime|crucial|fundamental|central|immense',
  keep: 'the|your|our|their|all|every|a|of|and|to|for|customer|customers|user|users|client|clients|keeping|ensuring|maintaining|protecting|safeguarding|upholding|securing|data|information|personal|sensitive|accounts|privacy|systems|platform|highest|standards|levels?|continued',
};

interface Phrase {
  readonly pattern: string;
  /** Why it is as bad as the phrase. */
  readonly reason: string;
}

const FEELS = 'it says how you feel about it, not what you do';
const BOASTS = 'after a breach it is a boast; say what you do';
const PROMISES = 'it promises nothing that can be checked';

const PHRASES: readonly Phrase[] = [
  {
    pattern:
      '{we} {ever}? {ever}? take|takes|took|taken|treat|treats {gap} {topic} {gap} serious|seriously|seriousness',
    reason: FEELS,
  },
  {
    pattern:
      '{we} are|is|have_been|has_been|were {ever}? taking|treating {gap} {topic} {gap} serious|seriously',
    reason: FEELS,
  },
  { pattern: '[^_]+ takes {gap} {guarded} {gap} serious|seriously', reason: FEELS },
  {
    pattern:
      '{we} {ever}? {ever}? take|takes|treat|treats|are_taking|are_treating {this} {matter}? {very}? {very}? serious|seriously',
    reason: FEELS,
  },
  {
    pattern:
      '{we} {ever}? {ever}? take|takes|treat|treats|are_taking|are_treating {this} {matter} {gap} with {gap} seriousness|importance',
    reason: FEELS,
  },
  {
    pattern:
      '{we} {ever}? {ever}? take|takes|treat|treats|handle|handles {gap} {guarded} {gap} {great}|highest|extreme importance|seriousness|priority',
    reason: FEELS,
  },
  {
    pattern:
      '{guarded} {gap} is|are|has_been|have_been|has_always_been|have_always_been|will_always_be|will_be|being|was|were {ever}? {ever}? taken|treated|something_we_take|something_that_we_take|a_matter_we_take|a_topic_we_take {gap} serious|seriously|seriousness',
    reason: FEELS,
  },
  {
    pattern: 'seriousness with_which {we} {ever}? take|takes|treat|treats|approach|regard {gap} {topic}',
    reason: FEELS,
  },
  { pattern: '{we} {ever}? are|is|remain {very}? {very}? serious about {gap} {guarded}', reason: FEELS },
  {
    pattern:
      '{topic} {gap} {now} {and}? {very}? our|a|the|of|my|one_of_our|among_our|one_of_the {very}? {top} and? {top}? {first}',
    reason: BOASTS,
  },
  { pattern: '{guarded} {gap} {now} {and}? {very}? our priority|priorities', reason: BOASTS },
  { pattern: '{guarded} {gap} {now} {and}? a {very}? big|great|high? priority for|to us', reason: BOASTS },
  { pattern: 'our|the|a|companys {top} and? {top}? {first} {now} {and}? {gap} {topic}', reason: BOASTS },
  {
    pattern: '{topic} {gap} {now} of? the|a? {great} importance|concern|significance|priority',
    reason: FEELS,
  },
  { pattern: '{guarded} {gap} {now} paramount|sacrosanct|sacred', reason: FEELS },
  { pattern: '{guarded} {gap} {now} {very}? {very}? important|precious|dear to us', reason: FEELS },
  { pattern: '{guarded} {gap} means|mean|matters|matter {gap} to_us', reason: FEELS },
  { pattern: 'nothing {now} more_important|more_precious|dearer {gap} than {gap} {topic}', reason: BOASTS },
  { pattern: 'nothing matters more {gap} than {gap} {topic}', reason: BOASTS },
  {
    pattern:
      '{we} {ever}? are|is|remain|stay {very}? {very}? fully|deeply|strongly|firmly|wholly|totally|completely|100? committed|dedicated|devoted to {keep}? {keep}? {keep}? {keep}? {keep}? {keep}? {guarded}',
    reason: PROMISES,
  },
  {
    pattern:
      'our {very}? strong|unwavering|ongoing|continued|continuing|deep|steadfast|absolute|firm|full? commitment|dedication|devotion to {keep}? {keep}? {keep}? {keep}? {keep}? {keep}? {guarded}',
    reason: PROMISES,
  },
  {
    pattern:
      '{we} {ever}? deeply|greatly|truly|highly? value|values|valued|cherish|cherishes|respect|care_about|care_deeply_about|cares_about|cares_deeply_about|appreciate your|the|our {keep}? {keep}? trust|privacy|security',
    reason: FEELS,
  },
  {
    pattern: '{guarded} {gap} {now}? at the very? heart|core|centre|center|forefront of everything|all|what',
    reason: BOASTS,
  },
  {
    pattern:
      '{we} {ever}? hold|holds|uphold|upholds|maintain|maintains|keep|adhere|follow|apply {gap} highest|strictest|most_stringent|most_rigorous {gap} standards|standard|level|levels of|for {keep}? {keep}? {keep}? {guarded}',
    reason: BOASTS,
  },
  {
    pattern:
      '{we} {ever}? place|places|put|puts|attach|attaches {gap} {great}|highest|enormous|huge importance|value|emphasis|priority|weight on|to {gap} {topic}',
    reason: FEELS,
  },
  {
    pattern: '{we} {ever}? put|puts|place|places {keep}? {keep}? {keep}? {guarded} first|above',
    reason: BOASTS,
  },
  {
    pattern: '{guarded} {gap} {now} {ever}? first|in_our_dna|in_our_blood|job_one|job_zero|everything_to_us',
    reason: BOASTS,
  },
  { pattern: '{we} {ever}? never compromise|compromises on {gap} {guarded}', reason: BOASTS },
  {
    pattern:
      '{we} {ever}? know|understand|recognise|recognize|appreciate|realise|realize how {very}? important|seriously|serious|critical|vital|precious {gap} {guarded}',
    reason: FEELS,
  },
  {
    pattern:
      '{we} {ever}? consider|considers|regard|regards|view|views|see|sees|treat|treats|make|makes {gap} {guarded} {gap} our|as_our|a|as_a|of_the|to_be_of_the|as_of_the|the|as_the {top}|{great} {first}|importance',
    reason: BOASTS,
  },
  {
    pattern:
      '{we} {ever}? consider|considers|regard|regards|view|views|see|sees {gap} {guarded} {gap} as|to_be paramount',
    reason: BOASTS,
  },
  {
    pattern: '{guarded} {now} a|our|one_of_our|among_our core|central|fundamental|key value|values|principle',
    reason: BOASTS,
  },
  {
    pattern:
      '{we} {ever}? deeply|truly|greatly? care|cares deeply|very_much|a_lot|greatly|passionately? about {gap} {guarded}',
    reason: FEELS,
  },
  {
    pattern:
      '{topic} {gap} {now} a|an|the|something|one [^_]+? that|which? {we} {ever}? take|takes|treat|treats {gap} serious|seriously',
    reason: FEELS,
  },
  {
    pattern: '{guarded} ,? which|that|something {we} {ever}? take|takes {gap} serious|seriously',
    reason: FEELS,
  },
  { pattern: 'your|customer|customers privacy|security|trust matters|counts', reason: FEELS },
  {
    pattern:
      '{we} {ever}? take|takes great|utmost|every|extreme|the_utmost|the_greatest|all_possible|all care|precaution|precautions|measure|measures to protect|secure|safeguard|keep',
    reason: BOASTS,
  },
  { pattern: '{we} {ever}? work|works tirelessly|relentlessly to {gap} {guarded}', reason: BOASTS },
  { pattern: 'utmost|highest|greatest respect|regard|care for {gap} privacy|security|trust', reason: FEELS },
];

const KNOWN = vocabulary(
  PHRASES.map(({ pattern }) => pattern),
  LISTS,
);

const COMPILED = PHRASES.map(({ pattern, reason }) => ({ pattern: compile(pattern, LISTS), reason }));

/** What else is written for a letter. */
const SIGNS: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '8': 'b',
  '9': 'g',
  $: 's',
  '@': 'a',
  '€': 'e',
  '£': 'l',
  '!': 'i',
  '|': 'i',
  '+': 't',
};

/** Words that look the same once signs are read as letters: i and l are one, and so are v v and w. */
function shape(word: string): string {
  return Array.from(word, (one) => SIGNS[one] ?? one)
    .join('')
    .replaceAll('vv', 'w')
    .replaceAll('l', 'i')
    .replace(/(.)\1{2,}/g, '$1');
}

const BY_SHAPE = new Map(KNOWN.map((word) => [shape(word), word]));
const MISSPELT = ['security', 'seriously'];

/** Reads s3curity, $eriously, secuurity and seriosly. */
function decode(word: string): string | undefined {
  if (/^[a-z]+$/.test(word) && !/(.)\1\1|vv/.test(word))
    return MISSPELT.find((right) => word !== right && isOneMistakeFrom(right, word));
  if (word.length > 24 || !/[a-z]/.test(word)) return undefined;
  return BY_SHAPE.get(shape(word));
}

/** One letter too many, too few, wrong, or two exchanged. */
function isOneMistakeFrom(right: string, word: string): boolean {
  if (Math.abs(right.length - word.length) > 1) return false;
  let same = 0;
  while (same < right.length && right[same] === word[same]) same += 1;
  const rest = right.slice(same);
  const read = word.slice(same);
  return (
    rest.slice(1) === read.slice(1) ||
    rest.slice(1) === read ||
    rest === read.slice(1) ||
    (rest[0] === read[1] && rest[1] === read[0] && rest.slice(2) === read.slice(2))
  );
}

/** Admits a fault, or asks it of somebody: no boast. */
const DENIES =
  / (?:not|never|nor|failed to|fail to|should|must|ought to|could|if|whether|didnt|dont|wish|wished|cannot|cant|nobody|no one) (?:[^ ]+ ){0,3}$/;

function isMeant({ text, before, after }: Match): boolean {
  if (DENIES.test(before)) return false;
  if (/ (?:not|never) /.test(text) && !/ never compromise/.test(` ${text}`)) return false;
  if (/ more serious(?:ly)? $/.test(text) || /^ enough /.test(after)) return false;
  return !/ (?:was not|were not|not been|fell short|failed|broken|broke) /.test(after);
}

/** The letters of the phrase alone, in the forms that they take. */
const LETTER: Readonly<Record<string, string>> = {
  a: '[a4@]',
  b: '[b8]',
  e: '[e3€]',
  g: '[g9]',
  i: '[il1]',
  l: '[li1£]',
  o: '[o0]',
  s: '[s5$]',
  t: '[t7]',
  w: '(?:w|vv)',
};
const letters = (word: string) => Array.from(word, (one) => LETTER[one] ?? one).join('');
const either = (...words: string[]) => `(?:${words.map(letters).join('|')})`;

const SMALL = either('your', 'our', 'the', 'this', 'data', 'information', 'cyber', 'customer');
const BARE_PHRASE = `${letters('we')}${either('all', 'always', 'do', 'really', 'truly', 'have', 'also')}?${letters('take')}${either('s', 'n')}?${SMALL}{0,2}${letters('securit')}(?:${letters('y')}|${letters('ies')})${either('very', 'extremely', 'so', 'really', 'incredibly', 'most', 'deadly', 'veryvery')}?${letters('serious')}`;

interface Letters {
  readonly text: string;
  readonly at: readonly number[];
}

function lettersOf(blocks: readonly Block[]): Letters {
  let text = '';
  const at: number[] = [];
  for (const block of blocks) {
    let index = 0;
    for (const character of block.text) {
      for (const one of bare(character))
        if (/[a-z0-9$@€£]/.test(one)) {
          text += one;
          at.push(block.at[index] ?? 0);
        }
      index += character.length;
    }
  }
  return { text, at };
}

/** Where the phrase itself stands, in whatever pieces; also backwards, which a reader sees forwards behind U+202E. */
function* disguised({ text, at }: Letters): Generator<number> {
  for (const { index } of text.matchAll(new RegExp(BARE_PHRASE, 'g'))) yield at[index] ?? 0;
  const backwards = Array.from(text).reverse().join('');
  for (const { 0: phrase, index } of backwards.matchAll(new RegExp(BARE_PHRASE, 'g')))
    yield at[text.length - index - phrase.length] ?? 0;
}

export function phraseFindings(blocks: readonly Block[]): Found[] {
  const found: Found[] = [];
  const said: { from: number; to: number }[] = [];
  const report = (at: number, to: number, message: string) => {
    if (said.some((one) => at <= one.to && to >= one.from)) return;
    said.push({ from: at, to });
    found.push({ rule: 'bannedPhrase', at, message, source: SEED.phrase });
  };
  const read = [
    blocks.filter(({ kind }) => kind !== 'aside'),
    ...blocks.filter(({ kind }) => kind === 'aside').map((one) => [one]),
  ];
  for (const some of read)
    for (const at of disguised(lettersOf(some))) report(at, at, 'it says "We take security very seriously"');
  const words = wordsOf(blocks, decode);
  for (const { pattern, reason } of COMPILED)
    for (const match of matches(words, pattern)) {
      const { first, last } = match;
      if (isMeant(match))
        report(
          placeOf(words, first),
          placeOf(words, last),
          `"${quote(words, first, last)}" says the same as "We take security very seriously": ${reason}`,
        );
    }
  return found;
}
