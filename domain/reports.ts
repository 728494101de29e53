/** What machines tell of their work: effects that begin, succeed or fail, and the containment of instances. */
import {
  CHAINS,
  SUB_STEPS,
  type Containment,
  type ContainmentReport,
  type Release,
  type SubStep,
  type TargetKind,
} from './containment';
import type { Company } from './company';
import { applyClockReport, type ClockReport } from './clock-reports';
import { applyDispatchReport, type DispatchReport } from './dispatch-reports';
import { applyReminder, type ReminderReport } from './reminders';
import { backOffMs, EFFECTS, type EffectId, type EffectState } from './effects';
import { MACHINE, type NewEntry } from './entries';
import { addEvidence, type Seal } from './evidence/store';
import type { Incident, Page, Room, RoomInvitations } from './incident';
import { phonesInWords } from './people';
import { applyPeopleReport, type PeopleReport } from './people-reports';
import { personAt } from './roles';
import { keysOf } from './trust/keys';

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
  | { readonly name: 'sealed'; readonly seal: Seal }
  | { readonly name: 'lockedForGood'; readonly locks: readonly { id: string; mode: string; until: number }[] }
  | { readonly name: 'evidenceFailed'; readonly cause: string }
  | { readonly name: 'keysRenewed'; readonly company: Pick<Company, 'roster' | 'doors' | 'communication'> }
  | { readonly name: 'keysNotRenewed'; readonly cause: string }
  | PeopleReport
  | DispatchReport
  | ReminderReport
  | ClockReport
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
          ...(page && { page, calling: { ...incident.calling, since: at } }),
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
    case 'sealed':
      return applySeal(incident, report.seal);
    case 'lockedForGood':
      return applyGoodLock(incident, report.locks, at);
    case 'evidenceFailed':
      return applyEvidenceFailure(incident, report.cause);
    case 'keysRenewed':
      return renewKeys(incident, report.company);
    case 'keysNotRenewed': {
      const { keysWantedSince: _answered, ...kept } = incident;
      const text = `the responders' keys could not be read anew (${report.cause}); those from before are still good`;
      return { incident: kept, entries: [{ kind: 'failure', by: MACHINE, text }] };
    }
    case 'called':
    case 'pageStood':
    case 'nudged':
    case 'statusAsked':
    case 'personRemoved':
    case 'audienceSeen':
      return applyPeopleReport(incident, report, at);
    case 'dispatchStarted':
    case 'dispatchSent':
    case 'dispatchFailed':
      return applyDispatchReport(incident, report, at);
    case 'reminded':
      return applyReminder(incident, report, at);
    case 'clockWarned':
      return applyClockReport(incident, report, at);
    case 'warned':
      return { incident, entries: [{ kind: 'warning', by: MACHINE, text: report.text }] };
  }
}

/** Keys alone: who is on the roster of a running incident is not changed by a file. */
function renewKeys(
  { keysWantedSince: _answered, ...incident }: Incident,
  { roster, doors, communication }: Pick<Company, 'roster' | 'doors' | 'communication'>,
): { incident: Incident; entries: NewEntry[] } {
  const { company } = incident;
  const { doors: _doors, ...kept } = company;
  const renewed: Company = {
    ...kept,
    roster: company.roster.map(({ keys: _old, ...person }) => {
      const keys = personAt(person.email, roster)?.keys;
      return { ...person, ...(keys && { keys }) };
    }),
    ...(doors && { doors }),
    // Those of mail too: somebody's key may have come in the middle of the night. Whom the register has stays as it was.
    ...(company.communication &&
      communication && { communication: { ...company.communication, keys: communication.keys } }),
  };
  const changed = renewed.roster.filter(
    ({ keys = [] }, index) => keys.join() !== (company.roster[index]?.keys ?? []).join(),
  );
  const whose =
    changed.length === 0 ? 'none has changed' : `changed: ${changed.map(({ email }) => email).join(', ')}`;
  return {
    incident: { ...incident, company: renewed },
    entries: [
      {
        kind: 'effect',
        by: MACHINE,
        text: `the responders' keys were read anew; ${whose}`,
        details: keysOf(renewed),
      },
    ],
  };
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
            text: `${EFFECTS[effect].title}: failed (${cause}); tried again in ${wait} s, or now by "retry"${byHand(effect, incident)}`,
            details: { effect, attempt, cause },
          } as const,
        ],
  };
}

