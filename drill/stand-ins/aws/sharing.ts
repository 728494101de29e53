/**
 * Snapshots that are shared with another account, which moto writes down and nobody can use: the other account sees them
 * by their ids and copies them. A snapshot that AWS's own key encrypts can't be shared.
 */
import type { IncomingMessage } from 'node:http';
import type { Answer, Rewrite } from '../recording-proxy';
import type { Accounts, Owner } from './accounts';
import type { Keys } from './disk-keys';
import { ec2Answer, ec2Error, itemsOf, listOf, regionOf, textOf, textsOf } from './query';

export interface Sharing {
  readonly rewrite: Rewrite;
  /** The snapshot that a copy, or a copy of a copy, was made from; itself where it is no copy. */
  originOf(snapshotId: string): string;
}

export function shareSnapshots(accounts: Accounts, keys: Keys): Sharing {
  /** Those that were shared at some time, by id. Whether they still are is moto's to say. */
  const owners = new Map<string, Owner>();
  const sources = new Map<string, string>();

  /** The owner, where it is another account that shares the snapshot with this one. */
  async function sharedBy(id: string, caller: string, region: string): Promise<Owner | undefined> {
    const owner = owners.get(id);
    if (!owner || owner.account === caller || owner.region !== region) return undefined;
    const attribute = await accounts.askEc2(owner, {
      Action: 'DescribeSnapshotAttribute',
      Attribute: 'createVolumePermission',
      SnapshotId: id,
    });
    return textsOf(attribute, 'userId').includes(caller) ? owner : undefined;
  }

  async function share(form: URLSearchParams, passOn: () => Promise<Answer>, request: IncomingMessage) {
    const owner = { account: await accounts.of(request), region: regionOf(request) };
    const id = form.get('SnapshotId') ?? '';
    if (form.get('OperationType') === 'add' && (await keys.isAwsManaged(owner, id)))
      return ec2Error('OperationNotPermitted', 'Encrypted snapshots with EBS default key cannot be shared');
    const answer = await passOn();
    if (answer.status === 200) owners.set(id, owner);
    return answer;
  }

  async function describe(
    form: URLSearchParams,
    passOn: (body?: string) => Promise<Answer>,
    request: IncomingMessage,
  ): Promise<Answer> {
    const ids = listOf(form, 'SnapshotId');
    if (!ids.some((id) => owners.has(id))) return passOn();
    const [caller, region] = [await accounts.of(request), regionOf(request)];
    const shared = new Map<string, Owner>();
    for (const id of ids) {
      const owner = await sharedBy(id, caller, region);
      if (owner) shared.set(id, owner);
    }
    if (shared.size === 0) return passOn();
    const rest = new URLSearchParams([...form].filter(([key]) => !/^SnapshotId\./.test(key)));
    const own = ids.filter((id) => !shared.has(id));
    own.forEach((id, index) => rest.set(`SnapshotId.${index + 1}`, id));
    const answer = own.length > 0 ? await passOn(rest.toString()) : undefined;
    if (answer && answer.status !== 200) return answer;
    const items = answer ? itemsOf(answer.body.toString('utf8'), 'snapshotSet') : [];
    for (const [id, owner] of shared) {
      const seen = await accounts.askEc2(owner, { Action: 'DescribeSnapshots', 'SnapshotId.1': id });
      // Its tags are the owner's alone.
      items.push(...itemsOf(seen, 'snapshotSet').map((item) => item.replace(/<tagSet>.*<\/tagSet>/s, '')));
    }
    const set = items.map((item) => `<item>${item}</item>`).join('');
    return ec2Answer('DescribeSnapshots', `<snapshotSet>${set}</snapshotSet>`);
  }

  async function copy(
    form: URLSearchParams,
    passOn: (body?: string) => Promise<Answer>,
    request: IncomingMessage,
  ): Promise<Answer> {
    const source = form.get('SourceSnapshotId') ?? '';
    const [account, region] = [await accounts.of(request), regionOf(request)];
    const owner = await sharedBy(source, account, form.get('SourceRegion') ?? '');
    const answer = owner
      ? await copyForeign({ account, region }, owner, source, form, passOn)
      : await passOn();
    const made = textOf(answer.body.toString('utf8'), 'snapshotId');
    if (answer.status === 200 && made !== undefined) sources.set(made, source);
    return answer;
  }

  /** moto copies within an account: it is given a snapshot of the same size there, for as long as the copying takes. */
  async function copyForeign(
    here: Owner,
    owner: Owner,
    source: string,
    form: URLSearchParams,
    passOn: (body?: string) => Promise<Answer>,
  ): Promise<Answer> {
    const seen = await accounts.askEc2(owner, { Action: 'DescribeSnapshots', 'SnapshotId.1': source });
    const volume = await accounts.askEc2(here, {
      Action: 'CreateVolume',
      AvailabilityZone: `${here.region}a`,
      Size: textOf(seen, 'volumeSize') ?? '1',
    });
    const VolumeId = textOf(volume, 'volumeId') ?? '';
    const stand = await accounts.askEc2(here, { Action: 'CreateSnapshot', VolumeId });
    const SnapshotId = textOf(stand, 'snapshotId') ?? '';
    form.set('SourceSnapshotId', SnapshotId);
    form.set('SourceRegion', here.region);
    const answer = await passOn(form.toString());
    await accounts.askEc2(here, { Action: 'DeleteSnapshot', SnapshotId });
    await accounts.askEc2(here, { Action: 'DeleteVolume', VolumeId });
    return answer;
  }

  return {
    originOf(id) {
      let origin = id;
      for (let source; (source = sources.get(origin)) !== undefined;) origin = source;
      return origin;
    },
    async rewrite(call, passOn, request) {
      const form = new URLSearchParams(call.body);
      if (call.name === 'ec2.ModifySnapshotAttribute') return share(form, passOn, request);
      if (call.name === 'ec2.CopySnapshot') return copy(form, passOn, request);
      return call.name === 'ec2.DescribeSnapshots' ? describe(form, passOn, request) : passOn();
    },
  };
}
