/**
 * Slack for a drill: a workspace of `emulate` (0.12.2) behind the recording proxy; and, where it is asked for, what Slack
 * sends to an app (Socket Mode or signed requests), modal views, and what is shown to one person alone.
 *
 * The proxy mends what the emulator does otherwise than Slack, where Firebreak would notice:
 * - it takes every token for its admin's: here a wrong one is refused with `invalid_auth`;
 * - to who is not in a private room it says `not_in_channel`: here, as in Slack, `channel_not_found`; and into a public
 *   channel it lets an app write that is not in it: here `not_in_channel`;
 * - `conversations.history` gives metadata unasked and ignores `oldest`: here it does as it is told;
 * - it never says `x-oauth-scopes`: here it does, for the app's token;
 * - it takes any blocks: here Block Kit's rules hold (slack/blocks.ts);
 * - its views check nothing and cannot be seen: here they are the stand-in's own (slack/views.ts);
 * - it knows no owners and guests (slack/directory.ts), and lists an administrator of its own: here it does not.
 *
 * Still lacking: Slack's own rate limits (`limitRate` provokes what is wanted of them), pages of `conversations.members`,
 * Slack Connect, and look-ups blind to case.
 *
 * Over 250 lines, because what a caller can ask of the workspace stands beside the one way that every call takes.
 */
import type { IncomingMessage } from 'node:http';
import { startRecordingProxy, type Answer, type Call, type RecordingProxy } from './recording-proxy';
import { bearerOf, fieldsOf, json, parsed, refusal, textOf, type Fields } from './slack/answers';
import { APP_SCOPES } from './slack/app';
import { createDesk, historyScopeOf, ownEvent, type Desk } from './slack/desk';
import { readDirectory, type SlackUser } from './slack/directory';
import { INSIDE_TOKEN, startEmulator } from './slack/emulator';
import { createEphemerals } from './slack/ephemerals';
import { createInbound, type Inbound } from './slack/inbound';
import { askAs, InsideRefusal } from './slack/inside';
import { mended } from './slack/mending';
import { carriesBlocks, checkedMessage, ephemeralOf } from './slack/messages';
import { createRateLimits, type RateLimits } from './slack/rate-limits';
import { createResponseUrls, isResponseUrl, RESPONSE_URL } from './slack/response-urls';
import { auditRoom, type SlackRoomState } from './slack/rooms';
import { startSocketMode, type SocketMode } from './slack/socket';
import { createTriggers } from './slack/triggers';
import { createViews, isViewMethod } from './slack/views';

export { APP_SCOPES } from './slack/app';
export type { SlackUser } from './slack/directory';
export type { Delivery } from './slack/inbound';
export type { RateLimit } from './slack/rate-limits';
export type { SlackMessageState, SlackRoomState } from './slack/rooms';

export interface SlackStandIn {
  /** To be used as `apiUrl`. */
  readonly url: string;
  /** Every call by Slack's name of it, e.g. `chat.postMessage`. The audit's own and people's are not among them. */
  readonly calls: readonly Call[];
  readonly breakCalls: RecordingProxy['breakCalls'];
  /** Slack's 429, and a record of who did not wait. */
  readonly limitRate: RateLimits['limit'];
  /** A token with which to act as that person. */
  tokenOf(email: string): string;
  /** Slack's id of that person. */
  userIdOf(email: string): string;
  /** The room of that name; undefined where there is none that the app is in. */
  room(name: string): Promise<SlackRoomState | undefined>;
  /** From now on the Web API answers 503, or breaks every connection; and there are no sockets. */
  goDown(how?: 'unavailable' | 'refused'): void;
  comeBack(): void;
  /** What Slack tells the app. @throws where `app` was not asked for. */
  readonly app: SlackApp;
  /** What Slack shows one person, for drill/slack-person.ts. @throws where `app` was not asked for. */
  deskOf(email: string): Desk;
  close(): Promise<void>;
}

export type SlackApp = Omit<Inbound, 'close'> &
  Pick<SocketMode, 'connections' | 'disconnect' | 'drop'> & {
    /** A trigger id, as if that person had just done something outside of any view. */
    issueTrigger(email: string): string;
  };

