/** Who is in a room: bringing people in, and taking them out. */
import type { ChatRoom, Room } from '../../activities/room';
import type { Accounts } from './accounts';
import { ask, pagesOf, type SlackClient } from './client';
import { isRefusedAsSuch } from './failures';

/** Slack's limit for one call: https://docs.slack.dev/reference/methods/conversations.invite */
const MOST_AT_ONCE = 100;

export type People = Pick<ChatRoom, 'invite' | 'members' | 'remove'> & {
  /** The accounts in the room, without the app's own. */
  accountsIn(room: Room): Promise<string[]>;
};

export function createPeople(slack: SlackClient, accounts: Accounts): People {
  const { web } = slack;
  /** Whom this process saw in which room, so that a removal whose answer was lost still tells that they had been there. */
  const seen = new Map<string, Set<string>>();
  /** Who was refused in a run of invitations that broke off: the next attempt goes on behind them. */
  const refused = new Map<string, Set<string>>();

  async function memberIds(room: Room): Promise<string[]> {
    const pages = pagesOf('conversations.members', (page) =>
      web.conversations.members({ channel: room.id, ...page }),
    );
    const found: string[] = [];
    for await (const { members = [] } of pages) found.push(...members);
    remember(seen, room, found);
    return found;
  }

  async function accountsIn(room: Room): Promise<string[]> {
    const { userId } = await slack.self();
    return (await memberIds(room)).filter((id) => id !== userId);
  }

  /** Whether they are in the room now. False where Slack won't let one of them in: then it has let in none. */
  async function letIn(room: Room, users: readonly string[]): Promise<boolean> {
    try {
      const request = web.conversations.invite({ channel: room.id, users: users.join(',') });
      const answer = await ask('conversations.invite', request, 'already_in_channel');
      if (answer === 'already_in_channel' && users.length > 1) return false;
    } catch (failure) {
      // Whatever is wrong with the room or the token has another type, and is thrown.
      if (isRefusedAsSuch(failure)) return false;
      throw failure;
    }
    remember(seen, room, users);
    return true;
  }

  /** Those of the ids, at most `MOST_AT_ONCE`, that are in the room at the end. */
  async function inviteSome(room: Room, users: readonly string[]): Promise<readonly string[]> {
    if (await letIn(room, users)) return users;
    // Slack takes all or none, so one who can't come in would keep out the others: from here on one by one.
    // Without the app's own account, which a mistake in the roster may give to somebody.
    const present = new Set(await accountsIn(room));
    for (const user of users) {
      if (present.has(user) || refused.get(room.id)?.has(user)) continue;
      if (await letIn(room, [user])) present.add(user);
      else remember(refused, room, [user]);
    }
    return users.filter((user) => present.has(user));
  }

  async function inviteIds(room: Room, users: readonly string[]): Promise<Set<string>> {
    const here = new Set<string>();
    for (let from = 0; from < users.length; from += MOST_AT_ONCE) {
      const present = await inviteSome(room, users.slice(from, from + MOST_AT_ONCE));
      for (const user of present) here.add(user);
    }
    refused.delete(room.id);
    return here;
  }

  async function kick(room: Room, user: string): Promise<boolean> {
    const wasSeen = () => seen.get(room.id)?.has(user) === true;
    // Looked up before: where the answer is lost, the next attempt would find them gone.
    if (!wasSeen()) await memberIds(room);
    const request = web.conversations.kick({ channel: room.id, user });
    const answer = await ask('conversations.kick', request, ...NOT_THERE);
    return typeof answer !== 'string' || wasSeen();
  }

  return {
    accountsIn,
    async invite({ room, emails: invited }) {
      const wanted = [...new Set(invited)];
      const found = new Map(
        await Promise.all(wanted.map(async (email) => [email, await accounts.idOf(email)] as const)),
      );
      const users = [...new Set(found.values())].filter((id) => id !== undefined);
      const here = await inviteIds(room, users);
      const isPresent = (email: string) => here.has(found.get(email) ?? '');
      return {
        present: wanted.filter(isPresent),
        unknown: wanted.filter((email) => !isPresent(email)),
      };
    },
    async members({ room }) {
      const found = await Promise.all((await accountsIn(room)).map(accounts.emailOf));
      return found.filter((email) => email !== undefined);
    },
    async remove({ room, email }) {
      let wasThere = false;
      // Whichever of their accounts is in the room: who is taken out must not read on with another.
      for await (const user of accounts.everyIdOf(email)) {
        if (await kick(room, user)) wasThere = true;
      }
      return { wasThere };
    },
  };
}

/** What Slack says where there is nobody to take out. */
const NOT_THERE = ['not_in_channel', 'user_not_in_channel', 'not_in_group', 'user_not_found'] as const;

function remember(sets: Map<string, Set<string>>, room: Room, users: readonly string[]): void {
  const known = sets.get(room.id) ?? new Set();
  for (const user of users) known.add(user);
  sets.set(room.id, known);
}
