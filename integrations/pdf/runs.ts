/** Runs of text in one style: how a line of Markdown becomes them, and in which pieces pdfmake can lay them out. */
import type MarkdownIt from 'markdown-it';

export type Token = ReturnType<MarkdownIt['parse']>[number];

export interface Run {
  readonly text: string;
  readonly bold?: true;
  readonly italics?: true;
  readonly decoration?: 'lineThrough';
}

/** pdfmake looks at the rest of a paragraph for each of its words: one of a whole document would take it minutes. */
const LONGEST_TEXT = 1_500;
const MOST_RUNS = 150;

/** So it does for each letter of a word that no line holds. Ninety fill one. */
const LONG_WORD = /\S{90}(?=\S)/gu;

export function runsOf(children: readonly Token[]): Run[] {
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
}

/** A word that no line holds goes on in the next. */
export function breakable(text: string): string {
  return text.replace(LONG_WORD, '$&\n');
}

/** Runs of one style as one; and a text that is very long in several, which stand below each other. */
export function inParts(runs: readonly Run[]): Run[][] {
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
    if (before && isSameStyle(before, run))
      part[part.length - 1] = { ...before, text: before.text + run.text };
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
