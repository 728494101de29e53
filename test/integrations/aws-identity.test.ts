import {
  AddUserToGroupCommand,
  AttachRolePolicyCommand,
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreateGroupCommand,
  CreateLoginProfileCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  DeleteUserPolicyCommand,
  GetRolePolicyCommand,
  GetUserPolicyCommand,
  IAMClient,
  ListAccessKeysCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
  UpdateAccessKeyCommand,
} from '@aws-sdk/client-iam';
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  RotateSecretCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { AssumeRoleCommand, GetSessionTokenCommand, STSClient, type Credentials } from '@aws-sdk/client-sts';
import type { IdentityCapture, IdentityProvider } from '../../activities/identities';
import { startAws, throttled, type AwsStandIn } from '../../drill/stand-ins/aws';
import type { FaultKind } from '../../drill/stand-ins/recording-proxy';
import { createIdentities } from '../../integrations/aws/identity/provider';
import {
  issuedBeforeOf,
  revokePolicyDocument,
  revokePolicyName,
} from '../../integrations/aws/identity/revoke-policy';
import { failureOf } from '../support/failures';
import { someOf, thorough } from '../support/thorough';

const REGION = 'eu-west-1';
const ACCOUNT = '123456789012';
const OTHER_ACCOUNT = '210987654321';
const CODENAME = 'sapphire-unicorn';
const ISSUED_BEFORE = '2026-03-02T10:00:00.000Z';
const LATER = '2026-03-02T11:00:00.000Z';
const KEY = 'incident/rotate';
const FUNCTION = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:rotate`;
const TRUST = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { AWS: ACCOUNT }, Action: 'sts:AssumeRole' }],
};
const CHANGES = /\.(Create|Update|Delete|Put|Attach|Detach|Rotate|Tag|Add|Remove)/;

const settingsBefore = { ...process.env };
let standIn: AwsStandIn;
let identities: IdentityProvider;
let iam: IAMClient;
let secrets: SecretsManagerClient;
let made = 0;

beforeAll(async () => {
  process.env['AWS_ACCESS_KEY_ID'] = 'stand-in';
  process.env['AWS_SECRET_ACCESS_KEY'] = 'stand-in';
  standIn = await startAws({ now: () => Date.parse('2026-03-02T10:30:00Z') });
  identities = createIdentities({ region: REGION, endpoint: standIn.url });
  iam = new IAMClient(throughProxy());
  secrets = new SecretsManagerClient(throughProxy());
});

afterAll(async () => {
  await standIn.close();
  process.env = settingsBefore;
});

/** What a client of the stand-in needs; signed with a key of its own where it is given one. */
function throughProxy(key?: Partial<Credentials>) {
  const credentials = key && {
    accessKeyId: key.AccessKeyId ?? '',
    secretAccessKey: key.SecretAccessKey ?? '',
    ...(key.SessionToken !== undefined && { sessionToken: key.SessionToken }),
  };
  return { region: REGION, endpoint: standIn.url, maxAttempts: 1, ...(credentials && { credentials }) };
}

async function newUser(client = iam, path = '/') {
  const UserName = `deploy-${(made += 1)}`;
  const { User } = await client.send(
    new CreateUserCommand({ UserName, Path: path, Tags: [{ Key: 'team', Value: 'web' }] }),
  );
  const key = await newKey(UserName, client);
  await client.send(new CreateLoginProfileCommand({ UserName, Password: 'Not-a-secret-1' }));
  return { name: UserName, arn: User?.Arn ?? '', key };
}

async function newKey(UserName: string, client = iam) {
  const { AccessKey } = await client.send(new CreateAccessKeyCommand({ UserName }));
  return { AccessKeyId: AccessKey?.AccessKeyId ?? '', SecretAccessKey: AccessKey?.SecretAccessKey };
}

async function newRole(RoleName = `worker-${(made += 1)}`, Path = '/') {
  const { Role } = await iam.send(
    new CreateRoleCommand({
      RoleName,
      Path,
      AssumeRolePolicyDocument: JSON.stringify(TRUST),
      Tags: [{ Key: 'team', Value: 'web' }],
    }),
  );
  return { name: RoleName, arn: Role?.Arn ?? '' };
}

async function newSecret({ rotates = true } = {}) {
  const { ARN: arn = '', Name: name = '' } = await secrets.send(
    new CreateSecretCommand({
      Name: `web/database-${(made += 1)}`,
      SecretString: 'hush',
      Tags: [{ Key: 'team', Value: 'web' }],
    }),
  );
  if (rotates)
    await secrets.send(
      new RotateSecretCommand({ SecretId: arn, RotationLambdaARN: FUNCTION, RotateImmediately: false }),
    );
  return { arn, name };
}

const captureUser = async () => identities.capture({ kind: 'identity', id: (await newUser()).arn });
const captureRole = async () => identities.capture({ kind: 'identity', id: (await newRole()).arn });
const captureSecret = async () => identities.capture({ kind: 'secret', id: (await newSecret()).arn });
const verify = async (captured: IdentityCapture, issuedBefore = ISSUED_BEFORE) =>
  (await identities.verify(captured, CODENAME, issuedBefore)).unproven;

async function contain(captured: IdentityCapture, provider = identities): Promise<void> {
  await provider.disableKeys(captured);
  await provider.removeLogin(captured);
  await provider.denySessions(captured, CODENAME, ISSUED_BEFORE);
  await provider.rotateSecret(captured, KEY);
}

/** The calls that changed something, or tried to, while `work` ran. */
async function changesDuring(work: () => Promise<unknown>): Promise<string[]> {
  const before = standIn.calls.length;
  await work();
  return standIn.calls
    .slice(before)
    .map(({ name }) => name)
    .filter((name) => CHANGES.test(name));
}

async function codeOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'It was not refused.',
    (thrown: unknown) => (thrown as Error).name,
  );
}

/** An answer of AWS that quotes what it should not. */
function errorAnswer(call: string, status: number, code: string): FaultKind {
  const message = `User: arn:aws:iam::${ACCOUNT}:user/secretive`;
  return call.startsWith('secretsmanager.')
    ? { kind: 'answer', status, body: JSON.stringify({ __type: code, message }) }
    : {
        kind: 'answer',
        status,
        body: `<ErrorResponse><Error><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
      };
}

