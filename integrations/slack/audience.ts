/** Who can read a room: everybody in it, and those whose role in the workspace lets them in. */
import { ApplicationFailure } from '@temporalio/common';
import type { ChatRoom, Room } from '../../activities/room';
import { SLACKBOT, type Accounts, type SlackUser } from './accounts';
import { nextOf, pagesOf, type SlackClient } from './client';

/** The workspace is read in as few calls as Slack allows: `users.list` may be called some 20 times a minute. */
const PAGE = { limit: 1_000 };
/** A reading that broke off longer ago than this begins anew. */
const STALE_MS = 10 * 60_000;

interface Reading {
  readonly begunAt: number;
  readonly owners: { readonly rank: number; readonly name: string }[];
  cursor: string | undefined;
}

export function createAudience(
  { web }: SlackClient,
  accounts: Accounts,
  accountsIn: (room: Room) => Promise<string[]>,
): Pick<ChatRoom, 'audience'> {
  /** A reading of the workspace that a limit of Slack's broke off. Begun anew, one of a big workspace would never end. */
  let broken: Reading | undefined;

  async function membersOf(room: Room): Promise<string[]> {
    const users = await Promise.all((await accountsIn(room)).map(accounts.userOf));
    return users.filter((user) => user.id !== SLACKBOT && !user.deleted).map(accounts.nameOf);
  }

  async function ownersOfWorkspace(): Promise<string[]> {
    const reading = resumable(broken) ?? { begunAt: Date.now(), owners: [], cursor: undefined };
    broken = undefined;
    const pages = pagesOf('users.list', (page) => web.users.list({ ...page, ...PAGE }), reading.cursor);
    try {
      for await (const page of pages) {
        for (const user of page.members ?? []) {
          const rank = rankOf(user);
          if (rank === undefined || user.id === undefined) continue;
          reading.owners.push({ rank, name: accounts.nameOf({ ...user, id: user.id }) });
        }
        reading.cursor = nextOf(page);
      }
    } catch (failure) {
      if (failure instanceof ApplicationFailure && failure.type === 'RateLimited') broken = reading;
      throw failure;
    }
    return reading.owners.sort((one, other) => one.rank - other.rank).map(({ name }) => name);
  }

  return {
    async audience({ room }) {
      const members = await membersOf(room);
      return { members: [...new Set(members)], owners: [...new Set(await ownersOfWorkspace())] };
    },
  };
}

function resumable(reading: Reading | undefined): Reading | undefined {
  return reading && Date.now() - reading.begunAt < STALE_MS ? reading : undefined;
}

interface Role {
  readonly is_primary_owner?: boolean;
  readonly is_owner?: boolean;
  readonly is_admin?: boolean;
}

/** 0 the primary owner, 1 owners, 2 admins, of the workspace or of the organisation over it; undefined for the rest. */
function rankOf(user: Omit<SlackUser, 'id'> & Role & { enterprise_user?: Role }): number | undefined {
  if (user.deleted || user.is_bot) return undefined;
  const roles = [user, user.enterprise_user ?? {}];
  const rank = [
    roles.some((role) => role.is_primary_owner),
    roles.some((role) => role.is_owner),
    roles.some((role) => role.is_admin),
  ].indexOf(true);
  return rank < 0 ? undefined : rank;
}
