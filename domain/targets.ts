/** What is affected and how it comes to be contained, refused, or released again. */
import { authorityFor } from './company';
import type { Containment, ContainmentStatus, ContainmentTarget, TargetKind } from './containment';
import type { Incident } from './incident';
import { raiseRequest, requestIdOf } from './requests';
import type { Scope } from './scope';

/** Everything in a scope that machines can contain. */
export function targetsOf(scope: Scope): ContainmentTarget[] {
  const named = (kind: TargetKind) => (id: string) => ({ kind, id });
  return [
    ...scope.instances.map((instance) => ({ kind: 'instance', ...instance }) as const),
    ...scope.identities.map(named('identity')),
    ...scope.secrets.map(named('secret')),
    ...scope.addresses.map(named('address')),
  ];
}

/**
 * Something comes into the scope: it is contained at once, or its containment asks for approval. What nobody proves to have
 * named always asks.
 */
export function addContainment(
  incident: Incident,
  target: ContainmentTarget,
  at: number,
  { isProven = true } = {},
): Incident {
  if (Object.hasOwn(incident.containments, target.id)) return incident;
  const waits = !isProven || authorityFor(incident.company, target) === 'approve';
  const containment: Containment = {
    target,
    number: nextNumber(incident),
    status: waits ? 'awaitingApproval' : 'running',
    since: at,
    subSteps: {},
    unproven: [],
  };
  const subject = { kind: 'containment', target: target.id } as const;
  return {
    ...incident,
    containments: { ...incident.containments, [target.id]: containment },
    requests: waits
      ? { ...incident.requests, [requestIdOf(subject)]: raiseRequest(subject, at) }
      : incident.requests,
  };
}

export function startContainment(incident: Incident, id: string, at: number): Incident {
  return setStatus(incident, id, 'running', at, ['awaitingApproval', 'refused', 'abandoned']);
}

export function stopContainment(incident: Incident, id: string, at: number): Incident {
  return setStatus(incident, id, 'refused', at, ['awaitingApproval']);
}

/** Two people have ordered it. The child that releases is another one than the child that contained. */
export function startRelease(incident: Incident, id: string, at: number): Incident {
  const containment = incident.containments[id];
  if (!containment) return incident;
  const release = { number: nextNumber(incident), since: at, restored: [], drift: [] };
  return {
    ...incident,
    containments: {
      ...incident.containments,
      [id]: { ...containment, release },
    },
  };
}

/** Children are named by numbers, each given once. */
function nextNumber({ containments }: Incident): number {
  const given = Object.values(containments).flatMap(({ number, release }) => [number, release?.number ?? 0]);
  return Math.max(0, ...given) + 1;
}

function setStatus(
  incident: Incident,
  id: string,
  status: ContainmentStatus,
  at: number,
  from: readonly ContainmentStatus[],
): Incident {
  const containment = incident.containments[id];
  if (!containment || !from.includes(containment.status)) return incident;
  return {
    ...incident,
    containments: { ...incident.containments, [id]: { ...containment, status, since: at } },
  };
}
