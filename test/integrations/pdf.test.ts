/** PDFs: what is in them is read back by a small reader of our own, from the bytes. */
import { readFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { renderPack } from '../../domain/hand-off/render';
import type * as Apart from '../../integrations/pdf/apart';
import { charactersOf } from '../../integrations/pdf/characters';
import { createPdf } from '../../integrations/pdf/pdf';
import { lengthOf, TEXT_WIDTH, widthsOf } from '../../integrations/pdf/widths';
import { createPdf as createPdfOfClient } from '../../client/pdf';
import { someOf } from '../support/thorough';

const THREE_AM = Date.UTC(2026, 10, 24, 3, 7, 9);

interface Read {
  readonly pages: readonly string[];
  readonly text: string;
  readonly info: string;
  /** The objects, without what their streams hold. */
  readonly heads: string;
  /** Everything that is not compressed, and everything that is; no line of it may fill a screen where a test fails. */
  has(text: string): boolean;
}

/** Objects by their number, streams inflated, and the text of each page by the map of its fonts. */
function read(pdf: Uint8Array): Read {
  const bytes = Buffer.from(pdf);
  const raw = bytes.toString('latin1');
  expect(raw.startsWith('%PDF-1.')).toBe(true);
  expect(raw.trimEnd().endsWith('%%EOF')).toBe(true);
  const table = Number(/startxref\s+(\d+)\s+%%EOF\s*$/.exec(raw)?.[1]);
  const objects = new Map<number, { head: string; stream: string }>();
  expect(raw.slice(table, table + 4)).toBe('xref');
  const [, from = '', count = ''] = /^xref\n(\d+) (\d+)\n/.exec(raw.slice(table)) ?? [];
  expect(from).toBe('0');
  const rows = raw.slice(table + `xref\n0 ${count}\n`.length).split('\n');
  for (let id = 1; id < Number(count); id += 1) {
    const at = Number((rows[id] ?? '').slice(0, 10));
    expect(raw.slice(at, at + `${id} 0 obj`.length)).toBe(`${id} 0 obj`);
    const end = raw.indexOf('endobj', at);
    const begins = raw.indexOf('stream\n', at);
    const head = raw.slice(at, begins > 0 && begins < end ? begins : end);
    const length = Number(/\/Length (\d+)/.exec(head)?.[1]);
    const data =
      begins > 0 && begins < end ? bytes.subarray(begins + 7, begins + 7 + length) : Buffer.alloc(0);
    const stream = head.includes('/FlateDecode') ? inflateSync(data) : data;
    objects.set(id, { head, stream: stream.toString('latin1') });
  }
  const pages = [...objects.values()].filter(({ head }) => /\/Type \/Page\b(?!s)/.test(head));
  return {
    pages: pages.map(({ head }) => {
      const contents = objects.get(Number(/\/Contents (\d+) 0 R/.exec(head)?.[1]))?.stream ?? '';
      const resources = objects.get(Number(/\/Resources (\d+) 0 R/.exec(head)?.[1]))?.head ?? '';
      const fonts = new Map(
        [...resources.matchAll(/\/(F\d+) (\d+) 0 R/g)].map(([, name = '', id]) => {
          const font = objects.get(Number(id))?.head ?? '';
          return [name, mapOf(objects.get(Number(/\/ToUnicode (\d+) 0 R/.exec(font)?.[1]))?.stream ?? '')];
        }),
      );
      return textOf(contents, fonts);
    }),
    get text() {
      return this.pages.join('\n');
    },
    info: (objects.get(Number(/\/Info (\d+) 0 R/.exec(raw.slice(table))?.[1]))?.head ?? '').replace(
      /(\d+) 0 R/g,
      (_, id) => /\(.*\)/.exec(objects.get(Number(id))?.head ?? '')?.[0] ?? '',
    ),
    heads: [...objects.values()].map(({ head }) => head).join('\n'),
    has: (text) => raw.includes(text) || [...objects.values()].some(({ stream }) => stream.includes(text)),
  };
}

/** Of a glyph, what it stands for. */
function mapOf(cmap: string): ReadonlyMap<number, string> {
  const map = new Map<number, string>();
  const decode = (hex: string) =>
    String.fromCharCode(...(hex.match(/.{4}/g) ?? []).map((one) => Number.parseInt(one, 16)));
  for (const [, first = '', , list = ''] of cmap.matchAll(/<([0-9a-f]{4})> <([0-9a-f]{4})> \[([^\]]*)\]/gi))
    [...list.matchAll(/<([0-9a-f ]*)>/gi)].forEach(([, hex = ''], n) =>
      map.set(Number.parseInt(first, 16) + n, decode(hex.replace(/ /g, ''))),
    );
  return map;
}

