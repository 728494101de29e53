/** The sessions of a user or role. AWS can't end one: a policy denies it everything. */
import {
  GetRolePolicyCommand,
  GetUserPolicyCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import type { IdentityCapture } from '../../../activities/identities';
import type { Clients } from '../clients';
import { unlessMissing } from './missing';
import { issuedBeforeOf, revokePolicyDocument, revokePolicyName } from './revoke-policy';

/**
 * Of a user, this covers the sessions that were made with its access keys, and the console's. It doesn't cover sessions of
 * roles that the user or role took on: each role is an identity of its own.
 */
export async function denySessions(
  clients: Clients,
  captured: IdentityCapture,
  codename: string,
  issuedBefore: string,
): Promise<void> {
  if (captured.kind === 'secret' || (await areDenied(clients, captured, codename, issuedBefore))) return;
  const policy = {
    PolicyName: revokePolicyName(codename),
    PolicyDocument: revokePolicyDocument(issuedBefore),
  };
  await (captured.kind === 'user'
    ? clients.iam.send(new PutUserPolicyCommand({ UserName: captured.name, ...policy }))
    : clients.iam.send(new PutRolePolicyCommand({ RoleName: captured.name, ...policy })));
}

/** Whether the policy is there, unchanged, with this time or a later one: that one denies more. */
export async function areDenied(
  { iam }: Clients,
  { kind, name }: IdentityCapture,
  codename: string,
  issuedBefore: string,
): Promise<boolean> {
  const PolicyName = revokePolicyName(codename);
  const answer = await unlessMissing<{ PolicyDocument: string | undefined }>(
    kind === 'user'
      ? iam.send(new GetUserPolicyCommand({ UserName: name, PolicyName }))
      : iam.send(new GetRolePolicyCommand({ RoleName: name, PolicyName })),
  );
  const denied = issuedBeforeOf(answer?.PolicyDocument ?? '');
  return denied !== undefined && Date.parse(denied) >= Date.parse(issuedBefore);
}
