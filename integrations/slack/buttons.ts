/** Buttons under a message, as Slack's blocks. A press comes back with the button's `action_id` and `value`. */
import type { Button } from '../../activities/room';
import { wellFormed } from './characters';

/** Slack's limit of a block: https://docs.slack.dev/reference/block-kit/blocks/actions-block */
const PER_BLOCK = 25;
/** Slack's limit: https://docs.slack.dev/reference/block-kit/block-elements/button-element */
const LABEL_LIMIT = 75;

export interface ActionsBlock {
  readonly type: 'actions';
  readonly elements: {
    type: 'button';
    action_id: string;
    value: string;
    text: { type: 'plain_text'; text: string; emoji: false };
    style?: 'primary' | 'danger';
  }[];
}

/** The buttons in blocks that Slack takes. Part of what is kept in Slack: an `action_id` is `firebreak.<id>.<index>`. */
export function actionsOf(buttons: readonly Button[]): ActionsBlock[] {
  const elements = buttons.map(({ id, value, label, style }, index) => ({
    type: 'button' as const,
    // Unique in the message, as Slack wants it.
    action_id: `firebreak.${id}.${index}`,
    value,
    text: { type: 'plain_text' as const, text: labelOf(label) || id, emoji: false as const },
    ...(style && { style }),
  }));
  return Array.from({ length: Math.ceil(elements.length / PER_BLOCK) }, (_, block) => ({
    type: 'actions',
    elements: elements.slice(block * PER_BLOCK, (block + 1) * PER_BLOCK),
  }));
}

/** On one line, cut between characters. */
function labelOf(label: string): string {
  const line = wellFormed(label).replace(/\s+/g, ' ').trim();
  if (line.length <= LABEL_LIMIT) return line;
  const start = line.slice(0, LABEL_LIMIT - 1).replace(/[\ud800-\udbff]$/, '');
  return `${start.trimEnd()}…`;
}
