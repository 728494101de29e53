import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import {
  DetachInstancesCommand,
  AttachInstancesCommand,
  AutoScalingClient,
} from '@aws-sdk/client-auto-scaling';
import {
  AttachNetworkInterfaceCommand,
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateNetworkInterfaceCommand,
  CreateSnapshotCommand,
  CreateTagsCommand,
  DeleteVolumeCommand,
  DescribeSecurityGroupsCommand,
  DetachVolumeCommand,
  EC2Client,
  ModifyInstanceAttributeCommand,
  ModifyNetworkInterfaceAttributeCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import {
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { ApplicationFailure } from '@temporalio/common';
import type { Capture, InstanceLocation, Verification } from '../../activities/containment';
import { startAws, type AwsStandIn } from '../../drill/stand-ins/aws';
import { createFleet, lookAtFleet, type FleetInstance } from '../../drill/stand-ins/aws-fleet';
import type { FaultKind } from '../../drill/stand-ins/recording-proxy';
import { createAws, type Aws } from '../../integrations/aws/cloud';
import { QUARANTINE_GROUP_NAME } from '../../integrations/aws/quarantine';
import { failureOf } from '../support/failures';
import { someOf, thorough } from '../support/thorough';

const REGION = 'eu-west-1';
const MOTO_ACCOUNT = '123456789012';
const CODENAME = 'sapphire-unicorn';
const CHANGES =
  /\.(Create|Modify|Detach|Deregister|Revoke|Authorize|Stop|Terminate|Delete|Run|Attach|Register|Lock|Put|Replace|(Dis)?[Aa]ssociate|Send)/;

const settingsBefore = { ...process.env };
let standIn: AwsStandIn;
let aws: Aws;
let ec2: EC2Client;
let scaling: AutoScalingClient;
let balancing: ElasticLoadBalancingV2Client;

beforeAll(async () => {
  process.env['AWS_ACCESS_KEY_ID'] = 'stand-in';
  process.env['AWS_SECRET_ACCESS_KEY'] = 'stand-in';
  standIn = await startAws();
  const byTheBack = { region: REGION, endpoint: standIn.motoUrl };
  aws = createAws({ region: REGION, endpoint: standIn.url });
  ec2 = new EC2Client(byTheBack);
  scaling = new AutoScalingClient(byTheBack);
  balancing = new ElasticLoadBalancingV2Client(byTheBack);
  await aws.warmUp();
});

afterAll(async () => {
  await standIn.close();
  process.env = settingsBefore;
});

/** The calls that changed something, or tried to, while `work` ran. */
async function changesDuring(work: () => Promise<unknown>): Promise<string[]> {
  const before = standIn.calls.length;
  await work();
  return standIn.calls
    .slice(before)
    .map(({ name }) => name)
    .filter((name) => CHANGES.test(name));
}

async function contain(location: InstanceLocation): Promise<Capture> {
  const captured = await aws.capture(location);
  await aws.protect(captured, CODENAME);
  await aws.snapshot(captured, CODENAME, 'live');
  await aws.lock(captured, CODENAME);
  await aws.leaveGroups(captured);
  await aws.isolate(captured, CODENAME);
  await aws.denyElsewhere(captured, CODENAME);
  return captured;
}

/** Nothing of the network's second measure, for want of an attacker, and no role. */
function verify(captured: Capture): Promise<Verification> {
  return aws.verify(captured, { codename: CODENAME, attackers: [] }, new Date(0).toISOString());
}

async function fleetOfOne(
  plan: Partial<Parameters<typeof createFleet>[2][number]> = {},
): Promise<FleetInstance> {
  return (await createFleet(standIn.motoUrl, REGION, [{ ...plan, name: 'web' }])).web;
}

async function look(id: string) {
  const state = (await lookAtFleet(standIn.url, REGION, [id]))[id];
  if (!state) throw new Error('The instance is not there.');
  return state;
}

async function targetGroupArn(name: string): Promise<string> {
  const { TargetGroups = [] } = await balancing.send(new DescribeTargetGroupsCommand({ Names: [name] }));
  return TargetGroups[0]?.TargetGroupArn ?? '';
}

describe('the whole chain, on an instance with two interfaces, three volumes and both kinds of groups', () => {
  let web: FleetInstance;
  let captured: Capture;

  beforeAll(async () => {
    web = await fleetOfOne({ interfaces: 2, volumes: 3, scalingGroup: 'chain', targetGroup: 'chain' });
  });

  test('capture writes down what is there and changes nothing', async () => {
    const changes = await changesDuring(async () => {
      captured = await aws.capture({ id: web.id });
    });
    expect(changes).toEqual([]);
    expect(captured).toMatchObject({
      instance: { id: web.id },
      state: 'running',
      vpcId: web.vpcId,
      scalingGroup: 'chain',
      targetGroups: [{ targetGroupArn: await targetGroupArn('chain'), port: 443 }],
      terminationProtected: false,
      shutdownBehaviour: 'stop',
    });
    expect(captured.tags).toMatchObject({ Name: 'web' });
    expect(captured.capturedAt).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    expect(captured.interfaces.map(({ id }) => id)).toEqual(web.interfaceIds);
    expect(captured.interfaces[0]).toMatchObject({
      subnetId: web.subnetId,
      attachmentId: expect.stringMatching(/^eni-attach-/) as string,
      privateAddresses: [web.privateIp],
      publicAddresses: [web.publicIp],
      alreadyQuarantined: false,
    });
    expect(captured.volumes).toHaveLength(3);
    for (const volume of captured.volumes)
      expect(volume).toMatchObject({ deleteOnTermination: true, encrypted: true, sizeGiB: 8 });
  });

  test('before anything is done, verify calls everything unproven', async () => {
    const { unproven } = await verify(captured);
    for (const thing of [...web.interfaceIds, ...web.volumeIds, 'chain', 'termination protection'])
      expect(unproven.join(' ')).toContain(thing);
  });

  test('protect keeps the instance, its disks and its interfaces, and never blocks the stop', async () => {
    // Not through the SDK's own field: moto ignores it there.
    await ec2.send(
      new ModifyInstanceAttributeCommand({
        InstanceId: web.id,
        Attribute: 'instanceInitiatedShutdownBehavior',
        Value: 'terminate',
      }),
    );
    await aws.protect(captured, CODENAME);
    const now = await look(web.id);
    expect(now.terminationProtected).toBe(true);
    expect(now.tags['firebreak']).toBe(CODENAME);
    expect(now.interfaces.map((each) => each.deleteOnTermination)).toEqual([false, false]);
    expect(now.volumes.map((each) => each.deleteOnTermination)).toEqual([false, false, false]);
    expect((await aws.capture({ id: web.id })).shutdownBehaviour).toBe('stop');
    expect(standIn.calls.some(({ body }) => body.includes('DisableApiStop'))).toBe(false);
    await expect(ec2.send(new TerminateInstancesCommand({ InstanceIds: [web.id] }))).rejects.toThrow(
      'disableApiTermination',
    );
  });

  test('snapshot images every volume in one call, under the codename alone', async () => {
    const changes = await changesDuring(async () => {
      const snapshots = await aws.snapshot(captured, CODENAME, 'live');
      expect(snapshots.map(({ volumeId }) => volumeId).sort()).toEqual([...web.volumeIds].sort());
    });
    expect(changes).toEqual(['ec2.CreateSnapshots']);
    for (const { snapshots } of (await look(web.id)).volumes)
      expect(snapshots.map(({ tags }) => tags)).toEqual([
        { firebreak: CODENAME, 'firebreak:source': web.id, 'firebreak:moment': 'live' },
      ]);
  });

  test('lock locks every image in governance mode', async () => {
    const locks = await aws.lock(captured, CODENAME);
    expect(locks.map(({ state }) => state)).toEqual(['governance', 'governance', 'governance']);
  });

  test('leaveGroups leaves both groups, and the scaling group starts a replacement', async () => {
    await aws.leaveGroups(captured);
    expect((await look(web.id)).scalingGroup).toBeUndefined();
    const detach = standIn.calls.find(({ name }) => name === 'autoscaling.DetachInstances');
    expect(detach?.body).toContain('ShouldDecrementDesiredCapacity=false');
    const { TargetHealthDescriptions } = await balancing.send(
      new DescribeTargetHealthCommand({ TargetGroupArn: await targetGroupArn('chain') }),
    );
    expect(TargetHealthDescriptions).toEqual([]);
  });

  test('isolate leaves every interface in the empty quarantine group alone', async () => {
    await aws.isolate(captured, CODENAME);
    for (const { groups } of (await look(web.id)).interfaces)
      expect(groups).toEqual([{ id: expect.any(String) as string, name: QUARANTINE_GROUP_NAME, rules: 0 }]);
  });

  test('verify then finds nothing unproven but the other hosts’ side, which is denied next', async () => {
    const { unproven } = await verify(captured);
    expect(unproven.filter((each) => !each.includes('network ACL'))).toEqual([]);
    await aws.denyElsewhere(captured, CODENAME);
    expect(await verify(captured)).toMatchObject({ unproven: [] });
  });

  test('a second capture says that the interfaces are in quarantine', async () => {
    const again = await aws.capture({ id: web.id });
    expect(again.interfaces.map(({ alreadyQuarantined }) => alreadyQuarantined)).toEqual([true, true]);
  });

  test('stop stops, and verify still finds nothing unproven', async () => {
    expect(await aws.stop({ id: web.id })).toBe('stopping');
    expect((await look(web.id)).state).toBe('stopped');
    expect(await verify(captured)).toMatchObject({ unproven: [] });
  });

  test('every step done twice changes nothing the second time', async () => {
    const changes = await changesDuring(async () => {
      await contain({ id: web.id });
      expect(await aws.stop({ id: web.id })).toBe('stopped');
    });
    expect(changes).toEqual([]);
    for (const { snapshots } of (await look(web.id)).volumes) expect(snapshots).toHaveLength(1);
  });
});

describe('many at once', () => {
  test('three instances of one VPC share one quarantine group, and are cut off side by side', async () => {
    const plan = { interfaces: 2, volumes: 2, scalingGroup: 'three', targetGroup: 'three' };
    const fleet = await createFleet(standIn.motoUrl, REGION, [
      { ...plan, name: 'a' },
      { ...plan, name: 'b' },
      { ...plan, name: 'c' },
    ]);
    const from = Date.now();
    const verified = await Promise.all(
      [fleet.a, fleet.b, fleet.c].map(async ({ id }) => verify(await contain({ id }))),
    );
    const tookMs = Date.now() - from;
    expect(verified.flatMap(({ unproven }) => unproven)).toEqual([]);
    const { SecurityGroups } = await ec2.send(
      new DescribeSecurityGroupsCommand({
        Filters: [
          { Name: 'group-name', Values: [QUARANTINE_GROUP_NAME] },
          { Name: 'vpc-id', Values: [fleet.a.vpcId] },
        ],
      }),
    );
    expect(SecurityGroups).toHaveLength(1);
    // Most of the time calls are under way, and most of them beside others: by the clock alone this would test the machine.
    const calls = standIn.calls.filter(({ at }) => at >= from);
    const oneByOneMs = calls.reduce((sum, { at, endedAt = at }) => sum + endedAt - at, 0);
    expect(tookMs).toBeLessThan(oneByOneMs / 2);
  });

  test('an interface that is refused keeps none of the others from being cut off', async () => {
    const web = await fleetOfOne({ interfaces: 3 });
    const captured = await aws.capture({ id: web.id });
    standIn.breakCalls({
      on: 'ec2.ModifyNetworkInterfaceAttribute',
      times: 1,
      ...xmlAnswer(400, 'OperationNotPermitted'),
    });
    expect(await failureOf(aws.isolate(captured, CODENAME))).toMatchObject({ type: 'Conflict' });
    const names = (await look(web.id)).interfaces.map(({ groups }) => groups[0]?.name);
    expect(names.filter((name) => name === QUARANTINE_GROUP_NAME)).toHaveLength(2);
  });

  thorough(
    'where one call is refused and another fails in passing, the failure is one that is retried',
    async () => {
      const web = await fleetOfOne({ interfaces: 2 });
      const captured = await aws.capture({ id: web.id });
      const on = 'ec2.ModifyNetworkInterfaceAttribute';
      standIn.breakCalls({ on, times: 1, ...xmlAnswer(400, 'OperationNotPermitted') });
      standIn.breakCalls({ on, times: 1, ...xmlAnswer(503, 'Unavailable') });
      expect(await failureOf(aws.isolate(captured, CODENAME))).toMatchObject({ type: 'Unavailable' });
    },
  );
});

describe('an answer that is lost after the effect', () => {
  let web: FleetInstance;
  let captured: Capture;

  beforeEach(async () => {
    const group = `lost-${standIn.calls.length}`;
    web = await fleetOfOne({ interfaces: 2, volumes: 2, scalingGroup: group, targetGroup: group });
    captured = await aws.capture({ id: web.id });
  });

  /** The step fails once with the answer lost, and is done by the retry without a second effect. */
  async function loses(call: string, step: () => Promise<unknown>, effects: number): Promise<void> {
    const before = standIn.calls.length;
    standIn.breakCalls({ on: call, kind: 'dropAfter', times: 1 });
    expect(await failureOf(step())).toMatchObject({ type: 'Unavailable', nonRetryable: false });
    await step();
    const made = standIn.calls
      .slice(before)
      .filter(({ name, effectStatus }) => name === call && effectStatus === 200);
    expect(made).toHaveLength(effects);
  }

  test('CreateSnapshots: the retry adopts what was made', async () => {
    await loses('ec2.CreateSnapshots', () => aws.snapshot(captured, CODENAME, 'live'), 1);
    expect(await aws.snapshot(captured, CODENAME, 'live')).toHaveLength(2);
  });

  test('ModifyNetworkInterfaceAttribute: the retry leaves the interface alone', async () => {
    await loses('ec2.ModifyNetworkInterfaceAttribute', () => aws.isolate(captured, CODENAME), 2);
  });

  thorough('CreateSecurityGroup: the retry uses the group that was made', async () => {
    await loses('ec2.CreateSecurityGroup', () => aws.isolate(captured, CODENAME), 1);
  });

  test('DetachInstances: only one replacement starts', async () => {
    await loses('autoscaling.DetachInstances', () => aws.leaveGroups(captured), 1);
    expect((await look(web.id)).scalingGroup).toBeUndefined();
  });

  thorough('DeregisterTargets: the retry finds it gone', async () => {
    await loses('elasticloadbalancing.DeregisterTargets', () => aws.leaveGroups(captured), 1);
  });

  test('StopInstances: the retry finds it stopped', async () => {
    await loses('ec2.StopInstances', () => aws.stop({ id: web.id }), 1);
    expect(await aws.stop({ id: web.id })).toBe('stopped');
  });
});

describe('what others do at the same time', () => {
  test('a target that somebody else deregistered meanwhile counts as left', async () => {
    const web = await fleetOfOne({ targetGroup: 'meanwhile' });
    const captured = await aws.capture({ id: web.id });
    // Slow enough for the second one to look before the first one changes anything: moto then refuses the later.
    standIn.breakCalls({
      on: 'elasticloadbalancing.DeregisterTargets',
      kind: 'slow',
      delayMs: 300,
      times: 2,
    });
    await Promise.all([aws.leaveGroups(captured), aws.leaveGroups(captured)]);
    expect((await aws.capture({ id: web.id })).targetGroups).toEqual([]);
  });

  thorough(
    'a group that AWS says the instance is not part of counts as left only where a look agrees',
    async () => {
      const web = await fleetOfOne({ scalingGroup: 'disagree' });
      const captured = await aws.capture({ id: web.id });
      const refusal = xmlAnswer(400, 'ValidationError', 'ErrorResponse');
      const detach = 'autoscaling.DetachInstances';
      standIn.breakCalls({ on: detach, times: 1, ...refusal });
      expect(await failureOf(aws.leaveGroups(captured))).toMatchObject({ type: 'InvalidRequest' });

      // The second look comes late, and meanwhile somebody else has detached it.
      standIn.breakCalls({ on: detach, times: 1, ...refusal });
      const look = 'autoscaling.DescribeAutoScalingInstances';
      standIn.breakCalls({ on: look, kind: 'slow', delayMs: 0, times: 1 });
      standIn.breakCalls({ on: look, kind: 'slow', delayMs: 400, times: 1 });
      const before = standIn.calls.length;
      const leaving = aws.leaveGroups(captured);
      while (!standIn.calls.slice(before).some(({ name }) => name === detach)) await pause(5);
      await scaling.send(
        new DetachInstancesCommand({
          AutoScalingGroupName: 'disagree',
          InstanceIds: [web.id],
          ShouldDecrementDesiredCapacity: false,
        }),
      );
      await leaving;
    },
  );

  test('rules in the quarantine group are taken away before it is used', async () => {
    const web = await fleetOfOne();
    const captured = await contain({ id: web.id });
    const GroupId = (await look(web.id)).interfaces[0]?.groups[0]?.id ?? '';
    const open = [{ IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: '0.0.0.0/0' }] }];
    await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: open }));
    await ec2.send(new AuthorizeSecurityGroupEgressCommand({ GroupId, IpPermissions: open }));
    expect((await verify(captured)).unproven).toEqual([`The quarantine group ${GroupId} has rules.`]);
    await aws.isolate(captured, CODENAME);
    expect((await verify(captured)).unproven).toEqual([]);
  });

  thorough(
    'only missing snapshots are made, surplus ones are reported, those of other codenames are left alone',
    async () => {
      const web = await fleetOfOne({ volumes: 3 });
      const captured = await aws.capture({ id: web.id });
      const [first = ''] = web.volumeIds;
      for (const codename of [CODENAME, CODENAME, 'copper-heron'])
        await ec2.send(
          new CreateSnapshotCommand({
            VolumeId: first,
            TagSpecifications: [
              {
                ResourceType: 'snapshot',
                Tags: [
                  { Key: 'firebreak', Value: codename },
                  { Key: 'firebreak:source', Value: web.id },
                ],
              },
            ],
          }),
        );
      const changes = await changesDuring(async () => {
        const snapshots = await aws.snapshot(captured, CODENAME, 'live');
        expect(snapshots.map(({ volumeId }) => volumeId).sort()).toEqual([first, ...web.volumeIds].sort());
      });
      expect(changes).toEqual(['ec2.CreateSnapshot', 'ec2.CreateSnapshot']);
    },
  );
});

