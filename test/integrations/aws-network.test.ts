import {
  AssignIpv6AddressesCommand,
  AssignPrivateIpAddressesCommand,
  AttachNetworkInterfaceCommand,
  CreateNetworkAclCommand,
  CreateNetworkAclEntryCommand,
  CreateNetworkInterfaceCommand,
  CreateSubnetCommand,
  DeleteNetworkAclEntryCommand,
  DeleteTagsCommand,
  DescribeNetworkAclsCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSecurityGroupsCommand,
  EC2Client,
  ModifyNetworkInterfaceAttributeCommand,
  ReplaceNetworkAclAssociationCommand,
  ReplaceNetworkAclEntryCommand,
  TerminateInstancesCommand,
  type NetworkAcl,
  type NetworkAclEntry,
} from '@aws-sdk/client-ec2';
import { CreateIPSetCommand, GetIPSetCommand, UpdateIPSetCommand, WAFV2Client } from '@aws-sdk/client-wafv2';
import { ApplicationFailure } from '@temporalio/common';
import type { Perimeter } from '../../activities/addresses';
import type { Capture } from '../../activities/containment';
import { startAws, throttled, type AwsStandIn } from '../../drill/stand-ins/aws';
import { createFleet, type FleetInstance } from '../../drill/stand-ins/aws-fleet';
import type { FaultKind } from '../../drill/stand-ins/recording-proxy';
import {
  createPlaces,
  createTargets,
  type AwsSettings,
  type PerimeterSettings,
} from '../../integrations/aws/clients';
import { translate } from '../../integrations/aws/failures/translate';
import { lookAtInstance } from '../../integrations/aws/instance';
import { isolate } from '../../integrations/aws/isolate';
import { overlap, readRange } from '../../integrations/aws/network/cidr';
import { cutConnections } from '../../integrations/aws/network/connections';
import { findEdges } from '../../integrations/aws/network/edges';
import { allowElsewhere, denyElsewhere } from '../../integrations/aws/network/elsewhere';
import { HOP_TAG } from '../../integrations/aws/network/hop';
import { OPEN_GROUP_NAME } from '../../integrations/aws/network/open-group';
import { createPerimeter } from '../../integrations/aws/network/perimeter';
import { unprovenOfNetwork } from '../../integrations/aws/network/unproven';
import { findQuarantine } from '../../integrations/aws/quarantine';
import { failureOf } from '../support/failures';
import { someOf, thorough } from '../support/thorough';

const REGION = 'eu-west-1';
const CODENAME = 'sapphire-unicorn';
const ATTACKER = '203.0.113.7';
const ATTACKER_V6 = '2001:db8:0:0::7';
const CHANGES = /\.(Create|Modify|Authorize|Revoke|Delete|Replace|Update)/;

const settingsBefore = { ...process.env };
let standIn: AwsStandIn;
let settings: AwsSettings;
let hopping: AwsSettings;
let ec2: EC2Client;
let waf: WAFV2Client;

beforeAll(async () => {
  process.env['AWS_ACCESS_KEY_ID'] = 'stand-in';
  process.env['AWS_SECRET_ACCESS_KEY'] = 'stand-in';
  standIn = await startAws();
  settings = { region: REGION, endpoint: standIn.url };
  hopping = { ...settings, secondMeasure: 'untracked-hop' };
  ec2 = new EC2Client({ region: REGION, endpoint: standIn.url });
  waf = new WAFV2Client({ region: REGION, endpoint: standIn.url });
});

afterAll(async () => {
  await standIn.close();
  process.env = settingsBefore;
});

interface Host {
  readonly web: FleetInstance;
  readonly captured: Capture;
  readonly cut: (attackers: readonly string[], using?: AwsSettings) => Promise<void>;
  readonly deny: () => Promise<void>;
  readonly allow: () => Promise<void>;
  readonly unproven: (attackers?: readonly string[], using?: AwsSettings) => Promise<string[]>;
}

/** An instance in a VPC of its own, in a subnet that uses the VPC's default ACL; another subnet has one of its own. */
async function host(interfaces = 1, region = REGION): Promise<Host> {
  const { web } = await createFleet(standIn.motoUrl, region, [{ name: 'web', interfaces }]);
  const target = createTargets(settings)({ id: web.id, region });
  const seen = await lookAtInstance(target);
  const captured: Capture = {
    instance: { id: web.id, region },
    capturedAt: new Date().toISOString(),
    state: seen.state,
    vpcId: seen.vpcId,
    interfaces: seen.interfaces.map((each) => ({ ...each, alreadyQuarantined: false })) as never,
    volumes: [],
    targetGroups: [],
    terminationProtected: false,
    shutdownBehaviour: 'stop',
    tags: {},
  };
  const around = (attackers: readonly string[]) => ({ codename: CODENAME, attackers });
  return {
    web,
    captured,
    cut: (attackers, using = settings) =>
      translated(cutConnections(target, captured, around(attackers), using)),
    deny: () => translated(denyElsewhere(target, captured)),
    allow: () => translated(allowElsewhere(target, captured)),
    unproven: (attackers = [], using = settings) =>
      translated(unprovenOfNetwork(target, captured, around(attackers), using)),
  };
}

async function translated<Result>(call: Promise<Result>): Promise<Result> {
  return call.catch((error: unknown) => {
    throw translate(error);
  });
}

async function aclsOf(vpcId: string, from = ec2): Promise<NetworkAcl[]> {
  const { NetworkAcls = [] } = await from.send(
    new DescribeNetworkAclsCommand({ Filters: [{ Name: 'vpc-id', Values: [vpcId] }] }),
  );
  return NetworkAcls;
}

async function defaultAclOf(vpcId: string): Promise<NetworkAcl> {
  const { NetworkAcls = [] } = await ec2.send(
    new DescribeNetworkAclsCommand({
      Filters: [
        { Name: 'vpc-id', Values: [vpcId] },
        { Name: 'default', Values: ['true'] },
      ],
    }),
  );
  return NetworkAcls[0]!;
}

