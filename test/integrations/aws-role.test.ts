/** The instance's role and profile, against moto behind the proxy. */
import {
  EC2Client,
  AssociateIamInstanceProfileCommand,
  DescribeInstancesCommand,
  StopInstancesCommand,
} from '@aws-sdk/client-ec2';
import {
  AddRoleToInstanceProfileCommand,
  CreateInstanceProfileCommand,
  CreateRoleCommand,
  DeleteInstanceProfileCommand,
  GetInstanceProfileCommand,
  GetRolePolicyCommand,
  IAMClient,
  PutRolePolicyCommand,
  RemoveRoleFromInstanceProfileCommand,
} from '@aws-sdk/client-iam';
import type { Capture } from '../../activities/containment';
import { startAws, throttled, type AwsStandIn } from '../../drill/stand-ins/aws';
import { createFleet } from '../../drill/stand-ins/aws-fleet';
import type { FaultKind } from '../../drill/stand-ins/recording-proxy';
import { createTargets } from '../../integrations/aws/clients';
import { createAws, type Aws } from '../../integrations/aws/cloud';
import { EMPTY_PROFILE_NAME } from '../../integrations/aws/profile';
import { restoreProfile } from '../../integrations/aws/role';
import { failureOf } from '../support/failures';
import { someOf, thorough } from '../support/thorough';

const REGION = 'eu-west-1';
const CODENAME = 'sapphire-unicorn';
const ISSUED_BEFORE = '2026-10-05T10:00:00.000Z';
const CHANGES = /\.(Create|Put|Replace|Remove|Disassociate|Associate|Add|Delete)/;

const settingsBefore = { ...process.env };
let standIn: AwsStandIn;
let aws: Aws;
let ec2: EC2Client;
let iam: IAMClient;
let made = 0;

beforeAll(async () => {
  process.env['AWS_ACCESS_KEY_ID'] = 'stand-in';
  process.env['AWS_SECRET_ACCESS_KEY'] = 'stand-in';
  standIn = await startAws();
  aws = createAws({ region: REGION, endpoint: standIn.url });
  ec2 = new EC2Client({ region: REGION, endpoint: standIn.motoUrl });
  iam = new IAMClient({ region: REGION, endpoint: standIn.motoUrl });
});

afterAll(async () => {
  await standIn.close();
  process.env = settingsBefore;
});

/** A profile with a role of the same name. */
async function createProfile(): Promise<string> {
  const name = `web-${(made += 1)}`;
  await iam.send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: '{}' }));
  await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: name, Path: '/apps/' }));
  await iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName: name, RoleName: name }));
  return name;
}

async function attach(InstanceId: string, Name: string): Promise<void> {
  await ec2.send(new AssociateIamInstanceProfileCommand({ InstanceId, IamInstanceProfile: { Name } }));
}

async function instanceWithRole(): Promise<{ id: string; role: string; captured: Capture }> {
  const [{ web }, role] = await Promise.all([
    createFleet(standIn.motoUrl, REGION, [{ name: 'web' }]),
    createProfile(),
  ]);
  await attach(web.id, role);
  return { id: web.id, role, captured: await aws.capture({ id: web.id }) };
}

function stop(id: string) {
  return ec2.send(new StopInstancesCommand({ InstanceIds: [id] }));
}

function forgetEmptyProfile() {
  return iam
    .send(new DeleteInstanceProfileCommand({ InstanceProfileName: EMPTY_PROFILE_NAME }))
    .catch(() => undefined);
}

async function profileOf(id: string): Promise<string | undefined> {
  const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
  return Reservations[0]?.Instances?.[0]?.IamInstanceProfile?.Arn?.split('/').at(-1);
}

async function policyOf(role: string): Promise<string> {
  const { PolicyDocument = '' } = await iam.send(
    new GetRolePolicyCommand({ RoleName: role, PolicyName: `firebreak-${CODENAME}` }),
  );
  return decodeURIComponent(PolicyDocument);
}

async function rolesUnproven(captured: Capture, issuedBefore = ISSUED_BEFORE): Promise<string[]> {
  const { unproven } = await aws.verify(captured, { codename: CODENAME, attackers: [] }, issuedBefore);
  return unproven.filter((each) => /role|profile/.test(each));
}

function restore(captured: Capture): Promise<string[]> {
  const target = createTargets({ region: REGION, endpoint: standIn.url })(captured.instance);
  return restoreProfile(target, captured);
}

async function changesDuring(work: () => Promise<unknown>): Promise<string[]> {
  const before = standIn.calls.length;
  await work();
  return standIn.calls
    .slice(before)
    .map(({ name }) => name)
    .filter((name) => CHANGES.test(name));
}

