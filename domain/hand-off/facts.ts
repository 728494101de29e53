/**
 * The timeline for outsiders. It is made from what is established now and what machines have shown, in our own words: the
 * entries of the incident say who said what to whom, and are not for others to read.
 */
import { taskOf, tasksOfStep } from '../checklist';
import type { ContactId } from '../contacts';
import { doneAt, type Containment, type SubStep, type TargetKind } from '../containment';
import { MACHINE } from '../entries';
import { FINDING_IDS } from '../findings';
import type { Incident } from '../incident';
import { everybody } from '../people';
import { requestIdOf } from '../requests';
import { ROLE_IDS, rolesOf } from '../roles';
import {
  BY_MACHINE,
  FINDINGS_TOLD,
  mayName,
  mayShow,
  ROLE_WORDS,
  SOMEBODY,
  SOURCE_TOLD,
  STEPS_TOLD,
} from './audiences';

export type FactsOf = Pick<
  Incident,
  | 'declaration'
  | 'phase'
  | 'scope'
  | 'tasks'
  | 'findings'
  | 'requests'
  | 'containments'
  | 'evidence'
  | 'company'
  | 'roleChanges'
>;

export interface Fact {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly what: string;
  /** A role; nothing where nobody kept who it was. */
  readonly by: string;
}

/** By what somebody does here. The excluded are told by it too: that they are is nobody's business. */
export function byRole(email: string, incident: Pick<Incident, 'company' | 'roleChanges' | 'scope'>): string {
  if (email === MACHINE) return BY_MACHINE;
  const roles = rolesOf(email, everybody(incident));
  const first = ROLE_IDS.find((role) => roles.includes(role));
  return first === undefined ? SOMEBODY : ROLE_WORDS[first];
}

const KIND_WORDS: Readonly<Record<TargetKind, string>> = {
  instance: 'An instance',
  identity: 'A user, role or access key',
  secret: 'A secret',
  address: 'An address of the attacker',
};

/** What a chain of containment shows, for outsiders. The other sub-steps tell how it is done, which is ours. */
const SHOWN: Readonly<Record<TargetKind, Readonly<Partial<Record<SubStep, string>>>>> = {
  instance: {
    snapshot: 'images of its disks were ordered',
    captureMemory: 'its memory was captured',
    verify: 'cut off from the network, and that was checked',
    stop: 'shut down',
    store: 'images of its disks are in cold storage, locked',
  },
  identity: {
    disableKeys: 'its access keys were disabled',
    denySessions: 'its sessions were ended',
    verify: 'contained, and that was checked',
  },
  secret: { rotate: 'replaced' },
  address: { verify: 'blocked, and that was checked' },
};

/** What may have an address or an instance for its name, and nothing else. */
export const ADDRESS = /^(?=.{2,50}$)[0-9a-fA-F.:]+(\/\d{1,3})?$/;
export const INSTANCE = /^i-[0-9a-f]{8}(?:[0-9a-f]{9})?$/;

/** The target by its name where the audience may read that, by its kind otherwise. */
export function nameTarget(kind: TargetKind, id: string, contact: ContactId): string {
  if (kind === 'address' && mayName(contact, 'address') && ADDRESS.test(id)) return `Address ${id}`;
  if (kind === 'instance' && mayName(contact, 'instance') && INSTANCE.test(id)) return `Instance ${id}`;
  return KIND_WORDS[kind];
}

/** The earliest moment of which the incident knows it. */
export function knownSince(
  id: string,
  incident: Pick<Incident, 'containments' | 'requests'>,
): number | undefined {
  const containment = Object.hasOwn(incident.containments, id) ? incident.containments[id] : undefined;
  const raisedAt = incident.requests[requestIdOf({ kind: 'containment', target: id })]?.raisedAt;
  const times = [
    ...(raisedAt === undefined ? [] : [raisedAt]),
    ...(containment ? [containment.since, ...Object.values(containment.subSteps).map(({ at }) => at)] : []),
  ];
  return times.length === 0 ? undefined : Math.min(...times);
}

