/** What machines tell of people: who was called, asked, reminded or taken out of the room, and who can see it. */
import { afterNudge, type Nudge } from './assignments';
import { nameTask } from './attempts';
import type { Audience } from './audience';
import type { TaskId } from './checklist';
import { MACHINE, type NewEntry } from './entries';
import type { Incident } from './incident';
import { addressIn, isExcluded, phonesInWords } from './people';
import { withCall } from './paging';
import { STEP_IDS, stepOf } from './steps';
import { stateOfStep } from './blockers';

export type PeopleReport =
  /** The page was made to ring with the next in line; or not, and why. */
  | { readonly name: 'called'; readonly email: string; readonly called: boolean; readonly cause?: string }
  /** Somebody acknowledged the page where it is. */
  | { readonly name: 'pageStood'; readonly by?: string }
  | {
      readonly name: 'nudged';
      readonly task: TaskId;
      readonly nudge: Nudge;
      /** To whom, and who of them could not be told. */
      readonly to: readonly string[];
      readonly untold: readonly string[];
    }
  | { readonly name: 'statusAsked' }
  /** With a cause: Slack would not do it, and a person has to. */
  | {
      readonly name: 'personRemoved';
      readonly email: string;
      readonly wasThere: boolean;
      readonly cause?: string;
    }
  | { readonly name: 'audienceSeen'; readonly audience: Omit<Audience, 'at'> };

interface Applied {
  readonly incident: Incident;
  readonly entries: NewEntry[];
}

export function applyPeopleReport(incident: Incident, report: PeopleReport, at: number): Applied {
  switch (report.name) {
    case 'called':
      return applyCall(incident, report, at);
    case 'pageStood':
      return applyAcknowledged(incident, report.by, at);
    case 'nudged':
      return applyNudge(incident, report, at);
    case 'statusAsked':
      return { incident: { ...incident, statusAskedAt: at }, entries: [effect(statusQuestion(incident))] };
    case 'personRemoved':
      return applyRemoval(incident, report, at);
    case 'audienceSeen': {
      const { audienceWantedSince: _answered, ...rest } = incident;
      return {
        incident: { ...rest, audience: { ...report.audience, at } },
        entries: audienceEntries(report.audience),
      };
    }
  }
}

function effect(text: string, details?: Record<string, unknown>): NewEntry {
  return { kind: 'effect', by: MACHINE, text, ...(details && { details }) };
}

function warning(text: string, details?: Record<string, unknown>): NewEntry {
  return { kind: 'warning', by: MACHINE, text, ...(details && { details }) };
}

function applyCall(
  incident: Incident,
  { email, called, cause }: Extract<PeopleReport, { name: 'called' }>,
  at: number,
): Applied {
  const calling = withCall(incident.calling, { email, at, called });
  const after = { ...incident, calling };
  if (!isTold(calling.count)) return { incident: after, entries: [] };
  if (called)
    return {
      incident: after,
      entries: [effect(`nobody has acknowledged the page: ${email} is called next`)],
    };
  return {
    incident: after,
    entries: [
      {
        kind: 'failure',
        by: MACHINE,
        text: `${email} could not be called (${cause ?? 'unknown to the pager'}); ${phonesInWords(incident)}`,
      },
    ],
  };
}

/** Nobody reads the same line for weeks: after the first of them, every twelfth is told. `status` shows each. */
function isTold(count: number): boolean {
  return count <= CALLS_TOLD || count % 12 === 0;
}

const CALLS_TOLD = 36;

function applyAcknowledged(incident: Incident, told: string | undefined, at: number): Applied {
  // The pager goes on telling that a suspect has it: that stops no call.
  if (incident.calling.acknowledged || (told !== undefined && isExcluded(told, incident)))
    return { incident, entries: [] };
  const by = told === undefined ? undefined : addressIn(incident, told);
  const { isUrgent: _over, ...calling } = incident.calling;
  return {
    incident: {
      ...incident,
      calling: { ...calling, acknowledged: { at, door: 'pagerduty', ...(by !== undefined && { by }) } },
    },
    entries: [effect(`${by ?? 'somebody'} acknowledged the page`)],
  };
}

function applyNudge(
  incident: Incident,
  { task, nudge, to, untold }: Extract<PeopleReport, { name: 'nudged' }>,
  at: number,
): Applied {
  const before = incident.assignments[task];
  // It was given to somebody else, or settled, in between.
  if (!before || (nudge !== 'escalate' && !to.includes(before.to))) return { incident, entries: [] };
  const after = {
    ...incident,
    assignments: { ...incident.assignments, [task]: afterNudge(before, nudge, at) },
  };
  const unreached =
    untold.length === 0
      ? ''
      : `; not reached by direct message: ${untold.join(', ')}: ask them in the room, or call`;
  switch (nudge) {
    case 'ask':
      return {
        incident: after,
        entries: untold.length === 0 ? [] : [warning(`${nameTask(task)}${unreached}`, { task })],
      };
    case 'remind':
      return {
        incident: after,
        entries: [effect(`reminded ${before.to} of ${nameTask(task)}${unreached}`, { task })],
      };
    case 'escalate':
      return {
        incident: after,
        entries: [
          warning(
            `${nameTask(task)} does not get on: it was given to ${before.to}${before.dueAt !== undefined && before.dueAt <= at ? ', and its time is up' : ', who has not answered'}; ${to.join(', ') || 'nobody'} was told: assign it anew, or ask${unreached}`,
            { task },
          ),
        ],
      };
  }
}

function statusQuestion(incident: Incident): string {
  const open = STEP_IDS.filter((id) => stateOfStep(id, incident) === 'open').map((id) => stepOf(id).number);
  return `asks for a status: what is done, what is in the way, what is needed? Open: ${open.length > 0 ? `step ${open.join(', ')}` : 'nothing'}`;
}

function applyRemoval(
  incident: Incident,
  { email, wasThere, cause }: Extract<PeopleReport, { name: 'personRemoved' }>,
  at: number,
): Applied {
  const exclusion = incident.excluded[email];
  if (!exclusion) return { incident, entries: [] };
  const removed = { at, wasThere, ...(cause !== undefined && { cause }) };
  const after = { ...incident, excluded: { ...incident.excluded, [email]: { ...exclusion, removed } } };
  if (cause !== undefined)
    return {
      incident: after,
      entries: [
        {
          kind: 'failure',
          by: MACHINE,
          text: `${email} could not be taken out of the room (${cause}): move to a new room now (move-room)`,
        },
      ],
    };
  return {
    incident: after,
    entries: wasThere
      ? [
          warning(
            `${email} is out of the room, had read what stands in it and knows its name: move to a new one (move-room)`,
          ),
        ]
      : [],
  };
}

function audienceEntries({
  members,
  owners,
  pagerAdministrators,
  problems,
}: Omit<Audience, 'at'>): NewEntry[] {
  return [
    effect(
      `who can see this: ${members.length} in the room, ${owners.length} owners of the workspace, ${pagerAdministrators.length} administrators of the pager${problems.length > 0 ? `; not told: ${problems.join('; ')}` : ''}; the list: who`,
    ),
  ];
}
