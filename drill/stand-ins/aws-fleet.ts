/**
 * Instances to contain: makes them in the stand-in, and reads afterwards what became of them. Long because what is made
 * and what is read belong together, and each is a list of AWS's calls.
 */
import {
  AttachInstancesCommand,
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  DescribeAutoScalingInstancesCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateLaunchTemplateCommand,
  CreateNetworkAclCommand,
  CreateNetworkAclEntryCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DescribeInstanceAttributeCommand,
  DescribeInstancesCommand,
  DescribeNetworkAclsCommand,
  DescribeSecurityGroupsCommand,
  DescribeSnapshotsCommand,
  EC2Client,
  ReplaceNetworkAclAssociationCommand,
  RunInstancesCommand,
  type Tag,
} from '@aws-sdk/client-ec2';
import {
  CreateTargetGroupCommand,
  ElasticLoadBalancingV2Client,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';

export interface InstancePlan {
  readonly name: string;
  /** 1 where it is left out. */
  readonly interfaces?: number;
  /** 1 where it is left out. */
  readonly volumes?: number;
  /** The scaling group's name: new in the region; those who name the same one share it. */
  readonly scalingGroup?: string;
  /** The target group's name: likewise. */
  readonly targetGroup?: string;
  /** The instance profile's name; it is to be there already. */
  readonly profile?: string;
}

export interface FleetInstance {
  readonly id: string;
  readonly privateIp: string;
  readonly publicIp?: string;
  readonly vpcId: string;
  readonly subnetId: string;
  readonly interfaceIds: readonly string[];
  readonly volumeIds: readonly string[];
}

/** moto does not ask whether there is such an image. */
const IMAGE = 'ami-12c6146b';
const TYPE = 't3.micro';
/** Enough for every member and its replacement. */
const LARGEST_GROUP = 50;

interface Network {
  readonly vpcId: string;
  readonly subnetId: string;
  readonly webGroup: string;
}

/**
 * Makes a VPC of its own with these instances, running, reachable from everywhere on port 443, and as perishable as AWS
 * makes them: disks and interfaces go with the instance, termination is allowed.
 */
export async function createFleet<Name extends string>(
  url: string,
  region: string,
  plans: readonly (InstancePlan & { readonly name: Name })[],
): Promise<Record<Name, FleetInstance>> {
  const { ec2, scaling, balancing } = connect(url, region);
  const network = await createNetwork(ec2);
  const made = await Promise.all(
    plans.map(async (plan) => ({ plan, instance: await runInstance(ec2, network, plan) })),
  );
  const members = (key: 'scalingGroup' | 'targetGroup') => {
    const groups = new Map<string, string[]>();
    for (const { plan, instance } of made) {
      const group = plan[key];
      if (group !== undefined) groups.set(group, [...(groups.get(group) ?? []), instance.id]);
    }
    return [...groups];
  };
  await Promise.all([
    ...members('scalingGroup').map(([name, ids]) => createScalingGroup(ec2, scaling, network, name, ids)),
    ...members('targetGroup').map(([name, ids]) => createTargetGroup(balancing, network, name, ids)),
  ]);
  return Object.fromEntries(made.map(({ plan, instance }) => [plan.name, instance])) as Record<
    Name,
    FleetInstance
  >;
}

/** Half of the VPC: no address is given twice, in whichever VPC. */
const HOSTS = '10.20.128.0/17';
/** AWS keeps the first ones for itself. */
const FIRST_FREE = 16;
let addresses = 0;

/** moto takes a random one of the subnet, also one that is taken: two hosts with one address are denied and released together. */
function nextAddress(): string {
  const number = (FIRST_FREE + addresses++) % 0x7fff;
  return `10.20.${128 + (number >> 8)}.${number & 0xff}`;
}

async function createNetwork(ec2: EC2Client): Promise<Network> {
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.20.0.0/16' }));
  const vpcId = given(Vpc?.VpcId);
  const [{ Subnet }, { GroupId }] = await Promise.all([
    ec2.send(new CreateSubnetCommand({ VpcId: vpcId, CidrBlock: HOSTS })),
    ec2.send(new CreateSecurityGroupCommand({ VpcId: vpcId, GroupName: 'web', Description: 'web' })),
    createDatabaseSubnet(ec2, vpcId),
  ]);
  const webGroup = given(GroupId);
  await ec2.send(
    new AuthorizeSecurityGroupIngressCommand({
      GroupId: webGroup,
      IpPermissions: [{ IpProtocol: 'tcp', FromPort: 443, ToPort: 443, IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
    }),
  );
  return { vpcId, subnetId: given(Subnet?.SubnetId), webGroup };
}

/** Where the other hosts are: a subnet with a network ACL of its own, as open as the default one. */
async function createDatabaseSubnet(ec2: EC2Client, vpcId: string): Promise<void> {
  const [{ Subnet }, { NetworkAcl }] = await Promise.all([
    ec2.send(new CreateSubnetCommand({ VpcId: vpcId, CidrBlock: '10.20.1.0/24' })),
    ec2.send(new CreateNetworkAclCommand({ VpcId: vpcId })),
  ]);
  const NetworkAclId = given(NetworkAcl?.NetworkAclId);
  await Promise.all(
    [true, false].map((Egress) =>
      ec2.send(
        new CreateNetworkAclEntryCommand({
          NetworkAclId,
          Egress,
          RuleNumber: 100,
          RuleAction: 'allow',
          Protocol: '-1',
          CidrBlock: '0.0.0.0/0',
        }),
      ),
    ),
  );
  const { NetworkAcls = [] } = await ec2.send(
    new DescribeNetworkAclsCommand({
      Filters: [{ Name: 'association.subnet-id', Values: [given(Subnet?.SubnetId)] }],
    }),
  );
  const association = NetworkAcls[0]?.Associations?.find(({ SubnetId }) => SubnetId === Subnet?.SubnetId);
  await ec2.send(
    new ReplaceNetworkAclAssociationCommand({
      AssociationId: given(association?.NetworkAclAssociationId),
      NetworkAclId,
    }),
  );
}

async function runInstance(
  ec2: EC2Client,
  { vpcId, subnetId, webGroup }: Network,
  { name, interfaces = 1, volumes = 1, profile }: InstancePlan,
): Promise<FleetInstance> {
  const { Instances = [] } = await ec2.send(
    new RunInstancesCommand({
      ImageId: IMAGE,
      InstanceType: TYPE,
      MinCount: 1,
      MaxCount: 1,
      // Groups on the interfaces and not on the instance: moto adds an instance's groups to all its interfaces for ever.
      NetworkInterfaces: numbers(interfaces).map((DeviceIndex) => ({
        DeviceIndex,
        SubnetId: subnetId,
        PrivateIpAddress: nextAddress(),
        Groups: [webGroup],
        DeleteOnTermination: true,
        // AWS would refuse this with several interfaces and want an elastic address; moto has it simpler.
        ...(DeviceIndex === 0 ? { AssociatePublicIpAddress: true } : {}),
      })),
      BlockDeviceMappings: numbers(volumes).map((index) => ({
        DeviceName: `/dev/sd${String.fromCharCode('a'.charCodeAt(0) + index)}`,
        Ebs: { VolumeSize: 8, VolumeType: 'gp3', Encrypted: true, DeleteOnTermination: true },
      })),
      ...(profile === undefined ? {} : { IamInstanceProfile: { Name: profile } }),
      TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'Name', Value: name }] }],
    }),
  );
  const instance = Instances[0];
  return {
    id: given(instance?.InstanceId),
    privateIp: given(instance?.PrivateIpAddress),
    ...(instance?.PublicIpAddress === undefined ? {} : { publicIp: instance.PublicIpAddress }),
    vpcId,
    subnetId,
    interfaceIds: (instance?.NetworkInterfaces ?? []).map(({ NetworkInterfaceId }) =>
      given(NetworkInterfaceId),
    ),
    volumeIds: (instance?.BlockDeviceMappings ?? []).map(({ Ebs }) => given(Ebs?.VolumeId)),
  };
}

