/** The activities as the containments call them, grouped by how they may fail. Each number carries its reason. */
import type { AddressActivities } from '../../activities/addresses';
import type { ContainmentActivities } from '../../activities/containment';
import type { EvidenceActivities } from '../../activities/evidence';
import type { IdentityActivities } from '../../activities/identities';
import { steps } from '../steps';

/** The worker says every half second that it lives (`worker/heartbeats.ts`): its death is noticed within this. */
const ALIVE = '3 seconds';

/** Blips pass within these attempts; after them the incident says what fails, and the chain tries again. */
const QUICK = { initialInterval: '200 milliseconds', backoffCoefficient: 3, maximumAttempts: 4 } as const;

export const cloud = steps<
  Omit<ContainmentActivities, 'captureMemory' | 'releaseInstance' | 'rehearseContainment'> &
    IdentityActivities &
    AddressActivities
>({
  // A sub-step is a handful of API calls of at most 10 s each, and where fifty hosts are contained at once each call waits for
  // its turn (`integrations/aws/pacing.ts`); every one of them may safely be repeated.
  startToCloseTimeout: '5 minutes',
  heartbeatTimeout: ALIVE,
  retry: QUICK,
});

export const memory = steps<Pick<ContainmentActivities, 'captureMemory'>>({
  // It has a time box of its own, by configuration; this only ends what hangs.
  startToCloseTimeout: '2 hours',
  heartbeatTimeout: ALIVE,
  retry: QUICK,
});

export const wholeChain = steps<Pick<ContainmentActivities, 'releaseInstance' | 'rehearseContainment'>>({
  // A whole chain of calls, one after the other; a release waits up to 40 s for the instance to run.
  startToCloseTimeout: '3 minutes',
  heartbeatTimeout: ALIVE,
  // Each attempt goes on where the one before was interrupted.
  retry: { initialInterval: '200 milliseconds', backoffCoefficient: 2, maximumAttempts: 8 },
});

export const evidence = steps<Omit<EvidenceActivities, 'hashBlocks'>>({
  startToCloseTimeout: '60 seconds',
  heartbeatTimeout: ALIVE,
  retry: QUICK,
});

export const hashing = steps<Pick<EvidenceActivities, 'hashBlocks'>>({
  // A terabyte is two million blocks; an attempt that is cut short goes on where it was.
  startToCloseTimeout: '24 hours',
  heartbeatTimeout: ALIVE,
  retry: QUICK,
});
