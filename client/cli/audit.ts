/** `audit`: compares the ledger with what Temporal holds of the incident, and names each difference. */
import type { Client } from '@temporalio/client';
import { sentenceOfFinding } from '../../domain/evidence/finding';
import { InvalidInput } from '../errors';
import { auditIncident, type Audit } from '../ledger/audit';
import type { Options } from './declaration';
import { EXIT, type ExitStatus } from './exit';
import { documentOfLedger, inOneLine, linesOfLedger } from './ledger';
import { readKey } from './verify';

/**
 * @throws InvalidInput where there is no ledger, or no incident of that name can be asked for
 * @throws FileUnreadable where the key can't be read
 */
export async function audit(
  codename: string,
  options: Options,
  client: () => Promise<Client>,
  print: (text: string) => void,
): Promise<ExitStatus> {
  const { ledger: folder } = options;
  if (typeof folder !== 'string')
    throw new InvalidInput([
      "--ledger FOLDER: name the incident's folder, with its ledger in it (docs/ledger.md)",
    ]);
  const key = readKey(options['key']);
  const done = await auditIncident(await client(), codename, { folder, ...(key !== undefined && { key }) });
  print(options['json'] ? JSON.stringify(documentOf(done)) : formatAudit(done));
  return isAgreed(done) ? EXIT.done : EXIT.changed;
}

function isAgreed({ findings, differences }: Audit): boolean {
  return findings.length + differences.length === 0;
}

function documentOf(done: Audit) {
  const { codename, folder, ledger, temporal, differences, notes, findings } = done;
  return {
    agrees: isAgreed(done),
    codename,
    folder,
    ledger: documentOfLedger(ledger),
    temporal: temporal ?? null,
    differences,
    findings,
    notes,
  };
}

export function formatAudit(done: Audit): string {
  const { ledger, temporal, differences, notes, findings } = done;
  const lines = [
    ...linesOfLedger(ledger),
    ...(temporal
      ? [
          `  Temporal          ${temporal.status.toLowerCase()}; ${temporal.messages} messages in ${temporal.runs} runs${temporal.entries === undefined ? '' : `, ${temporal.entries} entries in its timeline`}`,
        ]
      : ['  Temporal          has nothing of it']),
    ...notes.map((note) => `! ${note}`),
    '',
  ];
  if (isAgreed(done))
    return [...lines, temporal ? 'ledger and Temporal agree' : 'intact'].map(inOneLine).join('\n');
  return [
    ...lines,
    ...(findings.length === 0 ? [] : [`NOT INTACT: ${findings.length} findings in the ledger itself`]),
    ...findings.map((finding) => `  - ${sentenceOfFinding(finding)}`),
    ...(differences.length === 0 ? [] : [`NOT THE SAME: ${differences.length} differences`]),
    ...differences.map(({ where, problem }) => `  - ${where}: ${problem}`),
  ]
    .map(inOneLine)
    .join('\n');
}
