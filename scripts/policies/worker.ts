/**
 * The role of the worker, in every account with instances or identities that may be affected. What is written into the account
 * (`sid`, the names of parameters) says nothing of incidents: whoever may look at roles reads it. `why` goes into the documents.
 */
import { HOP_TAG } from '../../integrations/aws/network/hop';
import { EMPTY_PROFILE_NAME } from '../../integrations/aws/profile';
import { CODENAME_TAG } from '../../integrations/aws/tags';
import { DENIALS } from './denials';
import { EVERYTHING, type Role } from './statements';

const arn = (rest: string) => `arn:\${AWS::Partition}:${rest}`;
const ec2 = (kind: string) => arn(`ec2:*:\${AWS::AccountId}:${kind}/*`);
/** AWS writes a snapshot's ARN without an account. */
const SNAPSHOTS = arn('ec2:*::snapshot/*');
const [INSTANCES, INTERFACES, GROUPS] = [ec2('instance'), ec2('network-interface'), ec2('security-group')];
const iam = (kind: string) => arn(`iam::\${AWS::AccountId}:${kind}`);
const [USERS, ROLES, SECRETS] = [
  iam('user/*'),
  iam('role/*'),
  arn('secretsmanager:*:${AWS::AccountId}:secret:*'),
];
const KEYS = [arn('kms:*:*:key/*')];
/** In the name of the caller, and by EC2 alone. */
const VIA_EC2 = { 'kms:ViaService': 'ec2.*.${AWS::URLSuffix}' };
const THE_FORENSIC_ROLE = arn('iam::${ArchiveAccountId}:role/${ArchiveRoleName}');

/** `ForAllValues` is true of nothing at all, and a call without keys takes away every tag: hence `Null`. */
const OWN_TAGS = {
  'ForAllValues:StringEquals': { 'aws:TagKeys': [CODENAME_TAG, HOP_TAG] },
  Null: { 'aws:TagKeys': 'false' },
};

