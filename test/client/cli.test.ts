/**
 * The command line against Temporal's own server, the stand-ins and a worker. Long, since it is the contract with everybody
 * who types: exit status, one JSON document, every problem at once, no stack.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Entry } from '../../domain/entries';
import type { ChecklistView, TaskView } from '../../domain/view';
import { startTemporal, startWorker, type Running, type TemporalServer } from '../../drill/processes';
import { readScenario } from '../../drill/scenario';
import { setStage, type Stage } from '../../drill/stage';
import { firebreak, firebreakProcess, json, ROOT, until, type Ran } from '../support/cli';

const IC = 'ic@example.com';
const SECURITY = 'security@example.com';
const FORENSICS = 'forensics@example.com';
const COUNSEL = 'counsel@example.com';
const MARKETING = 'marketing@example.com';
const ENGINEERING = 'vp-engineering@example.com';
const WEB = 'web@example.com';

/** AWS knows no such instance. */
const UNKNOWN_INSTANCE = 'i-0123456789abcdef0';
const NOBODY_THERE = '127.0.0.1:1';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'firebreak-cli-'));
  delete process.env['FIREBREAK_AS'];
  delete process.env['FIREBREAK_UI_URL'];
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

let findings = 0;
/** A GuardDuty finding that no other test has. */
function finding(more: Record<string, unknown> = {}): string {
  findings += 1;
  return file(
    `finding-${findings}.json`,
    JSON.stringify({
      schemaVersion: '2.0',
      accountId: '123456789012',
      region: 'us-east-1',
      id: `f0c1d2e3a4b5968778695a4b3c2d1e${String(findings).padStart(2, '0')}`,
      type: 'UnauthorizedAccess:EC2/SSHBruteForce',
      title: 'Somebody tries passwords',
      severity: 8,
      resource: { resourceType: 'Instance', instanceDetails: { instanceId: UNKNOWN_INSTANCE } },
      service: { serviceName: 'guardduty' },
      ...more,
    }),
  );
}

interface DeclaredDocument {
  codename: string;
  adopted: boolean;
  paged: boolean;
  page: string;
  notes: string[];
  follow: { status: string; ui?: string };
}

async function declare(...more: string[]): Promise<DeclaredDocument> {
  const ran = await firebreak('declare', '--summary', 'odd logins', '--as', IC, ...more, '--json');
  expect(ran).toMatchObject({ status: 0, err: '' });
  return json(ran) as DeclaredDocument;
}

const view = async (codename: string) => json(await firebreak('status', codename, '--json')) as ChecklistView;
const entries = async (codename: string) => json(await firebreak('timeline', codename, '--json')) as Entry[];
const problemsOf = (ran: Ran) => (json(ran) as { error: string[] }).error;

