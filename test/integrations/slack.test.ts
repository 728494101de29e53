import { WebClient } from '@slack/web-api';
import type { Room } from '../../activities/room';
import type { Fault } from '../../drill/stand-ins/recording-proxy';
import { startSlack, type SlackRoomState, type SlackStandIn } from '../../drill/stand-ins/slack';
import { SLACK_SCOPES } from '../../integrations/slack/client';
import { createSlack, type Slack, type SlackSettings } from '../../integrations/slack/room';
import { failureOf } from '../support/failures';
import { thorough } from '../support/thorough';
import { watching } from '../support/slack';

const TOKEN = 'xoxb-test-token';
const IC = 'ic@example.com';
const FORENSICS = 'forensics@example.com';
const COUNSEL = 'counsel@example.com';
const OUTSIDER = 'outsider@example.com';
const TOPIC = 'Attorney Work Project: bridge at https://bridge.example.com/1?a=b&c=d';

let workspace: SlackStandIn;
let slack: Slack;
let count = 0;

beforeAll(async () => {
  workspace = await startSlack({
    token: TOKEN,
    users: [
      { email: IC, name: 'Incident Commander' },
      { email: FORENSICS, name: 'Forensics Lead' },
      { email: COUNSEL, name: 'Legal Counsel' },
      { email: OUTSIDER, name: 'Somebody Else' },
    ],
    scopes: SLACK_SCOPES,
  });
});
afterAll(() => workspace.close());
beforeEach(() => {
  slack = freshClient();
});

const freshClient = (settings: Partial<SlackSettings> = {}) =>
  createSlack({ token: TOKEN, apiUrl: workspace.url, ...settings });
const newName = () => `quiet-otter-${(count += 1)}`;
const openRoom = (client = slack) => client.openRoom({ name: newName(), topic: TOPIC });
const as = (email: string) => new WebClient(workspace.tokenOf(email), { slackApiUrl: workspace.url });

async function stateOf({ name }: { name: string }): Promise<SlackRoomState> {
  const state = await workspace.room(name);
  if (!state) throw new Error('no such room');
  return state;
}

const { callsOf, whileBroken } = watching(() => workspace);

describe('the room', () => {
  test('is private and has its topic, in two calls', async () => {
    let room: Room | undefined;
    const calls = await callsOf(async () => {
      room = await openRoom();
    });
    expect(calls).toEqual(['conversations.create', 'conversations.setTopic']);
    expect(await stateOf(room!)).toMatchObject({ id: room!.id, isPrivate: true, topic: TOPIC, members: [] });
  });

  test('is adopted when it is opened again, and a topic that is right is left alone', async () => {
    const room = await openRoom();
    const calls = await callsOf(async () => {
      expect(await freshClient().openRoom({ name: room.name, topic: TOPIC })).toEqual(room);
    });
    expect(calls).toEqual(['conversations.create', 'auth.test', 'conversations.list']);
    await slack.openRoom({ name: room.name, topic: 'Attorney Work Project' });
    expect((await stateOf(room)).topic).toBe('Attorney Work Project');
  });

  test('is adopted quietly although Slack gives a topic back in its own spelling', async () => {
    const { id, name } = await openRoom();
    const value = 'Attorney Work Project: bridge at <https://bridge.example.com/1?a=b&amp;c=d>';
    const channels = [{ id, name, creator: 'U0FIREBREAK', topic: { value } }];
    const fault: Fault = {
      kind: 'answer',
      on: 'conversations.list',
      status: 200,
      body: JSON.stringify({ ok: true, channels }),
    };
    const open = () => slack.openRoom({ name, topic: TOPIC });
    const calls = await whileBroken(fault, () => callsOf(open));
    expect(calls).not.toContain('conversations.setTopic');
  });

  test('is adopted where the answer to its opening was lost', async () => {
    const name = newName();
    const lost = { kind: 'dropAfter', on: 'conversations.create', times: 1 } as const;
    const failure = await whileBroken(lost, () => failureOf(slack.openRoom({ name, topic: TOPIC })));
    expect(failure.type).toBe('Unavailable');
    const room = await slack.openRoom({ name, topic: TOPIC });
    expect(await stateOf({ name })).toMatchObject({ id: room.id, isPrivate: true, topic: TOPIC });
  });

  test.each([
    ['in which the app is not', false],
    ['in which the app is', true],
  ])('is a conflict where somebody else made one of that name, %s', async (_, invited) => {
    const name = newName();
    const made = await as(OUTSIDER).conversations.create({ name, is_private: true });
    if (invited) {
      await as(OUTSIDER).conversations.invite({ channel: made.channel!.id!, users: 'U0FIREBREAK' });
    }
    const failure = await failureOf(slack.openRoom({ name, topic: TOPIC }));
    expect(failure).toMatchObject({ type: 'Conflict', nonRetryable: true });
    expect(failure.message).toContain('another codename');
    expect(failure.message).not.toContain(name);
  });
});

