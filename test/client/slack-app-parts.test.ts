/** The Slack app's parts alone: its configuration, who somebody is, and what is tried how often. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServiceError, type Client } from '@temporalio/client';
import { parse } from 'yaml';
import { createAnswers } from '../../client/slack-app/answers';
import { readSlackAppConfig } from '../../client/slack-app/config';
import { createDecider } from '../../client/slack-app/decisions';
import { createIdentity } from '../../client/slack-app/identity';
import { LIMITS } from '../../client/slack-app/limits';
import { watchRoster, type Roster } from '../../client/slack-app/roster';
import { SlackFailure, type SlackApi } from '../../client/slack-app/slack';
import { createSlots, keepTrying } from '../../client/slack-app/trying';
import { newKeyring } from '../../codec/keyring';
import { commandersOf } from '../../domain/people';
import { SLACK_DOOR_SCOPES, SLACK_SCOPES } from '../../integrations/slack/client';
import { INCIDENT_WORKFLOW } from '../../workflows/names';
import { COUNSEL, IC } from '../support/incidents';
import { keyOf } from '../support/keys';
import { signerOf } from '../support/signers';

const DOOR = keyOf('slack door');
const folder = mkdtempSync(join(tmpdir(), 'slack-app-'));
const keyFile = join(folder, 'door');
writeFileSync(keyFile, DOOR.privateKeyFile, { mode: 0o600 });
afterAll(() => rmSync(folder, { recursive: true }));

const yaml = (doors: string) => `roster:\n  - email: ${IC}\n    roles: [incidentCommander]\n${doors}`;
const LISTED = yaml(`doors:\n  slack:\n    - ${DOOR.publicKey} the door\n`);

const ENV = {
  SLACK_BOT_TOKEN: 'xoxb-secret-of-the-bot',
  SLACK_APP_TOKEN: 'xapp-secret-of-the-app',
  FIREBREAK_SLACK_DOOR_KEY: keyFile,
  FIREBREAK_KEYRING: newKeyring('test'),
};
const read = (env: Record<string, string | undefined>, text = LISTED) => readSlackAppConfig(env, () => text);
async function problemsOf(env: Record<string, string | undefined>, text?: string): Promise<string> {
  const result = await read(env, text);
  return result.ok ? '' : result.problems.join('\n');
}

describe('the configuration', () => {
  it('is Socket Mode with an app-level token, and HTTP on loopback with a port', async () => {
    expect(await read(ENV)).toMatchObject({
      ok: true,
      config: { listening: { kind: 'socket' }, signer: { publicKey: DOOR.publicKey } },
    });
    const { SLACK_APP_TOKEN: _none, ...rest } = ENV;
    const http = { ...rest, SLACK_SIGNING_SECRET: 's', FIREBREAK_SLACK_PORT: '3000' };
    expect(await read(http)).toMatchObject({
      ok: true,
      config: { listening: { kind: 'http', host: '127.0.0.1', port: 3000 } },
    });
    expect(await read({ ...http, FIREBREAK_SLACK_HOST: '10.0.0.1' })).toMatchObject({
      config: { listening: { host: '10.0.0.1' } },
    });
  });

  it('says everything that is wrong at once', async () => {
    const problems = await problemsOf(
      { SLACK_BOT_TOKEN: 'xoxp-secret', FIREBREAK_SLACK_HOST: 'everywhere', FIREBREAK_SLACK_URL: 'nowhere' },
      'roster: []',
    );
    for (const name of [
      'roster',
      'SLACK_BOT_TOKEN',
      'FIREBREAK_SLACK_HOST',
      'FIREBREAK_SLACK_URL',
      'FIREBREAK_SLACK_DOOR_KEY',
      'SLACK_APP_TOKEN',
      'FIREBREAK_KEYRING_FILE',
    ])
      expect(problems).toContain(name);
    expect(problems).not.toContain('xoxp-secret');
  });

  it('does not start with a key that the company does not list, and says what to add', async () => {
    expect(await problemsOf(ENV, yaml(''))).toContain(`doors.slack: does not list this door's key`);
    expect(await problemsOf(ENV, yaml(`doors:\n  slack: ["${keyOf('another').publicKey}"]\n`))).toContain(
      `add: ${DOOR.publicKey}`,
    );
  });

  it.each([
    [{ FIREBREAK_SLACK_DOOR_KEY: join(folder, 'none') }, /can't be read/],
    [{ FIREBREAK_SLACK_PORT: '3000', SLACK_SIGNING_SECRET: 's' }, /give one of them/],
    [{ SLACK_APP_TOKEN: undefined, FIREBREAK_SLACK_PORT: '3000' }, /SLACK_SIGNING_SECRET: missing/],
    [
      { FIREBREAK_SLACK_PORT: 'many', SLACK_APP_TOKEN: undefined, SLACK_SIGNING_SECRET: 's' },
      /a port is needed/,
    ],
    [{ FIREBREAK_KEYRING: 'nonsense' }, /keyring: /],
  ])('refuses %j', async (changes, problem) => {
    const problems = await problemsOf({ ...ENV, ...changes });
    expect(problems).toMatch(problem);
    expect(problems).not.toMatch(/secret-of/);
  });
});

test('the roster goes on as it was while its file is wrong, and says so once', () => {
  const file = join(folder, 'firebreak.yaml');
  writeFileSync(file, LISTED);
  const warnings: string[] = [];
  const roster = watchRoster(file, [], (line) => void warnings.push(line));
  expect(roster()).toMatchObject([{ email: IC }]);
  writeFileSync(file, 'roster: [broken');
  expect([roster(), roster()]).toMatchObject([[{ email: IC }], [{ email: IC }]]);
  rmSync(file);
  expect(roster()).toMatchObject([{ email: IC }]);
  expect(warnings.length).toBe(2);
  expect(commandersOf([{ email: IC, roles: ['incidentCommander'], phone: '+1' }])).toEqual([
    { email: IC, as: 'incident commander', phone: '+1' },
  ]);
});

describe('who somebody is', () => {
  const OURS = 'T1';
  function identityOf(users: Record<string, object | 'unreachable'>, roster: Roster = []) {
    const asked: string[] = [];
    const call: SlackApi['call'] = async (method, args) => {
      if (method === 'auth.test') return { ok: true, team_id: OURS };
      const { user } = args as { user: string };
      asked.push(user);
      const found = users[user];
      if (found === 'unreachable') throw new SlackFailure(method, 'unreachable', true);
      if (!found) throw new SlackFailure(method, 'user_not_found', false);
      return { ok: true, user: { team_id: OURS, ...found } };
    };
    let at = 0;
    const slack: SlackApi = { call, respond: async () => undefined };
    const identity = createIdentity({ slack, roster: () => roster, identityMs: 1_000, now: () => at });
    const who = (user: string, ...teams: string[]) => identity.who({ user, teams });
    return { who, asked, later: () => void (at += 2_000) };
  }
  const profile = { email: 'IC@Example.com' };

  it('is by the roster first, then by the e-mail that Slack has; for some minutes', async () => {
    const { who, asked, later } = identityOf({ U2: { profile } }, [
      { email: IC },
      { email: COUNSEL, slack: 'U1' },
    ]);
    expect(await who('U1', OURS)).toEqual({ ok: true, email: COUNSEL });
    expect(await who('U2', OURS)).toEqual({ ok: true, email: IC });
    await who('U2');
    later();
    await who('U2');
    expect(asked).toEqual(['U2', 'U2']);
  });

  it.each([
    ['a bot', { is_bot: true, profile }],
    ['a guest', { is_restricted: true, profile }],
    ['a guest of one channel', { is_ultra_restricted: true, profile }],
    ['a stranger', { is_stranger: true, profile }],
    ['somebody of another workspace', { team_id: 'T2', profile }],
    ['somebody who has left', { deleted: true, profile }],
    ['somebody without an address', { profile: {} }],
  ])('is nobody for %s', async (_, user) => {
    expect(await identityOf({ U2: user }).who('U2')).toMatchObject({ ok: false });
  });

  it("is nobody for whom the payload places elsewhere, or who is none of Slack's people", async () => {
    const { who } = identityOf({ U2: { profile } }, [{ email: COUNSEL, slack: 'U1' }]);
    expect(await who('U1', 'T2')).toMatchObject({ ok: false });
    expect(await who('U2', OURS, 'T2')).toMatchObject({ ok: false });
    for (const user of ['USLACKBOT', 'B1', '', 'ic@example.com', 'U9'])
      expect(await who(user, OURS)).toMatchObject({ ok: false });
  });

  it('is not taken from a second account that bears the address of one whom the roster knows', async () => {
    const { who } = identityOf({ U2: { profile } }, [{ email: IC, slack: 'U1' }]);
    expect(await who('U2')).toMatchObject({
      ok: false,
      problem: expect.stringMatching(/another Slack account/),
    });
  });

  it('says where Slack is silent that it may be tried again', async () => {
    expect(await identityOf({ U2: 'unreachable' }).who('U2')).toMatchObject({ ok: false, isTransient: true });
  });
});

describe('trying', () => {
  const base = { untilMs: Date.now() + 60_000, slowAfterMs: 20, retryMs: [5, 10] as const };
  it('goes on until it is done, says once that it is slow, and that it was unsure', async () => {
    let attempts = 0;
    let slow = 0;
    const tried = await keepTrying({
      ...base,
      attempt: async () => {
        attempts += 1;
        if (attempts < 4) throw new Error('no');
        return 'done';
      },
      isFinal: () => false,
      onSlow: () => void (slow += 1),
      signal: new AbortController().signal,
    });
    expect([tried, attempts, slow]).toEqual([{ kind: 'done', value: 'done', wasUnsure: true }, 4, 1]);
  });

  it('ends where it is final, too late or stopped, also in the middle of an attempt', async () => {
    const fails = { ...base, attempt: () => Promise.reject(new Error('no')), onSlow: () => undefined };
    const signal = new AbortController().signal;
    expect(await keepTrying({ ...fails, isFinal: () => true, signal })).toMatchObject({ kind: 'failed' });
    expect(await keepTrying({ ...fails, isFinal: () => false, signal, untilMs: Date.now() })).toEqual({
      kind: 'late',
      wasUnsure: true,
    });
    const ending = new AbortController();
    const hanging = keepTrying({
      ...base,
      attempt: () => new Promise(() => undefined),
      isFinal: () => false,
      onSlow: () => ending.abort(),
      signal: ending.signal,
    });
    expect(await hanging).toEqual({ kind: 'stopped', wasUnsure: true });
  });

  it('is bounded, in all and for one person', () => {
    const slots = createSlots(3, 2);
    const [one, two] = [slots.take('a'), slots.take('a')];
    expect([typeof one, typeof two, slots.take('a')]).toEqual(['function', 'function', undefined]);
    expect([typeof slots.take('b'), slots.take('c')]).toEqual(['function', undefined]);
    one?.();
    expect(typeof slots.take('c')).toBe('function');
  });
});

describe('a decision whose answer was lost', () => {
  /** An incident that answers so, one after the other, and has written this down. */
  function decided(answers: (() => unknown)[], entries: (nonce: string) => object[]) {
    const ids: string[] = [];
    const handle = {
      workflowId: 'sapphire-unicorn',
      executeUpdate: async (_: unknown, { updateId }: { updateId: string }) => {
        ids.push(updateId);
        return answers.shift()?.();
      },
      query: async () => entries(ids[0] ?? ''),
      describe: async () => ({ type: INCIDENT_WORKFLOW, status: { name: 'RUNNING' } }),
    };
    const client = {
      workflow: { getHandle: () => handle },
      withDeadline: (_: number, ask: () => unknown) => ask(),
    } as unknown as Client;
    const decider = createDecider({
      client,
      signer: signerOf('slack door'),
      answers: { tell: async () => undefined, finish: async () => undefined },
      limits: { ...LIMITS, retryMs: [1, 2] },
      signal: new AbortController().signal,
      log: () => undefined,
    });
    const wish = { codename: 'sapphire-unicorn', name: 'acknowledge', fields: {}, by: IC } as const;
    return { ids, told: decider.decide({ ...wish, where: { user: 'U1' } }) };
  }
  const lost = () => {
    const cause = Object.assign(new Error('grpc'), { code: 14, details: 'grpc', metadata: {} });
    throw new ServiceError('Failed', { cause });
  };
  const notNew = () => ({
    accepted: false,
    text: 'send a acknowledge in the name of somebody',
    reasons: [{ gate: 'isNew', reason: 'this very decision was taken before: it counts once' }],
    seq: 0,
  });

  it('is sent with the same id, and told as it ended', async () => {
    const { ids, told } = decided([lost, lost, notNew], (nonce) => [
      { seq: 7, at: 1, kind: 'decision', by: IC, text: 'acknowledged the page', proof: { nonce } },
    ]);
    expect(await told).toBe('Taken: acknowledged the page.');
    expect([ids.length, new Set(ids).size]).toEqual([3, 1]);
  });

  it('is told as refused, where it was refused the first time', async () => {
    const reasons = [{ gate: 'g', reason: 'too late' }];
    const { told } = decided([lost, notNew], (nonce) => [
      { seq: 7, at: 1, kind: 'refusal', by: IC, text: 'do it', reasons, proof: { nonce } },
    ]);
    expect(await told).toMatch(/^Refused: do it\. Because:\n• too late/);
  });

  it('is told as taken, where nothing more is known', async () => {
    expect(await decided([lost, notNew], () => []).told).toMatch(/^Taken: an earlier attempt had arrived/);
  });

  it('of whoever takes no part says nothing of the incident', async () => {
    const reasons = [{ gate: 'senderIsNotExcluded', reason: 'this person is excluded from the incident' }];
    const outcome = () => ({ accepted: false, text: 'complete 4.1 (Isolate)', reasons, seq: 1 });
    const told = await decided([outcome], () => []).told;
    expect(told).toMatch(/There is nothing here for you/);
    expect(told).not.toMatch(/excluded|4\.1|sapphire/);
  });
});

