/** What is captured and kept, and the whole of containment in one instance, against moto behind the proxy. */
import {
  AttachNetworkInterfaceCommand,
  AssociateIamInstanceProfileCommand,
  CreateNetworkInterfaceCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  CreateSnapshotCommand,
  DescribeInstancesCommand,
  DescribeLockedSnapshotsCommand,
  DescribeNetworkAclsCommand,
  DescribeSecurityGroupsCommand,
  DescribeSnapshotsCommand,
  DetachVolumeCommand,
  EC2Client,
  LockSnapshotCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
  UnlockSnapshotCommand,
} from '@aws-sdk/client-ec2';
import {
  CreateTargetGroupCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  AddRoleToInstanceProfileCommand,
  CreateInstanceProfileCommand,
  CreateRoleCommand,
  DeleteInstanceProfileCommand,
  IAMClient,
} from '@aws-sdk/client-iam';
import { ApplicationFailure } from '@temporalio/common';
import type { Capture, InstanceLocation, Moment, Surroundings } from '../../activities/containment';
import { startAws, throttled, type AwsStandIn } from '../../drill/stand-ins/aws';
import {
  createFleet,
  lookAtFleet,
  type FleetInstance,
  type InstancePlan,
} from '../../drill/stand-ins/aws-fleet';
import type { Fault, FaultKind } from '../../drill/stand-ins/recording-proxy';
import { createAws, type Aws } from '../../integrations/aws/cloud';
import { EMPTY_PROFILE_NAME } from '../../integrations/aws/profile';
import { QUARANTINE_GROUP_NAME } from '../../integrations/aws/quarantine';
import { failureOf } from '../support/failures';
import { someOf, thorough } from '../support/thorough';

const REGION = 'eu-west-1';
const CODENAME = 'sapphire-unicorn';
const ISSUED_BEFORE = '2026-10-05T10:00:00.000Z';
const SURROUNDINGS: Surroundings = { codename: CODENAME, attackers: [] };
const DOCUMENT = 'CaptureMemory';
const MEMORY = { document: DOCUMENT, destination: 's3://evidence/memory/', timeBoxMs: 60_000 };
const DAY_MS = 86_400_000;
const CHANGES =
  /\.(Create|Modify|Detach|Deregister|Revoke|Authorize|Stop|Terminate|Delete|Run|Attach|Register|Lock|Put|Replace|(Dis)?[Aa]ssociate|Send)/;

const settingsBefore = { ...process.env };
let standIn: AwsStandIn;
let aws: Aws;
let ec2: EC2Client;
let iam: IAMClient;
let balancing: ElasticLoadBalancingV2Client;
/** Through the proxy, which is where the locks are. */
let locking: EC2Client;
let made = 0;

beforeAll(async () => {
  process.env['AWS_ACCESS_KEY_ID'] = 'stand-in';
  process.env['AWS_SECRET_ACCESS_KEY'] = 'stand-in';
  standIn = await startAws();
  const byTheBack = { region: REGION, endpoint: standIn.motoUrl };
  aws = createAws({ region: REGION, endpoint: standIn.url, memory: MEMORY });
  ec2 = new EC2Client(byTheBack);
  iam = new IAMClient(byTheBack);
  balancing = new ElasticLoadBalancingV2Client(byTheBack);
  locking = new EC2Client({ region: REGION, endpoint: standIn.url });
});

afterAll(async () => {
  await standIn.close();
  process.env = settingsBefore;
});

async function fleetOfOne(plan: Partial<InstancePlan> = {}): Promise<FleetInstance> {
  return (await createFleet(standIn.motoUrl, REGION, [{ ...plan, name: 'web' }])).web;
}

/** An instance with everything that containment changes. */
async function fullInstance(): Promise<FleetInstance> {
  const name = `full-${(made += 1)}`;
  const web = await fleetOfOne({ interfaces: 2, volumes: 2, scalingGroup: name, targetGroup: name });
  await iam.send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: '{}' }));
  await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: name }));
  await iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName: name, RoleName: name }));
  await ec2.send(
    new AssociateIamInstanceProfileCommand({ InstanceId: web.id, IamInstanceProfile: { Name: name } }),
  );
  await iam
    .send(new DeleteInstanceProfileCommand({ InstanceProfileName: EMPTY_PROFILE_NAME }))
    .catch(() => undefined);
  return web;
}

