import {
  AttachInstancesCommand,
  AutoScalingClient,
  DeleteAutoScalingGroupCommand,
  DescribeAutoScalingGroupsCommand,
  DetachInstancesCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  AssociateIamInstanceProfileCommand,
  AttachNetworkInterfaceCommand,
  AttachVolumeCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateNetworkInterfaceCommand,
  CreateSecurityGroupCommand,
  CreateTagsCommand,
  CreateVolumeCommand,
  DeleteSecurityGroupCommand,
  DescribeNetworkAclsCommand,
  DescribeSubnetsCommand,
  DetachNetworkInterfaceCommand,
  DetachVolumeCommand,
  EC2Client,
  ModifyInstanceAttributeCommand,
  RunInstancesCommand,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import {
  DeleteTargetGroupCommand,
  DescribeTargetGroupsCommand,
  ElasticLoadBalancingV2Client,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  AddRoleToInstanceProfileCommand,
  CreateInstanceProfileCommand,
  CreateRoleCommand,
  IAMClient,
  ListRolePoliciesCommand,
} from '@aws-sdk/client-iam';
import { ApplicationFailure } from '@temporalio/common';
import type { Capture, ReleaseReport } from '../../activities/containment';
import { startAws, type AwsStandIn } from '../../drill/stand-ins/aws';
import { createFleet } from '../../drill/stand-ins/aws-fleet';
import type { FaultKind } from '../../drill/stand-ins/recording-proxy';
import { createTargets } from '../../integrations/aws/clients';
import { createAws, type Aws } from '../../integrations/aws/cloud';
import { restoreState } from '../../integrations/aws/release/state';
import { failureOf } from '../support/failures';
import { describeThorough, isThorough, thorough } from '../support/thorough';

const REGION = 'eu-west-1';
const CODENAME = 'sapphire-unicorn';
const SURROUNDINGS = { codename: CODENAME, attackers: ['203.0.113.7', '2001:db8:bad::/48'] };
const READS = /\.(?:Describe|Get|List)/;

const settingsBefore = { ...process.env };
let standIn: AwsStandIn;
let aws: Aws;
let ec2: EC2Client;
let scaling: AutoScalingClient;
let balancing: ElasticLoadBalancingV2Client;
let iam: IAMClient;
let vpcs = 0;

beforeAll(async () => {
  process.env['AWS_ACCESS_KEY_ID'] = 'stand-in';
  process.env['AWS_SECRET_ACCESS_KEY'] = 'stand-in';
  standIn = await startAws();
  const byTheBack = { region: REGION, endpoint: standIn.motoUrl };
  aws = createAws({ region: REGION, endpoint: standIn.url });
  ec2 = new EC2Client(byTheBack);
  scaling = new AutoScalingClient(byTheBack);
  balancing = new ElasticLoadBalancingV2Client(byTheBack);
  iam = new IAMClient(byTheBack);
});

afterAll(async () => {
  await standIn.close();
  process.env = settingsBefore;
});

interface Web {
  readonly id: string;
  readonly subnetId: string;
  readonly vpcId: string;
  /** Of the scaling group, the target group, the profile and the role. */
  readonly name: string;
  readonly groups: readonly string[];
  readonly targetGroupArn: string;
}

/**
 * An instance with everything that containment changes: two disks and two interfaces, which go with it, two security groups
 * each, a profile, a scaling group, a target group; a shut-down terminates it. Without a public address, which AWS takes
 * back with the stop. In a VPC of its own, with a neighbour and a subnet without one.
 */
async function launch({ publicAddress = false } = {}): Promise<Web> {
  const name = `web-${(vpcs += 1)}`;
  const { neighbour } = await createFleet(standIn.motoUrl, REGION, [
    { name: 'neighbour', scalingGroup: name, targetGroup: name },
  ]);
  const { vpcId, subnetId } = neighbour;
  const [webGroup = ''] = (await aws.capture({ id: neighbour.id })).interfaces[0]?.groups ?? [];
  const groups = [webGroup, await createGroup(vpcId, 'admin')];
  const { Instances = [] } = await ec2.send(
    new RunInstancesCommand({
      ImageId: 'ami-12c6146b',
      InstanceType: 't3.micro',
      MinCount: 1,
      MaxCount: 1,
      NetworkInterfaces: [0, 1].map((DeviceIndex) => ({
        DeviceIndex,
        SubnetId: subnetId,
        Groups: groups,
        DeleteOnTermination: true,
        ...(publicAddress && DeviceIndex === 0 ? { AssociatePublicIpAddress: true } : {}),
      })),
      BlockDeviceMappings: ['/dev/sda', '/dev/sdb'].map((DeviceName) => ({
        DeviceName,
        Ebs: { VolumeSize: 8, DeleteOnTermination: true },
      })),
      TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'Name', Value: name }] }],
    }),
  );
  const id = Instances[0]?.InstanceId ?? '';
  const targetGroupArn = await targetGroupArnOf(name);
  await Promise.all([
    ec2.send(
      new ModifyInstanceAttributeCommand({
        InstanceId: id,
        Attribute: 'instanceInitiatedShutdownBehavior',
        Value: 'terminate',
      }),
    ),
    scaling.send(new AttachInstancesCommand({ AutoScalingGroupName: name, InstanceIds: [id] })),
    balancing.send(new RegisterTargetsCommand({ TargetGroupArn: targetGroupArn, Targets: [{ Id: id }] })),
    giveProfile(id, name),
  ]);
  return { id, subnetId, vpcId, name, groups, targetGroupArn };
}

