/** Approval requests: what may only happen after named roles have said yes. */
import type { ContactId } from './contacts';
import type { Role } from './roles';

/** `contain:i-0abc`, `contact:fbi`, `statement@1` */
export type RequestId = string;

export type RequestSubject =
  | { readonly kind: 'containment'; readonly instance: string }
  | { readonly kind: 'contact'; readonly contact: ContactId }
  | { readonly kind: 'statement'; readonly version: number };

/** One person's yes, and which of the needed voices it is. */
export interface Approval {
  /** Index into `needs`. */
  readonly voice: number;
  readonly by: string;
  readonly at: number;
}

export interface ApprovalRequest {
  readonly subject: RequestSubject;
  readonly raisedAt: number;
  /** The voices it needs, each of one of the roles named; every voice is another person's. */
  readonly needs: readonly (readonly Role[])[];
  readonly approvals: readonly Approval[];
  readonly state: 'open' | 'approved' | 'refused';
  readonly refusal?: { readonly by: string; readonly at: number; readonly reason: string };
  /** The incident commander and legal counsel opened it before forensics. */
  readonly glassBroken?: true;
}

/** "if you have approval": the voices for each kind of request. */
const VOICES = {
  containment: [['incidentCommander', 'securityTeam']],
  contact: [['incidentCommander']],
  statement: [['marketing'], ['incidentCommander'], ['legalCounsel']],
} as const satisfies Record<RequestSubject['kind'], readonly (readonly Role[])[]>;

export function raiseRequest(subject: RequestSubject, at: number): ApprovalRequest {
  return { subject, raisedAt: at, needs: VOICES[subject.kind], approvals: [], state: 'open' };
}

export function requestIdOf(subject: RequestSubject): RequestId {
  switch (subject.kind) {
    case 'containment':
      return `contain:${subject.instance}`;
    case 'contact':
      return `contact:${subject.contact}`;
    case 'statement':
      return `statement@${subject.version}`;
  }
}

/** The request of that name. What people type may be any name, also one that every object answers to. */
export function findRequest(
  requests: Readonly<Record<RequestId, ApprovalRequest>>,
  id: string,
): ApprovalRequest | undefined {
  return Object.hasOwn(requests, id) ? requests[id] : undefined;
}

/** The voices that are still missing. */
export function rolesStillNeeded(request: ApprovalRequest): (readonly Role[])[] {
  return request.needs.filter((_, voice) => !request.approvals.some((approval) => approval.voice === voice));
}

/** The request with one more voice, by a person of these roles, or undefined where that person has no voice left to give. */
export function approveRequest(
  request: ApprovalRequest,
  by: string,
  roles: readonly Role[],
  at: number,
): ApprovalRequest | undefined {
  if (request.approvals.some((approval) => approval.by === by)) return undefined;
  const voice = request.needs.findIndex(
    (needed, index) =>
      needed.some((role) => roles.includes(role)) &&
      !request.approvals.some((approval) => approval.voice === index),
  );
  if (voice === -1) return undefined;
  const approvals = [...request.approvals, { voice, by, at }];
  // A later yes replaces an earlier no: `refusal` stays in the ledger, not in the request.
  const { refusal: _refusal, ...rest } = request;
  return { ...rest, approvals, state: approvals.length === request.needs.length ? 'approved' : 'open' };
}