describe('a user', () => {
  test('is written down with everything that lets it in, and nothing is changed', async () => {
    const { name, arn, key } = await newUser(iam, '/teams/web/');
    const second = await newKey(name);
    await iam.send(
      new UpdateAccessKeyCommand({
        UserName: name,
        AccessKeyId: second.AccessKeyId,
        Status: 'Inactive',
      }),
    );
    const { Policy } = await iam.send(
      new CreatePolicyCommand({ PolicyName: `read-${name}`, PolicyDocument: revokePolicyDocument(LATER) }),
    );
    const PolicyArn = Policy?.Arn ?? '';
    await iam.send(new AttachUserPolicyCommand({ UserName: name, PolicyArn }));
    await iam.send(
      new PutUserPolicyCommand({
        UserName: name,
        PolicyName: 'own',
        PolicyDocument: revokePolicyDocument(LATER),
      }),
    );
    await iam.send(new CreateGroupCommand({ GroupName: `group-${name}` }));
    await iam.send(new AddUserToGroupCommand({ GroupName: `group-${name}`, UserName: name }));

    let captured: IdentityCapture | undefined;
    const location = { kind: 'identity', id: arn } as const;
    const changes = await changesDuring(async () => (captured = await identities.capture(location)));
    expect(changes).toEqual([]);
    expect(captured).toEqual({
      identity: location,
      capturedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      kind: 'user',
      name,
      arn,
      accessKeys: [
        { id: key.AccessKeyId, status: 'Active', createdAt: expect.stringMatching(/Z$/) },
        { id: second.AccessKeyId, status: 'Inactive', createdAt: expect.stringMatching(/Z$/) },
      ],
      hasLogin: true,
      attachedPolicies: [PolicyArn],
      inlinePolicies: ['own'],
      groups: [`group-${name}`],
      tags: { team: 'web' },
    });
  });

  test('is unproven in everything before, in nothing after, and a repeat changes nothing', async () => {
    const captured = await captureUser();
    const sinceThen = await newKey(captured.name);
    expect(await verify(captured)).toEqual([
      `The access key ${captured.accessKeys[0]?.id} is active.`,
      `The access key ${sinceThen.AccessKeyId} is active.`,
      'The user has a password for the console.',
      `The sessions that were issued before ${ISSUED_BEFORE} are not denied.`,
    ]);
    expect(await changesDuring(() => contain(captured))).toEqual([
      'iam.UpdateAccessKey',
      'iam.UpdateAccessKey',
      'iam.DeleteLoginProfile',
      'iam.PutUserPolicy',
    ]);
    expect(await verify(captured)).toEqual([]);
    expect(await changesDuring(() => contain(captured))).toEqual([]);
    const { AccessKeyMetadata = [] } = await iam.send(new ListAccessKeysCommand({ UserName: captured.name }));
    expect(AccessKeyMetadata.map(({ Status }) => Status)).toEqual(['Inactive', 'Inactive']);
  });

  test('is kept out: its key is refused, and so are the sessions that were issued before', async () => {
    const { name, arn, key } = await newUser();
    const { Credentials: old } = await new STSClient(throughProxy(key)).send(new GetSessionTokenCommand());
    const asSession = new IAMClient(throughProxy(old));
    const look = new ListAccessKeysCommand({ UserName: name });
    await asSession.send(look);
    const captured = await identities.capture({ kind: 'identity', id: arn });

    await identities.disableKeys(captured);
    expect(await codeOf(new IAMClient(throughProxy(key)).send(look))).toBe('InvalidClientTokenId');
    // As AWS: the key is gone, and its session lives on.
    await asSession.send(look);
    await identities.denySessions(captured, CODENAME, LATER);
    expect(await codeOf(asSession.send(look))).toBe('AccessDenied');
  });

  thorough('a key that somebody deletes meanwhile is no failure', async () => {
    const captured = await captureUser();
    const [key] = captured.accessKeys;
    const mend = standIn.breakCalls({ on: 'iam.UpdateAccessKey', kind: 'slow', delayMs: 300 });
    const disabling = identities.disableKeys(captured);
    await new Promise((resolve) => setTimeout(resolve, 150));
    await iam.send(new DeleteAccessKeyCommand({ UserName: captured.name, AccessKeyId: key?.id }));
    await disabling;
    mend();
    expect(await verify(captured)).not.toContain(`The access key ${key?.id} is active.`);
  });
});

