import {
  AutoScalingClient,
  DescribeAutoScalingGroupsCommand,
  DetachInstancesCommand,
  EnterStandbyCommand,
  SuspendProcessesCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  CopySnapshotCommand,
  CreateNetworkAclCommand,
  CreateNetworkAclEntryCommand,
  CreateSecurityGroupCommand,
  CreateSnapshotCommand,
  CreateSnapshotsCommand,
  CreateVolumeCommand,
  DeleteNetworkAclEntryCommand,
  DeleteSecurityGroupCommand,
  DeleteSnapshotCommand,
  DescribeInstancesCommand,
  DescribeLockedSnapshotsCommand,
  DescribeNetworkAclsCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSnapshotsCommand,
  DescribeVolumesCommand,
  DescribeVpcsCommand,
  EC2Client,
  LockSnapshotCommand,
  ModifyInstanceAttributeCommand,
  ModifyNetworkInterfaceAttributeCommand,
  ReplaceNetworkAclEntryCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
  UnlockSnapshotCommand,
  type CreateNetworkAclEntryCommandInput,
  type LockSnapshotCommandInput,
} from '@aws-sdk/client-ec2';
import { startAws, throttled, type AwsSettings, type AwsStandIn } from '../../drill/stand-ins/aws';
import { createFleet, type FleetInstance, type InstancePlan } from '../../drill/stand-ins/aws-fleet';
import { latencies } from '../../drill/stand-ins/aws/latency';
import { thorough } from '../support/thorough';

const REGION = 'eu-west-1';
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const SNAPSHOT_MS = 60_000;

const settingsBefore = { ...process.env };
/** The stand-in's clock: a test moves it on, and never back. */
let time = Date.parse('2026-03-02T10:00:00Z');
let standIn: AwsStandIn;
let ec2: EC2Client;
let scaling: AutoScalingClient;

beforeAll(async () => {
  process.env['AWS_ACCESS_KEY_ID'] = 'stand-in';
  process.env['AWS_SECRET_ACCESS_KEY'] = 'stand-in';
  standIn = await startAws({ snapshotMs: SNAPSHOT_MS, healthCheckMs: 0, now: () => time });
  ec2 = ec2At(standIn.url);
  scaling = new AutoScalingClient({ region: REGION, endpoint: standIn.url, maxAttempts: 1 });
});

afterAll(async () => {
  await standIn.close();
  process.env = settingsBefore;
});

/** With one attempt, so that a refusal is not hidden by a retry. */
function ec2At(endpoint: string, region = REGION): EC2Client {
  return new EC2Client({ endpoint, region, maxAttempts: 1 });
}

async function codeOf(call: Promise<unknown>): Promise<string> {
  const error: unknown = await call.then(
    () => ({ name: 'It was not refused.' }),
    (thrown: unknown) => thrown,
  );
  return (error as Error).name;
}

async function withOther(settings: AwsSettings, work: (other: AwsStandIn) => Promise<void>): Promise<void> {
  const other = await startAws(settings);
  try {
    await work(other);
  } finally {
    await other.close();
  }
}

async function newVolume(client = ec2): Promise<string> {
  const { VolumeId = '' } = await client.send(
    new CreateVolumeCommand({ AvailabilityZone: `${REGION}a`, Size: 8 }),
  );
  return VolumeId;
}

async function newSnapshot(): Promise<string> {
  const { SnapshotId = '' } = await ec2.send(new CreateSnapshotCommand({ VolumeId: await newVolume() }));
  return SnapshotId;
}

/** One that is no longer pending. */
async function completeSnapshot(): Promise<string> {
  const id = await newSnapshot();
  time += SNAPSHOT_MS;
  return id;
}

async function snapshotOf(id: string, client = ec2) {
  const { Snapshots = [] } = await client.send(new DescribeSnapshotsCommand({ SnapshotIds: [id] }));
  return Snapshots[0];
}

const lock = (SnapshotId: string, terms: Omit<LockSnapshotCommandInput, 'SnapshotId'>) =>
  ec2.send(new LockSnapshotCommand({ SnapshotId, ...terms }));
const unlock = (SnapshotId: string) => ec2.send(new UnlockSnapshotCommand({ SnapshotId }));
const remove = (SnapshotId: string) => ec2.send(new DeleteSnapshotCommand({ SnapshotId }));

