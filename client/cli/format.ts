/** What the command line prints for people. */
import {
  CHAINS,
  doneAt,
  failingOf,
  isUnproven,
  SUB_STEPS,
  type Containment,
  type ContainmentStatus,
} from '../../domain/containment';
import type { Outcome } from '../../domain/decide';
import type { Entry } from '../../domain/entries';
import { sentenceOf, timeOf } from '../../domain/markdown';
import { ROLES } from '../../domain/roles';
import type { ChecklistView, StepView, TaskView } from '../../domain/view';
import type { ListedIncident } from '../incidents';
import { ago } from './ago';
import { assignmentLines, changedPaces, pageLines, peopleLines } from './assembly';
import { table } from './table';

export { ago } from './ago';

const CONTAINMENT_WORD: Record<ContainmentStatus, string> = {
  awaitingApproval: 'awaits approval',
  refused: 'refused',
  running: 'under way',
  finished: 'contained',
  abandoned: 'given up',
};

const STEP_WORD: Record<StepView['state'], string> = {
  locked: 'locked',
  open: 'open',
  done: 'done',
  notNeeded: 'not needed',
  withheld: 'withheld',
};

/** Settled tasks of an open step are named by number only, unless `all` are asked for. */
export function formatStatus(view: ChecklistView, now: number, all = false): string {
  const lines = [
    view.codename,
    ...phaseLines(view, now),
    ...pageLines(view, now),
    ...peopleLines(view, now),
    ...changedPaces(view),
    '',
  ];
  for (const step of view.steps) lines.push(...stepLines(step, now, all));
  lines.push(
    ...assignmentLines(view, now),
    ...containmentLines(view, now, all),
    ...rotationLines(view, now),
    ...requestLines(view, now),
    ...askedLines(view, now),
    ...findingLines(view),
  );
  if (view.refusals > 0)
    lines.push('', `Refused so far: ${view.refusals} (see: firebreak timeline ${view.codename})`);
  return lines.join('\n');
}

function stepLines(step: StepView, now: number, all: boolean): string[] {
  const count = step.state === 'open' ? `, ${step.settled} of ${step.total}` : '';
  const head = `${String(step.number).padStart(2)}. ${step.title}: ${STEP_WORD[step.state]}${count}`;
  const onlyDetermination = step.blockers.every(({ gate }) => gate === 'responseIsDetermined');
  if (!all && step.blockers.length > 0 && onlyDetermination) return [`${head} until the determination`];
  const lines = [head];
  if (step.withheldBecause !== undefined) lines.push(`      ${step.withheldBecause}`);
  for (const { reason } of step.blockers) lines.push(`      because ${reason}`);
  const settled = step.tasks.filter(isSettled);
  const isShown = (task: TaskView) => all || (step.state === 'open' ? !isSettled(task) : needsALook(task));
  // What locks the whole step has been said above.
  const isSaid = (task: TaskView) =>
    task.state === 'open' &&
    task.blockers.length > 0 &&
    task.blockers.every(({ reason }) => step.blockers.some((above) => above.reason === reason));
  for (const task of step.tasks.filter(isShown))
    lines.push(`      ${isSaid(task) ? `. ${task.number} ${task.title}: locked` : taskLine(task, now)}`);
  if (!all && step.state === 'open' && settled.length > 0)
    lines.push(`      x settled: ${settled.map(({ number }) => number).join(' ')}`);
  return lines;
}

/** Also where its step is locked again: what was done is in doubt, or the machine failed. */
function needsALook({ state, inDoubt }: TaskView): boolean {
  return inDoubt !== undefined || state === 'failed';
}

function isSettled({ state, inDoubt }: TaskView): boolean {
  return (state === 'done' && inDoubt === undefined) || state === 'notNeeded';
}

function phaseLines(
  { phase, declaredAt, declaredBy, room, bridge, codename }: ChecklistView,
  now: number,
): string[] {
  const lines = [`declared ${timeOf(declaredAt)} (${ago(declaredAt, now)}) by ${declaredBy}`];
  if (phase.name === 'assessing')
    lines.push(
      `waits for the incident commander: firebreak determine ${codename} respond|stand-down --reason TEXT`,
    );
  if (phase.name === 'responding') lines.push(`responding since ${timeOf(phase.at)}`);
  if (phase.name === 'stoodDown')
    lines.push(`stood down ${timeOf(phase.at)} by ${phase.by}: ${phase.reason}`);
  if (phase.name === 'closed') lines.push(`closed ${timeOf(phase.at)} by ${phase.by}`);
  lines.push(
    `room ${room ? `#${room.name}` : 'not open yet'}, call ${bridge.url}${bridge.phone ? ` or ${bridge.phone}` : ''}`,
  );
  return lines;
}