/** One line of text for each piece that the page draws. */
function textOf(contents: string, fonts: ReadonlyMap<string, ReadonlyMap<number, string>>): string {
  let map: ReadonlyMap<number, string> = new Map();
  let text = '';
  for (const [, font, array] of contents.matchAll(
    /\/(F\d+) [\d.]+ Tf|\[((?:<[0-9a-f]*>|[-\d. ]+)*)\] TJ/gi,
  )) {
    if (font !== undefined) map = fonts.get(font) ?? new Map<number, string>();
    for (const [, hex = ''] of (array ?? '').matchAll(/<([0-9a-f]*)>/gi))
      for (const glyph of hex.match(/.{4}/g) ?? []) text += map.get(Number.parseInt(glyph, 16)) ?? '\ufffd';
    if (array !== undefined) text += '\n';
  }
  return text;
}

/** Without line ends: where a line breaks is not what is asked. */
const plain = (text: string) => text.replace(/\s+/g, '');

/** Without what stands at the foot of each page; and nothing may stand below it. */
function onPages({ pages }: Read): string {
  return pages.map((page) => plain(page).replace(/AttorneyWorkProject\d+of\d+$/, '')).join('');
}

async function made(markdown: string): Promise<Read> {
  return read(await createPdf(markdown, THREE_AM));
}

const ADDRESSES = ['198.51.100.7', '2001:db8::7', '203.0.113.0/24'];
const PACK = renderPack({
  title: 'Attorney Work Project',
  blocks: [
    { kind: 'paragraph', text: 'For Example Police alone, *not* for others & nobody else.' },
    { kind: 'heading', text: 'Addresses of the attacker' },
    {
      kind: 'table',
      head: ['address', 'known since', 'SHA-256'],
      rows: ADDRESSES.map((address, n) => [address, '2026-11-24 03:00:00 UTC', String(n).repeat(64)]),
    },
    { kind: 'list', items: ['Seal 1, of all', 'Seal 2, of all'] },
  ],
});

/** As long as a document may be. */
const MOST = 64_000;
const fill = (text: string) => text.repeat(Math.ceil(MOST / text.length)).slice(0, MOST);

