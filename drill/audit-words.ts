/** What the audit takes for the same words, wherever they come from. */
import type { Submitted } from './audit-standing';

/** The newest version of these very words. */
export function withWords(said: string, all: readonly Submitted[]): Submitted | undefined {
  return all.findLast(({ text }) => isSameText(text, said));
}

export function isSameText(one: string, other: string | undefined): boolean {
  return other !== undefined && plain(one) === plain(other);
}

/** Mail has other line ends, and Slack an invisible mark in what it would take for a mention. */
function plain(text: string): string {
  return text.replaceAll('\r\n', '\n').replaceAll('\u200b', '').trim();
}

/** Letters and digits alone: the same for Markdown and the HTML of it. */
export function wordsOf(text: string): string {
  return text
    .replace(/<[^<>]*>/g, ' ')
    .replace(/&(lt|gt|amp|quot|#39|nbsp);/g, ' ')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

export function bodyOf(page: string): string {
  return /<body>([^]*)<\/body>/.exec(page)?.[1] ?? page;
}

/** Two addresses, or ids, as far as their case goes. */
export function isSame(one: string, other: string): boolean {
  return one !== '' && one.toLowerCase() === other.toLowerCase();
}

export function twice(all: readonly string[], say: (one: string) => string): string[] {
  return [...new Set(all.filter((one, index) => all.indexOf(one) !== index))].map(say);
}
