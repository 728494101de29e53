/**
 * A statement as HTML. Whatever its draft holds, the HTML has no element that Markdown does not make, no image that a reader
 * would fetch from elsewhere, and no link but to the web or to an address of mail.
 */
import MarkdownIt from 'markdown-it';

/** Whole, so that no page's own address decides where a link leads. */
const LINK = /^(?:https?:\/\/|mailto:)/i;

// `html: false`: HTML in the draft is shown as the text that it is.
const markdownIt = new MarkdownIt({ html: false, linkify: false, typographer: false }).disable('image');
markdownIt.validateLink = (url) => LINK.test(url);
markdownIt.renderer.rules['link_open'] = (tokens, index, options, _env, self) => {
  tokens[index]?.attrSet('rel', 'noopener nofollow');
  return self.renderToken(tokens, index, options);
};

/** To be put into a page of somebody's own. */
export function htmlOf(markdown: string): string {
  return markdownIt.render(markdown);
}

/** A page of its own, which loads nothing and runs nothing. */
export function pageOf(title: string, html: string): string {
  return `<!doctype html>
<html>
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${markdownIt.utils.escapeHtml(title)}</title>
</head>
<body>
${html}</body>
</html>
`;
}
