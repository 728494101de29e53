import {
  AssociateIamInstanceProfileCommand,
  CreateNetworkAclEntryCommand,
  DescribeNetworkAclsCommand,
  EC2Client,
  ModifyInstanceAttributeCommand,
} from '@aws-sdk/client-ec2';
import {
  AddRoleToInstanceProfileCommand,
  CreateInstanceProfileCommand,
  CreateRoleCommand,
  IAMClient,
} from '@aws-sdk/client-iam';
import type { RehearsedCall, RehearsedSubStep } from '../../activities/containment';
import { startAws, type AwsStandIn } from '../../drill/stand-ins/aws';
import { createFleet, lookAtFleet } from '../../drill/stand-ins/aws-fleet';
import type { Fault } from '../../drill/stand-ins/recording-proxy';
import { createAws, type Aws } from '../../integrations/aws/cloud';
import { OPEN_GROUP_NAME } from '../../integrations/aws/network/open-group';
import { QUARANTINE_GROUP_NAME } from '../../integrations/aws/quarantine';
import { failureOf } from '../support/failures';
import { someOf, thorough } from '../support/thorough';

const REGION = 'eu-west-1';
const CODENAME = 'sapphire-unicorn';
const SURROUNDINGS = { codename: CODENAME, attackers: ['203.0.113.7', '2001:db8:bad::/48'] };
const READS = /^\w+\.(?:Describe|Get|List)/;

const settingsBefore = { ...process.env };
let standIn: AwsStandIn;
let aws: Aws;
let hopping: Aws;
const mend: (() => void)[] = [];
let fleets = 0;

beforeAll(async () => {
  process.env['AWS_ACCESS_KEY_ID'] = 'stand-in';
  process.env['AWS_SECRET_ACCESS_KEY'] = 'stand-in';
  standIn = await startAws();
  const settings = { region: REGION, endpoint: standIn.url };
  aws = createAws(settings);
  hopping = createAws({ ...settings, secondMeasure: 'untracked-hop' });
});

// The empty profile is the account's: only the first containment makes it.
beforeEach(async () => {
  await fetch(`${standIn.motoUrl}/moto-api/reset`, { method: 'POST' });
});

afterEach(() => {
  for (const end of mend.splice(0)) end();
});

afterAll(async () => {
  await standIn.close();
  process.env = settingsBefore;
});

/** Until the end of the test, where `times` does not end it. */
function breakCalls(fault: Fault): void {
  mend.push(standIn.breakCalls(fault));
}

/** With two interfaces, two disks, both kinds of groups, a profile, and a shut-down that terminates it. */
async function launch(): Promise<string> {
  const name = `web-${(fleets += 1)}`;
  const { web } = await createFleet(standIn.motoUrl, REGION, [
    { name: 'web', interfaces: 2, volumes: 2, scalingGroup: name, targetGroup: name },
  ]);
  const byTheBack = { region: REGION, endpoint: standIn.motoUrl };
  const iam = new IAMClient(byTheBack);
  const ec2 = new EC2Client(byTheBack);
  await iam.send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: '{}' }));
  await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: name }));
  await iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName: name, RoleName: name }));
  await ec2.send(
    new AssociateIamInstanceProfileCommand({ InstanceId: web.id, IamInstanceProfile: { Name: name } }),
  );
  await ec2.send(
    new ModifyInstanceAttributeCommand({
      InstanceId: web.id,
      Attribute: 'instanceInitiatedShutdownBehavior',
      Value: 'terminate',
    }),
  );
  return web.id;
}

/** The chain as the workflow goes through it. */
async function contain(cloud: Aws, id: string): Promise<void> {
  const captured = await cloud.capture({ id });
  await cloud.protect(captured, CODENAME);
  await cloud.snapshot(captured, CODENAME, 'live');
  await cloud.lock(captured, CODENAME);
  await cloud.leaveGroups(captured);
  await cloud.isolate(captured, CODENAME);
  await cloud.cutConnections(captured, SURROUNDINGS);
  await cloud.denyElsewhere(captured, CODENAME);
  await cloud.revokeRole(captured, CODENAME, new Date().toISOString());
  await cloud.stop(captured.instance);
  await cloud.snapshot(captured, CODENAME, 'stopped');
  await cloud.lock(captured, CODENAME);
}

