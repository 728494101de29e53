import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { newKeyring } from '../../codec/keyring';
import { readConfig, type Config } from '../../worker/config';
import { keyOf } from '../support/keys';

const EXAMPLE = join(__dirname, '..', '..', 'firebreak.example.yaml');
/** The secrets that the example's worker needs. */
const TOKENS = {
  PAGERDUTY_TOKEN: 'canary-pagerduty-token',
  SLACK_BOT_TOKEN: 'canary-slack-token',
  FIREBREAK_KEYRING: newKeyring('test'),
  FIREBREAK_SMTP_PASSWORD: 'canary-smtp-password',
  FIREBREAK_SMS_TOKEN: 'canary-sms-token',
  FIREBREAK_WEBHOOK_SECRET: 'canary-webhook-secret',
  FIREBREAK_STATUSPAGE_TOKEN: 'canary-statuspage-token',
};

interface File {
  authority?: unknown;
  roster: { email: unknown; roles: unknown; services?: unknown; keys?: unknown }[];
  doors?: unknown;
  ledger?: unknown;
  coldStorage?: unknown;
  bridge?: Record<string, unknown>;
  deadlines?: Record<string, unknown>;
  pagerduty: Record<string, unknown>;
  slack?: Record<string, unknown>;
  aws: Record<string, unknown>;
  [unknown: string]: unknown;
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'firebreak-config-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
function written(text: string): string {
  files += 1;
  const path = join(folder, `firebreak-${files}.yaml`);
  writeFileSync(path, text);
  return path;
}

/** The example with a change to it. */
function changed(change: (file: File) => void, env: NodeJS.ProcessEnv = {}) {
  const file = parse(readFileSync(EXAMPLE, 'utf8')) as File;
  change(file);
  return readConfig({ ...TOKENS, FIREBREAK_CONFIG: written(stringify(file)), ...env });
}

function valid(read: ReturnType<typeof readConfig>): Config {
  if (!read.ok) throw new Error(read.problems.join('\n'));
  return read.config;
}

/** Without the file's name, which is another in each test. */
function problemsOf(read: ReturnType<typeof readConfig>): string[] {
  return read.ok ? [] : read.problems.map((problem) => problem.replace(/^.*firebreak-\d+\.yaml: /, ''));
}

const nothing = () => undefined;
const example = (env: NodeJS.ProcessEnv = {}) => readConfig({ ...TOKENS, FIREBREAK_CONFIG: EXAMPLE, ...env });

describe('the example configuration', () => {
  it('is valid, with tokens in the environment', () => {
    const config = valid(example());
    expect(config).toMatchObject({
      roomPaceMs: 1_000,
      pagerduty: { token: 'canary-pagerduty-token', fromEmail: 'ic@example.com', serviceId: 'PSERVICE1' },
      slack: { token: 'canary-slack-token' },
      aws: { region: 'us-east-1', account: '123456789012' },
      healthPort: 8081,
      company: {
        authority: 'contain-on-declare',
        bridge: { url: 'https://meet.example.com/bridge', phone: '+1 555 0100' },
        executivesAfterMs: 600_000,
        joinCheckMs: 30_000,
      },
    });
    expect(config.company.roster).toHaveLength(15);
    expect([config.keyring.ids, config.keyring.currentId]).toEqual([['test'], 'test']);
  });

  it('keeps a ledger, in its cold storage', () => {
    expect(valid(example())).toMatchObject({ company: { ledger: true } });
    expect(valid(example())).not.toHaveProperty('ledger');
  });

  it('sends nothing to a stand-in unless the environment says so', () => {
    const { pagerduty, slack, aws } = valid(example());
    expect([pagerduty.url, slack.apiUrl, aws.endpoint]).toEqual([undefined, undefined, undefined]);
  });

  it('takes addresses and the health port from the environment', () => {
    const config = valid(
      example({
        FIREBREAK_PAGERDUTY_URL: 'http://127.0.0.1:1',
        FIREBREAK_SLACK_URL: 'http://127.0.0.1:2',
        AWS_ENDPOINT_URL: 'http://127.0.0.1:3',
        FIREBREAK_HEALTH_PORT: '9000',
      }),
    );
    expect([config.pagerduty.url, config.slack.apiUrl, config.aws.endpoint, config.healthPort]).toEqual([
      'http://127.0.0.1:1',
      'http://127.0.0.1:2',
      'http://127.0.0.1:3',
      9000,
    ]);
  });

  it('names every role that the code knows', () => {
    const roles = valid(example()).company.roster.flatMap((person) => person.roles);
    expect(new Set(roles).size).toBe(12);
  });
});

describe('what may be left out', () => {
  it('has the careful default: containment waits for an approval', () => {
    expect(valid(changed((file) => delete file.authority)).company.authority).toBe('approve');
  });

  it('has its deadlines, its pace and its account', () => {
    const config = valid(
      changed((file) => {
        delete file.deadlines;
        delete file.slack;
        delete file.aws['account'];
      }),
    );
    expect(config).toMatchObject({
      roomPaceMs: 1_000,
      company: { executivesAfterMs: 600_000, joinCheckMs: 30_000 },
    });
    expect(config.aws.account).toBeUndefined();
  });
});

describe('a configuration with problems', () => {
  it('lists every one of them at once, each with its path', () => {
    const problems = problemsOf(
      changed(
        (file) => {
          file.authority = 'whatever';
          file.roster[0]!.email = 'ic';
          file.bridge!['url'] = 'meet';
          file.deadlines!['joinCheck'] = 'soon';
          file.aws['account'] = '12';
          file.roster[1]!.keys = ['ssh-rsa AAAA'];
          file.doors = { slack: 'ssh-ed25519' };
          file.ledger = { folder: '' };
        },
        { PAGERDUTY_TOKEN: undefined, FIREBREAK_KEYRING: undefined },
      ),
    );
    expect(problems).toHaveLength(10);
    expect(problems).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^authority: .*approve/),
        'roster.0.email: an e-mail address is needed',
        'bridge.url: a URL is needed',
        'deadlines.joinCheck: "soon" is not a duration such as "30 seconds"',
        expect.stringMatching(/^aws\.account: /),
        'environment: PAGERDUTY_TOKEN: missing: a PagerDuty REST API key',
        expect.stringMatching(/^roster\.1\.keys\.0: a key of type ssh-rsa can't be used/),
        expect.stringMatching(/^doors\.slack: /),
        expect.stringMatching(/^ledger\.folder: /),
        expect.stringMatching(/^environment: FIREBREAK_KEYRING_FILE: missing: /),
      ]),
    );
  });

  it('says which file can not be read, and what to do', () => {
    const read = readConfig({ ...TOKENS, FIREBREAK_CONFIG: join(folder, 'nowhere.yaml') });
    expect(read).toEqual({
      ok: false,
      problems: [
        expect.stringMatching(/nowhere\.yaml: can't be read; copy firebreak\.example\.yaml, or name/),
      ],
    });
  });

  it('lists what is wrong with the environment where the file is missing too', () => {
    const read = readConfig({ FIREBREAK_CONFIG: join(folder, 'nowhere.yaml') });
    expect(read.ok ? [] : read.problems).toEqual([
      expect.stringMatching(/nowhere\.yaml: can't be read/),
      expect.stringMatching(/PAGERDUTY_TOKEN: missing/),
      expect.stringMatching(/SLACK_BOT_TOKEN: missing/),
      expect.stringMatching(/FIREBREAK_KEYRING_FILE: missing/),
    ]);
  });

  it('says in which line YAML ends to be YAML', () => {
    const path = written(
      'authority: approve\nroster:\n  - { email: a@example.com, roles: [deputy\naws: {}\n',
    );
    const read = readConfig({ ...TOKENS, FIREBREAK_CONFIG: path });
    expect(read.ok ? [] : read.problems).toEqual([expect.stringMatching(/: not valid YAML at line [34]$/)]);
  });

  it.each([
    ['empty', ''],
    ['a list', '- a\n- b\n'],
    ['a text', 'approve\n'],
    [
      'a bomb of aliases',
      `a: &a [x, x]\n${'bcdefghijklmnop'
        .split('')
        .map((name, index) => `${name}: &${name} [${`*${'abcdefghijklmnop'[index]},`.repeat(9)}]\n`)
        .join('')}`,
    ],
  ])('is a list of problems and no exception where the file is %s', (_, text) => {
    const read = readConfig({ ...TOKENS, FIREBREAK_CONFIG: written(text) });
    expect(read.ok).toBe(false);
    expect(problemsOf(read).length).toBeGreaterThan(0);
  });

  it('is told where the path is a folder', () => {
    expect(readConfig({ ...TOKENS, FIREBREAK_CONFIG: folder })).toMatchObject({
      ok: false,
      problems: [expect.stringContaining("can't be read")],
    });
  });
});

