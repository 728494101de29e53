import { WebClient } from '@slack/web-api';
import { createRoomActivities } from '../../activities/room';
import type { Fault } from '../../drill/stand-ins/recording-proxy';
import { startSlack, type SlackRoomState, type SlackStandIn } from '../../drill/stand-ins/slack';
import { SLACK_ANNOUNCE_SCOPES } from '../../integrations/slack/announce';
import { SLACK_DOOR_SCOPES, SLACK_SCOPES } from '../../integrations/slack/client';
import { createSlack, type SlackSettings } from '../../integrations/slack/room';
import { failureOf } from '../support/failures';
import { inActivity } from '../support/in-activity';
import { watching } from '../support/slack';

const TOKEN = 'xoxb-test-token';
const IC = 'ic@example.com';
const KEY = 'quiet-otter note-1';
const NOTE = '**What happened.** Somebody signed in, and was shut out.';
const SCOPES = [...SLACK_SCOPES, ...SLACK_ANNOUNCE_SCOPES];

const opened: SlackStandIn[] = [];
let workspace: SlackStandIn;

async function open(scopes: readonly string[]): Promise<SlackStandIn> {
  const started = await startSlack({
    token: TOKEN,
    users: [
      { email: IC, name: 'Incident Commander' },
      { email: 'web@example.com', name: 'Web' },
    ],
    scopes,
    channels: [
      { name: 'engineering' },
      { name: 'leaders', isPrivate: true },
      { name: 'everybody', hasApp: false },
      { name: 'hidden', isPrivate: true, hasApp: false },
      { name: 'old', isPrivate: true },
    ],
  });
  opened.push(started);
  return started;
}

beforeAll(async () => {
  workspace = await open([...SCOPES, 'channels:join']);
});
afterAll(() => Promise.all(opened.map((each) => each.close())));

const client = (settings: Partial<SlackSettings> = {}, on = workspace) =>
  createSlack({ token: TOKEN, apiUrl: on.url, ...settings });
const announce = (channel: string, key: string, markdown = NOTE, slack = client()) =>
  slack.announce({ channel, key, markdown });

async function stateOf(name: string, on = workspace): Promise<SlackRoomState> {
  const state = await on.room(name);
  if (!state) throw new Error('no such room');
  return state;
}

const { callsOf, whileBroken } = watching(() => workspace);

const listed = (channel: object): Fault => ({
  kind: 'answer',
  on: 'conversations.list',
  status: 200,
  body: JSON.stringify({ ok: true, channels: [{ id: 'C0SHARED', name: 'shared', ...channel }] }),
});

