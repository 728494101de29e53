/**
 * Markdown as what pdfmake lays out. It is read as text alone: HTML, images and the targets of links are shown as they were
 * written, so nothing is fetched, opened or run, and nothing in the document leads anywhere.
 */
import MarkdownIt from 'markdown-it';
import type { Content, TableCell } from 'pdfmake/interfaces';
import { lengthOf, widthsOf } from './widths';

type Token = ReturnType<MarkdownIt['parse']>[number];

interface Run {
  readonly text: string;
  readonly bold?: true;
  readonly italics?: true;
  readonly decoration?: 'lineThrough';
}

const MARKDOWN = new MarkdownIt({ html: false, linkify: false, typographer: false });

/** Indented further, a page has no room for words. */
const DEEPEST = 6;

/** Wider tables are lines of text: each of their columns would be too narrow for a word. */
const MOST_COLUMNS = 10;

/** pdfmake looks at the rest of a paragraph for each of its words: one of a whole document would take it minutes. */
const LONGEST_TEXT = 1_500;
const MOST_RUNS = 150;

/** So it does for each letter of a word that no line holds. This many fill one. */
const LONGEST_WORD = 90;

/** In points, so that no heading is the last on its page. */
const KEPT_BELOW = 50;

const SIZES: Readonly<Record<string, number>> = { h1: 18, h2: 13, h3: 11 };

/** @param drawn a text as the font can show it */
export function contentOf(markdown: string, drawn: (text: string) => string): Content[] {
  const tokens = MARKDOWN.parse(markdown, {});
  let at = 0;

  /** The blocks up to the token that closes them. */
  const blocks = (until: string | undefined, depth: number): Content[] => {
    const all: Content[] = [];
    for (let token = tokens[at]; token && token.type !== until; token = tokens[at]) {
      at += 1;
      all.push(...block(token, depth));
    }
    at += 1;
    return all;
  };

  const block = (token: Token, depth: number): Content[] => {
    switch (token.type) {
      case 'heading_open':
        return heading(texts(takeInline(), { fontSize: SIZES[token.tag] ?? 10, bold: true }));
      case 'paragraph_open':
        return texts(takeInline(), { margin: [0, 0, 0, token.hidden ? 2 : 6] });
      case 'bullet_list_open':
        return list('ul', token, depth);
      case 'ordered_list_open':
        return list('ol', token, depth);
      case 'blockquote_open': {
        const quoted = blocks('blockquote_close', depth + 1);
        return depth < DEEPEST ? [{ stack: quoted, margin: [14, 0, 0, 0] }] : quoted;
      }
      case 'fence':
      case 'code_block':
        return texts([{ text: token.content.replace(/\n$/, '') }], { margin: [8, 0, 0, 6] });
      case 'hr':
        return [{ text: '* * *', alignment: 'center', margin: [0, 4, 0, 8] }];
      case 'table_open':
        return table();
      default:
        return [];
    }
  };

  const takeInline = (): Run[] => {
    const inline = tokens[at];
    at += 2;
    return runsOf(inline?.children ?? []);
  };

  const list = (kind: 'ul' | 'ol', token: Token, depth: number): Content[] => {
    const close = token.type.replace('_open', '_close');
    const items: Content[] = [];
    for (let next = tokens[at]; next && next.type !== close; next = tokens[at]) {
      at += 1;
      items.push({ stack: blocks('list_item_close', depth + 1) });
    }
    at += 1;
    if (depth >= DEEPEST) return items;
    const margin: [number, number, number, number] = [0, 0, 0, 6];
    const start = Number(token.attrGet('start') ?? 1);
    return [kind === 'ul' ? { ul: items, margin } : { ol: items, start, margin }];
  };

  const table = (): Content[] => {
    const rows: Run[][][] = [];
    for (let next = tokens[at]; next && next.type !== 'table_close'; next = tokens[at]) {
      at += 1;
      if (next.type === 'tr_open') rows.push([]);
      if (next.type === 'inline') rows.at(-1)?.push(runsOf(next.children ?? []));
    }
    at += 1;
    const columns = rows[0]?.length ?? 0;
    if (columns > MOST_COLUMNS)
      return rows.flatMap((cells) =>
        texts(
          cells.flatMap((cell, n) => (n === 0 ? cell : [{ text: ' | ' }, ...cell])),
          { margin: [0, 0, 0, 2] },
        ),
      );
    const lengths = rows.map((cells) => cells.map((cell) => lengthOf(cell.map(({ text }) => text).join(''))));
    const cellsOf = (cells: Run[][], isHead: boolean): TableCell[] =>
      cells.map((cell) => ({ stack: texts(cell, isHead ? { bold: true } : {}) }));
    return [
      {
        table: {
          headerRows: 1,
          widths: widthsOf(lengths),
          // A row that no page holds has to break.
          dontBreakRows: lengths.flat().every(({ all }) => all < 400),
          body: rows.map((cells, n) => cellsOf(cells, n === 0)),
        },
        layout: 'lightHorizontalLines',
        fontSize: 8.5,
        margin: [0, 2, 0, 10],
      },
    ];
  };

  const runsOf = (children: readonly Token[]): Run[] => {
    const runs: Run[] = [];
    const on = { bold: 0, italics: 0, lineThrough: 0 };
    const targets: string[] = [];
    let linked = '';
    const add = (text: string) => {
      const style: Omit<Run, 'text'> = {
        ...(on.bold > 0 && { bold: true }),
        ...(on.italics > 0 && { italics: true }),
        ...(on.lineThrough > 0 && { decoration: 'lineThrough' }),
      };
      linked += text;
      runs.push({ text, ...style });
    };
    for (const token of children)
      switch (token.type) {
        case 'strong_open':
        case 'strong_close':
          on.bold += token.nesting;
          break;
        case 'em_open':
        case 'em_close':
          on.italics += token.nesting;
          break;
        case 's_open':
        case 's_close':
          on.lineThrough += token.nesting;
          break;
        case 'link_open':
          targets.push(token.attrGet('href') ?? '');
          linked = '';
          break;
        case 'link_close': {
          const target = targets.pop() ?? '';
          if (target !== linked && target !== `mailto:${linked}`) add(` (${target})`);
          break;
        }
        case 'image':
          add(`[image: ${token.content}] (${token.attrGet('src') ?? ''})`);
          break;
        case 'softbreak':
          add(' ');
          break;
        case 'hardbreak':
          add('\n');
          break;
        default:
          add(token.content);
      }
    return runs;
  };

  const texts = (runs: readonly Run[], style: Readonly<Record<string, unknown>>): Content[] => {
    const parts = inParts(runs.map(({ text, ...rest }) => ({ text: breakable(drawn(text)), ...rest })));
    return parts.map((part) => ({ text: part, ...style }) as Content);
  };

  return blocks(undefined, 0);
}

