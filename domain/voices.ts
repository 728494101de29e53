/** Decisions that need several people: each needed voice is another person's, and a person with two roles has one voice. */
import type { Role } from './roles';

/** The roles of which one may give the voice. */
export type NeededVoice = readonly Role[];

/**
 * Which voices are still missing when these people have spoken, or nothing where one of them has no voice to give. Nobody is
 * bound to the first role that fits: the marketing lead who is also incident commander counts as either, as others speak.
 */
export function missingVoices(
  needed: readonly NeededVoice[],
  people: readonly (readonly Role[])[],
): readonly NeededVoice[] | undefined {
  const [roles, ...others] = people;
  if (roles === undefined) return needed;
  for (const [index, voice] of needed.entries()) {
    if (!voice.some((role) => roles.includes(role))) continue;
    const missing = missingVoices(needed.toSpliced(index, 1), others);
    if (missing) return missing;
  }
  return undefined;
}
