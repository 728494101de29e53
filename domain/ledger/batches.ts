/** Reads the batches of a ledger from its folder: lines, heads, and whose signature each head bears. */
import type { Entry } from '../entries';
import { canonical } from '../evidence/canonical';
import type { Finding, Folder, FolderFile, Sha256, Tools } from '../evidence/finding';
import { SIGNING_KEY } from '../evidence/manifest';
import { batchName, batchOf, isOfLedger, readLine, type EntryLine, type HeadLine } from './format';

/** A line that stands for an entry, or was meant to. */
export interface Line {
  readonly path: string;
  /** In its file, from 1. */
  readonly number: number;
  /** SHA-256, hexadecimal. */
  readonly hash: string;
  /** Nothing where it can't be read. */
  readonly read?: EntryLine;
}

export interface Batch {
  readonly path: string;
  /** As its path says. */
  readonly number: number;
  /** Of the file. */
  readonly sha256: string;
  readonly lines: readonly Line[];
  /** The last line, where it is a head. */
  readonly head?: HeadLine & { readonly number: number };
  /** Nothing speaks against the head: what it says of the lines is so. */
  readonly isSound: boolean;
}

export interface ReadLedger {
  /** In their order. Some may be missing. */
  readonly batches: readonly Batch[];
  /** Of the incident that it is the ledger of, as far as any head tells. */
  readonly codename?: string;
  readonly findings: readonly Finding[];
  /** Of the key that the signatures were checked with, hexadecimal. */
  readonly fingerprint?: string;
}

/** An entry, and where it stands. */
export interface PlacedEntry {
  readonly path: string;
  readonly line: number;
  readonly entry: Entry;
}

export function entriesOf(batches: readonly Batch[]): PlacedEntry[] {
  return batches.flatMap(({ lines }) =>
    lines.flatMap(({ path, number, read }) => (read ? [{ path, line: number, entry: read.entry }] : [])),
  );
}

/** `given` is the public key that whoever checks has from elsewhere, in PEM. */
export function readLedger(folder: Folder, tools: Tools, given?: string): ReadLedger {
  const parsed: Batch[] = [];
  const findings: Finding[] = [];
  for (const [path, file] of folder) {
    if (!isOfLedger(path)) continue;
    const number = batchOf(path);
    if (number === undefined) {
      findings.push({ path, problem: 'is no batch of the ledger: it was added or renamed' });
      continue;
    }
    const read = parseBatch(path, number, file, tools.sha256);
    parsed.push(read.batch);
    findings.push(...read.findings);
  }
  parsed.sort((a, b) => a.number - b.number);
  const codename = mostCommon(parsed.flatMap(({ head }) => (head ? [head.head.codename] : [])));
  const key = keyOf(folder, tools, parsed, given);
  const batches = parsed.map((batch) => {
    const against = batch.head ? problemsOfHead(batch, batch.head, codename, key, tools) : [];
    findings.push(
      ...against.map((problem) => ({ path: batch.path, line: batch.head?.number ?? 1, problem })),
    );
    return { ...batch, isSound: batch.head !== undefined && against.length === 0 };
  });
  return {
    batches,
    ...(codename !== undefined && { codename }),
    findings: [...missingBatches(parsed), ...key.findings, ...findings],
    ...(key.fingerprint !== undefined && { fingerprint: key.fingerprint }),
  };
}

function parseBatch(
  path: string,
  number: number,
  { text, sha256: whole }: FolderFile,
  sha256: Sha256,
): { batch: Batch; findings: Finding[] } {
  const findings: Finding[] = [];
  const found = (line: number | undefined, problem: string) =>
    findings.push({ path, ...(line !== undefined && { line }), problem });
  const batch = { path, number, sha256: whole, isSound: false };
  if (text === undefined) {
    found(undefined, 'is too long to be a batch of the ledger');
    return { batch: { ...batch, lines: [] }, findings };
  }
  const texts = text.split('\n');
  const rest = texts.pop() ?? '';
  // What was hashed is what was read only if nothing was lost in between.
  if (sha256(text) !== whole)
    found(
      1 +
        Math.max(
          0,
          texts.findIndex((line) => line.includes('\ufffd')),
        ),
      'is not UTF-8',
    );
  const lines: Line[] = [];
  let head: Batch['head'];
  for (const [index, line] of texts.entries()) {
    const at = index + 1;
    const read = readLine(line);
    if (read.kind === 'problem') found(at, read.problem);
    if (read.kind === 'head' && index === texts.length - 1) head = { ...read, number: at };
    else {
      if (read.kind === 'head') found(at, 'is a head, which only the last line is');
      lines.push({
        path,
        number: at,
        hash: sha256(line),
        ...(read.kind === 'entry' && { read: { entry: read.entry, prev: read.prev } }),
      });
    }
  }
  if (rest !== '') found(texts.length + 1, 'is cut off: it has no line feed at its end');
  else if (!head) found(texts.length + 1, 'missing: the batch ends without its head');
  return { batch: { ...batch, lines, ...(head && { head }) }, findings };
}

