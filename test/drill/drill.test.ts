import { execFile, execFileSync, spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { someOf, thorough } from '../support/thorough';

const ROOT = join(__dirname, '..', '..');
const CLI = join(ROOT, 'bin', 'firebreak.mjs');
const MAIN = join(ROOT, 'dist', 'drill', 'main.js');

interface Summary {
  codename: string;
  outcome: string;
  steps: Record<string, string>;
  refusals: number;
  violations: number;
  violationTexts: string[];
  timingsMs: Record<string, number>;
  historyEvents: number;
  leaks: { words: number; places: number; hits: number };
  cloud: { broken: { throttled: string[]; lost: string[] }; criticalPathMs: number; ratio: number };
  endState: object;
}

function drill(...args: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...args], { cwd: ROOT, timeout: 230_000 }, (error, stdout, stderr) => {
      resolve({ status: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout, stderr });
    });
  });
}

function summaryOf(stdout: string): Summary {
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Summary;
}

const settled = (state: string) => state === 'done' || state === 'notNeeded' || state === 'withheld';

describe('a drill', () => {
  let withoutFaults: object;
  let codename: string;

  test('of ssh-brute-force settles all fourteen steps, refuses what comes too early, and breaks no rule', async () => {
    const { status, stdout, stderr } = await drill('ssh-brute-force', '--json');
    expect(stderr).not.toContain('could not be run');
    const summary = summaryOf(stdout);
    expect(summary.violationTexts).toEqual([]);
    expect(summary).toMatchObject({ outcome: 'closed', violations: 0 });
    expect(Object.values(summary.steps)).toHaveLength(14);
    expect(Object.values(summary.steps).every(settled)).toBe(true);
    expect(summary.refusals).toBeGreaterThanOrEqual(6);
    expect(Object.keys(summary.timingsMs)).toEqual(
      expect.arrayContaining(['paged', 'roomReady', 'contained', 'allSnapshots', 'allStopped', 'ended']),
    );
    expect(summary.historyEvents).toBeLessThan(1_200);
    expect(status).toBe(0);
    withoutFaults = summary.endState;
    codename = summary.codename;

    // As many as it had before, or more: a scan that looks for little finds nothing.
    expect(summary.leaks.hits).toBe(0);
    expect(summary.leaks.words).toBeGreaterThan(1_900);
    expect(summary.leaks.places).toBeGreaterThan(60);

    const folder = join(ROOT, '.firebreak', 'drills', summary.codename);
    const entries = ledgerOf(folder);
    expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, index) => index + 1));
    const refused = entries.filter(({ kind }) => kind === 'refusal');
    expect(refused.reduce((sum, { times = 1 }) => sum + times, 0)).toBe(summary.refusals);
    expect(readFileSync(join(folder, 'report.md'), 'utf8')).toContain('No rule was broken.');
    const history = JSON.parse(readFileSync(join(folder, 'history.json'), 'utf8')) as { events: unknown[] };
    expect(history.events).toHaveLength(summary.historyEvents);
  }, 180_000);

  // What the stand-ins wrote down of the first drill, searched without the code of the audit.
  describe('has in the records of its ways out', () => {
    const folder = () => join(ROOT, '.firebreak', 'drills', codename);
    const records = () => JSON.parse(readFileSync(join(folder(), 'messages.json'), 'utf8')) as Left;
    /** The last such decision. */
    const decided = (decision: string, is: (details: Record<string, unknown>, by: string) => boolean) => {
      const found = ledgerOf(folder()).findLast(
        (entry) =>
          entry.kind === 'decision' && entry.decision === decision && is(entry.details ?? {}, entry.by),
      );
      if (!found) throw new Error(`nobody decided ${decision}`);
      return found;
    };
    const approved = (request: string, by = 'ic@example.com') =>
      decided('approve', (details, who) => String(details['request']).startsWith(request) && who === by).at;

    test('a note, mail to the insurer and to a customer, and a statement', () => {
      const { mails, announcements, statements, statusPage, files, sms } = records();
      expect(mails.map(({ to }) => to.join())).toEqual([
        'engineering@example.com',
        'claims@insurer.example',
        'security@customer-one.example',
      ]);
      expect(announcements).toHaveLength(1);
      expect([statements.length, statusPage.length, files.length, sms.length]).toEqual([1, 1, 2, 1]);
    });

    test('no subject but the one', () => {
      for (const { raw } of records().mails) {
        const [head = ''] = raw.split('\r\n\r\n', 1);
        expect(head.match(/^subject:.*$/gim)).toEqual(['Subject: Attorney Work Project']);
      }
    });

    test('no clear text outside of the domain', () => {
      const { mails, statements } = records();
      const { details: { text: claim } = {} } = decided('send', () => true);
      const outside = mails.filter(({ to }) => to.some((address) => !address.endsWith('@example.com')));
      expect(outside).toHaveLength(2);
      const words = [String(claim), statements[0]?.markdown ?? ''].flatMap(
        (text) => text.match(/\p{L}{7,}/gu) ?? [],
      );
      expect(words.length).toBeGreaterThan(20);
      for (const { raw, secure, opened, to } of outside) {
        const body = raw.slice(raw.indexOf('\r\n\r\n'));
        for (const view of [body, Buffer.from(body.replace(/\s/g, ''), 'base64').toString('latin1')])
          expect(words.filter((word) => view.includes(word))).toEqual([]);
        expect(secure).toBe(true);
        for (const address of to) expect(opened[address]?.text.length).toBeGreaterThan(100);
      }
    });

    test('nothing before its gate', () => {
      const { mails, announcements, statements, statusPage, files } = records();
      const at = (address: string) => mails.find(({ to }) => to.includes(address))?.receivedAt ?? 0;
      const source = decided('recordFinding', ({ finding }) => finding === 'attackSource').at;
      const note = Math.max(source, approved('note@1-'));
      const contact = Math.max(source, approved('contact:cyberInsurance'));
      const statement = Math.max(
        ...['marketing@example.com', 'ic@example.com', 'counsel@example.com'].map((by) =>
          approved('statement@1-', by),
        ),
      );
      expect(at('engineering@example.com')).toBeGreaterThanOrEqual(note);
      for (const { at: told } of announcements) expect(told).toBeGreaterThanOrEqual(note);
      expect(at('claims@insurer.example')).toBeGreaterThanOrEqual(contact);
      expect(at('security@customer-one.example')).toBeGreaterThanOrEqual(statement);
      const customers = Math.max(
        at('security@customer-one.example'),
        decided('reachCustomer', ({ party }) => party === 'customer-two').at,
      );
      for (const { at: released } of [...statements, ...statusPage, ...files])
        expect(released).toBeGreaterThanOrEqual(customers);
    });
  });

  // A whole drill at half the speed, beside the others: `npm run test:long`.
  thorough(
    'in which every call that changes AWS is throttled once, and done once with its answer lost, leaves the same',
    async () => {
      const { status, stdout } = await drill('ssh-brute-force', '--json', '--faults');
      const { violationTexts, cloud, endState } = summaryOf(stdout);
      expect(violationTexts).toEqual([]);
      expect(endState).toEqual(withoutFaults);
      for (const name of [
        'autoscaling.DetachInstances',
        'ec2.CopySnapshot',
        'ec2.CreateNetworkAclEntry',
        'ec2.CreateSecurityGroup',
        'ec2.CreateSnapshots',
        'ec2.LockSnapshot',
        'ec2.ModifyInstanceAttribute',
        'ec2.ModifyNetworkInterfaceAttribute',
        'ec2.StopInstances',
        'iam.PutUserPolicy',
        's3.PutObject',
        'secretsmanager.RotateSecret',
      ]) {
        expect(cloud.broken.throttled).toContain(name);
        expect(cloud.broken.lost).toContain(name);
      }
      expect(status).toBe(0);
    },
    240_000,
  );

  thorough(
    'of an insider, whose worker is killed in the middle of containment, ends with internal communication withheld, and no effect twice',
    async () => {
      const { status, stdout } = await drill('insider', '--json', '--kill-worker');
      const summary = summaryOf(stdout);
      expect(summary.violationTexts).toEqual([]);
      expect(summary.steps).toMatchObject({ internalCommunication: 'withheld' });
      expect(Object.values(summary.steps).every(settled)).toBe(true);
      expect(status).toBe(0);
    },
    180_000,
  );

  test('leaves evidence that passes its check, and fails it after one byte of a file was changed', async () => {
    const folder = join(ROOT, '.firebreak', 'drills', codename);
    expect((await verify(folder)).status).toBe(0);
    // Each of them, in the long suite.
    for (const path of someOf(filesUnder(join(folder, 'evidence')), 3)) {
      const before = readFileSync(path);
      const changed = Buffer.from(before);
      const at = Math.floor(changed.length / 2);
      changed[at] = (changed[at] ?? 0) ^ 1;
      writeFileSync(path, changed);
      const { status, stdout: said } = await verify(folder);
      writeFileSync(path, before);
      expect([path, status]).toEqual([path, 1]);
      expect(said).toContain(path.slice(join(folder, 'evidence').length + 1));
    }
  }, 120_000);

  thorough(
    'of a false alarm stands down, and shows what happens line by line where there is no terminal',
    async () => {
      const { status, stdout } = await drill('false-alarm');
      expect(stdout).toContain('ic@example.com determined that no response is needed');
      expect(stdout).toContain('stood down; 0 of 14 steps settled; 1 refusal; 0 violations');
      expect(stdout).toMatch(/^leak scan: [\d,]+ words in \d+ places: 0 hits$/m);
      expect(status).toBe(0);
    },
    120_000,
  );

  thorough(
    'of every forbidden way to say something refuses each, with the checklist’s own sentence, and ends in order',
    async () => {
      const { status, stdout } = await drill('forbidden-ways', '--json');
      const summary = summaryOf(stdout);
      expect(summary.violationTexts).toEqual([]);
      expect(summary.refusals).toBeGreaterThanOrEqual(33);
      expect(Object.values(summary.steps).every(settled)).toBe(true);
      const report = readFileSync(join(ROOT, '.firebreak', 'drills', summary.codename, 'report.md'), 'utf8');
      for (const sentence of [
        'Do not communicate with anyone not on the response team about the incident until forensics has been performed.',
        'Do not disseminate anything about the incident to those outside the response team until you have approval',
        'make sure your emails are encrypted.',
        'Only then should you prepare and release a public statement',
        "get in touch with customers' internal security teams before the general public notice is sent.",
        "Don't go into too much detail.",
      ])
        expect(report).toContain(sentence);
      expect(status).toBe(0);
    },
    230_000,
  );

  thorough(
    'through Slack alone goes from the first word to the last, by buttons and forms',
    async () => {
      const { status, stdout, stderr } = await drill('slack', '--json');
      expect(stderr).not.toContain('could not be run');
      const summary = summaryOf(stdout);
      expect(summary.violationTexts).toEqual([]);
      expect(summary).toMatchObject({ outcome: 'closed', steps: { internalCommunication: 'withheld' } });
      expect(summary.refusals).toBeGreaterThanOrEqual(5);
      const entries = ledgerOf(join(ROOT, '.firebreak', 'drills', summary.codename));
      const decided = entries.filter(({ kind }) => kind === 'decision' || kind === 'declared');
      expect(decided.length).toBeGreaterThan(40);
      expect(new Set(decided.map(({ door }) => door))).toEqual(new Set(['slack', 'pagerduty']));
      expect(summary.leaks).toMatchObject({ hits: 0 });
      expect(status).toBe(0);
    },
    230_000,
  );

  test('of an unknown name says which there are', async () => {
    const { status, stderr } = await drill('meteor');
    expect(stderr).toContain(
      'There are: canary, false-alarm, fifty-hosts, forbidden-ways, insider, slack, ssh-brute-force.',
    );
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(status).not.toBe(0);
  });

  thorough(
    'that is interrupted ends everything that it started',
    async () => {
      const child = spawn(process.execPath, [MAIN, 'ssh-brute-force'], {
        cwd: ROOT,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let printed = '';
      child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
      child.stderr.on('data', (chunk: Buffer) => (printed += chunk.toString()));
      const deadline = Date.now() + 60_000;
      while (!printed.includes('Before the determination')) {
        if (child.exitCode !== null || Date.now() > deadline) {
          child.kill('SIGKILL');
          throw new Error(`the drill did not come to its first act: ${printed}`);
        }
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      const started = childrenOf(child.pid ?? -1);
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await gone;
      // Orphans get another parent, so they are looked for while the drill still runs.
      expect(started.length).toBeGreaterThanOrEqual(3);
      expect(started.filter(isAlive)).toEqual([]);
    },
    120_000,
  );
});

function verify(folder: string): Promise<{ status: number; stdout: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [CLI, 'verify', folder], (error, stdout) => {
      resolve({ status: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout });
    });
  });
}