async function aclNamed(id: string): Promise<NetworkAcl> {
  const { NetworkAcls = [] } = await ec2.send(new DescribeNetworkAclsCommand({ NetworkAclIds: [id] }));
  return NetworkAcls[0]!;
}

/** `in 1 203.0.113.7/32`, without what the ACL had at first. */
function denialsIn({ Entries = [] }: NetworkAcl): string[] {
  return Entries.filter(({ RuleNumber = 0, RuleAction }) => RuleAction === 'deny' && RuleNumber < 32_767)
    .map(
      ({ Egress, RuleNumber, CidrBlock, Ipv6CidrBlock }) =>
        `${Egress ? 'out' : 'in'} ${RuleNumber} ${CidrBlock ?? Ipv6CidrBlock}`,
    )
    .sort();
}

/** Another subnet of the VPC, with an ACL of its own that lets everything through. */
async function otherSubnet(vpcId: string, allowAt = 100): Promise<{ subnetId: string; aclId: string }> {
  const [{ Subnet }, { NetworkAcl }] = await Promise.all([
    ec2.send(new CreateSubnetCommand({ VpcId: vpcId, CidrBlock: `10.20.${nextSubnet()}.0/24` })),
    ec2.send(new CreateNetworkAclCommand({ VpcId: vpcId })),
  ]);
  const subnetId = Subnet?.SubnetId ?? '';
  const aclId = NetworkAcl?.NetworkAclId ?? '';
  for (const Egress of [true, false])
    await entry(aclId, { Egress, RuleNumber: allowAt, RuleAction: 'allow' });
  const association = (await aclsOf(vpcId))
    .flatMap(({ Associations = [] }) => Associations)
    .find(({ SubnetId }) => SubnetId === subnetId);
  await ec2.send(
    new ReplaceNetworkAclAssociationCommand({
      AssociationId: association?.NetworkAclAssociationId,
      NetworkAclId: aclId,
    }),
  );
  return { subnetId, aclId };
}

let subnets = 1;
function nextSubnet(): number {
  subnets += 1;
  return subnets;
}

async function entry(NetworkAclId: string, fields: NetworkAclEntry): Promise<void> {
  const { Egress, RuleNumber, RuleAction, Protocol = '-1', CidrBlock, Ipv6CidrBlock, PortRange } = fields;
  await ec2.send(
    new CreateNetworkAclEntryCommand({
      NetworkAclId,
      Egress,
      RuleNumber,
      RuleAction,
      Protocol,
      ...(PortRange === undefined ? {} : { PortRange }),
      ...(Ipv6CidrBlock === undefined ? { CidrBlock: CidrBlock ?? '0.0.0.0/0' } : { Ipv6CidrBlock }),
    }),
  );
}

/** Fills the direction up to `places` entries with denies of somebody else's. */
async function fill(acl: NetworkAcl, Egress: boolean, places: number): Promise<void> {
  const there = (acl.Entries ?? []).filter((each) => each.Egress === Egress).length;
  for (let at = 0; at < places - there; at += 1)
    await entry(acl.NetworkAclId ?? '', {
      Egress,
      RuleNumber: 200 + at,
      RuleAction: 'deny',
      CidrBlock: `198.18.${at}.0/24`,
    });
}

async function changesDuring(work: () => Promise<unknown>): Promise<string[]> {
  const before = standIn.calls.length;
  await work();
  return standIn.calls
    .slice(before)
    .map(({ name }) => name)
    .filter((name) => CHANGES.test(name));
}

/** As Temporal does: again, as long as the failure is one that a retry may mend. Returns how often it failed. */
async function retried(step: () => Promise<unknown>): Promise<number> {
  for (let failures = 0; failures < 10; failures += 1)
    try {
      await step();
      return failures;
    } catch (error) {
      if (!(error instanceof ApplicationFailure) || error.nonRetryable) throw error;
    }
  throw new Error('It never succeeds.');
}

/** The step fails once in each of two ways, and its retries come to the same end. */
async function survives(call: string, step: () => Promise<unknown>): Promise<void> {
  // In this order: after a lost answer there may be nothing left to do.
  const faults: FaultKind[] = [
    call.startsWith('wafv2.')
      ? { kind: 'answer', status: 400, body: JSON.stringify({ __type: 'ThrottlingException' }) }
      : throttled(call),
    { kind: 'dropAfter' },
  ];
  const mend = faults.map((fault) => standIn.breakCalls({ ...fault, on: call, times: 1 }));
  const before = standIn.calls.length;
  await retried(step);
  for (const end of mend) end();
  const met = standIn.calls.slice(before).filter(({ name, status }) => name === call && status !== 200);
  expect(met).toHaveLength(2);
}

describe('ranges', () => {
  test.each([
    ['203.0.113.7', '203.0.113.7/32'],
    ['203.0.113.77/24', '203.0.113.0/24'],
    ['2001:DB8:0:0::7', '2001:db8::7/128'],
    ['2001:0db8:0000:0000:0000:0000:0000:0001/64', '2001:db8::/64'],
    ['::ffff:203.0.113.7', '203.0.113.7/32'],
    ['::ffff:203.0.113.77/120', '203.0.113.0/24'],
    ['0.0.0.0/0', '0.0.0.0/0'],
  ])('%s is %s', (text, cidr) => {
    expect(readRange(text)?.cidr).toBe(cidr);
    expect(readRange(cidr)?.cidr).toBe(cidr);
  });

  test.each([
    '',
    'web',
    '203.0.113',
    '203.0.113.7/33',
    '203.0.113.7/07',
    '2001:db8::/129',
    '1.2.3.4/',
    'fe80::1%0',
  ])('"%s" is none', (text) => expect(readRange(text)).toBeUndefined());

  test.each([
    ['10.0.0.0/8', '10.1.2.3', true],
    ['10.1.2.3', '10.0.0.0/8', true],
    ['10.1.2.4/31', '10.1.2.3', false],
    ['2001:db8::/32', '2001:db8:7::1', true],
    ['0.0.0.0/0', '::/0', false],
  ])('%s and %s overlap: %p', (one, other, expected) => {
    expect(overlap(readRange(one)!, readRange(other)!)).toBe(expected);
  });
});

