/** The people of the workspace, with the marks that the emulator does not know: owners, administrators, guests. */
import { APP, EMULATOR_USER } from './app';
import type { Fields } from './answers';
import { everyPage, type Ask } from './inside';

export interface SlackUser {
  readonly email: string;
  readonly name: string;
  /** An owner is an administrator, too. The first one is the primary owner. */
  readonly isOwner?: boolean;
  readonly isAdmin?: boolean;
  /** Sees the channels that they are in, and nothing else. */
  readonly isGuest?: boolean;
}

export interface Directory {
  /** @throws where nobody of that e-mail was seeded. */
  idOf(email: string): string;
  /** The id itself for who has no e-mail. */
  emailOf(user: string): string;
  /** As Slack shows the user; undefined for whom the workspace does not have. */
  shown(user: Fields): Fields | undefined;
}

/** Slack lists it among the people of every workspace, and does not call it a bot. */
export const SLACKBOT: Fields = {
  id: 'USLACKBOT',
  name: 'slackbot',
  real_name: 'Slackbot',
  is_bot: false,
  is_admin: false,
  is_owner: false,
  is_primary_owner: false,
  is_restricted: false,
  is_ultra_restricted: false,
  deleted: false,
  profile: { real_name: 'Slackbot', display_name: 'Slackbot' },
};

export async function readDirectory(ask: Ask, users: readonly SlackUser[]): Promise<Directory> {
  const listed = await everyPage(ask, 'users.list', 'members');
  const emails = new Map<string, string>();
  for (const { id, profile } of listed) {
    const { email } = profile as { email?: string };
    if (id !== EMULATOR_USER && id !== APP.userId && email !== undefined) emails.set(String(id), email);
  }
  const ids = new Map([...emails].map(([id, email]) => [email, id]));
  const seeded = new Map(users.map((user) => [user.email, user]));
  const primaryOwner = users.find(({ isOwner }) => isOwner)?.email;

  return {
    idOf(email) {
      const id = ids.get(email);
      if (id === undefined) throw new Error(`${email} is nobody of this workspace: seed them in startSlack.`);
      return id;
    },
    emailOf: (user) => emails.get(user) ?? user,
    shown(user) {
      if (user.id === EMULATOR_USER) return undefined;
      const email = emails.get(String(user.id));
      const { isOwner = false, isAdmin = false, isGuest = false } = seeded.get(email ?? '') ?? {};
      return {
        ...user,
        is_admin: isAdmin || isOwner,
        is_owner: isOwner,
        is_primary_owner: email !== undefined && email === primaryOwner,
        is_restricted: isGuest,
        is_ultra_restricted: false,
        is_app_user: false,
        updated: 0,
      };
    },
  };
}