function stopped(id: string) {
  return ec2.send(new StopInstancesCommand({ InstanceIds: [id] }));
}

async function look(id: string) {
  const state = (await lookAtFleet(standIn.url, REGION, [id]))[id];
  if (!state) throw new Error('The instance is not there.');
  return state;
}

async function changesDuring(work: () => Promise<unknown>): Promise<string[]> {
  const before = standIn.calls.length;
  await work();
  return standIn.calls
    .slice(before)
    .map(({ name }) => name)
    .filter((name) => CHANGES.test(name));
}

/** How Temporal would: as long as the failure says that a retry may help. */
async function persist<Result>(step: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt += 1)
    try {
      return await step();
    } catch (error) {
      if (attempt === 10 || (error instanceof ApplicationFailure && error.nonRetryable)) throw error;
    }
}

/** Every step, in the order of the chain. */
const STEPS: readonly (readonly [string, (captured: Capture) => Promise<unknown>])[] = [
  ['capture', ({ instance }) => aws.capture(instance)],
  ['protect', (captured) => aws.protect(captured, CODENAME)],
  ['captureMemory', (captured) => aws.captureMemory(captured, CODENAME)],
  ['snapshot', (captured) => aws.snapshot(captured, CODENAME, 'live')],
  ['lock', (captured) => aws.lock(captured, CODENAME)],
  ['leaveGroups', (captured) => aws.leaveGroups(captured)],
  ['isolate', (captured) => aws.isolate(captured, CODENAME)],
  ['revokeRole', (captured) => aws.revokeRole(captured, CODENAME, ISSUED_BEFORE)],
  ['denyElsewhere', (captured) => aws.denyElsewhere(captured, CODENAME)],
  ['verify', (captured) => aws.verify(captured, SURROUNDINGS, ISSUED_BEFORE)],
  ['stop', ({ instance }) => aws.stop(instance)],
  ['snapshot when stopped', (captured) => aws.snapshot(captured, CODENAME, 'stopped')],
  ['lock when stopped', (captured) => aws.lock(captured, CODENAME)],
];

async function contain(location: InstanceLocation): Promise<Capture> {
  const captured = await persist(() => aws.capture(location));
  for (const [, step] of STEPS.slice(1)) await persist(() => step(captured));
  return captured;
}

function refusal(on: string, code = refusedWith(on), status = 403): FaultKind {
  const error = `<Error><Code>${code}</Code><Message>No</Message></Error>`;
  const body = on.startsWith('ssm.')
    ? JSON.stringify({ __type: code, message: 'No' })
    : on.startsWith('ec2.')
      ? `<Response><Errors>${error}</Errors><RequestID>r</RequestID></Response>`
      : `<ErrorResponse>${error}<RequestId>r</RequestId></ErrorResponse>`;
  return { kind: 'answer', status, body };
}

function refusedWith(on: string): string {
  if (on.startsWith('ec2.')) return 'UnauthorizedOperation';
  return on.startsWith('ssm.') ? 'AccessDeniedException' : 'AccessDenied';
}

/** Changes what AWS says of the instance in the next answers, for what moto can't be brought to. */
async function describedAs(id: string, change: (xml: string) => string, times: number): Promise<() => void> {
  const on = 'ec2.DescribeInstances';
  await locking.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
  const asItIs = standIn.calls.findLast(({ name }) => name === on)?.answer ?? '';
  const body = change(asItIs);
  expect(body).not.toBe(asItIs);
  return standIn.breakCalls({ on, kind: 'answer', status: 200, body, times });
}

async function snapshotsOf(id: string): Promise<{ volumeId: string; moment: string }[]> {
  const { Snapshots = [] } = await ec2.send(
    new DescribeSnapshotsCommand({ Filters: [{ Name: 'tag:firebreak:source', Values: [id] }] }),
  );
  return Snapshots.map(({ VolumeId = '', Tags = [] }) => ({
    volumeId: VolumeId,
    moment: Tags.find(({ Key }) => Key === 'firebreak:moment')?.Value ?? '',
  })).sort((one, other) => (`${one.moment}${one.volumeId}` < `${other.moment}${other.volumeId}` ? -1 : 1));
}

function oneOfEach(volumeIds: readonly string[]): { volumeId: string; moment: Moment }[] {
  const ids = [...volumeIds].sort();
  return (['live', 'stopped'] as const).flatMap((moment) => ids.map((volumeId) => ({ volumeId, moment })));
}

