/** Who is on call for incident command, as the pager told it last: a failure of the pager hides nobody. */

/** In which order people are called. */
export const CALLING_ORDER = ['primary', 'backup', 'shadowing'] as const;

export interface OnCallPerson {
  readonly email: string;
  readonly as: (typeof CALLING_ORDER)[number];
  readonly name?: string;
  readonly phone?: string;
}

export interface OnCall {
  /** When the pager told it, in milliseconds since the epoch. */
  readonly at: number;
  /** The primary first. */
  readonly people: readonly OnCallPerson[];
}

/**
 * Several answers as one: primary, then backup, then shadowing, each in the order of the answers. Whoever is in it twice is
 * called at the earlier place, and by the phone that either answer knows.
 */
export function inCallingOrder<Person extends OnCallPerson>(
  ...answers: readonly (readonly Person[])[]
): Person[] {
  const all = answers.flat();
  const ordered = CALLING_ORDER.flatMap((place) => all.filter(({ as }) => as === place));
  const merged = new Map<string, Person>();
  for (const person of ordered) {
    const address = person.email.trim().toLowerCase();
    const { name, phone } = person;
    const found = merged.get(address) ?? person;
    merged.set(address, {
      ...(name !== undefined && { name }),
      ...(phone !== undefined && { phone }),
      ...found,
    });
  }
  return [...merged.values()];
}