async function createScalingGroup(
  ec2: EC2Client,
  scaling: AutoScalingClient,
  { subnetId }: Network,
  name: string,
  ids: string[],
): Promise<void> {
  await ec2.send(
    new CreateLaunchTemplateCommand({
      LaunchTemplateName: name,
      LaunchTemplateData: { ImageId: IMAGE, InstanceType: TYPE },
    }),
  );
  await scaling.send(
    new CreateAutoScalingGroupCommand({
      AutoScalingGroupName: name,
      LaunchTemplate: { LaunchTemplateName: name },
      MinSize: 0,
      DesiredCapacity: 0,
      MaxSize: LARGEST_GROUP,
      VPCZoneIdentifier: subnetId,
    }),
  );
  await scaling.send(new AttachInstancesCommand({ AutoScalingGroupName: name, InstanceIds: ids }));
}

async function createTargetGroup(
  balancing: ElasticLoadBalancingV2Client,
  { vpcId }: Network,
  name: string,
  ids: string[],
): Promise<void> {
  const { TargetGroups = [] } = await balancing.send(
    new CreateTargetGroupCommand({
      Name: name,
      Protocol: 'HTTPS',
      Port: 443,
      VpcId: vpcId,
      TargetType: 'instance',
    }),
  );
  await balancing.send(
    new RegisterTargetsCommand({
      TargetGroupArn: given(TargetGroups[0]?.TargetGroupArn),
      Targets: ids.map((Id) => ({ Id })),
    }),
  );
}

