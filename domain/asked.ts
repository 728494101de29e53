/**
 * Requests without a proof: what somebody asked for through the Temporal Web UI. They decide nothing. A responder who may
 * decide it confirms one with a signature, and it is that responder's decision.
 */
import type { Decision } from './decisions';
import type { Incident } from './incident';

export interface AskedDecision {
  /** `asked-1` */
  readonly id: string;
  /** Whose token the Web UI had. */
  readonly by: string;
  readonly decision: Decision;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** More than people look through; those that nobody confirmed are refused beyond it. */
export const MOST_ASKED = 20;

export function addAsked(incident: Incident, by: string, decision: Decision, at: number): Incident {
  const id = `asked-${incident.askedSoFar + 1}`;
  return {
    ...incident,
    askedSoFar: incident.askedSoFar + 1,
    asked: { ...incident.asked, [id]: { id, by, decision, at } },
  };
}

/** The request of that name. What people type may be any name, also one that every object answers to. */
export function findAsked({ asked }: Incident, id: string): AskedDecision | undefined {
  return Object.hasOwn(asked, id) ? asked[id] : undefined;
}

export function withoutAsked(incident: Incident, id: string): Incident {
  const { [id]: _settled, ...asked } = incident.asked;
  return { ...incident, asked };
}
