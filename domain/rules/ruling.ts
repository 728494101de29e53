/** What a rule answers: the incident as it is then, or every reason why not. */
import type { Blocker } from '../gates';
import type { Incident } from '../incident';

export type Ruling =
  | {
      readonly accepted: true;
      readonly incident: Incident;
      /** One sentence for people, without its subject: "recorded attackSource = external". */
      readonly text: string;
    }
  | { readonly accepted: false; readonly reasons: readonly Blocker[] };

export function accept(incident: Incident, text: string): Ruling {
  return { accepted: true, incident, text };
}

export function refuse(reasons: readonly Blocker[]): Ruling {
  return { accepted: false, reasons };
}

/** A reason that is not a gate of the checklist: the thing named is not in the state that the decision needs. */
export function notSo(gate: string, reason: string): Blocker {
  return { gate, reason };
}