async function giveProfile(id: string, name: string): Promise<void> {
  await iam.send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: '{}' }));
  await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: name }));
  await iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName: name, RoleName: name }));
  await ec2.send(
    new AssociateIamInstanceProfileCommand({ InstanceId: id, IamInstanceProfile: { Name: name } }),
  );
}

async function createGroup(vpcId: string, name: string): Promise<string> {
  const { GroupId = '' } = await ec2.send(
    new CreateSecurityGroupCommand({ VpcId: vpcId, GroupName: name, Description: name }),
  );
  await ec2.send(
    new AuthorizeSecurityGroupIngressCommand({
      GroupId,
      IpPermissions: [{ IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: '10.0.0.0/8' }] }],
    }),
  );
  return GroupId;
}

async function targetGroupArnOf(name: string): Promise<string> {
  const { TargetGroups = [] } = await balancing.send(new DescribeTargetGroupsCommand({ Names: [name] }));
  return TargetGroups[0]?.TargetGroupArn ?? '';
}

/** The whole chain, by the cloud's own methods. */
async function contain(id: string): Promise<Capture> {
  const captured = await aws.capture({ id });
  await aws.protect(captured, CODENAME);
  await aws.snapshot(captured, CODENAME, 'live');
  await aws.lock(captured, CODENAME);
  await aws.leaveGroups(captured);
  await aws.isolate(captured, CODENAME);
  await aws.cutConnections(captured, SURROUNDINGS);
  await aws.denyElsewhere(captured, CODENAME);
  await aws.revokeRole(captured, CODENAME, new Date().toISOString());
  await aws.stop(captured.instance);
  await aws.snapshot(captured, CODENAME, 'stopped');
  await aws.lock(captured, CODENAME);
  return captured;
}

/** As Temporal would: again, as long as the failure allows it. */
async function releaseAtLast(captured: Capture): Promise<ReleaseReport & { attempts: number }> {
  for (let attempts = 1; ; attempts += 1)
    try {
      return { ...(await aws.release(captured, CODENAME)), attempts };
    } catch (error) {
      if (!(error instanceof ApplicationFailure) || error.nonRetryable === true || attempts > 5) throw error;
    }
}

/** The calls that change something, while `work` ran. */
async function changesDuring(work: () => Promise<unknown>): Promise<string[]> {
  const before = standIn.calls.length;
  await work();
  return standIn.calls
    .slice(before)
    .map(({ name }) => name)
    .filter((name) => !READS.test(name));
}

async function deniedIn(vpcId: string): Promise<string[]> {
  const { NetworkAcls = [] } = await ec2.send(
    new DescribeNetworkAclsCommand({ Filters: [{ Name: 'vpc-id', Values: [vpcId] }] }),
  );
  return NetworkAcls.flatMap(({ Entries = [] }) => Entries)
    .filter(({ RuleAction, RuleNumber = 0 }) => RuleAction === 'deny' && RuleNumber < 32_767)
    .map(({ CidrBlock, Ipv6CidrBlock }) => CidrBlock ?? Ipv6CidrBlock ?? '');
}

