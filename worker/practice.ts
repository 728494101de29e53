/**
 * Begins practice by schedule, and stands in for its people: their messages come from outside of a workflow, and no timer of
 * its own may wait for them, as an incident has none either.
 *
 * All workers of a company do the same at the same moments, which follow from the keyring: a codename is given once, and a
 * message with the same id is taken once, so it does not matter how many there are. Nothing is logged but that Temporal did not
 * take something: a line with a time would tell which entry is practice.
 */
import { createHash, randomBytes, randomInt } from 'node:crypto';
import { Client, WorkflowNotFoundError, type ConnectionLike } from '@temporalio/client';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { codenameFrom, secretHash } from '../codec/codenames';
import { sealing } from '../codec/data-converter';
import type { Keyring } from '../codec/keyring';
import { createChance, padding, practiceIn, type Practice, type PracticeMessage } from '../domain/practice';
import { decisionUpdate, startOf, viewQuery, type IncidentInput } from '../workflows/incident/messages';
import { INCIDENT_WORKFLOW } from '../workflows/names';

export interface PracticeSettings {
  /** One begins in each such time. */
  readonly everyMs: number;
  /** About, each. */
  readonly lastsMs: number;
}

export interface PracticeOptions {
  readonly connection: ConnectionLike;
  readonly namespace: string;
  readonly keyring: Keyring;
  /** Left out: none begins; those that run are brought to their end. */
  readonly settings: PracticeSettings | undefined;
  warn(text: string): void;
}

/** Goes on until the signal; never throws. */
export async function keepPractising(options: PracticeOptions, signal: AbortSignal): Promise<void> {
  const playing = new Set<string>();
  const join = async (codename: string) => {
    if (playing.has(codename)) return;
    playing.add(codename);
    const practice = await askWhether(options, codename, signal);
    if (practice) await playPeople(options, codename, practice, signal);
    playing.delete(codename);
  };
  void lookForOthers(options, join, signal);
  const { settings, keyring, warn } = options;
  while (settings && !signal.aborted) {
    const { at, codename } = nextPractice(keyring, settings, Date.now());
    if (!(await pause(at - Date.now(), signal))) break;
    try {
      await begin(options, codename, settings.lastsMs);
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) continue;
      warn('Temporal did not take something that was due by schedule; it is left out this time');
      continue;
    } finally {
      void quietly(() => join(codename));
    }
  }
}

/**
 * The next one: its moment (milliseconds since the epoch) and its codename. Both follow from the period and the keyring, so that
 * workers agree, and nobody else can foretell them. One whose moment has passed is left out: begun when a worker starts, it would
 * stand out.
 */
export function nextPractice(
  keyring: Pick<Keyring, 'proofOf'>,
  { everyMs }: Pick<PracticeSettings, 'everyMs'>,
  now: number,
): { at: number; codename: string } {
  for (let period = Math.floor(now / everyMs); ; period += 1) {
    const digest = secretHash(keyring, 'practice', everyMs, period);
    const at = Math.floor((period + digest.readUIntBE(6, 6) / 2 ** 48) * everyMs);
    if (at > now) return { at, codename: codenameFrom(digest) };
  }
}

async function begin(options: PracticeOptions, codename: string, lastsMs: number): Promise<void> {
  const chance = chanceOf(randomBytes(32).toString('base64url'));
  // An incident has it where it was declared for a detection, which makes a longer declaration.
  const origin = randomInt(2) === 0 ? undefined : randomBytes(32).toString('hex');
  const input: IncidentInput = {
    practice: {
      seed: randomBytes(32).toString('base64url'),
      lastsMs: Math.round(chance.around(lastsMs)),
      padding: padding(chance.around(origin === undefined ? 560 : 900)),
    },
  };
  await clientOf(options).workflow.start<(input: IncidentInput) => Promise<unknown>>(
    INCIDENT_WORKFLOW,
    startOf(codename, input, origin),
  );
}

/**
 * A client like a command line's own process: each has a data key of its own, which stands in clear beside what it seals. The
 * worker's would tell that the worker sent it.
 */
function clientOf({ connection, namespace, keyring }: PracticeOptions): Client {
  return new Client({
    connection,
    namespace,
    identity: 'firebreak',
    dataConverter: sealing({ ...keyring }, 'throw'),
  });
}

const ANSWER_WITHIN_MS = 10_000;
const ASK_AGAIN_AFTER_MS = 5_000;
/** For five minutes at least: a server or a worker that is away is back by then, mostly. */
const TRIES = 60;

/** How often is looked for practice that a worker began which is there no longer, or by another schedule. */
const LOOK_EVERY_MS = 600_000;

