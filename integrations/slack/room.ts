/** The incident's room in Slack: a private channel named by the codename. */
import type { ChatRoom } from '../../activities/room';
import { conflict, unavailable } from '../../activities/failures';
import { createAccounts, type RosterIds } from './accounts';
import { createAnnouncing } from './announce';
import { createAudience } from './audience';
import { ask, createClient, pagesOf, type SlackClient } from './client';
import { createTellPerson } from './direct';
import { createMessages, type Messages } from './messages';
import { createPeople } from './people';

export interface SlackSettings extends RosterIds {
  /** The app's bot token (`xoxb-…`). Its scopes: `SLACK_SCOPES`. */
  readonly token: string;
  /** Ends in `/api/`. Slack's own where it is left out. */
  readonly apiUrl?: string;
  /** For each call, in milliseconds; 10,000 where it is left out. */
  readonly timeoutMs?: number;
  /**
   * Whether an earlier attempt of what is done now may have got through, from this process or another. Never, where it is
   * left out: right as long as a single worker process speaks to the room.
   */
  readonly isRetry?: () => boolean;
  /** The company is told in channels of its own, too: `check` looks for what that needs. */
  readonly announces?: boolean;
}

export type Slack = ChatRoom & {
  /**
   * Asks Slack whether the token works and has every scope.
   * @throws `Unauthorized`, `RateLimited`, `Unavailable`
   */
  check(): Promise<void>;
};

/**
 * The chat room in a Slack workspace. Every method throws the failures of `activities/failures.ts`, whose messages hold
 * nothing of the incident.
 * @see https://docs.slack.dev/reference/methods
 */
export function createSlack(settings: SlackSettings): Slack {
  const slack = createClient({ timeoutMs: 10_000, ...settings });
  const accounts = createAccounts(slack, settings);
  const { roomIsNew, say, ...messages } = createMessages(slack, settings.isRetry ?? (() => false));
  const { accountsIn, ...people } = createPeople(slack, accounts);
  const announcing = createAnnouncing(slack);
  return {
    openRoom: createOpenRoom(slack, roomIsNew),
    ...people,
    ...createAudience(slack, accounts, accountsIn),
    ...messages,
    ...createTellPerson(slack, accounts, say),
    announce: announcing.announce,
    async check() {
      await slack.check();
      if (settings.announces) await announcing.check();
    },
  };
}

function createOpenRoom(slack: SlackClient, roomIsNew: Messages['roomIsNew']): ChatRoom['openRoom'] {
  const { web } = slack;

  async function setTopic(channel: string, topic: string): Promise<void> {
    await ask('conversations.setTopic', web.conversations.setTopic({ channel, topic }));
  }

  /** The room of that name that an earlier attempt opened. Slack lists only private rooms that the app is in. */
  async function ownRoom(name: string): Promise<{ id: string; topic: string }> {
    const { userId } = await slack.self();
    const pages = pagesOf('conversations.list', (page) =>
      web.conversations.list({ types: 'private_channel', ...page }),
    );
    for await (const { channels = [] } of pages) {
      const found = channels.find((channel) => channel.name === name);
      if (!found) continue;
      if (found.id === undefined || found.creator !== userId || found.is_archived) break;
      return { id: found.id, topic: found.topic?.value ?? '' };
    }
    throw conflict(
      'Slack has a channel of that name already, and it is no room that Firebreak opened and is still in. ' +
        'Rename that channel (an archived one keeps its name), or declare again under another codename.',
    );
  }

  return async ({ name, topic }) => {
    const created = await ask(
      'conversations.create',
      web.conversations.create({ name, is_private: true }),
      'name_taken',
    );
    if (created === 'name_taken') {
      const room = await ownRoom(name);
      // Setting it again would tell the room of it again.
      if (asWritten(room.topic) !== topic) await setTopic(room.id, topic);
      return { id: room.id, name };
    }
    const id = created.channel?.id;
    if (id === undefined)
      throw unavailable('Slack answered conversations.create without the id of the channel.');
    roomIsNew(id);
    await setTopic(id, topic);
    return { id, name };
  };
}

/** A topic as it was set. Slack gives it back with its links in angle brackets and its own escapes. */
function asWritten(topic: string): string {
  return topic
    .replace(/<(https?:[^|>]*)(?:\|[^>]*)?>/g, '$1')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}