async function lockOf(id: string) {
  const { Snapshots = [] } = await ec2.send(new DescribeLockedSnapshotsCommand({ SnapshotIds: [id] }));
  return Snapshots[0];
}

describe('a lock on a snapshot', () => {
  test('in governance mode keeps it from being deleted until it is unlocked', async () => {
    const id = await completeSnapshot();
    const answer = await lock(id, { LockMode: 'governance', LockDuration: 30 });
    expect(answer).toMatchObject({
      SnapshotId: id,
      LockState: 'governance',
      LockDuration: 30,
      LockCreatedOn: new Date(time),
      LockDurationStartTime: new Date(time),
      LockExpiresOn: new Date(time + 30 * DAY_MS),
    });
    expect(await lockOf(id)).toMatchObject({ OwnerId: '123456789012', LockState: 'governance' });
    expect(await codeOf(remove(id))).toBe('SnapshotLocked');
    expect((await snapshotOf(id))?.SnapshotId).toBe(id);
    expect(await unlock(id)).toMatchObject({ SnapshotId: id });
    expect(await lockOf(id)).toBeUndefined();
    await remove(id);
    expect(await codeOf(snapshotOf(id))).toBe('InvalidSnapshot.NotFound');
  });

  thorough('in governance mode can be made longer, shorter, and a compliance lock', async () => {
    const id = await completeSnapshot();
    for (const LockDuration of [30, 300, 3]) {
      await lock(id, { LockMode: 'governance', LockDuration });
      expect((await lockOf(id))?.LockExpiresOn).toEqual(new Date(time + LockDuration * DAY_MS));
    }
    await lock(id, { LockMode: 'compliance', LockDuration: 3 });
    expect((await lockOf(id))?.LockState).toBe('compliance');
  });

  thorough('in compliance mode can be changed and taken away until its cool-off is over', async () => {
    const id = await completeSnapshot();
    const terms = { LockMode: 'compliance', CoolOffPeriod: 2 } as const;
    expect(await lock(id, { ...terms, LockDuration: 30 })).toMatchObject({
      LockState: 'compliance-cooloff',
      CoolOffPeriod: 2,
      CoolOffPeriodExpiresOn: new Date(time + 2 * HOUR_MS),
    });
    expect(await codeOf(remove(id))).toBe('SnapshotLocked');
    time += 2 * HOUR_MS - 1;
    await lock(id, { ...terms, LockDuration: 10 });
    expect((await lockOf(id))?.LockDuration).toBe(10);
    await unlock(id);
    await remove(id);
  });

  thorough(
    'in compliance mode holds against everybody after its cool-off, and can only be extended',
    async () => {
      const id = await completeSnapshot();
      await lock(id, { LockMode: 'compliance', CoolOffPeriod: 1, LockDuration: 30 });
      time += HOUR_MS;
      expect((await lockOf(id))?.LockState).toBe('compliance');
      for (const attempt of [
        () => unlock(id),
        () => lock(id, { LockMode: 'compliance', LockDuration: 29 }),
        () => lock(id, { LockMode: 'governance', LockDuration: 300 }),
        () => lock(id, { LockMode: 'compliance', LockDuration: 300, CoolOffPeriod: 1 }),
      ])
        expect(await codeOf(attempt())).toBe('OperationNotPermitted');
      expect(await codeOf(remove(id))).toBe('SnapshotLocked');
      expect((await lockOf(id))?.LockDuration).toBe(30);
      await lock(id, { LockMode: 'compliance', LockDuration: 31 });
      expect((await lockOf(id))?.LockDuration).toBe(31);
    },
  );

  thorough('in compliance mode without a cool-off holds at once', async () => {
    const id = await completeSnapshot();
    expect((await lock(id, { LockMode: 'compliance', LockDuration: 1 })).LockState).toBe('compliance');
    expect(await codeOf(unlock(id))).toBe('OperationNotPermitted');
  });

  thorough('ends by itself, and the snapshot can then be deleted and locked anew', async () => {
    const [id, other] = [await completeSnapshot(), await completeSnapshot()];
    for (const each of [id, other]) await lock(each, { LockMode: 'compliance', LockDuration: 1 });
    time += DAY_MS;
    expect((await lockOf(id))?.LockState).toBe('expired');
    await remove(id);
    await lock(other, { LockMode: 'governance', LockDuration: 1 });
    expect((await lockOf(other))?.LockState).toBe('governance');
  });

  thorough('can be given a date instead of a duration', async () => {
    const id = await completeSnapshot();
    const ExpirationDate = new Date(time + HOUR_MS);
    const answer = await lock(id, { LockMode: 'governance', ExpirationDate });
    expect(answer.LockExpiresOn).toEqual(ExpirationDate);
    time += HOUR_MS;
    expect((await lockOf(id))?.LockState).toBe('expired');
  });

  thorough('can be put on a pending snapshot, and lasts from its completion on', async () => {
    const id = await newSnapshot();
    const lockedAt = time;
    const answer = await lock(id, { LockMode: 'governance', LockDuration: 1 });
    expect(answer).toMatchObject({ LockState: 'governance', LockCreatedOn: new Date(lockedAt) });
    expect(answer.LockDurationStartTime).toBeUndefined();
    expect(answer.LockExpiresOn).toBeUndefined();
    expect(await codeOf(remove(id))).toBe('SnapshotLocked');
    time += 2 * SNAPSHOT_MS;
    expect(await lockOf(id)).toMatchObject({
      LockDurationStartTime: new Date(lockedAt + SNAPSHOT_MS),
      LockExpiresOn: new Date(lockedAt + SNAPSHOT_MS + DAY_MS),
    });
  });

  thorough('is found by its snapshot and by its state, in its region alone', async () => {
    const [first, second] = [await completeSnapshot(), await completeSnapshot()];
    await lock(first, { LockMode: 'compliance', LockDuration: 1, CoolOffPeriod: 72 });
    await lock(second, { LockMode: 'governance', LockDuration: 1 });
    const found = async (client: EC2Client, state: string) => {
      const { Snapshots = [] } = await client.send(
        new DescribeLockedSnapshotsCommand({ Filters: [{ Name: 'lock-state', Values: [state] }] }),
      );
      return Snapshots.map(({ SnapshotId }) => SnapshotId);
    };
    expect(await found(ec2, 'compliance-cooloff')).toEqual([first]);
    expect(await found(ec2, 'governance')).toContain(second);
    expect(await found(ec2At(standIn.url, 'us-east-1'), 'governance')).toEqual([]);
  });

  thorough('is there although its answer was lost, and counts as an effect', async () => {
    const id = await completeSnapshot();
    standIn.breakCalls({ on: 'ec2.LockSnapshot', kind: 'dropAfter', times: 1 });
    await expect(lock(id, { LockMode: 'governance', LockDuration: 1 })).rejects.toThrow();
    expect((await lockOf(id))?.LockState).toBe('governance');
    expect(standIn.calls.findLast(({ name }) => name === 'ec2.LockSnapshot')).toMatchObject({
      effectStatus: 200,
    });
  });

  thorough.each<[string, Omit<LockSnapshotCommandInput, 'SnapshotId'>, string]>([
    ['no duration and no date', { LockMode: 'governance' }, 'MissingParameter'],
    [
      'both of them',
      { LockMode: 'governance', LockDuration: 1, ExpirationDate: new Date('2030-01-01') },
      'InvalidParameterCombination',
    ],
    ['a duration of no days', { LockMode: 'governance', LockDuration: 0 }, 'InvalidParameterValue'],
    ['more than 36500 days', { LockMode: 'governance', LockDuration: 36_501 }, 'InvalidParameterValue'],
    [
      'a date that is over',
      { LockMode: 'governance', ExpirationDate: new Date('2020-01-01') },
      'InvalidParameterValue',
    ],
    [
      'a cool-off in governance mode',
      { LockMode: 'governance', LockDuration: 1, CoolOffPeriod: 1 },
      'InvalidParameterCombination',
    ],
    [
      'a cool-off of 73 hours',
      { LockMode: 'compliance', LockDuration: 1, CoolOffPeriod: 73 },
      'InvalidParameterValue',
    ],
    ['a mode that is none', { LockMode: 'forever' as never, LockDuration: 1 }, 'InvalidParameterValue'],
    [
      'a dry run',
      { LockMode: 'compliance', LockDuration: 1, CoolOffPeriod: 72, DryRun: true },
      'DryRunOperation',
    ],
  ])('is not made by %s', async (_, terms, code) => {
    const id = await completeSnapshot();
    expect(await codeOf(lock(id, terms))).toBe(code);
    expect(await lockOf(id)).toBeUndefined();
  });

  thorough('needs a snapshot that is there', async () => {
    const id = 'snap-0123456789abcdef0';
    for (const attempt of [
      () => lock(id, { LockMode: 'governance', LockDuration: 1 }),
      () => unlock(id),
      () => lockOf(id),
    ])
      expect(await codeOf(attempt())).toBe('InvalidSnapshot.NotFound');
  });
});

