/** The incident in Markdown: for the Temporal Web UI, the pinned message in the room, and reports. */
import { viewOf, type ChecklistView, type StepView, type TaskView } from './view';
import type { Entry } from './entries';
import type { Incident } from './incident';
import { stepOf } from './steps';
import { blockersOfClose, type StepState } from './blockers';

const MARK: Record<StepState, string> = {
  locked: '🔒',
  open: '◻',
  done: '✅',
  notNeeded: '➖',
  withheld: '✋',
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
    ...waiting(view, incident),
    '## Checklist',
    '',
    ...view.steps.flatMap((step) => [...stepLines(step, true), '']),
    ...containmentLines(view),
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
    ...waiting(view, incident),
    ...view.steps.flatMap((step) => stepLines(step, false)),
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
function waiting(view: ChecklistView, incident: Incident): string[] {
  if (view.phase.name === 'closed' || view.phase.name === 'stoodDown') return [];
  const lines: string[] = [];
  if (view.phase.name === 'assessing')
    lines.push('- **Incident commander**: determine whether a response is needed');
  const failed = view.steps.flatMap(({ tasks }) => tasks).filter(({ state }) => state === 'failed');
  for (const task of failed)
    lines.push(
      `- **${task.who}**: ${task.number} ${task.title} has failed: ${task.note ?? 'no cause given'}`,
    );
  for (const request of view.requests.filter(
    ({ state, id }) => state === 'open' && !id.startsWith('contact:'),
  ))
    lines.push(
      `- **${request.waitsFor.join(', ')}**: approve or refuse \`${request.id}\` (since ${clockOf(request.since)})`,
    );
  const byOwner = new Map<string, TaskView[]>();
  for (const task of view.steps.flatMap(({ state, tasks }) => (state === 'withheld' ? [] : tasks)))
    if (isActionable(task)) byOwner.set(task.who, [...(byOwner.get(task.who) ?? []), task]);
  for (const [who, tasks] of byOwner)
    lines.push(`- **${who}**: ${tasks.map(({ number }) => number).join(', ')}`);
  if (lines.length === 0) {
    const open = blockersOfClose(incident).map(({ reason }) => reason);
    lines.push(`- **Incident commander**: ${open.length === 0 ? 'close the incident' : open.join('; ')}`);
  }
  return ['## Waits for', '', ...lines, ''];
}

function isActionable({ state, machine, blockers, inDoubt }: TaskView): boolean {
  return !machine && blockers.length === 0 && (state === 'open' || inDoubt !== undefined);
}

function stepLines(step: StepView, withTasks: boolean): string[] {
  const counted = step.state === 'open' ? ` (${step.settled}/${step.total})` : '';
  const why = step.state === 'withheld' ? ` — withheld: ${step.withheldBecause ?? ''}` : '';
  const locked = step.blockers.map(({ reason }) => reason);
  const head = `${MARK[step.state]} **${step.number}. ${step.title}**${counted}${why}`;
  const lines = [head];
  if (locked.length > 0)
    lines.push(
      ...(withTasks
        ? ['', ...locked.map((reason) => `- locked because ${reason}`)]
        : [`  locked because ${locked.join('; ')}`]),
    );
  if (!withTasks) return lines;
  if (step.state === 'open') lines.push('', ...step.tasks.map(taskLine));
  return lines;
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
  if (containments.length === 0) return [];
  return [
    '## Affected instances',
    '',
    '| instance | snapshots | isolated | stopped | state |',
    '| --- | --- | --- | --- | --- |',
    ...containments.map((one) => {
      const cell = (at: number | undefined) => (at === undefined ? '—' : clockOf(at));
      const isolated =
        one.unproven.length > 0 && one.verifiedAt === undefined
          ? 'attempted, unproven'
          : cell(one.verifiedAt);
      const state = one.failing ? `failing at ${one.failing.subStep}: ${one.failing.cause}` : one.status;
      return `| ${one.instance.id} | ${cell(one.snapshottedAt)} | ${isolated} | ${cell(one.stoppedAt)} | ${state} |`;
    }),
    '',
  ];
}

/** "ic@example.com tried to close the incident: refused, because …" */
export function sentenceOf(entry: Entry): string {
  if (entry.kind === 'refusal') {
    const reasons = (entry.reasons ?? []).map(({ reason }) => reason).join('; ');
    const times = entry.times === undefined ? '' : ` (${entry.times} times)`;
    return `${entry.by} tried to ${entry.text}: refused${times}, because ${reasons}`;
  }
  return entry.by === 'firebreak' ? entry.text : `${entry.by} ${entry.text}`;
}

/** One message to the room for one entry. */
export function renderEntry(entry: Entry): string {
  const mark = { refusal: '⛔ ', failure: '⚠️ ', warning: '⚠️ ' }[entry.kind as string] ?? '';
  return `${mark}${sentenceOf(entry)}`;
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
