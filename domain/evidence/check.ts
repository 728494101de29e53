/**
 * Checks an evidence folder by itself: no cloud and no Temporal is asked. Everything that was changed is named; where two
 * files contradict each other and nothing says which of them was changed, both are.
 */
import { checkCustody } from './check-custody';
import { checkFiles } from './check-files';
import { checkManifests, problemsOfManifest, type ReadSeal } from './check-manifests';
import { sentenceOfFinding, type Finding, type Folder, type Tools } from './finding';
import { custodyName, isReadByCheck, type Manifest } from './manifest';
import { isOfLedger } from '../ledger/format';

export interface Checked {
  /** Empty where the evidence is intact. */
  readonly findings: readonly Finding[];
  readonly seals: number;
  readonly files: number;
  /** The last manifest that can be read, and the SHA-256 of its file. */
  readonly last?: { readonly path: string; readonly sha256: string; readonly manifest: Manifest };
  /** Of the key that the signatures were checked with, hexadecimal. */
  readonly fingerprint?: string;
}

export function isEvidenceFolder(paths: Iterable<string>): boolean {
  return [...paths].some(isReadByCheck);
}

/** `key` is the public key that whoever checks has from elsewhere, in PEM: the folder's own proves nothing by itself. */
export function checkEvidence(whole: Folder, tools: Tools, key?: string): Checked {
  // The ledger is beside it, and has a check of its own.
  const folder = new Map([...whole].filter(([path]) => !isOfLedger(path)));
  const manifests = checkManifests(folder, tools, key);
  const { seals, fingerprint } = manifests;
  const custody = seals.flatMap((seal) => {
    const { file } = seal.manifest.custody;
    const text = folder.get(file)?.text;
    return text === undefined
      ? []
      : checkCustody(file, text, tools.sha256, seal.inDoubt ? undefined : seal.manifest);
  });
  const told = [...manifests.findings, ...custody];
  const found = [
    ...(seals.length > 0 || manifests.findings.length > 0
      ? []
      : [{ path: 'manifest-1.json', problem: 'missing: there is no manifest at all' }]),
    ...manifests.findings,
    ...seals.filter(({ inDoubt }) => !inDoubt).flatMap(agreement),
    // A line says more than that the file is another one.
    ...checkFiles(folder, manifests).filter(({ path, problem }) => !isTold({ path, problem }, told)),
    ...custody,
    ...checkGrowth(folder, seals, custody),
  ];
  const last = seals.at(-1);
  return {
    findings: [...new Map(found.map((one) => [sentenceOfFinding(one), one])).values()],
    seals: seals.length,
    files: folder.size,
    ...(last && { last: { path: last.path, sha256: last.sha256, manifest: last.manifest } }),
    ...(fingerprint !== undefined && { fingerprint }),
  };
}

function agreement({ path, manifest }: ReadSeal): Finding[] {
  return problemsOfManifest(manifest).map((problem) => ({ path, problem }));
}

function isTold({ path, problem }: Finding, told: readonly Finding[]): boolean {
  return told.some(
    (other) =>
      other.path === path &&
      (other.line !== undefined || (problem.startsWith('missing') && other.problem.startsWith('missing'))),
  );
}

/** The records of one seal are the first records of the next. */
function checkGrowth(folder: Folder, seals: readonly ReadSeal[], known: readonly Finding[]): Finding[] {
  return seals.flatMap((later, index) => {
    const before = custodyName(seals[index - 1]?.manifest.sequence ?? 0);
    const path = later.manifest.custody.file;
    const [earlier, text] = [folder.get(before)?.text, folder.get(path)?.text];
    if (earlier === undefined || text === undefined || text.startsWith(earlier)) return [];
    if (known.some((finding) => [before, path].includes(finding.path))) return [];
    const lines = text.split('\n');
    const line = 1 + earlier.split('\n').findIndex((one, number) => one !== lines[number]);
    return [{ path, line, problem: `is not the line of ${before}: the chain was written anew` }];
  });
}