function missingBatches(batches: readonly Batch[]): Finding[] {
  let due = 1;
  return batches.flatMap(({ path, number }) => {
    const missing = Array.from({ length: Math.min(number - due, MOST_MISSING) }, (_, index) => due + index);
    due = number + 1;
    return missing.map((one) => ({ path: batchName(one), problem: `missing: ${path} comes after it` }));
  });
}

/** Of one gap, this many are named: a file of any number can be put into a folder. */
const MOST_MISSING = 100;

/** A file of another incident does not make the ledger another incident's. */
function mostCommon(names: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0];
}

// The key.

interface Key {
  /** Nothing where there is none to check with. */
  readonly pem?: string;
  readonly fingerprint?: string;
  /** Where it comes from, in words. */
  readonly from: string;
  readonly findings: readonly Finding[];
}

function keyOf(folder: Folder, tools: Tools, batches: readonly Batch[], given: string | undefined): Key {
  const pem = folder.get(SIGNING_KEY)?.text;
  const fingerprint = pem === undefined ? undefined : tools.fingerprint(pem);
  const wanted = given === undefined ? undefined : tools.fingerprint(given);
  const because = given === undefined ? ', so no signature could be checked' : '';
  const found = (problem: string) => [{ path: SIGNING_KEY, problem }];
  const inUse =
    given !== undefined && wanted !== undefined
      ? { from: 'the key given', pem: given, fingerprint: wanted }
      : { from: SIGNING_KEY, ...(pem !== undefined && fingerprint !== undefined && { pem, fingerprint }) };
  if (!folder.has(SIGNING_KEY)) return { ...inUse, findings: found(`missing${because}`) };
  if (fingerprint === undefined) return { ...inUse, findings: found(`holds no public key${because}`) };
  if (wanted !== undefined && fingerprint !== wanted)
    return { ...inUse, findings: found(`is not the key given: its fingerprint is ${fingerprint}`) };
  const named = batches.flatMap(({ head }) => (head ? [head.head.key.fingerprint] : []));
  if (given !== undefined || named.length === 0 || named.every((one) => one === fingerprint))
    return { ...inUse, findings: [] };
  // Where no head knows it, it is more likely that one file was changed than that all of them were.
  return named.includes(fingerprint)
    ? { ...inUse, findings: found('is not the key of every batch: it was replaced, or some of them were') }
    : { from: SIGNING_KEY, findings: found(`its fingerprint is in no head: it was replaced${because}`) };
}

/** Each to be read after the place of the head and a colon. */
function problemsOfHead(
  { path }: Batch,
  { head, signature }: HeadLine,
  codename: string | undefined,
  { pem, fingerprint, from }: Key,
  tools: Tools,
): string[] {
  const fits = (key: string) => tools.verifySignature(key, head.key.algorithm, canonical(head), signature);
  return [
    ...(batchName(head.batch) === path
      ? []
      : [`says that it is batch ${head.batch}: it was renamed or changed`]),
    ...(head.codename === codename ? [] : [`is of another incident: ${head.codename}, not ${codename}`]),
    ...(pem === undefined || head.key.fingerprint === fingerprint
      ? []
      : [`was signed with another key than ${from}: it names ${head.key.fingerprint}`]),
    ...(pem === undefined || head.key.fingerprint !== fingerprint || fits(pem)
      ? []
      : ['its signature does not fit: this line was changed, or lines of the batch and then this one']),
  ];
}
