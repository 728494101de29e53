import type { ApplicationFailure } from '@temporalio/common';
import { WebClient } from '@slack/web-api';
import type { Button, ChatRoom, Room } from '../../activities/room';
import type { Fault } from '../../drill/stand-ins/recording-proxy';
import { startSlack, type SlackRoomState, type SlackStandIn } from '../../drill/stand-ins/slack';
import { SLACK_DOOR_SCOPES, SLACK_SCOPES } from '../../integrations/slack/client';
import { createSlack, type Slack, type SlackSettings } from '../../integrations/slack/room';
import { failureOf } from '../support/failures';
import { watching } from '../support/slack';

const TOKEN = 'xoxb-test-token';
const IC = 'ic@example.com';
const FORENSICS = 'forensics@example.com';
const COUNSEL = 'counsel@example.com';
const MARKETING = 'marketing@example.com';
const STRANGER = 'nobody@example.com';
const TOPIC = 'Attorney Work Project';

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
      { email: MARKETING, name: 'Marketing' },
      { email: 'admin@example.com', name: 'Administrator', isAdmin: true },
      { email: 'owner@example.com', name: 'Owner', isOwner: true },
      { email: 'second.owner@example.com', name: 'Second Owner', isOwner: true },
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
const app = () => new WebClient(TOKEN, { slackApiUrl: workspace.url });

async function roomWith(emails: readonly string[], client = slack): Promise<Room> {
  const room = await client.openRoom({ name: `quiet-otter-${(count += 1)}`, topic: TOPIC });
  if (emails.length > 0) await client.invite({ room, emails });
  return room;
}

async function stateOf({ name }: Room): Promise<SlackRoomState> {
  const state = await workspace.room(name);
  if (!state) throw new Error('no such room');
  return state;
}

async function idOf(email: string): Promise<string> {
  const { user } = await app().users.lookupByEmail({ email });
  return user!.id!;
}

const { callsOf, whileBroken } = watching(() => workspace);

const answered = (on: string, body: object, more: Partial<Fault> = {}): Fault =>
  ({ kind: 'answer', on, status: 200, body: JSON.stringify(body), ...more }) as Fault;
const refused = (on: string, error: string, more: Partial<Fault> = {}) =>
  answered(on, { ok: false, error }, more);
const tooFast = (on: string, more: Partial<Fault> = {}): Fault =>
  ({ kind: 'answer', on, status: 429, body: '', headers: { 'retry-after': '7' }, ...more }) as Fault;

/** Nothing that a message, a name or an address holds. */
function expectNoContent(failure: ApplicationFailure, ...content: string[]): void {
  const told = [failure.message, failure.stack, JSON.stringify(failure), String(failure.cause)].join();
  for (const secret of [TOKEN, 'example.com', 'quiet-otter', 'secret words', ...content]) {
    expect(told).not.toContain(secret);
  }
}