/** Incidents are on the list too: each is asked once which it is. */
async function lookForOthers(
  options: PracticeOptions,
  join: (codename: string) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const query = `WorkflowType = '${INCIDENT_WORKFLOW}' AND ExecutionStatus = 'Running'`;
  const asked = new Set<string>();
  do
    await quietly(async () => {
      for await (const { workflowId } of clientOf(options).workflow.list({ query })) {
        if (asked.has(workflowId)) continue;
        asked.add(workflowId);
        void quietly(() => join(workflowId));
      }
    });
  while (await pause(LOOK_EVERY_MS, signal));
}

/** The practice of that codename; nothing where that is an incident, or has ended. */
async function askWhether(
  options: PracticeOptions,
  codename: string,
  signal: AbortSignal,
): Promise<Practice | undefined> {
  const client = clientOf(options);
  for (let tries = 1; tries <= TRIES && !signal.aborted; tries += 1) {
    try {
      const handle = client.workflow.getHandle(codename);
      const answer = await client.withDeadline(Date.now() + ANSWER_WITHIN_MS, () =>
        handle.query(viewQuery, 'ledger'),
      );
      return practiceIn(answer);
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return undefined;
      // It has not made its first step, or no worker answers yet.
      await pause(ASK_AGAIN_AFTER_MS, signal);
    }
  }
  return undefined;
}

interface Act {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The same, whichever worker sends it: Temporal takes it once. */
  readonly id: string;
  readonly message: PracticeMessage;
}

/** What its people do, and when: the same for whoever has its seed. */
export function actsOf({ seed, lastsMs, startedAt }: Practice): Act[] {
  const chance = chanceOf(`${seed}/people`);
  // Somebody has the page, and looks into it before they say what it is.
  const woken = Math.min(chance.around(150_000), lastsMs * 0.15);
  const first = Math.min(woken + chance.around(180_000), lastsMs * 0.3);
  const after: number[] = [woken, first];
  for (let bursts = Math.round(chance.around(7)); bursts > 0; bursts -= 1) {
    // People look into it, and then say several things one after the other; more at the beginning.
    let at = first + (lastsMs - first) * chance.next() ** 1.5;
    for (let more = chance.between(1, 4); more > 0; more -= 1, at += chance.around(15_000))
      if (at < lastsMs) after.push(at);
  }
  after.sort((a, b) => a - b).push(lastsMs);
  return after.map((afterMs, index) => ({
    at: startedAt + Math.round(afterMs),
    id: sha256(Buffer.from(`${seed}/id/${index}`))
      .subarray(0, 24)
      .toString('base64url'),
    message: {
      practice: {
        answer: Math.round(chance.around(75)),
        ...(index === after.length - 1 && { ends: true }),
      },
      padding: padding(index === 0 ? 420 + chance.around(25) : 430 + chance.around(80)),
    },
  }));
}

/** An end that is overdue comes at a moment of its own, so that it does not tell when a worker started. */
const OVERDUE_WITHIN_MS = 1_800_000;

async function playPeople(
  options: PracticeOptions,
  codename: string,
  practice: Practice,
  signal: AbortSignal,
): Promise<void> {
  const now = Date.now();
  const overdue = now + randomInt(Math.max(1, Math.min(OVERDUE_WITHIN_MS, practice.lastsMs)));
  const due = actsOf(practice).filter(({ at, message }) => at > now || message.practice.ends);
  for (const { at, id, message } of due) {
    if (!(await pause((at > now ? at : overdue) - Date.now(), signal))) return;
    // One that is lost is one that somebody did not send. The end is not: without it, it would go on.
    for (let left = message.practice.ends ? TRIES : 1; left > 0; left -= 1)
      if ((await send(options, codename, id, message)) || !(await pause(ASK_AGAIN_AFTER_MS, signal))) break;
  }
}

/** Whether it was taken, or there is nobody any more to take it. */
async function send(
  options: PracticeOptions,
  codename: string,
  updateId: string,
  message: PracticeMessage,
): Promise<boolean> {
  const client = clientOf(options);
  try {
    await client.withDeadline(Date.now() + ANSWER_WITHIN_MS, () =>
      client.workflow.getHandle(codename).executeUpdate(decisionUpdate.name, { args: [message], updateId }),
    );
    return true;
  } catch (error) {
    return error instanceof WorkflowNotFoundError;
  }
}

function chanceOf(seed: string) {
  return createChance(seed, sha256);
}

function sha256(message: Uint8Array): Buffer {
  return createHash('sha256').update(message).digest();
}

/** Whether the time has passed; false where it was ended before. A clock that is put right is followed within the hour. */
async function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  for (const until = Date.now() + ms; Date.now() < until && !signal.aborted;)
    await new Promise<void>((resolve) => {
      const end = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, Math.min(until - Date.now(), 3_600_000));
      signal.addEventListener('abort', end);
    });
  return !signal.aborted;
}

/** Practice harms nothing: what it can't do is left. */
async function quietly(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch {
    // A server that can't be reached is told by the worker itself.
  }
}