describe('a role', () => {
  test('is written down with its trust policy as JSON', async () => {
    const { name, arn } = await newRole(undefined, '/service/');
    const { Policy } = await iam.send(
      new CreatePolicyCommand({ PolicyName: `read-${name}`, PolicyDocument: revokePolicyDocument(LATER) }),
    );
    await iam.send(new AttachRolePolicyCommand({ RoleName: name, PolicyArn: Policy?.Arn }));
    const captured = await identities.capture({ kind: 'identity', id: arn });
    expect(captured).toMatchObject({
      kind: 'role',
      name,
      arn,
      accessKeys: [],
      hasLogin: false,
      attachedPolicies: [Policy?.Arn],
      inlinePolicies: [],
      groups: [],
      tags: { team: 'web' },
    });
    expect(JSON.parse(captured.trustPolicy ?? '')).toEqual(TRUST);
  });

  test('has only its sessions denied, and a repeat changes nothing', async () => {
    const captured = await captureRole();
    expect(await verify(captured)).toEqual([
      `The sessions that were issued before ${ISSUED_BEFORE} are not denied.`,
    ]);
    expect(await changesDuring(() => contain(captured))).toEqual(['iam.PutRolePolicy']);
    expect(await verify(captured)).toEqual([]);
    expect(await changesDuring(() => contain(captured))).toEqual([]);
    const { PolicyDocument = '' } = await iam.send(
      new GetRolePolicyCommand({ RoleName: captured.name, PolicyName: `firebreak-${CODENAME}` }),
    );
    expect(issuedBeforeOf(PolicyDocument)).toBe(ISSUED_BEFORE);
  });

  test('refuses sessions of before, and takes those of after', async () => {
    const { arn } = await newRole();
    const captured = await identities.capture({ kind: 'identity', id: arn });
    const assume = new AssumeRoleCommand({ RoleArn: arn, RoleSessionName: 'web' });
    const { Credentials } = await new STSClient(throughProxy()).send(assume);
    const session = new IAMClient(throughProxy(Credentials));
    const look = new ListAccessKeysCommand({ UserName: (await newUser()).name });
    // The stand-in's clock is after this one, so the session was issued later.
    await identities.denySessions(captured, CODENAME, ISSUED_BEFORE);
    await session.send(look);
    await identities.denySessions(captured, CODENAME, LATER);
    expect(await codeOf(session.send(look))).toBe('AccessDenied');
  });

  test('keeps a later time, and replaces an earlier one and a policy that somebody changed', async () => {
    const captured = await captureRole();
    const policy = { RoleName: captured.name, PolicyName: revokePolicyName(CODENAME) };
    const deny = (time: string) => identities.denySessions(captured, CODENAME, time);
    await deny(ISSUED_BEFORE);
    expect(await verify(captured, LATER)).toHaveLength(1);
    await deny(LATER);
    expect(await verify(captured, LATER)).toEqual([]);
    expect(await changesDuring(() => deny(ISSUED_BEFORE))).toEqual([]);
    expect(await verify(captured)).toEqual([]);

    const weakened = revokePolicyDocument(LATER).replace('"Resource":"*"', '"Resource":"arn:aws:s3:::x"');
    await iam.send(new PutRolePolicyCommand({ ...policy, PolicyDocument: weakened }));
    expect(await verify(captured)).toHaveLength(1);
    await deny(ISSUED_BEFORE);
    expect(await verify(captured)).toEqual([]);
  });
});

