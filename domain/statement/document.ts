/**
 * The statement as its readers see it: its blocks, with their text free of markup, and for every character of that text its
 * place in the source. The only file that knows how Markdown is read (markdown-it: CommonMark, and tables).
 *
 * markdown-it tells lines and no columns. So its inline state notes where each token begins, and what it reads into its
 * buffer by default is pushed as tokens here. HTML is read by html.ts: the expressions of markdown-it take seconds for
 * `<!--` said a thousand times.
 */
import MarkdownIt, { type StateInline, type Token } from 'markdown-it';
import { endOfTag, htmlPieces, isApart, isHtml, readTag, type Missing } from './html';

/** Of a block's text. */
export interface Part {
  readonly from: number;
  readonly to: number;
}

export interface Link extends Part {
  readonly target: string;
}

export interface Block {
  /** `aside` goes out with the text and is not read as a part of it: comments, titles of links, definitions of links. */
  readonly kind: 'heading' | 'text' | 'code' | 'aside';
  /** Of a heading: 1 to 6. A paragraph that is bold from end to end heads what follows as well: 7. */
  readonly level?: number;
  readonly text: string;
  /** For each unit of the text, its index in the source. */
  readonly at: readonly number[];
  readonly links: readonly Link[];
  /** Which parts of the text are code. */
  readonly codes: readonly Part[];
}

export interface StatementDocument {
  readonly blocks: readonly Block[];
  /** Of an index in the source; both from 1. */
  place(at: number): { readonly line: number; readonly column: number };
}

const BOLD_HEADING = 7;
const LONGEST_BOLD_HEADING = 120;

function createReader(tables: boolean): MarkdownIt {
  const md = new MarkdownIt('commonmark', { html: true }).disable(['fragments_join']);
  if (tables) md.enable('table');
  // Inline content is read block by block below.
  md.core.ruler.disable(['inline', 'text_join']);
  const State = md.inline.State;
  md.inline.State = class extends State {
    override push(...token: Parameters<StateInline['push']>) {
      const pushed = super.push(...token);
      pushed.meta = this.pos;
      return pushed;
    }
    // Only backticks that close nothing are pending.
    override pushPending() {
      const start = this.pos - this.pending.length;
      const pushed = super.pushPending();
      pushed.meta = start;
      return pushed;
    }
  };
  const push = (state: StateInline, end: number, silent: boolean) => {
    if (silent) return;
    const text = state.src.slice(state.pos, end);
    const last = state.tokens.at(-1);
    if (last?.info === RUN && state.pending === '') last.content += text;
    else Object.assign(state.push('text', '', 0), { content: text, info: RUN });
  };
  md.inline.ruler.at('text', (state, silent) => {
    PLAIN.lastIndex = state.pos;
    PLAIN.exec(state.src);
    const end = Math.min(PLAIN.lastIndex, state.posMax);
    if (end === state.pos) return false;
    push(state, end, silent);
    state.pos = end;
    return true;
  });
  md.inline.ruler.at('html_inline', (state, silent) => {
    if (state.src[state.pos] !== '<') return false;
    const missing = ((state.env as Environment).missing ??= new Map<string, Missing>());
    if (!missing.has(state.src)) missing.set(state.src, new Map());
    const end = endOfTag(state.src, state.pos, missing.get(state.src) as Missing);
    if (end === -1 || end > state.posMax) return false;
    if (!silent) state.push('html_inline', '', 0).content = state.src.slice(state.pos, end);
    state.pos = end;
    return true;
  });
  md.inline.ruler.push('rest', (state, silent) => {
    push(state, state.pos + 1, silent);
    state.pos += 1;
    return true;
  });
  return md;
}

/** Marks a token that what follows it may be added to: none of the marks of emphasis, which are counted. */
const RUN = 'run';