describe('what has changed since the capture', () => {
  test('a volume that was detached is imaged too, and one that is gone stops nothing', async () => {
    const web = await fleetOfOne({ volumes: 3 });
    const captured = await aws.capture({ id: web.id });
    const [first, detached = '', gone = ''] = web.volumeIds;
    for (const { id, device } of captured.volumes.slice(1))
      await ec2.send(new DetachVolumeCommand({ VolumeId: id, InstanceId: web.id, Device: device }));
    await ec2.send(new DeleteVolumeCommand({ VolumeId: gone }));
    const snapshots = await aws.snapshot(captured, CODENAME, 'live');
    expect(snapshots.map(({ volumeId }) => volumeId).sort()).toEqual([first, detached].sort());
    expect(await changesDuring(() => aws.snapshot(captured, CODENAME, 'live'))).toEqual([]);
    expect((await verify(captured)).unproven).toContain(`The volume ${gone} has no snapshot.`);
  });

  test('an interface that was attached is cut off too', async () => {
    const web = await fleetOfOne();
    const captured = await aws.capture({ id: web.id });
    const { NetworkInterface } = await ec2.send(
      new CreateNetworkInterfaceCommand({
        SubnetId: web.subnetId,
        Groups: [...(captured.interfaces[0]?.groups ?? [])],
      }),
    );
    await ec2.send(
      new AttachNetworkInterfaceCommand({
        InstanceId: web.id,
        NetworkInterfaceId: NetworkInterface?.NetworkInterfaceId,
        DeviceIndex: 1,
      }),
    );
    await aws.isolate(captured, CODENAME);
    const { interfaces } = await look(web.id);
    expect(interfaces.map(({ groups }) => groups.map(({ name }) => name))).toEqual([
      [QUARANTINE_GROUP_NAME],
      [QUARANTINE_GROUP_NAME],
    ]);
  });

  thorough('an instance that is still starting is stopped later', async () => {
    const { id } = await fleetOfOne();
    const on = 'ec2.DescribeInstances';
    await aws.stop({ id }).catch(() => undefined);
    const asItIs = standIn.calls.findLast(({ name }) => name === on)?.answer ?? '';
    const body = asItIs.replace(/<name>running<\/name>/, '<name>pending</name>');
    expect(body).not.toBe(asItIs);
    standIn.breakCalls({ on, kind: 'answer', status: 200, body, times: 1 });
    expect(await failureOf(aws.stop({ id }))).toMatchObject({ type: 'Unavailable' });
  });
});