describe('a removal', () => {
  test('takes that person out, and nobody else', async () => {
    const room = await roomWith([IC, FORENSICS, COUNSEL]);
    const calls = await callsOf(async () => {
      expect(await slack.remove({ room, email: FORENSICS })).toEqual({ wasThere: true });
    });
    expect(calls).toEqual(['conversations.kick']);
    expect((await stateOf(room)).members).toEqual([IC, COUNSEL]);
  });

  test('of who is not in the room, or not in Slack, does nothing', async () => {
    const room = await roomWith([IC]);
    expect(await slack.remove({ room, email: FORENSICS })).toEqual({ wasThere: false });
    const calls = await callsOf(async () => {
      expect(await slack.remove({ room, email: STRANGER })).toEqual({ wasThere: false });
    });
    expect(calls).not.toContain('conversations.kick');
    expect((await stateOf(room)).members).toEqual([IC]);
  });

  test.each(['not_in_channel', 'user_not_in_channel', 'user_not_found'])(
    'of whom Slack does not find there, by its %s, does nothing',
    async (code) => {
      const room = await roomWith([IC]);
      const remove = () => slack.remove({ room, email: COUNSEL });
      expect(await whileBroken([refused('conversations.kick', code)], remove)).toEqual({ wasThere: false });
    },
  );

  test('tells that they were there although the answer was lost', async () => {
    const room = await roomWith([IC, COUNSEL]);
    // Another process: it has invited nobody.
    const client = freshClient();
    const remove = () => client.remove({ room, email: COUNSEL });
    const lost: Fault = { kind: 'dropAfter', on: 'conversations.kick', times: 1 };
    const failure = await whileBroken([lost], () => failureOf(remove()));
    expect(failure.type).toBe('Unavailable');
    expect((await stateOf(room)).members).toEqual([IC]);
    expect(await remove()).toEqual({ wasThere: true });
  });

  test("takes out each of a person's accounts, the roster's and the one under their e-mail", async () => {
    const room = await roomWith([IC, FORENSICS, MARKETING]);
    const second = await idOf(MARKETING);
    const client = freshClient({ idOf: (email) => (email === FORENSICS ? second : undefined) });
    expect(await client.remove({ room, email: FORENSICS })).toEqual({ wasThere: true });
    expect((await stateOf(room)).members).toEqual([IC]);
  });

  test.each([
    ['cant_kick_self', 'InvalidRequest', /mend the roster/],
    ['cant_kick_from_general', 'InvalidRequest', /a channel of its own/],
    ['restricted_action', 'Unauthorized', /setting of the workspace.*owner/],
    ['not_supported', 'InvalidRequest', /conversations\.kick: not_supported/],
    ['missing_scope', 'Unauthorized', /scopes? /],
  ])('that Slack refuses with %s says what to do', async (code, type, advice) => {
    const room = await roomWith([COUNSEL]);
    const remove = () => failureOf(slack.remove({ room, email: COUNSEL }));
    const failure = await whileBroken([refused('conversations.kick', code)], remove);
    expect(failure).toMatchObject({ type, nonRetryable: true });
    expect(failure.message).toMatch(advice);
    expect(failure.message).toContain('by hand');
    expectNoContent(failure, room.id, await idOf(COUNSEL));
  });

  test('from a room that is gone is NotFound', async () => {
    const room = { id: 'C0NOWHERE', name: 'nowhere' };
    expect((await failureOf(slack.remove({ room, email: COUNSEL }))).type).toBe('NotFound');
  });
});

