/**
 * The fields of a decision as inputs, and what was put into them as the decision's fields. Built from the table in
 * `domain/decisions.ts`, so that there is no decision without a form.
 */
import { DECISIONS, parseDecision, type DecisionName } from '../../../domain/decisions';
import { numberOfTask, taskOf, TASK_IDS } from '../../../domain/checklist';
import { CONTACT_IDS, CONTACTS } from '../../../domain/contacts';
import { CANNOT_BE_UNDONE } from '../../../domain/evidence/store';
import { FINDING_IDS, findingOf } from '../../../domain/findings';
import { ROLE_IDS, ROLES } from '../../../domain/roles';
import { ROTATION_OUTCOMES } from '../../../domain/rotations';
import { SCOPE_KIND_IDS, SCOPE_KINDS } from '../../../domain/scope';
import { SMS_TEXT_IDS, SMS_TEXTS } from '../../../domain/sms';
import { STEP_IDS, stepOf } from '../../../domain/steps';
import type { ChecklistView } from '../../../domain/view';
import { choiceField, numberField, optionsOf, textField, type Block, type OptionOf } from './blocks';

/** What is given already, and not asked for. */
export type Preset = Readonly<Record<string, unknown>>;

/** A field, its type in the table without the `?`, and whether it may be left empty. */
export interface FieldOfDecision {
  readonly id: string;
  readonly type: string;
  readonly isOptional: boolean;
}

/** What is chosen may be given by hand instead. */
const OTHER = '~other';
/** A document is longer than one input of Slack's: further parts of it. */
const PARTS = ['', '~2', '~3', '~4', '~5'];

const WEEK_MINUTES = 7 * 24 * 60;

export function fieldsOf(name: DecisionName, preset: Preset = {}): FieldOfDecision[] {
  return Object.entries(DECISIONS[name].fields as Record<string, string>)
    .filter(([id]) => !Object.hasOwn(preset, id))
    .map(([id, type]) => ({ id, type: type.replace(/\?$/, ''), isOptional: type.endsWith('?') }));
}