describe('a pack as PDF', () => {
  it('opens, and has every word of it in its order', async () => {
    const { text, pages } = await made(PACK);
    expect(pages).toHaveLength(1);
    const words = plain(text);
    for (const address of ADDRESSES) expect(words).toContain(plain(address));
    expect(words).toContain('1'.repeat(64));
    expect(words).toContain(plain('For Example Police alone, *not* for others & nobody else.'));
    const order = ['Attorney Work Project', 'For Example', 'Addresses of', ...ADDRESSES, 'Seal 1', 'Seal 2'];
    const places = order.map((one) => words.indexOf(plain(one)));
    expect(places.every((place) => place >= 0)).toBe(true);
    expect(places).toEqual([...places].sort((a, b) => a - b));
  });

  it('says of itself its title and the day, and nothing of this machine or of who made it', async () => {
    const { info, has } = await made(PACK);
    expect(info).toContain('/Title (Attorney Work Project)');
    expect(info).toContain('/CreationDate (D:20261124000000Z)');
    expect(info).not.toMatch(/Author|Subject|Keywords|ModDate/);
    expect(info.match(/\/\w+ \(/g)).toEqual(['/Producer (', '/Creator (', '/CreationDate (', '/Title (']);
    for (const own of [hostname(), userInfo().username, process.cwd(), process.version])
      if (own.length > 4) expect([own, has(own)]).toEqual([own, false]);
  });

  it('is the same, byte for byte, on the same day', async () => {
    const [one, other, next] = [
      await createPdf(PACK, THREE_AM),
      await createPdf(PACK, THREE_AM + 3_600_000),
      await createPdf(PACK, THREE_AM + 86_400_000),
    ];
    expect(Buffer.compare(one, other)).toBe(0);
    expect(Buffer.compare(one, next)).not.toBe(0);
  });

  it('is what the command line makes too', () => {
    expect(createPdfOfClient).toBe(createPdf);
  });

  it('breaks a long table over pages, each with the head of the table and its number', async () => {
    const rows = Array.from({ length: 300 }, (_, n) => [`row-${n}`, '198.51.100.7', 'known since long ago']);
    const { pages, text } = await made(
      renderPack({ title: 'T', blocks: [{ kind: 'table', head: ['no.', 'address', 'what'], rows }] }),
    );
    expect(pages.length).toBeGreaterThan(4);
    for (const [n, page] of pages.entries()) {
      expect(plain(page)).toContain('no.address');
      expect(plain(page)).toContain(`${n + 1}of${pages.length}`);
      expect(plain(page)).toContain('AttorneyWorkProject');
    }
    for (const [name] of rows) expect(plain(text)).toContain(plain(name ?? ''));
  });

  it('leaves no heading alone at the end of a page', async () => {
    for (let lines = 31; lines < 39; lines += 1) {
      const before = Array.from({ length: lines }, () => 'x').join('\n\n');
      const { pages } = await made(`${before}\n\n## Heading\n\n| a | b |\n| --- | --- |\n| first | row |`);
      const page = pages.find((one) => one.includes('Heading')) ?? '';
      expect([lines, page.includes('first')]).toEqual([lines, true]);
    }
  });

  it('breaks a row that no page holds', async () => {
    const long = Array.from({ length: 3_000 }, (_, n) => `word${n}`).join(' ');
    const { pages, text } = await made(`| a | b |\n| --- | --- |\n| ${long} | x |\n| last | y |`);
    expect(pages.length).toBeGreaterThan(2);
    expect(plain(text)).toContain('word2999');
    expect(plain(text)).toContain('last');
  });
});

describe('characters', () => {
  it('of the font are drawn', async () => {
    const { text } = await made('Zürich, Łódź, Ελλάδα, Москва, “quoted” – € fi ffl');
    expect(plain(text)).toContain(plain('Zürich, Łódź, Ελλάδα, Москва, “quoted” – € fi ffl'));
  });

  it('that it lacks, or that nobody would see, are written out', async () => {
    const { text } = await made('中文 שלום 😀 a\u200bb c\u202ed e\u00adf \u{e0001} g\u0007h');
    const words = plain(text);
    for (const written of [
      '\\u4e2d\\u6587',
      '\\u05e9',
      '\\u{1f600}',
      'a\\u200bb',
      'c\\u202ed',
      'e\\u00adf',
      '\\u{e0001}',
    ])
      expect(words).toContain(written);
    expect(words).not.toContain('\ufffd');
    expect(words).toContain('g\\u0007h');
  });

  it('are the same in all four styles', () => {
    const folder = join(__dirname, '../../node_modules/pdfmake/build/fonts/Roboto');
    const [first, ...rest] = ['Regular', 'Medium', 'Italic', 'MediumItalic'].map((name) =>
      charactersOf(readFileSync(join(folder, `Roboto-${name}.ttf`))),
    );
    const codes = Array.from({ length: 0x20000 }, (_, code) => code);
    expect(codes.filter((code) => rest.some((has) => has(code) !== first?.(code)))).toEqual([]);
    expect([0x41, 0xe9, 0x0416, 0x4e2d, 0xd800, 0x1f600].map((code) => first?.(code))).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  it('can be told only of a font', () => {
    expect(() => charactersOf(Buffer.alloc(64))).toThrow(RangeError);
  });
});

describe('Markdown of other kinds', () => {
  it('is laid out: emphasis, lists in lists, quotes, code, rules', async () => {
    const { text } = await made(
      '# One\n\n**bold** *italic* ~~struck~~ `code`\n\n1. first\n2. second\n   - inner\n\n> quoted\n\n```\nlet x = 1\nnext\n```\n\n---\n\nlast  \nline',
    );
    for (const word of [
      'One',
      'bold',
      'italic',
      'struck',
      'code',
      '1.',
      'first',
      'inner',
      'quoted',
      'let x = 1',
      'next',
      '* * *',
      'last',
      'line',
    ])
      expect(plain(text)).toContain(plain(word));
  });

  it('may be nothing at all', async () => {
    expect((await made('')).pages).toHaveLength(1);
    expect((await made('\n\n  \n')).pages).toHaveLength(1);
  });

  it('shows where a link leads, and leads nowhere', async () => {
    const { text, heads } = await made(
      '[our site](https://www.example.com/x) <https://example.com> [m](javascript:alert(1))',
    );
    expect(plain(text)).toContain(plain('our site (https://www.example.com/x)'));
    expect(plain(text)).toContain('javascript:alert(1)');
    expect(heads).not.toMatch(/\/URI|\/Annot|\/JavaScript|\/OpenAction|\/AA\b|\/EmbeddedFile|\/Launch/);
  });
});

describe('hostile Markdown', () => {
  it('reads no file and asks no address', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'firebreak-pdf-'));
    const secret = join(folder, 'secret.png');
    writeFileSync(secret, 'SECRET-CONTENT');
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.end('x');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/pixel.png`;
    try {
      const { text, heads, has } = await made(
        [
          `![alt](${secret})`,
          `![alt](file://${secret})`,
          `![alt](${url})`,
          `<img src="${url}"><script>fetch("${url}")</script><iframe src="file://${secret}">`,
          `![ref][r]\n\n[r]: ${url}`,
          `![d](data:image/png;base64,iVBORw0KGgo=)`,
          '<svg onload=alert(1)>',
        ].join('\n\n'),
      );
      expect(asked).toEqual([]);
      expect(has('SECRET-CONTENT')).toBe(false);
      expect(heads).not.toMatch(/\/Subtype \/Image/);
      expect(plain(text)).toContain(plain(`[image: alt] (${url})`));
      expect(plain(text)).toContain(plain('<svg onload=alert(1)>'));
    } finally {
      server.close();
      rmSync(folder, { recursive: true });
    }
  });

  it.each<[string, string]>(
    someOf<[string, string]>(
      [
        ['one word in a table', `| a | b |\n| --- | --- |\n| ${fill('x')} | y |`],
        ['emphasis', fill('*a* b ')],
        ['stars', fill('*')],
        ['quotes in quotes', fill('>')],
        [
          'lists in lists',
          Array.from({ length: 300 }, (_, n) => `${' '.repeat(2 * n)}- a`)
            .join('\n')
            .slice(0, MOST),
        ],
        ['paragraphs', fill('a\n\n')],
        [
          'columns',
          `${fill('|a').slice(0, 21_000)}|\n${fill('|-').slice(0, 21_000)}|\n${fill('|b').slice(0, 21_000)}|`,
        ],
        ['rows', `| a | b |\n| --- | --- |\n${fill('| a | b |\n')}`],
      ],
      2,
    ),
  )('of 64,000 characters takes seconds of a processor: %s', async (_, markdown) => {
    const before = process.cpuUsage();
    const pdf = await createPdf(markdown, THREE_AM);
    const { user, system } = process.cpuUsage(before);
    expect(Buffer.from(pdf.subarray(0, 5)).toString()).toBe('%PDF-');
    expect((user + system) / 1_000_000).toBeLessThan(15);
  });

  it('keeps every letter of a long word', async () => {
    const word = Array.from({ length: 700 }, (_, n) => n.toString(36).padStart(3, '0')).join('');
    expect(plain((await made(word)).text)).toContain(word);
    expect(plain((await made(`| a |\n| --- |\n| ${word} |`)).text)).toContain(word);
  });

  it.each([500, 501, 5_000])('keeps every word of a heading of %d characters', async (length) => {
    const words = Array.from({ length }, (_, n) => `w${n} `)
      .join('')
      .slice(0, length)
      .trim();
    expect(onPages(await made(`# ${words}\n\nafter`))).toBe(`${plain(words)}after`);
  });

  it.each([40, 60, 250, 1_500])('keeps every letter of ten narrow columns of %d', async (length) => {
    const cell = 'W'.repeat(length);
    const line = `|${Array.from({ length: 10 }, () => cell).join('|')}|`;
    const text = onPages(await made(`${line}\n|${'-|'.repeat(10)}\n${line}\n`));
    // A low head is repeated on each page.
    expect(text.match(/W/g)?.length).toBeGreaterThanOrEqual(20 * length);
    expect((text.match(/W/g)?.length ?? 0) % (10 * length)).toBe(0);
  });

  it('keeps every word of a long paragraph', async () => {
    const words = Array.from({ length: 4_000 }, (_, n) => `w${n}`);
    expect(onPages(await made(words.join(' ')))).toBe(words.join(''));
  });
});

