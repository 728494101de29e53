/**
 * Slack for a drill: a workspace of `emulate` (0.12.2) behind the recording proxy.
 *
 * The proxy mends what the emulator does otherwise than Slack, where Firebreak would notice:
 * - it takes every token for its admin's: here a wrong one is refused with `invalid_auth`;
 * - to who is not in a private room it says `not_in_channel`: here, as in Slack, `channel_not_found`;
 * - `conversations.history` gives metadata unasked and ignores `oldest`: here it does as it is told;
 * - it never says `x-oauth-scopes`: here it does, for the app's token.
 *
 * Still lacking: Slack's rate limits (the emulator has its own: 5,000 calls an hour for a token, then HTTP 403), checks and
 * limits of blocks, pages of `conversations.members`, guests and Slack Connect, look-ups blind to case, and mentions.
 * Faults of the proxy provoke what is wanted of these.
 *
 * Over 250 lines, because the audit that reads a room back stands beside the workspace that it reads.
 */
import { startRecordingProxy, type Answer, type Call, type RecordingProxy } from './recording-proxy';

/** What the app may do; the emulator refuses the rest with `missing_scope`. As the documents tell a company to set it. */
const APP_SCOPES = [
  'chat:write',
  'groups:history',
  'groups:read',
  'groups:write',
  'pins:write',
  'users:read',
  'users:read.email',
];
const AUDIT_SCOPES = [...APP_SCOPES, 'channels:read', 'channels:history', 'pins:read'];
const AUDIT_TOKEN = 'xoxb-stand-in-audit';
const APP = { id: 'A0FIREBREAK', botId: 'B0FIREBREAK', userId: 'U0FIREBREAK', name: 'firebreak' };

/** A room as the drill's audit sees it. */
export interface SlackRoomState {
  readonly id: string;
  readonly topic: string;
  readonly isPrivate: boolean;
  /** E-mails in the order of joining. The app itself is left out. */
  readonly members: string[];
  /** In the order of posting, without Slack's own notices. */
  readonly messages: SlackMessageState[];
}

export interface SlackMessageState {
  readonly ts: string;
  /** The author's e-mail, or `firebreak`. */
  readonly from: string;
  /** What notifications show. */
  readonly text: string;
  /** The Markdown blocks, where there are any. */
  readonly markdown: string | undefined;
  /** The key in Firebreak's metadata. */
  readonly key: string | undefined;
  readonly pinned: boolean;
}

export interface SlackStandIn {
  /** To be used as `apiUrl`. */
  readonly url: string;
  /** Every call by Slack's name of it, e.g. `chat.postMessage`. The audit's own are not among them. */
  readonly calls: readonly Call[];
  readonly breakCalls: RecordingProxy['breakCalls'];
  /** A token with which to act as that person. */
  tokenOf(email: string): string;
  /** The room of that name; undefined where there is none that the app is in. */
  room(name: string): Promise<SlackRoomState | undefined>;
  close(): Promise<void>;
}

export async function startSlack(options: {
  users: readonly { email: string; name: string }[];
  /** The app's token. */
  token: string;
  /** Of the proxy; 0, the default, picks a free one. */
  port?: number;
  /** What the app may do, where it should lack something. */
  scopes?: readonly string[];
}): Promise<SlackStandIn> {
  const scopes = options.scopes ?? APP_SCOPES;
  const tokenOf = (email: string) => `xoxp-stand-in-${email}`;
  const bot = { type: 'bot', user_id: APP.userId, app_id: APP.id, bot_id: APP.botId };
  const { createEmulator } = await import('emulate');
  const emulator = await createEmulator({
    service: 'slack',
    port: 0,
    seed: {
      slack: {
        strict_scopes: true,
        // The handle is the e-mail, since the emulator drops the second user of the same handle.
        users: options.users.map(({ email, name }) => ({ name: email, real_name: name, email })),
        oauth_apps: [
          {
            app_id: APP.id,
            client_id: 'stand-in',
            client_secret: 'stand-in',
            name: 'Firebreak',
            scopes,
            bot_id: APP.botId,
            bot_user_id: APP.userId,
            bot_name: APP.name,
          },
        ],
        tokens: [
          { ...bot, token: options.token, scopes },
          { ...bot, token: AUDIT_TOKEN, scopes: AUDIT_SCOPES },
          ...options.users.map(({ email }) => ({
            type: 'user',
            token: tokenOf(email),
            user: email,
            scopes: AUDIT_SCOPES,
          })),
        ],
      },
    },
  });
  const target = `http://127.0.0.1:${new URL(emulator.url).port}`;

  const accepted = new Set([options.token, ...options.users.map(({ email }) => tokenOf(email))]);
  // The proxy's calls carry no headers. It names a call right before it writes it down, so the two lists run side by side.
  const tokens: string[] = [];
  const proxy = await startRecordingProxy({
    target,
    ...(options.port !== undefined && { port: options.port }),
    nameOf: ({ url = '', headers }) => {
      tokens.push((headers.authorization ?? '').replace(/^Bearer /, ''));
      return new URL(url, target).pathname.replace('/api/', '');
    },
    rewrite: async (call, passOn) => {
      const token = tokens[proxy.calls.lastIndexOf(call)] ?? '';
      if (!accepted.has(token))
        return json({ ok: false, error: token === '' ? 'not_authed' : 'invalid_auth' });
      const answer = mended(call, await passOn());
      if (token !== options.token) return answer;
      return { ...answer, headers: { ...answer.headers, 'x-oauth-scopes': scopes.join(',') } };
    },
  });

  return {
    url: `${proxy.url}/api/`,
    calls: proxy.calls,
    breakCalls: proxy.breakCalls,
    tokenOf,
    room: (name) => auditRoom(`${target}/api/`, AUDIT_TOKEN, name),
    async close() {
      await proxy.close();
      await emulator.close();
    },
  };
}

