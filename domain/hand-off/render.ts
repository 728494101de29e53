/** A pack as Markdown. Whatever text is in it stays text: nothing that somebody wrote becomes a link, a heading or a row. */
import type { Block, PackDocument } from './document';

/** The first words are the title's own, without a mark before them. */
export function renderPack({ title, blocks }: PackDocument): string {
  const shown = atStart(inline(title));
  return `${[`${shown}\n${'='.repeat(Math.max(3, shown.length))}`, ...blocks.map(renderBlock)].join('\n\n')}\n`;
}

function renderBlock(block: Block): string {
  switch (block.kind) {
    case 'heading':
      return `## ${inline(block.text)}`;
    case 'paragraph':
      return atStart(inline(block.text));
    case 'list':
      return block.items.map((item) => `- ${atStart(inline(item))}`).join('\n');
    case 'table':
      return [row(block.head), row(block.head.map(() => '---')), ...block.rows.map(row)].join('\n');
  }
}

function row(cells: readonly string[]): string {
  return `| ${cells.map(inline).join(' | ')} |`;
}

/** One line, in which no character means anything. What steers a screen or the direction of writing is written out. */
function inline(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, writtenOut)
    .replace(/[\\`*_[\]<>|~&]/g, '\\$&');
}

function writtenOut(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16);
  return code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, '0')}`;
}

/** Where a line begins, more characters mean something. */
function atStart(line: string): string {
  return line.replace(/^[#+=-]/, '\\$&').replace(/^(\d{1,9})([.)])/, '$1\\$2');
}