describe('a secret', () => {
  it.each(['', '  ', undefined])('that is %j counts as missing', (token) => {
    expect(problemsOf(example({ SLACK_BOT_TOKEN: token }))).toEqual([
      "environment: SLACK_BOT_TOKEN: missing: the Slack app's bot token",
    ]);
  });

  it('is never quoted, whatever else is wrong', () => {
    const read = changed(
      (file) => {
        file.roster = [];
        file['token'] = 'canary-in-the-file';
      },
      { FIREBREAK_SLACK_URL: 'canary-url', FIREBREAK_HEALTH_PORT: 'canary-port' },
    );
    expect(problemsOf(read).length).toBeGreaterThanOrEqual(4);
    expect(JSON.stringify(read)).not.toContain('canary');
  });

  it('is used without the line break that came with it', () => {
    expect(valid(example({ PAGERDUTY_TOKEN: ' token\n' })).pagerduty.token).toBe('token');
  });
});

describe('people and paging', () => {
  it.each<[string, (file: File) => void, RegExp]>([
    [
      'a telephone number without its country',
      (file) => Object.assign(file.roster[1]!, { phone: '1' }),
      /^roster\.1\.phone: a telephone number/,
    ],
    [
      'an id that is none of Slack',
      (file) => Object.assign(file.roster[1]!, { slack: 'ic' }),
      /^roster\.1\.slack: Slack's id/,
    ],
    [
      'an id that is none of PagerDuty',
      (file) => Object.assign(file.roster[1]!, { pagerduty: 'ic' }),
      /^roster\.1\.pagerduty: PagerDuty's id/,
    ],
    [
      'one id of two people',
      (file) => file.roster.slice(0, 2).forEach((person) => Object.assign(person, { slack: 'U0123ABCD' })),
      /^roster: the slack id U0123ABCD belongs to two people/,
    ],
    [
      'a page that may not wait',
      (file) => (file.deadlines!['acknowledge'] = '1 s'),
      /^deadlines\.acknowledge: at least 1 minute/,
    ],
  ])('%s is refused', (_, change, problem) => {
    expect(problemsOf(changed(change))).toEqual([expect.stringMatching(problem)]);
  });

  it('have paces of their own where they are given', () => {
    expect(valid(example()).company.paces).toEqual({
      acknowledgeWithinMs: 300_000,
      remindEveryMs: 900_000,
      statusEveryMs: 1_800_000,
    });
    expect(valid(example()).onCall).toEqual({ everyMs: 300_000 });
  });
});

