/**
 * Telling the company, in one of its own channels (step 11). Channels are found by their names and never made.
 *
 * Posted once for the same key, as in a room (messages.ts): the message carries its key in its metadata, and the channel is
 * looked through before it is posted. A channel of the company's may have years in it, so the look goes back a month and no
 * further. Everybody in the channel can read the metadata, so the key, which holds the codename, is in it as a hash.
 */
import { createHash } from 'node:crypto';
import type { ChatRoom } from '../../activities/room';
import { conflict, invalidRequest, notFound, unauthorized, unavailable } from '../../activities/failures';
import { wellFormed } from './characters';
import { ask, pagesOf, type SlackClient } from './client';
import { ENTRY_EVENT } from './messages';
import { messageText, type MessageText } from './text';

/**
 * What announcing needs besides `SLACK_SCOPES`. With `channels:join` the app joins a public channel by itself; without, it
 * has to be invited.
 */
export const SLACK_ANNOUNCE_SCOPES = ['channels:read', 'channels:history'] as const;

const LOOK_BACK_S = 31 * 24 * 3_600;
/** Slack's most: there may be thousands of messages in a month. */
const HISTORY_PAGE = 999;

/** Slack's rule: lower case, digits, hyphens and underscores; letters of other scripts too. */
const NAME = /^[\p{Ll}\p{Lo}\p{Lm}\p{M}\p{N}_-]{1,80}$/u;

export interface Announcing extends Pick<ChatRoom, 'announce'> {
  /** @throws `Unauthorized` where the app lacks one of `SLACK_ANNOUNCE_SCOPES` */
  check(): Promise<void>;
}

export function createAnnouncing(slack: SlackClient): Announcing {
  const { web } = slack;
  /** One at a time, so that an attempt that Temporal gave up on can't race its successor here. */
  let last: Promise<unknown> = Promise.resolve();

  async function channelCalled(name: string) {
    const pages = pagesOf('conversations.list', (page) =>
      web.conversations.list({ types: 'public_channel,private_channel', ...page, limit: LIST_PAGE }),
    );
    // A page may hold less than asked for although more follow. An archived channel keeps its name.
    for await (const { channels = [] } of pages) {
      const found = channels.find((channel) => channel.name === name);
      if (found?.id !== undefined) return { ...found, id: found.id };
    }
    throw notThere(name);
  }

  /** The channel's id, once the app is in it. */
  async function enter(name: string): Promise<string> {
    const channel = await channelCalled(name);
    if (channel.is_archived)
      throw conflict(`#${name} is archived in Slack. Unarchive it, or take it out of communication.inside.`);
    // Whoever reads there is not the company alone.
    if (channel.is_ext_shared || channel.is_pending_ext_shared)
      throw invalidRequest(
        `#${name} is shared with another company in Slack (Slack Connect), so nothing is announced there. Put a channel of the company's own into communication.inside.`,
      );
    if (channel.is_member) return channel.id;
    const request = web.conversations.join({ channel: channel.id });
    if (typeof (await ask('conversations.join', request, ...NOT_LET_IN)) === 'string') throw notThere(name);
    return channel.id;
  }

  async function find(channel: string, key: string): Promise<string | undefined> {
    const self = await slack.self();
    const oldest = (Date.now() / 1000 - LOOK_BACK_S).toFixed(6);
    const pages = pagesOf('conversations.history', (page) =>
      web.conversations.history({
        channel,
        oldest,
        include_all_metadata: true,
        ...page,
        limit: HISTORY_PAGE,
      }),
    );
    for await (const { messages = [] } of pages) {
      const found = messages.find(
        ({ user, bot_id, metadata }) =>
          (user === self.userId || (bot_id !== undefined && bot_id === self.botId)) &&
          metadata?.event_type === ENTRY_EVENT &&
          (metadata.event_payload as { key?: unknown } | undefined)?.key === key,
      );
      if (found?.ts !== undefined) return found.ts;
    }
    return undefined;
  }

  async function post(name: string, key: string, text: MessageText): Promise<{ messageId: string }> {
    const channel = await enter(name);
    const there = await find(channel, key);
    if (there !== undefined) return { messageId: there };
    const answer = await ask(
      'chat.postMessage',
      web.chat.postMessage({
        channel,
        ...text,
        metadata: { event_type: ENTRY_EVENT, event_payload: { key } },
        // Names and addresses in the text stay text.
        parse: 'none',
        link_names: false,
        unfurl_links: false,
        unfurl_media: false,
      }),
      'not_in_channel',
      'channel_not_found',
    );
    if (typeof answer === 'string') throw notThere(name);
    if (answer.ts === undefined)
      throw unavailable('Slack answered chat.postMessage without the id of the message.');
    return { messageId: answer.ts };
  }

  return {
    async announce({ channel, key, markdown }) {
      const name = nameOf(channel);
      const text = wholeText(markdown);
      const posted = last.then(() => post(name, hashOf(key), text));
      last = posted.catch(() => undefined);
      return posted;
    },
    async check() {
      const { response_metadata } = await ask('auth.test', web.auth.test());
      const granted = response_metadata?.scopes;
      const missing = granted ? SLACK_ANNOUNCE_SCOPES.filter((scope) => !granted.includes(scope)) : [];
      if (missing.length > 0)
        throw unauthorized(
          `SLACK_BOT_TOKEN lacks scopes for the channels in communication.inside: give the app ${missing.join(', ')} and install it again.`,
        );
    },
  };
}

/** `conversations.list` may be called some 20 times a minute: in as few calls as Slack allows. */
const LIST_PAGE = 1_000;

/** A public channel that the app can't join by itself: it lacks the scope, or a setting of the workspace forbids it. */
const NOT_LET_IN = [
  'missing_scope',
  'restricted_action',
  'channel_not_found',
  'method_not_supported_for_channel_type',
  'channel_is_limited_access',
  'too_many_members',
] as const;

function notThere(name: string) {
  return notFound(
    `Slack has no channel #${name} that the app is in or can join. Write "/invite @firebreak" in it (a private one is hidden from the app until then), or mend its name in communication.inside. No channel is ever made for this.`,
  );
}

function nameOf(channel: string): string {
  const name = channel.replace(/^#/, '');
  if (!NAME.test(name))
    throw invalidRequest(
      'The channel has no name that Slack would give one: lower case letters, digits, hyphens and underscores. Mend it in communication.inside.',
    );
  return name;
}

/** What was approved is said whole or not at all. */
function wholeText(markdown: string): MessageText {
  const text = messageText(markdown);
  const [block] = text.blocks;
  const said = block?.type === 'markdown' ? block.text : '';
  if (said.trim() === '') throw invalidRequest('There is nothing in the text to announce.');
  if (asWritten(said) !== asWritten(wellFormed(markdown)))
    throw invalidRequest(
      'The text is longer than one message of Slack (some 12,000 characters), and is not cut, since all of it was approved. Shorten it and have it approved again.',
    );
  return text;
}

/** Without what keeps mentions from being mentions. */
function asWritten(text: string): string {
  return text.replaceAll('\u200b', '');
}

function hashOf(key: string): string {
  return createHash('sha256').update(`firebreak announce\n${key}`).digest('hex');
}
