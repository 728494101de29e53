/**
 * Checks the ledger of a folder by itself: no Temporal and no cloud is asked. Everything that was changed is named, as far as
 * the lines and the heads tell where.
 */
import type { Finding, Folder, Tools } from '../evidence/finding';
import { sentenceOfFinding } from '../evidence/finding';
import { isReadByCheck, SIGNING_KEY } from '../evidence/manifest';
import type { Crypto } from '../trust/proof';
import { entriesOf, readLedger, type Batch, type PlacedEntry } from './batches';
import { checkChain } from './check-chain';
import { checkProofs } from './check-proofs';
import { checkSeals } from './check-seals';
import { batchOf, isOfLedger } from './format';

export type LedgerTools = Tools & { readonly crypto: Crypto };

export interface CheckedLedger {
  /** Empty where the ledger is intact. */
  readonly findings: readonly Finding[];
  /** What is no finding, and to be said all the same. */
  readonly notices: readonly string[];
  readonly codename?: string;
  readonly batches: readonly Batch[];
  /** In their order, as far as they can be read. */
  readonly entries: readonly PlacedEntry[];
  /** Its end says that nothing comes after it. */
  readonly closes: boolean;
  /** Of the key that the signatures were checked with, hexadecimal. */
  readonly fingerprint?: string;
}

/** Whose text the check has to read, besides those of the evidence. */
export function isReadByLedgerCheck(path: string): boolean {
  return path === SIGNING_KEY || batchOf(path) !== undefined;
}

export function isLedgerFolder(paths: Iterable<string>): boolean {
  return [...paths].some(isOfLedger);
}

/** Whether a folder with a ledger holds evidence too. The key is beside either. */
export function hasEvidence(paths: Iterable<string>): boolean {
  return [...paths].some(
    (path) => path !== SIGNING_KEY && (isReadByCheck(path) || /^(?:captures|blocks)(?:\/|$)/.test(path)),
  );
}

/** `key` is the public key that whoever checks has from elsewhere, in PEM: the folder's own proves nothing by itself. */
export function checkLedger(folder: Folder, tools: LedgerTools, key?: string): CheckedLedger {
  const ledger = readLedger(folder, tools, key);
  const { batches, codename = '', fingerprint } = ledger;
  const entries = entriesOf(batches);
  const last = batches.at(-1);
  const closes = last?.head?.head.closes ?? false;
  const seals = checkSeals(entries, folder, codename, closes);
  const isWithEvidence = hasEvidence(folder.keys());
  const findings = [
    ...(batches.length > 0
      ? []
      : [{ path: 'ledger/000001.jsonl', problem: 'missing: there is no batch at all' }]),
    ...ledger.findings,
    ...checkChain(ledger, tools.sha256),
    ...checkEnds(entries, last, closes),
    ...checkProofs(entries, codename, tools.crypto),
    ...(isWithEvidence ? seals.findings : strays(folder)),
  ];
  const end = entries.at(-1)?.entry;
  return {
    findings: sorted(withoutEchoes(findings)),
    notices: [
      ...(closes
        ? []
        : [
            `the ledger ends at ${end ? `entry ${end.seq} of ${timeOf(end.at)}` : 'its beginning'} and does not close: compare with the room`,
          ]),
      ...(isWithEvidence || seals.told === 0
        ? []
        : [`the ledger tells of ${seals.told} seals, and no manifest is here: check the evidence as well`]),
      ...(isWithEvidence
        ? seals.untold.map((path) => `${path} is not in the ledger, which does not close`)
        : []),
    ],
    ...(ledger.codename !== undefined && { codename }),
    batches,
    entries,
    closes,
    ...(fingerprint !== undefined && { fingerprint }),
  };
}

/** RFC 3339. Whatever number a line holds, it is told. */
export function timeOf(at: number): string {
  return Number.isNaN(new Date(at).getTime()) ? String(at) : new Date(at).toISOString();
}

/** It begins with the declaration, and where it closes somebody has ended the incident. */
function checkEnds(entries: readonly PlacedEntry[], last: Batch | undefined, closes: boolean): Finding[] {
  const [first] = entries;
  const isEnded = entries.some(
    ({ entry: { kind, decision, details } }) =>
      kind === 'ended' ||
      (kind === 'decision' &&
        (decision === 'close' ||
          // It may be the request that ends it.
          decision === 'confirm' ||
          (decision === 'determine' && details?.['determination'] === 'stand-down'))),
  );
  return [
    ...(first?.entry.seq === 1 && first.entry.kind !== 'declared'
      ? [{ path: first.path, line: first.line, problem: 'is the first entry, and no declaration' }]
      : []),
    ...(closes && !isEnded && last?.head
      ? [
          {
            path: last.path,
            line: last.head.number,
            problem: 'closes the ledger, and no entry ends the incident',
          },
        ]
      : []),
  ];
}

/** Where there is no evidence whose own check would name it. */
function strays(folder: Folder): Finding[] {
  return [...folder.keys()]
    .filter((path) => path !== SIGNING_KEY && !isOfLedger(path))
    .map((path) => ({ path, problem: 'is no part of a ledger: it was added' }));
}

/** A line says more than that its file is another one, and what is wrong with it more than its number. */
function withoutEchoes(findings: readonly Finding[]): Finding[] {
  const isNumber = ({ problem }: Finding) => problem.startsWith('has the number');
  const placeOf = ({ path, line = 0 }: Finding) => `${path} ${line}`;
  const withLine = new Set(findings.flatMap(({ path, line }) => (line === undefined ? [] : [path])));
  const places = new Set(findings.filter((one) => !isNumber(one)).map(placeOf));
  const bySentence = new Map(findings.map((one) => [sentenceOfFinding(one), one]));
  return [...bySentence.values()].filter((one) => {
    const isOfFile = one.line === undefined && one.problem.startsWith('its SHA-256');
    return !(isOfFile && withLine.has(one.path)) && !(isNumber(one) && places.has(placeOf(one)));
  });
}

function sorted(findings: readonly Finding[]): Finding[] {
  return [...findings].sort(
    (a, b) => (a.path < b.path ? -1 : Number(a.path > b.path)) || (a.line ?? 0) - (b.line ?? 0),
  );
}
