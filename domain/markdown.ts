/** The incident in Markdown: for the Temporal Web UI, the pinned message in the room, and reports. */
import { blockersOfClose, blockersOfStep, type StepState } from './blockers';
import {
  CHAINS,
  doneAt,
  failingOf,
  isUnproven,
  SUB_STEPS,
  type Containment,
  type SubStep,
} from './containment';
import { clockLines } from './clocks';
import type { Entry } from './entries';
import { findingOf, FINDING_IDS, type FindingId } from './findings';
import { hasEnded, type Incident } from './incident';
import { phonesInWords } from './people';
import { nameRoles } from './roles';
import { stepOf } from './steps';
import { viewOf, type ChecklistView, type StepView, type TaskView } from './view';

const WORD: Record<StepState, string> = {
  locked: 'locked',
  open: 'open',
  done: 'done',
  notNeeded: 'not needed',
  withheld: 'withheld',
};

/** Minutes and seconds of UTC; an incident is told by the clock, and everybody's is another. */
export function timeOf(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

function clockOf(at: number): string {
  return `${new Date(at).toISOString().slice(11, 19)} UTC`;
}

/** Current details: what is done, what waits on whom since when and why, and what to do about it. */
export function renderDetails(incident: Incident): string {
  const view = viewOf(incident);
  return [
    `# ${view.codename}`,
    '',
    phaseLine(view),
    '',
    ...waiting(view, incident, ({ number, title }) => `${number} ${title}`),
    '## Checklist',
    '',
    ...view.steps.flatMap((step) => [...stepLines(step, true), '']),
    ...containmentLines(view),
    ...clockSection(incident),
    '## Last entries',
    '',
    ...incident.entries.slice(-8).map((entry) => `- ${clockOf(entry.at)} ${sentenceOf(entry)}`),
  ].join('\n');
}

/** The pinned message: the same, short enough for a chat. */
export function renderPinned(incident: Incident): string {
  const view = viewOf(incident);
  return [
    `**${view.codename}** — ${phaseLine(view)}`,
    '',
    ...waiting(view, incident, ({ number }) => number),
    ...view.steps.flatMap((step) => stepLines(step, false).map((line) => `- ${line}`)),
    ...clockSection(incident),
  ].join('\n');
}

function phaseLine({ phase, declaredAt, declaredBy }: ChecklistView): string {
  const declared = `declared ${timeOf(declaredAt)} by ${declaredBy}`;
  switch (phase.name) {
    case 'assessing':
      return `**Waits for the incident commander's determination: respond, or stand down.** (${declared})`;
    case 'responding':
      return `Responding since ${clockOf(phase.at)} (${declared})`;
    case 'stoodDown':
      return `Stood down ${timeOf(phase.at)} by ${phase.by}: ${phase.reason}`;
    case 'closed':
      return `Closed ${timeOf(phase.at)} by ${phase.by}`;
  }
}

/** What somebody has to do next, by whom: the reason to look at the page. */
function waiting(view: ChecklistView, incident: Incident, nameOf: (task: TaskView) => string): string[] {
  if (hasEnded(incident)) return [];
  const tasks = view.steps.flatMap((step) => (step.state === 'withheld' ? [] : step.tasks));
  const lines: string[] = [];
  const add = (who: string, what: string) => lines.push(`- **${who}**: ${what}`);
  const { paging, commandOffer } = view;
  if (paging.state === 'failed')
    add(
      'Whoever reads this',
      `the pager can't be reached (${paging.cause ?? 'no cause given'}); ${phonesInWords(incident)}`,
    );
  if (paging.state === 'calling') add('Whoever is on call', 'acknowledge the page');
  for (const { id, what, cause } of view.stuckMessages)
    add('Whoever ordered it', `${id} (${what}) has not gone out: ${cause}`);
  if (commandOffer) add(commandOffer.to, `accept the command, which ${commandOffer.by} hands over`);
  if (view.phase.name === 'assessing') add('Incident commander', 'determine whether a response is needed');
  for (const task of tasks.filter(({ state }) => state === 'failed'))
    add(task.who, `${task.number} ${task.title} has failed: ${task.note ?? 'no cause given'}`);
  for (const { id, waitsFor, since } of view.requests.filter(({ due }) => due))
    add(waitsFor.join(', '), `approve or refuse \`${id}\` (since ${clockOf(since)})`);
  for (const [who, theirs] of grouped(tasks.filter(isActionable), ({ who }) => who))
    // Many are found by their numbers in the checklist below.
    add(
      who,
      theirs.length > 3 ? theirs.map(({ number }) => number).join(', ') : theirs.map(nameOf).join('; '),
    );
  for (const { id, by, what, at } of view.asked)
    add(
      'Whoever may decide it',
      `confirm \`${id}\`, or leave it: ${by} asks to ${what} (since ${clockOf(at)})`,
    );
  if (view.phase.name === 'responding')
    for (const [who, ids] of grouped(missingFindings(incident), (id) => nameRoles(findingOf(id).recordedBy)))
      add(upperFirst(who), `record, when it is so: ${ids.map((id) => `\`${id}\``).join(', ')}`);
  if (blockersOfClose(incident).length === 0) add('Incident commander', 'close the incident');
  return ['## Waits for', '', ...lines, ''];
}

/** Facts that are not established and that could be: where the attack came from waits for step 10. */
function missingFindings(incident: Incident): FindingId[] {
  const analysed = blockersOfStep('forensicAnalysis', incident).length === 0;
  return FINDING_IDS.filter((id) => !incident.findings[id] && (id !== 'attackSource' || analysed));
}

function upperFirst(text: string): string {
  return `${text[0]?.toUpperCase() ?? ''}${text.slice(1)}`;
}

function grouped<T>(all: readonly T[], keyOf: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) groups.set(keyOf(one), [...(groups.get(keyOf(one)) ?? []), one]);
  return groups;
}

function isActionable({ state, machine, blockers, inDoubt }: TaskView): boolean {
  return !machine && blockers.length === 0 && (state === 'open' || inDoubt !== undefined);
}

function stepLines(step: StepView, withTasks: boolean): string[] {
  const counted = step.state === 'open' ? `, ${step.settled} of ${step.total}` : '';
  const why = step.state === 'withheld' ? `: ${step.withheldBecause ?? ''}` : '';
  const reasons = step.blockers.map(({ reason }) => reason);
  const head = `**${step.number}. ${step.title}** — ${WORD[step.state]}${counted}${why}`;
  // Nearly every step waits for the determination: it is said once, above.
  if (step.blockers.every(({ gate }) => gate === 'responseIsDetermined') && reasons.length > 0)
    return [`${head} until the determination`];
  if (!withTasks) return [reasons.length > 0 ? `${head} because ${reasons.join('; ')}` : head];
  if (reasons.length > 0) return [head, '', ...reasons.map((reason) => `- because ${reason}`)];
  return step.state === 'open' ? [head, '', ...step.tasks.map(taskLine)] : [head];
}

function taskLine(task: TaskView): string {
  const since = task.since === undefined ? '' : ` since ${clockOf(task.since)}`;
  const name = `${task.number} ${task.title}`;
  if (task.inDoubt !== undefined) return `- [ ] ${name} — **in doubt**: ${task.inDoubt}`;
  switch (task.state) {
    case 'done':
      return `- [x] ${name} — ${task.who}${task.since === undefined ? '' : `, ${clockOf(task.since)}`}`;
    case 'notNeeded':
      return `- [x] ~~${name}~~ — not needed: ${task.note ?? ''}`;
    case 'failed':
      return `- [ ] ${name} — **failed**${since}: ${task.note ?? ''}`;
    case 'open':
      return task.blockers.length > 0
        ? `- [ ] ${name} — locked because ${task.blockers.map(({ reason }) => reason).join('; ')}`
        : `- [ ] ${name} — waits on **${task.who}**${since}`;
  }
}

function containmentLines({ containments }: ChecklistView): string[] {
  const instances = containments.filter(({ target }) => target.kind === 'instance');
  const others = containments.filter(({ target }) => target.kind !== 'instance');
  const cell = (at: number | undefined) => (at === undefined ? '—' : clockOf(at));
  const proven = (one: Containment) =>
    isUnproven(one) ? 'attempted, unproven' : cell(doneAt(one, 'verify'));
  return [
    ...(instances.length === 0
      ? []
      : [
          '## Affected instances',
          '',
          '| instance | snapshots | isolated | stopped | cold storage | state |',
          '| --- | --- | --- | --- | --- | --- |',
          ...instances.map(
            (one) =>
              `| ${one.target.id} | ${cell(doneAt(one, 'snapshot'))} | ${proven(one)} | ${cell(doneAt(one, 'stop'))} | ${cell(doneAt(one, 'store'))} | ${wordOf(one)} |`,
          ),
          '',
        ]),
    ...(others.length === 0
      ? []
      : [
          '## Affected identities, secrets and addresses',
          '',
          '| what | contained | state |',
          '| --- | --- | --- |',
          ...others.map((one) => `| ${one.target.kind} ${one.target.id} | ${proven(one)} | ${wordOf(one)} |`),
          '',
        ]),
  ];
}

/** By when somebody outside may have to be told. */
function clockSection(incident: Incident): string[] {
  const lines = clockLines(incident);
  return lines.length === 0 ? [] : ['', '## Clocks', '', ...lines, ''];
}

/** What is going on with it just now. */
export function wordOf(one: Containment): string {
  const failing = failingOf(one);
  if (failing.length > 0)
    return failing.map(({ subStep, cause }) => `failing at ${subStep}: ${cause}`).join('; ');
  if (one.release)
    return one.release.doneAt === undefined ? 'being released' : `released ${clockOf(one.release.doneAt)}`;
  const long = CHAINS[one.target.kind].find(
    (subStep) => one.subSteps[subStep]?.state === 'running' && one.subSteps[subStep].percent !== undefined,
  );
  const percent = long && one.subSteps[long]?.percent;
  return percent === undefined ? one.status : `${SUB_STEPS[long as SubStep].toLowerCase()}: ${percent} %`;
}

/** "ic@example.com tried to close the incident: refused, because …" */
export function sentenceOf(entry: Entry): string {
  if (entry.kind === 'refusal') {
    const reasons = (entry.reasons ?? []).map(({ reason }) => reason).join('; ');
    const times = entry.times === undefined || entry.times === 1 ? '' : ` (${entry.times} times)`;
    return `${entry.by} tried to ${entry.text}: refused${times}, because ${reasons}`;
  }
  return entry.by === 'firebreak' ? entry.text : `${entry.by} ${entry.text}`;
}

/** One message to the room for one entry. */
export function renderEntry(entry: Entry): string {
  const mark = { refusal: '**Refused** — ', failure: '**Failed** — ', warning: '**Note** — ' }[
    entry.kind as string
  ];
  return `${mark ?? ''}${sentenceOf(entry)}`;
}

/** What is announced when the room opens: the call, and the seed's rules of communication. */
export function renderBriefing(incident: Incident, rules: readonly string[]): string {
  const { bridge } = incident.company;
  return [
    `**Voice call**: ${bridge.url}${bridge.phone ? ` or ${bridge.phone}` : ''}`,
    '',
    'While this runs:',
    ...rules.map((rule) => `- ${rule}`),
    '',
    `${stepOf('internalCommunication').title} and every word outside wait until the checklist opens them. Workspace owners can read private rooms.`,
  ].join('\n');
}
