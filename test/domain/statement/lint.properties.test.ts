/** Properties of the lint, over generated texts. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { lintStatement, titleDates } from '../../../domain/statement/lint';
import { statementTemplate } from '../../../domain/statement/template';
import { FACTS } from './support/facts';

const FOLDER = join(__dirname, 'statements', 'good');
const GOOD = readdirSync(FOLDER).map((file) => readFileSync(join(FOLDER, file), 'utf8'));
const good = fc.constantFrom(...GOOD);
const PHRASE = 'We take security very seriously';

/** One letter as it may be written: the same to the eye. */
const LOOKS: Readonly<Record<string, readonly string[]>> = {
  a: ['а', 'α', 'á', '@', '4', 'ａ', '𝐚', 'a\u0301'],
  c: ['с', 'ç', 'ｃ', 'ⅽ'],
  e: ['е', 'ε', 'é', '3', 'ｅ', '𝓮', '&#101;'],
  i: ['і', 'ι', '1', 'ｉ', 'ı'],
  k: ['κ', 'к', 'ｋ'],
  l: ['1', 'ｌ', '𝗹'],
  o: ['о', 'ο', '0', 'ø', '&#x6f;'],
  r: ['г', 'ｒ', 'ʀ'],
  s: ['ѕ', '5', '$', 'ｓ', 'ꜱ'],
  t: ['τ', 'т', '7', 'ｔ'],
  u: ['υ', 'ü', 'ｕ'],
  v: ['ν', 'ѵ', 'ｖ'],
  w: ['ԝ', 'ｗ', 'ᴡ', 'vv'],
  y: ['у', 'ү', 'ý', 'ｙ'],
};
const BETWEEN_LETTERS = [
  '',
  '',
  '',
  '',
  '\u200b',
  '\u00ad',
  '\u2060',
  '\ufe0f',
  '&shy;',
  '<!-- x -->',
  '<b></b>',
];
const BETWEEN_WORDS = [
  ' ',
  '  ',
  '\n',
  '\u00a0',
  '&nbsp;',
  ' <!-- x --> ',
  '<br>',
  ', ',
  '_',
  '-',
  ' *',
  '** ',
];

const disguised = fc
  .tuple(
    fc.array(fc.nat(), { minLength: PHRASE.length, maxLength: PHRASE.length }),
    fc.array(fc.nat(), { minLength: PHRASE.length, maxLength: PHRASE.length }),
    fc.boolean(),
  )
  .map(([choices, gaps, upper]) =>
    Array.from(PHRASE, (letter, index) => {
      const choice = choices[index] ?? 0;
      const gap = gaps[index] ?? 0;
      if (letter === ' ') return BETWEEN_WORDS[gap % BETWEEN_WORDS.length];
      const looks = LOOKS[letter.toLowerCase()] ?? [];
      const kept = upper ? letter.toUpperCase() : letter;
      const shown = choice % 2 === 0 ? kept : (looks[choice % Math.max(1, looks.length)] ?? kept);
      const isLast = PHRASE[index + 1] === ' ' || index === PHRASE.length - 1;
      return `${shown}${isLast ? '' : (BETWEEN_LETTERS[gap % BETWEEN_LETTERS.length] ?? '')}`;
    }).join(''),
  );

test('the phrase is found in any disguise, wherever it is put', () => {
  fc.assert(
    fc.property(good, disguised, fc.nat(), (text, phrase, where) => {
      const paragraphs = text.split('\n\n');
      // Not into code, and not before the title.
      const at = 1 + (where % (paragraphs.length - 1));
      const put = [...paragraphs.slice(0, at), phrase, ...paragraphs.slice(at)].join('\n\n');
      return lintStatement(put, FACTS).some(({ rule }) => rule === 'bannedPhrase');
    }),
    { numRuns: 150 },
  );
});

