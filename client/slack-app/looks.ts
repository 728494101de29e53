/**
 * Views that show an incident. One opens at once, since the right to open it lasts three seconds; what is in it comes when the
 * incident has answered, and only for somebody who takes part.
 */
import type { Client } from '@temporalio/client';
import type { ChecklistView } from '../../domain/view';
import { InvalidInput } from '../errors';
import { checklistOf } from '../incidents';
import type { Answers, Where } from './answers';
import type { Who } from './identity';
import type { Limits } from './limits';
import { SLACK } from './limits';
import { SlackFailure, type SlackApi } from './slack';
import { keepTrying } from './trying';
import type { Modal } from './views/blocks';
import { endedView, wordsView } from './views/pages';
import { NO_PART, takesPart } from './views/words';
import { hasEnded } from '../../domain/incident';

/** A page, by the button that shows it. */
export interface PageOf {
  readonly id: string;
  readonly value: string;
}

/** What a page carries, so that what is pressed on it knows where it was. */
export interface Carried {
  readonly page?: PageOf;
  readonly channel?: string;
}

export interface Look {
  readonly triggerId: string;
  /** It was asked for in a view: the new one is laid over it. */
  readonly isOver: boolean;
  readonly codename: string;
  readonly who: Promise<Who>;
  readonly where: Where;
  readonly carried: Carried;
  readonly show: (view: ChecklistView, now: number) => Modal;
}

export interface Looks {
  /** Never throws. */
  open(look: Look): Promise<void>;
  /** A view that needs no incident. */
  openWords(look: Pick<Look, 'triggerId' | 'isOver' | 'where'>, view: Modal): Promise<void>;
  /** Brings a view up to date, where it is still open. */
  refresh(
    viewId: string,
    codename: string,
    email: string,
    carried: Carried,
    show: Look['show'],
  ): Promise<void>;
  /** The incident, for whoever takes part; or what to say. `onSlow` is told once where it takes long. */
  ask(
    codename: string,
    email: string,
    onSlow: () => void,
    signal?: AbortSignal,
  ): Promise<{ readonly view: ChecklistView } | { readonly problem: string }>;
}

export interface LooksOptions {
  readonly client: Client;
  readonly slack: SlackApi;
  readonly answers: Answers;
  readonly limits: Limits;
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
}

const ASKING = 'Asking Temporal…';
const SLOW =
  'Temporal is slow or does not answer. It is being asked on: leave this open, or come back later.';
const SILENT_INCIDENT =
  'The incident does not answer: Temporal or its worker is down. Press again later, or use the command line.';

export function createLooks(options: LooksOptions): Looks {
  const { client, slack, answers, limits, signal, log } = options;

  async function opened(
    { triggerId, isOver, where }: Pick<Look, 'triggerId' | 'isOver' | 'where'>,
    view: Modal,
  ): Promise<string | undefined> {
    try {
      const method = isOver ? 'views.push' : 'views.open';
      const answer = await slack.call(method, { trigger_id: triggerId, view });
      return (answer['view'] as { id?: string } | undefined)?.id;
    } catch (error) {
      const code = error instanceof SlackFailure ? error.code : 'unknown';
      log(`a view could not be opened (${code})`);
      await answers.tell(
        where,
        `Slack did not open it (${code}). Nothing was decided: press again in a moment.`,
      );
      return undefined;
    }
  }

  /** False once it is closed. */
  async function update(viewId: string, view: Modal): Promise<boolean> {
    try {
      await slack.call('views.update', { view_id: viewId, view }, limits.slowAfterMs);
      return true;
    } catch (error) {
      const code = error instanceof SlackFailure ? error.code : 'unknown';
      if (code !== 'not_found') log(`a view could not be brought up to date (${code})`);
      return code !== 'not_found';
    }
  }

  async function ask(codename: string, email: string, onSlow: () => void, until = signal) {
    const tried = await keepTrying({
      attempt: () => checklistOf(client, codename, limits.attemptMs),
      isFinal: (error) => error instanceof InvalidInput,
      untilMs: Date.now() + limits.viewForMs,
      slowAfterMs: limits.slowAfterMs,
      onSlow,
      retryMs: limits.retryMs,
      signal: until,
    });
    if (tried.kind === 'failed') return { problem: NO_PART };
    if (tried.kind !== 'done') return { problem: SILENT_INCIDENT };
    return takesPart(tried.value, email) ? { view: tried.value } : { problem: NO_PART };
  }

  async function fill(
    viewId: string,
    { codename, carried, show }: Pick<Look, 'codename' | 'carried' | 'show'>,
    email: string,
  ): Promise<void> {
    const closed = new AbortController();
    // One after the other: what is said last has to stand.
    let shown: Promise<unknown> = Promise.resolve();
    const saySlow = () => {
      shown = update(viewId, wordsView(SLOW)).then((isOpen) => isOpen || closed.abort());
    };
    const answer = await ask(codename, email, saySlow, AbortSignal.any([signal, closed.signal]));
    await shown;
    if (closed.signal.aborted) return;
    await update(viewId, 'problem' in answer ? wordsView(answer.problem) : page(answer.view, carried, show));
  }

  return {
    async open(look) {
      const viewId = await opened(look, wordsView(ASKING));
      if (viewId === undefined) return;
      const who = await look.who;
      if (who.ok) await fill(viewId, look, who.email);
      else await update(viewId, wordsView(who.problem));
    },
    async openWords(look, view) {
      await opened(look, view);
    },
    async refresh(viewId, codename, email, carried, show) {
      const answer = await ask(codename, email, () => undefined);
      await update(
        viewId,
        'problem' in answer ? wordsView(answer.problem) : page(answer.view, carried, show),
      );
    },
    ask,
  };
}

/** Nothing can be decided any more in what has ended. A form keeps what it carries itself. */
function page(view: ChecklistView, carried: Carried, show: Look['show']): Modal {
  if (hasEnded(view)) return endedView(view);
  const shown = show(view, Date.now());
  if (shown.private_metadata !== undefined) return shown;
  const metadata = JSON.stringify(carried);
  return metadata.length > SLACK.metadata ? shown : { ...shown, private_metadata: metadata };
}

export function readCarried(metadata: string | undefined): Carried {
  try {
    const carried = JSON.parse(metadata ?? '') as Carried;
    return typeof carried === 'object' && carried !== null ? carried : {};
  } catch {
    return {};
  }
}
