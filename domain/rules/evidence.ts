/** Evidence and release: hand-overs, locks for good, and undoing containment. */
import { doneAt } from '../containment';
import type { DecisionInput } from '../decisions';
import { addEvidence, CANNOT_BE_UNDONE } from '../evidence/store';
import type { Blocker } from '../gates';
import type { Incident } from '../incident';
import { approveRequest, findRequest, raiseRequest, requestIdOf, rolesStillNeeded } from '../requests';
import { rolesIn } from '../people';
import { nameRoles } from '../roles';
import { rotationIdOf } from '../rotations';
import { startRelease } from '../targets';
import { accept, notSo, refuse, type Ruling } from './ruling';

/** Release needs two people: each says so by the same decision, in any order. */
export function release(
  incident: Incident,
  { instance, by, reason }: DecisionInput<'release'>,
  at: number,
): Ruling {
  const blockers = blockersOfRelease(incident, instance);
  if (blockers.length > 0) return refuse(blockers);
  const subject = { kind: 'release', target: instance } as const;
  const id = requestIdOf(subject);
  const known = findRequest(incident.requests, id);
  // Refused, or released once before: it is asked anew.
  const request = known?.state === 'open' ? known : raiseRequest(subject, at);
  const approved = approveRequest(request, by, rolesIn(incident, by), at);
  if (!approved)
    return refuse([
      notSo(
        'twoDifferentPeople',
        `this person has no voice left in it: it needs ${rolesStillNeeded(request).map(nameRoles).join(', and ')}, each a different person`,
      ),
    ]);
  const missing = rolesStillNeeded(approved);
  const asked = { ...incident, requests: { ...incident.requests, [id]: approved } };
  return missing.length === 0
    ? accept(startRelease(asked, instance, at), `ordered the release of ${instance} — ${reason}`)
    : accept(
        asked,
        `asked to release ${instance} — ${reason}; ${missing.map(nameRoles).join(', and ')} must agree (request ${id})`,
      );
}

/** What is still being contained can't be released, and neither can what was never contained. */
export function blockersOfRelease(incident: Incident, id: string): Blocker[] {
  const containment = incident.containments[id];
  if (containment?.target.kind !== 'instance')
    return [notSo('isInScope', `${id} is no instance in the scope`)];
  if (incident.company.coldStorage === undefined)
    return [
      notSo('captureIsKept', 'no cold storage is configured, so no capture was kept: restore it by hand'),
    ];
  if (containment.release?.doneAt !== undefined)
    return [notSo('instanceIsContained', `${id} has been released already`)];
  if (containment.release !== undefined)
    return [notSo('instanceIsContained', `the release of ${id} is under way`)];
  const missing = (
    [
      ['record', 'its capture is not written down, so there is nothing to restore it from'],
      ['verify', 'its isolation is not proven yet'],
      ['stop', 'it is not stopped yet'],
      ['snapshotStopped', 'the disks of the stopped host are not imaged yet'],
    ] as const
  )
    // What was given up may be released as far as it came.
    .filter(([subStep]) => containment.status !== 'abandoned' || subStep === 'record')
    .filter(([subStep]) => doneAt(containment, subStep) === undefined);
  return missing.map(([, reason]) => notSo('instanceIsContained', `${id}: ${reason}`));
}

/** "chain of custody: every hand-over of every item" */
export function handOver(
  incident: Incident,
  { item, to, by, reason }: DecisionInput<'handOver'>,
  at: number,
): Ruling {
  const known = Object.hasOwn(incident.evidence.items, item);
  if (!known)
    return refuse([
      notSo(
        'itemExists',
        `there is no item ${item}: see firebreak evidence ${incident.declaration.codename}`,
      ),
    ]);
  const custody = [{ at, item, event: 'handedOver', by, holder: to, note: reason } as const];
  return accept(
    { ...incident, evidence: addEvidence(incident.evidence, { custody }) },
    `handed ${item} over to ${to} — ${reason}`,
  );
}

export function lockForGood(
  incident: Incident,
  { confirm, by, reason }: DecisionInput<'lockForGood'>,
  at: number,
): Ruling {
  const reasons: Blocker[] = [];
  if (confirm !== CANNOT_BE_UNDONE)
    reasons.push(notSo('isConfirmed', `say so in these very words: ${CANNOT_BE_UNDONE}`));
  if (!Object.values(incident.evidence.items).some(({ kind }) => kind === 'copy'))
    reasons.push(notSo('imagesAreStored', 'no image is in cold storage yet'));
  if (incident.evidence.goodLock) reasons.push(notSo('isNotLockedForGood', 'that was ordered already'));
  if (reasons.length > 0) return refuse(reasons);
  return accept(
    { ...incident, evidence: { ...incident.evidence, goodLock: { by, at, reason } } },
    `ordered that every image in cold storage be locked for good, which can't be undone once the cool-off is over — ${reason}`,
  );
}

export function settleRotation(
  incident: Incident,
  { user, system, outcome, by, note }: DecisionInput<'settleRotation'>,
  at: number,
): Ruling {
  const id = rotationIdOf(user, system);
  const rotation = Object.hasOwn(incident.rotations, id) ? incident.rotations[id] : undefined;
  if (!rotation) {
    const open = Object.keys(incident.rotations).join(', ') || 'none: add the user to the scope first';
    return refuse([notSo('rotationExists', `there is no rotation ${id}; there are: ${open}`)]);
  }
  if (rotation.settled) return refuse([notSo('rotationIsOpen', `${id} is settled already`)]);
  const settled = { outcome, by, at, ...(note !== undefined && { note }) };
  return accept(
    { ...incident, rotations: { ...incident.rotations, [id]: { ...rotation, settled } } },
    outcome === 'rotated'
      ? `rotated the keys and passwords of ${user} on ${system}`
      : `found no account of ${user} on ${system}`,
  );
}
