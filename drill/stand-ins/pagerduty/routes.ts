/** The operations that Firebreak uses, by their paths, and what each answers. */
import type { Account } from './account';
import {
  createIncidentBody,
  createNoteBody,
  cancelResponderRequestBody,
  createResponderRequestBody,
  getIncidentQuery,
  listIncidentsQuery,
  listOnCallsQuery,
  listUsersQuery,
  noQuery,
  read,
  readQuery,
  updateIncidentBody,
} from './bodies';
import { invalidInput, methodNotAllowed, notFound } from './errors';
import type { User } from './shapes';
import {
  showContactMethods,
  showIncident,
  showNote,
  showOnCall,
  showResponderRequest,
  showUser,
} from './show';

export interface Asked {
  readonly account: Account;
  /** The user that a write's From header names; undefined for reads. */
  readonly from: User | undefined;
  /** What stands in the path's places. */
  readonly ids: readonly string[];
  readonly query: URLSearchParams;
  readonly body: unknown;
}

interface Route {
  /** The operation's name in `calls` and for `breakCalls`. */
  readonly name: string;
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: RegExp;
  answer(asked: Asked): { readonly status: number; readonly body: object };
}

const INCIDENTS = /^\/incidents$/;
const INCIDENT = /^\/incidents\/([^/]+)$/;
const NOTES = /^\/incidents\/([^/]+)\/notes$/;
const RESPONDER_REQUESTS = /^\/incidents\/([^/]+)\/responder_requests$/;
const CANCEL = /^\/incidents\/([^/]+)\/responder_requests\/cancel$/;
const USERS = /^\/users$/;
const USER = /^\/users\/([^/]+)$/;
const CONTACT_METHODS = /^\/users\/([^/]+)\/contact_methods$/;
const ON_CALLS = /^\/oncalls$/;

const ROUTES: readonly Route[] = [
  { name: 'incidents.create', method: 'POST', path: INCIDENTS, answer: createIncident },
  { name: 'incidents.list', method: 'GET', path: INCIDENTS, answer: listIncidents },
  { name: 'incidents.get', method: 'GET', path: INCIDENT, answer: getIncident },
  { name: 'incidents.update', method: 'PUT', path: INCIDENT, answer: updateIncident },
  { name: 'notes.create', method: 'POST', path: NOTES, answer: createNote },
  { name: 'notes.list', method: 'GET', path: NOTES, answer: listNotes },
  { name: 'responder_requests.create', method: 'POST', path: RESPONDER_REQUESTS, answer: requestResponders },
  { name: 'responder_requests.cancel', method: 'PUT', path: CANCEL, answer: cancelResponders },
  { name: 'users.list', method: 'GET', path: USERS, answer: listUsers },
  { name: 'users.get', method: 'GET', path: USER, answer: getUser },
  { name: 'contact_methods.list', method: 'GET', path: CONTACT_METHODS, answer: listContactMethods },
  { name: 'oncalls.list', method: 'GET', path: ON_CALLS, answer: listOnCalls },
];

/** Throws PagerDuty's 404 or 405 where there is no such operation. */
export function routeOf(method: string, pathname: string): { route: Route; ids: string[] } {
  const there = ROUTES.filter((each) => each.path.test(pathname));
  if (there.length === 0) throw notFound();
  const route = there.find((each) => each.method === method);
  if (!route) throw methodNotAllowed();
  const ids = (route.path.exec(pathname) ?? []).slice(1).map(decodeURIComponent);
  return { route, ids };
}

function createIncident({ account, from, body }: Asked) {
  const { incident: wanted } = read(createIncidentBody, body);
  if (wanted.service.id !== account.serviceId) throw invalidInput('Service not found');
  if (wanted.assignments && wanted.escalation_policy)
    throw invalidInput('Assignments cannot be given with an escalation policy');
  if (wanted.escalation_policy && wanted.escalation_policy.id !== account.escalationPolicyId)
    throw invalidInput('Escalation policy not found');
  const incident = account.openIncident(
    {
      title: wanted.title,
      urgency: wanted.urgency ?? 'high',
      key: wanted.incident_key,
      details: wanted.body?.details,
      bridge: wanted.conference_bridge,
    },
    from,
    wanted.assignments?.map(({ assignee }) => assignee.id),
  );
  return { status: 201, body: { incident: showIncident(account, incident) } };
}