describe('the policy that revokes', () => {
  test('has a name and a text that say nothing of the incident, and the same text each time', () => {
    expect(revokePolicyName(CODENAME)).toBe('firebreak-sapphire-unicorn');
    const document = revokePolicyDocument(ISSUED_BEFORE);
    expect(document).toBe(revokePolicyDocument(ISSUED_BEFORE));
    expect(JSON.parse(document)).toEqual({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Deny',
          Action: '*',
          Resource: '*',
          Condition: { DateLessThan: { 'aws:TokenIssueTime': ISSUED_BEFORE } },
        },
      ],
    });
  });

  test('is recognised encoded and not, and only unchanged', () => {
    const document = revokePolicyDocument(ISSUED_BEFORE);
    expect(issuedBeforeOf(document)).toBe(ISSUED_BEFORE);
    expect(issuedBeforeOf(encodeURIComponent(document))).toBe(ISSUED_BEFORE);
    for (const other of [
      '',
      'null',
      '%7B%',
      '{"Statement":{}}',
      document.replace('Deny', 'Allow'),
      document.replace(ISSUED_BEFORE, 'yesterday'),
      document.replace('"Condition":{', '"Condition":{"Bool":{"aws:SecureTransport":"false"},'),
    ])
      expect(issuedBeforeOf(other)).toBeUndefined();
  });
});