describe('verify names what is unproven', () => {
  let web: FleetInstance;
  let captured: Capture;

  beforeAll(async () => {
    web = await fleetOfOne({ interfaces: 2, volumes: 2, scalingGroup: 'undone', targetGroup: 'undone' });
    captured = await contain({ id: web.id });
    expect((await verify(captured)).unproven).toEqual([]);
  });

  afterEach(async () => {
    await contain({ id: web.id });
    expect((await verify(captured)).unproven).toEqual([]);
  });

  test('an interface that is back in its old group', async () => {
    const [NetworkInterfaceId = '', GroupId = ''] = [web.interfaceIds[1], captured.interfaces[1]?.groups[0]];
    await ec2.send(new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId, Groups: [GroupId] }));
    expect((await verify(captured)).unproven).toEqual([
      `The interface ${NetworkInterfaceId} is not in the quarantine group alone: it is in ${GroupId}.`,
    ]);
  });

  test('termination protection that is off', async () => {
    await ec2.send(
      new ModifyInstanceAttributeCommand({ InstanceId: web.id, DisableApiTermination: { Value: false } }),
    );
    expect((await verify(captured)).unproven).toEqual([
      'The instance can be terminated: its termination protection is off.',
    ]);
  });

  test('a shut-down that would terminate', async () => {
    await ec2.send(
      new ModifyInstanceAttributeCommand({
        InstanceId: web.id,
        Attribute: 'instanceInitiatedShutdownBehavior',
        Value: 'terminate',
      }),
    );
    expect((await verify(captured)).unproven).toEqual([
      'A shut-down from inside would not stop the instance: it is set to terminate.',
    ]);
  });

  thorough('a volume that goes with the instance', async () => {
    const { id = '', device = '' } = captured.volumes[1] ?? {};
    await ec2.send(
      new ModifyInstanceAttributeCommand({
        InstanceId: web.id,
        BlockDeviceMappings: [{ DeviceName: device, Ebs: { DeleteOnTermination: true } }],
      }),
    );
    expect((await verify(captured)).unproven).toEqual([
      `The volume ${id} would be deleted with the instance.`,
    ]);
  });

  thorough('an interface that goes with the instance', async () => {
    const { id = '', attachmentId = '' } = captured.interfaces[0] ?? {};
    await new EC2Client({ region: REGION, endpoint: standIn.url }).send(
      new ModifyNetworkInterfaceAttributeCommand({
        NetworkInterfaceId: id,
        Attachment: { AttachmentId: attachmentId, DeleteOnTermination: true },
      }),
    );
    expect((await verify(captured)).unproven).toEqual([
      `The interface ${id} would be deleted with the instance.`,
    ]);
  });

  thorough('groups that it is in again', async () => {
    const TargetGroupArn = await targetGroupArn('undone');
    await scaling.send(new AttachInstancesCommand({ AutoScalingGroupName: 'undone', InstanceIds: [web.id] }));
    await balancing.send(new RegisterTargetsCommand({ TargetGroupArn, Targets: [{ Id: web.id }] }));
    expect((await verify(captured)).unproven).toEqual([
      'The instance is in the scaling group undone.',
      `The instance is registered in the target group ${TargetGroupArn}.`,
    ]);
  });

  test('a snapshot that is not this incident’s', async () => {
    const { snapshots = [] } = (await look(web.id)).volumes[0] ?? {};
    const tag = (Value: string) =>
      ec2.send(
        new CreateTagsCommand({
          Resources: snapshots.map(({ id }) => id),
          Tags: [{ Key: 'firebreak', Value }],
        }),
      );
    await tag('copper-heron');
    expect((await verify(captured)).unproven).toEqual([`The volume ${web.volumeIds[0]} has no snapshot.`]);
    await tag(CODENAME);
  });

  thorough('an interface that has been taken away', async () => {
    const { unproven } = await verify({
      ...captured,
      interfaces: [...captured.interfaces, { ...captured.interfaces[0]!, id: 'eni-0elsewhere' }],
    });
    expect(unproven).toEqual([
      'The interface eni-0elsewhere is no longer attached: look at where it is now.',
    ]);
  });
});

