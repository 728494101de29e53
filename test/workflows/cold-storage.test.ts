/** Images on their way to cold storage, and the seal of all evidence. */
import { createHash } from 'node:crypto';
import { unauthorized } from '../../activities/failures';
import { TOOLS } from '../../client/evidence/tools';
import type { Company } from '../../domain/company';
import { checkEvidence } from '../../domain/evidence/check';
import { sentenceOfFinding } from '../../domain/evidence/finding';
import type { Seal } from '../../domain/evidence/store';
import { EMPTY_SCOPE } from '../../domain/scope';
import { createWorld, type World } from '../support/fakes';
import {
  acknowledge,
  COLD_STORAGE,
  FORENSICS,
  handOver,
  IC,
  INSTANCE,
  lockForGood,
  respond,
  SECURITY,
  standDown,
} from '../support/incidents';
import {
  startTimeSkippingServer,
  TO_CLOSE,
  until,
  useTemporal,
  type TestIncident,
} from '../support/temporal';
import { someOf, thorough } from '../support/thorough';

const stage = useTemporal(startTimeSkippingServer);
const DENIED = unauthorized('the cloud answers: not allowed');
const LIVE = `snap-live-of-${INSTANCE}`;
const STOPPED = `snap-stopped-of-${INSTANCE}`;

const worldWith = (changes: Partial<Company> = {}) =>
  createWorld({ authority: 'contain-on-declare', coldStorage: COLD_STORAGE, ...changes });

const firstOf = async (incident: TestIncident) => (await incident.checklist()).containments[0];

/** Time passes until it is so. */
function passes(isSo: () => unknown, pause: '10 seconds' | '10 minutes' = '10 seconds') {
  return until(async () => {
    if (await isSo()) return true;
    await stage.server.sleep(pause);
    return Boolean(await isSo());
  });
}

const finished = (incident: TestIncident) =>
  passes(async () => (await firstOf(incident))?.status === 'finished');

async function sealed(incident: TestIncident, sequence: number): Promise<Seal | undefined> {
  const all = () => incident.evidence().then(({ seals }) => seals);
  await passes(async () => (await all()).length >= sequence);
  return (await all())[sequence - 1];
}

