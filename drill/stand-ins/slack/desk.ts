/**
 * One person's Slack program: what Slack shows them, and what Slack does when they write, command, press or submit.
 * Nothing of it is among the calls, which are the app's.
 */
import { isFields, textOf, type Fields } from './answers';
import { APP } from './app';
import { withMentions } from './mentions';
import type { Directory } from './directory';
import type { Ephemeral, Ephemerals } from './ephemerals';
import type { Delivery, Inbound } from './inbound';
import { everyPage, type Ask } from './inside';
import {
  blockActions,
  command,
  eventOf,
  mentionEvent,
  messageEvent,
  ownMessage,
  viewClosed,
  viewSubmission,
  type Conversation,
  type Person,
} from './payloads';
import type { ResponseUrls } from './response-urls';
import type { Triggers } from './triggers';
import type { View, Views } from './views';

export interface Desk {
  readonly person: Person;
  /** The conversations in the side bar, and the public channels that can be found. */
  conversations(): Promise<Conversation[]>;
  /** The direct conversation with the app. */
  withApp(): Promise<Conversation>;
  /** From the oldest to the newest. */
  history(conversation: Conversation): Promise<Fields[]>;
  ephemerals(): readonly Ephemeral[];
  /** The views on the screen, the topmost last. */
  views(): readonly View[];
  /** Somebody's id, as the list of people of a menu has it. */
  idOfPerson(person: string): string;
  nameOf(user: string): string;
  write(conversation: Conversation, text: string): Promise<{ ts: string; deliveries: Delivery[] }>;
  command(name: string, text: string, conversation: Conversation): Promise<Delivery>;
  actOnMessage(
    conversation: Conversation,
    message: Fields,
    isEphemeral: boolean,
    done: { actions: readonly Fields[]; values: Fields },
  ): Promise<Delivery>;
  actInView(view: View, done: { actions: readonly Fields[]; values: Fields }): Promise<Delivery>;
  /** @returns the errors that are shown beside the inputs, by block. */
  submit(view: View, values: Fields): Promise<{ errors: Record<string, string>; delivery: Delivery }>;
  close(view: View, values: Fields): Promise<void>;
}

export interface DeskSettings {
  readonly email: string;
  readonly isGuest: boolean;
  /** Acts as this person, past the proxy. */
  readonly ask: Ask;
  readonly scopes: readonly string[];
  /** Mentions in a command reach the app as ids: "Escape channels, users, and links" of the app's settings. */
  readonly escapesCommands: boolean;
  readonly directory: Directory;
  readonly ephemerals: Ephemerals;
  readonly inbound: Inbound;
  readonly responseUrls: ResponseUrls;
  readonly triggers: Triggers;
  readonly views: Views;
}

const HISTORY_SCOPES = { channel: 'channels:history', group: 'groups:history', im: 'im:history' };