describe('a snapshot that takes time', () => {
  const now = async (id: string) => {
    const { State, Progress } = (await snapshotOf(id)) ?? {};
    return `${State} ${Progress}`;
  };

  test('is pending, and completes while its progress grows', async () => {
    const VolumeId = await newVolume();
    const answer = await ec2.send(new CreateSnapshotCommand({ VolumeId }));
    expect(answer).toMatchObject({ State: 'pending', Progress: '0%' });
    const id = answer.SnapshotId ?? '';
    expect(await now(id)).toBe('pending 0%');
    time += SNAPSHOT_MS * 0.37;
    expect(await now(id)).toBe('pending 37%');
    time += SNAPSHOT_MS * 0.62;
    expect(await now(id)).toBe('pending 99%');
    time += SNAPSHOT_MS * 0.01;
    expect(await now(id)).toBe('completed 100%');
  });

  thorough('is pending for every volume of an instance', async () => {
    const { id } = await newInstance({ volumes: 2 });
    const { Snapshots = [] } = await ec2.send(
      new CreateSnapshotsCommand({
        InstanceSpecification: { InstanceId: id },
        TagSpecifications: [{ ResourceType: 'snapshot', Tags: [{ Key: 'a', Value: 'b' }] }],
      }),
    );
    expect(Snapshots.map(({ State, Progress, Tags }) => ({ State, Progress, Tags }))).toEqual(
      Array(2).fill({ State: 'pending', Progress: '0%', Tags: [{ Key: 'a', Value: 'b' }] }),
    );
  });

  thorough('can be copied once it is complete, and its copy is pending too', async () => {
    const SourceSnapshotId = await newSnapshot();
    const away = ec2At(standIn.url, 'eu-central-1');
    const copy = () => away.send(new CopySnapshotCommand({ SourceSnapshotId, SourceRegion: REGION }));
    expect(await codeOf(copy())).toBe('IncorrectState');
    time += SNAPSHOT_MS;
    const { SnapshotId = '' } = await copy();
    expect((await snapshotOf(SnapshotId, away))?.State).toBe('pending');
    time += SNAPSHOT_MS;
    expect((await snapshotOf(SnapshotId, away))?.State).toBe('completed');
  });

  thorough('is found by the state that it is in, and by other filters as before', async () => {
    const VolumeId = await newVolume();
    const [old, young] = [await snapshot(), await snapshot()];
    async function snapshot() {
      time += SNAPSHOT_MS;
      return (await ec2.send(new CreateSnapshotCommand({ VolumeId }))).SnapshotId;
    }
    const found = async (state: string) => {
      const { Snapshots = [] } = await ec2.send(
        new DescribeSnapshotsCommand({
          Filters: [
            { Name: 'status', Values: [state] },
            { Name: 'volume-id', Values: [VolumeId] },
          ],
        }),
      );
      return Snapshots.map(({ SnapshotId }) => SnapshotId);
    };
    expect(await found('completed')).toEqual([old]);
    expect(await found('pending')).toEqual([young]);
  });

  thorough('is complete at once where nothing was said', async () => {
    await withOther({}, async (other) => {
      const client = ec2At(other.url);
      const VolumeId = await newVolume(client);
      const { State, SnapshotId = '' } = await client.send(new CreateSnapshotCommand({ VolumeId }));
      expect([State, (await snapshotOf(SnapshotId, client))?.State]).toEqual(['completed', 'completed']);
    });
  });
});

