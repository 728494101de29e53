/** `verify`: checks an evidence folder on this machine alone, without a server, a cloud or any configuration. */
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { checkEvidence, isEvidenceFolder, type Checked } from '../../domain/evidence/check';
import { sentenceOfFinding, type Finding } from '../../domain/evidence/finding';
import { InvalidInput } from '../errors';
import { codeOf, readFolder, type ReadFolder } from '../evidence/folder';
import { TOOLS } from '../evidence/tools';
import { readText, type Options } from './declaration';
import { EXIT, type ExitStatus } from './exit';

/** As `cmp` and `sha256sum --check` end where something differs; EXIT has no name for it, as no other command does so. */
const CHANGED = EXIT.changed;

const HOW =
  'name a folder with manifest-1.json in it: a copy of what is under CODENAME/ in the evidence bucket (docs/evidence.md)';

/**
 * @throws InvalidInput where the folder can't be read or holds no evidence, and where the key is none
 * @throws FileUnreadable where the key can't be read
 */
export async function verify(
  named: string,
  options: Options,
  print: (text: string) => void,
): Promise<ExitStatus> {
  const key = readKey(options['key']);
  const { folder, read } = await findEvidence(named);
  const checked = checkEvidence(read.files, TOOLS, key);
  // A link has no place in the folder, and a file that can't be read is not missing.
  const elsewhere = new Set(read.findings.map(({ path }) => path));
  const isSaid = ({ path, problem }: Finding) => elsewhere.has(path) && problem.startsWith('missing');
  const findings = [...checked.findings.filter((one) => !isSaid(one)), ...read.findings];
  const report = { folder, checked, findings, isKeyGiven: key !== undefined };
  print(options['json'] ? JSON.stringify(documentOf(report)) : formatReport(report, named));
  return findings.length === 0 ? EXIT.done : CHANGED;
}

function readKey(file: Options[string]): string | undefined {
  if (typeof file !== 'string') return undefined;
  const pem = readText(file, 'public key, in PEM');
  if (TOOLS.fingerprint(pem) === undefined)
    throw new InvalidInput([`--key ${file}: holds no public key in PEM ("-----BEGIN PUBLIC KEY-----")`]);
  return pem;
}

/** The folder itself, or the one called "evidence" in it. */
async function findEvidence(named: string): Promise<{ folder: string; read: ReadFolder }> {
  const inside = join(named, 'evidence');
  for (const folder of [named, inside]) {
    if (folder === inside && !(await isFolder(inside))) break;
    const read = await readFolder(folder).catch((error: unknown) => {
      throw new InvalidInput([`${folder}: can't be read as a folder (${codeOf(error)}); ${HOW}`]);
    });
    const paths = [...read.files.keys(), ...read.findings.map(({ path }) => path)];
    if (isEvidenceFolder(paths)) return { folder, read };
  }
  throw new InvalidInput([`${named}: holds no evidence; ${HOW}`]);
}

async function isFolder(path: string): Promise<boolean> {
  return lstat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

interface Report {
  readonly folder: string;
  readonly checked: Checked;
  readonly findings: readonly Finding[];
  readonly isKeyGiven: boolean;
}

function documentOf({ folder, checked, findings, isKeyGiven }: Report) {
  const { last, fingerprint, seals, files } = checked;
  return {
    intact: findings.length === 0,
    folder,
    seals,
    files,
    key: { fingerprint, given: isKeyGiven },
    ...(last && {
      codename: last.manifest.codename,
      items: last.manifest.items.length,
      records: last.manifest.custody.records,
      last: { path: last.path, sha256: last.sha256, sealedAt: last.manifest.sealedAt },
    }),
    findings,
  };
}

function formatReport({ folder, checked, findings, isKeyGiven }: Report, named: string): string {
  const { last, fingerprint, seals, files } = checked;
  const lines = [
    ...(folder === named ? [] : [`${named} holds no manifest itself: this is ${folder}.`]),
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
    ...(fingerprint === undefined
      ? []
      : [`  signing key       ${fingerprint}`, `                    ${aboutKey(checked, isKeyGiven)}`]),
    '',
  ];
  if (findings.length === 0) return [...lines, 'intact'].map(inOneLine).join('\n');
  const found = findings.map((finding) => `  - ${sentenceOfFinding(finding)}`);
  return [...lines, `NOT INTACT: ${findings.length} findings`, ...found].map(inOneLine).join('\n');
}

function aboutKey({ last, fingerprint }: Checked, isKeyGiven: boolean): string {
  if (!isKeyGiven)
    return 'compare it with the one that your security team published, or give that with --key';
  return last?.manifest.key.fingerprint === fingerprint
    ? 'matches --key'
    : 'is of --key, and not the one in the folder';
}

/** A file's name may hold a line feed, or turn the direction of writing, and must not look like an answer of ours. */
function inOneLine(line: string): string {
  return line.replace(
    /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  );
}
