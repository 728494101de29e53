/** The command line where nobody answers: no server, or no worker. Beside cli.test.ts, since it waits a lot. */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { stringify } from 'yaml';
import type { AuthorityDocument } from '../../client/cli/people';
import { newKeyring } from '../../codec/keyring';
import { whoDecides } from '../../domain/authority';
import { DECISION_NAMES } from '../../domain/decisions';
import { ROLES } from '../../domain/roles';
import { startTemporal, startWorker, type Running, type TemporalServer } from '../../drill/processes';
import {
  declare,
  entries,
  file,
  finding,
  firebreak,
  firebreakProcess,
  FOLDER,
  json,
  keyringFile,
  ownKeyFile,
  problemsOf,
  ROOT,
  until,
} from '../support/cli';
import { quietExample } from '../support/example';
import { keyOf } from '../support/keys';
import { someOf } from '../support/thorough';

const IC = 'ic@example.com';
const NOBODY_THERE = '127.0.0.1:1';
/** What a process on the incident commander's machine has. */
let machine: Record<string, string>;

beforeAll(() => {
  for (const name of [
    'FIREBREAK_AS',
    'FIREBREAK_UI_URL',
    'FIREBREAK_KEY',
    'SSH_AUTH_SOCK',
    'FIREBREAK_KEYRING',
  ])
    delete process.env[name];
  machine = { FIREBREAK_KEYRING_FILE: keyringFile(), FIREBREAK_KEY: ownKeyFile(IC) };
  process.env['FIREBREAK_KEYRING_FILE'] = machine['FIREBREAK_KEYRING_FILE'];
});

type Process = ReturnType<typeof firebreakProcess>;

