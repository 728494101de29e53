/**
 * Posting, once for the same key, in a room and to one person alone.
 *
 * Slack has no idempotency key, so every message carries its key in its metadata, and a message that is there is not
 * posted again. Reading the whole channel before every post would be slow and soon rate limited, so this process
 * remembers what it has posted and looks only where its memory may be wrong:
 * - it has not seen the channel since it started, and did not open it itself;
 * - its last post to the channel ended without a clear answer (time-out, reset, `internal_error` …): it may be there;
 * - `isRetry` says that an earlier attempt may have posted from another process.
 * Posts to one channel go one at a time, so that an attempt that Temporal gave up on can't race its successor here.
 *
 * What is left: a post that Slack accepts only after the look, of an attempt that was cut off. A look a second later
 * would miss it too; Slack offers nothing against it.
 */
import type { ChatRoom, RoomMessage } from '../../activities/room';
import { unavailable } from '../../activities/failures';
import { ApplicationFailure } from '@temporalio/common';
import { ask, pagesOf, type SlackClient } from './client';
import { messageText } from './text';

/** The type of our messages' metadata. Part of what is kept in Slack: never change it. */
export const ENTRY_EVENT = 'firebreak_entry';

/** A look begins this much before the newest message seen, since messages may become visible out of order. */
const OVERLAP_S = 60;

interface Memory {
  /** Message ids by key. Some hundreds in a room's life, so they are never dropped. */
  readonly posted: Map<string, string>;
  mustLook: boolean;
  newestSeen: string | undefined;
  /** The end of the queue of posts. */
  last: Promise<unknown>;
}

export type Messages = Pick<ChatRoom, 'post' | 'postPinned' | 'update'> & {
  /** This process has just created the room: there is nothing in it to look for. */
  roomIsNew(roomId: string): void;
  /** Posts once for the same key in that channel; or answers Slack's code, where it refuses with one of `expected`. */
  say<Code extends string = never>(
    channel: string,
    message: RoomMessage,
    ...expected: Code[]
  ): Promise<{ messageId: string } | Code>;
};

export function createMessages(slack: SlackClient, isRetry: () => boolean): Messages {
  const memories = new Map<string, Memory>();

  function memoryOf(channel: string): Memory {
    const known = memories.get(channel);
    if (known) return known;
    const fresh = { posted: new Map(), mustLook: true, newestSeen: undefined, last: Promise.resolve() };
    memories.set(channel, fresh);
    return fresh;
  }

  /** Reads the channel, to its beginning the first time, and remembers every key that is there. */
  async function look(channel: string, memory: Memory): Promise<void> {
    const self = await slack.self();
    const oldest = memory.newestSeen && (Number(memory.newestSeen) - OVERLAP_S).toFixed(6);
    let newest = memory.newestSeen ?? '';
    const pages = pagesOf('conversations.history', (page) =>
      slack.web.conversations.history({
        channel,
        include_all_metadata: true,
        ...(oldest && { oldest }),
        ...page,
      }),
    );
    for await (const { messages = [] } of pages) {
      for (const { ts, user, bot_id, metadata } of messages) {
        if (ts === undefined) continue;
        if (ts > newest) newest = ts;
        const isOurs = user === self.userId || (bot_id !== undefined && bot_id === self.botId);
        const key = (metadata?.event_payload as { key?: unknown } | undefined)?.key;
        // Newest first: where a key is there twice, the first message of it is remembered.
        if (isOurs && metadata?.event_type === ENTRY_EVENT && typeof key === 'string')
          memory.posted.set(key, ts);
      }
    }
    memory.newestSeen = newest || undefined;
    memory.mustLook = false;
  }

  async function postOnce<Code extends string>(
    channel: string,
    { key, markdown, buttons }: RoomMessage,
    again: boolean,
    expected: Code[],
  ): Promise<{ messageId: string } | Code> {
    const memory = memoryOf(channel);
    if (!memory.posted.has(key) && (memory.mustLook || again)) await look(channel, memory);
    const there = memory.posted.get(key);
    if (there !== undefined) return { messageId: there };
    try {
      const answer = await ask(
        'chat.postMessage',
        slack.web.chat.postMessage({
          channel,
          ...messageText(markdown, buttons),
          metadata: { event_type: ENTRY_EVENT, event_payload: { key } },
          ...QUIET,
          unfurl_links: false,
          unfurl_media: false,
        }),
        ...expected,
      );
      if (typeof answer === 'string') return answer;
      if (answer.ts === undefined)
        throw unavailable('Slack answered chat.postMessage without the id of the message.');
      memory.posted.set(key, answer.ts);
      return { messageId: answer.ts };
    } catch (error) {
      memory.mustLook = !isClearRefusal(error);
      throw error;
    }
  }

  function say<Code extends string = never>(channel: string, message: RoomMessage, ...expected: Code[]) {
    const memory = memoryOf(channel);
    const again = isRetry();
    const posted = memory.last.then(() => postOnce(channel, message, again, expected));
    memory.last = posted.catch(() => undefined);
    return posted;
  }

  const post: ChatRoom['post'] = ({ room, ...message }) => say<never>(room.id, message);

  return {
    roomIsNew(roomId) {
      memoryOf(roomId).mustLook = false;
    },
    say,
    post,
    async postPinned(request) {
      const { messageId } = await post(request);
      const pin = { channel: request.room.id, timestamp: messageId };
      await ask('pins.add', slack.web.pins.add(pin), 'already_pinned');
      return { messageId };
    },
    async update({ room, messageId, markdown, buttons }) {
      const text = messageText(markdown, buttons);
      await ask('chat.update', slack.web.chat.update({ channel: room.id, ts: messageId, ...text, ...QUIET }));
    },
  };
}

/** Names and addresses in the text stay text. Said on updates too, where Slack's default is another. */
const QUIET = { parse: 'none', link_names: false } as const;

/** Slack answered, and did nothing. */
function isClearRefusal(error: unknown): boolean {
  return error instanceof ApplicationFailure && (error.nonRetryable === true || error.type === 'RateLimited');
}
