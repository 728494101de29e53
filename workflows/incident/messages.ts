/** What an incident can be told and asked. Imported by the client too: nothing of the workflow's own is in here. */
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { CommunicationView } from '../../domain/communication-view';
import type { ContainmentReport } from '../../domain/containment';
import type { Outcome } from '../../domain/decide';
import type { DecisionMessage } from '../../domain/decisions';
import type { Entry } from '../../domain/entries';
import type { Evidence } from '../../domain/evidence/store';
import type { PackAnswer } from '../../domain/hand-off/answer';
import type { Declaration, Incident } from '../../domain/incident';
import type { LedgerHead } from '../../domain/ledger/batch';
import type { Beginning, PracticeAnswer } from '../../domain/practice';
import type { ChecklistView, TaskView } from '../../domain/view';
import { TASK_QUEUE } from '../names';
import { phaseKey } from '../search-attributes';

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
  /** Words inside and outside: who may hear what, what is on its way, and what keeps it back. */
  communication: CommunicationView | null;
  /** The hand-off pack for a contact or a party; null where there is none of that name. */
  pack: PackAnswer | null;
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
  'communication',
  'pack',
  'ledger',
  'task',
];
export const viewQuery = defineQuery<Views[ViewName], [name: ViewName, ...rest: string[]]>('view');

/** Whatever is asked of practice. */
export const practiceQuery = defineQuery<PracticeAnswer, [name: unknown]>(viewQuery.name);

/** How an incident starts: from a declaration, or from where its previous run left off. Or what only looks like one. */
export type IncidentInput =
  | { readonly declaration: Omit<Declaration, 'codename' | 'at' | 'unproven'> }
  | { readonly carried: CarriedOver }
  | { readonly practice: PracticeInput };

export interface PracticeInput extends Beginning {
  /** Makes it as long as a declaration. */
  readonly padding: string;
}

/** Which detection an incident was declared for, where the server tells it without a worker. */
export const ORIGIN = 'origin';

/**
 * The request that starts an incident: one for all who start them. What differs in it would tell an incident from practice,
 * in the clear.
 */
export function startOf(codename: string, input: IncidentInput, origin?: string) {
  return {
    workflowId: codename,
    taskQueue: TASK_QUEUE,
    args: [input] as [IncidentInput],
    staticSummary: codename,
    // A task that was with a worker when it died is handed on after this; the default of 10 s is long at 3 a.m.
    workflowTaskTimeout: '5 seconds' as const,
    typedSearchAttributes: [{ key: phaseKey, value: 'open' }],
    ...(origin !== undefined && { memo: { [ORIGIN]: origin } }),
    // A codename is given once: its room, its page and its evidence bear it.
    workflowIdReusePolicy: 'REJECT_DUPLICATE' as const,
    workflowIdConflictPolicy: 'FAIL' as const,
  };
}

/** Everything that a new run needs so that nothing is lost. */
export interface CarriedOver {
  readonly incident: Incident;
  /** The last entry that the room was told, and which room. */
  readonly toldUpTo: number;
  readonly toldIn?: string;
  /** Of decisions that may still be sent a second time: nonce, and when it was signed. */
  readonly nonces: readonly (readonly [nonce: string, at: number])[];
  /** By target. */
  readonly tokens: Readonly<Record<string, string>>;
  /** Those under way, by their number. */
  readonly children?: readonly number[];
  readonly ledger?: LedgerHead;
}

/** How an incident ended. */
export interface IncidentResult {
  readonly codename: string;
  readonly outcome: 'closed' | 'stoodDown' | 'practice';
  readonly entries: number;
  readonly refusals: number;
}
