/** The state of a PagerDuty account: its users and what has happened to its incidents. */
import { duplicateKey, invalidInput, notFound } from './errors';

export interface AccountSettings {
  readonly users: readonly { readonly email: string; readonly name: string }[];
  readonly serviceId: string;
  readonly escalationPolicyId: string;
}

export interface User {
  readonly id: string;
  readonly email: string;
  readonly name: string;
}

export type Status = 'triggered' | 'acknowledged' | 'resolved';

export interface Bridge {
  readonly conference_number?: string | undefined;
  readonly conference_url?: string | undefined;
}

export interface Incident {
  readonly id: string;
  readonly number: number;
  readonly title: string;
  readonly status: Status;
  readonly urgency: 'high' | 'low';
  readonly key: string | undefined;
  readonly details: string | undefined;
  readonly bridge: Bridge | undefined;
  readonly createdAt: string;
}

export interface Note {
  readonly id: string;
  readonly content: string;
  readonly userId: string;
  readonly createdAt: string;
}

export interface ResponderRequest {
  readonly requesterId: string;
  readonly message: string;
  /** Users and escalation policies. */
  readonly targetIds: readonly string[];
  readonly requestedAt: string;
}

interface Case {
  incident: Incident;
  readonly notes: Note[];
  readonly responderRequests: ResponderRequest[];
}

export type Account = ReturnType<typeof createAccount>;

export function createAccount({ users: people, serviceId, escalationPolicyId }: AccountSettings) {
  const users: readonly User[] = people.map((person, index) => ({ id: idOf('PU', index + 1), ...person }));
  const cases = new Map<string, Case>();
  let notesWritten = 0;

  const userOf = (email: string) =>
    users.find((user) => user.email.toLowerCase() === email.trim().toLowerCase());

  function caseOf(id: string): Case {
    const found = cases.get(id);
    if (!found) throw notFound();
    return found;
  }

  return {
    serviceId,
    escalationPolicyId,
    users,
    userOf,

    /** Throws where nobody has that address. */
    userIdOf(email: string): string {
      const user = userOf(email);
      if (!user) throw new Error('The stand-in for PagerDuty knows no user with that address.');
      return user.id;
    },

    hasTarget: (id: string) => id === escalationPolicyId || users.some((user) => user.id === id),

    /** In the order of their opening. */
    incidents: (): Incident[] => [...cases.values()].map((each) => each.incident),
    incident: (id: string): Incident => caseOf(id).incident,
    notes: (id: string): readonly Note[] => [...caseOf(id).notes],
    responderRequests: (id: string): readonly ResponderRequest[] => [...caseOf(id).responderRequests],

    openIncident(wanted: Pick<Incident, 'title' | 'urgency' | 'key' | 'details' | 'bridge'>): Incident {
      const isTaken = [...cases.values()].some(
        ({ incident }) => incident.status !== 'resolved' && incident.key === wanted.key,
      );
      if (wanted.key !== undefined && isTaken) throw duplicateKey();
      const number = cases.size + 1;
      const incident: Incident = {
        ...wanted,
        id: idOf('PI', number),
        number,
        status: 'triggered',
        createdAt: new Date().toISOString(),
      };
      cases.set(incident.id, { incident, notes: [], responderRequests: [] });
      return incident;
    },

    /** A resolved incident can be opened again, but not be resolved again. */
    changeIncident(
      id: string,
      change: { status?: Status | undefined; title?: string | undefined },
    ): Incident {
      const found = caseOf(id);
      const { incident } = found;
      if (change.status === 'resolved' && incident.status === 'resolved')
        throw invalidInput('Incident Already Resolved');
      found.incident = {
        ...incident,
        status: change.status ?? incident.status,
        title: change.title ?? incident.title,
      };
      return found.incident;
    },

    addNote(id: string, content: string, user: User): Note {
      const { notes } = caseOf(id);
      notesWritten += 1;
      const note: Note = {
        id: idOf('PN', notesWritten),
        content,
        userId: user.id,
        createdAt: new Date().toISOString(),
      };
      notes.push(note);
      return note;
    },

    /** Takes the same people twice, as PagerDuty does: it is the caller who must not wake them twice. */
    requestResponders(id: string, wanted: Omit<ResponderRequest, 'requestedAt'>): ResponderRequest {
      const { incident, responderRequests } = caseOf(id);
      if (incident.status === 'resolved') throw invalidInput('Incident Already Resolved');
      const request = { ...wanted, requestedAt: new Date().toISOString() };
      responderRequests.push(request);
      return request;
    },
  };
}

/** Ids like PagerDuty's, but the same in every run. */
function idOf(prefix: string, number: number): string {
  return prefix + number.toString(36).toUpperCase().padStart(5, '0');
}
