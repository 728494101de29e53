/**
 * A decision by a person in Slack: the button under the message that asks for it, or else by the pinned checklist; then the
 * form, if one comes. How it ended is read in the timeline, and what the person is told, on the person's own screen.
 */
import { checklistOf, timelineOf } from '../client/incidents';
import { findTask, taskOf, type TaskId } from '../domain/checklist';
import type { DecisionName } from '../domain/decisions';
import type { Entry } from '../domain/entries';
import type { StepId } from '../domain/steps';
import { surpriseOf } from './outcome';
import type { ScenarioLook } from './scenario';
import { createSlackPerson, type SeenMessage, type SeenView, type SlackPerson } from './slack-person';
import type { Stage } from './stage';

export interface DecisionInSlack {
  readonly by: string;
  readonly does: DecisionName;
  readonly fields: Readonly<Record<string, unknown>>;
  /** The gates that must refuse it. */
  readonly refused?: readonly string[];
}

/** Each returns what went otherwise than it should have, as a sentence. */
export interface SlackHands {
  decide(decision: DecisionInSlack): Promise<string | undefined>;
  look(look: ScenarioLook): Promise<string | undefined>;
}

/** A busy machine answers late; Slack's own three seconds are looked at by the audit. */
const WITHIN_MS = 30_000;
const LOOK_EVERY_MS = 50;

/** What a form submits a decision as, by Slack's name for it. */
const FORM = 'firebreak.form';

interface Button {
  /** As in `firebreak.ID.2`. */
  readonly id: string;
  readonly value: string;
}

/** A button of a message; and, where that shows a view, one in it. */
type Way = readonly [first: Button & { readonly pinned: boolean }, then?: Button];

