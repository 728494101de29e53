/**
 * Block Kit's rules, for the blocks and elements that Firebreak uses: https://docs.slack.dev/reference/block-kit.
 *
 * Stricter than Slack on purpose, so that a mistake of ours shows:
 * - a block or element that is not described here is refused;
 * - an `action_id` is unique in the whole message or view, not in its block alone;
 * - text is counted in UTF-16 units, of which a character beyond the basic plane has two.
 */
import { randomBytes } from 'node:crypto';
import { isFields, type Fields } from './answers';
import { ELEMENTS } from './elements';
import { boolean, list, object, plainText, string, textObject, type Check } from './checks';

export type Surface = 'message' | 'modal';

/** A block's limits in number. */
const MOST_BLOCKS = { message: 50, modal: 100 };
/** Over all the Markdown blocks of a message. */
const MOST_MARKDOWN = 12_000;

const BUTTONS_AND_CHOICES = [
  'button',
  'static_select',
  'users_select',
  'multi_static_select',
  'multi_users_select',
  'radio_buttons',
  'checkboxes',
  'overflow',
];
const INPUTS = [
  'plain_text_input',
  'number_input',
  ...BUTTONS_AND_CHOICES.filter((type) => type !== 'button' && type !== 'overflow'),
];

const oneOf =
  (types: readonly string[]): Check =>
  (value, at, problems) => {
    const type = isFields(value) ? String(value.type) : '';
    const check = types.includes(type) ? ELEMENTS[type] : undefined;
    if (check) check(value, at, problems);
    else problems.push(`unsupported type: ${type} [json-pointer:${at}/type]`);
  };

const blockId = { block_id: string(255) };

const BLOCKS: Record<string, { readonly on: readonly Surface[]; readonly check: Check }> = {
  actions: {
    on: ['message', 'modal'],
    check: object({ ...blockId, elements: list(oneOf(BUTTONS_AND_CHOICES), 25) }, ['elements']),
  },
  context: {
    on: ['message', 'modal'],
    check: object({ ...blockId, elements: list(textObject(3000), 10) }, ['elements']),
  },
  divider: { on: ['message', 'modal'], check: object(blockId, []) },
  header: {
    on: ['message', 'modal'],
    check: object({ ...blockId, text: plainText(150) }, ['text']),
  },
  input: {
    on: ['message', 'modal'],
    check: object(
      {
        ...blockId,
        label: plainText(2000),
        hint: plainText(2000),
        element: oneOf(INPUTS),
        optional: boolean,
        dispatch_action: boolean,
      },
      ['label', 'element'],
    ),
  },
  markdown: { on: ['message'], check: object({ ...blockId, text: string(MOST_MARKDOWN) }, ['text']) },
  section: {
    on: ['message', 'modal'],
    check: (value, at, problems) => {
      object(
        {
          ...blockId,
          text: textObject(3000),
          fields: list(textObject(2000), 10),
          accessory: oneOf(BUTTONS_AND_CHOICES),
          expand: boolean,
        },
        [],
      )(value, at, problems);
      const { text, fields } = value as Fields;
      if (text === undefined && fields === undefined)
        problems.push(`missing required field: text [json-pointer:${at}]`);
    },
  },
};

/** What Slack would find wrong; nothing where it would take the blocks. */
export function problemsOf(blocks: unknown, surface: Surface, at = '/blocks'): string[] {
  const problems: string[] = [];
  if (!Array.isArray(blocks)) return [`must provide an array [json-pointer:${at}]`];
  if (blocks.length > MOST_BLOCKS[surface])
    problems.push(`no more than ${MOST_BLOCKS[surface]} items allowed [json-pointer:${at}]`);
  for (const [index, block] of blocks.entries()) {
    const here = `${at}/${index}`;
    const type = isFields(block) ? String(block.type) : '';
    const known = Object.hasOwn(BLOCKS, type) ? BLOCKS[type] : undefined;
    if (known?.on.includes(surface)) known.check(block, here, problems);
    else problems.push(`unsupported type: ${type} [json-pointer:${here}/type]`);
  }
  const shown = blocks.filter(isFields);
  problems.push(
    ...twice(shown.map(({ block_id }) => block_id)).map((id) => `\`block_id\` ${id} already exists`),
    ...twice(elementsOf(shown).map(({ element }) => element.action_id)).map(
      (id) => `\`action_id\` ${id} already exists`,
    ),
  );
  return problems;
}

/** The Markdown blocks of a message are too long together: Slack has a code of its own for it. */
export function isTooLong(blocks: readonly Fields[]): boolean {
  const lengths = blocks
    .filter(({ type, text }) => type === 'markdown' && typeof text === 'string')
    .map(({ text }) => (text as string).length);
  return lengths.reduce((sum, length) => sum + length, 0) > MOST_MARKDOWN;
}

/** An element in its place. `label` is what stands beside it, where anything does. */
export interface Placed {
  readonly block: Fields;
  readonly element: Fields;
  readonly label: string | undefined;
}

/** Whatever a person can press, choose or fill, from the top down. */
export function elementsOf(blocks: readonly Fields[]): Placed[] {
  return blocks.flatMap((block) => {
    const label = isFields(block.label) ? String(block.label.text) : undefined;
    const besides = isFields(block.text) ? String(block.text.text) : undefined;
    const elements = block.type === 'actions' && Array.isArray(block.elements) ? block.elements : [];
    return [
      ...elements.filter(isFields).map((element) => ({ block, element, label: undefined })),
      ...(isFields(block.accessory) ? [{ block, element: block.accessory, label: besides }] : []),
      ...(block.type === 'input' && isFields(block.element)
        ? [{ block, element: block.element, label }]
        : []),
    ];
  });
}

/** Blocks as Slack keeps them: whatever came without an id has got one. */
export function withIds(blocks: readonly Fields[]): Fields[] {
  const named = (element: unknown) =>
    isFields(element) && !['mrkdwn', 'plain_text'].includes(String(element.type))
      ? { ...element, action_id: element.action_id ?? newId() }
      : element;
  return blocks.map((block) => ({
    ...block,
    block_id: block.block_id ?? newId(),
    ...(Array.isArray(block.elements) && { elements: block.elements.map(named) }),
    ...(block.accessory !== undefined && { accessory: named(block.accessory) }),
    ...(block.element !== undefined && { element: named(block.element) }),
  }));
}

function newId(): string {
  return randomBytes(4).toString('base64url').slice(0, 5);
}

function twice(ids: readonly unknown[]): string[] {
  const given = ids.filter((id): id is string => typeof id === 'string');
  return [...new Set(given.filter((id, index) => given.indexOf(id) !== index))];
}