/** In the order of time. */
export function timelineFor(contact: ContactId, incident: FactsOf): Fact[] {
  const { declaration, phase } = incident;
  const facts: Fact[] = [
    {
      at: declaration.at,
      what: `The incident was declared${detectionOf(incident)}`,
      by: byRole(declaration.by, incident),
    },
    ...(phase.name === 'responding'
      ? [{ at: phase.at, what: 'The response was decided on', by: byRole(phase.by, incident) }]
      : []),
    ...(phase.name === 'closed' ? [{ at: phase.at, what: 'Closed', by: byRole(phase.by, incident) }] : []),
    ...Object.values(incident.containments).flatMap((one) => containmentFacts(one, contact, incident)),
    ...findingFacts(contact, incident),
    ...taskFacts(contact, incident),
    ...incident.evidence.seals.map(({ at, sequence }) => ({
      at,
      what: `The evidence was sealed (seal ${sequence})`,
      by: BY_MACHINE,
    })),
  ];
  return together(facts.sort((a, b) => a.at - b.at));
}

/** The type is a detector's fixed word. Its title may name anything. */
function detectionOf({ declaration }: FactsOf): string {
  const type = declaration.finding?.type;
  return type !== undefined && /^[A-Za-z0-9:/.!-]{1,120}$/.test(type)
    ? `; a detector had reported ${type}`
    : '';
}

function containmentFacts(one: Containment, contact: ContactId, incident: FactsOf): Fact[] {
  const { kind, id } = one.target;
  const name = nameTarget(kind, id, contact);
  const since = knownSince(id, incident);
  const known =
    since === undefined
      ? []
      : [{ at: since, what: `${name}: known${kind === 'address' ? '' : ' to be affected'}`, by: '' }];
  const shown = (Object.entries(SHOWN[kind]) as [SubStep, string][]).flatMap(([subStep, words]) => {
    const at = doneAt(one, subStep);
    return at === undefined ? [] : [{ at, what: `${name}: ${words}`, by: BY_MACHINE }];
  });
  const released = one.release?.doneAt;
  return [
    ...known,
    ...shown,
    ...(released === undefined ? [] : [{ at: released, what: `${name}: back in service`, by: BY_MACHINE }]),
  ];
}

function findingFacts(contact: ContactId, incident: FactsOf): Fact[] {
  return FINDING_IDS.flatMap((id) => {
    const found = incident.findings[id];
    if (!found) return [];
    const words =
      id === 'attackSource'
        ? mayShow(contact, 'evidence') && Object.hasOwn(SOURCE_TOLD, found.value ?? '')
          ? SOURCE_TOLD[found.value ?? '']
          : undefined
        : FINDINGS_TOLD[id];
    return words === undefined ? [] : [{ at: found.at, what: words, by: byRole(found.by, incident) }];
  });
}

function taskFacts(contact: ContactId, incident: FactsOf): Fact[] {
  if (!mayShow(contact, 'evidence')) return [];
  return STEPS_TOLD.flatMap(tasksOfStep).flatMap((id) => {
    const task = incident.tasks[id];
    if (task.state !== 'done' || task.inDoubt) return [];
    return [{ at: task.at, what: `Done: ${taskOf(id).title}`, by: byRole(task.by, incident) }];
  });
}

/** Of forty addresses that nobody may name, forty lines tell no more than one. */
function together(facts: readonly Fact[]): Fact[] {
  const minute = (at: number) => Math.floor(at / 60_000);
  const groups = new Map<string, Fact & { readonly times: number }>();
  for (const fact of facts) {
    const key = JSON.stringify([minute(fact.at), fact.what, fact.by]);
    const known = groups.get(key);
    groups.set(key, known ? { ...known, times: known.times + 1 } : { ...fact, times: 1 });
  }
  return [...groups.values()].map(({ times, what, ...fact }) => ({
    ...fact,
    what: times === 1 ? what : `${what} (${times} of them)`,
  }));
}
