/**
 * What Slack tells an app, in Slack's form: https://docs.slack.dev/reference/interaction-payloads and
 * https://docs.slack.dev/apis/events-api#events-JSON.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import type { Fields } from './answers';
import { APP, TEAM } from './app';
import type { View } from './views';

/** Deprecated by Slack, and sent all the same. */
const VERIFICATION_TOKEN = 'stand-in-verification-token';

export interface Person {
  readonly id: string;
  /** The handle. */
  readonly name: string;
}

export interface Conversation {
  readonly id: string;
  readonly name: string;
  readonly kind: 'channel' | 'group' | 'im';
}

/** Slack does not tell an app the names of private conversations. */
const NAMES = { channel: undefined, group: 'privategroup', im: 'directmessage' };
const nameOf = ({ name, kind }: Conversation) => NAMES[kind] ?? name;

export function eventOf(event: Fields): Fields {
  return {
    token: VERIFICATION_TOKEN,
    team_id: TEAM.id,
    context_team_id: TEAM.id,
    context_enterprise_id: null,
    api_app_id: APP.id,
    event,
    type: 'event_callback',
    event_id: `Ev${randomBytes(5).toString('hex').toUpperCase()}`,
    event_time: Math.floor(Date.now() / 1000),
    authorizations: [
      {
        enterprise_id: null,
        team_id: TEAM.id,
        user_id: APP.userId,
        is_bot: true,
        is_enterprise_install: false,
      },
    ],
    is_ext_shared_channel: false,
    event_context: `4-${randomBytes(12).toString('base64url')}`,
  };
}

/** The events of a message that a person has written. */
export function messageEvent(person: Person, conversation: Conversation, message: Fields): Fields {
  return {
    user: person.id,
    type: 'message',
    ts: message.ts,
    client_msg_id: randomUUID(),
    text: message.text,
    team: TEAM.id,
    channel: conversation.id,
    event_ts: message.ts,
    channel_type: conversation.kind,
  };
}

export function mentionEvent(person: Person, conversation: Conversation, message: Fields): Fields {
  const { channel_type: _none, ...event } = messageEvent(person, conversation, message);
  return { ...event, type: 'app_mention' };
}

/** A message of the app's own, as the app hears of it. */
export function ownMessage(message: Fields): Fields {
  return { ...message, bot_id: APP.botId, app_id: APP.id, team: TEAM.id };
}

export function command(
  person: Person,
  conversation: Conversation,
  said: { command: string; text: string; triggerId: string; responseUrl: string },
): Fields {
  return {
    token: VERIFICATION_TOKEN,
    team_id: TEAM.id,
    team_domain: TEAM.domain,
    channel_id: conversation.id,
    channel_name: nameOf(conversation),
    user_id: person.id,
    user_name: person.name,
    command: said.command,
    text: said.text,
    api_app_id: APP.id,
    is_enterprise_install: 'false',
    response_url: said.responseUrl,
    trigger_id: said.triggerId,
  };
}

/** Where something was pressed or chosen. */
export type Place =
  | {
      readonly conversation: Conversation;
      readonly message: Fields;
      readonly isEphemeral: boolean;
      readonly responseUrl: string;
    }
  | { readonly view: View };

export function blockActions(
  person: Person,
  place: Place,
  done: { actions: readonly Fields[]; values: Fields; triggerId: string },
): Fields {
  return {
    type: 'block_actions',
    ...interaction(person),
    trigger_id: done.triggerId,
    ...('view' in place
      ? {
          container: { type: 'view', view_id: place.view.id },
          view: { ...place.view, state: { values: done.values } },
        }
      : {
          container: {
            type: 'message',
            message_ts: place.message.ts,
            channel_id: place.conversation.id,
            is_ephemeral: place.isEphemeral,
          },
          channel: { id: place.conversation.id, name: nameOf(place.conversation) },
          // Slack keeps no ephemeral messages, so it has none to send.
          ...(!place.isEphemeral && { message: place.message }),
          state: { values: done.values },
          response_url: place.responseUrl,
        }),
    actions: done.actions,
  };
}

export function viewSubmission(person: Person, view: View, values: Fields, triggerId: string): Fields {
  return {
    type: 'view_submission',
    ...interaction(person),
    trigger_id: triggerId,
    view: { ...view, state: { values } },
    response_urls: [],
  };
}

export function viewClosed(person: Person, view: View, values: Fields, isCleared: boolean): Fields {
  return {
    type: 'view_closed',
    ...interaction(person),
    view: { ...view, state: { values } },
    is_cleared: isCleared,
  };
}

function interaction({ id, name }: Person): Fields {
  return {
    team: { id: TEAM.id, domain: TEAM.domain },
    user: { id, username: name, name, team_id: TEAM.id },
    api_app_id: APP.id,
    token: VERIFICATION_TOKEN,
    is_enterprise_install: false,
    enterprise: null,
  };
}