describe('a word to one person', () => {
  const start: Button = { id: 'start', value: 'quiet-otter imageDisks', label: 'I am working on it' };
  const word = (changes: Partial<Parameters<ChatRoom['tellPerson']>[0]> = {}) => ({
    email: FORENSICS,
    key: `quiet-otter asked-${(count += 1)}`,
    markdown: 'You are asked for **task 10**.',
    ...changes,
  });

  /** What the app has said to that person alone, oldest first. */
  async function saidTo(email: string, key: string) {
    const { channel } = await app().conversations.open({ users: await idOf(email) });
    const { messages = [] } = await app().conversations.history({
      channel: channel!.id!,
      include_all_metadata: true,
    });
    return messages.filter(
      ({ metadata }) => (metadata?.event_payload as { key?: string } | undefined)?.key === key,
    );
  }

  test('reaches them once for its key, with its buttons', async () => {
    const request = word({ buttons: [start] });
    expect(await slack.tellPerson(request)).toEqual({ told: true });
    const calls = await callsOf(async () => {
      expect(await slack.tellPerson(request)).toEqual({ told: true });
    });
    expect(calls).toEqual([]);
    expect(await saidTo(FORENSICS, request.key)).toMatchObject([
      {
        text: 'You are asked for task 10.',
        blocks: [
          { type: 'markdown', text: request.markdown },
          { type: 'actions', elements: [{ action_id: 'firebreak.start.0', value: start.value }] },
        ],
      },
    ]);
    expect(await saidTo(IC, request.key)).toEqual([]);
  });

  test('of another key follows in the same conversation', async () => {
    const first = word();
    const second = word();
    await slack.tellPerson(first);
    const calls = await callsOf(() => slack.tellPerson(second));
    expect(calls).toEqual(['chat.postMessage']);
    expect(await saidTo(FORENSICS, first.key)).toHaveLength(1);
    expect(await saidTo(FORENSICS, second.key)).toHaveLength(1);
  });

  test.each<[string, Fault]>([
    ['of the message was lost', { kind: 'dropAfter', on: 'chat.postMessage', times: 1 }],
    ['of the conversation was lost', { kind: 'dropAfter', on: 'conversations.open', times: 1 }],
    ['was that something broke', refused('chat.postMessage', 'internal_error', { times: 1 })],
    ['never came', { kind: 'dropBefore', on: 'chat.postMessage', times: 1 }],
  ])('appears once although the answer %s', async (_, fault) => {
    const request = word({ email: COUNSEL });
    const client = freshClient({ timeoutMs: 1_000 });
    const failure = await whileBroken([fault], () => failureOf(client.tellPerson(request)));
    expect(failure.type).toBe('Unavailable');
    expect(await client.tellPerson(request)).toEqual({ told: true });
    expect(await saidTo(COUNSEL, request.key)).toHaveLength(1);
  });

  test('appears once although another process takes over, or two attempts run at once', async () => {
    const request = word();
    const retrying = freshClient({ isRetry: () => true });
    await retrying.tellPerson(word());
    await Promise.all([slack.tellPerson(request), slack.tellPerson(request)]);
    expect(await freshClient().tellPerson(request)).toEqual({ told: true });
    expect(await retrying.tellPerson(request)).toEqual({ told: true });
    expect(await saidTo(FORENSICS, request.key)).toHaveLength(1);
  });

  test('reaches nobody whom Slack does not know', async () => {
    const calls = await callsOf(async () => {
      expect(await slack.tellPerson(word({ email: STRANGER }))).toEqual({ told: false });
    });
    expect(calls).toEqual(['users.lookupByEmail']);
  });

  test.each([
    ['conversations.open', 'user_not_found'],
    ['conversations.open', 'user_not_visible'],
    ['conversations.open', 'user_disabled'],
    ['conversations.open', 'cannot_dm_bot'],
    ['conversations.open', 'messages_tab_disabled'],
    ['chat.postMessage', 'user_not_found'],
    ['chat.postMessage', 'cannot_dm_bot'],
    ['chat.postMessage', 'messages_tab_disabled'],
    ['chat.postMessage', 'channel_not_found'],
    ['chat.postMessage', 'is_archived'],
  ])('that Slack does not take (%s: %s) is not told, and may be later', async (method, code) => {
    const request = word({ email: MARKETING });
    const tell = () => slack.tellPerson(request);
    expect(await whileBroken([refused(method, code)], tell)).toEqual({ told: false });
    expect(await tell()).toEqual({ told: true });
    expect(await saidTo(MARKETING, request.key)).toHaveLength(1);
  });

  test.each([
    ['conversations.open', 'missing_scope', 'Unauthorized'],
    ['conversations.open', 'internal_error', 'Unavailable'],
    ['chat.postMessage', 'invalid_blocks', 'InvalidRequest'],
    ['chat.postMessage', 'restricted_action', 'Unauthorized'],
  ])('fails where it does not lie in the person (%s: %s)', async (method, code, type) => {
    const tell = () => failureOf(slack.tellPerson(word({ markdown: 'secret words' })));
    const failure = await whileBroken([refused(method, code)], tell);
    expect(failure.type).toBe(type);
    expectNoContent(failure, await idOf(FORENSICS));
  });
});