describe('the whole of containment', () => {
  /** What the chain changes, in its order. */
  const MUTATING = [
    'ec2.ModifyInstanceAttribute',
    'ec2.ModifyNetworkInterfaceAttribute',
    'ec2.CreateTags',
    'ssm.SendCommand',
    'ec2.CreateSnapshots',
    'ec2.LockSnapshot',
    'autoscaling.DetachInstances',
    'elasticloadbalancing.DeregisterTargets',
    'ec2.CreateSecurityGroup',
    'ec2.RevokeSecurityGroupEgress',
    'iam.PutRolePolicy',
    'iam.CreateInstanceProfile',
    'ec2.ReplaceIamInstanceProfileAssociation',
    'ec2.CreateNetworkAclEntry',
    'ec2.StopInstances',
  ];

  async function expectContained(web: FleetInstance, captured: Capture): Promise<void> {
    expect((await aws.verify(captured, SURROUNDINGS, ISSUED_BEFORE)).unproven).toEqual([]);
    expect((await look(web.id)).state).toBe('stopped');
    expect(await snapshotsOf(web.id)).toEqual(oneOfEach(web.volumeIds));
    expect(await aws.lock(captured, CODENAME)).toHaveLength(2 * web.volumeIds.length);
    const { SecurityGroups } = await ec2.send(
      new DescribeSecurityGroupsCommand({
        Filters: [
          { Name: 'group-name', Values: [QUARANTINE_GROUP_NAME] },
          { Name: 'vpc-id', Values: [web.vpcId] },
        ],
      }),
    );
    expect(SecurityGroups).toHaveLength(1);
  }

  test('done twice, it changes nothing the second time', async () => {
    const web = await fullInstance();
    let captured: Capture | undefined;
    const changes = await changesDuring(async () => (captured = await contain({ id: web.id })));
    expect([...new Set(changes)].sort()).toEqual([...MUTATING].sort());
    await expectContained(web, captured!);
    expect(
      await changesDuring(async () => {
        for (const [, step] of STEPS) await step(captured!);
      }),
    ).toEqual([]);
  });

  const throttledOnce = (on: string): Fault =>
    on.startsWith('ssm.') ? { on, times: 1, ...refusal(on, 'ThrottlingException', 400) } : throttled(on, 1);

  test.each(
    someOf<[string, (on: string) => Fault]>(
      [
        [
          'where the answer to each change is lost once after its effect',
          (on) => ({ on, kind: 'dropAfter', times: 1 }),
        ],
        ['where each change is throttled once', throttledOnce],
      ],
      1,
    ),
  )('%s, everything is done, and once', async (_, faultOn) => {
    const web = await fullInstance();
    for (const on of MUTATING) standIn.breakCalls(faultOn(on));
    const from = standIn.calls.length;
    await expectContained(web, await contain({ id: web.id }));
    const broken = standIn.calls
      .slice(from)
      .filter(({ name, status }) => CHANGES.test(name) && status !== 200);
    expect([...new Set(broken.map(({ name }) => name))].sort()).toEqual([...MUTATING].sort());
  });

  thorough(
    'a missing permission is named, whatever step and call it is for',
    async () => {
      const dispensable = ['ec2.GetConsoleOutput', 'iam.GetInstanceProfile'];
      for (const [name, step] of someOf(STEPS, 2)) {
        const first = await fullInstance();
        const before = (await upTo(name, first)).captured;
        const from = standIn.calls.length;
        await step(before);
        const calls = new Set(standIn.calls.slice(from).map((call) => call.name));
        for (const on of someOf([...calls], 2)) {
          if (name === 'capture' && dispensable.includes(on)) continue;
          // A call that changes something is made only once: it takes another instance to make it again.
          const captured = CHANGES.test(on) ? (await upTo(name, await fullInstance())).captured : before;
          const mend = standIn.breakCalls({ on, ...refusal(on) });
          const failure = await failureOf(step(captured));
          mend();
          expect([name, on, failure.type]).toEqual([name, on, 'Unauthorized']);
          expect(failure.message).toContain(on.replace('.', ':'));
        }
      }
    },
    120_000,
  );

  async function upTo(name: string, { id }: FleetInstance): Promise<{ captured: Capture }> {
    const captured = await aws.capture({ id });
    const steps = STEPS.slice(
      1,
      Math.max(
        1,
        STEPS.findIndex(([each]) => each === name),
      ),
    );
    for (const [, step] of steps) await step(captured);
    return { captured };
  }

  test('a terminated instance and one of another account are a conflict, and nothing of them is changed', async () => {
    const { id } = await fleetOfOne();
    const captured = await aws.capture({ id });
    const foreign = { ...captured, instance: { id, account: '210987654321' } };
    const changes = await changesDuring(async () => {
      for (const [name, step] of STEPS.filter(([each]) => !/lock|Memory|leave/.test(each))) {
        const failure = await failureOf(step(foreign));
        expect([name, failure.type]).toEqual([name, 'Conflict']);
      }
      await ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
      for (const [name, step] of STEPS.filter(([each]) => /capture$|protect|isolate|revoke|stop$/.test(each)))
        expect([name, (await failureOf(step(captured))).type]).toEqual([name, 'Conflict']);
    });
    // The empty group is looked for, and made, beside the look at the instance: nobody is in it.
    expect(changes.filter((name) => !name.includes('SecurityGroup'))).toEqual([]);
  });
});

