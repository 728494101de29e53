/** Approval requests: what may only happen after named roles have said yes. */
import type { ContactId } from './contacts';
import type { Role } from './roles';
import { missingVoices, type NeededVoice } from './voices';

/** `contain:i-0abc`, `release:i-0abc`, `contact:fbi`, `statement@1` */
export type RequestId = string;

export type RequestSubject =
  | { readonly kind: 'containment'; readonly target: string }
  | { readonly kind: 'release'; readonly target: string }
  | { readonly kind: 'contact'; readonly contact: ContactId }
  | { readonly kind: 'statement'; readonly version: number };

/** One person's yes. */
export interface Approval {
  readonly by: string;
  /** The person's roles at that time. */
  readonly roles: readonly Role[];
  readonly at: number;
}

export interface ApprovalRequest {
  readonly subject: RequestSubject;
  readonly raisedAt: number;
  /** The voices it needs, each of one of the roles named; every voice is another person's. */
  readonly needs: readonly NeededVoice[];
  readonly approvals: readonly Approval[];
  readonly state: 'open' | 'approved' | 'refused';
  readonly refusal?: { readonly by: string; readonly at: number; readonly reason: string };
  /** The incident commander and legal counsel opened it before forensics. */
  readonly glassBroken?: true;
}

/** "if you have approval": the voices for each kind of request. */
const VOICES = {
  containment: [['incidentCommander', 'securityTeam']],
  // Two people: what is released can be attacked again.
  release: [['incidentCommander'], ['deputy', 'securityTeam', 'forensicsLead']],
  contact: [['incidentCommander']],
  statement: [['marketing'], ['incidentCommander'], ['legalCounsel']],
} as const satisfies Record<RequestSubject['kind'], readonly NeededVoice[]>;

export function raiseRequest(subject: RequestSubject, at: number): ApprovalRequest {
  return { subject, raisedAt: at, needs: VOICES[subject.kind], approvals: [], state: 'open' };
}

export function requestIdOf(subject: RequestSubject): RequestId {
  switch (subject.kind) {
    case 'containment':
      return `contain:${subject.target}`;
    case 'release':
      return `release:${subject.target}`;
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
export function rolesStillNeeded({ needs, approvals }: ApprovalRequest): readonly NeededVoice[] {
  return (
    missingVoices(
      needs,
      approvals.map(({ roles }) => roles),
    ) ?? needs
  );
}

/** The request with one more voice, by a person of these roles, or undefined where that person has no voice left to give. */
export function approveRequest(
  request: ApprovalRequest,
  by: string,
  roles: readonly Role[],
  at: number,
): ApprovalRequest | undefined {
  if (request.approvals.some((approval) => approval.by === by)) return undefined;
  const approvals = [...request.approvals, { by, roles, at }];
  const missing = missingVoices(
    request.needs,
    approvals.map((approval) => approval.roles),
  );
  if (!missing) return undefined;
  // A later yes replaces an earlier no: `refusal` stays in the ledger, not in the request.
  const { refusal: _refusal, ...rest } = request;
  return { ...rest, approvals, state: missing.length === 0 ? 'approved' : 'open' };
}

/** The same request, asked anew: what was said to it before no longer counts. */
export function askAnew({ subject, needs }: ApprovalRequest, at: number): ApprovalRequest {
  return { subject, raisedAt: at, needs, approvals: [], state: 'open' };
}
