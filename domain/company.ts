/** What an incident needs to know of the company. It comes from the worker's configuration, never from a caller. */
import type { Clocks } from './clocks';
import type { Communication } from './communication';
import type { ContainmentTarget } from './containment';
import type { Door } from './decisions';
import type { OnCall } from './on-call';
import type { Paces } from './paces';
import type { Responder } from './roles';

/**
 * What machines may do to an affected thing without asking: `approve` asks the incident commander or the security team for
 * each; `contain-on-declare` contains at once what the declaration or a responder names.
 */
export const AUTHORITY_LEVELS = ['approve', 'contain-on-declare'] as const;
export type Authority = (typeof AUTHORITY_LEVELS)[number];

export interface Company {
  readonly authority: Authority;
  /** Of accounts with a level of their own, by account number. */
  readonly authorities?: Readonly<Record<string, Authority>>;
  readonly roster: readonly Responder[];
  /** Who is on call, as the pager told it last. */
  readonly onCall?: OnCall;
  /** Where they differ from the defaults. */
  readonly paces?: Partial<Paces>;
  /** Public keys of the doors that sign what they have checked by themselves. */
  readonly doors?: Readonly<Partial<Record<Door, readonly string[]>>>;
  /** Left out: no way out is configured. */
  readonly communication?: Communication;
  /** Left out: no clock runs. */
  readonly clocks?: Clocks;
  readonly bridge: { readonly url: string; readonly phone?: string };
  /** How long the operational responders have to join before executives and counsel are invited all the same, in ms. */
  readonly executivesAfterMs: number;
  /** How often the room is asked who has joined, in ms. */
  readonly joinCheckMs: number;
  /** The systems on which people have accounts: one rotation each is tracked for a user account used in the attack. */
  readonly systems?: readonly string[];
  /** Every entry is written to write-once storage while the incident runs. */
  readonly ledger?: boolean;
  /** Left out: evidence stays where it is, and shipping it is a person's task. */
  readonly coldStorage?: {
    /** How long images may take to be complete or copied before that counts as failed, in ms. */
    readonly withinMs: number;
  };
}

/** The level for a target: its account's own, or the company's. */
export function authorityFor(company: Company, { id, account }: ContainmentTarget): Authority {
  const named = account ?? /^arn:[^:]*:[^:]*:[^:]*:(\d{12}):/.exec(id)?.[1];
  return (named === undefined ? undefined : company.authorities?.[named]) ?? company.authority;
}