export interface SlackAppSettings {
  readonly signingSecret: string;
  /** The app-level token for Socket Mode, `xapp-…`. */
  readonly appToken: string;
  /** How long Slack waits before each further attempt of an event; as in Slack where it is left out. */
  readonly retryAfterMs?: readonly number[];
  /** Mentions in a command reach the app as ids; off, as in Slack, where it is left out. */
  readonly escapesCommands?: boolean;
}

export interface SeededChannel {
  readonly name: string;
  readonly isPrivate?: boolean;
  /** E-mails; everybody, where it is left out. */
  readonly members?: readonly string[];
  /** The app is in it, unless it is said that it is not. */
  readonly hasApp?: boolean;
}

export async function startSlack(options: {
  users: readonly SlackUser[];
  /** The app's token. */
  token: string;
  /** Of the proxy; 0, the default, picks a free one. */
  port?: number;
  /** What the app may do, where it should lack something. */
  scopes?: readonly string[];
  channels?: readonly SeededChannel[];
  /** Starts what Slack sends to an app. */
  app?: SlackAppSettings;
}): Promise<SlackStandIn> {
  const { users, token: appsOwn, scopes = APP_SCOPES } = options;
  const tokenOf = (email: string) => `xoxp-stand-in-${email}`;
  const insideTokenOf = (email: string) => `xoxp-stand-in-inside-${email}`;
  const emulator = await startEmulator({ users, token: appsOwn, scopes, tokenOf, insideTokenOf });
  const target = `http://127.0.0.1:${new URL(emulator.url).port}`;
  const asApp = askAs(`${target}/api/`, INSIDE_TOKEN);
  const directory = await readDirectory(asApp, users);
  for (const channel of options.channels ?? []) {
    await seedChannel(
      channel,
      users.map(({ email }) => email),
    );
  }

  async function seedChannel(
    { name, isPrivate = false, members, hasApp = true }: SeededChannel,
    all: string[],
  ) {
    const created = await asApp('conversations.create', { name, is_private: String(isPrivate) });
    const channel = textOf((created.channel as Fields).id);
    const invited = (members ?? all).map((email) => directory.idOf(email)).join(',');
    if (invited !== '') await asApp('conversations.invite', { channel, users: invited });
    if (!hasApp) await asApp('conversations.leave', { channel });
  }

  const accepted = new Set([appsOwn, ...users.map(({ email }) => tokenOf(email))]);
  const limits = createRateLimits();
  const triggers = createTriggers();
  const views = createViews(triggers);
  const ephemerals = createEphemerals();
  const responseUrls = createResponseUrls(() => proxy.url, ephemerals, asApp);
  const socket = options.app && (await startSocketMode());
  let down: 'unavailable' | 'refused' | undefined;
  const inbound =
    options.app && socket && createInbound({ ...options.app, socket, isDown: () => down !== undefined });

  const proxy = await startRecordingProxy({
    target,
    ...(options.port !== undefined && { port: options.port }),
    nameOf: ({ url = '' }) => {
      const { pathname } = new URL(url, target);
      return isResponseUrl(pathname) ? RESPONSE_URL : pathname.replace('/api/', '');
    },
    rewrite: async (call, passOn, request) => {
      if (down === 'refused') throw new Error('Slack is down');
      if (down) return { status: 503, headers: {}, body: Buffer.from('Service Unavailable') };
      const tooFast = limits.refusalOf(call);
      if (tooFast) return tooFast;
      if (call.name === RESPONSE_URL) return responseUrls.answer(call);
      const token = bearerOf(request);
      const refused = refusalOfToken(call.name, token);
      if (refused) return refused;
      if (call.name === 'apps.connections.open') return json({ ok: true, url: socket?.openUrl() });
      const answer = isViewMethod(call.name)
        ? views.answer(call.name, fieldsOf(call, request), () => (call.effectStatus = 200))
        : await throughEmulator(call, passOn, request, token);
      if (token !== appsOwn) return answer;
      return { ...answer, headers: { ...answer.headers, 'x-oauth-scopes': scopes.join(',') } };
    },
  });

  function refusalOfToken(method: string, token: string): Answer | undefined {
    const isAppLevel = options.app !== undefined && token === options.app.appToken;
    if (method === 'apps.connections.open') {
      if (isAppLevel) return undefined;
      return refusal(
        token === '' ? 'not_authed' : accepted.has(token) ? 'not_allowed_token_type' : 'invalid_auth',
      );
    }
    if (isAppLevel || (isViewMethod(method) && accepted.has(token) && token !== appsOwn))
      return refusal('not_allowed_token_type');
    return accepted.has(token) ? undefined : refusal(token === '' ? 'not_authed' : 'invalid_auth');
  }

  async function throughEmulator(
    call: Call,
    passOn: (body?: string) => Promise<Answer>,
    request: IncomingMessage,
    token: string,
  ): Promise<Answer> {
    if (!carriesBlocks(call.name)) return mended(call, request, await passOn(), directory);
    const isReachable = async (channel: string) => token !== appsOwn || isInPublicChannel(channel);
    const checked = await checkedMessage(call, request, isReachable);
    if ('refused' in checked) return checked.refused;
    const answer = mended(call, request, await passOn(checked.body), directory);
    const body = parsed(answer.body.toString('utf8')) as Fields | undefined;
    if (body?.ok !== true) return answer;
    if (call.name === 'chat.postEphemeral') {
      const { user, message } = ephemeralOf(fieldsOf(call, request), body);
      ephemerals.show(user, message);
    } else if (token === appsOwn && inbound?.isHeard()) {
      // It may go down, or be closed, before the app has been told.
      tellOfOwn(call.name === 'chat.update', body).catch(() => undefined);
    }
    return answer;
  }

  async function channelOf(channel: string): Promise<Fields | undefined> {
    try {
      return (await asApp('conversations.info', { channel })).channel as Fields;
    } catch (error) {
      if (error instanceof InsideRefusal) return undefined;
      throw error;
    }
  }

  /** False for a public channel that the app is not in; the emulator itself looks at all others. */
  async function isInPublicChannel(id: string): Promise<boolean> {
    if (!id.startsWith('C')) return true;
    const channel = await channelOf(id);
    return channel?.is_private !== false || channel.is_member === true;
  }

  /** Slack tells an app of its own messages, too. */
  async function tellOfOwn(isUpdate: boolean, answer: Fields): Promise<void> {
    const channel = await channelOf(textOf(answer.channel));
    if (!channel || !scopes.includes(historyScopeOf(channel))) return;
    const event = ownEvent(channel, answer, isUpdate);
    if (event && inbound && down === undefined) await inbound.deliver('events_api', event);
  }

  function asked<T>(part: T | undefined): T {
    if (part === undefined) throw new Error('This workspace has no app to talk to: give startSlack `app`.');
    return part;
  }

  return {
    url: `${proxy.url}/api/`,
    calls: proxy.calls,
    breakCalls: proxy.breakCalls,
    limitRate: limits.limit,
    tokenOf,
    userIdOf: directory.idOf,
    room: (name) => auditRoom(asApp, directory.emailOf, name),
    goDown(how = 'unavailable') {
      down = how;
      socket?.listen(false);
    },
    comeBack() {
      down = undefined;
      socket?.listen(true);
    },
    get app() {
      const { connections, disconnect, drop } = asked(socket);
      const issueTrigger = (email: string) =>
        triggers.issue({ user: directory.idOf(email), viewId: undefined });
      return { ...asked(inbound), connections, disconnect, drop, issueTrigger };
    },
    deskOf: (email) =>
      createDesk({
        email,
        isGuest: users.some((user) => user.email === email && user.isGuest === true),
        ask: askAs(`${target}/api/`, insideTokenOf(email)),
        scopes,
        escapesCommands: options.app?.escapesCommands === true,
        directory,
        ephemerals,
        inbound: asked(inbound),
        responseUrls,
        triggers,
        views,
      }),
    async close() {
      inbound?.close();
      await socket?.close();
      await proxy.close();
      await emulator.close();
    },
  };
}