describe('an announcement', () => {
  test('is posted by the activity in the channel of that name, under a key that says nothing', async () => {
    const { announce: activity } = createRoomActivities(client(), { roomPaceMs: 0 });
    const { messageId } = await inActivity(() =>
      activity(KEY, { way: 'slack', channel: 'engineering', markdown: NOTE } as never),
    );
    const said = (await stateOf('engineering')).messages;
    expect(said).toMatchObject([
      { ts: messageId, from: 'firebreak', markdown: NOTE, key: expect.stringMatching(/^[0-9a-f]{64}$/) },
    ]);
    expect(JSON.stringify(workspace.calls)).not.toContain('otter');
  });

  test('is posted once for its key, also by another process, and again for another', async () => {
    const first = await announce('#engineering', 'quiet-otter note-2');
    expect(await announce('engineering', 'quiet-otter note-2')).toEqual(first);
    const calls = await callsOf(() => announce('engineering', 'quiet-otter note-2'));
    expect(calls).toEqual(['conversations.list', 'auth.test', 'conversations.history']);
    expect(await announce('engineering', 'quiet-otter note-3')).not.toEqual(first);
  });

  test.each<[string, Fault]>([
    ['was lost', { kind: 'dropAfter', on: 'chat.postMessage', times: 1 }],
    ['came too late', { kind: 'slow', on: 'chat.postMessage', times: 1, delayMs: 1_500 }],
  ])('appears once although the answer %s', async (how, fault) => {
    const before = (await stateOf('leaders')).messages.length;
    const slack = client({ timeoutMs: 1_000 });
    const failure = await whileBroken(fault, () => failureOf(announce('leaders', how, NOTE, slack)));
    expect(failure.type).toBe('Unavailable');
    while ((await stateOf('leaders')).messages.length === before)
      await new Promise((wait) => setTimeout(wait, 50));
    const calls = await callsOf(() => announce('leaders', how, NOTE, client()));
    expect(calls).not.toContain('chat.postMessage');
    expect((await stateOf('leaders')).messages).toHaveLength(before + 1);
  });

  test('appears once although two attempts run at the same time', async () => {
    const slack = client();
    const twice = () => announce('leaders', 'twice', NOTE, slack);
    const [first, second] = await Promise.all([twice(), twice()]);
    expect(second).toEqual(first);
  });

  test('is looked for a month back and no further', async () => {
    await announce('engineering', 'month');
    const { body } = workspace.calls.findLast(({ name }) => name === 'conversations.history')!;
    const oldest = Number(new URLSearchParams(body).get('oldest'));
    expect(Date.now() / 1000 - oldest).toBeCloseTo(31 * 24 * 3_600, -2);
  });

  test("is not taken for posted because of somebody else's metadata", async () => {
    const first = await announce('leaders', 'metadata');
    const key = (await stateOf('leaders')).messages.find(({ ts }) => ts === first.messageId)!.key!;
    const other = await open([...SCOPES, 'channels:join']);
    const web = new WebClient(other.tokenOf(IC), { slackApiUrl: other.url });
    const { id } = await stateOf('leaders', other);
    await web.chat.postMessage({
      channel: id,
      text: 'Nothing to see.',
      metadata: { event_type: 'firebreak_entry', event_payload: { key } },
    });
    await announce('leaders', 'metadata', NOTE, client({}, other));
    expect((await stateOf('leaders', other)).messages.map(({ from }) => from)).toEqual([IC, 'firebreak']);
  });

  test('pings nobody, whatever is written in it', async () => {
    const { userIdOf } = workspace;
    const markdown = `@channel @here @Everyone <!channel> <!subteam^S1> <@${userIdOf(IC)}> ic@example.com`;
    const { messageId } = await announce('engineering', 'mentions', markdown);
    const said = (await stateOf('engineering')).messages.find(({ ts }) => ts === messageId)!;
    for (const text of [said.markdown!, said.text]) {
      expect(text).not.toMatch(/@(?:channel|here|everyone)/i);
      expect(text).not.toMatch(/<[!@]/);
      expect(text).toContain('ic@example.com');
    }
    const { body } = workspace.calls.findLast(({ name }) => name === 'chat.postMessage')!;
    const form = new URLSearchParams(body);
    expect(form.get('parse')).toBe('none');
    expect(form.get('link_names')).toBe('false');
  });

  test.each([
    ['longer than one message', 'secret words '.repeat(1_000), /some 12,000 characters/],
    ['empty', ' \n ', /nothing in the text/],
  ])('that is %s is refused whole, and nothing is asked of Slack', async (_, markdown, words) => {
    const calls = await callsOf(async () => {
      const failure = await failureOf(announce('engineering', 'whole', markdown));
      expect(failure).toMatchObject({ type: 'InvalidRequest', nonRetryable: true });
      expect(failure.message).toMatch(words);
      expect(failure.message).not.toContain('secret');
    });
    expect(calls).toEqual([]);
  });
});

