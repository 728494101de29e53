/**
 * Decisions: signed once by the door in the person's name, sent until the incident has answered, and the person is told how it
 * ended. The same message goes out each time, so that it counts once.
 */
import type { Client } from '@temporalio/client';
import { parseDecision, type DecisionName } from '../../domain/decisions';
import type { Outcome } from '../../domain/decide';
import { InvalidInput } from '../errors';
import { attemptDecision, outcomeOf, signDecision } from '../incidents';
import type { Signer } from '../signing/signer';
import type { Answers, Where } from './answers';
import type { Limits } from './limits';
import { createSlots, keepTrying } from './trying';
import { NO_PART, outcomeInWords, tellsOfNoPart } from './views/words';

export interface Wish {
  readonly codename: string;
  readonly name: DecisionName;
  readonly fields: Readonly<Record<string, unknown>>;
  /** Who decides: as Slack itself says. */
  readonly by: string;
  readonly where: Where;
}

export interface Decider {
  /** Resolves to what the person was told; never throws. */
  decide(wish: Wish): Promise<string>;
}

export interface DeciderOptions {
  readonly client: Client;
  readonly signer: Signer;
  readonly answers: Answers;
  readonly limits: Limits;
  /** The process ends: what is pending is told as not sent. */
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
}

export function createDecider(options: DeciderOptions): Decider {
  const { client, signer, answers, limits, signal, log } = options;
  const slots = createSlots(limits.pending, limits.pendingOfOne);

  async function send(wish: Wish): Promise<string> {
    const { codename, name, fields, by, where } = wish;
    const parsed = parseDecision(name, { by, ...fields });
    if (!parsed.ok) return `Not sent: ${parsed.problems.join('; ')}.`;
    const message = await signDecision(codename, name, { by, ...fields }, signer, 'slack');
    const { nonce, at } = message.proof;
    const tried = await keepTrying({
      attempt: () => attemptDecision(client, codename, message, limits.attemptMs),
      isFinal: (error) => error instanceof InvalidInput,
      untilMs: at + limits.triedForMs,
      slowAfterMs: limits.slowAfterMs,
      onSlow: () => void answers.tell(where, TRYING),
      retryMs: limits.retryMs,
      signal,
    });
    switch (tried.kind) {
      case 'done':
        return told(await really(codename, nonce, tried.value, tried.wasUnsure));
      case 'failed':
        return NOT_TAKEN;
      case 'late':
        return 'Not taken: Temporal did not answer in time, and the signature is too old now. Look at the timeline, then decide again.';
      case 'stopped':
        return tried.wasUnsure
          ? 'Firebreak in Slack is being ended, and nobody knows yet whether your decision was taken: look at the timeline before you decide again.'
          : 'Not sent: Firebreak in Slack is being ended. Decide again in a moment, or with the command line.';
    }
  }

  /** An attempt whose answer was lost may be the one that counted: the incident has written down how it ended. */
  async function really(
    codename: string,
    nonce: string,
    outcome: Outcome,
    wasUnsure: boolean,
  ): Promise<Outcome | typeof TAKEN_BEFORE> {
    const isDoubtful = outcome.reasons.some(({ gate }) => gate === 'isNew' || gate === 'incidentRuns');
    if (!wasUnsure || outcome.accepted || !isDoubtful) return outcome;
    try {
      const written = await outcomeOf(client, codename, nonce);
      if (written) return written;
    } catch {
      // Nobody can be asked any more: what is known is told.
    }
    return outcome.reasons.some(({ gate }) => gate === 'isNew') ? TAKEN_BEFORE : outcome;
  }

  return {
    async decide(wish) {
      const free = slots.take(wish.where.user);
      let text = TOO_MANY;
      if (free)
        try {
          text = await send(wish);
        } catch (error) {
          log(`a decision could not be sent (${error instanceof Error ? error.name : 'unknown error'})`);
          text = FAILED;
        } finally {
          free();
        }
      void answers.tell(wish.where, text);
      return text;
    },
  };
}

const TAKEN_BEFORE = 'Taken: an earlier attempt had arrived. The timeline says how it ended.';

function told(outcome: Outcome | typeof TAKEN_BEFORE): string {
  if (outcome === TAKEN_BEFORE) return outcome;
  return tellsOfNoPart(outcome) ? NO_PART : outcomeInWords(outcome);
}

const TRYING =
  'Temporal is slow or does not answer. Your decision is signed and is being tried on, for up to an hour: you need not press again. You will be told how it ended.';
/** Whether there is such an incident is not said to whoever may not know. */
const NOT_TAKEN = NO_PART;
const TOO_MANY =
  'Not sent: too many decisions wait for Temporal already. Decide again once it answers, or use the command line.';
const FAILED =
  'Not sent: something unexpected went wrong in Firebreak for Slack. Decide again, or use the command line.';