describe('people', () => {
  test('are invited in the order given, and the unknown are named', async () => {
    const room = await openRoom();
    const emails = [FORENSICS, 'nobody@example.com', IC, COUNSEL];
    expect(await slack.invite({ room, emails })).toEqual({
      present: [FORENSICS, IC, COUNSEL],
      unknown: ['nobody@example.com'],
    });
    expect((await stateOf(room)).members).toEqual([FORENSICS, IC, COUNSEL]);
    expect(await freshClient().members({ room })).toEqual([FORENSICS, IC, COUNSEL]);
  });

  test('may be invited again, also with newcomers among them', async () => {
    const room = await openRoom();
    await slack.invite({ room, emails: [IC] });
    expect(await slack.invite({ room, emails: [IC] })).toEqual({ present: [IC], unknown: [] });
    expect(await slack.invite({ room, emails: [COUNSEL, IC, FORENSICS, COUNSEL] })).toEqual({
      present: [COUNSEL, IC, FORENSICS],
      unknown: [],
    });
    expect((await stateOf(room)).members).toEqual([IC, COUNSEL, FORENSICS]);
  });

  test('come in although one among them is kept out', async () => {
    const room = await openRoom();
    const restricted = { status: 200, body: '{"ok":false,"error":"user_is_restricted"}' };
    const result = await whileBroken(
      { kind: 'answer', on: 'conversations.invite', times: 2, ...restricted },
      () => slack.invite({ room, emails: [COUNSEL, FORENSICS] }),
    );
    expect(result).toEqual({ present: [FORENSICS], unknown: [COUNSEL] });
    expect((await stateOf(room)).members).toEqual([FORENSICS]);
  });

  test('need no second look-up', async () => {
    const room = await openRoom();
    await slack.invite({ room, emails: [IC, COUNSEL] });
    const calls = await callsOf(async () => {
      expect(await slack.members({ room })).toEqual([IC, COUNSEL]);
      expect(await slack.invite({ room, emails: [FORENSICS] })).toMatchObject({ present: [FORENSICS] });
    });
    expect(calls).toEqual([
      'auth.test',
      'conversations.members',
      'users.lookupByEmail',
      'conversations.invite',
    ]);
  });
});

