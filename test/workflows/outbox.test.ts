/**
 * Messages on their way out: each once, through the gates anew at each attempt, whatever fails, dies or begins anew in between. And
 * what was promised for a day is remembered on that day.
 */
import { conflict, unauthorized, unavailable } from '../../activities/failures';
import { dayIn } from '../../domain/communication';
import type { DispatchView } from '../../domain/communication-view';
import { FORENSIC_TASKS } from '../../domain/gates';
import { requestOfStatement } from '../../domain/requests';
import { textHash } from '../../domain/statement/hash';
import { createWorld, type World } from '../support/fakes';
import {
  acknowledge,
  approve,
  COMMUNICATION,
  complete,
  COUNSEL,
  CUSTOMER_MAIL,
  CUSTOMER_TWO,
  ENGINEERING,
  FIVE_FACTS,
  FORENSICS,
  IC,
  INSURER,
  INSURER_MAIL,
  logContact,
  MARKETING,
  noteFor,
  onFile,
  reach,
  record,
  refuse,
  releaseTo,
  requestOfNote,
  respond,
  retrySend,
  ROSTER,
  SECURITY,
  send,
  sendSms,
  STATEMENT,
  submit,
  submitNote,
  withdraw,
} from '../support/incidents';
import {
  freshCodename,
  startServer,
  startTimeSkippingServer,
  until,
  useTemporal,
  type TestIncident,
} from '../support/temporal';
import { eventsOf } from '../support/visible';
import { thorough } from '../support/thorough';

const DAY = 86_400_000;
const DOWN = unavailable('the mail server answers 421');
const REVOKED = unauthorized('the mail server does not take the password');
const UNKNOWN = conflict('it is not known whether the server took it');

/** Where today does not end while a test runs. */
const timeZone = new Date().getUTCHours() === 23 ? 'Asia/Tokyo' : 'UTC';
const dayOf = (at: number) => dayIn(timeZone, at);

const roster = ROSTER.map((one) => (one.email === IC ? { ...one, phone: '+1 555 0101' } : one));
const worldOf = (changes: Partial<typeof COMMUNICATION> = {}): World =>
  createWorld({ roster, communication: { ...COMMUNICATION, timeZone, ...changes } });

/** Forensics has been performed, the attack came from outside, and the insurer may be spoken to. */
const ANALYSED = [
  respond(),
  record(SECURITY, 'systemsSecured'),
  record(SECURITY, 'monitoringInPlace'),
  complete(FORENSICS, ...FORENSIC_TASKS),
  record(FORENSICS, 'attackSource', 'external'),
  approve(IC, 'contact:cyberInsurance'),
];

const messages = async (incident: TestIncident) => (await incident.communication()).outbox;
const message = async (incident: TestIncident, id: string): Promise<DispatchView | undefined> =>
  (await messages(incident)).find((one) => one.id === id);
const isState = (incident: TestIncident, id: string, state: DispatchView['state']) =>
  until(async () => (await message(incident, id))?.state === state);