/** Nobody may wait for a pager that can't be reached. */
function byHand(effect: EffectId, incident: Incident): string {
  return effect === 'pageIncidentCommander' ? `; ${phonesInWords(incident)}` : '';
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

function applySeal(incident: Incident, seal: Seal): { incident: Incident; entries: NewEntry[] } {
  const { failing: _failing, ...evidence } = incident.evidence;
  return {
    incident: { ...incident, evidence: { ...evidence, seals: [...evidence.seals, seal] } },
    entries: [
      {
        kind: 'effect',
        by: MACHINE,
        text: `the evidence is sealed: ${seal.path}, signed; ${seal.records} records of custody; SHA-256 ${seal.sha256}`,
        details: { path: seal.path, sha256: seal.sha256 },
      },
    ],
  };
}

function applyGoodLock(
  incident: Incident,
  locks: readonly { id: string; mode: string; until: number }[],
  at: number,
): { incident: Incident; entries: NewEntry[] } {
  const { failing: _failing, ...evidence } = incident.evidence;
  const items = locks.flatMap(({ id, mode, until }) => {
    const item = evidence.items[id];
    return item ? [{ ...item, lock: { mode, until } }] : [];
  });
  const custody = items.map(
    ({ id, account = '', region = '', lock }) =>
      ({
        at,
        item: id,
        event: 'lockedForGood',
        by: MACHINE,
        holder: `account ${account}, ${region}`,
        note: `${lock.mode}, ordered by ${evidence.goodLock?.by ?? 'nobody'}`,
      }) as const,
  );
  return {
    incident: { ...incident, evidence: addEvidence(evidence, { items, custody }) },
    entries: [
      {
        kind: 'effect',
        by: MACHINE,
        text: `locked for good in cold storage: ${items.length} ${items.length === 1 ? 'image' : 'images'}`,
      },
    ],
  };
}

/** The same cause again is told once. */
function applyEvidenceFailure(
  incident: Incident,
  cause: string,
): { incident: Incident; entries: NewEntry[] } {
  const isNews = incident.evidence.failing !== cause;
  return {
    incident: { ...incident, evidence: { ...incident.evidence, failing: cause } },
    entries: isNews
      ? [{ kind: 'failure', by: MACHINE, text: `the evidence: failed (${cause}); it is being retried` }]
      : [],
  };
}

function applyContainmentReport(
  incident: Incident,
  told: ContainmentReport,
  at: number,
): { incident: Incident; entries: NewEntry[] } {
  const before = incident.containments[told.target];
  if (!before) return { incident, entries: [] };
  const after: Containment = {
    ...before,
    subSteps: { ...before.subSteps, ...told.subSteps },
    ...(told.unproven && { unproven: told.unproven }),
    ...(told.ended && { status: told.ended }),
    ...(told.release && before.release && { release: applyRelease(before.release, told.release) }),
  };
  return {
    incident: {
      ...incident,
      containments: { ...incident.containments, [told.target]: after },
      evidence: addEvidence(incident.evidence, told),
    },
    entries: containmentEntries(before, after, told, at),
  };
}

function applyRelease(before: Release, told: NonNullable<ContainmentReport['release']>): Release {
  const { failing: _failing, ...steady } = before;
  const { failing = before.failing, ...rest } = told;
  return { ...steady, ...rest, ...(failing !== undefined && failing !== null && { failing }) };
}

/** What is worth an entry: the sub-steps that prove something. The rest shows in `status`. */
const MILESTONES: Partial<Record<SubStep, string>> = {
  snapshot: 'images of every disk are requested',
  lock: 'the images are locked',
  captureMemory: 'its memory is captured',
  stop: 'stopped',
  store: 'the images are in cold storage, locked',
  hash: 'the images are hashed',
  disableKeys: 'its access keys are inactive',
  removeLogin: 'its console login is removed',
  denySessions: 'its older sessions are denied',
  rotate: 'rotated',
};

/** What nobody asked for is no news. */
const NOT_CONFIGURED = 'not configured';

const PROVEN: Record<TargetKind, string> = {
  instance: 'isolated, verified by looking again',
  identity: 'contained, verified by looking again',
  secret: 'rotated, verified by looking again',
  address: 'blocked, verified by looking again',
};

function containmentEntries(
  before: Containment,
  after: Containment,
  told: ContainmentReport,
  at: number,
): NewEntry[] {
  const { id, kind } = after.target;
  const entries: NewEntry[] = [];
  const add = (of: NewEntry['kind'], text: string, details: Record<string, unknown> = {}) =>
    entries.push({ kind: of, by: MACHINE, text: `${id}: ${text}`, details: { target: id, ...details } });
  for (const subStep of CHAINS[kind]) {
    const was = before.subSteps[subStep];
    const is = after.subSteps[subStep];
    if (!is || (was?.state === is.state && was.cause === is.cause)) continue;
    const said = subStep === 'verify' ? PROVEN[kind] : MILESTONES[subStep];
    if (is.state === 'done' && said !== undefined && was?.state !== 'done')
      add('effect', is.cause === undefined ? said : `${said} (${is.cause})`, itemsOf(told, subStep));
    if (is.state === 'skipped' && subStep === 'captureMemory' && is.cause !== NOT_CONFIGURED)
      add('warning', `its memory is not captured: ${is.cause ?? 'no cause given'}`);
    if (is.state === 'failing' && subStep !== 'verify')
      add('failure', `${SUB_STEPS[subStep]}: failed (${is.cause ?? 'no cause given'}); it is being retried`, {
        subStep,
        cause: is.cause,
      });
    if (is.state === 'failing' && subStep === 'verify' && after.unproven.length === 0)
      add('failure', `${SUB_STEPS[subStep]}: failed (${is.cause ?? 'no cause given'}); it is being retried`);
  }
  if (told.unproven && told.unproven.length > 0 && told.unproven.join() !== before.unproven.join())
    add('failure', `containment attempted, unproven: ${told.unproven.join('; ')}`);
  entries.push(...releaseEntries(before, after, at));
  if (told.ended === 'abandoned') add('failure', 'containment ended before it was done');
  return entries;
}

function itemsOf({ items = [] }: ContainmentReport, subStep: SubStep): Record<string, unknown> {
  const ids = items.map(({ id }) => id);
  return subStep === 'snapshot' && ids.length > 0 ? { snapshotIds: ids } : {};
}

function releaseEntries(before: Containment, { target, release }: Containment, at: number): NewEntry[] {
  if (!release) return [];
  const about = { by: MACHINE, details: { target: target.id, at } };
  if (release.failing !== undefined && release.failing !== before.release?.failing)
    return [
      {
        kind: 'failure',
        ...about,
        text: `${target.id}: release: failed (${release.failing}); it is being retried`,
      },
    ];
  if (release.doneAt === undefined || before.release?.doneAt !== undefined) return [];
  return [
    {
      kind: 'effect',
      ...about,
      text: `${target.id}: released; restored: ${release.restored.join(' ') || 'nothing had changed'}`,
    },
    ...release.drift.map(
      (one) => ({ kind: 'warning', ...about, text: `${target.id}: not as captured: ${one}` }) as const,
    ),
  ];
}
