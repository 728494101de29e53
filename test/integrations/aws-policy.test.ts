/**
 * The IAM policies allow what Firebreak calls and nothing else, and no code can call what destroys evidence. `UPDATE_CALLS=1` writes
 * down the calls instead of comparing them; `npm run policies` makes the policies of them.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { tryKeyring } from '../../codec/codec';
import { newKeyring, readKeyring } from '../../codec/keyring';
import { createLocalKey } from '../../codec/local-key';
import { QUARANTINE_GROUP_NAME } from '../../integrations/aws/quarantine';
import { readCalls, renderCalls, renderPolicies, ROLES } from '../../scripts/policies';
import { buildPolicy, POLICIES as NAMES, type Calls, type PolicyName } from '../../scripts/policies/build';
import { isDestructive } from '../../scripts/policies/denials';
import { actionsFor, NEEDS } from '../../scripts/policies/needs';
import { fillIn } from '../../scripts/policies/render';
import type { Policy } from '../../scripts/policies/statements';
import { CODENAME, collectCalls } from '../support/aws-calls';
import { complaintsAbout, readSources } from '../support/aws-sources';
import { evaluate, isAllowedSomewhere } from '../support/iam';
import { tellingAmong } from '../support/telling-words';
import { describeThorough } from '../support/thorough';

const ROOT = join(__dirname, '..', '..');
const ROLE_NAMES = ['worker', 'forensic'] as const;
const TEMPLATES = { worker: 'affected-account.yaml', forensic: 'forensic-account.yaml' };
/** What all inline policies of a role may have together, without white space. */
const LONGEST_POLICY = 10_240;

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const policyOf = (name: PolicyName) => JSON.parse(read(`deploy/aws/${name}-policy.json`)) as Policy;

const settingsBefore = { ...process.env };
beforeAll(() => {
  process.env['AWS_ACCESS_KEY_ID'] = 'stand-in';
  process.env['AWS_SECRET_ACCESS_KEY'] = 'stand-in';
});
afterAll(() => {
  process.env = settingsBefore;
});

/** Why a role's policy does not allow what the calls need. */
function refusedOf(calls: readonly string[], policy: Policy): string[] {
  return calls.flatMap((call) =>
    actionsFor([call])
      .filter((action) => !isAllowedSomewhere(policy, action))
      .map((action) => `${call} needs ${action}, which the policy refuses.`),
  );
}

// They are all made, which takes half a minute.
(process.env['UPDATE_CALLS'] ? describe : describeThorough)('the calls', () => {
  let made: Calls;
  const texts = new Set<string>();
  beforeAll(async () => {
    made = await collectCalls((text) => texts.add(text));
    if (process.env['UPDATE_CALLS']) writeFileSync(join(ROOT, 'deploy/aws/calls.json'), renderCalls(made));
  }, 120_000);

  test('are those that are recorded: after a change, UPDATE_CALLS=1, then `npm run policies`', () => {
    expect(made).toEqual(readCalls());
  });

  test.each(NAMES)('of the %s are all allowed by its policy', (name) => {
    expect(made[name].length).toBeGreaterThan(name === 'payload-key' ? 1 : 10);
    expect(refusedOf(made[name], policyOf(name))).toEqual([]);
  });

  test('say to nobody who reads names, tags, descriptions or the trail that there is an incident', () => {
    // All were sent, so that what is looked through is what it should be.
    expect([...texts]).toEqual(
      expect.arrayContaining([QUARANTINE_GROUP_NAME, `firebreak-${CODENAME}`, 'payloads']),
    );
    expect(texts.size).toBeGreaterThan(200);
    expect(tellingAmong(texts)).toEqual([]);
  });
});

