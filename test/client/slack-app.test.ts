/** The Slack app as people meet it: real Bolt over the stand-in's web socket, and a real Temporal server. */
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { Client, Connection } from '@temporalio/client';
import { createSlackDoor, type SlackDoor } from '../../client/slack-app/app';
import { createHttpReceiver, type HttpReceiver } from '../../client/slack-app/http';
import type { Limits } from '../../client/slack-app/limits';
import { createSlackApi } from '../../client/slack-app/slack';
import { createSocketReceiver } from '../../client/slack-app/socket';
import { sealing } from '../../codec/data-converter';
import { isCodename } from '../../domain/codename';
import { createRoomActivities } from '../../activities/room';
import { createSlackPerson, type SeenMessage, type SlackPerson } from '../../drill/slack-person';
import { startSlack, type SlackStandIn } from '../../drill/stand-ins/slack';
import { createSlack } from '../../integrations/slack/room';
import { TASK_QUEUE } from '../../workflows/names';
import { createWorld } from '../support/fakes';
import { COUNSEL, IC, respond, ROSTER, SECURITY, STRANGER } from '../support/incidents';
import { doorKey } from '../support/messages';
import { keyOf } from '../support/keys';
import { signerOf } from '../support/signers';
import { KEYRING, startServer, TestIncident, until, useTemporal } from '../support/temporal';
import { thorough } from '../support/thorough';

const TOKEN = 'xoxb-test-token';
const APP_TOKEN = 'xapp-test-token';
const SECRET = 'a-signing-secret-of-a-test';
const ATTEMPT_MS = 2_000;
const GUEST = 'guest@example.com';
const DOOR = doorKey('slack');
const PHONE = '+1 555 0100';

const USERS = [
  ...ROSTER.map(({ email }) => ({ email, name: email })),
  { email: STRANGER, name: 'Somebody' },
  { email: GUEST, name: 'A Guest', isGuest: true },
];

const stage = useTemporal(startServer);
const world = () =>
  createWorld({
    doors: { slack: [keyOf(DOOR).publicKey] },
    roster: ROSTER.map((person) => (person.email === IC ? { ...person, phone: PHONE } : person)),
  });

let slack: SlackStandIn;
let door: SlackDoor | undefined;
let wire: Wire;
let client: Client;
let current: ReturnType<typeof world>;
const lines: string[] = [];
/** What each had been told before the test. */
const old = new Map<string, number>();
const clients: Client[] = [];

/** What stands between the app and Temporal, and can be cut. */
interface Wire {
  readonly port: number;
  cut(): void;
  mend(): void;
  close(): Promise<void>;
}