describe('without a server', () => {
  const silent: Server = createServer(() => undefined);
  // They wait in vain while the other tests run.
  let unreachable: Promise<[Awaited<Process>, Awaited<Process>]>;
  let unanswered: Process;

  beforeAll(async () => {
    process.env['TEMPORAL_ADDRESS'] = NOBODY_THERE;
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', () => resolve()));
    const { port } = silent.address() as AddressInfo;
    unreachable = Promise.all([
      firebreakProcess(['status', 'sapphire-unicorn'], { ...machine, TEMPORAL_ADDRESS: NOBODY_THERE }),
      firebreakProcess(['declare', '--summary', 'x', '--as', IC, '--json'], {
        ...machine,
        TEMPORAL_ADDRESS: NOBODY_THERE,
      }),
    ]);
    unanswered = firebreakProcess(['list'], { ...machine, TEMPORAL_ADDRESS: `127.0.0.1:${port}` });
  });

  afterAll(() => void silent.close());

  it('shows what it can do, and ends with 0', async () => {
    const ran = await firebreak('--help');
    expect(ran.status).toBe(0);
    for (const name of ['declare', 'status', 'timeline', 'list', 'complete', 'fail', 'retry', 'not-needed'])
      expect(ran.out).toContain(`  ${name} `);
    for (const name of ['assign', 'record', 'withdraw', 'determine', 'approve', 'refuse', 'withhold'])
      expect(ran.out).toContain(`  ${name} `);
    for (const name of ['break-glass', 'scope', 'stop', 'statement', 'close', 'contain', 'release'])
      expect(ran.out).toContain(`  ${name} `);
    for (const name of ['give-up', 'evidence', 'hand-over', 'lock-for-good', 'rotated', 'verify'])
      expect(ran.out).toContain(`  ${name} `);
    for (const name of ['acknowledge', 'start', 'roles', 'role', 'hand-over-command', 'accept-command'])
      expect(ran.out).toContain(`  ${name} `);
    for (const name of ['exclude', 'readmit', 'who', 'move-room', 'pace'])
      expect(ran.out).toContain(`  ${name} `);
    for (const name of ['confirm', 'renew-keys', 'keys', 'keyring', 'token', 'audit'])
      expect(ran.out).toContain(`  ${name} `);
  });

  it.each([
    ['keys', ['enrol', 'list', 'remove']],
    ['keyring', ['new', 'rotate', 'show']],
    ['role', ['give', 'take']],
  ])('shows the commands of "%s"', async (group, names) => {
    const ran = await firebreak(group, '--help');
    expect(ran.status).toBe(0);
    for (const name of names) expect(ran.out).toContain(`  ${name} `);
  });

  it('shows how one command is used', async () => {
    for (const ran of [await firebreak('record', '--help'), await firebreak('help', 'record')]) {
      expect(ran.status).toBe(0);
      expect(ran.out).toMatch(/Usage: firebreak record .*<codename> <finding>/);
      expect(ran.out).toContain('--grounds <text>');
    }
  });

  it('shows what it can do where nothing is asked, and ends with 2', async () => {
    const ran = await firebreak();
    expect(ran.status).toBe(2);
    expect(ran.all).toContain('Usage: firebreak');
  });

  it.each<[string, string[], RegExp]>([
    ['an unknown command', ['destroy'], /unknown command 'destroy'/],
    ['a command with a typing mistake', ['declre'], /declre.*Did you mean declare\?/],
    ['an unknown option', ['list', '--verbose'], /unknown option '--verbose'/],
    ['an option without its value', ['declare', '--summary'], /--summary <text>' argument missing/],
    ['a text that is not quoted', ['declare', '--summary', 'odd', 'logins'], /"logins".*quotes/],
  ])('tells of %s, and ends with 2', async (_, args, message) => {
    const ran = await firebreak(...args);
    expect(ran).toMatchObject({ status: 2, out: '' });
    expect(ran.err).toMatch(message);
    expect(ran.err).toMatch(/--help" for how it is used/);
    const [name = '', ...rest] = args;
    const document = await firebreak(name, '--json', ...rest);
    expect(document.status).toBe(2);
    expect(problemsOf(document).join('\n')).toMatch(message);
  });

  it('tells of every argument that is missing, and of every option that it does not know', async () => {
    expect(problemsOf(await firebreak('scope', '--json'))).toEqual([
      'CODENAME: missing',
      'ADD: missing',
      'KIND: missing',
      'ID: missing',
    ]);
    expect(problemsOf(await firebreak('list', '--verbose', '--colour=no', '--json'))).toEqual([
      "unknown option '--verbose'",
      "unknown option '--colour'",
    ]);
  });

  it('lists five problems of a declaration at once', async () => {
    const args = ['declare', '--as', 'somebody', '--instance', 'web-1', '--instance', 'i-12'];
    const ran = await firebreak(...args, '--finding', file('not-json.json', '{'));
    expect(ran).toMatchObject({ status: 2, out: '' });
    const lines = ran.err.trim().split('\n');
    expect(lines[0]).toBe('firebreak: 5 problems:');
    expect(lines).toHaveLength(6);
    for (const part of [
      '--summary TEXT',
      '--as EMAIL',
      'not-json.json',
      '--instance "web-1"',
      '--instance "i-12"',
    ])
      expect(ran.err).toContain(part);
  });

  it('says who acts is missing, and that the environment may say it', async () => {
    const ran = await firebreak('close', 'sapphire-unicorn');
    expect(ran).toMatchObject({ status: 2, err: 'firebreak: --as EMAIL (or FIREBREAK_AS): missing\n' });
  });

  it.each<[string, string[], string[]]>([
    [
      'complete',
      ['complete', 'a-b', 'nonsense', '99.9'],
      ['no task or step "nonsense"', 'no task or step "99.9"', '--as'],
    ],
    ['fail', ['fail', 'a-b', '4.2', '--as', IC], ['--cause TEXT: missing']],
    ['not-needed', ['not-needed', 'a-b', '4.2', '--as', IC], ['--reason TEXT: missing']],
    [
      'assign',
      ['assign', 'a-b', '4.2', '--as', IC, '--to', 'bob'],
      ['--to EMAIL: an e-mail address is needed'],
    ],
    [
      'assign to two people, within no time',
      ['assign', 'a-b', '4.2', 'a@example.com', '--to', 'b@example.com', '--within', '30', '--as', IC],
      [
        '"a@example.com" and --to "b@example.com": name one person',
        '--within "30": a time of at most a week',
      ],
    ],
    ['assign to nobody', ['assign', 'a-b', '99.9', '--as', IC], ['no task "99.9"', '--to EMAIL: missing']],
    ['start', ['start', 'a-b', 'nonsense'], ['no task "nonsense"', '--as EMAIL']],
    ['acknowledge', ['acknowledge', 'a-b'], ['--as EMAIL']],
    [
      'role give',
      ['role', 'give', 'a-b', 'bob', 'captain', '--as', IC],
      ['no role "captain"; there are: incidentCommander', 'PERSON: an e-mail address is needed'],
    ],
    [
      'role take',
      ['role', 'take', 'a-b', 'web@example.com', 'scribe', '--as', IC],
      ['--reason TEXT: missing'],
    ],
    [
      'hand-over-command',
      ['hand-over-command', 'a-b', 'bob', '--as', IC],
      ['PERSON: an e-mail address is needed'],
    ],
    [
      'exclude',
      ['exclude', 'a-b', 'bob', '--as', IC],
      ['PERSON: an e-mail address is needed', '--reason TEXT: missing'],
    ],
    ['readmit', ['readmit', 'a-b', 'web@example.com'], ['--as EMAIL', '--reason TEXT: missing']],
    [
      'move-room',
      ['move-room', 'a-b', '--room', 'War Room 1', '--as', IC],
      ['--room CODENAME: two words are needed', '--reason TEXT: missing'],
    ],
    ['who --again', ['who', 'a-b', '--again'], ['--as EMAIL']],
    [
      'pace',
      ['pace', 'a-b', '--reminders', '0', '--status', '8d', '--acknowledge', 'off', '--as', IC],
      [
        '--reminders "0": a time of at most a week is needed, such as 30m or 2h; or off',
        '--status "8d": a time',
        '--acknowledge "off": a time of at most a week is needed, such as 30m or 2h',
      ],
    ],
    [
      'pace of nothing',
      ['pace', 'a-b', '--as', IC],
      ['--reminders, --status or --acknowledge TIME: say what changes'],
    ],
    [
      'record',
      ['record', 'a-b', 'hunch', '--as', IC],
      ['no finding "hunch"; there are: systemsSecured', '--grounds TEXT: missing'],
    ],
    [
      'record without its value',
      ['record', 'a-b', 'attackSource', '--as', IC, '--grounds', 'x'],
      ['attackSource=external or attackSource=internal'],
    ],
    ['withdraw', ['withdraw', 'a-b', 'hunch', '--as', IC], ['no finding "hunch"', '--reason TEXT: missing']],
    [
      'determine',
      ['determine', 'a-b', 'perhaps', '--as', IC],
      ['respond or stand-down', '--reason TEXT: missing'],
    ],
    ['withhold', ['withhold', 'a-b', '15', '--as', IC], ['no step "15"', '--reason TEXT: missing']],
    ['break-glass', ['break-glass', 'a-b', 'contact:fbi', '--as', IC], ['--reason TEXT: missing']],
    [
      'scope',
      ['scope', 'a-b', 'remove', 'planet', 'x', '--as', IC],
      ['can only be widened', 'KIND (instance, identity'],
    ],
    [
      'stop',
      ['stop', 'a-b', 'web-1', '--as', IC],
      ['"web-1" is not an instance id', '--reason TEXT: missing'],
    ],
    [
      'contain without --dry-run, as containment belongs to an incident',
      ['contain', '--instance', 'i-0abc1234def567890'],
      ['firebreak declare, or scope CODENAME add; or add --dry-run'],
    ],
    [
      'contain --dry-run',
      ['contain', '--dry-run', '--instance', 'web-1', '--address', 'attacker'],
      ['"web-1" is not an instance id', '"attacker" is not an IP address'],
    ],
    ['contain --dry-run of nothing', ['contain', '--dry-run'], ['--instance ID: say which']],
    [
      'release',
      ['release', 'a-b', 'web-1', '--as', IC],
      ['"web-1" is not an instance id', '--reason TEXT: missing'],
    ],
    [
      'hand-over',
      ['hand-over', 'a-b', 'snap-1', '--as', IC],
      ['--to EMAIL: missing', '--reason TEXT: missing'],
    ],
    [
      'lock-for-good',
      ['lock-for-good', 'a-b', '--as', IC],
      ['--confirm WORDS: missing', '--reason TEXT: missing'],
    ],
    ['rotated', ['rotated', 'a-b', 'deploy-bot', 'github'], ['--as EMAIL']],
    ['confirm', ['confirm', 'a-b', 'x'.repeat(257)], ['--as EMAIL', 'request: at most 256 characters']],
    ['renew-keys', ['renew-keys', 'a-b', '--as', IC], ['--reason TEXT: missing']],
    ['token', ['token', '--hours', '13'], ['--as EMAIL', '--hours: more than 0, at most 12']],
    ['audit', ['audit', 'a-b'], ['--ledger FOLDER: name the incident']],
  ])('lists all that is wrong with "%s" without asking a server', async (_, args, parts) => {
    const ran = await firebreak(...args, '--json');
    expect(ran.status).toBe(2);
    const problems = problemsOf(ran);
    expect(problems).toHaveLength(parts.length);
    for (const [index, part] of parts.entries()) expect(problems[index]).toContain(part);
  });

  it('shows who may decide what, and the roles, without asking a server', async () => {
    const ran = await firebreak('roles');
    expect(ran).toMatchObject({ status: 0, err: '' });
    expect(ran.out).toMatch(/determine +│ the incident commander /);
    expect(ran.out).toContain('      forensicsLead: Forensics lead');
    const { decisions, roles } = json(await firebreak('roles', '--json')) as AuthorityDocument;
    expect(decisions).toEqual(DECISION_NAMES.map((decision) => ({ decision, who: whoDecides(decision) })));
    expect(roles).toEqual(ROLES);
  });

  it('signs before it asks a server: without a key nothing is sent', async () => {
    const ran = await firebreakProcess(['close', 'sapphire-unicorn', '--as', IC], {
      ...machine,
      FIREBREAK_KEY: '',
      HOME: join(FOLDER, 'nobody'),
      TEMPORAL_ADDRESS: NOBODY_THERE,
    });
    expect(ran).toMatchObject({ status: 2, out: '' });
    expect(ran.err).toContain("id_ed25519: can't be read");
    expect(ran.err).toContain('SSH_AUTH_SOCK: not set');
    expect(ran.err).toMatch(/No SSH key to sign with: .*FIREBREAK_KEY.*"ssh-keygen -t ed25519"/);
  });

  describe('without a keyring that can be used', () => {
    const secrets = newKeyring('canary').match(/[A-Za-z0-9+/]{43}=/g) ?? [];
    it.each(
      someOf<[string, () => Record<string, string>, number, RegExp]>(
        [
          ['none', () => ({}), 2, /^firebreak: FIREBREAK_KEYRING_FILE: name the file .*docs\/keys\.md/],
          [
            'an empty setting',
            () => ({ FIREBREAK_KEYRING_FILE: '', FIREBREAK_KEYRING: '' }),
            2,
            /: name the file/,
          ],
          [
            'a file that is not there',
            () => ({ FIREBREAK_KEYRING_FILE: join(FOLDER, 'nowhere.yaml') }),
            4,
            /nowhere\.yaml: can't be read; name a file that holds the keyring/,
          ],
          [
            'a file with something else in it',
            () => ({
              FIREBREAK_KEYRING_FILE: file(
                'no-ring.yaml',
                `ring: ${secrets[0]}canary\nkeys: ${secrets[1]}\n`,
              ),
            }),
            2,
            /no-ring\.yaml: ring: a secret is needed/,
          ],
          [
            'a text that was cut',
            () => ({ FIREBREAK_KEYRING: newKeyring('canary').slice(0, -20) }),
            2,
            /FIREBREAK_KEYRING: /,
          ],
        ],
        3,
      ),
    )('says what to do, and quotes no secret: %s', async (_, env, status, message) => {
      for (const args of [
        ['list'],
        ['status', 'sapphire-unicorn'],
        ['declare', '--summary', 'x', '--as', IC],
      ]) {
        const ran = await firebreakProcess(args, {
          TEMPORAL_ADDRESS: NOBODY_THERE,
          FIREBREAK_KEY: machine['FIREBREAK_KEY'] ?? '',
          ...env(),
        });
        expect(ran).toMatchObject({ status, out: '' });
        expect(ran.err).toMatch(message);
        for (const word of ['canary', ...secrets]) expect(ran.err).not.toContain(word);
      }
    });
  });

  it.each(['internal-com', 'internalcommunicate', 'overview'])('suggests a name for "%s"', async (name) => {
    const ran = await firebreak('complete', 'sapphire-unicorn', name, '--as', IC);
    expect(ran.status).toBe(2);
    expect(ran.err).toMatch(/did you mean (internalCommunication|overviewTimeline)/);
  });

  it.each<[string, () => string, RegExp]>([
    ['malformed', () => file('malformed.json', '{"detail": '), /not JSON/],
    ['empty', () => file('empty.json', ''), /empty/],
    ['huge', () => file('huge.json', 'x'.repeat(2_000_000)), /larger than 1 MiB/],
    ['something else', () => file('package.json', '{"name": "x"}'), /not a GuardDuty finding/],
  ])('refuses a finding file that is %s, and ends with 2', async (_, path, message) => {
    const ran = await firebreak('declare', '--summary', 'x', '--as', IC, '--finding', path());
    expect(ran).toMatchObject({ status: 2, out: '' });
    expect(ran.err).toMatch(message);
  });

  it.each<[string, () => string]>([
    ['missing', () => join(FOLDER, 'nowhere.json')],
    [
      'a folder',
      () => {
        mkdirSync(join(FOLDER, 'a-folder'), { recursive: true });
        return join(FOLDER, 'a-folder');
      },
    ],
  ])('can not reach a finding file that is %s, and ends with 4', async (_, path) => {
    const ran = await firebreak('declare', '--summary', 'x', '--as', IC, '--finding', path(), '--json');
    expect(ran.status).toBe(4);
    expect(problemsOf(ran)).toEqual([`${path()}: can't be read; name a file that holds the finding`]);
    // A text that can't be read is no statement, whatever the reason.
    const statement = await firebreak('statement', 'submit', 'sapphire-unicorn', path(), '--as', IC);
    expect(statement.status).toBe(2);
  });

  it('says once, and soon, that Temporal is not there, and ends with 4', async () => {
    const [plain, document] = await unreachable;
    const message = `Temporal can't be reached at ${NOBODY_THERE}. Start it, or set TEMPORAL_ADDRESS.`;
    expect(plain).toMatchObject({ status: 4, out: '', err: `firebreak: ${message}\n` });
    expect(document.status).toBe(4);
    expect(problemsOf(document)).toEqual([message]);
    // Alone, a process takes 5.6 s; here three wait at once, on a machine that is busy with tests.
    expect(Math.min(plain.ms, document.ms)).toBeLessThan(9_500);
  });

  it('does not wait for a server that takes the connection and never speaks', async () => {
    const ran = await unanswered;
    expect(ran.status).toBe(4);
    expect(ran.err).toContain("can't be reached");
    expect(ran.ms).toBeLessThan(12_000);
  });

  it('says what is wrong with the settings for Temporal', async () => {
    const [profile, certificate] = await Promise.all([
      firebreakProcess(['list'], { ...machine, TEMPORAL_PROFILE: 'nowhere' }),
      firebreakProcess(['list'], {
        ...machine,
        TEMPORAL_TLS: 'true',
        TEMPORAL_TLS_CLIENT_CERT_PATH: '/nowhere.pem',
      }),
    ]);
    expect(profile).toMatchObject({ status: 4, out: '' });
    expect(profile.err).toMatch(/'nowhere'.*TEMPORAL_PROFILE/);
    expect(certificate.status).toBe(4);
    expect(certificate.err).toMatch(/\/nowhere\.pem.*TEMPORAL_TLS_/);
  });

  it('shows no stack where its reader has left, or the disk is full', () => {
    const run = (to: string) => spawnSync('sh', ['-c', `node bin/firebreak.mjs --help ${to}`], { cwd: ROOT });
    const left = run('| true');
    expect(left.stderr.toString()).toBe('');
    const full = run('> /dev/full');
    expect(full.status).toBe(4);
    expect(full.stderr.toString()).not.toMatch(/^\s+at /m);
  });
});

/** The example, with the incident commander's key in it, and nothing that begins by itself. */
function configuration(): string {
  const example = quietExample();
  const roster = example.roster.map((person) =>
    person.email === IC ? { ...person, keys: [keyOf(IC).publicKey] } : person,
  );
  return file('firebreak.yaml', stringify({ ...example, roster }));
}

describe('with a server and no worker', () => {
  let temporal: TemporalServer;
  let worker: Running | undefined;
  let env: Record<string, string>;

  beforeAll(async () => {
    const own = join(FOLDER, 'no-worker');
    mkdirSync(own);
    temporal = await startTemporal({ root: ROOT, folder: own });
    env = { ...machine, TEMPORAL_ADDRESS: temporal.address };
    process.env['TEMPORAL_ADDRESS'] = temporal.address;
  }, 60_000);

  afterAll(async () => {
    await worker?.stop();
    await temporal.stop();
  }, 30_000);

  it('says that no incident is open', async () => {
    const ran = await firebreak('list');
    expect(ran).toMatchObject({ status: 0, out: 'No incident is open.\n' });
    expect(json(await firebreak('list', '--json'))).toEqual([]);
  });

  it('says that there is no such namespace', async () => {
    const ran = await firebreakProcess(['list'], { ...env, TEMPORAL_NAMESPACE: 'nowhere' });
    expect(ran).toMatchObject({
      status: 4,
      err: 'firebreak: Temporal has no namespace nowhere. Set TEMPORAL_NAMESPACE.\n',
    });
  });

  it('declares and says loudly that nobody is paged; leaves a decision behind, which a worker takes once', async () => {
    const path = finding();
    const [loud, declared, again] = await Promise.all([
      firebreakProcess(['declare', '--summary', 'x', '--as', IC], {
        ...env,
        FIREBREAK_CONFIG: configuration(),
      }),
      declare('--finding', path),
      declare('--finding', path),
    ]);
    expect(loud.status).toBe(0);
    expect(loud.out).toMatch(
      /^Declared [a-z]+-[a-z]+\.\nNOBODY HAS BEEN PAGED YET: no worker .*Call the incident commander yourself/,
    );
    // Nobody answers who knows whom to call: the numbers are those of the file on this machine.
    expect(loud.out).toMatch(/^ {4}ic@example\.com \(incident commander\): \+1 555 0101$/m);
    expect(loud.ms).toBeLessThan(12_000);
    expect(declared.codename).toBe(again.codename);
    expect([declared.adopted, again.adopted].sort()).toEqual([false, true]);
    expect(declared.paged).toBe(false);
    const { codename } = declared;

    // Each asks in vain for ten seconds, all at the same time.
    const connection = await Connection.connect({ address: temporal.address });
    const foreign = await new Client({ connection }).workflow.start('somethingElse', {
      workflowId: 'plain-workflow',
      taskQueue: 'of-somebody-else',
    });
    const [decided, status, timeline, list, elsewhere] = await Promise.all([
      firebreakProcess(['determine', codename, 'respond', '--reason', 'real', '--as', IC], env),
      firebreakProcess(['status', codename], env),
      firebreakProcess(['timeline', codename, '--json'], env),
      firebreakProcess(['list'], env),
      firebreakProcess(['determine', 'plain-workflow', 'respond', '--reason', 'real', '--as', IC], env),
    ]);
    const signals = (await foreign.fetchHistory()).events?.filter(
      (event) => event.workflowExecutionSignaledEventAttributes,
    );
    await connection.close();
    expect(elsewhere).toMatchObject({
      status: 2,
      err: "firebreak: plain-workflow is no incident of Firebreak's\n",
    });
    expect(signals).toEqual([]);
    expect(decided).toMatchObject({ status: 4, out: '' });
    expect(decided.err).toMatch(/No worker answers\. The decision has been left .* will be taken, once/);
    expect(status).toMatchObject({ status: 4, out: '' });
    expect(status.err).toMatch(/^firebreak: No worker answers\. Start one/);
    expect(timeline.status).toBe(4);
    expect(problemsOf(timeline)[0]).toContain('No worker answers');
    expect(list.status).toBe(0);
    expect(list.out).toMatch(new RegExp(`${codename} .*no worker answers`));
    for (const { ms } of [decided, status, timeline, list]) expect(ms).toBeLessThan(30_000);

    worker = await startWorker({
      root: ROOT,
      folder: join(FOLDER, 'no-worker'),
      env: {
        ...env,
        FIREBREAK_CONFIG: configuration(),
        PAGERDUTY_TOKEN: 'x',
        SLACK_BOT_TOKEN: 'x',
        FIREBREAK_PAGERDUTY_URL: `http://${NOBODY_THERE}`,
        FIREBREAK_SLACK_URL: `http://${NOBODY_THERE}`,
        AWS_ENDPOINT_URL: `http://${NOBODY_THERE}`,
      },
    });
    await until(
      () => firebreak('status', codename, '--json'),
      ({ status: done, out }) => done === 0 && out.includes('"responding"'),
    );
    // Left twice, as an update that nobody waits for any more and as a signal: it is taken once, whichever comes first.
    const determined = (await entries(codename)).filter((entry) => entry.decision === 'determine');
    const taken = determined.filter(({ kind }) => kind === 'decision');
    expect(taken).toMatchObject([{ by: IC, proof: { key: keyOf(IC).publicKey } }]);
    const others = determined.filter((entry) => !taken.includes(entry));
    expect(others.length).toBeLessThanOrEqual(1);
    for (const { kind, reasons } of others)
      expect({ kind, reasons }).toMatchObject({ kind: 'refusal', reasons: [{ gate: 'isNew' }] });
  }, 70_000);

  it('says that paging fails, that the declarer has to call, and which numbers', async () => {
    const { paged, page, call } = await declare();
    expect(paged).toBe(false);
    expect(page).toMatch(
      /^(PAGING FAILED|NOBODY HAS BEEN PAGED YET): .*Call the incident commander yourself/,
    );
    expect(call).toContainEqual({ email: IC, as: 'incident commander', phone: '+1 555 0101' });
    expect(call).toContainEqual({ email: 'deputy@example.com', as: 'deputy', phone: '+1 555 0103' });
    const ran = await firebreak('declare', '--summary', 'x', '--as', IC);
    expect(ran.status).toBe(0);
    expect(ran.out).toMatch(/^ {4}ic@example\.com \(incident commander\): \+1 555 0101$/m);
    expect(ran.out).toMatch(/it is being retried/);
    const [, named = ''] = /^Declared ([a-z]+-[a-z]+)\.$/m.exec(ran.out) ?? [];
    const failing = await until(
      () => firebreak('status', named),
      ({ out }) => out.includes('THE PAGE FAILS'),
    );
    expect(failing.out).toMatch(/^ {4}deputy@example\.com \(deputy\): \+1 555 0103$/m);
  }, 30_000);
});
