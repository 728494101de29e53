/** The page climbs until somebody has it, whatever the pager does. Minutes are skipped. */
import { unauthorized, unavailable } from '../../activities/failures';
import type { Company } from '../../domain/company';
import { createWorld, type World } from '../support/fakes';
import { acknowledge, DEPUTY, exclude, IC, INSTANCE, ROSTER, SECURITY } from '../support/incidents';
import { keyOf } from '../support/keys';
import { doorKey } from '../support/messages';
import { startTimeSkippingServer, until, useTemporal, type TestIncident } from '../support/temporal';
import { someOf, thorough } from '../support/thorough';

const stage = useTemporal(startTimeSkippingServer);
const REVOKED = unauthorized('the vendor answers: token revoked');
const PHONE = '+1 555 0101';

const ON_CALL: Partial<Company> = {
  // The page is looked at about as often as somebody is called: a test that skips half an hour is no long one.
  joinCheckMs: 120_000,
  roster: ROSTER.map((person) => (person.email === IC ? { ...person, phone: '+1 555 0999' } : person)),
  doors: {
    slack: [keyOf(doorKey('slack')).publicKey],
    pagerduty: [keyOf(doorKey('pagerduty')).publicKey],
  },
  onCall: {
    at: 0,
    people: [
      { email: IC, as: 'primary', phone: PHONE },
      { email: DEPUTY, as: 'backup', phone: '+1 555 0102' },
      { email: SECURITY, as: 'shadowing' },
    ],
  },
};

const ringsOf = ({ pager }: World) => pager.pages[0]?.rings ?? [];

async function assembled(incident: TestIncident): Promise<void> {
  await until(async () => (await incident.task('inviteExecutives')).state === 'done');
}

/** Goes on until so many were called. */
async function untilRung(world: World, count: number): Promise<void> {
  while (ringsOf(world).length < count) {
    const before = ringsOf(world).length;
    await stage.server.sleep('5 minutes');
    await until(() => ringsOf(world).length > before);
  }
}

/** Nothing more is asked of the pager, however long it takes. */
async function isQuiet({ pager }: World): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const before = pager.calls.length;
  await stage.server.sleep('1 hour');
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(pager.calls.length).toBe(before);
}

test('an unacknowledged page climbs through the whole line and around again, and stops when somebody has it', async () => {
  const world = createWorld(ON_CALL);
  const incident = await stage.declare(world);
  await assembled(incident);
  expect((await incident.checklist()).paging).toMatchObject({ state: 'calling', calls: [] });
  await untilRung(world, 5);
  expect(ringsOf(world)).toEqual([DEPUTY, SECURITY, IC, DEPUTY, SECURITY]);
  const calls = (await incident.checklist()).paging.calls.map(({ at }) => at);
  for (const [index, at] of calls.slice(1).entries())
    expect(at - (calls[index] ?? 0)).toBeGreaterThanOrEqual(300_000);

  const [page] = world.pager.pages;
  if (page) page.acknowledgedBy = SECURITY;
  await stage.server.sleep('3 minutes');
  await incident.entry(`${SECURITY} acknowledged the page`);
  expect((await incident.checklist()).paging).toMatchObject({
    state: 'acknowledged',
    acknowledgedBy: SECURITY,
  });
  await isQuiet(world);
}, 90_000);

test.each(someOf(['pagerduty', 'slack', 'command line'] as const, 1))(
  'nobody is called any more once somebody has acknowledged by %s',
  async (door) => {
    const world = createWorld(ON_CALL);
    const incident = await stage.declare(world);
    await assembled(incident);
    await untilRung(world, 1);
    await incident.take(acknowledge(DEPUTY, door));
    await isQuiet(world);
    expect(ringsOf(world)).toEqual([DEPUTY]);
    // The pager's own rules stop as well.
    expect(world.pager.count('acknowledge')).toBe(door === 'pagerduty' ? 0 : 1);
  },
  30_000,
);

test('a pager that is down from the first second: the telephone numbers are told, and nothing waits for it', async () => {
  const world = createWorld({ ...ON_CALL, authority: 'contain-on-declare' });
  world.pager.fail('openPage', REVOKED);
  const incident = await stage.declare(world);
  const failure = await incident.entry('Page the incident commander: failed');
  expect(failure.text).toContain(`${IC} (primary) ${PHONE}`);
  expect(failure.text).toContain(`${DEPUTY} (backup) +1 555 0102`);
  await incident.entry(`${INSTANCE}: stopped`);
  await until(() => world.chat.told().some(({ markdown }) => markdown.includes(PHONE)));
  expect((await incident.checklist()).paging).toMatchObject({ state: 'failed' });

  world.pager.mend('openPage');
  await stage.server.sleep('6 minutes');
  await incident.entry('Page the incident commander: done');
  expect(world.pager.pages).toHaveLength(1);
}, 90_000);

test('a call that fails is told with the numbers; the next in line is called a pace later', async () => {
  const world = createWorld(ON_CALL);
  world.pager.fail('callNext', REVOKED, 1);
  const incident = await stage.declare(world);
  await assembled(incident);
  await stage.server.sleep('5 minutes');
  const failure = await incident.entry(`${DEPUTY} could not be called (the vendor answers: token revoked)`);
  expect(failure.text).toContain(PHONE);
  expect(world.pager.count('callNext')).toBe(1);
  await stage.server.sleep('5 minutes');
  await until(() => ringsOf(world).length === 1);
  expect(ringsOf(world)).toEqual([SECURITY]);
}, 90_000);

thorough(
  'that the page can not be looked at delays no call',
  async () => {
    const world = createWorld(ON_CALL);
    world.pager.fail('stateOf', unavailable('the vendor answers 503'));
    const incident = await stage.declare(world);
    await assembled(incident);
    await untilRung(world, 2);
    world.pager.mend('stateOf');
    await incident.take(acknowledge(IC));
    await isQuiet(world);
  },
  90_000,
);

test('a page that was acknowledged by somebody who is excluded then is handed on at once', async () => {
  const world = createWorld(ON_CALL);
  const incident = await stage.declare(world);
  await assembled(incident);
  const [page] = world.pager.pages;
  if (page) page.acknowledgedBy = IC;
  await stage.server.sleep('3 minutes');
  await incident.entry(`${IC} acknowledged the page`);
  await incident.take(exclude(SECURITY, IC));
  await until(() => ringsOf(world).length === 1);
  expect(ringsOf(world)).toEqual([DEPUTY]);
  expect((await incident.checklist()).paging.state).toBe('calling');
  // It goes on without the one who is excluded.
  await untilRung(world, 3);
  expect(ringsOf(world)).not.toContain(IC);
  expect(world.pager.calls.find(({ name }) => name === 'withdraw')?.request).toMatchObject({ email: IC });
}, 90_000);

test('a page that the pager ended by itself is opened anew when the next call is due', async () => {
  const world = createWorld(ON_CALL);
  const incident = await stage.declare(world);
  await assembled(incident);
  const [page] = world.pager.pages;
  if (page) page.resolved = true;
  await stage.server.sleep('5 minutes');
  await incident.entry('resolved at the pager although nobody had acknowledged it');
  await until(() => world.pager.pages[1]?.rings.length === 1);
  expect(world.pager.pages).toHaveLength(2);
}, 90_000);
