/**
 * The messages of one mail, to all of its recipients or to none: no byte of any goes out before the server has accepted every
 * recipient of each. What can still part them, then, is an answer after the last byte, and that is told as it is.
 */
import type { ApplicationFailure } from '@temporalio/common';
import { conflict, invalidRequest, unavailable } from '../../activities/failures';
import { converse, type Conversation, type Message, type Outcome, type ServerSettings } from './connection';
import { failureOfRecipients } from './failures';

/** Until every recipient is accepted. What goes out then is waited for beyond it. */
const LONGEST_MS = 45_000;

/** @param cancelled stops it as long as nothing has gone out */
export async function deliver(
  messages: readonly Message[],
  settings: ServerSettings,
  cancelled: AbortSignal | undefined,
): Promise<void> {
  const late = AbortSignal.timeout(LONGEST_MS);
  const signal = cancelled ? AbortSignal.any([cancelled, late]) : late;
  const start = startTogether(messages.length);
  const outcomes = await Promise.all(messages.map((message) => deliverOne(message, settings, signal, start)));
  const failure = failureOf(messages, outcomes);
  if (failure === undefined) return;
  if (outcomes.some(({ state }) => state === 'taken' || state === 'unknown')) throw failure;
  cancelled?.throwIfAborted();
  throw failure;
}

async function deliverOne(
  message: Message,
  settings: ServerSettings,
  signal: AbortSignal,
  start: Start,
): Promise<Outcome> {
  let conversation: Conversation | undefined;
  try {
    conversation = await converse(settings, signal);
    const outcome = await conversation.send(message, start.ready);
    if (outcome.state === 'taken') conversation.end();
    else start.fail();
    return outcome;
  } catch (error) {
    start.fail();
    if (signal.aborted) return { state: 'withdrawn' };
    return { state: 'failed', failure: error as ApplicationFailure, refused: [] };
  }
}

interface Start {
  /** Resolves once everybody is ready, and rejects once nobody is missing and somebody has failed. */
  ready(): Promise<void>;
  fail(): void;
}

/** Whoever fails is waited for too: so that all who are refused are known, and not the first alone. */
function startTogether(expected: number): Start {
  let missing = expected;
  let hasFailed = false;
  const { promise, resolve, reject } = withResolvers();
  const settle = () => {
    missing -= 1;
    if (missing > 0) return;
    if (hasFailed) reject(new Error('Not everybody was ready.'));
    else resolve();
  };
  return {
    ready() {
      settle();
      return promise;
    },
    fail() {
      // After the start, it is its own failure alone.
      if (missing <= 0) return;
      hasFailed = true;
      settle();
    },
  };
}

function withResolvers() {
  let resolve!: () => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<void>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  // Where nobody was ready, nobody listens.
  promise.catch(() => undefined);
  return { promise, resolve, reject };
}

function failureOf(
  messages: readonly Message[],
  outcomes: readonly Outcome[],
): ApplicationFailure | undefined {
  const namesOf = (...states: Outcome['state'][]) =>
    messages
      .filter((_, index) => states.includes(outcomes[index]?.state ?? 'unknown'))
      .flatMap(({ recipients }) => recipients)
      .join(', ');
  const failed = outcomes.flatMap((outcome) => (outcome.state === 'failed' ? [outcome] : []));
  const [taken, unknown] = [namesOf('taken'), namesOf('unknown')];
  if (taken === '' && unknown === '') {
    const refused = failed.flatMap((outcome) => outcome.refused);
    const failures = [
      ...(refused.length > 0 ? [failureOfRecipients(refused)] : []),
      ...failed.flatMap((outcome) => (outcome.refused.length > 0 ? [] : [outcome.failure])),
    ];
    // Who has to mend something comes first, and what mends itself comes last.
    return (
      failures.find(({ type }) => type === 'Unauthorized') ??
      failures.find(({ nonRetryable }) => nonRetryable) ??
      failures[0] ??
      unavailable('The mail server took too long to take the mail: nothing was sent; it will be tried again.')
    );
  }
  if (unknown !== '')
    return conflict(
      `It is not known whether the mail server took the mail for ${unknown}: it was handed over, and no answer came.${
        taken === '' ? '' : ` It was taken for ${taken}.`
      } Ask them, or look into the mail server's log, before it is sent again.`,
    );
  if (failed.length === 0) return undefined;
  return invalidRequest(
    `The mail server took the mail for ${taken}, and at the very end did not take it for ${namesOf('failed')}. Send it to those again, and to nobody else.`,
  );
}
