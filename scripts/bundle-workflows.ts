/** Makes `dist/workflow-bundle.js`: production workers load it instead of bundling at start. Run after the build. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { FAILURE_CONVERTER } from '../codec/data-converter';

async function main(): Promise<void> {
  const workflowsPath = join(__dirname, '..', 'workflows', 'index.js');
  const { code } = await bundleWorkflowCode({
    workflowsPath,
    failureConverterPath: FAILURE_CONVERTER,
    logger: new DefaultLogger('WARN'),
  });
  writeFileSync(join(__dirname, '..', 'workflow-bundle.js'), code);
}

void main();