describe('the whole chain, and back', () => {
  let web: Web;
  let captured: Capture;
  let report: ReleaseReport;

  beforeAll(async () => {
    web = await launch();
    captured = await contain(web.id);
  });

  test('contained, it differs from the capture in what containment changes', async () => {
    const fields = (await aws.compare(captured)).map((sentence) => sentence.split(': captured')[0]);
    const [first, second] = captured.interfaces.map(({ id }) => id);
    const [disk, other] = captured.volumes.map(({ id }) => id);
    expect(fields.sort()).toEqual(
      [
        'instanceProfileArn',
        `interfaces.${first}.alreadyQuarantined`,
        `interfaces.${first}.deleteOnTermination`,
        `interfaces.${first}.groups`,
        `interfaces.${second}.alreadyQuarantined`,
        `interfaces.${second}.deleteOnTermination`,
        `interfaces.${second}.groups`,
        'roles',
        'scalingGroup',
        'shutdownBehaviour',
        'state',
        'tags.aws:autoscaling:groupName',
        'tags.firebreak',
        `targetGroups.443 ${web.targetGroupArn}`,
        'terminationProtected',
        `volumes.${disk}.deleteOnTermination`,
        `volumes.${other}.deleteOnTermination`,
      ].sort(),
    );
  });

  test('release puts everything back, the network last', async () => {
    const capacity = await desiredCapacity(web.name);
    const changes = await changesDuring(async () => {
      report = await aws.release(captured, CODENAME);
    });
    expect(report.drift).toEqual([]);
    expect(report.restored.join(' ')).toContain("raised the group's desired capacity by one");
    expect(await desiredCapacity(web.name)).toBe(capacity + 1);
    expect(firsts(changes)).toEqual([
      'ec2.ModifyInstanceAttribute',
      'ec2.ModifyNetworkInterfaceAttribute',
      // Refused, for the instance is stopped; hence the next two.
      'ec2.ReplaceIamInstanceProfileAssociation',
      'ec2.DisassociateIamInstanceProfile',
      'ec2.AssociateIamInstanceProfile',
      'ec2.StartInstances',
      'autoscaling.AttachInstances',
      'elasticloadbalancing.RegisterTargets',
      'ec2.DeleteTags',
      'ec2.DeleteNetworkAclEntry',
    ]);
    expect(changes.slice(-2)).toEqual([
      'ec2.ModifyNetworkInterfaceAttribute',
      'ec2.ModifyNetworkInterfaceAttribute',
    ]);
  });

  test('then nothing differs from the capture, field by field', async () => {
    expect(await aws.compare(captured)).toEqual([]);
    const { capturedAt: _before, ...before } = captured;
    const { capturedAt: _after, ...after } = await aws.capture(captured.instance);
    expect(after).toEqual(before);
  });

  test('evidence, locks, the revoke policy and the attacker’s denies stay', async () => {
    for (const moment of ['live', 'stopped'] as const)
      expect(await aws.snapshot(captured, CODENAME, moment)).toHaveLength(2);
    const changes = await changesDuring(async () => {
      expect(await aws.lock(captured, CODENAME)).toHaveLength(4);
    });
    expect(changes).toEqual([]);
    const { PolicyNames } = await iam.send(new ListRolePoliciesCommand({ RoleName: web.name }));
    expect(PolicyNames).toEqual([`firebreak-${CODENAME}`]);
    const denied = await deniedIn(web.vpcId);
    expect(new Set(denied)).toEqual(new Set(['203.0.113.7/32', '2001:db8:bad::/48']));
  });

  test('a repeat changes nothing and reports the same', async () => {
    let again: ReleaseReport | undefined;
    expect(
      await changesDuring(async () => {
        again = await aws.release(captured, CODENAME);
      }),
    ).toEqual([]);
    expect(again).toEqual(report);
  });

  async function desiredCapacity(name: string): Promise<number> {
    const { AutoScalingGroups = [] } = await scaling.send(
      new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] }),
    );
    return AutoScalingGroups[0]?.DesiredCapacity ?? 0;
  }

  function firsts(names: readonly string[]): string[] {
    return [...new Set(names)];
  }
});

