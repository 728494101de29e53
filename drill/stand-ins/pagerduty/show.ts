/** PagerDuty's JSON of what the account holds: the fields of its examples that a client may want. */
import type { Account, Incident, Note, ResponderRequest, User } from './account';

const WEB = 'https://drill.pagerduty.example';

export function showUser(user: User) {
  return {
    id: user.id,
    type: 'user',
    summary: user.name,
    name: user.name,
    email: user.email,
    html_url: `${WEB}/users/${user.id}`,
  };
}

export function showIncident(account: Account, incident: Incident) {
  const requests = account.responderRequests(incident.id);
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
    incidents_responders: respondersOf(account, requests),
    responder_requests: requests.map((request) => showResponderRequest(account, request)),
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

export function showResponderRequest(account: Account, request: ResponderRequest) {
  return {
    requester: { id: request.requesterId, type: 'user_reference' },
    requested_at: request.requestedAt,
    message: request.message,
    responder_request_targets: request.targetIds.map((id) => ({
      responder_request_target: {
        type: id === account.escalationPolicyId ? 'escalation_policy' : 'user',
        id,
        incidents_responders: respondersOf(account, [{ ...request, targetIds: [id] }]),
      },
    })),
  };
}

function respondersOf(account: Account, requests: readonly ResponderRequest[]) {
  return requests.flatMap((request) =>
    account.users
      .filter((user) => request.targetIds.includes(user.id))
      .map((user) => ({
        state: 'pending',
        user: { id: user.id, type: 'user_reference', summary: user.name },
        message: request.message,
        requested_at: request.requestedAt,
      })),
  );
}