describe('a message', () => {
  test('is posted in one call to a room that was opened here, and once for its key', async () => {
    const room = await openRoom();
    const entry = { room, key: 'ledger-1', markdown: '**Declared.**' };
    const calls = await callsOf(async () => {
      const first = await slack.post(entry);
      expect(await slack.post(entry)).toEqual(first);
      expect(await slack.post({ ...entry, key: 'ledger-2' })).not.toEqual(first);
    });
    expect(calls).toEqual(['chat.postMessage', 'chat.postMessage']);
    expect((await stateOf(room)).messages).toMatchObject([
      { from: 'firebreak', key: 'ledger-1', markdown: '**Declared.**', text: 'Declared.', pinned: false },
      { key: 'ledger-2' },
    ]);
  });

  test.each<[string, Fault]>([
    ['was lost', { kind: 'dropAfter', on: 'chat.postMessage', times: 1 }],
    ['came too late', { kind: 'slow', on: 'chat.postMessage', times: 1, delayMs: 1_500 }],
  ])('appears once although the answer %s', async (_, fault) => {
    const room = await openRoom();
    const client = freshClient({ timeoutMs: 1_000 });
    const entry = { room, key: 'ledger-1', markdown: 'Found.' };
    const failure = await whileBroken(fault, () => failureOf(client.post(entry)));
    expect(failure.type).toBe('Unavailable');
    while ((await stateOf(room)).messages.length === 0) await new Promise((wait) => setTimeout(wait, 50));
    const calls = await callsOf(() => client.post(entry));
    expect(calls).toContain('conversations.history');
    expect(calls).not.toContain('chat.postMessage');
    expect((await stateOf(room)).messages).toHaveLength(1);
  });

  test('appears once although another process takes over', async () => {
    const room = await openRoom();
    const other = freshClient();
    await other.post({ room, key: 'ledger-0', markdown: 'Before.' });
    const entry = { room, key: 'ledger-1', markdown: 'Found.' };
    const posted = await slack.post(entry);
    expect(await freshClient().post(entry)).toEqual(posted);

    const retrying = freshClient({ isRetry: () => true });
    expect(await retrying.post(entry)).toEqual(posted);
    const second = await slack.post({ ...entry, key: 'ledger-2' });
    expect(await retrying.post({ ...entry, key: 'ledger-2' })).toEqual(second);
    expect((await stateOf(room)).messages).toHaveLength(3);
  });

  test('appears once although two attempts run at the same time', async () => {
    const room = await openRoom();
    const entry = { room, key: 'ledger-1', markdown: 'Found.' };
    const [first, second] = await Promise.all([slack.post(entry), slack.post(entry)]);
    expect(second).toEqual(first);
    expect((await stateOf(room)).messages).toHaveLength(1);
  });

  thorough('is found behind hundreds of others', async () => {
    const room = await openRoom();
    const posted = await slack.post({ room, key: 'ledger-1', markdown: 'Found.' });
    await slack.invite({ room, emails: [IC] });
    const talker = as(IC);
    await Promise.all(
      Array.from({ length: 250 }, () => talker.chat.postMessage({ channel: room.id, text: 'talk' })),
    );
    const calls = await callsOf(async () => {
      expect(await freshClient().post({ room, key: 'ledger-1', markdown: 'Found.' })).toEqual(posted);
    });
    expect(calls).toEqual(['auth.test', 'conversations.history', 'conversations.history']);
  });

  test("is not taken for posted because of somebody else's metadata", async () => {
    const room = await openRoom();
    await slack.invite({ room, emails: [OUTSIDER] });
    await as(OUTSIDER).chat.postMessage({
      channel: room.id,
      text: 'Nothing to see.',
      metadata: { event_type: 'firebreak_entry', event_payload: { key: 'ledger-1' } },
    });
    await freshClient().post({ room, key: 'ledger-1', markdown: 'Found.' });
    expect((await stateOf(room)).messages.map(({ from }) => from)).toEqual([OUTSIDER, 'firebreak']);
  });

  test('is looked for only where the answer was unclear', async () => {
    const room = await openRoom();
    const wait = { status: 429, body: '{"ok":false,"error":"ratelimited"}', headers: { 'retry-after': '1' } };
    const fault: Fault = { kind: 'answer', on: 'chat.postMessage', times: 1, ...wait };
    await whileBroken(fault, () => failureOf(slack.post({ room, key: 'ledger-1', markdown: 'Found.' })));
    const calls = await callsOf(() => slack.post({ room, key: 'ledger-1', markdown: 'Found.' }));
    expect(calls).toEqual(['chat.postMessage']);
  });

  test('is pinned once and updated in place', async () => {
    const room = await openRoom();
    const checklist = { room, key: 'checklist', markdown: '# Checklist' };
    const lost = { kind: 'dropAfter', on: 'pins.add', times: 1 } as const;
    expect((await whileBroken(lost, () => failureOf(slack.postPinned(checklist)))).type).toBe('Unavailable');
    const { messageId } = await slack.postPinned(checklist);
    await slack.update({ room, messageId, markdown: '# Checklist\n- [x] page the IC' });
    expect(await freshClient().postPinned(checklist)).toEqual({ messageId });
    expect((await stateOf(room)).messages).toMatchObject([
      { ts: messageId, key: 'checklist', pinned: true, markdown: '# Checklist\n- [x] page the IC' },
    ]);
  });

  test('pings nobody', async () => {
    const room = await openRoom();
    const markdown = `<!channel> <!here|here> <@U012AB3CD> @here (@Everyone) @channel, write to ${IC}, a < b`;
    const { messageId } = await slack.post({ room, key: 'ledger-1', markdown });
    await slack.update({ room, messageId, markdown });
    const [message] = (await stateOf(room)).messages;
    const visible = message!.markdown!.replaceAll('\u200b', '');
    expect(visible).toBe(markdown);
    for (const shown of [message!.text, message!.markdown!]) {
      expect(shown).not.toMatch(/<[!@]|(^|\W)@(here|channel|everyone)/i);
      expect(shown).toContain(IC);
    }
    const sent = workspace.calls.filter(({ name }) => /^chat\.(postMessage|update)$/.test(name)).slice(-2);
    for (const { body } of sent) {
      expect(Object.fromEntries(new URLSearchParams(body))).toMatchObject({
        parse: 'none',
        link_names: 'false',
      });
    }
  });

  test.each([
    ['of many lines', '| a | "b" |\n'.repeat(2_000)],
    ['of one line', 'ä😀'.repeat(9_000)],
    ['inside code', `\`\`\`\n${'x\n'.repeat(9_000)}\`\`\``],
  ])('too long, %s, is cut and says so', async (_, markdown) => {
    const room = await openRoom();
    await slack.post({ room, key: 'ledger-1', markdown });
    const shown = (await stateOf(room)).messages[0]!.markdown!;
    expect(shown).toMatch(/\n… cut: see `firebreak status`$/);
    expect(JSON.stringify(shown).length - 2).toBeLessThanOrEqual(12_000);
    expect(shown.length).toBeGreaterThan(5_000);
    expect(shown).not.toMatch(/[\ud800-\udbff](?![\udc00-\udfff])/);
    expect((shown.match(/```/g) ?? []).length % 2).toBe(0);
  });
});

describe("Slack's failures", () => {
  const answer = (status: number, body: string, headers?: Record<string, string>): Fault => ({
    kind: 'answer',
    on: 'chat.postMessage',
    status,
    body,
    ...(headers && { headers }),
  });
  const refusal = (error: string, more: object = {}) =>
    answer(200, JSON.stringify({ ok: false, error, ...more }));

  test.each<[string, Fault, string, RegExp]>([
    ['invalid_auth', refusal('invalid_auth'), 'Unauthorized', /invalid_auth.*SLACK_BOT_TOKEN/],
    ['missing_scope', refusal('missing_scope', { needed: 'chat:write' }), 'Unauthorized', /scope chat:write/],
    ['restricted_action', refusal('restricted_action'), 'Unauthorized', /workspace/],
    ['channel_not_found', refusal('channel_not_found'), 'NotFound', /channel_not_found/],
    ['is_archived', refusal('is_archived'), 'Conflict', /unarchive/],
    ['invalid_blocks', refusal('invalid_blocks'), 'InvalidRequest', /chat\.postMessage: invalid_blocks/],
    ['429', answer(429, '', { 'retry-after': '7' }), 'RateLimited', /7 s/],
    ['rate_limited in a 200', refusal('rate_limited'), 'RateLimited', /30 s/],
    ['internal_error', refusal('internal_error'), 'Unavailable', /internal_error/],
    ['500', answer(500, 'oops'), 'Unavailable', /HTTP 500/],
    ['502 with HTML', answer(502, '<html>Bad Gateway</html>'), 'Unavailable', /HTTP 502/],
    ['200 with HTML', answer(200, '<html>Sign in to the Wi-Fi</html>'), 'Unavailable', /JSON/],
    ['time-out', { kind: 'slow', on: 'chat.postMessage', delayMs: 1_500 }, 'Unavailable', /timed out/],
    ['reset', { kind: 'dropBefore', on: 'chat.postMessage' }, 'Unavailable', /connection broke/],
  ])('%s', async (_, fault, type, message) => {
    const client = freshClient({ timeoutMs: 1_000 });
    const room = await openRoom(client);
    const post = () => client.post({ room, key: 'ledger-1', markdown: `secret words of ${IC}` });
    const failure = await whileBroken(fault, () => failureOf(post()));
    expect(failure.type).toBe(type);
    expect(failure.nonRetryable).toBe(!['RateLimited', 'Unavailable'].includes(type));
    expect(failure.message).toMatch(message);
    const told = [failure.message, failure.stack, JSON.stringify(failure), String(failure.cause)].join();
    for (const secret of [room.name, room.id, IC, TOKEN, 'secret words', 'html']) {
      expect(told).not.toContain(secret);
    }
  });

  test('half a character in a text is no failure', async () => {
    const room = await openRoom();
    await slack.post({ room, key: 'ledger-1', markdown: 'Cut in \ud83d half.' });
    expect((await stateOf(room)).messages).toMatchObject([
      { text: 'Cut in \ufffd half.', markdown: 'Cut in \ufffd half.' },
    ]);
  });

  test('429 says when to try again', async () => {
    const room = await openRoom();
    const fault = answer(429, '', { 'retry-after': '7' });
    const failure = await whileBroken(fault, () =>
      failureOf(slack.post({ room, key: 'ledger-1', markdown: 'x' })),
    );
    expect(failure.nextRetryDelay).toBe(7_000);
  });

  test('a room or message that is not there is NotFound', async () => {
    const room = await openRoom();
    const gone = { id: 'C0NOWHERE', name: 'nowhere' };
    expect((await failureOf(slack.members({ room: gone }))).type).toBe('NotFound');
    const update = { room, messageId: '1.000001', markdown: 'x' };
    expect((await failureOf(slack.update(update))).type).toBe('NotFound');
  });
});

describe('the check', () => {
  test('passes with the token and its scopes', () => expect(slack.check()).resolves.toBeUndefined());

  test.each([
    ['a wrong token', 'xoxb-wrong', 'invalid_auth'],
    ['no token', '', 'not_authed'],
  ])('refuses %s', async (_, token, code) => {
    const failure = await failureOf(freshClient({ token }).check());
    expect(failure).toMatchObject({ type: 'Unauthorized', nonRetryable: true });
    expect(failure.message).toContain(code);
    expect(failure.message).toContain('SLACK_BOT_TOKEN');
  });

  test('names the scopes that the app lacks', async () => {
    const other = await startSlack({ token: TOKEN, users: [], scopes: ['chat:write', 'groups:write'] });
    try {
      const client = createSlack({ token: TOKEN, apiUrl: other.url });
      expect((await failureOf(client.check())).message).toContain('users:read.email');
      const room = await client.openRoom({ name: newName(), topic: TOPIC });
      const failure = await failureOf(client.invite({ room, emails: [IC] }));
      expect(failure.message).toContain('scope users:read.email');
    } finally {
      await other.close();
    }
  });
});