describe('instances that are not there', () => {
  test.each(someOf(['i-0123456789abcdef0', 'web-7'], 1))('%p is NotFound for every step', async (id) => {
    const web = await fleetOfOne();
    const captured = { ...(await aws.capture({ id: web.id })), instance: { id } };
    for (const step of [
      () => aws.capture({ id }),
      () => aws.protect(captured, CODENAME),
      () => aws.snapshot(captured, CODENAME, 'live'),
      () => aws.isolate(captured, CODENAME),
      () => verify(captured),
      () => aws.stop({ id }),
    ])
      expect(await failureOf(step())).toMatchObject({ type: 'NotFound', nonRetryable: true });
  });

  thorough('an id that AWS calls malformed is NotFound', async () => {
    standIn.breakCalls({
      on: 'ec2.DescribeInstances',
      times: 1,
      ...xmlAnswer(400, 'InvalidInstanceID.Malformed'),
    });
    expect(await failureOf(aws.stop({ id: 'web-7' }))).toMatchObject({ type: 'NotFound' });
  });

  thorough('an instance of another region is found only there', async () => {
    const { web } = await createFleet(standIn.motoUrl, 'us-east-1', [{ name: 'web' }]);
    expect(await failureOf(aws.capture({ id: web.id }))).toMatchObject({ type: 'NotFound' });
    const captured = await contain({ id: web.id, region: 'us-east-1' });
    expect(await verify(captured)).toMatchObject({ unproven: [] });
  });

  test('an instance of another account than the one named is refused, and nothing is changed', async () => {
    const { id } = await fleetOfOne();
    await aws.capture({ id, account: MOTO_ACCOUNT });
    const captured = { ...(await aws.capture({ id })), instance: { id, account: '210987654321' } };
    const changes = await changesDuring(async () => {
      for (const step of [
        () => aws.protect(captured, CODENAME),
        () => aws.snapshot(captured, CODENAME, 'live'),
        () => aws.stop(captured.instance),
      ])
        expect(await failureOf(step())).toMatchObject({ type: 'Conflict', nonRetryable: true });
    });
    expect(changes).toEqual([]);
  });

  test('a terminated instance is a conflict, and verify says what it is', async () => {
    const { id } = await fleetOfOne();
    const captured = await aws.capture({ id });
    await ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
    for (const step of [
      () => aws.stop({ id }),
      () => aws.capture({ id }),
      () => aws.isolate(captured, CODENAME),
    ])
      expect(await failureOf(step())).toMatchObject({ type: 'Conflict', nonRetryable: true });
    expect((await verify(captured)).unproven).toContain('The instance is terminated.');
  });
});

