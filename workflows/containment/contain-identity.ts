/** Containment of an identity or a secret: what an attacker holds of it is made worthless, and looked at again. */
import { condition } from '@temporalio/workflow';
import type { IdentityCapture, IdentityLocation } from '../../activities/identities';
import { SUB_STEPS, type SubStep } from '../../domain/containment';
import { cloud } from './activities';
import { Chain } from './chain';
import type { ContainmentInput } from './messages';
import { recordCapture } from './record-capture';

export async function containIdentity(input: ContainmentInput): Promise<void> {
  const { codename, target, token } = input;
  const chain = new Chain(codename, target, token);
  const issuedBefore = new Date().toISOString();
  const identity = target as IdentityLocation;
  const capture = await chain.keepTrying('capture', () =>
    cloud.captureIdentity.executeWithOptions({ summary: SUB_STEPS.capture }, [identity]),
  );
  const ways: Partial<Record<SubStep, () => Promise<void>>> =
    target.kind === 'secret' ? waysForSecret() : waysForIdentity();
  const steps = Object.entries(ways) as [SubStep, () => Promise<void>][];
  await Promise.all([
    recordCapture(chain, input, nameOf(capture), capture),
    ...steps.map(([subStep, way]) => chain.keepTrying(subStep, way)),
    verify(),
  ]);
  await chain.end();

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

  async function verify(): Promise<void> {
    await condition(() => chain.wasTried(...steps.map(([subStep]) => subStep)));
    await chain.keepProving(
      () =>
        cloud.verifyIdentity.executeWithOptions({ summary: SUB_STEPS.verify }, [
          capture,
          codename,
          issuedBefore,
        ]),
      async () => {
        for (const [subStep, way] of steps.filter(([one]) => chain.isDone(one)))
          await chain.keepTrying(subStep, way);
      },
    );
  }
}

/** Names a file: an ARN has characters that a path should not. */
function nameOf({ kind, name }: IdentityCapture): string {
  return `${kind}-${name.replace(/[^\w.-]/g, '_')}`;
}
