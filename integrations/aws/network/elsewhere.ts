/**
 * Denies the instance's own addresses on the other hosts' side. It cuts connections of which nobody knows the peer, to
 * every other subnet of the VPC; an ACL sees nothing of what stays inside of a subnet.
 */
import { ApplicationFailure } from '@temporalio/common';
import type { Capture } from '../../../activities/containment';
import type { Target } from '../clients';
import { translate } from '../failures/translate';
import { lookAtInstance, lookAtLivingInstance, type SeenInterface } from '../instance';
import { together } from '../together';
import { aclsOfVpc } from './acl';
import { innerRangesOf } from './addresses';
import { deny, liftDenials } from './denials';

/**
 * In every ACL of the VPC that a subnet uses. An entry names the host, which to the ACL of its own subnet is never
 * outside: there it does nothing, until another subnet uses the same ACL.
 */
export async function denyElsewhere(target: Target, captured: Capture): Promise<void> {
  const [{ interfaces }, acls] = await Promise.all([
    lookAtLivingInstance(target),
    aclsOfVpc(target.clients, captured.vpcId),
  ]);
  const ranges = innerRangesOf(interfaces);
  await together(acls.map((acl) => deny(target.clients, acl, ranges)));
}

/** For release: takes exactly those denies away again. Also where the instance is gone: its addresses come to others. */
export async function allowElsewhere(target: Target, captured: Capture): Promise<void> {
  const [interfaces, acls] = await Promise.all([
    interfacesIfThere(target),
    aclsOfVpc(target.clients, captured.vpcId),
  ]);
  const ranges = innerRangesOf([...captured.interfaces, ...interfaces]);
  await together(acls.map((acl) => liftDenials(target.clients, acl, ranges)));
}

async function interfacesIfThere(target: Target): Promise<readonly SeenInterface[]> {
  try {
    return (await lookAtInstance(target)).interfaces;
  } catch (error) {
    const failure = translate(error);
    if (failure instanceof ApplicationFailure && failure.type === 'NotFound') return [];
    throw error;
  }
}
