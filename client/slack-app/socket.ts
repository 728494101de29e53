/**
 * Socket Mode: no public address is needed. The library gives up, or throws where nobody can catch it, when Slack is down for
 * longer; so its own coming back is off, and this comes back for as long as it takes. Two connections, so that one is there
 * while Slack asks the other to move.
 */
import { SocketModeReceiver, type App, type Receiver } from '@slack/bolt';
import { clientOptions, failureOf, secondsToWait, SILENT } from './slack';
import { pause } from './trying';

export interface SocketOptions {
  /** `xapp-…` */
  readonly appToken: string;
  readonly url?: string;
  readonly log: (line: string) => void;
  readonly connections?: number;
  /** Between attempts: the first wait, and the longest, in ms. */
  readonly retryMs?: readonly [first: number, longest: number];
}

/** A connection that is not greeted by then is given up, in ms. */
const GREETED_WITHIN_MS = 15_000;
const CONNECTIONS = 2;
const RETRY_MS = [500, 30_000] as const;

/** `start` resolves at once: it comes up although Slack is down, and says so. */
export function createSocketReceiver(options: SocketOptions): Receiver {
  const { appToken, url, log, connections = CONNECTIONS, retryMs = RETRY_MS } = options;
  const sockets = Array.from(
    { length: connections },
    () =>
      new SocketModeReceiver({
        appToken,
        logger: SILENT,
        autoReconnectEnabled: false,
        installerOptions: { clientOptions: clientOptions(url) },
        // What went wrong has been told, and Slack is not to send it again.
        processEventErrorHandler: async () => true,
      }),
  );
  const ending = new AbortController();
  let up = 0;
  /** What was said last. */
  let said: string | undefined;

  function say(line: string): void {
    if (said !== line) log(line);
    said = line;
  }

  async function keep({ client }: SocketModeReceiver): Promise<void> {
    let waitMs = retryMs[0];
    while (!ending.signal.aborted) {
      const gone = new Promise<void>((resolve) => client.once('disconnected', () => resolve()));
      try {
        await greeted(client);
        waitMs = retryMs[0];
        up += 1;
        say('connected to Slack');
        await Promise.race([gone, stopped()]);
        up -= 1;
        if (up === 0 && !ending.signal.aborted) say('the connection to Slack is lost: coming back');
      } catch (error) {
        if (ending.signal.aborted) return;
        const code = failureOf('apps.connections.open', error).code;
        if (up === 0)
          say(`Slack can't be reached (${code}): it is being tried on. ${ADVICE[code] ?? ''}`.trim());
        const wanted = (secondsToWait(error) ?? 0) * 1_000;
        await pause(Math.max(waitMs, wanted), ending.signal);
        waitMs = Math.min(2 * waitMs, retryMs[1]);
      }
    }
  }

  async function greeted(client: SocketModeReceiver['client']): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const started = client.start();
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error('Nobody greeted.')), GREETED_WITHIN_MS);
    });
    try {
      await Promise.race([started, late]);
    } catch (error) {
      started.catch(() => undefined);
      void client.disconnect();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  const stopped = () =>
    new Promise<void>((resolve) =>
      ending.signal.aborted
        ? resolve()
        : ending.signal.addEventListener('abort', () => resolve(), { once: true }),
    );

  return {
    init(app: App) {
      for (const socket of sockets) socket.init(app);
    },
    async start() {
      for (const socket of sockets) void keep(socket);
    },
    async stop() {
      ending.abort();
      // Nothing more is taken; a goodbye that Slack does not answer is not waited for.
      await Promise.race([
        Promise.all(sockets.map(({ client }) => client.disconnect())),
        new Promise((resolve) => setTimeout(resolve, GOODBYE_MS).unref()),
      ]);
    },
  };
}

const GOODBYE_MS = 1_000;

const ADVICE: Readonly<Record<string, string>> = {
  invalid_auth: 'Look at SLACK_APP_TOKEN: it is not taken.',
  not_authed: 'Look at SLACK_APP_TOKEN: it is not taken.',
  token_revoked: 'Look at SLACK_APP_TOKEN: it was revoked.',
  account_inactive: 'Look at SLACK_APP_TOKEN: its app was removed.',
  not_allowed_token_type: 'SLACK_APP_TOKEN is no app-level token: make one with the scope connections:write.',
  missing_scope: 'SLACK_APP_TOKEN needs the scope connections:write.',
};
