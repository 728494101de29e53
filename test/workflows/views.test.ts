/** What people see: queries, current details, the descriptions of the doors, and the summaries in the history. */
import { defaultPayloadConverter } from '@temporalio/common';
import { createCodec } from '../../codec/codec';
import { TASK_IDS, numberOfTask } from '../../domain/checklist';
import { DECISION_NAMES } from '../../domain/decisions';
import { STEP_IDS } from '../../domain/steps';
import type { part } from '../../workflows';
import { createWorld } from '../support/fakes';
import { unauthorized } from '../../activities/failures';
import { approve, complete, IC, INSTANCE, respond, SECURITY, THREE_AM } from '../support/incidents';
import {
  isGapless,
  KEYRING,
  metadataOf,
  startServer,
  until,
  useTemporal,
  type TestIncident,
} from '../support/temporal';

const stage = useTemporal(() => startServer());

test('the checklist shows every step and task, what is open and why the rest is locked', async () => {
  const incident = await stage.declare(createWorld());
  const view = await incident.checklist();
  expect(view.codename).toBe(incident.codename);
  expect(view.declaredAt).toBeGreaterThan(THREE_AM - 366 * 24 * 3_600_000);
  expect(view.steps.map(({ id }) => id)).toEqual(STEP_IDS);
  expect(view.steps.flatMap(({ tasks }) => tasks.map(({ id }) => id))).toEqual(TASK_IDS);
  expect(view.steps.find(({ id }) => id === 'forensicAnalysis')).toMatchObject({
    state: 'locked',
    blockers: [
      { gate: 'responseIsDetermined' },
      { gate: 'systemsAreSecured' },
      { gate: 'monitoringIsInPlace' },
    ],
  });
  expect(view.requests.find(({ id }) => id === `contain:${INSTANCE}`)?.state).toBe('open');
});

test('the timeline is gapless, in order, and begins with the declaration', async () => {
  const incident = await stage.declare(createWorld());
  await incident.take(respond());
  const entries = await incident.timeline();
  isGapless(entries);
  expect(entries[0]).toMatchObject({ kind: 'declared', by: SECURITY, door: 'command line' });
  expect(entries.map(({ at }) => at)).toEqual(entries.map(({ at }) => at).sort((a, b) => a - b));
});

test('a task is found by its number and by its name in any spelling; an unknown one is null', async () => {
  const incident = await stage.declare(createWorld());
  const named = await incident.task('findActions');
  expect(named).toMatchObject({ number: numberOfTask('findActions'), owner: 'securityTeam', state: 'open' });
  expect(await incident.task('5.3')).toEqual(named);
  expect(await incident.task('find-actions')).toEqual(named);
  for (const unknown of ['99.1', 'constructor', '', null, 7, { by: IC }])
    expect(await incident.view('task', unknown as string)).toBeNull();
});

test('the declaration can be read by a second declaration of the same detection', async () => {
  const finding = { id: 'finding-1', type: 'UnauthorizedAccess', title: 'a title', severity: 8 };
  const incident = await stage.declare(createWorld(), { finding });
  await incident.entry('declared');
  expect(await incident.view('declaration')).toMatchObject({
    codename: incident.codename,
    finding,
  });
});

test('the current details say what waits on whom, since when, and what has failed', async () => {
  const world = createWorld();
  world.pager.fail('openPage', unauthorized('the vendor answers: token revoked'));
  const incident = await stage.declare(world);
  await incident.entry('Page the incident commander: failed');
  const before = await incident.details();
  expect(before).toContain(`# ${incident.codename}`);
  expect(before).toContain("Waits for the incident commander's determination");
  expect(before).toContain(`\`contain:${INSTANCE}\``);
  expect(before).toContain('has failed: the vendor answers: token revoked');

  await incident.take(respond(), {
    name: 'assignTask',
    by: IC,
    task: 'findActions',
    to: 'scribe@example.com',
  });
  const later = await incident.details();
  expect(later).toContain('Responding since');
  expect(later).toMatch(/5\.3 .* waits on \*\*scribe@example\.com\*\* since \d\d:\d\d:\d\d UTC/);
  await incident.take(complete('scribe@example.com', 'findActions'));
  expect(await incident.details()).toMatch(/\[x\] 5\.3 .* — scribe@example\.com/);
});

async function definitionsOf(handle: TestIncident['handle']) {
  const { definition } = await metadataOf(handle);
  const { queryDefinitions = [], signalDefinitions = [], updateDefinitions = [] } = definition;
  return { queries: queryDefinitions, signals: signalDefinitions, updates: updateDefinitions };
}

test('every door of the incident says in the Web UI what it is for', async () => {
  const incident = await stage.declare(createWorld());
  await incident.entry('declared');
  const { queries, signals, updates } = await definitionsOf(incident.handle);
  expect(updates.map(({ name }) => name)).toEqual(['decision']);
  expect(signals.map(({ name }) => name).sort()).toEqual(['decision', 'report']);
  for (const name of DECISION_NAMES) expect(updates[0]?.description).toContain(name);
  for (const { name, description } of [...queries, ...signals, ...updates])
    expect({ name, described: (description ?? '').length > 10 }).toEqual({ name, described: true });
});

/** Events of activities and timers that say nothing of themselves in the Web UI. */
async function silentEventsOf(handle: Pick<TestIncident['handle'], 'fetchHistory'>) {
  const { events } = await handle.fetchHistory();
  const told = (events ?? []).filter(
    (event) => event.activityTaskScheduledEventAttributes ?? event.timerStartedEventAttributes,
  );
  expect(told.length).toBeGreaterThan(5);
  const codec = createCodec(KEYRING, 'throw');
  const summaries = await Promise.all(
    told.map(async ({ userMetadata }) => {
      const [opened] = await codec.decode(userMetadata?.summary ? [userMetadata.summary] : []);
      return opened && defaultPayloadConverter.fromPayload<string>(opened);
    }),
  );
  return summaries.filter((summary) => !summary);
}

test('every activity and every timer says in the history what it is for', async () => {
  const world = createWorld();
  world.pager.fail('openPage', unauthorized('the vendor answers: token revoked'));
  world.chat.strangers.add(SECURITY);
  world.cloud.looks.push(['eni-1 is in the group sg-default']);
  const incident = await stage.declare(world);
  await incident.entry('Page the incident commander: failed');
  await incident.entry('not in the room');
  await incident.take(approve(IC, `contain:${INSTANCE}`));
  await incident.entry('attempted, unproven');
  const child = stage.client.workflow.getHandle<typeof part>(`${incident.codename}-1`);
  expect(await silentEventsOf(incident.handle)).toEqual([]);
  expect(await silentEventsOf(child)).toEqual([]);
  const childDetails = await until(async () => (await metadataOf(child)).currentDetails);
  expect(childDetails).toContain('Verify by looking again — failing since');
  const { queries, signals } = await definitionsOf(child as never);
  for (const { name, description } of [...queries, ...signals])
    expect({ name, described: (description ?? '').length > 10 }).toEqual({ name, described: true });
});