/** Lines of plain paragraphs broken elsewhere: the same text to a reader. */
function rewrapped(text: string, width: number): string {
  let isCode = false;
  return text
    .split('\n\n')
    .map((part) => {
      if ((part.match(/^```/gm)?.length ?? 0) % 2 === 1) isCode = !isCode;
      const isPlain =
        !isCode && !/^(?:[#>|<:\-*=]|\d+\.|\[| {4}|```)|\n[=:-]|\n(?:#|[-*>] |\d+\. )|\n```/.test(part);
      if (!isPlain) return part;
      const lines = [''];
      for (const word of part.split(/\s+/)) {
        const line = lines.at(-1) ?? '';
        // A word that would begin a list or a heading stays where it is.
        if (line !== '' && line.length + word.length > width && !/^(?:[-+*=#>|`~:]|\d+[.)]|<)/.test(word))
          lines.push(word);
        else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
      }
      return lines.join('\n');
    })
    .join('\n\n');
}

test('a good statement stays good however its lines are broken', () => {
  fc.assert(
    fc.property(
      good,
      fc.integer({ min: 8, max: 200 }),
      fc.constantFrom('\n', '\r\n', '\r'),
      (text, width, end) => {
        expect(lintStatement(rewrapped(text, width).replaceAll('\n', end), FACTS)).toEqual([]);
      },
    ),
    { numRuns: 150 },
  );
});

const scraps = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '# ',
        '\n',
        '\r\n',
        '\n\n',
        '**',
        '_',
        '`',
        '```\n',
        '<!-- ',
        ' -->',
        '<b>',
        '<a href="https://a.example/b">',
        '</a>',
        '[',
        '](',
        ')',
        '![',
        '| a | b |\n|---|---|\n',
        '> ',
        '- ',
        '\t',
        '&amp;',
        '&#101;',
        '\\',
        '[… x …]',
        '<DATE>',
        'TBD',
        '\u200b',
        '\uFEFF',
        '𝐖',
        '\0',
        '\ud800',
      ),
      fc.constantFrom(
        PHRASE,
        'Example Mail',
        'Sample Chat',
        'several servers were used',
        'No systems were affected',
        'recently attacked',
        '24 November 2026',
        '31.02.2026',
        'What happened',
        'Impact',
        'security is our top priority',
      ),
      fc.string({ unit: 'grapheme', maxLength: 8 }),
    ),
    { maxLength: 60 },
  )
  .map((parts) => parts.join(' '.slice(parts.length % 2)));

test('every finding of any text lies in the text, and quotes the seed', () => {
  const seed = readFileSync(join(__dirname, '../../../docs/seed/security-incident-response.md'), 'utf8');
  fc.assert(
    fc.property(scraps, (text) => {
      const lines = text.split(/\r\n?|\n/);
      for (const { line, column, source, message } of lintStatement(text, FACTS)) {
        expect(line).toBeGreaterThanOrEqual(1);
        expect(line).toBeLessThanOrEqual(lines.length);
        expect(column).toBeGreaterThanOrEqual(1);
        expect(column).toBeLessThanOrEqual((lines[line - 1]?.length ?? 0) + 1);
        expect(seed).toContain(source);
        expect(message).not.toBe('');
      }
    }),
    { numRuns: 400 },
  );
});

test('a name in a text is found where it stands', () => {
  fc.assert(
    fc.property(
      good,
      fc.constantFrom('Third Party', 'acme', 'O’Example', 'Ümlaut & Co'),
      fc.nat(),
      (text, name, where) => {
        const paragraphs = text.split('\n\n');
        const at = 1 + (where % (paragraphs.length - 1));
        const put = [...paragraphs.slice(0, at), `By ${name}.`, ...paragraphs.slice(at)].join('\n\n');
        const [finding, ...others] = lintStatement(put, { ...FACTS, parties: [{ name }] }).filter(
          ({ rule }) => rule === 'namedParty',
        );
        expect(others).toEqual([]);
        expect(put.split('\n')[(finding?.line ?? 0) - 1]?.slice((finding?.column ?? 0) - 1)).toMatch(
          new RegExp(`^${name}`),
        );
      },
    ),
    { numRuns: 100 },
  );
});

const day = fc
  .tuple(
    fc.integer({ min: 2000, max: 2099 }),
    fc.integer({ min: 1, max: 12 }),
    fc.integer({ min: 1, max: 28 }),
  )
  .map(([year, month, date]) => `${year}-${String(month).padStart(2, '0')}-${String(date).padStart(2, '0')}`);

test('any day is read as itself, and a draft for it carries it', () => {
  fc.assert(
    fc.property(day, (date) => {
      const [year = '', month = '', of = ''] = date.split('-');
      const locale = (name: string) =>
        new Intl.DateTimeFormat(name, { dateStyle: 'long', timeZone: 'UTC' }).format(Date.parse(date));
      for (const written of [
        date,
        `${of}.${month}.${year}`,
        `${month}/${of}/${year}`,
        ...['en-US', 'en-GB', 'de', 'fr', 'es', 'it', 'pt', 'nl', 'ja', 'ko'].map(locale),
      ])
        expect(titleDates(`# Incident: ${written}`)).toContain(date);
      expect(titleDates(statementTemplate({ date, facts: FACTS }))).toEqual([date]);
    }),
    { numRuns: 100 },
  );
});

test('time grows as the text does', () => {
  const cpu = (text: string) => {
    const began = process.cpuUsage();
    lintStatement(text, FACTS);
    return process.cpuUsage(began).user / 1_000;
  };
  const once = GOOD.join('\n\n').slice(0, 8_000);
  cpu(once);
  const short = Math.max(20, Math.min(cpu(once), cpu(once), cpu(once)));
  expect(cpu(once.repeat(8))).toBeLessThan(short * 8 * 5);
});
