/** Saying something to one person alone. */
import type { ChatRoom } from '../../activities/room';
import { unavailable } from '../../activities/failures';
import type { Accounts } from './accounts';
import { ask, type SlackClient } from './client';
import type { Messages } from './messages';

/** Slack's refusals that lie in the person: they have left, are hidden from the app, or are no person. */
const NOT_OPENED = [
  'user_not_found',
  'users_not_found',
  'user_not_visible',
  'user_disabled',
  'cannot_dm_bot',
  'invalid_user_combination',
  'messages_tab_disabled',
] as const;
/** The same, of a conversation that has just been opened. */
const NOT_TAKEN = [...NOT_OPENED, 'channel_not_found', 'is_archived', 'is_inactive'] as const;

export function createTellPerson(
  { web }: SlackClient,
  accounts: Accounts,
  say: Messages['say'],
): Pick<ChatRoom, 'tellPerson'> {
  /** Slack's id of the conversation by the person's. It stays the same. */
  const conversations = new Map<string, string>();

  /** Undefined where Slack does not let the app speak to them. */
  async function conversationWith(user: string): Promise<string | undefined> {
    const known = conversations.get(user);
    if (known !== undefined) return known;
    const answer = await ask('conversations.open', web.conversations.open({ users: user }), ...NOT_OPENED);
    if (typeof answer === 'string') return undefined;
    const id = answer.channel?.id;
    if (id === undefined)
      throw unavailable('Slack answered conversations.open without the id of the conversation.');
    conversations.set(user, id);
    return id;
  }

  return {
    async tellPerson({ email, ...message }) {
      const user = await accounts.idOf(email);
      const conversation = user === undefined ? undefined : await conversationWith(user);
      if (conversation === undefined) return { told: false };
      const answer = await say(conversation, message, ...NOT_TAKEN);
      return { told: typeof answer !== 'string' };
    },
  };
}
