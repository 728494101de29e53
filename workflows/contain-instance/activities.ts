/** The activities as a containment calls them. */
import { proxyActivities } from '@temporalio/workflow';
import type { ContainmentActivities } from '../../activities/containment';

export const cloud = proxyActivities<ContainmentActivities>({
  // A sub-step is a handful of API calls of at most 10 s each; every one of them may safely be repeated.
  startToCloseTimeout: '60 seconds',
  // The worker says every half second that it lives (`worker/heartbeats.ts`): its death is noticed within this.
  heartbeatTimeout: '3 seconds',
  // Blips pass within these attempts; after them the incident says what fails, and the chain tries again.
  retry: { initialInterval: '200 milliseconds', backoffCoefficient: 3, maximumAttempts: 4 },
});
