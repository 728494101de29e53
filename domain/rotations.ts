/**
 * "Any user accounts that were used in the initial attack should rotate all of their keys and passwords on every other
 * system they have an account": one tracked rotation for each account and system.
 */
import type { Blocker } from './gates';
import type { Incident } from './incident';

export interface Rotation {
  readonly user: string;
  readonly system: string;
  readonly since: number;
  readonly settled?: {
    readonly outcome: RotationOutcome;
    readonly by: string;
    readonly at: number;
    readonly note?: string;
  };
}

export const ROTATION_OUTCOMES = ['rotated', 'no-account'] as const;
export type RotationOutcome = (typeof ROTATION_OUTCOMES)[number];

/** `github/deploy-bot` */
export function rotationIdOf(user: string, system: string): string {
  return `${system}/${user}`;
}

/** The incident with the rotations of a user on every system of the company's. */
export function addRotations(incident: Incident, user: string, at: number): Incident {
  const rotations = { ...incident.rotations };
  for (const system of incident.company.systems ?? [])
    rotations[rotationIdOf(user, system)] ??= { user, system, since: at };
  return { ...incident, rotations };
}

/** Those that nobody has settled yet. */
export function openRotations({ rotations }: Incident): Rotation[] {
  return Object.values(rotations).filter(({ settled }) => settled === undefined);
}

/** "rotate all of their keys and passwords on every other system they have an account" */
export function rotationsAreSettled(incident: Incident): Blocker | undefined {
  const open = openRotations(incident);
  if (open.length === 0) return undefined;
  return {
    gate: 'rotationsAreSettled',
    reason: `open rotations: ${open.map(({ user, system }) => rotationIdOf(user, system)).join(', ')}`,
    source:
      'Any user accounts that were used in the initial attack should rotate all of their keys and passwords on every other system they have an account.',
  };
}
