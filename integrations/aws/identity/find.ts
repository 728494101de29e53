/** The user or role that is meant, as IAM shows it. */
import {
  GetAccessKeyLastUsedCommand,
  GetRoleCommand,
  GetUserCommand,
  type Role,
  type User,
} from '@aws-sdk/client-iam';
import { conflict, invalidRequest, notFound } from '../../../activities/failures';
import type { Clients } from '../clients';
import { unlessMissing } from './missing';
import type { Meant } from './meant';

export type Found =
  { readonly kind: 'user'; readonly seen: User } | { readonly kind: 'role'; readonly seen: Role };

/** `NotFound` where there is none, and `InvalidRequest` where a name is both a user's and a role's. */
export async function findIdentity(clients: Clients, meant: Meant): Promise<Found> {
  if (meant.by === 'accessKey') return findOwner(clients, meant.id);
  const { name, kinds, arn } = meant;
  const [user, role] = await Promise.all([
    kinds.includes('user') ? findUser(clients, name) : undefined,
    kinds.includes('role') ? findRole(clients, name) : undefined,
  ]);
  if (user && role)
    throw invalidRequest('There are a user and a role of this name. Give the ARN of the one that is meant.');
  const found = user ?? role;
  // The same name with another path or account is somebody else.
  if (!found || (arn !== undefined && found.seen.Arn !== arn))
    throw notFound(
      'AWS IAM shows no such user or role. Correct the scope: its ARN or name, and its account.',
    );
  return found;
}

async function findOwner(clients: Clients, AccessKeyId: string): Promise<Found> {
  const used = await unlessMissing(clients.iam.send(new GetAccessKeyLastUsedCommand({ AccessKeyId })));
  if (!used)
    throw notFound('AWS IAM shows no such access key. Correct the scope: the key’s id and its account.');
  const user = used.UserName === undefined ? undefined : await findUser(clients, used.UserName);
  if (!user)
    throw conflict(
      'The access key is no IAM user’s: it may be the root user’s, which can’t be contained by its API. By hand: sign in as ' +
        'root and delete its access keys.',
    );
  return user;
}

async function findUser({ iam }: Clients, UserName: string): Promise<Found | undefined> {
  const answer = await unlessMissing(iam.send(new GetUserCommand({ UserName })));
  return answer?.User && { kind: 'user', seen: answer.User };
}

async function findRole({ iam }: Clients, RoleName: string): Promise<Found | undefined> {
  const answer = await unlessMissing(iam.send(new GetRoleCommand({ RoleName })));
  return answer?.Role && { kind: 'role', seen: answer.Role };
}
