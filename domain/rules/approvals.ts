/** Approvals: yes, no, and the two decisions that need the incident commander and legal counsel together. */
import { blockersOfStep, isWithheld, stateOfStep } from '../blockers';
import type { DecisionInput } from '../decisions';
import { forensicAnalysisIsPerformed, type Blocker } from '../gates';
import type { Incident, Voice } from '../incident';
import { startContainment, startRelease, stopContainment } from '../targets';
import { approveRequest, findRequest, rolesStillNeeded, type ApprovalRequest } from '../requests';
import { rolesIn } from '../people';
import { nameRoles } from '../roles';
import { stepOf } from '../steps';
import { missingVoices, type NeededVoice } from '../voices';
import { sendNote } from './communication';
import { blockersOfRelease } from './evidence';
import { accept, notSo, refuse as refuseIt, type Ruling } from './ruling';
import { blockersOfCurrentText, withLintPassed } from './statement';

export function approve(
  incident: Incident,
  { request: id, by }: DecisionInput<'approve'>,
  at: number,
): Ruling {
  const request = findRequest(incident.requests, id);
  if (!request) return refuseIt([noSuchRequest(id, incident)]);
  const reasons: Blocker[] = [];
  if (request.state === 'approved') reasons.push(notSo('requestIsOpen', `${id} is approved already`));
  reasons.push(...blockersOfApproval(request, incident));
  const roles = rolesIn(incident, by);
  const approved = approveRequest(request, by, roles, at);
  const hasARole = request.needs.flat().some((role) => roles.includes(role));
  if (!approved && hasARole && request.state !== 'approved')
    reasons.push(
      notSo(
        'voiceIsAnothers',
        `this person has no voice left in ${id}: it needs ${rolesStillNeeded(request).map(nameRoles).join(', and ')}, each a different person`,
      ),
    );
  if (!approved || reasons.length > 0) return refuseIt(reasons);
  let next: Incident = { ...incident, requests: { ...incident.requests, [id]: approved } };
  // It passed once more just now.
  if (request.subject.kind === 'statement') next = withLintPassed(next, at);
  const missing = rolesStillNeeded(approved);
  if (missing.length === 0) next = begin(next, request.subject, at);
  return accept(
    next,
    missing.length === 0
      ? `approved ${id}`
      : `approved ${id}; it still needs ${missing.map(nameRoles).join(', and ')}`,
  );
}

export function refuse(
  incident: Incident,
  { request: id, by, reason }: DecisionInput<'refuse'>,
  at: number,
): Ruling {
  const request = findRequest(incident.requests, id);
  if (!request) return refuseIt([noSuchRequest(id, incident)]);
  if (isBegun(request)) return refuseIt([notSo('requestIsOpen', `${id} is approved, and has begun`)]);
  const { glassBroken: _glass, ...rest } = request;
  const refused: ApprovalRequest = { ...rest, approvals: [], state: 'refused', refusal: { by, at, reason } };
  const { [id]: _voices, ...glass } = incident.glass;
  let next: Incident = { ...incident, glass, requests: { ...incident.requests, [id]: refused } };
  if (request.subject.kind === 'containment') next = stopContainment(next, request.subject.target, at);
  return accept(next, `refused ${id} — ${reason}`);
}

/** "Break-glass: IC and legal counsel together, with a reason": an outside contact before forensics. */
export function breakGlass(
  incident: Incident,
  { request: id, by, reason }: DecisionInput<'breakGlass'>,
  at: number,
): Ruling {
  const request = findRequest(incident.requests, id);
  if (!request) return refuseIt([noSuchRequest(id, incident)]);
  if (request.subject.kind !== 'contact')
    return refuseIt([
      notSo(
        'requestIsAContact',
        'only an outside contact can be opened so; every other gate has no override',
      ),
    ]);
  if (request.glassBroken) return refuseIt([notSo('glassIsWhole', `the glass is broken for ${id} already`)]);
  const voices = addVoice(incident.glass[id] ?? [], by, reason, incident, at);
  if (!isAgreed(voices)) return refuseIt(voices);
  const glass = { ...incident.glass, [id]: voices };
  if (voices.length < 2)
    return accept(
      { ...incident, glass },
      `asked to break the glass for ${id} — ${reason}; ${otherOf(voices)} must agree`,
    );
  const { refusal: _refusal, ...rest } = request;
  const opened: ApprovalRequest = { ...rest, state: 'approved', glassBroken: true };
  return accept(
    { ...incident, glass, requests: { ...incident.requests, [id]: opened } },
    `broke the glass for ${id}: approved before forensics — ${reason}`,
  );
}