/** What `firebreak verify` would say of the vault's folder of that incident. */
function check({ vault }: World, { codename }: TestIncident) {
  const folder = [...vault.files].map(([path, content]) => {
    const bytes = Buffer.from(content);
    const file = { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
    return [path.slice(codename.length + 1), { ...file, text: bytes.toString('utf8') }] as const;
  });
  const { findings, seals } = checkEvidence(new Map(folder), TOOLS);
  return { findings: findings.map(sentenceOfFinding), seals };
}

test('images are copied to cold storage, locked and hashed there, and all evidence is sealed', async () => {
  const world = worldWith();
  const incident = await stage.declare(world);
  await finished(incident);
  await incident.entry(`${INSTANCE}: the images are in cold storage, locked`);
  await incident.entry(`${INSTANCE}: the images are hashed`);
  expect((await incident.task('shipDiskImages')).state).toBe('done');
  expect(await sealed(incident, 1)).toMatchObject({
    sequence: 1,
    path: `${incident.codename}/manifest-1.json`,
  });

  const { items, custody, seals, failing } = await incident.evidence();
  const capture = `${incident.codename}/captures/${INSTANCE}.json`;
  for (const id of [LIVE, STOPPED]) {
    expect(items[id]).toMatchObject({ kind: 'snapshot', state: 'complete', lock: { mode: 'governance' } });
    expect(items[`copy-of-${id}`]).toMatchObject({
      kind: 'copy',
      from: id,
      state: 'complete',
      account: '999999999999',
      lock: { mode: 'governance' },
      sha256: expect.any(String) as string,
    });
    expect(items[`${incident.codename}/blocks/copy-of-${id}/index.json`]).toMatchObject({ kind: 'blocks' });
  }
  expect(Object.keys(items)).toHaveLength(7);
  expect(items[capture]).toMatchObject({ kind: 'capture', of: INSTANCE });
  expect(custody.map(({ seq }) => seq)).toEqual(custody.map((_, index) => index + 1));
  expect(seals[0]?.records).toBe(custody.length);
  expect(failing).toBeUndefined();
  expect([...world.images.locks]).toEqual([
    [`copy-of-${LIVE}`, 'governance'],
    [`copy-of-${STOPPED}`, 'governance'],
  ]);
  expect(check(world, incident)).toEqual({ findings: [], seals: 1 });

  // Whatever is decided of it is sealed as well.
  await incident.take(respond(), handOver(FORENSICS, `copy-of-${LIVE}`));
  expect(await sealed(incident, 2)).toMatchObject({ sequence: 2, records: custody.length + 1 });
  await incident.take(lockForGood(IC));
  await incident.entry('locked for good in cold storage: 2 images');
  expect([...world.images.locks.values()]).toEqual(['compliance-cooloff', 'compliance-cooloff']);
  await sealed(incident, 3);
  expect(check(world, incident)).toEqual({ findings: [], seals: 3 });
});

thorough(
  'images that take their time are waited for, and show how far they are and when they are expected',
  async () => {
    const world = worldWith();
    world.images.percents.set(LIVE, [0, 20, 40, 40, 60, 80, 100]);
    const incident = await stage.declare(world);
    await incident.entry(`${INSTANCE}: stopped`);
    await passes(async () => (await firstOf(incident))?.subSteps.store?.expectedAt !== undefined);
    const { store } = (await firstOf(incident))?.subSteps ?? {};
    expect(store).toMatchObject({ state: 'running' });
    expect(store?.percent).toBeGreaterThan(0);
    expect(store?.expectedAt).toBeGreaterThan(store?.at ?? Infinity);
    expect(await incident.details()).toMatch(/copy the images to cold storage: \d+ % \|/);
    expect((await incident.task('shipDiskImages')).state).toBe('open');
    await finished(incident);
    // Looked at ever more seldom, and not for nothing.
    expect(world.images.count('lookAt')).toBeLessThan(20);
  },
);

thorough(
  'images that are not there in time are a failure, and are looked at again by order only',
  async () => {
    const world = worldWith();
    world.images.percents.set(LIVE, [30]);
    const incident = await stage.declare(world);
    await incident.entry(`${INSTANCE}: stopped`);
    await passes(async () => (await incident.task('shipDiskImages')).state === 'failed', '10 minutes');
    expect((await incident.task('shipDiskImages')).note).toContain(
      `not finished after 1 h: ${LIVE} is at 30 %. Look at them in the AWS console, then retry`,
    );
    const looks = world.images.count('lookAt');
    await stage.server.sleep('5 hours');
    expect(world.images.count('lookAt')).toBe(looks);

    world.images.percents.delete(LIVE);
    await incident.take({ name: 'retryTask', by: SECURITY, task: 'shipDiskImages' });
    await finished(incident);
    expect((await incident.task('shipDiskImages')).state).toBe('done');
  },
);

thorough('an image that went wrong at AWS is made anew; the other one stays in the list', async () => {
  const world = worldWith();
  const look = world.images.hold('lookAt');
  const incident = await stage.declare(world);
  await until(() => world.images.count('lookAt') > 0);
  world.images.failed.add(LIVE);
  look();
  await finished(incident);
  const { items } = await incident.evidence();
  expect(items[LIVE]).toMatchObject({ state: 'requested' });
  expect(items[`copy-of-${LIVE}`]).toBeUndefined();
  expect(items[`copy-of-${LIVE}-2`]).toMatchObject({ from: `${LIVE}-2`, state: 'complete' });
  await sealed(incident, 1);
  expect(check(world, incident).findings).toEqual([]);
});

thorough('a copy that went wrong is a failure, and is made anew by order only', async () => {
  const world = worldWith();
  const copy = `copy-of-${LIVE}`;
  world.images.failed.add(copy);
  const incident = await stage.declare(world);
  await passes(async () => (await incident.task('shipDiskImages')).state === 'failed');
  expect((await incident.task('shipDiskImages')).note).toContain(`the copy ${copy} of ${LIVE} failed at AWS`);
  const looks = world.images.count('lookAt');
  // Nobody is called or asked meanwhile: that would take thousands of steps.
  await incident.take(acknowledge(IC), { name: 'setPace', by: IC, status: 0 });
  await stage.server.sleep('5 hours');
  expect(world.images.count('lookAt')).toBe(looks);

  world.images.failed.delete(copy);
  await incident.take({ name: 'retryTask', by: SECURITY, task: 'shipDiskImages' });
  await finished(incident);
  expect((await incident.evidence()).items[copy]).toMatchObject({ state: 'complete' });
  await sealed(incident, 1);
  expect(check(world, incident).findings).toEqual([]);
});

thorough('an image that can not be shared as it is goes by another one that is prepared', async () => {
  const world = worldWith();
  world.images.toPrepare.add(LIVE);
  const incident = await stage.declare(world);
  await finished(incident);
  const { items } = await incident.evidence();
  expect(items[`copy-of-${LIVE}`]).toMatchObject({ from: LIVE, state: 'complete' });
  const lookedAt = world.images.calls.filter(({ name }) => name === 'lookAt');
  expect(JSON.stringify(lookedAt)).toContain(`prepared-of-${LIVE}`);
});

test.each(
  someOf(
    [
      ['copy', 'Copy the images to cold storage'],
      ['lock', 'Copy the images to cold storage'],
      ['hashBlocks', 'Hash the images'],
    ],
    1,
  ),
)('a step of cold storage that fails is shown and tried again: %s', async (name, title) => {
  const world = worldWith();
  world.images.fail(name, DENIED, 1);
  const incident = await stage.declare(world);
  await incident.entry(`${INSTANCE}: stopped`);
  await passes(async () =>
    (await incident.timeline()).some(({ text }) =>
      text.startsWith(`${INSTANCE}: ${title}: failed (the cloud answers: not allowed)`),
    ),
  );
  await finished(incident);
});

test('a vault that is down holds up no containment, and gets everything afterwards', async () => {
  const world = worldWith();
  world.vault.fail('writeOnce', DENIED);
  const incident = await stage.declare(world);
  await incident.entry(`${INSTANCE}: Write the capture down, once: failed (the cloud answers: not allowed)`);
  await incident.entry(`${INSTANCE}: isolated, verified by looking again`);
  await incident.entry(`${INSTANCE}: stopped`);
  expect((await incident.task('shipDiskImages')).state).toBe('failed');
  world.vault.mend('writeOnce');
  await incident.take({ name: 'retryTask', by: SECURITY, task: 'shipDiskImages' });
  await finished(incident);
  await sealed(incident, 1);
  expect(check(world, incident)).toEqual({ findings: [], seals: 1 });
});

test('a seal that fails is told once and made as soon as it can be; it is written once', async () => {
  const world = worldWith();
  world.signer.fail('sign', DENIED);
  const incident = await stage.declare(world);
  await finished(incident);
  await passes(() => world.signer.count('sign') >= 3);
  const told = (await incident.timeline()).filter(({ text }) => text.startsWith('the evidence: failed'));
  expect(told).toHaveLength(1);
  expect((await incident.evidence()).failing).toBe('the cloud answers: not allowed');
  const manifest = world.vault.files.get(`${incident.codename}/manifest-1.json`);
  expect(manifest).toBeDefined();

  world.signer.mend('sign');
  await sealed(incident, 1);
  expect(world.vault.files.get(`${incident.codename}/manifest-1.json`)).toBe(manifest);
  expect((await incident.evidence()).failing).toBeUndefined();
  expect(check(world, incident)).toEqual({ findings: [], seals: 1 });
});

thorough('a lock for good that fails is tried again, and is no reason not to seal', async () => {
  const world = worldWith();
  world.images.fail('lockForGood', DENIED);
  const incident = await stage.declare(world);
  await finished(incident);
  await sealed(incident, 1);
  await incident.take(lockForGood(IC));
  await incident.entry('the evidence: failed (the cloud answers: not allowed)');
  await incident.take(handOver(FORENSICS, LIVE));
  await sealed(incident, 2);
  world.images.mend('lockForGood');
  await passes(async () => [...world.images.locks.values()].every((mode) => mode === 'compliance-cooloff'));
  await incident.entry('locked for good in cold storage: 2 images');
});

thorough('an incident that is stood down in the middle of a containment is sealed at its end', async () => {
  const world = worldWith();
  world.images.percents.set(LIVE, [30]);
  const incident = await stage.declare(world);
  await incident.entry(`${INSTANCE}: stopped`);
  await until(async () => (await incident.evidence()).custody.length > 3);
  expect((await incident.evidence()).seals).toEqual([]);
  await incident.take(standDown());
  await incident.handle.result();
  expect((await incident.evidence()).seals).toHaveLength(1);
  expect(check(world, incident)).toEqual({ findings: [], seals: 1 });
});

thorough('an incident whose last seal can not be made says so, and ends', async () => {
  const world = worldWith();
  world.signer.fail('sign', DENIED);
  const incident = await stage.declare(world);
  await finished(incident);
  await incident.take(standDown());
  await incident.handle.result();
  expect((await incident.timeline()).map(({ text }) => text)).toContain(
    'the last records of custody are not sealed: keep this timeline with the evidence',
  );
});

test('what fails for ever and was done by hand is given up at the end, and sealed before it', async () => {
  const world = worldWith();
  world.identities.withoutFunction.add('orders/database');
  const scope = { ...EMPTY_SCOPE, secrets: ['orders/database'] };
  const incident = await stage.declare(world, { scope });
  await incident.entry(
    'orders/database: Rotate it: failed (The secret has no rotation function: rotate it by hand',
  );
  expect(await incident.task('revokeCredentials')).toMatchObject({
    state: 'failed',
    note: expect.stringContaining('then complete the task') as string,
  });
  await until(async () => (await incident.task('inviteExecutives')).state === 'done');
  await incident.take(respond(), { name: 'completeTasks', by: SECURITY, tasks: ['revokeCredentials'] });
  await sealed(incident, 1);
  const machines = ['shutDownInstances', 'isolateAffected', 'denyAffectedAddresses'] as const;
  await incident.take(
    {
      name: 'markNotNeeded',
      by: IC,
      tasks: [...machines, 'turnOffInstances', 'takeDiskImages'],
      reason: 'no instance is affected',
    },
    ...TO_CLOSE.map((decision) =>
      decision.name === 'markNotNeeded'
        ? { ...decision, tasks: decision.tasks.filter((task) => task !== 'revokeCredentials') }
        : decision,
    ),
  );
  expect(await incident.handle.result()).toMatchObject({ outcome: 'closed' });
  expect((await firstOf(incident))?.status).toBe('abandoned');
  expect(check(world, incident).findings).toEqual([]);
});
