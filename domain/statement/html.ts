/**
 * HTML inside Markdown: where a tag or a comment ends, what a tag links to, what stands between the tags. Linear, whatever is
 * written: that something has no end is looked up once.
 */

/** From where on a closing mark is known to be missing, by the mark. One for each text. */
export type Missing = Map<string, number>;

const TAG =
  /<(\/?)([A-Za-z][A-Za-z0-9-]*)((?:\s+[A-Za-z_:][\w:.-]*(?:\s*=\s*(?:[^\s"'=<>`]+|'[^']*'|"[^"]*"))?)*)\s*\/?>/y;

const ENCLOSED = [
  ['<!--', '-->'],
  ['<![CDATA[', ']]>'],
  ['<!', '>'],
  ['<?', '?>'],
] as const;

/** The index behind the tag or comment that begins here, or -1. */
export function endOfTag(text: string, at: number, missing: Missing): number {
  const enclosed = ENCLOSED.find(([open]) => text.startsWith(open, at));
  if (enclosed) {
    const [open, close] = enclosed;
    if (at >= (missing.get(close) ?? Infinity)) return -1;
    const end = text.indexOf(close, at + open.length);
    if (end === -1) missing.set(close, at);
    return end === -1 ? -1 : end + close.length;
  }
  TAG.lastIndex = at;
  return TAG.test(text) ? TAG.lastIndex : -1;
}

export interface Tag {
  readonly name: string;
  readonly isEnd: boolean;
  readonly attributes: Readonly<Record<string, string>>;
}

/** Nothing, for a comment and its like. */
export function readTag(markup: string): Tag | undefined {
  TAG.lastIndex = 0;
  const [, slash, name = '', rest = ''] = TAG.exec(markup) ?? [];
  if (name === '') return undefined;
  const attributes: Record<string, string> = {};
  for (const [, key = '', bare, single, double] of rest.matchAll(
    /([A-Za-z_:][\w:.-]*)(?:\s*=\s*(?:([^\s"'=<>`]+)|'([^']*)'|"([^"]*)"))?/g,
  ))
    attributes[key.toLowerCase()] ??= bare ?? single ?? double ?? '';
  return { name: name.toLowerCase(), isEnd: slash === '/', attributes };
}

export interface HtmlPiece {
  readonly isMarkup: boolean;
  readonly from: number;
  readonly to: number;
}

/** Tags and comments, and the text between them, in order. */
export function* htmlPieces(text: string): Generator<HtmlPiece> {
  const missing: Missing = new Map();
  let from = 0;
  for (let open = text.indexOf('<'); open !== -1;) {
    const end = endOfTag(text, open, missing);
    if (end === -1) {
      open = text.indexOf('<', open + 1);
      continue;
    }
    if (open > from) yield { isMarkup: false, from, to: open };
    yield { isMarkup: true, from: open, to: end };
    from = end;
    open = text.indexOf('<', end);
  }
  if (from < text.length) yield { isMarkup: false, from, to: text.length };
}

/** Between these no word goes on. */
const APART = new Set(
  'address article aside blockquote br caption dd details div dl dt figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol option p pre section summary table tbody td tfoot th thead tr ul'.split(
    ' ',
  ),
);

const INSIDE = new Set(
  'a abbr acronym audio b bdi bdo big body button canvas center cite code col colgroup data datalist del dfn em embed fieldset font head html i iframe img input ins kbd label legend link mark meta meter noscript object output picture progress q rp rt ruby s samp script select slot small source span strike strong style sub sup svg template textarea time title track tt u var video wbr'.split(
    ' ',
  ),
);

export function isApart(name: string): boolean {
  return APART.has(name);
}

/** `<DATE>` is none of HTML's: somebody was to put something there. */
export function isHtml(name: string): boolean {
  return APART.has(name) || INSIDE.has(name);
}
