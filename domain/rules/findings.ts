/** Findings, the scope and the determination: what people establish. */
import { invitePeopleAgain } from '../machine-tasks';
import { blockersOfStep } from '../blockers';
import type { DecisionInput } from '../decisions';
import { findingOf, type FindingId } from '../findings';
import type { Incident } from '../incident';
import { rosterOf } from '../people';
import { servicesWithoutRepresentative } from '../roles';
import { addRotations } from '../rotations';
import { readInstance, widen } from '../scope';
import { addContainment } from '../targets';
import { accept, notSo, refuse, type Ruling } from './ruling';

export function recordFinding(
  incident: Incident,
  { finding, value, grounds, by }: DecisionInput<'recordFinding'>,
  at: number,
): Ruling {
  const { values, title } = findingOf(finding);
  const reasons = [];
  if (values && !values.includes(value ?? ''))
    reasons.push(notSo('findingHasAValue', `${finding} is one of: ${values.join(', ')}`));
  if (!values && value !== undefined)
    reasons.push(notSo('findingHasNoValue', `${finding} is established or not; it takes no value`));
  // "via forensic analysis": where the attack came from can't be established before the analysis may begin.
  if (finding === 'attackSource') reasons.push(...blockersOfStep('forensicAnalysis', incident));
  if (reasons.length > 0) return refuse(reasons);
  const found = { ...(value !== undefined && { value }), grounds, by, at };
  return accept(
    { ...incident, findings: { ...incident.findings, [finding]: found } },
    `established: ${title}${value === undefined ? '' : ` (${value})`} — ${grounds}`,
  );
}

export function withdrawFinding(
  incident: Incident,
  { finding, reason }: DecisionInput<'withdrawFinding'>,
): Ruling {
  if (!incident.findings[finding]) return refuse([notSo('findingIsRecorded', `${finding} is not recorded`)]);
  return accept(
    { ...incident, findings: without(incident.findings, finding) },
    `withdrew: ${findingOf(finding).title} — ${reason}`,
  );
}

export function widenScope(
  incident: Incident,
  { what, which }: DecisionInput<'widenScope'>,
  at: number,
): Ruling {
  const scope = widen(incident.scope, what, which);
  if (scope === incident.scope)
    return refuse([notSo('isNotInScope', `${what} ${which} is in the scope already`)]);
  let wider: Incident = { ...incident, scope };
  if (what === 'instance') wider = addContainment(wider, { kind: what, ...readInstance(which) }, at);
  if (what === 'identity' || what === 'secret' || what === 'address')
    wider = addContainment(wider, { kind: what, id: which }, at);
  if (what === 'user') wider = addRotations(wider, which, at);
  if (what === 'service') wider = invitePeopleAgain(wider);
  const nobody =
    what === 'service' && servicesWithoutRepresentative(rosterOf(wider), [which]).length > 0
      ? '; nobody on the roster speaks for it'
      : '';
  return accept(wider, `added ${what} ${which} to the scope${nobody}`);
}

export function determine(
  incident: Incident,
  { determination, reason, by }: DecisionInput<'determine'>,
  at: number,
): Ruling {
  if (incident.phase.name !== 'assessing')
    return refuse([
      notSo(
        'noDeterminationYet',
        'the determination was made: a response runs, and ends by its checklist (not-needed, withhold, close)',
      ),
    ]);
  return determination === 'respond'
    ? accept(
        { ...incident, phase: { name: 'responding', by, at, reason } },
        `determined that a response is needed — ${reason}`,
      )
    : accept(
        { ...incident, phase: { name: 'stoodDown', by, at, reason } },
        `determined that no response is needed, stood down — ${reason}`,
      );
}

function without(findings: Incident['findings'], id: FindingId): Incident['findings'] {
  const { [id]: _withdrawn, ...rest } = findings;
  return rest;
}
