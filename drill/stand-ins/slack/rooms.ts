/** A room read back for the drill's audit. */
import { APP } from './app';
import { everyPage, type Ask } from './inside';

/** A room as the drill's audit sees it. */
export interface SlackRoomState {
  readonly id: string;
  readonly topic: string;
  readonly isPrivate: boolean;
  /** E-mails in the order of joining. The app itself is left out. */
  readonly members: string[];
  /** In the order of posting, without Slack's own notices. */
  readonly messages: SlackMessageState[];
}

export interface SlackMessageState {
  readonly ts: string;
  /** The author's e-mail, or `firebreak`. */
  readonly from: string;
  /** What notifications show. */
  readonly text: string;
  /** The Markdown blocks, where there are any. */
  readonly markdown: string | undefined;
  /** The key in Firebreak's metadata. */
  readonly key: string | undefined;
  readonly pinned: boolean;
}

interface ListedChannel {
  readonly id: string;
  readonly name: string;
  readonly is_private: boolean;
  readonly topic: { readonly value: string };
}

interface ListedMessage {
  readonly ts: string;
  readonly user: string;
  readonly text: string;
  readonly subtype?: string;
  readonly blocks?: readonly { type: string; text?: string }[];
  readonly metadata?: { readonly event_payload?: { readonly key?: string } };
}

/** @param emailOf an id's e-mail, or the id where it has none. */
export async function auditRoom(
  ask: Ask,
  emailOf: (user: string) => string,
  name: string,
): Promise<SlackRoomState | undefined> {
  const channels = (await everyPage(ask, 'conversations.list', 'channels', {
    types: 'private_channel,public_channel',
  })) as unknown as ListedChannel[];
  const found = channels.find((channel) => channel.name === name);
  if (!found) return undefined;
  const channel = found.id;
  const members = (await ask('conversations.members', { channel })).members as string[];
  const { items } = (await ask('pins.list', { channel })) as { items?: { message: { ts: string } }[] };
  const pinned = new Set((items ?? []).map(({ message }) => message.ts));
  const newestFirst = (await everyPage(ask, 'conversations.history', 'messages', {
    channel,
  })) as unknown as ListedMessage[];
  const said = newestFirst.filter(({ subtype }) => subtype === undefined).reverse();
  const nameOf = (user: string) => (user === APP.userId ? APP.name : emailOf(user));
  return {
    id: channel,
    topic: found.topic.value,
    isPrivate: found.is_private,
    members: members.filter((user) => user !== APP.userId).map(nameOf),
    messages: said.map(({ ts, user, text, blocks, metadata }) => ({
      ts,
      from: nameOf(user),
      text,
      markdown: blocks
        ?.filter(({ type }) => type === 'markdown')
        .map((block) => block.text)
        .join('\n'),
      key: metadata?.event_payload?.key,
      pinned: pinned.has(ts),
    })),
  };
}