interface Body {
  ok: boolean;
  error?: string;
  messages?: { ts: string; metadata?: unknown }[];
}

function mended(call: Call, answer: Answer): Answer {
  if (answer.status !== 200) return answer;
  const body = JSON.parse(answer.body.toString('utf8')) as Body;
  if (body.error === 'not_in_channel') return json({ ...body, error: 'channel_not_found' });
  if (call.name !== 'conversations.history' || !body.messages) return answer;
  const asked = new URLSearchParams(call.body);
  const messages = body.messages
    .filter(({ ts }) => ts > (asked.get('oldest') ?? ''))
    .map(({ metadata, ...message }) =>
      asked.get('include_all_metadata') === 'true' && metadata !== undefined
        ? { ...message, metadata }
        : message,
    );
  return json({ ...body, messages });
}

function json(body: object): Answer {
  return {
    status: 200,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: Buffer.from(JSON.stringify(body)),
  };
}

interface AuditPages {
  channels?: { id: string; name: string; is_private: boolean; topic: { value: string } }[];
  members?: string[];
  user?: { profile: { email: string } };
  items?: { message: { ts: string } }[];
  messages?: {
    ts: string;
    user: string;
    text: string;
    subtype?: string;
    blocks?: { type: string; text?: string }[];
    metadata?: { event_payload?: { key?: string } };
  }[];
}

/** Asks the emulator itself, so that the audit leaves no calls. */
async function auditRoom(api: string, token: string, name: string): Promise<SlackRoomState | undefined> {
  const ask = async (
    method: string,
    body: Record<string, string>,
  ): Promise<AuditPages & { next: string }> => {
    const response = await fetch(api + method, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: new URLSearchParams(body),
    });
    const answer = (await response.json()) as AuditPages & {
      ok: boolean;
      error?: string;
      response_metadata?: { next_cursor?: string };
    };
    if (!answer.ok) throw new Error(`the audit of the room failed: ${method}: ${answer.error}`);
    return { ...answer, next: answer.response_metadata?.next_cursor ?? '' };
  };
  const emailOf = async (user: string) =>
    user === APP.userId ? APP.name : ((await ask('users.info', { user })).user?.profile.email ?? user);

  const { channels = [] } = await ask('conversations.list', {
    types: 'private_channel,public_channel',
    limit: '1000',
  });
  const found = channels.find((channel) => channel.name === name);
  if (!found) return undefined;
  const channel = found.id;
  const { members = [] } = await ask('conversations.members', { channel });
  const { items = [] } = await ask('pins.list', { channel });
  const pinned = new Set(items.map(({ message }) => message.ts));
  const newestFirst: NonNullable<AuditPages['messages']> = [];
  for (let cursor: string | undefined = ''; cursor !== undefined;) {
    const page = await ask('conversations.history', { channel, cursor, limit: '1000' });
    newestFirst.push(...(page.messages ?? []));
    cursor = page.next || undefined;
  }
  const said = newestFirst.filter(({ subtype }) => subtype === undefined).reverse();
  const users = [...new Set([...members, ...said.map((message) => message.user)])];
  const authors = new Map(await Promise.all(users.map(async (user) => [user, await emailOf(user)] as const)));
  const nameOf = (user: string) => authors.get(user) ?? user;
  return {
    id: channel,
    topic: found.topic.value,
    isPrivate: found.is_private,
    members: members.filter((user) => user !== APP.userId).map(nameOf),
    messages: said.map(({ ts, user, text, blocks, metadata }) => ({
      ts,
      from: nameOf(user),
      text,
      markdown: blocks
        ?.filter(({ type }) => type === 'markdown')
        .map((block) => block.text)
        .join('\n'),
      key: metadata?.event_payload?.key,
      pinned: pinned.has(ts),
    })),
  };
}
