/** What a person sees of blocks, and what they can lay a finger on. */
import { isFields, type Fields } from './answers';
import { elementsOf, type Placed } from './blocks';
import { initialStateOf, type ElementState } from './elements';

/** What was put into an element, by its block and itself; undefined where nobody has touched it. */
export type Entered = (blockId: string, actionId: string) => ElementState | undefined;

export interface SeenField {
  readonly label: string;
  readonly blockId: string;
  readonly actionId: string;
  /** e.g. `static_select`. */
  readonly type: string;
  readonly isOptional: boolean;
  /** It is submitted with the view; others tell the app at once. */
  readonly isInput: boolean;
  /** The labels to choose from. */
  readonly options: readonly string[];
  readonly state: ElementState;
  readonly element: Fields;
}

interface Marks {
  readonly label?: string | RegExp;
  readonly actionId?: string | RegExp;
  readonly value?: string | RegExp;
}

/** The text of the blocks, a line for each. */
export function textShown(blocks: readonly Fields[]): string {
  const lines = blocks.flatMap(({ type, text, fields, elements, label, hint }) => {
    const texts: unknown[] = [text, label, hint];
    for (const more of [fields, type === 'context' ? elements : []])
      if (Array.isArray(more)) texts.push(...(more as unknown[]));
    return texts.map((each) => (isFields(each) ? each.text : each));
  });
  return lines.filter((line): line is string => typeof line === 'string').join('\n');
}

export function allButtons(blocks: readonly Fields[]): Placed[] {
  return elementsOf(blocks).filter(({ element }) => element.type === 'button');
}

/** The one button that is meant; or why it can't be pressed, as the beginning of a sentence. */
export function pressable(blocks: readonly Fields[], choice: string | RegExp | Marks): Placed | string {
  const buttons = allButtons(blocks);
  const found = buttons.filter(({ element }) => isMeant(element, choice));
  const [button, another] = found;
  if (button && !another) return button;
  const labels = (among: readonly Placed[]) =>
    among.map(({ element }) => `"${labelOf(element)}" (${String(element.action_id)})`).join(', ') || 'none';
  return button
    ? `${found.length} buttons are meant by ${told(choice)}: ${labels(found)},`
    : `there is no button ${told(choice)} among ${labels(buttons)}`;
}

/** The one field that is meant; or why it can't be filled, as the beginning of a sentence. */
export function choosable(blocks: readonly Fields[], wanted: string): Placed | string {
  const fields = elementsOf(blocks).filter(({ element }) => initialStateOf(element) !== undefined);
  const found = fields.filter(
    ({ block, element, label }) =>
      label === wanted || block.block_id === wanted || element.action_id === wanted,
  );
  const [field, another] = found;
  if (field && !another) return field;
  if (field) return `${found.length} fields are meant by "${wanted}"`;
  const labels = fields.map(({ label, block }) => `"${label ?? String(block.block_id)}"`).join(', ');
  return `there is no field "${wanted}" among ${labels || 'none'}`;
}

export function fieldsOf(blocks: readonly Fields[], entered: Entered): SeenField[] {
  return elementsOf(blocks).flatMap(({ block, element, label }) => {
    const initial = initialStateOf(element);
    if (!initial) return [];
    const blockId = block.block_id as string;
    const actionId = element.action_id as string;
    const options = Array.isArray(element.options) ? element.options.filter(isFields) : [];
    return [
      {
        label: label ?? '',
        blockId,
        actionId,
        type: element.type as string,
        isOptional: block.optional === true,
        isInput: block.type === 'input',
        options: options.map(labelOf),
        state: stateOf(element, entered(blockId, actionId)) ?? initial,
        element,
      },
    ];
  });
}

/** `state.values` of a payload. */
export function valuesOf(blocks: readonly Fields[], entered: Entered): Fields {
  const values: Record<string, Record<string, ElementState>> = {};
  for (const { blockId, actionId, state } of fieldsOf(blocks, entered))
    values[blockId] = { ...values[blockId], [actionId]: state };
  return values;
}

/** What was entered counts as long as the element is of the same kind and still offers it. */
function stateOf(element: Fields, entered: ElementState | undefined): ElementState | undefined {
  if (!entered || entered.type !== element.type) return undefined;
  const chosen = [entered.selected_option, entered.selected_options].flat().filter(isFields);
  const offered = Array.isArray(element.options) ? element.options.filter(isFields) : [];
  const isOffered = chosen.every(({ value }) => offered.some((option) => option.value === value));
  return isOffered ? entered : undefined;
}

function isMeant(button: Fields, choice: string | RegExp | Marks): boolean {
  if (typeof choice === 'string' || choice instanceof RegExp)
    return fits(labelOf(button), choice) || fits(button.action_id, choice);
  const { label, actionId, value } = choice;
  return (
    (label === undefined || fits(labelOf(button), label)) &&
    (actionId === undefined || fits(button.action_id, actionId)) &&
    (value === undefined || fits(button.value, value))
  );
}

function fits(text: unknown, wanted: string | RegExp): boolean {
  if (typeof text !== 'string') return false;
  return typeof wanted === 'string' ? text === wanted : wanted.test(text);
}

function labelOf({ text }: Fields): string {
  return isFields(text) ? String(text.text) : '';
}

function told(choice: string | RegExp | Marks): string {
  if (typeof choice === 'string') return `"${choice}"`;
  if (choice instanceof RegExp) return String(choice);
  return Object.entries(choice)
    .map(([mark, wanted]) => `${mark} ${String(wanted)}`)
    .join(' and ');
}