async function newAcl(client = ec2): Promise<string> {
  const { Vpcs = [] } = await client.send(new DescribeVpcsCommand({}));
  const { NetworkAcl } = await client.send(new CreateNetworkAclCommand({ VpcId: Vpcs[0]?.VpcId }));
  return NetworkAcl?.NetworkAclId ?? '';
}

function deny(
  NetworkAclId: string,
  RuleNumber: number,
  changed: Partial<CreateNetworkAclEntryCommandInput> = {},
) {
  const range = changed.Ipv6CidrBlock === undefined ? { CidrBlock: '198.51.100.7/32' } : {};
  return new CreateNetworkAclEntryCommand({
    NetworkAclId,
    RuleNumber,
    Protocol: '-1',
    RuleAction: 'deny',
    Egress: false,
    ...range,
    ...changed,
  });
}

async function entriesOf(id: string) {
  const { NetworkAcls = [] } = await ec2.send(new DescribeNetworkAclsCommand({ NetworkAclIds: [id] }));
  return NetworkAcls[0]?.Entries ?? [];
}

describe('an entry of a network ACL', () => {
  test('denies everything both ways in a new one', async () => {
    const { Vpcs = [] } = await ec2.send(new DescribeVpcsCommand({}));
    const { NetworkAcl } = await ec2.send(new CreateNetworkAclCommand({ VpcId: Vpcs[0]?.VpcId }));
    const all = { CidrBlock: '0.0.0.0/0', Protocol: '-1', RuleAction: 'deny', RuleNumber: 32_767 };
    const expected = [
      { ...all, Egress: true },
      { ...all, Egress: false },
    ];
    expect(NetworkAcl?.Entries).toEqual(expected);
    expect(await entriesOf(NetworkAcl?.NetworkAclId ?? '')).toEqual(expected);
  });

  thorough.each([
    [{ CidrBlock: '100.68.0.18/18' }, { CidrBlock: '100.68.0.0/18' }],
    [{ CidrBlock: '203.0.113.9/32' }, { CidrBlock: '203.0.113.9/32' }],
    [{ CidrBlock: '10.1.2.3/0' }, { CidrBlock: '0.0.0.0/0' }],
    [{ Ipv6CidrBlock: '2001:DB8:0:0:1:0:0:9/64' }, { Ipv6CidrBlock: '2001:db8::/64' }],
    [{ Ipv6CidrBlock: '::ffff:192.0.2.1/128' }, { Ipv6CidrBlock: '::ffff:c000:201/128' }],
    [{ Ipv6CidrBlock: '1:2:3:4:5:6:7:8/0' }, { Ipv6CidrBlock: '::/0' }],
  ])('of %j is kept as %j, also when it is replaced', async (given, kept) => {
    const acl = await newAcl();
    await ec2.send(deny(acl, 10, given));
    expect(await entriesOf(acl)).toContainEqual(expect.objectContaining(kept));
    const { input } = deny(acl, 10, { ...given, RuleAction: 'allow' });
    await ec2.send(new ReplaceNetworkAclEntryCommand(input));
    expect(await entriesOf(acl)).toContainEqual(expect.objectContaining({ ...kept, RuleAction: 'allow' }));
  });

  thorough.each([
    { CidrBlock: '198.51.100.7' },
    { CidrBlock: '198.51.100.7/33' },
    { CidrBlock: '198.51.100.256/32' },
    { CidrBlock: '198.51.100/24' },
    { CidrBlock: 'attacker.example/32' },
    { CidrBlock: '2001:db8::/64' },
    { Ipv6CidrBlock: '2001:db8::/129' },
    { Ipv6CidrBlock: '2001:db8::1::/64' },
    { Ipv6CidrBlock: '198.51.100.7/32' },
  ])('of %j is refused', async (range) => {
    const acl = await newAcl();
    expect(await codeOf(ec2.send(deny(acl, 10, range)))).toBe('InvalidParameterValue');
    expect(await entriesOf(acl)).toHaveLength(2);
  });

  thorough('has a number of its own in its direction, from 1 to 32766', async () => {
    const acl = await newAcl();
    await ec2.send(deny(acl, 10));
    await ec2.send(deny(acl, 10, { Egress: true }));
    expect(await codeOf(ec2.send(deny(acl, 10, { CidrBlock: '203.0.113.9/32' })))).toBe(
      'NetworkAclEntryAlreadyExists',
    );
    for (const number of [0, 32_767])
      expect(await codeOf(ec2.send(deny(acl, number)))).toBe('InvalidParameterValue');
  });

  thorough(
    'is one of twenty in its direction with the default deny, also where many are added at once',
    async () => {
      const acl = await newAcl();
      const numbers = Array.from({ length: 22 }, (_, index) => index + 1);
      const codes = await Promise.all(numbers.map((number) => codeOf(ec2.send(deny(acl, number)))));
      expect(codes.filter((code) => code === 'NetworkAclEntryLimitExceeded')).toHaveLength(3);
      expect((await entriesOf(acl)).filter(({ Egress }) => !Egress)).toHaveLength(20);
      await ec2.send(deny(acl, 1, { Egress: true }));
      await ec2.send(new DeleteNetworkAclEntryCommand({ NetworkAclId: acl, RuleNumber: 1, Egress: true }));
    },
  );

  thorough('counts against a quota that can be raised to forty, and no further', async () => {
    await withOther({ aclEntries: 40 }, async (other) => {
      const client = ec2At(other.url);
      const acl = await newAcl(client);
      for (let number = 1; number <= 39; number += 1) await client.send(deny(acl, number));
      expect(await codeOf(client.send(deny(acl, 40)))).toBe('NetworkAclEntryLimitExceeded');
    });
    await expect(startAws({ aclEntries: 41 })).rejects.toThrow('40 entries');
  });

  thorough('that is not there can be neither deleted nor replaced', async () => {
    const acl = await newAcl();
    const { input } = deny(acl, 10);
    for (const attempt of [
      () => ec2.send(new DeleteNetworkAclEntryCommand({ NetworkAclId: acl, RuleNumber: 10, Egress: false })),
      () => ec2.send(new ReplaceNetworkAclEntryCommand(input)),
    ])
      expect(await codeOf(attempt())).toBe('InvalidNetworkAclEntry.NotFound');
    expect(await codeOf(ec2.send(deny('acl-0123456789abcdef0', 10)))).toBe('InvalidNetworkAclID.NotFound');
  });
});

