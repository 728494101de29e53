/** What `evidence` and `contain --dry-run` print. */
import { SUB_STEPS, type SubStep } from '../../domain/containment';
import { CUSTODY_EVENTS, type EvidenceItem, type ItemKind } from '../../domain/evidence/items';
import type { Evidence } from '../../domain/evidence/store';
import { timeOf } from '../../domain/markdown';
import type { RehearsedSubStep } from '../../workflows/containment/messages';
import { table } from './table';

/** Everything that was kept, where it is and how it is locked; and with `all`, who had it when. */
export function formatEvidence(codename: string, evidence: Evidence, all: boolean): string {
  const { items, custody, seals, goodLock, failing } = evidence;
  const kept = Object.values(items);
  if (kept.length === 0) return `${codename}: no evidence is kept yet.`;
  const lines = [table(['item', 'of', 'what', 'where', 'lock', 'SHA-256'], kept.map(rowOf))];
  for (const { id, noHashBecause } of kept)
    if (noHashBecause !== undefined) lines.push(`! ${id}: no hash: ${noHashBecause}`);
  if (goodLock) lines.push('', `Locked for good by order of ${goodLock.by}, ${timeOf(goodLock.at)}.`);
  const seal = seals.at(-1);
  lines.push(
    '',
    seal
      ? `Sealed: ${seal.path}, ${timeOf(seal.at)}; it covers ${seal.records} of ${custody.length} records of custody.`
      : 'Not sealed yet: that is done once every containment is through.',
  );
  if (failing !== undefined) lines.push(`! ${failing}`);
  if (all)
    lines.push(
      '',
      'Chain of custody:',
      ...custody.map(
        ({ seq, at, item, event, by, holder, note }) =>
          `${String(seq).padStart(4)}  ${timeOf(at)}  ${item}: ${CUSTODY_EVENTS[event]} by ${by}; with ${holder}${note === undefined ? '' : ` (${note})`}`,
      ),
    );
  else lines.push(`Who had what when: firebreak evidence ${codename} --all`);
  return lines.join('\n');
}

/** Short, for a table. */
const WORD: Readonly<Record<ItemKind, string>> = {
  capture: 'capture',
  snapshot: 'image',
  copy: 'copy of an image',
  memory: 'memory',
  blocks: 'block hashes',
};

/** Files are named in the evidence folder, which bears the codename. */
function shortOf(id: string): string {
  return id.replace(/^[a-z]+-[a-z]+\//, '');
}

function rowOf({ id, of, kind, moment, account, region, lock, sha256, state }: EvidenceItem): string[] {
  return [
    shortOf(id),
    of,
    `${WORD[kind]}${moment ? `, ${moment}` : ''}${state === 'requested' ? ', not complete' : ''}`,
    account === undefined && region === undefined
      ? 'cold storage'
      : [account, region].filter(Boolean).join(' '),
    lock ? `${lock.mode} until ${new Date(lock.until).toISOString().slice(0, 10)}` : '',
    sha256 === undefined ? '' : `${sha256.slice(0, 12)}…`,
  ];
}

/** Every call that would be made, and what AWS's own dry run says of it. */
export function formatRehearsal(instance: string, subSteps: readonly RehearsedSubStep[]): string {
  const count = subSteps.reduce((sum, { calls }) => sum + calls.length, 0);
  const lines = [`${instance}: containment would make ${count} changes. Nothing was changed.`];
  for (const { subStep, calls, problem } of subSteps) {
    lines.push('', `${SUB_STEPS[subStep as SubStep] ?? subStep}:`);
    if (problem !== undefined) lines.push(`      ! ${problem}`);
    if (calls.length === 0 && problem === undefined) lines.push('      nothing to change');
    for (const { action, parameters, dryRun, refusal } of calls)
      lines.push(
        `      ${action} ${JSON.stringify(parameters)}`,
        `          dry run: ${dryRun}${refusal === undefined ? '' : `: ${refusal}`}`,
      );
  }
  return lines.join('\n');
}
