/** The doors of the workflow: every decision as Update and as Signal, and the queries. */
import { ApplicationFailure, condition, setDefaultSignalHandler, setHandler } from '@temporalio/workflow';
import { findTask } from '../../domain/checklist';
import { DECISION_NAMES, DECISIONS, parseDecision, type DecisionName } from '../../domain/decisions';
import { viewOf, viewOfTask } from '../../domain/view';
import type { Containments } from './containments';
import {
  checklistQuery,
  containmentReportSignal,
  decisionSignals,
  decisionUpdates,
  declarationQuery,
  evidenceQuery,
  taskQuery,
  timelineQuery,
} from './messages';
import type { Store } from './store';

/** What exists once the company's configuration has been read: in the same workflow task as the start. */
export interface Running {
  readonly store: Store;
  readonly containments: Containments;
}

/** Sets every handler. Called before the first await; what arrives before the state exists waits for it. */
export function setHandlers(running: () => Running | undefined): void {
  const whenRunning = async (): Promise<Running> => {
    await condition(() => running() !== undefined);
    return running() as Running;
  };
  const takeSignal = async (name: string, raw: unknown) => {
    const { store, containments } = await whenRunning();
    if (name === containmentReportSignal.name) containments.take(raw);
    else if (Object.hasOwn(DECISIONS, name)) store.take(name as DecisionName, raw);
  };
  takeSignalsOfTheStart(takeSignal);
  for (const name of DECISION_NAMES) {
    const { description } = DECISIONS[name];
    setHandler(decisionUpdates[name], async (raw: unknown) => (await whenRunning()).store.take(name, raw), {
      description,
      validator: (raw: unknown) => rejectMalformed(name, raw),
    });
    setHandler(decisionSignals[name], (raw: unknown) => takeSignal(name, raw), { description });
  }
  setHandler(containmentReportSignal, (raw: unknown) => takeSignal(containmentReportSignal.name, raw), {
    description: "The containment workflows' own reports; of no use to people.",
  });
  const state = () => running()?.store.incident;
  setHandler(checklistQuery, () => viewOf(state() ?? notYet()), {
    description: 'The checklist: what is done, open or locked, and why.',
  });
  setHandler(timelineQuery, () => [...(state()?.entries ?? [])], {
    description: 'Everything that was decided, done or refused, in order.',
  });
  setHandler(
    taskQuery,
    (named) => {
      const incident = state();
      const id = typeof named === 'string' ? findTask(named) : undefined;
      return incident && id ? viewOfTask(id, incident) : null;
    },
    { description: 'One task, by its number or name.' },
  );
  setHandler(evidenceQuery, () => state()?.evidence ?? null, {
    description: 'What was kept as evidence, and who had it when.',
  });
  setHandler(declarationQuery, () => state()?.declaration ?? null, { description: 'What was declared.' });
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

/** Synchronous, as validators must be. Only what can't be read is rejected; everything else is answered and recorded. */
function rejectMalformed(name: DecisionName, raw: unknown): void {
  const parsed = parseDecision(name, raw);
  if (!parsed.ok) throw ApplicationFailure.nonRetryable(parsed.problems.join('\n'), 'InvalidRequest');
}

function notYet(): never {
  throw ApplicationFailure.retryable(
    'The incident is being assembled; ask again in a moment.',
    'Unavailable',
  );
}