export function createSlackHands(stage: Stage, codename: string): SlackHands {
  const { client, slack } = stage;
  const persons = new Map<string, SlackPerson>();

  function person(email: string): SlackPerson {
    const known = persons.get(email) ?? createSlackPerson(slack, email);
    persons.set(email, known);
    return known;
  }

  async function roomName(): Promise<string> {
    const { room } = await checklistOf(client, codename);
    if (!room) throw new Error('there is no room yet in which something could be pressed');
    return room.name;
  }

  async function decide(decision: DecisionInSlack): Promise<string | undefined> {
    const { by, does, refused } = decision;
    const who = person(by);
    const before = (await timelineOf(client, codename)).length;
    const heard = who.ephemerals().length;
    await pressFor(who, decision);
    const entry = await outcome(who, decision, before);
    const surprise = surpriseOf(decision, refused, entry.kind !== 'refusal', entry.reasons ?? []);
    if (surprise !== undefined) return surprise;
    const word = refused ? 'Refused' : 'Taken';
    await until(
      `${by} to be told in private that ${does} was ${word.toLowerCase()}`,
      async () =>
        who
          .ephemerals()
          .slice(heard)
          .some(({ text }) => text.includes(word)) ||
        (who.view()?.text.includes(word) ?? false),
    );
    await clearScreen(who);
    return undefined;
  }

  /** By the first way that there is, as soon as there is one: a person may be on the way into the room still. */
  async function pressFor(who: SlackPerson, decision: DecisionInSlack): Promise<void> {
    await until(`a button with which ${who.email} could ${decision.does}`, async () => {
      const room = await roomName();
      for (const [{ pinned, ...first }, then] of waysOf(codename, decision)) {
        const found = (await messagesIn(who, room)).find(
          (message) => isPinned(message) === pinned && hasButton(message, first),
        );
        if (!found) continue;
        await who.press(found, choiceOf(first));
        if (!then) return true;
        const view = await shown(who, ({ callbackId, buttons }) => callbackId !== FORM && buttons.length > 0);
        if (hasButton(view, then)) {
          await who.pressInView(choiceOf(then));
          return true;
        }
        await clearScreen(who);
      }
      return false;
    });
  }

  /** The entry that the decision became; fills in the form on the way, where there is one. */
  async function outcome(
    who: SlackPerson,
    { does, fields }: DecisionInSlack,
    before: number,
  ): Promise<Entry> {
    let submitted = false;
    return until(`${does} by ${who.email} to be decided`, async () => {
      const view = who.view();
      if (!submitted && view?.callbackId === FORM) {
        await fillIn(who, view, fields);
        const { errors } = await who.submit();
        if (errors.length > 0)
          throw new Stuck(
            `${who.email} could not submit ${does}: ${errors.map(({ label, text }) => `${label}: ${text}`).join('; ')}`,
          );
        submitted = true;
      }
      const entries = await timelineOf(client, codename);
      return entries.slice(before).find((entry) => entry.by === who.email && entry.decision === does);
    });
  }

  async function look(wanted: ScenarioLook): Promise<string | undefined> {
    const who = person(wanted.by);
    if ('command' in wanted) {
      const heard = who.ephemerals().length;
      await who.command('/firebreak', wanted.command.replaceAll('${codename}', codename), wanted.channel);
      await until(`${wanted.by} to be answered "${wanted.says}"`, async () =>
        who
          .ephemerals()
          .slice(heard)
          .some(({ text }) => text.includes(wanted.says)),
      );
      return undefined;
    }
    const { why, gates } = wanted;
    await until(`the pinned checklist on the screen of ${wanted.by}`, async () => {
      const pinned = (await messagesIn(who, await roomName())).find(isPinned);
      return pinned && who.press(pinned, choiceOf({ id: 'step', value: `${codename} ${stepOfTask(why)}` }));
    });
    const button = { id: 'why', value: `${codename} ${why}` };
    await shown(who, (view) => hasButton(view, button));
    await who.pressInView(choiceOf(button));
    const view = await shown(who, ({ text }) => text.includes('Locked because'));
    const { steps } = await checklistOf(client, codename);
    const blockers = steps.flatMap(({ tasks }) => tasks).find(({ id }) => id === why)?.blockers ?? [];
    await clearScreen(who);
    const untold = gates.filter(
      (gate) => !blockers.some((one) => one.gate === gate && view.text.includes(one.reason)),
    );
    return untold.length === 0
      ? undefined
      : `${wanted.by} asked why ${why} is locked, and was not told of ${untold.join(', ')}`;
  }

  /** Whatever can't be done is told as a violation, and the drill goes on. */
  const orSurprise = async (what: string, work: Promise<string | undefined>) => {
    try {
      return await work;
    } catch (error) {
      return `${what}: ${error instanceof Error ? error.message : String(error)}`;
    }
  };
  return {
    decide: (decision) => orSurprise(`${decision.does} in Slack`, decide(decision)),
    look: (wanted) => orSurprise(`a look in Slack`, look(wanted)),
  };
}

/** No further waiting helps. */
class Stuck extends Error {}

/** The newest first: what was asked last. */
async function messagesIn(who: SlackPerson, room: string): Promise<SeenMessage[]> {
  return (await who.messages(room)).reverse();
}

/** The checklist is the one message with the button for help. */
function isPinned({ buttons }: SeenMessage): boolean {
  return buttons.some(({ actionId }) => actionId.startsWith('firebreak.help.'));
}

function choiceOf({ id, value }: Button) {
  return { actionId: new RegExp(`^firebreak\\.${id}\\.\\d+$`), value };
}

function hasButton({ buttons }: Pick<SeenMessage | SeenView, 'buttons'>, button: Button): boolean {
  const { actionId, value } = choiceOf(button);
  return buttons.some((one) => actionId.test(one.actionId) && one.value === value);
}

