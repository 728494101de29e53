/**
 * The untracked hop: an interface goes for a moment into a group that is open to all, where AWS tracks no connection, and
 * then back into the empty one, which so finds none to let go on. Whoever tries at that moment gets in, hence once only.
 */
import { setTimeout as pause } from 'node:timers/promises';
import {
  CreateTagsCommand,
  ModifyNetworkInterfaceAttributeCommand,
  paginateDescribeNetworkInterfaces,
} from '@aws-sdk/client-ec2';
import type { Clients, Target } from '../clients';
import { translate, willBeRetried } from '../failures/translate';
import { ensureEmptyQuarantine } from '../quarantine';
import { together } from '../together';
import { ensureOpenGroup, findOpenGroup } from './open-group';

/** On interfaces: the codename for which the hop has been made. Read by anybody, as every tag. */
export const HOP_TAG = 'firebreak:baseline';

/** AWS says that it tracks nothing in such a group, and not how soon after the call. */
const OPEN_FOR_MS = 1_000;

/** How often, and how much later each time, an interface is put back: Temporal's own retry would leave it open longer. */
const ATTEMPTS = 4;
const PAUSE_MS = 250;

export interface HopState {
  readonly id: string;
  readonly isOpen: boolean;
  /** The codename that the interface is marked with. */
  readonly markedFor: string | undefined;
}

/** How the instance's interfaces, as they are now, stand. */
export async function lookAtHops({ clients, id }: Target, vpcId: string): Promise<HopState[]> {
  const openId = await findOpenGroup(clients, vpcId);
  const found: HopState[] = [];
  const pages = paginateDescribeNetworkInterfaces(
    { client: clients.ec2 },
    { Filters: [{ Name: 'attachment.instance-id', Values: [id] }] },
  );
  for await (const { NetworkInterfaces = [] } of pages)
    for (const { NetworkInterfaceId = '', Groups = [], TagSet = [] } of NetworkInterfaces)
      found.push({
        id: NetworkInterfaceId,
        isOpen: openId !== undefined && Groups.some(({ GroupId }) => GroupId === openId),
        markedFor: TagSet.find(({ Key }) => Key === HOP_TAG)?.Value,
      });
  return found;
}

/**
 * Puts interfaces that a worker left in the open group, when it died there, into quarantine. That is the second half of
 * the hop: they need not be opened again.
 */
export async function closeInterfaces(target: Target, vpcId: string, codename: string): Promise<void> {
  const open = (await lookAtHops(target, vpcId)).filter(({ isOpen }) => isOpen);
  if (open.length === 0) return;
  const quarantineId = await ensureEmptyQuarantine(target.clients, vpcId);
  await together(open.map(({ id }) => close(target.clients, id, quarantineId, codename)));
}

/** Every interface that is not marked for the codename makes the hop, and is marked once it is back in quarantine. */
export async function hop(target: Target, vpcId: string, codename: string): Promise<void> {
  const { clients } = target;
  const due = (await lookAtHops(target, vpcId)).filter(({ markedFor }) => markedFor !== codename);
  if (due.length === 0) return;
  const [openId, quarantineId] = await Promise.all([
    ensureOpenGroup(clients, vpcId),
    ensureEmptyQuarantine(clients, vpcId),
  ]);
  await together(
    due.map(async ({ id }) => {
      try {
        await moveInto(clients, id, openId);
        await pause(OPEN_FOR_MS);
      } catch (error) {
        // The answer may have been lost after the effect. Not marked: whether it was open, nobody knows.
        await insist(() => moveInto(clients, id, quarantineId));
        throw error;
      }
      await close(clients, id, quarantineId, codename);
    }),
  );
}

async function close(clients: Clients, id: string, quarantineId: string, codename: string): Promise<void> {
  await insist(() => moveInto(clients, id, quarantineId));
  await insist(() =>
    clients.ec2.send(new CreateTagsCommand({ Resources: [id], Tags: [{ Key: HOP_TAG, Value: codename }] })),
  );
}

async function moveInto({ ec2 }: Clients, id: string, groupId: string): Promise<void> {
  await ec2.send(new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId: id, Groups: [groupId] }));
}

async function insist(call: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt += 1)
    try {
      await call();
      return;
    } catch (error) {
      if (attempt === ATTEMPTS || !willBeRetried(translate(error))) throw error;
      await pause(PAUSE_MS * attempt);
    }
}
