/**
 * People and doors, from the company's configuration file: what a process beside the worker needs to know of it. Of the rest
 * of the file nothing is read, and what is read is checked by its form alone: the worker checks the whole.
 */
import { readFileSync, statSync } from 'node:fs';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { problemOfPublicKey } from '../domain/trust/check';

export interface Person {
  readonly email: string;
  readonly roles?: readonly string[];
  readonly keys?: readonly string[];
  /** Slack's id of this person. */
  readonly slack?: string;
  /** PagerDuty's id of this person. */
  readonly pagerduty?: string;
  readonly phone?: string;
}

/** Public keys of the doors that sign what they have checked by themselves. */
export type DoorKeys = Readonly<Partial<Record<'slack' | 'pagerduty', readonly string[]>>>;

const publicKey = z.string().superRefine((text, context) => {
  const problem = problemOfPublicKey(text);
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
});

const FILE = z.looseObject({
  roster: z
    .array(
      z.object({
        email: z.email('an e-mail address is needed'),
        roles: z.array(z.string()).optional(),
        keys: z.array(publicKey).optional(),
        slack: z.string().optional(),
        pagerduty: z.string().optional(),
        phone: z.string().optional(),
      }),
    )
    .min(1, 'at least one person is needed'),
  doors: z
    .object({ slack: z.array(publicKey).optional(), pagerduty: z.array(publicKey).optional() })
    .optional(),
});

export type ReadRoster =
  | { readonly ok: true; readonly people: readonly Person[]; readonly doors?: DoorKeys }
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
  const { roster, doors } = parsed.data;
  return {
    ok: true,
    people: roster.map((person) => withoutUndefined<Person>(person)),
    ...(doors && { doors: withoutUndefined<DoorKeys>(doors) }),
  };
}

function withoutUndefined<T>(fields: { readonly [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}

interface Look {
  /** Nothing while the file can't be read or is wrong. */
  readonly people?: readonly Person[];
  /** It has changed since the look before. */
  readonly isNew: boolean;
}

/** Reads the file again once it has changed. Never throws. */
export function watchFile(path: string): () => Look {
  let seen: { readonly state: string; readonly look: Omit<Look, 'isNew'> } | undefined;
  return () => {
    const state = stateOf(path);
    if (seen?.state === state) return { ...seen.look, isNew: false };
    const people = peopleIn(path);
    seen = { state, look: people ? { people } : {} };
    return { ...seen.look, isNew: true };
  };
}

/** The same, where nobody may be let in by a roster of before: throws while the file can't be read or is wrong. */
export function watchRoster(path: string): () => readonly Person[] {
  const look = watchFile(path);
  return () => {
    const { people } = look();
    if (!people) throw new Error("The roster can't be read.");
    return people;
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

function peopleIn(path: string): readonly Person[] | undefined {
  try {
    const read = readRoster(readFileSync(path, 'utf8'), path);
    return read.ok ? read.people : undefined;
  } catch {
    return undefined;
  }
}
