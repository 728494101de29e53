/** What an incident can be told and asked. Imported by the client too: nothing of the workflow's own is in here. */
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { ContainmentReport } from '../../domain/containment';
import type { Outcome } from '../../domain/decide';
import { DECISION_NAMES, type DecisionInput, type DecisionName } from '../../domain/decisions';
import type { Entry } from '../../domain/entries';
import type { Evidence } from '../../domain/evidence/store';
import type { Declaration, Incident } from '../../domain/incident';
import type { ChecklistView, TaskView } from '../../domain/view';

/** The workflow's type: the exported function's name. */
export const INCIDENT_WORKFLOW = 'incident';

type Updates = {
  readonly [N in DecisionName]: ReturnType<typeof defineUpdate<Outcome, [DecisionInput<N>], N>>;
};
type Signals = { readonly [N in DecisionName]: ReturnType<typeof defineSignal<[DecisionInput<N>], N>> };

/** Every decision as an Update: its sender learns whether it was accepted, or refused and why. */
export const decisionUpdates = Object.fromEntries(
  DECISION_NAMES.map((name) => [name, defineUpdate(name)]),
) as unknown as Updates;

/** Every decision as a Signal of the same name: fire and forget, from the Temporal UI too. */
export const decisionSignals = Object.fromEntries(
  DECISION_NAMES.map((name) => [name, defineSignal(name)]),
) as unknown as Signals;

export const checklistQuery = defineQuery<ChecklistView>('checklist');
/** What was kept, and who had it when. */
export const evidenceQuery = defineQuery<Evidence | null>('evidence');
export const timelineQuery = defineQuery<Entry[]>('timeline');
/** One task, by its id, its number or its name in any spelling; undefined where there is none. */
export const taskQuery = defineQuery<TaskView | null, [string]>('task');
/** What was declared, for a second declaration of the same detection. */
export const declarationQuery = defineQuery<Declaration | null>('declaration');

/** How a containment goes. The token was given to that child alone: nobody else can report in its name. */
export interface TokenedReport {
  readonly token: string;
  readonly told: ContainmentReport;
}
export const containmentReportSignal = defineSignal<[TokenedReport]>('containmentReport');

/** How an incident starts: from a declaration, or from where its previous run left off. */
export type IncidentInput =
  { readonly declaration: Omit<Declaration, 'codename' | 'at'> } | { readonly carried: CarriedOver };

/** Everything that a new run needs so that nothing is lost. */
export interface CarriedOver {
  readonly incident: Incident;
  /** The last entry that the room was told. */
  readonly toldUpTo: number;
  /** Outcomes of the latest decisions that carried an id, so that one sent twice counts once. */
  readonly outcomes: readonly (readonly [id: string, outcome: Outcome])[];
  /** By target. */
  readonly tokens: Readonly<Record<string, string>>;
}

/** How an incident ended. */
export interface IncidentResult {
  readonly codename: string;
  readonly outcome: 'closed' | 'stoodDown';
  readonly entries: number;
  readonly refusals: number;
}
