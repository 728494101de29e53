/** People's orders to what contains: stop out of order, and give up. */
import { doneAt, failingOf, isUnproven } from '../containment';
import type { DecisionInput } from '../decisions';
import type { Incident } from '../incident';
import { approveRequest, findRequest, requestIdOf } from '../requests';
import { rolesIn } from '../people';

import { startContainment } from '../targets';
import { accept, notSo, refuse, type Ruling } from './ruling';

/** "the IC can order 'stop now'": overrides the order of containment, and an approval that is still awaited. */
export function orderStop(
  incident: Incident,
  { instance, by, reason }: DecisionInput<'orderStop'>,
  at: number,
): Ruling {
  const containment = incident.containments[instance];
  if (containment?.target.kind !== 'instance')
    return refuse([notSo('isInScope', `${instance} is not in the scope`)]);
  if (doneAt(containment, 'stop') !== undefined)
    return refuse([notSo('instanceRuns', `${instance} is stopped already`)]);
  const started = startContainment(incident, instance, at);
  const current = started.containments[instance] ?? containment;
  // The order is the approval that was awaited: nobody is to be asked, or to refuse, what has begun.
  const id = requestIdOf({ kind: 'containment', target: instance });
  const request = findRequest(incident.requests, id);
  const approved = request && approveRequest(request, by, rolesIn(incident, by), at);
  return accept(
    {
      ...started,
      requests: { ...started.requests, ...(approved && { [id]: approved }) },
      containments: { ...started.containments, [instance]: { ...current, stopOrdered: { by, at } } },
    },
    `ordered that ${instance} be stopped now — ${reason}`,
  );
}

/** A mistake in the scope, or what no retry mends: without this its containment would keep the incident open for ever. */
export function giveUp(incident: Incident, { target, reason }: DecisionInput<'giveUp'>, at: number): Ruling {
  const containment = Object.hasOwn(incident.containments, target)
    ? incident.containments[target]
    : undefined;
  if (!containment) return refuse([notSo('isInScope', `${target} is not in the scope`)]);
  if (containment.status !== 'running')
    return refuse([notSo('containmentRuns', `the containment of ${target} is not under way`)]);
  if (failingOf(containment).length === 0 && !isUnproven(containment))
    return refuse([notSo('containmentFails', `nothing fails in the containment of ${target}: let it end`)]);
  const abandoned = { ...containment, status: 'abandoned', since: at } as const;
  return accept(
    { ...incident, containments: { ...incident.containments, [target]: abandoned } },
    `gave up the containment of ${target}; what is missing of it is for people to do — ${reason}`,
  );
}
