/** The judgement of a drill, of its decisions: the hard rules, read again from the entries alone. */
import type { Entry } from '../domain/entries';
import { Standing } from './audit-standing';

export function order(entries: readonly Entry[]): string[] {
  const found: string[] = [];
  const standing = new Standing();
  for (const entry of entries) {
    if (entry.kind === 'decision') {
      const tasks = entry.decision === 'completeTasks' ? (entry.details?.['tasks'] as string[]) : [];
      const wrong = [
        ...tasks.flatMap((task) => wrongWith(task, standing)),
        ...(entry.decision === 'submitStatement' && !standing.hasFiveFacts
          ? ['a statement was submitted before the five facts']
          : []),
        ...(entry.decision === 'submitNote' && !standing.isFromOutside
          ? ['an internal note was submitted before forensics confirmed an external source']
          : []),
      ];
      found.push(...wrong.map((what) => `entry ${entry.seq}: ${what}`));
    }
    standing.apply(entry);
  }
  return found;
}

function wrongWith(task: string, standing: Standing): string[] {
  const wrong: string[] = [];
  const need = (holds: boolean, what: string) => {
    if (!holds) wrong.push(`${task} was done ${what}`);
  };
  need(standing.determined || STEP_3.has(task), 'before the determination');
  if (FORENSIC.has(task)) need(standing.isSecuredAndWatched, 'before the systems were secured and monitored');
  if (INTERNAL.has(task)) need(standing.isFromOutside, 'before forensics confirmed an external source');
  const contact = contactOf(task);
  if (contact !== undefined) need(standing.mayBeTold(contact), 'without forensics and approval');
  if (PUBLIC.has(task)) need(standing.hasFiveFacts, 'before the five facts');
  if (task === 'releaseStatement' && !standing.mayRelease(standing.statements.at(-1)))
    wrong.push('the statement was released without three approvals of that version');
  return wrong;
}

const STEP_3 = new Set(['appointCommandRoles']);
const FORENSIC = new Set([
  'combThroughEvidence',
  'identifyWhatHappened',
  'trackAttackAddresses',
  'watchForReturn',
]);
const INTERNAL = new Set(['keepDetailsOut', 'overviewTimeline', 'discussMitigation', 'followUp']);
const PUBLIC = new Set([
  'beHonest',
  'detailTimeline',
  'detailImpact',
  'tellCustomersSecurityTeams',
  'releaseStatement',
]);

/** `contactFbi` is about `fbi`. */
function contactOf(task: string): string | undefined {
  const [, name] = /^contact([A-Z]\w+)$/.exec(task) ?? [];
  return name === undefined ? undefined : `${name.charAt(0).toLowerCase()}${name.slice(1)}`;
}