/** Steps of communication may end without having been done: an incident can always end. */
export function withhold(
  incident: Incident,
  { step, by, reason }: DecisionInput<'withhold'>,
  at: number,
): Ruling {
  if (!stepOf(step).canBeWithheld)
    return refuseIt([
      notSo('stepCanBeWithheld', 'only the steps of communication, 11 to 14, can be withheld'),
    ]);
  const state = stateOfStep(step, incident);
  if (isWithheld(step, incident) || state === 'done' || state === 'notNeeded')
    return refuseIt([notSo('stepIsOpen', `step ${stepOf(step).number} is settled already`)]);
  const voices = addVoice(incident.withholding[step] ?? [], by, reason, incident, at);
  if (!isAgreed(voices)) return refuseIt(voices);
  const next = { ...incident, withholding: { ...incident.withholding, [step]: voices } };
  return accept(
    next,
    voices.length < 2
      ? `asked to withhold step ${stepOf(step).number} — ${reason}; ${otherOf(voices)} must agree`
      : `withheld step ${stepOf(step).number} (${stepOf(step).title}) — ${reason}`,
  );
}

/** An approval of an outside contact would be read as a licence: it waits for forensics. Breaking the glass does not. */
function blockersOfApproval(request: ApprovalRequest, incident: Incident): Blocker[] {
  switch (request.subject.kind) {
    case 'contact': {
      const blocker = forensicAnalysisIsPerformed(incident);
      return blocker ? [blocker] : [];
    }
    case 'statement': {
      if (request.subject.version === incident.statement?.version) {
        const closed = blockersOfStep('externalCommunication', incident);
        return closed.length > 0 ? closed : blockersOfCurrentText(incident);
      }
      return [
        notSo(
          'statementIsCurrent',
          `version ${request.subject.version} has been replaced by version ${incident.statement?.version}`,
        ),
      ];
    }
    case 'note':
      return request.subject.version === incident.note?.version
        ? blockersOfStep('internalCommunication', incident)
        : [
            notSo(
              'noteIsCurrent',
              `version ${request.subject.version} has been replaced by version ${incident.note?.version}`,
            ),
          ];
    case 'containment':
      return [];
    case 'release':
      return blockersOfRelease(incident, request.subject.target);
  }
}

/** What machines begin once it is approved can't be refused afterwards. */
function isBegun({ subject, state }: ApprovalRequest): boolean {
  return state === 'approved' && (subject.kind === 'containment' || subject.kind === 'release');
}

function begin(incident: Incident, subject: ApprovalRequest['subject'], at: number): Incident {
  if (subject.kind === 'containment') return startContainment(incident, subject.target, at);
  if (subject.kind === 'release') return startRelease(incident, subject.target, at);
  if (subject.kind === 'note') return sendNote(incident, at);
  return incident;
}

const PAIR: readonly NeededVoice[] = [['incidentCommander'], ['legalCounsel']];

/** The second of two different people, one the incident commander and one legal counsel; or why this is not one. */
function addVoice(
  voices: readonly Voice[],
  by: string,
  reason: string,
  incident: Incident,
  at: number,
): Voice[] | Blocker[] {
  if (voices.some((voice) => voice.by === by))
    return [notSo('twoDifferentPeople', `this person has said so already; ${otherOf(voices)} must agree`)];
  const roles = rolesIn(incident, by);
  const both = [...voices, { by, roles, reason, at }];
  if (
    missingVoices(
      PAIR,
      both.map((voice) => voice.roles),
    )
  )
    return both;
  // Somebody with neither role has been told so.
  return PAIR.flat().some((role) => roles.includes(role))
    ? [notSo('twoDifferentRoles', `${otherOf(voices)} must agree`)]
    : [];
}

function isAgreed(voices: Voice[] | Blocker[]): voices is Voice[] {
  return voices.some((voice) => 'by' in voice);
}

function otherOf(voices: readonly Voice[]): string {
  return (
    missingVoices(
      PAIR,
      voices.map(({ roles }) => roles),
    ) ?? PAIR
  )
    .map(nameRoles)
    .join(' and ');
}

function noSuchRequest(id: string, incident: Incident): Blocker {
  const open = Object.entries(incident.requests)
    .filter(([, { state }]) => state === 'open')
    .map(([name]) => name);
  return notSo('requestExists', `there is no request ${id}; open are: ${open.join(', ') || 'none'}`);
}