describe('capture', () => {
  test('names the network ACL of each interface, and whether the interface goes with the instance', async () => {
    const web = await fleetOfOne({ interfaces: 2 });
    const { NetworkAcls = [] } = await ec2.send(
      new DescribeNetworkAclsCommand({
        Filters: [{ Name: 'association.subnet-id', Values: [web.subnetId] }],
      }),
    );
    const before = standIn.calls.length;
    const captured = await aws.capture({ id: web.id });
    for (const each of captured.interfaces)
      expect(each).toMatchObject({
        networkAclId: NetworkAcls[0]?.NetworkAclId,
        deleteOnTermination: true,
      });
    const asked = standIn.calls.slice(before).filter(({ name }) => name === 'ec2.DescribeNetworkAcls');
    expect(asked).toHaveLength(1);
    await aws.protect(captured, CODENAME);
    const again = await aws.capture({ id: web.id });
    expect(again.interfaces.map(({ deleteOnTermination }) => deleteOnTermination)).toEqual([false, false]);
  });

  const console_ = (output: string): FaultKind => ({
    kind: 'answer',
    status: 200,
    body: `<GetConsoleOutputResponse><output>${Buffer.from(output).toString('base64')}</output></GetConsoleOutputResponse>`,
  });

  test('keeps the last 64 KiB of the console', async () => {
    const { id } = await fleetOfOne();
    expect((await aws.capture({ id })).consoleOutput).toContain('Linux version');
    standIn.breakCalls({
      on: 'ec2.GetConsoleOutput',
      times: 1,
      ...console_(`${'a'.repeat(9)}${'b'.repeat(65_536)}`),
    });
    expect((await aws.capture({ id })).consoleOutput).toBe('b'.repeat(65_536));
  });

  thorough(
    'takes an older console where AWS has none of this moment, and none where there is none',
    async () => {
      const { id } = await fleetOfOne();
      const on = 'ec2.GetConsoleOutput';
      standIn.breakCalls({ on, times: 1, ...refusal(on, 'UnsupportedOperation', 400) });
      expect((await aws.capture({ id })).consoleOutput).toContain('Linux version');
      for (const fault of [refusal(on), console_(''), refusal(on, 'InternalError', 500)]) {
        standIn.breakCalls({ on, times: 2, ...fault });
        expect(await aws.capture({ id })).not.toHaveProperty('consoleOutput');
      }
    },
  );

  thorough('waits three seconds at most for the console', async () => {
    const { id } = await fleetOfOne();
    standIn.breakCalls({ on: 'ec2.GetConsoleOutput', kind: 'slow', delayMs: 6_000, times: 1 });
    const from = performance.now();
    expect(await aws.capture({ id })).not.toHaveProperty('consoleOutput');
    expect(performance.now() - from).toBeLessThan(5_000);
  });

  test('works on a stopped instance, and memory is then gone', async () => {
    const { id } = await fleetOfOne();
    await stopped(id);
    const captured = await aws.capture({ id });
    expect(captured).toMatchObject({ state: 'stopped', volumes: [{ sizeGiB: 8 }] });
    expect(await aws.snapshot(captured, CODENAME, 'live')).toHaveLength(1);
    expect(await aws.captureMemory(captured, CODENAME)).toMatchObject({ captured: false });
    expect(await aws.stop({ id })).toBe('stopped');
  });
});

