/** The incident's state inside its workflow: read by all, changed only through `decide` and `report`. */
import { setCurrentDetails } from '@temporalio/workflow';
import { decide, refuseMalformed, report, type Outcome } from '../../domain/decide';
import { parseDecision, type DecisionName } from '../../domain/decisions';
import type { Incident } from '../../domain/incident';
import { renderDetails } from '../../domain/markdown';
import type { Report } from '../../domain/reports';

/** How many outcomes are remembered for decisions that are sent twice. */
const REMEMBERED = 500;

export class Store {
  private readonly outcomes: Map<string, Outcome>;

  constructor(
    private current: Incident,
    outcomes: readonly (readonly [string, Outcome])[] = [],
  ) {
    this.outcomes = new Map(outcomes);
    this.show();
  }

  get incident(): Incident {
    return this.current;
  }

  get lastSeq(): number {
    return this.current.entries.at(-1)?.seq ?? 0;
  }

  /** Takes whatever arrived under a decision's name. Total: it answers, whatever it was given. */
  take(name: DecisionName, raw: unknown): Outcome {
    const parsed = parseDecision(name, raw);
    if (!parsed.ok) return this.keep(refuseMalformed(this.current, name, parsed.problems, Date.now()));
    const { id, by } = parsed.decision;
    // Of this person and this decision: another's with the same id is another decision.
    const key = id === undefined ? undefined : JSON.stringify([name, by, id]);
    const known = key === undefined ? undefined : this.outcomes.get(key);
    if (known) return known;
    const outcome = this.keep(decide(this.current, { door: 'temporal', ...parsed.decision }, Date.now()));
    if (key !== undefined) this.remember(key, outcome);
    return outcome;
  }

  report(told: Report): void {
    this.current = report(this.current, told, Date.now());
    this.show();
  }

  carryOutcomes(): (readonly [string, Outcome])[] {
    return [...this.outcomes];
  }

  private keep({ incident, outcome }: { incident: Incident; outcome: Outcome }): Outcome {
    this.current = incident;
    this.show();
    return outcome;
  }

  private remember(id: string, outcome: Outcome): void {
    this.outcomes.set(id, outcome);
    const oldest = this.outcomes.keys().next().value;
    if (this.outcomes.size > REMEMBERED && oldest !== undefined) this.outcomes.delete(oldest);
  }

  /** Costs no event of the history: the Web UI asks for it. */
  private show(): void {
    setCurrentDetails(renderDetails(this.current));
  }
}
