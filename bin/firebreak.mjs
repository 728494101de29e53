#!/usr/bin/env node
/** The command line. It runs what `npm run build` made; a checkout that was not built yet is built first. */
import { createRequire } from 'node:module';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const entry = join(root, 'dist', 'client', 'cli', 'main.js');
if (!existsSync(entry)) {
  const { ensureBuilt } = await import('../scripts/bootstrap.mjs');
  await ensureBuilt(root);
}
const { run } = createRequire(import.meta.url)(entry);
process.exitCode = await run(process.argv.slice(2));