describe('instances of unusual make', () => {
  thorough('without any disk that can be imaged: snapshot says so, and the rest goes on', async () => {
    const web = await fleetOfOne();
    // What an instance with instance store alone looks like: AWS lists no mapping for it.
    for (const VolumeId of web.volumeIds)
      await ec2.send(new DetachVolumeCommand({ VolumeId, InstanceId: web.id }));
    const captured = await aws.capture({ id: web.id });
    expect(captured.volumes).toEqual([]);
    const failure = await failureOf(aws.snapshot(captured, CODENAME, 'live'));
    expect(failure).toMatchObject({ type: 'Conflict', nonRetryable: true });
    expect(failure.message).toContain('no disk that can be imaged');
    expect(await aws.lock(captured, CODENAME)).toEqual([]);
    await aws.protect(captured, CODENAME);
    await aws.isolate(captured, CODENAME);
    await aws.denyElsewhere(captured, CODENAME);
    expect((await aws.verify(captured, SURROUNDINGS, ISSUED_BEFORE)).unproven).toEqual([]);
  });

  thorough('with a disk that AWS describes without an EBS volume: it is passed over', async () => {
    const { id } = await fleetOfOne({ volumes: 2 });
    const mend = await describedAs(
      id,
      (xml) => xml.replace(/(<deviceName>[^<]*<\/deviceName>)<ebs>[\s\S]*?<\/ebs>/, '$1'),
      1,
    );
    const captured = await aws.capture({ id });
    mend();
    expect(captured.volumes).toHaveLength(1);
  });

  thorough(
    'without an interface: isolate resolves, and verify has nothing to say of interfaces',
    async () => {
      const { id } = await fleetOfOne();
      const mend = await describedAs(
        id,
        (xml) => xml.replace(/<networkInterfaceSet>[\s\S]*<\/networkInterfaceSet>/, '<networkInterfaceSet/>'),
        Infinity,
      );
      const captured = await aws.capture({ id });
      expect(captured.interfaces).toEqual([]);
      await aws.isolate(captured, CODENAME);
      const { unproven } = await aws.verify(captured, SURROUNDINGS, ISSUED_BEFORE);
      mend();
      expect(unproven.filter((each) => /interface|quarantine/.test(each))).toEqual([]);
    },
  );

  test('with an interface of another VPC: each goes into the group of its own VPC', async () => {
    const web = await fleetOfOne();
    const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.30.0.0/16' }));
    const VpcId = Vpc?.VpcId ?? '';
    const { Subnet } = await ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock: '10.30.0.0/24' }));
    const { GroupId = '' } = await ec2.send(
      new CreateSecurityGroupCommand({ VpcId, GroupName: 'other', Description: 'other' }),
    );
    const { NetworkInterface } = await ec2.send(
      new CreateNetworkInterfaceCommand({ SubnetId: Subnet?.SubnetId, Groups: [GroupId] }),
    );
    await ec2.send(
      new AttachNetworkInterfaceCommand({
        InstanceId: web.id,
        NetworkInterfaceId: NetworkInterface?.NetworkInterfaceId,
        DeviceIndex: 1,
      }),
    );
    const captured = await aws.capture({ id: web.id });
    await aws.isolate(captured, CODENAME);
    const groups = (await look(web.id)).interfaces.map((each) => each.groups.map(({ name }) => name));
    expect(groups).toEqual([[QUARANTINE_GROUP_NAME], [QUARANTINE_GROUP_NAME]]);
    const ids = (await look(web.id)).interfaces.map((each) => each.groups[0]?.id);
    expect(new Set(ids).size).toBe(2);
    const { unproven } = await aws.verify(captured, SURROUNDINGS, ISSUED_BEFORE);
    expect(unproven.filter((each) => each.includes('quarantine'))).toEqual([]);
    const again = await aws.capture({ id: web.id });
    expect(again.interfaces.map(({ alreadyQuarantined }) => alreadyQuarantined)).toEqual([true, true]);
  });
});

