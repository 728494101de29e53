/**
 * Whole statements, written for this test. The good ones are of many styles, and nothing is found in them; of each bad one, what
 * is found, where, and in which words.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StatementFacts } from '../../../domain/statement/facts';
import type { StatementRule } from '../../../domain/statement/finding';
import { lintStatement } from '../../../domain/statement/lint';
import { FACTS, INCIDENT } from './support/facts';

const FOLDER = join(__dirname, 'statements');
const SEED = readFileSync(join(__dirname, '../../../docs/seed/security-incident-response.md'), 'utf8');

const read = (kind: string, name: string) => readFileSync(join(FOLDER, kind, `${name}.md`), 'utf8');
const namesOf = (kind: string) => readdirSync(join(FOLDER, kind)).map((file) => file.replace(/\.md$/, ''));

/** The rule, line and column, the words that stand there, and the message. */
type Expected = readonly [rule: StatementRule, line: number, column: number, words: string, message: string];

const BAD: Readonly<Record<string, readonly Expected[]>> = {
  'another-day': [
    [
      'date',
      1,
      22,
      '23 November 2026',
      'the title says "23 November 2026", and the day of release is 24 November 2026',
    ],
  ],
  denials: [
    [
      'contradiction',
      9,
      1,
      'No systems were comprom',
      '"No systems were compromised" contradicts the incident: the scope names 3 instances',
    ],
    [
      'contradiction',
      9,
      34,
      'no customer data was ac',
      '"no customer data was accessed" contradicts the incident: it is established what was: "the billing addresses of 12 customers were copied"',
    ],
    [
      'contradiction',
      9,
      65,
      'No credentials were exp',
      '"No credentials were exposed" contradicts the incident: the scope names 2 secrets and 1 identity and 1 user account',
    ],
    [
      'contradiction',
      9,
      98,
      'billing-api was not aff',
      '"billing-api was not affected" contradicts the incident: the scope names the service billing-api',
    ],
  ],
  'empty-section': [
    ['section', 11, 4, 'What you need to do', 'the section on what customers must do is empty'],
  ],
  everything: [
    ['date', 1, 3, 'Incident', 'the title carries no date: add the day of release, 24 November 2026'],
    ['section', 1, 3, 'Incident', 'there is no section on what was compromised and how it affects customers'],
    ['section', 1, 3, 'Incident', 'there is no section on what customers must do'],
    ['section', 1, 3, 'Incident', 'there is no section on how it is prevented in future'],
    ['bannedPhrase', 3, 1, 'We take security very s', 'it says "We take security very seriously"'],
    [
      'vague',
      3,
      34,
      'Recently, we noticed a ',
      '"Recently" is vague: the incident was declared at 2026-11-22 02:14 UTC',
    ],
    [
      'namedParty',
      3,
      69,
      'Example Mail caused.',
      "it names Example Mail without a link to that party's own disclosure (https://mail.example.net/disclosure)",
    ],
    [
      'vague',
      5,
      4,
      'What happened',
      'the timeline has 14 entries, the draft shows none: no time and no date in this section',
    ],
    ['section', 7, 1, 'To follow.', 'the section on what happened (timeline) says nothing yet: "To follow."'],
  ],
  filler: [
    [
      'section',
      13,
      1,
      'TBD, more information w',
      'the section on what customers must do says nothing yet: "TBD, more information will follow soon."',
    ],
  ],
  html: [
    [
      'date',
      1,
      5,
      'Security incident</h1>',
      'the title carries no date: add the day of release, 24 November 2026',
    ],
    ['bannedPhrase', 3, 4, 'We take&nbsp;<b>secu</b', 'it says "We take security very seriously"'],
  ],
  'impossible-date': [
    ['date', 1, 22, '31 February 2026', 'the title says "31 February 2026", and there is no such day'],
  ],
  'impossible-full-width': [
    [
      'date',
      1,
      22,
      '３１／１１／２０２６',
      'the title says "３１／１１／２０２６", and there is no such day',
    ],
  ],
  lorem: [
    [
      'section',
      13,
      1,
      'Lorem ipsum dolor sit a',
      'the section on what customers must do says nothing yet: "Lorem ipsum dolor sit amet, consectetur adipiscing elit."',
    ],
  ],
  'no-date': [
    [
      'date',
      1,
      3,
      'Security incident',
      'the title carries no date: add the day of release, 24 November 2026',
    ],
  ],
  'no-section': [
    ['section', 1, 3, 'Security incident, 24 N', 'there is no section on what customers must do'],
  ],
  'no-times': [
    [
      'vague',
      3,
      4,
      'What happened',
      'the timeline has 14 entries, the draft shows none: no time and no date in this section',
    ],
  ],
  'no-title': [
    [
      'title',
      1,
      1,
      'Security incident, 24 N',
      'the statement has no title: begin it with a line "# Title, DATE"',
    ],
  ],
  'no-year': [
    [
      'date',
      1,
      3,
      'Security incident of 24',
      'the title carries no date: add the day of release, 24 November 2026',
    ],
  ],
  'only-title': [
    ['section', 1, 3, 'Security incident, 24 N', 'there is no section on what happened (timeline)'],
    [
      'section',
      1,
      3,
      'Security incident, 24 N',
      'there is no section on what was compromised and how it affects customers',
    ],
    ['section', 1, 3, 'Security incident, 24 N', 'there is no section on what customers must do'],
    ['section', 1, 3, 'Security incident, 24 N', 'there is no section on how it is prevented in future'],
  ],
  'other-facts': [
    [
      'contradiction',
      9,
      1,
      'Two of our servers were',
      '"Two of our servers were compromised" contradicts the incident: the scope names 3 instances',
    ],
    [
      'contradiction',
      9,
      38,
      'A disgruntled employee ',
      '"A disgruntled employee abused" contradicts the incident: the forensic analysis found the source to be external',
    ],
  ],
  'party-comment': [
    [
      'namedParty',
      5,
      64,
      "Sample Chat's vault. <!",
      "it names Sample Chat without a link to that party's own disclosure",
    ],
    [
      'namedParty',
      5,
      102,
      'Example Mail --> At 03:',
      "it names Example Mail without a link to that party's own disclosure (https://mail.example.net/disclosure)",
    ],
  ],
  'party-other-link': [
    [
      'namedParty',
      5,
      66,
      'EXAMPLE**-mail ([read m',
      "it names Example Mail without a link to that party's own disclosure (https://mail.example.net/disclosure)",
    ],
  ],
  'party-own-link': [
    [
      'namedParty',
      5,
      64,
      'Sample Chat, as [we sai',
      "it names Sample Chat without a link to that party's own disclosure",
    ],
  ],
  party: [
    [
      'namedParty',
      5,
      64,
      'Example Mail. At 03:04 ',
      "it names Example Mail without a link to that party's own disclosure (https://mail.example.net/disclosure)",
    ],
  ],
  'phrase-committed': [
    [
      'bannedPhrase',
      3,
      12,
      'we remain fully committ',
      '"we remain fully committed to protecting" says the same as "We take security very seriously": it promises nothing that can be checked',
    ],
  ],
  'phrase-homoglyphs': [
    ['bannedPhrase', 3, 13, 'wе tаkе sесurіtу vеrу s', 'it says "We take security very seriously"'],
  ],
  'phrase-in-list': [['bannedPhrase', 18, 3, 'We take', 'it says "We take security very seriously"']],
  'phrase-leet': [
    ['bannedPhrase', 3, 1, 'We t4ke $3curity v3ry 5', 'it says "We take security very seriously"'],
  ],
  'phrase-paraphrase': [
    [
      'bannedPhrase',
      3,
      1,
      'We take the privacy and',
      '"We take the privacy and security of our customers extremely seriously" says the same as "We take security very seriously": it says how you feel about it, not what you do',
    ],
  ],
  'phrase-passive': [
    [
      'bannedPhrase',
      3,
      24,
      'security has always bee',
      '"security has always been taken extremely seriously" says the same as "We take security very seriously": it says how you feel about it, not what you do',
    ],
  ],
  'phrase-priority': [
    [
      'bannedPhrase',
      3,
      5,
      'security of your data i',
      '"security of your data is our top priority" says the same as "We take security very seriously": after a breach it is a boast; say what you do',
    ],
  ],
  'phrase-spaced': [
    ['bannedPhrase', 3, 1, 'W e t a k e s e c u r i', 'it says "We take security very seriously"'],
  ],
  'phrase-split': [
    ['bannedPhrase', 3, 1, 'We take <!-- really -->', 'it says "We take security very seriously"'],
  ],
  'phrase-trust': [
    [
      'bannedPhrase',
      3,
      6,
      'trust is of the utmost ',
      '"trust is of the utmost importance" says the same as "We take security very seriously": it says how you feel about it, not what you do',
    ],
  ],
  phrase: [['bannedPhrase', 3, 1, 'We take security very s', 'it says "We take security very seriously"']],
  placeholders: [
    ['placeholder', 9, 26, '[NUMBER] customers of <', '"[NUMBER]" waits to be filled in'],
    ['placeholder', 9, 48, '<COMPANY> were read.', '"<COMPANY>" waits to be filled in'],
    ['placeholder', 13, 10, '{{address}} until TBD.', '"{{address}}" waits to be filled in'],
    ['placeholder', 13, 28, 'TBD.', '"TBD" waits to be filled in'],
  ],
  'source-internal': [
    [
      'contradiction',
      5,
      29,
      'an external attacker us',
      '"an external attacker" contradicts the incident: the forensic analysis found the source to be internal',
    ],
  ],
  'two-dates': [
    [
      'date',
      1,
      46,
      '24 November 2026',
      'the title carries several different dates, "22 November 2026" and "24 November 2026": leave the day of release alone',
    ],
  ],
  unfounded: [
    [
      'contradiction',
      17,
      6,
      'will never happen again',
      '"will never happen again" contradicts the incident: nobody has established: It is sure that it won\'t happen again',
    ],
    [
      'contradiction',
      17,
      31,
      'All systems are now ful',
      '"All systems are now fully secured" contradicts the incident: nobody has established: The systems are secured',
    ],
    [
      'contradiction',
      17,
      66,
      'We know exactly how it ',
      '"We know exactly how" contradicts the incident: nobody has established: It is known how it was compromised',
    ],
    [
      'contradiction',
      17,
      103,
      'we know exactly what wa',
      '"we know exactly what" contradicts the incident: nobody has established: It is known exactly what information was compromised',
    ],
  ],
  'vague-numbers': [
    ['vague', 9, 1, 'A number of servers and', '"A number of servers" is vague: the scope names 3 instances'],
    [
      'vague',
      9,
      25,
      'some credentials were w',
      '"some credentials" is vague: the scope names 2 secrets and 1 identity',
    ],
    [
      'vague',
      9,
      85,
      'several staff accounts.',
      '"several staff accounts" is vague: the scope names 1 user account and 1 identity',
    ],
  ],
  'vague-time': [
    [
      'vague',
      17,
      4,
      'recently discovered una',
      '"recently" is vague: the incident was declared at 2026-11-22 02:14 UTC',
    ],
    [
      'vague',
      17,
      81,
      'several IP addresses.',
      '"several IP addresses" is vague: the scope names 2 addresses',
    ],
  ],
};

