/** What an incident needs to know of the company. It comes from the worker's configuration, never from a caller. */
import type { Responder } from './roles';

/**
 * What machines may do to an instance without asking: `approve` asks the incident commander or the security team for each;
 * `contain-on-declare` contains at once what the declaration or a responder names.
 */
export const AUTHORITY_LEVELS = ['approve', 'contain-on-declare'] as const;
export type Authority = (typeof AUTHORITY_LEVELS)[number];

export interface Company {
  readonly authority: Authority;
  readonly roster: readonly Responder[];
  readonly bridge: { readonly url: string; readonly phone?: string };
  /** How long the operational responders have to join before executives and counsel are invited all the same, in ms. */
  readonly executivesAfterMs: number;
  /** How often the room is asked who has joined, in ms. */
  readonly joinCheckMs: number;
}