export const WORKER: Role = {
  grants: [
    {
      sid: 'Ec2Look',
      why: 'To find the instance, its disks, interfaces, groups and network ACLs, and its snapshots with their locks.',
      actions: [
        'ec2:DescribeIamInstanceProfileAssociations',
        'ec2:DescribeInstances',
        'ec2:DescribeLockedSnapshots',
        'ec2:DescribeNetworkAcls',
        'ec2:DescribeNetworkInterfaces',
        'ec2:DescribeSecurityGroups',
        'ec2:DescribeSnapshots',
        'ec2:DescribeVolumes',
      ],
      resources: EVERYTHING,
    },
    {
      sid: 'Ec2LookAtHosts',
      why: 'Capture: termination protection, what a shut-down does, the console’s output.',
      actions: ['ec2:DescribeInstanceAttribute', 'ec2:GetConsoleOutput'],
      resources: [INSTANCES],
    },
    {
      sid: 'Ec2Hosts',
      why: 'Protect, stop and release; the profile without a role in the place of the instance’s own, and back.',
      actions: [
        'ec2:AssociateIamInstanceProfile',
        'ec2:DisassociateIamInstanceProfile',
        'ec2:ModifyInstanceAttribute',
        'ec2:ReplaceIamInstanceProfileAssociation',
        'ec2:StartInstances',
        'ec2:StopInstances',
      ],
      // An attribute may name disks.
      resources: [INSTANCES, ec2('volume')],
    },
    {
      sid: 'Ec2Interfaces',
      why: 'Isolate: every interface into the quarantine group; protect: none goes with the instance; release: both back.',
      actions: ['ec2:ModifyNetworkInterfaceAttribute'],
      resources: [INTERFACES, GROUPS, INSTANCES, ec2('subnet')],
    },
    {
      sid: 'Ec2Groups',
      why: 'The quarantine group of each VPC, and the open one of the untracked hop. IAM sees no names of groups.',
      actions: [
        'ec2:AuthorizeSecurityGroupEgress',
        'ec2:AuthorizeSecurityGroupIngress',
        'ec2:CreateSecurityGroup',
        'ec2:RevokeSecurityGroupEgress',
        'ec2:RevokeSecurityGroupIngress',
      ],
      resources: [GROUPS, ec2('vpc')],
    },
    {
      sid: 'Ec2NetworkAcls',
      why: 'Denies of the attacker’s and of the instance’s addresses; release takes the instance’s away again.',
      actions: ['ec2:CreateNetworkAclEntry', 'ec2:DeleteNetworkAclEntry'],
      resources: [ec2('network-acl')],
    },
    {
      sid: 'Ec2OwnTags',
      why: 'The codename on the instance and the mark of the hop on its interfaces; release takes them off.',
      actions: ['ec2:CreateTags', 'ec2:DeleteTags'],
      resources: [INSTANCES, INTERFACES],
      condition: OWN_TAGS,
    },
    {
      sid: 'Ec2Images',
      why: 'Snapshots of every disk; one that AWS’s own key encrypts is encrypted anew, so that it can be shared.',
      actions: ['ec2:CopySnapshot', 'ec2:CreateSnapshot', 'ec2:CreateSnapshots'],
      resources: [INSTANCES, ec2('volume'), SNAPSHOTS],
    },
    {
      sid: 'Ec2KeepImages',
      why: 'Locks in governance mode; shares with the forensic account, and with no other (see the Deny).',
      actions: ['ec2:DescribeSnapshotAttribute', 'ec2:LockSnapshot', 'ec2:ModifySnapshotAttribute'],
      resources: [SNAPSHOTS],
    },
    {
      sid: 'Ec2TagImages',
      why: 'The tags of a snapshot, in the call that makes it and at no other time.',
      actions: ['ec2:CreateTags'],
      resources: [SNAPSHOTS],
      condition: {
        StringEquals: { 'ec2:CreateAction': ['CreateSnapshot', 'CreateSnapshots', 'CopySnapshot'] },
      },
    },
    {
      sid: 'KmsLook',
      why: 'Who manages the key of an image: AWS’s own keeps it from being shared.',
      actions: ['kms:DescribeKey'],
      resources: KEYS,
    },
    {
      sid: 'KmsThroughEc2',
      why: 'What EBS needs to copy an encrypted snapshot and to start a host with encrypted disks; the key has to allow it too.',
      actions: [
        'kms:Decrypt',
        'kms:GenerateDataKey',
        'kms:GenerateDataKeyWithoutPlaintext',
        'kms:ReEncryptFrom',
        'kms:ReEncryptTo',
      ],
      resources: KEYS,
      condition: { StringLike: VIA_EC2 },
    },
    {
      sid: 'KmsGrantsToEc2',
      why: 'The same, for grants: only to AWS’s services.',
      actions: ['kms:CreateGrant'],
      resources: KEYS,
      condition: { StringLike: VIA_EC2, Bool: { 'kms:GrantIsForAWSResource': 'true' } },
    },
    {
      sid: 'ScalingLook',
      why: 'Which scaling group the instance is in, and whether it has room at release.',
      actions: ['autoscaling:DescribeAutoScalingGroups', 'autoscaling:DescribeAutoScalingInstances'],
      resources: EVERYTHING,
    },
    {
      sid: 'ScalingLeave',
      why: 'Leaves the scaling group before the stop, which the group would answer with a termination; release: back.',
      actions: ['autoscaling:AttachInstances', 'autoscaling:DetachInstances'],
      resources: [arn('autoscaling:*:${AWS::AccountId}:autoScalingGroup:*:autoScalingGroupName/*')],
    },
    {
      sid: 'BalancingLook',
      why: 'Which target groups the instance is in: AWS tells only group by group.',
      actions: ['elasticloadbalancing:DescribeTargetGroups', 'elasticloadbalancing:DescribeTargetHealth'],
      resources: EVERYTHING,
    },
    {
      sid: 'BalancingLeave',
      why: 'Leaves the target groups; release: back.',
      actions: ['elasticloadbalancing:DeregisterTargets', 'elasticloadbalancing:RegisterTargets'],
      resources: [arn('elasticloadbalancing:*:${AWS::AccountId}:targetgroup/*/*')],
    },
    {
      sid: 'IamLook',
      why: 'Capture and verification of users, roles, and the roles of instance profiles.',
      actions: [
        'iam:GetAccessKeyLastUsed',
        'iam:GetInstanceProfile',
        'iam:GetLoginProfile',
        'iam:GetRole',
        'iam:GetRolePolicy',
        'iam:GetUser',
        'iam:GetUserPolicy',
        'iam:ListAccessKeys',
        'iam:ListAttachedRolePolicies',
        'iam:ListAttachedUserPolicies',
        'iam:ListGroupsForUser',
        'iam:ListRolePolicies',
        'iam:ListUserPolicies',
      ],
      resources: [USERS, ROLES, iam('instance-profile/*')],
    },
    {
      sid: 'IamChange',
      why: 'Keys inactive, console password removed, sessions denied by an inline policy. IAM sees neither its name nor its text.',
      actions: ['iam:DeleteLoginProfile', 'iam:PutRolePolicy', 'iam:PutUserPolicy', 'iam:UpdateAccessKey'],
      resources: [USERS, ROLES],
    },
    {
      sid: 'IamEmptyProfile',
      why: 'The one profile without a role, which contained instances get.',
      actions: ['iam:CreateInstanceProfile', 'iam:RemoveRoleFromInstanceProfile'],
      resources: [iam(`instance-profile/${EMPTY_PROFILE_NAME}`)],
    },
    {
      sid: 'IamGiveProfileBack',
      why: 'Release puts the instance’s own profile back, with its role: to EC2 and to no other service.',
      actions: ['iam:PassRole'],
      resources: [ROLES],
      condition: { StringEquals: { 'iam:PassedToService': 'ec2.${AWS::URLSuffix}' } },
    },
    {
      sid: 'SecretsRotate',
      why: 'Looks at secrets and starts their rotation; no value is read or written.',
      actions: ['secretsmanager:DescribeSecret', 'secretsmanager:RotateSecret'],
      resources: [SECRETS],
    },
    {
      sid: 'SecretsRotationFunctions',
      why: 'AWS asks it of whoever starts a rotation.',
      actions: ['lambda:InvokeFunction'],
      resources: [arn('lambda:*:${AWS::AccountId}:function:${RotationFunctions}')],
    },
    {
      sid: 'WafAddresses',
      why: 'Adds the attacker’s addresses to the IP sets of the configuration.',
      actions: ['wafv2:GetIPSet', 'wafv2:UpdateIPSet'],
      resources: [arn('wafv2:*:${AWS::AccountId}:*/ipset/*/*')],
    },
    {
      sid: 'SsmLook',
      why: 'Whether memory is being captured, and what came of it.',
      actions: ['ssm:GetCommandInvocation', 'ssm:ListCommands'],
      resources: EVERYTHING,
    },
    {
      sid: 'SsmRunDocument',
      why: 'Runs the one document that captures memory.',
      actions: ['ssm:SendCommand'],
      resources: [INSTANCES, arn('ssm:*:${AWS::AccountId}:document/${HostDocument}')],
    },
    {
      sid: 'StsOtherAccounts',
      why: 'The same role in other affected accounts, and the role of the forensic account.',
      actions: ['sts:AssumeRole'],
      resources: [arn('iam::*:role/${RoleName}'), THE_FORENSIC_ROLE],
    },
  ],
  denials: [
    ...DENIALS,
    {
      sid: 'DenySharingWithAll',
      why: 'No image is ever public.',
      actions: ['ec2:ModifySnapshotAttribute'],
      condition: { StringEquals: { 'ec2:Add/group': 'all' } },
    },
    {
      sid: 'DenySharingElsewhere',
      why: 'An image is shared with the forensic account alone.',
      actions: ['ec2:ModifySnapshotAttribute'],
      condition: { 'ForAnyValue:StringNotEquals': { 'ec2:Add/userId': '${ArchiveAccountId}' } },
    },
    {
      sid: 'DenyChangingItself',
      why: 'The worker can neither give itself more nor lock itself out.',
      actions: ['iam:PutRolePolicy'],
      resources: [iam('role/${RoleName}')],
    },
  ],
};
