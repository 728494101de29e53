/** Practice looks like an incident to whoever can't read payloads, does nothing, and says what it is to whoever can. */
import { writeFileSync } from 'node:fs';
import { Client } from '@temporalio/client';
import { createPracticeActivities } from '../../activities/practice';
import { asOneStep } from '../../activities/step';
import { decideIncident, declareIncident } from '../../client/incidents';
import { sealing } from '../../codec/data-converter';
import type { Decision } from '../../domain/decisions';
import { EMPTY_SCOPE } from '../../domain/scope';
import { keepPractising } from '../../worker/practice';
import { startOf } from '../../workflows/incident/messages';
import { INCIDENT_WORKFLOW, TASK_QUEUE } from '../../workflows/names';
import { createWorld } from '../support/fakes';
import { IC, INSTANCE, respond, SECURITY } from '../support/incidents';
import { signerOf } from '../support/signers';
import {
  freshCodename,
  KEYRING,
  startServer,
  TestIncident,
  TO_CLOSE,
  until,
  useTemporal,
} from '../support/temporal';
import { dataKeysOf, visibleDescription, visibleHistory } from '../support/visible';

const stage = useTemporal(() => startServer());

/** As each command line has it: a process of its own. */
const commandLine = () =>
  new Client({
    connection: stage.server.connection,
    namespace: 'default',
    identity: 'firebreak',
    dataConverter: sealing({ ...KEYRING }, 'throw'),
  });

test('scratch', async () => {
  const world = createWorld({ authority: 'contain-on-declare', ledger: true });
  await stage.startWorker(TASK_QUEUE, world, {
    identity: 'firebreak',
    activities: asOneStep({ ...world.activities, ...createPracticeActivities() }),
  });
  const practised = [freshCodename(), freshCodename(), freshCodename()];
  const t0 = Date.now();
  for (const [index, codename] of practised.entries())
    await commandLine().workflow.start(
      INCIDENT_WORKFLOW,
      startOf(codename, { practice: { seed: `seed ${index}`, lastsMs: 8_000, padding: '' } }, 'a hash'),
    );
  const ending = new AbortController();
  void keepPractising(
    {
      connection: stage.server.connection,
      namespace: 'default',
      keyring: KEYRING,
      settings: undefined,
      warn: (text) => console.log(text),
    },
    ending.signal,
  );
  const { codename } = await declareIncident(
    commandLine(),
    {
      summary: 'odd',
      by: SECURITY,
      scope: { ...EMPTY_SCOPE, instances: [{ id: INSTANCE }] },
      finding: { id: 'x', type: 'y', title: 'z', severity: 8 },
    },
    KEYRING,
    signerOf(SECURITY),
  );
  const incident = new TestIncident(codename, stage.client);
  const decide = async ({ name, by, ...fields }: Decision) => {
    const outcome = await decideIncident(
      commandLine(),
      codename,
      name,
      { by, ...fields } as never,
      signerOf(by),
    );
    if (!outcome.accepted) throw new Error(outcome.text);
  };
  await incident.entry('declared');
  await decide(respond());
  await until(async () =>
    (await incident.checklist()).containments.every(({ status }) => status === 'finished'),
  );
  await until(async () => (await incident.task('inviteExecutives')).state === 'done');
  for (const one of TO_CLOSE) await decide(one);
  console.log('real', await incident.handle.result(), Date.now() - t0);
  for (const one of practised)
    console.log(one, await stage.client.workflow.getHandle(one).result(), Date.now() - t0);
  ending.abort();
  const all = async (ids: string[]) => {
    const out: Record<string, string[]> = {};
    for (const id of ids) {
      const seen = await visibleHistory(stage.client, id).catch(() => new Map<string, Set<string>>());
      for (const [kind, texts] of seen) out[kind] = [...new Set([...(out[kind] ?? []), ...texts])].sort();
    }
    return out;
  };
  writeFileSync(
    '/tmp/practice/real.json',
    JSON.stringify(await all([codename, `${codename}-1`, `${codename}-2`, `${codename}-3`]), null, 1),
  );
  writeFileSync(
    '/tmp/practice/practice.json',
    JSON.stringify(await all(practised.flatMap((one) => [one, `${one}-1`, `${one}-2`])), null, 1),
  );
  writeFileSync(
    '/tmp/practice/d-real.json',
    JSON.stringify(await visibleDescription(stage.client, codename), null, 1),
  );
  writeFileSync(
    '/tmp/practice/d-practice.json',
    JSON.stringify(await visibleDescription(stage.client, practised[0]!), null, 1),
  );
  for (const one of practised)
    writeFileSync(
      `/tmp/practice/h-${one}.json`,
      JSON.stringify((await stage.client.workflow.getHandle(one).fetchHistory()).events),
    );
  console.log(await dataKeysOf(stage.client, practised[0]!));
}, 60_000);