describe('an unknown key', () => {
  it.each<[string, (file: File) => void, RegExp]>([
    ['at the top', (file) => (file['athority'] = 'approve'), /Unrecognized key: "athority"/],
    ['of a responder', (file) => Object.assign(file.roster[1]!, { fone: '1' }), /^roster\.1: .*"fone"/],
    ['of the deadlines', (file) => (file.deadlines!['joinChek'] = '1 s'), /^deadlines: .*"joinChek"/],
    ['of PagerDuty', (file) => (file.pagerduty['token'] = 'x'), /^pagerduty: .*"token"/],
    ['of Slack', (file) => (file.slack!['pase'] = '1 s'), /^slack: .*"pase"/],
    ['of the bridge', (file) => (file.bridge!['fone'] = '1'), /^bridge: .*"fone"/],
    ['of AWS', (file) => (file.aws['acount'] = '1'), /^aws: .*"acount"/],
  ])('%s is refused: a typing mistake must not become a default', (_, change, problem) => {
    expect(problemsOf(changed(change))).toEqual([expect.stringMatching(problem)]);
  });
});

describe('a duration', () => {
  it.each([
    ['1 second', 1_000],
    ['250 ms', 250],
    ['10 minutes', 600_000],
    ['2h', 7_200_000],
    ['0 ms', 0],
  ])('may be "%s"', (text, ms) => {
    expect(valid(changed((file) => (file.slack!['pace'] = text))).roomPaceMs).toBe(ms);
  });

  it.each(['', 'soon', '-1 second', '1 fortnight', 'Infinity', '1e', '5 5'])('may not be "%s"', (text) => {
    expect(problemsOf(changed((file) => (file.slack!['pace'] = text)))).toEqual([
      `slack.pace: "${text}" is not a duration such as "30 seconds"`,
    ]);
  });

  it('may not be a number, whose unit nobody knows', () => {
    expect(problemsOf(changed((file) => (file.slack!['pace'] = 30)))).toHaveLength(1);
  });
});