async function newInstance(plan: Partial<InstancePlan> = {}): Promise<FleetInstance> {
  return (await createFleet(standIn.url, REGION, [{ ...plan, name: 'web' }])).web;
}

describe('a security group', () => {
  async function newGroup(VpcId: string): Promise<string> {
    const { GroupId = '' } = await ec2.send(
      new CreateSecurityGroupCommand({ VpcId, GroupName: 'quarantine', Description: 'empty' }),
    );
    return GroupId;
  }
  const put = (NetworkInterfaceId: string, Groups: string[]) =>
    ec2.send(new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId, Groups }));
  const groupsOf = async (id: string) => {
    const { NetworkInterfaces = [] } = await ec2.send(
      new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [id] }),
    );
    return NetworkInterfaces[0]?.Groups?.map(({ GroupId }) => GroupId);
  };

  test('that is not there can’t be put on an interface, which keeps what it has', async () => {
    const { vpcId, interfaceIds } = await newInstance();
    const [card = ''] = interfaceIds;
    const group = await newGroup(vpcId);
    const before = await groupsOf(card);
    expect(await codeOf(put(card, [group, 'sg-0123456789abcdef0']))).toBe('InvalidGroup.NotFound');
    expect(await groupsOf(card)).toEqual(before);
    await put(card, [group]);
    expect(await groupsOf(card)).toEqual([group]);
  });

  thorough('that is on an interface can’t be deleted', async () => {
    const { vpcId, interfaceIds } = await newInstance();
    const [card = ''] = interfaceIds;
    const [used, unused] = [await newGroup(vpcId), await newGroup((await newInstance()).vpcId)];
    await put(card, [used]);
    const drop = (GroupId: string) => ec2.send(new DeleteSecurityGroupCommand({ GroupId }));
    expect(await codeOf(drop(used))).toBe('DependencyViolation');
    expect(await groupsOf(card)).toEqual([used]);
    await drop(unused);
    expect(await codeOf(drop(unused))).toBe('InvalidGroup.NotFound');
  });
});

