/**
 * "Trigger the process": somebody writes `!ic page`, and the incident commander is woken. Whoever wrote it is told in private;
 * a public channel learns the codename alone.
 */
import type { Client } from '@temporalio/client';
import type { Secret } from '../../codec/codenames';
import { EMPTY_SCOPE } from '../../domain/scope';
import { InvalidInput } from '../errors';
import { checklistOf, declareIncident, type Declared } from '../incidents';
import type { Signer } from '../signing/signer';
import type { Answers, Where } from './answers';
import { SUMMARY, type Limits } from './limits';
import type { Roster } from './roster';
import type { SlackApi } from './slack';
import { createSlots, keepTrying, pause } from './trying';
import { cut, written } from './views/text';
import { pagingInWords, phonesInWords } from './views/words';
import { commandersOf } from '../../domain/people';

export interface Call {
  /** As Slack sent it. */
  readonly text: string;
  /** Who calls: as Slack itself says. */
  readonly by: string;
  readonly where: Where;
  /** What Slack calls this message, the same in each delivery. */
  readonly message: string;
  /** A channel that everybody of the company can read. */
  readonly isPublicIn?: { readonly channel: string; readonly thread?: string };
}

export interface Declarer {
  /** Never throws. */
  declare(call: Call): Promise<void>;
}

export interface DeclarerOptions {
  readonly client: Client;
  readonly secret: Secret;
  readonly signer: Signer;
  readonly slack: SlackApi;
  readonly answers: Answers;
  readonly roster: () => Roster;
  readonly limits: Limits;
  readonly signal: AbortSignal;
  /** Where the Temporal Web UI is. */
  readonly webUi?: string;
  readonly log: (line: string) => void;
}

/** Nobody is kept from calling because there are no words. */
const NO_WORDS = 'called from Slack, without a word of what happens';

export function createDeclarer(options: DeclarerOptions): Declarer {
  const { client, secret, signer, slack, answers, roster, limits, signal, webUi, log } = options;
  const slots = createSlots(limits.pending, limits.pendingOfOne);

  async function run(call: Call): Promise<void> {
    const { by, where, message } = call;
    const { summary, isCut } = summaryOf(call.text);
    const request = { summary, by, door: 'slack', scope: EMPTY_SCOPE, message } as const;
    const tried = await keepTrying<Declared>({
      attempt: () =>
        client.withDeadline(Date.now() + limits.attemptMs, () =>
          declareIncident(client, request, secret, signer),
        ),
      isFinal: (error) => error instanceof InvalidInput,
      untilMs: Date.now() + limits.triedForMs,
      slowAfterMs: limits.slowAfterMs,
      onSlow: () =>
        void answers.tell(
          where,
          `NOBODY HAS BEEN PAGED YET: Temporal is slow or does not answer. It is being tried on, for up to an hour; you need not call again. ${byHand()}`,
        ),
      retryMs: limits.retryMs,
      signal,
    });
    if (tried.kind !== 'done') {
      log('somebody called, and no incident could be declared: look at Temporal');
      await answers.tell(where, `NOBODY HAS BEEN PAGED: ${WHY[tried.kind]} ${byHand()}`);
      return;
    }
    const { codename, adopted } = tried.value;
    // The message had been taken before, and answered then.
    if (adopted && !tried.wasUnsure) return;
    await Promise.all([
      sayInPublic(codename, call),
      answers.tell(where, ...declaredLines(codename, isCut)),
      tellOfPage(codename, where),
    ]);
  }

  function declaredLines(codename: string, isCut: boolean): string[] {
    const ui =
      webUi === undefined ? [] : [`${webUi}/namespaces/${client.options.namespace}/workflows/${codename}`];
    return [
      `Declared: ${codename}. The page goes out now.`,
      ...(isCut ? [`What you wrote was cut after ${SUMMARY} characters: tell the rest in the room.`] : []),
      `Follow it: /firebreak status ${codename}, or in the room of that name, to which responders are invited.`,
      ...ui,
      'Say the codename and nothing else, here and everywhere.',
    ];
  }

  async function sayInPublic(codename: string, { isPublicIn }: Call): Promise<void> {
    if (!isPublicIn) return;
    const { channel, thread } = isPublicIn;
    try {
      await slack.call(
        'chat.postMessage',
        { channel, text: codename, ...(thread !== undefined && { thread_ts: thread }) },
        limits.answerForMs,
      );
    } catch {
      log('a public channel could not be told a codename');
    }
  }

  /** Is somebody being woken? The declaration stands, whatever comes of asking. */
  async function tellOfPage(codename: string, where: Where): Promise<void> {
    const until = Date.now() + limits.pagedWithinMs;
    let last = `NOBODY HAS BEEN PAGED YET: no worker took the incident up. It is kept, and goes on once one runs (docs/deploy.md). ${byHand()}`;
    while (Date.now() < until && !signal.aborted) {
      try {
        const view = await checklistOf(client, codename, Math.max(500, until - Date.now()));
        last = pagingInWords(view, Date.now());
        if (view.paging.state !== 'waiting') break;
      } catch {
        // Asked again, until the time is up.
      }
      await pause(200, signal);
    }
    await answers.tell(where, last);
  }

  const byHand = () => phonesInWords(commandersOf(roster()));

  return {
    async declare(call) {
      const free = slots.take(call.where.user);
      if (!free) {
        await answers.tell(call.where, `NOT DECLARED: too many calls wait already. ${byHand()}`);
        return;
      }
      try {
        await run(call);
      } catch (error) {
        log(`a call could not be declared (${error instanceof Error ? error.name : 'unknown error'})`);
        await answers.tell(
          call.where,
          `NOBODY HAS BEEN PAGED: something unexpected went wrong in Firebreak for Slack. ${byHand()}`,
        );
      } finally {
        free();
      }
    },
  };
}

const WHY = {
  failed: 'Temporal takes no incident: declare with the command line, which says why.',
  late: 'Temporal did not answer for an hour. Call again once it does.',
  stopped: 'Firebreak in Slack is being ended. Call again in a moment, or declare with the command line.',
} as const;

/** In one line, as the command line has it. */
export function summaryOf(text: string): { summary: string; isCut: boolean } {
  const words = written(text)
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .replace(/\s+/g, ' ')
    .trim();
  if (words === '') return { summary: NO_WORDS, isCut: false };
  return { summary: cut(words, SUMMARY), isCut: words.length > SUMMARY };
}

/** `!ic page what happens`, in any spelling: what happens. Nothing where it is no call. */
export function callIn(text: string): string | undefined {
  return /^\s*!\s*ic\s+page(?![\p{L}\p{N}_-])[\s:,.!-]*([\s\S]*)$/iu.exec(text)?.[1];
}
