/** Stopping an instance out of order, the statement, and the end. */
import { blockersOfClose, blockersOfStep } from '../blockers';
import { TASK_IDS, taskOf } from '../checklist';
import type { DecisionInput } from '../decisions';
import type { Incident, TaskState } from '../incident';
import { approveRequest, findRequest, raiseRequest, requestIdOf } from '../requests';
import { rolesOf } from '../roles';
import { lintStatement } from '../statement';
import { doneAt } from '../containment';
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
  const approved = request && approveRequest(request, by, rolesOf(by, incident.company.roster), at);
  return accept(
    {
      ...started,
      requests: { ...started.requests, ...(approved && { [id]: approved }) },
      containments: { ...started.containments, [instance]: { ...current, stopOrdered: { by, at } } },
    },
    `ordered that ${instance} be stopped now — ${reason}`,
  );
}

/** "Only then should you prepare and release a public statement": even a draft waits for the five facts. */
export function submitStatement(
  incident: Incident,
  { text, by }: DecisionInput<'submitStatement'>,
  at: number,
): Ruling {
  const reasons = blockersOfStep('externalCommunication', incident);
  if (reasons.length === 0)
    reasons.push(
      ...lintStatement(text, incident.scope.accounts).map(({ message, source }) => ({
        gate: 'statementPassesItsLint',
        reason: message,
        source,
      })),
    );
  if (reasons.length > 0) return refuse(reasons);
  const version = (incident.statement?.version ?? 0) + 1;
  const subject = { kind: 'statement', version } as const;
  const checked: TaskState = {
    state: 'done',
    by: 'firebreak',
    at,
    note: `version ${version} passed its lint`,
  };
  return accept(
    {
      ...incident,
      statement: { version, text, by, at },
      requests: { ...incident.requests, [requestIdOf(subject)]: raiseRequest(subject, at) },
      tasks: {
        ...incident.tasks,
        ...Object.fromEntries(
          TASK_IDS.filter((id) => taskOf(id).by.kind === 'lint').map((id) => [id, checked]),
        ),
      },
    },
    `submitted version ${version} of the public statement; it passed its lint (request ${requestIdOf(subject)})`,
  );
}

export function close(incident: Incident, { by }: DecisionInput<'close'>, at: number): Ruling {
  const reasons = blockersOfClose(incident);
  if (reasons.length > 0) return refuse(reasons);
  return accept({ ...incident, phase: { name: 'closed', by, at } }, 'closed the incident');
}