describe('an instance that is stopped', () => {
  const stop = (id: string, client = ec2) => client.send(new StopInstancesCommand({ InstanceIds: [id] }));
  const stateOf = async (id: string) => {
    const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
    return Reservations[0]?.Instances?.[0]?.State?.Name;
  };
  const members = async (name: string) => {
    const { AutoScalingGroups = [] } = await scaling.send(
      new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] }),
    );
    return (AutoScalingGroups[0]?.Instances ?? []).map(({ InstanceId }) => InstanceId);
  };
  const isLost = (id: string) => standIn.lost.some(({ instanceId }) => instanceId === id);

  test('while it is in a scaling group is terminated despite its protection, replaced, and written down', async () => {
    const web = await newInstance({ scalingGroup: 'wrong-order', volumes: 2 });
    const [, kept = ''] = web.volumeIds;
    await ec2.send(
      new ModifyInstanceAttributeCommand({ InstanceId: web.id, DisableApiTermination: { Value: true } }),
    );
    await ec2.send(
      new ModifyInstanceAttributeCommand({
        InstanceId: web.id,
        BlockDeviceMappings: [{ DeviceName: '/dev/sdb', Ebs: { DeleteOnTermination: false } }],
      }),
    );
    expect((await stop(web.id)).StoppingInstances?.[0]?.CurrentState?.Name).toBe('stopping');
    expect(await stateOf(web.id)).toBe('terminated');
    const now = await members('wrong-order');
    expect(now).toHaveLength(1);
    expect(now).not.toContain(web.id);
    expect(standIn.lost.filter(({ instanceId }) => instanceId === web.id)).toEqual([
      {
        at: expect.any(Number),
        instanceId: web.id,
        scalingGroup: 'wrong-order',
        volumeIds: [web.volumeIds[0]],
      },
    ]);
    const { Volumes = [] } = await ec2.send(new DescribeVolumesCommand({}));
    expect(Volumes.map(({ VolumeId }) => VolumeId)).toContain(kept);
    expect(Volumes.map(({ VolumeId }) => VolumeId)).not.toContain(web.volumeIds[0]);
  });

  thorough.each<[string, (name: string, id: string) => Promise<unknown>]>([
    [
      'after it was detached',
      (AutoScalingGroupName, id) =>
        scaling.send(
          new DetachInstancesCommand({
            AutoScalingGroupName,
            InstanceIds: [id],
            ShouldDecrementDesiredCapacity: false,
          }),
        ),
    ],
    [
      'in standby',
      (AutoScalingGroupName, id) =>
        scaling.send(
          new EnterStandbyCommand({
            AutoScalingGroupName,
            InstanceIds: [id],
            ShouldDecrementDesiredCapacity: true,
          }),
        ),
    ],
    [
      'while its group replaces nothing',
      (AutoScalingGroupName) =>
        scaling.send(
          new SuspendProcessesCommand({ AutoScalingGroupName, ScalingProcesses: ['ReplaceUnhealthy'] }),
        ),
    ],
  ])('%s stays', async (how, rescue) => {
    const web = await newInstance({ scalingGroup: how });
    await rescue(how, web.id);
    await stop(web.id);
    expect(await stateOf(web.id)).toBe('stopped');
    expect(isLost(web.id)).toBe(false);
  });

  thorough('may still be rescued until its group looks', async () => {
    await withOther({ healthCheckMs: 60_000 }, async (other) => {
      const group = 'looks-late';
      const fleet = await createFleet(other.url, REGION, [
        { name: 'rescued', scalingGroup: group },
        { name: 'forgotten', scalingGroup: group },
      ]);
      const client = ec2At(other.url);
      for (const { id } of [fleet.rescued, fleet.forgotten]) await stop(id, client);
      expect(other.lost).toEqual([]);
      await new AutoScalingClient({ region: REGION, endpoint: other.url }).send(
        new DetachInstancesCommand({
          AutoScalingGroupName: group,
          InstanceIds: [fleet.rescued.id],
          ShouldDecrementDesiredCapacity: true,
        }),
      );
      await other.checkHealth();
      expect(other.lost.map(({ instanceId }) => instanceId)).toEqual([fleet.forgotten.id]);
    });
  });

  thorough('can’t be one that is terminated', async () => {
    const { id } = await newInstance();
    await ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
    expect(await codeOf(stop(id))).toBe('IncorrectInstanceState');
    expect(await stateOf(id)).toBe('terminated');
  });
});