/** From the nearest to the farthest: what asks, what the checklist has for it, and the list of all decisions. */
function waysOf(codename: string, { by, does, fields }: DecisionInSlack): Way[] {
  const about = (what: unknown) => `${codename} ${String(what)}`;
  const message = (id: string, value: string): Way => [{ id, value, pinned: false }];
  const pinned = (id: string, value: string, then?: Button): Way => {
    const first = { id, value, pinned: true };
    return then ? [first, then] : [first];
  };
  const inPeople = pinned('people', codename, { id: 'decide', value: about(does) });
  const inMore = pinned('more', codename, { id: 'decide', value: about(does) });
  const inStep = (id: string, task: TaskId) =>
    pinned('step', about(stepOfTask(task)), { id, value: about(task) });
  const tasks = (fields['tasks'] as TaskId[] | undefined) ?? [];
  const [task = fields['task'] as TaskId | undefined] = tasks;
  const request = about(fields['request']);
  const isOneTask = task !== undefined && tasks.length < 2;
  switch (does) {
    case 'determine':
    case 'acknowledge':
    case 'close':
      return [pinned(does, codename), inMore];
    case 'recordFinding':
      return [pinned('finding', codename), inMore];
    case 'approve':
    case 'refuse':
      return [message(does, request), pinned('requests', codename, { id: does, value: request }), inMore];
    case 'confirm':
      return [message(does, request), pinned('confirm', codename, { id: does, value: request }), inMore];
    case 'acceptCommand':
      return [message(does, codename), inPeople];
    case 'startTask':
      return task === undefined ? [inMore] : [message('start', about(task)), inStep('start', task), inMore];
    case 'completeTasks':
      return isOneTask ? [message('complete', about(task)), inStep('complete', task), inMore] : [inMore];
    case 'markNotNeeded':
      return isOneTask ? [inStep('notNeeded', task), inMore] : [inMore];
    case 'assignTask':
      return task === undefined
        ? [inMore]
        : [inStep(fields['to'] === by ? 'assignToMe' : 'assign', task), inMore];
    case 'giveRole':
    case 'takeRole':
    case 'offerCommand':
    case 'exclude':
    case 'readmit':
    case 'moveRoom':
    case 'lookWho':
      return [inPeople, inMore];
    default:
      return [inMore];
  }
}

function stepOfTask(task: string): StepId {
  return taskOf(findTask(task) as TaskId).step;
}

/** By the decision's own fields. What a menu does not offer is typed beside it. */
async function fillIn(
  who: SlackPerson,
  view: SeenView,
  fields: Readonly<Record<string, unknown>>,
): Promise<void> {
  const has = (id: string) => view.fields.some(({ blockId }) => blockId === id);
  for (const [id, value] of Object.entries(fields)) {
    if (!has(id)) continue;
    const values = (Array.isArray(value) ? value : [value]).map(String);
    const other = `${id}~other`;
    const isOffered = view.fields
      .find(({ blockId }) => blockId === id)
      ?.options.some((label) => values.includes(label));
    const field = has(other) && isOffered !== true ? other : id;
    await who.fill(field, ...values);
  }
}

async function clearScreen(who: SlackPerson): Promise<void> {
  while (who.view()) await who.closeView();
}

function shown(who: SlackPerson, is: (view: SeenView) => boolean): Promise<SeenView> {
  return until(`a view on the screen of ${who.email}`, async () => {
    const view = who.view();
    return view && is(view) ? view : undefined;
  });
}

/** What is not there yet may be there in a moment. */
async function until<T>(what: string, look: () => Promise<T | undefined | false>): Promise<T> {
  const deadline = Date.now() + WITHIN_MS;
  for (;;) {
    let why = '';
    try {
      const found = await look();
      if (found !== undefined && found !== false) return found;
    } catch (error) {
      if (error instanceof Stuck) throw error;
      why = error instanceof Error ? `: ${error.message}` : '';
    }
    if (Date.now() > deadline) throw new Error(`waited ${WITHIN_MS / 1_000} s in vain for ${what}${why}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
