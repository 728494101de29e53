/** The part `communication` of firebreak.yaml, and the folder of keys: what is wrong is listed at once, and no secret is quoted. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { newKeyring } from '../../codec/keyring';
import type { Company } from '../../domain/company';
import { createMailKeys, createPgpKey } from '../../drill/stand-ins/mail-keys';
import { readConfig, type Config } from '../../worker/config';
import { createMailKeyring } from '../../worker/mail-keys';

const EXAMPLE = join(__dirname, '..', '..', 'firebreak.example.yaml');
const SECRETS = {
  FIREBREAK_SMTP_PASSWORD: 'canary-smtp-password',
  FIREBREAK_SMS_TOKEN: 'canary-sms-token',
  FIREBREAK_WEBHOOK_SECRET: 'canary-webhook-secret',
  FIREBREAK_STATUSPAGE_TOKEN: 'canary-statuspage-token',
};
const TOKENS = { PAGERDUTY_TOKEN: 'token', SLACK_BOT_TOKEN: 'token', FIREBREAK_KEYRING: newKeyring('test') };

interface Part {
  domains?: unknown;
  timeZone?: unknown;
  groups?: unknown;
  mail?: { from: unknown; server: Record<string, unknown>; keys?: unknown };
  sms?: Record<string, unknown>;
  inside?: unknown[];
  public?: Record<string, unknown>[];
  contacts: Record<string, unknown>[];
  customers: Record<string, unknown>[];
  [unknown: string]: unknown;
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'firebreak-communication-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const nothing = () => undefined;

/** The example with a change to this part, and all secrets but those that are changed. */
function read(change: (part: Part) => unknown = nothing, env: NodeJS.ProcessEnv = {}) {
  const file = parse(readFileSync(EXAMPLE, 'utf8')) as { communication: Part };
  change(file.communication);
  const path = join(folder, 'firebreak.yaml');
  writeFileSync(path, stringify(file));
  return readConfig({ ...TOKENS, ...SECRETS, FIREBREAK_CONFIG: path, ...env });
}

function valid(result: ReturnType<typeof readConfig>): Config {
  if (!result.ok) throw new Error(result.problems.join('\n'));
  return result.config;
}

/** Without the file's name. */
function problemsOf(result: ReturnType<typeof readConfig>): string[] {
  return result.ok ? [] : result.problems.map((problem) => problem.replace(/^.*firebreak\.yaml: /, ''));
}

const ways = (config: Config) => {
  if (!config.waysOut) throw new Error('there are no ways out');
  return config.waysOut;
};

describe('the example', () => {
  it('has every way out, with its secret', () => {
    expect(ways(valid(read()))).toEqual({
      mail: {
        from: 'incident-response@example.com',
        domains: ['example.com'],
        server: { host: 'smtp.example.com', port: 587, tls: 'starttls', user: 'firebreak' },
        password: 'canary-smtp-password',
        keyFolder: join(folder, 'keys', 'mail'),
      },
      sms: { url: 'https://sms.example.com/messages', from: '+1 555 0199', token: 'canary-sms-token' },
      publishing: {
        channels: [
          { kind: 'webhook', name: 'website', url: 'https://www.example.com/hooks/statement' },
          { kind: 'file', name: 'folder', folder: join(folder, 'statements') },
          { kind: 'statusPage', name: 'status page', pageId: 'abc123def456' },
        ],
        webhookSecret: 'canary-webhook-secret',
        statusPageToken: 'canary-statuspage-token',
      },
    });
  });

  it('tells an incident who is who, and no secret, address of a service or key', () => {
    const { communication } = valid(read()).company;
    expect(communication).toMatchObject({
      domains: ['example.com'],
      keys: {},
      mail: true,
      sms: true,
      timeZone: 'UTC',
      inside: [
        { kind: 'slack', name: 'engineering' },
        { kind: 'mail', address: 'engineering@example.com' },
      ],
      public: [
        { kind: 'webhook', name: 'website' },
        { kind: 'file', name: 'folder' },
        { kind: 'statusPage', name: 'status page' },
      ],
      contacts: [
        { id: 'insurer', kind: 'cyberInsurance', email: 'claims@insurer.example' },
        { id: 'police', kind: 'localLawEnforcement', phone: '+1 555 0160' },
        { id: 'hosting', kind: 'systemOperators' },
      ],
      customers: [
        { id: 'customer-one', kind: 'customer' },
        { id: 'customer-two', kind: 'customer' },
      ],
    });
    const told = JSON.stringify(communication);
    for (const secret of ['canary', 'smtp.example.com', 'sms.example.com', 'hooks', 'abc123def456'])
      expect(told).not.toContain(secret);
  });
});