describe('a channel', () => {
  test('that is public is joined', async () => {
    const calls = await callsOf(() => announce('everybody', KEY));
    expect(calls).toContain('conversations.join');
    expect((await stateOf('everybody')).messages).toHaveLength(1);
    expect(await callsOf(() => announce('everybody', 'again'))).not.toContain('conversations.join');
  });

  test('that is public and can not be joined needs an invitation', async () => {
    const strict = await open(SCOPES);
    const failure = await failureOf(announce('everybody', KEY, NOTE, client({}, strict)));
    expect(failure).toMatchObject({ type: 'NotFound', nonRetryable: true });
    expect(failure.message).toContain('/invite @firebreak');
    await announce('engineering', KEY, NOTE, client({}, strict));
    expect(strict.calls.map(({ name }) => name)).not.toContain('conversations.create');
  });

  test.each(['hidden', 'nowhere'])('#%s is not found, nor made', async (name) => {
    const calls = await callsOf(async () => {
      const failure = await failureOf(announce(name, KEY));
      expect(failure).toMatchObject({ type: 'NotFound', nonRetryable: true });
      expect(failure.message).toContain(`#${name}`);
      expect(failure.message).toContain('/invite @firebreak');
    });
    expect(calls).toEqual(['conversations.list']);
  });

  test('that is archived is a conflict', async () => {
    const { id } = await stateOf('old');
    await new WebClient(workspace.tokenOf(IC), { slackApiUrl: workspace.url }).conversations.archive({
      channel: id,
    });
    const failure = await failureOf(announce('old', KEY));
    expect(failure).toMatchObject({ type: 'Conflict', nonRetryable: true });
    expect(failure.message).toContain('Unarchive');
  });

  test.each([{ is_ext_shared: true }, { is_pending_ext_shared: true }])(
    'that another company reads too is refused: %j',
    async (shared) => {
      const calls = await callsOf(async () => {
        const failure = await whileBroken(listed({ is_member: true, ...shared }), () =>
          failureOf(announce('shared', KEY)),
        );
        expect(failure).toMatchObject({ type: 'InvalidRequest', nonRetryable: true });
        expect(failure.message).toContain('Slack Connect');
      });
      expect(calls).toEqual(['conversations.list']);
    },
  );

  test.each(['not_in_channel', 'channel_not_found'])(
    'from which the app was removed a moment ago (%s) is not found',
    async (error) => {
      const fault: Fault = {
        kind: 'answer',
        on: 'chat.postMessage',
        status: 200,
        body: JSON.stringify({ ok: false, error }),
      };
      const failure = await whileBroken(fault, () => failureOf(announce('engineering', error)));
      expect(failure).toMatchObject({ type: 'NotFound', nonRetryable: true });
      expect(failure.message).toContain('/invite @firebreak');
    },
  );

  test.each(['Engineering', 'two words', '', '#', '../engineering', 'a'.repeat(81), 'x\n'])(
    'can not be called %j',
    async (name) => {
      const calls = await callsOf(async () => {
        const failure = await failureOf(announce(name, KEY));
        expect(failure).toMatchObject({ type: 'InvalidRequest', nonRetryable: true });
        expect(failure.message).toContain('communication.inside');
      });
      expect(calls).toEqual([]);
    },
  );
});

describe('a failure', () => {
  const METHODS = ['conversations.list', 'auth.test', 'conversations.history', 'chat.postMessage'];

  test.each(METHODS)('in %s carries the wait that Slack asks for, and nothing of the note', async (on) => {
    const fault: Fault = { kind: 'answer', on, status: 429, body: '', headers: { 'retry-after': '7' } };
    const failure = await whileBroken(fault, () => failureOf(announce('engineering', `slow ${on}`)));
    expect(failure).toMatchObject({ type: 'RateLimited', nextRetryDelay: 7_000, nonRetryable: false });
    expectNoContent(failure.message);
  });

  test.each(METHODS)('in %s that lies in the token says so, and nothing of the note', async (on) => {
    const body = JSON.stringify({ ok: false, error: 'invalid_auth', quoted: NOTE });
    const fault: Fault = { kind: 'answer', on, status: 200, body };
    const failure = await whileBroken(fault, () => failureOf(announce('engineering', `token ${on}`)));
    expect(failure).toMatchObject({ type: 'Unauthorized', nonRetryable: true });
    expect(failure.message).toContain('SLACK_BOT_TOKEN');
    expectNoContent(failure.message);
  });

  test.each(METHODS)('in %s without an answer is tried again', async (on) => {
    const failure = await whileBroken({ kind: 'dropBefore', on }, () =>
      failureOf(announce('engineering', `gone ${on}`)),
    );
    expect(failure).toMatchObject({ type: 'Unavailable', nonRetryable: false });
    expectNoContent(failure.message);
  });

  test('does not keep the next announcement from being posted', async () => {
    const slack = client();
    const fault: Fault = { kind: 'dropBefore', on: 'conversations.list', times: 1 };
    const failure = await whileBroken(fault, () => failureOf(announce('engineering', 'next', NOTE, slack)));
    expect(failure.type).toBe('Unavailable');
    expect(await announce('engineering', 'next', NOTE, slack)).toMatchObject({
      messageId: expect.any(String),
    });
  });
});

function expectNoContent(message: string): void {
  for (const secret of [TOKEN, 'otter', 'signed in', 'quoted']) expect(message).not.toContain(secret);
}

describe('the check at start', () => {
  test('looks for what announcing needs, where there is something to announce', async () => {
    const bare = await open(SLACK_SCOPES);
    await client({}, bare).check();
    const failure = await failureOf(client({ announces: true }, bare).check());
    expect(failure).toMatchObject({ type: 'Unauthorized', nonRetryable: true });
    for (const scope of SLACK_ANNOUNCE_SCOPES) expect(failure.message).toContain(scope);
    await client({ announces: true }).check();
  });

  test('asks for no scope that the documents do not ask for', () => {
    expect([...SLACK_SCOPES, ...SLACK_DOOR_SCOPES]).toEqual(
      expect.arrayContaining([...SLACK_ANNOUNCE_SCOPES]),
    );
  });
});
