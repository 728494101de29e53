/** Files that a door's configuration names; each door is given the way to read them, so that its tests need no disk. */
import { z } from 'zod';
import { readRoster, type ReadRoster } from './roster';

/** Throws where the file can't be read. */
export type ReadFile = (path: string) => string;

/** A file's content, by the file's name. `what` it holds, in words. */
export const contentOf = (readFile: ReadFile, what: string) =>
  z.string().transform((path, context) => {
    try {
      return readFile(path);
    } catch {
      context.addIssue({ code: 'custom', message: `${path}: can't be read; name a file that holds ${what}` });
      return z.NEVER;
    }
  });

/** People and doors, from the company's file; or all that is wrong with it. */
export function readCompanyFile(path: string, readFile: ReadFile): ReadRoster {
  let text: string;
  try {
    text = readFile(path);
  } catch {
    return {
      ok: false,
      problems: [
        `${path}: can't be read; copy firebreak.example.yaml, or name another file in FIREBREAK_CONFIG`,
      ],
    };
  }
  return readRoster(text, path);
}
