/** Firebreak's Markdown, with the buttons under it, as a Slack message that pings nobody. */
import type { Button } from '../../activities/room';
import { actionsOf, type ActionsBlock } from './buttons';
import { wellFormed } from './characters';

/**
 * Over all the blocks of a message. Slack refuses some messages a little above it (`msg_blocks_too_long`), depending on
 * what is in them, so the length is counted as the blocks travel: escaped in JSON. Buttons count too.
 * @see https://docs.slack.dev/reference/block-kit/blocks/markdown-block
 * @see https://github.com/slackapi/bolt-js/issues/2867
 */
const BLOCKS_LIMIT = 12_000;
/** What buttons leave to the text, in the same measure. Buttons that do not fit are left out: Slack would refuse all. */
const TEXT_AT_LEAST = 3_000;
/** No button is so short that more of them would fit. */
const MOST_BUTTONS = 100;
/** Shown in notifications and read by screen readers; Slack recommends no more than 4,000. */
const PLAIN_LIMIT = 3_000;
const CUT = '\n\n… cut: see `firebreak status`';
const CLOSED_FENCE = '\n```';
/** Splits what Slack would take for a mention. Invisible to a reader. */
const BREAK = '\u200b';

export interface MessageText {
  readonly text: string;
  readonly blocks: ({ type: 'markdown'; text: string } | ActionsBlock)[];
}

export function messageText(markdown: string, buttons: readonly Button[] = []): MessageText {
  const whole = withoutMentions(wellFormed(markdown));
  const actions = fitting(buttons.slice(0, MOST_BUTTONS));
  const limit = BLOCKS_LIMIT - lengthOf(actions);
  return { text: plain(whole), blocks: [{ type: 'markdown', text: cut(whole, limit) }, ...actions] };
}

/** The blocks of as many buttons, from the first on, as a message can carry. */
function fitting(buttons: readonly Button[]): ActionsBlock[] {
  const actions = actionsOf(buttons);
  return lengthOf(actions) <= BLOCKS_LIMIT - TEXT_AT_LEAST ? actions : fitting(buttons.slice(0, -1));
}

/**
 * What people write into findings and reasons may hold mentions, copied from elsewhere: nobody is to be pinged by
 * accident, least of all everyone. E-mail addresses stay as they are.
 */
function withoutMentions(markdown: string): string {
  return markdown
    .replace(/<(?=[!@])/g, `<${BREAK}`)
    .replace(/(?<![\w.])@(?=(?:here|channel|everyone)\b)/gi, `@${BREAK}`);
}

function cut(markdown: string, limit: number): string {
  if (travelLength(markdown) <= limit) return markdown;
  const room = limit - travelLength(CUT + CLOSED_FENCE);
  let length = 0;
  let kept = '';
  // By line, so that no line is cut in two, unless the line alone is too long.
  for (const line of markdown.split(/(?<=\n)/)) {
    const lineLength = travelLength(line);
    if (length + lineLength > room) {
      if (kept === '') kept = startOf(line, room);
      break;
    }
    kept += line;
    length += lineLength;
  }
  kept = kept.trimEnd();
  const isInsideCode = (kept.match(/^\s*```/gm)?.length ?? 0) % 2 === 1;
  return kept + (isInsideCode ? CLOSED_FENCE : '') + CUT;
}

/** The longest start that fits; characters of two code units stay whole. */
function startOf(line: string, room: number): string {
  let length = 0;
  let start = '';
  for (const character of line) {
    length += travelLength(character);
    if (length > room) break;
    start += character;
  }
  return start;
}

function travelLength(text: string): number {
  return JSON.stringify(text).length - 2;
}

/** 0 where there are none. */
function lengthOf(blocks: readonly ActionsBlock[]): number {
  return JSON.stringify(blocks).length - 2;
}

function plain(markdown: string): string {
  const text = markdown.replace(/^#+\s+/gm, '').replace(/\*\*/g, '');
  const short = text.length > PLAIN_LIMIT ? `${startOf(text, PLAIN_LIMIT)}…` : text;
  // Slack's own escapes: https://docs.slack.dev/messaging/formatting-message-text#escaping
  return short.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