describe('cutting connections by ACL', () => {
  test('denies every attacker both ways before the first allow, and nothing the second time', async () => {
    const { web, cut, deny, unproven } = await host(2);
    const attackers = [ATTACKER, ATTACKER_V6, '198.51.100.99/24', `${ATTACKER}/32`];
    expect(await changesDuring(() => cut(attackers))).toHaveLength(6);
    expect(denialsIn(await defaultAclOf(web.vpcId))).toEqual([
      'in 1 203.0.113.7/32',
      'in 2 2001:db8::7/128',
      'in 3 198.51.100.0/24',
      'out 1 203.0.113.7/32',
      'out 2 2001:db8::7/128',
      'out 3 198.51.100.0/24',
    ]);
    await deny();
    expect(await unproven(attackers)).toEqual([]);
    expect(await changesDuring(() => cut([...attackers].reverse()))).toEqual([]);
  });

  test('no attacker, no call', async () => {
    const { cut } = await host();
    const before = standIn.calls.length;
    await cut([]);
    expect(standIn.calls).toHaveLength(before);
  });

  thorough('an interface attached since, in another subnet, is covered too', async () => {
    const { web, cut, unproven, deny } = await host();
    const { subnetId, aclId } = await otherSubnet(web.vpcId);
    await attach(web, subnetId);
    await cut([ATTACKER]);
    for (const acl of [await defaultAclOf(web.vpcId), await aclNamed(aclId)])
      expect(denialsIn(acl)).toEqual(['in 1 203.0.113.7/32', 'out 1 203.0.113.7/32']);
    expect((await aclsOf(web.vpcId)).flatMap(denialsIn)).toHaveLength(4);
    await deny();
    expect(await unproven([ATTACKER])).toEqual([]);
    await ec2.send(new DeleteNetworkAclEntryCommand({ NetworkAclId: aclId, RuleNumber: 1, Egress: true }));
    expect(await unproven([ATTACKER])).toEqual([
      `The network ACL ${aclId} does not deny 203.0.113.7/32 outbound.`,
    ]);
  });

  test('survives a lost answer and throttling without a second entry', async () => {
    const { web, cut } = await host();
    await survives('ec2.CreateNetworkAclEntry', () => cut([ATTACKER, ATTACKER_V6]));
    expect(denialsIn(await defaultAclOf(web.vpcId))).toHaveLength(4);
  });

  thorough('many workers with the same and with other addresses make each entry once', async () => {
    const { web, cut } = await host();
    const addresses = ['203.0.113.1', '203.0.113.2', '203.0.113.3', '203.0.113.4', '2001:db8::5'];
    await Promise.all(
      [0, 1, 2, 3, 4, 0, 1, 2, 3, 4].map((at) => cut([...addresses.slice(at), ...addresses.slice(0, at)])),
    );
    const ranges = denialsIn(await defaultAclOf(web.vpcId)).map((text) => text.replace(/ \d+ /, ' '));
    expect(ranges.sort()).toEqual(
      addresses.flatMap((each) => [`in ${readRange(each)?.cidr}`, `out ${readRange(each)?.cidr}`]).sort(),
    );
  });

  thorough('a number that somebody else took meanwhile is left to them', async () => {
    const { web, cut } = await host();
    const { NetworkAclId: aclId = '' } = await defaultAclOf(web.vpcId);
    standIn.breakCalls({ on: 'ec2.CreateNetworkAclEntry', kind: 'slow', delayMs: 300, times: 2 });
    const cutting = cut([ATTACKER]);
    const byTheBack = new EC2Client({ region: REGION, endpoint: standIn.motoUrl });
    while (!standIn.calls.at(-1)?.name.endsWith('CreateNetworkAclEntry'))
      await new Promise((resolve) => setImmediate(resolve));
    await byTheBack.send(
      new CreateNetworkAclEntryCommand({
        NetworkAclId: aclId,
        RuleNumber: 1,
        Egress: false,
        Protocol: '6',
        RuleAction: 'deny',
        CidrBlock: '198.18.0.0/15',
        PortRange: { From: 22, To: 22 },
      }),
    );
    await cutting;
    expect(denialsIn(await defaultAclOf(web.vpcId))).toEqual([
      'in 1 198.18.0.0/15',
      'in 2 203.0.113.7/32',
      'out 1 203.0.113.7/32',
    ]);
  });

  thorough('a deny that comes after the allow, or of one protocol only, does not count', async () => {
    const { web, cut, unproven, deny } = await host();
    const { NetworkAclId: aclId = '' } = await defaultAclOf(web.vpcId);
    await deny();
    await entry(aclId, { Egress: false, RuleNumber: 300, RuleAction: 'deny', CidrBlock: '203.0.113.7/32' });
    await entry(aclId, {
      Egress: true,
      RuleNumber: 50,
      RuleAction: 'deny',
      Protocol: '50',
      CidrBlock: '203.0.113.7/32',
    });
    expect(await unproven([ATTACKER])).toEqual([
      `The network ACL ${aclId} does not deny 203.0.113.7/32 inbound.`,
      `The network ACL ${aclId} does not deny 203.0.113.7/32 outbound.`,
    ]);
    await cut([ATTACKER]);
    expect(await unproven([ATTACKER])).toEqual([]);
    expect(denialsIn(await defaultAclOf(web.vpcId))).toEqual(
      expect.arrayContaining(['in 300 203.0.113.7/32', 'out 50 203.0.113.7/32']),
    );
  });

  test('an allow at the very beginning is a conflict, unless it is of other addresses', async () => {
    const { web, cut } = await host();
    const { subnetId, aclId } = await otherSubnet(web.vpcId, 1);
    await attach(web, subnetId);
    const failure = await failureOf(cut([ATTACKER, ATTACKER_V6]));
    expect(failure).toMatchObject({ type: 'Conflict', nonRetryable: true });
    expect(failure.message).toContain('higher number');
    expect(failure.message).not.toContain(aclId);
    // What can be done has been: the other subnet's, and the other family's, which the allow says nothing of.
    expect(denialsIn(await defaultAclOf(web.vpcId))).toHaveLength(4);
    expect(denialsIn(await aclNamed(aclId))).toEqual(['in 2 2001:db8::7/128', 'out 2 2001:db8::7/128']);
  });

  test.each([
    [true, 'outbound', 'in'],
    [false, 'inbound', 'out'],
  ])(
    'a full direction (egress %p) is a conflict that names it, and the other one is filled',
    async (egress, says, done) => {
      const { web, cut } = await host();
      await fill(await defaultAclOf(web.vpcId), egress, 20);
      const failure = await failureOf(cut([ATTACKER]));
      expect(failure).toMatchObject({ type: 'Conflict', nonRetryable: true });
      expect(failure.message).toContain(`another ${says} entry`);
      expect(failure.message).toContain('raise the quota');
      expect(denialsIn(await defaultAclOf(web.vpcId)).filter((text) => text.includes('203.0.113.7'))).toEqual(
        [`${done} 1 203.0.113.7/32`],
      );
    },
  );

  thorough('an account with a higher quota gets more, and beyond 40 AWS is not even asked', async () => {
    const generous = await startAws({ aclEntries: 40 });
    try {
      const { web } = await createFleet(generous.motoUrl, REGION, [{ name: 'web' }]);
      const cutting = (addresses: readonly string[]) => {
        const there = { region: REGION, endpoint: generous.url };
        return translated(
          cutConnections(
            createTargets(there)({ id: web.id }),
            { vpcId: web.vpcId } as Capture,
            { codename: CODENAME, attackers: addresses },
            there,
          ),
        );
      };
      const addresses = Array.from({ length: 38 }, (_, at) => `203.0.113.${at + 1}`);
      await cutting(addresses);
      const before = generous.calls.length;
      expect(await failureOf(cutting([...addresses, '203.0.113.99']))).toMatchObject({ type: 'Conflict' });
      expect(generous.calls.slice(before).filter(({ name }) => CHANGES.test(name))).toEqual([]);
      const acls = await aclsOf(web.vpcId, new EC2Client({ region: REGION, endpoint: generous.motoUrl }));
      expect(acls.flatMap(denialsIn)).toHaveLength(76);
    } finally {
      await generous.close();
    }
  });

  test.each([
    ['no address', 'web-7', 'InvalidRequest'],
    ['everything', '0.0.0.0/0', 'InvalidRequest'],
    ['everything of IPv6', '::/0', 'InvalidRequest'],
    ['a range too wide', '96.0.0.0/7', 'InvalidRequest'],
    ['a range of IPv6 too wide', '2001::/18', 'InvalidRequest'],
    ['loopback', '127.0.0.1', 'InvalidRequest'],
    ['the metadata service', '169.254.169.254', 'InvalidRequest'],
    ['loopback of IPv6', '::1', 'InvalidRequest'],
    ['a range that holds the instance', '10.20.0.0/16', 'Conflict'],
  ])('%s is refused, and the others are denied all the same', async (_, bad, type) => {
    const { web, cut } = await host();
    const failure = await failureOf(cut([bad, ATTACKER]));
    expect(failure).toMatchObject({ type, nonRetryable: true });
    expect(failure.message).not.toContain(bad);
    expect(denialsIn(await defaultAclOf(web.vpcId))).toEqual(['in 1 203.0.113.7/32', 'out 1 203.0.113.7/32']);
  });
});

