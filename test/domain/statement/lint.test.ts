import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lintStatement } from '../../../domain/statement/lint';
import { STATEMENT } from '../support/incidents';

const SEED = readFileSync(join(__dirname, '../../docs/seed/security-incident-response.md'), 'utf8');
const titled = (title: string) => STATEMENT.replace(/^# .*$/m, `# ${title}`);
const rulesOf = (text: string, thirdParties?: readonly string[]) =>
  lintStatement(text, thirdParties).map(({ rule }) => rule);

describe('the lint of a public statement', () => {
  test('passes a statement that has everything', () => {
    expect(lintStatement(STATEMENT, ['Example Mail'])).toEqual([]);
  });

  test('passes it with the line ends of another system', () => {
    expect(lintStatement(STATEMENT.replaceAll('\n', '\r\n'))).toEqual([]);
  });

  test('quotes the seed for every problem', () => {
    const problems = [
      ...lintStatement(''),
      ...lintStatement('# No date\n\nWe take security very seriously. Example Mail did it.', [
        'Example Mail',
      ]),
    ];
    expect(new Set(problems.map(({ rule }) => rule)).size).toBe(5);
    expect(problems.filter(({ source }) => !SEED.includes(source))).toEqual([]);
  });

  test('lists everything that is wrong at once', () => {
    expect(rulesOf('')).toEqual(['title', 'section', 'section', 'section', 'section']);
  });

  test.each([
    '2026-11-24',
    '24 November 2026',
    '24th November, 2026',
    'November 24, 2026',
    'Nov. 24th 2026',
    '24.11.2026',
    '11/24/2026',
  ])('finds the date %s in the title', (date) => {
    expect(rulesOf(titled(`Security incident, ${date}`))).toEqual([]);
  });

  test.each([
    'Security incident',
    'Security incident of last November',
    'Security incident 2026',
    'Version 1.2.3',
  ])('finds no date in the title "%s"', (title) => {
    expect(rulesOf(titled(title))).toEqual(['date']);
  });

  test('a date below the title does not do', () => {
    expect(rulesOf(`${titled('Security incident')}\n24 November 2026`)).toEqual(['date']);
  });

  test.each([
    'We take security very seriously',
    'WE TAKE SECURITY VERY SERIOUSLY',
    'we take security\nvery   seriously.',
    'We take security **very** seriously',
    'We take _security_ very seriously!',
    'We take security, very seriously',
    'We\u00a0take security very seriously',
    'We take secu\u200brity very seriously',
    'We take secu\u00adrity very seriously',
    'Ｗe take security very seriously',
    'We take sécurity very seriously',
    'We take security seriously',
    'We take your security extremely seriously',
  ])('does not let the phrase through as %j', (phrase) => {
    expect(rulesOf(`${STATEMENT}\n${phrase}`)).toEqual(['bannedPhrase']);
  });

  test.each(['Security takes time.', 'We take our time.', 'It is a serious matter of security.'])(
    'lets "%s" through',
    (phrase) => {
      expect(rulesOf(`${STATEMENT}\n${phrase}`)).toEqual([]);
    },
  );

  test.each([
    ['## What happened', 'what happened (timeline)'],
    ['## What was compromised and how it affects you', 'what was compromised and how it affects customers'],
    ['## What you need to do', 'what customers must do'],
    ['## How we prevent this in future', 'how it is prevented in future'],
  ])('misses the section "%s"', (heading, what) => {
    const missing = STATEMENT.replace(heading, '## Something else');
    expect(lintStatement(missing).map(({ message }) => message)).toEqual([`there is no section on ${what}`]);
    const empty = STATEMENT.replace(new RegExp(`${heading}\n\n.*\n`), `${heading}\n\n`);
    expect(lintStatement(empty).map(({ message }) => message)).toEqual([`the section on ${what} is empty`]);
  });

  test('the title is no section', () => {
    const only =
      '# What happened, what was compromised, what you need to do, and prevention, 24 November 2026\n\nText.';
    expect(rulesOf(only)).toEqual(['section', 'section', 'section', 'section']);
  });

  test.each([
    ['by name', 'Example Mail let them in.'],
    ['in other letters', 'EXAMPLE MAIL let them in.'],
    ['in bold', '**Example** Mail let them in.'],
    ['beside a link to somebody else', 'Example Mail let them in, [they say](https://mail.example.net).'],
    ['with a link that is none', '[Example Mail](disclosure.html) let them in.'],
  ])('names no third party %s', (_, sentence) => {
    expect(rulesOf(`${STATEMENT}\n${sentence}`, ['Example Mail'])).toEqual(['namedParty']);
  });

  test('names a third party with a link to its own disclosure', () => {
    const linked = `${STATEMENT}\n[Example Mail](https://mail.example.net/disclosure) has said so itself.`;
    expect(rulesOf(linked, ['Example Mail', 'Example Chat'])).toEqual([]);
  });

  // A decision is read inside the workflow, whose task fails where it takes longer than a second or two.
  test.each([
    ['a heading with a long run of spaces', `# a${' '.repeat(60_000)}b`],
    ['a heading of hashes and spaces', `# a${' #'.repeat(30_000)}b`],
    ['line ends without end', `#${'\n'.repeat(60_000)}x`],
    ['brackets without end', '['.repeat(64_000)],
    ['links without end', '[a](https://'.repeat(5_000)],
    ['dates that never end', `# ${'24 '.repeat(20_000)}`],
  ])('does not hang on %s', (_, text) => {
    const began = performance.now();
    lintStatement(text, ['Example Mail']);
    expect(performance.now() - began).toBeLessThan(1_000);
  });
});
