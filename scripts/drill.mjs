/** `npm run drill`: makes ready what a fresh clone lacks, then runs the drill in a process of its own. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { prepare, ROOT } from './bootstrap.mjs';

prepare();
const child = spawn(process.execPath, [join(ROOT, 'dist', 'drill', 'main.js'), ...process.argv.slice(2)], {
  stdio: 'inherit',
});
// The drill ends what it started; a Ctrl-C reaches it by itself, and a SIGTERM is passed on.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.on('exit', (code) => process.exit(code ?? 1));