export function taskLine(task: TaskView, now: number): string {
  const name = `${task.number} ${task.title}`;
  const since = task.since === undefined ? '' : `, ${ago(task.since, now)}`;
  if (task.inDoubt !== undefined) return `! ${name}: done, in doubt now: ${task.inDoubt}`;
  switch (task.state) {
    case 'done':
      return `x ${name}: ${task.who}${since}${task.note ? ` (${task.note})` : ''}`;
    case 'notNeeded':
      return `- ${name}: not needed: ${task.note ?? ''}`;
    case 'failed':
      return `! ${name}: failed${since}: ${task.note ?? ''} (firebreak retry, or complete it by hand)`;
    case 'open':
      return task.blockers.length > 0
        ? `. ${name}: locked because ${task.blockers.map(({ reason }) => reason).join('; ')}`
        : `. ${name}: waits on ${task.who}${since}`;
  }
}

function containmentLines({ containments, codename }: ChecklistView, now: number, all: boolean): string[] {
  if (containments.length === 0) return [];
  const cell = (at: number | undefined) => (at === undefined ? '' : ago(at, now));
  const proven = (one: Containment) => (isUnproven(one) ? 'unproven' : cell(doneAt(one, 'verify')));
  const instances = containments.filter(({ target }) => target.kind === 'instance');
  const others = containments.filter(({ target }) => target.kind !== 'instance');
  const lines: string[] = [];
  if (instances.length > 0)
    lines.push(
      '',
      table(
        ['instance', 'state', 'snapshots', 'isolated', 'stopped', 'cold storage'],
        instances.map((one) => [
          one.target.id,
          stateOf(one),
          cell(doneAt(one, 'snapshot')),
          proven(one),
          cell(doneAt(one, 'stop')),
          cell(doneAt(one, 'store')),
        ]),
      ),
    );
  if (others.length > 0)
    lines.push(
      '',
      table(
        ['what', 'state', 'contained'],
        others.map((one) => [`${one.target.kind} ${one.target.id}`, stateOf(one), proven(one)]),
      ),
    );
  // Below the tables: a cause is long, and would make a table wider than any terminal.
  for (const one of containments) {
    const failing = failingOf(one).filter(({ subStep }) => subStep !== 'verify' || !isUnproven(one));
    lines.push(
      ...failing.map(
        ({ subStep, cause }) => `! ${one.target.id}: ${SUB_STEPS[subStep]}: failing, retried: ${cause}`,
      ),
      ...(isUnproven(one)
        ? [`! ${one.target.id}: contained, but not proven: ${one.unproven.join('; ')}`]
        : []),
      ...(one.release?.failing === undefined
        ? []
        : [`! ${one.target.id}: release: failing, retried: ${one.release.failing}`]),
      ...(one.release?.drift ?? []).map((drift) => `! ${one.target.id}: not as captured: ${drift}`),
    );
  }
  if (all) lines.push(...containments.flatMap((one) => ['', ...subStepLines(one, now)]));
  else lines.push(`Every sub-step with its time: firebreak status ${codename} --all`);
  if (containments.some((one) => one.status === 'running' && failingOf(one).length > 0))
    lines.push(`What can't be mended: firebreak give-up ${codename} ID --reason TEXT`);
  if (containments.some(({ status }) => status === 'awaitingApproval'))
    lines.push(`Containment waits: firebreak approve ${codename} contain:ID`);
  return lines;
}

/** What is going on with it, in a word or two. */
function stateOf(one: Containment): string {
  if (one.release) return one.release.doneAt === undefined ? 'being released' : 'released';
  if (failingOf(one).length > 0) return 'failing';
  if (one.status !== 'running') return CONTAINMENT_WORD[one.status];
  const long = CHAINS[one.target.kind].find(
    (subStep) => one.subSteps[subStep]?.state === 'running' && one.subSteps[subStep].percent !== undefined,
  );
  if (long) return `${long === 'hash' ? 'hashing' : 'storing'} ${one.subSteps[long]?.percent ?? 0} %`;
  return CONTAINMENT_WORD.running;
}

