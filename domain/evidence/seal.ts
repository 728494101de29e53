/** What a seal consists of, before anything is written or signed. */
import { checkCustody } from './check-custody';
import { problemsOfManifest, problemsOfSuccession } from './check-manifests';
import { canonical } from './canonical';
import { custodyLines, custodyText, headOf } from './custody';
import type { Finding, Sha256 } from './finding';
import type { CustodyRecord, EvidenceItem } from './items';
import {
  custodyName,
  manifestName,
  manifestOf,
  readManifest,
  SIGNING_KEY,
  type Manifest,
  type ManifestFile,
  type ManifestItem,
} from './manifest';

export interface SealParts {
  readonly codename: string;
  readonly sequence: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly version: string;
  readonly items: readonly EvidenceItem[];
  readonly custody: readonly CustodyRecord[];
  /** Those that are no part of a seal; their paths, as those of items, may begin with the codename. */
  readonly files: readonly ManifestFile[];
  /** The seal before, and its two files. */
  readonly before?: { readonly manifest: Manifest; readonly files: readonly [ManifestFile, ManifestFile] };
  /** The public key, in PEM. */
  readonly pem: string;
  readonly key: Manifest['key'];
}

export interface Composed {
  readonly manifest: Manifest;
  /** The content of the chain of custody's file. */
  readonly custody: string;
  /** Where the check would not accept it. */
  readonly findings: readonly Finding[];
}

/** @throws RangeError where a time is none, TypeError where something can't be written as JSON */
export function composeSeal(parts: SealParts, sha256: Sha256, describe: Describe): Composed {
  const { codename, sequence, before, files, key } = parts;
  const short = (path: string) => inFolder(codename, path);
  const lines = custodyLines(
    parts.custody.map((record) => ({ ...record, item: short(record.item) })),
    sha256,
  );
  const custody = custodyText(lines);
  const [previous] = before?.files ?? [];
  const manifest = manifestOf({
    codename,
    sequence,
    at: parts.at,
    version: parts.version,
    items: parts.items.map(({ from, ...item }) => ({
      ...item,
      id: short(item.id),
      ...(from !== undefined && { from: short(from) }),
    })),
    files: withoutDoubles([
      ...(before?.manifest.files ?? []),
      ...(before?.files ?? []),
      ...files.map(({ path, bytes, sha256 }) => ({ path: short(path), bytes, sha256 })),
      describe(SIGNING_KEY, parts.pem),
      describe(custodyName(sequence), custody),
    ]),
    custody: { records: lines.length, head: headOf(lines, sha256) },
    ...(previous && { previous: { path: previous.path, sha256: previous.sha256 } }),
    key,
  });
  const path = manifestName(sequence);
  const read = readManifest(canonical(manifest));
  const problems = [
    ...('problem' in read ? [read.problem] : []),
    ...problemsOfManifest(manifest),
    ...(before ? problemsOfSuccession(before.manifest, manifest) : []),
  ];
  return {
    manifest,
    custody,
    findings: [
      ...problems.map((problem) => ({ path, problem })),
      ...checkCustody(manifest.custody.file, custody, sha256, manifest),
      ...(before ? checkGrowth(before.manifest, lines, manifest, sha256) : []),
    ],
  };
}

/** A file of the folder with that text, which is written as UTF-8. */
export type Describe = (path: string, text: string) => ManifestFile;

/** The folder is copied out of the bucket, and does not know what it was called there. */
export function inFolder(codename: string, path: string): string {
  return path.startsWith(`${codename}/`) ? path.slice(codename.length + 1) : path;
}

/** The same file is told again by every seal. Two contents under one path stay two, and are found. */
function withoutDoubles(files: readonly ManifestFile[]): ManifestFile[] {
  return [...new Map(files.map((file) => [canonical(file), file])).values()];
}

/**
 * A manifest of the same number that an attempt before this one wrote and did not complete, with its chain of custody. The
 * evidence may have grown since, so it may say less than ours; but nothing that is not so, or whoever can write to the
 * bucket could have it signed. Undefined where it is no such manifest.
 */
export function takeUp(
  begun: Manifest,
  ours: Composed,
  before: Manifest | undefined,
  sha256: Sha256,
  describe: Describe,
): Composed | undefined {
  const { records, head } = begun.custody;
  const lines = ours.custody.split('\n').slice(0, -1).slice(0, records);
  const custody = custodyText(lines);
  const files = [...ours.manifest.files, describe(ours.manifest.custody.file, custody)].map(canonical);
  const known = new Map(ours.manifest.items.map((item) => [item.id, item]));
  const isSo =
    canonical(frameOf(begun)) === canonical(frameOf(ours.manifest)) &&
    begun.sealedAt <= ours.manifest.sealedAt &&
    headOf(lines, sha256) === head &&
    begun.files.every((file) => files.includes(canonical(file))) &&
    begun.items.every((item) => isEarlier(item, known.get(item.id))) &&
    problemsOfManifest(begun).length === 0 &&
    (!before || problemsOfSuccession(before, begun).length === 0) &&
    checkCustody(begun.custody.file, custody, sha256, begun).length === 0;
  return isSo ? { manifest: begun, custody, findings: [] } : undefined;
}

/** What every attempt at one seal has in common. */
function frameOf({ codename, sequence, custody, previous, key }: Manifest) {
  return { codename, sequence, file: custody.file, previous, key };
}

/** Whether the item can have looked like this before. */
function isEarlier(item: ManifestItem, now: ManifestItem | undefined): boolean {
  const { kind, of, from, account, region, bytes, sha256 } = item;
  const asNow = { kind, of, from, account, region, bytes, sha256 };
  return (
    now !== undefined &&
    canonical({ ...now, ...withoutGaps(asNow) }) === canonical(now) &&
    (item.state === 'requested' || now.state === 'complete') &&
    (!item.lock || now.lock !== undefined)
  );
}

function withoutGaps(fields: object): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function checkGrowth(before: Manifest, lines: readonly string[], now: Manifest, sha256: Sha256): Finding[] {
  const { records, head } = before.custody;
  if (headOf(lines.slice(0, records), sha256) === head) return [];
  const problem = `does not begin with the records of ${before.custody.file}`;
  return [{ path: now.custody.file, line: records, problem }];
}
