/**
 * The command line against Temporal's own server, the stand-ins and a worker. Long, since it is the contract with everybody
 * who types: exit status, one JSON document, no stack. What it says without them is in cli-alone.test.ts.
 */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '@temporalio/client';
import { sealAsked } from '../../codec/codec';
import { UNTOLD } from '../../domain/audience';
import type { ChecklistView, TaskView } from '../../domain/view';
import { readScenario } from '../../drill/scenario';
import { setStage, type Stage } from '../../drill/stage';
import { decisionSignal } from '../../workflows/incident/messages';
import {
  declare,
  endAllBut,
  entries,
  file,
  finding,
  firebreak,
  firebreakAsTyped,
  firebreakProcess,
  FOLDER,
  json,
  keyringFile,
  ownKeyFile,
  problemsOf,
  ROOT,
  signWith,
  UNKNOWN_INSTANCE,
  until,
  view,
  type DeclaredDocument,
} from '../support/cli';
import { keyOf } from '../support/keys';

const IC = 'ic@example.com';
const SECURITY = 'security@example.com';
const FORENSICS = 'forensics@example.com';
const COUNSEL = 'counsel@example.com';
const MARKETING = 'marketing@example.com';
const ENGINEERING = 'vp-engineering@example.com';
const WEB = 'web@example.com';
const STRANGER = 'stranger@example.com';

beforeAll(() => {
  for (const name of [
    'FIREBREAK_AS',
    'FIREBREAK_UI_URL',
    'FIREBREAK_KEY',
    'SSH_AUTH_SOCK',
    'FIREBREAK_KEYRING',
  ])
    delete process.env[name];
});

