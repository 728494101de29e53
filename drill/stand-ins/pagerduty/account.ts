/** The state of a PagerDuty account: its users, who of them is on call, whose phone rang, and what has happened to its incidents. */
import { duplicateKey, invalidInput, notFound } from './errors';
import type {
  AccountEvent,
  AccountSettings,
  Incident,
  Note,
  ReplyState,
  ResponderRequest,
  Ring,
  Shift,
  Since,
  Status,
  User,
} from './shapes';

interface Case {
  incident: Incident;
  readonly notes: Note[];
  readonly responderRequests: ResponderRequest[];
  readonly replies: Map<string, ReplyState>;
}

interface Change {
  readonly status?: Status | undefined;
  readonly title?: string | undefined;
  readonly urgency?: 'high' | 'low' | undefined;
  readonly assigneeIds?: readonly string[] | undefined;
}

export type Account = ReturnType<typeof createAccount>;

/** @param tell hears of what webhooks are sent for */
export function createAccount(settings: AccountSettings, tell: (event: AccountEvent) => void = () => {}) {
  const { serviceId, escalationPolicyId } = settings;
  const users: readonly User[] = settings.users.map((person, index) => ({
    role: 'user',
    phones: [],
    id: idOf('PU', index + 1),
    ...person,
  }));
  const cases = new Map<string, Case>();
  const rings: Ring[] = [];
  let shifts: readonly Shift[] = settings.onCall ?? [];
  let notesWritten = 0;

  const userOf = (email: string) =>
    users.find((user) => user.email.toLowerCase() === email.trim().toLowerCase());

  function person(email: string): User {
    const user = userOf(email);
    if (!user) throw new Error('The stand-in for PagerDuty knows no user with that address.');
    return user;
  }

  function user(id: string): User {
    const found = users.find((one) => one.id === id);
    if (!found) throw notFound();
    return found;
  }

  function caseOf(id: string): Case {
    const found = cases.get(id);
    if (!found) throw notFound();
    return found;
  }

  /** The open one that people mean when they take up their phone. */
  function openCaseOf(codename: string): Case {
    const open = [...cases.values()].find(
      ({ incident }) => incident.title === codename && incident.status !== 'resolved',
    );
    if (!open) throw new Error('The stand-in for PagerDuty has no open page of that codename.');
    return open;
  }

  const onCall = () =>
    shifts.map((shift) => ({ policyId: escalationPolicyId, ...shift, user: person(shift.email) }));

  /** Whom the policy wakes first. */
  const firstLevel = () =>
    onCall().filter(({ level, policyId }) => level === 1 && policyId === escalationPolicyId);

  function ring({ urgency, title }: Incident, userIds: readonly string[], why: Ring['why']): void {
    if (urgency === 'high')
      for (const id of new Set(userIds))
        rings.push({ at: Date.now(), codename: title, email: user(id).email, why });
  }

  function assigned(ids: readonly string[]): Since[] {
    return [...new Set(ids)].map((userId) => ({ userId, at: now() }));
  }

  /** Back to triggered, and only who had not had it is told: "when an incident is assigned to you". */
  function reassign(found: Case, ids: readonly string[], by: User | undefined): void {
    const { incident } = found;
    if (incident.status === 'resolved') throw invalidInput('Incident Already Resolved');
    if (!ids.every((id) => users.some((one) => one.id === id))) throw invalidInput('Assignee not found');
    const kept = incident.assignments.filter(({ userId }) => ids.includes(userId));
    const fresh = assigned(ids.filter((id) => !kept.some(({ userId }) => userId === id)));
    if (fresh.length === 0 && kept.length === incident.assignments.length) return;
    found.incident = {
      ...incident,
      status: 'triggered',
      acknowledgements: [],
      assignments: [...kept, ...fresh],
    };
    ring(
      found.incident,
      fresh.map(({ userId }) => userId),
      'assigned',
    );
    tell({ type: 'incident.reassigned', agent: by, incident: found.incident });
  }

  function setStatus(found: Case, status: Status, by: User | undefined): void {
    const { incident } = found;
    if (status === 'resolved') {
      if (incident.status === 'resolved') throw invalidInput('Incident Already Resolved');
      found.incident = { ...incident, status, assignments: [], acknowledgements: [] };
      tell({ type: 'incident.resolved', agent: by, incident: found.incident });
    } else if (status === 'acknowledged') {
      const before = incident.acknowledgements;
      if (by && before.some(({ userId }) => userId === by.id)) return;
      const mine = by ? assigned([by.id]) : [];
      // Who acknowledges has it.
      const assignments = before.length > 0 ? [...incident.assignments, ...mine] : mine;
      found.incident = { ...incident, status, assignments, acknowledgements: [...before, ...mine] };
      tell({ type: 'incident.acknowledged', agent: by, incident: found.incident });
    } else if (incident.status === 'resolved') {
      const ids = firstLevel().map(({ user: { id } }) => id);
      found.incident = { ...incident, status, assignments: assigned(ids) };
      ring(found.incident, ids, 'assigned');
      tell({ type: 'incident.reopened', agent: by, incident: found.incident });
    } else {
      found.incident = { ...incident, status, acknowledgements: [] };
    }
  }

  return {
    serviceId,
    escalationPolicyId,
    users,
    user,
    userOf,

    /** Throws where nobody has that address. */
    userIdOf: (email: string): string => person(email).id,

    hasTarget: (id: string) => id === escalationPolicyId || users.some((one) => one.id === id),

    /** In the order of their opening. */
    incidents: (): Incident[] => [...cases.values()].map((each) => each.incident),
    incident: (id: string): Incident => caseOf(id).incident,
    notes: (id: string): readonly Note[] => [...caseOf(id).notes],
    responderRequests: (id: string): readonly ResponderRequest[] => [...caseOf(id).responderRequests],
    replyOf: (id: string, userId: string): ReplyState => caseOf(id).replies.get(userId) ?? 'pending',

    onCall,
    /** From now on, these are on call. */
    setOnCall(next: readonly Shift[]): void {
      for (const { email } of next) person(email);
      shifts = next;
    },

    /** Everybody whose phone rang, in order. */
    rung: (): readonly Ring[] => [...rings],

    openIncident(
      wanted: Pick<Incident, 'title' | 'urgency' | 'key' | 'details' | 'bridge'>,
      by?: User,
      assigneeIds?: readonly string[],
    ): Incident {
      const isTaken = [...cases.values()].some(
        ({ incident }) => incident.status !== 'resolved' && incident.key === wanted.key,
      );
      if (wanted.key !== undefined && isTaken) throw duplicateKey();
      const ids = assigneeIds ?? firstLevel().map(({ user: { id } }) => id);
      if (!ids.every((id) => users.some((one) => one.id === id))) throw invalidInput('Assignee not found');
      const number = cases.size + 1;
      const incident: Incident = {
        ...wanted,
        id: idOf('PI', number),
        number,
        status: 'triggered',
        createdAt: now(),
        assignments: assigned(ids),
        acknowledgements: [],
      };
      cases.set(incident.id, { incident, notes: [], responderRequests: [], replies: new Map() });
      ring(incident, ids, 'assigned');
      tell({ type: 'incident.triggered', agent: by, incident });
      return incident;
    },

    /** A resolved incident can be opened again, but not be resolved again. */
    changeIncident(id: string, change: Change, by?: User): Incident {
      const found = caseOf(id);
      if (change.assigneeIds?.length === 0) throw invalidInput('Assignments cannot be empty');
      found.incident = {
        ...found.incident,
        title: change.title ?? found.incident.title,
        urgency: change.urgency ?? found.incident.urgency,
      };
      if (change.status) setStatus(found, change.status, by);
      if (change.assigneeIds) reassign(found, change.assigneeIds, by);
      return found.incident;
    },

    addNote(id: string, content: string, author: User): Note {
      const { notes } = caseOf(id);
      notesWritten += 1;
      const note: Note = { id: idOf('PN', notesWritten), content, userId: author.id, createdAt: now() };
      notes.push(note);
      return note;
    },

    /** Takes the same people twice, as PagerDuty does: it is the caller who must not wake them twice. */
    requestResponders(
      id: string,
      wanted: Omit<ResponderRequest, 'requestedAt'>,
      by?: User,
    ): ResponderRequest {
      const { incident, responderRequests, replies } = caseOf(id);
      if (incident.status === 'resolved') throw invalidInput('Incident Already Resolved');
      const request = { ...wanted, requestedAt: now() };
      responderRequests.push(request);
      const asked = wanted.targetIds.flatMap((target) =>
        target === escalationPolicyId ? firstLevel().map(({ user: one }) => one) : user(target),
      );
      for (const one of asked) replies.set(one.id, 'pending');
      ring(
        { ...incident, urgency: 'high' },
        asked.map((one) => one.id),
        'requested',
      );
      for (const one of asked)
        tell({
          type: 'incident.responder.added',
          agent: by,
          incident,
          responder: { user: one, message: wanted.message, state: 'pending' },
        });
      return request;
    },

    /** Only what is pending can be taken back. */
    cancelRequest(id: string, userId: string): 'cancelled' | 'joined' | 'declined' | 'not_found' {
      const { replies } = caseOf(id);
      const reply = replies.get(userId);
      if (reply === undefined || reply === 'user_cancelled') return 'not_found';
      if (reply !== 'pending') return reply;
      replies.set(userId, 'user_cancelled');
      return 'cancelled';
    },

    /** What a person does on the phone that rang. Throws where there is no such page or person. */
    acknowledge: (codename: string, email: string): void =>
      setStatus(openCaseOf(codename), 'acknowledged', person(email)),
    resolve: (codename: string, email: string): void =>
      setStatus(openCaseOf(codename), 'resolved', person(email)),
    reply(codename: string, email: string, state: 'joined' | 'declined'): void {
      const { incident, responderRequests, replies } = openCaseOf(codename);
      const who = person(email);
      if (!replies.has(who.id)) throw new Error('The stand-in for PagerDuty has not asked that person.');
      replies.set(who.id, state);
      const message =
        responderRequests.findLast(({ targetIds }) => targetIds.includes(who.id))?.message ?? '';
      const responder = { user: who, message, state };
      tell({ type: 'incident.responder.replied', agent: who, incident, responder });
    },
  };
}

function now(): string {
  return new Date().toISOString();
}

/** Ids like PagerDuty's, but the same in every run. */
function idOf(prefix: string, number: number): string {
  return prefix + number.toString(36).toUpperCase().padStart(5, '0');
}
