/** What `status` says of the page, of people and of their tasks; and whom to ring by hand. */
import { DEFAULT_PACES, everySoOften } from '../../domain/paces';
import type { Callable } from '../../domain/people';
import type { ChecklistView } from '../../domain/view';
import { ago, howLong } from './ago';
import { hasEnded } from '../../domain/incident';

/** Whether somebody has it, who is on call, and whom to ring where the pager can't. */
export function pageLines(view: ChecklistView, now: number): string[] {
  const { paging } = view;
  const { acknowledgedAt, acknowledgedBy } = paging;
  if (acknowledgedAt !== undefined)
    return [
      `page acknowledged ${ago(acknowledgedAt, now)}${acknowledgedBy === undefined ? '' : ` by ${acknowledgedBy}`}`,
    ];
  if (hasEnded(view)) return [];
  return [...stateLines(view, now), onCallLine(view, now)];
}

function stateLines({ paging, codename, declaredAt }: ChecklistView, now: number): string[] {
  const say = `whoever has it says so: firebreak acknowledge ${codename}`;
  switch (paging.state) {
    case 'waiting':
      return ['page not sent yet'];
    case 'failed':
      return [
        `! THE PAGE FAILS, and is retried${paging.cause === undefined ? '' : `: ${paging.cause}`}`,
        '  Call by hand:',
        ...callLines(paging.line),
      ];
    case 'calling':
    case 'acknowledged': {
      const calls = paging.calls.map(
        ({ email, at, called }) => `${email} ${called ? 'called' : 'NOT REACHED'} ${ago(at, now)}`,
      );
      return [
        `page sent, and nobody has acknowledged it for ${howLong(now - declaredAt)}${calls.length > 0 ? `: ${calls.join(', ')}` : ''} (${say})`,
        ...(paging.calls.some(({ called }) => !called) ? ['  Call by hand:', ...callLines(paging.line)] : []),
      ];
    }
  }
}

/** A list that is old is said to be: the schedule may have changed since. */
function onCallLine({ paging, people }: ChecklistView, now: number): string {
  if (paging.rosterAt === undefined)
    return "who is on call: the pager has not told yet; the roster's incident commanders are called";
  const onCall = people.flatMap(({ email, onCall: as }) => (as === undefined ? [] : [`${email} (${as})`]));
  return `on call, as the pager told ${ago(paging.rosterAt, now)}: ${onCall.join(', ') || 'nobody of the roster'}`;
}

/** Everybody who can be called, in order, with the numbers that are known. */
export function callLines(line: readonly Callable[]): string[] {
  if (line.length === 0) return ['    nobody is known: look them up'];
  return line.map(
    ({ email, as, phone }) => `    ${email} (${as}): ${phone ?? 'no telephone number is known'}`,
  );
}

/** A command that waits to be accepted, and who is excluded. */
export function peopleLines({ commandOffer, people, codename }: ChecklistView, now: number): string[] {
  return [
    ...(commandOffer
      ? [
          `the command is offered to ${commandOffer.to} by ${commandOffer.by}, ${ago(commandOffer.at, now)}: firebreak accept-command ${codename}`,
        ]
      : []),
    ...people.flatMap(({ email, excluded }) =>
      excluded ? [`excluded: ${email}, ${ago(excluded.at, now)} by ${excluded.by}: ${excluded.reason}`] : [],
    ),
  ];
}

export function changedPaces({ paces }: ChecklistView): string[] {
  const { remindEveryMs, statusEveryMs, acknowledgeWithinMs } = paces;
  const said = [
    ...(remindEveryMs === DEFAULT_PACES.remindEveryMs ? [] : [`reminders ${everySoOften(remindEveryMs)}`]),
    ...(statusEveryMs === DEFAULT_PACES.statusEveryMs ? [] : [`status ${everySoOften(statusEveryMs)}`]),
    ...(acknowledgeWithinMs === DEFAULT_PACES.acknowledgeWithinMs
      ? []
      : [`the next in line is called after ${howLong(acknowledgeWithinMs)}`]),
  ];
  return said.length === 0 ? [] : [`pace: ${said.join('; ')}`];
}

export function assignmentLines({ assignments, steps, codename }: ChecklistView, now: number): string[] {
  const tasks = steps.flatMap((step) => step.tasks);
  const lines = assignments.flatMap(({ task, to, at, dueAt, startedAt, reminders }) => {
    const found = tasks.find(({ id }) => id === task);
    if (!found) return [];
    return [
      [
        `      ${found.number} ${found.title}: ${to}, ${ago(at, now)}`,
        startedAt === undefined ? 'not begun' : `working on it, said ${ago(startedAt, now)}`,
        ...(dueAt === undefined
          ? []
          : [dueAt > now ? `due in ${howLong(dueAt - now)}` : `OVERDUE by ${howLong(now - dueAt)}`]),
        ...(reminders > 0 ? [`reminded ${reminders} ${reminders === 1 ? 'time' : 'times'}`] : []),
      ].join(', '),
    ];
  });
  return lines.length === 0
    ? []
    : ['', `Given to people (whoever begins: firebreak start ${codename} TASK):`, ...lines];
}
