/**
 * What a call needs to be allowed, where that is not one action of the call's own name. Everything that is not one to one is
 * in this table.
 *
 * `AUTH` is AWS's service authorization reference, https://docs.aws.amazon.com/service-authorization/latest/reference/, with
 * the page of the service; the others are pages of the services' own guides.
 */
interface Need {
  readonly actions: readonly string[];
  readonly source: string;
}

/** What EBS asks of KMS in the name of whoever copies an encrypted snapshot, or starts an instance with encrypted disks. */
const KEYS_OF_EBS = [
  'kms:CreateGrant',
  'kms:Decrypt',
  'kms:DescribeKey',
  'kms:GenerateDataKey',
  'kms:GenerateDataKeyWithoutPlaintext',
  'kms:ReEncryptFrom',
  'kms:ReEncryptTo',
];

const TAGGED =
  'AUTH, Amazon EC2: tags in the call that makes a thing need ec2:CreateTags, with ec2:CreateAction';
const PASSED =
  'IAM user guide, "Grant a user permissions to pass a role": EC2 is handed the role of the profile';
const EBS_KEYS = 'Amazon EBS user guide, "Share the KMS key used to encrypt a shared Amazon EBS snapshot"';

export const NEEDS: Readonly<Record<string, Need>> = {
  'ec2:CreateSnapshot': { actions: ['ec2:CreateSnapshot', 'ec2:CreateTags'], source: TAGGED },
  'ec2:CreateSnapshots': { actions: ['ec2:CreateSnapshots', 'ec2:CreateTags'], source: TAGGED },
  'ec2:CopySnapshot': {
    actions: ['ec2:CopySnapshot', 'ec2:CreateTags', ...KEYS_OF_EBS],
    source: `${TAGGED}; ${EBS_KEYS}`,
  },
  'ec2:StartInstances': {
    actions: ['ec2:StartInstances', ...KEYS_OF_EBS],
    source: 'Amazon EBS user guide, "Requirements for Amazon EBS encryption", permissions for users',
  },
  'ec2:AssociateIamInstanceProfile': {
    actions: ['ec2:AssociateIamInstanceProfile', 'iam:PassRole'],
    source: PASSED,
  },
  'ec2:ReplaceIamInstanceProfileAssociation': {
    actions: ['ec2:ReplaceIamInstanceProfileAssociation', 'iam:PassRole'],
    source: PASSED,
  },
  'ebs:GetSnapshotBlock': {
    actions: ['ebs:GetSnapshotBlock', 'kms:Decrypt'],
    source: 'Amazon EBS user guide, "Control access to EBS direct APIs using IAM", permissions for KMS keys',
  },
  'secretsmanager:RotateSecret': {
    actions: ['secretsmanager:RotateSecret', 'lambda:InvokeFunction'],
    source: 'Secrets Manager API reference, RotateSecret: the caller needs it on the rotation function',
  },
  's3:GetObject': {
    actions: ['s3:GetObjectVersion'],
    source:
      'AUTH, Amazon S3: with a version id, which Firebreak always gives, it is this and not s3:GetObject',
  },
  's3:ListObjectVersions': { actions: ['s3:ListBucketVersions'], source: 'AUTH, Amazon S3' },
  's3:PutObject': {
    actions: ['s3:PutObject', 's3:PutObjectRetention'],
    source: 'AUTH, Amazon S3: the second for the retention that is sent along',
  },
};

/** The actions that the calls need, each once, sorted. */
export function actionsFor(calls: readonly string[]): string[] {
  return [...new Set(calls.flatMap((call) => NEEDS[call]?.actions ?? [call]))].sort();
}
