/** Drills that take minutes. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');

interface Summary {
  readonly leaks: { readonly words: number; readonly places: number; readonly hits: number };
  readonly violationTexts: string[];
  readonly cloud: { readonly calls: number; readonly refused: number; readonly ratio: number };
}

function drill(...args: string[]): Promise<Summary> {
  const main = join(ROOT, 'dist', 'drill', 'main.js');
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [main, ...args, '--json'], { cwd: ROOT }, (error, stdout) => {
      if (error && stdout === '') reject(new Error('the drill could not be run'));
      else resolve(JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Summary);
    });
  });
}

test('fifty hosts at once are contained, with less than 2 % of the calls refused by request buckets', async () => {
  const { violationTexts, cloud } = await drill('fifty-hosts');
  expect(violationTexts).toEqual([]);
  expect(cloud.calls).toBeGreaterThan(5_000);
  expect(cloud.refused / cloud.calls).toBeLessThan(0.02);
}, 1_200_000);

test('three hosts are contained and verified within 1.35 times the critical path, where calls take 50 to 250 ms', async () => {
  const { violationTexts, cloud } = await drill('ssh-brute-force', '--latency');
  expect(violationTexts).toEqual([]);
  expect(cloud.ratio).toBeLessThan(1.35);
}, 300_000);

test('a worker that is killed in the middle of containment changes nothing of the end', async () => {
  expect((await drill('ssh-brute-force', '--kill-worker')).violationTexts).toEqual([]);
}, 300_000);

test.each([[[]], [['--kill-worker']]])(
  'with a canary in every field, vendors that tell too much and %j, nothing gets out',
  async (more) => {
    const { violationTexts, leaks } = await drill('canary', ...more);
    expect(violationTexts).toEqual([]);
    expect(leaks).toMatchObject({ hits: 0 });
    expect(leaks.words).toBeGreaterThan(2_400);
    expect(leaks.places).toBeGreaterThan(60);
  },
  300_000,
);