describe('a call of the release that goes wrong once', () => {
  const calls = [
    'ec2.ModifyInstanceAttribute',
    'ec2.ModifyNetworkInterfaceAttribute',
    'ec2.ReplaceIamInstanceProfileAssociation',
    'ec2.DisassociateIamInstanceProfile',
    'ec2.AssociateIamInstanceProfile',
    'ec2.StartInstances',
    'autoscaling.AttachInstances',
    'elasticloadbalancing.RegisterTargets',
    'ec2.DeleteTags',
    'ec2.DeleteNetworkAclEntry',
  ];
  const faults: [string, (call: string) => FaultKind][] = [
    ['loses its answer after the effect', () => ({ kind: 'dropAfter' })],
    ['is throttled', (call) => throttled(call.startsWith('ec2.') ? 'Response' : 'ErrorResponse')],
  ];
  const all = calls.flatMap((call) => faults.map(([what, fault]) => [call, what, fault] as const));
  // Each is a containment and a release. The rest is of `npm run test:long`, and of the drill with faults.
  const cases = isThorough ? all : all.filter(([call]) => call === 'ec2.StartInstances').slice(0, 1);

  let web: Web;

  beforeAll(async () => {
    web = await launch();
  });

  test.each(cases)('%s %s: the same end', async (call, _what, fault) => {
    const captured = await contain(web.id);
    standIn.breakCalls({ on: call, times: 1, ...fault(call) });
    const before = standIn.calls.length;
    const { attempts, drift } = await releaseAtLast(captured);
    expect(attempts).toBe(2);
    expect(drift).toEqual([]);
    expect(await aws.compare(captured)).toEqual([]);
    const started = standIn.calls
      .slice(before)
      .filter(({ name, effectStatus }) => /Start|Attach/.test(name) && effectStatus === 200);
    expect(started).toHaveLength(2);
  });
});

