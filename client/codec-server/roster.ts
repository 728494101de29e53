/** Who may sign in, from the company's configuration file: of the roster, addresses and keys alone. */
import { readFileSync, statSync } from 'node:fs';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { problemOfPublicKey } from '../../domain/trust/check';
import type { Person } from './doorkeeper';

const FILE = z.looseObject({
  roster: z
    .array(
      z.looseObject({
        email: z.email('an e-mail address is needed'),
        keys: z
          .array(
            z.string().superRefine((text, context) => {
              const problem = problemOfPublicKey(text);
              if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
            }),
          )
          .optional(),
      }),
    )
    .min(1, 'at least one person is needed'),
});

export type ReadRoster =
  | { readonly ok: true; readonly people: readonly Person[] }
  | { readonly ok: false; readonly problems: readonly string[] };

/** `path` is how the file is called in what is wrong with it. */
export function readRoster(text: string, path: string): ReadRoster {
  let raw: unknown;
  try {
    raw = parseYaml(text);
  } catch {
    return { ok: false, problems: [`${path}: not valid YAML`] };
  }
  const parsed = FILE.safeParse(raw);
  if (!parsed.success)
    return {
      ok: false,
      problems: parsed.error.issues.map(
        ({ path: where, message }) => `${path}: ${where.length > 0 ? `${where.join('.')}: ` : ''}${message}`,
      ),
    };
  const people = parsed.data.roster.map(({ email, keys }) => ({ email, ...(keys && { keys }) }));
  return { ok: true, people };
}

/** Reads the file again once it has changed. What it returns throws while the file can't be read or is wrong. */
export function watchRoster(path: string): () => readonly Person[] {
  let seen: { readonly state: string; readonly people: readonly Person[] } | undefined;
  return () => {
    const { ino, size, mtimeMs, ctimeMs } = statSync(path);
    const state = [ino, size, mtimeMs, ctimeMs].join();
    if (seen?.state === state) return seen.people;
    const read = readRoster(readFileSync(path, 'utf8'), path);
    if (!read.ok) throw new Error('The roster is wrong.');
    seen = { state, people: read.people };
    return seen.people;
  };
}
