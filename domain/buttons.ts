/** The buttons under the room's messages: what can be pressed, and what pressing it is about. */
import { blockersOfClose, blockersOfTask, isSettled, stateOfStep } from './blockers';
import { TASK_IDS, type TaskId } from './checklist';
import type { Entry } from './entries';
import { hasEnded, type Incident } from './incident';
import { isAcknowledged } from './paging';
import { findRequest } from './requests';
import { STEP_IDS, stepOf } from './steps';
import { isDue } from './view';

/** What a button asks for. */
export const BUTTONS = [
  'step',
  'finding',
  'requests',
  'determine',
  'people',
  'more',
  'help',
  'approve',
  'refuse',
  'start',
  'complete',
  'assignToMe',
  'why',
  'notNeeded',
  'acknowledge',
  'acceptCommand',
  'confirm',
  'close',
] as const;
export type ButtonId = (typeof BUTTONS)[number];

export interface Button {
  readonly id: ButtonId;
  /** The codename, and after a space what it is about. */
  readonly value: string;
  readonly label: string;
  readonly style?: 'primary' | 'danger';
}

/** Under the pinned checklist. */
export function buttonsOfPinned(incident: Incident): Button[] {
  if (hasEnded(incident)) return [];
  const { codename } = incident.declaration;
  const button = (id: ButtonId, label: string, about = '', style?: Button['style']): Button => ({
    id,
    value: about === '' ? codename : `${codename} ${about}`,
    label,
    ...(style && { style }),
  });
  const due = Object.values(incident.requests).filter((request) => isDue(request, incident)).length;
  return [
    ...(incident.page && !isAcknowledged(incident)
      ? [button('acknowledge', 'Acknowledge the page', '', 'primary')]
      : []),
    ...(incident.phase.name === 'assessing'
      ? [button('determine', 'Respond or stand down', '', 'primary')]
      : []),
    ...(due > 0 ? [button('requests', `Approve or refuse (${due})`, '', 'primary')] : []),
    ...(Object.keys(incident.asked).length > 0
      ? [button('confirm', `Confirm requests (${Object.keys(incident.asked).length})`)]
      : []),
    ...STEP_IDS.flatMap((id) => {
      const state = stateOfStep(id, incident);
      if (state !== 'open' && state !== 'locked') return [];
      const { number } = stepOf(id);
      return [button('step', state === 'locked' ? `Step ${number}: why locked?` : `Step ${number}`, id)];
    }),
    button('finding', 'Record a finding'),
    button('people', 'People'),
    button('more', 'Other decisions'),
    ...(blockersOfClose(incident).length === 0 ? [button('close', 'Close the incident', '', 'primary')] : []),
    button('help', 'Help'),
  ];
}

/** Under the message that tells an entry: what it asks for can be answered at once. */
export function buttonsOfEntry(entry: Entry, incident: Incident): Button[] {
  return askedBy(entry, incident).filter(({ value }) => value.length <= LONGEST_VALUE);
}

/** What Slack takes. The name of something affected may be longer; it is approved by the list of requests. */
const LONGEST_VALUE = 2_000;

function askedBy(entry: Entry, incident: Incident): Button[] {
  if (hasEnded(incident) || entry.kind === 'refusal') return [];
  const { codename } = incident.declaration;
  const { request, task } = entry.details ?? {};
  if (entry.kind === 'asked') {
    const id = Object.keys(incident.asked).find((one) => entry.text.endsWith(` ${one}`));
    return id === undefined
      ? []
      : [{ id: 'confirm', value: `${codename} ${id}`, label: 'Confirm', style: 'primary' }];
  }
  if (typeof request === 'string' && entry.kind === 'warning')
    // The room may hear of it long after it was answered.
    return findRequest(incident.requests, request)?.state !== 'open'
      ? []
      : [
          { id: 'approve', value: `${codename} ${request}`, label: 'Approve', style: 'primary' },
          { id: 'refuse', value: `${codename} ${request}`, label: 'Refuse', style: 'danger' },
        ];
  if (
    isTask(task) &&
    (entry.decision === 'assignTask' || entry.kind !== 'decision') &&
    isOpen(task, incident)
  )
    return [
      { id: 'start', value: `${codename} ${task}`, label: 'I am working on it' },
      { id: 'complete', value: `${codename} ${task}`, label: 'Complete', style: 'primary' },
    ];
  if (entry.decision === 'offerCommand' && entry.kind === 'decision' && incident.commandOffer)
    return [{ id: 'acceptCommand', value: codename, label: 'Accept the command', style: 'primary' }];
  return [];
}

function isTask(task: unknown): task is TaskId {
  return TASK_IDS.includes(task as TaskId);
}

function isOpen(task: TaskId, incident: Incident): boolean {
  return !isSettled(incident.tasks[task]) && blockersOfTask(task, incident).length === 0;
}