describe('the audience', () => {
  const owner = (id: string, email: string | undefined, more: object = {}) => ({
    id,
    name: id.toLowerCase(),
    real_name: `Name of ${id}`,
    profile: email === undefined ? {} : { email },
    ...more,
  });
  const page = (members: object[], next = '') => ({
    ok: true,
    members,
    response_metadata: { next_cursor: next },
  });

  test('is everybody in the room, and those who can let themselves in, over all pages', async () => {
    const room = await roomWith([IC, COUNSEL]);
    const pages = [
      page(
        [
          owner('U1', 'admin@example.com', { is_admin: true }),
          owner('U2', 'member@example.com'),
          owner('U3', 'gone@example.com', { is_owner: true, deleted: true }),
          owner('B4', 'bot@example.com', { is_admin: true, is_bot: true }),
        ],
        'second page',
      ),
      page([], 'third page'),
      page([
        owner('U5', 'owner@example.com', { is_owner: true, is_admin: true }),
        owner('U6', 'primary@example.com', { is_primary_owner: true, is_owner: true, is_admin: true }),
        owner('U7', undefined, { is_admin: true }),
        owner('U8', 'organisation@example.com', { enterprise_user: { is_owner: true } }),
        owner('U1', 'admin@example.com', { is_admin: true }),
      ]),
    ];
    const faults = pages.map((body) => answered('users.list', body, { times: 1 }));
    expect(await whileBroken(faults, () => slack.audience({ room }))).toEqual({
      members: [IC, COUNSEL],
      owners: [
        'primary@example.com',
        'owner@example.com',
        'organisation@example.com',
        'admin@example.com',
        'Name of U7 (U7)',
      ],
    });
    const asked = workspace.calls.filter(({ name }) => name === 'users.list').slice(-3);
    expect(asked.map(({ body }) => new URLSearchParams(body).get('cursor'))).toEqual([
      null,
      'second page',
      'third page',
    ]);
  });

  test('comes from the workspace itself where nothing is broken', async () => {
    const room = await roomWith([IC]);
    expect(await slack.audience({ room })).toEqual({
      members: [IC],
      owners: ['owner@example.com', 'second.owner@example.com', 'admin@example.com'],
    });
  });

  test('forgets nobody who has no e-mail, and takes no name for one', async () => {
    const room = await roomWith([IC, FORENSICS, COUNSEL, MARKETING]);
    const [ic = '', forensics = '', marketing = ''] = await Promise.all([IC, FORENSICS, MARKETING].map(idOf));
    // Another process, which has looked up nobody by e-mail.
    const client = freshClient();
    const told = (user: object) => answered('users.info', { ok: true, user }, { times: 1 });
    const faults = [
      told({ id: ic, name: 'ic', profile: {}, real_name: `${IC}\n${'x'.repeat(500)}` }),
      told({ id: forensics, name: 'relay', is_bot: true, profile: { email: 'relay@bots.example.com' } }),
      refused('users.info', 'user_not_found', { times: 1 }),
      told({ id: marketing, deleted: true, profile: { email: MARKETING } }),
      answered('users.list', page([])),
    ];
    const { members } = await whileBroken(faults, () => client.audience({ room }));
    // They are asked for at the same time, so who is told what is left open; what is told is not.
    expect(members).toHaveLength(3);
    expect(members.join('\n')).toMatch(/^ic@example\.com x{65} \(U\w+\)$/m);
    expect(members.join('\n')).toMatch(/^relay \(app U\w+\)$/m);
    expect(members.join('\n')).toMatch(/^U\w+$/m);
  });

  test('of a big workspace goes on after a limit of Slack where it had stopped', async () => {
    const room = await roomWith([IC]);
    const first = page([owner('U1', 'admin@example.com', { is_admin: true })], 'second page');
    const second = page([owner('U5', 'owner@example.com', { is_owner: true })]);
    const broken = [answered('users.list', first, { times: 1 }), tooFast('users.list', { times: 1 })];
    const failure = await whileBroken(broken, () => failureOf(slack.audience({ room })));
    expect(failure).toMatchObject({ type: 'RateLimited', nextRetryDelay: 7_000 });
    const rest = await whileBroken([answered('users.list', second)], () => slack.audience({ room }));
    expect(rest.owners).toEqual(['owner@example.com', 'admin@example.com']);
    const asked = workspace.calls.filter(({ name }) => name === 'users.list');
    expect(new URLSearchParams(asked.at(-1)?.body).get('cursor')).toBe('second page');
    // Told once, it begins anew.
    const again = await whileBroken([answered('users.list', second)], () => slack.audience({ room }));
    expect(again.owners).toEqual(['owner@example.com']);
  });
});

