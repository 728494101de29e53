/** The roster, for a door that goes on with what it knew while the company's configuration can't be read. */
import { readFileSync, statSync } from 'node:fs';
import { readRoster, type Person } from '../roster';

export type Roster = readonly Person[];

/** Reads the file again once it has changed. While it is wrong, what it said last holds, and `warn` is told once. */
export function watchRoster(path: string, first: Roster, warn: (line: string) => void): () => Roster {
  let roster = first;
  let seen: string | undefined;
  return () => {
    const state = stateOf(path);
    if (state === seen) return roster;
    seen = state;
    const read = readRosterAt(path);
    if (read) roster = read;
    else warn("the roster can't be read, so the one before still holds: mend the file FIREBREAK_CONFIG");
    return roster;
  };
}

function stateOf(path: string): string {
  try {
    const { ino, size, mtimeMs, ctimeMs } = statSync(path);
    return [ino, size, mtimeMs, ctimeMs].join();
  } catch {
    return 'unreadable';
  }
}

function readRosterAt(path: string): Roster | undefined {
  try {
    const read = readRoster(readFileSync(path, 'utf8'), path);
    return read.ok ? read.people : undefined;
  } catch {
    return undefined;
  }
}

/** Whom to ring by hand where nothing else can be reached. */
export function commandersOf(roster: Roster): { email: string; as: string; phone?: string }[] {
  const withRole = (role: string, as: string) =>
    roster
      .filter(({ roles = [] }) => roles.includes(role))
      .map(({ email, phone }) => ({ email, as, ...(phone !== undefined && { phone }) }));
  return [...withRole('incidentCommander', 'incident commander'), ...withRole('deputy', 'deputy')];
}