describe('the policies', () => {
  test('are what the generator makes of the calls: after a change, `npm run policies`', () => {
    const files = Object.entries(renderPolicies(readCalls()));
    expect(files).toHaveLength(6);
    for (const [path, text] of files) expect([path, read(path)]).toEqual([path, text]);
  });

  test.each(NAMES)('of the %s allows what its calls need, and not one action more', (name) => {
    const allowed = policyOf(name).Statement.filter(({ Effect }) => Effect === 'Allow');
    const actions = [...new Set(allowed.flatMap(({ Action }) => Action))].sort();
    expect(actions).toEqual(actionsFor(readCalls()[name]));
    expect(actions.filter((action) => action.includes('*'))).toEqual([]);
  });

  test.each(NAMES)('of the %s is on everything only where it looks', (name) => {
    const wide = policyOf(name).Statement.filter(
      ({ Effect, Resource }) => Effect === 'Allow' && Resource.includes('*'),
    );
    const actions = wide.flatMap(({ Action }) => Action);
    expect(actions.filter((action) => !/:(?:Describe|List|Get)/.test(action))).toEqual([]);
  });

  test.each(ROLE_NAMES)('of the %s fits into a role, with that of the payload key', (name) => {
    const lengths = [name, 'payload-key' as const].map((each) => JSON.stringify(policyOf(each)).length);
    expect(lengths[0]! + lengths[1]!).toBeLessThan(LONGEST_POLICY - 500);
  });

  test.each(ROLE_NAMES)('of the %s refuses what destroys evidence, and what is not named at all', (name) => {
    const policy = policyOf(name);
    for (const action of [
      'ec2:TerminateInstances',
      'ec2:DeleteSnapshot',
      'ec2:UnlockSnapshot',
      'ec2:DeleteVolume',
      'autoscaling:TerminateInstanceInAutoScalingGroup',
      's3:DeleteObjectVersion',
      's3:BypassGovernanceRetention',
      'kms:ScheduleKeyDeletion',
      'secretsmanager:DeleteSecret',
      'cloudtrail:StopLogging',
      'logs:DeleteLogStream',
      'guardduty:DeleteDetector',
      'iam:DeleteUser',
    ])
      expect([action, evaluate(policy, { action, resource: 'arn:aws:x:::anything' })]).toEqual([
        action,
        'denied',
      ]);
    expect(evaluate(policy, { action: 'ec2:RunInstances', resource: '*' })).toBe('not allowed');
  });

  test('refuse evidence that loses its name, its place or its lock', () => {
    const [worker, forensic] = [policyOf('worker'), policyOf('forensic')];
    const snapshot = 'arn:aws:ec2:us-east-1::snapshot/snap-1';
    const instance = 'arn:aws:ec2:us-east-1:ACCOUNT_ID:instance/i-1';
    const file = 'arn:aws:s3:::BUCKET_NAME/sapphire-unicorn/manifest-1.json';
    const tags = { 'aws:TagKeys': ['firebreak'] };
    const share = { action: 'ec2:ModifySnapshotAttribute', resource: snapshot };
    const cases: [Policy, Parameters<typeof evaluate>[1], ReturnType<typeof evaluate>][] = [
      [worker, { action: 'ec2:DeleteTags', resource: snapshot, context: tags }, 'denied'],
      [worker, { action: 'ec2:DeleteTags', resource: instance, context: tags }, 'allowed'],
      [worker, { action: 'ec2:DeleteTags', resource: instance }, 'not allowed'],
      [worker, { action: 'ec2:CreateTags', resource: snapshot, context: tags }, 'not allowed'],
      [
        worker,
        { action: 'ec2:CreateTags', resource: snapshot, context: { 'ec2:CreateAction': 'CreateSnapshots' } },
        'allowed',
      ],
      [worker, { ...share, context: { 'ec2:Add/userId': 'ARCHIVE_ACCOUNT_ID' } }, 'allowed'],
      [worker, { ...share, context: { 'ec2:Add/userId': '999999999999' } }, 'denied'],
      [worker, { ...share, context: { 'ec2:Add/group': 'all' } }, 'denied'],
      [
        forensic,
        { action: 's3:PutObject', resource: file, context: { 's3:object-lock-mode': 'COMPLIANCE' } },
        'allowed',
      ],
      [
        forensic,
        { action: 's3:PutObject', resource: file, context: { 's3:object-lock-mode': 'GOVERNANCE' } },
        'not allowed',
      ],
      [forensic, { action: 's3:PutObject', resource: file }, 'not allowed'],
    ];
    for (const [policy, request, answer] of cases)
      expect([request, evaluate(policy, request)]).toEqual([request, answer]);
  });

  describe('of the payload key', () => {
    const ARN = 'PAYLOAD_KEY_ARN';
    const ask = (action: string, sent: Readonly<Record<string, string>>, resource = ARN) =>
      evaluate(policyOf('payload-key'), { action: `kms:${action}`, resource, context: contextOf(sent) });

    test('allows what a data key is really bound to', async () => {
      const bound = await contextsOfDataKeys();
      expect(bound.map(([action]) => action)).toEqual(['Encrypt', 'Decrypt']);
      for (const [action, sent] of bound) {
        expect([action, sent, ask(action, sent)]).toEqual([action, sent, 'allowed']);
        expect(tellingAmong(Object.entries(sent).flat())).toEqual([]);
      }
    });

    test.each<[string, Readonly<Record<string, string>>]>([
      ['nothing', {}],
      ['another purpose', { purpose: 'backups', key: '2026-11' }],
      ['no key of a ring', { purpose: 'payloads' }],
      ['no purpose', { key: '2026-11' }],
      ['a field more', { purpose: 'payloads', key: '2026-11', tenant: 'a' }],
    ])('refuses what is bound to %s', (_, sent) => {
      expect(['Encrypt', 'Decrypt'].map((action) => ask(action, sent))).toEqual([
        'not allowed',
        'not allowed',
      ]);
    });

    test('is on that one key, and on nothing else that can be done with it', () => {
      const sent = { purpose: 'payloads', key: '2026-11' };
      expect(ask('Decrypt', sent, 'arn:aws:kms:eu-central-1:123456789012:key/another')).toBe('not allowed');
      for (const action of ['GenerateDataKey', 'ReEncryptFrom', 'ReEncryptTo', 'CreateGrant', 'DescribeKey'])
        expect([action, ask(action, sent)]).toEqual([action, 'not allowed']);
    });

    test('refuses nothing outright, so that a person may have it too, and is neutral', () => {
      expect(policyOf('payload-key').Statement.map(({ Effect }) => Effect)).toEqual(['Allow']);
      expect(tellingAmong(read('deploy/aws/payload-key-policy.json').split('\n'))).toEqual([]);
    });
  });

  test('let the worker take on and hand on no other role, and not change its own', () => {
    const worker = policyOf('worker');
    const role = (name: string, account = 'ACCOUNT_ID') => `arn:aws:iam::${account}:role/${name}`;
    const pass = (service: string) => ({
      action: 'iam:PassRole',
      resource: role('web'),
      context: { 'iam:PassedToService': service },
    });
    expect(evaluate(worker, pass('ec2.amazonaws.com'))).toBe('allowed');
    expect(evaluate(worker, pass('lambda.amazonaws.com'))).toBe('not allowed');
    const assume = (resource: string) => evaluate(worker, { action: 'sts:AssumeRole', resource });
    expect(assume(role('ARCHIVE_ROLE_NAME', 'ARCHIVE_ACCOUNT_ID'))).toBe('allowed');
    expect(assume(role('ROLE_NAME', '345678901234'))).toBe('allowed');
    expect(assume(role('admin'))).toBe('not allowed');
    const change = (resource: string) => evaluate(worker, { action: 'iam:PutRolePolicy', resource });
    expect(change(role('web'))).toBe('allowed');
    expect(change(role('ROLE_NAME'))).toBe('denied');
  });

  test('every need that is not one to one names its source, and is one of a recorded call', () => {
    const recorded = NAMES.flatMap((name) => readCalls()[name]);
    expect(Object.keys(NEEDS).filter((call) => !recorded.includes(call))).toEqual([]);
    for (const { source } of Object.values(NEEDS)) expect(source.length).toBeGreaterThan(10);
  });
});

