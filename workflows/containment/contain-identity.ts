/** Containment of an identity or a secret: what an attacker holds of it is made worthless, and looked at again. */
import { condition } from '@temporalio/workflow';
import type { IdentityCapture, IdentityLocation } from '../../activities/identities';
import { SUB_STEPS, type SubStep } from '../../domain/containment';
import { cloud, evidence } from './activities';
import { Chain, NO_COLD_STORAGE, Unproven } from './chain';
import { custodyOf } from './custody';
import type { ContainmentInput } from './messages';

export async function containIdentity({
  codename,
  target,
  token,
  storeWithinMs,
}: ContainmentInput): Promise<void> {
  const chain = new Chain(codename, target, token);
  const issuedBefore = new Date().toISOString();
  const identity = target as IdentityLocation;
  const capture = await chain.keepTrying('capture', () =>
    cloud.captureIdentity.executeWithOptions({ summary: SUB_STEPS.capture }, [identity]),
  );
  const ways: Partial<Record<SubStep, () => Promise<void>>> =
    target.kind === 'secret' ? waysForSecret() : waysForIdentity();
  const steps = Object.entries(ways) as [SubStep, () => Promise<void>][];
  await Promise.all([record(), ...steps.map(([subStep, way]) => chain.keepTrying(subStep, way)), verify()]);
  await chain.end('finished');

  function waysForIdentity(): Partial<Record<SubStep, () => Promise<void>>> {
    return {
      disableKeys: () => cloud.disableKeys.executeWithOptions({ summary: SUB_STEPS.disableKeys }, [capture]),
      removeLogin: () => cloud.removeLogin.executeWithOptions({ summary: SUB_STEPS.removeLogin }, [capture]),
      denySessions: () =>
        cloud.denySessions.executeWithOptions({ summary: SUB_STEPS.denySessions }, [
          capture,
          codename,
          issuedBefore,
        ]),
    };
  }

  function waysForSecret(): Partial<Record<SubStep, () => Promise<void>>> {
    return {
      // One rotation an incident, however often it is tried.
      rotate: () => cloud.rotateSecret.executeWithOptions({ summary: SUB_STEPS.rotate }, [capture, codename]),
    };
  }

  async function record(): Promise<void> {
    if (storeWithinMs === undefined) return chain.set('record', NO_COLD_STORAGE);
    await chain.keepTrying('record', async () => {
      const { file } = await evidence.recordCapture.executeWithOptions({ summary: SUB_STEPS.record }, [
        codename,
        nameOf(capture),
        capture,
      ]);
      chain.tell(custodyOf.capture(target.id, file, Date.now()));
    });
  }

  async function verify(): Promise<void> {
    await condition(() => chain.wasTried(...steps.map(([subStep]) => subStep)));
    let looks = 0;
    await chain.keepTrying('verify', async () => {
      // Somebody may have changed it back. What has not been done yet is being tried anyway.
      if (looks > 0)
        for (const [subStep, way] of steps.filter(([one]) => chain.isDone(one)))
          await chain.keepTrying(subStep, way);
      looks += 1;
      const { unproven } = await cloud.verifyIdentity.executeWithOptions({ summary: SUB_STEPS.verify }, [
        capture,
        codename,
        issuedBefore,
      ]);
      chain.tell({ unproven });
      if (unproven.length > 0) throw new Unproven(unproven.join('; '));
    });
  }
}

/** Names a file: an ARN has characters that a path should not. */
function nameOf({ kind, name }: IdentityCapture): string {
  return `${kind}-${name.replace(/[^\w.-]/g, '_')}`;
}
