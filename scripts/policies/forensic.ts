/** The role in the forensic account, which the worker assumes for cold storage. */
import { DENIALS } from './denials';
import { EVERYTHING, type Role } from './statements';

const arn = (rest: string) => `arn:\${AWS::Partition}:${rest}`;
/** AWS writes a snapshot's ARN without an account. */
const COPIES = [arn('ec2:${AWS::Region}::snapshot/*')];
/** Of the affected accounts: whose, their own policies decide. */
const KEYS_OF_IMAGES = [arn('kms:*:*:key/*')];
const VIA_EC2 = { 'kms:ViaService': 'ec2.*.${AWS::URLSuffix}' };
const HERE = { StringEquals: { 'aws:RequestedRegion': '${AWS::Region}' } };
const BUCKET = arn('s3:::${BucketName}');

export const FORENSIC: Role = {
  grants: [
    {
      sid: 'Ec2Look',
      why: 'How far the copies are, and how they are locked.',
      actions: ['ec2:DescribeLockedSnapshots', 'ec2:DescribeSnapshots'],
      resources: EVERYTHING,
      condition: HERE,
    },
    {
      sid: 'Ec2Copy',
      why: 'Copies images that were shared; the source is in another region.',
      actions: ['ec2:CopySnapshot'],
      resources: [arn('ec2:*::snapshot/*')],
      condition: HERE,
    },
    {
      sid: 'Ec2TagCopies',
      why: 'The tags of a copy, in the call that makes it and at no other time.',
      actions: ['ec2:CreateTags'],
      resources: COPIES,
      condition: { StringEquals: { 'ec2:CreateAction': 'CopySnapshot' } },
    },
    {
      sid: 'Ec2LockCopies',
      why: 'Locks in governance mode, and for good once a person has said so.',
      actions: ['ec2:LockSnapshot'],
      resources: COPIES,
    },
    {
      sid: 'EbsReadBlocks',
      why: 'Reads every block of a copy to hash it. Nothing can be written.',
      actions: ['ebs:GetSnapshotBlock', 'ebs:ListSnapshotBlocks'],
      resources: COPIES,
    },
    {
      sid: 'KmsArchiveKey',
      why: 'Decrypts the blocks that are hashed.',
      actions: ['kms:Decrypt'],
      resources: ['${ArchiveKey.Arn}'],
    },
    {
      sid: 'KmsThroughEc2',
      why: 'What EBS needs to copy: from the image’s key, which has to allow it too, to the evidence key.',
      actions: [
        'kms:Decrypt',
        'kms:DescribeKey',
        'kms:GenerateDataKey',
        'kms:GenerateDataKeyWithoutPlaintext',
        'kms:ReEncryptFrom',
        'kms:ReEncryptTo',
      ],
      resources: KEYS_OF_IMAGES,
      condition: { StringLike: VIA_EC2 },
    },
    {
      sid: 'KmsGrantsToEc2',
      why: 'The same, for grants: only to AWS’s services.',
      actions: ['kms:CreateGrant'],
      resources: KEYS_OF_IMAGES,
      condition: { StringLike: VIA_EC2, Bool: { 'kms:GrantIsForAWSResource': 'true' } },
    },
    {
      sid: 'KmsSign',
      why: 'Signs manifests, and reads the public key that checks them.',
      actions: ['kms:GetPublicKey', 'kms:Sign'],
      resources: ['${SigningKey.Arn}'],
    },
    {
      sid: 'S3WriteOnce',
      why: 'Writes files of evidence, in compliance mode and in no other.',
      actions: ['s3:PutObject', 's3:PutObjectRetention'],
      resources: [`${BUCKET}/*`],
      condition: { StringEquals: { 's3:object-lock-mode': 'COMPLIANCE' } },
    },
    {
      sid: 'S3Read',
      why: 'Reads what was written first, and how long it is kept.',
      actions: ['s3:GetObjectRetention', 's3:GetObjectVersion'],
      resources: [`${BUCKET}/*`],
    },
    {
      sid: 'S3List',
      why: 'Finds the first version of a file.',
      actions: ['s3:ListBucketVersions'],
      resources: [BUCKET],
    },
  ],
  denials: DENIALS,
};