describe('snapshot', () => {
  test('makes one live and one stopped image of each volume, and adopts each for its own moment', async () => {
    const web = await fleetOfOne({ volumes: 2 });
    const captured = await aws.capture({ id: web.id });
    const live = await aws.snapshot(captured, CODENAME, 'live');
    for (const each of live)
      expect(each).toMatchObject({
        moment: 'live',
        sizeGiB: 8,
        startedAt: expect.stringMatching(/^\d{4}-.*Z$/),
      });
    await aws.stop({ id: web.id });
    const atRest = await aws.snapshot(captured, CODENAME, 'stopped');
    expect(atRest.map(({ moment }) => moment)).toEqual(['stopped', 'stopped']);
    expect(await snapshotsOf(web.id)).toEqual(oneOfEach(web.volumeIds));
    const changes = await changesDuring(async () => {
      const again = await aws.snapshot(captured, CODENAME, 'live');
      expect(again.map(({ id }) => id).sort()).toEqual(live.map(({ id }) => id).sort());
      await aws.snapshot(captured, CODENAME, 'stopped');
    });
    expect(changes).toEqual([]);
  });

  thorough('takes a snapshot without a moment for a live one', async () => {
    const web = await fleetOfOne();
    const captured = await aws.capture({ id: web.id });
    const { SnapshotId } = await ec2.send(
      new CreateSnapshotCommand({
        VolumeId: web.volumeIds[0],
        TagSpecifications: [
          {
            ResourceType: 'snapshot',
            Tags: [
              { Key: 'firebreak', Value: CODENAME },
              { Key: 'firebreak:source', Value: web.id },
            ],
          },
        ],
      }),
    );
    expect(await aws.snapshot(captured, CODENAME, 'live')).toMatchObject([
      { id: SnapshotId, moment: 'live' },
    ]);
  });

  test('calls no image stopped whose disk is still written to', async () => {
    const { id } = await fleetOfOne();
    const captured = await aws.capture({ id });
    expect(await failureOf(aws.snapshot(captured, CODENAME, 'stopped'))).toMatchObject({ type: 'Conflict' });
    await describedAs(id, (xml) => xml.replace('<name>running</name>', '<name>stopping</name>'), 1);
    expect(await failureOf(aws.snapshot(captured, CODENAME, 'stopped'))).toMatchObject({
      type: 'Unavailable',
    });
    expect(await snapshotsOf(id)).toEqual([]);
  });

  test('waits as AWS wants where a volume was imaged a moment ago', async () => {
    const { id } = await fleetOfOne();
    const captured = await aws.capture({ id });
    const on = 'ec2.CreateSnapshots';
    standIn.breakCalls({ on, times: 1, ...refusal(on, 'SnapshotCreationPerVolumeRateExceeded', 400) });
    const failure = await failureOf(aws.snapshot(captured, CODENAME, 'live'));
    expect(failure).toMatchObject({ type: 'RateLimited', nextRetryDelay: 15_000 });
  });

  thorough('says so where the disks that there were are gone', async () => {
    const { id } = await fleetOfOne();
    const captured = await aws.capture({ id });
    await ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
    const failure = await failureOf(aws.snapshot(captured, CODENAME, 'live'));
    expect(failure).toMatchObject({ type: 'Conflict' });
    expect(failure.message).toContain('are gone');
  });
});