describe("the roster's own ids", () => {
  test('win over the look-up by e-mail, both ways', async () => {
    const id = await idOf(MARKETING);
    const written = 'marketing.lead@example.com';
    const client = freshClient({
      idOf: (email) => (email === written ? id : undefined),
      emailOf: (account) => (account === id ? written : undefined),
    });
    const room = await roomWith([], client);
    const calls = await callsOf(async () => {
      expect(await client.invite({ room, emails: [written] })).toEqual({ present: [written], unknown: [] });
      expect(await client.members({ room })).toEqual([written]);
    });
    expect(calls).not.toContain('users.lookupByEmail');
    expect((await stateOf(room)).members).toEqual([MARKETING]);
    expect((await client.audience({ room })).members).toEqual([written]);
    expect(await client.tellPerson({ email: written, key: 'quiet-otter 1', markdown: 'Hello.' })).toEqual({
      told: true,
    });
  });

  test.each([
    ['wrong', 'U0NOBODY00'],
    ["the app's own", 'U0FIREBREAK'],
  ])('that are %s keep nobody else out', async (_, id) => {
    const client = freshClient({ idOf: (email) => (email === COUNSEL ? id : undefined) });
    const room = await roomWith([], client);
    expect(await client.invite({ room, emails: [COUNSEL, IC] })).toEqual({
      present: [IC],
      unknown: [COUNSEL],
    });
    expect((await stateOf(room)).members).toEqual([IC]);
  });
});

describe('invitations', () => {
  test.each([
    'channel_is_full',
    'exceeded_max_members',
    'user_is_restricted',
    'user_is_ultra_restricted',
    'ura_max_channels',
    'cant_invite',
    'org_user_not_in_team',
    'user_not_found',
    'some_code_of_tomorrow',
  ])('reach the rest although one is refused with %s', async (code) => {
    const room = await roomWith([]);
    const faults = [refused('conversations.invite', code, { times: 2 })];
    const invite = () => slack.invite({ room, emails: [COUNSEL, IC, FORENSICS] });
    expect(await whileBroken(faults, invite)).toEqual({ present: [IC, FORENSICS], unknown: [COUNSEL] });
    expect((await stateOf(room)).members).toEqual([IC, FORENSICS]);
  });

  test('to a full room end, and say who is in it', async () => {
    const room = await roomWith([IC]);
    const full = [refused('conversations.invite', 'channel_is_full')];
    const emails = [COUNSEL, IC, FORENSICS, MARKETING];
    expect(await whileBroken(full, () => slack.invite({ room, emails }))).toEqual({
      present: [IC],
      unknown: [COUNSEL, FORENSICS, MARKETING],
    });
  });

  test('that Slack slows down in the middle go on behind those it has refused', async () => {
    const room = await roomWith([]);
    const emails = [COUNSEL, IC, FORENSICS];
    const faults = [
      refused('conversations.invite', 'user_is_restricted', { times: 2 }),
      tooFast('conversations.invite', { times: 1 }),
    ];
    const failure = await whileBroken(faults, () => failureOf(slack.invite({ room, emails })));
    expect(failure).toMatchObject({ type: 'RateLimited', nextRetryDelay: 7_000 });
    const again = [refused('conversations.invite', 'user_is_restricted', { times: 1 })];
    const calls = await callsOf(async () => {
      expect(await whileBroken(again, () => slack.invite({ room, emails }))).toEqual({
        present: [IC, FORENSICS],
        unknown: [COUNSEL],
      });
    });
    expect(calls).toEqual([
      'conversations.invite',
      'conversations.members',
      'conversations.invite',
      'conversations.invite',
    ]);
    // Once they are through, nobody is held to it.
    expect((await slack.invite({ room, emails })).unknown).toEqual([]);
  });

  test('pass over an address that Slack takes for none', async () => {
    const room = await roomWith([]);
    const faults = [refused('users.lookupByEmail', 'invalid_arguments', { times: 1 })];
    const invited = await whileBroken(faults, () => slack.invite({ room, emails: [COUNSEL, IC] }));
    expect(invited.present).toHaveLength(1);
    expect(invited.unknown).toHaveLength(1);
  });

  test('of more people than Slack takes at once go out in parts', async () => {
    const ids = await Promise.all([IC, COUNSEL].map(idOf));
    const emails = Array.from({ length: 130 }, (_, index) => `person-${index}@example.com`);
    const client = freshClient({
      idOf: (email) => ids[emails.indexOf(email)] ?? `U${emails.indexOf(email)}`,
    });
    const room = await roomWith([], client);
    const faults = [answered('conversations.invite', { ok: true })];
    const invited = await whileBroken(faults, () => client.invite({ room, emails }));
    expect(invited.present).toEqual(emails);
    const sizes = workspace.calls
      .filter(({ name }) => name === 'conversations.invite')
      .slice(-2)
      .map(({ body }) => new URLSearchParams(body).get('users')?.split(',').length);
    expect(sizes).toEqual([100, 30]);
  });

  test('are counted although Slack hides one of the members', async () => {
    const room = await roomWith([IC, COUNSEL]);
    const faults = [refused('users.info', 'user_not_visible', { times: 1 })];
    expect(await whileBroken(faults, () => freshClient().members({ room }))).toHaveLength(1);
  });
});