describe('a secret', () => {
  test('is written down without its value', async () => {
    const { arn, name } = await newSecret();
    const before = standIn.calls.length;
    const captured = await identities.capture({ kind: 'secret', id: name });
    expect(captured).toMatchObject({
      kind: 'secret',
      name,
      arn,
      rotationFunction: FUNCTION,
      currentVersion: expect.stringMatching(/^[\da-f-]{36}$/),
      tags: { team: 'web' },
    });
    expect(standIn.calls.slice(before).map((call) => call.name)).toEqual(['secretsmanager.DescribeSecret']);
    expect(JSON.stringify(captured)).not.toContain('hush');
  });

  test('is rotated once for each key, and the value before is kept', async () => {
    const captured = await captureSecret();
    expect(await verify(captured)).toEqual([
      'The secret’s value is the one that it had: it has not been rotated.',
    ]);
    expect(await changesDuring(() => contain(captured))).toEqual(['secretsmanager.RotateSecret']);
    expect(await verify(captured)).toEqual([]);
    expect(await changesDuring(() => contain(captured))).toEqual([]);

    const { VersionIdsToStages = {} } = await secrets.send(
      new DescribeSecretCommand({ SecretId: captured.arn }),
    );
    expect(VersionIdsToStages[captured.currentVersion ?? '']).toEqual(['AWSPREVIOUS']);
    const now = await secrets.send(new GetSecretValueCommand({ SecretId: captured.arn }));
    expect(now.SecretString).not.toBe('hush');
    const old = await secrets.send(
      new GetSecretValueCommand({ SecretId: captured.arn, VersionStage: 'AWSPREVIOUS' }),
    );
    expect(old.SecretString).toBe('hush');

    expect(await changesDuring(() => identities.rotateSecret(captured, 'another'))).toHaveLength(1);
  });

  test('without a rotation function is a conflict that says what to do, and keeps its value', async () => {
    const { arn } = await newSecret({ rotates: false });
    const captured = await identities.capture({ kind: 'secret', id: arn });
    expect(captured.rotationFunction).toBeUndefined();
    const failure = await failureOf(identities.rotateSecret(captured, KEY));
    expect(failure).toMatchObject({ type: 'Conflict', nonRetryable: true });
    expect(failure.message).toContain('rotate it where it is used, then complete the task');
    const value = await secrets.send(new GetSecretValueCommand({ SecretId: arn }));
    expect(value.SecretString).toBe('hush');
  });

  thorough(
    'whose rotation takes time is unproven until it is done, and another one is a conflict',
    async () => {
      let time = Date.now();
      const slow = await startAws({ rotationMs: 60_000, now: () => time });
      try {
        const provider = createIdentities({ region: REGION, endpoint: slow.url });
        const client = new SecretsManagerClient({ region: REGION, endpoint: slow.url });
        const { ARN: id = '' } = await client.send(
          new CreateSecretCommand({ Name: 'web', SecretString: 'hush' }),
        );
        await client.send(
          new RotateSecretCommand({ SecretId: id, RotationLambdaARN: FUNCTION, RotateImmediately: false }),
        );
        const captured = await provider.capture({ kind: 'secret', id });
        await provider.rotateSecret(captured, KEY);
        await provider.rotateSecret(captured, KEY);
        expect((await provider.verify(captured, CODENAME, ISSUED_BEFORE)).unproven).toEqual([
          'The secret’s value is the one that it had: it has not been rotated.',
          'A rotation of the secret is under way or has failed: look at its rotation function.',
        ]);
        expect(await failureOf(provider.rotateSecret(captured, 'another'))).toMatchObject({
          type: 'Conflict',
        });
        time += 60_000;
        expect((await provider.verify(captured, CODENAME, ISSUED_BEFORE)).unproven).toEqual([]);
      } finally {
        await slow.close();
      }
    },
  );

  thorough('of another region is found by its ARN', async () => {
    const elsewhere = new SecretsManagerClient({ ...throughProxy(), region: 'us-east-1' });
    const { ARN: id = '' } = await elsewhere.send(
      new CreateSecretCommand({ Name: `elsewhere-${(made += 1)}`, SecretString: 'hush' }),
    );
    await elsewhere.send(
      new RotateSecretCommand({ SecretId: id, RotationLambdaARN: FUNCTION, RotateImmediately: false }),
    );
    const captured = await identities.capture({ kind: 'secret', id });
    await contain(captured);
    expect(await verify(captured)).toEqual([]);
  });
});

