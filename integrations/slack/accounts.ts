/** Who is who in Slack: a person's account by their e-mail, and the person by their account. */
import { ask, type SlackClient } from './client';
import { isRefusedAsSuch } from './failures';

/** What the company's roster says of people's accounts. It wins over what Slack finds by e-mail. */
export interface RosterIds {
  /** Slack's id (`U…`) of the person with that e-mail. */
  readonly idOf?: (email: string) => string | undefined;
  /** The other way round. */
  readonly emailOf?: (id: string) => string | undefined;
}

/** What Slack tells of an account, in `users.info` and in `users.list`. */
export interface SlackUser {
  readonly id: string;
  readonly name?: string;
  readonly real_name?: string;
  readonly is_bot?: boolean;
  readonly deleted?: boolean;
  readonly profile?: { readonly email?: string };
}

export interface Accounts {
  /** The account of a person: the roster's, else Slack's under that e-mail. */
  idOf(email: string): Promise<string | undefined>;
  /** Each account that may be that person's: the roster's first, then Slack's under that e-mail. */
  everyIdOf(email: string): AsyncGenerator<string>;
  /** The e-mail as Firebreak writes it; undefined for bots, and where Slack tells none. */
  emailOf(id: string): Promise<string | undefined>;
  /** Their e-mail; else what Slack calls them, and their id. */
  nameOf(user: SlackUser): string;
  /** What Slack tells; nothing but the id where it tells nothing. */
  userOf(id: string): Promise<SlackUser>;
}

export function createAccounts({ web }: SlackClient, roster: RosterIds): Accounts {
  /** Slack's ids by lower-case e-mail. Whom Slack doesn't know is asked for again: people join workspaces. */
  const ids = new Map<string, string>();
  /** E-mails by Slack's id, as Firebreak asked for them. */
  const asked = new Map<string, string>();
  const users = new Map<string, SlackUser>();

  async function lookUp(email: string): Promise<string | undefined> {
    const known = ids.get(email.toLowerCase());
    if (known !== undefined) return known;
    const id = await found(email);
    if (id !== undefined) {
      ids.set(email.toLowerCase(), id);
      asked.set(id, email);
    }
    return id;
  }

  async function found(email: string): Promise<string | undefined> {
    try {
      const answer = await ask('users.lookupByEmail', web.users.lookupByEmail({ email }), 'users_not_found');
      return answer === 'users_not_found' ? undefined : answer.user?.id;
    } catch (failure) {
      // An address that Slack takes for none: nobody else has to wait for it.
      if (isRefusedAsSuch(failure)) return undefined;
      throw failure;
    }
  }

  async function userOf(id: string): Promise<SlackUser> {
    const known = users.get(id);
    if (known) return known;
    const request = web.users.info({ user: id });
    const answer = await ask('users.info', request, 'user_not_found', 'user_not_visible');
    if (typeof answer === 'string') return { id };
    const user = { ...answer.user, id };
    users.set(id, user);
    return user;
  }

  const writtenOf = (id: string) => roster.emailOf?.(id) ?? asked.get(id);

  function emailIn({ id, is_bot, profile }: SlackUser): string | undefined {
    return writtenOf(id) ?? (is_bot || id === SLACKBOT ? undefined : profile?.email);
  }

  return {
    idOf: async (email) => roster.idOf?.(email) ?? lookUp(email),
    async *everyIdOf(email) {
      const own = roster.idOf?.(email);
      if (own !== undefined) yield own;
      const other = await lookUp(email);
      if (other !== undefined && other !== own) yield other;
    },
    emailOf: async (id) => writtenOf(id) ?? emailIn(await userOf(id)),
    nameOf: (user) => emailIn(user) ?? named(user),
    userOf,
  };
}

/** Never mistaken for an e-mail, whatever they call themselves. */
function named({ id, name, real_name, is_bot }: SlackUser): string {
  const called = (real_name || name || '').replace(/\s+/g, ' ').trim();
  const short = [...called].slice(0, NAME_LIMIT).join('');
  return short === '' ? id : `${short} (${is_bot ? 'app ' : ''}${id})`;
}

const NAME_LIMIT = 80;

/** Slack's own helper, which Slack does not count among the bots. */
export const SLACKBOT = 'USLACKBOT';
