/**
 * Everything that Firebreak does in AWS, done once against the stand-in with the real SDK: which calls it makes, by the policy
 * that has to allow them. Long because it is a list.
 */
import type { IncomingMessage } from 'node:http';
import {
  AttachVolumeCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  CreateVolumeCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { AddRoleToInstanceProfileCommand, IAMClient, ListAccessKeysCommand } from '@aws-sdk/client-iam';
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import type { Capture } from '../../activities/containment';
import type { ImageLocation } from '../../activities/evidence';
import { tryKeyring } from '../../codec/codec';
import { newKeyring, readKeyring } from '../../codec/keyring';
import { nameOfAwsCall, startAws, type AwsStandIn } from '../../drill/stand-ins/aws';
import { createAccounts } from '../../drill/stand-ins/aws/accounts';
import {
  createForensicAccount,
  createIpSets,
  createProfile,
  createSecret,
  createUser,
} from '../../drill/stand-ins/aws-company';
import { createFleet, type FleetInstance } from '../../drill/stand-ins/aws-fleet';
import { startRecordingProxy, type Call } from '../../drill/stand-ins/recording-proxy';
import type { AwsSettings, ColdStorageSettings } from '../../integrations/aws/clients';
import { createAws, type Aws } from '../../integrations/aws/cloud';
import { createColdStorage } from '../../integrations/aws/cold-storage/cold-storage';
import { createIdentities } from '../../integrations/aws/identity/provider';
import { createKeyService } from '../../integrations/aws/key-service';
import { createPerimeter } from '../../integrations/aws/network/perimeter';
import { EMPTY_PROFILE_NAME } from '../../integrations/aws/profile';
import { QUARANTINE_GROUP_NAME } from '../../integrations/aws/quarantine';
import type { Calls, PolicyName } from '../../scripts/policies/build';
import { valuesIn } from './telling-words';

const REGION = 'us-east-1';
const ACCOUNT = '123456789012';
const OTHER_ACCOUNT = '345678901234';
export const CODENAME = 'sapphire-unicorn';
const SURROUNDINGS = { codename: CODENAME, attackers: ['203.0.113.7', '2001:db8:bad::/48'] };
const COLD: ColdStorageSettings & { readonly role: string; readonly transferKey: string } = {
  account: '210987654321',
  role: 'arn:aws:iam::210987654321:role/firebreak-archive',
  region: 'eu-central-1',
  bucket: 'example-firebreak-archive',
  key: 'arn:aws:kms:eu-central-1:210987654321:alias/firebreak-archive',
  transferKey: 'arn:aws:kms:us-east-1:123456789012:alias/firebreak-transfer',
  signingKey: 'arn:aws:kms:eu-central-1:210987654321:alias/firebreak-signing',
  lockDays: 365,
  coolOffHours: 24,
  hashBlocks: true,
};

/** What the parts of the list have in common. */
interface Stage {
  readonly standIn: AwsStandIn;
  /** Calls that are not Firebreak's. */
  readonly by: { readonly region: string; readonly endpoint: string };
  readonly settings: AwsSettings;
}

/** `onText` hears every text of every call: values of its body, its path, its headers. What a file holds is none. */
export async function collectCalls(
  onText: (text: string, call: string) => void = () => undefined,
): Promise<Calls> {
  const standIn = await startAws();
  const accounts = createAccounts(standIn.motoUrl);
  const by = { region: REGION, endpoint: standIn.url };
  const payloadKey = await createPayloadKey(by);
  const made = { worker: new Set<string>(), forensic: new Set<string>(), 'payload-key': new Set<string>() };
  const proxy = await startRecordingProxy({
    target: standIn.url,
    nameOf: nameOfAwsCall,
    async rewrite(call, passOn, request) {
      made[policyOf(call, await accounts.of(request), payloadKey)].add(call.name.replace('.', ':'));
      for (const text of textsOf(call, request)) onText(text, call.name);
      return passOn();
    },
  });
  const stage: Stage = {
    standIn,
    by,
    settings: {
      region: REGION,
      account: ACCOUNT,
      accounts: [{ id: OTHER_ACCOUNT, role: `arn:aws:iam::${OTHER_ACCOUNT}:role/firebreak` }],
      endpoint: proxy.url,
      timeoutMs: 10_000,
    },
  };
  try {
    await createProfile(standIn.url, REGION, 'web');
    await createForensicAccount(standIn.url, REGION, COLD);
    const images = await contain(stage);
    await hop(stage);
    await lookIntoOtherAccount(stage);
    await blockAddresses(stage);
    await containIdentities(stage);
    await storeImages(stage, images);
    await wrapDataKey(proxy.url, payloadKey);
    return {
      worker: [...made.worker].sort(),
      forensic: [...made.forensic].sort(),
      'payload-key': [...made['payload-key']].sort(),
    };
  } finally {
    await proxy.close();
    await standIn.close();
  }
}

/** On the payload key it does not matter who calls. */
function policyOf({ body }: Call, account: string, payloadKey: string): PolicyName {
  if (body.includes(payloadKey)) return 'payload-key';
  return account === COLD.account ? 'forensic' : 'worker';
}

function textsOf({ name, path, body }: Call, { headers }: IncomingMessage): string[] {
  // The host is the stand-in's, the target the action's name, the signature and its like are nobody's words.
  const { host: _, 'x-amz-target': __, ...sent } = headers;
  return [
    decodeURIComponent(path),
    ...Object.values(sent).flatMap((each) => each ?? []),
    ...(name === 's3.PutObject' ? [] : valuesIn(withoutKeys(name, body), headers['content-type'])),
  ];
}

/** A data key, and a wrapped one, are random and no words; by chance they would read like one. */
function withoutKeys(call: string, body: string): string {
  if (!/^kms\.(?:Encrypt|Decrypt)$/.test(call)) return body;
  const isKey = (field: string) => field === 'Plaintext' || field === 'CiphertextBlob';
  return JSON.stringify(JSON.parse(body, (field, value: unknown) => (isKey(field) ? undefined : value)));
}

/** The whole chain, stopped, looked at again, and released. Returns the images. */
async function contain(stage: Stage): Promise<ImageLocation[]> {
  const web = await launch(stage, 'web');
  const aws = createAws({
    ...stage.settings,
    memory: { document: 'host-state', destination: 's3://example-host-state/images', timeBoxMs: 10_000 },
  });
  await putRuleIntoQuarantine(stage, web);
  await aws.warmUp();
  const now = new Date().toISOString();
  await aws.rehearse({ id: web.id }, SURROUNDINGS);
  const captured = await aws.capture({ id: web.id });
  await aws.protect(captured, CODENAME);
  await aws.captureMemory(captured, CODENAME);
  await aws.snapshot(captured, CODENAME, 'live');
  await attachDisk(stage, web);
  await aws.snapshot(captured, CODENAME, 'live');
  await aws.lock(captured, CODENAME);
  await cutOff(aws, captured);
  await aws.revokeRole(captured, CODENAME, now);
  await aws.verify(captured, SURROUNDINGS, now);
  await aws.stop({ id: web.id });
  const images = await aws.snapshot(captured, CODENAME, 'stopped');
  await aws.lock(captured, CODENAME);
  await aws.release(captured, CODENAME);
  await aws.compare(captured);
  return images.map(({ id }) => ({ snapshotId: id }));
}

/** The same in the other mode, without memory, and with a role in the profile that has to be empty. */
async function hop(stage: Stage): Promise<void> {
  const web = await launch(stage, 'other');
  const aws = createAws({ ...stage.settings, secondMeasure: 'untracked-hop' });
  await putRoleIntoEmptyProfile(stage);
  const now = new Date().toISOString();
  const captured = await aws.capture({ id: web.id });
  await aws.protect(captured, CODENAME);
  await aws.captureMemory(captured, CODENAME);
  await cutOff(aws, captured);
  await aws.revokeRole(captured, CODENAME, now);
  await aws.verify(captured, SURROUNDINGS, now);
  await aws.release(captured, CODENAME);
}

/** There is nothing in it: that the worker enters by the role is what counts. */
async function lookIntoOtherAccount({ settings }: Stage): Promise<void> {
  const aws = createAws(settings);
  const looking = aws.capture({ id: 'i-0123456789abcdef0', account: OTHER_ACCOUNT });
  if ((await Promise.allSettled([looking]))[0].status === 'fulfilled')
    throw new Error('The stand-in shows an instance that is not there.');
}

async function cutOff(aws: Aws, captured: Capture): Promise<void> {
  await aws.leaveGroups(captured);
  await aws.isolate(captured, CODENAME);
  await aws.cutConnections(captured, SURROUNDINGS);
  await aws.denyElsewhere(captured, CODENAME);
}

async function blockAddresses(stage: Stage): Promise<void> {
  const wafIpSets = await createIpSets(stage.standIn.url, REGION);
  const web = await launch(stage, 'edge');
  const perimeter = createPerimeter({ ...stage.settings, perimeter: { networkAcls: [], wafIpSets } });
  for (const address of SURROUNDINGS.attackers) {
    await perimeter.block(address, [{ id: web.id }], CODENAME);
    await perimeter.verify(address, [{ id: web.id }]);
  }
}

async function containIdentities({ standIn, by, settings }: Stage): Promise<void> {
  await createUser(standIn.url, REGION, 'deploy');
  await createSecret(standIn.url, REGION, 'database');
  const { AccessKeyMetadata = [] } = await new IAMClient(by).send(
    new ListAccessKeysCommand({ UserName: 'deploy' }),
  );
  const identities = createIdentities(settings);
  const now = new Date().toISOString();
  for (const id of ['deploy', AccessKeyMetadata[0]?.AccessKeyId ?? '', 'web', 'database']) {
    const kind = id === 'database' ? 'secret' : 'identity';
    const captured = await identities.capture({ kind, id });
    await identities.disableKeys(captured);
    await identities.removeLogin(captured);
    await identities.denySessions(captured, CODENAME, now);
    await identities.rotateSecret(captured, `${CODENAME}/rotate`);
    await identities.verify(captured, CODENAME, now);
  }
}

/** Images that AWS's own key encrypts, so that they have to be prepared. */
async function storeImages({ settings }: Stage, images: readonly ImageLocation[]): Promise<void> {
  const { images: store, vault, signer } = createColdStorage({ ...settings, coldStorage: COLD });
  await store.lookAt(images);
  const copies: ImageLocation[] = [];
  for (const image of images) {
    const first = await store.copy(image, CODENAME, 'i-0123456789abcdef0');
    const answer = 'copy' in first ? first : await store.copy(image, CODENAME, 'i-0123456789abcdef0');
    if ('copy' in answer) copies.push(answer.copy);
  }
  await store.lock(copies);
  await store.lockForGood(copies);
  for (const copy of copies) await store.hashBlocks(copy, `${CODENAME}/blocks/${copy.snapshotId}`);
  const manifest = Buffer.from('{}');
  await vault.writeOnce(`${CODENAME}/manifest-1.json`, manifest);
  await vault.writeOnce(`${CODENAME}/manifest-1.json`, manifest);
  await vault.read(`${CODENAME}/manifest-1.json`);
  await signer.sign(manifest);
  await signer.publicKey();
}

/** As a worker does at its start, and whoever else seals and opens. */
async function wrapDataKey(endpoint: string, arn: string): Promise<void> {
  const ring = readKeyring(newKeyring('2026-11', arn), createKeyService({ endpoint }));
  if (!ring.ok) throw new Error(ring.problems.join('; '));
  await tryKeyring(ring.keyring);
}

/** Its ARN. */
async function createPayloadKey(by: Stage['by']): Promise<string> {
  const { KeyMetadata } = await new KMSClient(by).send(new CreateKeyCommand({}));
  if (!KeyMetadata?.Arn) throw new Error('The stand-in made no key.');
  return KeyMetadata.Arn;
}

/** An instance with everything that containment changes. */
async function launch({ standIn }: Stage, name: string): Promise<FleetInstance> {
  const plan = { name, interfaces: 2, volumes: 1, scalingGroup: name, targetGroup: name, profile: 'web' };
  return (await createFleet(standIn.url, REGION, [plan]))[name]!;
}

/** Somebody has made Firebreak's group, and has put a rule into it. */
async function putRuleIntoQuarantine({ by }: Stage, { vpcId }: FleetInstance): Promise<void> {
  const ec2 = new EC2Client(by);
  const { GroupId } = await ec2.send(
    new CreateSecurityGroupCommand({ GroupName: QUARANTINE_GROUP_NAME, Description: '-', VpcId: vpcId }),
  );
  await ec2.send(
    new AuthorizeSecurityGroupIngressCommand({
      GroupId,
      IpPermissions: [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
    }),
  );
}

async function putRoleIntoEmptyProfile({ by }: Stage): Promise<void> {
  await new IAMClient(by).send(
    new AddRoleToInstanceProfileCommand({ InstanceProfileName: EMPTY_PROFILE_NAME, RoleName: 'web' }),
  );
}

/** Another disk between two looks: it is imaged alone. */
async function attachDisk({ by }: Stage, { id }: FleetInstance): Promise<void> {
  const ec2 = new EC2Client(by);
  const { VolumeId } = await ec2.send(
    new CreateVolumeCommand({ AvailabilityZone: `${REGION}a`, Size: 1, Encrypted: true }),
  );
  await ec2.send(new AttachVolumeCommand({ VolumeId, InstanceId: id, Device: '/dev/sdz' }));
}
