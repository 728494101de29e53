/** What machines tell of their work: effects that begin, succeed or fail, and the containment of instances. */
import type { Containment, ContainmentReport } from './containment';
import { SUB_STEPS } from './containment';
import { backOffMs, EFFECTS, type EffectId, type EffectState } from './effects';
import { MACHINE, type NewEntry } from './entries';
import type { Incident, Page, Room, RoomInvitations } from './incident';

export type Report =
  | { readonly name: 'effectStarted'; readonly effect: EffectId }
  | {
      readonly name: 'effectDone';
      readonly effect: EffectId;
      readonly page?: Page;
      readonly room?: Room;
      /** What is worth telling besides its title. */
      readonly note?: string;
    }
  | { readonly name: 'effectFailed'; readonly effect: EffectId; readonly cause: string }
  | { readonly name: 'invitationsChecked'; readonly invitations: RoomInvitations }
  | { readonly name: 'containmentReported'; readonly told: ContainmentReport }
  | { readonly name: 'warned'; readonly text: string };

export function applyReport(
  incident: Incident,
  report: Report,
  at: number,
): { incident: Incident; entries: NewEntry[] } {
  switch (report.name) {
    case 'effectStarted':
      return { incident: startEffect(incident, report.effect, at), entries: [] };
    case 'effectDone': {
      const { effect, page, room, note } = report;
      const text = `${EFFECTS[effect].title}: done${note ? `; ${note}` : ''}`;
      return {
        incident: {
          ...incident,
          ...(page && { page }),
          ...(room && { room }),
          effects: { ...incident.effects, [effect]: { state: 'done', at } },
        },
        entries: [
          {
            kind: 'effect',
            by: MACHINE,
            text,
            details: { effect, ...(page && { page }), ...(room && { room }) },
          },
        ],
      };
    }
    case 'effectFailed':
      return failEffect(incident, report.effect, report.cause, at);
    case 'invitationsChecked':
      return {
        incident: { ...incident, invitations: report.invitations },
        entries: invitationEntries(incident, report.invitations),
      };
    case 'containmentReported':
      return applyContainmentReport(incident, report.told, at);
    case 'warned':
      return { incident, entries: [{ kind: 'warning', by: MACHINE, text: report.text }] };
  }
}

function startEffect(incident: Incident, effect: EffectId, at: number): Incident {
  const before = incident.effects[effect];
  const running: EffectState =
    before.state === 'failed'
      ? { state: 'running', since: at, attempt: before.attempt + 1, lastCause: before.cause }
      : { state: 'running', since: at, attempt: 1 };
  return { ...incident, effects: { ...incident.effects, [effect]: running } };
}

/**
 * The same failure again is told at the 2nd, 4th, 8th … attempt only: an outage of weeks is retried every five minutes, and would
 * otherwise fill the ledger and the room. The task shows each attempt all the same.
 */
function failEffect(
  incident: Incident,
  effect: EffectId,
  cause: string,
  at: number,
): { incident: Incident; entries: NewEntry[] } {
  const before = incident.effects[effect];
  const attempt = before.state === 'running' ? before.attempt : 1;
  const nextTryAt = at + backOffMs(attempt);
  const failed = { state: 'failed', at, attempt, cause, nextTryAt } as const;
  const wait = Math.round((nextTryAt - at) / 1_000);
  const known = before.state === 'running' && before.lastCause === cause;
  const isTold = !known || Number.isInteger(Math.log2(attempt));
  return {
    incident: { ...incident, effects: { ...incident.effects, [effect]: failed } },
    entries: !isTold
      ? []
      : [
          {
            kind: 'failure',
            by: MACHINE,
            text: `${EFFECTS[effect].title}: failed (${cause}); tried again in ${wait} s, or now by "retry"`,
            details: { effect, attempt, cause },
          } as const,
        ],
  };
}

function invitationEntries(incident: Incident, { allJoined, timeBoxRanOut }: RoomInvitations): NewEntry[] {
  if (allJoined && !incident.invitations?.allJoined)
    return [{ kind: 'effect', by: MACHINE, text: 'every operational responder is in the room' }];
  if (timeBoxRanOut && !incident.invitations?.timeBoxRanOut)
    return [
      {
        kind: 'warning',
        by: MACHINE,
        text: 'not every operational responder has joined in time; executives and counsel are invited now',
      },
    ];
  return [];
}

function applyContainmentReport(
  incident: Incident,
  told: ContainmentReport,
  at: number,
): { incident: Incident; entries: NewEntry[] } {
  const before = incident.containments[told.instance];
  if (!before) return { incident, entries: [] };
  const { failing: _failing, ...steady } = before;
  const after: Containment = {
    ...steady,
    ...(told.failing === undefined
      ? before.failing && { failing: before.failing }
      : told.failing && { failing: told.failing }),
    ...(told.snapshotIds && { snapshotIds: told.snapshotIds, snapshottedAt: before.snapshottedAt ?? at }),
    ...(told.unproven && { unproven: told.unproven }),
    ...(told.verified && { verifiedAt: before.verifiedAt ?? at }),
    ...(told.stopped && { stoppedAt: before.stoppedAt ?? at }),
    ...(told.ended && { status: told.ended }),
  };
  return {
    incident: { ...incident, containments: { ...incident.containments, [told.instance]: after } },
    entries: containmentEntries(before, after, told),
  };
}

function containmentEntries(before: Containment, after: Containment, told: ContainmentReport): NewEntry[] {
  const id = told.instance;
  const entries: NewEntry[] = [];
  const add = (kind: NewEntry['kind'], text: string, details: Record<string, unknown> = {}) =>
    entries.push({ kind, by: MACHINE, text, details: { instance: id, ...details } });
  if (!before.snapshottedAt && after.snapshottedAt)
    add('effect', `${id}: snapshots of every disk are requested`, { snapshotIds: after.snapshotIds });
  if (!before.verifiedAt && after.verifiedAt)
    add(
      'effect',
      `${id}: isolated by its groups, verified by looking again; connections that were open end with its stop`,
    );
  if (told.unproven && told.unproven.length > 0)
    add('failure', `${id}: isolation attempted, unproven: ${told.unproven.join('; ')}`);
  if (!before.stoppedAt && after.stoppedAt) add('effect', `${id}: stopped`);
  const isNews =
    told.failing?.cause !== before.failing?.cause || told.failing?.subStep !== before.failing?.subStep;
  if (told.failing && isNews)
    add(
      'failure',
      `${id}: ${SUB_STEPS[told.failing.subStep]}: failed (${told.failing.cause}); it is being retried`,
      {
        ...told.failing,
      },
    );
  if (told.ended === 'abandoned') add('failure', `${id}: containment ended before it was done`);
  return entries;
}
