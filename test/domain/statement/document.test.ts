/** What a reader sees of a Markdown text, and where each character of it stands in the source. */
import { readDocument } from '../../../domain/statement/document';

const shown = (source: string) => readDocument(source).blocks.map(({ kind, text }) => [kind, text]);

test.each<[string, string, [string, string][]]>([
  [
    'headings of both kinds',
    '# One ##\n\nTwo\n===',
    [
      ['heading', 'One'],
      ['heading', 'Two'],
      ['aside', '==='],
    ],
  ],
  [
    'bold paragraphs as headings',
    '**What happened**\n\n**This is bold.**',
    [
      ['heading', 'What happened'],
      ['text', 'This is bold.'],
    ],
  ],
  ['emphasis, links, code and escapes', 'a *b* __c__ [d](e) `f` \\*g', [['text', 'a b c d f *g']]],
  [
    'quotations and lists',
    '> a\n> b\n>\n> - c\n>   d',
    [
      ['text', 'a\nb'],
      ['text', 'c\nd'],
      ['aside', '>'],
    ],
  ],
  [
    'tables',
    '| a | b \\| c |\n|---|---|\n| d |',
    [
      ['text', 'a'],
      ['text', 'b | c'],
      ['text', 'd'],
      ['aside', '|---|---|'],
    ],
  ],
  ['entities', 'a&amp;b &#x2014; c', [['text', 'a&b — c']]],
  [
    'comments beside the text',
    'a<!-- b -->c',
    [
      ['aside', ' b '],
      ['text', 'ac'],
    ],
  ],
  [
    'HTML',
    '<p>a&lt;<b>b</b></p>\n<h2>c</h2>',
    [
      ['text', '\na<b\n\n'],
      ['heading', '\nc'],
      ['aside', ''],
    ].filter(([, text]) => text !== '') as [string, string][],
  ],
  [
    'pictures by their text, and titles',
    '![a *b*](c "d")',
    [
      ['aside', 'd'],
      ['text', 'a b'],
    ],
  ],
  [
    'code',
    '```sh\na\n```\n\n    b',
    [
      ['code', 'a\n'],
      ['code', 'b\n'],
    ],
  ],
  [
    'definitions of links',
    '[a][b]\n\n[b]: https://c.example "d"',
    [
      ['aside', 'd'],
      ['text', 'a'],
      ['aside', '[b]: https://c.example "d"'],
    ],
  ],
  ['tags that are none of HTML', 'a <DATE> b', [['text', 'a <DATE> b']]],
])('reads %s', (_, source, expected) => {
  expect(shown(source)).toEqual(expected);
});

test('knows where links lead, and what they are called', () => {
  const [block] = readDocument('See [*our* page](https://a.example/b) and <https://c.example/>.').blocks;
  expect(block?.links.map(({ target, from, to }) => [target, block.text.slice(from, to)])).toEqual([
    ['https://a.example/b', 'our page'],
    ['https://c.example/', 'https://c.example/'],
  ]);
});

test('every character that is shown is where it stands in the source', () => {
  const source = `# Ti**t**le ##

> quoted *te*xt \\*
> more [link \`a b\`](https://x.example/y) z
>
> - item one
>   lazy
continued

| a | b c |
|---|---|
| 1 | We **take** |

<p>We <b>take</b> <a href="https://q.example/">it</a></p>

\`\`\`
code
\`\`\`

\tindented

![alt *x*](a.png) <em>y</em> <DATE> <https://auto.example/> **𝐖** \`\` c \`\`
`;
  for (const text of [source, source.replaceAll('\n', '\r\n'), `\uFEFF${source}`])
    for (const block of readDocument(text).blocks)
      for (let index = 0; index < block.text.length; index += 1)
        if (!/\s/.test(block.text[index] ?? '')) expect(text[block.at[index] ?? -1]).toBe(block.text[index]);
});

test('tells line and column as editors do, whatever ends the lines', () => {
  for (const end of ['\n', '\r\n', '\r']) {
    const source = `# T${end}${end}a b${end}`;
    const { place } = readDocument(source);
    expect(place(source.indexOf('b'))).toEqual({ line: 3, column: 3 });
    expect(place(0)).toEqual({ line: 1, column: 1 });
  }
});