function refusal(on: string, code: string, status = 403): FaultKind {
  const error = `<Error><Code>${code}</Code><Message>No</Message></Error>`;
  return {
    kind: 'answer',
    status,
    body: on.startsWith('ec2.')
      ? `<Response><Errors>${error}</Errors><RequestID>r</RequestID></Response>`
      : `<ErrorResponse>${error}<RequestId>r</RequestId></ErrorResponse>`,
  };
}

describe('capture', () => {
  test('names the roles in the profile, and none where there is no profile', async () => {
    const { role, captured } = await instanceWithRole();
    expect(captured.instanceProfileArn).toMatch(new RegExp(`:instance-profile/apps/${role}$`));
    expect(captured.roles).toEqual([role]);
    const { web } = await createFleet(standIn.motoUrl, REGION, [{ name: 'web' }]);
    expect(await aws.capture({ id: web.id })).not.toHaveProperty('roles');
  });

  thorough('leaves the roles out where IAM refuses, is broken or hangs', async () => {
    const { id } = await instanceWithRole();
    const on = 'iam.GetInstanceProfile';
    for (const fault of [
      refusal(on, 'AccessDenied'),
      refusal(on, 'ServiceFailure', 500),
      { kind: 'slow', delayMs: 3_500 } as const,
    ]) {
      standIn.breakCalls({ on, times: 1, ...fault });
      expect(await aws.capture({ id })).not.toHaveProperty('roles');
    }
  });
});

