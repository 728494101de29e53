/** What neither role may ever do, whatever somebody attaches to it later. */
import type { Denial } from './statements';

const DESTROYING = `ec2:TerminateInstances ec2:DeleteSnapshot ec2:UnlockSnapshot ec2:DeleteVolume ec2:DetachVolume
  ec2:CreateReplaceRootVolumeTask ec2:DeregisterImage ec2:DetachNetworkInterface ec2:DeleteNetworkInterface
  ec2:DisableSnapshotBlockPublicAccess ec2:DeleteFlowLogs
  autoscaling:TerminateInstanceInAutoScalingGroup autoscaling:SetInstanceHealth autoscaling:SetDesiredCapacity
  autoscaling:UpdateAutoScalingGroup autoscaling:DeleteAutoScalingGroup
  backup:Delete* rbin:DeleteRule rbin:UpdateRule rbin:UnlockRule secretsmanager:DeleteSecret`;

const REWRITING = `s3:DeleteObject* s3:DeleteBucket* s3:BypassGovernanceRetention s3:PutBucketObjectLockConfiguration
  s3:PutBucketVersioning s3:PutLifecycleConfiguration s3:PutBucketPolicy s3:PutObjectLegalHold
  kms:ScheduleKeyDeletion kms:DisableKey kms:DeleteImportedKeyMaterial kms:DeleteAlias kms:UpdateAlias kms:PutKeyPolicy`;

const BLINDING = `cloudtrail:Delete* cloudtrail:StopLogging cloudtrail:UpdateTrail cloudtrail:PutEventSelectors
  guardduty:Delete* guardduty:Disassociate* guardduty:UpdateDetector guardduty:ArchiveFindings
  config:Delete* config:StopConfigurationRecorder logs:Delete* logs:PutRetentionPolicy`;

/** The console password is not among them: its removal is a measure, and the capture says that there was one. */
const IDENTITIES = `iam:DeleteUser iam:DeleteRole iam:DeleteGroup iam:DeletePolicy iam:DeletePolicyVersion
  iam:DeleteUserPolicy iam:DeleteRolePolicy iam:DeleteGroupPolicy iam:DeleteAccessKey iam:DeleteInstanceProfile
  iam:DetachUserPolicy iam:DetachRolePolicy iam:DetachGroupPolicy iam:RemoveUserFromGroup iam:UpdateAssumeRolePolicy`;

/** A key that is gone takes the images with it that it encrypts, and the manifests that it signed can't be trusted anew. */
export const KEY_LOSS = words('kms:ScheduleKeyDeletion kms:DisableKey kms:DeleteImportedKeyMaterial');

export const DENIALS: readonly Denial[] = [
  {
    sid: 'DenyDestroyingHostsAndImages',
    why: 'Hosts, disks, snapshots, their locks, and the ways round: a scaling group that shrinks terminates.',
    actions: words(DESTROYING),
  },
  {
    sid: 'DenyTakingTagsFromImages',
    why: 'The tags on a snapshot say what it is evidence of.',
    actions: ['ec2:DeleteTags'],
    resources: ['arn:${AWS::Partition}:ec2:*::snapshot/*'],
  },
  {
    sid: 'DenyRewriting',
    why: 'Files, the rules of the bucket that keeps them, and the keys.',
    actions: words(REWRITING),
  },
  {
    sid: 'DenyStoppingRecords',
    why: 'What records the incident: trails, findings, logs.',
    actions: words(BLINDING),
  },
  {
    sid: 'DenyDestroyingIdentities',
    why: 'Users, roles, keys and policies are disabled and never deleted: they are evidence too.',
    actions: words(IDENTITIES),
  },
];

/** Whether an action is among what is never to be called, whoever would call it. */
export function isDestructive(action: string): boolean {
  return DENIALS.filter(({ resources }) => resources === undefined)
    .flatMap(({ actions }) => actions)
    .some((denied) => matches(denied, action));
}

/** As IAM compares actions: letters of either case, `*` for anything. */
export function matches(pattern: string, text: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 'is').test(text);
}

function words(list: string): readonly string[] {
  return list.split(/\s+/);
}
