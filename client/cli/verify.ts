/** `verify`: checks evidence and ledger of a folder on this machine alone, without a server, a cloud or any configuration. */
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { checkEvidence, isEvidenceFolder, type Checked } from '../../domain/evidence/check';
import { sentenceOfFinding, type Finding } from '../../domain/evidence/finding';
import { checkLedger, hasEvidence, isLedgerFolder, type CheckedLedger } from '../../domain/ledger/check';
import { InvalidInput } from '../errors';
import { codeOf, readFolder, type ReadFolder } from '../evidence/folder';
import { TOOLS } from '../evidence/tools';
import { LEDGER_TOOLS } from '../ledger/tools';
import { readText } from '../read-text';
import type { Options } from './declaration';
import { EXIT, type ExitStatus } from './exit';
import { documentOfLedger, inOneLine, linesOfLedger } from './ledger';

/** As `cmp` and `sha256sum --check` end where something differs. */
const CHANGED = EXIT.changed;

const HOW =
  'name a folder with manifest-1.json in it, or with a ledger: a copy of what is under CODENAME/ in the evidence bucket, or in the folder that the ledger is written to (docs/evidence.md, docs/ledger.md)';

/**
 * @throws InvalidInput where the folder can't be read or holds neither, and where the key is none
 * @throws FileUnreadable where the key can't be read
 */
export async function verify(
  named: string,
  options: Options,
  print: (text: string) => void,
): Promise<ExitStatus> {
  const key = readKey(options['key']);
  const report = check(await findFolder(named), key);
  print(options['json'] ? JSON.stringify(documentOf(report)) : formatReport(report, named));
  return report.findings.length === 0 ? EXIT.done : CHANGED;
}

export function readKey(file: Options[string]): string | undefined {
  if (typeof file !== 'string') return undefined;
  const pem = readText(file, 'public key, in PEM');
  if (TOOLS.fingerprint(pem) === undefined)
    throw new InvalidInput([`--key ${file}: holds no public key in PEM ("-----BEGIN PUBLIC KEY-----")`]);
  return pem;
}

interface Found {
  readonly folder: string;
  readonly read: ReadFolder;
  /** Everything in it, also what can't be read. */
  readonly paths: readonly string[];
}

/** The folder itself, or the one called "evidence" in it. */
async function findFolder(named: string): Promise<Found> {
  const inside = join(named, 'evidence');
  for (const folder of [named, inside]) {
    if (folder === inside && !(await isFolder(inside))) break;
    const read = await readFolder(folder).catch((error: unknown) => {
      throw new InvalidInput([`${folder}: can't be read as a folder (${codeOf(error)}); ${HOW}`]);
    });
    const paths = [...read.files.keys(), ...read.findings.map(({ path }) => path)];
    if (isEvidenceFolder(paths) || isLedgerFolder(paths)) return { folder, read, paths };
  }
  throw new InvalidInput([`${named}: holds no evidence and no ledger; ${HOW}`]);
}

async function isFolder(path: string): Promise<boolean> {
  return lstat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

interface Report {
  readonly folder: string;
  readonly evidence?: Checked;
  readonly ledger?: CheckedLedger;
  readonly findings: readonly Finding[];
  readonly isKeyGiven: boolean;
}

function check({ folder, read, paths }: Found, key: string | undefined): Report {
  const isLedger = isLedgerFolder(paths);
  const evidence = isLedger && !hasEvidence(paths) ? undefined : checkEvidence(read.files, TOOLS, key);
  const ledger = isLedger ? checkLedger(read.files, LEDGER_TOOLS, key) : undefined;
  // A link has no place in the folder, and a file that can't be read is not missing.
  const elsewhere = new Set(read.findings.map(({ path }) => path));
  const isSaid = ({ path, problem }: Finding) => elsewhere.has(path) && problem.startsWith('missing');
  const found = [...(evidence?.findings ?? []), ...(ledger?.findings ?? [])].filter((one) => !isSaid(one));
  const findings = new Map([...found, ...read.findings].map((one) => [sentenceOfFinding(one), one]));
  return {
    folder,
    ...(evidence && { evidence }),
    ...(ledger && { ledger }),
    findings: [...findings.values()],
    isKeyGiven: key !== undefined,
  };
}

function documentOf({ folder, evidence, ledger, findings, isKeyGiven }: Report) {
  const last = evidence?.last;
  const codename = last?.manifest.codename ?? ledger?.codename;
  return {
    intact: findings.length === 0,
    folder,
    ...(evidence && { seals: evidence.seals, files: evidence.files }),
    key: { fingerprint: evidence?.fingerprint ?? ledger?.fingerprint, given: isKeyGiven },
    ...(codename !== undefined && { codename }),
    ...(last && {
      items: last.manifest.items.length,
      records: last.manifest.custody.records,
      last: { path: last.path, sha256: last.sha256, sealedAt: last.manifest.sealedAt },
    }),
    ...(ledger && { ledger: documentOfLedger(ledger) }),
    findings,
  };
}

function formatReport(report: Report, named: string): string {
  const { folder, evidence, ledger, findings } = report;
  const fingerprint = evidence?.fingerprint ?? ledger?.fingerprint;
  const lines = [
    ...(folder === named ? [] : [`${named} holds neither manifest nor ledger itself: this is ${folder}.`]),
    ...(evidence ? linesOfEvidence(evidence) : []),
    ...(ledger ? linesOfLedger(ledger) : []),
    ...(fingerprint === undefined
      ? []
      : [`  signing key       ${fingerprint}`, `                    ${aboutKey(report, fingerprint)}`]),
    ...(ledger?.notices ?? []).map((notice) => `! ${notice}`),
    '',
  ];
  if (findings.length === 0) return [...lines, 'intact'].map(inOneLine).join('\n');
  const found = findings.map((finding) => `  - ${sentenceOfFinding(finding)}`);
  return [...lines, `NOT INTACT: ${findings.length} findings`, ...found].map(inOneLine).join('\n');
}

function linesOfEvidence({ last, seals, files }: Checked): string[] {
  return [
    ...(last ? [`Evidence of ${last.manifest.codename}`] : []),
    `  manifests         ${seals}${last ? `, the last of ${last.manifest.sealedAt}` : ''}`,
    ...(last ? [`                    SHA-256 of ${last.path}: ${last.sha256}`] : []),
    `  files             ${files}`,
    ...(last
      ? [
          `  items             ${last.manifest.items.length}`,
          `  custody records   ${last.manifest.custody.records}`,
        ]
      : []),
  ];
}

function aboutKey({ evidence, ledger, isKeyGiven }: Report, fingerprint: string): string {
  if (!isKeyGiven)
    return 'compare it with the one that your security team published, or give that with --key';
  const named = [
    evidence?.last?.manifest.key.fingerprint,
    ledger?.batches.at(-1)?.head?.head.key.fingerprint,
  ].filter((one) => one !== undefined);
  return named.length > 0 && named.every((one) => one === fingerprint)
    ? 'matches --key'
    : 'is of --key, and not the one in the folder';
}
