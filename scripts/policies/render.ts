/** Policies as files: JSON with words to fill in, YAML for the templates, tables for people. In prettier's own spelling. */
import { stringify } from 'yaml';
import type { Calls } from './build';
import type { Denial, Grant, Policy, Role } from './statements';

const WIDTH = 110;

/** What a `${…}` of the templates is in the JSON, which knows no parameters. */
export function fillIn(text: string): string {
  return text.replace(/\$\{([^}]+)\}/g, (_, name: string) => WORDS[name] ?? placeholder(name));
}

const WORDS: Readonly<Record<string, string>> = {
  'AWS::Partition': 'aws',
  'AWS::URLSuffix': 'amazonaws.com',
};

/** `ArchiveAccountId` becomes `ARCHIVE_ACCOUNT_ID`, which AWS takes in no ARN: it can't be forgotten. */
function placeholder(name: string): string {
  return name
    .replace(/^AWS::/, '')
    .replaceAll('.', '')
    .replace(/(?<=[a-z])(?=[A-Z])/g, '_')
    .toUpperCase();
}

export function renderJson(value: Policy | Calls): string {
  return `${jsonOf(mapTexts(value, fillIn), '')}\n`;
}

/** The policy for a template: what holds a parameter is substituted. */
export function renderYaml(policy: Policy, indent: string): string {
  const text = stringify(mapTexts(policy, substituted), {
    lineWidth: 0,
    singleQuote: true,
    // CloudFormation reads YAML 1.1, where a bare date or Null is no text.
    version: '1.1',
    aliasDuplicateObjects: false,
  });
  return text.replace(/^(?=.)/gm, indent);
}

function substituted(text: string): unknown {
  return text.includes('${') ? { 'Fn::Sub': text } : text;
}

/** What a role may do and may never do, with what for. */
export function renderTables({ grants, denials }: Role): string {
  return [
    table(['Allowed', 'Actions', 'On', 'What for'], grants),
    ...(denials.length > 0 ? [table(['Never', 'Actions', 'On', 'Why'], denials)] : []),
  ].join('\n\n');
}

function table(heads: readonly string[], rows: readonly (Grant | Denial)[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const code = (texts: readonly string[]) => texts.map((text) => `\`${text}\``).join(', ');
  return [
    line(heads),
    line(heads.map(() => '---')),
    ...rows.map(({ sid, actions, resources = ['*'], condition, why }) =>
      line([
        `\`${sid}\``,
        code(actions),
        code(resources.map(fillIn)) + (condition === undefined ? '' : ', with conditions'),
        why,
      ]),
    ),
  ].join('\n');
}

/** Puts the text between the lines that say that it is generated. */
export function splice(file: string, text: string, generated: string, name: string): string {
  const begin = new RegExp(`^[^\\n]*generated: ${name}\\b[^\\n]*\\n`, 'm').exec(text);
  const end = new RegExp(`^[^\\n]*end of generated: ${name}\\b`, 'm').exec(text);
  if (!begin || !end) throw new Error(`${file} has no lines that say "generated: ${name}".`);
  return text.slice(0, begin.index + begin[0].length) + generated + text.slice(end.index);
}

function mapTexts(value: unknown, map: (text: string) => unknown): unknown {
  if (typeof value === 'string') return map(value);
  if (Array.isArray(value)) return value.map((each) => mapTexts(each, map));
  return Object.fromEntries(Object.entries(value as object).map(([key, each]) => [key, mapTexts(each, map)]));
}

/**
 * As prettier writes it: lists on one line where they fit.
 *
 * @param taken of the first line, by what is before the value and by the comma behind it
 */
function jsonOf(value: unknown, indent: string, taken = 0): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const inner = `${indent}  `;
  const lines = (members: readonly (readonly [start: string, value: unknown])[]) =>
    members
      .map(([start, each], at) => {
        const comma = at < members.length - 1 ? ',' : '';
        return inner + start + jsonOf(each, inner, inner.length + start.length + comma.length) + comma;
      })
      .join('\n');
  if (!Array.isArray(value)) {
    const members = Object.entries(value).map(([key, each]) => [`${JSON.stringify(key)}: `, each] as const);
    return `{\n${lines(members)}\n${indent}}`;
  }
  const flat = `[${value.map((each) => JSON.stringify(each)).join(', ')}]`;
  const isFlat = value.every((each) => typeof each !== 'object') && taken + flat.length <= WIDTH;
  return isFlat ? flat : `[\n${lines(value.map((each) => ['', each] as const))}\n${indent}]`;
}