function listIncidents({ account, query }: Asked) {
  const wanted = readQuery(listIncidentsQuery, query);
  const services = wanted['service_ids[]'];
  const statuses = wanted['statuses[]'];
  const found = account.incidents().filter(
    (incident) =>
      // PagerDuty takes an empty key for no filter at all.
      (!wanted.incident_key || incident.key === wanted.incident_key) &&
      (!services || services.includes(account.serviceId)) &&
      (!statuses || statuses.includes(incident.status)),
  );
  const shown = found.map((incident) => showIncident(account, incident));
  return { status: 200, body: pageOf('incidents', shown, wanted) };
}

function getIncident({ account, ids: [id = ''], query }: Asked) {
  const include = readQuery(getIncidentQuery, query)['include[]'];
  return { status: 200, body: { incident: showIncident(account, account.incident(id), include) } };
}

function updateIncident({ account, from, ids: [id = ''], body }: Asked) {
  const { incident: change } = read(updateIncidentBody, body);
  const { status, title, urgency } = change;
  const assigneeIds = change.assignments?.map(({ assignee }) => assignee.id);
  const incident = account.changeIncident(id, { status, title, urgency, assigneeIds }, from);
  return { status: 200, body: { incident: showIncident(account, incident) } };
}

function listNotes({ account, ids: [id = ''], query }: Asked) {
  readQuery(noQuery, query);
  return { status: 200, body: { notes: account.notes(id).map(showNote) } };
}

function createNote({ account, from, ids: [id = ''], body }: Asked) {
  const { note } = read(createNoteBody, body);
  if (!from) throw invalidInput('The From header is missing');
  return { status: 200, body: { note: showNote(account.addNote(id, note.content, from)) } };
}

function cancelResponders({ account, ids: [id = ''], body }: Asked) {
  const wanted = read(cancelResponderRequestBody, body);
  const targets = wanted.responder_request_targets.map((target) => ({
    ...target,
    result: account.cancelRequest(id, target.id),
  }));
  return { status: 200, body: { responder_request_targets: targets } };
}

function requestResponders({ account, from, ids: [id = ''], body }: Asked) {
  const wanted = read(createResponderRequestBody, body);
  const targetIds = wanted.responder_request_targets.map((target) => target.responder_request_target.id);
  if (!account.users.some((user) => user.id === wanted.requester_id))
    throw invalidInput('Requester not found');
  if (!targetIds.every(account.hasTarget)) throw invalidInput('Responder request target not found');
  const asked = { requesterId: wanted.requester_id, message: wanted.message, targetIds };
  const request = account.requestResponders(id, asked, from);
  return { status: 200, body: { responder_request: showResponderRequest(account, id, request) } };
}

function listUsers({ account, query }: Asked) {
  const wanted = readQuery(listUsersQuery, query);
  const text = (wanted.query ?? '').toLowerCase();
  const found = account.users.filter(
    (user) => user.email.toLowerCase().includes(text) || user.name.toLowerCase().includes(text),
  );
  return { status: 200, body: pageOf('users', found.map(showUser), wanted) };
}

function getUser({ account, ids: [id = ''], query }: Asked) {
  readQuery(noQuery, query);
  return { status: 200, body: { user: showUser(account.user(id)) } };
}

function listContactMethods({ account, ids: [id = ''], query }: Asked) {
  readQuery(noQuery, query);
  return { status: 200, body: { contact_methods: showContactMethods(account.user(id)) } };
}

/** Every filter narrows what the others leave. */
function listOnCalls({ account, query }: Asked) {
  const wanted = readQuery(listOnCallsQuery, query);
  const { 'user_ids[]': users, 'escalation_policy_ids[]': policies, 'schedule_ids[]': schedules } = wanted;
  const found = account
    .onCall()
    .filter(
      ({ user, policyId, scheduleId }) =>
        (!users || users.includes(user.id)) &&
        (!policies || policies.includes(policyId)) &&
        (!schedules || schedules.includes(scheduleId ?? 'null')),
    );
  const shown = found.map((shift) => showOnCall(shift, wanted['include[]'] ?? []));
  return { status: 200, body: pageOf('oncalls', shown, wanted) };
}

function pageOf(name: string, all: readonly object[], { limit, offset }: { limit: number; offset: number }) {
  return {
    [name]: all.slice(offset, offset + limit),
    limit,
    offset,
    more: offset + limit < all.length,
    total: null,
  };
}