describe('the roster', () => {
  it('has nobody twice, in whatever spelling', () => {
    expect(
      problemsOf(changed((file) => file.roster.push({ email: 'IC@Example.com', roles: ['scribe'] }))),
    ).toEqual(['roster: ic@example.com is listed twice']);
  });

  it('gives a key to one person alone: with two names one would have two voices', () => {
    const { publicKey } = keyOf('ic@example.com');
    const read = changed((file) => {
      for (const [index, comment] of ['laptop', 'another'].entries())
        Object.assign(file.roster[index] ?? {}, { keys: [`${publicKey} ${comment}`] });
    });
    expect(problemsOf(read)).toEqual([
      expect.stringMatching(/^roster: the key ssh-ed25519 .+ belongs to two people/),
    ]);
  });

  it.each([
    'incidentCommander',
    'securityTeam',
    'forensicsLead',
    'engineeringLeader',
    'legalCounsel',
    'marketing',
  ])('has a %s, without whom no incident comes to its end', (role) => {
    const without = changed((file) => {
      for (const person of file.roster)
        person.roles = (person.roles as string[]).map((one) => (one === role ? 'scribe' : one));
    });
    expect(problemsOf(without)).toEqual([`roster: nobody has the role ${role}`]);
  });

  it('has no role that nobody knows', () => {
    const read = changed((file) => (file.roster[1]!.roles = ['boss']));
    expect(problemsOf(read)).toEqual([expect.stringMatching(/^roster\.1\.roles\.0: .*incidentCommander/)]);
  });

  it('has nobody without a role', () => {
    expect(problemsOf(changed((file) => (file.roster[1]!.roles = [])))).toEqual([
      'roster.1.roles: at least one role is needed',
    ]);
  });

  it('is not empty', () => {
    expect(problemsOf(changed((file) => (file.roster = []))).length).toBeGreaterThan(0);
  });
});

describe('the environment', () => {
  it.each(['70000', '-1', '80.5', 'http'])('has no health port %s', (port) => {
    expect(problemsOf(example({ FIREBREAK_HEALTH_PORT: port }))).toEqual([
      expect.stringMatching(/^environment: FIREBREAK_HEALTH_PORT: /),
    ]);
  });

  it('may hold empty variables, as compose passes them on', () => {
    expect(valid(example({ FIREBREAK_SLACK_URL: '', AWS_ENDPOINT_URL: '' })).slack.apiUrl).toBeUndefined();
  });

  it('is read once: nobody can change the configuration afterwards', () => {
    expect(Object.isFrozen(valid(changed(nothing)))).toBe(true);
  });
});

