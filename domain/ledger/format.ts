/** The ledger's files: what a batch consists of, and how a line of it is read. docs/ledger.md describes the format for people. */
import { canonical } from '../evidence/canonical';
import type { Sha256 } from '../evidence/finding';
import { aCount, aHash, aText, aTime, oneOf, optional, recordOf, type Check } from '../evidence/shape';
import type { Entry } from '../entries';

export const FORMAT = 'firebreak-ledger/1';

const FOLDER = 'ledger';

/** In the incident's folder. */
export const batchName = (batch: number) => `${FOLDER}/${String(batch).padStart(6, '0')}.jsonl`;

/** The number of the batch; nothing where that is the name of none. */
export function batchOf(path: string): number | undefined {
  const number = Number(/^ledger\/(\d{6,9})\.jsonl$/.exec(path)?.[1]);
  return number >= 1 && batchName(number) === path ? number : undefined;
}

/** Everything in there is the ledger's, and nothing of it is the evidence's. */
export function isOfLedger(path: string): boolean {
  return path === FOLDER || path.startsWith(`${FOLDER}/`);
}

/** What the first line follows: two ledgers have no line in common. */
export function beginningOf(codename: string, sha256: Sha256): string {
  return sha256(`${FORMAT} ${codename}`);
}

export interface EntryLine {
  /** As it stands in the timeline. */
  readonly entry: Entry;
  /** SHA-256 of the entry's line before, without its line feed; hexadecimal. */
  readonly prev: string;
}

/** What is signed of a batch. */
export interface Head {
  readonly format: typeof FORMAT;
  readonly codename: string;
  /** Counts from 1. */
  readonly batch: number;
  /** The numbers of its first and its last entry. Where it has none, `last` is that of the batch before. */
  readonly first: number;
  readonly last: number;
  /** SHA-256 of the last entry's line: it stands for all before it. */
  readonly line: string;
  /** SHA-256 of the file of the batch before; the first has none. */
  readonly previous?: string;
  /** RFC 3339, UTC. */
  readonly at: string;
  readonly closes: boolean;
  /** Of Firebreak. */
  readonly version: string;
  /** `fingerprint` is the SHA-256 of the public key in DER (SPKI), hexadecimal. */
  readonly key: { readonly algorithm: string; readonly fingerprint: string };
}

export interface HeadLine {
  readonly head: Head;
  /** Of the head in canonical JSON; base64. */
  readonly signature: string;
}

export interface BatchParts extends Pick<Head, 'codename' | 'batch' | 'closes' | 'version' | 'key'> {
  readonly entries: readonly Entry[];
  readonly before?: { readonly sha256: string; readonly line: string; readonly upTo: number };
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** The entries' lines of a batch, and its head, before anything is signed. */
export interface Composed {
  readonly lines: readonly string[];
  readonly head: Head;
}

/** @throws RangeError where the time is none, TypeError where something can't be written as JSON */
export function composeBatch(
  { entries, before, at, codename, ...rest }: BatchParts,
  sha256: Sha256,
): Composed {
  let line = before?.line ?? beginningOf(codename, sha256);
  const lines = entries.map((entry) => {
    const text = canonical({ entry, prev: line } satisfies EntryLine);
    line = sha256(text);
    return text;
  });
  const upTo = before?.upTo ?? 0;
  const head: Head = {
    format: FORMAT,
    codename,
    ...rest,
    first: upTo + 1,
    last: upTo + entries.length,
    line,
    ...(before && { previous: before.sha256 }),
    at: new Date(at).toISOString(),
  };
  return { lines, head };
}

/** The content of the file. Every line ends with a line feed. */
export function textOf({ lines, head }: Composed, signature: string): string {
  const last = canonical({ head, signature } satisfies HeadLine);
  return [...lines, last].map((line) => `${line}\n`).join('');
}

/** What was read of a line, or what is wrong with it: to be read after its place and a colon. */
export type Read =
  | ({ readonly kind: 'entry' } & EntryLine)
  | ({ readonly kind: 'head' } & HeadLine)
  | { readonly kind: 'problem'; readonly problem: string };

/**
 * A signed line may tell more of an entry than this version knows; what the check needs must be as it knows it. Door and proof may
 * be anything: whoever declares can send anything, and it is recorded.
 */
function withFields(fields: Readonly<Record<string, Check>>): Check {
  return (value) => {
    if (!isRecord(value)) return 'is no record';
    const known = Object.keys(fields).filter((name) => Object.hasOwn(value, name));
    return recordOf(fields)(Object.fromEntries(known.map((name) => [name, value[name]])));
  };
}

const aRecord: Check = (value) => (isRecord(value) ? undefined : 'is no record');
const aFlag: Check = (value) => (typeof value === 'boolean' ? undefined : 'is neither true nor false');
const aString: Check = (value) => (typeof value === 'string' ? undefined : 'is no text');

const ENTRY_LINE = recordOf({
  entry: withFields({
    seq: aCount,
    at: aCount,
    kind: aText,
    by: aString,
    text: aString,
    decision: optional(aText),
    times: optional(aCount),
    details: optional(aRecord),
  }),
  prev: aHash,
});

const HEAD_LINE = recordOf({
  head: recordOf({
    format: oneOf([FORMAT]),
    codename: aText,
    batch: aCount,
    first: aCount,
    last: aCount,
    line: aHash,
    previous: optional(aHash),
    at: aTime,
    closes: aFlag,
    version: aText,
    key: recordOf({ algorithm: aText, fingerprint: aHash }),
  }),
  signature: aText,
});

/** Never throws, whatever it is given. */
export function readLine(text: string): Read {
  const problem = (what: string): Read => ({ kind: 'problem', problem: what });
  let read: unknown;
  try {
    read = JSON.parse(text);
    if (canonical(read) !== text) return problem('is not in canonical form');
  } catch {
    // Not JSON, or nested so deep that only malice can have made it.
    return problem('is no JSON');
  }
  const isHead = isRecord(read) && Object.hasOwn(read, 'head');
  const wrong = isHead ? HEAD_LINE(read) : ENTRY_LINE(read);
  if (wrong !== undefined) return problem(`is no line of ${FORMAT}: ${wrong.replace(/^\./, '')}`);
  return isHead ? { kind: 'head', ...(read as HeadLine) } : { kind: 'entry', ...(read as EntryLine) };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