/** With room below it for what it heads: it is taken as one, and given back. */
function heading(lines: Content[]): Content[] {
  return [
    { stack: lines, unbreakable: true, margin: [0, 10, 0, 4 + KEPT_BELOW] },
    { text: '', fontSize: 1, lineHeight: 1, margin: [0, -KEPT_BELOW - 1, 0, 0] },
  ];
}

/** A word that no line holds goes on in the next. */
function breakable(text: string): string {
  return text.replace(new RegExp(`[^\\s]{${LONGEST_WORD}}(?=[^\\s])`, 'gu'), '$&\n');
}

/** Runs of one style as one; and a text that is very long in several, which stand below each other. */
function inParts(runs: readonly Run[]): Run[][] {
  const parts: Run[][] = [[]];
  let length = 0;
  for (const run of runs.flatMap(pieces)) {
    const part = parts.at(-1) ?? [];
    const before = part.at(-1);
    if (length + run.text.length > LONGEST_TEXT || part.length >= MOST_RUNS) {
      parts.push([run]);
      length = run.text.length;
      continue;
    }
    length += run.text.length;
    if (before && isSameStyle(before, run)) part[part.length - 1] = { ...before, text: before.text + run.text };
    else part.push(run);
  }
  return parts;
}

/** Each short enough to stand alone, ending where a word does. */
function pieces({ text, ...style }: Run): Run[] {
  const most = LONGEST_TEXT / 3;
  const found: Run[] = [];
  let from = 0;
  while (text.length - from > most) {
    const space = text.lastIndexOf(' ', from + most);
    const end = space > from ? space + 1 : from + most;
    found.push({ text: text.slice(from, end), ...style });
    from = end;
  }
  return [...found, { text: text.slice(from), ...style }];
}

function isSameStyle(a: Run, b: Run): boolean {
  return a.bold === b.bold && a.italics === b.italics && a.decoration === b.decoration;
}
