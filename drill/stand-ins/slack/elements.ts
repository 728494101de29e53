/** Interactive elements: what Slack takes, what a person can put into them, and what is then their state. */
import { isFields, type Fields } from './answers';
import {
  boolean,
  decimal,
  integer,
  list,
  object,
  oneOfValues,
  options,
  plainText,
  string,
  textObject,
  type Check,
} from './checks';

const confirm = object(
  {
    title: plainText(100),
    text: plainText(300),
    confirm: plainText(30),
    deny: plainText(30),
    style: oneOfValues('primary', 'danger'),
  },
  ['title', 'text', 'confirm', 'deny'],
);
const common = { action_id: string(255), confirm };
const field = { ...common, placeholder: plainText(150), focus_on_load: boolean };
const anyOption: Check = object({ text: () => undefined, value: string(150), description: () => undefined }, [
  'text',
  'value',
]);
const dispatch = object(
  { trigger_actions_on: list(oneOfValues('on_enter_pressed', 'on_character_entered'), 2) },
  ['trigger_actions_on'],
);

/** What is chosen from the beginning must be one of the options. */
function menu(check: Check, initial: 'initial_option' | 'initial_options'): Check {
  return (value, at, problems) => {
    check(value, at, problems);
    if (!isFields(value)) return;
    const offered = optionsOf(value).map((option) => option.value);
    const chosen = [value[initial]].flat().filter(isFields);
    if (chosen.some((option) => !offered.includes(option.value)))
      problems.push(`${initial} must be one of the options [json-pointer:${at}/${initial}]`);
  };
}

/** By type. */
export const ELEMENTS: Readonly<Record<string, Check>> = {
  button: object(
    {
      ...common,
      text: plainText(75),
      value: string(2000),
      url: string(3000),
      style: oneOfValues('primary', 'danger'),
      accessibility_label: string(75),
    },
    ['text'],
  ),
  overflow: object({ ...common, options: options(5) }, ['options']),
  static_select: menu(
    object({ ...field, options: options(100), initial_option: anyOption }, ['options']),
    'initial_option',
  ),
  multi_static_select: menu(
    object(
      {
        ...field,
        options: options(100),
        initial_options: list(anyOption, 100),
        max_selected_items: integer(1, 100),
      },
      ['options'],
    ),
    'initial_options',
  ),
  users_select: object({ ...field, initial_user: string(255) }, []),
  multi_users_select: object(
    { ...field, initial_users: list(string(255), 100), max_selected_items: integer(1, 100) },
    [],
  ),
  radio_buttons: menu(
    object(
      { ...common, focus_on_load: boolean, options: options(10, textObject(75)), initial_option: anyOption },
      ['options'],
    ),
    'initial_option',
  ),
  checkboxes: menu(
    object(
      {
        ...common,
        focus_on_load: boolean,
        options: options(10, textObject(75)),
        initial_options: list(anyOption, 10),
      },
      ['options'],
    ),
    'initial_options',
  ),
  plain_text_input: object(
    {
      action_id: common.action_id,
      placeholder: field.placeholder,
      focus_on_load: boolean,
      initial_value: string(3000, 0),
      multiline: boolean,
      min_length: integer(0, 3000),
      max_length: integer(1, 3000),
      dispatch_action_config: dispatch,
    },
    [],
  ),
  number_input: object(
    {
      action_id: common.action_id,
      placeholder: field.placeholder,
      focus_on_load: boolean,
      is_decimal_allowed: boolean,
      initial_value: decimal,
      min_value: decimal,
      max_value: decimal,
      dispatch_action_config: dispatch,
    },
    ['is_decimal_allowed'],
  ),
};

/** A state as Slack sends it, e.g. `{type: 'static_select', selected_option: {…}}`. */
export type ElementState = Fields;

/** What is in the element before anybody has touched it; undefined for what holds nothing, such as a button. */
export function initialStateOf(element: Fields): ElementState | undefined {
  const { type } = element;
  switch (type) {
    case 'plain_text_input':
    case 'number_input':
      return { type, value: element.initial_value ?? null };
    case 'static_select':
    case 'radio_buttons':
      return { type, selected_option: element.initial_option ?? null };
    case 'multi_static_select':
    case 'checkboxes':
      return { type, selected_options: element.initial_options ?? [] };
    case 'users_select':
      return { type, selected_user: element.initial_user ?? null };
    case 'multi_users_select':
      return { type, selected_users: element.initial_users ?? [] };
    default:
      return undefined;
  }
}

/**
 * The state after a person has put something in. `values` are the text, the options by their label or value, or
 * people by e-mail or id; none empties the element.
 *
 * @throws what Slack's screen would not let happen.
 */
export function stateAfter(
  element: Fields,
  values: readonly string[],
  idOfPerson: (person: string) => string,
): ElementState {
  const { type } = element;
  const option = (wanted: string) => {
    const offered = optionsOf(element);
    const found = offered.find(({ text, value }) => (text as Fields).text === wanted || value === wanted);
    if (found) return found;
    const labels = offered.map(({ text }) => `"${String((text as Fields).text)}"`);
    throw new Error(`there is no option "${wanted}" to choose. There are: ${labels.join(', ')}.`);
  };
  const alone = () => {
    if (values.length > 1) throw new Error('only one can be chosen.');
    return values[0];
  };
  switch (type) {
    case 'plain_text_input':
    case 'number_input':
      return { type, value: alone() || null };
    case 'static_select':
    case 'radio_buttons': {
      const wanted = alone();
      return { type, selected_option: wanted === undefined ? null : option(wanted) };
    }
    case 'multi_static_select':
    case 'checkboxes':
      return { type, selected_options: values.map(option) };
    case 'users_select': {
      const wanted = alone();
      return { type, selected_user: wanted === undefined ? null : idOfPerson(wanted) };
    }
    case 'multi_users_select':
      return { type, selected_users: values.map(idOfPerson) };
    default:
      throw new Error(`nothing can be put into a ${String(type)}.`);
  }
}

/** What Slack's screen itself says of a field before it submits anything; undefined where it has nothing to say. */
export function complaintOf(element: Fields, state: ElementState, isOptional: boolean): string | undefined {
  const held =
    state.value ??
    state.selected_option ??
    state.selected_user ??
    state.selected_options ??
    state.selected_users;
  const isEmpty = held === null || held === undefined || (Array.isArray(held) && held.length === 0);
  if (isEmpty) return isOptional ? undefined : 'Please complete this required field.';
  const value = typeof state.value === 'string' ? state.value : undefined;
  if (value === undefined) return undefined;
  if (element.type === 'number_input') return complaintOfNumber(element, value);
  const { min_length: least = 0, max_length: most = 3000 } = element as Record<string, number | undefined>;
  if (value.length > most) return `Please shorten this text to ${most} characters or less.`;
  if (value.length < least) return `Please lengthen this text to ${least} characters or more.`;
  return undefined;
}

function complaintOfNumber(element: Fields, value: string): string | undefined {
  const isWhole = element.is_decimal_allowed !== true;
  if (!(isWhole ? /^-?\d+$/ : /^-?\d+(?:\.\d+)?$/).test(value))
    return `Please enter a ${isWhole ? 'whole ' : ''}number.`;
  const { min_value: least, max_value: most } = element as Record<string, string | undefined>;
  if (least !== undefined && Number(value) < Number(least))
    return `Please enter a number of ${least} or more.`;
  if (most !== undefined && Number(value) > Number(most)) return `Please enter a number of ${most} or less.`;
  return undefined;
}

function optionsOf(element: Fields): Fields[] {
  return Array.isArray(element.options) ? element.options.filter(isFields) : [];
}
