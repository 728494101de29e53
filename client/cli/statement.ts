/** The public statement on this machine: how its file is read, and what is printed of it. */
import { open, writeFile } from 'node:fs/promises';
import type { CommunicationView } from '../../domain/communication-view';
import type { Blocker } from '../../domain/gates';
import { timeOf } from '../../domain/markdown';
import { readDocument } from '../../domain/statement/document';
import type { StatementFinding } from '../../domain/statement/finding';
import { textHash } from '../../domain/statement/hash';
import { InvalidInput } from '../errors';

/** As the incident takes it. */
const MOST_CHARACTERS = 64_000;

/** UTF-8 writes a UTF-16 unit with at most three bytes; a mark of the encoding stands before them. */
const MOST_BYTES = 3 * MOST_CHARACTERS + 3;

const HOW = 'name a text in Markdown, in UTF-8, of at most 64,000 characters';

/** The text of a file, or of standard input for `-`. Never more of it than a statement may have. @throws InvalidInput */
export async function readStatement(
  file: string,
  input: AsyncIterable<Uint8Array | string> = process.stdin,
): Promise<string> {
  const name = nameOf(file);
  const refuse = (why: string): never => {
    throw new InvalidInput([`${name}: ${why}; ${HOW}`]);
  };
  const bytes = file === '-' ? await readInput(input) : await readFile(file, refuse);
  if (bytes.length > MOST_BYTES) refuse('too long');
  // An image or an archive, or text in UTF-16.
  if (bytes.includes(0)) refuse('holds no text (there are NUL bytes in it)');
  let text = '';
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    refuse('is not in UTF-8');
  }
  const control = /[^\P{Cc}\n\r\t\f\u0085]/u.exec(text);
  if (control) {
    const { line, column } = readDocument(text).place(control.index);
    refuse(`holds no text (a control character in line ${line}, column ${column})`);
  }
  if (text.length > MOST_CHARACTERS) refuse(`has ${text.length} characters`);
  if (text.trim() === '') refuse('is empty');
  if (!readDocument(text).blocks.some((block) => block.kind !== 'aside' && /[\p{L}\p{N}]/u.test(block.text)))
    refuse('holds nothing that anybody could read');
  return text;
}

async function readInput(input: AsyncIterable<Uint8Array | string>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of input) {
    chunks.push(Buffer.from(chunk));
    length += chunk.length;
    if (length > MOST_BYTES) break;
  }
  return Buffer.concat(chunks);
}

async function readFile(file: string, refuse: (why: string) => never): Promise<Uint8Array> {
  const handle = await open(file, 'r').catch((error: NodeJS.ErrnoException) =>
    refuse(`can't be read (${error.code ?? 'unknown error'})`),
  );
  try {
    const stat = await handle.stat();
    if (stat.isDirectory()) refuse('is a folder');
    if (stat.size > MOST_BYTES) refuse(`has ${stat.size} bytes`);
    // A device or a pipe has no size, and may have no end.
    const buffer = new Uint8Array(MOST_BYTES + 1);
    let length = 0;
    for (;;) {
      const { bytesRead } = await handle.read(buffer, length, buffer.length - length, null);
      length += bytesRead;
      if (bytesRead === 0 || length === buffer.length) return buffer.subarray(0, length);
    }
  } finally {
    await handle.close();
  }
}

/** A draft, where there is no file yet. @throws InvalidInput */
export async function writeDraft(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text, { flag: 'wx' });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new InvalidInput([
      code === 'EEXIST'
        ? `${nameOf(file)}: exists already, and a draft overwrites nothing; name another file`
        : `${nameOf(file)}: can't be written (${code}); name a file in a folder that is yours`,
    ]);
  }
}

function nameOf(file: string): string {
  return file === '-' ? 'standard input' : file.replace(/\s+/g, ' ');
}

/** As compilers write, so that editors find the place. */
export function formatFindings(file: string, findings: readonly StatementFinding[]): string {
  const lines = findings.flatMap(({ line, column, message, source }) => [
    `${nameOf(file)}:${line}:${column}: ${inOneLine(message)}`,
    `    "${source}"`,
  ]);
  return [...lines, `${nameOf(file)}: ${countOf(findings)}`].join('\n');
}

function countOf(findings: readonly StatementFinding[]): string {
  const left = findings.find(({ rule }) => rule === 'more');
  const more = left ? Number(/\d+/.exec(left.message)?.[0] ?? 0) - 1 : 0;
  const count = findings.length + more;
  return count === 0 ? 'no findings' : `${count} ${count === 1 ? 'finding' : 'findings'}`;
}

function inOneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

/** Local: what the calendar on the wall says. */
export function today(now = new Date()): string {
  const two = (number: number) => String(number).padStart(2, '0');
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}

/** Where two texts begin to differ; nothing where they are the same. */
export function differenceOf(
  one: string,
  other: string,
): { readonly line: number; readonly column: number } | undefined {
  if (one === other) return undefined;
  let index = 0;
  while (index < one.length && one[index] === other[index]) index += 1;
  const before = one.slice(0, index);
  const line = before.split('\n').length;
  return { line, column: index - before.lastIndexOf('\n') };
}

export function formatRefused(text: string, reasons: readonly Blocker[]): string {
  return [
    `Refused: ${text}`,
    ...reasons.map(({ reason, source }) => `  - ${reason}${source ? `\n    "${source}"` : ''}`),
  ].join('\n');
}

export type ShownStatement = NonNullable<CommunicationView['statement']>;

/** What an approval is bound to, above the text itself. */
export function headOf({ version, by, at, sha256, text, request, state, waitsFor }: ShownStatement): string {
  const own = textHash(text);
  return [
    `version ${version}, submitted by ${by}, ${timeOf(at)}`,
    `SHA-256 ${own}${own === sha256 ? '' : ` (the incident says ${sha256})`}`,
    `${request}: ${state}${waitsFor.length > 0 ? `, waits for ${waitsFor.join(', and ')}` : ''}`,
  ].join('\n');
}