describe('lock', () => {
  async function imaged(volumes = 1): Promise<{ captured: Capture; ids: string[] }> {
    const { id } = await fleetOfOne({ volumes });
    const captured = await aws.capture({ id });
    return { captured, ids: (await aws.snapshot(captured, CODENAME, 'live')).map((each) => each.id) };
  }

  test('locks for the configured time; the second time changes nothing', async () => {
    const { captured, ids } = await imaged(2);
    const locks = await aws.lock(captured, CODENAME);
    expect(locks.map(({ snapshotId }) => snapshotId).sort()).toEqual([...ids].sort());
    for (const { state, lockedUntil } of locks) {
      expect(state).toBe('governance');
      expect(Date.parse(lockedUntil) / DAY_MS).toBeCloseTo(Date.now() / DAY_MS + 365, 1);
    }
    expect(await changesDuring(() => aws.lock(captured, CODENAME))).toEqual([]);
  });

  test('makes no lock shorter, and a shorter one longer', async () => {
    const { captured, ids } = await imaged(2);
    const [longer, shorter] = ids;
    for (const [SnapshotId, LockDuration] of [
      [longer, 400],
      [shorter, 30],
    ] as const)
      await locking.send(new LockSnapshotCommand({ SnapshotId, LockMode: 'governance', LockDuration }));
    expect(await changesDuring(() => aws.lock(captured, CODENAME))).toEqual(['ec2.LockSnapshot']);
    const { Snapshots = [] } = await locking.send(new DescribeLockedSnapshotsCommand({ SnapshotIds: ids }));
    const daysOf = Object.fromEntries(Snapshots.map((each) => [each.SnapshotId, each.LockDuration]));
    expect(daysOf).toEqual({ [longer!]: 400, [shorter!]: 365 });
  });

  thorough('leaves locks in compliance mode as they are, also while they can be taken back', async () => {
    const { captured, ids } = await imaged(2);
    const [cooling, held] = ids;
    const terms = { LockMode: 'compliance', LockDuration: 1 } as const;
    await locking.send(new LockSnapshotCommand({ SnapshotId: cooling, ...terms, CoolOffPeriod: 24 }));
    await locking.send(new LockSnapshotCommand({ SnapshotId: held, ...terms }));
    const changes = await changesDuring(async () => {
      const states = (await aws.lock(captured, CODENAME)).map(({ snapshotId, state }) => [snapshotId, state]);
      expect(Object.fromEntries(states)).toEqual({ [cooling!]: 'compliance-cooloff', [held!]: 'compliance' });
    });
    expect(changes).toEqual([]);
  });

  test('verify names a live image that is no longer locked', async () => {
    const { captured, ids } = await imaged();
    await aws.lock(captured, CODENAME);
    await locking.send(new UnlockSnapshotCommand({ SnapshotId: ids[0] }));
    const { unproven } = await aws.verify(captured, SURROUNDINGS, ISSUED_BEFORE);
    expect(unproven).toContain(`The snapshot ${ids[0]} is not locked.`);
  });

  test('passes over an image that went wrong', async () => {
    const { captured, ids } = await imaged();
    await aws.snapshot(captured, CODENAME, 'live');
    const asItIs = standIn.calls.findLast(({ name }) => name === 'ec2.DescribeSnapshots')?.answer ?? '';
    const body = asItIs.replace('<status>completed</status>', '<status>error</status>');
    expect(body).not.toBe(asItIs);
    standIn.breakCalls({ on: 'ec2.DescribeSnapshots', kind: 'answer', status: 200, body, times: 1 });
    expect(await changesDuring(() => failureOf(aws.lock(captured, CODENAME)))).toEqual([]);
    expect(ids).toHaveLength(1);
  });

  thorough('is retried where AWS does not show the images yet', async () => {
    const { id } = await fleetOfOne();
    const captured = await aws.capture({ id });
    expect(await failureOf(aws.lock(captured, CODENAME))).toMatchObject({ type: 'Unavailable' });
  });

  thorough('locks images that are pending', async () => {
    const slow = await startAws({ snapshotMs: 600_000 });
    const slowly = createAws({ region: REGION, endpoint: slow.url, lockDays: 30 });
    const { web } = await createFleet(slow.motoUrl, REGION, [{ name: 'web', volumes: 2 }]);
    const captured = await slowly.capture({ id: web.id });
    const images = await slowly.snapshot(captured, CODENAME, 'live');
    expect(images.map(({ state }) => state)).toEqual(['pending', 'pending']);
    const locks = await slowly.lock(captured, CODENAME);
    for (const { lockedUntil } of locks)
      expect(Date.parse(lockedUntil)).toBeGreaterThan(Date.now() + 29 * DAY_MS);
    const before = slow.calls.length;
    expect(await slowly.lock(captured, CODENAME)).toHaveLength(2);
    expect(slow.calls.slice(before).map(({ name }) => name)).not.toContain('ec2.LockSnapshot');
    await slow.close();
  });
});