/** What a drill writes of what left it. */
interface Left {
  mails: {
    to: string[];
    raw: string;
    receivedAt: number;
    secure: boolean;
    opened: Record<string, { text: string } | null>;
  }[];
  sms: object[];
  announcements: { at: number }[];
  statements: { at: number; markdown: string }[];
  statusPage: { at: number }[];
  files: { at: number }[];
}

interface LedgerEntry {
  seq: number;
  at: number;
  kind: string;
  by: string;
  decision?: string;
  details?: Record<string, unknown>;
  times?: number;
  door?: string;
}

/** Every entry of the ledger, in the order in which it was written. */
function ledgerOf(folder: string): LedgerEntry[] {
  const ledger = join(folder, 'evidence', 'ledger');
  const lines = readdirSync(ledger)
    .filter((file) => file.endsWith('.jsonl'))
    .sort()
    .flatMap((file) => readFileSync(join(ledger, file), 'utf8').trim().split('\n'));
  return lines.flatMap((line) => {
    const { entry } = JSON.parse(line) as { entry?: LedgerEntry };
    return entry ? [entry] : [];
  });
}

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
}

function childrenOf(parent: number): number[] {
  const table = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' });
  return table
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .filter(([, ppid]) => ppid === parent)
    .map(([pid]) => pid as number);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
