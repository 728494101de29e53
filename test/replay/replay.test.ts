import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils';
import {
  bundleWorkflowCode,
  DefaultLogger,
  Runtime,
  Worker,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker';

const HISTORIES = join(__dirname, 'histories');

/**
 * Histories of drills, recorded when the code was released: `.firebreak/drills/CODENAME/history.json`. Those of the
 * containments and of a release, CODENAME-1 and so on, are from a drill with `--keep`.
 */
const recorded = readdirSync(HISTORIES).filter((file) => file.endsWith('.json'));

let workflowBundle: WorkflowBundleWithSourceMap;

beforeAll(async () => {
  const logger = new DefaultLogger('ERROR');
  Runtime.install({ logger });
  workflowBundle = await bundleWorkflowCode({
    workflowsPath: join(__dirname, '..', '..', 'workflows'),
    logger,
  });
}, 60_000);

test.each(recorded)("today's code replays %s", async (file) => {
  const raw: unknown = JSON.parse(readFileSync(join(HISTORIES, file), 'utf8'));
  const history = historyFromJSON(raw);
  const started = history.events?.[0]?.workflowExecutionStartedEventAttributes;
  const workflowId = started?.workflowId ?? '';
  await expect(Worker.runReplayHistory({ workflowBundle }, history, workflowId)).resolves.toBeUndefined();
});

test('a history that the code could not have made is not replayed', async () => {
  const text = readFileSync(join(HISTORIES, recorded[0] ?? ''), 'utf8');
  // Another activity than the one that the code asks for first.
  const forged: unknown = JSON.parse(text.replaceAll('"pageIncidentCommander"', '"wakeSomebody"'));
  await expect(Worker.runReplayHistory({ workflowBundle }, historyFromJSON(forged))).rejects.toThrow(
    /[Nn]ondeterminism/,
  );
});
