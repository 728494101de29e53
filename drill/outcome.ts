/** Whether a decision went as its scenario says. */
import type { ScenarioDecision } from './scenario';

/** Nothing where it did. */
export function surpriseOf(
  { by, does }: Pick<ScenarioDecision, 'by' | 'does'>,
  refused: readonly string[] | undefined,
  accepted: boolean,
  reasons: readonly { readonly reason: string }[],
): string | undefined {
  if (!accepted && !refused)
    return `${by} was refused ${does}: ${reasons.map(({ reason }) => reason).join('; ')}`;
  if (accepted && refused)
    return `${by} was allowed ${does}, and should have been refused by ${refused.join(', ')}`;
  return undefined;
}