/** The calls while `work` ran that are no reads. */
async function changesDuring(work: () => Promise<unknown>) {
  const before = standIn.calls.length;
  await work();
  return standIn.calls.slice(before).filter(({ name }) => !READS.test(name));
}

function callsOf(subSteps: readonly RehearsedSubStep[]): RehearsedCall[] {
  return subSteps.flatMap(({ calls }) => calls);
}

function partOf(subSteps: readonly RehearsedSubStep[], name: string): RehearsedSubStep {
  const found = subSteps.find(({ subStep }) => subStep === name);
  if (!found) throw new Error(`There is no ${name}.`);
  return found;
}

function actionsOf(subSteps: readonly RehearsedSubStep[], name: string): string[] {
  return partOf(subSteps, name).calls.map(({ action }) => action);
}

describe('a rehearsal', () => {
  test.each(
    someOf(
      [
        ['with network ACLs', () => aws],
        ['with the untracked hop', () => hopping],
      ] as const,
      1,
    ),
  )('%s tells what the chain then calls, in as many calls', async (_, cloudOf) => {
    const id = await launch();
    const rehearsed = await cloudOf().rehearse({ id }, SURROUNDINGS);
    expect(rehearsed.flatMap(({ problem = [] }) => problem)).toEqual([]);
    const made = await changesDuring(() => contain(cloudOf(), id));
    expect(
      callsOf(rehearsed)
        .map(({ action }) => action.replace(':', '.'))
        .sort(),
    ).toEqual(made.map(({ name }) => name).sort());
  });

  test('sends nothing that is neither a read nor a dry run, and leaves everything as it is', async () => {
    const id = await launch();
    const captured = await aws.capture({ id });
    const before = await lookAtFleet(standIn.url, REGION, [id]);
    const sent = await changesDuring(async () => {
      await aws.rehearse({ id }, SURROUNDINGS);
      await hopping.rehearse({ id }, SURROUNDINGS);
    });
    expect(sent.length).toBeGreaterThan(20);
    for (const { name, body, status } of sent) {
      expect(name).toMatch(/^ec2\./);
      expect(new URLSearchParams(body).getAll('DryRun')).toEqual(['true']);
      expect(status).not.toBe(200);
    }
    expect(await lookAtFleet(standIn.url, REGION, [id])).toEqual(before);
    expect(await aws.compare(captured)).toEqual([]);
  });

  test('goes part by part, with what AWS says to each call', async () => {
    const id = await launch();
    const { vpcId, volumes, interfaces } = await aws.capture({ id });
    const rehearsed = await aws.rehearse({ id }, SURROUNDINGS);
    expect(rehearsed.map(({ subStep }) => subStep)).toEqual([
      'protect',
      'snapshot',
      'lock',
      'leaveGroups',
      'isolate',
      'cutConnections',
      'denyElsewhere',
      'revokeRole',
      'stop',
      'snapshotStopped',
    ]);
    expect(partOf(rehearsed, 'stop').calls).toEqual([
      { action: 'ec2:StopInstances', parameters: { InstanceIds: [id] }, dryRun: 'would succeed' },
    ]);
    expect(partOf(rehearsed, 'lock').calls.map(({ parameters }) => parameters)).toEqual(
      volumes.map((volume) => ({
        SnapshotId: `(new snapshot of ${volume.id})`,
        LockMode: 'governance',
        LockDuration: 365,
      })),
    );
    expect(partOf(rehearsed, 'isolate').calls).toMatchObject([
      {
        action: 'ec2:CreateSecurityGroup',
        parameters: { GroupName: QUARANTINE_GROUP_NAME, VpcId: vpcId },
        dryRun: 'would succeed',
      },
      { action: 'ec2:RevokeSecurityGroupEgress' },
      ...interfaces.map((each) => ({
        action: 'ec2:ModifyNetworkInterfaceAttribute',
        parameters: { NetworkInterfaceId: each.id, Groups: [`(new group ${QUARANTINE_GROUP_NAME})`] },
      })),
    ]);
    expect(
      partOf(rehearsed, 'leaveGroups')
        .calls.map(({ action, dryRun }) => [action, dryRun])
        .sort(),
    ).toEqual([
      ['autoscaling:DetachInstances', 'AWS has no dry run for it'],
      ['elasticloadbalancing:DeregisterTargets', 'AWS has no dry run for it'],
    ]);
    // EC2 too has calls without one.
    expect(
      partOf(rehearsed, 'revokeRole')
        .calls.map(({ action, dryRun }) => [action, dryRun])
        .sort(),
    ).toEqual([
      ['ec2:ReplaceIamInstanceProfileAssociation', 'AWS has no dry run for it'],
      ['iam:CreateInstanceProfile', 'AWS has no dry run for it'],
      ['iam:PutRolePolicy', 'AWS has no dry run for it'],
    ]);
  });

  thorough('numbers the entries of a network ACL as the chain would', async () => {
    const id = await launch();
    const rehearsed = await aws.rehearse({ id }, SURROUNDINGS);
    const numbers = callsOf(rehearsed)
      .filter(({ action }) => action === 'ec2:CreateNetworkAclEntry')
      .map(({ parameters }) => parameters['RuleNumber'] as number);
    const made = await changesDuring(() => contain(aws, id));
    expect([...numbers].sort()).toEqual(
      made
        .filter(({ name }) => name === 'ec2.CreateNetworkAclEntry')
        .map(({ body }) => Number(new URLSearchParams(body).get('RuleNumber')))
        .sort(),
    );
  });

  thorough('shows the groups of the hop', async () => {
    const id = await launch();
    const calls = partOf(await hopping.rehearse({ id }, SURROUNDINGS), 'cutConnections').calls;
    const moves = calls.filter(({ action }) => action === 'ec2:ModifyNetworkInterfaceAttribute');
    expect(moves.map(({ parameters }) => parameters['Groups']).sort()).toEqual([
      [`(new group ${OPEN_GROUP_NAME})`],
      [`(new group ${OPEN_GROUP_NAME})`],
      [`(new group ${QUARANTINE_GROUP_NAME})`],
      [`(new group ${QUARANTINE_GROUP_NAME})`],
    ]);
  });

  thorough('of a contained instance has nothing left to call', async () => {
    const id = await launch();
    await contain(aws, id);
    const rehearsed = await aws.rehearse({ id }, SURROUNDINGS);
    expect(rehearsed.flatMap(({ problem = [] }) => problem)).toEqual([]);
    expect(callsOf(rehearsed)).toEqual([]);
  });

  test('of an instance that is not there fails as the capture does', async () => {
    const failure = await failureOf(aws.rehearse({ id: 'i-0123456789abcdef0' }, SURROUNDINGS));
    expect(failure).toMatchObject({ type: 'NotFound' });
  });
});