export function createDesk(settings: DeskSettings): Desk {
  const { email, ask, scopes, directory, ephemerals, inbound, responseUrls, triggers, views } = settings;
  const person: Person = { id: directory.idOf(email), name: email };

  const nameOf = (user: string) => (user === APP.userId ? APP.name : directory.emailOf(user));

  async function conversations(): Promise<Conversation[]> {
    const listed = await everyPage(ask, 'conversations.list', 'channels', {
      types: 'public_channel,private_channel,im',
    });
    const shown = listed.filter(
      ({ is_private, is_member }) => is_member === true || (is_private !== true && !settings.isGuest),
    );
    return shown.map((channel) => ({
      id: String(channel.id),
      name: channel.is_im === true ? nameOf(String(channel.user)) : String(channel.name),
      kind: kindOf(channel),
    }));
  }

  async function hasApp(channel: string): Promise<boolean> {
    const { members } = await ask('conversations.members', { channel });
    return (members as string[]).includes(APP.userId);
  }

  async function told(delivery: Delivery, what: string): Promise<Delivery> {
    if (delivery.acknowledged) return delivery;
    throw new Error(
      `Slack shows ${email} that ${what}: the app did not answer in three seconds (${delivery.failure}).`,
    );
  }

  return {
    person,
    conversations,
    async withApp() {
      const { channel } = await ask('conversations.open', { users: APP.userId });
      return { id: textOf((channel as Fields).id), name: APP.name, kind: 'im' };
    },
    async history({ id }) {
      const messages = await everyPage(ask, 'conversations.history', 'messages', { channel: id });
      return messages
        .reverse()
        .map((message) => (message.user === APP.userId ? ownMessage(message) : message));
    },
    ephemerals: () => ephemerals.of(person.id),
    views: () => views.stackOf(person.id),
    idOfPerson: (wanted) => (directory.emailOf(wanted) === wanted ? directory.idOf(wanted) : wanted),
    nameOf,
    async write(conversation, text) {
      const posted = await ask('chat.postMessage', {
        channel: conversation.id,
        text: withMentions(text, directory),
      });
      const message = posted.message as Fields;
      const isMention = textOf(message.text).includes(`<@${APP.userId}>`);
      const events = [
        ...(scopes.includes(HISTORY_SCOPES[conversation.kind])
          ? [messageEvent(person, conversation, message)]
          : []),
        ...(isMention && conversation.kind !== 'im' && scopes.includes('app_mentions:read')
          ? [mentionEvent(person, conversation, message)]
          : []),
      ];
      const deliveries = (await hasApp(conversation.id))
        ? await Promise.all(events.map((event) => inbound.deliver('events_api', eventOf(event))))
        : [];
      return { ts: textOf(posted.ts), deliveries };
    },
    async command(name, text, conversation) {
      if (!scopes.includes('commands'))
        throw new Error(`${name} is not a valid command: the app lacks the scope commands.`);
      const origin = { user: person.id, channel: conversation.id };
      const payload = command(person, conversation, {
        command: name,
        text: settings.escapesCommands ? withMentions(text, directory).trim() : text.trim(),
        triggerId: triggers.issue({ user: person.id, viewId: undefined }),
        responseUrl: responseUrls.issue(origin),
      });
      const delivery = await told(await inbound.deliver('slash_commands', payload), `${name} failed`);
      const { answer } = delivery;
      if (textOf(answer.text) !== '' || answer.blocks !== undefined) {
        const problem = await responseUrls.show(origin, answer);
        if (problem !== undefined)
          throw new Error(`the app answered ${name} with what Slack refuses: ${problem}.`);
      }
      return delivery;
    },
    async actOnMessage(conversation, message, isEphemeral, done) {
      const origin = {
        user: person.id,
        channel: conversation.id,
        message: { ts: textOf(message.ts), isEphemeral },
      };
      const place = { conversation, message, isEphemeral, responseUrl: responseUrls.issue(origin) };
      const triggerId = triggers.issue({ user: person.id, viewId: undefined });
      const payload = blockActions(person, place, { ...done, triggerId });
      return told(await inbound.deliver('interactive', payload), 'the click failed');
    },
    async actInView(view, done) {
      const triggerId = triggers.issue({ user: person.id, viewId: view.id });
      const payload = blockActions(person, { view }, { ...done, triggerId });
      return told(await inbound.deliver('interactive', payload), 'the click failed');
    },
    async submit(view, values) {
      const triggerId = triggers.issue({ user: person.id, viewId: view.id });
      const payload = viewSubmission(person, view, values, triggerId);
      const delivery = await told(
        await inbound.deliver('interactive', payload),
        'the view could not be submitted',
      );
      return { ...views.respond(person.id, view.id, delivery.answer), delivery };
    },
    async close(view, values) {
      views.close(person.id, view.clear_on_close);
      if (view.notify_on_close)
        await inbound.deliver('interactive', viewClosed(person, view, values, view.clear_on_close));
    },
  };
}

export function kindOf(channel: Fields): Conversation['kind'] {
  if (channel.is_im === true) return 'im';
  return channel.is_private === true ? 'group' : 'channel';
}

/** The event of a message that the app itself has posted or changed. */
export function ownEvent(channel: Fields, answer: Fields, isUpdate: boolean): Fields | undefined {
  if (!isFields(answer.message)) return undefined;
  const message = ownMessage(answer.message);
  const place = { channel: channel.id, channel_type: kindOf(channel) };
  return eventOf(
    isUpdate
      ? {
          type: 'message',
          subtype: 'message_changed',
          hidden: true,
          message,
          ...place,
          ts: message.ts,
          event_ts: message.ts,
        }
      : { ...message, type: 'message', ...place, event_ts: message.ts },
  );
}

/** What the app must be allowed to hear of a conversation's messages. */
export function historyScopeOf(channel: Fields): string {
  return HISTORY_SCOPES[kindOf(channel)];
}
