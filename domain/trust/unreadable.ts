/**
 * What stands in the place of a message that could not be read. The codec puts it there (`codec/codec.ts`) instead of
 * throwing: a payload that fails a workflow task is tried for ever, and one hostile signal would stop the incident.
 *
 * Every reason is the same on each replay, whatever keys a worker has: a genuine key that is not there makes the worker wait
 * instead (`codec/keyring.ts`).
 */
export const UNREADABLE_REASONS = {
  clear: 'it came in clear text',
  malformed: 'it is no sealed message',
  unknownKey: 'it was sealed with a key that is none of this company',
  broken: 'it was changed after it was sealed',
  moved: 'it was sealed for another incident',
} as const;

export type UnreadableReason = keyof typeof UNREADABLE_REASONS;

/** The one field of a mark. */
const UNREADABLE = 'firebreak/unreadable';

export type Unreadable = { readonly [UNREADABLE]: UnreadableReason };

export function unreadable(reason: UnreadableReason): Unreadable {
  return { [UNREADABLE]: reason };
}

/** Why this could not be read; nothing where it is no mark. */
export function unreadableReasonOf(value: unknown): UnreadableReason | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const reason: unknown = (value as Record<string, unknown>)[UNREADABLE];
  return typeof reason === 'string' && Object.hasOwn(UNREADABLE_REASONS, reason)
    ? (reason as UnreadableReason)
    : undefined;
}

/**
 * What the codec server sealed for the Temporal Web UI. The server knows who asked it, and not for which incident: it is a
 * request that a responder must confirm, never a decision.
 */
const ASKED = 'firebreak/asked';

export interface Asked {
  /** The e-mail address of the responder whose token was checked. */
  readonly by: string;
  readonly value: unknown;
}

export function asked(request: Asked): object {
  return { [ASKED]: request };
}

/** What was asked through the Web UI; nothing where this did not come from there. */
export function askedOf(value: unknown): Asked | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const request: unknown = (value as Record<string, unknown>)[ASKED];
  if (typeof request !== 'object' || request === null) return undefined;
  const { by, value: content } = request as Record<string, unknown>;
  return typeof by === 'string' ? { by, value: content } : undefined;
}