describe('target groups of addresses', () => {
  test('the instance is found by its address, taken out, and proven to be out', async () => {
    const web = await fleetOfOne();
    const { TargetGroups = [] } = await balancing.send(
      new CreateTargetGroupCommand({
        Name: 'addresses',
        Protocol: 'HTTPS',
        Port: 443,
        VpcId: web.vpcId,
        TargetType: 'ip',
      }),
    );
    const TargetGroupArn = TargetGroups[0]?.TargetGroupArn ?? '';
    const Targets = [web.privateIp, '10.20.0.250'].map((Id) => ({ Id, Port: 8443 }));
    await balancing.send(new RegisterTargetsCommand({ TargetGroupArn, Targets }));
    const captured = await aws.capture({ id: web.id });
    expect(captured.targetGroups).toEqual([
      { targetGroupArn: TargetGroupArn, targetId: web.privateIp, port: 8443 },
    ]);
    const { unproven } = await aws.verify(captured, SURROUNDINGS, ISSUED_BEFORE);
    expect(unproven).toContain(`The instance is registered in the target group ${TargetGroupArn}.`);
    await aws.leaveGroups(captured);
    const { TargetHealthDescriptions = [] } = await balancing.send(
      new DescribeTargetHealthCommand({ TargetGroupArn }),
    );
    expect(TargetHealthDescriptions.map(({ Target }) => Target?.Id)).toEqual(['10.20.0.250']);
    expect(await changesDuring(() => aws.leaveGroups(captured))).toEqual([]);
  });
});

describe('captureMemory', () => {
  const invocation = (answer: Record<string, unknown>): FaultKind => ({
    kind: 'answer',
    status: 200,
    body: JSON.stringify(answer),
  });
  const on = 'ssm.GetCommandInvocation';
  let captured: Capture;
  let location: string;

  beforeEach(async () => {
    const { id } = await fleetOfOne();
    captured = await aws.capture({ id });
    location = `s3://evidence/memory/${CODENAME}/${id}`;
  });

  test('says so where it is not configured', async () => {
    const without = createAws({ region: REGION, endpoint: standIn.url });
    expect(await without.captureMemory(captured, CODENAME)).toEqual({
      captured: false,
      reason: 'not configured',
    });
  });

  test('has the document upload to a place of its own, and the second time sends no other command', async () => {
    expect(await aws.captureMemory(captured, CODENAME)).toEqual({ captured: true, location });
    const sent = standIn.calls.findLast(({ name }) => name === 'ssm.SendCommand');
    expect(JSON.parse(sent?.body ?? '')).toMatchObject({
      DocumentName: DOCUMENT,
      Comment: CODENAME,
      Parameters: { Destination: [location] },
      TimeoutSeconds: 60,
    });
    expect(await changesDuring(() => aws.captureMemory(captured, CODENAME))).toEqual([]);
    expect(await changesDuring(() => aws.captureMemory(captured, 'copper-heron'))).toEqual([
      'ssm.SendCommand',
    ]);
  });

  test('waits while it runs, and reports the SHA-256 that the document prints', async () => {
    const sha256 = 'ab'.repeat(32);
    standIn.breakCalls({ on, times: 1, ...refusal('ssm.', 'InvocationDoesNotExist', 400) });
    standIn.breakCalls({
      on,
      times: 1,
      ...invocation({ Status: 'Success', StandardOutputContent: `sha256: ${sha256.toUpperCase()}\n` }),
    });
    const from = performance.now();
    expect(await aws.captureMemory(captured, CODENAME)).toEqual({ captured: true, location, sha256 });
    expect(performance.now() - from).toBeGreaterThan(1_900);
  });

  thorough('ends with its time box, which a retry does not begin again', async () => {
    const hasty = createAws({
      region: REGION,
      endpoint: standIn.url,
      memory: { ...MEMORY, timeBoxMs: 1_000 },
    });
    const mend = standIn.breakCalls({ on, ...invocation({ Status: 'InProgress' }) });
    const outcome = await hasty.captureMemory(captured, CODENAME);
    expect(outcome).toMatchObject({ captured: false });
    expect(JSON.stringify(outcome)).toContain(`InProgress. An isolated host can not report`);
    const from = performance.now();
    expect(await hasty.captureMemory(captured, CODENAME)).toMatchObject({ captured: false });
    expect(performance.now() - from).toBeLessThan(900);
    mend();
  });

  test('says how the document ended where it failed', async () => {
    standIn.breakCalls({ on, times: 1, ...invocation({ Status: 'Failed' }) });
    const outcome = await aws.captureMemory(captured, CODENAME);
    expect(outcome).toEqual({
      captured: false,
      reason: 'The document ended with Failed. Systems Manager has its output.',
    });
  });

  test.each(['InvalidInstanceId', 'UnsupportedPlatformType'])(
    '%s is a reason, not a failure',
    async (code) => {
      standIn.breakCalls({ on: 'ssm.SendCommand', times: 1, ...refusal('ssm.', code, 400) });
      expect(await aws.captureMemory(captured, CODENAME)).toMatchObject({ captured: false });
    },
  );
});