describe('without a server', () => {
  beforeAll(() => {
    process.env['TEMPORAL_ADDRESS'] = NOBODY_THERE;
  });

  it('shows what it can do, and ends with 0', async () => {
    const ran = await firebreak('--help');
    expect(ran.status).toBe(0);
    for (const name of ['declare', 'status', 'timeline', 'list', 'complete', 'fail', 'retry', 'not-needed'])
      expect(ran.out).toContain(`  ${name} `);
    for (const name of ['assign', 'record', 'withdraw', 'determine', 'approve', 'refuse', 'withhold'])
      expect(ran.out).toContain(`  ${name} `);
    for (const name of ['break-glass', 'scope', 'stop', 'statement', 'close'])
      expect(ran.out).toContain(`  ${name} `);
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
    const document = await firebreak(...args, ...(args.at(-1) === '--summary' ? [] : []), '--json');
    expect(document.status).toBe(2);
    if (args.at(-1) !== '--summary') expect(problemsOf(document).join('\n')).toMatch(message);
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
  ])('lists all that is wrong with "%s" without asking a server', async (_, args, parts) => {
    const ran = await firebreak(...args, '--json');
    expect(ran.status).toBe(2);
    const problems = problemsOf(ran);
    expect(problems).toHaveLength(parts.length);
    for (const [index, part] of parts.entries()) expect(problems[index]).toContain(part);
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
    ['missing', () => join(folder, 'nowhere.json')],
    [
      'a folder',
      () => {
        mkdirSync(join(folder, 'a-folder'), { recursive: true });
        return join(folder, 'a-folder');
      },
    ],
  ])('can not reach a finding file that is %s, and ends with 4', async (_, path) => {
    const ran = await firebreak('declare', '--summary', 'x', '--as', IC, '--finding', path(), '--json');
    expect(ran.status).toBe(4);
    expect(problemsOf(ran)).toEqual([`${path()}: can't be read; name a file that holds the finding`]);
    const statement = await firebreak('statement', 'sapphire-unicorn', path(), '--as', IC);
    expect(statement.status).toBe(4);
  });

  it('says once within six seconds that Temporal is not there, and ends with 4', async () => {
    const env = { TEMPORAL_ADDRESS: NOBODY_THERE };
    const [plain, document] = await Promise.all([
      firebreakProcess(['status', 'sapphire-unicorn'], env),
      firebreakProcess(['declare', '--summary', 'x', '--as', IC, '--json'], env),
    ]);
    const message = `Temporal can't be reached at ${NOBODY_THERE}. Start it, or set TEMPORAL_ADDRESS.`;
    expect(plain).toMatchObject({ status: 4, out: '', err: `firebreak: ${message}\n` });
    expect(document.status).toBe(4);
    expect(problemsOf(document)).toEqual([message]);
    // Two processes on a busy machine; alone, one takes 5.6 s.
    expect(Math.min(plain.ms, document.ms)).toBeLessThan(6_500);
  });

  it('does not wait for a server that takes the connection and never speaks', async () => {
    const silent: Server = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', () => resolve()));
    const { port } = silent.address() as AddressInfo;
    const ran = await firebreakProcess(['list'], { TEMPORAL_ADDRESS: `127.0.0.1:${port}` });
    silent.close();
    expect(ran.status).toBe(4);
    expect(ran.err).toContain("can't be reached");
    expect(ran.ms).toBeLessThan(9_000);
  });

  it('says what is wrong with the settings for Temporal', async () => {
    const [profile, certificate] = await Promise.all([
      firebreakProcess(['list'], { TEMPORAL_PROFILE: 'nowhere' }),
      firebreakProcess(['list'], { TEMPORAL_TLS: 'true', TEMPORAL_TLS_CLIENT_CERT_PATH: '/nowhere.pem' }),
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

describe('with a server and no worker', () => {
  let temporal: TemporalServer;
  let worker: Running | undefined;
  let env: Record<string, string>;

  beforeAll(async () => {
    const own = join(folder, 'no-worker');
    mkdirSync(own);
    temporal = await startTemporal({ root: ROOT, folder: own });
    env = { TEMPORAL_ADDRESS: temporal.address };
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

  it('declares, and says loudly that nobody has been paged yet', async () => {
    const ran = await firebreakProcess(['declare', '--summary', 'x', '--as', IC], env);
    expect(ran.status).toBe(0);
    const lines = ran.out.trim().split('\n');
    expect(lines[0]).toMatch(/^Declared [a-z]+-[a-z]+\.$/);
    expect(lines[1]).toMatch(/^NOBODY HAS BEEN PAGED YET: no worker .*Call the incident commander yourself/);
    expect(ran.ms).toBeLessThan(9_000);
  });

  it('leaves a decision behind, which is taken once as soon as a worker comes', async () => {
    const path = finding();
    const [declared, again] = await Promise.all([declare('--finding', path), declare('--finding', path)]);
    expect(declared.codename).toBe(again.codename);
    expect([declared.adopted, again.adopted].sort()).toEqual([false, true]);
    expect(declared.paged).toBe(false);
    const { codename } = declared;

    // Each asks in vain for ten seconds, all at the same time.
    const [decided, status, timeline, list] = await Promise.all([
      firebreakProcess(['determine', codename, 'respond', '--reason', 'real', '--as', IC], env),
      firebreakProcess(['status', codename], env),
      firebreakProcess(['timeline', codename, '--json'], env),
      firebreakProcess(['list'], env),
    ]);
    expect(decided).toMatchObject({ status: 4, out: '' });
    expect(decided.err).toMatch(/No worker answers\. The decision has been left .* will be taken, once/);
    expect(status).toMatchObject({ status: 4, out: '' });
    expect(status.err).toMatch(/^firebreak: No worker answers\. Start one/);
    expect(timeline.status).toBe(4);
    expect(problemsOf(timeline)[0]).toContain('No worker answers');
    expect(list.status).toBe(0);
    expect(list.out).toMatch(new RegExp(`${codename} .*no worker answers`));
    for (const { ms } of [decided, status, timeline, list]) expect(ms).toBeLessThan(18_000);

    worker = await startWorker({
      root: ROOT,
      folder: join(folder, 'no-worker'),
      env: {
        ...env,
        FIREBREAK_CONFIG: join(ROOT, 'firebreak.example.yaml'),
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
    const determined = (await entries(codename)).filter((entry) => entry.decision === 'determine');
    expect(determined).toHaveLength(1);
    expect(determined[0]).toMatchObject({ kind: 'decision', by: IC });
  }, 70_000);

  it('says that paging fails, and that the declarer has to call', async () => {
    const { paged, page } = await declare();
    expect(paged).toBe(false);
    expect(page).toMatch(
      /^(PAGING FAILED|NOBODY HAS BEEN PAGED YET): .*Call the incident commander yourself/,
    );
  });
});

describe('with everything running', () => {
  let stage: Stage;
  let codename: string;
  const spare = (index: number) => stage.spare[index]?.id ?? '';

  beforeAll(async () => {
    stage = await setStage({
      root: ROOT,
      folder: join(folder, 'stage'),
      scenario: readScenario('false-alarm'),
    });
    process.env['TEMPORAL_ADDRESS'] = stage.temporal.address;
    ({ codename } = await declare('--instance', spare(0), '--service', 'web'));
  }, 60_000);

  afterAll(() => stage.close(), 30_000);

  const task = async (named: string) =>
    json(await firebreak('status', codename, named, '--json')) as TaskView;

  describe('a declaration', () => {
    it('prints the codename, who is being woken and how to follow, as it is typed', async () => {
      const ran = await firebreakProcess(['declare', '--summary', 'odd logins', '--as', WEB], {
        TEMPORAL_ADDRESS: stage.temporal.address,
        FIREBREAK_UI_URL: 'http://127.0.0.1:8233',
      });
      expect(ran).toMatchObject({ status: 0, err: '' });
      const [, named] = /^Declared ([a-z]+-[a-z]+)\.$/m.exec(ran.out) ?? [];
      expect(ran.out.trim().split('\n')).toEqual([
        `Declared ${named}.`,
        'The incident commander is being paged.',
        `Follow it: firebreak status ${named}`,
        `           http://127.0.0.1:8233/namespaces/default/workflows/${named}`,
      ]);
    });

    it('takes who acts from the environment', async () => {
      process.env['FIREBREAK_AS'] = WEB;
      const ran = await firebreak('declare', '--summary', 'odd', '--json');
      delete process.env['FIREBREAK_AS'];
      expect((await view((json(ran) as DeclaredDocument).codename)).declaredBy).toBe(WEB);
    });

    it('is one incident, however often its finding is declared, and says so', async () => {
      const path = finding();
      const first = await declare('--finding', path);
      expect(first).toMatchObject({ adopted: false, paged: true });
      const again = await firebreak('declare', '--summary', 'again', '--as', WEB, '--finding', path);
      expect(again.status).toBe(0);
      expect(again.out).toContain(
        `${first.codename} runs already for this finding; nothing was declared twice.`,
      );
      expect((await view(first.codename)).declaredBy).toBe(IC);
    });

    it('is one incident where several declare its finding at the same moment', async () => {
      const path = finding();
      const all = await Promise.all([1, 2, 3, 4].map(() => declare('--finding', path)));
      expect(new Set(all.map((one) => one.codename)).size).toBe(1);
      expect(all.filter(({ adopted }) => !adopted)).toHaveLength(1);
    });

    it('is another incident for another finding, and for none', async () => {
      const named = await Promise.all([
        declare('--finding', finding()),
        declare('--finding', finding()),
        declare(),
        declare(),
      ]);
      expect(new Set(named.map((one) => one.codename)).size).toBe(4);
    });

    it('of a finding of another type declares without a scope, and says so', async () => {
      const path = finding({ resource: { resourceType: 'Lambda' }, type: 'Backdoor:Lambda/C&CActivity.B' });
      const { notes, codename: named } = await declare('--finding', path);
      expect(notes.join('\n')).toMatch(/"Lambda".*declared without a scope; widen it by hand/);
      expect((await view(named)).scope.instances).toEqual([]);
    });

    it('of a finding that names no instance declares, and says so', async () => {
      const path = finding({ resource: { resourceType: 'Instance' } });
      const ran = await firebreak('declare', '--summary', 'x', '--as', IC, '--finding', path);
      expect(ran.status).toBe(0);
      expect(ran.out).toMatch(/names no instance: none is contained until one is added/);
    });

    it('of an instance that AWS does not know goes on, and its containment says why it fails', async () => {
      const { codename: named, paged } = await declare('--instance', UNKNOWN_INSTANCE);
      expect(paged).toBe(true);
      expect(
        (await firebreak('approve', named, `contain:${UNKNOWN_INSTANCE}`, '--as', SECURITY)).status,
      ).toBe(0);
      const { out } = await until(
        () => firebreak('status', named),
        (ran) => ran.out.includes('failing'),
      );
      expect(out).toMatch(
        new RegExp(`! ${UNKNOWN_INSTANCE}: Capture what is there: failing, retried: AWS .*no such instance`),
      );
      const decided = await firebreak('determine', named, 'respond', '--reason', 'real', '--as', IC);
      expect(decided.status).toBe(0);
    });

    it('keeps a summary of several lines in one', async () => {
      const ran = await firebreak('declare', '--summary', ' odd\n\tlogins ', '--as', IC, '--json');
      expect((await view((json(ran) as DeclaredDocument).codename)).summary).toBe('odd logins');
    });
  });

  describe('a look', () => {
    it('shows the status of an incident', async () => {
      const ran = await firebreak('status', codename);
      expect(ran).toMatchObject({ status: 0, err: '' });
      expect(ran.out.split('\n')[0]).toBe(codename);
      expect(ran.out).toContain(`firebreak determine ${codename} respond|stand-down --reason TEXT`);
      expect(ran.out).toMatch(/11\. Internal communication: locked/);
      expect(ran.out).toMatch(new RegExp(`${spare(0)} +│ awaits approval`));
    });

    it.each(['11.2', 'overviewTimeline', 'overview-timeline'])('shows one task by "%s"', async (named) => {
      const ran = await firebreak('status', codename, named);
      expect(ran.status).toBe(0);
      expect(ran.out).toMatch(/11\.2 Overview the timeline: locked because .*forensic analysis/);
      expect(await task(named)).toMatchObject({ id: 'overviewTimeline', state: 'open' });
    });

    it.each(['11', 'internal-communication'])('shows one step by "%s"', async (named) => {
      const ran = await firebreak('status', codename, named);
      expect(ran.status).toBe(0);
      expect(ran.out).toContain('11.4 Follow up');
      expect(ran.out).not.toContain('12. ');
    });

    it('does not know a task that there is not', async () => {
      const ran = await firebreak('status', codename, '99.1');
      expect(ran).toMatchObject({ status: 2, out: '' });
      expect(ran.err).toContain('no task "99.1"; "firebreak status CODENAME --all" lists them');
    });

    it.each([
      ['status', 'amber-zebra'],
      ['timeline', 'amber-zebra'],
      ['close', 'amber-zebra', '--as', IC],
    ])('does not know an incident that there is not: %s', async (...args) => {
      const ran = await firebreak(...args, '--json');
      expect(ran.status).toBe(2);
      expect(problemsOf(ran)[0]).toMatch(/^there is no incident amber-zebra.*firebreak list$/);
    });

    it.each(['Sapphire', 'a', 'sapphire-unicorn-1', '../x', ''])(
      'takes "%s" for no codename',
      async (named) => {
        const ran = await firebreak('status', named);
        expect(ran).toMatchObject({ status: 2, out: '' });
        expect(ran.err).toContain('is not a codename; they look like sapphire-unicorn');
      },
    );

    it('lists the open incidents', async () => {
      const ran = await firebreak('list');
      expect(ran.status).toBe(0);
      expect(ran.out).toMatch(new RegExp(`${codename} +│ .* ago +│ assessing +│ \\d+/14`));
      const listed = json(await firebreak('list', '--json')) as { codename: string; phase: string }[];
      expect(listed.find((one) => one.codename === codename)).toMatchObject({ phase: 'assessing' });
    });

    it('tells what is no incident of Firebreak’s', async () => {
      const started = await stage.client.workflow.start('somethingElse', {
        workflowId: 'plain-workflow',
        taskQueue: 'incidents-of-nobody',
      });
      const ran = await firebreak(
        'determine',
        'plain-workflow',
        'respond',
        '--reason',
        'x',
        '--as',
        'x@y.z',
      ).catch((error: unknown) => error);
      await started.terminate();
      expect(ran).toMatchObject({ out: '' });
      expect([2, 4]).toContain((ran as Ran).status);
    });

    it('lets nothing that people wrote steer the terminal', async () => {
      const args = ['--reason', 'a\u001b[2Jload\u009b31m test', '--as', WEB];
      expect((await firebreak('determine', codename, 'stand-down', ...args)).status).toBe(3);
      await firebreak('fail', codename, '3.2', '--cause', 'a\u001b[2Jb', '--as', IC);
      const ran = await firebreak('status', codename, '--all');
      expect(ran.out).toContain('\\u001b[2J');
      // eslint-disable-next-line no-control-regex -- that is what must not be there
      expect(ran.out).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
    });
  });

  describe('a decision that comes too early', () => {
    it('is refused with what is missing and the sentence that asks for it, and ends with 3', async () => {
      const ran = await firebreakProcess(
        ['complete', codename, 'internal-communication', '--as', ENGINEERING],
        {
          TEMPORAL_ADDRESS: stage.temporal.address,
        },
      );
      expect(ran).toMatchObject({ status: 3, err: '' });
      expect(ran.out).toMatch(/^Refused: complete 11\.1 /);
      expect(ran.out).toContain('forensic analysis (step 10) has not been performed');
      expect(ran.out).toContain('(finding attackSource=external)');
      expect(ran.out).toContain(
        '"Communicate internally only once you are confident (via forensic analysis) that the attack was not sourced internally."',
      );
    });

    it('is in the timeline, as refused', async () => {
      const refused = await firebreak('complete', codename, '14.7', '--as', MARKETING, '--json');
      expect(refused.status).toBe(3);
      const { accepted, reasons, seq } = json(refused) as {
        accepted: boolean;
        reasons: unknown[];
        seq: number;
      };
      expect(accepted).toBe(false);
      expect(reasons.length).toBeGreaterThanOrEqual(5);
      expect((await entries(codename)).find((entry) => entry.seq === seq)).toMatchObject({
        kind: 'refusal',
        by: MARKETING,
        door: 'command line',
      });
      const plain = await firebreak('timeline', codename);
      expect(plain.out).toMatch(/REFUSED {2}marketing@example\.com tried to complete 14\.7 /);
    });
  });

  describe('a decision of somebody without the role', () => {
    it.each<[string, string[], RegExp]>([
      [
        'determines',
        ['determine', 'stand-down', '--reason', 'x', '--as', WEB],
        /for the incident commander to decide/,
      ],
      ['records', ['record', 'systemsSecured', '--grounds', 'x', '--as', MARKETING], /to decide/],
      ['approves', ['approve', 'contact:fbi', '--as', WEB], /for the incident commander to decide/],
      ['is nobody of the roster', ['close', '--as', 'stranger@example.com'], /not on the roster/],
    ])('is refused to who %s', async (_, [name = '', ...args], reason) => {
      const ran = await firebreak(name, codename, ...args);
      expect(ran.status).toBe(3);
      expect(ran.out).toMatch(/^Refused: /);
      expect(ran.out).toMatch(reason);
    });
  });

  describe('an incident that is worked on', () => {
    beforeAll(async () => {
      const ran = await firebreak('determine', codename, 'respond', '--reason', 'a shell', '--as', IC);
      expect(ran.status).toBe(0);
    });

    it.each([
      ['number', '5.1', 'findReconnaissance'],
      ['name', 'findFirstAccess', 'findFirstAccess'],
      ['name in another spelling', 'find-actions', 'findActions'],
    ])('takes the %s of a task', async (_, named, id) => {
      const ran = await firebreak('complete', codename, named, '--note', 'seen', '--as', SECURITY);
      expect(ran).toMatchObject({ status: 0, err: '' });
      expect(await task(id)).toMatchObject({ state: 'done', who: SECURITY, note: 'seen' });
    });

    it('takes a step for the tasks in it that are open', async () => {
      const ran = await firebreak('complete', codename, '5', '--as', SECURITY);
      expect(ran.status).toBe(0);
      expect(ran.out).not.toContain('5.1');
      expect(ran.out).toContain('5.6');
      expect((await view(codename)).steps.find(({ number }) => number === 5)).toMatchObject({
        state: 'done',
      });
    });

    it('records a finding without a value, and takes it back', async () => {
      const recorded = await firebreak(
        'record',
        codename,
        'systems-secured',
        '--grounds',
        'item 7',
        '--as',
        SECURITY,
      );
      expect(recorded.status).toBe(0);
      expect((await view(codename)).findings.systemsSecured).toMatchObject({
        by: SECURITY,
        grounds: 'item 7',
      });
      const withdrawn = await firebreak(
        'withdraw',
        codename,
        'systemsSecured',
        '--reason',
        'a back door',
        '--as',
        IC,
      );
      expect(withdrawn.status).toBe(0);
      expect((await view(codename)).findings.systemsSecured).toBeUndefined();
    });

    it('records a finding with a value, once forensic analysis is open', async () => {
      const record = (finding: string, by: string) =>
        firebreak('record', codename, finding, '--grounds', 'item 8', '--as', by);
      expect((await record('attackSource=external', FORENSICS)).status).toBe(3);
      await record('systemsSecured', SECURITY);
      await record('monitoringInPlace', SECURITY);
      expect((await record('attackSource=external', FORENSICS)).status).toBe(0);
      expect((await view(codename)).findings.attackSource).toMatchObject({ value: 'external' });
    });
  });

  it('prints one JSON document for every command', async () => {
    const statement = file('statement.md', '# Notice\n\nWe take security very seriously.\n');
    const as = (by: string) => ['--as', by];
    const commands: [status: number, ...string[]][] = [
      [0, 'assign', codename, '4.2', '--to', WEB, ...as(IC)],
      [0, 'fail', codename, '4.2', '--cause', 'no access', ...as(WEB)],
      [3, 'retry', codename, '9.1', ...as(IC)],
      [0, 'not-needed', codename, '8', '--reason', 'none', ...as(SECURITY)],
      [0, 'complete', codename, '7.1', ...as(SECURITY)],
      [0, 'record', codename, 'methodKnown', '--grounds', 'x', ...as(FORENSICS)],
      [0, 'withdraw', codename, 'methodKnown', '--reason', 'x', ...as(IC)],
      [3, 'determine', codename, 'respond', '--reason', 'x', ...as(WEB)],
      [0, 'refuse', codename, 'contact:fbi', '--reason', 'x', ...as(IC)],
      [3, 'approve', codename, 'contact:nobody', ...as(IC)],
      [0, 'withhold', codename, '13', '--reason', 'x', ...as(COUNSEL)],
      [0, 'break-glass', codename, 'contact:cyberInsurance', '--reason', 'x', ...as(COUNSEL)],
      [0, 'scope', codename, 'add', 'service', 'billing', ...as(IC)],
      [3, 'stop', codename, UNKNOWN_INSTANCE, '--reason', 'x', ...as(IC)],
      [3, 'statement', codename, statement, ...as(MARKETING)],
      [3, 'close', codename, ...as(IC)],
    ];
    for (const [status, ...args] of commands) {
      const ran = await firebreak(...args, '--json');
      expect({ args, status: ran.status, err: ran.err }).toEqual({ args, status, err: '' });
      expect(json(ran)).toMatchObject({ accepted: status === 0, text: expect.any(String) as string });
    }
    for (const args of [
      ['status', codename],
      ['status', codename, '4.2'],
      ['status', codename, '4'],
      ['timeline', codename],
      ['list'],
    ])
      expect(typeof json(await firebreak(...args, '--json'))).toBe('object');
  }, 60_000);

  it('walks an incident to its end, and then decides nothing more', async () => {
    const { codename: named } = await declare('--service', 'web');
    const determine = ['determine', named, 'stand-down', '--reason', 'our own load test', '--as', IC];
    expect(await firebreak(...determine)).toMatchObject({ status: 0, err: '' });
    await until(
      async () => (await stage.client.workflow.getHandle(named).describe()).status.name,
      (status) => status === 'COMPLETED',
    );
    for (const args of [determine, ['complete', named, '3.2', '--as', IC], ['close', named, '--as', IC]]) {
      const ran = await firebreak(...args);
      expect(ran).toMatchObject({ status: 3, err: '' });
      expect(ran.out).toContain('the incident has ended; nothing more can be decided in it');
    }
    expect(json(await firebreak('close', named, '--as', IC, '--json'))).toMatchObject({ accepted: false });
    // It can still be read.
    expect((await firebreak('status', named)).out).toMatch(
      /stood down .* by ic@example\.com: our own load test/,
    );
    expect((await firebreak('timeline', named)).out).toContain('our own load test');
    expect((await firebreak('list')).out).not.toContain(named);
  }, 40_000);
});
