/** Cuts every interface off. */
import { ModifyNetworkInterfaceAttributeCommand } from '@aws-sdk/client-ec2';
import type { Target } from './clients';
import { lookAtLivingInstance, type SeenInterface } from './instance';
import { ensureEmptyQuarantine } from './quarantine';
import { together } from './together';

/**
 * Puts every interface that the instance has now, also one attached since the capture, into the quarantine group alone.
 * Interface by interface: `ModifyInstanceAttribute` refuses instances with several.
 */
export async function isolate(target: Target, vpcId: string): Promise<void> {
  const [instance, quarantineId] = await Promise.all([
    lookAtLivingInstance(target),
    ensureEmptyQuarantine(target.clients, vpcId),
  ]);
  await together(
    instance.interfaces
      .filter((seen) => !isOnlyIn(seen, quarantineId))
      .map(({ id }) =>
        target.clients.ec2.send(
          new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId: id, Groups: [quarantineId] }),
        ),
      ),
  );
}

export function isOnlyIn({ groups }: SeenInterface, groupId: string): boolean {
  return groups.length === 1 && groups[0] === groupId;
}