describe('a PDF that is made apart', () => {
  // As the worker has it: built, since a thread begins with a file of its own.
  const { createPdfApart } = jest.requireActual<typeof Apart>('../../dist/integrations/pdf/apart');

  it('is the same, byte for byte', async () => {
    const [apart, here] = [await createPdfApart(PACK, THREE_AM), await createPdf(PACK, THREE_AM)];
    expect(Buffer.compare(Buffer.from(apart), Buffer.from(here))).toBe(0);
  });

  it('leaves the thread that asks for it free', async () => {
    let ticks = 0;
    const clock = setInterval(() => (ticks += 1), 20);
    const long = fill('a long paragraph\n\n');
    await createPdfApart(long, THREE_AM);
    clearInterval(clock);
    const apart = ticks;
    ticks = 0;
    const other = setInterval(() => (ticks += 1), 20);
    await createPdf(long, THREE_AM);
    clearInterval(other);
    expect(apart).toBeGreaterThan(10 * Math.max(ticks, 1));
  });

  it('that fails says so, and nothing of the document', async () => {
    const unread = createPdfApart({ of: 'the attacker' } as never, THREE_AM);
    await expect(unread).rejects.toThrow(/^The document could not be made into a PDF, or not in time\.$/);
  });
});

describe('the widths of columns', () => {
  const total = (widths: readonly number[]) => widths.reduce((sum, one) => sum + one, 0);
  /** Of words of ten letters. */
  const cell = (all: number) => ({ all, word: Math.min(all, 10) });
  const widths = (...row: number[]) => widthsOf([row.map(cell)]);

  it.each([
    [[3, 64]],
    [[23, 200, 15]],
    [[3, 23, 3, 15, 17, 40]],
    [[4_000, 4_000, 4_000]],
    [[0, 0]],
    [Array.from({ length: 10 }, (_, n) => (n % 2 === 0 ? 100 : 1))],
  ])('fit the page: %j', (row) => {
    const found = widths(...row);
    expect(total(found) + 16 * (found.length - 1)).toBeLessThanOrEqual(TEXT_WIDTH + 0.001);
    for (const width of found) expect(width).toBeGreaterThan(3);
  });

  it('give a time and a hash the room of one line, and words theirs', () => {
    const [time = 0, what = 0] = widths(23, 400, 15);
    expect(time).toBe(115);
    expect(what).toBeGreaterThan(200);
    expect(widthsOf([[cell(3), { all: 64, word: 64 }]])[1]).toBe(320);
    const [, , of = 0] = widthsOf([
      [cell(4), cell(49), lengthOf('Instance i-0abc1234def567890'), cell(23), cell(10), cell(25)],
    ]);
    expect(of).toBeGreaterThanOrEqual(95);
  });

  it('give way all together where words leave too little', () => {
    const row = [
      { all: 60, word: 60 },
      { all: 60, word: 60 },
      { all: 30, word: 30 },
    ];
    expect(total(widthsOf([row]))).toBeCloseTo(TEXT_WIDTH - 32, 3);
  });
});
