/** What the buttons show: the incident as views. Pure functions of what the incident answers. */
import { whoDecides } from '../../../domain/authority';
import { DECISION_NAMES, DECISIONS } from '../../../domain/decisions';
import { findTask } from '../../../domain/checklist';
import type { ChecklistView, RequestView, StepView, TaskView } from '../../../domain/view';
import { ago } from '../../cli/format';
import {
  actions,
  divider,
  fits,
  header,
  modal,
  section,
  sections,
  type Block,
  type ButtonOf,
  type Modal,
} from './blocks';
import { titleOf } from './fields';
import { HELP } from './help';
import {
  audienceLines,
  isSettled,
  pagingInWords,
  personInWords,
  phaseOf,
  phonesInWords,
  reasonsInWords,
  STEP_WORD,
  taskInWords,
} from './words';

/** A view with words alone: while Temporal is asked, and where there is nothing to show. */
export function wordsView(...lines: readonly string[]): Modal {
  return modal('Firebreak', sections(lines, 50));
}

/** What was just done, above what is so now. */
const noticed = (notice: string | undefined): Block[] =>
  notice === undefined ? [] : [section(notice), divider()];

export function stepView(view: ChecklistView, step: StepView, now: number, notice?: string): Modal {
  const { number, title, state, settled, total, blockers, withheldBecause } = step;
  return modal(`Step ${number}`, [
    ...noticed(notice),
    section(
      [
        `${number}. ${title}: ${STEP_WORD[state]}, ${settled} of ${total} settled`,
        ...(withheldBecause === undefined ? [] : [withheldBecause]),
        ...(blockers.length === 0 ? [] : ['Locked because:', ...reasonsInWords(blockers)]),
      ].join('\n'),
    ),
    ...step.tasks.flatMap((task) => [
      section(taskInWords(task, now) + assigned(view, task)),
      ...actions(buttonsOfTask(view.codename, task)),
    ]),
  ]);
}

function assigned({ assignments }: ChecklistView, task: TaskView): string {
  const given = assignments.find((one) => one.task === task.id);
  if (!given) return '';
  const working = given.startedAt === undefined ? '' : ', who is working on it';
  return `\nAssigned to ${given.to} by ${given.by}${working}`;
}

export function buttonsOfTask(codename: string, task: TaskView): ButtonOf[] {
  const value = `${codename} ${task.id}`;
  const button = (id: string, label: string, style?: ButtonOf['style']): ButtonOf => ({
    id,
    value,
    label,
    ...(style && { style }),
  });
  if (isSettled(task)) return [];
  const notNeeded = button('notNeeded', 'Not needed');
  if (task.blockers.length > 0) return [button('why', 'Why locked?'), notNeeded];
  const complete = button('complete', 'Complete', 'primary');
  if (task.state === 'failed') return [button('retry', 'Try again', 'primary'), complete, notNeeded];
  if (task.machine && task.state === 'open') return [];
  return [
    complete,
    button('start', 'I am working on it'),
    button('assignToMe', 'Assign to me'),
    button('assign', 'Assign to…'),
    notNeeded,
  ];
}

/** Why a task is locked: its gates' reasons, each with the seed's sentence. */
export function whyView(task: TaskView): Modal {
  const { number, title, source, blockers } = task;
  return modal(`Why is ${number} locked?`, [
    section(`${number} ${title}\n“${source}”`),
    ...(blockers.length === 0
      ? [section('It is not locked any more.')]
      : sections(['Locked because:', ...reasonsInWords(blockers)], 20)),
  ]);
}

/** The task of that name in the incident. */
export function taskIn(view: ChecklistView, named: string): TaskView | undefined {
  const id = findTask(named);
  return view.steps.flatMap(({ tasks }) => tasks).find((task) => task.id === id);
}

export function requestsView(view: ChecklistView, now: number, notice?: string): Modal {
  const { requests, codename } = view;
  const due = requests.filter((request) => request.due);
  const early = requests.filter(({ state, due: isDue }) => state === 'open' && !isDue);
  const shown = [...due, ...early].slice(0, MOST_REQUESTS);
  const left = due.length + early.length - shown.length;
  return modal('Approve or refuse', [
    ...noticed(notice),
    ...(due.length === 0 ? [section('Nothing waits for a yes or a no just now.')] : []),
    ...shown.flatMap((request) => [
      section(requestInWords(request, now)),
      ...actions(buttonsOfRequest(codename, request.id)),
    ]),
    ...(left > 0 ? [section(`… and ${left} more: choose them under "Other decisions".`)] : []),
  ]);
}

