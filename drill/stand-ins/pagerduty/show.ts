/** PagerDuty's JSON of what the account holds: the fields of its examples that a client may want. */
import type { Account } from './account';
import type { Incident, Note, ResponderRequest, Since, User } from './shapes';

const API = 'https://api.pagerduty.com';
const WEB = 'https://drill.pagerduty.example';

export function showUser(user: User) {
  return {
    id: user.id,
    type: 'user',
    summary: user.name,
    name: user.name,
    email: user.email,
    role: user.role,
    html_url: `${WEB}/users/${user.id}`,
  };
}

export function showReference(
  type: 'user' | 'service' | 'escalation_policy' | 'incident',
  id: string,
  summary: string | null,
) {
  const folder = {
    user: 'users',
    service: 'services',
    escalation_policy: 'escalation_policies',
    incident: 'incidents',
  }[type];
  return {
    html_url: `${WEB}/${folder}/${id}`,
    id,
    self: `${API}/${folder}/${id}`,
    summary,
    type: `${type}_reference`,
  };
}

/** @param include what is shown whole, and not as a reference */
export function showIncident(account: Account, incident: Incident, include: readonly string[] = []) {
  const requests = account.responderRequests(incident.id);
  const show = ({ userId }: Since, isWhole: boolean) => {
    const user = account.user(userId);
    return isWhole ? showUser(user) : showReference('user', user.id, user.name);
  };
  return {
    id: incident.id,
    type: 'incident',
    summary: `[#${incident.number}] ${incident.title}`,
    html_url: `${WEB}/incidents/${incident.id}`,
    incident_number: incident.number,
    title: incident.title,
    created_at: incident.createdAt,
    status: incident.status,
    incident_key: incident.key ?? null,
    urgency: incident.urgency,
    service: { id: account.serviceId, type: 'service_reference' },
    escalation_policy: { id: account.escalationPolicyId, type: 'escalation_policy_reference' },
    assignments: incident.assignments.map((one) => ({
      at: one.at,
      assignee: show(one, include.includes('assignees')),
    })),
    acknowledgements: incident.acknowledgements.map((one) => ({
      at: one.at,
      acknowledger: show(one, include.includes('acknowledgers')),
    })),
    incidents_responders: respondersOf(account, incident.id, requests),
    responder_requests: requests.map((request) => showResponderRequest(account, incident.id, request)),
  };
}

export function showNote(note: Note) {
  return {
    id: note.id,
    user: { id: note.userId, type: 'user_reference' },
    channel: { summary: 'The PagerDuty website or APIs' },
    content: note.content,
    created_at: note.createdAt,
  };
}

export function showResponderRequest(account: Account, incidentId: string, request: ResponderRequest) {
  return {
    requester: { id: request.requesterId, type: 'user_reference' },
    requested_at: request.requestedAt,
    message: request.message,
    responder_request_targets: request.targetIds.map((id) => ({
      responder_request_target: {
        type: id === account.escalationPolicyId ? 'escalation_policy' : 'user',
        id,
        incidents_responders: respondersOf(account, incidentId, [{ ...request, targetIds: [id] }]),
      },
    })),
  };
}

export function showOnCall(shift: ReturnType<Account['onCall']>[number], include: readonly string[]) {
  const { user, policyId, scheduleId, level } = shift;
  return {
    user: include.includes('users') ? showUser(user) : showReference('user', user.id, user.name),
    schedule: scheduleId === undefined ? null : { id: scheduleId, type: 'schedule_reference' },
    escalation_policy: { id: policyId, type: 'escalation_policy_reference' },
    escalation_level: level,
    start: null,
    end: null,
  };
}

/** The address comes first: a phone has to be picked out. */
export function showContactMethods(user: User) {
  const common = (index: number) => ({ id: `${user.id}C${index}`, summary: 'Work', label: 'Work' });
  return [
    { ...common(0), type: 'email_contact_method', address: user.email, send_short_email: false },
    ...user.phones.map((phone, index) => ({
      ...common(index + 1),
      type: phone.type ?? 'phone_contact_method',
      country_code: phone.country_code,
      address: phone.address,
    })),
  ];
}

/** Everyone once, however often they were asked. */
function respondersOf(account: Account, incidentId: string, requests: readonly ResponderRequest[]) {
  return account.users.flatMap((user) => {
    const request = requests.findLast(({ targetIds }) => targetIds.includes(user.id));
    if (!request) return [];
    return {
      state: account.replyOf(incidentId, user.id),
      user: { id: user.id, type: 'user_reference', summary: user.name },
      message: request.message,
      requested_at: request.requestedAt,
    };
  });
}
