/** Slack's Web API client, set up so that Temporal alone does the retrying and nothing reaches a log. */
import { LogLevel, WebClient, type Logger } from '@slack/web-api';
import { unauthorized } from '../../activities/failures';
import { refusalCode, translated } from './failures';

/**
 * What the app needs in the workspace: https://docs.slack.dev/reference/scopes. For direct messages its Messages tab
 * must be on as well (App Home), which no answer of Slack tells beforehand.
 */
export const SLACK_SCOPES = [
  // Messages in the room and to one person.
  'chat:write',
  // Finding what is already said, in the room and to one person, so that it is not said twice.
  'groups:history',
  'im:history',
  // The room and who is in it; opening it, inviting, removing.
  'groups:read',
  'groups:write',
  // Opening the conversation with one person.
  'im:write',
  'pins:write',
  // Who is who, and the workspace's owners.
  'users:read',
  'users:read.email',
] as const;

/**
 * What the Slack app as a door needs besides `SLACK_SCOPES`. Socket Mode needs an app-level token (`xapp-…`) with
 * `connections:write` too, which is no scope of the bot's.
 */
export const SLACK_DOOR_SCOPES = [
  // `/firebreak …`
  'commands',
  // Hearing `!ic page` in public channels that the bot is in; in private ones `groups:history` does it.
  'channels:history',
  // Telling whether the channel where somebody wrote is public, so that the answer there says the codename only.
  'channels:read',
] as const;

/** The app's own identity in the workspace. */
export interface Self {
  readonly userId: string;
  readonly botId: string | undefined;
}

export interface SlackClient {
  readonly web: WebClient;
  /** Who the token belongs to; asked once per process. */
  self(): Promise<Self>;
  check(): Promise<void>;
}

/** The client library logs warnings that quote Slack's answers. */
const silent: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  setLevel: () => undefined,
  getLevel: () => LogLevel.ERROR,
  setName: () => undefined,
};

export function createClient(settings: { token: string; apiUrl?: string; timeoutMs: number }): SlackClient {
  const web = new WebClient(settings.token, {
    ...(settings.apiUrl !== undefined && { slackApiUrl: settings.apiUrl }),
    timeout: settings.timeoutMs,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logger: silent,
  });
  let self: Self | undefined;

  return {
    web,
    async self() {
      if (!self) {
        const answer = await ask('auth.test', web.auth.test());
        if (!answer.user_id) throw unauthorized('Slack does not say whose SLACK_BOT_TOKEN is. Check it.');
        self = { userId: answer.user_id, botId: answer.bot_id };
      }
      return self;
    },
    async check() {
      const answer = await ask('auth.test', web.auth.test());
      // Without users:read.email Slack leaves e-mails out of its answers and says nothing, so a lack is found here or never.
      const granted = answer.response_metadata?.scopes;
      const missing = granted ? SLACK_SCOPES.filter((scope) => !granted.includes(scope)) : [];
      if (missing.length > 0) {
        throw unauthorized(
          `SLACK_BOT_TOKEN lacks scopes: give the app ${missing.join(', ')} and install it again.`,
        );
      }
    },
  };
}

/**
 * Slack's answer; or its code, where it refuses with one of `expected`.
 *
 * @throws what `translated` makes of any other error.
 */
export async function ask<Answer extends object, Code extends string = never>(
  method: string,
  request: Promise<Answer>,
  ...expected: Code[]
): Promise<Answer | Code> {
  try {
    return await request;
  } catch (error) {
    const code = refusalCode(error);
    const known = expected.find((each) => each === code);
    if (known !== undefined) return known;
    throw translated(method, error);
  }
}

/**
 * Slack's pages, one after the other. A page may hold less than asked for although more follow: only the cursor tells.
 * @see https://docs.slack.dev/apis/web-api/pagination
 */
export async function* pagesOf<Page extends { response_metadata?: { next_cursor?: string } }>(
  method: string,
  request: (page: { limit: number; cursor?: string }) => Promise<Page>,
  from?: string,
): AsyncGenerator<Page> {
  let cursor = from;
  do {
    const page = await ask(method, request({ limit: PAGE_SIZE, ...(cursor !== undefined && { cursor }) }));
    yield page;
    cursor = nextOf(page);
  } while (cursor !== undefined);
}

/** The cursor of the page after this one; undefined after the last. */
export function nextOf(page: { response_metadata?: { next_cursor?: string } }): string | undefined {
  return page.response_metadata?.next_cursor || undefined;
}

/** Slack recommends no more than 200. */
const PAGE_SIZE = 200;
