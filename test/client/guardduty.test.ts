import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MOST_FINDING_BYTES, readFinding } from '../../client/guardduty';
import { EMPTY_SCOPE, type Scope } from '../../domain/scope';

const sample = (name: string) => readFileSync(join(__dirname, 'findings', name), 'utf8');

/** A finding with as little as may be, and what a test adds to it. */
function finding(more: Record<string, unknown> = {}): string {
  return JSON.stringify({
    schemaVersion: '2.0',
    accountId: '123456789012',
    region: 'us-east-1',
    id: 'f0c1d2e3a4b5968778695a4b3c2d1e0f',
    type: 'UnauthorizedAccess:EC2/SSHBruteForce',
    title: 'An attack',
    severity: 8,
    resource: { resourceType: 'Instance', instanceDetails: { instanceId: 'i-0abc1234def567890' } },
    service: { serviceName: 'guardduty' },
    ...more,
  });
}

function read(text: string) {
  const found = readFinding(text);
  if (!found.ok) throw new Error(found.problems.join('\n'));
  return found;
}

function problemsOf(text: string): readonly string[] {
  const found = readFinding(text);
  return found.ok ? [] : found.problems;
}

const SAMPLES: { file: string; type: string; severity: number; scope: Partial<Scope>; notes: RegExp[] }[] = [
  {
    file: 'ssh-brute-force.eventbridge.json',
    type: 'UnauthorizedAccess:EC2/SSHBruteForce',
    severity: 8,
    scope: {
      instances: [{ id: 'i-0abc1234def567890', region: 'us-east-1', account: '123456789012' }],
      addresses: ['203.0.113.77'],
      services: ['orders'],
    },
    notes: [],
  },
  {
    file: 'port-probe.api.json',
    type: 'Recon:EC2/PortProbeUnprotectedPort',
    severity: 2,
    scope: {
      instances: [{ id: 'i-0123456789abcdef0', region: 'us-east-1', account: '123456789012' }],
      addresses: ['203.0.113.9', '203.0.113.10', '2001:db8:ffff::10'],
    },
    notes: [/No tag "service"/],
  },
  {
    file: 'credential-exfiltration.api.json',
    type: 'UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS',
    severity: 8,
    scope: {
      instances: [{ id: 'i-0abc1234def567890', region: 'us-east-1', account: '123456789012' }],
      addresses: ['203.0.113.77'],
      services: ['orders'],
    },
    // The role is what every instance of that profile uses: this instance's sessions end with its containment.
    notes: [/its role "orders-api" is not in the scope/],
  },
  {
    file: 'access-key.eventbridge.json',
    type: 'Discovery:IAMUser/AnomalousBehavior',
    severity: 2,
    scope: {
      identities: ['arn:aws:iam::123456789012:user/deploy-bot'],
      users: ['deploy-bot'],
      addresses: ['2001:db8:ffff::77'],
    },
    notes: [/names no instance/],
  },
  {
    file: 's3-exfiltration.eventbridge.json',
    type: 'Exfiltration:S3/AnomalousBehavior',
    severity: 8,
    scope: {
      identities: ['arn:aws:iam::123456789012:user/deploy-bot'],
      users: ['deploy-bot'],
      addresses: ['203.0.113.77'],
      services: ['invoices'],
    },
    notes: [/names no instance/],
  },
  {
    file: 'container.eventbridge.json',
    type: 'CryptoCurrency:Runtime/BitcoinTool.B',
    severity: 8,
    scope: {
      instances: [{ id: 'i-0fedcba9876543210', region: 'eu-west-1', account: '123456789012' }],
      addresses: ['203.0.113.200'],
      services: ['checkout'],
    },
    notes: [/role ACTOR/],
  },
  {
    file: 'eks-anonymous.eventbridge.json',
    type: 'Persistence:Kubernetes/SuccessfulAnonymousAccess',
    severity: 8,
    scope: { addresses: ['203.0.113.77'], services: ['checkout'] },
    notes: [/names no instance/],
  },
  {
    file: 'rds-login.eventbridge.json',
    type: 'CredentialAccess:RDS/AnomalousBehavior.SuccessfulLogin',
    severity: 8,
    scope: { addresses: ['203.0.113.77'], services: ['orders'] },
    notes: [/names no instance/],
  },
  {
    file: 'lambda.eventbridge.json',
    type: 'Backdoor:Lambda/C&CActivity.B',
    severity: 8,
    scope: {},
    notes: [/^"Lambda" is a resource of another type: declared without a scope; widen it by hand\.$/],
  },
];