describe('throttling', () => {
  test('on demand is EC2’s own, as often as it is asked for', async () => {
    standIn.breakCalls(throttled('ec2.DescribeVolumes', 2));
    const look = () => ec2.send(new DescribeVolumesCommand({}));
    for (let time = 0; time < 2; time += 1)
      await expect(look()).rejects.toMatchObject({
        name: 'RequestLimitExceeded',
        $metadata: { httpStatusCode: 503 },
      });
    await look();
  });

  thorough('on demand is that of the other services for their actions', async () => {
    standIn.breakCalls(throttled('autoscaling.DescribeAutoScalingGroups', 1));
    await expect(scaling.send(new DescribeAutoScalingGroupsCommand({}))).rejects.toMatchObject({
      name: 'Throttling',
      $metadata: { httpStatusCode: 400 },
    });
  });

  thorough(
    'by buckets leaves each action of each region its burst, then what comes back, and counts',
    async () => {
      const buckets = { perSecond: 2, burst: 3 };
      await withOther({ buckets, now: () => time }, async (other) => {
        const client = ec2At(other.url);
        const look = () => codeOf(client.send(new DescribeVolumesCommand({})));
        const passed = async (count: number) => {
          const codes = await Promise.all(Array.from({ length: count }, look));
          return codes.filter((code) => code !== 'RequestLimitExceeded').length;
        };
        expect(await passed(5)).toBe(3);
        await client.send(new DescribeVpcsCommand({}));
        await ec2At(other.url, 'us-east-1').send(new DescribeVolumesCommand({}));
        time += 500;
        expect(await passed(2)).toBe(1);
        time += 60_000;
        expect(await passed(5)).toBe(3);
        expect([...other.throttledCalls]).toEqual([['ec2.DescribeVolumes', 2 + 1 + 2]]);
        const refused = other.calls.filter(({ status }) => status === 503);
        expect(refused).toHaveLength(5);
        expect(refused.every(({ effectStatus }) => effectStatus === undefined)).toBe(true);
      });
    },
  );

  thorough('by buckets has a size for each action, and spares those without one', async () => {
    const buckets = (action: string) =>
      action === 'ec2.CreateVolume' ? { perSecond: 0, burst: 1 } : undefined;
    await withOther({ buckets }, async (other) => {
      const client = ec2At(other.url);
      await newVolume(client);
      expect(await codeOf(newVolume(client))).toBe('RequestLimitExceeded');
      for (let count = 0; count < 5; count += 1) await client.send(new DescribeVpcsCommand({}));
    });
  });
});

