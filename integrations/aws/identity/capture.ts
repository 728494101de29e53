/** Writes down what there is of an identity or a secret. Changes nothing, and reads no secret's value. */
import {
  paginateListAttachedRolePolicies,
  paginateListAttachedUserPolicies,
  paginateListGroupsForUser,
  paginateListRolePolicies,
  paginateListUserPolicies,
  type Role,
  type User,
} from '@aws-sdk/client-iam';
import { invalidRequest } from '../../../activities/failures';
import type { IdentityCapture, IdentityLocation } from '../../../activities/identities';
import type { AwsSettings, Clients } from '../clients';
import { checkAccount, type FindClients } from './accounts';
import { parseArn } from './arn';
import { findIdentity } from './find';
import { whoIsMeant } from './meant';
import { collect } from './pages';
import { decodeDocument } from './revoke-policy';
import { currentVersionOf, lookAtSecret } from './secret';
import { hasLogin, keysOf } from './user';

const SECRET_NAME = /^[\w/+=.@-]{1,512}$/;

export async function capture(
  at: FindClients,
  settings: AwsSettings,
  identity: IdentityLocation,
): Promise<IdentityCapture> {
  const captured = await (identity.kind === 'secret'
    ? captureSecret(at, settings, identity)
    : captureUserOrRole(at, settings, identity));
  return { identity, capturedAt: new Date().toISOString(), ...NOTHING, ...captured };
}

type Captured = Omit<IdentityCapture, 'identity' | 'capturedAt' | keyof typeof NOTHING> &
  Partial<IdentityCapture>;

/** What an identity of another kind has none of. */
const NOTHING = {
  accessKeys: [],
  hasLogin: false,
  attachedPolicies: [],
  inlinePolicies: [],
  groups: [],
  tags: {},
} satisfies Partial<IdentityCapture>;

async function captureUserOrRole(
  at: FindClients,
  settings: AwsSettings,
  { id, region, account: named = settings.account }: IdentityLocation,
): Promise<Captured> {
  const meant = whoIsMeant(id);
  const { account = named } = meant;
  const clients = at({ region, account });
  const { kind, seen } = await findIdentity(clients, meant);
  checkAccount(seen.Arn ?? '', account);
  // A name or a session doesn't tell what the ARN does.
  whoIsMeant(seen.Arn ?? '');
  return kind === 'user' ? captureUser(clients, seen) : captureRole(clients, seen);
}

async function captureUser(clients: Clients, user: User): Promise<Captured> {
  const { UserName = '' } = user;
  const page = { client: clients.iam };
  const [keys, login, attached, inline, groups] = await Promise.all([
    keysOf(clients, UserName),
    hasLogin(clients, UserName),
    collect(paginateListAttachedUserPolicies(page, { UserName }), (one) => one.AttachedPolicies),
    collect(paginateListUserPolicies(page, { UserName }), (one) => one.PolicyNames),
    collect(paginateListGroupsForUser(page, { UserName }), (one) => one.Groups),
  ]);
  return {
    kind: 'user',
    name: UserName,
    arn: user.Arn ?? '',
    accessKeys: keys.map(({ AccessKeyId = '', Status = '', CreateDate }) => ({
      id: AccessKeyId,
      status: Status,
      ...(CreateDate && { createdAt: CreateDate.toISOString() }),
    })),
    hasLogin: login,
    attachedPolicies: attached.map(({ PolicyArn = '' }) => PolicyArn),
    inlinePolicies: inline,
    groups: groups.map(({ GroupName = '' }) => GroupName),
    tags: tagsOf(user.Tags),
  };
}

async function captureRole({ iam }: Clients, role: Role): Promise<Captured> {
  const { RoleName = '' } = role;
  const page = { client: iam };
  const [attached, inline] = await Promise.all([
    collect(paginateListAttachedRolePolicies(page, { RoleName }), (one) => one.AttachedPolicies),
    collect(paginateListRolePolicies(page, { RoleName }), (one) => one.PolicyNames),
  ]);
  return {
    kind: 'role',
    name: RoleName,
    arn: role.Arn ?? '',
    attachedPolicies: attached.map(({ PolicyArn = '' }) => PolicyArn),
    inlinePolicies: inline,
    trustPolicy: decodeDocument(role.AssumeRolePolicyDocument ?? ''),
    tags: tagsOf(role.Tags),
  };
}

async function captureSecret(
  at: FindClients,
  settings: AwsSettings,
  { id, region, account: named = settings.account }: IdentityLocation,
): Promise<Captured> {
  const arn = parseArn(id);
  if (arn ? arn.service !== 'secretsmanager' : !SECRET_NAME.test(id))
    throw invalidRequest('This is not a secret of Secrets Manager. Give its ARN or its name.');
  const { account = named } = arn ?? {};
  const clients = at({ region: arn?.region ?? region, account });
  const secret = await lookAtSecret(clients, id);
  checkAccount(secret.ARN ?? '', account);
  const currentVersion = currentVersionOf(secret);
  return {
    kind: 'secret',
    name: secret.Name ?? '',
    arn: secret.ARN ?? '',
    ...(secret.RotationLambdaARN !== undefined && { rotationFunction: secret.RotationLambdaARN }),
    ...(currentVersion !== undefined && { currentVersion }),
    tags: tagsOf(secret.Tags),
  };
}

function tagsOf(tags: readonly { Key?: string | undefined; Value?: string | undefined }[] = []) {
  return Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]));
}