describe('denying the instance elsewhere', () => {
  test('every inner address, in every ACL that a subnet uses, once each way; release takes exactly these away', async () => {
    const { web, captured, cut, deny, allow, unproven } = await host(2);
    const { aclId } = await otherSubnet(web.vpcId);
    await ec2.send(new CreateNetworkAclCommand({ VpcId: web.vpcId }));
    const [first = '', second = ''] = web.interfaceIds;
    await ec2.send(
      new AssignPrivateIpAddressesCommand({ NetworkInterfaceId: first, PrivateIpAddresses: ['10.20.0.77'] }),
    );
    await ec2.send(
      new AssignIpv6AddressesCommand({ NetworkInterfaceId: second, Ipv6Addresses: ['2001:db8:20::9'] }),
    );
    await cut([ATTACKER]);
    await entry(aclId, {
      Egress: false,
      RuleNumber: 60,
      RuleAction: 'deny',
      Protocol: '17',
      CidrBlock: '10.20.0.77/32',
      PortRange: { From: 53, To: 53 },
    });
    const before = await aclsOf(web.vpcId);

    await deny();
    const own = [...captured.interfaces.flatMap((each) => each.privateAddresses), '10.20.0.77'];
    for (const acl of await aclsOf(web.vpcId)) {
      const texts = denialsIn(acl).map((text) => text.replace(/ \d+ /, ' '));
      const used = (acl.Associations ?? []).length > 0;
      for (const direction of ['in', 'out'])
        for (const cidr of [...own.map((address) => `${address}/32`), '2001:db8:20::9/128'])
          expect(texts.filter((text) => text === `${direction} ${cidr}`)).toHaveLength(
            // The one of somebody else's, for a port of UDP, is shown too.
            (used ? 1 : 0) +
              (acl.NetworkAclId === aclId && direction === 'in' && cidr === '10.20.0.77/32' ? 1 : 0),
          );
      expect(texts.filter((text) => text.includes(web.publicIp ?? ''))).toEqual([]);
    }
    expect(await unproven([ATTACKER])).toEqual([]);
    expect(await changesDuring(deny)).toEqual([]);

    expect(new Set(await changesDuring(allow))).toEqual(new Set(['ec2.DeleteNetworkAclEntry']));
    expect((await aclsOf(web.vpcId)).map(denialsIn)).toEqual(before.map(denialsIn));
    expect(await changesDuring(allow)).toEqual([]);
    const used = before.filter(({ Associations = [] }) => Associations.length > 0);
    expect(await unproven([ATTACKER])).toHaveLength(used.length * (own.length + 1) * 2);
  });

  thorough('both survive a lost answer and throttling', async () => {
    const { web, deny, allow } = await host(2);
    await otherSubnet(web.vpcId);
    await survives('ec2.CreateNetworkAclEntry', deny);
    for (const acl of await aclsOf(web.vpcId)) expect(denialsIn(acl)).toHaveLength(4);
    await survives('ec2.DeleteNetworkAclEntry', allow);
    expect((await aclsOf(web.vpcId)).flatMap(denialsIn)).toEqual([]);
  });

  thorough('workers that deny and release at once do neither twice', async () => {
    const { web, deny, allow } = await host(2);
    await Promise.all([deny(), deny(), deny()]);
    expect(denialsIn(await defaultAclOf(web.vpcId))).toHaveLength(4);
    await Promise.all([allow(), allow(), allow()]);
    expect(denialsIn(await defaultAclOf(web.vpcId))).toEqual([]);
  });

  thorough('an entry that was changed since is left alone', async () => {
    const { web, deny, allow } = await host();
    await deny();
    const { NetworkAclId } = await defaultAclOf(web.vpcId);
    await ec2.send(
      new ReplaceNetworkAclEntryCommand({
        NetworkAclId,
        RuleNumber: 1,
        Egress: false,
        Protocol: '6',
        RuleAction: 'deny',
        CidrBlock: `${web.privateIp}/32`,
        PortRange: { From: 22, To: 22 },
      }),
    );
    await allow();
    expect(denialsIn(await defaultAclOf(web.vpcId))).toEqual([`in 1 ${web.privateIp}/32`]);
  });

  thorough('release lifts the denies of an instance that is gone', async () => {
    const { web, captured, deny, allow, unproven } = await host();
    await deny();
    await ec2.send(new TerminateInstancesCommand({ InstanceIds: [web.id] }));
    expect(await unproven()).toEqual([]);
    // After an hour AWS knows nothing of it any more.
    await translated(allowElsewhere(createTargets(settings)({ id: 'i-0123456789abcdef0' }), captured));
    expect(denialsIn(await defaultAclOf(web.vpcId))).toEqual([]);
    await allow();
  });
});

