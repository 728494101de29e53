/** Forged decisions of every kind, sent to a running incident: none is accepted, each is recorded, none stops it. */
import { createWorld } from '../support/fakes';
import { failedTasks } from '../support/flood';
import { FORGERIES } from '../support/forgeries';
import { ONE_OF_EACH, respond } from '../support/incidents';
import { startServer, until, useTemporal } from '../support/temporal';
import { someOf } from '../support/thorough';

const stage = useTemporal(() => startServer());

test('every class of forgery, and every kind of decision', async () => {
  const incident = await stage.declare(createWorld());
  await until(async () => (await incident.task('inviteExecutives')).state === 'done');
  // Each against each, without a server: test/domain/intake.test.ts.
  const all = someOf(
    FORGERIES.flatMap(({ forge }) => ONE_OF_EACH.map((decision) => [forge, decision] as const)),
    300,
  ).map(([forge, decision]) => forge(incident.codename, decision, Date.now()));
  // As Signals, which nothing keeps out; and one of each class as an Update, which is answered.
  for (let from = 0; from < all.length; from += 20)
    await Promise.all(all.slice(from, from + 20).map((one) => incident.signal('decision', one)));
  await until(async () => (await incident.checklist()).refusals >= all.length);
  expect((await incident.checklist()).refusals).toBe(all.length);

  const entries = await incident.timeline();
  expect(entries.filter(({ kind }) => kind === 'decision')).toEqual([]);
  const refused = entries.filter(({ kind }) => kind === 'refusal');
  expect(new Set(refused.flatMap(({ reasons = [] }) => reasons.map(({ gate }) => gate)))).toEqual(
    new Set(FORGERIES.map(({ gate }) => gate)),
  );
  expect(new Set(refused.map(({ by }) => by))).toEqual(new Set(['unknown']));
  expect(await failedTasks(incident)).toEqual([]);
  expect(await incident.decide(respond())).toMatchObject({ accepted: true });
}, 60_000);

test('a forgery as an Update is answered with the reason; a flood of them is kept out, and a signed one is let in', async () => {
  const incident = await stage.declare(createWorld());
  await until(async () => (await incident.task('inviteExecutives')).state === 'done');
  for (const { gate, forge } of FORGERIES)
    expect(await incident.update(forge(incident.codename, respond(), Date.now()))).toMatchObject({
      accepted: false,
      reasons: [{ gate }],
    });
  const unsigned = () => incident.signal('decision', { decision: 'close', by: 'ic@example.com' });
  for (let sent = 0; sent < 120; sent += 20) await Promise.all(Array.from({ length: 20 }, unsigned));
  await until(async () => (await incident.checklist()).refusals > 120);
  const events = async () => (await incident.handle.describe()).historyLength;
  const before = await events();
  await expect(incident.update({ decision: 'close', by: 'ic@example.com' })).rejects.toMatchObject({
    cause: { type: 'RateLimited' },
  });
  expect(await events()).toBe(before);
  expect(await incident.decide(respond())).toMatchObject({ accepted: true });
}, 60_000);