describe('what may be left out', () => {
  it('is all of it: then there is no way out, and nothing is asked of the environment', () => {
    const file = parse(readFileSync(EXAMPLE, 'utf8')) as { communication?: unknown };
    delete file.communication;
    const path = join(folder, 'without.yaml');
    writeFileSync(path, stringify(file));
    const config = valid(readConfig({ ...TOKENS, FIREBREAK_CONFIG: path }));
    expect(config.waysOut).toBeUndefined();
    expect(config.company.communication).toBeUndefined();
  });

  it('is each way out, with its secret', () => {
    const config = valid(
      read(
        (part) => {
          delete part.mail;
          delete part.sms;
          part.public = [{ file: '/srv/statements', name: 'folder' }];
        },
        {
          FIREBREAK_SMTP_PASSWORD: undefined,
          FIREBREAK_SMS_TOKEN: undefined,
          FIREBREAK_WEBHOOK_SECRET: undefined,
          FIREBREAK_STATUSPAGE_TOKEN: undefined,
        },
      ),
    );
    expect(ways(config)).toEqual({
      publishing: { channels: [{ kind: 'file', name: 'folder', folder: '/srv/statements' }] },
    });
    expect(config.company.communication).toMatchObject({ mail: false, sms: false });
  });

  it('is the login at the mail server, with its password', () => {
    const config = valid(
      read((part) => delete part.mail?.server['user'], { FIREBREAK_SMTP_PASSWORD: undefined }),
    );
    expect(ways(config).mail).not.toHaveProperty('password');
  });
});