describe('what AWS answers on a bad day', () => {
  const html: FaultKind = {
    kind: 'answer',
    status: 502,
    body: '<html><body><h1>Bad Gateway</h1></body></html>',
  };
  const brokenHtml: FaultKind = { kind: 'answer', status: 404, body: '<!doctype html><p>Not Found<br>' };

  test.each<[string, FaultKind, string, boolean, string]>([
    [
      'a missing permission',
      xmlAnswer(403, 'UnauthorizedOperation'),
      'Unauthorized',
      true,
      'Allow ec2:StopInstances',
    ],
    ['a refused access', xmlAnswer(403, 'AccessDenied'), 'Unauthorized', true, 'AccessDenied'],
    ['wrong credentials', xmlAnswer(401, 'AuthFailure'), 'Unauthorized', true, 'AuthFailure (HTTP 401)'],
    ['expired credentials', xmlAnswer(400, 'ExpiredToken'), 'Unauthorized', true, 'Renew them'],
    ['an unknown key', xmlAnswer(403, 'InvalidClientTokenId'), 'Unauthorized', true, 'InvalidClientTokenId'],
    ['a service not opted into', xmlAnswer(401, 'OptInRequired'), 'Unauthorized', true, 'OptInRequired'],
    ['stop protection', xmlAnswer(400, 'OperationNotPermitted'), 'Conflict', true, 'protection'],
    ['a state that forbids it', xmlAnswer(400, 'IncorrectInstanceState'), 'Conflict', true, 'state'],
    ['a wrong parameter', xmlAnswer(400, 'InvalidParameterValue'), 'InvalidRequest', true, 'by hand'],
    [
      'throttling',
      xmlAnswer(503, 'RequestLimitExceeded'),
      'RateLimited',
      false,
      'RequestLimitExceeded (HTTP 503)',
    ],
    ['an internal error', xmlAnswer(500, 'InternalError'), 'Unavailable', false, 'InternalError (HTTP 500)'],
    ['a quota', xmlAnswer(400, 'SnapshotLimitExceeded'), 'Conflict', true, 'quota'],
    ['a service refused to the account', xmlAnswer(401, 'Blocked'), 'Unauthorized', true, 'Blocked'],
    [
      'too many snapshots',
      xmlAnswer(400, 'ConcurrentSnapshotLimitExceeded'),
      'RateLimited',
      false,
      'at once',
    ],
    ['a busy resource', xmlAnswer(400, 'ResourceContention'), 'Unavailable', false, 'busy'],
    [
      'a part that is going',
      xmlAnswer(400, 'InvalidNetworkInterfaceID.NotFound'),
      'Unavailable',
      false,
      'again',
    ],
    ['a gateway’s page', html, 'Unavailable', false, 'UnreadableAnswer (HTTP 502)'],
    ['a page that is no XML', brokenHtml, 'Unavailable', false, 'UnreadableAnswer (HTTP 404)'],
    ['a connection reset', { kind: 'dropBefore' }, 'Unavailable', false, 'got no answer'],
    ['an answer too slow', { kind: 'slow', delayMs: 1_500 }, 'Unavailable', false, 'ETIMEDOUT'],
  ])('%s', async (_, fault, type, nonRetryable, says) => {
    const hasty = createAws({ region: REGION, endpoint: standIn.url, timeoutMs: 1_000 });
    const { id } = await fleetOfOne();
    const mend = standIn.breakCalls({ on: 'ec2.StopInstances', ...fault });
    const before = standIn.calls.length;
    const failure = await failureOf(hasty.stop({ id }));
    mend();
    expect(failure).toMatchObject({ type, nonRetryable });
    expect(failure.message).toContain('ec2:StopInstances');
    expect(failure.message).toContain(says);
    // Neither the message nor anything that hangs on the failure may tell which instance it is.
    const stored = `${failure.message} ${failure.stack} ${JSON.stringify(failure)} ${String(failure.cause)}`;
    for (const secret of [id, MOTO_ACCOUNT, CODENAME, 'i-0secret']) expect(stored).not.toContain(secret);
    const tries = standIn.calls.slice(before).filter(({ name }) => name === 'ec2.StopInstances');
    expect(tries).toHaveLength(1);
  });

  test('throttling is retried after the pause that the answer asks for, or after a second', async () => {
    const { id } = await fleetOfOne();
    const on = 'ec2.StopInstances';
    const answer = xmlAnswer(503, 'RequestLimitExceeded');
    standIn.breakCalls({ on, times: 1, ...answer });
    expect(await failureOf(aws.stop({ id }))).toMatchObject({ nextRetryDelay: 1_000 });
    standIn.breakCalls({ on, times: 1, ...answer, headers: { 'retry-after': '7' } });
    expect(await failureOf(aws.stop({ id }))).toMatchObject({ nextRetryDelay: 7_000 });
  });

  test('errors of the other services are named with their own actions', async () => {
    const { id } = await fleetOfOne();
    const answer = xmlAnswer(403, 'AccessDenied', 'ErrorResponse');
    for (const [on, action] of [
      ['autoscaling.DescribeAutoScalingInstances', 'autoscaling:DescribeAutoScalingInstances'],
      ['elasticloadbalancing.DescribeTargetGroups', 'elasticloadbalancing:DescribeTargetGroups'],
    ] as const) {
      // Without a number: a call of the capture before, which nobody waits for any more, may come first.
      const mend = standIn.breakCalls({ on, ...answer });
      const failure = await failureOf(aws.capture({ id }));
      mend();
      expect(failure).toMatchObject({ type: 'Unauthorized' });
      expect(failure.message).toContain(action);
    }
  });

  test('a code that nobody knows is retried as a plain error, without AWS’s own words', async () => {
    const { id } = await fleetOfOne();
    standIn.breakCalls({ on: 'ec2.StopInstances', times: 1, ...xmlAnswer(400, 'Peculiar') });
    const error: unknown = await aws.stop({ id }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Error);
    expect(error).not.toBeInstanceOf(ApplicationFailure);
    expect(String(error)).toContain('ec2:StopInstances answered Peculiar (HTTP 400)');
    expect(String(error)).not.toContain('i-0secret');
  });

  test('a server that is not there is Unavailable, also to the warm-up', async () => {
    const nowhere = createAws({ region: REGION, endpoint: 'http://127.0.0.1:1' });
    const failure = await failureOf(nowhere.warmUp());
    expect(failure).toMatchObject({ type: 'Unavailable' });
    expect(failure.message).toContain('ec2:DescribeInstances got no answer');
  });
});

