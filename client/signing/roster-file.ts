/**
 * The keys in the company's configuration file. Only the text of one key is put in or taken out: every other line, comment and
 * order of the file stays as it is, byte by byte.
 */
import { isDeepStrictEqual } from 'node:util';
import {
  isMap,
  isNode,
  isScalar,
  isSeq,
  parseDocument,
  visit,
  type Document,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { areEqual } from '../../domain/trust/bytes';
import { parsePublicKey } from '../../domain/trust/sshsig';
import { InvalidInput } from '../errors';
import { isSameAddress } from '../../domain/roles';

export interface Person {
  readonly email: string;
  readonly roles: readonly string[];
  readonly keys: readonly string[];
}

/** @throws InvalidInput where this is no configuration with a roster */
export function peopleIn(text: string, file: string): readonly Person[] {
  return peopleOf(parsed(text, file), file).map(({ person }) => person);
}

/** Who has this key, in the roster; "a door" where it is elsewhere in the file; nothing where nobody has it. */
export function holderOf(text: string, file: string, key: string): string | undefined {
  const document = parsed(text, file);
  const owner = peopleOf(document, file).find(({ person }) => person.keys.some((one) => isSame(one, key)));
  if (owner) return owner.person.email;
  let isElsewhere = false;
  visit(document, {
    Scalar: (_, { value }) => {
      isElsewhere ||= typeof value === 'string' && isSame(value, key);
    },
  });
  return isElsewhere ? 'a door' : undefined;
}

/** The file's text with the key. @throws InvalidInput where the person is unknown or the file can't be edited */
export function withKey(text: string, file: string, email: string, key: string): string {
  const { node, person } = personIn(parsed(text, file), file, email);
  const place = node.get('keys', true);
  const edited = isSeq(place) ? added(text, place, key) : begun(text, node, key);
  return checked(edited, { text, file, email, keys: [...person.keys, key] });
}

/** The file's text without the key. @throws InvalidInput as `withKey` */
export function withoutKey(text: string, file: string, email: string, key: string): string {
  const { node, person } = personIn(parsed(text, file), file, email);
  const place = node.get('keys', true);
  const index = person.keys.indexOf(key);
  const edited = isSeq(place) ? removed(text, place, index) : text;
  return checked(edited, { text, file, email, keys: person.keys.filter((_, at) => at !== index) });
}

function parsed(text: string, file: string): Document.Parsed {
  const document = parseDocument(text);
  const [error] = document.errors;
  // The message quotes the file.
  if (error) throw new InvalidInput([`${file}: not valid YAML at line ${error.linePos?.[0].line ?? 1}`]);
  return document;
}

interface Found {
  readonly node: YAMLMap;
  readonly person: Person;
}

function peopleOf(document: Document.Parsed, file: string): readonly Found[] {
  const roster = document.get('roster', true);
  if (!isSeq(roster)) throw new InvalidInput([`${file}: has no roster; name the file of the company`]);
  return roster.items.map((node, index) => {
    const value: unknown = isMap(node) ? node.toJS(document) : undefined;
    const { email, roles = [], keys = [] } = (value ?? {}) as Record<string, unknown>;
    if (!isMap(node) || typeof email !== 'string' || !areTexts(roles) || !areTexts(keys ?? []))
      throw new InvalidInput([
        `${file}: roster.${index}: needs an email, a list of roles and a list of keys`,
      ]);
    return { node, person: { email, roles, keys: (keys as string[] | null) ?? [] } };
  });
}

function personIn(document: Document.Parsed, file: string, email: string): Found {
  const all = peopleOf(document, file).filter(({ person }) => isSameAddress(person.email, email));
  const [found] = all;
  if (!found)
    throw new InvalidInput([`${email}: not on the roster of ${file}; add who this is, and the roles`]);
  if (all.length > 1) throw new InvalidInput([`${email}: listed twice in ${file}; leave one`]);
  return found;
}

/** After the last key; in a list that has none yet, right after its bracket. */
function added(text: string, { flow, items, range }: YAMLSeq, key: string): string | undefined {
  const last = rangeOf(items.at(-1));
  if (!range) return undefined;
  if (!last) return flow ? put(text, range[0] + 1, key) : undefined;
  if (flow) return put(text, last.end, `, ${key}`);
  const line = lineEnd(text, last.end);
  return put(text, line, `${newline(text)}${lead(text, last.start)}${key}`);
}

/** At the end of a line in braces; else after the address, which every person has. */
function begun(text: string, node: YAMLMap, key: string): string | undefined {
  const pair = node.items.find(({ key: name }) => isScalar(name) && name.value === 'email');
  const name = rangeOf(pair?.key);
  const address = rangeOf(pair?.value);
  if (!name || !address || node.has('keys')) return undefined;
  if (node.flow) {
    const last: unknown = node.items.at(-1)?.value;
    const end = isNode(last) ? last.range?.[1] : undefined;
    return end === undefined ? undefined : put(text, end, `, keys: [${key}]`);
  }
  const indent = ' '.repeat(name.start - lineStart(text, name.start));
  const eol = newline(text);
  return put(text, lineEnd(text, address.end), `${eol}${indent}keys:${eol}${indent}  - ${key}`);
}

function removed(text: string, { flow, items, range }: YAMLSeq, index: number): string | undefined {
  const own = rangeOf(items[index]);
  const next = rangeOf(items[index + 1]);
  const before = rangeOf(items[index - 1]);
  if (!range || !own) return undefined;
  if (flow) {
    if (next) return cut(text, own.start, next.start);
    return cut(text, before ? before.end : own.start, own.end);
  }
  const start = lineStart(text, own.start);
  // The line's own comment goes with it.
  const without = cut(text, start, Math.min(lineEnd(text, own.end) + newline(text).length, text.length));
  if (items.length > 1) return without;
  const colon = text.lastIndexOf('keys:', own.start) + 'keys:'.length;
  return put(without, colon, ' []');
}

/** What was written is read again: nothing but these keys may be another. */
function checked(
  edited: string | undefined,
  { text, file, email, keys }: { text: string; file: string; email: string; keys: readonly string[] },
): string {
  const before = parsed(text, file).toJS() as { roster: { email: string; keys?: unknown }[] };
  for (const person of before.roster) if (isSameAddress(person.email, email)) person.keys = keys;
  const after = edited === undefined ? undefined : parseDocument(edited);
  if (edited === undefined || !after || after.errors.length > 0 || !isDeepStrictEqual(after.toJS(), before))
    throw new InvalidInput([
      `${file}: the keys of ${email} can't be edited here; write them yourself, as: keys: [ssh-ed25519 AAAA…]`,
    ]);
  return edited;
}

/** Comments say nothing. */
export function isSame(one: string, other: string): boolean {
  const [a, b] = [parsePublicKey(one.trim()), parsePublicKey(other.trim())];
  return a.ok && b.ok && areEqual(a.key.blob, b.key.blob);
}

function areTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

/** Where a scalar stands, without what follows it. */
function rangeOf(node: unknown): { start: number; end: number } | undefined {
  if (!isScalar(node) || !node.range) return undefined;
  return { start: node.range[0], end: node.range[1] };
}

function put(text: string, at: number, added: string): string {
  return text.slice(0, at) + added + text.slice(at);
}

function cut(text: string, from: number, to: number): string {
  return text.slice(0, from) + text.slice(to);
}

function lineStart(text: string, at: number): number {
  return text.lastIndexOf('\n', at - 1) + 1;
}

/** Before the end of the line. */
function lineEnd(text: string, at: number): number {
  const end = text.indexOf(newline(text), at);
  return end === -1 ? text.length : end;
}

/** What stands before an item in its line: `    - `. */
function lead(text: string, at: number): string {
  return text.slice(lineStart(text, at), at);
}

function newline(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n';
}
