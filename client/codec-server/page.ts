/** The sign-in pages: plain HTML, without scripts, and without a word of what is read with them. */
import { createHash } from 'node:crypto';

const STYLE = `
  body { font: 16px/1.5 system-ui, sans-serif; margin: 0; color: #1f2937; background: #f8fafc; }
  main { max-width: 40rem; margin: 10vh auto; padding: 0 1.5rem; }
  h1 { font-size: 1.5rem; }
  label { display: block; font-weight: 600; margin-bottom: .25rem; }
  textarea { box-sizing: border-box; width: 100%; font: 14px/1.4 ui-monospace, monospace; padding: .5rem; }
  button { font: inherit; margin-top: .75rem; padding: .4rem 1.25rem; cursor: pointer; }
  code { background: #e2e8f0; padding: .1rem .3rem; border-radius: .2rem; }
  .problem { border-left: .25rem solid #b91c1c; padding-left: .75rem; }
`;

/** Nothing may be loaded, embedded or run; this very style is all. */
export const PAGE_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

/** `problem` says why the last try did not count, and what to do. */
export function signInPage(problem?: string): string {
  return page(
    'Sign in',
    `${problem === undefined ? '' : `<p class="problem" role="alert">${escaped(problem)}</p>\n`}<p>Run <code>firebreak token</code> on a machine with your SSH key, and paste what it prints.</p>
<form method="post" action="/session" autocomplete="off">
<label for="token">Token</label>
<textarea id="token" name="token" rows="8" required autofocus spellcheck="false" autocapitalize="off" autocomplete="off"></textarea>
<button>Sign in</button>
</form>`,
  );
}

export function signedInPage(by: string, until: number): string {
  return page(
    'Signed in',
    `<p>You are <strong>${escaped(by)}</strong> until ${new Date(until).toISOString().slice(0, 16).replace('T', ' ')} UTC, in this browser. Reload the Web UI now.</p>
<form method="post" action="/sign-out">
<button>Sign out</button>
</form>`,
  );
}

function page(title: string, content: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${title}</h1>
${content}
</main>
</body>
</html>
`;
}

function escaped(text: string): string {
  const entities: Record<string, string> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}
