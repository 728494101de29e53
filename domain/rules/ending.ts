/** The end. */
import { blockersOfClose } from '../blockers';
import type { DecisionInput } from '../decisions';
import type { Incident } from '../incident';
import { accept, refuse, type Ruling } from './ruling';

export function close(incident: Incident, { by }: DecisionInput<'close'>, at: number): Ruling {
  const reasons = blockersOfClose(incident);
  if (reasons.length > 0) return refuse(reasons);
  return accept({ ...incident, phase: { name: 'closed', by, at } }, 'closed the incident');
}
