import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { App, HTTPReceiver, SocketModeReceiver } from '@slack/bolt';
import { WebClient } from '@slack/web-api';
import type { View } from '@slack/types';
import fc from 'fast-check';
import { WebSocket } from 'ws';
import { createSlackPerson, type SlackPerson } from '../../drill/slack-person';
import { APP_SCOPES, startSlack, type SlackStandIn } from '../../drill/stand-ins/slack';
import { problemsOf } from '../../drill/stand-ins/slack/blocks';
import { problemsOfView } from '../../drill/stand-ins/slack/views';
import { SILENT } from '../../client/slack-app/slack';
import { SLACK_SCOPES } from '../../integrations/slack/client';

const TOKEN = 'xoxb-test-token';
const APP_TOKEN = 'xapp-test-token';
const SECRET = 'a-signing-secret-of-a-test';
const IC = 'ic@example.com';
const COUNSEL = 'counsel@example.com';
const OWNER = 'owner@example.com';
const GUEST = 'guest@example.com';
const OUTSIDER = 'outsider@example.com';
const USERS = [
  { email: IC, name: 'Incident Commander' },
  { email: COUNSEL, name: 'Legal Counsel' },
  { email: OWNER, name: 'Workspace Owner', isOwner: true },
  { email: 'admin@example.com', name: 'Workspace Administrator', isAdmin: true },
  { email: GUEST, name: 'A Guest', isGuest: true },
  { email: OUTSIDER, name: 'Somebody Else' },
];

let slack: SlackStandIn;
let web: WebClient;
let ic: SlackPerson;
let app: App;
let receiver: SocketModeReceiver;
let count = 0;

const plain = (text: string) => ({ type: 'plain_text' as const, text });
const button = (label: string, action_id: string, value = 'quiet-otter') => ({
  type: 'button' as const,
  text: plain(label),
  action_id,
  value,
});
const actions = (...elements: object[]) => ({ type: 'actions', elements });
const webFor = (token: string) =>
  new WebClient(token, {
    slackApiUrl: slack.url,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logger: SILENT,
  });
/** Slack's code, and what it says is wrong in detail. */
async function refusalOf(work: Promise<unknown>): Promise<{ code: string; messages: string[] }> {
  try {
    await work;
  } catch (error) {
    const { data } = error as { data?: { error: string; response_metadata?: { messages?: string[] } } };
    if (data) return { code: data.error, messages: data.response_metadata?.messages ?? [] };
    throw error;
  }
  throw new Error('Slack refused nothing');
}
const codeOf = async (work: Promise<unknown>) => (await refusalOf(work)).code;

async function newRoom(...members: string[]): Promise<{ id: string; name: string }> {
  const name = `quiet-otter-${(count += 1)}`;
  const { channel } = await web.conversations.create({ name, is_private: true });
  const users = members.map((email) => slack.userIdOf(email)).join(',');
  if (users !== '') await web.conversations.invite({ channel: channel!.id!, users });
  return { id: channel!.id!, name };
}