async function startWire(to: number): Promise<Wire> {
  const sockets = new Set<Socket>();
  let isCut = false;
  const server: Server = createServer((socket) => {
    if (isCut) return void socket.destroy();
    const other = connect(to, '127.0.0.1');
    for (const [one, another] of [
      [socket, other],
      [other, socket],
    ] as const) {
      sockets.add(one);
      one.pipe(another);
      one.on('error', () => another.destroy());
      one.on('close', () => {
        sockets.delete(one);
        another.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = () => {
    isCut = true;
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    mend: () => (isCut = false),
    async close() {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const person = (email: string): SlackPerson => createSlackPerson(slack, email);

function openDoor(limits: Partial<Limits> = {}, http?: HttpReceiver): Promise<void> {
  const receiver =
    http ??
    createSocketReceiver({ appToken: APP_TOKEN, url: slack.url, log: (line) => void lines.push(line) });
  door = createSlackDoor({
    receiver,
    slack: createSlackApi({ token: TOKEN, url: slack.url }),
    token: TOKEN,
    client,
    secret: KEYRING,
    signer: signerOf(DOOR),
    roster: () => ROSTER.map((one) => (one.email === IC ? { ...one, phone: PHONE } : one)),
    log: (line) => void lines.push(line),
    limits: { retryMs: [200, 500], attemptMs: ATTEMPT_MS, slowAfterMs: 1_000, ...limits },
  });
  return receiver.start().then(() => undefined);
}

beforeAll(async () => {
  slack = await startSlack({
    users: USERS,
    token: TOKEN,
    channels: [{ name: 'lobby' }, { name: 'quiet', isPrivate: true }],
    app: { signingSecret: SECRET, appToken: APP_TOKEN, retryAfterMs: [0] },
  });
});

beforeEach(async () => {
  lines.length = 0;
  for (const { email } of USERS) old.set(email, person(email).ephemerals().length);
  const [, port] = /:(\d+)$/.exec(stage.server.address) ?? [];
  wire = await startWire(Number(port));
  client = new Client({
    connection: Connection.lazy({ address: `127.0.0.1:${wire.port}` }),
    namespace: 'default',
    identity: 'firebreak',
    dataConverter: sealing(KEYRING, 'throw'),
  });
});

afterEach(async () => {
  await door?.stop();
  door = undefined;
  await wire.close();
  clients.push(client);
  await until(() => slack.app.connections() === 0);
});

afterAll(async () => {
  await slack.close();
  // An attempt that was left behind would find its connection closed, and throw where nobody catches it.
  await new Promise((resolve) => setTimeout(resolve, ATTEMPT_MS));
  for (const one of clients) await one.connection.close();
});

async function startWorking(): Promise<void> {
  current = world();
  const chat = createSlack({ token: TOKEN, apiUrl: slack.url });
  const activities = { ...current.activities, ...createRoomActivities(chat, { roomPaceMs: 0 }) };
  await stage.startWorker(TASK_QUEUE, { ...current, activities });
}

async function heard(): Promise<void> {
  await until(() => slack.app.connections() > 0);
}

const codenameIn = (text: string) => /Declared: (\S+)\./.exec(text)?.[1] ?? '';

/** Somebody calls, and the room is there. */
async function declared(by = SECURITY): Promise<{ incident: TestIncident; pinned: SeenMessage }> {
  const caller = person(by);
  await caller.say('lobby', '!ic page unknown process on a payments host');
  const { text } = await answered(caller, /Declared: /);
  const codename = codenameIn(text);
  const pinned = await person(IC).waitForMessage(codename, ({ buttons }) => buttons.length > 10);
  return { incident: new TestIncident(codename, stage.client), pinned };
}

/** What they alone were told since the test began. */
const told = (whom: SlackPerson) => whom.ephemerals().slice(old.get(whom.email) ?? 0);

function answered(whom: SlackPerson, text: RegExp): Promise<SeenMessage> {
  return until(() => told(whom).find((message) => text.test(message.text)));
}

const acknowledged = () =>
  slack.app.deliveries.filter(({ tookMs }) => tookMs !== undefined).map(({ tookMs = 0 }) => tookMs);

describe('a call', () => {
  it('declares in the name of whoever Slack says it is, signed by the door, and says who is paged', async () => {
    await startWorking();
    await openDoor();
    await heard();
    const { incident } = await declared();
    const [entry] = await incident.timeline();
    expect(entry).toMatchObject({
      by: SECURITY,
      door: 'slack',
      text: 'declared: unknown process on a payments host',
    });
    expect((await incident.timeline()).map(({ text }) => text).join()).not.toMatch(/nothing proves/);
    await answered(person(SECURITY), /The incident commander is being paged/);
    // The channel learns the codename, and nothing else.
    const said = await person(STRANGER).waitForMessage('lobby', ({ from }) => from === 'firebreak');
    expect(isCodename(said.text)).toBe(true);
  });

  it('is one incident, however often Slack delivers it; edits, bots and guests declare nothing', async () => {
    await startWorking();
    await openDoor();
    await heard();
    const caller = person(SECURITY);
    const { deliveries } = await caller.say('lobby', '!IC  page: again');
    const [first] = deliveries;
    await slack.app.replay(first!);
    const event = first!.payload['event'] as Record<string, unknown>;
    const other = (changes: object) => ({
      ...first!.payload,
      event: { ...event, ts: '1.000001', ...changes },
    });
    await slack.app.deliver('events_api', other({ subtype: 'message_changed', hidden: true }));
    await slack.app.deliver('events_api', other({ bot_id: 'B0FIREBREAK' }));
    await slack.app.deliver('events_api', other({ user: slack.userIdOf(GUEST), ts: '1.000002' }));
    await slack.app.deliver('events_api', other({ team: 'T0ELSEWHERE', ts: '1.000003' }));
    await answered(caller, /NOBODY HAS BEEN PAGED\. Firebreak answers/);
    const { text } = await answered(caller, /Declared: /);
    // Another process, which remembers nothing: the codename follows from the message.
    await door?.stop();
    await until(() => slack.app.connections() === 0);
    await openDoor();
    await heard();
    await slack.app.replay(first!);
    await new Promise((resolve) => setTimeout(resolve, 500));
    const running = stage.client.workflow.list({ query: `WorkflowType = 'incident'` });
    const summaries: string[] = [];
    for await (const { workflowId } of running) {
      const [entry] = await new TestIncident(workflowId, stage.client).timeline();
      if (entry?.text.includes('again')) summaries.push(workflowId);
    }
    expect(summaries).toEqual([codenameIn(text)]);
  });

  thorough(
    'is tried on while Temporal is down: the caller hears of it in time, with the telephone numbers',
    async () => {
      wire.cut();
      await openDoor();
      await heard();
      const begun = Date.now();
      const outcome = await person(COUNSEL).command('/firebreak', 'declare all is red', 'lobby');
      await answered(person(COUNSEL), /NOBODY HAS BEEN PAGED YET: Temporal is slow/);
      expect(Date.now() - begun).toBeLessThan(3_000);
      expect(outcome.tookMs).toBeLessThan(3_000);
      expect(told(person(COUNSEL)).at(-1)?.text).toContain(PHONE);
      await startWorking();
      wire.mend();
      await answered(person(COUNSEL), /Declared: /);
    },
  );
});

describe('in the room', () => {
  it('every press is a decision of that person, once, and told to that person alone', async () => {
    await startWorking();
    await openDoor();
    await heard();
    const { incident, pinned } = await declared();
    const ic = person(IC);
    await ic.press(pinned, /Respond or stand down/);
    const form = await ic.waitForView(({ submit }) => submit === 'Determine');
    expect(form.text).toContain(incident.codename);
    await ic.fill('determination', 'Respond');
    await ic.fill('reason', 'a shell <!channel> nobody started');
    expect((await ic.submit()).errors).toEqual([]);
    await answered(ic, /^Taken: /);
    await incident.entry(/respond/);

    await ic.press(pinned, /^Step 1$|^Step 1:/);
    const step = await ic.waitForView(({ title }) => title === 'Step 1');
    expect(step.buttons.map(({ label }) => label)).toEqual(
      expect.arrayContaining(['Complete', 'I am working on it', 'Assign to me', 'Assign to…', 'Not needed']),
    );
    const task = step.buttons.find(({ label }) => label === 'Assign to me')!;
    await ic.pressInView({ label: 'Assign to me', value: task.value! });
    await ic.waitForView(({ text }) => /Taken: /.test(text) && text.includes(`Assigned to ${IC}`));
    await ic.pressInView({ label: 'Complete', value: task.value! });
    await ic.waitForView(({ submit }) => submit === 'Complete');
    await ic.fill('note', 'cut');
    await ic.submit();
    const id = task.value!.split(' ')[1]!;
    await until(async () => (await incident.task(id)).state === 'done');
    expect(await incident.task(id)).toMatchObject({ who: IC, note: 'cut' });
    await ic.waitForView(({ title, text }) => title === 'Step 1' && /Done by ic@example.com/.test(text));
    await ic.closeView();

    // Why is it locked? The gate says so, with the seed's sentence.
    await ic.press(pinned, /^Step 10/);
    await ic.waitForView(({ text }) => /Once you are confident the systems are secured/.test(text));
    await ic.closeView();

    // Too early, by somebody without the role: refused, with reasons, and written down.
    const counsel = person(COUNSEL);
    await until(async () => (await counsel.channels()).includes(incident.codename), 5_000).catch(
      () => undefined,
    );
    await ic.press(pinned, 'Record a finding');
    await ic.waitForView(({ submit }) => submit === 'Record');
    await ic.fill('finding', 'attackSource');
    await ic.fill('value', 'external');
    await ic.fill('grounds', 'a guess');
    await ic.submit();
    await answered(ic, /^Refused: record attackSource = external\. Because:/);
    await incident.entry(/record attackSource/);

    expect((await incident.timeline()).filter(({ door: by }) => by === 'slack').length).toBeGreaterThan(3);
    for (const took of acknowledged()) expect(took).toBeLessThan(3_000);
    expect(lines.join()).not.toContain(incident.codename);
  });

  thorough('two who press one button at once are both told truly', async () => {
    await startWorking();
    await openDoor();
    await heard();
    const { incident, pinned } = await declared();
    const [ic, security] = [person(IC), person(SECURITY)];
    await security.waitForMessage(incident.codename, () => true);
    await Promise.all([ic, security].map((one) => one.press(pinned, 'Acknowledge the page')));
    await Promise.all([ic, security].map((one) => answered(one, /acknowledged|already/i)));
    const entries = (await incident.timeline()).filter(({ decision }) => decision === 'acknowledge');
    expect(entries.map(({ by }) => by).sort()).toEqual([IC, SECURITY]);
  });

  it('shows nothing to whoever takes no part, nor to the excluded; and says that what has ended has ended', async () => {
    await startWorking();
    await openDoor();
    await heard();
    const { incident, pinned } = await declared();
    const ic = person(IC);
    const stranger = person(STRANGER);
    await stranger.command('/firebreak', `status ${incident.codename}`, 'lobby');
    const answer = await answered(stranger, /There is nothing here for you/);
    expect(answer.text).not.toContain(incident.codename);
    await stranger.command('/firebreak', 'status amber-lark', 'lobby');
    await until(() => told(stranger).filter(({ text }) => text === answer.text).length === 2);
    await stranger.command('/firebreak', 'list', 'lobby');
    await answered(stranger, /No incident is open in which you take part/);

    await incident.take({ name: 'exclude', by: IC, person: SECURITY, reason: 'a suspect' });
    const security = person(SECURITY);
    await security.command('/firebreak', `timeline ${incident.codename}`, 'lobby');
    await answered(security, /There is nothing here for you/);
    const value = `${incident.codename} stopAttack`;
    await slack.app.deliver('interactive', clickOf(SECURITY, 'firebreak.step.1', value));
    const view = await security.waitForView(({ text }) => /nothing here/.test(text));
    expect(JSON.stringify(view)).not.toContain(incident.codename);
    await slack.app.deliver('interactive', clickOf(SECURITY, 'firebreak.acknowledge.1', incident.codename));
    await until(async () =>
      (await incident.timeline()).find(({ kind, by }) => kind === 'refusal' && by === SECURITY),
    );

    await incident.take({ ...respond(), determination: 'stand-down' } as never);
    await until(async () => (await incident.handle.describe()).status.name === 'COMPLETED');
    await ic.press(pinned, /^Step 3/, { asShown: true });
    await ic.waitForView(({ text }) => /has ended: stood down/.test(text));
    await ic.closeView();
    await ic.press(pinned, 'Acknowledge the page', { asShown: true });
    await answered(ic, /the incident has ended/);
  });

  it('a decision is signed once and tried on while Temporal is down, then told how it ended', async () => {
    await startWorking();
    await openDoor();
    await heard();
    const { incident, pinned } = await declared();
    const ic = person(IC);
    wire.cut();
    const begun = Date.now();
    const { tookMs } = await ic.press(pinned, 'Acknowledge the page');
    await answered(ic, /is being tried on, for up to an hour/);
    expect([tookMs < 3_000, Date.now() - begun < 3_000]).toEqual([true, true]);
    await ic.press(pinned, 'People');
    await ic.waitForView(({ text }) => /Temporal is slow or does not answer/.test(text));
    wire.mend();
    await answered(ic, /^Taken: .*acknowledged/);
    await ic.waitForView(({ title, text }) => title === 'People' && text.includes(COUNSEL));
    const entries = (await incident.timeline()).filter(({ decision }) => decision === 'acknowledge');
    expect(entries).toHaveLength(1);
  });

  thorough('tells what is pending, when the process ends, that it was not sent', async () => {
    await startWorking();
    await openDoor();
    await heard();
    const { pinned } = await declared();
    const ic = person(IC);
    wire.cut();
    await ic.press(pinned, 'Acknowledge the page');
    await answered(ic, /is being tried on/);
    await door?.stop();
    door = undefined;
    await answered(ic, /is being ended/);
  });
});

it('waits with an answer as long as Slack wants, and not one call comes before', async () => {
  await openDoor();
  await heard();
  const ic = person(IC);
  const calls = () => slack.calls.filter(({ name }) => name === 'response_url').length;
  const before = calls();
  const limit = slack.limitRate({ on: 'response_url', waitS: 1 });
  const begun = Date.now();
  await ic.command('/firebreak', 'roles', 'lobby');
  await answered(ic, /Who may decide what/);
  expect(Date.now() - begun).toBeGreaterThan(900);
  expect(calls() - before).toBe(2);
  expect(limit.refused).toHaveLength(1);
  expect(limit.tooSoon).toEqual([]);
});

it('comes back by itself after Slack was down', async () => {
  await openDoor();
  await heard();
  slack.goDown('refused');
  await until(() => lines.some((line) => /can't be reached/.test(line)));
  slack.comeBack();
  await heard();
  await person(IC).command('/firebreak', 'help', 'lobby');
  await answered(person(IC), /To call for help/);
  expect(lines.join()).not.toContain('xapp-');
});

describe('over HTTP', () => {
  it('takes what Slack signed, once and fresh, and nothing else', async () => {
    const receiver = createHttpReceiver({
      signingSecret: SECRET,
      host: '127.0.0.1',
      port: 0,
      log: (line) => void lines.push(line),
    });
    await openDoor({}, receiver);
    const url = `http://127.0.0.1:${receiver.port()}/slack/events`;
    slack.app.sendRequestsTo(url);
    const ic = person(IC);
    const count = () => told(ic).filter(({ text }) => /To call for help/.test(text)).length;
    const { delivery, tookMs } = await ic.command('/firebreak', 'help', 'lobby');
    expect(tookMs).toBeLessThan(3_000);
    const before = await until(() => count() > 0 && count());
    for (const kind of ['forged', 'stale', 'unsigned'] as const)
      expect([
        kind,
        (await slack.app.deliverHostile(kind, 'slash_commands', delivery.payload)).status,
      ]).toEqual([kind, 401]);
    expect((await slack.app.replay(delivery)).status).toBe(401);
    expect((await fetch(url)).status).toBe(405);
    expect((await fetch(`http://127.0.0.1:${receiver.port()}/`)).status).toBe(404);
    expect(
      (await fetch(url, { method: 'POST', body: 'x'.repeat(2 * 1024 * 1024) }).catch(() => ({ status: 413 })))
        .status,
    ).toBe(413);
    // Slack's own look at the address, with something smuggled in.
    const smuggled = new URLSearchParams({
      ssl_check: '1',
      command: '/firebreak',
      text: 'help',
      user_id: ic.userId,
    });
    expect((await fetch(url, { method: 'POST', body: smuggled })).status).toBe(401);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(count()).toBe(before);
    slack.app.sendRequestsTo(undefined);
  });
});

/** A press as Slack sends it, by somebody who has no such message on the screen any more. */
function clickOf(email: string, actionId: string, value: string) {
  const user = slack.userIdOf(email);
  return {
    type: 'block_actions',
    team: { id: 'T000000001', domain: 'emulate' },
    user: { id: user, username: email, name: email, team_id: 'T000000001' },
    api_app_id: 'A0FIREBREAK',
    trigger_id: slack.app.issueTrigger(email),
    container: { type: 'message', message_ts: '1.1', channel_id: 'C1', is_ephemeral: false },
    channel: { id: 'C1', name: 'directmessage' },
    actions: [{ type: 'button', action_id: actionId, block_id: 'b', value, action_ts: '1.1' }],
  };
}