describe('the untracked hop', () => {
  const HOP = /\.(CreateTags|ModifyNetworkInterfaceAttribute)$/;

  async function interfacesOf(web: FleetInstance) {
    const { NetworkInterfaces = [] } = await ec2.send(
      new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [...web.interfaceIds] }),
    );
    return NetworkInterfaces.map(({ NetworkInterfaceId = '', Groups = [], TagSet = [] }) => ({
      id: NetworkInterfaceId,
      groups: Groups.map(({ GroupId }) => GroupId),
      mark: TagSet.find(({ Key }) => Key === HOP_TAG)?.Value,
    }));
  }

  async function openGroupOf(vpcId: string) {
    const { SecurityGroups = [] } = await ec2.send(
      new DescribeSecurityGroupsCommand({
        Filters: [
          { Name: 'group-name', Values: [OPEN_GROUP_NAME] },
          { Name: 'vpc-id', Values: [vpcId] },
        ],
      }),
    );
    return SecurityGroups;
  }

  async function isolated(interfaces = 1) {
    const made = await host(interfaces);
    const target = createTargets(settings)({ id: made.web.id });
    await isolate(target, made.web.vpcId);
    await made.deny();
    const quarantineId = (await findQuarantine(target.clients, made.web.vpcId))?.id;
    const done = made.web.interfaceIds.map((id) => ({ id, groups: [quarantineId], mark: CODENAME }));
    return { ...made, quarantineId, done };
  }

  test('every interface goes through the open group once, and is in quarantine and marked in the end', async () => {
    const { web, cut, unproven, quarantineId, done } = await isolated(2);
    expect(await unproven([], hopping)).toEqual(
      web.interfaceIds.map(
        (id) => `The interface ${id} has not made the hop: connections open on it may go on.`,
      ),
    );
    const before = standIn.calls.length;
    await cut([ATTACKER], hopping);
    const [open] = await openGroupOf(web.vpcId);
    const moves = standIn.calls
      .slice(before)
      .filter(({ name }) => name === 'ec2.ModifyNetworkInterfaceAttribute')
      .map(({ body }) => new URLSearchParams(body))
      .map((form) => [form.get('NetworkInterfaceId'), form.get('SecurityGroupId.1')]);
    for (const id of web.interfaceIds)
      expect(moves.filter(([moved]) => moved === id).map(([, group]) => group)).toEqual([
        open?.GroupId,
        quarantineId,
      ]);
    for (const permissions of [open?.IpPermissions, open?.IpPermissionsEgress]) {
      expect(permissions?.every(({ IpProtocol }) => IpProtocol === '-1')).toBe(true);
      expect(permissions?.flatMap(({ IpRanges = [] }) => IpRanges.map(({ CidrIp }) => CidrIp))).toEqual([
        '0.0.0.0/0',
      ]);
      expect(
        permissions?.flatMap(({ Ipv6Ranges = [] }) => Ipv6Ranges.map(({ CidrIpv6 }) => CidrIpv6)),
      ).toEqual(['::/0']);
    }
    expect(await interfacesOf(web)).toEqual(done);
    expect(
      denialsIn(await defaultAclOf(web.vpcId)).filter((text) => text.includes('203.0.113.7')),
    ).toHaveLength(2);
    expect(await unproven([ATTACKER], hopping)).toEqual([]);
    expect(await changesDuring(() => cut([ATTACKER], hopping))).toEqual([]);
  });

  thorough('another codename hops again', async () => {
    const { web, captured, cut } = await isolated();
    await cut([], hopping);
    const target = createTargets(settings)({ id: web.id });
    await cutConnections(target, captured, { codename: 'copper-heron', attackers: [] }, hopping);
    expect((await interfacesOf(web)).map(({ mark }) => mark)).toEqual(['copper-heron']);
  });

  test.each(
    someOf(
      [
        'ec2.CreateSecurityGroup',
        'ec2.AuthorizeSecurityGroupIngress',
        'ec2.AuthorizeSecurityGroupEgress',
        'ec2.ModifyNetworkInterfaceAttribute',
        'ec2.CreateTags',
        'ec2.CreateNetworkAclEntry',
      ],
      1,
    ),
  )('%s: a lost answer and throttling change nothing in the end', async (call) => {
    const { web, cut, unproven, done } = await isolated();
    await survives(call, () => cut([ATTACKER], hopping));
    expect(await interfacesOf(web)).toEqual(done);
    expect(await openGroupOf(web.vpcId)).toHaveLength(1);
    expect(await unproven([ATTACKER], hopping)).toEqual([]);
  });

  test('a worker that died inside of the hop: the retry closes first, and does not open again', async () => {
    const { web, cut, unproven, done } = await isolated(2);
    await cut([], hopping);
    const [open] = await openGroupOf(web.vpcId);
    const [crashed = ''] = web.interfaceIds;
    await ec2.send(
      new ModifyNetworkInterfaceAttributeCommand({
        NetworkInterfaceId: crashed,
        Groups: [open?.GroupId ?? ''],
      }),
    );
    await untag(crashed);
    expect(await unproven([], hopping)).toEqual([
      `The interface ${crashed} is in the group that is open to all.`,
      `The interface ${crashed} has not made the hop: connections open on it may go on.`,
    ]);
    expect((await changesDuring(() => cut([], hopping))).filter((name) => HOP.test(name))).toEqual([
      'ec2.ModifyNetworkInterfaceAttribute',
      'ec2.CreateTags',
    ]);
    expect(await interfacesOf(web)).toEqual(done);
  });

  thorough(
    'an opening that is refused leaves no interface open, and none unmade because of another',
    async () => {
      const { web, cut, quarantineId } = await isolated(2);
      standIn.breakCalls({
        on: 'ec2.ModifyNetworkInterfaceAttribute',
        times: 1,
        kind: 'answer',
        status: 403,
        body: '<Response><Errors><Error><Code>UnauthorizedOperation</Code></Error></Errors></Response>',
      });
      expect(await failureOf(cut([], hopping))).toMatchObject({ type: 'Unauthorized' });
      const now = await interfacesOf(web);
      expect(now.map(({ groups }) => groups)).toEqual([[quarantineId], [quarantineId]]);
      expect(now.filter(({ mark }) => mark === CODENAME)).toHaveLength(1);
    },
  );

  thorough('an opening whose answer is lost is taken back before the failure is told', async () => {
    const { web, cut, quarantineId } = await isolated();
    standIn.breakCalls({ on: 'ec2.ModifyNetworkInterfaceAttribute', kind: 'dropAfter', times: 1 });
    expect(await failureOf(cut([], hopping))).toMatchObject({ type: 'Unavailable' });
    expect(await interfacesOf(web)).toEqual([
      { id: web.interfaceIds[0], groups: [quarantineId], mark: undefined },
    ]);
  });

  thorough('a closing that is throttled is tried again at once', async () => {
    const { web, cut, done } = await isolated();
    const on = 'ec2.ModifyNetworkInterfaceAttribute';
    standIn.breakCalls({ on, kind: 'slow', delayMs: 0, times: 1 });
    standIn.breakCalls(throttled(on, 3));
    await cut([], hopping);
    expect(await interfacesOf(web)).toEqual(done);
  });

  thorough('an ACL that is full keeps no interface from the hop', async () => {
    const { web, cut, done } = await isolated();
    await fill(await defaultAclOf(web.vpcId), true, 20);
    expect(await failureOf(cut([ATTACKER], hopping))).toMatchObject({ type: 'Conflict' });
    expect(await interfacesOf(web)).toEqual(done);
  });

  async function untag(id: string): Promise<void> {
    await ec2.send(new DeleteTagsCommand({ Resources: [id], Tags: [{ Key: HOP_TAG }] }));
  }
});

