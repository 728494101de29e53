/** Running again, if it was running. */
import { setTimeout as pause } from 'node:timers/promises';
import { StartInstancesCommand } from '@aws-sdk/client-ec2';
import type { Capture, ReleaseReport } from '../../../activities/containment';
import { unavailable } from '../../../activities/failures';
import type { Target } from '../clients';
import { hasCode } from '../failures/aws-error';
import { lookAtLivingInstance } from '../instance';

/** AWS needs seconds to start most hosts, and up to minutes to end a stop. One attempt must not last as long as that. */
const PATIENCE_MS = 40_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 5_000;

/** @throws Unavailable where the instance does not run within `patienceMs`: the next attempt goes on waiting */
export async function restoreState(
  target: Target,
  captured: Capture,
  patienceMs = PATIENCE_MS,
): Promise<ReleaseReport> {
  if (wasRunning(captured)) {
    await startAndWait(target, patienceMs);
    return { restored: ['The instance runs.'], drift: [] };
  }
  // Whoever started it had a reason that the capture does not know.
  const { state } = await lookAtLivingInstance(target);
  return {
    restored: [],
    drift:
      state === 'running' || state === 'pending'
        ? [
            `The instance was ${captured.state} at the capture and is ${state} now: stop it by hand if it should be.`,
          ]
        : [],
  };
}

export function wasRunning({ state }: Capture): boolean {
  return state === 'running' || state === 'pending';
}

async function startAndWait(target: Target, patienceMs: number): Promise<void> {
  const until = Date.now() + patienceMs;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    const { state } = await lookAtLivingInstance(target);
    if (state === 'running') return;
    if (state === 'stopped') await start(target);
    if (Date.now() + pauseMs > until)
      throw unavailable(
        'The instance does not run yet: AWS is still stopping or starting it. Firebreak tries again; if it goes on, look at ' +
          'the reason that AWS gives for its last change of state.',
      );
    await pause(pauseMs);
  }
}

async function start({ clients, id }: Target): Promise<void> {
  try {
    await clients.ec2.send(new StartInstancesCommand({ InstanceIds: [id] }));
  } catch (error) {
    // Stopped to the one who looks, and still stopping to the one who starts: the next look tells.
    if (!hasCode(error, 'IncorrectInstanceState')) throw error;
  }
}