/** Two blocks for each, and some to spare. */
const MOST_REQUESTS = 46;

function requestInWords({ id, due, waitsFor, since }: RequestView, now: number): string {
  const early = due ? '' : ' (not yet: its time has not come)';
  return `${id}${early}\nNeeds ${waitsFor.join(', and ')}; asked ${ago(since, now)}`;
}

function buttonsOfRequest(codename: string, request: string): ButtonOf[] {
  const value = `${codename} ${request}`;
  const both: ButtonOf[] = [
    { id: 'approve', value, label: 'Approve', style: 'primary' },
    { id: 'refuse', value, label: 'Refuse', style: 'danger' },
  ];
  return both.filter(fits);
}

/** What was asked for in the Temporal UI, without a signature. */
export function askedView(view: ChecklistView, now: number, notice?: string): Modal {
  return modal('Confirm requests', [
    ...noticed(notice),
    ...(view.asked.length === 0 ? [section('Nothing waits to be confirmed.')] : []),
    ...view.asked.flatMap(({ id, by, what, at }) => {
      const value = `${view.codename} ${id}`;
      return [
        section(`${id}: ${by} asks to ${what}, ${ago(at, now)}`),
        ...actions([
          { id: 'confirm', value, label: 'Confirm', style: 'primary' },
          { id: 'refuse', value, label: 'Dismiss', style: 'danger' },
        ]),
      ];
    }),
  ]);
}

const decide = (codename: string, name: string, label: string): ButtonOf => ({
  id: 'decide',
  value: `${codename} ${name}`,
  label,
});

export function peopleView(view: ChecklistView, now: number, notice?: string): Modal {
  const { codename, people, paging, commandOffer } = view;
  const excluded = people.filter((person) => person.excluded);
  return modal('People', [
    ...noticed(notice),
    header('Who takes part'),
    ...sections(people.filter((person) => !person.excluded).map(personInWords), 15),
    ...(excluded.length === 0 ? [] : [header('Excluded'), ...sections(excluded.map(personInWords), 10)]),
    ...(commandOffer
      ? [
          section(`The command was offered to ${commandOffer.to} by ${commandOffer.by}.`),
          ...actions([
            { id: 'acceptCommand', value: codename, label: 'Accept the command', style: 'primary' },
          ]),
        ]
      : []),
    ...actions([
      decide(codename, 'giveRole', 'Give a role'),
      decide(codename, 'takeRole', 'Take a role'),
      decide(codename, 'offerCommand', 'Offer the command'),
      decide(codename, 'exclude', 'Exclude somebody'),
      decide(codename, 'readmit', 'Readmit somebody'),
      decide(codename, 'moveRoom', 'Move to a new room'),
    ]),
    header('The page'),
    ...sections([pagingInWords(view, now), rosterAge(view, now), phonesInWords(paging.line)], 5),
    header('Who can see this?'),
    ...sections(audienceLines(view, now), 20),
    ...actions([decide(codename, 'lookWho', 'Look again')]),
  ]);
}

function rosterAge({ paging: { rosterAt } }: ChecklistView, now: number): string {
  return rosterAt === undefined
    ? 'Nobody knows who is on call: the pager has not told it.'
    : `Who is on call was told ${ago(rosterAt, now)}.`;
}

/** Every decision that there is: nothing can be forgotten here. */
export function moreView({ codename }: ChecklistView, notice?: string): Modal {
  return modal('Other decisions', [
    ...noticed(notice),
    ...DECISION_NAMES.map((name) =>
      section(
        `${titleOf(name)}\n${DECISIONS[name].description} Decided by ${whoDecides(name)}.`,
        decide(codename, name, titleOf(name)),
      ),
    ),
  ]);
}

export function endedView(view: ChecklistView): Modal {
  return wordsView(phaseOf(view), 'Look at it with: firebreak timeline ' + view.codename);
}

export function helpView(): Modal {
  return modal('Help', sections(HELP, 10));
}