describe('revokeRole', () => {
  test('denies older sessions, swaps the profile, and the second time changes nothing', async () => {
    const { id, role, captured } = await instanceWithRole();
    expect(await rolesUnproven(captured)).toEqual([
      `Sessions of the role ${role} from before ${ISSUED_BEFORE} are not denied.`,
      `The instance still has the instance profile ${role}.`,
    ]);
    await aws.revokeRole(captured, CODENAME, ISSUED_BEFORE);
    expect(JSON.parse(await policyOf(role))).toMatchObject({
      Statement: [
        {
          Effect: 'Deny',
          Action: '*',
          Resource: '*',
          Condition: { DateLessThan: { 'aws:TokenIssueTime': ISSUED_BEFORE } },
        },
      ],
    });
    expect(await profileOf(id)).toBe(EMPTY_PROFILE_NAME);
    expect(await rolesUnproven(captured)).toEqual([]);
    expect(await changesDuring(() => aws.revokeRole(captured, CODENAME, ISSUED_BEFORE))).toEqual([]);
  });

  thorough('keeps the later of two times, whichever came first', async () => {
    const { role, captured } = await instanceWithRole();
    const [earlier, later] = ['2026-10-05T09:59:59.000Z', '2026-10-05T12:00:00+01:00'];
    await aws.revokeRole(captured, CODENAME, ISSUED_BEFORE);
    await aws.revokeRole(captured, CODENAME, earlier);
    expect(await policyOf(role)).toContain(ISSUED_BEFORE);
    expect(await rolesUnproven(captured, earlier)).toEqual([]);
    expect(await rolesUnproven(captured, later)).toHaveLength(1);
    await aws.revokeRole(captured, CODENAME, later);
    expect(await policyOf(role)).toContain(later);
    expect(await rolesUnproven(captured)).toEqual([]);
  });

  test('puts its own policy back where somebody has weakened it', async () => {
    const { role, captured } = await instanceWithRole();
    await aws.revokeRole(captured, CODENAME, ISSUED_BEFORE);
    await iam.send(
      new PutRolePolicyCommand({
        RoleName: role,
        PolicyName: `firebreak-${CODENAME}`,
        PolicyDocument: (await policyOf(role)).replace('"Action":"*"', '"Action":"s3:GetObject"'),
      }),
    );
    expect(await rolesUnproven(captured)).toHaveLength(1);
    await aws.revokeRole(captured, CODENAME, ISSUED_BEFORE);
    expect(await rolesUnproven(captured)).toEqual([]);
  });

  thorough('revokes the role of a profile that was attached since the capture, too', async () => {
    const { web } = await createFleet(standIn.motoUrl, REGION, [{ name: 'web' }]);
    const captured = await aws.capture({ id: web.id });
    const other = await createProfile();
    await attach(web.id, other);
    await aws.revokeRole(captured, CODENAME, ISSUED_BEFORE);
    expect(await policyOf(other)).toContain(ISSUED_BEFORE);
    expect(await profileOf(web.id)).toBe(EMPTY_PROFILE_NAME);
  });

  thorough('finds the roles by itself where the capture could not see them', async () => {
    const { role, captured } = await instanceWithRole();
    const { roles: _unseen, ...without } = captured;
    await aws.revokeRole(without, CODENAME, ISSUED_BEFORE);
    expect(await policyOf(role)).toContain(ISSUED_BEFORE);
    expect(await rolesUnproven(without)).toEqual([]);
  });

  test('leaves an instance without a profile alone', async () => {
    const { web } = await createFleet(standIn.motoUrl, REGION, [{ name: 'web' }]);
    const captured = await aws.capture({ id: web.id });
    expect(await changesDuring(() => aws.revokeRole(captured, CODENAME, ISSUED_BEFORE))).toEqual([]);
    expect(await rolesUnproven(captured)).toEqual([]);
    expect(await restore(captured)).toEqual([]);
  });

  test('on a stopped instance, where AWS replaces no profile, takes one away and puts the other there', async () => {
    const { id, captured } = await instanceWithRole();
    await stop(id);
    const changes = await changesDuring(() => aws.revokeRole(captured, CODENAME, ISSUED_BEFORE));
    expect(changes).toContain('ec2.DisassociateIamInstanceProfile');
    expect(await profileOf(id)).toBe(EMPTY_PROFILE_NAME);
    expect(await restore(captured)).toEqual([]);
    expect(await profileOf(id)).toBe(captured.roles?.[0]);
  });

  thorough('takes a role out of the empty profile, and verify sees one that is put there', async () => {
    const { captured, role } = await instanceWithRole();
    await aws.revokeRole(captured, CODENAME, ISSUED_BEFORE);
    await iam.send(
      new AddRoleToInstanceProfileCommand({ InstanceProfileName: EMPTY_PROFILE_NAME, RoleName: role }),
    );
    expect(await rolesUnproven(captured)).toEqual([
      `The instance profile ${EMPTY_PROFILE_NAME} has the role ${role}.`,
    ]);
    await aws.revokeRole(captured, CODENAME, ISSUED_BEFORE);
    expect(await rolesUnproven(captured)).toEqual([]);
  });

  test('two at once make one empty profile', async () => {
    const [one, other] = await Promise.all([instanceWithRole(), instanceWithRole()]);
    await forgetEmptyProfile();
    // Slow enough for both to look before either makes it.
    standIn.breakCalls({ on: 'iam.CreateInstanceProfile', kind: 'slow', delayMs: 300, times: 2 });
    await Promise.all([one, other].map(({ captured }) => aws.revokeRole(captured, CODENAME, ISSUED_BEFORE)));
    for (const { id } of [one, other]) expect(await profileOf(id)).toBe(EMPTY_PROFILE_NAME);
  });

  test('is retried as long as EC2 does not know the new profile; the role is revoked all the same', async () => {
    const { role, captured } = await instanceWithRole();
    const on = 'ec2.ReplaceIamInstanceProfileAssociation';
    standIn.breakCalls({ on, times: 1, ...refusal(on, 'InvalidParameterValue', 400) });
    const failure = await failureOf(aws.revokeRole(captured, CODENAME, ISSUED_BEFORE));
    expect(failure).toMatchObject({ type: 'Unavailable', nonRetryable: false });
    expect(await policyOf(role)).toContain(ISSUED_BEFORE);
    await aws.revokeRole(captured, CODENAME, ISSUED_BEFORE);
    expect(await rolesUnproven(captured)).toEqual([]);
  });

  thorough(
    'says so where the role has no room for another policy; the profile is swapped all the same',
    async () => {
      const { id, captured } = await instanceWithRole();
      const on = 'iam.PutRolePolicy';
      standIn.breakCalls({ on, times: 1, ...refusal(on, 'LimitExceeded', 409) });
      const failure = await failureOf(aws.revokeRole(captured, CODENAME, ISSUED_BEFORE));
      expect(failure).toMatchObject({ type: 'Conflict', nonRetryable: true });
      expect(failure.message).toContain('Make room');
      expect(await profileOf(id)).toBe(EMPTY_PROFILE_NAME);
    },
  );

  test.each(someOf(['i-0123456789abcdef0', 'web-7'], 1))('%p is NotFound', async (id) => {
    const { captured } = await instanceWithRole();
    const revoking = aws.revokeRole({ ...captured, instance: { id } }, CODENAME, ISSUED_BEFORE);
    expect(await failureOf(revoking)).toMatchObject({ type: 'NotFound' });
  });
});

