/** The roster, for a door that goes on with what it knew while the company's configuration can't be read. */
import { watchFile, type Person } from '../roster';

export type Roster = readonly Person[];

/** Reads the file again once it has changed. While it is wrong, what it said last holds, and `warn` is told once. */
export function watchRoster(path: string, first: Roster, warn: (line: string) => void): () => Roster {
  const look = watchFile(path);
  let roster = first;
  return () => {
    const { people, isNew } = look();
    if (people) roster = people;
    else if (isNew)
      warn("the roster can't be read, so the one before still holds: mend the file FIREBREAK_CONFIG");
    return roster;
  };
}