describe("Slack's limits", () => {
  type Work = (client: Slack, room: Room) => Promise<unknown>;
  const remove: Work = (client, room) => client.remove({ room, email: COUNSEL });
  const tell: Work = (client) =>
    client.tellPerson({ email: COUNSEL, key: 'quiet-otter 2', markdown: 'secret words' });
  const ask: Work = (client, room) => client.audience({ room });
  const invite: Work = (client, room) => client.invite({ room, emails: [COUNSEL] });

  test.each<[string, string, Work]>([
    ['a removal', 'conversations.kick', remove],
    ['a removal', 'conversations.members', remove],
    ['a removal', 'users.lookupByEmail', remove],
    ['a word to one person', 'users.lookupByEmail', tell],
    ['a word to one person', 'conversations.open', tell],
    ['a word to one person', 'conversations.history', tell],
    ['a word to one person', 'chat.postMessage', tell],
    ['the audience', 'conversations.members', ask],
    ['the audience', 'users.info', ask],
    ['the audience', 'users.list', ask],
    ['an invitation', 'users.lookupByEmail', invite],
    ['an invitation', 'conversations.invite', invite],
  ])('%s carries the wait of %s, and asks no further', async (_, method, work) => {
    const room = await roomWith([IC]);
    const client = freshClient();
    let failure: ApplicationFailure | undefined;
    const calls = await callsOf(async () => {
      failure = await whileBroken([tooFast(method)], () => failureOf(work(client, room)));
    });
    expect(failure).toMatchObject({ type: 'RateLimited', nextRetryDelay: 7_000, nonRetryable: false });
    expect(failure!.message).toContain('7 s');
    expect(calls.at(-1)).toBe(method);
    expect(calls.filter((call) => call === method)).toHaveLength(1);
    expectNoContent(failure!, room.id);
  });
});

test("the app's scopes and the door's are two lists, with nothing in both", () => {
  expect(SLACK_SCOPES).toEqual(expect.arrayContaining(['im:write', 'im:history', 'users:read']));
  expect(SLACK_DOOR_SCOPES.filter((scope) => (SLACK_SCOPES as readonly string[]).includes(scope))).toEqual(
    [],
  );
});