async function until(is: () => boolean, withinMs = 5_000): Promise<void> {
  for (const end = Date.now() + withinMs; !is();) {
    if (Date.now() > end) throw new Error('it did not come about in time');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const MODAL: View = {
  type: 'modal',
  callback_id: 'finding',
  private_metadata: 'quiet-otter',
  title: plain('Record a finding'),
  submit: plain('Record'),
  notify_on_close: true,
  blocks: [
    {
      type: 'input',
      block_id: 'claim',
      label: plain('What was found'),
      element: { type: 'plain_text_input', action_id: 'claim', multiline: true, min_length: 3 },
    },
    {
      type: 'input',
      block_id: 'certainty',
      label: plain('How certain'),
      element: {
        type: 'static_select',
        action_id: 'certainty',
        options: [
          { text: plain('Suspected'), value: 'suspected' },
          { text: plain('Confirmed'), value: 'confirmed' },
        ],
      },
    },
    {
      type: 'input',
      block_id: 'by',
      optional: true,
      label: plain('By whom'),
      element: { type: 'users_select', action_id: 'by' },
    },
    {
      type: 'input',
      block_id: 'hosts',
      optional: true,
      label: plain('How many hosts'),
      element: { type: 'number_input', action_id: 'hosts', is_decimal_allowed: false, min_value: '1' },
    },
    { type: 'actions', elements: [button('Explain', 'explain')] },
  ],
};

interface Envelope {
  envelope_id: string;
  type: string;
  payload: { event_id: string };
  retry_attempt?: number;
  retry_reason?: string;
}

/** What the app heard, by kind, e.g. `message hello`. */
const heard: string[] = [];

beforeAll(async () => {
  slack = await startSlack({
    token: TOKEN,
    users: USERS,
    channels: [
      { name: 'operations' },
      { name: 'kitchen', hasApp: false, members: [IC, COUNSEL] },
      { name: 'board', isPrivate: true, hasApp: false, members: [COUNSEL] },
    ],
    app: { signingSecret: SECRET, appToken: APP_TOKEN, retryAfterMs: [0, 200, 200] },
  });
  web = webFor(TOKEN);
  ic = createSlackPerson(slack, IC);
  receiver = new SocketModeReceiver({
    appToken: APP_TOKEN,
    // Also how long it waits before it comes back.
    clientPingTimeout: 300,
    logger: SILENT,
    installerOptions: { clientOptions: { slackApiUrl: slack.url } },
  });
  app = new App({
    token: TOKEN,
    receiver,
    clientOptions: { slackApiUrl: slack.url },
    processBeforeResponse: true,
    logger: SILENT,
  });
  app.event('message', async ({ event, client }) => {
    const { text = '', channel, user = '' } = event as { text?: string; channel: string; user?: string };
    heard.push(`message ${text}`);
    if (text === 'whisper') await client.chat.postEphemeral({ channel, user, text: 'only you see this' });
  });
  app.event('app_mention', async ({ event }) => {
    heard.push(`mention ${event.text}`);
  });
  app.command('/firebreak', async ({ command, ack, respond }) => {
    heard.push(`command ${command.text}`);
    if (command.text === 'slowly') await new Promise((resolve) => setTimeout(resolve, 100));
    await ack(command.text === 'help' ? 'Say what happens.' : undefined);
    if (command.text === 'later') await respond({ text: 'It is later now.' });
  });
  app.action('open', async ({ ack, client, body }) => {
    await ack();
    await client.views.open({ trigger_id: (body as { trigger_id: string }).trigger_id, view: MODAL });
  });
  app.action(/^(?:press|explain)/, async ({ ack, action, body, respond }) => {
    const { action_id, value } = action as { action_id: string; value: string };
    heard.push(`press ${action_id} ${value} ${JSON.stringify((body as { state?: object }).state ?? {})}`);
    await ack();
    if (action_id === 'press.replace') await respond({ replace_original: true, text: 'Replaced.' });
    if (action_id === 'press.whisper') await respond({ text: 'Between us.' });
  });
  app.view('finding', async ({ ack, view }) => {
    const claim = view.state.values.claim!.claim!.value!;
    heard.push(`submit ${claim} ${view.private_metadata} ${JSON.stringify(view.state.values)}`);
    if (claim === 'errors') return ack({ response_action: 'errors', errors: { claim: 'Say more.' } });
    if (claim === 'update')
      return ack({ response_action: 'update', view: { ...MODAL, title: plain('Again') } });
    if (claim === 'push') return ack({ response_action: 'push', view: { ...MODAL, title: plain('More') } });
    if (claim === 'clear') return ack({ response_action: 'clear' });
    if (claim === 'wrong') return ack({ response_action: 'errors', errors: { nowhere: 'Say more.' } });
    return ack();
  });
  app.view({ callback_id: 'finding', type: 'view_closed' }, async ({ ack }) => {
    heard.push('closed');
    await ack();
  });
  await app.start();
});
afterAll(async () => {
  // Bolt's own stop does not wait for the socket, whose timer then keeps the process for 30 seconds.
  await receiver.client.disconnect();
  await slack.close();
});
beforeEach(() => {
  heard.length = 0;
});
afterEach(() => jest.restoreAllMocks());

describe('Socket Mode with a real Bolt app', () => {
  test('brings a message of a public channel that the app is in, and its mention', async () => {
    await ic.say('operations', '!ic page <b> of @firebreak & ic@example.com see https://example.com/a');
    const text = `!ic page &lt;b&gt; of <@U0FIREBREAK> &amp; <mailto:${IC}|${IC}> see <https://example.com/a>`;
    expect(heard.sort()).toEqual([`mention ${text}`, `message ${text}`]);
  });

  test('brings messages of a private room and of the direct conversation', async () => {
    const room = await newRoom(IC);
    await ic.say(room.name, 'in the room');
    await ic.sayToApp('to you alone');
    expect(heard).toEqual(['message in the room', 'message to you alone']);
    expect(slack.app.deliveries.slice(-2).map(({ payload }) => payload.event)).toMatchObject([
      { channel: room.id, channel_type: 'group', user: ic.userId },
      { channel_type: 'im', user: ic.userId },
    ]);
  });

  test('brings nothing of a channel that the app is not in', async () => {
    const { deliveries } = await ic.say('kitchen', 'coffee');
    expect(deliveries).toEqual([]);
    expect(heard).toEqual([]);
  });

  test('tells the app of its own messages, which Bolt leaves alone', async () => {
    const { id } = await newRoom(IC);
    const before = slack.app.deliveries.length;
    const { ts } = await web.chat.postMessage({ channel: id, text: 'mine' });
    await web.chat.update({ channel: id, ts: ts!, text: 'mine, changed' });
    await until(() => slack.app.deliveries.length >= before + 2);
    expect(slack.app.deliveries.slice(before).map(({ payload }) => payload.event)).toMatchObject([
      { type: 'message', bot_id: 'B0FIREBREAK', text: 'mine' },
      { type: 'message', subtype: 'message_changed', message: { text: 'mine, changed' } },
    ]);
    expect(heard).not.toContain('message mine');
  });

  test('measures every answer', async () => {
    const { tookMs, delivery } = await ic.command('/firebreak', 'slowly', 'operations');
    expect(tookMs).toBeGreaterThanOrEqual(95);
    expect(tookMs).toBeLessThan(3_000);
    expect(delivery).toMatchObject({ acknowledged: true, via: 'socket', attempt: 0 });
  });

  test('brings a command, shows its answer to one person alone, and the later one', async () => {
    const outcome = await ic.command('/firebreak', 'help', 'kitchen');
    expect(outcome.tookMs).toBeLessThan(3_000);
    expect(ic.ephemerals().at(-1)).toMatchObject({ text: 'Say what happens.', isEphemeral: true });
    await ic.command('/firebreak', 'later', 'operations');
    await ic.waitForEphemeral(({ text }) => text === 'It is later now.');
    expect(slack.calls.at(-1)).toMatchObject({ name: 'response_url', status: 200 });
    expect(createSlackPerson(slack, COUNSEL).ephemerals()).toEqual([]);
    expect((await ic.messages('operations')).map(({ text }) => text)).not.toContain('It is later now.');
  });

  test('goes from a button to a modal to what was submitted', async () => {
    const room = await newRoom(IC);
    await web.chat.postMessage({
      channel: room.id,
      text: 'checklist',
      blocks: [{ type: 'markdown', text: '# Checklist' }, actions(button('Record', 'open'))] as never,
    });
    const [message] = await ic.messages(room.name);
    expect(message).toMatchObject({ text: '# Checklist', from: 'firebreak', buttons: [{ label: 'Record' }] });
    await ic.press(message!, 'Record');
    const view = await ic.waitForView();
    expect(view).toMatchObject({ title: 'Record a finding', submit: 'Record', depth: 1 });
    expect(view.fields.map(({ label }) => label)).toEqual([
      'What was found',
      'How certain',
      'By whom',
      'How many hosts',
    ]);

    // What is not filled in, Slack itself shows.
    expect((await ic.submit()).errors.map(({ label }) => label)).toEqual(['What was found', 'How certain']);
    await ic.fill('What was found', 'ab');
    await ic.fill('certainty', 'Confirmed');
    await ic.fill('How many hosts', 'many');
    expect((await ic.submit()).errors.map(({ blockId }) => blockId)).toEqual(['claim', 'hosts']);
    expect(heard.filter((each) => each.startsWith('submit'))).toEqual([]);

    await ic.fill('claim', 'errors');
    await ic.fill('How many hosts', '3');
    await ic.fill('By whom', COUNSEL);
    expect((await ic.submit()).errors).toEqual([
      { blockId: 'claim', label: 'What was found', text: 'Say more.' },
    ]);
    await ic.pressInView('Explain');
    await ic.fill('claim', 'update');
    await ic.submit();
    expect(ic.view()).toMatchObject({ title: 'Again', depth: 1, id: view.id });
    // Fields that are still there keep what was in them.
    await ic.fill('claim', 'push');
    await ic.submit();
    expect(ic.view()).toMatchObject({ title: 'More', depth: 2 });
    await ic.closeView();
    expect(ic.view()).toMatchObject({ title: 'Again', depth: 1 });
    await ic.fill('claim', 'the log-in of a stranger');
    const { outcome } = await ic.submit();
    expect(outcome!.tookMs).toBeLessThan(3_000);
    expect(ic.view()).toBeUndefined();
    expect(heard.at(-2)).toBe('closed');
    expect(heard.at(-1)).toContain('submit the log-in of a stranger quiet-otter');
    expect(heard.at(-1)).toContain(JSON.stringify(slack.userIdOf(COUNSEL)));
  });

  test('clears every view, and shows as trouble what Slack would not take', async () => {
    const open = async () => {
      await web.views.open({ trigger_id: slack.app.issueTrigger(IC), view: MODAL });
      await ic.fill('certainty', 'Confirmed');
    };
    await open();
    await ic.fill('claim', 'clear');
    await ic.submit();
    expect(ic.view()).toBeUndefined();
    await open();
    await ic.fill('claim', 'wrong');
    await expect(ic.submit()).rejects.toThrow('no input of the view');
    await ic.closeView();
  });

  test('keeps what was chosen in a message through an update of it', async () => {
    const room = await newRoom(IC);
    const blocks = (label: string) => [
      { ...actions(button(label, 'press.done')), block_id: 'buttons' },
      {
        ...actions({
          type: 'static_select',
          action_id: 'press.pace',
          options: ['5', '10'].map((value) => ({ text: plain(`${value} minutes`), value })),
        }),
        block_id: 'pace',
      },
    ];
    const { ts } = await web.chat.postMessage({
      channel: room.id,
      text: 'pace',
      blocks: blocks('Do'),
    });
    const [before] = await ic.messages(room.name);
    await ic.choose(before!, 'press.pace', '10 minutes');
    await web.chat.update({ channel: room.id, ts: ts!, text: 'pace', blocks: blocks('Done') });
    await expect(ic.press(before!, 'Do')).rejects.toThrow('there is no button "Do" among "Done"');
    await ic.press(before!, 'Done');
    expect(heard.at(-1)).toContain('"selected_option":{"text":{"type":"plain_text","text":"10 minutes"}');
    // Somebody whose screen is behind presses what was there.
    await ic.press(before!, 'Do', { asShown: true });
    expect(slack.app.deliveries.at(-1)!.payload).toMatchObject({
      type: 'block_actions',
      user: { id: ic.userId },
      channel: { id: room.id, name: 'privategroup' },
      container: { type: 'message', message_ts: ts, is_ephemeral: false },
      message: { ts, bot_id: 'B0FIREBREAK' },
      actions: [{ action_id: 'press.done', block_id: 'buttons', type: 'button', value: 'quiet-otter' }],
    });
  });

  test('answers a click by its address: in private, and in place', async () => {
    const room = await newRoom(IC);
    await web.chat.postEphemeral({
      channel: room.id,
      user: ic.userId,
      text: 'ask',
      blocks: [actions(button('Whisper', 'press.whisper'), button('Replace', 'press.replace'))] as never,
    });
    const asked = ic.ephemerals().find(({ buttons }) => buttons.length === 2)!;
    await ic.press(asked, 'Whisper');
    expect(slack.app.deliveries.at(-1)!.payload.message).toBeUndefined();
    await ic.waitForEphemeral(({ text }) => text === 'Between us.');
    await ic.press(asked, { actionId: 'press.replace' });
    await ic.waitForEphemeral(({ ts, text }) => ts === asked.ts && text === 'Replaced.');
    await expect(ic.press(asked, 'Whisper')).rejects.toThrow('there is no button');
  });

  test('is left and come back to when Slack says so', async () => {
    const room = await newRoom(IC);
    const opened = () => slack.calls.filter(({ name }) => name === 'apps.connections.open').length;
    const before = opened();
    slack.app.disconnect('refresh_requested');
    expect(slack.app.connections()).toBe(0);
    // Said while nobody listens: told to who comes back.
    const { deliveries } = await ic.say(room.name, 'is anybody there');
    expect(deliveries[0]).toMatchObject({ acknowledged: false, failure: 'no connection' });
    await until(() => slack.app.connections() === 1);
    expect(opened()).toBe(before + 1);
    await until(() => heard.includes('message is anybody there'));
    await expect(
      (async () => {
        slack.app.disconnect('warning');
        await ic.command('/firebreak', 'help', 'operations');
      })(),
    ).rejects.toThrow('/firebreak failed');
    await until(() => slack.app.connections() === 1);
  });

  test('tells again what was not answered, on whatever connection there is then', async () => {
    const other = await startSlack({
      token: TOKEN,
      users: USERS,
      channels: [{ name: 'operations' }],
      app: { signingSecret: SECRET, appToken: APP_TOKEN, retryAfterMs: [0, 0] },
    });
    const client = new WebClient(APP_TOKEN, { slackApiUrl: other.url, logger: SILENT });
    const envelopes: Envelope[] = [];
    // Hears everything, and answers only the last attempt.
    const { url } = await client.apps.connections.open();
    const socket = new WebSocket(url!);
    socket.on('message', (data: Buffer) => {
      const envelope = JSON.parse(data.toString('utf8')) as Envelope;
      if (envelope.type !== 'hello') envelopes.push(envelope);
      if (envelope.retry_attempt === 2) socket.send(JSON.stringify({ envelope_id: envelope.envelope_id }));
    });
    await until(() => other.app.connections() === 1);
    const person = createSlackPerson(other, IC);
    const silence = expect(person.command('/firebreak', 'x', 'operations')).rejects.toThrow(
      /failed.*timeout/,
    );
    await person.say('operations', 'again and again');
    await silence;
    await until(() => other.app.deliveries.at(-1)!.acknowledged);
    const attempts = envelopes.filter(({ type }) => type === 'events_api');
    expect(attempts.map(({ retry_attempt, retry_reason }) => [retry_attempt, retry_reason])).toEqual([
      [0, ''],
      [1, 'timeout'],
      [2, 'timeout'],
    ]);
    expect(new Set(attempts.map(({ payload }) => payload.event_id)).size).toBe(1);
    expect(new Set(attempts.map(({ envelope_id }) => envelope_id)).size).toBe(3);
    // A command is told once, and an app's own silence is not hidden.
    expect(envelopes.filter(({ type }) => type === 'slash_commands')).toHaveLength(1);
    await other.close();
  }, 15_000);

  test('may be replayed to the letter', async () => {
    const { deliveries } = await ic.say('operations', 'once');
    const again = await slack.app.replay(deliveries[0]!);
    expect(again.payload).toBe(deliveries[0]!.payload);
    expect(heard).toEqual(['message once', 'message once']);
  });

  test('gives an address to the app-level token alone, and it is good once', async () => {
    expect(await codeOf(web.apps.connections.open())).toBe('not_allowed_token_type');
    expect(await codeOf(webFor('xapp-other').apps.connections.open())).toBe('invalid_auth');
    expect(await codeOf(webFor('').apps.connections.open())).toBe('not_authed');
    expect(await codeOf(webFor(APP_TOKEN).chat.postMessage({ channel: 'C1', text: 'x' }))).toBe(
      'not_allowed_token_type',
    );
    const { url } = await webFor(APP_TOKEN).apps.connections.open();
    const greetingOf = (address: string) =>
      new Promise<string>((resolve) => {
        const socket = new WebSocket(address);
        socket.onmessage = ({ data }) => {
          resolve((data as Buffer | string).toString());
          socket.close();
        };
        socket.onerror = () => resolve('refused');
      });
    expect(JSON.parse(await greetingOf(url!))).toMatchObject({
      type: 'hello',
      connection_info: { app_id: 'A0FIREBREAK' },
    });
    expect(await greetingOf(url!)).toBe('refused');
    await until(() => slack.app.connections() === 1);
  });
});

describe('signed requests to a real Bolt app', () => {
  let http: App;
  let url: string;
  const got: string[] = [];

  beforeAll(async () => {
    const receiver = new HTTPReceiver({ signingSecret: SECRET, logger: SILENT });
    http = new App({ token: TOKEN, receiver, clientOptions: { slackApiUrl: slack.url }, logger: SILENT });
    http.message(async ({ message }) => {
      got.push(`message ${(message as { text: string }).text}`);
    });
    http.command('/firebreak', async ({ command, ack }) => {
      got.push(`command ${command.text}`);
      await ack('Heard.');
    });
    http.action('press', async ({ ack }) => {
      got.push('press');
      await ack();
    });
    const server = await http.start(0);
    url = `http://127.0.0.1:${((server as ReturnType<typeof createServer>).address() as AddressInfo).port}/slack/events`;
  });
  afterAll(() => http.stop());
  beforeEach(() => {
    got.length = 0;
    slack.app.sendRequestsTo(url);
  });
  afterEach(() => slack.app.sendRequestsTo(undefined));

  test('bring messages, commands and clicks', async () => {
    const room = await newRoom(IC);
    await web.chat.postMessage({
      channel: room.id,
      text: 'x',
      blocks: [actions(button('Press', 'press'))] as never,
    });
    await ic.say(room.name, 'by request');
    const command = await ic.command('/firebreak', 'a=b&c=d %20 +', room.name);
    const [message] = await ic.messages(room.name);
    await ic.press(message!, 'Press');
    expect(got).toEqual(['message by request', 'command a=b&c=d %20 +', 'press']);
    expect(command.delivery).toMatchObject({ via: 'http', status: 200, acknowledged: true });
    expect(ic.ephemerals().at(-1)!.text).toBe('Heard.');
  });

  test('are refused where they are forged, stale or unsigned', async () => {
    const { delivery } = await ic.command('/firebreak', 'status', 'operations');
    got.length = 0;
    for (const kind of ['forged', 'stale', 'unsigned'] as const) {
      const hostile = await slack.app.deliverHostile(kind, 'slash_commands', delivery.payload);
      expect([kind, hostile.status]).toEqual([kind, 401]);
    }
    expect(got).toEqual([]);
  });

  test('can be replayed within five minutes: Bolt takes them, so an app has to look for itself', async () => {
    const { delivery } = await ic.command('/firebreak', 'status', 'operations');
    const again = await slack.app.replay(delivery);
    expect(again.status).toBe(200);
    expect(again.request).toEqual(delivery.request);
    expect(got).toEqual(['command status', 'command status']);
  });

  test('come again where the answer was an error, with a count and a reason', async () => {
    const seen: (string | undefined)[] = [];
    let answers = [500, 500, 200];
    const server = createServer((request, response) => {
      request.resume().once('end', () => {
        seen.push(request.headers['x-slack-retry-num'] as string | undefined);
        const [status = 200, ...others] = answers;
        answers = others;
        response.writeHead(status).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    slack.app.sendRequestsTo(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    await ic.say('operations', 'are you well');
    await until(() => seen.length === 3);
    expect(seen).toEqual([undefined, '1', '2']);
    server.close();
  });

  test('wait with what was not answered while Slack is down', async () => {
    slack.app.sendRequestsTo('http://127.0.0.1:9');
    const said = ic.say('operations', 'before the outage');
    await said;
    slack.goDown();
    const before = slack.app.deliveries.length;
    slack.app.sendRequestsTo(url);
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(slack.app.deliveries.length - before).toBeLessThanOrEqual(1);
    expect(got).toEqual([]);
    slack.comeBack();
    await until(() => got.includes('message before the outage'));
    await until(() => slack.app.connections() === 1, 10_000);
  });

  test('fail as clicks where nobody is there, and are not repeated', async () => {
    slack.app.sendRequestsTo('http://127.0.0.1:9');
    await expect(ic.command('/firebreak', 'status', 'operations')).rejects.toThrow('connection_failed');
  });
});

describe('views', () => {
  const open = (view: unknown, trigger_id = slack.app.issueTrigger(IC)) =>
    web.views.open({ trigger_id, view: view as View });

  test('a trigger is good for three seconds and once', async () => {
    const trigger = slack.app.issueTrigger(IC);
    await open(MODAL, trigger);
    expect(await codeOf(open(MODAL, trigger))).toBe('exchanged_trigger_id');
    expect(await codeOf(open(MODAL, '1.2.abc'))).toBe('invalid_trigger_id');
    const late = slack.app.issueTrigger(IC);
    jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 3_001);
    expect(await codeOf(open(MODAL, late))).toBe('expired_trigger_id');
  });

  test('a fourth view is refused, and one that is pushed onto nothing', async () => {
    expect(await codeOf(web.views.push({ trigger_id: slack.app.issueTrigger(IC), view: MODAL }))).toBe(
      'not_found',
    );
    await open(MODAL);
    const pushFromView = async () => {
      await ic.pressInView('Explain');
      const { trigger_id } = slack.app.deliveries.at(-1)!.payload as { trigger_id: string };
      return web.views.push({ trigger_id, view: MODAL });
    };
    await pushFromView();
    await pushFromView();
    expect(ic.view()!.depth).toBe(3);
    expect(await codeOf(pushFromView())).toBe('push_limit_reached');
  });

  test('an update needs the view, and its newest hash where one is given', async () => {
    const { view } = await open({ ...MODAL, external_id: 'quiet' });
    const update = (more: object) => web.views.update({ view_id: view!.id!, view: MODAL, ...more });
    expect(await codeOf(open({ ...MODAL, external_id: 'quiet' }))).toBe('duplicate_external_id');
    await update({ hash: view!.hash, view: { ...MODAL, title: plain('Newer') } });
    expect(ic.view()!.title).toBe('Newer');
    expect(await codeOf(update({ hash: view!.hash }))).toBe('hash_conflict');
    expect(await codeOf(update({ view_id: 'V0' }))).toBe('not_found');
    expect(await codeOf(update({ view_id: undefined }))).toBe('invalid_arguments');
    await ic.closeView();
    expect(await codeOf(update({}))).toBe('not_found');
  });

  test('a view of another token, and one that is too large', async () => {
    const asPerson = webFor(slack.tokenOf(IC));
    expect(await codeOf(asPerson.views.open({ trigger_id: 'x', view: MODAL }))).toBe(
      'not_allowed_token_type',
    );
    const section = { type: 'section', text: { type: 'mrkdwn', text: 'x'.repeat(3_000) } };
    expect(await codeOf(open({ ...MODAL, blocks: Array(100).fill(section) }))).toBe('view_too_large');
  });

  test.each([
    ['a title of 25', { title: plain('x'.repeat(25)) }, 'must be less than 25 characters'],
    ['no title', { title: undefined }, 'missing required field: title'],
    ['101 blocks', { blocks: Array(101).fill({ type: 'divider' }) }, 'no more than 100 items allowed'],
    ['private metadata of 3,001', { private_metadata: 'x'.repeat(3_001) }, 'must be less than 3001'],
    ['a callback id of 256', { callback_id: 'x'.repeat(256) }, 'must be less than 256'],
    ['inputs and nothing to submit', { submit: undefined }, 'missing required field: submit'],
    ['a property that is none', { colour: 'red' }, 'invalid additional property: colour'],
    ['Markdown, which is for messages', { blocks: [{ type: 'markdown', text: 'x' }] }, 'unsupported type'],
  ])('%s is refused', async (_what, changed, message) => {
    const trigger = slack.app.issueTrigger(IC);
    const { code, messages } = await refusalOf(open({ ...MODAL, ...changed }, trigger));
    expect(code).toBe('invalid_arguments');
    expect(messages.join()).toContain(message);
    // Slack looks at the view first, so the trigger is still good.
    await open(MODAL, trigger);
  });
});

describe('blocks', () => {
  const options = (count: number) =>
    Array.from({ length: count }, (_none, index) => ({ text: plain(`Option ${index}`), value: `${index}` }));
  const select = (more: object) => ({ type: 'static_select', action_id: 'a', options: options(2), ...more });
  const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text } });
  const input = (more: object) => ({
    type: 'input',
    label: plain('Label'),
    element: { type: 'plain_text_input', action_id: 'a' },
    ...more,
  });

  test.each([
    ['26 buttons', [actions(...Array.from({ length: 26 }, (_none, i) => button('x', `a${i}`)))]],
    ['an action id of 256', [actions(button('x', 'a'.repeat(256)))]],
    ['an action id twice in a message', [actions(button('x', 'a')), actions(button('y', 'a'))]],
    ['a label of 76', [actions(button('x'.repeat(76), 'a'))]],
    ['no label', [actions(button('', 'a'))]],
    ['a value of 2,001', [actions(button('x', 'a', 'v'.repeat(2_001)))]],
    ['an empty value', [actions(button('x', 'a', ''))]],
    ['a style that is none', [actions({ ...button('x', 'a'), style: 'default' })]],
    ['a label in mrkdwn', [actions({ ...button('x', 'a'), text: { type: 'mrkdwn', text: 'x' } })]],
    ['no elements', [actions()]],
    ['a section of 3,001', [section('x'.repeat(3_001))]],
    ['an empty section', [section('')]],
    ['a section without text', [{ type: 'section' }]],
    ['a menu of 101', [actions(select({ options: options(101) }))]],
    ['an empty menu', [actions(select({ options: [] }))]],
    ['an option of 76', [actions(select({ options: [{ text: plain('x'.repeat(76)), value: 'v' }] }))]],
    [
      'an option value of 151',
      [actions(select({ options: [{ text: plain('x'), value: 'v'.repeat(151) }] }))],
    ],
    ['two options of one value', [actions(select({ options: [...options(1), ...options(1)] }))]],
    [
      'an initial option that is none',
      [actions(select({ initial_option: { text: plain('x'), value: 'x' } }))],
    ],
    ['an input label of 2,001', [input({ label: plain('x'.repeat(2_001)) })]],
    ['an input with a button', [input({ element: button('x', 'a') })]],
    ['a block id of 256', [{ type: 'divider', block_id: 'x'.repeat(256) }]],
    [
      'a block id twice',
      [
        { type: 'divider', block_id: 'x' },
        { type: 'divider', block_id: 'x' },
      ],
    ],
    ['51 blocks', Array(51).fill({ type: 'divider' })],
    ['a block that is none', [{ type: 'sectoin', text: plain('x') }]],
    ['a property that is none', [{ ...section('x'), emoji: true }]],
    ['a block of an object', [{ type: 'constructor' }]],
  ])('%s is refused', async (_what, blocks) => {
    const { id } = await sharedRoom();
    const message = { channel: id, text: 'x', blocks: blocks as never };
    expect((await refusalOf(web.chat.postMessage(message))).code).toBe('invalid_blocks');
  });

  test.each([
    [
      '25 buttons at every limit',
      [
        actions(
          ...Array.from({ length: 25 }, (_none, i) =>
            button('x'.repeat(75), `${i}`.padStart(255, 'a'), 'v'.repeat(2_000)),
          ),
        ),
      ],
    ],
    [
      'a menu at its limits',
      [
        actions(
          select({ options: options(99).concat({ text: plain('x'.repeat(75)), value: 'v'.repeat(150) }) }),
        ),
      ],
    ],
    [
      'Markdown at its limit, in two blocks',
      [
        { type: 'markdown', text: 'x'.repeat(6_000) },
        { type: 'markdown', text: 'x'.repeat(6_000) },
      ],
    ],
    ['50 blocks', Array(50).fill({ type: 'divider' })],
    [
      'what else we use',
      [
        { type: 'header', text: plain('x'.repeat(150)) },
        section('x'.repeat(3_000)),
        { type: 'context', elements: [{ type: 'mrkdwn', text: 'x' }] },
        input({ label: plain('x'.repeat(2_000)) }),
      ],
    ],
  ])('%s is taken', async (_what, blocks) => {
    const { id } = await sharedRoom();
    const { message } = await web.chat.postMessage({ channel: id, text: 'x', blocks: blocks as never });
    // Slack names what came without an id.
    for (const block of message!.blocks!) expect(block.block_id).toMatch(/./);
  });

  test('Markdown of 12,001 characters together has a code of its own', async () => {
    const { id } = await sharedRoom();
    const blocks = [6_000, 6_001].map((length) => ({ type: 'markdown' as const, text: 'x'.repeat(length) }));
    expect(await codeOf(web.chat.postMessage({ channel: id, text: 'x', blocks }))).toBe(
      'msg_blocks_too_long',
    );
    const update = web.chat.update({ channel: id, ts: '1.0', text: 'x', blocks });
    expect(await codeOf(update)).toBe('msg_blocks_too_long');
    const broken = web.apiCall('chat.postMessage', { channel: id, text: 'x', blocks: '[{' });
    expect(await codeOf(broken)).toBe('invalid_blocks_format');
  });

  test('says where the mistake is', () => {
    expect(problemsOf([actions(button('x'.repeat(76), 'a'))], 'message')).toEqual([
      'must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]',
    ]);
  });

  test('takes or refuses anything at all, and never breaks', () => {
    fc.assert(
      fc.property(
        fc.anything(),
        fc.constantFrom('section', 'actions', 'input', 'markdown'),
        (value, type) => {
          for (const blocks of [
            value,
            [value],
            [{ type, text: value, elements: [value], element: value, accessory: value }],
          ]) {
            expect(Array.isArray(problemsOf(blocks, 'message'))).toBe(true);
            expect(Array.isArray(problemsOfView({ type: 'modal', title: value, blocks }))).toBe(true);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

let shared: Promise<{ id: string; name: string }> | undefined;
const sharedRoom = () => (shared ??= newRoom(IC));

describe('conversations and people', () => {
  test('what one person alone sees is in no history, and needs them in the room', async () => {
    const room = await newRoom(IC);
    const whisper = (user: string, channel = room.id) =>
      web.chat.postEphemeral({ channel, user: slack.userIdOf(user), text: 'for you' });
    await whisper(IC);
    expect(ic.ephemerals().at(-1)).toMatchObject({ text: 'for you', channel: room.id });
    expect(await ic.messages(room.name)).toEqual([]);
    expect(await codeOf(whisper(OUTSIDER))).toBe('user_not_in_channel');
    const board = (await createSlackPerson(slack, COUNSEL).say('board', 'x')).ts;
    expect(board).toMatch(/^\d+\.\d+$/);
    expect(createSlackPerson(slack, OUTSIDER).ephemerals()).toEqual([]);
  });

  test('a person is taken out of a room once, and sees it no more', async () => {
    const room = await newRoom(IC, OUTSIDER);
    const outsider = createSlackPerson(slack, OUTSIDER);
    const kick = (email: string) => web.conversations.kick({ channel: room.id, user: slack.userIdOf(email) });
    expect(await outsider.messages(room.name)).toEqual([]);
    await kick(OUTSIDER);
    expect(await codeOf(kick(OUTSIDER))).toBe('not_in_channel');
    await expect(outsider.messages(room.name)).rejects.toThrow(`sees no channel ${room.name}`);
    await expect(outsider.say(room.name, 'x')).rejects.toThrow('sees no channel');
    expect(await codeOf(web.conversations.kick({ channel: room.id, user: 'U0FIREBREAK' }))).toBe(
      'cant_kick_self',
    );
    expect(await codeOf(web.conversations.kick({ channel: room.id, user: 'U0' }))).toBe('user_not_found');
  });

  test('the app writes to a person alone, by conversation and by id', async () => {
    const { channel } = await web.conversations.open({ users: ic.userId });
    await web.chat.postMessage({ channel: channel!.id!, text: 'first' });
    await web.chat.postMessage({ channel: ic.userId, text: 'second' });
    const texts = (await ic.directMessages()).map(({ text, from }) => `${from}: ${text}`);
    expect(texts.slice(-2)).toEqual(['firebreak: first', 'firebreak: second']);
    expect(await createSlackPerson(slack, COUNSEL).directMessages()).toEqual([]);
    expect(await codeOf(web.conversations.open({ users: 'U0' }))).toBe('user_not_found');
  });

  test('it writes into no channel that it is not in', async () => {
    const listed = await web.conversations.list({ types: 'public_channel' });
    const kitchen = listed.channels!.find(({ name }) => name === 'kitchen')!.id!;
    expect(await codeOf(web.chat.postMessage({ channel: kitchen, text: 'x' }))).toBe('not_in_channel');
    expect(await codeOf(web.chat.postEphemeral({ channel: kitchen, user: ic.userId, text: 'x' }))).toBe(
      'not_in_channel',
    );
    expect((await web.conversations.info({ channel: kitchen })).channel).toMatchObject({ is_member: false });
    const board = createSlackPerson(slack, COUNSEL);
    await board.say('board', 'x');
    const id = String((await board.messages('board')).length && (await boardId()));
    expect(await codeOf(web.conversations.info({ channel: id }))).toBe('channel_not_found');
    expect(await codeOf(web.chat.postMessage({ channel: id, text: 'x' }))).toBe('channel_not_found');
  });

  async function boardId(): Promise<string> {
    const { channels } = await webFor(slack.tokenOf(COUNSEL)).conversations.list({
      types: 'private_channel',
    });
    return channels!.find(({ name }) => name === 'board')!.id!;
  }

  test('people are listed with what they are', async () => {
    const { members = [] } = await web.users.list({ limit: 200 });
    const marks = Object.fromEntries(
      members.map(({ name, is_owner, is_primary_owner, is_admin, is_restricted, is_bot }) => [
        name,
        Object.entries({ is_owner, is_primary_owner, is_admin, is_restricted, is_bot })
          .filter(([, is]) => is)
          .map(([mark]) => mark)
          .join(' '),
      ]),
    );
    expect(marks).toEqual({
      slackbot: '',
      firebreak: 'is_bot',
      [IC]: '',
      [COUNSEL]: '',
      [OWNER]: 'is_owner is_primary_owner is_admin',
      'admin@example.com': 'is_admin',
      [GUEST]: 'is_restricted',
      [OUTSIDER]: '',
    });
    const { user } = await web.users.info({ user: slack.userIdOf(OWNER) });
    expect(user).toMatchObject({ is_owner: true, profile: { email: OWNER } });
    expect(await codeOf(web.users.info({ user: 'U000000001' }))).toBe('user_not_found');
    expect(await codeOf(web.users.lookupByEmail({ email: 'admin@emulate.dev' }))).toBe('users_not_found');
  });

  test('a guest sees their own channels only; what is not on the screen can not be pressed', async () => {
    const guest = createSlackPerson(slack, GUEST);
    expect(await guest.channels()).toEqual(['operations']);
    await expect(guest.messages('kitchen')).rejects.toThrow('sees no channel kitchen');
    expect(guest.view()).toBeUndefined();
    await expect(guest.fill('What was found', 'x')).rejects.toThrow('no view is open');
    await web.views.open({ trigger_id: slack.app.issueTrigger(GUEST), view: MODAL });
    await expect(guest.fill('Colour', 'x')).rejects.toThrow(
      'there is no field "Colour" among "What was found"',
    );
    await expect(guest.fill('How certain', 'Very')).rejects.toThrow('There are: "Suspected", "Confirmed"');
    await expect(guest.pressInView('Approve')).rejects.toThrow(
      'there is no button "Approve" among "Explain"',
    );
    await guest.closeView();
  });

  test('the scopes of the documents are among the ones that the app is given', () => {
    expect(APP_SCOPES).toEqual(expect.arrayContaining([...SLACK_SCOPES]));
  });
});

describe('bad days', () => {
  test('a workspace that is down answers 503 or nothing, and drops the socket', async () => {
    const post = () => web.chat.postMessage({ channel: ic.userId, text: 'x' });
    slack.goDown();
    await expect(post()).rejects.toMatchObject({ statusCode: 503 });
    expect(slack.app.connections()).toBe(0);
    await expect(ic.say('operations', 'x')).rejects.toThrow('Slack is down');
    slack.goDown('refused');
    await expect(post()).rejects.toMatchObject({ code: 'slack_webapi_request_error' });
    slack.comeBack();
    await post();
    await until(() => slack.app.connections() === 1, 10_000);
  });

  test('a limited method is refused until the wait has passed, and who does not wait is written down', async () => {
    const post = () => web.chat.postMessage({ channel: ic.userId, text: 'x' });
    const limit = slack.limitRate({ on: 'chat.postMessage', waitS: 1 });
    await expect(post()).rejects.toMatchObject({ retryAfter: 1 });
    expect(limit.tooSoon).toEqual([]);
    await web.users.info({ user: ic.userId });
    await expect(post()).rejects.toMatchObject({ retryAfter: 1 });
    expect(limit.tooSoon).toHaveLength(1);
    await new Promise((resolve) => setTimeout(resolve, 1_050));
    await post();
    expect(limit.tooSoon).toHaveLength(1);
    expect(limit.refused).toHaveLength(2);
    limit.end();
  });

  test('calls of the new kinds break on demand, too', async () => {
    const trigger_id = slack.app.issueTrigger(IC);
    const mend = slack.breakCalls({ on: 'views.open', kind: 'dropAfter', times: 1 });
    await expect(web.views.open({ trigger_id, view: MODAL })).rejects.toThrow();
    mend();
    expect(ic.view()).toMatchObject({ title: 'Record a finding' });
    expect(slack.calls.at(-1)).toMatchObject({ name: 'views.open', effectStatus: 200 });
    await ic.closeView();
  });

  test('without an app there is nobody to talk to', async () => {
    const bare = await startSlack({ token: TOKEN, users: USERS });
    expect(() => bare.app).toThrow('give startSlack `app`');
    expect(() => bare.deskOf(IC)).toThrow('give startSlack `app`');
    await bare.close();
  });
});
