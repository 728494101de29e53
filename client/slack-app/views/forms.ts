/** A decision as a form. What it is about travels with it, and comes back when it is submitted. */
import { DECISIONS, type DecisionName } from '../../../domain/decisions';
import { describeAttempt } from '../../../domain/attempts';
import { parseDecision } from '../../../domain/decisions';
import { whoDecides } from '../../../domain/authority';
import type { ChecklistView } from '../../../domain/view';
import { SLACK } from '../limits';
import { modal, section, type Block, type Modal } from './blocks';
import { inputsOf, titleOf, type Preset } from './fields';

/** Of every form of a decision. */
export const FORM = 'firebreak.form';

/** What a form is about. */
export interface About {
  readonly codename: string;
  readonly name: DecisionName;
  readonly preset: Preset;
  /** Where it was asked for, and what came of it is told. */
  readonly channel?: string;
  /** The view under it: what to show there anew, as a button's id and value. */
  readonly below?: { readonly id: string; readonly value: string };
}

const SUBMITS: Readonly<Partial<Record<DecisionName, string>>> = {
  completeTasks: 'Complete',
  markNotNeeded: 'Not needed',
  recordFinding: 'Record',
  refuse: 'Refuse',
  approve: 'Approve',
  determine: 'Determine',
  assignTask: 'Assign',
  exclude: 'Exclude',
  close: 'Close the incident',
};

/** Undefined where what it is about is longer than a view carries. */
export function formView(about: About, view: ChecklistView, suggestedRoom: string): Modal | undefined {
  const { codename, name, preset } = about;
  const metadata = JSON.stringify(about);
  if (metadata.length > SLACK.metadata) return undefined;
  const blocks: Block[] = [
    section(
      `${codename}: ${whatFor(name, preset)}\nDecided by ${whoDecides(name)}; recorded with your name.`,
    ),
    ...inputsOf(name, preset, view, suggestedRoom),
  ];
  return modal(titleOf(name), blocks, { submit: SUBMITS[name] ?? 'Decide', callback: FORM, metadata });
}

/** What it is about, where that is known already; else what such a decision is for. */
function whatFor(name: DecisionName, preset: Preset): string {
  if (Object.keys(preset).length === 0) return DECISIONS[name].description;
  // The reason is still to be given; what is to be said of it does not depend on that.
  const parsed = parseDecision(name, { reason: '-', to: 'a@b', by: 'a@b', ...preset });
  if (!parsed.ok) return DECISIONS[name].description;
  return name === 'assignTask' ? DECISIONS[name].description : describeAttempt(parsed.decision);
}

export function readAbout(metadata: string): About | undefined {
  try {
    const about = JSON.parse(metadata) as About;
    return typeof about.codename === 'string' && Object.hasOwn(DECISIONS, about.name) ? about : undefined;
  } catch {
    return undefined;
  }
}
