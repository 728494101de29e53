/** The statement, and the end. */
import { blockersOfClose, blockersOfStep } from '../blockers';
import { TASK_IDS, taskOf } from '../checklist';
import type { DecisionInput } from '../decisions';
import type { Incident, TaskState } from '../incident';
import { raiseRequest, requestIdOf } from '../requests';
import { lintStatement } from '../statement/lint';
import { accept, refuse, type Ruling } from './ruling';

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
