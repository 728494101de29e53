/**
 * What a fresh clone lacks: packages, the local Temporal server and AWS emulator, and the build. Plain Node, since it runs
 * before anything is installed. Each part is done once, and again when what it is made from has changed.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensurePython } from './python.mjs';

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

const SOURCES = [
  'domain',
  'workflows',
  'activities',
  'integrations',
  'codec',
  'worker',
  'client',
  'drill',
  'scripts',
];

/** Makes everything ready for a drill, a test or the command line. Ends the process with advice where that fails. */
export function prepare({ python = true } = {}) {
  try {
    ensureInstalled(ROOT);
    if (python) ensurePython(ROOT);
    ensureBuilt(ROOT);
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exit(4);
  }
}

export function ensureInstalled(root) {
  const stamp = join(root, 'node_modules', '.firebreak-installed');
  const wanted = hashOf([readFileSync(join(root, 'package-lock.json'))]);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  console.error('Installing packages (once, about a minute) …');
  run(
    root,
    'npm',
    ['ci', '--no-audit', '--no-fund', '--loglevel=error'],
    'npm ci failed: look at the lines above.',
  );
  writeFileSync(stamp, wanted);
}

export function ensureBuilt(root) {
  const stamp = join(root, 'dist', '.firebreak-built');
  const wanted = hashOf([
    ...SOURCES.flatMap((folder) => signaturesIn(join(root, folder))),
    readFileSync(join(root, 'tsconfig.json')),
    readFileSync(join(root, 'package-lock.json')),
  ]);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  ensureInstalled(root);
  console.error('Building (once for each change, a few seconds) …');
  const node = process.execPath;
  const advice = 'The build failed: look at the lines above.';
  run(root, node, [join('node_modules', 'typescript', 'bin', 'tsc'), '-p', 'tsconfig.build.json'], advice);
  run(root, node, [join('dist', 'scripts', 'bundle-workflows.js')], advice);
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, wanted);
}

/** Name, size and time of every source: enough to see a change without reading all of it. */
function signaturesIn(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return signaturesIn(path);
    if (!/\.(ts|json)$/.test(entry.name)) return [];
    const { size, mtimeMs } = statSync(path);
    return [`${path}:${size}:${mtimeMs}`];
  });
}

function hashOf(parts) {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\0');
  return hash.digest('hex');
}

function run(root, command, args, advice) {
  // What they print goes to stderr: a command's own stdout may be one JSON document.
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (error || status !== 0) throw new Error(advice);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) prepare();