describe("a responder's keys", () => {
  const key = keyOf('ic@example.com').publicKey;

  it('are as OpenSSH writes them, with a comment or without, one or several, or none', () => {
    const others = keyOf('laptop of ic@example.com').publicKey;
    const { roster } = valid(
      changed((file) => {
        file.roster[0]!.keys = [key, `${others} laptop`];
        file.roster[1]!.keys = [];
      }),
    ).company;
    expect(roster[0]).toMatchObject({ email: 'ic@example.com', keys: [key, `${others} laptop`] });
    expect(roster[1]?.keys).toEqual([]);
    expect(roster[2]).not.toHaveProperty('keys');
  });

  it.each<[string, unknown, RegExp]>([
    [
      'an RSA key',
      'ssh-rsa AAAAB3NzaC1yc2E',
      /a key of type ssh-rsa can't be used: make one with "ssh-keygen/,
    ],
    ['an ECDSA key', 'ecdsa-sha2-nistp256 AAAA', /a key of type ecdsa-sha2-nistp256 can't be used/],
    ['a damaged key', key.slice(0, -4), /damaged/],
    [
      'a fingerprint',
      'SHA256:lNpNFDlVPQjPWqDpdQVKXo',
      /an Ed25519 public key as OpenSSH writes it is needed/,
    ],
    ['a text of many lines', `${key}\n${key}`, /is needed/],
    ['a long text', `${key} ${'x'.repeat(5_000)}`, /too long/],
    ['a number', 7, /string/],
    ['nothing', '', /is needed/],
  ])('are not %s', (_, wrong, problem) => {
    expect(problemsOf(changed((file) => (file.roster[2]!.keys = [key, wrong])))).toEqual([
      expect.stringMatching(new RegExp(`^roster\\.2\\.keys\\.1: .*${problem.source}`)),
    ]);
  });

  it('are a list', () => {
    expect(problemsOf(changed((file) => (file.roster[2]!.keys = key)))).toEqual([
      expect.stringMatching(/^roster\.2\.keys: /),
    ]);
  });

  it('are never private ones, and those are not quoted', () => {
    const { privateKeyFile } = keyOf('ic@example.com');
    const read = changed((file) => (file.roster[0]!.keys = [privateKeyFile]));
    expect(problemsOf(read)).toEqual([
      'roster.0.keys.0: this is a private key: name the file that ends in ".pub"',
    ]);
    expect(JSON.stringify(read)).not.toContain(privateKeyFile.split('\n')[2]);
  });
});

describe('the doors', () => {
  const [slack, pagerduty] = ['slack', 'pagerduty'].map((door) => keyOf(`${door} door`).publicKey);

  it('have keys of their own, each as many as it needs', () => {
    expect(valid(changed((file) => (file.doors = { slack: [slack] }))).company.doors).toEqual({
      slack: [slack],
    });
    const both = { slack: [slack, keyOf('another').publicKey], pagerduty: [pagerduty] };
    expect(valid(changed((file) => (file.doors = both))).company.doors).toEqual(both);
    expect(valid(example()).company).not.toHaveProperty('doors');
  });

  it.each<[string, unknown, RegExp]>([
    ['the Temporal UI, which proves nothing', { temporal: [slack] }, /^doors: .*"temporal"/],
    ['the command line, where people sign', { 'command line': [slack] }, /^doors: .*"command line"/],
    ['no list', { slack }, /^doors\.slack: /],
    ['a wrong key', { pagerduty: [pagerduty, 'x'] }, /^doors\.pagerduty\.1: .*is needed/],
    ['a list of names', ['slack'], /^doors: /],
  ])('are not %s', (_, doors, problem) => {
    expect(problemsOf(changed((file) => (file.doors = doors)))).toEqual([expect.stringMatching(problem)]);
  });
});

describe('the ledger', () => {
  const LEDGER = { folder: '/var/lib/firebreak/ledger' };
  const KEY = { FIREBREAK_LEDGER_KEY_FILE: '/run/secrets/canary-ledger-key' };
  const withoutStorage = (file: File) => delete file.coldStorage;

  it('is in a folder, signed with a key of its own', () => {
    for (const more of [nothing, withoutStorage]) {
      const read = changed((file) => {
        more(file);
        file.ledger = LEDGER;
      }, KEY);
      expect(valid(read).ledger).toEqual({ ...LEDGER, keyFile: KEY.FIREBREAK_LEDGER_KEY_FILE });
      expect(valid(read).company.ledger).toBe(true);
    }
  });

  it('is somewhere: in a folder where there is no cold storage', () => {
    expect(problemsOf(changed(withoutStorage))).toEqual([
      'ledger: a folder is needed where there is no coldStorage',
    ]);
    expect(problemsOf(changed(withoutStorage, KEY))).toHaveLength(1);
  });

  it.each([undefined, ''])('has a key: FIREBREAK_LEDGER_KEY_FILE is not %j', (keyFile) => {
    const read = changed((file) => (file.ledger = LEDGER), { FIREBREAK_LEDGER_KEY_FILE: keyFile });
    expect(problemsOf(read)).toEqual([
      'environment: FIREBREAK_LEDGER_KEY_FILE: missing: the key that signs the ledger (docs/ledger.md)',
    ]);
  });

  it('needs no key file in cold storage, and none is taken from the environment', () => {
    expect(valid(example(KEY))).not.toHaveProperty('ledger');
  });

  it.each<[string, unknown, RegExp]>([
    ['without a folder', {}, /^ledger\.folder: /],
    ['in a folder without a name', { folder: '' }, /^ledger\.folder: /],
    ['with its key in the file', { ...LEDGER, key: 'canary' }, /^ledger: .*"key"/],
    ['a path alone', '/var/lib/firebreak/ledger', /^ledger: /],
  ])('is not %s', (_, ledger, problem) => {
    const read = changed((file) => (file.ledger = ledger), KEY);
    expect(problemsOf(read)).toEqual([expect.stringMatching(problem)]);
    expect(JSON.stringify(read)).not.toContain('canary');
  });
});

describe('the keyring', () => {
  const MISSING =
    'environment: FIREBREAK_KEYRING_FILE: missing: the keys that payloads are sealed with; make them with "firebreak keyring new FILE"';
  const fileOf = (text: string) => written(text);
  const withFile = (path: string, text?: string) =>
    example({ FIREBREAK_KEYRING: text, FIREBREAK_KEYRING_FILE: path });

  it('is in a file, or in the environment; the file counts', () => {
    const path = fileOf(newKeyring('of-the-file'));
    expect(valid(withFile(path)).keyring.currentId).toBe('of-the-file');
    expect(valid(withFile(path, newKeyring('of-the-text'))).keyring.currentId).toBe('of-the-file');
    expect(valid(example({ FIREBREAK_KEYRING: newKeyring('of-the-text') })).keyring.ids).toEqual([
      'of-the-text',
    ]);
  });

  it.each([
    [undefined, undefined],
    ['', ''],
  ])('is missing where both are %j', (text, path) => {
    const env = { FIREBREAK_KEYRING: text, FIREBREAK_KEYRING_FILE: path };
    expect(problemsOf(example(env))).toEqual([MISSING]);
  });

  it('may name a key of a key service, which is not asked before it is needed', () => {
    const arn = 'arn:aws:kms:eu-central-1:210987654321:key/12345678-1234-1234-1234-123456789012';
    const read = example({ FIREBREAK_KEYRING: newKeyring('kms', arn) });
    expect(valid(read).keyring.ids).toEqual(['kms']);
  });

  it('is told where its file can not be read', () => {
    for (const path of [join(folder, 'nowhere.yaml'), folder])
      expect(withFile(path)).toEqual({ ok: false, problems: [`environment: ${path}: can't be read`] });
  });

  it('has every one of its problems listed, together with those of the rest', () => {
    const path = fileOf(
      'ring: canary-ring\ncurrent: test\nkeys: { test: {}, more: { secret: canary-key } }\n',
    );
    const read = changed((file) => (file.authority = 'whatever'), {
      FIREBREAK_KEYRING_FILE: path,
      SLACK_BOT_TOKEN: undefined,
    });
    const problems = problemsOf(read);
    expect(problems).toHaveLength(5);
    expect(problems).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^authority: /),
        expect.stringMatching(/^environment: SLACK_BOT_TOKEN: missing/),
        expect.stringMatching(/^ring: a secret is needed: 32 random bytes in base64/),
        expect.stringMatching(/^keys\.test: either secret or kms is needed/),
        expect.stringMatching(/^keys\.more\.secret: a secret is needed/),
      ]),
    );
    expect(JSON.stringify(read)).not.toContain('canary');
  });

  it.each<[string, (ring: string) => string]>([
    ['no YAML', (ring) => `${ring}: [`],
    ['a list', () => '- canary\n'],
    ['a text', () => 'canary\n'],
    ['another file', () => readFileSync(EXAMPLE, 'utf8')],
    ['one with a field too many', (ring) => `${ring}secret: canary\n`],
    ['one whose current key is not in it', (ring) => ring.replace('current: canary', 'current: another')],
    ['one with a secret where its id is', (ring) => ring.replace(/ {2}canary:/, '  "canary/+=":')],
    ['a very long one', (ring) => `${ring}${'#'.repeat(300_000)}`],
    [
      'one that refers to itself too often',
      () => `a: &a [x]\nb: [${'*a,'.repeat(200)}]\nc: &c [${'*a,'.repeat(200)}]\nd: [${'*c,'.repeat(200)}]\n`,
    ],
  ])('is not %s, and nothing of it is quoted', (_, change) => {
    const ring = newKeyring('canary');
    const text = change(ring);
    expect(text).not.toBe(ring);
    const secrets = ring.match(/[A-Za-z0-9+/]{43}=/g) ?? [];
    expect(secrets).toHaveLength(2);
    for (const read of [withFile(fileOf(text)), example({ FIREBREAK_KEYRING: text })]) {
      expect(problemsOf(read).length).toBeGreaterThan(0);
      for (const word of ['canary', ...secrets]) expect(JSON.stringify(read)).not.toContain(word);
    }
  });
});

describe('practice', () => {
  const practising = (practice: unknown) => changed((file) => (file['practice'] = practice));

  it('may be left out', () => {
    expect(valid(changed((file) => delete file['practice']))).not.toHaveProperty('practice');
    expect(valid(practising({ every: '1 minute', lasts: '7 days' })).practice).toEqual({
      everyMs: 60_000,
      lastsMs: 604_800_000,
    });
  });

  it.each<[string, unknown, RegExp]>([
    ['without both of its times', { every: '1 day' }, /^practice\.lasts: /],
    ['all the time', { every: '59 seconds', lasts: '2 hours' }, /^practice\.every: 1 minute to 31 days/],
    ['once a year', { every: '365 days', lasts: '2 hours' }, /^practice\.every: 1 minute to 31 days/],
    ['for ever', { every: '1 day', lasts: '8 days' }, /^practice\.lasts: 1 minute to 7 days/],
    ['at a time that it names', { every: '1 day', lasts: '2 hours', at: '3' }, /^practice: .*"at"/],
  ])('is not %s', (_, practice, problem) => {
    expect(problemsOf(practising(practice))).toEqual([expect.stringMatching(problem)]);
  });
});