describe('what AWS says to a dry run', () => {
  test('a missing permission is told, and the parts after it go on', async () => {
    const id = await launch();
    breakCalls({ on: 'ec2.CreateSecurityGroup', ...xmlAnswer(403, 'UnauthorizedOperation') });
    const rehearsed = await aws.rehearse({ id }, SURROUNDINGS);
    expect(partOf(rehearsed, 'isolate').calls[0]).toMatchObject({
      action: 'ec2:CreateSecurityGroup',
      dryRun: 'would be refused',
      refusal: expect.stringContaining('Allow ec2:CreateSecurityGroup') as string,
    });
    expect(actionsOf(rehearsed, 'isolate')).toHaveLength(4);
    expect(actionsOf(rehearsed, 'stop')).toEqual(['ec2:StopInstances']);
  });

  thorough('a missing permission is told of things that are not there yet, too', async () => {
    const id = await launch();
    breakCalls({ on: 'ec2.LockSnapshot', ...xmlAnswer(403, 'UnauthorizedOperation') });
    const { calls } = partOf(await aws.rehearse({ id }, SURROUNDINGS), 'lock');
    expect(calls.map(({ dryRun }) => dryRun)).toEqual(['would be refused', 'would be refused']);
  });

  thorough('that a new thing is not there says nothing', async () => {
    const id = await launch();
    breakCalls({ on: 'ec2.LockSnapshot', ...xmlAnswer(400, 'InvalidSnapshot.NotFound') });
    const { calls } = partOf(await aws.rehearse({ id }, SURROUNDINGS), 'lock');
    expect(calls.map(({ dryRun }) => dryRun)).toEqual([
      'AWS has no dry run for it',
      'AWS has no dry run for it',
    ]);
  });

  thorough('another refusal is told', async () => {
    const id = await launch();
    breakCalls({ on: 'ec2.StopInstances', ...xmlAnswer(400, 'OperationNotPermitted') });
    expect(partOf(await aws.rehearse({ id }, SURROUNDINGS), 'stop').calls).toMatchObject([
      { dryRun: 'would be refused', refusal: expect.stringContaining('OperationNotPermitted') as string },
    ]);
  });

  thorough('a call that was throttled or lost is tried again, and told once', async () => {
    const id = await launch();
    breakCalls({ on: 'ec2.CreateTags', times: 1, ...xmlAnswer(503, 'RequestLimitExceeded') });
    breakCalls({ on: 'ec2.StopInstances', times: 1, kind: 'dropBefore' });
    const rehearsed = await aws.rehearse({ id }, SURROUNDINGS);
    expect(rehearsed.flatMap(({ problem = [] }) => problem)).toEqual([]);
    expect(actionsOf(rehearsed, 'protect').filter((action) => action === 'ec2:CreateTags')).toHaveLength(1);
    expect(actionsOf(rehearsed, 'stop')).toEqual(['ec2:StopInstances']);
  });

  test('a part that can’t be rehearsed says why, and the others go on', async () => {
    const id = await launch();
    breakCalls({
      on: 'autoscaling.DescribeAutoScalingInstances',
      // The capture's is the first.
      times: 1,
      kind: 'slow',
      delayMs: 0,
    });
    breakCalls({
      on: 'autoscaling.DescribeAutoScalingInstances',
      ...xmlAnswer(403, 'AccessDenied', 'ErrorResponse'),
    });
    const rehearsed = await aws.rehearse({ id }, SURROUNDINGS);
    expect(partOf(rehearsed, 'leaveGroups')).toMatchObject({
      problem: expect.stringContaining('autoscaling:DescribeAutoScalingInstances') as string,
      calls: [{ action: 'elasticloadbalancing:DeregisterTargets' }],
    });
    expect(actionsOf(rehearsed, 'stop')).toEqual(['ec2:StopInstances']);
    expect(actionsOf(rehearsed, 'snapshotStopped')).toEqual([
      'ec2:CreateSnapshots',
      'ec2:LockSnapshot',
      'ec2:LockSnapshot',
    ]);
  });

  thorough('where a dry run is carried out, the rehearsal ends at once', async () => {
    const id = await launch();
    breakCalls({
      on: 'ec2.CreateSnapshots',
      kind: 'answer',
      status: 200,
      body: '<CreateSnapshotsResponse/>',
    });
    const sent = await changesDuring(async () => {
      const failure = await failureOf(aws.rehearse({ id }, SURROUNDINGS));
      expect(failure).toMatchObject({ type: 'Conflict' });
      expect(failure.message).toContain('ec2:CreateSnapshots was carried out');
    });
    expect(sent.at(-1)?.name).toBe('ec2.CreateSnapshots');
  });
});

