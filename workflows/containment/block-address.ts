/** An address of the attacker is blocked at the edges of the network, and looked at again. */
import { condition } from '@temporalio/workflow';
import { SUB_STEPS } from '../../domain/containment';
import { cloud } from './activities';
import { Chain, Unproven } from './chain';
import type { ContainmentInput } from './messages';

export async function blockAddress({ codename, target, token, affected }: ContainmentInput): Promise<void> {
  const chain = new Chain(codename, target, token);
  const block = () =>
    cloud.blockAddress.executeWithOptions({ summary: SUB_STEPS.block }, [target.id, affected, codename]);
  await Promise.all([chain.keepTrying('block', block), verify()]);
  await chain.end('finished');

  async function verify(): Promise<void> {
    await condition(() => chain.wasTried('block'));
    let looks = 0;
    await chain.keepTrying('verify', async () => {
      if (looks > 0 && chain.isDone('block')) await block();
      looks += 1;
      const { unproven } = await cloud.verifyAddress.executeWithOptions({ summary: SUB_STEPS.verify }, [
        target.id,
        affected,
      ]);
      chain.tell({ unproven });
      if (unproven.length > 0) throw new Unproven(unproven.join('; '));
    });
  }
}
