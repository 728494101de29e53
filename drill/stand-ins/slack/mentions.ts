/** What a person types, as Slack stores it: https://docs.slack.dev/messaging/formatting-message-text. */
import { APP } from './app';
import type { Directory } from './directory';

const SPECIAL = /@(?:firebreak|here|channel|everyone)\b|@?[\w.+-]+@[\w-]+(?:\.[\w-]+)+|https?:\/\/[^\s<>|]+/g;

/** `@firebreak` and `@somebody@example.com` become mentions, addresses become links, and the rest is escaped. */
export function withMentions(text: string, directory: Directory): string {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return escaped.replace(SPECIAL, (found) => {
    if (found === `@${APP.name}`) return `<@${APP.userId}>`;
    if (/^@(?:here|channel|everyone)$/.test(found)) return `<!${found.slice(1)}>`;
    if (found.startsWith('http')) return `<${found}>`;
    if (!found.startsWith('@')) return `<mailto:${found}|${found}>`;
    const email = found.slice(1);
    try {
      return `<@${directory.idOf(email)}>`;
    } catch {
      return found;
    }
  });
}