describe('what is wrong', () => {
  it('is listed at once, each with its path', () => {
    const problems = problemsOf(
      read((part) => {
        part.domains = ['example com'];
        part.timeZone = 'Mars/Olympus';
        part.groups = { 'team@example.com': ['nobody'] };
        part.mail!.from = 'incident-response';
        part.mail!.server['port'] = 70_000;
        part.mail!.server['tls'] = 'none';
        part.sms!['url'] = 'sms';
        part.inside = [{ teams: 'engineering' }];
        part.public = [{ webhook: 'https://www.example.com' }, { statusPage: 'a page', name: 'page' }];
        part.contacts[0]!['kind'] = 'friend';
        part.contacts[1]!['phone'] = '110';
        part.contacts[2]!['disclosure'] = 'http://hosting.example';
        part.customers[0]!['id'] = 'Customer One';
        part.customers[1]!['emial'] = 'security@customer-two.example';
        part['fax'] = {};
      }),
    );
    for (const expected of [
      /^communication\.domains\.0: /,
      /^communication\.timeZone: a time zone is needed/,
      /^communication\.groups\.team@example\.com\.0: /,
      /^communication\.mail\.from: /,
      /^communication\.mail\.server\.port: /,
      /^communication\.mail\.server\.tls: .*starttls/,
      /^communication\.sms\.url: a URL is needed/,
      /^communication\.sms\.url: .*https:\/\//,
      /^communication\.inside\.0: slack: CHANNEL or mail: ADDRESS is needed/,
      /^communication\.public\.0: .*name: NAME with each/,
      /^communication\.public\.1\.statusPage: a page's id is needed/,
      /^communication\.contacts\.0\.kind: .*cyberInsurance/,
      /^communication\.contacts\.1\.phone: a telephone number/,
      /^communication\.contacts\.2\.disclosure: .*https:\/\//,
      /^communication\.customers\.0\.id: lower case/,
      /^communication\.customers\.1: .*"emial"/,
      /^communication: .*"fax"/,
    ])
      expect(problems).toContainEqual(expect.stringMatching(expected));
    expect(problems).toHaveLength(17);
  });

  it.each([
    [
      'the SMS provider',
      (part: Part) => (part.sms!['url'] = 'http://sms.example.com'),
      'communication.sms.url',
    ],
    [
      'a website',
      (part: Part) => (part.public![0]!['webhook'] = 'http://www.example.com/hooks'),
      'communication.public.0.webhook',
    ],
  ])('is %s in clear: its token and its texts would go with it', (_, change, path) => {
    expect(problemsOf(read(change))).toEqual([`${path}: an address is needed that begins with https://`]);
  });

  it('is listed at once where each part is right and they do not go together', () => {
    expect(
      problemsOf(
        read((part) => {
          part.groups = { team: ['ic@example.com'] };
          part.mail!.from = 'response@mail.example.com';
          part.inside = [{ mail: 'everybody@notexample.com' }, { slack: '#engineering' }];
          part.public = ['one', 'two'].map((path) => ({
            webhook: `https://www.example.com/${path}`,
            name: 'web',
          }));
          part.customers[0]!['id'] = 'insurer';
        }),
      ).sort(),
    ).toEqual([
      'communication.contacts: the id insurer belongs to two',
      'communication.groups: "team" is not an e-mail address: it has no @',
      'communication.groups: the address of a group can\'t be read: "team" is not an e-mail address: it has no @',
      'communication.inside.0.mail: is not inside the company',
      'communication.mail.from: is not of one of the domains',
      'communication.public: two channels are called web',
    ]);
  });

  it('is every secret that is missing, with what it is', () => {
    const missing = Object.fromEntries(Object.keys(SECRETS).map((name) => [name, undefined]));
    expect(problemsOf(read(nothing, missing)).sort()).toEqual([
      "environment: FIREBREAK_SMS_TOKEN: missing: the SMS provider's token",
      "environment: FIREBREAK_SMTP_PASSWORD: missing: the mail server's password",
      "environment: FIREBREAK_STATUSPAGE_TOKEN: missing: the status page's API key",
      'environment: FIREBREAK_WEBHOOK_SECRET: missing: the secret that signs what the webhook gets',
    ]);
    const empty = Object.fromEntries(Object.keys(SECRETS).map((name) => [name, '']));
    expect(problemsOf(read(nothing, empty))).toHaveLength(4);
  });

  it('is never told by quoting a secret', () => {
    const result = read(
      (part) => {
        part.domains = [];
        part['password'] = 'canary-in-the-file';
      },
      {
        FIREBREAK_SMTP_SERVER: 'canary-server',
        FIREBREAK_SMS_URL: 'canary-url',
        FIREBREAK_SMTP_CA_FILE: '/canary',
      },
    );
    expect(result.ok).toBe(false);
    expect(JSON.stringify(result)).not.toContain('canary');
  });
});

describe('the environment of a drill', () => {
  it('leads every way out elsewhere, and changes nothing else', () => {
    const authority = join(folder, 'authority.pem');
    writeFileSync(authority, 'an authority');
    const { mail, sms, publishing } = ways(
      valid(
        read(nothing, {
          FIREBREAK_SMTP_SERVER: '127.0.0.1:2525',
          FIREBREAK_SMTP_CA_FILE: authority,
          FIREBREAK_SMS_URL: 'http://127.0.0.1:1/messages',
          FIREBREAK_WEBHOOK_URL: 'http://127.0.0.1:2/hooks',
          FIREBREAK_STATUSPAGE_URL: 'http://127.0.0.1:3',
        }),
      ),
    );
    expect(mail).toMatchObject({
      server: { host: '127.0.0.1', port: 2525, tls: 'starttls', user: 'firebreak' },
      ca: 'an authority',
      from: 'incident-response@example.com',
    });
    expect(sms?.url).toBe('http://127.0.0.1:1/messages');
    expect(publishing).toMatchObject({
      channels: [{ url: 'http://127.0.0.1:2/hooks' }, {}, { pageId: 'abc123def456' }],
      statusPageUrl: 'http://127.0.0.1:3',
    });
  });

  it('says that an authority can not be read', () => {
    expect(problemsOf(read(nothing, { FIREBREAK_SMTP_CA_FILE: join(folder, 'nowhere.pem') }))).toEqual([
      "environment: FIREBREAK_SMTP_CA_FILE: can't be read",
    ]);
  });
});

