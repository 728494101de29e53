/** The instance's role: what it was given is made worthless, and the instance gets nothing new. */
import { GetInstanceProfileCommand, GetRolePolicyCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import type { Capture } from '../../activities/containment';
import { conflict } from '../../activities/failures';
import type { Clients, Target } from './clients';
import { hasCode } from './failures/aws-error';
import { issuedBeforeOf, revokePolicyDocument, revokePolicyName } from './identity/revoke-policy';
import { lookAtLivingInstance } from './instance';
import { associationOf, EMPTY_PROFILE_NAME, ensureEmptyProfile, nameOfProfile, swapProfile } from './profile';
import { together } from './together';

const NO_SUCH_ENTITY = ['NoSuchEntity', 'NoSuchEntityException'];

/**
 * Denies everything to sessions of the instance's role that were issued before `issuedBefore` (RFC 3339), and puts an
 * instance profile without a role in the place of the instance's own. An instance without a profile is left alone.
 *
 * The roles are those of the captured profile and of the one that is attached now. Other instances with the same role lose
 * their current sessions too: AWS can't revoke them for one instance alone. They work again with their next refresh.
 *
 * `issuedBefore` comes from the caller, so that a retry writes the same document; where a later time is there already, it
 * stays. `Unavailable` where IAM has not told EC2 of a new profile yet.
 */
export async function revokeRole(
  target: Target,
  captured: Capture,
  codename: string,
  issuedBefore: string,
): Promise<void> {
  const [, association] = await Promise.all([lookAtLivingInstance(target), associationOf(target)]);
  // Together: a role that can't be changed is no reason to leave it with the instance.
  await together([
    rolesOf(target.clients, captured, association?.profileArn).then((roles) =>
      together(roles.map((role) => denyOlderSessions(target.clients, role, codename, issuedBefore))),
    ),
    association === undefined
      ? Promise.resolve()
      : ensureEmptyProfile(target.clients).then((arn) => swapProfile(target, association, arn)),
  ]);
}

/** What of the above does not show on looking again, one sentence each. */
export async function unprovenOfRole(
  target: Target,
  captured: Capture,
  codename: string,
  issuedBefore: string,
): Promise<string[]> {
  const { clients } = target;
  const association = await associationOf(target);
  const attached = association?.profileArn;
  const [roles, rolesNow] = await Promise.all([
    rolesOf(clients, captured, attached),
    attached === undefined ? [] : rolesIn(clients, attached),
  ]);
  const denied = await Promise.all(
    roles.map(async (role) => {
      const deniedBefore = await deniedBeforeIn(clients, role, codename);
      return { role, isDenied: deniedBefore !== undefined && !isBefore(deniedBefore, issuedBefore) };
    }),
  );
  return [
    ...denied
      .filter(({ isDenied }) => !isDenied)
      .map(({ role }) => `Sessions of the role ${role} from before ${issuedBefore} are not denied.`),
    ...(attached === undefined || nameOfProfile(attached) === EMPTY_PROFILE_NAME
      ? []
      : [`The instance still has the instance profile ${nameOfProfile(attached)}.`]),
    ...(attached !== undefined && nameOfProfile(attached) === EMPTY_PROFILE_NAME
      ? (rolesNow ?? []).map((role) => `The instance profile ${EMPTY_PROFILE_NAME} has the role ${role}.`)
      : []),
  ];
}

/**
 * For release: the captured profile again, in the place of the empty one. The revoke policy stays. Returns where the world
 * has moved on, one sentence each; a profile that is neither the captured nor the empty one is left as it is. To put a role
 * back, AWS wants `iam:PassRole` for it besides `ec2:ReplaceIamInstanceProfileAssociation`.
 */
export async function restoreProfile(target: Target, captured: Capture): Promise<string[]> {
  const [, association] = await Promise.all([lookAtLivingInstance(target), associationOf(target)]);
  const wanted = captured.instanceProfileArn;
  const attached = association?.profileArn;
  if (wanted === undefined)
    return attached === undefined
      ? []
      : [
          `The instance had no instance profile and now has ${nameOfProfile(attached)}: it was left as it is.`,
        ];

  const name = nameOfProfile(wanted);
  const rolesNow = await rolesIn(target.clients, wanted);
  if (rolesNow === undefined)
    return [`The instance profile ${name} has been deleted since: the instance was left without its role.`];
  if (attached !== undefined && attached !== wanted && nameOfProfile(attached) !== EMPTY_PROFILE_NAME)
    return [
      `The instance has the instance profile ${nameOfProfile(attached)} instead of ${name}: it was left.`,
    ];
  if (attached !== wanted) await swapProfile(target, association, wanted);

  const rolesBefore = captured.roles ?? rolesNow;
  return [
    ...rolesBefore
      .filter((role) => !rolesNow.includes(role))
      .map((role) => `The role ${role} is no longer in the instance profile ${name}.`),
    ...rolesNow
      .filter((role) => !rolesBefore.includes(role))
      .map((role) => `The role ${role} has come into the instance profile ${name} since.`),
  ];
}

/** The roles of an instance profile; undefined where there is no such profile. */
export async function rolesIn(
  { iam }: Clients,
  profileArn: string,
  abortSignal?: AbortSignal,
): Promise<string[] | undefined> {
  try {
    const { InstanceProfile } = await iam.send(
      new GetInstanceProfileCommand({ InstanceProfileName: nameOfProfile(profileArn) }),
      abortSignal === undefined ? {} : { abortSignal },
    );
    return (InstanceProfile?.Roles ?? []).map(({ RoleName = '' }) => RoleName);
  } catch (error) {
    if (hasCode(error, ...NO_SUCH_ENTITY)) return undefined;
    throw error;
  }
}

/** The roles that the instance had when it was captured, and those that it has now. */
async function rolesOf(
  clients: Clients,
  { roles = [], instanceProfileArn }: Capture,
  attached: string | undefined,
): Promise<string[]> {
  const profiles = new Set(
    [instanceProfileArn, attached].filter(
      (arn) => arn !== undefined && nameOfProfile(arn) !== EMPTY_PROFILE_NAME,
    ) as string[],
  );
  const found = await Promise.all([...profiles].map((arn) => rolesIn(clients, arn)));
  return [...new Set([...roles, ...found.flatMap((each) => each ?? [])])];
}

async function denyOlderSessions(
  clients: Clients,
  role: string,
  codename: string,
  issuedBefore: string,
): Promise<void> {
  const deniedBefore = await deniedBeforeIn(clients, role, codename);
  if (deniedBefore !== undefined && !isBefore(deniedBefore, issuedBefore)) return;
  try {
    await clients.iam.send(
      new PutRolePolicyCommand({
        RoleName: role,
        PolicyName: revokePolicyName(codename),
        PolicyDocument: revokePolicyDocument(issuedBefore),
      }),
    );
  } catch (error) {
    // A role that is gone gives nothing to anybody.
    if (hasCode(error, ...NO_SUCH_ENTITY)) return;
    if (hasCode(error, 'LimitExceeded', 'LimitExceededException'))
      throw conflict(
        "AWS iam:PutRolePolicy answered LimitExceeded: the role's inline policies leave no room for another. Make room, " +
          'then retry.',
      );
    throw error;
  }
}

/** Before which time sessions are denied; undefined where they are not, or where somebody has changed the policy. */
async function deniedBeforeIn({ iam }: Clients, role: string, codename: string): Promise<string | undefined> {
  try {
    const { PolicyDocument = '' } = await iam.send(
      new GetRolePolicyCommand({ RoleName: role, PolicyName: revokePolicyName(codename) }),
    );
    return issuedBeforeOf(PolicyDocument);
  } catch (error) {
    if (hasCode(error, ...NO_SUCH_ENTITY)) return undefined;
    throw error;
  }
}

function isBefore(time: string, other: string): boolean {
  return Date.parse(time) < Date.parse(other);
}
