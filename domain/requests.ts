/** Approval requests: what may only happen after named roles have said yes. */
import type { ContactId } from './contacts';
import type { Role } from './roles';
import { missingVoices, type NeededVoice } from './voices';

/** `contain:i-0abc`, `release:i-0abc`, `contact:fbi`, `contact:fbi/field-office`, `note@1-9f86d081884c7d65`, `statement@1-9f86d081884c7d65` */
export type RequestId = string;

export type RequestSubject =
  | { readonly kind: 'containment'; readonly target: string }
  | { readonly kind: 'release'; readonly target: string }
  /** With a party: one that was named during the incident. Without: those of the register. */
  | { readonly kind: 'contact'; readonly contact: ContactId; readonly party?: string }
  /** A yes is bound to the exact text: one changed character is another request. */
  | { readonly kind: 'note'; readonly version: number; readonly sha256: string }
  | { readonly kind: 'statement'; readonly version: number; readonly sha256: string };

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
  note: [['incidentCommander']],
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
      return `contact:${subject.contact}${subject.party === undefined ? '' : `/${subject.party}`}`;
    case 'note':
    case 'statement':
      return `${subject.kind}@${subject.version}-${subject.sha256.slice(0, HASH_DIGITS)}`;
  }
}

/** Of the text's SHA-256: what people compare, and a signature binds. */
const HASH_DIGITS = 16;

export function requestOfStatement({
  version,
  sha256,
}: {
  readonly version: number;
  readonly sha256: string;
}): RequestId {
  return requestIdOf({ kind: 'statement', version, sha256 });
}

/** Those of a kind of contact: its own, and those of parties that were named later. */
export function contactRequestsOf(
  contact: ContactId,
  requests: Readonly<Record<RequestId, ApprovalRequest>>,
): ApprovalRequest[] {
  return Object.values(requests).filter(
    ({ subject }) => subject.kind === 'contact' && subject.contact === contact,
  );
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