// Each is a containment and a release of its own: with the faults above, of `npm run test:long`.
describeThorough('where the world has moved on', () => {
  let web: Web;
  let captured: Capture;

  beforeEach(async () => {
    web = await launch();
    captured = await contain(web.id);
  });

  test('a security group that was deleted: the others are put back', async () => {
    await ec2.send(new DeleteSecurityGroupCommand({ GroupId: web.groups[1] }));
    const { drift, restored } = await aws.release(captured, CODENAME);
    expect(drift).toEqual(
      captured.interfaces.map(
        ({ id }) => `The interface ${id} is no longer in ${web.groups[1]}: deleted since the capture.`,
      ),
    );
    for (const { id } of captured.interfaces)
      expect(restored).toContain(`The interface ${id} is in ${web.groups[0]}.`);
    expect((await groupsNow()).every((groups) => groups.join() === web.groups[0])).toBe(true);
  });

  test('no group left: the interface stays in quarantine', async () => {
    for (const GroupId of web.groups) await ec2.send(new DeleteSecurityGroupCommand({ GroupId }));
    const before = await groupsNow();
    const { drift } = await aws.release(captured, CODENAME);
    expect(drift).toHaveLength(2);
    for (const sentence of drift)
      expect(sentence).toMatch(/stays in quarantine: of its groups .* none is left/);
    expect(await groupsNow()).toEqual(before);
  });

  test('an interface that was detached, and one that was attached', async () => {
    const [, second] = captured.interfaces;
    await ec2.send(new DetachNetworkInterfaceCommand({ AttachmentId: second?.attachmentId, Force: true }));
    const { NetworkInterface } = await ec2.send(
      new CreateNetworkInterfaceCommand({ SubnetId: web.subnetId, Groups: [web.groups[1] ?? ''] }),
    );
    const added = NetworkInterface?.NetworkInterfaceId ?? '';
    await ec2.send(
      new AttachNetworkInterfaceCommand({ InstanceId: web.id, NetworkInterfaceId: added, DeviceIndex: 2 }),
    );
    const { drift } = await aws.release(captured, CODENAME);
    expect(drift).toEqual([
      `The interface ${second?.id} is no longer attached: look at where it is now and which groups it is in.`,
      `The interface ${added} was attached after the capture and is left in ${web.groups[1]}: decide on it by hand.`,
    ]);
    expect((await aws.compare(captured)).map((sentence) => sentence.split(': ')[0])).toEqual(
      [`interfaces.${second?.id}`, `interfaces.${added}`].sort(),
    );
  });

  test('a capture of the quarantine does not tell what was before', async () => {
    const late = await aws.capture(captured.instance);
    const before = await groupsNow();
    const { drift } = await aws.release(late, CODENAME);
    expect(drift.slice(-2)).toEqual(
      captured.interfaces.map(
        ({ id }) =>
          `The interface ${id} stays in quarantine: its groups before the quarantine are not known. Choose them by hand.`,
      ),
    );
    expect(await groupsNow()).toEqual(before);
  });

  test('a scaling group that is gone', async () => {
    await scaling.send(
      new DeleteAutoScalingGroupCommand({ AutoScalingGroupName: web.name, ForceDelete: true }),
    );
    expect((await aws.release(captured, CODENAME)).drift).toEqual([
      `The scaling group ${web.name} is gone: the instance stays out of it.`,
    ]);
  });

  test('a scaling group that is full', async () => {
    await scaling.send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: web.name, MaxSize: 2 }));
    const { drift } = await aws.release(captured, CODENAME);
    expect(drift).toEqual([
      `The scaling group ${web.name} is full (2 of at most 2): lower its desired capacity or raise its maximum size by ` +
        'one, then release again.',
    ]);
    await scaling.send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: web.name, MaxSize: 3 }));
    expect((await aws.release(captured, CODENAME)).drift).toEqual([]);
    expect(await aws.compare(captured)).toEqual([]);
  });

  test('a scaling group that refuses the instance', async () => {
    const on = 'autoscaling.AttachInstances';
    standIn.breakCalls({ on, times: 1, ...xmlAnswer(400, 'ValidationError', 'ErrorResponse') });
    expect((await aws.release(captured, CODENAME)).drift).toEqual([
      `The scaling group ${web.name} does not take the instance: attach it by hand, or leave it out.`,
    ]);
    expect(await groupsNow()).toEqual([[...web.groups].sort(), [...web.groups].sort()]);
  });

  test('a target group that is gone', async () => {
    await balancing.send(new DeleteTargetGroupCommand({ TargetGroupArn: web.targetGroupArn }));
    expect((await aws.release(captured, CODENAME)).drift).toEqual([
      `The target group ${web.targetGroupArn} on port 443 is gone: the instance stays out of it.`,
    ]);
  });

  test('a disk that was detached, and one that was attached', async () => {
    const gone = captured.volumes[1];
    await ec2.send(new DetachVolumeCommand({ VolumeId: gone?.id, InstanceId: web.id, Device: gone?.device }));
    const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({ SubnetIds: [web.subnetId] }));
    const { VolumeId = '' } = await ec2.send(
      new CreateVolumeCommand({ AvailabilityZone: Subnets[0]?.AvailabilityZone, Size: 8 }),
    );
    await ec2.send(new AttachVolumeCommand({ VolumeId, InstanceId: web.id, Device: '/dev/sdx' }));
    expect((await aws.release(captured, CODENAME)).drift).toEqual([
      `The volume ${gone?.id} is no longer attached: attach it by hand if it is still needed.`,
      `The volume ${VolumeId} was attached after the capture and is left as it is.`,
    ]);
    expect((await aws.compare(captured)).map((sentence) => sentence.split(': ')[0])).toEqual(
      [`volumes.${gone?.id}`, `volumes.${VolumeId}`].sort(),
    );
  });

  test('an instance that another incident has contained since is left alone', async () => {
    const tag = (Value: string) =>
      ec2.send(new CreateTagsCommand({ Resources: [web.id], Tags: [{ Key: 'firebreak', Value }] }));
    await tag('copper-heron');
    const changes = await changesDuring(async () => {
      expect(await failureOf(aws.release(captured, CODENAME))).toMatchObject({ type: 'Conflict' });
    });
    expect(changes).toEqual([]);
    await tag(CODENAME);
    expect((await aws.release(captured, CODENAME)).drift).toEqual([]);
  });

  test('a terminated instance is a conflict', async () => {
    await ec2.send(
      new ModifyInstanceAttributeCommand({ InstanceId: web.id, DisableApiTermination: { Value: false } }),
    );
    await ec2.send(new TerminateInstancesCommand({ InstanceIds: [web.id] }));
    expect(await failureOf(aws.release(captured, CODENAME))).toMatchObject({ type: 'Conflict' });
  });

  test('an instance that does not start in time is tried again', async () => {
    const target = createTargets({ region: REGION, endpoint: standIn.url })(captured.instance);
    const mend = standIn.breakCalls({
      on: 'ec2.StartInstances',
      ...xmlAnswer(400, 'IncorrectInstanceState', 'Response'),
    });
    expect(await failureOf(restoreState(target, captured, 600))).toMatchObject({
      type: 'Unavailable',
      nonRetryable: false,
    });
    mend();
    expect(await restoreState(target, captured)).toEqual({ restored: ['The instance runs.'], drift: [] });
  });

  async function groupsNow(): Promise<string[][]> {
    return (await aws.capture(captured.instance)).interfaces.map(({ groups }) => [...groups].sort());
  }
});

