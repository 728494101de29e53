/**
 * A person in Slack who reads, writes, presses and fills in: what Slack shows them and nothing else, against the
 * stand-in. What is not on their screen they can't press, and are told so.
 */
import { APP } from './stand-ins/slack/app';
import type { Desk } from './stand-ins/slack/desk';
import {
  allButtons,
  choosable,
  fieldsOf,
  pressable,
  textShown,
  valuesOf,
  type SeenField,
} from './stand-ins/slack/screen';
import { complaintOf, stateAfter, type ElementState } from './stand-ins/slack/elements';
import type { Fields } from './stand-ins/slack/answers';
import type { Conversation } from './stand-ins/slack/payloads';
import type { Delivery, SlackStandIn } from './stand-ins/slack';
import type { View } from './stand-ins/slack/views';

export interface SeenButton {
  readonly label: string;
  readonly actionId: string;
  readonly value: string | undefined;
  readonly style: string | undefined;
}

export interface SeenMessage {
  /** The name of the channel; of a direct conversation, who it is with; of what they alone see, the id of the channel. */
  readonly channel: string;
  readonly ts: string;
  /** The author's e-mail, or `firebreak`. */
  readonly from: string;
  /** What is to be read. */
  readonly text: string;
  readonly buttons: readonly SeenButton[];
  readonly isEphemeral: boolean;
  readonly isEdited: boolean;
  /** As Slack holds it. */
  readonly raw: Fields;
}

export interface SeenView {
  readonly id: string;
  readonly title: string;
  readonly callbackId: string;
  /** What is to be read beside the fields. */
  readonly text: string;
  readonly fields: readonly SeenField[];
  readonly buttons: readonly SeenButton[];
  /** The label of the button that submits it, where there is one. */
  readonly submit: string | undefined;
  /** How many views lie one on the other. */
  readonly depth: number;
}

export interface ShownError {
  readonly blockId: string;
  readonly label: string;
  readonly text: string;
}

/** A button by its label or action id; or by several of its marks, where a message has many alike. */
export type ButtonChoice =
  | string
  | RegExp
  | {
      readonly label?: string | RegExp;
      readonly actionId?: string | RegExp;
      readonly value?: string | RegExp;
    };

/** How something went that Slack told the app of. */
export interface Outcome {
  /** How long the app's answer took, in milliseconds. */
  readonly tookMs: number;
  readonly delivery: Delivery;
}

export interface SlackPerson {
  readonly email: string;
  readonly userId: string;
  /** The names of the channels that they can open. */
  channels(): Promise<string[]>;
  /** Writes into a channel, by its name. `@firebreak` and `@ic@example.com` are mentions. */
  say(channel: string, text: string): Promise<{ ts: string; deliveries: readonly Delivery[] }>;
  /** Writes to the app alone. */
  sayToApp(text: string): Promise<{ ts: string; deliveries: readonly Delivery[] }>;
  command(name: string, text: string, channel: string): Promise<Outcome>;
  /** From the oldest to the newest, without Slack's own notices and without what they alone see. */
  messages(channel: string): Promise<SeenMessage[]>;
  /** What they alone see, everywhere. */
  ephemerals(): SeenMessage[];
  /** What the app has told them, and they the app. */
  directMessages(): Promise<SeenMessage[]>;
  /** Waits until there is such a message, and gives it back. */
  waitForMessage(
    channel: string,
    is: (message: SeenMessage) => boolean,
    withinMs?: number,
  ): Promise<SeenMessage>;
  waitForEphemeral(is: (message: SeenMessage) => boolean, withinMs?: number): Promise<SeenMessage>;
  waitForDirectMessage(is: (message: SeenMessage) => boolean, withinMs?: number): Promise<SeenMessage>;
  waitForView(is?: (view: SeenView) => boolean, withinMs?: number): Promise<SeenView>;
  /**
   * Presses a button of a message, as the message is now. With `asShown`, as it was when it was read: the screen of a
   * person whose connection is slow. A question "are you sure" is answered with yes.
   */
  press(message: SeenMessage, button: ButtonChoice, how?: { asShown?: boolean }): Promise<Outcome>;
  /** Chooses in a menu of a message. */
  choose(message: SeenMessage, field: string, ...values: readonly string[]): Promise<Outcome | undefined>;
  /** The view on top of the screen. */
  view(): SeenView | undefined;
  pressInView(button: ButtonChoice): Promise<Outcome>;
  /**
   * Fills in a field by its label, block id or action id. Menus by label or value of an option, people by e-mail; no
   * value empties the field.
   */
  fill(field: string, ...values: readonly string[]): Promise<Outcome | undefined>;
  /** Submits the view. Errors that are shown beside its fields are returned; Slack's own are told to nobody else. */
  submit(): Promise<{ errors: readonly ShownError[]; outcome: Outcome | undefined }>;
  closeView(): Promise<void>;
}

