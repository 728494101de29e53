/** Text of people, made fit for Slack: nobody is mentioned by it, nothing is turned around, and it is as long as it may be. */

/** Controls, and what reorders the line around it. A line break stays. */

const UNSHOWN =
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g;

/** For a `plain_text` object, of at least one character and at most so many UTF-16 units. */
export function plain(text: string, most: number): string {
  const shown = text
    .replace(/\r\n?|[\u2028\u2029]/g, '\n')
    .replace(/\t/g, ' ')
    .replace(UNSHOWN, '')
    .replace(/\p{Surrogate}/gu, '\ufffd');
  // Slack takes no empty text, and takes blanks for empty.
  if (shown.trim() === '') return '-';
  return cut(shown, most);
}

/** Between characters. */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  return `${text.slice(0, Math.max(0, most - 1)).replace(/[\ud800-\udbff]$/, '')}…`;
}

/** In one line. */
export function line(text: string, most: number): string {
  return plain(text.replace(/\s+/g, ' ').trim(), most);
}

/** For a message's own text, where Slack looks for mentions and links. */
export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** What somebody wrote, from Slack's form of it: links as their address, mentions as words. */
export function written(text: string): string {
  return text
    .replace(/<(@|#|!)([^<>|]*)(?:\|([^<>]*))?>/g, (_, mark: string, id: string, label?: string) =>
      label !== undefined && label !== '' ? label : `${mark === '!' ? '@' : mark}${id}`,
    )
    .replace(/<([^<>|]*)(?:\|[^<>]*)?>/g, '$1')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}

/** Lines in pieces that each fit, at most so many; says how many lines are left out. */
export function pieces(lines: readonly string[], most: number, atMost: number): string[] {
  const made: string[] = [];
  let piece = '';
  let shown = 0;
  for (const one of lines) {
    // Room for the last word.
    const fitting = cut(one, most - 40);
    const joined = piece === '' ? fitting : `${piece}\n${fitting}`;
    if (joined.length <= most - 40) piece = joined;
    else if (made.length + 1 < atMost) {
      made.push(piece);
      piece = fitting;
    } else break;
    shown += 1;
  }
  const left = lines.length - shown;
  if (left > 0) piece = `${piece}\n… and ${left} more`;
  return piece === '' ? made : [...made, piece];
}