thorough('a public address that AWS took back is told', async () => {
  const { id } = await launch({ publicAddress: true });
  const captured = await contain(id);
  const [first] = captured.interfaces;
  const { drift } = await aws.release(captured, CODENAME);
  const now = (await aws.capture({ id })).interfaces[0]?.publicAddresses;
  expect(drift).toEqual([
    `The interface ${first?.id} lost ${first?.publicAddresses.join()} at the stop and now has ${now?.join()}: correct ` +
      'what points to it.',
  ]);
  expect(await aws.compare(captured)).toEqual([
    `interfaces.${first?.id}.publicAddresses: captured ${first?.publicAddresses.join()}, now ${now?.join()}`,
  ]);
});

thorough('an instance that was stopped at the capture stays as it is', async () => {
  const { id, name } = await launch();
  // Out of its scaling group, which would replace it.
  await scaling.send(
    new DetachInstancesCommand({
      AutoScalingGroupName: name,
      InstanceIds: [id],
      ShouldDecrementDesiredCapacity: true,
    }),
  );
  await ec2.send(new StopInstancesCommand({ InstanceIds: [id] }));
  const captured = await contain(id);
  const changes = await changesDuring(() => aws.release(captured, CODENAME));
  expect(changes).not.toContain('ec2.StartInstances');
  expect((await aws.compare(captured)).filter((sentence) => sentence.startsWith('state'))).toEqual([]);
  await ec2.send(new StartInstancesCommand({ InstanceIds: [id] }));
  expect((await aws.release(captured, CODENAME)).drift).toContain(
    'The instance was stopped at the capture and is running now: stop it by hand if it should be.',
  );
});

thorough('the hop leaves no mark behind, so that a later containment makes it again', async () => {
  const hopping = createAws({ region: REGION, endpoint: standIn.url, secondMeasure: 'untracked-hop' });
  const { id } = await launch();
  const captured = await hopping.capture({ id });
  await hopping.protect(captured, CODENAME);
  await hopping.isolate(captured, CODENAME);
  await hopping.cutConnections(captured, SURROUNDINGS);
  expect((await hopping.release(captured, CODENAME)).drift).toEqual([]);
  expect(await hopping.compare(captured)).toEqual([]);
  await hopping.isolate(captured, CODENAME);
  const again = await changesDuring(() => hopping.cutConnections(captured, SURROUNDINGS));
  expect(again.filter((name) => name === 'ec2.ModifyNetworkInterfaceAttribute')).toHaveLength(4);
});

test('what was on before containment is on after it', async () => {
  const { id } = await launch();
  await ec2.send(
    new ModifyInstanceAttributeCommand({ InstanceId: id, DisableApiTermination: { Value: true } }),
  );
  await ec2.send(
    new CreateTagsCommand({ Resources: [id], Tags: [{ Key: 'firebreak', Value: 'copper-heron' }] }),
  );
  const captured = await contain(id);
  expect((await aws.release(captured, CODENAME)).drift).toEqual([]);
  expect(await aws.compare(captured)).toEqual([]);
  expect(captured).toMatchObject({ terminationProtected: true, tags: { firebreak: 'copper-heron' } });
});

function throttled(root: 'Response' | 'ErrorResponse') {
  return xmlAnswer(
    root === 'Response' ? 503 : 400,
    root === 'Response' ? 'RequestLimitExceeded' : 'Throttling',
    root,
  );
}

function xmlAnswer(status: number, code: string, root: 'Response' | 'ErrorResponse') {
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
