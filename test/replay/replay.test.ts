import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils';
import {
  DefaultLogger,
  Runtime,
  Worker,
  type ReplayWorkerOptions,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker';
import { sealing } from '../../codec/data-converter';
import { newKeyring, readKeyring } from '../../codec/keyring';
import { bundle } from '../support/bundle';

const HISTORIES = join(__dirname, 'histories');

/**
 * Histories of drills, recorded when the code was released: of `.firebreak/drills/CODENAME/`, the incident's, one of each kind
 * of part, and the keyring that they were sealed with.
 */
const recorded = readdirSync(HISTORIES).flatMap((drill) =>
  readdirSync(join(HISTORIES, drill))
    .filter((file) => file.endsWith('.json'))
    .map((file) => [drill, file] as const),
);

let workflowBundle: WorkflowBundleWithSourceMap;

beforeAll(async () => {
  const logger = new DefaultLogger('ERROR');
  Runtime.install({ logger });
  workflowBundle = await bundle();
}, 60_000);

function optionsWith(ring: string): ReplayWorkerOptions {
  const read = readKeyring(ring);
  if (!read.ok) throw new Error(read.problems.join());
  // The types leave the namespace out, and the codec is asked for it.
  return {
    workflowBundle,
    dataConverter: sealing(read.keyring, 'mark'),
    namespace: 'default',
  } as ReplayWorkerOptions;
}

function ofDrill(drill: string, file: string) {
  const raw = readFileSync(join(HISTORIES, drill, file), 'utf8');
  const history = historyFromJSON(JSON.parse(raw));
  const started = history.events?.[0]?.workflowExecutionStartedEventAttributes;
  const ring = readFileSync(join(HISTORIES, drill, 'keyring.yaml'), 'utf8');
  return { raw, history, workflowId: started?.workflowId ?? '', ring };
}

test.each(recorded)(
  "today's code replays %s/%s",
  async (drill, file) => {
    const { history, workflowId, ring } = ofDrill(drill, file);
    await expect(Worker.runReplayHistory(optionsWith(ring), history, workflowId)).resolves.toBeUndefined();
  },
  120_000,
);

test('a history that the code could not have made is not replayed', async () => {
  const { raw, workflowId, ring } = ofDrill('false-alarm', 'history.json');
  // Another activity than the one that the code asks for first.
  const forged: unknown = JSON.parse(raw.replaceAll('"name":"step"', '"name":"leap"'));
  await expect(
    Worker.runReplayHistory(optionsWith(ring), historyFromJSON(forged), workflowId),
  ).rejects.toThrow(/[Nn]ondeterminism/);
});

test('without its keys a history is not replayed, and not taken for another one', async () => {
  const { history, workflowId } = ofDrill('false-alarm', 'history.json');
  const others = optionsWith(newKeyring('another'));
  await expect(Worker.runReplayHistory(others, history, workflowId)).rejects.toThrow(/workflow task failure/);
});