test('the stand-in changes nothing in a dry run, whatever moto would do', async () => {
  const id = await launch();
  const captured = await aws.capture({ id });
  const ec2 = new EC2Client({ region: REGION, endpoint: standIn.url });
  const NetworkAclId = captured.interfaces[0]?.networkAclId;
  const entries = async () => (await ec2.send(new DescribeNetworkAclsCommand({}))).NetworkAcls;
  const before = await entries();
  for (const call of [
    ec2.send(
      new CreateNetworkAclEntryCommand({
        NetworkAclId,
        RuleNumber: 7,
        Egress: false,
        Protocol: '-1',
        RuleAction: 'deny',
        CidrBlock: '203.0.113.7/32',
        DryRun: true,
      }),
    ),
    ec2.send(
      new ModifyInstanceAttributeCommand({
        InstanceId: id,
        DisableApiTermination: { Value: true },
        DryRun: true,
      }),
    ),
  ])
    await expect(call).rejects.toMatchObject({ name: 'DryRunOperation' });
  expect(await entries()).toEqual(before);
  expect(await aws.compare(captured)).toEqual([]);
});

function xmlAnswer(status: number, code: string, root: 'Response' | 'ErrorResponse' = 'Response') {
  const error = `<Error><Code>${code}</Code><Message>No.</Message></Error>`;
  return {
    kind: 'answer' as const,
    status,
    body:
      root === 'Response'
        ? `<Response><Errors>${error}</Errors><RequestID>r</RequestID></Response>`
        : `<ErrorResponse>${error}<RequestId>r</RequestId></ErrorResponse>`,
  };
}