const WAIT_MS = 10_000;
const LOOK_EVERY_MS = 25;

export function createSlackPerson(slack: SlackStandIn, email: string): SlackPerson {
  const desk = slack.deskOf(email);
  /** What was put into fields, by message or view, block and element. Survives an update that keeps their ids. */
  const entered = new Map<string, ElementState>();
  const stateIn = (place: string) => (blockId: string, actionId: string) =>
    entered.get([place, blockId, actionId].join('\n'));

  async function conversationOf(name: string): Promise<Conversation> {
    const all = await desk.conversations();
    const found = all.find((each) => each.name === name.replace(/^#/, '') || each.id === name);
    if (!found) throw new Error(`${email} sees no channel ${name} in Slack.`);
    return found;
  }

  async function read(conversation: Conversation): Promise<SeenMessage[]> {
    const history = await desk.history(conversation);
    return history
      .filter(({ subtype }) => subtype === undefined)
      .map((message) => seen(desk, conversation.name, message, false));
  }

  function ephemerals(): SeenMessage[] {
    return desk
      .ephemerals()
      .map((message) => seen(desk, message.channel, { ...message, user: APP.userId }, true));
  }

  async function placeOf(message: SeenMessage, asShown: boolean) {
    if (message.isEphemeral) {
      const now = ephemerals().find(({ ts }) => ts === message.ts);
      if (!now && !asShown) throw new Error(`the message is no longer on the screen of ${email}.`);
      return { conversation: await conversationOf(message.channel), raw: asShown ? message.raw : now!.raw };
    }
    const conversation = await conversationOf(message.channel);
    if (asShown) return { conversation, raw: message.raw };
    const now = (await read(conversation)).find(({ ts }) => ts === message.ts);
    if (!now) throw new Error(`the message is no longer on the screen of ${email}.`);
    return { conversation, raw: now.raw };
  }

  function top(): View {
    const view = desk.views().at(-1);
    if (!view) throw new Error(`no view is open on the screen of ${email}.`);
    return view;
  }

  function shown(view: View): SeenView {
    return {
      id: view.id,
      title: (view.title as Fields).text as string,
      callbackId: view.callback_id,
      text: textShown(view.blocks),
      fields: fieldsOf(view.blocks, stateIn(view.id)),
      buttons: buttonsOf(view.blocks),
      submit: (view.submit as Fields | null)?.text as string | undefined,
      depth: desk.views().length,
    };
  }

  function enter(place: string, blocks: readonly Fields[], field: string, values: readonly string[]) {
    const found = choosable(blocks, field);
    if (typeof found === 'string') throw new Error(`${found} on the screen of ${email}`);
    const { block, element } = found;
    let state: ElementState;
    try {
      state = stateAfter(element, values, desk.idOfPerson);
    } catch (error) {
      throw new Error(`${email} can't fill in "${field}": ${(error as Error).message}`, { cause: error });
    }
    entered.set([place, block.block_id, element.action_id].join('\n'), state);
    const { type: _type, ...held } = state;
    const action = { ...actionOf(found), ...held };
    // In an input a change is told only where the app has asked for it.
    return block.type !== 'input' || isDispatched(block, element) ? action : undefined;
  }

  return {
    email,
    userId: desk.person.id,
    channels: async () =>
      (await desk.conversations()).filter(({ kind }) => kind !== 'im').map(({ name }) => name),
    say: async (channel, text) => desk.write(await conversationOf(channel), text),
    sayToApp: async (text) => desk.write(await desk.withApp(), text),
    command: async (name, text, channel) =>
      outcomeOf(await desk.command(name, text, await conversationOf(channel))),
    messages: async (channel) => read(await conversationOf(channel)),
    ephemerals,
    directMessages: async () => read(await desk.withApp()),
    waitForMessage: (channel, is, withinMs) =>
      until(
        `a message in ${channel} that ${email} waits for`,
        async () => (await read(await conversationOf(channel))).find(is),
        withinMs,
      ),
    waitForEphemeral: (is, withinMs) =>
      until(`a message to ${email} alone`, async () => ephemerals().find(is), withinMs),
    waitForDirectMessage: (is, withinMs) =>
      until(
        `a direct message to ${email}`,
        async () => (await read(await desk.withApp())).find(is),
        withinMs,
      ),
    waitForView: (is = () => true, withinMs) =>
      until(
        `a view on the screen of ${email}`,
        async () => desk.views().slice(-1).map(shown).find(is),
        withinMs,
      ),
    async press(message, button, { asShown = false } = {}) {
      const { conversation, raw } = await placeOf(message, asShown);
      const blocks = blocksOf(raw);
      const found = pressable(blocks, button);
      if (typeof found === 'string') throw new Error(`${found} on the screen of ${email}`);
      const values = valuesOf(blocks, stateIn(message.ts));
      const done = { actions: [actionOf(found)], values };
      return outcomeOf(await desk.actOnMessage(conversation, raw, message.isEphemeral, done));
    },
    async choose(message, field, ...values) {
      const { conversation, raw } = await placeOf(message, false);
      const blocks = blocksOf(raw);
      const action = enter(message.ts, blocks, field, values);
      if (!action) return undefined;
      const done = { actions: [action], values: valuesOf(blocks, stateIn(message.ts)) };
      return outcomeOf(await desk.actOnMessage(conversation, raw, message.isEphemeral, done));
    },
    view() {
      const view = desk.views().at(-1);
      return view && shown(view);
    },
    async pressInView(button) {
      const view = top();
      const found = pressable(view.blocks, button);
      if (typeof found === 'string') throw new Error(`${found} on the screen of ${email}`);
      const values = valuesOf(view.blocks, stateIn(view.id));
      return outcomeOf(await desk.actInView(view, { actions: [actionOf(found)], values }));
    },
    async fill(field, ...values) {
      const view = top();
      const action = enter(view.id, view.blocks, field, values);
      if (!action) return undefined;
      const done = { actions: [action], values: valuesOf(view.blocks, stateIn(view.id)) };
      return outcomeOf(await desk.actInView(view, done));
    },
    async submit() {
      const view = top();
      if (!view.submit) throw new Error(`the view on the screen of ${email} has no button to submit it.`);
      const fields = shown(view).fields.filter(({ isInput }) => isInput);
      const complaints = fields.flatMap(({ blockId, label, element, state, isOptional }) => {
        const text = complaintOf(element, state, isOptional);
        return text === undefined ? [] : [{ blockId, label, text }];
      });
      if (complaints.length > 0) return { errors: complaints, outcome: undefined };
      const { errors, delivery } = await desk.submit(view, valuesOf(view.blocks, stateIn(view.id)));
      return {
        errors: Object.entries(errors).map(([blockId, text]) => ({
          blockId,
          label: fields.find((field) => field.blockId === blockId)?.label ?? '',
          text,
        })),
        outcome: outcomeOf(delivery),
      };
    },
    async closeView() {
      const view = top();
      await desk.close(view, valuesOf(view.blocks, stateIn(view.id)));
    },
  };
}

function seen(desk: Desk, channel: string, raw: Fields, isEphemeral: boolean): SeenMessage {
  const blocks = blocksOf(raw);
  return {
    channel,
    ts: raw.ts as string,
    from: desk.nameOf(raw.user as string),
    text: textShown(blocks) || (raw.text as string),
    buttons: buttonsOf(blocks),
    isEphemeral,
    isEdited: raw.edited !== undefined,
    raw,
  };
}

function blocksOf(raw: Fields): readonly Fields[] {
  return (raw.blocks as Fields[] | undefined) ?? [];
}

function buttonsOf(blocks: readonly Fields[]): SeenButton[] {
  return allButtons(blocks).map(({ element }) => ({
    label: (element.text as Fields).text as string,
    actionId: element.action_id as string,
    value: element.value as string | undefined,
    style: element.style as string | undefined,
  }));
}

function actionOf({ block, element }: { block: Fields; element: Fields }): Fields {
  const { type, action_id, text, value, style } = element;
  return {
    action_id,
    block_id: block.block_id,
    type,
    ...(type === 'button' && {
      text,
      ...(value !== undefined && { value }),
      ...(style !== undefined && { style }),
    }),
    action_ts: (Date.now() / 1000).toFixed(6),
  };
}

/** Text is told as it is typed only where the app wants every character. */
function isDispatched(block: Fields, element: Fields): boolean {
  if (block.dispatch_action !== true) return false;
  if (element.type !== 'plain_text_input' && element.type !== 'number_input') return true;
  const config = element.dispatch_action_config as { trigger_actions_on?: string[] } | undefined;
  return config?.trigger_actions_on?.includes('on_character_entered') ?? false;
}

function outcomeOf(delivery: Delivery): Outcome {
  return { tookMs: delivery.tookMs ?? Infinity, delivery };
}

/** @throws where it is not there in time. */
async function until<T>(what: string, look: () => Promise<T | undefined>, withinMs = WAIT_MS): Promise<T> {
  const end = Date.now() + withinMs;
  let last: unknown;
  for (;;) {
    try {
      const found = await look();
      if (found !== undefined) return found;
      last = undefined;
    } catch (error) {
      // The room is not there yet, or they are not in it yet.
      last = error;
    }
    if (Date.now() > end)
      throw new Error(`${what} did not come within ${withinMs} ms.`, {
        ...(last !== undefined && { cause: last }),
      });
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
