/** Cuts every interface off. */
import { ModifyNetworkInterfaceAttributeCommand } from '@aws-sdk/client-ec2';
import type { Target } from './clients';
import { lookAtLivingInstance, vpcsOf, type SeenInterface } from './instance';
import { ensureEmptyQuarantine } from './quarantine';
import { together } from './together';

/**
 * Puts every interface that the instance has now, also one attached since the capture, into the quarantine group alone:
 * that of the interface's own VPC, since AWS takes no other. Interface by interface: `ModifyInstanceAttribute` refuses
 * instances with several.
 */
export async function isolate(target: Target, vpcId: string): Promise<void> {
  const looking = lookAtLivingInstance(target);
  // Beside the look at the instance: should that be refused, there is one more empty group, which harms nobody.
  const groupOf = new Map([[vpcId, ensureEmptyQuarantine(target.clients, vpcId)]]);
  const [instance] = await Promise.all([looking, ...groupOf.values()]);
  for (const other of vpcsOf(instance))
    if (!groupOf.has(other)) groupOf.set(other, ensureEmptyQuarantine(target.clients, other));

  await together(
    instance.interfaces.map(async (seen) => {
      const quarantineId = await groupOf.get(seen.vpcId);
      if (quarantineId === undefined || isOnlyIn(seen, quarantineId)) return;
      await target.clients.ec2.send(
        new ModifyNetworkInterfaceAttributeCommand({
          NetworkInterfaceId: seen.id,
          Groups: [quarantineId],
        }),
      );
    }),
  );
}

export function isOnlyIn({ groups }: SeenInterface, groupId: string | undefined): boolean {
  return groups.length === 1 && groupId !== undefined && groups[0] === groupId;
}
