/**
 * Who is on call, asked on a schedule and kept: an incident asks nobody for it, so that a failure of the pager, or a restart while it
 * is down, does not hide whom to call, and by which phone.
 */
import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { ApplicationFailure } from '@temporalio/common';
import { z } from 'zod';
import { CALLING_ORDER, inCallingOrder, type OnCall, type OnCallPerson } from '../domain/on-call';

export interface OnCallOptions {
  /** Asks the pager. */
  ask(): Promise<OnCallPerson[]>;
  /** Where the last answer is kept; left out, a restart begins with none. It holds phone numbers: only its owner can read it. */
  readonly file?: string;
  readonly everyMs: number;
  readonly now?: () => number;
  warn(text: string): void;
}

export interface OnCallRoster {
  /** Reads the file, asks at once, and then again and again until the signal. Never throws. */
  start(signal: AbortSignal): void;
  /** The last answer; undefined before there was any. */
  current(): OnCall | undefined;
}

/** After a failure, it is asked again this soon, in ms. */
const SOON_MS = 60_000;

/** What a timer can hold, in ms: almost 25 days. */
const LONGEST_WAIT_MS = 2 ** 31 - 1;

/** A clock that was put right by more than this makes the age of an answer a guess, in ms. */
const CLOCK_SKEW_MS = 60_000;

export function createOnCall({ ask, file, everyMs, now = Date.now, warn }: OnCallOptions): OnCallRoster {
  let known: OnCall | undefined;
  let isFailing = false;

  /** How long to wait before it is asked again, in ms. */
  async function refresh(signal: AbortSignal): Promise<number> {
    let people: OnCallPerson[];
    try {
      people = inCallingOrder(await ask());
    } catch (failure) {
      if (!isFailing && !signal.aborted)
        warn(`The pager did not say who is on call: ${reasonOf(failure)} What it said before is kept.`);
      isFailing = true;
      return waitAfterFailure(everyMs, failure);
    }
    if (signal.aborted) return 0;
    isFailing = false;
    if (people.length === 0 && known?.people.length !== 0)
      warn(
        'The pager says that nobody is on call: look at the escalation policy and the schedules that are configured.',
      );
    known = { at: now(), people };
    if (file !== undefined) keep(file, known);
    return everyMs;
  }

  function keep(path: string, answer: OnCall): void {
    try {
      writeWhole(path, JSON.stringify(answer));
    } catch {
      warn(
        "The file for who is on call can't be written: a restart while the pager is down would know nobody. See who may write its folder.",
      );
    }
  }

  return {
    start(signal) {
      if (file !== undefined) known = readKept(file, now(), warn);
      void (async () => {
        while (!signal.aborted) {
          const waitMs = await refresh(signal);
          // Rejects on the signal alone.
          await wait(Math.min(waitMs, LONGEST_WAIT_MS), undefined, { signal, ref: false }).catch(
            () => undefined,
          );
        }
      })();
    },
    current: () => known,
  };
}

/** The integrations' own failures say what to do, and nothing of an incident. */
function reasonOf(failure: unknown): string {
  if (!(failure instanceof ApplicationFailure)) return 'an unknown failure.';
  return failure.message.endsWith('.') ? failure.message : `${failure.message}.`;
}

/** In ms: soon, but never before the wait has passed that a pager with too much to do asked for. */
export function waitAfterFailure(everyMs: number, failure: unknown): number {
  const asked = failure instanceof ApplicationFailure ? failure.nextRetryDelay : undefined;
  return Math.max(Math.min(everyMs, SOON_MS), typeof asked === 'number' ? asked : 0);
}

const KEPT = z.object({
  at: z.number().int().nonnegative(),
  people: z
    .array(
      z.object({
        email: z.string().min(3).max(320),
        as: z.enum(CALLING_ORDER),
        name: z.string().max(500).optional(),
        phone: z.string().max(100).optional(),
      }),
    )
    .max(1_000),
});

/** None is the beginning. A bad one is told of and left alone: the next answer replaces it. */
function readKept(path: string, now: number, warn: (text: string) => void): OnCall | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ENOENT')
      warn("The file for who is on call can't be read: see who may read it. The pager is asked.");
    return undefined;
  }
  const kept = KEPT.safeParse(parse(text));
  // One from the future would look fresh for ever.
  if (kept.success && kept.data.at <= now + CLOCK_SKEW_MS) {
    const people = kept.data.people.map(({ email, as, name, phone }) => ({
      email,
      as,
      ...(name !== undefined && { name }),
      ...(phone !== undefined && { phone }),
    }));
    return { at: kept.data.at, people: inCallingOrder<OnCallPerson>(people) };
  }
  warn('The file for who is on call is damaged, and left out. The pager is asked.');
  return undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whole or not at all, also when the power fails. */
function writeWhole(path: string, text: string): void {
  const beside = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    const file = openSync(beside, 'wx', 0o600);
    try {
      writeFileSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(beside, path);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
}