/** What a drill's audit wants to know of an instance. */
export interface FleetState {
  readonly state: string;
  readonly terminationProtected: boolean;
  readonly scalingGroup?: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly vpcId: string;
  /** Private ones. */
  readonly addresses: readonly string[];
  readonly interfaces: readonly {
    readonly id: string;
    readonly deleteOnTermination: boolean;
    /** `rules` counts what the group lets in and out. */
    readonly groups: readonly { readonly id: string; readonly name: string; readonly rules: number }[];
  }[];
  readonly volumes: readonly {
    readonly id: string;
    readonly deleteOnTermination: boolean;
    readonly snapshots: readonly {
      readonly id: string;
      readonly state: string;
      readonly tags: Readonly<Record<string, string>>;
    }[];
  }[];
}

/** Reads the instances' state. Through `motoUrl` it leaves no trace in the calls, but moto forgets there what the proxy remembers. */
export async function lookAtFleet(
  url: string,
  region: string,
  ids: readonly string[],
): Promise<Record<string, FleetState>> {
  const { ec2, scaling } = connect(url, region);
  const [{ Reservations = [] }, { SecurityGroups = [] }, { AutoScalingInstances = [] }] = await Promise.all([
    ec2.send(new DescribeInstancesCommand({ InstanceIds: [...ids] })),
    ec2.send(new DescribeSecurityGroupsCommand({})),
    scaling.send(new DescribeAutoScalingInstancesCommand({ InstanceIds: [...ids] })),
  ]);
  const instances = Reservations.flatMap((reservation) => reservation.Instances ?? []);
  const volumeIds = instances.flatMap(({ BlockDeviceMappings = [] }) =>
    BlockDeviceMappings.map(({ Ebs }) => given(Ebs?.VolumeId)),
  );
  // By volume: moto comes with hundreds of snapshots of its own.
  const { Snapshots = [] } = await ec2.send(
    new DescribeSnapshotsCommand({ Filters: [{ Name: 'volume-id', Values: volumeIds }] }),
  );
  const rulesOf = new Map(
    SecurityGroups.map(({ GroupId, IpPermissions = [], IpPermissionsEgress = [] }) => [
      GroupId,
      IpPermissions.length + IpPermissionsEgress.length,
    ]),
  );
  const states = instances.map(async (instance): Promise<[string, FleetState]> => {
    const id = given(instance.InstanceId);
    const { DisableApiTermination } = await ec2.send(
      new DescribeInstanceAttributeCommand({ InstanceId: id, Attribute: 'disableApiTermination' }),
    );
    const scalingGroup = AutoScalingInstances.find(
      ({ InstanceId }) => InstanceId === id,
    )?.AutoScalingGroupName;
    return [
      id,
      {
        state: given(instance.State?.Name),
        terminationProtected: DisableApiTermination?.Value === true,
        ...(scalingGroup === undefined ? {} : { scalingGroup }),
        tags: tagsOf(instance),
        vpcId: given(instance.VpcId),
        addresses: (instance.NetworkInterfaces ?? []).flatMap(({ PrivateIpAddresses = [] }) =>
          PrivateIpAddresses.map(({ PrivateIpAddress = '' }) => PrivateIpAddress),
        ),
        interfaces: (instance.NetworkInterfaces ?? []).map(
          ({ NetworkInterfaceId, Attachment, Groups = [] }) => ({
            id: given(NetworkInterfaceId),
            deleteOnTermination: Attachment?.DeleteOnTermination === true,
            groups: Groups.map(({ GroupId, GroupName }) => ({
              id: given(GroupId),
              name: given(GroupName),
              rules: rulesOf.get(GroupId) ?? 0,
            })),
          }),
        ),
        volumes: (instance.BlockDeviceMappings ?? []).map(({ Ebs }) => ({
          id: given(Ebs?.VolumeId),
          deleteOnTermination: Ebs?.DeleteOnTermination === true,
          snapshots: Snapshots.filter(({ VolumeId }) => VolumeId === Ebs?.VolumeId).map((snapshot) => ({
            id: given(snapshot.SnapshotId),
            state: given(snapshot.State),
            tags: tagsOf(snapshot),
          })),
        })),
      },
    ];
  });
  return Object.fromEntries(await Promise.all(states));
}

function connect(endpoint: string, region: string) {
  const configuration = { endpoint, region };
  return {
    ec2: new EC2Client(configuration),
    scaling: new AutoScalingClient(configuration),
    balancing: new ElasticLoadBalancingV2Client(configuration),
  };
}

function tagsOf({ Tags = [] }: { Tags?: Tag[] | undefined }): Record<string, string> {
  return Object.fromEntries(Tags.map(({ Key = '', Value = '' }) => [Key, Value]));
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

/** The stand-in always gives these; the SDK's types allow for their absence. */
function given<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('The AWS stand-in left out a part of its answer.');
  return value;
}