describe('a call that goes wrong once', () => {
  test.each(
    someOf(
      [
        ['iam.PutRolePolicy', false],
        ['iam.CreateInstanceProfile', false],
        ['ec2.ReplaceIamInstanceProfileAssociation', false],
        ['ec2.DisassociateIamInstanceProfile', true],
        ['ec2.AssociateIamInstanceProfile', true],
      ],
      2,
    ),
  )('%s: lost after its effect, or throttled, it is made up for by the retry', async (on, isStopped) => {
    for (const [fault, type] of [
      [{ on, kind: 'dropAfter', times: 1 }, 'Unavailable'],
      [throttled(on, 1), 'RateLimited'],
    ] as const) {
      const { id, role, captured } = await instanceWithRole();
      await forgetEmptyProfile();
      if (isStopped) await stop(id);
      standIn.breakCalls(fault);
      expect(await failureOf(aws.revokeRole(captured, CODENAME, ISSUED_BEFORE))).toMatchObject({ type });
      await aws.revokeRole(captured, CODENAME, ISSUED_BEFORE);
      expect(await policyOf(role)).toContain(ISSUED_BEFORE);
      expect(await rolesUnproven(captured)).toEqual([]);
      expect([EMPTY_PROFILE_NAME, undefined]).toContain(await profileOf(id));
      // Also from where a lost answer has left the instance without any profile.
      expect(await restore(captured)).toEqual([]);
      expect(await profileOf(id)).toBe(role);
    }
  });

  test.each(
    someOf(
      [
        'ec2.DescribeInstances',
        'ec2.DescribeIamInstanceProfileAssociations',
        'iam.GetInstanceProfile',
        'iam.GetRolePolicy',
        'iam.PutRolePolicy',
        'iam.CreateInstanceProfile',
        'ec2.ReplaceIamInstanceProfileAssociation',
      ],
      2,
    ),
  )('%s: a missing permission is named', async (on) => {
    const { captured } = await instanceWithRole();
    await forgetEmptyProfile();
    const mend = standIn.breakCalls({
      on,
      ...refusal(on, on.startsWith('ec2.') ? 'UnauthorizedOperation' : 'AccessDenied'),
    });
    const failure = await failureOf(aws.revokeRole(captured, CODENAME, ISSUED_BEFORE));
    mend();
    expect(failure).toMatchObject({ type: 'Unauthorized', nonRetryable: true });
    expect(failure.message).toContain(on.replace('.', ':'));
  });
});

describe('restoreProfile', () => {
  let contained: Awaited<ReturnType<typeof instanceWithRole>>;

  beforeEach(async () => {
    contained = await instanceWithRole();
    await aws.revokeRole(contained.captured, CODENAME, ISSUED_BEFORE);
  });

  test('puts the captured profile back, keeps the revoke policy, and the second time changes nothing', async () => {
    const { id, role, captured } = contained;
    expect(await restore(captured)).toEqual([]);
    expect(await profileOf(id)).toBe(role);
    expect(await policyOf(role)).toContain(ISSUED_BEFORE);
    expect(await changesDuring(() => restore(captured))).toEqual([]);
  });

  test('says that the captured profile is gone', async () => {
    const { id, role, captured } = contained;
    const profile = { InstanceProfileName: role };
    await iam.send(new RemoveRoleFromInstanceProfileCommand({ ...profile, RoleName: role }));
    await iam.send(new DeleteInstanceProfileCommand(profile));
    expect(await restore(captured)).toEqual([
      `The instance profile ${role} has been deleted since: the instance was left without its role.`,
    ]);
    expect(await profileOf(id)).toBe(EMPTY_PROFILE_NAME);
  });

  thorough('says that another role is in the profile', async () => {
    const { role, captured } = contained;
    const other = await createProfile();
    await iam.send(new RemoveRoleFromInstanceProfileCommand({ InstanceProfileName: role, RoleName: role }));
    await iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName: role, RoleName: other }));
    expect(await restore(captured)).toEqual([
      `The role ${role} is no longer in the instance profile ${role}.`,
      `The role ${other} has come into the instance profile ${role} since.`,
    ]);
  });

  thorough('leaves a profile that somebody else has put there', async () => {
    const { id, role, captured } = contained;
    const other = await createProfile();
    const { instanceProfileArn: _none, ...without } = captured;
    const { InstanceProfile } = await iam.send(new GetInstanceProfileCommand({ InstanceProfileName: other }));
    await restore({ ...captured, instanceProfileArn: InstanceProfile?.Arn ?? '', roles: [other] });
    expect(await restore(captured)).toEqual([
      `The instance has the instance profile ${other} instead of ${role}: it was left.`,
    ]);
    expect(await restore(without)).toEqual([
      `The instance had no instance profile and now has ${other}: it was left as it is.`,
    ]);
    expect(await profileOf(id)).toBe(other);
  });
});