describe('on the real clock', () => {
  const stage = useTemporal(() => startServer());

  test('what was ordered goes out once, by the way that it takes, and its tasks are done with it', async () => {
    const world = worldOf();
    const incident = await stage.declare(world);
    const now = await incident.now();
    const followUp = dayOf(now + 2 * DAY);
    const note = noteFor(followUp);
    const statement = STATEMENT.replace('24 November 2026', dayOf(now));
    const request = requestOfStatement({ version: 1, sha256: textHash(statement) });
    await incident.take(
      ...ANALYSED,
      submitNote(note, followUp),
      approve(IC, requestOfNote(1, note)),
      send([INSURER], { cc: [IC], pack: 'cyberInsurance' }),
      sendSms(IC),
      ...FIVE_FACTS.map((fact) => record(FORENSICS, fact)),
      submit(MARKETING, statement),
      ...[MARKETING, IC, COUNSEL].map((by) => approve(by, request)),
      releaseTo('customers'),
      reach(CUSTOMER_TWO, { outcome: 'notReached', how: 'nobody answers' }),
    );
    await until(async () => (await incident.task('tellCustomersSecurityTeams')).state === 'done');
    await incident.take(releaseTo('public'));
    await until(async () => (await messages(incident)).every(({ state }) => state === 'sent'));

    const key = (number: number) => `${incident.codename} message-${number}`;
    expect(world.chat.announcements).toMatchObject([
      { channel: 'engineering', key: key(1), markdown: note, posts: 1 },
    ]);
    const byKey = (one: { key: string }, other: { key: string }) => one.key.localeCompare(other.key);
    expect([...world.mail.sent].sort(byKey)).toMatchObject([
      { key: key(2), to: [{ address: 'everybody@example.com' }], markdown: note, encrypt: false },
      {
        key: key(3),
        to: [{ address: INSURER_MAIL }],
        cc: [{ address: IC }],
        encrypt: true,
        attachments: [{ kind: 'markdown' }, { kind: 'pdf' }],
      },
      { key: key(5), to: [{ address: CUSTOMER_MAIL }], markdown: statement, encrypt: true },
    ]);
    expect(world.sms.sent).toEqual([{ key: key(4), to: '+1 555 0101', text: 'joinSlack' }]);
    expect([...world.publisher.published].sort(byKey)).toMatchObject([
      { key: key(6), channel: 'website', markdown: statement },
      { key: key(7), channel: 'folder', title: expect.stringContaining(dayOf(now)) },
    ]);
    for (const [vendor, calls] of [
      [world.mail, 3],
      [world.sms, 1],
    ] as const)
      expect(vendor.count('send')).toBe(calls);
    for (const task of ['overviewTimeline', 'discussMitigation', 'keepDetailsOut', 'releaseStatement'])
      expect([task, (await incident.task(task)).state]).toEqual([task, 'done']);
    await incident.entry(
      'message-6: sent: the statement, version 1, to the public (website); https://www.example.com/website',
    );
    expect((await incident.communication()).note).toMatchObject({ state: 'approved', followUp });
  });

  test('a failure that will not pass by itself waits for somebody, and holds nothing else up', async () => {
    const world = worldOf();
    const incident = await stage.declare(world);
    for (const [index, failure] of [UNKNOWN, REVOKED, new Error('the adapter does not know it')].entries()) {
      const id = `message-${2 * index + 1}`;
      world.mail.fail('send', failure);
      await incident.take(send([IC]), sendSms(IC));
      await isState(incident, id, 'failed');
      await isState(incident, `message-${2 * index + 2}`, 'sent');
      expect(await message(incident, id)).not.toHaveProperty('nextTryAt');
      await incident.entry(new RegExp(`^${id}: failed .*; look, then "messages retry" or "messages drop"$`));
      expect((await incident.checklist()).stuckMessages).toMatchObject([{ id }]);
      expect(world.mail.count('send')).toBe(2 * index + 1);

      world.mail.mend('send');
      await incident.take(retrySend(id));
      await isState(incident, id, 'sent');
      expect(world.mail.sent).toHaveLength(index + 1);
    }
  });

  test('a mail of whose worker nothing is heard any more is never sent again by itself; an announcement is, by another worker, and stands there once', async () => {
    const world = worldOf();
    world.mail.holdAnswer('send');
    world.chat.holdAnswer('announce');
    const incident = await stage.start(freshCodename());
    // It does not say that it lives: what it has in hand is lost, answers included.
    const first = await stage.startWorker(incident.codename, world, { interceptors: {} });
    await incident.entry('declared');
    const followUp = dayOf((await incident.now()) + 2 * DAY);
    const note = noteFor(followUp);
    await incident.take(
      ...ANALYSED,
      send([INSURER]),
      submitNote(note, followUp),
      approve(IC, requestOfNote(1, note)),
    );
    await incident.entry('message-1: failed (no answer in time)');
    const failed = await incident.entry(/^message-2: failed \(no answer in time\).*; tried again in 5 s/);
    world.releaseAll();
    first.shutdown();
    await until(() => first.getState() === 'STOPPED');
    await stage.startWorker(incident.codename, world);
    const sent = await incident.entry('message-2: sent');
    expect(sent.at - failed.at).toBeGreaterThanOrEqual(5_000);
    await isState(incident, 'message-2', 'sent');
    expect(world.chat.announcements).toMatchObject([{ posts: 2, markdown: note }]);
    expect(world.mail.sent.filter(({ key }) => key.endsWith('message-1'))).toHaveLength(1);
    const left = await message(incident, 'message-1');
    expect(left).toMatchObject({ state: 'failed', blockers: [] });
    expect(left).not.toHaveProperty('nextTryAt');
  });
});

