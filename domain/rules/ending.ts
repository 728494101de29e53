/** The end. */
import { blockersOfClose } from '../blockers';
import { clocksOf, minuteOf, NO_ADVICE } from '../clocks';
import type { DecisionInput } from '../decisions';
import type { Incident } from '../incident';
import { accept, refuse, type Ruling } from './ruling';

export function close(incident: Incident, { by }: DecisionInput<'close'>, at: number): Ruling {
  const reasons = blockersOfClose(incident);
  if (reasons.length > 0) return refuse(reasons);
  return accept(
    { ...incident, phase: { name: 'closed', by, at } },
    `closed the incident${openClocks(incident)}`,
  );
}

/** They keep nobody from the end, and nobody is warned of them after it. */
function openClocks(incident: Incident): string {
  const open = clocksOf(incident).filter(({ state }) => state !== 'met');
  if (open.length === 0) return '';
  const all = open.map(
    ({ id, state, dueAt }) => `${id} (${state === 'passed' ? 'passed' : 'until'} ${minuteOf(dueAt)})`,
  );
  return `; nobody has met these clocks, and Firebreak warns of them no more: ${all.join(', ')}; ${NO_ADVICE}`;
}
