/** What each button asks for: a page, a form, or a decision that needs nothing more. */
import { findTask } from '../../domain/checklist';
import { DECISIONS, type DecisionName } from '../../domain/decisions';
import { isCodename } from '../../domain/codename';
import type { ButtonId } from '../../domain/buttons';
import type { ChecklistView } from '../../domain/view';
import type { Modal } from './views/blocks';
import { fieldsOf, type Preset } from './views/fields';
import {
  askedView,
  helpView,
  moreView,
  peopleView,
  requestsView,
  stepView,
  taskIn,
  whyView,
  wordsView,
} from './views/pages';

type Show = (view: ChecklistView, now: number, notice?: string) => Modal;

export type Pressed =
  | { readonly kind: 'page'; readonly show: Show }
  | { readonly kind: 'form'; readonly name: DecisionName; readonly preset: Preset }
  | {
      readonly kind: 'send';
      readonly name: DecisionName;
      readonly fields: (by: string) => Readonly<Record<string, unknown>>;
    }
  | { readonly kind: 'words'; readonly view: Modal };

/** Those of the room, and those that stand in views alone. */
type Id = ButtonId | 'assign' | 'retry' | 'decide';

type Action = (about: string) => Pressed | undefined;

const page = (show: Show): Pressed => ({
  kind: 'page',
  show,
});
const form = (name: DecisionName, preset: Preset = {}): Pressed => ({ kind: 'form', name, preset });
const send = (name: DecisionName, fields: Readonly<Record<string, unknown>> = {}): Pressed => ({
  kind: 'send',
  name,
  fields: () => fields,
});

const ACTIONS: { readonly [I in Id]: Action } = {
  step: (named) =>
    page((view, now, notice) => {
      const step = view.steps.find(({ id }) => id === named);
      return step ? stepView(view, step, now, notice) : wordsView('There is no such step.');
    }),
  finding: () => form('recordFinding'),
  requests: () => page(requestsView),
  determine: () => form('determine'),
  people: () => page(peopleView),
  more: () => page((view, _now, notice) => moreView(view, notice)),
  help: () => ({ kind: 'words', view: helpView() }),
  approve: (request) => (request === '' ? page(requestsView) : send('approve', { request })),
  refuse: (request) => (request === '' ? page(requestsView) : form('refuse', { request })),
  start: (task) => send('startTask', { task }),
  complete: (task) => form('completeTasks', { tasks: [task] }),
  assignToMe: (task) => ({ kind: 'send', name: 'assignTask', fields: (by) => ({ task, to: by }) }),
  assign: (task) => form('assignTask', { task }),
  retry: (task) => send('retryTask', { task }),
  why: (named) =>
    page((view) => {
      const task = taskIn(view, named);
      return task ? whyView(task) : wordsView('There is no such task.');
    }),
  notNeeded: (task) => form('markNotNeeded', { tasks: [task] }),
  acknowledge: () => send('acknowledge'),
  acceptCommand: () => send('acceptCommand'),
  confirm: (request) => (request === '' ? page(askedView) : send('confirm', { request })),
  close: () => form('close'),
  decide: (name) => {
    if (!Object.hasOwn(DECISIONS, name)) return undefined;
    const decision = name as DecisionName;
    return fieldsOf(decision).length === 0 ? send(decision) : form(decision);
  },
};

/** What was pressed, and in which incident; nothing where it is no button of Firebreak's. */
export function pressedOf(
  actionId: string,
  value: string,
): { readonly id: string; readonly codename: string; readonly pressed: Pressed } | undefined {
  const id = /^firebreak\.([A-Za-z]+)(?:\.\d+)?$/.exec(actionId)?.[1];
  if (id === undefined || !Object.hasOwn(ACTIONS, id)) return undefined;
  const space = value.indexOf(' ');
  const codename = space < 0 ? value : value.slice(0, space);
  const rest = space < 0 ? '' : value.slice(space + 1);
  // Outside of the room a task is named by its number alone.
  const about = /^\d+\.\d+$/.test(rest) ? (findTask(rest) ?? rest) : rest;
  if (!isCodename(codename)) return undefined;
  const pressed = ACTIONS[id as Id](about);
  return pressed && { id, codename, pressed };
}