describe('on a clock that is moved', () => {
  const stage = useTemporal(startTimeSkippingServer);

  /** Somebody has the page, and the room is not asked for a status: the time belongs to messages. */
  async function quiet(world: World): Promise<TestIncident> {
    const incident = await stage.declare(world);
    await until(async () => (await incident.task('inviteExecutives')).state === 'done');
    await incident.take(acknowledge(IC), { name: 'setPace', by: IC, status: 0, reminders: 0 });
    return incident;
  }

  async function pass(ms: number): Promise<void> {
    await stage.server.sleep(ms);
    // What the passing of time has set going arrives within this.
    await new Promise((resolve) => setTimeout(resolve, 400));
  }

  test('a failure that may pass is tried again by the incident’s clock, ever more slowly, and goes out once', async () => {
    const world = worldOf();
    world.mail.fail('send', DOWN);
    const incident = await quiet(world);
    await incident.take(...ANALYSED, send([INSURER]));
    await incident.entry(
      'message-1: failed (the mail server answers 421): mail to insurer; tried again in 5 s',
    );
    await pass(6_000);
    await incident.entry('tried again in 10 s');
    expect(world.mail.count('send')).toBe(2);
    world.mail.mend('send');
    await pass(12_000);
    await incident.entry('message-1: sent: mail to insurer; encrypted to each, one message');
    await pass(3_600_000);
    expect(world.mail.count('send')).toBe(3);
    expect(world.mail.sent).toHaveLength(1);
  }, 60_000);

  test('the gates are asked at each attempt: what may not go out any more is stopped, and stays so', async () => {
    const world = worldOf();
    world.mail.fail('send', DOWN);
    const incident = await quiet(world);
    const followUp = dayOf((await incident.now()) + 2 * DAY);
    const note = noteFor(followUp);
    await incident.take(
      ...ANALYSED,
      send([INSURER]),
      submitNote(note, followUp),
      approve(IC, requestOfNote(1, note)),
    );
    await incident.entry('message-1: failed');
    await incident.entry('message-3: failed');
    await incident.take(refuse(IC, 'contact:cyberInsurance'), withdraw(FORENSICS, 'attackSource'));
    for (const id of ['message-1', 'message-3']) await isState(incident, id, 'stopped');
    world.mail.mend('send');
    await pass(3_600_000);
    expect(world.mail.sent).toEqual([]);
    expect((await incident.decide(retrySend('message-1'))).reasons).toMatchObject([
      { gate: 'contactIsApproved' },
    ]);
    // What was out before stays out: the room is told that it is in doubt.
    expect(world.chat.announcements).toHaveLength(1);

    await incident.take(approve(IC, 'contact:cyberInsurance'), retrySend('message-1'));
    await isState(incident, 'message-1', 'sent');
    expect(world.mail.sent).toHaveLength(1);
  }, 60_000);

  test('a gate that time alone closes is seen before the next attempt', async () => {
    const world = worldOf({
      keys: { [INSURER_MAIL]: onFile((await stage.server.currentTimeMs()) + 4_000_000) },
    });
    world.mail.fail('send', DOWN);
    const incident = await quiet(world);
    await incident.take(...ANALYSED, send([INSURER]));
    await incident.entry('message-1: failed (the mail server answers 421)');
    const before = world.mail.count('send');
    // The last wait before it began before the key expired.
    await pass(4_400_000);
    await incident.entry(
      /^message-1: failed \(.*there is no key to encrypt it to claims@insurer\.example \(expired/,
    );
    const tried = world.mail.count('send');
    expect(tried).toBeGreaterThan(before);
    world.mail.mend('send');
    await pass(3_600_000);
    expect(world.mail.count('send')).toBe(tried);
    expect(await message(incident, 'message-1')).not.toHaveProperty('nextTryAt');
  }, 60_000);

  test('whoever promised more is told on that day, in person and once, and so is the room', async () => {
    const world = worldOf();
    const incident = await quiet(world);
    const now = await incident.now();
    const [followUp, next] = [dayOf(now + 3 * DAY), dayOf(now + 2 * DAY)];
    const note = noteFor(followUp);
    await incident.take(
      ...ANALYSED,
      submitNote(note, followUp),
      approve(IC, requestOfNote(1, note)),
      logContact(INSURER, { by: COUNSEL, next }),
    );
    await isState(incident, 'message-2', 'sent');
    const told = () => world.chat.words.map(({ email, markdown, posts }) => ({ email, markdown, posts }));
    const since = told().length;
    const until9 = async (day: string) => Date.parse(`${day}T09:00:00Z`) - (await incident.now());
    await pass((await until9(next)) - 60_000);
    expect(told().slice(since)).toEqual([]);
    await pass(120_000);
    await incident.entry('the next word with insurer is due today');
    await pass((await until9(followUp)) + 60_000);
    await incident.entry(`more was promised inside the company for today (${followUp})`);
    await pass(10 * DAY);
    expect(told().slice(since)).toEqual([
      {
        email: COUNSEL,
        markdown: `${incident.codename}: 12 is due today. Please join Slack: #${incident.codename}`,
        posts: 1,
      },
      {
        email: ENGINEERING,
        markdown: `${incident.codename}: 11.4 is due today. Please join Slack: #${incident.codename}`,
        posts: 1,
      },
    ]);
  }, 90_000);
});

describe('with a history that begins anew', () => {
  /** Instead of 4,096: a run of an incident is over after a few decisions. */
  const stage = useTemporal(() =>
    startServer(['--dynamic-config-value', 'limit.historyCount.suggestContinueAsNew=60']),
  );

  thorough(
    'nothing on its way is lost or sent twice, and what was promised is waited for',
    async () => {
      const world = worldOf();
      world.mail.fail('send', DOWN);
      const incident = await stage.declare(world);
      const followUp = dayOf((await incident.now()) + 3 * DAY);
      const note = noteFor(followUp);
      const release = world.chat.hold('announce');
      await incident.take(
        ...ANALYSED,
        send([INSURER]),
        submitNote(note, followUp),
        approve(IC, requestOfNote(1, note)),
        logContact(INSURER, { next: followUp }),
      );
      await incident.entry('message-1: failed');
      await until(() => world.chat.count('announce') === 1);
      const runOf = async () => (await incident.handle.describe()).runId;
      const another = async () => {
        const before = await runOf();
        for (let number = 0; (await runOf()) === before; number += 1) {
          if (number > 200) throw new Error('the incident never began its history anew');
          await incident.sendAsSignal({
            name: 'assignTask',
            by: IC,
            task: 'findActions',
            to: number % 2 === 0 ? SECURITY : IC,
          });
          await new Promise((resolve) => setTimeout(resolve, 20));
          // What is being sent is waited for.
          if (number === 25) release();
        }
      };
      await another();
      // Carried over with its cause and its next try, which a person need not wait for; the clock may be quicker.
      for (const id of ['message-1', 'message-3'])
        await until(async () => {
          const { state, cause, nextTryAt } = (await message(incident, id)) ?? {};
          return state === 'failed' && cause === 'the mail server answers 421' && nextTryAt !== undefined;
        });
      world.mail.mend('send');
      for (const id of ['message-1', 'message-3']) await incident.decide(retrySend(id));
      await until(async () => (await messages(incident)).every(({ state }) => state === 'sent'));
      expect(world.chat.announcements).toMatchObject([{ posts: 1 }]);
      expect(world.mail.sent.map(({ key }) => key.split(' ')[1]).sort()).toEqual(['message-1', 'message-3']);

      await another();
      const timers = (await eventsOf(stage.client, [incident.codename])).flatMap(
        ({ timerStartedEventAttributes: timer }) =>
          timer === undefined
            ? []
            : [
                Number.parseFloat(
                  (timer as { startToFireTimeout: { seconds: string } }).startToFireTimeout.seconds,
                ),
              ],
      );
      const untilThen = (Date.parse(`${followUp}T09:00:00Z`) - Date.now()) / 1_000;
      expect(timers.filter((seconds) => Math.abs(seconds - untilThen) < 120).length).toBeGreaterThan(0);
    },
    90_000,
  );
});
