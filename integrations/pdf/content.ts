/**
 * Markdown as what pdfmake lays out. It is read as text alone: HTML, images and the targets of links are shown as they were
 * written, so nothing is fetched, opened or run, and nothing in the document leads anywhere.
 */
import MarkdownIt from 'markdown-it';
import type { Content, Styled, TableCell } from 'pdfmake/interfaces';
import { breakable, inParts, runsOf, type Run, type Token } from './runs';
import { lengthOf, widthsOf } from './widths';

const MARKDOWN = new MarkdownIt({ html: false, linkify: false, typographer: false });

/** Indented further, a page has no room for words. */
const DEEPEST = 6;

/** Wider tables are lines of text: each of their columns would be too narrow for a word. */
const MOST_COLUMNS = 10;

/** In points, so that no heading is the last on its page. */
const KEPT_BELOW = 50;

const LONGEST_HEADING = 500;

/** In lines: of such rows, many stand on one page. */
const LOW_LINES = 12;
/** In points, at the size of tables. */
const WIDEST_LETTER = 8.5;

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
        return heading(
          texts(takeInline(), { fontSize: SIZES[token.tag] ?? 10, bold: true }),
          tokens[at - 2]?.content.length ?? 0,
        );
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
    const widths = widthsOf(lengths);
    const isLow = (cells: (typeof lengths)[number] = []) =>
      cells.every(({ all }, n) => all * WIDEST_LETTER <= LOW_LINES * (widths[n] ?? 1));
    const cellsOf = (cells: Run[][], isHead: boolean): TableCell[] =>
      cells.map((cell) => ({ stack: texts(cell, isHead ? { bold: true } : {}) }));
    return [
      {
        table: {
          // What no page holds can neither stand at the head of each nor be kept in one piece.
          headerRows: isLow(lengths[0]) ? 1 : 0,
          dontBreakRows: lengths.every(isLow),
          widths,
          body: rows.map((cells, n) => cellsOf(cells, n === 0)),
        },
        layout: 'lightHorizontalLines',
        fontSize: 8.5,
        margin: [0, 2, 0, 10],
      },
    ];
  };

  const texts = (runs: readonly Run[], style: Styled): Content[] => {
    const parts = inParts(runs.map(({ text, ...rest }) => ({ text: breakable(drawn(text)), ...rest })));
    return parts.map((part) => ({ text: part, ...style }));
  };

  return blocks(undefined, 0);
}

/** With room below it for what it heads: it is taken as one, and given back. */
function heading(lines: Content[], length: number): Content[] {
  // What is taken as one and is longer than a page would go beyond its end.
  if (length > LONGEST_HEADING) return lines;
  return [
    {
      stack: [...lines, { text: '', fontSize: 1, lineHeight: 1, margin: [0, 0, 0, KEPT_BELOW] }],
      unbreakable: true,
      margin: [0, 10, 0, 0],
    },
    { text: '', fontSize: 1, lineHeight: 1, margin: [0, 2 - KEPT_BELOW, 0, 0] },
  ];
}
