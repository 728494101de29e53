/** Block Kit as this app uses it: plain text alone, so that nothing that somebody wrote is read as a mention or a link. */
import type { types } from '@slack/bolt';
import { SLACK } from '../limits';
import { line, pieces, plain } from './text';

export type Block = types.KnownBlock;
export type Modal = types.ModalView;

export interface ButtonOf {
  /** What pressing it asks for: `actions.ts`. */
  readonly id: string;
  /** The codename, and after a space what it is about. */
  readonly value: string;
  readonly label: string;
  readonly style?: 'primary' | 'danger';
  /** Asked before it counts. */
  readonly sure?: string;
}

export interface OptionOf {
  readonly value: string;
  readonly label: string;
}

const text = (content: string, most: number) =>
  ({ type: 'plain_text', text: plain(content, most), emoji: false }) as const;

export function section(content: string, button?: ButtonOf): Block {
  return {
    type: 'section',
    text: text(content, SLACK.section),
    ...(button && { accessory: elementOf(button) }),
  };
}

/** As many sections as it takes, up to so many. */
export function sections(lines: readonly string[], atMost: number): Block[] {
  return pieces(lines, SLACK.section, atMost).map((piece) => section(piece));
}

export function header(content: string): Block {
  return { type: 'header', text: text(line(content, 150), 150) };
}

export function divider(): Block {
  return { type: 'divider' };
}

/** In rows; nothing where there is none. */
export function actions(buttons: readonly ButtonOf[]): Block[] {
  const rows = Math.ceil(buttons.length / SLACK.elements);
  return Array.from({ length: rows }, (_, row) => ({
    type: 'actions' as const,
    elements: buttons.slice(row * SLACK.elements, (row + 1) * SLACK.elements).map(elementOf),
  }));
}

/** What is longer than Slack takes can't be pressed: it is left to the command line. */
export function fits({ value }: Pick<ButtonOf, 'value'>): boolean {
  return value.length <= SLACK.buttonValue;
}

function elementOf({ id, value, label, style, sure }: ButtonOf): types.Button {
  return {
    type: 'button',
    action_id: `firebreak.${id}`,
    value,
    text: text(line(label, SLACK.button), SLACK.button),
    ...(style && { style }),
    ...(sure !== undefined && {
      confirm: {
        title: text('Are you sure?', 100),
        text: text(sure, 300),
        confirm: text('Yes', 30),
        deny: text('No', 30),
      },
    }),
  };
}

interface FieldOf {
  readonly id: string;
  readonly label: string;
  readonly hint?: string;
  readonly isOptional?: boolean;
}

function input({ id, label, hint, isOptional }: FieldOf, element: types.InputBlock['element']): Block {
  return {
    type: 'input',
    block_id: id,
    label: text(line(label, SLACK.label), SLACK.label),
    ...(hint !== undefined && { hint: text(hint, SLACK.hint) }),
    ...(isOptional === true && { optional: true }),
    element: { ...element, action_id: id },
  };
}

export function textField(
  field: FieldOf & { readonly isLong?: boolean; readonly most?: number; readonly initial?: string },
): Block {
  const { isLong = false, most = SLACK.input, initial } = field;
  return input(field, {
    type: 'plain_text_input',
    multiline: isLong,
    max_length: Math.min(most, SLACK.input),
    ...(initial !== undefined && { initial_value: initial }),
  });
}

export function numberField(field: FieldOf & { readonly most: number }): Block {
  return input(field, {
    type: 'number_input',
    is_decimal_allowed: false,
    min_value: '0',
    max_value: String(field.most),
  });
}

/** What Slack can't hold is not among the options. */
export function optionsOf(offered: readonly OptionOf[]): types.PlainTextOption[] {
  const values = new Set<string>();
  return offered
    .filter(({ value }) => {
      const isNew = value !== '' && value.length <= SLACK.optionValue && !values.has(value);
      values.add(value);
      return isNew;
    })
    .slice(0, SLACK.options)
    .map(({ value, label }) => ({ value, text: text(line(label, SLACK.option), SLACK.option) }));
}

/** At least one has to be offered. */
export function choiceField(
  field: FieldOf & { readonly offered: readonly OptionOf[]; readonly isMany?: boolean },
): Block {
  const options = optionsOf(field.offered);
  return field.isMany === true
    ? input(field, { type: 'multi_static_select', options })
    : input(field, { type: 'static_select', options });
}

/** Within Slack's limits, whatever is in it; what does not fit any more is told. */
export function modal(
  title: string,
  blocks: readonly Block[],
  form?: { readonly submit: string; readonly callback: string; readonly metadata: string },
): Modal {
  const shown =
    blocks.length <= SLACK.blocksOfView
      ? blocks
      : [
          ...blocks.slice(0, SLACK.blocksOfView - 1),
          section(`… and ${blocks.length - SLACK.blocksOfView + 1} more: the command line shows all of it.`),
        ];
  return {
    type: 'modal',
    title: text(line(title, SLACK.title), SLACK.title),
    close: text(form ? 'Cancel' : 'Close', 24),
    ...(form && {
      submit: text(line(form.submit, SLACK.title), SLACK.title),
      callback_id: form.callback,
      private_metadata: form.metadata,
    }),
    blocks: numbered(shown),
  };
}

/** Slack wants each action id once. */
export function numbered<B extends Block>(blocks: readonly B[]): B[] {
  let index = 0;
  const named = <E extends { action_id?: string }>(element: E): E =>
    element.action_id?.startsWith('firebreak.') === true
      ? { ...element, action_id: `${element.action_id}.${index++}` }
      : element;
  return blocks.map((block) => {
    if (block.type === 'actions') return { ...block, elements: block.elements.map(named) };
    if (block.type === 'section' && block.accessory && 'action_id' in block.accessory)
      return { ...block, accessory: named(block.accessory) };
    return block;
  });
}
