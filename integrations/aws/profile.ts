/** Instance profiles: looking which one the instance has, and swapping it. */
import {
  AssociateIamInstanceProfileCommand,
  DisassociateIamInstanceProfileCommand,
  paginateDescribeIamInstanceProfileAssociations,
  ReplaceIamInstanceProfileAssociationCommand,
} from '@aws-sdk/client-ec2';
import {
  CreateInstanceProfileCommand,
  GetInstanceProfileCommand,
  RemoveRoleFromInstanceProfileCommand,
  type InstanceProfile,
} from '@aws-sdk/client-iam';
import { unavailable } from '../../activities/failures';
import type { Clients, Target } from './clients';
import { hasCode } from './failures/aws-error';
import { together } from './together';

/**
 * The profile without a role, one for each account. Anybody who may list profiles reads the name, so it says nothing of an
 * incident. It is not one that somebody else would choose: a role that is in it is taken out.
 */
export const EMPTY_PROFILE_NAME = 'net-baseline-f7';

export interface Association {
  readonly id: string;
  readonly profileArn: string;
}

/** The name in an instance profile's ARN, which a path may come before. */
export function nameOfProfile(arn: string): string {
  return arn.split('/').at(-1) ?? arn;
}

/** The profile that the instance has or is getting; undefined where there is none. */
export async function associationOf({ clients, id }: Target): Promise<Association | undefined> {
  const pages = paginateDescribeIamInstanceProfileAssociations(
    { client: clients.ec2 },
    { Filters: [{ Name: 'instance-id', Values: [id] }] },
  );
  for await (const { IamInstanceProfileAssociations = [] } of pages)
    for (const { AssociationId = '', IamInstanceProfile, State = '' } of IamInstanceProfileAssociations)
      if (!State.startsWith('disassociat'))
        return { id: AssociationId, profileArn: IamInstanceProfile?.Arn ?? '' };
  return undefined;
}

/** Makes the profile if need be and returns its ARN. Several workers may do so at once. `Unavailable` where it does not show. */
export async function ensureEmptyProfile(clients: Clients): Promise<string> {
  const profile = (await findEmptyProfile(clients)) ?? (await createEmptyProfile(clients));
  if (profile?.Arn === undefined)
    throw unavailable('AWS iam:GetInstanceProfile does not show the new profile yet. Firebreak tries again.');
  await together((profile.Roles ?? []).map(({ RoleName }) => takeOut(clients, RoleName)));
  return profile.Arn;
}

/**
 * Gives the instance another profile. AWS replaces one only where the instance runs (`IncorrectState` otherwise): on a
 * stopped one it is taken away and the other one put there. `Unavailable` where EC2 does not know the profile yet, or where
 * another change is under way.
 */
export async function swapProfile(
  target: Target,
  association: Association | undefined,
  profileArn: string,
): Promise<void> {
  if (association?.profileArn === profileArn) return;
  const { ec2 } = target.clients;
  const IamInstanceProfile = { Arn: profileArn };
  if (association !== undefined) {
    try {
      await unlessNotYet(
        ec2.send(
          new ReplaceIamInstanceProfileAssociationCommand({
            AssociationId: association.id,
            IamInstanceProfile,
          }),
        ),
      );
      return;
    } catch (error) {
      if (!hasCode(error, 'IncorrectState')) throw error;
    }
    await unlessGone(ec2.send(new DisassociateIamInstanceProfileCommand({ AssociationId: association.id })));
  }
  await unlessNotYet(
    ec2.send(new AssociateIamInstanceProfileCommand({ InstanceId: target.id, IamInstanceProfile })),
    'IncorrectState',
  );
}

/** A profile takes some seconds to get from IAM to EC2, which until then takes it for a mistake. */
async function unlessNotYet(call: Promise<unknown>, ...alsoPassing: string[]): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (hasCode(error, 'InvalidParameterValue', 'NoSuchEntity', ...alsoPassing))
      throw unavailable(
        'AWS EC2 does not take the instance profile yet: it is new, or another change is under way. Firebreak tries again.',
      );
    throw error;
  }
}

async function unlessGone(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!hasCode(error, 'InvalidAssociationID.NotFound')) throw error;
  }
}

async function findEmptyProfile({ iam }: Clients): Promise<InstanceProfile | undefined> {
  try {
    const { InstanceProfile } = await iam.send(
      new GetInstanceProfileCommand({ InstanceProfileName: EMPTY_PROFILE_NAME }),
    );
    return InstanceProfile;
  } catch (error) {
    if (hasCode(error, 'NoSuchEntity', 'NoSuchEntityException')) return undefined;
    throw error;
  }
}

async function createEmptyProfile(clients: Clients): Promise<InstanceProfile | undefined> {
  try {
    const { InstanceProfile } = await clients.iam.send(
      new CreateInstanceProfileCommand({ InstanceProfileName: EMPTY_PROFILE_NAME }),
    );
    return InstanceProfile;
  } catch (error) {
    // The name is the key: another worker was faster.
    if (!hasCode(error, 'EntityAlreadyExists', 'EntityAlreadyExistsException')) throw error;
    return findEmptyProfile(clients);
  }
}

async function takeOut({ iam }: Clients, RoleName: string | undefined): Promise<void> {
  try {
    await iam.send(
      new RemoveRoleFromInstanceProfileCommand({ InstanceProfileName: EMPTY_PROFILE_NAME, RoleName }),
    );
  } catch (error) {
    if (!hasCode(error, 'NoSuchEntity', 'NoSuchEntityException')) throw error;
  }
}