describe('the folder of keys', () => {
  const INSURER = 'claims@insurer.example';
  const CUSTOMER = 'security@customer-one.example';
  let keys: string;
  const company = { communication: { domains: ['example.com'], keys: {} } } as unknown as Company;
  const put = (name: string, text: string) => writeFileSync(join(keys, name), text);
  const knows = (keyring: ReturnType<typeof createMailKeyring>) => keyring.told(company).communication?.keys;

  beforeEach(() => {
    keys = join(folder, `keys-${Math.random()}`);
    mkdirSync(keys);
  });

  it('gives each address its key, and tells incidents whose there are, by fingerprint and end', async () => {
    const made = await createMailKeys({ [INSURER]: 'smime', [CUSTOMER]: 'pgp' });
    for (const { fileName, publicKey } of Object.values(made)) put(fileName, publicKey);
    const keyring = createMailKeyring(keys);
    expect(await keyring.read()).toEqual([]);
    expect(keyring.get(INSURER)?.text).toBe(made[INSURER].publicKey);
    expect(knows(keyring)).toEqual({
      [INSURER]: {
        kind: 'smime',
        fingerprint: expect.stringMatching(/^[0-9A-Fa-f: ]+$/),
        notAfter: expect.any(Number),
      },
      [CUSTOMER]: { kind: 'pgp', fingerprint: expect.stringMatching(/^[0-9A-Fa-f: ]+$/) },
    });
    expect(JSON.stringify(keyring.told(company))).not.toContain('BEGIN');
  });

  it('lists everything that is wrong with it, and quotes no key', async () => {
    const { privateKey } = await createPgpKey(CUSTOMER);
    const other = await createPgpKey('other@elsewhere.example');
    put(`${CUSTOMER}.asc`, privateKey);
    put(`${INSURER}.asc`, other.publicKey);
    put('notes.txt', 'whose is whose');
    put(`${INSURER}.pem`, 'canary-no-key');
    const problems = await createMailKeyring(keys).read();
    for (const name of [`${CUSTOMER}.asc`, `${INSURER}.asc`, `${INSURER}.pem`, 'notes.txt'])
      expect(problems).toContainEqual(expect.stringContaining(name));
    expect(problems.join('\n')).not.toMatch(/BEGIN|canary|whose is whose/);
  });

  it('that is wrong later changes nothing of what was read before', async () => {
    const made = await createMailKeys({ [CUSTOMER]: 'pgp' });
    put(made[CUSTOMER].fileName, made[CUSTOMER].publicKey);
    const keyring = createMailKeyring(keys);
    await keyring.read();
    put(`${INSURER}.pem`, 'no key');
    expect(await keyring.read()).toHaveLength(1);
    expect(Object.keys(knows(keyring) ?? {})).toEqual([CUSTOMER]);
    rmSync(join(keys, `${INSURER}.pem`));
    rmSync(join(keys, made[CUSTOMER].fileName));
    expect(await keyring.read()).toEqual([]);
    expect(knows(keyring)).toEqual({});
  });

  it('is said to be missing where it is, and is not asked for where none is configured', async () => {
    expect(await createMailKeyring(join(folder, 'nowhere')).read()).toEqual([
      expect.stringMatching(/folder of keys/),
    ]);
    const none = createMailKeyring(undefined);
    expect(await none.read()).toEqual([]);
    expect(knows(none)).toEqual({});
    expect(none.get(INSURER)).toBeUndefined();
  });

  it('says nothing to a company without ways out', async () => {
    const without = {} as Company;
    expect(createMailKeyring(keys).told(without)).toBe(without);
  });
});
