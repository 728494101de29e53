/**
 * The workflows as a worker loads them. Bundling takes seconds of one core, and a score of test files need the same one: it is
 * made once for what the source is now, and kept beside the drills.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { FAILURE_CONVERTER } from '../../codec/data-converter';

const ROOT = join(__dirname, '..', '..');
const KEPT = join(ROOT, '.firebreak', 'test-bundles');

/** Everything that may end up in it, and what it is made with. */
const MADE_OF = ['workflows', 'domain', 'activities', 'codec', 'package-lock.json', 'tsconfig.json'];

export async function bundle(): Promise<WorkflowBundleWithSourceMap> {
  const path = join(KEPT, `${hashOfSource()}.json`);
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8')) as WorkflowBundleWithSourceMap;
  const made = await bundleWorkflowCode({
    workflowsPath: join(ROOT, 'workflows', 'index.ts'),
    failureConverterPath: FAILURE_CONVERTER,
    logger: new DefaultLogger('ERROR', () => {}),
  });
  mkdirSync(KEPT, { recursive: true });
  // Whole or not at all: another file of tests may look at this moment.
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(made));
  renameSync(draft, path);
  return made;
}

function hashOfSource(): string {
  const hash = createHash('sha256').update(process.version);
  const add = (path: string) =>
    hash
      .update(path)
      .update('\0')
      .update(readFileSync(join(ROOT, path)));
  for (const path of MADE_OF) {
    if (!/^[^.]+$/.test(path)) add(path);
    else
      for (const file of readdirSync(join(ROOT, path), { recursive: true, encoding: 'utf8' }).sort())
        if (file.endsWith('.ts')) add(join(path, file));
  }
  return hash.digest('hex').slice(0, 32);
}
