/** An address of the attacker is blocked at the edges of the network, and looked at again. */
import { condition } from '@temporalio/workflow';
import { SUB_STEPS } from '../../domain/containment';
import { cloud } from './activities';
import { Chain } from './chain';
import type { ContainmentInput } from './messages';

export async function blockAddress({ codename, target, token, affected }: ContainmentInput): Promise<void> {
  const chain = new Chain(codename, target, token);
  const block = () =>
    cloud.blockAddress.executeWithOptions({ summary: SUB_STEPS.block }, [target.id, affected, codename]);
  await Promise.all([chain.keepTrying('block', block), verify()]);
  await chain.end();

  async function verify(): Promise<void> {
    await condition(() => chain.wasTried('block'));
    await chain.keepProving(
      () => cloud.verifyAddress.executeWithOptions({ summary: SUB_STEPS.verify }, [target.id, affected]),
      async () => {
        if (chain.isDone('block')) await block();
      },
    );
  }
}
