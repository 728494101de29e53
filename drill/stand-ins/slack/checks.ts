/** What Block Kit's rules are made of. Each writes what is wrong in Slack's words, with a pointer to where. */
import { isFields, type Fields } from './answers';

export type Check = (value: unknown, at: string, problems: string[]) => void;

export function string(most: number, least = 1): Check {
  return (value, at, problems) => {
    if (typeof value !== 'string') problems.push(`must provide a string [json-pointer:${at}]`);
    else if (value.length > most)
      problems.push(`must be less than ${most + 1} characters [json-pointer:${at}]`);
    else if (value.length < least)
      problems.push(`must be more than ${least - 1} characters [json-pointer:${at}]`);
  };
}

export function oneOfValues(...values: readonly string[]): Check {
  return (value, at, problems) => {
    if (!values.includes(value as string)) problems.push(`must be a valid enum value [json-pointer:${at}]`);
  };
}

export const boolean: Check = (value, at, problems) => {
  if (typeof value !== 'boolean') problems.push(`must provide a boolean [json-pointer:${at}]`);
};

export function integer(least: number, most: number): Check {
  return (value, at, problems) => {
    if (!Number.isInteger(value)) problems.push(`must provide an integer [json-pointer:${at}]`);
    else if ((value as number) > most) problems.push(`must be at most ${most} [json-pointer:${at}]`);
    else if ((value as number) < least) problems.push(`must be at least ${least} [json-pointer:${at}]`);
  };
}

/** A number that travels as text, as in a `number_input`. */
export const decimal: Check = (value, at, problems) => {
  if (typeof value !== 'string' || !/^-?\d+(?:\.\d+)?$/.test(value))
    problems.push(`must provide a number as a string [json-pointer:${at}]`);
};

export function list(item: Check, most: number, least = 1): Check {
  return (value, at, problems) => {
    if (!Array.isArray(value)) {
      problems.push(`must provide an array [json-pointer:${at}]`);
      return;
    }
    if (value.length > most) problems.push(`no more than ${most} items allowed [json-pointer:${at}]`);
    if (value.length < least) problems.push(`no fewer than ${least} items allowed [json-pointer:${at}]`);
    value.forEach((each, index) => item(each, `${at}/${index}`, problems));
  };
}

/** An object with these properties, `type` and no others. */
export function object(properties: Readonly<Record<string, Check>>, required: readonly string[]): Check {
  return (value, at, problems) => {
    if (!isFields(value)) {
      problems.push(`must provide an object [json-pointer:${at}]`);
      return;
    }
    for (const name of required)
      if (value[name] === undefined) problems.push(`missing required field: ${name} [json-pointer:${at}]`);
    for (const [name, each] of Object.entries(value)) {
      if (name === 'type' || each === undefined) continue;
      const check = Object.hasOwn(properties, name) ? properties[name] : undefined;
      if (check) check(each, `${at}/${name}`, problems);
      else problems.push(`invalid additional property: ${name} [json-pointer:${at}]`);
    }
  };
}

export function plainText(most: number): Check {
  return (value, at, problems) => {
    object({ text: string(most), emoji: boolean }, ['text'])(value, at, problems);
    if (isFields(value) && value.type !== 'plain_text')
      problems.push(`must be a plain_text object [json-pointer:${at}/type]`);
  };
}

export function textObject(most: number): Check {
  return (value, at, problems) => {
    if (!isFields(value) || value.type !== 'mrkdwn') plainText(most)(value, at, problems);
    else object({ text: string(most), verbatim: boolean }, ['text'])(value, at, problems);
  };
}

/** Options of a menu, or a group of choices. */
export function options(most: number, text: Check = plainText(75)): Check {
  return (value, at, problems) => {
    list(object({ text, value: string(150), description: plainText(75) }, ['text', 'value']), most)(
      value,
      at,
      problems,
    );
    if (!Array.isArray(value)) return;
    const values = value.filter(isFields).map((option: Fields) => option.value);
    if (new Set(values).size < values.length)
      problems.push(`options must have different values [json-pointer:${at}]`);
  };
}
