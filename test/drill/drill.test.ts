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
    expect(summary.historyEvents).toBeLessThan(900);
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

  test('of a false alarm stands down, and shows what happens line by line where there is no terminal', async () => {
    const { status, stdout } = await drill('false-alarm');
    expect(stdout).toContain('ic@example.com determined that no response is needed');
    expect(stdout).toContain('stood down; 0 of 14 steps settled; 1 refusal; 0 violations');
    expect(stdout).toMatch(/^leak scan: [\d,]+ words in \d+ places: 0 hits$/m);
    expect(status).toBe(0);
  }, 120_000);

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
    expect(stderr).toContain('There are: canary, false-alarm, fifty-hosts, insider, slack, ssh-brute-force.');
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

/** Every entry of the ledger, in the order in which it was written. */
function ledgerOf(folder: string): { seq: number; kind: string; times?: number; door?: string }[] {
  const ledger = join(folder, 'evidence', 'ledger');
  const lines = readdirSync(ledger)
    .filter((file) => file.endsWith('.jsonl'))
    .sort()
    .flatMap((file) => readFileSync(join(ledger, file), 'utf8').trim().split('\n'));
  return lines.flatMap((line) => {
    const { entry } = JSON.parse(line) as { entry?: { seq: number; kind: string } };
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