describe('who is meant', () => {
  const find = async (id: string) => {
    const { kind, name } = await identities.capture({ kind: 'identity', id });
    return { kind, name };
  };

  test('each way of naming finds the user or the role', async () => {
    const user = await newUser(iam, '/teams/web/');
    const role = await newRole(undefined, '/teams/web/');
    for (const id of [user.arn, user.name, user.key.AccessKeyId])
      expect(await find(id)).toEqual({ kind: 'user', name: user.name });
    const session = `arn:aws:sts::${ACCOUNT}:assumed-role/${role.name}/i-0123456789abcdef0`;
    for (const id of [role.arn, role.name, session])
      expect(await find(id)).toEqual({ kind: 'role', name: role.name });
  });

  test('a name that a user and a role have is asked back, and their ARNs are not', async () => {
    const user = await newUser();
    const role = await newRole(user.name);
    const failure = await failureOf(find(user.name));
    expect(failure).toMatchObject({ type: 'InvalidRequest', nonRetryable: true });
    expect(failure.message).toContain('Give the ARN');
    expect(await find(user.arn)).toMatchObject({ kind: 'user' });
    expect(await find(role.arn)).toMatchObject({ kind: 'role' });
  });

  test.each([
    ['the root user', `arn:aws:iam::${ACCOUNT}:root`, 'Conflict', 'By hand'],
    [
      'a service-linked role',
      `arn:aws:iam::${ACCOUNT}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS`,
      'Conflict',
      'service-linked',
    ],
    [
      'a role of Identity Center',
      `arn:aws:iam::${ACCOUNT}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_1`,
      'Conflict',
      'Identity Center',
    ],
    ['a session’s key', 'ASIAIOSFODNN7EXAMPLE', 'InvalidRequest', 'Name the role or the user'],
    ['a key that is not there', 'AKIAIOSFODNN7NOTHERE', 'NotFound', 'access key'],
    ['a name that is not there', 'nobody', 'NotFound', 'Correct the scope'],
    ['an ARN that is not there', `arn:aws:iam::${ACCOUNT}:user/nobody`, 'NotFound', 'Correct the scope'],
    ['a group', `arn:aws:iam::${ACCOUNT}:group/web`, 'InvalidRequest', 'ARN'],
    ['a user without a name', `arn:aws:iam::${ACCOUNT}:user/`, 'InvalidRequest', 'ARN'],
    ['a federated user', `arn:aws:sts::${ACCOUNT}:federated-user/web`, 'InvalidRequest', 'ARN'],
    ['a bucket', 'arn:aws:s3:::web', 'InvalidRequest', 'an identity'],
    ['a sentence', 'the web one', 'InvalidRequest', 'an identity'],
    ['nothing', '', 'InvalidRequest', 'an identity'],
  ])('%s is refused', async (_, id, type, says) => {
    const failure = await failureOf(find(id));
    expect(failure).toMatchObject({ type, nonRetryable: true });
    expect(failure.message).toContain(says);
    if (id !== '') expect(failure.message).not.toContain(id);
  });

  test('a service-linked role is refused by its name too', async () => {
    const { name } = await newRole('AWSServiceRoleForWeb', '/aws-service-role/web.amazonaws.com/');
    expect(await failureOf(find(name))).toMatchObject({ type: 'Conflict' });
  });

  test('an ARN with another path is somebody else', async () => {
    const { name } = await newUser(iam, '/teams/web/');
    expect(await failureOf(find(`arn:aws:iam::${ACCOUNT}:user/${name}`))).toMatchObject({
      type: 'NotFound',
    });
  });

  test('a key that is no user’s is taken for the root user’s', async () => {
    const body =
      '<GetAccessKeyLastUsedResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><GetAccessKeyLastUsedResult/></GetAccessKeyLastUsedResponse>';
    standIn.breakCalls({ on: 'iam.GetAccessKeyLastUsed', times: 1, kind: 'answer', status: 200, body });
    const failure = await failureOf(find('AKIAIOSFODNN7EXAMPLE'));
    expect(failure).toMatchObject({ type: 'Conflict' });
    expect(failure.message).toContain('root');
  });

  test.each([
    ['an identity’s ARN', `arn:aws:iam::${ACCOUNT}:user/web`, 'InvalidRequest'],
    ['a sentence', 'the database one', 'InvalidRequest'],
    ['nothing', '', 'InvalidRequest'],
    ['a name that is not there', 'web/nothing', 'NotFound'],
    [
      'an ARN that is not there',
      `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:nothing-a1b2c3`,
      'NotFound',
    ],
  ])('%s is no secret', async (_, id, type) => {
    const failure = await failureOf(identities.capture({ kind: 'secret', id }));
    expect(failure).toMatchObject({ type, nonRetryable: true });
  });
});

