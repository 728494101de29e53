/**
 * Who somebody is, from what Slack itself says: the account's id, by the roster, or else by the e-mail that Slack has for it.
 * Bots, guests and people of other workspaces are nobody here.
 */
import { SlackFailure, type SlackApi } from './slack';
import type { Roster } from './roster';
import { personAt } from '../../domain/roles';

/** As Slack sends it with what a person did. */
export interface Account {
  readonly user: string;
  /** Every workspace that the payload names as the person's. */
  readonly teams: readonly (string | null | undefined)[];
}

export type Who =
  | { readonly ok: true; readonly email: string }
  /** One sentence for that person; it says nothing of any incident. */
  | {
      readonly ok: false;
      readonly problem: string;
      /** Slack may say so later. */ readonly isTransient?: true;
    };

export interface Identity {
  who(account: Account): Promise<Who>;
}

export interface IdentityOptions {
  readonly slack: SlackApi;
  readonly roster: () => Roster;
  /** How long an answer is believed, in ms. */
  readonly identityMs: number;
  readonly now?: () => number;
}

const STRANGER =
  'Firebreak answers people of this workspace alone: no guests, no apps, and nobody from other workspaces. Ask somebody of the company.';
const UNKNOWN =
  'Slack does not say just now who you are, so nothing was done: try again in a moment, or use the command line.';
const NO_EMAIL =
  'Slack does not tell your e-mail address, so nobody knows who you are here: ask for your Slack id to be put into the roster (docs/slack.md).';
const ANOTHER =
  'The roster knows you by another Slack account: use that one, or have the roster mended (docs/slack.md).';

/** Bounds what is remembered. */
const MOST_KNOWN = 10_000;
const ATTEMPTS = 3;
const PATIENCE_MS = 5_000;

interface Profile {
  readonly team_id?: string;
  readonly deleted?: boolean;
  readonly is_bot?: boolean;
  readonly is_restricted?: boolean;
  readonly is_ultra_restricted?: boolean;
  readonly is_stranger?: boolean;
  readonly profile?: { readonly email?: string };
}

export function createIdentity(options: IdentityOptions): Identity {
  const { slack, roster, identityMs, now = Date.now } = options;
  const known = new Map<string, { readonly email: string; readonly until: number }>();
  let own: string | undefined;

  /** The workspace of the token; asked until Slack has said it once. */
  async function ownTeam(): Promise<string> {
    own ??= String((await asked('auth.test', {})).team_id);
    return own;
  }

  async function asked(method: string, args: Readonly<Record<string, unknown>>) {
    for (let attempt = 1; ; attempt += 1)
      try {
        return await slack.call(method, args, PATIENCE_MS);
      } catch (error) {
        if (!(error instanceof SlackFailure) || !error.isTransient || attempt === ATTEMPTS) throw error;
        await new Promise((resolve) => setTimeout(resolve, 200 * attempt));
      }
  }

  async function lookUp(user: string): Promise<Who> {
    const { user: found } = await asked('users.info', { user });
    const profile = (found ?? {}) as Profile;
    if (
      profile.deleted === true ||
      profile.is_bot === true ||
      profile.is_restricted === true ||
      profile.is_ultra_restricted === true ||
      profile.is_stranger === true ||
      (profile.team_id !== undefined && profile.team_id !== (await ownTeam()))
    )
      return { ok: false, problem: STRANGER };
    const email = profile.profile?.email;
    if (email === undefined || email === '') return { ok: false, problem: NO_EMAIL };
    remember(user, email);
    return { ok: true, email };
  }

  function remember(user: string, email: string): void {
    const [first] = known.keys();
    if (known.size >= MOST_KNOWN && first !== undefined) known.delete(first);
    known.set(user, { email, until: now() + identityMs });
  }

  /** Whom the roster gives an account, no other account is. */
  function asRosterSays(user: string, email: string): Who {
    const person = personAt(email, roster());
    if (person?.slack !== undefined && person.slack !== user) return { ok: false, problem: ANOTHER };
    return { ok: true, email: person?.email ?? email };
  }

  return {
    async who({ user, teams }) {
      // Slack's own helper is no bot by its own account.
      if (!/^[UW][A-Z0-9]+$/.test(user) || user === 'USLACKBOT') return { ok: false, problem: STRANGER };
      try {
        const named = teams.filter((team) => typeof team === 'string' && team !== '');
        if (named.length > 0) {
          const ours = await ownTeam();
          if (named.some((team) => team !== ours)) return { ok: false, problem: STRANGER };
        }
        const listed = roster().find(({ slack: id }) => id === user);
        if (listed) return { ok: true, email: listed.email };
        const remembered = known.get(user);
        if (remembered && remembered.until > now()) return asRosterSays(user, remembered.email);
        known.delete(user);
        const found = await lookUp(user);
        return found.ok ? asRosterSays(user, found.email) : found;
      } catch (error) {
        if (!(error instanceof SlackFailure)) throw error;
        return error.isTransient
          ? { ok: false, problem: UNKNOWN, isTransient: true }
          : { ok: false, problem: STRANGER };
      }
    },
  };
}