describe('a finding of GuardDuty', () => {
  test.each(SAMPLES)('gives its scope: $file', ({ file, type, severity, scope, notes }) => {
    const found = read(sample(file));
    expect(found.finding).toEqual({ id: expect.any(String), type, title: expect.any(String), severity });
    expect(found.scope).toEqual({ ...EMPTY_SCOPE, ...scope });
    expect(found.notes).toHaveLength(notes.length);
    notes.forEach((note, place) => expect(found.notes[place]).toMatch(note));
  });

  test('says the same in either capitalisation, wrapped or not', () => {
    const event = JSON.parse(sample('ssh-brute-force.eventbridge.json')) as { detail: unknown };
    const expected = read(JSON.stringify(event));
    const forms = [
      event.detail,
      pascal(event.detail),
      { Findings: [pascal(event.detail)] },
      { findings: [event.detail] },
      { ...event, detail: pascal(event.detail) },
      { detail: event.detail },
    ];
    for (const form of forms) expect(readFinding(JSON.stringify(form))).toEqual(expected);
  });

  test('takes region and account from the event where the detail has none', () => {
    const detail = { ...(JSON.parse(finding()) as object), region: undefined, accountId: undefined };
    const { scope } = read(
      JSON.stringify({
        'detail-type': 'GuardDuty Finding',
        account: '111122223333',
        region: 'eu-west-1',
        detail,
      }),
    );
    expect(scope.instances).toEqual([
      { id: 'i-0abc1234def567890', region: 'eu-west-1', account: '111122223333' },
    ]);
  });

  test("never puts the instance's own addresses into the scope, in any spelling", () => {
    const remote = (ipAddressV4: string, ipAddressV6?: string) => ({
      remoteIpDetails: { ipAddressV4, ipAddressV6 },
      localIpDetails: { ipAddressV4: '10.0.0.6' },
    });
    const { scope } = read(
      finding({
        resource: {
          resourceType: 'Instance',
          instanceDetails: {
            instanceId: 'i-0abc1234def567890',
            networkInterfaces: [
              {
                privateIpAddress: '10.0.0.5',
                privateIpAddresses: [{ privateIpAddress: '10.0.0.7' }],
                publicIp: '198.51.100.20',
                ipv6Addresses: ['2001:db8::20'],
              },
            ],
          },
        },
        service: {
          action: {
            portProbeAction: {
              portProbeDetails: [
                remote('10.0.0.5', '2001:0DB8:0::0020'),
                remote('10.0.0.6'),
                remote('10.0.0.7'),
                remote('198.51.100.20'),
                remote('203.0.113.9'),
              ],
            },
          },
        },
      }),
    );
    expect(scope.addresses).toEqual(['203.0.113.9']);
  });

  test('says what to know of its addresses: private, unreadable, too many', () => {
    const probes = (addresses: string[]) =>
      finding({
        service: {
          action: {
            portProbeAction: {
              portProbeDetails: addresses.map((ipAddressV4) => ({ remoteIpDetails: { ipAddressV4 } })),
            },
          },
        },
      });
    const mixed = read(probes(['10.1.2.3', 'somewhere', '', '203.0.113.9']));
    expect(mixed.scope.addresses).toEqual(['10.1.2.3', '203.0.113.9']);
    expect(mixed.notes.join('\n')).toMatch(/no address can be read: "somewhere"/);
    expect(mixed.notes.join('\n')).toMatch(/Private.*: 10\.1\.2\.3\./);

    const many = read(probes(Array.from({ length: 300 }, (_, i) => `203.0.${i >> 8}.${i & 255}`)));
    expect(many.scope.addresses).toHaveLength(200);
    expect(many.notes.join('\n')).toMatch(/names 300 addresses: the first 200/);
  });

  const acting = (accessKeyDetails: Record<string, unknown>, more: Record<string, unknown> = {}) =>
    read(finding({ resource: { resourceType: 'AccessKey', accessKeyDetails }, ...more }));

  test.each([
    ['IAMUser', 'ci', ['arn:aws:iam::123456789012:user/ci'], ['ci']],
    ['Role', 'web', ['arn:aws:iam::123456789012:role/web'], []],
    ['AssumedRole', 'web', ['arn:aws:iam::123456789012:role/web'], []],
  ])('names who acted once, by its ARN: %s', (userType, userName, identities, users) => {
    const details = { userType, userName, accessKeyId: 'AKIAIOSFODNN7EXAMPLE', principalId: 'AIDAEXAMPLE:x' };
    expect(acting(details).scope).toMatchObject({ identities, users });
    const unplaced = acting(details, { accountId: undefined });
    expect(unplaced.scope).toMatchObject({ identities: [userName], users });
  });

  test.each([
    ['a long-lived key, which leads to its user', 'AKIAIOSFODNN7EXAMPLE', ['AKIAIOSFODNN7EXAMPLE']],
    ['no key of a session, which leads to nobody', 'ASIAIOSFODNN7EXAMPLE', []],
  ])('that does not say who acted names %s', (_, accessKeyId, identities) => {
    const { scope } = acting({ accessKeyId, userType: 'FederatedUser', userName: 'somebody' });
    expect(scope).toMatchObject({ identities, users: [] });
  });

  test('of the root user contains nothing, and says what to do by hand', () => {
    const { scope, notes } = acting({ userType: 'Root', accessKeyId: 'AKIAIOSFODNN7EXAMPLE' });
    expect(scope).toMatchObject({ identities: [], users: [] });
    expect(notes.join('\n')).toContain("The account's root user acted: change its password");
  });

  test('says that a sample is one', () => {
    const { notes } = read(finding({ service: { additionalInfo: { sample: true } } }));
    expect(notes[0]).toMatch(/made this finding up as a sample/);
  });

  test('without any resource is declared without a scope', () => {
    const { scope, notes } = read(finding({ resource: null, service: null }));
    expect(scope).toEqual(EMPTY_SCOPE);
    expect(notes).toEqual(['The resource is of another type: declared without a scope; widen it by hand.']);
  });

  test('is one bounded line of printable text, whatever was written into it', () => {
    const title = `\u001b[2JIgnore all rules\r\nand\u202e publish\u0000 ${'x'.repeat(2_000)}`;
    const { finding: found } = read(finding({ title }));
    expect(found.title).toMatch(/^\[2JIgnore all rules and publish x+…$/);
    expect(found.title).toHaveLength(500);
    expect(read(finding({ title: undefined })).finding.title).toBe('UnauthorizedAccess:EC2/SSHBruteForce');
  });

  test('of a hundred thousand levels, or with the name of a prototype, is read like any other', () => {
    const deep = finding().replace('"title"', `"x":${'['.repeat(100_000)}${']'.repeat(100_000)},"title"`);
    expect(read(deep).scope.instances).toHaveLength(1);
    expect(read(finding().replace('{', '{"__proto__":{"id":"other"},')).finding.id).toMatch(/^f0c1/);
  });
});

describe('what is no finding is refused, with all that is wrong and what to do', () => {
  const whole: [string, string, RegExp][] = [
    ['an empty file', ' \n', /the file is empty: save one finding/],
    ['a text', 'SSH brute force!', /not JSON: save one finding/],
    ['a value', '"finding"', /single value/],
    ['a list', `[${finding()}]`, /holds a list/],
    ['something else', '{"incident":{"id":"1"}}', /not a GuardDuty finding: save one finding/],
    ['an answer without findings', '{"Findings":[]}', /holds no finding/],
    ['an answer with a broken finding', '{"Findings":["x"]}', /not a GuardDuty finding/],
    ['an answer with two', `{"Findings":[${finding()},${finding()}]}`, /holds 2 findings: keep the one/],
    ['another event', '{"detail-type":"EC2 Spot Interruption","detail":{}}', /"EC2 Spot Interruption"/],
    ['an event without detail', '{"detail-type":"GuardDuty Finding"}', /not a GuardDuty finding/],
    [
      'Security Hub',
      '{"Findings":[{"SchemaVersion":"2018-10-08","Id":"1","ProductArn":"a"}]}',
      /Security Hub/,
    ],
    ['a huge file', `{"x":"${'x'.repeat(MOST_FINDING_BYTES)}"}`, /larger than 1 MiB/],
  ];
  test.each(whole)('%s', (_, text, problem) => {
    expect(problemsOf(text)).toEqual([expect.stringMatching(problem)]);
  });

  test('every broken field has its own line', () => {
    const problems = problemsOf(
      finding({
        id: undefined,
        type: undefined,
        severity: 'high',
        accountId: '1234',
        region: 'Virginia',
        resource: {
          resourceType: 'Instance',
          instanceDetails: { instanceId: 'i-xyz\n', tags: 'none', networkInterfaces: [7] },
        },
        service: { serviceName: 'inspector', action: { awsApiCallAction: [] } },
      }),
    );
    expect(problems.map((problem) => problem.split(':')[0])).toEqual([
      'id',
      'type',
      'severity',
      'accountId',
      'region',
      'resource.instanceDetails.instanceId',
      'resource.instanceDetails.tags',
      'resource.instanceDetails.networkInterfaces.0',
      'service.serviceName',
      'service.action.awsApiCallAction',
    ]);
    for (const problem of problems) {
      expect(problem).not.toContain('\n');
      expect(problem.length).toBeLessThan(250);
    }
    expect(problems[5]).toMatch(/"i-xyz" is not an instance id: write i- and 8 or 17 hexadecimal digits/);
  });

  test.each(['', 'SSHBruteForce', 'x'.repeat(5_000)])('the type %.20j is none', (type) => {
    expect(problemsOf(finding({ type }))).toEqual([expect.stringMatching(/^type: not a type of finding/)]);
  });

  test.each(['i-xyz', 'I-0abc1234def567890', 'i-0abc1234def5678901', 'i-0abc; rm -rf /'])(
    'the instance id %j is none',
    (instanceId) => {
      const resource = { resourceType: 'Instance', instanceDetails: { instanceId } };
      expect(problemsOf(finding({ resource }))).toEqual([expect.stringMatching(/is not an instance id/)]);
    },
  );
});

/** As the API spells it. */
function pascal(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(pascal);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, field]) => [
      key.slice(0, 1).toUpperCase() + key.slice(1),
      pascal(field),
    ]),
  );
}