describe('latency', () => {
  test('is the same for the same seed, whatever other actions happen, and within its bounds', () => {
    const [one, two, three] = [latencies([20, 80], 7), latencies([20, 80], 7), latencies([20, 80], 8)];
    const take = (next: (name: string) => number) => Array.from({ length: 200 }, () => next('ec2.A'));
    two('ec2.B');
    const [first, second, third] = [take(one), take(two), take(three)];
    expect(second).toEqual(first);
    expect(third).not.toEqual(first);
    expect(Math.min(...first)).toBeGreaterThanOrEqual(20);
    expect(Math.max(...first)).toBeLessThan(80);
    const mean = first.reduce((sum, each) => sum + each, 0) / first.length;
    expect(Math.abs(mean - 50)).toBeLessThan(5);
  });

  thorough('is waited for by calls side by side', async () => {
    await withOther({ latencyMs: [400, 500] }, async (other) => {
      const client = ec2At(other.url);
      const look = () => client.send(new DescribeVpcsCommand({}));
      const timed = async (work: () => Promise<unknown>) => {
        const from = performance.now();
        await work();
        return performance.now() - from;
      };
      await look();
      const oneMs = await timed(look);
      const tenMs = await timed(() => Promise.all(Array.from({ length: 10 }, look)));
      expect(tenMs).toBeGreaterThanOrEqual(400);
      // One after the other they would take ten times as long, on whatever machine.
      expect(tenMs).toBeLessThan(5 * oneMs);
    });
  });
});