describe('with everything running', () => {
  let stage: Stage;
  let codename: string;
  const spare = (index: number) => stage.spare[index]?.id ?? '';
  const keyFileOf = (email: string) =>
    stage.configuration.roster.some((person) => person.email === email)
      ? stage.people.keyFile(email)
      : ownKeyFile(email);
  /** What a process on the person's own machine has. */
  const machineOf = (email: string) => ({
    TEMPORAL_ADDRESS: stage.temporal.address,
    FIREBREAK_KEYRING_FILE: stage.keyringFile,
    FIREBREAK_KEY: keyFileOf(email),
  });

  beforeAll(async () => {
    stage = await setStage({
      root: ROOT,
      folder: join(FOLDER, 'stage'),
      scenario: readScenario('false-alarm'),
    });
    process.env['TEMPORAL_ADDRESS'] = stage.temporal.address;
    process.env['FIREBREAK_KEYRING_FILE'] = stage.keyringFile;
    signWith(keyFileOf);
    ({ codename } = await declare('--instance', spare(0), '--service', 'web'));
  }, 60_000);

  afterAll(() => stage.close(), 30_000);

  const task = async (named: string) =>
    json(await firebreak('status', codename, named, '--json')) as TaskView;

  describe('a declaration', () => {
    // What goes on would be worked on beside all tests that follow.
    afterEach(() => endAllBut(stage.client, codename));

    it('prints the codename, who is being woken and how to follow, as it is typed', async () => {
      const ran = await firebreakProcess(['declare', '--summary', 'odd logins', '--as', WEB], {
        ...machineOf(WEB),
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

    it('takes who acts from the environment, and the key', async () => {
      process.env['FIREBREAK_AS'] = WEB;
      process.env['FIREBREAK_KEY'] = keyFileOf(WEB);
      const ran = await firebreak('declare', '--summary', 'odd', '--json');
      delete process.env['FIREBREAK_AS'];
      delete process.env['FIREBREAK_KEY'];
      const { codename: named, notes } = json(ran) as DeclaredDocument;
      expect(notes).toEqual([]);
      expect((await view(named)).declaredBy).toBe(WEB);
      expect((await entries(named))[0]).toMatchObject({
        kind: 'declared',
        by: WEB,
        proof: { key: stage.people.signerOf(WEB).publicKey },
      });
    });

    it('that is acknowledged says so, and calls nobody else', async () => {
      const { codename: named, call } = await declare();
      expect(call).toEqual([]);
      const calling = await firebreak('status', named);
      expect(calling.out).toMatch(/^page sent, and nobody has acknowledged it for \d+ s/m);
      const ran = await firebreak('acknowledge', named, '--as', IC);
      expect(ran).toMatchObject({ status: 0, err: '' });
      expect((await firebreak('status', named)).out).toMatch(
        /^page acknowledged \d+ s ago by ic@example\.com$/m,
      );
      expect((await view(named)).paging).toMatchObject({ state: 'acknowledged', acknowledgedBy: IC });
      expect((await firebreak('acknowledge', named, '--as', STRANGER)).status).toBe(3);
    });

    it('without a key is one all the same, which says that nothing proves it', async () => {
      const home = join(FOLDER, 'no-keys');
      const ran = await firebreakProcess(
        ['declare', '--summary', 'odd', '--as', IC, '--instance', UNKNOWN_INSTANCE],
        { ...machineOf(IC), FIREBREAK_KEY: '', HOME: home },
      );
      expect(ran).toMatchObject({ status: 0, err: '' });
      const [, named = ''] = /^Declared ([a-z]+-[a-z]+)\.$/m.exec(ran.out) ?? [];
      expect(ran.out).toMatch(
        /^Not signed: what it names is contained only once somebody has approved it\. .*No SSH key to sign with: .*FIREBREAK_KEY/ms,
      );
      expect(ran.out).toContain('The incident commander is being paged.');
      const [first, second] = await entries(named);
      expect(first).toMatchObject({ kind: 'declared', by: IC });
      expect(first).not.toHaveProperty('proof');
      expect(second).toMatchObject({ kind: 'warning' });
      expect(second?.text).toMatch(/^nothing proves who declared this/);
      expect((await view(named)).containments[0]?.status).toBe('awaitingApproval');
    });

    it.each<[string, () => string]>([
      ["somebody else's key", () => keyFileOf(WEB)],
      ['a key that nobody has enrolled', () => ownKeyFile(IC)],
      ['a key that others can read', () => ownKeyFile(IC, 0o644)],
      ['a file that is no key', () => file('no-key', 'x')],
      ['a file that is not there', () => join(FOLDER, 'nowhere')],
    ])('with %s is one all the same, and proves nothing', async (_, key) => {
      const ran = await firebreak('declare', '--summary', 'odd', '--as', IC, '--key', key(), '--json');
      expect(ran).toMatchObject({ status: 0, err: '' });
      const { codename: named, paged } = json(ran) as DeclaredDocument;
      expect(paged).toBe(true);
      expect((await entries(named)).map(({ text }) => text).join('\n')).toMatch(
        /^nothing proves who declared this/m,
      );
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
      const { codename: named } = await declare('--instance', UNKNOWN_INSTANCE);
      await until(
        () => view(named),
        ({ paging }) => paging.state === 'calling',
      );
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

    it('names everything that is affected, each kind by its own option', async () => {
      const { codename: named } = await declare(
        ...['--instance', `210987654321/eu-west-1/${UNKNOWN_INSTANCE}`],
        ...['--identity', 'arn:aws:iam::123456789012:user/ci', '--secret', 'orders/database'],
        ...['--address', '203.0.113.77', '--address', '2001:db8::77', '--user', 'deploy-bot'],
      );
      const { scope, containments, rotations } = await view(named);
      expect(scope).toMatchObject({
        instances: [{ id: UNKNOWN_INSTANCE, region: 'eu-west-1', account: '210987654321' }],
        identities: ['arn:aws:iam::123456789012:user/ci'],
        secrets: ['orders/database'],
        addresses: ['203.0.113.77', '2001:db8::77'],
        users: ['deploy-bot'],
      });
      expect(containments.map(({ target, status }) => [target.kind, status])).toEqual(
        ['instance', 'identity', 'secret', 'address', 'address'].map((kind) => [kind, 'awaitingApproval']),
      );
      expect(rotations.map(({ system }) => system)).toEqual(['github', 'okta', 'pagerduty', 'slack']);

      const settled = await firebreak(
        'rotated',
        named,
        'deploy-bot',
        'okta',
        '--no-account',
        '--as',
        SECURITY,
      );
      expect(settled).toMatchObject({ status: 0, err: '' });
      expect(settled.out).toContain('found no account of deploy-bot on okta');
      const status = await firebreak('status', named, '--all');
      expect(status.out).toContain('deploy-bot on github, ');
      expect(status.out).toMatch(/203\.0\.113\.77:\n {6}\. Block it at the edges of the network: waits/);
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

    it('lets nothing that people wrote steer the terminal', async () => {
      const args = ['--reason', 'a\u001b[2Jload\u009b31m test', '--as', WEB];
      expect((await firebreak('determine', codename, 'stand-down', ...args)).status).toBe(3);
      await firebreak('fail', codename, '3.2', '--cause', 'a\u001b[2Jb', '--as', IC);
      const ran = await firebreak('status', codename, '--all');
      expect(ran.out).toContain('\\u001b[2J');
      expect(ran.out).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
    });
  });

  describe('a decision that comes too early', () => {
    it('is refused with what is missing and the sentence that asks for it, and ends with 3', async () => {
      const ran = await firebreakProcess(
        ['complete', codename, 'internal-communication', '--as', ENGINEERING],
        machineOf(ENGINEERING),
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
      ['is nobody of the roster', ['close', '--as', STRANGER], /not on the roster/],
    ])('is refused to who %s', async (_, [name = '', ...args], reason) => {
      const ran = await firebreak(name, codename, ...args);
      expect(ran.status).toBe(3);
      expect(ran.out).toMatch(/^Refused: /);
      expect(ran.out).toMatch(reason);
    });
  });

  describe('a decision that proves nothing', () => {
    const unknownEntries = async () =>
      (await entries(codename)).filter(({ kind, by }) => kind === 'refusal' && by === 'unknown');
    const determine = () => ['determine', codename, 'respond', '--reason', 'x', '--as', IC];

    it.each<[string, () => string]>([
      ["with somebody else's key", () => keyFileOf(WEB)],
      ['with a key that nobody has enrolled', () => ownKeyFile(IC)],
    ])('is refused, %s, and recorded of nobody', async (_, key) => {
      const ran = await firebreak(...determine(), '--key', key());
      expect(ran).toMatchObject({ status: 3, err: '' });
      expect(ran.out).toMatch(/^Refused: send a determine in the name of ic@example\.com\n/);
      expect(ran.out).toMatch(/the key SHA256:\S+ is not enrolled for who decides: .*"firebreak keys list"/);
      expect((await unknownEntries()).at(-1)).toMatchObject({ decision: 'determine', by: 'unknown' });
      expect((await view(codename)).phase.name).toBe('assessing');
    });

    it('is not even sent where there is no key, and says how to come to one', async () => {
      const before = (await view(codename)).refusals;
      const home = join(FOLDER, 'no-keys');
      const ran = await firebreakProcess(determine(), {
        ...machineOf(IC),
        FIREBREAK_KEY: '',
        HOME: home,
      });
      expect(ran).toMatchObject({ status: 2, out: '' });
      expect(ran.err).toMatch(/No SSH key to sign with: .*FIREBREAK_KEY.*firebreak keys enrol/);
      expect((await view(codename)).refusals).toBe(before);
    });

    it.each<[string, number, () => string, RegExp]>([
      ['that others can read', 2, () => ownKeyFile(IC, 0o644), /others can read this private key.*chmod 600/],
      [
        'that is not there',
        4,
        () => join(FOLDER, 'nowhere'),
        /can't be read; name a file that holds the SSH key/,
      ],
      ['that no agent holds', 2, () => file('ic.pub', keyOf(IC).publicKey), /is in no SSH agent/],
    ])('is not sent with a key %s', async (_, status, key, message) => {
      const ran = await firebreak(...determine(), '--key', key());
      expect(ran).toMatchObject({ status, out: '' });
      expect(ran.err).toMatch(message);
    });
  });

  describe('a request from the Temporal UI', () => {
    /** As the codec server seals what somebody typed there. */
    const askAs = async (by: string, named: string, content: object) => {
      const { keyring } = stage;
      const ui = new Client({
        connection: stage.client.connection,
        dataConverter: {
          payloadCodecs: [
            {
              encode: (payloads) =>
                Promise.all(payloads.map((payload) => sealAsked(keyring, 'default', by, payload))),
              decode: (payloads) => Promise.resolve(payloads),
            },
          ],
        },
      });
      await ui.workflow.getHandle(named).signal(decisionSignal.name, content);
      await until(
        () => view(named),
        ({ asked }) => asked.length > 0,
      );
    };

    it('waits in the status, and is the decision of whoever confirms it', async () => {
      const { codename: named } = await declare();
      await askAs(WEB, named, { decision: 'determine', determination: 'respond', reason: 'real', by: IC });
      const status = await firebreak('status', named);
      expect(status.out).toContain(`(firebreak confirm ${named} REQUEST, by who may decide it)`);
      expect(status.out).toMatch(/^ {6}asked-1: web@example\.com asks to determine: respond, /m);

      const wrong = await firebreak('confirm', named, 'asked-1', '--as', WEB);
      expect(wrong.status).toBe(3);
      expect(wrong.out).toContain('it is for the incident commander to decide');
      const confirmed = await firebreak('confirm', named, 'asked-1', '--as', IC);
      expect(confirmed).toMatchObject({ status: 0, err: '' });
      expect(confirmed.out).toMatch(/^confirmed asked-1 of web@example\.com: /);
      const { phase, asked } = await view(named);
      expect(phase).toMatchObject({ name: 'responding', by: IC });
      expect(asked).toEqual([]);
      expect((await firebreak('confirm', named, 'asked-1', '--as', IC)).status).toBe(3);
    });
  });

  describe('keys', () => {
    it('that are enrolled count in an incident that runs once they were read anew', async () => {
      const { codename: named } = await declare();
      const key = ownKeyFile(IC);
      const config = join(stage.folder, 'firebreak.yaml');
      const determine = () =>
        firebreak('determine', named, 'respond', '--reason', 'x', '--as', IC, '--key', key);
      expect((await determine()).status).toBe(3);
      writeFileSync(`${key}.pub`, keyOf(IC).publicKey);
      expect(await firebreak('keys', 'enrol', IC, `${key}.pub`, '--config', config)).toMatchObject({
        status: 0,
        err: '',
      });
      expect((await determine()).status).toBe(3);
      const ordered = await firebreak('renew-keys', named, '--reason', 'another laptop', '--as', SECURITY);
      expect(ordered).toMatchObject({ status: 0, err: '' });
      await until(
        () => entries(named),
        (all) => all.some(({ text }) => text.includes('keys were read anew; changed: ic@example.com')),
      );
      expect((await determine()).status).toBe(0);
      expect((await entries(named)).find(({ kind }) => kind === 'decision')).toMatchObject({
        decision: 'renewKeys',
        proof: { key: stage.people.signerOf(SECURITY).publicKey },
      });
      rmSync(`${key}.pub`);
    });
  });

  describe("another company's keyring", () => {
    afterEach(() => {
      process.env['FIREBREAK_KEYRING_FILE'] = stage.keyringFile;
    });

    it('reads nothing of an incident, and says so', async () => {
      process.env['FIREBREAK_KEYRING_FILE'] = keyringFile('another');
      for (const command of ['status', 'timeline', 'evidence']) {
        const ran = await firebreak(command, codename);
        expect(ran).toMatchObject({ status: 4, out: '' });
        expect(ran.err).toMatch(/can't be read: .*keyring/);
      }
    });

    it('decides nothing, and what it sends is recorded as unreadable', async () => {
      process.env['FIREBREAK_KEYRING_FILE'] = keyringFile('another');
      const ran = await firebreak('determine', codename, 'respond', '--reason', 'x', '--as', IC);
      expect(ran.status).not.toBe(0);
      process.env['FIREBREAK_KEYRING_FILE'] = stage.keyringFile;
      expect(
        (await entries(codename)).some(
          ({ kind, reasons = [] }) => kind === 'refusal' && reasons[0]?.gate === 'messageIsSealed',
        ),
      ).toBe(true);
      expect((await view(codename)).phase.name).toBe('assessing');
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

  describe('people of an incident', () => {
    let named: string;
    const acts = async (status: number, ...args: string[]) => {
      const ran = await firebreak(...args);
      expect({ args, status: ran.status, err: ran.err }).toEqual({ args, status, err: '' });
      return ran.out;
    };
    beforeAll(async () => {
      ({ codename: named } = await declare());
      await acts(0, 'determine', named, 'respond', '--reason', 'real', '--as', IC);
    });

    it('get roles and lose them, and are listed with them', async () => {
      await acts(0, 'role', 'give', named, WEB, 'external-liaison', '--as', IC);
      await acts(3, 'role', 'give', named, WEB, 'scribe', '--as', WEB);
      expect(await acts(0, 'roles', named)).toMatch(
        /web@example\.com +│ Service representative, External liaison +│/,
      );
      await acts(0, 'role', 'take', named, WEB, 'externalLiaison', '--reason', 'x', '--as', IC);
      const { people } = json(await firebreak('roles', named, '--json')) as ChecklistView;
      expect(people.find(({ email }) => email === WEB)?.roles).toEqual(['serviceRepresentative']);
    });

    it('hand the command over, once the other one has accepted it', async () => {
      await acts(0, 'hand-over-command', named, 'deputy@example.com', '--as', IC);
      const offer = new RegExp(
        `^the command is offered to deputy@example\\.com by ic@example\\.com, .*: firebreak accept-command ${named}$`,
        'm',
      );
      expect(await acts(0, 'status', named)).toMatch(offer);
      expect(await acts(0, 'roles', named)).toMatch(offer);
      await acts(3, 'accept-command', named, '--as', WEB);
      await acts(0, 'accept-command', named, '--as', 'deputy@example.com');
      await acts(3, 'hand-over-command', named, WEB, '--as', IC);
      await acts(0, 'hand-over-command', named, IC, '--as', 'deputy@example.com');
      await acts(0, 'accept-command', named, '--as', IC);
    });

    it('are given tasks with a time box, and say that they began', async () => {
      await acts(0, 'assign', named, '5.1', FORENSICS, '--within', '30m', '--as', IC);
      expect(await acts(0, 'status', named)).toMatch(
        /^ {6}5\.1 .*: forensics@example\.com, \d+ s ago, not begun, due in \d+ min$/m,
      );
      await acts(0, 'start', named, '5.1', '--note', 'reading logs', '--as', FORENSICS);
      expect(await acts(0, 'status', named)).toMatch(/^ {6}5\.1 .*, working on it, said \d+ s ago, due in/m);
    });

    it('are reminded at another pace', async () => {
      await acts(0, 'pace', named, '--reminders', 'off', '--status', '1h', '--acknowledge', '2m', '--as', IC);
      expect(await acts(0, 'status', named)).toMatch(
        /^pace: reminders never; status every 60 minutes; the next in line is called after 2 min$/m,
      );
    });

    it('who can see it are told, anew where that is asked, with what nobody tells', async () => {
      const out = await acts(0, 'who', named, '--again', '--as', IC);
      expect(out).toMatch(new RegExp(`^Who can see ${named}, as Slack and PagerDuty told \\d+ s ago`));
      expect(out).toContain('whoever holds the keyring (FIREBREAK_KEYRING_FILE) can read all of it');
      expect(json(await firebreak('who', named, '--json'))).toMatchObject({
        codename: named,
        audience: { members: expect.any(Array) as string[] },
        untold: UNTOLD,
      });
      await acts(3, 'who', named, '--again', '--as', WEB);
    }, 40_000);

    it('are excluded, whatever their role, and readmitted', async () => {
      const out = await acts(0, 'exclude', named, WEB, '--reason', 'logged in from there', '--as', SECURITY);
      expect(out).toMatch(/^excluded web@example\.com .*\nThey keep what they have read/);
      const refused = await acts(3, 'role', 'give', named, WEB, 'scribe', '--as', IC);
      expect(refused).toContain('is excluded: readmit them first');
      expect(await acts(3, 'acknowledge', named, '--as', WEB)).toContain('excluded');
      expect(await acts(0, 'status', named)).toMatch(
        /^excluded: web@example\.com, \d+ s ago by security@example\.com: logged in from there$/m,
      );
      expect(await acts(0, 'roles', named)).toMatch(/web@example\.com +│ EXCLUDED/);
      expect(await acts(0, 'who', named)).not.toContain(`      ${WEB}`);
      await acts(0, 'readmit', named, WEB, '--reason', 'it was somebody else', '--as', IC);
    });

    it('move to a new room, by a name of theirs or by chance', async () => {
      await until(
        () => view(named),
        ({ room }) => room !== undefined,
      );
      await acts(0, 'move-room', named, '--room', 'amber-zebra', '--reason', 'x', '--as', IC);
      const isThere =
        (name: string) =>
        ({ room }: ChecklistView) =>
          room?.name === name;
      await until(() => view(named), isThere('amber-zebra'));
      const out = await acts(0, 'move-room', named, '--reason', 'x', '--as', IC);
      const [, chosen = ''] = /#([a-z]+-[a-z]+)/.exec(out) ?? [];
      await until(() => view(named), isThere(chosen));
    }, 40_000);
  });

  describe('a rehearsal of containment', () => {
    it('says every call and what AWS says of it, and changes nothing', async () => {
      const incidents = async () =>
        (json(await firebreak('list', '--json')) as DeclaredDocument[]).map((one) => one.codename);
      const before = await incidents();
      const ran = await firebreak(
        'contain',
        '--dry-run',
        '--instance',
        spare(1),
        '--address',
        '203.0.113.77',
      );
      expect(ran).toMatchObject({ status: 0, err: '' });
      expect(ran.out).toMatch(
        new RegExp(`^${spare(1)}: containment would make \\d+ changes\\. Nothing was changed`),
      );
      expect(ran.out).toContain('Isolate every interface:\n      ec2:');
      expect(ran.out).toContain('dry run: would succeed');
      expect(await incidents()).toEqual(before);
      const rehearsed = json(await firebreak('contain', '--dry-run', '--instance', spare(1), '--json'));
      expect(rehearsed).toMatchObject([{ instance: spare(1), subSteps: expect.any(Array) as unknown[] }]);
    }, 60_000);

    it('of an instance that AWS does not know ends with 2', async () => {
      const ran = await firebreak('contain', '--dry-run', '--instance', UNKNOWN_INSTANCE);
      expect(ran).toMatchObject({ status: 2, out: '' });
      expect(ran.err).toMatch(/no such instance/);
    }, 60_000);
  });

  it('says that no evidence is kept, in words and as a document', async () => {
    const { codename: named } = await declare();
    expect((await firebreak('evidence', named, '--all')).out).toContain(`${named}: no evidence is kept yet.`);
    expect(json(await firebreak('evidence', named, '--json'))).toMatchObject({ items: {}, custody: [] });
  });

  it('prints a token for the codec server, which needs no server', async () => {
    const ran = await firebreakAsTyped('token', '--as', WEB, '--key', keyFileOf(WEB), '--json');
    expect(ran).toMatchObject({ status: 0, err: '' });
    expect(json(ran)).toEqual({ token: expect.stringMatching(/^[\w.-]{100,}$/) as string });
  });

  it('prints one JSON document for every command', async () => {
    const statement = file('statement.md', '# Notice\n\nWe take security very seriously.\n');
    const as = (by: string) => ['--as', by];
    const commands: [status: number, ...string[]][] = [
      [0, 'assign', codename, '6.1', '--to', WEB, ...as(IC)],
      [0, 'start', codename, '6.1', ...as(WEB)],
      [0, 'acknowledge', codename, ...as(IC)],
      [0, 'role', 'give', codename, WEB, 'scribe', ...as(IC)],
      [0, 'role', 'take', codename, WEB, 'scribe', '--reason', 'x', ...as(IC)],
      [0, 'hand-over-command', codename, SECURITY, ...as(IC)],
      [3, 'accept-command', codename, ...as(IC)],
      [0, 'exclude', codename, STRANGER, '--reason', 'x', ...as(IC)],
      [0, 'readmit', codename, STRANGER, '--reason', 'x', ...as(IC)],
      [0, 'pace', codename, '--status', 'off', ...as(IC)],
      [3, 'move-room', codename, '--room', codename, '--reason', 'x', ...as(IC)],
      [0, 'fail', codename, '6.1', '--cause', 'no access', ...as(WEB)],
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
      [3, 'give-up', codename, UNKNOWN_INSTANCE, '--reason', 'x', ...as(IC)],
      [3, 'release', codename, spare(0), '--reason', 'x', ...as(IC)],
      [3, 'hand-over', codename, 'snap-1', '--to', 'the police', '--reason', 'x', ...as(IC)],
      [3, 'lock-for-good', codename, '--confirm', "this can't be undone", '--reason', 'x', ...as(IC)],
      [3, 'rotated', codename, 'deploy-bot', 'github', ...as(IC)],
      [3, 'statement', 'submit', codename, statement, ...as(MARKETING)],
      [
        0,
        'contacts',
        'add',
        codename,
        'operator',
        '--kind',
        'systemOperators',
        '--name',
        'An operator',
        ...as(IC),
      ],
      [3, 'contacts', 'log', codename, 'operator', '--with', 'the desk', '--about', 'x', ...as(IC)],
      [3, 'contacts', 'reached', codename, 'operator', '--how', 'x', ...as(MARKETING)],
      [3, 'send', codename, '--to', 'operator', '--file', statement, ...as(IC)],
      [3, 'sms', codename, SECURITY, 'joinSlack', ...as(IC)],
      [3, 'messages', 'retry', codename, 'message-1', ...as(IC)],
      [3, 'messages', 'drop', codename, 'message-1', '--reason', 'x', ...as(IC)],
      [3, 'clock', 'met', codename, 'no-such-clock', '--note', 'x', ...as(COUNSEL)],
      [3, 'confirm', codename, 'asked-1', ...as(IC)],
      [0, 'renew-keys', codename, '--reason', 'x', ...as(IC)],
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
      ['roles', codename],
      ['who', codename],
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
