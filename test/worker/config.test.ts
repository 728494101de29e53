import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { readConfig, type Config } from '../../worker/config';

const EXAMPLE = join(__dirname, '..', '..', 'firebreak.example.yaml');
const TOKENS = { PAGERDUTY_TOKEN: 'canary-pagerduty-token', SLACK_BOT_TOKEN: 'canary-slack-token' };

interface File {
  authority?: unknown;
  roster: { email: unknown; roles: unknown; services?: unknown }[];
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
    expect(config.company.roster).toHaveLength(14);
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
        },
        { PAGERDUTY_TOKEN: undefined },
      ),
    );
    expect(problems).toHaveLength(6);
    expect(problems).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^authority: .*approve/),
        'roster.0.email: an e-mail address is needed',
        'bridge.url: a URL is needed',
        'deadlines.joinCheck: "soon" is not a duration such as "30 seconds"',
        expect.stringMatching(/^aws\.account: /),
        'environment: PAGERDUTY_TOKEN: missing: a PagerDuty REST API key',
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
    expect(read.ok ? [] : read.problems).toHaveLength(3);
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

describe('an unknown key', () => {
  it.each<[string, (file: File) => void, RegExp]>([
    ['at the top', (file) => (file['athority'] = 'approve'), /Unrecognized key: "athority"/],
    ['of a responder', (file) => Object.assign(file.roster[1]!, { phone: '1' }), /^roster\.1: .*"phone"/],
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
