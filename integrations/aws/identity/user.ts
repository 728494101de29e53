/** What lets a user in: access keys and the console's password. */
import {
  DeleteLoginProfileCommand,
  GetLoginProfileCommand,
  paginateListAccessKeys,
  UpdateAccessKeyCommand,
  type AccessKeyMetadata,
} from '@aws-sdk/client-iam';
import type { IdentityCapture } from '../../../activities/identities';
import type { Clients } from '../clients';
import { together } from '../together';
import { unlessMissing } from './missing';
import { collect } from './pages';

/** Also those that were made since the capture. A key that somebody deletes meanwhile is no failure. */
export async function disableKeys(clients: Clients, { kind, name }: IdentityCapture): Promise<void> {
  if (kind !== 'user') return;
  const active = (await keysOf(clients, name)).filter(isActive);
  await together(
    active.map(({ AccessKeyId }) =>
      unlessMissing(
        clients.iam.send(new UpdateAccessKeyCommand({ UserName: name, AccessKeyId, Status: 'Inactive' })),
      ),
    ),
  );
}

export async function removeLogin(clients: Clients, { kind, name }: IdentityCapture): Promise<void> {
  if (kind !== 'user' || !(await hasLogin(clients, name))) return;
  await unlessMissing(clients.iam.send(new DeleteLoginProfileCommand({ UserName: name })));
}

export function keysOf({ iam }: Clients, UserName: string): Promise<AccessKeyMetadata[]> {
  return collect(paginateListAccessKeys({ client: iam }, { UserName }), (page) => page.AccessKeyMetadata);
}

export function isActive({ Status }: AccessKeyMetadata): boolean {
  return Status === 'Active';
}

export async function hasLogin({ iam }: Clients, UserName: string): Promise<boolean> {
  return (await unlessMissing(iam.send(new GetLoginProfileCommand({ UserName })))) !== undefined;
}