/** "Widen scope" */
export function titleOf(name: DecisionName): string {
  const words = name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const LABELS: Readonly<Record<string, string>> = {
  tasks: 'Tasks',
  task: 'Task',
  to: 'To whom',
  minutes: 'Time box in minutes',
  finding: 'Finding',
  value: 'Value',
  grounds: 'Grounds: on what it rests',
  what: 'What kind',
  which: 'Which one',
  determination: 'Determination',
  confirm: `Type: ${CANNOT_BE_UNDONE}`,
  room: "The new room's name",
  cc: 'Copy to',
  bcc: 'Blind copy to',
  pack: 'With the hand-off pack for',
  called: 'Its name',
  id: 'What to call it in commands',
  spokeWith: 'With whom',
  next: 'When the next word is due',
  followUp: 'When more follows',
  how: 'How, or why not',
  disclosure: 'Link to what it disclosed itself',
  reminders: 'Minutes between reminders (0: none)',
  status: 'Minutes between questions for a status (0: none)',
  acknowledge: 'Minutes that a page may wait',
};

function labelOf(id: string): string {
  return LABELS[id] ?? id.charAt(0).toUpperCase() + id.slice(1);
}

export function inputsOf(
  name: DecisionName,
  preset: Preset,
  view: ChecklistView,
  suggestedRoom: string,
): Block[] {
  return fieldsOf(name, preset).flatMap((field) => inputOf(name, field, view, suggestedRoom));
}

function inputOf(
  name: DecisionName,
  { id, type, isOptional }: FieldOfDecision,
  view: ChecklistView,
  suggestedRoom: string,
): Block[] {
  const field = { id, label: labelOf(id), isOptional };
  const choice = (offered: readonly OptionOf[], isMany = false) => [
    choiceField({ ...field, offered, isMany }),
  ];
  switch (type) {
    case 'tasks':
      return choice(TASKS_OFFERED, true);
    case 'task':
      return choice(TASKS_OFFERED);
    case 'step':
      return choice(
        STEP_IDS.filter((step) => name !== 'withhold' || stepOf(step).canBeWithheld === true).map((step) => ({
          value: step,
          label: `${stepOf(step).number}. ${stepOf(step).title}`,
        })),
      );
    case 'finding':
      return choice(FINDING_IDS.map((finding) => ({ value: finding, label: findingOf(finding).title })));
    case 'determination':
      return choice([
        { value: 'respond', label: 'Respond' },
        { value: 'stand-down', label: 'Stand down' },
      ]);
    case 'rotation':
      return choice(ROTATION_OUTCOMES.map((outcome) => ({ value: outcome, label: outcome })));
    case 'scopeKind':
      return choice(SCOPE_KIND_IDS.map((kind) => ({ value: kind, label: `${kind}: ${SCOPE_KINDS[kind]}` })));
    case 'role':
      return choice(ROLE_IDS.map((role) => ({ value: role, label: ROLES[role] })));
    case 'minutes':
      return [numberField({ ...field, most: WEEK_MINUTES })];
    case 'codename':
      return [textField({ ...field, most: 80, initial: suggestedRoom })];
    case 'sms':
      return choice(SMS_TEXT_IDS.map((text) => ({ value: text, label: SMS_TEXTS[text] })));
    case 'contact':
      return choice(CONTACT_IDS.map((contact) => ({ value: contact, label: CONTACTS[contact] })));
    case 'partyKind':
      return choice([
        ...CONTACT_IDS.map((contact) => ({ value: contact, label: CONTACTS[contact] })),
        { value: 'customer', label: "A customer's security team" },
      ]);
    case 'reached':
      return choice([
        { value: 'reached', label: 'Reached' },
        { value: 'notReached', label: 'Not reached' },
      ]);
    case 'release':
      return choice([
        { value: 'customers', label: "Customers' security teams" },
        { value: 'public', label: 'The public' },
      ]);
    case 'addresses':
      return [textField({ ...field, hint: 'Addresses, or the names of parties, with commas between them.' })];
    case 'date':
      return [textField({ ...field, hint: 'A day, such as 2026-11-24.' })];
    case 'moment':
      return [textField({ ...field, hint: 'With its zone, such as 2026-11-24T03:05:00Z.' })];
    case 'document':
      return PARTS.map((part, index) =>
        textField({
          ...field,
          id: `${id}${part}`,
          label: index === 0 ? documentOf(name, id) : `${documentOf(name, id)}: part ${index + 1}`,
          isLong: true,
          isOptional: isOptional || index > 0,
          ...(index === 0 && {
            hint: 'Slack takes 3,000 characters in one field: go on in the next part, at an empty line. A longer one is given to the command line as a file.',
          }),
        }),
      );
    case 'text':
      return name === 'recordFinding' && id === 'value'
        ? [choiceField({ ...field, label: 'Value (where the attack was sourced)', offered: VALUES_OFFERED })]
        : [textField({ ...field, isLong: true })];
    default:
      return chosenOrTyped(field, offeredFor(name, id, view));
  }
}

function documentOf(name: DecisionName, id: string): string {
  if (id === 'key') return 'Their public key';
  return (
    { submitNote: 'The note, in Markdown', send: 'The mail, in Markdown' }[name as string] ??
    'The statement, in Markdown'
  );
}

/** A list of what is known, and a line for what is not; or the line alone, where nothing is known. */
function chosenOrTyped(
  field: { readonly id: string; readonly label: string; readonly isOptional: boolean },
  offered: readonly OptionOf[],
): Block[] {
  if (optionsOf(offered).length === 0) return [textField(field)];
  return [
    choiceField({ ...field, isOptional: true, offered }),
    textField({ id: `${field.id}${OTHER}`, label: `${field.label}: another one`, isOptional: true }),
  ];
}

const TASKS_OFFERED: readonly OptionOf[] = TASK_IDS.map((task) => ({
  value: task,
  label: `${numberOfTask(task)} ${taskOf(task).title}`,
}));

const VALUES_OFFERED: readonly OptionOf[] = [
  ...new Set(FINDING_IDS.flatMap((finding) => findingOf(finding).values ?? [])),
].map((value) => ({ value, label: value }));

/** What is known that may be meant. */
function offeredFor(name: DecisionName, field: string, view: ChecklistView): OptionOf[] {
  const same = (ids: readonly string[]) => ids.map((id) => ({ value: id, label: id }));
  const open = view.requests.filter(({ state }) => state === 'open').map(({ id }) => id);
  const asked = view.asked.map(({ id, what }) => ({ value: id, label: `${id}: ${what}` }));
  switch (`${name}.${field}`) {
    case 'assignTask.to':
    case 'giveRole.person':
    case 'takeRole.person':
    case 'offerCommand.person':
    case 'exclude.person':
      return same(view.people.filter(({ excluded }) => !excluded).map(({ email }) => email));
    case 'readmit.person':
      return same(view.people.filter(({ excluded }) => excluded).map(({ email }) => email));
    case 'approve.request':
      return same(open);
    case 'refuse.request':
      return [...same(open), ...asked];
    case 'breakGlass.request':
      return same(open.filter((id) => id.startsWith('contact:')));
    case 'confirm.request':
      return asked;
    case 'giveUp.target':
      return same(view.containments.map(({ target }) => target.id));
    case 'orderStop.instance':
    case 'release.instance':
      return same(
        view.containments.filter(({ target }) => target.kind === 'instance').map(({ target }) => target.id),
      );
    case 'sendSms.person':
      return same(view.people.filter(({ excluded }) => !excluded).map(({ email }) => email));
    case 'logContact.party':
      return view.parties.filter(({ kind }) => kind !== 'customer').map(asParty);
    case 'reachCustomer.party':
      return view.parties.filter(({ kind }) => kind === 'customer').map(asParty);
    case 'retrySend.message':
    case 'dropSend.message':
      return view.stuckMessages.map(({ id, what }) => ({ value: id, label: `${id}: ${what}` }));
    case 'meetClock.clock':
      return view.clocks
        .filter(({ state }) => state !== 'met')
        .map(({ id, title }) => ({ value: id, label: title }));
    case 'reopenClock.clock':
      return view.clocks
        .filter(({ state }) => state === 'met')
        .map(({ id, title }) => ({ value: id, label: title }));
    case 'settleRotation.user':
      return same(view.rotations.map(({ user }) => user));
    case 'settleRotation.system':
      return same(view.rotations.map(({ system }) => system));
    default:
      return [];
  }
}

function asParty({ id, name }: ChecklistView['parties'][number]): OptionOf {
  return { value: id, label: `${id}: ${name}` };
}

/** What Slack sends of an input. */
interface Entered {
  readonly value?: string | null;
  readonly selected_option?: { readonly value?: string } | null;
  readonly selected_options?: readonly { readonly value?: string }[] | null;
}

export type State = Readonly<Record<string, Readonly<Record<string, Entered>>>>;

export type ReadForm =
  | { readonly ok: true; readonly fields: Readonly<Record<string, unknown>> }
  /** What is wrong, by the input beside which it is shown. */
  | { readonly ok: false; readonly errors: Readonly<Record<string, string>> };

/** The decision's fields, checked as the incident will check them, so that what is wrong shows beside its input. */
export function readForm(name: DecisionName, preset: Preset, state: State, by: string): ReadForm {
  const fields: Record<string, unknown> = { ...preset };
  const errors: Record<string, string> = {};
  const asked = fieldsOf(name, preset);
  for (const { id, type, isOptional } of asked) {
    const value = valueOf(id, type, state);
    if (value === 'both') errors[id] = 'Choose one, or name another: not both.';
    else if (value !== undefined) fields[id] = value.given;
    else if (!isOptional) errors[id] = 'This is needed.';
  }
  if (Object.keys(errors).length > 0) return { ok: false, errors };
  const parsed = parseDecision(name, { by, ...fields });
  if (parsed.ok) return { ok: true, fields };
  for (const problem of parsed.problems) {
    const [field = '', ...rest] = problem.split(': ');
    const beside = asked.find(({ id }) => id === field) ?? asked.at(-1);
    // Shown with what was typed, where that was typed.
    const id = beside && hasTyped(beside.id, state) ? `${beside.id}${OTHER}` : beside?.id;
    if (id !== undefined) errors[id] ??= beside?.id === field ? sentence(rest.join(': ')) : sentence(problem);
  }
  return { ok: false, errors };
}

function valueOf(id: string, type: string, state: State): { given: unknown } | 'both' | undefined {
  if (type === 'document') {
    const parts = PARTS.flatMap((part) => textIn(state, `${id}${part}`) ?? []);
    return parts.length === 0 ? undefined : { given: parts.join('\n\n') };
  }
  if (type === 'tasks') {
    const chosen = (enteredIn(state, id)?.selected_options ?? []).flatMap(({ value }) => value ?? []);
    return chosen.length === 0 ? undefined : { given: chosen };
  }
  const own = enteredIn(state, id)?.selected_option?.value ?? textIn(state, id);
  const other = textIn(state, `${id}${OTHER}`);
  if (own !== undefined && other !== undefined) return 'both';
  const value = own ?? other;
  if (value === undefined) return undefined;
  if (type === 'minutes') return { given: Number(value) };
  if (type === 'addresses')
    return {
      given: value
        .split(/[,;]/)
        .map((one) => one.trim())
        .filter(Boolean),
    };
  return { given: type === 'text' ? value : value.trim() };
}

const hasTyped = (id: string, state: State) => textIn(state, `${id}${OTHER}`) !== undefined;

function enteredIn(state: State, id: string): Entered | undefined {
  return Object.hasOwn(state, id) ? Object.values(state[id] ?? {})[0] : undefined;
}

function textIn(state: State, id: string): string | undefined {
  const value = enteredIn(state, id)?.value;
  return value === undefined || value === null || value.trim() === '' ? undefined : value;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