describe('another account', () => {
  const settings = () => ({ region: REGION, endpoint: standIn.url, account: ACCOUNT });
  const role = `arn:aws:iam::${OTHER_ACCOUNT}:role/firebreak`;

  async function clientThere(): Promise<IAMClient> {
    const { Credentials } = await new STSClient(throughProxy()).send(
      new AssumeRoleCommand({ RoleArn: role, RoleSessionName: 'fixture' }),
    );
    return new IAMClient(throughProxy(Credentials));
  }

  test('is entered by its role, whether the ARN or the place says so', async () => {
    const provider = createIdentities({ ...settings(), accounts: [{ id: OTHER_ACCOUNT, role }] });
    const there = await newUser(await clientThere());
    for (const location of [{ id: there.arn }, { id: there.name, account: OTHER_ACCOUNT }])
      expect(await provider.capture({ kind: 'identity', ...location })).toMatchObject({ arn: there.arn });
    const captured = await provider.capture({ kind: 'identity', id: there.arn });
    await contain(captured, provider);
    expect(await provider.verify(captured, CODENAME, ISSUED_BEFORE)).toMatchObject({ unproven: [] });
    expect(
      await codeOf(
        new IAMClient(throughProxy(there.key)).send(new ListAccessKeysCommand({ UserName: there.name })),
      ),
    ).toBe('InvalidClientTokenId');
  });

  test('without a role is a conflict that says what to add', async () => {
    const provider = createIdentities(settings());
    const arn = `arn:aws:secretsmanager:${REGION}:${OTHER_ACCOUNT}:secret:web-a1b2c3`;
    for (const location of [
      { kind: 'identity', id: `arn:aws:iam::${OTHER_ACCOUNT}:user/web` },
      { kind: 'identity', id: 'web', account: OTHER_ACCOUNT },
      { kind: 'secret', id: arn },
    ] as const) {
      const failure = await failureOf(provider.capture(location));
      expect(failure).toMatchObject({ type: 'Conflict', nonRetryable: true });
      expect(failure.message).toContain('Add the account and the role');
    }
  });

  thorough('than the worker’s own is noticed where the settings name none', async () => {
    const { name } = await newUser();
    const location = { kind: 'identity', id: name, account: OTHER_ACCOUNT } as const;
    expect(await failureOf(identities.capture(location))).toMatchObject({ type: 'Conflict' });
  });
});