describe('the perimeter', () => {
  type IpSet = PerimeterSettings['wafIpSets'][number];

  async function ipSet(
    family: IpSet['family'],
    scope: IpSet['scope'],
    addresses: string[] = [],
  ): Promise<IpSet> {
    const name = `blocked-${family}-${scope}-${standIn.calls.length}`;
    const { Summary } = await wafOf(scope).send(
      new CreateIPSetCommand({
        Name: name,
        Scope: scope,
        Description: 'edge',
        IPAddressVersion: family === 'IPv4' ? 'IPV4' : 'IPV6',
        Addresses: addresses,
      }),
    );
    return { name, id: Summary?.Id ?? '', scope, family };
  }

  function wafOf(scope: IpSet['scope']): WAFV2Client {
    return scope === 'REGIONAL' ? waf : new WAFV2Client({ region: 'us-east-1', endpoint: standIn.url });
  }

  async function read({ name, id, scope }: IpSet) {
    const { IPSet } = await wafOf(scope).send(new GetIPSetCommand({ Name: name, Id: id, Scope: scope }));
    return { addresses: IPSet?.Addresses, description: IPSet?.Description };
  }

  const perimeterOf = (perimeter?: Partial<PerimeterSettings>): Perimeter =>
    createPerimeter({
      ...settings,
      ...(perimeter ? { perimeter: { networkAcls: [], wafIpSets: [], ...perimeter } } : {}),
    });
  const unprovenOf = async (perimeter: Perimeter, address: string, affected: readonly { id: string }[]) =>
    (await perimeter.verify(address, affected)).unproven;

  test('blocks in two VPCs of two regions, in configured ACLs and in the IP sets of the family', async () => {
    const [one, two, edge] = await Promise.all([host(), host(1, 'us-west-2'), host()]);
    const other = await otherSubnet(one.web.vpcId);
    const sets = {
      v4: await ipSet('IPv4', 'REGIONAL', ['198.51.100.1/32']),
      v6: await ipSet('IPv6', 'REGIONAL', ['2001:0db8:0000:0000:0000:0000:0000:0001/128']),
      global: await ipSet('IPv4', 'CLOUDFRONT'),
    };
    const edgeAcl = (await defaultAclOf(edge.web.vpcId)).NetworkAclId ?? '';
    const perimeter = perimeterOf({ networkAcls: [edgeAcl], wafIpSets: Object.values(sets) });
    const affected = [one, two].map(({ captured }) => captured.instance);

    const unprovenBefore = await unprovenOf(perimeter, ATTACKER, affected);
    await perimeter.block(ATTACKER, affected, CODENAME);
    await perimeter.block('2001:0DB8::1', affected, CODENAME);
    await perimeter.block(ATTACKER_V6, affected, CODENAME);
    const west = new EC2Client({ region: 'us-west-2', endpoint: standIn.motoUrl });
    const acls = [
      ...(await aclsOf(one.web.vpcId)),
      ...(await aclsOf(two.web.vpcId, west)),
      await aclNamed(edgeAcl),
    ];
    expect(acls.map(({ NetworkAclId }) => NetworkAclId)).toContain(other.aclId);
    expect(unprovenBefore).toHaveLength(2 * acls.length + 2);
    expect((await aclsOf(edge.web.vpcId)).flatMap(denialsIn)).toHaveLength(6);
    for (const acl of acls)
      expect(denialsIn(acl)).toEqual(
        ['in', 'out'].flatMap((way) => [
          `${way} 1 203.0.113.7/32`,
          `${way} 2 2001:db8::1/128`,
          `${way} 3 2001:db8::7/128`,
        ]),
      );
    expect(await read(sets.v4)).toEqual({
      addresses: ['198.51.100.1/32', '203.0.113.7/32'],
      description: 'edge',
    });
    expect(await read(sets.v6)).toEqual({
      addresses: ['2001:0db8:0000:0000:0000:0000:0000:0001/128', '2001:db8::7/128'],
      description: 'edge',
    });
    expect(await read(sets.global)).toEqual({ addresses: ['203.0.113.7/32'], description: 'edge' });

    for (const address of [ATTACKER, ATTACKER_V6])
      expect(await unprovenOf(perimeter, address, affected)).toEqual([]);
    expect(await changesDuring(() => perimeter.block(ATTACKER, affected, CODENAME))).toEqual([]);
  });

  test.each(['ec2.CreateNetworkAclEntry', 'wafv2.UpdateIPSet'])(
    '%s: survives a lost answer and throttling',
    async (call) => {
      const { web, captured } = await host();
      const set = await ipSet('IPv4', 'REGIONAL');
      const perimeter = perimeterOf({ wafIpSets: [set] });
      await survives(call, () => perimeter.block(ATTACKER, [captured.instance], CODENAME));
      expect(denialsIn(await defaultAclOf(web.vpcId))).toHaveLength(2);
      expect((await read(set)).addresses).toEqual(['203.0.113.7/32']);
    },
  );

  thorough('workers at once, and somebody else, change a set together', async () => {
    const set = await ipSet('IPv4', 'REGIONAL');
    const { captured } = await host();
    const perimeter = perimeterOf({ wafIpSets: [set] });
    const addresses = ['203.0.113.1', '203.0.113.2', '203.0.113.3', '203.0.113.1'];
    const theirs = async () => {
      const { LockToken } = await waf.send(
        new GetIPSetCommand({ Name: set.name, Id: set.id, Scope: set.scope }),
      );
      await waf
        .send(
          new UpdateIPSetCommand({
            Name: set.name,
            Id: set.id,
            Scope: set.scope,
            Addresses: ['198.51.100.9/32'],
            LockToken,
          }),
        )
        .catch(() => undefined);
    };
    await theirs();
    await Promise.all(addresses.map((address) => perimeter.block(address, [captured.instance], CODENAME)));
    expect([...((await read(set)).addresses ?? [])].sort()).toEqual([
      '198.51.100.9/32',
      '203.0.113.1/32',
      '203.0.113.2/32',
      '203.0.113.3/32',
    ]);
  });

  thorough('a quota that is full is a conflict, and every other edge is blocked all the same', async () => {
    const { web, captured } = await host();
    const { aclId } = await otherSubnet(web.vpcId);
    const set = await ipSet('IPv4', 'REGIONAL');
    await fill(await defaultAclOf(web.vpcId), false, 20);
    const perimeter = perimeterOf({ wafIpSets: [set] });
    const failure = await failureOf(perimeter.block(ATTACKER, [captured.instance], CODENAME));
    expect(failure).toMatchObject({ type: 'Conflict' });
    expect(failure.message).toContain('inbound');
    expect((await read(set)).addresses).toEqual(['203.0.113.7/32']);
    expect(denialsIn(await aclNamed(aclId))).toHaveLength(2);
    expect(await unprovenOf(perimeter, ATTACKER, [captured.instance])).toEqual([
      expect.stringMatching(/^The network ACL acl-\w+ does not deny 203\.0\.113\.7\/32 inbound\.$/),
    ]);
  });

  thorough('IP sets of CloudFront are in one region for all', async () => {
    const wafIpSets = [await ipSet('IPv4', 'CLOUDFRONT'), await ipSet('IPv4', 'REGIONAL')];
    const its = { ...settings, perimeter: { networkAcls: [], wafIpSets } };
    const { ipSets } = await findEdges(its, createPlaces(its), []);
    const regions = await Promise.all(ipSets.map(({ clients }) => clients.waf.config.region()));
    expect(regions).toEqual(['us-east-1', REGION]);
  });

  thorough('a full IP set is a conflict', async () => {
    const set = await ipSet('IPv4', 'REGIONAL');
    standIn.breakCalls({
      on: 'wafv2.UpdateIPSet',
      times: 1,
      kind: 'answer',
      status: 400,
      body: JSON.stringify({ __type: 'WAFLimitsExceededException' }),
    });
    const failure = await failureOf(perimeterOf({ wafIpSets: [set] }).block(ATTACKER, [], CODENAME));
    expect(failure).toMatchObject({ type: 'Conflict' });
    expect(failure.message).toContain('quota');
  });

  test('what is configured and not there is a conflict, and the rest is blocked', async () => {
    const { web, captured } = await host();
    const v4 = await ipSet('IPv4', 'REGIONAL');
    const perimeter = perimeterOf({
      networkAcls: ['acl-0123456789abcdef0'],
      wafIpSets: [
        { ...v4, id: 'gone' },
        { ...v4, family: 'IPv6' },
      ],
    });
    for (const address of [ATTACKER, ATTACKER_V6]) {
      const failure = await failureOf(perimeter.block(address, [captured.instance], CODENAME));
      expect(failure).toMatchObject({ type: 'Conflict' });
      expect(failure.message).toContain('settings of the perimeter');
    }
    expect(denialsIn(await defaultAclOf(web.vpcId))).toHaveLength(4);
    const acls = perimeterOf({ networkAcls: ['acl-0123456789abcdef0'] });
    expect(await unprovenOf(acls, ATTACKER, [captured.instance])).toEqual([
      expect.stringContaining('Not every edge was looked at'),
    ]);
    expect(await unprovenOf(perimeter, ATTACKER_V6, [captured.instance])).toEqual([
      expect.stringContaining('Not every edge was looked at'),
      expect.stringContaining('of the other family'),
    ]);
  });

  thorough('instances that are gone are skipped; where nothing is left, that is a conflict', async () => {
    const { web, captured } = await host();
    const affected = [captured.instance, { id: 'i-0123456789abcdef0' }];
    await perimeterOf().block(ATTACKER, affected, CODENAME);
    expect(denialsIn(await defaultAclOf(web.vpcId))).toHaveLength(2);
    const nowhere = [{ id: 'i-0123456789abcdef0' }];
    const failure = await failureOf(perimeterOf().block(ATTACKER, nowhere, CODENAME));
    expect(failure).toMatchObject({ type: 'Conflict' });
    expect(failure.message).toContain('No edge of the network is known');
    expect(await unprovenOf(perimeterOf(), ATTACKER, nowhere)).toEqual(['No edge of the network is known.']);
    // A set of the other family is no edge either.
    const v6 = perimeterOf({ wafIpSets: [await ipSet('IPv6', 'REGIONAL')] });
    expect(await failureOf(v6.block(ATTACKER, [], CODENAME))).toMatchObject({ type: 'Conflict' });
  });

  test('an instance of another account than the one named is a conflict', async () => {
    const { captured } = await host();
    const affected = [{ ...captured.instance, account: '210987654321' }];
    expect(await failureOf(perimeterOf().block(ATTACKER, affected, CODENAME))).toMatchObject({
      type: 'Conflict',
    });
  });

  test('an affected instance’s own addresses, and what is no attacker’s, are refused before anything changes', async () => {
    const { web, captured } = await host();
    await ec2.send(
      new AssignIpv6AddressesCommand({
        NetworkInterfaceId: web.interfaceIds[0],
        Ipv6Addresses: ['2001:db8:30::9'],
      }),
    );
    const perimeter = perimeterOf({ wafIpSets: [await ipSet('IPv4', 'REGIONAL')] });
    const refused: [string, string][] = [
      [web.privateIp, 'Conflict'],
      [web.publicIp ?? '', 'Conflict'],
      ['10.0.0.0/8', 'Conflict'],
      ['2001:db8:30::/48', 'Conflict'],
      ['0.0.0.0/0', 'InvalidRequest'],
      ['::/0', 'InvalidRequest'],
      ['127.0.0.1', 'InvalidRequest'],
      ['224.0.0.1', 'InvalidRequest'],
      ['fe80::1', 'InvalidRequest'],
      ['nonsense', 'InvalidRequest'],
    ];
    const changes = await changesDuring(async () => {
      for (const [address, type] of refused)
        expect(await failureOf(perimeter.block(address, [captured.instance], CODENAME))).toMatchObject({
          type,
          nonRetryable: true,
        });
    });
    expect(changes).toEqual([]);
    expect(await unprovenOf(perimeter, 'nonsense', [captured.instance])).toEqual([
      'nonsense is no address that can be blocked.',
    ]);
  });
});

async function attach(web: FleetInstance, SubnetId: string): Promise<void> {
  const { NetworkInterface } = await ec2.send(new CreateNetworkInterfaceCommand({ SubnetId }));
  await ec2.send(
    new AttachNetworkInterfaceCommand({
      InstanceId: web.id,
      NetworkInterfaceId: NetworkInterface?.NetworkInterfaceId,
      DeviceIndex: 1,
    }),
  );
}
