/** People by their e-mail, and who is in a room. */
import { ApplicationFailure } from '@temporalio/common';
import type { ChatRoom, Room } from '../../activities/room';
import { ask, pagesOf, type SlackClient } from './client';

export type People = Pick<ChatRoom, 'invite' | 'members'>;

export function createPeople(slack: SlackClient): People {
  const { web } = slack;
  /** Slack's ids by lower-case e-mail. Whom Slack doesn't know is asked for again: people join workspaces. */
  const ids = new Map<string, string>();
  /** E-mails by Slack's id, as Firebreak writes them; undefined for bots and for who has none. */
  const emails = new Map<string, string | undefined>();

  async function idOf(email: string): Promise<string | undefined> {
    const known = ids.get(email.toLowerCase());
    if (known !== undefined) return known;
    const answer = await ask('users.lookupByEmail', web.users.lookupByEmail({ email }), 'users_not_found');
    const id = answer === 'users_not_found' ? undefined : answer.user?.id;
    if (id !== undefined) {
      ids.set(email.toLowerCase(), id);
      emails.set(id, email);
    }
    return id;
  }

  async function emailOf(id: string): Promise<string | undefined> {
    if (!emails.has(id)) {
      const { user } = await ask('users.info', web.users.info({ user: id }));
      emails.set(id, user?.is_bot || id === SLACKBOT ? undefined : user?.profile?.email);
    }
    return emails.get(id);
  }

  async function memberIds(room: Room): Promise<string[]> {
    const found: string[] = [];
    const pages = pagesOf('conversations.members', (page) =>
      web.conversations.members({ channel: room.id, ...page }),
    );
    for await (const { members = [] } of pages) found.push(...members);
    return found;
  }

  /** Whether they are in the room now. False where Slack won't let one of them in: then it has let in none. */
  async function letIn(room: Room, users: readonly string[]): Promise<boolean> {
    try {
      const request = web.conversations.invite({ channel: room.id, users: users.join(',') });
      const answer = await ask('conversations.invite', request, 'already_in_channel');
      return answer !== 'already_in_channel' || users.length === 1;
    } catch (error) {
      // Whatever is wrong with the room or the token has another type, and is thrown.
      if (error instanceof ApplicationFailure && error.type === 'InvalidRequest') return false;
      throw error;
    }
  }

  /** Those of the ids that are in the room at the end. */
  async function inviteIds(room: Room, users: readonly string[]): Promise<Set<string>> {
    if (users.length === 0) return new Set();
    if (await letIn(room, users)) return new Set(users);
    // Slack takes all or none, so one who can't come in would keep out the others: from here on one by one.
    const present = new Set(await memberIds(room));
    for (const user of users) {
      if (!present.has(user) && (await letIn(room, [user]))) present.add(user);
    }
    return present;
  }

  return {
    async invite({ room, emails: invited }) {
      const wanted = [...new Set(invited)];
      const found = new Map(
        await Promise.all(wanted.map(async (email) => [email, await idOf(email)] as const)),
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
      const { userId } = await slack.self();
      const people = (await memberIds(room)).filter((id) => id !== userId);
      const found = await Promise.all(people.map(emailOf));
      return found.filter((email) => email !== undefined);
    },
  };
}

/** Slack's own helper, which Slack does not count among the bots. */
const SLACKBOT = 'USLACKBOT';