describe('the code', () => {
  const recorded = () => new Set(NAMES.flatMap((name) => readCalls()[name]));

  test('calls nothing outside of the recorded calls', () => {
    const sources = [...readSources()];
    expect(sources.length).toBeGreaterThan(30);
    expect(sources.flatMap(([file, source]) => complaintsAbout(file, source, recorded()))).toEqual([]);
  });

  test('is not among the recorded calls with anything that destroys', () => {
    expect([...recorded()].filter(isDestructive)).toEqual([]);
  });

  test('never sets DisableApiStop, which would stand in the way of the stop', () => {
    for (const [file, source] of readSources())
      expect([file, /DisableApiStop['"]?\s*:/.test(source)]).toEqual([file, false]);
  });

  describe('with a planted TerminateInstances', () => {
    const PLANTED = `import { EC2Client, TerminateInstancesCommand } from '@aws-sdk/client-ec2';
      export const end = (ec2: EC2Client, id: string) => ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));`;

    test('fails by its source, also where the call was recorded', () => {
      const complaint =
        'integrations/aws/stop.ts calls ec2:TerminateInstances, which destroys evidence: take it out.';
      expect(complaintsAbout('integrations/aws/stop.ts', PLANTED, recorded())).toEqual([complaint]);
      expect(
        complaintsAbout('integrations/aws/stop.ts', PLANTED, new Set(['ec2:TerminateInstances'])),
      ).toEqual([complaint]);
    });

    test('fails by the calls, and no policy can be made of them', () => {
      const calls = [...readCalls().worker, 'ec2:TerminateInstances'];
      expect(refusedOf(calls, policyOf('worker'))).toEqual([
        'ec2:TerminateInstances needs ec2:TerminateInstances, which the policy refuses.',
      ]);
      expect(() => buildPolicy('worker', calls, ROLES.worker)).toThrow(
        'ec2:TerminateInstances destroys evidence and gets no permission. Take the call out of the code.',
      );
    });
  });

  test('with a harmless call that nobody recorded fails, and says what to do', () => {
    const source = `import { paginateDescribeVpcs } from '@aws-sdk/client-ec2';`;
    expect(complaintsAbout('integrations/aws/a.ts', source, recorded())).toEqual([
      expect.stringMatching(
        /^integrations\/aws\/a\.ts calls ec2:DescribeVpcs, .*UPDATE_CALLS=1.*npm run policies/,
      ),
    ]);
    expect(() => buildPolicy('worker', [...readCalls().worker, 'ec2:DescribeVpcs'], ROLES.worker)).toThrow(
      /ec2:DescribeVpcs: no grant covers it\. Say in scripts\/policies\/worker\.ts/,
    );
  });

  test.each([
    [`import * as ec2 from '@aws-sdk/client-ec2';`],
    [`import { EC2 } from '@aws-sdk/client-ec2';`],
    [`import { waitUntilInstanceTerminated } from '@aws-sdk/client-ec2';`],
    [`const ec2 = await import('@aws-sdk/client-ec2');`],
    [`const { TerminateInstancesCommand } = require('@aws-sdk/client-ec2');`],
    [`export { TerminateInstancesCommand } from '@aws-sdk/client-ec2';`],
  ])('can not hide a call: %s', (source) => {
    expect(complaintsAbout('integrations/aws/a.ts', source, recorded())).toEqual([
      expect.stringContaining('import each command'),
    ]);
  });

  test('a permission that no call needs any more is taken out', () => {
    const calls = readCalls().worker.filter((call) => call !== 'ec2:StopInstances');
    expect(() => buildPolicy('worker', calls, ROLES.worker)).toThrow(
      'ec2:StopInstances: scripts/policies/worker.ts grants it, and no recorded call needs it.',
    );
  });
});

/** As KMS hands an encryption context to IAM. */
function contextOf(sent: Readonly<Record<string, string>>): Record<string, string | string[]> {
  const fields = Object.entries(sent).map(
    ([name, value]) => [`kms:EncryptionContext:${name}`, value] as const,
  );
  return { ...Object.fromEntries(fields), 'kms:EncryptionContextKeys': Object.keys(sent) };
}

/** What the codec binds a data key to, by the action that it needs. */
async function contextsOfDataKeys(): Promise<[action: string, sent: Readonly<Record<string, string>>][]> {
  const seen: [string, Readonly<Record<string, string>>][] = [];
  const key = createLocalKey(Buffer.alloc(32, 7));
  const ring = readKeyring(
    newKeyring('2026-11', 'arn:aws:kms:eu-central-1:123456789012:key/0a1b2c3d'),
    () => ({
      wrap(dataKey, context) {
        seen.push(['Encrypt', context]);
        return key.wrap(dataKey, context);
      },
      unwrap(wrapped, context) {
        seen.push(['Decrypt', context]);
        return key.unwrap(wrapped, context);
      },
    }),
  );
  if (!ring.ok) throw new Error(ring.problems.join('; '));
  await tryKeyring(ring.keyring);
  return seen;
}

interface Template {
  readonly Parameters: Record<string, { readonly Default?: unknown }>;
  readonly Resources: Record<
    string,
    {
      readonly Type: string;
      readonly DeletionPolicy?: string;
      readonly UpdateReplacePolicy?: string;
      readonly Properties: Record<string, unknown>;
    }
  >;
}

describe('the templates', () => {
  const templateOf = (name: (typeof ROLE_NAMES)[number]) =>
    parse(read(`deploy/aws/${TEMPLATES[name]}`)) as Template;

  test.each(ROLE_NAMES)('the one of the %s is what CloudFormation takes, as cfn-lint sees it', (name) => {
    // It comes with moto. Warnings count too.
    const cfnLint = join(ROOT, '.venv', 'bin', 'cfn-lint');
    expect(execFileSync(cfnLint, [join(ROOT, 'deploy/aws', TEMPLATES[name])], { encoding: 'utf8' })).toBe('');
  });

  test.each(ROLE_NAMES)('the one of the %s has the role with the very policy', (name) => {
    const [inline] = templateOf(name).Resources['Role']?.Properties['Policies'] as {
      PolicyDocument: unknown;
    }[];
    expect(filledIn(inline?.PolicyDocument)).toEqual(policyOf(name));
  });

  test.each(ROLE_NAMES)('what the one of the %s holds evidence with outlives the stack', (name) => {
    const kept = Object.entries(templateOf(name).Resources).filter(
      ([, { Type }]) => !/^AWS::IAM::/.test(Type),
    );
    expect(kept.length).toBeGreaterThan(1);
    for (const [id, { DeletionPolicy, UpdateReplacePolicy }] of kept)
      expect([id, DeletionPolicy, UpdateReplacePolicy]).toEqual([id, 'Retain', 'Retain']);
  });

  test('the bucket keeps every version in compliance mode, from everybody', () => {
    const { Resources } = templateOf('forensic');
    expect(Resources['Bucket']?.Properties).toMatchObject({
      ObjectLockEnabled: true,
      ObjectLockConfiguration: { Rule: { DefaultRetention: { Mode: 'COMPLIANCE' } } },
      VersioningConfiguration: { Status: 'Enabled' },
    });
    const policy = Resources['BucketPolicy']?.Properties['PolicyDocument'] as Policy;
    expect(policy.Statement.map(({ Effect }) => Effect)).not.toContain('Allow');
    const denied = policy.Statement.flatMap(({ Action }) => Action);
    expect(denied).toEqual(expect.arrayContaining(['s3:DeleteObject', 's3:DeleteObjectVersion']));
  });

  test('their names are those of firebreak.example.yaml', () => {
    const { coldStorage, aws } = parse(read('firebreak.example.yaml')) as {
      coldStorage: Record<string, string>;
      aws: { accounts: { role: string }[] };
    };
    const [affected, forensic] = [templateOf('worker').Parameters, templateOf('forensic').Parameters];
    const nameIn = (arn = '') => arn.slice(arn.indexOf(':alias/') + 1 || arn.lastIndexOf('/') + 1);
    expect(affected['RoleName']?.Default).toBe(nameIn(aws.accounts[0]?.role));
    expect(affected['ArchiveRoleName']?.Default).toBe(nameIn(coldStorage['role']));
    expect(affected['TransferKeyAlias']?.Default).toBe(nameIn(coldStorage['transferKey']));
    expect(forensic['RoleName']?.Default).toBe(nameIn(coldStorage['role']));
    expect(forensic['ArchiveKeyAlias']?.Default).toBe(nameIn(coldStorage['key']));
    expect(forensic['SigningKeyAlias']?.Default).toBe(nameIn(coldStorage['signingKey']));
  });
});

/** Without CloudFormation's substitutions, as the JSON has it. */
function filledIn(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(filledIn);
  if (typeof value !== 'object' || value === null) return value;
  const { 'Fn::Sub': text, ...rest } = value as Record<string, unknown>;
  if (typeof text === 'string') return fillIn(text);
  return Object.fromEntries(Object.entries(rest).map(([key, each]) => [key, filledIn(each)]));
}