describe('an answer', () => {
  const failing = (codes: Record<string, string>) => {
    const calls: [string, Record<string, unknown>][] = [];
    const slack: SlackApi = {
      async call(method, args) {
        calls.push([method, args]);
        const code = codes[method];
        if (code !== undefined) throw new SlackFailure(method, code, false);
        return { ok: true, channel: { id: 'D1' } };
      },
      async respond() {
        calls.push(['respond', {}]);
        if (codes['respond'] !== undefined) throw new SlackFailure('response_url', '404', false);
      },
    };
    const log: string[] = [];
    const limits = { answerForMs: 1_000, retryMs: [1, 2] as const };
    return { calls, log, answers: createAnswers({ slack, limits, log: (line) => void log.push(line) }) };
  };

  it('takes the next way where one is closed, and mentions nobody', async () => {
    const { calls, answers } = failing({ respond: 'used', 'chat.postEphemeral': 'not_in_channel' });
    await answers.tell({ user: 'U1', channel: 'C1', responseUrl: 'https://x' }, '<!channel> & <@U2>');
    expect(calls.map(([name]) => name)).toEqual([
      'respond',
      'chat.postEphemeral',
      'conversations.open',
      'chat.postMessage',
    ]);
    expect(calls.at(-1)?.[1]['text']).toBe('&lt;!channel&gt; &amp; &lt;@U2&gt;');
    expect(JSON.stringify(calls.at(-1)?.[1]['blocks'])).toContain('"plain_text"');
  });

  it('is given up with a line that holds nothing of it', async () => {
    const { log, answers } = failing({ 'chat.postEphemeral': 'no', 'conversations.open': 'user_not_found' });
    await answers.tell({ user: 'U1', channel: 'C1' }, 'sapphire-unicorn');
    expect(log).toEqual(['somebody could not be answered in Slack (user_not_found)']);
  });
});

test('the manifest in the documents asks for what both parts need, and hears what the app hears', () => {
  const text = readFileSync(join(__dirname, '..', '..', 'docs', 'slack.md'), 'utf8');
  const manifest = parse(/```yaml\n(display_information[\s\S]*?)```/.exec(text)?.[1] ?? '') as {
    oauth_config: { scopes: { bot: string[] } };
    settings: { event_subscriptions: { bot_events: string[] }; socket_mode_enabled: boolean };
    features: { slash_commands: { command: string }[] };
  };
  expect([...manifest.oauth_config.scopes.bot].sort()).toEqual(
    [...SLACK_SCOPES, ...SLACK_DOOR_SCOPES].sort(),
  );
  expect(manifest.settings).toMatchObject({
    event_subscriptions: { bot_events: ['message.channels', 'message.groups', 'message.im'] },
    socket_mode_enabled: true,
  });
  expect(manifest.features.slash_commands).toMatchObject([{ command: '/firebreak' }]);
});