describe('the stand-in', () => {
  test('names calls as IAM does, and leaves nothing running', async () => {
    const other = await startAws();
    await createAws({ region: REGION, endpoint: other.url }).warmUp();
    expect(other.calls.map(({ name }) => name).sort()).toEqual([
      'autoscaling.DescribeAutoScalingInstances',
      'ec2.DescribeInstances',
      'elasticloadbalancing.DescribeTargetGroups',
    ]);
    await other.close();
    for (const url of [other.url, other.motoUrl]) await expect(fetch(url)).rejects.toThrow('fetch failed');
  });

  test('says what to do where moto is not installed', async () => {
    await expect(startAws({ python: '/nonexistent' })).rejects.toThrow('scripts/python.mjs');
  });
});

describe('the source', () => {
  const source = join(__dirname, '../../integrations');
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.ts$/.test(name),
  );

  /** Commands, and the same calls on the SDK's aggregated clients, which have a method for everything. */
  const DESTRUCTIVE = /\b(?:Terminate|Delete|Purge)\w*Command\b|\.(?:terminate|delete|purge)[A-Z]\w*\(/g;

  /** What may go: Firebreak's own denies and tag, at the release, and an attacker's password. */
  const TAKEN_AWAY = [
    `${join('aws', 'identity', 'user.ts')}: DeleteLoginProfileCommand`,
    `${join('aws', 'network', 'denials.ts')}: DeleteNetworkAclEntryCommand`,
    `${join('aws', 'release', 'tag.ts')}: DeleteTagsCommand`,
  ];

  test('can neither terminate nor delete anything in AWS but what is known not to be evidence', () => {
    expect(files).toContain(join('aws', 'stop.ts'));
    const destructive = files.flatMap((name) => {
      const text = readFileSync(join(source, name), 'utf8');
      if (!text.includes('@aws-sdk/')) return [];
      return (text.match(DESTRUCTIVE) ?? []).map((word) => `${name}: ${word}`);
    });
    expect(destructive.filter((each) => !TAKEN_AWAY.includes(each))).toEqual([]);
  });

  test('reads no environment', () => {
    for (const name of files.filter((each) => each.startsWith('aws')))
      expect(readFileSync(join(source, name), 'utf8')).not.toContain('process.env');
  });
});

/** AWS's errors quote the ids of a request: this one does, to show that ours do not pass them on. */
function xmlAnswer(status: number, code: string, root: 'Response' | 'ErrorResponse' = 'Response') {
  const error = `<Error><Code>${code}</Code><Message>No: i-0secret in ${MOTO_ACCOUNT}</Message></Error>`;
  return {
    kind: 'answer' as const,
    status,
    body:
      root === 'Response'
        ? `<Response><Errors>${error}</Errors><RequestID>r</RequestID></Response>`
        : `<ErrorResponse>${error}<RequestId>r</RequestId></ErrorResponse>`,
  };
}
