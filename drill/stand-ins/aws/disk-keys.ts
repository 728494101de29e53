/**
 * The keys of encrypted disks and images. moto forgets which one a snapshot has, and says of each key that it is the
 * customer's; AWS's own, `alias/aws/ebs`, can be used by its account alone.
 */
import type { IncomingMessage } from 'node:http';
import type { Answer, Rewrite } from '../recording-proxy';
import type { Accounts, Owner } from './accounts';
import { mapItems, regionOf, textOf } from './query';

export interface Keys {
  readonly rewrite: Rewrite;
  /** Whether the snapshot is encrypted with a key of AWS's own, which its account can't share. */
  isAwsManaged(owner: Owner, snapshotId: string): Promise<boolean>;
}

export function rememberKeys(accounts: Accounts): Keys {
  /** By snapshot. */
  const known = new Map<string, string>();

  async function keyOf(owner: Owner, snapshot: string): Promise<string | undefined> {
    if (textOf(snapshot, 'encrypted') !== 'true') return undefined;
    const id = textOf(snapshot, 'snapshotId') ?? '';
    const key =
      known.get(id) ??
      textOf(snapshot, 'kmsKeyId') ??
      textOf(
        await accounts.askEc2(owner, {
          Action: 'DescribeVolumes',
          'VolumeId.1': textOf(snapshot, 'volumeId') ?? '',
        }),
        'kmsKeyId',
      );
    if (key !== undefined) known.set(id, key);
    return key;
  }

  async function isManaged(owner: Owner, key: string): Promise<boolean> {
    const aliases = await accounts.askKms(owner, 'ListAliases', { KeyId: key });
    return aliases.includes('"alias/aws/');
  }

  async function withKeys(request: IncomingMessage, answer: Answer): Promise<Answer> {
    const xml = answer.body.toString('utf8');
    const snapshots: string[] = [];
    mapItems(xml, 'snapshotSet', (item) => (snapshots.push(item), item));
    const region = regionOf(request);
    const keys = await Promise.all(
      snapshots.map((each) => keyOf({ account: textOf(each, 'ownerId') ?? '', region }, each)),
    );
    const body = mapItems(xml, 'snapshotSet', (item) => {
      const key = keys.shift();
      return key === undefined || item.includes('<kmsKeyId>') ? item : `<kmsKeyId>${key}</kmsKeyId>${item}`;
    });
    return { ...answer, body: Buffer.from(body) };
  }

  const rewrite: Rewrite = async (call, passOn, request) => {
    const answer = await passOn();
    if (answer.status !== 200) return answer;
    if (call.name === 'ec2.DescribeSnapshots') return withKeys(request, answer);
    if (call.name !== 'kms.DescribeKey') return answer;
    const text = answer.body.toString('utf8');
    const key = /"Arn": ?"([^"]*)"/.exec(text)?.[1] ?? '';
    const owner = { account: await accounts.of(request), region: regionOf(request) };
    return (await isManaged(owner, key))
      ? { ...answer, body: Buffer.from(text.replace(/("KeyManager": ?)"CUSTOMER"/, '$1"AWS"')) }
      : answer;
  };

  return {
    rewrite,
    async isAwsManaged(owner, snapshotId) {
      const found = await accounts.askEc2(owner, { Action: 'DescribeSnapshots', 'SnapshotId.1': snapshotId });
      const key = await keyOf(owner, found);
      return key !== undefined && isManaged(owner, key);
    },
  };
}