/** What else the incident knows, where that makes the finding. */
const OTHER_FACTS: Readonly<Record<string, StatementFacts>> = {
  unfounded: { ...FACTS, incident: { ...INCIDENT, findings: {} } },
  'source-internal': {
    ...FACTS,
    incident: {
      ...INCIDENT,
      findings: { ...INCIDENT.findings, attackSource: { value: 'internal', grounds: 'a badge' } },
    },
  },
};

test('there are enough of both kinds, and each bad one is explained', () => {
  expect(namesOf('good').length).toBeGreaterThanOrEqual(15);
  expect(namesOf('good').length + namesOf('bad').length).toBeGreaterThanOrEqual(40);
  expect(Object.keys(BAD).sort()).toEqual(namesOf('bad').sort());
});

describe.each(namesOf('good'))('the good statement "%s"', (name) => {
  const text = read('good', name);

  test('has nothing wrong with it', () => {
    expect(lintStatement(text, FACTS)).toEqual([]);
  });

  test('has nothing wrong with it where no incident is known', () => {
    expect(lintStatement(text, { parties: [], date: '2026-11-24' })).toEqual([]);
  });

  test('has nothing wrong with it with the line ends of another system, and a mark of its encoding', () => {
    expect(lintStatement(`\uFEFF${text.replaceAll('\n', '\r\n')}`, FACTS)).toEqual([]);
  });
});

describe.each(Object.entries(BAD))('the bad statement "%s"', (name, expected) => {
  const text = read('bad', name);
  const found = lintStatement(text, OTHER_FACTS[name] ?? FACTS);

  test('is found out, and nothing else is said of it', () => {
    expect(found.map(({ rule, line, column, message }) => [rule, line, column, message])).toEqual(
      expected.map(([rule, line, column, , message]) => [rule, line, column, message]),
    );
  });

  test('is pointed at where the words stand', () => {
    for (const [, line, column, words] of expected)
      expect(text.split('\n')[line - 1]?.slice(column - 1)).toMatch(
        new RegExp(`^${words.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`),
      );
  });

  test('is held against words of the seed', () => {
    for (const { source } of found) expect(SEED).toContain(source);
  });
});
