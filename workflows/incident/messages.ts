/** What an incident can be told and asked. Imported by the client too: nothing of the workflow's own is in here. */
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { ContainmentReport } from '../../domain/containment';
import type { Outcome } from '../../domain/decide';
import type { DecisionMessage } from '../../domain/decisions';
import type { Entry } from '../../domain/entries';
import type { Evidence } from '../../domain/evidence/store';
import type { Declaration, Incident } from '../../domain/incident';
import type { LedgerHead } from '../../domain/ledger/batch';
import type { ChecklistView, TaskView } from '../../domain/view';

/** Every decision as an Update: its sender learns whether it was accepted, or refused and why. */
export const decisionUpdate = defineUpdate<Outcome, [DecisionMessage], 'decision'>('decision');

/** Every decision as a Signal of the same name: fire and forget, from the Temporal UI too. */
export const decisionSignal = defineSignal<[DecisionMessage], 'decision'>('decision');

/** How a containment goes. The token was given to that child alone: nobody else can report in its name. */
export interface TokenedReport {
  readonly token: string;
  readonly told: ContainmentReport;
}
export const reportSignal = defineSignal<[TokenedReport]>('report');

/** What can be asked. One name for all of them on the wire: `view`, with the name of the view. */
export interface Views {
  checklist: ChecklistView;
  timeline: Entry[];
  /** What was kept, and who had it when. */
  evidence: Evidence | null;
  /** What was declared, for a second declaration of the same detection. */
  declaration: Declaration | null;
  /** Up to where the ledger has been written. */
  ledger: LedgerHead | null;
  /** One task, by its id, its number or its name in any spelling; null where there is none. */
  task: TaskView | null;
}
export type ViewName = keyof Views;
export const VIEW_NAMES: readonly ViewName[] = [
  'checklist',
  'timeline',
  'evidence',
  'declaration',
  'ledger',
  'task',
];
export const viewQuery = defineQuery<Views[ViewName], [name: ViewName, ...rest: string[]]>('view');

/** How an incident starts: from a declaration, or from where its previous run left off. */
export type IncidentInput =
  | { readonly declaration: Omit<Declaration, 'codename' | 'at' | 'unproven'> }
  | { readonly carried: CarriedOver };

/** Everything that a new run needs so that nothing is lost. */
export interface CarriedOver {
  readonly incident: Incident;
  /** The last entry that the room was told. */
  readonly toldUpTo: number;
  /** Of decisions that may still be sent a second time: nonce, and when it was signed. */
  readonly nonces: readonly (readonly [nonce: string, at: number])[];
  /** By target. */
  readonly tokens: Readonly<Record<string, string>>;
  readonly ledger?: LedgerHead;
}

/** How an incident ended. */
export interface IncidentResult {
  readonly codename: string;
  readonly outcome: 'closed' | 'stoodDown';
  readonly entries: number;
  readonly refusals: number;
}
