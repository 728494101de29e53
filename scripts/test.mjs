/** `npm test`: makes ready what a fresh clone lacks, then runs jest with the arguments given. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { prepare, ROOT } from './bootstrap.mjs';

prepare();
const { status } = spawnSync(
  process.execPath,
  // The Slack emulator is an ES module; jest loads those only with this flag.
  [
    '--experimental-vm-modules',
    join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js'),
    ...process.argv.slice(2),
  ],
  { cwd: ROOT, stdio: 'inherit' },
);
process.exit(status ?? 1);
