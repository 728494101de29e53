/** The doors of the workflow: one for every decision, as Update and as Signal, one for the children, and one to ask. */
import { ApplicationFailure, condition, setDefaultSignalHandler, setHandler } from '@temporalio/workflow';
import { findTask } from '../../domain/checklist';
import { communicationOf } from '../../domain/communication-view';
import { DECISION_NAMES } from '../../domain/decisions';
import { unreadableReasonOf } from '../../domain/trust/unreadable';
import { packOf } from '../../domain/outgoing';
import { viewOf, viewOfTask } from '../../domain/view';
import type { Containments } from './containments';
import type { Inbox } from './inbox';
import type { LedgerKeeper } from './ledger';
import {
  decisionSignal,
  decisionUpdate,
  reportSignal,
  VIEW_NAMES,
  viewQuery,
  type ViewName,
  type Views,
} from './messages';
import type { Store } from './store';

/** What exists once the company's configuration has been read: in the same workflow task as the start. */
export interface Running {
  readonly store: Store;
  readonly containments: Containments;
  readonly inbox: Inbox;
  readonly ledger: LedgerKeeper;
}

const DESCRIPTION = `A decision: {"decision": NAME, …}. NAME is one of ${DECISION_NAMES.join(', ')}. Without a signature it is a request, which a responder confirms.`;

/** Sets every handler. Called before the first await; what arrives before the state exists waits for it. */
export function setHandlers(running: () => Running | undefined): void {
  const whenRunning = async (): Promise<Running> => {
    await condition(() => running() !== undefined);
    return running() as Running;
  };
  const takeSignal = async (name: string, raw: unknown) => {
    const { inbox, containments } = await whenRunning();
    if (name === reportSignal.name) containments.take(raw);
    else if (name === decisionSignal.name) inbox.add(raw);
  };
  takeSignalsOfTheStart(takeSignal);
  setHandler(decisionUpdate, async (raw: unknown) => (await whenRunning()).store.take(raw), {
    description: DESCRIPTION,
    validator: (raw: unknown) => keepFloodOut(running()?.store, raw),
  });
  setHandler(decisionSignal, (raw: unknown) => takeSignal(decisionSignal.name, raw), {
    description: DESCRIPTION,
  });
  setHandler(reportSignal, (raw: unknown) => takeSignal(reportSignal.name, raw), {
    description: "The parts' own reports; of no use to people.",
  });
  setHandler(viewQuery, (name, ...rest) => look(running(), name, rest), {
    description: `What there is to see: ${VIEW_NAMES.join(', ')}.`,
  });
}

/** Whatever was asked for, by whomever. */
function look(running: Running | undefined, name: ViewName, [named]: readonly unknown[]): Views[ViewName] {
  const incident = running?.store.incident;
  // Whoever asks has another keyring. An answer, which is sealed, tells that; an exception would not.
  if (unreadableReasonOf(name) !== undefined) return null;
  switch (name) {
    case 'checklist':
      return viewOf(incident ?? notYet());
    case 'timeline':
      return [...(incident?.entries ?? [])];
    case 'task': {
      const id = typeof named === 'string' ? findTask(named) : undefined;
      return incident && id ? viewOfTask(id, incident) : null;
    }
    case 'evidence':
      return incident?.evidence ?? null;
    case 'declaration':
      return incident?.declaration ?? null;
    case 'communication':
      return incident ? communicationOf(incident, Date.now()) : null;
    case 'pack':
      return incident && typeof named === 'string' ? packOf(named, incident) : null;
    case 'ledger':
      return running?.ledger.head ?? null;
    default:
      throw ApplicationFailure.nonRetryable(`Ask for one of ${VIEW_NAMES.join(', ')}.`, 'InvalidRequest');
  }
}

/**
 * Signals that arrived before this run began would be handed out in the order in which handlers are set, so that a task is
 * completed before the determination that allows it. A default handler takes them in the order of their arrival. It is unset
 * at once: while one is set, a raw name of Temporal's own throws, which here costs that one signal.
 */
function takeSignalsOfTheStart(take: (name: string, raw: unknown) => Promise<void>): void {
  for (let waiting = true; waiting;) {
    try {
      setDefaultSignalHandler(take);
      waiting = false;
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
    }
  }
  setDefaultSignalHandler(undefined);
}

/** Synchronous, as validators must be. Everything else is answered and recorded. */
function keepFloodOut(store: Store | undefined, raw: unknown): void {
  if (store?.isWashedAway(raw))
    throw ApplicationFailure.nonRetryable(
      'Too many messages that prove nothing arrive; this one was not taken in. Sign it, or wait a minute.',
      'RateLimited',
    );
}

function notYet(): never {
  throw ApplicationFailure.retryable(
    'The incident is being assembled; ask again in a moment.',
    'Unavailable',
  );
}