describe('what AWS answers on a bad day', () => {
  const userStep = (step: (captured: IdentityCapture) => Promise<unknown>) => ({
    make: captureUser,
    step,
  });
  const deny = (captured: IdentityCapture) => identities.denySessions(captured, CODENAME, ISSUED_BEFORE);
  const again = ({ arn, kind }: IdentityCapture) =>
    identities.capture({ kind: kind === 'secret' ? 'secret' : 'identity', id: arn });

  const changing = [
    { call: 'iam.UpdateAccessKey', ...userStep((captured) => identities.disableKeys(captured)) },
    { call: 'iam.DeleteLoginProfile', ...userStep((captured) => identities.removeLogin(captured)) },
    { call: 'iam.PutUserPolicy', ...userStep(deny) },
    { call: 'iam.PutRolePolicy', make: captureRole, step: deny },
    {
      call: 'secretsmanager.RotateSecret',
      make: captureSecret,
      step: (captured: IdentityCapture) => identities.rotateSecret(captured, KEY),
    },
  ];

  test.each(someOf(changing, 2))('$call: an answer that is lost leads to no second effect', async (each) => {
    const captured = await each.make();
    const before = standIn.calls.length;
    standIn.breakCalls({ on: each.call, kind: 'dropAfter', times: 1 });
    expect(await failureOf(each.step(captured))).toMatchObject({ type: 'Unavailable', nonRetryable: false });
    await each.step(captured);
    const made = standIn.calls.slice(before).filter(({ name }) => name === each.call);
    expect(made.map(({ effectStatus }) => effectStatus)).toEqual([200]);
    await contain(captured);
    expect(await verify(captured)).toEqual([]);
  });

  test.each(someOf(changing, 1))('$call: throttling is retried', async ({ call, make, step }) => {
    const captured = await make();
    standIn.breakCalls(
      call.startsWith('iam.')
        ? throttled(call, 1)
        : { on: call, times: 1, ...errorAnswer(call, 400, 'ThrottlingException') },
    );
    expect(await failureOf(step(captured))).toMatchObject({ type: 'RateLimited', nonRetryable: false });
    await step(captured);
    await contain(captured);
    expect(await verify(captured)).toEqual([]);
  });

  test.each(
    someOf(
      [
        ...changing,
        { call: 'iam.GetUser', ...userStep(again) },
        { call: 'iam.ListAccessKeys', ...userStep(again) },
        { call: 'iam.GetLoginProfile', ...userStep(again) },
        { call: 'iam.ListAttachedUserPolicies', ...userStep(again) },
        { call: 'iam.ListUserPolicies', ...userStep(again) },
        { call: 'iam.ListGroupsForUser', ...userStep(again) },
        { call: 'iam.GetUserPolicy', ...userStep(deny) },
        {
          call: 'iam.GetAccessKeyLastUsed',
          ...userStep(({ accessKeys: [key] }) => identities.capture({ kind: 'identity', id: key?.id ?? '' })),
        },
        { call: 'iam.GetRole', make: captureRole, step: again },
        { call: 'iam.ListAttachedRolePolicies', make: captureRole, step: again },
        { call: 'iam.ListRolePolicies', make: captureRole, step: again },
        { call: 'iam.GetRolePolicy', make: captureRole, step: deny },
        { call: 'secretsmanager.DescribeSecret', make: captureSecret, step: again },
      ],
      3,
    ),
  )('$call: a missing permission is named, and nobody is', async ({ call, make, step }) => {
    const captured = await make();
    const code = call.startsWith('iam.') ? 'AccessDenied' : 'AccessDeniedException';
    standIn.breakCalls({ on: call, times: 1, ...errorAnswer(call, 403, code) });
    const failure = await failureOf(step(captured));
    expect(failure).toMatchObject({ type: 'Unauthorized', nonRetryable: true });
    expect(failure.message).toContain(`Allow ${call.replace('.', ':')} to the worker's role`);
    const stored = `${failure.message} ${failure.stack} ${JSON.stringify(failure)} ${String(failure.cause)}`;
    for (const secret of [captured.name, ACCOUNT, CODENAME, 'secretive'])
      expect(stored).not.toContain(secret);
  });

  test.each([
    ['iam.DeleteLoginProfile', 409, 'EntityTemporarilyUnmodifiable', 'Unavailable', false],
    ['iam.UpdateAccessKey', 409, 'ConcurrentModification', 'Unavailable', false],
    ['iam.UpdateAccessKey', 500, 'ServiceFailure', 'Unavailable', false],
    ['iam.PutRolePolicy', 409, 'LimitExceeded', 'Conflict', true],
    ['iam.PutRolePolicy', 400, 'UnmodifiableEntity', 'Conflict', true],
    ['iam.PutRolePolicy', 404, 'NoSuchEntity', 'NotFound', true],
    ['secretsmanager.RotateSecret', 400, 'InvalidRequestException', 'Conflict', true],
    ['secretsmanager.RotateSecret', 400, 'ResourceNotFoundException', 'NotFound', true],
  ])('%s answers %i %s', async (call, status, code, type, nonRetryable) => {
    const { make, step } = changing.find((each) => each.call === call)!;
    const captured = await make();
    standIn.breakCalls({ on: call, times: 1, ...errorAnswer(call, status, code) });
    expect(await failureOf(step(captured))).toMatchObject({ type, nonRetryable });
  });

  thorough('a login profile that somebody removes meanwhile is no failure', async () => {
    const captured = await captureUser();
    const on = 'iam.DeleteLoginProfile';
    standIn.breakCalls({ on, times: 1, ...errorAnswer(on, 404, 'NoSuchEntity') });
    await identities.removeLogin(captured);
  });

  test('one key that is refused keeps the other from nothing', async () => {
    const captured = await captureUser();
    await newKey(captured.name);
    const on = 'iam.UpdateAccessKey';
    standIn.breakCalls({ on, times: 1, ...errorAnswer(on, 403, 'AccessDenied') });
    expect(await failureOf(identities.disableKeys(captured))).toMatchObject({ type: 'Unauthorized' });
    expect((await verify(captured)).filter((line) => line.includes('access key'))).toHaveLength(1);
  });

  test('a key that is made active again, and a policy that is deleted, are noticed and done again', async () => {
    const captured = await captureUser();
    await contain(captured);
    const UserName = captured.name;
    const AccessKeyId = captured.accessKeys[0]?.id;
    const PolicyName = revokePolicyName(CODENAME);
    await iam.send(new UpdateAccessKeyCommand({ UserName, AccessKeyId, Status: 'Active' }));
    await iam.send(new DeleteUserPolicyCommand({ UserName, PolicyName }));
    expect(await verify(captured)).toHaveLength(2);
    await contain(captured);
    expect(await verify(captured)).toEqual([]);
    const { PolicyDocument = '' } = await iam.send(new GetUserPolicyCommand({ UserName, PolicyName }));
    expect(issuedBeforeOf(PolicyDocument)).toBe(ISSUED_BEFORE);
  });
});