function subStepLines(one: Containment, now: number): string[] {
  return [
    `${one.target.id}:`,
    ...CHAINS[one.target.kind].map((subStep) => {
      const seen = one.subSteps[subStep];
      const title = SUB_STEPS[subStep];
      if (!seen) return `      . ${title}: waits`;
      const mark = { done: 'x', skipped: '-', failing: '!', running: '>' }[seen.state];
      const percent = seen.percent === undefined ? '' : `, ${seen.percent} %`;
      const expected =
        seen.expectedAt === undefined || seen.state !== 'running'
          ? ''
          : `, expected ${timeOf(seen.expectedAt)}`;
      const cause = seen.cause === undefined ? '' : `: ${seen.cause}`;
      return `      ${mark} ${title}: ${seen.state}${percent}, ${ago(seen.at, now)}${expected}${cause}`;
    }),
  ];
}

function rotationLines({ rotations, codename }: ChecklistView, now: number): string[] {
  const open = rotations.filter(({ settled }) => settled === undefined);
  if (open.length === 0) return [];
  return [
    '',
    `Accounts used in the attack, to be rotated (firebreak rotated ${codename} USER SYSTEM):`,
    ...open.map(({ user, system, since }) => `      ${user} on ${system}, ${ago(since, now)}`),
  ];
}

function requestLines({ requests, codename }: ChecklistView, now: number): string[] {
  const open = requests.filter(({ due }) => due);
  if (open.length === 0) return [];
  return [
    '',
    `Waiting for approval (firebreak approve|refuse ${codename} REQUEST):`,
    ...open.map(({ id, waitsFor, since }) => `      ${id}: ${waitsFor.join(', and ')}, ${ago(since, now)}`),
  ];
}

function askedLines({ asked, codename }: ChecklistView, now: number): string[] {
  if (asked.length === 0) return [];
  return [
    '',
    `Asked for in the Temporal UI, without a signature (firebreak confirm ${codename} REQUEST, by who may decide it):`,
    ...asked.map(({ id, by, what, at }) => `      ${id}: ${by} asks to ${what}, ${ago(at, now)}`),
  ];
}

function findingLines({ findings }: ChecklistView): string[] {
  const recorded = Object.entries(findings);
  if (recorded.length === 0) return [];
  return [
    '',
    'Findings:',
    ...recorded.map(
      ([id, { value, by, grounds }]) =>
        `      ${id}${value === undefined ? '' : ` = ${value}`}: ${by}, ${grounds}`,
    ),
  ];
}

export function formatTask(task: TaskView, now: number): string {
  return [taskLine(task, now), `    owner: ${ROLES[task.owner]}`, `    "${task.source}"`].join('\n');
}

export function formatTimeline(entries: readonly Entry[]): string {
  return entries
    .map(
      (entry) =>
        `${String(entry.seq).padStart(4)}  ${timeOf(entry.at)}  ${entry.kind === 'refusal' ? 'REFUSED  ' : ''}${sentenceOf(entry)}`,
    )
    .join('\n');
}

export function formatOutcome({ accepted, text, reasons }: Outcome): string {
  if (accepted) return text;
  return [
    `Refused: ${text}`,
    ...reasons.map(({ reason, source }) => `  - ${reason}${source ? `\n    "${source}"` : ''}`),
  ].join('\n');
}

export function formatList(incidents: readonly ListedIncident[], now: number): string {
  if (incidents.length === 0) return 'No incident is open.';
  const rows = incidents.map(({ codename, since, checklist, practice }) => [
    codename,
    ago(since, now),
    practice ? 'practice' : checklist ? phaseWord(checklist) : 'no worker answers',
    checklist
      ? `${checklist.steps.filter(({ state }) => !['open', 'locked'].includes(state)).length}/14`
      : '',
  ]);
  return table(['codename', 'declared', 'phase', 'steps settled'], rows);
}

function phaseWord({ phase }: ChecklistView): string {
  return { assessing: 'assessing', responding: 'responding', stoodDown: 'stood down', closed: 'closed' }[
    phase.name
  ];
}