/** Everything that begins nothing. */
const PLAIN = /[^\n!#$%&*+\-:<=>@[\\\]^_`{}~]*/y;

interface Environment {
  missing?: Map<string, Missing>;
}

const readers = new Map<boolean, MarkdownIt>();

/** markdown-it fills up every row of a table: a line of bars above thousands of others makes millions of cells. No statement does. */
const MOST_CELLS = 20_000;

function readerFor(lines: readonly string[]): MarkdownIt {
  const widest = lines.reduce((most, line) => Math.max(most, line.split('|').length), 0);
  const tables = widest * lines.length <= MOST_CELLS;
  const reader = readers.get(tables) ?? createReader(tables);
  readers.set(tables, reader);
  return reader;
}

/** Text with the place of each unit of it. */
class Draft {
  private readonly pieces: string[] = [];
  readonly at: number[] = [];
  readonly links: Link[] = [];
  readonly codes: Part[] = [];

  add(text: string, at: (index: number) => number): void {
    for (let index = 0; index < text.length; index += 1) this.at.push(at(index));
    this.pieces.push(text);
  }

  get length(): number {
    return this.at.length;
  }

  /** Put together once, at the end: a text that is read each time it grows takes time by its square. */
  get text(): string {
    return this.pieces.join('');
  }
}

export function readDocument(source: string): StatementDocument {
  const starts = [0];
  for (const { 0: end, index } of source.matchAll(/\r\n?|\n/g)) starts.push(index + end.length);
  const lines = source.split(/\r\n?|\n/);
  const lineOf = (line: number) => lines[line] ?? '';
  const blocks: Block[] = [];
  const covered = new Set<number>();
  const environment: Environment = {};
  const md = readerFor(lines);
  // A mark of the encoding is no part of the first line.
  const tokens = md.parse(source.replace(/^\uFEFF/, ' '), environment);

  const aside = (text: string, at: (index: number) => number) => {
    if (text.trim() === '') return;
    const draft = new Draft();
    draft.add(text, at);
    blocks.push({ kind: 'aside', text, at: draft.at, links: [], codes: [] });
  };
  const finish = (draft: Draft, kind: Block['kind'], level?: number) => {
    const { text, at, links, codes } = draft;
    if (text.trim() === '') return;
    blocks.push({ kind, text, at, links, codes, ...(level !== undefined && { level }) });
  };

  /** A tag or a comment, wherever it stands. Answers how the link that is open then goes on. */
  const markup = (draft: Draft, raw: string, at: (index: number) => number, open: OpenLink | undefined) => {
    const tag = readTag(raw);
    if (!tag)
      aside(raw.startsWith('<!--') ? raw.slice(4, -3) : raw.slice(2, -1), (index) =>
        at(index + (raw.startsWith('<!--') ? 4 : 2)),
      );
    else if (!isHtml(tag.name)) draft.add(raw, at);
    else {
      for (const key of ['alt', 'title', 'aria-label'])
        aside(decoded(md, tag.attributes[key] ?? ''), () => at(0));
      if (isApart(tag.name)) draft.add('\n', () => at(0));
      if (tag.name === 'a' && !tag.isEnd)
        return { target: decoded(md, tag.attributes['href'] ?? ''), from: draft.length };
      if (tag.name === 'a' && open) draft.links.push({ ...open, to: draft.length });
    }
    return tag?.name === 'a' ? undefined : open;
  };

  /** Tokens of inline content into the draft. Answers whether all of it is bold. */
  const inline = (
    draft: Draft,
    children: readonly Token[],
    content: string,
    at: (index: number) => number,
  ) => {
    let open: OpenLink | undefined;
    let bold = 0;
    let allBold = true;
    let before = -1;
    let same = 0;
    for (const token of children) {
      const noted = Number(token.meta);
      // The marks of emphasis, and an address in angle brackets, are noted where their run begins.
      same = noted === before ? same + 1 : 0;
      before = token.type === 'link_open' && token.info !== 'auto' ? -1 : noted;
      const start = noted + same;
      const { length } = draft;
      switch (token.type) {
        case 'text':
          draft.add(token.content, (index) => at(start + index));
          break;
        case 'text_special':
          // An entity is one place, however many characters it stands for; the mark of an escape is not shown.
          if (token.info === 'entity') draft.add(token.content, () => at(start));
          else
            draft.add(token.content, (index) => at(start + index + (token.content === token.markup ? 0 : 1)));
          break;
        case 'code_inline': {
          const first = start + token.markup.length;
          const stripped = /\s/.test(content[first] ?? '') && !token.content.startsWith(' ') ? 1 : 0;
          draft.codes.push({ from: draft.length, to: draft.length + token.content.length });
          draft.add(token.content, (index) => at(first + stripped + index));
          break;
        }
        case 'softbreak':
        case 'hardbreak':
          draft.add('\n', () => at(start));
          break;
        case 'strong_open':
          bold += 1;
          break;
        case 'strong_close':
          bold -= 1;
          break;
        case 'link_open':
          open = { target: attribute(token, 'href'), from: draft.length };
          aside(attribute(token, 'title'), () => at(start));
          break;
        case 'link_close':
          if (open) draft.links.push({ ...open, to: draft.length });
          open = undefined;
          break;
        case 'image':
          inline(draft, token.children ?? [], token.content, (index) => at(start + 2 + index));
          aside(attribute(token, 'title'), () => at(start));
          break;
        case 'html_inline':
          open = markup(draft, token.content, (index) => at(start + index), open);
          break;
      }
      if (bold === 0 && draft.length > length && token.content.trim() !== '') allBold = false;
    }
    return allBold;
  };

  const html = (content: string, at: (index: number) => number) => {
    let draft = new Draft();
    let open: OpenLink | undefined;
    let level: number | undefined;
    for (const { isMarkup, from, to } of htmlPieces(content)) {
      const raw = content.slice(from, to);
      if (!isMarkup) {
        for (const { 0: piece, index } of raw.matchAll(
          /&(?:#x?[0-9a-f]{1,7}|[a-z][a-z0-9]{1,31});|[^&]+|&/gi,
        ))
          draft.add(piece.startsWith('&') ? decoded(md, piece) : piece, (unit) =>
            at(from + index + (piece.startsWith('&') ? 0 : unit)),
          );
        continue;
      }
      const [, heading] = /^<\/?h([1-6])\b/i.exec(raw) ?? [];
      if (heading !== undefined) {
        finish(draft, level === undefined ? 'text' : 'heading', level);
        draft = new Draft();
        level = raw.startsWith('</') ? undefined : Number(heading);
      }
      open = markup(draft, raw, (index) => at(from + index), open);
    }
    finish(draft, level === undefined ? 'text' : 'heading', level);
  };

  let level: number | undefined;
  let row = 0;
  let column = 0;
  for (const token of tokens) {
    const [first = row, behind = first + 1] = token.map ?? [];
    if (token.type === 'tr_open') [row, column] = [first, 0];
    if (token.type === 'heading_open') level = Number(token.tag.slice(1));
    if (token.type === 'heading_close') level = undefined;
    const isLeaf = ['inline', 'code_block', 'fence', 'html_block', 'tr_open'].includes(token.type);
    if (isLeaf) for (let line = first; line < behind; line += 1) covered.add(line);
    if (token.type === 'inline' && token.content !== '') {
      let at: (index: number) => number;
      if (token.map === null) {
        const cell = alignCell(lineOf(row), column, token.content);
        column = (cell.at(-1) ?? column) + 1;
        at = (index) => (starts[row] ?? 0) + (cell[index] ?? column);
      } else if (level !== undefined && behind - first === 1 && !token.content.includes('\n')) {
        const line = lineOf(first);
        const start = Math.max(
          0,
          line.indexOf(token.content, /^[^#]*?#{1,6}(?=\s)/.exec(line)?.[0].length ?? 0),
        );
        at = (index) => (starts[first] ?? 0) + start + index;
      } else at = alignLines(token.content, first, starts, lineOf);
      const children: Token[] = [];
      md.inline.parse(token.content, md, environment, children);
      const draft = new Draft();
      const allBold = inline(draft, children, token.content, at);
      const text = draft.text.trim();
      const heads =
        allBold && token.map !== null && text.length <= LONGEST_BOLD_HEADING && !/[.!,;]$/.test(text);
      if (level !== undefined) finish(draft, 'heading', level);
      else if (heads) finish(draft, 'heading', BOLD_HEADING);
      else finish(draft, 'text');
    }
    if (token.type === 'fence' || token.type === 'code_block') {
      const draft = new Draft();
      const line = token.type === 'fence' ? first + 1 : first;
      draft.add(token.content, alignLines(token.content, line, starts, lineOf));
      finish(draft, 'code');
    }
    if (token.type === 'html_block') html(token.content, alignLines(token.content, first, starts, lineOf));
  }
  for (let line = 0; line < starts.length; line += 1)
    if (!covered.has(line)) aside(lineOf(line), (index) => (starts[line] ?? 0) + index);

  return {
    blocks,
    place(at) {
      let low = 0;
      let high = starts.length - 1;
      while (low < high) {
        const middle = Math.ceil((low + high) / 2);
        if ((starts[middle] ?? 0) <= at) low = middle;
        else high = middle - 1;
      }
      return { line: low + 1, column: at - (starts[low] ?? 0) + 1 };
    },
  };
}

interface OpenLink {
  readonly target: string;
  readonly from: number;
}

function attribute(token: Token, name: string): string {
  return token.attrGet(name) ?? '';
}

function decoded(md: MarkdownIt, text: string): string {
  return text.includes('&') ? md.utils.unescapeAll(text.replaceAll('\\', '\\\\')) : text;
}

/**
 * Content of several lines is what the lines end with: what stands before it marks a quotation or a list, and tabs there may
 * have become spaces.
 */
function alignLines(
  content: string,
  first: number,
  starts: readonly number[],
  lineOf: (line: number) => string,
): (index: number) => number {
  const at: number[] = [];
  let line = first;
  for (const part of content.split('\n')) {
    const begin = starts[line] ?? 0;
    const source = lineOf(line);
    const shift = source.trimEnd().length - part.trimEnd().length;
    for (let index = 0; index <= part.length; index += 1)
      at.push(begin + Math.min(Math.max(index + shift, 0), source.length));
    line += 1;
  }
  return (index) => at[index] ?? at.at(-1) ?? 0;
}

/** A cell's content in its row, from a column on; a bar in it was written `\|`. */
function alignCell(line: string, from: number, content: string): number[] {
  const start = content.includes('|') ? from : Math.max(from, line.indexOf(content, from));
  const at: number[] = [];
  let column = start;
  for (const unit of content) {
    while (column < line.length && !line.startsWith(unit, column)) column += 1;
    for (let index = 0; index < unit.length; index += 1) at.push(Math.min(column + index, line.length));
    column += unit.length;
  }
  return at;
}
